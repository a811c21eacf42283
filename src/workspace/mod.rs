//! Reads a working tree into an [`crate::terraform::Estate`] and writes edits back.
//!
//! The adapter between the disk and the pure stages. What cannot be read is reported by name and leaves the rest
//! unharmed; no path, link or edit leads out of the repository.

mod blame;
mod cache;
mod data;
mod history;
mod later;
mod listing;
mod named;
mod notes;
mod stamp;
mod states;
mod walk;
mod write;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::SystemTime;

pub use blame::{Author, Lookup};
pub use cache::Cache;
use cache::Store;
pub use history::{Base, HistoryError};
pub use states::StateFolder;
pub use write::WriteError;

use crate::terraform::state::State;
use crate::terraform::{Estate, RepoPath};
use later::Reader;
use notes::{Kept, Notes};
use walk::{Read, Walker};

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
    later: Arc<Reader>,
    /// For the next run.
    notes: Option<Notes>,
}

impl Workspace {
    /// Reads a working tree.
    ///
    /// # Errors
    /// The top cannot be opened. Everything below it that cannot be read is in [`Workspace::skipped`] instead.
    pub fn read(top: &Path, limits: Limits) -> Result<Self, WorkspaceError> {
        Self::read_with(top, limits, &Cache::none())
    }

    /// As [`Workspace::read`], with what an earlier run noted: files that did not change are read when somebody looks at
    /// them (see [`Workspace::changed`]).
    ///
    /// # Errors
    /// As [`Workspace::read`].
    pub fn read_with(top: &Path, limits: Limits, cache: &Cache) -> Result<Self, WorkspaceError> {
        let open = |source| WorkspaceError::Open {
            path: top.to_owned(),
            source,
        };
        let canonical = top.canonicalize().map_err(open)?;
        std::fs::read_dir(&canonical).map_err(open)?;
        let store = cache.open(&canonical, "code");
        let later = Arc::new(Reader::new(canonical.clone(), limits.code));
        let walker = Walker {
            top: &canonical,
            limits,
            store: store.as_ref(),
            later: &later,
            began: SystemTime::now(),
            unknown: AtomicUsize::new(0),
        };
        let mut found = walker.walk();
        let (data, names) = data::data_files(&walker, &found.files);
        found.files.extend(data);
        // What Terragrunt's files include may include others.
        let mut tried = BTreeSet::new();
        loop {
            let mut wanted = named::terragrunt_files(&found.files);
            wanted.retain(|path| tried.insert(path.clone()));
            if wanted.is_empty() {
                break;
            }
            for path in wanted {
                found.files.extend(walker.named(path, limits.code));
            }
        }
        found.skipped.sort();
        found.states.sort();
        let unknown = walker.unknown.into_inner();
        tracing::debug!(files = found.files.len(), unknown, "the code is known");
        let notes = store.map(|store| {
            let worth = Store::is_worth(found.files.len(), unknown);
            let kept = worth.then(|| found.files.iter().filter_map(Read::kept).collect());
            Notes::new(store, found.folders, kept)
        });
        let files = found.files.into_iter().map(|read| read.file).collect();
        Ok(Self {
            estate: Estate::of(files)
                .with_states(found.states)
                .with_names(names)
                .with_links(found.links),
            top: canonical,
            skipped: found.skipped,
            limits,
            later,
            notes,
        })
    }

    /// Notes what was read for the next run, beside everything else. Call it when all states are read.
    pub fn note(&self) {
        if let Some(notes) = &self.notes {
            notes.begin();
        }
    }

    /// Waits until everything is noted.
    pub fn noted(&self) {
        if let Some(notes) = &self.notes {
            notes.end();
        }
    }

    /// A file that was taken for unchanged and turned out to be another one when its text was looked at: whatever was
    /// worked out is void.
    #[must_use]
    pub fn changed(&self) -> Option<RepoPath> {
        self.later.changed()
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

    /// A state file (one of [`Estate::states`]), which belongs to the root beside which it stands.
    ///
    /// # Errors
    /// One sentence: it cannot be read, is too large, is no state, or a link leads out of the repository.
    pub fn state(&self, path: &RepoPath) -> Result<State, String> {
        let root = State::beside(path);
        let store = self.notes.as_ref().map(Notes::store);
        let read = states::read(
            &states::File {
                top: &self.top,
                path,
                name: path.as_str(),
                root: Some(root),
                limit: self.limits.state,
                inside: true,
                now: store.and_then(|_| states::stamp(&self.top.join(path.as_str()))),
            },
            store,
        )?;
        if let (Some(notes), Some(stamp)) = (&self.notes, read.stamp) {
            notes.keep(|| Kept::state(path, stamp, &read.state));
        }
        Ok(read.state)
    }
}
