//! What the journal says about live changes: each with where it stands now.

use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::receipt::{Direction, Receipt, STAGE};
use super::{EmergencyError, Place};
use crate::journal::{self, Entry};

/// How far a live change has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It was begun, and no receipt says that it ended.
    Begun,
    /// Nothing of it had an effect.
    Void,
    /// It is done and verified.
    Done,
    /// Its undo was begun, and no receipt says that it ended.
    UndoBegun,
    /// It is undone and verified.
    Undone,
}

impl Phase {
    /// The word in text and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Void => "void",
            Self::Done => "done",
            Self::UndoBegun => "undo-begun",
            Self::Undone => "undone",
        }
    }
}

/// One live change, from all its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The receipt's id.
    pub id: String,
    /// The finding's key.
    pub finding: String,
    /// The rule.
    pub rule: String,
    /// How far it has come.
    pub phase: Phase,
    /// When it was begun.
    pub begun: Timestamp,
    /// The newest full record of the change itself.
    pub receipt: Receipt,
    /// The newest full record of its undo.
    pub undo: Option<Receipt>,
    /// Links of pull requests that bring the code along.
    pub pull_requests: Vec<String>,
    /// Everything that was recorded: when, what, why.
    pub entries: Vec<(Timestamp, String, String)>,
}

/// All live changes of a journal, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    cases: Vec<Case>,
}

impl History {
    /// Reads a journal. One that does not exist is empty.
    ///
    /// # Errors
    /// When it cannot be read, was altered, or holds a receipt that this version does not understand.
    pub fn read(path: &Path) -> Result<Self, EmergencyError> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let account = journal::read(path)?;
        if let Some((line, problem)) = account.breaks.first() {
            return Err(EmergencyError::Altered {
                path: path.display().to_string(),
                line: *line,
                problem: problem.clone(),
            });
        }
        Self::of(&account.entries)
    }

    /// Folds entries.
    ///
    /// # Errors
    /// When a receipt cannot be understood.
    pub fn of(entries: &[Entry]) -> Result<Self, EmergencyError> {
        let mut history = Self::default();
        for entry in entries.iter().filter(|entry| entry.stage == STAGE) {
            if let Some(receipt) = &entry.receipt {
                history.add(entry, receipt)?;
            }
        }
        Ok(history)
    }

    fn add(&mut self, entry: &Entry, value: &Value) -> Result<(), EmergencyError> {
        let id = value["id"].as_str().unwrap_or_default().to_owned();
        let whole = || {
            serde_json::from_value::<Receipt>(value.clone()).map_err(|e| EmergencyError::Receipt {
                id: id.clone(),
                problem: e.to_string(),
            })
        };
        let known = self.cases.iter().position(|case| case.id == id);
        let index = match known {
            Some(index) => index,
            None if entry.what == "intended" => {
                self.cases.push(Case {
                    id: id.clone(),
                    finding: entry.finding.clone().unwrap_or_default(),
                    rule: entry.rule.clone().unwrap_or_default(),
                    phase: Phase::Begun,
                    begun: entry.at,
                    receipt: whole()?,
                    undo: None,
                    pull_requests: Vec::new(),
                    entries: Vec::new(),
                });
                self.cases.len() - 1
            }
            // Without its beginning there is nothing to say about it.
            None => return Ok(()),
        };
        let case = &mut self.cases[index];
        let back = value["direction"] == serde_json::json!(Direction::Rollback);
        match (entry.what.as_str(), back) {
            ("intended", false) => {
                case.phase = Phase::Begun;
                case.receipt = whole()?;
            }
            ("done", false) => {
                case.phase = Phase::Done;
                case.receipt = whole()?;
            }
            ("nothing-happened", false) => case.phase = Phase::Void,
            ("intended", true) => {
                case.phase = Phase::UndoBegun;
                case.undo = Some(whole()?);
            }
            ("done", true) => {
                case.phase = Phase::Undone;
                case.undo = Some(whole()?);
            }
            ("reconciled", _) => {
                let links = value["pull_requests"].as_array().into_iter().flatten();
                for link in links.filter_map(Value::as_str) {
                    if !case.pull_requests.iter().any(|known| known == link) {
                        case.pull_requests.push(link.to_owned());
                    }
                }
            }
            _ => {}
        }
        case.entries
            .push((entry.at, entry.what.clone(), entry.why.clone()));
        Ok(())
    }

    /// All of them, oldest first.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The one with this id.
    #[must_use]
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id)
    }

    /// The newest that was begun on this resource and did not end.
    #[must_use]
    pub fn unfinished(&self, resource: &str, place: &Place) -> Option<&Case> {
        self.cases.iter().rev().find(|case| {
            matches!(case.phase, Phase::Begun | Phase::UndoBegun)
                && case.receipt.action.resource() == resource
                && case.receipt.place.account == place.account
                && case.receipt.place.region == place.region
        })
    }

    /// An id that is not taken: the time, and the beginning of the plan's hash.
    #[must_use]
    pub fn new_id(&self, now: Timestamp, plan: &crate::approval::PlanHash) -> String {
        let stem = format!("{}-{}", now.strftime("%Y%m%d-%H%M%S"), plan.short());
        let mut id = stem.clone();
        let mut number = 2;
        while self.case(&id).is_some() {
            id = format!("{stem}-{number}");
            number += 1;
        }
        id
    }
}
