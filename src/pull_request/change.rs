//! Which fixes go into one pull request, and the change they make together.
//!
//! Fixes join when they concern one block in one file (see [`super::identity::anchor`]), and when their edits are the
//! same or touch the same bytes: one default of a module that three findings need changed is one pull request.
//! Nothing else joins: a pull request that fixes unrelated blocks waits for the slowest of its reviewers.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use crate::locate::Target;
use crate::rules::Catalogue;
use crate::terraform::{Edit, EditError, Estate, RepoPath, edit};

use super::diff;
use super::identity;
use super::title::{self, CommitStyle};
use super::{ChangeSet, Fixed};

/// A fix that cannot become a pull request of its own or join one.
#[derive(Debug, Clone)]
pub struct Unfit {
    /// The fix.
    pub fixed: Fixed,
    /// Why.
    pub reason: UnfitReason,
}

/// Why a fix is left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnfitReason {
    /// Its edits do not fit the files, or those of the other fixes on the block.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// Its edits leave every file as it is.
    #[error(
        "{0}: the edits of rule {1} change nothing; please report this with the block as it is written"
    )]
    Nothing(RepoPath, String),
}

/// Change sets of these fixes, in id order.
#[must_use]
pub fn assemble(
    fixed: Vec<Fixed>,
    estate: &Estate,
    catalogue: &Catalogue,
    style: CommitStyle,
) -> (Vec<ChangeSet>, Vec<Unfit>) {
    assemble_with(fixed, estate, catalogue, style, true)
}

/// As [`assemble`]; `diffs` says whether anybody reads [`ChangeSet::diff`], which is empty otherwise.
pub(super) fn assemble_with(
    fixed: Vec<Fixed>,
    estate: &Estate,
    catalogue: &Catalogue,
    style: CommitStyle,
    diffs: bool,
) -> (Vec<ChangeSet>, Vec<Unfit>) {
    let groups: Vec<_> = groups(fixed).into_iter().collect();
    let made: Vec<(Option<ChangeSet>, Vec<Unfit>)> = groups
        .into_par_iter()
        .map(|(anchor, mut members)| {
            title::order(&mut members);
            let (fitting, left) = compose(members, estate);
            let change = fitting.map(|(members, after)| {
                let mut change = change_set(&anchor, members, after, estate, catalogue, style);
                if diffs {
                    change.diff = diff::of_change(estate, &change.after);
                }
                change
            });
            (change, left)
        })
        .collect();
    let mut changes = Vec::new();
    let mut unfit = Vec::new();
    for (change, mut left) in made {
        changes.extend(change);
        unfit.append(&mut left);
    }
    changes.sort_by(|a, b| a.id.cmp(&b.id));
    (changes, unfit)
}

type Composed = Option<(Vec<Fixed>, BTreeMap<RepoPath, Vec<u8>>)>;

/// The members whose edits apply together, and the files afterwards; those that do not fit are left out one by one.
fn compose(members: Vec<Fixed>, estate: &Estate) -> (Composed, Vec<Unfit>) {
    if let Ok(after) = edit::apply(estate, &edits_of(&members))
        && differs(estate, &after)
    {
        return (Some((members, after)), Vec::new());
    }
    let mut taken: Vec<Fixed> = Vec::new();
    let mut unfit = Vec::new();
    let mut result = BTreeMap::new();
    for member in members {
        let mut attempt = taken.clone();
        attempt.push(member);
        match edit::apply(estate, &edits_of(&attempt)) {
            Ok(after) if after != result && differs(estate, &after) => {
                result = after;
                taken = attempt;
            }
            // The edits are those of a member that is in already.
            Ok(after) if after == result && !taken.is_empty() => taken = attempt,
            outcome => {
                if let Some(fixed) = attempt.pop() {
                    let reason = match outcome {
                        Err(error) => error.into(),
                        Ok(_) => UnfitReason::Nothing(
                            fixed.remediation.file.clone(),
                            fixed.remediation.rule.clone(),
                        ),
                    };
                    unfit.push(Unfit { fixed, reason });
                }
            }
        }
    }
    let composed = (!taken.is_empty()).then_some((taken, result));
    (composed, unfit)
}

fn differs(estate: &Estate, after: &BTreeMap<RepoPath, Vec<u8>>) -> bool {
    after
        .iter()
        .any(|(path, bytes)| estate.file(path).is_none_or(|f| f.bytes() != bytes))
}

fn change_set(
    anchor: &str,
    members: Vec<Fixed>,
    mut after: BTreeMap<RepoPath, Vec<u8>>,
    estate: &Estate,
    catalogue: &Catalogue,
    style: CommitStyle,
) -> ChangeSet {
    after.retain(|path, bytes| {
        estate
            .file(path)
            .is_none_or(|f| f.bytes() != bytes.as_slice())
    });
    let identity = identity::of_anchor(anchor);
    let address = members
        .first()
        .map_or_else(String::new, |m| match &m.located.target {
            Target::Instance(a) => a.block().to_string(),
            Target::Home(_) => m.remediation.block.clone(),
        });
    let rule = members.first().map_or("", |m| m.remediation.rule.as_str());
    ChangeSet {
        id: identity::branch(rule, &address, &identity),
        title: title::title(&members, catalogue, style),
        blocks: crate::ownership::blocks(estate, &edits_of(&members)),
        edits: edits_of(&members),
        files: after.keys().cloned().collect(),
        before: after
            .keys()
            .map(|p| (p.clone(), estate.file(p).map(|f| f.hash())))
            .collect(),
        diff: String::new(),
        after,
        members,
        identity,
    }
}

/// All edits without repetition, in the members' order.
fn edits_of(members: &[Fixed]) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for edit in members.iter().flat_map(|m| &m.remediation.edits) {
        if !edits.contains(edit) {
            edits.push(edit.clone());
        }
    }
    edits
}

/// Fixes that belong together, with the anchor of their pull request (the first in text order).
fn groups(fixed: Vec<Fixed>) -> BTreeMap<String, Vec<Fixed>> {
    let anchors: Vec<String> = fixed.iter().map(identity::anchor).collect();
    let mut sets = Sets::new(fixed.len());
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (i, anchor) in anchors.iter().enumerate() {
        let first = *seen.entry(anchor).or_insert(i);
        sets.join(first, i);
    }
    join_touching(&fixed, &mut sets);

    let mut first_anchor: HashMap<usize, &str> = HashMap::new();
    for (i, anchor) in anchors.iter().enumerate() {
        let least = first_anchor.entry(sets.find(i)).or_insert(anchor);
        *least = (*least).min(anchor.as_str());
    }
    let names: Vec<String> = (0..fixed.len())
        .map(|i| {
            first_anchor
                .get(&sets.find(i))
                .copied()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    let mut groups: BTreeMap<String, Vec<Fixed>> = BTreeMap::new();
    for (name, member) in names.into_iter().zip(fixed) {
        groups.entry(name).or_default().push(member);
    }
    groups
}

/// Joins fixes whose edits are the same, overlap, or create the same file.
fn join_touching(fixed: &[Fixed], sets: &mut Sets) {
    let mut new_files: HashMap<&RepoPath, usize> = HashMap::new();
    let mut splices: HashMap<&RepoPath, Vec<(usize, usize, &str, usize)>> = HashMap::new();
    for (i, member) in fixed.iter().enumerate() {
        for edit in &member.remediation.edits {
            match edit {
                Edit::NewFile { file, .. } => {
                    let first = *new_files.entry(file).or_insert(i);
                    sets.join(first, i);
                }
                Edit::Splice {
                    file, range, text, ..
                } => splices
                    .entry(file)
                    .or_default()
                    .push((range.start, range.end, text, i)),
            }
        }
    }
    for edits in splices.values_mut() {
        edits.sort_unstable();
        // The furthest end so far and whose it is; insertions at one offset are compared among themselves.
        let mut furthest: Option<(usize, usize)> = None;
        let mut insertions: (usize, Vec<(&str, usize)>) = (0, Vec::new());
        for &(start, end, text, who) in edits.iter() {
            if let Some((reach, whose)) = furthest
                && start < reach
            {
                sets.join(whose, who);
            }
            if start == end {
                if insertions.0 != start {
                    insertions = (start, Vec::new());
                }
                // One text that holds the other was written for both fixes together.
                for &(other, whose) in &insertions.1 {
                    if text.contains(other) || other.contains(text) {
                        sets.join(whose, who);
                    }
                }
                insertions.1.push((text, who));
            } else if furthest.is_none_or(|(reach, _)| end > reach) {
                furthest = Some((end, who));
            }
        }
    }
}

/// Union–find.
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn new(n: usize) -> Self {
        Self {
            parent: (0..n).collect(),
        }
    }

    fn find(&mut self, mut i: usize) -> usize {
        while self.parent[i] != i {
            self.parent[i] = self.parent[self.parent[i]];
            i = self.parent[i];
        }
        i
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        if a != b {
            // The smaller index stays the root, so that the result does not depend on the order of joins.
            self.parent[a.max(b)] = a.min(b);
        }
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
