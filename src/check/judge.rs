//! One rule on one instance: the predicate, then everything that may leave it alone.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hcl_edit::Span as _;
use rayon::prelude::*;
use serde_json::{Value as Json, json};

use super::{Check, Checked, Judged, Left, Question, WHOLE, tells};
use crate::policy::CodePlace;
use crate::refusal::{Refusal, RefusalKind};
use crate::remedy::{self, Affected, Basis, Silence, Subject, Verdict};
use crate::rules::{Remedy, Rule, Setting};
use crate::terraform::module::Occurrence;
use crate::terraform::{Address, RepoPath};

/// Judges every instance of every type that a rule is about. Roots are independent of each other and looked at in
/// parallel.
#[must_use]
pub fn check(question: &Question<'_, '_, '_>) -> Checked {
    let cfg = question.context.cfg;
    let mut by_kind: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in question.rules {
        for remedy in rule.remedies.iter().filter(|r| tells(&r.remedy)) {
            for kind in &remedy.types {
                by_kind.entry(kind).or_default().push(rule);
            }
        }
    }
    let mut blocks = Vec::new();
    for (kind, rules) in &by_kind {
        for occurrence in cfg.occurrences(kind) {
            if question.concerns(&occurrence.root) {
                blocks.push((occurrence, rules.as_slice()));
            }
        }
    }
    let mut judged: Vec<(usize, Vec<Check>)> = blocks
        .par_iter()
        .map(|(occurrence, rules)| block(question, occurrence, rules))
        .collect();
    let instances = judged.iter().map(|(n, _)| n).sum();
    let mut checks: Vec<Check> = judged.drain(..).flat_map(|(_, checks)| checks).collect();
    checks.sort_by(|a, b| (&a.instance, &a.rule).cmp(&(&b.instance, &b.rule)));
    Checked {
        checks,
        instances,
        roots: cfg
            .roots()
            .iter()
            .filter(|r| question.concerns(&r.dir))
            .count(),
    }
}

/// The instances of one block under its rules, and how many there are.
fn block(
    question: &Question<'_, '_, '_>,
    occurrence: &Occurrence<'_>,
    rules: &[&Rule],
) -> (usize, Vec<Check>) {
    let listed = caught(|| question.context.cfg.instances(occurrence));
    let (mut addresses, open) = match listed {
        Ok(instances) => (instances.known, instances.unknown.is_some()),
        Err(_) => (Vec::new(), true),
    };
    let known = addresses.len();
    if open {
        // What a `count` or `for_each` makes that is not known is judged once, as written.
        addresses.push(occurrence.address.unkeyed());
    }
    let number = addresses.len();
    let mut checks = Vec::with_capacity(number * rules.len());
    for (i, address) in addresses.into_iter().enumerate() {
        for rule in rules {
            checks.push(one(question, occurrence, &address, i >= known, rule));
        }
    }
    (number, checks)
}

fn one(
    question: &Question<'_, '_, '_>,
    occurrence: &Occurrence<'_>,
    address: &Address,
    any: bool,
    rule: &Rule,
) -> Check {
    let instance = Affected {
        root: occurrence.root.clone(),
        address: address.clone(),
    };
    let resource = &occurrence.resource;
    let span = resource.block.span().unwrap_or_default();
    let at = (resource.file.path().clone(), resource.file.line(span.start));
    let at = seen(question, occurrence, at);
    let (judged, decided) = caught(|| judge(question, &instance, rule, &at))
        .unwrap_or_else(|panic| (Judged::Failed(panic), None));
    let body = match judged {
        Judged::Safe => String::new(),
        _ => body(resource.file.slice(span)),
    };
    Check {
        rule: rule.id.clone(),
        instance,
        any,
        judged,
        decided: decided.map_or_else(|| at.clone(), |place| seen(question, occurrence, place)),
        block: at,
        body,
    }
}

/// A place as the reader can look at it: inside an installed module, or one of which only an outline is known, the call
/// that leads to it.
fn seen(question: &Question<'_, '_, '_>, occurrence: &Occurrence<'_>, place: Place) -> Place {
    let installed = |file: &RepoPath| file.as_str().split('/').any(|part| part == ".terraform");
    if !installed(&place.0) {
        return place;
    }
    let calls = question.context.cfg.calls(occurrence);
    let outside = calls.iter().rev().find(|c| !installed(c.file.path()));
    outside.map_or(place, |call| {
        let start = call.block.span().map_or(0, |span| span.start);
        (call.file.path().clone(), call.file.line(start))
    })
}

/// A block's text from its brace on, whatever the line ends.
pub(super) fn body(block: &str) -> String {
    let start = block.find('{').unwrap_or(0);
    block[start..].replace('\r', "")
}

/// A stage for one instance is never more than this instance's failure.
fn caught<T>(stage: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(stage)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or(panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message")
            .to_owned()
    })
}

type Place = (RepoPath, usize);

/// The answer, and the place that decides it where it is not the block.
fn judge(
    question: &Question<'_, '_, '_>,
    instance: &Affected,
    rule: &Rule,
    block: &Place,
) -> (Judged, Option<Place>) {
    let context = &question.context;
    let verdict = remedy::assess(context, instance, rule, &WHOLE);
    if verdict == Verdict::Safe {
        return (Judged::Safe, None);
    }
    let Some(subject) = Subject::find(context.cfg, &instance.root, &instance.address) else {
        return (answer(verdict), None);
    };
    let basis = remedy::basis(context, instance, rule, &WHOLE);
    let decided = basis.first().map(Basis::place);
    let left = |left| (Judged::Suppressed(left), decided.clone());

    let meant = rule
        .remedy_for(&instance.address.kind)
        .is_some_and(|r| r.respect_intended_public);
    if meant && let Some(why) = remedy::intended_public(&subject) {
        return left(Left::InCode(Refusal::new(
            RefusalKind::IntendedPublic,
            format!("`{}` is meant to be public: {why}", instance.address),
            "",
        )));
    }
    let verdict = match heard(question, &subject, instance, rule, &basis, verdict) {
        Ok(verdict) => verdict,
        Err(refusal) => return left(Left::InCode(refusal)),
    };
    let names = [
        instance.address.to_string(),
        subject.name(),
        subject.at.resource.name.to_owned(),
    ];
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut paths = vec![block.0.as_str()];
    paths.extend(decided.iter().map(|(path, _)| path.as_str()));
    let place = CodePlace {
        names: &names,
        paths: &paths,
    };
    if let Some(ruling) = question.policy.leaves(rule, place, question.now) {
        return left(Left::ByPolicy {
            why: ruling.why,
            by: ruling.decided_by.to_string(),
        });
    }
    (answer(verdict), decided)
}

fn answer(verdict: Verdict) -> Judged {
    match verdict {
        Verdict::Safe => Judged::Safe,
        Verdict::Unsafe(why) => Judged::Unsafe(why.split("; ").map(str::to_owned).collect()),
        Verdict::Unknown(refusal) => Judged::Unknown(refusal),
    }
}

/// What is left of a verdict when comments are heard.
///
/// # Errors
/// A comment silences all of it.
fn heard(
    question: &Question<'_, '_, '_>,
    subject: &Subject<'_, '_>,
    instance: &Affected,
    rule: &Rule,
    basis: &[Basis<'_, '_>],
    verdict: Verdict,
) -> Result<Verdict, Refusal> {
    let parts = match remedy::silence(subject, rule) {
        Silence::Whole(refusal) => return Err(refusal),
        Silence::None => {
            return match all_silenced(subject, basis, rule, None) {
                Some(refusal) => Err(refusal),
                None => Ok(verdict),
            };
        }
        Silence::Parts(parts) => parts,
    };
    // A comment about one control silences what that control asks for, and no more.
    let silenced = || parts.iter().map(|(with, _)| with);
    let rest = rule
        .remedy_for(&instance.address.kind)
        .and_then(|r| without(&r.remedy, silenced()));
    let verdict = match &rest {
        Some(rest) => remedy::assess(&question.context, instance, rule, rest),
        None => Verdict::Safe,
    };
    if verdict != Verdict::Safe {
        let rest = rest.unwrap_or_default();
        let basis = remedy::basis(&question.context, instance, rule, &rest);
        return match all_silenced(subject, &basis, rule, Some(&rest)) {
            Some(refusal) => Err(refusal),
            None => Ok(verdict),
        };
    }
    match parts.into_iter().next() {
        Some((_, refusal)) => Err(refusal),
        None => Ok(verdict),
    }
}

/// The arguments that ask for all of a remedy but these; `None` when nothing is left. A part that says more than which
/// ports or settings it is about takes nothing away: it is about some of their traffic only.
fn without<'w>(remedy: &Remedy, silenced: impl Iterator<Item = &'w Json>) -> Option<Json> {
    let paths = |settings: &[Setting]| -> Vec<Json> {
        settings
            .iter()
            .map(|s| Json::from(s.path.join(".")))
            .collect()
    };
    let (name, mut all) = match remedy {
        Remedy::Ingress(ingress) => (
            "ports",
            ingress.ports.iter().copied().map(Json::from).collect(),
        ),
        Remedy::Set(settings) => ("settings", paths(&settings.settings)),
        Remedy::Companion(companion) => {
            let inline = companion.inline.as_ref();
            let mut all = paths(&companion.settings);
            all.extend(inline.map(|i| paths(&i.settings)).unwrap_or_default());
            ("settings", all)
        }
        _ => return None,
    };
    for with in silenced.filter(|w| w.as_object().is_some_and(|o| o.len() == 1)) {
        if let Some(gone) = with.get(name).and_then(Json::as_array) {
            all.retain(|one| !gone.contains(one));
        }
    }
    (!all.is_empty()).then(|| json!({ name: all }))
}

/// Whether each entry of what is asked is an entry of one of these parts.
fn covered<'w>(asked: &Json, parts: impl Iterator<Item = &'w Json> + Clone) -> bool {
    asked.as_object().is_some_and(|asked| {
        asked.iter().all(|(name, entries)| {
            entries.as_array().is_some_and(|entries| {
                entries.iter().all(|entry| {
                    parts
                        .clone()
                        .filter_map(|part| part.get(name)?.as_array())
                        .any(|part| part.contains(entry))
                })
            })
        })
    })
}

/// The comment at the last of the blocks that a verdict stands on, when each of them has one and none is the subject
/// itself.
fn all_silenced(
    subject: &Subject<'_, '_>,
    basis: &[Basis<'_, '_>],
    rule: &Rule,
    with: Option<&Json>,
) -> Option<Refusal> {
    let mut last = None;
    for basis in basis {
        if basis.holder.address == subject.address {
            return None;
        }
        last = Some(match remedy::silence(&basis.holder, rule) {
            Silence::None => return None,
            Silence::Whole(refusal) => refusal,
            Silence::Parts(parts) => {
                let remedy = rule.remedy_for(&subject.address.kind)?;
                // Everything that was asked is silenced here.
                let asked = with
                    .cloned()
                    .or_else(|| without(&remedy.remedy, [].into_iter()))?;
                let silenced = parts.iter().map(|(part, _)| part);
                if !covered(&asked, silenced) {
                    return None;
                }
                parts.into_iter().next()?.1
            }
        });
    }
    last
}
