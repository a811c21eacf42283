//! Findings as a scanner would write them.

use serde_json::{Value as Json, json};
use tfmend::finding::ControlCatalogue;
use tfmend::rules::{Rule, RuleControl};

use crate::{Invented, REGION};

/// The finding of a rule about an object, under the rule's first control that is known there or the one that is given.
pub(crate) fn finding(rule: &Rule, control: Option<&RuleControl>, of: &Invented) -> Json {
    if of.id.starts_with("//") {
        return scc(rule, of);
    }
    let words = of.address.kind.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    });
    asff(
        rule,
        control,
        &of.id,
        &words.collect::<String>(),
        &of.account,
    )
}

/// The same for an account.
pub(crate) fn about_account(rule: &Rule, control: Option<&RuleControl>, account: &str) -> Json {
    asff(
        rule,
        control,
        &format!("AWS::::Account:{account}"),
        "AwsAccount",
        account,
    )
}

fn asff(rule: &Rule, control: Option<&RuleControl>, id: &str, kind: &str, account: &str) -> Json {
    let code = control
        .or_else(|| {
            rule.controls
                .iter()
                .find(|c| c.control.catalogue == ControlCatalogue::SecurityHub)
        })
        .map_or_else(|| rule.id.clone(), |c| c.control.code.clone());
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("arn:aws:securityhub:{REGION}:{account}:security-control/{code}/finding/{}/{id}", rule.id),
        "ProductArn": format!("arn:aws:securityhub:{REGION}::product/aws/securityhub"),
        "GeneratorId": format!("security-control/{code}"),
        "AwsAccountId": account,
        "Region": REGION,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "CreatedAt": "2026-01-01T00:00:00.000Z",
        "UpdatedAt": "2026-01-02T00:00:00.000Z",
        "Severity": {"Label": "HIGH", "Original": "HIGH"},
        "Title": rule.title,
        "Description": rule.title,
        "Resources": [{"Type": kind, "Id": id, "Partition": "aws", "Region": REGION}],
        "Compliance": {"Status": "FAILED", "SecurityControlId": code},
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    })
}

fn scc(rule: &Rule, of: &Invented) -> Json {
    let code = rule
        .controls
        .iter()
        .find(|c| c.control.catalogue == ControlCatalogue::Scc)
        .map_or_else(|| rule.id.clone(), |c| c.control.code.clone());
    // Its end is all that names it: the same address may stand in two roots.
    let end = of.id.rsplit('/').next().unwrap_or_default();
    let name = format!("organizations/1/sources/2/findings/{}-{end}", of.address);
    json!({
        "finding": {"name": name, "parent": "organizations/1/sources/2", "resourceName": of.id,
            "state": "ACTIVE", "category": code, "sourceProperties": {"ProjectId": "corpus"},
            "eventTime": "2026-01-01T00:00:00Z", "createTime": "2026-01-01T00:00:00Z",
            "severity": "HIGH", "mute": "UNDEFINED", "findingClass": "MISCONFIGURATION"},
        "resource": {"name": of.id, "projectDisplayName": "corpus", "type": "google.cloud.storage.Bucket"},
    })
}
