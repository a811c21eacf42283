//! What the reviewer sees: change sets, branch, title, body, marker; and what to do about the pull requests that exist.
//!
//! Pure. Invariants 8 (no duplicates, hands off what a person touched) and 10 (text is escaped) live here.

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::locate::Located;
use crate::remedy::Remediation;
use crate::terraform::{Edit, RepoPath};

/// One finding with its fix, on its way into a pull request.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// The findings that this fix answers (the first is the one to show).
    pub findings: Vec<Finding>,
    /// Where it is.
    pub located: Located,
    /// The fix.
    pub remediation: Remediation,
}

/// One pull request's worth of change.
#[derive(Debug, Clone)]
pub struct ChangeSet {
    /// Identity: `tfmend/<rule>/<address-slug>-<8 hex>`; also the branch.
    pub id: String,
    /// Title of the pull request and the commit.
    pub title: String,
    /// What it answers.
    pub members: Vec<Fixed>,
    /// All edits, without repetition.
    pub edits: Vec<Edit>,
    /// Files it touches, in order.
    pub files: Vec<RepoPath>,
}

/// What will be done about a change set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Open a pull request.
    Open,
    /// Bring the open one up to date.
    Update,
    /// Close it: obsolete.
    Close(String),
    /// Leave as is; why.
    Leave(String),
    /// Later; why.
    Defer(String),
}
