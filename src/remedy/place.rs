//! Where a value is changed: where it is decided, at the narrowest place that contains the instance.
//!
//! Invariant 4. The places are tried from the one that decides outwards to the block itself; a place is taken when the
//! edited code gives the safe value there, and when everything else that it changes had the same need. Otherwise the
//! next narrower one is tried.

use hcl_edit::Span as _;
use serde_json::Value as Json;

use super::judge::{self, Judgement};
use super::literal;
use super::proof;
use super::subject::Subject;
use super::{Affected, Previous, Refusal, RefusalKind};
use crate::rules::Setting;
use crate::terraform::edit::Pen;
use crate::terraform::value::{Origin, OriginPlace};
use crate::terraform::{Edit, RepoPath, Value};

/// One value changed at one place.
pub(crate) struct Change {
    pub(crate) edits: Vec<Edit>,
    pub(crate) previous: Previous,
    /// Other instances that change.
    pub(crate) also: Vec<Affected>,
    /// Where in words, when it is not the block itself: `` `public` in live/prod/terraform.tfvars ``.
    pub(crate) elsewhere: Option<String>,
}

/// Why no place was taken, collected on the way.
#[derive(Default)]
struct Tried {
    too_wide: Option<String>,
    external: bool,
    no_spans: bool,
}

/// Changes the value of a setting that is written.
pub(crate) fn change(
    subject: &Subject<'_, '_>,
    setting: &Setting,
    value: &Value,
    wanted: &Json,
    major: Option<u32>,
) -> Result<Change, Refusal> {
    let mut tried = Tried::default();
    for origin in places(subject, setting, value) {
        let Some(file) = subject.cfg.estate().file(&origin.file) else {
            continue;
        };
        if is_external(&origin.file) {
            tried.external = true;
            continue;
        }
        if origin.span.is_empty() {
            tried.no_spans = true;
            continue;
        }
        let present = file.slice(origin.span.clone()).to_owned();
        let edits =
            Pen::new(file).replace_span(origin.span.clone(), &literal::text_like(wanted, &present));
        if edits.is_empty() {
            continue;
        }
        let safe = proof::after(subject.cfg, &edits, |cfg| {
            Subject::find(cfg, &subject.at.root, &subject.address)
                .is_some_and(|s| judge::judge(&s, setting, major) == Judgement::Safe)
        });
        if safe != Ok(true) {
            continue;
        }
        match others(subject, setting, &origin, major) {
            Ok(also) => {
                let in_block = origin.place.base() == &OriginPlace::Block;
                return Ok(Change {
                    edits,
                    previous: Previous {
                        path: format!("{}.{}", subject.name(), setting.path.join(".")),
                        value: Some(present),
                    },
                    also,
                    elsewhere: (!in_block).then(|| describe(&origin)),
                });
            }
            Err(what) => {
                tried.too_wide.get_or_insert(what);
            }
        }
    }
    Err(refusal(subject, setting, &tried))
}

/// The places whose text may be changed, the deciding one first, the block's own expression last.
fn places(subject: &Subject<'_, '_>, setting: &Setting, value: &Value) -> Vec<Origin> {
    let mut places: Vec<Origin> = Vec::new();
    if let [only] = value.decided_by.as_slice() {
        places.push(only.clone());
    }
    for origin in &value.via {
        if !places.contains(origin) {
            places.push(origin.clone());
        }
    }
    let own = subject.expression(&setting.path).and_then(|e| e.span());
    if let Some(span) = own {
        let file = subject.file().path().clone();
        if !places.iter().any(|p| p.file == file && p.span == span) {
            places.push(Origin {
                file,
                span,
                place: OriginPlace::Block,
            });
        }
    }
    places
}

/// Every other instance that changes with a place, when all of them have the same need.
///
/// # Errors
/// What else would change, in words.
pub(crate) fn others(
    subject: &Subject<'_, '_>,
    setting: &Setting,
    origin: &Origin,
    major: Option<u32>,
) -> Result<Vec<Affected>, String> {
    let mut also = Vec::new();
    for decided in subject.cfg.decided_here(origin) {
        let other = Subject {
            cfg: subject.cfg,
            at: decided.occurrence,
            address: decided.address,
        };
        let affected = other.affected();
        if affected == subject.affected() && decided.path == setting.path {
            continue;
        }
        let same_setting =
            other.at.resource.kind == subject.at.resource.kind && decided.path == setting.path;
        let in_need = same_setting
            && matches!(
                judge::judge(&other, setting, major),
                Judgement::Unsafe(_) | Judgement::Open(_)
            );
        if !in_need {
            return Err(format!(
                "`{}` of `{}`{}",
                decided.path.join("."),
                affected.address,
                if affected.root == subject.at.root {
                    String::new()
                } else {
                    format!(" (root `{}`)", affected.root)
                }
            ));
        }
        if !also.contains(&affected) {
            also.push(affected);
        }
    }
    Ok(also)
}

/// Every other instance of a subject's block.
pub(crate) fn other_instances(subject: &Subject<'_, '_>) -> Vec<Affected> {
    let mut also: Vec<Affected> = subject
        .cfg
        .instances_of_block(subject.file().path(), &subject.span())
        .into_iter()
        .flat_map(|(at, instances)| {
            let root = at.root.clone();
            instances.known.into_iter().map(move |address| Affected {
                root: root.clone(),
                address,
            })
        })
        .filter(|a| *a != subject.affected())
        .collect();
    also.dedup();
    also
}

/// Whether a file belongs to an installed module: it is overwritten by the next `terraform init`.
pub(crate) fn is_external(file: &RepoPath) -> bool {
    file.as_str().split('/').any(|part| part == ".terraform")
}

fn describe(origin: &Origin) -> String {
    match origin.place.base() {
        OriginPlace::Local(name) => format!("local `{name}` in {}", origin.file),
        OriginPlace::VariableDefault(name) => {
            format!("the default of variable `{name}` in {}", origin.file)
        }
        OriginPlace::Tfvars(name) => format!("`{name}` in {}", origin.file),
        OriginPlace::ModuleArgument(name) => format!("module argument `{name}` in {}", origin.file),
        OriginPlace::Output(name) => format!("output `{name}` in {}", origin.file),
        OriginPlace::Block | OriginPlace::Element(_) => origin.file.to_string(),
    }
}

fn refusal(subject: &Subject<'_, '_>, setting: &Setting, tried: &Tried) -> Refusal {
    let what = format!("`{}` of `{}`", setting.path.join("."), subject.address);
    if let Some(other) = &tried.too_wide {
        return Refusal::new(
            RefusalKind::TooWide,
            format!(
                "{what} is decided at a place that also decides {other}, which has no need to change"
            ),
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
    let why = if tried.no_spans {
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
