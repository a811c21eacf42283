"""A generated estate: roots of many teams, shared modules, states, findings, and the truth about each finding.

The shape is that of a company's monorepo: `live/TEAM/ENVIRONMENT/COMPONENT` directories with a backend, providers,
variables and tfvars, some of which call modules under `modules/`. Names repeat across accounts and environments, ids
are opaque where AWS makes them so, a few objects were moved or renamed in code, and some findings are about objects
that nobody wrote in code. Everything follows from the seed.
"""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path

from . import components, filler, shared

TEAMS = (
    "payments", "ledger", "search", "catalog", "identity", "billing", "fraud", "mobile", "web", "data",
    "platform", "risk", "lending", "cards", "support", "growth", "logistics", "pricing", "media", "partners",
)  # fmt: skip
ENVIRONMENTS = ("dev", "staging", "prod")
# Files that hold what else a root has; the others are short in real code, too.
PADDED = ("buckets.tf", "main.tf", "groups.tf", "rules.tf", "keys.tf", "policies.tf", "tables.tf", "roles.tf", "service.tf", "machines.tf", "alarms.tf", "logs.tf", "archive.tf")
REGIONS = ("eu-west-1", "us-east-1", "eu-central-1")


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a root lives, in the repository and in the cloud."""

    team: str
    environment: str
    component: str
    account: str
    region: str

    @property
    def root(self):
        return f"live/{self.team}/{self.environment}/{self.component}"


@dataclasses.dataclass
class Subject:
    """An unsafe object: what a scanner would say of it, and where it was made."""

    control: str
    type: str
    id: str
    account: str
    region: str
    root: str | None
    address: str | None


class Estate:
    """Collects files, states and subjects, and writes them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.files = {}
        self.states = {}
        self.subjects = []
        self.number = 0

    def next(self):
        self.number += 1
        return self.number

    def hexadecimal(self, digits):
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def write(self, path, text):
        assert path not in self.files, path
        if path.startswith("live/") and path.endswith(PADDED):
            # Real files are two kilobytes on average; a few are long.
            text = filler.pad(self.random, text, min(30_000, int(self.random.lognormvariate(8.3, 0.9))))
        self.files[path] = text

    def subject(self, place, control, type, id, address):
        """An unsafe object; `address` is `None` when nobody wrote it in code."""
        root = place.root if address else None
        self.subjects.append(Subject(control, type, id, place.account, place.region, root, address))

    def code_files(self):
        return sum(path.endswith(".tf") for path in self.files)


def generate(count, seed=1):
    """An estate of about `count` `.tf` files."""
    estate = Estate(seed)
    shared.write(estate)
    accounts = {}
    serial = 0
    while estate.code_files() < count:
        index, kind = divmod(serial, len(components.KINDS))
        generation, owner = divmod(index, len(TEAMS) * len(ENVIRONMENTS))
        environment, team = ENVIRONMENTS[owner % len(ENVIRONMENTS)], TEAMS[owner // len(ENVIRONMENTS)]
        name, build = components.KINDS[kind]
        account = accounts.setdefault((team, environment), f"{200_000_000_000 + 1_000_003 * (len(accounts) + 1):012}")
        component = name if generation == 0 else f"{name}-{generation + 1}"
        place = Place(team, environment, component, account, REGIONS[(serial // 7) % len(REGIONS)])
        build(estate, place)
        serial += 1
    return estate


def finding(subject, number):
    """The subject as Security Hub reports it."""
    product = f"arn:aws:securityhub:{subject.region}::product/aws/securityhub"
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:aws:securityhub:{subject.region}:{subject.account}:security-control/{subject.control}/finding/{number:08}",
        "ProductArn": product,
        "ProductName": "Security Hub",
        "CompanyName": "AWS",
        "Region": subject.region,
        "GeneratorId": f"security-control/{subject.control}",
        "AwsAccountId": subject.account,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "CreatedAt": "2026-02-01T08:00:00.000Z",
        "UpdatedAt": "2026-03-01T08:00:00.000Z",
        "Severity": {"Label": "HIGH", "Normalized": 70},
        "Title": f"{subject.control} failed",
        "Description": "Made for measuring.",
        "Resources": [{"Type": subject.type, "Id": subject.id, "Partition": "aws", "Region": subject.region}],
        "Compliance": {"Status": "FAILED", "SecurityControlId": subject.control},
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    }


def write(estate, folder, findings):
    """Writes `repository/`, `states/`, `findings.json` (a sample of `findings`) and `truth.json` into a folder."""
    folder = Path(folder)
    for path, text in estate.files.items():
        target = folder / "repository" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for root, resources in estate.states.items():
        target = folder / "states" / root / "terraform.tfstate"
        target.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "version": 4, "terraform_version": "1.9.8", "serial": 7, "lineage": f"bench-{root}",
            "outputs": {}, "resources": resources, "check_results": None,
        }  # fmt: skip
        target.write_text(json.dumps(state, indent=2), encoding="utf-8")
    chosen = estate.random.sample(estate.subjects, min(findings, len(estate.subjects)))
    reported = [finding(subject, number) for number, subject in enumerate(chosen, 1)]
    (folder / "findings.json").write_text(json.dumps({"Findings": reported}), encoding="utf-8")
    truth = {
        one["Id"]: {"root": subject.root, "address": subject.address, "control": subject.control}
        for one, subject in zip(reported, chosen, strict=True)
    }
    (folder / "truth.json").write_text(json.dumps(truth, indent=1), encoding="utf-8")
    return chosen
