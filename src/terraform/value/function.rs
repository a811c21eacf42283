//! Terraform's functions.
//!
//! A function that is not in the tables is not evaluated. `try`, `can` and the choosing functions keep the
//! provenance of what they choose; what a function computes is decided by the call itself and depends on its
//! arguments.

mod collection;
mod encode;
mod number;
mod series;
mod text;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall};

use super::convert;
use super::evaluate::Evaluator;
use super::scope::Scope;
use super::{Kind, Unknown, Value};

/// What a function makes of its arguments.
enum Outcome {
    /// One of the arguments, or an element of one: its provenance stays.
    Chosen(Value),
    /// Something new, made of the arguments.
    Made(Kind),
    /// A set of something new.
    MadeSet(Value),
}

/// Why a function gives nothing.
type Failure = Unknown;

type Result = std::result::Result<Outcome, Failure>;

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn call(&self, scope: &Scope<'a>, call: &FuncCall, whole: &Expression) -> Value {
        let name = call.name.name.value().as_str();
        let origin = scope.origin(whole.span());
        let core = match call.name.namespace.as_slice() {
            [] => true,
            [only] => only.value().as_str() == "core",
            _ => false,
        };
        if !core {
            return Value::unknown(Unknown::Unsupported(format!("provider function `{name}`")));
        }
        match name {
            "try" => return self.attempt(scope, call).through(origin),
            "can" => {
                let value = call.args.get(0).map(|a| self.evaluate(scope, a));
                let kind = value
                    .as_ref()
                    .map_or_else(|| invalid("`can` without an argument"), can);
                let from: Vec<&Value> = value.iter().collect();
                return Value::derived(kind, origin, &from);
            }
            _ => {}
        }
        let mut args: Vec<Value> = call.args.iter().map(|a| self.evaluate(scope, a)).collect();
        if call.args.expand_final() {
            let Some(last) = args.pop() else {
                return Value::unknown(Unknown::Invalid("`...` after nothing".to_owned()));
            };
            match super::evaluate::entries(&last) {
                Some(items) => args.extend(items.into_iter().map(|(_, v)| v.chosen_by(&last))),
                None => return Value::unknown(convert::hole_of(&last)).chosen_by_all(&last),
            }
        }
        let from: Vec<&Value> = args.iter().collect();
        match apply(name, &args) {
            Ok(Outcome::Chosen(value)) => value.through(origin),
            Ok(Outcome::Made(kind)) => Value::derived(kind, origin, &from),
            Ok(Outcome::MadeSet(set)) => {
                let is_set = set.set;
                let mut value = Value::derived(set.kind, origin, &from);
                value.set = is_set;
                value
            }
            Err(why) => Value::derived(Kind::Unknown(why), origin, &from),
        }
    }

    /// `try`: the first argument without an error. An argument that is not known for another reason could still
    /// fail, so nothing behind it is certain.
    fn attempt(&self, scope: &Scope<'a>, call: &FuncCall) -> Value {
        let mut tried: Vec<Value> = Vec::new();
        for argument in call.args.iter() {
            let value = self.evaluate(scope, argument);
            if fails(&value) {
                tried.push(value);
                continue;
            }
            return tried.iter().fold(value, Value::chosen_by_all);
        }
        let failed = Value::unknown(Unknown::Invalid(
            "no argument of `try` can be evaluated".into(),
        ));
        tried.iter().fold(failed, Value::chosen_by_all)
    }
}

/// Whether an expression certainly has an error, in it or in one of its elements.
fn fails(value: &Value) -> bool {
    match &value.kind {
        Kind::Unknown(Unknown::Invalid(_)) => true,
        Kind::List(items) => items.iter().any(fails),
        Kind::Object(map) => map.values().any(fails),
        _ => false,
    }
}

/// Whether an expression has no error: certain only when it is known, or certainly wrong.
fn can(value: &Value) -> Kind {
    if fails(value) {
        return Kind::Bool(false);
    }
    nested_error(value).map_or(Kind::Bool(true), Kind::Unknown)
}

fn nested_error(value: &Value) -> Option<Unknown> {
    match &value.kind {
        Kind::Unknown(why) => Some(why.clone()),
        Kind::List(items) => items.iter().find_map(nested_error),
        Kind::Object(map) => map.values().find_map(nested_error),
        _ => None,
    }
}

fn invalid(message: &str) -> Kind {
    Kind::Unknown(Unknown::Invalid(message.to_owned()))
}

fn apply(name: &str, args: &[Value]) -> Result {
    text::apply(name, args)
        .or_else(|| collection::apply(name, args))
        .or_else(|| number::apply(name, args))
        .or_else(|| series::apply(name, args))
        .or_else(|| encode::apply(name, args))
        .unwrap_or_else(|| Err(Unknown::Unsupported(format!("function `{name}`"))))
}

// --- reading arguments -----------------------------------------------------------------------------------------

/// The argument at an index, which must be there.
fn arg(args: &[Value], index: usize) -> std::result::Result<&Value, Failure> {
    args.get(index)
        .ok_or_else(|| Unknown::Invalid("a function with too few arguments".to_owned()))
}

/// Checks the number of arguments.
fn arity(args: &[Value], least: usize, most: usize) -> std::result::Result<(), Failure> {
    if (least..=most).contains(&args.len()) {
        Ok(())
    } else {
        Err(Unknown::Invalid(format!(
            "a function with {} arguments",
            args.len()
        )))
    }
}

/// A known string (numbers and booleans are written out).
fn string(value: &Value) -> std::result::Result<String, Failure> {
    match convert::text_of(&value.kind) {
        Some(text) => Ok(text),
        None => Err(why(value, "a string is required")),
    }
}

/// A known number.
fn number(value: &Value) -> std::result::Result<f64, Failure> {
    match convert::to_number(value.clone()).kind {
        Kind::Number(n) => Ok(n),
        _ => Err(why(value, "a number is required")),
    }
}

/// A known whole number.
fn whole(value: &Value) -> std::result::Result<i64, Failure> {
    let n = number(value)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be whole and in the exact range of f64"
    )]
    if n.fract() == 0.0 && n.abs() < 9e15 {
        Ok(n as i64)
    } else {
        Err(Unknown::Invalid("a whole number is required".to_owned()))
    }
}

/// The elements of a list, set or tuple; the elements themselves may be unknown.
fn list(value: &Value) -> std::result::Result<&[Value], Failure> {
    match &value.kind {
        // Neither the order nor the number of a set's elements is known when one of them is not.
        Kind::List(items) if value.set && items.len() > 1 && !value.is_known() => {
            Err(why(value, "a list is required"))
        }
        Kind::List(items) => Ok(items),
        _ => Err(why(value, "a list is required")),
    }
}

/// The entries of a map or object.
fn map(value: &Value) -> std::result::Result<&std::collections::BTreeMap<String, Value>, Failure> {
    match &value.kind {
        Kind::Object(map) => Ok(map),
        _ => Err(why(value, "a map is required")),
    }
}

/// Why a value is not what is required.
fn why(value: &Value, required: &str) -> Unknown {
    value
        .why_unknown()
        .unwrap_or_else(|| Unknown::Invalid(required.to_owned()))
}

/// A list of strings as a value.
fn strings(items: impl IntoIterator<Item = String>) -> Kind {
    Kind::List(
        items
            .into_iter()
            .map(|s| Value::new(Kind::String(s)))
            .collect(),
    )
}

/// A whole number as a value.
#[expect(clippy::cast_precision_loss, reason = "sizes and positions are small")]
fn count(n: usize) -> Kind {
    Kind::Number(n as f64)
}

/// A list made of elements that keep their own provenance.
fn listed(items: Vec<Value>) -> Result {
    Ok(Outcome::Chosen(Value::new(Kind::List(items))))
}

/// Lists whose elements are all known; for functions that compare them.
fn known(value: &Value) -> std::result::Result<&[Value], Unknown> {
    let items = list(value)?;
    match items.iter().find_map(Value::why_unknown) {
        Some(why) => Err(why),
        None => Ok(items),
    }
}
