//! The documents keep up with the code: every outcome, every reason and every section of the configuration is there,
//! and what the documents show works.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use tfmend::config::Config;
use tfmend::outcome::OutcomeKind;
use tfmend::refusal::RefusalKind;

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(project(path)).unwrap()
}

fn files(below: &str, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![project(below)];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if path.to_str().unwrap().ends_with(end) {
            found.push(path);
        }
    }
    assert!(!found.is_empty(), "nothing below {below}");
    found
}

/// The first cells of the tables of a document.
fn rows(document: &str) -> BTreeSet<String> {
    document
        .lines()
        .filter_map(|l| Some(l.strip_prefix("| `")?.split('`').next()?.to_owned()))
        .collect()
}

/// The words of an enumeration, from its JSON Schema.
fn words<T: schemars::JsonSchema>() -> BTreeSet<String> {
    let schema = serde_json::to_value(schemars::schema_for!(T)).unwrap();
    let mut words = BTreeSet::new();
    for one in schema["enum"].as_array().into_iter().flatten() {
        words.insert(one.as_str().unwrap().to_owned());
    }
    for one in schema["oneOf"].as_array().into_iter().flatten() {
        let more = one["enum"].as_array().into_iter().flatten();
        for word in more.chain(one.get("const")) {
            words.insert(word.as_str().unwrap().to_owned());
        }
    }
    words
}

/// The kinds that the pipeline gives besides refusals, from its source.
fn reasons() -> BTreeSet<String> {
    let literal = Regex::new(r#"(?:Reason::new\(|OutcomeKind::\w+,)\s*"([a-z-]+)""#).unwrap();
    let kind = Regex::new(r#"kind: "([a-z-]+)""#).unwrap();
    let mut kinds = BTreeSet::new();
    for path in files("src/pipeline", ".rs")
        .into_iter()
        .chain(files("src/outcome", ".rs"))
    {
        let source = fs::read_to_string(path).unwrap();
        for found in literal
            .captures_iter(&source)
            .chain(kind.captures_iter(&source))
        {
            kinds.insert(found[1].to_owned());
        }
    }
    kinds
}

#[test]
fn every_outcome_and_every_reason_is_documented_and_nothing_else() {
    let documented = rows(&read("docs/outcomes.md"));
    let mut known: BTreeSet<String> = OutcomeKind::ALL
        .iter()
        .map(|k| k.key().to_owned())
        .collect();
    let refusals = words::<RefusalKind>();
    assert!(refusals.contains("not-in-code"), "{refusals:?}");
    let reasons = reasons();
    for kind in ["profile", "limit", "closed-by-person", "internal-error"] {
        assert!(reasons.contains(kind), "{kind} is not found: {reasons:?}");
    }
    known.extend(refusals);
    known.extend(reasons);
    let missing: Vec<_> = known.difference(&documented).collect();
    assert!(missing.is_empty(), "docs/outcomes.md lacks {missing:?}");
    let stale: Vec<_> = documented.difference(&known).collect();
    assert!(stale.is_empty(), "docs/outcomes.md knows {stale:?}");
}

fn examples(document: &str) -> Vec<String> {
    document
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_example_of_the_configuration_is_accepted_alone_and_all_together() {
    let document = read("docs/configuration.md");
    let examples = examples(&document);
    assert!(examples.len() >= 8, "{}", examples.len());
    for example in &examples {
        Config::parse(example, "docs/configuration.md")
            .unwrap_or_else(|e| panic!("{e}\n{example}"));
    }
    let whole = Config::parse(&examples.concat(), "docs/configuration.md").unwrap();
    assert_eq!(whole.policy.len(), 3);
    assert_eq!(whole.ignore.len(), 1);
    // What the document calls the defaults are the defaults.
    let default = Config::default().limits;
    assert_eq!(whole.limits.open, default.open);
    assert_eq!(whole.limits.per_run, default.per_run);
    assert_eq!(whole.limits.critical_extra, default.critical_extra);
    assert_eq!(
        whole.limits.max_also_changes.map(|n| *n.get_ref()),
        Some(tfmend::policy::DEFAULT_MAX_ALSO_CHANGES)
    );
}

#[test]
fn every_key_of_the_configuration_is_documented() {
    let document = read("docs/configuration.md");
    let schema = serde_json::to_value(schemars::schema_for!(Config)).unwrap();
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value["properties"]
            .as_object()
            .map(|p| p.keys().cloned().collect())
            .unwrap_or_default()
    };
    let mut all = keys(&schema);
    assert!(all.len() >= 9, "{all:?}");
    for (_, of) in schema["$defs"].as_object().unwrap() {
        all.extend(keys(of));
    }
    let missing: Vec<_> = all
        .iter()
        .filter(|key| {
            !Regex::new(&format!(r"\b{key}\b"))
                .unwrap()
                .is_match(&document)
        })
        .collect();
    assert!(
        missing.is_empty(),
        "docs/configuration.md lacks {missing:?}"
    );
}

/// A rule that asks for a parameter under a name that the configuration does not know would never get it.
#[test]
fn every_parameter_of_a_rule_can_be_configured() {
    let asked = Regex::new(r#"(?m)^\s*parameter\s*=\s*"([a-z_]+)""#).unwrap();
    let mut names = BTreeSet::new();
    for path in files("src/rules/catalogue", ".hcl") {
        let text = fs::read_to_string(path).unwrap();
        names.extend(asked.captures_iter(&text).map(|c| c[1].to_owned()));
    }
    assert!(names.contains("unused_days"), "{names:?}");
    for name in names {
        let values = ["1", "\"a\"", "[\"a\"]"].into_iter().find_map(|value| {
            Config::parse(&format!("[parameters]\n{name} = {value}\n"), "x.toml").ok()
        });
        let values = values.unwrap_or_else(|| panic!("[parameters] does not know `{name}`"));
        assert!(values.parameters.values().contains_key(&name), "{name}");
    }
}
