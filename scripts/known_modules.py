#!/usr/bin/env python3
"""Hold the table of well-known modules (src/terraform/registry/table) against the modules themselves.

    scripts/known_modules.py CLONES [FILE …]

CLONES is a directory of Git clones, each `OWNER/terraform-PROVIDER-NAME` (or with `+` for the slash, and `/repo` below),
with all tags. For every tag from the first to the last version that an outline knows, every input that the outline
declares must exist in the module with the same default, and every resource and module call that it has must be in the
module's code; a module of its own outline that is called by a version must be called by one for which that outline says the same.
What differs is printed, and the exit code is 1. FILE names files of the table, all by default.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "src" / "terraform" / "registry" / "table"
# Inputs of the outline's own making, and those whose default rules do not ask about.
OWN = {
    "account_and_region",
    "auto_ingress_rules",
    "enabled",
    "engine",
    "engine_mode",
    "grant",
    "label_id",
    "name",
    "origin_statements",
    "rules",
    "tags",
}


def version(text):
    """`v4.1.2` as a tuple; None for what is no release."""
    match = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)", text)
    return tuple(int(part) for part in match.groups()) if match else None


def allows(constraint, wanted):
    """Whether `>= 2.0.0, < 4.0.0` allows a version."""
    for part in constraint.split(","):
        sign, _, number = part.strip().partition(" ")
        bound = version(number.strip())
        if bound is None or (sign, wanted >= bound) not in ((">=", True), ("<", False)):
            return False
    return True


def whole(text, table):
    """An outline with the lines that it shares with others."""

    def part(match):
        name, word, by = match.groups()
        lines = (table / name).read_text()
        return lines.replace(f"${word}", by.strip()) if word else lines

    return re.sub(r"^#! lines (\S+)(?: with (\w+) *= *(.*))?\n", part, text, flags=re.MULTILINE)


def rendered(text, wanted):
    """The module's own file of an outline, as of one version."""
    lines, regions = [], []
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith("#@"):
            rest = bare.removeprefix("#@").strip()
            if rest == "}":
                regions.pop()
            else:
                regions.append(allows(rest.removesuffix("{").strip(), wanted))
            continue
        if bare.startswith("#! file"):
            break
        if bare.startswith("#!"):
            continue
        line, _, constraint = line.partition(" #@ ")
        if all(regions) and (not constraint or allows(constraint, wanted)):
            lines.append(line.rstrip())
    return "\n".join(lines)


def defaults(text):
    """The variables that a file declares, with the text of their defaults, white space and quotes left out."""
    text = re.sub(r"<<-?EOT.*?EOT", '""', text, flags=re.DOTALL)
    text = re.sub(r"^\s*#.*", "", text, flags=re.MULTILINE)
    found = {}
    for match in re.finditer(r'^variable\s+"?([\w-]+)"?\s*\{', text, re.MULTILINE):
        end, depth = match.end(), 1
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        body = re.sub(r"#.*", "", text[match.end() : end - 1])
        default = re.search(
            r"^\s*default\s*=\s*(.*?)(?=^\s*(?:type|description|nullable|sensitive|ephemeral)\s*=|^\s*validation\b|\Z)",
            body,
            re.MULTILINE | re.DOTALL,
        )
        found[match.group(1)] = entries(default.group(1)) if default else None
    return found


def blocks(text):
    """The resources and module calls of a text, without white space."""
    found = re.findall(r'^(resource\s+"[\w-]+"\s+"[\w-]+"|module\s+"[\w-]+")\s*\{', text, re.MULTILINE)
    return {re.sub(r"\s+", " ", head) for head in found}


def entries(text):
    """A default without white space and quotes; of an object its entries."""
    lines = [re.sub(r'[\s"]+', "", line) for line in text.splitlines()]
    lines = [line for line in lines if line]
    if lines[:1] == ["{"] and lines[-1:] == ["}"]:
        return frozenset(lines[1:-1])
    return "".join(lines)


def agree(known, real):
    """Whether a default of an outline is that of the module, or says of an object what rules ask about."""
    if isinstance(known, frozenset) and isinstance(real, frozenset):
        return known <= real
    return known == real


def outlines():
    """The files of the table, but for the lines that several of them share."""
    return [path for path in TABLE.glob("*.hcl") if not path.name.endswith(".part.hcl")]


def git(repository, *arguments):
    answer = subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, text=True, check=False)
    return answer.stdout if answer.returncode == 0 else ""


def clone(clones, source):
    """Where the clone of a module lies; None when it is not there."""
    owner, name, provider = source.split("/")
    for form in (f"{owner}/terraform-{provider}-{name}", f"{owner}+terraform-{provider}-{name}/repo"):
        if (clones / form).is_dir():
            return clones / form
    return None


def calls(text):
    """The module calls of a text: label → (source, version)."""
    found = {}
    for match in re.finditer(r'^module\s+"([\w-]+)"\s*\{(.*?)^\}', text, re.MULTILINE | re.DOTALL):
        said = dict(re.findall(r'^\s*(source|version)\s*=\s*"([^"]*)"', match.group(2), re.MULTILINE))
        found[match.group(1)] = (said.get("source", ""), said.get("version", ""))
    return found


def called_otherwise(text, as_of, code, table):
    """The calls of an outline that stand for another module, or another behaviour, than the module's own."""
    included = {
        f"./{place}": (file, at)
        for file, at, place in re.findall(r"^#! include (\S+) at (\S+) in (\S+)$", text, re.MULTILINE)
    }
    if not included:
        return
    real = calls(code)
    for label, (source, _) in calls(as_of).items():
        if source not in included or label not in real:
            continue
        file, at = included[source]
        other = whole((table / file).read_text(), table)
        name = re.search(r"^#! module (\S+)", other, re.MULTILINE).group(1)
        first, last = re.search(r"^#! known (\S+) (\S+)", other, re.MULTILINE).groups()
        has, by = real[label]
        meant = version(by)
        known = meant is not None and version(first) <= meant <= version(last)
        if has != name or not known or rendered(other, meant) != rendered(other, version(at)):
            yield f"module.{label}: {name} {at}, the module calls {has} {by}"


def holding(repository, tag, inside, start):
    """The files of a module in which a line starts like that."""
    found = git(repository, "grep", "-lE", f"^{start}", tag, "--", f":(glob){inside or '.'}/*.tf")
    return [line.split(":", 1)[1] for line in found.splitlines()]


def together(repository, tag, files):
    """The text of some files as of a tag."""
    return git(repository, "show", *(f"{tag}:{file}" for file in files)) if files else ""


def elsewhere(repository, tag, inside):
    """The inputs that a module declares in other files than `variables.tf`."""
    return defaults(together(repository, tag, holding(repository, tag, inside, "variable ")))


def compare(path, clones):
    """What an outline says otherwise than its modules: (number of tags, lines); None without a clone."""
    text = whole(path.read_text(), path.parent)
    first, last = (version(v) for v in re.search(r"^#! known (\S+) (\S+)", text, re.MULTILINE).groups())
    looked_at, differences = 0, []
    for match in re.finditer(r"^#! module (\S+)(?: with (\w+) *= *(.*))?$", text, re.MULTILINE):
        called, word, by = match.groups()
        source, _, inside = called.partition("//")
        repository = clone(clones, source)
        if repository is None:
            return None
        own = text.replace(f"${word}", by.strip()) if word else text
        here = 0
        tags = sorted((t for t in git(repository, "tag").split() if version(t)), key=version)
        for tag in [tag for tag in tags if first <= version(tag) <= last]:
            variables = git(repository, "show", f"{tag}:{inside + '/' if inside else ''}variables.tf")
            if not variables:
                continue  # a part of the module that came with a later version
            looked_at += 1
            here += 1
            real, as_of = defaults(variables), rendered(own, version(tag))
            code = git(repository, "grep", "-hE", "^(resource|module) ", tag, "--", f":(glob){inside or '.'}/*.tf")
            for head in sorted(blocks(as_of) - blocks(code)):
                differences.append(f"{path.name} {inside or source} {tag} {head}: the module has none")
            wanted = defaults(as_of)
            if not wanted.keys() - OWN <= real.keys():
                real |= elsewhere(repository, tag, inside)
            if "#! include" in text:
                calling = together(repository, tag, holding(repository, tag, inside, "module "))
                differences.extend(
                    f"{path.name} {inside or source} {tag} {line}"
                    for line in called_otherwise(text, as_of, calling, path.parent)
                )
            for name, known in wanted.items():
                if name not in OWN and not (name in real and agree(known, real[name])):
                    has = repr(real.get(name, "no such input"))
                    differences.append(f"{path.name} {inside or source} {tag} {name}: {known!r}, the module has {has}")
        if not here:
            differences.append(f"{path.name} {inside or source}: no version has it")
    return looked_at, differences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", type=Path)
    parser.add_argument("files", nargs="*", metavar="FILE")
    arguments = parser.parse_args()
    clones, wanted = arguments.clones, {Path(file).name for file in arguments.files}
    wrong = 0
    for path in sorted(path for path in outlines() if not wanted or path.name in wanted):
        answer = compare(path, clones)
        if answer is None:
            print(f"{path.name}: no clone")
            continue
        tags, differences = answer
        print(f"{path.name}: {tags} versions, {len(differences)} differences")
        for line in differences:
            print(f"  {line}")
        wrong += len(differences)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
