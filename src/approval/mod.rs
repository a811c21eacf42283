//! Who allowed it: from a request to a proof.
//!
//! An [`Approval`] is a value that only [`grant`] can make. It is bound to the hash of one plan and ends after a
//! while, so that what a person confirmed is what is done (invariant 6). Whatever cannot be judged is a rejection
//! (invariant 9). Pure: the time comes in.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::policy::{LiveChange, Ruling};

/// How long a plan may be approved and an approval may be used, from the moment when the live state was read.
pub const VALID_FOR: SignedDuration = SignedDuration::from_mins(15);

/// SHA-256 of everything a plan would do, and of the state that it was made for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanHash(String);

impl PlanHash {
    /// The hash of a plan's canonical text.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        Self(
            Sha256::digest(text)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    /// The first eight digits: what a person repeats.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..8).unwrap_or(&self.0)
    }

    /// All 64 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The plan.
    pub plan: PlanHash,
    /// The resource's name, as a person types it: the bucket, the group's id.
    pub resource: String,
    /// When the live state was read for the plan.
    pub read_at: Timestamp,
    /// Why it is done, in the words of whoever does it.
    pub reason: Option<String>,
}

impl Request {
    /// The text that confirms this plan where nobody can type: `RESOURCE@HASH`.
    #[must_use]
    pub fn confirmation(&self) -> String {
        format!("{}@{}", self.resource, self.plan.short())
    }
}

/// How a person confirms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// Typed at a terminal, below the plan: the resource's name.
    Typed(String),
    /// Given with `--confirm`: `RESOURCE@HASH`, once for each plan that is confirmed.
    Given(Vec<String>),
}

/// Not approved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Policy does not allow it.
    #[error("not allowed by policy: {why} (decided by {decided_by})")]
    Policy {
        /// Why.
        why: String,
        /// Which line.
        decided_by: String,
    },
    /// What was typed is not the resource's name.
    #[error("`{typed}` is not `{resource}`: nothing is done; type the name exactly to go on")]
    Mistyped {
        /// What was typed.
        typed: String,
        /// What was expected.
        resource: String,
    },
    /// Nothing was confirmed.
    #[error("`{resource}` is not confirmed: read the plan, then give --confirm \"{expected}\"")]
    Unconfirmed {
        /// The resource.
        resource: String,
        /// The text that confirms.
        expected: String,
    },
    /// Another plan was confirmed: the live state or the configuration changed since.
    #[error(
        "`{given}` confirms another plan: what would be done to `{resource}` is not that (any more); read the plan \
         again, then give --confirm \"{expected}\""
    )]
    Stale {
        /// What was given.
        given: String,
        /// The resource.
        resource: String,
        /// The text that confirms now.
        expected: String,
    },
    /// The plan, or the approval, is too old.
    #[error(
        "the live state was read at {read_at}, more than {} minutes ago: make the plan anew",
        VALID_FOR.as_mins()
    )]
    Expired {
        /// When it was read.
        read_at: Timestamp,
    },
    /// The approval is for another plan than the one that is to be done.
    #[error("the approval is for plan {approved}, not for {asked}: make the plan anew")]
    OtherPlan {
        /// What was approved.
        approved: String,
        /// What was to be done.
        asked: String,
    },
}

/// The proof that policy and a person allowed one plan. Only [`grant`] makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Approval {
    plan: PlanHash,
    resource: String,
    policy: String,
    how: &'static str,
    reason: Option<String>,
    read_at: Timestamp,
    granted_at: Timestamp,
}

impl Approval {
    /// Whether it allows this plan at this moment.
    ///
    /// # Errors
    /// When it is for another plan, or too old.
    pub fn allows(&self, plan: &PlanHash, now: Timestamp) -> Result<(), Rejection> {
        if self.plan != *plan {
            return Err(Rejection::OtherPlan {
                approved: self.plan.short().to_owned(),
                asked: plan.short().to_owned(),
            });
        }
        fresh(self.read_at, now)
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &PlanHash {
        &self.plan
    }
}

/// Grants a request when policy allows it, the confirmation is exactly the one for this plan, and the plan is fresh.
///
/// # Errors
/// Why it is not granted, with the next step.
pub fn grant(
    request: &Request,
    ruling: &Ruling<LiveChange>,
    confirmation: &Confirmation,
    now: Timestamp,
) -> Result<Approval, Rejection> {
    if ruling.answer != LiveChange::Eligible {
        return Err(Rejection::Policy {
            why: ruling.why.clone(),
            decided_by: ruling.decided_by.to_string(),
        });
    }
    fresh(request.read_at, now)?;
    let how = match confirmation {
        Confirmation::Typed(typed) if typed.trim() == request.resource => "typed",
        Confirmation::Typed(typed) => {
            return Err(Rejection::Mistyped {
                typed: typed.trim().to_owned(),
                resource: request.resource.clone(),
            });
        }
        Confirmation::Given(texts) => {
            given(request, texts)?;
            "given"
        }
    };
    Ok(Approval {
        plan: request.plan.clone(),
        resource: request.resource.clone(),
        policy: format!("{} ({})", ruling.why, ruling.decided_by),
        how,
        reason: request.reason.clone(),
        read_at: request.read_at,
        granted_at: now,
    })
}

fn given(request: &Request, texts: &[String]) -> Result<(), Rejection> {
    let expected = request.confirmation();
    if texts.iter().any(|text| text.trim() == expected) {
        return Ok(());
    }
    let about = |text: &&String| {
        text.trim()
            .strip_prefix(request.resource.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('@'))
    };
    Err(match texts.iter().find(about) {
        Some(text) => Rejection::Stale {
            given: text.trim().to_owned(),
            resource: request.resource.clone(),
            expected,
        },
        None => Rejection::Unconfirmed {
            resource: request.resource.clone(),
            expected,
        },
    })
}

/// Not older than it may be, and not from the future: a clock that runs backwards is no proof of freshness.
fn fresh(read_at: Timestamp, now: Timestamp) -> Result<(), Rejection> {
    let age = now.duration_since(read_at);
    if age > VALID_FOR || age < -VALID_FOR {
        return Err(Rejection::Expired { read_at });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::DecidedBy;

    fn at(time: &str) -> Timestamp {
        format!("2026-03-01T{time}Z").parse().unwrap()
    }

    fn request() -> Request {
        Request {
            plan: PlanHash::of(b"one"),
            resource: "acme-logs".to_owned(),
            read_at: at("10:00:00"),
            reason: None,
        }
    }

    fn ruling(answer: LiveChange) -> Ruling<LiveChange> {
        Ruling {
            answer,
            why: "because".to_owned(),
            decided_by: DecidedBy::Named("line".to_owned()),
        }
    }

    fn ask(ruled: LiveChange, with: Confirmation, now: &str) -> Result<Approval, Rejection> {
        grant(&request(), &ruling(ruled), &with, at(now))
    }

    #[test]
    fn only_the_exact_name_or_the_exact_plan_confirms() {
        use LiveChange::Eligible;
        let typed = |t: &str| Confirmation::Typed(t.to_owned());
        let given = |t: &str| Confirmation::Given(vec!["x@1".to_owned(), t.to_owned()]);
        let right = format!("acme-logs@{}", PlanHash::of(b"one").short());
        ask(Eligible, typed("acme-logs\n"), "10:01:00").unwrap();
        ask(Eligible, given(&right), "10:01:00").unwrap();
        for wrong in ["", "yes", "acme-log", "acme-logs2", "ACME-LOGS", &right] {
            let answer = ask(Eligible, typed(wrong), "10:01:00");
            assert!(matches!(answer, Err(Rejection::Mistyped { .. })), "{wrong}");
        }
        for wrong in ["acme-logs", "acme-logs@", "acme-logs@00000000"] {
            let answer = ask(Eligible, given(wrong), "10:01:00");
            assert!(matches!(answer, Err(Rejection::Stale { .. })), "{wrong}");
        }
        for wrong in ["", "acme-logs2@00000000", "yes"] {
            let answer = ask(Eligible, given(wrong), "10:01:00");
            assert!(
                matches!(answer, Err(Rejection::Unconfirmed { .. })),
                "{wrong}"
            );
        }
    }

    #[test]
    fn what_policy_does_not_allow_nobody_can_confirm() {
        for ruled in [
            LiveChange::Ignored,
            LiveChange::Paused,
            LiveChange::AccountNotNamed,
            LiveChange::NotAllowed,
        ] {
            let answer = ask(
                ruled,
                Confirmation::Typed("acme-logs".to_owned()),
                "10:01:00",
            );
            assert!(matches!(answer, Err(Rejection::Policy { .. })), "{ruled:?}");
        }
    }

    #[test]
    fn a_plan_and_an_approval_end() {
        let typed = || Confirmation::Typed("acme-logs".to_owned());
        for (now, granted) in [
            ("10:15:00", true),
            ("10:15:01", false),
            ("09:44:59", false),
            ("09:59:59", true),
        ] {
            let answer = ask(LiveChange::Eligible, typed(), now);
            assert_eq!(answer.is_ok(), granted, "{now}: {answer:?}");
        }
        let approval = ask(LiveChange::Eligible, typed(), "10:14:00").unwrap();
        approval
            .allows(&PlanHash::of(b"one"), at("10:15:00"))
            .unwrap();
        let late = approval.allows(&PlanHash::of(b"one"), at("10:15:01"));
        assert!(matches!(late, Err(Rejection::Expired { .. })));
        let other = approval.allows(&PlanHash::of(b"two"), at("10:14:00"));
        assert!(matches!(other, Err(Rejection::OtherPlan { .. })));
    }
}
