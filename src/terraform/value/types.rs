//! Type constraints of variables, and the conversion of values to them.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, ObjectKey};

use super::convert::{to_bool, to_number, to_set, to_string, unified};
use super::{Kind, Unknown, Value};

/// One attribute of an object type.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// What it holds.
    pub(crate) of: Type,
    /// `optional(…)`.
    pub(crate) optional: bool,
    /// The second argument of `optional`.
    pub(crate) default: Option<Value>,
}

/// A type constraint.
#[derive(Debug, Clone)]
pub(crate) enum Type {
    /// `any`, or none given.
    Any,
    /// `string`
    String,
    /// `number`
    Number,
    /// `bool`
    Bool,
    /// `list(…)`
    List(Box<Self>),
    /// `set(…)`
    Set(Box<Self>),
    /// `map(…)`
    Map(Box<Self>),
    /// `object({…})`
    Object(BTreeMap<String, Field>),
    /// `tuple([…])`
    Tuple(Vec<Self>),
    /// One that is not understood: values of it stay as they are only if they are not known.
    Other,
}

impl Type {
    /// Reads a constraint; defaults of `optional` are evaluated by `literal`.
    pub(crate) fn read(
        expression: &Expression,
        literal: &mut dyn FnMut(&Expression) -> Value,
    ) -> Self {
        match expression {
            Expression::Parenthesis(inner) => Self::read(inner.inner(), literal),
            Expression::Variable(name) => Self::named(name.value().as_str()),
            // The form of Terraform 0.11.
            Expression::String(name) => Self::named(name.value().as_str()),
            Expression::FuncCall(call) => {
                let Some(of) = call.args.get(0) else {
                    return Self::Other;
                };
                match call.name.name.value().as_str() {
                    "list" => Self::List(Box::new(Self::read(of, literal))),
                    "set" => Self::Set(Box::new(Self::read(of, literal))),
                    "map" => Self::Map(Box::new(Self::read(of, literal))),
                    "optional" => Self::read(of, literal),
                    "object" => match of {
                        Expression::Object(fields) => Self::object(fields, literal),
                        _ => Self::Other,
                    },
                    "tuple" => match of {
                        Expression::Array(items) => {
                            Self::Tuple(items.iter().map(|t| Self::read(t, literal)).collect())
                        }
                        _ => Self::Other,
                    },
                    _ => Self::Other,
                }
            }
            _ => Self::Other,
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "any" => Self::Any,
            "string" => Self::String,
            "number" => Self::Number,
            "bool" => Self::Bool,
            "list" => Self::List(Box::new(Self::Any)),
            "set" => Self::Set(Box::new(Self::Any)),
            "map" => Self::Map(Box::new(Self::Any)),
            _ => Self::Other,
        }
    }

    fn object(
        fields: &hcl_edit::expr::Object,
        literal: &mut dyn FnMut(&Expression) -> Value,
    ) -> Self {
        let mut known = BTreeMap::new();
        for (key, field) in fields {
            let name = match key {
                ObjectKey::Ident(name) => name.value().as_str().to_owned(),
                ObjectKey::Expression(Expression::String(name)) => name.value().clone(),
                ObjectKey::Expression(Expression::Variable(name)) => {
                    name.value().as_str().to_owned()
                }
                ObjectKey::Expression(_) => return Self::Other,
            };
            let of = Self::read(field.expr(), literal);
            let (mut optional, mut default) = (false, None);
            if let Expression::FuncCall(call) = field.expr()
                && call.name.name.value().as_str() == "optional"
            {
                optional = true;
                default = call.args.get(1).map(&mut *literal);
            }
            known.insert(
                name,
                Field {
                    of,
                    optional,
                    default,
                },
            );
        }
        Self::Object(known)
    }

    /// Converts a value as Terraform does when it is assigned to a variable of this type.
    pub(crate) fn convert(&self, value: Value) -> Value {
        if matches!(value.kind, Kind::Null | Kind::Unknown(_) | Kind::Ref(_)) {
            return value;
        }
        match self {
            Self::Any => value,
            Self::String => to_string(value),
            Self::Number => to_number(value),
            Self::Bool => to_bool(value),
            Self::Other => value.with_kind(Kind::Unknown(Unknown::Unsupported(
                "this type constraint".to_owned(),
            ))),
            Self::List(of) => Self::collection(value, of, false),
            Self::Set(of) => to_set(Self::collection(value, of, true)),
            Self::Map(of) => match value.kind {
                Kind::Object(map) => {
                    let (keys, items): (Vec<_>, Vec<_>) = map.into_iter().unzip();
                    let items = Self::elements(items, of);
                    let kind = Kind::Object(keys.into_iter().zip(items).collect());
                    Value { kind, ..value }
                }
                _ => wrong(value, "a map is required"),
            },
            Self::Object(fields) => Self::fields(value, fields),
            Self::Tuple(of) => match value.kind {
                Kind::List(items) if items.len() == of.len() && !value.set => {
                    let kind = Kind::List(
                        items
                            .into_iter()
                            .zip(of)
                            .map(|(item, of)| of.convert(item))
                            .collect(),
                    );
                    Value { kind, ..value }
                }
                _ => wrong(value, "a tuple of another length is required"),
            },
        }
    }

    fn collection(value: Value, of: &Self, keep_set: bool) -> Value {
        match value.kind {
            Kind::List(items) => {
                let kind = Kind::List(Self::elements(items, of));
                Value {
                    kind,
                    set: value.set && keep_set,
                    ..value
                }
            }
            _ => wrong(value, "a list is required"),
        }
    }

    fn elements(items: Vec<Value>, of: &Self) -> Vec<Value> {
        let items: Vec<Value> = items.into_iter().map(|v| of.convert(v)).collect();
        if matches!(of, Self::Any) {
            unified(items)
        } else {
            items
        }
    }

    fn fields(value: Value, fields: &BTreeMap<String, Field>) -> Value {
        let Kind::Object(mut given) = value.kind else {
            return wrong(value, "an object is required");
        };
        let mut whole = BTreeMap::new();
        for (name, field) in fields {
            let present = given.remove(name);
            let item = match present {
                // `null` counts as absent where there is a default.
                Some(item) if !(item.is_null() && field.default.is_some()) => item,
                Some(_) | None if field.optional => field
                    .default
                    .clone()
                    .unwrap_or_else(|| Value::new(Kind::Null)),
                Some(item) => item,
                None => Value::unknown(Unknown::Invalid(format!("attribute `{name}` is missing"))),
            };
            whole.insert(name.clone(), field.of.convert(item));
        }
        Value {
            kind: Kind::Object(whole),
            ..value
        }
    }
}

fn wrong(mut value: Value, what: &str) -> Value {
    // `Value::kind` may have been moved out of by the caller's match; the reason replaces it either way.
    value.kind = Kind::Unknown(Unknown::Invalid(what.to_owned()));
    value
}
