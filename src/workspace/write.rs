//! Edited bytes back into the tree: checked first, then each file replaced in one step.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Tree, WorkspaceError, io};
use crate::terraform::RepoPath;

/// Writes the new bytes of files. Every file is prepared beside its place before the first is put there, so that a
/// full disk or a missing permission leaves the tree as it was. Modes are kept.
///
/// # Errors
/// A path leaves the tree or goes through a link, a file changed since it was read, or the system says no.
pub fn write(tree: &Tree, files: &BTreeMap<RepoPath, Vec<u8>>) -> Result<(), WorkspaceError> {
    let mut prepared: Vec<(PathBuf, PathBuf)> = Vec::new();
    let done = files
        .iter()
        .try_for_each(|(path, bytes)| prepare(tree, path, bytes).map(|pair| prepared.push(pair)))
        .and_then(|()| {
            prepared.iter().try_for_each(|(from, to)| fs::rename(from, to).map_err(io(to)))
        });
    if done.is_err() {
        for (temporary, _) in &prepared {
            // What was renamed already is no longer there.
            let _ = fs::remove_file(temporary);
        }
    }
    done
}

fn prepare(tree: &Tree, path: &RepoPath, bytes: &[u8]) -> Result<(PathBuf, PathBuf), WorkspaceError> {
    let target = tree.on_disk(path);
    let directory = target.parent().unwrap_or(&tree.top).to_owned();
    inside(tree, path, &directory)?;
    let mode = match fs::symlink_metadata(&target) {
        Ok(metadata) if metadata.file_type().is_symlink() => {
            return Err(WorkspaceError::Escape(path.clone()));
        }
        Ok(metadata) => {
            let present = fs::read(&target).map_err(io(&target))?;
            if tree.estate.file(path).is_none_or(|f| f.bytes() != present) {
                return Err(WorkspaceError::Changed(path.clone()));
            }
            Some(metadata.permissions())
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            if tree.estate.file(path).is_some() {
                return Err(WorkspaceError::Changed(path.clone()));
            }
            fs::create_dir_all(&directory).map_err(io(&directory))?;
            None
        }
        Err(e) => return Err(io(&target)(e)),
    };
    let temporary = directory.join(format!(".{}.tfmend-{}", path.file_name(), std::process::id()));
    let written = fs::File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        if let Some(mode) = mode {
            file.set_permissions(mode)?;
        }
        file.sync_all()
    });
    if let Err(e) = written {
        let _ = fs::remove_file(&temporary);
        return Err(io(&temporary)(e));
    }
    Ok((temporary, target))
}

/// The nearest directory that exists must really be below the top.
fn inside(tree: &Tree, path: &RepoPath, directory: &Path) -> Result<(), WorkspaceError> {
    let existing = directory.ancestors().find(|d| d.exists());
    let real = existing.and_then(|d| d.canonicalize().ok());
    if real.is_some_and(|real| real.starts_with(&tree.top)) {
        Ok(())
    } else {
        Err(WorkspaceError::Escape(path.clone()))
    }
}
