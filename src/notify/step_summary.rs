//! The summary of a step: what a person reads on the page of a workflow run, as Markdown.
//!
//! GitHub drops a summary of more than 1 MiB as a whole, so blocks are added while they fit, what matters most first,
//! and the end says what was left out.

use std::collections::BTreeMap;

use crate::outcome::{ChangeView, Outcome, OutcomeKind, Output};
use crate::pull_request::escape::{code, code_cell, fence, link, prose, text};

/// Most bytes of all that a step writes; GitHub's limit is 1,048,576.
const MOST: usize = 1_000_000;
/// Kept free for the last line.
const LAST_LINE: usize = 300;
/// Most rows a table: whoever needs more reads the JSON.
const ROWS: usize = 200;

struct Page {
    text: String,
    room: usize,
    left_out: usize,
}

impl Page {
    /// Adds a block if it fits.
    fn add(&mut self, block: &str) {
        if block.len() + 1 > self.room {
            self.left_out += 1;
            return;
        }
        self.text.push_str(block);
        self.text.push('\n');
        self.room -= block.len() + 1;
    }

    /// A heading with a table; long tables say how many rows are missing.
    fn table(&mut self, heading: &str, columns: &str, rows: &[String]) {
        if rows.is_empty() {
            return;
        }
        let dashes = "---|".repeat(columns.matches('|').count() - 1);
        let mut block = format!("### {heading} ({})\n\n{columns}\n|{dashes}\n", rows.len());
        let mut shown = 0;
        for row in rows.iter().take(ROWS) {
            if block.len() + row.len() + 200 > self.room {
                break;
            }
            block.push_str(row);
            block.push('\n');
            shown += 1;
        }
        if shown < rows.len() {
            block.push_str(&format!("\n… and {} more.\n", rows.len() - shown));
        }
        self.add(&block);
    }
}

/// The summary; `already` is how many bytes the step's file holds.
pub(super) fn markdown(output: &Output, disclose: bool, already: u64) -> String {
    let already = usize::try_from(already).unwrap_or(usize::MAX);
    let mut page = Page {
        text: String::new(),
        room: MOST.saturating_sub(LAST_LINE).saturating_sub(already),
        left_out: 0,
    };
    page.add(&format!("## tfmend\n\n{}\n", counts(output)));
    if disclose {
        details(output, &mut page);
    } else {
        page.add(
            "This repository is public, so the findings are not named here. `[github] public = \"allow\"` in the \
             configuration changes that.\n",
        );
    }
    if page.left_out > 0 {
        page.text.push_str(&format!(
            "\n_{} part(s) were left out: a summary may hold 1 MiB. `--format json` has everything._\n",
            page.left_out
        ));
    }
    page.text
}

fn counts(output: &Output) -> String {
    let findings = output.summary.get("findings").copied().unwrap_or(0);
    let mut parts: Vec<String> = OutcomeKind::ALL
        .iter()
        .filter(|k| output.count(**k) > 0)
        .map(|k| format!("{} {}", output.count(*k), k.words()))
        .collect();
    if parts.is_empty() {
        parts.push("nothing to do".to_owned());
    }
    let noun = if findings == 1 { "finding" } else { "findings" };
    format!("**{findings} {noun}**: {}.", parts.join(", "))
}

fn details(output: &Output, page: &mut Page) {
    let failed: Vec<String> = of(output, &[OutcomeKind::Failed, OutcomeKind::Invalid])
        .map(reason_row)
        .collect();
    page.table("Failed", "| finding | where | why and what next |", &failed);
    let changes: Vec<String> = output.changes.iter().map(change_row).collect();
    page.table("Pull requests", "| | pull request | note |", &changes);
    let human: Vec<String> = output
        .outcomes
        .iter()
        .filter(|o| o.outcome.needs_human())
        .map(reason_row)
        .collect();
    page.table(
        "Needs a human",
        "| finding | where | why and what next |",
        &human,
    );
    let mut waiting: Vec<String> = of(output, &[OutcomeKind::Deferred])
        .map(reason_row)
        .collect();
    waiting.dedup();
    page.table(
        "Deferred",
        "| finding | where | why and what next |",
        &waiting,
    );
    no_rule(output, page);
    let problems: Vec<String> = output
        .problems
        .iter()
        .map(|p| format!("| {} |", cell(p)))
        .collect();
    page.table("Files that were not read", "| problem |", &problems);
    // Diffs last: they are the longest, and the pull requests have them too.
    let mut seen: Vec<&str> = Vec::new();
    for o in &output.outcomes {
        let (Some(diff), Some(address)) = (o.diff.as_deref(), o.address.as_deref()) else {
            continue;
        };
        if seen.contains(&diff) {
            continue;
        }
        seen.push(diff);
        page.add(&format!(
            "<details><summary>{}</summary>\n\n{}\n\n</details>\n",
            text(&format!(
                "{} at {address}",
                o.rule.as_deref().unwrap_or("change")
            )),
            fence("diff", diff)
        ));
    }
}

fn of<'o>(output: &'o Output, kinds: &'o [OutcomeKind]) -> impl Iterator<Item = &'o Outcome> {
    output
        .outcomes
        .iter()
        .filter(move |o| kinds.contains(&o.outcome))
}

/// A sentence of ours in a table cell: a `|` inside its code spans would end the cell.
fn cell(sentence: &str) -> String {
    let shown = prose(sentence);
    let mut out = String::with_capacity(shown.len());
    let mut before = ' ';
    for c in shown.chars() {
        if c == '|' && before != '\\' {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

fn reason_row(o: &Outcome) -> String {
    let control = o.finding.control.as_deref().unwrap_or("–");
    let resource = o.finding.resource.as_deref().unwrap_or(&o.finding.key);
    let place = match (&o.address, &o.file, o.line) {
        (Some(address), Some(file), Some(line)) => {
            format!(
                "{} {}",
                code_cell(address),
                code_cell(&format!("{file}:{line}"))
            )
        }
        (Some(address), ..) => code_cell(address),
        _ => String::new(),
    };
    let why = o.reason.as_ref().map_or_else(String::new, |r| {
        let message = r.message.trim_end_matches('.');
        match r.next.as_str() {
            "" => cell(message),
            next => format!("{}. Next: {}", cell(message), cell(next)),
        }
    });
    format!(
        "| {} {} | {place} | {why} |",
        code_cell(control),
        code_cell(resource)
    )
}

fn change_row(c: &ChangeView) -> String {
    let title = c
        .pull_request
        .as_deref()
        .and_then(|url| link(&c.title, url))
        .unwrap_or_else(|| text(&c.title));
    let note = c
        .error
        .as_deref()
        .or(c.reason.as_deref())
        .unwrap_or_default();
    let step = if c.error.is_some() { "failed" } else { &c.step };
    format!("| {} | {title} | {} |", text(step), cell(note))
}

/// Controls without a rule are many and need one line.
fn no_rule(output: &Output, page: &mut Page) {
    let mut controls: BTreeMap<&str, usize> = BTreeMap::new();
    for o in of(output, &[OutcomeKind::NoRule]) {
        let control = o.finding.control.as_deref().unwrap_or("(no control named)");
        *controls.entry(control).or_default() += 1;
    }
    if controls.is_empty() {
        return;
    }
    let list: Vec<String> = controls
        .iter()
        .take(ROWS)
        .map(|(control, n)| match n {
            1 => code(control),
            n => format!("{} ×{n}", code(control)),
        })
        .collect();
    page.add(&format!(
        "### No rule yet ({})\n\n{}\n",
        output.count(OutcomeKind::NoRule),
        list.join(", ")
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{FindingView, Reason};

    fn outcome(kind: OutcomeKind, title: &str, diff: Option<String>) -> Outcome {
        Outcome {
            finding: FindingView {
                key: format!("key of {title}"),
                source: None,
                control: Some("S3.8".into()),
                resource: Some(title.into()),
                account: None,
                region: None,
                severity: None,
                title: title.into(),
            },
            outcome: kind,
            rule: Some("s3-public-access".into()),
            root: None,
            address: Some("aws_s3_bucket.logs".into()),
            file: Some("main.tf".into()),
            line: Some(3),
            evidence: None,
            confidence: None,
            impact: None,
            also_changes: Vec::new(),
            edits: Vec::new(),
            diff,
            rollback: None,
            change: None,
            reason: Some(Reason {
                kind: "x".into(),
                message: format!("because {title}"),
                next: "look at `a | b`".into(),
            }),
            tried: Vec::new(),
            decided_by: None,
            warnings: Vec::new(),
            owners: Vec::new(),
            last_committers: Vec::new(),
        }
    }

    #[test]
    fn hostile_names_stay_in_their_cell() {
        let hostile = "x | y ` @octocat <img src=x> <!-- tfmend:v1 --> \n## Heading";
        let output = Output::new(
            vec![outcome(OutcomeKind::Refused, hostile, None)],
            vec![ChangeView {
                id: "b".into(),
                title: hostile.into(),
                findings: Vec::new(),
                files: Vec::new(),
                step: "open".into(),
                reason: None,
                pull_request: Some("https://github.com/o/r/pull/1".into()),
                error: Some(hostile.into()),
            }],
            Vec::new(),
        );
        let page = markdown(&output, true, 0);
        assert!(page.contains("### Needs a human (1)"), "{page}");
        assert!(page.contains("](https://github.com/o/r/pull/1)"), "{page}");
        assert!(!page.contains("\n## Heading"), "{page}");
        // Rendered as GitHub renders it: one table a section, no element and no mention of the author's making.
        let mut html = String::new();
        let parser = pulldown_cmark::Parser::new_ext(&page, pulldown_cmark::Options::all());
        pulldown_cmark::html::push_html(&mut html, parser);
        assert_eq!(html.matches("<table>").count(), 2, "{html}");
        assert_eq!(html.matches("<tr>").count(), 4, "{html}");
        for row in html.split("<tr>").filter(|row| row.starts_with("<td>")) {
            let cells = row
                .split("</tr>")
                .next()
                .unwrap_or_default()
                .matches("<td>")
                .count();
            assert_eq!(cells, 3, "{html}");
        }
        assert!(!html.contains("<img") && !html.contains("<!--"), "{html}");
        assert!(!html.contains("@octocat <"), "{html}");
    }

    #[test]
    fn it_stays_below_the_limit_and_says_what_is_missing() {
        let outcomes = (0..300)
            .map(|n| {
                let diff = format!("{n}\n{}", "+ line\n".repeat(2000));
                outcome(OutcomeKind::Proposed, "b", Some(diff))
            })
            .collect();
        let output = Output::new(outcomes, Vec::new(), Vec::new());
        let page = markdown(&output, true, 0);
        assert!(page.len() > 500_000 && page.len() <= MOST, "{}", page.len());
        assert!(page.contains("part(s) were left out"));
        assert_eq!(
            page.matches("<details>").count(),
            page.matches("</details>").count()
        );
        // What the step has written before counts, too.
        let second = markdown(&output, true, 990_000);
        assert!(second.len() <= 10_000, "{}", second.len());
        assert!(markdown(&output, true, 5_000_000).len() < LAST_LINE);
    }

    #[test]
    fn in_public_only_numbers() {
        let output = Output::new(
            vec![outcome(
                OutcomeKind::Refused,
                "arn:aws:s3:::secret-name",
                Some("+x".into()),
            )],
            Vec::new(),
            vec!["secret-name.tf: left out".into()],
        );
        let page = markdown(&output, false, 0);
        assert!(page.contains("**1 finding**: 1 refused."), "{page}");
        assert!(
            !page.contains("secret-name") && !page.contains("aws_s3"),
            "{page}"
        );
    }

    #[test]
    fn one_change_is_shown_once() {
        let two = || outcome(OutcomeKind::Proposed, "b", Some("+ a\n".into()));
        let page = markdown(
            &Output::new(vec![two(), two()], Vec::new(), Vec::new()),
            true,
            0,
        );
        assert_eq!(page.matches("<details>").count(), 1, "{page}");
    }
}
