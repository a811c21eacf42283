//! What went wrong on the way, what state the cloud is in, and what to do next.

use crate::approval::Rejection;
use crate::cloud::CloudError;
use crate::journal::JournalError;

/// A live change did not reach its end.
#[derive(Debug, thiserror::Error)]
pub enum EmergencyError {
    /// Not approved; nothing was changed.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The cloud did not answer, or said no.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// The journal cannot be written: nothing goes on without it.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The action is none of those that are allowed, whatever made it.
    #[error("this is no action that tfmend does: {why}; nothing was changed")]
    Unsound {
        /// What is wrong with it.
        why: String,
    },
    /// Somebody changed the resource.
    #[error(
        "`{resource}` is not as it was when the plan was made: {}; nothing was changed, make the plan anew",
        differences.join("; ")
    )]
    Drifted {
        /// The resource.
        resource: String,
        /// Each in words.
        differences: Vec<String>,
    },
    /// The new state was not seen in time.
    #[error("`{resource}` was not seen in its new state for a minute after the calls were made")]
    NotVerified {
        /// The resource.
        resource: String,
    },
    /// It broke off after it had begun.
    #[error("{why}; state of the cloud: {state}. Next: {next}")]
    Broken {
        /// Why.
        why: String,
        /// What the cloud is like now, one sentence.
        state: String,
        /// What to do.
        next: String,
    },
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// The terminal or the output cannot be used; nothing was changed.
    #[error("the plan cannot be shown or confirmed: {0}; nothing was changed")]
    Terminal(#[from] std::io::Error),
    /// The journal was altered.
    #[error(
        "the journal `{path}` was altered (line {line}: {problem}): what it says about live changes is not trusted; \
         restore it, or name another with --journal"
    )]
    Altered {
        /// The file.
        path: String,
        /// The first line that does not fit, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// An entry of the journal is not what this version writes.
    #[error(
        "an entry of the journal about `{id}` cannot be read: {problem}; use the version of tfmend that wrote it"
    )]
    Receipt {
        /// The receipt's id.
        id: String,
        /// What is wrong.
        problem: String,
    },
}
