"""What Security Hub would say of the recorded estate: every control that has a rule, in its several shapes."""

from functools import partial

from .securityhub import Native

PROD, STAGING, REGION = "111122223333", "444455556666", "eu-west-1"
IMPORTED_KEY = "5f0c8b1e-3d0f-4f0e-9f6c-2d1a7b9c4e10"
STRAY = "arn:aws:s3:::acme-summer-party-2019"


def natives(index):
    """The findings to write, with the ids of this recording."""

    def about(control, root, address, kind, details=None, attribute="arn", **more):
        attributes = index.of(root, address)
        account, region = (PROD, REGION) if root == "live/prod-eu" else (PROD, "us-east-1")
        tags = attributes.get("tags_all") or {}
        return Native(control, account, region, kind, attributes[attribute], details or {}, tags, **more)

    prod = partial(about, root="live/prod-eu")
    bucket = "AwsS3Bucket"
    group = "AwsEc2SecurityGroup"

    def sg(control, address, port, **more):
        attributes = index.of("live/prod-eu", address)
        details = {
            "GroupName": attributes["name"],
            "GroupId": attributes["id"],
            "OwnerId": PROD,
            "VpcId": attributes["vpc_id"],
            "IpPermissions": [
                {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
            ],
        }
        return prod(control, address=address, kind=group, details=details, **more)

    account = partial(Native, kind="AwsAccount")
    return [
        prod("S3.8", address="aws_s3_bucket.assets", kind=bucket, details={
            "OwnerAccountId": PROD,
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": False, "BlockPublicPolicy": True,
                "IgnorePublicAcls": False, "RestrictPublicBuckets": True,
            },
        }),
        prod("S3.8", address="aws_s3_bucket.assets", kind=bucket, older="fsbp"),
        prod("S3.5", address="aws_s3_bucket.exports", kind=bucket),
        prod("S3.14", address="aws_s3_bucket.assets", kind=bucket, details={
            "BucketVersioningConfiguration": {"IsMfaDeleteEnabled": False, "Status": "Suspended"},
        }),
        prod("S3.8", address="module.audit_logs.aws_s3_bucket.this", kind=bucket),
        prod("S3.8", address="aws_s3_bucket.partner", kind=bucket, status="PASSED", workflow="RESOLVED"),
        # Imported key material cannot rotate: somebody suppressed it in the console.
        Native("KMS.4", PROD, REGION, "AwsKmsKey", f"arn:aws:kms:{REGION}:{PROD}:key/{IMPORTED_KEY}", workflow="SUPPRESSED"),
        prod("S3.9", address="aws_s3_bucket.assets", kind=bucket),
        sg("EC2.13", "aws_security_group.bastion", 22, older="cis-1.2"),
        sg("EC2.13", "aws_security_group.workers", 22),
        sg("EC2.13", "aws_default_security_group.default", 22),
        sg("EC2.14", "aws_security_group.accounting", 3389),
        prod("RDS.2", address="module.reporting_db.aws_db_instance.this", kind="AwsRdsDbInstance",
             details={"DBInstanceIdentifier": "acme-prod-reporting-db", "PubliclyAccessible": True, "Engine": "postgres"}),
        prod("RDS.2", address="aws_db_instance.crm", kind="AwsRdsDbInstance",
             details={"DBInstanceIdentifier": "crm-production", "PubliclyAccessible": True, "Engine": "mysql"}),
        prod("RDS.8", address="module.orders_db.aws_db_instance.this", kind="AwsRdsDbInstance",
             details={"DBInstanceIdentifier": "acme-prod-orders-db", "DeletionProtection": False, "Engine": "postgres"}),
        prod("RDS.1", address="aws_db_snapshot.crm_handover", kind="AwsRdsDbSnapshot", attribute="db_snapshot_arn",
             details={"DbSnapshotIdentifier": "crm-handover-2024-02", "DbInstanceIdentifier": "crm-production"}),
        prod("KMS.4", address="aws_kms_key.data", kind="AwsKmsKey"),
        prod("EC2.8", address="aws_instance.bastion", kind="AwsEc2Instance",
             details={"MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "optional"}}),
        prod("EC2.170", address="aws_launch_template.workers", kind="AwsEc2LaunchTemplate"),
        prod("CloudTrail.4", address="aws_cloudtrail.main", kind="AwsCloudTrailTrail",
             details={"Name": "acme-prod-trail", "LogFileValidationEnabled": False, "IsMultiRegionTrail": True}),
        prod("ECR.1", address="aws_ecr_repository.storefront", kind="AwsEcrRepository",
             details={"RepositoryName": "acme/storefront", "ImageScanningConfiguration": {"ScanOnPush": False}}),
        prod("DynamoDB.2", address='aws_dynamodb_table.service["ledger"]', kind="AwsDynamoDbTable"),
        prod("SQS.1", address='aws_sqs_queue.service["orders"]', kind="AwsSqsQueue",
             details={"QueueName": "acme-prod-orders"}),
        prod("SNS.1", address="aws_sns_topic.order_events", kind="AwsSnsTopic"),
        account("EC2.7", PROD, REGION, resource=f"AWS::::Account:{PROD}"),
        account("EC2.7", STAGING, REGION, resource=f"AWS::::Account:{STAGING}"),
        account("IAM.15", PROD, REGION, resource=f"AWS::::Account:{PROD}"),
        prod("IAM.3", address="aws_iam_user.ci_deployer", kind="AwsIamUser",
             details={"UserName": "ci-deployer", "Path": "/", "CreateDate": "2023-02-07T15:04:31.000Z"}),
        about("S3.8", "legacy/intranet", "aws_s3_bucket.careers", bucket, details={
            "OwnerAccountId": PROD,
            "BucketWebsiteConfiguration": {"IndexDocumentSuffix": "index.html", "ErrorDocument": "404.html"},
        }),
        Native("S3.8", PROD, REGION, bucket, STRAY),
        Native("RDS.8", PROD, REGION, "AwsRdsDbInstance", f"arn:aws:rds:{REGION}:{PROD}:db:acme-prod-wiki-db",
               record_state="ARCHIVED"),
    ]  # fmt: skip
