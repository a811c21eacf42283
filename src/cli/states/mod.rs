//! The states of a run: those beside their roots, those that were named, those of backends, and what a program prints.
//!
//! Files are read and taken apart in parallel; of each only what identifies its objects is kept (invariant 11). One
//! that cannot be read is a problem of its own and leaves the others unharmed; findings that it might hold say so.

mod backend;
mod command;

use std::collections::{BTreeMap, BTreeSet};
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
use crate::workspace::{self, Workspace};
use command::{Run, Template};

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
) -> Result<Given, Stop> {
    let mut given = Given::default();
    files(tree, inputs, &mut given)?;
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
