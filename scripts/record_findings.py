#!/usr/bin/env python3
"""Record the findings of the demo estate anew: real Terraform and AWS provider, moto as the cloud, real Prowler.

    scripts/record_findings.py [--keep DIR]

Writes testdata/estates/acme/live/prod-eu/terraform.tfstate, everything in testdata/estates/acme-findings/ but
its README, and one record of every Prowler check in testdata/findings/prowler-asff/ and prowler-ocsf/. Takes about five minutes.
Ids that moto draws by chance (security groups, keys) change with every recording.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from recording import estate, scan, scc, securityhub
from recording.expectations import ASPECTS, CHECKS, TABLE, Expectation
from recording.natives import PROD, REGION, STAGING, STRAY, natives
from recording.records import of_asff, of_ocsf, of_scc
from recording.securityhub import Native

REPOSITORY = Path(__file__).resolve().parent.parent
ESTATE = REPOSITORY / "testdata/estates/acme"
FINDINGS = REPOSITORY / "testdata/estates/acme-findings"
SCANS = REPOSITORY / "testdata/findings"

# Findings that stay in the demo's files beside those of our checks: some PASS, some without a rule. They are named,
# because Prowler and Security Hub disagree on some resources (a public database in a closed group passes Prowler).
ALSO = {
    ("PASS", "s3_bucket_level_public_access_block", "acme-partner-dropbox"),
    ("PASS", "rds_instance_no_public_access", "acme-prod-orders-db"),
    ("PASS", "dynamodb_tables_pitr_enabled", "acme-prod-carts"),
    ("PASS", "rds_instance_no_public_access", "acme-staging-orders-db"),
    ("FAIL", "s3_bucket_server_access_logging_enabled", "acme-prod-assets-eu"),
    ("FAIL", "rds_instance_multi_az", "acme-prod-orders-db"),
    ("FAIL", "s3_bucket_no_mfa_delete", "acme-staging-uploads-4f2a"),
}
# Of prod, the OCSF file repeats these: the same problem in another format.
REPEATED = {"rds_snapshots_public_access", "kms_cmk_rotation_enabled", "ecr_repositories_scan_images_on_push_enabled"}


def tools():
    names = ["terraform", "provider-v5", "provider-v3", "moto", "prowler"]
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts/tools.py"), *names], stdout=subprocess.PIPE, check=False
    )
    if done.returncode != 0:
        sys.exit("some tools are missing, see above")
    return json.loads(done.stdout)


def record(account, found_tools, folder):
    """One account from empty to scanned."""
    with estate.moto(account, found_tools["moto"]["python"], folder) as server:
        for root in account.roots:
            server.states[root.path] = estate.apply(server, root, ESTATE, found_tools, folder)
        if account.account_id == PROD:
            estate.use_old_key(server)
        estate.make_strays(server)
        return scrub(server.url, server.states), scrub(server.url, scan.scan(server, found_tools, folder))


def scrub(url, value):
    """No address of this machine and no secret in what is kept; queue URLs become those of AWS."""
    text = json.dumps(value).replace(url, f"https://sqs.{REGION}.amazonaws.com")
    value = json.loads(text)
    for state in value.values():
        for resource in state["resources"] if isinstance(state, dict) else []:
            for instance in resource["instances"]:
                for name in ("secret", "ses_smtp_password_v4", "encrypted_secret", "password"):
                    if instance["attributes"].get(name):
                        instance["attributes"][name] = "blanked"
                instance.pop("private", None)
    return value


class Index:
    """From what a finding names to `root:address`, by the states of all recorded roots."""

    def __init__(self, states):
        self.subjects = {}
        self.attributes = {}
        for root, state in states.items():
            for resource in state["resources"]:
                if resource["mode"] == "managed" and "_rule" not in resource["type"]:
                    for instance in resource["instances"]:
                        self.add(root, resource, instance)

    def add(self, root, resource, instance):
        key = instance.get("index_key")
        address = f"{resource['type']}.{resource['name']}"
        if "module" in resource:
            address = f"{resource['module']}.{address}"
        if key is not None:
            address += f"[{json.dumps(key)}]"
        attributes = instance["attributes"]
        self.attributes[f"{root}:{address}"] = attributes
        # Companions of a bucket have its name as their id; the bucket itself has an ARN.
        if attributes.get("arn"):
            self.subjects[attributes["arn"]] = f"{root}:{address}"
        if attributes.get("db_snapshot_arn"):
            self.subjects[attributes["db_snapshot_arn"]] = f"{root}:{address}"

    def subject(self, rule, control, identity, account, region):
        """The key of the expectation table."""
        if rule == "ebs-no-default-encryption":
            return f"{account}/{region}"
        if rule == "iam-weak-password-policy":
            return f"{account}/{ASPECTS[control]}"
        if rule == "gcs-public":
            return identity.rsplit("/", 1)[-1]
        return self.subjects.get(identity, identity)

    def of(self, root, address):
        return self.attributes[f"{root}:{address}"]


def trim(records, read, index, checks=None):
    """The findings of our checks about resources of the estate and a few others, as Prowler wrote them."""
    kept = []
    for record in records:
        facts = read(record)
        if checks is not None and facts.control not in checks:
            continue
        name = facts.resource.replace("/", ":").rsplit(":", 1)[-1]
        account_wide = CHECKS.get(facts.control) in ("ebs-no-default-encryption", "iam-weak-password-policy")
        ours = account_wide or facts.resource in index.subjects or facts.resource == STRAY
        asked = ours and facts.state in ("FAIL", "MUTED") and facts.control in CHECKS
        if asked or (facts.state, facts.control, name) in ALSO:
            kept.append(record)
    return kept


def one_of_each(records, read):
    """One record of every check, as Prowler wrote it (what a reader of the format must take): a FAIL if there is one."""
    kept = {}
    for record in sorted(records, key=lambda record: (read(record).state != "FAIL", len(json.dumps(record)))):
        kept.setdefault(read(record).control, record)
    return [kept[name] for name in sorted(kept)]


def expectation(facts, index):
    """The row of one finding: outcome, rule, subject and the judgement of the table."""
    if facts.control == "UnusedIAMRole":
        rule, subject = "iam-role-unused", index.subjects[facts.resource]
    else:
        rule = facts.rule
        subject = index.subject(rule, facts.control, facts.resource, facts.account, facts.region)
    if facts.state in ("PASS", "MUTED", "RESOLVED"):
        outcome = {"PASS": "passed", "MUTED": "suppressed", "RESOLVED": "resolved"}[facts.state]
        return rule or "-", subject, Expectation(outcome)
    if rule is None:
        return "-", subject, Expectation("no_rule")
    if (rule, subject) not in TABLE:
        raise KeyError(f"recording/expectations.py does not judge {rule} on {subject} ({facts.identity})")
    return rule, subject, TABLE[rule, subject]


def table(files, index):
    """expected.tsv: one row a finding, in the order of the files; rows of one problem share its name."""
    header = ["finding", "file", "outcome", "kind", "rule", "address", "edited", "problem", "note"]
    rows, count = [], Counter()
    for name, records in files.items():
        for facts in records:
            rule, subject, row = expectation(facts, index)
            problem = "-"
            if facts.state == "FAIL" and rule != "-":
                problem = " ".join(filter(None, (rule, subject, ASPECTS.get(facts.control))))
                count[problem] += 1
            rows.append([facts.identity, name, row.outcome, row.kind, rule, row.address, row.file, problem, row.note])
    for row in rows:
        if count[row[7]] > 1:
            row[2] += "|duplicate"
    return "\n".join("\t".join(row) for row in [header, *rows]) + "\n"


def dump(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=4, ensure_ascii=False) + "\n", encoding="utf-8")


def write(states, scans):
    """Everything that is kept of a recording."""
    dump_state(states["live/prod-eu"])
    index = Index(states)
    prod, staging = scans["prod"], scans["staging"]
    dump(SCANS / "prowler-asff/one-of-each.json", one_of_each(prod["asff"], of_asff))
    dump(SCANS / "prowler-ocsf/one-of-each.json", one_of_each(prod["ocsf"], of_ocsf))
    asff = trim(prod["asff"], of_asff, index)
    ocsf = trim(prod["ocsf"], of_ocsf, index, REPEATED) + trim(staging["ocsf"], of_ocsf, index)
    dump(FINDINGS / "prowler.asff.json", asff)
    dump(FINDINGS / "prowler.ocsf.json", ocsf)

    hub = [securityhub.finding(native) for native in natives(index)]
    role = index.of("live/prod-eu", "aws_iam_role.migration_2022")
    hub.append(securityhub.unused_role(PROD, REGION, role["arn"], role["name"]))
    dump(FINDINGS / "securityhub.json", {"Findings": hub})

    buckets = [scc.finding("acme-analytics-events"), scc.finding("acme-open-data")]
    message = scc.notification(scc.finding("acme-analytics-dashboards"))
    dump(FINDINGS / "scc.json", scc.listing(buckets))

    imported = securityhub.finding(Native("S3.8", STAGING, REGION, "AwsS3Bucket", "arn:aws:s3:::acme-staging-invoices"))
    snapshot = next(record for record in hub if record["GeneratorId"].endswith("RDS.1"))
    action = securityhub.event(snapshot, "Security Hub Findings - Custom Action")
    uploads = Native("S3.8", STAGING, REGION, "AwsS3Bucket", "arn:aws:s3:::acme-staging-uploads-4f2a")
    v2 = securityhub.event_v2(uploads, "AWS::S3::Bucket")
    events = [securityhub.event(imported), v2, action, message]
    (FINDINGS / "events.ndjson").write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")

    files = {
        "securityhub.json": map(of_asff, hub),
        "prowler.asff.json": map(of_asff, asff),
        "prowler.ocsf.json": map(of_ocsf, ocsf),
        "scc.json": map(of_scc, buckets),
        "events.ndjson": [of_asff(imported), of_ocsf(v2["detail"]["findings"][0]), of_asff(snapshot), of_scc(message)],
    }
    (FINDINGS / "expected.tsv").write_text(table(files, index), encoding="utf-8")


def dump_state(state):
    path = ESTATE / "live/prod-eu/terraform.tfstate"
    path.write_text(json.dumps(state, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep logs and raw scans in this folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        raw = folder / "recording.json"
        if raw.is_file():
            print(f"using the recording in {raw}", file=sys.stderr)
            recording = json.loads(raw.read_text(encoding="utf-8"))
        else:
            found_tools = tools()
            with ThreadPoolExecutor(len(estate.ACCOUNTS)) as pool:
                results = list(pool.map(lambda account: record(account, found_tools, folder), estate.ACCOUNTS))
            recording = {
                "states": {root: state for states, _ in results for root, state in states.items()},
                "scans": {account.name: scans for account, (_, scans) in zip(estate.ACCOUNTS, results, strict=True)},
            }
            raw.write_text(json.dumps(recording), encoding="utf-8")
        write(recording["states"], recording["scans"])


if __name__ == "__main__":
    main()
