//! Terraform's conversions between primitive types, and the text form of numbers.

use super::ty::{Ty, typed};
use super::{Kind, Part, Unknown, Value};

/// Numbers outside of these are not worked with.
const SMALL: f64 = 1e-30;
const LARGE: f64 = 1e30;

/// `"true"`/`"false"` (and `"1"`/`"0"`, which Terraform accepts too).
pub(crate) fn bool_of(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// The number written in a text; `None` when it is none, of an odd form, or not exact.
pub(crate) fn number_of(text: &str) -> Option<f64> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = unsigned
        .find(['e', 'E'])
        .map_or((unsigned, ""), |at| unsigned.split_at(at));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
        return None;
    }
    let (whole, point) = match (whole, fraction) {
        ("", _) => ("0", "."),
        (whole, "") => (whole, ""),
        (whole, _) => (whole, "."),
    };
    decimal(&format!("{sign}{whole}{point}{fraction}{exponent}"))
}

/// Whether Terraform might take a text for a number that [`number_of`] does not read.
fn could_be_number(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let digits = lower.trim_start_matches(['+', '-']);
    digits.starts_with("inf")
        || (digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && digits.bytes().all(|b| {
                b.is_ascii_hexdigit() || matches!(b, b'.' | b'+' | b'-' | b'_' | b'p' | b'x' | b'o')
            }))
}

/// A number written in digits, when its shortest decimal form as an f64 is the same number: such numbers compare and
/// print as Terraform's do. `None` for others, and for what is not of the form `-1.5e3`.
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok().filter(|n: &f64| n.is_finite())?;
    let same = digits(text)? == digits(&format!("{number:e}"))?;
    (same && (number == 0.0 || (SMALL..LARGE).contains(&number.abs()))).then_some(number)
}

/// Significant digits and the power of ten behind them.
fn digits(text: &str) -> Option<(String, i64)> {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    if whole.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut power = exponent.parse::<i64>().ok()? - i64::try_from(fraction.len()).ok()?;
    let all = all.trim_start_matches('0');
    let short = all.trim_end_matches('0');
    power += i64::try_from(all.len() - short.len()).ok()?;
    Some((short.to_owned(), if short.is_empty() { 0 } else { power }))
}

/// The text of a number, as Terraform writes it; `None` when an f64 does not carry it exactly enough.
pub(crate) fn number_text(number: f64) -> Option<String> {
    let fits = number == 0.0 || (SMALL..LARGE).contains(&number.abs());
    (number.is_finite() && fits).then(|| format!("{number}"))
}

/// The text of a known primitive.
pub(crate) fn text_of(kind: &Kind) -> Option<String> {
    match kind {
        Kind::String(s) => Some(s.clone()),
        Kind::Bool(b) => Some(b.to_string()),
        Kind::Number(n) => number_text(*n),
        _ => None,
    }
}

/// Why a value cannot stand as text, for a hole of a pattern.
pub(crate) fn hole_of(value: &Value) -> Unknown {
    value
        .why_unknown()
        .unwrap_or_else(|| Unknown::Invalid("a value that is not text in a template".to_owned()))
}

/// The parts of a value inside of a template.
pub(crate) fn parts_of(value: &Value) -> Result<Vec<Part>, Unknown> {
    match &value.kind {
        Kind::Pattern(parts) => Ok(parts.clone()),
        Kind::Unknown(why @ Unknown::Invalid(_)) => Err(why.clone()),
        Kind::Null => Err(Unknown::Invalid("null in a template".to_owned())),
        Kind::List(_) | Kind::Object(_) => Err(Unknown::Invalid(
            "a list or object in a template".to_owned(),
        )),
        Kind::Unknown(_) | Kind::Ref(_) => Ok(vec![Part::Hole(hole_of(value))]),
        known => text_of(known)
            .map(|text| vec![Part::Text(text)])
            .ok_or_else(|| Unknown::Unsupported("a number of this size".to_owned())),
    }
}

/// Joins parts: neighbouring texts become one; without holes it is a string.
pub(crate) fn joined(parts: Vec<Part>) -> Kind {
    let mut merged: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match (merged.last_mut(), part) {
            (Some(Part::Text(text)), Part::Text(more)) => text.push_str(&more),
            (_, Part::Text(text)) if text.is_empty() => {}
            (_, part) => merged.push(part),
        }
    }
    match merged.as_slice() {
        [] => Kind::String(String::new()),
        [Part::Text(text)] => Kind::String(text.clone()),
        _ => Kind::Pattern(merged),
    }
}

/// Whether something unknown has a type that never becomes this one.
fn is_other(value: &Value, wanted: &Ty) -> bool {
    value
        .ty
        .as_deref()
        .is_some_and(|ty| !ty.converts_to(wanted))
}

/// The value as a string: numbers and booleans are written out, what is not known stays.
pub(crate) fn to_string(value: Value) -> Value {
    match &value.kind {
        Kind::Number(_) | Kind::Bool(_) => match text_of(&value.kind) {
            Some(text) => value.with_kind(Kind::String(text)),
            None => value.with_kind(Kind::Unknown(Unknown::Unsupported(
                "a number of this size".to_owned(),
            ))),
        },
        Kind::Null => typed(value, Ty::String),
        Kind::Unknown(_) if is_other(&value, &Ty::String) => value.with_kind(Kind::Unknown(
            Unknown::Invalid("a string is required".to_owned()),
        )),
        Kind::List(_) | Kind::Object(_) => value.with_kind(Kind::Unknown(Unknown::Invalid(
            "a string is required".to_owned(),
        ))),
        _ => value,
    }
}

/// The value as a number.
pub(crate) fn to_number(value: Value) -> Value {
    match &value.kind {
        Kind::String(text) => match number_of(text) {
            Some(n) => value.with_kind(Kind::Number(n)),
            None if could_be_number(text) => value.with_kind(Kind::Unknown(Unknown::Unsupported(
                "a number of this form".to_owned(),
            ))),
            None => value.with_kind(Kind::Unknown(Unknown::Invalid(
                "a number is required".to_owned(),
            ))),
        },
        Kind::Null => typed(value, Ty::Number),
        Kind::Unknown(_) if is_other(&value, &Ty::Number) => value.with_kind(Kind::Unknown(
            Unknown::Invalid("a number is required".to_owned()),
        )),
        Kind::Bool(_) | Kind::List(_) | Kind::Object(_) => value.with_kind(Kind::Unknown(
            Unknown::Invalid("a number is required".to_owned()),
        )),
        Kind::Pattern(_) => {
            let why = hole_of(&value);
            value.with_kind(Kind::Unknown(why))
        }
        _ => value,
    }
}

/// The value as a boolean.
pub(crate) fn to_bool(value: Value) -> Value {
    match &value.kind {
        Kind::String(text) => match bool_of(text) {
            Some(b) => value.with_kind(Kind::Bool(b)),
            None => value.with_kind(Kind::Unknown(Unknown::Invalid(
                "a boolean is required".to_owned(),
            ))),
        },
        Kind::Null => typed(value, Ty::Bool),
        Kind::Unknown(_) if is_other(&value, &Ty::Bool) => value.with_kind(Kind::Unknown(
            Unknown::Invalid("a boolean is required".to_owned()),
        )),
        Kind::Number(_) | Kind::List(_) | Kind::Object(_) => value.with_kind(Kind::Unknown(
            Unknown::Invalid("a boolean is required".to_owned()),
        )),
        Kind::Pattern(_) => {
            let why = hole_of(&value);
            value.with_kind(Kind::Unknown(why))
        }
        _ => value,
    }
}
