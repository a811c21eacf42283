//! Partial evaluation with provenance.
//!
//! A [`Value`] is what an expression gives as far as the code alone tells, together with the places whose text
//! decides it. The half of invariant 4 that says *where a value is decided* lives here. The one thing that must
//! never happen is a wrong known value: whatever is not certain is [`Kind::Unknown`] with its reason.

mod argument;
mod convert;
mod dependency;
mod evaluate;
mod function;
mod inputs;
mod operate;
mod refer;
mod scope;
mod set;
mod shared;
mod supplied;
mod template;
mod ty;
mod types;
mod variable;
mod walk;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use dependency::Dependencies;
pub use shared::Shared;

pub(crate) use convert::decimal;
pub(crate) use evaluate::{Evaluator, MemoKey, entries};
pub(crate) use operate::equal;
pub(crate) use scope::{ModuleInstance, Repetition, Scope};
pub(crate) use walk::content;

use super::address::Address;
use super::source::{RepoPath, Span};

/// Where a (part of a) value is written: the literal or expression whose text decides it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file.
    pub file: RepoPath,
    /// The expression's span in it. Empty (`0..0`) in files that have no spans of their own (`.tf.json`).
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
    /// A value given from outside of the repository (`-var`, `TF_VAR_`), as the configuration says; it has no file.
    Supplied(String),
    /// An argument of a `module` block.
    ModuleArgument(String),
    /// The value of an `output` block.
    Output(String),
    /// A JSON or YAML file that the code decodes (see [`crate::terraform::data`]).
    DataFile,
    /// An element or attribute inside a larger literal at one of the places above.
    Element(Box<OriginPlace>),
}

impl OriginPlace {
    /// The place without [`OriginPlace::Element`] around it.
    #[must_use]
    pub fn base(&self) -> &Self {
        match self {
            Self::Element(inner) => inner.base(),
            other => other,
        }
    }

    /// The place of something inside a literal that stands here.
    #[must_use]
    pub fn element(&self) -> Self {
        match self {
            Self::Element(_) => self.clone(),
            other => Self::Element(Box::new(other.clone())),
        }
    }
}

/// Why a value is not known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// A variable without default and without a value in any tfvars file.
    UnsetVariable(String),
    /// A variable to which the variable files of the root (`-var-file`) give different values: those files.
    Varies(String, Vec<RepoPath>),
    /// A variable that is set from outside of the repository, as the configuration says, to a value that is not told.
    SetOutside(String),
    /// `terraform.workspace` of a root of which nobody says in which workspaces it is run.
    Workspace,
    /// Read from a data source (the reference is given, e.g. `data.aws_caller_identity.current.account_id`),
    /// remote state included.
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

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnsetVariable(name) => write!(f, "variable `{name}` has no value in the code"),
            Self::Varies(name, sets) => {
                write!(
                    f,
                    "variable `{name}` has different values in the variable files of the root"
                )?;
                for (i, set) in sets.iter().enumerate() {
                    f.write_str(if i == 0 { " (" } else { ", " })?;
                    write!(f, "{set}")?;
                }
                f.write_str(if sets.is_empty() { "" } else { ")" })
            }
            Self::SetOutside(name) => {
                write!(f, "variable `{name}` is set from outside of the repository")
            }
            Self::Workspace => {
                f.write_str("`terraform.workspace` is not known: nobody says in which workspaces this root is run")
            }
            Self::Data(what) => write!(f, "`{what}` is read from a data source"),
            Self::ExternalModule(what) => {
                write!(f, "`{what}` comes from a module outside of this repository")
            }
            Self::Computed(what) => write!(f, "`{what}` is only known after apply"),
            Self::Unsupported(what) => write!(f, "{what} is not evaluated"),
            Self::Unbound(what) => write!(f, "`{what}` is not bound here"),
            Self::TooDeep(what) => write!(f, "{what} refers to itself or is nested too deeply"),
            Self::Invalid(what) => write!(f, "invalid expression: {what}"),
        }
    }
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
    List(Shared<Vec<Value>>),
    /// Map or object; values may be unknown.
    Object(Shared<BTreeMap<String, Value>>),
    /// Text with holes.
    Pattern(Vec<Part>),
    /// An attribute of a resource in this configuration.
    Ref(Box<Reference>),
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
    /// The expressions through which it came, the innermost first; the last is the one in the block itself. Replacing
    /// one of these by a literal changes only what passes through it: the narrower places for an edit.
    pub via: Vec<Origin>,
    /// Places that do not give the value but help to choose it (conditions, filters, keys): changing them may
    /// change the value too.
    pub depends_on: Dependencies,
    /// Marked sensitive somewhere on the way: never quoted in a pull request.
    pub sensitive: bool,
    /// A set (its elements have no index); only meaningful for [`Kind::List`].
    pub set: bool,
    /// Terraform's type, where the content does not show it: of lists, sets and maps (without one they are tuples and
    /// objects), of nulls and of what is not known.
    pub(crate) ty: Option<Arc<ty::Ty>>,
    /// What is certain of a collection that is not known as a whole.
    pub(crate) certain: Option<Arc<walk::Certain>>,
}

impl Value {
    /// A value that no place decides (yet).
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            decided_by: Vec::new(),
            via: Vec::new(),
            depends_on: Dependencies::default(),
            sensitive: false,
            set: false,
            ty: None,
            certain: None,
        }
    }

    /// A value that is not known.
    #[must_use]
    pub fn unknown(why: Unknown) -> Self {
        Self::new(Kind::Unknown(why))
    }

    /// Whether it is known completely, elements included. References and patterns are not known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        match &self.kind {
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => true,
            Kind::List(items) => items.iter().all(Self::is_known),
            Kind::Object(map) => map.values().all(Self::is_known),
            Kind::Pattern(_) | Kind::Ref(_) | Kind::Unknown(_) => false,
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.kind == Kind::Null
    }

    /// The boolean, also from the strings `"true"`/`"false"`, as Terraform converts.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Bool(b) => Some(*b),
            Kind::String(s) => convert::bool_of(s),
            _ => None,
        }
    }

    /// The number, also from a string, as Terraform converts.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match &self.kind {
            Kind::Number(n) => Some(*n),
            Kind::String(s) => convert::number_of(s),
            _ => None,
        }
    }

    /// The text of a string (no conversion).
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(s) => Some(s),
            _ => None,
        }
    }

    /// The text that Terraform would make of a known string, number or boolean.
    #[must_use]
    pub fn as_text(&self) -> Option<String> {
        convert::text_of(&self.kind)
    }

    /// The elements of a list, set or tuple.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a map or object.
    #[must_use]
    pub fn as_object(&self) -> Option<&BTreeMap<String, Self>> {
        match &self.kind {
            Kind::Object(map) => Some(map),
            _ => None,
        }
    }

    /// Why it is not known: its own reason, or that of the first part or element that is not known.
    #[must_use]
    pub fn why_unknown(&self) -> Option<Unknown> {
        match &self.kind {
            Kind::Unknown(why) => Some(why.clone()),
            Kind::Pattern(parts) => parts.iter().find_map(|p| match p {
                Part::Hole(why) => Some(why.clone()),
                Part::Text(_) => None,
            }),
            Kind::Ref(r) => Some(Unknown::Computed(r.to_string())),
            Kind::List(items) => items.iter().find_map(Self::why_unknown),
            Kind::Object(map) => map.values().find_map(Self::why_unknown),
            _ => None,
        }
    }

    /// Every place that decides it or helps to, elements included: its own first.
    #[must_use]
    pub fn all_origins(&self) -> Vec<&Origin> {
        let mut found = Vec::new();
        self.visit(&mut |value| {
            found.extend(value.decided_by.iter().chain(&value.via));
            found.extend(value.depends_on.origins());
        });
        found
    }

    /// With one more place on the way out.
    pub(crate) fn through(mut self, origin: Origin) -> Self {
        if self.via.last() != Some(&origin) && !self.decided_by.contains(&origin) {
            self.via.push(origin);
        }
        self
    }

    /// Notes that `other` helped to choose or compute this value.
    pub(crate) fn chosen_by(mut self, other: &Self) -> Self {
        self.sensitive |= other.sensitive;
        let own = other.decided_by.iter().chain(&other.via).cloned().collect();
        self.depends_on.add(own, [other.depends_on.clone()]);
        self
    }

    /// As [`Self::chosen_by`], elements of `other` included.
    pub(crate) fn chosen_by_all(self, other: &Self) -> Self {
        self.chosen_by_each([other])
    }

    /// As [`Self::chosen_by_all`] of several.
    pub(crate) fn chosen_by_each<'v>(mut self, others: impl IntoIterator<Item = &'v Self>) -> Self {
        let (mut own, mut from) = (Vec::new(), Vec::new());
        for other in others {
            self.sensitive |= other.sensitive;
            other.visit(&mut |value| {
                own.extend(value.decided_by.iter().chain(&value.via).cloned());
                from.push(value.depends_on.clone());
            });
        }
        self.depends_on.add(own, from);
        self
    }

    /// Visits the value and every element.
    fn visit<'v>(&'v self, visitor: &mut dyn FnMut(&'v Self)) {
        visitor(self);
        match &self.kind {
            Kind::List(items) => items.iter().for_each(|v| v.visit(visitor)),
            Kind::Object(map) => map.values().for_each(|v| v.visit(visitor)),
            _ => {}
        }
    }

    /// A value that the expression at `origin` makes out of others: that expression decides it (an edit replaces it as
    /// a whole), what it is made of helps to.
    pub(crate) fn derived(kind: Kind, origin: Origin, from: &[&Self]) -> Self {
        let mut value = Self::new(kind).chosen_by_each(from.iter().copied());
        value.decided_by = vec![origin];
        value
    }

    /// The type as Terraform writes it in the JSON of a plan (`["list","string"]`); `None` where some of it is not
    /// known. For comparison with Terraform.
    #[must_use]
    pub fn type_text(&self) -> Option<String> {
        ty::Ty::of(self).json()
    }

    /// The same provenance with another content, whose type is what the content shows.
    pub(crate) fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self.ty = None;
        self.certain = None;
        self
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.address)?;
        self.path.iter().try_for_each(|step| write!(f, ".{step}"))
    }
}
