//! Facts about the live resource that a record carries: what rules may require before they let an edit happen.
//!
//! Only what is really there: "not rotated for 120 days" is no evidence that a key is unused.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::asff::add_alias;
use super::{Control, ControlCatalogue};

type Facts = BTreeMap<String, String>;

/// `AWS::IAM::AccessKey` and `AwsIamAccessKey` are one kind: `awsiamaccesskey`.
pub(super) fn plain_kind(kind: &str) -> String {
    kind.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Are the details of this kind worth parsing?
pub(super) fn wants_details(kind: &str) -> bool {
    matches!(
        plain_kind(kind).as_str(),
        "awsiamaccesskey"
            | "awsiamuser"
            | "awsec2securitygroup"
            | "awss3bucket"
            | "awsrdsdbinstance"
            | "awskmskey"
            | "awsec2launchtemplate"
    )
}

/// Could a resource of this kind be what the control is about? Judged by the service's name.
pub(super) fn kind_fits(kind: &str, control: &Control) -> bool {
    let kind = plain_kind(kind);
    let service = match control.catalogue {
        ControlCatalogue::SecurityHub => control.code.split('.').next(),
        ControlCatalogue::Prowler => control.code.split('_').next(),
        _ => None,
    };
    let Some(service) = service.filter(|s| !s.is_empty()) else {
        return false;
    };
    let service = match service.to_ascii_lowercase().as_str() {
        "awslambda" => "lambda".to_owned(),
        "vpc" => "ec2".to_owned(),
        "elb" | "elbv2" => "elb".to_owned(),
        other => other.to_owned(),
    };
    kind.strip_prefix("aws")
        .is_some_and(|rest| rest.starts_with(&service))
        && kind != "awsaccount"
}

fn put(facts: &mut Facts, key: &str, value: impl Into<String>) {
    let value = value.into();
    if !value.is_empty() {
        facts.entry(key.to_owned()).or_insert(value);
    }
}

/// Prowler's sentence on an unused key: `User ci has not used access key 1 in the last 45 days (90 days).`
pub(super) fn from_text(text: &str, controls: &[Control], facts: &mut Facts) {
    let prowler = |c: &Control| c.catalogue == ControlCatalogue::Prowler;
    if !controls.iter().any(prowler) {
        return;
    }
    let Some((before, after)) = text.split_once(" has not used access key ") else {
        // Of a rotation finding only the number is of use.
        if let Some((before, after)) = text.split_once(" has not rotated access key ") {
            user_and_number(before, after, facts);
        }
        return;
    };
    user_and_number(before, after, facts);
    let days = match after.rsplit_once('(') {
        Some((_, days)) => days,
        None => after
            .rsplit_once("in the last ")
            .map_or("", |(_, days)| days),
    };
    if let Some((days, _)) = days.trim().split_once(" day")
        && let Ok(days) = days.trim().parse::<u32>()
    {
        put(facts, "access-key.unused-days", days.to_string());
    }
}

fn user_and_number(before: &str, after: &str, facts: &mut Facts) {
    if let Some(user) = before.strip_prefix("User ") {
        put(facts, "access-key.user", user.trim());
    }
    if let Some(number @ ("1" | "2")) = after.get(..1) {
        put(facts, "access-key.number", number);
    }
}

/// An access key's id that is the resource's id.
pub(super) fn from_resource_id(kind: &str, id: &str, facts: &mut Facts) {
    let id = id.strip_prefix("AWS::IAM::AccessKey:").unwrap_or(id);
    let looks_like_key = id.len() >= 16
        && id.starts_with("AKIA")
        && id
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if looks_like_key && plain_kind(kind) != "awsiamuser" {
        put(facts, "access-key.id", id);
    }
}

/// What a scanner observed of the resource: ASFF `Details`, OCSF `data`, Prowler's `metadata` inside it.
pub(super) fn from_observed(
    kind: &str,
    observed: &Value,
    now: Timestamp,
    facts: &mut Facts,
    aliases: &mut Vec<String>,
) {
    let kind = plain_kind(kind);
    for object in layers(observed) {
        match kind.as_str() {
            "awsiamaccesskey" | "awsiamuser" => access_key(object, &kind, now, facts),
            "awsec2securitygroup" => security_group(object, facts, aliases),
            "awss3bucket" => bucket(object, facts, aliases),
            "awsrdsdbinstance" => {
                for field in ["DBInstanceIdentifier", "DbiResourceId"] {
                    add_alias(aliases, text(object, &[field]), "");
                }
            }
            "awskmskey" => add_alias(aliases, text(object, &["KeyId"]), ""),
            _ => {}
        }
    }
}

/// The value itself and the objects directly inside it (`Details.AwsS3Bucket`, `data.metadata`), outermost first.
fn layers(value: &Value) -> Vec<&Value> {
    let mut found = vec![value];
    if let Value::Object(members) = value {
        found.extend(members.values().filter(|v| v.is_object()));
    }
    found
}

fn text<'v>(object: &'v Value, names: &[&str]) -> &'v str {
    names
        .iter()
        .find_map(|name| object.get(name)?.as_str())
        .unwrap_or_default()
}

fn access_key(object: &Value, kind: &str, now: Timestamp, facts: &mut Facts) {
    let id = text(object, &["AccessKeyId", "accessKeyId", "access_key_id"]);
    put(facts, "access-key.id", id);
    put(
        facts,
        "access-key.user",
        text(object, &["UserName", "userName", "user", "PrincipalName"]),
    );
    if kind == "awsiamaccesskey" || !id.is_empty() {
        let status = text(object, &["Status", "status"]);
        if status.eq_ignore_ascii_case("active") {
            put(facts, "access-key.status", "Active");
        } else if status.eq_ignore_ascii_case("inactive") {
            put(facts, "access-key.status", "Inactive");
        }
        let last = object.get("AccessKeyLastUsed").unwrap_or(object);
        let used = text(
            last,
            &["LastUsedDate", "lastUsedDate", "lastUsed", "LastUsedAt"],
        );
        if let Some(days) = days_since(used, now) {
            put(facts, "access-key.unused-days", days.to_string());
        }
    }
    credential_report(object, now, facts);
}

/// The row of the IAM credential report that Prowler hands on with each finding about a user.
fn credential_report(row: &Value, now: Timestamp, facts: &mut Facts) {
    let active = |n: &str| match row.get(format!("access_key_{n}_active")) {
        Some(Value::String(text)) => Some(text.eq_ignore_ascii_case("true")),
        Some(Value::Bool(truth)) => Some(*truth),
        _ => None,
    };
    let (Some(first), Some(second)) = (active("1"), active("2")) else {
        return;
    };
    let count = u8::from(first) + u8::from(second);
    put(facts, "access-key.active-count", count.to_string());
    let number = match (
        facts.get("access-key.number").map(String::as_str),
        first,
        second,
    ) {
        (Some("1"), ..) | (None, true, false) => "1",
        (Some("2"), ..) | (None, false, true) => "2",
        // Two active keys and no word on which one is meant.
        _ => return,
    };
    put(facts, "access-key.number", number);
    let is_active = if number == "1" { first } else { second };
    put(
        facts,
        "access-key.status",
        if is_active { "Active" } else { "Inactive" },
    );
    let field = |what: &str| {
        row.get(format!("access_key_{number}_{what}"))
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let used = match field("last_used_date") {
        // Never used: idle since it was made.
        "N/A" | "no_information" => field("last_rotated"),
        used => used,
    };
    if let Some(days) = days_since(used, now) {
        put(facts, "access-key.unused-days", days.to_string());
    }
}

fn days_since(date: &str, now: Timestamp) -> Option<i64> {
    let then = super::stream::timestamp(date)?;
    let seconds = now.as_second() - then.as_second();
    (seconds >= 0).then_some(seconds / 86_400)
}

fn security_group(object: &Value, facts: &mut Facts, aliases: &mut Vec<String>) {
    add_alias(aliases, text(object, &["GroupId", "group_id"]), "");
    let name = text(object, &["GroupName", "group_name"]);
    if name != "default" {
        add_alias(aliases, name, "");
    }
    let permissions = ["IpPermissions", "ip_permissions", "ingress_rules"]
        .iter()
        .find_map(|name| object.get(name)?.as_array());
    let Some(permissions) = permissions else {
        return;
    };
    let mut public = Vec::new();
    for permission in permissions {
        let number = |names: [&str; 2]| {
            names
                .iter()
                .find_map(|name| permission.get(name)?.as_i64())
                .map_or(Value::Null, Value::from)
        };
        let ranges = [("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")];
        for (list, field) in ranges {
            let entries = permission.get(list).and_then(Value::as_array);
            for cidr in entries
                .into_iter()
                .flatten()
                .map(|range| text(range, &[field]))
            {
                if is_public(cidr) {
                    public.push(json!({
                        "protocol": text(permission, &["IpProtocol", "ipProtocol"]),
                        "from": number(["FromPort", "fromPort"]),
                        "to": number(["ToPort", "toPort"]),
                        "cidr": cidr,
                    }));
                }
            }
        }
    }
    put(
        facts,
        "security-group.public-rules",
        Value::Array(public).to_string(),
    );
}

/// The whole internet, also in two halves.
fn is_public(cidr: &str) -> bool {
    matches!(
        cidr,
        "0.0.0.0/0" | "0.0.0.0/1" | "128.0.0.0/1" | "::/0" | "::/1" | "8000::/1" | "2000::/3"
    )
}

fn bucket(object: &Value, facts: &mut Facts, aliases: &mut Vec<String>) {
    add_alias(aliases, text(object, &["Name"]), "");
    let status = object
        .pointer("/BucketVersioningConfiguration/Status")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match object.get("versioning") {
        Some(Value::Bool(true)) => put(facts, "versioning", "Enabled"),
        Some(Value::Bool(false)) => put(facts, "versioning", "Off"),
        _ => put(facts, "versioning", status),
    }
    put(facts, "acl", text(object, &["AccessControlList", "acl"]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prowler() -> Vec<Control> {
        let code = "iam_user_accesskey_unused".to_owned();
        vec![Control {
            catalogue: ControlCatalogue::Prowler,
            code,
        }]
    }

    fn now() -> Timestamp {
        "2026-03-01T00:00:00Z".parse().unwrap()
    }

    fn observed(kind: &str, value: &Value) -> Facts {
        let mut facts = Facts::new();
        from_observed(kind, value, now(), &mut facts, &mut Vec::new());
        facts
    }

    #[test]
    fn prowlers_sentence_is_evidence() {
        let mut facts = Facts::new();
        let text = "User ci has not used access key 2 in the last 45 days (90 days).";
        from_text(text, &prowler(), &mut facts);
        assert_eq!(facts["access-key.unused-days"], "90");
        assert_eq!(facts["access-key.number"], "2");
        assert_eq!(facts["access-key.user"], "ci");
    }

    #[test]
    fn rotation_is_no_evidence_of_disuse() {
        let mut facts = Facts::new();
        let text = "User ci has not rotated access key 1 in over 90 days (200 days).";
        from_text(text, &prowler(), &mut facts);
        assert_eq!(facts.get("access-key.unused-days"), None);
        assert_eq!(facts["access-key.number"], "1");
        let key =
            json!({"AwsIamAccessKey": {"Status": "Active", "CreatedAt": "2020-01-01T00:00:00Z"}});
        let facts = observed("AwsIamAccessKey", &key);
        assert_eq!(facts["access-key.status"], "Active");
        assert_eq!(facts.get("access-key.unused-days"), None);
    }

    #[test]
    fn someone_elses_sentence_is_none() {
        let mut facts = Facts::new();
        from_text(
            "User x has not used access key 1 in the last 45 days (90 days).",
            &[],
            &mut facts,
        );
        assert!(facts.is_empty());
    }

    #[test]
    fn credential_report_with_one_active_key() {
        let row = json!({"metadata": {"user": "ci", "access_key_1_active": "false", "access_key_2_active": "true",
            "access_key_2_last_used_date": "2025-12-01T00:00:00+00:00", "access_key_2_last_rotated": "2020-01-01T00:00:00+00:00"}});
        let facts = observed("AwsIamUser", &row);
        assert_eq!(facts["access-key.unused-days"], "90");
        assert_eq!(facts["access-key.number"], "2");
        assert_eq!(facts["access-key.active-count"], "1");
    }

    #[test]
    fn two_active_keys_are_not_guessed_between() {
        let row = json!({"access_key_1_active": "true", "access_key_2_active": "true",
            "access_key_1_last_used_date": "2020-01-01T00:00:00Z", "access_key_2_last_used_date": "2026-02-28T00:00:00Z"});
        let facts = observed("AwsIamUser", &row);
        assert_eq!(facts.get("access-key.unused-days"), None);
    }

    #[test]
    fn public_rules_of_a_security_group() {
        let details = json!({"AwsEc2SecurityGroup": {"GroupId": "sg-0a", "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}, {"CidrIp": "10.0.0.0/8"}]},
            {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]}});
        let facts = observed("AWS::EC2::SecurityGroup", &details);
        let rules: Value = serde_json::from_str(&facts["security-group.public-rules"]).unwrap();
        assert_eq!(
            rules,
            json!([{"protocol": "tcp", "from": 22, "to": 22, "cidr": "0.0.0.0/0"},
                   {"protocol": "-1", "from": null, "to": null, "cidr": "::/0"}])
        );
    }

    #[test]
    fn kinds_that_fit() {
        let control = |catalogue, code: &str| Control {
            catalogue,
            code: code.to_owned(),
        };
        assert!(kind_fits(
            "AwsS3Bucket",
            &control(ControlCatalogue::SecurityHub, "S3.8")
        ));
        assert!(kind_fits(
            "AWS::EC2::SecurityGroup",
            &control(ControlCatalogue::Prowler, "vpc_flow_logs")
        ));
        assert!(!kind_fits(
            "AwsAccount",
            &control(ControlCatalogue::SecurityHub, "Account.1")
        ));
        assert!(!kind_fits(
            "AwsKmsKey",
            &control(ControlCatalogue::SecurityHub, "S3.8")
        ));
    }
}
