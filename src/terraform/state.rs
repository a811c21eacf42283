//! Terraform state as an index: cloud id ⇄ instance address.

use super::address::Address;
use super::source::RepoPath;

/// One managed object of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateResource {
    /// Its instance address.
    pub address: Address,
    /// `attributes.arn`, or another attribute that is an ARN of the object itself.
    pub arn: Option<String>,
    /// `attributes.id`.
    pub id: Option<String>,
    /// Further identifying attributes (bucket, name, self_link …).
    pub names: Vec<String>,
    /// `account` and `region` where the state tells (from the ARN or attributes).
    pub account: Option<String>,
    /// See `account`.
    pub region: Option<String>,
}

/// One state file (tfstate v4 or `terraform show -json`), read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// What the user called it (path or URL), for messages.
    pub name: String,
    /// The root it belongs to: the directory beside which it was found, or as matched by addresses; `None` = to be matched.
    pub root: Option<RepoPath>,
    /// Managed objects (data sources are left out).
    pub resources: Vec<StateResource>,
}
