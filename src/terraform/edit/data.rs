//! Edits of YAML and JSON files that code reads: one value, key or element, and nothing else.
//!
//! Invariant 2 for these files: an edit is made only if the edited file, read again, differs from the file as it was by
//! what was wanted and by nothing else.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Edit, json, yaml};
use crate::terraform::data::{self, Content, Node};
use crate::terraform::source::{RepoPath, SourceFile, Span};

/// What stands at a place of a data file.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A mapping.
    Map,
    /// A sequence.
    List,
    /// Anything else.
    Scalar(Json),
}

/// A list or mapping of a data file, and one entry of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Holder {
    span: Span,
    number: usize,
    list: bool,
    /// Key and value of each entry, and the value alone.
    entries: Vec<(Span, Span)>,
}

impl Holder {
    /// Which entry it is.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// The bytes of the whole list or mapping.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// Whether it is a list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.list
    }

    /// The bytes of the entry's value.
    #[must_use]
    pub fn value(&self) -> Option<Span> {
        self.entries
            .get(self.number)
            .map(|(_, value)| value.clone())
    }

    /// Number of entries.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "it holds an entry")]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the entry, or its value, is exactly what stands at a span.
    #[must_use]
    pub fn is_exactly(&self, span: &Span) -> bool {
        self.entries
            .get(self.number)
            .is_some_and(|(both, value)| both == span || value == span)
    }
}

/// Whether a path is that of a YAML file.
#[must_use]
pub fn is_yaml(path: &RepoPath) -> bool {
    let name = path.file_name();
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// Whether a file is written in YAML or JSON: what code reads as data, and Terraform's own JSON form.
#[must_use]
pub fn is_data(file: &SourceFile) -> bool {
    is_yaml(file.path()) || file.path().file_name().ends_with(".json")
}

/// What stands at a span.
#[must_use]
pub fn at(file: &SourceFile, span: &Span) -> Option<Shape> {
    let root = root(file)?;
    find(&root, span).and_then(shape)
}

/// Whether a boolean stands at a span, also one in quotes.
#[must_use]
pub fn is_boolean(file: &SourceFile, span: &Span) -> bool {
    match at(file, span) {
        Some(Shape::Scalar(Json::Bool(_))) => true,
        Some(Shape::Scalar(Json::String(text))) => text == "true" || text == "false",
        _ => false,
    }
}

/// Whether the mapping at a span has a key. What is no mapping has every key: none can be added.
#[must_use]
pub fn has_key(file: &SourceFile, map: &Span, name: &str) -> bool {
    let Some(root) = root(file) else {
        return true;
    };
    match find(&root, map).map(|n| &n.content) {
        Some(Content::Map(entries)) => entries
            .iter()
            .any(|e| e.key == name && within(map, &e.key_span)),
        _ => true,
    }
}

/// The mappings that have the value at a span from elsewhere, by a merge key or an alias in them, and under which key.
#[must_use]
pub fn borrowers(file: &SourceFile, span: &Span) -> Vec<(Span, String)> {
    fn search(node: &Node, wanted: &Span, found: &mut Vec<(Span, String)>) {
        match &node.content {
            Content::List(items) => items.iter().for_each(|n| search(n, wanted, found)),
            Content::Map(entries) => {
                for entry in entries {
                    let borrowed =
                        entry.value.span == *wanted && !within(&node.span, &entry.key_span);
                    // An alias that stands for the whole mapping has no room for a key.
                    let whole = within(&entry.key_span, &node.span) || node.span.is_empty();
                    if borrowed && !whole {
                        let one = (node.span.clone(), entry.key.clone());
                        if !found.contains(&one) {
                            found.push(one);
                        }
                    }
                    search(&entry.value, wanted, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Some(root) = root(file) {
        search(&root, span, &mut found);
    }
    // An alias is no mapping that is written here.
    found.retain(|(map, _)| !file.slice(map.clone()).starts_with('*'));
    found
}

/// The lists and mappings around a span, the innermost first, each with the entry in which the span lies.
#[must_use]
pub fn holders(file: &SourceFile, span: &Span) -> Vec<Holder> {
    fn search(node: &Node, wanted: &Span, found: &mut Vec<Holder>) {
        let (list, entries): (bool, Vec<(Span, Span, &Node)>) = match &node.content {
            Content::List(items) => (
                true,
                items
                    .iter()
                    .map(|n| (n.span.clone(), n.span.clone(), n))
                    .collect(),
            ),
            Content::Map(entries) => (
                false,
                entries
                    .iter()
                    .filter(|e| within(&node.span, &e.key_span))
                    .map(|e| {
                        let end = e.value.span.end.max(e.key_span.end);
                        (e.key_span.start..end, e.value.span.clone(), &e.value)
                    })
                    .collect(),
            ),
            _ => return,
        };
        let number = entries
            .iter()
            .position(|(both, ..)| within(both, wanted) && within(&node.span, both));
        if let Some(number) = number {
            let inner = entries[number].2;
            found.push(Holder {
                span: node.span.clone(),
                number,
                list,
                entries: entries
                    .iter()
                    .map(|(both, value, _)| (both.clone(), value.clone()))
                    .collect(),
            });
            search(inner, wanted, found);
        }
    }
    let mut found = Vec::new();
    if let Some(root) = root(file) {
        search(&root, span, &mut found);
    }
    found.reverse();
    found
}

/// Replaces the scalar (or the alias) at a span by what `new` makes of it; the span that goes, and the edits.
#[must_use]
pub fn replace(
    file: &SourceFile,
    span: &Span,
    new: impl FnOnce(&Json) -> Option<Json>,
) -> Option<(Span, Vec<Edit>)> {
    let root = root(file)?;
    let Shape::Scalar(present) = shape(find(&root, span)?)? else {
        return None;
    };
    let new = new(&present)?;
    let source = file.slice(span.clone());
    // What was written as text stays text; what was an expression in text does not.
    let quoted = source.starts_with(['"', '\'']) && !source.contains("${");
    let new = match new {
        Json::Bool(_) | Json::Number(_) if quoted => Json::String(new.to_string()),
        other => other,
    };
    let text = if is_yaml(file.path()) {
        yaml::scalar(&new, source)
    } else {
        new.to_string()
    };
    if span.is_empty() {
        return None;
    }
    let edits = vec![splice(file, span.clone(), text)];
    let wanted = Wanted::Value(span.clone(), new);
    checked(file, &root, edits, &wanted).map(|edits| (span.clone(), edits))
}

/// Gives the mapping at a span a key that it does not have.
#[must_use]
pub fn set_key(file: &SourceFile, map: &Span, key: &str, value: &Json) -> Option<Vec<Edit>> {
    let root = root(file)?;
    let node = find(&root, map)?;
    let Content::Map(_) = &node.content else {
        return None;
    };
    let edit = if is_yaml(file.path()) {
        yaml::add_key(file.text(), node, key, value)
    } else {
        json::add_key(file.text(), node, key, value)
    }?;
    let wanted = Wanted::Key(map.clone(), key.to_owned(), value.clone());
    checked(file, &root, vec![splice(file, edit.0, edit.1)], &wanted)
}

/// Appends an element to the list at a span.
#[must_use]
pub fn append(file: &SourceFile, list: &Span, value: &Json) -> Option<Vec<Edit>> {
    let root = root(file)?;
    let node = find(&root, list)?;
    let Content::List(_) = &node.content else {
        return None;
    };
    let edit = if is_yaml(file.path()) {
        yaml::append(file.text(), node, value)
    } else {
        json::append(file.text(), node, value)
    }?;
    let wanted = Wanted::Element(list.clone(), value.clone());
    checked(file, &root, vec![splice(file, edit.0, edit.1)], &wanted)
}

/// Takes entries out of a list or mapping.
#[must_use]
pub fn remove(file: &SourceFile, holder: &Holder, numbers: &[usize]) -> Option<Vec<Edit>> {
    let root = root(file)?;
    let spans: Vec<Span> = holder
        .entries
        .iter()
        .map(|(both, _)| both.clone())
        .collect();
    let text = file.text();
    let edits = if is_yaml(file.path()) && !is_flow(text, &holder.span) {
        yaml::remove(text, &holder.span, &spans, numbers, holder.list)?
    } else {
        json::remove(&holder.span, &spans, numbers)?
    };
    let edits = edits
        .into_iter()
        .map(|(range, text)| splice(file, range, text))
        .collect();
    let wanted = Wanted::Without(holder.span.clone(), spans, numbers.to_vec());
    checked(file, &root, edits, &wanted)
}

/// Puts other elements in the place of an element; those that the list has are left out.
#[must_use]
pub fn replace_element(file: &SourceFile, holder: &Holder, by: &[Json]) -> Option<Vec<Edit>> {
    if !holder.list {
        return None;
    }
    let root = root(file)?;
    let has = |value: &Json| {
        holder.entries.iter().any(|(_, span)| {
            find(&root, span).and_then(shape) == Some(Shape::Scalar(value.clone()))
        })
    };
    match by.iter().filter(|v| !has(v)).collect::<Vec<_>>().as_slice() {
        [] => remove(file, holder, &[holder.number]),
        [one] => {
            let (_, span) = holder.entries.get(holder.number)?;
            Some(replace(file, span, |_| Some((*one).clone()))?.1)
        }
        // Several at once: one edit each, of which the check of one would not know the others.
        _ => None,
    }
}

/// Whether a collection is written with brackets.
pub(super) fn is_flow(text: &str, span: &Span) -> bool {
    text.get(span.clone())
        .is_some_and(|t| t.starts_with(['[', '{']))
}

fn splice(file: &SourceFile, range: Span, text: String) -> Edit {
    Edit::Splice {
        file: file.path().clone(),
        base: file.hash(),
        range,
        text,
    }
}

fn root(file: &SourceFile) -> Option<Node> {
    read(file.path(), file.text())
}

fn read(path: &RepoPath, text: &str) -> Option<Node> {
    if is_yaml(path) {
        data::yaml::read(text).ok()
    } else {
        data::json::read(text).ok()
    }
}

fn within(outer: &Span, inner: &Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn find<'n>(node: &'n Node, span: &Span) -> Option<&'n Node> {
    if node.span == *span && !span.is_empty() {
        return Some(node);
    }
    match &node.content {
        Content::List(items) => items.iter().find_map(|n| find(n, span)),
        Content::Map(entries) => entries.iter().find_map(|e| find(&e.value, span)),
        _ => None,
    }
}

fn shape(node: &Node) -> Option<Shape> {
    Some(match &node.content {
        Content::Null => Shape::Scalar(Json::Null),
        Content::Bool(b) => Shape::Scalar(Json::Bool(*b)),
        Content::Number(n) => Shape::Scalar(number(*n)),
        Content::String(s) => Shape::Scalar(Json::String(s.clone())),
        Content::List(_) => Shape::List,
        Content::Map(_) => Shape::Map,
        Content::Unread(_) => return None,
    })
}

fn number(n: f64) -> Json {
    serde_json::Number::from_f64(n).map_or(Json::Null, Json::Number)
}

/// What an edit shall change.
enum Wanted {
    Value(Span, Json),
    Key(Span, String, Json),
    Element(Span, Json),
    /// The collection, its entries as they are written, and the numbers of those that go.
    Without(Span, Vec<Span>, Vec<usize>),
}

/// The content of a document, without places.
#[derive(Debug, Clone, PartialEq)]
enum Bare {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    List(Vec<Bare>),
    Map(BTreeMap<String, Bare>),
    Unread(String),
}

impl From<&Json> for Bare {
    fn from(value: &Json) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::Bool(*b),
            Json::Number(n) => Self::Number(n.as_f64().unwrap_or(f64::NAN)),
            Json::String(s) => Self::String(s.clone()),
            Json::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Json::Object(map) => Self::Map(
                map.iter()
                    .map(|(k, v)| (k.clone(), Self::from(v)))
                    .collect(),
            ),
        }
    }
}

/// The content of a node; with `wanted`, as it shall be.
fn bare(node: &Node, wanted: Option<&Wanted>) -> Bare {
    if let Some(Wanted::Value(span, new)) = wanted
        && node.span == *span
    {
        return Bare::from(new);
    }
    match &node.content {
        Content::Null => Bare::Null,
        Content::Bool(b) => Bare::Bool(*b),
        Content::Number(n) => Bare::Number(*n),
        Content::String(s) => Bare::String(s.clone()),
        Content::Unread(why) => Bare::Unread(why.to_string()),
        Content::List(items) => {
            let mut list: Vec<Bare> = items
                .iter()
                .filter(|n| !goes(&node.span, &n.span, wanted))
                .map(|n| bare(n, wanted))
                .collect();
            if let Some(Wanted::Element(span, new)) = wanted
                && node.span == *span
            {
                list.push(Bare::from(new));
            }
            Bare::List(list)
        }
        Content::Map(entries) => {
            let mut map: BTreeMap<String, Bare> = entries
                .iter()
                .filter(|e| {
                    let end = e.value.span.end.max(e.key_span.end);
                    !goes(&node.span, &(e.key_span.start..end), wanted)
                })
                .map(|e| (e.key.clone(), bare(&e.value, wanted)))
                .collect();
            if let Some(Wanted::Key(span, key, new)) = wanted
                && node.span == *span
            {
                map.insert(key.clone(), Bare::from(new));
            }
            Bare::Map(map)
        }
    }
}

/// Whether an entry is one that shall go.
fn goes(holder: &Span, entry: &Span, wanted: Option<&Wanted>) -> bool {
    let Some(Wanted::Without(span, entries, numbers)) = wanted else {
        return false;
    };
    holder == span && numbers.iter().any(|n| entries.get(*n) == Some(entry))
}

/// The edits, if the edited file says just what was wanted.
fn checked(file: &SourceFile, root: &Node, edits: Vec<Edit>, wanted: &Wanted) -> Option<Vec<Edit>> {
    let mut text = file.text().to_owned();
    let mut splices: Vec<(&Span, &str)> = edits
        .iter()
        .filter_map(|edit| match edit {
            Edit::Splice { range, text, .. } => Some((range, text.as_str())),
            Edit::NewFile { .. } => None,
        })
        .collect();
    splices.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, new) in splices {
        if !text.is_char_boundary(range.start) || !text.is_char_boundary(range.end) {
            return None;
        }
        text.replace_range(range.clone(), new);
    }
    let after = read(file.path(), &text)?;
    (bare(&after, None) == bare(root, Some(wanted))).then_some(edits)
}

#[cfg(test)]
#[path = "data_tests.rs"]
mod tests;
