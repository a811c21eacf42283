#!/usr/bin/env python3
"""Set up the pinned tools of the test suite and print where they are, as JSON.

    scripts/tools.py              everything that `make test` uses
    scripts/tools.py moto prowler only these

They live in $TFMEND_CACHE, else $XDG_CACHE_HOME/tfmend, else ~/.cache/tfmend. Nothing is built twice.
The exit code is 1 when a tool cannot be had; the JSON then says why.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from testbed import cache, toolbox  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(toolbox.TOOLS))
    names = parser.parse_args().names or toolbox.FOR_TESTS
    unknown = sorted(set(names) - set(toolbox.TOOLS))
    if unknown:
        parser.error(f"no such tool: {', '.join(unknown)} (there are {', '.join(toolbox.TOOLS)})")
    found = {name: toolbox.get(name) for name in names}
    print(json.dumps(found, indent=2))
    for name, tool in found.items():
        if not tool["available"]:
            cache.say(f"{name} is not available: {tool['reason']}")
    return 0 if all(tool["available"] for tool in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
