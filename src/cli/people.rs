//! Whose code a run's changes touch: what the repository says, gathered for the pull requests and the answer.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::outcome::Outcome;
use crate::ownership::{self, Codeowners, Committer, Lines, Ownership};
use crate::pull_request::Fixed;
use crate::terraform::Estate;
use crate::workspace::Workspace;

/// As long as the history is asked, all changes together.
const BUDGET: Duration = Duration::from_secs(2);
/// About this many blocks: a plan of thousands of changes is read by a machine, and pull requests are opened few at a time.
const BLOCKS: usize = 100;

/// Reads the owners' file, and asks the history about the blocks of these fixes.
pub(super) fn gather(tree: &Workspace, estate: &Estate, fixed: &[Fixed]) -> Ownership {
    if fixed.is_empty() {
        return Ownership::default();
    }
    let codeowners = Codeowners::find(tree.estate()).or_else(|| {
        let (path, text, inside) = tree.codeowners_above(&ownership::PLACES)?;
        Some(Codeowners::parse(&path, &text, &inside))
    });
    let mut committers: BTreeMap<Lines, Vec<Committer>> = BTreeMap::new();
    if let Some(lookup) = tree.lookup(BUDGET) {
        for fix in fixed {
            if committers.len() >= BLOCKS {
                break;
            }
            for lines in ownership::blocks(estate, &fix.remediation.edits) {
                let Some(file) = estate.file(&lines.file) else {
                    continue;
                };
                if committers.len() < BLOCKS && !committers.contains_key(&lines) {
                    let authors =
                        lookup.authors(&lines.file, file.bytes(), lines.first, lines.last);
                    let people = authors
                        .into_iter()
                        .filter_map(|a| Committer::of(&a.name, &a.mail, day(a.time)))
                        .collect();
                    committers.insert(lines, people);
                }
            }
        }
    }
    Ownership {
        codeowners,
        committers,
    }
}

fn day(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map(|t| t.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
        .unwrap_or_default()
}

/// Owners and last committers by the key of the finding.
pub(super) struct Named(BTreeMap<String, (Vec<String>, Vec<String>)>);

impl Named {
    /// Whose code the fix of each finding touches.
    pub(super) fn of(fixed: &[Fixed], ownership: &Ownership, estate: &Estate) -> Self {
        let mut named = BTreeMap::new();
        for fix in fixed {
            let edits = &fix.remediation.edits;
            let owners = ownership.owners(edits.iter().map(crate::terraform::Edit::file));
            let committers: Vec<String> = ownership
                .committers(estate, edits)
                .into_iter()
                .map(|c| c.name)
                .collect();
            for key in fix.keys() {
                named.insert(key, (owners.clone(), committers.clone()));
            }
        }
        Self(named)
    }

    /// Writes them into the outcomes that have a change.
    pub(super) fn tell(&self, outcomes: &mut [Outcome]) {
        for outcome in outcomes.iter_mut().filter(|o| o.change.is_some()) {
            if let Some((owners, committers)) = self.0.get(&outcome.finding.key) {
                outcome.owners.clone_from(owners);
                outcome.last_committers.clone_from(committers);
            }
        }
    }
}
