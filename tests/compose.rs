//! Several fixes in one run: what fits together is kept together, the later one of a conflict is refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use tfmend::finding::{
    CloudResource, Control, ControlCatalogue, Finding, FindingKey, RecordPlace, Severity, Source,
    State,
};
use tfmend::locate::{Confidence, Evidence, Located, Target};
use tfmend::remedy::{self, Context, Fix, Parameters, RefusalKind};
use tfmend::rules::Catalogue;
use tfmend::terraform::module::Configuration;
use tfmend::terraform::{Edit, Estate, RepoPath, SourceFile};

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn estate(files: &[(&str, &str)]) -> Estate {
    Estate::new(
        files
            .iter()
            .map(|(name, text)| SourceFile::new(path(name), text.as_bytes().to_vec())),
    )
}

fn finding(code: &str) -> Finding {
    Finding {
        key: FindingKey {
            source: Source::SecurityHubAsff,
            product: "aws/securityhub".to_owned(),
            account: "111122223333".to_owned(),
            id: code.to_owned(),
        },
        controls: vec![Control {
            catalogue: ControlCatalogue::SecurityHub,
            code: code.to_owned(),
        }],
        threat: None,
        resource: CloudResource {
            id: String::new(),
            kind: String::new(),
            aliases: Vec::new(),
            tags: BTreeMap::new(),
        },
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        severity: Severity::High,
        state: State::Failed,
        title: String::new(),
        description: String::new(),
        url: None,
        first_seen: None,
        updated_at: None,
        facts: BTreeMap::new(),
        tracking: None,
        record: RecordPlace {
            input: "-".into(),
            number: 1,
        },
    }
}

/// Fixes findings (control, address or home) one by one and composes them.
fn composed(estate: &Estate, wanted: &[(&str, &str)]) -> (Vec<Fix>, String) {
    let catalogue = Catalogue::embedded().unwrap();
    let cfg = Configuration::new(estate);
    let parameters = Parameters::default();
    let context = Context {
        cfg: &cfg,
        catalogue: &catalogue,
        parameters: &parameters,
    };
    let fixes = wanted
        .iter()
        .map(|(control, place)| {
            let finding = finding(control);
            let (rule, entry) = catalogue.by_controls(&finding.controls).unwrap();
            let target = if place.ends_with(".tf") {
                Target::Home(path(place))
            } else {
                Target::Instance(place.parse().unwrap())
            };
            let located = Located {
                root: path(""),
                target,
                evidence: Evidence::State,
                confidence: Confidence::Exact,
                because: String::new(),
                workspace: None,
                held_parts: Vec::new(),
            };
            remedy::fix(&context, &located, rule, &entry.with, &finding)
        })
        .collect();
    let fixes = remedy::compose(&context, fixes);
    let mut edits: Vec<Edit> = Vec::new();
    for fix in &fixes {
        if let Fix::Remediation(remediation) = fix {
            edits.extend(remediation.edits.iter().cloned());
        }
    }
    let after = estate.with_edits(&edits).unwrap();
    let text = after
        .files()
        .map(|f| f.text().to_owned())
        .collect::<Vec<_>>()
        .join("\n");
    (fixes, text)
}

fn proposed(fixes: &[Fix]) -> usize {
    fixes
        .iter()
        .filter(|f| matches!(f, Fix::Remediation(_)))
        .count()
}

#[test]
fn three_companions_of_one_bucket_stand_one_after_another() {
    let estate = estate(&[(
        "main.tf",
        "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"acme-logs\"\n}\n",
    )]);
    let bucket = "aws_s3_bucket.logs";
    let (fixes, text) = composed(
        &estate,
        &[("S3.8", bucket), ("S3.4", bucket), ("S3.14", bucket)],
    );
    assert_eq!(proposed(&fixes), 3, "{fixes:?}");
    assert_eq!(
        text,
        r#"resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket = aws_s3_bucket.logs.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id

  versioning_configuration {
    status = "Enabled"
  }
}
"#
    );
}

#[test]
fn two_findings_with_one_fix_give_the_same_edits() {
    let estate = estate(&[("main.tf", "resource \"aws_s3_bucket\" \"logs\" {}\n")]);
    let (fixes, text) = composed(
        &estate,
        &[
            ("S3.8", "aws_s3_bucket.logs"),
            ("S3.2", "aws_s3_bucket.logs"),
        ],
    );
    let [Fix::Remediation(first), Fix::Remediation(second)] = fixes.as_slice() else {
        panic!("{fixes:?}");
    };
    assert_eq!(first.edits, second.edits);
    assert_eq!(text.matches("aws_s3_bucket_public_access_block").count(), 1);
}

#[test]
fn controls_that_ask_for_parts_of_one_block_add_up() {
    let estate = estate(&[(
        "main.tf",
        "resource \"aws_iam_account_password_policy\" \"this\" {\n  minimum_password_length = 8\n}\n",
    )]);
    let policy = "aws_iam_account_password_policy.this";
    let (fixes, text) = composed(
        &estate,
        &[("IAM.15", policy), ("IAM.13", policy), ("IAM.14", policy)],
    );
    assert_eq!(proposed(&fixes), 3, "{fixes:?}");
    assert_eq!(
        text,
        r#"resource "aws_iam_account_password_policy" "this" {
  minimum_password_length = 14
  require_symbols         = true
  require_numbers         = true
}
"#
    );
}

#[test]
fn two_settings_of_an_account_share_a_new_file() {
    let estate = estate(&[("main.tf", "provider \"aws\" {}\n")]);
    let home = "security.tf";
    let (fixes, text) = composed(
        &estate,
        &[("IAM.15", home), ("IAM.13", home), ("EC2.7", home)],
    );
    assert_eq!(proposed(&fixes), 3, "{fixes:?}");
    assert_eq!(
        text.matches("\"aws_iam_account_password_policy\"").count(),
        1,
        "{text}"
    );
    assert_eq!(text.matches("\"aws_ebs_encryption_by_default\"").count(), 1);
}

#[test]
fn two_databases_decided_at_one_place_are_one_edit() {
    let estate = estate(&[(
        "main.tf",
        r#"locals {
  protect = false
}

resource "aws_db_instance" "a" {
  deletion_protection = local.protect
}

resource "aws_db_instance" "b" {
  deletion_protection = local.protect
}
"#,
    )]);
    let (fixes, text) = composed(
        &estate,
        &[
            ("RDS.8", "aws_db_instance.a"),
            ("RDS.8", "aws_db_instance.b"),
        ],
    );
    assert_eq!(proposed(&fixes), 2, "{fixes:?}");
    assert!(text.contains("protect = true"), "{text}");
    assert_eq!(text.matches("local.protect").count(), 2);
    let Fix::Remediation(first) = &fixes[0] else {
        panic!();
    };
    assert_eq!(first.also_changes.len(), 1);
}

#[test]
fn the_later_of_two_that_want_different_things_is_refused() {
    let estate = estate(&[(
        "main.tf",
        "resource \"aws_db_instance\" \"a\" {\n  publicly_accessible = true\n}\n",
    )]);
    let catalogue = Catalogue::embedded().unwrap();
    let cfg = Configuration::new(&estate);
    let parameters = Parameters::default();
    let context = Context {
        cfg: &cfg,
        catalogue: &catalogue,
        parameters: &parameters,
    };
    let finding = finding("RDS.2");
    let (rule, entry) = catalogue.by_controls(&finding.controls).unwrap();
    let located = Located {
        root: path(""),
        target: Target::Instance("aws_db_instance.a".parse().unwrap()),
        evidence: Evidence::State,
        confidence: Confidence::Exact,
        because: String::new(),
        workspace: None,
        held_parts: Vec::new(),
    };
    let first = remedy::fix(&context, &located, rule, &entry.with, &finding);
    let Fix::Remediation(remediation) = &first else {
        panic!("{first:?}");
    };
    let mut other = remediation.clone();
    for edit in &mut other.edits {
        if let Edit::Splice { text, .. } = edit {
            *text = "null".to_owned();
        }
    }
    let advice = Fix::Advice("look".to_owned());
    let fixes = remedy::compose(
        &context,
        vec![first.clone(), advice.clone(), Fix::Remediation(other)],
    );
    assert_eq!(fixes[0], first);
    assert_eq!(fixes[1], advice);
    assert!(
        matches!(&fixes[2], Fix::Refused(r) if r.kind == RefusalKind::Conflict),
        "{:?}",
        fixes[2]
    );
}

#[test]
fn a_hundred_buckets_in_one_file_compose() {
    let text: String = (0..100)
        .map(|n| format!("resource \"aws_s3_bucket\" \"b{n}\" {{\n  bucket = \"acme-{n}\"\n}}\n\n"))
        .collect();
    let estate = estate(&[("main.tf", text.trim_end())]);
    let names: Vec<String> = (0..100).map(|n| format!("aws_s3_bucket.b{n}")).collect();
    let wanted: Vec<(&str, &str)> = names.iter().map(|n| ("S3.14", n.as_str())).collect();
    let (fixes, after) = composed(&estate, &wanted);
    assert_eq!(proposed(&fixes), 100);
    assert_eq!(after.matches("\"aws_s3_bucket_versioning\"").count(), 100);
}

#[test]
fn a_fix_is_proved_on_the_roots_that_read_the_edited_files() {
    let many: Vec<(String, String)> = (0..50)
        .map(|n| {
            (
                format!("live/r{n}/main.tf"),
                "resource \"aws_db_instance\" \"x\" {}\n".to_owned(),
            )
        })
        .collect();
    let mut files: Vec<(&str, &str)> = many.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    files.push((
        "live/a/main.tf",
        "module \"m\" {\n  source = \"../../modules/m\"\n}\n",
    ));
    files.push((
        "live/b/main.tf",
        "module \"m\" {\n  source = \"../../modules/m\"\n}\n",
    ));
    files.push(("live/b/terraform.tfvars", "x = 1\n"));
    files.push((
        "modules/m/main.tf",
        "module \"n\" {\n  source = \"../n\"\n}\n",
    ));
    files.push(("modules/n/main.tf", "resource \"aws_sns_topic\" \"t\" {}\n"));
    files.push(("policies/p.json", "{}"));
    let estate = estate(&files);
    let cfg = Configuration::new(&estate);
    let around = |name: &str| -> Vec<String> {
        let file = path(name);
        cfg.estate_around(&std::iter::once(&file).collect())
            .files()
            .map(|f| f.path().to_string())
            .collect()
    };
    assert_eq!(
        around("modules/n/main.tf"),
        [
            "live/a/main.tf",
            "live/b/main.tf",
            "live/b/terraform.tfvars",
            "modules/m/main.tf",
            "modules/n/main.tf",
            "policies/p.json"
        ]
    );
    assert_eq!(
        around("live/b/terraform.tfvars"),
        [
            "live/b/main.tf",
            "live/b/terraform.tfvars",
            "modules/m/main.tf",
            "modules/n/main.tf",
            "policies/p.json"
        ]
    );
    assert_eq!(
        around("live/r7/security.tf"),
        ["live/r7/main.tf", "policies/p.json"]
    );
}
