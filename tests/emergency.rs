//! Live changes through the binary, on an emulated cloud behind a proxy that writes every call down.
#![cfg(feature = "emergency")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test stops at the first surprise"
)]

mod support;

#[path = "emergency/cloud.rs"]
mod cloud;
#[path = "emergency/gate.rs"]
mod gate;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use cloud::{Cloud, Rule, rule};
use gate::{Gate, Hold};
use serde_json::{Value, json};
use support::aws::{ACCOUNT, AwsTestbed};
use support::{Ran, Repo, asff, git};

/// Every call that changes something: all that may ever appear besides reads.
const WRITES: [&str; 4] = [
    "PutPublicAccessBlock",
    "DeletePublicAccessBlock",
    "AuthorizeSecurityGroupIngress",
    "RevokeSecurityGroupIngress",
];

fn is_read(action: &str) -> bool {
    ["Get", "Describe", "List", "Head", "AssumeRole"]
        .iter()
        .any(|start| action.starts_with(start))
}

/// One estate: a repository with a configuration, findings, a journal, and the cloud of one account and region.
struct Story {
    testbed: AwsTestbed,
    cloud: Cloud,
    repo: Repo,
    dir: tempfile::TempDir,
    account: String,
    region: String,
    /// Where the binary sends its calls; the testbed's address without a gate.
    url: String,
}

const ELIGIBLE: &str = "[[policy]]\nrule = [\"s3-public-access\", \"sg-open-ingress\"]\ndecision = \"propose\"\nemergency = true\n";

impl Story {
    /// In the emulator's first account, without a role.
    fn new(region: &str, code: &str, more: &str) -> Option<Self> {
        let config =
            format!("[accounts]\n\"{ACCOUNT}\" = {{ class = \"sandbox\" }}\n\n{ELIGIBLE}{more}");
        Self::with(region, ACCOUNT, code, &config)
    }

    fn with(region: &str, account: &str, code: &str, config: &str) -> Option<Self> {
        let testbed = AwsTestbed::start()?;
        let repo = Repo::new(&[("main.tf", code), ("tfmend.toml", config)]);
        repo.commit();
        let cloud = Cloud::new(testbed.url(), "SETUPKEY", region);
        Some(Self {
            cloud,
            repo,
            dir: tempfile::tempdir().unwrap(),
            account: account.to_owned(),
            region: region.to_owned(),
            url: testbed.url().to_owned(),
            testbed,
        })
    }

    fn finding(&self, control: &str, kind: &str, arn: &str) -> Value {
        let mut finding = asff(control, kind, arn);
        finding["AwsAccountId"] = json!(self.account);
        finding["Region"] = json!(self.region);
        finding["Resources"][0]["Region"] = json!(self.region);
        finding["Id"] = json!(format!(
            "arn:aws:securityhub:{}:{}:security-control/{control}/finding/{}",
            self.region,
            self.account,
            arn.rsplit([':', '/']).next().unwrap()
        ));
        finding
    }

    fn of_bucket(&self, name: &str) -> Value {
        self.finding("S3.8", "AwsS3Bucket", &format!("arn:aws:s3:::{name}"))
    }

    fn of_group(&self, control: &str, group: &str) -> Value {
        let arn = format!(
            "arn:aws:ec2:{}:{}:security-group/{group}",
            self.region, self.account
        );
        self.finding(control, "AwsEc2SecurityGroup", &arn)
    }

    fn journal(&self) -> PathBuf {
        self.dir.path().join("deep/journal.ndjson")
    }

    fn forge(&self) -> String {
        format!("local:{}", self.dir.path().join("forge").display())
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tfmend"));
        command
            .arg("emergency")
            .args(args)
            .current_dir(self.dir.path())
            .env_remove("TFMEND_CONFIG")
            .env_remove("TFMEND_JOURNAL")
            .env_remove("GITHUB_ACTOR")
            .env("USER", "ann")
            .envs(self.testbed.env())
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_MAX_ATTEMPTS", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        let out = self.command(args).output().unwrap();
        Ran {
            code: out.status.code().unwrap_or(-1),
            stdout: String::from_utf8(out.stdout).unwrap(),
            stderr: String::from_utf8(out.stderr).unwrap(),
        }
    }

    /// `VERB --findings … --repo … --journal … --format json …`.
    fn args<'a>(&self, verb: &'a str, findings: &[Value], more: &[&'a str]) -> Vec<String> {
        let path = self.dir.path().join("findings.json");
        std::fs::write(&path, json!(findings).to_string()).unwrap();
        let mut args: Vec<String> = [
            verb,
            "--format",
            "json",
            "--findings",
            path.to_str().unwrap(),
            "--repo",
            self.repo.path().to_str().unwrap(),
            "--journal",
            self.journal().to_str().unwrap(),
        ]
        .map(str::to_owned)
        .to_vec();
        args.extend(more.iter().map(|m| (*m).to_owned()));
        args
    }

    fn ask(&self, verb: &str, findings: &[Value], more: &[&str]) -> Ran {
        let args = self.args(verb, findings, more);
        self.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn plan(&self, finding: &Value, more: &[&str]) -> Value {
        let ran = self.ask("plan", std::slice::from_ref(finding), more);
        assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
        ran.json()
    }

    /// What the plan asks for as confirmation.
    fn confirmation(&self, finding: &Value, more: &[&str]) -> String {
        let plan = self.plan(finding, more);
        plan["plans"][0]["confirmation"]
            .as_str()
            .unwrap_or_else(|| panic!("no plan: {plan:#}"))
            .to_owned()
    }

    fn apply(&self, finding: &Value, confirm: &str, more: &[&str]) -> Ran {
        let id = finding["Id"].as_str().unwrap();
        let mut args = vec!["--finding-id", id, "--confirm", confirm];
        args.extend(more);
        self.ask("apply", std::slice::from_ref(finding), &args)
    }

    /// Plan, confirm, apply; gives the receipt.
    fn done(&self, finding: &Value, more: &[&str]) -> Value {
        let plain: Vec<&str> = more
            .iter()
            .copied()
            .filter(|m| m.starts_with("--include") || m.starts_with("--allow"))
            .collect();
        let confirm = self.confirmation(finding, &plain);
        let ran = self.apply(finding, &confirm, more);
        assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
        ran.json()["results"][0].clone()
    }

    fn rollback(&self, id: &str, more: &[&str]) -> Ran {
        let journal = self.journal();
        let repo = self.repo.path().to_str().unwrap().to_owned();
        let mut args = vec![
            "rollback",
            id,
            "--journal",
            journal.to_str().unwrap(),
            "--repo",
            &repo,
            "--format",
            "json",
        ];
        args.extend(more);
        self.run(&args)
    }

    /// Asks what has to be confirmed, then confirms it.
    fn rolled_back(&self, id: &str, more: &[&str]) -> Value {
        let asked = self.rollback(id, more);
        assert_eq!(asked.code, 2, "{}\n{}", asked.stdout, asked.stderr);
        let confirm = asked.stderr.split('"').nth(1).unwrap().to_owned();
        let mut args = vec!["--confirm", confirm.as_str()];
        args.extend(more);
        let ran = self.rollback(id, &args);
        assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
        ran.json()
    }

    /// The calls that changed something, in order.
    fn writes(&self) -> Vec<String> {
        self.testbed
            .calls()
            .into_iter()
            .filter(|call| !is_read(&call.action))
            .map(|call| call.action)
            .collect()
    }

    fn history(&self) -> Value {
        let ran = self.run(&[
            "list",
            "--journal",
            self.journal().to_str().unwrap(),
            "--format",
            "json",
        ]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.json()["receipts"].clone()
    }
}

fn kind_of_refusal(answer: &Value) -> &str {
    answer["refused"][0]["kind"]
        .as_str()
        .unwrap_or_else(|| panic!("not refused: {answer:#}"))
}

fn bucket_code(name: &str) -> String {
    format!("resource \"aws_s3_bucket\" \"logs\" {{\n  bucket = \"{name}\"\n}}\n")
}

#[test]
fn a_bucket_is_closed_followed_by_a_pull_request_and_brought_back() {
    let name = "acme-emergency-one";
    let Some(story) = Story::new("eu-west-1", &bucket_code(name), "") else {
        return;
    };
    story.cloud.bucket(name);
    let finding = story.of_bucket(name);
    let forge = story.forge();
    // `plan` reads and writes nothing, not even its journal.
    let plan = story.plan(&finding, &[]);
    let planned = &plan["plans"][0];
    assert_eq!(planned["action"], "block-public-access", "{plan:#}");
    assert_eq!(
        (&planned["account"], &planned["region"]),
        (&json!(ACCOUNT), &json!("eu-west-1"))
    );
    assert_eq!(planned["before"], Value::Null);
    assert_eq!(planned["code"]["follows"], true, "{plan:#}");
    assert!(
        planned["rollback"][0]
            .as_str()
            .unwrap()
            .contains("DeletePublicAccessBlock")
    );
    assert!(story.writes().is_empty() && !story.journal().exists());
    for round in 1..=3 {
        let result = story.done(&finding, &["--forge", &forge, "--reason", "incident 7"]);
        assert_eq!(story.cloud.block(name), Some([true; 4]));
        let receipt = &result["receipt"];
        assert_eq!(receipt["before"], Value::Null);
        assert_eq!(receipt["after"]["block_public_acls"], true);
        assert_eq!(receipt["operator"]["user"], "ann");
        assert!(
            receipt["operator"]["caller"]
                .as_str()
                .unwrap()
                .starts_with("arn:aws:")
        );
        assert_eq!(receipt["approval"]["reason"], "incident 7");
        let requests = result["reconciled"]["pull_requests"].as_array().unwrap();
        assert_eq!(requests.len(), 1, "{result:#}");
        let case = &story.history()[round - 1];
        assert_eq!(
            (&case["phase"], &case["finding"]),
            (&json!("done"), &result["finding"])
        );
        assert_eq!(case["pull_requests"], json!(requests));
        let id = receipt["id"].as_str().unwrap();
        story.rolled_back(id, &[]);
        assert_eq!(story.cloud.block(name), None, "none is not four times off");
        let again = story.rollback(id, &[]);
        assert_eq!(
            (again.code, &again.json()["result"]),
            (0, &json!("already"))
        );
    }
    let expected = ["PutPublicAccessBlock", "DeletePublicAccessBlock"].repeat(3);
    assert_eq!(
        story.writes(),
        expected,
        "each exactly once, and nothing else"
    );
    // One pull request for all three rounds.
    let branches = git(
        &story.dir.path().join("forge/repository.git"),
        &["for-each-ref", "refs/heads/tfmend"],
    );
    assert_eq!(branches.lines().count(), 1, "{branches}");
    for call in story.testbed.calls() {
        assert_eq!(call.region, "eu-west-1", "{call:?}");
    }
}

#[test]
fn a_block_that_was_there_comes_back_switch_by_switch() {
    let name = "acme-emergency-partial";
    let Some(story) = Story::new("eu-west-2", &bucket_code(name), "") else {
        return;
    };
    story.cloud.bucket(name);
    let switches = [true, false, true, false];
    story.cloud.set_block(name, switches);
    let result = story.done(&story.of_bucket(name), &[]);
    assert_eq!(story.cloud.block(name), Some([true; 4]));
    assert!(
        result["reconciled"]["command"]
            .as_str()
            .unwrap()
            .starts_with("tfmend pr "),
        "without a forge it says how: {result:#}"
    );
    story.rolled_back(result["receipt"]["id"].as_str().unwrap(), &[]);
    assert_eq!(story.cloud.block(name), Some(switches));
    // What is safe already is left alone.
    story.cloud.set_block(name, [true; 4]);
    let plan = story.plan(&story.of_bucket(name), &[]);
    assert_eq!(kind_of_refusal(&plan), "already-safe");
}

/// A group with public SSH on both families, private SSH, and public HTTPS.
fn group(story: &Story, name: &str) -> String {
    let group = story.cloud.group(name);
    let tags = [("team", "web"), ("owner", "a & b")];
    story.cloud.open_tagged(
        &group,
        "tcp",
        (22, 22),
        "0.0.0.0/0",
        "ssh for everybody",
        &tags,
    );
    story.cloud.open(&group, "tcp", (22, 22), "::/0", "");
    story
        .cloud
        .open(&group, "tcp", (22, 22), "10.0.0.0/8", "office");
    story
        .cloud
        .open(&group, "tcp", (443, 443), "0.0.0.0/0", "shop");
    group
}

#[test]
fn only_the_public_rules_of_the_port_go_and_they_come_back_as_they_were() {
    let Some(story) = Story::new("us-east-2", "", "") else {
        return;
    };
    let group = group(&story, "emergency-plain");
    let before = story.cloud.ingress(&group);
    assert_eq!(before.len(), 4, "{before:?}");
    assert!(
        before.iter().any(|r| r.5.len() == 2),
        "tags are seen: {before:?}"
    );
    let finding = story.of_group("EC2.13", &group);
    for _ in 0..3 {
        let result = story.done(&finding, &[]);
        let left = [
            rule("tcp", (22, 22), "10.0.0.0/8", "office"),
            rule("tcp", (443, 443), "0.0.0.0/0", "shop"),
        ];
        assert_eq!(story.cloud.ingress(&group), left.into(), "{result:#}");
        story.rolled_back(result["receipt"]["id"].as_str().unwrap(), &[]);
        assert_eq!(story.cloud.ingress(&group), before);
    }
    let round = [
        "RevokeSecurityGroupIngress",
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupIngress",
    ];
    assert_eq!(story.writes(), round.repeat(3));
    for call in story.testbed.calls() {
        assert_eq!(call.region, "us-east-2", "{call:?}");
        assert!(
            is_read(&call.action) || WRITES.contains(&call.action.as_str()),
            "{call:?}"
        );
    }
}

const APPROVED: &str = "\n[parameters]\napproved_cidrs = [\"198.51.100.0/24\", \"203.0.113.0/24\", \"2001:db8:1::/48\"]\n";

#[test]
fn approved_addresses_come_first_and_only_the_new_ones_go_again() {
    let Some(story) = Story::new("eu-central-1", "", APPROVED) else {
        return;
    };
    let group = story.cloud.group("emergency-approved");
    story
        .cloud
        .open(&group, "tcp", (3389, 3389), "0.0.0.0/0", "rdp");
    story.cloud.open(
        &group,
        "tcp",
        (3389, 3389),
        "203.0.113.0/24",
        "there before",
    );
    let before = story.cloud.ingress(&group);
    let result = story.done(&story.of_group("EC2.14", &group), &[]);
    let expected = [
        rule("tcp", (3389, 3389), "198.51.100.0/24", "rdp"),
        rule("tcp", (3389, 3389), "203.0.113.0/24", "there before"),
    ];
    assert_eq!(story.cloud.ingress(&group), expected.into());
    let order = [
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupIngress",
    ];
    assert_eq!(
        story.writes(),
        order,
        "authorised before anything is revoked"
    );
    let made = result["receipt"]["sent"][0]["made"][0].as_str().unwrap();
    assert!(made.starts_with("sgr-"), "{result:#}");
    story.rolled_back(result["receipt"]["id"].as_str().unwrap(), &[]);
    assert_eq!(story.cloud.ingress(&group), before);
}

#[test]
fn what_is_wider_and_what_locks_everybody_out_wants_a_flag() {
    let Some(story) = Story::new("ca-central-1", "", "") else {
        return;
    };
    let group = story.cloud.group("emergency-wide");
    story.cloud.open(&group, "-1", (-1, -1), "0.0.0.0/0", "");
    story.cloud.open(&group, "tcp", (0, 65535), "::/0", "");
    let before = story.cloud.ingress(&group);
    let finding = story.of_group("EC2.13", &group);
    let plan = story.plan(&finding, &[]);
    assert_eq!(kind_of_refusal(&plan), "wider-than-finding");
    let plan = story.plan(&finding, &["--include-wider"]);
    assert_eq!(kind_of_refusal(&plan), "no-admin-path");
    let ran = story.apply(&finding, "x@y", &["--include-wider"]);
    assert_eq!(ran.code, 11, "{}", ran.stderr);
    assert!(story.writes().is_empty());
    let both = ["--include-wider", "--allow-no-admin-path"];
    let plan = story.plan(&finding, &both);
    let notes = plan["plans"][0]["notes"].to_string();
    assert!(
        notes.contains("port 22") && notes.contains("all traffic"),
        "{notes}"
    );
    let result = story.done(&finding, &both);
    assert!(story.cloud.ingress(&group).is_empty());
    story.rolled_back(result["receipt"]["id"].as_str().unwrap(), &[]);
    assert_eq!(story.cloud.ingress(&group), before);
}

#[test]
fn another_account_is_entered_by_its_role_and_by_nothing_else() {
    let Some(testbed) = AwsTestbed::start() else {
        return;
    };
    let (account, role) = testbed
        .roles()
        .into_iter()
        .find(|(a, _)| a != ACCOUNT)
        .unwrap();
    let config = format!(
        "[accounts]\n\"{account}\" = {{ class = \"sandbox\", emergency_role = \"{role}\" }}\n\n{ELIGIBLE}"
    );
    let mut story = Story::with("ap-south-1", &account, "", &config).unwrap();
    story.cloud = story.cloud.assume(&role);
    let group = group(&story, "emergency-role");
    let finding = story.of_group("EC2.13", &group);
    let result = story.done(&finding, &[]);
    assert_eq!(result["receipt"]["place"]["role"], role);
    let acting = result["receipt"]["operator"]["acting"].as_str().unwrap();
    assert!(acting.contains(&account), "{acting}");
    let mut writes = 0;
    for call in story.testbed.calls() {
        assert_eq!(call.region, "ap-south-1", "{call:?}");
        if call.service != "sts" {
            assert_eq!(call.role.as_ref(), Some(&role), "{call:?}");
        }
        writes += usize::from(WRITES.contains(&call.action.as_str()));
    }
    assert_eq!(writes, 1);
    // Without the role the credentials are those of another account: nothing is read there, nothing is done.
    let bare = format!("[accounts]\n\"{account}\" = {{ class = \"sandbox\" }}\n\n{ELIGIBLE}");
    let other = Story::with("ap-south-1", &account, "", &bare).unwrap();
    let plan = other.plan(&finding, &[]);
    assert_eq!(kind_of_refusal(&plan), "other-account");
    let actions: Vec<String> = other
        .testbed
        .calls()
        .into_iter()
        .map(|c| c.action)
        .collect();
    assert_eq!(actions, ["GetCallerIdentity"]);
    // A role of another account is a mistake of the configuration.
    let wrong = format!(
        "[accounts]\n\"{ACCOUNT}\" = {{ class = \"sandbox\", emergency_role = \"{role}\" }}\n\n{ELIGIBLE}"
    );
    let wrong = Story::with("ap-south-1", ACCOUNT, "", &wrong).unwrap();
    let ran = wrong.ask("plan", &[finding], &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("is no role of account"),
        "{}",
        ran.stderr
    );
}

#[test]
fn nothing_is_eligible_unless_a_line_says_so() {
    let account = format!("[accounts]\n\"{ACCOUNT}\" = {{ class = \"sandbox\" }}\n\n");
    let ignore = "\n[[ignore]]\nrule = \"s3-*\"\nreason = \"known\"\nuntil = \"2099-01-01\"\n";
    let by_path = "\n[[ignore]]\npath = \"main.tf\"\nreason = \"known\"\nuntil = \"2099-01-01\"\n";
    let path_first = "[[policy]]\npath = \"legacy/**\"\ndecision = \"advise\"\n\n";
    let plain = "[[policy]]\nrule = \"s3-*\"\ndecision = \"propose\"\n\n";
    let paused = "\n[stages]\npaused = [\"emergency\"]\n";
    let all_paused = "\n[stages]\npaused = [\"all\"]\n";
    let name = "acme-emergency-default";
    for (config, kind, line) in [
        (String::new(), "account-not-named", "default"),
        (ELIGIBLE.to_owned(), "account-not-named", "default"),
        (account.clone(), "not-allowed", "default"),
        (
            format!("{account}{plain}{ELIGIBLE}"),
            "not-allowed",
            "tfmend.toml:4",
        ),
        (
            format!("{account}{path_first}{ELIGIBLE}"),
            "not-allowed",
            "tfmend.toml:4",
        ),
        (
            format!("{account}{ELIGIBLE}{paused}"),
            "paused",
            "tfmend.toml:10",
        ),
        (
            format!("{account}{ELIGIBLE}{all_paused}"),
            "paused",
            "tfmend.toml:10",
        ),
        (
            format!("{account}{ELIGIBLE}{ignore}"),
            "ignored",
            "tfmend.toml:9",
        ),
        (
            format!("{account}{ELIGIBLE}{by_path}"),
            "ignored",
            "tfmend.toml:9",
        ),
    ] {
        let Some(story) = Story::with("eu-west-3", ACCOUNT, &bucket_code(name), &config) else {
            return;
        };
        let finding = story.of_bucket(name);
        let plan = story.plan(&finding, &[]);
        assert_eq!(kind_of_refusal(&plan), kind, "{config}\n{plan:#}");
        let by = plan["refused"][0]["decided_by"].as_str().unwrap();
        assert!(by.starts_with(line), "{by}: {config}");
        let ran = story.apply(&finding, "x@y", &[]);
        assert_eq!(ran.code, 11, "{}", ran.stderr);
        assert!(
            story.testbed.calls().is_empty(),
            "policy comes before any call"
        );
    }
}

#[test]
fn what_the_record_or_the_bucket_says_against_it_is_heard() {
    let name = "acme-emergency-site";
    let Some(story) = Story::new("sa-east-1", "", "") else {
        return;
    };
    story.cloud.bucket(name);
    let finding = story.of_bucket(name);
    let refused = |finding: &Value| {
        let plan = story.plan(finding, &[]);
        kind_of_refusal(&plan).to_owned()
    };
    let changed = |path: &str, value: Value| {
        let mut finding = finding.clone();
        *finding.pointer_mut(path).unwrap() = value;
        finding
    };
    assert_eq!(
        refused(&changed("/Compliance/Status", json!("PASSED"))),
        "not-open"
    );
    assert_eq!(
        refused(&changed("/Workflow/Status", json!("SUPPRESSED"))),
        "not-open"
    );
    assert_eq!(
        refused(&story.of_bucket("acme-emergency-gone")),
        "not-found"
    );
    let other = "arn:aws:ec2:sa-east-1:999988887777:security-group/sg-0a".to_owned();
    assert_eq!(
        refused(&story.finding("EC2.13", "AwsEc2SecurityGroup", &other)),
        "account-not-named"
    );
    assert_eq!(
        refused(&story.of_group("EC2.13", "sg-0123456789abcdef0")),
        "not-found"
    );
    assert_eq!(
        refused(&story.finding(
            "KMS.4",
            "AwsKmsKey",
            "arn:aws:kms:sa-east-1:123456789012:key/x"
        )),
        "no-live-action"
    );
    let mut elsewhere = finding.clone();
    elsewhere["Region"] = json!("us-east-1");
    elsewhere["Resources"][0]["Region"] = json!("us-east-1");
    assert_eq!(refused(&elsewhere), "other-region");
    let tagged =
        "<Tagging><TagSet><Tag><Key>visibility</Key><Value>public</Value></Tag></TagSet></Tagging>";
    assert!(story.cloud.s3("PUT", &format!("/{name}?tagging"), tagged).0 < 300);
    assert_eq!(refused(&finding), "intended-public");
    assert!(story.cloud.s3("DELETE", &format!("/{name}?tagging"), "").0 < 300);
    story.plan(&finding, &[])["plans"][0]["action"]
        .as_str()
        .unwrap();
    let site = "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>";
    assert!(story.cloud.s3("PUT", &format!("/{name}?website"), site).0 < 300);
    assert_eq!(refused(&finding), "intended-public");
    // What cannot be read is not assumed.
    assert!(story.cloud.s3("DELETE", &format!("/{name}?website"), "").0 < 300);
    story
        .testbed
        .fault(json!({"service": "s3", "action": "GetBucketWebsite", "code": "AccessDenied"}));
    assert_eq!(refused(&finding), "intent-unknown");
    assert!(story.writes().is_empty());
}

#[test]
fn only_the_confirmation_of_this_very_plan_counts() {
    let name = "acme-emergency-confirm";
    let Some(story) = Story::new("eu-north-1", "", "") else {
        return;
    };
    story.cloud.bucket(name);
    let finding = story.of_bucket(name);
    let right = story.confirmation(&finding, &[]);
    let id = finding["Id"].as_str().unwrap();
    let none = story.ask(
        "apply",
        std::slice::from_ref(&finding),
        &["--finding-id", id],
    );
    assert_eq!(none.code, 2, "{}", none.stderr);
    assert!(
        none.stderr.contains(&right),
        "it says what to give: {}",
        none.stderr
    );
    for wrong in ["yes", name, &format!("{name}@00000000"), &right[1..]] {
        let ran = story.apply(&finding, wrong, &[]);
        assert_eq!(ran.code, 2, "{wrong}: {}", ran.stderr);
    }
    // Somebody switches one of the four on: the plan that was read is not the one that would be done.
    story.cloud.set_block(name, [true, false, false, false]);
    let stale = story.apply(&finding, &right, &[]);
    assert_eq!(stale.code, 2, "{}", stale.stderr);
    assert!(
        stale.stderr.contains("read the plan again"),
        "{}",
        stale.stderr
    );
    assert!(story.writes().is_empty());
    assert_eq!(story.history(), json!([]), "nothing was begun");
    let unnamed = story.ask(
        "apply",
        std::slice::from_ref(&finding),
        &["--confirm", &right],
    );
    assert_eq!(
        unnamed.code, 2,
        "findings are named one by one: {}",
        unnamed.stderr
    );
    let unknown = story.apply(&json!({"Id": "nothing"}), &right, &[]);
    assert_eq!(unknown.code, 3, "{}", unknown.stderr);
}

#[test]
fn a_call_that_fails_is_recorded_with_the_state_it_left_and_the_next_run_ends_it() {
    let Some(story) = Story::new("us-west-1", "", APPROVED) else {
        return;
    };
    let group = group(&story, "emergency-denied");
    let before = story.cloud.ingress(&group);
    let finding = story.of_group("EC2.13", &group);
    let confirm = story.confirmation(&finding, &[]);
    story.testbed.fault(
        json!({"service": "ec2", "action": "RevokeSecurityGroupIngress", "code": "UnauthorizedOperation"}),
    );
    let ran = story.apply(&finding, &confirm, &[]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("changed in part") && ran.stderr.contains("emergency rollback"),
        "{}",
        ran.stderr
    );
    let case = story.history()[0].clone();
    assert_eq!(case["phase"], "begun");
    let last = case["entries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["what"], "failed", "{last:#}");
    let ran = story.apply(&finding, &confirm, &[]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    let cases = story.history();
    assert_eq!(
        (cases.as_array().unwrap().len(), &cases[0]["phase"]),
        (1, &json!("done"))
    );
    assert_eq!(story.cloud.ingress(&group).len(), 5);
    story.rolled_back(cases[0]["id"].as_str().unwrap(), &[]);
    assert_eq!(
        story.cloud.ingress(&group),
        before,
        "what the first run saw, not the second"
    );
}

#[test]
fn without_a_pull_request_the_live_change_is_still_told() {
    let name = "acme-emergency-nopr";
    let Some(story) = Story::new("us-west-2", &bucket_code(name), "") else {
        return;
    };
    story.cloud.bucket(name);
    let finding = story.of_bucket(name);
    let confirm = story.confirmation(&finding, &[]);
    std::fs::remove_dir_all(story.repo.path().join(".git")).unwrap();
    let ran = story.apply(&finding, &confirm, &["--forge", &story.forge()]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("the live change is done and verified"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.json()["results"][0]["result"], "done");
    assert_eq!(story.cloud.block(name), Some([true; 4]));
    assert_eq!(story.history()[0]["phase"], "done");
}

#[test]
fn a_rollback_does_not_overwrite_what_others_did() {
    let Some(story) = Story::new("ap-northeast-1", "", APPROVED) else {
        return;
    };
    let group = group(&story, "emergency-drift");
    let before = story.cloud.ingress(&group);
    let result = story.done(&story.of_group("EC2.13", &group), &[]);
    let id = result["receipt"]["id"].as_str().unwrap();
    story
        .cloud
        .open(&group, "tcp", (8080, 8080), "10.9.0.0/16", "stranger");
    let ran = story.rollback(id, &[]);
    assert_eq!(
        (ran.code, &ran.json()["refused"]["kind"]),
        (11, &json!("drifted"))
    );
    assert!(
        ran.stdout.contains("8080"),
        "the difference is named: {}",
        ran.stdout
    );
    story.rolled_back(id, &["--keep-others"]);
    let mut expected = before;
    expected.insert(rule("tcp", (8080, 8080), "10.9.0.0/16", "stranger"));
    assert_eq!(story.cloud.ingress(&group), expected);
}

#[test]
fn an_altered_journal_is_not_believed_and_a_pause_stops_rollbacks_too() {
    let name = "acme-emergency-altered";
    let Some(story) = Story::new("ap-southeast-1", "", "") else {
        return;
    };
    story.cloud.bucket(name);
    let result = story.done(&story.of_bucket(name), &[]);
    let id = result["receipt"]["id"].as_str().unwrap();
    story
        .repo
        .write("tfmend.toml", b"[stages]\npaused = [\"emergency\"]\n");
    let ran = story.rollback(id, &[]);
    assert_eq!(
        (ran.code, &ran.json()["refused"]["kind"]),
        (11, &json!("paused"))
    );
    let text = std::fs::read_to_string(story.journal()).unwrap();
    std::fs::write(
        story.journal(),
        text.replacen("\"before\":null", "\"before\":true", 1),
    )
    .unwrap();
    for args in [vec!["rollback", id], vec!["list"], vec!["show", id]] {
        let journal = story.journal();
        let mut args = args;
        args.extend(["--journal", journal.to_str().unwrap()]);
        let ran = story.run(&args);
        assert_eq!(ran.code, 1, "{args:?}: {}", ran.stdout);
        assert!(ran.stderr.contains("was altered"), "{}", ran.stderr);
    }
    assert_eq!(story.writes(), ["PutPublicAccessBlock"]);
}

#[test]
fn what_a_person_reads_says_everything_and_drives_no_terminal() {
    let Some(story) = Story::new("ap-southeast-2", "", "") else {
        return;
    };
    let group = group(&story, "emergency-text");
    let mut finding = story.of_group("EC2.13", &group);
    finding["Title"] = json!("open \u{1b}[31mred\n::error::no");
    let path = story.dir.path().join("findings.json");
    std::fs::write(&path, json!([finding]).to_string()).unwrap();
    let repo = story.repo.path().to_str().unwrap().to_owned();
    let common = ["--findings", path.to_str().unwrap(), "--repo", &repo];
    let mut args = vec!["plan"];
    args.extend(common);
    let ran = story.run(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in [
        "close-ingress",
        "tcp 22 from 0.0.0.0/0 (ssh for everybody)",
        "RevokeSecurityGroupIngress",
        "AuthorizeSecurityGroupIngress",
        "Not those who come in by: tcp 22 from 10.0.0.0/8 (office)",
        "NO PULL REQUEST CAN FOLLOW",
        "tfmend.toml:4",
        &format!("--confirm \"{group}@"),
        "Nothing was written",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains("\n::error"));
    assert!(
        !story.dir.path().join(".tfmend").exists(),
        "plan writes nothing"
    );
    let confirm = story.confirmation(&finding, &[]);
    let id = finding["Id"].as_str().unwrap();
    let mut args = vec!["apply", "--finding-id", id, "--confirm", &confirm];
    args.extend(common);
    let ran = story.run(&args);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("verified by reading back"),
        "{}",
        ran.stdout
    );
    // The journal's default place.
    let ran = story.run(&["list"]);
    assert!(
        ran.stdout
            .contains("1 live change(s) in .tfmend/emergency.ndjson"),
        "{}",
        ran.stdout
    );
    let id = ran.stdout.split_whitespace().next().unwrap().to_owned();
    let shown = story.run(&["show", &id]);
    for part in ["operator", "as ann", "0.0.0.0/0", "calling", "done"] {
        assert!(shown.stdout.contains(part), "{part}: {}", shown.stdout);
    }
}

fn wait(child: Child) -> (i32, String) {
    let out = child.wait_with_output().unwrap();
    (
        out.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&out.stderr).into_owned(),
    )
}

/// Starts the binary, kills it while the call after `after` others is held; `false` when it ended before.
fn kill_at(story: &Story, gate: &Gate, args: &[String], after: usize, hold: Hold) -> bool {
    gate.hold(after, hold);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut child = story.command(&args).spawn().unwrap();
    let held = gate.wait(&mut child);
    let _ = child.kill();
    let (code, stderr) = wait(child);
    gate.open();
    assert!(held || code == 0, "not killed, and exit {code}: {stderr}");
    held
}

#[test]
fn killed_between_any_two_steps_the_next_run_ends_it_and_the_way_back_stays_open() {
    let Some(mut story) = Story::new("eu-south-1", "", APPROVED) else {
        return;
    };
    let gate = Gate::new(story.testbed.url());
    story.url.clone_from(&gate.url);
    let mut moments = 0;
    for hold in [Hold::Before, Hold::After] {
        for after in 0.. {
            let group = group(&story, &format!("kill-{after}-{hold:?}"));
            let before = story.cloud.ingress(&group);
            let finding = story.of_group("EC2.13", &group);
            let confirm = story.confirmation(&finding, &[]);
            let id = finding["Id"].as_str().unwrap();
            let args = story.args(
                "apply",
                std::slice::from_ref(&finding),
                &["--finding-id", id, "--confirm", &confirm],
            );
            let held = kill_at(&story, &gate, &args, after, hold);
            let ran = story.apply(&finding, &confirm, &[]);
            let what = format!("{hold:?} call {after}: {}\n{}", ran.stdout, ran.stderr);
            let ended = if held { [0, 0] } else { [11, 11] };
            assert!(ended.contains(&ran.code), "{what}");
            let after_all: std::collections::BTreeSet<Rule> = story.cloud.ingress(&group);
            assert!(
                !after_all.iter().any(|r| r.1 == "22" && r.3.ends_with("/0")),
                "{what}\n{after_all:?}"
            );
            assert_eq!(after_all.len(), 5, "{what}\n{after_all:?}");
            let cases = story.history();
            let of_group = |c: &&Value| c["receipt"]["action"]["group"] == group.as_str();
            let done: Vec<&Value> = cases
                .as_array()
                .unwrap()
                .iter()
                .filter(of_group)
                .filter(|c| c["phase"] == "done")
                .collect();
            assert_eq!(done.len(), 1, "{what}\n{cases:#}");
            // The receipt holds what was there before the first run.
            story.rolled_back(done[0]["id"].as_str().unwrap(), &[]);
            assert_eq!(story.cloud.ingress(&group), before, "{what}");
            if !held {
                break;
            }
            moments += 1;
        }
    }
    assert!(moments >= 16, "{moments} moments");
}

#[test]
fn a_rollback_may_be_killed_as_well() {
    let Some(mut story) = Story::new("eu-south-2", "", APPROVED) else {
        return;
    };
    let gate = Gate::new(story.testbed.url());
    story.url.clone_from(&gate.url);
    for hold in [Hold::Before, Hold::After] {
        for after in 0.. {
            let group = group(&story, &format!("back-{after}-{hold:?}"));
            let before = story.cloud.ingress(&group);
            let result = story.done(&story.of_group("EC2.13", &group), &[]);
            let id = result["receipt"]["id"].as_str().unwrap();
            let asked = story.rollback(id, &[]);
            let confirm = asked.stderr.split('"').nth(1).unwrap().to_owned();
            let journal = story.journal().to_str().unwrap().to_owned();
            let args = ["rollback", id, "--journal", &journal, "--confirm", &confirm];
            let args = args.map(str::to_owned);
            let held = kill_at(&story, &gate, &args, after, hold);
            let ran = story.rollback(id, &["--confirm", &confirm]);
            assert_eq!(
                ran.code, 0,
                "{hold:?} {after}: {}\n{}",
                ran.stdout, ran.stderr
            );
            assert_eq!(story.cloud.ingress(&group), before, "{hold:?} {after}");
            let case = story
                .history()
                .as_array()
                .unwrap()
                .iter()
                .find(|c| c["id"] == id)
                .cloned()
                .unwrap();
            assert_eq!(case["phase"], "undone", "{hold:?} {after}: {case:#}");
            if !held {
                break;
            }
        }
    }
}

#[test]
fn killed_at_every_logged_step_the_next_run_ends_it() {
    use std::io::{BufRead as _, BufReader};
    let name = "acme-emergency-steps";
    let Some(story) = Story::new("eu-central-2", "", "") else {
        return;
    };
    story.cloud.bucket(name);
    let finding = story.of_bucket(name);
    let id = finding["Id"].as_str().unwrap();
    let mut steps = 0;
    for step in 1..20 {
        let confirm = story.confirmation(&finding, &[]);
        let args = story.args(
            "apply",
            std::slice::from_ref(&finding),
            &["--finding-id", id, "--confirm", &confirm],
        );
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let mut child = story
            .command(&args)
            .arg("--log-json")
            .env("TFMEND_LOG", "tfmend::emergency::step=debug")
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let seen = lines
            .map_while(Result::ok)
            .filter(|l| l.contains("\"step\":"))
            .nth(step - 1);
        let _ = child.kill();
        child.wait().unwrap();
        let again = story.apply(&finding, &confirm, &[]);
        assert!(
            [0, 11].contains(&again.code),
            "step {step}: {}",
            again.stderr
        );
        assert_eq!(story.cloud.block(name), Some([true; 4]), "step {step}");
        let cases = story.history();
        let last = cases.as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["phase"], "done", "step {step}: {cases:#}");
        story.rolled_back(last["id"].as_str().unwrap(), &[]);
        assert_eq!(story.cloud.block(name), None, "step {step}");
        if seen.is_none() {
            break;
        }
        steps = step;
    }
    assert!(steps >= 6, "{steps} steps are logged");
}

#[test]
fn runs_at_the_same_time_do_it_once() {
    let Some(story) = Story::new("me-south-1", "", "") else {
        return;
    };
    let group = group(&story, "emergency-race");
    let finding = story.of_group("EC2.13", &group);
    let confirm = story.confirmation(&finding, &[]);
    let id = finding["Id"].as_str().unwrap();
    let args = story.args(
        "apply",
        std::slice::from_ref(&finding),
        &["--finding-id", id, "--confirm", &confirm],
    );
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let runs: Vec<Child> = (0..4)
        .map(|_| story.command(&args).spawn().unwrap())
        .collect();
    let mut codes: Vec<i32> = runs.into_iter().map(|run| wait(run).0).collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        [0, 11, 11, 11],
        "one does it, the others find it safe"
    );
    assert_eq!(story.writes(), ["RevokeSecurityGroupIngress"]);
}

#[test]
fn every_reason_is_in_the_document() {
    let document = std::fs::read_to_string(support::project("docs/emergency.md")).unwrap();
    for kind in tfmend::emergency::RefusedKind::ALL {
        assert!(
            document.contains(&format!("| `{}` |", kind.word())),
            "docs/emergency.md lacks {}",
            kind.word()
        );
    }
}
