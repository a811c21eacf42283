//! Companions: resources of another type that refer to an instance.

use hcl_edit::Span as _;

use super::reached::names;
use super::{Configuration, Occurrence, Resource};
use crate::terraform::address::Address;
use crate::terraform::value::{Kind, Reference, Scope, Unknown, Value, content, equal};

/// How sure it is that a companion belongs to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// It may be: what it refers to is not (wholly) known.
    Possible,
    /// It is.
    Certain,
}

/// A resource that refers to an instance.
#[derive(Clone)]
pub struct Companion<'a> {
    /// Its block.
    pub occurrence: Occurrence<'a>,
    /// Its instance; without keys where they are not known.
    pub address: Address,
    /// How sure.
    pub certainty: Certainty,
    /// How sure it is if there is such an instance at all: `count` or `for_each` may not be known.
    pub refers: Certainty,
}

/// References are followed through this many other companions (`bucket = aws_s3_bucket_versioning.x.bucket`).
const HOPS: usize = 6;

impl<'a> Configuration<'a> {
    /// The resources of `companion` type in the whole root whose `attribute` refers to this instance, by reference or
    /// by the same name. `count` and `for_each` keys are respected as far as they are known.
    #[must_use]
    pub fn linked(
        &self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        companion: &str,
        attribute: &str,
    ) -> Vec<Companion<'a>> {
        let mut found = Vec::new();
        let name = self.name_of(occurrence, address, attribute);
        let root = self.tree.nodes[occurrence.node].root;
        for (node, index) in self.places_in(companion, root) {
            let other = self.occurrence_at(node, index);
            let instances = self.instances(&other);
            let mut addresses = instances.known;
            let open = instances.unknown.is_some();
            if open && self.repeats_alike(occurrence, &other) {
                let twin = Address {
                    modules: address.modules.clone(),
                    key: address.key.clone(),
                    ..other.address.unkeyed()
                };
                let certainty = self.link(occurrence, address, &name, &other, &twin, attribute);
                if certainty == Some(Certainty::Certain) {
                    found.push(Companion {
                        occurrence: other,
                        address: twin,
                        certainty: Certainty::Certain,
                        refers: Certainty::Certain,
                    });
                    continue;
                }
            }
            if open {
                addresses.push(other.address.unkeyed());
            }
            let last = addresses.len();
            for (i, instance) in addresses.into_iter().enumerate() {
                let guessed = open && i + 1 == last;
                let certainty = self.link(occurrence, address, &name, &other, &instance, attribute);
                let Some(refers) = certainty else {
                    continue;
                };
                // A block that may have no instance at all.
                let certainty = match guessed {
                    true => Certainty::Possible,
                    false => refers,
                };
                found.push(Companion {
                    occurrence: other.clone(),
                    address: instance,
                    certainty,
                    refers,
                });
            }
        }
        found.sort_by(|a, b| a.address.cmp(&b.address));
        found
    }

    /// Whether two blocks of one module have the same instances, however many these are: both say the same `count` or
    /// `for_each`, or neither has any.
    fn repeats_alike(&self, a: &Occurrence<'a>, b: &Occurrence<'a>) -> bool {
        let written = |occurrence: &Occurrence<'a>, name: &str| {
            let Some((file, attribute)) = self.declared(occurrence).attribute(name) else {
                return Some(None);
            };
            let span = attribute.value.span().filter(|_| file.has_spans())?;
            let words: Vec<&str> = file.slice(span).split_whitespace().collect();
            Some(Some(words.join(" ")))
        };
        a.node == b.node
            && ["count", "for_each"].iter().all(|name| {
                let (x, y) = (written(a, name), written(b, name));
                x.is_some() && x == y
            })
    }

    /// What an instance is called: the attribute of the same name, else the usual ones.
    fn name_of(
        &self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        attribute: &str,
    ) -> Option<Value> {
        [attribute, "name", "identifier"]
            .iter()
            .find_map(|name| self.held(occurrence, address, &[name]).value().cloned())
            .filter(|v| !v.is_null())
    }

    fn link(
        &self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        name: &Option<Value>,
        other: &Occurrence<'a>,
        instance: &Address,
        attribute: &str,
    ) -> Option<Certainty> {
        let (file, written) = self.declared(other).attribute(attribute)?;
        let (evaluator, scope) = self.scope(other, instance, true)?;
        let scope = Scope { file, ..scope };
        let mut kept = evaluator.evaluate(&scope, &written.value);
        for _ in 0..HOPS {
            let Kind::Ref(reference) = &kept.kind else {
                break;
            };
            if same_block(reference, address) {
                return if reference.address == *address {
                    Some(Certainty::Certain)
                } else if reference.address.could_be(address) {
                    Some(Certainty::Possible)
                } else {
                    None
                };
            }
            // Another resource: perhaps what it holds under that name leads further.
            let Some(next) = self.behind(other, reference, attribute) else {
                break;
            };
            kept = next;
        }
        let value = self.evaluate_with(other, instance, &written.value, false);
        let mentioned =
            matches!(value.kind, Kind::Unknown(_)) && self.mentioned(occurrence, other, attribute);
        let Some(name) = name.as_ref() else {
            // It has no name in the code, but a variable that is set elsewhere may hold its id.
            let anything = matches!(
                value.kind,
                Kind::Unknown(Unknown::UnsetVariable(_) | Unknown::Varies(..))
            );
            return (anything || mentioned).then_some(Certainty::Possible);
        };
        if equal(&value, name) == Some(true) {
            return Some(Certainty::Certain);
        }
        if self.same_text(occurrence, address, other, instance, attribute) {
            return Some(Certainty::Certain);
        }
        (could_be(&value, name) || mentioned).then_some(Certainty::Possible)
    }

    /// Whether the text of a companion's attribute names the block: what comes of it may be the instance, whatever
    /// cannot be told about it.
    fn mentioned(&self, block: &Occurrence<'a>, by: &Occurrence<'a>, attribute: &str) -> bool {
        let Resource { kind, name, .. } = block.resource;
        let names = |text: &str| names(text, kind, name);
        block.node == by.node && self.text_of(by, attribute).is_some_and(names)
    }

    /// What is written at an attribute.
    fn text_of(&self, occurrence: &Occurrence<'a>, attribute: &str) -> Option<&'a str> {
        let (file, written) = self.declared(occurrence).attribute(attribute)?;
        let span = written.value.span().filter(|_| file.has_spans())?;
        Some(file.slice(span))
    }

    /// What a referenced resource holds at the referenced attribute (its `id` stands for `attribute`).
    fn behind(
        &self,
        from: &Occurrence<'a>,
        reference: &Reference,
        attribute: &str,
    ) -> Option<Value> {
        let occurrence = self.occurrence(&from.root, &reference.address.block())?;
        let first = reference.path.first().map(String::as_str)?;
        let written = match self.declared(&occurrence).attribute(first) {
            Some(written) => Some(written),
            // The id of a companion is the name of what it belongs to, but that of a data source of its own kind.
            None if first == "id" => self.declared(&occurrence).attribute(attribute),
            None => None,
        }?;
        let (evaluator, scope) = self.scope(&occurrence, &reference.address, true)?;
        let scope = Scope {
            file: written.0,
            ..scope
        };
        Some(evaluator.evaluate(&scope, &written.1.value))
    }

    /// Whether both say the same in the same words and the same scope, whatever that is.
    fn same_text(
        &self,
        a: &Occurrence<'a>,
        a_address: &Address,
        b: &Occurrence<'a>,
        b_address: &Address,
        attribute: &str,
    ) -> bool {
        let text = |occurrence: &Occurrence<'a>| self.text_of(occurrence, attribute);
        let plain = |text: &str| {
            !["each.", "count.", "uuid(", "timestamp("]
                .iter()
                .any(|w| text.contains(w))
        };
        a.node == b.node
            && a_address.modules == b_address.modules
            && matches!((text(a), text(b)), (Some(x), Some(y)) if x == y && plain(x))
    }
}

fn same_block(reference: &Reference, address: &Address) -> bool {
    let (a, b) = (&reference.address, address);
    a.data == b.data
        && a.kind == b.kind
        && a.name == b.name
        && a.modules
            .iter()
            .map(|m| &m.name)
            .eq(b.modules.iter().map(|m| &m.name))
}

/// Whether a value that is not known could be this name.
fn could_be(value: &Value, name: &Value) -> bool {
    match &value.kind {
        // A data source reads something that another configuration manages; another resource has a name of its own.
        Kind::Ref(_)
        | Kind::Unknown(Unknown::Data(_) | Unknown::Computed(_) | Unknown::Invalid(_)) => false,
        Kind::Unknown(_) => true,
        Kind::Pattern(_) => match &name.kind {
            Kind::Pattern(_) => {
                content(value) == content(name) || !literal_ends_differ(value, name)
            }
            _ => equal(value, name) != Some(false),
        },
        _ => match &name.kind {
            Kind::Pattern(_) => equal(value, name) != Some(false),
            Kind::Unknown(
                Unknown::UnsetVariable(_) | Unknown::Varies(..) | Unknown::Unsupported(_),
            ) => {
                matches!(value.kind, Kind::String(_))
            }
            _ => false,
        },
    }
}

/// Whether two patterns differ in the text they begin or end with.
fn literal_ends_differ(a: &Value, b: &Value) -> bool {
    use crate::terraform::value::Part;
    let (Kind::Pattern(a), Kind::Pattern(b)) = (&a.kind, &b.kind) else {
        return false;
    };
    let text = |part: Option<&Part>| match part {
        Some(Part::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let (start_a, start_b) = (text(a.first()), text(b.first()));
    let (end_a, end_b) = (text(a.last()), text(b.last()));
    !(start_a.starts_with(&start_b) || start_b.starts_with(&start_a))
        || !(end_a.ends_with(&end_b) || end_b.ends_with(&end_a))
}
