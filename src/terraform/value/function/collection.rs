//! Functions that look into collections, and those on maps.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    Outcome, Result, arg, arity, choosing, count, items, made_value, map, string, text, whole, why,
};
use crate::terraform::value::convert::{self, to_bool};
use crate::terraform::value::operate::{self, equal};
use crate::terraform::value::ty::{self, Apart, Ty, typed};
use crate::terraform::value::walk::{Certain, into_index};
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
        "one" => one(args),
        "element" => element(args),
        "index" => index(args),
        "keys" => keys(args),
        "values" => values(args),
        "zipmap" => zipmap(args),
        "alltrue" | "anytrue" => truth(name, args),
        "sum" => sum(args),
        _ => return None,
    })
}

fn length(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let value = arg(args, 0)?;
    Ok(Outcome::Made(match &value.kind {
        Kind::String(s) => text::length(s)?,
        Kind::Object(map) => count(map.len()),
        _ => count(items(value)?.len()),
    }))
}

/// The entries of a merged map, each with what the map as a whole says of it.
fn entries_of(argument: &Value, map: &BTreeMap<String, Value>, into: &mut BTreeMap<String, Value>) {
    for (key, value) in map {
        let mut value = value.clone();
        value.sensitive |= argument.sensitive;
        for origin in &argument.via {
            value = value.through(origin.clone());
        }
        into.insert(key.clone(), value);
    }
}

fn merge(args: &[Value]) -> Result {
    let given: Vec<&Value> = args.iter().filter(|a| !a.is_null()).collect();
    if given.is_empty() && !args.is_empty() {
        return Err(Unknown::Unsupported(
            "`merge` of nothing but null".to_owned(),
        ));
    }
    let mut merged: BTreeMap<String, Value> = BTreeMap::new();
    let mut open = None;
    for argument in &given {
        match &argument.kind {
            Kind::Object(map) => entries_of(argument, map, &mut merged),
            Kind::Unknown(_) | Kind::Ref(_) => {
                // It may replace everything before it.
                merged.clear();
                if let Some(Certain::Entries(certain)) = argument.certain.as_deref() {
                    entries_of(argument, certain, &mut merged);
                }
                open = open.or_else(|| Some(why(argument, "")));
            }
            _ => {
                return Err(Unknown::Invalid(
                    "`merge` of something that is no map".to_owned(),
                ));
            }
        }
    }
    let types: Vec<Ty> = args.iter().map(Ty::of).collect();
    let mut whole = Value::new(Kind::Null);
    if let Some(open) = open {
        whole.kind = Kind::Unknown(open);
        whole.certain = Some(Arc::new(Certain::Entries(merged)));
    } else {
        whole.kind = Kind::Object(merged.into());
        let one_type = types.iter().all(|t| *t == types[0]);
        if let (Some(Ty::Map(_)), true) = (types.first(), one_type) {
            whole.ty = types.into_iter().next().map(Arc::new);
        }
    }
    Ok(Outcome::Chosen(choosing(whole, args)))
}

fn lookup(args: &[Value]) -> Result {
    arity(args, 2, 3)?;
    let whole = arg(args, 0)?;
    let key = string(arg(args, 1)?)?;
    if let (Kind::Unknown(_), Some(Certain::Entries(certain))) =
        (&whole.kind, whole.certain.as_deref())
        && certain.contains_key(&key)
    {
        return Ok(Outcome::Chosen(into_index(whole.clone(), &args[1])));
    }
    let entries = map(whole)?;
    let ty = Ty::of(whole);
    let default = match (&ty, args.get(2)) {
        (Ty::Map(of), Some(default)) => {
            let converted = ty::convert(default.clone(), of);
            if let (Kind::Unknown(why @ Unknown::Invalid(_)), false) =
                (&converted.kind, default.kind == converted.kind)
            {
                return Err(why.clone());
            }
            Some(converted)
        }
        (Ty::Open, Some(default)) => Some(ty::convert(default.clone(), &Ty::Open)),
        (_, default) => default.cloned(),
    };
    if entries.contains_key(&key) {
        return Ok(Outcome::Chosen(into_index(whole.clone(), &args[1])));
    }
    let default =
        default.ok_or_else(|| Unknown::Invalid(format!("there is no element {key:?}")))?;
    Ok(Outcome::Chosen(
        default.chosen_by(&args[0]).chosen_by(&args[1]),
    ))
}

fn contains(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let wanted = arg(args, 1)?;
    let mut open = None;
    // The order of a set does not matter here, nor how many of its elements are the same.
    let held = match &arg(args, 0)?.kind {
        Kind::List(held) => held,
        _ => items(&args[0])?,
    };
    for item in held {
        match equal(item, wanted) {
            Some(true) => return Ok(Outcome::Made(Kind::Bool(true))),
            Some(false) => {}
            None => {
                open = open
                    .or_else(|| item.why_unknown())
                    .or_else(|| wanted.why_unknown())
                    .or_else(|| Some(Unknown::Unsupported("this comparison".to_owned())));
            }
        }
    }
    open.map_or(Ok(Outcome::Made(Kind::Bool(false))), Err)
}

fn coalesce(args: &[Value]) -> Result {
    let types: Vec<Ty> = args.iter().map(Ty::of).collect();
    let common = match ty::unify(&types) {
        Ok(common) => common,
        // Beside an untyped null the values are taken as they are.
        Err(Apart::Undetermined) if types.contains(&Ty::Any) => Ty::Any,
        Err(apart) => return Err(apart.reason("arguments of `coalesce`")),
    };
    for (i, argument) in args.iter().enumerate() {
        match &argument.kind {
            Kind::Null => continue,
            Kind::String(s) if s.is_empty() && common == Ty::String => continue,
            // Text that may be empty: whether it is passed over is not known.
            Kind::String(s) if s.is_empty() && common.is_open() => {
                return Err(Unknown::Unsupported("`coalesce` of open types".to_owned()));
            }
            Kind::Pattern(parts) if parts.iter().all(|p| matches!(p, Part::Hole(_))) => {
                return Err(why(argument, ""));
            }
            Kind::Unknown(_) | Kind::Ref(_) => return Err(why(argument, "")),
            _ => {}
        }
        let chosen = ty::convert(argument.clone(), &common);
        return Ok(Outcome::Chosen(choosing(chosen, &args[..i])));
    }
    Err(Unknown::Invalid("`coalesce` of nothing".to_owned()))
}

fn coalescelist(args: &[Value]) -> Result {
    if args.iter().any(|a| a.set) {
        return Err(Unknown::Invalid("`coalescelist` of a set".to_owned()));
    }
    for (i, argument) in args.iter().enumerate() {
        if argument.is_null() || items(argument)?.is_empty() {
            continue;
        }
        return Ok(Outcome::Chosen(choosing(argument.clone(), &args[..i])));
    }
    Err(Unknown::Invalid("`coalescelist` of nothing".to_owned()))
}

fn one(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let value = arg(args, 0)?;
    if value.is_null() {
        return Err(Unknown::Invalid("`one` of null".to_owned()));
    }
    match items(value)? {
        [] => Ok(Outcome::Chosen(
            match Ty::of(value) {
                Ty::List(of) | Ty::Set(of) => typed(Value::new(Kind::Null), (*of).clone()),
                _ => Value::new(Kind::Null),
            }
            .chosen_by(value),
        )),
        [only] => Ok(Outcome::Chosen(only.clone().chosen_by(value))),
        _ => Err(Unknown::Invalid("`one` of several".to_owned())),
    }
}

fn element(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let held = items(arg(args, 0)?)?;
    let at = whole(arg(args, 1)?)?;
    let size = i64::try_from(held.len()).unwrap_or(i64::MAX);
    if size == 0 || args[0].set {
        return Err(Unknown::Invalid("`element` outside of the list".to_owned()));
    }
    let chosen = usize::try_from(at)
        .ok()
        .and_then(|i| held.get(i % held.len()))
        .ok_or_else(|| Unknown::Unsupported("`element` with a negative index".to_owned()))?;
    Ok(Outcome::Chosen(
        chosen.clone().chosen_by(&args[0]).chosen_by(&args[1]),
    ))
}

fn index(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let held = items(arg(args, 0)?)?;
    if args[0].set {
        return Err(Unknown::Invalid("`index` of a set".to_owned()));
    }
    for (i, item) in held.iter().enumerate() {
        match equal(item, arg(args, 1)?) {
            Some(true) => return Ok(Outcome::Made(count(i))),
            Some(false) => {}
            None => {
                return Err(item
                    .why_unknown()
                    .or_else(|| args[1].why_unknown())
                    .unwrap_or_else(|| Unknown::Unsupported("this comparison".to_owned())));
            }
        }
    }
    Err(Unknown::Invalid(
        "`index` of what is not in the list".to_owned(),
    ))
}

/// The type of a list that is made from the entries of a map; a tuple, from those of an object.
fn list_of(value: &Value, of: impl FnOnce(&Ty) -> Ty) -> Option<Ty> {
    match Ty::of(value) {
        Ty::Map(element) => Some(Ty::List(Arc::new(of(&element)))),
        Ty::Open => Some(Ty::Open),
        _ => None,
    }
}

fn keys(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let names = map(arg(args, 0)?)?.keys();
    let names = names.map(|k| Value::new(Kind::String(k.clone()))).collect();
    let mut list = Value::new(Kind::List(names));
    list.ty = list_of(&args[0], |_| Ty::String).map(Arc::new);
    made_value(list)
}

fn values(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let value = arg(args, 0)?;
    let held = map(value)?.values().cloned().collect();
    let mut list = value.clone().with_kind(Kind::List(held));
    list.ty = list_of(value, Ty::clone).map(Arc::new);
    Ok(Outcome::Chosen(list))
}

fn zipmap(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (names, held) = (items(arg(args, 0)?)?, items(arg(args, 1)?)?);
    if names.len() != held.len() {
        return Err(Unknown::Invalid("`zipmap` of different lengths".to_owned()));
    }
    if args[1].set {
        return Err(Unknown::Unsupported("`zipmap` of a set".to_owned()));
    }
    let zipped = names
        .iter()
        .zip(held)
        .map(|(name, item)| Ok((string(name)?, item.clone())))
        .collect::<std::result::Result<BTreeMap<_, _>, Unknown>>()?;
    let mut value = Value::new(Kind::Object(zipped.into()));
    value.ty = match Ty::of(&args[1]) {
        Ty::List(of) => Some(Arc::new(Ty::Map(of))),
        Ty::Open => Some(Arc::new(Ty::Open)),
        _ => None,
    };
    Ok(Outcome::Chosen(
        value.chosen_by_all(&args[0]).chosen_by(&args[1]),
    ))
}

fn truth(name: &str, args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let decisive = name == "anytrue";
    let mut open = None;
    if let Ty::List(of) | Ty::Set(of) = Ty::of(arg(args, 0)?)
        && *of == Ty::Number
    {
        return Err(Unknown::Invalid(format!("`{name}` of numbers")));
    }
    for item in items(arg(args, 0)?)? {
        match to_bool(item.clone()).kind {
            Kind::Bool(b) if b == decisive => {
                open = Some(Ok(Outcome::Made(Kind::Bool(decisive))));
                break;
            }
            Kind::Bool(_) => {}
            Kind::Null if decisive => {}
            Kind::Null => open = open.or(Some(Ok(Outcome::Made(Kind::Bool(false))))),
            _ => open = open.or_else(|| Some(Err(why(item, "a boolean is required")))),
        }
    }
    // Elements that cannot be booleans are an error wherever they stand.
    if let Some(wrong) =
        args[0]
            .as_list()
            .into_iter()
            .flatten()
            .find_map(|v| match to_bool(v.clone()).kind {
                Kind::Unknown(why @ Unknown::Invalid(_)) => Some(why),
                _ => None,
            })
    {
        return Err(wrong);
    }
    open.unwrap_or(Ok(Outcome::Made(Kind::Bool(!decisive))))
}

fn sum(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let held = items(arg(args, 0)?)?;
    if held.is_empty() {
        return Err(Unknown::Invalid("`sum` of nothing".to_owned()));
    }
    // The sum of negative zeros is one.
    let mut total = -0.0;
    for item in held {
        let n = match convert::to_number(item.clone()).kind {
            Kind::Number(n) => n,
            _ => return Err(why(item, "a number is required")),
        };
        total += n;
        if !operate::exact(n) || !operate::exact(total) {
            return Err(Unknown::Unsupported("`sum` with fractions".to_owned()));
        }
    }
    Ok(Outcome::Made(Kind::Number(total)))
}
