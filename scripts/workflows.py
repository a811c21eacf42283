#!/usr/bin/env python3
"""zizmor on everything that GitHub runs for us or for our users: our workflows, the action, and what `init` writes.

    scripts/workflows.py --tfmend target/debug/tfmend

Offline, with zizmor's default strictness; a finding is a failure.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from testbed import toolbox  # noqa: E402

REPOSITORY = Path(__file__).resolve().parent.parent
# A commit that exists nowhere: only its form matters to a linter that works offline.
ACTION = "acme/tfmend@" + "0123456789" * 4


def initialised(tfmend, folder, *more):
    """A repository after `tfmend init`."""
    folder.mkdir(parents=True)
    subprocess.run([tfmend, "init", "--repo", folder, *more], check=True, stdout=subprocess.DEVNULL)
    return folder / ".github" / "workflows"


def lint(command, targets):
    """The exit code of zizmor, which prints what it finds."""
    asked = [*command, "--offline", "--no-progress", "--persona", "regular", *map(str, targets)]
    return subprocess.run(asked, cwd=REPOSITORY, check=False).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tfmend", type=Path, required=True, help="the binary whose `init` is tried")
    tfmend = parser.parse_args().tfmend.resolve()
    tool = toolbox.get("zizmor")
    if not tool["available"]:
        print(f"SKIPPED: zizmor ({tool['reason']})")
        return 1 if os.environ.get("TFMEND_NO_SKIP") == "1" else 0
    with tempfile.TemporaryDirectory() as folder:
        made = [
            initialised(tfmend, Path(folder) / "plain"),
            initialised(tfmend, Path(folder) / "pinned", "--action", ACTION),
        ]
        return lint(tool["command"], [REPOSITORY / ".github" / "workflows", REPOSITORY / "action.yml", *made])


if __name__ == "__main__":
    sys.exit(main())
