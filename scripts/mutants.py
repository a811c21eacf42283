#!/usr/bin/env python3
"""Mutation testing of the pure stages: how many deliberate bugs do the tests catch?

    scripts/mutants.py                     everything below, one after the other
    scripts/mutants.py core                terraform/edit, locate and policy, every mutant
    scripts/mutants.py shard               remedy and pull_request, a fixed shard of them
    scripts/mutants.py core --sample 0/8   every eighth of these mutants, when time is short
    scripts/mutants.py --lib               judged by the unit tests alone: faster, and harder on them

The exit code is 1 when fewer than 85 % of the viable mutants are caught. Survivors are listed by
place, so that they can be read. The outputs stay in target/mutants/.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from testbed import toolbox  # noqa: E402

REPOSITORY = Path(__file__).resolve().parent.parent
OUTPUTS = REPOSITORY / "target" / "mutants"
AT_LEAST = 0.85

# Parts of the work, by name: the files, further arguments, and the test binaries that are about them (the
# others would only take time). The shard is fixed, so that two runs try the same mutants.
PARTS = {
    "core": (
        ("src/terraform/edit/**", "src/locate/**", "src/policy/**"),
        (),
        ("--lib", "--test", "edit", "--test", "locate", "--test", "policy", "--test", "fixtures"),
    ),
    "shard": (
        ("src/remedy/**", "src/pull_request/**"),
        ("--shard", "0/8"),
        ("--lib", "--test", "fixtures", "--test", "compose", "--test", "pull_request", "--test", "forge"),
    ),
}


def run(tool, part, sample, tests):
    """Run one part and give back its outcomes: summary → the mutants' names."""
    files, more, about = PARTS[part]
    tests = tests or about
    if sample:
        more = ("--shard", sample)
    output = OUTPUTS / part
    output.mkdir(parents=True, exist_ok=True)
    command = [
        *tool["command"], "mutants", "--output", output, "--no-shuffle", "--sharding", "round-robin",
        "--colors", "never",
        "--minimum-test-timeout", "60", *more,
        *(argument for name in files for argument in ("--file", name)), "--", *tests,
    ]  # fmt: skip
    # Debug information is most of what a test binary takes to link, and nobody debugs a mutant.
    environment = {**os.environ, "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_PROFILE_TEST_DEBUG": "0"}
    # 0: all caught, 2: some survived, 3: some timed out (a mutant that hangs is caught).
    code = subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode
    if code not in (0, 2, 3):
        sys.exit(f"mutants: cargo-mutants failed on {part} (exit {code}), see {output}")
    outcomes = json.loads((output / "mutants.out" / "outcomes.json").read_text(encoding="utf-8"))["outcomes"]
    found = {}
    for outcome in outcomes:
        if outcome["scenario"] != "Baseline":
            found.setdefault(outcome["summary"], []).append(outcome["scenario"]["Mutant"]["name"])
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--sample", metavar="K/N", help="only the K-th of N equal shares of each part")
    parser.add_argument("--lib", action="store_true", help="run the unit tests only")
    options = parser.parse_args()
    parts = options.parts or list(PARTS)
    for unknown in set(parts) - set(PARTS):
        parser.error(f"no such part: {unknown} (there are {', '.join(PARTS)})")
    tool = toolbox.get("cargo-mutants")
    if not tool["available"]:
        print(f"SKIPPED: make mutants ({tool['reason']})")
        return 1 if os.environ.get("TFMEND_NO_SKIP") == "1" else 0

    caught = survived = 0
    for part in parts:
        found = run(tool, part, options.sample, ("--lib",) if options.lib else ())
        killed = len(found.get("CaughtMutant", [])) + len(found.get("Timeout", []))
        missed = found.get("MissedMutant", [])
        caught += killed
        survived += len(missed)
        share = f" (sample {options.sample})" if options.sample else ""
        print(f"\n{part}{share}: {killed} caught, {len(missed)} survived, {len(found.get('Unviable', []))} did not compile")
        for name in missed:
            print(f"  survived: {name}")
    viable = caught + survived
    rate = caught / viable if viable else 0.0
    print(f"\nmutants: {caught} of {viable} caught, {rate:.1%} (asked for: {AT_LEAST:.0%})")
    return 0 if rate >= AT_LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
