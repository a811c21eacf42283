//! SARIF 2.1.0 of a check: one result for each block and deciding place, what is left alone as a suppression, and what
//! the base had as unchanged.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Group, groups};
use crate::check::{CheckOutput, CheckResult, PlaceView, Verdict};
use crate::report::sarif::uri;

fn level(severity: &str) -> &'static str {
    match severity {
        "critical" | "high" => "error",
        "medium" => "warning",
        _ => "note",
    }
}

fn location(at: &PlaceView) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&at.file), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": at.line},
    }})
}

/// The same result stays the same when lines move.
fn fingerprint(group: &Group<'_>) -> String {
    let first = group.first;
    let mut hash = Sha256::new();
    for part in [&first.rule, &first.root, &first.address, &first.file] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    for why in &first.why {
        hash.update(why.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

fn result(group: &Group<'_>, compared: bool) -> Value {
    let first = group.first;
    let block = PlaceView {
        file: first.file.clone(),
        line: first.line,
    };
    let mut one = json!({
        "ruleId": first.rule,
        "level": level(&first.severity),
        "message": {"text": format!("{}: {}: {}", group.instances(), first.title, group.why())},
        "locations": [location(&first.decided_at)],
        "relatedLocations": [location(&block)],
        "partialFingerprints": {"tfmendCheck/v1": fingerprint(group)},
        "properties": {
            "root": first.root,
            "addresses": group.all.iter().map(|r| &r.address).collect::<Vec<_>>(),
        },
    });
    if compared {
        let state = match first.verdict {
            Verdict::Existing => "unchanged",
            _ if first.new == Some(false) => "unchanged",
            _ => "new",
        };
        one["baselineState"] = json!(state);
    }
    if let (Verdict::Suppressed, Some(reason)) = (first.verdict, &first.reason) {
        let kind = if first.decided_by.is_some() {
            "external"
        } else {
            "inSource"
        };
        one["suppressions"] = json!([{"kind": kind, "justification": reason.message}]);
    }
    one
}

/// The SARIF log of an answer.
pub(super) fn log(output: &CheckOutput) -> Value {
    let shown = |r: &CheckResult| !matches!(r.verdict, Verdict::Safe | Verdict::Unknown);
    let groups = groups(output, shown);
    let mut rules: BTreeMap<&str, &CheckResult> = BTreeMap::new();
    for group in &groups {
        rules.entry(&group.first.rule).or_insert(group.first);
    }
    let rules: Vec<Value> = rules
        .into_values()
        .map(|r| {
            json!({
                "id": r.rule,
                "shortDescription": {"text": r.title},
                "defaultConfiguration": {"level": level(&r.severity)},
                "properties": {"tags": ["security", "terraform"], "controls": r.controls},
            })
        })
        .collect();
    let results: Vec<Value> = groups
        .iter()
        .map(|g| result(g, output.base.is_some()))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "tfmend",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "results": results,
        }],
    })
}
