//! References: locals, module outputs, attributes of resources, and the names that a scope binds.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};

use super::evaluate::{Evaluator, MemoKey};
use super::scope::{ModuleInstance, Repetition, Scope};
use super::walk::Step;
use super::{Kind, Origin, OriginPlace, Reference, Unknown, Value, convert};
use crate::terraform::address::{Address, InstanceKey};
use crate::terraform::module::{Child, Declared};
use crate::terraform::registry;

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn traversal(
        &self,
        scope: &Scope<'a>,
        traversal: &Traversal,
        origin: Origin,
    ) -> Value {
        let steps: Vec<Step> = traversal
            .operators
            .iter()
            .map(|op| self.step(scope, op.value()))
            .collect();
        let Expression::Variable(root) = &traversal.expr else {
            let value = self.evaluate(scope, &traversal.expr);
            // An error in it is one of the whole, wherever the steps lead.
            if let Some(why) = super::function::failure(&value) {
                return value.with_kind(Kind::Unknown(why)).through(origin);
            }
            return self
                .walk_in(scope.keep_references, value, &steps)
                .through(origin);
        };
        let root = root.value().as_str();
        if let Some(value) = scope.lookup(root) {
            return self
                .walk_from(scope.keep_references, value, &steps)
                .through(origin);
        }
        self.named(scope, root, &steps).through(origin)
    }

    fn step(&self, scope: &Scope<'a>, operator: &TraversalOperator) -> Step {
        match operator {
            TraversalOperator::AttrSplat(_) => Step::AttributeSplat,
            TraversalOperator::FullSplat(_) => Step::FullSplat,
            TraversalOperator::GetAttr(name) => Step::Attribute(name.value().as_str().to_owned()),
            TraversalOperator::Index(index) => Step::Index(self.evaluate(scope, index)),
            #[expect(clippy::cast_precision_loss, reason = "an index is small")]
            TraversalOperator::LegacyIndex(index) => {
                Step::Index(Value::new(Kind::Number(*index.value() as f64)))
            }
        }
    }

    fn named(&self, scope: &Scope<'a>, root: &str, steps: &[Step]) -> Value {
        let text = || described(root, steps);
        let Some(module) = &scope.module else {
            return Value::unknown(Unknown::Unbound(text()));
        };
        let first = match steps.first() {
            Some(Step::Attribute(name)) => name.as_str(),
            _ => return Value::unknown(Unknown::Invalid(text())),
        };
        match root {
            "var" => {
                let value = self.variable(module, first, scope.keep_references);
                self.walk_from(scope.keep_references, &value, &steps[1..])
            }
            "local" => {
                let value = self.local(module, first, scope.keep_references);
                self.walk_from(scope.keep_references, &value, &steps[1..])
            }
            "each" | "count" => self.walk_in(
                scope.keep_references,
                repeated(scope, root, first),
                &steps[1..],
            ),
            "path" => match first {
                "module" => Value::new(Kind::String(self.configuration.path_module(module.node))),
                "root" => Value::new(Kind::String(".".to_owned())),
                _ => Value::unknown(Unknown::Unbound(text())),
            },
            "terraform" if first == "workspace" => {
                self.configuration.workspace_of(module.node).map_or_else(
                    || Value::unknown(Unknown::Workspace),
                    |name| Value::new(Kind::String(name.to_owned())),
                )
            }
            "self" | "terraform" => Value::unknown(Unknown::Unbound(text())),
            "module" => self.module_output(scope, module, first, &steps[1..]),
            "data" => match steps.get(1) {
                Some(Step::Attribute(name)) => {
                    self.resource(scope, module, (true, first, name), &steps[2..])
                }
                _ => Value::unknown(Unknown::Invalid(text())),
            },
            "resource" => match steps.get(1) {
                Some(Step::Attribute(name)) => {
                    self.resource(scope, module, (false, first, name), &steps[2..])
                }
                _ => Value::unknown(Unknown::Invalid(text())),
            },
            kind => self.resource(scope, module, (false, kind, first), &steps[1..]),
        }
    }

    fn local(&self, module: &Arc<ModuleInstance>, name: &str, keep_references: bool) -> Arc<Value> {
        let key = MemoKey {
            module: (**module).clone(),
            name: format!("local.{name}"),
            keep_references,
        };
        self.remembered(key, || {
            let declared = self.configuration.module_of(module.node).locals.get(name);
            let Some((file, attribute)) = declared else {
                return Value::unknown(Unknown::Unbound(format!("local.{name}")));
            };
            let scope = Scope {
                keep_references,
                ..Scope::of_module(
                    Arc::clone(module),
                    file,
                    OriginPlace::Local(name.to_owned()),
                )
            };
            self.evaluate(&scope, &attribute.value)
        })
    }

    fn module_output(
        &self,
        scope: &Scope<'a>,
        module: &Arc<ModuleInstance>,
        call: &str,
        steps: &[Step],
    ) -> Value {
        let text = || format!("module.{call}{}", described("", steps));
        let Some(declared) = self.configuration.module_of(module.node).calls.get(call) else {
            return Value::unknown(Unknown::Unbound(format!("module.{call}")));
        };
        let child = match self.configuration.child(module.node, call) {
            Some(Child::Node(child)) => *child,
            Some(Child::TooDeep) => return Value::unknown(Unknown::TooDeep(text())),
            _ => return Value::unknown(Unknown::ExternalModule(text())),
        };
        let instance = |key: Option<InstanceKey>| {
            let mut keys = module.keys.clone();
            keys.push(key);
            Arc::new(ModuleInstance { node: child, keys })
        };
        let repeated =
            declared.attribute("count").is_some() || declared.attribute("for_each").is_some();
        if !repeated {
            return self.outputs(&instance(None), steps, scope.keep_references, &text);
        }
        match steps.first() {
            Some(Step::Index(index)) => match instance_key(index) {
                Some(key) if let Some(why) = self.missing(module, declared, &key, scope) => {
                    Value::unknown(why).chosen_by_all(index)
                }
                Some(key) => self
                    .outputs(
                        &instance(Some(key)),
                        &steps[1..],
                        scope.keep_references,
                        &text,
                    )
                    .chosen_by(index),
                None => Value::unknown(convert::hole_of(index)).chosen_by_all(index),
            },
            _ => {
                let keys = self.keys_of(module, declared, scope.keep_references);
                let whole = keys.map(|keys| {
                    collect(keys.into_iter().map(|key| {
                        let value = self.outputs(
                            &instance(Some(key.clone())),
                            &[],
                            scope.keep_references,
                            &text,
                        );
                        (key, value)
                    }))
                });
                match whole {
                    Some(whole) => self.walk_in(scope.keep_references, whole, steps),
                    None => Value::unknown(Unknown::Computed(text())),
                }
            }
        }
    }

    /// An output of a module instance, or all of them.
    fn outputs(
        &self,
        module: &Arc<ModuleInstance>,
        steps: &[Step],
        keep_references: bool,
        text: &dyn Fn() -> String,
    ) -> Value {
        let outputs = &self.configuration.module_of(module.node).outputs;
        match steps.first() {
            Some(Step::Attribute(name)) => match outputs.get(name.as_str()) {
                Some(output) => {
                    let value = self.output(module, name, output, keep_references);
                    self.walk_from(keep_references, &value, &steps[1..])
                }
                // An outline of a well-known module does not tell of every output.
                None if registry::Known::at(&self.configuration.module_of(module.node).dir)
                    .is_some() =>
                {
                    Value::unknown(Unknown::ExternalModule(text()))
                }
                None => Value::unknown(Unknown::Invalid(format!("`{}` is no output", text()))),
            },
            None => Value::new(Kind::Object(
                outputs
                    .iter()
                    .map(|(name, output)| {
                        let value = self.output(module, name, output, keep_references);
                        ((*name).to_owned(), (*value).clone())
                    })
                    .collect(),
            )),
            Some(_) => Value::unknown(Unknown::Invalid(text())),
        }
    }

    fn output(
        &self,
        module: &Arc<ModuleInstance>,
        name: &str,
        output: &Declared<'a>,
        keep_references: bool,
    ) -> Arc<Value> {
        let key = MemoKey {
            module: (**module).clone(),
            name: format!("output.{name}"),
            keep_references,
        };
        self.remembered(key, || {
            let Some((file, attribute)) = output.attribute("value") else {
                return Value::unknown(Unknown::Invalid(format!("output `{name}` has no value")));
            };
            let scope = Scope {
                keep_references,
                ..Scope::of_module(
                    Arc::clone(module),
                    file,
                    OriginPlace::Output(name.to_owned()),
                )
            };
            let mut value = self.evaluate(&scope, &attribute.value);
            value.sensitive |= output
                .attribute("sensitive")
                .and_then(|(_, a)| a.value.as_bool())
                == Some(true);
            value
        })
    }

    fn resource(
        &self,
        scope: &Scope<'a>,
        module: &Arc<ModuleInstance>,
        (data, kind, name): (bool, &str, &str),
        steps: &[Step],
    ) -> Value {
        let declared = self
            .configuration
            .module_of(module.node)
            .resource(data, kind, name);
        let Some(declared) = declared else {
            let prefix = if data { "data." } else { "" };
            return Value::unknown(Unknown::Unbound(format!("{prefix}{kind}.{name}")));
        };
        let address = |key: Option<InstanceKey>| Address {
            modules: self.configuration.steps_of(module),
            data,
            kind: kind.to_owned(),
            name: name.to_owned(),
            key,
        };
        let repeated =
            declared.attribute("count").is_some() || declared.attribute("for_each").is_some();
        let whole = |key| {
            Value::new(Kind::Ref(Box::new(Reference {
                address: address(key),
                path: Vec::new(),
            })))
        };
        if !repeated {
            return self.walk_in(scope.keep_references, whole(None), steps);
        }
        match steps.first() {
            Some(Step::Index(index)) => match instance_key(index) {
                Some(key) if let Some(why) = self.missing(module, declared, &key, scope) => {
                    Value::unknown(why).chosen_by_all(index)
                }
                Some(key) => self
                    .walk_in(scope.keep_references, whole(Some(key)), &steps[1..])
                    .chosen_by(index),
                // Some instance of it: the attribute is known to belong to this resource, no more.
                None => match self.attribute_of(&address(None), &steps[1..]) {
                    Some(reference) => Value::new(Kind::Ref(reference.into())).chosen_by_all(index),
                    None => Value::unknown(convert::hole_of(index)).chosen_by_all(index),
                },
            },
            _ => match self.keys_of(module, declared, scope.keep_references) {
                Some(keys) => {
                    let all = collect(keys.into_iter().map(|key| (key.clone(), whole(Some(key)))));
                    self.walk_in(scope.keep_references, all, steps)
                }
                None => Value::unknown(Unknown::Computed(format!(
                    "{}{}",
                    address(None),
                    described("", steps)
                ))),
            },
        }
    }

    /// Why there is no instance with this key: certain where all keys are known. Where they are not, it is taken to be
    /// there (else Terraform would not get this far), unless the error would be caught.
    fn missing(
        &self,
        module: &Arc<ModuleInstance>,
        block: &Declared<'a>,
        key: &InstanceKey,
        scope: &Scope<'a>,
    ) -> Option<Unknown> {
        let keys = self.keys(module, block, scope.keep_references);
        if keys.known.contains(key) {
            return None;
        }
        match keys.unknown {
            None => Some(Unknown::Invalid(format!("there is no instance {key}"))),
            Some(why) if self.guard.get() => Some(why),
            Some(_) => None,
        }
    }

    fn attribute_of(&self, address: &Address, steps: &[Step]) -> Option<Reference> {
        let path = steps
            .iter()
            .map(|s| match s {
                Step::Attribute(name) => Some(name.clone()),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Reference {
            address: address.clone(),
            path,
        })
    }

    /// The keys of a block with `count` or `for_each`, all known; `None` otherwise.
    fn keys_of(
        &self,
        module: &Arc<ModuleInstance>,
        block: &Declared<'a>,
        keep_references: bool,
    ) -> Option<Vec<InstanceKey>> {
        let keys = self.keys(module, block, keep_references);
        keys.unknown.is_none().then_some(keys.known)
    }
}

fn repeated(scope: &Scope<'_>, root: &str, name: &str) -> Value {
    match (&scope.repetition, root, name) {
        #[expect(clippy::cast_precision_loss, reason = "an index is small")]
        (Repetition::Count(i), "count", "index") => Value::new(Kind::Number(*i as f64)),
        (Repetition::Each { key, .. }, "each", "key") => Value::new(Kind::String(key.clone())),
        (Repetition::Each { value, .. }, "each", "value") => (**value).clone(),
        _ => Value::unknown(Unknown::Unbound(format!("{root}.{name}"))),
    }
}

/// The instance key that an index expression names.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be a whole number that is not negative"
)]
pub(super) fn instance_key(index: &Value) -> Option<InstanceKey> {
    match &index.kind {
        Kind::Number(n) if *n >= 0.0 && n.fract() == 0.0 => Some(InstanceKey::Index(*n as u64)),
        Kind::String(name) => Some(InstanceKey::Name(name.clone())),
        _ => None,
    }
}

/// Instances as Terraform shows them: a list by index, an object by name.
fn collect(instances: impl Iterator<Item = (InstanceKey, Value)>) -> Value {
    let mut list = Vec::new();
    let mut map = BTreeMap::new();
    for (key, value) in instances {
        match key {
            InstanceKey::Index(_) => list.push(value),
            InstanceKey::Name(name) => {
                map.insert(name, value);
            }
        }
    }
    Value::new(if map.is_empty() {
        Kind::List(list.into())
    } else {
        Kind::Object(map.into())
    })
}

/// A reference as text, for messages.
fn described(root: &str, steps: &[Step]) -> String {
    let mut text = root.to_owned();
    for step in steps {
        match step {
            Step::Attribute(name) => {
                text.push('.');
                text.push_str(name);
            }
            Step::Index(index) => match instance_key(index) {
                Some(key) => text.push_str(&key.to_string()),
                None => text.push_str("[…]"),
            },
            Step::AttributeSplat => text.push_str(".*"),
            Step::FullSplat => text.push_str("[*]"),
        }
    }
    text
}
