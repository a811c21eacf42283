//! The structures of a rule file as serde reads them; [`super::language`] makes rules of them and
//! [`super::schema`] describes them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::kinds::Absence;
use super::{Impact, Profile, Reversibility, Scope};
use crate::finding::Severity;

/// Top-level attributes of a rule file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    /// Names the bad state, kebab-case; equals the file's name without `.hcl`.
    pub(super) id: String,
    /// One line: the bad state.
    pub(super) title: String,
    /// Imperative, for the pull request's title.
    pub(super) action: String,
    /// Why it matters: Markdown, a few sentences.
    pub(super) why: String,
    /// Severity where a finding has none.
    pub(super) severity: Severity,
    /// From which profile on the rule is proposed.
    pub(super) profile: Profile,
    /// How far a fix may be undone.
    pub(super) reversibility: Reversibility,
    /// What an apply does to the resource.
    pub(super) impact: Impact,
    /// `resource` (default) or `account`.
    #[serde(default)]
    pub(super) scope: Scope,
    /// How the safe state is verified.
    pub(super) verify: String,
    /// Controls by catalogue; an entry is a code, or a code with arguments for the remedy.
    pub(super) controls: BTreeMap<String, Vec<ControlEntry>>,
    /// A user's file may say that it replaces the rule of the same id.
    #[serde(default)]
    pub(super) overrides: bool,
}

/// A control: `"S3.8"` or `{ code = "EC2.13", with = { ports = [22] } }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum ControlEntry {
    /// The code alone.
    Code(String),
    /// With arguments for the remedy.
    With(ControlWith),
}

/// A control with arguments for the remedy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ControlWith {
    /// The code.
    pub(super) code: String,
    /// The arguments.
    pub(super) with: Json,
}

/// `compliance "NIST 800-53 r5" { … }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ComplianceFile {
    /// Requirement ids.
    pub(super) ids: Vec<String>,
    /// Where the mapping is recorded.
    pub(super) source: String,
}

/// `rollback { … }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RollbackFile {
    /// What reverting the commit and applying restores.
    pub(super) restores: String,
    /// What it does not restore.
    #[serde(default)]
    pub(super) does_not_restore: String,
}

/// Attributes that every remedy may have.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RemedyFile {
    /// Terraform types it serves.
    pub(super) types: Vec<String>,
    /// Sentences for the reviewer.
    #[serde(default)]
    pub(super) warnings: Vec<String>,
    /// Refuse where code or a label says that it is meant to be public.
    #[serde(default)]
    pub(super) respect_intended_public: bool,
    /// `companion`: its type.
    pub(super) resource: Option<String>,
    /// `companion`: its attribute that names the subject.
    pub(super) link: Option<String>,
    /// `companion`: the subject's attribute that the link refers to (`id`).
    pub(super) to: Option<String>,
    /// `drop-elements`: path of the list.
    pub(super) path: Option<String>,
    /// `drop-elements`: what must not be in it.
    pub(super) elements: Option<Vec<Json>>,
    /// `ingress`: ports that must not be open to everybody.
    pub(super) ports: Option<Vec<u16>>,
    /// `policy-statement`: `Sid` of the statement that is written.
    pub(super) sid: Option<String>,
    /// `grant`: members that must not be granted anything.
    pub(super) members: Option<Vec<String>>,
    /// `advice`: Markdown.
    pub(super) text: Option<String>,
}

/// `setting "path" { … }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingFile {
    /// What is written.
    pub(super) value: Json,
    /// Other safe values.
    #[serde(default)]
    pub(super) accept: Vec<Json>,
    /// Anything written is safe, except null, empty and `except`.
    #[serde(default)]
    pub(super) accept_anything: bool,
    /// Values that `accept_anything` leaves out.
    #[serde(default)]
    pub(super) except: Vec<Json>,
    /// Numbers from here on are safe.
    pub(super) at_least: Option<f64>,
    /// Numbers up to here (without zero) are safe.
    pub(super) at_most: Option<f64>,
    /// Parameter that replaces `value`.
    pub(super) parameter: Option<String>,
    /// `"safe"`, `"unsafe"`, `"unknown"`, or by generation `{ default = "unknown", "< 4" = "unsafe" }`.
    pub(super) absent: AbsenceFile,
    /// A sentence for the reviewer when it is changed.
    pub(super) warning: Option<String>,
    /// Provider generations that have it: `">= 4"`; an unknown generation counts as the newest.
    pub(super) provider: Option<String>,
    /// First provider version that has it, `"2.55.0"`: a root that is pinned below it is refused.
    pub(super) since: Option<String>,
    /// Written only together with a nested block that has to be made; never judged.
    #[serde(default)]
    pub(super) only_in_new_block: bool,
    /// Attributes that must not be written beside it: the provider refuses the two together.
    #[serde(default)]
    pub(super) conflicts_with: Vec<String>,
}

/// What absence means, for all generations or by generation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum AbsenceFile {
    /// For all.
    Always(Absence),
    /// By generation: `default`, and ranges of the provider's major version.
    By(BTreeMap<String, Absence>),
}

/// The test part of `safe_when "path" { … }` and `require "path" { … }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConditionFile {
    /// One of these values is written.
    pub(super) one_of: Option<Vec<Json>>,
    /// With `one_of`: nothing written counts as well.
    #[serde(default)]
    pub(super) or_absent: bool,
    /// Something (`true`) or nothing (`false`) is written.
    pub(super) present: Option<bool>,
    /// `require`: what is in the way otherwise.
    pub(super) message: Option<String>,
    /// `require`: what a human can do then.
    pub(super) next: Option<String>,
}

/// `evidence "fact" { … }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EvidenceFile {
    /// The number that the fact must reach.
    pub(super) at_least: f64,
    /// Parameter (or argument of a control) that replaces it.
    pub(super) parameter: Option<String>,
    /// Refusal kind.
    pub(super) refusal: String,
    /// What is in the way otherwise.
    pub(super) message: String,
    /// What a human can do then.
    pub(super) next: String,
}

/// `inline { … }` of a companion.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InlineFile {
    /// Generations for which a new setting is written inline: `"< 4"`.
    pub(super) provider: String,
    /// The subject's nested block or attribute that holds it.
    pub(super) block: String,
}

/// `on { … }` of a `set`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OnFile {
    /// Type of the block that has the settings.
    pub(super) resource: String,
    /// Its attribute that names the subject.
    pub(super) link: String,
    /// The subject's attribute that the link refers to.
    pub(super) to: String,
    /// What is in the way when there is none.
    pub(super) missing: String,
    /// What a human can do then.
    pub(super) next: String,
}
