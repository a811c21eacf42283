//! The dashboard: one open issue, made once, written anew only when its text changes.
//!
//! It is found by its label and its hidden first line. Closing it is a person's wish to have none, and is kept. Runs
//! at the same time may each make one: whoever finds an older one beside its own closes its own.

use http::Method;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::commit::ATTEMPTS;
use super::labels;
use super::place::GitHubForge;
use super::route::encode;
use super::wire::{Body, Issue, cut, same_text};
use crate::forge::ForgeError;
use crate::pull_request::body::BODY_LIMIT;
use crate::pull_request::dashboard::Dashboard;

/// The label of the dashboard.
pub(super) const LABEL: &str = "tfmend:dashboard";
const MARKER: &str = "<!-- tfmend:dashboard -->";
const SURPLUS: &str = "<!-- tfmend:surplus -->";
const TITLE: &str = "tfmend dashboard";
const CUT: &str = "\n\n*The rest does not fit into an issue.*\n";

#[derive(Serialize)]
struct NewIssue<'a> {
    title: &'a str,
    body: &'a str,
    labels: [&'a str; 1],
}

#[derive(Serialize)]
struct Closing<'a> {
    state: &'a str,
    state_reason: &'a str,
    body: &'a str,
}

/// Writes the dashboard; gives where it is, or an empty text when there is none.
pub(super) fn publish(forge: &GitHubForge, dashboard: &Dashboard) -> Result<String, ForgeError> {
    if !forge.repo.has_issues {
        tracing::warn!("issues are switched off in this repository, so there is no dashboard");
        return Ok(String::new());
    }
    let body = text(forge, dashboard);
    let mut found = find(forge)?;
    if found.is_empty() {
        if forge.discreet {
            return Ok(String::new());
        }
        // Made once in the life of a repository: worth a second look past a stale list.
        forge.wait(1);
        found = find(forge)?;
    }
    let issue = match first_open(&found) {
        Some(issue) => issue.clone(),
        None => match found.into_iter().next_back() {
            Some(closed) => {
                tracing::info!(
                    url = closed.html_url,
                    "the dashboard was closed by a person; open it again to have it kept up to date"
                );
                return Ok(closed.html_url);
            }
            None => make(forge, &body)?,
        },
    };
    if !same_text(issue.body.as_deref().unwrap_or_default(), &body) {
        forge.client.write::<_, IgnoredAny>(
            Method::PATCH,
            &forge.route(&format!("issues/{}", issue.number)),
            &Body { body: &body },
        )?;
    }
    Ok(issue.html_url)
}

fn text(forge: &GitHubForge, dashboard: &Dashboard) -> String {
    if forge.discreet {
        return format!(
            "{MARKER}\n\n# tfmend\n\nThis repository is public, so nothing is listed here: an open finding tells \
             everybody where the hole is. `public = \"allow\"` under `[github]` in `tfmend.toml` changes that.\n"
        );
    }
    let whole = format!("{MARKER}\n\n{}", dashboard.markdown());
    if whole.chars().count() <= BODY_LIMIT {
        return whole;
    }
    format!("{}{CUT}", cut(&whole, BODY_LIMIT - CUT.len()))
}

/// The dashboards that there are, by number.
fn find(forge: &GitHubForge) -> Result<Vec<Issue>, ForgeError> {
    let route = forge.route(&format!("issues?state=all&labels={}", encode(LABEL)));
    let mut found: Vec<Issue> = forge.client.all(&route)?;
    found.retain(|i| i.pull_request.is_none() && is_board(i));
    found.sort_by_key(|i| i.number);
    Ok(found)
}

fn is_board(issue: &Issue) -> bool {
    issue
        .body
        .as_deref()
        .and_then(|b| b.lines().next())
        .is_some_and(|first| first.trim() == MARKER)
}

fn first_open(found: &[Issue]) -> Option<&Issue> {
    found.iter().find(|i| i.state == "open")
}

fn make(forge: &GitHubForge, body: &str) -> Result<Issue, ForgeError> {
    labels::ensure(forge, &[LABEL.to_owned()].into())?;
    let route = forge.route("issues");
    let new = NewIssue {
        title: TITLE,
        body,
        labels: [LABEL],
    };
    let mut attempt = 0;
    let mine: Issue = loop {
        match forge.client.write(Method::POST, &route, &new) {
            Ok(issue) => break issue,
            Err(e) if e.is_unanswered() && attempt < ATTEMPTS => {
                forge.wait(attempt + 1);
                attempt += 1;
                if let Some(issue) = first_open(&find(forge)?) {
                    return Ok(issue.clone());
                }
            }
            Err(e) => return Err(e.into()),
        }
    };
    let older = find(forge)?;
    match first_open(&older).filter(|i| i.number < mine.number) {
        None => Ok(mine),
        Some(older) => {
            let body = format!("{SURPLUS}\n\nAnother run made #{} first.\n", older.number);
            forge.client.write::<_, IgnoredAny>(
                Method::PATCH,
                &forge.route(&format!("issues/{}", mine.number)),
                &Closing {
                    state: "closed",
                    state_reason: "not_planned",
                    body: &body,
                },
            )?;
            Ok(older.clone())
        }
    }
}
