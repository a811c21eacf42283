//! Every object of every state, by what identifies it.

use std::collections::{BTreeSet, HashMap};

use super::roots::{self, Fit, Root};
use super::{RootChoice, State, StateResource};
use crate::terraform::address::{Address, BlockAddress};
use crate::terraform::identity::{self, Scope, Sought, TypeIdentity};
use crate::terraform::source::RepoPath;

/// All states of an estate.
#[derive(Debug, Default)]
pub struct StateIndex {
    states: Vec<(State, RootChoice)>,
    /// Any identifying text → (state, resource).
    by_key: HashMap<Box<str>, Vec<(u32, u32)>>,
    by_block: HashMap<BlockAddress, Vec<(u32, u32)>>,
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
    /// An index over these states. `roots` are the repository's root modules with their literal S3 backend keys;
    /// `has` says whether a root has a block; `name_in_code` gives the name that a block's only instance has in code,
    /// where it is known.
    #[must_use]
    pub fn new(
        states: Vec<State>,
        roots: &[(RepoPath, Option<String>)],
        has: impl Fn(&RepoPath, &BlockAddress) -> bool,
        name_in_code: impl Fn(&RepoPath, &StateResource) -> Option<String>,
    ) -> Self {
        let given: Vec<Root<'_>> = roots
            .iter()
            .map(|(dir, key)| Root {
                dir,
                backend_key: key.clone(),
            })
            .collect();
        let chosen = states
            .into_iter()
            .map(|state| {
                let choice =
                    roots::choose(&state, &given, |dir| fit(&state, dir, &has, &name_in_code));
                (state, choice)
            })
            .collect();
        let (states, problems) = newest_of_each_lineage(chosen);
        let mut index = Self {
            states,
            by_key: HashMap::new(),
            by_block: HashMap::new(),
            problems,
        };
        for (s, (state, _)) in index.states.iter().enumerate() {
            index.problems.extend(state.problems.iter().cloned());
            for (r, resource) in state.resources.iter().enumerate() {
                let (Ok(s), Ok(r)) = (u32::try_from(s), u32::try_from(r)) else {
                    continue;
                };
                index
                    .by_block
                    .entry(resource.address.block())
                    .or_default()
                    .push((s, r));
                for key in keys(resource) {
                    index.by_key.entry(key).or_default().push((s, r));
                }
            }
        }
        index
    }

    /// The same index with other roots for some of the states: those of one directory that is run several times.
    #[must_use]
    pub fn with_roots(mut self, of: impl Fn(&State, &RootChoice) -> Option<RootChoice>) -> Self {
        for (state, choice) in &mut self.states {
            if let Some(other) = of(state, choice) {
                *choice = other;
            }
        }
        self
    }

    /// The states, with their roots.
    pub fn states(&self) -> impl Iterator<Item = (&State, &RootChoice)> {
        self.states.iter().map(|(s, r)| (s, r))
    }

    /// The states of a root.
    pub fn of_root<'i>(&'i self, root: &'i RepoPath) -> impl Iterator<Item = &'i State> {
        self.states
            .iter()
            .filter(move |(_, choice)| choice.root() == Some(root))
            .map(|(state, _)| state)
    }

    /// The state of a root that holds an instance; keys that `address` leaves out may be any.
    #[must_use]
    pub fn holding(&self, root: &RepoPath, address: &Address) -> Option<&State> {
        let places = self.by_block.get(&address.block())?;
        places.iter().find_map(|(s, r)| {
            let (state, choice) = self.states.get(*s as usize)?;
            let resource = state.resources.get(*r as usize)?;
            (choice.root() == Some(root) && resource.address.could_be(address)).then_some(state)
        })
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
            .filter_map(|(state, root, resource)| {
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
            })
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
        let places: BTreeSet<(u32, u32)> = [&sought.arn, &sought.id, &sought.name]
            .into_iter()
            .flatten()
            .filter_map(|key| self.by_key.get(key.as_str()))
            .flatten()
            .copied()
            .collect();
        places
            .into_iter()
            .filter_map(|(s, r)| {
                let (state, root) = self.states.get(s as usize)?;
                Some((state, root, state.resources.get(r as usize)?))
            })
            .collect()
    }
}

/// Every text under which an object may be asked for.
fn keys(resource: &StateResource) -> BTreeSet<Box<str>> {
    let row = identity::of(&resource.address.kind);
    let mut keys = BTreeSet::new();
    let own = [&resource.arn, &resource.id]
        .into_iter()
        .flatten()
        .chain(&resource.names);
    for text in own {
        keys.insert(text.as_str().into());
        if let Some(read) = row.and_then(|row| row.read(text)) {
            keys.extend(
                [read.arn, read.id, read.name]
                    .into_iter()
                    .flatten()
                    .map(Into::into),
            );
        }
    }
    if let Some(owner) = &resource.owner {
        keys.insert(owner.as_str().into());
        let read = row
            .and_then(|row| row.owner)
            .and_then(|(_, owner)| identity::of(owner))
            .and_then(|row| row.read(owner));
        if let Some(read) = read {
            keys.extend([read.id, read.name].into_iter().flatten().map(Into::into));
        }
    }
    keys
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

fn fit(
    state: &State,
    dir: &RepoPath,
    has: &impl Fn(&RepoPath, &BlockAddress) -> bool,
    name_in_code: &impl Fn(&RepoPath, &StateResource) -> Option<String>,
) -> Fit {
    let mut fit = Fit::default();
    let mut missing_in_modules = 0;
    for block in roots::blocks(state) {
        if has(dir, &block) {
            fit.present += 1;
        } else if block.modules.is_empty() {
            fit.missing += 1;
        } else {
            // Modules whose source is elsewhere have no blocks here and say nothing against a root.
            missing_in_modules += 1;
        }
    }
    if fit.present == 0 {
        fit.missing += missing_in_modules;
        return fit;
    }
    for resource in &state.resources {
        let Some(row) = identity::of(&resource.address.kind) else {
            continue;
        };
        let names: Vec<String> = [&resource.arn, &resource.id]
            .into_iter()
            .flatten()
            .chain(&resource.names)
            .filter_map(|text| row.read(text)?.name)
            .collect();
        if names.is_empty() {
            continue;
        }
        match name_in_code(dir, resource) {
            Some(name) if names.iter().any(|n| n == row.plain(&name)) => fit.agreeing += 1,
            Some(_) => fit.differing += 1,
            None => {}
        }
    }
    fit
}

/// Of several versions of one state only the newest counts; the others are named.
fn newest_of_each_lineage(
    states: Vec<(State, RootChoice)>,
) -> (Vec<(State, RootChoice)>, Vec<String>) {
    let mut kept: Vec<(State, RootChoice)> = Vec::new();
    let mut problems = Vec::new();
    for (state, root) in states {
        let older = kept.iter_mut().find(|(other, other_root)| {
            state.lineage.is_some() && other.lineage == state.lineage && *other_root == root
        });
        match older {
            None => kept.push((state, root)),
            Some(slot) => {
                let (newer, older) = if state.serial > slot.0.serial {
                    (Some((state.name.clone(), state)), slot.0.name.clone())
                } else {
                    (None, state.name)
                };
                if let Some((_, newer)) = newer {
                    slot.0 = newer;
                }
                problems.push(format!(
                    "{older}: the same state as {} (one lineage), not newer; it is left out",
                    slot.0.name
                ));
            }
        }
    }
    (kept, problems)
}
