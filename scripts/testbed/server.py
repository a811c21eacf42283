"""Servers of our own that tell where they are in one line of JSON: the GitHub double, the AWS testbed."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

from .cache import Unavailable
from .command import CommandFailed, end_group, live
from .emulator import direct

SCRIPTS = Path(__file__).resolve().parent.parent
SKIPPED = 75


@contextlib.contextmanager
def serving(script, *arguments, log):
    """Run scripts/SCRIPT until the block ends; gives what its first line says."""
    with open(log, "wb") as sink:
        process = subprocess.Popen(
            [sys.executable, str(SCRIPTS / script), *map(str, arguments)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=sink, text=True, start_new_session=True, env=os.environ,
        )  # fmt: skip
        live.add(process)
        try:
            line = process.stdout.readline().strip()
            if process.poll() == SKIPPED or line.startswith("SKIPPED"):
                raise Unavailable(line or f"{script} cannot be set up here")
            try:
                ready = json.loads(line)
            except ValueError as problem:
                said = Path(log).read_text(encoding="utf-8", errors="replace")[-2000:]
                raise CommandFailed(f"{script} did not start: {line!r}\n{said}") from problem
            # What it prints later must not fill the pipe.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield ready
        finally:
            end_group(process)


def ask(url, body=None, method=None, context=None):
    """JSON over HTTP; an answer that is an error raises, with what the server said."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data=data, headers={"Content-Type": "application/json"}, method=method or ("GET" if data is None else "POST")
    )
    opener = direct() if context is None else urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    try:
        with opener.open(request, timeout=60) as answer:
            text = answer.read()
    except urllib.error.HTTPError as problem:
        raise CommandFailed(f"{request.method} {url}: {problem.code} {problem.read()[:1000]!r}") from problem
    return json.loads(text) if text else None
