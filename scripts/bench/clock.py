"""One run of a program: how long, how much processor, how much memory at its peak."""

from __future__ import annotations

import dataclasses
import os
import signal
import statistics
import subprocess
import threading
import time


@dataclasses.dataclass(frozen=True)
class Run:
    """Seconds by the clock, seconds of processor (user and system, children included), peak memory in bytes."""

    wall: float
    cpu: float
    memory: int
    code: int | None
    """Exit code; `None` when it was ended for taking too long."""


def run(command, *, limit=1800, **options):
    """Run to the end, at most `limit` seconds. Memory is that of the largest process."""
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
    started = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], start_new_session=True, **options)
    late = threading.Event()

    def end():
        late.set()
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(limit, end)
    timer.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        timer.cancel()
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    code = None if late.is_set() else process.returncode
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, code)


@dataclasses.dataclass
class Figure:
    """Several runs of the same thing."""

    name: str
    runs: list[Run]

    @property
    def wall(self):
        return statistics.median(run.wall for run in self.runs)

    @property
    def cpu(self):
        return statistics.median(run.cpu for run in self.runs)

    @property
    def memory(self):
        return max(run.memory for run in self.runs)

    @property
    def finished(self):
        return all(run.code is not None for run in self.runs)

    def as_json(self):
        return {
            "name": self.name, "finished": self.finished,
            "wall_seconds": [round(run.wall, 4) for run in self.runs],
            "cpu_seconds": [round(run.cpu, 4) for run in self.runs],
            "peak_bytes": self.memory, "exit_codes": [run.code for run in self.runs],
        }  # fmt: skip
