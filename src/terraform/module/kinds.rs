//! Where the resources of each type stand, in the whole estate and in one root.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::Configuration;
use crate::terraform::source::RepoPath;

/// A resource: the node, and the number among the resources of its module.
pub(crate) type Place = (usize, usize);

/// Places by type, data sources left out; in order of root and path of calls.
#[derive(Clone, Default)]
pub(crate) struct Kinds {
    base: Arc<FxHashMap<Box<str>, Vec<Place>>>,
    /// Of modules that hold other resources than in the base: their nodes in path order, and where what stands now.
    renewed: Arc<Renewed>,
}

#[derive(Default)]
struct Renewed {
    nodes: BTreeSet<usize>,
    by_kind: BTreeMap<Box<str>, Vec<Place>>,
}

impl Configuration<'_> {
    /// Collects the places of all resources. Every module was read.
    pub(super) fn all_kinds(&self) -> Kinds {
        let mut nodes: Vec<(&RepoPath, &[String], usize)> = self
            .tree
            .nodes
            .iter()
            .enumerate()
            .map(|(number, node)| (self.root_dir(number), node.path.as_slice(), number))
            .collect();
        nodes.par_sort_unstable();
        let mut base: FxHashMap<Box<str>, Vec<Place>> = FxHashMap::default();
        for (_, _, node) in nodes {
            for (i, declared) in self.module_of(node).resources.iter().enumerate() {
                if declared.is_data() {
                    continue;
                }
                let (kind, _) = declared.labels();
                match base.get_mut(kind) {
                    Some(places) => places.push((node, i)),
                    None => {
                        base.insert(kind.into(), vec![(node, i)]);
                    }
                }
            }
        }
        Kinds {
            base: Arc::new(base),
            renewed: Arc::default(),
        }
    }

    /// These places after the resources of some modules became others.
    pub(super) fn renewed_kinds(&self, before: &Kinds, modules: &[usize]) -> Kinds {
        if modules.is_empty() {
            return before.clone();
        }
        let mut renewed = Renewed {
            nodes: before.renewed.nodes.clone(),
            by_kind: BTreeMap::new(),
        };
        for module in modules {
            renewed
                .nodes
                .extend(self.tree.by_module.get(module).into_iter().flatten());
        }
        for node in &renewed.nodes {
            for (i, declared) in self.module_of(*node).resources.iter().enumerate() {
                if !declared.is_data() {
                    let (kind, _) = declared.labels();
                    renewed
                        .by_kind
                        .entry(kind.into())
                        .or_default()
                        .push((*node, i));
                }
            }
        }
        Kinds {
            base: Arc::clone(&before.base),
            renewed: Arc::new(renewed),
        }
    }

    /// The places of a type in the whole estate.
    pub(super) fn places(&self, kind: &str) -> Vec<Place> {
        let base = self.kinds.base.get(kind).map_or(&[][..], Vec::as_slice);
        self.with_renewed(kind, base, None)
    }

    /// The places of a type in the root with this node.
    pub(super) fn places_in(&self, kind: &str, root: usize) -> Vec<Place> {
        let all = self.kinds.base.get(kind).map_or(&[][..], Vec::as_slice);
        let dir = self.root_dir(root);
        let from = all.partition_point(|(node, _)| self.root_dir(*node) < dir);
        let own = &all[from..];
        let to = own.partition_point(|(node, _)| self.root_dir(*node) <= dir);
        self.with_renewed(kind, &own[..to], Some(root))
    }

    fn with_renewed(&self, kind: &str, base: &[Place], root: Option<usize>) -> Vec<Place> {
        let renewed = &self.kinds.renewed;
        if renewed.nodes.is_empty() {
            return base.to_vec();
        }
        let mut places: Vec<Place> = base
            .iter()
            .copied()
            .filter(|(node, _)| !renewed.nodes.contains(node))
            .collect();
        let fits = |node: usize| root.is_none_or(|root| self.tree.nodes[node].root == root);
        let now = renewed.by_kind.get(kind).into_iter().flatten();
        places.extend(now.copied().filter(|(node, _)| fits(*node)));
        places.sort_by(|(a, i), (b, j)| {
            let at = |node: usize| (self.root_dir(node), &self.tree.nodes[node].path);
            at(*a).cmp(&at(*b)).then(i.cmp(j))
        });
        places
    }

    /// The types that occur.
    pub(super) fn all_types(&self) -> BTreeSet<&str> {
        let renewed = &self.kinds.renewed;
        let still = |places: &[Place]| {
            renewed.nodes.is_empty() || places.iter().any(|(n, _)| !renewed.nodes.contains(n))
        };
        self.kinds
            .base
            .iter()
            .filter(|(_, places)| still(places))
            .map(|(kind, _)| kind.as_ref())
            .chain(renewed.by_kind.keys().map(AsRef::as_ref))
            .collect()
    }
}
