"""The code of a repository in a directory of its own, without history, links, states and large files."""

import random
import re
import subprocess
from pathlib import Path

LARGEST = 2_000_000
MODULE = re.compile(r'^\s*source\s*=\s*"(\.\.?(?:/[^"]*)?)"', re.M)


class NoCode(Exception):
    """A repository cannot be read; the message says what was tried."""


def git_directory(path):
    """The git directory of a clone, bare or not; None for a plain directory."""
    for folder in (path / ".git", path):
        if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
            return folder
    return None


def materialise(path, into):
    """Writes the files of HEAD (of a plain directory: its files) and gives back the commit or 'no commit'."""
    git = git_directory(path)
    if git is None:
        for file in sorted(path.rglob("*")):
            if ".git" not in file.parts and ".terraform" not in file.parts and file.is_file() and not file.is_symlink():
                write(into, str(file.relative_to(path)), file.read_bytes())
        return "no commit"
    base = ["git", "--git-dir", str(git), "-c", "core.fsmonitor=false"]
    head = subprocess.run([*base, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    if head.returncode:
        raise NoCode(f"{path}: {head.stderr.strip()}")
    listed = subprocess.run([*base, "ls-tree", "-r", "-z", "HEAD"], capture_output=True, check=True).stdout
    # A snapshot may lack some blobs: `git archive` gives up on the first, `cat-file` only on that one.
    with subprocess.Popen([*base, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as reader:  # fmt: skip
        for entry in filter(None, listed.split(b"\0")):
            meta, name = entry.split(b"\t", 1)
            mode, kind, blob = meta.split()
            if kind != b"blob" or mode == b"120000":
                continue
            reader.stdin.write(blob + b"\n")
            reader.stdin.flush()
            answer = reader.stdout.readline().split()
            if answer[1:2] == [b"missing"]:
                continue
            content = reader.stdout.read(int(answer[2]))
            reader.stdout.read(1)
            write(into, name.decode("utf-8", "replace"), content)
        reader.stdin.close()
    return head.stdout.strip()


def write(into, name, content):
    if len(content) > LARGEST or name.endswith((".tfstate", ".tfstate.backup")):
        return
    path = into / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def code_directories(tree):
    return sorted({str(p.parent.relative_to(tree)) for p in tree.rglob("*.tf")})


def called(tree, directory):
    """The directories of the local modules that a directory calls, whatever they call in turn included."""
    seen, todo = set(), [directory]
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        for file in (tree / current).glob("*.tf"):
            for source in MODULE.findall(file.read_text("utf-8", "replace")):
                inner = (tree / current / source).resolve()
                if inner.is_dir() and inner.is_relative_to(tree.resolve()):
                    todo.append(str(inner.relative_to(tree.resolve())))
    return seen


def cut(tree, most, seed):
    """Leaves at most about `most` `.tf` files: root directories drawn by the seed, and the modules that they call.

    Says how many directories of how many were kept.
    """
    directories = code_directories(tree)
    files = {d: list((tree / d).glob("*.tf")) for d in directories}
    if sum(map(len, files.values())) <= most:
        return len(directories), len(directories)
    inner = set().union(*(called(tree, d) - {d} for d in directories))
    roots = [d for d in directories if d not in inner]
    random.Random(seed).shuffle(roots)
    keep, number = set(), 0
    for root in roots:
        more = called(tree, root) - keep
        if number + sum(len(files.get(d, ())) for d in more) > most and keep:
            continue
        keep |= more
        number += sum(len(files.get(d, ())) for d in more)
    for directory in directories:
        if directory not in keep:
            for file in files[directory]:
                file.unlink()
    return len(keep), len(directories)


def touched_roots(tree, roots, changed):
    """Those of the root directories that hold or call a directory of a changed file."""
    directories = {str(Path(name).parent) for name in changed}
    return {root for root in roots if called(tree, root or ".") & directories}


def keep_roots(tree, roots):
    """Leaves the code of these roots and of what they call, and takes other code away."""
    keep = set().union(*(called(tree, root or ".") for root in roots)) if roots else set()
    for directory in code_directories(tree):
        if directory not in keep:
            for file in (tree / directory).glob("*.tf"):
                file.unlink()
