//! The configuration: `.github/tfmend.toml` or `tfmend.toml`.
//!
//! Unknown keys, bad globs and two files at once are errors, with line and the key that was probably meant: a filter
//! that is not understood must not be a filter that is skipped (invariant 9). Positions are kept, so that a decision
//! names the line that made it.

mod error;
mod file;
mod roots;
mod states;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::finding::Severity;
use crate::locate::Confidence;
use crate::rules::Profile;

pub use error::{ConfigError, Help};
pub use file::{NAMES, find, load};
pub(crate) use file::{glob, path_glob};
pub use roots::{Root, Workspace};
pub use states::States;

/// The whole file.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Which rules are proposed: `starter` (the always-safe few), `standard` or `all`.
    #[schemars(with = "Option<Profile>")]
    pub profile: Option<Spanned<Profile>>,
    /// How sure the location must be before code is edited. Default `exact`.
    #[schemars(with = "Option<Confidence>")]
    pub min_confidence: Option<Spanned<Confidence>>,
    /// Cloud accounts and projects by id. One that is not named is never eligible for auto-merge or emergency.
    #[schemars(with = "BTreeMap<String, Account>")]
    pub accounts: BTreeMap<Spanned<String>, Account>,
    /// Decisions, read from top to bottom: the first that matches a finding counts.
    #[schemars(with = "Vec<PolicyRule>")]
    pub policy: Vec<Spanned<PolicyRule>>,
    /// Values that rules need.
    pub parameters: Parameters,
    /// Where account-wide settings belong: by account, then by region (or `global`).
    pub placement: BTreeMap<String, BTreeMap<String, Placement>>,
    /// How root modules are run, by their directory from the repository's top.
    #[schemars(with = "BTreeMap<String, Root>")]
    pub roots: BTreeMap<Spanned<String>, Root>,
    /// Stages that are paused.
    pub stages: Stages,
    /// How much is proposed.
    pub limits: Limits,
    /// Pull requests on GitHub.
    pub github: GitHub,
    /// Findings that are read from AWS Security Hub.
    pub security_hub: SecurityHub,
    /// States that do not lie in the repository.
    pub states: States,
    /// Findings that are left alone, each with a reason and an end.
    #[schemars(with = "Vec<Ignore>")]
    pub ignore: Vec<Spanned<Ignore>>,
    /// The file's name and text, for messages.
    #[serde(skip)]
    pub source: SourceText,
}

/// The configuration's file name and text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceText {
    /// As messages name it; empty without a file.
    pub file: String,
    /// The text.
    pub text: String,
}

impl SourceText {
    /// The line (from 1) at a byte offset, and its text without surrounding space.
    #[must_use]
    pub fn line(&self, offset: usize) -> (usize, &str) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let text = self.text[start..].lines().next().unwrap_or_default().trim();
        (before.matches('\n').count() + 1, text)
    }
}

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccountClass {
    /// Serves customers.
    ProdCustomer,
    /// Serves the organisation itself.
    ProdInternal,
    /// Rehearsal.
    Staging,
    /// Experiments.
    Sandbox,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// What it is for.
    pub class: AccountClass,
    /// How people call it.
    #[serde(default)]
    pub name: Option<String>,
    /// ARN of the role that `tfmend emergency` assumes to act in this account. Without it the caller's own identity
    /// acts, if it is of this account.
    #[serde(default)]
    pub emergency_role: Option<String>,
}

/// What a policy rule decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyDecision {
    /// A pull request.
    Propose,
    /// A note only.
    Advise,
    /// Nothing.
    Ignore,
}

/// One decision. Every condition that is given must hold; a condition with several values holds when one of them does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyRule {
    /// Rule ids, globs allowed: `s3-*`.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany<String>")]
    pub rule: Vec<String>,
    /// Severities.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany<Severity>")]
    pub severity: Vec<Severity>,
    /// Account or project ids.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany<String>")]
    pub account: Vec<String>,
    /// Account classes, as `[accounts]` gives them.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany<AccountClass>")]
    pub class: Vec<AccountClass>,
    /// Regions, globs allowed: `eu-*`.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany<String>")]
    pub region: Vec<String>,
    /// Tags of the resource: name to value, globs allowed in values.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Paths in the repository, globs allowed: `infra/prod/**`.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany<String>")]
    pub path: Vec<String>,
    /// What is decided.
    pub decision: PolicyDecision,
    /// May the live setting be changed at once, with approval? Only in named accounts.
    #[serde(default)]
    pub emergency: bool,
    /// May GitHub merge it by itself? Only in named accounts, in place, with exact evidence.
    #[serde(default)]
    pub auto_merge: bool,
    /// Why, shown with the decision.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Values that rules need; a rule that needs one that is not set refuses.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Networks that may reach administrative ports instead of the whole internet.
    pub approved_cidrs: Option<Vec<String>>,
    /// Bucket that receives access logs.
    pub log_bucket: Option<String>,
    /// KMS key for encryption at rest.
    pub kms_key_arn: Option<String>,
    /// KMS key for SNS topics.
    pub sns_kms_key: Option<String>,
    /// KMS key for SQS queues, where the provider knows no encryption with keys of SQS itself.
    pub sqs_kms_key: Option<String>,
    /// Days after which an access key counts as unused.
    pub unused_days: Option<u32>,
    /// Shortest password.
    pub password_min_length: Option<u32>,
    /// Days after which a password expires.
    pub password_max_age: Option<u32>,
    /// Passwords that may not be used again.
    pub password_reuse_prevention: Option<u32>,
    /// Days that a KMS key waits before it is deleted.
    pub kms_deletion_window_days: Option<u32>,
    /// Days that logs are kept.
    pub log_retention_days: Option<u32>,
    /// Parameters of user-supplied rules, by name.
    pub custom: BTreeMap<String, serde_json::Value>,
}

impl Parameters {
    /// Every parameter that is set, by name, as rules ask for it.
    #[must_use]
    pub fn values(&self) -> BTreeMap<String, serde_json::Value> {
        let mut values = self.custom.clone();
        let texts = [
            ("log_bucket", &self.log_bucket),
            ("kms_key_arn", &self.kms_key_arn),
            ("sns_kms_key", &self.sns_kms_key),
            ("sqs_kms_key", &self.sqs_kms_key),
        ];
        let numbers = [
            ("unused_days", self.unused_days),
            ("password_min_length", self.password_min_length),
            ("password_max_age", self.password_max_age),
            ("password_reuse_prevention", self.password_reuse_prevention),
            ("kms_deletion_window_days", self.kms_deletion_window_days),
            ("log_retention_days", self.log_retention_days),
        ];
        let texts = texts
            .into_iter()
            .filter_map(|(n, v)| Some((n, v.as_deref()?.into())));
        let numbers = numbers
            .into_iter()
            .filter_map(|(n, v)| Some((n, v?.into())));
        let cidrs = self
            .approved_cidrs
            .iter()
            .map(|list| ("approved_cidrs", list.clone().into()));
        values.extend(
            texts
                .chain(numbers)
                .chain(cidrs)
                .map(|(n, v)| (n.to_owned(), v)),
        );
        values
    }
}

/// Where an account-wide setting is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// Directory of the root module, from the repository's top.
    pub root: String,
    /// File in it; default `security.tf`.
    #[serde(default)]
    pub file: Option<String>,
}

/// A stage that can be paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Everything.
    All,
    /// Finding the code.
    Locate,
    /// Making the change.
    Remedy,
    /// Opening and updating pull requests.
    PullRequest,
    /// Changing the live cloud.
    Emergency,
    /// Reading the live cloud again.
    Verify,
    /// Telling people.
    Notify,
}

/// Stages that are paused.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Stages {
    /// Their names.
    #[schemars(with = "Vec<Stage>")]
    pub paused: Vec<Spanned<Stage>>,
}

/// How much is proposed. All are on by default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Open pull requests of tfmend at a time.
    pub open: u32,
    /// New pull requests a run.
    pub per_run: u32,
    /// By how many pull requests critical findings may exceed both.
    pub critical_extra: u32,
    /// Other instances that one change may touch.
    #[schemars(with = "u32")]
    pub max_also_changes: Option<Spanned<u32>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            open: 10,
            per_run: 20,
            critical_extra: 5,
            max_also_changes: None,
        }
    }
}

/// Whether a public repository gets pull requests: each tells everybody of a hole before it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Public {
    /// None; the findings wait as `public-repository`.
    #[default]
    Refuse,
    /// As in a private one.
    Allow,
}

/// How commits are made on GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CommitsBy {
    /// Through GitHub's API: they are "Verified" for an App and for `GITHUB_TOKEN`.
    #[default]
    Api,
    /// In a clone, pushed over HTTPS.
    Git,
}

/// Pull requests on GitHub.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GitHub {
    /// What happens in a public repository. Default `refuse`.
    pub public: Public,
    /// How commits are made. Default `api`.
    pub commits: CommitsBy,
}

/// AWS Security Hub as a source of findings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SecurityHub {
    /// The region that is asked when `--from security-hub` names none: the one that aggregates the findings.
    pub region: Option<String>,
    /// Set a finding to NOTIFIED and leave the pull request's link on it. Off by default: it writes to Security Hub.
    pub acknowledge: bool,
}

/// Findings that are left alone for a while. At least one of `finding`, `rule`, `resource`, `path` must be given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ignore {
    /// Keys of findings, globs allowed.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany<String>")]
    pub finding: Vec<String>,
    /// Rule ids, globs allowed.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany<String>")]
    pub rule: Vec<String>,
    /// Cloud ids of resources, globs allowed.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany<String>")]
    pub resource: Vec<String>,
    /// Paths in the repository, globs allowed.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany<String>")]
    pub path: Vec<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it is ignored (UTC): `2026-12-31`.
    #[serde(deserialize_with = "date")]
    #[schemars(with = "String")]
    pub until: jiff::civil::Date,
}

/// One value or a list of them.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum OneOrMany<T> {
    /// One.
    One(T),
    /// A list.
    Many(Vec<T>),
}

fn one_or_many<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    use serde::de::Error as _;
    // Through a value, so that the message names what is wrong with it and not "no variant matched".
    let value = toml::Value::deserialize(deserializer)?;
    let given = match value {
        toml::Value::Array(list) => OneOrMany::Many(list),
        one => OneOrMany::One(one),
    };
    let list = match given {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(list) => list,
    };
    if list.is_empty() {
        return Err(D::Error::custom(
            "an empty list matches nothing: leave the condition out",
        ));
    }
    list.into_iter()
        .map(|v| {
            v.try_into()
                .map_err(|e: toml::de::Error| D::Error::custom(e.message()))
        })
        .collect()
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<jiff::civil::Date, D::Error> {
    use serde::de::Error as _;
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::Datetime(date) => date.to_string(),
        toml::Value::String(text) => text,
        other => other.to_string(),
    };
    let day = text.get(..10).unwrap_or(&text);
    day.parse()
        .map_err(|_| D::Error::custom(format!("`{text}` is no date such as 2026-12-31")))
}

/// The JSON Schema of the configuration file.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Config).to_value()
}
