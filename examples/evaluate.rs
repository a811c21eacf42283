//! Prints what the evaluator makes of roots of Terraform code, for `scripts/differential.py`.
//!
//! ```text
//! cargo run --example evaluate -- DIR…
//! ```
//!
//! Each DIR is a repository whose top is a root. One line of JSON a DIR: `outputs` by name and `resources` (the
//! `input` of each instance of `terraform_data`) by address; each is `{"value": …}` where it is known, else
//! `{"unknown": kind, "why": text}`.
#![allow(
    clippy::print_stdout,
    reason = "a tool for the terminal: its result is what it prints"
)]

use anyhow::Context as _;
use serde_json::{Map, Value as Json, json};
use tfmend::terraform::module::{Configuration, Held};
use tfmend::terraform::value::{Kind, Unknown};
use tfmend::terraform::{RepoPath, Value};
use tfmend::workspace::{Limits, Workspace};

fn main() -> anyhow::Result<()> {
    for dir in std::env::args().skip(1) {
        let tree = Workspace::read(std::path::Path::new(&dir), Limits::default())?;
        let configuration = Configuration::new(tree.estate());
        let root = RepoPath::new("").context("the top")?;
        let mut line = Map::new();
        line.insert("dir".to_owned(), Json::String(dir));
        line.insert("outputs".to_owned(), outputs(&configuration, &root));
        line.insert("resources".to_owned(), resources(&configuration));
        let problems: Vec<Json> = configuration
            .problems()
            .iter()
            .map(|p| Json::String(p.to_string()))
            .collect();
        line.insert("problems".to_owned(), Json::Array(problems));
        println!("{}", Json::Object(line));
    }
    Ok(())
}

fn outputs(configuration: &Configuration<'_>, root: &RepoPath) -> Json {
    let mut found = Map::new();
    for file in configuration.estate().files_in(root) {
        let is_code = [".tf", ".tf.json"]
            .iter()
            .any(|end| file.path().as_str().ends_with(end));
        let Ok(body) = file.body() else { continue };
        if !is_code {
            continue;
        }
        for block in body
            .blocks()
            .filter(|b| b.ident.value().as_str() == "output")
        {
            let (Some(name), Some(attribute)) =
                (block.labels.first(), block.body.get_attribute("value"))
            else {
                continue;
            };
            let value = configuration.evaluate_in_root(root, file, &attribute.value);
            found.insert(name.as_str().to_owned(), shown(&value));
        }
    }
    Json::Object(found)
}

fn resources(configuration: &Configuration<'_>) -> Json {
    let mut found = Map::new();
    for place in configuration.occurrences("terraform_data") {
        let instances = configuration.instances(&place);
        for address in &instances.known {
            let held = configuration.held(&place, address, &["input"]);
            let shown = match held {
                Held::Value(value) => shown(&value),
                Held::Absent => json!({"value": null}),
                Held::Dynamic(_) => json!({"unknown": "Dynamic", "why": ""}),
            };
            found.insert(address.to_string(), shown);
        }
        if let Some(why) = instances.unknown {
            let why = json!({"unknown": kind(&why), "why": why.to_string()});
            found.insert(format!("{}[…]", place.address), why);
        }
    }
    Json::Object(found)
}

fn shown(value: &Value) -> Json {
    match plain(value) {
        Some(known) => json!({"value": known, "type": value.type_text()}),
        None => match value.why_unknown() {
            Some(why) => json!({"unknown": kind(&why), "why": why.to_string()}),
            None => json!({"unknown": "Pattern", "why": ""}),
        },
    }
}

/// The value as JSON; numbers as text, because JSON's own would lose digits.
fn plain(value: &Value) -> Option<Json> {
    Some(match &value.kind {
        Kind::Null => Json::Null,
        Kind::Bool(b) => Json::Bool(*b),
        Kind::Number(_) => json!({"number": value.as_text()?}),
        Kind::String(s) => Json::String(s.clone()),
        Kind::List(items) => Json::Array(items.iter().map(plain).collect::<Option<_>>()?),
        Kind::Object(map) => json!({"object": map
            .iter()
            .map(|(k, v)| Some((k.clone(), plain(v)?)))
            .collect::<Option<Map<_, _>>>()?}),
        Kind::Pattern(_) | Kind::Ref(_) | Kind::Unknown(_) => return None,
    })
}

fn kind(why: &Unknown) -> &'static str {
    match why {
        Unknown::UnsetVariable(_) => "UnsetVariable",
        Unknown::Varies(..) => "Varies",
        Unknown::Data(_) => "Data",
        Unknown::ExternalModule(_) => "ExternalModule",
        Unknown::Computed(_) => "Computed",
        Unknown::Unsupported(_) => "Unsupported",
        Unknown::Unbound(_) => "Unbound",
        Unknown::TooDeep(_) => "TooDeep",
        Unknown::Invalid(_) => "Invalid",
        #[allow(unreachable_patterns, reason = "reasons may be added")]
        _ => "Other",
    }
}
