"""Fixes a sample of what Checkov and Trivy find in public Terraform code, and lets them judge the result.

    python3 scripts/corpus_sample.py [--seed 1] [--per-rule 12] [--validate] DIR …

DIR is a clone (bare or not) or a plain directory. For each, in a copy:

1. Checkov and Trivy look at it.
2. For everything they find that a rule of tfmend answers, `examples/enumerate.rs` writes a finding as Security Hub would,
   for each instance, and a state in which its id stands. The seed draws at most `--per-rule` units (a block and a rule) of
   every rule; their findings go to `tfmend plan` and `tfmend fix`.
3. Checkov and Trivy look again. A resource is *cured* when no check that was mapped to the rule and failed on it fails any
   more. *Wrong* is: one still fails (but for those that `sampling.verdict` names, each with its reason); a new failure;
   another verdict about a resource that no edit declares; a file changed beyond the declared edits, not formatted or not
   readable any more; a second plan that does not find the fix already safe; `terraform validate` that was content
   before and no longer is.

Ends with status 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import corpus  # noqa: E402
from sampling import scanners, table, trees, units, validation, verdict  # noqa: E402
from testbed import toolbox  # noqa: E402


@dataclasses.dataclass
class Report:
    """What came out for one repository."""

    name: str
    commit: str = ""
    directories: str = ""
    scanners: str = ""
    population: int = 0
    units: int = 0
    verdicts: list = dataclasses.field(default_factory=list)
    validation: dict = dataclasses.field(default_factory=dict)
    complaints: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)


def ask_tfmend(tools, verb, findings, repo):
    command = ["nice", "-n", "5", tools.tfmend, verb, "--findings", str(findings), "--repo", str(repo), "--format", "json"]
    done = subprocess.run(command, capture_output=True, check=False)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError as problem:
        said = done.stderr.decode("utf-8", "replace")[-400:]
        raise units.NoFindings(f"tfmend {verb}, exit {done.returncode}: {said}") from problem


def number_of_files(tree):
    return sum(1 for _ in tree.rglob("*.tf"))


def kept_scan(tools, eyes, name, commit):
    """Where the verdicts about the untouched code are kept: they depend on the code, the cut and the scanners alone."""
    if not tools.scans:
        return None
    return tools.scans / f"{name}-{commit[:12]}-{tools.most_files}-{tools.seed}-{'-'.join(eyes)}.json"


def fingerprint(tree):
    """The code of a tree in a word: what scanners and Terraform say depends on nothing else."""
    digest = hashlib.sha256()
    for name, content in sorted(corpus.code_files(tree).items()):
        digest.update(f"{name} {len(content)} ".encode())
        digest.update(content)
    return digest.hexdigest()


def kept_of(tools, what, pin):
    return tools.scans / f"{what}-{hashlib.sha256(pin.encode()).hexdigest()[:20]}.json" if tools.scans else None


def judge(tools, path, work):
    report = Report(path.parent.name if path.name in ("repo", ".git") else path.name)
    base, fixed, findings = work / "base", work / "fixed", work / "findings.ndjson"
    report.commit = trees.materialise(path, base)
    kept, whole = trees.cut(base, tools.most_files, tools.seed)
    report.directories = f"{kept} of {whole}"
    eyes = {n: c for n, c in tools.scanners.items() if n != "trivy" or number_of_files(base) <= tools.trivy_most_files}
    before = scanners.scan(eyes, base, kept_scan(tools, eyes, report.name, report.commit))
    population, by_id, unmapped, empty = units.ask(tools.enumerate, base, before, work)
    report.population = len(population)
    report.notes += [f"not asked: {what}, {n} times" for what, n in sorted(unmapped.items())]
    drawn = units.draw(population, tools.per_rule, tools.seed)
    report.units = len(drawn)
    ids = dict.fromkeys(i for unit in drawn for one in unit.members for i in one.ids)
    findings.write_text("".join(by_id[i] + "\n" for i in ids), "utf-8")
    report.scanners = " and ".join(eyes)
    if not ids:
        return report
    shutil.copytree(base, fixed, symlinks=True)

    code = corpus.code_files(base)
    formatted = corpus.terraform_fmt(base)
    planned = ask_tfmend(tools, "plan", findings, base)
    (work / "plan.json").write_text(json.dumps(planned, indent=1), "utf-8")
    promises = corpus.Judgement(report.name)
    if corpus.code_files(base) != code:
        promises.complain("plan wrote into the tree")
    outcomes = planned["outcomes"]
    ask_tfmend(tools, "fix", findings, fixed)
    changed_code = corpus.code_files(fixed)
    corpus.judge_files(promises, outcomes, code, changed_code)
    corpus.judge_fmt(promises, formatted[:2], corpus.terraform_fmt(fixed)[:2])
    corpus.judge_again(promises, outcomes, ask_tfmend(tools, "plan", findings, fixed))
    report.complaints += promises.wrong
    report.notes += promises.notes

    changed = sorted(p for p in changed_code if changed_code[p] != code.get(p))
    after = look_again(tools, eyes, before, fixed, changed, work)
    by_outcome = verdict.outcomes_by_id(outcomes, ids)
    report.verdicts = [verdict.member(u, one, by_outcome, after) for u in drawn for one in u.members]
    unexplained, explained = verdict.new_failures(before, after)
    for place, n in sorted(unexplained.items()):
        report.complaints.append(f"new failure: {place.code} {place.root} {place.resource} in {place.file} ({n})")
    counted = collections.Counter(place.code for place in explained)
    report.notes += [f"{code}: {n} new ({verdict.NEW_FAILURES[code]})" for code, n in sorted(counted.items())]
    # What was complained of is declared by the fix, also where the scanner names a part (the ACL of a bucket).
    asked = {place for unit in drawn for one in unit.members for place in one.places}
    for place in verdict.undeclared(before, after, outcomes, code):
        if (place.root, place.resource) in empty or place in asked:
            continue
        report.complaints.append(f"another verdict, not declared: {place.code} {place.root} {place.resource} in {place.file}")
    if tools.terraform is not None:
        validate(tools, report, base, fixed, changed, work)
    return report


def look_again(tools, eyes, before, fixed, changed, work):
    """Only the roots that a change reaches are looked at again, and compared with what was said about them."""
    roots = trees.touched_roots(fixed, {p.root for p in before.failed}, changed)
    if not roots:
        return before
    seen = work / "seen"
    shutil.copytree(fixed, seen, symlinks=True)
    trees.keep_roots(seen, roots)
    after = scanners.scan(eyes, seen, kept_of(tools, "after", f"{' '.join(eyes)} {fingerprint(seen)}")).of_roots(roots)
    untouched = scanners.Scan(before.failed - before.of_roots(roots).failed, set())
    # What was not looked at again is as it was: an edit that should have reached it did not.
    after.add(untouched)
    return after


def validate(tools, report, base, fixed, changed, work):
    """The edited blocks must still be valid in the eyes of the real provider."""
    directories = sorted({scanners.directory(p) or "." for p in changed if p.endswith(".tf")})
    kept = kept_of(tools, "valid", f"{fingerprint(base)} {fingerprint(fixed)}")
    if kept and kept.is_file():
        said = json.loads(kept.read_text("utf-8"))
    else:
        terraform = validation.Terraform(tools.terraform, tools.mirror, work)
        said = validation.judge(terraform, base, fixed, directories)
        if kept:
            kept.write_text(json.dumps(said), "utf-8")
    report.validation = dict(said[0])
    report.complaints += said[1]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tfmend", default="target/release/tfmend")
    parser.add_argument("--enumerate", default="target/release/examples/enumerate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-rule", type=int, default=12, help="units (a block and a rule) of each rule at most, a repository")
    parser.add_argument("--most-files", type=int, default=120, help="cut a larger repository to roots that the seed draws")
    parser.add_argument("--trivy-most-files", type=int, default=120, help="Trivy looks at trees up to this size (it is slow)")
    parser.add_argument("--only", choices=["checkov", "trivy"], help="this scanner alone")
    parser.add_argument("--validate", action="store_true", help="run terraform validate too")
    parser.add_argument("--scans", type=pathlib.Path, help="remember here what was said about which code: the next run asks only about what differs")
    parser.add_argument("--keep", type=pathlib.Path, help="work here and leave everything for a look")
    parser.add_argument("--report", type=pathlib.Path, help="write the report here as JSON")
    parser.add_argument("--combine", action="store_true", help="the arguments are reports of earlier runs: print one table")
    parser.add_argument("trees", nargs="+", type=pathlib.Path)
    tools = parser.parse_args()
    if tools.combine:
        return tools
    tools.tfmend, tools.enumerate = (str(pathlib.Path(p).resolve()) for p in (tools.tfmend, tools.enumerate))
    tools.terraform = tools.mirror = None
    tools.scanners = {}
    for name in [tools.only] if tools.only else ["checkov", "trivy"]:
        tool = toolbox.get(name)
        if not tool["available"]:
            sys.exit(f"corpus_sample: {tool['reason']}")
        tools.scanners[name] = tool["command"]
    if tools.validate:
        terraform, provider = toolbox.get("terraform"), toolbox.get("provider-v5")
        for tool in (terraform, provider):
            if not tool["available"]:
                sys.exit(f"corpus_sample: --validate: {tool['reason']}")
        tools.terraform, tools.mirror = terraform["command"], provider["mirror"]
    return tools


def main():
    tools = arguments()
    if tools.combine:
        total = table.show(table.read(tools.trees, Report), tools.seed)
        return 1 if total["wrong"] else 0
    reports = []
    for path in tools.trees:
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="corpus-") as scratch:
            work = pathlib.Path(scratch)
            if tools.keep:
                path = path.resolve()
                work = tools.keep / (path.parent.name if path.name in ("repo", ".git") else path.name)
                shutil.rmtree(work, ignore_errors=True)
                work.mkdir(parents=True)
            try:
                report = judge(tools, path.resolve(), work)
            except (trees.NoCode, scanners.NoVerdict, units.NoFindings) as problem:
                report = Report(path.name, complaints=[f"not judged: {problem}"])
        reports.append(report)
        if tools.report:
            table.write(reports, tools.seed, tools.report)
        kinds = collections.Counter(v.kind.split(":")[0] for v in report.verdicts)
        print(f"{report.name}: {dict(kinds)}, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        for complaint in report.complaints:
            print(f"  {complaint}", file=sys.stderr, flush=True)
    total = table.show(reports, tools.seed)
    return 1 if total["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
