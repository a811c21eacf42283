//! Where a value is changed: where it is decided, at the narrowest place that contains the instance.
//!
//! Invariant 4. The places are tried from the one that decides outwards to the block itself; a place is taken when the
//! edited code gives the safe value there, and when everything else that it changes had the same need. Otherwise the
//! next narrower one is tried.

mod call;
mod order;
mod simplify;
mod supply;

use serde_json::Value as Json;

use super::judge::{self, Judgement};
use super::literal;
use super::proof;
use super::reach::{self, Reached};
use super::subject::Subject;
use super::{Affected, Previous, Refusal, RefusalKind};
use crate::rules::Setting;
use crate::terraform::edit::{Pen, data};
use crate::terraform::module::Configuration;
use crate::terraform::value::{Origin, OriginPlace};
use crate::terraform::{Edit, RepoPath, SourceFile, Span, Value};
use order::Place;
pub(crate) use order::switch;
pub(crate) use supply::{Supply, members, of_entry, supplies};

/// One value changed at one place.
#[derive(Clone)]
pub(crate) struct Change {
    pub(crate) edits: Vec<Edit>,
    pub(crate) previous: Previous,
    /// Other instances that change.
    pub(crate) also: Vec<Affected>,
    /// Where in words, when it is not the block itself: `` `public` in live/prod/terraform.tfvars ``.
    pub(crate) elsewhere: Option<String>,
}

/// What is changed: one setting of one instance, and what the remedy wants beside it.
pub(crate) struct Wanted<'r> {
    pub(crate) setting: &'r Setting,
    pub(crate) value: &'r Json,
    /// All settings of the remedy: another one that a place brings to safety as well is no side effect.
    pub(crate) peers: &'r [Setting],
    pub(crate) major: Option<u32>,
    /// How many other instances may change with it, before a narrower place is looked for.
    pub(crate) width: Width,
}

/// How many other instances a change may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Width(Option<usize>);

impl Width {
    /// At most so many: a place that reaches more is taken only when there is no narrower one.
    #[must_use]
    pub fn at_most(others: usize) -> Self {
        Self(Some(others))
    }

    fn holds(self, others: usize) -> bool {
        self.0.is_none_or(|most| others <= most)
    }
}

/// Why no place was taken, collected on the way.
#[derive(Default)]
pub(crate) struct Tried {
    too_wide: Option<String>,
    external: bool,
    json: bool,
}

/// Changes the value of a setting that is written.
///
/// # Errors
/// No place was found; the refusal says which kind of obstacle was met.
pub(crate) fn change(
    subject: &Subject<'_, '_>,
    wanted: &Wanted<'_>,
    value: &Value,
) -> Result<Change, Refusal> {
    if let Some(name) = value.decided_by.iter().find_map(supplied_elsewhere) {
        return Err(given_outside(subject, wanted.setting, name));
    }
    let mut tried = Tried::default();
    let mut wide: Option<Change> = None;
    for place in order::places(subject, wanted, value) {
        let attempt = match &place {
            Place::Replace(origin) => replace(subject, wanted, origin, &mut tried, New::Wanted),
            Place::Switch(origin) => replace(subject, wanted, origin, &mut tried, New::Opposite),
            Place::Argument(name) => call::argument(subject, wanted, value, name, &mut tried),
            Place::Supply(supply) => supplied(subject, wanted, value, supply),
        };
        match attempt {
            Some(change) if wanted.width.holds(change.also.len()) => {
                let entry = of_the_module(subject, &place, &change)
                    .then(|| given_by_the_caller(subject, wanted, value));
                return Ok(entry.flatten().unwrap_or(change));
            }
            Some(change)
                if wide
                    .as_ref()
                    .is_none_or(|w| change.also.len() < w.also.len()) =>
            {
                wide = Some(change);
            }
            _ => {}
        }
    }
    wide.ok_or_else(|| refusal(subject, wanted.setting, &tried))
}

/// Whether a change for one entry alone would go into the code of a module that makes other entries too: what they
/// leave out would mean something else from then on, for every caller.
fn of_the_module(subject: &Subject<'_, '_>, place: &Place, change: &Change) -> bool {
    let (Place::Replace(origin) | Place::Switch(origin)) = place else {
        return false;
    };
    !subject.address.modules.is_empty()
        && !subject.is_outside(origin)
        && change.also.is_empty()
        && !other_instances(subject).is_empty()
}

/// The key that the caller's own entry lacks.
fn given_by_the_caller(
    subject: &Subject<'_, '_>,
    wanted: &Wanted<'_>,
    value: &Value,
) -> Option<Change> {
    order::places(subject, wanted, value)
        .into_iter()
        .filter_map(|place| match place {
            Place::Supply(supply) if subject.is_outside(&supply.at) => Some(supply),
            _ => None,
        })
        .chain(order::of_entry(subject, wanted, value))
        .filter_map(|supply| supplied(subject, wanted, value, &supply))
        .find(|change| change.also.is_empty())
}

/// What is written instead.
#[derive(Clone, Copy, PartialEq)]
enum New {
    /// The value that the setting shall have.
    Wanted,
    /// A boolean is turned.
    Opposite,
}

/// Replaces what stands at an origin.
fn replace(
    subject: &Subject<'_, '_>,
    wanted: &Wanted<'_>,
    origin: &Origin,
    tried: &mut Tried,
    new: New,
) -> Option<Change> {
    let file = subject.cfg.estate().file(&origin.file)?;
    if is_external(&origin.file) {
        tried.external = true;
        return None;
    }
    if origin.span.is_empty() {
        tried.json |= !file.has_spans();
        return None;
    }
    let (span, edits) = if data::is_data(file) {
        data::replace(file, &origin.span, |present| match new {
            New::Wanted => Some(wanted.value.clone()),
            New::Opposite => turned_value(present),
        })?
    } else {
        replace_code(file, &origin.span, |present| match new {
            New::Wanted => Some(literal::text_like(wanted.value, present)),
            New::Opposite => turned(present),
        })?
    };
    let present = file.slice(span.clone()).to_owned();
    let origin = Origin {
        span,
        ..origin.clone()
    };
    let also = attempt(subject, wanted, &edits, tried, |_| {
        reached_from(subject.cfg, [&origin])
    })?;
    Some(changed(
        subject,
        wanted,
        &origin,
        edits,
        Some(present),
        also,
    ))
}

/// The edits that replace an expression, and the span that really goes.
fn replace_code(
    file: &SourceFile,
    span: &Span,
    text: impl FnOnce(&str) -> Option<String>,
) -> Option<(Span, Vec<Edit>)> {
    let text = text(file.slice(span.clone()))?;
    let span = simplify::whole(file, span, &text);
    let edits = Pen::new(file).replace_span(span.clone(), &text);
    Some((span, edits))
}

/// Adds to, or takes out of, a list or map what makes the value another one.
fn supplied(
    subject: &Subject<'_, '_>,
    wanted: &Wanted<'_>,
    value: &Value,
    supply: &Supply,
) -> Option<Change> {
    let edits = supply.edits(subject.cfg)?;
    // What else could be added is tried without much hope: that it did not help is no news.
    let mut unheard = Tried::default();
    let also = attempt(subject, wanted, &edits, &mut unheard, |_| {
        reached_from(
            subject.cfg,
            std::iter::once(&supply.at).chain(&value.decided_by),
        )
    })?;
    let mut change = changed(subject, wanted, &supply.at, edits, None, also);
    change.elsewhere = Some(supply.words());
    change.previous = Previous {
        path: format!(
            "{}, decided by {}",
            own_path(subject, wanted.setting),
            supply.words()
        ),
        value: supply.previous(subject.cfg),
    };
    Some(change)
}

/// The edits that turn a boolean at an origin, and its text now.
pub(crate) fn opposite(cfg: &Configuration<'_>, origin: &Origin) -> Option<(Vec<Edit>, String)> {
    let file = cfg.estate().file(&origin.file)?;
    if is_external(&origin.file) {
        return None;
    }
    let (span, edits) = if data::is_data(file) {
        data::replace(file, &origin.span, turned_value)?
    } else {
        replace_code(file, &origin.span, turned)?
    };
    Some((edits, file.slice(span).to_owned()))
}

/// Everything that these places decide, or help to.
pub(crate) fn reached_from<'o>(
    cfg: &Configuration<'_>,
    origins: impl IntoIterator<Item = &'o Origin>,
) -> Vec<Reached> {
    let mut found: Vec<Reached> = Vec::new();
    for origin in origins {
        for influenced in cfg.decided_here(origin) {
            let one = Reached::from(&influenced);
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    found
}

fn own_path(subject: &Subject<'_, '_>, setting: &Setting) -> String {
    format!("{}.{}", subject.name(), setting.path.join("."))
}

fn changed(
    subject: &Subject<'_, '_>,
    wanted: &Wanted<'_>,
    origin: &Origin,
    edits: Vec<Edit>,
    present: Option<String>,
    also: Vec<Affected>,
) -> Change {
    let in_block = origin.place.base() == &OriginPlace::Block;
    let own = own_path(subject, wanted.setting);
    Change {
        edits,
        previous: Previous {
            path: if in_block {
                own
            } else {
                format!("{own}, decided by {}", describe(origin))
            },
            value: present,
        },
        also,
        elsewhere: (!in_block).then(|| describe(origin)),
    }
}

/// A boolean literal turned to its opposite.
pub(crate) fn turned(present: &str) -> Option<String> {
    let turned = match present {
        "true" => "false",
        "false" => "true",
        "\"true\"" => "\"false\"",
        "\"false\"" => "\"true\"",
        _ => return None,
    };
    Some(turned.to_owned())
}

fn turned_value(present: &Json) -> Option<Json> {
    match present {
        Json::Bool(b) => Some(Json::Bool(!b)),
        Json::String(s) if s == "true" => Some(Json::from("false")),
        Json::String(s) if s == "false" => Some(Json::from("true")),
        _ => None,
    }
}

/// Tries edits: the instance must be safe, and everything else that changes must have had the same need.
fn attempt(
    subject: &Subject<'_, '_>,
    wanted: &Wanted<'_>,
    edits: &[Edit],
    tried: &mut Tried,
    reached: impl FnOnce(&Configuration<'_>) -> Vec<Reached>,
) -> Option<Vec<Affected>> {
    let needed = |before: &Subject<'_, '_>, after: &Subject<'_, '_>, path: &[String]| {
        wanted
            .peers
            .iter()
            .any(|peer| peer.path == path && cures(before, after, peer, wanted.major))
    };
    attempt_with(subject, wanted, edits, tried, reached, needed)
}

/// Whether a setting had need and is safe now.
pub(crate) fn cures(
    before: &Subject<'_, '_>,
    after: &Subject<'_, '_>,
    setting: &Setting,
    major: Option<u32>,
) -> bool {
    matches!(
        judge::judge(before, setting, major),
        Judgement::Unsafe(_) | Judgement::Open(_)
    ) && judge::judge(after, setting, major) == Judgement::Safe
}

/// As [`attempt`], with another idea of what else may change.
pub(crate) fn attempt_with(
    subject: &Subject<'_, '_>,
    wanted: &Wanted<'_>,
    edits: &[Edit],
    tried: &mut Tried,
    reached: impl FnOnce(&Configuration<'_>) -> Vec<Reached>,
    needed: impl Fn(&Subject<'_, '_>, &Subject<'_, '_>, &[String]) -> bool,
) -> Option<Vec<Affected>> {
    if edits.is_empty() {
        return None;
    }
    let outcome = proof::after(subject.cfg, edits, |cfg| {
        let after = Subject::find(cfg, &subject.at.root, &subject.address)?;
        if judge::judge(&after, wanted.setting, wanted.major) != Judgement::Safe {
            return None;
        }
        let reached = reached(cfg);
        Some(reach::also_changed(subject, cfg, &reached, needed))
    });
    match outcome.ok()?? {
        Ok(also) => Some(also),
        Err(what) => {
            tried.too_wide.get_or_insert(what);
            None
        }
    }
}

/// Every other instance of a subject's block.
pub(crate) fn other_instances(subject: &Subject<'_, '_>) -> Vec<Affected> {
    let mut also: Vec<Affected> = Vec::new();
    let places = subject
        .cfg
        .instances_of_block(subject.file().path(), &subject.span());
    for (occurrence, instances) in places {
        for address in instances.known {
            let affected = Affected {
                root: occurrence.root.clone(),
                address,
            };
            if affected != subject.affected() && !also.contains(&affected) {
                also.push(affected);
            }
        }
    }
    also
}

/// Whether a file belongs to an installed module: it is overwritten by the next `terraform init`.
pub(crate) fn is_external(file: &RepoPath) -> bool {
    file.as_str().split('/').any(|part| part == ".terraform")
}

/// An origin in words.
pub(crate) fn describe(origin: &Origin) -> String {
    let file = &origin.file;
    match origin.place.base() {
        OriginPlace::Local(name) => format!("local `{name}` in {file}"),
        OriginPlace::VariableDefault(name) => {
            format!("the default of variable `{name}` in {file}")
        }
        OriginPlace::Tfvars(name) => format!("`{name}` in {file}"),
        OriginPlace::Supplied(name) => format!("the value of `{name}` that the pipeline gives"),
        OriginPlace::ModuleArgument(name) => format!("module argument `{name}` in {file}"),
        OriginPlace::Output(name) => format!("output `{name}` in {file}"),
        OriginPlace::Block | OriginPlace::DataFile | OriginPlace::Element(_) => file.to_string(),
    }
}

/// The variable whose value comes from outside of the repository.
fn supplied_elsewhere(origin: &Origin) -> Option<&str> {
    match origin.place.base() {
        OriginPlace::Supplied(name) => Some(name),
        _ => None,
    }
}

/// The configuration says that the pipeline gives the value: a default or a variable file would change nothing.
fn given_outside(subject: &Subject<'_, '_>, setting: &Setting, name: &str) -> Refusal {
    Refusal::new(
        RefusalKind::ValueNotInCode,
        format!(
            "`{}` of `{}` comes from variable `{name}`, which is set from outside of the repository ([roots] of the configuration says so)",
            setting.path.join("."),
            subject.address
        ),
        format!(
            "set `{name}` to a safe value where it is supplied (the pipeline, -var, TF_VAR_{name}); a default in the code would change nothing"
        ),
    )
}

fn refusal(subject: &Subject<'_, '_>, setting: &Setting, tried: &Tried) -> Refusal {
    let what = format!("`{}` of `{}`", setting.path.join("."), subject.address);
    if let Some(other) = &tried.too_wide {
        return Refusal::new(
            RefusalKind::TooWide,
            format!("{what} is decided at a place that also changes {other}, which has no need"),
            "give this instance a value of its own, then run again",
        );
    }
    if tried.external {
        return Refusal::new(
            RefusalKind::ExternalModule,
            format!("{what} is decided inside a module whose source is not in this repository"),
            format!(
                "set the module's input for `{}` at the call, if the pinned version has one; else ask its owner",
                setting.path.join(".")
            ),
        );
    }
    let why = if tried.json {
        "it is written in a JSON configuration"
    } else {
        "no single expression decides it"
    };
    Refusal::new(
        RefusalKind::UnsupportedShape,
        format!("{what} cannot be changed by a small edit: {why}"),
        "change it by hand",
    )
}

#[cfg(test)]
mod tests {
    use super::turned;

    #[test]
    fn only_a_plain_boolean_has_an_opposite() {
        for (a, b) in [("true", "false"), ("\"true\"", "\"false\"")] {
            assert_eq!(turned(a).as_deref(), Some(b));
            assert_eq!(turned(b).as_deref(), Some(a));
        }
        for other in ["", "True", "1", "null", "!true", "var.a"] {
            assert_eq!(turned(other), None, "{other}");
        }
    }
}
