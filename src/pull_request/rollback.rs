//! The way back, and the way to say no: the code as it was, the commands of a revert, the entry that ignores.
//!
//! Invariant 10: what goes into a fence for a shell or for TOML is quoted for that language.

use std::collections::BTreeSet;

use super::ChangeSet;
use super::escape::{clip, fence, plain, shell, toml_string};

/// The exact code as it was.
pub(super) fn previous(change: &ChangeSet, quote: usize) -> String {
    let mut body = String::new();
    let mut seen = BTreeSet::new();
    for p in change.members.iter().flat_map(|m| &m.remediation.previous) {
        let entry = match &p.value {
            Some(value) => format!(
                "# {}\n{}\n",
                plain(&p.path, 300),
                indented(value.trim_end())
            ),
            None => format!("# {}\n# (not written)\n", plain(&p.path, 300)),
        };
        if seen.insert(entry.clone()) {
            body.push_str(&entry);
        }
    }
    if body.is_empty() {
        return String::new();
    }
    if body.chars().count() > quote {
        body = format!(
            "{}\n# (shortened; the whole of it is in the Git history)\n",
            clip(&body, quote)
        );
    }
    fence("hcl", &body)
}

/// Code from the middle of a line is quoted without its first indentation: it gets that of its closing line.
fn indented(value: &str) -> String {
    match value.rsplit_once('\n') {
        Some((_, last)) if last.trim_start().starts_with(['}', ']', ')']) => {
            let indent = &last[..last.len() - last.trim_start().len()];
            format!("{indent}{value}")
        }
        _ => value.to_owned(),
    }
}

/// How to go back, as commands.
pub(super) fn commands(change: &ChangeSet) -> String {
    let mut roots: BTreeSet<&str> = BTreeSet::new();
    for member in &change.members {
        roots.insert(member.located.root.as_str());
        roots.extend(
            member
                .remediation
                .also_changes
                .iter()
                .map(|a| a.root.as_str()),
        );
    }
    let mut lines = String::from(
        "git revert -m 1 <merge commit>   # without -m 1 after a squash or rebase merge\n",
    );
    for root in roots.iter().take(10) {
        let chdir = if root.is_empty() {
            String::new()
        } else {
            format!(" -chdir={}", shell(root))
        };
        lines.push_str(&format!("terraform{chdir} apply\n"));
    }
    if roots.len() > 10 {
        lines.push_str(&format!("# and {} more root modules\n", roots.len() - 10));
    }
    fence("sh", &lines)
}

/// The entry that records why this is not wanted.
pub(super) fn ignore(change: &ChangeSet) -> String {
    let mut entries: Vec<String> = Vec::new();
    for member in &change.members {
        for finding in &member.findings {
            let entry = format!(
                "[[ignore]]\nrule = {}\nresource = {}\nreason = \"…\"\nuntil = \"YYYY-MM-DD\"\n",
                toml_string(&member.remediation.rule),
                toml_string(&finding.resource.id),
            );
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
    }
    entries.truncate(3);
    fence("toml", &entries.join("\n"))
}
