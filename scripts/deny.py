#!/usr/bin/env python3
"""Check licences, duplicates and sources of the dependencies with the pinned cargo-deny.

Known vulnerabilities (`cargo deny check advisories`) need a database from the network: the CI
workflow checks those.
"""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from testbed import toolbox  # noqa: E402

REPOSITORY = Path(__file__).resolve().parent.parent


def main():
    tool = toolbox.get("cargo-deny")
    if not tool["available"]:
        print(f"SKIPPED: cargo-deny ({tool['reason']})")
        return 1 if os.environ.get("TFMEND_NO_SKIP") == "1" else 0
    command = [*tool["command"], "--locked", "--all-features", "check", "licenses", "bans", "sources"]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
