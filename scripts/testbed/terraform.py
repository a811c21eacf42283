"""Terraform on one root module, with a provider from a mirror on disk."""

import json
from dataclasses import dataclass
from pathlib import Path

from .command import run

PARALLELISM = "-parallelism=20"


@dataclass(frozen=True)
class Change:
    """One line of a plan."""

    address: str
    kind: str  # the resource type
    action: str  # create, update, delete, replace …


class Root:
    def __init__(self, tool, provider, folder, environment):
        self.command = tool["command"]
        self.folder = Path(folder)
        self.environment = environment | {
            "TF_CLI_CONFIG_FILE": provider["cli_config"],
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "TF_VAR_endpoint": environment["AWS_ENDPOINT_URL"],
        }

    @property
    def state(self):
        return self.folder / "terraform.tfstate"

    def terraform(self, verb, *arguments, accept=(0,)):
        command = [*self.command, f"-chdir={self.folder}", verb, *arguments]
        return run(command, env=self.environment, accept=accept)

    def init(self):
        self.terraform("init", "-input=false", "-no-color")

    def apply(self, plan=None):
        arguments = ["-input=false", "-no-color", "-auto-approve", PARALLELISM]
        self.terraform("apply", *arguments, *([plan] if plan else []))

    def plan(self, out):
        """Plan into the file `out`; gives the changes that it holds."""
        arguments = ["-input=false", "-json", "-detailed-exitcode", PARALLELISM, f"-out={out}"]
        _, stdout, _ = self.terraform("plan", *arguments, accept=(0, 2))
        return read_plan(stdout)

    def fmt_check(self):
        """The files that `terraform fmt` would change."""
        _, stdout, _ = self.terraform("fmt", "-check", "-recursive", "-list=true", accept=(0, 3))
        return stdout.split()


def read_plan(stream):
    """The changes in the output of `terraform plan -json`."""
    changes = []
    for line in stream.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if message.get("type") != "planned_change":
            continue
        change = message["change"]
        if change["action"] in ("noop", "read"):
            continue
        resource = change["resource"]
        changes.append(Change(resource["addr"], resource["resource_type"], change["action"]))
    return changes
