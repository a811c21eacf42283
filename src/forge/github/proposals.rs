//! Which pull requests are ours, and how they stand.
//!
//! Open ones: every open pull request whose head is a branch `tfmend/…` of this very repository, label or no label.
//! Closed ones: by the label `tfmend`, and by branches that are still there. The newest page of closed pull requests
//! gives most head branches in one request; only what a person closed before that is read one by one, for it is
//! never proposed again. Merged ones, and those we closed, matter to no decision, so old ones of them are left out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::place::GitHubForge;
use super::route::encode;
use super::wire::{GitCommit, Issue, Pull, names};
use super::{comments, pulls, seal};
use crate::forge::ForgeError;
use crate::pull_request::identity::identity_in_branch;
use crate::pull_request::proposal::rebuild_ticked;
use crate::pull_request::{Marker, Proposal, ProposalState};

/// The label by which pull requests of ours are found.
pub(super) const OURS: &str = "tfmend";
/// After so many seconds a branch of ours without a pull request was left by a killed run.
const ORPHANED: i64 = 24 * 60 * 60;

impl GitHubForge {
    pub(super) fn read_proposals(&mut self) -> Result<BTreeMap<u64, Proposal>, ForgeError> {
        let repository = self.repo.full_name.clone();
        let branches = self.branches()?;
        let mut pulls: BTreeMap<u64, Pull> = BTreeMap::new();
        let mut keep = |found: Vec<Pull>| {
            for pull in found.into_iter().filter(|p| p.is_ours(&repository)) {
                pulls.insert(pull.number, pull);
            }
        };
        // Closed before open: what is opened again in between is in both lists, and the open one counts.
        keep(
            self.client
                .get(&self.route("pulls?state=closed&sort=updated&direction=desc&per_page=100"))?,
        );
        keep(self.client.all(&self.route("pulls?state=open"))?);
        let labelled: Vec<Issue> = self
            .client
            .all(&self.route(&format!("issues?state=closed&labels={}", encode(OURS))))?;
        for issue in labelled {
            let Some(pull) = &issue.pull_request else {
                continue;
            };
            let settled = pull.merged_at.is_some()
                || pulls::closed_by_us(issue.body.as_deref().unwrap_or_default());
            if !settled && !pulls.contains_key(&issue.number) {
                let pull = self.pull(issue.number)?;
                if pull.is_ours(&repository) {
                    pulls.insert(pull.number, pull);
                }
            }
        }
        for branch in branches.keys() {
            if !pulls.values().any(|p| p.head.branch == *branch) {
                for pull in self.pulls_of(branch, "all")? {
                    pulls.insert(pull.number, pull);
                }
            }
        }
        let mut known = BTreeMap::new();
        for pull in pulls.into_values() {
            if pull.is_open() && pull.base.branch != self.base.branch {
                self.elsewhere.insert(
                    pull.head.branch.clone(),
                    (pull.number, pull.base.branch.clone()),
                );
                continue;
            }
            let proposal = self.proposal(&pull, &branches)?;
            known.insert(proposal.number, proposal);
        }
        self.left_over = left_over(&known, &branches, &self.elsewhere);
        Ok(known)
    }

    /// Pull requests from a branch of this repository.
    pub(super) fn pulls_of(&self, branch: &str, state: &str) -> Result<Vec<Pull>, ForgeError> {
        let head = encode(&format!("{}:{branch}", self.client.repository().owner));
        let found: Vec<Pull> = self
            .client
            .all(&self.route(&format!("pulls?state={state}&head={head}")))?;
        // Old servers overlook a filter that they do not understand.
        Ok(found
            .into_iter()
            .filter(|p| p.head.branch == branch && p.is_ours(&self.repo.full_name))
            .filter(|p| state == "all" || p.state == state)
            .collect())
    }

    pub(super) fn pull(&self, number: u64) -> Result<Pull, ForgeError> {
        Ok(self.client.get(&self.route(&format!("pulls/{number}")))?)
    }

    fn proposal(
        &self,
        pull: &Pull,
        branches: &BTreeMap<String, String>,
    ) -> Result<Proposal, ForgeError> {
        let state = state_of(pull);
        let mut proposal = as_proposal(pull, state);
        proposal.head = branches.get(&pull.head.branch).cloned();
        match state {
            ProposalState::Open => {
                let head = proposal.head.get_or_insert_with(|| pull.head.sha.clone());
                let standing = self.standing(head)?;
                proposal.only_ours = standing.only_ours;
                proposal.mergeable = standing.mergeable;
                proposal.landed = standing.landed;
                proposal.notes = comments::notes(self, pull.number)?;
            }
            ProposalState::ClosedByPerson => {
                proposal.notes = comments::notes(self, pull.number)?;
            }
            ProposalState::ClosedByUs | ProposalState::Merged => {}
        }
        Ok(proposal)
    }

    /// Remembers what this run did.
    pub(super) fn remember(&mut self, proposal: Proposal) {
        if let Some(known) = &mut self.known {
            known.insert(proposal.number, proposal);
        }
    }

    /// Deletes branches that killed runs left: those whose pull request we closed, and those that never got one. Asks
    /// again where the branch is, for another run may be about to open its pull request.
    pub(super) fn tidy(&mut self) -> Result<(), ForgeError> {
        for (branch, commit) in std::mem::take(&mut self.left_over) {
            let open = |p: &Proposal| p.branch == branch && p.state == ProposalState::Open;
            let mut known = self.known.iter().flat_map(BTreeMap::values);
            if known.any(open)
                || super::branch::head(&self.client, &branch)?.as_ref() != Some(&commit)
            {
                continue;
            }
            if self.is_old_enough(&branch, &commit)? && self.pulls_of(&branch, "open")?.is_empty() {
                tracing::info!(branch, "a branch that a killed run left is deleted");
                self.delete_branch(&branch)?;
            }
        }
        Ok(())
    }

    /// Whether a branch without an open pull request may go: it is wholly ours, and if it never had a pull request, it had
    /// the time to get one.
    fn is_old_enough(&self, branch: &str, commit: &str) -> Result<bool, ForgeError> {
        let route = self.route(&format!("git/commits/{commit}"));
        let found: GitCommit = self.client.get(&route)?;
        if !seal::is_ours(&found.message, &found.tree.sha, found.parents.len())
            || !self.standing(commit)?.only_ours
        {
            return Ok(false);
        }
        let closed = self
            .known
            .iter()
            .flat_map(BTreeMap::values)
            .any(|p| p.branch == branch);
        let made = found
            .committer
            .and_then(|c| c.date.parse::<Timestamp>().ok());
        Ok(closed || made.is_some_and(|made| self.options.seconds - made.as_second() > ORPHANED))
    }
}

/// The branches of pull requests that we closed, where nothing newer came from them, and those without any.
fn left_over(
    known: &BTreeMap<u64, Proposal>,
    branches: &BTreeMap<String, String>,
    elsewhere: &BTreeMap<String, (u64, String)>,
) -> BTreeMap<String, String> {
    branches
        .iter()
        .filter(|(branch, _)| {
            known
                .values()
                .rfind(|p| p.branch == **branch)
                .is_none_or(|p| p.state == ProposalState::ClosedByUs)
                && identity_in_branch(branch).is_some()
                && !elsewhere.contains_key(*branch)
        })
        .map(|(branch, commit)| (branch.clone(), commit.clone()))
        .collect()
}

pub(super) fn state_of(pull: &Pull) -> ProposalState {
    if pull.is_open() {
        ProposalState::Open
    } else if pull.merged_at.is_some() {
        ProposalState::Merged
    } else if pulls::closed_by_us(pull.text()) {
        ProposalState::ClosedByUs
    } else {
        ProposalState::ClosedByPerson
    }
}

/// What the pull request alone tells; it is taken for ours and mergeable.
pub(super) fn as_proposal(pull: &Pull, state: ProposalState) -> Proposal {
    let mut marker = Marker::parse(pull.text());
    if state == ProposalState::Open && pulls::closed_by_us(pull.text()) {
        // Somebody opened again what we had closed: our sign has to go, or their closing it would look like ours.
        if let Some(marker) = &mut marker {
            marker.text.clear();
        }
    }
    Proposal {
        number: pull.number,
        url: pull.html_url.clone(),
        branch: pull.head.branch.clone(),
        head: Some(pull.head.sha.clone()),
        base: pull.base.branch.clone(),
        state,
        only_ours: true,
        mergeable: None,
        landed: false,
        title: pull.title.clone(),
        labels: names(&pull.labels),
        marker,
        rebuild_requested: state == ProposalState::Open && rebuild_ticked(pull.text()),
        notes: BTreeSet::new(),
    }
}
