//! A repository on the GitHub double, a checkout of it, and `tfmend pr --github` between the two.
#![allow(dead_code, clippy::unwrap_used, unreachable_pub)] // each test binary uses its part

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::double::GitHubDouble;
use crate::support::{Ran, asff, git};

pub const LOGS: &str = "acme-shop-audit-logs";
pub const MEDIA: &str = "acme-shop-media-files-eu";
pub const FEED: &str = "acme-shop-feed";

/// A bucket in a file of its own.
pub fn bucket(name: &str) -> String {
    format!("resource \"aws_s3_bucket\" \"this\" {{\n  bucket = \"{name}\"\n}}\n")
}

pub fn finding(bucket: &str) -> Value {
    asff("S3.8", "AwsS3Bucket", &format!("arn:aws:s3:::{bucket}"))
}

/// The finding as the scanner has it after the fix.
pub fn passed(bucket: &str) -> Value {
    let mut finding = finding(bucket);
    finding["Workflow"]["Status"] = json!("RESOLVED");
    finding["Compliance"]["Status"] = json!("PASSED");
    finding["UpdatedAt"] = json!("2026-11-21T08:00:00.000Z");
    finding
}

pub struct Story<'d> {
    pub double: &'d GitHubDouble,
    pub name: String,
    dir: TempDir,
}

impl<'d> Story<'d> {
    /// A private repository with three open buckets.
    pub fn new(double: &'d GitHubDouble, name: &str) -> Self {
        Self::with(double, name, &json!({}), &[])
    }

    pub fn with(
        double: &'d GitHubDouble,
        name: &str,
        facts: &Value,
        more: &[(&str, &str)],
    ) -> Self {
        let (logs, media, feed) = (bucket(LOGS), bucket(MEDIA), bucket(FEED));
        let mut files = vec![
            ("logs/main.tf", logs.as_str()),
            ("media/main.tf", media.as_str()),
            ("feed/main.tf", feed.as_str()),
            ("README.md", "# Infrastructure\n"),
        ];
        files.extend(more);
        double.repository_with(name, &files, facts);
        Self::on(double, name)
    }

    /// A repository that is there.
    pub fn on(double: &'d GitHubDouble, name: &str) -> Self {
        let story = Self {
            double,
            name: name.to_owned(),
            dir: TempDir::new().unwrap(),
        };
        story.clone_it();
        story
    }

    pub fn bare(&self) -> PathBuf {
        PathBuf::from(self.state()["git"].as_str().unwrap())
    }

    fn clone_it(&self) {
        let to = self.checkout();
        git(
            self.dir.path(),
            &[
                "clone",
                "-q",
                self.bare().to_str().unwrap(),
                to.to_str().unwrap(),
            ],
        );
    }

    pub fn checkout(&self) -> PathBuf {
        self.dir.path().join("checkout")
    }

    pub fn pull(&self) {
        git(&self.checkout(), &["pull", "-q", "--ff-only"]);
    }

    pub fn write(&self, path: &str, text: &str) {
        fs::write(self.checkout().join(path), text).unwrap();
    }

    pub fn all() -> Value {
        json!([finding(LOGS), finding(MEDIA), finding(FEED)])
    }

    /// The command, ready to start.
    pub fn command(&self, findings: &Value, more: &[&str]) -> Command {
        let checkout = self.checkout();
        let mut arguments = vec!["--repo", checkout.to_str().unwrap()];
        arguments.extend(more);
        self.bare_command(findings, &arguments)
    }

    pub fn bare_command(&self, findings: &Value, more: &[&str]) -> Command {
        let input = self.dir.path().join("findings.json");
        fs::write(&input, findings.to_string()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tfmend"));
        command
            .args(["pr", "--profile", "all", "--format", "json", "--github"])
            .arg(&self.name)
            .arg("--findings")
            .arg(input)
            .args(more)
            .envs(self.double.env())
            .env_remove("TFMEND_CONFIG")
            .env_remove("TFMEND_LOG")
            .env_remove("TFMEND_GITHUB_TOKEN")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn try_run(&self, findings: &Value, more: &[&str]) -> Ran {
        ended(self.command(findings, more).spawn().unwrap())
    }

    /// A run that succeeds.
    pub fn run(&self, findings: &Value) -> Value {
        self.run_with(findings, &[])
    }

    pub fn run_with(&self, findings: &Value, more: &[&str]) -> Value {
        let ran = self.try_run(findings, more);
        assert_eq!(ran.code, 0, "{}\n{}", ran.stderr, ran.stdout);
        ran.json()
    }

    pub fn state(&self) -> Value {
        self.double.state(&self.name)
    }

    /// The writes to this repository so far.
    pub fn writes(&self) -> Vec<String> {
        let here = format!("/{}/", self.name);
        self.double
            .writes()
            .into_iter()
            .filter(|w| w.contains(&here))
            .collect()
    }

    pub fn pulls(&self) -> Vec<Value> {
        self.state()["pulls"].as_array().unwrap().clone()
    }

    /// The pull request of a bucket.
    pub fn pull_of(&self, directory: &str) -> Value {
        let mut found: Vec<Value> = self
            .pulls()
            .into_iter()
            .filter(|p| {
                p["body"]
                    .as_str()
                    .unwrap()
                    .contains(&format!("\"{directory}/main.tf\""))
            })
            .collect();
        found
            .pop()
            .unwrap_or_else(|| panic!("no pull request for {directory}"))
    }

    pub fn person(&self, act: &str, mut body: Value) -> Value {
        body["repository"] = json!(self.name);
        self.double.as_person(act, &body)
    }

    pub fn comments(&self, number: &Value) -> Vec<String> {
        self.state()["comments"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|c| c["number"] == *number)
            .map(|c| c["body"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Everything that lasts, without what differs from repository to repository and from run to run.
    pub fn lasting(&self, numbers: bool) -> Value {
        let state = self.state();
        let bare = self.bare();
        let plain = |text: &Value| {
            let mut text = text.as_str().unwrap_or_default().replace(&self.name, "O/N");
            if !numbers {
                text = regex::Regex::new(r"/(pull|issues)/\d+")
                    .unwrap()
                    .replace_all(&text, "/$1/N")
                    .into_owned();
                // Lines of the dashboard stand in the order of the numbers.
                let mut lines: Vec<&str> = text.lines().collect();
                lines.sort_unstable();
                text = lines.join("\n");
            }
            text
        };
        let number = |n: &Value| if numbers { n.clone() } else { Value::Null };
        let list = |kind: &str| state[kind].as_array().unwrap().clone();
        let mut pulls: Vec<Value> = list("pulls")
            .iter()
            .map(|p| {
                let mut labels: Vec<&str> = p["labels"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|l| l.as_str().unwrap())
                    .collect();
                labels.sort_unstable();
                json!({
                    "number": number(&p["number"]), "title": p["title"], "body": p["body"],
                    "state": p["state"], "merged": p["merged"], "head": p["head"], "base": p["base"],
                    "draft": p["draft"], "labels": labels, "verified": p["verified"],
                })
            })
            .collect();
        pulls.sort_by_key(|p| p["head"].to_string());
        let mut issues: Vec<Value> = list("issues")
            .iter()
            .filter(|i| numbers || i["state"] == "open")
            .map(|i| {
                json!({
                    "number": number(&i["number"]), "title": i["title"], "body": plain(&i["body"]),
                    "state": i["state"], "labels": i["labels"],
                })
            })
            .collect();
        issues.sort_by_key(ToString::to_string);
        let mut comments: Vec<Value> = list("comments")
            .iter()
            .map(|c| json!({"number": number(&c["number"]), "body": c["body"]}))
            .collect();
        comments.sort_by_key(ToString::to_string);
        let mut labels: Vec<String> = list("labels").iter().map(ToString::to_string).collect();
        labels.sort_unstable();
        let refs: serde_json::Map<String, Value> = state["refs"]
            .as_object()
            .unwrap()
            .keys()
            .map(|name| {
                let tree = git(&bare, &["rev-parse", &format!("{name}^{{tree}}")]);
                let count = git(&bare, &["rev-list", "--count", &format!("main..{name}")]);
                (name.clone(), json!([tree.trim(), count.trim()]))
            })
            .collect();
        json!({"pulls": pulls, "issues": issues, "comments": comments, "labels": labels, "refs": refs})
    }
}

pub fn ended(child: Child) -> Ran {
    let out = child.wait_with_output().unwrap();
    Ran {
        code: out.status.code().expect("not killed"),
        stdout: String::from_utf8(out.stdout).unwrap(),
        stderr: String::from_utf8(out.stderr).unwrap(),
    }
}

/// The steps of an answer, sorted.
pub fn steps(answer: &Value) -> Vec<&str> {
    let mut steps: Vec<&str> = answer["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["step"].as_str().unwrap())
        .collect();
    steps.sort_unstable();
    steps
}

/// The text of a file in a bare repository.
pub fn shown(bare: &Path, at: &str, path: &str) -> String {
    git(bare, &["show", &format!("{at}:{path}")])
}
