//! Values for tests: a small estate, rules, findings and fixes. Also included by the integration tests, where `crate`
//! is the test crate that imports this crate's modules.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise; each includer uses its part"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::finding::{
    CloudResource, Control, ControlCatalogue, Finding, FindingKey, RecordPlace, Severity, Source,
    State,
};
use crate::locate::{Confidence, Evidence, Located, Target};
use crate::pull_request::Fixed;
use crate::remedy::{Affected, Previous, Remediation};
use crate::rules::{Catalogue, Impact};
use crate::terraform::{Address, Edit, Estate, RepoPath, SourceFile};

pub const MAIN: &str = r#"# Databases of the shop.
resource "aws_db_instance" "orders" {
  identifier          = "orders"
  publicly_accessible = true # opened for the migration
  deletion_protection = false
}

resource "aws_db_instance" "users" {
  identifier          = "users"
  publicly_accessible = true
}
"#;

pub fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

pub fn estate(files: &[(&str, &str)]) -> Estate {
    Estate::new(
        files
            .iter()
            .map(|(p, text)| SourceFile::new(path(p), text.as_bytes().to_vec())),
    )
}

pub fn catalogue() -> Catalogue {
    Catalogue::default()
        .with([
            ("rds-public.hcl", RDS_PUBLIC),
            ("rds-no-deletion-protection.hcl", RDS_PROTECTION),
        ])
        .unwrap()
}

const RDS_PUBLIC: &str = r#"
id            = "rds-public"
title         = "RDS instance is reachable from the internet"
action        = "make the database private"
severity      = "critical"
profile       = "starter"
reversibility = "safe"
impact        = "in-place"
why           = "A public address lets anybody on the internet try passwords. Clients inside the VPC do not need it."
verify        = "`PubliclyAccessible` of the instance, read back, is false."
controls = { security-hub = ["RDS.2"] }
compliance "NIST 800-53 r5" {
  ids    = ["AC-4", "SC-7"]
  source = "AWS Security Hub user guide, control RDS.2"
}
rollback {
  restores         = "The public address; clients outside of the VPC can connect again."
  does_not_restore = "Connections that were refused in between; the address may be another one."
}
remedy "advice" {
  types = ["aws_db_instance"]
  text  = "Make it private."
}
"#;

const RDS_PROTECTION: &str = r#"
id            = "rds-no-deletion-protection"
title         = "RDS instance can be deleted by one call"
action        = "turn on deletion protection"
severity      = "medium"
profile       = "starter"
reversibility = "safe"
impact        = "in-place"
why           = "One wrong `terraform destroy` deletes the database."
verify        = "`DeletionProtection` of the instance, read back, is true."
controls = { security-hub = ["RDS.8"] }
rollback {
  restores         = "The unprotected state."
  does_not_restore = ""
}
remedy "advice" {
  types = ["aws_db_instance"]
  text  = "Protect it."
}
"#;

pub fn finding(control: &str, id: &str, severity: Severity) -> Finding {
    Finding {
        key: FindingKey {
            source: Source::SecurityHubAsff,
            product: "aws/securityhub".into(),
            account: "111122223333".into(),
            id: id.into(),
        },
        controls: vec![Control {
            catalogue: ControlCatalogue::SecurityHub,
            code: control.into(),
        }],
        threat: None,
        resource: CloudResource {
            id: "arn:aws:rds:eu-west-1:111122223333:db:orders".into(),
            kind: "AwsRdsDbInstance".into(),
            aliases: Vec::new(),
            tags: BTreeMap::new(),
        },
        account: "111122223333".into(),
        region: "eu-west-1".into(),
        severity,
        state: State::Failed,
        title: "RDS DB instances should prohibit public access".into(),
        description: String::new(),
        url: Some("https://docs.aws.amazon.com/console/securityhub/RDS.2/remediation".into()),
        first_seen: Some("2026-03-01T10:00:00Z".into()),
        updated_at: None,
        facts: BTreeMap::new(),
        tracking: None,
        record: RecordPlace {
            input: Arc::from("findings.json"),
            number: 1,
        },
    }
}

/// Replaces the first occurrence of `old` behind `after` in a file of the estate.
pub fn splice(estate: &Estate, file: &str, after: &str, old: &str, new: &str) -> Edit {
    let source = estate.file(&path(file)).unwrap();
    let text = source.text();
    let from = text.find(after).unwrap();
    let start = from + text[from..].find(old).unwrap();
    Edit::Splice {
        file: path(file),
        base: source.hash(),
        range: start..start + old.len(),
        text: new.into(),
    }
}

pub fn fixed(finding: Finding, rule: &str, root: &str, address: &str, edit: Edit) -> Fixed {
    let address: Address = address.parse().unwrap();
    let file = edit.file().clone();
    let root = path(root);
    let attribute = match rule {
        "rds-public" => "publicly_accessible",
        _ => "deletion_protection",
    };
    Fixed {
        findings: vec![finding],
        located: Located {
            root: root.clone(),
            target: Target::Instance(address.clone()),
            evidence: Evidence::State,
            confidence: Confidence::Exact,
            because: "State `terraform.tfstate` holds this ARN, and no other state does".into(),
            workspace: None,
            held_parts: Vec::new(),
        },
        remediation: Remediation {
            rule: rule.into(),
            instance: Affected {
                root,
                address: address.clone(),
            },
            file,
            line: 4,
            block: format!("{}.{}", address.kind, address.name),
            path: attribute.into(),
            summary: format!(
                "set `{attribute}` to `{}`",
                attribute == "deletion_protection"
            ),
            edits: vec![edit],
            impact: Impact::InPlace,
            also_changes: Vec::new(),
            previous: vec![Previous {
                path: format!("{}.{}.{attribute}", address.kind, address.name),
                value: Some(format!(
                    "{attribute} = {}",
                    attribute != "deletion_protection"
                )),
            }],
            warnings: Vec::new(),
        },
    }
}

/// The fix of one database of [`MAIN`] (file `main.tf` in the root at the top).
pub fn private(estate: &Estate, name: &str, id: &str) -> Fixed {
    let edit = splice(
        estate,
        "main.tf",
        &format!("\"{name}\" {{"),
        "true",
        "false",
    );
    let mut one = finding("RDS.2", id, Severity::Critical);
    one.resource.id = format!("arn:aws:rds:eu-west-1:111122223333:db:{name}");
    fixed(
        one,
        "rds-public",
        "",
        &format!("aws_db_instance.{name}"),
        edit,
    )
}

/// Deletion protection for `orders` of [`MAIN`].
pub fn protected(estate: &Estate, id: &str) -> Fixed {
    let edit = splice(estate, "main.tf", "\"orders\" {", "false", "true");
    fixed(
        finding("RDS.8", id, Severity::Medium),
        "rds-no-deletion-protection",
        "",
        "aws_db_instance.orders",
        edit,
    )
}
