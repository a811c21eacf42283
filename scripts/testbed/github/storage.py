"""The bare Git repository behind one repository of the double. Nothing here knows GitHub."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ZERO = "0" * 40
STATUS = {"A": "added", "D": "removed", "M": "modified", "T": "changed", "R": "renamed", "C": "copied"}


# Pull requests' own refs can be fetched but not pushed, and nothing tidies up behind a test's back.
CONFIGURATION = """
[http]
\treceivepack = true
[transfer]
\thideRefs = refs/forks
[receive]
\tautogc = false
\thideRefs = refs/pull
[uploadpack]
\tallowFilter = true
\tallowReachableSHA1InWant = true
[gc]
\tauto = 0
"""
# Runs before a pushed ref moves. Its variables come from transport.py; unset, it lets everything pass.
UPDATE_HOOK = """#!/bin/sh
zero=0000000000000000000000000000000000000000
for branch in $DOUBLE_PROTECTED; do
  if [ "refs/heads/$branch" = "$1" ]; then
    echo "error: GH006: Protected branch update failed for $1." >&2
    echo "error: Changes must be made through a pull request." >&2
    exit 1
  fi
done
if [ "$DOUBLE_WORKFLOWS" = no ] && [ "$3" != $zero ]; then
  base=$2
  [ "$base" = $zero ] && base=$DOUBLE_BASE
  if ! git diff --quiet "$base" "$3" -- .github/workflows; then
    echo "refusing to allow a GitHub App to create or update workflow without the permission workflows" >&2
    exit 1
  fi
fi
"""


class GitFailed(Exception):
    """Git refused; the message is what it printed."""


@dataclass(frozen=True)
class Entry:
    mode: str
    kind: str
    sha: str
    size: int | None
    path: str


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    seconds: int


@dataclass(frozen=True)
class Commit:
    sha: str
    tree: str
    parents: tuple
    author: Person
    committer: Person
    message: str


@dataclass(frozen=True)
class FileChange:
    path: str
    before: str | None
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str | None


def clean_environment():
    """No configuration and no variable of the machine reaches Git here."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return ours | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


ENVIRONMENT = clean_environment()


def person(line):
    """`Ann <ann@example.com> 1700000000 +0200`, the zone is left aside."""
    name, _, rest = line.partition(" <")
    email, _, when = rest.rpartition("> ")
    return Person(name, email, int(when.split()[0]))


class Storage:
    def __init__(self, folder):
        self.folder = Path(folder)

    def git(self, *arguments, stdin=b"", environment=None, check=True):
        done = subprocess.run(
            ["git", "--git-dir", str(self.folder), *arguments],
            input=stdin, capture_output=True, env={**ENVIRONMENT, **(environment or {})}, check=False,
        )  # fmt: skip
        if check and done.returncode != 0:
            raise GitFailed(done.stderr.decode(errors="replace").strip() or f"git {arguments[0]} failed")
        return done

    def text(self, *arguments, **options):
        return self.git(*arguments, **options).stdout.decode(errors="surrogateescape").strip()

    def create(self, default_branch):
        self.folder.mkdir(parents=True)
        self.git("init", "--quiet", "--bare", f"--initial-branch={default_branch}", str(self.folder))
        self.configure()

    def take_over(self, source):
        """A copy of a local repository: its branches and tags. Gives the name of its branch."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["git", "clone", "--quiet", "--bare", "--no-hardlinks", str(source), str(self.folder)],
            capture_output=True, env=ENVIRONMENT, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise GitFailed(done.stderr.decode(errors="replace").strip())
        self.git("remote", "remove", "origin", check=False)
        self.configure()
        return self.text("symbolic-ref", "--short", "HEAD")

    def configure(self):
        with open(self.folder / "config", "a", encoding="utf-8") as config:
            config.write(CONFIGURATION)
        hook = self.folder / "hooks" / "update"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(UPDATE_HOOK, encoding="utf-8")
        hook.chmod(0o755)

    # Objects.

    def kind(self, sha):
        """blob, tree, commit or tag; None when there is no such object."""
        if len(sha) != 40 or any(letter not in "0123456789abcdef" for letter in sha):
            return None
        done = self.git("cat-file", "-t", sha, check=False)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def write_blob(self, content):
        return self.text("hash-object", "-w", "--stdin", stdin=content)

    def blob(self, sha):
        return self.git("cat-file", "blob", sha).stdout

    def tree(self, sha, recursive=False):
        options = ["-r", "-t"] if recursive else []
        listed = self.git("ls-tree", "-z", "-l", "--full-tree", *options, sha).stdout
        entries = []
        for line in listed.decode(errors="surrogateescape").split("\0"):
            if line:
                facts, path = line.split("\t", 1)
                mode, kind, blob, size = facts.split()
                entries.append(Entry(mode, kind, blob, None if size == "-" else int(size), path))
        return entries

    def entry(self, commit, path):
        """What a path is in a commit, or None."""
        listed = self.git("ls-tree", "-z", "-l", "--full-tree", commit, "--", path, check=False)
        line = listed.stdout.decode(errors="surrogateescape").rstrip("\0")
        if listed.returncode != 0 or not line or "\0" in line:
            return None
        facts, name = line.split("\t", 1)
        mode, kind, sha, size = facts.split()
        return Entry(mode, kind, sha, None if size == "-" else int(size), name)

    def write_tree(self, changes, base):
        """A tree: `base` (or nothing) with (mode, kind, sha or None, path) laid over it.

        Raises KeyError with a path that was to go and is not there.
        """
        index = self.folder / f"index-{os.getpid()}-{id(changes)}"
        environment = {"GIT_INDEX_FILE": str(index)}
        try:
            if base:
                self.git("read-tree", base, environment=environment)
            for mode, kind, sha, path in changes:
                if sha is None:
                    present = self.git("ls-files", "-z", "--", f":(literal){path}", environment=environment).stdout
                    if not present:
                        raise KeyError(path)
                    self.forget(present, environment)
                elif kind == "tree":
                    below = self.git("ls-files", "-z", "--", f":(literal){path}", environment=environment).stdout
                    self.forget(below, environment)
                    self.git("read-tree", f"--prefix={path}/", sha, environment=environment)
                else:
                    entry = f"{mode},{sha},{path}"
                    self.git("update-index", "--add", "--replace", "--cacheinfo", entry, environment=environment)
            return self.text("write-tree", environment=environment)
        finally:
            index.unlink(missing_ok=True)

    def forget(self, names, environment):
        """Take paths (ended by NUL each) out of an index."""
        lines = b"".join(f"0 {ZERO}\t".encode() + name + b"\0" for name in names.split(b"\0") if name)
        self.git("update-index", "-z", "--index-info", stdin=lines, environment=environment)

    def write_commit(self, tree, parents, author, committer, message):
        lines = [f"tree {tree}"] + [f"parent {parent}" for parent in parents]
        for role, who in (("author", author), ("committer", committer)):
            lines.append(f"{role} {who.name} <{who.email}> {who.seconds} +0000")
        content = "\n".join(lines) + "\n\n" + message
        return self.text("hash-object", "-t", "commit", "-w", "--stdin", stdin=content.encode(errors="surrogateescape"))

    def raw_commit(self, sha):
        return self.git("cat-file", "commit", sha).stdout.decode(errors="replace")

    def commit(self, sha):
        head, _, message = self.raw_commit(sha).partition("\n\n")
        fields, parents = {}, []
        for line in head.split("\n"):
            name, _, value = line.partition(" ")
            if name == "parent":
                parents.append(value)
            elif name:
                fields.setdefault(name, value)
        return Commit(
            sha, fields["tree"], tuple(parents), person(fields["author"]), person(fields["committer"]), message
        )

    # Refs and history.

    def refs(self, prefix="refs/"):
        """Full name → object, in Git's order."""
        listed = self.text("for-each-ref", "--format=%(refname) %(objectname)", prefix.rstrip("/"))
        return dict(line.split(" ") for line in listed.split("\n") if line)

    def ref(self, name):
        done = self.git("rev-parse", "--verify", "--quiet", "--end-of-options", name, check=False)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def valid_ref(self, name):
        return self.git("check-ref-format", name, check=False).returncode == 0

    def update_ref(self, name, sha, before=None):
        self.git("update-ref", name, sha, *([before] if before else []))

    def delete_ref(self, name):
        self.git("update-ref", "-d", name)

    def resolve(self, name):
        """A commit from a branch, a tag or an id; None when there is none."""
        for full in (f"refs/heads/{name}", f"refs/tags/{name}", name):
            done = self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{full}^{{commit}}", check=False)
            if done.returncode == 0:
                return done.stdout.decode().strip()
        return None

    def is_ancestor(self, older, newer):
        return self.git("merge-base", "--is-ancestor", older, newer, check=False).returncode == 0

    def merge_base(self, one, other):
        done = self.git("merge-base", one, other, check=False)
        return done.stdout.decode().strip() or None

    def log(self, *arguments):
        """Commit ids, newest first."""
        return [line for line in self.text("rev-list", *arguments).split("\n") if line]

    def merge_tree(self, base, head):
        """The tree of a merge; None when it conflicts."""
        done = self.git("merge-tree", "--write-tree", base, head, check=False)
        if done.returncode == 0:
            return done.stdout.decode().split("\n")[0].strip()
        if done.returncode == 1:
            return None
        raise GitFailed(done.stderr.decode(errors="replace").strip())

    def changes(self, before, after):
        """The files that differ between two trees or commits, with their patches."""
        options = ["-M", "--no-color", "--no-ext-diff"]
        raw = self.git("diff-tree", "-r", "-z", "--raw", "--no-abbrev", *options, before, after).stdout
        parts = raw.decode(errors="surrogateescape").split("\0")
        found = []
        while len(parts) > 1:
            _, _, _, sha, letter = parts.pop(0).split(" ")
            old = parts.pop(0)
            path = parts.pop(0) if letter[0] in "RC" else old
            status = STATUS[letter[0]]
            both = [old, path] if old != path else [path]
            literal = [f":(literal){name}" for name in both]
            counted = self.text("diff-tree", "-r", "--numstat", *options, before, after, "--", *literal)
            added, deleted = (counted.split("\t") + ["0", "0"])[:2] if counted else ("0", "0")
            patch = None
            if added != "-":
                patch = self.git("diff-tree", "-r", "-p", *options, before, after, "--", *literal).stdout
                patch = patch.decode(errors="replace")
                patch = patch[patch.find("\n@@") + 1 :].rstrip("\n") if "\n@@" in patch else None
            if letter[0] == "D":
                sha = self.text("rev-parse", f"{before}:{old}")
            found.append(
                FileChange(path, old if old != path else None, status, sha,
                           0 if added == "-" else int(added), 0 if deleted == "-" else int(deleted), patch)
            )  # fmt: skip
        return found
