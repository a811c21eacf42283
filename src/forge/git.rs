//! The user's checkout, as far as a pull request needs it: which commit is the base, and how people write subjects.
//!
//! Nothing here touches the working tree, the index or the branches.

use std::path::{Path, PathBuf};

use git2::{ErrorCode, Oid, Repository};

use super::{Base, ForgeError};

/// Author and committer of every commit of ours. The address is in a domain that can never exist.
pub(super) const NAME: &str = "tfmend[bot]";
/// See [`NAME`]; by the committer's address we tell our commits from those of people.
pub(super) const EMAIL: &str = "tfmend@noreply.invalid";

/// A user's checkout: where findings are fixed.
pub struct Checkout {
    repository: Repository,
    pub(super) directory: PathBuf,
    /// The checkout's directory inside the Git tree, `""` at the top.
    pub(super) prefix: String,
    /// Reference to fetch, and the repository directory to fetch it from.
    pub(super) source: (PathBuf, String),
    pub(super) base: Base,
}

impl Checkout {
    /// Opens the repository that holds this directory.
    ///
    /// # Errors
    /// It is not in a Git repository, has no commit, is bare or shallow, or belongs to somebody else.
    pub fn open(directory: &Path) -> Result<Self, ForgeError> {
        let repository = Repository::discover(directory).map_err(|e| match e.code() {
            ErrorCode::Owner => ForgeError::Owner(directory.to_owned()),
            ErrorCode::NotFound => ForgeError::NotARepository(directory.to_owned()),
            _ => git(format!(
                "cannot open the repository of {}",
                directory.display()
            ))(e),
        })?;
        let Some(workdir) = repository.workdir() else {
            return Err(ForgeError::Bare(directory.to_owned()));
        };
        if repository.is_shallow() {
            return Err(ForgeError::Shallow(directory.to_owned()));
        }
        let top = canonical(workdir)?;
        let inside = canonical(directory)?;
        let prefix = inside
            .strip_prefix(&top)
            .ok()
            .and_then(Path::to_str)
            .map(|p| p.replace(std::path::MAIN_SEPARATOR, "/"))
            .ok_or_else(|| ForgeError::NotARepository(directory.to_owned()))?;
        let head = match repository.head() {
            Ok(head) => head,
            Err(e) if matches!(e.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => {
                return Err(ForgeError::NoCommit(directory.to_owned()));
            }
            Err(e) => {
                return Err(git(format!("cannot read HEAD of {}", directory.display()))(
                    e,
                ));
            }
        };
        let commit = head
            .peel_to_commit()
            .map_err(git(format!("cannot read HEAD of {}", directory.display())))?
            .id();
        let (branch, source) = if head.is_branch() {
            let name = head.shorthand().unwrap_or("main").to_owned();
            let reference = format!("refs/heads/{name}");
            (name, (repository.commondir().to_owned(), reference))
        } else {
            // A detached checkout: the branch that points here, or the usual name.
            let name = branch_at(&repository, commit).unwrap_or_else(|| "main".to_owned());
            (name, (repository.path().to_owned(), "HEAD".to_owned()))
        };
        drop(head);
        Ok(Self {
            directory: directory.to_owned(),
            prefix,
            source,
            base: Base {
                branch,
                commit: commit.to_string(),
            },
            repository,
        })
    }

    /// Branch and commit that are checked out.
    #[must_use]
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// Subjects of the newest commits, without ours.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn recent_subjects(&self, most: usize) -> Result<Vec<String>, ForgeError> {
        let failed = || git("cannot read the history".to_owned());
        let mut walk = self.repository.revwalk().map_err(failed())?;
        walk.push_head().map_err(failed())?;
        let mut subjects = Vec::new();
        for id in walk.take(most.saturating_mul(3)) {
            let commit = self
                .repository
                .find_commit(id.map_err(failed())?)
                .map_err(failed())?;
            if subjects.len() < most && !is_ours(&commit) {
                subjects.push(
                    String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default())
                        .into_owned(),
                );
            }
        }
        Ok(subjects)
    }
}

fn branch_at(repository: &Repository, commit: Oid) -> Option<String> {
    let mut names: Vec<String> = repository
        .branches(Some(git2::BranchType::Local))
        .ok()?
        .filter_map(Result::ok)
        .filter(|(b, _)| b.get().target() == Some(commit))
        .filter_map(|(b, _)| b.name().ok().flatten().map(str::to_owned))
        .collect();
    names.sort_by_key(|n| (n != "main" && n != "master", n.clone()));
    names.into_iter().next()
}

/// Whether we made this commit: a person who amends it becomes its committer.
pub(super) fn is_ours(commit: &git2::Commit<'_>) -> bool {
    commit.committer().email_bytes() == EMAIL.as_bytes()
        && commit.author().email_bytes() == EMAIL.as_bytes()
}

fn canonical(path: &Path) -> Result<PathBuf, ForgeError> {
    path.canonicalize().map_err(|source| ForgeError::Io {
        path: path.to_owned(),
        source,
    })
}

/// Adds to an error of Git what was tried.
pub(super) fn git(what: String) -> impl FnOnce(git2::Error) -> ForgeError {
    move |source| ForgeError::Git { what, source }
}
