//! Every supported shape of a finding, in every envelope; broken input; one problem reported many times.

#![allow(clippy::unwrap_used)] // helpers of tests may panic

use std::io::Read;

use jiff::Timestamp;
use tfmend::finding::{
    self, Finding, InputFormat, InvalidRecord, Record, ResourceIdentity, Severity, Standing, State,
};

fn now() -> Timestamp {
    "2026-03-02T00:00:00Z".parse().unwrap()
}

fn read_as(input: impl Read, format: Option<InputFormat>) -> Vec<Record> {
    let mut records = Vec::new();
    let tally =
        finding::read(input, "input.json", format, now(), &mut |r| records.push(r)).unwrap();
    assert_eq!(tally.records as usize, records.len());
    for (index, record) in records.iter().enumerate() {
        let place = match record {
            Ok(finding) => &finding.record,
            Err(invalid) => &invalid.place,
        };
        assert_eq!(
            place.number as usize,
            index + 1,
            "numbers follow document order"
        );
        assert_eq!(&*place.input, "input.json");
    }
    records
}

fn case(name: &str) -> Vec<Record> {
    let path = format!(
        "{}/testdata/findings/case-{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    read_as(std::fs::File::open(path).unwrap(), None)
}

fn findings(name: &str) -> Vec<Finding> {
    case(name)
        .into_iter()
        .map(|r| r.unwrap_or_else(|e| panic!("{name}: {e:?}")))
        .collect()
}

fn invalid(text: impl AsRef<[u8]>) -> Vec<InvalidRecord> {
    read_as(text.as_ref(), None)
        .into_iter()
        .filter_map(Result::err)
        .collect()
}

fn line(f: &Finding) -> String {
    let control = f.controls.first().map_or("-", |c| c.code.as_str());
    let state = match &f.state {
        State::Failed => "failed".to_owned(),
        State::Passed => "passed".to_owned(),
        State::Suppressed(how) | State::Resolved(how) => how.clone(),
    };
    format!(
        "{} {} {} {} {} {:?} {}",
        f.key.source, control, f.resource.id, f.account, f.region, f.severity, state
    )
    .to_lowercase()
}

fn lines(name: &str) -> Vec<String> {
    findings(name).iter().map(line).collect()
}

const BUCKET: &str =
    "security-hub-asff s3.8 arn:aws:s3:::acme-logs 111122223333 eu-west-1 high failed";

#[test]
fn security_hub_page_with_consolidated_control() {
    let found = findings("asff-consolidated.json");
    assert_eq!(found.iter().map(line).collect::<Vec<_>>(), [BUCKET]);
    let f = &found[0];
    assert_eq!(
        f.controls[1].code,
        "s3-bucket-level-public-access-prohibited"
    );
    assert_eq!(f.resource.aliases, ["acme-logs"]);
    assert_eq!(f.resource.tags["team"], "platform");
    assert_eq!(f.facts["versioning"], "Off");
    assert_eq!(f.first_seen.as_deref(), Some("2026-02-01T08:00:00.000Z"));
    assert_eq!(
        f.url.as_deref(),
        Some("https://docs.aws.amazon.com/console/securityhub/S3.8/remediation")
    );
    assert_eq!(f.key.product, "aws/securityhub");
    assert_eq!(
        f.key.to_string().parse::<finding::FindingKey>().unwrap(),
        f.key
    );
}

#[test]
fn security_hub_before_consolidation() {
    let found = findings("asff-standards.json");
    let controls: Vec<_> = found.iter().map(|f| f.controls[0].code.as_str()).collect();
    assert_eq!(controls, ["EC2.13", "S3.8", "S3.1", "IAM.3"]);
    let rules = &found[0].facts["security-group.public-rules"];
    assert!(rules.contains("0.0.0.0/0") && rules.contains("::/0") && !rules.contains("10.0.0.0"));
    assert_eq!(
        found[0].resource.aliases,
        ["sg-0a1b2c3d4e5f60718", "bastion"]
    );
    assert_eq!(found[2].account, "111122223333");
    assert!(ResourceIdentity::of(&found[2]).is_account());
}

#[test]
fn states_of_security_hub() {
    let states: Vec<_> = findings("asff-states.ndjson")
        .into_iter()
        .map(|f| f.state)
        .collect();
    assert_eq!(
        states,
        [
            State::Passed,
            State::Suppressed("suppressed in Security Hub".into()),
            State::Resolved("archived in Security Hub".into()),
            State::Resolved("resolved in Security Hub".into()),
            State::Failed,
            State::Passed,
        ]
    );
}

#[test]
fn prowler_in_asff() {
    let found = findings("asff-prowler.json");
    assert_eq!(
        line(&found[0]),
        "prowler-asff iam_user_accesskey_unused arn:aws:iam::111122223333:user/ci 111122223333 us-east-1 medium failed"
    );
    assert_eq!(found[0].facts["access-key.unused-days"], "90");
    assert_eq!(found[0].facts["access-key.number"], "1");
    assert_eq!(found[1].state, State::Suppressed("muted in Prowler".into()));
}

#[test]
fn third_party_has_no_control_but_a_threat() {
    let found = findings("asff-third-party.json");
    assert!(found[0].controls.is_empty());
    assert_eq!(
        found[0].threat.as_ref().unwrap().0,
        "TTPs/Discovery/Recon:EC2-PortProbeUnprotectedPort"
    );
    assert_eq!(found[0].severity, Severity::Medium);
}

#[test]
fn an_access_key_without_last_use_gives_no_evidence() {
    let f = &findings("asff-access-key.json")[0];
    assert_eq!(f.facts["access-key.id"], "AKIAIOSFODNN7EXAMPLE");
    assert_eq!(f.facts["access-key.status"], "Active");
    assert!(!f.facts.contains_key("access-key.unused-days"));
}

#[test]
fn security_hub_v2_event() {
    let found = findings("eventbridge-v2.json");
    assert_eq!(
        line(&found[0]),
        "security-hub-ocsf s3.8 arn:aws:s3:::acme-logs 111122223333 eu-west-1 high failed"
    );
    assert_eq!(found[0].resource.tags["env"], "prod");
    assert_eq!(found[0].resource.aliases, ["acme-logs"]);
}

#[test]
fn states_of_ocsf() {
    let short: Vec<_> = lines("ocsf-states.json")
        .iter()
        .map(|l| l.split(" high ").nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(
        short,
        [
            "suppressed in security hub",
            "resolved in security hub",
            "closed in security hub",
            "passed",
            "archived in security hub",
            "failed"
        ]
    );
}

#[test]
fn prowler_in_ocsf() {
    let found = findings("ocsf-prowler.json");
    assert_eq!(
        line(&found[0]),
        "prowler-ocsf s3_bucket_level_public_access_block arn:aws:s3:::acme-logs 111122223333 eu-west-1 medium failed"
    );
    assert_eq!(
        found[0].updated_at.as_deref(),
        Some("2026-03-01T08:00:00.913874Z")
    );
    assert_eq!(
        (
            found[0].resource.tags["env"].as_str(),
            found[0].facts["versioning"].as_str()
        ),
        ("prod", "Off")
    );
    assert_eq!(found[1].state, State::Passed);
    assert_eq!(found[2].state, State::Passed);
    assert_eq!(found[3].state, State::Suppressed("muted in Prowler".into()));
    let key = &found[4];
    assert_eq!(
        key.facts["access-key.unused-days"], "120",
        "the scanner's own figure"
    );
    assert_eq!(key.facts["access-key.number"], "2");
    assert_eq!(key.facts["access-key.active-count"], "1");
}

#[test]
fn security_command_center() {
    let found = findings("scc-listing.json");
    let states: Vec<_> = found.iter().map(|f| f.state.clone()).collect();
    assert_eq!(states[0], State::Failed);
    assert!(matches!(states[1], State::Resolved(_)));
    assert!(matches!(states[2], State::Suppressed(_)));
    assert!(found[3].controls.is_empty() && found[3].threat.is_some());
    let f = &found[0];
    assert_eq!(f.controls[0].code, "PUBLIC_BUCKET_ACL");
    assert_eq!(
        (f.account.as_str(), f.region.as_str()),
        ("acme-prod", "global")
    );
    assert_eq!(found[2].region, "eu");
    assert_eq!(f.resource.aliases, ["acme-public"]);
    assert_eq!(
        ResourceIdentity::of(f).as_str(),
        "gcp:storage:bucket/acme-public"
    );
}

#[test]
fn every_envelope_gives_the_same_finding() {
    for (name, count) in [
        ("eventbridge-imported.json", 1),
        ("sns.json", 1),
        ("sqs-receive.json", 2),
        ("sqs-lambda.json", 1),
        ("sqs-body.json", 1),
    ] {
        assert_eq!(lines(name), vec![BUCKET; count], "{name}");
    }
    assert_eq!(findings("eventbridge-custom-action.json").len(), 2);
    for name in [
        "scc-notification.json",
        "pubsub-push.json",
        "pubsub-pull.json",
    ] {
        assert_eq!(findings(name)[0].key.id, "9a8b7c", "{name}");
    }
}

#[test]
fn formats_mix_in_one_file() {
    let sources: Vec<_> = findings("mixed.json")
        .iter()
        .map(|f| f.key.source.name())
        .collect();
    assert_eq!(
        sources,
        [
            "security-hub-asff",
            "prowler-ocsf",
            "scc",
            "security-hub-ocsf",
            "security-hub-asff"
        ]
    );
}

#[test]
fn odd_shapes_are_read() {
    let f = &findings("odd-shapes.json")[0];
    assert_eq!(
        (f.account.as_str(), f.resource.id.as_str()),
        ("111122223333", "arn:aws:s3:::acme-odd")
    );
    assert!(!f.title.is_empty());
}

#[test]
fn what_people_wrote_about_a_finding_is_kept_and_never_voids_it() {
    let record = |more: &str| {
        let text = format!(
            r#"{{"Id":"arn:a","ProductArn":"arn:aws:securityhub:eu-west-1::product/aws/securityhub",
            "GeneratorId":"security-control/S3.8","AwsAccountId":"111122223333","Compliance":{{"Status":"FAILED"}},
            "Resources":[{{"Type":"AwsS3Bucket","Id":"arn:aws:s3:::logs"}}]{more}}}"#
        );
        read_as(text.as_bytes(), None).remove(0).unwrap()
    };
    let tracking = |more: &str| *record(more).tracking.unwrap();
    let noted = tracking(
        r#","Workflow":{"Status":"NOTIFIED"},"Note":{"Text":"ask Ann","UpdatedBy":"bob"},"UserDefinedFields":{"ticket":7}"#,
    );
    assert!(noted.foreign_note && !noted.is_new());
    assert_eq!(noted.fields["ticket"], "7");
    let ours = tracking(r#","Note":{"Text":"Pull request: https://x/1","UpdatedBy":"tfmend"}"#);
    assert!(!ours.foreign_note && ours.is_new() && ours.carries("https://x/1"));
    let none = tracking(r#","Note":null,"UserDefinedFields":null"#);
    assert!(!none.foreign_note && none.fields.is_empty());
    // What is not understood is not written over.
    for odd in [r#","Note":"a text""#, r#","Note":{"Text":{}}"#] {
        assert!(tracking(odd).foreign_note, "{odd}");
    }
    for odd in [
        r#","UserDefinedFields":[1,2]"#,
        r#","UserDefinedFields":{"a":{"b":1}}"#,
    ] {
        assert_eq!(record(odd).tracking, None, "{odd}");
    }
    // No Security Hub holds such a field: nothing would be written to it.
    let long = format!(r#","UserDefinedFields":{{"a":"{}"}}"#, "x".repeat(2000));
    assert_eq!(record(&long).tracking, None);
    assert_eq!(record(r#","RecordState":"ARCHIVED""#).tracking, None);
}

#[test]
fn broken_records_are_reported_by_number_and_the_rest_is_read() {
    let records = case("broken.ndjson");
    let ids: Vec<_> = records
        .iter()
        .map(|r| r.as_ref().map(|f| f.key.id.as_str()).ok())
        .collect();
    assert_eq!(ids, [Some("one"), None, None, None, None, Some("six")]);
    let problem = |index: usize| records[index].as_ref().unwrap_err().problem.clone();
    assert!(
        problem(1).contains("oops") || problem(1).contains("expected"),
        "{}",
        problem(1)
    );
    assert!(problem(2).starts_with("field `Severity`"), "{}", problem(2));
    assert!(problem(3).contains("`hello`"), "{}", problem(3));
    assert!(records[3].as_ref().unwrap_err().expected.contains("ASFF"));
}

#[test]
fn a_missing_bracket_does_not_swallow_the_next_records() {
    let good = |id: &str| {
        format!(
            r#"{{"Id":"{id}","GeneratorId":"security-control/S3.8","ProductArn":"p","Resources":[{{"Id":"arn:aws:s3:::x"}}]}}"#
        )
    };
    let cut = good("b").trim_end_matches("}]}").to_owned();
    let unterminated = good("b").replace("S3.8\"", "S3.8");
    for bad in [cut, unterminated, good("b").replace("]}", "}")] {
        for text in [
            format!("[{},{bad},{},{}]", good("a"), good("c"), good("d")),
            format!("{}\n{bad}\n{}\n{}\n", good("a"), good("c"), good("d")),
        ] {
            let records = read_as(text.as_bytes(), None);
            let ids: Vec<_> = records
                .iter()
                .flatten()
                .map(|f| f.key.id.as_str())
                .collect();
            assert_eq!(ids, ["a", "c", "d"], "{text}");
            let broken = records.iter().filter(|r| r.is_err()).count();
            assert_eq!(broken, 1, "{text}");
        }
    }
}

#[test]
fn unreadable_input_has_one_clear_message() {
    let one = |text: &[u8], word: &str| {
        let problems = invalid(text);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].problem.contains(word), "{problems:?}");
        assert!(!problems[0].expected.is_empty());
    };
    one(b"\xff\xfe[\0{\0", "UTF-16");
    one(b"[\0{\0}\0]\0", "UTF-16");
    one(b"\x1f\x8b\x08\0\0\0", "compressed");
    one(
        b"AUTH_METHOD;TIMESTAMP;ACCOUNT\nprofile;2026;1111\nprofile;2026;1111\n",
        "not JSON",
    );
    one(b"<html><body>{}</body></html>", "not JSON");
    one(b"[{\"Id\": \"x\"", "ends inside");
    one(b"[", "before the list");
    one(b"{\"Findings\": [", "before the list");
    one(b"]", "closing bracket");
    one(b"{}", "no keys");
    one(b"[NaN]", "not JSON");
    one(b"42", "not a finding");
    one(b"{\"Id\": NaN, \"GeneratorId\": \"x\"}", "not valid JSON");
    one(
        b"{\"Id\": \"a\", \"Id\": \"b\", \"GeneratorId\": \"x\"}",
        "duplicate field",
    );
    one(
        b"{\"Id\": \"a\", \"GeneratorId\": \"x\", \"Resources\": [],}",
        "trailing comma",
    );
    one(
        b"{\"Id\": \"\xff\xfe\", \"GeneratorId\": \"x\"}",
        "not valid JSON",
    );
    one(
        b"{\"detail-type\": \"Security Hub Insight Results\", \"detail\": {\"findings\": []}}",
        "without any finding",
    );
    one(
        b"{\"class_uid\": 3002, \"finding_info\": {\"uid\": \"x\"}}",
        "class 3002",
    );
    one(
        format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000)).as_bytes(),
        "nested",
    );
    one(
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).as_bytes(),
        "nested",
    );
    assert!(invalid("").is_empty() && invalid(" \n\u{feff}").is_empty());
    assert!(invalid("{\"Findings\": []}").is_empty());
    assert!(invalid("[]").is_empty());
}

#[test]
fn byte_order_mark_and_trailing_commas_do_no_harm() {
    let path = format!(
        "{}/testdata/findings/case-asff-third-party.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let one = std::fs::read_to_string(path).unwrap();
    let text = format!("\u{feff}[{one},\r\n{one},]\n\u{feff}{one}");
    assert_eq!(read_as(text.as_bytes(), None).iter().flatten().count(), 3);
}

#[test]
fn a_forced_format_refuses_the_others() {
    let path = format!(
        "{}/testdata/findings/case-mixed.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let bytes = std::fs::read(path).unwrap();
    let records = read_as(bytes.as_slice(), Some(InputFormat::Asff));
    assert_eq!(records.iter().flatten().count(), 2);
    let refused = records.iter().find_map(|r| r.as_ref().err()).unwrap();
    assert!(refused.problem.contains("asff"), "{refused:?}");
    let bare = br#"{"Severity": {"Label": "LOW"}}"#;
    assert!(
        read_as(bare.as_slice(), Some(InputFormat::Asff))[0]
            .as_ref()
            .unwrap_err()
            .problem
            .contains("`Id`")
    );
}

/// A reader that gives few bytes at a time: chunk borders fall everywhere.
struct Drip<'b>(&'b [u8], usize);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let take = self.1.min(self.0.len()).min(buffer.len());
        buffer[..take].copy_from_slice(&self.0[..take]);
        self.0 = &self.0[take..];
        Ok(take)
    }
}

fn all_cases() -> Vec<(String, Vec<u8>)> {
    let dir = format!("{}/testdata/findings", env!("CARGO_MANIFEST_DIR"));
    let mut cases: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("case-")
        })
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect();
    cases.sort();
    assert!(cases.len() > 15);
    cases
}

#[test]
fn chunk_borders_change_nothing() {
    for (name, bytes) in all_cases() {
        let whole = read_as(bytes.as_slice(), None);
        for step in [1, 7, 61] {
            assert_eq!(read_as(Drip(&bytes, step), None), whole, "{name} by {step}");
        }
    }
}

#[test]
fn truncated_anywhere_never_panics_and_never_invents() {
    for (name, bytes) in all_cases() {
        let whole: Vec<_> = read_as(bytes.as_slice(), None)
            .into_iter()
            .flatten()
            .collect();
        let every = ["mixed", "sqs-body", "scc-notification"]
            .iter()
            .any(|n| name.contains(n));
        for end in (0..bytes.len()).step_by(if every { 1 } else { 29 }) {
            for record in read_as(&bytes[..end], None).into_iter().flatten() {
                let known = whole.iter().any(|f| f.key == record.key);
                assert!(known, "{name} cut at {end}: {:?}", record.key);
            }
        }
    }
}

#[test]
fn one_flipped_byte_never_panics() {
    for (_, mut bytes) in all_cases() {
        for at in (0..bytes.len()).step_by(67) {
            let old = bytes[at];
            for new in *b"\"{]\\,\n" {
                bytes[at] = new;
                read_as(bytes.as_slice(), None);
            }
            bytes[at] = old;
        }
    }
}

#[test]
fn a_huge_text_is_bounded() {
    let head = br#"{"Id": "x", "GeneratorId": "g", "Description": ""#;
    let tail = br#""}{"Findings": []}{"hello": 1}"#;
    let input = head
        .chain(std::io::repeat(b'a').take(100 << 20))
        .chain(tail.as_slice());
    let records = read_as(input, None);
    assert_eq!(records.len(), 2, "{records:?}");
    assert!(records[0].as_ref().unwrap_err().problem.contains("8 MiB"));
    assert!(records[1].as_ref().unwrap_err().problem.contains("`hello`"));
}

#[test]
fn order_is_kept_over_many_batches() {
    let mut text = String::from("{\"Findings\": [");
    for number in 0..20_000 {
        text.push_str(&format!(
            r#"{{"Id":"f{number}","GeneratorId":"security-control/S3.8","ProductArn":"p","Resources":[{{"Id":"arn:aws:s3:::b{number}"}}]}},"#
        ));
    }
    text.push_str("]}");
    let records = read_as(text.as_bytes(), None);
    assert_eq!(records.len(), 20_000);
    for (number, record) in records.iter().enumerate() {
        assert_eq!(record.as_ref().unwrap().key.id, format!("f{number}"));
    }
}

#[test]
fn one_problem_through_formats_standards_and_regions_is_one() {
    let mut all: Vec<Finding> = Vec::new();
    for name in [
        "asff-consolidated.json",
        "eventbridge-imported.json",
        "eventbridge-v2.json",
    ] {
        all.extend(findings(name));
    }
    all.extend(
        findings("asff-standards.json")
            .into_iter()
            .filter(|f| f.controls[0].code == "S3.8"),
    );
    all.extend(findings("ocsf-prowler.json").into_iter().take(1));
    let mut passed = findings("asff-consolidated.json").remove(0);
    passed.key.id = "older-pass".into();
    passed.state = State::Passed;
    passed.updated_at = Some("2026-02-15T08:00:00Z".into());
    all.push(passed);
    let standings = finding::unify(&all, |f| {
        let code = f.controls[0].code.as_str();
        matches!(code, "S3.8" | "s3_bucket_level_public_access_block")
            .then(|| "s3-public-access".to_owned())
    });
    let stands = standings
        .iter()
        .filter(|s| matches!(s, Standing::Stands))
        .count();
    assert_eq!(stands, 1, "{standings:?}");
    assert!(matches!(standings.last(), Some(Standing::Beside)));
    let duplicates = standings
        .iter()
        .filter(|s| matches!(s, Standing::Duplicate { .. }))
        .count();
    assert_eq!(stands + duplicates + 1, all.len());
}

#[test]
fn the_newest_of_one_reporter_counts_but_failed_stands_between_reporters() {
    let base = findings("asff-consolidated.json").remove(0);
    let with = |id: &str, state: State, time: &str| {
        let mut f = base.clone();
        f.key.id = id.into();
        f.state = state;
        f.updated_at = Some(time.into());
        f
    };
    let old_failed = with("a", State::Failed, "2026-01-01T00:00:00Z");
    let new_passed = with("b", State::Passed, "2026-02-01T00:00:00Z");
    let standings = finding::unify(&[old_failed.clone(), new_passed.clone()], |_| None);
    assert!(
        matches!(standings[0], Standing::Duplicate { of: 1, .. }),
        "cured since: {standings:?}"
    );
    let mut other = with("c", State::Failed, "2026-01-01T00:00:00Z");
    other.key.product = "prowler/prowler".into();
    let standings = finding::unify(&[old_failed, new_passed, other], |_| None);
    assert!(
        matches!(standings[0], Standing::Duplicate { of: 2, .. }),
        "{standings:?}"
    );
    assert_eq!(standings[1], Standing::Beside);
    assert_eq!(standings[2], Standing::Stands);
}

#[test]
fn identities_in_one_spelling() {
    let base = findings("asff-consolidated.json").remove(0);
    let identity = |id: &str, kind: &str, control: &str, region: &str| {
        let mut f = base.clone();
        f.resource.id = id.into();
        f.resource.kind = kind.into();
        f.controls[0].code = control.into();
        f.region = region.into();
        ResourceIdentity::of(&f).to_string()
    };
    let same = |pairs: &[(&str, &str)], control: &str| {
        let all: Vec<_> = pairs
            .iter()
            .map(|(id, kind)| identity(id, kind, control, "eu-west-1"))
            .collect();
        assert!(all.windows(2).all(|w| w[0] == w[1]), "{all:?}");
    };
    same(
        &[("arn:aws:s3:::x", "AwsS3Bucket"), ("x", "AWS::S3::Bucket")],
        "S3.8",
    );
    same(
        &[
            (
                "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0a1b2c3d4e5f60718",
                "AwsEc2SecurityGroup",
            ),
            ("sg-0a1b2c3d4e5f60718", "AWS::EC2::SecurityGroup"),
        ],
        "EC2.13",
    );
    same(
        &[
            ("arn:aws:iam::111122223333:role/path/deploy", "AwsIamRole"),
            ("deploy", "AwsIamRole"),
        ],
        "IAM.1",
    );
    same(
        &[
            ("AWS::::Account:111122223333", "AwsAccount"),
            ("arn:aws:iam::111122223333:root", "AwsAccount"),
            (
                "arn:aws:iam::111122223333:password-policy/111122223333",
                "Other",
            ),
        ],
        "IAM.15",
    );
    same(
        &[
            ("AWS::::Account:111122223333", "AwsAccount"),
            ("arn:aws:ec2:eu-west-1:111122223333:volume", "AwsAccount"),
        ],
        "EC2.7",
    );
    same(
        &[
            ("arn:aws:sqs:eu-west-1:111122223333:jobs", "AwsSqsQueue"),
            (
                "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs",
                "AwsSqsQueue",
            ),
            ("jobs", "AwsSqsQueue"),
        ],
        "SQS.1",
    );
    same(
        &[
            (
                "arn:aws:rds:eu-west-1:111122223333:db:orders",
                "AwsRdsDbInstance",
            ),
            ("orders", "AwsRdsDbInstance"),
        ],
        "RDS.2",
    );
    let ebs = |region| identity("AWS::::Account:111122223333", "AwsAccount", "EC2.7", region);
    assert_ne!(
        ebs("eu-west-1"),
        ebs("us-east-1"),
        "a setting of each region"
    );
    let policy = |region| {
        identity(
            "AWS::::Account:111122223333",
            "AwsAccount",
            "IAM.15",
            region,
        )
    };
    assert_eq!(
        policy("eu-west-1"),
        policy("us-east-1"),
        "one setting of the account"
    );
    assert_ne!(
        identity("sg-0a1b2c3d", "AwsEc2SecurityGroup", "EC2.13", "eu-west-1"),
        identity("sg-0a1b2c3d", "AwsEc2SecurityGroup", "EC2.13", "us-east-1"),
        "short ids repeat between regions"
    );
}
