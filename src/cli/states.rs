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
use crate::config::Config;
use crate::locate::UnreadState;
use crate::terraform::state::State;
use crate::terraform::{Estate, RepoPath};
use crate::workspace::{self, Workspace};

/// A state file before it is read.
enum File<'t> {
    /// Of the repository.
    Own(&'t RepoPath),
    /// Named by the user.
    Named(PathBuf),
}

/// What came of it.
#[derive(Default)]
pub(super) struct Given {
    /// The states.
    pub(super) states: Vec<State>,
    /// Those of which something is known, but not what is in them.
    pub(super) unread: Vec<UnreadState>,
    /// Sentences for the answer, one for each that could not be read.
    pub(super) problems: Vec<String>,
}

impl Given {
    fn take(&mut self, read: Result<State, Unread>) {
        match read {
            Ok(state) => self.states.push(state),
            Err(unread) => {
                self.problems.push(unread.problem);
                self.unread.push(unread.state);
            }
        }
    }
}

/// A state that could not be read, with the sentence for the answer.
struct Unread {
    state: UnreadState,
    problem: String,
}

impl Unread {
    fn new(name: &str, root: Option<RepoPath>, problem: String) -> Self {
        let why = problem
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix(": "))
            .unwrap_or(&problem)
            .to_owned();
        Self {
            state: UnreadState {
                root,
                state: name.to_owned(),
                why,
            },
            problem,
        }
    }
}

/// Everything that the arguments name.
pub(super) fn read(
    tree: &Workspace,
    estate: &Estate,
    inputs: &Inputs,
    config: &Config,
) -> Result<Given, Stop> {
    let mut given = Given::default();
    files(tree, inputs, &mut given)?;
    Ok(given)
}

/// State files: beside their roots, and named.
fn files(tree: &Workspace, inputs: &Inputs, given: &mut Given) -> Result<(), Stop> {
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
    let read: Vec<Result<State, Unread>> = files
        .par_iter()
        .map(|file| match file {
            File::Own(path) => {
                let root = State::beside(path);
                tree.state(path)
                    .map_err(|e| e.to_string())
                    .and_then(|bytes| {
                        State::read(path.as_str(), &bytes, Some(root.clone()))
                            .map_err(|e| e.to_string())
                    })
                    .map_err(|problem| Unread::new(path.as_str(), Some(root), problem))
            }
            File::Named(path) => {
                let name = path.display().to_string();
                named(path, &name).map_err(|problem| Unread::new(&name, None, problem))
            }
        })
        .collect();
    for state in read {
        given.take(state);
    }
    Ok(())
}

/// A state that was named; to which root it belongs is told by its path and its addresses.
fn named(file: &Path, name: &str) -> Result<State, String> {
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
    State::read(name, &bytes, None).map_err(|e| e.to_string())
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
