//! Before locating: does anyone want this finding to be worked on?

use jiff::Timestamp;

use crate::config::{PolicyDecision, Stage};
use crate::finding::Finding;
use crate::rules::{Profile, Rule};

use super::matching::Decided;
use super::{Admission, DecidedBy, Policy, Ruling};

impl Policy {
    /// May work on this finding begin? Asked in this order: ignores, paused stages, policy rules, profile. A policy
    /// rule that names the finding's rule and proposes it is stronger than the profile.
    #[must_use]
    pub fn admit(&self, finding: &Finding, rule: &Rule, now: Timestamp) -> Ruling<Admission> {
        let ruling = |answer, why: String, decided_by: &DecidedBy| Ruling {
            answer,
            why,
            decided_by: decided_by.clone(),
        };
        if let Some(ignore) = self.ignored(finding, &rule.id, &[], now) {
            let why = format!("ignored until {}: {}", ignore.until, ignore.reason);
            return ruling(Admission::Suppressed, why, &ignore.by);
        }
        for (stage, name) in [(Stage::Locate, "locate"), (Stage::Remedy, "remedy")] {
            if let Some(by) = self.paused(stage) {
                return ruling(Admission::Paused, format!("stage `{name}` is paused"), by);
            }
        }
        let mut widened = false;
        match self.decide(finding, &rule.id, None) {
            Decided::Rule {
                rule: decision,
                certain,
            } => {
                let why = reason(decision.reason.as_deref(), decision.decision, certain);
                match decision.decision {
                    PolicyDecision::Ignore if certain => {
                        return ruling(Admission::Ignored, why, &decision.by);
                    }
                    PolicyDecision::Ignore | PolicyDecision::Advise => {
                        return ruling(Admission::Advise, why, &decision.by);
                    }
                    PolicyDecision::Propose => widened = decision.rule.is_some(),
                }
            }
            // Whether its path holds is judged again when the change is known.
            Decided::NeedsPath(decision) => {
                widened = decision.decision == PolicyDecision::Propose && decision.rule.is_some();
            }
            Decided::Nothing => {}
        }
        let (profile, by) = &self.profile;
        if rule.profile > *profile && !widened {
            let why = format!(
                "rule `{}` belongs to profile `{}`, and the profile is `{}`",
                rule.id,
                profile_name(rule.profile),
                profile_name(*profile)
            );
            return ruling(Admission::ProfileTooNarrow, why, by);
        }
        ruling(
            Admission::Proceed,
            "nothing speaks against it".to_owned(),
            by,
        )
    }
}

fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Starter => "starter",
        Profile::Standard => "standard",
        Profile::All => "all",
    }
}

/// What a policy rule says, in one sentence.
pub(super) fn reason(given: Option<&str>, decision: PolicyDecision, certain: bool) -> String {
    let decided = match decision {
        PolicyDecision::Propose => "policy proposes it",
        PolicyDecision::Advise => "policy wants a note only",
        PolicyDecision::Ignore => "policy leaves it alone",
    };
    let decided = if certain {
        decided.to_owned()
    } else {
        "a restricting policy rule could not be ruled out (the account is not named, or the record lacks region or \
         tags)"
            .to_owned()
    };
    given.map_or_else(|| decided.clone(), |given| format!("{decided}: {given}"))
}
