"""Figures for a reader and for a program."""

import collections
import dataclasses
import json

from .verdict import MemberVerdict


def add_up(reports):
    counts = collections.Counter()
    for report in reports:
        counts.update(v.kind for v in report.verdicts)
    return counts


def by_rule(reports):
    rows = collections.defaultdict(collections.Counter)
    for report in reports:
        for verdict in report.verdicts:
            rows[verdict.rule][verdict.kind.split(":")[0]] += 1
    return rows


def show(reports, seed):
    print(f"\nseed {seed}\n")
    heads = ("units", "resources", "cured", "explained", "refused", "not_located", "already_safe", "other", "wrong")
    print("| repository | commit | " + " | ".join(h.replace("_", " ") for h in heads) + " |")
    print("|---" * (len(heads) + 2) + "|")
    total = collections.Counter()
    for report in reports:
        kinds = collections.Counter(v.kind.split(":")[0] for v in report.verdicts)
        row = {k: kinds[k] for k in heads}
        row["units"], row["resources"] = report.units, len(report.verdicts)
        known = ("cured", "explained", "refused", "not_located", "already_safe", "wrong")
        row["other"] = len(report.verdicts) - sum(kinds[k] for k in known)
        row["wrong"] += len(report.complaints)
        total.update(row)
        print(f"| {report.name} | `{report.commit[:12]}` | " + " | ".join(str(row[h]) for h in heads) + " |")
    print("| all | | " + " | ".join(str(total[h]) for h in heads) + " |")
    print("\nby rule:")
    for rule, row in sorted(by_rule(reports).items()):
        print(f"  {rule:28} " + ", ".join(f"{k} {n}" for k, n in row.most_common()))
    print("\nby outcome:")
    for kind, n in add_up(reports).most_common():
        print(f"  {n:5} {kind}")
    validation = collections.Counter()
    for report in reports:
        validation.update(report.validation)
    print("\nterraform validate, edited directories:")
    for what, n in validation.most_common():
        print(f"  {n:5} {what}")
    for title, pick in (("explained", "explained"), ("wrong", "wrong")):
        chosen = [(r, v) for r in reports for v in r.verdicts if v.kind == pick]
        for report, verdict in chosen[:60]:
            print(f"  {title}: {report.name} {verdict.rule} {verdict.root} {verdict.address}: {verdict.detail} {verdict.codes}")
    for report in reports:
        for complaint in report.complaints:
            print(f"  WRONG {report.name}: {complaint}")
        for note in report.notes:
            print(f"  note {report.name}: {note}")
    return total


def write(reports, seed, path):
    everything = {"seed": seed, "repositories": [dataclasses.asdict(report) for report in reports]}
    path.write_text(json.dumps(everything, indent=1, default=str), "utf-8")


def read(paths, kind):
    """The repositories of several reports; of one that was judged twice, the last."""
    found = {}
    for path in paths:
        for entry in json.loads(path.read_text("utf-8"))["repositories"]:
            entry["verdicts"] = [MemberVerdict(**verdict) for verdict in entry["verdicts"]]
            found[entry["name"]] = kind(**entry)
    return [found[name] for name in sorted(found)]
