"""The sample: blocks that a scanner finds unsafe in a way that a rule answers, and the findings that tell tfmend so."""

import collections
import dataclasses
import hashlib
import json
import subprocess

# A resource at the top of a root: Trivy names nothing else in a usable way.
MODULES = "module."


class NoFindings(Exception):
    """The findings could not be made; the message holds what the maker said."""


@dataclasses.dataclass
class Member:
    """One resource of a root that is unsafe in the eyes of a scanner."""

    root: str
    address: str
    ids: list
    places: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Unit:
    """A block and a rule: what is drawn. Its members are the resources that the block makes, root by root."""

    rule: str
    file: str
    block: str
    members: list = dataclasses.field(default_factory=list)

    @property
    def name(self):
        return f"{self.rule} {self.file} {self.block}"


def ask(enumerate_program, tree, scan, work):
    """Makes a finding for everything in the scan that a rule answers; gives the units, the findings by id, what could
    not be asked, and the places that make nothing (`count = 0`; a scanner looks at them all the same)."""
    places = sorted(p for p in scan.failed if p.resource and (p.scanner != "trivy" or not p.resource.startswith(MODULES)))
    asked, mapped, findings = (work / name for name in ("asked.ndjson", "mapped.ndjson", "all-findings.ndjson"))
    lines = (
        json.dumps({"n": n, "catalogue": p.scanner, "code": p.code, "root": p.root, "resource": p.resource})
        for n, p in enumerate(places)
    )
    asked.write_text("".join(line + "\n" for line in lines), "utf-8")
    done = subprocess.run(
        [enumerate_program, "--wanted", str(asked), str(mapped), str(tree), str(findings)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise NoFindings(done.stderr[-400:])
    by_id = {}
    for line in findings.read_text("utf-8").splitlines():
        record = json.loads(line)
        by_id[record.get("Id") or record["finding"]["name"]] = line
    units, unmapped, empty = {}, collections.Counter(), set()
    for line in mapped.read_text("utf-8").splitlines():
        entry = json.loads(line)
        place = places[entry["n"]]
        if "problem" in entry:
            if entry["problem"] == "no instances":
                empty.add((place.root, place.resource))
            if entry["problem"] != "no rule":
                unmapped[f"{place.code}: {entry['problem']}"] += 1
            continue
        block = ".".join(entry["address"].split(".")[-2:])
        unit = units.setdefault((entry["rule"], entry["file"], block), Unit(entry["rule"], entry["file"], block))
        add(unit, place, entry)
    return list(units.values()), by_id, unmapped, empty


def add(unit, place, entry):
    for member in unit.members:
        if (member.root, member.address) == (place.root, entry["address"]):
            member.places.append(place)
            member.ids.extend(i for i in entry["ids"] if i not in member.ids)
            return
    unit.members.append(Member(place.root, entry["address"], list(entry["ids"]), [place]))


def draw(units, most, seed):
    """At most `most` units a rule, chosen by the seed alone (not by the order in which they come)."""
    by_rule = collections.defaultdict(list)
    for unit in units:
        by_rule[unit.rule].append(unit)

    def lot(unit):
        return hashlib.sha256(f"{seed} {unit.name}".encode()).hexdigest()

    return [unit for rule in sorted(by_rule) for unit in sorted(by_rule[rule], key=lot)[:most]]
