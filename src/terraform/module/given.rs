//! The variable files of every root and, the other way round, the roots of every variable file: those of the code as
//! it is, and the few that an edit put in their place.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::tfvars::VariableFiles;
use crate::terraform::source::{RepoPath, SourceFile};

/// Variable files by root.
#[derive(Clone, Default)]
pub(crate) struct Given<'a> {
    base: Arc<FxHashMap<RepoPath, VariableFiles<'a>>>,
    over: BTreeMap<RepoPath, VariableFiles<'a>>,
    /// The roots of a file, in order; made on first use. An edit changes what stands in a file and not whose it is.
    roots: Arc<OnceLock<FxHashMap<RepoPath, Vec<RepoPath>>>>,
}

impl<'a> Given<'a> {
    /// Of these roots.
    pub(super) fn new(base: FxHashMap<RepoPath, VariableFiles<'a>>) -> Self {
        Self {
            base: Arc::new(base),
            over: BTreeMap::new(),
            roots: Arc::default(),
        }
    }

    /// The files of one root.
    pub(super) fn of(&self, root: &RepoPath) -> Option<&VariableFiles<'a>> {
        self.over.get(root).or_else(|| self.base.get(root))
    }

    /// The roots that a file may give variables to, in order.
    pub(super) fn roots_of(&self, file: &RepoPath) -> &[RepoPath] {
        let roots = self.roots.get_or_init(|| {
            let mut found: FxHashMap<RepoPath, Vec<RepoPath>> = FxHashMap::default();
            for (root, files) in self.base.iter() {
                for file in files.files() {
                    let roots = found.entry(file.path().clone()).or_default();
                    if roots.last() != Some(root) {
                        roots.push(root.clone());
                    }
                }
            }
            found.values_mut().for_each(|roots| roots.sort());
            found
        });
        roots.get(file).map_or(&[], Vec::as_slice)
    }

    /// Puts another reading of a file in its place.
    pub(super) fn replace(&mut self, new: &'a SourceFile) {
        for root in self.roots_of(new.path()).to_vec() {
            let Some(mut files) = self.of(&root).cloned() else {
                continue;
            };
            for file in files.files_mut().filter(|f| f.path() == new.path()) {
                *file = new;
            }
            self.over.insert(root, files);
        }
    }
}
