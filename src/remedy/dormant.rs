//! A companion that is written for the subject and that its `count` or `for_each` does not make: it is let be made where
//! that is decided. A second one beside it would collide with it as soon as somebody turns the switch.

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use serde_json::Value as Json;

use super::dynamic::{self, Way};
use super::subject::Subject;
use super::{Affected, Context, Draft, Previous, Refusal, RefusalKind, Verdict};
use super::{companion, judge, literal, place, proof, reach, settings};
use crate::rules::Companion;
use crate::terraform::edit::Pen;
use crate::terraform::value::{Origin, OriginPlace};
use crate::terraform::{Edit, Value};

/// How many switches are tried.
const SWITCHES: usize = 12;

/// A companion without an instance for the subject.
pub(super) struct Dormant<'c, 'a> {
    /// Its block, in the subject's own instance of the module.
    pub(super) other: Subject<'c, 'a>,
    /// It has no instance for anything else there: it is this very subject's.
    pub(super) alone: bool,
}

impl Dormant<'_, '_> {
    /// What it means that it is not made. What a module from elsewhere makes may be another thing in another version.
    pub(super) fn verdict(&self, subject: &Subject<'_, '_>) -> Verdict {
        if place::is_external(self.other.file().path()) {
            Verdict::Unknown(refused(subject, &self.other))
        } else {
            Verdict::Unsafe(why(subject, &self.other))
        }
    }
}

/// Finds it. That no instance of the type is about the subject is known already.
pub(super) fn find<'c, 'a>(
    subject: &Subject<'c, 'a>,
    companion: &Companion,
) -> Option<Dormant<'c, 'a>> {
    let cfg = subject.cfg;
    cfg.occurrences_in(&subject.at.root, &companion.resource)
        .into_iter()
        .find_map(|at| {
            let instances = cfg.instances(&at);
            if instances.unknown.is_some() {
                return None;
            }
            let mut address = at.address.unkeyed();
            let same_module = at.module == subject.at.module
                && address.modules.len() == subject.address.modules.len();
            if same_module {
                address.modules.clone_from(&subject.address.modules);
            }
            let made = instances.known.iter();
            let alone = !made
                .filter(|a| !same_module || a.modules == address.modules)
                .any(|_| true);
            let other = Subject { cfg, at, address };
            let link = other.block().body.get_attribute(&companion.link)?;
            let reference = cfg.reference_of(&other.at, &other.address, &link.value);
            let about = match reference {
                Some(reference) => {
                    let key = reference.address.key.as_ref();
                    reference.address.block() == subject.address.block()
                        && key.is_none_or(|key| Some(key) == subject.address.key.as_ref())
                }
                // `bucket = aws_s3_bucket.this[each.key].id`, with no `each.key` to evaluate it for.
                None => {
                    same_module && names(other.file().slice(link.value.span()?), &subject.name())
                }
            };
            let here = same_module && !place::is_external(other.file().path());
            (about && (alone || here)).then_some(Dormant { other, alone })
        })
}

/// Whether an expression is a reference to an instance of a block: `TYPE.NAME[each.key].id`.
fn names(text: &str, block: &str) -> bool {
    text.strip_prefix(block)
        .is_some_and(|rest| rest.starts_with("[each.key].") || rest.starts_with("[count.index]."))
}

/// Why it is not there, in words.
fn why(subject: &Subject<'_, '_>, other: &Subject<'_, '_>) -> String {
    format!(
        "`{}` ({}:{}) would be the `{}` of `{}`, but its `count` or `for_each` makes none",
        other.name(),
        other.file().path(),
        other.line(),
        other.at.resource.kind,
        subject.address
    )
}

/// The refusal where no small edit lets it be made.
pub(super) fn refused(subject: &Subject<'_, '_>, other: &Subject<'_, '_>) -> Refusal {
    Refusal::new(
        RefusalKind::UnsupportedShape,
        why(subject, other),
        "let it be created where its `count` or `for_each` is decided",
    )
}

/// The edit that lets it be made, safe, for the subject and for nothing that has no need; `None` when there is none.
pub(super) fn wake(
    context: &Context<'_, '_>,
    subject: &Subject<'_, '_>,
    dormant: &Dormant<'_, '_>,
    companion: &Companion,
    with: &Json,
) -> Option<Draft> {
    let other = &dormant.other;
    let body = &other.block().body;
    let (name, attribute) = ["count", "for_each"]
        .into_iter()
        .find_map(|name| Some((name, body.get_attribute(name)?)))?;
    let all = &attribute.value;
    if place::is_external(other.file().path()) || !other.file().has_spans() {
        return None;
    }
    let own = Origin {
        file: other.file().path().clone(),
        span: all.span()?,
        place: OriginPlace::Block,
    };
    let value = other.cfg.evaluate(&other.at, &other.address, all);
    let mut ways = dynamic::ways(other, all, &own, &value);
    ways.extend(switches(other, &value));
    ways.extend(values(context, other, &value, companion));
    // Where the subject is repeated itself, the condition guards against its not being there.
    if ["count", "for_each"]
        .iter()
        .all(|n| subject.source_of(n).is_none())
    {
        ways.extend(one_of(other, all, &own));
    }
    // What it sets besides may be unsafe as well.
    let settings = settings::ensure(context, other, &companion.settings, with).ok();
    for (edits, at, elsewhere, previous) in ways {
        let mut with_settings = edits.clone();
        with_settings.extend(settings.iter().flat_map(|draft| draft.edits.clone()));
        for edits in [edits, with_settings] {
            let Some(also) = attempt(
                context,
                subject,
                other,
                companion,
                with,
                &edits,
                [&at, &own],
            ) else {
                continue;
            };
            let mut draft = Draft::of(subject);
            let path = format!("{}.{name}", other.name());
            let decided = elsewhere.as_ref();
            draft.summary = format!(
                "let `{}` be made{}",
                other.name(),
                decided.map_or_else(String::new, |place| format!(" (decided by {place})"))
            );
            draft.previous.push(Previous {
                path: decided.map_or_else(
                    || path.clone(),
                    |place| format!("{path}, decided by {place}"),
                ),
                value: previous,
            });
            draft.edits = edits;
            draft.paths.push(companion.resource.clone());
            draft.also(also);
            return Some(draft);
        }
    }
    None
}

/// Every boolean outside of the block that helps to choose, turned: of `var.create && var.versioning` one will do, of the
/// entries of a map the subject's own.
fn switches(other: &Subject<'_, '_>, value: &Value) -> Vec<Way> {
    let mut seen: Vec<&Origin> = Vec::new();
    for origin in value.depends_on.iter().chain(&value.decided_by) {
        if origin.place.base() != &OriginPlace::Block && !seen.contains(&origin) {
            seen.push(origin);
        }
    }
    seen.into_iter()
        .filter_map(|at| {
            let (edits, present) = place::opposite(other.cfg, at)?;
            Some((edits, at.clone(), Some(place::describe(at)), Some(present)))
        })
        .take(SWITCHES)
        .collect()
}

/// Of `var.status != null ? 1 : 0`: the `null` becomes what the companion shall say.
fn values(
    context: &Context<'_, '_>,
    other: &Subject<'_, '_>,
    value: &Value,
    companion: &Companion,
) -> Vec<Way> {
    let wanted: Vec<String> = companion
        .settings
        .iter()
        .filter_map(|setting| judge::wanted(setting, context.parameters).ok())
        .map(|wanted| literal::text(&wanted))
        .collect();
    let mut ways: Vec<Way> = Vec::new();
    for at in value.depends_on.iter().chain(&value.decided_by) {
        let Some(file) = other.cfg.estate().file(&at.file) else {
            continue;
        };
        let is_null = file.has_spans() && file.slice(at.span.clone()) == "null";
        let plain = !place::is_external(&at.file) && at.place.base() != &OriginPlace::Block;
        if !is_null || !plain || ways.iter().any(|(_, known, ..)| known == at) {
            continue;
        }
        for text in &wanted {
            let edits = Pen::new(file).replace_span(at.span.clone(), text);
            let words = place::describe(at);
            ways.push((edits, at.clone(), Some(words), Some("null".to_owned())));
        }
    }
    ways.truncate(SWITCHES);
    ways
}

/// `condition ? 1 : 0` becomes `1`.
fn one_of(other: &Subject<'_, '_>, all: &Expression, own: &Origin) -> Option<Way> {
    let file = other.file();
    let mut inner = all;
    while let Expression::Parenthesis(around) = inner {
        inner = around.inner();
    }
    let Expression::Conditional(choice) = inner else {
        return None;
    };
    let text = |e: &Expression| e.span().map(|span| file.slice(span).trim());
    let mut branches = [text(&choice.true_expr)?, text(&choice.false_expr)?];
    branches.sort_unstable();
    if branches != ["0", "1"] {
        return None;
    }
    let edits = Pen::new(file).replace_span(own.span.clone(), "1");
    let before = file.slice(own.span.clone()).to_owned();
    Some((edits, own.clone(), None, Some(before)))
}

/// The other instances that are cured along; `None` when the subject is not, or when anything else changes.
fn attempt(
    context: &Context<'_, '_>,
    subject: &Subject<'_, '_>,
    other: &Subject<'_, '_>,
    companion: &Companion,
    with: &Json,
    edits: &[Edit],
    places: [&Origin; 2],
) -> Option<Vec<Affected>> {
    let safe = |s: &Subject<'_, '_>| companion::assess(s, companion, with) == Verdict::Safe;
    let block = (other.file().path(), other.span());
    proof::after(context.cfg, edits, |edited| {
        let cured = Subject::find(edited, &subject.at.root, &subject.address)?;
        if !safe(&cured) {
            return None;
        }
        // Nothing changes but which instances of the companion there are.
        let reached = place::reached_from(context.cfg, places);
        let only = |before: &Subject<'_, '_>, _: &Subject<'_, '_>, path: &[String]| {
            let repeats = matches!(path, [only] if only == "count" || only == "for_each");
            (before.file().path(), before.span()) == block
                && (repeats
                    || !before
                        .cfg
                        .instances(&before.at)
                        .known
                        .contains(&before.address))
        };
        reach::also_changed(other, edited, &reached, only).ok()?;
        let mut also = Vec::new();
        for one in place::other_instances(subject) {
            let before = Subject::find(context.cfg, &one.root, &one.address)?;
            let after = Subject::find(edited, &one.root, &one.address)?;
            match (safe(&before), safe(&after)) {
                (false, true) => also.push(one),
                // It had one, or something inline, that would not be alone any more.
                (true, false) => return None,
                _ => {}
            }
        }
        Some(also)
    })
    .ok()?
}
