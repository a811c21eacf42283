//! `format` and `formatlist`.

use std::sync::Arc;

use super::{Outcome, Result, arg, encode, items, made_value, string, whole, why};
use crate::terraform::value::convert::{joined, parts_of};
use crate::terraform::value::ty::{Ty, typed};
use crate::terraform::value::{Kind, Part, Unknown, Value, convert};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "format" => format(args),
        "formatlist" => formatlist(args),
        _ => return None,
    })
}

fn format(args: &[Value]) -> Result {
    let parts = formatted(&string(arg(args, 0)?)?, &args[1..])?;
    Ok(Outcome::Made(joined(parts)))
}

/// One verb: `%-08.3[1]f`.
#[derive(Default)]
struct Verb {
    minus: bool,
    plus: bool,
    space: bool,
    zero: bool,
    sharp: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

fn unsupported() -> Unknown {
    Unknown::Unsupported("this format string".to_owned())
}

fn digits(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<usize> {
    let mut number = String::new();
    while let Some(digit) = rest.next_if(char::is_ascii_digit) {
        number.push(digit);
    }
    number.parse().ok()
}

/// The verbs in common use. Others are not evaluated.
fn formatted(spec: &str, args: &[Value]) -> std::result::Result<Vec<Part>, Unknown> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut next = 0;
    let mut most = 0;
    let mut numbered = false;
    let mut rest = spec.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        if rest.next_if_eq(&'%').is_some() {
            text.push('%');
            continue;
        }
        let mut verb = Verb::default();
        loop {
            match rest.peek() {
                Some('-') => verb.minus = true,
                Some('+') => verb.plus = true,
                Some(' ') => verb.space = true,
                Some('0') => verb.zero = true,
                Some('#') => verb.sharp = true,
                _ => break,
            }
            rest.next();
        }
        verb.width = digits(&mut rest);
        if rest.next_if_eq(&'.').is_some() {
            verb.precision = Some(digits(&mut rest).unwrap_or(0));
        }
        if rest.next_if_eq(&'[').is_some() {
            let at = digits(&mut rest)
                .filter(|n| *n > 0)
                .ok_or_else(unsupported)?;
            rest.next_if_eq(&']').ok_or_else(unsupported)?;
            next = at - 1;
            numbered = true;
        }
        if verb
            .width
            .into_iter()
            .chain(verb.precision)
            .any(|n| n > 1000)
        {
            return Err(unsupported());
        }
        let mode = rest.next().ok_or_else(unsupported)?;
        if !"vtbdoxXeEfgGsq".contains(mode) {
            return Err(unsupported());
        }
        let value = args
            .get(next)
            .ok_or_else(|| Unknown::Invalid("`format` with too few arguments".to_owned()))?;
        next += 1;
        most = most.max(next);
        parts.push(Part::Text(std::mem::take(&mut text)));
        let simple = verb.width.is_none() && verb.precision.is_none();
        if let (Kind::Unknown(_) | Kind::Ref(_) | Kind::Pattern(_), true) = (&value.kind, simple) {
            match mode {
                's' | 'v' if !verb.sharp => parts.extend(parts_of(value)?),
                'd' | 'f' | 't' | 'x' => parts.push(Part::Hole(convert::hole_of(value))),
                _ => return Err(why(value, "")),
            }
            continue;
        }
        if !value.is_known() {
            return Err(why(value, ""));
        }
        parts.push(Part::Text(verb.written(mode, value)?));
    }
    if most < args.len() && !numbered {
        return Err(Unknown::Invalid(
            "`format` with too many arguments".to_owned(),
        ));
    }
    if most < args.len() {
        return Err(unsupported());
    }
    parts.push(Part::Text(text));
    Ok(parts)
}

/// A number as Go's `%g` writes it with as many digits as it takes: large and small ones with an exponent.
fn general(number: f64) -> Option<String> {
    let plain = convert::number_text(number)?;
    let (mantissa, exponent) = std::format!("{number:e}")
        .split_once('e')
        .map(|(mantissa, exponent)| (mantissa.to_owned(), exponent.parse::<i32>()))?;
    let exponent = exponent.ok()?;
    if (-4..6).contains(&exponent) {
        return Some(plain);
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(std::format!("{mantissa}e{sign}{:02}", exponent.abs()))
}

impl Verb {
    fn written(&self, mode: char, value: &Value) -> std::result::Result<String, Unknown> {
        if value.is_null() {
            // Without a type Terraform leaves the result open; with one most verbs refuse it.
            return Err(match (mode, &value.ty) {
                ('v', _) | (_, None) => unsupported(),
                _ => Unknown::Invalid("`format` of null".to_owned()),
            });
        }
        match mode {
            'v' if self.sharp => {
                if self.width.is_some() || self.precision.is_some() {
                    return Err(unsupported());
                }
                encode::json_text(value)
            }
            'v' => match &value.kind {
                Kind::String(text) => self.padded(text),
                Kind::Bool(b) => self.padded(&b.to_string()),
                Kind::Number(n) if self.plain() => general(*n).ok_or_else(unsupported),
                Kind::List(_) | Kind::Object(_) if self.plain() => encode::json_text(value),
                _ => Err(unsupported()),
            },
            's' => self.padded(&string(value)?),
            'q' => {
                let text = string(value)?;
                if !self.plain() || text.bytes().any(|b| !(b' '..=b'~').contains(&b)) {
                    return Err(unsupported());
                }
                Ok(std::format!(
                    "\"{}\"",
                    text.replace('\\', "\\\\").replace('"', "\\\"")
                ))
            }
            't' => match convert::to_bool(value.clone()).kind {
                Kind::Bool(b) => self.padded(&b.to_string()),
                _ => Err(why(value, "a boolean is required")),
            },
            'd' | 'b' | 'o' | 'x' | 'X' => self.integer(mode, value),
            'f' => self.fixed(value),
            _ => Err(unsupported()),
        }
    }

    fn plain(&self) -> bool {
        self.width.is_none() && self.precision.is_none() && !self.plus && !self.space && !self.sharp
    }

    fn padded(&self, text: &str) -> std::result::Result<String, Unknown> {
        if !text.is_ascii() && (self.width.is_some() || self.precision.is_some()) {
            return Err(unsupported());
        }
        let text = text
            .get(..self.precision.unwrap_or(text.len()))
            .unwrap_or(text);
        let width = self.width.unwrap_or(0);
        Ok(match (self.minus, self.zero) {
            (true, true) => return Err(unsupported()),
            (true, false) => std::format!("{text:<width$}"),
            (false, true) => std::format!("{text:0>width$}"),
            (false, false) => std::format!("{text:>width$}"),
        })
    }

    fn integer(&self, mode: char, value: &Value) -> std::result::Result<String, Unknown> {
        let n = match whole(value) {
            Ok(n) => n,
            // Whether a fraction is cut off or refused depends on the verb.
            Err(Unknown::Invalid(_)) if matches!(value.kind, Kind::Number(_)) => {
                return Err(unsupported());
            }
            Err(why) => return Err(why),
        };
        if self.precision.is_some() || self.sharp || self.space {
            return Err(unsupported());
        }
        let digits = match mode {
            'b' => std::format!("{:b}", n.unsigned_abs()),
            'o' => std::format!("{:o}", n.unsigned_abs()),
            'x' => std::format!("{:x}", n.unsigned_abs()),
            'X' => std::format!("{:X}", n.unsigned_abs()),
            _ => n.unsigned_abs().to_string(),
        };
        self.signed(n < 0, &digits)
    }

    fn signed(&self, negative: bool, digits: &str) -> std::result::Result<String, Unknown> {
        let sign = match (negative, self.plus) {
            (true, _) => "-",
            (false, true) => "+",
            (false, false) => "",
        };
        let width = self.width.unwrap_or(0);
        Ok(if self.minus {
            std::format!("{:<width$}", std::format!("{sign}{digits}"))
        } else if self.zero {
            let width = width.saturating_sub(sign.len());
            std::format!("{sign}{digits:0>width$}")
        } else {
            std::format!("{:>width$}", std::format!("{sign}{digits}"))
        })
    }

    fn fixed(&self, value: &Value) -> std::result::Result<String, Unknown> {
        let n = match convert::to_number(value.clone()).kind {
            Kind::Number(n) => n,
            _ => return Err(why(value, "a number is required")),
        };
        let precision = self.precision.unwrap_or(6);
        // Only where nothing has to be rounded is the text certain: the digits are decimal, not binary.
        let text = convert::number_text(n.abs()).ok_or_else(unsupported)?;
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        if fraction.len() > precision || self.space || self.sharp {
            return Err(unsupported());
        }
        let digits = if precision == 0 {
            whole.to_owned()
        } else {
            std::format!("{whole}.{fraction:0<precision$}")
        };
        self.signed(n.is_sign_negative(), &digits)
    }
}

fn formatlist(args: &[Value]) -> Result {
    let spec = string(arg(args, 0)?)?;
    let mut size = None;
    for argument in &args[1..] {
        if let Kind::List(_) = argument.kind {
            let length = items(argument)?.len();
            if size.is_some_and(|s| s != length) {
                return Err(Unknown::Invalid("lists of different lengths".to_owned()));
            }
            size = Some(length);
        } else if matches!(argument.kind, Kind::Unknown(_) | Kind::Ref(_)) {
            return Err(why(argument, "a list is required"));
        } else if argument.is_null() {
            return Err(Unknown::Unsupported("`formatlist` of null".to_owned()));
        }
    }
    let made = (0..size.unwrap_or(1))
        .map(|i| {
            let row: Vec<Value> = args[1..]
                .iter()
                .map(|a| match &a.kind {
                    Kind::List(items) => items.get(i).cloned().unwrap_or_else(|| a.clone()),
                    _ => a.clone(),
                })
                .collect();
            let text = Value::new(joined(formatted(&spec, &row)?));
            Ok(text.chosen_by_each(&row))
        })
        .collect::<std::result::Result<Vec<_>, Unknown>>()?;
    made_value(typed(
        Value::new(Kind::List(made.into())),
        Ty::List(Arc::new(Ty::String)),
    ))
}
