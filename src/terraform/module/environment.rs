//! How roots are run: with which workspace, which `-var-file`s, which `-var` and `TF_VAR_` values.
//!
//! The code alone does not tell. What does are the configuration (`[roots]`), and states whose paths name a workspace
//! or an environment. One directory that is run several times (a state for each workspace) becomes several roots that
//! share their code: an edit of it lists the instances of all of them. Nothing is guessed: without evidence there is
//! one root, and what its variable files set differently stays unknown.

mod state_names;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use state_names::{StateNames, words_of};

use rustc_hash::{FxHashMap, FxHashSet};

use super::RootModule;
use super::terragrunt::{self, Unit};
use super::tfvars::{self, VariableFiles};
use crate::terraform::estate::Estate;
use crate::terraform::source::{RepoPath, SourceFile};
use crate::terraform::state::State;

/// What is known about the runs of roots from outside of the code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RootSettings {
    /// By directory of the root (for Terragrunt, of the unit): every run of it that there is.
    pub runs: BTreeMap<RepoPath, Vec<Run>>,
    /// The states at hand; those in the repository need not be named.
    pub states: Vec<StateAtHand>,
}

/// A state, as far as it tells how a root is run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateAtHand {
    /// Its path or address, as the user named it.
    pub name: String,
    /// The directory of its root, where that is known.
    pub root: Option<RepoPath>,
    /// Its workspace, where that is known.
    pub workspace: Option<String>,
}

impl From<&State> for StateAtHand {
    fn from(state: &State) -> Self {
        Self {
            name: state.name.clone(),
            root: state.root.clone(),
            workspace: state.workspace.clone(),
        }
    }
}

/// One way in which a root is run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// `terraform.workspace`, where it is known.
    pub workspace: Option<String>,
    /// Files given with `-var-file`, in their order; `None` = not known.
    pub var_files: Option<Vec<RepoPath>>,
    /// Values given with `-var`, as they stand on the command line: they win over every file.
    pub vars: BTreeMap<String, String>,
    /// Values of `TF_VAR_<name>`: they win over defaults only.
    pub environment: BTreeMap<String, String>,
    /// Variables that something outside of the repository sets, to a value that is not told.
    pub outside: BTreeSet<String>,
}

/// One run of one directory: a root.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    /// What tells it from other runs of the directory: `workspace prod`, `envs/prod.tfvars`; empty when it is the only one.
    pub(crate) label: String,
    /// The words in a state's path that mean this run.
    names: BTreeSet<String>,
    /// How it is run.
    pub(crate) run: Run,
}

/// The directories that are run in a known way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environments {
    by_dir: BTreeMap<RepoPath, Vec<Arc<Environment>>>,
    /// Those of which the configuration speaks.
    configured: BTreeSet<RepoPath>,
    /// Terragrunt units by their directory.
    units: BTreeMap<RepoPath, Arc<Unit>>,
    /// The directories of the modules that units run.
    modules: FxHashSet<RepoPath>,
}

/// Names that environments usually have: a variable file of such a name is not given together with another one's.
const USUAL: [&str; 24] = [
    "dev",
    "devel",
    "develop",
    "development",
    "test",
    "testing",
    "qa",
    "uat",
    "int",
    "integration",
    "stg",
    "stage",
    "staging",
    "preprod",
    "pre-prod",
    "prd",
    "prod",
    "production",
    "live",
    "demo",
    "sandbox",
    "sbx",
    "dr",
    "perf",
];

impl Environments {
    /// Works out the runs. `assigned` are the variable files of each directory with code, `units` the files of
    /// Terragrunt's units.
    pub(crate) fn plan(
        estate: &Estate,
        settings: &RootSettings,
        assigned: &FxHashMap<RepoPath, VariableFiles<'_>>,
        units: &[&SourceFile],
    ) -> Self {
        let mut by_dir: BTreeMap<RepoPath, Vec<Arc<Environment>>> = BTreeMap::new();
        for (dir, runs) in &settings.runs {
            let sets: Vec<&SourceFile> = assigned
                .get(dir)
                .map(|v| v.open().collect())
                .unwrap_or_default();
            let only = runs.len() == 1;
            let all = runs
                .iter()
                .map(|run| Arc::new(configured(dir, run, &sets, only)))
                .collect();
            by_dir.insert(dir.clone(), all);
        }
        let states = StateNames::read(estate, &settings.states);
        if !states.is_empty() {
            let with_sets = assigned
                .iter()
                .filter(|(_, v)| v.open().nth(1).is_some())
                .count();
            let told = states.dirs().filter(|dir| !assigned.contains_key(*dir));
            let told: Vec<RepoPath> = told.cloned().collect();
            for dir in assigned.keys().chain(&told) {
                if by_dir.contains_key(dir) {
                    continue;
                }
                let sets: Vec<&SourceFile> = assigned
                    .get(dir)
                    .map(|v| v.open().collect())
                    .unwrap_or_default();
                let found = by_workspaces(estate, dir, &sets, &states)
                    .or_else(|| by_names(dir, &sets, &states, with_sets == 1));
                if let Some(found) = found {
                    by_dir.insert(dir.clone(), found.into_iter().map(Arc::new).collect());
                }
            }
        }
        let units: BTreeMap<RepoPath, Arc<Unit>> = terragrunt::units(estate, units)
            .into_iter()
            .map(|unit| (unit.file.parent(), Arc::new(unit)))
            .collect();
        Self {
            by_dir,
            modules: units.values().map(|unit| unit.module.clone()).collect(),
            units,
            configured: settings.runs.keys().cloned().collect(),
        }
    }

    /// The names of the roots that a directory is: its own path, or one for each of its runs.
    pub(crate) fn roots_of(&self, dir: &RepoPath) -> Vec<RepoPath> {
        match self.by_dir.get(dir) {
            None => vec![dir.clone()],
            Some(all) => all.iter().map(|e| named(dir, &e.label)).collect(),
        }
    }

    /// The directories in which Terragrunt runs a module, and those of the modules.
    pub(crate) fn units(&self) -> impl Iterator<Item = (&RepoPath, &RepoPath)> {
        self.units.iter().map(|(dir, unit)| (dir, &unit.module))
    }

    /// Whether a directory's code is only run from elsewhere: by a Terragrunt unit in another directory.
    pub(crate) fn is_run_elsewhere(&self, dir: &RepoPath) -> bool {
        self.units.contains_key(dir)
            || (!self.configured.contains(dir) && self.modules.contains(dir))
    }

    /// Whether the configuration says that a directory is run.
    pub(crate) fn is_run(&self, dir: &RepoPath) -> bool {
        self.configured.contains(dir)
    }

    /// The run that a root of a directory is.
    pub(crate) fn of(&self, dir: &RepoPath, root: &RepoPath) -> Option<&Arc<Environment>> {
        self.by_dir
            .get(dir)?
            .iter()
            .find(|e| named(dir, &e.label) == *root)
    }

    /// Which of a directory's roots a state belongs to, by the state's workspace (where it is known) or else its
    /// path; all that it may belong to when that does not tell.
    pub(crate) fn of_state(
        &self,
        dir: &RepoPath,
        state: &str,
        workspace: Option<&str>,
    ) -> Vec<RepoPath> {
        let Some(all) = self.by_dir.get(dir) else {
            return vec![dir.clone()];
        };
        let state = state.replace('\\', "/");
        let workspace = workspace.or_else(|| workspace_of(&state).map(|(_, w)| w));
        let of_workspace = |wanted: &str| -> Vec<RepoPath> {
            let same = |e: &&Arc<Environment>| e.run.workspace.as_deref() == Some(wanted);
            all.iter()
                .filter(same)
                .map(|e| named(dir, &e.label))
                .collect()
        };
        if let Some(workspace) = workspace {
            let found = of_workspace(workspace);
            if !found.is_empty() {
                return found;
            }
        } else if let Some(file) = state.rsplit('/').next()
            && RepoPath::new(&state).is_some_and(|path| path.parent() == *dir)
            && file == "terraform.tfstate"
        {
            // The state that lies beside the code is that of the default workspace.
            let found = of_workspace("default");
            if !found.is_empty() {
                return found;
            }
        }
        let words: BTreeSet<String> = words_of(&state).into_iter().collect();
        let named_by: Vec<RepoPath> = all
            .iter()
            .filter(|e| e.names.iter().any(|name| words.contains(name)))
            .map(|e| named(dir, &e.label))
            .collect();
        match named_by.len() {
            0 => self.roots_of(dir),
            _ => named_by,
        }
    }
}

/// The roots and their variable files; `codes` are the directory in which each root is run, and that of its code, by the
/// root's name.
pub(crate) fn roots<'a>(
    estate: &'a Estate,
    environments: &Environments,
    assigned: &FxHashMap<RepoPath, VariableFiles<'a>>,
    codes: &BTreeMap<RepoPath, (RepoPath, RepoPath)>,
) -> (Vec<RootModule>, FxHashMap<RepoPath, VariableFiles<'a>>) {
    let mut roots = Vec::new();
    let mut variables = FxHashMap::default();
    let paths = |files: &[&SourceFile]| files.iter().map(|f| f.path().clone()).collect();
    for (name, (home, code)) in codes {
        let mut files = assigned.get(code).cloned().unwrap_or_default();
        if let Some(unit) = environments.units.get(home) {
            files = of_unit(estate, unit, &files);
        }
        if let Some(environment) = environments.of(home, name) {
            files = environment.files(estate, home, &files);
        }
        roots.push(RootModule {
            dir: name.clone(),
            home: home.clone(),
            code: code.clone(),
            workspace: files.run.as_ref().and_then(|run| run.workspace.clone()),
            tfvars: paths(&files.loaded),
            var_files: paths(&files.given),
            var_file_sets: paths(&files.open().collect::<Vec<_>>()),
        });
        variables.insert(name.clone(), files);
    }
    (roots, variables)
}

/// The variable files of a Terragrunt unit: nothing else is given than what its file says.
fn of_unit<'a>(
    estate: &'a Estate,
    unit: &Arc<Unit>,
    of_module: &VariableFiles<'a>,
) -> VariableFiles<'a> {
    let read = |paths: &mut dyn Iterator<Item = &RepoPath>| -> Vec<&'a SourceFile> {
        paths
            .filter_map(|p| estate.file(p))
            .map(AsRef::as_ref)
            .collect()
    };
    VariableFiles {
        loaded: tfvars::beside_unit(estate, &unit.file.parent(), &of_module.loaded),
        given: read(&mut unit.extra.var_files.iter()),
        configs: read(&mut unit.reads.iter()),
        unit: Some(Arc::clone(unit)),
        run: Some(Arc::new(Run {
            vars: unit.extra.vars.clone(),
            outside: unit.extra.outside.clone(),
            ..Run::default()
        })),
        ..VariableFiles::none()
    }
}

impl Environment {
    /// Chooses among the variable files of its directory: what is given, and what nobody knows.
    pub(crate) fn files<'a>(
        &self,
        estate: &'a Estate,
        dir: &RepoPath,
        assigned: &VariableFiles<'a>,
    ) -> VariableFiles<'a> {
        let mut files = assigned.clone();
        if let Some(given) = &self.run.var_files {
            files.given = given
                .iter()
                .filter_map(|p| estate.file(p))
                .map(AsRef::as_ref)
                .collect();
            files.missing = given.iter().find(|p| estate.file(p).is_none()).cloned();
            files.sets.retain(|f| self.may_be_given(dir, f));
            files.around.retain(|f| self.may_be_given(dir, f));
        }
        let mut run = self.run.clone();
        if let Some(unit) = &files.run {
            // What the configuration says comes after what the unit's file says.
            for (name, value) in &unit.vars {
                run.vars
                    .entry(name.clone())
                    .or_insert_with(|| value.clone());
            }
            let told = |name: &&String| !run.vars.contains_key(*name);
            let outside: Vec<String> = unit.outside.iter().filter(told).cloned().collect();
            run.outside.extend(outside);
        }
        files.run = Some(Arc::new(run));
        files
    }

    /// Whether a file that is not known to be given may be given all the same.
    fn may_be_given(&self, dir: &RepoPath, file: &SourceFile) -> bool {
        // Discovered runs only: the configuration says everything.
        !self.names.is_empty() && !is_of_an_environment(dir, file) && !self.gives(file)
    }

    fn gives(&self, file: &SourceFile) -> bool {
        self.run
            .var_files
            .iter()
            .flatten()
            .any(|p| p == file.path())
    }
}

/// A run as the configuration says. Without a word about variable files, the one named after the workspace counts.
fn configured(dir: &RepoPath, run: &Run, sets: &[&SourceFile], only: bool) -> Environment {
    let mut run = run.clone();
    if run.var_files.is_none()
        && let Some(workspace) = run.workspace.as_deref()
    {
        let mut same = sets
            .iter()
            .filter(|f| names_of(dir, f).contains(&workspace.to_lowercase()));
        if let (Some(file), None) = (same.next(), same.next()) {
            run.var_files = Some(vec![file.path().clone()]);
        }
    }
    let label = match (&run.workspace, only) {
        (Some(workspace), false) => format!("workspace {workspace}"),
        _ => String::new(),
    };
    Environment {
        label,
        names: BTreeSet::new(),
        run,
    }
}

/// The runs of a directory whose states tell the workspaces, when every workspace has its variable file or there are
/// none of them.
fn by_workspaces(
    estate: &Estate,
    dir: &RepoPath,
    sets: &[&SourceFile],
    states: &StateNames,
) -> Option<Vec<Environment>> {
    let mut workspaces = states.workspaces_of(estate, dir);
    if workspaces.is_empty() {
        return None;
    }
    if estate
        .states()
        .any(|s| s.parent() == *dir && s.file_name() == "terraform.tfstate")
    {
        workspaces.insert("default");
    }
    let mut found: Vec<Environment> = Vec::new();
    for workspace in workspaces {
        let own: Vec<RepoPath> = sets
            .iter()
            .filter(|f| names_of(dir, f).contains(&workspace.to_lowercase()))
            .map(|f| f.path().clone())
            .collect();
        // A workspace of which no file bears the name may be given any of them.
        let known = sets.is_empty() || own.len() == 1;
        found.push(Environment {
            label: format!("workspace {workspace}"),
            names: [workspace.to_lowercase()].into(),
            run: Run {
                workspace: Some(workspace.to_owned()),
                var_files: known.then_some(own),
                ..Run::default()
            },
        });
    }
    found.extend(others(dir, sets, &found));
    Some(found)
}

/// The runs of a directory when names of states say what its variable files are named after.
fn by_names(
    dir: &RepoPath,
    sets: &[&SourceFile],
    states: &StateNames,
    alone: bool,
) -> Option<Vec<Environment>> {
    if sets.len() < 2 || !sets.iter().all(|f| is_of_an_environment(dir, f)) {
        return None;
    }
    let last = dir.file_name().to_lowercase();
    let named = sets.iter().flat_map(|f| names_of(dir, f)).any(|name| {
        states
            .with_word(&name)
            .any(|words| alone || last.is_empty() || words.contains(&last))
    });
    named.then(|| others(dir, sets, &[]))
}

/// The environments of variable files that none of the known runs gives.
fn others(dir: &RepoPath, sets: &[&SourceFile], known: &[Environment]) -> Vec<Environment> {
    sets.iter()
        .filter(|f| is_of_an_environment(dir, f) && !known.iter().any(|e| e.gives(f)))
        .map(|file| Environment {
            label: file
                .path()
                .as_str()
                .strip_prefix(dir.as_str())
                .map_or(file.path().as_str(), |rest| rest.trim_start_matches('/'))
                .to_owned(),
            names: names_of(dir, file),
            run: Run {
                var_files: Some(vec![file.path().clone()]),
                ..Run::default()
            },
        })
        .collect()
}

/// `live/app` and `workspace prod` → `live/app (workspace prod)`: how messages, pull requests and the index call it.
fn named(dir: &RepoPath, label: &str) -> RepoPath {
    if label.is_empty() {
        return dir.clone();
    }
    // A label with a slash would look like a directory.
    let label = label.replace('/', " / ");
    let name = if dir.as_str().is_empty() {
        format!("({label})")
    } else {
        format!("{dir} ({label})")
    };
    RepoPath::new(&name).unwrap_or_else(|| dir.clone())
}

/// The workspace that a state's path names, and the directory before it: `live/terraform.tfstate.d/prod/…`,
/// `s3://bucket/env:/prod/key`.
pub(crate) fn workspace_of(state: &str) -> Option<(Option<&str>, &str)> {
    let after = |marker: &str| {
        let at = state
            .find(marker)
            .filter(|at| *at == 0 || state[..*at].ends_with('/'))?;
        let (workspace, rest) = state[at + marker.len()..].split_once('/')?;
        (!workspace.is_empty() && !rest.is_empty()).then_some((at, workspace))
    };
    if let Some((at, workspace)) = after("terraform.tfstate.d/") {
        return Some((Some(state[..at].trim_end_matches('/')), workspace));
    }
    after("env:/").map(|(_, workspace)| (None, workspace))
}

/// The names that a variable file gives to what it is given to: its own and that of its directory below the root's,
/// without those that say nothing.
fn names_of(dir: &RepoPath, file: &SourceFile) -> BTreeSet<String> {
    let name = file.path().file_name();
    let name = name.strip_suffix(".json").unwrap_or(name);
    let own = name.strip_suffix(".tfvars").unwrap_or(name);
    let parent = file.path().parent();
    let folder = if parent == *dir {
        ""
    } else {
        parent.file_name()
    };
    let general = [
        "terraform",
        "vars",
        "variables",
        "main",
        "inputs",
        "values",
        "config",
        "env",
        "environment",
    ];
    [own, folder]
        .into_iter()
        .filter(|name| !name.is_empty() && !general.contains(name) && !tfvars::is_folder(name))
        .map(str::to_lowercase)
        .collect()
}

/// Whether a variable file is named after an environment.
fn is_of_an_environment(dir: &RepoPath, file: &SourceFile) -> bool {
    names_of(dir, file).iter().any(|name| {
        USUAL.contains(&name.as_str())
            || name
                .split(['-', '_', '.'])
                .any(|part| USUAL.contains(&part))
    })
}
