//! Values of root variables as Terraform would take them: every step of the precedence, every run of a root.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;

use tfmend::config::Config;
use tfmend::locate;
use tfmend::terraform::module::{Configuration, Held, RootSettings, Run, StateAtHand};
use tfmend::terraform::state::{RootChoice, State};
use tfmend::terraform::value::{Kind, OriginPlace, Unknown};
use tfmend::terraform::{Address, Estate, RepoPath, SourceFile, Value};

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn estate(files: &[(&str, &str)]) -> Estate {
    Estate::new(
        files
            .iter()
            .map(|(p, text)| SourceFile::new(path(p), text.as_bytes().to_vec())),
    )
}

/// What an instance of a root holds at `v`.
fn value_in(configuration: &Configuration<'_>, root: &str, address: &str) -> Value {
    let address: Address = address.parse().unwrap();
    let roots: Vec<&str> = configuration
        .roots()
        .iter()
        .map(|r| r.dir.as_str())
        .collect();
    let occurrence = configuration
        .occurrence(&path(root), &address.block())
        .unwrap_or_else(|| panic!("{address} is not in {root:?}; there are {roots:?}"));
    match configuration.held(&occurrence, &address, &["v"]) {
        Held::Value(value) => value,
        other => panic!("{address}: {other:?}"),
    }
}

fn text(value: &Value) -> String {
    value
        .as_text()
        .unwrap_or_else(|| format!("{:?}", value.kind))
}

fn roots(configuration: &Configuration<'_>) -> Vec<String> {
    configuration
        .roots()
        .iter()
        .map(|r| r.dir.to_string())
        .collect()
}

fn run(var_files: &[&str], vars: &[(&str, &str)], environment: &[(&str, &str)]) -> Run {
    let given = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    };
    Run {
        var_files: Some(var_files.iter().map(|f| path(f)).collect()),
        vars: given(vars),
        environment: given(environment),
        ..Run::default()
    }
}

fn settings(runs: Vec<(&str, Vec<Run>)>) -> RootSettings {
    RootSettings {
        runs: runs
            .into_iter()
            .map(|(dir, runs)| (path(dir), runs))
            .collect(),
        states: Vec::new(),
    }
}

fn at_hand(name: &str) -> StateAtHand {
    StateAtHand {
        name: name.to_owned(),
        ..StateAtHand::default()
    }
}

const CODE: &str = "variable \"x\" {\n  type    = string\n  default = \"default\"\n}\nresource \"aws_x\" \"n\" {\n  v = var.x\n}\n";

#[test]
fn each_source_of_a_value_wins_over_those_before_it() {
    let steps = [
        ("terraform.tfvars", "x = \"terraform.tfvars\"\n"),
        (
            "terraform.tfvars.json",
            "{\"x\": \"terraform.tfvars.json\"}",
        ),
        ("a.auto.tfvars", "x = \"a.auto.tfvars\"\n"),
        ("b.auto.tfvars.json", "{\"x\": \"b.auto.tfvars.json\"}"),
        ("c.auto.tfvars", "x = \"c.auto.tfvars\"\n"),
    ];
    let run = run(&[], &[], &[("x", "TF_VAR_x")]);
    let settings = settings(vec![("", vec![run])]);
    let mut files = vec![("main.tf", CODE)];
    let plain = estate(&files);
    assert_eq!(
        text(&value_in(&Configuration::new(&plain), "", "aws_x.n")),
        "default"
    );
    let outside = value_in(
        &Configuration::with_settings(&plain, &settings),
        "",
        "aws_x.n",
    );
    assert_eq!(text(&outside), "TF_VAR_x");
    assert_eq!(
        outside.decided_by[0].place,
        OriginPlace::Supplied("x".into())
    );
    for (name, contents) in steps {
        files.push((name, contents));
        // The order of the files in the tree does not matter.
        files[1..].reverse();
        let estate = estate(&files);
        let value = value_in(
            &Configuration::with_settings(&estate, &settings),
            "",
            "aws_x.n",
        );
        assert_eq!(text(&value), name);
        assert_eq!(value.decided_by[0].file.as_str(), name);
        assert_eq!(value.decided_by[0].place, OriginPlace::Tfvars("x".into()));
    }
}

#[test]
fn var_files_win_in_the_order_given_and_vars_over_them() {
    let estate = estate(&[
        ("main.tf", CODE),
        ("z.auto.tfvars", "x = \"auto\"\n"),
        ("b.tfvars", "x = \"b\"\n"),
        ("a.tfvars", "x = \"a\"\n"),
        ("other.tfvars", "y = 1\n"),
    ]);
    let of = |run: Run| {
        let settings = settings(vec![("", vec![run])]);
        let configuration = Configuration::with_settings(&estate, &settings);
        text(&value_in(&configuration, "", "aws_x.n"))
    };
    assert_eq!(of(run(&[], &[], &[("x", "e")])), "auto");
    assert_eq!(of(run(&["b.tfvars", "a.tfvars"], &[], &[])), "a");
    assert_eq!(of(run(&["a.tfvars", "b.tfvars"], &[], &[])), "b");
    assert_eq!(of(run(&["a.tfvars", "other.tfvars"], &[], &[])), "a");
    assert_eq!(
        of(run(&["a.tfvars", "b.tfvars"], &[("x", "given")], &[])),
        "given"
    );
    // Nobody says which are given.
    let unknown = value_in(&Configuration::new(&estate), "", "aws_x.n");
    let Kind::Unknown(Unknown::Varies(name, sets)) = &unknown.kind else {
        panic!("{unknown:?}");
    };
    assert_eq!(name, "x");
    assert_eq!(sets, &[path("a.tfvars"), path("b.tfvars")]);
}

#[test]
fn a_given_text_is_read_as_the_type_asks() {
    let code = "variable \"untyped\" {}\nvariable \"flag\" {\n  type = bool\n}\nvariable \"n\" {\n  type = number\n}\nvariable \"list\" {\n  type = list(string)\n}\nvariable \"any\" {\n  type = any\n}\nresource \"aws_x\" \"a\" {\n  v = [var.untyped, var.flag, var.n, var.list[1], var.any.k, var.any]\n}\n";
    let estate = estate(&[("main.tf", code)]);
    let given = [
        ("untyped", "[1]"),
        ("flag", "true"),
        ("n", "3"),
        ("list", "[\"a\", \"b\"]"),
        ("any", "{ k = 1 }"),
    ];
    for run in [run(&[], &given, &[]), run(&[], &[], &given)] {
        let settings = settings(vec![("", vec![run])]);
        let configuration = Configuration::with_settings(&estate, &settings);
        let value = value_in(&configuration, "", "aws_x.a");
        let items: Vec<Kind> = value
            .as_list()
            .unwrap()
            .iter()
            .map(|v| v.kind.clone())
            .collect();
        assert_eq!(
            items[..5],
            [
                Kind::String("[1]".into()),
                Kind::Bool(true),
                Kind::Number(3.0),
                Kind::String("b".into()),
                Kind::Number(1.0),
            ]
        );
        // Nothing of it stands in a file.
        let elements = value.as_list().unwrap();
        for element in elements {
            assert!(
                element.decided_by.iter().all(|o| o.place.base()
                    == &OriginPlace::Supplied(
                        ["untyped", "flag", "n", "list", "any"]
                            .into_iter()
                            .find(|n| o.place.base() == &OriginPlace::Supplied((*n).into()))
                            .unwrap()
                            .into()
                    )),
                "{element:?}"
            );
        }
    }
    // What cannot be read is not known.
    let settings = settings(vec![("", vec![run(&[], &[("list", "[\"a")], &[])])]);
    let configuration = Configuration::with_settings(&estate, &settings);
    let value = value_in(&configuration, "", "aws_x.a");
    assert!(matches!(value.as_list().unwrap()[3].kind, Kind::Unknown(_)));
}

#[test]
fn what_is_set_outside_is_not_known_whatever_the_code_says() {
    let estate = estate(&[("main.tf", CODE), ("terraform.tfvars", "x = \"file\"\n")]);
    let mut run = run(&[], &[], &[]);
    run.outside.insert("x".into());
    let settings = settings(vec![("", vec![run])]);
    let configuration = Configuration::with_settings(&estate, &settings);
    assert_eq!(
        value_in(&configuration, "", "aws_x.n").kind,
        Kind::Unknown(Unknown::SetOutside("x".into()))
    );
}

#[test]
fn a_root_with_workspaces_is_one_root_for_each() {
    let code = "variable \"x\" {\n  default = \"default\"\n}\nresource \"aws_x\" \"n\" {\n  v = \"${terraform.workspace}-${var.x}\"\n}\n";
    let estate = estate(&[
        ("app/main.tf", code),
        ("app/common.tfvars", "x = \"common\"\n"),
        ("app/prod.tfvars", "x = \"prod\"\n"),
    ]);
    let config = Config::parse(
        "[roots.app]\nvar_files = [\"common.tfvars\"]\n[roots.app.workspaces.prod]\nvar_files = [\"prod.tfvars\"]\n[roots.app.workspaces.dev]\n",
        "tfmend.toml",
    )
    .unwrap();
    let settings = config.root_settings().unwrap();
    let configuration = Configuration::with_settings(&estate, &settings);
    assert_eq!(
        roots(&configuration),
        ["app (workspace dev)", "app (workspace prod)"]
    );
    let text_of = |root: &str| text(&value_in(&configuration, root, "aws_x.n"));
    assert_eq!(text_of("app (workspace dev)"), "dev-common");
    assert_eq!(text_of("app (workspace prod)"), "prod-prod");
    // An edit of shared code reaches both, one of a variable file only those that are given it.
    let prod = value_in(&configuration, "app (workspace prod)", "aws_x.n");
    let reached = |origin: &tfmend::terraform::Origin| -> Vec<String> {
        let all = configuration.decided_here(origin);
        all.iter().map(|i| i.occurrence.root.to_string()).collect()
    };
    let file = prod
        .depends_on
        .iter()
        .chain(&prod.decided_by)
        .find(|o| o.file.as_str() == "app/prod.tfvars")
        .unwrap();
    assert_eq!(reached(file), ["app (workspace prod)"]);
    let block = prod
        .decided_by
        .iter()
        .chain(&prod.via)
        .find(|o| o.file.as_str() == "app/main.tf")
        .unwrap();
    assert_eq!(
        reached(block),
        ["app (workspace dev)", "app (workspace prod)"]
    );
}

#[test]
fn a_workspace_is_told_by_the_path_of_a_state() {
    let code = "variable \"x\" {\n  default = \"default\"\n}\nresource \"aws_x\" \"n\" {\n  v = \"${terraform.workspace}-${var.x}\"\n}\n";
    let files = [
        ("app/main.tf", code),
        ("app/vars/dev.tfvars", "x = \"d\"\n"),
        ("app/vars/prod.tfvars", "x = \"p\"\n"),
    ];
    let in_tree = estate(&files).with_states([
        path("app/terraform.tfstate.d/dev/terraform.tfstate"),
        path("app/terraform.tfstate.d/prod/terraform.tfstate"),
    ]);
    let configuration = Configuration::new(&in_tree);
    assert_eq!(
        roots(&configuration),
        ["app (workspace dev)", "app (workspace prod)"]
    );
    assert_eq!(
        text(&value_in(&configuration, "app (workspace prod)", "aws_x.n")),
        "prod-p"
    );
    let state = |name: &str, root: Option<&str>| {
        let json = "{\"version\":4,\"terraform_version\":\"1.9.0\",\"serial\":1,\"lineage\":\"l\",\"outputs\":{},\"resources\":[{\"mode\":\"managed\",\"type\":\"aws_x\",\"name\":\"n\",\"provider\":\"provider[\\\"registry.terraform.io/hashicorp/aws\\\"]\",\"instances\":[{\"schema_version\":0,\"attributes\":{\"id\":\"i-1\"}}]}]}";
        State::read(name, json.as_bytes(), root.map(path)).unwrap()
    };
    let of = |configuration: &Configuration<'_>, state: State| {
        let index = locate::index_states(configuration, vec![state]);
        let (_, choice) = index.states().next().unwrap();
        choice.clone()
    };
    let prod = RootChoice::One(path("app (workspace prod)"));
    let at = "app/terraform.tfstate.d/prod/terraform.tfstate";
    assert_eq!(of(&configuration, state(at, Some("app"))), prod);
    assert_eq!(
        of(&configuration, state("down/env:/prod/app.tfstate", None)),
        prod
    );
    // One that does not tell is no one's.
    let RootChoice::Several(both) = of(&configuration, state("x.tfstate", None)) else {
        panic!("a state that does not tell its workspace");
    };
    assert_eq!(both.len(), 2);

    // The same by the addresses of states that lie elsewhere.
    let plain = estate(&files);
    let settings = RootSettings {
        states: vec![
            at_hand("s3/env:/prod/app/terraform.tfstate"),
            at_hand("s3/env:/dev/app/terraform.tfstate"),
        ],
        ..RootSettings::default()
    };
    let configuration = Configuration::with_settings(&plain, &settings);
    assert_eq!(
        roots(&configuration),
        ["app (workspace dev)", "app (workspace prod)"]
    );
    // Without a state that tells, there is one root, and what differs is not known.
    let configuration = Configuration::new(&plain);
    assert_eq!(roots(&configuration), ["app"]);
    let value = value_in(&configuration, "app", "aws_x.n");
    assert!(matches!(value.why_unknown(), Some(Unknown::Workspace)));
}

#[test]
fn an_environment_without_a_state_still_counts() {
    let estate = estate(&[
        ("app/main.tf", CODE),
        ("app/common.tfvars", "y = 1\n"),
        ("app/dev.tfvars", "x = \"d\"\n"),
        ("app/prod.tfvars", "x = \"p\"\n"),
    ])
    .with_states([path("app/terraform.tfstate.d/prod/terraform.tfstate")]);
    let configuration = Configuration::new(&estate);
    assert_eq!(
        roots(&configuration),
        ["app (dev.tfvars)", "app (workspace prod)"]
    );
    assert_eq!(
        text(&value_in(&configuration, "app (workspace prod)", "aws_x.n")),
        "p"
    );
    assert_eq!(
        text(&value_in(&configuration, "app (dev.tfvars)", "aws_x.n")),
        "d"
    );
    let files: Vec<&str> = configuration.roots()[1]
        .var_files
        .iter()
        .map(RepoPath::as_str)
        .collect();
    assert_eq!(files, ["app/prod.tfvars"]);
    let open: Vec<&str> = configuration.roots()[1]
        .var_file_sets
        .iter()
        .map(RepoPath::as_str)
        .collect();
    assert_eq!(
        open,
        ["app/common.tfvars"],
        "nobody says whether it is given"
    );
}

#[test]
fn files_in_a_folder_for_variable_files_may_be_given_to_what_lies_around() {
    let files = [
        ("live/app/main.tf", CODE),
        ("live/db/main.tf", CODE),
        ("other/main.tf", CODE),
        ("live/vars/common.tfvars", "y = 1\n"),
        ("live/vars/prod.tfvars", "x = \"p\"\n"),
        ("live/vars/db/dev.tfvars", "x = \"d\"\n"),
    ];
    let estate = estate(&files);
    let configuration = Configuration::new(&estate);
    let sets = |root: &str| -> Vec<&str> {
        let root = configuration
            .roots()
            .iter()
            .find(|r| r.dir.as_str() == root)
            .unwrap();
        root.var_file_sets.iter().map(RepoPath::as_str).collect()
    };
    assert_eq!(
        sets("live/app"),
        ["live/vars/common.tfvars", "live/vars/prod.tfvars"]
    );
    assert_eq!(
        sets("live/db"),
        [
            "live/vars/common.tfvars",
            "live/vars/db/dev.tfvars",
            "live/vars/prod.tfvars"
        ]
    );
    assert!(sets("other").is_empty());
    // The default may be overridden: it is not known.
    assert!(matches!(
        value_in(&configuration, "live/app", "aws_x.n").kind,
        Kind::Unknown(Unknown::Varies(_, files)) if files == [path("live/vars/prod.tfvars")]
    ));
    assert_eq!(
        text(&value_in(&configuration, "other", "aws_x.n")),
        "default"
    );
}

/// The values that a unit's inputs give, by the text of `locals` and `inputs` in it.
fn input(files: &[(&str, &str)], unit: &str) -> Kind {
    let module = "variable \"x\" {\n  type    = string\n  default = \"default\"\n}\nresource \"aws_x\" \"n\" {\n  v = var.x\n}\n";
    let mut all = vec![("modules/m/main.tf", module)];
    all.extend_from_slice(files);
    let estate = estate(&all);
    let configuration = Configuration::new(&estate);
    value_in(&configuration, unit, "aws_x.n").kind
}

const SOURCE: &str = "terraform {\n  source = \"../../modules/m\"\n}\n";

#[test]
fn inputs_of_a_unit_are_known_only_when_its_files_tell() {
    let known = |text: &str| Kind::String(text.to_owned());
    for (inputs, wanted) in [
        ("", Some("default")),
        ("inputs = {}\n", Some("default")),
        ("inputs = { x = \"i\" }\n", Some("i")),
        ("inputs = { x = 3 }\n", Some("3")),
        (
            "locals {\n  a = \"l\"\n  b = \"${local.a}-${upper(local.a)}\"\n}\ninputs = { x = local.b }\n",
            Some("l-L"),
        ),
        ("inputs = merge({ x = \"a\" }, { x = \"b\" })\n", Some("b")),
        (
            "inputs = merge({ x = get_env(\"X\") }, { x = \"b\" })\n",
            Some("b"),
        ),
        (
            "inputs = merge(jsondecode(run_cmd(\"x\")), { x = \"b\" })\n",
            Some("b"),
        ),
        (
            "inputs = merge({ x = \"b\" }, jsondecode(run_cmd(\"x\")))\n",
            None,
        ),
        ("inputs = jsondecode(file(\"x.json\"))\n", None),
        (
            "inputs = yamldecode(file(find_in_parent_folders(\"x.yaml\")))\n",
            None,
        ),
        ("inputs = { x = get_terragrunt_dir() }\n", None),
        (
            "inputs = { x = basename(get_terragrunt_dir()) }\n",
            Some("a"),
        ),
        (
            "inputs = { x = \"${basename(get_terragrunt_dir())}-db\" }\n",
            Some("a-db"),
        ),
        ("inputs = { x = sha1(get_terragrunt_dir()) }\n", None),
        ("inputs = { x = get_env(\"X\", \"d\") }\n", None),
        ("inputs = { x = null }\n", None),
        (
            "inputs = { x = dependency.d.outputs.x }\ndependency \"d\" {\n  config_path = \"../d\"\n  mock_outputs = { x = \"m\" }\n}\n",
            None,
        ),
        (
            "locals {\n  a = local.b\n  b = local.a\n}\ninputs = { x = local.a }\n",
            None,
        ),
        ("inputs = { x = local.missing }\n", None),
        ("inputs = { \"x\" = \"q\" }\n", Some("q")),
    ] {
        let unit = format!("{SOURCE}{inputs}");
        let kind = input(&[("live/a/terragrunt.hcl", &unit)], "live/a");
        match wanted {
            Some(text) => assert_eq!(kind, known(text), "{inputs}"),
            None => assert!(matches!(kind, Kind::Unknown(_)), "{inputs}: {kind:?}"),
        }
    }
}

#[test]
fn what_a_unit_includes_is_merged_below_its_own() {
    let with = |include: &str, parent: &str, own: &str| {
        let unit = format!("{include}\n{SOURCE}{own}");
        input(
            &[("live/root.hcl", parent), ("live/a/terragrunt.hcl", &unit)],
            "live/a",
        )
    };
    let include = "include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}\n";
    let parent = "inputs = { x = \"p\" }\n";
    let known = |text: &str| Kind::String(text.to_owned());
    assert_eq!(with(include, parent, ""), known("p"));
    assert_eq!(
        with(include, parent, "inputs = { x = \"c\" }\n"),
        known("c")
    );
    assert_eq!(
        with(include, "inputs = { x = path_relative_to_include() }\n", ""),
        known("a")
    );
    assert_eq!(
        with(
            include,
            "locals {\n  e = read_terragrunt_config(\"${get_terragrunt_dir()}/e.hcl\")\n}\ninputs = { x = \"p\" }\n",
            "inputs = { x = path_relative_to_include(\"root\") }\n"
        ),
        known("a")
    );
    let no_merge = include.replace("}\n", "  merge_strategy = \"no_merge\"\n}\n");
    assert_eq!(with(&no_merge, parent, ""), known("default"));
    let exposed = include.replace("}\n", "  expose = true\n}\n");
    assert_eq!(
        with(
            &exposed,
            "locals {\n  l = \"pl\"\n}\n",
            "inputs = { x = include.root.locals.l }\n"
        ),
        known("pl")
    );
    // What cannot be found or told leaves everything open.
    let lost = include.replace("root.hcl", "lost.hcl");
    assert!(matches!(
        with(&lost, parent, "inputs = { x = \"c\" }\n"),
        Kind::Unknown(_)
    ));
    let dynamic = include.replace("find_in_parent_folders(\"root.hcl\")", "get_env(\"ROOT\")");
    assert!(matches!(with(&dynamic, parent, ""), Kind::Unknown(_)));
    // Two that disagree.
    let two = format!("{include}include \"b\" {{\n  path = \"../b.hcl\"\n}}\n{SOURCE}");
    let of = |b: &str| {
        input(
            &[
                ("live/root.hcl", parent),
                ("live/b.hcl", b),
                ("live/a/terragrunt.hcl", &two),
            ],
            "live/a",
        )
    };
    assert!(matches!(
        of("inputs = { x = \"other\" }\n"),
        Kind::Unknown(_)
    ));
    assert_eq!(of("inputs = { x = \"p\" }\n"), known("p"));
    assert_eq!(of("inputs = { y = 1 }\n"), known("p"));
}

#[test]
fn arguments_of_a_unit_win_over_its_inputs() {
    let with = |arguments: &str| {
        let unit = format!(
            "terraform {{\n  source = \"../../modules/m\"\n  extra_arguments \"v\" {{\n    commands = [\"plan\"]\n{arguments}\n  }}\n}}\ninputs = {{ x = \"i\" }}\n"
        );
        input(
            &[
                ("live/a/terragrunt.hcl", &unit),
                ("live/a/p.tfvars", "x = \"file\"\n"),
                ("live/a/terraform.tfvars", "x = \"auto\"\n"),
            ],
            "live/a",
        )
    };
    let known = |text: &str| Kind::String(text.to_owned());
    assert_eq!(with("arguments = [\"-lock-timeout=5m\"]"), known("auto"));
    assert_eq!(
        with("required_var_files = [\"${get_terragrunt_dir()}/p.tfvars\"]"),
        known("file")
    );
    assert_eq!(
        with("optional_var_files = [\"${get_terragrunt_dir()}/none.tfvars\"]"),
        known("auto")
    );
    assert_eq!(
        with("arguments = [\"-var-file=${get_terragrunt_dir()}/p.tfvars\"]"),
        known("file")
    );
    assert_eq!(with("arguments = [\"-var\", \"x=given\"]"), known("given"));
    for open in [
        "required_var_files = [\"p.tfvars\"]",
        "required_var_files = [\"${get_env(\"HOME\")}/p.tfvars\"]",
        "required_var_files = local.files",
        "arguments = [get_env(\"ARGS\")]",
        "env_vars = { TF_VAR_x = \"e\" }",
    ] {
        assert!(
            matches!(with(open), Kind::Unknown(_)),
            "{open}: {:?}",
            with(open)
        );
    }
}

#[test]
fn a_module_that_units_run_is_no_root_and_one_from_elsewhere_has_none() {
    let module = "terraform {\n  backend \"s3\" {}\n}\nresource \"aws_x\" \"n\" {\n  v = 1\n}\n";
    let estate = estate(&[
        ("modules/m/main.tf", module),
        ("modules/other/main.tf", module),
        ("live/a/terragrunt.hcl", SOURCE),
        (
            "live/b/terragrunt.hcl",
            "terraform {\n  source = \"${get_repo_root()}/modules//m?ref=v1\"\n}\n",
        ),
        (
            "live/c/terragrunt.hcl",
            "terraform {\n  source = \"git::https://example.com/m.git?ref=v1\"\n}\n",
        ),
        (
            "live/d/terragrunt.hcl",
            "terraform {\n  source = \"../../../outside\"\n}\n",
        ),
        ("live/e/terragrunt.hcl", "terraform {\n  source = \n"),
        ("live/terragrunt.hcl", "inputs = {}\n"),
        ("live/f/terragrunt.hcl", "inputs = {}\n"),
        ("live/f/main.tf", module),
    ]);
    let configuration = Configuration::new(&estate);
    assert_eq!(
        roots(&configuration),
        ["live/a", "live/b", "live/f", "modules/other"]
    );
    let codes: Vec<&str> = configuration
        .roots()
        .iter()
        .map(|r| r.code.as_str())
        .collect();
    assert_eq!(codes, ["modules/m", "modules/m", "live/f", "modules/other"]);
    assert_eq!(
        configuration.problems().len(),
        1,
        "the unit that cannot be parsed"
    );
}

/// Terraform's own answer to `var.x`, for files, `-var-file`/`-var` arguments and `TF_VAR_x`.
fn asked(files: &[(&str, &str)], arguments: &[&str], environment: Option<&str>) -> String {
    use std::io::Write as _;
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let mut command = std::process::Command::new("terraform");
    command
        .arg("console")
        .args(arguments)
        .current_dir(dir.path())
        .env_remove("TF_CLI_CONFIG_FILE")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    if let Some(text) = environment {
        command.env("TF_VAR_x", text);
    }
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"jsonencode(var.x)\n")
        .unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    // Warnings come before the answer.
    let printed = String::from_utf8(out.stdout).unwrap();
    serde_json::from_str(printed.lines().last().unwrap()).unwrap()
}

/// The same as this project sees it.
fn seen(files: &[(&str, &str)], run: Run) -> String {
    fn json(value: &Value) -> serde_json::Value {
        match &value.kind {
            Kind::Null => serde_json::Value::Null,
            Kind::Bool(b) => (*b).into(),
            Kind::Number(n) if n.fract() == 0.0 => (*n as i64).into(),
            Kind::Number(n) => (*n).into(),
            Kind::String(s) => s.clone().into(),
            Kind::List(items) => items.iter().map(json).collect(),
            Kind::Object(map) => map.iter().map(|(k, v)| (k.clone(), json(v))).collect(),
            other => panic!("{other:?}"),
        }
    }
    let estate = estate(files);
    let settings = settings(vec![("", vec![run])]);
    let configuration = Configuration::with_settings(&estate, &settings);
    json(&value_in(&configuration, "", "aws_x.n")).to_string()
}

#[test]
fn terraform_agrees_about_every_source_of_a_value() {
    if std::process::Command::new("terraform")
        .arg("version")
        .output()
        .is_err()
    {
        assert!(
            std::env::var_os("TFMEND_NO_SKIP").is_none(),
            "no terraform on PATH"
        );
        eprintln!("SKIPPED: terraform_agrees_about_every_source_of_a_value: no terraform on PATH");
        return;
    }
    let code = |of: &str| format!("variable \"x\" {{\n{of}}}\n");
    let resource = "resource \"aws_x\" \"n\" {\n  v = var.x\n}\n";
    let loaded: [(&str, &str); 5] = [
        ("terraform.tfvars", "x = \"1\"\n"),
        ("terraform.tfvars.json", "{\"x\": \"2\"}"),
        ("a.auto.tfvars", "x = \"3\"\n"),
        ("a.auto.tfvars.json", "{\"x\": \"4\"}"),
        ("b.auto.tfvars", "x = \"5\"\n"),
    ];
    let mut wrong = Vec::new();
    let mut check = |files: &[(&str, &str)],
                     of: &str,
                     var_files: &[&str],
                     var: Option<&str>,
                     env: Option<&str>| {
        let main = code(of);
        let mut theirs = vec![("main.tf", main.as_str())];
        theirs.extend_from_slice(files);
        let mut arguments: Vec<String> =
            var_files.iter().map(|f| format!("-var-file={f}")).collect();
        arguments.extend(var.map(|v| format!("-var=x={v}")));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let truth = asked(&theirs, &arguments, env);
        // Terraform need not know the provider of the resource that is asked here.
        let with = format!("{main}{resource}");
        let mut ours = theirs.clone();
        ours[0].1 = &with;
        let vars: Vec<(&str, &str)> = var.map(|v| ("x", v)).into_iter().collect();
        let env_vars: Vec<(&str, &str)> = env.map(|v| ("x", v)).into_iter().collect();
        let known = seen(&ours, run(var_files, &vars, &env_vars));
        if truth != known {
            wrong.push(format!(
                "{files:?} {of:?} {var_files:?} {var:?} {env:?}: Terraform {truth}, here {known}"
            ));
        }
    };
    let default = "  default = \"0\"\n";
    check(&[], default, &[], None, None);
    check(&[], default, &[], None, Some("e"));
    for number in 1..=loaded.len() {
        check(&loaded[..number], default, &[], None, Some("e"));
    }
    let given = [
        loaded[4],
        ("p.tfvars", "x = \"p\"\n"),
        ("q.tfvars", "x = \"q\"\n"),
        ("r.tfvars", "y = 1\n"),
    ];
    check(&given, default, &["p.tfvars", "q.tfvars"], None, None);
    check(
        &given,
        default,
        &["q.tfvars", "p.tfvars", "r.tfvars"],
        None,
        Some("e"),
    );
    check(&given, default, &["p.tfvars"], Some("v"), Some("e"));
    // How a text is read.
    for (of, text) in [
        ("", "[1, 2]"),
        ("  type = any\n", "[1, 2]"),
        ("  type = any\n", "\"a\""),
        ("  type = bool\n", "true"),
        ("  type = number\n", "3"),
        ("  type = string\n", "{ a = 1 }"),
        ("  type = list(string)\n", "[\"a\", 1, true]"),
        ("  type = map(number)\n", "{ a = \"1\" }"),
        ("  type = set(string)\n", "[\"b\", \"a\", \"b\"]"),
        (
            "  type = object({ a = optional(bool, true), b = string })\n",
            "{ b = 2 }",
        ),
    ] {
        check(&[], of, &[], None, Some(text));
        check(&[], of, &[], Some(text), None);
    }
    // Null is a value, unless the variable is not nullable.
    for of in [default.to_owned(), format!("{default}  nullable = false\n")] {
        check(
            &[("terraform.tfvars", "x = null\n")],
            &of,
            &[],
            None,
            Some("e"),
        );
        check(
            &[
                ("terraform.tfvars", "x = \"1\"\n"),
                ("p.tfvars", "x = null\n"),
            ],
            &of,
            &["p.tfvars"],
            None,
            None,
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
