//! The statement itself: recognised in every equivalent spelling, and written in each form.

use serde_json::{Map, Value as Json, json};

use crate::terraform::Value;
use crate::terraform::edit::NewBlock;
use crate::terraform::value::{Kind, Part};

/// What stands for something that is not known.
pub(super) const HOLE: &str = "<unknown>";

/// A value as JSON; what is not known becomes text that is no ARN.
pub(super) fn json_of(value: &Value) -> Json {
    match &value.kind {
        Kind::Null => Json::Null,
        Kind::Bool(b) => json!(b),
        Kind::Number(n) => json!(n),
        Kind::String(s) => json!(s),
        Kind::List(items) => items.iter().map(json_of).collect(),
        Kind::Object(map) => map
            .iter()
            .map(|(k, v)| (k.clone(), json_of(v)))
            .collect::<Map<_, _>>()
            .into(),
        Kind::Pattern(_) => json!(text_of(value).unwrap_or_default()),
        Kind::Ref(_) | Kind::Unknown(_) => json!(HOLE),
    }
}

/// The text of a string, also with holes in it.
fn text_of(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::String(s) => Some(s.clone()),
        Kind::Pattern(parts) => Some(
            parts
                .iter()
                .map(|p| match p {
                    Part::Text(text) => text.as_str(),
                    Part::Hole(_) => HOLE,
                })
                .collect(),
        ),
        _ => None,
    }
}

/// The JSON that a text holds; a hole in place of a whole value becomes a string.
pub(super) fn parsed(value: &Value) -> Option<Json> {
    let parts = match &value.kind {
        Kind::String(text) => return serde_json::from_str(text).ok(),
        Kind::Pattern(parts) => parts,
        _ => return None,
    };
    let mut text = String::new();
    let mut in_string = false;
    for part in parts {
        match part {
            Part::Text(piece) => {
                let mut escaped = false;
                for c in piece.chars() {
                    in_string ^= c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                }
                text.push_str(piece);
            }
            Part::Hole(_) if in_string => text.push_str(HOLE),
            Part::Hole(_) => {
                text.push('"');
                text.push_str(HOLE);
                text.push('"');
            }
        }
    }
    serde_json::from_str(&text).ok()
}

/// The statements of a policy.
pub(super) fn statements(policy: &Json) -> Vec<&Json> {
    match policy.get("Statement") {
        Some(Json::Array(list)) => list.iter().collect(),
        Some(one @ Json::Object(_)) => vec![one],
        _ => Vec::new(),
    }
}

pub(super) fn texts(value: Option<&Json>) -> Vec<String> {
    match value {
        Some(Json::String(s)) => vec![s.clone()],
        Some(Json::Bool(b)) => vec![b.to_string()],
        Some(Json::Array(list)) => list.iter().flat_map(|v| texts(Some(v))).collect(),
        _ => Vec::new(),
    }
}

/// Whether a statement denies everything to everybody over a connection without TLS, for the bucket and its objects.
/// Resources that are surely of another bucket than the one of this name do not count.
pub(super) fn denies_insecure_transport(statement: &Json, name: Option<&str>) -> bool {
    let is = |key: &str, wanted: &[&str]| {
        texts(statement.get(key))
            .iter()
            .any(|t| wanted.iter().any(|w| w.eq_ignore_ascii_case(t)))
    };
    let everybody = match statement.get("Principal") {
        Some(Json::Object(map)) => {
            texts(map.get("AWS")).iter().any(|t| t == "*")
                || texts(map.get("*")).iter().any(|t| t == "*")
        }
        other => texts(other).iter().any(|t| t == "*"),
    };
    is("Effect", &["Deny"])
        && everybody
        && is("Action", &["s3:*", "*"])
        && covers_bucket_and_objects(&own(texts(statement.get("Resource")), name))
        && only_insecure(statement.get("Condition"))
}

/// The resources without those whose ARN names another bucket.
fn own(mut resources: Vec<String>, name: Option<&str>) -> Vec<String> {
    resources.retain(|arn| {
        let bucket = arn
            .split_once(":s3:::")
            .map(|(_, rest)| rest.split('/').next().unwrap_or(rest));
        match (bucket, name) {
            (Some(bucket), Some(name)) => {
                bucket == name || bucket.contains(['*', '?', '$']) || bucket.contains(HOLE)
            }
            _ => true,
        }
    });
    resources
}

fn covers_bucket_and_objects(resources: &[String]) -> bool {
    let all = resources
        .iter()
        .any(|r| r == "*" || (r.ends_with('*') && !r.ends_with("/*")));
    let objects = resources.iter().any(|r| r.ends_with("/*"));
    let bucket = resources.iter().any(|r| !r.contains("/*"));
    all || (objects && bucket)
}

/// `{ Bool = { "aws:SecureTransport" = "false" } }` and nothing that narrows it.
fn only_insecure(condition: Option<&Json>) -> bool {
    let Some(Json::Object(operators)) = condition else {
        return false;
    };
    let mut operators = operators.iter();
    let (Some((operator, Json::Object(keys))), None) = (operators.next(), operators.next()) else {
        return false;
    };
    let mut keys = keys.iter();
    let (Some((key, value)), None) = (keys.next(), keys.next()) else {
        return false;
    };
    ["Bool", "BoolIfExists"]
        .iter()
        .any(|o| o.eq_ignore_ascii_case(operator))
        && key.eq_ignore_ascii_case("aws:SecureTransport")
        && texts(Some(value))
            .iter()
            .any(|t| t.eq_ignore_ascii_case("false"))
}

/// The bucket's ARN as it can be written in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Arn {
    /// An expression: `aws_s3_bucket.logs.arn`.
    Expression(String),
    /// The inside of a string, possibly with `${…}`: `arn:aws:s3:::logs`.
    Text(String),
}

impl Arn {
    fn bucket(&self) -> String {
        match self {
            Self::Expression(e) => e.clone(),
            Self::Text(t) => format!("\"{t}\""),
        }
    }

    fn objects(&self) -> String {
        format!("\"{}/*\"", self.inside())
    }

    /// As the inside of a string.
    fn inside(&self) -> String {
        match self {
            Self::Expression(e) => format!("${{{e}}}"),
            Self::Text(t) => t.clone(),
        }
    }
}

/// As an object of HCL, for `jsonencode`.
pub(super) fn as_object(sid: &str, arn: &Arn) -> String {
    format!(
        "{{\nSid = \"{sid}\"\nEffect = \"Deny\"\nPrincipal = \"*\"\nAction = \"s3:*\"\nResource = [\n{},\n{},\n]\nCondition = {{\nBool = {{\n\"aws:SecureTransport\" = \"false\"\n}}\n}}\n}}",
        arn.bucket(),
        arn.objects()
    )
}

/// As JSON, on lines.
pub(super) fn as_json(sid: &str, arn: &Arn) -> String {
    let inside = arn.inside();
    format!(
        "{{\n  \"Sid\": \"{sid}\",\n  \"Effect\": \"Deny\",\n  \"Principal\": \"*\",\n  \"Action\": \"s3:*\",\n  \"Resource\": [\n    \"{inside}\",\n    \"{inside}/*\"\n  ],\n  \"Condition\": {{\n    \"Bool\": {{\n      \"aws:SecureTransport\": \"false\"\n    }}\n  }}\n}}"
    )
}

/// As a block of an `aws_iam_policy_document`.
pub(super) fn as_block(sid: &str, arn: &Arn) -> NewBlock {
    NewBlock::new("statement")
        .attribute("sid", &format!("\"{sid}\""))
        .attribute("effect", "\"Deny\"")
        .attribute("actions", "[\"s3:*\"]")
        .attribute(
            "resources",
            &format!("[\n{},\n{},\n]", arn.bucket(), arn.objects()),
        )
        .block(
            NewBlock::new("principals")
                .attribute("type", "\"*\"")
                .attribute("identifiers", "[\"*\"]"),
        )
        .block(
            NewBlock::new("condition")
                .attribute("test", "\"Bool\"")
                .attribute("variable", "\"aws:SecureTransport\"")
                .attribute("values", "[\"false\"]"),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deny(change: impl FnOnce(&mut Json)) -> Json {
        let mut statement = json!({
            "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}
        });
        change(&mut statement);
        statement
    }

    #[test]
    fn equivalent_spellings_are_recognised() {
        let same: [(&str, Json); 9] = [
            ("Principal", json!({"AWS": "*"})),
            ("Principal", json!({"AWS": ["*"]})),
            ("Action", json!(["s3:*"])),
            ("Action", json!("*")),
            ("Resource", json!("*")),
            ("Resource", json!("arn:aws:s3:::b*")),
            ("Resource", json!(["<unknown>/*", "<unknown>"])),
            (
                "Condition",
                json!({"BoolIfExists": {"aws:SecureTransport": ["false"]}}),
            ),
            ("Condition", json!({"Bool": {"AWS:securetransport": false}})),
        ];
        assert!(denies_insecure_transport(&deny(|_| {}), None));
        assert!(denies_insecure_transport(&deny(|_| {}), Some("b")));
        assert!(!denies_insecure_transport(&deny(|_| {}), Some("c")));
        for (key, value) in same {
            assert!(
                denies_insecure_transport(&deny(|s| s[key] = value.clone()), Some("b")),
                "{key} = {value}"
            );
        }
    }

    #[test]
    fn what_only_looks_like_it_is_not() {
        let other: [(&str, Json); 9] = [
            ("Effect", json!("Allow")),
            ("Principal", json!({"AWS": "arn:aws:iam::1:root"})),
            ("Action", json!("s3:GetObject")),
            ("Resource", json!("arn:aws:s3:::b/*")),
            ("Resource", json!("arn:aws:s3:::b")),
            (
                "Condition",
                json!({"Bool": {"aws:SecureTransport": "true"}}),
            ),
            (
                "Condition",
                json!({"Bool": {"aws:SecureTransport": "false"}, "IpAddress": {"aws:SourceIp": "1.2.3.4/32"}}),
            ),
            (
                "Condition",
                json!({"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}}),
            ),
            ("Condition", Json::Null),
        ];
        for (key, value) in other {
            assert!(
                !denies_insecure_transport(&deny(|s| s[key] = value.clone()), None),
                "{key} = {value}"
            );
        }
    }
}
