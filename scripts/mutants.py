#!/usr/bin/env python3
"""Mutation testing of the pure stages: how many deliberate bugs do the tests catch?

    scripts/mutants.py                  every mutant that has no verdict yet, then the total
    scripts/mutants.py core             terraform/edit, locate and policy, every mutant
    scripts/mutants.py shard            remedy and pull_request, every eighth mutant (always the same)
    scripts/mutants.py --only TEXT      only the mutants whose name holds the text
    scripts/mutants.py --jobs 2         two at a time
    scripts/mutants.py --report         try nothing, only sum up
    scripts/mutants.py --fresh          forget every verdict first
    scripts/mutants.py --confirm 0/40   let cargo-mutants alone try a sample, and compare the verdicts

cargo-mutants says what the mutants are. Most of the time of a run is building, so they are not built one by one:
all go into one build, of a trimmed house below target/mutants/ that has only the pure stages and the tests about
them, and a variable of the environment chooses the one that lives (scripts/mutation/). What is mutated and what
judges it are the repository's own files. The few mutants that do not fit into one build are tried by cargo-mutants
alone; so is the sample of --confirm, which shows that both ways give the same verdicts.

A verdict is kept in target/mutants/verdicts.json. "Caught" holds as long as the function is the same text,
"survived" as long as neither the sources nor the tests changed: an interrupted run goes on where it stopped, and new
tests are tried on what survived. A test that was taken away or made weaker is not noticed: use --fresh then.

The exit code is 1 when fewer than 85 % of the viable mutants are caught, or some have no verdict.
"""

import argparse
import collections
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from mutation import judge, switch  # noqa: E402
from mutation.judge import CAUGHT, SURVIVED, TIMEOUT, UNVIABLE  # noqa: E402
from testbed import toolbox  # noqa: E402

REPOSITORY = Path(__file__).resolve().parent.parent
OUTPUTS = REPOSITORY / "target" / "mutants"
VERDICTS = OUTPUTS / "verdicts.json"
AT_LEAST = 0.85

# Parts of the work: the files, and which of their mutants. The shard is fixed, so that two runs try the same.
PARTS = {
    "core": (("src/terraform/edit/**", "src/locate/**", "src/policy/**"), ()),
    "shard": (("src/remedy/**", "src/pull_request/**"), ("--shard", "0/8")),
}


def listed(tool, part, shard=()):
    """The mutants of a part, as cargo-mutants lists them."""
    files, fixed = PARTS[part]
    shard = shard or fixed
    command = [
        *tool["command"], "mutants", "--list", "--json", *(("--sharding", "round-robin", *shard) if shard else ()),
        *(argument for name in files for argument in ("--file", name)),
    ]  # fmt: skip
    done = subprocess.run([str(c) for c in command], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"mutants: cargo-mutants cannot list {part}:\n{done.stderr}")
    return json.loads(done.stdout)


def judges():
    """A hash of everything that has a say in whether a mutant survives."""
    found = hashlib.sha256()
    for top in ("src", "tests", "testdata", "templates"):
        for path in sorted((REPOSITORY / top).rglob("*")):
            if path.is_file():
                found.update(f"{path.relative_to(REPOSITORY)}\0".encode())
                found.update(path.read_bytes())
    return found.hexdigest()


class Verdicts:
    """What is known of each mutant: its key → {verdict, name, by, judges}."""

    def __init__(self, fresh):
        self.known = {} if fresh or not VERDICTS.is_file() else json.loads(VERDICTS.read_text(encoding="utf-8"))
        self.judges = judges()
        self.saved = time.monotonic()

    def of(self, mutant):
        """The verdict, if it still holds."""
        found = self.known.get(mutant.key)
        if found and found["verdict"] == SURVIVED and found["judges"] != self.judges:
            return None
        return found["verdict"] if found else None

    def keep(self, mutant, verdict, by):
        """Note a verdict; a run that is killed loses a few seconds of them."""
        self.known[mutant.key] = {"verdict": verdict, "name": mutant.name, "by": by, "judges": self.judges}
        if time.monotonic() - self.saved > 5:
            self.save()

    def save(self):
        """Write the file as a whole, or not at all."""
        OUTPUTS.mkdir(parents=True, exist_ok=True)
        new = VERDICTS.with_suffix(".new")
        new.write_text(json.dumps(self.known, indent=0), encoding="utf-8")
        new.replace(VERDICTS)
        self.saved = time.monotonic()


def run(tool, mutants, sources, verdicts, jobs):
    """Give every mutant its verdict that has none."""
    # The others are built, too: the same build serves the next run.
    viable = [mutant for mutant in mutants if verdicts.of(mutant) != UNVIABLE]
    mutants = [mutant for mutant in mutants if not verdicts.of(mutant)]
    wanted = {mutant.number for mutant in mutants}
    done = collections.Counter()

    def tell(mutant, verdict, by):
        verdicts.keep(mutant, verdict, by)
        done[verdict] += 1
        if verdict == SURVIVED:
            print(f"  survived: {mutant.name}{f' ({by})' if by else ''}", flush=True)
        if sum(done.values()) % 100 == 0:
            print(f"  {sum(done.values())} of {len(mutants)}: {dict(done)}", flush=True)

    print(f"mutants: {len(mutants)} to try", flush=True)
    try:
        left = judge.together(viable, wanted, sources, OUTPUTS, jobs, lambda text: print(text, flush=True), tell)
        if left:
            print(f"  {len(left)} are tried by cargo-mutants alone", flush=True)
            judge.alone(tool, left, OUTPUTS, tell)
    finally:
        verdicts.save()


def confirm(tool, parts, sample, verdicts):
    """cargo-mutants alone on a sample: are its verdicts the same?"""
    for part in parts:
        found = listed(tool, part, ("--shard", sample))
        mutants = read(found)[0]
        theirs = {}

        def tell(mutant, verdict, _, theirs=theirs):
            theirs[mutant.key] = verdict

        judge.alone(tool, mutants, OUTPUTS, tell)
        same = [m for m in mutants if verdicts.of(m) == theirs[m.key]]
        known = [m for m in mutants if verdicts.of(m)]
        print(f"{part}: of {len(mutants)} mutants, {len(known)} have a verdict and {len(same)} have the same")
        for mutant in known:
            if mutant not in same:
                print(f"  here {verdicts.of(mutant)}, cargo-mutants alone {theirs[mutant.key]}: {mutant.name}")


def read(found):
    """The mutants of a list, and the text of the files that they are in."""
    sources = {name: (REPOSITORY / name).read_text(encoding="utf-8") for name in {one["file"] for one in found}}
    return switch.read(found, sources), sources


def module(mutant):
    """Which module's figures a mutant belongs to."""
    path = Path(mutant.file).parts
    return "/".join(path[1:3]) if path[1] == "terraform" else path[1]


def report(mutants, verdicts):
    """Print the figures by module and the survivors; give the rate of caught among the viable."""
    rows = collections.defaultdict(collections.Counter)
    for mutant in mutants:
        for row in (module(mutant), "total"):
            rows[row][verdicts.of(mutant) or "unknown"] += 1
    for mutant in mutants:
        if verdicts.of(mutant) == SURVIVED:
            by = verdicts.known[mutant.key]["by"]
            print(f"  survived: {mutant.name}{f' ({by})' if by else ''}")
    columns = ("mutants", "caught", "hung", "survived", "unviable", "unknown", "rate")
    print(f"\n{'module':<16}" + "".join(f"{column:>9}" for column in columns))
    rate = 0.0
    for row in (*sorted(set(rows) - {"total"}), "total"):
        count = rows[row]
        killed = count[CAUGHT] + count[TIMEOUT]
        viable = killed + count[SURVIVED]
        rate = killed / viable if viable else 0.0
        print(
            f"{row:<16}{count.total():>9}{count[CAUGHT]:>9}{count[TIMEOUT]:>9}{count[SURVIVED]:>9}"
            f"{count[UNVIABLE]:>9}{count['unknown']:>9}{rate:>9.1%}"
        )
    print(f"\nmutants: {rate:.1%} of the viable are caught (asked for: {AT_LEAST:.0%})")
    return rate if not rows["total"]["unknown"] else 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--only", metavar="TEXT", default="", help="only mutants whose name holds the text")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="how many at a time")
    parser.add_argument("--report", action="store_true", help="try nothing, only sum up")
    parser.add_argument("--fresh", action="store_true", help="forget every verdict first")
    parser.add_argument("--confirm", metavar="K/N", help="compare with cargo-mutants alone on a sample")
    options = parser.parse_args()
    parts = options.parts or list(PARTS)
    for unknown in set(parts) - set(PARTS):
        parser.error(f"no such part: {unknown} (there are {', '.join(PARTS)})")
    tool = toolbox.get("cargo-mutants")
    if not tool["available"]:
        print(f"SKIPPED: make mutants ({tool['reason']})")
        return 1 if os.environ.get("TFMEND_NO_SKIP") == "1" else 0

    verdicts = Verdicts(options.fresh)
    if options.confirm:
        confirm(tool, parts, options.confirm, verdicts)
        return 0
    mutants, sources = read([one for part in parts for one in listed(tool, part)])
    mutants = [mutant for mutant in mutants if options.only in mutant.name]
    unknown = [mutant for mutant in mutants if not verdicts.of(mutant)]
    if unknown and not options.report:
        try:
            run(tool, mutants, sources, verdicts, options.jobs)
        except judge.Broken as broken:
            sys.exit(f"mutants: {broken}")
    return 0 if report(mutants, verdicts) >= AT_LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
