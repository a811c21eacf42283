//! Where a value is changed: where it is decided, at the narrowest place that contains the instance.
//!
//! Invariant 4. The places are tried from the one that decides outwards to the block itself; a place is taken when the
//! edited code gives the safe value there, and when everything else that it changes had the same need. Otherwise the
//! next narrower one is tried.

use hcl_edit::Span as _;
use hcl_edit::expr::Conditional;
use hcl_edit::visit::{self, Visit};
use serde_json::Value as Json;

use super::judge::{self, Judgement};
use super::literal;
use super::proof;
use super::reach::{self, Reached};
use super::subject::Subject;
use super::{Affected, Previous, Refusal, RefusalKind};
use crate::rules::Setting;
use crate::terraform::edit::Pen;
use crate::terraform::module::Configuration;
use crate::terraform::value::{Origin, OriginPlace};
use crate::terraform::{Edit, RepoPath, SourceFile, Span, Value};

/// One value changed at one place.
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
}

/// Why no place was taken, collected on the way.
#[derive(Default)]
struct Tried {
    too_wide: Option<String>,
    external: bool,
    json: bool,
}

/// A place to try.
enum Place {
    /// Replace what stands there.
    Replace(Origin),
    /// Give the call of the module an argument of this name: the default decides now.
    Argument(String),
    /// Turn the one switch that chooses the value: `var.on ? safe : unsafe`, `!var.off`.
    Switch(Origin),
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
    if let Some(name) = value.decided_by.iter().find_map(supplied) {
        return Err(given_outside(subject, wanted.setting, name));
    }
    let mut tried = Tried::default();
    for place in places(subject, wanted.setting, value) {
        let attempt = match &place {
            Place::Replace(origin) => replace(subject, wanted, origin, &mut tried, |present| {
                Some(literal::text_like(wanted.value, present))
            }),
            Place::Switch(origin) => replace(subject, wanted, origin, &mut tried, turned),
            Place::Argument(name) => argument(subject, wanted, value, name, &mut tried),
        };
        if let Some(change) = attempt {
            return Ok(change);
        }
    }
    Err(refusal(subject, wanted.setting, &tried))
}

/// The places whose text may be changed, the deciding one first, the block's own expression last.
fn places(subject: &Subject<'_, '_>, setting: &Setting, value: &Value) -> Vec<Place> {
    let mut origins: Vec<Origin> = Vec::new();
    if let [only] = value.decided_by.as_slice() {
        origins.push(only.clone());
    }
    for origin in &value.via {
        if !origins.contains(origin) {
            origins.push(origin.clone());
        }
    }
    let own = subject.expression(&setting.path).and_then(|e| e.span());
    if let Some(span) = own
        && subject.file().has_spans()
    {
        let file = subject.file().path().clone();
        if !origins.iter().any(|p| p.file == file && p.span == span) {
            origins.push(Origin {
                file,
                span,
                place: OriginPlace::Block,
            });
        }
    }
    let mut places = Vec::new();
    let switch = value.depends_on.iter().chain(&value.decided_by);
    let mut switches = switch.filter(|o| o.place.base() != &OriginPlace::Block);
    if let (Some(one), None) = (switches.next(), switches.next()) {
        places.push(Place::Switch(one.clone()));
    }
    for origin in origins {
        let default = match &origin.place {
            OriginPlace::VariableDefault(name) => Some(name.clone()),
            _ => None,
        };
        places.push(Place::Replace(origin));
        places.extend(default.map(Place::Argument));
    }
    places
}

/// Replaces what stands at an origin.
fn replace(
    subject: &Subject<'_, '_>,
    wanted: &Wanted<'_>,
    origin: &Origin,
    tried: &mut Tried,
    text: impl FnOnce(&str) -> Option<String>,
) -> Option<Change> {
    let file = subject.cfg.estate().file(&origin.file)?;
    if is_external(&origin.file) {
        tried.external = true;
        return None;
    }
    if !file.has_spans() || origin.span.is_empty() {
        tried.json = true;
        return None;
    }
    let text = text(file.slice(origin.span.clone()))?;
    let span = whole_choice(file, origin.span.clone(), &text);
    let present = file.slice(span.clone()).to_owned();
    let edits = Pen::new(file).replace_span(span.clone(), &text);
    let origin = Origin {
        span,
        ..origin.clone()
    };
    let reached = subject.cfg.decided_here(&origin);
    let reached: Vec<Reached> = reached.iter().map(Reached::from).collect();
    let also = attempt(subject, wanted, &edits, tried, |_| reached)?;
    let in_block = origin.place.base() == &OriginPlace::Block;
    let own = format!("{}.{}", subject.name(), wanted.setting.path.join("."));
    Some(Change {
        edits,
        previous: Previous {
            path: if in_block {
                own
            } else {
                format!("{own}, decided by {}", describe(&origin))
            },
            value: Some(present),
        },
        also,
        elsewhere: (!in_block).then(|| describe(&origin)),
    })
}

/// A boolean literal turned to its opposite.
fn turned(present: &str) -> Option<String> {
    let turned = match present {
        "true" => "false",
        "false" => "true",
        "\"true\"" => "\"false\"",
        "\"false\"" => "\"true\"",
        _ => return None,
    };
    Some(turned.to_owned())
}

/// Gives the module call an argument, so that the variable's default does not decide any more.
fn argument(
    subject: &Subject<'_, '_>,
    wanted: &Wanted<'_>,
    value: &Value,
    name: &str,
    tried: &mut Tried,
) -> Option<Change> {
    let declared_in = value
        .decided_by
        .iter()
        .chain(&value.via)
        .find(|o| matches!(&o.place, OriginPlace::VariableDefault(n) if n == name))?
        .file
        .parent();
    let number = call_into(subject, &declared_in)?;
    let call = subject.cfg.calls(&subject.at).get(number).copied()?;
    if is_external(call.file.path()) || !call.file.has_spans() {
        return None;
    }
    if call.block.body.get_attribute(name).is_some() {
        return None;
    }
    let text = literal::text(wanted.value);
    let edits = Pen::new(call.file).set_attribute(call.block, name, &text);
    let also = attempt(subject, wanted, &edits, tried, |edited| {
        written_argument(edited, subject, number, name)
            .map(|origin| {
                edited
                    .decided_here(&origin)
                    .iter()
                    .map(Reached::from)
                    .collect()
            })
            .unwrap_or_default()
    })?;
    let place = format!(
        "argument `{name}` of `module.{}` in {}",
        call.name,
        call.file.path()
    );
    Some(Change {
        edits,
        previous: Previous {
            path: format!(
                "{}.{}, decided by {place}",
                subject.name(),
                wanted.setting.path.join(".")
            ),
            value: None,
        },
        also,
        elsewhere: Some(place),
    })
}

/// Number of the call on the way to the subject that leads into a directory.
fn call_into(subject: &Subject<'_, '_>, dir: &RepoPath) -> Option<usize> {
    let calls = subject.cfg.calls(&subject.at);
    (0..calls.len()).rev().find(|number| {
        // The next call stands in the directory that this one leads into.
        let into = calls.get(number + 1).map_or_else(
            || subject.at.module.clone(),
            |next| next.file.path().parent(),
        );
        into == *dir
    })
}

/// Where the argument stands after the edit.
fn written_argument(
    edited: &Configuration<'_>,
    subject: &Subject<'_, '_>,
    number: usize,
    name: &str,
) -> Option<Origin> {
    let found = Subject::find(edited, &subject.at.root, &subject.address)?;
    let call = edited.calls(&found.at).get(number).copied()?;
    let span = call.block.body.get_attribute(name)?.value.span()?;
    Some(Origin {
        file: call.file.path().clone(),
        span,
        place: OriginPlace::ModuleArgument(name.to_owned()),
    })
}

/// Tries edits: the instance must be safe, and everything else that changes must have had the same need.
fn attempt(
    subject: &Subject<'_, '_>,
    wanted: &Wanted<'_>,
    edits: &[Edit],
    tried: &mut Tried,
    reached: impl FnOnce(&Configuration<'_>) -> Vec<Reached>,
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
        Some(reach::also_changed(
            subject,
            cfg,
            &reached,
            |before, after, path| {
                wanted.peers.iter().any(|peer| {
                    peer.path == path
                        && matches!(
                            judge::judge(before, peer, wanted.major),
                            Judgement::Unsafe(_) | Judgement::Open(_)
                        )
                        && judge::judge(after, peer, wanted.major) == Judgement::Safe
                })
            },
        ))
    });
    match outcome.ok()?? {
        Ok(also) => Some(also),
        Err(what) => {
            tried.too_wide.get_or_insert(what);
            None
        }
    }
}

/// `x ? false : true` with `true` replaced chooses nothing any more: then the whole conditional is replaced.
fn whole_choice(file: &SourceFile, span: Span, text: &str) -> Span {
    struct Search<'s> {
        file: &'s SourceFile,
        span: Span,
        text: &'s str,
        found: Option<Span>,
    }
    impl Visit for Search<'_> {
        fn visit_conditional(&mut self, node: &Conditional) {
            let (yes, no) = (node.true_expr.span(), node.false_expr.span());
            let other = match (yes, no) {
                (Some(yes), Some(no)) if yes == self.span => Some(no),
                (Some(yes), Some(no)) if no == self.span => Some(yes),
                _ => None,
            };
            if other.is_some_and(|other| self.file.slice(other) == self.text) {
                self.found = node.span();
            }
            visit::visit_conditional(self, node);
        }
    }
    let Ok(body) = file.body() else {
        return span;
    };
    let mut search = Search {
        file,
        span: span.clone(),
        text,
        found: None,
    };
    search.visit_body(body);
    match search.found {
        Some(whole) if whole != span => whole_choice(file, whole, text),
        _ => span,
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
        OriginPlace::Block | OriginPlace::Element(_) => file.to_string(),
    }
}

/// The variable whose value comes from outside of the repository.
fn supplied(origin: &Origin) -> Option<&str> {
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
