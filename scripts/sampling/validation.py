"""Does Terraform, with the real provider, still accept what was edited?

The provider comes from a mirror on disk and nothing else can be had, so a directory is judged only if it and the modules
it calls are in the repository and need no other provider. To give most a chance, lock files and version constraints are
left out of the copies, of the one before and of the one after alike.
"""

import os
import re
import shutil
import subprocess

from . import trees

OUTSIDE = re.compile(r'^\s*source\s*=\s*"(?!\.\.?(?:/|"))([^"]+)"', re.M)
CALL = re.compile(r'^module\s+"[^"]+"\s*\{.*?^\}', re.M | re.S)


def command_line_configuration(mirror, path):
    text = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    path.write_text(text, "utf-8")
    return path


class Terraform:
    """Runs `terraform validate`, and says why it cannot."""

    def __init__(self, command, mirror, work):
        self.command = command
        self.work = work
        self.copies = {}
        configuration = command_line_configuration(mirror, work / "validate.tfrc")
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TF_", "AWS_"))},
            "TF_CLI_CONFIG_FILE": str(configuration), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip

    def copy(self, tree):
        """The same tree without lock files and version constraints."""
        if tree not in self.copies:
            copy = self.work / f"validate-{tree.name}"
            shutil.rmtree(copy, ignore_errors=True)
            left_out = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate")
            shutil.copytree(tree, copy, symlinks=True, ignore=left_out)
            for file in copy.rglob("*.tf"):
                text = file.read_text("utf-8", "surrogateescape")
                file.write_text(without_versions(text), "utf-8", "surrogateescape")
            self.copies[tree] = copy
        return self.copies[tree]

    def validate(self, tree, directory):
        """('valid' | 'invalid' | 'not initialisable', what was said) of one directory of a tree."""
        for one in sorted(trees.called(tree, directory or ".")):
            for file in (tree / one).glob("*.tf"):
                for call in CALL.findall(file.read_text("utf-8", "replace")):
                    if OUTSIDE.search(call):
                        return "not initialisable", "a module from outside the repository"
        top = self.copy(tree) / (directory or ".")
        begun = self.run(top, "init", "-backend=false", "-input=false", "-no-color")
        if begun.returncode:
            return "not initialisable", reason(begun.stderr + begun.stdout)
        done = self.run(top, "validate", "-no-color")
        shutil.rmtree(top / ".terraform", ignore_errors=True)
        return ("invalid", first_error(done.stderr)) if done.returncode else ("valid", "")

    def close(self):
        for copy in self.copies.values():
            shutil.rmtree(copy, ignore_errors=True)
        self.copies.clear()

    def run(self, where, *arguments):
        return subprocess.run(
            ["nice", "-n", "10", *self.command, *arguments],
            cwd=where, capture_output=True, text=True, check=False, env=self.environment, timeout=600,
        )  # fmt: skip


def without_versions(text):
    """The same text without constraints in `terraform` and `provider` blocks; the number of lines stays."""
    lines, depth, inside = [], 0, False
    for line in text.split("\n"):
        if depth == 0:
            inside = bool(re.match(r'\s*(terraform\s*\{|provider\s+"?\w+"?\s*\{)', line))
        if inside:
            line = re.sub(r'\b(required_version|version)(\s*=\s*)"[^"]*"', r'\1\2">= 0"', line)
        depth += line.count("{") - line.count("}")
        lines.append(line)
    return "\n".join(lines)


def first_error(text):
    """The first error with its place; of those that only announce others, the next."""
    lines = [line.strip("│╷╵ \t") for line in text.splitlines()]
    errors = [i for i, line in enumerate(lines) if line.startswith("Error:") and "encountered problems" not in line]
    if not errors:
        return text.strip()[-200:]
    at = errors[0]
    where = next((line for line in lines[at + 1 : at + 5] if line.startswith("on ")), "")
    return f"{lines[at]} {where}".strip()


def reason(text):
    """Why `terraform init` did not work, in a form that can be counted."""
    missing = sorted(set(re.findall(r"provider\s+registry\.terraform\.io/([\w./-]+?)(?:\s|:|$)", text)))
    missing += sorted(set(re.findall(r"provider\s+(hashicorp/[\w-]+|[\w-]+/[\w-]+):", text)))
    if missing:
        return "another provider is needed"
    return re.sub(r" on \S+ line \d+.*", "", first_error(text))
