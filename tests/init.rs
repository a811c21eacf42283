//! `tfmend init` through the binary: what it writes is accepted by the other verbs, and nothing is overwritten.

#![allow(clippy::unwrap_used)] // a test may stop here

mod support;

use std::fs;

use serde_json::json;
use support::{Repo, asff, run_json, tfmend};
use tfmend::config::Config;

const CONFIG: &str = ".github/tfmend.toml";
const WORKFLOW: &str = ".github/workflows/tfmend.yml";
const BUCKET: &str = r#"terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_ecr_repository" "shop" {
  name = "shop"
}
"#;

fn init(repo: &Repo, more: &[&str]) -> support::Ran {
    let mut args = vec!["init", "--repo", repo.path().to_str().unwrap()];
    args.extend(more);
    tfmend(&args, b"")
}

#[test]
fn the_configuration_is_valid_starts_narrow_and_says_what_to_do_next() {
    let repo = Repo::new(&[("main.tf", BUCKET)]);
    let ran = init(&repo, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains(CONFIG) && ran.stdout.contains(WORKFLOW),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("Next:\n  1. "), "{}", ran.stdout);
    assert!(ran.stdout.contains("TFMEND_AWS_ROLE"), "{}", ran.stdout);
    let text = repo.text(CONFIG);
    assert!(text.starts_with("#:schema "), "{text}");
    let config = Config::parse(&text, CONFIG).unwrap();
    assert_eq!(config.limits.open, 0);
    assert_eq!(
        *config.profile.unwrap().get_ref(),
        tfmend::rules::Profile::Starter
    );
    // What is commented out is valid as well: whoever takes the marks away gets a configuration that works.
    let uncommented: String = text
        .lines()
        .skip(1)
        .map(|l| match l.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") || rest.starts_with('[') => rest,
            Some(_) | None if l.starts_with('#') => "",
            _ => l,
        })
        .map(|l| format!("{l}\n"))
        .collect();
    let wide = Config::parse(&uncommented, CONFIG).unwrap_or_else(|e| panic!("{e}\n{uncommented}"));
    assert_eq!(wide.accounts.len(), 2, "{uncommented}");
    assert_eq!(
        (wide.policy.len(), wide.ignore.len(), wide.placement.len()),
        (1, 1, 1)
    );
}

#[test]
fn the_first_run_shows_everything_and_opens_nothing() {
    let repo = Repo::new(&[("main.tf", BUCKET)]);
    assert_eq!(init(&repo, &[]).code, 0);
    repo.commit();
    let forge = tempfile::tempdir().unwrap();
    let arn = "arn:aws:ecr:eu-west-1:111122223333:repository/shop";
    let findings = json!([asff("ECR.1", "AwsEcrRepository", arn)]);
    let target = format!("local:{}", forge.path().display());
    let first = run_json("pr", &repo, &findings, &["--forge", &target]);
    assert_eq!(first["changes"][0]["step"], "defer", "{first:#}");
    assert!(
        first["outcomes"][0]["diff"]
            .as_str()
            .unwrap()
            .contains("scan_on_push"),
        "{first:#}"
    );
    // Raised, it proposes.
    let config = repo.text(CONFIG).replace("open = 0", "open = 3");
    repo.write(CONFIG, config.as_bytes());
    support::git(
        repo.path(),
        &[
            "-c",
            "user.name=Ann",
            "-c",
            "user.email=ann@example.com",
            "commit",
            "-qam",
            "Widen",
        ],
    );
    let second = run_json("pr", &repo, &findings, &["--forge", &target]);
    assert_eq!(second["changes"][0]["step"], "open", "{second:#}");
}

#[test]
fn nothing_is_overwritten_without_force() {
    let repo = Repo::new(&[(WORKFLOW, "mine\n")]);
    let ran = init(&repo, &[]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(
        ran.stderr.contains(WORKFLOW) && ran.stderr.contains("--force"),
        "{}",
        ran.stderr
    );
    assert_eq!(repo.text(WORKFLOW), "mine\n");
    assert!(!repo.path().join(CONFIG).exists(), "all or nothing");
    let ran = init(&repo, &["--force"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("replaced"), "{}", ran.stdout);
    assert_ne!(repo.text(WORKFLOW), "mine\n");
    let again = init(&repo, &[]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(
        again.stdout.matches("unchanged").count(),
        2,
        "{}",
        again.stdout
    );
}

#[test]
fn a_configuration_elsewhere_is_kept_and_no_second_one_is_made() {
    let repo = Repo::new(&[("tfmend.toml", "profile = \"all\"\n")]);
    let ran = init(&repo, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("kept      tfmend.toml"),
        "{}",
        ran.stdout
    );
    assert!(!repo.path().join(CONFIG).exists());
    assert!(repo.path().join(WORKFLOW).exists());
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_repository() {
    let outside = tempfile::tempdir().unwrap();
    let repo = Repo::new(&[("main.tf", "")]);
    std::os::unix::fs::symlink(outside.path(), repo.path().join(".github")).unwrap();
    let ran = init(&repo, &["--force"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("is a link"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn the_action_is_named_by_a_commit_or_not_at_all() {
    let repo = Repo::new(&[]);
    let ran = init(&repo, &["--action", "acme/tfmend@v1"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("40 digits"), "{}", ran.stderr);
    let action = "acme/tfmend@3d3c42e5aac5ba805825da76410c181273ba90b1";
    assert_eq!(init(&repo, &["--action", action]).code, 0);
    let workflow = repo.text(WORKFLOW);
    assert!(
        workflow.contains(&format!("uses: {action}\n")),
        "{workflow}"
    );
    assert!(workflow.contains("permissions: {}\n"));
    assert_eq!(init(&repo, &["--repo", "/no/such/directory"]).code, 2);
}

#[test]
fn a_second_format_goes_to_a_file() {
    let repo = Repo::new(&[("main.tf", BUCKET)]);
    let out = tempfile::tempdir().unwrap();
    let sarif = out.path().join("a.sarif");
    let text = out.path().join("a.txt");
    let arn = "arn:aws:ecr:eu-west-1:111122223333:repository/shop";
    let also = [
        "--also".to_owned(),
        format!("sarif={}", sarif.display()),
        format!("--also=text={}", text.display()),
    ];
    let also: Vec<&str> = also.iter().map(String::as_str).collect();
    let answer = run_json(
        "plan",
        &repo,
        &json!([asff("ECR.1", "AwsEcrRepository", arn)]),
        &also,
    );
    assert_eq!(answer["summary"]["proposed"], 1);
    let log: serde_json::Value = serde_json::from_slice(&fs::read(&sarif).unwrap()).unwrap();
    assert_eq!(
        log["runs"][0]["results"][0]["ruleId"],
        "ecr-no-scan-on-push"
    );
    let text = fs::read_to_string(&text).unwrap();
    assert!(
        text.contains("Proposed (1)") && !text.contains('\u{1b}'),
        "{text}"
    );
    let bad = support::run("plan", &repo, &json!([]), &["--also", "xml=x"]);
    assert_eq!(bad.code, 2, "{}", bad.stderr);
}
