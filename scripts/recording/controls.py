"""The controls of AWS Security Hub that the estate fails, in our own words where they describe."""

from dataclasses import dataclass

FSBP = "standards/aws-foundational-security-best-practices/v/1.0.0"
NIST = "standards/nist-800-53/v/5.0.0"
PCI = "standards/pci-dss/v/4.0.1"
CIS = "standards/cis-aws-foundations-benchmark/v/5.0.0"


@dataclass(frozen=True)
class Control:
    """A control of Security Hub: its title, severity, what AWS Config calls it, who asks for it."""

    title: str
    about: str
    label: str
    config_rule: str
    standards: tuple = (FSBP, NIST)
    requirements: tuple = ()


CONTROLS = {
    "S3.5": Control(
        "S3 general purpose buckets should require requests to use SSL",
        "Checks whether the bucket's policy denies requests that do not use TLS.",
        "MEDIUM",
        "s3-bucket-ssl-requests-only",
        (FSBP, NIST, PCI),
        ("NIST.800-53.r5 SC-8", "NIST.800-53.r5 SC-13"),
    ),
    "S3.8": Control(
        "S3 general purpose buckets should block public access",
        "Checks whether all four public access settings are on for the bucket itself. The check fails if any of them is off or none is set.",
        "HIGH",
        "s3-bucket-level-public-access-prohibited",
        (FSBP, NIST, PCI),
        ("NIST.800-53.r5 AC-3", "NIST.800-53.r5 AC-21", "NIST.800-53.r5 SC-7"),
    ),
    "S3.9": Control(
        "S3 general purpose buckets should have server access logging enabled",
        "Checks whether server access logging is on for the bucket.",
        "MEDIUM",
        "s3-bucket-logging-enabled",
    ),
    "S3.14": Control(
        "S3 general purpose buckets should have versioning enabled",
        "Checks whether versioning is on for the bucket. The check fails if it was never turned on or is suspended.",
        "LOW",
        "s3-bucket-versioning-enabled",
        (NIST,),
        ("NIST.800-53.r5 CP-10", "NIST.800-53.r5 SI-12"),
    ),
    "EC2.7": Control(
        "EBS default encryption should be enabled",
        "Checks whether new EBS volumes of this account and region are encrypted unless somebody says otherwise.",
        "MEDIUM",
        "ec2-ebs-encryption-by-default",
        (FSBP, NIST, CIS),
        ("NIST.800-53.r5 SC-28",),
    ),
    "EC2.8": Control(
        "EC2 instances should use Instance Metadata Service Version 2 (IMDSv2)",
        "Checks whether the instance metadata service asks for a session token. The check fails if HttpTokens is optional.",
        "HIGH",
        "ec2-imdsv2-check",
        (FSBP, NIST, CIS),
        ("NIST.800-53.r5 AC-6",),
    ),
    "EC2.13": Control(
        "Security groups should not allow ingress from 0.0.0.0/0 or ::/0 to port 22",
        "Checks whether the security group lets anybody, over IPv4 or IPv6, reach port 22.",
        "HIGH",
        "restricted-ssh",
        (NIST,),
        ("NIST.800-53.r5 AC-4", "NIST.800-53.r5 SC-7"),
    ),
    "EC2.14": Control(
        "Security groups should not allow ingress from 0.0.0.0/0 or ::/0 to port 3389",
        "Checks whether the security group lets anybody, over IPv4 or IPv6, reach port 3389.",
        "HIGH",
        "restricted-rdp",
        (NIST,),
        ("NIST.800-53.r5 AC-4", "NIST.800-53.r5 SC-7"),
    ),
    "EC2.170": Control(
        "EC2 launch templates should use Instance Metadata Service Version 2 (IMDSv2)",
        "Checks whether the default version of the launch template asks for a session token at the metadata service.",
        "LOW",
        "ec2-launch-template-imdsv2-check",
        (FSBP,),
    ),
    "RDS.1": Control(
        "RDS snapshot should be private",
        "Checks whether the snapshot can be restored by every AWS account.",
        "CRITICAL",
        "rds-snapshots-public-prohibited",
        (FSBP, NIST, PCI),
        ("NIST.800-53.r5 AC-3", "NIST.800-53.r5 SC-7"),
    ),
    "RDS.2": Control(
        "RDS DB Instances should prohibit public access, as determined by the PubliclyAccessible configuration",
        "Checks whether the instance has a public address, by the field PubliclyAccessible of its configuration.",
        "CRITICAL",
        "rds-instance-public-access-check",
        (FSBP, NIST, PCI, CIS),
        ("NIST.800-53.r5 AC-4", "NIST.800-53.r5 SC-7"),
    ),
    "RDS.8": Control(
        "RDS DB instances should have deletion protection enabled",
        "Checks whether the instance refuses to be deleted.",
        "LOW",
        "rds-instance-deletion-protection-enabled",
        (FSBP, NIST),
        ("NIST.800-53.r5 SI-13",),
    ),
    "KMS.4": Control(
        "AWS KMS key rotation should be enabled",
        "Checks whether AWS replaces the material of the customer managed key every year.",
        "MEDIUM",
        "cmk-backing-key-rotation-enabled",
        (NIST, CIS),
        ("NIST.800-53.r5 SC-12",),
    ),
    "CloudTrail.4": Control(
        "CloudTrail log file validation should be enabled",
        "Checks whether the trail writes digest files, by which a changed or deleted log file is found out.",
        "LOW",
        "cloud-trail-log-file-validation-enabled",
        (FSBP, NIST, CIS),
        ("NIST.800-53.r5 AU-9",),
    ),
    "ECR.1": Control(
        "ECR private repositories should have image scanning configured",
        "Checks whether images are scanned for known vulnerabilities when they are pushed to the repository.",
        "HIGH",
        "ecr-private-image-scanning-enabled",
        (FSBP, NIST),
        ("NIST.800-53.r5 RA-5",),
    ),
    "DynamoDB.2": Control(
        "DynamoDB tables should have point-in-time recovery enabled",
        "Checks whether the table can be restored to any second of the last 35 days.",
        "MEDIUM",
        "dynamodb-pitr-enabled",
        (FSBP, NIST),
        ("NIST.800-53.r5 CP-9",),
    ),
    "SQS.1": Control(
        "Amazon SQS queues should be encrypted at rest",
        "Checks whether messages are encrypted while they wait in the queue.",
        "MEDIUM",
        "sqs-queue-encrypted",
        (FSBP, NIST),
        ("NIST.800-53.r5 SC-28",),
    ),
    "SNS.1": Control(
        "SNS topics should be encrypted at-rest using AWS KMS",
        "Checks whether the topic encrypts messages with a key of AWS KMS.",
        "MEDIUM",
        "sns-encrypted-kms",
        (NIST,),
        ("NIST.800-53.r5 SC-28",),
    ),
    "IAM.3": Control(
        "IAM users' access keys should be rotated every 90 days or less",
        "Checks whether the user has an active access key that is older than 90 days.",
        "MEDIUM",
        "access-keys-rotated",
        (FSBP, NIST, CIS),
        ("NIST.800-53.r5 AC-2",),
    ),
    "IAM.15": Control(
        "Ensure IAM password policy requires minimum password length of 14 or greater",
        "Checks whether the account's password policy asks for at least 14 characters.",
        "MEDIUM",
        "iam-password-policy",
        (CIS,),
    ),
}
