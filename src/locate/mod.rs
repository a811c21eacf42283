//! Which block made the resource that the finding names?
//!
//! By state, by identifier, by tag, by line. Invariants 4 and 5: below the asked confidence nothing is edited
//! and the outcome says which evidence was missing; two candidates or two owners are named, never guessed.

use serde::{Deserialize, Serialize};

use crate::terraform::{Address, RepoPath};

/// How we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// A state file holds the object.
    State,
    /// An identifier in code evaluates to the object's.
    Identifier,
    /// A tag on the object names the code.
    Tag,
    /// The scanner named file and line.
    Line,
    /// `[placement]` of the configuration, or the one root whose state proves the account (account-level rules).
    Placement,
}

/// How sure, ascending.
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
pub enum Confidence {
    /// Anything else.
    Low,
    /// A tag, or a pattern with one candidate.
    High,
    /// State with a single owner; or a known, globally unique identifier with one candidate; or an account-scoped
    /// name whose root's account is proved.
    Exact,
}

/// Where the finding was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Located {
    /// Directory of the root module.
    pub root: RepoPath,
    /// What is there.
    pub target: Target,
    /// How we know.
    pub evidence: Evidence,
    /// How sure.
    pub confidence: Confidence,
    /// One sentence for the pull request: which evidence, from which state or code.
    pub because: String,
}

/// A block that exists, or the home of one that has to be written (account-level rules).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// An instance of a block.
    Instance(Address),
    /// No block yet; it belongs into this file (which may not exist yet).
    Home(RepoPath),
}

/// Why no block was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotLocated {
    /// Kind, message and next step.
    pub reason: crate::remedy::Refusal,
    /// Every evidence that was tried, with what it gave.
    pub tried: Vec<String>,
}
