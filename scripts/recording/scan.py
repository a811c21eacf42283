"""Prowler as the scanner: run it against one account's moto server and read both of its formats."""

import json
import re
from pathlib import Path

from .estate import run_group

SERVICES = ["s3", "ec2", "iam", "rds", "kms", "cloudtrail", "ecr", "dynamodb", "sqs", "sns"]

# What acme accepts: testers' uploads need no versions. Prowler then reports the finding as muted.
MUTELIST = """
Mutelist:
  Accounts:
    "444455556666":
      Checks:
        "s3_bucket_object_versioning":
          Regions:
            - "*"
          Resources:
            - "acme-staging-uploads-4f2a"
          Description: "Emptied every Sunday, versions are of no use"
"""

# Fewer checks than this means that Prowler lost a service (it only logs a missing library).
LEAST_CHECKS = 231


def scan(server, tools, folder):
    """Scan one account; returns {"asff": [...], "ocsf": [...]} as Prowler wrote them."""
    output = folder / f"prowler-{server.account.name}"
    output.mkdir()
    mutelist = folder / f"mutelist-{server.account.name}.yaml"
    mutelist.write_text(MUTELIST)
    command = [
        *tools["prowler"]["command"],
        "aws",
        "--region",
        *server.account.regions,
        "--services",
        *SERVICES,
        "--output-formats",
        "json-asff",
        "json-ocsf",
        "--output-directory",
        str(output),
        "--output-filename",
        "scan",
        "--mutelist-file",
        str(mutelist),
        "--no-banner",
        "--no-color",
        "--scan-unused-services",
        "--aws-retries-max-attempts",
        "0",
    ]
    log = folder / f"prowler-{server.account.name}.log"
    with log.open("wb") as sink:
        code = run_group(command, folder, server.environment(), sink)
    if code not in (0, 3):  # 3: it found something
        raise RuntimeError(f"prowler ended with {code} for {server.account.name}, see {log}")
    ran = re.search(r"(\d+)/\1 \[100%\]", log.read_text(errors="replace"))
    if not ran or int(ran.group(1)) < LEAST_CHECKS:
        raise RuntimeError(f"prowler ran fewer than {LEAST_CHECKS} checks for {server.account.name}, see {log}")
    return {"asff": read(output / "scan.asff.json"), "ocsf": read(output / "scan.ocsf.json")}


def read(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))
