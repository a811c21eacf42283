//! Writing edited files back: all of them or, as far as the system lets us, none.
//!
//! Each file is written beside its place and renamed over it, so that a reader never sees half of it; the mode is
//! kept, and a link stays a link (what it leads to is written). Everything is on the disk before the first is renamed;
//! waiting for that is most of the time, so many files are waited for at once.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use rayon::prelude::*;

use super::{Workspace, walk};
use crate::terraform::RepoPath;

/// Why edits were not written. Nothing has changed then, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file on disk is not the one that was read.
    #[error("{0}: changed on disk since it was read; run again on the present code")]
    Changed(RepoPath),
    /// A file to create is there already.
    #[error("{0}: there is already a file of that name; run again on the present code")]
    Exists(RepoPath),
    /// The path leads out of the repository.
    #[error("{0}: leads out of the repository; nothing is written there")]
    Outside(RepoPath),
    /// Two paths are links to one file, with different contents.
    #[error(
        "{0} and {1} are one file by a link and would get different contents; edit one of them"
    )]
    Linked(RepoPath, RepoPath),
    /// Terraform installed the file (`.terraform/…`).
    #[error("{0}: belongs to an installed module and is never edited; change the module's source")]
    Installed(RepoPath),
    /// The system refused.
    #[error("{path}: cannot be written: {source}; check the permissions and the space on the disk")]
    System {
        /// The file.
        path: RepoPath,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file was written, a later one failed, and the first could not be put back.
    #[error(
        "{path}: was written before {failed} failed and could not be put back: {source}; restore it from Git"
    )]
    HalfWritten {
        /// The file that has its new content.
        path: RepoPath,
        /// The file that failed.
        failed: RepoPath,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What is to be written where.
struct Place<'f> {
    path: &'f RepoPath,
    target: PathBuf,
    bytes: &'f [u8],
    /// What is there; `None` for a new file.
    before: Option<&'f [u8]>,
}

/// A file that waits beside its place.
struct Staged<'f> {
    place: Place<'f>,
    temporary: PathBuf,
}

impl Workspace {
    /// Writes the new bytes of files (as [`crate::terraform::edit::apply`] gives them) and reads nothing anew.
    ///
    /// # Errors
    /// See [`WriteError`]. Of several, the first in path order.
    pub fn write(&self, files: &BTreeMap<RepoPath, Vec<u8>>) -> Result<(), WriteError> {
        let mut staged: Vec<Staged<'_>> = Vec::new();
        let mut made: Vec<PathBuf> = Vec::new();
        let result = self
            .places(files, &mut made)
            .and_then(|places| stage(places, &mut staged))
            .and_then(|()| swap(&staged));
        if result.is_err() {
            for file in &staged {
                // Gone already when it was renamed.
                let _ = fs::remove_file(&file.temporary);
            }
            for directory in made.iter().rev() {
                // Only those that are still empty go.
                let _ = fs::remove_dir(directory);
            }
        }
        result
    }

    /// Where everything goes; one place for files that are one by a link. What is there is as it was read.
    fn places<'f>(
        &'f self,
        files: &'f BTreeMap<RepoPath, Vec<u8>>,
        made: &mut Vec<PathBuf>,
    ) -> Result<Vec<Place<'f>>, WriteError> {
        let all: Vec<(&RepoPath, &Vec<u8>)> = files.iter().collect();
        let known: Vec<Result<Option<Known<'f>>, WriteError>> =
            all.par_iter().map(|(path, _)| self.known(path)).collect();
        let mut targets: HashMap<PathBuf, (&RepoPath, &Vec<u8>)> = HashMap::new();
        let mut places = Vec::with_capacity(all.len());
        for ((path, bytes), known) in all.into_iter().zip(known) {
            let (target, before) = match known? {
                Some(known) => (known.target, Some(known.before)),
                None => (self.place_for(path, made)?, None),
            };
            match targets.entry(target) {
                Entry::Occupied(other) => {
                    let (other, same) = *other.get();
                    if same != bytes {
                        return Err(WriteError::Linked(other.clone(), path.clone()));
                    }
                }
                Entry::Vacant(free) => {
                    places.push(Place {
                        path,
                        target: free.key().clone(),
                        bytes,
                        before,
                    });
                    free.insert((path, bytes));
                }
            }
        }
        Ok(places)
    }

    /// The place of a file that was read, which must be as it was then; `None` for a new file.
    fn known(&self, path: &RepoPath) -> Result<Option<Known<'_>>, WriteError> {
        let mut parts = path.as_str().split('/');
        if parts.any(|part| part == ".terraform" || part == ".git") {
            return Err(WriteError::Installed(path.clone()));
        }
        let Some(known) = self.estate().file(path) else {
            return Ok(None);
        };
        let target =
            walk::resolve(self.top(), path).map_err(|_| WriteError::Changed(path.clone()))?;
        let now = fs::read(&target).map_err(|source| WriteError::System {
            path: path.clone(),
            source,
        })?;
        if now != known.bytes() {
            return Err(WriteError::Changed(path.clone()));
        }
        Ok(Some(Known {
            target,
            before: known.bytes(),
        }))
    }

    /// Where a new file goes; makes the directories on the way.
    fn place_for(&self, path: &RepoPath, made: &mut Vec<PathBuf>) -> Result<PathBuf, WriteError> {
        let system = |source| WriteError::System {
            path: path.clone(),
            source,
        };
        let mut at = self.top().to_owned();
        let parent = path.parent();
        for part in parent.as_str().split('/').filter(|p| !p.is_empty()) {
            let next = at.join(part);
            if !next.exists() {
                fs::create_dir(&next).map_err(system)?;
                made.push(next.clone());
            }
            at = next.canonicalize().map_err(system)?;
            if !at.starts_with(self.top()) {
                return Err(WriteError::Outside(path.clone()));
            }
        }
        let target = at.join(path.file_name());
        if target.symlink_metadata().is_ok() {
            return Err(WriteError::Exists(path.clone()));
        }
        Ok(target)
    }
}

/// A file that was read.
struct Known<'f> {
    target: PathBuf,
    before: &'f [u8],
}

/// So many files are written at a time: they wait for the disk, not for a core.
const TOGETHER: usize = 32;

/// So many are renamed at a time.
const RENAMED: usize = 4;

/// Does something for each number below `count`, on so many threads, until all is done or something failed. Gives the
/// first failure: numbers are taken in order, so that every earlier one was begun, and it is always the same.
fn each(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> std::io::Result<()> + Sync,
) -> Result<(), (usize, std::io::Error)> {
    let next = AtomicUsize::new(0);
    let failed: Mutex<BTreeMap<usize, std::io::Error>> = Mutex::default();
    let failures = || failed.lock().unwrap_or_else(PoisonError::into_inner);
    let go = || {
        while failures().is_empty() {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return;
            }
            if let Err(error) = work(number) {
                failures().insert(number, error);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(count) {
            // Without more threads it only takes longer.
            if thread::Builder::new().spawn_scoped(scope, go).is_err() {
                break;
            }
        }
        go();
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.into_iter().next().map_or(Ok(()), Err)
}

/// Writes everything beside its place, so that it is on the disk. What was written is in `staged`, also after an error.
fn stage<'f>(places: Vec<Place<'f>>, staged: &mut Vec<Staged<'f>>) -> Result<(), WriteError> {
    let written: Vec<OnceLock<PathBuf>> = places.iter().map(|_| OnceLock::new()).collect();
    let done = each(places.len(), TOGETHER, |number| {
        let place = &places[number];
        let temporary = write_beside(&place.target, place.bytes, place.before.is_some())?;
        // Nobody else has this number.
        let _ = written[number].set(temporary);
        Ok(())
    });
    let done = done.map_err(|(number, source)| WriteError::System {
        path: places[number].path.clone(),
        source,
    });
    for (place, temporary) in places.into_iter().zip(written) {
        let temporary = temporary.into_inner();
        staged.extend(temporary.map(|temporary| Staged { place, temporary }));
    }
    done
}

/// Writes the bytes beside the target, with the target's mode, until they are on the disk.
fn write_beside(target: &Path, bytes: &[u8], exists: bool) -> std::io::Result<PathBuf> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let mut attempt = 0u32;
    let (temporary, mut file) = loop {
        let temporary = target.with_file_name(format!(
            ".{name}.tfmend-{}-{attempt}.tmp",
            std::process::id()
        ));
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&temporary)
        {
            Ok(file) => break (temporary, file),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists && attempt < 100 => {
                attempt += 1
            }
            Err(e) => return Err(e),
        }
    };
    let written = (|| {
        file.write_all(bytes)?;
        if exists {
            let wanted = target.metadata()?.permissions();
            if file.metadata()?.permissions() != wanted {
                file.set_permissions(wanted)?;
            }
        }
        file.sync_all()
    })();
    match written {
        Ok(()) => Ok(temporary),
        Err(e) => {
            let _ = fs::remove_file(&temporary);
            Err(e)
        }
    }
}

/// Renames everything into place; puts back what was replaced when one fails.
fn swap(staged: &[Staged<'_>]) -> Result<(), WriteError> {
    let renamed: Vec<OnceLock<()>> = staged.iter().map(|_| OnceLock::new()).collect();
    let swapped = each(staged.len(), RENAMED, |number| {
        let file = &staged[number];
        fs::rename(&file.temporary, &file.place.target)?;
        // Nobody else has this number.
        let _ = renamed[number].set(());
        Ok(())
    });
    let Err((number, source)) = swapped else {
        return Ok(());
    };
    let failed = staged[number].place.path.clone();
    let done = staged.iter().zip(&renamed).rev();
    for (file, _) in done.filter(|(_, renamed)| renamed.get().is_some()) {
        if let Err(source) = put_back(&file.place) {
            return Err(WriteError::HalfWritten {
                path: file.place.path.clone(),
                failed,
                source,
            });
        }
    }
    Err(WriteError::System {
        path: failed,
        source,
    })
}

/// Makes a place what it was before.
fn put_back(place: &Place<'_>) -> std::io::Result<()> {
    let Some(before) = place.before else {
        return fs::remove_file(&place.target);
    };
    let temporary = write_beside(&place.target, before, true)?;
    fs::rename(&temporary, &place.target).inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}
