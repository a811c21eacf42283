//! Files that could not be read, and what they may hold of an instance.
//!
//! What such a file declares is missing from every answer about its root. It matters to an instance only where it can be
//! about it: a module sees its own resources, what its calls give out, and what it is told; or it knows the same name.

use super::{Configuration, Held, Occurrence, tfvars};
use crate::terraform::address::Address;
use crate::terraform::source::{ParseProblem, SourceFile};
use crate::terraform::value::{Kind, Part, Value};

/// Attributes by which somebody else may name an object.
const NAMES: [&str; 3] = ["bucket", "name", "identifier"];

/// Shorter pieces of a name are found in every file.
const PIECE: usize = 3;

impl<'a> Configuration<'a> {
    /// The first file of the root that cannot be read and may hold a resource of this type that is about an instance.
    #[must_use]
    pub fn unread_about(
        &self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        kind: &str,
    ) -> Option<&ParseProblem> {
        let all = self.problems_of(&occurrence.root);
        let mut told = None;
        all.iter().copied().find(|problem| {
            let Some(file) = self.estate.file(&problem.path) else {
                return true;
            };
            if !file.text().contains(kind) {
                return false;
            }
            if tfvars::is_variable_file(&problem.path) {
                return true;
            }
            let dir = problem.path.parent();
            let Some(module) = self.module_index(&dir).filter(|_| dir != occurrence.module) else {
                return true;
            };
            let names = self.names_of(occurrence, address);
            self.sees(occurrence, module, &all)
                || names.iter().any(|name| may_be_written(name, file))
                || told
                    .get_or_insert_with(|| {
                        let places: Vec<_> = names
                            .iter()
                            .flat_map(|name| name.decided_by.iter().chain(&name.via))
                            .collect();
                        let own = self.tree.nodes[occurrence.node].module;
                        self.modules_told_of(own, &occurrence.resource, &places)
                    })
                    .as_ref()
                    .is_none_or(|told| told.contains(&module))
        })
    }

    /// What the instance is called, where it says so.
    fn names_of(&self, occurrence: &Occurrence<'a>, address: &Address) -> Vec<Value> {
        NAMES
            .iter()
            .filter_map(|name| match self.held(occurrence, address, &[name]) {
                Held::Value(value) if !value.is_null() => Some(value),
                _ => None,
            })
            .collect()
    }

    /// Whether a module calls the one of the instance, itself or by others, or is called by code that could not be read
    /// either: it may be told anything.
    fn sees(&self, occurrence: &Occurrence<'a>, module: usize, unread: &[&ParseProblem]) -> bool {
        let above = |node: usize| {
            let parent = |node: &usize| self.tree.nodes[*node].parent.as_ref().map(|(p, _)| *p);
            std::iter::successors(parent(&node), parent)
        };
        let root = self.tree.nodes[occurrence.node].root;
        above(occurrence.node).any(|node| self.tree.nodes[node].module == module)
            || self
                .tree
                .of_root(root)
                .filter(|node| self.tree.nodes[*node].module == module)
                .flat_map(above)
                .any(|node| {
                    let dir = &self.module_of(node).dir;
                    unread.iter().any(|problem| problem.path.parent() == *dir)
                })
    }
}

/// Whether a name, or one that is made like it, may stand in a file.
fn may_be_written(name: &Value, file: &SourceFile) -> bool {
    let text = file.text();
    match &name.kind {
        Kind::String(name) => !name.is_empty() && text.contains(name.as_str()),
        Kind::Pattern(parts) => {
            let mut pieces = parts.iter().filter_map(|part| match part {
                Part::Text(piece) if piece.len() >= PIECE => Some(piece),
                _ => None,
            });
            let Some(first) = pieces.next() else {
                return true;
            };
            text.contains(first.as_str()) || pieces.any(|piece| text.contains(piece.as_str()))
        }
        _ => true,
    }
}
