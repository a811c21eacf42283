//! The modules of a configuration: those of the code as it is, and the few that an edit put in their place.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::declaration::Module;
use crate::terraform::source::RepoPath;

/// One slot for each directory with code, in path order.
#[derive(Clone)]
pub(crate) struct Slots<'a> {
    base: Arc<[Arc<Module<'a>>]>,
    over: BTreeMap<usize, Arc<Module<'a>>>,
}

impl<'a> Slots<'a> {
    /// Of these modules, which are in path order.
    pub(super) fn new(modules: Vec<Module<'a>>) -> Self {
        Self {
            base: modules.into_iter().map(Arc::new).collect(),
            over: BTreeMap::new(),
        }
    }

    /// Puts another module in the place of one.
    pub(super) fn replace(&mut self, number: usize, module: Module<'a>) {
        self.over.insert(number, Arc::new(module));
    }

    /// A module.
    pub(super) fn get(&self, number: usize) -> &Module<'a> {
        self.over.get(&number).unwrap_or(&self.base[number])
    }

    /// The number of the module in a directory.
    pub(super) fn number(&self, dir: &RepoPath) -> Option<usize> {
        self.base.binary_search_by(|m| m.dir.cmp(dir)).ok()
    }
}
