//! May we? [`Policy::admit`] before locating, [`Policy::dispose`] after the change is known.
//!
//! Invariant 9: filters and limits fail closed; limits are on by default; start narrow. A condition that cannot be
//! judged (the account is not named, the record has no region or tags) never widens: a `propose` does not match, an
//! `advise` or `ignore` becomes `advise`. Every answer names the line that decided.

mod admit;
mod code;
mod dispose;
mod live;
mod matching;

use globset::GlobSet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::{AccountClass, Config, ConfigError, Limits, PolicyDecision, Stage};
use crate::finding::Severity;
use crate::locate::Confidence;
use crate::refusal::Refusal;
use crate::rules::Profile;

pub use code::CodePlace;
pub use dispose::Context;
pub use live::LiveChange;

/// Other instances that one change may touch when the configuration does not say.
pub const DEFAULT_MAX_ALSO_CHANGES: u32 = 25;

/// What may happen with a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// A pull request.
    Propose,
    /// A note only.
    Advise,
    /// Nothing (ignored or suppressed by policy).
    Ignore,
}

/// Who decided: a line of the configuration, a flag, or tfmend itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DecidedBy {
    /// A line of the configuration.
    Line {
        /// The file as messages name it.
        file: String,
        /// From 1.
        line: usize,
        /// The line's text.
        text: String,
    },
    /// A flag of the command line, such as `--profile`, or `default`.
    Named(String),
}

impl DecidedBy {
    /// Nobody said otherwise.
    #[must_use]
    pub fn default_setting() -> Self {
        Self::Named("default".to_owned())
    }
}

impl std::fmt::Display for DecidedBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line { file, line, text } => write!(f, "{file}:{line}: {text}"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

/// An answer with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling<T> {
    /// The answer.
    pub answer: T,
    /// Why, one sentence.
    pub why: String,
    /// Who decided.
    pub decided_by: DecidedBy,
}

/// The answer before locating.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Admission {
    /// Go on.
    Proceed,
    /// An `[[ignore]]` that has not ended covers it.
    Suppressed,
    /// The stage is paused.
    Paused,
    /// The rule belongs to a wider profile.
    ProfileTooNarrow,
    /// A note only.
    Advise,
    /// A policy rule says that nothing is done.
    Ignored,
}

/// The answer when the change is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// A pull request.
    Propose {
        /// As a draft: the evidence is weaker than exact.
        draft: bool,
        /// GitHub may merge it by itself.
        auto_merge: bool,
    },
    /// A note only.
    Advise,
    /// Policy does not let it be proposed.
    Refuse(Refusal),
    /// Nothing, by policy.
    Ignore,
    /// Later: the stage is paused.
    Defer,
}

/// Settings that the command line overrides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Overrides {
    /// `--profile`.
    pub profile: Option<Profile>,
    /// `--min-confidence`.
    pub min_confidence: Option<Confidence>,
}

/// The compiled policy of one run.
#[derive(Debug, Clone)]
pub struct Policy {
    profile: (Profile, DecidedBy),
    min_confidence: (Confidence, DecidedBy),
    max_also_changes: (u32, DecidedBy),
    limits: Limits,
    accounts: Vec<(String, AccountClass, DecidedBy)>,
    rules: Vec<CompiledRule>,
    ignores: Vec<CompiledIgnore>,
    paused: Vec<(Stage, DecidedBy)>,
}

#[derive(Debug, Clone)]
struct CompiledRule {
    rule: Option<GlobSet>,
    severity: Vec<Severity>,
    account: Vec<String>,
    class: Vec<AccountClass>,
    region: Option<GlobSet>,
    tags: Vec<(String, GlobSet)>,
    path: Option<GlobSet>,
    decision: PolicyDecision,
    emergency: bool,
    auto_merge: bool,
    reason: Option<String>,
    by: DecidedBy,
}

#[derive(Debug, Clone)]
struct CompiledIgnore {
    finding: Option<GlobSet>,
    rule: Option<GlobSet>,
    resource: Option<GlobSet>,
    path: Option<GlobSet>,
    reason: String,
    until: jiff::civil::Date,
    by: DecidedBy,
}

impl Policy {
    /// The policy of a configuration. `profile` counts when neither the command line nor the configuration names one:
    /// `all` at a person's hand (`plan`, `fix`), `starter` unattended (`pr`, `serve`).
    ///
    /// # Errors
    /// When a glob of the configuration cannot be compiled.
    pub fn new(
        config: &Config,
        profile: Profile,
        overrides: Overrides,
    ) -> Result<Self, ConfigError> {
        matching::compile(config, profile, overrides)
    }

    /// The profile in force.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile.0
    }

    /// The confidence below which nothing is edited.
    #[must_use]
    pub fn min_confidence(&self) -> Confidence {
        self.min_confidence.0
    }

    /// Limits on pull requests.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Is the stage paused, and by which line?
    #[must_use]
    pub fn paused(&self, stage: Stage) -> Option<&DecidedBy> {
        self.paused
            .iter()
            .find(|(paused, _)| *paused == stage || *paused == Stage::All)
            .map(|(_, by)| by)
    }

    /// The class of an account; `None` when the configuration does not name it.
    #[must_use]
    pub fn class(&self, account: &str) -> Option<AccountClass> {
        self.accounts
            .iter()
            .find(|(id, ..)| id == account)
            .map(|(_, class, _)| *class)
    }

    /// Ignores that ended before `now`: worth telling, they protect nothing any more.
    pub fn ended_ignores(&self, now: Timestamp) -> impl Iterator<Item = (&DecidedBy, &str)> {
        let today = today(now);
        self.ignores
            .iter()
            .filter(move |i| i.until < today)
            .map(|i| (&i.by, i.reason.as_str()))
    }
}

fn today(now: Timestamp) -> jiff::civil::Date {
    now.to_zoned(jiff::tz::TimeZone::UTC).date()
}
