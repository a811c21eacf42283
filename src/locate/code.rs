//! What locating asks of the code besides values: moved blocks, modules from elsewhere, roots that somebody applies.

use hcl_edit::structure::Block;
use rayon::prelude::*;

use rustc_hash::FxHashMap;

use crate::refusal::Refusal;
use crate::terraform::identity;
use crate::terraform::module::{Configuration, Held};
use crate::terraform::state::{Code, Root, RootChoice, State, StateIndex, StateResource};
use crate::terraform::{Address, BlockAddress, ModuleStep, RepoPath};

use super::external::External;
use super::{Locator, root_name};

/// `moved` chains longer than this are a circle.
const MOVES: usize = 64;

pub(super) fn index_states(configuration: &Configuration<'_>, states: Vec<State>) -> StateIndex {
    if states.is_empty() {
        return StateIndex::default();
    }
    // A state is matched with a directory first: the runs of one directory have the same blocks.
    let code = Written::new(configuration);
    // Backends are read only where a state does not say itself where it belongs.
    let strayed = states.iter().any(|s| {
        s.root
            .as_ref()
            .is_none_or(|root| !code.first.contains_key(root))
    });
    let mut homes: Vec<(&RepoPath, &RepoPath)> = code
        .first
        .iter()
        .map(|(home, (root, _))| (*home, *root))
        .collect();
    homes.sort_unstable();
    let roots: Vec<Root> = homes
        .into_par_iter()
        .map(|(home, root)| {
            let place = strayed.then(|| configuration.state_place(root)).flatten();
            let (bucket, key) = place.map_or((None, None), |p| (p.bucket, p.key));
            Root {
                dir: home.clone(),
                bucket,
                key,
            }
        })
        .collect();
    StateIndex::new(states, &roots, &code)
        .with_roots(|state, choice| run_of(configuration, state, choice))
}

/// Which run of its directory a state belongs to: by the path, else by the names of what it holds.
fn run_of(
    configuration: &Configuration<'_>,
    state: &State,
    choice: &RootChoice,
) -> Option<RootChoice> {
    let homes = match choice {
        RootChoice::One(home) => std::slice::from_ref(home),
        RootChoice::Several(homes) => homes.as_slice(),
        RootChoice::Unmatched => return None,
    };
    let mut roots: Vec<RepoPath> = homes
        .iter()
        .flat_map(|home| {
            configuration.roots_of_state(home, &state.name, state.workspace.as_deref())
        })
        .collect();
    if let [home] = homes {
        let all = configuration.roots_of_home(home);
        let fit = |root: &RepoPath| names_fit(configuration, root, state);
        // What a path says does not hold against the names of what the state holds.
        if all.len() > 1 && state.workspace.is_none() && roots.iter().all(|r| fit(r) == Some(false))
        {
            roots.clone_from(&all);
        }
        if roots.len() > 1 {
            let agreeing = roots.iter().filter(|root| fit(root) == Some(true));
            let agreeing: Vec<RepoPath> = agreeing.cloned().collect();
            if agreeing.len() == 1 {
                roots = agreeing;
            }
        }
    }
    Some(match roots.len() {
        0 => return None,
        1 => RootChoice::One(roots.remove(0)),
        _ => RootChoice::Several(roots),
    })
}

/// Whether the code gives the objects of a state their names in this root: `None` = it gives none that is known.
fn names_fit(configuration: &Configuration<'_>, root: &RepoPath, state: &State) -> Option<bool> {
    let mut fits = None;
    for resource in &state.resources {
        let Some(row) = identity::of(&resource.address.kind) else {
            continue;
        };
        let Some(name) = name_in_code(configuration, root, resource) else {
            continue;
        };
        let texts = [&resource.arn, &resource.id].into_iter().flatten();
        let mut held = texts
            .chain(&resource.names)
            .filter_map(|text| row.read(text)?.name)
            .peekable();
        if held.peek().is_none() {
            continue;
        }
        if !held.any(|held| held == row.canonical_name(&name)) {
            return Some(false);
        }
        fits = Some(true);
    }
    fits
}

/// The code, as states are matched with it: by the directories of roots, each looked at as one of its runs.
struct Written<'c, 'a> {
    configuration: &'c Configuration<'a>,
    /// A root, and its number in the configuration, by its directory.
    first: FxHashMap<&'c RepoPath, (&'c RepoPath, Option<usize>)>,
    homes: FxHashMap<&'c RepoPath, &'c RepoPath>,
}

impl<'c, 'a> Written<'c, 'a> {
    fn new(configuration: &'c Configuration<'a>) -> Self {
        let mut first: FxHashMap<&RepoPath, (&RepoPath, Option<usize>)> = FxHashMap::default();
        for root in configuration.roots() {
            first
                .entry(&root.home)
                .or_insert_with(|| (&root.dir, configuration.node_of(&root.dir)));
        }
        let homes = first
            .iter()
            .map(|(home, (root, _))| (*root, *home))
            .collect();
        Self {
            configuration,
            first,
            homes,
        }
    }

    fn root<'r>(&'r self, home: &'r RepoPath) -> &'r RepoPath {
        self.first.get(home).map_or(home, |(root, _)| root)
    }
}

impl Code for Written<'_, '_> {
    fn has(&self, home: &RepoPath, instance: &Address) -> bool {
        match self.first.get(home) {
            Some((_, node)) => {
                node.is_some_and(|node| self.configuration.has_below(node, instance))
            }
            None => self.configuration.has(home, &instance.block()),
        }
    }

    fn blocks(&self, kind: &str) -> Vec<(RepoPath, BlockAddress)> {
        let places = self.configuration.addresses(kind).into_iter();
        places
            .filter_map(|(root, address)| Some(((*self.homes.get(&root)?).clone(), address)))
            .collect()
    }

    fn name(&self, home: &RepoPath, resource: &StateResource) -> Option<String> {
        name_in_code(self.configuration, self.root(home), resource)
    }
}

/// The name that the code gives to a state's object, where it is known.
fn name_in_code(
    configuration: &Configuration<'_>,
    root: &RepoPath,
    resource: &StateResource,
) -> Option<String> {
    let row = identity::of(&resource.address.kind).filter(|row| !row.name.is_empty())?;
    let occurrence = configuration.occurrence(root, &resource.address.block())?;
    match configuration.held(&occurrence, &resource.address, &[row.name]) {
        Held::Value(value) => value.as_text(),
        Held::Absent | Held::Dynamic(_) => None,
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
                    .blocks_named(root, &labels, "moved")
                    .into_iter()
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

    /// Why an address of a root cannot be looked at; `None` when its block is there, or would be there. A block of
    /// installed code, or of the outline of a well-known module, is there: what is edited is the call.
    pub(super) fn outside(&self, root: &RepoPath, block: &BlockAddress) -> Option<Refusal> {
        if self.configuration.has(root, block) {
            return None;
        }
        let external = External::of(self.configuration, root, &block.modules)?;
        let what = format!("`{block}` in {}", root_name(root));
        if external.outline().is_none() && external.dir.is_some() {
            // Installed code without that block: a call further in may lead out of it.
            let nested = self
                .configuration
                .external_calls_of(root)
                .into_iter()
                .find(|call| block.modules.starts_with(&call.path))?;
            let nested = External::of_call(&nested);
            return Some(nested.unread(self.configuration, &what));
        }
        Some(external.unread(self.configuration, &what))
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
            || configuration.roots().iter().any(|r| {
                r.dir == *root
                    && !(r.tfvars.is_empty()
                        && r.var_files.is_empty()
                        && !r.var_file_sets.iter().any(|f| is_below(&r.code, f)))
            })
            || self.has_state(root);
        if let Ok(mut known) = self.evident.lock() {
            known.insert(root.clone(), applied);
        }
        applied
    }
}

/// Whether a file lies in a directory or below it.
fn is_below(dir: &RepoPath, file: &RepoPath) -> bool {
    dir.as_str().is_empty()
        || file
            .as_str()
            .strip_prefix(dir.as_str())
            .is_some_and(|rest| rest.starts_with('/'))
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
