//! Operators, and the common type of the branches of a conditional.

use hcl_edit::expr::{BinaryOperator, UnaryOperator};

use super::convert::{to_bool, to_number};
use super::ty::{self, Ty};
use super::{Kind, Part, Unknown, Value, set};

/// Within this, sums and products of f64 are exact and print as Terraform's decimals do.
const EXACT: f64 = 68_719_476_736.0; // 2^36
const FRACTION: f64 = 65_536.0; // 2^16

/// Whether arithmetic on this number is exact in an f64 (few binary digits before and after the point).
pub(super) fn exact(n: f64) -> bool {
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

/// The type of what an operator gives.
pub(super) fn result(operator: BinaryOperator) -> Ty {
    use BinaryOperator as Op;
    match operator {
        Op::Plus | Op::Minus | Op::Mul | Op::Div | Op::Mod => Ty::Number,
        _ => Ty::Bool,
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
        _ => remainder(a, b),
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

/// What is left of `a` when `b` is taken away as often as it goes: a negative zero only where nothing was taken from one.
fn remainder(a: f64, b: f64) -> f64 {
    let left = a % b;
    match (left == 0.0, a == 0.0) {
        (true, true) => a - b * 0.0,
        (true, false) => 0.0,
        _ => left,
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
        (Kind::List(_) | Kind::Object(_), Kind::List(_) | Kind::Object(_)) => {
            equal_collections(left, right)
        }
        (Kind::Pattern(_), Kind::Pattern(_)) => None,
        // Values of different types are different.
        _ => Some(false),
    }
}

/// Lists, sets, maps and objects: of one type, and equal piece by piece.
fn equal_collections(left: &Value, right: &Value) -> Option<bool> {
    let (mine, theirs) = (Ty::of(left), Ty::of(right));
    if mine.is_open() || theirs.is_open() {
        return None;
    }
    if mine != theirs {
        // With something unknown inside, Terraform does not decide yet.
        return (left.is_known() && right.is_known()).then_some(false);
    }
    let pairs: Vec<(&Value, &Value)> = match (&left.kind, &right.kind) {
        (Kind::List(a), Kind::List(b)) => {
            let certain = !left.set || (set::is_ordered(a) && set::is_ordered(b));
            if !certain {
                return None;
            }
            if a.len() != b.len() {
                return Some(false);
            }
            if left.set && !a.iter().zip(b).all(|(a, b)| set::same_zeros(a, b)) {
                return Some(false);
            }
            a.iter().zip(b).collect()
        }
        (Kind::Object(a), Kind::Object(b)) => {
            if !a.keys().eq(b.keys()) {
                return Some(false);
            }
            a.values().zip(b.values()).collect()
        }
        _ => return None,
    };
    let mut open = false;
    for (a, b) in pairs {
        match equal(a, b) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => open = true,
        }
    }
    (!open).then_some(true)
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
    let (mine, theirs) = (Ty::of(&chosen), Ty::of(other));
    let null = |value: &Value| value.is_null() && value.ty.is_none();
    if null(&chosen) {
        return ty::convert(chosen, &theirs);
    }
    if null(other) {
        return chosen;
    }
    match ty::unify(&[mine, theirs]) {
        Ok(common) => ty::convert(chosen, &common),
        Err(apart) => chosen.with_kind(Kind::Unknown(apart.reason("branches of a conditional"))),
    }
}
