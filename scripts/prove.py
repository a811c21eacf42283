#!/usr/bin/env python3
"""Prove the rules: real Terraform, the real AWS provider, and a foreign scanner, before and after.

    scripts/prove.py --tfmend target/debug/tfmend [--generation v5] [--out .prove]

For each generation of the AWS provider an insecure estate (testdata/prove/<generation>) is applied to
a moto server. Prowler finds what is wrong, tfmend opens pull requests from its findings, they are
merged, Terraform plans and applies, Prowler looks again. The table says what was cured; the exit
code is 1 when a rule's finding is not cured, when the plan would delete or replace anything but a
pure grant, or when something fails that did not fail before. testdata/prove/expected.json says what
belongs to which rule, and what cannot be proved here and why.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from testbed import command, loop, toolbox  # noqa: E402

REPOSITORY = Path(__file__).resolve().parent.parent
ESTATES = REPOSITORY / "testdata" / "prove"
COLUMNS = ("findings", "proposed", "cured", "not_cured", "not_proposed", "excused", "newly_failing")
printing = threading.Lock()


def log(message):
    with printing:
        print(message, file=sys.stderr, flush=True)


def stop(signal_number, _frame):
    command.end_all()
    os._exit(128 + signal_number)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tfmend", type=Path, default=REPOSITORY / "target" / "debug" / "tfmend", help="the binary")
    parser.add_argument("--generation", action="append", choices=["v5", "v3"], help="only this one")
    parser.add_argument("--out", type=Path, default=REPOSITORY / ".prove", help="where everything is left to look at")
    return parser.parse_args()


def available(generations):
    """The tools, and the generations that can be proved with them; what cannot is said by name."""
    shared = {name: toolbox.get(name) for name in ("terraform", "moto", "prowler")}
    missing = [f"{name}: {tool['reason']}" for name, tool in shared.items() if not tool["available"]]
    if missing:
        return {}, [], [f"make prove ({'; '.join(missing)})"]
    possible, skipped = [], []
    for generation in generations:
        provider = shared[f"provider-{generation}"] = toolbox.get(f"provider-{generation}")
        if provider["available"]:
            possible.append(generation)
        else:
            skipped.append(f"make prove, generation {generation} ({provider['reason']})")
    return shared, possible, skipped


def print_table(report):
    print(f"\nAWS provider generation {report.generation}")
    width = max(len(rule) for rule in report.rules)
    heads = [column.replace("_", " ") for column in COLUMNS]
    print(f"  {'rule':<{width}}  {'  '.join(heads)}  plan")
    for rule, row in sorted(report.rules.items()):
        cells = "  ".join(f"{row[column]:>{len(head)}}" for column, head in zip(COLUMNS, heads))
        actions = ", ".join(f"{count} {action}" for action, count in row["actions"].items()) or "-"
        print(f"  {rule:<{width}}  {cells}  {actions}{'' if row['holds'] else '   <- not proved'}")
    for failure in report.failures:
        print(f"  FAILED: {failure}")


def main():
    options = arguments()
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    started = time.monotonic()
    expected = json.loads((ESTATES / "expected.json").read_text(encoding="utf-8"))
    tools, generations, skipped = available(options.generation or ["v5", "v3"])
    for what in skipped:
        print(f"SKIPPED: {what}")
    no_skip = os.environ.get("TFMEND_NO_SKIP") == "1"
    if not generations:
        return 1 if no_skip else 0
    if not options.tfmend.is_file():
        sys.exit(f"prove: {options.tfmend} does not exist: run `cargo build` or name the binary with --tfmend")

    reports, broken = [], []
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        runs = {
            generation: pool.submit(
                loop.prove, generation, tools, options.tfmend.absolute(), ESTATES / generation,
                options.out.absolute() / generation, expected, log,
            )
            for generation in generations
        }  # fmt: skip
        for generation, future in runs.items():
            try:
                reports.append(future.result())
            except (command.CommandFailed, OSError) as problem:
                broken.append(generation)
                log(f"{generation}: {problem}")

    for rule, facts in sorted(expected["rules"].items()):
        for generation in generations:
            if generation in facts["not_in"]:
                print(f"not proved with {generation}: {rule}: {facts['not_in'][generation]}")
    for report in reports:
        print_table(report)
    options.out.mkdir(parents=True, exist_ok=True)
    written = options.out / "report.json"
    written.write_text(json.dumps([dataclasses.asdict(report) for report in reports], indent=2), encoding="utf-8")
    print(f"\nThe report as JSON: {written}; clones, plans and scans are beside it. {time.monotonic() - started:.0f} s.")

    rows = [row for report in reports for row in report.rules.values()]
    passed = sum(row["holds"] for row in rows)
    unproved = sum(bool(report.failures) and all(row["holds"] for row in report.rules.values()) for report in reports)
    failed = len(rows) - passed + len(broken) + unproved
    print(f"prove: {passed} passed, {failed} failed")
    return 1 if failed or (skipped and no_skip) else 0


if __name__ == "__main__":
    sys.exit(main())
