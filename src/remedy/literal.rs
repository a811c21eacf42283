//! Values of rules and parameters as HCL text, in the way the place they replace was written.

use serde_json::Value as Json;

use crate::terraform::edit::quote;

/// The HCL text of a value.
pub(crate) fn text(value: &Json) -> String {
    match value {
        Json::String(text) => quote(text),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(text).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(map) if map.is_empty() => "{}".to_owned(),
        Json::Object(map) => {
            let entries: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{} = {}", key_text(key), text(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// A key of an object: without quotes where it needs none.
pub(crate) fn key_text(key: &str) -> String {
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if plain { key.to_owned() } else { quote(key) }
}

/// The HCL text that replaces `present`: a boolean or number stays a string where it was written as one.
pub(crate) fn text_like(value: &Json, present: &str) -> String {
    let quoted = present.starts_with('"') && present.ends_with('"');
    match value {
        Json::Bool(_) | Json::Number(_) if quoted => quote(&value.to_string()),
        _ => text(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_string_stays_a_string() {
        assert_eq!(text_like(&json!(false), "true"), "false");
        assert_eq!(text_like(&json!(false), "\"true\""), "\"false\"");
        assert_eq!(text_like(&json!(14), "\"6\""), "\"14\"");
        assert_eq!(text_like(&json!("required"), "var.x"), "\"required\"");
        assert_eq!(text(&json!(["a", "${b}"])), "[\"a\", \"$${b}\"]");
        assert_eq!(
            text(&json!({ "a": { "b c": true } })),
            "{ a = { \"b c\" = true } }"
        );
    }
}
