//! Of several versions of one state only the newest counts.
//!
//! A lineage is given once and kept through a state's versions. Two workspaces are two states whatever their lineage
//! says: somebody copied one.

use rustc_hash::FxHashMap;

use super::{RootChoice, State};

/// The newest of each, in order, and a sentence about each that is left out.
pub(super) fn newest(states: Vec<(State, RootChoice)>) -> (Vec<(State, RootChoice)>, Vec<String>) {
    let mut groups: FxHashMap<(String, RootChoice), Vec<usize>> = FxHashMap::default();
    for (i, (state, root)) in states.iter().enumerate() {
        if let Some(lineage) = &state.lineage {
            let key = (lineage.clone(), root.clone());
            groups.entry(key).or_default().push(i);
        }
    }
    // Of a state that is left out: the one that counts instead.
    let mut instead: FxHashMap<usize, usize> = FxHashMap::default();
    for members in groups.into_values().filter(|m| m.len() > 1) {
        let named: Vec<&String> = members
            .iter()
            .filter_map(|i| states[*i].0.workspace.as_ref())
            .collect();
        // Where only one workspace is named, a copy that names none is of that one.
        let only = named
            .first()
            .filter(|first| named.iter().all(|w| w == *first));
        let mut by_workspace: FxHashMap<Option<&String>, Vec<usize>> = FxHashMap::default();
        for i in &members {
            let own = states[*i].0.workspace.as_ref();
            by_workspace
                .entry(own.or(only.copied()))
                .or_default()
                .push(*i);
        }
        for same in by_workspace.into_values() {
            let newest = same
                .iter()
                .copied()
                .max_by_key(|i| (states[*i].0.serial, std::cmp::Reverse(*i)));
            if let Some(newest) = newest {
                let older = same.into_iter().filter(|i| *i != newest);
                instead.extend(older.map(|i| (i, newest)));
            }
        }
    }
    let mut problems = Vec::new();
    for i in 0..states.len() {
        if let Some(newest) = instead.get(&i) {
            problems.push(format!(
                "{}: the same state as {} (one lineage), not newer; it is left out",
                states[i].0.name, states[*newest].0.name
            ));
        }
    }
    let kept = states
        .into_iter()
        .enumerate()
        .filter(|(i, _)| !instead.contains_key(i))
        .map(|(_, state)| state)
        .collect();
    (kept, problems)
}
