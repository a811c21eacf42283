//! What locating asks of the code besides values: moved blocks, modules from elsewhere, roots that somebody applies.

use std::collections::HashSet;

use hcl_edit::structure::Block;

use crate::refusal::{Refusal, RefusalKind};
use crate::terraform::identity;
use crate::terraform::module::{Configuration, Held};
use crate::terraform::state::{Code, Root, State, StateIndex, StateResource};
use crate::terraform::{Address, BlockAddress, ModuleStep, RepoPath};

use super::{Locator, root_name};

/// `moved` chains longer than this are a circle.
const MOVES: usize = 64;

pub(super) fn index_states(configuration: &Configuration<'_>, states: Vec<State>) -> StateIndex {
    if states.is_empty() {
        return StateIndex::default();
    }
    let dirs: HashSet<&RepoPath> = configuration.roots().iter().map(|r| &r.dir).collect();
    // Backends are read only where a state does not say itself where it belongs.
    let strayed = states
        .iter()
        .any(|s| s.root.as_ref().is_none_or(|root| !dirs.contains(root)));
    let text = |root: &RepoPath, argument: &str| {
        strayed.then(|| backend_text(configuration, root, argument))?
    };
    let roots: Vec<Root> = configuration
        .roots()
        .iter()
        .map(|root| Root {
            dir: root.dir.clone(),
            bucket: text(&root.dir, "bucket"),
            key: text(&root.dir, "key"),
        })
        .collect();
    StateIndex::new(states, &roots, &Written(configuration))
}

/// An argument of `terraform { backend "s3" { … } }`, where it is plain text.
fn backend_text(
    configuration: &Configuration<'_>,
    root: &RepoPath,
    argument: &str,
) -> Option<String> {
    configuration
        .settings(root)
        .into_iter()
        .flat_map(|(_, terraform)| terraform.body.get_blocks("backend"))
        .find(|backend| backend.labels.first().is_some_and(|l| l.as_str() == "s3"))
        .and_then(|backend| backend.body.get_attribute(argument))
        .and_then(|value| value.value.as_str())
        .map(str::to_owned)
}

/// The code, as states are matched with it.
struct Written<'c, 'a>(&'c Configuration<'a>);

impl Code for Written<'_, '_> {
    fn has(&self, root: &RepoPath, block: &BlockAddress) -> bool {
        self.0.occurrence(root, block).is_some()
    }

    fn blocks(&self, kind: &str) -> Vec<(RepoPath, BlockAddress)> {
        let places = self.0.occurrences(kind).into_iter();
        places.map(|o| (o.root, o.address)).collect()
    }

    fn name(&self, root: &RepoPath, resource: &StateResource) -> Option<String> {
        let row = identity::of(&resource.address.kind).filter(|row| !row.name.is_empty())?;
        let occurrence = self.0.occurrence(root, &resource.address.block())?;
        match self.0.held(&occurrence, &resource.address, &[row.name]) {
            Held::Value(value) => value.as_text(),
            Held::Absent | Held::Dynamic(_) => None,
        }
    }
}

impl Locator<'_> {
    /// The address that an object of a state has after the `moved` blocks of the code.
    pub(super) fn moved(&self, root: &RepoPath, address: &Address) -> Address {
        let mut address = address.clone();
        for _ in 0..MOVES {
            // Statements of the outer modules come first; those of a module speak of addresses inside of it.
            let next = (0..=address.modules.len()).find_map(|depth| {
                let (outer, inner) = address.modules.split_at(depth);
                let labels: Vec<String> = outer.iter().map(|m| m.name.clone()).collect();
                let relative = Address {
                    modules: inner.to_vec(),
                    ..address.clone()
                };
                self.configuration
                    .other_blocks(root, &labels)
                    .into_iter()
                    .filter(|(_, block)| block.ident.as_str() == "moved")
                    .find_map(|(_, block)| apply_move(block, &relative))
                    .map(|moved| Address {
                        modules: outer.iter().cloned().chain(moved.modules).collect(),
                        data: false,
                        kind: moved.kind,
                        name: moved.name,
                        key: moved.key,
                    })
            });
            let Some(next) = next else { break };
            address = next;
        }
        address
    }

    /// Why an address of a root is not code of this repository; `None` when it is.
    pub(super) fn outside(&self, root: &RepoPath, block: &BlockAddress) -> Option<Refusal> {
        let external = |call: String, source: String, version: &str| {
            let version = if version.is_empty() {
                String::new()
            } else {
                format!(", version {version}")
            };
            Refusal {
                kind: RefusalKind::ExternalModule,
                message: format!(
                    "`{block}` in {} is made inside of module `{call}`, whose code ({source}{version}) is not in this repository",
                    root_name(root)
                ),
                next: format!(
                    "set the input of module `{call}` that decides it, if the module has one; else change the module where it lives"
                ),
            }
        };
        if let Some(occurrence) = self.configuration.occurrence(root, block) {
            let file = occurrence.resource.file.path();
            if !file.as_str().split('/').any(|part| part == ".terraform") {
                return None;
            }
            let calls = self.configuration.calls(&occurrence);
            let call = calls.iter().rev().find(|call| {
                call.source
                    .is_none_or(|source| !source.starts_with("./") && !source.starts_with("../"))
            });
            return Some(external(
                call.map_or_else(|| block.modules.join("."), |c| c.name.to_owned()),
                call.and_then(|c| c.source)
                    .map_or_else(|| format!("`{file}`"), |source| format!("`{source}`")),
                "",
            ));
        }
        self.configuration
            .external_calls()
            .into_iter()
            .find(|call| call.root == *root && block.modules.starts_with(&call.path))
            .map(|call| {
                external(
                    call.path.join("."),
                    call.call.source.map_or_else(
                        || "a source that is not plain text".to_owned(),
                        |source| format!("`{source}`"),
                    ),
                    call.version.unwrap_or(""),
                )
            })
    }

    /// Whether somebody seems to apply this root: it configures a provider or backend, has variable files or a state.
    /// A module that nobody in the repository calls is a root only in form.
    pub(super) fn is_applied(&self, root: &RepoPath) -> bool {
        if let Ok(known) = self.evident.lock()
            && let Some(applied) = known.get(root)
        {
            return *applied;
        }
        let configuration = self.configuration;
        let applied = !configuration.providers(root).is_empty()
            || configuration.settings(root).iter().any(|(_, terraform)| {
                ["backend", "cloud"]
                    .iter()
                    .any(|name| terraform.body.get_blocks(name).next().is_some())
            })
            || configuration
                .roots()
                .iter()
                .any(|r| r.dir == *root && !(r.tfvars.is_empty() && r.var_file_sets.is_empty()))
            || self.has_state(root);
        if let Ok(mut known) = self.evident.lock() {
            known.insert(root.clone(), applied);
        }
        applied
    }
}

/// A reference in a `moved` block: a resource or a module (call), with or without a key.
enum Endpoint {
    Resource(Address),
    Module(Vec<ModuleStep>),
}

fn endpoint(block: &Block, attribute: &str) -> Option<Endpoint> {
    let text = block
        .body
        .get_attribute(attribute)?
        .value
        .to_string()
        .trim()
        .to_owned();
    if let Ok(modules) = crate::terraform::address::parse_modules(&text) {
        return Some(Endpoint::Module(modules));
    }
    text.parse().ok().map(Endpoint::Resource)
}

/// The address after one `moved` block, or `None` when the block is not about it.
fn apply_move(block: &Block, address: &Address) -> Option<Address> {
    match (endpoint(block, "from")?, endpoint(block, "to")?) {
        (Endpoint::Resource(from), Endpoint::Resource(to)) => {
            let same = from.block() == address.block()
                && from.modules == address.modules
                && (from.key.is_none() || from.key == address.key);
            same.then(|| Address {
                // A move of the whole resource keeps the keys of its instances.
                key: to
                    .key
                    .clone()
                    .or_else(|| address.key.clone().filter(|_| from.key.is_none())),
                ..to
            })
        }
        (Endpoint::Module(from), Endpoint::Module(to)) => {
            let (last, before) = from.split_last()?;
            let (new_last, new_before) = to.split_last()?;
            let step = address.modules.get(before.len())?;
            let same = address.modules.starts_with(before)
                && step.name == last.name
                && (last.key.is_none() || last.key == step.key);
            same.then(|| Address {
                modules: new_before
                    .iter()
                    .cloned()
                    .chain([ModuleStep {
                        name: new_last.name.clone(),
                        key: new_last
                            .key
                            .clone()
                            .or_else(|| step.key.clone().filter(|_| last.key.is_none())),
                    }])
                    .chain(address.modules[before.len() + 1..].iter().cloned())
                    .collect(),
                ..address.clone()
            })
        }
        _ => None,
    }
}
