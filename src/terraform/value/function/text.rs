//! Functions on strings.

use super::{Outcome, Result, arg, arity, count, list, string, strings, whole, why};
use crate::terraform::value::convert::{self, joined, parts_of};
use crate::terraform::value::{Kind, Part, Unknown, Value};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "format" => format(args),
        "formatlist" => formatlist(args),
        "join" => join(args),
        "lower" | "upper" | "title" | "trimspace" | "chomp" | "strrev" => simple(name, args),
        "trim" | "trimprefix" | "trimsuffix" => trim(name, args),
        "startswith" | "endswith" | "strcontains" => test(name, args),
        "replace" => replace(args),
        "split" => split(args),
        "substr" => substr(args),
        "indent" => indent(args),
        "regex" | "regexall" => regex(name, args),
        "tostring" => converted(args, convert::to_string),
        "tonumber" => converted(args, convert::to_number),
        "tobool" => converted(args, convert::to_bool),
        "sensitive" | "nonsensitive" => mark(name, args),
        "md5" | "sha1" | "sha512" | "bcrypt" | "uuid" | "timestamp" | "plantimestamp" | "file"
        | "fileexists" | "templatefile" | "filebase64" | "fileset" | "filemd5" | "filesha256" => {
            Err(Unknown::Unsupported(format!("function `{name}`")))
        }
        "sha256" => sha256(args),
        _ => return None,
    })
}

fn made(text: String) -> Result {
    Ok(Outcome::Made(Kind::String(text)))
}

fn converted(args: &[Value], to: impl Fn(Value) -> Value) -> Result {
    arity(args, 1, 1)?;
    Ok(Outcome::Chosen(to(arg(args, 0)?.clone())))
}

fn mark(name: &str, args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let mut value = arg(args, 0)?.clone();
    value.sensitive = name == "sensitive";
    Ok(Outcome::Chosen(value))
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
    made(match name {
        "lower" => text.to_ascii_lowercase(),
        "upper" => text.to_ascii_uppercase(),
        "trimspace" => text.trim().to_owned(),
        "chomp" => text.trim_end_matches(['\n', '\r']).to_owned(),
        "strrev" => text.chars().rev().collect(),
        _ => {
            // A word begins after anything that is no letter, digit or underscore.
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
            Part::Text(text) if !text.is_ascii() => Err(Unknown::Unsupported(std::format!(
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
    let (text, cut) = (string(arg(args, 0)?)?, string(arg(args, 1)?)?);
    made(match name {
        "trim" => text.trim_matches(|c| cut.contains(c)).to_owned(),
        "trimprefix" => text.strip_prefix(cut.as_str()).unwrap_or(&text).to_owned(),
        _ => text.strip_suffix(cut.as_str()).unwrap_or(&text).to_owned(),
    })
}

fn test(name: &str, args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (text, part) = (string(arg(args, 0)?)?, string(arg(args, 1)?)?);
    Ok(Outcome::Made(Kind::Bool(match name {
        "startswith" => text.starts_with(&part),
        "endswith" => text.ends_with(&part),
        _ => text.contains(&part),
    })))
}

fn replace(args: &[Value]) -> Result {
    arity(args, 3, 3)?;
    let text = string(arg(args, 0)?)?;
    let (from, to) = (string(arg(args, 1)?)?, string(arg(args, 2)?)?);
    let pattern = from
        .strip_prefix('/')
        .and_then(|f| f.strip_suffix('/'))
        .filter(|_| from.len() > 1);
    if let Some(pattern) = pattern {
        let pattern = compile(pattern)?;
        if to.contains('$') || to.contains('\\') {
            return Err(Unknown::Unsupported("`replace` with groups".to_owned()));
        }
        bounded(text.len(), pattern.find_iter(&text).count(), to.len())?;
        return made(pattern.replace_all(&text, to.as_str()).into_owned());
    }
    if from.is_empty() {
        return Err(Unknown::Unsupported("`replace` of nothing".to_owned()));
    }
    bounded(text.len(), text.matches(from.as_str()).count(), to.len())?;
    made(text.replace(&from, &to))
}

/// Longest text that is made, in bytes: a few kilobytes of code can ask for gigabytes.
const LONGEST: usize = 4 << 20;

/// Whether a text that grows by `each` bytes in `places` places stays short enough to be made.
fn bounded(length: usize, places: usize, each: usize) -> std::result::Result<(), Unknown> {
    if places.saturating_mul(each).saturating_add(length) <= LONGEST {
        Ok(())
    } else {
        Err(Unknown::Unsupported("a text of this size".to_owned()))
    }
}

/// Go's regular expressions and those used here agree on this common part.
fn compile(pattern: &str) -> std::result::Result<regex::Regex, Unknown> {
    let unusual = [
        "\\C", "\\Q", "\\p", "\\P", "(?U", "(?s-", "[[:", "&&", "--", "~~", "\\z", "\\A", "\\b{",
        "\\<", "\\>",
    ]
    .iter()
    .any(|p| pattern.contains(p));
    if unusual || !pattern.is_ascii() {
        return Err(Unknown::Unsupported("this regular expression".to_owned()));
    }
    // Go's \d, \w, \s and \b are ASCII; the flags keep them so here.
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|_| Unknown::Unsupported("this regular expression".to_owned()))
}

fn regex(name: &str, args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (pattern, text) = (string(arg(args, 0)?)?, string(arg(args, 1)?)?);
    if !text.is_ascii() {
        return Err(Unknown::Unsupported(format!(
            "`{name}` of text outside of ASCII"
        )));
    }
    let pattern = compile(&pattern)?;
    let named: Vec<&str> = pattern.capture_names().flatten().collect();
    let groups = pattern.captures_len() - 1;
    if !named.is_empty() && named.len() != groups {
        return Err(Unknown::Invalid("named and unnamed groups".to_owned()));
    }
    let result = |found: &regex::Captures<'_>| {
        let text = |m: Option<regex::Match<'_>>| {
            Value::new(m.map_or(Kind::Null, |m| Kind::String(m.as_str().to_owned())))
        };
        if groups == 0 {
            text(found.get(0))
        } else if named.is_empty() {
            Value::new(Kind::List(
                (1..=groups).map(|i| text(found.get(i))).collect(),
            ))
        } else {
            Value::new(Kind::Object(
                named
                    .iter()
                    .map(|n| ((*n).to_owned(), text(found.name(n))))
                    .collect(),
            ))
        }
    };
    if name == "regexall" {
        let all = pattern.captures_iter(&text).map(|c| result(&c)).collect();
        return Ok(Outcome::Made(Kind::List(all)));
    }
    pattern
        .captures(&text)
        .map(|c| Outcome::Made(result(&c).kind))
        .ok_or_else(|| Unknown::Invalid("the pattern does not match".to_owned()))
}

fn split(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (separator, text) = (string(arg(args, 0)?)?, string(arg(args, 1)?)?);
    if separator.is_empty() {
        let characters = text.chars().map(String::from);
        return if text.is_ascii() {
            Ok(Outcome::Made(strings(characters)))
        } else {
            Err(Unknown::Unsupported("`split` into characters".to_owned()))
        };
    }
    if text.is_empty() {
        // Terraform makes one empty element of it.
        return Ok(Outcome::Made(strings([String::new()])));
    }
    Ok(Outcome::Made(strings(
        text.split(separator.as_str()).map(str::to_owned),
    )))
}

fn substr(args: &[Value]) -> Result {
    arity(args, 3, 3)?;
    let text = string(arg(args, 0)?)?;
    let (offset, length) = (whole(arg(args, 1)?)?, whole(arg(args, 2)?)?);
    if !text.is_ascii() {
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
    if length < -1 {
        return Err(Unknown::Invalid(
            "`substr` with a negative length".to_owned(),
        ));
    }
    let end = if length == -1 {
        size
    } else {
        (start + length).min(size)
    };
    let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
    made(text.get(range).unwrap_or_default().to_owned())
}

fn indent(args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let spaces = usize::try_from(whole(arg(args, 0)?)?)
        .ok()
        .filter(|n| *n <= 1000)
        .ok_or_else(|| Unknown::Invalid("`indent` of this size".to_owned()))?;
    let text = string(arg(args, 1)?)?;
    bounded(text.len(), text.matches('\n').count(), spaces)?;
    made(text.replace('\n', &format!("\n{}", " ".repeat(spaces))))
}

fn join(args: &[Value]) -> Result {
    arity(args, 2, usize::MAX)?;
    let separator = string(arg(args, 0)?)?;
    let mut parts = Vec::new();
    let mut first = true;
    for argument in &args[1..] {
        bounded(0, list(argument)?.len(), separator.len())?;
        for item in list(argument)? {
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

fn format(args: &[Value]) -> Result {
    let parts = formatted(&string(arg(args, 0)?)?, &args[1..])?;
    Ok(Outcome::Made(joined(parts)))
}

/// `%s`, `%d`, `%v`, `%q`-less: the verbs in common use. Others are not evaluated.
fn formatted(spec: &str, args: &[Value]) -> std::result::Result<Vec<Part>, Unknown> {
    let unsupported = || Unknown::Unsupported("this format string".to_owned());
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut used = 0;
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
        let zero = rest.next_if_eq(&'0').is_some();
        let mut width = String::new();
        while let Some(digit) = rest.next_if(char::is_ascii_digit) {
            width.push(digit);
        }
        let width: usize = if width.is_empty() {
            0
        } else {
            width.parse().map_err(|_| unsupported())?
        };
        if width > 1000 {
            return Err(unsupported());
        }
        let verb = rest.next().ok_or_else(unsupported)?;
        let value = args
            .get(used)
            .ok_or_else(|| Unknown::Invalid("`format` with too few arguments".to_owned()))?;
        used += 1;
        match verb {
            's' | 'v' if width == 0 && !zero => {
                if verb == 'v' && matches!(value.kind, Kind::Null | Kind::List(_) | Kind::Object(_))
                {
                    return Err(unsupported());
                }
                parts.push(Part::Text(std::mem::take(&mut text)));
                parts.extend(parts_of(value)?);
            }
            'd' => {
                let n = match whole(value) {
                    Ok(n) => n,
                    Err(Unknown::Invalid(_)) => return Err(unsupported()),
                    Err(why) if width == 0 => {
                        parts.push(Part::Text(std::mem::take(&mut text)));
                        parts.push(Part::Hole(why));
                        continue;
                    }
                    Err(why) => return Err(why),
                };
                text.push_str(&match (zero, n < 0) {
                    (true, _) => std::format!("{n:0width$}"),
                    (false, _) => std::format!("{n:width$}"),
                });
            }
            _ => return Err(unsupported()),
        }
    }
    if used < args.len() {
        return Err(Unknown::Invalid(
            "`format` with too many arguments".to_owned(),
        ));
    }
    parts.push(Part::Text(text));
    Ok(parts)
}

fn formatlist(args: &[Value]) -> Result {
    let spec = string(arg(args, 0)?)?;
    let mut size = None;
    for argument in &args[1..] {
        if let Kind::List(_) = argument.kind {
            let length = list(argument)?.len();
            if size.is_some_and(|s| s != length) {
                return Err(Unknown::Invalid("lists of different lengths".to_owned()));
            }
            size = Some(length);
        } else if matches!(argument.kind, Kind::Unknown(_) | Kind::Ref(_)) {
            return Err(why(argument, "a list is required"));
        }
    }
    let made = (0..size.unwrap_or(1))
        .map(|i| {
            let row = args[1..]
                .iter()
                .map(|a| match &a.kind {
                    Kind::List(items) => items.get(i).cloned().unwrap_or_else(|| a.clone()),
                    _ => a.clone(),
                })
                .collect::<Vec<_>>();
            let row_refs: Vec<&Value> = row.iter().collect();
            let mut value = Value::new(joined(formatted(&spec, &row)?));
            for source in row_refs {
                value = value.chosen_by_all(source);
            }
            Ok(value)
        })
        .collect::<std::result::Result<Vec<_>, Unknown>>()?;
    Ok(Outcome::Made(Kind::List(made)))
}

fn sha256(args: &[Value]) -> Result {
    use sha2::Digest as _;
    use std::fmt::Write as _;
    arity(args, 1, 1)?;
    let text = string(arg(args, 0)?)?;
    let mut hex = String::with_capacity(64);
    for byte in sha2::Sha256::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    made(hex)
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
