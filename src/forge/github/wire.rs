//! What GitHub's answers hold, as far as we read them. Field names are GitHub's.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::pull_request::identity::BRANCH_PREFIX;

/// A repository.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Repo {
    pub(super) full_name: String,
    pub(super) default_branch: String,
    pub(super) private: bool,
    /// `public`, `private` or `internal`; old Enterprise servers leave it away.
    #[serde(default)]
    pub(super) visibility: Option<String>,
    #[serde(default = "yes")]
    pub(super) has_issues: bool,
}

fn yes() -> bool {
    true
}

/// An object by its id.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Id {
    pub(super) sha: String,
}

/// A branch or another reference.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Ref {
    #[serde(rename = "ref")]
    pub(super) name: String,
    pub(super) object: Id,
}

/// A commit of the Git Data API.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct GitCommit {
    pub(super) sha: String,
    pub(super) tree: Id,
    #[serde(default)]
    pub(super) parents: Vec<Id>,
    pub(super) message: String,
    #[serde(default)]
    pub(super) committer: Option<Dated>,
}

/// When something was done.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Dated {
    /// RFC 3339.
    pub(super) date: String,
}

/// A commit of a list.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ListedCommit {
    pub(super) sha: String,
    pub(super) commit: CommitText,
    #[serde(default)]
    pub(super) parents: Vec<Id>,
}

/// The commit inside a [`ListedCommit`].
#[derive(Debug, Clone, Deserialize)]
pub(super) struct CommitText {
    pub(super) message: String,
    pub(super) tree: Id,
}

/// Two commits compared.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Comparison {
    pub(super) merge_base_commit: ListedCommit,
    pub(super) total_commits: usize,
    pub(super) commits: Vec<ListedCommit>,
    #[serde(default)]
    pub(super) files: Vec<ComparedFile>,
}

/// A file that differs.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ComparedFile {
    pub(super) filename: String,
    pub(super) status: String,
    /// Blob on the head's side.
    #[serde(default)]
    pub(super) sha: Option<String>,
}

/// A directory.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Tree {
    #[serde(default)]
    pub(super) tree: Vec<TreeEntry>,
    #[serde(default)]
    pub(super) truncated: bool,
}

/// An entry of a directory.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct TreeEntry {
    pub(super) path: String,
    pub(super) mode: String,
    #[serde(default)]
    pub(super) sha: String,
}

/// A file's content.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Blob {
    pub(super) content: String,
    pub(super) encoding: String,
}

/// A label of a pull request, an issue or the repository.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Label {
    /// As issues sometimes have it.
    Name(String),
    /// As it is usually.
    Object {
        #[serde(default)]
        name: Option<String>,
    },
}

/// The names of labels.
pub(super) fn names(labels: &[Label]) -> BTreeSet<String> {
    labels
        .iter()
        .filter_map(|l| match l {
            Label::Name(name) => Some(name.clone()),
            Label::Object { name } => name.clone(),
        })
        .collect()
}

/// A repository's name inside a pull request.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct RepoName {
    pub(super) full_name: String,
}

/// One side of a pull request.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct End {
    #[serde(rename = "ref")]
    pub(super) branch: String,
    pub(super) sha: String,
    /// None when the fork was deleted.
    #[serde(default)]
    pub(super) repo: Option<RepoName>,
}

/// A pull request.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Pull {
    pub(super) number: u64,
    pub(super) html_url: String,
    pub(super) state: String,
    pub(super) title: String,
    #[serde(default)]
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) merged_at: Option<String>,
    pub(super) head: End,
    pub(super) base: End,
    #[serde(default)]
    pub(super) labels: Vec<Label>,
}

impl Pull {
    /// Whether it comes from a branch of ours in this very repository: a fork may name its branches as it likes.
    pub(super) fn is_ours(&self, repository: &str) -> bool {
        self.head.branch.starts_with(BRANCH_PREFIX)
            && self
                .head
                .repo
                .as_ref()
                .is_some_and(|r| r.full_name.eq_ignore_ascii_case(repository))
    }

    pub(super) fn is_open(&self) -> bool {
        self.state == "open"
    }

    pub(super) fn text(&self) -> &str {
        self.body.as_deref().unwrap_or_default()
    }
}

/// An issue; pull requests are issues, too.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Issue {
    pub(super) number: u64,
    pub(super) html_url: String,
    pub(super) state: String,
    #[serde(default)]
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) pull_request: Option<IssuePull>,
}

/// What an issue says of being a pull request.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct IssuePull {
    #[serde(default)]
    pub(super) merged_at: Option<String>,
}

/// A comment.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) body: Option<String>,
}

/// A text to write.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    pub(super) body: &'a str,
}

/// Two texts that GitHub shows alike: line ends may have been changed by an editor in the browser.
pub(super) fn same_text(a: &str, b: &str) -> bool {
    let plain = |t: &str| t.replace("\r\n", "\n").trim_end().to_owned();
    a == b || plain(a) == plain(b)
}

/// Cuts a text at a line end so that it holds at most `most` characters.
pub(super) fn cut(text: &str, most: usize) -> &str {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text;
    };
    let start = &text[..end];
    start.rfind('\n').map_or(start, |at| &start[..at])
}
