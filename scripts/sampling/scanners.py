"""What Checkov and Trivy think of a tree, in one form."""

import collections
import dataclasses
import json
import os
import subprocess
from pathlib import Path, PurePosixPath


@dataclasses.dataclass(frozen=True, order=True)
class Place:
    """One check of one scanner about one resource, as seen from a root directory."""

    scanner: str
    code: str
    root: str
    resource: str
    file: str


@dataclasses.dataclass
class Scan:
    """The checks that failed (how often, for scanners that repeat themselves) and those that passed."""

    failed: collections.Counter
    passed: set

    def as_json(self):
        return {
            "failed": [[*dataclasses.astuple(p), n] for p, n in sorted(self.failed.items())],
            "passed": [list(dataclasses.astuple(p)) for p in sorted(self.passed)],
        }

    @classmethod
    def from_json(cls, text):
        read = json.loads(text)
        failed = collections.Counter({Place(*entry[:5]): entry[5] for entry in read["failed"]})
        return cls(failed, {Place(*entry) for entry in read["passed"]})

    def of_roots(self, roots):
        """What was said about these root directories."""
        failed = collections.Counter({p: n for p, n in self.failed.items() if p.root in roots})
        return Scan(failed, {p for p in self.passed if p.root in roots})

    def add(self, other):
        self.failed.update(other.failed)
        self.passed |= other.passed


class NoVerdict(Exception):
    """A scanner did not answer; the message holds what it said."""


def relative(path, tree):
    path = PurePosixPath(path)
    return str(path.relative_to(tree)) if path.is_absolute() else str(path)


def directory(file):
    parent = str(PurePosixPath(file).parent)
    return "" if parent == "." else parent


def checkov(command, tree):
    """All of Checkov's Terraform checks. It follows local modules and names resources by their full address."""
    tree = tree.resolve()
    done = subprocess.run(
        ["nice", "-n", "10", *command, "-d", ".", "-o", "json", "--framework", "terraform", "--skip-download",
         "--compact"],
        cwd=tree, capture_output=True, check=False, env={**os.environ, "LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError as problem:
        raise NoVerdict(f"Checkov, exit {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-400:]}") from problem
    scan = Scan(collections.Counter(), set())
    for part in report if isinstance(report, list) else [report]:
        results = part.get("results") or {}
        for found in results.get("failed_checks") or []:
            scan.failed[checkov_place(found, tree)] += 1
        scan.passed |= {checkov_place(found, tree) for found in results.get("passed_checks") or []}
    return scan


def checkov_place(found, tree):
    callers = (found.get("breadcrumbs") or {}).get("source_module_") or []
    file = found["file_path"].lstrip("/")
    outermost = relative(callers[0]["path"], tree) if callers else file
    return Place("checkov", found["check_id"], directory(outermost), found["resource"], file)


def trivy(command, tree):
    """All of Trivy's Terraform checks. In a module it names only the call, so such places serve only for counting."""
    done = subprocess.run(
        ["nice", "-n", "10", *command, "config", "-q", "--skip-check-update", "--misconfig-scanners", "terraform",
         "-f", "json", "."],
        cwd=tree, capture_output=True, check=False,
    )  # fmt: skip
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError as problem:
        raise NoVerdict(f"Trivy, exit {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-400:]}") from problem
    scan = Scan(collections.Counter(), set())
    for result in report.get("Results") or []:
        file = result.get("Target", "")
        for found in result.get("Misconfigurations") or []:
            if found.get("Status", "FAIL") != "FAIL":
                continue
            resource = (found.get("CauseMetadata") or {}).get("Resource", "")
            code = found.get("AVDID") or found.get("ID")
            scan.failed[Place("trivy", code, directory(file), resource, file)] += 1
    return scan


SCANNERS = {"checkov": checkov, "trivy": trivy}


def scan(commands, tree, kept=None):
    """The verdicts of all scanners; `kept` is a file in which they are remembered."""
    if kept is not None and kept.is_file():
        return Scan.from_json(kept.read_text("utf-8"))
    everything = Scan(collections.Counter(), set())
    for name, command in commands.items():
        everything.add(SCANNERS[name](command, Path(tree)))
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(everything.as_json()), "utf-8")
    return everything
