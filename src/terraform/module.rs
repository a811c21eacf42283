//! Modules, roots, calls and instances: the configuration as Terraform would see it.
//!
//! A directory with `.tf` files is a [`Module`]; one that no local call refers to, or that has a backend,
//! a provider block, tfvars, a lock file or a state beside it, is a [`RootModule`]. [`Configuration`] indexes an
//! [`Estate`] and answers: which blocks of type T exist, at which addresses, with which instances, and what is
//! the value of an attribute for an instance.

use std::collections::BTreeMap;

use hcl_edit::structure::Block;

use super::address::{Address, BlockAddress, InstanceKey};
use super::estate::Estate;
use super::source::{ParseProblem, RepoPath, SourceFile, Span};
use super::value::{Unknown, Value};

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
    /// Nothing is written at that path: the provider's default applies.
    Absent,
    /// A value.
    Value(Value),
    /// A `dynamic` block whose content is not evaluated.
    Dynamic(Span),
}

/// A root module: where `terraform plan` is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootModule {
    /// Its directory.
    pub dir: RepoPath,
    /// Variable files that Terraform loads by itself, in order of rising precedence.
    pub tfvars: Vec<RepoPath>,
}

/// Index over an estate.
pub struct Configuration<'a> {
    estate: &'a Estate,
    _todo: BTreeMap<String, InstanceKey>,
}

impl<'a> Configuration<'a> {
    /// Parses and indexes every module of the estate. Files that do not parse are left out and listed in
    /// [`Configuration::problems`].
    #[must_use]
    pub fn new(estate: &'a Estate) -> Self {
        Self {
            estate,
            _todo: BTreeMap::new(),
        }
    }

    /// The estate it indexes.
    #[must_use]
    pub fn estate(&self) -> &'a Estate {
        self.estate
    }

    /// Files that could not be parsed.
    #[must_use]
    pub fn problems(&self) -> &[ParseProblem] {
        todo!()
    }

    /// The root modules, in path order.
    #[must_use]
    pub fn roots(&self) -> &[RootModule] {
        todo!()
    }

    /// Every place where a resource (not data) of this type stands, in order of root, address.
    #[must_use]
    pub fn occurrences(&self, kind: &str) -> Vec<Occurrence<'a>> {
        let _ = kind;
        todo!()
    }

    /// The place of one block address in a root (data sources included).
    #[must_use]
    pub fn occurrence(&self, root: &RepoPath, address: &BlockAddress) -> Option<Occurrence<'a>> {
        let _ = (root, address);
        todo!()
    }

    /// The instances of an occurrence.
    #[must_use]
    pub fn instances(&self, occurrence: &Occurrence<'a>) -> Instances {
        let _ = occurrence;
        todo!()
    }

    /// The value at a path of nested block types and attribute names (`["metadata_options", "http_tokens"]`) of one
    /// instance. With several nested blocks of one type the first counts; use [`Configuration::evaluate`] on the
    /// others. `address` must be an instance of `occurrence` (keys may be missing: then `each`/`count` are unbound).
    #[must_use]
    pub fn held(&self, occurrence: &Occurrence<'a>, address: &Address, path: &[&str]) -> Held {
        let _ = (occurrence, address, path);
        todo!()
    }

    /// Evaluates an expression that stands in the occurrence's block, for one instance.
    #[must_use]
    pub fn evaluate(
        &self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        expression: &hcl_edit::expr::Expression,
    ) -> Value {
        let _ = (occurrence, address, expression);
        todo!()
    }
}
