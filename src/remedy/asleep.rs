//! A companion that is made for other entries and not for the subject's: the entry is given what it asks for, and no second
//! block is written.
//!
//! In a module that several callers use this is the only way for one entry: a new block for it would name a key that the
//! entries of the others do not have. ([`super::dormant`] turns the switches of a companion that is the subject's own.)

use hcl_edit::Span as _;
use serde_json::Value as Json;

use super::reach::{self, Reached};
use super::subject::Subject;
use super::{Draft, Previous, Verdict, companion, place, proof};
use crate::rules::Companion;
use crate::terraform::module::Configuration;
use crate::terraform::value::{Origin, OriginPlace};
use crate::terraform::{Address, Edit, InstanceKey, Value};

/// One thing to try: edits, where they stand, in words, and what was there.
pub(super) type Way = (Vec<Edit>, Origin, String, Option<String>);

/// Lets a companion be made for the subject by the block that makes those of others; `None` when no small edit does
/// that and nothing else.
pub(super) fn wake(subject: &Subject<'_, '_>, companion: &Companion, with: &Json) -> Option<Draft> {
    let cfg = subject.cfg;
    cfg.occurrences_in(&subject.at.root, &companion.resource)
        .into_iter()
        .filter(|at| {
            !place::is_external(at.resource.file.path())
                && at.module == subject.at.module
                && at.address.modules == subject.address.block().modules
        })
        .find_map(|at| {
            let (name, expression) = cfg.repetition(&at)?;
            let key = match (name, &subject.address.key) {
                (_, Some(key)) => key.clone(),
                ("count", None) => InstanceKey::Index(0),
                _ => return None,
            };
            let address = Address {
                modules: subject.address.modules.clone(),
                key: Some(key),
                ..at.address.unkeyed()
            };
            let instances = cfg.instances(&at);
            if instances.unknown.is_some() || instances.known.contains(&address) {
                return None;
            }
            let asleep = Subject { cfg, at, address };
            let value = cfg.evaluate(&asleep.at, &asleep.address, expression);
            let own = Origin {
                file: asleep.file().path().clone(),
                span: expression.span()?,
                place: OriginPlace::Block,
            };
            ways(&asleep, &value, &own)
                .into_iter()
                .find(|(edits, at, ..)| {
                    let reached = place::reached_from(cfg, [at]);
                    let woken = proof::after(cfg, edits, |after| {
                        wakes(subject, companion, with, after, &asleep)
                            && nothing_else(&asleep, after, &reached)
                    });
                    woken == Ok(true)
                })
                .map(|way| draft(subject, &asleep, way))
        })
}

fn draft(subject: &Subject<'_, '_>, asleep: &Subject<'_, '_>, way: Way) -> Draft {
    let (edits, _, words, previous) = way;
    let mut draft = Draft::of(subject);
    draft.edits = edits;
    draft.paths.push(asleep.at.resource.kind.to_owned());
    draft.previous.push(Previous {
        path: format!("{}, decided by {words}", asleep.name()),
        value: previous,
    });
    draft.summary = format!(
        "let `{}` be made for `{}` (decided by {words})",
        asleep.name(),
        subject.address
    );
    draft
}

/// What may let something be made that a value decides: the narrowest first.
pub(super) fn ways(asleep: &Subject<'_, '_>, value: &Value, own: &Origin) -> Vec<Way> {
    let cfg = asleep.cfg;
    let booleans = [true.into(), false.into()];
    let mut ways: Vec<Way> = Vec::new();
    let give = |ways: &mut Vec<Way>, supplies: Vec<place::Supply>| {
        for supply in supplies {
            if let Some(edits) = supply.edits(cfg) {
                let previous = supply.previous(cfg);
                ways.push((edits, supply.at.clone(), supply.words(), previous));
            }
        }
    };
    let through: Vec<Origin> = value
        .via
        .iter()
        .chain(value.depends_on.origins())
        .chain(std::iter::once(own))
        .cloned()
        .collect();
    give(
        &mut ways,
        place::of_entry(asleep, value, &through, &booleans),
    );
    if let Some(at) = place::switch(cfg, value)
        && let Some((edits, present)) = place::opposite(cfg, &at)
    {
        let words = place::describe(&at);
        ways.push((edits, at, words, Some(present)));
    }
    let mut supplies = place::supplies(asleep, value, &through, &booleans);
    if let Some(InstanceKey::Name(key)) = &asleep.address.key {
        supplies.extend(place::members(cfg, value, key));
    }
    give(&mut ways, supplies);
    ways
}

/// Whether the companion is there then, and is the one that makes the subject safe.
fn wakes(
    subject: &Subject<'_, '_>,
    companion: &Companion,
    with: &Json,
    after: &Configuration<'_>,
    asleep: &Subject<'_, '_>,
) -> bool {
    let there = after
        .occurrence(&asleep.at.root, &asleep.address.block())
        .is_some_and(|at| after.instances(&at).known.contains(&asleep.address));
    there
        && Subject::find(after, &subject.at.root, &subject.address).is_some_and(|then| {
            companion::assess(&then, companion, with) == Verdict::Safe
                && companion::written_by(&then, companion)
                    .is_some_and(|(by, _)| by.address == asleep.address)
        })
}

/// Whether nothing changes but that there is one companion more.
fn nothing_else(asleep: &Subject<'_, '_>, after: &Configuration<'_>, reached: &[Reached]) -> bool {
    let cfg = asleep.cfg;
    reached.iter().all(|one| {
        let before = Subject::find(cfg, &one.root, &one.address);
        let then = Subject::find(after, &one.root, &one.address);
        let (Some(before), Some(then)) = (before, then) else {
            return false;
        };
        let own = one.root == asleep.at.root && one.address.block() == asleep.address.block();
        if own && one.is_existence() {
            let mut was = cfg.instances(&before.at).known;
            let mut is = after.instances(&then.at).known;
            was.push(asleep.address.clone());
            was.sort();
            is.sort();
            return was == is;
        }
        !reach::changes(&before, &then, one.path())
    })
}
