"""Does Terraform, with the real provider, still accept what was edited?

The provider comes from a mirror on disk and nothing else can be had. So the slices (see `slices`) of all edited directories
are called as modules from one root, and `terraform validate` judges them together: its diagnostics name the directory.
Versions are not asked for and types are written as today's Terraform wants them, before and after alike.
"""

import collections
import json
import os
import re
import shutil
import subprocess

from . import slices

ROOT = "validated-by-tfmend"
SLICE = "slice.tf"
OLD_TYPE = re.compile(r'^(\s*type\s*=\s*)"(string|number|bool|list|map|set|any)"', re.M)
NEW_TYPE = {"list": "list(any)", "map": "map(any)", "set": "set(any)"}


def todays(text):
    """Types as Terraform 1 wants them; the rest as it is."""
    return OLD_TYPE.sub(lambda m: m.group(1) + NEW_TYPE.get(m.group(2), m.group(2)), text)


class Terraform:
    """Runs `terraform validate` over the slices of a tree."""

    def __init__(self, command, mirror, work):
        self.command = command
        self.work = work
        configuration = work / "validate.tfrc"
        configuration.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n', "utf-8"
        )
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TF_", "AWS_"))},
            "TF_CLI_CONFIG_FILE": str(configuration), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1",
        }  # fmt: skip

    def errors(self, tree, wanted):
        """The errors of each directory, by the directory: `wanted` names the items of each slice."""
        copy = self.work / f"validate-{tree.name}"
        shutil.rmtree(copy, ignore_errors=True)
        left_out = shutil.ignore_patterns("*.tf", "*.tofu", "*.tf.json", ".terraform*", "*.tfstate", "*.tfvars")
        shutil.copytree(tree, copy, symlinks=True, ignore=left_out)
        calls = []
        for n, (directory, names) in enumerate(sorted(wanted.items())):
            everything = slices.items(tree / directory)
            text = todays(slices.written(everything, names))
            (copy / directory / SLICE).write_text(text, "utf-8", "surrogateescape")
            calls.append(call(n, directory, [name.removeprefix("var.") for name in names if needs_value(name, everything)]))
        root = copy / ROOT
        root.mkdir()
        (root / "main.tf").write_text("\n".join(calls), "utf-8")
        found = collections.defaultdict(list)
        begun = self.run(root, "init", "-backend=false", "-input=false", "-no-color", "-json")
        if begun.returncode:
            # Nothing is judged when one directory cannot be read: the others are tried without it.
            broken = {d for d in wanted if re.search(rf"(?:\.\./|[\s\"]){re.escape(d)}/{SLICE}", begun.stdout + begun.stderr)}
            if not broken:
                return {d: ["init: " + begun.stdout[-300:] + begun.stderr[-300:]] for d in wanted}
            found.update(self.errors(tree, {d: names for d, names in wanted.items() if d not in broken}))
            found.update({d: ["cannot be read by this Terraform"] for d in broken})
            return dict(found)
        done = self.run(root, "validate", "-json", "-no-color")
        # An error about the calls as a whole ends the validation before the blocks are looked at.
        order = sorted(wanted)
        astray = {order[int(n)] for n in re.findall(r"To work with module\.slice(\d+)\.", done.stdout)}
        if astray and astray < set(wanted):
            found.update(self.errors(tree, {d: names for d, names in wanted.items() if d not in astray}))
            found.update({d: ["a provider that only the whole configuration has"] for d in astray})
            return dict(found)
        for said in json.loads(done.stdout)["diagnostics"]:
            if said["severity"] != "error":
                continue
            file = (said.get("range") or {}).get("filename", "")
            place = next((d for d in wanted if file == f"../{d}/{SLICE}"), None)
            code = ((said.get("snippet") or {}).get("code") or "").strip().partition("\n")[0].rstrip()
            text = f"{said['summary']}: {said.get('detail', '')[:160]} [{code}]"
            for directory in [place] if place else wanted:
                found[directory].append(text)
        shutil.rmtree(copy, ignore_errors=True)
        return dict(found)

    def run(self, where, *arguments):
        return subprocess.run(
            ["nice", "-n", "5", *self.command, *arguments],
            cwd=where, capture_output=True, text=True, check=False, env=self.environment, timeout=900,
        )  # fmt: skip


def needs_value(name, everything):
    return name.startswith("var.") and not re.search(r"^\s*default\s*=|\bdefault\s*=", everything.get(name, ""), re.M)


def call(n, directory, variables):
    """A call whose arguments are not known to Terraform, so that only what is written is judged."""
    lines = [f'module "slice{n}" {{', f'  source = "../{directory}"']
    lines += [f"  {name} = var.unknown" for name in sorted(variables)]
    head = 'variable "unknown" {\n  type = any\n}\n\n' if n == 0 else ""
    return head + "\n".join(lines) + "\n}\n"


def judge(terraform, base, fixed, directories):
    """How many edited blocks were judged how, and what was valid before and no longer is."""
    count, complaints = collections.Counter(), []
    before_items = {d: slices.items(base / d) for d in directories}
    after_items = {d: slices.items(fixed / d) for d in directories}
    seeds, wanted = {}, {}
    for directory in directories:
        was, now = before_items[directory], after_items[directory]
        for gone in sorted(set(was) - set(now)):
            pattern = re.compile(rf"(?<![\w.-]){re.escape(gone)}(?![\w-])")
            for name, text in now.items():
                if pattern.search(text):
                    complaints.append(f"{directory}: {name} refers to {gone}, which was removed")
        seeds[directory] = []
        for seed in slices.changed(was, now):
            missing = slices.foreign(slices.closure(now, [seed]))
            if missing:
                count[f"not judged: needs {', '.join(missing)}"] += 1
            else:
                seeds[directory].append(seed)
        if seeds[directory]:
            wanted[directory] = slices.closure(now, seeds[directory])
    if not wanted:
        return count, complaints
    now_wrong = terraform.errors(fixed, wanted)
    doubtful = {d: wanted[d] & before_items[d].keys() for d in now_wrong if d in wanted}
    was_wrong = terraform.errors(base, doubtful) if doubtful else {}
    for directory in wanted:
        before = was_wrong.get(directory, [])
        new = [e for e in now_wrong.get(directory, []) if e not in before]
        if any(e not in now_wrong.get(directory, []) for e in before):
            # An error that is gone kept the provider from being asked: what it says of lines that are as they were is no
            # work of the edit.
            written = {line.strip() for text in before_items[directory].values() for line in text.splitlines()}
            shown = [e for e in new if e.rsplit(" [", 1)[-1].removesuffix("]") in written - {""}]
            if shown:
                count["an error that was there before and is told only now"] += len(shown)
            new = [e for e in new if e not in shown]
        if new:
            complaints.append(f"terraform validate: {directory}: {new[0]}")
        kind = "valid" if directory not in now_wrong else "no new error" if not new else "invalid"
        count[kind] += len(seeds[directory])
    return count, complaints
