//! Terraform as written: roots, instances, values and where they are decided.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use tfmend::terraform::module::{Certainty, Configuration, Held, ProviderVersion};
use tfmend::terraform::value::{Kind, OriginPlace, Part, Unknown};
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

/// What one instance of the first root that has it holds.
fn held(configuration: &Configuration<'_>, address: &str, at: &[&str]) -> Held {
    let address: Address = address.parse().unwrap();
    let root = configuration
        .roots()
        .iter()
        .find(|r| configuration.occurrence(&r.dir, &address.block()).is_some())
        .unwrap_or_else(|| panic!("{address} is in no root"));
    let occurrence = configuration
        .occurrence(&root.dir, &address.block())
        .unwrap();
    configuration.held(&occurrence, &address, at)
}

fn value(configuration: &Configuration<'_>, address: &str, at: &[&str]) -> Value {
    match held(configuration, address, at) {
        Held::Value(value) => value,
        other => panic!("{address} {at:?}: {other:?}"),
    }
}

fn addresses(configuration: &Configuration<'_>, kind: &str) -> Vec<String> {
    configuration
        .occurrences(kind)
        .iter()
        .flat_map(|o| configuration.instances(o).known)
        .map(|a| a.to_string())
        .collect()
}

/// The text of a value's first deciding place, with the kind of place.
fn decided<'e>(estate: &'e Estate, value: &Value) -> (&'e str, OriginPlace) {
    let origin = value.decided_by.first().expect("a deciding place");
    let text = estate
        .file(&origin.file)
        .unwrap()
        .slice(origin.span.clone());
    (text, origin.place.clone())
}

#[test]
fn a_literal_in_a_module_is_followed_to_the_tfvars_file() {
    let estate = estate(&[
        (
            "live/main.tf",
            "variable \"pub\" {\n  type = bool\n  default = false\n}\nmodule \"db\" {\n  source = \"../modules/db\"\n  for_each = toset([\"a\", \"b\"])\n  public = var.pub\n  name = each.key\n}\n",
        ),
        ("live/terraform.tfvars", "pub = \"true\"\n"),
        (
            "modules/db/main.tf",
            "variable \"public\" {}\nvariable \"name\" {}\nresource \"aws_db_instance\" \"this\" {\n  identifier = \"db-${var.name}\"\n  publicly_accessible = var.public\n}\n",
        ),
    ]);
    let configuration = Configuration::new(&estate);
    assert_eq!(
        configuration
            .roots()
            .iter()
            .map(|r| r.dir.as_str())
            .collect::<Vec<_>>(),
        ["live"]
    );
    assert_eq!(
        addresses(&configuration, "aws_db_instance"),
        [
            "module.db[\"a\"].aws_db_instance.this",
            "module.db[\"b\"].aws_db_instance.this"
        ]
    );
    let public = value(
        &configuration,
        "module.db[\"b\"].aws_db_instance.this",
        &["publicly_accessible"],
    );
    assert_eq!(public.kind, Kind::Bool(true));
    assert_eq!(
        decided(&estate, &public),
        ("\"true\"", OriginPlace::Tfvars("pub".into()))
    );
    let via: Vec<&str> = public
        .via
        .iter()
        .map(|o| estate.file(&o.file).unwrap().slice(o.span.clone()))
        .collect();
    assert_eq!(via, ["var.pub", "var.public"]);
    let name = value(
        &configuration,
        "module.db[\"b\"].aws_db_instance.this",
        &["identifier"],
    );
    assert_eq!(name.kind, Kind::String("db-b".into()));
}

#[test]
fn what_is_not_in_the_code_leaves_a_pattern() {
    let estate = estate(&[(
        "main.tf",
        "locals { prefix = \"acme\" }\ndata \"aws_caller_identity\" \"x\" {}\nresource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"${local.prefix}-${data.aws_caller_identity.x.account_id}-logs\"\n}\nresource \"aws_s3_bucket_versioning\" \"logs\" {\n  bucket = aws_s3_bucket.logs.id\n  versioning_configuration { status = \"Enabled\" }\n}\n",
    )]);
    let configuration = Configuration::new(&estate);
    let bucket = value(&configuration, "aws_s3_bucket.logs", &["bucket"]);
    assert_eq!(
        bucket.kind,
        Kind::Pattern(vec![
            Part::Text("acme-".into()),
            Part::Hole(Unknown::Data(
                "data.aws_caller_identity.x.account_id".into()
            )),
            Part::Text("-logs".into())
        ])
    );
    let link = value(&configuration, "aws_s3_bucket_versioning.logs", &["bucket"]);
    let Kind::Ref(link) = link.kind else {
        panic!("{link:?}")
    };
    assert_eq!(link.to_string(), "aws_s3_bucket.logs.id");
    assert_eq!(
        held(
            &configuration,
            "aws_s3_bucket_versioning.logs",
            &["versioning_configuration", "mfa_delete"]
        ),
        Held::Absent
    );
}

#[test]
fn companions_are_found_by_reference_name_and_key() {
    let estate = estate(&[
        (
            "main.tf",
            r#"
resource "aws_s3_bucket" "this" {
  for_each = toset(["a", "b"])
  bucket   = "acme-${each.key}"
}
resource "aws_s3_bucket_versioning" "this" {
  for_each = aws_s3_bucket.this
  bucket   = each.value.id
}
resource "aws_s3_bucket_public_access_block" "a" {
  bucket = "acme-a"
}
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket_versioning.this["b"].id
}
resource "aws_s3_bucket_acl" "some" {
  bucket = var.unset
}
variable "unset" {}
module "sse" {
  source = "./sse"
  bucket = aws_s3_bucket.this["a"].bucket
}
resource "aws_s3_bucket_logging" "other" {
  bucket = aws_s3_bucket.other.id
}
resource "aws_s3_bucket" "other" {}
"#,
        ),
        (
            "sse/main.tf",
            "variable \"bucket\" {}\nresource \"aws_s3_bucket_server_side_encryption_configuration\" \"x\" {\n  bucket = var.bucket\n}\n",
        ),
    ]);
    let configuration = Configuration::new(&estate);
    let linked = |address: &str, companion: &str| -> Vec<(String, Certainty)> {
        let address: Address = address.parse().unwrap();
        let occurrence = configuration
            .occurrence(&path(""), &address.block())
            .unwrap();
        configuration
            .linked(&occurrence, &address, companion, "bucket")
            .into_iter()
            .map(|c| (c.address.to_string(), c.certainty))
            .collect()
    };
    let certain = |address: &str| vec![(address.to_owned(), Certainty::Certain)];
    let (a, b) = ("aws_s3_bucket.this[\"a\"]", "aws_s3_bucket.this[\"b\"]");
    assert_eq!(
        linked(a, "aws_s3_bucket_versioning"),
        certain("aws_s3_bucket_versioning.this[\"a\"]")
    );
    assert_eq!(
        linked(a, "aws_s3_bucket_public_access_block"),
        certain("aws_s3_bucket_public_access_block.a")
    );
    assert_eq!(linked(b, "aws_s3_bucket_public_access_block"), []);
    assert_eq!(linked(a, "aws_s3_bucket_policy"), []);
    assert_eq!(
        linked(b, "aws_s3_bucket_policy"),
        certain("aws_s3_bucket_policy.b")
    );
    let sse = "aws_s3_bucket_server_side_encryption_configuration";
    assert_eq!(linked(a, sse), certain(&format!("module.sse.{sse}.x")));
    assert_eq!(linked(b, sse), []);
    assert_eq!(
        linked(a, "aws_s3_bucket_acl"),
        [("aws_s3_bucket_acl.some".to_owned(), Certainty::Possible)]
    );
    assert_eq!(linked(a, "aws_s3_bucket_logging"), []);
    assert_eq!(
        linked("aws_s3_bucket.other", "aws_s3_bucket_logging"),
        certain("aws_s3_bucket_logging.other")
    );
}

#[test]
fn a_place_names_every_instance_that_it_decides() {
    let estate = estate(&[
        (
            "main.tf",
            "locals {\n  flags = { open = true }\n}\nmodule \"a\" {\n  source = \"./m\"\n  open = local.flags.open\n}\nmodule \"b\" {\n  source = \"./m\"\n  open = false\n}\nresource \"aws_x\" \"n\" {\n  count = local.flags.open ? 2 : 0\n}\n",
        ),
        (
            "m/main.tf",
            "variable \"open\" {}\nresource \"aws_db_instance\" \"this\" {\n  publicly_accessible = var.open\n  nested {\n    inner = !var.open\n  }\n}\n",
        ),
    ]);
    let configuration = Configuration::new(&estate);
    let open = value(
        &configuration,
        "module.a.aws_db_instance.this",
        &["publicly_accessible"],
    );
    assert_eq!(
        decided(&estate, &open),
        (
            "true",
            OriginPlace::Element(Box::new(OriginPlace::Local("flags".into())))
        )
    );
    let changed = |at: usize| -> Vec<String> {
        let origin = open.decided_by.iter().chain(&open.via).nth(at).unwrap();
        configuration
            .decided_here(origin)
            .iter()
            .map(|i| format!("{} {} {}", i.address, i.path.join("."), i.decides))
            .collect()
    };
    assert_eq!(
        changed(0),
        [
            "aws_x.n[0] count false",
            "aws_x.n[1] count false",
            "module.a.aws_db_instance.this nested.inner false",
            "module.a.aws_db_instance.this publicly_accessible true",
        ]
    );
    // The module's argument is a narrower place, the expression in the block a wider one.
    assert_eq!(
        changed(1),
        [
            "module.a.aws_db_instance.this nested.inner false",
            "module.a.aws_db_instance.this publicly_accessible true",
        ]
    );
    assert_eq!(
        changed(2),
        [
            "module.a.aws_db_instance.this publicly_accessible true",
            "module.b.aws_db_instance.this publicly_accessible true",
        ]
    );
    let block = open.via.last().unwrap();
    let places = configuration.instances_of_block(&block.file, &block.span);
    let places: Vec<String> = places
        .iter()
        .flat_map(|(_, i)| &i.known)
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        places,
        [
            "module.a.aws_db_instance.this",
            "module.b.aws_db_instance.this"
        ]
    );
}

#[test]
fn variable_files_given_by_hand_only_count_when_they_agree() {
    let code = "variable \"env\" {\n  default = \"dev\"\n}\nvariable \"size\" {}\nvariable \"same\" {\n  default = 1\n}\nresource \"aws_x\" \"n\" {\n  env = var.env\n  size = var.size\n  same = var.same\n}\n";
    let files = [
        ("main.tf", code),
        ("z.auto.tfvars", "same = 3\n"),
        ("a.auto.tfvars", "same = 2\n"),
        ("terraform.tfvars", "same = 9\n"),
        ("envs/prod.tfvars", "env = \"prod\"\nsize = 5\n"),
    ];
    let one = estate(&files);
    let configuration = Configuration::new(&one);
    let root = &configuration.roots()[0];
    assert_eq!(
        root.tfvars,
        [
            path("terraform.tfvars"),
            path("a.auto.tfvars"),
            path("z.auto.tfvars")
        ]
    );
    assert_eq!(root.var_file_sets, [path("envs/prod.tfvars")]);
    assert_eq!(
        value(&configuration, "aws_x.n", &["same"]).kind,
        Kind::Number(3.0)
    );
    let size = value(&configuration, "aws_x.n", &["size"]);
    assert_eq!(size.kind, Kind::Number(5.0));
    assert_eq!(
        decided(&one, &size),
        ("5", OriginPlace::Tfvars("size".into()))
    );
    assert_eq!(
        value(&configuration, "aws_x.n", &["env"]).kind,
        Kind::Unknown(Unknown::Varies(
            "env".into(),
            vec![path("envs/prod.tfvars")]
        ))
    );
    let chosen = Configuration::with_var_file(&one, &path(""), &path("envs/prod.tfvars"));
    assert_eq!(
        value(&chosen, "aws_x.n", &["env"]).kind,
        Kind::String("prod".into())
    );

    let two = estate(&[files[0], files[4], ("envs/dev.tfvars", "size = 1\n")]);
    let configuration = Configuration::new(&two);
    assert_eq!(
        value(&configuration, "aws_x.n", &["size"]).kind,
        Kind::Unknown(Unknown::Varies(
            "size".into(),
            vec![path("envs/dev.tfvars"), path("envs/prod.tfvars")]
        ))
    );
}

#[test]
fn counts_and_keys_that_are_not_known_leave_the_instances_open() {
    let estate = estate(&[(
        "main.tf",
        "variable \"n\" {}\nvariable \"on\" {\n  default = false\n}\nresource \"aws_x\" \"open\" {\n  count = var.n\n}\nresource \"aws_x\" \"off\" {\n  count = var.on ? 1 : 0\n}\nresource \"aws_x\" \"each\" {\n  for_each = { for k in [\"b\", \"a\"] : k => upper(k) }\n  v = each.value\n}\nresource \"aws_x\" \"three\" {\n  count = length([1, 2, 3])\n  v = \"n-${count.index}\"\n}\n",
    )]);
    let configuration = Configuration::new(&estate);
    let of = |name: &str| {
        let occurrence = configuration
            .occurrences("aws_x")
            .into_iter()
            .find(|o| o.address.name == name)
            .unwrap();
        configuration.instances(&occurrence)
    };
    assert_eq!(of("open").known, []);
    assert_eq!(of("open").unknown, Some(Unknown::UnsetVariable("n".into())));
    assert_eq!(of("off").known, []);
    assert_eq!(of("off").unknown, None);
    assert_eq!(
        of("each")
            .known
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["aws_x.each[\"a\"]", "aws_x.each[\"b\"]"]
    );
    assert_eq!(
        value(&configuration, "aws_x.each[\"b\"]", &["v"]).kind,
        Kind::String("B".into())
    );
    assert_eq!(of("three").known.len(), 3);
    assert_eq!(
        value(&configuration, "aws_x.three[2]", &["v"]).kind,
        Kind::String("n-2".into())
    );
    // A key that is missing leaves `count` unbound: no guess.
    assert_eq!(
        value(&configuration, "aws_x.three", &["v"]).why_unknown(),
        Some(Unknown::Unbound("count.index".into()))
    );
}

#[test]
fn nested_and_dynamic_blocks() {
    let estate = estate(&[(
        "main.tf",
        "variable \"unset\" {}\nresource \"aws_security_group\" \"a\" {\n  ingress {\n    from_port = 22\n  }\n  dynamic \"ingress\" {\n    for_each = [80, 443]\n    iterator = it\n    content {\n      from_port = it.value\n    }\n  }\n}\nresource \"aws_security_group\" \"b\" {\n  dynamic \"ingress\" {\n    for_each = var.unset\n    content {\n      from_port = ingress.value\n      to_port = 1\n    }\n  }\n}\nresource \"aws_security_group\" \"c\" {\n  dynamic \"ingress\" {\n    for_each = []\n    content {}\n  }\n  lifecycle {\n    ignore_changes = [tags[\"x\"], ingress]\n  }\n}\n",
    )]);
    let configuration = Configuration::new(&estate);
    let all = |name: &str| {
        let address = Address::new("aws_security_group", name);
        let occurrence = configuration
            .occurrence(&path(""), &address.block())
            .unwrap();
        configuration
            .nested(&occurrence, &address, &["ingress"])
            .iter()
            .map(|n| configuration.held_in(&occurrence, &address, n, &["from_port"]))
            .collect::<Vec<_>>()
    };
    let ports: Vec<f64> = all("a")
        .iter()
        .map(|h| h.value().unwrap().as_number().unwrap())
        .collect();
    assert_eq!(ports, [22.0, 80.0, 443.0]);
    assert_eq!(all("b").len(), 1);
    assert!(!all("b")[0].value().unwrap().is_known());
    assert!(matches!(
        held(
            &configuration,
            "aws_security_group.b",
            &["ingress", "to_port"]
        ),
        Held::Dynamic(_)
    ));
    assert_eq!(
        held(
            &configuration,
            "aws_security_group.c",
            &["ingress", "to_port"]
        ),
        Held::Absent
    );
    let occurrence = &configuration.occurrences("aws_security_group")[2];
    let ignored = configuration.ignored_changes(occurrence).unwrap();
    assert!(ignored.covers(&["ingress", "from_port"]));
    assert!(ignored.covers(&["tags", "x"]));
    assert!(!ignored.covers(&["tags", "y"]));
    assert!(!ignored.covers(&["egress"]));
}

#[test]
fn overrides_json_tofu_and_installed_modules() {
    let estate = estate(&[
        (
            "main.tf",
            "resource \"aws_x\" \"a\" {\n  v = 1\n  w = 1\n}\nmodule \"vpc\" {\n  source = \"terraform-aws-modules/vpc/aws\"\n  version = \"~> 5.0\"\n}\nmodule \"gone\" {\n  source = \"git::https://example.com/x.git\"\n}\nresource \"aws_x\" \"ref\" {\n  v = module.gone.id\n}\n",
        ),
        (
            "main_override.tf",
            "resource \"aws_x\" \"a\" {\n  v = 2\n}\n",
        ),
        (
            "more.tf.json",
            "{\"locals\":{\"n\":\"json\"},\"resource\":{\"aws_x\":{\"j\":{\"v\":\"${local.n}-$${x}\",\"block\":{\"k\":true},\"count\":2}}},\"//\":\"a comment\"}",
        ),
        (
            "same.tf",
            "resource \"aws_x\" \"same\" {\n  v = \"tf\"\n}\n",
        ),
        (
            "same.tofu",
            "resource \"aws_x\" \"same\" {\n  v = \"tofu\"\n}\n",
        ),
        (
            ".terraform/modules/modules.json",
            "{\"Modules\":[{\"Key\":\"\",\"Dir\":\".\"},{\"Key\":\"vpc\",\"Dir\":\".terraform/modules/vpc\"},{\"Key\":\"evil\",\"Dir\":\"../../etc\"}]}",
        ),
        (
            ".terraform/modules/vpc/main.tf",
            "resource \"aws_vpc\" \"this\" {}\n",
        ),
        (
            ".terraform.lock.hcl",
            "provider \"registry.terraform.io/hashicorp/aws\" {\n  version = \"5.31.0\"\n}\n",
        ),
    ]);
    let configuration = Configuration::new(&estate);
    assert_eq!(configuration.problems(), []);
    assert_eq!(configuration.roots().len(), 1);
    let number = |address: &str, at: &[&str]| value(&configuration, address, at).as_number();
    assert_eq!(number("aws_x.a", &["v"]), Some(2.0));
    assert_eq!(number("aws_x.a", &["w"]), Some(1.0));
    assert_eq!(
        value(&configuration, "aws_x.a", &["v"]).decided_by[0].file,
        path("main_override.tf")
    );
    assert_eq!(
        value(&configuration, "aws_x.j[1]", &["v"]).as_str(),
        Some("json-${x}")
    );
    assert_eq!(
        value(&configuration, "aws_x.j[1]", &["block", "k"]).as_bool(),
        Some(true)
    );
    assert_eq!(
        value(&configuration, "aws_x.same", &["v"]).as_str(),
        Some("tofu")
    );
    assert_eq!(
        value(&configuration, "aws_x.ref", &["v"]).kind,
        Kind::Unknown(Unknown::ExternalModule("module.gone.id".into()))
    );
    let editable: Vec<(String, bool)> = ["aws_x", "aws_vpc"]
        .iter()
        .flat_map(|k| configuration.occurrences(k))
        .map(|o| (o.address.to_string(), o.editable))
        .collect();
    assert_eq!(
        editable,
        [
            ("aws_x.a".to_owned(), true),
            ("aws_x.j".to_owned(), false),
            ("aws_x.ref".to_owned(), true),
            ("aws_x.same".to_owned(), true),
            ("module.vpc.aws_vpc.this".to_owned(), false),
        ]
    );
    let external: Vec<Vec<String>> = configuration
        .external_calls()
        .into_iter()
        .map(|c| c.path)
        .collect();
    assert_eq!(external, [["gone"]]);
    assert_eq!(
        configuration.provider_version(&path(""), "aws"),
        ProviderVersion::Exact("5.31.0".into())
    );
}

#[test]
fn circles_end() {
    let estate = estate(&[
        (
            "a/main.tf",
            "module \"b\" {\n  source = \"../b\"\n}\nlocals {\n  x = local.y\n  y = local.x\n}\nresource \"aws_x\" \"n\" {\n  v = local.x\n}\n",
        ),
        (
            "b/main.tf",
            "module \"a\" {\n  source = \"../a\"\n}\nmodule \"me\" {\n  source = \"./\"\n}\n",
        ),
    ]);
    let configuration = Configuration::new(&estate);
    assert_eq!(configuration.roots().len(), 1);
    assert!(matches!(
        value(&configuration, "aws_x.n", &["v"]).kind,
        Kind::Unknown(Unknown::TooDeep(_))
    ));
    let deep = format!(
        "locals {{\n{}}}\nresource \"aws_x\" \"n\" {{\n  v = local.l999\n}}\n",
        (1..1000)
            .map(|i| format!("  l{i} = local.l{}\n", i - 1))
            .collect::<String>()
    );
    let estate = self::estate(&[("main.tf", &deep)]);
    assert!(!value(&Configuration::new(&estate), "aws_x.n", &["v"]).is_known());
}

#[test]
fn sensitive_values_are_marked_all_the_way() {
    let estate = estate(&[(
        "main.tf",
        "variable \"p\" {\n  default = \"hunter2\"\n  sensitive = true\n}\nlocals {\n  m = { p = var.p }\n}\nresource \"aws_x\" \"n\" {\n  a = local.m.p\n  b = \"x-${var.p}\"\n  c = length(var.p) > 3 ? 1 : 2\n  d = \"plain\"\n}\n",
    )]);
    let configuration = Configuration::new(&estate);
    for name in ["a", "b", "c"] {
        assert!(
            value(&configuration, "aws_x.n", &[name]).sensitive,
            "{name}"
        );
    }
    assert!(!value(&configuration, "aws_x.n", &["d"]).sensitive);
}

#[test]
fn a_variable_file_that_cannot_be_parsed_leaves_no_default_in_force() {
    let with = |variables: &str| {
        estate(&[
            (
                "main.tf",
                "variable \"open\" {\n  default = false\n}\nresource \"aws_x\" \"n\" {\n  v = var.open\n}\n",
            ),
            ("terraform.tfvars", variables),
            ("other/broken.tf", "locals {"),
        ])
    };
    // Terraform reads a key that stands twice in an object.
    let estate = with("open = true\nm = { a = 1, a = 2 }\n");
    let configuration = Configuration::new(&estate);
    assert_eq!(
        value(&configuration, "aws_x.n", &["v"]).kind,
        Kind::Bool(true)
    );
    let estate = with("open = true\nm = { a = 1 a = 2 }\n");
    let configuration = Configuration::new(&estate);
    assert!(!value(&configuration, "aws_x.n", &["v"]).is_known());
    let problems: Vec<&str> = configuration
        .problems_of(&path(""))
        .iter()
        .map(|p| p.path.as_str())
        .collect();
    assert_eq!(problems, ["terraform.tfvars"]);
}
