//! The states of a run: those beside their roots, those that were named, those of backends, and what a program prints.
//!
//! Files are read and taken apart in parallel; of each only what identifies its objects is kept (invariant 11). One
//! that cannot be read is a problem of its own and leaves the others unharmed; findings that it might hold say so.

mod backend;
mod command;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::anyhow;
use rayon::prelude::*;

use super::Stop;
use super::args::Inputs;
use crate::config::Config;
use crate::locate::UnreadState;
use crate::terraform::RepoPath;
use crate::terraform::module::{Configuration, RootSettings, StateAtHand};
use crate::terraform::state::State;
use crate::terraform::state::backend::Backend;
use crate::workspace::{self, Cache, StateFolder, Workspace};
use command::{Run, Template};

/// A state file before it is read.
enum File<'t> {
    /// Of the repository.
    Own(&'t RepoPath),
    /// Named by the user.
    Named(PathBuf),
    /// In a directory that the user named, by its number there.
    In(&'t StateFolder, usize, &'t RepoPath),
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
    /// The states, as far as they tell how roots are run.
    pub(super) fn names(&self) -> Vec<StateAtHand> {
        self.states.iter().map(StateAtHand::from).collect()
    }

    fn take(&mut self, read: Result<State, Unread>) {
        match read {
            Ok(state) => {
                // What could not be read of a state may be the very object that is looked for.
                self.unread
                    .extend(state.problems.first().map(|problem| UnreadState {
                        root: state.root.clone(),
                        state: state.name.clone(),
                        why: problem.clone(),
                    }));
                self.states.push(state);
            }
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
    settings: &RootSettings,
    inputs: &Inputs,
    config: &Config,
    cache: &Cache,
) -> Result<Given, Stop> {
    let mut given = Given::default();
    files(tree, inputs, cache, &mut given)?;
    let template = template(inputs, config, &mut given)?;
    if inputs.state_from_backend.is_empty() && template.is_none() {
        return Ok(given);
    }
    let configuration = Configuration::with_settings(tree.estate(), settings);
    // By directory, with the name of one of its runs: they share their code.
    let mut roots: BTreeMap<RepoPath, RepoPath> = BTreeMap::new();
    for root in configuration.roots() {
        if inputs.root.is_empty() || is_named(&root.home, &inputs.root) {
            roots.entry(root.home.clone()).or_insert(root.dir.clone());
        }
    }
    if !inputs.state_from_backend.is_empty() {
        for wanted in inputs.state_from_backend.iter().filter(|w| !w.is_empty()) {
            if !roots
                .keys()
                .any(|home| is_named(home, std::slice::from_ref(wanted)))
            {
                return Err(Stop::Usage(anyhow!(
                    "--state-from-backend={wanted}: no such root module in the repository"
                )));
            }
        }
        let all = inputs.state_from_backend.iter().any(String::is_empty);
        let wanted: BTreeMap<RepoPath, RepoPath> = roots
            .iter()
            .filter(|(home, _)| all || is_named(home, &inputs.state_from_backend))
            .map(|(home, root)| (home.clone(), root.clone()))
            .collect();
        backend::read(tree, &configuration, &wanted, config, &mut given)?;
    }
    if let Some(template) = template {
        let runs = runs(&template, &configuration, settings, &roots);
        for state in template.run_all(&runs, tree.top()) {
            given.take(state);
        }
    }
    Ok(given)
}

/// Whether a root is one of those named.
fn is_named(dir: &RepoPath, named: &[String]) -> bool {
    named
        .iter()
        .any(|name| RepoPath::new(name).as_ref() == Some(dir))
}

/// The command that prints states: of the arguments, else of a configuration that the user named.
fn template(inputs: &Inputs, config: &Config, given: &mut Given) -> Result<Option<Template>, Stop> {
    let patience = Duration::from_secs(config.states.timeout_seconds.into());
    if let Some(text) = &inputs.state_cmd {
        return Template::parse(text, patience).map(Some);
    }
    if config.states.command.is_empty() {
        return Ok(None);
    }
    if inputs.config.is_none() {
        given.problems.push(format!(
            "{}: the command under [states] was not run: a repository's own configuration never runs a program by itself; name the file with --config, or give --state-cmd",
            config.source.file
        ));
        return Ok(None);
    }
    Ok(Template::of(config.states.command.clone(), patience))
}

/// What the command is run for: roots that somebody applies, else all of them.
fn runs(
    template: &Template,
    configuration: &Configuration<'_>,
    settings: &RootSettings,
    roots: &BTreeMap<RepoPath, RepoPath>,
) -> Vec<Run> {
    if !template.is_for_roots() {
        return vec![Run {
            root: None,
            workspace: None,
        }];
    }
    let is_applied = |root: &RepoPath| {
        !configuration.providers(root).is_empty() || Backend::of(configuration, root).is_some()
    };
    let applied: Vec<&RepoPath> = roots
        .iter()
        .filter(|(_, root)| is_applied(root))
        .map(|(home, _)| home)
        .collect();
    let wanted = if applied.is_empty() {
        roots.keys().collect()
    } else {
        applied
    };
    let mut runs = Vec::new();
    for home in wanted {
        // The workspaces that the configuration names under [roots].
        let known = settings.runs.get(home).into_iter().flatten();
        let mut workspaces: Vec<Option<String>> = known.map(|run| run.workspace.clone()).collect();
        workspaces.dedup();
        if workspaces.is_empty() {
            workspaces.push(None);
        }
        runs.extend(workspaces.into_iter().map(|workspace| Run {
            root: Some(home.clone()),
            workspace,
        }));
    }
    runs
}

/// State files: beside their roots, and named.
fn files(tree: &Workspace, inputs: &Inputs, cache: &Cache, given: &mut Given) -> Result<(), Stop> {
    let mut folders: Vec<Option<StateFolder>> = Vec::new();
    for path in &inputs.state {
        let missing = |_| {
            Stop::Usage(anyhow!(
                "--state {}: no such file or directory",
                path.display()
            ))
        };
        folders.push(if path.is_dir() {
            let limit = workspace::Limits::default().state;
            Some(StateFolder::open(path, limit, cache).map_err(missing)?)
        } else {
            path.metadata().map_err(missing)?;
            None
        });
    }
    let mut files: Vec<File<'_>> = Vec::new();
    let mut seen: HashSet<PathBuf> = HashSet::new();
    for path in tree.estate().states() {
        seen.insert(tree.top().join(path.as_str()));
        files.push(File::Own(path));
    }
    for (path, folder) in inputs.state.iter().zip(&folders) {
        match folder {
            Some(folder) => {
                for (number, file) in folder.files().enumerate() {
                    if seen.insert(folder.place(file)) {
                        files.push(File::In(folder, number, file));
                    }
                }
            }
            None => {
                if seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
                    files.push(File::Named(path.clone()));
                }
            }
        }
    }
    let read: Vec<Result<State, Unread>> = files
        .par_iter()
        .map(|file| match file {
            File::Own(path) => tree
                .state(path)
                .map_err(|problem| Unread::new(path.as_str(), Some(State::beside(path)), problem)),
            File::Named(path) => {
                let name = path.display().to_string();
                named(path, &name).map_err(|problem| Unread::new(&name, None, problem))
            }
            File::In(folder, number, path) => folder
                .state(*number)
                .map_err(|problem| Unread::new(&folder.name(path), None, problem)),
        })
        .collect();
    for state in read {
        given.take(state);
    }
    for folder in folders.into_iter().flatten() {
        folder.note();
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
