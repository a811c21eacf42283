//! How a state's addresses and names fit the roots.
//!
//! What the code says is asked once a resource type or once a group of states with the same addresses, and never once
//! for each pair of a state and a root.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::postings::hash;
use super::roots::Root;
use super::{State, StateResource};
use crate::terraform::address::{Address, BlockAddress};
use crate::terraform::identity;
use crate::terraform::source::RepoPath;

/// What matching states with roots asks of the code.
pub trait Code: Sync {
    /// Whether a root has the block of an instance.
    fn has(&self, root: &RepoPath, instance: &Address) -> bool;
    /// Every block of a type, with the root it stands in.
    fn blocks(&self, kind: &str) -> Vec<(RepoPath, BlockAddress)>;
    /// The name that the code of a root gives to a state's object, where it is known.
    fn name(&self, root: &RepoPath, resource: &StateResource) -> Option<String>;
}

/// Blocks of a state that a root has, and those outside of modules that it does not have. (Modules whose source is
/// elsewhere have no blocks here and say nothing against a root.)
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Fit {
    present: usize,
    missing: usize,
}

impl Fit {
    /// At least half of the state is the root's.
    fn is_likely(self) -> bool {
        self.present > 0 && self.present >= self.missing
    }
}

/// Whether a state of these blocks may be one of this root.
pub(super) fn is_likely(root: &RepoPath, blocks: &[&Address], code: &impl Code) -> bool {
    let mut fit = Fit::default();
    let (own, inside): (Vec<&Address>, Vec<_>) = blocks.iter().partition(|b| b.modules.is_empty());
    let mut left = own.len();
    for block in own.into_iter().chain(inside) {
        let is_own = block.modules.is_empty();
        left -= usize::from(is_own);
        if code.has(root, block) {
            fit.present += 1;
        } else if is_own {
            fit.missing += 1;
        }
        // Even if the root had none of the rest.
        if fit.present > 0 && fit.present >= fit.missing + left {
            return true;
        }
    }
    fit.is_likely()
}

/// The roots that may be it, by their number, each with how many blocks of the state it has.
pub(super) type Likely = BTreeMap<usize, usize>;

/// Addresses of a group of states, the roots in question, and what these call the objects there.
type Alike = (Vec<Address>, Vec<usize>, Named);

/// Compares states with all roots at once.
pub(super) struct Fits<'r, C> {
    roots: &'r [Root],
    code: &'r C,
    numbers: FxHashMap<&'r str, usize>,
    by_block: FxHashMap<String, FxHashMap<BlockAddress, Vec<usize>>>,
    likely: FxHashMap<u64, Vec<(Vec<BlockAddress>, Likely)>>,
    named: FxHashMap<u64, Vec<Alike>>,
}

/// What the roots in question call the objects at the addresses of a group of states.
#[derive(Default)]
struct Named {
    /// Root → how many of the objects have a known name.
    known: BTreeMap<usize, usize>,
    /// Object's number and name → roots that call it so.
    by_name: FxHashMap<(usize, String), Vec<usize>>,
}

impl<'r, C: Code> Fits<'r, C> {
    pub(super) fn new(roots: &'r [Root], code: &'r C) -> Self {
        Self {
            roots,
            code,
            numbers: roots
                .iter()
                .enumerate()
                .map(|(i, root)| (root.dir.as_str(), i))
                .collect(),
            by_block: FxHashMap::default(),
            likely: FxHashMap::default(),
            named: FxHashMap::default(),
        }
    }

    /// The roots that may be it; `blocks` are sorted.
    pub(super) fn likely(&mut self, blocks: &[BlockAddress]) -> Likely {
        let key = hash(blocks);
        if let Some(same) = self.likely.get(&key)
            && let Some((_, likely)) = same.iter().find(|(of, _)| of == blocks)
        {
            return likely.clone();
        }
        let own = blocks.iter().filter(|b| b.modules.is_empty()).count();
        let mut counts: FxHashMap<usize, (usize, usize)> = FxHashMap::default();
        for block in blocks {
            for root in self.having(block) {
                let (present, own) = counts.entry(root).or_default();
                *present += 1;
                *own += usize::from(block.modules.is_empty());
            }
        }
        let likely: Likely = counts
            .into_iter()
            .filter(|(_, (present, there))| {
                let missing = own - there;
                Fit {
                    present: *present,
                    missing,
                }
                .is_likely()
            })
            .map(|(root, (present, _))| (root, present))
            .collect();
        let kept = self.likely.entry(key).or_default();
        kept.push((blocks.to_vec(), likely.clone()));
        likely
    }

    fn having(&mut self, block: &BlockAddress) -> Vec<usize> {
        if !self.by_block.contains_key(&block.kind) {
            let mut places: FxHashMap<BlockAddress, Vec<usize>> = FxHashMap::default();
            for (root, at) in self.code.blocks(&block.kind) {
                if let Some(number) = self.numbers.get(root.as_str()) {
                    places.entry(at).or_default().push(*number);
                }
            }
            self.by_block.insert(block.kind.clone(), places);
        }
        self.by_block
            .get(&block.kind)
            .and_then(|places| places.get(block))
            .cloned()
            .unwrap_or_default()
    }

    /// Of the likely roots those that fit best: most blocks, then fewest names that differ, then most that agree.
    pub(super) fn best(&mut self, state: &State, likely: &Likely) -> Vec<usize> {
        let Some(most) = likely.values().max() else {
            return Vec::new();
        };
        let tied: Vec<usize> = likely
            .iter()
            .filter(|(_, present)| *present == most)
            .map(|(root, _)| *root)
            .collect();
        if tied.len() == 1 {
            return tied;
        }
        let mut objects: Vec<(&StateResource, Vec<String>)> = state
            .resources
            .iter()
            .filter_map(|r| Some((r, names(r)?)))
            .collect();
        objects.sort_by(|a, b| a.0.address.cmp(&b.0.address));
        let named = self.named(&objects, &tied);
        let mut agreeing: BTreeMap<usize, usize> = BTreeMap::new();
        for (number, (_, names)) in objects.iter().enumerate() {
            let mut roots: Vec<usize> = names
                .iter()
                .filter_map(|name| named.by_name.get(&(number, name.clone())))
                .flatten()
                .copied()
                .collect();
            roots.sort_unstable();
            roots.dedup();
            for root in roots {
                *agreeing.entry(root).or_default() += 1;
            }
        }
        let rank = |root: &usize| {
            let known = named.known.get(root).copied().unwrap_or_default();
            let agreeing = agreeing.get(root).copied().unwrap_or_default();
            (usize::MAX - (known - agreeing), agreeing)
        };
        let best = tied.iter().map(rank).max();
        tied.iter()
            .filter(|root| Some(rank(root)) == best)
            .copied()
            .collect()
    }

    fn named(&mut self, objects: &[(&StateResource, Vec<String>)], tied: &[usize]) -> &Named {
        let addresses: Vec<&Address> = objects.iter().map(|(r, _)| &r.address).collect();
        let kept = self.named.entry(hash(&(&addresses, tied))).or_default();
        let same = |of: &[Address]| of.iter().eq(addresses.iter().copied());
        let at = match kept
            .iter()
            .position(|(of, roots, _)| roots == tied && same(of))
        {
            Some(at) => at,
            None => {
                let mut named = Named::default();
                for (number, (resource, _)) in objects.iter().enumerate() {
                    let Some(row) = identity::of(&resource.address.kind) else {
                        continue;
                    };
                    for root in tied {
                        let Some(name) = self.code.name(&self.roots[*root].dir, resource) else {
                            continue;
                        };
                        *named.known.entry(*root).or_default() += 1;
                        let name = row.canonical_name(&name);
                        named.by_name.entry((number, name)).or_default().push(*root);
                    }
                }
                let of = addresses.into_iter().cloned().collect();
                kept.push((of, tied.to_vec(), named));
                kept.len() - 1
            }
        };
        &kept[at].2
    }
}

/// The names of a state's object, as they are compared; `None` when it has none.
fn names(resource: &StateResource) -> Option<Vec<String>> {
    let row = identity::of(&resource.address.kind)?;
    let names: Vec<String> = [&resource.arn, &resource.id]
        .into_iter()
        .flatten()
        .chain(&resource.names)
        .filter_map(|text| row.read(text)?.name)
        .collect();
    (!names.is_empty()).then_some(names)
}
