"""The judgement of the sample must not be kind: what would let a bad fix through is tried here."""

import collections
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import corpus  # noqa: E402
from sampling import scanners, slices, trees, units, validation, verdict  # noqa: E402
from sampling.scanners import Place, Scan  # noqa: E402
from sampling.units import Member, Unit  # noqa: E402

ID = "arn:aws:securityhub:eu-west-1:1:security-control/S3.14/finding/s3-no-versioning/arn:aws:s3:::one"


def place(code="CKV_AWS_21", resource="aws_s3_bucket.logs", root="live", file="live/main.tf", scanner="checkov"):
    return Place(scanner, code, root, resource, file)


def scan(*failed, passed=()):
    return Scan(collections.Counter(failed), set(passed))


def outcome(kind="proposed", key=f"security-hub-asff:aws/securityhub:1:{ID}", **more):
    return {"finding": {"key": key}, "outcome": kind, "address": "aws_s3_bucket.logs", "also_changes": [], **more}


def judged(outcomes, after, rule="s3-no-versioning", places=None):
    one = Member("live", "aws_s3_bucket.logs", [ID], places or [place()])
    unit = Unit(rule, "live/main.tf", "aws_s3_bucket.logs", [one])
    return verdict.member(unit, one, verdict.outcomes_by_id(outcomes, [ID]), after)


class OneResource(unittest.TestCase):
    def test_cured_when_the_check_no_longer_fails(self):
        self.assertEqual(judged([outcome()], scan()).kind, "cured")

    def test_proposed_but_the_check_still_fails_is_wrong(self):
        self.assertEqual(judged([outcome()], scan(place())).kind, "wrong")

    def test_one_of_two_checks_that_still_fails_is_wrong(self):
        both = [place(), place("AVD-AWS-0090", scanner="trivy")]
        self.assertEqual(judged([outcome()], scan(both[1]), places=both).kind, "wrong")

    def test_a_named_reason_explains_only_its_own_rule(self):
        acl = [place("CKV_AWS_20")]
        self.assertEqual(judged([outcome()], scan(acl[0]), "s3-public-access", acl).kind, "explained")
        self.assertEqual(judged([outcome()], scan(acl[0]), "s3-no-versioning", acl).kind, "wrong")

    def test_a_lost_finding_is_wrong(self):
        self.assertEqual(judged([], scan()).kind, "wrong")

    def test_a_refusal_is_told_by_its_kind_whatever_the_scanner_says(self):
        refused = outcome("refused", reason={"kind": "too-wide", "message": "m", "next": "n"})
        self.assertEqual(judged([refused], scan()).kind, "refused: too-wide")

    def test_failed_is_wrong(self):
        self.assertEqual(judged([outcome("failed", reason=None)], scan()).kind, "wrong")


class TheRest(unittest.TestCase):
    def test_a_new_failure_is_seen_also_where_the_check_failed_once_before(self):
        before, after = scan(place()), scan(place(), place())
        unexplained, explained = verdict.new_failures(before, after)
        self.assertEqual((dict(unexplained), dict(explained)), ({place(): 1}, {}))

    def test_a_customers_own_key_is_apart(self):
        key = place("AVD-AWS-0132", scanner="trivy")
        unexplained, explained = verdict.new_failures(scan(), scan(key))
        self.assertEqual((dict(unexplained), dict(explained)), ({}, {key: 1}))

    def test_another_verdict_must_be_declared(self):
        other = place(resource='module.x["a"].aws_s3_bucket.other[0]')
        self.assertEqual(verdict.undeclared(scan(other), scan(), [outcome(edits=[])], {}), [other])
        told = outcome(edits=[], also_changes=['module.x["a"].aws_s3_bucket.other[0]'])
        self.assertEqual(verdict.undeclared(scan(other), scan(), [told], {}), [])

    def test_an_edit_declares_the_block_in_which_it_stands(self):
        text = b'resource "aws_s3_bucket" "b" {\n}\nresource "aws_acl" "a" {\n  x = 1\n}\n'
        other = place(resource="module.m.aws_acl.a")
        told = outcome(address="module.m.aws_s3_bucket.b", edits=[{"file": "f.tf", "start": text.index(b"x = 1")}])
        self.assertEqual(verdict.undeclared(scan(other), scan(), [told], {"f.tf": text}), [])
        told["edits"][0]["start"] = len(text)
        self.assertEqual(verdict.undeclared(scan(other), scan(), [told], {"f.tf": text}), [other])

    def test_removals_that_overlap_are_one(self):
        edits = [{"file": "f", "start": a, "end": b, "text": t} for a, b, t in ((2, 8, ""), (2, 5, ""), (9, 9, "x"))]
        self.assertEqual(corpus.spliced({"f": b"0123456789"}, edits)["f"], b"018x9")

    def test_keys_are_no_part_of_a_block(self):
        self.assertEqual(verdict.without_keys('module.a["x.y]"].aws_b.c[0]'), "module.a.aws_b.c")


class Drawing(unittest.TestCase):
    def test_the_seed_decides_and_the_order_does_not(self):
        many = [Unit("a", "f.tf", f"aws_x.n{n}") for n in range(30)] + [Unit("b", "f.tf", "aws_y.z")]
        first = [u.name for u in units.draw(many, 5, 1)]
        self.assertEqual(first, [u.name for u in units.draw(many[::-1], 5, 1)])
        self.assertEqual(len(first), 6)
        self.assertNotEqual(first, [u.name for u in units.draw(many, 5, 2)])

    def test_two_checks_of_one_resource_are_one_member(self):
        unit = Unit("s3-no-versioning", "f.tf", "aws_s3_bucket.logs")
        entry = {"address": "aws_s3_bucket.logs", "ids": [ID]}
        units.add(unit, place(), entry)
        units.add(unit, place("AVD-AWS-0090", scanner="trivy"), entry)
        units.add(unit, place(root="other"), entry)
        self.assertEqual([(m.root, m.ids, len(m.places)) for m in unit.members], [("live", [ID], 2), ("other", [ID], 1)])


class Trees(unittest.TestCase):
    def test_a_cut_keeps_what_the_roots_call(self):
        with tempfile.TemporaryDirectory() as scratch:
            tree = Path(scratch)
            for n in range(8):
                trees.write(tree, f"live/r{n}/main.tf", b'module "m" {\n  source = "../../modules/m"\n}\n')
            trees.write(tree, "modules/m/main.tf", b"")
            kept, whole = trees.cut(tree, 4, 1)
            self.assertEqual(whole, 9)
            self.assertLess(kept, 6)
            self.assertTrue((tree / "modules/m/main.tf").is_file())

    def test_states_are_left_out(self):
        with tempfile.TemporaryDirectory() as scratch:
            trees.write(Path(scratch), "a/terraform.tfstate", b"{}")
            self.assertEqual(list(Path(scratch).rglob("*")), [])


class Reading(unittest.TestCase):
    def test_the_root_is_where_the_outermost_call_stands(self):
        found = {
            "check_id": "CKV_AWS_21", "file_path": "/modules/m/main.tf", "resource": "module.a.module.b.aws_s3_bucket.c",
            "breadcrumbs": {"source_module_": [{"path": "/t/live/main.tf"}, {"path": "/t/modules/n/main.tf"}]},
        }  # fmt: skip
        got = scanners.checkov_place(found, "/t")
        self.assertEqual((got.root, got.file), ("live", "modules/m/main.tf"))

    def test_a_resource_at_the_top_belongs_to_its_own_directory(self):
        got = scanners.checkov_place({"check_id": "C", "file_path": "/main.tf", "resource": "aws_x.y"}, "/t")
        self.assertEqual((got.root, got.file), ("", "main.tf"))

    def test_types_are_written_as_today(self):
        got = validation.todays('  type    = "list"\n  name = "list"\n  type = string\n')
        self.assertEqual(got, '  type    = list(any)\n  name = "list"\n  type = string\n')


CODE = """variable "name" {}

locals {
  full = "${var.name}-x"
  tags = {
    a = local.full
  }
}

resource "aws_s3_bucket" "logs" {
  provider = aws.west
  bucket   = local.tags["a"]
  policy   = <<EOF
{
  "x": "${data.aws_iam_policy_document.p.json}"
}
EOF
}

resource "random_id" "r" {}

data "aws_iam_policy_document" "p" {}
resource "aws_sns_topic" "t" { name = random_id.r.hex }
"""


class Slices(unittest.TestCase):
    def read(self, text):
        with tempfile.TemporaryDirectory() as scratch:
            (Path(scratch) / "main.tf").write_text(text, "utf-8")
            return slices.items(Path(scratch))

    def test_here_documents_and_blocks_of_one_line_are_read(self):
        names = {"var.name", "local.full", "local.tags", "aws_s3_bucket.logs", "random_id.r", "aws_sns_topic.t",
                 "data.aws_iam_policy_document.p"}  # fmt: skip
        self.assertEqual(set(self.read(CODE)), names)

    def test_a_slice_holds_what_is_referred_to_and_no_more(self):
        everything = self.read(CODE)
        got = slices.closure(everything, ["aws_s3_bucket.logs"])
        self.assertEqual(got, set(everything) - {"random_id.r", "aws_sns_topic.t"})
        self.assertEqual(slices.foreign(got), [])
        self.assertIn('alias  = "west"', slices.written(everything, got))

    def test_what_needs_another_provider_is_said(self):
        everything = self.read(CODE)
        self.assertEqual(slices.foreign(slices.closure(everything, ["aws_sns_topic.t"])), ["another provider"])

    def test_only_what_changed_is_a_seed(self):
        before = self.read(CODE)
        after = self.read(CODE.replace("aws.west", "aws.east") + 'resource "aws_kms_key" "k" {}\n')
        self.assertEqual(slices.changed(before, after), ["aws_kms_key.k", "aws_s3_bucket.logs"])


class FakeTerraform:
    def __init__(self, said):
        self.said = said

    def errors(self, tree, wanted):
        return {d: list(e) for d, e in self.said[tree.name].items() if d in wanted}


class Validation(unittest.TestCase):
    def judge(self, before, after, now, was):
        with tempfile.TemporaryDirectory() as scratch:
            for name, text in (("base", before), ("fixed", after)):
                trees.write(Path(scratch) / name, "d/main.tf", text.encode())
            said = FakeTerraform({"fixed": now, "base": was})
            return validation.judge(said, Path(scratch) / "base", Path(scratch) / "fixed", ["d"])

    def test_an_error_that_was_not_there_before_is_wrong(self):
        count, complaints = self.judge('resource "aws_a" "b" {}', 'resource "aws_a" "b" {\n  x = 1\n}', {"d": ["new"]}, {"d": []})
        self.assertEqual((dict(count), len(complaints)), ({"invalid": 1}, 1))

    def test_an_error_that_was_there_before_is_not(self):
        count, complaints = self.judge('resource "aws_a" "b" {}', 'resource "aws_a" "b" {\n  x = 1\n}', {"d": ["old"]}, {"d": ["old"]})
        self.assertEqual((dict(count), complaints), ({"no new error": 1}, []))

    def test_a_reference_to_a_removed_block_is_wrong(self):
        _, complaints = self.judge('resource "aws_a" "b" {}\noutput "x" {}\nresource "aws_c" "d" { x = aws_a.b.id }\n',
                                   'resource "aws_c" "d" { x = aws_a.b.id }\n', {}, {})  # fmt: skip
        self.assertEqual(len(complaints), 1)


if __name__ == "__main__":
    unittest.main()
