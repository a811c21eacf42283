use super::super::samples::*;
use super::*;

fn assembled(fixed: Vec<Fixed>, estate: &Estate) -> (Vec<ChangeSet>, Vec<Unfit>) {
    assemble(fixed, estate, &catalogue(), CommitStyle::default())
}

#[test]
fn findings_on_one_block_are_one_pull_request_and_other_blocks_are_others() {
    let estate = estate(&[("main.tf", MAIN)]);
    let (changes, unfit) = assembled(
        vec![
            protected(&estate, "a"),
            private(&estate, "users", "b"),
            private(&estate, "orders", "c"),
        ],
        &estate,
    );
    assert!(unfit.is_empty());
    assert_eq!(changes.len(), 2);
    let joined = changes.iter().find(|c| c.members.len() == 2).unwrap();
    assert_eq!(
        joined.title,
        "fix(security): resolve 2 problems on aws_db_instance.orders [RDS.2, RDS.8]"
    );
    assert!(
        joined
            .id
            .starts_with("tfmend/rds-public/aws-db-instance-orders-"),
        "{}",
        joined.id
    );
    let text = String::from_utf8(joined.after[&path("main.tf")].clone()).unwrap();
    assert!(
        text.contains("publicly_accessible = false # opened for the migration"),
        "{text}"
    );
    assert!(text.contains("deletion_protection = true"), "{text}");
}

#[test]
fn the_identity_outlives_the_members() {
    let estate = estate(&[("main.tf", MAIN)]);
    let identity = |members: Vec<Fixed>| assembled(members, &estate).0[0].identity.clone();
    let both = identity(vec![
        private(&estate, "orders", "c"),
        protected(&estate, "a"),
    ]);
    assert_eq!(both, identity(vec![protected(&estate, "a")]));
    assert_eq!(both, identity(vec![private(&estate, "orders", "other")]));
    assert_ne!(both, identity(vec![private(&estate, "users", "b")]));
}

#[test]
fn the_order_of_the_input_does_not_matter() {
    let estate = estate(&[("main.tf", MAIN)]);
    let forth = vec![
        private(&estate, "orders", "c"),
        protected(&estate, "a"),
        private(&estate, "users", "b"),
    ];
    let back: Vec<Fixed> = forth.iter().rev().cloned().collect();
    let shown = |members| {
        assembled(members, &estate)
            .0
            .iter()
            .map(|c| (c.id.clone(), c.title.clone(), c.diff.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(forth), shown(back));
}

#[test]
fn one_edit_that_answers_findings_of_two_roots_is_one_pull_request() {
    let estate = estate(&[(
        "modules/db/main.tf",
        "resource \"aws_db_instance\" \"this\" {\n  publicly_accessible = true\n}\n",
    )]);
    let edit = splice(&estate, "modules/db/main.tf", "resource", "true", "false");
    let one = |root: &str, call: &str, id: &str| {
        fixed(
            finding("RDS.2", id, crate::finding::Severity::High),
            "rds-public",
            root,
            &format!("module.{call}.aws_db_instance.this"),
            edit.clone(),
        )
    };
    let (changes, _) = assembled(
        vec![one("envs/a", "db", "1"), one("envs/b", "store", "2")],
        &estate,
    );
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].edits.len(), 1);
    assert_eq!(
        changes[0].title,
        "fix(security): make the database private on aws_db_instance.this in modules/db [RDS.2]"
    );
}

#[test]
fn two_calls_of_one_module_fixed_at_the_call_are_two_pull_requests() {
    let calls = "module \"a\" {\n  source = \"../m\"\n  public = true\n}\n\nmodule \"b\" {\n  source = \"../m\"\n  public = true\n}\n";
    let estate = estate(&[("live/main.tf", calls)]);
    let one = |call: &str| {
        let edit = splice(
            &estate,
            "live/main.tf",
            &format!("\"{call}\" {{"),
            "true",
            "false",
        );
        fixed(
            finding("RDS.2", call, crate::finding::Severity::High),
            "rds-public",
            "live",
            &format!("module.{call}.aws_db_instance.this"),
            edit,
        )
    };
    let (changes, _) = assembled(vec![one("a"), one("b")], &estate);
    assert_eq!(changes.len(), 2);
    assert_ne!(changes[0].identity, changes[1].identity);
}

#[test]
fn one_new_file_for_two_blocks_is_one_pull_request() {
    let estate = estate(&[("main.tf", MAIN)]);
    let new = |name: &str, text: &str| {
        let mut member = private(&estate, "orders", name);
        member.located.target = Target::Home(path("account.tf"));
        member.remediation.block = format!("aws_x.{name}");
        member.remediation.file = path("account.tf");
        member.remediation.edits = vec![Edit::NewFile {
            file: path("account.tf"),
            text: text.to_owned(),
        }];
        member
    };
    let text = "resource \"aws_x\" \"a\" {\n}\n";
    let (changes, unfit) = assembled(vec![new("a", text), new("b", text)], &estate);
    assert_eq!((changes.len(), unfit.len()), (1, 0));
    assert_eq!(changes[0].before[&path("account.tf")], None);
    assert!(
        changes[0].diff.starts_with("--- /dev/null"),
        "{}",
        changes[0].diff
    );
}

#[test]
fn edits_that_contradict_each_other_leave_the_second_out() {
    let estate = estate(&[("main.tf", MAIN)]);
    let first = private(&estate, "orders", "a");
    let mut second = private(&estate, "orders", "b");
    second.remediation.rule = "z-other".into();
    second.remediation.edits = vec![splice(&estate, "main.tf", "\"orders\" {", "true", "null")];
    let (changes, unfit) = assembled(vec![second, first], &estate);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].members.len(), 1);
    assert_eq!(unfit.len(), 1);
    assert_eq!(unfit[0].fixed.remediation.rule, "z-other");
    assert!(
        matches!(unfit[0].reason, UnfitReason::Edit(_)),
        "{}",
        unfit[0].reason
    );
}

#[test]
fn an_edit_that_changes_nothing_is_no_pull_request() {
    let estate = estate(&[("main.tf", MAIN)]);
    let mut member = private(&estate, "orders", "a");
    member.remediation.edits = vec![splice(&estate, "main.tf", "\"orders\" {", "true", "true")];
    let (changes, unfit) = assembled(vec![member], &estate);
    assert!(changes.is_empty());
    assert!(matches!(unfit[0].reason, UnfitReason::Nothing(..)));
}

#[test]
fn a_stale_edit_is_reported() {
    let old = estate(&[("main.tf", MAIN)]);
    let new = estate(&[("main.tf", &MAIN.replace("Databases", "All databases"))]);
    let (changes, unfit) = assembled(vec![private(&old, "orders", "a")], &new);
    assert!(changes.is_empty());
    assert!(
        unfit[0].reason.to_string().contains("run the plan again"),
        "{}",
        unfit[0].reason
    );
}
