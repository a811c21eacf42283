//! References: variables, locals, module outputs, attributes of resources, and steps into values.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::structure::Attribute;

use super::evaluate::{Evaluator, MemoKey, entries};
use super::scope::{ModuleInstance, Repetition, Scope};
use super::types::Type;
use super::{Kind, Origin, OriginPlace, Reference, Unknown, Value, add_new, convert};
use crate::terraform::address::{Address, InstanceKey};
use crate::terraform::module::{Child, Declared};
use crate::terraform::source::SourceFile;

/// One step of a traversal, its index evaluated.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// `.name`
    Attribute(String),
    /// `[…]` or `.0`
    Index(Value),
    /// `.*`: the attributes behind it are taken of each element.
    AttributeSplat,
    /// `[*]`: everything behind it is taken of each element.
    FullSplat,
}

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

    /// The value of a variable of a module instance.
    pub(crate) fn variable(
        &self,
        module: &Arc<ModuleInstance>,
        name: &str,
        keep_references: bool,
    ) -> Arc<Value> {
        let key = MemoKey {
            module: (**module).clone(),
            name: format!("var.{name}"),
            keep_references,
        };
        self.remembered(key, || self.fresh_variable(module, name, keep_references))
    }

    fn fresh_variable(
        &self,
        module: &Arc<ModuleInstance>,
        name: &str,
        keep_references: bool,
    ) -> Value {
        let Some(declared) = self
            .configuration
            .module_of(module.node)
            .variables
            .get(name)
        else {
            return Value::unknown(Unknown::Unbound(format!("var.{name}")));
        };
        let of = declared.attribute("type").map_or(Type::Any, |(file, t)| {
            Type::read(&t.value, &mut |e| {
                self.evaluate(
                    &Scope::literal(file, OriginPlace::VariableDefault(name.to_owned())),
                    e,
                )
            })
        });
        let flag = |what: &str| {
            declared
                .attribute(what)
                .and_then(|(_, a)| a.value.as_bool())
        };
        let default = || {
            declared.attribute("default").map(|(file, a)| {
                let place = OriginPlace::VariableDefault(name.to_owned());
                of.convert(self.evaluate(&Scope::literal(file, place), &a.value))
            })
        };
        let unset = || Value::unknown(Unknown::UnsetVariable(name.to_owned()));
        let mut value = match self.configuration.caller(module.node) {
            Some(call) => match call.attribute(name) {
                Some((file, argument)) => {
                    let place = OriginPlace::ModuleArgument(name.to_owned());
                    let scope = self.call_scope(module, call, file, place, keep_references);
                    of.convert(self.evaluate(&scope, &argument.value))
                }
                None => default().unwrap_or_else(unset),
            },
            None => self.root_variable(module.node, name, &of, &default),
        };
        if value.is_null() && flag("nullable") == Some(false) {
            value = default().unwrap_or_else(unset);
        }
        value.sensitive |= flag("sensitive") == Some(true);
        value
    }

    /// What a root's variable is: from the files Terraform loads by itself, else the default, unless the variable
    /// files that are given by hand say something else.
    fn root_variable(
        &self,
        node: usize,
        name: &str,
        of: &Type,
        default: &dyn Fn() -> Option<Value>,
    ) -> Value {
        let read = |(file, attribute): (&'a SourceFile, &'a Attribute)| {
            let place = OriginPlace::Tfvars(name.to_owned());
            of.convert(self.evaluate(&Scope::literal(file, place), &attribute.value))
        };
        let variables = self.configuration.tfvars_of(node);
        let base = variables.automatic(name).map(read).or_else(default);
        let set: Vec<Value> = variables
            .by_hand(name)
            .into_iter()
            .flatten()
            .map(read)
            .collect();
        if set.is_empty() {
            return base.unwrap_or_else(|| Value::unknown(Unknown::UnsetVariable(name.to_owned())));
        }
        let same = set
            .iter()
            .all(|v| content(v) == content(&set[0]) && v.is_known());
        // Without a default some file has to give it, and all that do agree.
        let fits = base.as_ref().is_none_or(|b| content(b) == content(&set[0]));
        if same && fits {
            let mut all = set.into_iter().chain(base);
            let first = all.next();
            return first.map_or_else(
                || Value::unknown(Unknown::UnsetVariable(name.to_owned())),
                |first| {
                    all.fold(first, |mut value, other| {
                        // Every one of them has to change for the value to change.
                        for origin in other.decided_by {
                            if !value.decided_by.contains(&origin) {
                                value.decided_by.push(origin);
                            }
                        }
                        value
                    })
                },
            );
        }
        let varies = Value::unknown(Unknown::Varies(name.to_owned()));
        set.iter()
            .chain(base.as_ref())
            .fold(varies, Value::chosen_by_all)
    }

    /// The scope in which the arguments of a module call are evaluated for one instance of the module.
    fn call_scope(
        &self,
        module: &ModuleInstance,
        call: &Declared<'a>,
        file: &'a SourceFile,
        place: OriginPlace,
        keep_references: bool,
    ) -> Scope<'a> {
        let (outer, key) = self.configuration.outside(module);
        let repetition = self.repetition(&outer, call, key.as_ref(), keep_references);
        Scope {
            repetition,
            keep_references,
            ..Scope::of_module(outer, file, place)
        }
    }

    /// How `each`/`count` are bound in a block for one of its keys.
    pub(crate) fn repetition(
        &self,
        module: &Arc<ModuleInstance>,
        block: &Declared<'a>,
        key: Option<&InstanceKey>,
        keep_references: bool,
    ) -> Repetition {
        match key {
            None => Repetition::Unbound,
            Some(InstanceKey::Index(i)) => Repetition::Count(*i),
            Some(InstanceKey::Name(name)) => {
                let value = match self.for_each_of(module, block, keep_references) {
                    None => Value::unknown(Unknown::Unbound("each.value".to_owned())),
                    Some(all) => match &all.kind {
                        Kind::Object(map) => map.get(name).cloned().unwrap_or_else(|| {
                            Value::unknown(Unknown::Invalid(format!(
                                "`for_each` has no key {name:?}"
                            )))
                        }),
                        // The value of a set's element is the element.
                        Kind::List(items) => items
                            .iter()
                            .find(|v| v.as_str() == Some(name))
                            .cloned()
                            .unwrap_or_else(|| Value::new(Kind::String(name.clone()))),
                        _ => Value::unknown(convert::hole_of(&all)).chosen_by_all(&all),
                    },
                };
                Repetition::Each {
                    key: name.clone(),
                    value: Arc::new(value),
                }
            }
        }
    }

    /// The value of a block's `for_each`, computed once a module instance.
    pub(crate) fn for_each_of(
        &self,
        module: &Arc<ModuleInstance>,
        block: &Declared<'a>,
        keep_references: bool,
    ) -> Option<Arc<Value>> {
        let (file, attribute) = block.attribute("for_each")?;
        let key = MemoKey {
            module: (**module).clone(),
            name: format!("for_each of {}", block.header()),
            keep_references,
        };
        Some(self.remembered(key, || {
            let scope = Scope {
                keep_references,
                ..Scope::of_module(Arc::clone(module), file, OriginPlace::Block)
            };
            self.evaluate(&scope, &attribute.value)
        }))
    }

    fn local(
        &self,
        module: &Arc<ModuleInstance>,
        name: &str,
        keep_references: bool,
    ) -> Arc<Value> {
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
                None => Value::unknown(Unknown::Invalid(format!("`{}` is no output", text()))),
            },
            None => Value::new(Kind::Object(
                outputs
                    .iter()
                    .map(|(name, output)| {
                        let value = self.output(module, name, output, keep_references);
                        ((*name).to_owned(), (*value).clone())
                    })
                    .collect::<BTreeMap<_, _>>(),
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
            Value::new(Kind::Ref(Reference {
                address: address(key),
                path: Vec::new(),
            }))
        };
        if !repeated {
            return self.walk_in(scope.keep_references, whole(None), steps);
        }
        match steps.first() {
            Some(Step::Index(index)) => match instance_key(index) {
                Some(key) => self
                    .walk_in(scope.keep_references, whole(Some(key)), &steps[1..])
                    .chosen_by(index),
                // Some instance of it: the attribute is known to belong to this resource, no more.
                None => match self.attribute_of(&address(None), &steps[1..]) {
                    Some(reference) => Value::new(Kind::Ref(reference)).chosen_by_all(index),
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

    /// Follows steps into a value that stays where it is: only what they lead to is copied.
    fn walk_from(&self, keep: bool, value: &Value, steps: &[Step]) -> Value {
        let mut at = value;
        let mut way: Vec<(&Value, Option<&Value>)> = Vec::new();
        let mut left = steps;
        while let Some((step, rest)) = left.split_first() {
            let next = match (step, &at.kind) {
                (Step::Attribute(name), Kind::Object(map)) => map.get(name).map(|v| (v, None)),
                (Step::Index(index), Kind::Object(map)) => index
                    .as_str()
                    .and_then(|key| map.get(key))
                    .map(|v| (v, Some(index))),
                _ => None,
            };
            let Some((next, index)) = next else {
                break;
            };
            way.push((at, index));
            at = next;
            left = rest;
        }
        let mut found = at.clone();
        for (container, index) in way.into_iter().rev() {
            found = taken(container, found);
            if let Some(index) = index {
                found = found.chosen_by(index);
            }
        }
        self.walk_in(keep, found, left)
    }

    /// Follows steps into a value. `keep` is [`Scope::keep_references`].
    fn walk_in(&self, keep: bool, value: Value, steps: &[Step]) -> Value {
        let Some((step, rest)) = steps.split_first() else {
            return value;
        };
        match step {
            Step::AttributeSplat => {
                let attributes = rest
                    .iter()
                    .take_while(|s| matches!(s, Step::Attribute(_)))
                    .count();
                let list = self.splat(keep, value, &rest[..attributes]);
                self.walk_in(keep, list, &rest[attributes..])
            }
            Step::FullSplat => self.splat(keep, value, rest),
            Step::Attribute(name) => {
                if let Kind::Ref(reference) = &value.kind {
                    return self.ref_attribute(keep, &value, reference, name, rest);
                }
                let next = into_attribute(value, name);
                self.walk_in(keep, next, rest)
            }
            Step::Index(index) => {
                let next = into_index(value, index);
                self.walk_in(keep, next, rest)
            }
        }
    }

    fn splat(&self, keep: bool, value: Value, rest: &[Step]) -> Value {
        match &value.kind {
            Kind::Null => value.with_kind(Kind::List(Vec::new())),
            Kind::List(_) => {
                let Some(items) = entries(&value) else {
                    let why = convert::hole_of(&value);
                    return value.with_kind(Kind::Unknown(why));
                };
                let items = items
                    .into_iter()
                    .map(|(_, item)| self.walk_in(keep, item, rest))
                    .collect();
                let mut list = value.with_kind(Kind::List(items));
                list.set = false;
                list
            }
            Kind::Unknown(_) => value,
            // What a reference holds is not known: it may be null or a list.
            Kind::Ref(r) if !r.path.is_empty() => {
                let why = Unknown::Computed(r.to_string());
                value.with_kind(Kind::Unknown(why))
            }
            _ => {
                let item = self.walk_in(keep, value, rest);
                Value::new(Kind::List(vec![item]))
            }
        }
    }

    /// An attribute of a referenced resource: its configured value where that is known, else a longer reference.
    fn ref_attribute(
        &self,
        keep: bool,
        value: &Value,
        reference: &Reference,
        name: &str,
        rest: &[Step],
    ) -> Value {
        let longer = |path: Vec<String>| {
            if reference.address.data && !keep {
                let text = format!("{}.{}", reference.address, path.join("."));
                Kind::Unknown(Unknown::Data(text))
            } else {
                Kind::Ref(Reference {
                    address: reference.address.clone(),
                    path,
                })
            }
        };
        if reference.path.is_empty() && !keep {
            let configured = self.configured(&reference.address, name);
            if let Some(configured) = configured {
                let found = self.walk_from(keep, &configured, rest);
                if !matches!(found.kind, Kind::Unknown(_) | Kind::Ref(_) | Kind::Null) {
                    return found.chosen_by(value);
                }
            }
        }
        let mut path = reference.path.clone();
        path.push(name.to_owned());
        for step in rest {
            match step {
                Step::Attribute(name) => path.push(name.clone()),
                Step::Index(index) => match instance_key(index) {
                    Some(InstanceKey::Index(i)) => path.push(i.to_string()),
                    Some(InstanceKey::Name(name)) => path.push(name),
                    None => path.push("*".to_owned()),
                },
                Step::AttributeSplat | Step::FullSplat => path.push("*".to_owned()),
            }
        }
        if rest
            .iter()
            .any(|s| matches!(s, Step::AttributeSplat | Step::FullSplat))
        {
            let text = format!("{}.{}", reference.address, path.join("."));
            return value
                .clone()
                .with_kind(Kind::Unknown(if reference.address.data {
                    Unknown::Data(text)
                } else {
                    Unknown::Computed(text)
                }));
        }
        value.clone().with_kind(longer(path))
    }

    /// What is written for an attribute of a resource instance.
    fn configured(&self, address: &Address, name: &str) -> Option<Arc<Value>> {
        let module = self
            .configuration
            .instance_of(self.root, &address.modules)?;
        let declared = self.configuration.module_of(module.node).resource(
            address.data,
            &address.kind,
            &address.name,
        )?;
        let (file, attribute) = declared.attribute(name)?;
        let key = MemoKey {
            module: (*module).clone(),
            name: format!("{}.{name}", address.inside_module()),
            keep_references: false,
        };
        Some(self.remembered(key, || {
            let repetition = self.repetition(&module, declared, address.key.as_ref(), false);
            let scope = Scope {
                repetition,
                ..Scope::of_module(Arc::clone(&module), file, OriginPlace::Block)
            };
            self.evaluate(&scope, &attribute.value)
        }))
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
        Kind::List(list)
    } else {
        Kind::Object(map)
    })
}

/// The element's provenance is its own; the container only adds how it came here.
fn taken(container: &Value, mut element: Value) -> Value {
    element.sensitive |= container.sensitive;
    for origin in &container.via {
        element = element.through(origin.clone());
    }
    add_new(&mut element.depends_on, container.depends_on.iter());
    element
}

pub(super) fn into_attribute(value: Value, name: &str) -> Value {
    match &value.kind {
        Kind::Object(map) => match map.get(name) {
            Some(element) => taken(&value, element.clone()),
            None => {
                let why = Unknown::Invalid(format!("there is no attribute `{name}`"));
                value.with_kind(Kind::Unknown(why))
            }
        },
        Kind::Unknown(_) => value,
        _ => {
            let why = Unknown::Invalid(format!("`.{name}` of something that is no object"));
            value.with_kind(Kind::Unknown(why))
        }
    }
}

pub(super) fn into_index(value: Value, index: &Value) -> Value {
    if matches!(value.kind, Kind::Unknown(_)) {
        return value;
    }
    if let Kind::Ref(r) = &value.kind {
        let mut longer = r.clone();
        longer
            .path
            .push(index.as_text().unwrap_or_else(|| "*".to_owned()));
        return value.with_kind(Kind::Ref(longer));
    }
    let Some(key) = index.as_text() else {
        return Value::unknown(convert::hole_of(index))
            .chosen_by_all(&value)
            .chosen_by_all(index);
    };
    match &value.kind {
        Kind::Object(map) => match map.get(&key) {
            Some(element) => taken(&value, element.clone()).chosen_by(index),
            None => {
                let why = Unknown::Invalid(format!("there is no element {key:?}"));
                value.with_kind(Kind::Unknown(why))
            }
        },
        Kind::List(items) if !value.set => {
            let element = key.parse::<usize>().ok().and_then(|i| items.get(i));
            match element {
                Some(element) => taken(&value, element.clone()).chosen_by(index),
                None => {
                    let why = Unknown::Invalid(format!("there is no element {key}"));
                    value.with_kind(Kind::Unknown(why))
                }
            }
        }
        _ => {
            let why = Unknown::Invalid("an index into something that is no list or map".to_owned());
            value.with_kind(Kind::Unknown(why))
        }
    }
}

/// The content of a value without where it came from, for comparison.
pub(crate) fn content(value: &Value) -> Value {
    let mut bare = Value::new(match &value.kind {
        Kind::List(items) => Kind::List(items.iter().map(content).collect()),
        Kind::Object(map) => {
            Kind::Object(map.iter().map(|(k, v)| (k.clone(), content(v))).collect())
        }
        kind => kind.clone(),
    });
    bare.set = value.set;
    bare
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
