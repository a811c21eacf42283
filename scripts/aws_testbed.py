#!/usr/bin/env python3
"""AWS for tests: an emulator behind a proxy that writes every call down.

    scripts/aws_testbed.py [--accounts N]

Prints one line of JSON when it is up,

    {"url": "http://127.0.0.1:PORT", "moto": "http://127.0.0.1:PORT", "log": PATH,
     "accounts": [ID, …], "roles": {ID: ARN}}

and serves until it is ended or its standard input is closed. Clients set AWS_ENDPOINT_URL to `url`. The
first account is that of any unknown access key; each account has a role `tfmend-emergency`.
What the proxy adds to the emulator is said in testbed/aws_recorder.py and testbed/security_hub.py.
Without the emulator: `SKIPPED: aws testbed (reason)` and exit code 75.
"""

import argparse
import json
import signal
import sys
import tempfile
import threading
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from testbed import command, emulator, toolbox  # noqa: E402
from testbed.aws_operations import Operations  # noqa: E402
from testbed.aws_recorder import Recorder, serve  # noqa: E402

SKIPPED = 75
ROLE = "tfmend-emergency"


def accounts_of(count):
    """The emulator's own account, then made-up ones."""
    return [emulator.ACCOUNT, *(f"{n}{n:03d}00000000"[:12] for n in range(210, 210 + count - 1))]


def call(url, service, key, token, parameters):
    """One call of the query protocol."""
    scope = f"{key}/20260101/{emulator.REGION}/{service}/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
    if token:
        headers["X-Amz-Security-Token"] = token
    request = urllib.request.Request(f"{url}/", data=urllib.parse.urlencode(parameters).encode(), headers=headers)
    with emulator.direct().open(request, timeout=60) as answer:
        return answer.read().decode()


def between(text, tag):
    return text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]


def make_role(url, account):
    """A role in an account of the emulator; gives its ARN. Accounts come to life when they are used."""
    arn = f"arn:aws:iam::{account}:role/{ROLE}"
    key = token = None
    if account != emulator.ACCOUNT:
        assumed = call(
            url, "sts", "test", None,
            {"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": arn, "RoleSessionName": "testbed"},
        )  # fmt: skip
        key, token = between(assumed, "AccessKeyId"), between(assumed, "SessionToken")
    anybody = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
    role = {"Action": "CreateRole", "Version": "2010-05-08", "RoleName": ROLE, "AssumeRolePolicyDocument": trust}
    call(url, "iam", key or "test", token, role)
    return arn


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1, metavar="N", help="how many accounts there are (1)")
    asked = parser.parse_args()
    tool = toolbox.get("moto")
    if not tool["available"]:
        print(f"SKIPPED: aws testbed ({' '.join(tool['reason'].split())})", flush=True)
        return SKIPPED
    done = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: done.set())

    def wait_for_the_end():
        # Nothing is read: the end of the input is the end of whoever started us.
        while sys.stdin.buffer.read(4096):
            pass
        done.set()

    data = next(Path(tool["python"]).parent.parent.glob("lib/python3*/site-packages/botocore/data"))
    with tempfile.TemporaryDirectory(prefix="tfmend-aws-") as folder:
        try:
            with emulator.moto(tool, Path(folder) / "moto.log") as environment:
                moto = environment["AWS_ENDPOINT_URL"]
                accounts = accounts_of(max(1, asked.accounts))
                roles = {account: make_role(moto, account) for account in accounts}
                recorder = Recorder(moto, Operations(data), Path(folder) / "calls.ndjson")
                server = serve(recorder)
                url = f"http://127.0.0.1:{server.server_address[1]}"
                up = {"url": url, "moto": moto, "log": str(recorder.log), "accounts": accounts, "roles": roles}
                print(json.dumps(up), flush=True)
                threading.Thread(target=wait_for_the_end, daemon=True).start()
                done.wait()
                server.shutdown()
        except command.CommandFailed as problem:
            print(f"aws testbed: {problem}", file=sys.stderr)
            return 1
        finally:
            command.end_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
