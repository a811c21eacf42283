//! Every value that is known must be what Terraform itself says.
//!
//! Runs the real `terraform` (no provider is needed) over `tests/expressions`, one output an expression. Without
//! Terraform on the machine there is nothing to compare with, and the test says so.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;
use tfmend::terraform::module::Configuration;
use tfmend::terraform::value::Kind;
use tfmend::terraform::{Estate, RepoPath, SourceFile, Value};

const HOME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/expressions");

/// At most this many of the expressions may be not known: a few forms are left out on purpose.
const MOST_UNKNOWN: usize = 18;

/// Expressions, one a line; a line that opens a heredoc or a bracket goes on to the line that closes it.
fn expressions() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(HOME).join("list.txt")).unwrap();
    let mut found: Vec<String> = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        match &mut open {
            Some(whole) => {
                whole.push('\n');
                whole.push_str(line);
                let quoted = whole.starts_with('"');
                if (!quoted && line == "EOT") || (quoted && line == "}|\"") {
                    found.extend(open.take());
                }
            }
            None if line.contains("<<") => open = Some(line.to_owned()),
            None => found.push(line.to_owned()),
        }
    }
    found
}

fn terraform(dir: &Path, args: &[&str]) -> Option<std::process::Output> {
    Command::new("terraform")
        .args(args)
        .current_dir(dir)
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_IN_AUTOMATION", "1")
        .output()
        .ok()
}

fn json(value: &Value) -> Json {
    match &value.kind {
        Kind::Null => Json::Null,
        Kind::Bool(b) => Json::Bool(*b),
        Kind::Number(n) => serde_json::json!(n),
        Kind::String(s) => Json::String(s.clone()),
        Kind::List(items) => Json::Array(items.iter().map(json).collect()),
        Kind::Object(map) => Json::Object(map.iter().map(|(k, v)| (k.clone(), json(v))).collect()),
        other => panic!("{other:?} is not known"),
    }
}

/// Numbers compare by value, objects without order.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        _ => a == b,
    }
}

#[test]
fn every_known_value_is_terraforms() {
    let expressions = expressions();
    let mut outputs = String::new();
    for (i, expression) in expressions.iter().enumerate() {
        let _ = write!(
            outputs,
            "output \"e{i}\" {{\n  value = {expression}\n}}\n\n"
        );
    }
    let dir = tempfile::tempdir().unwrap();
    let files = [
        (
            "prelude.tf",
            std::fs::read(Path::new(HOME).join("prelude.tf")).unwrap(),
        ),
        (
            "terraform.tfvars",
            std::fs::read(Path::new(HOME).join("terraform.tfvars")).unwrap(),
        ),
        (
            "modules/inner/main.tf",
            std::fs::read(Path::new(HOME).join("modules/inner/main.tf")).unwrap(),
        ),
        ("outputs.tf", outputs.into_bytes()),
    ];
    for (name, bytes) in &files {
        let at = dir.path().join(name);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(at, bytes).unwrap();
    }
    let Some(init) = terraform(dir.path(), &["init", "-input=false", "-no-color"]) else {
        eprintln!("terraform is not on this machine: nothing was compared");
        return;
    };
    assert!(
        init.status.success(),
        "{}",
        String::from_utf8_lossy(&init.stderr)
    );
    let apply = terraform(
        dir.path(),
        &["apply", "-auto-approve", "-input=false", "-no-color"],
    )
    .unwrap();
    assert!(
        apply.status.success(),
        "{}",
        String::from_utf8_lossy(&apply.stderr)
    );
    let said = terraform(dir.path(), &["output", "-json"]).unwrap();
    let said: Json = serde_json::from_slice(&said.stdout).unwrap();

    let estate = Estate::new(
        files
            .into_iter()
            .map(|(name, bytes)| SourceFile::new(RepoPath::new(name).unwrap(), bytes)),
    );
    let configuration = Configuration::new(&estate);
    assert_eq!(configuration.problems(), []);
    let root = RepoPath::new("").unwrap();
    let file = estate.file(&RepoPath::new("outputs.tf").unwrap()).unwrap();
    let mut wrong = String::new();
    let mut unknown = Vec::new();
    for (i, block) in file.body().unwrap().blocks().enumerate() {
        let expression = &block.body.get_attribute("value").unwrap().value;
        let value = configuration.evaluate_in_root(&root, file, expression);
        if !value.is_known() {
            unknown.push(format!("{}: {:?}", expressions[i], value.why_unknown()));
            continue;
        }
        // An output that is null is left out by Terraform.
        let expected = said
            .get(format!("e{i}"))
            .map_or(&Json::Null, |o| &o["value"]);
        let got = json(&value);
        if !same(&got, expected) {
            let _ = writeln!(
                wrong,
                "{}\n  we:        {got}\n  terraform: {expected}",
                expressions[i]
            );
        }
    }
    eprintln!(
        "{} expressions, not known: {}\n{}",
        expressions.len(),
        unknown.len(),
        unknown.join("\n")
    );
    assert!(
        wrong.is_empty(),
        "known, but not what Terraform says:\n{wrong}"
    );
    assert!(unknown.len() <= MOST_UNKNOWN, "too many are not known");
}
