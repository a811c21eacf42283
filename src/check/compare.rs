//! Beside a base: what became unsafe, and what was so before.

use std::collections::{BTreeMap, BTreeSet};

use super::{Affected, Check, Checked, Judged};
use crate::terraform::{Address, RepoPath};

/// How a check stands to the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// It was not so on the base.
    New,
    /// It was so on the base, and the change does not touch the block.
    Existing,
    /// It was so on the base, and the change touches the block, or the file of the place that decides it.
    Touched,
}

type Key<'k> = (&'k Affected, &'k str);

/// For each check of `now`, how it stands to the base. `changed` are the files that differ. A block under another name
/// (renamed, moved to another file or root) is the same block as long as its text is.
#[must_use]
pub fn compare(now: &Checked, base: &Checked, changed: &BTreeSet<RepoPath>) -> Vec<Since> {
    let before: BTreeMap<Key<'_>, &Check> = base
        .checks
        .iter()
        .map(|check| ((&check.instance, check.rule.as_str()), check))
        .collect();
    let present: BTreeSet<Key<'_>> = now
        .checks
        .iter()
        .map(|check| (&check.instance, check.rule.as_str()))
        .collect();
    let mut gone = Gone::default();
    for check in &base.checks {
        if !present.contains(&(&check.instance, check.rule.as_str())) {
            gone.add(check);
        }
    }
    now.checks
        .iter()
        .map(|check| {
            let key = (&check.instance, check.rule.as_str());
            let other = match before.get(&key) {
                Some(other) => Some(*other),
                None => gone.take(check),
            };
            match other {
                Some(other) if covers(other, check) => {
                    let touched = other.body != check.body
                        || (check.decided.0 != check.block.0 && changed.contains(&check.decided.0));
                    if touched {
                        Since::Touched
                    } else {
                        Since::Existing
                    }
                }
                _ => Since::New,
            }
        })
        .collect()
}

/// What is gone from its address may have come back under another one.
#[derive(Default)]
struct Gone<'b> {
    checks: Vec<Option<&'b Check>>,
    by_body: BTreeMap<(String, String, String), Vec<usize>>,
    by_block: BTreeMap<(String, RepoPath, Address), Vec<usize>>,
}

impl<'b> Gone<'b> {
    fn add(&mut self, check: &'b Check) {
        let number = self.checks.len();
        self.checks.push(Some(check));
        self.by_body.entry(of_body(check)).or_default().push(number);
        self.by_block
            .entry(of_block(check))
            .or_default()
            .push(number);
    }

    /// The check that this one was: the same block with other keys (`count` added or taken away), else a block of the
    /// same text.
    fn take(&mut self, check: &Check) -> Option<&'b Check> {
        let same = self.by_block.get(&of_block(check)).into_iter();
        let alike = self.by_body.get(&of_body(check)).into_iter();
        let number = same
            .chain(alike)
            .flatten()
            .copied()
            .find(|n| self.checks[*n].is_some())?;
        self.checks[number].take()
    }
}

fn of_body(check: &Check) -> (String, String, String) {
    let kind = check.instance.address.kind.clone();
    (check.rule.clone(), kind, check.body.clone())
}

fn of_block(check: &Check) -> (String, RepoPath, Address) {
    let Affected { root, address } = &check.instance;
    (check.rule.clone(), root.clone(), address.without_keys())
}

/// Whether the base was as bad already: every complaint of now is one of then.
fn covers(before: &Check, now: &Check) -> bool {
    match (&before.judged, &now.judged) {
        (_, Judged::Safe) | (Judged::Unknown(_), Judged::Unknown(_)) => true,
        (Judged::Unsafe(_), Judged::Unsafe(_)) => {
            let then = complaints(before);
            complaints(now).iter().all(|c| then.contains(c))
        }
        // What was unsafe and can no longer be told is no worse.
        (Judged::Unsafe(_), Judged::Unknown(_)) => true,
        (Judged::Suppressed(_), Judged::Suppressed(_)) => true,
        _ => false,
    }
}

/// Complaints without the names of the block: it may have got another one.
fn complaints(check: &Check) -> Vec<String> {
    let Judged::Unsafe(why) = &check.judged else {
        return Vec::new();
    };
    let address = &check.instance.address;
    let (long, short) = (address.to_string(), address.inside_module().to_string());
    why.iter()
        .map(|c| c.replace(&long, "_").replace(&short, "_"))
        .collect()
}
