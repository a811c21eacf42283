"""Stand-ins for what the AWS emulator's Security Hub lacks. Written after AWS's documentation.

- GetFindings: the emulator ignores filters; here they count, with AWS's limits (10 attributes, 20 values
  each, 100 results a page), and a page's token is good for the same filters only. Without
  EnableSecurityHub the answer is InvalidAccessException.
- BatchUpdateFindings: missing in the emulator. It writes through to the emulator's findings.
- BatchImportFindings: a finding that is known keeps what its owner wrote (workflow, note, user-defined
  fields); one that fails anew becomes NEW again, and a control that passes is RESOLVED.
- Cross-region aggregation: POST /_testbed/security-hub/aggregate {home, linked: […], access_key} makes the
  home region show the linked regions' findings.
- GetFindingsV2, BatchUpdateFindingsV2: the findings are given by POST /_testbed/security-hub/v2
  {region, findings: […]}; a region to which none were given is not enabled.
"""

import base64
import datetime
import hashlib
import json
import re

ASFF_FIELDS = {
    "Id": "Id", "ProductArn": "ProductArn", "ProductName": "ProductName", "CompanyName": "CompanyName",
    "AwsAccountId": "AwsAccountId", "GeneratorId": "GeneratorId", "Region": "Region", "Title": "Title",
    "Type": "Types", "SeverityLabel": "Severity.Label", "RecordState": "RecordState",
    "WorkflowStatus": "Workflow.Status", "ComplianceStatus": "Compliance.Status",
    "ComplianceSecurityControlId": "Compliance.SecurityControlId", "ResourceId": "Resources.Id",
    "ResourceType": "Resources.Type", "ResourceRegion": "Resources.Region", "NoteText": "Note.Text",
    "UpdatedAt": "UpdatedAt", "CreatedAt": "CreatedAt", "FirstObservedAt": "FirstObservedAt",
    "LastObservedAt": "LastObservedAt",
}  # fmt: skip
OWNERS = ("Workflow", "WorkflowState", "Note", "UserDefinedFields", "VerificationState")
NEGATIVE = ("NOT_EQUALS", "PREFIX_NOT_EQUALS", "NOT_CONTAINS")
V2_STATUS = {0: "Unknown", 1: "New", 2: "In Progress", 3: "Suppressed", 4: "Resolved", 5: "Archived", 99: "Other"}


class Invalid(Exception):
    """A request that AWS refuses: (code, message)."""


def values_at(record, path):
    """All texts at a dotted path; lists on the way are walked through."""
    here = [record]
    for step in path.split("."):
        found = [item.get(step) for item in here if isinstance(item, dict)]
        here = [one for item in found if item is not None for one in (item if isinstance(item, list) else [item])]
    return [item for item in here if isinstance(item, str | int | float)]


def compare(comparison, wanted, value):
    value = str(value)
    if comparison in ("EQUALS", "NOT_EQUALS"):
        return value == wanted
    if comparison in ("PREFIX", "PREFIX_NOT_EQUALS"):
        return value.startswith(wanted)
    if comparison in ("CONTAINS", "NOT_CONTAINS"):
        return wanted in value
    if comparison == "CONTAINS_WORD":
        return re.search(rf"\b{re.escape(wanted)}\b", value) is not None
    raise Invalid("InvalidInputException", f"Comparison {comparison} is unknown")


def text_holds(conditions, values):
    """Positive conditions on one attribute are joined by OR, negative ones by AND."""
    positive = [c for c in conditions if c.get("Comparison", "EQUALS") not in NEGATIVE]
    negative = [c for c in conditions if c.get("Comparison", "EQUALS") in NEGATIVE]
    matches = lambda c: any(compare(c["Comparison"], c["Value"], v) for v in values)  # noqa: E731
    return (not positive or any(matches(c) for c in positive)) and not any(matches(c) for c in negative)


def moment(text):
    try:
        return datetime.datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError as problem:
        raise Invalid("InvalidInputException", f"{text} is not a timestamp") from problem


def date_holds(conditions, values):
    now = datetime.datetime.now(datetime.timezone.utc)
    for condition in conditions:
        if "DateRange" in condition:
            start, end = now - datetime.timedelta(days=condition["DateRange"]["Value"]), now
        else:
            start = moment(condition["Start"]) if "Start" in condition else moment("0001-01-01T00:00:00Z")
            end = moment(condition["End"]) if "End" in condition else moment("9999-12-31T00:00:00Z")
        if any(start <= moment(value) <= end for value in values):
            return True
    return False


def passes(finding, filters):
    """Does a finding in ASFF pass the filters of GetFindings?"""
    for name, conditions in filters.items():
        values = values_at(finding, ASFF_FIELDS[name])
        holds = date_holds if name.endswith("At") else text_holds
        if not holds(conditions, values):
            return False
    return True


def check_filters(filters):
    if len(filters) > 10:
        raise Invalid("InvalidInputException", "more than 10 attributes are filtered")
    for name, conditions in filters.items():
        if name not in ASFF_FIELDS:
            raise Invalid("InvalidInputException", f"the testbed does not know the filter {name}")
        if not 1 <= len(conditions) <= 20:
            raise Invalid("InvalidInputException", f"{name}: between 1 and 20 filter values")
        for condition in conditions:
            if not name.endswith("At") and not {"Value", "Comparison"} <= condition.keys():
                raise Invalid("InvalidInputException", f"{name}: a string filter has Value and Comparison")


def page(found, given, limit=100):
    """One page and the next token: {items, token}. A token belongs to the query that gave it."""
    size = int(given.get("MaxResults") or limit)
    if not 1 <= size <= 100:
        raise Invalid("InvalidInputException", "MaxResults must be between 1 and 100")
    query = hashlib.sha256(json.dumps(given.get("Filters") or {}, sort_keys=True).encode()).hexdigest()[:12]
    start = 0
    if given.get("NextToken"):
        try:
            told, _, offset = base64.b64decode(given["NextToken"]).decode().partition(":")
            start = int(offset)
        except ValueError as problem:
            raise Invalid("InvalidInputException", "Invalid parameter: NextToken") from problem
        if told != query:
            raise Invalid("InvalidInputException", "Invalid parameter: NextToken belongs to other filters")
    more = start + size < len(found)
    token = base64.b64encode(f"{query}:{start + size}".encode()).decode() if more else None
    return found[start : start + size], token


class SecurityHub:
    """Answers for both generations; what it does not know goes on to the emulator."""

    def __init__(self, recorder):
        self.recorder = recorder
        self.reset()

    def reset(self):
        self.linked = {}  # (first key, home region) -> linked regions
        self.newer = {}  # region -> findings in OCSF

    def told(self, what, given):
        if what == "aggregate":
            self.linked[given.get("access_key"), given["home"]] = list(given["linked"])
            return {}
        if what == "v2":
            self.newer.setdefault(given["region"], []).extend(given["findings"])
            return {}
        return None

    def answer(self, operation, method, target, headers, body):
        from .aws_recorder import failure, success

        if operation.service != "securityhub":
            return None
        handlers = {
            "GetFindings": self.get_findings,
            "BatchUpdateFindings": self.update_findings,
            "BatchImportFindings": self.import_findings,
            "GetFindingsV2": self.get_newer,
            "BatchUpdateFindingsV2": self.update_newer,
            "DescribeSecurityHubV2": self.describe_newer,
        }
        handle = handlers.get(operation.action)
        if handle is None:
            return None
        try:
            with self.recorder.lock:
                return success(handle(Asked(self.recorder, operation, headers), json.loads(body or b"{}")))
        except Invalid as problem:
            return failure(operation, *problem.args)

    # The older generation, in ASFF.

    def regions(self, asked):
        _, by = self.recorder.roles.get(asked.key, (None, asked.key))
        linked = self.linked.get((by, asked.region)) or self.linked.get((None, asked.region)) or []
        return [asked.region, *linked]

    def get_findings(self, asked, given):
        asked.must_be_subscribed()
        filters = given.get("Filters") or {}
        check_filters(filters)
        found = [f for region in self.regions(asked) for f in asked.findings(region) if passes(f, filters)]
        items, token = page(found, given)
        return {"Findings": items} | ({"NextToken": token} if token else {})

    def update_findings(self, asked, given):
        asked.must_be_subscribed()
        identifiers = given.get("FindingIdentifiers") or []
        if not 1 <= len(identifiers) <= 100:
            raise Invalid("InvalidInputException", "FindingIdentifiers: between 1 and 100")
        note = given.get("Note")
        if note and not (note.get("Text") and note.get("UpdatedBy") and len(note["Text"]) <= 512):
            raise Invalid("InvalidInputException", "Note: Text (1 to 512 characters) and UpdatedBy")
        status = (given.get("Workflow") or {}).get("Status")
        if status not in (None, "NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED"):
            raise Invalid("InvalidInputException", f"Workflow.Status {status} is unknown")
        processed, unprocessed = [], []
        for identifier in identifiers:
            known = [
                (region, finding)
                for region in self.regions(asked)
                for finding in asked.findings(region)
                if finding["Id"] == identifier["Id"] and finding["ProductArn"] == identifier["ProductArn"]
            ]
            if not known:
                message = {"ErrorCode": "FindingNotFound", "ErrorMessage": "The finding was not found."}
                unprocessed.append({"FindingIdentifier": identifier, **message})
                continue
            for region, finding in known:
                changed = dict(finding)
                if note:
                    now = datetime.datetime.now(datetime.timezone.utc)
                    changed["Note"] = {**note, "UpdatedAt": now.strftime("%Y-%m-%dT%H:%M:%S.000Z")}
                if status:
                    changed["Workflow"] = {"Status": status}
                if given.get("UserDefinedFields"):
                    changed["UserDefinedFields"] = given["UserDefinedFields"]
                asked.store(region, [changed])
            processed.append(identifier)
        return {"ProcessedFindings": processed, "UnprocessedFindings": unprocessed}

    def import_findings(self, asked, given):
        asked.must_be_subscribed()
        findings = given.get("Findings") or []
        if not 1 <= len(findings) <= 100:
            raise Invalid("InvalidInputException", "Findings: between 1 and 100")
        known = {f["Id"]: f for f in asked.findings(asked.region)}
        merged = []
        for finding in findings:
            old = known.get(finding.get("Id"))
            new = dict(finding)
            if old:
                new |= {name: old[name] for name in OWNERS if name in old}
            status = (new.get("Compliance") or {}).get("Status")
            was = ((old or {}).get("Compliance") or {}).get("Status")
            revived = old and old.get("RecordState") == "ARCHIVED" and new.get("RecordState") == "ACTIVE"
            if old and (revived or (was == "PASSED" and status != "PASSED")):
                new["Workflow"] = {"Status": "NEW"}
            elif status == "PASSED" and str(new.get("GeneratorId", "")).startswith("security-control/"):
                new["Workflow"] = {"Status": "RESOLVED"}
            merged.append(new)
        return asked.store(asked.region, merged)

    # The newer generation, in OCSF.

    def of_newer(self, asked):
        if asked.region not in self.newer:
            raise Invalid("AccessDeniedException", "Security Hub is not enabled for this account", 403)
        return self.newer[asked.region]

    def describe_newer(self, asked, _):
        self.of_newer(asked)
        arn = f"arn:aws:securityhub:{asked.region}:123456789012:hubv2/1"
        return {"HubV2Arn": arn, "SubscribedAt": "2026-01-01T00:00:00Z"}

    def get_newer(self, asked, given):
        filters = given.get("Filters") or {}
        composites = filters.get("CompositeFilters") or []
        if len(composites) > 10:
            raise Invalid("ValidationException", "more than 10 composite filters")
        for composite in composites:
            for kind in ("StringFilters", "DateFilters", "NumberFilters"):
                if len(composite.get(kind) or []) > 20:
                    raise Invalid("ValidationException", f"more than 20 {kind}")
        every = any if filters.get("CompositeOperator") == "OR" else all
        found = [f for f in self.of_newer(asked) if not composites or every(composed(f, c) for c in composites)]
        items, token = page(found, given)
        return {"Findings": items} | ({"NextToken": token} if token else {})

    def update_newer(self, asked, given):
        if not 1 <= len(given.get("Comment") or "x") <= 512:
            raise Invalid("ValidationException", "Comment: 1 to 512 characters")
        processed, unprocessed = [], []
        uids = given.get("MetadataUids") or []
        identifiers = given.get("FindingIdentifiers") or []
        if bool(uids) == bool(identifiers):
            raise Invalid("ValidationException", "either MetadataUids or FindingIdentifiers")
        for wanted in [*uids, *identifiers]:
            known = [f for f in self.of_newer(asked) if is_meant(f, wanted)]
            named = {"MetadataUid": wanted} if isinstance(wanted, str) else {"FindingIdentifier": wanted}
            if not known:
                unprocessed.append({**named, "ErrorCode": "ResourceNotFoundException", "ErrorMessage": "not found"})
                continue
            for finding in known:
                if given.get("StatusId") is not None:
                    finding["status_id"] = given["StatusId"]
                    finding["status"] = V2_STATUS[given["StatusId"]]
                if given.get("Comment"):
                    finding["comment"] = given["Comment"]
            processed.append(named)
        return {"ProcessedFindings": processed, "UnprocessedFindings": unprocessed}


def is_meant(finding, wanted):
    if isinstance(wanted, str):
        return wanted in values_at(finding, "metadata.uid")
    paths = {
        "CloudAccountUid": "cloud.account.uid",
        "FindingInfoUid": "finding_info.uid",
        "MetadataProductUid": "metadata.product.uid",
    }
    return all(wanted.get(name) in values_at(finding, path) for name, path in paths.items())


def composed(finding, composite):
    tests = [
        text_holds([entry["Filter"]], values_at(finding, entry["FieldName"]))
        for entry in composite.get("StringFilters") or []
    ]
    tests += [
        date_holds([entry["Filter"]], values_at(finding, entry["FieldName"]))
        for entry in composite.get("DateFilters") or []
    ]
    if composite.get("NumberFilters") or composite.get("MapFilters") or composite.get("BooleanFilters"):
        raise Invalid("ValidationException", "the testbed knows string and date filters only")
    every = any if composite.get("Operator") == "OR" else all
    return every(tests)


class Asked:
    """One call's view of the emulator: as its caller, in any region."""

    def __init__(self, recorder, operation, headers):
        self.recorder = recorder
        self.region = operation.region
        self.key = operation.access_key
        token = headers.get("X-Amz-Security-Token")
        self.more = {"X-Amz-Security-Token": token} if token else {}

    def ask(self, method, path, region, given=None):
        scope = f"{self.key}/20260101/{region}/securityhub/aws4_request"
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
            "Content-Type": "application/json",
            "Host": f"securityhub.{region}.amazonaws.com",
            **self.more,
        }
        body = json.dumps(given).encode() if given is not None else b""
        return self.recorder.forward(method, path, headers, body)

    def must_be_subscribed(self):
        if self.ask("GET", "/accounts", self.region).status != 200:
            raise Invalid("InvalidAccessException", "Account 123456789012 is not subscribed to AWS Security Hub")

    def findings(self, region):
        found, token = [], None
        while True:
            given = {"MaxResults": 100} | ({"NextToken": token} if token else {})
            answer = json.loads(self.ask("POST", "/findings", region, given).body)
            found += answer.get("Findings") or []
            token = answer.get("NextToken")
            if not token:
                return found

    def store(self, region, findings):
        return json.loads(self.ask("POST", "/findings/import", region, {"Findings": findings}).body)
