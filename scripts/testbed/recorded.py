"""What tfmend was seen to call: one line a call below TFMEND_RECORDED, for docs/permissions.md."""

import json
import os
from pathlib import Path


# How tfmend names itself at GitHub, and as an application at AWS.
OURS = ("tfmend/", "app/tfmend")


def is_ours(agent):
    return any(ours in (agent or "") for ours in OURS)


def append(name, client, record):
    """Write down a call, if somebody asked for it and tfmend itself made it."""
    folder = os.environ.get("TFMEND_RECORDED")
    if not folder or not is_ours(client):
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    with (Path(folder) / f"{name}-{os.getpid()}.ndjson").open("a", encoding="utf-8") as sink:
        sink.write(json.dumps({"client": "tfmend", **record}) + "\n")
