//! `remedy "drop-elements"`: elements that must not be in a list.

use super::basis::Basis;
use super::draft::Draft;
use super::entry::Entry;
use super::place;
use super::proof;
use super::reach;
use super::subject::Subject;
use super::{Affected, Previous, Refusal, RefusalKind, Verdict, judge};
use crate::rules::DropElements;
use crate::terraform::module::Held;
use crate::terraform::value::Kind;
use crate::terraform::{Edit, Value};

/// The predicate.
pub(crate) fn assess(subject: &Subject<'_, '_>, drop: &DropElements) -> Verdict {
    let name = drop.path.join(".");
    let what = format!("`{name}` of `{}`", subject.address);
    match subject.held(&drop.path) {
        Held::Absent => Verdict::Safe,
        Held::Value(value) if value.is_null() => Verdict::Safe,
        Held::Dynamic(_) => Verdict::Unknown(Refusal::new(
            RefusalKind::UnsupportedShape,
            format!("{what} is written by a `dynamic` block"),
            "change it by hand",
        )),
        Held::Value(value) => {
            let bad = unwanted(&value, drop);
            if let Some(first) = bad.first() {
                let text = first.as_text().unwrap_or_default();
                return Verdict::Unsafe(format!("`{name}` holds `{text}`"));
            }
            if let Some(why) = value.why_unknown().filter(|_| !elements_are_told(&value)) {
                return Verdict::Unknown(Refusal::unknown_value(&what, &why));
            }
            Verdict::Safe
        }
    }
}

/// The list's block, with the first unwanted element.
pub(crate) fn basis<'c, 'a>(subject: &Subject<'c, 'a>, drop: &DropElements) -> Vec<Basis<'c, 'a>> {
    let Held::Value(value) = subject.held(&drop.path) else {
        return Vec::new();
    };
    let first = unwanted(&value, drop).into_iter().next();
    vec![Basis::new(subject.clone(), Some(first.unwrap_or(&value)))]
}

fn unwanted<'v>(value: &'v Value, drop: &DropElements) -> Vec<&'v Value> {
    value
        .as_list()
        .unwrap_or_default()
        .iter()
        .filter(|item| drop.elements.iter().any(|e| judge::same(e, item)))
        .collect()
}

/// References to other resources are no element that a rule names by its text.
fn elements_are_told(value: &Value) -> bool {
    value.as_list().is_some_and(|items| {
        items
            .iter()
            .all(|i| i.is_known() || matches!(i.kind, Kind::Ref(_)))
    })
}

/// The edit: each unwanted element is taken out of the list in which it is written.
pub(crate) fn fix(subject: &Subject<'_, '_>, drop: &DropElements) -> Result<Draft, Refusal> {
    let mut draft = Draft::of(subject);
    let name = drop.path.join(".");
    let unsupported = || {
        Refusal::new(
            RefusalKind::UnsupportedShape,
            format!(
                "`{name}` of `{}` is no list that can be edited",
                subject.address
            ),
            "change it by hand",
        )
    };
    let Held::Value(value) = subject.held(&drop.path) else {
        return Err(unsupported());
    };
    if let Verdict::Unknown(refusal) = assess(subject, drop) {
        return Err(refusal);
    }
    subject.path_not_ignored(&drop.path)?;
    let mut waiting: Vec<&Value> = unwanted(&value, drop);
    let mut words: Vec<String> = Vec::new();
    while let Some(item) = waiting.first().copied() {
        let taken = take(subject, drop, &waiting).map_err(|too_wide| match too_wide {
            Some(other) => Refusal::new(
                RefusalKind::TooWide,
                format!(
                    "the element of `{name}` of `{}` stands at a place that also changes {other}, which has no need",
                    subject.address
                ),
                "give this instance a value of its own, then run again",
            ),
            None => unsupported(),
        })?;
        draft.edits.extend(taken.edits);
        draft.previous.push(Previous {
            path: format!("{}.{name}", subject.name()),
            value: Some(taken.previous),
        });
        draft.also(taken.also);
        waiting = waiting.split_off(taken.number.min(waiting.len()));
        let word = format!("`{}`", item.as_text().unwrap_or_default());
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.is_empty() {
        return Err(unsupported());
    }
    draft.paths.push(name.clone());
    draft.summary = format!("drop {} from `{name}`", super::settings::join(&words));
    Ok(draft)
}

/// Elements that go by one edit.
struct Taken {
    edits: Vec<Edit>,
    previous: String,
    also: Vec<Affected>,
    /// How many, of those that were waiting.
    number: usize,
}

/// Takes the first of these elements out, with those that stand in the same list right behind it: from the innermost
/// list or map in which it is written outwards, until exactly these elements are gone.
///
/// # Errors
/// What else would change, when that was in the way.
fn take(
    subject: &Subject<'_, '_>,
    drop: &DropElements,
    waiting: &[&Value],
) -> Result<Taken, Option<String>> {
    let mut too_wide = None;
    let Some((item, others)) = waiting.split_first() else {
        return Err(None);
    };
    let same = |a: &Entry<'_>, value: &Value| {
        value
            .decided_by
            .iter()
            .chain(&value.via)
            .flat_map(|origin| Entry::outward(subject.cfg, origin))
            .find(|b| b.is_beside(a))
    };
    for origin in item.decided_by.iter().chain(&item.via) {
        for entry in Entry::outward(subject.cfg, origin) {
            let beside: Vec<Entry<'_>> = others.iter().map_while(|o| same(&entry, o)).collect();
            let edits = entry.remove_with(&beside.iter().collect::<Vec<_>>());
            let reached = place::reached_from(subject.cfg, [&entry.place(origin)]);
            let number = beside.len() + 1;
            let outcome = proof::after(subject.cfg, &edits, |cfg| {
                let after = Subject::find(cfg, &subject.at.root, &subject.address)?;
                loses(subject, &after, drop, number).then_some(())?;
                Some(reach::also_changed(
                    subject,
                    cfg,
                    &reached,
                    |before, after, path| {
                        path == drop.path
                            && (1..=number).any(|number| loses(before, after, drop, number))
                    },
                ))
            });
            match outcome {
                Ok(Some(Ok(also))) => {
                    return Ok(Taken {
                        edits,
                        previous: entry.text().to_owned(),
                        also,
                        number,
                    });
                }
                Ok(Some(Err(other))) => {
                    too_wide.get_or_insert(other);
                }
                Ok(None) | Err(_) => {}
            }
        }
    }
    Err(too_wide)
}

/// Whether a list has lost just so many of the elements that must not be in it, and nothing else.
fn loses(
    before: &Subject<'_, '_>,
    after: &Subject<'_, '_>,
    drop: &DropElements,
    number: usize,
) -> bool {
    let texts = |subject: &Subject<'_, '_>| -> Option<Vec<(Kind, bool)>> {
        let value = match subject.held(&drop.path) {
            Held::Absent => return Some(Vec::new()),
            Held::Value(value) if value.is_null() => return Some(Vec::new()),
            Held::Value(value) => value,
            Held::Dynamic(_) => return None,
        };
        let items = value.as_list()?.iter();
        Some(
            items
                .map(|item| {
                    let bad = drop.elements.iter().any(|e| judge::same(e, item));
                    (item.kind.clone(), bad)
                })
                .collect(),
        )
    };
    let (Some(before), Some(after)) = (texts(before), texts(after)) else {
        return false;
    };
    let of = |list: &[(Kind, bool)], bad: bool| -> Vec<Kind> {
        list.iter()
            .filter(|(_, b)| *b == bad)
            .map(|(kind, _)| kind.clone())
            .collect()
    };
    of(&before, false) == of(&after, false)
        && of(&after, true).len() + number == of(&before, true).len()
}
