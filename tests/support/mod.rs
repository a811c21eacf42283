//! Runs the real binary on small repositories made for one test.
#![allow(dead_code, clippy::unwrap_used, unreachable_pub)] // each test binary uses its part

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

pub mod aws;

/// A repository in a temporary directory.
pub struct Repo {
    dir: TempDir,
}

impl Repo {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let repo = Self {
            dir: TempDir::new().unwrap(),
        };
        for (path, text) in files {
            repo.write(path, text.as_bytes());
        }
        repo
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let full = self.dir.path().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, bytes).unwrap();
    }

    pub fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.dir.path().join(path)).unwrap()
    }

    pub fn text(&self, path: &str) -> String {
        String::from_utf8(self.read(path)).unwrap()
    }

    /// Makes it a git repository with one commit on `main`.
    pub fn commit(&self) {
        for args in [
            &["init", "-q", "-b", "main"][..],
            &["add", "-A"],
            &[
                "-c",
                "user.name=Ann",
                "-c",
                "user.email=ann@example.com",
                "commit",
                // What is shown of it is the same every day.
                "--date=2026-11-02T09:00:00Z",
                "-qm",
                "Start",
            ],
        ] {
            git(self.path(), args);
        }
    }
}

/// Runs git and returns what it printed.
pub fn git(dir: &Path, args: &[&str]) -> String {
    let out = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args(args)
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "git {args:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout).unwrap()
}

/// What a run of the binary gave.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}\nstdout: {}\nstderr: {}", self.stdout, self.stderr))
    }
}

/// Runs the binary; `input` goes to its standard input.
pub fn tfmend(args: &[&str], input: &[u8]) -> Ran {
    tfmend_with(args, input, &[])
}

/// As [`tfmend`], with more in its environment; an empty value takes a variable away.
pub fn tfmend_with(args: &[&str], input: &[u8], environment: &[(String, String)]) -> Ran {
    use std::io::Write as _;
    let mut command = Command::new(env!("CARGO_BIN_EXE_tfmend"));
    for (name, value) in environment {
        if value.is_empty() {
            command.env_remove(name);
        } else {
            command.env(name, value);
        }
    }
    let mut child = command
        .args(args)
        .env_remove("TFMEND_CONFIG")
        .env_remove("TFMEND_LOG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // The binary may end before it has read everything.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let out = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ran {
        code: out.status.code().expect("not killed"),
        stdout: String::from_utf8(out.stdout).unwrap(),
        stderr: String::from_utf8(out.stderr).unwrap(),
    }
}

/// `tfmend VERB --findings - --repo REPO --format json …`.
pub fn run_json(verb: &str, repo: &Repo, findings: &Value, more: &[&str]) -> Value {
    let ran = run(verb, repo, findings, more);
    assert_eq!(ran.code, 0, "stderr: {}", ran.stderr);
    ran.json()
}

/// As [`run_json`], with the exit code left to the caller.
pub fn run(verb: &str, repo: &Repo, findings: &Value, more: &[&str]) -> Ran {
    let path = repo.path().to_str().unwrap();
    let mut args = vec![verb, "--findings", "-", "--repo", path, "--format", "json"];
    args.extend(more);
    tfmend(&args, findings.to_string().as_bytes())
}

/// A Security Hub finding in ASFF with a consolidated control id.
pub fn asff(control: &str, kind: &str, arn: &str) -> Value {
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("arn:aws:securityhub:eu-west-1:111122223333:security-control/{control}/finding/{}", arn.len()),
        "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
        "ProductName": "Security Hub",
        "CompanyName": "AWS",
        "Region": "eu-west-1",
        "GeneratorId": format!("security-control/{control}"),
        "AwsAccountId": "111122223333",
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "FirstObservedAt": "2026-10-01T08:00:00.000Z",
        "CreatedAt": "2026-10-01T08:00:00.000Z",
        "UpdatedAt": "2026-11-20T08:00:00.000Z",
        "Severity": {"Label": "HIGH", "Normalized": 70, "Original": "HIGH"},
        "Title": format!("{control} title"),
        "Description": "A description.",
        "Resources": [{"Type": kind, "Id": arn, "Partition": "aws", "Region": "eu-west-1"}],
        "Compliance": {"Status": "FAILED", "SecurityControlId": control, "AssociatedStandards": [{"StandardsId": "standards/aws-foundational-security-best-practices/v/1.0.0"}]},
        "WorkflowState": "NEW",
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE"
    })
}

/// The path of a file beside the tests.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
