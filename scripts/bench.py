#!/usr/bin/env python3
"""Measure tfmend beside others, in one run: time, memory, how both grow, and whether the mapping is right.

    scripts/bench.py --tfmend target/release/tfmend --examples target/release/examples [--quick] [CORPUS …]

On a generated estate of 1,000 and of 10,000 files: locating and editing 1,000 findings (a tenth on the small one),
cold, with a warm cache, and after a few files changed; beside it `terraform fmt -check -recursive`, Trivy, Checkov,
tfparse, and the floor: reading the bytes with all cores. The programs take turns, so that whatever else the machine
does hits all of them. CORPUS are directories of real Terraform code; states and findings are invented for them
(examples/enumerate.rs). The figures go to target/bench/figures.json, and with --write to docs/BENCHMARKS.md.

Exit code 1 when the mapping is wrong or a target of docs/BENCHMARKS.md is missed.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench import clock, corpora, estate, mapping, page  # noqa: E402
from testbed import toolbox  # noqa: E402

REPOSITORY = Path(__file__).resolve().parent.parent
WORK = REPOSITORY / "target" / "bench"
FEW = 10


def say(message):
    print(message, file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tfmend", type=Path, default=REPOSITORY / "target" / "release" / "tfmend")
    parser.add_argument("--examples", type=Path, default=REPOSITORY / "target" / "release" / "examples")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5, help="runs of the quick programs")
    parser.add_argument("--quick", action="store_true", help="without Trivy, Checkov and tfparse")
    parser.add_argument("--limit", type=int, default=1500, help="seconds after which a slow program is ended")
    parser.add_argument("--write", action="store_true", help="write docs/BENCHMARKS.md")
    parser.add_argument("corpus", nargs="*", type=Path, metavar="CORPUS", help="directories of real Terraform code")
    return parser.parse_args()


class Bench:
    """The programs, and how each is called on one estate."""

    def __init__(self, options):
        self.options = options
        self.tfmend = options.tfmend.resolve()
        self.floor = options.examples.resolve() / "floor"
        self.slow = {} if options.quick else {name: toolbox.get(name) for name in ("trivy", "checkov", "tfparse")}
        for name, tool in self.slow.items():
            if not tool["available"]:
                say(f"SKIPPED {name}: {tool['reason']}")
        self.terraform = toolbox.get("terraform")
        if not self.terraform["available"]:
            say(f"SKIPPED terraform fmt: {self.terraform['reason']}")

    def run_tfmend(self, folder, cache, *, verb="plan", findings="findings.json", states=True, limit=600, out=None, repository="repository"):
        command = [self.tfmend, verb, "--repo", folder / repository, "--findings", folder / findings, "--format", "json"]
        command += ["--state", folder / "states"] if states and (folder / "states").exists() else []
        options = {"env": {**os.environ, "TFMEND_CACHE_DIR": str(cache)}, "limit": limit}
        if out is None:
            return clock.run(command, **options)
        with open(out, "wb") as answer:
            return clock.run(command, stdout=answer, **options)

    def measure(self, name, folder):
        """Every figure of one estate."""
        say(f"{name}: warming up")
        cache = folder / "cache"
        fresh = folder / "fresh-cache"
        repository = folder / "repository"
        runs = {}

        def keep(what, run):
            say(f"  {what:34} {run.wall:8.3f} s  {run.cpu:8.3f} CPU s  {run.memory / 1e6:7.0f} MB  exit {run.code}")
            runs.setdefault(what, clock.Figure(what, [])).runs.append(run)

        states = folder / "states"
        everything = [repository, states] if states.exists() else [repository]
        clock.run([self.floor, *everything])
        shutil.rmtree(cache, ignore_errors=True)
        self.run_tfmend(folder, cache)
        edited = folder / "edited"
        for number in range(self.options.rounds):
            keep("floor", clock.run([self.floor, *everything]))
            keep("floor, the code alone", clock.run([self.floor, repository]))
            shutil.rmtree(fresh, ignore_errors=True)
            keep("plan, cold", self.run_tfmend(folder, fresh))
            keep("plan, warm", self.run_tfmend(folder, cache))
            touch(repository, number, FEW)
            keep(f"plan, {FEW} files changed, {FEW} findings", self.run_tfmend(folder, cache, findings="few.json"))
            keep("one finding, warm", self.run_tfmend(folder, cache, findings="one.json"))
            if number < 2:
                shutil.rmtree(edited, ignore_errors=True)
                shutil.copytree(repository, edited, symlinks=True)
                shutil.rmtree(fresh, ignore_errors=True)
                keep("fix, cold", self.run_tfmend(folder, fresh, verb="fix", repository="edited"))
            if self.terraform["available"] and number < 3:
                keep("terraform fmt", self.fmt(repository))
        shutil.rmtree(edited, ignore_errors=True)
        for tool, run in self.others(repository):
            keep(tool, run)
        return runs

    def fmt(self, repository):
        environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
        command = [*self.terraform["command"], "fmt", "-check", "-recursive"]
        return clock.run(command, cwd=repository, env=environment)

    def others(self, repository):
        limit = self.options.limit
        commands = {
            "trivy": ["config", "-q", "--skip-check-update", "-f", "json", "."],
            "checkov": ["-d", ".", "-o", "json", "--framework", "terraform", "--skip-download", "--compact", "--quiet"],
        }
        for name, arguments in commands.items():
            if self.slow.get(name, {}).get("available"):
                say(f"  {name} (at most {limit} s)")
                yield name, clock.run([*self.slow[name]["command"], *arguments], cwd=repository, limit=limit)
        if self.slow.get("tfparse", {}).get("available"):
            script = Path(__file__).resolve().parent / "bench" / "tfparse_roots.py"
            yield "tfparse", clock.run([self.slow["tfparse"]["python"], script, repository], limit=limit)


def touch(repository, round_number, count):
    """Appends a comment to some files, other ones each round."""
    files = sorted(repository.glob("live/*/*/*/*.tf")) or sorted(repository.rglob("*.tf"))
    step = max(1, len(files) // count)
    for path in files[round_number % step :: step][:count]:
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"\n# looked at again, {round_number}\n")


def some(folder, count, name):
    """The first findings alone."""
    findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))["Findings"]
    (folder / name).write_text(json.dumps({"Findings": findings[:count]}), encoding="utf-8")


def check_mapping(bench, folder):
    """Exact, ambiguous, none, wrong: with the states and without."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    answers = {}
    for what, states in (("with state", True), ("without state", False)):
        out = folder / "answer.json"
        run = bench.run_tfmend(folder, folder / "cache", states=states, out=out)
        counts, wrong = mapping.judge(json.loads(out.read_text(encoding="utf-8")), truth)
        answers[what] = {"counts": counts, "wrong": wrong, "wall_seconds": round(run.wall, 3), "peak_bytes": run.memory}
        say(f"  mapping {what}: {counts}, {run.wall:.2f} s, {run.memory / 1e6:.0f} MB")
        for line in wrong[:20]:
            say(f"    WRONG {line}")
    return answers


def machine():
    model = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")),
        platform.machine(),
    )
    return {"cores": os.cpu_count(), "processor": model, "system": platform.system()}


def main():
    options = arguments()
    bench = Bench(options)
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    figures = {"machine": machine(), "seed": options.seed, "estates": {}, "corpora": {}}
    if bench.terraform["available"]:
        figures["terraform"] = bench.terraform["version"]
    for files, findings in ((1000, 100), (10000, 1000)):
        folder = WORK / f"estate-{files}"
        made = estate.generate(files, options.seed)
        estate.write(made, folder, findings)
        some(folder, FEW, "few.json")
        some(folder, 1, "one.json")
        name = f"{files} files"
        runs = bench.measure(name, folder)
        figures["estates"][name] = {
            "tf_files": made.code_files(), "bytes": sum(len(text) for text in made.files.values()),
            "roots": len(made.states), "states": len(made.states), "findings": findings,
            "runs": {what: figure.as_json() for what, figure in runs.items()},
            "mapping": check_mapping(bench, folder),
        }  # fmt: skip
        shutil.rmtree(folder)
    for tree in options.corpus:
        folder = WORK / "corpus" / tree.resolve().name
        facts = corpora.prepare(options.examples.resolve() / "enumerate", tree.resolve(), folder, options.seed)
        some(folder, FEW, "few.json")
        some(folder, 1, "one.json")
        runs = bench.measure(tree.resolve().name, folder)
        facts["runs"] = {what: figure.as_json() for what, figure in runs.items()}
        figures["corpora"][tree.resolve().name] = facts
        shutil.rmtree(folder)
    ingest = subprocess.run(
        [options.examples.resolve() / "ingest", "100000"], capture_output=True, text=True, check=False
    )
    figures["ingest"] = ingest.stdout.strip() or ingest.stderr.strip()
    say(figures["ingest"])
    (WORK / "figures.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    text, missed = page.render(figures)
    print(text)
    if options.write:
        (REPOSITORY / "docs" / "BENCHMARKS.md").write_text(text, encoding="utf-8")
    for target in missed:
        say(f"MISSED {target}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
