//! Which instances a place in the code decides: the other direction of provenance.
//!
//! Invariant 4 needs it: before a literal is edited, every instance that changes with it has to be listed.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};

use hcl_edit::Span as _;
use hcl_edit::structure::{Attribute, Block, Structure};

use super::reached::Reached;
use super::{Configuration, Instances, Nested, Occurrence};
use crate::terraform::address::Address;
use crate::terraform::source::{RepoPath, SourceFile, Span};
use crate::terraform::value::{Origin, OriginPlace, Scope, Value};

/// An attribute of an instance that a place decides, or helps to.
#[derive(Clone)]
pub struct Influenced<'a> {
    /// The block.
    pub occurrence: Occurrence<'a>,
    /// The instance.
    pub address: Address,
    /// Nested block types and the attribute's name. `["count"]` or `["for_each"]` (of the block or of a call on the
    /// way): the place decides whether the instance exists.
    pub path: Vec<String>,
    /// Whether the place gives the value (or a part or element of it), not only helps to choose it.
    pub decides: bool,
}

/// One recorded attribute of an instance.
struct Entry {
    node: usize,
    index: usize,
    address: Arc<Address>,
    path: Arc<Vec<String>>,
    decides: bool,
}

/// Everything that decides one resource, by file.
#[derive(Default)]
pub(crate) struct Recorded {
    by_file: HashMap<RepoPath, Vec<(Span, Entry)>>,
}

impl<'a> Configuration<'a> {
    /// Every attribute of every known instance of the estate whose value is decided, also partly, at this place: all
    /// whose provenance overlaps its span. In order of root, address and path.
    #[must_use]
    pub fn decided_here(&self, origin: &Origin) -> Vec<Influenced<'a>> {
        let mut found = self.decided_among(origin, |cfg, roots| cfg.reached(origin, roots));
        // The same file under another name, in another module.
        for name in self.estate.other_names(&origin.file) {
            let linked = Origin {
                file: name.clone(),
                ..origin.clone()
            };
            found.extend(self.decided_among(&linked, |cfg, roots| cfg.reached(&linked, roots)));
        }
        found
    }

    /// As [`Configuration::decided_here`], among the resources that `reached` gives; `None` = all of the roots
    /// concerned.
    pub(super) fn decided_among(
        &self,
        origin: &Origin,
        reached: impl FnOnce(&Self, &[usize]) -> Option<Reached>,
    ) -> Vec<Influenced<'a>> {
        let dir = origin.file.parent();
        let mut found: Vec<Influenced<'a>> = Vec::new();
        let mut known = HashMap::new();
        let roots = self.roots_concerned(origin, &dir);
        if roots.is_empty() {
            return found;
        }
        let reached = reached(self, &roots);
        for (node, index) in roots.iter().flat_map(|root| self.places_of_root(*root)) {
            if reached
                .as_ref()
                .is_some_and(|r| !r.contains(&(node, index)))
            {
                continue;
            }
            let recorded = self.recorded(node, index);
            for (span, entry) in recorded.by_file.get(&origin.file).into_iter().flatten() {
                if !overlaps(span, &origin.span) {
                    continue;
                }
                let key = (
                    entry.node,
                    Arc::clone(&entry.address),
                    Arc::clone(&entry.path),
                );
                match known.get(&key).and_then(|i: &usize| found.get_mut(*i)) {
                    Some(known) => known.decides |= entry.decides,
                    None => {
                        known.insert(key, found.len());
                        found.push(Influenced {
                            occurrence: self.occurrence_at(entry.node, entry.index),
                            address: (*entry.address).clone(),
                            path: (*entry.path).clone(),
                            decides: entry.decides,
                        });
                    }
                }
            }
        }
        found.sort_by(|a, b| {
            (&a.occurrence.root, &a.address, &a.path).cmp(&(
                &b.occurrence.root,
                &b.address,
                &b.path,
            ))
        });
        found
    }

    /// The nodes of the roots whose values may be decided in a file of this directory.
    fn roots_concerned(&self, origin: &Origin, dir: &RepoPath) -> Vec<usize> {
        let is_code = super::discover::is_code(&origin.file);
        let data = origin.place.base() == &OriginPlace::DataFile;
        let mut roots: BTreeSet<usize> = self
            .module_index(dir)
            .and_then(|module| self.tree.by_module.get(&module))
            .into_iter()
            .flatten()
            .map(|node| self.tree.nodes[*node].root)
            .collect();
        // Code is no variable file.
        if !is_code {
            roots.extend(self.roots_with_variables_of(&origin.file));
        }
        if data {
            let all = self.tree.roots.values().copied();
            roots.extend(all.filter(|root| self.decodes(*root)));
        }
        roots.into_iter().collect()
    }

    /// The nodes of the roots that may read a variable file.
    pub(super) fn roots_with_variables_of<'s>(
        &'s self,
        file: &'s RepoPath,
    ) -> impl Iterator<Item = usize> + 's {
        let roots = self.variables.roots_of(file).iter();
        roots.filter_map(|root| self.tree.roots.get(root).copied())
    }

    /// Every resource of a root: node, and number in its module.
    pub(super) fn places_of_root(&self, root: usize) -> Vec<(usize, usize)> {
        self.tree
            .of_root(root)
            .flat_map(|node| {
                let resources = self.module_of(node).resources.len();
                (0..resources).map(move |i| (node, i))
            })
            .collect()
    }

    /// Whether code of a root reads data files; which ones may be computed.
    fn decodes(&self, root: usize) -> bool {
        self.tree.of_root(root).any(|node| {
            let dir = &self.modules.get(self.tree.nodes[node].module).dir;
            self.estate
                .files_in(dir)
                .any(|file| file.text().contains("decode("))
        })
    }

    /// Every place (root and chain of calls) at which the block that contains this span stands, with its instances:
    /// all that an edit inside of the block changes.
    #[must_use]
    pub fn instances_of_block(
        &self,
        file: &RepoPath,
        span: &Span,
    ) -> Vec<(Occurrence<'a>, Instances)> {
        let names = std::iter::once(file).chain(self.estate.other_names(file));
        names
            .flat_map(|file| self.instances_in(file, span))
            .collect()
    }

    fn instances_in(&self, file: &RepoPath, span: &Span) -> Vec<(Occurrence<'a>, Instances)> {
        let Some(module) = self.module_index(&file.parent()) else {
            return Vec::new();
        };
        let number = self.estate.file(file).and_then(|f| f.block_around(span));
        let inside = |(f, block): (&SourceFile, &Block)| {
            f.path() == file
                && block
                    .span()
                    .is_some_and(|b| b.start <= span.start && span.end <= b.end)
        };
        let Some(index) =
            self.modules
                .get(module)
                .resources
                .iter()
                .position(|declared| match number {
                    // No tree is needed to tell.
                    Some(number) => {
                        (declared.file.path() == file && declared.block.number() == number)
                            || declared.overrides.iter().copied().any(inside)
                    }
                    None => declared.layers().any(inside),
                })
        else {
            return Vec::new();
        };
        let mut found: Vec<(Occurrence<'a>, Instances)> = self
            .tree
            .by_module
            .get(&module)
            .into_iter()
            .flatten()
            .map(|node| {
                let occurrence = self.occurrence_at(*node, index);
                let instances = self.instances(&occurrence);
                (occurrence, instances)
            })
            .collect();
        found.sort_by(|(a, _), (b, _)| (&a.root, &a.address).cmp(&(&b.root, &b.address)));
        found
    }

    pub(super) fn module_index(&self, dir: &RepoPath) -> Option<usize> {
        self.modules.number(dir)
    }

    /// What decides one resource.
    pub(super) fn recorded(&self, node: usize, index: usize) -> Arc<Recorded> {
        let known = self
            .influence
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&(node, index))
            .cloned();
        if let Some(recorded) = known {
            return recorded;
        }
        let mut recorded = Recorded::default();
        self.record_occurrence(&mut recorded, &self.occurrence_at(node, index));
        let recorded = Arc::new(recorded);
        self.influence
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((node, index), Arc::clone(&recorded));
        recorded
    }

    fn record_occurrence(&self, index: &mut Recorded, occurrence: &Occurrence<'a>) {
        let mut instances = self.instances(occurrence).known;
        if instances.is_empty() {
            // Instances that are not known are decided all the same.
            instances.push(occurrence.address.unkeyed());
        }
        let declared = self.declared(occurrence);
        for address in instances {
            let Some((evaluator, scope)) = self.scope(occurrence, &address, false) else {
                continue;
            };
            let address = Arc::new(address);
            let mut record = |path: Vec<String>, value: &Value| {
                index.record(occurrence, &address, path, value);
            };
            for (name, (file, attribute)) in top_attributes(declared) {
                let scope = Scope {
                    file,
                    ..scope.clone()
                };
                record(
                    vec![name.to_owned()],
                    &evaluator.evaluate(&scope, &attribute.value),
                );
            }
            for name in nested_names(declared) {
                let blocks = self.nested(occurrence, &address, &[name]);
                for nested in &blocks {
                    self.record_nested(
                        &evaluator,
                        nested,
                        &mut vec![name.to_owned()],
                        &mut record,
                        0,
                    );
                }
            }
            // What decides the keys of the calls on the way decides which instances there are.
            let mut module = scope.module.clone();
            while let Some(inner) = module.take() {
                let Some(call) = self.caller(inner.node) else {
                    break;
                };
                let (outer, _) = self.outside(&inner);
                for name in ["count", "for_each"] {
                    if let Some((file, attribute)) = call.attribute(name) {
                        let scope = Scope::of_module(Arc::clone(&outer), file, OriginPlace::Block);
                        record(
                            vec![name.to_owned()],
                            &evaluator.evaluate(&scope, &attribute.value),
                        );
                    }
                }
                module = Some(outer);
            }
        }
    }

    fn record_nested(
        &self,
        evaluator: &crate::terraform::value::Evaluator<'_, 'a>,
        nested: &Nested<'a>,
        path: &mut Vec<String>,
        record: &mut dyn FnMut(Vec<String>, &Value),
        depth: usize,
    ) {
        let scope = nested.scope();
        if let Some(all) = nested.repeated_by() {
            record(path.clone(), all);
        }
        for attribute in nested.block.body.attributes() {
            let mut path = path.clone();
            path.push(attribute.key.value().as_str().to_owned());
            record(path, &evaluator.evaluate(scope, &attribute.value));
        }
        if depth > 8 {
            return;
        }
        for name in block_names([nested.block]) {
            for inner in nested.inner(evaluator, name) {
                path.push(name.to_owned());
                self.record_nested(evaluator, &inner, path, record, depth + 1);
                path.pop();
            }
        }
    }
}

impl Recorded {
    /// Every place that decides something of it.
    #[cfg(test)]
    pub(super) fn places(&self) -> impl Iterator<Item = (&RepoPath, &Span)> {
        let files = self.by_file.iter();
        files.flat_map(|(file, all)| all.iter().map(move |(span, _)| (file, span)))
    }

    fn record(
        &mut self,
        occurrence: &Occurrence<'_>,
        address: &Arc<Address>,
        path: Vec<String>,
        value: &Value,
    ) {
        let path = Arc::new(path);
        let mut places = Vec::new();
        places_of(value, &mut places);
        for (origin, decides) in places {
            if origin.span.is_empty() {
                continue;
            }
            self.by_file.entry(origin.file.clone()).or_default().push((
                origin.span.clone(),
                Entry {
                    node: occurrence.node,
                    index: occurrence.index,
                    address: Arc::clone(address),
                    path: Arc::clone(&path),
                    decides,
                },
            ));
        }
    }
}

/// Every place of a value, elements included, and whether it gives the value.
fn places_of<'v>(value: &'v Value, found: &mut Vec<(&'v Origin, bool)>) {
    use crate::terraform::value::Kind;
    found.extend(value.decided_by.iter().chain(&value.via).map(|o| (o, true)));
    found.extend(value.depends_on.origins().into_iter().map(|o| (o, false)));
    match &value.kind {
        Kind::List(items) => items.iter().for_each(|v| places_of(v, found)),
        Kind::Object(map) => map.values().for_each(|v| places_of(v, found)),
        _ => {}
    }
}

fn overlaps(a: &Span, b: &Span) -> bool {
    a.start < b.end && b.start < a.end
}

/// The attributes of a block, each as the last layer gives it.
fn top_attributes<'a>(
    declared: &super::Declared<'a>,
) -> HashMap<&'a str, (&'a SourceFile, &'a Attribute)> {
    let mut found = HashMap::new();
    for (file, block) in declared.layers() {
        for attribute in block.body.attributes() {
            found
                .entry(attribute.key.value().as_str())
                .or_insert((file, attribute));
        }
    }
    found
}

/// The types of the nested blocks of a block, meta blocks left out.
fn nested_names<'a>(declared: &super::Declared<'a>) -> Vec<&'a str> {
    block_names(declared.layers().map(|(_, block)| block))
}

fn block_names<'a>(blocks: impl IntoIterator<Item = &'a Block>) -> Vec<&'a str> {
    let mut names: Vec<&'a str> = blocks
        .into_iter()
        .flat_map(|block| block.body.iter())
        .filter_map(Structure::as_block)
        .filter_map(|b| match b.ident.value().as_str() {
            "dynamic" => b
                .labels
                .first()
                .map(hcl_edit::structure::BlockLabel::as_str),
            "lifecycle" | "provisioner" | "connection" => None,
            name => Some(name),
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
