//! Functions on lists, sets and maps.

use std::collections::BTreeMap;

use super::{
    Outcome, Result, arg, arity, count, known, list, listed, map, string, strings, text, whole, why,
};
use crate::terraform::value::convert::{self, Primitive, primitive, unified};
use crate::terraform::value::operate::equal;
use crate::terraform::value::walk::{content, into_index};
use crate::terraform::value::{Kind, Part, Unknown, Value};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "length" => length(args),
        "merge" => merge(args),
        "lookup" => lookup(args),
        "contains" => contains(args),
        "coalesce" => coalesce(args),
        "coalescelist" => coalescelist(args),
        "concat" => concat(args),
        "compact" => compact(args),
        "flatten" => flatten(args),
        "one" => one(args),
        "distinct" => distinct(args),
        "element" => element(args),
        "index" => index(args),
        "keys" => keys(args),
        "values" => values(args),
        "zipmap" => zipmap(args),
        "slice" => slice(args),
        "chunklist" => chunklist(args),
        "sort" => sort(args),
        "reverse" => reverse(args),
        "tolist" => tolist(args),
        "tomap" => tomap(args),
        _ => return None,
    })
}

/// A list that is made from one argument and has its provenance.
fn relisted(of: &Value, items: Vec<Value>) -> Result {
    let mut value = of.clone().with_kind(Kind::List(items));
    value.set = false;
    Ok(Outcome::Chosen(value))
}

fn length(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let value = arg(args, 0)?;
    Ok(Outcome::Made(match &value.kind {
        Kind::String(s) => text::length(s)?,
        Kind::Object(map) => count(map.len()),
        _ => count(list(value)?.len()),
    }))
}

fn merge(args: &[Value]) -> Result {
    let mut merged: BTreeMap<String, Value> = BTreeMap::new();
    for argument in args.iter().filter(|a| !a.is_null()) {
        for (key, value) in map(argument)? {
            let mut value = value.clone();
            value.sensitive |= argument.sensitive;
            for origin in &argument.via {
                value = value.through(origin.clone());
            }
            merged.insert(key.clone(), value);
        }
    }
    let whole = Value::new(Kind::Object(merged));
    Ok(Outcome::Chosen(args.iter().fold(whole, Value::chosen_by)))
}

fn lookup(args: &[Value]) -> Result {
    arity(args, 2, 3)?;
    let entries = map(arg(args, 0)?)?;
    let key = string(arg(args, 1)?)?;
    if entries.contains_key(&key) {
        return Ok(Outcome::Chosen(into_index(args[0].clone(), &args[1])));
    }
    let default = args
        .get(2)
        .ok_or_else(|| Unknown::Invalid(format!("there is no element {key:?}")))?;
    Ok(Outcome::Chosen(
        default.clone().chosen_by(&args[0]).chosen_by(&args[1]),
    ))
}

fn contains(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let wanted = arg(args, 1)?;
    let mut open = None;
    for item in list(arg(args, 0)?)? {
        if primitive(&item.kind).is_some_and(|p| primitive(&wanted.kind).is_some_and(|w| w != p)) {
            // Terraform converts one to the other's type; which is not always obvious.
            open = Some(Unknown::Unsupported(
                "`contains` with mixed types".to_owned(),
            ));
            continue;
        }
        match equal(item, wanted) {
            Some(true) => return Ok(Outcome::Made(Kind::Bool(true))),
            Some(false) => {}
            None => {
                open = open.or_else(|| {
                    item.why_unknown()
                        .or_else(|| wanted.why_unknown())
                        .or_else(|| {
                            Some(Unknown::Unsupported(
                                "the comparison of lists or objects".to_owned(),
                            ))
                        })
                });
            }
        }
    }
    open.map_or(Ok(Outcome::Made(Kind::Bool(false))), Err)
}

fn coalesce(args: &[Value]) -> Result {
    let kinds: Vec<Primitive> = args.iter().filter_map(|a| primitive(&a.kind)).collect();
    let mixed = kinds.iter().any(|k| *k != kinds[0]);
    for (i, argument) in args.iter().enumerate() {
        match &argument.kind {
            Kind::Null => {}
            Kind::String(s) if s.is_empty() => {}
            Kind::Pattern(parts) if parts.iter().all(|p| matches!(p, Part::Hole(_))) => {
                return Err(why(argument, ""));
            }
            Kind::Unknown(_) | Kind::Ref(_) => return Err(why(argument, "")),
            _ => {
                let mut chosen = argument.clone();
                if mixed {
                    chosen = convert::to_string(chosen);
                }
                return Ok(Outcome::Chosen(
                    args[..i].iter().fold(chosen, Value::chosen_by),
                ));
            }
        }
    }
    Err(Unknown::Invalid("`coalesce` of nothing".to_owned()))
}

fn coalescelist(args: &[Value]) -> Result {
    for (i, argument) in args.iter().enumerate() {
        if argument.is_null() || list(argument)?.is_empty() {
            continue;
        }
        let chosen = argument.clone();
        return Ok(Outcome::Chosen(
            args[..i].iter().fold(chosen, Value::chosen_by),
        ));
    }
    Err(Unknown::Invalid("`coalescelist` of nothing".to_owned()))
}

fn concat(args: &[Value]) -> Result {
    arity(args, 1, usize::MAX)?;
    let mut all = Vec::new();
    for argument in args {
        for item in list(argument)? {
            let mut item = item.clone();
            item.sensitive |= argument.sensitive;
            for origin in &argument.via {
                item = item.through(origin.clone());
            }
            all.push(item);
        }
    }
    let whole = Value::new(Kind::List(all));
    Ok(Outcome::Chosen(args.iter().fold(whole, Value::chosen_by)))
}

fn compact(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let mut kept = Vec::new();
    for item in list(arg(args, 0)?)? {
        match &item.kind {
            Kind::Null => {}
            Kind::String(s) if s.is_empty() => {}
            Kind::Pattern(parts) if parts.iter().any(|p| matches!(p, Part::Text(_))) => {
                kept.push(item.clone());
            }
            Kind::String(_) | Kind::Number(_) | Kind::Bool(_) => {
                kept.push(convert::to_string(item.clone()));
            }
            _ => return Err(why(item, "text is required")),
        }
    }
    relisted(&args[0], kept)
}

fn flatten(args: &[Value]) -> Result {
    fn into(value: &Value, depth: usize, all: &mut Vec<Value>) -> std::result::Result<(), Unknown> {
        if depth > 50 {
            return Err(Unknown::TooDeep("`flatten`".to_owned()));
        }
        for item in list(value)? {
            match &item.kind {
                Kind::List(_) => into(item, depth + 1, all)?,
                // It may turn out to be a list.
                Kind::Unknown(_) | Kind::Ref(_) => return Err(why(item, "")),
                _ => all.push(item.clone()),
            }
        }
        Ok(())
    }
    arity(args, 1, 1)?;
    let mut all = Vec::new();
    into(arg(args, 0)?, 0, &mut all)?;
    relisted(&args[0], all)
}

fn one(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let value = arg(args, 0)?;
    if value.is_null() {
        return Err(Unknown::Invalid("`one` of null".to_owned()));
    }
    match list(value)? {
        [] => Ok(Outcome::Made(Kind::Null)),
        [only] => Ok(Outcome::Chosen(only.clone().chosen_by(value))),
        _ => Err(Unknown::Invalid("`one` of several".to_owned())),
    }
}

fn distinct(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let mut kept: Vec<Value> = Vec::new();
    let mut seen: Vec<Value> = Vec::new();
    for item in unified(known(arg(args, 0)?)?.to_vec()) {
        let bare = content(&item);
        if !seen.contains(&bare) {
            seen.push(bare);
            kept.push(item);
        }
    }
    relisted(&args[0], kept)
}

fn element(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let items = list(arg(args, 0)?)?;
    let at = whole(arg(args, 1)?)?;
    let size = i64::try_from(items.len()).unwrap_or(i64::MAX);
    if at < 0 || size == 0 || args[0].set {
        return Err(Unknown::Invalid("`element` outside of the list".to_owned()));
    }
    let chosen = usize::try_from(at % size)
        .ok()
        .and_then(|i| items.get(i))
        .ok_or_else(|| Unknown::Invalid("`element` outside of the list".to_owned()))?;
    Ok(Outcome::Chosen(
        chosen.clone().chosen_by(&args[0]).chosen_by(&args[1]),
    ))
}

fn index(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let items = known(arg(args, 0)?)?;
    for (i, item) in items.iter().enumerate() {
        match equal(item, arg(args, 1)?) {
            Some(true) => return Ok(Outcome::Made(count(i))),
            Some(false) => {}
            None => return Err(why(&args[1], "the comparison of lists or objects")),
        }
    }
    Err(Unknown::Invalid(
        "`index` of what is not in the list".to_owned(),
    ))
}

fn keys(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    Ok(Outcome::Made(strings(map(arg(args, 0)?)?.keys().cloned())))
}

fn values(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let items = map(arg(args, 0)?)?.values().cloned().collect();
    relisted(&args[0], items)
}

fn zipmap(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (names, items) = (list(arg(args, 0)?)?, list(arg(args, 1)?)?);
    if names.len() != items.len() {
        return Err(Unknown::Invalid("`zipmap` of different lengths".to_owned()));
    }
    let zipped = names
        .iter()
        .zip(items)
        .map(|(name, item)| Ok((string(name)?, item.clone())))
        .collect::<std::result::Result<BTreeMap<_, _>, Unknown>>()?;
    Ok(Outcome::Chosen(
        Value::new(Kind::Object(zipped))
            .chosen_by_all(&args[0])
            .chosen_by(&args[1]),
    ))
}

fn slice(args: &[Value]) -> Result {
    arity(args, 3, 3)?;
    let items = list(arg(args, 0)?)?;
    let bound = |i| -> std::result::Result<usize, Unknown> {
        usize::try_from(whole(arg(args, i)?)?)
            .map_err(|_| Unknown::Invalid("`slice` outside of the list".to_owned()))
    };
    let part = items
        .get(bound(1)?..bound(2)?)
        .ok_or_else(|| Unknown::Invalid("`slice` outside of the list".to_owned()))?;
    relisted(&args[0], part.to_vec())
}

fn chunklist(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let items = list(arg(args, 0)?)?;
    let size = usize::try_from(whole(arg(args, 1)?)?)
        .ok()
        .filter(|s| *s > 0)
        .ok_or_else(|| Unknown::Unsupported("`chunklist` of this size".to_owned()))?;
    listed(
        items
            .chunks(size)
            .map(|chunk| Value::new(Kind::List(chunk.to_vec())))
            .collect(),
    )
}

fn sort(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let mut texts = known(arg(args, 0)?)?
        .iter()
        .map(|v| Ok((string(v)?, v.clone())))
        .collect::<std::result::Result<Vec<_>, Unknown>>()?;
    texts.sort_by(|a, b| a.0.cmp(&b.0));
    let sorted = texts
        .into_iter()
        .map(|(_, v)| convert::to_string(v))
        .collect();
    relisted(&args[0], sorted)
}

fn reverse(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let mut items = list(arg(args, 0)?)?.to_vec();
    items.reverse();
    relisted(&args[0], items)
}

fn tolist(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let value = arg(args, 0)?;
    if value.is_null() {
        return Ok(Outcome::Chosen(value.clone()));
    }
    relisted(value, unified(list(value)?.to_vec()))
}

fn tomap(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let value = arg(args, 0)?;
    if value.is_null() {
        return Ok(Outcome::Chosen(value.clone()));
    }
    let (keys, items): (Vec<_>, Vec<_>) = map(value)?.clone().into_iter().unzip();
    let kind = Kind::Object(keys.into_iter().zip(unified(items)).collect());
    Ok(Outcome::Chosen(value.clone().with_kind(kind)))
}
