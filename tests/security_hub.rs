//! `--from security-hub` as a user lives with it, against an AWS that writes every call down.

#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used)] // a test may stop here

mod support;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use support::aws::AwsTestbed;
use support::{Ran, Repo, asff, tfmend_with};
use tempfile::TempDir;

const MAIN: &str = r#"resource "aws_s3_bucket" "logs" {
  bucket = "acme-shop-audit-logs"
}
"#;
const BUCKET: &str = "arn:aws:s3:::acme-shop-audit-logs";

/// A finding of Security Hub itself, in a region.
fn finding(control: &str, region: &str, number: usize) -> Value {
    let mut finding = asff(control, "AwsS3Bucket", BUCKET);
    finding["Id"] = json!(format!(
        "arn:aws:securityhub:{region}:123456789012:security-control/{control}/finding/{number:08}"
    ));
    finding["ProductArn"] = json!(format!(
        "arn:aws:securityhub:{region}::product/aws/securityhub"
    ));
    finding["Region"] = json!(region);
    finding["AwsAccountId"] = json!("123456789012");
    finding["Resources"][0]["Region"] = json!(region);
    finding
}

fn id(finding: &Value) -> &str {
    finding["Id"].as_str().unwrap()
}

fn repository() -> Repo {
    let repo = Repo::new(&[("main.tf", MAIN)]);
    repo.commit();
    repo
}

/// `tfmend VERB … --repo REPO --format json` with the testbed as AWS.
fn run(aws: &AwsTestbed, verb: &str, repo: &Repo, more: &[&str]) -> Ran {
    let mut args = vec![
        verb,
        "--repo",
        repo.path().to_str().unwrap(),
        "--format",
        "json",
    ];
    args.extend(more);
    tfmend_with(&args, b"", &aws.env())
}

fn plan(aws: &AwsTestbed, repo: &Repo, more: &[&str]) -> Value {
    let ran = run(aws, "plan", repo, more);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.json()
}

fn pr(aws: &AwsTestbed, repo: &Repo, forge: &Path, more: &[&str]) -> Value {
    let forge = format!("local:{}", forge.display());
    let mut args = vec!["--forge", &forge, "--profile", "all"];
    args.extend(more);
    let ran = run(aws, "pr", repo, &args);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stderr, ran.stdout);
    ran.json()
}

fn steps(out: &Value) -> Vec<&str> {
    let changes = out["changes"].as_array().unwrap();
    changes
        .iter()
        .map(|c| c["step"].as_str().unwrap())
        .collect()
}

fn problems(out: &Value) -> String {
    out["problems"].to_string()
}

#[test]
fn a_finding_becomes_a_change_and_only_reads_are_made() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let region = "eu-west-1";
    aws.import(region, &[finding("S3.8", region, 1)]);
    let repo = repository();
    let out = plan(&aws, &repo, &["--from", "security-hub:eu-west-1"]);
    let outcome = &out["outcomes"][0];
    assert_eq!(outcome["outcome"], "proposed", "{out:#}");
    assert_eq!(outcome["address"], "aws_s3_bucket.logs");
    assert_eq!(outcome["finding"]["region"], region);
    let calls = aws.calls();
    let made: Vec<&str> = calls
        .iter()
        .map(|c| c.action.as_str())
        .filter(|a| !["EnableSecurityHub", "BatchImportFindings"].contains(a))
        .collect();
    // What failed, and what IAM Access Analyzer found.
    assert_eq!(made, ["GetFindings", "GetFindings"]);
    assert!(calls.iter().all(|c| c.region == region), "{calls:?}");
}

#[test]
fn every_page_is_read_up_to_the_cap() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let region = "eu-west-2";
    let findings: Vec<Value> = (0..230).map(|n| finding("ECS.1", region, n)).collect();
    aws.import(region, &findings);
    let repo = repository();
    let from = ["--from", "security-hub:eu-west-2"];
    let out = plan(&aws, &repo, &from);
    assert_eq!(out["summary"]["findings"], 230);
    assert_eq!(aws.count("GetFindings"), 3 + 1);
    let out = plan(
        &aws,
        &repo,
        &[&from[..], &["--max-findings", "150"]].concat(),
    );
    assert_eq!(out["summary"]["findings"], 150);
    assert!(problems(&out).contains("more than 150 findings"), "{out:#}");
    let exactly = plan(
        &aws,
        &repo,
        &[&from[..], &["--max-findings", "230"]].concat(),
    );
    assert_eq!(exactly["summary"]["findings"], 230);
    assert!(
        !problems(&exactly).contains("more than"),
        "{}",
        problems(&exactly)
    );
}

#[test]
fn filters_narrow_and_closed_findings_are_left_out() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let region = "eu-west-3";
    let mut findings: Vec<Value> = (0..8).map(|n| finding("S3.8", region, n)).collect();
    findings[1]["Workflow"]["Status"] = json!("SUPPRESSED");
    findings[2]["RecordState"] = json!("ARCHIVED");
    findings[3]["Compliance"]["Status"] = json!("PASSED");
    findings[4]["Workflow"]["Status"] = json!("NOTIFIED");
    findings[5]["Severity"]["Label"] = json!("LOW");
    findings[6]["Compliance"]["SecurityControlId"] = json!("S3.14");
    findings[7]["UpdatedAt"] = json!("2026-01-01T00:00:00.000Z");
    // IAM Access Analyzer does not say whether something failed.
    let mut unused = asff("x", "AwsIamRole", "arn:aws:iam::123456789012:role/old");
    unused["Id"] = json!("arn:aws:access-analyzer:eu-west-3:123456789012:analyzer/a/1");
    unused["ProductArn"] = json!("arn:aws:securityhub:eu-west-3::product/aws/access-analyzer");
    unused["AwsAccountId"] = json!("123456789012");
    unused["Region"] = json!(region);
    unused["ProductName"] = json!("IAM Access Analyzer");
    unused["GeneratorId"] = json!("aws/access-analyzer");
    unused["Types"] =
        json!(["Software and Configuration Checks/AWS Security Best Practices/Unused IAM Role"]);
    unused.as_object_mut().unwrap().remove("Compliance");
    findings.push(unused);
    aws.import(region, &findings);
    let repo = repository();
    let read = |filter: &[&str]| {
        let mut args = vec!["--from", "security-hub:eu-west-3"];
        if !filter.is_empty() {
            args.push("--filter");
        }
        args.extend(filter);
        plan(&aws, &repo, &args)["summary"]["findings"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(read(&[]), 6, "five open ones, and the unused role");
    assert_eq!(read(&["severity=HIGH,critical"]), 5);
    assert_eq!(read(&["control=S3.14"]), 1);
    assert_eq!(read(&["control=S3.8", "severity=low"]), 1);
    assert_eq!(read(&["workflow=suppressed"]), 1);
    assert_eq!(read(&["compliance=passed", "workflow=resolved,new"]), 1);
    assert_eq!(read(&["updated-since=2026-02-01", "control=S3.8"]), 3);
    assert_eq!(read(&["region=eu-west-3", "account=123456789012"]), 6);
    assert_eq!(read(&["region=us-east-1"]), 0);
    assert_eq!(read(&["product=Security Hub"]), 5);
    for wrong in ["sevrity=high", "severity=urgent", "severity"] {
        let ran = run(
            &aws,
            "plan",
            &repo,
            &["--from", "security-hub:eu-west-3", "--filter", wrong],
        );
        assert_eq!(ran.code, 2, "{wrong}: {}", ran.stderr);
        assert!(ran.stderr.contains("severity"), "{}", ran.stderr);
    }
    let ran = run(
        &aws,
        "plan",
        &repo,
        &["--findings", "-", "--filter", "severity=high"],
    );
    assert_eq!(ran.code, 2, "a filter without a service: {}", ran.stderr);
}

#[test]
fn a_hub_without_open_findings_is_no_mistake() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    aws.import("eu-north-1", &[]);
    let out = plan(&aws, &repository(), &["--from", "security-hub:eu-north-1"]);
    assert_eq!(out["summary"]["findings"], 0);
}

#[test]
fn ids_are_asked_for_by_name_whatever_their_state() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let region = "eu-central-1";
    let mut findings: Vec<Value> = (0..30).map(|n| finding("S3.8", region, n)).collect();
    findings[1]["Compliance"]["Status"] = json!("PASSED");
    aws.import(region, &findings);
    let repo = repository();
    let from = ["--from", "security-hub:eu-central-1"];
    let with = |more: &[&str]| run(&aws, "plan", &repo, &[&from[..], more].concat());
    let out = with(&[
        "--finding-id",
        id(&findings[0]),
        "--finding-id",
        id(&findings[1]),
    ])
    .json();
    assert_eq!(out["summary"]["findings"], 2);
    assert_eq!(out["summary"]["passed"], 1, "{out:#}");
    assert_eq!(aws.count("GetFindings"), 1, "one question for both");
    // The key, as tfmend prints it, means the same.
    let key = out["outcomes"][0]["finding"]["key"].as_str().unwrap();
    assert_eq!(
        with(&["--finding-id", key]).json()["summary"]["findings"],
        1
    );

    let dir = TempDir::new().unwrap();
    let event = dir.path().join("event.json");
    let ids: Vec<&str> = findings.iter().map(id).chain(["arn:gone"]).collect();
    fs::write(
        &event,
        json!({"client_payload": {"finding_ids": ids}}).to_string(),
    )
    .unwrap();
    let before = aws.count("GetFindings");
    let out = with(&["--event", event.to_str().unwrap()]).json();
    assert_eq!(out["summary"]["findings"], 30);
    assert_eq!(
        aws.count("GetFindings") - before,
        2,
        "twenty ids a question"
    );
    assert!(problems(&out).contains("arn:gone"), "{}", problems(&out));
    assert!(
        !problems(&out).contains("finding/00000001"),
        "{}",
        problems(&out)
    );

    let ran = with(&["--finding-id", "arn:gone"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("arn:gone"), "{}", ran.stderr);
    // A payload that names nothing never becomes a run for everything.
    fs::write(&event, r#"{"client_payload": {"finding_ids": []}}"#).unwrap();
    assert_eq!(with(&["--event", event.to_str().unwrap()]).code, 2);
    // A schedule has no payload: everything.
    fs::write(&event, r#"{"schedule": "0 5 * * *"}"#).unwrap();
    let out = with(&["--event", event.to_str().unwrap()]).json();
    assert_eq!(out["summary"]["findings"], 29);
    // `explain` asks for its finding.
    let ran = run(
        &aws,
        "explain",
        &repo,
        &[&[id(&findings[0])], &from[..]].concat(),
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn files_and_services_go_together() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let region = "ap-south-1";
    let hub = finding("S3.8", region, 1);
    aws.import(region, std::slice::from_ref(&hub));
    let repo = repository();
    let file = repo.path().join("findings.json");
    fs::write(&file, json!([hub, finding("ECS.1", region, 2)]).to_string()).unwrap();
    let out = plan(
        &aws,
        &repo,
        &[
            "--findings",
            file.to_str().unwrap(),
            "--from",
            "security-hub:ap-south-1",
        ],
    );
    assert_eq!(out["summary"]["findings"], 3);
    assert_eq!(out["summary"]["unique"], 2);
    assert_eq!(out["summary"]["duplicate"], 1);
}

#[test]
fn throttling_is_waited_out() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let region = "ap-southeast-1";
    aws.import(region, &[finding("S3.8", region, 1)]);
    aws.fault(json!({"service": "securityhub", "action": "GetFindings", "times": 2, "code": "ThrottlingException"}));
    let out = plan(
        &aws,
        &repository(),
        &["--from", "security-hub:ap-southeast-1"],
    );
    assert_eq!(out["summary"]["findings"], 1);
    let throttled = aws.calls().iter().filter(|c| c.status == 429).count();
    assert_eq!(throttled, 2);
}

#[test]
fn what_goes_wrong_says_what_to_do() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let repo = repository();
    let region = "ap-southeast-2";
    let from = ["--from", "security-hub:ap-southeast-2"];
    let ran = run(&aws, "plan", &repo, &from);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("not switched on in ap-southeast-2"),
        "{}",
        ran.stderr
    );
    aws.import(region, &[]);
    aws.fault(json!({"action": "GetFindings", "code": "AccessDeniedException", "message": "User: arn:aws:iam::123456789012:user/ci is not authorized"}));
    let ran = run(&aws, "plan", &repo, &from);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("allow securityhub:GetFindings"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("user/ci"), "{}", ran.stderr);

    for (given, text) in [
        ("sqs:queue", "security-hub[:REGION]"),
        ("security-hub:evil.example", "no AWS region"),
        ("security-hub", "in which region"),
    ] {
        let ran = run(&aws, "plan", &repo, &["--from", given]);
        assert_eq!(ran.code, 2, "{given}: {}", ran.stderr);
        assert!(ran.stderr.contains(text), "{given}: {}", ran.stderr);
    }

    let mut nobody = aws.env();
    nobody.retain(|(name, _)| !name.starts_with("AWS_ACCESS") && !name.starts_with("AWS_SECRET"));
    nobody.extend(
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(|n| (n.to_owned(), String::new())),
    );
    nobody.push(("HOME".to_owned(), "/nonexistent".to_owned()));
    let args = [
        "plan",
        "--repo",
        repo.path().to_str().unwrap(),
        "--from",
        "security-hub:ap-southeast-2",
    ];
    let ran = tfmend_with(&args, b"", &nobody);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("aws sso login"), "{}", ran.stderr);
}

#[test]
fn in_an_aggregation_region_the_findings_own_region_counts() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let (home, linked) = ("us-east-1", "us-west-2");
    aws.import(home, &[]);
    aws.import(linked, &[finding("S3.8", linked, 1)]);
    aws.tell_security_hub("aggregate", json!({"home": home, "linked": [linked]}));
    let repo = repository();
    let out = plan(&aws, &repo, &["--from", "security-hub:us-east-1"]);
    assert_eq!(out["outcomes"][0]["finding"]["region"], linked, "{out:#}");
    // Seen in both places it is one problem, and one change.
    let out = plan(
        &aws,
        &repo,
        &[
            "--from",
            "security-hub:us-east-1",
            "--from",
            "security-hub:us-west-2",
        ],
    );
    assert_eq!(out["summary"]["findings"], 2);
    assert_eq!(out["summary"]["unique"], 1);
    assert_eq!(out["changes"].as_array().unwrap().len(), 1);
}

#[test]
fn an_acknowledged_finding_is_not_acknowledged_again() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let region = "sa-east-1";
    let hub = finding("S3.8", region, 1);
    let mut noted = finding("S3.2", region, 2);
    noted["Note"] =
        json!({"Text": "ask Ann first", "UpdatedBy": "bob", "UpdatedAt": "2026-11-01T00:00:00Z"});
    noted["UserDefinedFields"] = json!({"ticket": "SEC-7"});
    aws.import(region, &[hub.clone(), noted.clone()]);
    let repo = repository();
    let forge = TempDir::new().unwrap();
    let args = ["--from", "security-hub:sa-east-1", "--acknowledge"];
    let first = pr(&aws, &repo, forge.path(), &args);
    assert_eq!(steps(&first), ["open"], "{first:#}");
    let link = first["changes"][0]["pull_request"].as_str().unwrap();
    let now = aws.finding(region, id(&hub));
    assert_eq!(now["Workflow"]["Status"], "NOTIFIED", "{now:#}");
    assert_eq!(now["Note"]["UpdatedBy"], "tfmend");
    assert!(
        now["Note"]["Text"].as_str().unwrap().contains(link),
        "{now:#}"
    );
    assert_eq!(now["UserDefinedFields"]["tfmend_pull_request"], link);
    // What a person wrote stays.
    let other = aws.finding(region, id(&noted));
    assert_eq!(other["Workflow"]["Status"], "NOTIFIED", "{other:#}");
    assert_eq!(other["Note"]["Text"], "ask Ann first");
    assert_eq!(
        other["UserDefinedFields"],
        json!({"ticket": "SEC-7", "tfmend_pull_request": link})
    );
    let written = aws.count("BatchUpdateFindings");
    assert_eq!(written, 2, "one call for each kind of write");
    for _ in 0..2 {
        // The scanner reports again; what its owner wrote stays.
        aws.import(region, &[hub.clone(), noted.clone()]);
        let again = pr(&aws, &repo, forge.path(), &args);
        assert_eq!(steps(&again), ["leave"], "{again:#}");
        assert_eq!(aws.count("BatchUpdateFindings"), written);
    }
    // Resolved, and failed anew: Security Hub makes it NEW, and it is said again.
    let mut passed = hub.clone();
    passed["Compliance"]["Status"] = json!("PASSED");
    aws.import(region, std::slice::from_ref(&passed));
    aws.import(region, std::slice::from_ref(&hub));
    assert_eq!(aws.finding(region, id(&hub))["Workflow"]["Status"], "NEW");
    pr(&aws, &repo, forge.path(), &args);
    assert_eq!(
        aws.finding(region, id(&hub))["Workflow"]["Status"],
        "NOTIFIED"
    );
    assert_eq!(aws.count("BatchUpdateFindings"), written + 1);
}

#[test]
fn nothing_is_acknowledged_unless_it_is_switched_on() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let region = "ca-central-1";
    aws.import(region, &[finding("S3.8", region, 1)]);
    let repo = repository();
    let forge = TempDir::new().unwrap();
    let from = ["--from", "security-hub"];
    repo.write(
        "tfmend.toml",
        b"[security_hub]\nregion = \"ca-central-1\"\n",
    );
    pr(&aws, &repo, forge.path(), &from);
    assert_eq!(aws.count("BatchUpdateFindings"), 0);
    let switched = "[security_hub]\nregion = \"ca-central-1\"\nacknowledge = true\n";
    repo.write(
        "tfmend.toml",
        format!("{switched}\n[stages]\npaused = [\"notify\"]\n").as_bytes(),
    );
    pr(&aws, &repo, forge.path(), &from);
    assert_eq!(aws.count("BatchUpdateFindings"), 0, "the stage is paused");
    repo.write("tfmend.toml", switched.as_bytes());
    pr(&aws, &repo, forge.path(), &from);
    assert_eq!(
        aws.count("BatchUpdateFindings"),
        1,
        "also for a pull request that exists"
    );
}

#[test]
fn what_could_not_be_acknowledged_is_said_and_tried_again() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let region = "ap-northeast-1";
    aws.import(region, &[finding("S3.8", region, 1)]);
    let repo = repository();
    let forge = TempDir::new().unwrap();
    let place = format!("local:{}", forge.path().display());
    let args = [
        "--from",
        "security-hub:ap-northeast-1",
        "--acknowledge",
        "--forge",
        &place,
        "--profile",
        "all",
    ];
    aws.fault(
        json!({"action": "BatchUpdateFindings", "code": "AccessDeniedException", "message": "no"}),
    );
    let ran = run(&aws, "pr", &repo, &args);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let out = ran.json();
    assert!(
        problems(&out).contains("allow securityhub:BatchUpdateFindings"),
        "{}",
        problems(&out)
    );
    assert_eq!(
        steps(&out),
        ["open"],
        "the pull request is there all the same"
    );
    let ran = run(&aws, "pr", &repo, &args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(aws.count("BatchUpdateFindings"), 2);
}

#[test]
fn a_pull_request_whose_finding_passed_is_closed() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let region = "ap-northeast-2";
    let hub = finding("S3.8", region, 1);
    aws.import(region, std::slice::from_ref(&hub));
    let repo = repository();
    let forge = TempDir::new().unwrap();
    let args = ["--from", "security-hub:ap-northeast-2"];
    assert_eq!(steps(&pr(&aws, &repo, forge.path(), &args)), ["open"]);
    let mut passed = hub;
    passed["Compliance"]["Status"] = json!("PASSED");
    passed["UpdatedAt"] = json!("2026-11-21T00:00:00.000Z");
    aws.import(region, &[passed]);
    // The filters leave it out; the pull request's marker asks for it.
    let out = pr(&aws, &repo, forge.path(), &args);
    assert_eq!(steps(&out), ["close"], "{out:#}");
    assert_eq!(out["summary"]["passed"], 1);
}

#[test]
fn the_newer_security_hub_is_read_and_told() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let region = "us-east-2";
    let repo = repository();
    let from = ["--from", "security-hub-v2:us-east-2"];
    let ran = run(&aws, "plan", &repo, &from);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("not switched on"), "{}", ran.stderr);

    let event = fs::read(support::project(
        "testdata/findings/case-eventbridge-v2.json",
    ))
    .unwrap();
    let event: Value = serde_json::from_slice(&event).unwrap();
    let mut ocsf = event["detail"]["findings"][0].clone();
    ocsf["resources"][0]["uid"] = json!("acme-shop-audit-logs");
    ocsf["resources"][0]["name"] = json!("acme-shop-audit-logs");
    ocsf["resources"][0]["uid_alt"] = json!(BUCKET);
    let uid = ocsf["metadata"]["uid"].as_str().unwrap().to_owned();
    let mut passed = ocsf.clone();
    passed["compliance"]["status"] = json!("Pass");
    passed["finding_info"]["uid"] = json!("arn:passed");
    passed["metadata"]["uid"] = json!("passed");
    aws.tell_security_hub("v2", json!({"region": region, "findings": [ocsf, passed]}));
    let out = plan(&aws, &repo, &from);
    assert_eq!(out["summary"]["findings"], 1, "{out:#}");
    assert_eq!(out["outcomes"][0]["finding"]["source"], "security-hub-ocsf");
    assert_eq!(out["outcomes"][0]["finding"]["region"], "eu-west-1");
    let narrowed = |filter: &str| {
        let out = plan(&aws, &repo, &[&from[..], &["--filter", filter]].concat());
        out["summary"]["findings"].as_u64().unwrap()
    };
    assert_eq!(
        (narrowed("severity=high"), narrowed("severity=low")),
        (1, 0)
    );
    assert_eq!((narrowed("control=S3.8"), narrowed("control=S3.1")), (1, 0));
    assert_eq!(
        (
            narrowed("updated-since=2026-01-01"),
            narrowed("updated-since=2026-11-01")
        ),
        (1, 0)
    );
    // Events carry either id.
    for id in [uid.as_str(), "arn:passed"] {
        let out = plan(&aws, &repo, &[&from[..], &["--finding-id", id]].concat());
        assert_eq!(out["summary"]["findings"], 1, "{id}");
    }

    let forge = TempDir::new().unwrap();
    let args = [&from[..], &["--acknowledge"]].concat();
    for _ in 0..3 {
        pr(&aws, &repo, forge.path(), &args);
    }
    assert_eq!(aws.count("BatchUpdateFindingsV2"), 1);
}

#[test]
fn what_is_written_to_the_cloud_is_the_closed_list() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let region = "us-west-1";
    aws.import(region, &[finding("S3.8", region, 1)]);
    let forge = TempDir::new().unwrap();
    pr(
        &aws,
        &repository(),
        forge.path(),
        &["--from", "security-hub:us-west-1", "--acknowledge"],
    );
    for call in aws.calls() {
        let name = format!("{}:{}", call.service, call.action);
        let reads = call.action.starts_with("Get");
        let listed = tfmend::cloud::WRITES.iter().any(|w| w.call == name);
        // The test itself puts the findings there.
        let ours = ["EnableSecurityHub", "BatchImportFindings"].contains(&call.action.as_str());
        assert!(reads || listed || ours, "{call:?}");
    }
    assert_eq!(aws.count("BatchUpdateFindings"), 1);
}
