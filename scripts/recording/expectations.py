"""What tfmend should make of each finding, judged by a person who knows the estate. `expected.tsv` is this table
with the ids of the recording filled in; nothing here looks at what tfmend does.

`a|b` means that either is right. A subject is `root:address`, or the cloud's own id where no code made it.
"""

from dataclasses import dataclass

# Prowler's checks that belong to a rule. A check that is not here is in the recording only as "no rule".
CHECKS = {
    "s3_bucket_level_public_access_block": "s3-public-access",
    "s3_bucket_secure_transport_policy": "s3-insecure-transport",
    "s3_bucket_default_encryption": "s3-no-encryption",
    "s3_bucket_object_versioning": "s3-no-versioning",
    "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22": "sg-open-ingress",
    "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389": "sg-open-ingress",
    "iam_user_accesskey_unused": "iam-access-key-unused",
    "iam_password_policy_expires_passwords_within_90_days_or_less": "iam-weak-password-policy",
    "iam_password_policy_minimum_length_14": "iam-weak-password-policy",
    "iam_password_policy_reuse_24": "iam-weak-password-policy",
    "iam_password_policy_symbol": "iam-weak-password-policy",
    "rds_instance_no_public_access": "rds-public",
    "rds_instance_deletion_protection": "rds-no-deletion-protection",
    "rds_snapshots_public_access": "rds-snapshot-public",
    "kms_cmk_rotation_enabled": "kms-no-rotation",
    "ec2_ebs_default_encryption": "ebs-no-default-encryption",
    "ec2_instance_imdsv2_enabled": "imds-v1",
    "ec2_launch_template_imdsv2_required": "imds-v1",
    "cloudtrail_log_file_validation_enabled": "cloudtrail-no-validation",
    "ecr_repositories_scan_images_on_push_enabled": "ecr-no-scan-on-push",
    "dynamodb_tables_pitr_enabled": "dynamodb-no-pitr",
    "sqs_queues_server_side_encryption_enabled": "sqs-no-encryption",
    "sns_topics_kms_encryption_at_rest_enabled": "sns-no-encryption",
}

# Security Hub's controls, in the same way; GCP's only category.
CONTROLS = {
    "S3.5": "s3-insecure-transport",
    "S3.8": "s3-public-access",
    "S3.14": "s3-no-versioning",
    "EC2.7": "ebs-no-default-encryption",
    "EC2.8": "imds-v1",
    "EC2.13": "sg-open-ingress",
    "EC2.14": "sg-open-ingress",
    "EC2.170": "imds-v1",
    "RDS.1": "rds-snapshot-public",
    "RDS.2": "rds-public",
    "RDS.8": "rds-no-deletion-protection",
    "KMS.4": "kms-no-rotation",
    "CloudTrail.4": "cloudtrail-no-validation",
    "ECR.1": "ecr-no-scan-on-push",
    "DynamoDB.2": "dynamodb-no-pitr",
    "SQS.1": "sqs-no-encryption",
    "SNS.1": "sns-no-encryption",
    "IAM.3": "iam-access-key-unused",
    "IAM.15": "iam-weak-password-policy",
    "PUBLIC_BUCKET_ACL": "gcs-public",
}

# What one rule can be asked about one resource more than once: findings that differ here are two problems.
ASPECTS = {
    "EC2.13": "22",
    "EC2.14": "3389",
    "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22": "22",
    "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389": "3389",
    "IAM.15": "length",
    "iam_password_policy_expires_passwords_within_90_days_or_less": "age",
    "iam_password_policy_minimum_length_14": "length",
    "iam_password_policy_reuse_24": "reuse",
    "iam_password_policy_symbol": "symbols",
}


@dataclass(frozen=True)
class Expectation:
    """One row: what should come out, and why."""

    outcome: str
    kind: str = "-"
    address: str = "-"
    file: str = "-"
    note: str = "-"


def proposed(address, file, note="-"):
    return Expectation("proposed", "-", address, file, note)


PROD, STAGING, LEGACY, GCP = "live/prod-eu", "live/staging", "legacy/intranet", "analytics/gcp"
STRAY = "arn:aws:s3:::acme-summer-party-2019"
PATTERN = Expectation(
    "not_located", "confidence-too-low", "-", "-",
    "the name holds the account id from a data source: a pattern with one candidate is High, not Exact",
)  # fmt: skip
NO_HOME = Expectation("not_located", "no-home", "-", "-", "nobody wrote this account setting in code")


def bucket(root, address, file, *rules, note="-"):
    return {(rule, f"{root}:{address}"): proposed(address, file, note) for rule in rules}


TABLE = {
    # assets: each rule meets a block that is there and says the wrong thing
    ("s3-public-access", f"{PROD}:aws_s3_bucket.assets"): proposed(
        "aws_s3_bucket.assets|aws_s3_bucket_public_access_block.assets", f"{PROD}/storage.tf",
        "two of four settings are false, with a trailing comment"),
    ("s3-insecure-transport", f"{PROD}:aws_s3_bucket.assets"): proposed(
        "aws_s3_bucket.assets|aws_s3_bucket_policy.assets", f"{PROD}/storage.tf", "policy as jsonencode"),
    ("s3-no-versioning", f"{PROD}:aws_s3_bucket.assets"): proposed(
        "aws_s3_bucket.assets|aws_s3_bucket_versioning.assets", f"{PROD}/storage.tf", "Suspended in code"),
    # exports: companions are missing
    ("s3-public-access", f"{PROD}:aws_s3_bucket.exports"): proposed(
        "aws_s3_bucket.exports|aws_s3_bucket_public_access_block.exports", f"{PROD}/storage.tf", "no block yet"),
    ("s3-insecure-transport", f"{PROD}:aws_s3_bucket.exports"): proposed(
        "aws_s3_bucket.exports|aws_s3_bucket_policy.exports", f"{PROD}/storage.tf",
        "policy as aws_iam_policy_document: a statement block there"),
    ("s3-no-versioning", f"{PROD}:aws_s3_bucket.exports"): proposed(
        "aws_s3_bucket.exports|aws_s3_bucket_versioning.exports", f"{PROD}/storage.tf", "no block yet"),
    # partner
    ("s3-insecure-transport", f"{PROD}:aws_s3_bucket.partner"): proposed(
        "aws_s3_bucket.partner|aws_s3_bucket_policy.partner", f"{PROD}/storage.tf", "policy as heredoc"),
    ("s3-no-encryption", f"{PROD}:aws_s3_bucket.partner"): proposed(
        "aws_s3_bucket.partner|aws_s3_bucket_server_side_encryption_configuration.partner",
        f"{PROD}/storage.tf", "no block yet"),
    # the log bucket: a literal inside a module that three roots call
    ("s3-public-access", f"{PROD}:module.audit_logs.aws_s3_bucket.this"): proposed(
        "module.audit_logs.aws_s3_bucket.this|module.audit_logs.aws_s3_bucket_public_access_block.this",
        "modules/log-bucket/main.tf", "also_changes names live/staging and platform/network"),
    ("s3-public-access", f"{STAGING}:module.access_logs.aws_s3_bucket.this"): proposed(
        "module.access_logs.aws_s3_bucket.this|module.access_logs.aws_s3_bucket_public_access_block.this",
        "modules/log-bucket/main.tf", "the same change as for the audit bucket in prod"),
    ("s3-no-versioning", f"{STAGING}:module.access_logs.aws_s3_bucket.this"): proposed(
        "module.access_logs.aws_s3_bucket.this|module.access_logs.aws_s3_bucket_versioning.this",
        f"{STAGING}/main.tf", "decided by the argument of the module call"),
    ("s3-insecure-transport", f"{STAGING}:module.access_logs.aws_s3_bucket.this"): Expectation(
        "proposed|refused", "second-writer|too-wide|unsupported-shape",
        "module.access_logs.aws_s3_bucket.this|module.access_logs.aws_s3_bucket_policy.this|aws_s3_bucket_policy.access_logs",
        f"{STAGING}/main.tf|{STAGING}/storage.tf",
        "never a policy inside the module: the root of prod already writes one for its bucket"),
    # security groups
    ("sg-open-ingress", f"{PROD}:aws_security_group.bastion"): proposed(
        "aws_security_group.bastion", f"{PROD}/terraform.tfvars", "decided in tfvars: one element of three goes"),
    ("sg-open-ingress", f"{PROD}:aws_security_group.accounting"): proposed(
        "aws_security_group.accounting|aws_security_group_rule.accounting_rdp", f"{PROD}/network.tf",
        "one of two CIDRs of aws_security_group_rule goes"),
    ("sg-open-ingress", f"{PROD}:aws_security_group.workers"): proposed(
        "aws_security_group.workers|aws_vpc_security_group_ingress_rule.workers_ssh", f"{PROD}/network.tf",
        "the rule goes, with its comment"),
    ("sg-open-ingress", f"{PROD}:aws_default_security_group.default"): proposed(
        "aws_default_security_group.default", f"{PROD}/network.tf", "the last ingress block becomes ingress = []"),
    ("sg-open-ingress", f"{PROD}:module.storefront_sg.aws_security_group.this"): proposed(
        "module.storefront_sg.aws_security_group.this", f"modules/web-sg/variables.tf|{PROD}/network.tf",
        "decided by a variable default inside a module; platform/network sets its own"),
    ("sg-open-ingress", f"{STAGING}:aws_security_group.load_test[0]"): Expectation(
        "not_located", "confidence-too-low", "-", "-", "no state; yor_trace and git_file tags are High, not Exact"),
    # databases
    ("rds-public", f"{PROD}:module.reporting_db.aws_db_instance.this"): proposed(
        "module.reporting_db.aws_db_instance.this", f"{PROD}/databases.auto.tfvars", "decided in auto.tfvars"),
    ("rds-public", f"{PROD}:aws_db_instance.crm"): proposed("aws_db_instance.crm", f"{PROD}/databases.tf"),
    ("rds-no-deletion-protection", f"{PROD}:module.orders_db.aws_db_instance.this"): proposed(
        "module.orders_db.aws_db_instance.this", f"modules/service-db/variables.tf|{PROD}/databases.tf",
        "the default of the module's variable; every instance that it decides for has the finding"),
    ("rds-no-deletion-protection", f"{STAGING}:module.orders_db.aws_db_instance.this"): proposed(
        "module.orders_db.aws_db_instance.this", f"modules/service-db/variables.tf|{STAGING}/main.tf",
        "located by its name: allowed_account_ids proves the account"),
    ("rds-snapshot-public", f"{PROD}:aws_db_snapshot.crm_handover"): proposed(
        "aws_db_snapshot.crm_handover", f"{PROD}/databases.tf", "shared_accounts loses \"all\""),
    # compute
    ("imds-v1", f"{PROD}:aws_instance.bastion"): proposed(
        "aws_instance.bastion", f"{PROD}/compute.tf", "a file with CRLF; the block is missing"),
    ("imds-v1", f"{PROD}:aws_launch_template.workers"): proposed(
        "aws_launch_template.workers", f"{PROD}/compute.tf", "a file with CRLF"),
    # the rest of prod
    ("kms-no-rotation", f"{PROD}:aws_kms_key.data"): proposed("aws_kms_key.data", f"{PROD}/audit.tf"),
    ("cloudtrail-no-validation", f"{PROD}:aws_cloudtrail.main"): proposed("aws_cloudtrail.main", f"{PROD}/audit.tf"),
    ("ecr-no-scan-on-push", f"{PROD}:aws_ecr_repository.storefront"): proposed(
        "aws_ecr_repository.storefront", f"{PROD}/registry.tf"),
    ("ecr-no-scan-on-push", f"{PROD}:aws_ecr_repository.payments"): proposed(
        "aws_ecr_repository.payments", f"{PROD}/registry.tf", "the block is missing"),
    ("dynamodb-no-pitr", f"{PROD}:aws_dynamodb_table.service[\"ledger\"]"): proposed(
        "aws_dynamodb_table.service[\"ledger\"]", f"{PROD}/locals.tf",
        "one instance of a for_each: its entry in the map decides, and no other instance changes"),
    ("dynamodb-no-pitr", f"{PROD}:aws_dynamodb_table.locks"): proposed(
        "aws_dynamodb_table.locks", f"{PROD}/tables.tf", "a file that is not fmt-clean stays as it is elsewhere"),
    ("sns-no-encryption", f"{PROD}:aws_sns_topic.order_events"): Expectation(
        "proposed|refused", "parameter-missing", "aws_sns_topic.order_events", f"{PROD}/messaging.tf",
        "refused where no key is configured and the rule does not take the AWS managed one"),
    ("iam-access-key-unused", f"{PROD}:aws_iam_user.ftp_bridge"): proposed(
        "aws_iam_access_key.ftp_bridge|aws_iam_user.ftp_bridge", f"{PROD}/iam.tf",
        "the finding says that the key was not used for 412 days"),
    ("iam-access-key-unused", f"{PROD}:aws_iam_user.ci_deployer"): Expectation(
        "refused", "key-in-use-unknown", "aws_iam_access_key.ci_deployer|aws_iam_user.ci_deployer", "-",
        "an old key may be in use: the finding says nothing of its last use"),
    ("iam-role-unused", f"{PROD}:aws_iam_role.migration_2022"): Expectation(
        "advice", "-", "aws_iam_role.migration_2022", "-", "a role is never removed by us"),
    # account settings
    ("ebs-no-default-encryption", "111122223333/eu-west-1"): proposed(
        "aws_ebs_encryption_by_default.this", f"{PROD}/audit.tf"),
    ("ebs-no-default-encryption", "111122223333/us-east-1"): NO_HOME,
    ("ebs-no-default-encryption", "444455556666/eu-west-1"): NO_HOME,
    ("iam-weak-password-policy", "111122223333/length"): proposed(
        "aws_iam_account_password_policy.this", f"{PROD}/variables.tf|{PROD}/iam.tf", "decided by a variable default"),
    ("iam-weak-password-policy", "444455556666/length"): NO_HOME,
    # staging, without state
    ("s3-public-access", f"{STAGING}:aws_s3_bucket.uploads"): proposed(
        "aws_s3_bucket.uploads|aws_s3_bucket_public_access_block.uploads", f"{STAGING}/storage.tf",
        "located by the literal bucket name"),
    ("s3-public-access", f"{STAGING}:aws_s3_bucket.invoices"): Expectation(
        "already_safe", "-", "aws_s3_bucket.invoices|aws_s3_bucket_public_access_block.invoices", "-",
        "the code was fixed after the finding: it waits for an apply"),
    ("sqs-no-encryption", f"{STAGING}:aws_sqs_queue.imports"): proposed(
        "aws_sqs_queue.imports", f"{STAGING}/messaging.tf", "by name in an account that the provider block proves"),
    # GCP
    ("gcs-public", "acme-analytics-events"): proposed(
        "google_storage_bucket.events|google_storage_bucket_iam_member.events_everyone", f"{GCP}/storage.tf",
        "the member goes"),
    ("gcs-public", "acme-analytics-dashboards"): proposed(
        "google_storage_bucket.dashboards|google_storage_bucket_iam_binding.dashboards_viewers",
        f"{GCP}/storage.tf", "one of three members goes"),
    ("gcs-public", "acme-open-data"): Expectation(
        "refused", "intended-public",
        "google_storage_bucket.open_data|google_storage_bucket_iam_member.open_data_everyone", "-",
        "label and comment say that it is public on purpose"),
    # the careers pages
    ("s3-public-access", f"{LEGACY}:aws_s3_bucket.careers"): Expectation(
        "refused", "intended-public", "aws_s3_bucket.careers", "-", "website, public-read and a comment"),
    ("s3-insecure-transport", f"{LEGACY}:aws_s3_bucket.careers"): Expectation(
        "refused", "intended-public|precondition", "aws_s3_bucket.careers", "-",
        "a website endpoint speaks plain HTTP: the policy would switch it off"),
}  # fmt: skip

for setting in ("age", "reuse", "symbols"):
    TABLE["iam-weak-password-policy", f"111122223333/{setting}"] = proposed(
        "aws_iam_account_password_policy.this", f"{PROD}/iam.tf"
    )
    TABLE["iam-weak-password-policy", f"444455556666/{setting}"] = NO_HOME
for queue in ("orders", "refunds", "invoices"):
    address = f'aws_sqs_queue.service["{queue}"]'
    TABLE["sqs-no-encryption", f"{PROD}:{address}"] = proposed(
        address, f"{PROD}/messaging.tf", "for_each with a literal: also_changes names the other two queues"
    )
for name, rules in {
    "contracts": ("s3-public-access", "s3-insecure-transport", "s3-no-encryption", "s3-no-versioning"),
    "wiki": ("s3-public-access", "s3-insecure-transport"),
    "careers": ("s3-no-encryption",),
}.items():
    TABLE |= bucket(
        LEGACY, f"aws_s3_bucket.{name}", f"{LEGACY}/main.tf", *rules, note="provider 3.39, inline where it can be"
    )
for name in ("uploads", "invoices"):
    TABLE |= bucket(
        STAGING, f"aws_s3_bucket.{name}", f"{STAGING}/storage.tf", "s3-no-encryption", "s3-insecure-transport"
    )
TABLE |= bucket(
    STAGING,
    "aws_s3_bucket.invoices",
    f"{STAGING}/storage.tf",
    "s3-no-versioning",
    note="name from locals and variable defaults, all known",
)
for rule in ("s3-public-access", "s3-insecure-transport", "s3-no-encryption", "s3-no-versioning"):
    TABLE[rule, f"{STAGING}:aws_s3_bucket.load_test[0]"] = PATTERN
    TABLE[rule, STRAY] = Expectation("not_located", "not-in-code", "-", "-", "made in the console, in no code")
