//! Lock files that a killed run left in the bare repository.
//!
//! Git writes a file by way of `<file>.lock` and refuses to when that is there. A run that is killed in between leaves it
//! behind for ever (invariant 12). Runs of ours exclude each other by a lock of their own, which the system releases with
//! the process; so whatever lock stands on a file that only we write is stale. A person may push to the other
//! files at the same time: their locks get the time that a living Git needs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::ForgeError;

/// Git holds such a lock for milliseconds.
const LIVING: Duration = Duration::from_secs(5);

/// Folders of references that only we write.
const OURS: [&str; 3] = ["refs/tfmend", "refs/pull", "refs/heads/tfmend"];

/// Removes what a killed run left. To be called while our own lock on the forge is held.
pub(super) fn clear(repository: &Path) -> Result<(), ForgeError> {
    for lock in locks(repository) {
        let ours = lock == repository.join("config.lock")
            || OURS
                .iter()
                .any(|folder| lock.starts_with(repository.join(folder)));
        if !ours {
            wait(&lock);
        }
        match std::fs::remove_file(&lock) {
            Ok(()) => {
                tracing::info!(lock = %lock.display(), "removed a lock that a killed run left")
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(ForgeError::Io { path: lock, source }),
        }
    }
    Ok(())
}

fn locks(repository: &Path) -> Vec<PathBuf> {
    let direct = ["config.lock", "HEAD.lock", "packed-refs.lock"].map(|name| repository.join(name));
    let references = ignore::WalkBuilder::new(repository.join("refs"))
        .standard_filters(false)
        .build()
        .filter_map(Result::ok)
        .map(ignore::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|e| e == "lock"));
    direct
        .into_iter()
        .filter(|path| path.is_file())
        .chain(references)
        .collect()
}

/// Until the lock is gone, or older than any living one.
fn wait(lock: &Path) {
    let age = || {
        lock.metadata()
            .and_then(|m| m.modified())
            .ok()?
            .elapsed()
            .ok()
    };
    while age().is_some_and(|age| age < LIVING) {
        std::thread::sleep(Duration::from_millis(50));
    }
}
