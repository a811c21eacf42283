//! Is what is written at one path safe? The predicate half of every setting.

use serde_json::Value as Json;

use super::subject::Subject;
use super::{Parameters, Refusal, RefusalKind};
use crate::rules::{Absence, Accept, Condition, Setting, Test};
use crate::terraform::Value;
use crate::terraform::module::Held;
use crate::terraform::value::{Kind, Unknown};

/// What one setting says of one instance.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Judgement {
    /// Safe.
    Safe,
    /// Unsafe; why.
    Unsafe(String),
    /// Nothing is written and the account or the service decides: a finding is believed.
    Open(String),
    /// Cannot be told.
    Unknown(Refusal),
}

/// The value that a setting shall have: its parameter's, else its own. A parameter that is not safe itself is
/// refused: configuration may make a rule stricter, never weaker.
pub(crate) fn wanted(setting: &Setting, parameters: &Parameters) -> Result<Json, Refusal> {
    let Some((name, value)) = setting
        .parameter
        .as_ref()
        .and_then(|name| Some((name, parameters.get(name)?)))
    else {
        return Ok(setting.value.clone());
    };
    if accepts_json(&setting.accept, value) || same_json(&setting.value, value) {
        return Ok(value.clone());
    }
    Err(Refusal::new(
        RefusalKind::ParameterMissing,
        format!(
            "parameter `{name}` is `{value}`, which is not a safe value of `{}`",
            setting.path.join(".")
        ),
        format!("correct `{name}` under [parameters]"),
    ))
}

/// Judges one setting of one instance.
pub(crate) fn judge(subject: &Subject<'_, '_>, setting: &Setting, major: Option<u32>) -> Judgement {
    let name = setting.path.join(".");
    match subject.held(&setting.path) {
        Held::Absent => absent(setting, major, &name),
        Held::Dynamic(span) => Judgement::Unknown(Refusal::new(
            RefusalKind::UnsupportedShape,
            format!(
                "`{name}` of `{}` is written by a `dynamic` block ({}:{}) that cannot be evaluated",
                subject.name(),
                subject.file().path(),
                subject.file().line(span.start)
            ),
            "change the content of the `dynamic` block by hand",
        )),
        Held::Value(value) if value.is_null() => absent(setting, major, &name),
        Held::Value(value) => {
            if accepts(setting, &value) {
                return Judgement::Safe;
            }
            match value.why_unknown() {
                None => Judgement::Unsafe(format!("`{name}` is {}", shown(&value))),
                Some(why) => Judgement::Unknown(Refusal::unknown_value(
                    &format!("`{name}` of `{}`", subject.name()),
                    &why,
                )),
            }
        }
    }
}

fn absent(setting: &Setting, major: Option<u32>, name: &str) -> Judgement {
    match setting.absent.at(major) {
        Absence::Safe => Judgement::Safe,
        Absence::Unsafe => Judgement::Unsafe(format!("`{name}` is not set")),
        Absence::Unknown => Judgement::Open(format!("`{name}` is not set")),
    }
}

/// A known value in backticks; a sensitive one is never quoted.
fn shown(value: &Value) -> String {
    if value.sensitive {
        return "a sensitive value".to_owned();
    }
    match value.as_text() {
        Some(text) if text.is_empty() => "empty".to_owned(),
        Some(text) => format!("`{text}`"),
        None => "not safe".to_owned(),
    }
}

fn accepts(setting: &Setting, value: &Value) -> bool {
    let accept = &setting.accept;
    if accept.anything && is_something(value) {
        return !accept.except.iter().any(|v| same(v, value));
    }
    same(&setting.value, value)
        || accept.values.iter().any(|v| same(v, value))
        || value.as_number().is_some_and(|n| in_range(accept, n))
}

fn accepts_json(accept: &Accept, value: &Json) -> bool {
    let empty = matches!(value, Json::Null) || value.as_str() == Some("");
    (accept.anything && !empty && !accept.except.contains(value))
        || accept.values.iter().any(|v| same_json(v, value))
        || value.as_f64().is_some_and(|n| in_range(accept, n))
}

fn in_range(accept: &Accept, number: f64) -> bool {
    accept.at_least.is_some_and(|limit| number >= limit)
        || accept
            .at_most
            .is_some_and(|limit| number > 0.0 && number <= limit)
}

fn same_json(a: &Json, b: &Json) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() < f64::EPSILON,
        _ => a == b,
    }
}

/// Whether a value is what a rule file wrote, converted as Terraform does.
pub(crate) fn same(wanted: &Json, value: &Value) -> bool {
    match wanted {
        Json::Null => value.is_null(),
        Json::Bool(b) => value.as_bool() == Some(*b),
        Json::Number(n) => value
            .as_number()
            .zip(n.as_f64())
            .is_some_and(|(a, b)| (a - b).abs() < f64::EPSILON),
        Json::String(s) => value.as_text().as_deref() == Some(s),
        Json::Array(_) | Json::Object(_) => false,
    }
}

/// Whether something is written there that is not null and not empty. What a resource, a data source or a module
/// gives for a required argument is something; a variable may be null.
fn is_something(value: &Value) -> bool {
    match &value.kind {
        Kind::Null => false,
        Kind::String(s) => !s.is_empty(),
        Kind::List(items) => !items.is_empty(),
        Kind::Bool(_) | Kind::Number(_) | Kind::Object(_) | Kind::Pattern(_) | Kind::Ref(_) => true,
        Kind::Unknown(why) => matches!(
            why,
            Unknown::Data(_) | Unknown::Computed(_) | Unknown::ExternalModule(_)
        ),
    }
}

/// Whether a condition holds for an instance.
///
/// # Errors
/// The value is not known.
pub(crate) fn holds(subject: &Subject<'_, '_>, condition: &Condition) -> Result<bool, Refusal> {
    let block = subject.body_at(&condition.path).is_some();
    let held = if block {
        None
    } else {
        Some(subject.held(&condition.path))
    };
    let value = match &held {
        None => return Ok(matches!(condition.test, Test::Present)),
        Some(Held::Absent) => None,
        Some(Held::Value(value)) if value.is_null() => None,
        Some(Held::Value(value)) => Some(value),
        Some(Held::Dynamic(_)) => {
            return Err(Refusal::new(
                RefusalKind::UnsupportedShape,
                format!(
                    "`{}` of `{}` is written by a `dynamic` block that cannot be evaluated",
                    condition.path.join("."),
                    subject.name()
                ),
                "look at it by hand",
            ));
        }
    };
    let unknown = |value: &Value| {
        let why = value
            .why_unknown()
            .unwrap_or_else(|| Unknown::Unsupported("its value".to_owned()));
        Refusal::unknown_value(
            &format!("`{}` of `{}`", condition.path.join("."), subject.name()),
            &why,
        )
    };
    match (&condition.test, value) {
        (Test::Absent, None) => Ok(true),
        (Test::Present, None) => Ok(false),
        (Test::OneOf(_, or_absent), None) => Ok(*or_absent),
        (Test::OneOf(values, _), Some(value)) => {
            if values.iter().any(|v| same(v, value)) {
                Ok(true)
            } else if value.is_known() {
                Ok(false)
            } else {
                Err(unknown(value))
            }
        }
        (Test::Present | Test::Absent, Some(value)) => {
            let present = is_something(value);
            if !present && !value.is_known() {
                return Err(unknown(value));
            }
            Ok(present == (condition.test == Test::Present))
        }
    }
}
