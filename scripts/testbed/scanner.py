"""Prowler as the foreign eye: what does it say about the emulated account?"""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from .command import CommandFailed, run, tail
from .emulator import REGION

SERVICES = ("s3", "ec2", "iam", "rds", "kms", "cloudtrail", "ecr", "dynamodb", "sqs", "sns")

# A Python library that is missing makes Prowler drop a whole service with one line in its log, and
# its findings look cured. So the number of checks that ran is part of the proof.
CHECKS = 231


@dataclass(frozen=True)
class Verdict:
    """What one check says about one resource."""

    check: str
    resource: str  # ARN
    status: str  # PASS, FAIL, MANUAL
    detail: str


@dataclass(frozen=True)
class Scan:
    verdicts: tuple
    files: tuple  # the findings as Prowler wrote them: ASFF and OCSF

    def statuses(self, check, resource):
        return {v.status for v in self.verdicts if (v.check, v.resource) == (check, resource)}

    def failing(self):
        return {(v.check, v.resource) for v in self.verdicts if v.status == "FAIL"}


def scan(tool, environment, out):
    out = Path(out)
    shutil.rmtree(out, ignore_errors=True)  # Prowler appends to what it finds
    out.mkdir(parents=True)
    command = [
        *tool["command"], "aws", "-f", REGION, "-M", "json-asff", "json-ocsf", "-o", out, "-F", "scan",
        "--no-banner", "--no-color", "--scan-unused-services", "--aws-retries-max-attempts", "0",
        "--service", *SERVICES,
    ]  # fmt: skip
    _, stdout, stderr = run(command, env=environment, accept=(0, 3), timeout=300)
    ran = re.search(r"Executing (\d+) checks", stdout)
    if not ran or int(ran.group(1)) < CHECKS:
        what = ran.group(0) if ran else "no count of checks"
        raise CommandFailed(
            f"Prowler ran fewer checks than the {CHECKS} expected ({what}): has a service vanished, for "
            f"want of a library in scripts/pins/prowler.txt?\n{tail(stdout + stderr)}"
        )
    return read(out)


def read(out):
    """The scan that Prowler left in the folder `out`."""
    files = (out / "scan.asff.json", out / "scan.ocsf.json")
    findings = json.loads(files[1].read_text(encoding="utf-8"))
    verdicts = tuple(
        Verdict(
            finding["metadata"]["event_code"],
            finding["resources"][0]["uid"],
            finding["status_code"],
            finding.get("status_detail", ""),
        )
        for finding in findings
    )
    return Scan(verdicts, files)
