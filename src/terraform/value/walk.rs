//! Steps into values: attributes, indexes, splats, and from a reference into what a resource is configured with.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::argument::Argument;
use super::evaluate::{Evaluator, MemoKey, entries};
use super::refer::instance_key;
use super::scope::Scope;
use super::ty::Ty;
use super::{Kind, OriginPlace, Reference, Unknown, Value, convert, set};
use crate::terraform::address::{Address, InstanceKey};
use crate::terraform::module::{Declared, ignored};

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
    /// Follows steps into a value that stays where it is: only what they lead to is copied.
    pub(super) fn walk_from(&self, keep: bool, value: &Value, steps: &[Step]) -> Value {
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
    pub(super) fn walk_in(&self, keep: bool, value: Value, steps: &[Step]) -> Value {
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
        let ty = value.ty.clone();
        match &value.kind {
            Kind::Null
                if matches!(ty.as_deref(), Some(Ty::List(_) | Ty::Set(_) | Ty::Tuple(_))) =>
            {
                let why = Unknown::Invalid("`[*]` of a list that is null".to_owned());
                value.with_kind(Kind::Unknown(why))
            }
            Kind::Null if matches!(ty.as_deref(), Some(Ty::Open)) => {
                let why = Unknown::Unsupported("`[*]` of null".to_owned());
                value.with_kind(Kind::Unknown(why))
            }
            Kind::Null => value.with_kind(Kind::List(Vec::new().into())),
            Kind::List(held) => {
                let open = matches!(ty.as_deref(), Some(Ty::Open)) && held.len() > 1;
                let Some(items) = entries(&value).filter(|_| !open) else {
                    let why = value.why_unknown().unwrap_or_else(|| set::unordered(held));
                    return value.with_kind(Kind::Unknown(why));
                };
                let items: Vec<Value> = items
                    .into_iter()
                    .map(|(_, item)| self.walk_in(keep, item, rest))
                    .collect();
                if let (true, Some(Ty::List(of) | Ty::Set(of))) = (items.is_empty(), ty.as_deref())
                    && behind(of, rest).is_none()
                    && !of.is_open()
                    && **of != Ty::Any
                {
                    let why =
                        Unknown::Invalid("a step into elements that do not have it".to_owned());
                    return value.with_kind(Kind::Unknown(why));
                }
                // Of a list it is a list, of a tuple a tuple.
                let of = match ty.as_deref() {
                    Some(Ty::List(of) | Ty::Set(of)) => {
                        Some(Ty::List(Arc::new(behind(of, rest).unwrap_or(Ty::Open))))
                    }
                    Some(_) => Some(Ty::Open),
                    None => None,
                };
                let mut list = value.with_kind(Kind::List(items.into()));
                list.set = false;
                list.ty = of.map(Arc::new);
                list
            }
            Kind::Unknown(_) => element_unknown(value),
            // What a reference holds is not known: it may be null or a list.
            Kind::Ref(r) if !r.path.is_empty() => {
                let why = Unknown::Computed(r.to_string());
                value.with_kind(Kind::Unknown(why))
            }
            _ => {
                let item = self.walk_in(keep, value, rest);
                Value::new(Kind::List(vec![item].into()))
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
                Kind::Ref(Box::new(Reference {
                    address: reference.address.clone(),
                    path,
                }))
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
        if let ([Step::Index(index), Step::Attribute(inner), behind @ ..], true) =
            (rest, reference.path.is_empty() && !keep)
            && let Some(configured) = self.configured_in(&reference.address, name, index, inner)
        {
            let found = self.walk_from(keep, &configured, behind);
            if !matches!(found.kind, Kind::Unknown(_) | Kind::Ref(_) | Kind::Null) {
                return found.chosen_by(value);
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

    /// What is planned for an argument in one of the nested blocks of a resource instance, where all of them are
    /// written out.
    fn configured_in(
        &self,
        address: &Address,
        block: &str,
        index: &Value,
        name: &str,
    ) -> Option<Arc<Value>> {
        let module = self
            .configuration
            .instance_of(self.root, &address.modules)?;
        let declared = self.configuration.module_of(module.node).resource(
            address.data,
            &address.kind,
            &address.name,
        )?;
        let (file, blocks) = declared.nested(block);
        let at = position(&index.as_text()?)?;
        let plain = blocks.iter().all(|b| b.ident.value().as_str() == block);
        let attribute = blocks.get(at)?.body.get_attribute(name).filter(|_| plain)?;
        let argument = planned(declared, address, Some(block), name)?;
        let key = MemoKey {
            module: (*module).clone(),
            name: format!("{}.{block}[{at}].{name}", address.inside_module()),
            keep_references: false,
        };
        Some(self.remembered(key, || {
            let repetition = self.repetition(&module, declared, address.key.as_ref(), false);
            let scope = Scope {
                repetition,
                ..Scope::of_module(Arc::clone(&module), file, OriginPlace::Block)
            };
            argument
                .planned(self.evaluate(&scope, &attribute.value))
                .unwrap_or_else(|| Value::unknown(changed(address, name)))
        }))
    }

    /// What is planned for an argument of a resource instance that is written.
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
        let argument = planned(declared, address, None, name)?;
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
            argument
                .planned(self.evaluate(&scope, &attribute.value))
                .unwrap_or_else(|| Value::unknown(changed(address, name)))
        }))
    }
}

/// An argument whose value the plan takes from the code: the provider leaves it as it is, and it is not kept as it was
/// (`ignore_changes`).
fn planned(
    declared: &Declared<'_>,
    address: &Address,
    block: Option<&str>,
    name: &str,
) -> Option<Argument> {
    let argument = Argument::find(address.data, &address.kind, block, name)?;
    let kept = ignored(declared).is_some_and(|ignored| {
        // An index in front of the name is not looked at: what ignores one block may ignore this one.
        let path: Vec<&str> = block.into_iter().chain([name]).collect();
        ignored.covers(&path)
    });
    (!kept).then_some(argument)
}

/// Why what is written is not what is planned.
fn changed(address: &Address, name: &str) -> Unknown {
    Unknown::Computed(format!("{address}.{name}"))
}

/// The type behind steps into a value of a type.
fn behind(of: &Ty, steps: &[Step]) -> Option<Ty> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(of.clone());
    };
    match (step, of) {
        (_, Ty::Open | Ty::Any) => Some(Ty::Open),
        (Step::AttributeSplat | Step::FullSplat, _) => Some(Ty::Open),
        (Step::Index(index), Ty::Tuple(items)) => match index.as_text() {
            Some(key) => behind(items.get(position(&key)?)?, rest),
            None => Some(Ty::Open),
        },
        (Step::Index(index), Ty::Object(fields)) => match index.as_text() {
            Some(key) => behind(fields.get(&key)?, rest),
            None => Some(Ty::Open),
        },
        (Step::Attribute(name), Ty::Object(fields)) => behind(fields.get(name)?, rest),
        (Step::Attribute(_) | Step::Index(_), Ty::Map(of)) | (Step::Index(_), Ty::List(of)) => {
            behind(of, rest)
        }
        _ => None,
    }
}

/// What is certain of a collection that is not known as a whole.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Certain {
    /// These entries of a map or object.
    Entries(BTreeMap<String, Value>),
    /// The elements at the beginning of a list.
    First(Vec<Value>),
}

/// A piece of what is certain.
fn certain(value: &Value, key: &str) -> Option<Value> {
    match value.certain.as_deref()? {
        Certain::Entries(map) => map.get(key).cloned(),
        Certain::First(items) => items.get(position(key)?).cloned(),
    }
}

/// The place in a list that an index means.
fn position(key: &str) -> Option<usize> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a small whole number that is not negative"
    )]
    convert::number_of(key)
        .filter(|n| n.fract() == 0.0 && (0.0..1e15).contains(n))
        .map(|n| n as usize)
}

/// The element's provenance is its own; the container only adds how it came here.
fn taken(container: &Value, mut element: Value) -> Value {
    element.sensitive |= container.sensitive;
    for origin in &container.via {
        element = element.through(origin.clone());
    }
    element
        .depends_on
        .add(Vec::new(), [container.depends_on.clone()]);
    element
}

/// Something inside of what is not known: of another type than the whole.
fn element_unknown(mut value: Value) -> Value {
    value.ty = None;
    value.certain = None;
    value
}

/// What is not in a collection. Of a map or list that has a type Terraform gives the failure one as well, which counts
/// where the other branch of a conditional is taken.
fn missing(value: Value, why: Unknown) -> Value {
    let typed = matches!(value.ty.as_deref(), Some(Ty::Map(_) | Ty::List(_)));
    let mut value = value.with_kind(Kind::Unknown(why));
    value.ty = typed.then(|| Arc::new(Ty::Open));
    value
}

pub(super) fn into_attribute(value: Value, name: &str) -> Value {
    match &value.kind {
        Kind::Object(map) => match map.get(name) {
            Some(element) => taken(&value, element.clone()),
            None => {
                let why = Unknown::Invalid(format!("there is no attribute `{name}`"));
                missing(value, why)
            }
        },
        Kind::Unknown(_) => match certain(&value, name) {
            Some(element) => taken(&value, element),
            None => element_unknown(value),
        },
        _ => {
            let why = Unknown::Invalid(format!("`.{name}` of something that is no object"));
            value.with_kind(Kind::Unknown(why))
        }
    }
}

pub(super) fn into_index(value: Value, index: &Value) -> Value {
    if matches!(value.kind, Kind::Unknown(_)) {
        return match index.as_text().and_then(|key| certain(&value, &key)) {
            Some(element) => taken(&value, element).chosen_by(index),
            None => element_unknown(value),
        };
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
                missing(value, why)
            }
        },
        Kind::List(items) if !value.set => {
            let place = match convert::to_number(index.clone()).kind {
                Kind::Unknown(why @ Unknown::Unsupported(_)) => {
                    return value.with_kind(Kind::Unknown(why));
                }
                _ => position(&key),
            };
            match place.and_then(|i| items.get(i)) {
                Some(element) => taken(&value, element.clone()).chosen_by(index),
                None => {
                    let why = Unknown::Invalid(format!("there is no element {key}"));
                    missing(value, why)
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
