"""What exists on the double, without any words of the API: values and the clock."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from .storage import Storage

# A label that an issue is given and the repository does not have is made with this colour.
PLAIN_COLOUR = "ededed"


def stamp(seconds=None):
    """GitHub's times: UTC, whole seconds."""
    moment = datetime.fromtimestamp(time.time() if seconds is None else seconds, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Account:
    login: str
    id: int
    type: str  # User, Organization, Bot


@dataclass
class Token:
    secret: str
    kind: str  # user, installation, actions
    account: Account
    permissions: dict
    repositories: list | None  # full names; None: all there are
    expires: float | None = None
    installation: int | None = None
    scopes: list | None = None  # of a classic personal access token
    remaining: int = 5000


@dataclass
class Installation:
    id: int
    app_id: int
    account: Account
    repositories: list | None
    permissions: dict
    created: str


@dataclass
class App:
    id: int
    slug: str
    key: bytes
    created: str
    installations: dict = field(default_factory=dict)


@dataclass
class Label:
    id: int
    name: str
    color: str
    description: str | None
    unseen: int = 0


@dataclass
class Comment:
    id: int
    number: int
    author: Account
    body: str
    created: str
    updated: str
    unseen: int = 0


@dataclass
class Pull:
    """What a pull request has beyond an issue."""

    head: str  # branch
    base: str
    head_sha: str
    base_sha: str
    draft: bool
    maintainer_can_modify: bool
    merged: str | None = None
    merged_by: Account | None = None
    merge_commit: str | None = None
    reviewers: list = field(default_factory=list)
    unknown: int = 0  # how many more GETs find `mergeable: null`
    forced_when_closed: bool = False
    fork: object = None  # the Repository that the head is in, when it is not this one

    @property
    def head_ref(self):
        """Where the head is in the one storage; forks have a corner that nobody sees."""
        return f"refs/forks/{self.fork.owner.login}/{self.head}" if self.fork else f"refs/heads/{self.head}"

    def head_owner(self, repository):
        return (self.fork or repository).owner.login


@dataclass
class Issue:
    id: int
    number: int
    author: Account
    title: str
    body: str | None
    created: str
    updated: str
    state: str = "open"
    reason: str | None = None
    closed: str | None = None
    closed_by: Account | None = None
    labels: list = field(default_factory=list)  # lower-case names
    assignees: list = field(default_factory=list)
    pull: Pull | None = None
    unseen: int = 0
    events: list = field(default_factory=list)


@dataclass
class Repository:
    id: int
    owner: Account
    name: str
    private: bool
    default_branch: str
    storage: Storage
    created: str
    pushed: str
    issues: dict = field(default_factory=dict)
    comments: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    verified: dict = field(default_factory=dict)  # commit → when it was signed
    protected: list = field(default_factory=list)
    collaborators: dict = field(default_factory=dict)  # login → permission
    dispatches: list = field(default_factory=list)
    archived: bool = False
    fork: bool = False
    has_issues: bool = True
    actions_open_pulls: bool = True
    drafts: bool = True
    truncate_trees: int = 0
    reactions: list = field(default_factory=list)
    checks: list = field(default_factory=list)  # {"sha", "name", "conclusion", …}

    @property
    def full_name(self):
        return f"{self.owner.login}/{self.name}"


DEFAULTS = {
    "stale_lists": 0,  # how many list calls do not see what was just made
    "mergeable_null": 1,  # how many GETs find `mergeable: null` after a change
    "installation_token_seconds": 3600,
    "write_gap_ms": 0,  # writes closer than this meet the secondary limit
    "rate_limit": 5000,
}
EVERYTHING = ("contents", "pull_requests", "issues", "metadata", "statuses", "checks", "actions", "workflows")


class World:
    """Everything there is. `lock` is held while a request is carried out."""

    def __init__(self, data):
        self.data = Path(data)
        self.lock = threading.RLock()
        self.reset()

    def reset(self):
        self.generation = getattr(self, "generation", 0) + 1
        self.accounts, self.tokens, self.apps, self.repositories, self.moved = {}, {}, {}, {}, {}
        self.settings = dict(DEFAULTS)
        self.last_id = 1000
        self.last_write = 0.0
        bot = self.account("tfmend[bot]", "Bot")
        everything = {name: "write" for name in EVERYTHING}
        self.tokens["ghs_test"] = Token("ghs_test", "installation", bot, everything, None)

    def next_id(self):
        self.last_id += 1
        return self.last_id

    def account(self, login, kind=None):
        found = self.accounts.get(login.lower())
        if found is None:
            found = Account(login, self.next_id(), kind or ("Bot" if login.endswith("[bot]") else "User"))
            self.accounts[login.lower()] = found
        elif kind:
            found.type = kind
        return found

    def repository(self, owner, name):
        return self.repositories.get(f"{owner}/{name}".lower())

    def add_repository(self, owner, name, **facts):
        if self.repository(owner, name):
            raise ValueError(f"{owner}/{name} exists")
        folder = self.data / "repositories" / str(self.generation) / owner.lower() / f"{name.lower()}.git"
        now = stamp()
        made = Repository(
            self.next_id(), self.account(owner, "Organization"), name, facts.pop("private", True),
            facts.pop("default_branch", None) or "main", Storage(folder), now, now, **facts,
        )  # fmt: skip
        self.repositories[made.full_name.lower()] = made
        return made

    def fork(self, repository, account):
        """A person's public fork: an owner and a name, over the same storage."""
        now = stamp()
        return Repository(
            self.next_id(), account, repository.name, repository.private, repository.default_branch,
            repository.storage, now, now, fork=True,
        )  # fmt: skip

    def rename(self, repository, name):
        """Under its old name it is still found, by a redirect."""
        old = repository.full_name.lower()
        if self.repository(repository.owner.login, name):
            raise ValueError(f"{repository.owner.login}/{name} exists")
        repository.name = name
        self.moved[old] = self.repositories[repository.full_name.lower()] = self.repositories.pop(old)

    def installations(self):
        for app in self.apps.values():
            for installation in app.installations.values():
                yield app, installation

    def path_of(self, number):
        """The path under which the API has a repository now; one that leads nowhere if there is none."""
        for repository in self.repositories.values():
            if repository.id == number:
                return f"/repos/{repository.full_name}"
        return f"/repos/{number}/gone"

    def next_number(self, repository):
        return max(repository.issues, default=0) + 1

    def person(self, identity):
        """Name and address that GitHub writes into a commit of an account."""
        return identity.login, f"{identity.id}+{identity.login}@users.noreply.github.com"
