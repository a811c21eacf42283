//! Invents findings for the resources that stand in a tree of Terraform code, for `scripts/corpus.py`.
//!
//! ```text
//! cargo run --release --example enumerate -- [--limit N] [--seed N] [--wanted ASKED MAP] DIR FINDINGS
//! ```
//!
//! Every root gets an account of its own and a state (`terraform.tfstate`, written beside the code in DIR, so give it
//! a copy) with an invented id for each instance of each rule's subject types; FINDINGS gets one finding a rule and
//! instance as NDJSON (ASFF, or SCC for Google Cloud). With `--limit`, at most N findings a rule are kept, chosen by
//! the seed. With `--wanted`, there is a finding for what another scanner found instead: see [`wanted`].
#![allow(
    clippy::print_stdout,
    reason = "a tool for the terminal: its result is what it prints"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value as Json, json};
use tfmend::finding::ControlCatalogue;
use tfmend::rules::{Catalogue, Rule, Scope};
use tfmend::terraform::address::{InstanceKey, ModuleStep};
use tfmend::terraform::identity::{self, Scope as Uniqueness, TypeIdentity};
use tfmend::terraform::module::{Call, Configuration, Occurrence};
use tfmend::terraform::{Address, RepoPath};
use tfmend::workspace::{Limits, Workspace};

mod record;
mod wanted;

use record::{about_account, finding};
use wanted::Wanted;

const REGION: &str = "eu-west-1";

fn main() -> anyhow::Result<()> {
    let mut limit = usize::MAX;
    let mut seed = 1_u64;
    let mut paths = Vec::new();
    let mut wanted: Option<(PathBuf, PathBuf)> = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().context("a number is missing");
        match argument.as_str() {
            "--limit" => limit = number()?.parse()?,
            "--seed" => seed = number()?.parse()?,
            "--wanted" => wanted = Some((PathBuf::from(number()?), PathBuf::from(number()?))),
            _ => paths.push(PathBuf::from(argument)),
        }
    }
    let [dir, out] = paths.as_slice() else {
        anyhow::bail!("usage: enumerate [--limit N] [--seed N] DIR FINDINGS");
    };
    let tree = Workspace::read(dir, Limits::default())?;
    let cfg = Configuration::new(tree.estate());
    let catalogue = Catalogue::embedded()?;
    let kinds: BTreeSet<&str> = catalogue
        .rules()
        .iter()
        .flat_map(|r| r.subjects.iter().map(String::as_str))
        .collect();

    let mut invented: Vec<Invented> = Vec::new();
    let mut states: BTreeMap<RepoPath, Vec<Json>> = BTreeMap::new();
    let accounts: BTreeMap<&RepoPath, String> = cfg
        .roots()
        .iter()
        .enumerate()
        .map(|(n, root)| (&root.dir, format!("{:012}", 100_000_000_000_u64 + n as u64)))
        .collect();
    for kind in kinds {
        for place in cfg.occurrences(kind) {
            for address in addresses(&cfg, &place) {
                let Some(account) = accounts.get(&place.root) else {
                    continue;
                };
                let (object, id) = object(kind, account, invented.len() + 1);
                states
                    .entry(place.root.clone())
                    .or_default()
                    .push(held(&address, &object));
                invented.push(Invented {
                    root: place.root.clone(),
                    address,
                    account: account.clone(),
                    id,
                });
            }
        }
    }
    for (root, resources) in &states {
        let state = json!({"version": 4, "terraform_version": "1.9.0", "serial": 1,
            "lineage": format!("corpus-{root}"), "outputs": {}, "resources": resources});
        write(dir, root, &state)?;
    }

    if let Some((asked, map)) = wanted {
        let wanted = Wanted {
            cfg: &cfg,
            catalogue: &catalogue,
            invented: &invented,
            accounts: &accounts,
        };
        return wanted.write(&asked, &map, out);
    }
    let mut lines = String::new();
    let mut made = 0_usize;
    let known = [ControlCatalogue::SecurityHub, ControlCatalogue::Scc];
    let answered = |rule: &&Rule| {
        let catalogues = rule.controls.iter().map(|c| c.control.catalogue);
        catalogues.into_iter().any(|c| known.contains(&c))
    };
    for rule in catalogue.rules().iter().filter(answered) {
        let mut wanted: Vec<Json> = if rule.scope == Scope::Account {
            let proved = states.keys().filter_map(|root| accounts.get(root));
            proved
                .map(|account| about_account(rule, None, account))
                .collect()
        } else {
            invented
                .iter()
                .filter(|i| rule.subjects.contains(&i.address.kind))
                .map(|i| finding(rule, None, i))
                .collect()
        };
        wanted.sort_by_key(|f| {
            let mut hasher = DefaultHasher::new();
            (seed, f["Id"].as_str(), f["finding"]["name"].as_str()).hash(&mut hasher);
            hasher.finish()
        });
        for one in wanted.into_iter().take(limit) {
            lines.push_str(&one.to_string());
            lines.push('\n');
            made += 1;
        }
    }
    std::fs::write(out, lines).with_context(|| out.display().to_string())?;
    println!(
        "{}",
        json!({"findings": made, "instances": invented.len(), "roots": cfg.roots().len(),
            "states": states.len(), "files": tree.estate().files().count(), "problems": cfg.problems().len()})
    );
    Ok(())
}

/// An object that exists in a state only.
struct Invented {
    root: RepoPath,
    address: Address,
    account: String,
    /// As a finding would name it.
    id: String,
}

/// The instances of a block; where a count or a map is not known, one is invented.
fn addresses(cfg: &Configuration<'_>, place: &Occurrence<'_>) -> Vec<Address> {
    let instances = cfg.instances(place);
    if !instances.known.is_empty() || instances.unknown.is_none() {
        return instances.known;
    }
    let key = |block: &hcl_edit::structure::Block| {
        if block.body.has_attribute("count") {
            Some(InstanceKey::Index(0))
        } else if block.body.has_attribute("for_each") {
            Some(InstanceKey::Name("one".to_owned()))
        } else {
            None
        }
    };
    let step = |call: &Call<'_>| ModuleStep {
        name: call.name.to_owned(),
        key: key(call.block),
    };
    vec![Address {
        modules: cfg.calls(place).iter().map(step).collect(),
        data: false,
        kind: place.address.kind.clone(),
        name: place.address.name.clone(),
        key: key(place.resource.block),
    }]
}

/// The attributes that a state would hold, and the id that a finding would give.
fn object(kind: &str, account: &str, n: usize) -> (Json, String) {
    let name = format!("corpus-{n}");
    let Some(row) = identity::of(kind) else {
        return (json!({"id": name}), name);
    };
    if let Some((attribute, owner)) = row.owner
        && let Some(owner) = identity::of(owner)
    {
        let (id, of) = identifier(owner, account, n);
        let own = if row.service.is_empty() && row.id_prefix.len() > 1 {
            format!("AKIA{n:016}")
        } else {
            format!("{}corpus{n}", row.id_prefix.trim_matches('\0'))
        };
        let of = if owner.name.is_empty() || owner.scope == Uniqueness::Parent {
            id.clone()
        } else {
            of
        };
        let arn = arn(owner, account, &id, &name);
        return (json!({"id": own, attribute: of}), arn);
    }
    let (id, name) = identifier(row, account, n);
    let arn = arn(row, account, &id, &name);
    let mut attributes = json!({"id": id, row.arn: arn, "region": REGION});
    if !row.name.is_empty() {
        attributes[row.name] = json!(name);
    }
    (attributes, arn)
}

/// Id and name.
fn identifier(row: &TypeIdentity, account: &str, n: usize) -> (String, String) {
    let name = format!("corpus-{n}");
    let id = match (row.kind, row.id_prefix) {
        ("aws_kms_key" | "aws_kms_external_key" | "aws_kms_replica_key", _) => {
            format!("00000000-0000-4000-8000-{n:012x}")
        }
        ("aws_sqs_queue", _) => format!("https://sqs.{REGION}.amazonaws.com/{account}/{name}"),
        (_, "" | "\0") => name.clone(),
        (_, prefix) => format!("{prefix}0{n:016x}"),
    };
    (id, name)
}

fn arn(row: &TypeIdentity, account: &str, id: &str, name: &str) -> String {
    let shape = row.shapes.first().copied().unwrap_or("{id}");
    let end = shape
        .replace("{path}", "")
        .replace("{names}", name)
        .replace("{name}", name)
        .replace("{id}", id)
        .replace("{:*}", "")
        .replace("{*}", "0123456789abcdef")
        .replace("{account}", account)
        .replace("{region}", REGION);
    if row.service.ends_with(".googleapis.com") {
        return format!("//{}/{end}", row.service);
    }
    let (region, account) = match row.scope {
        Uniqueness::Global => ("", ""),
        Uniqueness::Account => ("", account),
        _ => (REGION, account),
    };
    format!("arn:aws:{}:{region}:{account}:{end}", row.service)
}

fn held(address: &Address, attributes: &Json) -> Json {
    let modules: Vec<String> = address.modules.iter().map(ToString::to_string).collect();
    let provider = address.kind.split('_').next().unwrap_or_default();
    let provider = if provider == "aws" { "aws" } else { "google" };
    let mut instance = json!({"schema_version": 0, "attributes": attributes});
    match &address.key {
        Some(InstanceKey::Index(n)) => instance["index_key"] = json!(n),
        Some(InstanceKey::Name(name)) => instance["index_key"] = json!(name),
        None => {}
    }
    let mut resource = json!({"mode": "managed", "type": address.kind, "name": address.name,
        "provider": format!("provider[\"registry.terraform.io/hashicorp/{provider}\"]"),
        "instances": [instance]});
    if !modules.is_empty() {
        resource["module"] = json!(modules.join("."));
    }
    resource
}

fn write(dir: &Path, root: &RepoPath, state: &Json) -> anyhow::Result<()> {
    let path = dir.join(root.as_str()).join("terraform.tfstate");
    std::fs::write(&path, state.to_string()).with_context(|| path.display().to_string())
}
