//! Functions with regular expressions.

use std::sync::Arc;

use super::text::bounded;
use super::{Outcome, Result, arg, arity, made_text, made_value, string};
use crate::terraform::value::ty::{Ty, typed};
use crate::terraform::value::{Kind, Unknown, Value};

/// `None` when the name is not one of these functions.
pub(super) fn apply(name: &str, args: &[Value]) -> Option<Result> {
    Some(match name {
        "replace" => replace(args),
        "regex" | "regexall" => regex(name, args),
        _ => return None,
    })
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
        ascii(&text, "replace")?;
        bounded(
            text.len(),
            pattern.find_iter(&text).count(),
            text.len() + to.len(),
        )?;
        return made_text(pattern.replace_all(&text, to.as_str()).into_owned());
    }
    if from.is_empty() {
        return Err(Unknown::Unsupported("`replace` of nothing".to_owned()));
    }
    bounded(text.len(), text.matches(from.as_str()).count(), to.len())?;
    made_text(text.replace(&from, &to))
}

/// Classes such as `\d` and `\b` mean more outside of ASCII here than in Terraform.
fn ascii(text: &str, name: &str) -> std::result::Result<(), Unknown> {
    if text.is_ascii() {
        Ok(())
    } else {
        Err(Unknown::Unsupported(format!(
            "`{name}` of text outside of ASCII"
        )))
    }
}

/// Terraform's regular expressions and those used here agree on this common part.
fn compile(pattern: &str) -> std::result::Result<regex::Regex, Unknown> {
    let unusual = [
        "\\C", "\\Q", "\\p", "\\P", "(?U", "(?s-", "(?x", "(?u", "(?R", "[[:", "&&", "--", "~~",
        "\\z", "\\A", "\\b{", "\\<", "\\>", "\\x", "\\u", "\\U",
    ]
    .iter()
    .any(|p| pattern.contains(p));
    if unusual || !pattern.is_ascii() || nested_class(pattern) {
        return Err(Unknown::Unsupported("this regular expression".to_owned()));
    }
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|_| Unknown::Unsupported("this regular expression".to_owned()))
}

/// `[` inside of a class begins another class here, and is itself in Terraform.
fn nested_class(pattern: &str) -> bool {
    let mut class = 0;
    let mut bytes = pattern.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'[' if class > 0 => return true,
            b'[' => class = 1,
            // The first `]` of a class is itself.
            b']' if class > 1 => class = 0,
            b'^' if class == 1 => continue,
            _ => {}
        }
        if class > 0 && byte != b'[' {
            class += 1;
        }
    }
    false
}

fn regex(name: &str, args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let (pattern, text) = (string(arg(args, 0)?)?, string(arg(args, 1)?)?);
    ascii(&text, name)?;
    let pattern = compile(&pattern)?;
    let named: Vec<&str> = pattern.capture_names().flatten().collect();
    let groups = pattern.captures_len() - 1;
    if !named.is_empty() && named.len() != groups {
        return Err(Unknown::Invalid("named and unnamed groups".to_owned()));
    }
    let result = |found: &regex::Captures<'_>| {
        let text = |m: Option<regex::Match<'_>>| match m {
            Some(m) => Value::new(Kind::String(m.as_str().to_owned())),
            None => typed(Value::new(Kind::Null), Ty::String),
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
        let one = if groups == 0 {
            Ty::String
        } else if named.is_empty() {
            Ty::Tuple(vec![Ty::String; groups])
        } else {
            Ty::Object(
                named
                    .iter()
                    .map(|n| ((*n).to_owned(), Ty::String))
                    .collect(),
            )
        };
        let all = pattern.captures_iter(&text).map(|c| result(&c)).collect();
        return made_value(typed(Value::new(Kind::List(all)), Ty::List(Arc::new(one))));
    }
    pattern
        .captures(&text)
        .map(|c| Outcome::Made(result(&c).kind))
        .ok_or_else(|| Unknown::Invalid("the pattern does not match".to_owned()))
}
