//! The closed list of what can be changed, and where the live state stands between before and after.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ingress::IngressChange;
use super::public_access::AccessChange;
use super::{EmergencyError, Place, Scene};
use crate::cloud::CloudError;
use crate::cloud::buckets::PublicAccessBlock;
use crate::cloud::security_groups::LiveIngress;

/// Everything that tfmend can do to a live cloud: the allow-list. A rule file cannot name one; which rule may ask for
/// which is decided in [`super::trigger`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum LiveAction {
    /// All four switches of a bucket's public access block on.
    BlockPublicAccess(AccessChange),
    /// Public rules of a security group revoked, approved addresses authorised before.
    CloseIngress(IngressChange),
    /// The undo of [`LiveAction::BlockPublicAccess`].
    RestorePublicAccess(AccessChange),
    /// The undo of [`LiveAction::CloseIngress`].
    RestoreIngress(IngressChange),
}

/// What was read of the live setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// A bucket's public access block.
    Access(Option<PublicAccessBlock>),
    /// A group's ingress rules.
    Ingress(Vec<LiveIngress>),
}

impl Observed {
    /// As the receipt keeps it: what the setting is, without ids.
    #[must_use]
    pub fn content(&self) -> Value {
        match self {
            Self::Access(block) => json!(block),
            Self::Ingress(rules) => {
                json!(rules.iter().map(|live| &live.rule).collect::<Vec<_>>())
            }
        }
    }
}

/// Where the live state stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// As before the change.
    Before,
    /// Some of it is done.
    Between,
    /// As after the change.
    After,
    /// Neither: each difference in words.
    Elsewhere(Vec<String>),
}

/// One call that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Write {
    Access(super::public_access::Put),
    Ingress(super::ingress::Change),
}

impl std::fmt::Display for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Access(put) => put.fmt(f),
            Self::Ingress(change) => change.fmt(f),
        }
    }
}

impl Write {
    /// Makes the call; gives the ids of what it made.
    pub(super) fn send(&self, scene: &Scene<'_>) -> Result<Vec<String>, EmergencyError> {
        match self {
            Self::Access(put) => put.send(scene).map(|()| Vec::new()),
            Self::Ingress(change) => change.send(scene),
        }
        .map_err(EmergencyError::from)
    }
}

impl LiveAction {
    /// The resource's name as a person types it.
    #[must_use]
    pub fn resource(&self) -> &str {
        match self {
            Self::BlockPublicAccess(change) | Self::RestorePublicAccess(change) => &change.bucket,
            Self::CloseIngress(change) | Self::RestoreIngress(change) => &change.group,
        }
    }

    /// Its kind as people and JSON name it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::BlockPublicAccess(_) => "block-public-access",
            Self::CloseIngress(_) => "close-ingress",
            Self::RestorePublicAccess(_) => "restore-public-access",
            Self::RestoreIngress(_) => "restore-ingress",
        }
    }

    /// The action that brings the state before this one back.
    #[must_use]
    pub fn undo(&self) -> Self {
        match self {
            Self::BlockPublicAccess(change) => Self::RestorePublicAccess(change.undo()),
            Self::CloseIngress(change) => Self::RestoreIngress(change.undo()),
            Self::RestorePublicAccess(change) => Self::BlockPublicAccess(change.undo()),
            Self::RestoreIngress(change) => Self::CloseIngress(change.undo()),
        }
    }

    /// Whether it does what its name says and nothing else: an action may come from a journal.
    ///
    /// # Errors
    /// What is wrong.
    pub fn sound(&self) -> Result<(), String> {
        match self {
            Self::BlockPublicAccess(change) => change.sound(),
            Self::CloseIngress(change) => change.sound(),
            Self::RestorePublicAccess(change) => change.undo().sound(),
            Self::RestoreIngress(change) => change.undo().sound(),
        }
    }

    /// Reads the live setting.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn observe(&self, scene: &Scene<'_>) -> Result<Observed, CloudError> {
        match self {
            Self::BlockPublicAccess(change) | Self::RestorePublicAccess(change) => {
                change.observe(scene)
            }
            Self::CloseIngress(change) | Self::RestoreIngress(change) => change.observe(scene),
        }
    }

    /// Where the live setting stands.
    #[must_use]
    pub fn standing(&self, now: &Observed) -> Standing {
        match (self, now) {
            (
                Self::BlockPublicAccess(change) | Self::RestorePublicAccess(change),
                Observed::Access(block),
            ) => change.standing(*block),
            (
                Self::CloseIngress(change) | Self::RestoreIngress(change),
                Observed::Ingress(rules),
            ) => change.standing(rules),
            _ => Standing::Elsewhere(vec!["another kind of resource was read".to_owned()]),
        }
    }

    /// What was before, as the receipt keeps it.
    #[must_use]
    pub fn before(&self) -> Value {
        match self {
            Self::BlockPublicAccess(change) | Self::RestorePublicAccess(change) => {
                json!(change.before)
            }
            Self::CloseIngress(change) | Self::RestoreIngress(change) => json!(change.before),
        }
    }

    /// What will be after.
    #[must_use]
    pub fn after(&self) -> Value {
        match self {
            Self::BlockPublicAccess(change) | Self::RestorePublicAccess(change) => {
                json!(change.after)
            }
            Self::CloseIngress(change) | Self::RestoreIngress(change) => json!(change.after()),
        }
    }

    /// The same change of what is touched, from a state in which other parts are as they are now.
    #[must_use]
    pub fn among(&self, now: &Observed) -> Self {
        match (self, now) {
            (Self::CloseIngress(change), Observed::Ingress(rules)) => {
                Self::CloseIngress(change.among(rules))
            }
            (Self::RestoreIngress(change), Observed::Ingress(rules)) => {
                Self::RestoreIngress(change.among(rules))
            }
            _ => self.clone(),
        }
    }

    /// The calls that are left to make from where the live setting stands, in order.
    pub(super) fn writes(&self, now: &Observed, place: &Place) -> Vec<Write> {
        match (self, now) {
            (
                Self::BlockPublicAccess(change) | Self::RestorePublicAccess(change),
                Observed::Access(block),
            ) => change
                .writes(*block, place)
                .into_iter()
                .map(Write::Access)
                .collect(),
            (
                Self::CloseIngress(change) | Self::RestoreIngress(change),
                Observed::Ingress(rules),
            ) => change
                .writes(rules)
                .into_iter()
                .map(Write::Ingress)
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The same, in words: exactly what will be sent.
    #[must_use]
    pub fn calls(&self, now: &Observed, place: &Place) -> Vec<String> {
        self.writes(now, place)
            .iter()
            .map(ToString::to_string)
            .collect()
    }
}
