//! Several fixes in one run: their union must apply, and none may undo another.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::{Affected, Context, Fix, Refusal, RefusalKind, Remediation, Verdict, assess, proof};
use crate::terraform::{Edit, RepoPath};

/// Keeps the fixes whose edits apply together and whose instances are all still cured on the union; the earlier one
/// wins. A later one that does not fit becomes `refused: conflict`. Everything that is no remediation passes through;
/// the order stays.
#[must_use]
pub fn compose(context: &Context<'_, '_>, fixes: Vec<Fix>) -> Vec<Fix> {
    let all: Vec<(usize, &Remediation)> = fixes
        .iter()
        .enumerate()
        .filter_map(|(number, fix)| match fix {
            Fix::Remediation(remediation) => Some((number, &**remediation)),
            _ => None,
        })
        .collect();
    let refused: Vec<(usize, Refusal)> = groups(context, &all)
        .into_par_iter()
        .flat_map_iter(|group| {
            let mut union = Union {
                context,
                kept: Vec::new(),
                refused: Vec::new(),
            };
            // One that touches nobody else's code was proved by itself.
            if group.len() > 1 {
                union.add(&group);
            }
            union.refused
        })
        .collect();
    let mut out = fixes;
    for (number, refusal) in refused {
        out[number] = Fix::Refused(refusal);
    }
    out
}

/// A fix with its number.
type Numbered<'u> = (usize, &'u Remediation);

/// The fixes that may have to do with one another: those that edit one file, and those whose instance is in a root
/// that reads what another one edits. The order stays in each group.
fn groups<'u>(context: &Context<'_, '_>, all: &[Numbered<'u>]) -> Vec<Vec<Numbered<'u>>> {
    #[derive(PartialEq, Eq, Hash)]
    enum Thing<'t> {
        File(&'t RepoPath),
        Root(RepoPath),
    }
    let mut first: HashMap<Thing<'_>, usize> = HashMap::new();
    let mut leader: Vec<usize> = (0..all.len()).collect();
    let find = |leader: &mut Vec<usize>, mut at: usize| {
        while leader[at] != at {
            leader[at] = leader[leader[at]];
            at = leader[at];
        }
        at
    };
    let concerned: Vec<(BTreeSet<&RepoPath>, BTreeSet<RepoPath>)> = all
        .par_iter()
        .map(|(_, remediation)| {
            let files: BTreeSet<&RepoPath> = remediation.edits.iter().map(Edit::file).collect();
            let roots = context.cfg.roots_reading(&files);
            (files, roots)
        })
        .collect();
    for (i, ((_, remediation), (files, roots))) in all.iter().zip(concerned).enumerate() {
        let things = files.into_iter().map(Thing::File);
        let own = Thing::Root(remediation.instance.root.clone());
        for thing in things
            .chain(roots.into_iter().map(Thing::Root))
            .chain([own])
        {
            let other = *first.entry(thing).or_insert(i);
            let (a, b) = (find(&mut leader, other), find(&mut leader, i));
            // The earlier one leads.
            leader[a.max(b)] = a.min(b);
        }
    }
    let mut groups: BTreeMap<usize, Vec<Numbered<'u>>> = BTreeMap::new();
    for (i, numbered) in all.iter().enumerate() {
        groups
            .entry(find(&mut leader, i))
            .or_default()
            .push(*numbered);
    }
    groups.into_values().collect()
}

/// What has been kept so far.
struct Union<'u, 'c, 'a> {
    context: &'u Context<'c, 'a>,
    kept: Vec<&'u Remediation>,
    refused: Vec<(usize, Refusal)>,
}

impl<'u> Union<'u, '_, '_> {
    /// Adds a batch if it fits as a whole, else its halves one after the other: nearly always everything fits, and
    /// the whole configuration has to be read once only.
    fn add(&mut self, batch: &[(usize, &'u Remediation)]) {
        let with: Vec<&Remediation> = self
            .kept
            .iter()
            .copied()
            .chain(batch.iter().map(|(_, r)| *r))
            .collect();
        match (self.fits(&with), batch) {
            (_, []) => {}
            (Ok(()), _) => self.kept = with,
            (Err(why), [(number, _)]) => self.refused.push((*number, conflict(&why))),
            (Err(_), _) => {
                let (first, second) = batch.split_at(batch.len() / 2);
                self.add(first);
                self.add(second);
            }
        }
    }

    fn fits(&self, remediations: &[&Remediation]) -> Result<(), String> {
        let mut edits: Vec<Edit> = Vec::new();
        for edit in remediations.iter().flat_map(|r| &r.edits) {
            // The same change may answer several findings.
            if !edits.contains(edit) {
                edits.push(edit.clone());
            }
        }
        let spoiled = proof::after(self.context.cfg, &edits, |cfg| {
            let edited = Context {
                cfg,
                ..*self.context
            };
            remediations
                .iter()
                .find(|r| !self.still_cured(&edited, r))
                .map(|r| (r.rule.clone(), r.instance.clone()))
        });
        match spoiled {
            Ok(None) => Ok(()),
            Ok(Some((rule, Affected { address, .. }))) => Err(format!(
                "together they do not bring `{address}` to the state that rule `{rule}` asks for"
            )),
            Err(refusal) => Err(refusal.message),
        }
    }

    /// Whether what a remediation cures by itself is cured on the union too. A control may ask for a part of a rule
    /// only, so what its own edits leave open may stay open.
    fn still_cured(&self, union: &Context<'_, '_>, remediation: &Remediation) -> bool {
        let Some(rule) = union.catalogue.rule(&remediation.rule) else {
            return true;
        };
        let whole = serde_json::Value::Null;
        let complaints = |verdict: Verdict| match verdict {
            Verdict::Safe => Vec::new(),
            Verdict::Unsafe(why) => why.split("; ").map(str::to_owned).collect(),
            Verdict::Unknown(refusal) => vec![refusal.message],
        };
        let now = complaints(assess(union, &remediation.instance, rule, &whole));
        if now.is_empty() {
            return true;
        }
        let alone = proof::after(self.context.cfg, &remediation.edits, |cfg| {
            let edited = Context {
                cfg,
                ..*self.context
            };
            complaints(assess(&edited, &remediation.instance, rule, &whole))
        });
        alone.is_ok_and(|alone| now.iter().all(|complaint| alone.contains(complaint)))
    }
}

fn conflict(message: &str) -> Refusal {
    Refusal::new(
        RefusalKind::Conflict,
        format!("another fix of this run changes the same code: {message}"),
        "merge that one first, then run again",
    )
}
