//! Which instances a block has: `count` and `for_each`, of the block and of every module call on the way.

use std::sync::Arc;

use hcl_edit::expr::Expression;

use super::{Configuration, Declared, Instances, Occurrence};
use crate::terraform::address::{Address, InstanceKey};
use crate::terraform::value::{
    Evaluator, Kind, ModuleInstance, OriginPlace, Scope, Unknown, Value,
};

/// More instances of one block than this are not listed.
const LIMIT: usize = 20_000;

/// The keys of one block in one module instance.
pub(crate) struct Keys {
    /// Those that are known.
    pub(crate) known: Vec<InstanceKey>,
    /// Why there may be others.
    pub(crate) unknown: Option<Unknown>,
}

/// What `lifecycle { ignore_changes = … }` of a block covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IgnoredChanges {
    /// These attribute paths, as written (`tags["Name"]`, `metadata_options`).
    Paths(Vec<String>),
    /// `all`.
    All,
}

impl IgnoredChanges {
    /// Whether a change at this path of nested block types and attribute names would be ignored.
    #[must_use]
    pub fn covers(&self, path: &[&str]) -> bool {
        match self {
            Self::All => true,
            Self::Paths(paths) => paths.iter().any(|ignored| {
                let steps: Vec<&str> = ignored
                    .split(['.', '[', ']', '"'])
                    .filter(|s| !s.is_empty() && s.parse::<u64>().is_err())
                    .collect();
                !steps.is_empty() && steps.iter().zip(path).all(|(a, b)| a == b)
            }),
        }
    }
}

impl<'a> Configuration<'a> {
    /// The instances of an occurrence.
    #[must_use]
    pub fn instances(&self, occurrence: &Occurrence<'a>) -> Instances {
        let root = self.tree.nodes[occurrence.node].root;
        let evaluator = Evaluator::new(self, root);
        let (modules, mut unknown) = self.module_instances(&evaluator, occurrence.node);
        let declared = self.declared(occurrence);
        let mut known = Vec::new();
        for module in modules {
            let address = |key| Address {
                modules: self.steps_of(&module),
                data: occurrence.address.data,
                kind: occurrence.address.kind.clone(),
                name: occurrence.address.name.clone(),
                key,
            };
            if !repeats(declared) {
                known.push(address(None));
                continue;
            }
            let keys = evaluator.keys(&module, declared, false);
            unknown = unknown.or(keys.unknown);
            known.extend(keys.known.into_iter().map(|key| address(Some(key))));
            if known.len() > LIMIT {
                known.truncate(LIMIT);
                unknown = Some(Unknown::TooDeep("the list of instances".to_owned()));
                break;
            }
        }
        Instances { known, unknown }
    }

    /// Every known instance of a module node.
    fn module_instances(
        &self,
        evaluator: &Evaluator<'_, 'a>,
        node: usize,
    ) -> (Vec<Arc<ModuleInstance>>, Option<Unknown>) {
        let mut path = vec![node];
        while let Some((parent, _)) = &self.tree.nodes[path[path.len() - 1]].parent {
            path.push(*parent);
        }
        let root = path.pop().unwrap_or(node);
        let mut instances = vec![Arc::new(ModuleInstance {
            node: root,
            keys: Vec::new(),
        })];
        let mut unknown = None;
        for child in path.into_iter().rev() {
            let Some(call) = self.caller(child) else {
                continue;
            };
            let mut below = Vec::new();
            for outer in &instances {
                let inner = |key: Option<InstanceKey>| {
                    let mut keys = outer.keys.clone();
                    keys.push(key);
                    Arc::new(ModuleInstance { node: child, keys })
                };
                if !repeats(call) {
                    below.push(inner(None));
                    continue;
                }
                let keys = evaluator.keys(outer, call, false);
                unknown = unknown.or(keys.unknown);
                below.extend(keys.known.into_iter().map(|key| inner(Some(key))));
                if below.len() > LIMIT {
                    below.truncate(LIMIT);
                    unknown = Some(Unknown::TooDeep("the list of instances".to_owned()));
                    break;
                }
            }
            instances = below;
        }
        (instances, unknown)
    }

    /// Whether the block itself has `count` or `for_each`, and the expression of it.
    #[must_use]
    pub fn repetition(
        &self,
        occurrence: &Occurrence<'a>,
    ) -> Option<(&'static str, &'a Expression)> {
        let declared = self.declared(occurrence);
        ["count", "for_each"].into_iter().find_map(|name| {
            declared
                .attribute(name)
                .map(|(_, attribute)| (name, &attribute.value))
        })
    }

    /// What `count` and `for_each` give on the way to an instance: of its own block first, then of the calls, the
    /// innermost first. Where neither is written, there is nothing.
    #[must_use]
    pub fn repeated_by(&self, occurrence: &Occurrence<'a>, address: &Address) -> Vec<Value> {
        let Some((evaluator, scope)) = self.scope(occurrence, address, false) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut note = |module: &Arc<ModuleInstance>, block: &Declared<'a>| {
            for name in ["count", "for_each"] {
                if let Some((file, attribute)) = block.attribute(name) {
                    let scope = Scope::of_module(Arc::clone(module), file, OriginPlace::Block);
                    found.push(evaluator.evaluate(&scope, &attribute.value));
                }
            }
        };
        let mut module = scope.module.clone();
        if let Some(own) = &module {
            note(own, self.declared(occurrence));
        }
        while let Some(inner) = module.take() {
            let Some(call) = self.caller(inner.node) else {
                break;
            };
            let (outer, _) = self.outside(&inner);
            note(&outer, call);
            module = Some(outer);
        }
        found
    }

    /// `lifecycle { ignore_changes }` of the block.
    #[must_use]
    pub fn ignored_changes(&self, occurrence: &Occurrence<'a>) -> Option<IgnoredChanges> {
        ignored(self.declared(occurrence))
    }
}

/// `lifecycle { ignore_changes }` of a block.
pub(crate) fn ignored(declared: &Declared<'_>) -> Option<IgnoredChanges> {
    let mut paths = Vec::new();
    let (file, attribute) = declared.layers().find_map(|(file, block)| {
        block
            .body
            .get_blocks("lifecycle")
            .find_map(|b| b.body.get_attribute("ignore_changes"))
            .map(|attribute| (file, attribute))
    })?;
    match &attribute.value {
        Expression::Array(items) => {
            for item in items {
                let text = match item {
                    Expression::String(s) => s.value().clone(),
                    other => written(file, other),
                };
                // `["*"]` is how Terraform 0.11 wrote `all`.
                if text == "*" {
                    return Some(IgnoredChanges::All);
                }
                paths.push(text);
            }
            (!paths.is_empty()).then_some(IgnoredChanges::Paths(paths))
        }
        Expression::Variable(all) if all.value().as_str() == "all" => Some(IgnoredChanges::All),
        Expression::String(all) if all.value() == "all" => Some(IgnoredChanges::All),
        // A form that Terraform does not accept: nothing may be taken for granted.
        _ => Some(IgnoredChanges::All),
    }
}

/// A reference as it is written, without white space.
fn written(file: &crate::terraform::source::SourceFile, expression: &Expression) -> String {
    use hcl_edit::Span as _;
    match expression {
        Expression::Variable(name) => name.value().as_str().to_owned(),
        other if file.has_spans() => other
            .span()
            .map(|span| file.slice(span))
            .unwrap_or_default()
            .split_whitespace()
            .collect(),
        other => other.to_string().split_whitespace().collect(),
    }
}

/// Whether a block has `count` or `for_each`.
pub(crate) fn repeats(block: &Declared<'_>) -> bool {
    block.attribute("count").is_some() || block.attribute("for_each").is_some()
}

impl<'a> Evaluator<'_, 'a> {
    /// The keys of a block that has `count` or `for_each`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "the count is checked to be a small whole number"
    )]
    pub(crate) fn keys(
        &self,
        module: &Arc<ModuleInstance>,
        block: &Declared<'a>,
        keep_references: bool,
    ) -> Keys {
        let unknown = |why: Unknown| Keys {
            known: Vec::new(),
            unknown: Some(why),
        };
        if let Some((file, attribute)) = block.attribute("count") {
            let scope = Scope::of_module(Arc::clone(module), file, OriginPlace::Block);
            let count = self.evaluate(&scope, &attribute.value);
            return match count.as_number() {
                Some(n) if n >= 0.0 && n.fract() == 0.0 && n <= LIMIT as f64 => Keys {
                    known: (0..n as u64).map(InstanceKey::Index).collect(),
                    unknown: None,
                },
                Some(_) => unknown(Unknown::Invalid("a count of this size".to_owned())),
                None => unknown(why(&count)),
            };
        }
        let Some(all) = self.for_each_of(module, block, keep_references) else {
            return Keys {
                known: Vec::new(),
                unknown: None,
            };
        };
        match &all.kind {
            Kind::Object(map) => Keys {
                known: map.keys().cloned().map(InstanceKey::Name).collect(),
                unknown: None,
            },
            Kind::List(items) if all.set => Keys {
                known: items
                    .iter()
                    .filter_map(|v| v.as_str().map(|s| InstanceKey::Name(s.to_owned())))
                    .collect(),
                unknown: items.iter().find(|v| v.as_str().is_none()).map(why),
            },
            Kind::List(items) if items.is_empty() => Keys {
                known: Vec::new(),
                unknown: None,
            },
            _ => unknown(why(&all)),
        }
    }
}

fn why(value: &Value) -> Unknown {
    value
        .why_unknown()
        .unwrap_or_else(|| Unknown::Invalid("`count` or `for_each` of another type".to_owned()))
}
