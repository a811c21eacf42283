//! Questions about roots: what they are made of, where they are run, which state is theirs.

use std::sync::Arc;

use hcl_edit::structure::Block;
use rustc_hash::FxHashSet;

use super::environment::RootSettings;
use super::tfvars;
use super::{Configuration, RootModule};
use crate::terraform::source::{ParseProblem, RepoPath, SourceFile, StatePlace};
use crate::terraform::value::{Evaluator, ModuleInstance, OriginPlace, Scope, Unknown, Value};

impl<'a> Configuration<'a> {
    /// Files that could not be parsed and belong to a root: its own, those of the modules it calls, its variable files.
    /// What such a file declares is missing from every answer about the root.
    #[must_use]
    pub fn problems_of(&self, root: &RepoPath) -> Vec<&ParseProblem> {
        let Some(node) = self.tree.roots.get(root) else {
            return Vec::new();
        };
        if self.problems.is_empty() {
            return Vec::new();
        }
        let dirs: FxHashSet<&RepoPath> = self
            .tree
            .of_root(*node)
            .map(|n| &self.module_of(n).dir)
            .collect();
        let variables = self.tfvars_of(*node);
        self.problems
            .iter()
            .filter(|p| {
                let file = &p.path;
                let is_code = !tfvars::is_variable_file(file) && dirs.contains(&file.parent());
                is_code || variables.files().any(|f| f.path() == file)
            })
            .collect()
    }

    /// The root modules, in path order.
    #[must_use]
    pub fn roots(&self) -> &[RootModule] {
        &self.roots
    }

    /// `provider` blocks of a root, with the file they stand in.
    #[must_use]
    pub fn providers(&self, root: &RepoPath) -> Vec<(&'a SourceFile, &'a Block)> {
        self.tree.roots.get(root).map_or_else(Vec::new, |node| {
            self.module_of(*node)
                .providers
                .iter()
                .map(|p| (p.file, p.block.get()))
                .collect()
        })
    }

    /// `terraform` blocks of a root, with the file they stand in.
    #[must_use]
    pub fn settings(&self, root: &RepoPath) -> Vec<(&'a SourceFile, &'a Block)> {
        self.tree.roots.get(root).map_or_else(Vec::new, |node| {
            self.module_of(*node).settings.iter().collect()
        })
    }

    /// Where a root's first `backend "s3"` block keeps its state, as far as it is plain text.
    pub(crate) fn state_place(&self, root: &RepoPath) -> Option<StatePlace> {
        let node = self.tree.roots.get(root)?;
        self.module_of(*node).settings.state_place()
    }

    /// `moved`, `import`, `removed` and `check` blocks of the module of a root at a path of calls.
    #[must_use]
    pub fn other_blocks(
        &self,
        root: &RepoPath,
        modules: &[String],
    ) -> Vec<(&'a SourceFile, &'a Block)> {
        self.node_at(root, modules).map_or_else(Vec::new, |node| {
            self.module_of(node).others.iter().collect()
        })
    }

    /// Those of [`Configuration::other_blocks`] that have this name: `moved`, `import` …
    #[must_use]
    pub fn blocks_named(
        &self,
        root: &RepoPath,
        modules: &[String],
        name: &str,
    ) -> Vec<(&'a SourceFile, &'a Block)> {
        self.node_at(root, modules).map_or_else(Vec::new, |node| {
            self.module_of(node).others.named(name).collect()
        })
    }

    /// The roots that have a block of this name (`import`, `removed` …) at their own top level.
    #[must_use]
    pub fn roots_with(&self, name: &str) -> Vec<RepoPath> {
        let roots = self.tree.roots.iter();
        roots
            .filter(|(_, node)| self.module_of(**node).others.has(name))
            .map(|(dir, _)| dir.clone())
            .collect()
    }

    /// Evaluates an expression that stands in a root's own top level (a provider block, say).
    #[must_use]
    pub fn evaluate_in_root(
        &self,
        root: &RepoPath,
        file: &'a SourceFile,
        expression: &hcl_edit::expr::Expression,
    ) -> Value {
        let Some(node) = self.tree.roots.get(root) else {
            return Value::unknown(Unknown::Invalid(format!("{root} is no root module")));
        };
        let module = Arc::new(ModuleInstance {
            node: *node,
            keys: Vec::new(),
        });
        Evaluator::new(self, *node).evaluate(
            &Scope::of_module(module, file, OriginPlace::Block),
            expression,
        )
    }

    /// The root of a node, as it is called (see [`RootModule::dir`]).
    pub(super) fn root_dir(&self, node: usize) -> &RepoPath {
        let root = self.tree.nodes[node].root;
        self.tree
            .names
            .get(&root)
            .unwrap_or_else(|| &self.modules.get(self.tree.nodes[root].module).dir)
    }

    /// `terraform.workspace` in a node's root, where it is known.
    pub(crate) fn workspace_of(&self, node: usize) -> Option<&str> {
        let run = self.tfvars_of(node).run.as_deref();
        run.and_then(|run| run.workspace.as_deref())
    }

    /// What is known about how roots are run.
    #[must_use]
    pub fn settings_of_roots(&self) -> &RootSettings {
        &self.settings
    }

    /// The directory with the code of a root (see [`RootModule::dir`]).
    #[must_use]
    pub fn code_of(&self, root: &RepoPath) -> RepoPath {
        let node = self.tree.roots.get(root);
        node.map_or_else(|| root.clone(), |node| self.module_of(*node).dir.clone())
    }

    /// The directory in which a root is run (see [`RootModule::home`]).
    #[must_use]
    pub fn home_of(&self, root: &RepoPath) -> RepoPath {
        self.tree.homes.get(root).unwrap_or(root).clone()
    }

    /// The roots that a directory is: one for each of its runs.
    #[must_use]
    pub fn roots_of_home(&self, home: &RepoPath) -> Vec<RepoPath> {
        self.environments.roots_of(home)
    }

    /// The roots of a directory to which a state belongs: by the state's workspace, where it is known, else by its
    /// path. Several when that does not tell.
    #[must_use]
    pub fn roots_of_state(
        &self,
        dir: &RepoPath,
        state: &str,
        workspace: Option<&str>,
    ) -> Vec<RepoPath> {
        self.environments.of_state(dir, state, workspace)
    }

    /// The number of a root.
    pub(crate) fn node_of(&self, root: &RepoPath) -> Option<usize> {
        self.tree.roots.get(root).copied()
    }
}
