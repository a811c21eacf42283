//! Operators, and the common type of the branches of a conditional.

use hcl_edit::expr::{BinaryOperator, UnaryOperator};

use super::convert::{self, Primitive, primitive, to_bool, to_number, to_string};
use super::{Kind, Part, Unknown, Value};

/// Within this, sums and products of f64 are exact and print as Terraform's decimals do.
const EXACT: f64 = 68_719_476_736.0; // 2^36
const FRACTION: f64 = 65_536.0; // 2^16

/// Whether arithmetic on this number is exact in an f64 (few binary digits before and after the point).
fn exact(n: f64) -> bool {
    n.is_finite() && n.abs() <= EXACT * FRACTION && (n * FRACTION).fract() == 0.0
}

fn unknown(values: &[&Value], otherwise: &str) -> Kind {
    let invalid = values.iter().find_map(|v| match &v.kind {
        Kind::Unknown(why @ Unknown::Invalid(_)) => Some(why.clone()),
        _ => None,
    });
    Kind::Unknown(
        invalid
            .or_else(|| values.iter().find_map(|v| v.why_unknown()))
            .unwrap_or_else(|| Unknown::Invalid(otherwise.to_owned())),
    )
}

/// `!x`, `-x`.
pub(super) fn unary(operator: UnaryOperator, operand: &Value) -> Kind {
    match operator {
        UnaryOperator::Not => match to_bool(operand.clone()).kind {
            Kind::Bool(b) => Kind::Bool(!b),
            _ => unknown(&[operand], "`!` of something that is no boolean"),
        },
        UnaryOperator::Neg => match to_number(operand.clone()).kind {
            Kind::Number(n) => Kind::Number(-n),
            _ => unknown(&[operand], "`-` of something that is no number"),
        },
    }
}

/// `a op b`.
pub(super) fn binary(operator: BinaryOperator, left: &Value, right: &Value) -> Kind {
    use BinaryOperator as Op;
    match operator {
        Op::And | Op::Or => logical(operator == Op::Or, left, right),
        Op::Eq | Op::NotEq => match equal(left, right) {
            Some(same) => Kind::Bool(same == (operator == Op::Eq)),
            None => match (left.why_unknown(), right.why_unknown()) {
                (None, None) => Kind::Unknown(Unknown::Unsupported(
                    "the comparison of lists or objects".to_owned(),
                )),
                _ => unknown(&[left, right], "a comparison"),
            },
        },
        _ => arithmetic(operator, left, right),
    }
}

fn logical(decisive: bool, left: &Value, right: &Value) -> Kind {
    let sides = [to_bool(left.clone()), to_bool(right.clone())];
    if sides
        .iter()
        .any(|s| matches!(s.kind, Kind::Unknown(Unknown::Invalid(_)) | Kind::Null))
    {
        return unknown(&[&sides[0], &sides[1]], "a logical operator on no boolean");
    }
    // One decisive side is enough, whatever the other will be.
    if sides.iter().any(|s| s.kind == Kind::Bool(decisive)) {
        return Kind::Bool(decisive);
    }
    if sides.iter().all(|s| matches!(s.kind, Kind::Bool(_))) {
        return Kind::Bool(!decisive);
    }
    unknown(&[left, right], "a logical operator on no boolean")
}

fn arithmetic(operator: BinaryOperator, left: &Value, right: &Value) -> Kind {
    use BinaryOperator as Op;
    let (Kind::Number(a), Kind::Number(b)) =
        (to_number(left.clone()).kind, to_number(right.clone()).kind)
    else {
        return unknown(&[left, right], "arithmetic on something that is no number");
    };
    match operator {
        Op::Less => return Kind::Bool(a < b),
        Op::LessEq => return Kind::Bool(a <= b),
        Op::Greater => return Kind::Bool(a > b),
        Op::GreaterEq => return Kind::Bool(a >= b),
        _ => {}
    }
    if matches!(operator, Op::Div | Op::Mod) && b == 0.0 {
        // Terraform's own answer depends on the operands (it may be infinite, and is no error then).
        return Kind::Unknown(Unknown::Unsupported("division by zero".to_owned()));
    }
    let result = match operator {
        Op::Plus => a + b,
        Op::Minus => a - b,
        Op::Mul => a * b,
        Op::Div => a / b,
        _ => a % b,
    };
    let sound = exact(a) && exact(b) && exact(result) && (operator != Op::Div || result * b == a);
    if sound {
        Kind::Number(result)
    } else {
        Kind::Unknown(Unknown::Unsupported(
            "arithmetic with this precision".to_owned(),
        ))
    }
}

/// Whether two values are equal; `None` when that is not certain.
pub(crate) fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (&left.kind, &right.kind) {
        (Kind::Unknown(_) | Kind::Ref(_), _) | (_, Kind::Unknown(_) | Kind::Ref(_)) => None,
        (Kind::Null, Kind::Null) => Some(true),
        (Kind::Null, _) | (_, Kind::Null) => Some(false),
        (Kind::Bool(a), Kind::Bool(b)) => Some(a == b),
        (Kind::Number(a), Kind::Number(b)) => Some(a == b),
        (Kind::String(a), Kind::String(b)) => Some(a == b),
        (Kind::Pattern(parts), Kind::String(text)) | (Kind::String(text), Kind::Pattern(parts)) => {
            could_be(parts, text)
                .then_some(())
                .map_or(Some(false), |()| None)
        }
        (Kind::List(_) | Kind::Object(_), Kind::List(_) | Kind::Object(_))
        | (Kind::Pattern(_), Kind::Pattern(_)) => None,
        // Values of different types are different.
        _ => Some(false),
    }
}

/// Whether the text could be what the pattern becomes, judged by its ends.
fn could_be(parts: &[Part], text: &str) -> bool {
    let start = match parts.first() {
        Some(Part::Text(start)) => start.as_str(),
        _ => "",
    };
    let end = match parts.last() {
        Some(Part::Text(end)) => end.as_str(),
        _ => "",
    };
    text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
}

/// The chosen branch of a conditional, converted to the type that it has in common with the other one.
pub(super) fn branch(chosen: Value, other: &Value) -> Value {
    match (primitive(&chosen.kind), primitive(&other.kind)) {
        (Some(mine), Some(theirs)) if mine != theirs => match theirs {
            Primitive::String => to_string(chosen),
            _ if mine == Primitive::String => chosen,
            _ => chosen.with_kind(Kind::Unknown(Unknown::Invalid(
                "a conditional with branches of different types".to_owned(),
            ))),
        },
        (Some(_), None) if matches!(other.kind, Kind::List(_) | Kind::Object(_)) => chosen
            .with_kind(Kind::Unknown(Unknown::Invalid(
                "a conditional with branches of different types".to_owned(),
            ))),
        (None, _) => composite_branch(chosen, other),
        _ => chosen,
    }
}

/// Lists and objects: where the elements of both sides have one primitive type the content stays as it is; a mix with
/// strings becomes strings, as Terraform unifies.
fn composite_branch(chosen: Value, other: &Value) -> Value {
    let mut types: Vec<Primitive> = Vec::new();
    let mut nested = false;
    for side in [&chosen, other] {
        let items: Vec<&Value> = match &side.kind {
            Kind::List(items) => items.iter().collect(),
            Kind::Object(map) => map.values().collect(),
            _ => return chosen.clone(),
        };
        for item in items {
            match primitive(&item.kind) {
                Some(p) if !types.contains(&p) => types.push(p),
                Some(_) => {}
                None => nested |= matches!(item.kind, Kind::List(_) | Kind::Object(_)),
            }
        }
    }
    let same_shape = match (&chosen.kind, &other.kind) {
        (Kind::Object(a), Kind::Object(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|((ka, va), (kb, vb))| {
                    ka == kb && primitive(&va.kind) == primitive(&vb.kind)
                })
        }
        (Kind::List(a), Kind::List(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .all(|(a, b)| primitive(&a.kind) == primitive(&b.kind))
        }
        _ => {
            return chosen.with_kind(Kind::Unknown(Unknown::Invalid(
                "a conditional with branches of different types".to_owned(),
            )));
        }
    };
    if same_shape || types.len() < 2 {
        return chosen;
    }
    if nested || !types.contains(&Primitive::String) {
        return chosen.with_kind(Kind::Unknown(Unknown::Unsupported(
            "a conditional between values of different shapes".to_owned(),
        )));
    }
    let kind = match chosen.kind {
        Kind::List(items) => Kind::List(items.into_iter().map(convert::to_string).collect()),
        Kind::Object(map) => Kind::Object(
            map.into_iter()
                .map(|(k, v)| (k, convert::to_string(v)))
                .collect(),
        ),
        kind => kind,
    };
    Value { kind, ..chosen }
}
