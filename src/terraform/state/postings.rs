//! Which objects a key may stand for: hash → (state, object), 16 bytes an entry.
//!
//! Two keys may share a hash, so whoever asks compares the object itself; in return an estate of thousands of states
//! fits into memory and is sorted in parallel.

use std::hash::{Hash, Hasher};

use rayon::prelude::*;
use rustc_hash::FxHasher;

/// A state and an object in it, by their numbers.
pub(super) type Place = (u32, u32);

/// The hash of a key.
pub(super) fn hash<K: Hash + ?Sized>(key: &K) -> u64 {
    let mut hasher = FxHasher::default();
    key.hash(&mut hasher);
    hasher.finish()
}

/// Entries sorted by hash, then by place.
#[derive(Debug, Default)]
pub(super) struct Postings(Vec<(u64, u32, u32)>);

impl Postings {
    /// Sorts the entries of every state.
    pub(super) fn new(entries: Vec<Vec<(u64, u32, u32)>>) -> Self {
        let mut all: Vec<(u64, u32, u32)> = Vec::with_capacity(entries.iter().map(Vec::len).sum());
        for mut of_state in entries {
            all.append(&mut of_state);
        }
        all.par_sort_unstable();
        all.dedup();
        Self(all)
    }

    /// Where a key may be, in order of states and objects.
    pub(super) fn at(&self, hash: u64) -> impl Iterator<Item = Place> + '_ {
        let from = self.0.partition_point(|(h, _, _)| *h < hash);
        self.0
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(move |(h, _, _)| *h == hash)
            .map(|(_, state, object)| (*state, *object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_to_each_of_its_places_once_and_to_no_other() {
        let (a, b) = (hash("a"), hash("b"));
        let postings = Postings::new(vec![
            vec![(b, 0, 1), (a, 0, 0), (a, 0, 0)],
            vec![],
            vec![(a, 2, 7)],
        ]);
        assert_eq!(postings.at(a).collect::<Vec<_>>(), [(0, 0), (2, 7)]);
        assert_eq!(postings.at(b).collect::<Vec<_>>(), [(0, 1)]);
        assert_eq!(postings.at(hash("c")).count(), 0);
        assert_eq!(Postings::default().at(a).count(), 0);
    }
}
