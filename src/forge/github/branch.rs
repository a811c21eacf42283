//! What a branch is, seen from the base: whose commits it has, whether it merges, whether merging changes anything.
//!
//! GitHub computes `mergeable` some time after a push and says nothing until then. A branch of ours touches few files,
//! so the answer is worked out here from the three versions of each: at once, and the same in every run.

use std::path::Path;

use git2::{Odb, Repository};

use super::client::Client;
use super::error::GitHubError;
use super::seal;
use super::tree::{At, Trees};
use super::wire::Comparison;
use crate::forge::{Base, ForgeError};

/// GitHub lists at most so many files of a comparison.
const MOST_FILES: usize = 300;

/// A branch, seen from the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    /// Every commit that the base lacks is ours.
    pub(super) only_ours: bool,
    /// It merges without conflict; `None` when that cannot be told.
    pub(super) mergeable: Option<bool>,
    /// Merging it would change nothing.
    pub(super) landed: bool,
}

/// The base as its commit and tree.
pub(super) struct BaseTree<'a> {
    pub(super) base: &'a Base,
    pub(super) tree: &'a str,
    pub(super) trees: &'a Trees,
}

/// Compares a branch's head with the base.
pub(super) fn standing(
    client: &Client,
    base: &BaseTree<'_>,
    head: &str,
) -> Result<Standing, ForgeError> {
    let route = client
        .repository()
        .route(&format!("compare/{}...{head}", base.base.commit));
    let seen: Comparison = match client.get(&route) {
        Ok(seen) => seen,
        // No common history: somebody made this branch from nothing.
        Err(e) if e.is_not_found() => {
            return Ok(Standing {
                only_ours: false,
                mergeable: None,
                landed: false,
            });
        }
        Err(e) => return Err(e.into()),
    };
    let only_ours = seen.commits.len() == seen.total_commits
        && seen
            .commits
            .iter()
            .all(|c| seal::is_ours(&c.commit.message, &c.commit.tree.sha, c.parents.len()));
    let (mergeable, landed) = if seen.files.is_empty() {
        (Some(true), true)
    } else if seen.merge_base_commit.sha == base.base.commit {
        (Some(true), false)
    } else {
        merge(client, base, &seen)?
    };
    Ok(Standing {
        only_ours,
        mergeable,
        landed,
    })
}

/// The base has moved since the branch was made: every file of the branch is merged.
fn merge(
    client: &Client,
    base: &BaseTree<'_>,
    seen: &Comparison,
) -> Result<(Option<bool>, bool), ForgeError> {
    let plain = |status: &str| matches!(status, "added" | "modified" | "changed");
    if seen.files.len() >= MOST_FILES || !seen.files.iter().all(|f| plain(&f.status)) {
        return Ok((None, false));
    }
    let old_tree = &seen.merge_base_commit.commit.tree.sha;
    let mut landed = true;
    for file in &seen.files {
        let Some(theirs) = &file.sha else {
            return Ok((None, false));
        };
        let ours = base.trees.look(client, base.tree, &file.filename)?;
        let old = base.trees.look(client, old_tree, &file.filename)?;
        match (&old, &ours) {
            (_, At::File { sha, .. }) if sha == theirs => {}
            (old, ours) if old == ours => landed = false,
            (At::File { sha: old, .. }, At::File { sha: ours, .. }) => {
                let read = |sha: &str| Trees::blob(client, sha);
                match three_way(&read(old)?, &read(ours)?, &read(theirs)?) {
                    Ok(Some(same)) => landed &= same,
                    Ok(None) => return Ok((Some(false), false)),
                    Err(source) => {
                        return Err(ForgeError::Git {
                            what: format!("cannot merge {}", file.filename),
                            source,
                        });
                    }
                }
            }
            _ => return Ok((Some(false), false)),
        }
    }
    Ok((Some(true), landed))
}

/// Merges one file. `None` is a conflict; else whether the result is `ours`.
fn three_way(old: &[u8], ours: &[u8], theirs: &[u8]) -> Result<Option<bool>, git2::Error> {
    let odb = Odb::new()?;
    odb.add_new_mempack_backend(1)?;
    let repository = Repository::from_odb(odb)?;
    let tree = |bytes: &[u8]| -> Result<git2::Oid, git2::Error> {
        let blob = repository.blob(bytes)?;
        let mut builder = repository.treebuilder(None)?;
        builder.insert(Path::new("file"), blob, 0o100_644)?;
        builder.write()
    };
    let (old, ours, theirs) = (tree(old)?, tree(ours)?, tree(theirs)?);
    let index = repository.merge_trees(
        &repository.find_tree(old)?,
        &repository.find_tree(ours)?,
        &repository.find_tree(theirs)?,
        None,
    )?;
    if index.has_conflicts() {
        return Ok(None);
    }
    let merged = index.get_path(Path::new("file"), 0).map(|e| e.id);
    let tree = repository.find_tree(ours)?;
    Ok(Some(merged == tree.get_name("file").map(|e| e.id())))
}

/// The commit a branch points to; `None` when there is no such branch.
pub(super) fn head(client: &Client, branch: &str) -> Result<Option<String>, GitHubError> {
    let name = format!("heads/{branch}");
    let route = client
        .repository()
        .route(&format!("git/ref/{}", super::route::encode_path(&name)));
    match client.get::<super::wire::Ref>(&route) {
        Ok(found) if found.name == format!("refs/{name}") => Ok(Some(found.object.sha)),
        Ok(_) => Ok(None),
        Err(e) if e.is_not_found() => Ok(None),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_versions_of_a_file_are_merged_as_git_does() {
        let old = b"a = 1\n\n\n\nb = 1\n\n\n\nc = 1\n";
        let theirs = b"a = 2\n\n\n\nb = 1\n\n\n\nc = 1\n";
        let beside = b"a = 1\n\n\n\nb = 1\n\n\n\nc = 3\n";
        let both = b"a = 2\n\n\n\nb = 1\n\n\n\nc = 3\n";
        let against = b"a = 9\n\n\n\nb = 1\n\n\n\nc = 1\n";
        assert_eq!(three_way(old, beside, theirs).unwrap(), Some(false));
        assert_eq!(three_way(old, both, theirs).unwrap(), Some(true), "landed");
        assert_eq!(three_way(old, against, theirs).unwrap(), None);
    }
}
