//! Terraform's functions.
//!
//! A function that is not in the tables is not evaluated. `try`, `can` and the choosing functions keep the
//! provenance of what they choose; what a function computes is decided by the call itself and depends on its
//! arguments.

mod codec;
mod collection;
mod encode;
mod file;
mod format;
mod hash;
mod list;
mod network;
mod number;
mod pattern;
mod series;
mod text;
mod time;

use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall};

use super::convert;
use super::evaluate::Evaluator;
use super::scope::Scope;
use super::set;
use super::ty::{self, Ty, typed};
use super::{Kind, Unknown, Value};

/// What a function makes of its arguments.
enum Outcome {
    /// One of the arguments, or an element of one: its provenance stays.
    Chosen(Value),
    /// Something new, made of the arguments.
    Made(Kind),
    /// Something new with a type that its content does not show.
    MadeValue(Value),
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
                let (value, sure) = call.args.get(0).map(|a| self.guarded(scope, a)).unzip();
                let kind = match (&value, sure) {
                    (Some(value), Some(true)) => can(value),
                    (Some(value), _) if fails(value) => Kind::Bool(false),
                    (Some(_), _) => Kind::Unknown(unsure()),
                    (None, _) => invalid("`can` without an argument"),
                };
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
        // An error anywhere in an argument is one of the call.
        if let Some(why) = args.iter().find_map(failure) {
            return Value::derived(Kind::Unknown(why), origin, &from);
        }
        if let Some(why) = refused_null(name, &args) {
            return Value::derived(Kind::Unknown(why), origin, &from);
        }
        let made = match file::apply(self, scope, name, &args) {
            Some(made) => made,
            None => apply(name, &args),
        };
        match made {
            Ok(Outcome::Chosen(value)) => value.through(origin),
            Ok(Outcome::Made(kind)) => Value::derived(kind, origin, &from),
            Ok(Outcome::MadeValue(made)) => {
                let mut value = Value::derived(made.kind, origin, &from);
                value.set = made.set;
                value.ty = made.ty;
                value
            }
            Err(why) => {
                let certain = !matches!(why, Unknown::Invalid(_));
                let mut value = Value::derived(Kind::Unknown(why), origin, &from);
                value.ty = returns(name)
                    .filter(|_| certain && !leaves_open(name, &args))
                    .map(Arc::new);
                value
            }
        }
    }

    /// The value of an expression whose failure would be caught, and whether everything on the way to it was understood:
    /// what was not could be an error.
    fn guarded(&self, scope: &Scope<'a>, argument: &Expression) -> (Value, bool) {
        let (outer, before) = (self.guard.replace(true), self.unsure.replace(0));
        let value = self.evaluate(scope, argument);
        let sure = self.unsure.get() == 0;
        self.guard.set(outer);
        self.unsure.set(before + self.unsure.get());
        (value, sure)
    }

    /// `try`: the first argument without an error. An argument that is not known for another reason could still
    /// fail, so nothing behind it is certain.
    fn attempt(&self, scope: &Scope<'a>, call: &FuncCall) -> Value {
        let mut tried: Vec<Value> = Vec::new();
        for argument in call.args.iter() {
            let (mut value, sure) = self.guarded(scope, argument);
            if fails(&value) {
                tried.push(value);
                continue;
            }
            if !sure && !matches!(value.kind, Kind::Unknown(_)) {
                value = Value::unknown(unsure()).chosen_by_all(&value);
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
pub(super) fn fails(value: &Value) -> bool {
    failure(value).is_some()
}

/// The error that it has.
pub(super) fn failure(value: &Value) -> Option<Unknown> {
    match &value.kind {
        Kind::Unknown(why @ Unknown::Invalid(_)) => Some(why.clone()),
        Kind::List(items) => items.iter().find_map(failure),
        Kind::Object(map) => map.values().find_map(failure),
        _ => None,
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

fn unsure() -> Unknown {
    Unknown::Unsupported("an expression that may fail".to_owned())
}

fn invalid(message: &str) -> Kind {
    Kind::Unknown(Unknown::Invalid(message.to_owned()))
}

/// Few functions take null.
fn refused_null(name: &str, args: &[Value]) -> Option<Unknown> {
    let from = match name {
        "coalesce" | "merge" | "jsonencode" | "yamlencode" | "tostring" | "tonumber" | "tobool"
        | "tolist" | "toset" | "tomap" | "sensitive" | "nonsensitive" | "issensitive"
        | "ephemeralasnull" => return None,
        "lookup" => 2,
        "format" | "formatlist" => 1,
        _ => 0,
    };
    let given = if from == 2 {
        &args[..args.len().min(2)]
    } else {
        args
    };
    let given = if from == 1 {
        &args[..args.len().min(1)]
    } else {
        given
    };
    given
        .iter()
        .any(Value::is_null)
        .then(|| Unknown::Invalid(format!("null for `{name}`")))
}

fn apply(name: &str, args: &[Value]) -> Result {
    text::apply(name, args)
        .or_else(|| collection::apply(name, args))
        .or_else(|| list::apply(name, args))
        .or_else(|| number::apply(name, args))
        .or_else(|| series::apply(name, args))
        .or_else(|| format::apply(name, args))
        .or_else(|| pattern::apply(name, args))
        .or_else(|| encode::apply(name, args))
        .or_else(|| codec::apply(name, args))
        .or_else(|| hash::apply(name, args))
        .or_else(|| network::apply(name, args))
        .or_else(|| time::apply(name, args))
        .unwrap_or_else(|| Err(Unknown::Unsupported(format!("function `{name}`"))))
}

/// Whether a null without a type leaves the type of the result open: where the function takes anything there.
fn leaves_open(name: &str, args: &[Value]) -> bool {
    let null = |value: &Value| value.is_null() && value.ty.is_none();
    matches!(name, "format" | "formatlist") && args.iter().skip(1).any(null)
}

/// The type of what a function returns, where that does not depend on its arguments.
fn returns(name: &str) -> Option<Ty> {
    Some(match name {
        "abspath" | "base64decode" | "base64encode" | "base64gzip" | "base64sha256"
        | "base64sha512" | "basename" | "bcrypt" | "chomp" | "cidrhost" | "cidrnetmask"
        | "cidrsubnet" | "dirname" | "file" | "filebase64" | "filebase64sha256"
        | "filebase64sha512" | "filemd5" | "filesha1" | "filesha256" | "filesha512" | "format"
        | "formatdate" | "indent" | "join" | "jsonencode" | "lower" | "md5" | "pathexpand"
        | "plantimestamp" | "replace" | "rsadecrypt" | "sha1" | "sha256" | "sha512" | "strrev"
        | "substr" | "textdecodebase64" | "textencodebase64" | "timeadd" | "timestamp"
        | "title" | "tostring" | "trim" | "trimprefix" | "trimspace" | "trimsuffix" | "upper"
        | "urlencode" | "urldecode" | "uuid" | "uuidv5" | "yamlencode" => Ty::String,
        "abs" | "ceil" | "floor" | "index" | "length" | "log" | "max" | "min" | "parseint"
        | "pow" | "signum" | "sum" | "timecmp" | "tonumber" => Ty::Number,
        "alltrue" | "anytrue" | "contains" | "endswith" | "fileexists" | "issensitive"
        | "startswith" | "strcontains" | "tobool" => Ty::Bool,
        "cidrsubnets" | "compact" | "formatlist" | "sort" | "split" => {
            Ty::List(Arc::new(Ty::String))
        }
        "range" => Ty::List(Arc::new(Ty::Number)),
        "fileset" => Ty::Set(Arc::new(Ty::String)),
        _ => return None,
    })
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

/// The elements of a list, set or tuple, in order; the elements themselves may be unknown.
fn items(value: &Value) -> std::result::Result<&[Value], Failure> {
    match &value.kind {
        Kind::List(items) if value.set && !set::is_ordered(items) => Err(set::unordered(items)),
        Kind::List(items) if matches!(value.ty.as_deref(), Some(Ty::Open)) && items.len() > 1 => {
            Err(Unknown::Unsupported(
                "a list whose type is not known".to_owned(),
            ))
        }
        Kind::List(items) => Ok(items),
        _ => Err(why(value, "a list is required")),
    }
}

/// An argument converted to the type of its parameter, which is never null.
fn converted(value: &Value, to: &Ty) -> std::result::Result<Value, Failure> {
    let value = ty::convert(value.clone(), to);
    match &value.kind {
        Kind::Null => Err(Unknown::Invalid("an argument that is null".to_owned())),
        Kind::Unknown(_) | Kind::Ref(_) => Err(why(&value, "another type is required")),
        _ => Ok(value),
    }
}

/// What a function chose, with the arguments that it looked at on the way.
fn choosing(chosen: Value, args: &[Value]) -> Value {
    args.iter().fold(chosen, Value::chosen_by)
}

/// Something new with a type of its own.
fn made_value(value: Value) -> Result {
    Ok(Outcome::MadeValue(value))
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
fn strings(items: impl IntoIterator<Item = String>) -> Value {
    let items = items.into_iter().map(|s| Value::new(Kind::String(s)));
    typed(
        Value::new(Kind::List(items.collect())),
        Ty::List(Arc::new(Ty::String)),
    )
}

/// Text as what a function made.
fn made_text(text: String) -> Result {
    Ok(Outcome::Made(Kind::String(text)))
}

/// A whole number as a value.
#[expect(clippy::cast_precision_loss, reason = "sizes and positions are small")]
fn count(n: usize) -> Kind {
    Kind::Number(n as f64)
}
