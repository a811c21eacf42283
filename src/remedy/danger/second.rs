//! A second writer: an argument of a block that a resource of its own writes too.
//!
//! The provider reads both from the same object of the cloud: whichever is applied last wins, and the next plan turns it
//! back. Companions and security-group rules ask for themselves, because they can write in either form.

use crate::remedy::subject::Subject;
use crate::remedy::{Draft, Refusal, RefusalKind, companion};

/// Type, argument or nested block of it, the type that writes the same, and its attribute that names the owner.
const SPLIT: [(&str, &str, &str, &str); 34] = [
    (
        "aws_autoscaling_group",
        "load_balancers",
        "aws_autoscaling_attachment",
        "autoscaling_group_name",
    ),
    (
        "aws_autoscaling_group",
        "target_group_arns",
        "aws_autoscaling_attachment",
        "autoscaling_group_name",
    ),
    (
        "aws_elasticsearch_domain",
        "access_policies",
        "aws_elasticsearch_domain_policy",
        "domain_name",
    ),
    (
        "aws_iam_role",
        "inline_policy",
        "aws_iam_role_policy",
        "role",
    ),
    (
        "aws_iam_role",
        "inline_policy",
        "aws_iam_role_policies_exclusive",
        "role_name",
    ),
    (
        "aws_iam_role",
        "managed_policy_arns",
        "aws_iam_role_policy_attachment",
        "role",
    ),
    (
        "aws_iam_role",
        "managed_policy_arns",
        "aws_iam_role_policy_attachments_exclusive",
        "role_name",
    ),
    ("aws_kms_key", "policy", "aws_kms_key_policy", "key_id"),
    (
        "aws_network_acl",
        "egress",
        "aws_network_acl_rule",
        "network_acl_id",
    ),
    (
        "aws_network_acl",
        "ingress",
        "aws_network_acl_rule",
        "network_acl_id",
    ),
    (
        "aws_network_acl",
        "subnet_ids",
        "aws_network_acl_association",
        "network_acl_id",
    ),
    (
        "aws_opensearch_domain",
        "access_policies",
        "aws_opensearch_domain_policy",
        "domain_name",
    ),
    (
        "aws_rds_cluster",
        "iam_roles",
        "aws_rds_cluster_role_association",
        "db_cluster_identifier",
    ),
    (
        "aws_redshift_cluster",
        "iam_roles",
        "aws_redshift_cluster_iam_roles",
        "cluster_identifier",
    ),
    (
        "aws_redshift_cluster",
        "logging",
        "aws_redshift_logging",
        "cluster_identifier",
    ),
    ("aws_route_table", "route", "aws_route", "route_table_id"),
    ("aws_s3_bucket", "acl", "aws_s3_bucket_acl", "bucket"),
    (
        "aws_s3_bucket",
        "cors_rule",
        "aws_s3_bucket_cors_configuration",
        "bucket",
    ),
    ("aws_s3_bucket", "grant", "aws_s3_bucket_acl", "bucket"),
    (
        "aws_s3_bucket",
        "lifecycle_rule",
        "aws_s3_bucket_lifecycle_configuration",
        "bucket",
    ),
    (
        "aws_s3_bucket",
        "logging",
        "aws_s3_bucket_logging",
        "bucket",
    ),
    (
        "aws_s3_bucket",
        "object_lock_configuration",
        "aws_s3_bucket_object_lock_configuration",
        "bucket",
    ),
    ("aws_s3_bucket", "policy", BUCKET_POLICY, "bucket"),
    (
        "aws_s3_bucket",
        "replication_configuration",
        "aws_s3_bucket_replication_configuration",
        "bucket",
    ),
    (
        "aws_s3_bucket",
        "server_side_encryption_configuration",
        "aws_s3_bucket_server_side_encryption_configuration",
        "bucket",
    ),
    (
        "aws_s3_bucket",
        "versioning",
        "aws_s3_bucket_versioning",
        "bucket",
    ),
    (
        "aws_s3_bucket",
        "website",
        "aws_s3_bucket_website_configuration",
        "bucket",
    ),
    (
        "aws_secretsmanager_secret",
        "policy",
        "aws_secretsmanager_secret_policy",
        "secret_arn",
    ),
    (
        "aws_secretsmanager_secret",
        "rotation_rules",
        "aws_secretsmanager_secret_rotation",
        "secret_id",
    ),
    ("aws_sns_topic", "policy", "aws_sns_topic_policy", "arn"),
    (
        "aws_sqs_queue",
        "policy",
        "aws_sqs_queue_policy",
        "queue_url",
    ),
    (
        "aws_sqs_queue",
        "redrive_allow_policy",
        "aws_sqs_queue_redrive_allow_policy",
        "queue_url",
    ),
    (
        "aws_sqs_queue",
        "redrive_policy",
        "aws_sqs_queue_redrive_policy",
        "queue_url",
    ),
    (
        "aws_vpc_endpoint",
        "policy",
        "aws_vpc_endpoint_policy",
        "vpc_endpoint_id",
    ),
];

/// The type that writes a bucket's policy.
pub(super) const BUCKET_POLICY: &str = "aws_s3_bucket_policy";

/// The arguments of a type that types of their own write too, each with that type.
pub(super) fn splits(kind: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    SPLIT
        .iter()
        .filter(move |(own, ..)| *own == kind)
        .map(|(_, argument, split, _)| (*argument, *split))
}

/// Whether a draft writes an argument (or nested block) of its block.
pub(super) fn is_written(draft: &Draft, argument: &str) -> bool {
    let block = format!("{}.", draft.block);
    draft.paths.iter().any(|path| {
        let path = path.strip_prefix(&block).unwrap_or(path);
        path.split('.').next() == Some(argument)
    })
}

/// Refuses when a resource of its own writes an argument that the draft changes in a block.
pub(super) fn not_written_twice(subject: &Subject<'_, '_>, draft: &Draft) -> Result<(), Refusal> {
    if draft.block != subject.name() {
        return Ok(());
    }
    let kind = subject.at.resource.kind;
    for (_, argument, split, link) in SPLIT.iter().filter(|(own, ..)| *own == kind) {
        if !is_written(draft, argument) {
            continue;
        }
        let mut others = companion::linked(subject, split, link)?;
        others.extend(companion::elsewhere(subject, split, link));
        if let Some(other) = others.first() {
            return Err(Refusal::new(
                RefusalKind::SecondWriter,
                format!(
                    "`{argument}` of `{}` is written by `{}` too ({}:{})",
                    subject.address,
                    other.address,
                    other.file().path(),
                    other.line()
                ),
                "leave one of the two; they overwrite each other on every apply",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{SPLIT, not_written_twice, splits};
    use crate::remedy::danger::samples::first_of;
    use crate::remedy::{Draft, RefusalKind};

    /// What comes of a draft that writes an argument of the first block of a type.
    fn asked(code: &str, kind: &str, path: &str) -> Result<(), crate::remedy::Refusal> {
        first_of(code, kind, |subject| {
            let mut draft = Draft::of(subject);
            draft.paths.push(path.to_owned());
            not_written_twice(subject, &draft)
        })
    }

    #[test]
    fn each_argument_that_a_type_of_its_own_writes_has_two_writers() {
        for (own, argument, split, link) in SPLIT {
            let code = |to: &str| {
                format!(
                    "resource \"{own}\" \"x\" {{}}\nresource \"{own}\" \"z\" {{}}\n\
                     resource \"{split}\" \"y\" {{\n  {link} = {own}.{to}.id\n}}\n"
                )
            };
            let row = format!("{own}.{argument} and {split}.{link}");
            for path in [
                argument.to_owned(),
                format!("{argument}.inner"),
                format!("{own}.x.{argument}"),
            ] {
                let refusal = asked(&code("x"), own, &path).unwrap_err();
                assert_eq!(refusal.kind, RefusalKind::SecondWriter, "{row}");
                for part in [
                    format!("`{split}.y` too (main.tf:3)"),
                    format!("`{argument}` of `{own}.x`"),
                ] {
                    assert!(refusal.message.contains(&part), "{row}: {refusal:?}");
                }
            }
            // That of another object; another argument.
            asked(&code("z"), own, argument).unwrap_or_else(|r| panic!("{row}: {r:?}"));
            asked(&code("x"), own, "tags").unwrap_or_else(|r| panic!("{row}: {r:?}"));
            assert!(splits(own).any(|row| row == (argument, split)), "{row}");
        }
    }

    #[test]
    fn no_row_stands_twice() {
        for (number, row) in SPLIT.iter().enumerate() {
            assert!(!SPLIT[..number].contains(row), "{row:?}");
        }
    }
}
