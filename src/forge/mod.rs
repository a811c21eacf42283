//! Where pull requests live: the adapter interface, and the steps of a plan applied to it.
//!
//! Invariants 8 and 12: every step can be interrupted at any point and repeated; one step that fails does not void the
//! others. Reads come first (`proposals`), then writes one at a time; a branch is written before its pull request.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::pull_request::dashboard::Dashboard;
use crate::pull_request::{Note, Plan, Planned, Proposal, Step, Text};
use crate::terraform::RepoPath;

mod git;
#[cfg(feature = "github")]
pub mod github;
pub mod local;
mod markdown;
mod page;
mod record;
mod stale;
mod store;

pub use git::Checkout;
#[cfg(feature = "github")]
pub use github::GitHubForge;
pub use local::LocalForge;

/// The base that pull requests are made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Branch name.
    pub branch: String,
    /// Commit id (hex).
    pub commit: String,
}

/// One commit on top of the base, to become a branch.
#[derive(Debug, Clone)]
pub struct NewCommit<'a> {
    /// Branch name.
    pub branch: &'a str,
    /// Full message.
    pub message: &'a str,
    /// SHA-256 of each file as the change expects it on the base; `None` for a file that must not exist.
    pub before: &'a BTreeMap<RepoPath, Option<String>>,
    /// New bytes of each file.
    pub after: &'a BTreeMap<RepoPath, Vec<u8>>,
    /// The commit the branch must point to now; `None` when it should not exist (a left-over of ours may).
    pub expected_head: Option<&'a str>,
}

/// A pull request that was opened or brought up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Number on the forge.
    pub number: u64,
    /// Where a person finds it.
    pub url: String,
}

/// What goes wrong at a forge.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// Not a Git repository.
    #[error(
        "{0} is not inside a Git repository; run `git init` and commit there, or use `tfmend fix`, which needs no Git"
    )]
    NotARepository(PathBuf),
    /// Owned by somebody else.
    #[error(
        "{0} belongs to another user, so Git refuses to open it; run `git config --global --add safe.directory {0}`"
    )]
    Owner(PathBuf),
    /// No commit yet.
    #[error(
        "{0} has no commit yet; commit the code first, a pull request needs something to build on"
    )]
    NoCommit(PathBuf),
    /// A bare repository has no files to plan on.
    #[error("{0} is a bare repository; give --repo a checkout of it")]
    Bare(PathBuf),
    /// A shallow clone lacks the objects.
    #[error("{0} is a shallow clone; run `git fetch --unshallow` there first")]
    Shallow(PathBuf),
    /// The plan was made on other bytes than the base has.
    #[error(
        "{file}: the working tree differs from commit {commit}; commit or stash the change, then run again"
    )]
    Uncommitted {
        /// The file.
        file: RepoPath,
        /// Base commit.
        commit: String,
    },
    /// A file to be created is there, or something that is not a plain file is in the way.
    #[error("{file}: {problem} in commit {commit}; run the plan again on the present code")]
    InTheWay {
        /// The file.
        file: RepoPath,
        /// What is in the way.
        problem: &'static str,
        /// Base commit.
        commit: String,
    },
    /// The commit would be equal to its base.
    #[error(
        "{0}: the change leaves the base branch as it is, so there is nothing to propose; please report this"
    )]
    NothingChanges(String),
    /// The branch moved under us.
    #[error("{0}: the branch was changed by somebody else in the meantime; run again")]
    Moved(String),
    /// The branch exists and is not ours.
    #[error(
        "{0}: a branch of this name exists and has commits of somebody else; rename or delete it, then run again"
    )]
    BranchTaken(String),
    /// The forge's base branch is ahead of the checkout.
    #[error(
        "{store}: branch {branch} has commits that {checkout} lacks; run `git pull {store} {branch}` there, then run again"
    )]
    Behind {
        /// The bare repository.
        store: PathBuf,
        /// Base branch.
        branch: String,
        /// The user's checkout.
        checkout: PathBuf,
    },
    /// The open pull requests are for another branch.
    #[error(
        "the open pull requests in {directory} are for branch {theirs}, the checkout is on {ours}; check out {theirs}, or give this branch a directory of its own"
    )]
    OtherBase {
        /// The forge's directory.
        directory: PathBuf,
        /// The base of the open pull requests.
        theirs: String,
        /// The checkout's branch.
        ours: String,
    },
    /// The plan was made on other code than the base branch has.
    #[error(
        "{file}: the checkout differs from commit {commit} of branch {branch} on GitHub; {next}"
    )]
    OutOfDate {
        /// The file, from the repository's top.
        file: String,
        /// Base commit.
        commit: String,
        /// Base branch.
        branch: String,
        /// What to do.
        next: &'static str,
    },
    /// The branch's open pull request is for another base.
    #[error(
        "{branch}: its open pull request #{number} is for branch {theirs}, this run is for {ours}; retarget or close it, or run with --base {theirs}"
    )]
    PullForOtherBase {
        /// The branch.
        branch: String,
        /// The pull request.
        number: u64,
        /// Its base.
        theirs: String,
        /// Ours.
        ours: String,
    },
    /// A person closed the pull request of this branch, and it lost the label by which it is remembered.
    #[error(
        "{branch}: pull request #{number} was closed without merging and has no label `tfmend` any more; put the label back so that this is remembered, or reopen it"
    )]
    Forgotten {
        /// The branch.
        branch: String,
        /// The pull request.
        number: u64,
    },
    /// A directory that cannot be seen whole through the API.
    #[error(
        "{0}: the directory has more entries than GitHub lists; set `commits = \"git\"` under [github], which works on a clone"
    )]
    TooManyEntries(String),
    /// GitHub.
    #[cfg(feature = "github")]
    #[error(transparent)]
    GitHub(#[from] github::GitHubError),
    /// No pull request of this number.
    #[error("pull request #{0} is not in the records; run again")]
    NoSuchProposal(u64),
    /// A record that cannot be read.
    #[error(
        "{path}: the record of a pull request cannot be read: {problem}; repair it, or restore it from a copy"
    )]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Files.
    #[error("{path}: {source}; check the path, its permissions and free space")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Anything else Git says.
    #[error("{what}: {source}")]
    Git {
        /// What was tried, and the next step.
        what: String,
        /// Why.
        source: git2::Error,
    },
}

/// A place for pull requests. All methods may be repeated: doing a thing again that is done is no error.
pub trait Forge {
    /// The base of all pull requests.
    fn base(&self) -> &Base;

    /// Subjects of the newest commits of people on the base, newest first: for the commit style.
    ///
    /// # Errors
    /// Git cannot be read.
    fn recent_subjects(&self, most: usize) -> Result<Vec<String>, ForgeError>;

    /// Every pull request of ours, open, closed and merged, by number.
    ///
    /// # Errors
    /// Any of them cannot be read: going on without it could open it twice.
    fn proposals(&mut self) -> Result<Vec<Proposal>, ForgeError>;

    /// Makes one commit on the base and points the branch to it (compare and swap). Gives the commit's id.
    ///
    /// # Errors
    /// The base has other bytes, the branch has moved or is not ours.
    fn push(&mut self, commit: &NewCommit<'_>) -> Result<String, ForgeError>;

    /// Opens a pull request for a branch that was pushed, or finds the one that is open.
    ///
    /// # Errors
    /// The forge does not take it.
    fn open(
        &mut self,
        branch: &str,
        head: &str,
        text: &Text,
        labels: &BTreeSet<String>,
    ) -> Result<Opened, ForgeError>;

    /// Brings title, body and labels up to date; `head` is set when the branch was pushed too.
    ///
    /// # Errors
    /// The forge does not take it.
    fn update(
        &mut self,
        number: u64,
        head: Option<&str>,
        text: &Text,
        labels: &BTreeSet<String>,
    ) -> Result<Opened, ForgeError>;

    /// Closes as obsolete, saying why, and deletes the branch.
    ///
    /// # Errors
    /// The forge does not take it.
    fn close(&mut self, number: u64, why: &str) -> Result<(), ForgeError>;

    /// Makes a comment that is there at most once.
    ///
    /// # Errors
    /// The forge does not take it.
    fn comment(&mut self, number: u64, note: Note, text: &str) -> Result<(), ForgeError>;

    /// Publishes the dashboard; says where it is.
    ///
    /// # Errors
    /// The forge does not take it.
    fn publish(&mut self, dashboard: &Dashboard) -> Result<String, ForgeError>;
}

/// What came of one step.
#[derive(Debug)]
pub struct Applied {
    /// Id and branch.
    pub id: String,
    /// The step.
    pub step: Step,
    /// The pull request, where there is one.
    pub number: Option<u64>,
    /// Where a person finds it.
    pub url: Option<String>,
    /// Why the step failed; the others are done all the same.
    pub error: Option<ForgeError>,
}

/// Does every step of a plan. A failed step is reported in its place and never voids the rest.
pub fn apply(forge: &mut dyn Forge, plan: &Plan) -> Vec<Applied> {
    plan.steps
        .iter()
        .map(|planned| {
            let (opened, error) = match one(forge, planned) {
                Ok(opened) => (opened, None),
                Err(error) => (None, Some(error)),
            };
            tracing::debug!(
                id = planned.id,
                step = planned.step.word(),
                ok = error.is_none(),
                "applied"
            );
            Applied {
                id: planned.id.clone(),
                step: planned.step.clone(),
                number: opened.as_ref().map(|o| o.number).or(planned.proposal),
                url: opened.map(|o| o.url),
                error,
            }
        })
        .collect()
}

fn one(forge: &mut dyn Forge, planned: &Planned) -> Result<Option<Opened>, ForgeError> {
    let opened = match (&planned.step, &planned.request, planned.proposal) {
        (Step::Open, Some(request), _) => {
            let head = forge.push(&commit(planned, request))?;
            Some(forge.open(&planned.id, &head, &request.text, &planned.labels)?)
        }
        (Step::Update, Some(request), Some(number)) => {
            let head = if planned.push {
                Some(forge.push(&commit(planned, request))?)
            } else {
                None
            };
            Some(forge.update(number, head.as_deref(), &request.text, &planned.labels)?)
        }
        (Step::Close(why), _, Some(number)) => {
            forge.close(number, why)?;
            None
        }
        _ => None,
    };
    if let (Some((note, text)), Some(number)) = (&planned.note, planned.proposal) {
        forge.comment(number, *note, text)?;
    }
    Ok(opened)
}

fn commit<'a>(planned: &'a Planned, request: &'a crate::pull_request::Request) -> NewCommit<'a> {
    NewCommit {
        branch: &planned.id,
        message: &request.text.commit_message,
        before: &request.change.before,
        after: &request.change.after,
        expected_head: planned.expected_head.as_deref(),
    }
}
