//! The part of an estate that an edit can matter to: the roots that read the edited files, whole.
//!
//! A fix is proved on the edited code. In a repository with hundreds of roots, reading all of them anew for each fix
//! would take longer than everything else together.

use std::collections::{BTreeSet, HashSet};

use super::discover::is_code;
use super::{Configuration, tfvars};
use crate::terraform::estate::Estate;
use crate::terraform::source::RepoPath;

impl Configuration<'_> {
    /// The roots that read one of these files: as code of their own or of a module they call, or as a variable file.
    /// (A file may also be one that does not exist yet.)
    #[must_use]
    pub fn roots_reading(&self, files: &BTreeSet<&RepoPath>) -> BTreeSet<RepoPath> {
        let mut roots: BTreeSet<RepoPath> = BTreeSet::new();
        for dir in files.iter().map(|f| f.parent()).collect::<BTreeSet<_>>() {
            let nodes = self
                .module_index(&dir)
                .and_then(|module| self.tree.by_module.get(&module));
            roots.extend(
                nodes
                    .into_iter()
                    .flatten()
                    .map(|node| self.root_dir(*node).clone()),
            );
        }
        for file in files.iter().filter(|f| tfvars::is_variable_file(f)) {
            let readers = self.variables.roots_of(file).iter();
            roots.extend(
                readers
                    .filter(|dir| self.tree.roots.contains_key(*dir))
                    .cloned(),
            );
        }
        roots
    }

    /// The estate without the code of roots that read none of these files (a file may also be one that does not exist
    /// yet). Everything that is no Terraform code stays.
    #[must_use]
    pub fn estate_around(&self, files: &BTreeSet<&RepoPath>) -> Estate {
        let dirs: HashSet<RepoPath> = files.iter().map(|f| f.parent()).collect();
        let mut roots: HashSet<usize> = HashSet::new();
        for node in &self.tree.nodes {
            if dirs.contains(&self.modules.get(node.module).dir) {
                roots.insert(node.root);
            }
        }
        for root in self.tree.roots.values() {
            let variables = self.tfvars_of(*root);
            if variables.files().any(|f| files.contains(f.path())) {
                roots.insert(*root);
            }
        }
        let mut code: HashSet<RepoPath> = dirs;
        let mut values: HashSet<RepoPath> = HashSet::new();
        for node in &self.tree.nodes {
            if roots.contains(&node.root) {
                code.insert(self.modules.get(node.module).dir.clone());
            }
        }
        for root in &roots {
            let variables = self.tfvars_of(*root);
            values.extend(variables.files().map(|f| f.path().clone()));
        }
        self.estate.only(|path| {
            if tfvars::is_variable_file(path) {
                values.contains(path)
            } else {
                !is_code(path) || code.contains(&path.parent())
            }
        })
    }
}
