//! JSON and YAML: `jsonencode`, `jsondecode`, `yamldecode`, `yamlencode`.

use std::fmt::Write as _;

use super::{Outcome, Result, arg, arity, string, why};
use crate::terraform::data;
use crate::terraform::value::convert::{self, joined};
use crate::terraform::value::{Kind, Part, Unknown, Value, set};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "jsonencode" => jsonencode(args),
        "jsondecode" => decoded(args, data::json::read),
        "yamldecode" => decoded(args, data::yaml::read),
        "yamlencode" => yamlencode(args),
        _ => return None,
    })
}

fn decoded(
    args: &[Value],
    read: impl Fn(&str) -> std::result::Result<data::Node, data::DataProblem>,
) -> Result {
    arity(args, 1, 1)?;
    let text = string(arg(args, 0)?)?;
    let node = read(&text).map_err(|problem| problem.reason())?;
    Ok(Outcome::Made(node.value(None).kind))
}

fn jsonencode(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let mut parts = Vec::new();
    json(arg(args, 0)?, &mut parts)?;
    Ok(Outcome::Made(joined(parts)))
}

/// A known value as JSON text.
pub(super) fn json_text(value: &Value) -> std::result::Result<String, Unknown> {
    let mut parts = Vec::new();
    json(value, &mut parts)?;
    match joined(parts) {
        Kind::String(text) => Ok(text),
        _ => Err(why(value, "a known value is required")),
    }
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
            if value.set && !set::is_ordered(items) {
                return Err(set::unordered(items));
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

fn yamlencode(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let value = arg(args, 0)?;
    if !value.is_known() {
        return Err(why(value, ""));
    }
    let mut out = String::new();
    yaml(value, 0, Place::Top, &mut out)?;
    Ok(Outcome::Made(Kind::String(out)))
}

/// Where a piece of YAML is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    /// Behind `key:`.
    Entry,
    /// Behind `-`.
    Item,
}

fn yaml(
    value: &Value,
    indent: usize,
    place: Place,
    out: &mut String,
) -> std::result::Result<(), Unknown> {
    let unsupported = || Unknown::Unsupported("`yamlencode` of this value".to_owned());
    let space = if place == Place::Top { "" } else { " " };
    match &value.kind {
        Kind::List(items) if !items.is_empty() => {
            if value.set && !set::is_ordered(items) {
                return Err(set::unordered(items));
            }
            // A list stands below its key, not further in.
            let inner = indent;
            for (i, item) in items.iter().enumerate() {
                if i == 0 && place == Place::Item {
                    out.push(' ');
                } else {
                    if i == 0 && place == Place::Entry {
                        out.push('\n');
                    }
                    out.push_str(&" ".repeat(inner));
                }
                out.push('-');
                yaml(item, inner + 2, Place::Item, out)?;
            }
        }
        Kind::Object(map) if !map.is_empty() => {
            for (i, (key, item)) in map.iter().enumerate() {
                if i == 0 && place == Place::Item {
                    out.push(' ');
                } else {
                    if i == 0 && place == Place::Entry {
                        out.push('\n');
                    }
                    out.push_str(&" ".repeat(indent));
                }
                out.push_str(&yaml_text(key).ok_or_else(unsupported)?);
                out.push(':');
                let deeper = match item.kind {
                    Kind::List(_) => indent,
                    _ => indent + 2,
                };
                yaml(item, deeper, Place::Entry, out)?;
            }
        }
        _ => {
            let text = match &value.kind {
                Kind::Null => "null".to_owned(),
                Kind::Bool(b) => b.to_string(),
                Kind::Number(n) if n.fract() == 0.0 && n.abs() < 1e15 => {
                    convert::number_text(*n).ok_or_else(unsupported)?
                }
                Kind::String(s) => yaml_text(s).ok_or_else(unsupported)?,
                Kind::List(_) => "[]".to_owned(),
                Kind::Object(_) => "{}".to_owned(),
                _ => return Err(unsupported()),
            };
            out.push_str(space);
            out.push_str(&text);
            out.push('\n');
            // A document that is one plain word is closed.
            if place == Place::Top
                && matches!(value.kind, Kind::Null | Kind::Bool(_) | Kind::Number(_))
            {
                out.push_str("...\n");
            }
        }
    }
    Ok(())
}

/// A short line of plain characters in quotes; other texts are written in other ways.
fn yaml_text(text: &str) -> Option<String> {
    let plain = text.len() <= 60 && text.bytes().all(|b| (b' '..=b'~').contains(&b));
    plain.then(|| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}
