//! Which findings an event of GitHub names: the file that an Action finds at `GITHUB_EVENT_PATH`.
//!
//! A `repository_dispatch` carries keys, not findings: `client_payload` is `{"finding_ids": […]}` or
//! `{"findings": […]}`, each entry an id or ARN, or an object that has one. An event without a payload (a schedule, a
//! push) names none. A payload that names none is an error: a run for one finding never becomes a run for all
//! (invariant 9).

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::IntakeError;

/// The lists a payload may have.
const LISTS: [&str; 3] = ["finding_ids", "findings", "finding_id"];
/// Where an entry that is an object has its id.
const IDS: [&str; 6] = ["Id", "id", "finding_id", "arn", "uid", "key"];
/// An event of GitHub is smaller.
const LIMIT: u64 = 25 << 20;

/// The ids or keys that the event in `path` asks for; `None` when it asks for none in particular.
///
/// # Errors
/// When the file cannot be read, or has a payload that names no finding.
pub fn finding_ids(path: &Path) -> Result<Option<Vec<String>>, IntakeError> {
    let open = |source| IntakeError::Event {
        path: path.to_owned(),
        problem: format!("it cannot be read: {source}"),
    };
    let size = fs::metadata(path).map_err(open)?.len();
    if size > LIMIT {
        return Err(IntakeError::Event {
            path: path.to_owned(),
            problem: format!("{size} bytes are more than an event has"),
        });
    }
    let text = fs::read_to_string(path).map_err(open)?;
    named(&text).map_err(|problem| IntakeError::Event {
        path: path.to_owned(),
        problem,
    })
}

fn named(text: &str) -> Result<Option<Vec<String>>, String> {
    let event: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|e| format!("it is no JSON: {e}"))?;
    let payload = match event.get("client_payload") {
        None | Some(Value::Null) => return Ok(None),
        Some(payload) => payload,
    };
    let mut ids: Vec<String> = Vec::new();
    for list in LISTS {
        collect(payload.get(list), list, &mut ids)?;
    }
    if ids.is_empty() {
        return Err(
            "its client_payload names no finding; expected {\"finding_ids\": [\"arn:…\"]} or {\"findings\": [\"arn:…\"]}"
                .to_owned(),
        );
    }
    let mut once = std::collections::HashSet::new();
    ids.retain(|id| once.insert(id.clone()));
    Ok(Some(ids))
}

fn collect(value: Option<&Value>, list: &str, ids: &mut Vec<String>) -> Result<(), String> {
    match value {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(entries)) => {
            for entry in entries {
                ids.push(id(entry).ok_or_else(|| wrong(list, entry))?);
            }
            Ok(())
        }
        // An input transformer of EventBridge writes a list as a text.
        Some(Value::String(text)) if text.trim_start().starts_with('[') => {
            let inner: Value = serde_json::from_str(text).map_err(|e| {
                format!("client_payload.{list} is a text that begins like a list, but is none: {e}")
            })?;
            collect(Some(&inner), list, ids)
        }
        Some(entry) => {
            ids.push(id(entry).ok_or_else(|| wrong(list, entry))?);
            Ok(())
        }
    }
}

fn wrong(list: &str, entry: &Value) -> String {
    let shown: String = entry.to_string().chars().take(80).collect();
    format!("client_payload.{list} has an entry that is no id: {shown}")
}

fn id(entry: &Value) -> Option<String> {
    let text = match entry {
        Value::String(text) => Some(text.as_str()),
        Value::Object(object) => IDS
            .iter()
            .find_map(|name| object.get(*name)?.as_str())
            .or_else(|| object.get("finding_info")?.get("uid")?.as_str()),
        _ => None,
    };
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        named(text).unwrap().unwrap()
    }

    #[test]
    fn ids_come_in_several_shapes() {
        assert_eq!(
            ids(
                r#"{"action":"security-hub","client_payload":{"finding_ids":["arn:a","arn:b","arn:a"]}}"#
            ),
            ["arn:a", "arn:b"]
        );
        assert_eq!(
            ids(
                r#"{"client_payload":{"findings":[{"Id":"arn:a","Region":"x"},{"finding_info":{"uid":"u"}}," k "]}}"#
            ),
            ["arn:a", "u", "k"]
        );
        assert_eq!(
            ids(r#"{"client_payload":{"findings":"[\"arn:a\",\"arn:b\"]"}}"#),
            ["arn:a", "arn:b"]
        );
        assert_eq!(
            ids(r#"{"client_payload":{"finding_id":"arn:a"}}"#),
            ["arn:a"]
        );
    }

    #[test]
    fn an_event_without_a_payload_names_none() {
        assert_eq!(named(r#"{"schedule":"0 5 * * *"}"#), Ok(None));
        assert_eq!(named(r#"{"client_payload":null}"#), Ok(None));
    }

    #[test]
    fn a_payload_that_names_none_is_an_error() {
        for text in [
            "",
            "[",
            r#"{"client_payload":{}}"#,
            r#"{"client_payload":"all"}"#,
            r#"{"client_payload":{"finding_ids":[]}}"#,
            r#"{"client_payload":{"finding_ids":[""]}}"#,
            r#"{"client_payload":{"finding_ids":[1]}}"#,
            r#"{"client_payload":{"findings":[{"Title":"x"}]}}"#,
            r#"{"client_payload":{"findings":"[arn"}}"#,
        ] {
            assert!(named(text).is_err(), "{text}");
        }
    }
}
