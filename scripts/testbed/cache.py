"""Where pinned tools live: outside the clone, one folder per tool, version and pin.

A folder is built under a temporary name and renamed, so that an interrupted set-up leaves nothing
half-made; its name carries a hash of the pins, so that a changed pin builds a new one. One build at
a time: two `make` runs wait for each other.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path


class Unavailable(Exception):
    """A tool cannot be had here; the message says why and what would help."""


def root():
    for variable, below in (("TFMEND_CACHE", ""), ("XDG_CACHE_HOME", "tfmend")):
        if os.environ.get(variable):
            return Path(os.environ[variable]).expanduser().absolute() / below
    return Path.home() / ".cache" / "tfmend"


def say(message):
    print(f"tools: {message}", file=sys.stderr, flush=True)


def megabytes(folder):
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(base, name)).st_size
    return total / 1e6


@contextlib.contextmanager
def lock():
    root().mkdir(parents=True, exist_ok=True)
    with open(root() / "lock", "w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is running, waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def built(name, pin, build):
    """The folder of tool `name` as `pin` (a text) fixes it; `build(folder)` makes it if need be."""
    key = hashlib.sha256(f"{sys.version_info[:2]} {pin}".encode()).hexdigest()[:10]
    folder = root() / "tools" / f"{name}-{key}"
    if folder.is_dir():
        return folder
    with lock():
        if folder.is_dir():
            return folder
        say(f"setting up {name} in {folder}")
        started = time.monotonic()
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder.parent))
        try:
            build(draft)
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        say(f"{name} is ready: {megabytes(folder):.0f} MB, {time.monotonic() - started:.0f} s")
    return folder
