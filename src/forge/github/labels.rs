//! Labels: ours are made when they are missing and put on; a person's are never taken off.

use std::cell::RefCell;
use std::collections::BTreeSet;

use http::Method;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::commit::ATTEMPTS;
use super::place::GitHubForge;
use super::pulls::exists;
use super::route::encode;
use super::wire::{Label, names};
use crate::forge::ForgeError;
use crate::pull_request::proposal::PAUSE_LABEL;

/// Of these a pull request has one at most, and it is ours: a new one replaces the old one.
const EXCLUSIVE: [&str; 2] = ["severity:", "impact:"];

/// The repository's labels, read when they are first needed; lower case, as GitHub compares them.
#[derive(Default)]
pub(super) struct Labels {
    present: RefCell<Option<BTreeSet<String>>>,
}

#[derive(Serialize)]
struct NewLabel<'a> {
    name: &'a str,
    color: &'a str,
    description: &'a str,
}

#[derive(Serialize)]
struct Added<'a> {
    labels: Vec<&'a str>,
}

/// Colour and description of a label of ours.
fn look_of(name: &str) -> (&'static str, &'static str) {
    match name {
        "security" => ("b60205", "Makes something more secure"),
        "tfmend" => ("5319e7", "Made by tfmend"),
        PAUSE_LABEL => (
            "fbca04",
            "tfmend leaves this pull request alone while the label is on",
        ),
        super::board::LABEL => (
            "5319e7",
            "What tfmend has open, what waits, and what needs a person",
        ),
        "severity:critical" => ("b60205", "A critical finding"),
        "severity:high" => ("d93f0b", "A finding of high severity"),
        "severity:medium" => ("fbca04", "A finding of medium severity"),
        "severity:low" => ("c2e0c6", "A finding of low severity"),
        "severity:informational" => ("ededed", "An informational finding"),
        "impact:grant-removed" => ("0e8a16", "Applying it takes access away"),
        "impact:interruption" => ("d93f0b", "Applying it interrupts the service"),
        "impact:replacement" => ("b60205", "Applying it replaces a resource"),
        _ => ("ededed", "Used by tfmend"),
    }
}

/// Makes the repository's labels that are missing. Another run may be faster; that is fine.
pub(super) fn ensure(forge: &GitHubForge, wanted: &BTreeSet<String>) -> Result<(), ForgeError> {
    if forge.labels.present.borrow().is_none() {
        let all: Vec<Label> = forge.client.all(&forge.route("labels"))?;
        let all = names(&all).iter().map(|n| n.to_lowercase()).collect();
        *forge.labels.present.borrow_mut() = Some(all);
    }
    let missing: Vec<&String> = wanted
        .iter()
        .filter(|name| {
            let present = forge.labels.present.borrow();
            !present.iter().flatten().any(|p| *p == name.to_lowercase())
        })
        .collect();
    for name in missing {
        let (color, description) = look_of(name);
        let new = NewLabel {
            name,
            color,
            description,
        };
        let route = forge.route("labels");
        for attempt in 0..ATTEMPTS {
            match forge
                .client
                .write::<_, IgnoredAny>(Method::POST, &route, &new)
            {
                Ok(_) => break,
                Err(e) if exists(&e) => break,
                // A second try is told that the label exists, if the first one made it.
                Err(e) if e.is_unanswered() && attempt + 1 < ATTEMPTS => forge.wait(attempt),
                Err(e) => return Err(e.into()),
            }
        }
        if let Some(present) = forge.labels.present.borrow_mut().as_mut() {
            present.insert(name.to_lowercase());
        }
    }
    Ok(())
}

/// Puts labels on and takes off what they replace.
pub(super) fn bring_up(
    forge: &GitHubForge,
    number: u64,
    present: &BTreeSet<String>,
    wanted: &BTreeSet<String>,
) -> Result<(), ForgeError> {
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|w| !present.iter().any(|p| p.eq_ignore_ascii_case(w)))
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        let mut needed: BTreeSet<String> = missing.iter().map(|m| (*m).to_owned()).collect();
        // So that people find it in the list when they need it.
        needed.insert(PAUSE_LABEL.to_owned());
        ensure(forge, &needed)?;
        let route = forge.route(&format!("issues/{number}/labels"));
        let body = Added { labels: missing };
        for attempt in 0..ATTEMPTS {
            match forge
                .client
                .write::<_, IgnoredAny>(Method::POST, &route, &body)
            {
                Ok(_) => break,
                // Putting a label on twice is putting it on once.
                Err(e) if e.is_unanswered() && attempt + 1 < ATTEMPTS => forge.wait(attempt),
                Err(e) => return Err(e.into()),
            }
        }
    }
    for old in replaced(present, wanted) {
        let route = forge.route(&format!("issues/{number}/labels/{}", encode(old)));
        match forge.client.delete(&route) {
            Ok(()) => {}
            Err(e) if e.is_not_found() => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}

/// Labels of ours that another of the same kind replaces.
fn replaced<'p>(present: &'p BTreeSet<String>, wanted: &BTreeSet<String>) -> Vec<&'p String> {
    present
        .iter()
        .filter(|p| EXCLUSIVE.iter().any(|e| p.starts_with(e)))
        .filter(|p| look_of(p).1 != "Used by tfmend")
        .filter(|p| !wanted.contains(*p))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn only_our_own_exclusive_labels_are_replaced() {
        let present = set(&["severity:low", "impact:team-a", "severity:high", "bug"]);
        let wanted = set(&["severity:high", "security"]);
        assert_eq!(replaced(&present, &wanted), ["severity:low"]);
    }

    #[test]
    fn github_takes_every_label() {
        for name in [
            "security",
            "tfmend",
            PAUSE_LABEL,
            super::super::board::LABEL,
            "severity:critical",
            "impact:grant-removed",
            "x",
        ] {
            let (colour, description) = look_of(name);
            assert!(colour.len() == 6 && colour.bytes().all(|b| b.is_ascii_hexdigit()));
            assert!(name.len() <= 50 && description.len() <= 100, "{name}");
        }
    }
}
