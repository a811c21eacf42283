"""The testbed for AWS must refuse what AWS refuses, and name each call for what it is."""

import gzip
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from testbed import security_hub  # noqa: E402
from testbed.aws_operations import Operations  # noqa: E402
from testbed.aws_recorder import Recorder, failure  # noqa: E402

FINDING = {
    "Id": "arn:1",
    "Severity": {"Label": "HIGH"},
    "Workflow": {"Status": "NEW"},
    "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.8"},
    "Resources": [{"Region": "eu-west-1"}, {"Region": "eu-west-2"}],
    "UpdatedAt": "2026-11-20T08:00:00.000Z",
}
DESCRIPTION = {
    "metadata": {"protocol": "rest-xml"},
    "operations": {
        "GetObject": {"http": {"method": "GET", "requestUri": "/{Bucket}/{Key+}"}},
        "ListObjects": {"http": {"method": "GET", "requestUri": "/{Bucket}"}},
        "GetPublicAccessBlock": {"http": {"method": "GET", "requestUri": "/{Bucket}?publicAccessBlock"}},
    },
}


def equals(*values):
    return [{"Value": value, "Comparison": "EQUALS"} for value in values]


class Filters(unittest.TestCase):
    def passes(self, **filters):
        security_hub.check_filters(filters)
        return security_hub.passes(FINDING, filters)

    def test_values_are_joined_by_or_and_attributes_by_and(self):
        self.assertTrue(self.passes(SeverityLabel=equals("LOW", "HIGH"), ComplianceStatus=equals("FAILED")))
        self.assertFalse(self.passes(SeverityLabel=equals("LOW", "HIGH"), ComplianceStatus=equals("PASSED")))

    def test_negative_values_all_count(self):
        conditions = [{"Value": v, "Comparison": "NOT_EQUALS"} for v in ("SUPPRESSED", "NEW")]
        self.assertFalse(self.passes(WorkflowStatus=conditions))

    def test_lists_are_searched(self):
        self.assertTrue(self.passes(ResourceRegion=equals("eu-west-2")))

    def test_dates(self):
        later = [{"Start": "2026-11-20T09:00:00Z", "End": "2026-11-21T00:00:00Z"}]
        self.assertFalse(self.passes(UpdatedAt=later))
        self.assertTrue(self.passes(UpdatedAt=[{"Start": "2026-11-20T07:00:00.000Z", "End": "2026-11-21T00:00:00Z"}]))

    def test_limits_are_those_of_aws(self):
        for filters in ({"Nonsense": equals("x")}, {"Id": equals(*map(str, range(21)))}, {"Id": [{"Value": "x"}]}):
            with self.assertRaises(security_hub.Invalid):
                security_hub.check_filters(filters)

    def test_a_token_belongs_to_its_query(self):
        first, token = security_hub.page(list(range(150)), {"MaxResults": 100})
        rest, end = security_hub.page(list(range(150)), {"MaxResults": 100, "NextToken": token})
        self.assertEqual((len(first), len(rest), end), (100, 50, None))
        with self.assertRaises(security_hub.Invalid):
            security_hub.page([], {"NextToken": token, "Filters": {"Id": equals("x")}})

    def test_composite_filters(self):
        finding = {"severity": "High", "compliance": {"control": "S3.8"}}
        filters = [{"FieldName": "severity", "Filter": {"Value": v, "Comparison": "EQUALS"}} for v in ("Low", "High")]
        self.assertTrue(security_hub.composed(finding, {"Operator": "OR", "StringFilters": filters}))
        self.assertFalse(security_hub.composed(finding, {"Operator": "AND", "StringFilters": filters}))


class Names(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        place = Path(self.folder.name) / "s3" / "2006-03-01"
        place.mkdir(parents=True)
        (place / "service-2.json.gz").write_bytes(gzip.compress(json.dumps(DESCRIPTION).encode()))
        self.operations = Operations(self.folder.name)

    def named(self, method, target, service="s3", body=b"", **headers):
        scope = f"K/20260101/eu-west-1/{service}/aws4_request"
        headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"
        return self.operations.of(method, target, headers, body)

    def test_rest_operations_are_told_apart_by_path_and_query(self):
        self.assertEqual(self.named("GET", "/bucket?publicAccessBlock").action, "GetPublicAccessBlock")
        self.assertEqual(self.named("GET", "/bucket/").action, "ListObjects")
        self.assertEqual(self.named("GET", "/bucket/a/b").action, "GetObject")
        self.assertEqual(self.named("PUT", "/bucket").action, "PUT /bucket")

    def test_scope_target_and_form(self):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        made = self.named("POST", "/", service="sts", body=b"Action=AssumeRole&RoleArn=arn%3Ax", **form)
        self.assertEqual((made.service, made.action), ("sts", "AssumeRole"))
        self.assertEqual((made.region, made.access_key), ("eu-west-1", "K"))
        self.assertEqual(made.parameters["RoleArn"], "arn:x")
        self.assertEqual(self.named("POST", "/", service="x", **{"X-Amz-Target": "Svc_2012.Do"}).action, "Do")

    def test_a_fault_is_for_its_caller_and_ends(self):
        recorder = Recorder("http://127.0.0.1:1", self.operations, Path(self.folder.name) / "log")
        fault = {"service": "s3", "code": "SlowDown", "times": 2, "access_key": "K"}
        recorder.control("POST", "/_testbed/faults", fault)

        def hit(key):
            headers = {"Authorization": f"Credential={key}/20260101/r/s3/aws4_request"}
            return recorder.fault_for(self.operations.of("GET", "/b", headers, b""))

        self.assertIsNone(hit("OTHER"))
        self.assertEqual([bool(hit("K")) for _ in range(3)], [True, True, False])

    def test_errors_speak_the_protocol(self):
        made = failure(self.named("GET", "/b"), "SlowDown", "slow")
        self.assertEqual((made.status, b"<Code>SlowDown</Code>" in made.body), (503, True))


if __name__ == "__main__":
    unittest.main()
