//! Why nothing was edited: the closed set of kinds, and what makes a refusal of an unknown value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::terraform::value::Unknown;

/// The closed set of reasons for `refused` and `not_located`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
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
    /// It exists, and no state of the account's roots holds it.
    InNoState,
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
    /// A comment in the code silences this control (`checkov:skip`, `trivy:ignore`, `tfmend:ignore`).
    SuppressedInCode,
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

impl Refusal {
    /// A refusal.
    pub fn new(kind: RefusalKind, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            next: next.into(),
        }
    }

    /// The refusal for a value that is not known; `what` names the object and attribute.
    #[must_use]
    pub fn unknown_value(what: &str, why: &Unknown) -> Self {
        let (kind, next) = match why {
            Unknown::Data(_) => (
                RefusalKind::ValueFromRemoteState,
                "change it where that data is made".to_owned(),
            ),
            Unknown::ExternalModule(_) => (
                RefusalKind::ValueNotInCode,
                "change it in that module, or pass a literal".to_owned(),
            ),
            Unknown::UnsetVariable(name) => (
                RefusalKind::ValueNotInCode,
                format!(
                    "set `{name}` to a safe value where it is supplied (-var, TF_VAR_{name}, the workspace), or give it a safe default"
                ),
            ),
            Unknown::Varies(name, _) => (
                RefusalKind::ValueNotInCode,
                format!("set `{name}` to a safe value in the variable file of this environment, or say under [roots] of the configuration which files each run of this root is given"),
            ),
            Unknown::SetOutside(name) => (
                RefusalKind::ValueNotInCode,
                format!("set `{name}` to a safe value where it is supplied (the pipeline, -var, TF_VAR_{name}); a default in the code would change nothing"),
            ),
            Unknown::Workspace => (
                RefusalKind::ValueNotInCode,
                "name the workspaces of this root under [roots] of the configuration, or pass their states (`terraform.tfstate.d/<workspace>/…`)".to_owned(),
            ),
            _ => (
                RefusalKind::ValueNotInCode,
                "change it by hand where it is decided".to_owned(),
            ),
        };
        Self::new(
            kind,
            format!("{what} cannot be told from the code: {why}"),
            next,
        )
    }
}
