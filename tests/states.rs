//! Where states come from, through the public door: programs (`--state-cmd`) and S3 backends (`--state-from-backend`).

#![allow(clippy::unwrap_used)] // a test may stop here

mod support;

use serde_json::{Value, json};
use support::{Repo, asff, run, run_json};

const PROVIDER: &str = "provider \"aws\" {\n  region              = \"eu-west-1\"\n  allowed_account_ids = [\"111122223333\"]\n}\n";
const DATABASE: &str = "variable \"name\" {}\n\nresource \"aws_db_instance\" \"this\" {\n  identifier          = var.name\n  publicly_accessible = true\n}\n";

fn database(name: &str) -> String {
    format!("arn:aws:rds:eu-west-1:111122223333:db:{name}")
}

fn finding(name: &str) -> Value {
    asff("RDS.2", "AwsRdsDbInstance", &database(name))
}

/// A state with one database.
fn state(name: &str) -> Value {
    json!({"version": 4, "serial": 1, "lineage": format!("lineage-{name}"), "resources": [{
        "mode": "managed", "type": "aws_db_instance", "name": "this",
        "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
        "instances": [{"attributes": {"id": "db-ABC", "identifier": name, "arn": database(name)}}]
    }]})
}

/// Roots whose names are known to nobody but their states.
fn repo(roots: &[&str]) -> Repo {
    let repo = Repo::new(&[]);
    for root in roots {
        repo.write(
            &format!("{root}/main.tf"),
            format!("{PROVIDER}{DATABASE}").as_bytes(),
        );
    }
    repo
}

fn problems(out: &Value) -> String {
    out["problems"].to_string()
}

/// A program that prints `states/<root>.json` of the repository, and fails where there is none.
const PRINT: &str =
    "python3 -c \"import sys; print(open('states/' + sys.argv[1] + '.json').read())\" {root}";

#[test]
fn a_program_prints_the_state_of_each_root() {
    let repo = repo(&["live/a", "live/b", "live/c"]);
    for name in ["a", "b"] {
        let file = format!("states/live/{name}.json");
        repo.write(&file, state(&format!("shop-{name}")).to_string().as_bytes());
    }
    let findings = json!([finding("shop-b"), finding("shop-x")]);
    let out = run_json("plan", &repo, &findings, &["--state-cmd", PRINT]);
    let first = &out["outcomes"][0];
    assert_eq!(first["outcome"], "proposed", "{first}");
    assert_eq!(first["file"], "live/b/main.tf");
    assert_eq!(first["evidence"], "state");
    assert!(
        problems(&out).contains("state-cmd:live/c: `python3` failed"),
        "{}",
        problems(&out)
    );
    let second = &out["outcomes"][1];
    assert_eq!(second["outcome"], "not_located");
    assert_eq!(
        second["reason"]["kind"], "not-in-code",
        "the third root's state is not known: {second}"
    );
}

#[test]
fn with_the_states_of_all_roots_an_object_of_none_is_told_so() {
    let repo = repo(&["live/a"]);
    repo.write("states/live/a.json", state("shop-a").to_string().as_bytes());
    let findings = json!([finding("shop-x")]);
    let out = run_json("plan", &repo, &findings, &["--state-cmd", PRINT]);
    assert_eq!(out["outcomes"][0]["reason"]["kind"], "in-no-state", "{out}");
}

#[test]
fn a_repository_alone_runs_no_program() {
    let repo = repo(&["live/a"]);
    repo.write("states/live/a.json", state("shop-a").to_string().as_bytes());
    let words: Vec<String> = [
        "python3",
        "-c",
        "import sys; open('ran', 'w'); print(open('states/' + sys.argv[1] + '.json').read())",
        "{root}",
    ]
    .map(str::to_owned)
    .to_vec();
    let config = format!("[states]\ncommand = {}\n", json!(words));
    repo.write("tfmend.toml", config.as_bytes());
    let findings = json!([finding("shop-a")]);
    let out = run_json("plan", &repo, &findings, &[]);
    assert!(!repo.path().join("ran").exists());
    assert_eq!(out["outcomes"][0]["outcome"], "not_located");
    assert!(
        problems(&out).contains("was not run") && problems(&out).contains("--config"),
        "{}",
        problems(&out)
    );
    // The user names the file.
    let named = repo.path().join("tfmend.toml");
    let out = run_json(
        "plan",
        &repo,
        &findings,
        &["--config", named.to_str().unwrap()],
    );
    assert!(repo.path().join("ran").exists());
    assert_eq!(out["outcomes"][0]["outcome"], "proposed", "{out}");
}

#[test]
fn once_for_all_the_state_tells_its_root() {
    let repo = repo(&["live/a"]);
    repo.write("all.json", state("shop-a").to_string().as_bytes());
    let out = run_json(
        "plan",
        &repo,
        &json!([finding("shop-a")]),
        &[
            "--state-cmd",
            "python3 -c \"print(open('all.json').read())\"",
        ],
    );
    assert_eq!(out["outcomes"][0]["file"], "live/a/main.tf", "{out}");
}

#[test]
fn a_command_that_cannot_be_read_is_an_error_of_usage() {
    let repo = repo(&["live/a"]);
    for (more, said) in [
        (["--state-cmd", "terraform 'x"], "a quote is not closed"),
        (["--state-cmd", " "], "no program"),
        (
            ["--state-from-backend=nowhere", "--all"],
            "no such root module",
        ),
    ] {
        let ran = run("plan", &repo, &json!([finding("x")]), &more);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}

#[test]
fn a_workspace_of_the_configuration_is_asked_for_its_own_state() {
    let repo = repo(&["app"]);
    for workspace in ["dev", "prod"] {
        repo.write(
            &format!("states/app-{workspace}.json"),
            state(&format!("shop-{workspace}")).to_string().as_bytes(),
        );
        repo.write(
            &format!("app/{workspace}.tfvars"),
            format!("name = \"shop-{workspace}\"\n").as_bytes(),
        );
    }
    repo.write(
        "tfmend.toml",
        b"[roots.\"app\".workspaces.dev]\nvar_files = [\"dev.tfvars\"]\n[roots.\"app\".workspaces.prod]\nvar_files = [\"prod.tfvars\"]\n",
    );
    let command = "python3 -c \"import os, sys; assert os.environ['TF_WORKSPACE'] == sys.argv[2]; print(open('states/%s-%s.json' % tuple(sys.argv[1:])).read())\" {root} {workspace}";
    let out = run_json(
        "plan",
        &repo,
        &json!([finding("shop-prod")]),
        &["--state-cmd", command],
    );
    let outcome = &out["outcomes"][0];
    assert_eq!(problems(&out), "null");
    assert_eq!(outcome["evidence"], "state", "{outcome}");
    assert_eq!(outcome["confidence"], "exact");
    assert!(
        outcome.to_string().contains("workspace prod"),
        "it names the workspace: {outcome}"
    );
}

#[cfg(feature = "aws")]
mod backends {
    use serde_json::{Value, json};

    use super::support::aws::AwsTestbed;
    use super::support::{Repo, tfmend_with};
    use super::{DATABASE, PROVIDER, finding, problems, state};

    /// Buckets of us-east-1 need no location.
    const REGION: &str = "us-east-1";

    fn put(aws: &AwsTestbed, bucket: &str, key: &str, body: &Value) {
        let (status, _) = aws.call("s3", REGION, "PUT", &format!("/{bucket}"), &Value::Null);
        assert!(matches!(status, 200 | 409), "{status}");
        let (status, _) = aws.call("s3", REGION, "PUT", &format!("/{bucket}/{key}"), body);
        assert_eq!(status, 200);
    }

    fn plan(aws: &AwsTestbed, repo: &Repo, findings: &Value, more: &[&str]) -> Value {
        let path = repo.path().to_str().unwrap();
        let mut args = vec![
            "plan",
            "--findings",
            "-",
            "--repo",
            path,
            "--format",
            "json",
        ];
        args.extend(more);
        let mut env = aws.env();
        env.retain(|(name, _)| name != "AWS_REGION");
        env.push(("AWS_REGION".to_owned(), REGION.to_owned()));
        let ran = tfmend_with(&args, findings.to_string().as_bytes(), &env);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.json()
    }

    fn root(backend: &str) -> String {
        format!("terraform {{\n  backend \"s3\" {{\n{backend}  }}\n}}\n{PROVIDER}{DATABASE}")
    }

    #[test]
    fn states_are_read_where_the_code_says() {
        let Some(aws) = AwsTestbed::start() else {
            return;
        };
        let repo = Repo::new(&[
            (
                "live/a/main.tf",
                &root(
                    "    bucket = \"tfmend-states-one\"\n    key    = \"live/a.tfstate\"\n    region = \"us-east-1\"\n",
                ),
            ),
            ("live/b/main.tf", &root("    region = \"us-east-1\"\n")),
            (
                "live/b/prod.s3.tfbackend",
                "bucket = \"tfmend-states-one\"\nkey    = \"live/b.tfstate\"\n",
            ),
            (
                "live/c/main.tf",
                &root("    bucket = \"tfmend-states-none\"\n    key    = \"live/c.tfstate\"\n"),
            ),
            (
                "live/d/main.tf",
                "terraform {\n  backend \"gcs\" {\n    bucket = \"x\"\n  }\n}\n",
            ),
        ]);
        put(
            &aws,
            "tfmend-states-one",
            "live/a.tfstate",
            &state("shop-a"),
        );
        put(
            &aws,
            "tfmend-states-one",
            "live/b.tfstate",
            &state("shop-b"),
        );
        let findings = json!([finding("shop-a"), finding("shop-b"), finding("shop-x")]);
        let out = plan(&aws, &repo, &findings, &["--state-from-backend"]);
        for (number, file) in [(0, "live/a/main.tf"), (1, "live/b/main.tf")] {
            let outcome = &out["outcomes"][number];
            assert_eq!(outcome["outcome"], "proposed", "{outcome}");
            assert_eq!(outcome["file"], file);
            assert_eq!(outcome["evidence"], "state");
        }
        let said = problems(&out);
        assert!(
            said.contains("s3://tfmend-states-none/live/c.tfstate") && said.contains("`live/c`"),
            "{said}"
        );
        assert!(
            said.contains("`gcs`") && said.contains("`live/d`"),
            "{said}"
        );
        assert_eq!(out["outcomes"][2]["reason"]["kind"], "not-in-code");
        let tried = out["outcomes"][2]["tried"].to_string();
        assert!(
            tried.contains("could not be read"),
            "{}",
            out["outcomes"][2]
        );
        // Nothing was written, nothing was locked.
        let written: Vec<String> = aws
            .calls()
            .into_iter()
            .map(|c| c.action)
            .filter(|a| {
                !matches!(
                    a.as_str(),
                    "GetObject" | "ListObjectsV2" | "PutObject" | "CreateBucket"
                )
            })
            .collect();
        assert_eq!(written, Vec::<String>::new());
        assert_eq!(aws.count("PutObject"), 2, "those of this test");
    }

    #[test]
    fn every_workspace_is_read_and_a_role_is_assumed() {
        let Some(aws) = AwsTestbed::start() else {
            return;
        };
        let (_, role) = aws.roles().remove(1);
        let backend = format!(
            "    bucket               = \"tfmend-states-two\"\n    key                  = \"app.tfstate\"\n    region               = \"us-east-1\"\n    workspace_key_prefix = \"ws\"\n    assume_role = {{\n      role_arn = \"{role}\"\n    }}\n"
        );
        let repo = Repo::new(&[
            ("app/main.tf", &root(&backend)),
            ("app/dev.tfvars", "name = \"shop-dev\"\n"),
            ("app/prod.tfvars", "name = \"shop-prod\"\n"),
        ]);
        for workspace in ["dev", "prod"] {
            let key = format!("ws/{workspace}/app.tfstate");
            put(
                &aws,
                "tfmend-states-two",
                &key,
                &state(&format!("shop-{workspace}")),
            );
        }
        put(
            &aws,
            "tfmend-states-two",
            "ws/other/else.tfstate",
            &state("shop-else"),
        );
        let out = plan(
            &aws,
            &repo,
            &json!([finding("shop-prod")]),
            &["--state-from-backend=app"],
        );
        let outcome = &out["outcomes"][0];
        assert_eq!(problems(&out), "null");
        assert_eq!(outcome["evidence"], "state", "{outcome}");
        assert_eq!(outcome["confidence"], "exact");
        assert!(outcome.to_string().contains("workspace prod"), "{outcome}");
        let by_role = aws
            .calls()
            .into_iter()
            .filter(|c| c.action == "GetObject")
            .all(|c| c.role.as_deref() == Some(role.as_str()));
        assert!(by_role, "{:?}", aws.calls());
    }

    #[test]
    fn one_denied_bucket_is_one_problem() {
        let Some(aws) = AwsTestbed::start() else {
            return;
        };
        let repo = Repo::new(&[(
            "live/main.tf",
            &root(
                "    bucket = \"tfmend-states-three\"\n    key    = \"live.tfstate\"\n    region = \"us-east-1\"\n",
            ),
        )]);
        put(
            &aws,
            "tfmend-states-three",
            "live.tfstate",
            &state("shop-a"),
        );
        aws.fault(
            json!({"action": "ListObjectsV2", "status": 403, "code": "AccessDenied", "times": 20}),
        );
        let out = plan(
            &aws,
            &repo,
            &json!([finding("shop-a"), finding("shop-x")]),
            &["--state-from-backend"],
        );
        assert_eq!(
            out["outcomes"][0]["outcome"], "proposed",
            "the default state is there: {out}"
        );
        assert!(
            problems(&out).contains("s3:ListBucket"),
            "{}",
            problems(&out)
        );
        assert_eq!(out["outcomes"][1]["reason"]["kind"], "not-in-code");
    }
}
