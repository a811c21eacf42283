"""The acme estate as it would run in the cloud: one moto server per account, real Terraform, real AWS provider."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# Two things that moto cannot be asked for over its API. A key that was last used long ago, so that
# Prowler has something true to say about the FTP bridge; and database resource ids that differ (moto
# gives every instance the same one, and the AWS provider then finds three databases for one id).
MOTO = """
import datetime, hashlib, sys
import moto.iam.models as iam
import moto.rds.models as rds
create = rds.DBInstance.__init__
def init(self, *args, **kwargs):
    create(self, *args, **kwargs)
    self.dbi_resource_id = "db-" + hashlib.sha256(self.db_instance_identifier.encode()).hexdigest()[:26].upper()
rds.DBInstance.__init__ = init
now = iam.utcnow
def mark(account_id, access_key, service, region):
    for account in list(iam.iam_backends[account_id].values()):
        if access_key in account.access_keys:
            used = now() - datetime.timedelta(days=412)
            account.access_keys[access_key].last_used = iam.AccessKeyLastUsed(timestamp=used, service=service, region=region)
iam.mark_account_as_visited = mark
from moto.server import main
main(sys.argv[1:])
"""

# Services that the 3.39 provider must be told about one by one; a missing one would go to the real AWS.
V3_SERVICES = ["s3", "sts", "iam", "ec2"]

V5_OVERRIDE = """
terraform {
  backend "local" {}
}

provider "aws" {
  max_retries                 = 1
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}
"""

V3_OVERRIDE = """
terraform {
  backend "local" {}
}

provider "aws" {
  max_retries                 = 1
  s3_force_path_style         = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true

  endpoints {
%s
  }
}
"""


@dataclass(frozen=True)
class Root:
    """One Terraform root of the estate and the account it belongs to."""

    path: str
    generation: str  # "v5" or "v3": the provider
    keep_state: bool = False


@dataclass(frozen=True)
class Account:
    """What runs in one account, and what Prowler is asked about it."""

    name: str
    account_id: str
    regions: tuple
    roots: tuple
    # Made by hand in the console, so no Terraform code knows them: (bucket, region).
    stray_buckets: tuple = ()


ACCOUNTS = (
    Account(
        name="prod",
        account_id="111122223333",
        regions=("eu-west-1", "us-east-1"),
        roots=(Root("live/prod-eu", "v5", keep_state=True), Root("legacy/intranet", "v3")),
        stray_buckets=(("acme-summer-party-2019", "eu-west-1"),),
    ),
    Account(
        name="staging",
        account_id="444455556666",
        regions=("eu-west-1",),
        roots=(Root("live/staging", "v5"),),
    ),
)


@dataclass
class Server:
    """A running moto server."""

    account: Account
    url: str
    log: Path
    states: dict = field(default_factory=dict)

    def environment(self):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TF_"))}
        return clean | {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": self.account.regions[0],
            "AWS_ENDPOINT_URL": self.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_VAR_db_password": "not-a-real-password",
        }

    def request(self, method, path, service, region, key="testing", body=None):
        """One unsigned call in the name of `key` (moto reads the key id and the scope, not the signature)."""
        request = urllib.request.Request(self.url + path, data=body, method=method)
        scope = f"{key}/20250101/{region}/{service}/aws4_request"
        if service == "s3":
            request.add_header("Content-Type", "application/xml")  # else moto reads the body as a form
        request.add_header("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return answer.read()


@contextmanager
def moto(account, python, folder):
    """Run a moto server for one account; it ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / f"moto-{account.name}.log"
    environment = os.environ | {
        "MOTO_ACCOUNT_ID": account.account_id,
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    }
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [python, "-c", MOTO, "-H", "127.0.0.1", "-p", str(port)],
            env=environment,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    server = Server(account, f"http://localhost:{port}", log)
    try:
        for _ in range(120):
            if process.poll() is not None:
                raise RuntimeError(f"moto for {account.name} ended at once, see {log}")
            try:
                urllib.request.urlopen(f"{server.url}/moto-api/", timeout=2).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        else:
            raise RuntimeError(f"moto for {account.name} did not come up within a minute, see {log}")
        yield server
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def apply(server, root, estate, tools, folder):
    """Apply one root with the real Terraform; returns its state."""
    work = folder / f"{server.account.name}-{root.path.replace('/', '-')}"
    shutil.copytree(estate, work, ignore=shutil.ignore_patterns("terraform.tfstate", ".terraform"))
    directory = work / root.path
    if root.generation == "v3":
        endpoints = "\n".join(f'    {name} = "{server.url}"' for name in V3_SERVICES)
        override = V3_OVERRIDE % endpoints
    else:
        override = V5_OVERRIDE
    (directory / "recording_override.tf").write_text(override)
    environment = server.environment() | {"TF_CLI_CONFIG_FILE": tools[f"provider-{root.generation}"]["cli_config"]}
    for arguments in (
        ["init", "-input=false", "-no-color"],
        ["apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=20"],
    ):
        log = folder / f"{work.name}-{arguments[0]}.log"
        with log.open("wb") as sink:
            code = run_group([*tools["terraform"]["command"], *arguments], directory, environment, sink)
        if code != 0:
            raise RuntimeError(f"terraform {arguments[0]} in {root.path} ended with {code}, see {log}")
    return json.loads((directory / "terraform.tfstate").read_text())


def run_group(command, directory, environment, sink):
    """Run in its own process group: an orphaned provider would go on changing moto."""
    process = subprocess.Popen(
        command, cwd=directory, env=environment, stdout=sink, stderr=sink, start_new_session=True
    )
    try:
        return process.wait(timeout=900)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def use_old_key(server):
    """One call with the key of the FTP bridge, so that it has a date of last use."""
    for resource in server.states["live/prod-eu"]["resources"]:
        if resource["type"] == "aws_iam_access_key" and resource["name"] == "ftp_bridge":
            key = resource["instances"][0]["attributes"]["id"]
            server.request("POST", "/", "sts", "eu-west-1", key, b"Action=GetCallerIdentity&Version=2011-06-15")


def make_strays(server):
    for bucket, region in server.account.stray_buckets:
        body = (
            '<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
        )
        server.request("PUT", f"/{bucket}", "s3", region, body=body.encode())
