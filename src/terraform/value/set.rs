//! Sets: their elements once each, in the order in which Terraform goes through them.

use std::fmt::Write as _;

use super::ty::{Ty, typed};
use super::walk::content;
use super::{Kind, Unknown, Value, convert};

/// Makes a set of a list with a type of its own (see [`super::ty::convert`]).
pub(super) fn made(list: Value) -> Value {
    let Kind::List(mut items) = list.kind else {
        return list;
    };
    let of = match list.ty.as_deref() {
        Some(Ty::List(of)) => (**of).clone(),
        _ => Ty::Open,
    };
    // A negative zero is another element than zero, until Terraform writes the set down somewhere.
    if items.len() > 1 && items.iter().any(has_negative_zero) {
        let why = Unknown::Unsupported("a set with a negative zero".to_owned());
        let kind = Kind::Unknown(why);
        return typed(Value { kind, ..list }, Ty::Set(std::sync::Arc::new(of)));
    }
    let keys: Option<Vec<String>> = items.iter().map(key).collect();
    if items.iter().all(is_primitive) {
        items.sort_by(|a, b| order(&a.kind, &b.kind));
        items.dedup_by(|a, b| identical(a, b));
    } else if let Some(keys) = keys {
        let mut all: Vec<(String, Value)> = keys.into_iter().zip(items).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all.dedup_by(|a, b| a.0 == b.0);
        items = all.into_iter().map(|(_, v)| v).collect();
    } else if items.iter().all(Value::is_known) {
        let mut kept: Vec<Value> = Vec::with_capacity(items.len());
        let mut seen: Vec<Value> = Vec::with_capacity(items.len());
        for item in items {
            let bare = content(&item);
            if !seen.iter().any(|known| identical(known, &bare)) {
                seen.push(bare);
                kept.push(item);
            }
        }
        items = kept.into();
    }
    let mut set = typed(
        Value {
            kind: Kind::List(items),
            ..list
        },
        Ty::Set(std::sync::Arc::new(of)),
    );
    set.set = true;
    set
}

/// Whether the order (and so the number) of a set's elements is certain.
pub(super) fn is_ordered(items: &[Value]) -> bool {
    items.len() < 2
        || items.iter().all(is_primitive)
        || items.iter().all(|v| v.is_known() && key(v).is_some())
}

/// Why it is not.
pub(super) fn unordered(items: &[Value]) -> Unknown {
    items
        .iter()
        .find_map(Value::why_unknown)
        .unwrap_or_else(|| Unknown::Unsupported("the order of this set".to_owned()))
}

fn is_primitive(value: &Value) -> bool {
    matches!(
        value.kind,
        Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Null
    )
}

/// Whether two elements without provenance are one in a set: a zero and a negative zero, which are equal, are two.
pub(super) fn identical(a: &Value, b: &Value) -> bool {
    a.kind == b.kind && same_zeros(a, b)
}

fn has_negative_zero(value: &Value) -> bool {
    match &value.kind {
        Kind::Number(n) => *n == 0.0 && n.is_sign_negative(),
        Kind::List(items) => items.iter().any(has_negative_zero),
        Kind::Object(map) => map.values().any(has_negative_zero),
        _ => false,
    }
}

/// Whether the zeros of two equal values have the same signs.
pub(super) fn same_zeros(a: &Value, b: &Value) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Number(a), Kind::Number(b)) => a.is_sign_negative() == b.is_sign_negative(),
        (Kind::List(a), Kind::List(b)) => a.iter().zip(b).all(|(a, b)| same_zeros(a, b)),
        (Kind::Object(a), Kind::Object(b)) => {
            a.values().zip(b.values()).all(|(a, b)| same_zeros(a, b))
        }
        _ => true,
    }
}

/// The order of primitives; null comes last.
fn order(a: &Kind, b: &Kind) -> std::cmp::Ordering {
    match (a, b) {
        (Kind::String(a), Kind::String(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Kind::Number(a), Kind::Number(b)) => a.total_cmp(b),
        (Kind::Bool(a), Kind::Bool(b)) => a.cmp(b),
        (Kind::Null, Kind::Null) => std::cmp::Ordering::Equal,
        (Kind::Null, _) => std::cmp::Ordering::Greater,
        (_, Kind::Null) => std::cmp::Ordering::Less,
        _ => std::cmp::Ordering::Equal,
    }
}

/// The text by which other elements are sorted; `None` where it is not certain.
fn key(value: &Value) -> Option<String> {
    let mut text = String::new();
    write_key(value, &mut text)?;
    Some(text)
}

fn write_key(value: &Value, text: &mut String) -> Option<()> {
    match &value.kind {
        Kind::Null => text.push('~'),
        Kind::Bool(b) => text.push(if *b { 'T' } else { 'F' }),
        // Ten digits are written, larger ones with an exponent.
        Kind::Number(n) if n.fract() == 0.0 && n.abs() < 1e9 => {
            text.push_str(&convert::number_text(*n)?);
        }
        Kind::String(s) if s.bytes().all(|b| (b' '..=b'~').contains(&b)) => {
            let _ = write!(text, "\"{}\"", s.replace('\\', "\\\\").replace('"', "\\\""));
        }
        Kind::List(items) => {
            let (open, close) = match value.ty.as_deref() {
                Some(Ty::List(_) | Ty::Set(_)) => ('[', ']'),
                None if !value.set => ('<', '>'),
                _ => return None,
            };
            text.push(open);
            for item in items {
                write_key(item, text)?;
                text.push(';');
            }
            text.push(close);
        }
        Kind::Object(map) => {
            let (open, close) = match value.ty.as_deref() {
                Some(Ty::Map(_)) => ('{', '}'),
                None => ('<', '>'),
                _ => return None,
            };
            text.push(open);
            for (name, item) in map {
                if open == '{' {
                    write_key(&Value::new(Kind::String(name.clone())), text)?;
                    text.push(':');
                }
                write_key(item, text)?;
                text.push(';');
            }
            text.push(close);
        }
        _ => return None,
    }
    Some(())
}
