//! Modules, roots, calls and instances: the configuration as Terraform would see it.
//!
//! A directory with `.tf` files is a [`Module`]; one that no local call refers to, or that has a backend,
//! tfvars, a lock file or a state beside it, is a [`RootModule`]. [`Configuration`] indexes an [`Estate`] and
//! answers: which blocks of type T exist, at which addresses, with which instances, and what is the value of an
//! attribute for an instance.

mod configuration;
mod around;
mod called;
mod declaration;
mod discover;
mod edited;
mod environment;
mod given;
mod held;
mod influence;
mod instances;
mod kinds;
mod link;
mod named;
mod provider;
mod reached;
mod roots;
pub(crate) mod terragrunt;
mod slots;
mod tfvars;
mod tree;
mod unread;
mod words;

use std::sync::{Arc, Mutex};

use hcl_edit::structure::Block;
use rustc_hash::FxHashMap;

pub use environment::{RootSettings, Run, StateAtHand};
pub use held::{Dynamic, Nested};
pub use influence::Influenced;
pub use instances::IgnoredChanges;
pub(crate) use instances::ignored;
pub use link::{Certainty, Companion};
pub use provider::{MajorRange, ProviderVersion};

pub(crate) use declaration::Declared;
pub(crate) use tree::Child;

use environment::Environments;
use given::Given;
use kinds::Kinds;
use slots::Slots;
use tree::Tree;

use super::address::{Address, BlockAddress};
use super::estate::Estate;
use super::source::{ParseProblem, RepoPath, SourceFile, Span};
use super::value::{MemoKey, Unknown, Value};

/// A resource or data block of a module.
#[derive(Clone, Copy)]
pub struct Resource<'a> {
    /// `data` instead of `resource`.
    pub data: bool,
    /// `aws_s3_bucket`.
    pub kind: &'a str,
    /// Second label.
    pub name: &'a str,
    /// The file it stands in.
    pub file: &'a SourceFile,
    /// The parsed block (with spans).
    pub block: &'a Block,
}

/// One place in the configuration: a resource block as seen from one root through a chain of module calls.
#[derive(Clone)]
pub struct Occurrence<'a> {
    /// Directory of the root module.
    pub root: RepoPath,
    /// Directory of the module that holds the block.
    pub module: RepoPath,
    /// Address inside the root, without keys.
    pub address: BlockAddress,
    /// The block.
    pub resource: Resource<'a>,
    /// Whether the block may be edited: HCL (not `.tf.json`) that was not installed by Terraform.
    pub editable: bool,
    /// Blocks of override files that change this one, in the order of merging; what they set wins.
    pub overrides: Vec<(&'a SourceFile, &'a Block)>,
    node: usize,
    index: usize,
}

/// The instances an occurrence has.
#[derive(Debug, Clone, PartialEq)]
pub struct Instances {
    /// Those whose keys are known, in order.
    pub known: Vec<Address>,
    /// Set when `count`/`for_each` (of the block or of a module call on the way) is not known: there may be others.
    pub unknown: Option<Unknown>,
}

/// What an attribute (or nested block) path holds for one instance.
#[derive(Debug, Clone, PartialEq)]
pub enum Held {
    /// Nothing is written at that path: the provider's default applies. (A written `null` is a value; see
    /// [`Held::is_absent`].)
    Absent,
    /// A value.
    Value(Value),
    /// A `dynamic` block whose content is not evaluated.
    Dynamic(Span),
}

impl Held {
    /// Whether the provider's default applies: nothing is written, or `null`.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Value(value) => value.is_null(),
            Self::Dynamic(_) => false,
        }
    }

    /// The value, if there is one.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Dynamic(_) => None,
        }
    }
}

/// A root module: where `terraform plan` is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootModule {
    /// What it is called, everywhere where a root is named: its directory; with several runs of one directory, the
    /// directory and what tells them apart, `live/app (workspace prod)`.
    pub dir: RepoPath,
    /// The directory in which it is run: that of its code, or of the Terragrunt unit.
    pub home: RepoPath,
    /// The directory with its code.
    pub code: RepoPath,
    /// `terraform.workspace`, where it is known.
    pub workspace: Option<String>,
    /// Variable files that Terraform loads by itself, in order of rising precedence.
    pub tfvars: Vec<RepoPath>,
    /// Variable files that are known to be given with `-var-file`, in order of rising precedence.
    pub var_files: Vec<RepoPath>,
    /// Variable files that somebody may give by hand (`-var-file`), each a set of its own. Without a choice (see
    /// [`RootSettings`]) a variable that they set differently is not known.
    pub var_file_sets: Vec<RepoPath>,
}

/// A module call on the way to an occurrence or in a module.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Its label.
    pub name: &'a str,
    /// The file it stands in.
    pub file: &'a SourceFile,
    /// The `module` block.
    pub block: &'a Block,
    /// `source`, when it is plain text.
    pub source: Option<&'a str>,
}

/// A call of a module whose code is not in the estate.
#[derive(Clone)]
pub struct ExternalCall<'a> {
    /// Directory of the root.
    pub root: RepoPath,
    /// Labels of the calls from the root, this one last.
    pub path: Vec<String>,
    /// The call.
    pub call: Call<'a>,
    /// `version`, when it is plain text.
    pub version: Option<&'a str>,
}

/// Index over an estate.
pub struct Configuration<'a> {
    estate: &'a Estate,
    problems: Arc<Vec<ParseProblem>>,
    settings: Arc<RootSettings>,
    environments: Arc<Environments>,
    modules: Slots<'a>,
    tree: Arc<Tree>,
    roots: Arc<Vec<RootModule>>,
    variables: Given<'a>,
    kinds: Kinds,
    memo: Mutex<FxHashMap<MemoKey, Arc<Value>>>,
    /// What was recorded of single resources, by node and number.
    influence: Mutex<FxHashMap<(usize, usize), Arc<influence::Recorded>>>,
    named: named::Named,
    lately: edited::Lately,
    versions: provider::Versions,
}
