//! YAML in block style: scalars as they were written, keys and elements on lines of their own.

use serde_json::Value as Json;

use super::data::is_flow;
use super::json::{self, Put, line_start};
use crate::terraform::data::{Content, Node, yaml};
use crate::terraform::source::Span;

/// A scalar in the way `present` is written: `no` for `yes`, quotes for quotes.
pub(super) fn scalar(value: &Json, present: &str) -> String {
    match value {
        Json::Bool(b) => boolean(*b, present),
        Json::String(text) => {
            if present.starts_with('\'') && !text.contains(['\'', '\n']) {
                format!("'{text}'")
            } else if !present.starts_with('"') && is_plain(text) {
                text.clone()
            } else {
                value.to_string()
            }
        }
        other => other.to_string(),
    }
}

/// A boolean in the words and the case that the file uses.
fn boolean(value: bool, present: &str) -> String {
    let words = match present.to_ascii_lowercase().as_str() {
        "yes" | "no" => ("yes", "no"),
        "on" | "off" => ("on", "off"),
        "y" | "n" => ("y", "n"),
        _ => ("true", "false"),
    };
    let word = if value { words.0 } else { words.1 };
    let mut letters = present.chars().filter(|c| c.is_ascii_alphabetic());
    let first = letters.next().is_some_and(|c| c.is_ascii_uppercase());
    let rest = letters.next().is_some_and(|c| c.is_ascii_uppercase());
    match (first, rest) {
        (true, true) => word.to_ascii_uppercase(),
        (true, false) => word[..1].to_ascii_uppercase() + &word[1..],
        _ => word.to_owned(),
    }
}

/// Whether a text may stand without quotes, wherever a scalar may stand.
fn is_plain(text: &str) -> bool {
    let simple = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c))
        && text.starts_with(|c: char| c.is_ascii_alphabetic());
    simple && yaml::read(text).is_ok_and(|node| node.content == Content::String(text.to_owned()))
}

/// Adds a key to a mapping.
pub(super) fn add_key(text: &str, map: &Node, key: &str, value: &Json) -> Option<Put> {
    let entry = format!("{}: {}", key_text(key), scalar(value, ""));
    if is_flow(text, &map.span) {
        return json::add(text, map, &entry);
    }
    add_line(text, map, &entry)
}

/// Appends an element to a sequence.
pub(super) fn append(text: &str, list: &Node, value: &Json) -> Option<Put> {
    let Content::List(items) = &list.content else {
        return None;
    };
    let like = items
        .last()
        .and_then(|n| text.get(n.span.clone()))
        .unwrap_or("");
    let element = scalar(value, like);
    if is_flow(text, &list.span) {
        return json::add(text, list, &element);
    }
    add_line(text, list, &format!("- {element}"))
}

fn key_text(key: &str) -> String {
    if is_plain(key) {
        key.to_owned()
    } else {
        Json::from(key).to_string()
    }
}

/// A line behind the last one of a block collection, as far in as its first.
fn add_line(text: &str, holder: &Node, entry: &str) -> Option<Put> {
    let lead = text.get(line_start(text, holder.span.start)..holder.span.start)?;
    // The first key may stand behind the dash of its sequence, whose width counts.
    if !lead.chars().all(|c| c == ' ' || c == '-') {
        return None;
    }
    let indent = " ".repeat(lead.len());
    let end = line_end(text, holder.span.end);
    Some((end..end, format!("\n{indent}{entry}")))
}

/// Where the line that holds an offset ends, before its line end.
fn line_end(text: &str, offset: usize) -> usize {
    let rest = &text[offset..];
    let end = rest.find('\n').map_or(text.len(), |at| offset + at);
    if text[..end].ends_with('\r') && end > offset {
        end - 1
    } else {
        end
    }
}

/// Removes entries of a block collection with their lines.
pub(super) fn remove(
    text: &str,
    whole: &Span,
    spans: &[Span],
    numbers: &[usize],
    list: bool,
) -> Option<Vec<Put>> {
    if (0..spans.len()).all(|n| numbers.contains(&n)) {
        return nothing_left(text, whole, list);
    }
    let mut edits = Vec::new();
    for number in numbers {
        let span = spans.get(*number)?;
        let start = line_start(text, span.start);
        let lead = text.get(start..span.start)?;
        let alone = if list {
            lead.trim_start().trim_end() == "-"
        } else {
            lead.trim().is_empty()
        };
        if !alone {
            // On the line of something else: the first key behind a dash.
            return None;
        }
        let end = text[span.end..]
            .find('\n')
            .map_or(text.len(), |at| span.end + at + 1);
        edits.push((start..end, String::new()));
    }
    Some(edits)
}

/// `key:` with a block collection becomes `key: []`.
fn nothing_left(text: &str, whole: &Span, list: bool) -> Option<Vec<Put>> {
    let before = text[..whole.start].trim_end();
    if !before.ends_with(':') {
        return None;
    }
    let empty = if list { " []" } else { " {}" };
    Some(vec![(before.len()..whole.end, empty.to_owned())])
}
