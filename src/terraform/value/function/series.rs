//! Conversions to collections, and functions on sets.

use std::sync::Arc;

use super::{Outcome, Result, arg, arity, converted, items, made_value};
use crate::terraform::value::ty::{self, Ty};
use crate::terraform::value::walk::content;
use crate::terraform::value::{Kind, Unknown, Value, set};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    let any = || Arc::new(Ty::Any);
    Some(match name {
        "tostring" => conversion(args, &Ty::String),
        "tonumber" => conversion(args, &Ty::Number),
        "tobool" => conversion(args, &Ty::Bool),
        "tolist" => conversion(args, &Ty::List(any())),
        "toset" => conversion(args, &Ty::Set(any())),
        "tomap" => conversion(args, &Ty::Map(any())),
        "setunion" | "setintersection" | "setsubtract" => sets(name, args),
        "setproduct" => setproduct(args),
        _ => return None,
    })
}

fn conversion(args: &[Value], to: &Ty) -> Result {
    arity(args, 1, 1)?;
    Ok(Outcome::Chosen(ty::convert(arg(args, 0)?.clone(), to)))
}

fn sets(name: &str, args: &[Value]) -> Result {
    arity(args, 1, usize::MAX)?;
    let any = Ty::Set(Arc::new(Ty::Any));
    let mut given = Vec::with_capacity(args.len());
    for argument in args {
        let set = converted(argument, &any)?;
        if let Some(why) = set.why_unknown() {
            return Err(why);
        }
        given.push(set);
    }
    // An empty set without a type takes that of the others.
    let types: Vec<Ty> = given.iter().map(Ty::of).filter(|t| *t != any).collect();
    let common = ty::unify(&types).map_err(|apart| apart.reason("sets"))?;
    let common = if types.is_empty() { any } else { common };
    let mut all: Option<Vec<Value>> = None;
    for one in given {
        let one = ty::convert(one, &common);
        let Kind::List(held) = one.kind else {
            return Err(super::why(&one, "a set is required"));
        };
        let Some(before) = &mut all else {
            all = Some(held.into_inner());
            continue;
        };
        let bare: Vec<Value> = held.iter().map(content).collect();
        let has = |v: &Value| {
            let v = content(v);
            bare.iter().any(|held| set::identical(held, &v))
        };
        match name {
            "setunion" => before.extend(held),
            "setintersection" => before.retain(has),
            _ => before.retain(|v| !has(v)),
        }
    }
    let list = Value::new(Kind::List(all.unwrap_or_default().into()));
    made_value(ty::convert(list, &common))
}

fn setproduct(args: &[Value]) -> Result {
    arity(args, 2, usize::MAX)?;
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for argument in args {
        let held = items(argument)?;
        if rows.len().saturating_mul(held.len()) > 10_000 {
            return Err(Unknown::Unsupported("`setproduct` of this size".to_owned()));
        }
        rows = rows
            .iter()
            .flat_map(|row| {
                held.iter().map(|item| {
                    let mut longer = row.clone();
                    longer.push(item.clone());
                    longer
                })
            })
            .collect();
    }
    // Each place of a row has the element type of its list.
    let mut of = Vec::with_capacity(args.len());
    for argument in args {
        of.push(match Ty::of(argument) {
            Ty::List(of) | Ty::Set(of) => (*of).clone(),
            Ty::Tuple(items) => ty::unify(&items).map_err(|apart| apart.reason("elements"))?,
            _ => Ty::Open,
        });
    }
    let row = Ty::Tuple(of);
    let rows = Value::new(Kind::List(
        rows.into_iter()
            .map(|row| Value::new(Kind::List(row.into())))
            .collect(),
    ));
    let made = if args.iter().any(|a| a.set) {
        Ty::Set(Arc::new(row))
    } else {
        Ty::List(Arc::new(row))
    };
    Ok(Outcome::Chosen(ty::convert(rows, &made)))
}
