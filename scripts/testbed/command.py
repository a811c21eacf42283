"""Running other programs: always in a process group of their own, always ended with it.

Terraform starts its providers as children; when it is ended alone they live on and keep changing
the emulator. So the whole group is ended, whatever happens.
"""

import contextlib
import os
import signal
import subprocess


live = set()


class CommandFailed(Exception):
    """A program ended badly; the message holds the command and the end of what it printed."""


def end_all():
    """End every program that still runs: for the moment when we ourselves are told to stop."""
    for process in list(live):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def end_group(process):
    for sign, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # children that outlived their parent
    live.discard(process)


def tail(text, lines=25):
    return "\n".join(text.strip().splitlines()[-lines:])


def run(command, *, cwd=None, env=None, accept=(0,), timeout=600):
    """Run to the end and give back (exit code, stdout, stderr)."""
    command = [str(part) for part in command]
    process = subprocess.Popen(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, errors="replace", start_new_session=True,
    )  # fmt: skip
    live.add(process)
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as late:
        end_group(process)
        stdout, stderr = process.communicate()
        raise CommandFailed(f"{' '.join(command)}: not done after {timeout} s\n{tail(stdout + stderr)}") from late
    finally:
        end_group(process)
    if process.returncode not in accept:
        raise CommandFailed(f"{' '.join(command)}: exit {process.returncode}\n{tail(stdout)}\n{tail(stderr)}")
    return process.returncode, stdout, stderr


@contextlib.contextmanager
def running(command, *, log, env=None):
    """A server: started here, ended with its group when the block ends."""
    with open(log, "wb") as sink:
        process = subprocess.Popen(
            [str(part) for part in command], env=env, stdin=subprocess.DEVNULL, stdout=sink,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        live.add(process)
        try:
            yield process
        finally:
            end_group(process)
