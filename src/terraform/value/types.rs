//! Type constraints of variables, and the conversion of values to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::expr::{Expression, ObjectKey};

use super::ty::{self, Ty};
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

    /// The type itself, without what `optional` says; `None` when it is not understood.
    pub(crate) fn ty(&self) -> Option<Ty> {
        Some(match self {
            Self::Any => Ty::Any,
            Self::String => Ty::String,
            Self::Number => Ty::Number,
            Self::Bool => Ty::Bool,
            Self::List(of) => Ty::List(Arc::new(of.ty()?)),
            Self::Set(of) => Ty::Set(Arc::new(of.ty()?)),
            Self::Map(of) => Ty::Map(Arc::new(of.ty()?)),
            Self::Object(fields) => Ty::Object(
                fields
                    .iter()
                    .map(|(name, field)| Some((name.clone(), field.of.ty()?)))
                    .collect::<Option<_>>()?,
            ),
            Self::Tuple(items) => Ty::Tuple(items.iter().map(Self::ty).collect::<Option<_>>()?),
            Self::Other => return None,
        })
    }

    /// Converts a value as Terraform does when it is assigned to a variable of this type.
    pub(crate) fn convert(&self, value: Value) -> Value {
        match self.ty() {
            Some(ty) => ty::convert(self.with_defaults(value), &ty),
            None if matches!(value.kind, Kind::Null | Kind::Unknown(_) | Kind::Ref(_)) => value,
            None => value.with_kind(Kind::Unknown(Unknown::Unsupported(
                "this type constraint".to_owned(),
            ))),
        }
    }

    /// Whether attributes may be missing somewhere in a value of this type.
    fn holds_objects(&self) -> bool {
        match self {
            Self::Object(_) => true,
            Self::List(of) | Self::Set(of) | Self::Map(of) => of.holds_objects(),
            Self::Tuple(of) => of.iter().any(Self::holds_objects),
            _ => false,
        }
    }

    /// With what `optional` says for the attributes that are not there.
    fn with_defaults(&self, mut value: Value) -> Value {
        match (self, std::mem::replace(&mut value.kind, Kind::Null)) {
            (Self::List(of) | Self::Set(of), Kind::List(items)) => {
                let items = items.into_iter().map(|v| of.with_defaults(v)).collect();
                value.kind = Kind::List(items);
            }
            (Self::Tuple(of), Kind::List(items)) if of.len() == items.len() => {
                let pairs = items.into_iter().zip(of);
                value.kind = Kind::List(pairs.map(|(v, of)| of.with_defaults(v)).collect());
            }
            (Self::Map(of), Kind::Object(map)) => {
                let items = map.into_iter().map(|(k, v)| (k, of.with_defaults(v)));
                value.kind = Kind::Object(items.collect());
            }
            (Self::Object(fields), Kind::Object(mut map)) => {
                // Whoever adds the attribute there changes what it holds here.
                let given = Value {
                    kind: Kind::Null,
                    ..value.clone()
                };
                for (name, field) in fields {
                    let item = match (map.remove(name), &field.default) {
                        // `null` counts as absent where there is a default.
                        (Some(item), None) => item,
                        (Some(item), Some(_)) if !item.is_null() => item,
                        (Some(null), Some(default)) => default.clone().chosen_by(&null),
                        (None, Some(default)) => default.clone().chosen_by(&given),
                        (None, None) if field.optional => Value::new(Kind::Null).chosen_by(&given),
                        (None, None) => continue,
                    };
                    map.insert(name.clone(), field.of.with_defaults(item));
                }
                value.kind = Kind::Object(map);
            }
            (_, kind) => {
                value.kind = kind;
                return value;
            }
        }
        // An attribute that came in is in no type that the value had, nor in that of what holds it.
        if self.holds_objects() {
            value.ty = None;
        }
        value
    }
}
