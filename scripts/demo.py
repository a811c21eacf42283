#!/usr/bin/env python3
"""The demo: a company's Terraform and what scanners said about its clouds become pull requests on a local forge.

    scripts/demo.py --tfmend target/debug/tfmend

Works on a copy in .demo/; needs git and the tfmend binary, no network and no cloud. Ends with 1 when fewer pull
requests came out than the demo is meant to show.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
ESTATE = REPOSITORY / "testdata/estates/acme"
FINDINGS = REPOSITORY / "testdata/estates/acme-findings"
LEAST_PULL_REQUESTS = 12

# Fixed, so that two runs of the demo make the same commits.
GIT = {
    "GIT_AUTHOR_NAME": "Nina Platform",
    "GIT_AUTHOR_EMAIL": "nina@acme.example",
    "GIT_AUTHOR_DATE": "2026-11-02T09:00:00+00:00",
    "GIT_COMMITTER_NAME": "Nina Platform",
    "GIT_COMMITTER_EMAIL": "nina@acme.example",
    "GIT_COMMITTER_DATE": "2026-11-02T09:00:00+00:00",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}

# The day after the findings were recorded.
NOW = "1795428000"

WORDS = {
    "proposed": "a pull request",
    "advice": "advice, no edit by design",
    "already_safe": "the code is safe already",
    "refused": "refused, with the reason",
    "not_located": "not located, with what was missing",
    "no_rule": "no rule for this control",
    "suppressed": "suppressed by a person",
    "resolved": "resolved or archived",
    "passed": "the scanner says PASSED",
    "duplicate": "the same problem said again",
    "deferred": "waiting for the limit",
    "invalid": "not readable",
    "failed": "failed",
}


class Problem(Exception):
    """Something the user can put right; the text says how."""


def find_tfmend(given):
    if given:
        if not given.is_file():
            raise Problem(f"there is no tfmend at {given}: build it with `cargo build`, or give another --tfmend PATH")
        return given.resolve()
    built = [p for p in (REPOSITORY / "target" / kind / "tfmend" for kind in ("release", "debug")) if p.is_file()]
    if not built:
        raise Problem("tfmend is not built yet: run `make demo`, or `cargo build` and then this script again")
    return max(built, key=lambda path: path.stat().st_mtime)


def git(*arguments, cwd):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | GIT
    done = subprocess.run(["git", *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Problem(f"`git {' '.join(arguments)}` failed: {done.stderr.strip()}")


def prepare(folder):
    """A fresh copy of the estate as a Git repository, as a developer would have it checked out."""
    marker = folder / "made-by-tfmend-demo"
    if folder.exists() and any(folder.iterdir()):
        if not marker.is_file():
            raise Problem(f"{folder} is not ours to delete: move it away, or give another --dir")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text("scripts/demo.py deletes this folder at its next run\n", encoding="utf-8")
    repository = folder / "acme"
    shutil.copytree(ESTATE, repository, ignore=shutil.ignore_patterns(".terraform"))
    git("init", "--quiet", "--initial-branch=main", cwd=repository)
    # Line ends are part of the demo: git must not touch them.
    git("config", "core.autocrlf", "false", cwd=repository)
    git("add", "--all", cwd=repository)
    git("commit", "--quiet", "--message", "Infrastructure of acme", cwd=repository)
    return repository


def shown(word):
    """A path, or a word of a command that holds one, as the user would type it."""
    word = str(word)
    prefix = "local:" if word.startswith("local:") else ""
    path = word.removeprefix(prefix)
    return prefix + os.path.relpath(path) if os.path.isabs(path) else word


def run(tfmend, verb, inputs, *more):
    """Run tfmend; returns its JSON and the seconds it took. Its log goes to the terminal."""
    command = [str(tfmend), verb, *inputs, *more]
    print("$ " + " ".join(["tfmend", verb, *map(shown, [*inputs, *more])]), flush=True)
    begin = time.monotonic()
    done = subprocess.run(
        [*command, "--format", "json"],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=False,
        env={"SOURCE_DATE_EPOCH": NOW} | os.environ,
    )
    seconds = time.monotonic() - begin
    try:
        return json.loads(done.stdout), done.returncode, seconds
    except json.JSONDecodeError as error:
        raise Problem(f"tfmend {verb} ended with {done.returncode} and printed no result ({error})") from error


def counts(output):
    summary = output["summary"]
    for name, number in summary.items():
        if number and name in WORDS:
            yield f"  {number:>4}  {name:<13} {WORDS[name]}"


def example(output, outcome):
    """The first outcome of a kind, with its reason, as one or two lines."""
    for item in output["outcomes"]:
        if item["outcome"] == outcome and item.get("reason"):
            finding, reason = item["finding"], item["reason"]
            yield f"  {outcome}: {finding.get('control')} on {finding.get('resource')}"
            message = reason["message"].strip().replace("\n", "\n        ")
            yield f"      {reason['kind']}: {message}"
            if reason.get("next"):
                yield f"      next: {reason['next']}"
            return


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tfmend", type=Path, metavar="PATH", help="the binary (default: the newest in target/)")
    parser.add_argument("--dir", type=Path, default=REPOSITORY / ".demo", help="where to work (default: .demo)")
    arguments = parser.parse_args()
    if not shutil.which("git"):
        raise Problem("git is not on PATH: install it (Debian: apt-get install git; macOS: xcode-select --install)")
    tfmend = find_tfmend(arguments.tfmend)
    folder = arguments.dir.resolve()
    begin = time.monotonic()
    repository = prepare(folder)
    inputs = ["--findings", str(FINDINGS), "--repo", str(repository), "--profile", "all"]

    plan, code, seconds = run(tfmend, "plan", inputs)
    if code != 0:
        raise Problem(f"tfmend plan ended with {code}")
    print(f"\n{plan['summary']['findings']} findings, nothing written yet ({seconds:.1f} s):")
    print(*counts(plan), sep="\n")

    forge = folder / "forge"
    print()
    result, code, seconds = run(tfmend, "pr", inputs, "--forge", f"local:{forge}")
    if code != 0:
        raise Problem(f"tfmend pr ended with {code}")
    opened = [change for change in result["changes"] if change["step"] == "open"]
    print(f"\n{len(opened)} pull requests ({seconds:.1f} s):")
    pages = sorted(forge.glob("pull-requests/*.html"), key=lambda page: (int(page.name.split("-")[0]), page.name))
    for change in opened:
        print(f"  {change['title']}   {', '.join(change['files'])}")
    print("\nWhat did not become one, for example:")
    for outcome in ("refused", "not_located", "advice"):
        for line in example(result, outcome):
            print(line)

    print("\nLook at")
    print(f"  {shown(forge / 'index.html')}   all pull requests, in a browser")
    for page in pages[:1]:
        print(f"  {shown(page)}   the first of them (and as .md beside it)")
    print(f"  git -C {shown(forge / 'repository.git')} branch --list 'tfmend/*'   the branches")
    print(f"\nWhat should come out, judged by a person: {shown(FINDINGS / 'expected.tsv')}")
    print(f"Done in {time.monotonic() - begin:.1f} s.")
    if min(len(opened), len(pages)) < LEAST_PULL_REQUESTS:
        raise Problem(
            f"only {len(opened)} changes were opened and {len(pages)} pages written: the demo is meant to show at "
            f"least {LEAST_PULL_REQUESTS}"
        )


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(f"demo: {problem}")
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(130)
