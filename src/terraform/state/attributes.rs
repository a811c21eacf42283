//! The attributes of a state's object that identify it; everything else is skipped while reading.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Made, StateResource};
use crate::terraform::address::Address;
use crate::terraform::identity::{self, Arn};

/// The attributes that identify, and no others.
#[derive(Default)]
pub(super) struct Attributes {
    own: BTreeMap<&'static str, String>,
    /// Ids inside of nested blocks, by path.
    inner: Vec<(&'static str, String)>,
}

/// Attributes that any type may use to say which object it is and where.
const PLACE: [&str; 9] = [
    "id",
    "arn",
    "self_link",
    "unique_id",
    "region",
    "availability_zone",
    "owner_id",
    "account_id",
    "project",
];

/// What may be kept. The list is closed: an attribute that no row names is never copied.
static KEPT: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    PLACE
        .into_iter()
        .chain(
            identity::rows()
                .iter()
                .flat_map(|row| [row.name, row.arn, row.owner.map_or("", |(a, _)| a)]),
        )
        .chain(made().filter(|path| !path.contains('.')))
        .filter(|name| !name.is_empty())
        .collect()
});

/// Nested blocks with an id that may be kept: block → paths.
static INNER: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut blocks: HashMap<&'static str, Vec<&'static str>> = HashMap::new();
    for path in made() {
        if let Some((block, _)) = path.split_once('.') {
            let paths = blocks.entry(block).or_default();
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    blocks
});

fn made() -> impl Iterator<Item = &'static str> {
    identity::makers().flat_map(|(_, made)| made.iter().map(|(path, _)| *path))
}

/// The ids that nested blocks may tell.
#[derive(Deserialize, Default)]
struct Ids(HashMap<String, Text>);

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keeper;
        impl<'de> Visitor<'de> for Keeper {
            type Value = Attributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the attributes of a resource")
            }

            fn visit_unit<E>(self) -> Result<Attributes, E> {
                Ok(Attributes::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
                let mut out = Attributes::default();
                while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
                    if let Some(paths) = INNER.get(&*key) {
                        let raw: Box<RawValue> = map.next_value()?;
                        out.inner.extend(inner(paths, raw.get()));
                        continue;
                    }
                    let Some(key) = KEPT.get(&*key).copied() else {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    if let Text(Some(text)) = map.next_value()? {
                        out.own.insert(key, text);
                    }
                }
                Ok(out)
            }
        }
        deserializer.deserialize_any(Keeper)
    }
}

/// The ids at these paths in the blocks of one type.
fn inner(paths: &[&'static str], json: &str) -> Vec<(&'static str, String)> {
    // A block that is none is as good as no block.
    let blocks: Vec<Ids> = serde_json::from_str(json).unwrap_or_default();
    let mut found = Vec::new();
    for mut block in blocks {
        for path in paths {
            let attribute = path.split_once('.').map_or(*path, |(_, inner)| inner);
            if let Some(Text(Some(id))) = block.0.remove(attribute) {
                found.push((*path, id));
            }
        }
    }
    found
}

/// A string that is not empty, or a number as text; anything else is not an identifier.
struct Text(Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an attribute's value")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text((!text.is_empty()).then(|| text.to_owned())))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
                Ok(Text(Some(number.to_string())))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
                Ok(Text(Some(number.to_string())))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl Attributes {
    /// Drops what a `[[{"type": "get_attr", "value": "name"}], …]` list marks.
    pub(super) fn drop_sensitive_paths(&mut self, paths: &[serde_json::Value]) {
        for path in paths {
            let first = path.get(0).unwrap_or(path);
            if let Some(name) = first.get("value").and_then(serde_json::Value::as_str) {
                self.own.remove(name);
                self.inner.retain(|(path, _)| !is_inside(path, name));
            }
        }
    }

    /// Drops what a `{"name": true}` object marks.
    pub(super) fn drop_marked(&mut self, marks: &serde_json::Map<String, serde_json::Value>) {
        let hidden = |name: &str| marks.get(name) == Some(&serde_json::Value::Bool(true));
        self.own.retain(|key, _| !hidden(key));
        self.inner
            .retain(|(path, _)| !hidden(path.split('.').next().unwrap_or_default()));
    }

    fn get(&self, name: &str) -> Option<&String> {
        self.own.get(name)
    }

    /// The object at an address, with what identifies it.
    pub(super) fn resource(
        &self,
        address: Address,
        provider_alias: Option<String>,
    ) -> StateResource {
        let row = identity::of(&address.kind);
        let id = self.get("id").cloned();
        let arn = row
            .and_then(|row| self.get(row.arn))
            .or_else(|| self.get("arn"))
            .or(id.as_ref())
            .filter(|text| Arn::parse(text).is_some())
            .cloned();
        let mut names = Vec::new();
        for name in [
            row.and_then(|row| self.get(row.name)),
            self.get("self_link"),
            self.get("unique_id"),
        ]
        .into_iter()
        .flatten()
        {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let owner = row
            .and_then(|row| row.owner)
            .and_then(|(attribute, _)| self.get(attribute))
            .cloned();
        let parsed = arn.as_deref().and_then(Arn::parse);
        let text = |t: &str| (!t.is_empty()).then(|| t.to_owned());
        let account = parsed
            .and_then(|arn| text(arn.account))
            .filter(|account| identity::is_account_id(account))
            .or_else(|| {
                ["owner_id", "account_id"]
                    .into_iter()
                    .filter_map(|a| self.get(a))
                    .find(|a| identity::is_account_id(a))
                    .cloned()
            })
            .or_else(|| self.queue_account(&address, id.as_deref()))
            .or_else(|| self.get("project").cloned());
        let region = parsed
            .and_then(|arn| text(arn.region))
            .or_else(|| self.get("region").cloned())
            .or_else(|| self.get("availability_zone").and_then(|z| zone_region(z)));
        let made = identity::made_by(&address.kind)
            .iter()
            .flat_map(|(path, kind)| {
                let inner = self.inner.iter().filter(move |(p, _)| p == path);
                let ids = self.get(path).into_iter().chain(inner.map(|(_, id)| id));
                ids.map(|id| Made {
                    attribute: Cow::Borrowed(path),
                    kind: Cow::Borrowed(kind),
                    id: id.clone(),
                })
            })
            .collect();
        StateResource {
            address,
            arn,
            id,
            names,
            owner,
            account,
            region,
            provider_alias,
            made,
        }
    }

    /// A queue whose state has no ARN still has its account in the URL.
    fn queue_account(&self, address: &Address, id: Option<&str>) -> Option<String> {
        identity::of(&address.kind)
            .filter(|row| row.kind == "aws_sqs_queue")?
            .read(id?)?
            .account
    }
}

fn is_inside(path: &str, name: &str) -> bool {
    path.split('.').next() == Some(name)
}

/// `eu-west-1a` → `eu-west-1`; local zones and Google zones are left alone.
fn zone_region(zone: &str) -> Option<String> {
    let region = zone.strip_suffix(|c: char| c.is_ascii_lowercase())?;
    (region.matches('-').count() == 2 && region.ends_with(|c: char| c.is_ascii_digit()))
        .then(|| region.to_owned())
}
