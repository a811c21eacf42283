//! In which order the places are tried.
//!
//! A literal that decides is the common cause and comes first. What is computed (`contains(…)`, `!x`, a choice that
//! would choose nothing any more) is kept where an entry of a list or map can be changed instead; replacing it by a
//! literal is what remains.

use hcl_edit::Span as _;

use super::simplify;
use super::supply::{self, Supply, supplies};
use super::{Wanted, turned};
use crate::remedy::subject::Subject;
use crate::remedy::{literal, written};
use crate::terraform::Value;
use crate::terraform::edit::data;
use crate::terraform::module::Configuration;
use crate::terraform::value::{Origin, OriginPlace};

/// A place to try.
pub(super) enum Place {
    /// Replace what stands there.
    Replace(Origin),
    /// Give the call of the module an argument of this name: the default decides now.
    Argument(String),
    /// Turn the one switch that chooses the value: `var.on ? safe : unsafe`, `!var.off`.
    Switch(Origin),
    /// Give a map the key, or a list the element, whose absence decides; or take an element out.
    Supply(Supply),
}

/// The places whose text may be changed, the deciding one first, the block's own expression last.
pub(super) fn places(subject: &Subject<'_, '_>, wanted: &Wanted<'_>, value: &Value) -> Vec<Place> {
    let mut origins: Vec<Origin> = Vec::new();
    if let [only] = value.decided_by.as_slice() {
        origins.push(only.clone());
    }
    let plain = origins
        .first()
        .is_some_and(|only| is_plain(subject.cfg, wanted, only));
    for origin in &value.via {
        if !origins.contains(origin) {
            origins.push(origin.clone());
        }
    }
    if let Some(own) = own_expression(subject, &wanted.setting.path)
        && !origins
            .iter()
            .any(|p| p.file == own.file && p.span == own.span)
    {
        origins.push(own);
    }
    let mut places: Vec<Place> = Vec::new();
    places.extend(switch(subject.cfg, value).map(Place::Switch));
    if !plain {
        let computed_from = sources(subject.cfg, wanted, value);
        places.extend(computed_from.into_iter().map(Place::Replace));
    }
    let alternatives = supplies(subject, value, &origins, &texts(wanted));
    let mut alternatives = Some(alternatives.into_iter().map(Place::Supply));
    for (number, origin) in origins.into_iter().enumerate() {
        if !(number == 0 && plain) {
            places.extend(alternatives.take().into_iter().flatten());
        }
        let default = match &origin.place {
            OriginPlace::VariableDefault(name) => Some(name.clone()),
            _ => None,
        };
        places.push(Place::Replace(origin));
        places.extend(default.map(Place::Argument));
    }
    places.extend(alternatives.into_iter().flatten());
    places
}

/// What the entry of the caller lacks, among what the block asks for.
pub(super) fn of_entry(
    subject: &Subject<'_, '_>,
    wanted: &Wanted<'_>,
    value: &Value,
) -> Vec<Supply> {
    let own = own_expression(subject, &wanted.setting.path);
    let through: Vec<Origin> = own.into_iter().collect();
    supply::of_entry(subject, value, &through, &texts(wanted))
}

/// The expression in the block itself.
fn own_expression(subject: &Subject<'_, '_>, path: &[String]) -> Option<Origin> {
    let span = subject.expression(path)?.span()?;
    subject.file().has_spans().then(|| Origin {
        file: subject.file().path().clone(),
        span,
        place: OriginPlace::Block,
    })
}

/// Whether a literal stands there whose replacement leaves every choice around it a choice.
fn is_plain(cfg: &Configuration<'_>, wanted: &Wanted<'_>, origin: &Origin) -> bool {
    let Some(file) = cfg.estate().file(&origin.file) else {
        return false;
    };
    if data::is_data(file) {
        return true;
    }
    if !file.has_spans() || origin.span.is_empty() {
        return true;
    }
    let text = literal::text_like(wanted.value, file.slice(origin.span.clone()));
    written::at(file, &origin.span).is_some_and(written::is_literal)
        && simplify::whole(file, &origin.span, &text) == origin.span
}

/// The one boolean outside of the block that chooses the value, or helps to.
pub(crate) fn switch(cfg: &Configuration<'_>, value: &Value) -> Option<Origin> {
    let mut found: Option<&Origin> = None;
    for origin in value.depends_on.iter().chain(&value.decided_by) {
        if origin.place.base() == &OriginPlace::Block || !is_boolean(cfg, origin) {
            continue;
        }
        match found {
            Some(other) if other != origin => return None,
            _ => found = Some(origin),
        }
    }
    found.cloned()
}

fn is_boolean(cfg: &Configuration<'_>, origin: &Origin) -> bool {
    let Some(file) = cfg.estate().file(&origin.file) else {
        return false;
    };
    if data::is_data(file) {
        return data::is_boolean(file, &origin.span);
    }
    file.has_spans() && turned(file.slice(origin.span.clone())).is_some()
}

/// The texts elsewhere of which a text is computed (`title(lower(var.status))`): one of them may just have to say what
/// is wanted.
fn sources(cfg: &Configuration<'_>, wanted: &Wanted<'_>, value: &Value) -> Vec<Origin> {
    const MOST: usize = 6;
    if !wanted.value.is_string() {
        return Vec::new();
    }
    let is_text = |origin: &&Origin| {
        cfg.estate().file(&origin.file).is_some_and(|file| {
            if data::is_data(file) {
                return matches!(
                    data::at(file, &origin.span),
                    Some(data::Shape::Scalar(serde_json::Value::String(_)))
                );
            }
            written::at(file, &origin.span).is_some_and(|e| e.is_str())
        })
    };
    value
        .depends_on
        .iter()
        .filter(|origin| origin.place.base() != &OriginPlace::Block)
        .filter(is_text)
        .take(MOST)
        .cloned()
        .collect()
}

/// What a key that is added may hold: the wanted value; a boolean that chooses it.
fn texts(wanted: &Wanted<'_>) -> Vec<serde_json::Value> {
    let mut texts = vec![wanted.value.clone()];
    for boolean in [true, false] {
        let boolean = serde_json::Value::from(boolean);
        if !texts.contains(&boolean) {
            texts.push(boolean);
        }
    }
    texts
}
