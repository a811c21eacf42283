//! Whose code a change touches, from a real history: who changed the block last, and who owns the file.
#![allow(clippy::unwrap_used, clippy::panic)] // a test may stop here

mod support;

use serde_json::{Value, json};
use support::{Repo, asff, git, run_json};
use tempfile::TempDir;

const HEAD: &str = "terraform {\n  required_version = \">= 1.5\"\n}\n\n";

fn db(public: &str, size: u32) -> String {
    format!(
        "resource \"aws_db_instance\" \"orders\" {{\n  identifier          = \"orders\"\n  allocated_storage   = {size}\n  publicly_accessible = {public}\n}}\n"
    )
}

fn findings() -> Value {
    json!([asff(
        "RDS.2",
        "AwsRdsDbInstance",
        "arn:aws:rds:eu-west-1:111122223333:db:orders"
    )])
}

fn commit(repo: &Repo, name: &str, mail: &str, date: &str) {
    git(repo.path(), &["add", "-A"]);
    let (name, mail) = (format!("user.name={name}"), format!("user.email={mail}"));
    let date = format!("--date={date}T12:00:00Z");
    git(
        repo.path(),
        &["-c", &name, "-c", &mail, "commit", "-qm", "Change", &date],
    );
}

fn history() -> Repo {
    let repo = Repo::new(&[("infra/main.tf", "")]);
    git(repo.path(), &["init", "-q", "-b", "main"]);
    repo.write(
        "infra/main.tf",
        format!("{HEAD}{}", db("false", 20)).as_bytes(),
    );
    commit(&repo, "Ann Lee", "ann@example.com", "2024-01-02");
    repo.write(
        "infra/main.tf",
        format!("{HEAD}{}", db("false", 40)).as_bytes(),
    );
    commit(
        &repo,
        "renovate[bot]",
        "29139614+renovate[bot]@users.noreply.github.com",
        "2024-02-02",
    );
    repo.write(
        "infra/main.tf",
        format!("{HEAD}{}", db("true", 40)).as_bytes(),
    );
    commit(
        &repo,
        "Bob",
        "77+bob-b@users.noreply.github.com",
        "2024-03-04",
    );
    // Another block is nobody's concern here.
    repo.write(
        "infra/main.tf",
        format!("{HEAD}{}\n# The end.\n", db("true", 40)).as_bytes(),
    );
    repo.write(
        ".github/CODEOWNERS",
        b"* @acme/all\n/infra/ @acme/platform\n",
    );
    commit(&repo, "Carol", "carol@example.com", "2024-05-06");
    repo
}

const EXACT: [&str; 2] = ["--min-confidence", "low"];

#[test]
fn the_plan_names_owners_and_those_who_changed_the_block() {
    let repo = history();
    let out = run_json("plan", &repo, &findings(), &EXACT);
    let outcome = &out["outcomes"][0];
    assert_eq!(outcome["outcome"], "proposed", "{outcome:#}");
    assert_eq!(outcome["owners"], json!(["@acme/platform"]));
    assert_eq!(outcome["last_committers"], json!(["bob-b", "Ann Lee"]));
    assert!(!out.to_string().contains("ann@example.com"));

    let repo = repo.path().to_str().unwrap();
    let args = [
        "plan",
        "--findings",
        "-",
        "--repo",
        repo,
        "--color",
        "never",
    ];
    let text = support::tfmend(
        &[&args[..], &EXACT].concat(),
        findings().to_string().as_bytes(),
    );
    assert_eq!(text.code, 0, "{}", text.stderr);
    assert!(
        text.stdout
            .contains("owned by @acme/platform\n      last changed by bob-b, Ann Lee\n"),
        "{}",
        text.stdout
    );
}

#[test]
fn lines_that_are_not_committed_are_nobodys() {
    let repo = history();
    let text = repo.text("infra/main.tf");
    repo.write(
        "infra/main.tf",
        text.replace("allocated_storage   = 40", "allocated_storage   = 80")
            .replace("terraform {", "# One more line.\nterraform {")
            .as_bytes(),
    );
    let out = run_json("plan", &repo, &findings(), &EXACT);
    assert_eq!(
        out["outcomes"][0]["last_committers"],
        json!(["bob-b", "Ann Lee"])
    );
}

#[test]
fn a_history_that_is_cut_off_says_nothing() {
    let repo = history();
    let dir = TempDir::new().unwrap();
    let url = format!("file://{}", repo.path().display());
    git(
        dir.path(),
        &["clone", "-q", "--depth", "1", &url, "shallow"],
    );
    let shallow = dir.path().join("shallow");
    let ran = support::tfmend(
        &[
            "plan",
            "--findings",
            "-",
            "--repo",
            shallow.to_str().unwrap(),
            "--format",
            "json",
            EXACT[0],
            EXACT[1],
        ],
        findings().to_string().as_bytes(),
    );
    let outcome = &ran.json()["outcomes"][0];
    assert_eq!(outcome["outcome"], "proposed");
    assert_eq!(outcome["last_committers"], Value::Null);
    assert_eq!(outcome["owners"], json!(["@acme/platform"]));
}

#[test]
fn below_the_top_of_the_repository_the_owners_are_found_too() {
    let repo = history();
    let infra = repo.path().join("infra");
    let ran = support::tfmend(
        &[
            "plan",
            "--findings",
            "-",
            "--repo",
            infra.to_str().unwrap(),
            "--format",
            "json",
            EXACT[0],
            EXACT[1],
        ],
        findings().to_string().as_bytes(),
    );
    let outcome = &ran.json()["outcomes"][0];
    assert_eq!(outcome["owners"], json!(["@acme/platform"]));
    assert_eq!(outcome["last_committers"], json!(["bob-b", "Ann Lee"]));
}

#[test]
fn the_pull_request_says_whose_code_it_is() {
    let repo = history();
    let forge = TempDir::new().unwrap();
    let local = format!("local:{}", forge.path().display());
    let more = [&EXACT[..], &["--forge", &local, "--profile", "all"]].concat();
    let out = run_json("pr", &repo, &findings(), &more);
    assert_eq!(out["changes"][0]["step"], "open", "{out:#}");
    let pages: Vec<_> = std::fs::read_dir(forge.path().join("pull-requests"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "md" || e == "html"))
        .collect();
    let page = pages
        .iter()
        .map(|p| std::fs::read_to_string(p).unwrap())
        .find(|text| text.contains("Whose code this is"))
        .unwrap_or_else(|| panic!("no page says whose code it is: {pages:?}"));
    for shown in ["@acme/platform", "bob-b", "Ann Lee", "2024-03-04"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    for hidden in ["ann@example.com", "noreply.github.com", "renovate"] {
        assert!(!page.contains(hidden), "{hidden}");
    }
    // Somebody else owns it now: no reason to touch what people read.
    repo.write(".github/CODEOWNERS", b"* @acme/others\n");
    commit(&repo, "Dan", "dan@example.com", "2024-07-08");
    let again = run_json("pr", &repo, &findings(), &more);
    assert_eq!(again["changes"][0]["step"], "leave", "{again:#}");
}
