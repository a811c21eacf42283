//! Objects by their ids, ARNs and names.

use super::*;

#[test]
fn finds_by_arn_id_and_name() {
    let i = index(vec![in_root(V4, "a/s", "a")]);
    let us = vec![(
        "module.logs[\"a.b\"].aws_s3_bucket.this[\"us\"]".to_owned(),
        true,
    )];
    assert_eq!(found(&i, "aws_s3_bucket", "arn:aws:s3:::logs-us"), us);
    assert_eq!(found(&i, "aws_s3_bucket", "logs-us"), us);
    for near in [
        "logs",
        "logs-us-2",
        "arn:aws:s3:::logs-u",
        "arn:aws-cn:s3:::logs-us",
        "old",
        "read",
    ] {
        assert_eq!(found(&i, "aws_s3_bucket", near), [], "{near}");
    }
    let crm = vec![("aws_db_instance.crm[0]".to_owned(), true)];
    assert_eq!(
        found(
            &i,
            "aws_db_instance",
            "arn:aws:rds:eu-west-1:111122223333:db:crm"
        ),
        crm
    );
    assert_eq!(
        found(
            &i,
            "aws_db_instance",
            "arn:aws:rds:eu-west-1:999922223333:db:crm"
        ),
        [],
        "another account's database of that name"
    );
    assert_eq!(
        found(
            &i,
            "aws_rds_cluster_instance",
            "arn:aws:rds:eu-west-1:111122223333:db:crm"
        ),
        [],
        "another type"
    );
    assert_eq!(
        i.holders("arn:aws:rds:eu-west-1:111122223333:db:crm").len(),
        1
    );
    assert_eq!(i.holders("arn:aws:rds:eu-west-1:111122223333:db:cr"), []);
    assert_eq!(i.of_root(&path("a")).count(), 1);
    assert_eq!(i.of_root(&path("b")).count(), 0);
}

#[test]
fn a_name_counts_only_in_its_account_and_region() {
    let i = with(&[
        (
            "aws_db_instance",
            "bare",
            r#"{"id":"crm","identifier":"crm"}"#,
        ),
        (
            "aws_sns_topic",
            "t",
            r#"{"arn":"arn:aws:sns:eu-west-1:111122223333:t"}"#,
        ),
    ]);
    let bare = |proved| vec![("aws_db_instance.bare".to_owned(), proved)];
    assert_eq!(
        found(
            &i,
            "aws_db_instance",
            "arn:aws:rds:eu-west-1:111122223333:db:crm"
        ),
        bare(true),
        "the rest of the state says which account it is"
    );
    assert_eq!(
        found(
            &i,
            "aws_db_instance",
            "arn:aws:rds:eu-west-2:111122223333:db:crm"
        ),
        []
    );
    assert_eq!(
        found(
            &i,
            "aws_db_instance",
            "arn:aws:rds:eu-west-1:999922223333:db:crm"
        ),
        []
    );
    assert_eq!(found(&i, "aws_db_instance", "crm"), bare(false));
    let lone = with(&[(
        "aws_db_instance",
        "bare",
        r#"{"id":"crm","identifier":"crm"}"#,
    )]);
    assert_eq!(
        found(
            &lone,
            "aws_db_instance",
            "arn:aws:rds:eu-west-1:111122223333:db:crm"
        ),
        bare(false)
    );
    let two = with(&[
        (
            "aws_iam_role",
            "r",
            r#"{"arn":"arn:aws:iam::111122223333:role/r"}"#,
        ),
        (
            "aws_iam_role",
            "q",
            r#"{"arn":"arn:aws:iam::999922223333:role/q"}"#,
        ),
        ("aws_iam_user", "u", r#"{"id":"u","name":"u"}"#),
    ]);
    assert_eq!(
        found(&two, "aws_iam_user", "arn:aws:iam::111122223333:user/u"),
        [("aws_iam_user.u".to_owned(), false)],
        "two accounts in one state prove none"
    );
}

#[test]
fn ids_and_parts() {
    let i = with(&[
        (
            "aws_security_group",
            "g",
            r#"{"id":"sg-1","name":"web","arn":"arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"}"#,
        ),
        (
            "aws_security_group_rule",
            "r1",
            r#"{"id":"sgrule-1","security_group_id":"sg-1"}"#,
        ),
        (
            "aws_security_group_rule",
            "r2",
            r#"{"id":"sgrule-2","security_group_id":"sg-2"}"#,
        ),
        ("aws_iam_access_key", "k", r#"{"id":"AKIA1","user":"bob"}"#),
        (
            "aws_iam_user",
            "bob",
            r#"{"id":"bob","name":"bob","arn":"arn:aws:iam::111122223333:user/bob"}"#,
        ),
        (
            "aws_alb",
            "front",
            r#"{"arn":"arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/5","name":"front"}"#,
        ),
        (
            "aws_sqs_queue",
            "q",
            r#"{"id":"https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"}"#,
        ),
    ]);
    let g = vec![("aws_security_group.g".to_owned(), true)];
    assert_eq!(found(&i, "aws_security_group", "sg-1"), g);
    assert_eq!(
        found(
            &i,
            "aws_security_group",
            "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"
        ),
        g
    );
    assert_eq!(found(&i, "aws_security_group", "sg-11"), []);
    assert_eq!(
        found(&i, "aws_security_group", "web"),
        [("aws_security_group.g".to_owned(), false)],
        "a group's name is unique only in its VPC"
    );
    assert_eq!(
        found(&i, "aws_iam_access_key", "AKIA1"),
        [("aws_iam_access_key.k".to_owned(), true)]
    );
    assert_eq!(
        found(
            &i,
            "aws_lb",
            "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/5"
        ),
        [("aws_alb.front".to_owned(), true)]
    );
    assert_eq!(
        found(
            &i,
            "aws_sqs_queue",
            "arn:aws:sqs:eu-west-1:111122223333:jobs"
        ),
        [("aws_sqs_queue.q".to_owned(), true)]
    );
    let parts = |kind: &str, owner: &str, id: &str| -> Vec<(String, bool)> {
        let sought = identity::of(owner).unwrap().read(id).unwrap();
        i.find_parts(kind, &sought)
            .iter()
            .map(|hit| (hit.resource.address.to_string(), hit.proved))
            .collect()
    };
    assert_eq!(
        parts("aws_security_group_rule", "aws_security_group", "sg-1"),
        [("aws_security_group_rule.r1".to_owned(), true)]
    );
    assert_eq!(
        parts(
            "aws_iam_access_key",
            "aws_iam_user",
            "arn:aws:iam::111122223333:user/bob"
        ),
        [("aws_iam_access_key.k".to_owned(), true)]
    );
    assert_eq!(
        parts(
            "aws_iam_access_key",
            "aws_iam_user",
            "arn:aws:iam::999922223333:user/bob"
        ),
        []
    );
    assert_eq!(parts("aws_iam_role", "aws_iam_user", "bob"), []);
}

#[test]
fn types_without_a_row_are_found_by_arn_or_id_alone() {
    let i = with(&[(
        "aws_new_thing",
        "t",
        r#"{"id":"thing-1","arn":"arn:aws:new:eu-west-1:111122223333:thing/1","name":"n"}"#,
    )]);
    let ask = |arn: Option<&str>, id: Option<&str>| {
        i.find(
            "aws_new_thing",
            &identity::Sought {
                arn: arn.map(str::to_owned),
                id: id.map(str::to_owned),
                ..identity::Sought::default()
            },
        )
        .len()
    };
    assert_eq!(
        ask(Some("arn:aws:new:eu-west-1:111122223333:thing/1"), None),
        1
    );
    assert_eq!(ask(None, Some("thing-1")), 1);
    assert_eq!(ask(None, Some("thing-2")), 0);
    assert_eq!(ask(None, Some("n")), 0);
}

#[test]
fn an_object_that_another_made_is_found_by_its_id() {
    let i = with(&[(
        "aws_vpc",
        "main",
        r#"{"id":"vpc-1","default_security_group_id":"sg-1"}"#,
    )]);
    let makers = i.makers("sg-1");
    assert_eq!(makers.len(), 1);
    assert_eq!(makers[0].0.resource.address.to_string(), "aws_vpc.main");
    assert_eq!(makers[0].1.attribute, "default_security_group_id");
    assert!(i.makers("sg-2").is_empty());
    assert!(i.makers("vpc-1").is_empty());
}

#[test]
fn an_iam_object_is_found_by_its_unique_id() {
    let i = with(&[(
        "aws_iam_role",
        "app",
        r#"{"id":"app","name":"app","unique_id":"AROAEXAMPLE","arn":"arn:aws:iam::111122223333:role/app"}"#,
    )]);
    assert_eq!(
        found(&i, "aws_iam_role", "AROAEXAMPLE"),
        [("aws_iam_role.app".to_owned(), false)]
    );
}
