//! Reads a working tree into an [`crate::terraform::Estate`] and writes edits back.
//!
//! Invariant 10 (no path leaves the repository) and 12 (one unreadable file never voids the run) live here: links are
//! never followed, sizes are bounded, and whatever is left out is reported by name.

use std::path::{Path, PathBuf};

use crate::terraform::{Estate, RepoPath};

mod read;
mod write;

pub use read::read;
pub use write::write;

/// Largest code file that is read, in bytes. Terraform code of this size is generated; parsing it would cost more
/// memory than the rest of the run.
pub const CODE_LIMIT: u64 = 8 << 20;

/// Largest state file that is read, in bytes.
pub const STATE_LIMIT: u64 = 512 << 20;

/// A working tree, read.
pub struct Tree {
    /// Its top directory, canonical.
    pub top: PathBuf,
    /// The code.
    pub estate: Estate,
    /// State files that stand in the tree, by path.
    pub states: Vec<RepoPath>,
    /// What was left out and why, each one sentence that names the file.
    pub problems: Vec<String>,
}

impl Tree {
    /// The path of a file of the tree on disk.
    #[must_use]
    pub fn on_disk(&self, file: &RepoPath) -> PathBuf {
        self.top.join(file.as_str())
    }
}

/// Why a working tree cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// There is no such directory.
    #[error("{0}: no such directory; give --repo the top of your Terraform code")]
    NoDirectory(PathBuf),
    /// A path of an edit leads out of the tree, or through a link.
    #[error("{0}: would be written outside of the repository or through a link; nothing was written")]
    Escape(RepoPath),
    /// The file has changed since it was read.
    #[error("{0}: changed while it was being edited; nothing was written, run again")]
    Changed(RepoPath),
    /// The operating system says no.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> WorkspaceError {
    let path = path.to_owned();
    move |source| WorkspaceError::Io { path, source }
}

#[cfg(test)]
mod tests;
