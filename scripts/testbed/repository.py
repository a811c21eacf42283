"""The team's repository and its forge: a clone in which a person merges what tfmend proposes."""

import os
import shutil
from pathlib import Path

from .command import CommandFailed, run

IGNORED = ".terraform/\n.terraform.lock.hcl\n*.tfstate\n*.tfstate.*\n*.tfplan\n"


class Repository:
    """A clone of the estate on branch main, and the bare repository of the local forge beside it."""

    def __init__(self, estate, folder):
        self.clone = Path(folder) / "clone"
        self.forge = Path(folder) / "forge"
        self.environment = os.environ | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "Platform Team",
            "GIT_AUTHOR_EMAIL": "platform@example.com",
            "GIT_COMMITTER_NAME": "Platform Team",
            "GIT_COMMITTER_EMAIL": "platform@example.com",
        }
        shutil.copytree(estate, self.clone, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        (self.clone / ".gitignore").write_text(IGNORED, encoding="utf-8")
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "The estate as it is")

    @property
    def bare(self):
        return self.forge / "repository.git"

    def git(self, *arguments, accept=(0,)):
        command = ["git", "-C", self.clone, *arguments]
        return run(command, env=self.environment, accept=accept)

    def merge(self, branch):
        """Merge a pull request's branch as a person would; False when it conflicts with main."""
        self.git("fetch", "--quiet", self.bare, f"refs/heads/{branch}")
        code, _, _ = self.git(
            "merge", "--quiet", "--no-ff", "--message", f"Merge {branch}", "FETCH_HEAD", accept=(0, 1)
        )
        if code != 0:
            self.git("merge", "--abort")
            return False
        self.git("push", "--quiet", self.bare, "main:main")
        return True

    def changed(self):
        """One line for each file that differs from the estate as it was."""
        _, stdout, _ = self.git("log", "--format=%H", "--reverse", "--max-parents=0")
        _, stat, _ = self.git("diff", "--stat", stdout.split()[0], "HEAD")
        return stat

    def is_clean(self):
        _, stdout, _ = self.git("status", "--porcelain")
        if stdout.strip():
            raise CommandFailed(f"the run left changes in the working tree of {self.clone}:\n{stdout}")
