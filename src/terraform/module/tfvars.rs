//! Which variable files belong to a root, and in which order they count.
//!
//! Terraform loads `terraform.tfvars`, `terraform.tfvars.json`, then `*.auto.tfvars(.json)` in lexical order; the
//! last wins. Every other `*.tfvars` is given by hand (`-var-file`): each is a *set* of its own, and what differs
//! between sets is not known.

use std::collections::{BTreeMap, HashMap, HashSet};

use hcl_edit::structure::Attribute;

use crate::terraform::source::{RepoPath, SourceFile};

/// The variable files of one root.
#[derive(Default, Clone)]
pub(crate) struct VariableFiles<'a> {
    /// Loaded by Terraform itself, in rising precedence.
    pub(crate) loaded: Vec<&'a SourceFile>,
    /// Given by hand, each its own set.
    pub(crate) sets: Vec<&'a SourceFile>,
    /// The set that was chosen for this configuration; the others do not count then.
    pub(crate) chosen: Option<RepoPath>,
}

impl<'a> VariableFiles<'a> {
    /// What the files that Terraform loads (and a chosen set) say of a variable.
    pub(crate) fn automatic(&self, name: &str) -> Option<(&'a SourceFile, &'a Attribute)> {
        let chosen = self
            .chosen
            .as_ref()
            .and_then(|path| self.sets.iter().find(|f| f.path() == path));
        chosen
            .into_iter()
            .chain(self.loaded.iter().rev())
            .find_map(|file| entry(file, name))
    }

    /// A file that counts but cannot be parsed.
    pub(crate) fn unread(&self) -> Option<&RepoPath> {
        let counts = |file: &&&SourceFile| self.chosen.as_ref().is_none_or(|c| c == file.path());
        self.loaded
            .iter()
            .chain(self.sets.iter().filter(counts))
            .find(|file| file.body().is_err())
            .map(|file| file.path())
    }

    /// What each set says of a variable; empty when one was chosen.
    pub(crate) fn by_hand(&self, name: &str) -> Vec<Option<(&'a SourceFile, &'a Attribute)>> {
        if self.chosen.is_some() {
            return Vec::new();
        }
        self.sets.iter().map(|file| entry(file, name)).collect()
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
/// that hold no code themselves (`envs/prod.tfvars`).
pub(crate) fn assign<'a>(
    files: &[&'a SourceFile],
    modules: &HashSet<RepoPath>,
) -> HashMap<RepoPath, VariableFiles<'a>> {
    let mut found: HashMap<RepoPath, VariableFiles<'a>> = HashMap::new();
    let mut loaded: BTreeMap<(RepoPath, u8, &str), &'a SourceFile> = BTreeMap::new();
    for file in files {
        let beside = file.path().parent();
        let Some(home) = home_of(&beside, modules) else {
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
fn home_of(dir: &RepoPath, modules: &HashSet<RepoPath>) -> Option<RepoPath> {
    let mut at = dir.clone();
    loop {
        if modules.contains(&at) {
            return Some(at);
        }
        if at.as_str().is_empty() {
            return None;
        }
        at = at.parent();
    }
}
