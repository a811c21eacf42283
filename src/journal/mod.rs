//! The append-only record of what was decided and done.
//!
//! One JSON object a line. Each carries the SHA-256 of the line before it, so that a line that is changed or taken out
//! later shows. A process may be killed in the middle of a line (invariant 12): the torn end is kept aside in a file of
//! its own and the record goes on. Values from state, the live cloud or secrets never come here (invariant 11): an
//! entry names things, it does not quote them.

mod entry;
mod file;

pub use entry::{Entry, Stage};
pub use file::{Journal, Verified, verify};

/// Why the journal cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The operating system says no.
    #[error("journal {path}: {source}; nothing is done without a record, so the run stops here")]
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line is not what the line after it says it was.
    #[error("journal {path}: line {line} does not follow from the line before it; keep the file, start a new one with --journal")]
    Broken {
        /// The file.
        path: std::path::PathBuf,
        /// 1-based.
        line: usize,
    },
}
