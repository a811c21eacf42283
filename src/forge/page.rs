//! The pages of the local forge: one for each pull request, the list, the dashboard. They need no network.

use serde::Serialize;

use super::markdown::to_html;
use super::record::{Record, RecordState, US};
use crate::pull_request::escape::{fence, shell};
use crate::pull_request::templates;

const STYLE: &str = include_str!("../../templates/style.css");

#[derive(Serialize)]
struct Link {
    href: &'static str,
    label: &'static str,
}

#[derive(Serialize)]
struct Label<'a> {
    name: &'a str,
    class: &'static str,
}

#[derive(Serialize)]
struct Said<'a> {
    by: &'a str,
    at: &'a str,
    html: String,
}

#[derive(Serialize)]
struct Page<'a> {
    title: &'a str,
    style: &'static str,
    nav: Vec<Link>,
    number: u64,
    state: &'a str,
    state_word: &'a str,
    branch: &'a str,
    base: &'a str,
    head: &'a str,
    created: &'a str,
    labels: Vec<Label<'a>>,
    body: String,
    comments: Vec<Said<'a>>,
    how: String,
}

#[derive(Serialize)]
struct Row<'a> {
    href: String,
    title: &'a str,
    number: u64,
    state: &'static str,
    state_word: &'static str,
    labels: Vec<Label<'a>>,
}

#[derive(Serialize)]
struct Index<'a> {
    style: &'static str,
    nav: Vec<Link>,
    counts: String,
    rows: Vec<Row<'a>>,
}

fn labels(record: &Record) -> Vec<Label<'_>> {
    record
        .labels
        .iter()
        .map(|name| Label {
            name,
            class: match name.as_str() {
                "severity:critical" | "severity:high" | "impact:replacement" => "hot",
                "severity:medium" | "impact:grant-removed" | "impact:interruption" => "warm",
                _ => "",
            },
        })
        .collect()
}

fn state(record: &Record) -> (&'static str, &'static str) {
    match (record.state, record.draft) {
        (RecordState::Open, false) => ("open", "Open"),
        (RecordState::Open, true) => ("draft", "Draft"),
        (RecordState::Merged, _) => ("merged", "Merged"),
        (RecordState::Closed, _) if record.closed_by.as_deref() == Some(US) => {
            ("closed", "Obsolete")
        }
        (RecordState::Closed, _) => ("closed", "Closed"),
    }
}

/// The page of one pull request. `store` is the bare repository's path.
pub(super) fn pull_request(record: &Record, store: &str) -> String {
    let (state, state_word) = state(record);
    let how = match record.state {
        RecordState::Open => {
            let commands = format!(
                "git fetch {} {}\ngit diff HEAD...FETCH_HEAD\ngit merge --no-ff FETCH_HEAD\n",
                shell(store),
                shell(&record.branch)
            );
            to_html(&format!(
                "In your checkout:\n\n{}\n\nThe next `tfmend pr` sees the merge. To turn it down, set `\"state\": \"closed\"` in `{}.json` or delete the branch.\n",
                fence("sh", &commands),
                record.number
            ))
        }
        RecordState::Closed | RecordState::Merged => String::new(),
    };
    let created = record.created.split('T').next().unwrap_or_default();
    templates::render(
        "page.html",
        &Page {
            title: &record.title,
            style: STYLE,
            nav: vec![
                Link {
                    href: "../index.html",
                    label: "All pull requests",
                },
                Link {
                    href: "../dashboard.html",
                    label: "Dashboard",
                },
            ],
            number: record.number,
            state,
            state_word,
            branch: &record.branch,
            base: &record.base,
            head: record.head.get(..12).unwrap_or(&record.head),
            created,
            labels: labels(record),
            body: to_html(&record.body),
            comments: record
                .comments
                .iter()
                .map(|c| Said {
                    by: &c.by,
                    at: &c.at,
                    html: to_html(&c.body),
                })
                .collect(),
            how,
        },
    )
}

/// The Markdown file of one pull request.
pub(super) fn pull_request_markdown(record: &Record) -> String {
    use crate::pull_request::escape::{code, text};
    let labels: Vec<String> = record.labels.iter().map(|l| code(l)).collect();
    let mut out = format!(
        "# {} #{}\n\n{} · {} into {} · {}\n\n{}",
        text(&record.title),
        record.number,
        state(record).1,
        code(&record.branch),
        code(&record.base),
        labels.join(" "),
        record.body
    );
    for c in &record.comments {
        out.push_str(&format!(
            "\n---\n{}, {}:\n\n{}\n",
            text(&c.by),
            text(&c.at),
            c.body.trim_end()
        ));
    }
    out
}

/// The list: open ones first, the newest on top.
pub(super) fn index(records: &[Record]) -> String {
    let mut sorted: Vec<&Record> = records.iter().collect();
    sorted.sort_by_key(|r| (r.state != RecordState::Open, std::cmp::Reverse(r.number)));
    let count = |wanted| records.iter().filter(|r| r.state == wanted).count();
    templates::render(
        "index.html",
        &Index {
            style: STYLE,
            nav: vec![Link {
                href: "dashboard.html",
                label: "Dashboard",
            }],
            counts: format!(
                "{} open, {} merged, {} closed",
                count(RecordState::Open),
                count(RecordState::Merged),
                count(RecordState::Closed)
            ),
            rows: sorted
                .into_iter()
                .map(|r| {
                    let (state, state_word) = state(r);
                    Row {
                        href: format!("pull-requests/{}.html", r.page_name()),
                        title: &r.title,
                        number: r.number,
                        state,
                        state_word,
                        labels: labels(r),
                    }
                })
                .collect(),
        },
    )
}

/// The dashboard's page.
pub(super) fn dashboard(markdown: &str) -> String {
    // The page has its own heading.
    let body = markdown
        .split_once("\n\n")
        .map_or(markdown, |(_, rest)| rest);
    templates::render(
        "page.html",
        &Page {
            title: "Dashboard",
            style: STYLE,
            nav: vec![Link {
                href: "index.html",
                label: "All pull requests",
            }],
            number: 0,
            state: "",
            state_word: "",
            branch: "",
            base: "",
            head: "",
            created: "",
            labels: Vec::new(),
            body: to_html(body),
            comments: Vec::new(),
            how: String::new(),
        },
    )
}
