//! What became of a record: the one place where every finding ends (invariant 1).
//!
//! The serialised form is version 1 of the JSON output: keys may be added, never changed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod view;

/// How a finding left the run. The counts of all kinds add up to the number of records.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// An edit is proposed.
    Proposed,
    /// The code is safe already.
    AlreadySafe,
    /// No block was found that made the resource.
    NotLocated,
    /// A block was found, but it is not edited; the reason says why.
    Refused,
    /// No rule answers the control.
    NoRule,
    /// Suppressed: in the scanner, or by an ignore of the configuration.
    Suppressed,
    /// The scanner holds it resolved or archived.
    Resolved,
    /// The same problem as another finding of this run.
    Duplicate,
    /// Later: a limit is reached or a stage is paused.
    Deferred,
    /// Eligible for the emergency path.
    Emergency,
    /// No edit by design: what a human would do.
    Advice,
    /// The scanner itself says PASSED.
    Passed,
    /// The record could not be read.
    Invalid,
    /// The run failed on this finding (an error of tfmend itself).
    Failed,
}

impl OutcomeKind {
    /// Every kind, in the order of the summary.
    pub const ALL: [Self; 14] = [
        Self::Proposed,
        Self::AlreadySafe,
        Self::NotLocated,
        Self::Refused,
        Self::NoRule,
        Self::Suppressed,
        Self::Resolved,
        Self::Duplicate,
        Self::Deferred,
        Self::Emergency,
        Self::Advice,
        Self::Passed,
        Self::Invalid,
        Self::Failed,
    ];

    /// The key used in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::AlreadySafe => "already_safe",
            Self::NotLocated => "not_located",
            Self::Refused => "refused",
            Self::NoRule => "no_rule",
            Self::Suppressed => "suppressed",
            Self::Resolved => "resolved",
            Self::Duplicate => "duplicate",
            Self::Deferred => "deferred",
            Self::Emergency => "emergency",
            Self::Advice => "advice",
            Self::Passed => "passed",
            Self::Invalid => "invalid",
            Self::Failed => "failed",
        }
    }

    /// The words a person reads.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::AlreadySafe => "already safe in code",
            Self::NotLocated => "not located",
            Self::NoRule => "no rule",
            Self::Invalid => "unreadable record",
            other => other.key(),
        }
    }

    /// Whether a person has to do something that tfmend will not.
    #[must_use]
    pub fn needs_human(self) -> bool {
        matches!(
            self,
            Self::NotLocated | Self::Refused | Self::Advice | Self::Emergency
        )
    }
}

/// The finding as the output shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingView {
    /// The finding's key, or `record N of INPUT` for an unreadable record.
    pub key: String,
    /// Format family; `null` for an unreadable record.
    pub source: Option<String>,
    /// The control to show.
    pub control: Option<String>,
    /// The resource's id as the scanner gave it.
    pub resource: Option<String>,
    /// Account or project.
    pub account: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Severity, lower case.
    pub severity: Option<String>,
    /// Title.
    pub title: String,
}

/// Why, and what next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// One of the documented kinds (docs/outcomes.md).
    pub kind: String,
    /// What is the matter, naming the object.
    pub message: String,
    /// The next step for a human.
    pub next: String,
}

/// A splice as the output shows it: byte offsets into the file as it is on base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EditView {
    /// Path inside the repository.
    pub file: String,
    /// First byte replaced; `null` for a new file.
    pub start: Option<usize>,
    /// One past the last byte replaced; `null` for a new file.
    pub end: Option<usize>,
    /// New text.
    pub text: String,
}

/// What was written before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreviousView {
    /// Path in code.
    pub path: String,
    /// Source text; `null` when nothing was written.
    pub value: Option<String>,
}

/// How to go back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RollbackView {
    /// Exact previous code.
    pub previous: Vec<PreviousView>,
    /// What a revert restores and what it does not.
    pub note: String,
}

/// The outcome of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The finding.
    pub finding: FindingView,
    /// How it left.
    pub outcome: OutcomeKind,
    /// Rule id.
    pub rule: Option<String>,
    /// Directory of the root module.
    pub root: Option<String>,
    /// Address of the instance.
    pub address: Option<String>,
    /// File to look at.
    pub file: Option<String>,
    /// 1-based line in it.
    pub line: Option<usize>,
    /// `state`, `identifier`, `tag`, `line`, `placement`.
    pub evidence: Option<String>,
    /// `exact`, `high`, `low`.
    pub confidence: Option<String>,
    /// `in-place`, `grant-removed`, `disruptive`, `forces-replacement`.
    pub impact: Option<String>,
    /// Other instances that change, `root: address` when in another root.
    pub also_changes: Vec<String>,
    /// The edits of this finding's fix.
    pub edits: Vec<EditView>,
    /// Unified diff of this finding's fix alone.
    pub diff: Option<String>,
    /// How to go back.
    pub rollback: Option<RollbackView>,
    /// Id of the change set (= branch) it belongs to.
    pub change: Option<String>,
    /// Why it was not proposed.
    pub reason: Option<Reason>,
    /// What was tried to locate it, in order; empty when it was located.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<String>,
    /// Which line of policy decided (`tfmend.toml:12`, or `default`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// Sentences for the reviewer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Owners of the changed files, as `CODEOWNERS` names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// Who changed the block last, newest first: names or GitHub accounts, never addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_committers: Vec<String>,
}

/// One change set as the output shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeView {
    /// Id, also the branch.
    pub id: String,
    /// Title.
    pub title: String,
    /// Finding keys.
    pub findings: Vec<String>,
    /// Files touched.
    pub files: Vec<String>,
    /// `open`, `update`, `close`, `leave` or `defer`.
    pub step: String,
    /// Why, for `leave`, `defer` and `close`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where the pull request is (URL or path), once there is one.
    pub pull_request: Option<String>,
    /// What went wrong when the step was done; the next run tries again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The whole answer of `plan`, `fix` and `pr`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Version of this format.
    pub version: u32,
    /// Counts: `findings` (records), `unique`, and each outcome kind.
    pub summary: BTreeMap<String, usize>,
    /// One per record, in the order of the input.
    pub outcomes: Vec<Outcome>,
    /// Pull requests.
    pub changes: Vec<ChangeView>,
    /// Files of the repository that could not be read or parsed, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

impl Output {
    /// An answer with its counts.
    #[must_use]
    pub fn new(outcomes: Vec<Outcome>, changes: Vec<ChangeView>, problems: Vec<String>) -> Self {
        let mut summary: BTreeMap<String, usize> = OutcomeKind::ALL
            .iter()
            .map(|k| (k.key().to_owned(), 0))
            .collect();
        for outcome in &outcomes {
            *summary.entry(outcome.outcome.key().to_owned()).or_default() += 1;
        }
        let repeated = summary["duplicate"];
        summary.insert("findings".to_owned(), outcomes.len());
        summary.insert("unique".to_owned(), outcomes.len() - repeated);
        Self {
            version: 1,
            summary,
            outcomes,
            changes,
            problems,
        }
    }

    /// A count of the summary.
    #[must_use]
    pub fn count(&self, kind: OutcomeKind) -> usize {
        self.summary.get(kind.key()).copied().unwrap_or(0)
    }
}
