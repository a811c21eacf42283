//! Terraform's types of values: what a value's type is, the type that several have in common, and conversion.
//!
//! Much that Terraform computes depends on types that a literal does not show: whether `[1, "a"]` became a list (then
//! it is `["1", "a"]`), what an empty list would hold, what a null stands for. [`Ty::Open`] is the type of what is not
//! known here (an attribute of a resource, say): nothing that could depend on it may become a known value.

mod conversion;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use conversion::{convert, typed};

use super::{Kind, Unknown, Value};

/// A type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ty {
    /// Not known here.
    Open,
    /// Terraform's placeholder: of `null`, of what failed, of the elements of `[]`.
    Any,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(…)`
    List(Arc<Self>),
    /// `set(…)`
    Set(Arc<Self>),
    /// `map(…)`
    Map(Arc<Self>),
    /// `object({…})`
    Object(BTreeMap<String, Self>),
    /// `tuple([…])`
    Tuple(Vec<Self>),
}

/// Why types have nothing in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Apart {
    /// An error in Terraform.
    Never,
    /// Terraform gives something that is not known.
    Undetermined,
}

impl Apart {
    /// As the reason of a value that is not known.
    pub(crate) fn reason(self, what: &str) -> Unknown {
        match self {
            Self::Never => Unknown::Invalid(format!("{what} of different types")),
            Self::Undetermined => Unknown::Unsupported(format!("{what} whose type is left open")),
        }
    }
}

impl Ty {
    /// The type of a value.
    pub(crate) fn of(value: &Value) -> Self {
        if let Some(ty) = &value.ty {
            return (**ty).clone();
        }
        match &value.kind {
            Kind::Null | Kind::Unknown(Unknown::Invalid(_)) => Self::Any,
            Kind::Bool(_) => Self::Bool,
            Kind::Number(_) => Self::Number,
            Kind::String(_) | Kind::Pattern(_) => Self::String,
            Kind::Unknown(_) | Kind::Ref(_) => Self::Open,
            Kind::List(items) if value.set => {
                let types: Vec<Self> = items.iter().map(Self::of).collect();
                Self::Set(Arc::new(unify(&types).unwrap_or(Self::Open)))
            }
            Kind::List(items) => Self::Tuple(items.iter().map(Self::of).collect()),
            Kind::Object(map) => {
                Self::Object(map.iter().map(|(k, v)| (k.clone(), Self::of(v))).collect())
            }
        }
    }

    /// Whether some part of it is not known here.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Open => true,
            Self::Any | Self::Bool | Self::Number | Self::String => false,
            Self::List(of) | Self::Set(of) | Self::Map(of) => of.is_open(),
            Self::Object(fields) => fields.values().any(Self::is_open),
            Self::Tuple(items) => items.iter().any(Self::is_open),
        }
    }

    /// Whether some part of it is a placeholder.
    fn has_any(&self) -> bool {
        match self {
            Self::Any => true,
            Self::Open | Self::Bool | Self::Number | Self::String => false,
            Self::List(of) | Self::Set(of) | Self::Map(of) => of.has_any(),
            Self::Object(fields) => fields.values().any(Self::has_any),
            Self::Tuple(items) => items.iter().any(Self::has_any),
        }
    }

    fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }

    /// As Terraform's plan writes it in JSON; `None` when some of it is open.
    pub(crate) fn json(&self) -> Option<String> {
        Some(match self {
            Self::Open => return None,
            Self::Any => "\"dynamic\"".to_owned(),
            Self::Bool => "\"bool\"".to_owned(),
            Self::Number => "\"number\"".to_owned(),
            Self::String => "\"string\"".to_owned(),
            Self::List(of) => format!("[\"list\",{}]", of.json()?),
            Self::Set(of) => format!("[\"set\",{}]", of.json()?),
            Self::Map(of) => format!("[\"map\",{}]", of.json()?),
            Self::Object(fields) => {
                let fields: Option<Vec<String>> = fields
                    .iter()
                    .map(|(k, t)| Some(format!("{}:{}", serde_json::json!(k), t.json()?)))
                    .collect();
                format!("[\"object\",{{{}}}]", fields?.join(","))
            }
            Self::Tuple(items) => {
                let items: Option<Vec<String>> = items.iter().map(Self::json).collect();
                format!("[\"tuple\",[{}]]", items?.join(","))
            }
        })
    }

    /// Which of two is the more general one (`Less`: the first), as far as that can be said.
    fn compare(&self, other: &Self) -> std::cmp::Ordering {
        use std::cmp::Ordering::{Equal, Greater, Less};
        match (self, other) {
            (Self::Any, Self::Any) => Equal,
            (_, Self::Any) => Less,
            (Self::Any, _) => Greater,
            (Self::String, Self::String) => Equal,
            (Self::String, b) if b.is_primitive() => Less,
            (a, Self::String) if a.is_primitive() => Greater,
            (Self::List(a), Self::List(b))
            | (Self::Set(a), Self::Set(b))
            | (Self::Map(a), Self::Map(b)) => a.compare(b),
            (Self::Tuple(_) | Self::List(_), Self::Set(_))
            | (Self::List(_), Self::Tuple(_))
            | (Self::Map(_), Self::Object(_)) => Less,
            (Self::Set(_), Self::Tuple(_) | Self::List(_))
            | (Self::Tuple(_), Self::List(_))
            | (Self::Object(_), Self::Map(_)) => Greater,
            (Self::Object(a), Self::Object(b)) => {
                if a.len() != b.len() || !a.keys().eq(b.keys()) {
                    return Equal;
                }
                majority(a.values().zip(b.values()).map(|(a, b)| a.compare(b)))
            }
            (Self::Tuple(a), Self::Tuple(b)) if a.len() == b.len() => {
                majority(a.iter().zip(b).map(|(a, b)| a.compare(b)))
            }
            _ => Equal,
        }
    }

    /// Whether a conversion exists; it may fail for a certain value all the same.
    pub(super) fn converts_to(&self, to: &Self) -> bool {
        match (self, to) {
            (_, Self::Any | Self::Open) | (Self::Any | Self::Open, _) => true,
            (a, b) if a == b && a.is_primitive() => true,
            (Self::Bool | Self::Number, Self::String)
            | (Self::String, Self::Bool | Self::Number) => true,
            (Self::Object(from), Self::Object(to)) => to
                .iter()
                .all(|(name, of)| from.get(name).is_some_and(|f| f.converts_to(of))),
            (Self::Tuple(from), Self::Tuple(to)) => {
                from.len() == to.len() && from.iter().zip(to).all(|(a, b)| a.converts_to(b))
            }
            (Self::List(a) | Self::Set(a), Self::List(b) | Self::Set(b))
            | (Self::Map(a), Self::Map(b)) => a.converts_to(b),
            (Self::Tuple(items), Self::List(of) | Self::Set(of)) => elements_convert(items, of),
            (Self::Object(fields), Self::Map(of)) => {
                elements_convert(&fields.values().cloned().collect::<Vec<_>>(), of)
            }
            (Self::Map(of), Self::Object(fields)) => fields.values().all(|f| of.converts_to(f)),
            _ => false,
        }
    }
}

fn elements_convert(items: &[Ty], of: &Ty) -> bool {
    if *of == Ty::Any {
        items.is_empty() || unify(items).is_ok()
    } else {
        items.iter().all(|t| t.converts_to(of))
    }
}

fn majority(of: impl Iterator<Item = std::cmp::Ordering>) -> std::cmp::Ordering {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let (mut less, mut greater) = (false, false);
    for order in of {
        less |= order == Less;
        greater |= order == Greater;
    }
    match (less, greater) {
        (true, false) => Less,
        (false, true) => Greater,
        _ => Equal,
    }
}

/// The type to which all of these can be converted. Of no types it is [`Ty::Any`].
pub(crate) fn unify(types: &[Ty]) -> Result<Ty, Apart> {
    let Some(first) = types.first() else {
        return Ok(Ty::Any);
    };
    if types.iter().all(|t| t == first) {
        return Ok(first.clone());
    }
    if types.contains(&Ty::Open) {
        return Ok(Ty::Open);
    }
    let count = |is: fn(&Ty) -> bool| types.iter().filter(|t| is(t)).count();
    let any = count(|t| *t == Ty::Any);
    let [maps, lists, sets, objects, tuples] = [
        count(|t| matches!(t, Ty::Map(_))),
        count(|t| matches!(t, Ty::List(_))),
        count(|t| matches!(t, Ty::Set(_))),
        count(|t| matches!(t, Ty::Object(_))),
        count(|t| matches!(t, Ty::Tuple(_))),
    ];
    let all = types.len();
    let of_one_kind = [maps, lists, sets, objects, tuples]
        .iter()
        .any(|n| *n > 0 && n + any == all);
    if of_one_kind && any > 0 {
        return Err(Apart::Undetermined);
    }
    if maps == all || lists == all || sets == all {
        let of: Vec<Ty> = types.iter().filter_map(element).collect();
        let of = Arc::new(unify(&of)?);
        return Ok(match first {
            Ty::Map(_) => Ty::Map(of),
            Ty::List(_) => Ty::List(of),
            _ => Ty::Set(of),
        });
    }
    if objects == all {
        return unify_objects(types);
    }
    if tuples == all {
        return unify_tuples(types);
    }
    if maps > 0 && maps + objects + any == all {
        match as_collections(types, |t| matches!(t, Ty::Object(_))) {
            Ok(ty @ Ty::Map(_)) => return Ok(ty),
            Err(Apart::Undetermined) => return Err(Apart::Undetermined),
            _ => {}
        }
    } else if lists > 0 && lists + tuples + any == all {
        match as_collections(types, |t| matches!(t, Ty::Tuple(_))) {
            Ok(ty @ Ty::List(_)) => return Ok(ty),
            Err(Apart::Undetermined) => return Err(Apart::Undetermined),
            _ => {}
        }
    } else if objects > 0 && tuples > 0 {
        return Err(Apart::Never);
    }
    preferred(types)
}

fn element(ty: &Ty) -> Option<Ty> {
    match ty {
        Ty::List(of) | Ty::Set(of) | Ty::Map(of) => Some((**of).clone()),
        _ => None,
    }
}

/// The type of the elements of a collection whose type may be open.
fn own_element(ty: &Ty) -> Option<Ty> {
    if *ty == Ty::Open {
        Some(Ty::Open)
    } else {
        element(ty)
    }
}

/// Objects beside maps are taken for maps, tuples beside lists for lists.
fn as_collections(types: &[Ty], is: fn(&Ty) -> bool) -> Result<Ty, Apart> {
    let own: Vec<Ty> = types.iter().filter(|t| is(t)).cloned().collect();
    let parts = pieces(&own);
    if parts.is_empty() {
        return Err(Apart::Never);
    }
    let of = Arc::new(unify(&parts)?);
    let collection = match own.first() {
        Some(Ty::Object(_)) => Ty::Map(of),
        _ => Ty::List(of),
    };
    let same: Vec<Ty> = types
        .iter()
        .map(|t| if is(t) { collection.clone() } else { t.clone() })
        .collect();
    unify(&same)
}

/// The types of all attributes or elements.
fn pieces(types: &[Ty]) -> Vec<Ty> {
    types
        .iter()
        .flat_map(|t| match t {
            Ty::Object(fields) => fields.values().cloned().collect(),
            Ty::Tuple(items) => items.clone(),
            _ => Vec::new(),
        })
        .collect()
}

fn unify_objects(types: &[Ty]) -> Result<Ty, Apart> {
    let fields: Vec<&BTreeMap<String, Ty>> = types
        .iter()
        .filter_map(|t| match t {
            Ty::Object(fields) => Some(fields),
            _ => None,
        })
        .collect();
    let to_map = || {
        let parts = pieces(types);
        let of = unify(&parts)?;
        if parts.iter().all(|t| t.converts_to(&of)) {
            Ok(Ty::Map(Arc::new(of)))
        } else {
            Err(Apart::Never)
        }
    };
    let first = fields[0];
    if fields.iter().any(|f| !f.keys().eq(first.keys())) {
        return to_map();
    }
    let mut common = BTreeMap::new();
    for name in first.keys() {
        let across: Vec<Ty> = fields.iter().filter_map(|f| f.get(name).cloned()).collect();
        common.insert(name.clone(), unify(&across)?);
    }
    let common = Ty::Object(common);
    if types.iter().all(|t| t.converts_to(&common)) {
        Ok(common)
    } else {
        to_map()
    }
}

fn unify_tuples(types: &[Ty]) -> Result<Ty, Apart> {
    let items: Vec<&Vec<Ty>> = types
        .iter()
        .filter_map(|t| match t {
            Ty::Tuple(items) => Some(items),
            _ => None,
        })
        .collect();
    let to_list = || {
        let parts = pieces(types);
        let of = unify(&parts)?;
        if parts.iter().all(|t| t.converts_to(&of)) {
            Ok(Ty::List(Arc::new(of)))
        } else {
            Err(Apart::Never)
        }
    };
    let length = items[0].len();
    if items.iter().any(|i| i.len() != length) {
        return to_list();
    }
    let common = (0..length)
        .map(|at| {
            let across: Vec<Ty> = items.iter().filter_map(|i| i.get(at).cloned()).collect();
            unify(&across)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let common = Ty::Tuple(common);
    if types.iter().all(|t| t.converts_to(&common)) {
        Ok(common)
    } else {
        to_list()
    }
}

/// The first of the types, the most general ones before the others, to which all can be converted.
fn preferred(types: &[Ty]) -> Result<Ty, Apart> {
    if types.iter().any(Ty::is_open) {
        let primitive = |t: &Ty| matches!(t, Ty::Bool | Ty::Number | Ty::String);
        // Whatever is open inside of a collection, no text becomes one.
        let mixed = types.iter().any(primitive)
            && types
                .iter()
                .any(|t| !primitive(t) && !matches!(t, Ty::Any | Ty::Open));
        return match (mixed, types.contains(&Ty::Any)) {
            (true, false) => Err(Apart::Never),
            (true, true) => Err(Apart::Undetermined),
            _ => Ok(Ty::Open),
        };
    }
    let mut edges: Vec<Vec<usize>> = vec![Vec::new(); types.len()];
    let mut above = vec![0usize; types.len()];
    for i in 0..types.len() {
        for j in i + 1..types.len() {
            match types[i].compare(&types[j]) {
                std::cmp::Ordering::Less => {
                    edges[i].push(j);
                    above[j] += 1;
                }
                std::cmp::Ordering::Greater => {
                    edges[j].push(i);
                    above[i] += 1;
                }
                std::cmp::Ordering::Equal => {}
            }
        }
    }
    let mut order: Vec<usize> = (0..types.len()).filter(|i| above[*i] == 0).collect();
    let mut at = 0;
    while let Some(&next) = order.get(at) {
        at += 1;
        for &below in &edges[next] {
            above[below] -= 1;
            if above[below] == 0 {
                order.push(below);
            }
        }
    }
    order
        .into_iter()
        .map(|i| &types[i])
        .find(|wanted| types.iter().all(|t| t.converts_to(wanted)))
        .cloned()
        .ok_or(Apart::Never)
        .and_then(|ty| match ty {
            // Everything becomes the placeholder; nothing has one type then.
            Ty::Any => Err(Apart::Undetermined),
            ty => Ok(ty),
        })
}
