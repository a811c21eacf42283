#!/usr/bin/env python3
"""Compare the evaluator with Terraform: what we call known must be what Terraform says.

    scripts/differential.py [--seed N] [--roots N] [--evaluate target/debug/examples/evaluate]

Hand-written cases lie in testdata/differential/<name> (`*.tf` with outputs and `terraform_data`, data
files, and `expressions.txt`: expressions, one a line, that may fail); others are generated from a
seed (scripts/testbed/generated.py, and scripts/testbed/configured.py for resources of the real AWS provider, which
plans them without a network). Each root is planned by the real Terraform and evaluated by examples/evaluate.rs; wrong is a value that we know and Terraform knows
otherwise or refuses, and an error of ours where Terraform has none. The exit code is 1 when one is.
"""

import argparse
import collections
import contextlib
import concurrent.futures
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from testbed import command, configured, generated, toolbox  # noqa: E402

REPOSITORY = Path(__file__).resolve().parent.parent
CASES = REPOSITORY / "testdata" / "differential"
FAILED = "<Terraform reports an error>"
ABSENT = object()


def expressions(text):
    """Entries of a list: one a line, a heredoc until its end, an open bracket until it closes."""
    found, whole, mark = [], "", ""
    for line in text.splitlines():
        if not whole and (not line.strip() or line.startswith("#")):
            continue
        whole = f"{whole}\n{line}" if whole else line
        opened = re.search(r"<<-?([A-Z]+)$", line)
        if opened and not mark:
            mark = opened.group(1)
        elif mark and line.strip() == mark:
            mark = ""
        if not mark and not line.endswith("\\"):
            found.append(whole.replace("\\\n", "\n"))
            whole = ""
    return found + [whole] if whole else found


def outputs(entries):
    """One output an expression; one that fails becomes a mark."""
    blocks = []
    for number, entry in enumerate(entries):
        value = f'try({{\n    ok = {entry}\n  }}, "{FAILED}")'
        blocks.append(f'output "e{number}" {{\n  sensitive = true\n  value = {value}\n}}\n')
    return "".join(blocks)


class Digits(str):
    """A number as it is written."""


class Root:
    """One root: its files, and the expressions that may fail."""

    def __init__(self, name, files, entries=(), generated=False):
        self.name, self.files, self.entries, self.generated = name, files, list(entries), generated

    @property
    def needs_provider(self):
        return any("hashicorp/aws" in str(content) for content in self.files.values())

    def write(self, folder):
        for path, content in self.files.items():
            at = folder / path
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(content.encode() if isinstance(content, str) else content)
        if self.entries:
            (folder / "expressions.tf").write_text(outputs(self.entries), encoding="utf-8")


def written(folder):
    """The hand-written cases."""
    for case in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = {
            str(path.relative_to(case)): path.read_bytes()
            for path in sorted(case.rglob("*"))
            if path.is_file() and path.name != "expressions.txt"
        }
        listed = case / "expressions.txt"
        entries = expressions(listed.read_text(encoding="utf-8")) if listed.is_file() else []
        yield Root(case.name, files, entries)


def planned(terraform, provider, root, folder):
    """What Terraform says: outputs, instances of terraform_data, and the outputs that it refuses outright."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "TF_CLI_CONFIG_FILE": provider["cli_config"] if root.needs_provider else os.devnull, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "AWS_EC2_METADATA_DISABLED": "true",
        "TF_DATA_DIR": str(folder / ".data"),
    }  # fmt: skip
    refused = set()
    root.write(folder)
    run = lambda *arguments, accept: command.run(  # noqa: E731
        [terraform, *arguments], cwd=folder, env=environment, accept=accept, timeout=120
    )
    if root.needs_provider or any("module \"" in str(content) for content in root.files.values()):
        run("init", "-input=false", "-no-color", accept=(0,))
    plan = ["plan", "-input=false", "-no-color", "-refresh=false", "-out=the.plan"]
    for _ in range(20):
        code, _, printed = run(*plan, accept=(0, 1))
        if code == 0:
            break
        failing = set(re.findall(r'(?:in output|output\s+value) "(\w+)"', printed))
        failing |= {f"e{line}" for line in blamed(root, folder, printed)}
        if not failing - refused:
            raise command.CommandFailed(f"{root.name}: Terraform does not plan it\n{printed}")
        refused |= failing
        leave_out(folder, refused)
    _, shown, _ = run("show", "-json", "the.plan", accept=(0,))
    told = json.loads(shown, parse_float=Digits, parse_int=Digits)
    return told, refused


def blamed(root, folder, printed):
    """Expressions that Terraform refuses before it evaluates, by the lines that it names."""
    text = (folder / "expressions.tf").read_text(encoding="utf-8").splitlines() if root.entries else []
    for line in re.findall(r"on expressions\.tf line (\d+)", printed):
        for above in range(int(line) - 1, -1, -1):
            opened = re.match(r'output "e(\d+)"', text[above])
            if opened:
                yield opened.group(1)
                break


def leave_out(folder, names):
    """Take outputs out of the copy of the code that Terraform reads."""
    for path in folder.glob("*.tf"):
        kept, skip = [], False
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            opened = re.match(r'output "(\w+)"', line)
            if opened:
                skip = opened.group(1) in names
            if not skip:
                kept.append(line)
            if line.startswith("}"):
                skip = False
        path.write_text("".join(kept), encoding="utf-8")


def instances(module):
    for resource in module.get("resources", []):
        yield resource
    for child in module.get("child_modules", []):
        yield from instances(child)


def number(text):
    """Decimal digits without what does not count."""
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    power = int(exponent or 0) - len(fraction)
    short = digits.rstrip("0")
    return (sign, short, power + len(digits) - len(short)) if short else ("", "", 0)


def same(ours, theirs):
    if isinstance(ours, dict) and "number" in ours:
        return isinstance(theirs, Digits) and number(ours["number"]) == number(theirs)
    if isinstance(ours, dict):
        held = ours["object"]
        return isinstance(theirs, dict) and held.keys() == theirs.keys() and all(same(held[k], theirs[k]) for k in held)
    if isinstance(ours, list):
        return isinstance(theirs, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    return type(ours) is type(theirs) and ours == theirs


def has_unknown(marks):
    if isinstance(marks, dict):
        return any(map(has_unknown, marks.values()))
    return any(map(has_unknown, marks)) if isinstance(marks, list) else bool(marks)


class Report:
    def __init__(self):
        self.compared = self.known = self.failing = self.void = 0
        self.unknown = collections.Counter()
        self.wrong, self.left = [], []

    def judge(self, what, ours, theirs, kind, unknown, name_refused=False):
        """One value; `theirs` is FAILED where Terraform refuses, ABSENT where it says nothing."""
        self.compared += 1
        if "value" not in ours:
            if ours["unknown"] == "Invalid" and theirs != FAILED and not unknown:
                self.wrong.append((what, f"an error: {ours['why']}", theirs))
            elif theirs == FAILED:
                self.failing += 1
            else:
                self.unknown[ours["unknown"]] += 1
                if not unknown:
                    self.left.append((what, ours["why"], theirs))
        elif theirs is ABSENT or name_refused:
            self.wrong.append((what, ours["value"], "an error"))
        elif unknown:
            # Terraform does not say it yet: nothing to compare with.
            self.unknown["not said by the plan"] += 1
        elif not same(ours["value"], theirs):
            self.wrong.append((what, ours["value"], theirs))
        elif ours.get("type") and kind is not None and json.loads(ours["type"]) != kind:
            self.wrong.append((what, f"{ours['value']} of type {ours['type']}", f"type {json.dumps(kind)}"))
        else:
            self.failing += theirs == FAILED
            self.known += theirs != FAILED

    def compare(self, root, ours, told, refused):
        if ours["problems"]:
            self.wrong.append((root.name, ours["problems"], "reads it"))
        theirs = told.get("planned_values", {}).get("outputs", {})
        changes = told.get("output_changes", {})
        entries = {f"e{at}": entry for at, entry in enumerate(root.entries)}
        for name, value in ours["outputs"].items():
            what = f"{root.name}: {entries.get(name, 'output ' + name)}"
            output = theirs.get(name, {})
            said, kind = output.get("value"), output.get("type")
            unknown = has_unknown(changes.get(name, {}).get("after_unknown"))
            if name in refused:
                said = FAILED
            self.judge(what, value, said, kind, unknown, name in refused)
        planned_values = told.get("planned_values", {}).get("root_module", {})
        held = {r["address"]: r["values"] for r in instances(planned_values) if r["type"] == "terraform_data"}
        marks = {c["address"]: c["change"].get("after_unknown", {}) for c in told.get("resource_changes", [])}
        for address, value in ours["resources"].items():
            if address.endswith("[…]"):
                self.unknown[value["unknown"]] += 1
                continue
            unknown = has_unknown(marks.get(address, {}).get("input"))
            said = held[address].get("input") if address in held else ABSENT
            self.judge(f"{root.name}: {address}", value, said, None, unknown)
        open_ended = {address.split("[")[0] for address in ours["resources"] if address.endswith("[…]")}
        for address in held.keys() - ours["resources"].keys():
            if address.split("[")[0] not in open_ended:
                self.wrong.append((f"{root.name}: {address}", "no such instance", "planned"))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=None, help="of the generated configurations (default: today's)")
    parser.add_argument("--roots", type=int, default=24, help="how many are generated")
    parser.add_argument("--configured", type=int, default=1, help="how many with resources are generated")
    parser.add_argument("--only", help="only hand-written cases whose name holds this")
    parser.add_argument("--left", action="store_true", help="print what Terraform knows and we do not")
    parser.add_argument(
        "--evaluate", type=Path, default=REPOSITORY / "target" / "debug" / "examples" / "evaluate",
        help="examples/evaluate.rs, built",
    )  # fmt: skip
    return parser.parse_args()


def main():
    options = arguments()
    started = time.monotonic()
    terraform = toolbox.get("terraform")
    if not terraform["available"]:
        print(f"SKIPPED: make differential (terraform: {terraform['reason']})")
        return 1 if os.environ.get("TFMEND_NO_SKIP") == "1" else 0
    provider = toolbox.get("provider-v5")
    if not provider["available"]:
        print(f"SKIPPED: make differential, what is configured in resources ({provider['reason']})")
        if os.environ.get("TFMEND_NO_SKIP") == "1":
            return 1
    if not options.evaluate.is_file():
        sys.exit(f"differential: {options.evaluate} does not exist: run `cargo build --example evaluate`")
    seed = options.seed if options.seed is not None else int(time.time()) // 86_400
    roots = list(written(CASES))
    if options.only:
        roots = [root for root in roots if options.only in root.name]
    else:
        dice = random.Random(seed)
        for at in range(options.roots):
            name, files, entries = generated.root(random.Random(dice.random()), at)
            roots.append(Root(name, files, entries, generated=True))
        for at in range(options.configured):
            name, files, entries = configured.root(random.Random(dice.random()), at)
            roots.append(Root(name, files, entries, generated=True))
    if not provider["available"]:
        roots = [root for root in roots if not root.needs_provider]
    # Those that take longest first.
    roots.sort(key=lambda root: not root.needs_provider)
    report = Report()
    with tempfile.TemporaryDirectory(prefix="differential-") as scratch:
        scratch = Path(scratch)
        own = {}
        for root in roots:
            own[root.name] = scratch / "ours" / root.name
            own[root.name].mkdir(parents=True)
            root.write(own[root.name])
        _, printed, _ = command.run([options.evaluate, *own.values()], timeout=300)
        ours = {Path(line["dir"]).name: line for line in map(json.loads, printed.splitlines())}

        def plan(root):
            folder = scratch / "theirs" / root.name
            folder.mkdir(parents=True)
            if root.generated:
                with contextlib.suppress(command.CommandFailed):
                    return planned(terraform["command"][0], provider, root, folder)
                return None
            return planned(terraform["command"][0], provider, root, folder)

        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            for root, said in zip(roots, pool.map(plan, roots)):
                if said:
                    report.compare(root, ours[root.name], *said)
                else:
                    report.void += 1
        shutil.rmtree(scratch, ignore_errors=True)
    for what, we, they in report.wrong:
        print(f"WRONG {what}\n    we:        {json.dumps(we, ensure_ascii=False)}\n    Terraform: {they!r}")
    if options.left:
        for what, why, they in report.left:
            print(f"unknown {what}\n    {why}\n    Terraform: {they!r}")
    reasons = ", ".join(f"{count} {reason}" for reason, count in report.unknown.most_common()) or "none"
    print(
        f"seed {seed}: {len(roots)} roots ({report.void} refused by Terraform), {report.compared} expressions: {report.known} known and equal, "
        f"{report.failing} fail in both, unknown: {reasons}; WRONG: {len(report.wrong)} "
        f"({time.monotonic() - started:.0f} s)"
    )
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
