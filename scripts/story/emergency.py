"""The on-call engineer closes a hole at once, and the code follows in the same run."""

import json

from .stage import NAME, OWNER, REGION, finding, set_up

# The findings are about another account than the one tfmend runs in: a role leads there.
ACCOUNT = "210987654321"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/tfmend-emergency"
CONFIG = f"""\
profile = "standard"

[accounts."{ACCOUNT}"]
class          = "prod-customer"
name           = "payments"
emergency_role = "{ROLE}"

[parameters]
approved_cidrs = ["10.0.0.0/8"]

[[policy]]
rule      = ["s3-public-access", "sg-open-ingress"]
account   = "{ACCOUNT}"
decision  = "propose"
emergency = true
reason    = "Security on-call may close these at once"
"""
CHANGES = {"PutPublicAccessBlock", "DeletePublicAccessBlock", "RevokeSecurityGroupIngress", "AuthorizeSecurityGroupIngress"}


def tell(tools, tfmend, folder, log):
    with set_up(tools, tfmend, folder) as stage:
        owner = stage.cloud.assume(ROLE)
        stage.prepare(CONFIG, owner)
        group = stage.attribute("aws_security_group", "bastion", "id")
        arn = stage.attribute("aws_security_group", "bastion", "arn")
        findings = [
            finding("S3.8", "AwsS3Bucket", "arn:aws:s3:::acme-payments-exports", ACCOUNT, "S3 general purpose buckets should block public access", "CRITICAL"),
            finding("EC2.53", "AwsEc2SecurityGroup", arn, ACCOUNT, "EC2 security groups should not allow ingress from 0.0.0.0/0 to remote server administration ports", "CRITICAL"),
        ]  # fmt: skip
        held = folder / "findings.json"
        held.write_text(json.dumps({"Findings": findings}), encoding="utf-8")

        def live():
            block = stage.cloud.call("s3", "get_public_access_block", owner, Bucket="acme-payments-exports")
            rules = stage.cloud.call("ec2", "describe_security_groups", owner, GroupIds=[group])["SecurityGroups"][0]
            ingress = [  # in no order that means anything
                {name: sorted(part, key=json.dumps) if isinstance(part, list) else part for name, part in rule.items()}
                for rule in rules["IpPermissions"]
            ]
            return {"block": block, "ingress": sorted(json.dumps(rule, sort_keys=True) for rule in ingress)}

        before = live()
        facts = []
        for name, chosen, target in (("bucket", findings[0], "acme-payments-exports"), ("security group", findings[1], group)):
            facts += close_and_merge(stage, held, chosen["Id"], target, name, log)
        closed = live()
        assert closed != before
        stage.pull()
        left = stage.root.plan(folder / "after.tfplan")
        assert left == [], f"after the emergency and the merge Terraform would still change: {left}"
        log("emergency: both merged, `terraform plan` has nothing to do")

        journal = stage.folder / "journal.ndjson"
        _, stdout, _ = stage.run("emergency", "list", "--journal", journal, "--format", "json")
        for receipt in reversed(json.loads(stdout)["receipts"]):
            confirm = ["--confirm", receipt["rollback_confirmation"]]
            stage.run("emergency", "rollback", receipt["id"], "--journal", journal, "--repo", stage.clone, *confirm)
        assert live() == before, f"not rolled back to what it was:\n{live()}\n{before}"
        log("emergency: rolled back to the identical state")

        ours = [c for c in stage.cloud.calls() if c["tfmend"]]
        changing = [c for c in ours if not c["action"].startswith(("Get", "Describe", "List", "AssumeRole"))]
        assert {c["action"] for c in changing} <= CHANGES, changing
        where = {(c["region"], c["role"]) for c in changing}
        assert where == {(REGION, ROLE)}, f"live changes in another region or as another: {where}"
        stage.github.obeyed()
        return [*facts, "merged: terraform plan is empty; rolled back: the identical before-state"]


def close_and_merge(stage, findings, key, target, name, log):
    common = ["--findings", findings, "--finding-id", key, "--repo", stage.clone, "--state", stage.clone / "terraform.tfstate"]
    journal = ["--journal", stage.folder / "journal.ndjson"]
    stage.pull()
    calls = len(stage.cloud.calls())
    _, stdout, _ = stage.run("emergency", "plan", *common, "--format", "json")
    planned = json.loads(stdout)["plans"]
    assert len(planned) == 1 and target in planned[0]["confirmation"], planned
    assert not [c for c in stage.cloud.calls(calls) if c["action"] in CHANGES], "emergency plan wrote"
    stage.run(
        "emergency", "apply", *common, *journal, "--github", f"{OWNER}/{NAME}", "--confirm", planned[0]["confirmation"],
        "--reason", "story",
    )  # fmt: skip
    changed = [c for c in stage.cloud.calls(calls) if c["tfmend"] and c["action"] in CHANGES]
    assert changed, f"{name}: nothing was changed"
    opened = stage.github.pulls("open")
    assert len(opened) == 1, f"{name}: {len(opened)} open pull requests, one expected"
    assert stage.github.merge(opened[0]["number"])
    stage.pull()
    log(f"emergency: {name} closed and merged")
    return [f"{name}: {', '.join(c['action'] for c in changed)} in {REGION} as {ROLE}; pull request #{opened[0]['number']} merged"]
