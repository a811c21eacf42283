#!/usr/bin/env python3
"""A double of GitHub on this machine: REST API (at / and at /api/v3) and Git over HTTP, with state.

    scripts/github_double.py [--port N] [--tls] [--data DIR]

Prints one line of JSON when it is ready, {"url", "control", "ca", "data"}, and serves until it is
killed or its standard input closes. `control` is where /_double answers in plain HTTP, also with
--tls. It sets itself up (see scripts/tools.py github-double); where that cannot be had it prints a
line that begins with SKIPPED and exits with 75.

What a test can say to it, with JSON (testbed/github/control.py; faults.py lists the faults):

    POST /_double/reset | settings | repositories | repository | tokens | apps | faults | release
    POST /_double/as-person/merge | close | reopen | push | comment | edit-pull | label |
                            delete-branch | open-issue | open-pull | check
    GET  /_double/requests | violations | state | file | held | settings      DELETE /_double/faults
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

INDEX = "TFMEND_GITHUB_DOUBLE_INDEX"
NOT_TO_BE_HAD = 75


def set_up():
    """Go on in the Python that has the pinned packages."""
    from testbed import cache, toolbox

    tool = toolbox.get("github-double")
    if not tool["available"]:
        reason = " ".join(tool["reason"].split())
        print(f"SKIPPED: github double ({reason})", flush=True)
        return NOT_TO_BE_HAD
    # Bytecode is kept (starting is most of what a short test costs), but not in the clone.
    environment = {**os.environ, INDEX: tool["index"], "PYTHONPYCACHEPREFIX": str(cache.root() / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    os.execve(tool["python"], [tool["python"], *sys.argv], environment)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--tls", action="store_true", help="https, with a certificate of a private authority")
    parser.add_argument("--data", metavar="DIR", help="where the repositories are; default: a temporary folder")
    options = parser.parse_args()
    if INDEX not in os.environ:
        return set_up()

    from testbed.github import server
    from testbed.github.obedience import Description

    data = Path(options.data or tempfile.mkdtemp(prefix="github-double-")).absolute()
    data.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    context, ca = None, None
    if options.tls:
        from testbed.github import certificates

        context, ca = certificates.server_context(data / "tls")
    try:
        double = server.Double(Description(os.environ[INDEX]), data)
        listening = [server.listen(double, options.port, context)]
        if context:
            listening.append(server.listen(double))
        ports = [one.server_address[1] for one in listening]
        ready = {
            "url": f"{'https://localhost' if context else 'http://127.0.0.1'}:{ports[0]}",
            "control": f"http://127.0.0.1:{ports[-1]}",
            "ca": str(ca) if ca else None,
            "data": str(data),
        }
        print(json.dumps(ready), flush=True)
        server.serve_until_stdin_closes(*listening)
    except KeyboardInterrupt:
        pass
    finally:
        if not options.data:
            shutil.rmtree(data, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
