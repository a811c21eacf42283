//! What was done, by whom, and what was there before: entries of the journal, in the order of the steps.
//!
//! `intended` (with the before-content) is on the disk before the first call; `calling` before each call; then `done`
//! (the receipt) or `failed` (with the state in which the cloud was left).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::change::{LiveAction, Observed, Standing};
use super::{EmergencyError, Place, Scene, plan};
use crate::approval::{Approval, PlanHash};
use crate::cloud::CloudError;
use crate::journal::{Entry, Journal, JournalError};

/// The stage of every entry that is made here.
pub const STAGE: &str = "emergency";

/// There, or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The finding is answered.
    Apply,
    /// An earlier change is undone.
    Rollback,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// ARN of the caller.
    pub caller: String,
    /// ARN of the session that acted: the role's, or the caller's.
    pub acting: String,
    /// The user of the machine, as the environment names it.
    pub user: Option<String>,
}

/// One call that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Exactly what was sent.
    pub call: String,
    /// Ids of what it made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<String>,
}

/// The record of one live change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Names it for `emergency show` and `rollback`.
    pub id: String,
    /// There, or back.
    pub direction: Direction,
    /// The plan's hash.
    pub plan: PlanHash,
    /// Account, region, role.
    pub place: Place,
    /// What is done; it holds all that is needed to undo it.
    pub action: LiveAction,
    /// The live setting before.
    pub before: Value,
    /// The live setting as it was read back afterwards.
    pub after: Option<Value>,
    /// The calls that undo it.
    pub undo: Vec<String>,
    /// Who.
    pub operator: Operator,
    /// The approval.
    pub approval: Value,
    /// The calls that this run made.
    pub sent: Vec<Sent>,
}

/// Writes the entries of one live change.
pub struct Recorder<'j> {
    /// The journal, held open and locked.
    pub journal: &'j mut Journal,
    /// The receipt's id.
    pub id: String,
    /// There, or back.
    pub direction: Direction,
    /// The finding's key.
    pub finding: String,
    /// The rule.
    pub rule: String,
    /// The user of the machine.
    pub user: Option<String>,
    /// The clock.
    pub clock: &'j dyn Fn() -> Timestamp,
}

impl Recorder<'_> {
    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(super) fn receipt(
        &self,
        action: &LiveAction,
        scene: &Scene<'_>,
        approval: &Approval,
        found: &Observed,
    ) -> Receipt {
        // A run that goes on finds what the first one left; what was before is what the first one saw.
        let resumed = action.standing(found) != Standing::Before;
        Receipt {
            id: self.id.clone(),
            direction: self.direction,
            plan: approval.plan().clone(),
            place: scene.place().clone(),
            action: action.clone(),
            before: if resumed {
                action.before()
            } else {
                found.content()
            },
            after: None,
            undo: plan::undo_calls(action, scene.place()),
            operator: Operator {
                caller: scene.caller().arn.clone(),
                acting: scene.acting().arn.clone(),
                user: self.user.clone(),
            },
            approval: serde_json::to_value(approval).unwrap_or_default(),
            sent: Vec::new(),
        }
    }

    fn entry(&self, what: &str, why: String, receipt: Value) -> Entry {
        let mut entry = Entry::new(self.now(), STAGE, what);
        entry.finding = Some(self.finding.clone());
        entry.rule = Some(self.rule.clone());
        entry.why = why;
        entry.receipt = Some(receipt);
        entry
    }

    fn whole(&mut self, what: &str, why: String, receipt: &Receipt) -> Result<(), JournalError> {
        let value = serde_json::to_value(receipt).map_err(|source| JournalError::Entry {
            stage: STAGE.to_owned(),
            source,
        })?;
        let entry = self.entry(what, why, value);
        self.journal.append(&entry)
    }

    fn short(&mut self, what: &str, why: String, more: (&str, Value)) -> Result<(), JournalError> {
        let mut receipt = json!({ "id": self.id, "direction": self.direction });
        receipt[more.0] = more.1;
        let entry = self.entry(what, why, receipt);
        self.journal.append(&entry)
    }

    pub(super) fn intended(&mut self, receipt: &Receipt) -> Result<(), JournalError> {
        let why = format!("{} {}", receipt.action.word(), receipt.action.resource());
        self.whole("intended", why, receipt)
    }

    pub(super) fn calling(&mut self, receipt: &Receipt, call: &str) -> Result<(), JournalError> {
        let number = receipt.sent.len() + 1;
        self.short("calling", call.to_owned(), ("number", json!(number)))
    }

    pub(super) fn done(&mut self, receipt: &Receipt) -> Result<(), JournalError> {
        let why = format!(
            "{} {}: verified by reading back",
            receipt.action.word(),
            receipt.action.resource()
        );
        self.whole("done", why, receipt)
    }

    /// An earlier run with this id changed nothing, and is over.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn nothing_happened(&mut self) -> Result<(), JournalError> {
        let why = "the live state is as before: none of its calls had an effect".to_owned();
        self.short("nothing-happened", why, ("state", json!("before")))
    }

    /// A pull request brings the code to the same state, or none could be made.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn reconciled(
        &mut self,
        pull_requests: &[String],
        problem: Option<&str>,
    ) -> Result<(), JournalError> {
        let (what, why) = match problem {
            None => ("reconciled", pull_requests.join(", ")),
            Some(problem) => ("not-reconciled", problem.to_owned()),
        };
        self.short(what, why, ("pull_requests", json!(pull_requests)))
    }

    /// Writes that it broke off, and gives the error that says so.
    pub(super) fn failed(
        &mut self,
        receipt: &Receipt,
        why: &EmergencyError,
        action: &LiveAction,
        now: Result<Observed, CloudError>,
    ) -> EmergencyError {
        let (word, state, next) = self.left(receipt, action, &now);
        let why = why.to_string();
        let state = match self.short("failed", format!("{why}; {state}"), ("state", json!(word))) {
            Ok(()) => state,
            Err(e) => format!("{state} (and this could not be journaled: {e})"),
        };
        EmergencyError::Broken { why, state, next }
    }

    /// In which state the cloud was left: a word, a sentence, the next step.
    fn left(
        &self,
        receipt: &Receipt,
        action: &LiveAction,
        now: &Result<Observed, CloudError>,
    ) -> (&'static str, String, String) {
        let again = match self.direction {
            Direction::Apply => {
                "run the same command again: it goes on where it stopped".to_owned()
            }
            Direction::Rollback => {
                format!("run `tfmend emergency rollback {}` again", self.id)
            }
        };
        let back = match self.direction {
            Direction::Apply => {
                format!(", or go back with `tfmend emergency rollback {}`", self.id)
            }
            Direction::Rollback => String::new(),
        };
        let resource = action.resource();
        match now {
            Err(e) => (
                "unknown",
                format!(
                    "`{resource}` cannot be read now ({e}); {} call(s) were answered",
                    receipt.sent.len()
                ),
                format!("{again}{back}"),
            ),
            Ok(now) => match action.standing(now) {
                Standing::Before => (
                    "before",
                    format!("`{resource}` is unchanged"),
                    "remove the cause, then run the same command again".to_owned(),
                ),
                Standing::Between => {
                    let left = action.calls(now, &receipt.place).join("; ");
                    (
                        "between",
                        format!("`{resource}` is changed in part; left to do: {left}"),
                        format!("remove the cause, then {again}{back}"),
                    )
                }
                Standing::After => ("after", format!("`{resource}` is as planned"), again),
                Standing::Elsewhere(differences) => (
                    "elsewhere",
                    format!(
                        "`{resource}` is neither as before nor as planned: {}",
                        differences.join("; ")
                    ),
                    format!("see who else changes it, then {again}{back}"),
                ),
            },
        }
    }
}
