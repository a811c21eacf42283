//! Roots and the tree of module calls below each of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::declaration::{Declared, Module};
use super::environment::Environments;
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
    pub(crate) by_module: HashMap<usize, Vec<usize>>,
    /// The root's node by the root's name: its directory, or one for each run of it.
    pub(crate) roots: BTreeMap<RepoPath, usize>,
    /// The other way round.
    pub(crate) names: HashMap<usize, RepoPath>,
    /// The directory in which each root is run, by the root's name.
    pub(crate) homes: BTreeMap<RepoPath, RepoPath>,
}

/// A manifest of installed modules: directory by dotted call path (`a.b`), below one root.
pub(crate) type Manifest = HashMap<String, RepoPath>;

/// What is beside a directory that tells a root from a called module.
#[derive(Default)]
pub(crate) struct Evidence {
    /// Directories with variable files, a lock file or a state.
    pub(crate) beside: BTreeSet<RepoPath>,
    /// `.terraform/modules/modules.json` by the directory of the root.
    pub(crate) manifests: HashMap<RepoPath, Manifest>,
}

impl Tree {
    /// Finds the roots and follows their calls.
    pub(crate) fn grow(
        modules: &[Module<'_>],
        by_dir: &HashMap<RepoPath, usize>,
        evidence: &Evidence,
        environments: &Environments,
    ) -> Self {
        let mut called: BTreeSet<usize> = BTreeSet::new();
        for module in modules {
            for call in module.calls.values() {
                if let Some(target) = local_source(call)
                    .and_then(|source| module.dir.join(source))
                    .and_then(|dir| by_dir.get(&dir))
                {
                    called.insert(*target);
                }
            }
        }
        let mut tree = Self::default();
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
                    tree.homes.insert(name.clone(), module.dir.clone());
                    tree.add_root(i, name, modules, by_dir, evidence);
                }
            }
        }
        for (home, dir) in environments.units() {
            let Some(i) = by_dir.get(dir).filter(|_| !is_installed(home)) else {
                continue;
            };
            for name in environments.roots_of(home) {
                tree.homes.insert(name.clone(), home.clone());
                tree.add_root(*i, name, modules, by_dir, evidence);
            }
        }
        // Modules that only call each other in a circle have no root above them: the first of them is one.
        for (i, module) in modules.iter().enumerate() {
            if !tree.by_module.contains_key(&i) && !is_installed(&module.dir) {
                tree.add_root(i, module.dir.clone(), modules, by_dir, evidence);
            }
        }
        tree
    }

    /// The directory in which each root is run, and that of its code, by the root's name.
    pub(crate) fn codes(&self, modules: &[Module<'_>]) -> BTreeMap<RepoPath, (RepoPath, RepoPath)> {
        self.roots
            .iter()
            .map(|(name, node)| {
                let code = &modules[self.nodes[*node].module].dir;
                let home = self.homes.get(name).unwrap_or(code);
                (name.clone(), (home.clone(), code.clone()))
            })
            .collect()
    }

    /// The nodes of a root, itself first: they follow each other.
    pub(crate) fn of_root(&self, root: usize) -> impl Iterator<Item = usize> {
        (root..self.nodes.len()).take_while(move |node| self.nodes[*node].root == root)
    }

    fn add_root(
        &mut self,
        module: usize,
        name: RepoPath,
        modules: &[Module<'_>],
        by_dir: &HashMap<RepoPath, usize>,
        evidence: &Evidence,
    ) {
        let root = self.nodes.len();
        let dir = modules[module].dir.clone();
        let manifest = evidence.manifests.get(&dir);
        self.names.insert(root, name.clone());
        self.roots.insert(name, root);
        self.push(Node {
            module,
            root,
            parent: None,
            path: Vec::new(),
            children: BTreeMap::new(),
            path_module: ".".to_owned(),
        });
        let mut next = root;
        while next < self.nodes.len() {
            self.follow(next, modules, by_dir, manifest);
            next += 1;
        }
    }

    fn follow(
        &mut self,
        at: usize,
        modules: &[Module<'_>],
        by_dir: &HashMap<RepoPath, usize>,
        manifest: Option<&Manifest>,
    ) {
        let (module, root, path) = {
            let node = &self.nodes[at];
            (&modules[node.module], node.root, node.path.clone())
        };
        for (label, call) in &module.calls {
            let mut below = path.clone();
            below.push((*label).to_owned());
            let local = local_source(call);
            let target = match local {
                Some(source) => module.dir.join(source),
                // What is installed counts before what is known of the module.
                None => manifest
                    .and_then(|m| m.get(&below.join(".")).cloned())
                    .filter(|dir| by_dir.contains_key(dir))
                    .or_else(|| known_source(call)),
            }
            .and_then(|dir| by_dir.get(&dir).copied());
            let child = match target {
                None => Child::External,
                Some(target) if self.is_above(at, target) || path.len() >= DEPTH => Child::TooDeep,
                Some(_) if self.nodes.len() >= NODES => Child::TooDeep,
                Some(target) => {
                    let from = &self.nodes[at].path_module;
                    let path_module = match local {
                        Some(source) => clean(from, source),
                        None => {
                            relative(&modules[self.nodes[root].module].dir, &modules[target].dir)
                        }
                    };
                    let index = self.nodes.len();
                    self.push(Node {
                        module: target,
                        root,
                        parent: Some((at, (*label).to_owned())),
                        path: below,
                        children: BTreeMap::new(),
                        path_module,
                    });
                    Child::Node(index)
                }
            };
            self.nodes[at].children.insert((*label).to_owned(), child);
        }
    }

    fn push(&mut self, node: Node) {
        self.by_module
            .entry(node.module)
            .or_default()
            .push(self.nodes.len());
        self.nodes.push(node);
    }

    /// Whether a module is the node's own or one of those above it.
    fn is_above(&self, node: usize, module: usize) -> bool {
        let mut at = Some(node);
        while let Some(i) = at {
            if self.nodes[i].module == module {
                return true;
            }
            at = self.nodes[i].parent.as_ref().map(|(p, _)| *p);
        }
        false
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
