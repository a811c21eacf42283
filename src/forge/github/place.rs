//! A pull request's home: one repository on GitHub, seen from one commit of its base branch.
//!
//! Invariant 8 lives in this adapter. GitHub is the only memory: branch, marker, labels, state. The order of writes makes
//! every step repeatable: the branch (its creation is the lock between runs), then the pull request, then its labels;
//! when closing: the comment, then state and text in one request, then the branch. Lists of GitHub may be stale, so
//! "not in the list" is never a proof: GitHub's own refusal (`already exists`) is, and then the object is looked up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::branch::{self, BaseTree, Standing};
use super::client::Client;
use super::error::GitHubError;
use super::labels::Labels;
use super::through_git::LocalClone;
use super::tree::Trees;
use super::wire::{GitCommit, ListedCommit, Ref, Repo};
use super::{board, seal};
use crate::forge::{Base, Forge, ForgeError, NewCommit, Opened};
use crate::pull_request::dashboard::Dashboard;
use crate::pull_request::{Note, Proposal, Text};

/// How commits are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Commits {
    /// Through the Git Data API: GitHub signs them for an App and for `GITHUB_TOKEN` ("Verified").
    #[default]
    Api,
    /// In a local clone, pushed over HTTPS.
    Git,
}

/// How a forge on GitHub works.
#[derive(Debug, Clone)]
pub struct Options {
    /// The base branch; the repository's default branch when `None`.
    pub base: Option<String>,
    /// How commits are made.
    pub commits: Commits,
    /// First pause before a look-up is repeated; it doubles each time.
    pub patience: Duration,
    /// Now, in seconds of Unix time: the date of commits made in a clone (GitHub dates its own).
    pub seconds: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            base: None,
            commits: Commits::default(),
            patience: Duration::from_millis(500),
            seconds: 0,
        }
    }
}

/// Pull requests on GitHub.
pub struct GitHubForge {
    pub(super) client: Client,
    pub(super) repo: Repo,
    pub(super) base: Base,
    /// Id of the base commit's tree.
    pub(super) base_tree: String,
    pub(super) trees: Trees,
    pub(super) options: Options,
    /// Directory of the Terraform code inside the repository; `""` at the top.
    pub(super) prefix: String,
    pub(super) labels: Labels,
    /// What is known of our pull requests since they were read, kept up to date by every write of this run.
    pub(super) known: Option<BTreeMap<u64, Proposal>>,
    /// Branches whose open pull request is for another base: its number and base.
    pub(super) elsewhere: BTreeMap<String, (u64, String)>,
    /// Branches, with their commit, that have no open pull request: what killed runs left is among them.
    pub(super) left_over: BTreeMap<String, String>,
    /// Nothing that tells of a hole may be published.
    pub(super) discreet: bool,
    pub(super) clone: Option<LocalClone>,
}

impl GitHubForge {
    /// Reads the repository and the tip of its base branch. Writes nothing.
    ///
    /// # Errors
    /// The repository or the branch cannot be read.
    pub fn open(client: Client, options: Options) -> Result<Self, ForgeError> {
        let repo: Repo = client.get(&client.repository().route(""))?;
        let branch = options
            .base
            .clone()
            .unwrap_or_else(|| repo.default_branch.clone());
        let commit = match branch::head(&client, &branch) {
            Ok(Some(commit)) => commit,
            Ok(None) => {
                return Err(GitHubError::NoBranch {
                    repository: client.repository().to_string(),
                    branch,
                }
                .into());
            }
            Err(e) if e.status() == Some(409) => {
                return Err(GitHubError::Empty(client.repository().to_string()).into());
            }
            Err(e) => return Err(e.into()),
        };
        let route = client.repository().route(&format!("git/commits/{commit}"));
        let tip: GitCommit = client.get(&route)?;
        tracing::info!(repository = %client.repository(), branch, commit, "base");
        Ok(Self {
            client,
            repo,
            base: Base { branch, commit },
            base_tree: tip.tree.sha,
            trees: Trees::default(),
            options,
            prefix: String::new(),
            labels: Labels::default(),
            known: None,
            elsewhere: BTreeMap::new(),
            left_over: BTreeMap::new(),
            discreet: false,
            clone: None,
        })
    }

    /// Whether everybody can read the repository. One that does not say is taken for public.
    #[must_use]
    pub fn is_public(&self) -> bool {
        !self.repo.private
            && self
                .repo
                .visibility
                .as_deref()
                .is_none_or(|v| v == "public")
    }

    /// The directory of the Terraform code inside the repository, when that is not its top.
    pub fn set_prefix(&mut self, prefix: &str) {
        prefix.clone_into(&mut self.prefix);
    }

    /// How commits are made, as the configuration says, and the date of those that we date.
    pub fn set_commits(&mut self, commits: Commits, seconds: i64) {
        self.options.commits = commits;
        self.options.seconds = seconds;
    }

    /// Publishes nothing that tells of a hole: the dashboard says only that it is silent.
    pub fn set_discreet(&mut self, discreet: bool) {
        self.discreet = discreet;
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A route below the repository.
    pub(super) fn route(&self, rest: &str) -> String {
        self.client.repository().route(rest)
    }

    /// The path of a file from the repository's top.
    pub(super) fn full_path(&self, path: &str) -> String {
        if self.prefix.is_empty() {
            path.to_owned()
        } else {
            format!("{}/{path}", self.prefix)
        }
    }

    pub(super) fn standing(&self, head: &str) -> Result<Standing, ForgeError> {
        let base = BaseTree {
            base: &self.base,
            tree: &self.base_tree,
            trees: &self.trees,
        };
        branch::standing(&self.client, &base, head)
    }

    /// Our branches with their commits.
    pub(super) fn branches(&self) -> Result<BTreeMap<String, String>, ForgeError> {
        let prefix = crate::pull_request::identity::BRANCH_PREFIX;
        let route = self.route(&format!("git/matching-refs/heads/{prefix}"));
        // This list is not in pages.
        let refs: Vec<Ref> = self.client.get(&route)?;
        Ok(refs
            .into_iter()
            .filter_map(|r| {
                let name = r.name.strip_prefix("refs/heads/")?;
                Some((name.to_owned(), r.object.sha))
            })
            .collect())
    }

    /// Pauses before a look-up is repeated; longer each time.
    pub(super) fn wait(&self, attempt: u32) {
        std::thread::sleep(self.options.patience * 2_u32.pow(attempt.min(5)));
    }

    /// Deletes a branch; one that is not there is fine.
    pub(super) fn delete_branch(&self, branch: &str) -> Result<(), ForgeError> {
        let name = super::route::encode_path(&format!("heads/{branch}"));
        match self.client.delete(&self.route(&format!("git/refs/{name}"))) {
            Ok(()) => Ok(()),
            Err(e) if e.is_not_found() || e.says("does not exist") => Ok(()),
            Err(e) => Err(e.into()),
        }
    }
}

impl Forge for GitHubForge {
    fn base(&self) -> &Base {
        &self.base
    }

    fn recent_subjects(&self, most: usize) -> Result<Vec<String>, ForgeError> {
        let route = self.route(&format!("commits?sha={}&per_page=100", self.base.commit));
        let commits: Vec<ListedCommit> = self.client.get(&route)?;
        Ok(commits
            .iter()
            .filter(|c| !seal::is_ours(&c.commit.message, &c.commit.tree.sha, c.parents.len()))
            .filter_map(|c| c.commit.message.lines().next())
            .take(most)
            .map(str::to_owned)
            .collect())
    }

    /// Read once; after that, what was read and what this run did since. A list of GitHub may lack what was just made.
    fn proposals(&mut self) -> Result<Vec<Proposal>, ForgeError> {
        if self.known.is_none() {
            self.known = Some(self.read_proposals()?);
        }
        Ok(self
            .known
            .iter()
            .flat_map(|k| k.values().cloned())
            .collect())
    }

    fn push(&mut self, commit: &NewCommit<'_>) -> Result<String, ForgeError> {
        self.push_commit(commit)
    }

    fn open(
        &mut self,
        branch: &str,
        head: &str,
        text: &Text,
        labels: &BTreeSet<String>,
    ) -> Result<Opened, ForgeError> {
        self.open_pull(branch, head, text, labels)
    }

    fn update(
        &mut self,
        number: u64,
        head: Option<&str>,
        text: &Text,
        labels: &BTreeSet<String>,
    ) -> Result<Opened, ForgeError> {
        let pull = self.pull(number)?;
        self.bring_up(&pull, head, text, labels)
    }

    fn close(&mut self, number: u64, why: &str) -> Result<(), ForgeError> {
        self.close_pull(number, why)
    }

    fn comment(&mut self, number: u64, note: Note, text: &str) -> Result<(), ForgeError> {
        self.comment_once(number, note.word(), text)?;
        if let Some(p) = self.known.as_mut().and_then(|k| k.get_mut(&number)) {
            p.notes.insert(note);
        }
        Ok(())
    }

    /// Deletes the branches that a killed run left, then publishes the dashboard issue.
    fn publish(&mut self, dashboard: &Dashboard) -> Result<String, ForgeError> {
        self.tidy()?;
        match board::publish(self, dashboard) {
            // Pull requests are what matters: who may not write issues has no dashboard, and hears so.
            Err(ForgeError::GitHub(e)) if matches!(e.status(), Some(403 | 410)) => {
                tracing::warn!(error = %e, "no dashboard");
                Ok(String::new())
            }
            done => done,
        }
    }
}
