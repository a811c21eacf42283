"""Writes many Security Hub findings to standard output: python3 scripts/many_findings.py 100000 > many.json

Half are the same problem reported again, a quarter have no rule, the rest name buckets that nobody has. With
`tfmend plan --findings many.json --repo testdata/estates/acme` they show how a run grows with its findings.
"""

import json
import sys

count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
sys.stdout.write("[")
for n in range(count):
    kind = n % 4
    control = "Config.1" if kind == 2 else "S3.8"
    bucket = f"acme-many-{n % 50 if kind < 2 else n}"
    finding = {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:aws:securityhub:eu-west-1:111122223333:security-control/{control}/finding/{n:08}",
        "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
        "ProductName": "Security Hub",
        "Region": "eu-west-1",
        "GeneratorId": f"security-control/{control}",
        "AwsAccountId": "111122223333",
        "UpdatedAt": "2026-11-20T08:00:00.000Z",
        "Severity": {"Label": "HIGH"},
        "Title": f"{control} title",
        "Resources": [{"Type": "AwsS3Bucket", "Id": f"arn:aws:s3:::{bucket}", "Region": "eu-west-1"}],
        "Compliance": {"Status": "FAILED", "SecurityControlId": control},
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    }
    sys.stdout.write((",\n" if n else "") + json.dumps(finding))
sys.stdout.write("]\n")
