"""Was every rule's finding cured, and was anything else hurt? Pure: facts in, a report out."""

import re
from collections import Counter
from dataclasses import dataclass, field

# What a fix may remove or replace: pure grants. Nothing that holds data or computes.
GRANTS = frozenset({
    "aws_iam_group_policy_attachment",
    "aws_iam_policy_attachment",
    "aws_iam_role_policy_attachment",
    "aws_iam_user_policy_attachment",
    "aws_lambda_permission",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "google_storage_bucket_iam_binding",
    "google_storage_bucket_iam_member",
})  # fmt: skip
GENTLE = frozenset({"create", "update"})

# Findings on the account itself: there is no resource of that name in any state.
ACCOUNT_LEVEL = re.compile(r"^arn:aws:(iam:[^:]*:\d+:password-policy|ec2:[^:]*:\d+:volume|s3:[^:]*:\d+:account)$")


@dataclass
class Claim:
    """One finding that a rule answers, and what came of it."""

    rule: str
    check: str
    resource: str
    outcome: str = "absent from tfmend's output"
    reason: str = ""
    excused: str = ""  # expected.json says why it is not proposed
    cure: str = ""  # cured, not cured, gone; empty when nothing was proposed

    @property
    def holds(self):
        return self.cure == "cured" if self.outcome == "proposed" else bool(self.excused)


@dataclass
class Report:
    generation: str
    claims: list
    changes: list
    newly_failing: list  # (check, resource)
    forbidden: list
    second_plan: list
    unsettled: list
    not_formatted: list
    rules: dict = field(default_factory=dict)  # rule → row
    failures: list = field(default_factory=list)


def in_state(resource, state_text):
    """Whether Terraform made this resource. What it did not make, no code can cure."""
    own_arn = rf'"(arn|db_snapshot_arn)":\s*"{re.escape(resource)}"'
    return bool(ACCOUNT_LEVEL.match(resource) or re.search(own_arn, state_text))


def rules_of(expected, generation):
    """The rules that must be proved with this generation of the provider."""
    return {rule: facts for rule, facts in expected["rules"].items() if generation not in facts["not_in"]}


def claims_of(before, expected, generation, state_text):
    """Every failing finding that a rule of this generation answers."""
    rules = rules_of(expected, generation)
    rule_of = {check: rule for rule, facts in rules.items() for check in facts["checks"]}
    return [
        Claim(rule_of[check], check, resource)
        for check, resource in sorted(before.failing())
        if check in rule_of and in_state(resource, state_text)
    ]


def excuse(claim, outcome, expected, generation):
    for entry in expected["not_proposed"]:
        if (
            entry["generation"] == generation
            and entry["check"] == claim.check
            and re.search(entry["resource"], claim.resource)
            and entry["outcome"] == outcome["outcome"]
        ):
            return entry["why"]
    return ""


def settle(claim, proposals, after, changes, expected, generation):
    """Fill in what tfmend did about a claim and what the second scan says."""
    outcome = proposals.outcomes.get((claim.check, claim.resource))
    if outcome is None:
        return
    claim.outcome = outcome["outcome"]
    if outcome.get("reason"):
        claim.reason = f"{outcome['reason']['kind']}: {outcome['reason']['message']}"
    if claim.outcome != "proposed":
        claim.excused = excuse(claim, outcome, expected, generation)
        return
    # PASS is asked for on the same resource: "absent" would also be what a crashed check prints.
    statuses = after.statuses(claim.check, claim.resource)
    removed = {change.address for change in changes if change.action == "delete"}
    if statuses == {"PASS"}:
        claim.cure = "cured"
    elif not statuses:
        claim.cure = "cured" if outcome["address"] in removed else "gone"
    else:
        claim.cure = "not cured"


def judge(generation, before, after, proposals, changes, second_plan, not_formatted, state_text, expected):
    claims = claims_of(before, expected, generation, state_text)
    for claim in claims:
        settle(claim, proposals, after, changes, expected, generation)
    allowed = [(entry["check"], re.compile(entry["resource"])) for entry in expected["newly_failing"]]
    newly = sorted(
        (check, resource)
        for check, resource in after.failing() - before.failing()
        if not any(check == name and pattern.search(resource) for name, pattern in allowed)
    )
    forbidden = [c for c in changes if c.action not in GENTLE and c.kind not in GRANTS]
    proposed = {problem for problem, outcome in proposals.outcomes.items() if outcome["outcome"] == "proposed"}
    unsettled = sorted(
        problem for problem in proposed if proposals.at_rest.get(problem, {}).get("outcome") != "already_safe"
    )
    report = Report(generation, claims, changes, newly, forbidden, second_plan, unsettled, not_formatted)
    report.rules = {rule: row(rule, facts, report) for rule, facts in rules_of(expected, generation).items()}
    report.failures = failures(report)
    return report


def row(rule, facts, report):
    """One line of the table."""
    claims = [claim for claim in report.claims if claim.rule == rule]
    actions = Counter(change.action for change in report.changes if change.kind in facts["changes"])
    return {
        "findings": len(claims),
        "proposed": sum(claim.outcome == "proposed" for claim in claims),
        "cured": sum(claim.cure == "cured" for claim in claims),
        "not_cured": sum(claim.cure in ("not cured", "gone") for claim in claims),
        "not_proposed": sum(claim.outcome != "proposed" for claim in claims),
        "excused": sum(bool(claim.excused) for claim in claims),
        "newly_failing": sum(check in facts["checks"] for check, _ in report.newly_failing),
        "actions": dict(sorted(actions.items())),
        "holds": any(claim.cure == "cured" for claim in claims) and all(claim.holds for claim in claims),
    }


def failures(report):
    """Every reason why this generation is not proved, as a sentence."""
    found = []
    for rule, facts in report.rules.items():
        if facts["findings"] == 0:
            found.append(f"{rule}: the scanner found nothing to cure, so nothing is proved")
        elif facts["excused"] == facts["findings"]:
            found.append(f"{rule}: every finding is excused, so nothing is proved")
    for claim in report.claims:
        if claim.holds:
            continue
        what = f"proposed, but {claim.cure}" if claim.cure else f"{claim.outcome} {claim.reason}".strip()
        found.append(f"{claim.rule}: {claim.check} on {claim.resource}: {what}")
    for change in report.forbidden:
        found.append(f"the plan would {change.action} {change.address}, which is no pure grant")
    for check, resource in report.newly_failing:
        found.append(f"newly failing: {check} on {resource}")
    for change in report.second_plan:
        found.append(f"the second plan is not empty: {change.action} {change.address}")
    for check, resource in report.unsettled:
        found.append(f"merged, but tfmend does not find the code safe: {check} on {resource}")
    for name in report.not_formatted:
        found.append(f"terraform fmt would change {name}")
    return found
