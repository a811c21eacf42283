//! Every value that is known must be what Terraform itself says.
//!
//! Runs the real `terraform` (no provider is needed) over `testdata/differential/language` (`scripts/differential.py` compares more), one output an expression. Without
//! Terraform on the machine there is nothing to compare with, and the test says so.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;
use tfmend::terraform::module::Configuration;
use tfmend::terraform::value::Kind;
use tfmend::terraform::{Estate, RepoPath, SourceFile, Value};

const HOME: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/testdata/differential/language"
);

/// At most this many of the expressions may be not known: a few forms are left out on purpose.
const MOST_UNKNOWN: usize = 18;

/// Expressions, one a line; a line that opens a heredoc or a bracket goes on to the line that closes it.
fn expressions() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(HOME).join("expressions.txt")).unwrap();
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

/// Evaluates expressions in a root of these files, by their place in the list.
fn evaluated(files: &[(&str, &str)], expressions: &[&str], judge: impl Fn(usize, &Value)) {
    let outputs: String = expressions
        .iter()
        .enumerate()
        .map(|(i, e)| format!("output \"e{i}\" {{\n  value = {e}\n}}\n"))
        .collect();
    let mut all: Vec<(&str, &str)> = files.to_vec();
    all.push(("outputs.tf", &outputs));
    let estate = Estate::new(
        all.into_iter()
            .map(|(name, text)| SourceFile::new(RepoPath::new(name).unwrap(), text.into())),
    );
    let configuration = Configuration::new(&estate);
    assert_eq!(configuration.problems(), []);
    let root = RepoPath::new("").unwrap();
    let file = estate.file(&RepoPath::new("outputs.tf").unwrap()).unwrap();
    for (i, block) in file.body().unwrap().blocks().enumerate() {
        let expression = &block.body.get_attribute("value").unwrap().value;
        judge(i, &configuration.evaluate_in_root(&root, file, expression));
    }
}

#[test]
fn what_is_certain_is_known_beside_what_is_not() {
    let code = r#"
        variable "unset" {}
        variable "text" { type = string }
        resource "aws_x" "many" { count = var.unset }
        resource "aws_codepipeline" "one" {
          name = "here"
          stage { name = "first" }
          stage { name = "second" }
        }
        resource "aws_y" "none" { name = "here" }
    "#;
    let known = [
        ("merge(var.unset, { a = 1 }).a", "1"),
        ("lookup(merge(var.unset, { a = 1 }), \"a\", 2)", "1"),
        ("concat([\"x\"], var.unset)[0]", "\"x\""),
        ("var.unset ? \"same\" : \"same\"", "\"same\""),
        ("false && var.unset", "false"),
        ("var.unset || true", "true"),
        ("true ? \"a\" : var.unset", "\"a\""),
        ("startswith(\"a-${var.text}\", \"a-\")", "true"),
        ("aws_codepipeline.one.stage[1].name", "\"second\""),
        ("aws_codepipeline.one.stage.0.name", "\"first\""),
        ("try(aws_codepipeline.one.name, \"none\")", "\"here\""),
        ("length([var.unset, 1])", "2"),
        ("keys({ a = var.unset })[0]", "\"a\""),
        ("can(toset([1]))", "true"),
    ];
    let unknown = [
        "merge({ a = 1 }, var.unset).a",
        "concat(var.unset, [\"x\"])[0]",
        "true ? 1 : var.unset",
        "coalesce(var.unset, 1)",
        "try(aws_x.many[0].name, \"none\")",
        "can(aws_x.many[0].name)",
        "aws_y.none.name",
        "toset([var.unset, 1])",
        "length(toset([var.unset, \"a\"]))",
        "[1, var.unset] == [1, 2]",
        "try(templatefile(\"none.tpl\", {}), \"d\")",
        "fileexists(\"none.tpl\")",
        "contains([var.unset], \"a\")",
        "timestamp()",
    ];
    let expressions: Vec<&str> = known.iter().map(|k| k.0).collect();
    evaluated(&[("main.tf", code)], &expressions, |i, value| {
        assert!(value.is_known(), "{}: {value:?}", known[i].0);
        assert_eq!(
            json(value),
            serde_json::from_str::<Json>(known[i].1).map(float).unwrap()
        );
    });
    evaluated(&[("main.tf", code)], &unknown, |i, value| {
        assert!(!value.is_known(), "{}: {value:?}", unknown[i]);
    });
}

/// Numbers as [`json`] writes them.
fn float(value: Json) -> Json {
    value.as_f64().map_or(value, |n| serde_json::json!(n))
}

#[test]
fn a_value_of_a_data_file_is_decided_by_its_bytes_there() {
    let yaml = "buckets:\n  - name: lögs\n    public: yes # c\n";
    let json = "{\"ports\": [22, 443]}";
    let files = [("b.yaml", yaml), ("d/p.json", json), ("main.tf", "")];
    let expressions = [
        "yamldecode(file(\"b.yaml\")).buckets[0].public",
        "jsondecode(file(\"${path.module}/d/p.json\")).ports[1]",
        "{ for b in yamldecode(file(\"b.yaml\")).buckets : b.name => b }[\"lögs\"].public",
        "upper(file(\"b.yaml\"))",
    ];
    let wanted = [("b.yaml", "yes"), ("d/p.json", "443"), ("b.yaml", "yes")];
    evaluated(&files, &expressions, |i, value| {
        let Some((file, text)) = wanted.get(i) else {
            return;
        };
        let origin = value.decided_by.first().unwrap();
        assert_eq!(origin.file.as_str(), *file, "{}", expressions[i]);
        let source = files.iter().find(|f| f.0 == *file).unwrap().1;
        assert_eq!(&source[origin.span.clone()], *text, "{}", expressions[i]);
        assert_eq!(
            origin.place.base(),
            &tfmend::terraform::value::OriginPlace::DataFile
        );
    });
}
