//! What states hold of an object besides the block that made it.
//!
//! A bucket's policy, versioning or access block may be managed where no code at hand shows it. The remedies read code alone, so
//! locating tells them: whoever adds a second writer would fight with the first on every apply.

use serde::{Deserialize, Serialize};

use super::subject::Subject;
use super::{Located, Locator, Target};
use crate::terraform::identity;
use crate::terraform::{Address, RepoPath};

/// A part of the object that a state holds, without a block in the root where the object was located.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldPart {
    /// Its address in the state.
    pub address: Address,
    /// The state, as the user called it.
    pub state: String,
    /// The root that the state belongs to, where it is one of this repository.
    #[serde(default)]
    pub root: Option<RepoPath>,
}

impl Locator<'_> {
    /// The parts of a located object that are managed, and not by code of its own root.
    pub(super) fn held_parts(&self, located: &Located, subjects: &[Subject]) -> Vec<HeldPart> {
        let Target::Instance(address) = &located.target else {
            return Vec::new();
        };
        let own = identity::canonical(&address.kind);
        let mut found: Vec<HeldPart> = Vec::new();
        let same = subjects
            .iter()
            .filter(|s| identity::canonical(&s.kind) == own);
        for sought in same.flat_map(|subject| &subject.sought) {
            for hit in self.states.all_parts(own, sought) {
                let root = hit.root.root();
                let is_here = root == Some(&located.root) && {
                    let today = self.moved(&located.root, &hit.resource.address);
                    self.configuration.has(&located.root, &today.block())
                };
                if is_here || !hit.proved {
                    continue;
                }
                let part = HeldPart {
                    address: hit.resource.address.clone(),
                    state: hit.state.name.clone(),
                    root: root.cloned(),
                };
                if !found.contains(&part) {
                    found.push(part);
                }
            }
        }
        found
    }
}
