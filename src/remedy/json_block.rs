//! Settings that are missing in a block of Terraform's JSON form: its object gets the keys.

use serde_json::{Map, Value as Json};

use super::subject::Subject;
use crate::rules::Setting;
use crate::terraform::data::{Content, Node, json};
use crate::terraform::edit::data;
use crate::terraform::{Edit, Span};

/// The edits that write settings into the subject's object, and the paths of those that are written; `None` when it is
/// not written as one object.
pub(super) fn insert(
    subject: &Subject<'_, '_>,
    missing: &[(&Setting, Json)],
) -> Option<(Vec<Edit>, Vec<String>)> {
    let file = subject.file();
    let root = json::read(file.text()).ok()?;
    let resource = &subject.at.resource;
    let place = ["resource", resource.kind, resource.name];
    let mut found = vec![&root];
    for name in place {
        found = found
            .into_iter()
            .filter_map(|node| node.entry(name))
            .flat_map(|entry| objects(&entry.value))
            .collect();
    }
    let [block] = found.as_slice() else {
        return None;
    };
    let mut new: Vec<(Span, String, Json)> = Vec::new();
    let mut written = Vec::new();
    for (setting, value) in missing {
        let mut at = *block;
        let mut way = setting.path.as_slice();
        // As far as nested blocks are there already.
        while let [name, _, ..] = way
            && let Some(entry) = at.entry(name)
        {
            let [one] = objects(&entry.value)[..] else {
                return None;
            };
            at = one;
            way = &way[1..];
        }
        // Its block is there: it goes only with a new one.
        if setting.only_in_new_block && way.len() == 1 {
            continue;
        }
        let (key, below) = way.split_first()?;
        if at.entry(key).is_some() {
            return None;
        }
        written.push(setting.path.join("."));
        let known = new
            .iter_mut()
            .find(|(span, name, _)| *span == at.span && name == key);
        match known {
            Some((_, _, object)) => put(object, below, value),
            None => {
                let mut content = Json::Null;
                put(&mut content, below, value);
                new.push((at.span.clone(), key.clone(), content));
            }
        }
    }
    let mut edits = Vec::new();
    for (map, key, value) in new {
        edits.extend(data::set_key(file, &map, &key, &value)?);
    }
    Some((edits, written))
}

/// A block is an object, or a list of them.
fn objects(node: &Node) -> Vec<&Node> {
    match &node.content {
        Content::Map(_) => vec![node],
        Content::List(items) => items
            .iter()
            .filter(|item| matches!(item.content, Content::Map(_)))
            .collect(),
        _ => Vec::new(),
    }
}

/// Puts a value into nested objects.
fn put(into: &mut Json, way: &[String], value: &Json) {
    let Some((name, rest)) = way.split_first() else {
        *into = value.clone();
        return;
    };
    if !into.is_object() {
        *into = Json::Object(Map::new());
    }
    if let Json::Object(map) = into {
        put(map.entry(name.as_str()).or_insert(Json::Null), rest, value);
    }
}
