//! What is missing in a list or map and would decide, if it were there: the key of a `for_each` entry for which a
//! default stands in, the element of a list that `contains` asks about.
//!
//! Nothing is guessed here: each proposal is tried, and counts only when the edited code gives the safe value.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Object, ObjectKey};
use serde_json::Value as Json;

use super::{describe, is_external};
use crate::remedy::entry::Entry;
use crate::remedy::subject::Subject;
use crate::remedy::{literal, written};
use crate::terraform::edit::{Pen, data, quote};
use crate::terraform::module::Configuration;
use crate::terraform::value::{Origin, OriginPlace};
use crate::terraform::{Edit, InstanceKey, SourceFile, Value};

/// How many places that help to choose a value are looked at, and how many proposals are tried.
const LOOKED_AT: usize = 200;
const PROPOSALS: usize = 16;
const MAPS: usize = 8;
const NAMES: usize = 10;

/// A change of a list or map that may give another value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Supply {
    /// The list or map; with [`What::Without`] the element.
    pub(crate) at: Origin,
    what: What,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    /// The map gets this key.
    Key(String, Json),
    /// The list gets this element.
    Element(String),
    /// The element goes.
    Without,
}

/// The proposals for a value, the narrowest map first. `through` are the expressions by which the value came: they name
/// the keys that are looked up. `texts` are what an added key may hold.
pub(crate) fn supplies(
    subject: &Subject<'_, '_>,
    value: &Value,
    through: &[Origin],
    texts: &[Json],
) -> Vec<Supply> {
    let cfg = subject.cfg;
    let expressions: Vec<&Expression> = through
        .iter()
        .chain(&value.decided_by)
        .filter_map(|origin| written::at(cfg.estate().file(&origin.file)?, &origin.span))
        .collect();
    let sought = Sought::of(subject, value);
    let mut found = keys(cfg, &sought, &expressions, texts);
    if expressions.iter().any(|e| asks_a_list(e)) {
        found.extend(elements(cfg, &sought));
    }
    for origin in &value.decided_by {
        found.extend(overrides(cfg, origin, texts));
    }
    found.truncate(PROPOSALS);
    found
}

/// The proposals for the entry of `for_each` that makes the subject: the keys that the expressions look up and that the
/// maps in which a caller writes the entry do not have.
pub(crate) fn of_entry(
    subject: &Subject<'_, '_>,
    value: &Value,
    through: &[Origin],
    texts: &[Json],
) -> Vec<Supply> {
    let cfg = subject.cfg;
    let mut sought = Sought::default();
    for item in subject.made_of() {
        for origin in item.all_origins() {
            if !subject.is_outside(origin) {
                continue;
            }
            // A type fills in what an entry lacks: then only what the entry does have tells where it stands.
            for entry in Entry::outward(cfg, origin) {
                if !entry.is_in_list() {
                    sought.maps.push(entry.place(origin));
                }
            }
            if let Some(file) = cfg.estate().file(&origin.file)
                && !is_external(&origin.file)
                && !origin.span.is_empty()
            {
                sought.sort(file, origin);
            }
        }
    }
    sought.maps.extend(written_in_calls(subject));
    sought.texts.clear();
    sought.maps.sort_by_key(|origin| origin.span.len());
    sought.maps.dedup();
    sought.maps.truncate(MAPS);
    let expressions: Vec<&Expression> = through
        .iter()
        .chain(&value.via)
        .filter_map(|origin| written::at(cfg.estate().file(&origin.file)?, &origin.span))
        .collect();
    let mut found = keys(cfg, &sought, &expressions, texts);
    found.truncate(PROPOSALS);
    found
}

/// The maps that stand, under a key of the instance, in what the calls on the way give to their modules.
fn written_in_calls(subject: &Subject<'_, '_>) -> Vec<Origin> {
    let steps = subject.address.modules.iter();
    let keys: Vec<&str> = steps
        .map(|step| &step.key)
        .chain([&subject.address.key])
        .filter_map(|key| match key {
            Some(InstanceKey::Name(name)) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let is_own = |key: &ObjectKey| match key {
        ObjectKey::Ident(ident) => keys.contains(&ident.as_str()),
        ObjectKey::Expression(e) => e.as_str().is_some_and(|key| keys.contains(&key)),
    };
    let mut found = Vec::new();
    for call in subject.cfg.calls(&subject.at) {
        if is_external(call.file.path()) || !call.file.has_spans() {
            continue;
        }
        for argument in call.block.body.attributes() {
            let Expression::Object(entries) = &argument.value else {
                continue;
            };
            for (key, value) in entries {
                if let (true, Expression::Object(_), Some(span)) =
                    (is_own(key), value.expr(), value.expr().span())
                {
                    found.push(Origin {
                        file: call.file.path().clone(),
                        span,
                        place: OriginPlace::ModuleArgument(argument.key.as_str().to_owned()),
                    });
                }
            }
        }
    }
    found
}

/// The lists of text of which a value is made, each with one element more.
pub(crate) fn members(cfg: &Configuration<'_>, value: &Value, text: &str) -> Vec<Supply> {
    let mut found: Vec<Supply> = Vec::new();
    for origin in value.all_origins() {
        let Some(file) = cfg.estate().file(&origin.file) else {
            continue;
        };
        if is_external(&origin.file) || origin.span.is_empty() {
            continue;
        }
        let is_list = if data::is_data(file) {
            data::at(file, &origin.span) == Some(data::Shape::List)
        } else {
            matches!(written::at(file, &origin.span), Some(Expression::Array(list))
                if list.iter().all(Expression::is_str))
        };
        let supply = Supply {
            at: origin.clone(),
            what: What::Element(text.to_owned()),
        };
        if is_list && !found.contains(&supply) && found.len() < MAPS {
            found.push(supply);
        }
    }
    found
}

/// What helps to choose the value, sorted by what stands there.
#[derive(Default)]
struct Sought {
    maps: Vec<Origin>,
    lists: Vec<Origin>,
    /// Text elements of lists.
    members: Vec<Origin>,
    /// Keys of the instance, and texts that help to choose.
    texts: Vec<String>,
}

impl Sought {
    fn of(subject: &Subject<'_, '_>, value: &Value) -> Self {
        let mut sought = Self::default();
        let keys = subject
            .address
            .modules
            .iter()
            .rev()
            .filter_map(|step| step.key.as_ref());
        for key in subject.address.key.iter().chain(keys) {
            if let InstanceKey::Name(name) = key {
                sought.texts.push(name.clone());
            }
        }
        let cfg = subject.cfg;
        for origin in value.depends_on.iter().take(LOOKED_AT) {
            let Some(file) = cfg.estate().file(&origin.file) else {
                continue;
            };
            if is_external(&origin.file) || origin.span.is_empty() {
                continue;
            }
            sought.sort(file, origin);
        }
        let size = |origin: &Origin| origin.span.len();
        sought.maps.sort_by_key(size);
        sought.maps.dedup();
        sought.maps.truncate(MAPS);
        sought.lists.sort_by_key(size);
        sought.lists.dedup();
        let mut seen = Vec::new();
        sought.texts.retain(|text| {
            let new = !seen.contains(text);
            seen.push(text.clone());
            new
        });
        sought
    }

    fn sort(&mut self, file: &SourceFile, origin: &Origin) {
        if data::is_data(file) {
            match data::at(file, &origin.span) {
                Some(data::Shape::Map) => self.maps.push(origin.clone()),
                Some(data::Shape::List) => self.lists.push(origin.clone()),
                Some(data::Shape::Scalar(Json::String(text))) => {
                    self.members.push(origin.clone());
                    self.texts.push(text);
                }
                _ => {}
            }
            return;
        }
        if !file.has_spans() {
            return;
        }
        match written::at(file, &origin.span) {
            Some(Expression::Object(_)) => self.maps.push(origin.clone()),
            Some(Expression::Array(_)) => self.lists.push(origin.clone()),
            Some(Expression::String(text)) => {
                self.members.push(origin.clone());
                self.texts.push(text.value().clone());
            }
            _ => {}
        }
    }
}

fn keys(
    cfg: &Configuration<'_>,
    sought: &Sought,
    expressions: &[&Expression],
    texts: &[Json],
) -> Vec<Supply> {
    // The last name of a way is the key, or the last but one with an object around the last: `{ a = { x = … } }`.
    let mut names: Vec<(String, Option<String>)> = Vec::new();
    let ways: Vec<Vec<String>> = expressions
        .iter()
        .flat_map(|e| written::ways_asked(e))
        .collect();
    for back in 1..=2 {
        for way in &ways {
            let at = way.len().checked_sub(back).and_then(|at| way.get(at..));
            if let Some([key, inner @ ..]) = at {
                names.push((key.clone(), inner.first().cloned()));
            }
        }
        if back == 1 {
            names.extend(sought.texts.iter().map(|text| (text.clone(), None)));
        }
    }
    let mut seen = Vec::new();
    names.retain(|name| {
        let new = !seen.contains(name);
        seen.push(name.clone());
        new
    });
    names.truncate(NAMES);
    let mut found = Vec::new();
    for (name, inner) in &names {
        for map in &sought.maps {
            if has_key(cfg, map, name) {
                continue;
            }
            found.extend(texts.iter().map(|text| Supply {
                at: map.clone(),
                what: What::Key(
                    name.clone(),
                    match inner {
                        None => text.clone(),
                        Some(inner) => serde_json::json!({ inner.as_str(): text }),
                    },
                ),
            }));
        }
    }
    found
}

fn elements(cfg: &Configuration<'_>, sought: &Sought) -> Vec<Supply> {
    let mut found: Vec<Supply> = sought
        .members
        .iter()
        .filter(|origin| Entry::at(cfg, origin).is_some_and(|e| e.is_in_list()))
        .map(|origin| Supply {
            at: origin.clone(),
            what: What::Without,
        })
        .collect();
    for list in &sought.lists {
        found.extend(sought.texts.iter().take(NAMES).map(|text| Supply {
            at: list.clone(),
            what: What::Element(text.clone()),
        }));
    }
    found
}

/// The mapping of a YAML file that has a value from another one (`<<: *base`) may say something of its own.
fn overrides(cfg: &Configuration<'_>, origin: &Origin, texts: &[Json]) -> Vec<Supply> {
    let Some(file) = cfg.estate().file(&origin.file).filter(|f| data::is_data(f)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (span, key) in data::borrowers(file, &origin.span) {
        found.extend(texts.iter().map(|text| Supply {
            at: Origin {
                span: span.clone(),
                ..origin.clone()
            },
            what: What::Key(key.clone(), text.clone()),
        }));
    }
    found
}

/// Whether an expression asks if something is in a list.
fn asks_a_list(expression: &Expression) -> bool {
    let here =
        matches!(expression, Expression::FuncCall(call) if call.name.name.as_str() == "contains");
    here || written::children(expression).into_iter().any(asks_a_list)
}

fn has_key(cfg: &Configuration<'_>, map: &Origin, name: &str) -> bool {
    let Some(file) = cfg.estate().file(&map.file) else {
        return true;
    };
    if data::is_data(file) {
        return data::has_key(file, &map.span, name);
    }
    match written::at(file, &map.span) {
        Some(Expression::Object(object)) => object.iter().any(|(key, _)| match key {
            ObjectKey::Ident(ident) => ident.as_str() == name,
            // A key that is computed may be just this one.
            ObjectKey::Expression(e) => e.as_str().is_none_or(|key| key == name),
        }),
        _ => true,
    }
}

impl Supply {
    /// The edits; `None` when they cannot be made.
    pub(crate) fn edits(&self, cfg: &Configuration<'_>) -> Option<Vec<Edit>> {
        let file = cfg.estate().file(&self.at.file)?;
        if data::is_data(file) {
            return match &self.what {
                What::Key(key, value) => data::set_key(file, &self.at.span, key, value),
                What::Element(text) => {
                    data::append(file, &self.at.span, &Json::String(text.clone()))
                }
                What::Without => Some(Entry::at(cfg, &self.at)?.remove()),
            };
        }
        let pen = Pen::new(file);
        let expression = written::at(file, &self.at.span);
        match (&self.what, expression) {
            (What::Key(key, value), Some(Expression::Object(object))) => {
                let key = key_text(object, key);
                Some(pen.set_entry(object, &key, &literal::text(value)))
            }
            (What::Element(text), Some(Expression::Array(list))) => {
                Some(pen.append_element(list, &quote(text)))
            }
            (What::Without, _) => Some(Entry::at(cfg, &self.at)?.remove()),
            _ => None,
        }
    }

    /// Where and what, in words.
    pub(crate) fn words(&self) -> String {
        let place = match self.at.place.base() {
            OriginPlace::Block => self.at.file.to_string(),
            _ => describe(&self.at),
        };
        match &self.what {
            What::Key(key, _) => format!("a `{key}` of its own in {place}"),
            What::Element(_) | What::Without => format!("the list in {place}"),
        }
    }

    /// The text that was there before: of a list that loses or gets an element.
    pub(crate) fn previous(&self, cfg: &Configuration<'_>) -> Option<String> {
        let file = cfg.estate().file(&self.at.file)?;
        match &self.what {
            What::Key(..) => None,
            What::Element(_) => Some(file.slice(self.at.span.clone()).to_owned()),
            What::Without => Some(Entry::at(cfg, &self.at)?.text().to_owned()),
        }
    }
}

/// A key as the map writes its keys.
fn key_text(object: &Object, key: &str) -> String {
    let quoted = !object.is_empty()
        && object.iter().all(|(k, _)| {
            k.as_expr()
                .is_some_and(|e| e.span().is_some() && e.is_str())
        });
    if quoted {
        quote(key)
    } else {
        literal::key_text(key)
    }
}
