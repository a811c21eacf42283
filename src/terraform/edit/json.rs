//! JSON, and the parts of YAML that are written with brackets: add a key, append an element, remove entries.

use serde_json::Value as Json;

use crate::terraform::data::{Content, Node};
use crate::terraform::source::Span;

/// Where a text goes, and the text.
pub(super) type Put = (Span, String);

/// Adds a key to an object.
pub(super) fn add_key(text: &str, map: &Node, key: &str, value: &Json) -> Option<Put> {
    let entry = format!("{}: {value}", Json::from(key));
    add(text, map, &entry)
}

/// Appends an element to an array.
pub(super) fn append(text: &str, list: &Node, value: &Json) -> Option<Put> {
    add(text, list, &value.to_string())
}

/// Adds an entry behind the last one, in the way that one is written: on a line of its own, or behind it.
pub(super) fn add(text: &str, holder: &Node, entry: &str) -> Option<Put> {
    let spans: Vec<Span> = match &holder.content {
        Content::Map(entries) => entries
            .iter()
            .map(|e| e.key_span.start..e.value.span.end.max(e.key_span.end))
            .filter(|s| holder.span.start <= s.start && s.end <= holder.span.end)
            .collect(),
        Content::List(items) => items.iter().map(|n| n.span.clone()).collect(),
        _ => return None,
    };
    let Some(last) = spans.last() else {
        // Between the brackets; what stands there may be line ends only.
        let inner = holder.span.start + 1..holder.span.end.checked_sub(1)?;
        return text
            .get(inner.clone())?
            .trim()
            .is_empty()
            .then(|| (inner, entry.to_owned()));
    };
    let line = line_start(text, last.start);
    let lead = text.get(line..last.start)?;
    let before = if lead.trim().is_empty() && line > holder.span.start {
        format!(",\n{lead}")
    } else {
        ", ".to_owned()
    };
    Some((last.end..last.end, format!("{before}{entry}")))
}

/// Removes entries of a list or object with the commas that separated them.
pub(super) fn remove(whole: &Span, spans: &[Span], numbers: &[usize]) -> Option<Vec<Put>> {
    let gone = |n: &usize| numbers.contains(n);
    let kept: Vec<usize> = (0..spans.len()).filter(|n| !gone(n)).collect();
    if kept.is_empty() {
        return Some(vec![(
            whole.start + 1..whole.end.checked_sub(1)?,
            String::new(),
        )]);
    }
    let mut edits = Vec::new();
    let mut n = 0;
    while n < spans.len() {
        if !gone(&n) {
            n += 1;
            continue;
        }
        let first = n;
        while n < spans.len() && gone(&n) {
            n += 1;
        }
        // Up to the next one that stays; at the end, from behind the last one that stays.
        let range = match (
            spans.get(n),
            first.checked_sub(1).and_then(|p| spans.get(p)),
        ) {
            (Some(next), _) => spans[first].start..next.start,
            (None, Some(before)) => before.end..spans[n - 1].end,
            (None, None) => return None,
        };
        edits.push((range, String::new()));
    }
    Some(edits)
}

/// The start of the line that holds an offset.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |at| at + 1)
}
