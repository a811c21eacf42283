//! The places that helped to choose a value, shared between all values that come from it.
//!
//! A list of places in every value would be copied again and again on its way through locals and modules: in real
//! repositories that costs more than everything else. A value holds one link into a graph instead; the places are
//! listed only when somebody asks.

use std::collections::HashSet;
use std::sync::Arc;

use super::Origin;

/// A set of places, cheap to copy and to join.
#[derive(Clone, Default)]
pub struct Dependencies(Option<Arc<Link>>);

struct Link {
    own: Vec<Origin>,
    from: Vec<Dependencies>,
}

impl Dependencies {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The places, each once, in no particular but a stable order.
    #[must_use]
    pub fn origins(&self) -> Vec<&Origin> {
        let mut seen_links: HashSet<*const Link> = HashSet::new();
        let mut seen: HashSet<&Origin> = HashSet::new();
        let mut found = Vec::new();
        let mut waiting: Vec<&Link> = self.0.as_deref().into_iter().collect();
        while let Some(link) = waiting.pop() {
            if !seen_links.insert(std::ptr::from_ref(link)) {
                continue;
            }
            found.extend(link.own.iter().filter(|o| seen.insert(o)));
            waiting.extend(link.from.iter().rev().filter_map(|d| d.0.as_deref()));
        }
        found
    }

    /// The places, as [`Self::origins`] lists them.
    pub fn iter(&self) -> impl Iterator<Item = &Origin> {
        self.origins().into_iter()
    }

    /// Adds places and everything in other sets.
    pub(super) fn add(&mut self, own: Vec<Origin>, others: impl IntoIterator<Item = Self>) {
        let mut from: Vec<Self> = Vec::new();
        for other in std::iter::once(self.clone()).chain(others) {
            let known = |d: &Self| match (&d.0, &other.0) {
                (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                _ => false,
            };
            if !other.is_empty() && !from.iter().rev().take(8).any(known) {
                from.push(other);
            }
        }
        *self = match (own.is_empty(), from.len()) {
            (true, 0) => Self(None),
            (true, 1) => from.swap_remove(0),
            _ => Self(Some(Arc::new(Link { own, from }))),
        };
    }
}

impl PartialEq for Dependencies {
    fn eq(&self, other: &Self) -> bool {
        let mine: HashSet<&Origin> = self.origins().into_iter().collect();
        let theirs: HashSet<&Origin> = other.origins().into_iter().collect();
        mine == theirs
    }
}

impl std::fmt::Debug for Dependencies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.origins()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::RepoPath;
    use crate::terraform::value::OriginPlace;

    fn origin(at: usize) -> Origin {
        Origin {
            file: RepoPath::new("a.tf").unwrap(),
            span: at..at + 1,
            place: OriginPlace::Block,
        }
    }

    #[test]
    fn joined_sets_list_every_place_once() {
        let mut a = Dependencies::default();
        a.add(vec![origin(1), origin(2)], []);
        let mut b = Dependencies::default();
        b.add(vec![origin(2), origin(3)], [a.clone()]);
        b.add(Vec::new(), [a.clone()]);
        let starts: Vec<usize> = b.origins().iter().map(|o| o.span.start).collect();
        assert_eq!(starts, [2, 3, 1]);
        assert_ne!(a, b);
        assert!(Dependencies::default().is_empty());
        assert!(!a.is_empty());
    }
}
