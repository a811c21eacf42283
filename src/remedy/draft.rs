//! A change while it is made, before it is proved.

use super::subject::Subject;
use super::{Affected, Previous};
use crate::rules::Impact;
use crate::terraform::Edit;

/// What a kind of remedy hands over to be proved.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The instance that is cured.
    pub instance: Affected,
    /// The block whose change this is, inside its module.
    pub block: String,
    /// Attribute paths that are changed.
    pub paths: Vec<String>,
    /// What changes, imperative.
    pub summary: String,
    /// The edits.
    pub edits: Vec<Edit>,
    /// What was there.
    pub previous: Vec<Previous>,
    /// Other instances that change.
    pub also_changes: Vec<Affected>,
    /// Grants that go as a whole.
    pub removed: Vec<Affected>,
    /// Addresses at which grants stand then that have another one now.
    pub moved: Vec<Affected>,
    /// Rules of the cured group that change or go with it, wherever their values are decided.
    pub rules: Vec<Affected>,
    /// Sentences for the reviewer.
    pub warnings: Vec<String>,
    /// Worse than the rule declares.
    pub impact: Option<Impact>,
}

impl Draft {
    /// An empty change of a subject.
    #[must_use]
    pub fn of(subject: &Subject<'_, '_>) -> Self {
        Self {
            instance: subject.affected(),
            block: subject.name(),
            paths: Vec::new(),
            summary: String::new(),
            edits: Vec::new(),
            previous: Vec::new(),
            also_changes: Vec::new(),
            removed: Vec::new(),
            moved: Vec::new(),
            rules: Vec::new(),
            warnings: Vec::new(),
            impact: None,
        }
    }

    /// Adds instances that change too, without repetition and without the cured one.
    pub fn also(&mut self, others: impl IntoIterator<Item = Affected>) {
        for other in others {
            if other != self.instance && !self.also_changes.contains(&other) {
                self.also_changes.push(other);
            }
        }
    }
}
