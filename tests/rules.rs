//! The rule language and the catalogue: what is read, what is refused with which words, and that the derived
//! documents are current (`UPDATE_EXPECT=1` rewrites them).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tfmend::finding::{Control, ControlCatalogue};
use tfmend::rules::{self, Catalogue, Remedy, RuleError, Scope};

const RULE: &str = r#"
id            = "queue-open"
title         = "Queue is open"
action        = "close the queue"
severity      = "high"
profile       = "all"
reversibility = "safe"
impact        = "in-place"
why           = "Because."
verify        = "Look."

controls = {
  prowler = ["queue_open", { code = "queue_wide", with = { ports = [22] } }]
}

rollback {
  restores = "The queue is open again."
}

remedy "set" {
  types = ["aws_sqs_queue"]

  setting "a.b" {
    value  = 3
    absent = { default = "unknown", "< 4" = "unsafe", ">= 4" = "safe" }
  }
}
"#;

fn embedded() -> Catalogue {
    Catalogue::embedded().expect("the embedded rules read")
}

fn read(text: &str) -> Result<Catalogue, RuleError> {
    Catalogue::default().with([("mine/queue-open.hcl", text)])
}

fn problem(text: &str) -> String {
    read(text).expect_err("must be refused").to_string()
}

#[test]
fn every_rule_is_found_by_each_of_its_controls() {
    let catalogue = embedded();
    for rule in catalogue.rules() {
        assert!(!rule.controls.is_empty(), "{}", rule.id);
        for control in &rule.controls {
            let (found, entry) = catalogue
                .by_controls(std::slice::from_ref(&control.control))
                .unwrap_or_else(|| panic!("{} is not found", control.control));
            assert_eq!(found.id, rule.id);
            assert_eq!(entry, control);
        }
    }
}

#[test]
fn the_first_known_control_decides() {
    let control = |code: &str| Control {
        catalogue: ControlCatalogue::SecurityHub,
        code: code.to_owned(),
    };
    let catalogue = embedded();
    let (rule, _) = catalogue
        .by_controls(&[control("Nobody.1"), control("RDS.2"), control("S3.8")])
        .expect("RDS.2 is known");
    assert_eq!(rule.id, "rds-public");
    assert!(catalogue.by_controls(&[control("Nobody.1")]).is_none());
}

#[test]
fn account_rules_are_settings_of_a_block_that_can_be_written() {
    for rule in embedded().rules() {
        if rule.scope == Scope::Account {
            assert!(
                matches!(rule.remedies[0].remedy, Remedy::Set(_)),
                "{}",
                rule.id
            );
        }
    }
}

#[test]
fn compliance_ids_have_a_source() {
    for rule in embedded().rules() {
        for entry in &rule.compliance {
            assert!(!entry.source.trim().is_empty(), "{}", rule.id);
            assert!(!entry.ids.is_empty(), "{}", rule.id);
            let unique: BTreeSet<&String> = entry.ids.iter().collect();
            assert_eq!(unique.len(), entry.ids.len(), "{}", rule.id);
        }
    }
}

#[test]
fn a_control_may_carry_arguments() {
    let catalogue = read(RULE).expect("reads");
    let rule = catalogue.rule("queue-open").expect("is there");
    assert_eq!(rule.controls[0].with, serde_json::Value::Null);
    assert_eq!(rule.controls[1].with, serde_json::json!({"ports": [22]}));
    let Remedy::Set(settings) = &rule.remedies[0].remedy else {
        panic!("a set");
    };
    let setting = &settings.settings[0];
    assert_eq!(setting.path, ["a", "b"]);
    assert_eq!(*setting.absent.at(Some(3)), rules::Absence::Unsafe);
    assert_eq!(*setting.absent.at(Some(5)), rules::Absence::Safe);
    assert_eq!(*setting.absent.at(None), rules::Absence::Unknown);
}

#[test]
fn a_problem_names_file_line_place_and_what_is_expected() {
    let cases = [
        (
            RULE.replace("title         =", "titel         ="),
            "mine/queue-open.hcl:3: in the rule: unknown field `titel`, expected one of `id`, `title`",
        ),
        (
            RULE.replace("    absent = {", "    absence = {"),
            "mine/queue-open.hcl:25: in setting \"a.b\": unknown field `absence`",
        ),
        (
            RULE.replace("rollback {", "rolback {"),
            "mine/queue-open.hcl:16: in the rule: unknown block `rolback`; known here: compliance, rollback, remedy",
        ),
        (
            RULE.replace("\"< 4\"", "\"4\""),
            "mine/queue-open.hcl:25: in setting \"a.b\": \"4\" is no range of major versions",
        ),
        (
            RULE.replace("remedy \"set\"", "remedy \"sett\""),
            "mine/queue-open.hcl:20: in remedy \"sett\": unknown kind of remedy \"sett\"; known: set, companion",
        ),
        (
            RULE.replace("prowler =", "prowlr ="),
            "mine/queue-open.hcl:12: in the rule: unknown catalogue `prowlr`; known: security-hub",
        ),
        (
            RULE.replace("severity      = \"high\"", "severity      = \"terrible\""),
            "mine/queue-open.hcl:",
        ),
        (
            RULE.replace("id            = \"queue-open\"", "id = \"other\""),
            "mine/queue-open.hcl:2: in the rule: `id` is \"other\", but the file is named `queue-open.hcl`",
        ),
        (
            RULE.replace(
                "types = [\"aws_sqs_queue\"]",
                "types = [\"aws_sqs_queue\"]\n  link = \"x\"",
            ),
            "mine/queue-open.hcl:22: in remedy \"set\": `link` does not belong to a remedy \"set\"",
        ),
        (
            RULE.replace("  setting", "  setting \"x\" {}\n  setting"),
            "in setting \"x\": missing field `value`",
        ),
        (
            "id = \"queue-open\"\nrollback {".to_owned(),
            "mine/queue-open.hcl:2: not valid HCL",
        ),
    ];
    for (text, expected) in cases {
        let message = problem(&text);
        assert!(message.contains(expected), "{message}\nlacks\n{expected}");
    }
}

#[test]
fn a_user_replaces_a_rule_only_when_saying_so() {
    let mine = RULE.replace("queue-open", "kms-no-rotation").replace(
        "prowler = [\"queue_open\"",
        "prowler = [\"kms_cmk_rotation_enabled\"",
    );
    let name = "mine/kms-no-rotation.hcl";
    let silent = embedded().with([(name, mine.as_str())]);
    assert!(
        matches!(&silent, Err(RuleError::Duplicate { id, .. }) if id == "kms-no-rotation"),
        "{silent:?}"
    );
    let said = format!("overrides = true\n{mine}");
    let catalogue = embedded().with([(name, said.as_str())]).expect("replaces");
    assert_eq!(
        catalogue.rule("kms-no-rotation").expect("is there").file,
        name
    );
    assert_eq!(catalogue.rules().len(), embedded().rules().len());
    let nothing = format!("overrides = true\n{RULE}");
    assert!(matches!(
        read(&nothing),
        Err(RuleError::NothingToOverride { .. })
    ));
}

#[test]
fn a_control_belongs_to_one_rule() {
    let mine = RULE.replace("\"queue_open\"", "\"kms_cmk_rotation_enabled\"");
    let result = embedded().with([("mine/queue-open.hcl", mine.as_str())]);
    assert!(
        matches!(&result, Err(RuleError::ControlTaken { other, .. }) if other == "kms-no-rotation"),
        "{result:?}"
    );
}

#[test]
fn a_rule_file_cut_anywhere_is_an_error_and_never_a_panic() {
    for end in 0..RULE.trim_end().len() {
        if RULE.is_char_boundary(end) {
            assert!(read(&RULE[..end]).is_err(), "cut at {end}");
        }
    }
}

#[test]
fn derived_documents_are_current() {
    let catalogue = embedded();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut expected: Vec<(PathBuf, String)> = catalogue
        .rules()
        .iter()
        .map(|rule| {
            (
                docs.join("rules").join(format!("{}.md", rule.id)),
                rules::page(rule),
            )
        })
        .collect();
    expected.push((docs.join("rules/README.md"), rules::index(&catalogue)));
    let schema = serde_json::to_string_pretty(&rules::schema()).expect("is JSON") + "\n";
    expected.push((docs.join("rule.schema.json"), schema));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(docs.join("rules")).expect("can write docs");
        for (path, text) in &expected {
            std::fs::write(path, text).expect("can write docs");
        }
    }
    for (path, text) in &expected {
        let present = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(
            &present,
            text,
            "{} is stale; run the tests with UPDATE_EXPECT=1",
            path.display()
        );
    }
    let known: BTreeSet<PathBuf> = expected.into_iter().map(|(path, _)| path).collect();
    for entry in std::fs::read_dir(docs.join("rules")).expect("docs/rules is there") {
        let path = entry.expect("can be read").path();
        assert!(
            known.contains(&path),
            "{} belongs to no rule; remove it",
            path.display()
        );
    }
}

#[test]
fn the_schema_knows_every_field_that_the_reader_knows() {
    let schema = rules::schema().to_string();
    for word in [
        "reversibility",
        "only_in_new_block",
        "accept_anything",
        "or_absent",
        "does_not_restore",
        "respect_intended_public",
        "\"inline\"",
        "\"evidence\"",
    ] {
        assert!(schema.contains(word), "{word}");
    }
}
