//! What names mean where an expression stands.

use std::sync::Arc;

use super::{Origin, OriginPlace, Value};
use crate::terraform::address::InstanceKey;
use crate::terraform::source::{SourceFile, Span};

/// A module instance: a node of the module tree with the keys of the calls that lead to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ModuleInstance {
    /// Index into the tree's nodes.
    pub(crate) node: usize,
    /// One entry for each call, outermost first; `None` = the call has no key, or it is not known.
    pub(crate) keys: Vec<Option<InstanceKey>>,
}

/// How `each` and `count` are bound.
#[derive(Debug, Clone, Default)]
pub(crate) enum Repetition {
    /// The block has neither, or the key is not known.
    #[default]
    Unbound,
    /// `count.index`.
    Count(u64),
    /// `each.key` and `each.value`.
    Each {
        /// The key.
        key: String,
        /// The value, which may be unknown.
        value: Arc<Value>,
    },
}

/// A name bound by a `for` expression or a `dynamic` block.
#[derive(Debug)]
pub(crate) struct Bound {
    name: String,
    value: Value,
    outer: Option<Arc<Self>>,
}

/// The scope of an expression.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    /// The module instance; `None` in tfvars files, where no name means anything.
    pub(crate) module: Option<Arc<ModuleInstance>>,
    /// `each`/`count`.
    pub(crate) repetition: Repetition,
    /// Names bound locally, the innermost first.
    pub(crate) bound: Option<Arc<Bound>>,
    /// The file in which the expression stands.
    pub(crate) file: &'a SourceFile,
    /// The kind of place in which it stands.
    pub(crate) place: OriginPlace,
    /// Keep references to attributes of resources even where the attribute is configured.
    pub(crate) keep_references: bool,
}

impl<'a> Scope<'a> {
    /// A scope in which no name means anything.
    pub(crate) fn literal(file: &'a SourceFile, place: OriginPlace) -> Self {
        Self {
            module: None,
            repetition: Repetition::Unbound,
            bound: None,
            file,
            place,
            keep_references: false,
        }
    }

    /// The scope of a module's own expressions (locals, outputs, resources without keys).
    pub(crate) fn of_module(
        module: Arc<ModuleInstance>,
        file: &'a SourceFile,
        place: OriginPlace,
    ) -> Self {
        Self {
            module: Some(module),
            ..Self::literal(file, place)
        }
    }

    /// With the elements of a literal that stands here.
    pub(crate) fn element(&self) -> Self {
        Self {
            place: self.place.element(),
            ..self.clone()
        }
    }

    /// With one more bound name.
    pub(crate) fn binding(&self, name: &str, value: Value) -> Self {
        let mut scope = self.clone();
        scope.bound = Some(Arc::new(Bound {
            name: name.to_owned(),
            value,
            outer: scope.bound.take(),
        }));
        scope
    }

    /// A locally bound name.
    pub(crate) fn lookup(&self, name: &str) -> Option<&Value> {
        let mut next = self.bound.as_deref();
        while let Some(bound) = next {
            if bound.name == name {
                return Some(&bound.value);
            }
            next = bound.outer.as_deref();
        }
        None
    }

    /// The origin of an expression that stands in this scope.
    pub(crate) fn origin(&self, span: Option<Span>) -> Origin {
        Origin {
            file: self.file.path().clone(),
            span: span.and_then(|s| self.file.written(s)).unwrap_or_default(),
            place: self.place.clone(),
        }
    }
}
