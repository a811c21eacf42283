//! Reading the two JSON shapes of a state, keeping only what identifies an object.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{State, StateError, StateResource};
use crate::terraform::address::{self, Address, InstanceKey};
use crate::terraform::identity::{self, Arn};
use crate::terraform::source::RepoPath;

pub(super) fn state(name: &str, bytes: &[u8], root: Option<RepoPath>) -> Result<State, StateError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut state = State {
        name: name.to_owned(),
        root,
        resources: Vec::new(),
        lineage: None,
        serial: 0,
        problems: Vec::new(),
    };
    // Terraform itself takes an empty file for an empty state.
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(state);
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(StateError::NotJson {
            name: name.to_owned(),
            message:
                "the file is UTF-16; save it as UTF-8 (PowerShell: `| Out-File -Encoding utf8`)"
                    .to_owned(),
        });
    }
    let not_json = |e: &serde_json::Error| StateError::NotJson {
        name: name.to_owned(),
        message: e.to_string(),
    };
    let not_state = |found: &str| StateError::NotState {
        name: name.to_owned(),
        found: found.to_owned(),
    };
    if bytes.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b'{') {
        // Broken JSON is told apart from JSON of another kind.
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(|e| not_json(&e))?;
        return Err(not_state("a JSON value that is not an object"));
    }
    let file: File<'_> = serde_json::from_slice(bytes).map_err(|e| match e.classify() {
        serde_json::error::Category::Data => not_state(&e.to_string()),
        _ => not_json(&e),
    })?;
    if file.encrypted_data.is_some() {
        return Err(StateError::Encrypted {
            name: name.to_owned(),
        });
    }
    if let Some(backend) = &file.backend
        && file.resources.is_none()
    {
        return Err(StateError::BackendRecord {
            name: name.to_owned(),
            backend: backend.kind.clone().unwrap_or_default(),
        });
    }
    state.lineage = file.lineage.filter(|l| !l.is_empty());
    state.serial = file.serial.unwrap_or(0);
    if let Some(version) = file.version {
        if version != 4 {
            return Err(StateError::Version {
                name: name.to_owned(),
                version,
            });
        }
        for (number, raw) in file.resources.unwrap_or_default().into_iter().enumerate() {
            if let Err(problem) = v4_resource(raw.get(), &mut state.resources) {
                state.problems.push(format!(
                    "{name}: resource {}: {problem}; it is left out",
                    number + 1
                ));
            }
        }
        return Ok(state);
    }
    let values = match (file.values, file.prior_state) {
        (Some(values), _) => values,
        (None, Some(prior)) => prior.values.unwrap_or_default(),
        (None, None) if file.format_version.is_some() && file.planned_values.is_none() => {
            // `terraform show -json` of an empty state.
            return Ok(state);
        }
        (None, None) if file.planned_values.is_some() => {
            return Err(not_state("a plan without a prior state"));
        }
        (None, None) => return Err(not_state("no `version`, `values` or `prior_state` in it")),
    };
    let mut modules: Vec<ShownModule<'_>> = values.root_module.into_iter().collect();
    while let Some(module) = modules.pop() {
        for raw in module.resources {
            if let Err(problem) = shown_resource(raw.get(), &mut state.resources) {
                state
                    .problems
                    .push(format!("{name}: {problem}; it is left out"));
            }
        }
        modules.extend(module.child_modules);
    }
    state.resources.sort_by(|a, b| a.address.cmp(&b.address));
    Ok(state)
}

#[derive(Deserialize)]
struct File<'a> {
    version: Option<u64>,
    serial: Option<u64>,
    lineage: Option<String>,
    #[serde(borrow)]
    resources: Option<Vec<&'a RawValue>>,
    backend: Option<Backend>,
    encrypted_data: Option<IgnoredAny>,
    format_version: Option<IgnoredAny>,
    planned_values: Option<IgnoredAny>,
    #[serde(borrow)]
    values: Option<ShownValues<'a>>,
    #[serde(borrow)]
    prior_state: Option<Shown<'a>>,
}

#[derive(Deserialize)]
struct Backend {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Shown<'a> {
    #[serde(borrow)]
    values: Option<ShownValues<'a>>,
}

#[derive(Deserialize, Default)]
struct ShownValues<'a> {
    #[serde(borrow)]
    root_module: Option<ShownModule<'a>>,
}

#[derive(Deserialize)]
struct ShownModule<'a> {
    #[serde(borrow, default)]
    resources: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    child_modules: Vec<ShownModule<'a>>,
}

#[derive(Deserialize)]
struct V4Resource<'a> {
    module: Option<String>,
    #[serde(default)]
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    provider: String,
    #[serde(borrow, default)]
    instances: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct V4Instance {
    index_key: Option<Key>,
    deposed: Option<String>,
    attributes: Option<Attributes>,
    /// Very old providers' flat form.
    attributes_flat: Option<Attributes>,
    #[serde(default)]
    sensitive_attributes: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Key {
    Index(u64),
    Name(String),
}

impl From<Key> for InstanceKey {
    fn from(key: Key) -> Self {
        match key {
            Key::Index(i) => Self::Index(i),
            Key::Name(n) => Self::Name(n),
        }
    }
}

#[derive(Deserialize)]
struct ShownResource {
    address: String,
    #[serde(default)]
    mode: String,
    deposed_key: Option<String>,
    values: Option<Attributes>,
    sensitive_values: Option<serde_json::Value>,
}

fn v4_resource(json: &str, out: &mut Vec<StateResource>) -> Result<(), String> {
    let resource: V4Resource<'_> = serde_json::from_str(json).map_err(|e| e.to_string())?;
    if resource.mode != "managed" {
        return Ok(());
    }
    let modules = match resource.module.as_deref() {
        None | Some("") => Vec::new(),
        Some(text) => address::parse_modules(text).map_err(|e| e.to_string())?,
    };
    let alias = provider_alias(&resource.provider);
    for raw in resource.instances {
        let instance: V4Instance = serde_json::from_str(raw.get())
            .map_err(|e| format!("{}.{}: {e}", resource.kind, resource.name))?;
        if instance.deposed.is_some_and(|d| !d.is_empty()) {
            continue;
        }
        let mut attributes = instance
            .attributes
            .or(instance.attributes_flat)
            .unwrap_or_default();
        attributes.drop_sensitive_paths(&instance.sensitive_attributes);
        let address = Address {
            modules: modules.clone(),
            data: false,
            kind: resource.kind.clone(),
            name: resource.name.clone(),
            key: instance.index_key.map(InstanceKey::from),
        };
        out.push(attributes.resource(address, alias.clone()));
    }
    Ok(())
}

fn shown_resource(json: &str, out: &mut Vec<StateResource>) -> Result<(), String> {
    let resource: ShownResource = serde_json::from_str(json).map_err(|e| e.to_string())?;
    if resource.mode != "managed" || resource.deposed_key.is_some() {
        return Ok(());
    }
    let address: Address = resource.address.parse().map_err(|e| format!("{e}"))?;
    let mut attributes = resource.values.unwrap_or_default();
    if let Some(serde_json::Value::Object(marks)) = resource.sensitive_values {
        attributes.0.retain(|key, _| {
            marks
                .get(*key)
                .is_none_or(|m| *m != serde_json::Value::Bool(true))
        });
    }
    out.push(attributes.resource(address, None));
    Ok(())
}

/// `provider["registry.terraform.io/hashicorp/aws"].dr` → `dr`; also the older `provider.aws.dr`.
fn provider_alias(provider: &str) -> Option<String> {
    let rest = match provider.rsplit_once("\"]") {
        Some((_, rest)) => rest.strip_prefix('.')?,
        None => {
            let old = provider.rsplit_once("provider.")?.1;
            old.split_once('.')?.1
        }
    };
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// The attributes that identify, and no others.
#[derive(Default)]
struct Attributes(BTreeMap<&'static str, String>);

/// Attributes that any type may use to say which object it is and where.
const PLACE: [&str; 8] = [
    "id",
    "arn",
    "self_link",
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
        .filter(|name| !name.is_empty())
        .collect()
});

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
                    let Some(key) = KEPT.get(&*key).copied() else {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    if let Text(Some(text)) = map.next_value()? {
                        out.0.insert(key, text);
                    }
                }
                Ok(out)
            }
        }
        deserializer.deserialize_any(Keeper)
    }
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
    fn drop_sensitive_paths(&mut self, paths: &[serde_json::Value]) {
        for path in paths {
            let first = path.get(0).unwrap_or(path);
            if let Some(name) = first.get("value").and_then(serde_json::Value::as_str) {
                self.0.remove(name);
            }
        }
    }

    fn get(&self, name: &str) -> Option<&String> {
        self.0.get(name)
    }

    fn resource(&self, address: Address, provider_alias: Option<String>) -> StateResource {
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
        StateResource {
            address,
            arn,
            id,
            names,
            owner,
            account,
            region,
            provider_alias,
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

/// `eu-west-1a` → `eu-west-1`; local zones and Google zones are left alone.
fn zone_region(zone: &str) -> Option<String> {
    let region = zone.strip_suffix(|c: char| c.is_ascii_lowercase())?;
    (region.matches('-').count() == 2 && region.ends_with(|c: char| c.is_ascii_digit()))
        .then(|| region.to_owned())
}
