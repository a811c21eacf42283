#!/usr/bin/env python3
"""Run the action's steps as a runner would, on this machine, and print what they left behind as JSON.

    scripts/action.py --tfmend target/debug/tfmend --workspace DIR --input mode=plan --input findings=FILE

`--event NAME` and `--payload FILE` are the event; `--env NAME=VALUE` is the environment of the runner (credentials,
end points). The exit code is the action's.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from testbed.cache import Unavailable  # noqa: E402
from testbed.runner import LEVELS, Runner  # noqa: E402

REPOSITORY = Path(__file__).resolve().parent.parent


def pair(text):
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise argparse.ArgumentTypeError(f"{text!r}: give NAME=VALUE")
    return name, value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tfmend", type=Path, help="the binary; without it the action installs one")
    parser.add_argument("--workspace", type=Path, required=True, help="the checkout")
    parser.add_argument("--repository", default="acme/infrastructure", help="OWNER/NAME")
    parser.add_argument("--event", default="workflow_dispatch")
    parser.add_argument("--payload", type=Path, help="the event's JSON")
    parser.add_argument("--input", type=pair, action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--env", type=pair, action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    env = dict(given.env)
    if given.tfmend:
        env["TFMEND_BINARY"] = str(given.tfmend.resolve())
    payload = json.loads(given.payload.read_text(encoding="utf-8")) if given.payload else None
    runner = Runner(given.workspace, repository=given.repository, event=given.event, payload=payload, env=env)
    try:
        ran = runner.action(REPOSITORY, dict(given.input))
    except Unavailable as problem:
        print(f"SKIPPED: action ({problem})")
        return 75
    annotations = {level: ran.annotations(level) for level in LEVELS}
    print(json.dumps({"code": ran.code, "outputs": ran.outputs, "annotations": annotations,
                      "summary": ran.summary, "log": ran.log}, indent=2))  # fmt: skip
    return ran.code


if __name__ == "__main__":
    sys.exit(main())
