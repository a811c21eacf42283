"""Tries tfmend on directories of Terraform code that it was not tuned to, and judges with foreign eyes.

For each directory: findings are invented for the resources that are really there (`examples/enumerate.rs`), `tfmend
plan` and `tfmend fix` run on a copy, and then every promise is checked by something else than tfmend: Terraform says
which files it can read and which are formatted, a splice of the printed edits must give the files that `fix` wrote, a
second plan must find what was fixed safe, and Trivy (where it can be found) must see the proposed findings cured and
none added. Ends with status 1 if anything is wrong.

    python3 scripts/corpus.py --tfmend target/release/tfmend --enumerate target/release/examples/enumerate DIR …
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

# What Trivy calls the bad state of a rule. Only where both mean the same thing are the two compared.
TRIVY = {
    "s3-public-access": {"AVD-AWS-0086", "AVD-AWS-0087", "AVD-AWS-0091", "AVD-AWS-0093", "AVD-AWS-0094"},
    "s3-no-encryption": {"AVD-AWS-0088"},
    "s3-no-versioning": {"AVD-AWS-0090"},
    "imds-v1": {"AVD-AWS-0028", "AVD-AWS-0130"},
    "dynamodb-no-pitr": {"AVD-AWS-0024"},
    "ecr-no-scan-on-push": {"AVD-AWS-0030"},
    "kms-no-rotation": {"AVD-AWS-0065"},
    "rds-public": {"AVD-AWS-0180"},
    "rds-no-deletion-protection": {"AVD-AWS-0177"},
    "sns-no-encryption": {"AVD-AWS-0095"},
    "sqs-no-encryption": {"AVD-AWS-0096"},
    "cloudtrail-no-validation": {"AVD-AWS-0016"},
}
# These want a customer's own key, and can fail only where there is encryption to judge.
STRICTER = {"AVD-AWS-0132", "AVD-AWS-0135", "AVD-AWS-0136"}
CODE = (".tf", ".tfvars", ".tofu")


def timed(command: list[str], **how) -> tuple[subprocess.CompletedProcess, float]:
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, check=False, **how)
    return done, time.monotonic() - started


def terraform_fmt(tree: pathlib.Path) -> tuple[set[str], set[str], float]:
    """The files that `terraform fmt` would change, those it cannot read, and the seconds it took."""
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    done, seconds = timed(
        ["terraform", "fmt", "-check", "-recursive", "-list=true", "-no-color"], cwd=tree, env=environment
    )
    listed = set(done.stdout.decode("utf-8", "replace").splitlines())
    said = done.stderr.decode("utf-8", "replace")
    rejected = set(re.findall(r" on (\S.*?) line \d+", said))
    rejected |= set(re.findall(r"Failed to read file (\S+)", said))
    return listed, rejected, seconds


def code_files(tree: pathlib.Path) -> dict[str, bytes]:
    files = {}
    for folder, folders, names in os.walk(tree):
        folders[:] = [f for f in folders if f != ".git"]
        for name in names:
            path = pathlib.Path(folder, name)
            if name.endswith((*CODE, ".json", ".hcl")) and path.is_file() and not path.is_symlink():
                files[str(path.relative_to(tree))] = path.read_bytes()
    return files


def spliced(before: dict[str, bytes], edits: list[dict]) -> dict[str, bytes]:
    """The files after the edits, made by hand: the same edit of two findings counts once."""
    wanted: dict[str, list[tuple[int, int, bytes]]] = collections.defaultdict(list)
    after = dict(before)
    for edit in edits:
        if edit["start"] is None:
            text, rest = edit["text"].encode(), after.get(edit["file"], b"")
            # Two blocks for one new file: an empty line between them.
            after[edit["file"]] = rest if text in rest else (rest + b"\n" if rest else b"") + text
            continue
        splice = (edit["start"], edit["end"], edit["text"].encode())
        if splice not in wanted[edit["file"]]:
            wanted[edit["file"]].append(splice)
    for file, splices in wanted.items():
        text = before.get(file, b"")
        splices = joined(splices)
        # From the end; of several insertions at one place the first stays first.
        for _, (start, end, new) in sorted(enumerate(splices), key=lambda s: (s[1][0], s[1][1], s[0]), reverse=True):
            text = text[:start] + new + text[end:]
        after[file] = text
    return after


def joined(splices: list[tuple[int, int, bytes]]) -> list[tuple[int, int, bytes]]:
    """Removals that overlap are one removal: two findings may take away the same lines."""
    removed: list[tuple[int, int, bytes]] = []
    for start, end, _ in sorted(s for s in splices if not s[2]):
        if removed and start < removed[-1][1]:
            removed[-1] = (removed[-1][0], max(end, removed[-1][1]), b"")
        else:
            removed.append((start, end, b""))
    return [s for s in splices if s[2]] + removed


def without_spaces(text: bytes) -> bytes:
    return re.sub(rb"[ \t\r\n]+", b"", text)


def trivy_failures(trivy: str | None, tree: pathlib.Path) -> collections.Counter | None:
    """How often each check fails for each resource, by (check, resource, file)."""
    if not trivy:
        return None
    done, _ = timed([trivy, "config", "-q", "--skip-check-update", "-f", "json", "."], cwd=tree)
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        return None
    failures: collections.Counter = collections.Counter()
    for result in report.get("Results") or []:
        for found in result.get("Misconfigurations") or []:
            cause = found.get("CauseMetadata", {})
            failures[found.get("AVDID") or found.get("ID"), cause.get("Resource", ""), result.get("Target", "")] += 1
    return failures


class Judgement:
    """What came out for one directory."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.figures: dict[str, object] = {}
        self.rules: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
        self.wrong: list[str] = []
        self.notes: list[str] = []

    def complain(self, what: str) -> None:
        self.wrong.append(what)

    def show(self) -> None:
        print(f"\n## {self.name}")
        for key, value in self.figures.items():
            print(f"  {key}: {value}")
        print(f"  {'rule':30} {'findings':>8} {'proposed':>8} {'safe':>6} {'refused':>8} {'nowhere':>8} {'other':>6}")
        for rule, counts in sorted(self.rules.items()):
            known = ("proposed", "already_safe", "refused", "not_located")
            shown = [counts[k] for k in known]
            outcomes = sum(n for k, n in counts.items() if ":" not in k)
            print(
                f"  {rule:30} {outcomes:8} {shown[0]:8} {shown[1]:6} {shown[2]:8} {shown[3]:8}"
                f" {outcomes - sum(shown):6}"
            )
            kinds = ", ".join(f"{k} {n}" for k, n in sorted(counts.items()) if ":" in k)
            if kinds:
                print(f"    {kinds}")
        for note in self.notes:
            print(f"  note: {note}")
        print(f"  wrong: {len(self.wrong)}")
        for what in self.wrong[:40]:
            print(f"    {what}")


def judge_files(judged: Judgement, outcomes: list[dict], before: dict[str, bytes], after: dict[str, bytes]) -> None:
    """Only files with a declared edit change, and the declared edits give what `fix` wrote."""
    changed = sorted(p for p in after if after[p] != before.get(p))
    by_file = {o["file"]: o for o in outcomes if o["outcome"] == "proposed"}
    edits = [e for o in outcomes if o["outcome"] == "proposed" for e in o["edits"]]
    declared = {e["file"] for e in edits}
    judged.figures["files changed"] = len(changed)
    for path in changed:
        if path not in declared:
            judged.complain(f"{path} changed, which no edit declares")
    for path in declared - set(changed):
        judged.complain(f"{path} has declared edits and did not change")
    mine = spliced(before, edits)
    for path in changed:
        if mine.get(path) == after[path]:
            continue
        # Two fixes in one column of `=` signs: only the spaces may differ from the sum of the edits.
        if without_spaces(mine.get(path, b"")) != without_spaces(after[path]):
            judged.complain(f"{path}: the declared edits do not give what fix wrote ({by_file.get(path, {}).get('rule')})")
        else:
            judged.notes.append(f"{path}: spaces settled beyond the sum of the edits")


def judge_fmt(judged: Judgement, before: tuple, after: tuple) -> None:
    """What was formatted still is, and what Terraform could read it still reads."""
    for path in sorted(after[0] - before[0]):
        judged.complain(f"{path} was formatted and no longer is")
    for path in sorted(after[1] - before[1]):
        judged.complain(f"{path}: terraform no longer reads it")


def judge_again(judged: Judgement, outcomes: list[dict], again: dict) -> None:
    """A second plan finds each proposed fix already safe."""
    second = {o["finding"]["key"]: o for o in again["outcomes"]}
    for outcome in outcomes:
        if outcome["outcome"] != "proposed":
            continue
        now = second.get(outcome["finding"]["key"], {})
        if now.get("outcome") == "proposed":
            judged.complain(f"proposed twice: {outcome['rule']} {outcome['file']} {outcome['address']}")
        elif now.get("outcome") != "already_safe":
            gone = outcome["impact"] == "grant-removed" and now.get("outcome") in ("not_located", "refused")
            if not gone:
                judged.complain(
                    f"after the fix {now.get('outcome')} ({(now.get('reason') or {}).get('kind')}):"
                    f" {outcome['rule']} {outcome['file']} {outcome['address']}"
                )


def run(tools: argparse.Namespace, tree: pathlib.Path, work: pathlib.Path) -> Judgement:
    judged = Judgement(tree.name)
    base, fixed, findings = work / "base", work / "fixed", work / "findings.ndjson"
    # Links are kept as links: the copy must not follow one out of the tree.
    shutil.copytree(tree, base, symlinks=True, ignore=shutil.ignore_patterns(".git", "*.tfstate"))
    crooked, rejected, fmt_seconds = terraform_fmt(base)
    made, _ = timed(
        [tools.enumerate, "--limit", str(tools.limit), "--seed", str(tools.seed), str(base), str(findings)]
    )
    if made.returncode:
        judged.complain(f"enumerate: {made.stderr.decode('utf-8', 'replace')[-400:]}")
        return judged
    judged.figures.update(json.loads(made.stdout))
    judged.figures["seed, findings a rule at most"] = f"{tools.seed}, {tools.limit}"
    shutil.copytree(base, fixed, symlinks=True)
    before = code_files(base)

    def plan(repo: pathlib.Path, verb: str = "plan") -> tuple[dict, float]:
        command = [tools.tfmend, verb, "--findings", str(findings), "--repo", str(repo), "--format", "json"]
        done, seconds = timed(command)
        try:
            return json.loads(done.stdout), seconds
        except json.JSONDecodeError:
            judged.complain(f"{verb}: exit {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-400:]}")
            return {"outcomes": [], "changes": [], "problems": []}, seconds

    planned, plan_seconds = plan(base)
    (work / "plan.json").write_text(json.dumps(planned, indent=1))
    if code_files(base) != before:
        judged.complain("plan wrote into the tree")
    outcomes = planned["outcomes"]
    for outcome in outcomes:
        counts = judged.rules[outcome.get("rule") or "(none)"]
        counts[outcome["outcome"]] += 1
        if outcome["outcome"] in ("refused", "not_located", "advice"):
            counts[f"{outcome['outcome']}: {outcome['reason']['kind']}"] += 1
        if outcome["outcome"] in ("failed", "invalid"):
            judged.complain(f"{outcome['outcome']}: {outcome['finding']['key']}: {outcome.get('reason')}")
    judged.figures["fmt seconds"] = f"{fmt_seconds:.2f}"
    judged.figures["plan seconds"] = f"{plan_seconds:.2f}"
    judged.figures["not formatted before, rejected by terraform"] = f"{len(crooked)}, {len(rejected)}"

    problems = " ".join(json.dumps(p) for p in planned.get("problems") or [])
    unread = [p for p in before if p.endswith(CODE) and p in problems]
    judged.figures["reported as unreadable"] = ", ".join(unread) or "none"
    for path in rejected:
        if path not in problems:
            judged.notes.append(f"terraform rejects {path}, tfmend does not report it")

    plan(fixed, "fix")
    judge_files(judged, outcomes, before, code_files(fixed))
    judge_fmt(judged, (crooked, rejected), terraform_fmt(fixed))
    again, _ = plan(fixed)
    (work / "again.json").write_text(json.dumps(again, indent=1))
    judge_again(judged, outcomes, again)
    judge_with_trivy(tools, judged, outcomes, base, fixed)
    return judged


def judge_with_trivy(tools, judged: Judgement, outcomes: list[dict], base: pathlib.Path, fixed: pathlib.Path) -> None:
    was, now = trivy_failures(tools.trivy, base), trivy_failures(tools.trivy, fixed)
    if was is None or now is None:
        judged.notes.append("not judged by Trivy")
        return
    ours = set().union(*TRIVY.values())
    totals: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    for side, failures in enumerate((was, now)):
        for (check, _, _), n in failures.items():
            totals[check][side] += n
    for check, (before, after) in sorted(totals.items()):
        if after > before and check in STRICTER:
            judged.notes.append(f"trivy: {check} (customer's own key) fails {after} times, before {before}")
        elif after > before:
            judged.complain(f"trivy: {check} fails {after} times, before {before}")
    proposed = {rule: sum(o["outcome"] == "proposed" for o in outcomes if o.get("rule") == rule) for rule in TRIVY}
    for rule, checks in TRIVY.items():
        before = sum(totals[c][0] for c in checks if c in totals)
        after = sum(totals[c][1] for c in checks if c in totals)
        judged.notes.append(f"trivy {rule}: {before} before, {after} after, {proposed[rule]} proposed")
    newly = [k for k, n in now.items() if k not in was and k[0] in ours]
    for check, resource, target in newly[:10]:
        judged.notes.append(f"trivy: new place for {check}: {resource} in {target}")


def sample(work: pathlib.Path, number: int, seed: int) -> None:
    """Prints diffs of different shapes for a reader."""
    planned = json.loads((work / "plan.json").read_text())
    by_shape: dict[tuple, dict] = {}
    proposed = [o for o in planned["outcomes"] if o["outcome"] == "proposed"]
    random.Random(seed).shuffle(proposed)
    for outcome in proposed:
        added = [line[1:].strip() for line in outcome["diff"].splitlines() if line.startswith(("+", "-"))]
        shape = tuple(re.sub(r'"[^"]*"|\d+|[a-z_]+\.[\w.]+', "_", line) for line in added[2:])
        by_shape.setdefault((outcome["rule"], shape), outcome)
    for outcome in list(by_shape.values())[:number]:
        print(f"\n=== {outcome['rule']}  {outcome['address']}  {outcome['file']}:{outcome['line']} {outcome['impact']}")
        if outcome["also_changes"]:
            print("also changes:", ", ".join(outcome["also_changes"][:8]), f"({len(outcome['also_changes'])})")
        print(outcome["diff"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tfmend", default="target/release/tfmend")
    parser.add_argument("--enumerate", default="target/release/examples/enumerate")
    parser.add_argument("--trivy", default=shutil.which("trivy"), help="judge with this Trivy too")
    parser.add_argument("--limit", type=int, default=60, help="findings a rule at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=0, help="print this many diffs of different shapes")
    parser.add_argument("--keep", type=pathlib.Path, help="work here and leave everything for a look")
    parser.add_argument("trees", nargs="+", type=pathlib.Path)
    tools = parser.parse_args()
    tools.tfmend, tools.enumerate = (str(pathlib.Path(p).resolve()) for p in (tools.tfmend, tools.enumerate))
    wrong = 0
    for tree in tools.trees:
        with tempfile.TemporaryDirectory(prefix="corpus-") as scratch:
            work = pathlib.Path(scratch)
            if tools.keep:
                work = tools.keep / tree.resolve().name
                shutil.rmtree(work, ignore_errors=True)
                work.mkdir(parents=True)
            judged = run(tools, tree.resolve(), work)
            judged.show()
            wrong += len(judged.wrong)
            if tools.sample:
                sample(work, tools.sample, tools.seed)
            sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
