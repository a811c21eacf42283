//! Is the code that a plan is made on the code of the base branch?
//!
//! Invariant 8 rests on it: "safe already" closes a pull request, and a fix that only stands in somebody's working tree
//! must not. The same holds for the configuration: unattended, it is the base branch's.

use std::path::{Path, PathBuf};

use git2::Repository as Git;

use super::place::GitHubForge;
use super::route::Repository;
use super::tree::{At, Trees, blob_id};
use super::wire::TreeEntry;
use crate::forge::ForgeError;

const SYMLINK: &str = "120000";

/// Where a directory stands in a Git working tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The directory from the top of the working tree, `""` at the top.
    pub prefix: String,
    /// The commit that is checked out.
    pub head: Option<String>,
    /// Whether one of its remotes is the repository.
    pub of_repository: bool,
    top: PathBuf,
}

/// Looks at the working tree that holds a directory. `None`: there is none, it is bare, or it belongs to somebody else.
#[must_use]
pub fn place(directory: &Path, repository: &Repository) -> Option<Place> {
    let git = Git::discover(directory).ok()?;
    let top = git.workdir()?.canonicalize().ok()?;
    let inside = directory.canonicalize().ok()?;
    let prefix = inside
        .strip_prefix(&top)
        .ok()?
        .to_str()?
        .replace(std::path::MAIN_SEPARATOR, "/");
    let head = git
        .head()
        .ok()
        .and_then(|h| h.peel_to_commit().ok())
        .map(|c| c.id().to_string());
    let of_repository = git.remotes().is_ok_and(|remotes| {
        remotes
            .iter()
            .filter_map(|name| name.ok().flatten())
            .filter_map(|name| git.find_remote(name).ok())
            .any(|remote| remote.url().is_ok_and(|url| names(url, repository)))
    });
    Some(Place {
        prefix,
        head,
        of_repository,
        top,
    })
}

/// Whether an address, `https://HOST/OWNER/NAME.git` or `git@HOST:OWNER/NAME`, is that of a repository.
fn names(url: &str, repository: &Repository) -> bool {
    let url = url.trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    let mut parts = url.rsplit(['/', ':']);
    let (name, owner) = (parts.next(), parts.next());
    let is =
        |part: Option<&str>, wanted: &str| part.is_some_and(|p| p.eq_ignore_ascii_case(wanted));
    is(name, &repository.name) && is(owner, &repository.owner)
}

/// A file as the run has read it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Below the directory that was read.
    pub path: &'a str,
    /// Its bytes; `None` when it is not there.
    pub bytes: Option<&'a [u8]>,
    /// It decides something, so the base must have it too.
    pub required: bool,
}

impl GitHubForge {
    /// Compares the files of a run with the base commit. Files that Git does not know are no matter; a file that
    /// should be there and is not, or has other bytes, is.
    ///
    /// # Errors
    /// The first file that differs; or the base cannot be read.
    pub fn verify<'a>(
        &self,
        directory: &Path,
        place: Option<&Place>,
        files: impl Iterator<Item = Seen<'a>>,
    ) -> Result<(), ForgeError> {
        let at_base = place.and_then(|p| p.head.as_ref()) == Some(&self.base.commit);
        let everything = Trees::everything(&self.client, &self.base_tree)?;
        let differs = |file: String| ForgeError::OutOfDate {
            file,
            commit: self.base.commit.chars().take(12).collect(),
            branch: self.base.branch.clone(),
            next: if at_base {
                "commit or stash the change, or leave --repo away outside of a checkout: tfmend clones then"
            } else {
                "bring the checkout up to date (git pull), or leave --repo away outside of a checkout: tfmend clones then"
            },
        };
        for file in files {
            let full = self.full_path(file.path);
            let entry = match &everything {
                Some(all) => all.get(&full).map(|e| (e.mode.clone(), e.sha.clone())),
                None => match self.trees.look(&self.client, &self.base_tree, &full)? {
                    At::File { mode, sha } => Some((mode, sha)),
                    _ => None,
                },
            };
            let same = match (entry, file.bytes) {
                (None, bytes) => bytes.is_none() || !file.required,
                (Some((mode, _)), _) if mode == SYMLINK => true,
                (Some(_), None) => false,
                (Some((_, sha)), Some(bytes)) => {
                    is_blob(bytes, &sha) || (at_base && is_clean(place, &full))
                }
            };
            if !same {
                return Err(differs(full));
            }
        }
        if !at_base && let Some(all) = &everything {
            // A newer base may have files that this checkout lacks: the fix itself, perhaps.
            for entry in all.values().filter(|e| is_code(e)) {
                let Some(below) = self.below_prefix(&entry.path) else {
                    continue;
                };
                if directory.join(below).symlink_metadata().is_err() {
                    return Err(differs(entry.path.clone()));
                }
            }
        }
        Ok(())
    }

    fn below_prefix<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.prefix.is_empty() {
            Some(path)
        } else {
            path.strip_prefix(self.prefix.as_str())?.strip_prefix('/')
        }
    }
}

fn is_code(entry: &TreeEntry) -> bool {
    let ends = [".tf", ".tofu", ".tf.json", ".tfvars"];
    entry.mode.starts_with("100") && ends.iter().any(|e| entry.path.ends_with(e))
}

/// Whether these bytes are the blob, as it is or as a checkout with line-end conversion shows it.
fn is_blob(bytes: &[u8], sha: &str) -> bool {
    if blob_id(bytes).as_deref() == Some(sha) {
        return true;
    }
    let text = String::from_utf8_lossy(bytes);
    text.contains("\r\n") && blob_id(text.replace("\r\n", "\n").as_bytes()).as_deref() == Some(sha)
}

/// Whether Git takes a file for unchanged: filters (encryption, large files) may show other bytes than the blob's.
fn is_clean(place: Option<&Place>, full: &str) -> bool {
    place
        .and_then(|p| Git::open(&p.top).ok())
        .and_then(|git| git.status_file(Path::new(full)).ok())
        .is_some_and(|status| status == git2::Status::CURRENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_the_repository_in_every_form() {
        let repository: Repository = "Acme/infra".parse().unwrap();
        for url in [
            "https://github.com/acme/infra",
            "https://github.com/acme/Infra.git",
            "https://x-access-token@ghe.acme.test/acme/infra.git/",
            "git@github.com:acme/infra.git",
            "ssh://git@github.com:22/acme/infra",
        ] {
            assert!(names(url, &repository), "{url}");
        }
        for url in [
            "https://github.com/other/infra",
            "https://github.com/acme/infra-2",
            "infra",
            "",
            "https://github.com/acme/x/infra",
        ] {
            assert!(!names(url, &repository), "{url}");
        }
    }
}
