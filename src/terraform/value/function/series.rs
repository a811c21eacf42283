//! Functions on sets, truth values and series of numbers.

use super::{Outcome, Result, arg, arity, known, list, listed, number, whole, why};
use crate::terraform::value::convert::{primitive, to_bool, to_set};
use crate::terraform::value::{Kind, Unknown, Value};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "alltrue" | "anytrue" => truth(name, args),
        "sum" => sum(args),
        "range" => range(args),
        "toset" => toset(args),
        "setunion" | "setintersection" | "setsubtract" => sets(name, args),
        "setproduct" => setproduct(args),
        _ => return None,
    })
}

fn truth(name: &str, args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let decisive = name == "anytrue";
    let mut open = None;
    for item in list(arg(args, 0)?)? {
        match to_bool(item.clone()).kind {
            Kind::Bool(b) if b == decisive => return Ok(Outcome::Made(Kind::Bool(decisive))),
            Kind::Bool(_) => {}
            Kind::Null => {
                if !decisive {
                    return Ok(Outcome::Made(Kind::Bool(false)));
                }
            }
            _ => open = Some(why(item, "a boolean is required")),
        }
    }
    open.map_or(Ok(Outcome::Made(Kind::Bool(!decisive))), Err)
}

fn sum(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let items = list(arg(args, 0)?)?;
    if items.is_empty() {
        return Err(Unknown::Invalid("`sum` of nothing".to_owned()));
    }
    let mut total = 0.0;
    for item in items {
        let n = number(item)?;
        total += n;
        if n.fract() != 0.0 || f64::abs(total) > 9e15 {
            return Err(Unknown::Unsupported("`sum` with fractions".to_owned()));
        }
    }
    Ok(Outcome::Made(Kind::Number(total)))
}

fn range(args: &[Value]) -> Result {
    arity(args, 1, 3)?;
    let bounds = args
        .iter()
        .map(whole)
        .collect::<std::result::Result<Vec<_>, Unknown>>()?;
    let (start, end) = match bounds.as_slice() {
        [end] => (0, *end),
        [start, end, ..] => (*start, *end),
        [] => (0, 0),
    };
    let step = bounds
        .get(2)
        .copied()
        .unwrap_or(if end < start { -1 } else { 1 });
    if step == 0 || (end < start) != (step < 0) && end != start {
        return Err(Unknown::Invalid("`range` that never ends".to_owned()));
    }
    let mut numbers = Vec::new();
    let mut at = start;
    while (step > 0 && at < end) || (step < 0 && at > end) {
        // Terraform's own limit.
        if numbers.len() >= 1024 {
            return Err(Unknown::Invalid(
                "`range` of more than 1024 numbers".to_owned(),
            ));
        }
        #[expect(clippy::cast_precision_loss, reason = "checked to be exact")]
        numbers.push(Value::new(Kind::Number(at as f64)));
        at += step;
    }
    Ok(Outcome::Made(Kind::List(numbers)))
}

fn toset(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    Ok(Outcome::Chosen(to_set(arg(args, 0)?.clone())))
}

fn sets(name: &str, args: &[Value]) -> Result {
    arity(args, 1, usize::MAX)?;
    let mut all: Vec<Value> = known(arg(args, 0)?)?.to_vec();
    for argument in &args[1..] {
        let other = known(argument)?;
        let mixed = all.iter().chain(other).any(|v| {
            primitive(&v.kind).is_none()
                || primitive(&v.kind)
                    != all
                        .iter()
                        .chain(other)
                        .next()
                        .and_then(|f| primitive(&f.kind))
        });
        if mixed {
            return Err(Unknown::Unsupported(format!("`{name}` of mixed types")));
        }
        let has = |v: &Value| other.iter().any(|o| o.kind == v.kind);
        match name {
            "setunion" => all.extend(other.iter().cloned()),
            "setintersection" => all.retain(|v| has(v)),
            _ => all.retain(|v| !has(v)),
        }
    }
    let set = to_set(Value::new(Kind::List(all)));
    Ok(Outcome::MadeSet(set))
}

fn setproduct(args: &[Value]) -> Result {
    arity(args, 2, usize::MAX)?;
    if args.iter().any(|a| a.set) {
        return Err(Unknown::Unsupported("`setproduct` of sets".to_owned()));
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for argument in args {
        let items = list(argument)?;
        if rows.len().saturating_mul(items.len()) > 10_000 {
            return Err(Unknown::Unsupported("`setproduct` of this size".to_owned()));
        }
        rows = rows
            .iter()
            .flat_map(|row| {
                items.iter().map(|item| {
                    let mut longer = row.clone();
                    longer.push(item.clone());
                    longer
                })
            })
            .collect();
    }
    listed(
        rows.into_iter()
            .map(|row| Value::new(Kind::List(row)))
            .collect(),
    )
}
