//! Roots that are run in several ways, from the findings to the edited file: workspaces, variable files, Terragrunt.

#![allow(clippy::unwrap_used)] // a test may stop here

mod support;

use serde_json::{Value, json};
use support::{Repo, asff, run, run_json};

const APP: &str = r#"variable "public" {
  type = bool
}

resource "aws_db_instance" "main" {
  identifier          = "orders-${terraform.workspace}"
  publicly_accessible = var.public
}
"#;

fn arn(name: &str) -> String {
    format!("arn:aws:rds:eu-west-1:111122223333:db:{name}")
}

fn database(name: &str) -> Value {
    asff("RDS.2", "AwsRdsDbInstance", &arn(name))
}

fn state(name: &str) -> String {
    json!({
        "version": 4, "terraform_version": "1.9.0", "serial": 3, "lineage": name, "outputs": {},
        "resources": [{
            "mode": "managed", "type": "aws_db_instance", "name": "main",
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{"schema_version": 2, "attributes": {
                "arn": arn(name), "id": format!("db-{name}"), "identifier": name, "publicly_accessible": true
            }}]
        }]
    })
    .to_string()
}

fn repo(files: &[(&str, &str)]) -> Repo {
    Repo::new(files)
}

#[test]
fn a_state_names_the_workspace_and_the_edit_goes_to_its_variable_file() {
    let (dev, prod) = (state("orders-dev"), state("orders-prod"));
    let repo = repo(&[
        ("app/main.tf", APP),
        ("app/dev.tfvars", "public = true\n"),
        ("app/prod.tfvars", "# customers\npublic = true\n"),
        ("app/terraform.tfstate.d/dev/terraform.tfstate", &dev),
        ("app/terraform.tfstate.d/prod/terraform.tfstate", &prod),
    ]);
    let out = run_json("fix", &repo, &json!([database("orders-prod")]), &[]);
    let o = &out["outcomes"][0];
    assert_eq!(o["outcome"], "proposed", "{out:#}");
    assert_eq!(o["file"], "app/prod.tfvars");
    assert_eq!(o["evidence"], "state");
    assert_eq!(o["confidence"], "exact");
    assert_eq!(o["root"], "app (workspace prod)");
    assert_eq!(o["also_changes"], json!([]));
    assert_eq!(
        repo.text("app/prod.tfvars"),
        "# customers\npublic = false\n"
    );
    assert_eq!(repo.text("app/dev.tfvars"), "public = true\n");
    assert_eq!(repo.text("app/main.tf"), APP);
}

#[test]
fn a_state_elsewhere_whose_name_says_nothing_is_matched_by_the_names_in_it() {
    let states = tempfile::tempdir().unwrap();
    let file = states.path().join("x.tfstate");
    std::fs::write(&file, state("orders-prod")).unwrap();
    let repo = repo(&[
        ("app/main.tf", APP),
        ("app/dev.tfvars", "public = true\n"),
        ("app/prod.tfvars", "public = true\n"),
        (
            "tfmend.toml",
            "[roots.app.workspaces.dev]\nvar_files = [\"dev.tfvars\"]\n[roots.app.workspaces.prod]\nvar_files = [\"prod.tfvars\"]\n",
        ),
    ]);
    let given = ["--state", file.to_str().unwrap()];
    let out = run_json("plan", &repo, &json!([database("orders-prod")]), &given);
    let o = &out["outcomes"][0];
    assert_eq!(o["file"], "app/prod.tfvars", "{out:#}");
    // Without anything that tells, nothing is guessed.
    let code = APP.replace("orders-${terraform.workspace}", "orders-prod");
    repo.write("app/main.tf", code.as_bytes());
    let out = run_json("plan", &repo, &json!([database("orders-prod")]), &given);
    let o = &out["outcomes"][0];
    assert_eq!(o["outcome"], "not_located", "{out:#}");
    assert_eq!(o["reason"]["kind"], "several-candidates");
    let message = o["reason"]["message"].as_str().unwrap();
    assert!(
        message.contains("app (workspace dev)") && message.contains("app (workspace prod)"),
        "{message}"
    );
}

#[test]
fn shared_code_lists_the_instances_of_the_other_workspaces() {
    let code = APP.replace("= var.public", "= true");
    let repo = repo(&[
        ("app/main.tf", &code),
        (
            "tfmend.toml",
            "[roots.app.workspaces.dev]\n[roots.app.workspaces.prod]\n",
        ),
        (
            "app/provider.tf",
            "provider \"aws\" {\n  region              = \"eu-west-1\"\n  allowed_account_ids = [\"111122223333\"]\n}\n",
        ),
    ]);
    let out = run_json("plan", &repo, &json!([database("orders-prod")]), &[]);
    let o = &out["outcomes"][0];
    assert_eq!(o["outcome"], "proposed", "{out:#}");
    assert_eq!(o["file"], "app/main.tf");
    assert_eq!(o["evidence"], "identifier");
    assert_eq!(
        o["also_changes"],
        json!(["app (workspace dev): aws_db_instance.main"])
    );
}

#[test]
fn a_unit_of_terragrunt_is_fixed_in_the_file_that_decides() {
    let live = state("orders");
    let module = "variable \"name\" {\n  type = string\n}\n\nvariable \"public\" {\n  type    = bool\n  default = false\n}\n\nresource \"aws_db_instance\" \"main\" {\n  identifier          = var.name\n  publicly_accessible = var.public\n}\n";
    let unit = "include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}\n\nterraform {\n  source = \"${get_repo_root()}//modules/db\"\n}\n\nlocals {\n  env = read_terragrunt_config(find_in_parent_folders(\"env.hcl\"))\n}\n\ninputs = {\n  name   = \"orders\"\n  public = local.env.locals.public\n}\n";
    let repo = repo(&[
        ("modules/db/main.tf", module),
        ("live/root.hcl", "inputs = {\n  owner = \"platform\"\n}\n"),
        (
            "live/prod/env.hcl",
            "locals {\n  public = true # for the migration\n}\n",
        ),
        ("live/dev/env.hcl", "locals {\n  public = true\n}\n"),
        ("live/prod/db/terragrunt.hcl", unit),
        (
            "live/dev/db/terragrunt.hcl",
            &unit.replace("\"orders\"", "\"orders-dev\""),
        ),
        ("live/prod/db/terraform.tfstate", &live),
    ]);
    let out = run_json("fix", &repo, &json!([database("orders")]), &[]);
    let o = &out["outcomes"][0];
    assert_eq!(o["outcome"], "proposed", "{out:#}");
    assert_eq!(o["root"], "live/prod/db");
    assert_eq!(o["file"], "live/prod/env.hcl");
    assert_eq!(o["also_changes"], json!([]));
    assert_eq!(
        repo.text("live/prod/env.hcl"),
        "locals {\n  public = false # for the migration\n}\n"
    );
    assert_eq!(
        repo.text("live/dev/env.hcl"),
        "locals {\n  public = true\n}\n"
    );
}

#[test]
fn a_configuration_that_does_not_fit_the_tree_is_an_error_with_its_line() {
    let repo = repo(&[
        ("app/main.tf", APP),
        (
            "tfmend.toml",
            "[roots.app]\nvar_files = [\"prod.tfvars\"]\n",
        ),
    ]);
    let out = run("plan", &repo, &json!([database("orders")]), &[]);
    assert_eq!(out.code, 2, "{}", out.stderr);
    assert!(
        out.stderr.contains("tfmend.toml:2:")
            && out
                .stderr
                .contains("there is no variable file `app/prod.tfvars`"),
        "{}",
        out.stderr
    );
}
