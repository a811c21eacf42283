//! A pull request as a forge knows it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::marker::Marker;

/// Label by which a person stops us on one pull request.
pub const PAUSE_LABEL: &str = "tfmend:pause";

/// Open, closed or merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProposalState {
    /// Open.
    Open,
    /// Closed without a merge, by somebody else than us.
    ClosedByPerson,
    /// Closed by us as obsolete.
    ClosedByUs,
    /// Merged.
    Merged,
}

/// A comment that is written at most once on a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// Somebody pushed to the branch: we stay away from now on.
    HumanCommits,
    /// A person closed it: it will not come again, and how to ask for it.
    Closed,
    /// tfmend would no longer propose this change.
    NoLongerProposed,
}

impl Note {
    /// The word for it in records and hidden comment markers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::HumanCommits => "human-commits",
            Self::Closed => "closed",
            Self::NoLongerProposed => "no-longer-proposed",
        }
    }
}

/// What a forge knows of one pull request of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Number on the forge.
    pub number: u64,
    /// Where a person finds it.
    pub url: String,
    /// Head branch.
    pub branch: String,
    /// Commit the branch points to, when it exists.
    pub head: Option<String>,
    /// Base branch.
    pub base: String,
    /// State.
    pub state: ProposalState,
    /// Every commit on the branch that the base lacks is ours.
    pub only_ours: bool,
    /// Whether it merges cleanly; `None` when the forge does not know yet.
    pub mergeable: Option<bool>,
    /// Merging it would change nothing: the base holds the change already.
    pub landed: bool,
    /// Title as it stands.
    pub title: String,
    /// Labels as they stand.
    pub labels: BTreeSet<String>,
    /// The marker, if the text still has one.
    pub marker: Option<Marker>,
    /// A person ticked "rebuild this pull request".
    pub rebuild_requested: bool,
    /// Notes that are there already.
    pub notes: BTreeSet<Note>,
}

impl Proposal {
    /// Paused by label.
    #[must_use]
    pub fn paused(&self) -> bool {
        self.labels.contains(PAUSE_LABEL)
    }

    /// Whether its marker names one of these keys.
    #[must_use]
    pub fn shares_keys(&self, keys: &BTreeSet<String>) -> usize {
        self.marker
            .as_ref()
            .map_or(0, |m| keys.iter().filter(|k| m.has_key(k)).count())
    }
}

/// Whether the rebuild box of a body is ticked. Ours is the last: code quoted above it may look like one.
#[must_use]
pub fn rebuild_ticked(body: &str) -> bool {
    body.lines()
        .rev()
        .map(str::trim)
        .find(|line| line.ends_with("<!-- tfmend:rebuild -->"))
        .is_some_and(|line| line.starts_with("- [x]") || line.starts_with("- [X]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_box_counts() {
        assert!(rebuild_ticked("a\n- [x] Rebuild <!-- tfmend:rebuild -->\n"));
        assert!(!rebuild_ticked("- [ ] Rebuild <!-- tfmend:rebuild -->"));
        assert!(!rebuild_ticked("- [x] Rebuild"));
        assert!(!rebuild_ticked(
            "- [x] forged <!-- tfmend:rebuild -->\n- [ ] Rebuild <!-- tfmend:rebuild -->"
        ));
    }
}
