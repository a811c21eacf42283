"""Runs a composite action, or a job that uses it, as a GitHub Actions runner does on Linux.

The parts that matter to an action are the real ones: `bash --noprofile --norc -eo pipefail`, one set of files for
outputs, environment, path and summary a step, and a log in which lines may be commands. Actions of other people
are not run: the caller says what each of them leaves behind.
"""

import json
import os
import re
import subprocess
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from . import expressions, toolbox
from .cache import Unavailable

SUMMARY_LIMIT = 1024 * 1024
COMMAND = re.compile(r"^\s*::(?P<name>[A-Za-z-]+)(?: (?P<properties>[^:]*(?:::?[^:]+)*?))?::(?P<data>.*)$")
LEVELS = ("error", "warning", "notice")


def yaml(path):
    """A YAML file as JSON has it; every scalar stays a text, as `on:` must."""
    tool = toolbox.get("action")
    if not tool["available"]:
        raise Unavailable(tool["reason"])
    program = "import json, sys, yaml; print(json.dumps(yaml.load(sys.stdin, Loader=yaml.BaseLoader)))"
    done = subprocess.run(
        [tool["python"], "-c", program], input=Path(path).read_bytes(), capture_output=True, check=True
    )
    return json.loads(done.stdout)


def values(text):
    """`name=value` and `name<<END` as the runner reads them from the files of a step."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        if not line:
            continue
        name, sign, rest = re.match(r"([^=<]*)(=|<<)(.*)", line).groups()
        if sign == "=":
            found[name] = rest
            continue
        value = []
        for each in lines:
            if each == rest:
                break
            value.append(each)
        else:
            raise ValueError(f"{name}: no line {rest!r} ends the value")
        found[name] = "\n".join(value)
    return found


def unescaped(text):
    for written, meant in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(written, meant)
    return text


def commands(log):
    """The workflow commands of a log: (name, properties, data). Between stop and start none counts."""
    found, until = [], None
    for line in log.splitlines():
        if until:
            if line.strip() == f"::{until}::":
                until = None
            continue
        match = COMMAND.match(line)
        if match and match["name"] == "stop-commands":
            until = match["data"]
        elif match:
            properties = dict(
                part.split("=", 1) for part in (match["properties"] or "").split(",") if "=" in part
            )
            found.append((match["name"], {k: unescaped(v) for k, v in properties.items()}, unescaped(match["data"])))
        elif "##[" in line:
            found.append(("legacy", {}, line))
    return found


@dataclass
class Ran:
    """What a step or an action left behind."""

    code: int = 0
    outputs: dict = field(default_factory=dict)
    log: str = ""
    summary: str = ""

    @property
    def commands(self):
        return commands(self.log)

    def annotations(self, level):
        return [(properties, data) for name, properties, data in self.commands if name == level]


class Runner:
    """One job on one machine."""

    def __init__(self, workspace, *, repository, event="workflow_dispatch", payload=None, env=None, variables=None):
        self.workspace = Path(workspace).resolve()
        self.temp = Path(tempfile.mkdtemp(prefix="tfmend-runner-"))
        self.job_env = {}
        self.extra = dict(env or {})
        payload = {"repository": {"full_name": repository, "private": True}, **(payload or {})}
        self.event_file = self.temp / "event.json"
        self.event_file.write_text(json.dumps(payload), encoding="utf-8")
        self.github = {
            "token": self.extra.get("GITHUB_TOKEN", "ghs_test"),
            "repository": repository,
            "event_name": event,
            "event": payload,
            "event_path": str(self.event_file),
            "workspace": str(self.workspace),
            "server_url": self.extra.get("GITHUB_SERVER_URL", "https://github.com"),
            "api_url": self.extra.get("GITHUB_API_URL", "https://api.github.com"),
            "ref": "refs/heads/main",
            "run_id": "1",
            "action_repository": "acme/tfmend",
            "action_ref": "v0.1.0",
        }
        self.variables = dict(variables or {})

    def base_environment(self):
        kept = {name: os.environ[name] for name in ("HOME", "PATH", "LANG", "TMPDIR") if name in os.environ}
        facts = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": self.github["repository"],
            "GITHUB_EVENT_NAME": self.github["event_name"],
            "GITHUB_EVENT_PATH": str(self.event_file),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_SERVER_URL": self.github["server_url"],
            "GITHUB_API_URL": self.github["api_url"],
            "GITHUB_REF": self.github["ref"],
            "GITHUB_RUN_ID": self.github["run_id"],
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.temp),
        }
        extra = {k: v for k, v in self.extra.items() if k != "GITHUB_TOKEN"}
        return {**kept, **facts, **extra, **self.job_env}

    def step(self, step, contexts, failed, action_path):
        """One `run:` step."""
        state = {"success": lambda: not failed, "failure": lambda: failed, "always": lambda: True}
        written = step.get("if", "success()")
        if not any(f"{name}(" in written for name in state):
            written = f"success() && ({written.removeprefix('${{').removesuffix('}}')})"
        if not expressions.condition(written, contexts, state):
            return None
        folder = self.temp / uuid.uuid4().hex
        folder.mkdir()
        files = {name: folder / name.lower() for name in ("OUTPUT", "ENV", "PATH", "STEP_SUMMARY", "STATE")}
        for path in files.values():
            path.touch()
        environment = self.base_environment()
        environment |= {f"GITHUB_{name}": str(path) for name, path in files.items()}
        environment["GITHUB_ACTION_PATH"] = str(action_path)
        environment |= {
            name: expressions.fill(value, contexts, state) for name, value in step.get("env", {}).items()
        }
        if step.get("shell") != "bash":
            raise expressions.NotUnderstood(f"shell {step.get('shell')!r}")
        script = folder / "script.sh"
        script.write_text(expressions.fill(step["run"], contexts, state), encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", check=False, timeout=600,
        )  # fmt: skip
        read = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
        self.job_env |= values(read["ENV"])
        for line in read["PATH"].splitlines():
            self.job_env["PATH"] = f"{line}:{self.base_environment()['PATH']}"
        summary = read["STEP_SUMMARY"]
        if len(summary.encode()) > SUMMARY_LIMIT:
            summary = ""  # GitHub drops it as a whole
        return Ran(done.returncode, values(read["OUTPUT"]), done.stdout, summary)

    def action(self, folder, given):
        """A composite action with the inputs that are given."""
        description = yaml(Path(folder) / "action.yml")
        unknown = set(given) - set(description["inputs"])
        if unknown:
            raise ValueError(f"action.yml has no inputs {sorted(unknown)}")
        base = {"github": self.github, "env": self.job_env, "vars": self.variables}
        inputs = {
            name: given.get(name, expressions.fill(of.get("default", ""), base))
            for name, of in description["inputs"].items()
        }
        steps, whole = {}, Ran()
        for step in description["runs"]["steps"]:
            contexts = {**base, "inputs": inputs, "steps": steps, "runner": {"temp": str(self.temp), "os": "Linux"}}
            ran = self.step(step, contexts, whole.code != 0, Path(folder).resolve())
            if ran is None:
                continue
            if "id" in step:
                steps[step["id"]] = {"outputs": ran.outputs, "outcome": "failure" if ran.code else "success"}
            whole.log += ran.log
            whole.summary += ran.summary
            whole.code = whole.code or ran.code
        contexts = {**base, "inputs": inputs, "steps": steps}
        whole.outputs = {
            name: expressions.fill(of["value"], contexts) for name, of in description.get("outputs", {}).items()
        }
        return whole

    def job(self, workflow, name, *, inputs=None, ours, others):
        """A job of a workflow. `ours` is (name of our action, its folder); `others` says what each other action leaves:
        name → function of its inputs that gives environment variables. A job whose `if` is false gives None."""
        job = yaml(workflow)["jobs"][name]
        contexts = {"github": self.github, "vars": self.variables, "inputs": inputs or {}, "env": self.job_env}
        if "if" in job and not expressions.condition(job["if"], contexts, {}):
            return None
        steps = {}
        last = Ran()
        for step in job["steps"]:
            given = {k: expressions.fill(v, {**contexts, "steps": steps}) for k, v in step.get("with", {}).items()}
            used = step["uses"].split("@")[0]
            if used == ours[0]:
                last = self.action(ours[1], given)
                steps[step.get("id", used)] = {"outputs": last.outputs}
            elif used in others:
                self.job_env |= others[used](given)
            else:
                raise ValueError(f"nobody said what {used} does")
        return last
