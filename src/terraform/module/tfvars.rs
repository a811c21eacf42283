//! Which variable files belong to a root, and in which order they count.
//!
//! Terraform loads `terraform.tfvars`, `terraform.tfvars.json`, then `*.auto.tfvars(.json)` in lexical order; the
//! last wins. Every other `*.tfvars` is given by hand (`-var-file`): each is a *set* of its own, and what differs
//! between sets is not known.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hcl_edit::structure::Attribute;

use rustc_hash::FxHashMap;

use super::environment::Run;
use super::terragrunt::Unit;
use crate::terraform::estate::Estate;
use crate::terraform::source::{RepoPath, SourceFile};

/// The variable files of one root, and what else gives its variables a value.
#[derive(Default, Clone)]
pub(crate) struct VariableFiles<'a> {
    /// Loaded by Terraform itself, in rising precedence.
    pub(crate) loaded: Vec<&'a SourceFile>,
    /// Known to be given with `-var-file`, in rising precedence.
    pub(crate) given: Vec<&'a SourceFile>,
    /// Known to be given, but not there.
    pub(crate) missing: Option<RepoPath>,
    /// Files that may be given by hand, each its own set: nobody says which one is.
    pub(crate) sets: Vec<&'a SourceFile>,
    /// The same, in a directory for variable files of everything around it (`live/vars/prod.tfvars`).
    pub(crate) around: Vec<&'a SourceFile>,
    /// The Terragrunt unit that the root is.
    pub(crate) unit: Option<Arc<Unit>>,
    /// The files of the unit.
    pub(crate) configs: Vec<&'a SourceFile>,
    /// How the root is run, where that is known.
    pub(crate) run: Option<Arc<Run>>,
}

impl<'a> VariableFiles<'a> {
    /// Of a root that has none.
    pub(crate) const fn none() -> Self {
        Self {
            loaded: Vec::new(),
            given: Vec::new(),
            missing: None,
            sets: Vec::new(),
            around: Vec::new(),
            unit: None,
            configs: Vec::new(),
            run: None,
        }
    }

    /// What the files say of a variable that are certain to count; the one that wins.
    pub(crate) fn certain(&self, name: &str) -> Option<(&'a SourceFile, &'a Attribute)> {
        let given = self.given.iter().rev();
        given
            .chain(self.loaded.iter().rev())
            .find_map(|file| entry(file, name))
    }

    /// Why it is not certain which variables are set: a file that counts and is not read, or arguments of Terragrunt.
    pub(crate) fn doubt(&self) -> Option<String> {
        let unread = self.files().find(|file| file.problem().is_some());
        if let Some(file) = unread {
            return Some(format!("{}, which cannot be parsed", file.path()));
        }
        if let Some(path) = &self.missing {
            return Some(format!("{path}, which is not there"));
        }
        let unit = self.unit.as_deref().filter(|unit| unit.extra.open)?;
        Some(format!(
            "the arguments of {}, which cannot be told",
            unit.file
        ))
    }

    /// What each set says of a variable.
    pub(crate) fn by_hand(&self, name: &str) -> Vec<Option<(&'a SourceFile, &'a Attribute)>> {
        self.open().map(|file| entry(file, name)).collect()
    }

    /// The sets that give a variable, for messages.
    pub(crate) fn sets_of(&self, name: &str) -> Vec<RepoPath> {
        let giving = self.open().filter(|f| entry(f, name).is_some());
        giving.map(|f| f.path().clone()).collect()
    }

    /// Whether a file that is not the root's own may give a variable.
    pub(crate) fn is_around(&self, name: &str) -> bool {
        self.around.iter().any(|file| entry(file, name).is_some())
    }

    /// Every file that may be given.
    pub(crate) fn open(&self) -> impl Iterator<Item = &'a SourceFile> {
        self.sets.iter().chain(&self.around).copied()
    }

    /// Every file that may decide a value.
    pub(crate) fn files(&self) -> impl Iterator<Item = &'a SourceFile> {
        let certain = self.loaded.iter().chain(&self.given);
        let certain = certain.chain(&self.configs);
        certain.copied().chain(self.open())
    }

    /// The same, to put other readings of the files in their place.
    pub(crate) fn files_mut(&mut self) -> impl Iterator<Item = &mut &'a SourceFile> {
        let all = self.loaded.iter_mut().chain(&mut self.given);
        all.chain(&mut self.sets)
            .chain(&mut self.around)
            .chain(&mut self.configs)
    }
}

fn entry<'a>(file: &'a SourceFile, name: &str) -> Option<(&'a SourceFile, &'a Attribute)> {
    let attribute = file.body().ok()?.get_attribute(name)?;
    Some((file, attribute))
}

/// Rank of a file that Terraform loads by itself; `None` = by hand.
fn rank(name: &str) -> Option<u8> {
    match name {
        "terraform.tfvars" => Some(0),
        "terraform.tfvars.json" => Some(1),
        _ if name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json") => Some(2),
        _ => None,
    }
}

/// Whether it is a variable file.
pub(crate) fn is_variable_file(path: &RepoPath) -> bool {
    let name = path.file_name();
    name.ends_with(".tfvars") || name.ends_with(".tfvars.json")
}

/// Assigns variable files to the directories of modules: those beside the code, and those in directories below it
/// that hold no code themselves (`envs/prod.tfvars`); and those in a directory that is named after such files to
/// everything around it.
pub(crate) fn assign<'a>(
    files: &[&'a SourceFile],
    modules: &FxHashMap<RepoPath, usize>,
) -> FxHashMap<RepoPath, VariableFiles<'a>> {
    let mut found: FxHashMap<RepoPath, VariableFiles<'a>> = FxHashMap::default();
    let mut loaded: BTreeMap<(RepoPath, u8, &str), &'a SourceFile> = BTreeMap::new();
    // Asked for only where there is a folder of variable files.
    let sorted: LazyCell<BTreeSet<&RepoPath>, _> = LazyCell::new(|| modules.keys().collect());
    for file in files {
        let beside = file.path().parent();
        let home = home_of(&beside, modules);
        for dir in around(file.path(), home.as_ref(), || &sorted) {
            found.entry(dir.clone()).or_default().around.push(file);
        }
        let Some(home) = home else {
            continue;
        };
        match rank(file.path().file_name()) {
            Some(rank) if home == beside => {
                loaded.insert((home, rank, file.path().file_name()), file);
            }
            _ => found.entry(home).or_default().sets.push(file),
        }
    }
    for ((home, ..), file) in loaded {
        found.entry(home).or_default().loaded.push(file);
    }
    found
}

/// The nearest directory upwards that holds code.
fn home_of(dir: &RepoPath, modules: &FxHashMap<RepoPath, usize>) -> Option<RepoPath> {
    let mut at = dir.clone();
    loop {
        if modules.contains_key(&at) {
            return Some(at);
        }
        if at.as_str().is_empty() {
            return None;
        }
        at = at.parent();
    }
}

/// Names of directories that hold variable files of what lies around them.
const FOLDERS: [&str; 16] = [
    "config",
    "configs",
    "configuration",
    "configurations",
    "env",
    "envs",
    "environment",
    "environments",
    "parameters",
    "params",
    "settings",
    "tfvars",
    "values",
    "var",
    "variables",
    "vars",
];

/// Whether directories of that name usually hold variable files.
pub(crate) fn is_folder(name: &str) -> bool {
    FOLDERS.contains(&name)
}

/// The directories with code around a variable file that lies in a folder for such files, when no code is nearer to it.
/// A file that is named after some of them is theirs alone (`vars/app/prod.tfvars`).
fn around<'d>(
    file: &RepoPath,
    home: Option<&RepoPath>,
    modules: impl FnOnce() -> &'d BTreeSet<&'d RepoPath>,
) -> Vec<&'d RepoPath> {
    let dir = file.parent();
    let parts: Vec<&str> = dir.as_str().split('/').collect();
    let Some(at) = parts.iter().position(|part| FOLDERS.contains(part)) else {
        return Vec::new();
    };
    let scope = parts[..at].join("/");
    if home.is_some_and(|home| home.as_str().len() >= scope.len()) {
        return Vec::new();
    }
    let inside = |dir: &RepoPath| {
        scope.is_empty()
            || dir
                .as_str()
                .strip_prefix(scope.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let from = RepoPath::new(&scope).unwrap_or_default();
    let all: Vec<&RepoPath> = modules()
        .range::<RepoPath, _>(&from..)
        .copied()
        .take_while(|dir| dir.as_str().starts_with(scope.as_str()))
        .filter(|dir| inside(dir))
        .collect();
    let stem = file.file_name().split('.').next().unwrap_or_default();
    let words: Vec<&str> = parts[at + 1..]
        .iter()
        .copied()
        .chain(stem.split(['-', '_']))
        .chain([stem])
        .collect();
    let meant: Vec<&RepoPath> = all
        .iter()
        .copied()
        .filter(|dir| !dir.as_str().is_empty() && words.contains(&dir.file_name()))
        .collect();
    if meant.is_empty() { all } else { meant }
}

/// The files that Terragrunt has Terraform load by itself: those of the module, and those beside the unit, which are
/// copied over them.
pub(crate) fn beside_unit<'a>(
    estate: &'a Estate,
    unit: &RepoPath,
    of_module: &[&'a SourceFile],
) -> Vec<&'a SourceFile> {
    let mut all: BTreeMap<(u8, &str), &'a SourceFile> = BTreeMap::new();
    let beside = estate.files_in(unit).map(AsRef::as_ref);
    for file in of_module.iter().copied().chain(beside) {
        let name = file.path().file_name();
        if let Some(rank) = rank(name) {
            all.insert((rank, name), file);
        }
    }
    all.into_values().collect()
}
