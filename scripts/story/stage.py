"""The stage of a story: the emulated cloud, GitHub, a team's clone, and tfmend itself."""

import contextlib
import json
import os
import shutil
import ssl
import subprocess
from pathlib import Path

from testbed import server
from testbed.command import CommandFailed, run
from testbed.terraform import Root

REPOSITORY = Path(__file__).resolve().parents[2]
ESTATE = REPOSITORY / "testdata" / "story"
CALL = REPOSITORY / "scripts" / "aws_call.py"
REGION = "eu-west-1"
OWNER, NAME = "acme", "payments-infra"
IGNORED = ".terraform/\n.terraform.lock.hcl\n*.tfstate\n*.tfstate.*\n"


class Cloud:
    """The emulated AWS, and every call that was made to it."""

    def __init__(self, ready, python):
        self.url = ready["url"]
        self.log = Path(ready["log"])
        self.python = python

    def environment(self, credentials=("test", "test", None)):
        key, secret, token = credentials
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "TF_", "GITHUB_", "TFMEND_"))
            and name.lower() not in ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
        }
        return kept | {
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            **({"AWS_SESSION_TOKEN": token} if token else {}),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def call(self, service, operation, credentials=("test", "test", None), **parameters):
        done = subprocess.run(
            [self.python, str(CALL), service, operation], input=json.dumps(parameters), capture_output=True,
            text=True, check=False, env=self.environment(credentials),
        )  # fmt: skip
        if done.returncode != 0:
            raise CommandFailed(f"{service} {operation}: {done.stderr[-1500:]}")
        return json.loads(done.stdout)

    def assume(self, role):
        answer = self.call("sts", "assume_role", RoleArn=role, RoleSessionName="story")
        given = answer["Credentials"]
        return given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]

    def calls(self, since=0):
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines[since:]]


class GitHub:
    """The double: what people do there, and what it saw."""

    def __init__(self, ready):
        self.url = ready["url"]
        self.ca = ready["ca"]
        self.context = ssl.create_default_context(cafile=self.ca) if self.ca else None

    def control(self, path, body=None):
        return server.ask(f"{self.url}/_double/{path}", body, context=self.context)

    def environment(self, token="ghs_least"):
        return {
            "GITHUB_API_URL": f"{self.url}/api/v3",
            "GITHUB_SERVER_URL": self.url,
            "GITHUB_TOKEN": token,
            "TFMEND_GITHUB_PACE_MS": "0",
            **({"SSL_CERT_FILE": self.ca} if self.ca else {}),
        }

    def pulls(self, state=None):
        pulls = self.control(f"state?repository={OWNER}/{NAME}")["pulls"]
        return [p for p in pulls if state is None or p["state"] == state]

    def merge(self, number):
        """Merge as a person; False when it conflicts."""
        try:
            self.control("as-person/merge", {"repository": f"{OWNER}/{NAME}", "number": number})
        except CommandFailed as problem:
            if "conflicts with" in str(problem):
                return False
            raise
        return True

    def obeyed(self):
        violations = self.control("violations")
        assert violations == [], f"not as GitHub describes it: {json.dumps(violations)[:3000]}"


class Stage:
    def __init__(self, tools, tfmend, folder, cloud, github):
        self.tools, self.tfmend, self.folder = tools, tfmend, folder
        self.cloud, self.github = cloud, github
        self.clone = folder / "clone"

    def prepare(self, config, credentials=("test", "test", None)):
        """The estate on GitHub, in a clone, and applied."""
        shutil.copytree(ESTATE, self.clone, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        (self.clone / ".gitignore").write_text(IGNORED, encoding="utf-8")
        (self.clone / ".github").mkdir()
        (self.clone / ".github" / "tfmend.toml").write_text(config, encoding="utf-8")
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "The estate as it is")
        self.github.control(
            "repositories", {"owner": OWNER, "name": NAME, "private": True, "import": str(self.clone), "default_branch": "main"}
        )
        # What docs/permissions.md says is enough, and no more.
        least = {"contents": "write", "issues": "write", "metadata": "read", "pull_requests": "write"}
        self.github.control(
            "tokens",
            {"token": "ghs_least", "login": "tfmend[bot]", "type": "installation", "permissions": least,
             "repositories": [f"{OWNER}/{NAME}"]},
        )  # fmt: skip
        self.git("remote", "add", "origin", f"{self.github.url}/{OWNER}/{NAME}.git")
        environment = self.cloud.environment(credentials)
        self.root = Root(self.tools["terraform"], self.tools["provider-v5"], self.clone, environment)
        self.root.environment.pop("TF_VAR_endpoint")
        self.root.init()
        self.root.apply()

    def git(self, *arguments):
        environment = os.environ | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "Platform Team",
            "GIT_AUTHOR_EMAIL": "platform@example.com",
            "GIT_COMMITTER_NAME": "Platform Team",
            "GIT_COMMITTER_EMAIL": "platform@example.com",
            "GIT_TERMINAL_PROMPT": "0",
        }
        if self.github.ca:
            environment["GIT_SSL_CAINFO"] = self.github.ca
        extra = "AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46Z2hzX3Rlc3Q="  # x-access-token:ghs_test
        return run(["git", "-C", self.clone, "-c", f"http.extraHeader={extra}", *arguments], env=environment)

    def pull(self):
        self.git("pull", "--quiet", "--ff-only", "origin", "main")

    def state(self):
        return json.loads((self.clone / "terraform.tfstate").read_text(encoding="utf-8"))

    def attribute(self, kind, name, attribute, module=None):
        for resource in self.state()["resources"]:
            if (resource["type"], resource["name"], resource.get("module")) == (kind, name, module):
                return resource["instances"][0]["attributes"][attribute]
        raise AssertionError(f"no {kind}.{name} in the state")

    def run(self, *arguments, cwd=None, accept=(0,), **environment):
        """tfmend, as a user would run it; gives exit code, stdout, stderr."""
        environment = self.cloud.environment() | self.github.environment() | environment
        return run([self.tfmend, *arguments], cwd=cwd or self.folder, env=environment, accept=accept)

    def pr(self, *arguments, **more):
        """`tfmend pr` on GitHub with findings from Security Hub; gives the JSON."""
        _, stdout, stderr = self.run(
            "pr", "--from", f"security-hub:{REGION}", "--github", f"{OWNER}/{NAME}", "--state",
            self.clone / "terraform.tfstate", "--format", "json", *arguments, **more,
        )  # fmt: skip
        try:
            return json.loads(stdout)
        except ValueError as problem:
            raise CommandFailed(f"no JSON: {stdout[:500]}\n{stderr[-2000:]}") from problem

    def import_findings(self, findings, credentials=("test", "test", None)):
        self.cloud.call("securityhub", "enable_security_hub", credentials, EnableDefaultStandards=False)
        answer = self.cloud.call("securityhub", "batch_import_findings", credentials, Findings=findings)
        assert answer.get("FailedCount") == 0, answer


@contextlib.contextmanager
def set_up(tools, tfmend, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with (
        server.serving("aws_testbed.py", log=folder / "aws.log") as aws,
        server.serving("github_double.py", "--tls", "--data", folder / "github", log=folder / "github.log") as github,
    ):
        yield Stage(tools, tfmend, folder, Cloud(aws, tools["moto"]["python"]), GitHub(github))


def finding(control, kind, resource, account, title, severity="HIGH", status="FAILED", at="2026-03-01T08:00:00.000Z"):
    """A finding as Security Hub's own controls make it."""
    slug = "".join(c if c.isalnum() else "-" for c in resource)
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:aws:securityhub:{REGION}:{account}:security-control/{control}/finding/{slug[-60:]}",
        "ProductArn": f"arn:aws:securityhub:{REGION}::product/aws/securityhub",
        "GeneratorId": f"security-control/{control}",
        "AwsAccountId": account,
        "Region": REGION,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "CreatedAt": "2026-02-01T08:00:00.000Z",
        "UpdatedAt": at,
        "Severity": {"Label": severity},
        "Title": title,
        "Description": title,
        "Resources": [{"Type": kind, "Id": resource, "Partition": "aws", "Region": REGION}],
        "Compliance": {"Status": status, "SecurityControlId": control},
        "Workflow": {"Status": "NEW" if status == "FAILED" else "RESOLVED"},
        "RecordState": "ACTIVE",
    }


