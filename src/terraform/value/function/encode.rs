//! `jsonencode`, `jsondecode`, `base64encode`, `base64decode`, and `type`-free conversions to text.

use std::fmt::Write as _;

use super::{Outcome, Result, arg, arity, string, why};
use crate::terraform::value::convert::{self, joined};
use crate::terraform::value::{Kind, Part, Unknown, Value};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "jsonencode" => jsonencode(args),
        "jsondecode" => jsondecode(args),
        "base64encode" => base64encode(args),
        "urlencode" => urlencode(args),
        _ => return None,
    })
}

fn jsonencode(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let mut parts = Vec::new();
    json(arg(args, 0)?, &mut parts)?;
    Ok(Outcome::Made(joined(parts)))
}

fn json(value: &Value, parts: &mut Vec<Part>) -> std::result::Result<(), Unknown> {
    let text = |t: &str| Part::Text(t.to_owned());
    match &value.kind {
        Kind::Null => parts.push(text("null")),
        Kind::Bool(b) => parts.push(Part::Text(b.to_string())),
        Kind::Number(n) => parts
            .push(Part::Text(convert::number_text(*n).ok_or_else(|| {
                Unknown::Unsupported("a number of this size".to_owned())
            })?)),
        Kind::String(s) => {
            parts.push(Part::Text(format!("\"{}\"", escaped(s)?)));
        }
        Kind::List(items) => {
            // The order of a set is known only when its elements are.
            if value.set && items.len() > 1 && !value.is_known() {
                return Err(why(value, ""));
            }
            parts.push(text("["));
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    parts.push(text(","));
                }
                json(item, parts)?;
            }
            parts.push(text("]"));
        }
        Kind::Object(map) => {
            parts.push(text("{"));
            for (i, (key, item)) in map.iter().enumerate() {
                if i > 0 {
                    parts.push(text(","));
                }
                parts.push(Part::Text(format!("\"{}\":", escaped(key)?)));
                json(item, parts)?;
            }
            parts.push(text("}"));
        }
        Kind::Pattern(inner) => {
            parts.push(text("\""));
            for part in inner {
                parts.push(match part {
                    Part::Text(t) => Part::Text(escaped(t)?),
                    hole => hole.clone(),
                });
            }
            parts.push(text("\""));
        }
        Kind::Unknown(why @ Unknown::Invalid(_)) => return Err(why.clone()),
        Kind::Ref(_) | Kind::Unknown(_) => parts.push(Part::Hole(convert::hole_of(value))),
    }
    Ok(())
}

/// A JSON string's inside, as Go writes it.
fn escaped(text: &str) -> std::result::Result<String, Unknown> {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c if c.is_control() => {
                return Err(Unknown::Unsupported(
                    "`jsonencode` of control characters".to_owned(),
                ));
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

fn jsondecode(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let text = string(arg(args, 0)?)?;
    let decoded: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| Unknown::Invalid(format!("no JSON: {e}")))?;
    Ok(Outcome::Made(from_json(&decoded)?.kind))
}

fn from_json(json: &serde_json::Value) -> std::result::Result<Value, Unknown> {
    use serde_json::Value as Json;
    Ok(Value::new(match json {
        Json::Null => Kind::Null,
        Json::Bool(b) => Kind::Bool(*b),
        Json::Number(n) => Kind::Number(
            n.as_f64()
                .filter(|n| convert::number_text(*n).is_some())
                .ok_or_else(|| Unknown::Unsupported("a number of this size".to_owned()))?,
        ),
        Json::String(s) => Kind::String(s.clone()),
        Json::Array(items) => Kind::List(
            items
                .iter()
                .map(from_json)
                .collect::<std::result::Result<_, _>>()?,
        ),
        Json::Object(map) => Kind::Object(
            map.iter()
                .map(|(k, v)| Ok((k.clone(), from_json(v)?)))
                .collect::<std::result::Result<_, Unknown>>()?,
        ),
    }))
}

fn base64encode(args: &[Value]) -> Result {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    arity(args, 1, 1)?;
    let text = string(arg(args, 0)?)?;
    let mut out = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let mut bits: u32 = 0;
        for i in 0..3 {
            bits = bits << 8 | u32::from(chunk.get(i).copied().unwrap_or(0));
        }
        for i in 0..4 {
            if i <= chunk.len() {
                out.push(char::from(ALPHABET[(bits >> (18 - 6 * i) & 63) as usize]));
            } else {
                out.push('=');
            }
        }
    }
    Ok(Outcome::Made(Kind::String(out)))
}

fn urlencode(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let mut out = String::new();
    for byte in string(arg(args, 0)?)?.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    Ok(Outcome::Made(Kind::String(out)))
}
