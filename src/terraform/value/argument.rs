//! What a reference to a configured argument of a resource gives: what is written, with the type of the provider's schema.
//!
//! Terraform converts what is written to the type of the argument (`port = "80"` is the number 80, a list given to a set
//! loses its order), and the provider plans with that, or with something else: it hashes, lower-cases, adds defaults.
//! The tables list the arguments for which the plan holds what is written and nothing else, with their types; what they
//! do not list stays a reference. `scripts/arguments.py` writes the one of the AWS provider by asking that provider.

use std::sync::{Arc, LazyLock};

use rustc_hash::FxHashMap;

use super::ty::{Ty, convert, typed};
use super::walk::Certain;
use super::{Kind, Unknown, Value};

/// Type by type: the name of the type, and below it, indented, `TYPE NAME…` or `BLOCK.TYPE NAME…` (a nested block that
/// is a list). TYPE is `b`, `n`, `s` (boolean, number, text) or `L`, `S`, `M` (list, set, map) and the type of the
/// elements, or `*` for anything. `~` behind it says that only plain words are sure to stay what they are, `!` that the provider
/// marks it as sensitive.
const TABLES: [&str; 2] = [
    include_str!("argument/aws.txt"),
    include_str!("argument/plain.txt"),
];

static ROWS: LazyLock<FxHashMap<&'static str, &'static str>> =
    LazyLock::new(|| TABLES.into_iter().flat_map(rows).collect());

/// The name of each type of a table, and what stands below it.
fn rows(table: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut starts: Vec<(&str, usize, usize)> = Vec::new();
    let mut at = 0;
    for line in table.split_inclusive('\n') {
        at += line.len();
        if let (true, Some(last)) = (line.starts_with(' '), starts.last_mut()) {
            last.2 = at;
        } else if !line.starts_with('#') {
            starts.push((line.trim_end(), at, at));
        }
    }
    starts
        .into_iter()
        .map(|(name, from, to)| (name, &table[from..to]))
        .collect()
}

/// An argument that is planned as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Argument {
    ty: Ty,
    /// Only lower-case words stay: others may be written in another way.
    plain: bool,
    sensitive: bool,
}

impl Argument {
    /// The argument of a type (of a data source: with `data`), at its top or in one of its blocks; `None` where the plan
    /// may hold something else than what is written.
    pub(super) fn find(data: bool, kind: &str, block: Option<&str>, name: &str) -> Option<Self> {
        let row = if data {
            ROWS.get(format!("data.{kind}").as_str())
        } else {
            ROWS.get(kind)
        }?;
        row.lines().find_map(|line| {
            let mut words = line.split_ascii_whitespace();
            let first = words.next()?;
            let (at, of) = match first.split_once('.') {
                Some((at, of)) => (Some(at), of),
                None => (None, first),
            };
            if at != block || !words.any(|word| word == name) {
                return None;
            }
            let (of, sensitive) = marked(of, '!');
            let (of, plain) = marked(of, '~');
            type_of(of).map(|ty| Self {
                ty,
                plain,
                sensitive,
            })
        })
    }

    /// What the plan holds for what is written; `None` where that is not certain. Null is for the caller to judge: the
    /// provider may have a default.
    pub(super) fn planned(&self, written: Value) -> Option<Value> {
        let mut value = convert(written, &self.ty);
        value.sensitive |= self.sensitive;
        if self.ty == Ty::Any {
            return Some(value);
        }
        match &value.kind {
            Kind::Unknown(Unknown::Invalid(_)) => None,
            // What is empty may be as good as absent.
            Kind::String(text) if text.is_empty() => None,
            Kind::String(text) if self.plain && !is_plain(text) => None,
            Kind::Pattern(_) if self.plain => None,
            Kind::List(items) if items.is_empty() || items.iter().any(Value::is_null) => None,
            Kind::Object(map) if map.is_empty() => None,
            Kind::Object(map) if map.values().any(|v| v.is_null() || !v.is_known()) => {
                Some(partly(value))
            }
            _ => Some(value),
        }
    }
}

/// A map some of whose values are null, or not known and so may be: providers leave those out, or they do not.
fn partly(value: Value) -> Value {
    let why = value.why_unknown().unwrap_or_else(|| {
        Unknown::Unsupported("a map whose entries are not all known".to_owned())
    });
    let ty = Ty::of(&value);
    let mut partly = value.clone().with_kind(Kind::Unknown(why));
    if let Kind::Object(map) = value.kind {
        let known = map
            .into_iter()
            .filter(|(_, v)| v.is_known() && !v.is_null())
            .collect();
        partly.certain = Some(Arc::new(Certain::Entries(known)));
    }
    typed(partly, ty)
}

/// A type without a mark behind it, and whether it had it.
fn marked(of: &str, mark: char) -> (&str, bool) {
    of.strip_suffix(mark)
        .map_or((of, false), |unmarked| (unmarked, true))
}

/// A word of small letters, digits, and hyphens or dots inside.
fn is_plain(text: &str) -> bool {
    let inside = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(inside)
}

fn type_of(text: &str) -> Option<Ty> {
    let of = |rest: &str| type_of(rest).map(Arc::new);
    Some(match text.split_at_checked(1)? {
        ("*", "") => Ty::Any,
        ("b", "") => Ty::Bool,
        ("n", "") => Ty::Number,
        ("s", "") => Ty::String,
        ("L", rest) => Ty::List(of(rest)?),
        ("S", rest) => Ty::Set(of(rest)?),
        ("M", rest) => Ty::Map(of(rest)?),
        _ => return None,
    })
}

#[cfg(test)]
#[path = "argument/tests.rs"]
mod tests;
