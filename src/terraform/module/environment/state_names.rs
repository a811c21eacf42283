//! What the names of states say of how their roots are run.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::{StateAtHand, workspace_of};
use crate::terraform::estate::Estate;
use crate::terraform::source::RepoPath;
use crate::terraform::state::State;

/// What the names of all states say.
#[derive(Default)]
pub(super) struct StateNames {
    /// Workspaces by the directory before `terraform.tfstate.d`, and by every end of it.
    by_dir: FxHashMap<String, BTreeSet<String>>,
    /// Workspaces by the key behind `env:/<workspace>/`.
    by_key: FxHashMap<String, BTreeSet<String>>,
    /// Directories of which a state lies in the repository, or is known to be theirs.
    dirs: BTreeSet<RepoPath>,
    /// The words of each state's name.
    words: Vec<BTreeSet<String>>,
    /// Which states have a word.
    by_word: FxHashMap<String, Vec<usize>>,
}

impl StateNames {
    pub(super) fn read(estate: &Estate, at_hand: &[StateAtHand]) -> Self {
        let mut names = Self::default();
        for path in estate.states() {
            names.add(path.as_str(), Some(&State::beside(path)), None);
        }
        for state in at_hand {
            let name = state.name.replace('\\', "/");
            names.add(&name, state.root.as_ref(), state.workspace.as_deref());
        }
        names
    }

    fn add(&mut self, name: &str, root: Option<&RepoPath>, workspace: Option<&str>) {
        let told = workspace_of(name);
        if let Some(workspace) = workspace.or(told.map(|(_, workspace)| workspace)) {
            let mut insert = |dir: &str| {
                let of = self.by_dir.entry(dir.to_owned()).or_default();
                of.insert(workspace.to_owned());
            };
            match (root, told) {
                (Some(root), _) => {
                    insert(root.as_str());
                    self.dirs.insert(root.clone());
                }
                (None, Some((Some(before), _))) => {
                    insert(before);
                    let ends = before.match_indices('/').map(|(at, _)| &before[at + 1..]);
                    ends.filter(|end| !end.is_empty()).for_each(insert);
                }
                (None, Some((None, _))) => {
                    let key = name.split_once(&format!("env:/{workspace}/"));
                    if let Some((_, key)) = key {
                        let of = self.by_key.entry(key.to_owned()).or_default();
                        of.insert(workspace.to_owned());
                    }
                }
                (None, None) => {}
            }
        }
        let words: BTreeSet<String> = words_of(name).into_iter().collect();
        for word in &words {
            self.by_word
                .entry(word.clone())
                .or_default()
                .push(self.words.len());
        }
        self.words.push(words);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(super) fn dirs(&self) -> impl Iterator<Item = &RepoPath> {
        self.dirs.iter()
    }

    /// The words of the states whose names have a word.
    pub(super) fn with_word(&self, word: &str) -> impl Iterator<Item = &BTreeSet<String>> {
        let all = self.by_word.get(word).into_iter().flatten();
        all.filter_map(|i| self.words.get(*i))
    }

    /// The workspaces of a directory: by states that lie there, and by those under the key of its backend.
    pub(super) fn workspaces_of(&self, estate: &Estate, dir: &RepoPath) -> BTreeSet<&str> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let known = self.by_dir.get(dir.as_str());
        found.extend(known.into_iter().flatten().map(String::as_str));
        if self.by_key.is_empty() {
            return found;
        }
        let backends = estate
            .files_in(dir)
            .filter(|f| f.text().contains("backend"));
        for key in backends.flat_map(|f| keys_in(f.text())) {
            let known = self.by_key.get(key);
            found.extend(known.into_iter().flatten().map(String::as_str));
        }
        if !dir.as_str().is_empty() {
            // Keys that follow the directories: `live/app/terraform.tfstate`.
            let known = self.by_key.get(&format!("{dir}/terraform.tfstate"));
            found.extend(known.into_iter().flatten().map(String::as_str));
        }
        found
    }
}

/// The values of `key = "…"` in a text.
fn keys_in(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let value = line
            .trim()
            .strip_prefix("key")?
            .trim_start()
            .strip_prefix('=')?;
        value.trim_start().strip_prefix('"')?.split('"').next()
    })
}

/// The words of a state's name: of the file's, or of its directory's when the file's is a general one; as a whole and
/// the parts between `-`, `_` and `.`. Directories further up belong to whoever keeps the states.
pub(super) fn words_of(state: &str) -> Vec<String> {
    let mut parts = state.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let stem = file.split_once(".tfstate").map_or(file, |(stem, _)| stem);
    let stem = stem.strip_suffix(".json").unwrap_or(stem);
    let general = matches!(stem, "terraform" | "state" | "default" | "tfstate" | "");
    let name = if general {
        parts.next().unwrap_or_default()
    } else {
        stem
    };
    let all = std::iter::once(name).chain(name.split(['-', '_', '.']));
    all.filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
