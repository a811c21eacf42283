//! Conversion of values to a type, as Terraform does it: element by element, and never into something that it would refuse.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Apart, Ty, own_element, unify};
use crate::terraform::value::convert::{to_bool, to_number, to_string};
use crate::terraform::value::walk::Certain;
use crate::terraform::value::{Kind, Shared, Unknown, Value, set};

/// Converts a value; what Terraform would refuse is [`Unknown::Invalid`].
pub(crate) fn convert(value: Value, to: &Ty) -> Value {
    match (&value.kind, to) {
        (_, Ty::Any) => value,
        (Kind::Null, Ty::Open) => value,
        (Kind::Null, _) if value.ty.as_ref().is_some_and(|own| !own.converts_to(to)) => {
            wrong(value, to)
        }
        (Kind::Null, _) => {
            let ty = filled(&Ty::of(&value), to);
            typed(value, ty)
        }
        (Kind::Unknown(Unknown::Invalid(_)) | Kind::Ref(_), _) => value,
        (Kind::Unknown(_), _) => {
            let from = Ty::of(&value);
            if from.converts_to(to) {
                let keep = matches!(to, Ty::Open) || (to.is_open() && from == *to);
                if keep {
                    value
                } else {
                    let certain = value.certain.as_deref().and_then(|c| certain(c, to));
                    let mut value = typed(value, filled(&from, to));
                    value.certain = certain.map(Arc::new);
                    value
                }
            } else {
                wrong(value, to)
            }
        }
        (_, Ty::Open) => settled(value),
        // Even where there are no elements that could fail.
        (Kind::List(_) | Kind::Object(_), _)
            if value.ty.as_ref().is_some_and(|own| !own.converts_to(to)) =>
        {
            wrong(value, to)
        }
        (_, Ty::String) => to_string(value),
        (_, Ty::Number) => to_number(value),
        (_, Ty::Bool) => to_bool(value),
        (Kind::List(_), Ty::List(of)) => to_list(value, of),
        (Kind::List(_), Ty::Set(of)) => set::made(to_list(value, of)),
        (Kind::List(_), Ty::Tuple(of)) => to_tuple(value, of),
        (Kind::Object(_), Ty::Map(of)) => to_map(value, of),
        (Kind::Object(_), Ty::Object(fields)) => to_object(value, fields),
        _ => wrong(value, to),
    }
}

/// What is certain of a collection, as the elements of another type; nothing where that type is not told.
fn certain(of: &Certain, to: &Ty) -> Option<Certain> {
    let element = |v: &Value, ty: &Ty| {
        let told = !ty.has_any() && !ty.is_open();
        told.then(|| convert(v.clone(), ty))
    };
    match (of, to) {
        (Certain::Entries(map), Ty::Map(ty)) => map
            .iter()
            .map(|(name, v)| Some((name.clone(), element(v, ty)?)))
            .collect::<Option<_>>()
            .map(Certain::Entries),
        (Certain::Entries(map), Ty::Object(fields)) => map
            .iter()
            .filter_map(|(name, v)| fields.get(name).map(|ty| (name, v, ty)))
            .map(|(name, v, ty)| Some((name.clone(), element(v, ty)?)))
            .collect::<Option<_>>()
            .map(Certain::Entries),
        (Certain::First(items), Ty::List(ty)) => items
            .iter()
            .map(|v| element(v, ty))
            .collect::<Option<_>>()
            .map(Certain::First),
        (Certain::First(items), Ty::Tuple(types)) => items
            .iter()
            .zip(types)
            .map(|(v, ty)| element(v, ty))
            .collect::<Option<_>>()
            .map(Certain::First),
        _ => None,
    }
}

/// The type that a conversion to one with placeholders gives.
fn filled(from: &Ty, to: &Ty) -> Ty {
    let of = |to: &Arc<Ty>| -> Arc<Ty> {
        if **to != Ty::Any {
            return Arc::clone(to);
        }
        Arc::new(match from {
            Ty::List(of) | Ty::Set(of) | Ty::Map(of) => (**of).clone(),
            Ty::Tuple(items) => unify(items).unwrap_or(Ty::Open),
            Ty::Object(fields) => {
                let fields: Vec<Ty> = fields.values().cloned().collect();
                unify(&fields).unwrap_or(Ty::Open)
            }
            Ty::Open => Ty::Open,
            _ => Ty::Any,
        })
    };
    match to {
        Ty::List(to) => Ty::List(of(to)),
        Ty::Set(to) => Ty::Set(of(to)),
        Ty::Map(to) => Ty::Map(of(to)),
        other => other.clone(),
    }
}

/// A value with a type that its content does not show.
pub(crate) fn typed(mut value: Value, ty: Ty) -> Value {
    value.ty = Some(Arc::new(ty));
    value
}

fn wrong(value: Value, to: &Ty) -> Value {
    let what = match to {
        Ty::List(_) => "a list",
        Ty::Set(_) => "a set",
        Ty::Map(_) => "a map",
        Ty::Object(_) => "an object",
        Ty::Tuple(_) => "a tuple of another length",
        _ => "another type",
    };
    value.with_kind(Kind::Unknown(Unknown::Invalid(format!(
        "{what} is required"
    ))))
}

/// Converts elements to one type; [`Ty::Any`] means the one that they have in common.
pub(crate) fn elements(items: Vec<Value>, of: &Ty) -> Result<(Vec<Value>, Ty), Apart> {
    let common = if *of == Ty::Any {
        let types: Vec<Ty> = items.iter().map(Ty::of).collect();
        unify(&types)?
    } else {
        of.clone()
    };
    let items: Vec<Value> = items.into_iter().map(|v| convert(v, &common)).collect();
    if !common.has_any() || items.is_empty() {
        return Ok((items, common));
    }
    // What stood behind a placeholder has its own type now; it must be one for all.
    let types: Vec<Ty> = items.iter().map(Ty::of).collect();
    let common = unify(&types)?;
    let items = items.into_iter().map(|v| convert(v, &common)).collect();
    Ok((items, common))
}

/// An error in an element is one of the whole.
fn failure(items: &[Value]) -> Option<Unknown> {
    items.iter().find_map(|v| match &v.kind {
        Kind::Unknown(why @ Unknown::Invalid(_)) => Some(why.clone()),
        _ => None,
    })
}

fn collected(
    value: Value,
    items: Vec<Value>,
    of: &Ty,
    make: impl FnOnce(Vec<Value>) -> Kind,
    ty: impl FnOnce(Arc<Ty>) -> Ty,
) -> Value {
    match elements(items, of) {
        Err(apart) => value.with_kind(Kind::Unknown(apart.reason("elements"))),
        Ok((items, of)) => match failure(&items) {
            Some(why) => value.with_kind(Kind::Unknown(why)),
            None => typed(value.with_kind(make(items)), ty(Arc::new(of))),
        },
    }
}

fn to_list(mut value: Value, of: &Ty) -> Value {
    let from_set = std::mem::take(&mut value.set);
    match std::mem::replace(&mut value.kind, Kind::Null) {
        Kind::List(items) => {
            if from_set && items.len() > 1 && !set::is_ordered(&items) {
                let why = set::unordered(&items);
                return value.with_kind(Kind::Unknown(why));
            }
            // The elements of a list that is one already have their type, even where there is none.
            let own = value.ty.as_deref().and_then(own_element);
            let of = match own {
                Some(own) if *of == Ty::Any => own,
                _ => of.clone(),
            };
            let make = |items: Vec<Value>| Kind::List(items.into());
            collected(value, items.into_inner(), &of, make, Ty::List)
        }
        kind => Value { kind, ..value },
    }
}

fn to_map(mut value: Value, of: &Ty) -> Value {
    match std::mem::replace(&mut value.kind, Kind::Null) {
        Kind::Object(map) => {
            let own = value.ty.as_deref().and_then(own_element);
            let of = match own {
                Some(own) if *of == Ty::Any => own,
                _ => of.clone(),
            };
            let (keys, items): (Vec<_>, Vec<_>) = map.into_iter().unzip();
            let make = |items: Vec<Value>| Kind::Object(keys.into_iter().zip(items).collect());
            collected(value, items, &of, make, Ty::Map)
        }
        kind => Value { kind, ..value },
    }
}

fn to_tuple(mut value: Value, of: &[Ty]) -> Value {
    let is_tuple = value.ty.is_none() && !value.set;
    match std::mem::replace(&mut value.kind, Kind::Null) {
        Kind::List(items) if is_tuple && items.len() == of.len() => {
            let pairs = items.into_iter().zip(of);
            let items: Shared<Vec<Value>> = pairs.map(|(item, of)| convert(item, of)).collect();
            match failure(&items) {
                Some(why) => value.with_kind(Kind::Unknown(why)),
                None => value.with_kind(Kind::List(items)),
            }
        }
        kind => wrong(Value { kind, ..value }, &Ty::Tuple(of.to_vec())),
    }
}

fn to_object(mut value: Value, fields: &BTreeMap<String, Ty>) -> Value {
    match std::mem::replace(&mut value.kind, Kind::Null) {
        Kind::Object(mut map) => {
            let mut whole = BTreeMap::new();
            for (name, of) in fields {
                let Some(item) = map.remove(name) else {
                    return value.with_kind(Kind::Unknown(Unknown::Invalid(format!(
                        "attribute `{name}` is missing"
                    ))));
                };
                whole.insert(name.clone(), convert(item, of));
            }
            let failed = whole.values().find_map(|v| match &v.kind {
                Kind::Unknown(why @ Unknown::Invalid(_)) => Some(why.clone()),
                _ => None,
            });
            value.with_kind(failed.map_or(Kind::Object(whole.into()), Kind::Unknown))
        }
        kind => Value { kind, ..value },
    }
}

/// What is certain of a value that gets a type which is not known: text stays text, numbers may become text, what
/// looks like a list may become a set.
fn settled(mut value: Value) -> Value {
    let open =
        || Unknown::Unsupported("a value whose type depends on one that is not known".into());
    match std::mem::replace(&mut value.kind, Kind::Null) {
        Kind::Number(_) | Kind::Bool(_) => value.with_kind(Kind::Unknown(open())),
        Kind::List(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            let sorted = texts.is_some_and(|t| t.windows(2).all(|w| w[0] < w[1]));
            if items.len() > 1 && !sorted {
                return value.with_kind(Kind::Unknown(open()));
            }
            let items = items.into_iter().map(settled).collect();
            typed(value.with_kind(Kind::List(items)), Ty::Open)
        }
        Kind::Object(map) => {
            let map = map.into_iter().map(|(k, v)| (k, settled(v))).collect();
            typed(value.with_kind(Kind::Object(map)), Ty::Open)
        }
        kind => Value { kind, ..value },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_certain_of_a_collection_gets_the_type_of_its_elements() {
        let mut value = Value::unknown(Unknown::UnsetVariable("more".to_owned()));
        let entries = [("port".to_owned(), Value::new(Kind::Number(80.0)))];
        value.certain = Some(Arc::new(Certain::Entries(entries.into())));
        let held = |value: &Value| match value.certain.as_deref() {
            Some(Certain::Entries(map)) => map.get("port").map(|v| v.kind.clone()),
            _ => None,
        };
        let map = convert(value.clone(), &Ty::Map(Arc::new(Ty::String)));
        assert_eq!(held(&map), Some(Kind::String("80".to_owned())));
        let any = convert(value, &Ty::Map(Arc::new(Ty::Any)));
        assert_eq!(held(&any), None);
    }
}
