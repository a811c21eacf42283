//! Why nothing is changed in the live cloud: values, not errors, each with the next step.

use serde::{Deserialize, Serialize};

use crate::policy::{LiveChange, Ruling};

/// The closed set of reasons; docs/emergency.md lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusedKind {
    /// The finding's rule has no live action.
    NoLiveAction,
    /// The scanner does not hold the finding open.
    NotOpen,
    /// An ignore covers it, or a person silenced it in the code.
    Ignored,
    /// The stage `emergency` is paused.
    Paused,
    /// The account is not in `[accounts]`.
    AccountNotNamed,
    /// No policy rule allows it.
    NotAllowed,
    /// The record does not say which resource, account or region.
    RecordIncomplete,
    /// The finding's account is not the one we are in, or not the owner's.
    OtherAccount,
    /// The resource is in another region than the finding says.
    OtherRegion,
    /// The resource does not exist.
    NotFound,
    /// It is meant to be public.
    IntendedPublic,
    /// What says whether it is meant to be public cannot be read.
    IntentUnknown,
    /// The live state is safe.
    AlreadySafe,
    /// A public rule lets in more than the finding asks about.
    WiderThanFinding,
    /// A port would be left without any way in.
    NoAdminPath,
    /// A parameter of the configuration cannot be used.
    ParameterWrong,
    /// An earlier run began and did not end, and what is left cannot be told.
    Unfinished,
    /// The live state is neither that before nor that after the change.
    Drifted,
}

impl RefusedKind {
    /// Every kind.
    pub const ALL: [Self; 18] = [
        Self::NoLiveAction,
        Self::NotOpen,
        Self::Ignored,
        Self::Paused,
        Self::AccountNotNamed,
        Self::NotAllowed,
        Self::RecordIncomplete,
        Self::OtherAccount,
        Self::OtherRegion,
        Self::NotFound,
        Self::IntendedPublic,
        Self::IntentUnknown,
        Self::AlreadySafe,
        Self::WiderThanFinding,
        Self::NoAdminPath,
        Self::ParameterWrong,
        Self::Unfinished,
        Self::Drifted,
    ];

    /// The word in JSON and in the documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NoLiveAction => "no-live-action",
            Self::NotOpen => "not-open",
            Self::Ignored => "ignored",
            Self::Paused => "paused",
            Self::AccountNotNamed => "account-not-named",
            Self::NotAllowed => "not-allowed",
            Self::RecordIncomplete => "record-incomplete",
            Self::OtherAccount => "other-account",
            Self::OtherRegion => "other-region",
            Self::NotFound => "not-found",
            Self::IntendedPublic => "intended-public",
            Self::IntentUnknown => "intent-unknown",
            Self::AlreadySafe => "already-safe",
            Self::WiderThanFinding => "wider-than-finding",
            Self::NoAdminPath => "no-admin-path",
            Self::ParameterWrong => "parameter-wrong",
            Self::Unfinished => "unfinished",
            Self::Drifted => "drifted",
        }
    }
}

/// Nothing is changed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Kind.
    pub kind: RefusedKind,
    /// What is in the way, naming the object.
    pub message: String,
    /// What a person can do now.
    pub next: String,
    /// The line of the configuration that decided, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
}

impl Refused {
    /// A refusal.
    pub fn new(kind: RefusedKind, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            next: next.into(),
            decided_by: None,
        }
    }

    /// What policy does not allow; `None` when it does.
    #[must_use]
    pub fn by_policy(ruling: &Ruling<LiveChange>) -> Option<Self> {
        let (kind, next) = match ruling.answer {
            LiveChange::Eligible => return None,
            LiveChange::Ignored => (
                RefusedKind::Ignored,
                "take the [[ignore]] out, or wait for its end",
            ),
            LiveChange::Paused => (
                RefusedKind::Paused,
                "take `emergency` (or `all`) out of [stages] paused",
            ),
            LiveChange::AccountNotNamed => (
                RefusedKind::AccountNotNamed,
                "name the account under [accounts], with its class and its emergency_role",
            ),
            LiveChange::NotAllowed => (
                RefusedKind::NotAllowed,
                "write a [[policy]] with decision = \"propose\" and emergency = true that matches first",
            ),
        };
        let mut refused = Self::new(kind, ruling.why.clone(), next);
        refused.decided_by = Some(ruling.decided_by.to_string());
        Some(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_what_serde_writes() {
        for kind in RefusedKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
    }
}
