//! Whose code a change touches, as the reviewer reads it.
//!
//! Every name is a code span: naming somebody here must not notify anybody (GitHub asks code owners by itself).

use super::ChangeSet;
use super::escape::code;
use crate::ownership::{Committer, Ownership};
use crate::terraform::RepoPath;

/// As many files are named each by itself.
const FILES: usize = 5;

/// The sentences, in Markdown; none when nothing is known.
pub(super) fn sentences(change: &ChangeSet, ownership: &Ownership) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(codeowners) = &ownership.codeowners {
        // Files of the same owners are one sentence.
        let mut groups: Vec<(Vec<&str>, Vec<&RepoPath>)> = Vec::new();
        for file in &change.files {
            let names: Vec<&str> = codeowners
                .of(file.as_str())
                .map(|o| o.names.iter().map(String::as_str).collect())
                .unwrap_or_default();
            match groups.iter_mut().find(|(n, _)| *n == names) {
                Some((_, files)) => files.push(file),
                None => groups.push((names, vec![file])),
            }
        }
        for (names, files) in groups {
            let what = list(files.iter().take(FILES).map(|f| code(f.as_str())).collect());
            let more = files.len().saturating_sub(FILES);
            let what = if more > 0 {
                format!("{what} and {more} more files")
            } else {
                what
            };
            let place = code(&codeowners.path);
            out.push(if names.is_empty() {
                format!("{what}: nobody in {place}")
            } else {
                format!("{what}: {} ({place})", owners(&names))
            });
        }
    }
    out.extend(last(&committers(change, ownership)));
    out
}

/// Accounts and teams by name; mail addresses are counted only.
fn owners(names: &[&str]) -> String {
    let (shown, mail): (Vec<&str>, Vec<&str>) = names.iter().partition(|n| n.starts_with('@'));
    let mut parts: Vec<String> = shown.into_iter().map(code).collect();
    match mail.len() {
        0 => {}
        1 => parts.push("one named by a mail address".to_owned()),
        n => parts.push(format!("{n} named by mail addresses")),
    }
    list(parts)
}

fn committers(change: &ChangeSet, ownership: &Ownership) -> Vec<Committer> {
    let mut all: Vec<Committer> = Vec::new();
    for (lines, people) in &ownership.committers {
        if change.blocks.contains(lines) {
            all.extend(people.iter().cloned());
        }
    }
    crate::ownership::newest(all)
}

fn last(people: &[Committer]) -> Option<String> {
    if people.is_empty() {
        return None;
    }
    let named = people
        .iter()
        .map(|c| {
            if c.day.is_empty() {
                code(&c.name)
            } else {
                format!("{} ({})", code(&c.name), c.day)
            }
        })
        .collect();
    Some(format!("Last changed by {}", list(named)))
}

/// `a`, `a and b`, `a, b and c`.
fn list(parts: Vec<String>) -> String {
    match parts.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
