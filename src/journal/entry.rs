//! One line of the journal.

use serde::{Deserialize, Serialize};

/// The stage that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// A run begins or ends.
    Run,
    /// Policy, locating or the remedy ended a finding's way, or let it pass.
    Decide,
    /// The working tree was edited.
    Fix,
    /// A step on the forge was done or failed.
    Forge,
}

/// What is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// RFC 3339, UTC.
    pub at: String,
    /// Stage.
    pub stage: Stage,
    /// What happened: an outcome's key, a step's word, `begin`, `end`.
    pub what: String,
    /// Finding key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// Rule id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Root and address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Change set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// Why, one sentence; the kind of a reason, the line of policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// SHA-256 (hex) of the line before; of nothing for the first.
    #[serde(default)]
    pub previous: String,
}

impl Entry {
    /// An entry without details.
    #[must_use]
    pub fn new(at: jiff::Timestamp, stage: Stage, what: &str) -> Self {
        Self {
            at: at.to_string(),
            stage,
            what: what.to_owned(),
            finding: None,
            rule: None,
            address: None,
            change: None,
            why: None,
            previous: String::new(),
        }
    }
}
