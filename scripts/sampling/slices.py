"""The part of a directory that an edit is about: the edited blocks and everything that they refer to.

A whole directory often cannot be initialised offline, because some block in it needs another provider or a module from
elsewhere. The edited blocks seldom do. The slice is valid Terraform of its own, made alike before and after, so that the
real provider can judge the edited blocks, their arguments and their references.
"""

import re

HEREDOC = re.compile(r"<<[-~]?\s*\"?(\w+)\"?\s*$")
HEAD = re.compile(r'^(\w+)((?:\s+(?:"[^"]*"|[\w-]+))*)\s*\{')
REFERENCE = re.compile(r"(?<![\w.\"-])(data\.\w+\.[\w-]+|(?:var|local|module)\.[\w-]+|[a-z][a-z0-9]*_\w+\.[\w-]+)")
ALIAS = re.compile(r"^\s*provider\s*=\s*\"?aws\.([\w-]+)", re.M)
BUILT_IN = ("terraform_remote_state", "terraform_data")


def logical_lines(text):
    """Lines with the number of brackets that are open before them; the text of a here document hangs on its first line."""
    depth, lines = 0, text.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        whole = [line]
        bare = without_strings(line)
        marker = HEREDOC.search(bare)
        if marker:
            while at < len(lines):
                whole.append(lines[at])
                at += 1
                if whole[-1].strip() == marker.group(1):
                    break
        yield depth, "\n".join(whole)
        depth += sum(bare.count(c) for c in "{[(") - sum(bare.count(c) for c in "}])")
        depth = max(depth, 0)


def without_strings(line):
    """The line without comments and quoted text, as far as one line tells."""
    line = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line)
    return re.sub(r"(#|//|/\*).*", "", line)


def blocks(text):
    """The blocks at the top of a file, as (head words, text)."""
    head, gathered = None, []
    for depth, line in logical_lines(text):
        if depth == 0 and head is None:
            found = HEAD.match(line)
            if not found:
                continue
            head = [found.group(1), *re.findall(r'"([^"]*)"|([\w-]+)', found.group(2))]
            head = [head[0], *("".join(pair) for pair in head[1:])]
            gathered = []
        elif depth == 0 and head is not None:
            yield head, "\n".join(gathered)
            head, gathered = None, []
            found = HEAD.match(line)
            if found:
                words = re.findall(r'"([^"]*)"|([\w-]+)', found.group(2))
                head = [found.group(1), *("".join(pair) for pair in words)]
        if head is not None:
            gathered.append(line)
    if head is not None:
        yield head, "\n".join(gathered)


def arguments(block):
    """The arguments of a `locals` block, as (name, text)."""
    name, gathered = None, []
    for depth, line in logical_lines(block):
        found = re.match(r"\s*([\w-]+)\s*=(?!=)", line) if depth == 1 else None
        if found or (depth == 1 and line.strip() == "}"):
            if name:
                yield name, "\n".join(gathered)
            name, gathered = (found.group(1) if found else None), []
        if name and depth >= 1:
            gathered.append(line)
    if name:
        yield name, "\n".join(gathered)


def items(directory):
    """Everything in a directory that can be referred to, by the words of a reference."""
    found = {}
    for file in sorted(directory.glob("*.tf")):
        for head, text in blocks(file.read_text("utf-8", "surrogateescape")):
            match head:
                case ["resource", kind, name]:
                    found[f"{kind}.{name}"] = text
                case ["data", kind, name]:
                    found[f"data.{kind}.{name}"] = text
                case ["variable", name]:
                    found[f"var.{name}"] = text
                case ["output", name]:
                    found[f"output.{name}"] = text
                case ["module", name]:
                    found[f"module.{name}"] = text
                case ["locals", *_]:
                    for name, argument in arguments(text):
                        found[f"local.{name}"] = "locals {\n" + argument + "\n}"
    return found


def closure(everything, seeds):
    """The seeds and what they refer to, directly or not."""
    seen, todo = set(), list(seeds)
    while todo:
        name = todo.pop()
        if name in seen or name not in everything:
            continue
        seen.add(name)
        todo += REFERENCE.findall(everything[name])
    return seen


def changed(before, after):
    return sorted(name for name, text in after.items() if before.get(name) != text and not name.startswith("module."))


def foreign(names):
    """What of a slice another provider or another repository would have to bring."""
    found = set()
    for name in names:
        kind = name.removeprefix("data.").split(".")[0]
        if kind in ("var", "local", "output") or kind.startswith("aws_") or kind in BUILT_IN:
            continue
        found.add("a module" if kind == "module" else "another provider")
    return sorted(found)


def written(everything, names):
    """The text of a slice."""
    texts = [everything[name] for name in sorted(names) if name in everything]
    aliases = sorted({alias for text in texts for alias in ALIAS.findall(text)})
    head = ['terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}',
            'provider "aws" {\n  region = "eu-west-1"\n}']  # fmt: skip
    head += [f'provider "aws" {{\n  alias  = "{alias}"\n  region = "eu-west-1"\n}}' for alias in aliases]
    return "\n\n".join(head + texts) + "\n"
