//! Whom a policy lets in.

use serde_json::Value as Json;

use super::source::policy;
use super::statement::{statements, texts};
use crate::remedy::subject::Subject;

/// Whoever sends on behalf of something else: the key is there only in requests that a service itself makes.
const ON_BEHALF: &str = "aws:SourceArn";

/// The services that the `policy` of a block lets in, in order: their principals as the policy writes them, and
/// a phrase where it lets in everybody for a source (`aws:SourceArn`). Empty when the policy cannot be read.
pub(crate) fn services(writer: &Subject<'_, '_>) -> Vec<String> {
    let Ok(json) = policy(writer).json else {
        return Vec::new();
    };
    let mut found = services_of(&json);
    found.sort();
    found.dedup();
    found
}

/// Whether the `policy` of a block lets everybody read and do nothing else, without a condition.
pub(crate) fn lets_everybody_read(writer: &Subject<'_, '_>) -> bool {
    policy(writer).json.is_ok_and(|json| readable(&json))
}

fn allowing(policy: &Json) -> impl Iterator<Item = &Json> {
    statements(policy).into_iter().filter(|statement| {
        texts(statement.get("Effect"))
            .iter()
            .any(|effect| effect.eq_ignore_ascii_case("Allow"))
    })
}

fn is_everybody(principal: Option<&Json>) -> bool {
    let any = |ids: Option<&Json>| texts(ids).iter().any(|id| id == "*");
    match principal {
        Some(Json::Object(map)) => any(map.get("AWS")) || any(map.get("*")),
        other => any(other),
    }
}

fn readable(policy: &Json) -> bool {
    const READING: [&str; 2] = ["s3:get", "s3:list"];
    let open: Vec<&Json> = allowing(policy)
        .filter(|statement| is_everybody(statement.get("Principal")))
        .filter(|statement| match statement.get("Condition") {
            Some(Json::Object(conditions)) => conditions.is_empty(),
            other => other.is_none_or(Json::is_null),
        })
        .collect();
    let reads = |statement: &&Json| {
        let actions = texts(statement.get("Action"));
        !actions.is_empty()
            && actions.iter().all(|action| {
                let action = action.to_lowercase();
                READING.iter().any(|reading| action.starts_with(reading))
            })
    };
    !open.is_empty() && open.iter().all(reads)
}

fn services_of(policy: &Json) -> Vec<String> {
    let mut found = Vec::new();
    for statement in allowing(policy) {
        let principal = statement.get("Principal");
        let named = texts(principal.and_then(|p| p.get("Service")));
        found.extend(named.into_iter().filter(|name| name.contains('.')));
        if is_everybody(principal) && has_key(statement.get("Condition"), ON_BEHALF) {
            found.push(format!("whatever sends for an `{ON_BEHALF}`"));
        }
    }
    found
}

fn has_key(condition: Option<&Json>, wanted: &str) -> bool {
    let operators = condition.and_then(Json::as_object);
    operators.is_some_and(|operators| {
        operators
            .values()
            .filter_map(Json::as_object)
            .any(|keys| keys.keys().any(|key| key.eq_ignore_ascii_case(wanted)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{readable, services_of};

    #[test]
    fn services_are_let_in_by_name_or_for_their_source() {
        let one = |statement: serde_json::Value| services_of(&json!({ "Statement": [statement] }));
        let named = json!({"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}});
        assert_eq!(one(named), ["s3.amazonaws.com"]);
        let two = json!({"Effect": "Allow", "Principal": {"Service": ["a.amazonaws.com", "b.amazonaws.com"]}});
        assert_eq!(one(two).len(), 2);
        for everybody in [json!("*"), json!({"AWS": "*"}), json!({"AWS": ["*"]})] {
            let source = json!({
                "Effect": "Allow",
                "Principal": everybody,
                "Condition": {"ArnEquals": {"AWS:SourceArn": "arn:aws:sns:eu-west-1:111122223333:a"}},
            });
            assert_eq!(one(source), ["whatever sends for an `aws:SourceArn`"]);
        }
        for nobody in [
            json!({"Effect": "Deny", "Principal": {"Service": "s3.amazonaws.com"}}),
            json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}),
            json!({
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Condition": {"StringEquals": {"AWS:SourceOwner": "111122223333"}},
            }),
            json!({"Effect": "Allow", "Principal": {"AWS": "*"}}),
        ] {
            assert!(one(nobody.clone()).is_empty(), "{nobody}");
        }
    }

    #[test]
    fn everybody_reads_where_nothing_else_is_allowed() {
        let one = |action: serde_json::Value, condition: serde_json::Value| {
            readable(&json!({"Statement": {
                "Effect": "Allow", "Principal": "*", "Action": action, "Condition": condition
            }}))
        };
        assert!(one(json!("s3:GetObject"), json!(null)));
        assert!(one(json!(["s3:GetObject", "s3:ListBucket"]), json!({})));
        assert!(!one(json!(["s3:GetObject", "s3:PutObject"]), json!(null)));
        assert!(!one(json!("s3:*"), json!(null)));
        assert!(!one(json!(null), json!(null)));
        let inside = json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}});
        assert!(!one(json!("s3:GetObject"), inside));
        let named = json!({"Statement": [{
            "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "s3:GetObject"
        }]});
        assert!(!readable(&named));
    }
}
