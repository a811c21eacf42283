//! Functions on strings.

use super::{
    Outcome, Result, arg, arity, count, items, made_text, made_value, string, strings, whole,
};
use crate::terraform::value::convert::{joined, parts_of};
use crate::terraform::value::{Kind, Part, Unknown, Value};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "join" => join(args),
        "lower" | "upper" | "title" | "trimspace" | "chomp" | "strrev" => simple(name, args),
        "trim" | "trimprefix" | "trimsuffix" => trim(name, args),
        "startswith" | "endswith" | "strcontains" => test(name, args),
        "split" => split(args),
        "substr" => substr(args),
        "indent" => indent(args),
        "sensitive" | "nonsensitive" => mark(name, args),
        "issensitive" => issensitive(args),
        "ephemeralasnull" => Err(Unknown::Unsupported(
            "function `ephemeralasnull`".to_owned(),
        )),
        _ => return None,
    })
}

fn mark(name: &str, args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let mut value = arg(args, 0)?.clone();
    value.sensitive = name == "sensitive";
    Ok(Outcome::Chosen(value))
}

fn issensitive(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let value = arg(args, 0)?;
    // Marks of elements and of what is not known are not followed as Terraform does.
    match (value.sensitive, &value.kind) {
        (true, _) | (_, Kind::List(_) | Kind::Object(_) | Kind::Unknown(_) | Kind::Ref(_)) => {
            Err(Unknown::Unsupported("function `issensitive`".to_owned()))
        }
        (false, _) => Ok(Outcome::Made(Kind::Bool(false))),
    }
}

fn simple(name: &str, args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    if let (Kind::Pattern(parts), "lower" | "upper") = (&arg(args, 0)?.kind, name) {
        return case_of_pattern(name, parts);
    }
    let text = string(arg(args, 0)?)?;
    // Outside of ASCII, upper and lower case and what counts as a letter differ between Unicode versions.
    if !text.is_ascii() && name != "chomp" {
        return Err(Unknown::Unsupported(format!(
            "`{name}` of text outside of ASCII"
        )));
    }
    made_text(match name {
        "lower" => text.to_ascii_lowercase(),
        "upper" => text.to_ascii_uppercase(),
        "trimspace" => text.trim().to_owned(),
        "chomp" => text.trim_end_matches(['\n', '\r']).to_owned(),
        "strrev" => {
            if text.contains("\r\n") {
                return Err(Unknown::Unsupported("`strrev` of CRLF".to_owned()));
            }
            text.chars().rev().collect()
        }
        _ => {
            // A word begins after anything that is no letter, digit, underscore or apostrophe-free sign.
            let in_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let mut before = ' ';
            text.chars()
                .map(|c| {
                    let starts = !in_word(std::mem::replace(&mut before, c));
                    if starts { c.to_ascii_uppercase() } else { c }
                })
                .collect()
        }
    })
}

/// The known text of a pattern changes its case; a hole stays any text.
fn case_of_pattern(name: &str, parts: &[Part]) -> Result {
    let changed = parts
        .iter()
        .map(|part| match part {
            Part::Text(text) if !text.is_ascii() => Err(Unknown::Unsupported(format!(
                "`{name}` of text outside of ASCII"
            ))),
            Part::Text(text) if name == "lower" => Ok(Part::Text(text.to_ascii_lowercase())),
            Part::Text(text) => Ok(Part::Text(text.to_ascii_uppercase())),
            Part::Hole(why) => Ok(Part::Hole(why.clone())),
        })
        .collect::<std::result::Result<Vec<_>, Unknown>>()?;
    Ok(Outcome::Made(joined(changed)))
}

fn trim(name: &str, args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let cut = string(arg(args, 1)?)?;
    // Text with holes keeps them when what is cut off lies in the known end.
    if let (Kind::Pattern(parts), "trimprefix" | "trimsuffix") = (&arg(args, 0)?.kind, name) {
        return trimmed_pattern(name, parts, &cut);
    }
    let text = string(arg(args, 0)?)?;
    made_text(match name {
        "trim" => text.trim_matches(|c| cut.contains(c)).to_owned(),
        "trimprefix" => text.strip_prefix(cut.as_str()).unwrap_or(&text).to_owned(),
        _ => text.strip_suffix(cut.as_str()).unwrap_or(&text).to_owned(),
    })
}

fn trimmed_pattern(name: &str, parts: &[Part], cut: &str) -> Result {
    let mut parts = parts.to_vec();
    let end = if name == "trimprefix" {
        parts.first_mut()
    } else {
        parts.last_mut()
    };
    let Some(Part::Text(text)) = end else {
        return Err(hole(&parts));
    };
    let short = if name == "trimprefix" {
        text.strip_prefix(cut)
    } else {
        text.strip_suffix(cut)
    };
    if let Some(short) = short {
        *text = short.to_owned();
    } else if text.len() < cut.len() {
        // What follows could complete it.
        return Err(hole(&parts));
    }
    Ok(Outcome::Made(joined(parts)))
}

fn hole(parts: &[Part]) -> Unknown {
    parts
        .iter()
        .find_map(|p| match p {
            Part::Hole(why) => Some(why.clone()),
            Part::Text(_) => None,
        })
        .unwrap_or_else(|| Unknown::Unsupported("text with holes".to_owned()))
}

fn test(name: &str, args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let part = string(arg(args, 1)?)?;
    if let Kind::Pattern(parts) = &arg(args, 0)?.kind {
        let known = match name {
            "startswith" => match parts.first() {
                Some(Part::Text(text)) if text.len() >= part.len() => Some(text.starts_with(&part)),
                Some(Part::Text(text)) if !part.starts_with(text.as_str()) => Some(false),
                _ => None,
            },
            "endswith" => match parts.last() {
                Some(Part::Text(text)) if text.len() >= part.len() => Some(text.ends_with(&part)),
                Some(Part::Text(text)) if !part.ends_with(text.as_str()) => Some(false),
                _ => None,
            },
            _ => parts
                .iter()
                .any(|p| matches!(p, Part::Text(text) if text.contains(&part)))
                .then_some(true),
        };
        return known
            .map(|b| Outcome::Made(Kind::Bool(b)))
            .ok_or_else(|| hole(parts));
    }
    let text = string(arg(args, 0)?)?;
    Ok(Outcome::Made(Kind::Bool(match name {
        "startswith" => text.starts_with(&part),
        "endswith" => text.ends_with(&part),
        _ => text.contains(&part),
    })))
}

/// Longest text that is made, in bytes: a few kilobytes of code can ask for gigabytes.
const LONGEST: usize = 4 << 20;

/// Whether a text that grows by `each` bytes in `places` places stays short enough to be made.
pub(super) fn bounded(
    length: usize,
    places: usize,
    each: usize,
) -> std::result::Result<(), Unknown> {
    if places.saturating_mul(each).saturating_add(length) <= LONGEST {
        Ok(())
    } else {
        Err(Unknown::Unsupported("a text of this size".to_owned()))
    }
}

fn split(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (separator, text) = (string(arg(args, 0)?)?, string(arg(args, 1)?)?);
    if separator.is_empty() {
        let characters = text.chars().map(String::from);
        return if text.is_ascii() {
            made_value(strings(characters))
        } else {
            Err(Unknown::Unsupported("`split` into characters".to_owned()))
        };
    }
    if text.is_empty() {
        // Terraform makes one empty element of it.
        return made_value(strings([String::new()]));
    }
    made_value(strings(text.split(separator.as_str()).map(str::to_owned)))
}

fn substr(args: &[Value]) -> Result {
    arity(args, 3, 3)?;
    let text = string(arg(args, 0)?)?;
    let (offset, length) = (whole(arg(args, 1)?)?, whole(arg(args, 2)?)?);
    if !text.is_ascii() || text.contains("\r\n") {
        return Err(Unknown::Unsupported(
            "`substr` of text outside of ASCII".to_owned(),
        ));
    }
    let size = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let start = if offset < 0 {
        (offset + size).max(0)
    } else {
        offset.min(size)
    };
    // So it is in Terraform: from an offset counted from the end, no length means the rest.
    let end = if length < 0 || (length == 0 && offset < 0) {
        size
    } else {
        start.saturating_add(length).min(size)
    };
    let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
    made_text(text.get(range).unwrap_or_default().to_owned())
}

fn indent(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let spaces = usize::try_from(whole(arg(args, 0)?)?)
        .ok()
        .filter(|n| *n <= 1000)
        .ok_or_else(|| Unknown::Unsupported("`indent` of this size".to_owned()))?;
    let text = string(arg(args, 1)?)?;
    bounded(text.len(), text.matches('\n').count(), spaces)?;
    made_text(text.replace('\n', &format!("\n{}", " ".repeat(spaces))))
}

fn join(args: &[Value]) -> Result {
    arity(args, 1, usize::MAX)?;
    let separator = string(arg(args, 0)?)?;
    let lists = args[1..].iter().map(|list| Ok((list, items(list)?)));
    let lists = lists.collect::<std::result::Result<Vec<_>, Unknown>>()?;
    let mut held = lists.iter().filter(|(_, items)| !items.is_empty());
    // What `join("", a.b.*.id)` makes of the only instance is that very attribute.
    if let (Some((list, [only])), None) = (held.next(), held.next())
        && matches!(only.kind, Kind::Ref(_))
    {
        return Ok(Outcome::Chosen(only.clone().chosen_by(list)));
    }
    let mut parts = Vec::new();
    let mut first = true;
    for (_, held) in lists {
        bounded(0, held.len(), separator.len())?;
        for item in held {
            if item.is_null() {
                return Err(Unknown::Invalid("null in `join`".to_owned()));
            }
            if !std::mem::take(&mut first) {
                parts.push(Part::Text(separator.clone()));
            }
            parts.extend(parts_of(item)?);
        }
    }
    Ok(Outcome::Made(joined(parts)))
}

/// Number of characters as Terraform counts them, certain only for ASCII.
pub(super) fn length(text: &str) -> std::result::Result<Kind, Unknown> {
    if text.is_ascii() && !text.contains("\r\n") {
        Ok(count(text.len()))
    } else {
        Err(Unknown::Unsupported(
            "the length of text outside of ASCII".to_owned(),
        ))
    }
}
