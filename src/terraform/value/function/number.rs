//! Functions on numbers.

use super::{Outcome, Result, arg, arity, number, string, whole};
use crate::terraform::value::{Kind, Unknown, Value, convert, operate};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "abs" | "ceil" | "floor" | "signum" => numeric(name, args),
        "min" | "max" => extreme(name, args),
        "pow" => pow(args),
        "parseint" => parseint(args),
        _ => return None,
    })
}

fn numeric(name: &str, args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let n = number(arg(args, 0)?)?;
    Ok(Outcome::Made(Kind::Number(match name {
        "abs" => n.abs(),
        // A whole number is never a negative zero.
        "ceil" => n.ceil() + 0.0,
        "floor" => n.floor() + 0.0,
        _ if n == 0.0 => 0.0,
        _ if n.fract() != 0.0 => {
            return Err(Unknown::Invalid("`signum` of a fraction".to_owned()));
        }
        _ => n.signum(),
    })))
}

fn extreme(name: &str, args: &[Value]) -> Result {
    let mut best: Option<(f64, &Value)> = None;
    for value in args {
        let n = number(value)?;
        let better = best.is_none_or(|(b, _)| if name == "min" { n < b } else { n > b });
        if better {
            best = Some((n, value));
        }
    }
    let (_, best) = best.ok_or_else(|| Unknown::Invalid(format!("`{name}` of nothing")))?;
    let mut chosen = convert::to_number(best.clone());
    for other in args {
        chosen = chosen.chosen_by(other);
    }
    Ok(Outcome::Chosen(chosen))
}

fn pow(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (base, exponent) = (number(arg(args, 0)?)?, number(arg(args, 1)?)?);
    let unsupported = || Unknown::Unsupported("`pow` of this size".to_owned());
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be a small whole number"
    )]
    let exponent = (exponent.fract() == 0.0 && (0.0..=52.0).contains(&exponent))
        .then_some(exponent as i32)
        .ok_or_else(unsupported)?;
    let result = base.powi(exponent);
    if operate::exact(base) && operate::exact(result) && result.abs() < 9e15 {
        Ok(Outcome::Made(Kind::Number(result)))
    } else {
        Err(unsupported())
    }
}

fn parseint(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let value = arg(args, 0)?;
    if matches!(value.kind, Kind::Bool(_) | Kind::Number(_)) {
        return Err(Unknown::Invalid(
            "`parseint` of something that is no text".to_owned(),
        ));
    }
    let (text, base) = (string(value)?, whole(arg(args, 1)?)?);
    let base = u32::try_from(base)
        .ok()
        .filter(|b| (2..=36).contains(b))
        .ok_or_else(|| Unknown::Unsupported("`parseint` with this base".to_owned()))?;
    let digits = text.strip_prefix('-').unwrap_or(&text);
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return Err(if digits.starts_with('+') {
            Unknown::Unsupported("`parseint` of this form".to_owned())
        } else {
            Unknown::Invalid("no number of this base".to_owned())
        });
    }
    let n = i64::from_str_radix(&text, base)
        .ok()
        .filter(|n| n.abs() < 1 << 53)
        .ok_or_else(|| Unknown::Unsupported("a number of this size".to_owned()))?;
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    Ok(Outcome::Made(Kind::Number(n as f64)))
}
