//! What reviewers read, as committed files: `UPDATE_EXPECT=1 cargo test --test pull_request` rewrites them.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tfmend::finding::Severity;
use tfmend::locate::{Confidence, Evidence};
use tfmend::pull_request::dashboard::{Dashboard, Line};
use tfmend::pull_request::{CommitStyle, Fixed, Limits, Occasion, Plan, Step, Writing, propose};
use tfmend::remedy::Affected;
use tfmend::rules::Impact;
use tfmend::terraform::{Edit, Estate};
// The samples name these through `crate`.
use tfmend::{finding, locate, pull_request, remedy, rules, terraform};

#[path = "../src/pull_request/samples.rs"]
mod samples;
use samples::*;

fn plan(fixed: Vec<Fixed>, estate: &Estate, writing: &Writing) -> Plan {
    propose(
        fixed,
        &Occasion {
            estate,
            catalogue: &catalogue(),
            proposals: &[],
            fates: &BTreeMap::new(),
            limits: &Limits::default(),
            writing,
        },
    )
}

fn expect(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/expected/pull_request")
        .join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} is not what is written now; run with UPDATE_EXPECT=1 and look at the difference\n{}",
        path.display(),
        similar::TextDiff::from_lines(expected.as_str(), actual).unified_diff()
    );
}

/// The whole of a pull request as one file: title, labels, commit, body.
fn shown(plan: &Plan) -> String {
    plan.steps
        .iter()
        .filter_map(|s| s.request.as_ref().map(|r| (s, &r.text)))
        .map(|(s, text)| {
            format!(
                "title:  {}\nbranch: {}\nlabels: {}\ndraft:  {}\n\n----- commit -----\n{}\n----- body -----\n{}",
                text.title,
                s.id,
                s.labels.iter().cloned().collect::<Vec<_>>().join(" "),
                text.draft,
                text.commit_message,
                // The version of the crate is no reason to look at these files again.
                text.body.replace(env!("CARGO_PKG_VERSION"), "0.0.0"),
            )
        })
        .collect::<Vec<_>>()
        .join("\n\n")
}

#[test]
fn one_finding() {
    let code = estate(&[("main.tf", MAIN)]);
    expect(
        "one.md",
        &shown(&plan(
            vec![private(
                &code,
                "orders",
                "arn:aws:securityhub:eu-west-1:111122223333:subscription/x",
            )],
            &code,
            &Writing::default(),
        )),
    );
}

#[test]
fn several_findings_on_one_block_in_a_shared_module() {
    let text = "resource \"aws_db_instance\" \"this\" {\n  for_each = var.databases\n\n  identifier          = each.key\n  publicly_accessible = true\n  deletion_protection = false\n}\n";
    let code = estate(&[("modules/database/main.tf", text)]);
    let member =
        |rule: &str, control: &str, root: &str, key: &str, severity, old: &str, new: &str| {
            let edit = splice(&code, "modules/database/main.tf", "resource", old, new);
            let mut f = finding(control, &format!("{control}/{root}/{key}"), severity);
            f.resource.id = format!("arn:aws:rds:eu-west-1:111122223333:db:{key}");
            let mut member = fixed(
                f,
                rule,
                root,
                &format!("module.db.aws_db_instance.this[\"{key}\"]"),
                edit,
            );
            member.remediation.line = 5;
            member.remediation.also_changes = ["eu", "us"]
                .iter()
                .filter(|k| **k != key)
                .map(|k| Affected {
                    root: path(root),
                    address: format!("module.db.aws_db_instance.this[\"{k}\"]")
                        .parse()
                        .unwrap(),
                })
                .collect();
            member
        };
    let mut protection = member(
        "rds-no-deletion-protection",
        "RDS.8",
        "envs/prod",
        "eu",
        Severity::Medium,
        "false",
        "true",
    );
    protection.remediation.warnings = vec!["Terraform can no longer destroy the database before `deletion_protection` is `false` again".into()];
    let mut staging = member(
        "rds-public",
        "RDS.2",
        "envs/staging",
        "eu",
        Severity::High,
        "true",
        "false",
    );
    staging.located.confidence = Confidence::High;
    staging.located.evidence = Evidence::Tag;
    staging.located.because =
        "Tag `git_file` names `modules/database/main.tf`, and one block of it has this name".into();
    let members = vec![
        protection,
        member(
            "rds-public",
            "RDS.2",
            "envs/prod",
            "eu",
            Severity::Critical,
            "true",
            "false",
        ),
        staging,
    ];
    expect(
        "joined.md",
        &shown(&plan(members, &code, &Writing::default())),
    );
}

#[test]
fn a_grant_of_which_only_a_guess_says_where_it_is() {
    let code = estate(&[("main.tf", MAIN)]);
    let mut member = private(&code, "orders", "a");
    member.located.confidence = Confidence::Low;
    member.located.because = String::new();
    member.remediation.impact = Impact::GrantRemoved;
    member.findings[0].url = None;
    member.findings[0].first_seen = None;
    member.findings[0].region = String::new();
    let writing = Writing {
        style: CommitStyle::Sentence,
        run_url: Some("https://ci.example/runs/7".into()),
        ..Writing::default()
    };
    expect("guess.md", &shown(&plan(vec![member], &code, &writing)));
}

#[test]
fn a_new_file() {
    let code = estate(&[("main.tf", MAIN)]);
    let mut member = private(&code, "orders", "a");
    member.findings[0].resource.id = "AWS::::Account:111122223333".into();
    member.located.target = locate::Target::Home(path("account.tf"));
    member.located.evidence = Evidence::Placement;
    member.located.because = "`[placement]` of the configuration names this file".into();
    member.remediation.block = "aws_ebs_encryption_by_default.this".into();
    member.remediation.file = path("account.tf");
    member.remediation.line = 1;
    member.remediation.summary = "add `aws_ebs_encryption_by_default.this`".into();
    member.remediation.previous[0].value = None;
    member.remediation.previous[0].path = "aws_ebs_encryption_by_default.this".into();
    member.remediation.edits = vec![Edit::NewFile {
        file: path("account.tf"),
        text: "resource \"aws_ebs_encryption_by_default\" \"this\" {\n  enabled = true\n}\n".into(),
    }];
    expect(
        "new-file.md",
        &shown(&plan(vec![member], &code, &Writing::default())),
    );
}

#[test]
fn the_dashboard() {
    let text: String = (0..4)
        .map(|i| {
            format!(
                "resource \"aws_db_instance\" \"d{i}\" {{\n  publicly_accessible = true\n}}\n\n"
            )
        })
        .collect();
    let code = estate(&[("main.tf", &text)]);
    let fixed = (0..4)
        .map(|i| private(&code, &format!("d{i}"), &format!("k{i}")))
        .collect();
    let mut plan = plan(fixed, &code, &Writing::default());
    plan.steps[3].step = Step::Defer("waiting: 10 pull requests are open, the limit is 10".into());
    let mut board = Dashboard::of(&plan, &[]);
    let line = |subject: &str, why: &str| Line {
        subject: subject.into(),
        url: None,
        why: why.into(),
    };
    board.needs_human.push(line(
        "module.logs.aws_s3_bucket.this",
        "S3.8: two states own `logs`; remove it from one of them",
    ));
    board
        .no_rule
        .push(line("EKS.1", "no rule answers this control"));
    board.suppressed.push(line(
        "aws_db_instance.demo",
        "until 2027-01-31: demo database without data",
    ));
    expect("dashboard.md", &board.markdown());
}

/// Everything a stranger can write into, against everything that does something in Markdown: read back by a real
/// Markdown parser, only our own structure is there.
#[test]
fn no_text_from_outside_becomes_structure() {
    use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
    const HOSTILE: [&str; 16] = [
        "a\n# Heading",
        "a\n\n# Heading\n\n- item",
        "a\r# Heading",
        "a\u{2028}# Heading",
        "[text](https://evil.example)",
        "![image](https://evil.example/x.png)",
        "https://evil.example and www.evil.example and jo@evil.example",
        "<b>bold</b><script>alert(1)</script>",
        "<!-- comment --> &lt;b&gt; &#60;",
        "| a | b |\n|---|---|",
        "`` ` ``` ````",
        "```\n# out of the fence\n~~~",
        "</details></summary>",
        "\\`\\[x](y)\\",
        "**bold** _em_ ~~gone~~ $math$ [^1] [ref]",
        "--> <!-- tfmend:v1 {\"keys\":[\"x\"]} -->",
    ];
    let code = estate(&[("main.tf", MAIN)]);
    let clean = vec![private(&code, "orders", "a")];
    let shape = |body: &str| {
        let mut headings = Vec::new();
        let mut links = Vec::new();
        let mut html = Vec::new();
        let mut cells = 0;
        let mut emphasis = 0;
        let mut in_heading = false;
        let mut in_code = false;
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_MATH
            | Options::ENABLE_FOOTNOTES;
        for event in Parser::new_ext(body, options) {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    assert_eq!(level, HeadingLevel::H3);
                    in_heading = true;
                }
                Event::End(TagEnd::Heading(_)) => in_heading = false,
                Event::Start(Tag::CodeBlock(_)) => in_code = true,
                Event::End(TagEnd::CodeBlock) => in_code = false,
                Event::Text(t) if in_heading => headings.push(t.to_string()),
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    links.push(dest_url.to_string())
                }
                Event::Start(Tag::TableCell) => cells += 1,
                Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough) => emphasis += 1,
                Event::InlineMath(t) | Event::DisplayMath(t) | Event::FootnoteReference(t) => {
                    panic!("{t}")
                }
                // The marker is ours and differs with the keys.
                Event::Html(t) | Event::InlineHtml(t) if !t.starts_with("<!-- tfmend:v1 ") => {
                    html.push(t.to_string())
                }
                // Bare addresses and mentions that a forge would turn into links.
                Event::Text(t) if !in_code => {
                    for live in ["https://evil", "www.evil", "@evil"] {
                        assert!(!t.contains(live), "{t}");
                    }
                }
                _ => {}
            }
        }
        (headings, links, html, cells, emphasis)
    };
    let body_of = |fixed: Vec<Fixed>| {
        let plan = plan(fixed, &code, &Writing::default());
        plan.steps[0].request.as_ref().unwrap().text.body.clone()
    };
    let expected = shape(&body_of(clean));
    type Set = fn(&mut Fixed, &str);
    let fields: [(&str, Set); 10] = [
        ("control", |m, t| m.findings[0].controls[0].code = t.into()),
        ("resource", |m, t| m.findings[0].resource.id = t.into()),
        ("account", |m, t| m.findings[0].account = t.into()),
        ("region", |m, t| m.findings[0].region = t.into()),
        ("first seen", |m, t| {
            m.findings[0].first_seen = Some(t.into())
        }),
        ("key", |m, t| m.findings[0].key.id = t.into()),
        ("because", |m, t| m.located.because = t.into()),
        ("summary", |m, t| m.remediation.summary = t.into()),
        ("previous", |m, t| {
            m.remediation.previous[0].value = Some(t.into())
        }),
        ("previous path", |m, t| {
            m.remediation.previous[0].path = t.into()
        }),
    ];
    for hostile in HOSTILE {
        for (name, set) in &fields {
            let mut member = private(&code, "orders", "a");
            set(&mut member, hostile);
            assert_eq!(
                shape(&body_of(vec![member])),
                expected,
                "{name}: {hostile:?}"
            );
        }
    }
    // The link to the scanner's page is one, or it is nothing.
    for (url, kept) in [
        ("javascript:alert(1)", false),
        ("https://a.example/)](x", true),
        ("https://a b", false),
    ] {
        let mut member = private(&code, "orders", "a");
        member.findings[0].url = Some(url.into());
        let links = shape(&body_of(vec![member])).1;
        assert_eq!(links.len(), usize::from(kept), "{links:?}");
        assert!(
            links.iter().all(|l| l.starts_with("https://a.example/")),
            "{links:?}"
        );
    }
}

/// The built-in rules on one bucket: what the remedies make joins into one pull request, and its text is whole.
#[test]
fn three_built_in_rules_on_one_bucket_are_one_pull_request() {
    use tfmend::locate::{Located, Target};
    use tfmend::remedy::{Context, Fix, Parameters, compose, fix};
    use tfmend::rules::Catalogue;
    use tfmend::terraform::module::Configuration;

    let main = "terraform {\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \"~> 5.0\"\n    }\n  }\n}\n\n# Uploads of customers.\nresource \"aws_s3_bucket\" \"uploads\" {\n  bucket = \"acme-uploads\"\n}\n\nresource \"aws_s3_bucket\" \"other\" {\n  bucket = \"acme-other\"\n}\n";
    let code = estate(&[("main.tf", main)]);
    let cfg = Configuration::new(&code);
    let rules = Catalogue::embedded().unwrap();
    let context = Context {
        cfg: &cfg,
        catalogue: &rules,
        parameters: &Parameters::default(),
    };
    let mut parts = Vec::new();
    for (rule, control, name) in [
        ("s3-public-access", "S3.8", "uploads"),
        ("s3-no-versioning", "S3.14", "uploads"),
        ("s3-insecure-transport", "S3.5", "uploads"),
        ("s3-public-access", "S3.8", "other"),
    ] {
        let Some(rule) = rules.rule(rule) else {
            continue;
        };
        let mut f = finding(control, &format!("{control}/{name}"), Severity::High);
        f.resource.id = format!("arn:aws:s3:::acme-{name}");
        let located = Located {
            root: path(""),
            target: Target::Instance(format!("aws_s3_bucket.{name}").parse().unwrap()),
            evidence: Evidence::Identifier,
            confidence: Confidence::Exact,
            because: "Bucket names are unique in the world, and only this block has this one"
                .into(),
            workspace: None,
            held_parts: Vec::new(),
        };
        let with = serde_json::Value::Null;
        parts.push((
            f.clone(),
            located.clone(),
            fix(&context, &located, rule, &with, &f),
        ));
    }
    let count = parts.len();
    let fixes = compose(&context, parts.iter().map(|p| p.2.clone()).collect());
    let fixed: Vec<Fixed> = parts
        .into_iter()
        .zip(fixes)
        .map(|((finding, located, _), fix)| match fix {
            Fix::Remediation(remediation) => Fixed {
                findings: vec![finding],
                located,
                remediation: *remediation,
            },
            other => panic!("{other:?}"),
        })
        .collect();
    let plan = propose(
        fixed,
        &Occasion {
            estate: &code,
            catalogue: &rules,
            proposals: &[],
            fates: &BTreeMap::new(),
            limits: &Limits::default(),
            writing: &Writing::default(),
        },
    );
    assert!(plan.unfit.is_empty(), "{:?}", plan.unfit);
    let members: Vec<usize> = plan
        .steps
        .iter()
        .map(|s| s.request.as_ref().unwrap().change.members.len())
        .collect();
    assert_eq!(members.iter().sum::<usize>(), count);
    assert_eq!(members.len(), 2, "one pull request a bucket");
    let text = shown(&plan);
    assert!(
        text.contains("the revert takes the new code away"),
        "{text}"
    );
}
