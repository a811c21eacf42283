//! What an instance holds at a path: attributes, nested blocks, `dynamic` blocks, and expressions in its block.

use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block};

use super::declaration::nested;
use super::{Configuration, Held, Occurrence};
use crate::terraform::address::Address;
use crate::terraform::source::{SourceFile, Span};
use crate::terraform::value::{
    Evaluator, Kind, OriginPlace, Reference, Scope, Unknown, Value, entries,
};

/// One nested block of an instance, as Terraform would see it.
#[derive(Clone)]
pub struct Nested<'a> {
    /// The file.
    pub file: &'a SourceFile,
    /// The block that holds the attributes: the nested block itself, or the `content` of a `dynamic` block.
    pub block: &'a Block,
    /// Span of what is written: the nested block, or the whole `dynamic` block.
    pub span: Span,
    /// How a `dynamic` block makes it; `None` for a plain block.
    pub dynamic: Option<Dynamic>,
    scope: Scope<'a>,
    /// The value of the `dynamic` block's `for_each`.
    repeated_by: Option<Arc<Value>>,
}

impl<'a> Nested<'a> {
    /// The scope of the attributes in it.
    pub(super) fn scope(&self) -> &Scope<'a> {
        &self.scope
    }

    /// The value of the `dynamic` block's `for_each`.
    #[must_use]
    pub fn repeated_by(&self) -> Option<&Value> {
        self.repeated_by.as_deref()
    }

    /// The nested blocks of one type in it.
    pub(super) fn inner(&self, evaluator: &Evaluator<'_, 'a>, name: &str) -> Vec<Self> {
        expand(
            evaluator,
            &self.scope,
            &Level::Inner(self.file, self.block),
            name,
        )
    }
}

/// One block that a `dynamic` block makes.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one a dynamic block; boxes would only make it harder to match"
)]
pub enum Dynamic {
    /// The element of `for_each` for which it is made: key and value.
    Element {
        /// Index or key.
        key: Value,
        /// The element.
        value: Value,
    },
    /// `for_each` is not known: there may be any number of them, none included.
    Unknown(Unknown),
}

/// Where the attributes at some level of an instance are looked up.
enum Level<'c, 'a> {
    Top(&'c super::Declared<'a>),
    Inner(&'a SourceFile, &'a Block),
}

impl<'a> Level<'_, 'a> {
    fn attribute(&self, name: &str) -> Option<(&'a SourceFile, &'a Attribute)> {
        match self {
            Self::Top(declared) => declared.attribute(name),
            Self::Inner(file, block) => block.body.get_attribute(name).map(|a| (*file, a)),
        }
    }

    fn nested(&self, name: &str) -> (&'a SourceFile, Vec<&'a Block>) {
        match self {
            Self::Top(declared) => declared.nested(name),
            Self::Inner(file, block) => (file, nested(block, name)),
        }
    }
}

impl<'a> Configuration<'a> {
    /// The value at a path of nested block types and attribute names (`["metadata_options", "http_tokens"]`) of one
    /// instance. With several nested blocks of one type the first counts; use [`Configuration::nested`] for the
    /// others. A path may go on into a map or object (`["tags", "Name"]`). `address` must be an instance of
    /// `occurrence` (keys may be missing: then `each`/`count` are unbound).
    #[must_use]
    pub fn held(&self, occurrence: &Occurrence<'a>, address: &Address, path: &[&str]) -> Held {
        let Some((evaluator, scope)) = self.scope(occurrence, address, false) else {
            return Held::Value(Value::unknown(Unknown::Invalid(format!(
                "{address} is not in root {:?}",
                occurrence.root.as_str()
            ))));
        };
        let level = Level::Top(self.declared(occurrence));
        held(&evaluator, &scope, &level, path)
    }

    /// The nested blocks of one type at a path of nested block types (`["ingress"]`), with what `dynamic` blocks make
    /// of them, in order. A last entry with [`Dynamic::Unknown`] stands for blocks whose number is not known.
    #[must_use]
    pub fn nested(
        &self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        path: &[&str],
    ) -> Vec<Nested<'a>> {
        let Some((evaluator, scope)) = self.scope(occurrence, address, false) else {
            return Vec::new();
        };
        let Some((first, rest)) = path.split_first() else {
            return Vec::new();
        };
        let declared = self.declared(occurrence);
        let mut found = expand(&evaluator, &scope, &Level::Top(declared), first);
        for name in rest {
            found = found
                .iter()
                .flat_map(|outer| outer.inner(&evaluator, name))
                .collect();
        }
        found
    }

    /// What is held at a path inside of one of the blocks that [`Configuration::nested`] gave.
    #[must_use]
    pub fn held_in(
        &self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        nested: &Nested<'a>,
        path: &[&str],
    ) -> Held {
        let Some((evaluator, _)) = self.scope(occurrence, address, false) else {
            return Held::Absent;
        };
        let scope = &nested.scope;
        held(
            &evaluator,
            scope,
            &Level::Inner(nested.file, nested.block),
            path,
        )
    }

    /// Every value at a path of nested block types and an attribute name, one for each block on the way. Where a value
    /// comes from another resource, it is the reference, also when what stands there is known.
    #[must_use]
    pub fn held_references(
        &self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        path: &[&str],
    ) -> Vec<Value> {
        let mut found = Vec::new();
        if let Some((evaluator, scope)) = self.scope(occurrence, address, true) {
            let level = Level::Top(self.declared(occurrence));
            gather(&evaluator, &scope, &level, path, &mut found);
        }
        found
    }

    /// Evaluates an expression that stands in the occurrence's block, for one instance.
    #[must_use]
    pub fn evaluate(
        &self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        expression: &Expression,
    ) -> Value {
        self.evaluate_with(occurrence, address, expression, false)
    }

    /// The attribute of another resource (or data source) to which an expression comes down, through variables,
    /// locals, `each` and module outputs, also where its value is known.
    #[must_use]
    pub fn reference_of(
        &self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        expression: &Expression,
    ) -> Option<Reference> {
        match self
            .evaluate_with(occurrence, address, expression, true)
            .kind
        {
            Kind::Ref(reference) => Some(*reference),
            _ => None,
        }
    }

    pub(super) fn evaluate_with(
        &self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        expression: &Expression,
        keep_references: bool,
    ) -> Value {
        let Some((evaluator, mut scope)) = self.scope(occurrence, address, keep_references) else {
            return Value::unknown(Unknown::Invalid(format!("{address} is not in this root")));
        };
        scope.file = self.file_of(occurrence, expression);
        evaluator.evaluate(&scope, expression)
    }

    /// The file in which an expression of a block stands: the block's own, or that of an override.
    fn file_of(&self, occurrence: &Occurrence<'a>, expression: &Expression) -> &'a SourceFile {
        struct Finder<'e>(&'e Expression, bool);
        impl hcl_edit::visit::Visit for Finder<'_> {
            fn visit_expr(&mut self, node: &Expression) {
                if std::ptr::eq(node, self.0) {
                    self.1 = true;
                } else if !self.1 {
                    hcl_edit::visit::visit_expr(self, node);
                }
            }
        }
        occurrence
            .overrides
            .iter()
            .find(|(_, block)| {
                let mut finder = Finder(expression, false);
                hcl_edit::visit::visit_block(&mut finder, block);
                finder.1
            })
            .map_or(occurrence.resource.file, |(file, _)| *file)
    }

    /// The scope of an instance's block.
    pub(super) fn scope<'c>(
        &'c self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        keep_references: bool,
    ) -> Option<(Evaluator<'c, 'a>, Scope<'a>)> {
        let root = self.tree.nodes[occurrence.node].root;
        let mut steps = address.modules.clone();
        // An address without its module keys is still in this module when the names agree.
        if steps.len() != self.tree.nodes[occurrence.node].path.len() {
            steps.clear();
        }
        let module = self.instance_of(root, &steps)?;
        if module.node != occurrence.node {
            return None;
        }
        let declared = self.declared(occurrence);
        let evaluator = Evaluator::new(self, root);
        let repetition =
            evaluator.repetition(&module, declared, address.key.as_ref(), keep_references);
        let scope = Scope {
            repetition,
            keep_references,
            ..Scope::of_module(module, declared.file, OriginPlace::Block)
        };
        Some((evaluator, scope))
    }
}

fn held<'a>(
    evaluator: &Evaluator<'_, 'a>,
    scope: &Scope<'a>,
    level: &Level<'_, 'a>,
    path: &[&str],
) -> Held {
    let Some((name, rest)) = path.split_first() else {
        return Held::Absent;
    };
    if let Some((file, attribute)) = level.attribute(name) {
        let scope = Scope {
            file,
            ..scope.clone()
        };
        return inside(evaluator.evaluate(&scope, &attribute.value), rest);
    }
    let blocks = expand(evaluator, scope, level, name);
    let Some(first) = blocks.first() else {
        return Held::Absent;
    };
    if let Some(Dynamic::Unknown(_)) = first.dynamic {
        return Held::Dynamic(first.span.clone());
    }
    if rest.is_empty() {
        // The block itself: there is one.
        let mut value = Value::new(Kind::Object(std::collections::BTreeMap::new().into()));
        value
            .decided_by
            .push(scope.origin(Some(first.span.clone())));
        return Held::Value(value);
    }
    let inner = &first.scope;
    held(
        evaluator,
        inner,
        &Level::Inner(first.file, first.block),
        rest,
    )
}

/// Adds what is written at a path, in every block on the way. What is written as a value where blocks are expected
/// (the JSON form) is added whole.
fn gather<'a>(
    evaluator: &Evaluator<'_, 'a>,
    scope: &Scope<'a>,
    level: &Level<'_, 'a>,
    path: &[&str],
    found: &mut Vec<Value>,
) {
    let Some((name, rest)) = path.split_first() else {
        return;
    };
    if let Some((file, attribute)) = level.attribute(name) {
        let scope = Scope {
            file,
            ..scope.clone()
        };
        found.push(evaluator.evaluate(&scope, &attribute.value));
        return;
    }
    for block in expand(evaluator, scope, level, name) {
        let inner = Level::Inner(block.file, block.block);
        gather(evaluator, &block.scope, &inner, rest, found);
    }
}

/// Goes on into a value that is a list of blocks, a map or an object.
fn inside(value: Value, path: &[&str]) -> Held {
    let Some((name, rest)) = path.split_first() else {
        return Held::Value(value);
    };
    match &value.kind {
        Kind::Object(map) => map.get(*name).map_or(Held::Absent, |item| {
            let mut item = item.clone();
            item.sensitive |= value.sensitive;
            for origin in &value.via {
                item = item.through(origin.clone());
            }
            inside(item, rest)
        }),
        // In the JSON form, and with attributes as blocks, a block is a list of objects.
        Kind::List(items) => items
            .first()
            .map_or(Held::Absent, |item| inside(item.clone(), path)),
        Kind::Null => Held::Absent,
        Kind::Ref(reference) => {
            let mut longer = reference.clone();
            longer.path.extend(path.iter().map(|s| (*s).to_owned()));
            Held::Value(value.with_kind(Kind::Ref(longer)))
        }
        Kind::Unknown(_) => Held::Value(value),
        Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Pattern(_) => {
            Held::Value(value.with_kind(Kind::Unknown(Unknown::Invalid(format!(
                "there is no `{name}` in this value"
            )))))
        }
    }
}

/// The nested blocks of one type at one level.
fn expand<'a>(
    evaluator: &Evaluator<'_, 'a>,
    scope: &Scope<'a>,
    level: &Level<'_, 'a>,
    name: &str,
) -> Vec<Nested<'a>> {
    let (file, blocks) = level.nested(name);
    let mut found = Vec::new();
    let mut open = Vec::new();
    for block in blocks {
        let span = block
            .span()
            .filter(|_| file.has_spans())
            .unwrap_or_default();
        let scope = Scope {
            file,
            ..scope.clone()
        };
        if block.ident.value().as_str() != "dynamic" {
            found.push(Nested {
                file,
                block,
                span,
                dynamic: None,
                scope,
                repeated_by: None,
            });
            continue;
        }
        let Some(content) = block.body.get_blocks("content").next() else {
            continue;
        };
        let all = block.body.get_attribute("for_each").map_or_else(
            || Value::unknown(Unknown::Invalid("`dynamic` without `for_each`".to_owned())),
            |a| evaluator.evaluate(&scope, &a.value),
        );
        let all = Arc::new(all);
        let iterator = block
            .body
            .get_attribute("iterator")
            .and_then(|a| a.value.as_variable())
            .map_or(name, |i| i.as_str());
        let made = |dynamic, value: Value| Nested {
            file,
            block: content,
            span: span.clone(),
            dynamic: Some(dynamic),
            scope: scope.binding(iterator, value),
            repeated_by: Some(Arc::clone(&all)),
        };
        match entries(&all) {
            Some(items) => {
                for (key, value) in items {
                    let bound = Value::new(Kind::Object(
                        [
                            ("key".to_owned(), key.clone()),
                            ("value".to_owned(), value.clone()),
                        ]
                        .into_iter()
                        .collect(),
                    ));
                    found.push(made(Dynamic::Element { key, value }, bound));
                }
            }
            None => {
                let why = all.why_unknown().unwrap_or_else(|| {
                    Unknown::Invalid("`dynamic` over something that is no collection".to_owned())
                });
                let bound = Value::unknown(why.clone()).chosen_by_all(&all);
                open.push(made(Dynamic::Unknown(why), bound));
            }
        }
    }
    found.extend(open);
    found
}
