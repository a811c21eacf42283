//! May the live setting behind a finding be changed at once?
//!
//! Nothing is eligible by default (invariant 9): the account must be named, and the first policy rule that matches
//! must say `emergency = true` and be judged with certainty.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::Stage;
use crate::finding::Finding;

use super::admit::reason;
use super::matching::Decided;
use super::{DecidedBy, Policy, Ruling};

/// The answer for a change in the live cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LiveChange {
    /// With an approval it may be done.
    Eligible,
    /// An `[[ignore]]` that has not ended covers the finding, or may cover it.
    Ignored,
    /// The stage `emergency` is paused.
    Paused,
    /// The account is not in `[accounts]`.
    AccountNotNamed,
    /// No policy rule allows it.
    NotAllowed,
}

impl Policy {
    /// May the finding's live setting be changed at once, with an approval? Asked in this order: paused stages,
    /// ignores, the account, policy rules.
    #[must_use]
    pub fn live_change(&self, finding: &Finding, rule: &str, now: Timestamp) -> Ruling<LiveChange> {
        let ruling = |answer, why: String, by: &DecidedBy| Ruling {
            answer,
            why,
            decided_by: by.clone(),
        };
        let nobody = DecidedBy::default_setting();
        if let Some(paused) = self.live_changes_paused() {
            return paused;
        }
        if let Some(ignore) = self.ignored(finding, rule, &[], now) {
            let why = format!("ignored until {}: {}", ignore.until, ignore.reason);
            return ruling(LiveChange::Ignored, why, &ignore.by);
        }
        if self.class(&finding.account).is_none() {
            let why = match finding.account.as_str() {
                "" => "the record names no account".to_owned(),
                account => format!("account {account} is not named under [accounts]"),
            };
            return ruling(LiveChange::AccountNotNamed, why, &nobody);
        }
        match self.decide(finding, rule, None) {
            Decided::Rule {
                rule: line,
                certain: true,
            } if line.emergency => {
                let why = line
                    .reason
                    .clone()
                    .unwrap_or_else(|| "a policy rule allows it".to_owned());
                ruling(LiveChange::Eligible, why, &line.by)
            }
            Decided::Rule {
                rule: line,
                certain,
            } => {
                let decided = reason(line.reason.as_deref(), line.decision, certain);
                let why =
                    format!("{decided}; the first rule that matches says no `emergency = true`");
                ruling(LiveChange::NotAllowed, why, &line.by)
            }
            Decided::NeedsPath(line) => {
                let why = "the first policy rule that may match asks for a path, and a live change has none; put the \
                           rule with `emergency = true` above it"
                    .to_owned();
                ruling(LiveChange::NotAllowed, why, &line.by)
            }
            Decided::Nothing => {
                let why = "no policy rule with `emergency = true` matches".to_owned();
                ruling(LiveChange::NotAllowed, why, &nobody)
            }
        }
    }

    /// The ruling that stops every live change, when the stage `emergency` (or all of them) is paused.
    #[must_use]
    pub fn live_changes_paused(&self) -> Option<Ruling<LiveChange>> {
        self.paused(Stage::Emergency).map(|by| Ruling {
            answer: LiveChange::Paused,
            why: "stage `emergency` is paused".to_owned(),
            decided_by: by.clone(),
        })
    }
}
