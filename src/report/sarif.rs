//! SARIF 2.1.0: one result for each finding that points to code. SARIF never fails a run.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::outcome::{Outcome, OutcomeKind, Output};

/// A path as a URI reference.
pub(super) fn uri(path: &str) -> String {
    path.bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}

fn level(o: &Outcome) -> &'static str {
    match o.finding.severity.as_deref() {
        Some("critical" | "high") => "error",
        Some("medium") => "warning",
        _ => "note",
    }
}

fn result(o: &Outcome) -> Option<Value> {
    let file = o.file.as_ref()?;
    if !matches!(
        o.outcome,
        OutcomeKind::Proposed | OutcomeKind::Refused | OutcomeKind::Advice
    ) {
        return None;
    }
    let rule = o.rule.as_deref().unwrap_or("unknown");
    let mut message = o.finding.title.clone();
    if let Some(address) = &o.address {
        message = format!("{address}: {message}");
    }
    if let Some(reason) = &o.reason {
        message = format!(
            "{message}. {} Next: {}",
            reason.message.trim_end(),
            reason.next
        );
    }
    let region = o
        .line
        .map_or_else(|| json!({}), |line| json!({"startLine": line}));
    Some(json!({
        "ruleId": rule,
        "level": level(o),
        "message": {"text": message},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(file), "uriBaseId": "%SRCROOT%"},
            "region": region,
        }}],
        "partialFingerprints": {"tfmendFinding/v1": o.finding.key},
        "properties": {
            "control": o.finding.control,
            "resource": o.finding.resource,
            "outcome": o.outcome.key(),
            "change": o.change,
        },
    }))
}

/// The SARIF log of an output.
pub(super) fn log(output: &Output) -> Value {
    let mut rules: BTreeMap<&str, &str> = BTreeMap::new();
    for o in &output.outcomes {
        if let (Some(rule), Some(_)) = (&o.rule, &o.file) {
            rules.entry(rule).or_insert(&o.finding.title);
        }
    }
    let rules: Vec<Value> = rules
        .into_iter()
        .map(|(id, title)| {
            json!({
                "id": id,
                "shortDescription": {"text": title},
                "properties": {"tags": ["security", "terraform"]},
            })
        })
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
            "results": output.outcomes.iter().filter_map(result).collect::<Vec<_>>(),
        }],
    })
}
