//! Edits: byte splices into files that exist, and new files.
//!
//! Invariant 2: bytes outside an edit never change; the result re-parses; what is added is what
//! `terraform fmt` would leave; after a splice only the touched chain of `=` signs or trailing comments is
//! aligned again, and only if it was canonical before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::estate::Estate;
use super::source::{RepoPath, Span};

/// One change to one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edit {
    /// Replace `range` of the file's original bytes by `text`.
    Splice {
        /// The file.
        file: RepoPath,
        /// SHA-256 (hex) of the file's bytes the range was taken from.
        base: String,
        /// Byte range in the original bytes; empty = insertion.
        range: Span,
        /// The new text.
        text: String,
    },
    /// Create a file that does not exist.
    NewFile {
        /// Where.
        file: RepoPath,
        /// Its whole content.
        text: String,
    },
}

/// Why edits could not be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The file is not in the estate.
    #[error("{0}: the file to edit does not exist; run the plan again on the present code")]
    Missing(RepoPath),
    /// The file to create exists.
    #[error("{0}: the file to create already exists; run the plan again on the present code")]
    Exists(RepoPath),
    /// The base hash is another.
    #[error(
        "{0}: the file changed since the edit was made; run the plan again on the present code"
    )]
    Stale(RepoPath),
    /// Range outside of the file or inside a character.
    #[error("{0}: byte range {1}..{2} does not fit the file")]
    Range(RepoPath, usize, usize),
    /// Two edits touch the same bytes.
    #[error("{0}: two edits overlap at byte {1}; apply one of them first")]
    Overlap(RepoPath, usize),
    /// The edited file does not parse any more.
    #[error("{0}: the edited file would not parse: {1}")]
    Broken(RepoPath, String),
}

/// Applies edits to an estate and returns the new bytes of every touched file. Insertions at one offset keep
/// their order; equal splices given twice count once.
///
/// # Errors
/// See [`EditError`]; nothing is applied then.
pub fn apply(estate: &Estate, edits: &[Edit]) -> Result<BTreeMap<RepoPath, Vec<u8>>, EditError> {
    let _ = (estate, edits);
    todo!()
}
