//! Rule + block → the smallest edit, or a typed refusal.
//!
//! Invariant 3: an edit is kept only if the rule, run again on the edited code, finds the safe state and no other
//! rule finds a new unsafe one. Invariant 4: the value is changed where it is decided.

use serde::{Deserialize, Serialize};

use crate::rules::Impact;
use crate::terraform::{Address, Edit, RepoPath};

/// The closed set of reasons for `refused` and `not_located`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    // --- not located ---
    /// No state, identifier or tag points to any block.
    NotInCode,
    /// Several blocks could have made it.
    SeveralCandidates,
    /// Two states own the object.
    TwoOwners,
    /// There is evidence, but below the asked confidence.
    ConfidenceTooLow,
    /// A state holds it, but the block is gone from the code.
    StateWithoutCode,
    /// An account-level setting without a place in code.
    NoHome,
    /// The resource lives in a module whose source is not in this repository.
    ExternalModule,
    // --- refused ---
    /// The value comes from remote state or a data source.
    ValueFromRemoteState,
    /// The value is not in the code (unset variable, computed, unsupported expression).
    ValueNotInCode,
    /// A fix would change instances that have no finding.
    TooWide,
    /// `lifecycle { ignore_changes }` covers the attribute: merging would do nothing.
    IgnoreChanges,
    /// Another block already writes the same object.
    SecondWriter,
    /// The fix would replace a stateful or compute resource.
    WouldReplace,
    /// Code or a label says that it is meant to be public.
    IntendedPublic,
    /// No evidence that the key is unused.
    KeyInUseUnknown,
    /// A precondition of the rule is not met.
    Precondition,
    /// A parameter the rule needs is not configured.
    ParameterMissing,
    /// The provider generation is not known or does not have the argument.
    ProviderGeneration,
    /// The shape of the code is not one that can be edited safely.
    UnsupportedShape,
    /// The file cannot be parsed.
    Unparsable,
    /// The edit did not reach the safe state when checked (invariant 3).
    NotProved,
    /// The edit would make another rule fail.
    NewFinding,
    /// Another fix of the same run touches the same code in another way.
    Conflict,
    /// Policy does not let it be proposed.
    Policy,
}

/// Why nothing was edited, with the next human step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Kind.
    pub kind: RefusalKind,
    /// What is in the way, naming the object.
    pub message: String,
    /// What a human can do now.
    pub next: String,
}

/// An instance of some root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Affected {
    /// Root module directory.
    pub root: RepoPath,
    /// Instance.
    pub address: Address,
}

/// The exact text that was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Attribute or block path in code, e.g. `aws_db_instance.main.publicly_accessible`.
    pub path: String,
    /// Source text before the edit; `null` when nothing was written.
    pub value: Option<String>,
}

/// The change that makes one instance safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remediation {
    /// Rule id.
    pub rule: String,
    /// The instance in the finding (or the address the new block will have).
    pub instance: Affected,
    /// File and 1-based line where the reader should look: the first edit's.
    pub file: RepoPath,
    /// See `file`.
    pub line: usize,
    /// The block whose change this is, inside its module (`aws_s3_bucket.this`): part of the change's identity.
    pub block: String,
    /// Attribute path that is changed: part of the change's identity.
    pub path: String,
    /// What changes, one line in the imperative: ``set `publicly_accessible` to `false` ``.
    pub summary: String,
    /// The edits, against the estate's files.
    pub edits: Vec<Edit>,
    /// What an apply does.
    pub impact: Impact,
    /// Every other instance that changes.
    pub also_changes: Vec<Affected>,
    /// What was there.
    pub previous: Vec<Previous>,
    /// Warnings for the reviewer, each one sentence.
    pub warnings: Vec<String>,
}

/// What a rule says of one instance in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The code is safe.
    Safe,
    /// The code is unsafe; why, one sentence.
    Unsafe(String),
    /// Cannot be told; why and what to do.
    Unknown(Refusal),
}

/// What the remedy stage makes of a located finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// A change.
    Remediation(Box<Remediation>),
    /// The code is safe already (not applied yet, or drift); why.
    AlreadySafe(String),
    /// No edit by design: what a human would do (Markdown).
    Advice(String),
    /// No edit; why.
    Refused(Refusal),
}
