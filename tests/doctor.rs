//! `tfmend doctor` through the binary, against the GitHub double and the AWS testbed: each finding with its next step.
#![cfg(all(feature = "github", feature = "aws"))]
#![allow(clippy::unwrap_used)] // a test may stop here

mod support;
#[path = "support/github.rs"]
mod double;

use std::process::Command;
use std::time::{Duration, Instant};

use double::GitHubDouble;
use serde_json::{Value, json};
use support::Repo;
use support::aws::AwsTestbed;

const CODE: &str = "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"acme-logs\"\n}\n";

struct Doctor {
    code: i32,
    report: Value,
}

impl Doctor {
    /// The checks of an area with a standing.
    fn lines(&self, area: &str, standing: &str) -> Vec<String> {
        self.report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|c| c["area"] == area && c["standing"] == standing)
            .map(|c| {
                format!(
                    "{} | {}",
                    c["text"].as_str().unwrap(),
                    c["next"].as_str().unwrap()
                )
            })
            .collect()
    }

    #[track_caller]
    fn says(&self, area: &str, standing: &str, words: &str) {
        assert!(
            self.lines(area, standing).iter().any(|l| l.contains(words)),
            "no {standing} of {area} says `{words}`: {:#}",
            self.report
        );
    }
}

/// Runs it with nothing of this machine's own credentials.
fn doctor(repo: &Repo, args: &[&str], env: &[(String, String)]) -> Doctor {
    let out = Command::new(env!("CARGO_BIN_EXE_tfmend"))
        .args([
            "doctor",
            "--format",
            "json",
            "--repo",
            repo.path().to_str().unwrap(),
        ])
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", repo.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(env.iter().map(|(k, v)| (k, v)))
        .output()
        .unwrap();
    let report = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| {
        panic!(
            "{e}: {}{}",
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr)
        )
    });
    Doctor {
        code: out.status.code().unwrap(),
        report,
    }
}

fn with(env: Vec<(String, String)>, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let more = more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    env.into_iter().chain(more).collect()
}

#[test]
fn on_a_fresh_machine_it_says_what_it_could_not_look_at_and_nothing_fails() {
    let repo = Repo::new(&[("main.tf", CODE)]);
    repo.commit();
    let found = doctor(&repo, &[], &[]);
    assert_eq!(found.code, 0, "{:#}", found.report);
    found.says("configuration", "warn", "tfmend init");
    found.says("code", "ok", "1 root module");
    found.says("code", "warn", "--state");
    found.says("tools", "ok", "Git: main at");
    found.says("aws", "warn", "was not looked at");
    found.says("github", "warn", "not looked at");
    let counted = ["ok", "warn", "fail"]
        .map(|k| found.report[k].as_u64().unwrap())
        .iter()
        .sum::<u64>();
    assert_eq!(
        counted as usize,
        found.report["checks"].as_array().unwrap().len()
    );
    // What was asked for and is not there fails.
    let asked = doctor(
        &repo,
        &["--from", "security-hub:eu-west-1", "--github", "acme/infra"],
        &[],
    );
    assert_eq!(asked.code, 1);
    asked.says("aws", "fail", "no AWS credentials");
    asked.says("github", "fail", "GITHUB_TOKEN");
}

#[test]
fn without_a_network_it_ends_soon_and_says_so() {
    let repo = Repo::new(&[("main.tf", CODE)]);
    // A port that nobody listens on, and one that takes the connection and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for address in [closed, silent.local_addr().unwrap()] {
        let url = format!("http://{address}");
        let env = with(
            Vec::new(),
            &[
                ("AWS_ACCESS_KEY_ID", "AKIATEST"),
                ("AWS_SECRET_ACCESS_KEY", "x"),
                ("AWS_REGION", "eu-west-1"),
                ("AWS_ENDPOINT_URL", &url),
                ("GITHUB_TOKEN", "ghs_test"),
                ("GITHUB_API_URL", &url),
                ("GITHUB_SERVER_URL", &url),
            ],
        );
        let started = Instant::now();
        let found = doctor(&repo, &["--github", "acme/infra"], &env);
        assert!(
            started.elapsed() < Duration::from_secs(90),
            "{:?}",
            started.elapsed()
        );
        assert_eq!(found.code, 1, "{:#}", found.report);
        found.says("aws", "fail", "no answer to sts:GetCallerIdentity");
        found.says("aws", "warn", "AWS_ENDPOINT_URL is set");
        assert!(
            !found.lines("github", "fail").is_empty(),
            "{:#}",
            found.report
        );
        let offline = doctor(&repo, &["--offline"], &env);
        assert_eq!(offline.code, 0, "{:#}", offline.report);
        offline.says("aws", "warn", "--offline");
        offline.says("github", "warn", "--offline");
    }
}

#[test]
fn what_the_configuration_allows_and_what_is_wrong_with_it() {
    let repo = Repo::new(&[("main.tf", CODE), ("tfmend.toml", "profil = \"all\"\n")]);
    let found = doctor(&repo, &["--offline"], &[]);
    assert_eq!(found.code, 1);
    found.says("configuration", "fail", "tfmend.toml:1:1");
    repo.write(
        "tfmend.toml",
        b"profile = \"standard\"\n[limits]\nopen = 0\n[stages]\npaused = [\"notify\"]\n[[ignore]]\nrule = \"s3-*\"\nreason = \"old\"\nuntil = \"2020-01-01\"\n",
    );
    let found = doctor(&repo, &["--offline"], &[]);
    assert_eq!(found.code, 0, "{:#}", found.report);
    found.says("configuration", "ok", "profile standard, at most 0 open");
    found.says("configuration", "warn", "raise `open`");
    found.says("configuration", "warn", "stage notify is paused");
    found.says("configuration", "warn", "an ignore has ended");
    // A workflow that cannot run yet.
    let init = support::tfmend(&["init", "--repo", repo.path().to_str().unwrap()], b"");
    assert_eq!(init.code, 0, "{}", init.stderr);
    doctor(&repo, &["--offline"], &[]).says("configuration", "warn", "does not name the action");
    let empty = Repo::new(&[("README.md", "nothing here")]);
    let found = doctor(&empty, &["--offline"], &[]);
    assert_eq!(found.code, 1);
    found.says("code", "fail", "no Terraform code");
    found.says("tools", "warn", "Git:");
}

#[test]
fn a_state_that_cannot_be_read_is_named() {
    let repo = Repo::new(&[
        ("good/main.tf", CODE),
        (
            "good/terraform.tfstate",
            r#"{"version": 4, "terraform_version": "1.9.0", "resources": []}"#,
        ),
        ("bad/main.tf", CODE),
        ("bad/terraform.tfstate", "no state"),
    ]);
    let found = doctor(&repo, &["--offline"], &[]);
    found.says(
        "code",
        "ok",
        "1 state beside a root module: good/terraform.tfstate",
    );
    found.says("code", "warn", "bad/terraform.tfstate");
}

#[test]
fn security_hub_that_answers_refuses_or_is_not_there() {
    let Some(aws) = AwsTestbed::start() else {
        return;
    };
    let repo = Repo::new(&[("main.tf", CODE)]);
    let region = "eu-west-1";
    aws.import(region, &[]);
    let env = with(aws.env(), &[("AWS_REGION", region)]);
    let found = doctor(&repo, &["--from", "security-hub"], &env);
    assert_eq!(found.code, 0, "{:#}", found.report);
    found.says("aws", "ok", "signed in as arn:aws:");
    found.says(
        "aws",
        "ok",
        "Security Hub in eu-west-1 lets findings be read",
    );
    found.says("aws", "ok", "clock agrees");
    assert_eq!(
        (aws.count("GetCallerIdentity"), aws.count("GetFindings")),
        (1, 1)
    );
    // Without a region it is not guessed.
    let nowhere = doctor(&repo, &["--from", "security-hub"], &aws.env());
    assert_eq!(nowhere.code, 1);
    nowhere.says("aws", "fail", "AWS_REGION");
    for (code, words) in [
        (
            "AccessDeniedException",
            "allow securityhub:GetFindings in the policy",
        ),
        ("InvalidAccessException", "not switched on"),
        ("ThrottlingException", "throttling"),
    ] {
        aws.fault(
            json!({"service": "securityhub", "action": "GetFindings", "times": 1, "code": code}),
        );
        let found = doctor(&repo, &["--from", "security-hub:eu-west-1"], &env);
        assert_eq!(found.code, 1, "{code}: {:#}", found.report);
        found.says("aws", "fail", words);
    }
    aws.fault(json!({"service": "sts", "action": "GetCallerIdentity", "times": 1, "code": "ExpiredToken"}));
    let found = doctor(&repo, &[], &env);
    assert_eq!(found.code, 1);
    found.says("aws", "fail", "aws sso login");
}

#[test]
fn a_repository_a_token_and_its_rights() {
    let Some(github) = GitHubDouble::start() else {
        return;
    };
    let repo = Repo::new(&[("main.tf", CODE)]);
    github.repository("acme/infra", &[("main.tf", CODE)]);
    let found = doctor(&repo, &["--github", "acme/infra"], &github.env());
    assert_eq!(found.code, 0, "{:#}", found.report);
    found.says(
        "github",
        "ok",
        "acme/infra: private, pull requests go to main",
    );
    found.says("github", "ok", "clock");
    let wrong = with(
        github.env(),
        &[
            ("GITHUB_TOKEN", "ghp_wrong"),
            ("TFMEND_GITHUB_TOKEN", "ghp_wrong"),
        ],
    );
    let found = doctor(&repo, &["--github", "acme/infra"], &wrong);
    assert_eq!(found.code, 1, "{:#}", found.report);
    assert!(!found.report.to_string().contains("ghp_wrong"));
    let found = doctor(&repo, &["--github", "acme/other"], &github.env());
    assert_eq!(found.code, 1);
    found.says("github", "fail", "acme/other");
    assert!(github.writes().is_empty(), "{:?}", github.writes());
    github.assert_obeyed();
}
