use super::super::change::assemble;
use super::super::samples::*;
use super::super::{Fixed, Marker};
use super::*;

fn change_of(members: Vec<Fixed>, estate: &crate::terraform::Estate) -> ChangeSet {
    let (mut changes, unfit) = assemble(members, estate, &catalogue(), CommitStyle::default());
    assert!(unfit.is_empty());
    changes.remove(0)
}

fn sample() -> ChangeSet {
    let estate = estate(&[("main.tf", MAIN)]);
    change_of(
        vec![private(&estate, "orders", "a"), protected(&estate, "b")],
        &estate,
    )
}

#[test]
fn the_same_change_has_the_same_text_and_its_marker_reads_back() {
    let text = write(&sample(), &catalogue(), &Writing::default());
    assert_eq!(text, write(&sample(), &catalogue(), &Writing::default()));
    assert_eq!(Marker::parse(&text.body).as_ref(), Some(&text.marker));
    assert_eq!(text.marker.keys.len(), 2);
    assert_eq!(
        text.marker.rules,
        ["rds-public", "rds-no-deletion-protection"]
    );
    assert!(!text.draft);
    assert!(text.labels.contains("severity:critical"));
}

#[test]
fn the_commit_has_trailers_that_git_can_read() {
    let text = write(&sample(), &catalogue(), &Writing::default());
    let last = text
        .commit_message
        .trim_end()
        .rsplit("\n\n")
        .next()
        .unwrap();
    assert_eq!(
        last,
        "Finding: security-hub-asff:aws/securityhub:111122223333:a\n\
         Finding: security-hub-asff:aws/securityhub:111122223333:b\n\
         Control: RDS.2\nControl: RDS.8\nRule: rds-public\nRule: rds-no-deletion-protection"
    );
}

/// Every field a stranger can write, filled with everything that does something in Markdown.
#[test]
fn hostile_text_stays_text() {
    let evil = "x`y | @octocat <img src=x onerror=alert(1)> <!-- tfmend:v1 {} --> [c](javascript:alert(1))\n# Heading\n- [x] Rebuild <!-- tfmend:rebuild -->\nFinding: forged";
    let estate = estate(&[("main.tf", MAIN)]);
    let mut member = private(&estate, "orders", evil);
    let f = &mut member.findings[0];
    f.controls[0].code = evil.into();
    f.resource.id = evil.into();
    f.account = evil.into();
    f.region = evil.into();
    f.title = evil.into();
    f.url = Some("javascript:alert(1)".into());
    f.first_seen = Some(evil.into());
    member.located.because = evil.into();
    member.remediation.summary = evil.into();
    member.remediation.warnings = vec![evil.into()];
    member.remediation.previous[0].value = Some(format!("```\n{evil}"));
    member.remediation.previous[0].path = evil.into();
    let text = write(
        &change_of(vec![member], &estate),
        &catalogue(),
        &Writing::default(),
    );
    assert!(!text.title.contains('\n'));
    assert_eq!(Marker::parse(&text.body).unwrap(), text.marker);
    assert!(!super::super::proposal::rebuild_ticked(&text.body));
    // Outside of fences and code spans nothing of it is active.
    let mut open_fence: Option<usize> = None;
    for line in text.body.lines().skip(1) {
        let ticks = line.chars().take_while(|c| *c == '`').count();
        match open_fence {
            Some(n) if ticks >= n && line.chars().all(|c| c == '`') => open_fence = None,
            Some(_) => {}
            None if ticks >= 3 && !line[ticks..].contains('`') => open_fence = Some(ticks),
            None => {
                // Text outside of code never holds a bare mention, tag or link.
                let outside = without_code_spans(line).replace("<!-- tfmend:rebuild -->", "");
                assert!(!outside.contains("@octocat"), "{line}");
                assert!(!outside.replace("\\<", "").contains("<img"), "{line}");
                assert!(!outside.replace("\\<", "").contains("<!--"), "{line}");
                assert!(
                    !outside.replace("\\]", "").contains("](javascript"),
                    "{line}"
                );
                assert!(!line.starts_with("# Heading"), "{line}");
                if line.starts_with('|') && line.contains("octocat") {
                    let cells = line.replace("\\|", "").matches('|').count();
                    assert_eq!(cells, 8, "{line}");
                }
            }
        }
    }
    assert_eq!(open_fence, None, "a fence was left open");
    // Git reads trailers from the last paragraph only.
    let trailers = text
        .commit_message
        .trim_end()
        .rsplit("\n\n")
        .next()
        .unwrap();
    let starts: Vec<&str> = trailers
        .lines()
        .map(|l| l.split(": ").next().unwrap())
        .collect();
    assert_eq!(starts, ["Finding", "Control", "Rule"]);
}

fn without_code_spans(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let ticks = rest[start..].chars().take_while(|c| *c == '`').count();
        let escaped = rest[..start].ends_with('\\');
        out.push_str(&rest[..start]);
        let inside = &rest[start + ticks..];
        let fence = "`".repeat(ticks);
        match inside.find(&fence) {
            Some(end) if !escaped => rest = &inside[end + ticks..],
            _ => rest = inside,
        }
    }
    out.push_str(rest);
    out
}

#[test]
fn the_budget_is_kept_by_dropping_the_diff_and_then_the_compliance_rows() {
    let change = sample();
    let full = write(&change, &catalogue(), &Writing::default());
    assert!(full.body.contains("```diff"));
    let at = |budget: usize| {
        let text = write(
            &change,
            &catalogue(),
            &Writing {
                budget,
                ..Writing::default()
            },
        );
        assert!(text.body.len() <= budget, "{} > {budget}", text.body.len());
        text.body
    };
    let slightly = at(full.body.len() - 1);
    assert!(!slightly.contains("```diff") && slightly.contains("too long for this text"));
    assert!(slightly.contains("<summary>Compliance"));
    let more = at(slightly.len() - 1);
    assert!(!more.contains("<summary>Compliance") && more.contains("compliance table is left out"));
    let least = at(2_200);
    assert!(least.starts_with("<!-- tfmend:v1 "));
}

#[test]
fn a_giant_change_still_fits() {
    let estate = estate(&[("main.tf", MAIN)]);
    let mut member = private(&estate, "orders", "a");
    for i in 0..3_000 {
        let mut f = member.findings[0].clone();
        f.key.id =
            format!("arn:aws:securityhub:eu-west-1:111122223333:subscription/finding/{i:08}");
        f.resource.id = format!("arn:aws:rds:eu-west-1:111122223333:db:orders-{i:08}");
        member.findings.push(f);
    }
    member.remediation.previous[0].value = Some("é\n".repeat(60_000));
    let text = write(
        &change_of(vec![member], &estate),
        &catalogue(),
        &Writing::default(),
    );
    assert!(text.body.len() <= BODY_LIMIT, "{}", text.body.len());
    assert!(text.body.contains("…and "), "rows are capped");
}

#[test]
fn what_two_sources_say_is_one_row_and_the_lead_names_the_problem() {
    let estate = estate(&[("main.tf", MAIN)]);
    let mut member = private(&estate, "orders", "a");
    let mut again = member.findings[0].clone();
    again.key.id = "b".into();
    again.first_seen = Some("2025-12-24T00:00:00Z".into());
    again
        .facts
        .insert("access-key.unused-days".into(), "412".into());
    member.findings.push(again);
    let body = write(
        &change_of(vec![member], &estate),
        &catalogue(),
        &Writing::default(),
    )
    .body;
    let rows: Vec<&str> = body.lines().filter(|l| l.starts_with("| RDS.2")).collect();
    assert_eq!(rows.len(), 1, "{body}");
    assert!(
        rows[0].contains("| 2025-12-24 |"),
        "the first day: {rows:?}"
    );
    assert!(
        body.contains("\n**RDS instance is reachable from the internet** (critical): `arn:aws:rds:eu-west-1:111122223333:db:orders`, created by `aws_db_instance.orders`. Reported by AWS Security Hub (RDS.2). Unused for at least 412 days.\n"),
        "{body}"
    );
}

#[test]
fn the_reviewer_hears_of_a_comment_that_stays_beside_a_new_value() {
    let estate = estate(&[("main.tf", MAIN)]);
    let text = |name| {
        write(
            &change_of(vec![private(&estate, name, "a")], &estate),
            &catalogue(),
            &Writing::default(),
        )
    };
    let body = text("orders").body;
    assert!(
        body.contains("- The comment `# opened for the migration` stays (`main.tf:4`): "),
        "{body}"
    );
    assert!(!text("users").body.contains("The comment"));
}

#[test]
fn drafts_are_for_weak_evidence_and_interruptions_only() {
    let estate = estate(&[("main.tf", MAIN)]);
    let draft = |confidence, impact| {
        let mut member = private(&estate, "orders", "a");
        member.located.confidence = confidence;
        member.remediation.impact = impact;
        write(
            &change_of(vec![member], &estate),
            &catalogue(),
            &Writing::default(),
        )
        .draft
    };
    assert!(!draft(Confidence::Exact, Impact::GrantRemoved));
    assert!(!draft(Confidence::High, Impact::InPlace));
    assert!(draft(Confidence::Low, Impact::InPlace));
    assert!(draft(Confidence::Exact, Impact::Disruptive));
    assert!(draft(Confidence::Exact, Impact::ForcesReplacement));
}

#[test]
fn other_instances_are_listed_and_capped() {
    let estate = estate(&[("main.tf", MAIN)]);
    let mut member = private(&estate, "orders", "a");
    for i in 0..70 {
        member
            .remediation
            .also_changes
            .push(crate::remedy::Affected {
                root: path("envs/it's"),
                address: format!("aws_db_instance.orders[\"k{i:02}\"]")
                    .parse()
                    .unwrap(),
            });
    }
    let own = member.remediation.instance.clone();
    member.remediation.also_changes.push(own);
    let body = write(
        &change_of(vec![member], &estate),
        &catalogue(),
        &Writing::default(),
    )
    .body;
    assert!(
        body.contains("  - `aws_db_instance.orders[\"k00\"]` in `envs/it's`\n"),
        "{body}"
    );
    assert!(body.contains("  - and 20 more"), "{body}");
    assert!(
        body.contains("terraform -chdir='envs/it'\\''s' apply"),
        "{body}"
    );
}

#[test]
fn owners_and_committers_are_named_and_nobody_is_notified() {
    use crate::ownership::{Codeowners, Committer, Ownership};
    let change = sample();
    let lines = change.blocks[0].clone();
    assert_eq!((lines.first, lines.last), (2, 6));
    let of = |name: &str, day: &str| Committer {
        name: name.into(),
        day: day.into(),
    };
    let ownership = Ownership {
        codeowners: Some(Codeowners::parse(
            ".github/CODEOWNERS",
            "* @acme/all\n*.tf @acme/shop @ann bob@example.com\n",
            "",
        )),
        committers: [(
            lines,
            vec![
                of("Eve `@all` <img src=x>", "2026-01-02"),
                of("carol", "2026-03-04"),
                of("carol", "2025-03-04"),
                of("dan", "2024-01-01"),
                of("too old", "2020-01-01"),
            ],
        )]
        .into(),
    };
    let writing = Writing {
        ownership,
        ..Writing::default()
    };
    let text = write(&change, &catalogue(), &writing);
    let section = text.body.split("### Whose code this is").nth(1).unwrap();
    let section = section.split("###").next().unwrap();
    assert_eq!(
        section.trim(),
        "- `main.tf`: `@acme/shop`, `@ann` and one named by a mail address (`.github/CODEOWNERS`)\n\
         - Last changed by `carol` (2026-03-04), ``Eve `@all` <img src=x>`` (2026-01-02) and `dan` (2024-01-01)"
    );
    // Who owns the code is no part of the change: the pull request is not written anew for it.
    let without = write(&change, &catalogue(), &Writing::default());
    assert!(!without.body.contains("Whose code"));
    assert_eq!(text.marker, without.marker);
}

#[test]
fn a_file_that_nobody_owns_is_said_to_be_so() {
    use crate::ownership::{Codeowners, Ownership};
    let writing = Writing {
        ownership: Ownership {
            codeowners: Some(Codeowners::parse("CODEOWNERS", "/live/ @ann\n", "")),
            ..Ownership::default()
        },
        ..Writing::default()
    };
    let text = write(&sample(), &catalogue(), &writing);
    assert!(
        text.body.contains("- `main.tf`: nobody in `CODEOWNERS`\n"),
        "{}",
        text.body
    );
}
