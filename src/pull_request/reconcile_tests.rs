use super::super::samples::*;
use super::super::{CommitStyle, Fixed, Marker, Occasion, Plan, Writing, propose};
use super::*;
use crate::terraform::Estate;

fn run(fixed: Vec<Fixed>, estate: &Estate, proposals: &[Proposal]) -> Plan {
    run_with(
        fixed,
        estate,
        proposals,
        &BTreeMap::new(),
        &Limits::default(),
    )
}

fn run_with(
    fixed: Vec<Fixed>,
    estate: &Estate,
    proposals: &[Proposal],
    fates: &BTreeMap<String, Fate>,
    limits: &Limits,
) -> Plan {
    propose(
        fixed,
        &Occasion {
            estate,
            catalogue: &catalogue(),
            proposals,
            fates,
            limits,
            writing: &Writing {
                style: CommitStyle::ConventionalScoped,
                ..Writing::default()
            },
        },
    )
}

/// The pull requests as the forge would show them after the plan's openings.
fn opened(plan: &Plan) -> Vec<Proposal> {
    plan.steps
        .iter()
        .filter(|s| s.step == Step::Open)
        .enumerate()
        .map(|(i, s)| {
            let text = &s.request.as_ref().unwrap().text;
            Proposal {
                number: i as u64 + 1,
                url: format!("pull/{}", i + 1),
                branch: s.id.clone(),
                head: Some(format!("head{i}")),
                base: "main".into(),
                state: ProposalState::Open,
                only_ours: true,
                mergeable: Some(true),
                landed: false,
                title: text.title.clone(),
                labels: s.labels.clone(),
                marker: Marker::parse(&text.body),
                rebuild_requested: false,
                notes: BTreeSet::new(),
            }
        })
        .collect()
}

fn main_tf() -> Estate {
    estate(&[("main.tf", MAIN)])
}

fn words(plan: &Plan) -> Vec<&'static str> {
    plan.steps.iter().map(|s| s.step.word()).collect()
}

fn fate(id: &str, fate: Fate) -> BTreeMap<String, Fate> {
    [(
        format!("security-hub-asff:aws/securityhub:111122223333:{id}"),
        fate,
    )]
    .into()
}

#[test]
fn again_is_up_to_date() {
    let code = main_tf();
    let fixes = || vec![private(&code, "orders", "a"), private(&code, "users", "b")];
    let first = run(fixes(), &code, &[]);
    assert_eq!(words(&first), ["open", "open"]);
    let users = first
        .answering("security-hub-asff:aws/securityhub:111122223333:b")
        .unwrap();
    assert!(users.id.contains("users"), "{}", users.id);
    assert!(
        first
            .answering("security-hub-asff:aws/securityhub:111122223333:c")
            .is_none()
    );
    let second = run(fixes(), &code, &opened(&first));
    assert!(
        second
            .steps
            .iter()
            .all(|s| s.step == Step::Leave("up to date".into())),
        "{:?}",
        words(&second)
    );
    assert_eq!(second.steps.len(), 2);
}

#[test]
fn unrelated_changes_of_the_file_do_not_push() {
    let code = main_tf();
    let there = opened(&run(vec![private(&code, "orders", "a")], &code, &[]));
    let grown = estate(&[(
        "main.tf",
        &format!("# one\n# two\n# three\n# four\n# five\n{MAIN}"),
    )]);
    let plan = run(vec![private(&grown, "orders", "a")], &grown, &there);
    // The line number in the sample's text is the same, so nothing at all is to do.
    assert_eq!(words(&plan), ["leave"]);
}

#[test]
fn a_change_of_the_block_pushes_and_a_change_of_the_text_does_not() {
    let code = main_tf();
    let there = opened(&run(vec![private(&code, "orders", "a")], &code, &[]));
    let moved = estate(&[(
        "main.tf",
        &MAIN.replace(
            "identifier          = \"orders\"",
            "identifier          = \"orders-2\"",
        ),
    )]);
    let plan = run(vec![private(&moved, "orders", "a")], &moved, &there);
    assert_eq!(plan.steps[0].step, Step::Update);
    assert!(plan.steps[0].push);
    assert_eq!(plan.steps[0].expected_head.as_deref(), Some("head0"));

    let mut warned = private(&code, "orders", "a");
    warned
        .remediation
        .warnings
        .push("Mind the migration".into());
    let plan = run(vec![warned], &code, &there);
    assert_eq!(plan.steps[0].step, Step::Update);
    assert!(!plan.steps[0].push);
}

#[test]
fn a_conflict_is_resolved_by_making_it_anew() {
    let code = main_tf();
    let mut there = opened(&run(vec![private(&code, "orders", "a")], &code, &[]));
    there[0].mergeable = Some(false);
    let plan = run(vec![private(&code, "orders", "a")], &code, &there);
    assert!(plan.steps[0].step == Step::Update && plan.steps[0].push);
    there[0].mergeable = None;
    assert_eq!(
        words(&run(vec![private(&code, "orders", "a")], &code, &there)),
        ["leave"]
    );
}

#[test]
fn a_finding_joins_and_leaves_and_the_branch_stays() {
    let code = main_tf();
    let there = opened(&run(vec![protected(&code, "p")], &code, &[]));
    let branch = there[0].branch.clone();
    assert!(branch.contains("rds-no-deletion-protection"));
    // A critical one joins: it would give another branch name.
    let joined = run(
        vec![protected(&code, "p"), private(&code, "orders", "a")],
        &code,
        &there,
    );
    assert_eq!(words(&joined), ["update"]);
    assert_eq!(joined.steps[0].id, branch);
    // The first is resolved, the other remains.
    let marker = joined.steps[0]
        .request
        .as_ref()
        .unwrap()
        .text
        .marker
        .clone();
    let title = marker.title.clone();
    let there = vec![Proposal {
        marker: Some(marker),
        title,
        ..there[0].clone()
    }];
    let left = run(vec![private(&code, "orders", "a")], &code, &there);
    assert_eq!(words(&left), ["update"]);
    assert_eq!(left.steps[0].id, branch);
}

#[test]
fn moved_code_keeps_its_pull_request() {
    let code = main_tf();
    let there = opened(&run(vec![private(&code, "orders", "a")], &code, &[]));
    let renamed = estate(&[("db.tf", &MAIN.replace("\"orders\" {", "\"shop\" {"))]);
    let edit = splice(&renamed, "db.tf", "\"shop\" {", "true", "false");
    let moved = fixed(
        finding("RDS.2", "a", Severity::Critical),
        "rds-public",
        "",
        "aws_db_instance.shop",
        edit,
    );
    let plan = run(vec![moved], &renamed, &there);
    assert_eq!(words(&plan), ["update"]);
    assert_eq!(plan.steps[0].proposal, Some(1));
    assert_eq!(plan.steps[0].id, there[0].branch);
}

#[test]
fn what_a_person_closed_stays_closed_even_when_the_finding_or_the_code_is_another() {
    let code = main_tf();
    let mut there = opened(&run(vec![private(&code, "orders", "a")], &code, &[]));
    there[0].state = ProposalState::ClosedByPerson;
    // The same finding; then a new finding of the same problem.
    for id in ["a", "other-key"] {
        let plan = run(vec![private(&code, "orders", id)], &code, &there);
        assert_eq!(words(&plan), ["leave"], "{id}");
        assert_eq!(plan.remembered.len(), 1);
        assert_eq!(plan.steps[0].note.as_ref().unwrap().0, Note::Closed);
    }
    // Said once.
    there[0].notes.insert(Note::Closed);
    assert!(
        run(vec![private(&code, "orders", "a")], &code, &there).steps[0]
            .note
            .is_none()
    );
    // Another problem on the block is proposed, on a branch of its own, and found again.
    let both = || vec![private(&code, "orders", "a"), protected(&code, "p")];
    let plan = run(both(), &code, &there);
    assert_eq!(words(&plan), ["open", "leave"]);
    assert_ne!(plan.steps[0].id, there[0].branch);
    let mut two = opened(&plan);
    two[0].number = 2;
    two.push(there[0].clone());
    let again = run(both(), &code, &two);
    assert_eq!(words(&again), ["leave", "leave"]);
    assert_eq!(again.steps[0].step.reason(), Some("up to date"));
}

#[test]
fn a_branch_with_other_peoples_commits_is_left_alone_and_told_once() {
    let code = main_tf();
    let mut there = opened(&run(vec![private(&code, "orders", "a")], &code, &[]));
    there[0].only_ours = false;
    there[0].mergeable = Some(false);
    let plan = run(vec![private(&code, "orders", "a")], &code, &there);
    assert_eq!(words(&plan), ["leave"]);
    assert_eq!(plan.steps[0].note.as_ref().unwrap().0, Note::HumanCommits);
    there[0].notes.insert(Note::HumanCommits);
    assert!(
        run(vec![private(&code, "orders", "a")], &code, &there).steps[0]
            .note
            .is_none()
    );
    // Nor is it closed when it is obsolete.
    let gone = run_with(
        vec![],
        &code,
        &there,
        &fate("a", Fate::Safe("safe".into())),
        &Limits::default(),
    );
    assert_eq!(words(&gone), ["leave"]);
    // Unless somebody asks.
    there[0].rebuild_requested = true;
    let plan = run(vec![private(&code, "orders", "a")], &code, &there);
    assert!(plan.steps[0].step == Step::Update && plan.steps[0].push);
}

#[test]
fn the_pause_label_stops_everything() {
    let code = main_tf();
    let mut there = opened(&run(vec![private(&code, "orders", "a")], &code, &[]));
    there[0].labels.insert("tfmend:pause".into());
    there[0].mergeable = Some(false);
    there[0].rebuild_requested = true;
    assert_eq!(
        words(&run(vec![private(&code, "orders", "a")], &code, &there)),
        ["leave"]
    );
    let gone = run_with(
        vec![],
        &code,
        &there,
        &fate("a", Fate::Resolved("x".into())),
        &Limits::default(),
    );
    assert_eq!(words(&gone), ["leave"]);
}

#[test]
fn obsolete_needs_evidence() {
    let code = main_tf();
    let there = opened(&run(vec![private(&code, "orders", "a")], &code, &[]));
    let step = |fates: BTreeMap<String, Fate>| {
        run_with(vec![], &code, &there, &fates, &Limits::default())
            .steps
            .remove(0)
    };
    // Not in the input: no evidence.
    assert_eq!(step(BTreeMap::new()).step.word(), "leave");
    assert_eq!(
        step(fate("a", Fate::Safe("the code on main is safe".into()))).step,
        Step::Close("the code on main is safe".into())
    );
    assert_eq!(
        step(fate("a", Fate::Resolved("archived".into())))
            .step
            .word(),
        "close"
    );
    assert_eq!(
        step(fate("a", Fate::Suppressed("ignored".into())))
            .step
            .word(),
        "close"
    );
    let stuck = step(fate("a", Fate::Stuck("two states own it".into())));
    assert_eq!(stuck.step.word(), "leave");
    assert_eq!(stuck.note.unwrap().0, Note::NoLongerProposed);
    // The base holds the change already.
    let landed = vec![Proposal {
        landed: true,
        ..there[0].clone()
    }];
    assert_eq!(words(&run(vec![], &code, &landed)), ["close"]);
}

#[test]
fn a_pull_request_whose_findings_moved_into_another_is_closed() {
    let code = main_tf();
    let both = || vec![private(&code, "orders", "a"), private(&code, "users", "b")];
    let there = opened(&run(both(), &code, &[]));
    // Now one edit answers both.
    let mut one = private(&code, "orders", "a");
    one.findings
        .push(private(&code, "users", "b").findings.remove(0));
    let plan = run(vec![one], &code, &there);
    assert_eq!(words(&plan), ["close", "update"]);
    assert!(
        plan.steps[0]
            .step
            .reason()
            .unwrap()
            .contains("are part of #")
    );
}

#[test]
fn limits_hold_and_critical_ones_may_exceed_them() {
    let text: String = (0..20)
        .map(|i| {
            format!(
                "resource \"aws_db_instance\" \"d{i:02}\" {{\n  publicly_accessible = true\n}}\n\n"
            )
        })
        .collect();
    let code = estate(&[("main.tf", &text)]);
    let fixes = |critical: usize| -> Vec<Fixed> {
        (0..20)
            .map(|i| {
                let mut f = private(&code, &format!("d{i:02}"), &format!("k{i}"));
                f.findings[0].severity = if i < critical {
                    Severity::Critical
                } else {
                    Severity::High
                };
                f
            })
            .collect()
    };
    let limits = Limits {
        open: 4,
        per_run: 3,
        critical_extra: 2,
    };
    let count = |plan: &Plan, word| words(plan).iter().filter(|w| **w == word).count();
    let none = run_with(fixes(0), &code, &[], &BTreeMap::new(), &limits);
    assert_eq!((count(&none, "open"), count(&none, "defer")), (3, 17));
    assert!(
        none.steps
            .last()
            .unwrap()
            .step
            .reason()
            .unwrap()
            .contains("the limit is 3 a run")
    );
    let many = run_with(fixes(20), &code, &[], &BTreeMap::new(), &limits);
    assert_eq!(count(&many, "open"), 5);
    // The next run goes on where this one stopped and counts what is open.
    let there = opened(&none);
    let next = run_with(fixes(0), &code, &there, &BTreeMap::new(), &limits);
    assert_eq!(count(&next, "open"), 1);
    assert!(next.steps.iter().any(|s| {
        s.step
            .reason()
            .is_some_and(|r| r.contains("4 pull requests are open"))
    }));
    // Critical first.
    let mixed = run_with(fixes(2), &code, &[], &BTreeMap::new(), &limits);
    assert!(mixed.steps[0].id.contains("d00") && mixed.steps[1].id.contains("d01"));
}

#[test]
fn merged_ones_do_not_stand_in_the_way() {
    let code = main_tf();
    let mut there = opened(&run(vec![private(&code, "orders", "a")], &code, &[]));
    there[0].state = ProposalState::Merged;
    assert!(run(vec![], &code, &there).steps.is_empty());
    assert_eq!(
        words(&run(vec![private(&code, "orders", "a")], &code, &there)),
        ["open"]
    );
}

#[test]
fn people_keep_their_title_and_labels() {
    let code = main_tf();
    let mut there = opened(&run(vec![private(&code, "orders", "a")], &code, &[]));
    there[0].title = "JIRA-1: close the database".into();
    there[0].labels.insert("team-a".into());
    there[0].labels.insert("impact:interruption".into());
    there[0].mergeable = Some(false);
    let plan = run(vec![private(&code, "orders", "a")], &code, &there);
    let planned = &plan.steps[0];
    assert_eq!(
        planned.request.as_ref().unwrap().text.title,
        "JIRA-1: close the database"
    );
    assert!(planned.labels.contains("team-a") && planned.labels.contains("tfmend"));
    assert!(!planned.labels.contains("impact:interruption"));
}

#[test]
fn a_lost_marker_is_found_by_the_branch_and_restored() {
    let code = main_tf();
    let mut there = opened(&run(vec![private(&code, "orders", "a")], &code, &[]));
    there[0].marker = None;
    let plan = run(vec![private(&code, "orders", "a")], &code, &there);
    assert_eq!(words(&plan), ["update"]);
    // And a closed one without marker still speaks for its block.
    there[0].state = ProposalState::ClosedByPerson;
    assert_eq!(
        words(&run(vec![private(&code, "orders", "a")], &code, &there)),
        ["leave"]
    );
}

#[test]
fn an_opening_that_was_cut_short_gets_its_labels_and_one_missing_label_is_a_person() {
    let code = main_tf();
    let fixes = || vec![private(&code, "orders", "a")];
    let mut there = opened(&run(fixes(), &code, &[]));
    there[0].labels.remove("security");
    assert_eq!(words(&run(fixes(), &code, &there)), ["leave"]);
    there[0].labels = ["team-a".to_owned()].into();
    let plan = run(fixes(), &code, &there);
    assert_eq!(words(&plan), ["update"]);
    assert!(!plan.steps[0].push, "the branch is as it should be");
    assert!(plan.steps[0].labels.contains("team-a") && plan.steps[0].labels.contains("tfmend"));
}

#[test]
fn what_is_withheld_opens_and_changes_nothing_but_may_close() {
    let code = main_tf();
    let first = run(vec![private(&code, "orders", "a")], &code, &[]);
    let there = opened(&first);
    let withheld = first.withhold("public");
    assert_eq!(withheld.steps[0].step, Step::Defer("public".into()));
    assert!(!withheld.steps[0].push);
    // An open one that would be brought up to date stays as it is.
    let mut old = there.clone();
    old[0].marker.as_mut().unwrap().text = "old".into();
    let update = run(vec![private(&code, "orders", "a")], &code, &old);
    assert_eq!(words(&update), ["update"]);
    assert_eq!(words(&update.withhold("public")), ["leave"]);
    let mut landed = there;
    landed[0].landed = true;
    let close = run(Vec::new(), &code, &landed);
    assert_eq!(words(&close), ["close"]);
    assert_eq!(words(&close.withhold("public")), ["close"]);
}

#[test]
fn a_pull_request_that_is_closed_makes_room_for_another() {
    let code = main_tf();
    let there = opened(&run(vec![private(&code, "orders", "a")], &code, &[]));
    let limits = Limits {
        open: 1,
        per_run: 1,
        critical_extra: 0,
    };
    let next = |fates: &BTreeMap<String, Fate>| {
        words(&run_with(
            vec![private(&code, "users", "b")],
            &code,
            &there,
            fates,
            &limits,
        ))
    };
    assert_eq!(
        next(&fate("a", Fate::Resolved("archived".into()))),
        ["close", "open"]
    );
    assert_eq!(next(&BTreeMap::new()), ["defer", "leave"]);
}
