"""The action, run step by step as the runner does: real scripts, the real binary, hostile input."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from testbed import expressions, runner, servers  # noqa: E402
from testbed.cache import Unavailable  # noqa: E402

PROJECT = Path(__file__).resolve().parent.parent.parent
ESTATE = PROJECT / "testdata" / "estates" / "acme"
FINDINGS = PROJECT / "testdata" / "estates" / "acme-findings" / "securityhub.json"
CODE = """terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

resource "aws_s3_bucket" "logs" {
  bucket = "acme-shop-audit-logs"
}
"""


def binary():
    # Not a release build that may lie beside it: those for measuring have no clients.
    built = Path(os.environ.get("TFMEND_BINARY") or PROJECT / "target" / "debug" / "tfmend")
    if not built.is_file():
        missing("tfmend is not built: cargo build")
    return str(built.resolve())


def missing(reason):
    """A skip that TFMEND_NO_SKIP=1 turns into a failure."""
    if os.environ.get("TFMEND_NO_SKIP") == "1":
        raise AssertionError(f"SKIPPED: action ({reason})")
    print(f"SKIPPED: action ({reason})", file=sys.stderr)
    raise unittest.SkipTest(reason)


def finding(title, *, arn="arn:aws:s3:::acme-shop-audit-logs", control="S3.8", number=1):
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:aws:securityhub:eu-west-1:111122223333:security-control/{control}/finding/{number}",
        "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
        "GeneratorId": f"security-control/{control}",
        "AwsAccountId": "111122223333",
        "Region": "eu-west-1",
        "Types": ["Software and Configuration Checks"],
        "CreatedAt": "2026-10-01T08:00:00.000Z",
        "UpdatedAt": "2026-11-20T08:00:00.000Z",
        "Severity": {"Label": "HIGH"},
        "Title": title,
        "Description": title,
        "Compliance": {"Status": "FAILED", "SecurityControlId": control},
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
        "Resources": [{"Type": "AwsS3Bucket", "Id": arn, "Partition": "aws", "Region": "eu-west-1"}],
    }


class Workspace(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="tfmend-action-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_action(self, inputs, **more):
        env = {"TFMEND_BINARY": binary(), **more.pop("env", {})}
        made = runner.Runner(self.folder, repository="acme/infrastructure", env=env, **more)
        self.addCleanup(shutil.rmtree, made.temp, ignore_errors=True)
        try:
            return made.action(PROJECT, inputs)
        except Unavailable as problem:
            return missing(str(problem))

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def findings(self, *records, name="findings.json"):
        self.write("main.tf", CODE)
        self.write(name, json.dumps({"Findings": list(records)}))


class Plan(Workspace):
    def test_outputs_summary_annotations_and_sarif_of_an_estate(self):
        shutil.copytree(ESTATE, self.folder, dirs_exist_ok=True)
        shutil.copy(FINDINGS, self.folder / "findings.json")
        ran = self.run_action({
            "findings": "findings.json", "profile": "all", "sarif-file": "out.sarif", "json-file": "out.json",
            "journal": "journal.ndjson",
        })  # fmt: skip
        self.assertEqual(ran.code, 0, ran.log)
        answer = json.loads((self.folder / "out.json").read_text(encoding="utf-8"))
        self.assertGreater(answer["summary"]["proposed"], 10)
        self.assertEqual(json.loads(ran.outputs["summary"]), answer["summary"])
        self.assertEqual(ran.outputs["proposed"], str(answer["summary"]["proposed"]))
        people = sum(answer["summary"][kind] for kind in ("refused", "not_located", "advice", "emergency"))
        self.assertEqual(ran.outputs["needs-human"], str(people))
        # A plan opens nothing, whatever it would do.
        self.assertEqual((ran.outputs["opened"], ran.outputs["pull-requests"]), ("0", "[]"))
        self.assertIn("## tfmend", ran.summary)
        self.assertIn("### Needs a human", ran.summary)
        self.assertIn("```diff", ran.summary)
        for level in runner.LEVELS:
            self.assertLessEqual(len(ran.annotations(level)), 10)
        self.assertIn("more; see the step summary", ran.annotations("notice")[-1][1])
        for properties, _ in ran.annotations("notice")[:-1]:
            self.assertTrue((self.folder / properties["file"]).is_file(), properties)
        self.sarif(json.loads((self.folder / "out.sarif").read_text(encoding="utf-8")), answer)

    def sarif(self, log, answer):
        """The basics that code scanning insists on."""
        self.assertEqual(log["version"], "2.1.0")
        (run,) = log["runs"]
        driver = run["tool"]["driver"]
        rules = [rule["id"] for rule in driver["rules"]]
        self.assertEqual(driver["name"], "tfmend")
        self.assertEqual(len(rules), len(set(rules)))
        self.assertGreaterEqual(len(run["results"]), answer["summary"]["proposed"])
        for result in run["results"]:
            self.assertIn(result["ruleId"], rules)
            self.assertIn(result["level"], ("error", "warning", "note"))
            self.assertTrue(result["message"]["text"])
            (location,) = result["locations"]
            place = location["physicalLocation"]
            self.assertTrue((self.folder / place["artifactLocation"]["uri"]).is_file(), place)
            self.assertGreaterEqual(place.get("region", {}).get("startLine", 1), 1)

    def test_hostile_findings_stay_data(self):
        hostile = (
            "bucket\n::set-output name=opened::99\n::error::owned\n##[error]owned\r\n::add-path::/evil\n"
            "opened=99\n`x` $(touch evil) <img src=x> | @octocat ::stop-commands::x"
        )
        self.findings(
            finding(hostile, control="S3.5"),
            finding(hostile, arn=f"arn:aws:s3:::nowhere{hostile}", number=2),
        )
        ran = self.run_action({"findings": "findings.json"})
        self.assertEqual(ran.code, 0, ran.log)
        self.assertEqual(set(name for name, _, _ in ran.commands), {"notice", "warning"}, ran.commands)
        self.assertEqual(ran.outputs["opened"], "0")
        self.assertEqual((ran.outputs["proposed"], ran.outputs["needs-human"]), ("1", "1"))
        self.assertFalse((self.folder / "evil").exists())
        # In a code span it is text; outside of one it would be an element and a mention.
        shown = re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", ran.summary)
        self.assertNotIn("<img", shown)
        self.assertNotIn("@octocat", shown)
        self.assertNotIn("\n::", ran.summary)

    def test_hostile_inputs_stay_data(self):
        name = "find ings'\"$(touch evil)`touch evil`;touch evil.json"
        self.findings(finding("t"), name=name)
        evil = "$(touch evil) `touch evil` ; touch evil #"
        ran = self.run_action({"findings": f"{name}\n\n", "sarif-file": f"{evil[:20]}.sarif"})
        self.assertEqual(ran.code, 0, ran.log)
        self.assertEqual(ran.outputs["proposed"], "1")
        for key in ("mode", "profile", "config", "path", "state", "root", "finding-ids", "min-confidence"):
            refused = self.run_action({"findings": name, key: evil})
            self.assertNotEqual(refused.code, 0, f"{key}: {refused.log}")
            self.assertIn("ended with code" if key != "mode" else "", refused.summary)
        # An option that is smuggled into a value stays a value.
        refused = self.run_action({"findings": "--version"})
        self.assertEqual(refused.code, 3, refused.log)
        refused = self.run_action({"findings": name, "version": evil}, env={"TFMEND_BINARY": ""})
        self.assertNotEqual(refused.code, 0)
        self.assertFalse((self.folder / "evil").exists())

    def test_in_a_public_repository_nothing_is_named(self):
        self.findings(finding("the title"), finding("t", arn="arn:aws:s3:::not-here", number=2))
        payload = {"repository": {"private": False, "visibility": "public"}}
        ran = self.run_action({"findings": "findings.json"}, payload=payload)
        self.assertEqual(ran.code, 0, ran.log)
        for told in (ran.log, ran.summary):
            for secret in ("acme-shop", "not-here", "aws_s3_bucket", "the title"):
                self.assertNotIn(secret, told)
        self.assertEqual(ran.outputs["proposed"], "1")

    def test_files_below_the_top_are_named_from_the_top(self):
        self.findings(finding("t"), name="infra/findings.json")
        self.write("infra/main.tf", CODE)
        (self.folder / "main.tf").unlink()
        ran = self.run_action({"findings": "infra/findings.json", "path": "infra", "sarif-file": "out.sarif"})
        self.assertEqual(ran.code, 0, ran.log)
        self.assertEqual(ran.annotations("notice")[0][0]["file"], "infra/main.tf")
        log = json.loads((self.folder / "out.sarif").read_text(encoding="utf-8"))
        place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], "infra/main.tf")

    def test_what_needs_a_person_fails_only_on_request(self):
        self.findings(finding("t", arn="arn:aws:s3:::not-here"))
        self.assertEqual(self.run_action({"findings": "findings.json"}).code, 0)
        ran = self.run_action({"findings": "findings.json", "fail-on": "needs-human"})
        self.assertEqual((ran.code, ran.outputs["needs-human"]), (11, "1"))


class PullRequests(Workspace):
    """`mode: pr` against the GitHub double, with findings from a file and from an emulated Security Hub."""

    REPOSITORY = "acme/infrastructure"
    REGION = "eu-west-1"

    def setUp(self):
        super().setUp()
        self.outside = Path(tempfile.mkdtemp(prefix="tfmend-outside-"))
        self.addCleanup(shutil.rmtree, self.outside, ignore_errors=True)
        self.github = self.enterContext(servers.github())
        self.env = self.github.environment()

    def checkout(self, initialise=False):
        """The estate as the checkout of a job, and as the repository on the double."""
        shutil.copytree(ESTATE, self.folder, dirs_exist_ok=True)
        if initialise:
            (self.folder / "tfmend.toml").unlink()
            command = [binary(), "init", "--repo", self.folder, "--action", f"acme/tfmend@{'0123456789' * 4}"]
            subprocess.run(command, check=True, capture_output=True)
        servers.git(self.folder, "init", "--quiet", "--initial-branch=main")
        servers.git(self.folder, "remote", "add", "origin", f"{self.github.url}/{self.REPOSITORY}")
        self.commit("Start")
        owner, name = self.REPOSITORY.split("/")
        self.github.control("repositories", {"owner": owner, "name": name, "private": True, "import": str(self.folder)})

    def commit(self, subject):
        servers.git(self.folder, "add", "--all")
        servers.git(self.folder, "commit", "--quiet", "--message", subject)

    def state(self):
        return self.github.control(f"state?repository={self.REPOSITORY}")

    def open_pulls(self):
        return [pull for pull in self.state()["pulls"] if pull["state"] == "open"]

    def obeyed(self):
        self.assertEqual(self.github.control("violations"), [])

    def test_pull_requests_are_opened_once_and_told(self):
        self.checkout()
        shutil.copy(FINDINGS, self.outside / "findings.json")
        inputs = {
            "mode": "pr", "findings": str(self.outside / "findings.json"), "profile": "all", "github-token": "ghs_test",
            "sarif-file": str(self.outside / "out.sarif"), "json-file": str(self.outside / "out.json"),
        }  # fmt: skip
        ran = self.run_action(inputs, env=self.env)
        self.assertEqual(ran.code, 0, ran.log)
        pulls = self.open_pulls()
        self.assertGreater(len(pulls), 10)
        self.assertEqual(ran.outputs["opened"], str(len(pulls)))
        told = json.loads(ran.outputs["pull-requests"])
        self.assertEqual({t["branch"] for t in told}, {pull["head"] for pull in pulls})
        for one in told:
            self.assertRegex(one["url"], rf"/{self.REPOSITORY}/pull/\d+$")
            self.assertIn(one["url"], ran.summary)
        again = self.run_action(inputs, env=self.env)
        self.assertEqual((again.code, again.outputs["opened"], again.outputs["updated"]), (0, "0", "0"), again.log)
        self.assertEqual(len(self.open_pulls()), len(pulls))
        self.assertNotIn("ghs_test", ran.log + ran.summary + json.dumps(ran.outputs))
        self.obeyed()

    def test_a_token_without_rights_fails_with_the_reason(self):
        self.checkout()
        shutil.copy(FINDINGS, self.outside / "findings.json")
        inputs = {"mode": "pr", "findings": str(self.outside / "findings.json"), "github-token": "ghs_nobody"}
        ran = self.run_action(inputs, env=self.env)
        self.assertEqual(ran.code, 1, ran.log)
        self.assertIn("ended with code 1", ran.summary)
        self.assertNotIn("ghs_nobody", ran.log)
        self.assertEqual(self.open_pulls(), [])

    def test_the_workflow_that_init_writes(self):
        """Schedule, then a wider limit, then an event that names one finding."""
        aws = self.enterContext(servers.aws())
        aws.import_findings(self.REGION, json.loads(FINDINGS.read_text(encoding="utf-8"))["Findings"])
        self.checkout(initialise=True)

        def job(event, payload=None, inputs=None, variables=None):
            variables = variables if variables is not None else {
                "TFMEND_AWS_ROLE": "arn:aws:iam::111122223333:role/tfmend-read", "TFMEND_AWS_REGION": self.REGION,
            }  # fmt: skip
            env = {"TFMEND_BINARY": binary(), "GITHUB_TOKEN": "ghs_test", **self.env}
            made = runner.Runner(
                self.folder, repository=self.REPOSITORY, event=event, payload=payload, env=env, variables=variables
            )
            self.addCleanup(shutil.rmtree, made.temp, ignore_errors=True)

            def credentials(given):
                self.assertEqual(given["role-to-assume"], variables["TFMEND_AWS_ROLE"])
                return {**aws.environment(), "AWS_REGION": given["aws-region"]}

            others = {"actions/checkout": lambda given: {}, "aws-actions/configure-aws-credentials": credentials}
            workflow = self.folder / ".github" / "workflows" / "tfmend.yml"
            return made.job(workflow, "tfmend", inputs=inputs, ours=("acme/tfmend", PROJECT), others=others)

        self.assertIsNone(job("schedule", variables={}), "a fork without the role does nothing")
        first = job("schedule")
        self.assertEqual(first.code, 0, first.log)
        self.assertEqual((first.outputs["opened"], self.open_pulls()), ("0", []))
        self.assertIn("```diff", first.summary)
        (board,) = [issue for issue in self.state()["issues"] if "pull_request" not in issue]
        self.assertIn("Waiting", board["body"])
        config = self.folder / ".github" / "tfmend.toml"
        config.write_text(config.read_text(encoding="utf-8").replace("open = 0", "open = 3"), encoding="utf-8")
        self.commit("Widen")
        servers.git(self.folder, "push", "--quiet", self.github.push_url(self.REPOSITORY), "HEAD:main")
        planned = job("workflow_dispatch", inputs={"mode": "plan"})
        self.assertEqual((planned.code, self.open_pulls()), (0, []), planned.log)
        second = job("schedule")
        self.assertEqual((second.code, second.outputs["opened"]), (0, "3"), second.log)
        self.assertEqual(len(self.open_pulls()), 3)
        # An event names a finding; whatever else is in it stays data.
        known = json.loads(FINDINGS.read_text(encoding="utf-8"))["Findings"][0]["Id"]
        payload = {"action": "security-finding", "client_payload": {"finding_ids": [known, "$(touch evil)\n::error::x"]}}
        third = job("repository_dispatch", payload=payload)
        self.assertEqual(third.code, 0, third.log)
        self.assertEqual(json.loads(third.outputs["summary"])["findings"], 1)
        self.assertFalse((self.folder / "evil").exists())
        self.assertNotIn("x", [data for _, _, data in third.commands])
        self.assertEqual(len(self.open_pulls()), 3)
        self.obeyed()


class Install(Workspace):
    """A release from a mirror: what is not what it should be is not run."""

    def setUp(self):
        super().setUp()
        self.findings(finding("t"))
        machine = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}[os.uname().machine]
        self.release = self.folder / "mirror" / "v9.9.9"
        self.release.mkdir(parents=True)
        self.archive = self.release / f"tfmend-9.9.9-{machine}-unknown-linux-musl.tar.gz"
        wrapper = f"#!/bin/sh\necho installed >&2\nexec '{binary()}' \"$@\"\n".encode()
        with tarfile.open(self.archive, "w:gz") as packed:
            member = tarfile.TarInfo("tfmend")
            member.size, member.mode = len(wrapper), 0o755
            packed.addfile(member, io.BytesIO(wrapper))
        self.sum = hashlib.sha256(self.archive.read_bytes()).hexdigest()
        (self.release / "SHA256SUMS").write_text(
            f"{'0' * 64}  other.tar.gz\n{self.sum}  {self.archive.name}\n", encoding="utf-8"
        )

    def install(self, **inputs):
        env = {"TFMEND_BINARY": "", "TFMEND_RELEASES": f"file://{self.folder}/mirror/"}
        return self.run_action({"findings": "findings.json", "version": "v9.9.9", **inputs}, env=env)

    def test_a_release_whose_checksum_is_right_is_run(self):
        ran = self.install()
        self.assertEqual(ran.code, 0, ran.log)
        self.assertIn("installed", ran.log)
        self.assertEqual(ran.outputs["proposed"], "1")
        self.assertEqual(self.install(sha256=self.sum.upper()).code, 0)

    def test_built_from_source_it_obeys_no_configuration_of_the_checkout(self):
        cargo = self.write("bin/cargo", f"""#!/bin/sh
            pwd > '{self.folder}/where'
            while [ "$1" != --root ]; do shift; done
            mkdir -p "$2/bin" && ln -s '{binary()}' "$2/bin/tfmend"
        """)
        cargo.chmod(0o755)
        env = {"TFMEND_BINARY": "", "PATH": f"{cargo.parent}:{os.environ['PATH']}"}
        ran = self.run_action({"findings": "findings.json", "version": "source"}, env=env)
        self.assertEqual((ran.code, ran.outputs["proposed"]), (0, "1"), ran.log)
        self.assertEqual((self.folder / "where").read_text(encoding="utf-8").strip(), str(PROJECT))

    def test_another_archive_than_the_checksum_says_is_not_run(self):
        with open(self.archive, "ab") as archive:
            archive.write(b"more")
        ran = self.install()
        self.assertNotEqual(ran.code, 0)
        self.assertNotIn("installed", ran.log)
        self.assertIn("expected", ran.annotations("error")[0][1])

    def test_a_release_without_a_checksum_or_none_at_all_is_not_run(self):
        ran = self.install(sha256="1" * 64)
        self.assertNotEqual(ran.code, 0)
        self.assertIn("expected", ran.annotations("error")[0][1])
        (self.release / "SHA256SUMS").write_text("", encoding="utf-8")
        self.assertIn("no SHA-256", self.install().annotations("error")[0][1])
        self.assertIn("cannot be had", self.install(version="9.9.8").annotations("error")[0][1])
        self.assertIn("is not like", self.install(version="../v9.9.9").annotations("error")[0][1])


class Runner(unittest.TestCase):
    """The runner must not be kind, either."""

    def test_files_of_a_step(self):
        text = "a=1\nb<<X\n1\n2\nX\nc=<<\n"
        self.assertEqual(runner.values(text), {"a": "1", "b": "1\n2", "c": "<<"})
        with self.assertRaises(ValueError):
            runner.values("b<<X\n1\n")

    def test_commands_of_a_log(self):
        log = "::error file=a,line=1::b%0Ac\n  ::notice::x\n::stop-commands::t\n::error::no\n::t::\nx ##[error]y\n"
        self.assertEqual(
            runner.commands(log),
            [("error", {"file": "a", "line": "1"}, "b\nc"), ("notice", {}, "x"), ("legacy", {}, "x ##[error]y")],
        )
        (with_colons,) = runner.commands("::warning title=S3.8%3A x,file=a.tf::t: u")
        self.assertEqual(with_colons, ("warning", {"title": "S3.8: x", "file": "a.tf"}, "t: u"))

    def test_expressions(self):
        contexts = {"inputs": {"mode": "", "n": "it's"}, "vars": {"A": "x"}, "env": {}}
        for text, value in (
            ("inputs.mode || 'pr'", "pr"),
            ("vars.A != '' && inputs.n", "it's"),
            ("!(vars.A == 'X')", False),
            ("inputs['n']", "it's"),
            ("vars.none", None),
            ("'it''s' == inputs.n", True),
        ):
            self.assertEqual(expressions.evaluate(text, contexts), value, text)
        self.assertEqual(expressions.fill("a ${{ vars.A }} ${{ vars.none }}!", contexts), "a x !")
        for wrong in ("secrets.X", "hashFiles('x')", "vars.A +", "'open"):
            with self.assertRaises(expressions.NotUnderstood, msg=wrong):
                expressions.evaluate(wrong, contexts)


class Scripts(unittest.TestCase):
    def test_no_expression_reaches_a_script(self):
        try:
            description = runner.yaml(PROJECT / "action.yml")
        except Unavailable as problem:
            missing(str(problem))
        for step in description["runs"]["steps"]:
            self.assertNotIn("${{", step["run"])
        for script in (PROJECT / "action").glob("*.sh"):
            text = script.read_text(encoding="utf-8")
            self.assertIn("set -euo pipefail", text)
            self.assertNotIn("eval ", text)
            subprocess.run(["bash", "-n", script], check=True)


if __name__ == "__main__":
    unittest.main()
