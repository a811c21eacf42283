use super::*;

fn read(kind: &str, id: &str) -> Option<Sought> {
    of(kind).unwrap().read(id)
}

fn name(kind: &str, id: &str) -> Option<String> {
    read(kind, id).and_then(|s| s.name)
}

fn id(kind: &str, id: &str) -> Option<String> {
    read(kind, id).and_then(|s| s.id)
}

#[test]
fn names_out_of_arns() {
    for (kind, arn, expected) in [
        ("aws_s3_bucket", "arn:aws:s3:::logs", "logs"),
        ("aws_s3_bucket", "arn:aws-cn:s3:::my.logs-2", "my.logs-2"),
        (
            "aws_db_instance",
            "arn:aws:rds:eu-west-1:111122223333:db:crm",
            "crm",
        ),
        (
            "aws_rds_cluster",
            "arn:aws:rds:eu-west-1:111122223333:cluster:crm",
            "crm",
        ),
        (
            "aws_db_snapshot",
            "arn:aws:rds:eu-west-1:111122223333:snapshot:rds:crm-2024-01-01-00-00",
            "rds:crm-2024-01-01-00-00",
        ),
        (
            "aws_iam_role",
            "arn:aws:iam::111122223333:role/service/team/app",
            "app",
        ),
        ("aws_iam_role", "arn:aws:iam::111122223333:role/app", "app"),
        (
            "aws_sqs_queue",
            "arn:aws:sqs:eu-west-1:111122223333:jobs.fifo",
            "jobs.fifo",
        ),
        (
            "aws_sns_topic",
            "arn:aws:sns:eu-west-1:111122223333:alarms",
            "alarms",
        ),
        (
            "aws_lambda_function",
            "arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST",
            "f",
        ),
        (
            "aws_lambda_function",
            "arn:aws:lambda:eu-west-1:111122223333:function:f",
            "f",
        ),
        (
            "aws_ecr_repository",
            "arn:aws:ecr:eu-west-1:111122223333:repository/acme/payments",
            "acme/payments",
        ),
        (
            "aws_kms_alias",
            "arn:aws:kms:eu-west-1:111122223333:alias/data",
            "data",
        ),
        (
            "aws_lb",
            "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/50dc6c495c0c9188",
            "front",
        ),
        (
            "aws_elb",
            "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/front",
            "front",
        ),
        (
            "aws_secretsmanager_secret",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b-c-AbCdEf",
            "a/b-c",
        ),
        (
            "aws_ssm_parameter",
            "arn:aws:ssm:eu-west-1:111122223333:parameter/a/b",
            "a/b",
        ),
        (
            "aws_cloudwatch_log_group",
            "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:*",
            "/aws/lambda/f",
        ),
        (
            "aws_autoscaling_group",
            "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:930d:autoScalingGroupName/web",
            "web",
        ),
        (
            "aws_dynamodb_table",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/carts",
            "carts",
        ),
        (
            "aws_cloudtrail",
            "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main",
            "main",
        ),
        (
            "google_storage_bucket",
            "//storage.googleapis.com/acme-data",
            "acme-data",
        ),
        (
            "google_storage_bucket",
            "https://www.googleapis.com/storage/v1/b/acme-data",
            "acme-data",
        ),
        (
            "google_compute_firewall",
            "//compute.googleapis.com/projects/p1/global/firewalls/ssh",
            "ssh",
        ),
    ] {
        assert_eq!(
            name(kind, arn).as_deref(),
            Some(expected),
            "{kind} from {arn}"
        );
    }
}

#[test]
fn ids_given_by_the_cloud() {
    for (kind, given, expected) in [
        ("aws_security_group", "sg-0a1b", "sg-0a1b"),
        (
            "aws_security_group",
            "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0a1b",
            "sg-0a1b",
        ),
        (
            "aws_default_security_group",
            "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0a1b",
            "sg-0a1b",
        ),
        (
            "aws_instance",
            "arn:aws:ec2:eu-west-1:111122223333:instance/i-0123",
            "i-0123",
        ),
        ("aws_instance", "i-0123", "i-0123"),
        (
            "aws_launch_template",
            "arn:aws:ec2:eu-west-1:111122223333:launch-template/lt-1",
            "lt-1",
        ),
        (
            "aws_kms_key",
            "arn:aws:kms:eu-west-1:111122223333:key/f8bb557b-4722",
            "f8bb557b-4722",
        ),
        ("aws_kms_key", "f8bb557b-4722", "f8bb557b-4722"),
        ("aws_iam_access_key", "AKIAEXAMPLE", "AKIAEXAMPLE"),
        (
            "aws_iam_access_key",
            "AWS::IAM::AccessKey:AKIAEXAMPLE",
            "AKIAEXAMPLE",
        ),
    ] {
        assert_eq!(
            id(kind, given).as_deref(),
            Some(expected),
            "{kind} from {given}"
        );
    }
}

#[test]
fn ids_of_other_things_say_nothing() {
    for (kind, given) in [
        ("aws_s3_bucket", "arn:aws:s3:::logs/key"),
        (
            "aws_s3_bucket",
            "arn:aws:s3:eu-west-1:111122223333:accesspoint/x",
        ),
        (
            "aws_db_instance",
            "arn:aws:rds:eu-west-1:111122223333:cluster:crm",
        ),
        (
            "aws_rds_cluster",
            "arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:crm",
        ),
        ("aws_iam_role", "arn:aws:iam::111122223333:user/app"),
        ("aws_instance", "sg-0a1b"),
        ("aws_security_group", "arn:aws:sqs:eu-west-1:1:sg-1"),
        (
            "aws_elb",
            "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/50dc",
        ),
        (
            "aws_lambda_function",
            "arn:aws:lambda:eu-west-1:111122223333:layer:f",
        ),
        ("aws_s3_bucket", "arn:aws:s3"),
        ("aws_s3_bucket", "arn:x:s3:::logs"),
        ("aws_s3_bucket", "arn:aws:s3:::"),
        ("aws_s3_bucket", ""),
        ("aws_s3_bucket", "https://logs.s3.amazonaws.com/"),
        ("aws_s3_bucket", "//storage.googleapis.com/logs"),
        ("google_storage_bucket", "arn:aws:s3:::logs"),
        (
            "google_storage_bucket",
            "//storage.googleapis.com/logs/object",
        ),
        ("google_storage_bucket", "//compute.googleapis.com/logs"),
        (
            "google_compute_firewall",
            "//compute.googleapis.com/projects/p1/zones/z/instances/ssh",
        ),
    ] {
        assert_eq!(read(kind, given), None, "{kind} from {given}");
    }
}

#[test]
fn account_region_and_partition_come_along() {
    let s = read(
        "aws_lambda_function",
        "arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:f:7",
    )
    .unwrap();
    assert_eq!(s.account.as_deref(), Some("111122223333"));
    assert_eq!(s.region.as_deref(), Some("us-gov-west-1"));
    assert_eq!(s.partition.as_deref(), Some("aws-us-gov"));
    assert_eq!(
        s.arn.as_deref(),
        Some("arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:f"),
        "the version is no part of the object's ARN"
    );
    let s = read("aws_s3_bucket", "arn:aws:s3:::logs").unwrap();
    assert_eq!((s.account, s.region), (None, None));
    let s = read(
        "google_compute_instance",
        "//compute.googleapis.com/projects/p1/zones/europe-west1-b/instances/web",
    )
    .unwrap();
    assert_eq!(s.account.as_deref(), Some("p1"));
    assert_eq!(s.region.as_deref(), Some("europe-west1-b"));
    assert_eq!(s.name.as_deref(), Some("web"));
}

#[test]
fn queue_urls() {
    let s = read(
        "aws_sqs_queue",
        "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs",
    )
    .unwrap();
    assert_eq!(s.name.as_deref(), Some("jobs"));
    assert_eq!(s.account.as_deref(), Some("111122223333"));
    assert_eq!(s.region.as_deref(), Some("eu-west-1"));
    let s = read("aws_sqs_queue", "http://localhost:5000/111122223333/jobs").unwrap();
    assert_eq!((s.name.as_deref(), s.region), (Some("jobs"), None));
    for url in [
        "https://sqs.eu-west-1.amazonaws.com/jobs",
        "https://h/111122223333/",
        "https://h/111122223333/a/b",
        "https://h/11112222333x/a",
    ] {
        assert_eq!(read("aws_sqs_queue", url), None, "{url}");
    }
}

#[test]
fn aliases_and_adopted_objects() {
    assert_eq!(of("aws_alb").unwrap().kind, "aws_lb");
    assert_eq!(canonical("aws_alb"), "aws_lb");
    assert_eq!(canonical("aws_s3_bucket"), "aws_s3_bucket");
    assert_eq!(same_object("aws_lb"), ["aws_lb", "aws_alb"]);
    assert_eq!(same_object("aws_alb"), ["aws_alb", "aws_lb"]);
    assert_eq!(same_object("aws_s3_bucket"), ["aws_s3_bucket"]);
    assert_eq!(of("aws_kms_alias").unwrap().plain("alias/x"), "x");
    assert_eq!(of("aws_kms_alias").unwrap().plain("x"), "x");
    assert!(of("aws_nothing").is_none());
}

#[test]
fn partitions() {
    for (region, partition) in [
        ("eu-west-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
    ] {
        assert_eq!(partition_of(region), partition);
    }
}

#[test]
fn the_table_is_sound() {
    let mut kinds = std::collections::BTreeSet::new();
    for row in rows() {
        assert!(kinds.insert(row.kind), "{} stands twice", row.kind);
        for shape in row.shapes {
            assert!(
                shape.contains("{name") || shape.contains("{id}"),
                "{}: {shape}",
                row.kind
            );
            assert_eq!(shape.matches('{').count(), shape.matches('}').count());
        }
        if let Some((_, owner)) = row.owner {
            assert!(of(owner).is_some(), "{}: owner {owner}", row.kind);
        }
    }
    for (alias, kind) in table::ALIASES {
        assert!(!kinds.contains(alias) && kinds.contains(kind), "{alias}");
    }
}

#[test]
fn other_ways_to_name_a_bucket() {
    for (kind, id, expected) in [
        (
            "google_storage_bucket",
            "//storage.googleapis.com/projects/_/buckets/acme-data",
            Some("acme-data"),
        ),
        (
            "google_storage_bucket",
            "projects/_/buckets/acme-data",
            Some("acme-data"),
        ),
        (
            "google_storage_bucket",
            "https://storage.googleapis.com/storage/v1/b/acme-data",
            Some("acme-data"),
        ),
        ("google_storage_bucket", "gs://acme-data", Some("acme-data")),
        ("google_storage_bucket", "gs://acme-data/key", None),
        ("google_storage_bucket", "s3://acme-data", None),
        ("aws_s3_bucket", "s3://acme-data/", Some("acme-data")),
        ("aws_s3_bucket", "s3://acme-data/key", None),
        ("aws_s3_bucket", "gs://acme-data", None),
        ("aws_s3_bucket", "s3:///", None),
        (
            "google_compute_firewall",
            "https://www.googleapis.com/compute/v1/projects/p1/global/firewalls/ssh",
            Some("ssh"),
        ),
        (
            "google_compute_firewall",
            "https://compute.googleapis.com/compute/beta/projects/p1/global/firewalls/ssh",
            None,
        ),
        (
            "google_compute_firewall",
            "projects/p1/global/firewalls/ssh",
            Some("ssh"),
        ),
        (
            "google_compute_firewall",
            "projects/p1/global/networks/ssh",
            None,
        ),
        ("aws_sqs_queue", "s3://jobs", None),
        ("aws_sqs_queue", "gs://h/111122223333/jobs", None),
    ] {
        assert_eq!(name(kind, id).as_deref(), expected, "{kind} from {id}");
    }
}

#[test]
fn names_that_the_cloud_keeps_in_lower_case() {
    assert_eq!(
        name("aws_db_instance", "Shop-DB").as_deref(),
        Some("shop-db")
    );
    assert_eq!(
        name(
            "aws_rds_cluster",
            "arn:aws:rds:eu-west-1:111122223333:cluster:shop"
        )
        .as_deref(),
        Some("shop")
    );
    assert_eq!(
        name("aws_iam_role", "Deploy").as_deref(),
        Some("Deploy"),
        "IAM keeps what was written"
    );
    let alias = of("aws_kms_alias").unwrap();
    assert_eq!(alias.canonical_name("alias/Data"), "Data");
}

#[test]
fn types_that_may_hold_one_object() {
    for (kind, others) in [
        (
            "aws_security_group",
            &["aws_security_group", "aws_default_security_group"][..],
        ),
        ("aws_default_vpc", &["aws_default_vpc", "aws_vpc"]),
        (
            "aws_docdb_cluster",
            &[
                "aws_docdb_cluster",
                "aws_rds_cluster",
                "aws_neptune_cluster",
            ],
        ),
        ("aws_alb", &["aws_alb", "aws_lb"]),
        ("aws_sqs_queue", &["aws_sqs_queue"]),
    ] {
        assert_eq!(rivals(kind), others);
    }
    // A type without a row would never be found.
    let without = ["aws_vpc_dhcp_options", "aws_default_vpc_dhcp_options"];
    for kind in table::RIVALS.iter().copied().flatten() {
        assert!(of(kind).is_some() || without.contains(kind), "{kind}");
    }
    for (maker, made) in makers() {
        assert!(of(maker).is_some(), "{maker}");
        for (path, kind) in made {
            assert!(of(kind).is_some(), "{kind}");
            assert!(path.matches('.').count() <= 1, "{path}");
        }
    }
    assert_eq!(made_by("aws_s3_bucket"), []);
}

#[test]
fn younger_partitions() {
    for (region, partition) in [
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eusc-de-east-1", "aws-eusc"),
    ] {
        assert_eq!(partition_of(region), partition);
    }
}
