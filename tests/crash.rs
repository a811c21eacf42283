//! A run may be killed at any moment, or run beside others: started again it ends where an undisturbed one does.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Repo, asff, git};

fn start(repo: &Repo, findings: &Path, forge: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_tfmend"))
        .arg("pr")
        .arg("--findings")
        .arg(findings)
        .arg("--repo")
        .arg(repo.path())
        .args(["--profile", "all", "--format", "json"])
        .arg(format!("--forge=local:{}", forge.display()))
        .env("SOURCE_DATE_EPOCH", "1790000000")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Branches with their commits, and the records: what a forge remembers.
fn state(forge: &Path) -> BTreeMap<String, String> {
    let refs = git(
        &forge.join("repository.git"),
        &["for-each-ref", "--format=%(refname) %(objectname)"],
    );
    let mut state: BTreeMap<String, String> = refs
        .lines()
        .filter_map(|l| l.split_once(' '))
        .map(|(name, id)| (name.to_owned(), id.to_owned()))
        .collect();
    for entry in fs::read_dir(forge.join("pull-requests")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "json") {
            let record: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            state.insert(name, record.to_string());
        }
    }
    state
}

fn estate(dir: &Path) -> (Repo, std::path::PathBuf) {
    const BUCKETS: usize = 6;
    let repo = Repo::new(&[]);
    let mut findings = Vec::new();
    for i in 0..BUCKETS {
        let code =
            format!("resource \"aws_s3_bucket\" \"b\" {{\n  bucket = \"acme-crash-{i}\"\n}}\n");
        repo.write(&format!("root{i}/main.tf"), code.as_bytes());
        findings.push(asff(
            "S3.8",
            "AwsS3Bucket",
            &format!("arn:aws:s3:::acme-crash-{i}"),
        ));
    }
    repo.commit();
    let path = dir.join("findings.json");
    fs::write(&path, json!(findings).to_string()).unwrap();
    (repo, path)
}

#[test]
fn killed_at_any_moment_a_second_run_ends_like_an_undisturbed_one() {
    let dir = tempfile::tempdir().unwrap();
    let (repo, findings) = estate(dir.path());
    let forge = dir.path().join("calm");
    let began = Instant::now();
    assert!(start(&repo, &findings, &forge).wait().unwrap().success());
    let took = began.elapsed();
    let calm = state(&forge);
    assert!(
        calm.keys()
            .filter(|k| k.starts_with("refs/heads/tfmend/"))
            .count()
            > 1
    );
    for moment in 1..=20_u32 {
        let forge = dir.path().join(format!("killed-{moment}"));
        let mut run = start(&repo, &findings, &forge);
        std::thread::sleep(took * moment / 20 + Duration::from_micros(u64::from(moment) * 137));
        // SIGKILL; it may have ended by itself.
        let _ = run.kill();
        run.wait().unwrap();
        assert!(
            start(&repo, &findings, &forge).wait().unwrap().success(),
            "{moment}"
        );
        assert_eq!(state(&forge), calm, "killed at {moment}/20 of {took:?}");
    }
}

#[test]
fn runs_at_the_same_time_open_each_pull_request_once() {
    let dir = tempfile::tempdir().unwrap();
    let (repo, findings) = estate(dir.path());
    let calm = dir.path().join("calm");
    assert!(start(&repo, &findings, &calm).wait().unwrap().success());
    let forge = dir.path().join("shared");
    let runs: Vec<Child> = (0..4).map(|_| start(&repo, &findings, &forge)).collect();
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    assert_eq!(state(&forge), state(&calm));
}
