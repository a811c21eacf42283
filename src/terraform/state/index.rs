//! Every object of every state, by what identifies it.

use std::collections::BTreeSet;

use rayon::prelude::*;

use rustc_hash::{FxHashMap, FxHashSet};

use super::fit::{Code, Fits};
use super::lineage;
use super::postings::{Place, Postings, hash};
use super::roots::{Chooser, Root};
use super::{Made, RootChoice, State, StateResource};
use crate::terraform::address::Address;
use crate::terraform::identity::{self, Scope, Sought, TypeIdentity};
use crate::terraform::source::RepoPath;

/// All states of an estate.
#[derive(Debug, Default)]
pub struct StateIndex {
    states: Vec<(State, RootChoice)>,
    /// By any identifying text.
    by_key: Postings,
    by_block: Postings,
    by_kind: Postings,
    by_root: FxHashMap<RepoPath, Vec<u32>>,
    accounts: FxHashSet<String>,
    problems: Vec<String>,
}

/// One object of a state that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateHit<'i> {
    /// The state that holds it.
    pub state: &'i State,
    /// The state's root.
    pub root: &'i RootChoice,
    /// The object.
    pub resource: &'i StateResource,
    /// Whether account and region are known to be the ones asked for, where the name alone is not unique.
    pub proved: bool,
}

impl StateIndex {
    /// An index over these states, each matched with the root of the repository that it belongs to.
    #[must_use]
    pub fn new(states: Vec<State>, roots: &[Root], code: &impl Code) -> Self {
        let chooser = Chooser::new(roots);
        let near: Vec<Option<RootChoice>> = states
            .par_iter()
            .map(|state| chooser.near(state, code))
            .collect();
        let mut fits = Fits::new(roots, code);
        let chosen = states
            .into_iter()
            .zip(near)
            .map(|(state, near)| {
                let choice = near.unwrap_or_else(|| chooser.far(&state, &mut fits));
                (state, choice)
            })
            .collect();
        let (states, mut problems) = lineage::newest(chosen);
        let (mut by_key, mut by_block, mut by_kind) = (Vec::new(), Vec::new(), Vec::new());
        let entries: Vec<[Vec<(u64, u32, u32)>; 3]> = states
            .par_iter()
            .enumerate()
            .map(|(s, (state, _))| entries(s, state))
            .collect();
        for [keys, blocks, kinds] in entries {
            by_key.push(keys);
            by_block.push(blocks);
            by_kind.push(kinds);
        }
        let mut accounts: FxHashSet<String> = FxHashSet::default();
        for account in states
            .iter()
            .flat_map(|(state, _)| &state.resources)
            .filter_map(|r| r.account.as_ref())
        {
            if !accounts.contains(account) {
                accounts.insert(account.clone());
            }
        }
        for (state, _) in &states {
            problems.extend(state.problems.iter().cloned());
        }
        let by_root = by_root(&states);
        Self {
            states,
            by_key: Postings::new(by_key),
            by_block: Postings::new(by_block),
            by_kind: Postings::new(by_kind),
            by_root,
            accounts,
            problems,
        }
    }

    /// The same index with other roots for some of the states: those of one directory that is run several times.
    #[must_use]
    pub fn with_roots(mut self, of: impl Fn(&State, &RootChoice) -> Option<RootChoice>) -> Self {
        for (state, choice) in &mut self.states {
            if let Some(other) = of(state, choice) {
                *choice = other;
            }
        }
        self.by_root = by_root(&self.states);
        self
    }

    /// The states, with their roots.
    pub fn states(&self) -> impl Iterator<Item = (&State, &RootChoice)> {
        self.states.iter().map(|(s, r)| (s, r))
    }

    /// The states of a root.
    pub fn of_root<'i>(&'i self, root: &'i RepoPath) -> impl Iterator<Item = &'i State> {
        self.by_root
            .get(root)
            .into_iter()
            .flatten()
            .filter_map(|s| self.states.get(*s as usize))
            .map(|(state, _)| state)
    }

    /// The state of a root that holds an instance; keys that `address` leaves out may be any.
    #[must_use]
    pub fn holding(&self, root: &RepoPath, address: &Address) -> Option<&State> {
        self.by_block.at(block_hash(address)).find_map(|place| {
            let (state, choice, resource) = self.object(place)?;
            (choice.root() == Some(root) && resource.address.could_be(address)).then_some(state)
        })
    }

    /// Every object of a Terraform type whose account and region are not known to be others than those sought.
    #[must_use]
    pub fn of_kind_at(&self, kind: &str, scope: Scope, sought: &Sought) -> Vec<StateHit<'_>> {
        self.by_kind
            .at(hash(kind))
            .filter_map(|place| self.object(place))
            .filter(|(_, _, resource)| resource.address.kind == kind)
            .filter_map(|(state, root, resource)| {
                let proved = place(scope, state, resource, sought)?;
                Some(StateHit {
                    state,
                    root,
                    resource,
                    proved,
                })
            })
            .collect()
    }

    /// The objects that made the one with this id or ARN beside themselves.
    #[must_use]
    pub fn makers(&self, id: &str) -> Vec<(StateHit<'_>, &Made)> {
        self.by_key
            .at(hash(id))
            .filter_map(|place| self.object(place))
            .filter_map(|(state, root, resource)| {
                let made = resource.made.iter().find(|made| made.id == id)?;
                let hit = StateHit {
                    state,
                    root,
                    resource,
                    proved: true,
                };
                Some((hit, made))
            })
            .collect()
    }

    /// Whether any state holds an object of this account or project.
    #[must_use]
    pub fn knows_account(&self, account: &str) -> bool {
        self.accounts.contains(account)
    }

    fn object(&self, (s, r): Place) -> Option<(&State, &RootChoice, &StateResource)> {
        let (state, root) = self.states.get(s as usize)?;
        Some((state, root, state.resources.get(r as usize)?))
    }

    /// What could not be read, or was left out, each one sentence with the file's name.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The objects of one Terraform type (or a type that describes the same object under another name) that are the
    /// one sought.
    #[must_use]
    pub fn find(&self, kind: &str, sought: &Sought) -> Vec<StateHit<'_>> {
        let Some(row) = identity::of(kind) else {
            return self.find_arn(kind, sought);
        };
        let kinds = identity::same_object(kind);
        self.candidates(sought)
            .into_iter()
            .filter(|(_, _, resource)| kinds.contains(&resource.address.kind.as_str()))
            .filter_map(|(state, root, resource)| {
                let proved = judge(row, state, resource, sought)?;
                Some(StateHit {
                    state,
                    root,
                    resource,
                    proved,
                })
            })
            .collect()
    }

    /// The objects of one type that are parts of the object sought (the access keys of a user).
    #[must_use]
    pub fn find_parts(&self, kind: &str, owner: &Sought) -> Vec<StateHit<'_>> {
        let Some(owner_row) = identity::of(kind)
            .and_then(|row| row.owner)
            .and_then(|(_, owner)| identity::of(owner))
        else {
            return Vec::new();
        };
        self.candidates(owner)
            .into_iter()
            .filter(|(_, _, resource)| resource.address.kind == kind)
            .filter_map(|object| part_of(owner_row, object, owner))
            .collect()
    }

    /// The objects of whatever type that are parts of the object sought (the policy and the ACL of a bucket).
    #[must_use]
    pub fn all_parts(&self, kind: &str, owner: &Sought) -> Vec<StateHit<'_>> {
        let Some(owner_row) = identity::of(kind) else {
            return Vec::new();
        };
        let is_part = |resource: &StateResource| {
            let of = identity::of(&resource.address.kind).and_then(|row| row.owner);
            of.is_some_and(|(_, of)| of == owner_row.kind)
        };
        self.candidates(owner)
            .into_iter()
            .filter(|(_, _, resource)| is_part(resource))
            .filter_map(|object| part_of(owner_row, object, owner))
            .collect()
    }

    /// The objects of any type that have this very ARN.
    #[must_use]
    pub fn holders(&self, arn: &str) -> Vec<StateHit<'_>> {
        let sought = Sought {
            arn: Some(arn.to_owned()),
            ..Sought::default()
        };
        self.candidates(&sought)
            .into_iter()
            .filter(|(_, _, resource)| resource.arn.as_deref() == Some(arn))
            .map(|(state, root, resource)| StateHit {
                state,
                root,
                resource,
                proved: true,
            })
            .collect()
    }

    /// For types without a row: only an equal ARN or id counts.
    fn find_arn(&self, kind: &str, sought: &Sought) -> Vec<StateHit<'_>> {
        self.candidates(sought)
            .into_iter()
            .filter(|(_, _, resource)| {
                resource.address.kind == kind
                    && [&resource.arn, &resource.id]
                        .into_iter()
                        .any(|held| held.is_some() && (*held == sought.arn || *held == sought.id))
            })
            .map(|(state, root, resource)| StateHit {
                state,
                root,
                resource,
                proved: true,
            })
            .collect()
    }

    fn candidates(&self, sought: &Sought) -> Vec<(&State, &RootChoice, &StateResource)> {
        let places: BTreeSet<Place> = [&sought.arn, &sought.id, &sought.name]
            .into_iter()
            .flatten()
            .flat_map(|key| self.by_key.at(hash(key.as_str())))
            .collect();
        places.into_iter().filter_map(|p| self.object(p)).collect()
    }
}

/// The object as a part of the one sought; `None` when it is a part of another one.
fn part_of<'i>(
    owner_row: &TypeIdentity,
    (state, root, resource): (&'i State, &'i RootChoice, &'i StateResource),
    owner: &Sought,
) -> Option<StateHit<'i>> {
    let held = owner_row.read(resource.owner.as_deref()?)?;
    let same_id = held.id.is_some() && held.id == owner.id;
    let same_name = held.name.is_some() && held.name == owner.name;
    if !same_id && !same_name {
        return None;
    }
    let place = place(owner_row.scope, state, resource, owner)?;
    Some(StateHit {
        state,
        root,
        resource,
        proved: same_id || place,
    })
}

/// What the index holds of a state: by key, by block, by type.
fn entries(s: usize, state: &State) -> [Vec<(u64, u32, u32)>; 3] {
    let mut entries = [const { Vec::new() }; 3];
    let Ok(s) = u32::try_from(s) else {
        return entries;
    };
    let [keys, blocks, kinds] = &mut entries;
    blocks.reserve_exact(state.resources.len());
    kinds.reserve_exact(state.resources.len());
    keys.extend(state.keys.iter().map(|(key, r)| (*key, s, *r)));
    for (r, resource) in (0u32..).zip(&state.resources) {
        blocks.push((block_hash(&resource.address), s, r));
        kinds.push((hash(resource.address.kind.as_str()), s, r));
    }
    entries
}

/// The keys of a state's objects, each with the number of its object: what ids and ARNs say is worked out once, when
/// the state is read.
pub(super) fn keys(resources: &[StateResource]) -> Vec<(u64, u32)> {
    let mut keys = Vec::with_capacity(resources.len() * 4);
    for (r, resource) in (0u32..).zip(resources) {
        each_key(resource, |key| {
            let key = (hash(key), r);
            if keys.last() != Some(&key) {
                keys.push(key);
            }
        });
    }
    keys.shrink_to_fit();
    keys
}

/// The hash of an address without its keys.
fn block_hash(address: &Address) -> u64 {
    let modules: Vec<&str> = address.modules.iter().map(|m| m.name.as_str()).collect();
    hash(&(modules, address.data, &address.kind, &address.name))
}

/// The states of each root.
fn by_root(states: &[(State, RootChoice)]) -> FxHashMap<RepoPath, Vec<u32>> {
    let mut by_root: FxHashMap<RepoPath, Vec<u32>> = FxHashMap::default();
    for (s, (_, choice)) in states.iter().enumerate() {
        if let (Some(root), Ok(s)) = (choice.root(), u32::try_from(s)) {
            by_root.entry(root.clone()).or_default().push(s);
        }
    }
    by_root
}

/// Every text under which an object may be asked for.
fn each_key(resource: &StateResource, mut take: impl FnMut(&str)) {
    let row = identity::of(&resource.address.kind);
    let own = [&resource.arn, &resource.id]
        .into_iter()
        .flatten()
        .chain(&resource.names);
    for text in own {
        take(text);
        let read = row.and_then(|row| row.read(text)).unwrap_or_default();
        for key in [&read.arn, &read.id, &read.name].into_iter().flatten() {
            take(key);
        }
    }
    for made in &resource.made {
        take(&made.id);
    }
    if let Some(owner) = &resource.owner {
        take(owner);
        let read = row
            .and_then(|row| row.owner)
            .and_then(|(_, owner)| identity::of(owner))
            .and_then(|row| row.read(owner))
            .unwrap_or_default();
        for key in [&read.id, &read.name].into_iter().flatten() {
            take(key);
        }
    }
}

/// Whether a state's object is the one sought: `None` = no; else whether that is proved.
fn judge(
    row: &TypeIdentity,
    state: &State,
    resource: &StateResource,
    sought: &Sought,
) -> Option<bool> {
    let held: Vec<Sought> = [&resource.arn, &resource.id]
        .into_iter()
        .flatten()
        .chain(&resource.names)
        .filter_map(|text| row.read(text))
        .collect();
    let own_arn = held.iter().find_map(|h| h.arn.as_deref());
    if let (Some(own), Some(wanted)) = (own_arn, sought.arn.as_deref())
        && own.starts_with("arn:") == wanted.starts_with("arn:")
    {
        // Two ARNs say everything there is to say.
        if own.starts_with("arn:") {
            return (own == wanted).then_some(true);
        }
        if own == wanted {
            return Some(true);
        }
    }
    if let Some(id) = &sought.id {
        let same = held.iter().any(|h| h.id.as_ref() == Some(id));
        if same || sought.name.is_none() {
            return same.then_some(true);
        }
    }
    let name = sought.name.as_ref()?;
    if !held.iter().any(|h| h.name.as_ref() == Some(name)) {
        return None;
    }
    place(row.scope, state, resource, sought)
}

/// Whether account and region of a state's object are those sought: `None` = they are others; else whether that is
/// known as far as the scope needs it.
fn place(scope: Scope, state: &State, resource: &StateResource, sought: &Sought) -> Option<bool> {
    if scope == Scope::Global {
        return Some(true);
    }
    let account = resource.account.clone().or_else(|| {
        only(
            state
                .resources
                .iter()
                .filter(|r| r.provider_alias == resource.provider_alias)
                .filter_map(|r| r.account.as_deref()),
        )
    });
    let same_account = same(account.as_deref(), sought.account.as_deref())?;
    let same_region = match scope {
        Scope::Region => {
            let region = resource.region.clone().or_else(|| {
                only(
                    state
                        .resources
                        .iter()
                        .filter(|r| r.provider_alias == resource.provider_alias)
                        .filter_map(|r| r.region.as_deref()),
                )
            });
            same(region.as_deref(), sought.region.as_deref())?
        }
        _ => true,
    };
    Some(scope != Scope::Parent && same_account && same_region)
}

/// `None` when both are known and differ; else whether both are known.
fn same(a: Option<&str>, b: Option<&str>) -> Option<bool> {
    match (a, b) {
        (Some(a), Some(b)) => (a == b).then_some(true),
        _ => Some(false),
    }
}

/// The one value of all, if they agree.
fn only<'v>(mut values: impl Iterator<Item = &'v str>) -> Option<String> {
    let first = values.next()?;
    values.all(|v| v == first).then(|| first.to_owned())
}
