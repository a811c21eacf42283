//! The first sentence of a pull request: what is wrong, with which object, which code made it, and who says so.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Source};
use crate::locate::Target;
use crate::rules::{Rule, Scope};

use super::ChangeSet;
use super::body::severity_word;
use super::escape::{code, text};
use super::title;

fn product(finding: &Finding) -> &'static str {
    match finding.key.source {
        Source::SecurityHubAsff | Source::SecurityHubOcsf => "AWS Security Hub",
        Source::ProwlerAsff | Source::ProwlerOcsf => "Prowler",
        Source::Scc => "Google Security Command Center",
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[String]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

pub(super) fn lead(findings: &[&Finding], change: &ChangeSet, rules: &[&Rule]) -> String {
    let what: Vec<String> = if rules.is_empty() {
        title::controls_of(&change.members)
            .iter()
            .take(4)
            .map(|c| format!("**{}**", text(c)))
            .collect()
    } else {
        rules
            .iter()
            .take(4)
            .map(|r| format!("**{}**", text(&r.title)))
            .collect()
    };
    let severity = severity_word(change.severity());
    format!(
        "{} ({severity}): {}{}. Reported by {}.",
        listed(&what),
        object(findings, change),
        created(change, rules),
        reporters(findings)
    )
}

/// The object in the cloud. Sources name one object in several ways, so instances are counted where they are known.
fn object(findings: &[&Finding], change: &ChangeSet) -> String {
    let ids: BTreeSet<&str> = findings.iter().map(|f| f.resource.id.as_str()).collect();
    let instances: BTreeSet<_> = change
        .members
        .iter()
        .map(|m| &m.remediation.instance)
        .collect();
    let account = ids
        .iter()
        .find_map(|id| id.strip_prefix("AWS::::Account:"))
        .filter(|_| instances.len() == 1);
    match (account, findings.first()) {
        (Some(account), _) => format!("account {}", code(account)),
        (None, Some(first)) if ids.len() == 1 || instances.len() == 1 => code(&first.resource.id),
        _ => format!("{} resources", ids.len().min(instances.len())),
    }
}

fn created(change: &ChangeSet, rules: &[&Rule]) -> String {
    let all_new = change
        .members
        .iter()
        .all(|m| matches!(m.located.target, Target::Home(_)));
    if all_new {
        return String::new();
    }
    let subject = title::subject_of(&change.members);
    let named = match subject.split_once(" in ") {
        Some((block, module)) => format!("{} in {}", code(block), code(module)),
        None => code(&subject),
    };
    let verb = if rules.iter().all(|r| r.scope == Scope::Account) && !rules.is_empty() {
        "set"
    } else {
        "created"
    };
    format!(", {verb} by {named}")
}

/// `AWS Security Hub (S3.8, S3.14) and Prowler`: long names of checks are in the table.
fn reporters(findings: &[&Finding]) -> String {
    let mut by_product: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in findings {
        let codes = by_product.entry(product(finding)).or_default();
        if let Some(control) = finding.controls.first()
            && title::is_short(&control.code)
        {
            codes.insert(&control.code);
        }
    }
    let words: Vec<String> = by_product
        .into_iter()
        .map(|(product, codes)| {
            let more = codes.len().saturating_sub(4);
            let mut codes: Vec<String> = codes.into_iter().take(4).map(text).collect();
            if more > 0 {
                codes.push(format!("{more} more"));
            }
            if codes.is_empty() {
                product.to_owned()
            } else {
                format!("{product} ({})", codes.join(", "))
            }
        })
        .collect();
    listed(&words)
}
