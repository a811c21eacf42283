//! Resources that say by name what they are about: `bucket = "acme-logs"`, or a data source that reads it.
//!
//! A reference ties two blocks of one root together; a name ties blocks of different roots. One pass over the estate
//! serves every question about a type, and configurations after an edit share its answer: an edit of one root names
//! nothing new in another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Configuration, Occurrence};
use crate::terraform::address::Address;
use crate::terraform::source::RepoPath;
use crate::terraform::value::Kind;

/// Instances by the name that they give.
type ByName = HashMap<String, Vec<(RepoPath, Address)>>;

/// Answers by type and attribute.
type Answers = HashMap<(String, String), Arc<ByName>>;

/// What was looked up so far.
#[derive(Clone, Default)]
pub(crate) struct Named(Arc<Mutex<Answers>>);

impl<'a> Configuration<'a> {
    /// The resources of a type in other roots than this one whose `attribute` comes down to this name: as text, or
    /// through a data source that is told the name.
    #[must_use]
    pub fn naming(
        &self,
        kind: &str,
        attribute: &str,
        name: &str,
        apart_from: &RepoPath,
    ) -> Vec<(Occurrence<'a>, Address)> {
        self.names(kind, attribute)
            .get(name)
            .into_iter()
            .flatten()
            .filter(|(root, _)| root != apart_from)
            .filter_map(|(root, address)| {
                let occurrence = self.occurrence(root, &address.block())?;
                Some((occurrence, address.clone()))
            })
            .collect()
    }

    fn names(&self, kind: &str, attribute: &str) -> Arc<ByName> {
        let key = (kind.to_owned(), attribute.to_owned());
        let known = |names: &Named| {
            let map = names.0.lock().unwrap_or_else(PoisonError::into_inner);
            map.get(&key).cloned()
        };
        if let Some(names) = known(&self.named) {
            return names;
        }
        let names = Arc::new(self.collect_names(kind, attribute));
        let mut map = self.named.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.insert(key, Arc::clone(&names));
        names
    }

    fn collect_names(&self, kind: &str, attribute: &str) -> ByName {
        let mut names = ByName::new();
        // Nearly every block refers to a resource of its own root: such files need no further look.
        let worth_it = |file: &crate::terraform::SourceFile| file.names_by_text(kind, attribute);
        let mut known: HashMap<&RepoPath, bool> = HashMap::new();
        for (node, index) in self.places(kind) {
            let file = self.module_of(node).resources[index].file;
            if !*known.entry(file.path()).or_insert_with(|| worth_it(file)) {
                continue;
            }
            let occurrence = self.occurrence_at(node, index);
            let instances = self.instances(&occurrence);
            let mut addresses = instances.known;
            if instances.unknown.is_some() {
                addresses.push(occurrence.address.unkeyed());
            }
            for address in addresses {
                if let Some(name) = self.name_given(&occurrence, &address, attribute) {
                    let at = (occurrence.root.clone(), address);
                    names.entry(name).or_default().push(at);
                }
            }
        }
        names
    }

    /// The name that an attribute gives: its own text, or that which the data source behind it is told.
    fn name_given(
        &self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        attribute: &str,
    ) -> Option<String> {
        let (_, written) = self.declared(occurrence).attribute(attribute)?;
        if let Some(reference) = self.reference_of(occurrence, address, &written.value) {
            let data = reference.address;
            if !data.data {
                return None;
            }
            let source = self.occurrence(&occurrence.root, &data.block())?;
            return [attribute, "name", "identifier", "id"]
                .iter()
                .find_map(|told| self.text(&source, &data, told));
        }
        self.text(occurrence, address, attribute)
    }

    fn text(&self, occurrence: &Occurrence<'a>, address: &Address, path: &str) -> Option<String> {
        let held = self.held(occurrence, address, &[path]);
        match &held.value()?.kind {
            Kind::String(text) => Some(text.clone()),
            _ => None,
        }
    }
}
