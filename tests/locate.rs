//! Which code made this resource? Every kind of evidence, every confidence, and the near misses that must stay
//! unlocated.

#![allow(clippy::unwrap_used)] // helpers of tests, which clippy does not take for tests

use std::collections::BTreeMap;

use tfmend::finding::{
    CloudResource, Finding, FindingKey, RecordPlace, Severity, Source, State as FindingState,
};
use tfmend::locate::{
    Confidence, Evidence, Located, Locator, NotLocated, Options, Placement, Target, index_states,
};
use tfmend::remedy::RefusalKind;
use tfmend::rules::Scope;
use tfmend::terraform::module::Configuration;
use tfmend::terraform::state::State;
use tfmend::terraform::{Estate, RepoPath, SourceFile};

const ACCOUNT: &str = "111122223333";
const OTHER: &str = "999922223333";
const REGION: &str = "eu-west-1";
const TRACE: &str = "c2a7a2a4-52f4-4be4-9d6f-6a0c5b6f7a10";

/// A repository with its states, and what is asked of it.
#[derive(Clone, Default)]
struct Case {
    files: Vec<(String, String)>,
    /// Name, JSON, root beside which it stands.
    states: Vec<(String, String, Option<String>)>,
    options: Options,
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn finding(id: &str) -> Finding {
    Finding {
        key: FindingKey {
            source: Source::SecurityHubAsff,
            product: "aws/securityhub".to_owned(),
            account: ACCOUNT.to_owned(),
            id: "f-1".to_owned(),
        },
        controls: Vec::new(),
        threat: None,
        resource: CloudResource {
            id: id.to_owned(),
            kind: String::new(),
            aliases: Vec::new(),
            tags: BTreeMap::new(),
        },
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        severity: Severity::High,
        state: FindingState::Failed,
        title: String::new(),
        description: String::new(),
        url: None,
        first_seen: None,
        updated_at: None,
        facts: BTreeMap::new(),
        tracking: None,
        record: RecordPlace {
            input: "t".into(),
            number: 1,
        },
    }
}

fn tagged(id: &str, tags: &[(&str, &str)]) -> Finding {
    let mut f = finding(id);
    f.resource.tags = tags
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    f
}

impl Case {
    fn new(files: &[(&str, &str)]) -> Self {
        Self {
            files: files
                .iter()
                .map(|(p, t)| ((*p).to_owned(), (*t).to_owned()))
                .collect(),
            ..Self::default()
        }
    }

    fn file(mut self, path: &str, text: &str) -> Self {
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }

    fn state(mut self, name: &str, root: Option<&str>, json: &str) -> Self {
        self.states
            .push((name.to_owned(), json.to_owned(), root.map(str::to_owned)));
        self
    }

    fn placement(mut self, region: Option<&str>, root: &str, file: Option<&str>) -> Self {
        self.options.placements.push(Placement {
            account: ACCOUNT.to_owned(),
            region: region.map(str::to_owned),
            root: path(root),
            file: file.map(path),
        });
        self
    }

    fn ask(
        &self,
        finding: &Finding,
        kinds: &[&str],
        scope: Scope,
        min: Confidence,
    ) -> Result<Located, NotLocated> {
        let estate = Estate::new(
            self.files
                .iter()
                .map(|(p, t)| SourceFile::new(path(p), t.clone().into_bytes())),
        );
        let configuration = Configuration::new(&estate);
        assert_eq!(configuration.problems(), [], "the case's code parses");
        let states = self
            .states
            .iter()
            .map(|(name, json, root)| {
                State::read(name, json.as_bytes(), root.as_deref().map(path)).unwrap()
            })
            .collect();
        let states = index_states(&configuration, states);
        let options = Options {
            min_confidence: min,
            ..self.options.clone()
        };
        let kinds: Vec<String> = kinds.iter().map(|k| (*k).to_owned()).collect();
        Locator::new(&configuration, &states, &options).locate(finding, &kinds, scope)
    }

    /// Root, address or file, evidence and confidence, at any confidence.
    fn found(&self, finding: &Finding, kinds: &[&str]) -> String {
        match self.ask(finding, kinds, Scope::Resource, Confidence::Low) {
            Ok(located) => said(&located),
            Err(not) => panic!("{not:#?}"),
        }
    }

    fn account(&self, finding: &Finding, kinds: &[&str]) -> String {
        match self.ask(finding, kinds, Scope::Account, Confidence::Low) {
            Ok(located) => said(&located),
            Err(not) => panic!("{not:#?}"),
        }
    }

    fn not(&self, finding: &Finding, kinds: &[&str]) -> NotLocated {
        match self.ask(finding, kinds, Scope::Resource, Confidence::Low) {
            Ok(located) => panic!("{located:#?}"),
            Err(not) => complete(not),
        }
    }

    fn not_account(&self, finding: &Finding, kinds: &[&str]) -> NotLocated {
        match self.ask(finding, kinds, Scope::Account, Confidence::Low) {
            Ok(located) => panic!("{located:#?}"),
            Err(not) => complete(not),
        }
    }
}

fn said(located: &Located) -> String {
    assert!(!located.because.is_empty());
    let target = match &located.target {
        Target::Instance(address) => address.to_string(),
        Target::Home(file) => format!("home {file}"),
    };
    let evidence = match located.evidence {
        Evidence::State => "state",
        Evidence::Identifier => "identifier",
        Evidence::Tag => "tag",
        Evidence::Line => "line",
        Evidence::Placement => "placement",
    };
    format!(
        "{} {target} {evidence} {}",
        located.root,
        located.confidence.word()
    )
}

/// Every answer says why and what to do.
fn complete(not: NotLocated) -> NotLocated {
    assert!(!not.reason.message.is_empty() && !not.reason.next.is_empty());
    not
}

fn kind(not: &NotLocated) -> RefusalKind {
    not.reason.kind
}

/// A state of resources: (module, type, name, index key JSON, attributes JSON).
fn tfstate(resources: &[(&str, &str, &str, &str, &str)]) -> String {
    let resources: Vec<String> = resources
        .iter()
        .map(|(module, kind, name, key, attributes)| {
            let module = if module.is_empty() {
                String::new()
            } else {
                format!("\"module\":{},", serde_json::Value::from(*module))
            };
            let key = if key.is_empty() {
                String::new()
            } else {
                format!("\"index_key\":{key},")
            };
            format!(
                r#"{{{module}"mode":"managed","type":"{kind}","name":"{name}","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{{{key}"attributes":{attributes}}}]}}"#
            )
        })
        .collect();
    format!(
        r#"{{"version":4,"serial":1,"lineage":"","resources":[{}]}}"#,
        resources.join(",")
    )
}

fn bucket_state(name: &str) -> String {
    format!(r#"{{"id":"{name}","bucket":"{name}","arn":"arn:aws:s3:::{name}"}}"#)
}

const PROVIDER: &str = r#"provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
"#;

const BUCKET: &[&str] = &["aws_s3_bucket"];
const SG: &[&str] = &["aws_security_group", "aws_default_security_group"];
const DB: &[&str] = &["aws_db_instance", "aws_rds_cluster_instance"];

fn db(name: &str) -> String {
    format!("arn:aws:rds:{REGION}:{ACCOUNT}:db:{name}")
}

// --- state ---

#[test]
fn a_state_with_one_owner_is_exact() {
    let case = Case::new(&[(
        "live/main.tf",
        "resource \"aws_security_group\" \"web\" {\n  name = var.name\n}\nvariable \"name\" {}\n",
    )])
    .state(
        "live/terraform.tfstate",
        Some("live"),
        &tfstate(&[(
            "",
            "aws_security_group",
            "web",
            "",
            r#"{"id":"sg-1","arn":"arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"}"#,
        )]),
    );
    for id in [
        "sg-1",
        "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1",
    ] {
        assert_eq!(
            case.found(&finding(id), SG),
            "live aws_security_group.web state exact"
        );
    }
    let not = case.not(&finding("sg-11"), SG);
    assert_eq!(kind(&not), RefusalKind::InNoState);
    assert!(not.reason.next.contains("another one"), "{not:?}");
    assert!(
        not.tried.iter().any(|t| t.starts_with("state: ")),
        "{not:?}"
    );
    assert_eq!(
        kind(&case.not(
            &finding("arn:aws:ec2:eu-west-1:999922223333:security-group/sg-1"),
            SG
        )),
        RefusalKind::NotInCode,
        "another account's"
    );
}

#[test]
fn instances_and_modules_of_a_state() {
    let case = Case::new(&[
        (
            "live/main.tf",
            "module \"logs\" {\n  source   = \"../modules/b\"\n  for_each = toset([\"a\", \"b.c\"])\n  name     = each.key\n}\n",
        ),
        (
            "modules/b/main.tf",
            "variable \"name\" {}\nresource \"aws_s3_bucket\" \"this\" {\n  count  = 2\n  bucket_prefix = var.name\n}\n",
        ),
    ])
    .state(
        "s",
        Some("live"),
        &tfstate(&[
            ("module.logs[\"a\"]", "aws_s3_bucket", "this", "0", &bucket_state("x0")),
            ("module.logs[\"b.c\"]", "aws_s3_bucket", "this", "1", &bucket_state("x1")),
            ("module.logs[\"gone\"]", "aws_s3_bucket", "this", "1", &bucket_state("x2")),
            ("module.logs[\"a\"]", "aws_s3_bucket", "this", "2", &bucket_state("x3")),
        ]),
    );
    assert_eq!(
        case.found(&finding("arn:aws:s3:::x1"), BUCKET),
        "live module.logs[\"b.c\"].aws_s3_bucket.this[1] state exact"
    );
    assert_eq!(
        case.found(&finding("x0"), BUCKET),
        "live module.logs[\"a\"].aws_s3_bucket.this[0] state exact"
    );
    for gone in ["x2", "x3"] {
        let not = case.not(&finding(gone), BUCKET);
        assert_eq!(kind(&not), RefusalKind::StateWithoutCode, "{not:?}");
        assert!(
            not.reason.message.contains("no such instance"),
            "{}",
            not.reason.message
        );
    }
}

#[test]
fn terraform_show_is_a_state_too() {
    let shown = r#"{"format_version":"1.0","values":{"root_module":{"child_modules":[{"address":"module.q","resources":[
      {"address":"module.q.aws_sqs_queue.this[\"a\"]","mode":"managed","type":"aws_sqs_queue","name":"this","index":"a",
       "values":{"id":"https://sqs.eu-west-1.amazonaws.com/111122223333/jobs","name":"jobs","arn":"arn:aws:sqs:eu-west-1:111122223333:jobs"}}]}]}}}"#;
    let case = Case::new(&[
        ("live/main.tf", "module \"q\" {\n  source = \"../m\"\n}\n"),
        (
            "m/main.tf",
            "resource \"aws_sqs_queue\" \"this\" {\n  for_each = { a = 1 }\n  name_prefix = each.key\n}\n",
        ),
    ])
    .state("shown.json", None, shown);
    for id in [
        "arn:aws:sqs:eu-west-1:111122223333:jobs",
        "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs",
    ] {
        assert_eq!(
            case.found(&finding(id), &["aws_sqs_queue"]),
            "live module.q.aws_sqs_queue.this[\"a\"] state exact"
        );
    }
}

#[test]
fn the_id_counts_before_its_aliases() {
    let case = Case::new(&[(
        "a/main.tf",
        "resource \"aws_db_instance\" \"one\" {}\nresource \"aws_db_instance\" \"two\" {}\n",
    )])
    .state(
        "s",
        Some("a"),
        &tfstate(&[
            ("", "aws_db_instance", "one", "", r#"{"id":"db-SAME","identifier":"one","arn":"arn:aws:rds:eu-west-1:111122223333:db:one"}"#),
            ("", "aws_db_instance", "two", "", r#"{"id":"db-SAME","identifier":"two","arn":"arn:aws:rds:eu-west-1:111122223333:db:two"}"#),
        ]),
    );
    let mut f = finding(&db("two"));
    f.resource.aliases = vec!["db-SAME".to_owned(), "one".to_owned()];
    assert_eq!(case.found(&f, DB), "a aws_db_instance.two state exact");
}

#[test]
fn an_alias_of_another_type_is_no_name() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!("{PROVIDER}resource \"aws_db_instance\" \"web\" {{\n  identifier = \"web\"\n}}\n"),
    )]);
    let mut f = finding(&format!("arn:aws:rds:{REGION}:{ACCOUNT}:cluster:web"));
    f.resource.aliases = vec!["web".to_owned()];
    let not = case.not(&f, DB);
    assert_eq!(kind(&not), RefusalKind::NotInCode);
    assert_eq!(
        case.found(&finding(&db("web")), DB),
        "a aws_db_instance.web identifier exact"
    );
}

#[test]
fn two_owners_are_both_named() {
    let code = "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"acme-logs\"\n}\n";
    let case = Case::new(&[("a/main.tf", code), ("b/main.tf", code)])
        .state(
            "a.tfstate",
            Some("a"),
            &tfstate(&[("", "aws_s3_bucket", "logs", "", &bucket_state("acme-logs"))]),
        )
        .state(
            "b.tfstate",
            Some("b"),
            &tfstate(&[("", "aws_s3_bucket", "logs", "", &bucket_state("acme-logs"))]),
        );
    let not = case.not(&finding("arn:aws:s3:::acme-logs"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::TwoOwners);
    for part in ["a.tfstate", "b.tfstate", "`a`", "`b`"] {
        assert!(
            not.reason.message.contains(part),
            "{part}: {}",
            not.reason.message
        );
    }
    // Twice in one state is two owners as well.
    let twice = Case::new(&[(
        "a/main.tf",
        &format!("{code}{}", code.replace("logs\" {", "more\" {")),
    )])
    .state(
        "a.tfstate",
        Some("a"),
        &tfstate(&[
            ("", "aws_s3_bucket", "logs", "", &bucket_state("acme-logs")),
            ("", "aws_s3_bucket", "more", "", &bucket_state("acme-logs")),
        ]),
    );
    assert_eq!(
        kind(&twice.not(&finding("acme-logs"), BUCKET)),
        RefusalKind::TwoOwners
    );
    // The same state given twice is one owner.
    let again = Case::new(&[("a/main.tf", code)])
        .state(
            "a.tfstate",
            Some("a"),
            &tfstate(&[("", "aws_s3_bucket", "logs", "", &bucket_state("acme-logs"))]),
        )
        .state(
            "copy.tfstate",
            Some("a"),
            &tfstate(&[("", "aws_s3_bucket", "logs", "", &bucket_state("acme-logs"))]),
        );
    assert_eq!(
        again.found(&finding("acme-logs"), BUCKET),
        "a aws_s3_bucket.logs state exact"
    );
}

#[test]
fn a_split_resource_of_another_root_is_no_owner() {
    let case = Case::new(&[
        (
            "a/main.tf",
            "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"acme-logs\"\n}\n",
        ),
        (
            "b/main.tf",
            "resource \"aws_s3_bucket_policy\" \"logs\" {\n  bucket = \"acme-logs\"\n}\n",
        ),
    ])
    .state(
        "a",
        Some("a"),
        &tfstate(&[("", "aws_s3_bucket", "logs", "", &bucket_state("acme-logs"))]),
    )
    .state(
        "b",
        Some("b"),
        &tfstate(&[(
            "",
            "aws_s3_bucket_policy",
            "logs",
            "",
            r#"{"id":"acme-logs","bucket":"acme-logs"}"#,
        )]),
    );
    assert_eq!(
        case.found(&finding("acme-logs"), BUCKET),
        "a aws_s3_bucket.logs state exact"
    );
    assert_eq!(
        case.found(
            &finding("arn:aws:s3:::acme-logs"),
            &["aws_s3_bucket_policy"]
        ),
        "b aws_s3_bucket_policy.logs state exact",
        "a rule about the part finds the part"
    );
}

#[test]
fn moved_blocks_lead_to_the_code_of_today() {
    let state = |module: &str, name: &str, key: &str| {
        tfstate(&[(module, "aws_s3_bucket", name, key, &bucket_state("acme"))])
    };
    let found = |code: &str, module: &str, name: &str, key: &str| {
        Case::new(&[
            ("a/main.tf", code),
            (
                "a/m/main.tf",
                "resource \"aws_s3_bucket\" \"this\" {}\nmoved {\n  from = aws_s3_bucket.inner\n  to   = aws_s3_bucket.this\n}\n",
            ),
        ])
        .state("s", Some("a"), &state(module, name, key))
        .found(&finding("acme"), BUCKET)
    };
    let block = |name: &str, meta: &str| {
        format!("resource \"aws_s3_bucket\" \"{name}\" {{\n  {meta}\n}}\n")
    };
    let moved = |from: &str, to: &str| format!("moved {{\n  from = {from}\n  to   = {to}\n}}\n");
    let call = "module \"m\" {\n  source = \"./m\"\n}\n";

    let code = block("new", "") + &moved("aws_s3_bucket.old", "aws_s3_bucket.new");
    assert_eq!(
        found(&code, "", "old", ""),
        "a aws_s3_bucket.new state exact"
    );
    let code = block("c", "")
        + &moved("aws_s3_bucket.a", "aws_s3_bucket.b")
        + &moved("aws_s3_bucket.b", "aws_s3_bucket.c");
    assert_eq!(
        found(&code, "", "a", ""),
        "a aws_s3_bucket.c state exact",
        "a chain"
    );
    let code = block("b", "for_each = toset([\"x\"])")
        + &moved("aws_s3_bucket.b[0]", "aws_s3_bucket.b[\"x\"]");
    assert_eq!(
        found(&code, "", "b", "0"),
        "a aws_s3_bucket.b[\"x\"] state exact"
    );
    let code = block("b", "count = 2") + &moved("aws_s3_bucket.a", "aws_s3_bucket.b");
    assert_eq!(
        found(&code, "", "a", "1"),
        "a aws_s3_bucket.b[1] state exact",
        "the whole resource keeps its keys"
    );
    let code = call.to_owned() + &moved("aws_s3_bucket.old", "module.m.aws_s3_bucket.this");
    assert_eq!(
        found(&code, "", "old", ""),
        "a module.m.aws_s3_bucket.this state exact"
    );
    let code = call.to_owned() + &moved("module.old", "module.m");
    assert_eq!(
        found(&code, "module.old", "this", ""),
        "a module.m.aws_s3_bucket.this state exact"
    );
    assert_eq!(
        found(call, "module.m", "inner", ""),
        "a module.m.aws_s3_bucket.this state exact",
        "a move inside of the module"
    );
    let code = block("b", "") + &moved("aws_s3_bucket.x", "aws_s3_bucket.x");
    assert_eq!(found(&code, "", "b", ""), "a aws_s3_bucket.b state exact");
    // Terraform itself moves between no `count` and [0].
    assert_eq!(
        found(&block("b", "count = 1"), "", "b", ""),
        "a aws_s3_bucket.b[0] state exact"
    );
    assert_eq!(
        found(&block("b", ""), "", "b", "0"),
        "a aws_s3_bucket.b state exact"
    );
}

#[test]
fn a_circle_of_moves_ends() {
    let case = Case::new(&[(
        "a/main.tf",
        "moved {\n  from = aws_s3_bucket.a\n  to   = aws_s3_bucket.b\n}\nmoved {\n  from = aws_s3_bucket.b\n  to   = aws_s3_bucket.a\n}\nresource \"aws_s3_bucket\" \"z\" {}\n",
    )])
    .state(
        "s",
        Some("a"),
        &tfstate(&[("", "aws_s3_bucket", "a", "", &bucket_state("acme"))]),
    );
    assert_eq!(
        kind(&case.not(&finding("acme"), BUCKET)),
        RefusalKind::StateWithoutCode
    );
}

#[test]
fn a_state_whose_block_is_gone() {
    let case = Case::new(&[("a/main.tf", "resource \"aws_s3_bucket\" \"other\" {}\n")]).state(
        "s",
        Some("a"),
        &tfstate(&[("", "aws_s3_bucket", "gone", "", &bucket_state("acme"))]),
    );
    let not = case.not(&finding("acme"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::StateWithoutCode);
    assert!(
        not.reason.message.contains("`aws_s3_bucket.gone`"),
        "{not:?}"
    );
}

#[test]
fn a_module_from_elsewhere() {
    let case = Case::new(&[(
        "a/main.tf",
        "module \"bucket\" {\n  source  = \"acme/s3-bucket/aws\"\n  version = \"4.1.0\"\n}\n",
    )])
    .state(
        "s",
        Some("a"),
        &tfstate(&[(
            "module.bucket",
            "aws_s3_bucket",
            "this",
            "0",
            &bucket_state("acme"),
        )]),
    );
    let not = case.not(&finding("acme"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::ExternalModule);
    for part in ["`bucket`", "acme/s3-bucket/aws", "4.1.0", "`a`"] {
        assert!(not.reason.message.contains(part), "{}", not.reason.message);
    }
    assert!(
        not.reason.next.contains("terraform get"),
        "{}",
        not.reason.next
    );
}

#[test]
fn a_well_known_module_is_located_by_state_and_by_name() {
    let code = |version: &str| {
        format!(
            "module \"bucket\" {{\n  source  = \"terraform-aws-modules/s3-bucket/aws\"\n  version = \"{version}\"\n  bucket  = \"acme-logs\"\n}}\n"
        )
    };
    let state = tfstate(&[(
        "module.bucket",
        "aws_s3_bucket",
        "this",
        "0",
        &bucket_state("acme-logs"),
    )]);
    let case = Case::new(&[("a/main.tf", &code("~> 4.0"))]);
    assert_eq!(
        case.found(&finding("acme-logs"), BUCKET),
        "a module.bucket.aws_s3_bucket.this[0] identifier exact"
    );
    let case = case.state("s", Some("a"), &state);
    assert_eq!(
        case.found(&finding("acme-logs"), BUCKET),
        "a module.bucket.aws_s3_bucket.this[0] state exact"
    );
    // A version that nobody looked at is no known module.
    let newer = Case::new(&[("a/main.tf", &code("99.0.0"))]).state("s", Some("a"), &state);
    let not = newer.not(&finding("acme-logs"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::ExternalModule, "{not:?}");
    assert!(not.reason.message.contains("are known"), "{not:?}");
    // What the outline does not tell is outside, not gone.
    let other = tfstate(&[(
        "module.bucket",
        "aws_s3_bucket",
        "untold",
        "0",
        &bucket_state("acme-logs"),
    )]);
    let not = Case::new(&[("a/main.tf", &code("4.1.2"))])
        .state("s", Some("a"), &other)
        .not(&finding("acme-logs"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::ExternalModule, "{not:?}");
}

#[test]
fn a_release_of_this_very_repository_is_not_its_working_tree() {
    let case = Case::new(&[
        (
            "live/main.tf",
            "module \"bucket\" {\n  source = \"git::https://github.com/acme/infra.git//modules/bucket?ref=v1.2.0\"\n  name   = \"acme-logs\"\n}\n",
        ),
        (
            "modules/bucket/main.tf",
            "variable \"name\" {}\n\nresource \"aws_s3_bucket\" \"this\" {\n  bucket = var.name\n}\n",
        ),
    ])
    .state(
        "s",
        Some("live"),
        &tfstate(&[("module.bucket", "aws_s3_bucket", "this", "", &bucket_state("acme-logs"))]),
    );
    let not = case.not(&finding("acme-logs"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::ExternalModule, "{not:?}");
    for part in ["`modules/bucket`", "v1.2.0"] {
        let text = format!("{} {}", not.reason.message, not.reason.next);
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn an_installed_module_is_elsewhere_too() {
    let case = Case::new(&[
        (
            "a/main.tf",
            "module \"bucket\" {\n  source = \"terraform-aws-modules/s3-bucket/aws\"\n  name = \"acme-logs\"\n}\n",
        ),
        (
            "a/.terraform/modules/modules.json",
            r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"bucket","Source":"registry.terraform.io/terraform-aws-modules/s3-bucket/aws","Version":"4.1.0","Dir":".terraform/modules/bucket"}]}"#,
        ),
        (
            "a/.terraform/modules/bucket/main.tf",
            "variable \"name\" {}\nresource \"aws_s3_bucket\" \"this\" {\n  bucket = var.name\n}\n",
        ),
    ]);
    // Where it is edited, the remedy knows: at the call.
    assert_eq!(
        case.found(&finding("acme-logs"), BUCKET),
        "a module.bucket.aws_s3_bucket.this identifier exact"
    );
    let case = case.state(
        "s",
        Some("a"),
        &tfstate(&[(
            "module.bucket",
            "aws_s3_bucket",
            "this",
            "",
            &bucket_state("acme-logs"),
        )]),
    );
    assert_eq!(
        case.found(&finding("acme-logs"), BUCKET),
        "a module.bucket.aws_s3_bucket.this state exact"
    );
}

#[test]
fn states_are_matched_with_roots_by_their_addresses() {
    let code =
        |name: &str| format!("resource \"aws_s3_bucket\" \"logs\" {{\n  bucket = \"{name}\"\n}}\n");
    let case = |state: &str| {
        Case::new(&[
            ("live/prod/main.tf", code("acme-prod").as_str()),
            ("live/staging/main.tf", code("acme-staging").as_str()),
            ("net/main.tf", "resource \"aws_vpc\" \"main\" {}\n"),
        ])
        .state(
            state,
            None,
            &tfstate(&[(
                "",
                "aws_s3_bucket",
                "logs",
                "",
                &bucket_state("acme-staging"),
            )]),
        )
    };
    assert_eq!(
        case("x.tfstate").found(&finding("acme-staging"), BUCKET),
        "live/staging aws_s3_bucket.logs state exact",
        "the name in code tells copies apart"
    );
    let unnamed = |state: &str| {
        Case::new(&[
            (
                "live/prod/main.tf",
                "resource \"aws_s3_bucket\" \"logs\" {}\n",
            ),
            (
                "live/staging/main.tf",
                "resource \"aws_s3_bucket\" \"logs\" {}\n",
            ),
        ])
        .state(
            state,
            None,
            &tfstate(&[("", "aws_s3_bucket", "logs", "", &bucket_state("acme"))]),
        )
    };
    assert_eq!(
        unnamed("states/live/prod/terraform.tfstate").found(&finding("acme"), BUCKET),
        "live/prod aws_s3_bucket.logs state exact"
    );
    let not = unnamed("x.tfstate").not(&finding("acme"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::SeveralCandidates);
    assert!(
        not.reason.message.contains("live/prod") && not.reason.message.contains("live/staging"),
        "{}",
        not.reason.message
    );
    assert!(
        not.reason.next.contains("which root"),
        "{}",
        not.reason.next
    );
}

#[test]
fn the_s3_backend_key_names_the_root() {
    let code = |key: &str| {
        format!(
            "terraform {{\n  backend \"s3\" {{\n    bucket = \"b\"\n    key    = \"{key}\"\n  }}\n}}\nresource \"aws_s3_bucket\" \"logs\" {{}}\n"
        )
    };
    let case = Case::new(&[
        ("one/main.tf", code("env/a.tfstate").as_str()),
        ("two/main.tf", code("env/b.tfstate").as_str()),
    ])
    .state(
        "downloads/env/b.tfstate",
        None,
        &tfstate(&[("", "aws_s3_bucket", "logs", "", &bucket_state("acme"))]),
    );
    assert_eq!(
        case.found(&finding("acme"), BUCKET),
        "two aws_s3_bucket.logs state exact"
    );
}

#[test]
fn a_state_of_another_repository() {
    let case = Case::new(&[("a/main.tf", "resource \"aws_vpc\" \"main\" {}\n")]).state(
        "s",
        None,
        &tfstate(&[("", "aws_s3_bucket", "logs", "", &bucket_state("acme"))]),
    );
    let not = case.not(&finding("acme"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::StateWithoutCode);
    assert!(
        not.reason.next.contains("repository"),
        "{}",
        not.reason.next
    );
}

#[test]
fn a_type_that_the_rule_does_not_know() {
    let case = Case::new(&[(
        "a/main.tf",
        "resource \"aws_docdb_cluster_instance\" \"d\" {}\n",
    )])
    .state(
        "s",
        Some("a"),
        &tfstate(&[(
            "",
            "aws_docdb_cluster_instance",
            "d",
            "",
            r#"{"id":"d","identifier":"d","arn":"arn:aws:rds:eu-west-1:111122223333:db:d"}"#,
        )]),
    );
    let not = case.not(&finding(&db("d")), DB);
    assert_eq!(kind(&not), RefusalKind::UnsupportedShape);
    assert!(
        not.reason.message.contains("aws_docdb_cluster_instance.d"),
        "{}",
        not.reason.message
    );
}

#[test]
fn a_name_in_state_without_account_is_low() {
    let case = Case::new(&[("a/main.tf", "resource \"aws_db_instance\" \"d\" {}\n")]).state(
        "s",
        Some("a"),
        &tfstate(&[(
            "",
            "aws_db_instance",
            "d",
            "",
            r#"{"id":"d","identifier":"d"}"#,
        )]),
    );
    assert_eq!(
        case.found(&finding(&db("d")), DB),
        "a aws_db_instance.d state low"
    );
    let not = case
        .ask(&finding(&db("d")), DB, Scope::Resource, Confidence::Exact)
        .unwrap_err();
    assert_eq!(kind(&not), RefusalKind::ConfidenceTooLow);
    assert!(not.reason.next.contains("ARN"), "{}", not.reason.next);
}

#[test]
fn access_keys_by_id_and_by_user() {
    let code = "resource \"aws_iam_user\" \"bob\" {\n  name = \"bob\"\n}\nresource \"aws_iam_access_key\" \"bob\" {\n  user = aws_iam_user.bob.name\n}\n";
    let state = tfstate(&[
        (
            "",
            "aws_iam_user",
            "bob",
            "",
            r#"{"id":"bob","name":"bob","arn":"arn:aws:iam::111122223333:user/bob"}"#,
        ),
        (
            "",
            "aws_iam_access_key",
            "bob",
            "",
            r#"{"id":"AKIABOB","user":"bob"}"#,
        ),
    ]);
    let case = Case::new(&[("a/main.tf", code)]).state("s", Some("a"), &state);
    let both = &["aws_iam_access_key", "aws_iam_user"];
    let user = "arn:aws:iam::111122223333:user/bob";
    assert_eq!(
        case.found(&finding("AKIABOB"), both),
        "a aws_iam_access_key.bob state exact"
    );
    assert_eq!(
        case.found(&finding("AWS::IAM::AccessKey:AKIABOB"), both),
        "a aws_iam_access_key.bob state exact"
    );
    assert_eq!(
        case.found(&finding(user), both),
        "a aws_iam_user.bob state exact"
    );
    assert_eq!(
        case.found(&finding(user), &["aws_iam_access_key"]),
        "a aws_iam_access_key.bob state exact",
        "the user's only key"
    );
    let mut f = finding(user);
    f.facts
        .insert("access-key.active-count".to_owned(), "2".to_owned());
    assert_eq!(
        case.found(&f, &["aws_iam_access_key"]),
        "a aws_iam_access_key.bob state low",
        "another key may be meant"
    );
    let mut f = finding(user);
    f.facts
        .insert("access-key.id".to_owned(), "AKIAOTHER".to_owned());
    let not = case.not(&f, &["aws_iam_access_key"]);
    assert_eq!(
        kind(&not),
        RefusalKind::InNoState,
        "another key of the user"
    );
    f.facts
        .insert("access-key.id".to_owned(), "AKIABOB".to_owned());
    assert_eq!(
        case.found(&f, &["aws_iam_access_key"]),
        "a aws_iam_access_key.bob state exact"
    );
    let two = tfstate(&[
        (
            "",
            "aws_iam_access_key",
            "bob",
            "",
            r#"{"id":"AKIABOB","user":"bob"}"#,
        ),
        (
            "",
            "aws_iam_access_key",
            "old",
            "",
            r#"{"id":"AKIAOLD","user":"bob"}"#,
        ),
    ]);
    let case = Case::new(&[("a/main.tf", code)]).state("s", Some("a"), &two);
    assert_eq!(
        kind(&case.not(&finding(user), &["aws_iam_access_key"])),
        RefusalKind::SeveralCandidates
    );
}

// --- identifiers ---

#[test]
fn a_known_global_name_is_exact() {
    let case = Case::new(&[(
        "a/main.tf",
        "locals {\n  p = \"acme\"\n}\nresource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"${local.p}-logs\"\n}\nresource \"aws_s3_bucket\" \"logs2\" {\n  bucket = \"acme-logs-2\"\n}\n",
    )]);
    for id in ["arn:aws:s3:::acme-logs", "acme-logs"] {
        assert_eq!(
            case.found(&finding(id), BUCKET),
            "a aws_s3_bucket.logs identifier exact"
        );
    }
    for near in [
        "acme-log",
        "acme-logs-",
        "acme-logs-3",
        "xacme-logs",
        "ACME-LOGS",
        "arn:aws:s3:::acme-logs/key",
    ] {
        let not = case.not(&finding(near), BUCKET);
        assert_eq!(kind(&not), RefusalKind::NotInCode, "{near}");
        assert!(
            not.reason.next.contains("--state"),
            "{near}: {}",
            not.reason.next
        );
    }
}

#[test]
fn gcs_buckets() {
    let case = Case::new(&[(
        "g/main.tf",
        "resource \"google_storage_bucket\" \"data\" {\n  name = \"acme-data\"\n}\nresource \"google_storage_bucket_iam_member\" \"public\" {\n  bucket = google_storage_bucket.data.name\n}\n",
    )]);
    let f = finding("//storage.googleapis.com/acme-data");
    assert_eq!(
        case.found(&f, &["google_storage_bucket"]),
        "g google_storage_bucket.data identifier exact"
    );
    assert_eq!(
        case.found(&f, &["google_storage_bucket_iam_member"]),
        "g google_storage_bucket_iam_member.public identifier exact"
    );
}

#[test]
fn instances_of_for_each_and_count() {
    let case = Case::new(&[(
        "a/main.tf",
        "resource \"aws_s3_bucket\" \"b\" {\n  for_each = toset([\"logs\", \"logs-2\"])\n  bucket   = \"acme-${each.key}\"\n}\nresource \"aws_s3_bucket\" \"c\" {\n  count  = 2\n  bucket = \"acme-c${count.index}\"\n}\nresource \"aws_s3_bucket\" \"off\" {\n  count  = 0\n  bucket = \"acme-off\"\n}\n",
    )]);
    assert_eq!(
        case.found(&finding("acme-logs"), BUCKET),
        "a aws_s3_bucket.b[\"logs\"] identifier exact"
    );
    assert_eq!(
        case.found(&finding("acme-logs-2"), BUCKET),
        "a aws_s3_bucket.b[\"logs-2\"] identifier exact"
    );
    assert_eq!(
        case.found(&finding("acme-c1"), BUCKET),
        "a aws_s3_bucket.c[1] identifier exact"
    );
    assert_eq!(
        kind(&case.not(&finding("acme-off"), BUCKET)),
        RefusalKind::NotInCode,
        "count = 0 makes nothing"
    );
}

#[test]
fn an_unknown_count_leaves_one_block() {
    let case = Case::new(&[(
        "a/main.tf",
        "variable \"n\" {}\nresource \"aws_s3_bucket\" \"b\" {\n  count  = var.n\n  bucket = \"acme-logs\"\n}\n",
    )]);
    assert_eq!(
        case.found(&finding("acme-logs"), BUCKET),
        "a aws_s3_bucket.b identifier exact"
    );
}

#[test]
fn two_candidates_are_both_named() {
    let code = "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"acme-logs\"\n}\n";
    let case = Case::new(&[("a/main.tf", code), ("b/main.tf", code)]);
    let not = case.not(&finding("acme-logs"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::SeveralCandidates);
    assert!(
        not.reason.message.contains("`a`") && not.reason.message.contains("`b`"),
        "{}",
        not.reason.message
    );
    // A proved account rules one of them out.
    let case = case
        .file("a/p.tf", PROVIDER)
        .file("b/p.tf", &PROVIDER.replace(ACCOUNT, OTHER));
    assert_eq!(
        case.found(&finding("acme-logs"), BUCKET),
        "a aws_s3_bucket.logs identifier exact"
    );
}

#[test]
fn another_account_rules_a_name_out() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!(
            "{}resource \"aws_s3_bucket\" \"logs\" {{\n  bucket = \"acme-logs\"\n}}\n",
            PROVIDER.replace(ACCOUNT, OTHER)
        ),
    )]);
    let not = case.not(&finding("acme-logs"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::NotInCode);
    assert!(
        not.tried.iter().any(|t| t.contains(OTHER)),
        "{:?}",
        not.tried
    );
}

#[test]
fn another_partition_rules_a_name_out() {
    let case = Case::new(&[(
        "a/main.tf",
        "provider \"aws\" {\n  region = \"us-gov-west-1\"\n}\nresource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"acme-logs\"\n}\n",
    )]);
    assert_eq!(
        kind(&case.not(&finding("arn:aws:s3:::acme-logs"), BUCKET)),
        RefusalKind::NotInCode
    );
    assert_eq!(
        case.found(&finding("arn:aws-us-gov:s3:::acme-logs"), BUCKET),
        "a aws_s3_bucket.logs identifier exact"
    );
}

#[test]
fn patterns_are_high_with_one_candidate() {
    let pattern = |prefix: &str| {
        format!(
            "data \"aws_caller_identity\" \"me\" {{}}\nresource \"aws_s3_bucket\" \"p\" {{\n  bucket = \"{prefix}-${{data.aws_caller_identity.me.account_id}}-logs\"\n}}\n"
        )
    };
    let case = Case::new(&[("a/main.tf", pattern("acme").as_str())]);
    assert_eq!(
        case.found(&finding("acme-111122223333-logs"), BUCKET),
        "a aws_s3_bucket.p identifier high"
    );
    for near in [
        "acme-999922223333-logs",
        "acme-111122223333-logs-2",
        "acm-111122223333-logs",
        "acme-x-logs",
    ] {
        assert_eq!(
            kind(&case.not(&finding(near), BUCKET)),
            RefusalKind::NotInCode,
            "{near}"
        );
    }
    let exact = case
        .ask(
            &finding("acme-111122223333-logs"),
            BUCKET,
            Scope::Resource,
            Confidence::Exact,
        )
        .unwrap_err();
    assert_eq!(kind(&exact), RefusalKind::ConfidenceTooLow);
    assert!(
        exact.reason.message.contains("aws_s3_bucket.p")
            && exact.reason.next.contains("--min-confidence high"),
        "{exact:?}"
    );
    let two = case.file("b/main.tf", &pattern("acme"));
    assert_eq!(
        kind(&two.not(&finding("acme-111122223333-logs"), BUCKET)),
        RefusalKind::SeveralCandidates
    );
}

#[test]
fn a_pattern_does_not_take_what_a_known_name_has() {
    let case = Case::new(&[(
        "a/main.tf",
        "variable \"x\" {}\nresource \"aws_s3_bucket\" \"p\" {\n  bucket = \"${var.x}-logs\"\n}\nresource \"aws_s3_bucket\" \"known\" {\n  bucket = \"acme-logs\"\n}\n",
    )]);
    assert_eq!(
        case.found(&finding("acme-logs"), BUCKET),
        "a aws_s3_bucket.known identifier high",
        "less than exact: the pattern may have that name too"
    );
    assert_eq!(
        case.found(&finding("other-logs"), BUCKET),
        "a aws_s3_bucket.p identifier high"
    );
}

#[test]
fn names_that_are_not_known_take_certainty_away() {
    let unknown = "variable \"x\" {}\nresource \"aws_s3_bucket\" \"u\" {\n  bucket = var.x\n}\n";
    let known = "resource \"aws_s3_bucket\" \"k\" {\n  bucket = \"acme-logs\"\n}\n";
    let applied = Case::new(&[
        ("a/main.tf", known),
        ("b/main.tf", &format!("{PROVIDER}{unknown}")),
    ]);
    assert_eq!(
        applied.found(&finding("acme-logs"), BUCKET),
        "a aws_s3_bucket.k identifier high"
    );
    let module = Case::new(&[("a/main.tf", known), ("modules/b/main.tf", unknown)]);
    assert_eq!(
        module.found(&finding("acme-logs"), BUCKET),
        "a aws_s3_bucket.k identifier exact",
        "a module that nobody applies is no rival"
    );
    let in_state = applied.clone().state(
        "b.tfstate",
        Some("b"),
        &tfstate(&[(
            "",
            "aws_s3_bucket",
            "u",
            "",
            &bucket_state("something-else"),
        )]),
    );
    assert_eq!(
        in_state.found(&finding("acme-logs"), BUCKET),
        "a aws_s3_bucket.k identifier exact",
        "a state says that the other block made something else"
    );
    let other_account = Case::new(&[
        ("a/main.tf", known),
        (
            "b/main.tf",
            &format!("{}{unknown}", PROVIDER.replace(ACCOUNT, OTHER)),
        ),
    ]);
    assert_eq!(
        other_account.found(&finding("acme-logs"), BUCKET),
        "a aws_s3_bucket.k identifier exact"
    );
    let alone = Case::new(&[("b/main.tf", &format!("{PROVIDER}{unknown}"))]);
    let not = alone.not(&finding("acme-logs"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::NotInCode);
    assert!(
        not.tried.iter().any(|t| t.contains("`aws_s3_bucket.u`")),
        "{:?}",
        not.tried
    );
}

#[test]
fn a_pattern_beside_an_unknown_name_is_low() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!(
            "{PROVIDER}variable \"x\" {{}}\nresource \"aws_s3_bucket\" \"u\" {{\n  bucket = var.x\n}}\nresource \"aws_s3_bucket\" \"p\" {{\n  bucket = \"${{var.x}}-logs\"\n}}\n"
        ),
    )]);
    assert_eq!(
        case.found(&finding("acme-logs"), BUCKET),
        "a aws_s3_bucket.p identifier low"
    );
}

#[test]
fn generated_names() {
    let case = Case::new(&[(
        "a/main.tf",
        "resource \"aws_s3_bucket\" \"p\" {\n  bucket_prefix = \"acme-\"\n}\nresource \"aws_s3_bucket\" \"none\" {}\n",
    )]);
    let suffix = "20240131123456789012345678";
    assert_eq!(
        case.found(&finding(&format!("acme-{suffix}")), BUCKET),
        "a aws_s3_bucket.p identifier high"
    );
    for id in ["acme-logs", &format!("terraform-{suffix}"), "acme-"] {
        assert_eq!(
            kind(&case.not(&finding(id), BUCKET)),
            RefusalKind::NotInCode,
            "{id}"
        );
    }
}

#[test]
fn account_scoped_names_need_a_proved_account() {
    let code = "resource \"aws_db_instance\" \"crm\" {\n  identifier = \"crm\"\n}\n";
    let with = |provider: &str| Case::new(&[("a/main.tf", &format!("{provider}{code}"))]);
    assert_eq!(
        with(PROVIDER).found(&finding(&db("crm")), DB),
        "a aws_db_instance.crm identifier exact"
    );
    assert_eq!(
        with("").found(&finding(&db("crm")), DB),
        "a aws_db_instance.crm identifier low"
    );
    let region_only = "provider \"aws\" {\n  region = \"eu-west-1\"\n}\n";
    assert_eq!(
        with(region_only).found(&finding(&db("crm")), DB),
        "a aws_db_instance.crm identifier low"
    );
    let account_only = "provider \"aws\" {\n  allowed_account_ids = [\"111122223333\"]\n}\n";
    assert_eq!(
        with(account_only).found(&finding(&db("crm")), DB),
        "a aws_db_instance.crm identifier low"
    );
    let several = "provider \"aws\" {\n  region = \"eu-west-1\"\n  allowed_account_ids = [\"111122223333\", \"999922223333\"]\n}\n";
    assert_eq!(
        with(several).found(&finding(&db("crm")), DB),
        "a aws_db_instance.crm identifier low"
    );
    let role = "provider \"aws\" {\n  region = var.r\n  assume_role {\n    role_arn = \"arn:aws:iam::111122223333:role/tf\"\n  }\n}\nvariable \"r\" {\n  default = \"eu-west-1\"\n}\n";
    assert_eq!(
        with(role).found(&finding(&db("crm")), DB),
        "a aws_db_instance.crm identifier exact"
    );
    for refuted in [
        PROVIDER.replace(ACCOUNT, OTHER),
        PROVIDER.replace(REGION, "eu-west-2"),
    ] {
        assert_eq!(
            kind(&with(&refuted).not(&finding(&db("crm")), DB)),
            RefusalKind::NotInCode
        );
    }
    let mut anonymous = finding("crm");
    anonymous.account = String::new();
    assert_eq!(
        with(PROVIDER).found(&anonymous, DB),
        "a aws_db_instance.crm identifier low",
        "the finding does not say the account"
    );
    let contradiction = PROVIDER.replace(
        "region ",
        "assume_role {\n    role_arn = \"arn:aws:iam::999922223333:role/tf\"\n  }\n  region ",
    );
    assert_eq!(
        with(&contradiction).found(&finding(&db("crm")), DB),
        "a aws_db_instance.crm identifier low",
        "two proofs that differ are none"
    );
}

#[test]
fn iam_names_need_no_region() {
    let case = Case::new(&[(
        "a/main.tf",
        "provider \"aws\" {\n  region = \"eu-west-2\"\n  allowed_account_ids = [111122223333]\n}\nresource \"aws_iam_role\" \"r\" {\n  name = \"app\"\n}\n",
    )]);
    let mut f = finding("arn:aws:iam::111122223333:role/team/app");
    f.region = "us-east-1".to_owned();
    assert_eq!(
        case.found(&f, &["aws_iam_role"]),
        "a aws_iam_role.r identifier exact"
    );
}

#[test]
fn provider_aliases_stand_on_their_own_ground() {
    let code = r#"
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
provider "aws" {
  alias               = "dr"
  region              = "eu-central-1"
  allowed_account_ids = ["111122223333"]
}
resource "aws_sqs_queue" "main" {
  name = "jobs"
}
resource "aws_sqs_queue" "dr" {
  provider = aws.dr
  name     = "jobs"
}
module "m" {
  source    = "../m"
  providers = { aws = aws.dr }
}
module "n" {
  source = "../m"
}
"#;
    let case = Case::new(&[
        ("a/main.tf", code),
        (
            "m/main.tf",
            "resource \"aws_sqs_queue\" \"in\" {\n  name = \"inner\"\n}\n",
        ),
    ]);
    let queue = &["aws_sqs_queue"];
    let arn = |region: &str, name: &str| format!("arn:aws:sqs:{region}:{ACCOUNT}:{name}");
    for (id, address) in [
        (arn("eu-west-1", "jobs"), "aws_sqs_queue.main"),
        (arn("eu-central-1", "jobs"), "aws_sqs_queue.dr"),
        (arn("eu-central-1", "inner"), "module.m.aws_sqs_queue.in"),
        (arn("eu-west-1", "inner"), "module.n.aws_sqs_queue.in"),
    ] {
        assert_eq!(
            case.found(&finding(&id), queue),
            format!("a {address} identifier exact"),
            "{id}"
        );
    }
    assert_eq!(
        kind(&case.not(&finding(&arn("eu-north-1", "jobs")), queue)),
        RefusalKind::NotInCode
    );
}

#[test]
fn a_region_in_the_block_itself() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!(
            "{PROVIDER}resource \"aws_sqs_queue\" \"q\" {{\n  region = \"eu-north-1\"\n  name   = \"jobs\"\n}}\n"
        ),
    )]);
    let queue = &["aws_sqs_queue"];
    assert_eq!(
        case.found(&finding("arn:aws:sqs:eu-north-1:111122223333:jobs"), queue),
        "a aws_sqs_queue.q identifier exact"
    );
    assert_eq!(
        kind(&case.not(&finding("arn:aws:sqs:eu-west-1:111122223333:jobs"), queue)),
        RefusalKind::NotInCode
    );
}

#[test]
fn a_state_proves_the_account_of_its_root() {
    let case = Case::new(&[(
        "a/main.tf",
        "resource \"aws_sns_topic\" \"t\" {\n  name = \"t\"\n}\nresource \"aws_sqs_queue\" \"q\" {\n  name = \"jobs\"\n}\n",
    )])
    .state(
        "s",
        Some("a"),
        &tfstate(&[("", "aws_sns_topic", "t", "", r#"{"arn":"arn:aws:sns:eu-west-1:111122223333:t"}"#)]),
    );
    let queue = &["aws_sqs_queue"];
    let jobs = finding("arn:aws:sqs:eu-west-1:111122223333:jobs");
    let Ok(located) = case.ask(&jobs, queue, Scope::Resource, Confidence::Low) else {
        panic!("it has that name");
    };
    assert_eq!(said(&located), "a aws_sqs_queue.q identifier low");
    assert!(
        located
            .because
            .contains("the state `s` proves account 111122223333"),
        "{}",
        located.because
    );
    assert!(
        located.because.contains("does not hold it"),
        "{}",
        located.because
    );
    for (other, why) in [
        (
            "arn:aws:sqs:eu-west-1:999922223333:jobs",
            RefusalKind::NotInCode,
        ),
        (
            "arn:aws:sqs:eu-west-2:111122223333:jobs",
            RefusalKind::InNoState,
        ),
    ] {
        let mut f = finding(other);
        f.account = other.split(':').nth(4).unwrap().to_owned();
        assert_eq!(kind(&case.not(&f, queue)), why, "{other}");
    }
}

#[test]
fn a_block_that_a_state_knows_under_another_name_is_low() {
    let case = Case::new(&[(
        "a/main.tf",
        "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"acme-new\"\n}\n",
    )])
    .state(
        "s",
        Some("a"),
        &tfstate(&[("", "aws_s3_bucket", "logs", "", &bucket_state("acme-old"))]),
    );
    assert_eq!(
        case.found(&finding("acme-new"), BUCKET),
        "a aws_s3_bucket.logs identifier low"
    );
    assert_eq!(
        case.found(&finding("acme-old"), BUCKET),
        "a aws_s3_bucket.logs state exact"
    );
}

#[test]
fn a_group_name_is_not_unique() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!("{PROVIDER}resource \"aws_security_group\" \"web\" {{\n  name = \"web\"\n}}\n"),
    )]);
    let mut f = finding("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1");
    f.resource.aliases = vec!["sg-1".to_owned(), "web".to_owned()];
    assert_eq!(
        case.found(&f, SG),
        "a aws_security_group.web identifier low"
    );
    let opaque = case.not(&finding("sg-1"), SG);
    assert_eq!(kind(&opaque), RefusalKind::NotInCode);
    assert!(
        opaque.reason.next.contains("only a state, or a tag"),
        "{}",
        opaque.reason.next
    );
}

#[test]
fn older_type_names_are_the_same_object() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!("{PROVIDER}resource \"aws_alb\" \"front\" {{\n  name = \"front\"\n}}\n"),
    )]);
    assert_eq!(
        case.found(
            &finding(
                "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/50dc"
            ),
            &["aws_lb"]
        ),
        "a aws_alb.front identifier exact"
    );
}

#[test]
fn import_blocks_with_for_each_name_each_of_their_elements() {
    let code = r#"
locals {
  groups = { web = "sg-1", db = "sg-2" }
}
import {
  for_each = local.groups
  to       = module.group[each.key].aws_security_group.this
  id       = each.value
}
import {
  for_each = toset(["sg-3"])
  to       = aws_security_group.more[each.value]
  id       = each.key
}
import {
  for_each = var.unset
  to       = aws_security_group.more[each.key]
  id       = each.value
}
variable "unset" {}
module "group" {
  source   = "../group"
  for_each = local.groups
}
resource "aws_security_group" "more" {
  for_each = toset(["sg-3"])
}
"#;
    let case = Case::new(&[
        ("a/main.tf", code),
        (
            "group/main.tf",
            "resource \"aws_security_group\" \"this\" {}\n",
        ),
    ]);
    for (id, address) in [
        ("sg-1", "module.group[\"web\"].aws_security_group.this"),
        ("sg-2", "module.group[\"db\"].aws_security_group.this"),
        ("sg-3", "aws_security_group.more[\"sg-3\"]"),
    ] {
        assert_eq!(
            case.found(&finding(id), SG),
            format!("a {address} identifier exact")
        );
    }
    assert_eq!(
        kind(&case.not(&finding("sg-4"), SG)),
        RefusalKind::NotInCode
    );
}

#[test]
fn aliases_that_a_module_declares_are_those_that_its_caller_passes() {
    let code = r#"
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
provider "aws" {
  alias               = "use1"
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}
module "outer" {
  source = "../outer"
  providers = {
    aws         = aws
    aws.certain = aws.use1
  }
}
"#;
    let aliases = "terraform {\n  required_providers {\n    aws = {\n      source                = \"hashicorp/aws\"\n      configuration_aliases = [aws.certain]\n    }\n  }\n}\n";
    let case = Case::new(&[
        ("a/main.tf", code),
        (
            "outer/main.tf",
            &format!(
                "{aliases}module \"inner\" {{\n  source    = \"../inner\"\n  providers = {{ aws.there = aws.certain }}\n}}\n"
            ),
        ),
        (
            "inner/main.tf",
            "resource \"aws_sqs_queue\" \"there\" {\n  provider = aws.there\n  name     = \"jobs\"\n}\n",
        ),
    ]);
    let arn = |region: &str| format!("arn:aws:sqs:{region}:{ACCOUNT}:jobs");
    let queue = &["aws_sqs_queue"];
    assert_eq!(
        case.found(&finding(&arn("us-east-1")), queue),
        "a module.outer.module.inner.aws_sqs_queue.there identifier exact"
    );
    assert_eq!(
        kind(&case.not(&finding(&arn("eu-west-1")), queue)),
        RefusalKind::NotInCode
    );
}

#[test]
fn import_blocks_name_what_no_other_code_can() {
    let code = |id: &str| {
        format!(
            "import {{\n  to = aws_security_group.web[0]\n  id = \"{id}\"\n}}\nresource \"aws_security_group\" \"web\" {{\n  count = 1\n}}\n"
        )
    };
    let case = Case::new(&[("a/main.tf", code("sg-1").as_str())]);
    assert_eq!(
        case.found(&finding("sg-1"), SG),
        "a aws_security_group.web[0] identifier exact"
    );
    assert_eq!(
        case.found(
            &finding("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"),
            SG
        ),
        "a aws_security_group.web[0] identifier exact"
    );
    assert_eq!(
        kind(&case.not(&finding("sg-12"), SG)),
        RefusalKind::NotInCode
    );
    let elsewhere = case
        .clone()
        .file("a/p.tf", &PROVIDER.replace(ACCOUNT, OTHER));
    assert_eq!(
        kind(&elsewhere.not(&finding("sg-1"), SG)),
        RefusalKind::NotInCode
    );
    let two = case.file("b/main.tf", &code("sg-1"));
    assert_eq!(
        kind(&two.not(&finding("sg-1"), SG)),
        RefusalKind::SeveralCandidates
    );
    let queue = |provider: &str| {
        Case::new(&[(
            "a/main.tf",
            &format!(
                "{provider}variable \"n\" {{}}\nimport {{\n  to = aws_sqs_queue.q\n  id = \"https://sqs.eu-west-1.amazonaws.com/111122223333/jobs\"\n}}\nresource \"aws_sqs_queue\" \"q\" {{\n  name = var.n\n}}\n"
            ),
        )])
        .found(
            &finding("arn:aws:sqs:eu-west-1:111122223333:jobs"),
            &["aws_sqs_queue"],
        )
    };
    assert_eq!(queue(PROVIDER), "a aws_sqs_queue.q identifier exact");
    assert_eq!(queue(""), "a aws_sqs_queue.q identifier low");
}

// --- tags ---

const SG_CODE: &str = r#"
resource "aws_security_group" "web" {
  tags = {
    Name      = "web"
    yor_trace = "c2a7a2a4-52f4-4be4-9d6f-6a0c5b6f7a10"
  }
}
resource "aws_security_group" "other" {
  count = 2
  tags  = { Name = "other" }
}
"#;

#[test]
fn tags_are_high() {
    let case = Case::new(&[("a/main.tf", SG_CODE)]);
    for tags in [
        &[("yor_trace", TRACE)][..],
        &[("tfmend:address", "aws_security_group.web")],
        &[
            ("terraform-address", "aws_security_group.web"),
            ("tfmend:root", "a"),
        ],
        &[("git_file", "a/main.tf"), ("yor_name", "web")],
    ] {
        assert_eq!(
            case.found(&tagged("sg-1", tags), SG),
            "a aws_security_group.web tag high",
            "{tags:?}"
        );
    }
    assert_eq!(
        case.found(&tagged("sg-1", &[("Name", "web")]), SG),
        "a aws_security_group.web tag low"
    );
}

#[test]
fn tags_that_say_nothing() {
    let case = Case::new(&[("a/main.tf", SG_CODE)]);
    for tags in [
        &[("yor_trace", "c2a7a2a4-52f4-4be4-9d6f-6a0c5b6f7a11")][..],
        &[("yor_trace", "web")],
        &[("yor_trace", "")],
        &[("tfmend:address", "aws_security_group.nothing")],
        &[("tfmend:address", "aws_instance.web")],
        &[("tfmend:address", "data.aws_security_group.web")],
        &[("tfmend:address", "../../etc/passwd")],
        &[("tfmend:address", "aws_security_group.other[7]")],
        &[
            ("tfmend:address", "aws_security_group.web"),
            ("tfmend:root", "b"),
        ],
        &[
            ("tfmend:address", "aws_security_group.web"),
            ("tfmend:root", "../a"),
        ],
        &[("git_file", "../a/main.tf"), ("yor_name", "web")],
        &[("git_file", "/a/main.tf"), ("yor_name", "web")],
        &[("git_file", "a/other.tf"), ("yor_name", "web")],
        &[("git_file", "a/main.tf"), ("yor_name", "nothing")],
        &[("Name", "nothing")],
        &[("Name", "")],
    ] {
        let not = case.not(&tagged("sg-1", tags), SG);
        assert_eq!(kind(&not), RefusalKind::NotInCode, "{tags:?}");
        assert!(
            not.tried.iter().any(|t| t.starts_with("tag: ")),
            "{:?}",
            not.tried
        );
    }
    for tags in [
        &[("git_file", "a/main.tf")][..],
        &[
            ("tfmend:address", "aws_security_group.other[1]"),
            ("Name", "other"),
        ],
        &[("Name", "other")],
    ] {
        let result = case.ask(&tagged("sg-1", tags), SG, Scope::Resource, Confidence::Low);
        match tags[0].0 {
            "tfmend:address" => assert_eq!(
                said(&result.unwrap()),
                "a aws_security_group.other[1] tag high"
            ),
            _ => assert_eq!(
                kind(&result.unwrap_err()),
                RefusalKind::SeveralCandidates,
                "{tags:?}"
            ),
        }
    }
}

#[test]
fn tags_of_another_repository_do_not_count() {
    let mut case = Case::new(&[("a/main.tf", SG_CODE)]);
    case.options.repository = Some("acme/infra".to_owned());
    let with = |org: &str, repo: &str| {
        tagged(
            "sg-1",
            &[("yor_trace", TRACE), ("git_org", org), ("git_repo", repo)],
        )
    };
    assert_eq!(
        case.found(&with("Acme", "infra"), SG),
        "a aws_security_group.web tag high"
    );
    for (org, repo) in [("acme", "other"), ("umbrella", "infra")] {
        assert_eq!(
            kind(&case.not(&with(org, repo), SG)),
            RefusalKind::NotInCode
        );
    }
}

#[test]
fn a_trace_in_merged_tags() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!(
            "variable \"tags\" {{}}\nresource \"aws_security_group\" \"web\" {{\n  tags = merge(var.tags, {{ yor_trace = \"{TRACE}\" }})\n}}\n"
        ),
    )]);
    assert_eq!(
        case.found(&tagged("sg-1", &[("yor_trace", TRACE)]), SG),
        "a aws_security_group.web tag high"
    );
    let in_local = Case::new(&[(
        "a/main.tf",
        &format!(
            "locals {{\n  tags = {{ yor_trace = \"{TRACE}\" }}\n}}\nresource \"aws_security_group\" \"web\" {{\n  tags = local.tags\n}}\n"
        ),
    )]);
    assert_eq!(
        in_local.found(&tagged("sg-1", &[("yor_trace", TRACE)]), SG),
        "a aws_security_group.web tag high"
    );
}

#[test]
fn copied_tags_do_not_count_against_the_name() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!(
            "{PROVIDER}resource \"aws_s3_bucket\" \"logs\" {{\n  bucket = \"acme-logs\"\n  tags = {{ yor_trace = \"{TRACE}\" }}\n}}\n"
        ),
    )]);
    let not = case.not(&tagged("acme-copy", &[("yor_trace", TRACE)]), BUCKET);
    assert_eq!(kind(&not), RefusalKind::NotInCode);
    assert!(
        not.tried.iter().any(|t| t.contains("another")),
        "{:?}",
        not.tried
    );
    assert_eq!(
        case.found(&tagged("acme-logs", &[("yor_trace", TRACE)]), BUCKET),
        "a aws_s3_bucket.logs identifier exact"
    );
    let mut elsewhere = tagged("sg-1", &[("yor_trace", TRACE)]);
    elsewhere.account = OTHER.to_owned();
    let sg = Case::new(&[("a/main.tf", &format!("{PROVIDER}{SG_CODE}"))]);
    assert_eq!(
        kind(&sg.not(&elsewhere, SG)),
        RefusalKind::NotInCode,
        "the root stands on another account"
    );
}

#[test]
fn a_tag_chooses_among_names_but_does_not_overrule_them() {
    let bucket = |name: &str, tags: &str| {
        format!(
            "resource \"aws_s3_bucket\" \"{name}\" {{\n  bucket = \"acme-logs\"\n  tags = {{ {tags} }}\n}}\n"
        )
    };
    let trace = format!("yor_trace = \"{TRACE}\"");
    let f = tagged("acme-logs", &[("yor_trace", TRACE)]);
    let case = Case::new(&[("a/main.tf", &(bucket("one", &trace) + &bucket("two", "")))]);
    assert_eq!(
        case.found(&f, BUCKET),
        "a aws_s3_bucket.one tag high",
        "one of two names"
    );
    let case = Case::new(&[(
        "a/main.tf",
        &format!(
            "variable \"x\" {{}}\nresource \"aws_s3_bucket\" \"tagged\" {{\n  bucket = var.x\n  tags = {{ {trace} }}\n}}\n{}",
            bucket("named", "")
        ),
    )]);
    assert_eq!(
        kind(&case.not(&f, BUCKET)),
        RefusalKind::SeveralCandidates,
        "name and tag disagree"
    );
}

#[test]
fn a_state_counts_before_everything() {
    let case = Case::new(&[("a/main.tf", SG_CODE)]).state(
        "s",
        Some("a"),
        &tfstate(&[("", "aws_security_group", "other", "1", r#"{"id":"sg-1"}"#)]),
    );
    assert_eq!(
        case.found(&tagged("sg-1", &[("yor_trace", TRACE)]), SG),
        "a aws_security_group.other[1] state exact"
    );
}

// --- account-level settings ---

const EBS: &[&str] = &["aws_ebs_encryption_by_default"];
const POLICY: &[&str] = &["aws_iam_account_password_policy"];

fn account_finding() -> Finding {
    finding("AWS::::Account:111122223333")
}

fn proving(region: &str) -> String {
    tfstate(&[(
        "",
        "aws_sns_topic",
        "t",
        "",
        &format!(r#"{{"arn":"arn:aws:sns:{region}:{ACCOUNT}:t"}}"#),
    )])
}

#[test]
fn the_block_of_the_proved_root() {
    let setting = "resource \"aws_ebs_encryption_by_default\" \"this\" {\n  enabled = false\n}\n";
    let case = Case::new(&[
        ("a/main.tf", &format!("{PROVIDER}{setting}")),
        (
            "b/main.tf",
            &format!("{}{setting}", PROVIDER.replace(ACCOUNT, OTHER)),
        ),
        (
            "c/main.tf",
            &format!("{}{setting}", PROVIDER.replace(REGION, "us-east-1")),
        ),
    ]);
    assert_eq!(
        case.account(&account_finding(), EBS),
        "a aws_ebs_encryption_by_default.this placement exact"
    );
    let held = case.clone().state(
        "s",
        Some("a"),
        &tfstate(&[
            (
                "",
                "aws_ebs_encryption_by_default",
                "this",
                "",
                r#"{"id":"x"}"#,
            ),
            (
                "",
                "aws_sns_topic",
                "t",
                "",
                r#"{"arn":"arn:aws:sns:eu-west-1:111122223333:t"}"#,
            ),
        ]),
    );
    assert_eq!(
        held.account(&account_finding(), EBS),
        "a aws_ebs_encryption_by_default.this state exact"
    );
    let twice = case.file("d/main.tf", &format!("{PROVIDER}{setting}"));
    assert_eq!(
        kind(&twice.not_account(&account_finding(), EBS)),
        RefusalKind::SeveralCandidates
    );
}

#[test]
fn an_unproved_block_is_low() {
    let case = Case::new(&[(
        "a/main.tf",
        "resource \"aws_iam_account_password_policy\" \"this\" {}\n",
    )]);
    assert_eq!(
        case.account(&account_finding(), POLICY),
        "a aws_iam_account_password_policy.this placement low"
    );
    let placed = case.clone().placement(None, "a", None);
    assert_eq!(
        placed.account(&account_finding(), POLICY),
        "a aws_iam_account_password_policy.this placement exact"
    );
    let two = case.file(
        "b/main.tf",
        "resource \"aws_iam_account_password_policy\" \"this\" {}\n",
    );
    assert_eq!(
        kind(&two.not_account(&account_finding(), POLICY)),
        RefusalKind::SeveralCandidates
    );
}

#[test]
fn homes() {
    let roots = &[
        ("a/main.tf", "resource \"aws_sns_topic\" \"t\" {}\n"),
        ("b/main.tf", PROVIDER),
    ];
    let none = Case::new(roots);
    let not = none.not_account(&account_finding(), EBS);
    assert_eq!(kind(&not), RefusalKind::NoHome);
    assert!(
        not.reason
            .next
            .contains("[placement.\"111122223333\".\"eu-west-1\"]"),
        "{}",
        not.reason.next
    );
    let by_state = none.clone().state("s", Some("a"), &proving(REGION));
    assert_eq!(
        by_state.account(&account_finding(), EBS),
        "a home a/security.tf placement exact"
    );
    let elsewhere = none.clone().state("s", Some("a"), &proving("us-east-1"));
    assert_eq!(
        kind(&elsewhere.not_account(&account_finding(), EBS)),
        RefusalKind::NoHome,
        "the state proves another region"
    );
    assert_eq!(
        elsewhere.account(&account_finding(), POLICY),
        "a home a/security.tf placement exact",
        "the password policy has no region"
    );
    let two = by_state.clone().state("s2", Some("b"), &proving(REGION));
    let not = two.not_account(&account_finding(), EBS);
    assert_eq!(kind(&not), RefusalKind::NoHome);
    assert!(
        not.reason.message.contains("`a`") && not.reason.message.contains("`b`"),
        "{}",
        not.reason.message
    );
    let placed = two.placement(Some(REGION), "b", Some("b/account.tf"));
    assert_eq!(
        placed.account(&account_finding(), EBS),
        "b home b/account.tf placement exact"
    );
}

#[test]
fn placements_of_regions_and_accounts() {
    let case = Case::new(&[("a/main.tf", PROVIDER), ("b/main.tf", "")])
        .placement(None, "a", None)
        .placement(Some("us-east-1"), "b", None);
    assert_eq!(
        case.account(&account_finding(), EBS),
        "a home a/security.tf placement exact"
    );
    let mut f = account_finding();
    f.region = "us-east-1".to_owned();
    assert_eq!(
        case.account(&f, EBS),
        "b home b/security.tf placement exact"
    );
    f.account = OTHER.to_owned();
    assert_eq!(kind(&case.not_account(&f, EBS)), RefusalKind::NoHome);
    let wrong = Case::new(&[("a/main.tf", PROVIDER)]).placement(None, "nowhere", None);
    let not = wrong.not_account(&account_finding(), EBS);
    assert_eq!(kind(&not), RefusalKind::NoHome);
    assert!(
        not.reason.message.contains("nowhere"),
        "{}",
        not.reason.message
    );
    let mut f = finding("x");
    f.account = String::new();
    assert_eq!(kind(&case.not_account(&f, EBS)), RefusalKind::NoHome);
}

// --- corners that a change of one operator would break ---

#[test]
fn moved_modules_keep_or_get_keys() {
    let found = |moves: &str, meta: &str, from: &str| {
        Case::new(&[
            (
                "a/main.tf",
                &format!("module \"m\" {{\n  source = \"./m\"\n  {meta}\n}}\n{moves}"),
            ),
            ("a/m/main.tf", "resource \"aws_s3_bucket\" \"this\" {}\n"),
        ])
        .state(
            "s",
            Some("a"),
            &tfstate(&[(from, "aws_s3_bucket", "this", "", &bucket_state("acme"))]),
        )
        .found(&finding("acme"), BUCKET)
    };
    let each = "for_each = toset([\"x\", \"y\"])";
    assert_eq!(
        found(
            "moved {\n  from = module.old\n  to   = module.m\n}\n",
            each,
            "module.old[\"y\"]"
        ),
        "a module.m[\"y\"].aws_s3_bucket.this state exact"
    );
    assert_eq!(
        found(
            "moved {\n  from = module.old[\"z\"]\n  to   = module.m\n}\n",
            "",
            "module.old[\"z\"]"
        ),
        "a module.m.aws_s3_bucket.this state exact"
    );
    assert_eq!(
        found(
            "moved {\n  from = module.old\n  to   = module.m[\"x\"]\n}\n",
            each,
            "module.old"
        ),
        "a module.m[\"x\"].aws_s3_bucket.this state exact"
    );
}

#[test]
fn ids_that_say_another_type_leave_their_aliases_aside() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!("{PROVIDER}resource \"aws_db_instance\" \"web\" {{\n  identifier = \"web\"\n}}\n"),
    )]);
    for id in [
        "//compute.googleapis.com/projects/p/zones/z/instances/web",
        "https://sqs.eu-west-1.amazonaws.com/111122223333/web",
        "arn:aws:ec2:eu-west-1:111122223333:instance/web",
    ] {
        let mut f = finding(id);
        f.resource.aliases = vec!["web".to_owned()];
        assert_eq!(kind(&case.not(&f, DB)), RefusalKind::NotInCode, "{id}");
    }
    let mut f = finding("something");
    f.resource.aliases = vec!["web".to_owned()];
    let not = case.not(&f, DB);
    assert_eq!(
        kind(&not),
        RefusalKind::NotInCode,
        "the id's own name is the one that counts"
    );
}

#[test]
fn what_was_tried_is_said_once_and_truly() {
    let case = Case::new(&[("a/main.tf", SG_CODE)]);
    let opaque = case.not(&finding("i-1"), &["aws_instance"]);
    assert!(
        opaque.tried.iter().any(|t| t.contains("gives no name")),
        "{:?}",
        opaque.tried
    );
    let named = case.not(&finding("acme"), BUCKET);
    assert!(
        !named.tried.iter().any(|t| t.contains("gives no name")),
        "{:?}",
        named.tried
    );
}

// --- what an answer says, and doubts that must not be lost ---

fn instance_state(kind: &str, name: &str, attributes: &str) -> String {
    tfstate(&[("", kind, name, "", attributes)])
}

fn asked_for_exact(case: &Case, finding: &Finding, kinds: &[&str]) -> NotLocated {
    case.ask(finding, kinds, Scope::Resource, Confidence::Exact)
        .unwrap_err()
}

#[test]
fn what_would_make_it_exact_depends_on_what_is_at_hand() {
    let code = format!(
        "{PROVIDER}resource \"aws_db_instance\" \"this\" {{\n  identifier = \"shop\"\n}}\nresource \"aws_sns_topic\" \"t\" {{}}\n"
    );
    let bare = Case::new(&[("a/main.tf", &code.replace("allowed_account_ids", "# "))]);
    let not = asked_for_exact(&bare, &finding(&db("shop")), DB);
    assert_eq!(kind(&not), RefusalKind::ConfidenceTooLow);
    assert!(
        not.reason.next.starts_with("pass the state of that root"),
        "{}",
        not.reason.next
    );
    // A state is there, but it is an older one, which has another name for the block.
    let stale = bare.state(
        "s",
        Some("a"),
        &instance_state(
            "aws_db_instance",
            "this",
            r#"{"identifier":"old","arn":"arn:aws:rds:eu-west-1:111122223333:db:old"}"#,
        ),
    );
    let not = asked_for_exact(&stale, &finding(&db("shop")), DB);
    assert!(
        not.reason.next.starts_with("pass a current state"),
        "{}",
        not.reason.next
    );
    assert!(not.reason.next.contains("--min-confidence low"));
    assert!(not.tried.iter().any(|t| t.ends_with("low confidence")));
}

#[test]
fn the_types_looked_for_are_listed() {
    let not = Case::new(&[("a/main.tf", "")]).not(&finding("sg-77"), SG);
    assert!(
        not.reason
            .message
            .contains("no `aws_security_group` or `aws_default_security_group` of this repository"),
        "{}",
        not.reason.message
    );
    assert!(
        not.reason.next.contains("stands in no code"),
        "an id of the cloud: {}",
        not.reason.next
    );
    let not = Case::new(&[("a/main.tf", "")]).not(&finding("acme-logs"), BUCKET);
    assert!(not.reason.message.contains("no `aws_s3_bucket` of"));
    assert!(!not.reason.next.contains("stands in no code"));
}

#[test]
fn the_region_of_the_finding_counts_where_the_id_has_none() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!(
            "{}resource \"aws_db_instance\" \"this\" {{\n  identifier = \"shop\"\n}}\n",
            PROVIDER.replace(REGION, "us-east-1")
        ),
    )]);
    let not = case.not(&finding("shop"), DB);
    assert!(
        not.tried
            .iter()
            .any(|t| t.contains("is region us-east-1, not eu-west-1")),
        "{not:?}"
    );
    for unsaid in ["global", ""] {
        let mut f = finding("shop");
        f.region = unsaid.to_owned();
        assert_eq!(
            case.found(&f, DB),
            "a aws_db_instance.this identifier low",
            "`{unsaid}` is no region"
        );
    }
}

#[test]
fn a_type_without_a_row_is_found_by_what_its_state_says() {
    let kinds = &["aws_appflow_flow"];
    let case = Case::new(&[("a/main.tf", "resource \"aws_appflow_flow\" \"this\" {}\n")]).state(
        "s",
        Some("a"),
        &instance_state(
            "aws_appflow_flow",
            "this",
            r#"{"id":"flow-1","arn":"arn:aws:appflow:eu-west-1:111122223333:flow/one"}"#,
        ),
    );
    assert_eq!(
        case.found(
            &finding("arn:aws:appflow:eu-west-1:111122223333:flow/one"),
            kinds
        ),
        "a aws_appflow_flow.this state exact"
    );
    assert!(
        case.found(&finding("flow-1"), kinds)
            .starts_with("a aws_appflow_flow.this state ")
    );
    case.not(&finding("flow-2"), kinds);
    case.not(&finding(" "), kinds);
}

#[test]
fn an_alias_helps_an_id_that_says_nothing() {
    let case = Case::new(&[("a/main.tf", "resource \"aws_security_group\" \"web\" {}\n")]).state(
        "s",
        Some("a"),
        &instance_state(
            "aws_security_group",
            "web",
            r#"{"id":"sg-1","arn":"arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"}"#,
        ),
    );
    let mut f = finding("the web group");
    f.resource.aliases = vec!["sg-1".to_owned()];
    assert_eq!(
        case.found(&f, &["aws_default_security_group", "aws_security_group"]),
        "a aws_security_group.web state exact"
    );
}

#[test]
fn the_name_today_is_told_only_when_it_is_another() {
    let state = tfstate(&[("", "aws_s3_bucket", "old", "", &bucket_state("x"))]);
    let because = |code: &str| {
        Case::new(&[("a/main.tf", code)])
            .state("s", Some("a"), &state)
            .ask(&finding("x"), BUCKET, Scope::Resource, Confidence::Low)
            .unwrap()
            .because
    };
    assert_eq!(
        because("resource \"aws_s3_bucket\" \"old\" {}\n"),
        "the state `s` holds it as `aws_s3_bucket.old`"
    );
    assert_eq!(
        because(
            "resource \"aws_s3_bucket\" \"new\" {}\nmoved {\n  from = aws_s3_bucket.old\n  to   = aws_s3_bucket.new\n}\n"
        ),
        "the state `s` holds it as `aws_s3_bucket.old`, which the code calls `aws_s3_bucket.new` today"
    );
}

#[test]
fn a_moved_module_is_told_by_its_name_and_key() {
    let found = |from: &str, to: &str, meta: &str, recorded: &str| {
        let code = format!(
            "module \"n\" {{\n  source = \"./m\"\n{meta}}}\nmodule \"m\" {{\n  source = \"./m\"\n{meta}}}\nmoved {{\n  from = {from}\n  to   = {to}\n}}\n"
        );
        let case = Case::new(&[
            ("a/main.tf", &code),
            ("a/m/main.tf", "resource \"aws_s3_bucket\" \"this\" {}\n"),
        ])
        .state(
            "s",
            Some("a"),
            &tfstate(&[(recorded, "aws_s3_bucket", "this", "", &bucket_state("x"))]),
        );
        case.found(&finding("x"), BUCKET)
    };
    // Another module of the same depth is not what moved.
    assert_eq!(
        found("module.gone", "module.n", "", "module.m"),
        "a module.m.aws_s3_bucket.this state exact"
    );
    let each = "  for_each = toset([\"x\", \"y\"])\n";
    // One instance moved; the other one stays.
    assert_eq!(
        found(
            "module.m[\"x\"]",
            "module.n[\"y\"]",
            each,
            "module.m[\"y\"]"
        ),
        "a module.m[\"y\"].aws_s3_bucket.this state exact"
    );
    assert_eq!(
        found(
            "module.m[\"x\"]",
            "module.n[\"y\"]",
            each,
            "module.m[\"x\"]"
        ),
        "a module.n[\"y\"].aws_s3_bucket.this state exact"
    );
}

#[test]
fn one_active_key_is_no_doubt() {
    let key = |count: &str| {
        let case = Case::new(&[(
            "a/main.tf",
            "resource \"aws_iam_access_key\" \"ci\" {\n  user = \"ci\"\n}\n",
        )])
        .state(
            "s",
            Some("a"),
            &tfstate(&[
                (
                    "",
                    "aws_iam_access_key",
                    "ci",
                    "",
                    r#"{"id":"AKIA1","user":"ci"}"#,
                ),
                (
                    "",
                    "aws_iam_user",
                    "ci",
                    "",
                    r#"{"name":"ci","arn":"arn:aws:iam::111122223333:user/ci"}"#,
                ),
            ]),
        );
        let mut f = finding("arn:aws:iam::111122223333:user/ci");
        f.facts
            .insert("access-key.active-count".to_owned(), count.to_owned());
        case.ask(
            &f,
            &["aws_iam_access_key"],
            Scope::Resource,
            Confidence::Low,
        )
        .unwrap()
        .because
    };
    assert!(!key("1").contains("several active keys"), "{}", key("1"));
    assert!(key("2").contains("several active keys"), "{}", key("2"));
}

#[test]
fn a_setting_that_is_counted_away_is_no_block() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!(
            "{PROVIDER}resource \"aws_ebs_encryption_by_default\" \"this\" {{\n  count = 0\n}}\n"
        ),
    )])
    .placement(None, "a", None);
    assert_eq!(
        case.account(&account_finding(), EBS),
        "a home a/security.tf placement exact"
    );
}

#[test]
fn a_home_of_one_region_serves_a_setting_of_the_account_only() {
    let case =
        Case::new(&[("a/main.tf", ""), ("b/main.tf", "")]).placement(Some("us-east-1"), "b", None);
    assert_eq!(
        case.account(&account_finding(), POLICY),
        "b home b/security.tf placement exact"
    );
    let not = case.not_account(&account_finding(), EBS);
    assert_eq!(kind(&not), RefusalKind::NoHome);
    assert!(
        not.tried
            .iter()
            .any(|t| t.ends_with("no home for account 111122223333 in eu-west-1")),
        "{not:?}"
    );
}

#[test]
fn a_placed_block_says_that_it_was_placed() {
    let case = Case::new(&[
        (
            "a/main.tf",
            "resource \"aws_iam_account_password_policy\" \"this\" {}\n",
        ),
        (
            "b/main.tf",
            "resource \"aws_iam_account_password_policy\" \"other\" {}\n",
        ),
    ]);
    let located = case
        .clone()
        .placement(None, "a", None)
        .ask(&account_finding(), POLICY, Scope::Account, Confidence::Low)
        .unwrap();
    assert_eq!(
        located.because,
        "`[placement]` of the configuration names `a` for account 111122223333"
    );
    // Both are named where nothing decides.
    let not = case.not_account(&account_finding(), POLICY);
    for place in [
        "`aws_iam_account_password_policy.this` in `a`",
        "`aws_iam_account_password_policy.other` in `b`",
    ] {
        assert!(not.reason.message.contains(place), "{}", not.reason.message);
    }
    let twice = Case::new(&[(
        "a/main.tf",
        &format!(
            "{PROVIDER}resource \"aws_iam_account_password_policy\" \"x\" {{}}\nresource \"aws_iam_account_password_policy\" \"y\" {{}}\n"
        ),
    )]);
    let not = twice.not_account(&account_finding(), POLICY);
    assert!(
        not.reason.message.contains("_policy.x") && not.reason.message.contains("_policy.y"),
        "{}",
        not.reason.message
    );
}

#[test]
fn account_region_and_partition_come_from_the_arn_where_the_record_has_none() {
    let mut f = finding("arn:aws:ec2:us-east-1:999922223333:ebs-encryption/default");
    f.account.clear();
    f.region.clear();
    let case = Case::new(&[("b/main.tf", "")]);
    let not = case.not_account(&f, EBS);
    assert!(
        not.reason
            .message
            .contains("of account 999922223333 in us-east-1"),
        "{}",
        not.reason.message
    );
    // An ARN that has neither leaves them to the record.
    let mut f = finding("arn:aws:iam:::root");
    f.account.clear();
    assert!(
        case.not_account(&f, POLICY)
            .reason
            .message
            .contains("does not say which account")
    );
    let mut f = finding("arn:aws:ec2::111122223333:ebs-encryption/default");
    f.region = "global".to_owned();
    let not = case.not_account(&f, EBS);
    assert!(
        not.reason
            .next
            .contains("[placement.\"111122223333\".\"*\"]"),
        "{}",
        not.reason.next
    );
    // A provider in another partition cannot be the account's.
    let china = Case::new(&[(
        "a/main.tf",
        "provider \"aws\" {\n  region = \"cn-north-1\"\n}\nresource \"aws_iam_account_password_policy\" \"this\" {}\n",
    )]);
    let mut f = finding("arn:aws:iam::111122223333:root");
    f.region = "global".to_owned();
    let not = china.not_account(&f, POLICY);
    assert!(
        not.tried.iter().any(|t| t.contains("another partition")),
        "{not:?}"
    );
}

#[test]
fn a_trace_is_a_whole_uuid() {
    let case = |trace: &str| {
        Case::new(&[(
            "a/main.tf",
            &format!(
                "resource \"aws_security_group\" \"web\" {{\n  tags = {{\n    yor_trace = \"{trace}\"\n  }}\n}}\n"
            ),
        )])
    };
    let ask = |trace: &str| (case(trace), tagged("sg-1", &[("yor_trace", trace)]));
    for whole in [TRACE, &TRACE.replace('-', "")] {
        let (case, f) = ask(whole);
        assert_eq!(
            case.found(&f, SG),
            "a aws_security_group.web tag high",
            "{whole}"
        );
    }
    for part in [&TRACE[..31], "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"] {
        let (case, f) = ask(part);
        case.not(&f, SG);
    }
}

#[test]
fn an_address_in_a_tag_is_one_of_the_type_looked_for() {
    let case = Case::new(&[(
        "a/main.tf",
        "resource \"aws_security_group\" \"web\" {}\ndata \"aws_security_group\" \"web\" {}\nresource \"aws_vpc\" \"web\" {}\n",
    )]);
    let by = |address: &str| tagged("sg-1", &[("terraform_address", address)]);
    assert!(
        case.ask(
            &by("aws_security_group.web"),
            SG,
            Scope::Resource,
            Confidence::Low
        )
        .is_ok()
    );
    case.not(&by("data.aws_security_group.web"), SG);
    case.not(&by("aws_vpc.web"), SG);
}

#[test]
fn a_provider_that_is_not_passed_on_is_the_default_one() {
    let place = |module: &str, inside: &str| {
        Case::new(&[
            (
                "a/main.tf",
                &format!(
                    "{PROVIDER}provider \"aws\" {{\n  alias  = \"dr\"\n  region = \"us-east-1\"\n  allowed_account_ids = [\"{OTHER}\"]\n}}\nmodule \"m\" {{\n  source = \"./m\"\n  {module}\n}}\n"
                ),
            ),
            (
                "a/m/main.tf",
                &format!(
                    "resource \"aws_db_instance\" \"this\" {{\n  identifier = \"shop\"\n  {inside}\n}}\n"
                ),
            ),
        ])
    };
    // Others are passed; the default one is inherited.
    assert_eq!(
        place("providers = {\n    aws.x = aws.dr\n  }", "").found(&finding(&db("shop")), DB),
        "a module.m.aws_db_instance.this identifier exact"
    );
    // An alias that is not passed is none: nothing is proved.
    assert_eq!(
        place("providers = {\n    aws = aws\n  }", "provider = aws.dr")
            .found(&finding(&db("shop")), DB),
        "a module.m.aws_db_instance.this identifier low"
    );
}

#[test]
fn an_object_of_another_provider_proves_nothing_of_this_one() {
    let case = Case::new(&[(
        "a/main.tf",
        "resource \"aws_db_instance\" \"this\" {\n  identifier = \"shop\"\n}\nresource \"awscc_sns_topic\" \"t\" {}\n",
    )]);
    let other = tfstate(&[(
        "",
        "awscc_sns_topic",
        "t",
        "",
        r#"{"arn":"arn:aws:sns:eu-west-1:111122223333:t"}"#,
    )]);
    assert_eq!(
        case.state("s", Some("a"), &other)
            .found(&finding(&db("shop")), DB),
        "a aws_db_instance.this identifier low"
    );
}

#[test]
fn an_empty_text_proves_no_region() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!(
            "{}resource \"aws_db_instance\" \"this\" {{\n  identifier = \"shop\"\n}}\n",
            PROVIDER.replace("\"eu-west-1\"", "\"\"")
        ),
    )]);
    assert_eq!(
        case.found(&finding(&db("shop")), DB),
        "a aws_db_instance.this identifier low"
    );
    // `region = null` in a block is as if it was not written.
    let case = Case::new(&[(
        "a/main.tf",
        &format!(
            "{PROVIDER}resource \"aws_db_instance\" \"this\" {{\n  identifier = \"shop\"\n  region     = null\n}}\n"
        ),
    )]);
    assert_eq!(
        case.found(&finding(&db("shop")), DB),
        "a aws_db_instance.this identifier exact"
    );
}

#[test]
fn what_is_known_not_to_be_the_name_is_no_rival() {
    let pattern = "variable \"env\" {}\nresource \"aws_s3_bucket\" \"held\" {\n  bucket = \"acme-${var.env}\"\n}\n";
    // A state knows the only block whose pattern fits as another bucket.
    let case = Case::new(&[("a/main.tf", pattern)]).state(
        "s",
        Some("a"),
        &tfstate(&[("", "aws_s3_bucket", "held", "", &bucket_state("acme-dev"))]),
    );
    let not = case.not(&finding("acme-prod"), BUCKET);
    assert!(
        not.tried
            .iter()
            .any(|t| t.contains("none has the name `acme-prod`")),
        "{not:?}"
    );
    // One that a state does not know may be it.
    assert_eq!(
        Case::new(&[("a/main.tf", pattern)]).found(&finding("acme-prod"), BUCKET),
        "a aws_s3_bucket.held identifier high"
    );
}

#[test]
fn a_name_with_a_hole_before_what_is_generated_still_rules_names_out() {
    let code = "variable \"env\" {}\nresource \"aws_s3_bucket\" \"this\" {\n  bucket_prefix = \"acme-${var.env}-\"\n}\n";
    let case = Case::new(&[("a/main.tf", code)]);
    case.not(&finding("other-dev-20260101"), BUCKET);
    let by_null = Case::new(&[(
        "a/main.tf",
        "resource \"aws_s3_bucket\" \"this\" {\n  bucket        = null\n  bucket_prefix = \"acme-\"\n}\n",
    )]);
    by_null.not(&finding("other"), BUCKET);
    assert!(
        by_null
            .found(&finding("acme-20260101000000000000000001"), BUCKET)
            .starts_with("a aws_s3_bucket.this identifier ")
    );
}

#[test]
fn the_name_of_a_group_says_that_it_is_not_unique() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!("{PROVIDER}resource \"aws_security_group\" \"web\" {{\n  name = \"web\"\n}}\n"),
    )]);
    let mut f = finding("sg-1");
    f.resource.aliases = vec!["web".to_owned()];
    let located = case.ask(&f, SG, Scope::Resource, Confidence::Low).unwrap();
    assert_eq!(located.confidence, Confidence::Low);
    assert!(
        located.because.contains("not unique in the account"),
        "{}",
        located.because
    );
}

#[test]
fn an_alias_helps_an_id_that_no_row_reads() {
    let case = Case::new(&[("a/main.tf", "resource \"aws_instance\" \"web\" {}\n")]).state(
        "s",
        Some("a"),
        &instance_state(
            "aws_instance",
            "web",
            r#"{"id":"i-1","arn":"arn:aws:ec2:eu-west-1:111122223333:instance/i-1"}"#,
        ),
    );
    let mut f = finding("the web server");
    f.resource.aliases = vec!["i-1".to_owned()];
    assert_eq!(
        case.found(&f, &["aws_instance"]),
        "a aws_instance.web state exact"
    );
}

#[test]
fn only_a_root_that_somebody_applies_has_rivals() {
    let named = "resource \"aws_s3_bucket\" \"this\" {\n  bucket = \"acme-logs\"\n}\n";
    let open = "variable \"x\" {}\nresource \"aws_s3_bucket\" \"open\" {\n  bucket = var.x\n}\n";
    let sure = |case: &Case| case.found(&finding("acme-logs"), BUCKET);
    let with = |name: &str, text: &str| {
        sure(&Case::new(&[
            ("a/main.tf", named),
            ("b/main.tf", open),
            (name, text),
        ]))
    };
    for (name, text) in [
        ("b/other.tf", ""),
        (
            "b/other.tf",
            "terraform {\n  required_version = \">= 1\"\n}\n",
        ),
        // Those of another root say nothing about this one.
        ("a/terraform.tfvars", "y = 1\n"),
        ("a/providers.tf", "provider \"aws\" {}\n"),
    ] {
        assert_eq!(
            with(name, text),
            "a aws_s3_bucket.this identifier exact",
            "{name}: {text}"
        );
    }
    for (name, text) in [
        ("b/other.tf", "provider \"aws\" {}\n"),
        ("b/other.tf", "terraform {\n  backend \"s3\" {}\n}\n"),
        ("b/other.tf", "terraform {\n  cloud {}\n}\n"),
        ("b/terraform.tfvars", "y = 1\n"),
    ] {
        assert_eq!(
            with(name, text),
            "a aws_s3_bucket.this identifier high",
            "{name}: {text}"
        );
    }
    let state = Case::new(&[("a/main.tf", named), ("b/main.tf", open)]).state(
        "s",
        Some("b"),
        &tfstate(&[("", "aws_sns_topic", "t", "", r#"{"id":"t"}"#)]),
    );
    assert_eq!(sure(&state), "a aws_s3_bucket.this identifier high");
}

#[test]
fn what_an_installed_module_calls_from_elsewhere_is_outside_too() {
    // The installed module calls another one, which is not installed.
    let case = Case::new(&[
        (
            "a/main.tf",
            "module \"bucket\" {\n  source = \"terraform-aws-modules/s3-bucket/aws\"\n}\n",
        ),
        (
            "a/.terraform/modules/modules.json",
            r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"bucket","Source":"registry.terraform.io/terraform-aws-modules/s3-bucket/aws","Version":"4.1.0","Dir":".terraform/modules/bucket/main"}]}"#,
        ),
        (
            "a/.terraform/modules/bucket/main/main.tf",
            "module \"inner\" {\n  source = \"acme/inner/aws\"\n}\n",
        ),
    ])
    .state(
        "s",
        Some("a"),
        &tfstate(&[(
            "module.bucket.module.inner",
            "aws_s3_bucket",
            "this",
            "",
            &bucket_state("acme-logs"),
        )]),
    );
    let not = case.not(&finding("acme-logs"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::ExternalModule, "{not:?}");
    assert!(
        not.reason
            .message
            .contains("inside of module `bucket.inner`")
            && not.reason.message.contains("acme/inner/aws"),
        "{}",
        not.reason.message
    );
}

#[test]
fn the_module_from_elsewhere_is_the_call_of_that_root_and_path() {
    let call =
        |name: &str, source: &str| format!("module \"{name}\" {{\n  source = \"{source}\"\n}}\n");
    let case = Case::new(&[
        ("a/main.tf", &call("db", "acme/a-db/aws")),
        (
            "b/main.tf",
            &format!(
                "{}{}",
                call("net", "acme/b-net/aws"),
                call("db", "acme/b-db/aws")
            ),
        ),
    ])
    .state(
        "s",
        Some("b"),
        &tfstate(&[(
            "module.db",
            "aws_s3_bucket",
            "this",
            "",
            &bucket_state("acme"),
        )]),
    );
    let not = case.not(&finding("acme"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::ExternalModule);
    assert!(
        not.reason.message.contains("`db`") && not.reason.message.contains("acme/b-db/aws"),
        "{}",
        not.reason.message
    );
}

#[test]
fn an_import_by_arn_is_about_that_arn() {
    let case = Case::new(&[(
        "a/main.tf",
        "variable \"n\" {}\nimport {\n  to = aws_sns_topic.t\n  id = \"arn:aws:sns:eu-west-1:111122223333:alerts\"\n}\nresource \"aws_sns_topic\" \"t\" {\n  name = var.n\n}\n",
    )]);
    let ask = |name: &str| {
        case.ask(
            &finding(&format!("arn:aws:sns:eu-west-1:111122223333:{name}")),
            &["aws_sns_topic"],
            Scope::Resource,
            Confidence::Low,
        )
    };
    assert_eq!(
        said(&ask("alerts").unwrap()),
        "a aws_sns_topic.t identifier exact"
    );
    assert!(ask("other").is_err());
}

#[test]
fn a_pattern_that_fits_is_not_called_missing() {
    let case = Case::new(&[(
        "a/main.tf",
        "variable \"env\" {}\nresource \"aws_s3_bucket\" \"this\" {\n  bucket = \"acme-${var.env}\"\n}\n",
    )]);
    let not = asked_for_exact(&case, &finding("acme-prod"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::ConfidenceTooLow);
    assert!(
        !not.tried.iter().any(|t| t.contains("none has the name")),
        "{not:?}"
    );
}

#[test]
fn a_tag_is_judged_by_the_name_of_its_own_block() {
    let case = Case::new(&[(
        "a/main.tf",
        "variable \"n\" {}\nresource \"aws_s3_bucket\" \"other\" {\n  bucket = \"other\"\n}\nresource \"aws_s3_bucket\" \"mine\" {\n  bucket = var.n\n}\n",
    )]);
    let by = |address: &str| tagged("acme-logs", &[("terraform_address", address)]);
    assert_eq!(
        case.found(&by("aws_s3_bucket.mine"), BUCKET),
        "a aws_s3_bucket.mine tag high"
    );
    let not = case.not(&by("aws_s3_bucket.other"), BUCKET);
    assert!(
        not.tried
            .iter()
            .any(|t| t.contains("its name in code is another")),
        "{not:?}"
    );
}

#[test]
fn a_generated_name_with_a_hole_is_a_rival_only_where_it_fits() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!(
            "{PROVIDER}variable \"env\" {{}}\nresource \"aws_s3_bucket\" \"this\" {{\n  bucket = \"acme-logs\"\n}}\nresource \"aws_s3_bucket\" \"more\" {{\n  bucket_prefix = \"other-${{var.env}}-\"\n}}\n"
        ),
    )]);
    assert_eq!(
        case.found(&finding("acme-logs"), BUCKET),
        "a aws_s3_bucket.this identifier exact"
    );
}

#[test]
fn a_repository_tag_without_an_organisation_is_compared_by_name() {
    let mut case = Case::new(&[("a/main.tf", SG_CODE)]);
    case.options.repository = Some("acme/infra".to_owned());
    let with = |repo: &str| tagged("sg-1", &[("yor_trace", TRACE), ("git_repo", repo)]);
    assert_eq!(
        case.found(&with("infra"), SG),
        "a aws_security_group.web tag high"
    );
    case.not(&with("other"), SG);
    // Nor does a repository without one rule an organisation out.
    case.options.repository = Some("infra".to_owned());
    let f = tagged(
        "sg-1",
        &[
            ("yor_trace", TRACE),
            ("git_org", "acme"),
            ("git_repo", "infra"),
        ],
    );
    assert_eq!(case.found(&f, SG), "a aws_security_group.web tag high");
}

// --- in no state, two owners, workspaces ---

#[test]
fn in_no_state_of_the_account_is_said_and_never_collides() {
    let code = "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"acme-logs\"\n}\nresource \"aws_s3_bucket\" \"data\" {\n  bucket = \"acme-data\"\n}\n";
    let state = tfstate(&[("", "aws_s3_bucket", "data", "", &bucket_state("acme-data"))]);
    let case = Case::new(&[("a/main.tf", &format!("{PROVIDER}{code}"))]).state(
        "a/terraform.tfstate",
        Some("a"),
        &state,
    );
    let logs = finding("arn:aws:s3:::acme-logs");
    let not = asked_for_exact(&case, &logs, BUCKET);
    assert_eq!(kind(&not), RefusalKind::InNoState);
    assert!(not.reason.message.contains("never applied"), "{not:?}");
    for part in [
        "`import` block",
        "`to = aws_s3_bucket.logs`",
        "`id = \"acme-logs\"`",
        "`a`",
    ] {
        assert!(not.reason.next.contains(part), "{part}: {not:?}");
    }
    let nowhere = asked_for_exact(&case, &finding("arn:aws:s3:::acme-other"), BUCKET);
    assert_eq!(kind(&nowhere), RefusalKind::InNoState);
    assert!(nowhere.reason.next.contains("import"), "{nowhere:?}");
    // The author's own import is no collision.
    let importing = case.clone().file(
        "a/import.tf",
        "import {\n  to = aws_s3_bucket.logs\n  id = \"acme-logs\"\n}\n",
    );
    assert_eq!(
        importing.found(&logs, BUCKET),
        "a aws_s3_bucket.logs identifier exact"
    );
}

#[test]
fn a_missing_state_leaves_it_open_who_made_it() {
    let named = "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"acme-logs\"\n}\n";
    let state = tfstate(&[("", "aws_s3_bucket", "data", "", &bucket_state("acme-data"))]);
    let data = "resource \"aws_s3_bucket\" \"data\" {\n  bucket = \"acme-data\"\n}\n";
    let logs = finding("arn:aws:s3:::acme-logs");
    let case = Case::new(&[
        ("a/main.tf", &format!("{PROVIDER}{data}")),
        ("b/main.tf", &format!("{PROVIDER}{named}")),
    ])
    .state("a/terraform.tfstate", Some("a"), &state);
    assert_eq!(
        case.found(&logs, BUCKET),
        "b aws_s3_bucket.logs identifier exact",
        "the root of the block has no state that could speak against it"
    );
    let not = asked_for_exact(&case, &finding("arn:aws:s3:::acme-other"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::NotInCode);
    assert!(
        not.tried
            .iter()
            .any(|t| t == "state: none was given for `b`"),
        "{:?}",
        not.tried
    );
    // A root of another account need not show its state.
    let elsewhere = Case::new(&[
        ("a/main.tf", &format!("{PROVIDER}{data}")),
        (
            "b/main.tf",
            &format!("{}{data}", PROVIDER.replace(ACCOUNT, OTHER)),
        ),
    ])
    .state("a/terraform.tfstate", Some("a"), &state);
    assert_eq!(
        kind(&elsewhere.not(&finding("arn:aws:s3:::acme-other"), BUCKET)),
        RefusalKind::InNoState
    );
    // Nor does anything follow for an account on which no root stands.
    let mut foreign = finding("arn:aws:s3:::acme-other");
    foreign.account = "555566667777".to_owned();
    assert_eq!(
        kind(&elsewhere.not(&foreign, BUCKET)),
        RefusalKind::NotInCode
    );
}

#[test]
fn the_state_of_its_own_root_speaks_against_a_block() {
    let state = tfstate(&[("", "aws_s3_bucket", "data", "", &bucket_state("acme-data"))]);
    let code = "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"acme-logs\"\n}\nresource \"aws_s3_bucket\" \"data\" {\n  bucket = \"acme-data\"\n}\n";
    let case = Case::new(&[
        ("a/main.tf", &format!("{PROVIDER}{code}")),
        ("b/main.tf", PROVIDER),
    ])
    .state("a/terraform.tfstate", Some("a"), &state);
    let not = asked_for_exact(&case, &finding("arn:aws:s3:::acme-logs"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::ConfidenceTooLow);
    assert!(
        not.reason
            .message
            .contains("the state of its root does not hold it"),
        "{not:?}"
    );
    assert!(not.reason.next.contains("pass a current state"), "{not:?}");
}

#[test]
fn states_that_could_not_be_read_are_named_with_what_they_might_hold() {
    let mut case = Case::new(&[(
        "a/main.tf",
        &format!("{PROVIDER}variable \"x\" {{}}\nresource \"aws_s3_bucket\" \"u\" {{\n  bucket = var.x\n}}\n"),
    )])
    .state(
        "a/terraform.tfstate",
        Some("a"),
        &tfstate(&[("", "aws_s3_bucket", "u", "", &bucket_state("acme-data"))]),
    );
    case.options.unread_states = vec![tfmend::locate::UnreadState {
        root: Some(path("a")),
        state: "s3://states/env:/eu/a.tfstate".to_owned(),
        why: "AWS denies s3:GetObject".to_owned(),
    }];
    let not = case.not(&finding("arn:aws:s3:::acme-logs"), BUCKET);
    assert_eq!(
        kind(&not),
        RefusalKind::NotInCode,
        "one of its workspaces is not known"
    );
    assert!(
        not.tried.iter().any(|t| t
            == "state: `s3://states/env:/eu/a.tfstate` of `a` could not be read: AWS denies s3:GetObject"),
        "{:?}",
        not.tried
    );
}

#[test]
fn one_object_in_two_workspaces_has_two_owners() {
    let code =
        "variable \"name\" {}\nresource \"aws_s3_bucket\" \"logs\" {\n  bucket = var.name\n}\n";
    let state = tfstate(&[("", "aws_s3_bucket", "logs", "", &bucket_state("acme-logs"))]);
    let case = Case::new(&[("a/main.tf", code)]);
    let in_workspace = |case: Case, name: &str| {
        case.state(
            &format!("a/terraform.tfstate.d/{name}/terraform.tfstate"),
            Some("a"),
            &state,
        )
    };
    let dev = in_workspace(case, "dev");
    let located = dev
        .ask(
            &finding("acme-logs"),
            BUCKET,
            Scope::Resource,
            Confidence::Exact,
        )
        .unwrap();
    assert_eq!(located.workspace.as_deref(), Some("dev"));
    let copy = dev.clone().state("pulled.tfstate", Some("a"), &state);
    assert_eq!(
        copy.found(&finding("acme-logs"), BUCKET),
        "a aws_s3_bucket.logs state exact",
        "a copy that names no workspace is no second owner"
    );
    let not = in_workspace(dev, "prod").not(&finding("acme-logs"), BUCKET);
    assert_eq!(kind(&not), RefusalKind::TwoOwners);
    for part in ["workspace `dev`", "workspace `prod`"] {
        assert!(not.reason.message.contains(part), "{not:?}");
    }
}

#[test]
fn what_one_state_creates_another_may_have_adopted() {
    let group = r#"{"id":"sg-1","arn":"arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"}"#;
    let case = Case::new(&[
        ("a/main.tf", "resource \"aws_security_group\" \"web\" {}\n"),
        (
            "b/main.tf",
            "resource \"aws_default_security_group\" \"d\" {}\n",
        ),
    ])
    .state(
        "a.tfstate",
        Some("a"),
        &instance_state("aws_security_group", "web", group),
    )
    .state(
        "b.tfstate",
        Some("b"),
        &instance_state("aws_default_security_group", "d", group),
    );
    let not = case.not(&finding("sg-1"), &["aws_security_group"]);
    assert_eq!(kind(&not), RefusalKind::TwoOwners);
    assert!(
        not.reason
            .message
            .contains("`aws_default_security_group.d` in `b`"),
        "{not:?}"
    );
}

#[test]
fn what_was_made_along_with_another_object_is_told_so() {
    let code = "resource \"aws_vpc\" \"main\" {}\nresource \"aws_instance\" \"web\" {}\n";
    let state = tfstate(&[
        (
            "",
            "aws_vpc",
            "main",
            "",
            r#"{"id":"vpc-1","arn":"arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1","default_security_group_id":"sg-1"}"#,
        ),
        (
            "",
            "aws_instance",
            "web",
            "",
            r#"{"id":"i-1","arn":"arn:aws:ec2:eu-west-1:111122223333:instance/i-1","root_block_device":[{"volume_id":"vol-1","encrypted":false}],"ebs_block_device":"odd"}"#,
        ),
    ]);
    let case = Case::new(&[("a/main.tf", code)]).state("s", Some("a"), &state);
    let group = case.not(
        &finding("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"),
        SG,
    );
    assert_eq!(kind(&group), RefusalKind::InNoState);
    assert!(
        group.reason.message.contains("`aws_vpc.main` in `a`"),
        "{group:?}"
    );
    assert!(
        group.reason.next.contains("aws_default_security_group"),
        "{group:?}"
    );
    let volume = case.not(
        &finding("arn:aws:ec2:eu-west-1:111122223333:volume/vol-1"),
        &["aws_ebs_volume"],
    );
    assert_eq!(kind(&volume), RefusalKind::UnsupportedShape);
    assert!(
        volume.reason.next.contains("`root_block_device`"),
        "{volume:?}"
    );
}

#[test]
fn a_policys_state_is_no_other_type_of_its_topic() {
    let arn = "arn:aws:sns:eu-west-1:111122223333:alerts";
    let case = Case::new(&[
        (
            "a/main.tf",
            "resource \"aws_sns_topic_policy\" \"p\" {}\nresource \"aws_sns_topic_made_up\" \"m\" {}\n",
        ),
        (
            "b/main.tf",
            &format!("{PROVIDER}resource \"aws_sns_topic\" \"alerts\" {{\n  name = \"alerts\"\n}}\n"),
        ),
    ])
    .state(
        "s",
        Some("a"),
        &tfstate(&[
            ("", "aws_sns_topic_policy", "p", "", &format!(r#"{{"arn":"{arn}","id":"{arn}"}}"#)),
            ("", "aws_sns_topic_made_up", "m", "", &format!(r#"{{"id":"{arn}"}}"#)),
        ]),
    );
    assert_eq!(
        case.found(&finding(arn), &["aws_sns_topic"]),
        "b aws_sns_topic.alerts identifier exact"
    );
}

#[test]
fn names_that_the_cloud_keeps_in_lower_case() {
    let case = Case::new(&[(
        "a/main.tf",
        &format!(
            "{PROVIDER}resource \"aws_db_instance\" \"this\" {{\n  identifier = \"Shop-DB\"\n}}\n"
        ),
    )]);
    assert_eq!(
        case.found(&finding(&db("shop-db")), DB),
        "a aws_db_instance.this identifier exact"
    );
}

#[test]
fn a_setting_that_another_state_manages_gets_no_second_block() {
    const PASSWORD: &[&str] = &["aws_iam_account_password_policy"];
    let managed = tfstate(&[
        (
            "",
            "aws_iam_account_password_policy",
            "strict",
            "",
            r#"{"id":"iam-account-password-policy"}"#,
        ),
        (
            "",
            "aws_sns_topic",
            "t",
            "",
            r#"{"arn":"arn:aws:sns:eu-west-1:111122223333:t"}"#,
        ),
    ]);
    let home = Case::new(&[("a/main.tf", PROVIDER)]).placement(None, "a", None);
    assert_eq!(
        home.account(&account_finding(), PASSWORD),
        "a home a/security.tf placement exact"
    );
    // A state whose code is somewhere else.
    let other = home.clone().state("other.tfstate", None, &managed);
    let not = other.not_account(&account_finding(), PASSWORD);
    assert_eq!(kind(&not), RefusalKind::SecondWriter);
    for part in [
        "`aws_iam_account_password_policy.strict`",
        "`other.tfstate`",
    ] {
        assert!(not.reason.message.contains(part), "{not:?}");
    }
    // A root whose code has dropped it.
    let gone =
        home.clone()
            .file("b/main.tf", PROVIDER)
            .state("b/terraform.tfstate", Some("b"), &managed);
    assert_eq!(
        kind(&gone.not_account(&account_finding(), PASSWORD)),
        RefusalKind::StateWithoutCode
    );
    // Two that manage it.
    let block = format!("{PROVIDER}resource \"aws_iam_account_password_policy\" \"mine\" {{}}\n");
    let twice = Case::new(&[("a/main.tf", &block)]).state("other.tfstate", None, &managed);
    let not = twice.not_account(&account_finding(), PASSWORD);
    assert_eq!(kind(&not), RefusalKind::TwoOwners);
    assert!(
        not.reason
            .message
            .contains("`aws_iam_account_password_policy.mine` in `a`"),
        "{not:?}"
    );
    // The same setting of another account says nothing.
    let foreign = home.state("other.tfstate", None, &managed.replace(ACCOUNT, OTHER));
    assert_eq!(
        foreign.account(&account_finding(), PASSWORD),
        "a home a/security.tf placement exact"
    );
}

#[test]
fn a_setting_of_a_module_with_a_passed_provider_is_found_by_its_state() {
    const PASSWORD: &[&str] = &["aws_iam_account_password_policy"];
    let root = "provider \"aws\" {\n  alias  = \"main\"\n  region = var.region\n}\n\nmodule \"policy\" {\n  \
                source = \"./policy\"\n  providers = {\n    aws = aws.main\n  }\n}\n";
    let module = "resource \"aws_iam_account_password_policy\" \"strict\" {}\n";
    // Nothing in the state is of the provider `aws.main`: that the state holds the block says it all.
    let state = tfstate(&[
        (
            "module.policy",
            "aws_iam_account_password_policy",
            "strict",
            "",
            r#"{"id":"iam-account-password-policy"}"#,
        ),
        (
            "",
            "aws_sns_topic",
            "t",
            "",
            r#"{"arn":"arn:aws:sns:eu-west-1:111122223333:t"}"#,
        ),
    ]);
    let code = Case::new(&[("a/main.tf", root), ("a/policy/main.tf", module)]);
    let found = "a module.policy.aws_iam_account_password_policy.strict state exact";
    let with = |state: &str| code.clone().state("a/terraform.tfstate", Some("a"), state);
    assert_eq!(with(&state).account(&account_finding(), PASSWORD), found);
    // A state from elsewhere, whose blocks are those of the root.
    let far = code.clone().state("s3/a.tfstate", None, &state);
    assert_eq!(far.account(&account_finding(), PASSWORD), found);
    // A second root with the same module, whose state is of another account.
    let two = with(&state)
        .file("b/main.tf", &root.replace("./policy", "../a/policy"))
        .state(
            "b/terraform.tfstate",
            Some("b"),
            &state.replace(ACCOUNT, OTHER),
        );
    assert_eq!(two.account(&account_finding(), PASSWORD), found);
    // Another address: the code has dropped what the state holds.
    let renamed = with(&state.replace("strict", "loose"));
    assert_eq!(
        kind(&renamed.not_account(&account_finding(), PASSWORD)),
        RefusalKind::StateWithoutCode
    );
    // The state of another account proves nothing for this one.
    let foreign = with(&state.replace(ACCOUNT, OTHER));
    let not = foreign.ask(
        &account_finding(),
        PASSWORD,
        Scope::Account,
        Confidence::Exact,
    );
    assert!(not.is_err(), "{not:?}");
    // Two states that hold it: two owners.
    let twice = with(&state).state("other.tfstate", None, &state.replace("strict", "mine"));
    assert_eq!(
        kind(&twice.not_account(&account_finding(), PASSWORD)),
        RefusalKind::TwoOwners
    );
}

#[test]
fn what_other_states_hold_of_an_object_is_told() {
    let bucket = "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"acme-logs\"\n}\n";
    let block = "resource \"aws_s3_bucket_public_access_block\" \"logs\" {\n  bucket = aws_s3_bucket.logs.id\n}\n";
    let own = (
        "",
        "aws_s3_bucket",
        "logs",
        "",
        r#"{"id":"acme-logs","bucket":"acme-logs","arn":"arn:aws:s3:::acme-logs"}"#,
    );
    let part = |bucket: &str| {
        let json = format!(r#"{{"id":"{bucket}","bucket":"{bucket}"}}"#);
        tfstate(&[("", "aws_s3_bucket_public_access_block", "guard", "", &json)])
    };
    let code = Case::new(&[("a/main.tf", bucket)]).state(
        "a/terraform.tfstate",
        Some("a"),
        &tfstate(&[own]),
    );
    let told = |case: &Case| -> Vec<String> {
        let located = case
            .ask(
                &finding("arn:aws:s3:::acme-logs"),
                BUCKET,
                Scope::Resource,
                Confidence::Exact,
            )
            .unwrap();
        let parts = located.held_parts.iter();
        parts
            .map(|p| {
                let root = p.root.as_ref().map_or("nowhere", RepoPath::as_str);
                format!("{} {} {root}", p.address, p.state)
            })
            .collect()
    };
    assert!(told(&code).is_empty());
    let guard = "aws_s3_bucket_public_access_block.guard";
    let far = code
        .clone()
        .state("guards.tfstate", None, &part("acme-logs"));
    assert_eq!(told(&far), [format!("{guard} guards.tfstate nowhere")]);
    // A bucket whose name only begins alike has parts of its own.
    let alike = code
        .clone()
        .state("guards.tfstate", None, &part("acme-logs-2"));
    assert!(told(&alike).is_empty());
    // Another root of this repository.
    let near = code
        .clone()
        .file("b/main.tf", &block.replace("\"logs\"", "\"guard\""))
        .state("b/terraform.tfstate", Some("b"), &part("acme-logs"));
    assert_eq!(told(&near), [format!("{guard} b/terraform.tfstate b")]);
    // Its own root has the block: code tells of it.
    let both = [
        own,
        (
            "",
            "aws_s3_bucket_public_access_block",
            "logs",
            "",
            r#"{"id":"acme-logs","bucket":"acme-logs"}"#,
        ),
    ];
    let here = Case::new(&[("a/main.tf", &format!("{bucket}{block}"))]).state(
        "a/terraform.tfstate",
        Some("a"),
        &tfstate(&both),
    );
    assert!(told(&here).is_empty());
    // Its own root has the block no more, or under another name that `moved` tells.
    let gone = Case::new(&[("a/main.tf", bucket)]).state(
        "a/terraform.tfstate",
        Some("a"),
        &tfstate(&both),
    );
    let held = "aws_s3_bucket_public_access_block.logs a/terraform.tfstate a";
    assert_eq!(told(&gone), [held]);
    let moved = format!(
        "{bucket}{}moved {{\n  from = aws_s3_bucket_public_access_block.logs\n  to   = {guard}\n}}\n",
        block.replace("\"logs\"", "\"guard\"")
    );
    let renamed = Case::new(&[("a/main.tf", &moved)]).state(
        "a/terraform.tfstate",
        Some("a"),
        &tfstate(&both),
    );
    assert!(told(&renamed).is_empty());
}
