"""What a trimmed file and the table of expectations need to know of one record, in whatever format it is."""

from dataclasses import dataclass

from . import scc
from .expectations import CHECKS, CONTROLS

# CIS 1.2 numbers, where Security Hub's older findings have no other name for the control.
CIS_1_2 = {"2.2": "CloudTrail.4", "2.8": "KMS.4", "4.1": "EC2.13", "4.2": "EC2.14"}


@dataclass(frozen=True)
class Record:
    """What a trimmed file and the table of expectations need to know of one record, in whatever format."""

    identity: str
    control: str
    resource: str
    account: str
    region: str
    state: str  # FAIL, PASS, MUTED

    @property
    def rule(self):
        return CHECKS.get(self.control) or CONTROLS.get(self.control)


def of_asff(record):
    """A record in ASFF: Prowler's, or Security Hub's own."""
    generator = record["GeneratorId"]
    fields = record.get("ProductFields", {})
    control = record["Compliance"].get("SecurityControlId") if "Compliance" in record else None
    if generator.startswith("prowler-"):
        control = generator.removeprefix("prowler-")
    elif fields.get("RuleId"):
        control = CIS_1_2[fields["RuleId"]]
    elif fields.get("ControlId"):
        control = fields["ControlId"]
    elif generator == "aws/access-analyzer":
        control = "UnusedIAMRole"
    state = {"FAILED": "FAIL", "PASSED": "PASS", "WARNING": "MUTED"}[
        record.get("Compliance", {}).get("Status", "FAILED")
    ]
    if record.get("Workflow", {}).get("Status") == "SUPPRESSED":
        state = "MUTED"
    if record["RecordState"] == "ARCHIVED":
        state = "RESOLVED"
    return Record(
        record["Id"],
        control,
        record["Resources"][0]["Id"],
        record["AwsAccountId"],
        record["Resources"][0]["Region"],
        state,
    )


def of_ocsf(record):
    """A record in OCSF: Prowler's dialect, or the new Security Hub's."""
    resource, cloud = record["resources"][0], record["cloud"]
    state = "MUTED" if record["status"] == "Suppressed" else record.get("status_code", "FAIL")
    control = record["metadata"].get("event_code") or record["compliance"]["control"]
    return Record(
        record["finding_info"]["uid"], control, resource["uid"], cloud["account"]["uid"], cloud["region"], state
    )


def of_scc(record):
    finding = record["finding"]
    state = "MUTED" if finding["mute"] == "MUTED" else "FAIL"
    return Record(finding["name"].rsplit("/", 1)[-1], finding["category"], finding["resourceName"], scc.PROJECT, "EU", state)
