"""A moto server of our own: free port, clean state, ended when the block ends."""

import contextlib
import os
import socket
import time
import urllib.parse
import urllib.request
from pathlib import Path

from .command import CommandFailed, running, tail

LAUNCHER = Path(__file__).resolve().parent.parent / "moto_server.py"
ACCOUNT = "123456789012"
REGION = "us-east-1"


# A database that no code made: somebody clicked it together long ago. The estates know only its
# name (a snapshot is taken of it, which needs not wait for a database of Terraform's own).
BY_HAND = {
    "Action": "CreateDBInstance",
    "Version": "2014-10-31",
    "DBInstanceIdentifier": "prove-by-hand",
    "DBInstanceClass": "db.t3.micro",
    "Engine": "postgres",
    "AllocatedStorage": "20",
    "MasterUsername": "app",
    "MasterUserPassword": "not-a-secret-in-an-emulator",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cloud_environment(port):
    """The environment in which AWS clients talk to the emulator and to nothing else."""
    ours = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("AWS_", "TF_")) and key.lower() not in ("https_proxy", "all_proxy", "no_proxy")
    }
    return ours | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        # S3 Control puts the account id in front of the host name, which resolves nowhere: as a
        # proxy the emulator answers for any name.
        "HTTP_PROXY": f"http://127.0.0.1:{port}",
        "http_proxy": f"http://127.0.0.1:{port}",
    }


@contextlib.contextmanager
def moto(tool, log):
    """Run the emulator; gives the environment for its clients."""
    port = free_port()
    server_environment = {
        **os.environ,
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    }
    command = [tool["python"], LAUNCHER, "-H", "127.0.0.1", "-p", str(port)]
    with running(command, log=log, env=server_environment) as process:
        wait_until_it_answers(process, port, log)
        request(port, "rds", BY_HAND)
        yield cloud_environment(port)


def request(port, service, parameters):
    """One call of the query protocol; the emulator reads the service from the signature's scope."""
    scope = f"test/20260101/{REGION}/{service}/aws4_request"
    call = urllib.request.Request(
        f"http://127.0.0.1:{port}/",
        data=urllib.parse.urlencode(parameters).encode(),
        headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"},
    )
    direct().open(call, timeout=30).close()


def direct():
    """An opener that asks the emulator itself, whatever proxy the machine has."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def wait_until_it_answers(process, port, log):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            direct().open(f"http://127.0.0.1:{port}/moto-api/", timeout=5).close()
            return
        time.sleep(0.2)
    printed = Path(log).read_text(encoding="utf-8", errors="replace")
    raise CommandFailed(f"the moto server does not answer:\n{tail(printed)}")
