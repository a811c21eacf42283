//! The demo's estate and its findings: every finding ends as a person judged beforehand, and a reviewer can read one of
//! the pull requests in the documentation.
//!
//! The judgement is `testdata/estates/acme-findings/expected.tsv`; its README says how to read it. When this test
//! fails, find out which of the two is wrong before changing either.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Repo, tfmend};

fn testdata(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/estates")
        .join(path)
}

/// The estate in a directory of its own, so that nothing around it counts.
fn estate() -> Repo {
    fn copy(from: &Path, below: &str, repo: &Repo) {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = if below.is_empty() {
                name.clone()
            } else {
                format!("{below}/{name}")
            };
            if entry.file_type().unwrap().is_dir() {
                if name != ".terraform" {
                    copy(&entry.path(), &path, repo);
                }
            } else {
                repo.write(&path, &fs::read(entry.path()).unwrap());
            }
        }
    }
    let repo = Repo::new(&[]);
    copy(&testdata("acme"), "", &repo);
    repo
}

fn answer(verb: &str, repo: &Repo, more: &[&str]) -> Value {
    let findings = testdata("acme-findings");
    let mut arguments = vec![
        verb,
        "--findings",
        findings.to_str().unwrap(),
        "--repo",
        repo.path().to_str().unwrap(),
        "--profile",
        "all",
        "--format",
        "json",
    ];
    arguments.extend(more);
    let done = tfmend(&arguments, b"");
    assert_eq!(done.code, 0, "{}", done.stderr);
    serde_json::from_str(&done.stdout).unwrap()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or("-")
}

/// One row of the table.
struct Row(BTreeMap<String, String>);

impl Row {
    fn allows(&self, column: &str, value: &str) -> bool {
        self.0[column].split('|').any(|v| v == value)
    }
}

fn expected() -> Vec<Row> {
    let table = fs::read_to_string(testdata("acme-findings/expected.tsv")).unwrap();
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next().unwrap().split('\t').collect();
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(cells.len(), names.len(), "{line}");
            let cells = names.iter().zip(cells);
            Row(cells.map(|(n, c)| ((*n).into(), c.into())).collect())
        })
        .collect()
}

#[test]
fn every_finding_of_the_demo_ends_as_a_person_judged() {
    let output = answer("plan", &estate(), &[]);
    let rows = expected();
    let outcomes = output["outcomes"].as_array().unwrap();
    let mut wrong = Vec::new();
    let mut met = vec![0; rows.len()];
    for outcome in outcomes {
        let key = text(&outcome["finding"], "key");
        let fits = |row: &Row| {
            let finding = &row.0["finding"];
            let last = key.rsplit(':').next().unwrap_or(key);
            key.ends_with(finding.as_str())
                || (finding.contains("organizations/") && finding.ends_with(last))
        };
        // The same record may come in two files: its rows are used one after the other.
        let row = (0..rows.len())
            .filter(|i| fits(&rows[*i]))
            .min_by_key(|i| met[*i]);
        let Some(row) = row else {
            wrong.push(format!("no row for {key}"));
            continue;
        };
        met[row] += 1;
        let row = &rows[row];
        let kind = text(&outcome["reason"], "kind");
        let end = text(outcome, "outcome");
        let as_judged = row.allows("outcome", end)
            && match end {
                "proposed" => {
                    row.allows("rule", text(outcome, "rule"))
                        && row.allows("edited", text(outcome, "file"))
                }
                "refused" | "not_located" => row.allows("kind", "-") || row.allows("kind", kind),
                _ => true,
            };
        if !as_judged {
            wrong.push(format!(
                "{key}\n    is {end} {kind} {} {}\n    not {:?}",
                text(outcome, "rule"),
                text(outcome, "file"),
                row.0
            ));
        }
    }
    for (row, met) in rows.iter().zip(&met) {
        if *met == 0 {
            wrong.push(format!("nothing became of {}", row.0["finding"]));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let counts = output["summary"].as_object().unwrap();
    let ends: u64 = counts
        .iter()
        .filter(|(name, _)| !["findings", "unique"].contains(&name.as_str()))
        .map(|(_, n)| n.as_u64().unwrap())
        .sum();
    assert_eq!(ends, outcomes.len() as u64);
}

/// The one that the documentation shows: a launch template, with a comment on its line.
const SHOWN: &str = "tfmend/imds-v1/aws-launch-template-workers-";

#[test]
fn the_example_in_the_documentation_is_what_a_reviewer_sees() {
    let repo = estate();
    repo.commit();
    let forge = tempfile::tempdir().unwrap();
    let output = answer(
        "pr",
        &repo,
        &["--forge", &format!("local:{}", forge.path().display())],
    );
    let opened = output["changes"].as_array().unwrap();
    assert!(opened.iter().all(|c| c["step"] == "open"), "{opened:?}");
    assert!(opened.len() >= 12, "{}", opened.len());

    let name = SHOWN.trim_start_matches("tfmend/").replace('/', "-");
    let page = fs::read_dir(forge.path().join("pull-requests"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| {
            let file = p.file_name().unwrap().to_str().unwrap();
            file.contains(&name) && file.ends_with(".md")
        })
        .expect("the pull request that the documentation shows");
    let page = fs::read_to_string(page).unwrap();
    // The marker is not seen, and holds the version.
    let seen: Vec<&str> = page
        .lines()
        .filter(|l| !l.starts_with("<!-- tfmend:v1 "))
        .collect();
    let seen = seen.join("\n").replace("\n\n\n", "\n\n");
    // Its number depends on what else is proposed.
    let (title, rest) = seen.split_once('\n').unwrap();
    let title = title.rsplit_once(" #").unwrap().0;
    let text = format!(
        "<!-- Made by `UPDATE_EXPECT=1 cargo test --test demo` from what `make demo` shows. -->\n\n{title}\n{}\n",
        rest.trim_end()
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/example-pull-request.md");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, &text).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&file).unwrap_or_default(),
        text,
        "docs/example-pull-request.md is stale: run this test with UPDATE_EXPECT=1"
    );
}
