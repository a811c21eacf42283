//! What a run notes for the next one: the answers are those of a run that reads everything, whatever was changed in
//! between and whatever became of the notes.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use support::{Ran, asff};
use tfmend::terraform::RepoPath;
use tfmend::workspace::{Cache, Limits, Workspace};

const ROOTS: usize = 120;

/// A tree with enough files to be noted: roots with variable files, a module, a data file, states elsewhere.
struct Estate {
    dir: tempfile::TempDir,
}

impl Estate {
    fn new() -> Self {
        let estate = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        for i in 0..ROOTS {
            let database = format!(
                "variable \"open\" {{\n  type    = bool\n  default = false\n}}\n\nresource \"aws_db_instance\" \"this\" {{\n  identifier          = \"db-{i}\"\n  publicly_accessible = var.open\n}}\n\nmodule \"logs\" {{\n  source = \"../../modules/logs\"\n  name   = \"logs-{i}\"\n}}\n"
            );
            estate.write(&format!("repository/live/r{i}/main.tf"), &database);
            estate.write(
                &format!("repository/live/r{i}/backend.tf"),
                &format!("terraform {{\n  backend \"s3\" {{\n    bucket = \"states\"\n    key    = \"r{i}/terraform.tfstate\"\n  }}\n}}\n"),
            );
            estate.write(
                &format!("repository/live/r{i}/terraform.tfvars"),
                "open = true\n",
            );
            estate.write(&format!("states/r{i}/terraform.tfstate"), &state(i, i));
        }
        estate.write(
            "repository/modules/logs/main.tf",
            "variable \"name\" {\n}\n\nlocals {\n  settings = yamldecode(file(\"${path.module}/settings.yaml\"))\n}\n\nresource \"aws_s3_bucket\" \"this\" {\n  bucket = var.name\n}\n\nresource \"aws_dynamodb_table\" \"this\" {\n  name = var.name\n\n  point_in_time_recovery {\n    enabled = local.settings.recovery\n  }\n}\n",
        );
        estate.write("repository/modules/logs/settings.yaml", "recovery: false\n");
        estate.write(
            "repository/live/r3/vpc.tf",
            "module \"vpc\" {\n  source  = \"terraform-aws-modules/s3-bucket/aws\"\n  version = \"~> 3.0\"\n  bucket  = \"of-a-known-module\"\n}\n",
        );
        estate.write("repository/live/r4/broken.tf", "resource \"x\" {\n");
        estate.write("findings.json", &findings().to_string());
        estate
    }

    fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let at = self.at(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, text).unwrap();
    }

    fn replace(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.at(path)).unwrap();
        assert!(text.contains(old), "{path}: {old}");
        self.write(path, &text.replace(old, new));
    }

    fn run(&self, verb: &str, more: &[&str]) -> Ran {
        let path = |p: &str| self.at(p).to_str().unwrap().to_owned();
        let (repository, states) = (path("repository"), path("states"));
        let (findings, cache) = (path("findings.json"), path("cache"));
        let mut args = vec![verb, "--repo", &repository, "--state", &states];
        args.extend(["--findings", &findings, "--format", "json"]);
        args.extend(["--cache-dir", &cache]);
        args.extend(more);
        let clock = [("SOURCE_DATE_EPOCH".to_owned(), "1790000000".to_owned())];
        support::tfmend_with(&args, b"", &clock)
    }

    /// The answer with notes is that without; how many files and directories had to be read is given back.
    fn same(&self, what: &str) -> usize {
        let anew = self.run("plan", &["--no-cache"]);
        assert_eq!(anew.code, 0, "{what}: {}", anew.stderr);
        let path = |p: &str| self.at(p).to_str().unwrap().to_owned();
        let (repository, states) = (path("repository"), path("states"));
        let (findings, cache) = (path("findings.json"), path("cache"));
        let noted = std::process::Command::new(env!("CARGO_BIN_EXE_tfmend"))
            .args(["plan", "--repo", &repository, "--state", &states])
            .args(["--findings", &findings, "--format", "json"])
            .env("TFMEND_CACHE_DIR", cache)
            .env("TFMEND_LOG", "tfmend::workspace=debug")
            .env("SOURCE_DATE_EPOCH", "1790000000")
            .output()
            .unwrap();
        let log = String::from_utf8(noted.stderr).unwrap();
        assert!(noted.status.success(), "{what}: {log}");
        let noted = String::from_utf8(noted.stdout).unwrap();
        assert_eq!(noted, anew.stdout, "{what}");
        let log: String = log
            .replace("\u{1b}[3m", "")
            .replace("\u{1b}[0m", "")
            .replace("\u{1b}[2m", "");
        let unknown = log
            .split("unknown=")
            .nth(1)
            .unwrap_or_else(|| panic!("{log}"));
        unknown.split_whitespace().next().unwrap().parse().unwrap()
    }

    fn notes(&self) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = fs::read_dir(self.at("cache"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        found.sort();
        found
    }
}

fn state(root: usize, id: usize) -> String {
    json!({
        "version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": format!("l{root}"), "outputs": {},
        "resources": [
            {"mode": "managed", "type": "aws_db_instance", "name": "this",
             "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
             "instances": [{"schema_version": 2, "attributes": {
                "arn": format!("arn:aws:rds:eu-west-1:111122223333:db:db-{id}"), "id": format!("db-{id}"), "identifier": format!("db-{id}")}}]},
            {"module": "module.logs", "mode": "managed", "type": "aws_s3_bucket", "name": "this",
             "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
             "instances": [{"schema_version": 0, "attributes": {
                "arn": format!("arn:aws:s3:::logs-{id}"), "id": format!("logs-{id}"), "bucket": format!("logs-{id}")}}]},
            {"module": "module.logs", "mode": "managed", "type": "aws_dynamodb_table", "name": "this",
             "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
             "instances": [{"schema_version": 0, "attributes": {
                "arn": format!("arn:aws:dynamodb:eu-west-1:111122223333:table/logs-{id}"), "id": format!("logs-{id}"), "name": format!("logs-{id}")}}]},
        ],
    })
    .to_string()
}

fn findings() -> Value {
    let mut all = Vec::new();
    for i in [0, 1, 2, 50, 99] {
        all.push(asff(
            "RDS.2",
            "AwsRdsDbInstance",
            &format!("arn:aws:rds:eu-west-1:111122223333:db:db-{i}"),
        ));
    }
    all.push(asff("S3.8", "AwsS3Bucket", "arn:aws:s3:::logs-7"));
    all.push(asff(
        "S3.8",
        "AwsS3Bucket",
        "arn:aws:s3:::of-a-known-module",
    ));
    all.push(asff(
        "DynamoDB.2",
        "AwsDynamoDbTable",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/logs-7",
    ));
    let findings: Vec<Value> = all
        .into_iter()
        .map(|one| match one.get("Findings") {
            Some(inner) => inner[0].clone(),
            None => one,
        })
        .collect();
    json!({ "Findings": findings })
}

/// Longer than a tick of the clock that stamps files.
fn settle() {
    std::thread::sleep(Duration::from_millis(150));
}

#[test]
fn answers_are_those_of_a_run_that_reads_everything() {
    let estate = Estate::new();
    settle();
    let everything = estate.same("nothing is known");
    assert!(everything > 3 * ROOTS, "{everything}");
    assert_eq!(estate.notes().len(), 2, "one for the code, one for states");
    assert_eq!(estate.same("nothing changed"), 0);

    let live = |i: usize, file: &str| format!("repository/live/r{i}/{file}");
    // What decides, in every file that may.
    estate.replace(&live(0, "terraform.tfvars"), "true", "null");
    assert_eq!(estate.same("a variable file"), 1);
    // The same length, at once.
    estate.replace(&live(1, "terraform.tfvars"), "true", "null");
    estate.same("a variable file again");
    estate.replace(&live(1, "terraform.tfvars"), "null", "true");
    estate.same("and back, in the same tick");
    estate.replace("repository/modules/logs/settings.yaml", "false", "true ");
    estate.same("a data file");
    estate.replace("repository/modules/logs/settings.yaml", "true ", "false");
    estate.same("a data file, back");
    estate.replace(
        &live(2, "main.tf"),
        "resource \"aws_db_instance\" \"this\"",
        "resource \"aws_db_instance\" \"that\"",
    );
    estate.same("another name");
    estate.write(
        &live(50, "override.tf"),
        "resource \"aws_db_instance\" \"this\" {\n  publicly_accessible = false\n}\n",
    );
    estate.same("a new file");
    fs::remove_file(estate.at(&live(50, "override.tf"))).unwrap();
    estate.same("and it goes");
    fs::rename(
        estate.at("repository/live/r99"),
        estate.at("repository/live/moved"),
    )
    .unwrap();
    estate.same("a directory has another name");
    fs::create_dir_all(estate.at("repository/live/new")).unwrap();
    fs::copy(
        estate.at(&live(0, "main.tf")),
        estate.at("repository/live/new/main.tf"),
    )
    .unwrap();
    estate.same("a new directory");
    estate.write("states/r7/terraform.tfstate", &state(7, 1_007));
    estate.same("another state");
    estate.write("states/r7/terraform.tfstate", "{");
    let problems = estate.run("plan", &[]).json();
    assert!(
        problems["problems"]
            .to_string()
            .contains("r7/terraform.tfstate"),
        "{problems}"
    );
    estate.same("a broken state");
    estate.write(&live(7, "main.tf"), "resource {\n");
    estate.same("broken code");
    fs::remove_dir_all(estate.at("repository/live/r5")).unwrap();
    fs::remove_dir_all(estate.at("states/r5")).unwrap();
    estate.same("a root goes, with its state");
    estate.write("repository/live/r6/terraform.tfstate", &state(6, 6));
    estate.same("a state beside its root");
    estate.write(
        "repository/live/r8/.terraform.lock.hcl",
        "provider \"registry.terraform.io/hashicorp/aws\" {\n  version = \"3.1.0\"\n}\n",
    );
    estate.same("a lock file");
    settle();
    // Only a new time: the bytes are the same.
    let touched = fs::OpenOptions::new()
        .append(true)
        .open(estate.at(&live(9, "main.tf")))
        .unwrap();
    touched
        .set_modified(std::time::SystemTime::now() - Duration::from_secs(60))
        .unwrap();
    estate.same("touched");
    #[cfg(unix)]
    {
        fs::remove_file(estate.at(&live(10, "terraform.tfvars"))).unwrap();
        std::os::unix::fs::symlink(
            "../r0/terraform.tfvars",
            estate.at(&live(10, "terraform.tfvars")),
        )
        .unwrap();
        estate.same("a link instead of a file");
        fs::rename(estate.at("repository/live/r11"), estate.at("elsewhere")).unwrap();
        std::os::unix::fs::symlink(estate.at("elsewhere"), estate.at("repository/live/r11"))
            .unwrap();
        let out = estate.run("plan", &[]).json();
        assert!(
            out["problems"].to_string().contains("live/r11"),
            "{}",
            out["problems"]
        );
        estate.same("a directory was moved out, a link leads to it");
    }
}

#[test]
fn fixes_are_written_from_notes_as_well() {
    let (noted, anew) = (Estate::new(), Estate::new());
    settle();
    noted.same("nothing is known");
    assert_eq!(noted.same("warm"), 0);
    let paths = |ran: &Ran| ran.json()["changes"].as_array().unwrap().len();
    let (a, b) = (noted.run("fix", &[]), anew.run("fix", &["--no-cache"]));
    assert_eq!((a.code, b.code), (0, 0), "{} {}", a.stderr, b.stderr);
    assert_eq!(paths(&a), paths(&b));
    assert!(paths(&a) > 3, "{}", a.stdout);
    let mut waiting = vec![PathBuf::from("repository")];
    let mut files = 0;
    while let Some(path) = waiting.pop() {
        let (one, other) = (noted.dir.path().join(&path), anew.dir.path().join(&path));
        if one.is_dir() {
            waiting.extend(
                fs::read_dir(one)
                    .unwrap()
                    .map(|e| path.join(e.unwrap().file_name())),
            );
        } else {
            assert_eq!(fs::read(one).unwrap(), fs::read(other).unwrap(), "{path:?}");
            files += 1;
        }
    }
    assert!(files > 3 * ROOTS);
    noted.same("after the fixes");
}

#[test]
fn damaged_notes_are_no_notes() {
    let estate = Estate::new();
    settle();
    estate.same("nothing is known");
    let notes = estate.notes();
    let whole: Vec<Vec<u8>> = notes.iter().map(|n| fs::read(n).unwrap()).collect();
    for (file, bytes) in notes.iter().zip(&whole) {
        let at = |part: usize| bytes.len() * part / 16;
        for part in 0..16 {
            let mut damaged = bytes.clone();
            damaged[at(part)] ^= 0x20;
            fs::write(file, damaged).unwrap();
            estate.same("a bit is another one");
        }
        for length in [0, 10, 60, at(3), bytes.len() - 1] {
            fs::write(file, &bytes[..length]).unwrap();
            estate.same("cut off");
        }
        fs::write(file, [bytes.as_slice(), b"x"].concat()).unwrap();
        estate.same("something behind it");
        fs::write(file, bytes).unwrap();
        assert_eq!(estate.same("whole again"), 0);
    }
    // Nowhere to write is no failure.
    fs::remove_dir_all(estate.at("cache")).unwrap();
    fs::write(estate.at("cache"), "a file").unwrap();
    estate.same("no directory");
}

#[cfg(unix)]
#[test]
fn notes_are_their_owners_alone_and_hold_no_secrets() {
    use std::os::unix::fs::PermissionsExt as _;
    let estate = Estate::new();
    estate.write(
        "repository/live/r0/secret.auto.tfvars",
        "password = \"hunter2-hunter2\"\n",
    );
    let with_secret = state(1, 1).replace(
        "\"identifier\":\"db-1\"",
        "\"identifier\":\"db-1\",\"password\":\"hunter3-hunter3\"",
    );
    assert!(with_secret.contains("hunter3"));
    estate.write("states/r1/terraform.tfstate", &with_secret);
    settle();
    estate.same("nothing is known");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&estate.at("cache")), 0o700);
    for file in estate.notes() {
        assert_eq!(mode(&file), 0o600);
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(6).any(|w| w == b"hunter"), "{file:?}");
    }
    assert_eq!(estate.same("warm"), 0);
}

#[test]
fn small_trees_leave_nothing_behind() {
    let repo = support::Repo::new(&[("main.tf", "resource \"aws_sqs_queue\" \"q\" {\n}\n")]);
    let cache = tempfile::tempdir().unwrap();
    let ran = support::run(
        "plan",
        &repo,
        &asff(
            "SQS.1",
            "AwsSqsQueue",
            "arn:aws:sqs:eu-west-1:111122223333:q",
        ),
        &["--cache-dir", cache.path().to_str().unwrap()],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_changes_during_the_run_is_noticed() {
    let estate = Estate::new();
    settle();
    let cache = Cache::at(estate.at("cache"));
    let read = || {
        let tree = Workspace::read_with(&estate.at("repository"), Limits::default(), &cache);
        let tree = tree.unwrap();
        tree.note();
        tree.noted();
        tree
    };
    read();
    let tree = read();
    let path = RepoPath::new("live/r0/main.tf").unwrap();
    estate.replace("repository/live/r0/main.tf", "db-0", "db-X");
    // Nobody looked at its text yet.
    assert_eq!(tree.changed(), None);
    let file = tree.estate().file(&path).unwrap();
    assert_eq!(file.text(), "", "nothing of it is used");
    assert_eq!(tree.changed(), Some(path));
}
