//! Values that are given as text: `-var`, `TF_VAR_`.
//!
//! They stand in no file, so nothing of them can be edited, and only literals count: Terraform allows no more.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey, UnaryOperator};

use super::{Kind, Origin, OriginPlace, Unknown, Value, convert};
use crate::terraform::source::RepoPath;

/// How Terraform reads a value that is given as text.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// As it is: for a variable of a primitive type, or of none.
    Text,
    /// As an expression.
    Expression,
}

/// What a text is worth for a variable.
pub(super) fn value(name: &str, text: &str, form: Form) -> Value {
    let mut value = match form {
        Form::Text => Value::new(Kind::String(text.to_owned())),
        Form::Expression => text
            .parse::<Expression>()
            .ok()
            .and_then(|expression| literal(text, &expression))
            .unwrap_or_else(|| {
                Value::unknown(Unknown::Invalid(format!("the given value of `{name}`")))
            }),
    };
    let origin = Origin {
        file: RepoPath::default(),
        span: 0..0,
        place: OriginPlace::Supplied(name.to_owned()),
    };
    decide_by(&mut value, &origin);
    value
}

fn literal(text: &str, expression: &Expression) -> Option<Value> {
    let kind = match expression {
        Expression::Null(_) => Kind::Null,
        Expression::Bool(b) => Kind::Bool(*b.value()),
        Expression::Number(_) => Kind::Number(convert::decimal(text.get(expression.span()?)?)?),
        Expression::UnaryOp(op) if *op.operator.value() == UnaryOperator::Neg => {
            Kind::Number(-literal(text, &op.expr)?.as_number()?)
        }
        Expression::String(s) => Kind::String(s.value().clone()),
        Expression::Parenthesis(inner) => return literal(text, inner.inner()),
        Expression::Array(items) => Kind::List(
            items
                .iter()
                .map(|item| literal(text, item))
                .collect::<Option<_>>()?,
        ),
        Expression::Object(map) => Kind::Object(
            map.iter()
                .map(|(key, value)| {
                    let key = match key {
                        ObjectKey::Ident(name) => name.as_str().to_owned(),
                        ObjectKey::Expression(key) => literal(text, key)?.as_text()?,
                    };
                    Some((key, literal(text, value.expr())?))
                })
                .collect::<Option<_>>()?,
        ),
        _ => return None,
    };
    Some(Value::new(kind))
}

/// Makes one place decide a value and every element of it.
fn decide_by(value: &mut Value, origin: &Origin) {
    value.decided_by = vec![origin.clone()];
    match &mut value.kind {
        Kind::List(items) => items.iter_mut().for_each(|v| decide_by(v, origin)),
        Kind::Object(map) => map.values_mut().for_each(|v| decide_by(v, origin)),
        _ => {}
    }
}
