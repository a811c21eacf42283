//! Addresses of resources: in code (without instance keys) and of instances (with keys).

use serde::{Deserialize, Serialize};

/// `[0]` or `["eu"]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum InstanceKey {
    /// `count`.
    Index(u64),
    /// `for_each`.
    Name(String),
}

/// One `module.name[key]` step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ModuleStep {
    /// The call's label.
    pub name: String,
    /// The instance of the call, when it has `count` or `for_each`.
    pub key: Option<InstanceKey>,
}

/// The address of one resource instance inside a root module: `module.logs["a"].aws_s3_bucket.this["eu"]`.
/// `Display` and `FromStr` are Terraform's own notation (escapes included); data sources carry `data.`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address {
    /// Outermost first.
    pub modules: Vec<ModuleStep>,
    /// `data.` sources.
    pub data: bool,
    /// `aws_s3_bucket`.
    pub kind: String,
    /// The block's second label.
    pub name: String,
    /// `count`/`for_each` key.
    pub key: Option<InstanceKey>,
}

/// The address of a block in code, inside a root: like [`Address`] without any instance key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BlockAddress {
    /// Module call labels, outermost first.
    pub modules: Vec<String>,
    /// `data.` sources.
    pub data: bool,
    /// Resource type.
    pub kind: String,
    /// Resource name.
    pub name: String,
}
