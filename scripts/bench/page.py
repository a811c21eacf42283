"""docs/BENCHMARKS.md: the figures of a run, the targets, and how to repeat it."""

import statistics

INTRODUCTION = """\
# Benchmarks

Written by `make bench` (`scripts/bench.py --write`); nothing here is typed by hand. All programs of a table took turns
in one run on one machine, so the ratios mean more than the seconds. The files were in the system's page cache for
everybody. "cold" is a first run that notes what the files say (the time to write the notes is in it), "warm" one that has the
notes.

```console
make bench                        # the generated estates, every program: about half an hour, most of it the scanners
make bench CORPUS="DIR ..."       # and directories of real Terraform code
make bench BENCH_FLAGS=--quick    # without Trivy, Checkov and tfparse: some minutes
```

- **floor**: walking the trees and reading the bytes of every Terraform file and every state with all cores, and nothing
  else (`examples/floor.rs`): what a run is given.
- **plan**: reads the code, the states and the findings; locates, edits and proves every fix; prints it as JSON.
  **fix** also writes the files. The scanners only look, `terraform fmt -check` only parses and prints.
  A plan has made every edit and proved it on the edited code; only `fix` waits for the disk.
- Peak memory is that of the largest process. Terraform, Trivy and Checkov may keep several.
"""


LIMITS = """
## What limits it

- Cold, with few findings, reading is most of it: opening ten thousand files costs more than understanding them.
- With many findings it is the fixes: each is tried and proved on edited code, in every root that it may reach.
- Warm, every directory and file is still asked whether it changed: some 13,000 questions to the system with the states. The index
  of modules, calls and types is made anew from the notes in every run.
- Real code has more findings for each file and larger roots than the generated tree: there the fixes and the values that they ask
  for are most of it, in time and in memory.
- `fix` writes each file beside its place, waits for the disk and renames it.
- Memory is the text of the code, the outlines, and the trees of the blocks that were looked at; these stay until the end.
"""


def seconds(value):
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def middle(run):
    return statistics.median(run["wall_seconds"])


def processor(run):
    return statistics.median(run["cpu_seconds"])


def table(runs):
    cold = middle(runs["plan, cold"])
    lines = [
        "| | seconds (median) | best | CPU seconds | peak memory | beside a cold plan |",
        "|---|---|---|---|---|---|",
    ]
    for name, run in runs.items():
        least = "" if run["finished"] else "ended after "
        times = middle(run) / cold
        lines.append(
            f"| {name} | {least}{seconds(middle(run))} | {seconds(min(run['wall_seconds']))} | {seconds(processor(run))} |"
            f" {run['peak_bytes'] / 1e6:.0f} MB | {'≥ ' if least else ''}{times:.2f} × |"
        )
    return lines


def judge(figures):
    """The targets, each with what was measured and whether it holds."""
    big = figures["estates"]["10000 files"]
    runs = big["runs"]
    few = next(name for name in runs if "changed" in name)
    ours = [name for name in runs if name.startswith(("plan", "fix", "one finding"))]
    answers = []

    def times(other, least):
        if other not in runs:
            return
        more = "" if runs[other]["finished"] else "more than "
        ratio = middle(runs[other]) / middle(runs["plan, cold"])
        answers.append((f"locating and editing at least {least} × faster than {other}", f"{more}{ratio:.1f} ×", ratio >= least))
        # The others write nothing; the target is held to all the same.
        ratio = middle(runs[other]) / middle(runs["fix, cold"])
        answers.append((f"the same with every edited file written to the disk, beside {other}", f"{more}{ratio:.1f} ×", ratio >= least))

    times("terraform fmt", 20)
    times("trivy", 100)
    times("checkov", 100)
    ratio = middle(runs[few]) / middle(runs["floor"])
    alone = middle(runs[few]) / middle(runs["floor, the code alone"])
    answers.append(("a warm incremental run under 2 × the floor", f"{ratio:.2f} ×", ratio < 2))
    answers.append(("the same, beside reading the code alone", f"{alone:.2f} ×", alone < 2))
    memory = max(runs[name]["peak_bytes"] for name in ours) / 1e6
    answers.append(("peak memory under 200 MB", f"{memory:.0f} MB", memory < 200))
    counts = big["mapping"]["with state"]["counts"]
    whole = counts["exact"] + counts["strays_left_alone"]
    missing = counts["ambiguous"] + counts["none"] + counts["wrong"]
    answers.append(("with state: 100 % exact, none wrong", f"{whole} right, {missing} not", missing == 0))
    wrong = big["mapping"]["without state"]["counts"]["wrong"]
    answers.append(("without state: none wrong", f"{wrong} wrong", wrong == 0))
    return answers


def judge_corpus(corpus):
    """The same yardsticks on real code, where there is a finding in every few files."""
    runs = corpus["runs"]
    few = next(name for name in runs if "changed" in name)
    ours = [name for name in runs if name.startswith(("plan", "fix", "one finding"))]
    fmt = middle(runs["terraform fmt"]) / middle(runs["plan, cold"])
    warm = middle(runs[few]) / middle(runs["floor"])
    memory = max(runs[name]["peak_bytes"] for name in ours) / 1e6
    return [
        ("at least 20 × faster than terraform fmt", f"{fmt:.1f} ×", fmt >= 20),
        ("a warm incremental run under 2 × the floor", f"{warm:.2f} ×", warm < 2),
        ("peak memory under 200 MB", f"{memory:.0f} MB", memory < 200),
    ]


def render(figures):
    """The page, and the targets that were missed."""
    lines = [INTRODUCTION]
    machine = figures["machine"]
    lines.append(f"Machine: {machine['cores']} cores, {machine['processor']}. Seed {figures['seed']}.\n")
    answers = judge(figures)
    lines += ["## Targets (10,000 files, 1,000 findings)\n", "| target | measured | |", "|---|---|---|"]
    words = {True: "holds", False: "**missed**"}
    lines += [f"| {what} | {measured} | {words[holds]} |" for what, measured, holds in answers]
    for name, estate in figures["estates"].items():
        lines.append(
            f"\n## Generated estate, {name}\n\n{estate['tf_files']} `.tf` files, {estate['bytes'] / 1e6:.1f} MB of code,"
            f" {estate['roots']} roots and states, {estate['findings']} findings.\n"
        )
        lines += table(estate["runs"])
        lines += ["\n| mapping | exact | ambiguous | none | in no code, left alone | wrong |", "|---|---|---|---|---|---|"]
        for what, answer in estate["mapping"].items():
            c = answer["counts"]
            lines.append(
                f"| {what} | {c['exact']} | {c['ambiguous']} | {c['none']} | {c['strays_left_alone']} | {c['wrong']} |"
            )
    small, big = (figures["estates"][name]["runs"] for name in ("1000 files", "10000 files"))
    lines += ["\n## From 1,000 to 10,000 files\n", "| | time | memory |", "|---|---|---|"]
    for name in big:
        if name in small:
            more = middle(big[name]) / middle(small[name])
            memory = big[name]["peak_bytes"] / small[name]["peak_bytes"]
            note = "" if big[name]["finished"] else " at least"
            lines.append(f"| {name} |{note} {more:.1f} × | {memory:.1f} × |")
    for name, corpus in figures["corpora"].items():
        commit = f" at `{corpus['commit'][:12]}`" if corpus["commit"] else ""
        lines.append(
            f"\n## {name}{commit}\n\n{corpus['tf_files']} `.tf` files, {corpus['bytes'] / 1e6:.1f} MB,"
            f" {corpus['findings']} invented findings.\n"
        )
        lines += table(corpus["runs"])
        lines += ["\nThe targets are about the generated tree; beside them, on this one:\n", "| yardstick | measured | |", "|---|---|---|"]
        lines += [f"| {what} | {measured} | {words[holds]} |" for what, measured, holds in judge_corpus(corpus)]
    lines.append(f"\n## Reading findings\n\n```text\n{figures['ingest']}\n```")
    lines.append(LIMITS)
    return "\n".join(lines).rstrip() + "\n", [f"{what}: {measured}" for what, measured, holds in answers if not holds]
