"""Findings in Security Hub become pull requests, once; merged and applied, the cloud is safe."""

from .stage import NAME, OWNER, set_up, finding

ACCOUNT = "123456789012"
CONFIG = f"""\
profile = "standard"

[accounts."{ACCOUNT}"]
class = "prod-customer"
name  = "payments"

[parameters]
approved_cidrs = ["10.0.0.0/8"]

[security_hub]
acknowledge = true
"""
MOST_ROUNDS = 8
# What tfmend may call when there is no emergency: nothing here changes a resource.
HARMLESS = {"BatchUpdateFindings", "GetFindings", "GetCallerIdentity"}


def findings(stage, status="FAILED", at="2026-03-01T08:00:00.000Z"):
    bucket = "arn:aws:s3:::acme-payments-"
    group = stage.attribute("aws_security_group", "bastion", "arn")
    queue = stage.attribute("aws_sqs_queue", "settlements", "arn")
    key = stage.attribute("aws_kms_key", "payments", "arn")
    rows = [
        ("S3.8", "AwsS3Bucket", f"{bucket}statements", "S3 general purpose buckets should block public access"),
        ("S3.8", "AwsS3Bucket", f"{bucket}exports", "S3 general purpose buckets should block public access"),
        ("S3.14", "AwsS3Bucket", f"{bucket}uploads", "S3 general purpose buckets should have versioning enabled"),
        ("EC2.53", "AwsEc2SecurityGroup", group, "EC2 security groups should not allow ingress from 0.0.0.0/0 to remote server administration ports"),
        ("SQS.1", "AwsSqsQueue", queue, "Amazon SQS queues should be encrypted at rest"),
        ("KMS.4", "AwsKmsKey", key, "AWS KMS key rotation should be enabled"),
    ]  # fmt: skip
    return [finding(control, kind, arn, ACCOUNT, title, status=status, at=at) for control, kind, arn, title in rows]


def unsafe(stage):
    """What the live cloud still has wrong, asked directly."""
    cloud, wrong = stage.cloud, []
    for bucket in ("acme-payments-statements", "acme-payments-exports"):
        block = cloud.call("s3", "get_public_access_block", Bucket=bucket).get("PublicAccessBlockConfiguration", {})
        if len(block) != 4 or not all(block.values()):
            wrong.append(f"{bucket}: public access block {block or 'absent'}")
    if cloud.call("s3", "get_bucket_versioning", Bucket="acme-payments-uploads").get("Status") != "Enabled":
        wrong.append("acme-payments-uploads: not versioned")
    group = stage.attribute("aws_security_group", "bastion", "id")
    described = cloud.call("ec2", "describe_security_groups", GroupIds=[group])["SecurityGroups"][0]
    for permission in described["IpPermissions"]:
        ranges = {r["CidrIp"] for r in permission["IpRanges"]}
        if permission.get("FromPort") == 22 and "0.0.0.0/0" in ranges:
            wrong.append(f"{group}: port 22 is open")
        if permission.get("FromPort") == 443:
            assert "0.0.0.0/0" in ranges, "port 443 was nobody's finding and must stay"
    queue = stage.attribute("aws_sqs_queue", "settlements", "id")
    attributes = cloud.call("sqs", "get_queue_attributes", QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    if attributes.get("SqsManagedSseEnabled") != "true":
        wrong.append(f"{queue}: not encrypted")
    key = stage.attribute("aws_kms_key", "payments", "key_id")
    if not cloud.call("kms", "get_key_rotation_status", KeyId=key)["KeyRotationEnabled"]:
        wrong.append(f"{key}: does not rotate")
    return wrong


def tell(tools, tfmend, folder, log):
    with set_up(tools, tfmend, folder) as stage:
        stage.prepare(CONFIG)
        before = unsafe(stage)
        assert len(before) == 6, f"the estate should have six faults: {before}"
        stage.import_findings(findings(stage))
        log("pull-requests: the estate is applied, its findings are in Security Hub")

        first = stage.pr()
        assert first["summary"]["proposed"] == 6, first["summary"]
        opened = stage.github.pulls("open")
        assert opened and all(c["pull_request"] for c in first["changes"]), first["changes"]
        notes = acknowledged(stage)
        assert notes, "no finding was set to NOTIFIED"
        requests = len(stage.github.control("requests"))
        for _ in range(2):
            again = stage.pr()
            assert {c["step"] for c in again["changes"]} == {"leave"}, again["changes"]
        assert len(stage.github.pulls()) == len(opened), "a second pull request was opened"
        assert acknowledged(stage) == notes, "a finding was acknowledged twice"
        # A clone asks by POST, and reads.
        reads = ("git-upload-pack",)
        asked = stage.github.control("requests")[requests:]
        written = [r for r in asked if r["method"] != "GET" and r["operation"] not in reads]
        assert written == [], f"the second and third run wrote to GitHub: {written}"
        log(f"pull-requests: {len(opened)} opened; two more runs changed nothing")

        rounds = 0
        while stage.github.pulls("open"):
            rounds += 1
            assert rounds <= MOST_ROUNDS, f"after {MOST_ROUNDS} rounds there are open pull requests"
            merged = [p["number"] for p in stage.github.pulls("open") if stage.github.merge(p["number"])]
            assert merged, "no open pull request could be merged"
            stage.pr()
        stage.pull()
        stage.root.init()
        stage.root.apply()
        after = unsafe(stage)
        assert after == [], f"merged and applied, but not safe: {after}"
        left = stage.root.plan(folder / "after.tfplan")
        assert left == [], f"Terraform still has something to do: {left}"
        log(f"pull-requests: merged in {rounds} rounds, applied, safe")

        stage.import_findings(findings(stage, status="PASSED", at="2026-03-02T08:00:00.000Z"))
        last = stage.pr()
        assert last["summary"]["proposed"] == 0, last["summary"]
        assert len(stage.github.pulls()) == len(opened), "a pull request was opened for what is safe"
        ours = {c["action"] for c in stage.cloud.calls() if c["tfmend"]}
        assert "GetFindings" in ours and ours <= HARMLESS, f"calls of tfmend outside of an emergency: {sorted(ours)}"
        stage.github.obeyed()
        return [
            f"6 findings imported, {len(opened)} pull requests on {OWNER}/{NAME} over TLS, merged in {rounds} rounds",
            "three runs: no second pull request, no second note, no write to GitHub",
            f"real terraform apply: safe; AWS calls of tfmend are of {sorted(ours)}",
        ]


def acknowledged(stage):
    return [c for c in stage.cloud.calls() if c["action"] == "BatchUpdateFindings"]
