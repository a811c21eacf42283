//! `tfmend check` through the binary: every rule on every instance, what is left alone, and what is new since a base.
#![allow(clippy::unwrap_used, clippy::panic)] // a test may stop here

mod support;

use serde_json::Value;
use support::{Repo, git, tfmend};

const SAFE_DB: &str = r#"resource "aws_db_instance" "main" {
  publicly_accessible = false
  deletion_protection = true
}
"#;

fn check(repo: &Repo, more: &[&str]) -> Value {
    let ran = run(repo, &[&["--format", "json"], more].concat());
    assert_eq!(ran.code, 0, "{}\n{}", ran.stderr, ran.stdout);
    let json = ran.json();
    let summary = &json["summary"];
    let sum: u64 = ["unsafe", "existing", "unknown", "suppressed", "safe"]
        .iter()
        .map(|k| summary[k].as_u64().unwrap())
        .sum();
    assert_eq!(sum, summary["checks"], "every check ends once: {summary}");
    json
}

fn run(repo: &Repo, more: &[&str]) -> support::Ran {
    let args = [&["check", "--repo", repo.path().to_str().unwrap()], more].concat();
    tfmend(&args, b"")
}

/// `verdict rule address` of every result that is listed.
fn listed(json: &Value) -> Vec<String> {
    json["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            let text = |k: &str| r[k].as_str().unwrap().to_owned();
            format!("{} {} {}", text("verdict"), text("rule"), text("address"))
        })
        .collect()
}

fn commit(repo: &Repo, message: &str) {
    git(repo.path(), &["add", "-A"]);
    git(
        repo.path(),
        &[
            "-c",
            "user.name=Ann",
            "-c",
            "user.email=ann@example.com",
            "commit",
            "-qm",
            message,
        ],
    );
}

#[test]
fn each_result_names_block_and_deciding_place() {
    let repo = Repo::new(&[
        (
            "live/main.tf",
            "module \"db\" {\n  source = \"../modules/db\"\n  open   = var.open\n}\n\nvariable \"open\" {}\n",
        ),
        ("live/terraform.tfvars", "# a comment\nopen = true\n"),
        (
            "modules/db/main.tf",
            "variable \"open\" {}\n\nresource \"aws_db_instance\" \"this\" {\n  count               = 2\n  publicly_accessible = var.open\n  deletion_protection = true\n}\n",
        ),
    ]);
    let json = check(&repo, &["--rule", "rds-public"]);
    assert_eq!(
        listed(&json),
        [
            "unsafe rds-public module.db.aws_db_instance.this[0]",
            "unsafe rds-public module.db.aws_db_instance.this[1]"
        ]
    );
    let first = &json["results"][0];
    assert_eq!(first["root"], "live");
    assert_eq!(first["file"], "modules/db/main.tf");
    assert_eq!(first["line"], 3);
    assert_eq!(first["decided_at"]["file"], "live/terraform.tfvars");
    assert_eq!(first["decided_at"]["line"], 2);
    assert_eq!(first["why"][0], "`publicly_accessible` is `true`");
    assert_eq!(first["severity"], "critical");

    let text = run(&repo, &["--rule", "rds-public", "--color", "never"]).stdout;
    assert!(
        text.contains("module.db.aws_db_instance.this[0] in live and 1 more instance"),
        "{text}"
    );
    assert!(
        text.contains("modules/db/main.tf:3, decided at live/terraform.tfvars:2"),
        "{text}"
    );
    assert!(
        text.contains("2 checks of 2 instances by 1 rule in 1 root: 2 unsafe"),
        "{text}"
    );
}

#[test]
fn every_instance_of_every_rule_is_counted_once() {
    let repo = Repo::new(&[(
        "main.tf",
        r#"resource "aws_db_instance" "a" {
  for_each            = { x = true, y = false }
  publicly_accessible = each.value
  deletion_protection = true
}

resource "aws_db_instance" "none" {
  count               = 0
  publicly_accessible = true
}

variable "n" {}

resource "aws_db_instance" "some" {
  count               = var.n
  publicly_accessible = true
  deletion_protection = var.n
}
"#,
    )]);
    let json = check(
        &repo,
        &[
            "--all",
            "--rule",
            "rds-public",
            "--rule",
            "rds-no-deletion-protection",
        ],
    );
    assert_eq!(json["summary"]["instances"], 3, "x, y and what var.n makes");
    assert_eq!(json["summary"]["checks"], 6);
    assert_eq!(
        listed(&json),
        [
            "safe rds-no-deletion-protection aws_db_instance.a[\"x\"]",
            "unsafe rds-public aws_db_instance.a[\"x\"]",
            "safe rds-no-deletion-protection aws_db_instance.a[\"y\"]",
            "safe rds-public aws_db_instance.a[\"y\"]",
            "unknown rds-no-deletion-protection aws_db_instance.some",
            "unsafe rds-public aws_db_instance.some",
        ]
    );
    let some = &json["results"][5];
    assert_eq!(some["every_instance"], true);
    let unknown = &json["results"][4];
    assert_eq!(unknown["reason"]["kind"], "value-not-in-code");
}

#[test]
fn a_rule_that_code_alone_cannot_answer_is_named_and_not_asked() {
    let repo = Repo::new(&[(
        "main.tf",
        "resource \"aws_iam_access_key\" \"k\" {\n  user = \"u\"\n}\n\nresource \"aws_iam_role\" \"r\" {\n  assume_role_policy = \"{}\"\n}\n",
    )]);
    let json = check(&repo, &[]);
    assert_eq!(json["summary"]["checks"], 0);
    let left: Vec<&str> = json["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["rule"].as_str().unwrap())
        .collect();
    assert_eq!(left, ["iam-access-key-unused", "iam-role-unused"]);
}

#[test]
fn the_exit_code_says_unsafe_only_when_asked() {
    let repo = Repo::new(&[(
        "main.tf",
        "resource \"aws_db_instance\" \"a\" {\n  publicly_accessible = true\n  deletion_protection = true\n}\n",
    )]);
    assert_eq!(run(&repo, &[]).code, 0);
    assert_eq!(run(&repo, &["--exit-code"]).code, 10);
    assert_eq!(
        run(
            &repo,
            &["--exit-code", "--rule", "rds-no-deletion-protection"]
        )
        .code,
        0
    );
    assert_eq!(
        run(&repo, &["--exit-code", "--severity", "critical"]).code,
        10
    );
    repo.write("main.tf", b"resource \"aws_db_instance\" \"a\" {\n  publicly_accessible = var.x\n  deletion_protection = true\n}\n\nvariable \"x\" {}\n");
    assert_eq!(run(&repo, &["--exit-code"]).code, 0, "not known");
    assert_eq!(run(&repo, &["--fail-on", "needs-human"]).code, 11);
    repo.write("main.tf", SAFE_DB.as_bytes());
    assert_eq!(run(&repo, &["--fail-on", "needs-human"]).code, 0);
    repo.write("broken.tf", b"resource {{{\n");
    let broken = run(&repo, &["--fail-on", "needs-human"]);
    assert_eq!(broken.code, 11, "{}", broken.stdout);
    assert!(broken.stdout.contains("broken.tf"), "{}", broken.stdout);
}

#[test]
fn wrong_arguments_say_what_there_is() {
    let repo = Repo::new(&[("live/a/main.tf", SAFE_DB)]);
    let rule = run(&repo, &["--rule", "rds-publik"]);
    assert_eq!(rule.code, 2);
    assert!(rule.stderr.contains("rds-public"), "{}", rule.stderr);
    let root = run(&repo, &["--root", "live/b"]);
    assert_eq!(root.code, 2);
    assert!(root.stderr.contains("live/a"), "{}", root.stderr);
    let outside = run(&repo, &["--root", "../.."]);
    assert_eq!(outside.code, 2, "{}", outside.stderr);
    let base = run(&repo, &["--changed-since", "main"]);
    assert_eq!(base.code, 2, "no repository: {}", base.stdout);
    repo.commit();
    let base = run(&repo, &["--changed-since", "no-such-branch"]);
    assert_eq!(base.code, 2);
    assert!(base.stderr.contains("fetch"), "{}", base.stderr);
    assert_eq!(run(&repo, &["--root", "live"]).code, 0);
}

#[test]
fn only_the_roots_that_are_asked_for() {
    let bad = "resource \"aws_db_instance\" \"a\" {\n  publicly_accessible = true\n}\n";
    let repo = Repo::new(&[
        ("live/a/main.tf", bad),
        ("live/a2/main.tf", bad),
        ("live/b/x/main.tf", bad),
    ]);
    let roots = |more: &[&str]| -> Vec<String> {
        let json = check(&repo, &[&["--rule", "rds-public"], more].concat());
        let results = json["results"].as_array().unwrap().clone();
        results
            .iter()
            .map(|r| r["root"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(roots(&[]), ["live/a", "live/a2", "live/b/x"]);
    assert_eq!(roots(&["--root", "live/a"]), ["live/a"]);
    assert_eq!(
        roots(&["--root", "live/a", "--root", "live/b"]),
        ["live/a", "live/b/x"]
    );
}

#[test]
fn comments_silence_what_they_name_and_no_more() {
    let repo = Repo::new(&[
        (
            "main.tf",
            r#"resource "aws_db_instance" "checkov" {
  #checkov:skip=CKV_AWS_17: reached through the VPN
  publicly_accessible = true
  deletion_protection = false
}

# tfmend:ignore rds-public
resource "aws_db_instance" "ours" {
  publicly_accessible = true
  deletion_protection = true
}

resource "aws_security_group" "partly" {
  #checkov:skip=CKV_AWS_24: the bastion
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "both" {
  #checkov:skip=CKV_AWS_24: the bastion
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    from_port   = 3389
    to_port     = 3389
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

module "silenced" {
  #checkov:skip=CKV_AWS_17: the module's own users
  source = "./db"
}
"#,
        ),
        (
            "db/main.tf",
            "resource \"aws_db_instance\" \"this\" {\n  publicly_accessible = true\n  deletion_protection = true\n}\n",
        ),
    ]);
    let json = check(
        &repo,
        &[
            "--rule",
            "rds-public",
            "--rule",
            "rds-no-deletion-protection",
            "--rule",
            "sg-open-ingress",
        ],
    );
    let listed = listed(&json);
    assert_eq!(
        listed,
        [
            "unsafe rds-no-deletion-protection aws_db_instance.checkov",
            "suppressed rds-public aws_db_instance.checkov",
            "suppressed rds-public aws_db_instance.ours",
            "unsafe sg-open-ingress aws_security_group.both",
            "suppressed sg-open-ingress aws_security_group.partly",
            "suppressed rds-public module.silenced.aws_db_instance.this",
        ]
    );
    let both = &json["results"][3];
    assert_eq!(
        both["why"].as_array().unwrap().len(),
        1,
        "what is silenced is no complaint: {both}"
    );
    assert!(both["why"][0].as_str().unwrap().contains("3389"));
    let by = &json["results"][5]["reason"];
    assert_eq!(by["kind"], "suppressed-in-code");
    assert!(
        by["message"]
            .as_str()
            .unwrap()
            .contains("module call `silenced`"),
        "{by}"
    );
}

#[test]
fn a_comment_at_the_rule_of_a_group_silences_the_group() {
    let rule = |name: &str, comment: &str| {
        format!(
            "resource \"aws_security_group_rule\" \"{name}\" {{\n{comment}  type              = \"ingress\"\n  from_port         = 22\n  to_port           = 22\n  protocol          = \"tcp\"\n  cidr_blocks       = [\"0.0.0.0/0\"]\n  security_group_id = aws_security_group.g.id\n}}\n"
        )
    };
    let group = "resource \"aws_security_group\" \"g\" {\n  name = \"g\"\n}\n";
    let silent = "  # tfmend:ignore sg-open-ingress\n";
    let repo = Repo::new(&[("main.tf", &format!("{group}\n{}", rule("a", silent)))]);
    let verdict = |repo: &Repo| {
        let json = check(repo, &["--rule", "sg-open-ingress"]);
        let found = listed(&json);
        found
            .iter()
            .find(|l| l.ends_with("aws_security_group.g"))
            .cloned()
            .unwrap()
    };
    assert_eq!(
        verdict(&repo),
        "suppressed sg-open-ingress aws_security_group.g"
    );
    repo.write("other.tf", rule("b", "").as_bytes());
    assert_eq!(
        verdict(&repo),
        "unsafe sg-open-ingress aws_security_group.g"
    );
}

#[test]
fn what_is_meant_to_be_public_is_left_alone_with_its_reason() {
    let repo = Repo::new(&[(
        "main.tf",
        "resource \"aws_s3_bucket\" \"site\" {\n  bucket = \"site\"\n  tags = {\n    visibility = \"public\"\n  }\n}\n",
    )]);
    let json = check(&repo, &["--rule", "s3-public-access"]);
    assert_eq!(
        listed(&json),
        ["suppressed s3-public-access aws_s3_bucket.site"]
    );
    assert_eq!(json["results"][0]["reason"]["kind"], "intended-public");
}

#[test]
fn the_configuration_leaves_alone_what_it_can_name_in_code() {
    let bad = "resource \"aws_db_instance\" \"a\" {\n  publicly_accessible = true\n  deletion_protection = false\n}\n";
    let repo = Repo::new(&[("sandbox/main.tf", bad), ("live/main.tf", bad)]);
    let wrote = |config: &str| {
        repo.write("tfmend.toml", config.as_bytes());
        listed(&check(
            &repo,
            &[
                "--rule",
                "rds-public",
                "--rule",
                "rds-no-deletion-protection",
            ],
        ))
    };
    let (del, public) = ("rds-no-deletion-protection", "rds-public");
    let unsafe_of = |rule: &str| format!("unsafe {rule} aws_db_instance.a");
    let left = |rule: &str| format!("suppressed {rule} aws_db_instance.a");
    assert_eq!(
        wrote(
            "[[ignore]]\nrule = \"rds-public\"\npath = \"sandbox/**\"\nreason = \"toys\"\nuntil = 2999-01-01\n"
        ),
        [
            unsafe_of(del),
            unsafe_of(public),
            unsafe_of(del),
            left(public)
        ]
    );
    assert_eq!(
        wrote("[[ignore]]\nrule = \"rds-public\"\nreason = \"it has ended\"\nuntil = 2020-01-01\n"),
        [
            unsafe_of(del),
            unsafe_of(public),
            unsafe_of(del),
            unsafe_of(public)
        ]
    );
    assert_eq!(
        wrote("[[policy]]\nrule = \"rds-no-*\"\npath = \"live/**\"\ndecision = \"ignore\"\n"),
        [
            left(del),
            unsafe_of(public),
            unsafe_of(del),
            unsafe_of(public)
        ]
    );
    // Nobody knows the account from the code: an ignore for one account leaves nothing out.
    assert_eq!(
        wrote("[[policy]]\naccount = \"111122223333\"\ndecision = \"ignore\"\n"),
        [
            unsafe_of(del),
            unsafe_of(public),
            unsafe_of(del),
            unsafe_of(public)
        ]
    );
    let ran = run(&repo, &["--profile", "starter", "--format", "json"]);
    let starter = ran.json()["summary"]["rules"].as_u64().unwrap();
    let all = run(&repo, &["--profile", "all", "--format", "json"]).json()["summary"]["rules"]
        .as_u64()
        .unwrap();
    assert!(0 < starter && starter < all, "{starter} of {all}");
}

#[test]
fn since_a_base_only_what_became_unsafe_counts() {
    let repo = Repo::new(&[
        (
            "main.tf",
            "resource \"aws_db_instance\" \"old\" {\n  publicly_accessible = true\n}\n\nresource \"aws_db_instance\" \"good\" {\n  publicly_accessible = var.open\n}\n\nvariable \"open\" {}\n",
        ),
        ("terraform.tfvars", "open = false\n"),
        ("other/main.tf", SAFE_DB),
    ]);
    repo.commit();
    let since = ["--rule", "rds-public", "--changed-since", "main"];
    git(repo.path(), &["checkout", "-qb", "work"]);
    let json = check(&repo, &since);
    assert_eq!(listed(&json), ["existing rds-public aws_db_instance.old"]);
    assert_eq!(json["base"]["changed"].as_array().unwrap().len(), 0);
    assert_eq!(run(&repo, &[&since[..], &["--exit-code"]].concat()).code, 0);

    // Not committed yet: the working tree counts.
    repo.write("terraform.tfvars", b"open = true\n");
    let json = check(&repo, &since);
    assert_eq!(
        listed(&json),
        [
            "unsafe rds-public aws_db_instance.good",
            "existing rds-public aws_db_instance.old"
        ]
    );
    assert_eq!(json["results"][0]["new"], true);
    assert_eq!(json["results"][1]["touched"], false);
    assert_eq!(json["base"]["changed"][0], "terraform.tfvars");
    let ran = run(
        &repo,
        &[&since[..], &["--exit-code", "--color", "never"]].concat(),
    );
    assert_eq!(ran.code, 10);
    assert!(
        ran.stdout.contains("Unsafe since the base (1)"),
        "{}",
        ran.stdout
    );
    assert!(
        !ran.stdout.contains("aws_db_instance.old"),
        "what was so before and is not touched is only counted: {}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("1 unsafe · 1 unsafe on the base, too"),
        "{}",
        ran.stdout
    );

    // main goes on: what it changes is not ours.
    commit(&repo, "Open it");
    git(repo.path(), &["checkout", "-q", "main"]);
    repo.write("main.tf", b"variable \"open\" {}\n");
    commit(&repo, "Take all away");
    git(repo.path(), &["checkout", "-q", "work"]);
    assert_eq!(
        listed(&check(&repo, &since)),
        [
            "unsafe rds-public aws_db_instance.good",
            "existing rds-public aws_db_instance.old"
        ]
    );
}

#[test]
fn a_block_that_only_moves_is_no_regression_but_a_copy_is() {
    let block = |name: &str| {
        format!("resource \"aws_db_instance\" \"{name}\" {{\n  publicly_accessible = true\n}}\n")
    };
    let repo = Repo::new(&[("a/main.tf", &block("old"))]);
    repo.commit();
    git(repo.path(), &["checkout", "-qb", "work"]);
    git(repo.path(), &["mv", "a", "b"]);
    repo.write("b/main.tf", block("renamed").as_bytes());
    let verdicts = |repo: &Repo| {
        listed(&check(
            repo,
            &["--rule", "rds-public", "--changed-since", "main"],
        ))
    };
    assert_eq!(
        verdicts(&repo),
        ["existing rds-public aws_db_instance.renamed"]
    );
    repo.write(
        "b/main.tf",
        format!("{}\n{}", block("renamed"), block("copy")).as_bytes(),
    );
    let two = verdicts(&repo);
    assert_eq!(
        two.iter().filter(|v| v.starts_with("unsafe")).count(),
        1,
        "{two:?}"
    );
    // With a count that was not there.
    std::fs::remove_dir_all(repo.path().join("b")).unwrap();
    repo.write(
        "a/main.tf",
        block("old").replace("{\n", "{\n  count = 1\n").as_bytes(),
    );
    let counted = check(&repo, &["--rule", "rds-public", "--changed-since", "main"]);
    assert_eq!(
        listed(&counted),
        ["existing rds-public aws_db_instance.old[0]"]
    );
    assert_eq!(counted["results"][0]["touched"], true);
}

#[test]
fn worse_than_before_is_new() {
    let group = |ports: &[u16]| {
        let rules: String = ports
            .iter()
            .map(|p| format!("  ingress {{\n    from_port   = {p}\n    to_port     = {p}\n    protocol    = \"tcp\"\n    cidr_blocks = [\"0.0.0.0/0\"]\n  }}\n"))
            .collect();
        format!("resource \"aws_security_group\" \"g\" {{\n{rules}}}\n")
    };
    let repo = Repo::new(&[("main.tf", &group(&[22]))]);
    repo.commit();
    let since = ["--rule", "sg-open-ingress", "--diff", "HEAD"];
    repo.write("main.tf", group(&[22, 3389]).as_bytes());
    assert_eq!(
        listed(&check(&repo, &since)),
        ["unsafe sg-open-ingress aws_security_group.g"]
    );
    repo.write(
        "main.tf",
        group(&[22])
            .replace("resource", "# a word\nresource")
            .as_bytes(),
    );
    assert_eq!(
        listed(&check(&repo, &since)),
        ["existing sg-open-ingress aws_security_group.g"]
    );
}

#[test]
fn what_git_does_not_keep_counts_on_both_sides() {
    let repo = Repo::new(&[
        (
            "infra/main.tf",
            "resource \"aws_db_instance\" \"a\" {\n  publicly_accessible = var.open\n}\n\nvariable \"open\" {}\n",
        ),
        ("infra/.gitignore", "*.tfvars\n"),
        ("infra/terraform.tfvars", "open = true\n"),
    ]);
    repo.commit();
    let infra = repo.path().join("infra");
    let ran = tfmend(
        &[
            "check",
            "--repo",
            infra.to_str().unwrap(),
            "--format",
            "json",
            "--rule",
            "rds-public",
            "--changed-since",
            "HEAD",
        ],
        b"",
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        listed(&ran.json()),
        ["existing rds-public aws_db_instance.a"],
        "below the top of the repository, with an ignored variable file"
    );
}

#[test]
fn a_new_comment_that_silences_is_shown() {
    let block = "resource \"aws_db_instance\" \"a\" {\n  publicly_accessible = true\n}\n";
    let repo = Repo::new(&[("main.tf", block)]);
    repo.commit();
    repo.write(
        "main.tf",
        format!("# tfmend:ignore rds-public: for the demo\n{block}").as_bytes(),
    );
    let ran = run(
        &repo,
        &[
            "--rule",
            "rds-public",
            "--changed-since",
            "HEAD",
            "--exit-code",
            "--color",
            "never",
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("Newly suppressed (1)"),
        "{}",
        ran.stdout
    );
}

#[test]
fn code_scanning_and_annotations() {
    let repo = Repo::new(&[(
        "a b/main.tf",
        "resource \"aws_db_instance\" \"a\" {\n  for_each            = toset([\"x\", \"y\"])\n  publicly_accessible = true\n}\n\n# tfmend:ignore\nresource \"aws_db_instance\" \"b\" {\n  publicly_accessible = true\n}\n",
    )]);
    let rule = ["--rule", "rds-public"];
    let sarif = run(&repo, &[&rule[..], &["--format", "sarif"]].concat()).json();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 2, "one a block: {results:?}");
    let location = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "a%20b/main.tf");
    assert_eq!(location["region"]["startLine"], 3);
    assert_eq!(
        results[0]["properties"]["addresses"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(results[0]["level"], "error");
    assert!(results[0]["suppressions"].is_null());
    assert_eq!(results[1]["suppressions"][0]["kind"], "inSource");
    assert_ne!(
        results[0]["partialFingerprints"]["tfmendCheck/v1"],
        results[1]["partialFingerprints"]["tfmendCheck/v1"]
    );

    let github = run(&repo, &[&rule[..], &["--format", "github"]].concat()).stdout;
    assert_eq!(github.lines().count(), 1, "{github}");
    assert!(
        github.starts_with("::error file=a b/main.tf,line=3,title=rds-public%3A unsafe::"),
        "{github}"
    );
}

#[test]
fn calls_that_lead_out_of_the_repository_are_named() {
    let repo = Repo::new(&[(
        "main.tf",
        "module \"mine\" {\n  source  = \"git::https://git.example.com/mine.git\"\n}\n",
    )]);
    let json = check(&repo, &[]);
    assert_eq!(json["unseen"][0]["call"], "module.mine");
    assert_eq!(
        json["unseen"][0]["source"],
        "git::https://git.example.com/mine.git"
    );
    assert_eq!(json["unseen"][0]["at"]["line"], 1);
}

#[test]
fn a_block_of_an_installed_module_is_shown_at_its_call() {
    let repo = Repo::new(&[
        (
            "live/main.tf",
            "# The orders.\nmodule \"db\" {\n  source = \"example.com/acme/db/aws\"\n}\n",
        ),
        (
            "live/.terraform/modules/modules.json",
            r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"db","Source":"example.com/acme/db/aws","Dir":".terraform/modules/db"}]}"#,
        ),
        (
            "live/.terraform/modules/db/main.tf",
            "resource \"aws_db_instance\" \"this\" {\n  publicly_accessible = true\n}\n",
        ),
    ]);
    let json = check(&repo, &["--rule", "rds-public"]);
    assert_eq!(
        listed(&json),
        ["unsafe rds-public module.db.aws_db_instance.this"]
    );
    let result = &json["results"][0];
    assert_eq!(result["file"], "live/main.tf");
    assert_eq!(result["line"], 2);
    assert_eq!(result["decided_at"]["file"], "live/main.tf");
}
