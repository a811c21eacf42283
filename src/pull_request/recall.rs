//! What people turned down before is not proposed again.
//!
//! Invariant 8. A pull request that a person closed without merging speaks for the fixes in its marker: by their
//! finding keys (also when the code has moved) and by their identities (also when the scanner made a new finding of
//! the same problem). A new problem on the same block is something else and is proposed.

use std::collections::BTreeSet;

use crate::terraform::Edit;

use super::identity;
use super::proposal::{Note, Proposal, ProposalState};
use super::reconcile::Planned;
use super::{Fixed, Step};

/// A fix that is not proposed because a person closed its pull request.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// The fix.
    pub fixed: Fixed,
    /// The pull request that was closed.
    pub number: u64,
}

/// Splits off the fixes that a person turned down.
#[must_use]
pub fn recall(fixed: Vec<Fixed>, proposals: &[Proposal]) -> (Vec<Fixed>, Vec<Remembered>) {
    let closed: Vec<&Proposal> = proposals
        .iter()
        .filter(|p| p.state == ProposalState::ClosedByPerson)
        .collect();
    if closed.is_empty() {
        return (fixed, Vec::new());
    }
    let mut wanted = Vec::new();
    let mut remembered: Vec<Remembered> = Vec::new();
    for member in fixed {
        match closed.iter().find(|p| turned_down(p, &member)) {
            Some(p) => remembered.push(Remembered {
                fixed: member,
                number: p.number,
            }),
            None => wanted.push(member),
        }
    }
    // A fix whose edits contain those of a closed one would bring the closed one back.
    let (wanted, tied): (Vec<Fixed>, Vec<Fixed>) = wanted
        .into_iter()
        .partition(|w| !remembered.iter().any(|r| shares_edit(w, &r.fixed)));
    for member in tied {
        if let Some(number) = remembered
            .iter()
            .find(|r| shares_edit(&member, &r.fixed))
            .map(|r| r.number)
        {
            remembered.push(Remembered {
                fixed: member,
                number,
            });
        }
    }
    (wanted, remembered)
}

fn turned_down(proposal: &Proposal, member: &Fixed) -> bool {
    let Some(marker) = &proposal.marker else {
        // Without its marker the branch tells the block; whatever was on it, a person did not want it.
        return identity::identity_in_branch(&proposal.branch)
            == Some(identity::of_anchor(&identity::anchor(member)).as_str());
    };
    marker.members.contains(&identity::of_member(member))
        || member.keys().iter().any(|k| marker.has_key(k))
}

fn shares_edit(a: &Fixed, b: &Fixed) -> bool {
    a.remediation.edits.iter().any(|x| {
        b.remediation.edits.iter().any(|y| match (x, y) {
            (Edit::NewFile { file: a, .. }, Edit::NewFile { file: b, .. }) => a == b,
            (
                Edit::Splice {
                    file: fa,
                    range: ra,
                    text: ta,
                    ..
                },
                Edit::Splice {
                    file: fb,
                    range: rb,
                    text: tb,
                    ..
                },
            ) => {
                fa == fb
                    && if ra.is_empty() && rb.is_empty() {
                        ra.start == rb.start
                            && (ta.contains(tb.as_str()) || tb.contains(ta.as_str()))
                    } else {
                        ra.start < rb.end && rb.start < ra.end
                    }
            }
            _ => false,
        })
    })
}

/// One step for each pull request that is remembered: leave it, and say once how to ask again.
#[must_use]
pub fn steps(remembered: &[Remembered], proposals: &[Proposal]) -> Vec<Planned> {
    let numbers: BTreeSet<u64> = remembered.iter().map(|r| r.number).collect();
    proposals
        .iter()
        .filter(|p| numbers.contains(&p.number))
        .map(|p| Planned {
            id: p.branch.clone(),
            request: None,
            proposal: Some(p.number),
            step: Step::Leave(format!(
                "a person closed pull request #{}; it is not opened again",
                p.number
            )),
            push: false,
            expected_head: None,
            note: (!p.notes.contains(&Note::Closed)).then(|| {
                (
                    Note::Closed,
                    "Closed, and it stays closed: tfmend will not propose this again. To have it back, reopen this \
                     pull request and tick the *rebuild* box. To record why it is not wanted, add an entry with a \
                     reason and an end date to `tfmend.toml`, as described above."
                        .to_owned(),
                )
            }),
            labels: BTreeSet::new(),
        })
        .collect()
}
