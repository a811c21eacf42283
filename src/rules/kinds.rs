//! The kinds of remedy that a rule file may name, as typed values.
//!
//! A kind is data only. What it means on code (predicate and edit) lives in the file of the same name in
//! [`crate::remedy`]; how it is written in a rule file, in [`super::language`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::generation::{ByGeneration, Generations};
use crate::refusal::RefusalKind;
use crate::terraform::registry::Version;

/// What a rule does about a resource of certain Terraform types.
#[derive(Debug, Clone, PartialEq)]
pub struct RemedyFor {
    /// Terraform types it serves.
    pub types: Vec<String>,
    /// What to do.
    pub remedy: Remedy,
    /// Sentences for the reviewer of every change by this remedy.
    pub warnings: Vec<String>,
    /// Refuse with `intended-public` when code or a label says that the resource is meant to be public.
    pub respect_intended_public: bool,
}

/// The kinds.
#[derive(Debug, Clone, PartialEq)]
pub enum Remedy {
    /// Settings (attributes, also of nested blocks) in the resource's own block.
    Set(Settings),
    /// Another resource that must stand beside it, or the same settings inline in older provider generations.
    Companion(Companion),
    /// Elements that must not be in a list attribute.
    DropElements(DropElements),
    /// Nobody from everywhere on certain ports of a security group.
    Ingress(Ingress),
    /// A statement that a bucket's policy must have.
    PolicyStatement(PolicyStatement),
    /// Members that must not be granted anything on a storage bucket.
    Grant(Grant),
    /// No edit: what a human would do.
    Advice {
        /// Markdown.
        text: String,
    },
}

impl Remedy {
    /// The kind's name in a rule file.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Set(_) => "set",
            Self::Companion(_) => "companion",
            Self::DropElements(_) => "drop-elements",
            Self::Ingress(_) => "ingress",
            Self::PolicyStatement(_) => "policy-statement",
            Self::Grant(_) => "grant",
            Self::Advice { .. } => "advice",
        }
    }
}

/// `remedy "set"`: every setting must be at a safe value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// The settings, in the order in which they are written.
    pub settings: Vec<Setting>,
    /// Any of these makes the resource safe by other means.
    pub safe_when: Vec<Condition>,
    /// All of these must hold, else the fix is refused.
    pub require: Vec<Requirement>,
    /// Evidence that the finding itself must carry.
    pub evidence: Vec<EvidenceNeeded>,
    /// The settings are those of another block that refers to the subject.
    pub on: Option<On>,
}

/// `on { … }`: the block that has the settings, when a finding names its owner.
#[derive(Debug, Clone, PartialEq)]
pub struct On {
    /// Its type.
    pub resource: String,
    /// Its attribute that names the subject.
    pub link: String,
    /// The subject's attribute that the link refers to.
    pub to: String,
    /// What is in the way when there is none.
    pub missing: String,
    /// What a human can do then.
    pub next: String,
}

/// One setting and what makes it safe.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Nested block types and the attribute's name: `["metadata_options", "http_tokens"]`.
    pub path: Vec<String>,
    /// What is written.
    pub value: serde_json::Value,
    /// What counts as safe besides `value`.
    pub accept: Accept,
    /// Parameter of the configuration that replaces `value`.
    pub parameter: Option<String>,
    /// What it means that nothing is written.
    pub absent: ByGeneration<Absence>,
    /// A sentence for the reviewer when this setting is changed.
    pub warning: Option<String>,
    /// Provider generations that have the setting; an unknown generation counts as the newest.
    pub provider: Option<Generations>,
    /// The first version of the provider that has the setting, where an older one may still be in use.
    pub since: Option<Version>,
    /// Written only together with a nested block that has to be made; never judged.
    pub only_in_new_block: bool,
    /// Attributes that must not be written beside it: the provider refuses the two together.
    pub conflicts_with: Vec<String>,
}

/// Values that are as safe as the rule's own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Accept {
    /// These values too.
    pub values: Vec<serde_json::Value>,
    /// Anything that is written and neither null, empty nor one of `except`.
    pub anything: bool,
    /// See `anything`.
    pub except: Vec<serde_json::Value>,
    /// Numbers from here on.
    pub at_least: Option<f64>,
    /// Numbers up to here, without zero.
    pub at_most: Option<f64>,
}

/// What absence means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Absence {
    /// The provider's default is safe.
    Safe,
    /// The provider's default is unsafe.
    Unsafe,
    /// The account or the service decides: the finding is believed, `check` says nothing.
    Unknown,
}

/// A test of one path.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Nested block types and the attribute's name, or a nested block's type alone.
    pub path: Vec<String>,
    /// The test.
    pub test: Test,
}

/// How a path is tested.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// One of these values is written; the flag says whether nothing written counts as well.
    OneOf(Vec<serde_json::Value>, bool),
    /// Something other than null, empty text or an empty list is written.
    Present,
    /// Nothing, or null, is written.
    Absent,
}

/// A condition without which the fix is refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    /// What must hold.
    pub condition: Condition,
    /// What is in the way otherwise.
    pub message: String,
    /// What a human can do then.
    pub next: String,
}

/// A fact that the finding has to carry.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceNeeded {
    /// Key in [`crate::finding::Finding::facts`].
    pub fact: String,
    /// The number it must reach at least.
    pub at_least: f64,
    /// Parameter (also argument of a control) that replaces `at_least`.
    pub parameter: Option<String>,
    /// How the refusal is called.
    pub refusal: RefusalKind,
    /// What is in the way otherwise.
    pub message: String,
    /// What a human can do then.
    pub next: String,
}

/// `remedy "companion"`: a resource that must stand beside the subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Companion {
    /// Its type.
    pub resource: String,
    /// Its attribute that names the subject.
    pub link: String,
    /// The subject's attribute that the link refers to.
    pub to: String,
    /// Its settings.
    pub settings: Vec<Setting>,
    /// The same as arguments of the subject itself.
    pub inline: Option<Inline>,
}

/// The form in which older provider generations (or older code) write a companion.
#[derive(Debug, Clone, PartialEq)]
pub struct Inline {
    /// Generations for which a *new* setting is written inline.
    pub provider: Generations,
    /// Nested block (or attribute) of the subject that holds it.
    pub block: String,
    /// The settings.
    pub settings: Vec<Setting>,
}

/// `remedy "drop-elements"`: elements that must not be in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct DropElements {
    /// Path of the list attribute.
    pub path: Vec<String>,
    /// Elements to drop.
    pub elements: Vec<serde_json::Value>,
}

/// `remedy "ingress"`: nobody from everywhere on these ports.
///
/// A control may narrow it: `with = { ports = [22], protocols = ["tcp", "udp"], families = ["ipv4"] }`. The parameter
/// `approved_cidrs` replaces what is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingress {
    /// Ports that must not be open to everybody.
    pub ports: Vec<u16>,
}

/// `remedy "policy-statement"`: a statement that the bucket's policy must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyStatement {
    /// `Sid` of the statement that is written.
    pub sid: String,
}

/// `remedy "grant"`: members that must not be granted anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// `allUsers`, `allAuthenticatedUsers`.
    pub members: Vec<String>,
}
