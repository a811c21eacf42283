//! The index over an estate: building it, and the questions that need only the index.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::declaration::{Declared, Module};
use super::discover::{Sorted, directories, evidence, read};
use super::environment::{self, Environments, RootSettings, Run};
use super::given::Given;
use super::kinds::Kinds;
use super::slots::Slots;
use super::tfvars::{self, VariableFiles};
use super::tree::{Child, Tree};
use super::{Call, Configuration, ExternalCall, Occurrence, Resource};
use crate::terraform::address::{Address, BlockAddress, InstanceKey, ModuleStep};
use crate::terraform::estate::Estate;
use crate::terraform::source::{ParseProblem, RepoPath};
use crate::terraform::value::{MemoKey, ModuleInstance, Value};

impl<'a> Configuration<'a> {
    /// Parses and indexes every module of the estate. Files that do not parse are left out and listed in
    /// [`Configuration::problems`].
    #[must_use]
    pub fn new(estate: &'a Estate) -> Self {
        Self::with_settings(estate, &RootSettings::default())
    }

    /// As [`Configuration::new`], with what is known about how roots are run.
    #[must_use]
    pub fn with_settings(estate: &'a Estate, settings: &RootSettings) -> Self {
        let files = Sorted::of(estate);
        let directories = directories(&files.code);
        let by_dir: FxHashMap<RepoPath, usize> = directories
            .iter()
            .enumerate()
            .map(|(i, (dir, _))| (dir.clone(), i))
            .collect();
        let ((problems, modules), (assigned, environments, evidence)) = rayon::join(
            || {
                let problems = files.read().filter_map(|f| f.problem().cloned());
                let mut problems: Vec<ParseProblem> = problems.collect();
                problems.sort_by(|a, b| a.path.cmp(&b.path));
                (problems, read(directories))
            },
            || {
                let assigned = tfvars::assign(&files.variables, &by_dir);
                let environments = Environments::plan(estate, settings, &assigned, &files.units);
                (assigned, environments, evidence(estate, &files))
            },
        );
        let tree = Tree::grow(&modules, &by_dir, &evidence, &environments);
        let mut configuration = Self {
            estate,
            problems: Arc::new(problems),
            settings: Arc::new(settings.clone()),
            environments: Arc::new(environments),
            modules: Slots::new(modules),
            tree: Arc::new(tree),
            roots: Arc::default(),
            variables: Given::default(),
            kinds: Kinds::default(),
            memo: Mutex::default(),
            influence: Mutex::default(),
            named: super::named::Named::default(),
            lately: super::edited::Lately::default(),
            versions: super::provider::Versions::default(),
        };
        let (kinds, (roots, variables)) = rayon::join(
            || configuration.all_kinds(),
            || {
                let codes = configuration.tree.codes(&configuration.modules);
                environment::roots(estate, &configuration.environments, &assigned, &codes)
            },
        );
        configuration.kinds = kinds;
        configuration.roots = Arc::new(roots);
        configuration.variables = Given::new(variables);
        configuration
    }

    /// The same configuration with one of a root's [`RootModule::var_file_sets`] chosen, as `-var-file` does.
    #[must_use]
    pub fn with_var_file(estate: &'a Estate, root: &RepoPath, set: &RepoPath) -> Self {
        let run = Run {
            var_files: Some(vec![set.clone()]),
            ..Run::default()
        };
        let settings = RootSettings {
            runs: [(root.clone(), vec![run])].into(),
            states: Vec::new(),
        };
        Self::with_settings(estate, &settings)
    }

    /// The estate it indexes.
    #[must_use]
    pub fn estate(&self) -> &'a Estate {
        self.estate
    }

    /// Files that could not be parsed.
    #[must_use]
    pub fn problems(&self) -> &[ParseProblem] {
        &self.problems
    }

    /// The resource types that occur, in order.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<&str> {
        self.all_types()
    }

    /// Every place where a resource (not data) of this type stands, in order of root, address.
    #[must_use]
    pub fn occurrences(&self, kind: &str) -> Vec<Occurrence<'a>> {
        let mut found: Vec<Occurrence<'a>> = self
            .places(kind)
            .into_iter()
            .map(|(node, index)| self.occurrence_at(node, index))
            .collect();
        found.sort_by(|a, b| (&a.root, &a.address).cmp(&(&b.root, &b.address)));
        found
    }

    /// As [`Configuration::occurrences`], in one root alone.
    #[must_use]
    pub fn occurrences_in(&self, root: &RepoPath, kind: &str) -> Vec<Occurrence<'a>> {
        let Some(node) = self.tree.roots.get(root) else {
            return Vec::new();
        };
        let mut found: Vec<Occurrence<'a>> = self
            .places_in(kind, *node)
            .into_iter()
            .map(|(node, index)| self.occurrence_at(node, index))
            .collect();
        found.sort_by(|a, b| a.address.cmp(&b.address));
        found
    }

    /// Root and address of every resource (not data) of this type, without its block being parsed.
    #[must_use]
    pub fn addresses(&self, kind: &str) -> Vec<(RepoPath, BlockAddress)> {
        let places = self.places(kind).into_iter();
        places
            .map(|(node, index)| {
                let address = self.address_at(node, &self.module_of(node).resources[index]);
                (self.root_dir(node).clone(), address)
            })
            .collect()
    }

    /// Whether a root has a block of this address, without it being parsed.
    #[must_use]
    pub fn has(&self, root: &RepoPath, address: &BlockAddress) -> bool {
        self.place_of(root, address).is_some()
    }

    /// The place of one block address in a root (data sources included).
    #[must_use]
    pub fn occurrence(&self, root: &RepoPath, address: &BlockAddress) -> Option<Occurrence<'a>> {
        let (node, index) = self.place_of(root, address)?;
        Some(self.occurrence_at(node, index))
    }

    /// As [`Configuration::has`], by the number of the root: whether it has the block of an instance.
    pub(crate) fn has_below(&self, root: usize, instance: &Address) -> bool {
        let Address {
            data, kind, name, ..
        } = instance;
        let steps = instance.modules.iter().map(|step| step.name.as_str());
        self.place_below(root, steps, (*data, kind, name)).is_some()
    }

    fn place_of(&self, root: &RepoPath, address: &BlockAddress) -> Option<(usize, usize)> {
        let BlockAddress {
            data, kind, name, ..
        } = address;
        let steps = address.modules.iter().map(String::as_str);
        self.place_below(self.node_of(root)?, steps, (*data, kind, name))
    }

    /// The place of the block with this mode, type and name in the module to which the calls lead.
    fn place_below<'s>(
        &self,
        root: usize,
        calls: impl Iterator<Item = &'s str>,
        (data, kind, name): (bool, &str, &str),
    ) -> Option<(usize, usize)> {
        let mut node = root;
        for step in calls {
            match self.child(node, step) {
                Some(Child::Node(child)) => node = *child,
                _ => return None,
            }
        }
        let index = self.module_of(node).index_of(data, kind, name)?;
        Some((node, index))
    }

    /// The calls on the way from the root to an occurrence, outermost first.
    #[must_use]
    pub fn calls(&self, occurrence: &Occurrence<'a>) -> Vec<Call<'a>> {
        let mut calls = Vec::new();
        let mut node = occurrence.node;
        while let Some((parent, label)) = &self.tree.nodes[node].parent {
            if let Some((name, declared)) =
                self.module_of(*parent).calls.get_key_value(label.as_str())
            {
                calls.push(call(name, declared));
            }
            node = *parent;
        }
        calls.reverse();
        calls
    }

    /// Every call of a module whose code is not in the estate, in order of root and path.
    #[must_use]
    pub fn external_calls(&self) -> Vec<ExternalCall<'a>> {
        self.external_calls_among(0..self.tree.nodes.len())
    }

    /// Those of [`Configuration::external_calls`] that belong to one root.
    #[must_use]
    pub fn external_calls_of(&self, root: &RepoPath) -> Vec<ExternalCall<'a>> {
        let node = self.tree.roots.get(root).copied();
        self.external_calls_among(node.into_iter().flat_map(|node| self.tree.of_root(node)))
    }

    fn external_calls_among(&self, nodes: impl Iterator<Item = usize>) -> Vec<ExternalCall<'a>> {
        let mut found = Vec::new();
        for i in nodes {
            let node = &self.tree.nodes[i];
            for (name, declared) in &self.module_of(i).calls {
                if node.children.get(*name) != Some(&Child::External) {
                    continue;
                }
                let mut path = node.path.clone();
                path.push((*name).to_owned());
                found.push(ExternalCall {
                    root: self.root_dir(i).clone(),
                    path,
                    call: call(name, declared),
                    version: declared
                        .attribute("version")
                        .and_then(|(_, a)| a.value.as_str()),
                });
            }
        }
        found.sort_by(|a, b| (&a.root, &a.path).cmp(&(&b.root, &b.path)));
        found
    }

    pub(super) fn occurrence_at(&self, node: usize, index: usize) -> Occurrence<'a> {
        let module = self.module_of(node);
        let declared = &module.resources[index];
        let resource = resource(declared);
        Occurrence {
            root: self.root_dir(node).clone(),
            module: module.dir.clone(),
            address: self.address_at(node, declared),
            resource,
            editable: declared.file.is_editable(),
            overrides: declared.overrides.clone(),
            node,
            index,
        }
    }

    fn address_at(&self, node: usize, declared: &Declared<'a>) -> BlockAddress {
        let (kind, name) = declared.labels();
        BlockAddress {
            modules: self.tree.nodes[node].path.clone(),
            data: declared.is_data(),
            kind: kind.to_owned(),
            name: name.to_owned(),
        }
    }

    pub(super) fn declared(&self, occurrence: &Occurrence<'a>) -> &Declared<'a> {
        &self.module_of(occurrence.node).resources[occurrence.index]
    }

    pub(crate) fn module_of(&self, node: usize) -> &Module<'a> {
        self.modules.get(self.tree.nodes[node].module)
    }

    pub(crate) fn path_module(&self, node: usize) -> String {
        self.tree.nodes[node].path_module.clone()
    }

    pub(crate) fn child(&self, node: usize, call: &str) -> Option<&Child> {
        self.tree.nodes[node].children.get(call)
    }

    /// The call that leads to a node; `None` for a root.
    pub(crate) fn caller(&self, node: usize) -> Option<&Declared<'a>> {
        let (parent, label) = self.tree.nodes[node].parent.as_ref()?;
        self.module_of(*parent).calls.get(label.as_str())
    }

    /// The module instance around one, and the key of the call between them.
    pub(crate) fn outside(
        &self,
        module: &ModuleInstance,
    ) -> (Arc<ModuleInstance>, Option<InstanceKey>) {
        let parent = self.tree.nodes[module.node]
            .parent
            .as_ref()
            .map_or(module.node, |(p, _)| *p);
        let mut keys = module.keys.clone();
        let key = keys.pop().flatten();
        (Arc::new(ModuleInstance { node: parent, keys }), key)
    }

    /// The variable files of a node's root.
    pub(crate) fn tfvars_of(&self, node: usize) -> &VariableFiles<'a> {
        static NONE: VariableFiles<'static> = VariableFiles::none();
        self.variables.of(self.root_dir(node)).unwrap_or(&NONE)
    }

    /// The module steps of an address in a module instance.
    pub(crate) fn steps_of(&self, module: &ModuleInstance) -> Vec<ModuleStep> {
        self.tree.nodes[module.node]
            .path
            .iter()
            .zip(&module.keys)
            .map(|(name, key)| ModuleStep {
                name: name.clone(),
                key: key.clone(),
            })
            .collect()
    }

    /// The module instance at an address below a root's node.
    pub(crate) fn instance_of(
        &self,
        root: usize,
        steps: &[ModuleStep],
    ) -> Option<Arc<ModuleInstance>> {
        let mut node = root;
        let mut keys = Vec::with_capacity(steps.len());
        for step in steps {
            match self.child(node, &step.name) {
                Some(Child::Node(child)) => node = *child,
                _ => return None,
            }
            keys.push(step.key.clone());
        }
        Some(Arc::new(ModuleInstance { node, keys }))
    }

    pub(crate) fn remembered(&self, key: &MemoKey) -> Option<Arc<Value>> {
        self.memo
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned()
    }

    pub(crate) fn remember(&self, key: MemoKey, value: &Arc<Value>) {
        self.memo
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, Arc::clone(value));
    }
}

pub(super) fn resource<'a>(declared: &Declared<'a>) -> Resource<'a> {
    let (kind, name) = declared.labels();
    Resource {
        data: declared.is_data(),
        kind,
        name,
        file: declared.file,
        block: declared.block.get(),
    }
}

pub(super) fn call<'a>(name: &'a str, declared: &Declared<'a>) -> Call<'a> {
    Call {
        name,
        file: declared.file,
        block: declared.block.get(),
        source: declared.source(),
    }
}
