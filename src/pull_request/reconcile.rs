//! The life of a pull request: what is wanted against what is there.
//!
//! Invariant 8: nothing is opened twice, and what a person closed or pushed to is left alone. A push is made only
//! when the change itself is another, the branch conflicts, or a person asked for it: a needless one dismisses
//! approvals and burns CI.

use std::collections::{BTreeMap, BTreeSet};

use super::identity;
use super::proposal::{Note, Proposal, ProposalState};
use super::{Request, Step};
use crate::finding::Severity;

/// How many pull requests there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Open at one time.
    pub open: usize,
    /// Opened in one run.
    pub per_run: usize,
    /// How many critical ones may exceed both.
    pub critical_extra: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            open: 10,
            per_run: 10,
            critical_extra: 5,
        }
    }
}

/// How a finding ended that has no fix in this run. A finding that is not in the input at all has no fate, and its
/// absence is no evidence: the input may be filtered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The code on the base branch is safe; why.
    Safe(String),
    /// The scanner says that it passed, is resolved or archived.
    Resolved(String),
    /// Suppressed in the scanner or ignored by policy; who said so.
    Suppressed(String),
    /// Still open, but there is no fix any more; why.
    Stuck(String),
}

/// One step of the plan.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Id and branch. For a pull request that exists, the branch it was opened with.
    pub id: String,
    /// The change; `None` when nothing is wanted any more.
    pub request: Option<Request>,
    /// The pull request that exists.
    pub proposal: Option<u64>,
    /// What to do.
    pub step: Step,
    /// For `Update`: whether the branch is written anew, or only the text.
    pub push: bool,
    /// For `Update` with `push`: the commit that the branch must point to (compare and swap).
    pub expected_head: Option<String>,
    /// A comment to make once.
    pub note: Option<(Note, String)>,
    /// All labels the pull request shall have: ours, and those that people added.
    pub labels: BTreeSet<String>,
}

/// Compares what is wanted with what is there. Steps come in the order in which they are to be applied: closing makes
/// room, updating keeps promises, then the most severe are opened first.
#[must_use]
pub fn reconcile(
    wanted: Vec<Request>,
    existing: &[Proposal],
    fates: &BTreeMap<String, Fate>,
    limits: &Limits,
) -> Vec<Planned> {
    let open: Vec<&Proposal> = existing
        .iter()
        .filter(|p| p.state == ProposalState::Open)
        .collect();
    let matches = pair(&wanted, &open);
    let taken: BTreeMap<u64, usize> = matches.iter().map(|(w, p)| (open[*p].number, *w)).collect();

    let mut closes = Vec::new();
    let mut leaves = Vec::new();
    for p in open.iter().filter(|p| !taken.contains_key(&p.number)) {
        let planned = unwanted(p, &wanted, &matches, &open, fates);
        match planned.step {
            Step::Close(_) => closes.push(planned),
            _ => leaves.push(planned),
        }
    }

    let mut updates = Vec::new();
    let mut new: Vec<Request> = Vec::new();
    for (i, request) in wanted.into_iter().enumerate() {
        match matches.get(&i) {
            Some(p) => {
                let planned = existing_one(request, open[*p]);
                match planned.step {
                    Step::Update => updates.push(planned),
                    _ => leaves.push(planned),
                }
            }
            None => new.push(on_a_free_branch(request, existing)),
        }
    }
    let still_open = open.len() - closes.len();
    let opened = openings(new, still_open, limits);
    let mut steps = closes;
    steps.append(&mut updates);
    steps.extend(opened);
    steps.append(&mut leaves);
    steps
}

/// Wanted index → index of the open pull request it is already: by identity, then by branch, then by the finding keys
/// they share (moved or renamed code).
fn pair(wanted: &[Request], open: &[&Proposal]) -> BTreeMap<usize, usize> {
    let mut pairs: BTreeMap<usize, usize> = BTreeMap::new();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let by_identity = |w: &Request, p: &Proposal| match &p.marker {
        Some(marker) => marker.identity == w.change.identity,
        None => identity::identity_in_branch(&p.branch) == Some(w.change.identity.as_str()),
    };
    let by_branch = |w: &Request, p: &Proposal| p.branch == w.change.id;
    for same in [
        &by_identity as &dyn Fn(&Request, &Proposal) -> bool,
        &by_branch,
    ] {
        for (i, w) in wanted.iter().enumerate() {
            if pairs.contains_key(&i) {
                continue;
            }
            if let Some(p) = (0..open.len()).find(|p| !used.contains(p) && same(w, open[*p])) {
                pairs.insert(i, p);
                used.insert(p);
            }
        }
    }
    for (i, w) in wanted.iter().enumerate() {
        if pairs.contains_key(&i) {
            continue;
        }
        let keys = w.change.keys();
        let best = (0..open.len())
            .filter(|p| !used.contains(p))
            .map(|p| (open[p].shares_keys(&keys), p))
            .filter(|(shared, _)| *shared > 0)
            // Most keys; among equals the oldest.
            .max_by_key(|(shared, p)| (*shared, std::cmp::Reverse(open[*p].number)));
        if let Some((_, p)) = best {
            pairs.insert(i, p);
            used.insert(p);
        }
    }
    pairs
}

/// A pull request that is still wanted.
fn existing_one(mut request: Request, p: &Proposal) -> Planned {
    request.change.id.clone_from(&p.branch);
    let labels = labels(&request.text.labels, &p.labels);
    let marker = p.marker.as_ref();
    // A person's title stays.
    if let Some(m) = marker
        && !m.title.is_empty()
        && p.title != m.title
    {
        request.text.title.clone_from(&p.title);
    }
    let mut note = None;
    let (step, push) = if p.paused() {
        (
            Step::Leave(format!(
                "paused by the label `{}`",
                super::proposal::PAUSE_LABEL
            )),
            false,
        )
    } else if p.rebuild_requested {
        (Step::Update, true)
    } else if !p.only_ours {
        if !p.notes.contains(&Note::HumanCommits) {
            note = Some((
                Note::HumanCommits,
                "Somebody else's commits are on this branch, so tfmend leaves it alone from now on. Tick the \
                 *rebuild* box to discard those commits and have the change made anew."
                    .to_owned(),
            ));
        }
        (
            Step::Leave("somebody else pushed to the branch".to_owned()),
            false,
        )
    } else if p.mergeable == Some(false)
        || p.head.is_none()
        || marker.is_none_or(|m| m.content != request.text.marker.content)
    {
        (Step::Update, true)
    } else if marker.is_none_or(|m| m.text != request.text.marker.text)
        || p.labels.is_disjoint(&request.text.labels)
    {
        // A missing label is no reason: a person may have taken it off. None of ours at all is an opening that was cut
        // short.
        (Step::Update, false)
    } else {
        (Step::Leave("up to date".to_owned()), false)
    };
    Planned {
        id: p.branch.clone(),
        request: Some(request),
        proposal: Some(p.number),
        step,
        push,
        expected_head: p.head.clone(),
        note,
        labels,
    }
}

/// Ours, and what people added; of our own exclusive ones only the present.
fn labels(ours: &BTreeSet<String>, present: &BTreeSet<String>) -> BTreeSet<String> {
    const EXCLUSIVE: [&str; 2] = ["severity:", "impact:"];
    present
        .iter()
        .filter(|l| !EXCLUSIVE.iter().any(|e| l.starts_with(e)))
        .chain(ours)
        .cloned()
        .collect()
}

/// An open pull request for which no change is wanted in this run.
fn unwanted(
    p: &Proposal,
    wanted: &[Request],
    matches: &BTreeMap<usize, usize>,
    open: &[&Proposal],
    fates: &BTreeMap<String, Fate>,
) -> Planned {
    let mut note = None;
    let step = if p.paused() {
        Step::Leave(format!(
            "paused by the label `{}`",
            super::proposal::PAUSE_LABEL
        ))
    } else if !p.only_ours {
        Step::Leave("somebody else pushed to the branch".to_owned())
    } else if p.landed {
        Step::Close("the base branch holds this change already".to_owned())
    } else {
        let keys = p.marker.as_ref().map_or(&[] as &[String], |m| &m.keys);
        let elsewhere = wanted.iter().enumerate().find_map(|(i, w)| {
            let held = w.change.keys();
            (!keys.is_empty() && p.shares_keys(&held) == keys.len())
                .then(|| matches.get(&i).map(|m| open[*m].number))
                .flatten()
        });
        let found: Vec<Option<&Fate>> = keys
            .iter()
            .map(|k| {
                fates.get(k).or_else(|| {
                    // Keys may stand in the marker as hashes.
                    fates
                        .iter()
                        .find(|(key, _)| {
                            k.starts_with("sha256:")
                                && p.marker.as_ref().is_some_and(|m| m.has_key(key))
                        })
                        .map(|(_, fate)| fate)
                })
            })
            .collect();
        if let Some(number) = elsewhere {
            Step::Close(format!("its findings are part of #{number} now"))
        } else if p
            .marker
            .as_ref()
            .is_none_or(|m| m.unlisted > 0 || m.keys.is_empty())
            || found.iter().any(Option::is_none)
        {
            Step::Leave("its findings are not in this run's input".to_owned())
        } else if let Some(why) = found.iter().flatten().find_map(|f| match f {
            Fate::Stuck(why) => Some(why),
            _ => None,
        }) {
            if !p.notes.contains(&Note::NoLongerProposed) {
                note = Some((
                    Note::NoLongerProposed,
                    format!(
                        "tfmend would not propose this change today: {}. The pull request is left as it is; \
                         please decide whether it still makes sense.",
                        super::escape::prose(why.trim_end_matches('.'))
                    ),
                ));
            }
            Step::Leave(format!("tfmend would not propose it today: {why}"))
        } else {
            let mut why: Vec<&str> = found
                .iter()
                .flatten()
                .map(|f| match f {
                    Fate::Safe(w) | Fate::Resolved(w) | Fate::Suppressed(w) | Fate::Stuck(w) => {
                        w.as_str()
                    }
                })
                .collect();
            why.sort_unstable();
            why.dedup();
            why.truncate(3);
            Step::Close(why.join("; "))
        }
    };
    Planned {
        id: p.branch.clone(),
        request: None,
        proposal: Some(p.number),
        step,
        push: false,
        expected_head: p.head.clone(),
        note,
        labels: BTreeSet::new(),
    }
}

/// Another problem on a block whose pull request a person closed gets a branch of its own: the closed one is not
/// touched. The number is that of the closed ones, so it stays the same from run to run.
fn on_a_free_branch(mut request: Request, existing: &[Proposal]) -> Request {
    let closed = existing
        .iter()
        .filter(|p| {
            p.state == ProposalState::ClosedByPerson
                && identity::identity_in_branch(&p.branch) == Some(request.change.identity.as_str())
        })
        .count();
    if closed > 0
        && let Some((head, identity)) = request.change.id.rsplit_once('-')
    {
        request.change.id = format!("{head}-{}-{identity}", closed + 1);
    }
    request
}

/// Opens in order of severity until a limit is reached.
fn openings(mut new: Vec<Request>, still_open: usize, limits: &Limits) -> Vec<Planned> {
    new.sort_by(|a, b| {
        b.change
            .severity()
            .cmp(&a.change.severity())
            .then_with(|| b.change.confidence().cmp(&a.change.confidence()))
            .then_with(|| a.change.id.cmp(&b.change.id))
    });
    let (mut opened, mut extra) = (0, 0);
    let mut opens = Vec::new();
    let mut defers = Vec::new();
    for request in new {
        let full = if still_open + opened >= limits.open {
            Some(format!(
                "waiting: {} pull requests are open, the limit is {}",
                still_open + opened + extra,
                limits.open
            ))
        } else if opened >= limits.per_run {
            Some(format!(
                "waiting: this run opened {opened}, the limit is {} a run",
                limits.per_run
            ))
        } else {
            None
        };
        let step = match full {
            None => {
                opened += 1;
                Step::Open
            }
            Some(_)
                if request.change.severity() == Severity::Critical
                    && extra < limits.critical_extra =>
            {
                extra += 1;
                Step::Open
            }
            Some(why) => Step::Defer(why),
        };
        let planned = Planned {
            id: request.change.id.clone(),
            labels: request.text.labels.clone(),
            request: Some(request),
            proposal: None,
            push: step == Step::Open,
            expected_head: None,
            note: None,
            step,
        };
        if planned.step == Step::Open {
            opens.push(planned);
        } else {
            defers.push(planned);
        }
    }
    opens.append(&mut defers);
    opens
}

#[cfg(test)]
#[path = "reconcile_tests.rs"]
mod tests;
