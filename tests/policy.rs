//! Configuration and policy: errors name the line, decisions name the line, doubts never widen.

#![allow(clippy::unwrap_used)] // helpers of tests may panic

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfmend::config::{self, Config, Stage};
use tfmend::finding::{
    CloudResource, Control, ControlCatalogue, Finding, FindingKey, RecordPlace, Severity, Source,
    State,
};
use tfmend::locate::Confidence;
use tfmend::policy::{Admission, Context, DecidedBy, Disposition, Overrides, Policy, Ruling};
use tfmend::remedy::{Affected, RefusalKind, Remediation};
use tfmend::rules::{Impact, Profile, Reversibility, RollbackTruth, Rule, Scope};
use tfmend::terraform::{Address, RepoPath};

const PROD: &str = "111122223333";

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-03-01T12:00:00Z")
}

fn finding() -> Finding {
    Finding {
        key: FindingKey {
            source: Source::SecurityHubAsff,
            product: "aws/securityhub".into(),
            account: PROD.into(),
            id: "f1".into(),
        },
        controls: vec![Control {
            catalogue: ControlCatalogue::SecurityHub,
            code: "S3.8".into(),
        }],
        threat: None,
        resource: CloudResource {
            id: "arn:aws:s3:::acme-logs".into(),
            kind: "AwsS3Bucket".into(),
            aliases: vec!["acme-logs".into()],
            tags: BTreeMap::from([("env".to_owned(), "prod".to_owned())]),
        },
        account: PROD.into(),
        region: "eu-west-1".into(),
        severity: Severity::High,
        state: State::Failed,
        title: "t".into(),
        description: String::new(),
        url: None,
        first_seen: None,
        updated_at: None,
        facts: BTreeMap::new(),
        tracking: None,
        record: RecordPlace {
            input: "-".into(),
            number: 1,
        },
    }
}

fn rule() -> Rule {
    Rule {
        id: "s3-public-access".into(),
        title: "t".into(),
        action: "block public access".into(),
        why: "w".into(),
        severity: Severity::High,
        profile: Profile::Starter,
        controls: Vec::new(),
        compliance: Vec::new(),
        reversibility: Reversibility::Safe,
        impact: Impact::InPlace,
        scope: Scope::Resource,
        subjects: vec!["aws_s3_bucket".into()],
        remedies: Vec::new(),
        rollback: RollbackTruth {
            restores: "all".into(),
            does_not_restore: String::new(),
        },
        verify: "v".into(),
        file: "s3-public-access.hcl".into(),
    }
}

fn change(file: &str, also: usize) -> Remediation {
    let affected = |name: String| Affected {
        root: RepoPath::new("infra").unwrap(),
        address: Address {
            modules: Vec::new(),
            data: false,
            kind: "aws_s3_bucket".into(),
            name,
            key: None,
        },
    };
    Remediation {
        rule: "s3-public-access".into(),
        instance: affected("this".into()),
        file: RepoPath::new(file).unwrap(),
        line: 1,
        block: "aws_s3_bucket.this".into(),
        path: "x".into(),
        summary: "s".into(),
        edits: Vec::new(),
        impact: Impact::InPlace,
        also_changes: (0..also).map(|n| affected(format!("n{n}"))).collect(),
        previous: Vec::new(),
        warnings: Vec::new(),
    }
}

fn policy(text: &str) -> Policy {
    let config = Config::parse(text, "tfmend.toml").unwrap_or_else(|e| panic!("{e}"));
    Policy::new(&config, Profile::All, Overrides::default()).unwrap()
}

fn error(text: &str) -> String {
    Config::parse(text, "tfmend.toml").unwrap_err().to_string()
}

fn admit(text: &str) -> Ruling<Admission> {
    policy(text).admit(&finding(), &rule(), now())
}

fn dispose(text: &str) -> Ruling<Disposition> {
    dispose_with(
        text,
        &change("infra/main.tf", 0),
        Confidence::Exact,
        &rule(),
    )
}

fn dispose_with(
    text: &str,
    change: &Remediation,
    confidence: Confidence,
    rule: &Rule,
) -> Ruling<Disposition> {
    let finding = finding();
    let context = Context {
        finding: &finding,
        rule,
        confidence,
        now: now(),
    };
    policy(text).dispose(change, &context)
}

fn line<T>(ruling: &Ruling<T>) -> (usize, &str) {
    match &ruling.decided_by {
        DecidedBy::Line { file, line, text } => {
            assert_eq!(file, "tfmend.toml");
            (*line, text)
        }
        DecidedBy::Named(name) => (0, name),
    }
}

const PROPOSE: Disposition = Disposition::Propose {
    draft: false,
    auto_merge: false,
};

#[test]
fn a_whole_configuration() {
    let text = r#"
profile = "standard"
min_confidence = "high"
[accounts."111122223333"]
class = "prod-customer"
name = "shop"
[parameters]
approved_cidrs = ["10.0.0.0/8"]
unused_days = 90
custom = { owner = "platform" }
[placement."111122223333"."eu-west-1"]
root = "live/eu"
[stages]
paused = ["notify"]
[limits]
open = 3
max_also_changes = 2
[[policy]]
rule = ["s3-*", "sg-*"]
class = "prod-customer"
decision = "propose"
auto_merge = true
[[ignore]]
resource = "*:legacy-*"
reason = "moves in June"
until = 2026-06-30
"#;
    let config = Config::parse(text, "tfmend.toml").unwrap();
    assert_eq!(config.limits.open, 3);
    assert_eq!(
        config.limits.per_run, 20,
        "limits that are not given stay on"
    );
    let values = config.parameters.values();
    assert_eq!(values["unused_days"], 90);
    assert_eq!(values["approved_cidrs"][0], "10.0.0.0/8");
    assert_eq!(values["owner"], "platform");
    let ruling = dispose(text);
    assert_eq!(
        ruling.answer,
        Disposition::Propose {
            draft: false,
            auto_merge: true
        }
    );
    assert_eq!(line(&ruling), (18, "[[policy]]"));
}

#[test]
fn errors_name_line_and_nearest_key() {
    let message = error("\nprofle = \"all\"\n");
    assert!(
        message.contains("tfmend.toml:2:1") && message.contains("did you mean `profile`"),
        "{message}"
    );
    let message = error("[limits]\nopenn = 3\n");
    assert!(
        message.contains(":2:1") && message.contains("`open`"),
        "{message}"
    );
    let message = error("[[policy]]\nrule = \"s3-*\"\ndecision = \"propse\"\n");
    assert!(
        message.contains("tfmend.toml:3") && message.contains("`propose`"),
        "{message}"
    );
    assert!(error("profile = \"everything\"").contains("starter"));
    assert!(error("[[policy]]\nrule = \"s3-[\"\ndecision = \"ignore\"\n").contains("no glob"));
    assert!(error("[[policy]]\nrule = []\ndecision = \"ignore\"\n").contains("empty list"));
    assert!(error("[[policy]]\nrule = \"x\"\n").contains("decision"));
    assert!(error("[[ignore]]\nrule = \"x\"\nuntil = 2026-01-01\n").contains("reason"));
    assert!(error("[[ignore]]\nrule = \"x\"\nreason = \"y\"\n").contains("until"));
    assert!(
        error("[[ignore]]\nrule = \"x\"\nreason = \" \"\nuntil = 2026-01-01\n")
            .contains("needs a reason")
    );
    assert!(
        error("[[ignore]]\nreason = \"y\"\nuntil = 2026-01-01\n").contains("ignore everything")
    );
    assert!(
        error("[[ignore]]\nrule = \"x\"\nreason = \"y\"\nuntil = \"soon\"\n").contains("no date")
    );
    assert!(error("[accounts.12]\nclass = \"sandbox\"\n").contains("twelve digits"));
    assert!(
        error("[placement.\"111122223333\".global]\nroot = \"../x\"\n")
            .contains("leaves the repository")
    );
    assert!(error("[[policy]]\ndecision = \"advise\"\nauto_merge = true\n").contains("propose"));
    assert!(error("profile = ").contains("tfmend.toml:1"));
}

#[test]
fn two_files_are_an_error_and_one_is_found() {
    let dir = tempfile::tempdir().unwrap();
    assert!(config::load(dir.path(), None).unwrap().profile.is_none());
    std::fs::write(dir.path().join("tfmend.toml"), "profile = \"all\"").unwrap();
    let config = config::load(dir.path(), None).unwrap();
    assert_eq!(config.source.file, "tfmend.toml");
    std::fs::create_dir(dir.path().join(".github")).unwrap();
    std::fs::write(dir.path().join(".github/tfmend.toml"), "").unwrap();
    let message = config::load(dir.path(), None).unwrap_err().to_string();
    assert!(
        message.contains(".github/tfmend.toml") && message.contains("keep one"),
        "{message}"
    );
    let missing = dir.path().join("none.toml");
    assert!(
        config::load(dir.path(), Some(&missing))
            .unwrap_err()
            .to_string()
            .contains("none.toml")
    );
}

#[test]
fn the_schema_knows_every_section() {
    let schema = config::schema();
    let properties = schema["properties"].as_object().unwrap();
    for key in [
        "profile",
        "min_confidence",
        "accounts",
        "policy",
        "parameters",
        "placement",
        "roots",
        "states",
        "stages",
        "limits",
        "github",
        "security_hub",
        "ignore",
    ] {
        assert!(properties.contains_key(key), "{key}");
    }
    assert_eq!(properties.len(), 13, "nothing internal is shown");
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn profiles() {
    let mut wide = rule();
    wide.profile = Profile::Standard;
    let starter = policy("profile = \"starter\"");
    let ruling = starter.admit(&finding(), &wide, now());
    assert_eq!(ruling.answer, Admission::ProfileTooNarrow);
    assert_eq!(line(&ruling), (1, "profile = \"starter\""));
    assert_eq!(
        starter.admit(&finding(), &rule(), now()).answer,
        Admission::Proceed
    );
    let config = Config::parse("profile = \"starter\"", "tfmend.toml").unwrap();
    let overrides = Overrides {
        profile: Some(Profile::All),
        min_confidence: None,
    };
    let flagged = Policy::new(&config, Profile::Starter, overrides).unwrap();
    let ruling = flagged.admit(&finding(), &wide, now());
    assert_eq!(
        (ruling.answer.clone(), line(&ruling).1),
        (Admission::Proceed, "--profile")
    );
    let unattended =
        Policy::new(&Config::default(), Profile::Starter, Overrides::default()).unwrap();
    let ruling = unattended.admit(&finding(), &wide, now());
    assert_eq!(
        (ruling.answer.clone(), line(&ruling).1),
        (Admission::ProfileTooNarrow, "default")
    );
    let named =
        policy("profile = \"starter\"\n[[policy]]\nrule = \"s3-*\"\ndecision = \"propose\"\n");
    assert_eq!(
        named.admit(&finding(), &wide, now()).answer,
        Admission::Proceed
    );
}

#[test]
fn a_rule_named_for_a_path_widens_the_profile_only_there() {
    let text = "profile = \"starter\"\n[[policy]]\nrule = \"s3-*\"\npath = \"infra/dev/**\"\ndecision = \"propose\"\n";
    let mut wide = rule();
    wide.profile = Profile::All;
    assert_eq!(
        policy(text).admit(&finding(), &wide, now()).answer,
        Admission::Proceed
    );
    let inside = dispose_with(
        text,
        &change("infra/dev/a/main.tf", 0),
        Confidence::Exact,
        &wide,
    );
    assert_eq!(inside.answer, PROPOSE);
    let outside = dispose_with(
        text,
        &change("infra/prod/main.tf", 0),
        Confidence::Exact,
        &wide,
    );
    assert!(matches!(outside.answer, Disposition::Refuse(r) if r.kind == RefusalKind::Policy));
}

#[test]
fn the_first_matching_line_decides() {
    let text = "[[policy]]\nseverity = [\"low\"]\ndecision = \"ignore\"\n\n[[policy]]\nregion = \"eu-*\"\ndecision = \"advise\"\nreason = \"frozen\"\n\n[[policy]]\ndecision = \"ignore\"\n";
    let ruling = admit(text);
    assert_eq!(ruling.answer, Admission::Advise);
    assert_eq!(line(&ruling), (5, "[[policy]]"));
    assert!(ruling.why.contains("frozen"));
}

#[test]
fn what_cannot_be_judged_never_widens() {
    for condition in [
        "class = \"sandbox\"",
        "tags = { env = \"dev*\" }",
        "region = \"us-*\"",
    ] {
        let mut bare = finding();
        bare.region.clear();
        bare.resource.tags.clear();
        let restricting = policy(&format!("[[policy]]\n{condition}\ndecision = \"ignore\"\n"));
        let ruling = restricting.admit(&bare, &rule(), now());
        assert_eq!(ruling.answer, Admission::Advise, "{condition}");
        let widening = policy(&format!(
            "profile = \"starter\"\n[[policy]]\nrule = \"*\"\n{condition}\ndecision = \"propose\"\n"
        ));
        let mut wide = rule();
        wide.profile = Profile::All;
        let ruling = widening.admit(&bare, &wide, now());
        assert_eq!(ruling.answer, Admission::ProfileTooNarrow, "{condition}");
    }
    let known = "[accounts.\"111122223333\"]\nclass = \"prod-customer\"\n[[policy]]\nclass = \"sandbox\"\ndecision = \"ignore\"\n";
    assert_eq!(
        admit(known).answer,
        Admission::Proceed,
        "a named account is judged"
    );
    let tags = "[[policy]]\ntags = { env = \"dev*\" }\ndecision = \"ignore\"\n";
    assert_eq!(
        admit(tags).answer,
        Admission::Proceed,
        "recorded tags are judged"
    );
    let tags = "[[policy]]\ntags = { env = \"pr*\" }\ndecision = \"ignore\"\n";
    assert_eq!(admit(tags).answer, Admission::Ignored);
}

#[test]
fn ignores_end_with_their_day() {
    let text =
        "[[ignore]]\nresource = \"arn:aws:s3:::acme-*\"\nreason = \"moves\"\nuntil = 2026-03-01\n";
    let policy = policy(text);
    let ruling = policy.admit(&finding(), &rule(), at("2026-03-01T23:59:59Z"));
    assert_eq!(ruling.answer, Admission::Suppressed);
    assert!(ruling.why.contains("moves") && ruling.why.contains("2026-03-01"));
    assert_eq!(line(&ruling), (1, "[[ignore]]"));
    let after = at("2026-03-02T00:00:00Z");
    assert_eq!(
        policy.admit(&finding(), &rule(), after).answer,
        Admission::Proceed
    );
    assert_eq!(policy.ended_ignores(after).count(), 1);
    assert_eq!(policy.ended_ignores(now()).count(), 0);
}

#[test]
fn every_condition_of_an_ignore_must_hold() {
    let with = |conditions: &str| {
        admit(&format!(
            "[[ignore]]\n{conditions}\nreason = \"r\"\nuntil = \"2026-12-31\"\n"
        ))
        .answer
    };
    assert_eq!(
        with("rule = \"s3-*\"\nresource = \"acme-logs\""),
        Admission::Suppressed
    );
    assert_eq!(
        with("rule = \"sg-*\"\nresource = \"acme-logs\""),
        Admission::Proceed
    );
    assert_eq!(with("finding = \"*:f1\""), Admission::Suppressed);
    assert_eq!(with("finding = \"f2\""), Admission::Proceed);
    assert_eq!(
        with("path = \"infra/**\""),
        Admission::Proceed,
        "a path is judged when it is known"
    );
    let text = "[[ignore]]\npath = \"infra/**\"\nreason = \"r\"\nuntil = 2026-12-31\n";
    assert_eq!(dispose(text).answer, Disposition::Ignore);
    let other = dispose_with(text, &change("live/main.tf", 0), Confidence::Exact, &rule());
    assert_eq!(other.answer, PROPOSE);
}

#[test]
fn paused_stages_say_so() {
    let ruling = admit("[stages]\npaused = [\n  \"locate\",\n]\n");
    assert_eq!(ruling.answer, Admission::Paused);
    assert_eq!(line(&ruling), (3, "\"locate\","));
    let text = "[stages]\npaused = [\"pull-request\"]\n";
    assert_eq!(admit(text).answer, Admission::Proceed);
    assert_eq!(dispose(text).answer, Disposition::Defer);
    assert!(
        policy("[stages]\npaused = [\"all\"]\n")
            .paused(Stage::Emergency)
            .is_some()
    );
    assert!(policy("").paused(Stage::Emergency).is_none());
}

#[test]
fn built_in_bars() {
    let mut never = rule();
    never.reversibility = Reversibility::NeverAuto;
    let text = "[[policy]]\ndecision = \"propose\"\n";
    let plain = change("infra/main.tf", 0);
    assert_eq!(
        dispose_with(text, &plain, Confidence::Exact, &never).answer,
        Disposition::Advise
    );
    let mut replacing = plain.clone();
    replacing.impact = Impact::ForcesReplacement;
    assert_eq!(
        dispose_with(text, &replacing, Confidence::Exact, &rule()).answer,
        Disposition::Advise
    );
    let mut declared = rule();
    declared.impact = Impact::ForcesReplacement;
    assert_eq!(
        dispose_with(text, &plain, Confidence::Exact, &declared).answer,
        Disposition::Advise
    );
}

#[test]
fn weak_evidence_and_wide_changes_are_refused() {
    let kind = |ruling: Ruling<Disposition>| match ruling.answer {
        Disposition::Refuse(refusal) => Some(refusal.kind),
        _ => None,
    };
    let plain = change("infra/main.tf", 0);
    assert_eq!(
        kind(dispose_with("", &plain, Confidence::High, &rule())),
        Some(RefusalKind::ConfidenceTooLow)
    );
    let high = dispose_with(
        "min_confidence = \"high\"",
        &plain,
        Confidence::High,
        &rule(),
    );
    assert_eq!(
        high.answer,
        Disposition::Propose {
            draft: true,
            auto_merge: false
        }
    );
    let wide = change("infra/main.tf", 3);
    let text = "[limits]\nmax_also_changes = 2\n";
    let ruling = dispose_with(text, &wide, Confidence::Exact, &rule());
    assert_eq!(line(&ruling).0, 2);
    assert_eq!(kind(ruling), Some(RefusalKind::TooWide));
    assert_eq!(
        dispose_with(
            text,
            &change("infra/main.tf", 2),
            Confidence::Exact,
            &rule()
        )
        .answer,
        PROPOSE
    );
    assert_eq!(
        kind(dispose_with(
            "",
            &change("infra/main.tf", 26),
            Confidence::Exact,
            &rule()
        )),
        Some(RefusalKind::TooWide)
    );
}

#[test]
fn auto_merge_needs_a_named_account_and_a_harmless_change() {
    let line = "[[policy]]\nrule = \"s3-*\"\ndecision = \"propose\"\nauto_merge = true\nemergency = true\n";
    let named = format!("[accounts.\"111122223333\"]\nclass = \"sandbox\"\n{line}");
    let merges = |ruling: Ruling<Disposition>| {
        matches!(
            ruling.answer,
            Disposition::Propose {
                auto_merge: true,
                ..
            }
        )
    };
    assert!(merges(dispose(&named)));
    assert!(!merges(dispose(line)), "the account is not named");
    assert!(!merges(dispose_with(
        &named,
        &change("infra/main.tf", 1),
        Confidence::Exact,
        &rule()
    )));
    let mut grant = change("infra/main.tf", 0);
    grant.impact = Impact::GrantRemoved;
    assert!(!merges(dispose_with(
        &named,
        &grant,
        Confidence::Exact,
        &rule()
    )));
    let mut care = rule();
    care.reversibility = Reversibility::Care;
    assert!(!merges(dispose_with(
        &named,
        &change("infra/main.tf", 0),
        Confidence::Exact,
        &care
    )));
    let weak = format!("min_confidence = \"low\"\n{named}");
    assert!(!merges(dispose_with(
        &weak,
        &change("infra/main.tf", 0),
        Confidence::High,
        &rule()
    )));
}

#[test]
fn a_restriction_on_any_touched_file_counts() {
    let text = "[[policy]]\npath = \"shared/**\"\ndecision = \"advise\"\n";
    let mut both = change("infra/main.tf", 0);
    assert_eq!(
        dispose_with(text, &both, Confidence::Exact, &rule()).answer,
        PROPOSE
    );
    both.edits.push(tfmend::terraform::Edit::NewFile {
        file: RepoPath::new("shared/security.tf").unwrap(),
        text: String::new(),
    });
    assert_eq!(
        dispose_with(text, &both, Confidence::Exact, &rule()).answer,
        Disposition::Advise
    );
}

#[test]
fn who_decided_reads_as_a_place_or_a_name() {
    let ruling = admit("\n[[policy]]\ndecision = \"advise\"\n");
    assert_eq!(ruling.decided_by.to_string(), "tfmend.toml:2: [[policy]]");
    assert_eq!(admit("").decided_by.to_string(), "default");
}

#[test]
fn the_limits_in_force_are_the_configured_ones() {
    let policy = policy("[limits]\nopen = 3\n");
    assert_eq!(policy.limits().open, 3);
    assert_eq!(policy.limits().per_run, 20);
}

#[test]
fn a_profile_that_is_too_narrow_is_named_with_the_one_that_would_do() {
    for (mine, word, wanted) in [
        ("starter", "standard", Profile::Standard),
        ("standard", "all", Profile::All),
    ] {
        let mut wide = rule();
        wide.profile = wanted;
        let ruling = policy(&format!("profile = \"{mine}\"")).admit(&finding(), &wide, now());
        assert_eq!(
            ruling.why,
            format!(
                "rule `s3-public-access` belongs to profile `{word}`, and the profile is `{mine}`"
            )
        );
    }
}

#[test]
fn only_a_line_that_proposes_the_rule_by_name_widens_the_profile() {
    let mut wide = rule();
    wide.profile = Profile::All;
    for line in [
        "path = \"infra/**\"\ndecision = \"propose\"",
        "rule = \"s3-*\"\npath = \"infra/**\"\ndecision = \"advise\"",
        "rule = \"s3-*\"\npath = \"infra/**\"\ndecision = \"ignore\"",
        "decision = \"propose\"",
    ] {
        let text = format!("profile = \"starter\"\n[[policy]]\n{line}\n");
        let ruling = policy(&text).admit(&finding(), &wide, now());
        assert_eq!(ruling.answer, Admission::ProfileTooNarrow, "{line}");
    }
}

#[test]
fn a_rule_of_the_profile_itself_needs_no_policy_line() {
    let ruling = dispose("profile = \"starter\"");
    assert_eq!(ruling.answer, PROPOSE);
    assert_eq!(ruling.why, "no policy rule speaks about it");
}

#[test]
fn a_line_with_a_path_is_judged_when_the_path_is_known() {
    let text = "[[policy]]\npath = \"infra/**\"\ndecision = \"ignore\"\n";
    assert_eq!(admit(text).answer, Admission::Proceed);
    assert_eq!(dispose(text).answer, Disposition::Ignore);
}

#[test]
fn a_change_is_left_alone_only_when_the_line_certainly_holds() {
    // The account has no class: whether the line is about it is not known, and a note is the safe answer.
    let text = "[[policy]]\nclass = \"sandbox\"\ndecision = \"ignore\"\n";
    let ruling = dispose(text);
    assert_eq!(ruling.answer, Disposition::Advise);
    assert!(
        ruling.why.contains("could not be ruled out"),
        "{}",
        ruling.why
    );
    let named = format!("[accounts.\"111122223333\"]\nclass = \"sandbox\"\n{text}");
    assert_eq!(dispose(&named).answer, Disposition::Ignore);
}

#[test]
fn every_touched_file_must_be_free_to_merge_and_inside_the_widening() {
    let mut both = change("infra/dev/main.tf", 0);
    both.edits.push(tfmend::terraform::Edit::NewFile {
        file: RepoPath::new("infra/prod/security.tf").unwrap(),
        text: String::new(),
    });
    let merges = |text: &str, change: &Remediation| {
        matches!(
            dispose_with(text, change, Confidence::Exact, &rule()).answer,
            Disposition::Propose {
                auto_merge: true,
                ..
            }
        )
    };
    let text = "[accounts.\"111122223333\"]\nclass = \"sandbox\"\n[[policy]]\npath = \"infra/dev/**\"\ndecision = \"propose\"\nauto_merge = true\n[[policy]]\ndecision = \"propose\"\n";
    assert!(merges(text, &change("infra/dev/main.tf", 0)));
    assert!(!merges(text, &both));
    // The other way round: the file that may not merge is the first one.
    let mut both = change("infra/prod/main.tf", 0);
    both.edits.push(tfmend::terraform::Edit::NewFile {
        file: RepoPath::new("infra/dev/security.tf").unwrap(),
        text: String::new(),
    });
    assert!(!merges(text, &both));

    let mut wide = rule();
    wide.profile = Profile::All;
    let text = "profile = \"starter\"\n[[policy]]\nrule = \"s3-*\"\npath = \"infra/dev/**\"\ndecision = \"propose\"\n[[policy]]\ndecision = \"propose\"\n";
    let refused = dispose_with(text, &both, Confidence::Exact, &wide).answer;
    assert!(matches!(refused, Disposition::Refuse(r) if r.kind == RefusalKind::Policy));
}

#[test]
fn a_line_for_an_account_is_about_that_account() {
    let text = "[[policy]]\naccount = [\"111122223333\"]\ndecision = \"ignore\"\n";
    assert_eq!(admit(text).answer, Admission::Ignored);
    let other = "[[policy]]\naccount = [\"999988887777\"]\ndecision = \"ignore\"\n";
    assert_eq!(admit(other).answer, Admission::Proceed);
    // A record without an account may be about it.
    let mut nameless = finding();
    nameless.account.clear();
    let ruling = policy(other).admit(&nameless, &rule(), now());
    assert_eq!(ruling.answer, Admission::Advise);
}

#[test]
fn the_command_line_is_stronger_than_the_default() {
    let overrides = Overrides {
        profile: None,
        min_confidence: Some(Confidence::Low),
    };
    let policy = Policy::new(&Config::default(), Profile::Standard, overrides).unwrap();
    assert_eq!(policy.min_confidence(), Confidence::Low);
    assert_eq!(policy.profile(), Profile::Standard);
}

#[test]
fn a_live_change_is_eligible_only_where_a_line_says_so() {
    use tfmend::policy::LiveChange::{AccountNotNamed, Eligible, Ignored, NotAllowed, Paused};
    let named = format!("[accounts.\"{PROD}\"]\nclass = \"prod-customer\"\n");
    let line = |rest: &str| format!("[[policy]]\nrule = \"s3-*\"\ndecision = \"propose\"\n{rest}");
    let asked = |text: &str| policy(text).live_change(&finding(), "s3-public-access", now());
    let allowed = format!(
        "{named}{}",
        line("emergency = true\nreason = \"on call\"\n")
    );
    assert_eq!(asked(&allowed).answer, Eligible);
    assert_eq!(asked(&allowed).why, "on call");
    // Nothing is eligible by default, nor by a line that is about something else, nor by a later one.
    assert_eq!(asked("").answer, AccountNotNamed);
    assert_eq!(asked(&line("emergency = true\n")).answer, AccountNotNamed);
    assert_eq!(asked(&named).answer, NotAllowed);
    let first = format!("{named}{}{}", line(""), line("emergency = true\n"));
    assert_eq!(asked(&first).answer, NotAllowed);
    assert!(asked(&first).why.contains("emergency = true"));
    let other = policy(&allowed).live_change(&finding(), "sg-open-ingress", now());
    assert_eq!(other.answer, NotAllowed);
    // A line that asks for a path cannot be judged, so it allows nothing and hides what comes after it.
    let path = format!("{named}{}", line("emergency = true\npath = \"live/**\"\n"));
    assert_eq!(asked(&path).answer, NotAllowed);
    assert!(asked(&path).why.contains("path"));
    for stage in ["emergency", "all"] {
        let text = format!("{allowed}[stages]\npaused = [\"{stage}\"]\n");
        assert_eq!(asked(&text).answer, Paused);
        assert!(policy(&text).live_changes_paused().is_some());
    }
    let text = format!("{allowed}[stages]\npaused = [\"pull-request\"]\n");
    assert_eq!(asked(&text).answer, Eligible);
    let ignored = format!(
        "{allowed}[[ignore]]\nrule = \"s3-*\"\nreason = \"known\"\nuntil = \"2099-12-31\"\n"
    );
    assert_eq!(asked(&ignored).answer, Ignored);
}

#[test]
fn roots_name_what_is_wrong_with_them() {
    use tfmend::terraform::RepoPath;
    let there = |path: &RepoPath| path.as_str() == "live/vars/prod.tfvars";
    let root = |dir: &RepoPath| dir.as_str() == "live/prod";
    let said = |text: &str| match Config::parse(text, "tfmend.toml") {
        Err(e) => e.to_string(),
        Ok(config) => config
            .root_settings_of(there, root)
            .map_or_else(|e| e.to_string(), |s| format!("{:?}", s.runs)),
    };
    for (text, words) in [
        (
            "[roots.\"live/prod\"]\nvar_files = [\n  \"../vars/prd.tfvars\",\n]\n",
            [
                "tfmend.toml:3:3",
                "there is no variable file `live/vars/prd.tfvars`",
            ],
        ),
        (
            "[roots.\"live/prod\"]\nvar_files = [\"../../../prod.tfvars\"]\n",
            ["tfmend.toml:2:", "lies outside of the repository"],
        ),
        (
            "[roots.\"live/prd\"]\nworkspace = \"prod\"\n",
            ["tfmend.toml:1:", "holds no Terraform code"],
        ),
        (
            "[roots.\"../x\"]\n",
            ["tfmend.toml:1:", "lies outside of the repository"],
        ),
        (
            "[roots.\"live/prod\"]\n[roots.\"./live/prod\"]\n",
            ["tfmend.toml:", "stands twice"],
        ),
        (
            "[roots.\"live/prod\"]\nvar_file = []\n",
            ["tfmend.toml:2:1", "did you mean `var_files`?"],
        ),
        (
            "[roots.\"live/prod\"]\nworkspace = \"a\"\n[roots.\"live/prod\".workspaces.b]\n",
            ["tfmend.toml:1:", "contradict each other"],
        ),
        (
            "[roots.\"live/prod\".workspaces.\"a b\"]\n",
            ["tfmend.toml:", "no name of a workspace"],
        ),
        (
            "[roots.\"live/prod\"]\nvars = { x = 1 }\nset_outside = [\"x\"]\n",
            [
                "tfmend.toml:1:",
                "`x` has a value and stands in `set_outside`",
            ],
        ),
        (
            "[roots.\"live/prod\"]\nvar_files = [\"../vars/prod.tfvars\"]\nvars = { n = 1, s = \"1\", l = [\"a\"] }\n",
            [
                "live/vars/prod.tfvars",
                "\"l\": \"[\\\"a\\\"]\", \"n\": \"1\", \"s\": \"1\"",
            ],
        ),
    ] {
        let said = said(text);
        for word in words {
            assert!(said.contains(word), "{text}\n{said}\nlacks {word}");
        }
    }
}
