//! Partial evaluation with provenance.

use std::collections::BTreeMap;

use super::address::Address;
use super::source::{RepoPath, Span};

/// Where a (part of a) value is written: the literal or expression whose text decides it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file.
    pub file: RepoPath,
    /// The expression's span in it.
    pub span: Span,
    /// What kind of place that is.
    pub place: OriginPlace,
}

/// What kind of place decides a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OriginPlace {
    /// Written in the resource block itself (or a nested block of it).
    Block,
    /// `locals { name = … }`.
    Local(String),
    /// `variable "name" { default = … }`.
    VariableDefault(String),
    /// An entry of a tfvars file.
    Tfvars(String),
    /// An argument of a `module` block.
    ModuleArgument(String),
    /// An element or attribute inside a larger literal at one of the places above.
    Element(Box<OriginPlace>),
}

/// Why a value is not known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// A variable without default and without a value in any tfvars file.
    UnsetVariable(String),
    /// Read from a data source (the address is given), remote state included.
    Data(String),
    /// An output of a module whose source is not in this repository.
    ExternalModule(String),
    /// An attribute that only the provider knows after apply.
    Computed(String),
    /// A function or expression form that is not evaluated.
    Unsupported(String),
    /// `each`/`count`/`self`/`path`/`terraform` in a scope that does not bind it.
    Unbound(String),
    /// A cycle, or deeper than the limit.
    TooDeep(String),
    /// An error: the expression cannot be evaluated at all.
    Invalid(String),
}

/// A piece of a [`Kind::Pattern`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// Known text.
    Text(String),
    /// A hole: any text; why it is not known.
    Hole(Unknown),
}

/// A reference to (an attribute of) a resource or data source of the same module instance tree.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The referenced object; its key is `None` when the whole resource or an unknown instance is meant.
    pub address: Address,
    /// The attribute path behind it, e.g. `["id"]`; empty for the whole object.
    pub path: Vec<String>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`, also an absent optional.
    Null,
    /// `true`/`false`.
    Bool(bool),
    /// A number (Terraform numbers are decimal; f64 suffices for settings).
    Number(f64),
    /// Text.
    String(String),
    /// List, set or tuple; elements may be unknown.
    List(Vec<Value>),
    /// Map or object; values may be unknown.
    Object(BTreeMap<String, Value>),
    /// Text with holes.
    Pattern(Vec<Part>),
    /// An attribute of a resource in this configuration.
    Ref(Reference),
    /// Not known, and why.
    Unknown(Unknown),
}

/// A partially evaluated value.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// The places whose text decides it, the innermost (where an edit would go) first. Composite values carry
    /// their own places per element.
    pub decided_by: Vec<Origin>,
    /// Marked sensitive somewhere on the way: never quoted in a pull request.
    pub sensitive: bool,
}
