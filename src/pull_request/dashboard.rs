//! The dashboard: one text that says what is open, what waits and why, and what needs a person.
//!
//! "It looks dead" is the first complaint about bots; so everything that is *not* done is listed with its reason.

use serde::Serialize;

use super::escape::{code, link, prose, text};
use super::proposal::{Proposal, ProposalState};
use super::{Plan, Step, templates};

/// Most lines a section.
const LINES: usize = 100;

/// One line of the dashboard. Text is plain; it is escaped when the dashboard is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Line {
    /// What it is about: an address, a control and a resource, a title.
    pub subject: String,
    /// Where to look: a link to the pull request.
    pub url: Option<String>,
    /// Why, or until when.
    pub why: String,
}

/// What the dashboard shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dashboard {
    /// Open pull requests.
    pub open: Vec<Line>,
    /// Waiting for a limit.
    pub waiting: Vec<Line>,
    /// Refused, not located, paused, pushed to by a person: what a human must decide.
    pub needs_human: Vec<Line>,
    /// No rule for the control.
    pub no_rule: Vec<Line>,
    /// Suppressed, with the end date.
    pub suppressed: Vec<Line>,
    /// Closed by a person.
    pub closed: Vec<Line>,
}

impl Dashboard {
    /// The sections that follow from the plan and the pull requests as they are after it was applied. What the run
    /// knows of findings without a change (`needs_human`, `no_rule`, `suppressed`) is added by the caller.
    #[must_use]
    pub fn of(plan: &Plan, proposals: &[Proposal]) -> Self {
        let mut board = Self::default();
        for p in proposals {
            let line = |why: &str| Line {
                subject: p.title.clone(),
                url: Some(p.url.clone()),
                why: why.to_owned(),
            };
            match p.state {
                ProposalState::Open => {
                    let step = plan.steps.iter().find(|s| s.proposal == Some(p.number));
                    let held = match step.map(|s| &s.step) {
                        Some(Step::Leave(why)) if why != "up to date" => Some(why.as_str()),
                        _ => None,
                    };
                    board.open.push(line(held.unwrap_or_default()));
                    if !p.only_ours || p.paused() {
                        board.needs_human.push(line(held.unwrap_or_default()));
                    }
                }
                ProposalState::ClosedByPerson => board.closed.push(line("")),
                ProposalState::ClosedByUs | ProposalState::Merged => {}
            }
        }
        for planned in &plan.steps {
            if let (Step::Defer(why), Some(request)) = (&planned.step, &planned.request) {
                board.waiting.push(Line {
                    subject: request.text.title.clone(),
                    url: None,
                    why: why.clone(),
                });
            }
        }
        for unfit in &plan.unfit {
            board.needs_human.push(Line {
                subject: unfit.fixed.remediation.instance.address.to_string(),
                url: None,
                why: unfit.reason.to_string(),
            });
        }
        board
    }

    /// The dashboard as Markdown; the same content gives the same text.
    #[must_use]
    pub fn markdown(&self) -> String {
        let sections = [
            ("Open", "No pull request is open.", &self.open),
            ("Waiting", "", &self.waiting),
            ("Needs a human", "", &self.needs_human),
            ("No rule", "", &self.no_rule),
            ("Suppressed", "", &self.suppressed),
            ("Closed by you", "", &self.closed),
        ]
        .into_iter()
        .filter(|(_, empty, lines)| !lines.is_empty() || !empty.is_empty())
        .map(|(title, empty, lines)| Section {
            title,
            count: lines.len(),
            empty,
            left: lines.len().saturating_sub(LINES),
            lines: lines.iter().take(LINES).map(markdown_line).collect(),
        })
        .collect::<Vec<_>>();
        templates::render("dashboard.md", &Board { sections })
    }
}

#[derive(Serialize)]
struct Board<'a> {
    sections: Vec<Section<'a>>,
}

#[derive(Serialize)]
struct Section<'a> {
    title: &'a str,
    count: usize,
    empty: &'a str,
    lines: Vec<String>,
    left: usize,
}

fn markdown_line(line: &Line) -> String {
    let subject = match &line.url {
        Some(url) => link(&line.subject, url).or_else(|| local_link(&line.subject, url)),
        None if line.subject.contains(' ') => Some(text(&line.subject)),
        None => Some(code(&line.subject)),
    }
    .unwrap_or_else(|| text(&line.subject));
    if line.why.is_empty() {
        subject
    } else {
        format!("{subject}: {}", prose(&line.why))
    }
}

/// A link to a page beside the dashboard.
fn local_link(label: &str, path: &str) -> Option<String> {
    let safe = !path.is_empty()
        && !path.starts_with('/')
        && path
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    safe.then(|| format!("[{}]({path})", text(label)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_says_why_and_hostile_text_stays_text() {
        let line = |subject: &str, why: &str| Line {
            subject: subject.to_owned(),
            url: None,
            why: why.to_owned(),
        };
        let board = Dashboard {
            waiting: vec![line("fix it @octocat", "waiting: 10 are open")],
            needs_human: vec![line("aws_s3_bucket.x", "two states own `x` <script>")],
            closed: vec![Line {
                url: Some("pull-requests/3-x.html".into()),
                ..line("a [b]", "")
            }],
            ..Dashboard::default()
        };
        let text = board.markdown();
        assert!(
            text.contains("## Open (0)\n\nNo pull request is open."),
            "{text}"
        );
        assert!(
            text.contains("- fix it @\u{200b}octocat: waiting: 10 are open"),
            "{text}"
        );
        assert!(
            text.contains("- `aws_s3_bucket.x`: two states own `x` \\<script\\>"),
            "{text}"
        );
        assert!(
            text.contains("- [a \\[b\\]](pull-requests/3-x.html)"),
            "{text}"
        );
        assert!(!text.contains("No rule"), "{text}");
    }

    #[test]
    fn long_sections_are_capped() {
        let board = Dashboard {
            no_rule: vec![Line::default(); 150],
            ..Dashboard::default()
        };
        assert!(board.markdown().contains("and 50 more"));
    }
}
