//! Terraform state as an index: cloud id ⇄ instance address.
//!
//! A state is read once and only what identifies an object is kept: ids, ARNs, names. Nothing else of it is ever
//! copied out of the file's bytes, so no password, key or certificate of a state can reach a log or a pull request
//! (invariant 11), and an attribute that the provider marked sensitive is dropped even when it is a name.

mod attributes;
pub mod backend;
mod fit;
mod index;
mod lineage;
mod postings;
mod read;
mod roots;
#[cfg(test)]
mod tests;

pub use fit::Code;
pub use index::{StateHit, StateIndex};
pub use roots::{Root, RootChoice};

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::source::RepoPath;

/// One managed object of a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateResource {
    /// Its instance address.
    pub address: Address,
    /// `attributes.arn`, or another attribute that is an ARN of the object itself.
    pub arn: Option<String>,
    /// `attributes.id`.
    pub id: Option<String>,
    /// Further identifying attributes (bucket, name, self_link …).
    pub names: Vec<String>,
    /// The object it is a part of, as its attribute names it: the bucket of a bucket policy, the group of a rule.
    pub owner: Option<String>,
    /// `account` and `region` where the state tells (from the ARN or attributes).
    pub account: Option<String>,
    /// See `account`.
    pub region: Option<String>,
    /// Alias of the provider configuration it was made with; `None` for the default one and where the file does not
    /// say (`terraform show -json`).
    pub provider_alias: Option<String>,
    /// Objects that it made beside itself: the default security group of a VPC, the root volume of an instance.
    pub made: Vec<Made>,
}

/// An object that another one made beside itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The attribute that names it: `default_security_group_id`, `root_block_device.volume_id`.
    pub attribute: Cow<'static, str>,
    /// The Terraform type that would manage it.
    pub kind: Cow<'static, str>,
    /// Its id or ARN.
    pub id: String,
}

/// One state file (tfstate v4 or `terraform show -json`), read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// What the user called it (path or URL), for messages.
    pub name: String,
    /// The root it belongs to: the directory beside which it was found, or as matched by addresses; `None` = to be matched.
    pub root: Option<RepoPath>,
    /// The workspace it is of, where the name or whoever read it tells; `None` = the default one, or not known.
    pub workspace: Option<String>,
    /// Managed objects (data sources are left out).
    pub resources: Vec<StateResource>,
    /// Identity of the state through its versions, where the file has one.
    pub lineage: Option<String>,
    /// Version of the state inside its lineage.
    pub serial: u64,
    /// Resources that could not be read, each with the reason; they are not in `resources`.
    pub problems: Vec<String>,
    /// Hashes of every text under which an object may be asked for, with the number of the object.
    pub(super) keys: Vec<(u64, u32)>,
}

/// Why a file is not a state that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Not JSON, or cut off.
    #[error(
        "{name}: this state cannot be read: {message}; fetch it again with `terraform state pull`"
    )]
    NotJson {
        /// The file.
        name: String,
        /// What the reader said, with line and column.
        message: String,
    },
    /// JSON, but not a state.
    #[error(
        "{name}: this is not a Terraform state: {found}; expected the output of `terraform state pull` or `terraform show -json`"
    )]
    NotState {
        /// The file.
        name: String,
        /// What it looks like.
        found: String,
    },
    /// A version that is not read.
    #[error(
        "{name}: state version {version} is not supported (only 4); run a current `terraform apply -refresh-only` or pass the output of `terraform show -json`"
    )]
    Version {
        /// The file.
        name: String,
        /// Its version.
        version: u64,
    },
    /// `.terraform/terraform.tfstate`: the record of a backend.
    #[error(
        "{name}: this is Terraform's local record of the `{backend}` backend, not a state; fetch the state with `terraform state pull`"
    )]
    BackendRecord {
        /// The file.
        name: String,
        /// Backend type.
        backend: String,
    },
    /// OpenTofu state encryption.
    #[error("{name}: this state is encrypted; pass the output of `tofu show -json` instead")]
    Encrypted {
        /// The file.
        name: String,
    },
}

impl State {
    /// Reads a state file: tfstate version 4, `terraform show -json` of a state, or of a plan (its prior state).
    /// `root` is the directory of the root module where it is known (the file stands beside it).
    ///
    /// # Errors
    /// See [`StateError`]; each names the file and the next step.
    pub fn read(name: &str, bytes: &[u8], root: Option<RepoPath>) -> Result<Self, StateError> {
        let mut state = read::state(name, bytes, root)?;
        state.keys = index::keys(&state.resources);
        Ok(state)
    }

    /// The directory beside which a state file stands: its own, or for a workspace's state
    /// (`terraform.tfstate.d/<workspace>/…`) the one that holds that folder.
    #[must_use]
    pub fn beside(path: &RepoPath) -> RepoPath {
        let dir = path.parent();
        let mut before = Vec::new();
        for part in dir.as_str().split('/') {
            if part == "terraform.tfstate.d" {
                return RepoPath::new(&before.join("/")).unwrap_or(dir);
            }
            before.push(part);
        }
        dir
    }

    /// The workspace that the name of a state tells: `terraform.tfstate.d/<workspace>/…` of the local backend,
    /// `env:/<workspace>/<key>` of the S3 backend.
    #[must_use]
    pub fn workspace_in(name: &str) -> Option<String> {
        let name = name.replace('\\', "/");
        let mut parts = name.split('/');
        while let Some(part) = parts.next() {
            if matches!(part, "terraform.tfstate.d" | "env:") {
                let workspace = parts.next()?;
                // The last part is the state's own name.
                parts.next()?;
                return (!workspace.is_empty()).then(|| workspace.to_owned());
            }
        }
        None
    }

    /// Whether any managed object is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }
}
