"""What the documents show is tried: commands are run word by word, Terraform is validated, workflows are linted.

A block with `<!-- test: NAME -->` before it is taken; see `blocks`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from testbed import servers, toolbox  # noqa: E402
from tests.test_action import ESTATE, FINDINGS, binary, missing  # noqa: E402

PROJECT = Path(__file__).resolve().parent.parent.parent
DOCS = PROJECT / "docs"
MARKED = re.compile(r"^<!-- test: (?P<name>[a-z-]+) -->\n```(?P<language>[a-z]+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(document, language):
    """The marked blocks of a language, by name, in the order in which they stand."""
    text = (DOCS / document).read_text(encoding="utf-8")
    return {m["name"]: m["text"] for m in MARKED.finditer(text) if m["language"] == language}


def unmarked(document, language):
    text = (DOCS / document).read_text(encoding="utf-8")
    return text.count(f"```{language}\n") - len(blocks(document, language))


class Terraform(unittest.TestCase):
    def test_what_is_shown_is_valid_and_formatted(self):
        terraform, provider = toolbox.get("terraform"), toolbox.get("provider-v5")
        for tool in (terraform, provider):
            if not tool["available"]:
                missing(tool["reason"])
        environment = {
            **{k: v for k, v in os.environ.items() if k != "AWS_CA_BUNDLE"},
            "TF_CLI_CONFIG_FILE": provider["cli_config"],
            "CHECKPOINT_DISABLE": "1",
        }
        for document in ("getting-started.md", "eventbridge.md"):
            self.assertEqual(unmarked(document, "hcl"), 0, f"{document}: a block without a test")
            (text,) = blocks(document, "hcl").values()
            # What stands in a comment is as good as the rest.
            whole = re.sub(r'^( *)# (?=statement|sid|actions|resources|}|  |"repo)', r"\1", text, flags=re.MULTILINE)
            commands = {"init -backend=false -input=false": whole, "validate": whole, "fmt -check -diff": text}
            with self.subTest(document), tempfile.TemporaryDirectory() as folder:
                for command, code in commands.items():
                    (Path(folder) / "main.tf").write_text(code, encoding="utf-8")
                    done = subprocess.run(
                        [*terraform["command"], f"-chdir={folder}", *command.split()],
                        env=environment, capture_output=True, text=True, check=False,
                    )  # fmt: skip
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr + code)


class Commands(unittest.TestCase):
    """docs/getting-started.md, word by word, in one shell's folder, against an emulated Security Hub."""

    REGION = "eu-west-1"

    def setUp(self):
        self.top = Path(tempfile.mkdtemp(prefix="tfmend-page-"))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.repository = self.top / "infrastructure"
        shutil.copytree(ESTATE, self.repository)
        (self.repository / "tfmend.toml").unlink()  # the reader has none yet
        servers.git(self.repository, "init", "--quiet", "--initial-branch=main")
        servers.git(self.repository, "add", "--all")
        servers.git(self.repository, "commit", "--quiet", "--message", "Start")
        (self.top / "bin").mkdir()
        (self.top / "bin" / "tfmend").symlink_to(binary())
        aws = self.enterContext(servers.aws())
        aws.import_findings(self.REGION, json.loads(FINDINGS.read_text(encoding="utf-8"))["Findings"])
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "GITHUB_", "TFMEND_", "GIT_"))}
        self.environment = {
            **kept, **servers.IDENTITY, **aws.environment(), "AWS_REGION": self.REGION,
            "AWS_DEFAULT_REGION": self.REGION, "AWS_PAGER": "",
            "PATH": f"{self.top / 'bin'}:{os.environ['PATH']}",
        }  # fmt: skip

    def run_block(self, text):
        done = subprocess.run(
            ["sh", "-eu", "-c", text], cwd=self.repository, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, f"{text}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def json(self, name):
        return json.loads((self.repository / name).read_text(encoding="utf-8"))

    def test_every_command_works_as_it_is_written(self):
        shown = blocks("getting-started.md", "sh")
        self.assertEqual(unmarked("getting-started.md", "sh"), 0, "a block without a test")
        self.assertEqual(list(shown), ["export", "plan", "explain", "from", "init", "pin", "commit"])
        if shutil.which("aws"):
            self.run_block(shown["export"])
        elif os.environ.get("TFMEND_NO_SKIP") == "1" and os.environ.get("GITHUB_ACTIONS") == "true":
            self.fail("SKIPPED: the AWS command line is not on PATH")  # runners have it
        else:
            print("SKIPPED: the export of findings (the AWS command line is not on PATH)", file=sys.stderr)
            shutil.copy(FINDINGS, self.repository / "findings.json")
        self.assertGreater(len(self.json("findings.json")["Findings"]), 20)
        planned = self.run_block(shown["plan"])
        self.assertIn("Proposed (", planned)
        self.assertIn("next: ", planned)
        self.run_block(shown["explain"])
        self.assertGreater(self.json("plan.json")["summary"]["deferred"], 0)
        live = self.run_block(shown["from"])
        self.assertIn(re.search(r"Proposed \(\d+\)", planned)[0], live)
        self.assertIn(".github/tfmend.toml", self.run_block(shown["init"]))
        self.run_block(shown["pin"])
        workflow = (self.repository / ".github" / "workflows" / "tfmend.yml").read_text(encoding="utf-8")
        self.assertIn("uses: ORG/tfmend@0123456789abcdef0123456789abcdef01234567\n", workflow)
        doctor = self.run_block(shown["commit"])
        self.assertIn("Security Hub in eu-west-1 lets findings be read", doctor)
        self.assertIn(" 0 failed", doctor)
        self.assertEqual(servers.git(self.repository, "status", "--porcelain", ".github"), "")


class Workflows(unittest.TestCase):
    def test_what_is_shown_passes_the_linter(self):
        tool = toolbox.get("zizmor")
        if not tool["available"]:
            missing(tool["reason"])
        shown = blocks("github-app.md", "yaml")
        self.assertEqual(list(shown), ["workflow"])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / ".github" / "workflows" / "shown.yml"
            path.parent.mkdir(parents=True)
            path.write_text(shown["workflow"], encoding="utf-8")
            done = subprocess.run(
                [*tool["command"], "--offline", "--no-progress", path.parent], capture_output=True, text=True, check=False
            )
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_action_is_pinned_and_nowhere_to_two_commits(self):
        """The documents, the template and our workflows name the same commit of an action."""
        places = [*DOCS.glob("*.md"), *(PROJECT / ".github" / "workflows").glob("*.yml")]
        places += [PROJECT / "templates" / "init" / "tfmend.yml", PROJECT / "action.yml"]
        pinned = {}
        for place in places:
            for used, ref in re.findall(r"uses: ([\w./-]+)@(\S+)", place.read_text(encoding="utf-8")):
                self.assertRegex(ref, r"^[0-9a-f]{40}$", f"{place}: {used}")
                if used not in ("ORG/tfmend", "OWNER/tfmend"):
                    pinned.setdefault(used, {}).setdefault(ref, []).append(place.name)
        self.assertIn("actions/checkout", pinned)
        for used, refs in pinned.items():
            self.assertEqual(len(refs), 1, f"{used}: {refs}")


if __name__ == "__main__":
    unittest.main()
