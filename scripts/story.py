#!/usr/bin/env python3
"""The whole road, on real parts: Security Hub in, GitHub out, Terraform applies, the cloud is safe.

    scripts/story.py --tfmend target/debug/tfmend [--only pull-requests|emergency] [--out .story]

`pull-requests`: an estate (testdata/story) is applied; its findings are imported into Security Hub; one
command (three times) opens the pull requests over TLS; they are merged, Terraform applies, the
emulator is asked whether the resources are safe.

`emergency`: two findings are closed in the live cloud of another account, from the command line; the
pull requests of the same run are merged; `terraform plan` has nothing to do. Then the same once more,
rolled back to the identical state.

The emulators: moto behind a proxy that records every call (scripts/aws_testbed.py), and the GitHub
double (scripts/github_double.py), which checks every request and answer against GitHub's description.
"""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from story import emergency, pull_requests  # noqa: E402
from testbed import command, toolbox  # noqa: E402
from testbed.cache import Unavailable  # noqa: E402

REPOSITORY = Path(__file__).resolve().parent.parent
STORIES = {"pull-requests": pull_requests.tell, "emergency": emergency.tell}


def log(message):
    print(message, file=sys.stderr, flush=True)


def stop(signal_number, _frame):
    command.end_all()
    os._exit(128 + signal_number)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tfmend", type=Path, default=REPOSITORY / "target" / "debug" / "tfmend", help="the binary")
    parser.add_argument("--only", action="append", choices=list(STORIES))
    parser.add_argument("--out", type=Path, default=REPOSITORY / ".story", help="where everything is left to look at")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    if not options.tfmend.is_file():
        sys.exit(f"story: {options.tfmend} does not exist: run `cargo build` or name the binary with --tfmend")
    tools = {name: toolbox.get(name) for name in ("terraform", "moto", "provider-v5")}
    missing = [f"{name}: {tool['reason']}" for name, tool in tools.items() if not tool["available"]]
    failed = skipped = 0
    for name in options.only or STORIES:
        started = time.monotonic()
        try:
            if missing:
                raise Unavailable("; ".join(missing))
            facts = STORIES[name](tools, options.tfmend.absolute(), options.out.absolute() / name, log)
        except Unavailable as problem:
            print(f"SKIPPED: make story, {name} ({problem})")
            skipped += 1
            continue
        except (command.CommandFailed, AssertionError, OSError) as problem:
            print(f"FAILED: {name}: {problem}")
            failed += 1
            continue
        print(f"{name}: told in {time.monotonic() - started:.0f} s")
        for fact in facts:
            print(f"  {fact}")
    told = len(options.only or STORIES) - failed - skipped
    print(f"story: {told} passed, {failed} failed")
    return 1 if failed or (skipped and os.environ.get("TFMEND_NO_SKIP") == "1") else 0


if __name__ == "__main__":
    sys.exit(main())
