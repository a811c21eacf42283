//! Functions that make lists of lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    Outcome, Result, arg, arity, choosing, converted, items, made_value, map, number, string, whole,
};
use crate::terraform::value::operate::equal;
use crate::terraform::value::ty::{self, Ty, typed};
use crate::terraform::value::walk::{Certain, content};
use crate::terraform::value::{Kind, Part, Unknown, Value};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "concat" => concat(args),
        "compact" => compact(args),
        "flatten" => flatten(args),
        "distinct" => distinct(args),
        "slice" => slice(args),
        "chunklist" => chunklist(args),
        "sort" => sort(args),
        "reverse" => reverse(args),
        "range" => range(args),
        "matchkeys" => matchkeys(args),
        "transpose" => transpose(args),
        _ => return None,
    })
}

/// The element type of a list or set.
fn element(value: &Value) -> Option<Ty> {
    match value.ty.as_deref() {
        Some(Ty::List(of) | Ty::Set(of)) => Some((**of).clone()),
        _ => None,
    }
}

fn list_of(of: Ty) -> Ty {
    Ty::List(Arc::new(of))
}

/// A list that is made from one argument and has its provenance.
fn relisted(of: &Value, held: Vec<Value>, ty: Option<Ty>) -> Result {
    let mut value = of.clone().with_kind(Kind::List(held.into()));
    value.set = false;
    value.ty = ty.map(Arc::new);
    Ok(Outcome::Chosen(value))
}

/// An argument as a list whose elements have one type.
fn uniform(value: &Value) -> std::result::Result<Value, Unknown> {
    converted(value, &list_of(Ty::Any))
}

fn parts(value: &Value) -> &[Value] {
    value.as_list().unwrap_or_default()
}

fn concat(args: &[Value]) -> Result {
    arity(args, 1, usize::MAX)?;
    if args.iter().any(|a| a.set) {
        return Err(Unknown::Invalid("`concat` of a set".to_owned()));
    }
    let mut all = Vec::new();
    let mut open = None;
    for argument in args {
        let uncertain = matches!(argument.kind, Kind::Unknown(_) | Kind::Ref(_));
        let held = match (&argument.kind, argument.certain.as_deref()) {
            (Kind::Unknown(_), Some(Certain::First(first))) => first.as_slice(),
            _ if uncertain => &[],
            _ => items(argument)?,
        };
        for item in held {
            let mut item = item.clone();
            item.sensitive |= argument.sensitive;
            for origin in &argument.via {
                item = item.through(origin.clone());
            }
            all.push((item, argument.ty.is_some()));
        }
        if uncertain {
            open = Some(super::why(argument, ""));
            break;
        }
    }
    let types: Vec<Ty> = args.iter().map(Ty::of).collect();
    let mut whole = Value::new(Kind::Null);
    if let Some(open) = open {
        // What stands before the first list that is not known has its place for certain; its type only in a tuple.
        let settle = |(item, listed): (Value, bool)| {
            if listed {
                ty::convert(item, &Ty::Open)
            } else {
                item
            }
        };
        whole.kind = Kind::Unknown(open);
        whole.certain = Some(Arc::new(Certain::First(
            all.into_iter().map(settle).collect(),
        )));
    } else {
        let mut held: Vec<Value> = all.into_iter().map(|(item, _)| item).collect();
        if types.contains(&Ty::Open) {
            held = held
                .into_iter()
                .map(|v| ty::convert(v, &Ty::Open))
                .collect();
            whole.ty = Some(Arc::new(Ty::Open));
        } else {
            let of: Option<Vec<Ty>> = args.iter().map(element).collect();
            if let Some(Ok(common)) = of.map(|of| ty::unify(&of)) {
                held = held.into_iter().map(|v| ty::convert(v, &common)).collect();
                whole.ty = Some(Arc::new(list_of(common)));
            }
        }
        whole.kind = Kind::List(held.into());
    }
    Ok(Outcome::Chosen(choosing(whole, args)))
}

fn compact(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let texts = converted(arg(args, 0)?, &list_of(Ty::String))?;
    let mut kept = Vec::new();
    for item in parts(&texts) {
        match &item.kind {
            Kind::Null => {}
            Kind::String(s) if s.is_empty() => {}
            Kind::String(_) => kept.push(item.clone()),
            Kind::Pattern(parts) if parts.iter().any(|p| matches!(p, Part::Text(_))) => {
                kept.push(item.clone());
            }
            _ => return Err(super::why(item, "text is required")),
        }
    }
    relisted(&args[0], kept, Some(list_of(Ty::String)))
}

fn flatten(args: &[Value]) -> Result {
    fn into(value: &Value, depth: usize, all: &mut Vec<Value>) -> std::result::Result<(), Unknown> {
        if depth > 50 {
            return Err(Unknown::TooDeep("`flatten`".to_owned()));
        }
        for item in items(value)? {
            match &item.kind {
                Kind::List(_) => into(item, depth + 1, all)?,
                Kind::Null if item.ty.is_some() => {
                    return Err(Unknown::Unsupported("`flatten` with null".to_owned()));
                }
                // It may turn out to be a list.
                Kind::Unknown(_) | Kind::Ref(_) => return Err(super::why(item, "")),
                _ => all.push(item.clone()),
            }
        }
        Ok(())
    }
    arity(args, 1, 1)?;
    let mut all = Vec::new();
    into(arg(args, 0)?, 0, &mut all)?;
    relisted(&args[0], all, None)
}

fn distinct(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let list = uniform(arg(args, 0)?)?;
    if let Some(why) = list.why_unknown() {
        return Err(why);
    }
    let mut kept: Vec<Value> = Vec::new();
    let mut seen: Vec<Value> = Vec::new();
    for item in parts(&list) {
        let bare = content(item);
        if !seen.contains(&bare) {
            seen.push(bare);
            kept.push(item.clone());
        }
    }
    let ty = list.ty.as_deref().cloned();
    relisted(&args[0], kept, ty)
}

fn slice(args: &[Value]) -> Result {
    arity(args, 3, 3)?;
    let value = arg(args, 0)?;
    let held = items(value)?;
    if value.set {
        return Err(Unknown::Invalid("`slice` of a set".to_owned()));
    }
    let bound = |i| -> std::result::Result<usize, Unknown> {
        usize::try_from(whole(arg(args, i)?)?)
            .map_err(|_| Unknown::Invalid("`slice` outside of the list".to_owned()))
    };
    let part = held
        .get(bound(1)?..bound(2)?)
        .ok_or_else(|| Unknown::Invalid("`slice` outside of the list".to_owned()))?;
    let ty = value.ty.as_deref().cloned();
    relisted(value, part.to_vec(), ty)
}

fn chunklist(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let list = uniform(arg(args, 0)?)?;
    let size = usize::try_from(whole(arg(args, 1)?)?)
        .map_err(|_| Unknown::Invalid("`chunklist` with a negative size".to_owned()))?;
    let inner = list.ty.as_deref().cloned().unwrap_or(Ty::Open);
    let held = parts(&list);
    let size = if size == 0 { held.len().max(1) } else { size };
    let chunks = held
        .chunks(size)
        .map(|chunk| typed(Value::new(Kind::List(chunk.to_vec().into())), inner.clone()))
        .collect();
    made_list(&args[0], chunks, inner)
}

fn made_list(of: &Value, held: Vec<Value>, element: Ty) -> Result {
    let list = typed(Value::new(Kind::List(held.into())), list_of(element));
    Ok(Outcome::Chosen(list.chosen_by(of)))
}

fn sort(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let texts = converted(arg(args, 0)?, &list_of(Ty::String))?;
    let mut sorted = parts(&texts)
        .iter()
        .map(|v| Ok((string(v)?, v.clone())))
        .collect::<std::result::Result<Vec<_>, Unknown>>()?;
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    let sorted = sorted.into_iter().map(|(_, v)| v).collect();
    relisted(&args[0], sorted, Some(list_of(Ty::String)))
}

fn reverse(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let value = arg(args, 0)?;
    let mut held = items(value)?.to_vec();
    held.reverse();
    let ty = match value.ty.as_deref() {
        Some(Ty::Set(of)) => Some(Ty::List(Arc::clone(of))),
        other => other.cloned(),
    };
    relisted(value, held, ty)
}

fn range(args: &[Value]) -> Result {
    arity(args, 1, 3)?;
    let bounds = args
        .iter()
        .map(number)
        .collect::<std::result::Result<Vec<_>, Unknown>>()?;
    if bounds.iter().any(|n| n.fract() != 0.0 || n.abs() > 9e15) {
        return Err(Unknown::Unsupported("`range` with fractions".to_owned()));
    }
    let (start, end) = match bounds.as_slice() {
        [end] => (0.0, *end),
        [start, end, ..] => (*start, *end),
        [] => (0.0, 0.0),
    };
    let step = bounds
        .get(2)
        .copied()
        .unwrap_or(if end < start { -1.0 } else { 1.0 });
    if step == 0.0 {
        return Err(Unknown::Invalid("`range` that never ends".to_owned()));
    }
    if end != start && (end < start) != (step < 0.0) {
        return Err(Unknown::Invalid(
            "`range` in the wrong direction".to_owned(),
        ));
    }
    let mut numbers = Vec::new();
    let mut at = start;
    while (step > 0.0 && at < end) || (step < 0.0 && at > end) {
        // Terraform's own limit.
        if numbers.len() >= 1024 {
            return Err(Unknown::Invalid(
                "`range` of more than 1024 numbers".to_owned(),
            ));
        }
        numbers.push(Value::new(Kind::Number(at)));
        at += step;
    }
    made_value(typed(
        Value::new(Kind::List(numbers.into())),
        list_of(Ty::Number),
    ))
}

fn matchkeys(args: &[Value]) -> Result {
    arity(args, 3, 3)?;
    let (held, keys) = (uniform(arg(args, 0)?)?, uniform(arg(args, 1)?)?);
    let wanted = uniform(arg(args, 2)?)?;
    if parts(&held).len() != parts(&keys).len() {
        return Err(Unknown::Invalid(
            "`matchkeys` of different lengths".to_owned(),
        ));
    }
    if element(&keys) != element(&wanted) {
        return Err(Unknown::Unsupported(
            "`matchkeys` of mixed types".to_owned(),
        ));
    }
    let mut kept = Vec::new();
    for (item, key) in parts(&held).iter().zip(parts(&keys)) {
        let mut found = Some(false);
        for one in parts(&wanted) {
            match equal(key, one) {
                Some(true) => {
                    found = Some(true);
                    break;
                }
                Some(false) => {}
                None => found = None,
            }
        }
        match found {
            Some(true) => kept.push(item.clone()),
            Some(false) => {}
            None => return Err(super::why(key, "")),
        }
    }
    let ty = held.ty.as_deref().cloned();
    relisted(&args[0], kept, ty)
}

fn transpose(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let texts = Ty::List(Arc::new(Ty::String));
    let lists = converted(arg(args, 0)?, &Ty::Map(Arc::new(texts.clone())))?;
    let mut turned: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (name, list) in map(&lists)? {
        for item in items(list)? {
            turned
                .entry(string(item)?)
                .or_default()
                .push(Value::new(Kind::String(name.clone())));
        }
    }
    let turned = turned
        .into_iter()
        .map(|(name, held)| {
            (
                name,
                typed(Value::new(Kind::List(held.into())), texts.clone()),
            )
        })
        .collect();
    made_value(typed(
        Value::new(Kind::Object(turned)),
        Ty::Map(Arc::new(texts)),
    ))
}
