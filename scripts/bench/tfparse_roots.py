"""Parses every root of a tree with tfparse, one after the other, as its users have to."""

import sys
from pathlib import Path

from tfparse import ParseError, load_from_path

top = Path(sys.argv[1])
folders = sorted({path.parent for path in top.rglob("*.tf")})
read, failed = 0, 0
for folder in folders:
    if "modules" in folder.relative_to(top).parts[:1]:
        continue
    try:
        load_from_path(folder)
        read += 1
    except ParseError:
        failed += 1
print(read, failed)
