//! What the reviewer sees: change sets, branch, title, body, marker; and what to do about the pull requests that exist.
//!
//! Pure. Invariants 8 (no duplicates, hands off what a person touched) and 10 (text is escaped) live here.
//!
//! [`propose`] is the way through: fixes that a person closed before are put aside ([`recall`]), the others become
//! change sets ([`change`]), each gets its text ([`body`]), and [`reconcile`] compares them with the pull requests
//! that are there.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Severity};
use crate::locate::{Confidence, Located};
use crate::ownership::Lines;
use crate::remedy::Remediation;
use crate::rules::{Catalogue, Impact};
use crate::terraform::{Edit, Estate, RepoPath};

pub mod body;
pub mod change;
mod comments;
pub mod dashboard;
pub mod diff;
pub mod escape;
pub mod identity;
mod lead;
pub mod marker;
mod people;
pub mod proposal;
pub mod recall;
pub mod reconcile;
mod rollback;
mod sections;
pub mod templates;
pub mod title;

pub use body::{Text, Writing};
pub use change::{Unfit, UnfitReason};
pub use marker::Marker;
pub use proposal::{Note, Proposal, ProposalState};
pub use recall::Remembered;
pub use reconcile::{Fate, Limits, Planned};
pub use title::CommitStyle;

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

impl Fixed {
    /// The highest severity of its findings.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.findings
            .iter()
            .map(|f| f.severity)
            .max()
            .unwrap_or(Severity::Informational)
    }

    /// Keys of its findings in text form.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<String> {
        self.findings.iter().map(|f| f.key.to_string()).collect()
    }

    fn first_key(&self) -> String {
        self.findings
            .first()
            .map(|f| f.key.to_string())
            .unwrap_or_default()
    }
}

/// One pull request's worth of change.
#[derive(Debug, Clone)]
pub struct ChangeSet {
    /// `tfmend/<rule>/<address-slug>-<8 hex>`; also the branch. A change that is proposed already keeps the branch it
    /// was opened with.
    pub id: String,
    /// The 8 hex digits: identity of the block that is fixed (see [`identity`]).
    pub identity: String,
    /// Title of the pull request and the commit.
    pub title: String,
    /// What it answers, most severe first.
    pub members: Vec<Fixed>,
    /// All edits, without repetition.
    pub edits: Vec<Edit>,
    /// Files it touches, in order.
    pub files: Vec<RepoPath>,
    /// SHA-256 of each touched file as the edits found it; `None` for a new file.
    pub before: BTreeMap<RepoPath, Option<String>>,
    /// The bytes of each touched file after the change.
    pub after: BTreeMap<RepoPath, Vec<u8>>,
    /// Unified diff of all files; empty where no texts are written (see [`Writing::bodies`]).
    pub diff: String,
    /// The lines of the blocks that it changes.
    pub blocks: Vec<Lines>,
}

impl ChangeSet {
    /// The highest severity of its findings.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.members
            .iter()
            .map(Fixed::severity)
            .max()
            .unwrap_or(Severity::Informational)
    }

    /// The weakest confidence of its members.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.members
            .iter()
            .map(|m| m.located.confidence)
            .min()
            .unwrap_or(Confidence::Low)
    }

    /// The worst impact of its members.
    #[must_use]
    pub fn impact(&self) -> Impact {
        self.members
            .iter()
            .map(|m| m.remediation.impact)
            .max()
            .unwrap_or(Impact::InPlace)
    }

    /// Keys of all findings in text form.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<String> {
        self.members.iter().flat_map(Fixed::keys).collect()
    }
}

/// A change set with its text: all that a forge needs.
#[derive(Debug, Clone)]
pub struct Request {
    /// The change.
    pub change: ChangeSet,
    /// The text.
    pub text: Text,
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

impl Step {
    /// `open`, `update`, `close`, `leave` or `defer`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Update => "update",
            Self::Close(_) => "close",
            Self::Leave(_) => "leave",
            Self::Defer(_) => "defer",
        }
    }

    /// Why, for those steps that say so.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Open | Self::Update => None,
            Self::Close(why) | Self::Leave(why) | Self::Defer(why) => Some(why),
        }
    }
}

/// Everything that is known before pull requests are made.
pub struct Occasion<'a> {
    /// The code the fixes were made for.
    pub estate: &'a Estate,
    /// The rules.
    pub catalogue: &'a Catalogue,
    /// Pull requests of ours that the forge knows; empty for `plan`.
    pub proposals: &'a [Proposal],
    /// How findings that have no fix in this run ended, by key: the evidence for closing what is obsolete.
    pub fates: &'a BTreeMap<String, Fate>,
    /// Limits.
    pub limits: &'a Limits,
    /// How texts are written.
    pub writing: &'a Writing,
}

/// What is to be done on the forge.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// One entry for every change set and every pull request that needs a step or a reason; in the order in which
    /// they are to be applied.
    pub steps: Vec<Planned>,
    /// Fixes that a person turned down before.
    pub remembered: Vec<Remembered>,
    /// Fixes that could not be made into a change.
    pub unfit: Vec<Unfit>,
    /// Why nothing is shown to anybody (see [`Plan::withhold`]).
    pub withheld: Option<String>,
}

impl Plan {
    /// Shows nothing: what would be opened or brought up to date waits, because the pull request itself would tell
    /// strangers where the hole is. What exists may still be closed or left (invariant 10).
    #[must_use]
    pub fn withhold(mut self, why: &str) -> Self {
        for planned in &mut self.steps {
            match planned.step {
                Step::Open | Step::Defer(_) => planned.step = Step::Defer(why.to_owned()),
                Step::Update => planned.step = Step::Leave(why.to_owned()),
                Step::Close(_) | Step::Leave(_) => {}
            }
            planned.push = false;
        }
        self.withheld = Some(why.to_owned());
        self
    }

    /// The step whose change answers the finding with this key (in its text form).
    #[must_use]
    pub fn answering(&self, key: &str) -> Option<&Planned> {
        self.steps.iter().find(|planned| {
            planned
                .request
                .iter()
                .flat_map(|r| &r.change.members)
                .any(|m| m.keys().contains(key))
        })
    }
}

/// From fixes to steps.
#[must_use]
pub fn propose(fixed: Vec<Fixed>, occasion: &Occasion<'_>) -> Plan {
    let (wanted, remembered) = recall::recall(fixed, occasion.proposals);
    let (changes, unfit) = change::assemble_with(
        wanted,
        occasion.estate,
        occasion.catalogue,
        occasion.writing.style,
        occasion.writing.bodies,
    );
    let requests = changes
        .into_par_iter()
        .map(|change| {
            let text = body::write(&change, occasion.catalogue, occasion.writing);
            Request { change, text }
        })
        .collect();
    let mut steps = reconcile::reconcile(
        requests,
        occasion.proposals,
        occasion.fates,
        occasion.limits,
    );
    steps.extend(recall::steps(&remembered, occasion.proposals));
    Plan {
        steps,
        remembered,
        unfit,
        withheld: None,
    }
}

#[cfg(test)]
pub(crate) mod samples;
