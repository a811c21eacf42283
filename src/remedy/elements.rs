//! `remedy "drop-elements"`: elements that must not be in a list.

use hcl_edit::Span as _;
use hcl_edit::expr::{Array, Expression};
use hcl_edit::structure::Body;

use super::basis::Basis;
use super::draft::Draft;
use super::place;
use super::proof;
use super::reach::{self, Reached};
use super::subject::Subject;
use super::{Previous, Refusal, RefusalKind, Verdict, judge};
use crate::rules::DropElements;
use crate::terraform::edit::Pen;
use crate::terraform::module::Held;
use crate::terraform::value::{Kind, Origin};
use crate::terraform::{Edit, SourceFile, Span, Value};

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
    let mut words = Vec::new();
    for item in unwanted(&value, drop) {
        let origins = item.decided_by.iter().chain(&item.via);
        let mut done = false;
        let mut too_wide = None;
        for origin in origins {
            let Some((edits, list, previous)) = removal(subject, origin) else {
                continue;
            };
            if place::is_external(&origin.file) {
                continue;
            }
            let reached: Vec<Reached> = subject
                .cfg
                .decided_here(&list)
                .iter()
                .map(Reached::from)
                .collect();
            let this = DropElements {
                path: drop.path.clone(),
                elements: item_json(item),
            };
            let outcome = proof::after(subject.cfg, &edits, |cfg| {
                let after = Subject::find(cfg, &subject.at.root, &subject.address)?;
                if assess(&after, &this) != Verdict::Safe {
                    return None;
                }
                Some(reach::also_changed(
                    subject,
                    cfg,
                    &reached,
                    |before, after, path| {
                        path == drop.path
                            && matches!(assess(before, &this), Verdict::Unsafe(_))
                            && assess(after, &this) == Verdict::Safe
                    },
                ))
            });
            match outcome {
                Ok(Some(Ok(also))) => {
                    draft.edits.extend(edits);
                    draft.previous.push(Previous {
                        path: format!("{}.{name}", subject.name()),
                        value: Some(previous),
                    });
                    draft.also(also);
                    done = true;
                    break;
                }
                Ok(Some(Err(other))) => too_wide = Some(other),
                Ok(None) | Err(_) => {}
            }
        }
        if !done {
            return Err(match too_wide {
                Some(other) => Refusal::new(
                    RefusalKind::TooWide,
                    format!(
                        "the element of `{name}` of `{}` stands at a place that also changes {other}, which has no need",
                        subject.address
                    ),
                    "give this instance a value of its own, then run again",
                ),
                None => unsupported(),
            });
        }
        words.push(format!("`{}`", item.as_text().unwrap_or_default()));
    }
    if words.is_empty() {
        return Err(unsupported());
    }
    draft.paths.push(name.clone());
    draft.summary = format!("drop {} from `{name}`", super::settings::join(&words));
    Ok(draft)
}

fn item_json(item: &Value) -> Vec<serde_json::Value> {
    item.as_text()
        .map(serde_json::Value::String)
        .into_iter()
        .collect()
}

/// The edits that take the element at an origin out of the list around it, the list's place, and its text before.
fn removal(subject: &Subject<'_, '_>, origin: &Origin) -> Option<(Vec<Edit>, Origin, String)> {
    let file: &SourceFile = subject.cfg.estate().file(&origin.file)?;
    let body = file.body().ok()?;
    let mut search = Search {
        wanted: &origin.span,
        found: None,
    };
    search.visit_body(body);
    let (list, number) = search.found?;
    let span = list.span()?;
    let text = file.slice(span.clone()).to_owned();
    let whole = Origin {
        span,
        ..origin.clone()
    };
    Some((Pen::new(file).remove_elements(list, &[number]), whole, text))
}

/// Looks for the list that has an element with exactly this span.
struct Search<'s, 'b> {
    wanted: &'s Span,
    found: Option<(&'b Array, usize)>,
}

impl<'b> Search<'_, 'b> {
    fn visit_body(&mut self, body: &'b Body) {
        for structure in body {
            if let Some(attribute) = structure.as_attribute() {
                self.look(&attribute.value);
            } else if let Some(block) = structure.as_block() {
                self.visit_body(&block.body);
            }
        }
    }

    fn look(&mut self, expression: &'b Expression) {
        let inside = expression
            .span()
            .is_some_and(|s| s.start <= self.wanted.start && self.wanted.end <= s.end);
        if !inside || self.found.is_some() {
            return;
        }
        match expression {
            Expression::Array(list) => {
                let number = list
                    .iter()
                    .position(|e| e.span().as_ref() == Some(self.wanted));
                if let Some(number) = number {
                    self.found = Some((list, number));
                    return;
                }
                list.iter().for_each(|e| self.look(e));
            }
            Expression::Object(object) => object.iter().for_each(|(_, v)| self.look(v.expr())),
            Expression::Parenthesis(inner) => self.look(inner.inner()),
            Expression::FuncCall(call) => call.args.iter().for_each(|e| self.look(e)),
            Expression::Conditional(c) => {
                self.look(&c.true_expr);
                self.look(&c.false_expr);
            }
            _ => {}
        }
    }
}
