"""Before and after, in the eyes of the scanner that complained."""

import collections
import dataclasses
import re

# A check that still fails after the rule's fix for a reason that the rule does not promise to remove, or that cannot
# see the fix. Everything else that still fails counts as wrong.
STILL_FAILS = {
    ("s3-public-access", "CKV_AWS_20"): "looks at the ACL alone; the public access block that was added makes it void",
    ("s3-public-access", "CKV_AWS_57"): "looks at the ACL alone; the public access block that was added makes it void",
    ("s3-insecure-transport", "CKV_AWS_379"): "looks at the policy through the bucket's ACL resource only",
}

# Checks that can only fail where there is something to judge, or that ask for more than the rule promises.
NEW_FAILURES = {
    "AVD-AWS-0132": "wants a customer's own key; the bucket was not encrypted in code before",
    "AVD-AWS-0135": "wants a customer's own key; the queue was not encrypted before",
    "CKV2_AWS_73": "wants a customer's own key; the queue was not encrypted before, and its provider knows no other way",
    "AVD-AWS-0136": "wants a customer's own key; the topic was not encrypted before",
}


def without_keys(address):
    return re.sub(r"\[(?:\"(?:[^\"\\]|\\.)*\"|[^\]\"]*)\]", "", address)


@dataclasses.dataclass
class MemberVerdict:
    """What became of one resource. `kind` is `cured`, `explained`, `wrong` or the outcome that tfmend gave."""

    rule: str
    root: str
    address: str
    kind: str
    detail: str = ""
    codes: tuple = ()


def outcomes_by_id(outcomes, ids):
    """Which outcome a finding had: a key ends with the id, or (of Google Cloud) with its last part."""
    by_key = {outcome["finding"]["key"]: outcome for outcome in outcomes}
    by_end = {}
    for key, outcome in by_key.items():
        start = key.find("arn:aws:securityhub:")
        by_end[key[start:] if start >= 0 else key.split(":", 3)[-1]] = outcome
    found = {}
    for one in ids:
        end = one if one.startswith("arn:") else one.rsplit("/", 1)[-1]
        if end in by_end:
            found[one] = by_end[end]
    return found


def member(unit, one, outcomes, after):
    """The verdict about one resource that was unsafe."""
    told = [outcomes[i] for i in one.ids if i in outcomes]
    codes = tuple(sorted({p.code for p in one.places}))

    def say(kind, detail=""):
        return MemberVerdict(unit.rule, one.root, one.address, kind, detail, codes)

    if len(told) < len(one.ids):
        return say("wrong", "a finding went in and no outcome came out")
    kinds = {o["outcome"] for o in told} - {"duplicate"}
    if "proposed" not in kinds:
        reasons = sorted({f"{o['outcome']}: {o['reason']['kind']}" if o.get("reason") else o["outcome"] for o in told})
        if kinds & {"failed", "invalid"}:
            return say("wrong", ", ".join(reasons))
        return say(reasons[0], next((o["reason"]["message"] for o in told if o.get("reason")), ""))
    still = sorted({p.code for p in one.places if after.failed[p] > 0})
    if not still:
        others = sorted(kinds - {"proposed"})
        return say("cured", f"of its instances some were {', '.join(others)}" if others else "")
    unexplained = [code for code in still if (unit.rule, code) not in STILL_FAILS]
    if unexplained:
        return say("wrong", f"still fails {', '.join(unexplained)}")
    return say("explained", "; ".join(sorted({STILL_FAILS[unit.rule, code] for code in still})))


def new_failures(before, after):
    """The checks that fail more often than before; those that are named above apart from the others."""
    more = after.failed - before.failed
    # A fix can move a failure (a block in another file): the sum over the files of a directory is what counts.
    unexplained, explained = collections.Counter(), collections.Counter()
    for place, n in more.items():
        (explained if place.code in NEW_FAILURES else unexplained)[place] += n
    return unexplained, explained


def undeclared(before, after, outcomes, code):
    """Resources about which a scanner thinks otherwise than before although no edit says that it changes them.

    `code` holds the files before the edits: an edit declares also the block in which it stands.
    """
    declared = set()
    for outcome in outcomes:
        if outcome["outcome"] != "proposed":
            continue
        addresses = [without_keys(a.rsplit(": ", 1)[-1]) for a in [outcome["address"], *outcome["also_changes"]]]
        declared |= set(addresses)
        for edit in outcome["edits"]:
            block = block_at(code.get(edit["file"], b""), edit["start"])
            declared |= {".".join([*a.split(".")[:-2], block]) for a in addresses if block}
    changed = {p for p in (before.failed - after.failed) if p.scanner == "checkov"}
    changed |= {p for p in (after.failed - before.failed) if p.scanner == "checkov"}
    return sorted(p for p in changed if without_keys(p.resource) not in declared)


def block_at(text, offset):
    """The resource in whose block an offset of a file stands, as type.name; None outside of one."""
    if offset is None:
        return None
    heads = list(re.finditer(rb'^(resource\s+"(\w+)"\s+"([\w-]+)"|\w+)[^\n]*\{', text[:offset], re.M))
    if not heads or not heads[-1].group(2) or re.search(rb"^\}", text[heads[-1].end() : offset], re.M):
        return None
    return f"{heads[-1].group(2).decode()}.{heads[-1].group(3).decode()}"
