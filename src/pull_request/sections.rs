//! The sections of a pull request's body.
//!
//! Invariant 10 lives here: whatever comes from a finding, from code or from state passes through
//! [`super::escape`] on its way into the template.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::finding::Finding;
use crate::locate::{Confidence, Target};
use crate::rules::{Catalogue, Impact, Reversibility, Rule};

use super::body::{Detail, Writing, severity_word};
use super::escape::{clip, code, code_cell, fence, link, prose, text};
use super::lead::lead;
use super::rollback::{commands, ignore, previous};
use super::title::{self, capital};
use super::{ChangeSet, Fixed, comments, diff, people, templates};

/// Values of `templates/pull_request.md`; every string is Markdown.
#[derive(Serialize)]
struct Page {
    lead: String,
    fixes: Vec<String>,
    warnings: Vec<String>,
    findings: Vec<Row>,
    findings_left: usize,
    why: Vec<Why>,
    impact: String,
    sure: Vec<String>,
    sure_left: usize,
    also: Vec<String>,
    also_left: usize,
    diff: Option<String>,
    diff_summary: String,
    diff_dropped: bool,
    run: Option<String>,
    compliance: Vec<Requirement>,
    compliance_dropped: bool,
    previous: String,
    nothing_before: bool,
    commands: String,
    restores: Vec<String>,
    does_not_restore: Vec<String>,
    verify: Vec<String>,
    people: Vec<String>,
    ignore: String,
    rules: String,
    several_rules: bool,
}

#[derive(Serialize)]
struct Row {
    control: String,
    severity: String,
    resource: String,
    account: String,
    region: String,
    seen: String,
    link: String,
}

#[derive(Serialize)]
struct Why {
    title: Option<String>,
    text: String,
}

#[derive(Serialize)]
struct Requirement {
    standard: String,
    ids: String,
    source: String,
}

/// The text below the marker. Without `lines` it says no line numbers.
pub(super) fn visible_text(
    change: &ChangeSet,
    catalogue: &Catalogue,
    writing: &Writing,
    detail: Detail,
    lines: bool,
) -> String {
    let rules: Vec<&Rule> = title::rules_of(&change.members)
        .iter()
        .filter_map(|id| catalogue.rule(id))
        .collect();
    let findings: Vec<&Finding> = change.members.iter().flat_map(|m| &m.findings).collect();
    let told = rows(&findings);
    let sure = sure(change);
    let (also, also_left) = also(change, detail.rows());
    let (added, removed) = diff::count(&change.diff);
    let files = change.files.len();
    let compliance = compliance(&rules);
    let page = Page {
        lead: lead(&findings, change, &rules),
        fixes: unique(change.members.iter().map(|m| fix(m, lines))),
        warnings: warnings(change, &rules, lines),
        findings_left: told.len().saturating_sub(detail.rows()),
        findings: told.into_iter().take(detail.rows()).collect(),
        why: rules
            .iter()
            .map(|r| Why {
                title: (rules.len() > 1).then(|| text(&r.title)),
                text: clip(&unwrapped(r.why.trim()), detail.quote()),
            })
            .collect(),
        impact: impact(change),
        sure_left: sure.len().saturating_sub(5),
        sure: sure.into_iter().take(5).collect(),
        also,
        also_left,
        diff: (detail < Detail::NoDiff).then(|| fence("diff", &change.diff)),
        diff_summary: format!(
            "{files} file{}, {added} line{} added, {removed} removed",
            if files == 1 { "" } else { "s" },
            if added == 1 { "" } else { "s" },
        ),
        diff_dropped: detail >= Detail::NoDiff,
        run: writing.run_url.as_deref().and_then(|u| link("the run", u)),
        compliance_dropped: detail >= Detail::NoCompliance && !compliance.is_empty(),
        compliance: if detail < Detail::NoCompliance {
            compliance
        } else {
            Vec::new()
        },
        previous: previous(change, detail.quote()),
        nothing_before: change
            .members
            .iter()
            .flat_map(|m| &m.remediation.previous)
            .all(|p| p.value.is_none()),
        commands: commands(change),
        restores: unique(
            rules
                .iter()
                .map(|r| prose(&r.rollback.restores))
                .filter(|s| !s.is_empty()),
        ),
        does_not_restore: unique(
            rules
                .iter()
                .map(|r| prose(&r.rollback.does_not_restore))
                .filter(|s| !s.is_empty()),
        ),
        verify: unique(
            rules
                .iter()
                .map(|r| prose(&r.verify))
                .filter(|s| !s.is_empty()),
        ),
        // Who owns and who touched the code may change while the change is the same: no reason to edit a text.
        people: if lines {
            people::sentences(change, &writing.ownership)
        } else {
            Vec::new()
        },
        ignore: ignore(change),
        rules: title::rules_of(&change.members)
            .iter()
            .map(|id| code(id))
            .collect::<Vec<_>>()
            .join(", "),
        several_rules: rules.len() > 1,
    };
    templates::render("pull_request.md", &page)
}

/// Markdown with each paragraph on one line: forges show a line break in a text as a line break.
fn unwrapped(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut in_fence = false;
    let mut joins = false;
    for line in markdown.lines() {
        let trimmed = line.trim_start();
        let fence = trimmed.starts_with("```") || trimmed.starts_with("~~~");
        let starts_a_block = fence
            || trimmed.is_empty()
            || trimmed.starts_with(['-', '*', '+', '#', '|', '>'])
            || line.starts_with("    ")
            || trimmed.starts_with(|c: char| c.is_ascii_digit());
        if !out.is_empty() {
            out.push(if joins && !in_fence && !starts_a_block {
                ' '
            } else {
                '\n'
            });
        }
        out.push_str(if joins && !in_fence && !starts_a_block {
            trimmed
        } else {
            line
        });
        in_fence ^= fence;
        joins = !fence && !trimmed.is_empty() && !trimmed.starts_with(['#', '|']);
    }
    out
}

fn unique(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in lines {
        if !out.contains(&line) {
            out.push(line);
        }
    }
    out
}

/// One change of code, and where.
fn fix(member: &Fixed, lines: bool) -> String {
    let r = &member.remediation;
    let place = if lines {
        format!("{}:{}", r.file, r.line)
    } else {
        r.file.to_string()
    };
    // The list says the file once, and beside the place.
    let summary = r.summary.trim().trim_end_matches('.');
    let summary = summary.replace(&format!(" in {})", r.file), ")");
    let elsewhere = if let Target::Instance(address) = &member.located.target
        && format!("{}.{}", address.kind, address.name) != r.block
        && !summary.contains(&r.block)
        && !summary.contains("decided by")
        && !r.block.is_empty()
    {
        format!(" in {}", code(&r.block))
    } else {
        String::new()
    };
    format!(
        "{}{elsewhere} ({})",
        prose(&capital(&summary)),
        code(&place)
    )
}

/// The findings, each control on each resource once: several sources and standards say the same.
fn rows(findings: &[&Finding]) -> Vec<Row> {
    let mut rows: Vec<(Row, Option<&str>)> = Vec::new();
    for f in findings {
        let new = row(f);
        let seen = f.first_seen.as_deref();
        match rows.iter_mut().find(|(r, _)| {
            (&r.control, &r.resource, &r.account) == (&new.control, &new.resource, &new.account)
        }) {
            Some((old, since)) => {
                if old.link.is_empty() {
                    old.link = new.link;
                }
                if seen.is_some() && (since.is_none() || seen < *since) {
                    (old.seen, *since) = (new.seen, seen);
                }
            }
            None => rows.push((new, seen)),
        }
    }
    rows.into_iter().map(|(row, _)| row).collect()
}

fn row(f: &Finding) -> Row {
    let cell = |value: &str| {
        if value.trim().is_empty() {
            "–".to_owned()
        } else {
            text(value)
        }
    };
    Row {
        control: f.controls.first().map_or_else(
            || cell(f.threat.as_ref().map_or("", |t| t.0.as_str())),
            |c| cell(&c.code),
        ),
        severity: severity_word(f.severity).to_owned(),
        resource: code_cell(&f.resource.id),
        account: cell(&f.account),
        region: cell(&f.region),
        seen: f.first_seen.as_deref().map_or_else(
            || "–".to_owned(),
            |t| cell(t.split('T').next().unwrap_or(t)),
        ),
        link: f
            .url
            .as_deref()
            .and_then(|u| link("details", u))
            .unwrap_or_default(),
    }
}

fn impact(change: &ChangeSet) -> String {
    match change.impact() {
        Impact::InPlace => "In place: nothing is replaced, deleted or restarted.",
        Impact::GrantRemoved => {
            "A grant is withdrawn: whoever relies on it loses that access when this is applied. The plan may destroy or replace the grant itself, and nothing else."
        }
        Impact::Disruptive => {
            "In place, with an interruption (a restart or fail-over) when this is applied. Choose the time."
        }
        Impact::ForcesReplacement => {
            "The resource would be **replaced**. Do not merge without a plan for its data."
        }
    }
    .to_owned()
}

fn sure(change: &ChangeSet) -> Vec<String> {
    unique(change.members.iter().map(|m| {
        let word = match m.located.confidence {
            Confidence::Exact => "Certain",
            Confidence::High => "Very likely",
            Confidence::Low => "Not sure: please check that this is what made the resource",
        };
        let because = prose(m.located.because.trim().trim_end_matches('.'));
        if because.is_empty() {
            format!("{word}.")
        } else {
            format!("{word}. {}.", capital(&because))
        }
    }))
}

fn warnings(change: &ChangeSet, rules: &[&Rule], lines: bool) -> Vec<String> {
    let mut warnings = unique(
        change
            .members
            .iter()
            .flat_map(|m| &m.remediation.warnings)
            .map(|w| prose(w)),
    );
    if warnings.is_empty() && rules.iter().any(|r| r.reversibility >= Reversibility::Care) {
        warnings.push(
            "Somebody may depend on the present setting: ask the owner of the resource if you are not sure.".to_owned(),
        );
    }
    for comment in comments::kept(&change.diff) {
        let place = if lines {
            format!("{}:{}", comment.file, comment.line)
        } else {
            comment.file
        };
        warnings.push(format!(
            "The comment {} stays ({}): ask whether its reason still holds, and correct it if it is no longer true.",
            code(&comment.text),
            code(&place)
        ));
    }
    warnings.truncate(20);
    warnings
}

/// Other instances that change, without those that have a finding in this pull request.
fn also(change: &ChangeSet, rows: usize) -> (Vec<String>, usize) {
    // A member's own instance, and the instance of the block that is edited for it (its companion).
    let own: BTreeSet<_> = change
        .members
        .iter()
        .flat_map(|m| {
            let own = &m.remediation.instance;
            let companion = m.remediation.block.split_once('.').map(|(kind, name)| {
                let mut companion = own.clone();
                companion.address.kind = kind.to_owned();
                companion.address.name = name.to_owned();
                companion
            });
            std::iter::once(own.clone()).chain(companion)
        })
        .collect();
    let mut others: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for affected in change
        .members
        .iter()
        .flat_map(|m| &m.remediation.also_changes)
        .filter(|a| !own.contains(a))
    {
        others
            .entry(affected.root.to_string())
            .or_default()
            .insert(affected.address.to_string());
    }
    let home = change.members.first().map(|m| m.located.root.to_string());
    let several = others.keys().any(|root| Some(root) != home.as_ref());
    let lines: Vec<String> = others
        .iter()
        .flat_map(|(root, addresses)| {
            addresses.iter().map(move |address| {
                if several {
                    format!(
                        "{} in {}",
                        code(address),
                        code(if root.is_empty() { "." } else { root })
                    )
                } else {
                    code(address)
                }
            })
        })
        .collect();
    let left = lines.len().saturating_sub(rows);
    (lines.into_iter().take(rows).collect(), left)
}

fn compliance(rules: &[&Rule]) -> Vec<Requirement> {
    let mut rows: Vec<Requirement> = Vec::new();
    for c in rules.iter().flat_map(|r| &r.compliance) {
        let row = Requirement {
            standard: text(&c.standard),
            ids: text(&clip(&c.ids.join(", "), 280)),
            source: text(&c.source),
        };
        if !rows
            .iter()
            .any(|r| r.standard == row.standard && r.ids == row.ids && r.source == row.source)
        {
            rows.push(row);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::unwrapped;

    #[test]
    fn paragraphs_are_joined_and_structure_stays() {
        assert_eq!(unwrapped("a\nb\n\nc\nd"), "a b\n\nc d");
        assert_eq!(unwrapped("a:\n- b\n  c\n- d"), "a:\n- b c\n- d");
        assert_eq!(unwrapped("```\na\nb\n```\nc\nd"), "```\na\nb\n```\nc d");
        assert_eq!(unwrapped("| a |\n|---|\n| b |"), "| a |\n|---|\n| b |");
        assert_eq!(unwrapped("1. a\n2. b"), "1. a\n2. b");
    }
}
