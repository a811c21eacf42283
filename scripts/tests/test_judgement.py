"""The judgement must not be kind: what would let a bad fix through is tried here."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from testbed import judgement  # noqa: E402
from testbed.proposals import Proposals, by_problem  # noqa: E402
from testbed.scanner import Scan, Verdict  # noqa: E402
from testbed.terraform import Change, read_plan  # noqa: E402

BUCKET = "arn:aws:s3:::logs"
CHECK = "s3_bucket_object_versioning"
PROBLEM = (CHECK, BUCKET)
STATE = '{"attributes": {"arn": "arn:aws:s3:::logs"}}'


def expected(**more):
    rules = {"s3-no-versioning": {"checks": [CHECK], "changes": ["aws_s3_bucket_versioning"], "not_in": {}}}
    return {"rules": rules, "not_proposed": [], "newly_failing": []} | more


def scan(*verdicts):
    return Scan(tuple(Verdict(check, resource, status, "") for check, resource, status in verdicts), ())


def outcome(kind, **more):
    return {
        "finding": {"control": CHECK, "resource": BUCKET},
        "outcome": kind,
        "address": "aws_s3_bucket.logs",
        "reason": None,
    } | more


def judge(after, *, made=None, rest=None, changes=(), second=(), unformatted=(), before=None, state=STATE, expect=None):
    proposals = Proposals(
        outcomes={PROBLEM: made or outcome("proposed")},
        at_rest={PROBLEM: rest or outcome("already_safe")},
    )
    before = before or scan((CHECK, BUCKET, "FAIL"))
    return judgement.judge(
        "v5", before, after, proposals, list(changes), list(second), list(unformatted), state, expect or expected()
    )


class Cures(unittest.TestCase):
    def test_pass_on_the_same_resource_is_a_cure(self):
        report = judge(scan((CHECK, BUCKET, "PASS")))
        self.assertEqual(report.failures, [])
        self.assertTrue(report.rules["s3-no-versioning"]["holds"])

    def test_a_finding_that_still_fails_is_not_cured(self):
        report = judge(scan((CHECK, BUCKET, "FAIL")))
        self.assertEqual(report.rules["s3-no-versioning"]["not_cured"], 1)
        self.assertIn("proposed, but not cured", report.failures[0])

    def test_pass_beside_fail_is_not_a_cure(self):
        report = judge(scan((CHECK, BUCKET, "PASS"), (CHECK, BUCKET, "FAIL")))
        self.assertFalse(report.rules["s3-no-versioning"]["holds"])

    def test_absence_is_no_cure(self):
        report = judge(scan((CHECK, "arn:aws:s3:::other", "PASS")))
        self.assertIn("proposed, but gone", report.failures[0])

    def test_absence_is_a_cure_where_the_plan_removed_the_grant(self):
        removed = Change("aws_s3_bucket.logs", "aws_security_group_rule", "delete")
        self.assertEqual(judge(scan(), changes=[removed]).failures, [])

    def test_a_rule_without_a_finding_proves_nothing(self):
        report = judge(scan(), before=scan((CHECK, BUCKET, "PASS")))
        self.assertIn("nothing is proved", report.failures[0])


class Proposing(unittest.TestCase):
    def test_a_refusal_fails_unless_it_is_expected(self):
        reason = {"kind": "intended-public", "message": "a website", "next": ""}
        refused = outcome("refused", reason=reason)
        report = judge(scan((CHECK, BUCKET, "FAIL")), made=refused, rest=refused)
        self.assertIn("refused intended-public: a website", report.failures[0])

    def test_an_expected_refusal_holds_but_proves_no_cure(self):
        refused = outcome("refused")
        entry = {"generation": "v5", "check": CHECK, "resource": "logs$", "outcome": "refused", "why": "website"}
        report = judge(scan((CHECK, BUCKET, "FAIL")), made=refused, rest=refused, expect=expected(not_proposed=[entry]))
        self.assertEqual(report.rules["s3-no-versioning"]["excused"], 1)
        self.assertFalse(report.rules["s3-no-versioning"]["holds"])
        self.assertIn("every finding is excused", report.failures[0])

    def test_a_finding_that_tfmend_swallowed_fails(self):
        proposals = Proposals()
        before = scan((CHECK, BUCKET, "FAIL"))
        report = judgement.judge("v5", before, before, proposals, [], [], [], STATE, expected())
        self.assertIn("absent from tfmend's output", report.failures[0])

    def test_what_terraform_did_not_make_is_no_claim(self):
        before = scan((CHECK, BUCKET, "FAIL"), (CHECK, "arn:aws:s3:::by-hand", "FAIL"))
        report = judge(scan((CHECK, BUCKET, "PASS")), before=before)
        self.assertEqual([claim.resource for claim in report.claims], [BUCKET])

    def test_findings_on_the_account_are_claims_without_a_resource_in_the_state(self):
        self.assertTrue(judgement.in_state("arn:aws:iam:us-east-1:123456789012:password-policy", "{}"))
        self.assertTrue(judgement.in_state("arn:aws:ec2:us-east-1:123456789012:volume", "{}"))
        self.assertFalse(judgement.in_state("arn:aws:ec2:us-east-1:123456789012:volume/vol-1", "{}"))

    def test_what_a_resource_only_refers_to_was_not_made_by_it(self):
        self.assertFalse(judgement.in_state(BUCKET, '{"bucket_arn": "arn:aws:s3:::logs", "bucket": "logs"}'))

    def test_merged_code_that_is_found_unsafe_again_fails(self):
        report = judge(scan((CHECK, BUCKET, "PASS")), rest=outcome("refused"))
        self.assertIn("does not find the code safe", report.failures[0])


class Harm(unittest.TestCase):
    CURED = scan((CHECK, BUCKET, "PASS"))

    def test_replacing_a_bucket_is_forbidden(self):
        for action in ("delete", "replace"):
            report = judge(self.CURED, changes=[Change("aws_s3_bucket.logs", "aws_s3_bucket", action)])
            self.assertEqual(len(report.failures), 1, action)

    def test_an_action_that_is_not_known_is_forbidden(self):
        report = judge(self.CURED, changes=[Change("aws_s3_bucket.logs", "aws_s3_bucket", "forget")])
        self.assertEqual(len(report.forbidden), 1)

    def test_grants_may_go(self):
        gone = Change("aws_security_group_rule.ssh", "aws_security_group_rule", "replace")
        self.assertEqual(judge(self.CURED, changes=[gone]).failures, [])

    def test_a_new_failure_is_seen_also_on_a_resource_that_a_fix_created(self):
        after = scan((CHECK, BUCKET, "PASS"), ("s3_bucket_lifecycle_enabled", "arn:aws:s3:::new", "FAIL"))
        self.assertEqual(judge(after).newly_failing, [("s3_bucket_lifecycle_enabled", "arn:aws:s3:::new")])

    def test_an_allowed_new_failure_is_allowed_for_that_resource_only(self):
        after = scan((CHECK, BUCKET, "PASS"), ("x", "arn:aws:s3:::new", "FAIL"), ("x", "arn:aws:s3:::other", "FAIL"))
        allowed = expected(newly_failing=[{"check": "x", "resource": "new$", "why": "seen"}])
        self.assertEqual(judge(after, expect=allowed).newly_failing, [("x", "arn:aws:s3:::other")])

    def test_a_second_plan_that_is_not_empty_fails(self):
        report = judge(self.CURED, second=[Change("aws_s3_bucket.logs", "aws_s3_bucket", "update")])
        self.assertIn("second plan", report.failures[0])

    def test_code_that_fmt_would_change_fails(self):
        self.assertIn("fmt would change s3.tf", judge(self.CURED, unformatted=["s3.tf"]).failures[0])


class Reading(unittest.TestCase):
    def test_plan_stream(self):
        stream = "\n".join([
            '{"type": "version"}',
            "not json",
            '{"type": "planned_change", "change": {"resource": {"addr": "a.b", "resource_type": "a"}, "action": "replace"}}',
            '{"type": "planned_change", "change": {"resource": {"addr": "a.c", "resource_type": "a"}, "action": "noop"}}',
            '{"type": "resource_drift", "change": {"resource": {"addr": "a.d", "resource_type": "a"}, "action": "update"}}',
        ])
        self.assertEqual(read_plan(stream), [Change("a.b", "a", "replace")])

    def test_a_duplicate_does_not_hide_the_proposal(self):
        output = {"outcomes": [outcome("duplicate"), outcome("proposed")]}
        self.assertEqual(by_problem(output)[PROBLEM]["outcome"], "proposed")


if __name__ == "__main__":
    unittest.main()
