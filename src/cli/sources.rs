//! Everything a run reads findings from: files, Security Hub, and the ids that narrow both.

use std::collections::BTreeSet;

use anyhow::anyhow;

use super::Stop;
use super::args::Inputs;
use super::hub::Hubs;
use crate::finding::{Finding, FindingKey, Record};
use crate::intake;
use crate::rules::Catalogue;

/// The ids or keys that the run is for; empty means all findings.
pub(super) fn wanted(inputs: &Inputs) -> Result<Vec<String>, Stop> {
    let mut wanted = inputs.finding_id.clone();
    if let Some(path) = &inputs.event {
        let named = intake::event::finding_ids(path).map_err(|e| Stop::Usage(e.into()))?;
        wanted.extend(named.into_iter().flatten());
    }
    Ok(wanted)
}

/// Is this finding one of those that are meant?
fn is_meant(finding: &Finding, wanted: &str) -> bool {
    finding.key.id == wanted || finding.key.to_string() == wanted
}

/// Reads everything. What is worth saying about the way it went is added to `problems`.
pub(super) fn read(
    inputs: &Inputs,
    hubs: &Hubs,
    wanted: &[String],
    catalogue: &Catalogue,
    now: jiff::Timestamp,
    problems: &mut Vec<String>,
) -> Result<Vec<Record>, Stop> {
    let progress = indicatif::ProgressBar::new_spinner().with_message("reading findings");
    progress.enable_steady_tick(std::time::Duration::from_millis(120));
    let read = read_all(inputs, hubs, wanted, catalogue, now, problems);
    progress.finish_and_clear();
    let records = read?;
    // An empty file is a mistake; a Security Hub without open findings is what everybody works for.
    if records.is_empty() && (hubs.is_empty() || !wanted.is_empty()) {
        return Err(Stop::NoInput(if wanted.is_empty() {
            "no findings in the input; nothing to do".to_owned()
        } else {
            format!(
                "no finding in the input has the id or key {}",
                wanted.join(", ")
            )
        }));
    }
    Ok(records)
}

fn read_all(
    inputs: &Inputs,
    hubs: &Hubs,
    wanted: &[String],
    catalogue: &Catalogue,
    now: jiff::Timestamp,
    problems: &mut Vec<String>,
) -> Result<Vec<Record>, Stop> {
    let mut records: Vec<Record> = Vec::new();
    let mut missing: BTreeSet<&String> = wanted.iter().collect();
    let mut keep = |record: Record| {
        let kept = match &record {
            Ok(finding) if !wanted.is_empty() => {
                let before = missing.len();
                missing.retain(|w| !is_meant(finding, w));
                missing.len() < before || wanted.iter().any(|w| is_meant(finding, w))
            }
            Ok(_) => true,
            Err(_) => wanted.is_empty(),
        };
        if kept {
            records.push(record.map(|finding| slim(finding, catalogue)));
        }
    };
    for path in &inputs.findings {
        intake::read(path, inputs.input_format, now, &mut keep)
            .map_err(|e| Stop::NoInput(format!("{:#}", anyhow!(e))))?;
    }
    if !hubs.is_empty() {
        let ids: Vec<String> = wanted.iter().map(|w| bare_id(w)).collect();
        let found = hubs.read(
            &ids,
            &mut |record| records.push(record.map(|finding| slim(finding, catalogue))),
            problems,
        )?;
        missing.retain(|w| !found.contains(&bare_id(w)));
    }
    if !missing.is_empty() && !records.is_empty() {
        let ids: Vec<&str> = missing.into_iter().map(String::as_str).collect();
        problems.push(format!("no finding has the id or key {}", ids.join(", ")));
    }
    Ok(records)
}

/// The id in a key, or the text itself.
fn bare_id(text: &str) -> String {
    text.parse::<FindingKey>()
        .map_or_else(|_| text.to_owned(), |key| key.id)
}

/// Of a finding that no rule answers only what the output shows is kept: most of a large input is of that kind.
pub(super) fn slim(mut finding: Finding, catalogue: &Catalogue) -> Finding {
    if catalogue.by_controls(&finding.controls).is_none() {
        finding.description = String::new();
        finding.resource.tags.clear();
        finding.facts.clear();
        finding.url = None;
        finding.tracking = None;
    }
    finding
}
