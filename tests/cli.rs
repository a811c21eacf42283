//! The command line through its public door: the binary, its JSON, its exit codes, its files.

#![allow(clippy::unwrap_used)] // a test may stop here

mod support;

use serde_json::{Value, json};
use support::{Repo, asff, run, run_json, tfmend};

const LOGS: &str = r#"terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

# The audit trail of the shop.
resource "aws_s3_bucket" "logs" {
  bucket = "acme-shop-audit-logs" # do not rename
}

resource "aws_db_instance" "shop" {
  identifier          = "shop"
  publicly_accessible = true # TODO
  deletion_protection = true
}
"#;

fn bucket() -> Value {
    asff("S3.8", "AwsS3Bucket", "arn:aws:s3:::acme-shop-audit-logs")
}

fn repo() -> Repo {
    Repo::new(&[("main.tf", LOGS)])
}

#[test]
fn plan_answers_in_version_1_and_writes_nothing() {
    let repo = repo();
    let out = run_json("plan", &repo, &json!([bucket()]), &[]);
    assert_eq!(out["version"], 1);
    assert_eq!(out["summary"]["findings"], 1);
    assert_eq!(out["summary"]["proposed"], 1);
    let o = &out["outcomes"][0];
    assert_eq!(o["outcome"], "proposed");
    assert_eq!(o["rule"], "s3-public-access");
    assert_eq!(o["address"], "aws_s3_bucket.logs");
    assert_eq!(o["file"], "main.tf");
    assert_eq!(o["evidence"], "identifier");
    assert_eq!(o["confidence"], "exact");
    assert_eq!(o["impact"], "in-place");
    assert_eq!(o["finding"]["control"], "S3.8");
    assert_eq!(o["finding"]["source"], "security-hub-asff");
    assert_eq!(o["finding"]["account"], "111122223333");
    assert_eq!(o["finding"]["severity"], "high");
    assert_eq!(o["reason"], Value::Null);
    let diff = o["diff"].as_str().unwrap();
    assert!(
        diff.contains("+resource \"aws_s3_bucket_public_access_block\" \"logs\" {"),
        "{diff}"
    );
    assert!(
        !diff
            .lines()
            .any(|l| l.starts_with('-') && !l.starts_with("---")),
        "{diff}"
    );
    let change = &out["changes"][0];
    assert_eq!(change["step"], "open");
    assert_eq!(change["id"], o["change"]);
    assert!(
        change["id"]
            .as_str()
            .unwrap()
            .starts_with("tfmend/s3-public-access/")
    );
    assert_eq!(change["findings"], json!([o["finding"]["key"]]));
    assert_eq!(repo.text("main.tf"), LOGS);
    assert_eq!(
        std::fs::read_dir(repo.path()).unwrap().count(),
        1,
        "plan wrote something"
    );
}

#[test]
fn the_edits_of_the_json_give_the_file_that_fix_writes() {
    let repo = repo();
    let out = run_json("plan", &repo, &json!([bucket()]), &[]);
    let mut bytes = repo.read("main.tf");
    let edits = out["outcomes"][0]["edits"].as_array().unwrap();
    assert!(!edits.is_empty());
    for edit in edits.iter().rev() {
        let (start, end) = (
            edit["start"].as_u64().unwrap(),
            edit["end"].as_u64().unwrap(),
        );
        bytes.splice(
            start as usize..end as usize,
            edit["text"].as_str().unwrap().bytes(),
        );
    }
    run_json("fix", &repo, &json!([bucket()]), &[]);
    assert_eq!(String::from_utf8(bytes).unwrap(), repo.text("main.tf"));
}

#[test]
fn fix_edits_once_and_then_finds_the_code_safe() {
    let repo = repo();
    run_json("fix", &repo, &json!([bucket()]), &[]);
    let fixed = repo.text("main.tf");
    assert!(fixed.contains("# do not rename"));
    assert!(fixed.contains("block_public_acls       = true"), "{fixed}");
    let again = run_json("fix", &repo, &json!([bucket()]), &[]);
    assert_eq!(again["outcomes"][0]["outcome"], "already_safe");
    assert_eq!(repo.text("main.tf"), fixed);
}

#[test]
fn several_fixes_in_one_file_compose() {
    let repo = repo();
    let findings = json!([
        bucket(),
        asff("S3.5", "AwsS3Bucket", "arn:aws:s3:::acme-shop-audit-logs"),
        asff("S3.14", "AwsS3Bucket", "arn:aws:s3:::acme-shop-audit-logs"),
    ]);
    let out = run_json("fix", &repo, &findings, &[]);
    assert_eq!(out["summary"]["proposed"], 3, "{out:#}");
    let fixed = repo.text("main.tf");
    for kind in [
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_versioning",
    ] {
        assert_eq!(
            fixed.matches(&format!("resource \"{kind}\"")).count(),
            1,
            "{kind}\n{fixed}"
        );
    }
    // Three findings on one block are one pull request.
    assert_eq!(out["changes"].as_array().unwrap().len(), 1, "{out:#}");
    let again = run_json("plan", &repo, &findings, &[]);
    assert_eq!(again["summary"]["already_safe"], 3, "{again:#}");
}

#[test]
fn below_the_asked_confidence_nothing_is_edited_and_the_evidence_is_named() {
    let repo = repo();
    let arn = "arn:aws:rds:eu-west-1:111122223333:db:shop";
    let findings = json!([asff("RDS.2", "AwsRdsDbInstance", arn)]);
    let out = run_json("plan", &repo, &findings, &[]);
    let o = &out["outcomes"][0];
    assert_eq!(o["outcome"], "not_located", "{o:#}");
    assert_eq!(o["reason"]["kind"], "confidence-too-low");
    assert!(!o["reason"]["next"].as_str().unwrap().is_empty());
    assert_eq!(o["edits"], json!([]));
    let low = run_json("plan", &repo, &findings, &["--min-confidence", "low"]);
    let o = &low["outcomes"][0];
    assert_eq!(o["outcome"], "proposed", "{o:#}");
    let diff = o["diff"].as_str().unwrap();
    assert!(
        diff.contains(
            "-  publicly_accessible = true # TODO\n+  publicly_accessible = false # TODO\n"
        ),
        "{diff}"
    );
}

#[test]
fn every_record_leaves_as_one_outcome_and_the_counts_add_up() {
    let repo = repo();
    let mut passed = bucket();
    passed["Compliance"]["Status"] = json!("PASSED");
    passed["Id"] = json!("passed-1");
    passed["Resources"][0]["Id"] = json!("arn:aws:s3:::another");
    let mut suppressed = bucket();
    suppressed["Workflow"]["Status"] = json!("SUPPRESSED");
    suppressed["Id"] = json!("suppressed-1");
    suppressed["Resources"][0]["Id"] = json!("arn:aws:s3:::a-third");
    let mut archived = bucket();
    archived["RecordState"] = json!("ARCHIVED");
    archived["Id"] = json!("archived-1");
    archived["Resources"][0]["Id"] = json!("arn:aws:s3:::a-fourth");
    let mut twin = bucket();
    twin["GeneratorId"] = json!("aws-foundational-security-best-practices/v/1.0.0/S3.8");
    twin["Region"] = json!("us-east-1");
    twin["Id"] = json!("twin-1");
    let unknown = asff(
        "Nonsense.1",
        "AwsS3Bucket",
        "arn:aws:s3:::acme-shop-audit-logs",
    );
    let nowhere = asff("S3.8", "AwsS3Bucket", "arn:aws:s3:::nobody-wrote-this");
    let findings = json!([bucket(), twin, passed, suppressed, archived, unknown, nowhere, {"what": "is this"}]);
    let out = run_json("plan", &repo, &findings, &[]);
    let s = out["summary"].as_object().unwrap();
    assert_eq!(s["findings"], 8);
    assert_eq!(s["unique"], 7);
    for (kind, n) in [
        ("proposed", 1),
        ("duplicate", 1),
        ("passed", 1),
        ("suppressed", 1),
        ("resolved", 1),
        ("no_rule", 1),
        ("not_located", 1),
        ("invalid", 1),
    ] {
        assert_eq!(s[kind], n, "{kind}: {out:#}");
    }
    let sum: u64 = s
        .iter()
        .filter(|(k, _)| !["findings", "unique"].contains(&k.as_str()))
        .map(|(_, v)| v.as_u64().unwrap())
        .sum();
    assert_eq!(sum, 8);
    assert_eq!(out["outcomes"].as_array().unwrap().len(), 8);
}

#[test]
fn exit_codes_are_those_of_the_table() {
    let repo = repo();
    let path = repo.path().to_str().unwrap();
    assert_eq!(
        run("plan", &repo, &json!([bucket()]), &["--exit-code"]).code,
        10
    );
    let nowhere = json!([asff(
        "S3.8",
        "AwsS3Bucket",
        "arn:aws:s3:::nobody-wrote-this"
    )]);
    assert_eq!(run("plan", &repo, &nowhere, &["--exit-code"]).code, 0);
    assert_eq!(
        run("plan", &repo, &nowhere, &["--fail-on", "needs-human"]).code,
        11
    );
    assert_eq!(
        tfmend(&["plan", "--repo", path], b"").code,
        2,
        "no findings named"
    );
    assert_eq!(tfmend(&["plan", "--frobnicate"], b"").code, 2);
    assert_eq!(
        tfmend(
            &["plan", "--findings", "-", "--repo", "/nonexistent/repo"],
            b"[]"
        )
        .code,
        2
    );
    let empty = tfmend(&["plan", "--findings", "-", "--repo", path], b"  \n");
    assert_eq!(empty.code, 3, "{}", empty.stderr);
    let missing = tfmend(
        &["plan", "--findings", "/nonexistent/f.json", "--repo", path],
        b"",
    );
    assert_eq!(missing.code, 3);
    assert!(
        missing.stderr.contains("/nonexistent/f.json"),
        "{}",
        missing.stderr
    );
}

#[test]
fn a_configuration_with_an_unknown_key_is_an_error_that_names_it() {
    let repo = repo();
    repo.write("tfmend.toml", b"profil = \"all\"\n");
    let ran = run("plan", &repo, &json!([bucket()]), &[]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("profil") && ran.stderr.contains("tfmend.toml"),
        "{}",
        ran.stderr
    );
}

#[test]
fn policy_ignores_with_a_reason_and_an_end_and_names_the_line() {
    let repo = repo();
    repo.write(
        "tfmend.toml",
        b"[[ignore]]\nrule = \"s3-public-access\"\nreason = \"the shop team moves it next month\"\nuntil = \"2099-01-01\"\n",
    );
    let out = run_json("plan", &repo, &json!([bucket()]), &[]);
    let o = &out["outcomes"][0];
    assert_eq!(o["outcome"], "suppressed", "{o:#}");
    assert!(
        o["decided_by"].as_str().unwrap().contains("tfmend.toml:"),
        "{o:#}"
    );
    repo.write(
        "tfmend.toml",
        b"[[ignore]]\nrule = \"s3-public-access\"\nreason = \"the shop team moves it next month\"\nuntil = \"2020-01-01\"\n",
    );
    let out = run_json("plan", &repo, &json!([bucket()]), &[]);
    assert_eq!(
        out["outcomes"][0]["outcome"], "proposed",
        "an expired ignore counts no more"
    );
}

#[test]
fn the_formats_say_the_same() {
    let repo = repo();
    let path = repo.path().to_str().unwrap();
    let findings = json!([
        bucket(),
        asff("S3.8", "AwsS3Bucket", "arn:aws:s3:::nobody-wrote-this")
    ]);
    let as_format = |format: &str| {
        let ran = tfmend(
            &[
                "plan",
                "--findings",
                "-",
                "--repo",
                path,
                "--format",
                format,
            ],
            findings.to_string().as_bytes(),
        );
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let text = as_format("text");
    assert!(
        text.contains("2 findings: 1 proposed · 1 not located"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "no colour into a pipe");
    let sarif: Value = serde_json::from_str(&as_format("sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "s3-public-access");
    assert!(as_format("github").contains("::notice file=main.tf,line="));
    let diff = as_format("diff");
    repo.commit();
    let patch = repo.path().join("p.diff");
    std::fs::write(&patch, diff).unwrap();
    support::git(repo.path(), &["apply", "--check", "p.diff"]);
}

#[test]
fn a_document_of_each_schema_and_the_rules() {
    for of in ["config", "output", "check", "rule"] {
        let ran = tfmend(&["schema", of], b"");
        assert_eq!(ran.code, 0);
        assert!(ran.json()["properties"].is_object(), "{of}");
    }
    let list = tfmend(&["rules", "list", "--format", "json"], b"").json();
    assert!(list.as_array().unwrap().len() >= 20);
    let page = tfmend(&["rules", "show", "rds-public"], b"");
    assert!(page.stdout.contains("RDS.2"), "{}", page.stdout);
    let missing = tfmend(&["rules", "show", "rds-pubic"], b"");
    assert_eq!(missing.code, 2);
    assert!(
        missing.stderr.contains("rds-public"),
        "suggests the nearest: {}",
        missing.stderr
    );
    assert!(
        tfmend(&["explain", "rds-public"], b"")
            .stdout
            .contains("RDS.2")
    );
    assert!(
        tfmend(&["completions", "bash"], b"")
            .stdout
            .contains("tfmend")
    );
}

#[test]
fn the_committed_schemas_are_current() {
    for of in ["config", "output", "check", "rule"] {
        let path = support::project(&format!("docs/schema/{of}.json"));
        let now = tfmend(&["schema", of], b"").stdout;
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &now).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == now,
            "{} is stale; run the tests with UPDATE_EXPECT=1",
            path.display()
        );
    }
}

#[test]
fn explain_says_why_a_finding_was_not_located() {
    let repo = repo();
    let finding = asff("S3.8", "AwsS3Bucket", "arn:aws:s3:::nobody-wrote-this");
    let id = finding["Id"].as_str().unwrap();
    let path = repo.path().to_str().unwrap();
    let ran = tfmend(
        &["explain", id, "--findings", "-", "--repo", path],
        json!([finding.clone()]).to_string().as_bytes(),
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("not-in-code") && ran.stdout.contains("tried"),
        "{}",
        ran.stdout
    );
}
