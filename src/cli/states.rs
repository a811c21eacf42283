//! The states of a run: those beside their roots, and those that were named.
//!
//! Files are read and taken apart in parallel; of each only what identifies its objects is kept (invariant 11). One
//! that cannot be read is a problem of its own and leaves the others unharmed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use rayon::prelude::*;

use super::Stop;
use super::args::Inputs;
use crate::terraform::RepoPath;
use crate::terraform::state::State;
use crate::workspace::{self, Workspace};

/// A state file before it is read.
enum File<'t> {
    /// Of the repository.
    Own(&'t RepoPath),
    /// Named by the user.
    Named(PathBuf),
}

/// Everything that the arguments name; what cannot be read is added to `problems`.
pub(super) fn read(
    tree: &Workspace,
    inputs: &Inputs,
    problems: &mut Vec<String>,
) -> Result<Vec<State>, Stop> {
    let mut files: Vec<File<'_>> = Vec::new();
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    for path in tree.estate().states() {
        seen.insert(tree.top().join(path.as_str()));
        files.push(File::Own(path));
    }
    for path in &inputs.state {
        if !path.exists() {
            return Err(Stop::Usage(anyhow!(
                "--state {}: no such file or directory",
                path.display()
            )));
        }
        for file in below(path) {
            if seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())) {
                files.push(File::Named(file));
            }
        }
    }
    let read: Vec<Result<State, String>> = files
        .par_iter()
        .map(|file| match file {
            File::Own(path) => {
                let bytes = tree.state(path).map_err(|e| e.to_string())?;
                State::read(path.as_str(), &bytes, Some(State::beside(path)))
                    .map_err(|e| e.to_string())
            }
            File::Named(path) => named(path),
        })
        .collect();
    let mut states = Vec::with_capacity(read.len());
    for state in read {
        match state {
            Ok(state) => states.push(state),
            Err(problem) => problems.push(problem),
        }
    }
    Ok(states)
}

/// A state that was named; to which root it belongs is told by its path and its addresses.
fn named(file: &Path) -> Result<State, String> {
    let name = file.display().to_string();
    let limit = workspace::Limits::default().state;
    if let Ok(m) = std::fs::metadata(file)
        && m.len() > limit
    {
        return Err(format!(
            "{name}: left out: {} bytes are more than the limit of {limit}",
            m.len()
        ));
    }
    let bytes = std::fs::read(file).map_err(|e| format!("{name}: left out: {e}"))?;
    State::read(&name, &bytes, None).map_err(|e| e.to_string())
}

/// The state files at a path that the user named.
fn below(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    ignore::WalkBuilder::new(path)
        .standard_filters(false)
        .sort_by_file_path(Path::cmp)
        .build()
        .filter_map(Result::ok)
        .filter(|e| e.file_type().is_some_and(|t| t.is_file()))
        .map(ignore::DirEntry::into_path)
        .filter(|p| p.extension().is_some_and(|e| e == "tfstate" || e == "json"))
        .collect()
}
