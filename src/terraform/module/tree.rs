//! Roots and the tree of module calls below each of them.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::declaration::{Declared, Module};
use super::environment::Environments;
use super::slots::Slots;
use crate::terraform::registry;
use crate::terraform::source::RepoPath;

/// Calls nested deeper than this are not followed.
const DEPTH: usize = 24;
/// More module instances than this in one estate are not followed (a call tree can grow exponentially).
const NODES: usize = 200_000;

/// What a module call leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Child {
    /// A module whose code is in the estate.
    Node(usize),
    /// A source that is not in the estate.
    External,
    /// A call that leads back to a module it is in, or too deep.
    TooDeep,
}

/// One module as called from one place (or a root).
pub(crate) struct Node {
    /// Index of the module (the directory).
    pub(crate) module: usize,
    /// The root's node.
    pub(crate) root: usize,
    /// The calling node and the call's label; `None` for a root.
    pub(crate) parent: Option<(usize, String)>,
    /// Labels of the calls from the root.
    pub(crate) path: Vec<String>,
    /// The calls in it.
    pub(crate) children: BTreeMap<String, Child>,
    /// `path.module`.
    pub(crate) path_module: String,
}

/// All nodes; roots come before what they call.
#[derive(Default)]
pub(crate) struct Tree {
    /// The nodes.
    pub(crate) nodes: Vec<Node>,
    /// Nodes by module (directory).
    pub(crate) by_module: FxHashMap<usize, Vec<usize>>,
    /// The root's node by the root's name: its directory, or one for each run of it.
    pub(crate) roots: BTreeMap<RepoPath, usize>,
    /// The other way round.
    pub(crate) names: FxHashMap<usize, RepoPath>,
    /// The directory in which each root is run, by the root's name.
    pub(crate) homes: BTreeMap<RepoPath, RepoPath>,
}

/// A manifest of installed modules: directory by dotted call path (`a.b`), below one root.
pub(crate) type Manifest = FxHashMap<String, RepoPath>;

/// What is beside a directory that tells a root from a called module.
#[derive(Default)]
pub(crate) struct Evidence {
    /// Directories with variable files, a lock file or a state.
    pub(crate) beside: BTreeSet<RepoPath>,
    /// `.terraform/modules/modules.json` by the directory of the root.
    pub(crate) manifests: FxHashMap<RepoPath, Manifest>,
}

impl Tree {
    /// Finds the roots and follows their calls.
    pub(crate) fn grow(
        modules: &[Module<'_>],
        by_dir: &FxHashMap<RepoPath, usize>,
        evidence: &Evidence,
        environments: &Environments,
    ) -> Self {
        let targets: Vec<Vec<Target<'_>>> = modules
            .par_iter()
            .map(|module| {
                let calls = module.calls.values();
                calls.map(|c| Target::of(c, module, by_dir)).collect()
            })
            .collect();
        let called: FxHashSet<usize> = targets
            .iter()
            .flatten()
            .filter_map(|target| match target {
                Target::Local(_, module) => *module,
                Target::Elsewhere(_) => None,
            })
            .collect();
        let code = Code {
            modules,
            by_dir,
            evidence,
            targets,
        };
        let mut wanted: Vec<(usize, RepoPath)> = Vec::new();
        let mut homes: BTreeMap<RepoPath, RepoPath> = BTreeMap::new();
        for (i, module) in modules.iter().enumerate() {
            let elsewhere = environments.is_run_elsewhere(&module.dir);
            let root = !is_installed(&module.dir)
                && !elsewhere
                && (!called.contains(&i)
                    || environments.is_run(&module.dir)
                    || evidence.beside.contains(&module.dir)
                    || module.has_backend);
            if root {
                for name in environments.roots_of(&module.dir) {
                    homes.insert(name.clone(), module.dir.clone());
                    wanted.push((i, name));
                }
            }
        }
        for (home, dir) in environments.units() {
            let Some(i) = by_dir.get(dir).filter(|_| !is_installed(home)) else {
                continue;
            };
            for name in environments.roots_of(home) {
                homes.insert(name.clone(), home.clone());
                wanted.push((*i, name));
            }
        }
        let mut tree = Self {
            homes,
            ..Self::default()
        };
        let grown: Vec<Vec<Node>> = wanted
            .par_iter()
            .map(|(module, _)| code.grown(*module, NODES))
            .collect();
        for ((module, name), nodes) in wanted.into_iter().zip(grown) {
            let left = NODES.saturating_sub(tree.nodes.len()).max(1);
            // What came before left less room than it was grown with.
            let nodes = if nodes.len() > left {
                code.grown(module, left)
            } else {
                nodes
            };
            tree.add_root(name, nodes);
        }
        // Modules that only call each other in a circle have no root above them: the first of them is one.
        for (i, module) in modules.iter().enumerate() {
            if !tree.by_module.contains_key(&i) && !is_installed(&module.dir) {
                let left = NODES.saturating_sub(tree.nodes.len()).max(1);
                tree.add_root(module.dir.clone(), code.grown(i, left));
            }
        }
        tree
    }

    /// The directory in which each root is run, and that of its code, by the root's name.
    pub(crate) fn codes(&self, modules: &Slots<'_>) -> BTreeMap<RepoPath, (RepoPath, RepoPath)> {
        self.roots
            .iter()
            .map(|(name, node)| {
                let code = &modules.get(self.nodes[*node].module).dir;
                let home = self.homes.get(name).unwrap_or(code);
                (name.clone(), (home.clone(), code.clone()))
            })
            .collect()
    }

    /// The nodes of a root, itself first: they follow each other.
    pub(crate) fn of_root(&self, root: usize) -> impl Iterator<Item = usize> {
        (root..self.nodes.len()).take_while(move |node| self.nodes[*node].root == root)
    }

    /// Takes the nodes of a root, itself first.
    fn add_root(&mut self, name: RepoPath, nodes: Vec<Node>) {
        let root = self.nodes.len();
        self.names.insert(root, name.clone());
        self.roots.insert(name, root);
        for mut node in nodes {
            node.root = root;
            if let Some((parent, _)) = &mut node.parent {
                *parent += root;
            }
            for child in node.children.values_mut() {
                if let Child::Node(number) = child {
                    *number += root;
                }
            }
            self.by_module
                .entry(node.module)
                .or_default()
                .push(self.nodes.len());
            self.nodes.push(node);
        }
    }
}

impl Code<'_, '_> {
    /// A root and everything below it, numbered from itself; at most so many.
    fn grown(&self, module: usize, most: usize) -> Vec<Node> {
        let manifest = self.evidence.manifests.get(&self.modules[module].dir);
        let mut nodes = vec![Node {
            module,
            root: 0,
            parent: None,
            path: Vec::new(),
            children: BTreeMap::new(),
            path_module: ".".to_owned(),
        }];
        let mut next = 0;
        while next < nodes.len() {
            self.follow(&mut nodes, next, manifest, most);
            next += 1;
        }
        nodes
    }

    fn follow(&self, nodes: &mut Vec<Node>, at: usize, manifest: Option<&Manifest>, most: usize) {
        let number = nodes[at].module;
        for (label, target) in self.modules[number].calls.keys().zip(&self.targets[number]) {
            let path = &nodes[at].path;
            let depth = path.len();
            let mut below = Vec::with_capacity(depth + 1);
            below.extend_from_slice(path);
            below.push((*label).to_owned());
            let (local, target) = match target {
                Target::Local(source, target) => (Some(*source), *target),
                // What is installed counts before what is known of the module.
                Target::Elsewhere(known) => {
                    let installed = manifest
                        .and_then(|m| m.get(&below.join(".")))
                        .and_then(|dir| self.by_dir.get(dir).copied());
                    (None, installed.or(*known))
                }
            };
            let child = match target {
                None => Child::External,
                Some(target) if is_above(nodes, at, target) || depth >= DEPTH => Child::TooDeep,
                Some(_) if nodes.len() >= most => Child::TooDeep,
                Some(target) => {
                    let from = &nodes[at].path_module;
                    let path_module = match local {
                        Some(source) => clean(from, source),
                        None => relative(
                            &self.modules[nodes[0].module].dir,
                            &self.modules[target].dir,
                        ),
                    };
                    let index = nodes.len();
                    nodes.push(Node {
                        module: target,
                        root: 0,
                        parent: Some((at, (*label).to_owned())),
                        path: below,
                        children: BTreeMap::new(),
                        path_module,
                    });
                    Child::Node(index)
                }
            };
            nodes[at].children.insert((*label).to_owned(), child);
        }
    }
}

/// Whether a module is the node's own or one of those above it.
fn is_above(nodes: &[Node], node: usize, module: usize) -> bool {
    let mut at = Some(node);
    while let Some(i) = at {
        if nodes[i].module == module {
            return true;
        }
        at = nodes[i].parent.as_ref().map(|(p, _)| *p);
    }
    false
}

/// What the tree grows from.
struct Code<'m, 'a> {
    modules: &'m [Module<'a>],
    by_dir: &'m FxHashMap<RepoPath, usize>,
    evidence: &'m Evidence,
    /// Of the calls of each module, in their order.
    targets: Vec<Vec<Target<'a>>>,
}

/// Where a call leads, whoever calls the module that it stands in.
enum Target<'a> {
    /// A local path, and the module there.
    Local(&'a str, Option<usize>),
    /// Another source, and the outline of the module that it is known to be.
    Elsewhere(Option<usize>),
}

impl<'a> Target<'a> {
    fn of(call: &Declared<'a>, module: &Module<'a>, by_dir: &FxHashMap<RepoPath, usize>) -> Self {
        let at = |dir: RepoPath| by_dir.get(&dir).copied();
        match local_source(call) {
            Some(source) => Self::Local(source, module.dir.join(source).and_then(at)),
            None => Self::Elsewhere(known_source(call).and_then(at)),
        }
    }
}

/// The source of a call when it is a local path.
fn local_source<'a>(call: &Declared<'a>) -> Option<&'a str> {
    call.source()
        .filter(|s| s.starts_with("./") || s.starts_with("../") || *s == "." || *s == "..")
}

/// Where the outline of the module lies that a call means, when it is a well-known one.
fn known_source(call: &Declared<'_>) -> Option<RepoPath> {
    // Only such a call's version is worth a parse.
    let source = call.source().filter(|s| registry::knows(s))?;
    let version = match call.attribute("version") {
        Some((_, written)) => Some(written.value.as_str()?),
        None => None,
    };
    registry::home(source, version)
}

/// Whether Terraform installed it (`.terraform/modules/…`): readable, never editable, never a root.
pub(crate) fn is_installed(path: &RepoPath) -> bool {
    path.as_str().split('/').any(|part| part == ".terraform")
}

/// `path.module` of a local call: the caller's and the source, cleaned.
fn clean(from: &str, source: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in from.split('/').chain(source.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            p => parts.push(p),
        }
    }
    if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    }
}

/// A directory below the root, as seen from the root.
fn relative(root: &RepoPath, dir: &RepoPath) -> String {
    dir.as_str()
        .strip_prefix(root.as_str())
        .map_or(dir.as_str(), |rest| rest.trim_start_matches('/'))
        .to_owned()
}
