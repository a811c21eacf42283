//! Values of rules and parameters as HCL text, in the way the place they replace was written.

use serde_json::Value as Json;

use crate::terraform::edit::quote;

/// The HCL text of a value.
pub(crate) fn text(value: &Json) -> String {
    match value {
        Json::String(text) => quote(text),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(text_of_item).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

fn text_of_item(value: &Json) -> String {
    text(value)
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
    }
}
