//! What is kept of a state, in both of its forms.

use super::*;

fn error(bytes: &[u8]) -> String {
    State::read("dir/s.tfstate", bytes, None)
        .unwrap_err()
        .to_string()
}

const SHOWN: &str = r#"{"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {
  "resources": [
    {"address": "aws_sqs_queue.jobs[\"a\"]", "mode": "managed", "type": "aws_sqs_queue", "name": "jobs", "index": "a",
     "provider_name": "registry.terraform.io/hashicorp/aws", "values": {"id": "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs", "name": "jobs"}},
    {"address": "data.aws_region.current", "mode": "data", "type": "aws_region", "name": "current", "values": {"id": "eu-west-1"}},
    {"address": "aws_sqs_queue.gone", "mode": "managed", "type": "aws_sqs_queue", "name": "gone", "deposed_key": "00aa", "values": {"id": "x"}}
  ],
  "child_modules": [{"address": "module.a", "child_modules": [{"address": "module.a.module.b[0]", "resources": [
    {"address": "module.a.module.b[0].aws_sns_topic.t", "mode": "managed", "type": "aws_sns_topic", "name": "t",
     "values": {"arn": "arn:aws:sns:eu-west-1:111122223333:t", "id": "arn:aws:sns:eu-west-1:111122223333:t", "name": "t"}, "sensitive_values": {"name": true}}
  ]}]}]
}}}"#;

#[test]
fn version_4() {
    let s = state(V4);
    let addresses: Vec<String> = s.resources.iter().map(|r| r.address.to_string()).collect();
    assert_eq!(
        addresses,
        [
            "module.logs[\"a.b\"].aws_s3_bucket.this[\"eu\"]",
            "module.logs[\"a.b\"].aws_s3_bucket.this[\"us\"]",
            "aws_db_instance.crm[0]"
        ]
    );
    assert_eq!((s.lineage.as_deref(), s.serial), (Some("L1"), 7));
    assert_eq!(s.resources[1].id.as_deref(), Some("logs-us"));
    assert_eq!(s.resources[0].names, ["logs-eu"]);
    assert_eq!(s.resources[0].account, None);
    assert_eq!(s.resources[0].region.as_deref(), Some("eu-west-1"));
    assert_eq!(s.resources[0].provider_alias.as_deref(), Some("dr"));
    let db = &s.resources[2];
    assert_eq!(db.account.as_deref(), Some("111122223333"));
    assert_eq!(db.region.as_deref(), Some("eu-west-1"));
    assert_eq!(db.provider_alias.as_deref(), Some("eu"));
    assert_eq!(db.names, ["crm"]);
    assert!(!s.is_empty());
}

#[test]
fn terraform_show() {
    let s = state(SHOWN);
    let addresses: Vec<String> = s.resources.iter().map(|r| r.address.to_string()).collect();
    assert_eq!(
        addresses,
        [
            "aws_sqs_queue.jobs[\"a\"]",
            "module.a.module.b[0].aws_sns_topic.t"
        ]
    );
    assert_eq!(
        s.resources[0].account.as_deref(),
        Some("111122223333"),
        "from the URL"
    );
    assert_eq!(
        s.resources[1].names,
        Vec::<String>::new(),
        "sensitive values are dropped"
    );
}

#[test]
fn a_plans_prior_state() {
    let plan = format!(
        r#"{{"format_version":"1.2","planned_values":{{"root_module":{{}}}},"prior_state":{SHOWN}}}"#
    );
    assert_eq!(state(&plan).resources, state(SHOWN).resources);
    let e = error(br#"{"format_version":"1.2","planned_values":{}}"#);
    assert!(e.contains("a plan without a prior state"), "{e}");
}

#[test]
fn nothing_secret_is_kept() {
    let s = state(V4);
    assert!(!format!("{s:?}").contains("hunter2"));
    let r = resource(
        "aws_iam_access_key",
        r#"{"id":"AKIA1","user":"bob","secret":"hunter2","ses_smtp_password_v4":"hunter2","status":"Active"}"#,
    );
    assert!(!format!("{r:?}").contains("hunter2"));
    assert_eq!(
        (r.id.as_deref(), r.owner.as_deref()),
        (Some("AKIA1"), Some("bob"))
    );
    let marked = state(
        r#"{"version":4,"resources":[{"mode":"managed","type":"aws_ssm_parameter","name":"x","instances":[{"attributes":{"id":"i","name":"n"},"sensitive_attributes":[[{"type":"get_attr","value":"name"}]]}]}]}"#,
    );
    assert_eq!(marked.resources[0].names, Vec::<String>::new());
    assert_eq!(marked.resources[0].id.as_deref(), Some("i"));
}

#[test]
fn places_of_objects_without_an_arn() {
    let r = resource(
        "aws_security_group",
        r#"{"id":"sg-1","owner_id":"111122223333","name":"web"}"#,
    );
    assert_eq!(r.account.as_deref(), Some("111122223333"));
    assert_eq!(r.names, ["web"]);
    let r = resource(
        "aws_ebs_volume",
        r#"{"id":"vol-1","availability_zone":"eu-west-1b"}"#,
    );
    assert_eq!(r.region.as_deref(), Some("eu-west-1"));
    let r = resource(
        "aws_instance",
        r#"{"id":"i-1","availability_zone":"us-west-2-lax-1a","owner_id":"amazon"}"#,
    );
    assert_eq!(
        (r.account, r.region),
        (None, None),
        "a local zone is no region"
    );
    let r = resource(
        "google_storage_bucket",
        r#"{"id":"b","name":"b","project":"p1","self_link":"https://www.googleapis.com/storage/v1/b/b"}"#,
    );
    assert_eq!(r.account.as_deref(), Some("p1"));
    assert_eq!(r.names.len(), 2);
    let r = resource(
        "aws_db_snapshot",
        r#"{"id":"s","db_snapshot_arn":"arn:aws:rds:eu-west-1:111122223333:snapshot:s"}"#,
    );
    assert_eq!(
        r.arn.as_deref(),
        Some("arn:aws:rds:eu-west-1:111122223333:snapshot:s")
    );
    let r = resource(
        "aws_sns_topic",
        r#"{"id":"arn:aws:sns:eu-west-1:111122223333:t"}"#,
    );
    assert_eq!(
        r.arn.as_deref(),
        Some("arn:aws:sns:eu-west-1:111122223333:t"),
        "the id is the ARN"
    );
    let r = resource(
        "aws_iam_account_password_policy",
        r#"{"id":"iam-account-password-policy"}"#,
    );
    assert_eq!(r.id.as_deref(), Some("iam-account-password-policy"));
}

#[test]
fn files_that_are_no_state() {
    for (bytes, part) in [
        (&b"{\"version\": 4, \"resources\": ["[..], "cannot be read"),
        (b"<html>", "cannot be read"),
        (b"\xff\xfe{\x00}\x00", "UTF-16"),
        (b"{\"version\": 4, \"lineage\": \"\xff\"}", "cannot be read"),
        (b"[]", "not an object"),
        (b"{}", "no `version`"),
        (b"{\"version\": \"x\"}", "not a Terraform state"),
        (
            b"{\"version\": 4, \"resources\": {}}",
            "not a Terraform state",
        ),
        (b"{\"version\": 3, \"modules\": []}", "version 3"),
        (b"{\"version\": 5, \"resources\": []}", "version 5"),
        (
            b"{\"version\": 3, \"backend\": {\"type\": \"s3\", \"config\": {}}}",
            "`s3` backend",
        ),
        (
            b"{\"serial\": 1, \"meta\": {}, \"encrypted_data\": \"x\"}",
            "encrypted",
        ),
    ] {
        let e = error(bytes);
        assert!(e.starts_with("dir/s.tfstate: "), "{e}");
        assert!(e.contains(part), "{e} should say {part}");
    }
    let bomb = format!(
        "{{\"version\":4,\"resources\":[{}",
        "{\"a\":[".repeat(100_000)
    );
    assert!(error(bomb.as_bytes()).contains("cannot be read"));
    for end in 0..V4.len() {
        let cut = State::read("x", &V4.as_bytes()[..end], None);
        assert_eq!(cut.is_ok(), end == 0, "cut at {end}");
    }
}

#[test]
fn empty_states() {
    for text in [
        "",
        "  \n",
        "\u{feff}",
        r#"{"version":4,"resources":[]}"#,
        r#"{"version":4}"#,
        r#"{"format_version":"1.0"}"#,
        r#"{"format_version":"1.0","values":{}}"#,
    ] {
        assert!(state(text).is_empty(), "{text:?}");
    }
}

#[test]
fn one_odd_resource_does_not_spoil_the_rest() {
    let s = state(
        r#"{"version":4,"resources":[
          {"mode":"managed","type":7,"name":"x"},
          {"mode":"managed","type":"aws_sqs_queue","name":"x","module":"no.module","instances":[{}]},
          {"mode":"managed","type":"aws_sqs_queue","name":"y","instances":[{"index_key":true,"attributes":{}}]},
          {"mode":"managed","type":"aws_sqs_queue","name":"z","instances":[{"attributes":null},{"attributes":{"id":7,"arn":["x"],"name":{"a":1},"region":null,"project":true,"account_id":1.5}}]}
        ]}"#,
    );
    assert_eq!(s.resources.len(), 2);
    assert_eq!(s.resources[1].id.as_deref(), Some("7"));
    assert_eq!(s.resources[1].arn, None);
    assert_eq!(s.problems.len(), 3, "{:?}", s.problems);
    assert!(
        s.problems[0].starts_with("s.tfstate: resource 1: "),
        "{}",
        s.problems[0]
    );
}

#[test]
fn a_workspace_is_told_by_the_name() {
    for (name, workspace) in [
        (
            "live/terraform.tfstate.d/dev/terraform.tfstate",
            Some("dev"),
        ),
        ("s3://states/env:/prod/live/app.tfstate", Some("prod")),
        ("down\\env:\\prod\\app.tfstate", Some("prod")),
        ("live/terraform.tfstate", None),
        ("live/terraform.tfstate.d/x.tfstate", None),
        ("env:/x", None),
        ("env/prod/x.tfstate", None),
    ] {
        let state = State::read(name, b"", None).unwrap();
        assert_eq!(state.workspace.as_deref(), workspace, "{name}");
    }
}

#[test]
fn what_was_made_along_is_kept_by_its_id_alone() {
    let vpc = resource(
        "aws_vpc",
        r#"{"id":"vpc-1","default_security_group_id":"sg-1","default_network_acl_id":"","default_route_table_id":null}"#,
    );
    let made: Vec<(&str, &str)> = vpc
        .made
        .iter()
        .map(|m| (m.kind.as_ref(), m.id.as_str()))
        .collect();
    assert_eq!(made, [("aws_default_security_group", "sg-1")]);
    let web = resource(
        "aws_instance",
        r#"{"id":"i-1","root_block_device":[{"volume_id":"vol-1","kms_key_id":"secret"}],"ebs_block_device":[{"volume_id":"vol-2"},{"volume_id":"vol-3"},{}]}"#,
    );
    let made: Vec<&str> = web.made.iter().map(|m| m.id.as_str()).collect();
    assert_eq!(made, ["vol-1", "vol-2", "vol-3"]);
    assert!(!format!("{web:?}").contains("secret"));
    for odd in [
        r#"{"id":"i-1","root_block_device":null}"#,
        r#"{"id":"i-1","root_block_device":"vol-1"}"#,
        r#"{"id":"i-1","root_block_device":[["vol-1"]]}"#,
        r#"{"id":"i-1","root_block_device":{"volume_id":"vol-1"}}"#,
    ] {
        assert_eq!(resource("aws_instance", odd).made, [], "{odd}");
    }
    let hidden = r#"{"version":4,"resources":[{"mode":"managed","type":"aws_instance","name":"x","instances":[{"attributes":{"id":"i-1","root_block_device":[{"volume_id":"vol-1"}]},"sensitive_attributes":[[{"type":"get_attr","value":"root_block_device"}]]}]}]}"#;
    assert_eq!(state(hidden).resources[0].made, []);
}
