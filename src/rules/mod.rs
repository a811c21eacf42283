//! What "safe" is: rules as values, found by control.
//!
//! A rule is one `.hcl` file of the catalogue (embedded at build time) or of a user's directory; this module
//! holds the vocabulary, [`language`] the file format. A rule is also a predicate on code: see
//! [`crate::remedy::assess`].

mod catalogue;
mod generation;
mod kinds;
mod language;
mod page;
mod schema;
mod section;
mod written;

pub use catalogue::Catalogue;
pub use generation::{ByGeneration, Generations};
pub use kinds::{
    Absence, Accept, Companion, Condition, DropElements, EvidenceNeeded, Grant, Ingress, Inline,
    On, PolicyStatement, Remedy, RemedyFor, Requirement, Setting, Settings, Test,
};
pub use language::RuleError;
pub use page::{index, page};
pub use schema::schema;

use serde::{Deserialize, Serialize};

use crate::finding::{Control, Severity};

/// How far a fix may be undone and may go by itself.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reversibility {
    /// A revert restores everything.
    Safe,
    /// Can break somebody; a human looks.
    Care,
    /// Never proposed as a diff: a note to a human.
    NeverAuto,
}

/// What an apply of the change does to the resource.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// Updated in place without interruption.
    InPlace,
    /// A grant (of the closed list) is removed or replaced.
    GrantRemoved,
    /// In place, with an interruption (reboot, fail-over).
    Disruptive,
    /// The resource would be replaced: never a diff for stateful or compute resources.
    ForcesReplacement,
}

/// The profile from which on a rule is proposed.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// The always-safe few.
    Starter,
    /// What most teams want.
    Standard,
    /// Everything there is.
    All,
}

/// What a rule is about.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// One resource that somebody wrote.
    #[default]
    Resource,
    /// A setting of the account and region: there may be no block yet.
    Account,
}

/// One control that the rule answers, with arguments for the remedy (e.g. `{"ports": [22]}`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleControl {
    /// The control.
    pub control: Control,
    /// Arguments of this control for the remedy; `null` when it has none.
    pub with: serde_json::Value,
}

/// A compliance requirement with the source that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compliance {
    /// `NIST 800-53 r5`, `CIS AWS v3.0.0`, …
    pub standard: String,
    /// Requirement ids.
    pub ids: Vec<String>,
    /// Where the mapping is recorded.
    pub source: String,
}

/// The truth about undoing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackTruth {
    /// What reverting the commit and applying restores.
    pub restores: String,
    /// What it does not restore; empty when nothing.
    pub does_not_restore: String,
}

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Names the bad state, kebab-case.
    pub id: String,
    /// One line: the bad state.
    pub title: String,
    /// Imperative, for the pull request's title: `block public access`.
    pub action: String,
    /// Why it matters, Markdown, a few sentences.
    pub why: String,
    /// Severity where a finding has none.
    pub severity: Severity,
    /// From which profile on.
    pub profile: Profile,
    /// Controls answered.
    pub controls: Vec<RuleControl>,
    /// Compliance requirements.
    pub compliance: Vec<Compliance>,
    /// Reversibility.
    pub reversibility: Reversibility,
    /// Impact that the remedy declares (the remedy may find a worse one).
    pub impact: Impact,
    /// Scope.
    pub scope: Scope,
    /// The Terraform types of the resource that a finding of this rule is about (`aws_s3_bucket`).
    pub subjects: Vec<String>,
    /// What to do, by Terraform type; every type of `subjects` is served by exactly one.
    pub remedies: Vec<RemedyFor>,
    /// Undoing.
    pub rollback: RollbackTruth,
    /// How the safe state will be verified, one sentence.
    pub verify: String,
    /// The rule file's name, for messages.
    pub file: String,
}

impl Rule {
    /// The remedy for a Terraform type, when the rule is about that type.
    #[must_use]
    pub fn remedy_for(&self, kind: &str) -> Option<&RemedyFor> {
        self.remedies
            .iter()
            .find(|r| r.types.iter().any(|t| t == kind))
    }
}
