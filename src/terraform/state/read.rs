//! Reading the two JSON shapes of a state, keeping only what identifies an object.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::attributes::Attributes;
use super::{State, StateError, StateResource};
use crate::terraform::address::{self, Address, InstanceKey};
use crate::terraform::source::RepoPath;

pub(super) fn state(name: &str, bytes: &[u8], root: Option<RepoPath>) -> Result<State, StateError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut state = State {
        name: name.to_owned(),
        root,
        workspace: State::workspace_in(name),
        resources: Vec::new(),
        lineage: None,
        serial: 0,
        problems: Vec::new(),
        keys: Vec::new(),
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
        attributes.drop_marked(&marks);
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
