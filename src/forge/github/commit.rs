//! One commit on the base, and the branch that points to it.
//!
//! Creating the branch is the lock between runs at the same time: the second is told `already exists`, finds the very
//! change and takes it over. A branch that is there is moved only from the commit at which it was seen.

use std::collections::BTreeMap;

use base64::Engine as _;
use http::Method;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::error::GitHubError;
use super::place::{Commits, GitHubForge};
use super::through_git::LocalClone;
use super::tree::{At, Put, Trees, blob_id};
use super::wire::{GitCommit, Id};
use super::{branch, proposals, seal};
use crate::forge::store::as_committed;
use crate::forge::{ForgeError, NewCommit};
use crate::pull_request::ProposalState;

/// How often a write whose answer was lost is sent again, after a look whether it was done.
pub(super) const ATTEMPTS: u32 = 3;

#[derive(Serialize)]
struct NewBlob<'a> {
    content: String,
    encoding: &'a str,
}

#[derive(Serialize)]
struct NewTree<'a> {
    base_tree: &'a str,
    tree: Vec<NewEntry<'a>>,
}

#[derive(Serialize)]
struct NewEntry<'a> {
    path: &'a str,
    mode: &'a str,
    r#type: &'a str,
    sha: &'a str,
}

/// Without author and committer GitHub fills them in and signs the commit.
#[derive(Serialize)]
struct NewGitCommit<'a> {
    message: &'a str,
    tree: &'a str,
    parents: [&'a str; 1],
}

#[derive(Serialize)]
struct NewRef<'a> {
    r#ref: &'a str,
    sha: &'a str,
}

#[derive(Serialize)]
struct MoveRef<'a> {
    sha: &'a str,
    force: bool,
}

/// The files of a commit, checked against the base.
struct Files {
    /// By path from the repository's top.
    puts: BTreeMap<String, Put>,
    /// New bytes by blob id.
    blobs: BTreeMap<String, Vec<u8>>,
}

impl GitHubForge {
    pub(super) fn push_commit(&mut self, new: &NewCommit<'_>) -> Result<String, ForgeError> {
        if let Some((number, theirs)) = self.elsewhere.get(new.branch) {
            return Err(ForgeError::PullForOtherBase {
                branch: new.branch.to_owned(),
                number: *number,
                theirs: theirs.clone(),
                ours: self.base.branch.clone(),
            });
        }
        let present = branch::head(&self.client, new.branch)?;
        match (new.expected_head, &present) {
            (Some(expected), found) if found.as_deref() != Some(expected) => {
                // A run that was killed, or one beside this, may have made this very commit in the meantime.
                if found.is_none() || !self.holds(new, found.as_deref())? {
                    return Err(ForgeError::Moved(new.branch.to_owned()));
                }
            }
            (None, Some(head)) if !self.standing(head)?.only_ours => {
                return Err(ForgeError::BranchTaken(new.branch.to_owned()));
            }
            (None, None) => self.not_forgotten(new.branch)?,
            _ => {}
        }
        match self.options.commits {
            Commits::Api => self.push_by_api(new, present.as_deref()),
            Commits::Git => self.push_by_git(new, present.as_deref()),
        }
    }

    /// A branch that is gone may have a closed pull request without our label.
    fn not_forgotten(&self, branch: &str) -> Result<(), ForgeError> {
        let closed = self.pulls_of(branch, "closed")?;
        let Some(newest) = closed.iter().max_by_key(|p| p.number) else {
            return Ok(());
        };
        let known = self
            .known
            .as_ref()
            .is_some_and(|k| k.contains_key(&newest.number));
        if known || proposals::state_of(newest) != ProposalState::ClosedByPerson {
            return Ok(());
        }
        Err(ForgeError::Forgotten {
            branch: branch.to_owned(),
            number: newest.number,
        })
    }

    fn push_by_api(
        &mut self,
        new: &NewCommit<'_>,
        present: Option<&str>,
    ) -> Result<String, ForgeError> {
        let files = self.files(new)?;
        let expected = self
            .trees
            .with(&self.client, &self.base_tree, &files.puts)?;
        if let (Some(tree), Some(head)) = (&expected, present)
            && self.is_commit(head, tree, new.message)?
        {
            return Ok(head.to_owned());
        }
        if expected.as_ref() == Some(&self.base_tree) {
            return Err(ForgeError::NothingChanges(new.branch.to_owned()));
        }
        for (sha, bytes) in &files.blobs {
            let made: Id = self.create(
                "git/blobs",
                &NewBlob {
                    content: base64::engine::general_purpose::STANDARD.encode(bytes),
                    encoding: "base64",
                },
            )?;
            if made.sha != *sha {
                return Err(GitHubError::Unexpected {
                    route: self.route("git/blobs"),
                    problem: format!("the blob is {} and not {sha}", made.sha),
                }
                .into());
            }
        }
        let tree: Id = self.create(
            "git/trees",
            &NewTree {
                base_tree: &self.base_tree,
                tree: files
                    .puts
                    .iter()
                    .map(|(path, put)| NewEntry {
                        path,
                        mode: &put.mode,
                        r#type: "blob",
                        sha: &put.sha,
                    })
                    .collect(),
            },
        )?;
        if tree.sha == self.base_tree {
            return Err(ForgeError::NothingChanges(new.branch.to_owned()));
        }
        if let Some(head) = present
            && expected.as_ref() != Some(&tree.sha)
            && self.is_commit(head, &tree.sha, new.message)?
        {
            return Ok(head.to_owned());
        }
        let commit: Id = self.create(
            "git/commits",
            &NewGitCommit {
                message: &seal::sealed(new.message, &tree.sha),
                tree: &tree.sha,
                parents: [&self.base.commit],
            },
        )?;
        match present {
            Some(seen) => self.move_branch(new.branch, seen, &commit.sha),
            None => self.create_branch(new, &tree.sha, &commit.sha),
        }
    }

    fn push_by_git(
        &mut self,
        new: &NewCommit<'_>,
        present: Option<&str>,
    ) -> Result<String, ForgeError> {
        let clone = match self.clone.take() {
            Some(clone) => clone,
            None => LocalClone::make(&self.client, &self.base, &self.prefix)?,
        };
        let done = self.push_from(&clone, new, present);
        self.clone = Some(clone);
        done
    }

    fn push_from(
        &self,
        clone: &LocalClone,
        new: &NewCommit<'_>,
        present: Option<&str>,
    ) -> Result<String, ForgeError> {
        let tree = clone.prepare(new)?.to_string();
        if tree == self.base_tree {
            return Err(ForgeError::NothingChanges(new.branch.to_owned()));
        }
        if let Some(head) = present
            && self.is_commit(head, &tree, new.message)?
        {
            return Ok(head.to_owned());
        }
        let message = seal::sealed(new.message, &tree);
        let commit = clone.commit(&tree, &message, self.options.seconds)?;
        let pushed = self
            .client
            .push_branch(&clone.path(), new.branch, &commit, present);
        match pushed {
            Ok(()) => Ok(commit),
            Err(e) => match branch::head(&self.client, new.branch)? {
                Some(head) if head == commit || self.is_commit(&head, &tree, new.message)? => {
                    Ok(head)
                }
                found if found.as_deref() != present => {
                    Err(ForgeError::Moved(new.branch.to_owned()))
                }
                _ => Err(e.into()),
            },
        }
    }

    /// Checks every file against the base and gives what is to be written.
    fn files(&self, new: &NewCommit<'_>) -> Result<Files, ForgeError> {
        let mut files = Files {
            puts: BTreeMap::new(),
            blobs: BTreeMap::new(),
        };
        let commit = || self.base.commit.chars().take(12).collect::<String>();
        for (path, bytes) in new.after {
            let in_the_way = |problem| ForgeError::InTheWay {
                file: path.clone(),
                problem,
                commit: commit(),
            };
            let differs = || ForgeError::Uncommitted {
                file: path.clone(),
                commit: commit(),
            };
            let full = self.full_path(path.as_str());
            if full
                .split('/')
                .any(|part| part.eq_ignore_ascii_case(".git"))
            {
                return Err(in_the_way("the path is inside .git"));
            }
            let expected = new.before.get(path).and_then(Option::as_deref);
            let at = self.trees.look(&self.client, &self.base_tree, &full)?;
            let (bytes, mode) = match (expected, at) {
                (_, At::Blocked) => {
                    return Err(in_the_way("a directory above is a link or a file"));
                }
                (None, At::Nothing) => (bytes.clone(), "100644".to_owned()),
                (None, _) => return Err(in_the_way("the file to create exists")),
                (Some(_), At::Nothing) => return Err(differs()),
                (Some(_), At::Other) => {
                    return Err(in_the_way("a link or a submodule is in this place"));
                }
                (Some(expected), At::File { mode, sha }) => {
                    let blob = Trees::blob(&self.client, &sha)?;
                    let bytes = as_committed(&blob, expected, bytes).ok_or_else(differs)?;
                    (bytes, mode)
                }
            };
            let sha = blob_id(&bytes).ok_or_else(|| in_the_way("it cannot be hashed"))?;
            files.puts.insert(
                full,
                Put {
                    mode,
                    sha: sha.clone(),
                },
            );
            files.blobs.insert(sha, bytes);
        }
        Ok(files)
    }

    /// Whether a commit is this change on this base.
    fn is_commit(&self, id: &str, tree: &str, message: &str) -> Result<bool, ForgeError> {
        let commit: GitCommit = self.client.get(&self.route(&format!("git/commits/{id}")))?;
        Ok(commit.sha == id
            && commit.tree.sha == tree
            && commit.parents.len() == 1
            && commit.parents[0].sha == self.base.commit
            && seal::same(&commit.message, &seal::sealed(message, tree)))
    }

    /// Whether a branch that moved holds the very change already.
    fn holds(&self, new: &NewCommit<'_>, head: Option<&str>) -> Result<bool, ForgeError> {
        let Some(head) = head else { return Ok(false) };
        let files = self.files(new)?;
        match self
            .trees
            .with(&self.client, &self.base_tree, &files.puts)?
        {
            Some(tree) => self.is_commit(head, &tree, new.message),
            None => Ok(false),
        }
    }

    /// Makes a Git object. Doing it twice makes the same object, so a lost answer is no reason to look first.
    fn create<B: Serialize>(&self, kind: &str, body: &B) -> Result<Id, ForgeError> {
        let route = self.route(kind);
        for attempt in 0..ATTEMPTS {
            match self.client.write(Method::POST, &route, body) {
                Err(e) if e.is_unanswered() && attempt + 1 < ATTEMPTS => self.wait(attempt),
                done => return Ok(done?),
            }
        }
        unreachable!("the last attempt returns")
    }

    fn create_branch(
        &self,
        new: &NewCommit<'_>,
        tree: &str,
        commit: &str,
    ) -> Result<String, ForgeError> {
        let name = format!("refs/heads/{}", new.branch);
        let body = NewRef {
            r#ref: &name,
            sha: commit,
        };
        let route = self.route("git/refs");
        for attempt in 0..ATTEMPTS {
            let error = match self
                .client
                .write::<_, IgnoredAny>(Method::POST, &route, &body)
            {
                Ok(_) => return Ok(commit.to_owned()),
                Err(e) => e,
            };
            let exists = error.status() == Some(422) && error.says("already exists");
            if !exists && !error.is_unanswered() {
                return Err(error.into());
            }
            match branch::head(&self.client, new.branch)? {
                Some(head) if head == commit => return Ok(head),
                Some(head) if self.is_commit(&head, tree, new.message)? => return Ok(head),
                Some(_) => return Err(ForgeError::Moved(new.branch.to_owned())),
                None if attempt + 1 == ATTEMPTS => return Err(error.into()),
                None => self.wait(attempt),
            }
        }
        unreachable!("the last attempt returns")
    }

    /// Moves a branch from the commit at which it was seen. GitHub has no compare and swap here: between this look and the
    /// write a person has the time of one request.
    fn move_branch(&self, branch: &str, seen: &str, commit: &str) -> Result<String, ForgeError> {
        if branch::head(&self.client, branch)?.as_deref() != Some(seen) {
            return Err(ForgeError::Moved(branch.to_owned()));
        }
        let name = super::route::encode_path(&format!("heads/{branch}"));
        let route = self.route(&format!("git/refs/{name}"));
        let body = MoveRef {
            sha: commit,
            force: true,
        };
        self.client
            .write::<_, IgnoredAny>(Method::PATCH, &route, &body)?;
        Ok(commit.to_owned())
    }
}
