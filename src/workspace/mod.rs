//! Reads a working tree into an [`crate::terraform::Estate`] and writes edits back.
//!
//! The adapter between the disk and the pure stages. What cannot be read is reported by name and leaves the rest
//! unharmed; no path, link or edit leads out of the repository.

mod blame;
mod history;
mod data;
mod named;
mod walk;
mod write;

use std::path::{Path, PathBuf};

pub use blame::{Author, Lookup};
pub use history::{Base, HistoryError};
pub use write::WriteError;

use crate::terraform::{Estate, RepoPath};

/// How large files may be, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Terraform code, variable files and the like.
    pub code: u64,
    /// State files.
    pub state: u64,
}

impl Default for Limits {
    /// 8 MiB of code, 256 MiB of state.
    fn default() -> Self {
        Self {
            code: 8 << 20,
            state: 256 << 20,
        }
    }
}

/// Why the working tree cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// It is not there, or not a directory.
    #[error("{}: cannot be opened as a working tree: {source}; give the top directory of the repository", path.display())]
    Open {
        /// What was given.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A file or directory that was left out, or not wholly read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Skipped {
    /// Larger than its limit.
    #[error("{path}: left out: {size} bytes are more than the limit of {limit}")]
    TooLarge {
        /// Path below the working tree.
        path: String,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A link that leads out of the repository.
    #[error("{path}: left out: the link leads out of the repository")]
    LeavesRepository {
        /// Path below the working tree.
        path: String,
    },
    /// A link to nothing, or in a circle.
    #[error("{path}: left out: the link leads nowhere or in a circle")]
    BrokenLink {
        /// Path below the working tree.
        path: String,
    },
    /// A link to a directory of the repository: its files are read where they are.
    #[error("{path}: not followed: the link leads to a directory of this repository")]
    LinkedDirectory {
        /// Path below the working tree.
        path: String,
    },
    /// The name cannot be a path of Terraform code.
    #[error("{path}: left out: the name is not UTF-8 or holds a backslash")]
    OddName {
        /// Path below the working tree, as far as it can be shown.
        path: String,
    },
    /// Neither file nor directory (a pipe, a device).
    #[error("{path}: left out: it is no regular file")]
    NotAFile {
        /// Path below the working tree.
        path: String,
    },
    /// The system would not let it be read.
    #[error("{path}: left out: cannot be read: {message}")]
    Unreadable {
        /// Path below the working tree.
        path: String,
        /// What the system said.
        message: String,
    },
}

/// A working tree that was read.
pub struct Workspace {
    /// Canonical path of the top.
    top: PathBuf,
    estate: Estate,
    skipped: Vec<Skipped>,
    limits: Limits,
}

impl Workspace {
    /// Reads a working tree.
    ///
    /// # Errors
    /// The top cannot be opened. Everything below it that cannot be read is in [`Workspace::skipped`] instead.
    pub fn read(top: &Path, limits: Limits) -> Result<Self, WorkspaceError> {
        let open = |source| WorkspaceError::Open {
            path: top.to_owned(),
            source,
        };
        let canonical = top.canonicalize().map_err(open)?;
        std::fs::read_dir(&canonical).map_err(open)?;
        let mut found = walk::walk(&canonical, limits);
        let (data, names) = data::data_files(&canonical, &found.files);
        found.files.extend(data);
        // What Terragrunt's files include may include others.
        let mut tried = std::collections::BTreeSet::new();
        loop {
            let known = found.files.iter().map(|f| (f.path().clone(), f)).collect();
            let mut wanted = named::terragrunt_files(&known);
            wanted.retain(|path| tried.insert(path.clone()));
            if wanted.is_empty() {
                break;
            }
            for path in wanted {
                if let Ok(bytes) = walk::bytes(&canonical, &path, limits.code) {
                    found
                        .files
                        .push(crate::terraform::SourceFile::new(path, bytes));
                }
            }
        }
        found.skipped.sort();
        found.states.sort();
        Ok(Self {
            top: canonical,
            estate: Estate::new(found.files)
                .with_states(found.states)
                .with_names(names),
            skipped: found.skipped,
            limits,
        })
    }

    /// The code: `.tf`, `.tofu`, `.tf.json`, variable files, lock files, manifests of installed modules,
    /// `terragrunt.hcl`, `.terraform-version`, `CODEOWNERS`, text files that code names in `file(…)` and the like; and the paths
    /// of state files.
    #[must_use]
    pub fn estate(&self) -> &Estate {
        &self.estate
    }

    /// What was left out, in path order, each with its reason.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// The canonical path of the top directory.
    #[must_use]
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// The bytes of a state file (one of [`Estate::states`]).
    ///
    /// # Errors
    /// It cannot be read, is too large, or a link leads out of the repository.
    pub fn state(&self, path: &RepoPath) -> Result<Vec<u8>, Skipped> {
        walk::bytes(&self.top, path, self.limits.state)
    }
}
