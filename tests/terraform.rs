//! Terraform as written: roots, instances, values and where they are decided.

use tfmend::terraform::module::{Configuration, Held};
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
