//! `tfmend pr --forge local:DIR` as a user lives with it: open, again, closed by a person, merged, gone.

#![allow(clippy::unwrap_used)] // a test may stop here

mod support;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use support::{Repo, asff, git, run, run_json};
use tempfile::TempDir;

const MAIN: &str = r#"resource "aws_s3_bucket" "logs" {
  bucket = "acme-shop-audit-logs"
}

resource "aws_s3_bucket" "media" {
  bucket = "acme-shop-media-files"
}
"#;

fn findings() -> Value {
    json!([
        asff("S3.8", "AwsS3Bucket", "arn:aws:s3:::acme-shop-audit-logs"),
        asff("S3.8", "AwsS3Bucket", "arn:aws:s3:::acme-shop-media-files"),
    ])
}

fn pr(repo: &Repo, forge: &Path, findings: &Value) -> Value {
    let forge = format!("local:{}", forge.display());
    run_json(
        "pr",
        repo,
        findings,
        &["--forge", &forge, "--profile", "all"],
    )
}

fn steps(out: &Value) -> Vec<&str> {
    out["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["step"].as_str().unwrap())
        .collect()
}

fn branches(forge: &Path) -> Vec<String> {
    git(
        &forge.join("repository.git"),
        &[
            "for-each-ref",
            "--format=%(refname:short) %(objectname)",
            "refs/heads/tfmend",
        ],
    )
    .lines()
    .map(str::to_owned)
    .collect()
}

#[test]
fn opens_each_once_and_then_leaves_them() {
    let repo = Repo::new(&[("main.tf", MAIN)]);
    repo.commit();
    let forge = TempDir::new().unwrap();
    let first = pr(&repo, forge.path(), &findings());
    assert_eq!(steps(&first), ["open", "open"], "{first:#}");
    let before = branches(forge.path());
    assert_eq!(before.len(), 2);
    for _ in 0..2 {
        let again = pr(&repo, forge.path(), &findings());
        assert_eq!(steps(&again), ["leave", "leave"], "{again:#}");
        assert_eq!(
            branches(forge.path()),
            before,
            "same commits: nothing was pushed"
        );
    }
    assert_eq!(
        repo.text("main.tf"),
        MAIN,
        "the working tree is not touched"
    );
    let pages: Vec<_> = fs::read_dir(forge.path().join("pull-requests"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| n.ends_with(".html"))
        .collect();
    assert_eq!(pages.len(), 2, "{pages:?}");
    assert!(
        forge.path().join("journal.ndjson").is_file(),
        "every decision is journalled"
    );
}

#[test]
fn a_branch_holds_one_commit_with_the_fix_alone() {
    let repo = Repo::new(&[("main.tf", MAIN), ("script.sh", "#!/bin/sh\r\n")]);
    repo.commit();
    let forge = TempDir::new().unwrap();
    let out = pr(&repo, forge.path(), &findings());
    let bare = forge.path().join("repository.git");
    for change in out["changes"].as_array().unwrap() {
        let branch = change["id"].as_str().unwrap();
        assert_eq!(
            git(&bare, &["rev-list", "--count", &format!("main..{branch}")]).trim(),
            "1"
        );
        let stat = git(&bare, &["diff", "--numstat", "main", branch]);
        assert!(
            stat.trim().ends_with("main.tf") && stat.lines().count() == 1,
            "{stat}"
        );
        assert!(
            stat.split('\t').nth(1) == Some("0"),
            "nothing deleted: {stat}"
        );
        let message = git(&bare, &["log", "-1", "--format=%B", branch]);
        assert!(
            message.contains("Control: S3.8") && message.contains("Rule: s3-public-access"),
            "{message}"
        );
    }
}

#[test]
fn merged_is_done_and_what_is_gone_is_closed() {
    let repo = Repo::new(&[("main.tf", MAIN)]);
    repo.commit();
    let forge = TempDir::new().unwrap();
    let out = pr(&repo, forge.path(), &findings());
    let bare = forge.path().join("repository.git");
    let branch = out["changes"][0]["id"].as_str().unwrap();
    // Somebody merges the first one and pulls.
    git(
        repo.path(),
        &["fetch", "-q", bare.to_str().unwrap(), branch],
    );
    git(
        repo.path(),
        &[
            "-c",
            "user.name=Ann",
            "-c",
            "user.email=a@example.com",
            "merge",
            "-q",
            "--no-ff",
            "-m",
            "Merge",
            "FETCH_HEAD",
        ],
    );
    let next = pr(&repo, forge.path(), &findings());
    assert_eq!(next["summary"]["already_safe"], 1, "{next:#}");
    assert!(!steps(&next).contains(&"open"), "{next:#}");
    // The scanner resolves the second finding: its pull request is closed.
    let mut all = findings();
    for finding in all.as_array_mut().unwrap() {
        finding["Workflow"]["Status"] = json!("RESOLVED");
        finding["Compliance"]["Status"] = json!("PASSED");
        finding["UpdatedAt"] = json!("2026-11-21T08:00:00.000Z");
    }
    let last = pr(&repo, forge.path(), &all);
    assert!(steps(&last).contains(&"close"), "{last:#}");
    assert!(!steps(&last).contains(&"open"), "{last:#}");
}

#[test]
fn without_git_it_says_what_to_do() {
    let repo = Repo::new(&[("main.tf", MAIN)]);
    let forge = TempDir::new().unwrap();
    let target = format!("local:{}", forge.path().display());
    let ran = run("pr", &repo, &findings(), &["--forge", &target]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("git"), "{}", ran.stderr);
}

#[test]
fn unattended_it_starts_narrow() {
    let repo = Repo::new(&[(
        "main.tf",
        "resource \"aws_db_instance\" \"shop\" {\n  identifier          = \"shop\"\n  publicly_accessible = true\n}\n",
    )]);
    repo.commit();
    let forge = TempDir::new().unwrap();
    let target = format!("local:{}", forge.path().display());
    let findings = json!([asff(
        "RDS.2",
        "AwsRdsDbInstance",
        "arn:aws:rds:eu-west-1:111122223333:db:shop"
    )]);
    let out = run_json(
        "pr",
        &repo,
        &findings,
        &["--forge", &target, "--min-confidence", "low"],
    );
    assert_eq!(out["summary"]["proposed"], 0, "{out:#}");
    assert!(steps(&out).is_empty(), "{out:#}");
}

#[test]
fn values_of_a_state_reach_nothing_that_is_written() {
    const SECRET: &str = "correct-horse-battery-staple";
    let repo = Repo::new(&[(
        "main.tf",
        "resource \"aws_db_instance\" \"shop\" {\n  identifier          = \"shop\"\n  password            = var.password\n  publicly_accessible = true\n}\n\nvariable \"password\" {}\n",
    )]);
    let arn = "arn:aws:rds:eu-west-1:111122223333:db:shop";
    let state = json!({
        "version": 4, "terraform_version": "1.11.0", "serial": 3, "lineage": "l", "outputs": {
            "password": {"value": SECRET, "type": "string", "sensitive": true}
        },
        "resources": [{
            "mode": "managed", "type": "aws_db_instance", "name": "shop",
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{"schema_version": 2, "attributes": {
                "id": "db-ABC", "identifier": "shop", "arn": arn, "password": SECRET,
                "username": SECRET, "endpoint": format!("{SECRET}.example"), "publicly_accessible": true
            }}]
        }]
    });
    repo.write("terraform.tfstate", state.to_string().as_bytes());
    repo.commit();
    let forge = TempDir::new().unwrap();
    let target = format!("local:{}", forge.path().display());
    let findings = json!([asff("RDS.2", "AwsRdsDbInstance", arn)]);
    let ran = run(
        "pr",
        &repo,
        &findings,
        &["--forge", &target, "--profile", "all", "-vv"],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.json()["outcomes"][0]["evidence"], "state");
    assert_eq!(ran.json()["summary"]["proposed"], 1);
    assert!(!ran.stdout.contains(SECRET) && !ran.stderr.contains(SECRET));
    let mut waiting = vec![forge.path().to_path_buf()];
    let mut read = 0;
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            // The Git objects hold the repository as it is, its state included.
            if !path.ends_with("repository.git") {
                waiting.extend(fs::read_dir(path).unwrap().map(|e| e.unwrap().path()));
            }
        } else {
            read += 1;
            let bytes = fs::read(&path).unwrap();
            assert!(
                !String::from_utf8_lossy(&bytes).contains(SECRET),
                "{}",
                path.display()
            );
        }
    }
    assert!(read >= 4, "pages, record, journal");
}
