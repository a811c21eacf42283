"""Judging: build the house once with every mutant in it, then run its tests once for each."""

import hashlib
import json
import os
import queue
import re
import resource
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from . import house, switch

CAUGHT, TIMEOUT, SURVIVED, UNVIABLE = "caught", "timeout", "survived", "unviable"

# A test that asks the real `terraform fmt` takes the longest and sees little that the others do not: it comes last.
LATE = "terraform_fmt"
# A mutant may fill the memory; beyond this (bytes) it is stopped, which is caught. Terraform asks for a lot that it does
# not use.
MEMORY, MEMORY_LATE = 2 << 30, 8 << 30
# A mutant hangs when the tests that come to it take twice as long as all tests together, and at least this long
# (seconds).
TIMEOUT_AT_LEAST = 20


class Broken(Exception):
    """The house could not be built or its tests fail without a mutant."""


def environment(outputs):
    """The environment of every cargo here: one build folder for all houses, nobody's own flags."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("CARGO_PROFILE_", "CARGO_BUILD_", "RUSTFLAGS"))}
    return {**own, "CARGO_TARGET_DIR": str(outputs / "build"), "RUST_BACKTRACE": "0"}


def compile_tests(folder, outputs):
    """Build the house's tests. Gives the binary, or the compiler's errors as (file, line, text)."""
    command = ["cargo", "test", "--lib", "--no-run", "--message-format", "json", "--quiet"]
    done = subprocess.run(
        command, cwd=folder, env=environment(outputs), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False
    )
    binary, errors = None, []
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message["reason"] == "compiler-artifact" and message.get("executable") and message["profile"]["test"]:
            binary = message["executable"]
        if message["reason"] == "compiler-message" and message["message"]["level"].startswith("error"):
            for span in message["message"]["spans"]:
                if span["is_primary"]:
                    # The place that a person wrote, not the inside of the macro that it calls.
                    while span["expansion"] and not span["file_name"].startswith("src/"):
                        span = span["expansion"]["span"]
                    errors.append((span["file_name"], span["line_start"], message["message"]["rendered"]))
    if done.returncode != 0 and not errors:
        raise Broken(done.stderr.decode("utf-8", "replace")[-4000:])
    return binary, errors


def build(mutants, sources, outputs, say):
    """Build all mutants into one binary. Gives it, those that do not compile, and those that cannot be switched."""
    folder = outputs / "house"
    inside, unviable, alone = [m for m in mutants if not m.alone], [], [m for m in mutants if m.alone]
    while True:
        by_file = {}
        for mutant in inside:
            by_file.setdefault(mutant.file, []).append(mutant)
        switched = {name: switch.switch(sources[name], some) for name, some in by_file.items()}
        house.build(folder, {name: one.text for name, one in switched.items()}, switch.SWITCH)
        binary, errors = compile_tests(folder, outputs)
        if not errors:
            return binary, unviable, alone
        out = {}
        # The arms of a function that do not go together are blamed only when no single mutant is: its error may
        # have been the cause.
        for single in (True, False):
            for file, line, _ in errors:
                some, one = switch.blamed(switched[file], line) if file in switched else ([], False)
                if one == single:
                    out.update({m.number: (m, single) for m in some})
            if out:
                break
        if not out:
            raise Broken("\n".join(text for _, _, text in errors[:5]))
        for mutant, single in out.values():
            (unviable if single else alone).append(mutant)
        inside = [m for m in inside if m.number not in out]
        say(f"  {len(out)} taken out ({len(unviable)} do not compile, {len(alone)} cannot be switched)")


def run_tests(binary, folder, outputs, variables, arguments, timeout, memory=MEMORY_LATE):
    """Run tests of the house. Gives the exit code (None: they hung) and which test failed first."""
    process = subprocess.Popen(
        # With one thread libtest does not name the thread after the test.
        [binary, "--quiet", "--test-threads", "2", *arguments],
        cwd=folder, env={**environment(outputs), **variables},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        start_new_session=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory)),
    )  # fmt: skip
    try:
        _, told = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None, ""
    by = [line[11:] for line in told.decode("utf-8", "replace").splitlines() if line.startswith("caught-by: ")]
    return process.returncode, by[0] if by else ""


def reached(binary, folder, outputs):
    """Which tests come through which function (by its number), from a run without a mutant.

    Gives also how long the tests took (seconds): those that are not late, and those that are. A function that a
    thread of its own comes through is reached by every test. All of it is kept for the same binary.
    """
    same = hashlib.sha256(Path(binary).read_bytes()).hexdigest()
    kept, notes = outputs / "reached.json", outputs / "reached.txt"
    if kept.is_file() and (known := json.loads(kept.read_text(encoding="utf-8")))["binary"] == same:
        return {int(function): set(some) for function, some in known["reached"].items()}, known["spent"]
    notes.unlink(missing_ok=True)
    spent = []
    for which in (("--skip", LATE), (LATE,)):
        begun = time.monotonic()
        # A number that no mutant has: the switch is on, and all tests have to pass.
        variables = {"MUTANT": "4000000000", "MUTANT_REACHED": str(notes)}
        code, by = run_tests(binary, folder, outputs, variables, which, 900)
        if code != 0:
            raise Broken(f"the tests fail without a mutant (exit {code} {by}): {binary}")
        spent.append(time.monotonic() - begun)
    found, tests = {}, set()
    for line in notes.read_text(encoding="utf-8").splitlines():
        function, test = line.split(" ", 1)
        found.setdefault(int(function), set()).add(test)
        tests.add(test)
    tests.discard("?")
    found = {function: tests if "?" in some else some for function, some in found.items()}
    plain = {function: sorted(some) for function, some in found.items()}
    kept.write_text(json.dumps({"binary": same, "spent": spent, "reached": plain}), encoding="utf-8")
    return found, spent


def together(mutants, wanted, sources, outputs, jobs, say, tell):
    """Build all mutants, and give the wanted ones (by number) their verdict: tell(mutant, verdict, by).

    Gives those that have to be tried alone.
    """
    binary, unviable, alone = build(mutants, sources, outputs, say)
    for mutant in unviable:
        tell(mutant, UNVIABLE, "")
    # The next build must not take the binary away.
    judged = outputs / "judged"
    judged.unlink(missing_ok=True)
    shutil.copy2(binary, judged)
    folder = outputs / "house"
    tests, spent = reached(judged, folder, outputs)
    say(f"  the tests without a mutant: {spent[0]:.1f} + {spent[1]:.1f} s")
    gone = {m.number for m in (*unviable, *alone)}
    left = [m for m in mutants if m.number in wanted and m.number not in gone]

    def attempt(mutant, some, usual, memory):
        if not some:
            return None
        variables, arguments = {"MUTANT": str(mutant.number)}, ("--exact", *sorted(some))
        timeout = max(TIMEOUT_AT_LEAST, 2 * usual)
        code, by = run_tests(judged, folder, outputs, variables, arguments, timeout, memory)
        return None if code == 0 else (TIMEOUT, "") if code is None else (CAUGHT, by)

    def quick(mutant):
        about = tests.get(mutant.function_number, set())
        # Those of its own module see most, and take no more than a second.
        own = {test for test in about if mutant.module in test and LATE not in test}
        rest = {test for test in about if LATE not in test} - own
        return attempt(mutant, own, 0, MEMORY) or attempt(mutant, rest, spent[0], MEMORY)

    def thorough(mutant):
        about = tests.get(mutant.function_number, set())
        late = {test for test in about if LATE in test}
        return attempt(mutant, late, spent[1], MEMORY_LATE) or (SURVIVED, "" if about else "no test comes here")

    survivors = []
    for mutant, verdict in in_threads(jobs, quick, left):
        if verdict:
            tell(mutant, *verdict)
        else:
            survivors.append(mutant)
    say(f"  {len(survivors)} are left for the late tests: {', '.join(m.name for m in survivors)}")
    for mutant, verdict in in_threads(jobs, thorough, survivors):
        tell(mutant, *verdict)
    return [mutant for mutant in alone if mutant.number in wanted]


def in_threads(jobs, work, items):
    """(item, work(item)) as they are done."""
    left, done = queue.SimpleQueue(), queue.SimpleQueue()
    for item in items:
        left.put(item)

    def worker():
        while True:
            try:
                item = left.get_nowait()
            except queue.Empty:
                return
            done.put((item, work(item)))

    for _ in range(jobs):
        threading.Thread(target=worker, daemon=True).start()
    for _ in items:
        yield done.get()


def alone(tool, mutants, outputs, tell):
    """Let cargo-mutants itself try these mutants, one build each."""
    folder = outputs / "plain"
    house.build(folder)
    shutil.rmtree(outputs / "mutants.out", ignore_errors=True)
    wanted = [argument for m in mutants for argument in ("--re", f"^{re.escape(m.name)}$")]
    command = [
        *tool["command"], "mutants", "--in-place", "--output", outputs, "--colors", "never", "--no-shuffle",
        "--minimum-test-timeout", str(2 * TIMEOUT_AT_LEAST), *wanted,
        *(argument for file in sorted({m.file for m in mutants}) for argument in ("--file", file)), "--", "--lib",
    ]  # fmt: skip
    # 0: all caught, 2: some survived, 3: some timed out.
    code = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment(outputs), stdout=subprocess.DEVNULL, check=False
    ).returncode
    if code not in (0, 2, 3):
        raise Broken(f"cargo-mutants failed (exit {code}), see {outputs / 'mutants.out'}")
    outcomes = json.loads((outputs / "mutants.out" / "outcomes.json").read_text(encoding="utf-8"))["outcomes"]
    words = {"CaughtMutant": CAUGHT, "MissedMutant": SURVIVED, "Timeout": TIMEOUT, "Unviable": UNVIABLE}
    found = {o["scenario"]["Mutant"]["name"]: words[o["summary"]] for o in outcomes if o["scenario"] != "Baseline"}
    for mutant in mutants:
        tell(mutant, found[mutant.name], "")
