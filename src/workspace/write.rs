//! Writing edited files back: all of them or, as far as the system lets us, none.
//!
//! Each file is written beside its place and renamed over it, so that a reader never sees half of it; the mode is
//! kept, and a link stays a link (what it leads to is written).

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

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

/// A file that waits beside its place.
struct Staged {
    path: RepoPath,
    target: PathBuf,
    temporary: PathBuf,
    /// What was there; `None` for a new file.
    before: Option<Vec<u8>>,
}

impl Workspace {
    /// Writes the new bytes of files (as [`crate::terraform::edit::apply`] gives them) and reads nothing anew.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub fn write(&self, files: &BTreeMap<RepoPath, Vec<u8>>) -> Result<(), WriteError> {
        let mut staged: Vec<Staged> = Vec::new();
        let mut made: Vec<PathBuf> = Vec::new();
        let result = self
            .stage(files, &mut staged, &mut made)
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

    fn stage(
        &self,
        files: &BTreeMap<RepoPath, Vec<u8>>,
        staged: &mut Vec<Staged>,
        made: &mut Vec<PathBuf>,
    ) -> Result<(), WriteError> {
        let mut targets: BTreeMap<PathBuf, &RepoPath> = BTreeMap::new();
        for (path, bytes) in files {
            if path
                .as_str()
                .split('/')
                .any(|part| part == ".terraform" || part == ".git")
            {
                return Err(WriteError::Installed(path.clone()));
            }
            let system = |source| WriteError::System {
                path: path.clone(),
                source,
            };
            let known = self.estate().file(path);
            let (target, before) = match known {
                Some(known) => {
                    let target = walk::resolve(self.top(), path)
                        .map_err(|_| WriteError::Changed(path.clone()))?;
                    let before = fs::read(&target).map_err(system)?;
                    if before != known.bytes() {
                        return Err(WriteError::Changed(path.clone()));
                    }
                    (target, Some(before))
                }
                None => (self.place_for(path, made)?, None),
            };
            if let Some(other) = targets.get(&target) {
                if files.get(*other) != Some(bytes) {
                    return Err(WriteError::Linked((*other).clone(), path.clone()));
                }
                continue;
            }
            let temporary = stage_one(&target, bytes, before.is_some()).map_err(system)?;
            targets.insert(target.clone(), path);
            staged.push(Staged {
                path: path.clone(),
                target,
                temporary,
                before,
            });
        }
        Ok(())
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

/// Writes the bytes beside the target, with the target's mode.
fn stage_one(target: &Path, bytes: &[u8], exists: bool) -> std::io::Result<PathBuf> {
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
            file.set_permissions(target.metadata()?.permissions())?;
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
fn swap(staged: &[Staged]) -> Result<(), WriteError> {
    for (i, file) in staged.iter().enumerate() {
        let Err(source) = fs::rename(&file.temporary, &file.target) else {
            continue;
        };
        for done in staged[..i].iter().rev() {
            let restored = match &done.before {
                Some(bytes) => stage_one(&done.target, bytes, true)
                    .and_then(|temporary| fs::rename(temporary, &done.target)),
                None => fs::remove_file(&done.target),
            };
            if let Err(source) = restored {
                return Err(WriteError::HalfWritten {
                    path: done.path.clone(),
                    failed: file.path.clone(),
                    source,
                });
            }
        }
        return Err(WriteError::System {
            path: file.path.clone(),
            source,
        });
    }
    Ok(())
}
