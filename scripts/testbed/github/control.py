"""/_double: what a test says to the double. No part of GitHub, and not held against its description."""

import time

from . import access
from .access import Identity, Refused
from .lifecycle import follow, merge
from .routes import HANDLERS, Call, checks, pulls
from .storage import GitFailed, Person
from .world import EVERYTHING, App, Installation, Pull, Token, stamp

REPOSITORY_FACTS = (
    "private", "protected", "collaborators", "archived", "has_issues", "actions_open_pulls", "drafts",
    "truncate_trees",
)  # fmt: skip


class Unclear(Exception):
    """A test said something that the double does not understand."""


class Control:
    def __init__(self, world, faults, journal):
        self.world, self.faults, self.journal = world, faults, journal
        self.posts = {
            "reset": self.reset, "settings": self.settings, "repositories": self.add_repository,
            "repository": self.change_repository, "tokens": self.add_token, "apps": self.add_app,
            "faults": self.faults.add, "release": self.release,
        }  # fmt: skip
        self.gets = {
            "requests": lambda query: self.journal.lines(), "violations": lambda query: self.journal.found(),
            "state": self.state, "held": lambda query: self.faults.waiting(), "file": self.file,
            "settings": lambda query: self.world.settings,
        }  # fmt: skip
        self.acts = {
            "merge": self.merge, "close": self.close, "reopen": self.reopen, "push": self.push,
            "comment": self.comment, "edit-pull": self.edit_pull, "label": self.label,
            "delete-branch": self.delete_branch, "open-issue": self.open_issue, "check": self.check,
            "open-pull": self.open_pull,
        }  # fmt: skip

    def handle(self, method, path, query, body):
        """(status, JSON value)."""
        name = path.removeprefix("/_double/").strip("/")
        try:
            if method == "DELETE" and name == "faults":
                self.faults.clear()
                return 200, {}
            if name == "release":  # what is held may hold the lock of nothing, so take none here
                return 200, self.release(body) or {}
            with self.world.lock:
                if method == "GET" and name in self.gets:
                    return 200, self.gets[name](query)
                if method == "POST" and name in self.posts:
                    return 200, self.posts[name](body) or {}
                if method == "POST" and name.startswith("as-person/") and name[10:] in self.acts:
                    return 200, self.acts[name[10:]](body) or {}
        except Refused as refusal:
            return 409, {"error": refusal.message, "errors": refusal.errors, "status": refusal.status}
        except (Unclear, ValueError, KeyError, TypeError, GitFailed) as problem:
            return 400, {"error": f"{type(problem).__name__}: {problem}"}
        return 404, {"error": f"no such control route: {method} {path}"}

    # Setting the stage.

    def reset(self, _):
        self.world.reset()
        self.faults.reset()
        self.journal.reset()

    def settings(self, body):
        unknown = set(body) - set(self.world.settings)
        if unknown:
            raise Unclear(f"no such setting: {', '.join(sorted(unknown))}")
        self.world.settings |= body
        if "rate_limit" in body:
            for token in self.world.tokens.values():
                token.remaining = body["rate_limit"]
        return self.world.settings

    def release(self, body):
        self.faults.release(body.get("n"))

    def add_repository(self, body):
        facts = {name: body[name] for name in REPOSITORY_FACTS if name in body}
        repository = self.world.add_repository(
            body["owner"], body["name"], default_branch=body.get("default_branch"), **facts
        )
        if "import" in body:
            branch = repository.storage.take_over(body["import"])
            repository.default_branch = body.get("default_branch") or branch
        else:
            repository.storage.create(repository.default_branch)
            files = body.get("files", {"README.md": f"# {body['name']}\n"})
            if files:
                self.commit(repository, f"refs/heads/{repository.default_branch}", files, "Start", self.person("ann"))
        for login in repository.collaborators:
            self.world.account(login)
        return {"full_name": repository.full_name, "git": str(repository.storage.folder)} | self.head(repository)

    def head(self, repository):
        return {"sha": repository.storage.ref(f"refs/heads/{repository.default_branch}")}

    def change_repository(self, body):
        repository = self.repository(body)
        for name in REPOSITORY_FACTS:
            if name in body:
                setattr(repository, name, body[name])
        for login in repository.collaborators:
            self.world.account(login)
        if "rename" in body:
            self.world.rename(repository, body["rename"])

    def add_token(self, body):
        kind = body.get("type", "user")
        if kind not in ("user", "installation", "actions"):
            raise Unclear(f"no such type of token: {kind}")
        login = {"actions": "github-actions[bot]", "installation": "tfmend[bot]", "user": "ann"}[kind]
        account = self.world.account(body.get("login", login))
        everything = {name: "write" for name in EVERYTHING}
        self.world.tokens[body["token"]] = Token(
            body["token"], kind, account, body.get("permissions", everything), body.get("repositories"),
            time.time() + body["expires_in"] if "expires_in" in body else None, scopes=body.get("scopes"),
            remaining=self.world.settings["rate_limit"],
        )  # fmt: skip

    def add_app(self, body):
        """An app by its public key; without one it is given a key, and the private half is the answer."""
        answer = {}
        if "public_key_pem" not in body:
            answer["private_key_pem"], public = access.key_pair()
            body = body | {"public_key_pem": public}
        app = App(body["app_id"], body.get("slug", "tfmend"), body["public_key_pem"].encode(), stamp())
        everything = {name: "write" for name in EVERYTHING}
        for one in body.get("installations", []):
            account = self.world.account(one.get("account", "acme"), "Organization")
            app.installations[one["id"]] = Installation(
                one["id"], app.id, account, one.get("repositories"), one.get("permissions", everything), stamp()
            )
        self.world.apps[app.id] = app
        return answer

    # What a person does on the site.

    def repository(self, body):
        if "repository" in body:
            owner, _, name = body["repository"].partition("/")
        elif "owner" in body:
            owner, name = body["owner"], body["name"]
        elif len(self.world.repositories) == 1:
            return next(iter(self.world.repositories.values()))
        else:
            raise Unclear("say which repository: owner and name")
        found = self.world.repository(owner, name)
        if found is None:
            raise Unclear(f"no such repository: {owner}/{name}")
        return found

    def account(self, body):
        return self.world.account(body.get("login", "ann"))

    def person(self, login):
        name, address = self.world.person(self.world.account(login))
        return Person(name, address, int(time.time()))

    def prepared(self, operation, body, parameters, sent):
        """A call as a person with every permission makes it."""
        repository = self.repository(body)
        account = self.account(body)
        token = Token("", "user", account, {name: "write" for name in EVERYTHING}, None)
        parameters = {"owner": repository.owner.login, "repo": repository.name} | parameters
        here = "http://double"
        return Call(self.world, Identity(token=token), operation, parameters, {}, sent, here, here, "")

    def call(self, operation, body, parameters, sent):
        """Carry an operation of the API out as a person."""
        handler, _ = HANDLERS[operation]
        return handler(self.prepared(operation, body, parameters, sent)).body

    def commit(self, repository, ref, files, message, person, base=None):
        """A commit on top of `base` (a branch's tip) with these files, and a ref on it; null removes one."""
        storage = repository.storage
        changes = []
        for path, file in files.items():
            if file is None:
                changes.append(("100644", "blob", None, path))
                continue
            text, mode = (file, "100644") if isinstance(file, str) else (file["text"], file.get("mode", "100644"))
            changes.append((mode, "blob", storage.write_blob(text.encode()), path))
        tree = storage.write_tree(changes, base)
        commit = storage.write_commit(tree, [base] if base else [], person, person, message)
        storage.update_ref(ref, commit)
        return commit

    def push(self, body):
        repository = self.repository(body)
        storage = repository.storage
        branch = body.get("branch", repository.default_branch)
        base = storage.resolve(body["from"]) if "from" in body else storage.ref(f"refs/heads/{branch}")
        base = base or storage.ref(f"refs/heads/{repository.default_branch}")
        person = self.person(self.account(body).login)
        sha = base
        if "files" in body:
            message = body.get("message", "Change")
            sha = self.commit(repository, f"refs/heads/{branch}", body["files"], message, person, base)
        else:
            storage.update_ref(f"refs/heads/{branch}", base)
        follow(self.world, repository, self.account(body))
        return {"sha": sha, "branch": branch}

    def delete_branch(self, body):
        repository = self.repository(body)
        repository.storage.delete_ref(f"refs/heads/{body['branch']}")
        follow(self.world, repository, self.account(body))

    def merge(self, body):
        repository = self.repository(body)
        issue = repository.issues[body["number"]]
        if issue.pull is None or issue.state != "open":
            raise Unclear(f"#{issue.number} is no open pull request")
        message = f"{issue.title} (#{issue.number})\n"
        commit = merge(
            self.world, repository, issue, self.account(body), body.get("method", "merge"), message,
            self.person(self.account(body).login), body.get("delete_branch", False),
        )  # fmt: skip
        if commit is None:
            raise Unclear(f"#{issue.number} conflicts with {issue.pull.base}")
        return {"sha": commit}

    def state_of(self, body, state):
        sent = {"state": state} | ({"state_reason": body["state_reason"]} if "state_reason" in body else {})
        return self.call("issues/update", body, {"issue_number": str(body["number"])}, sent)

    def close(self, body):
        return self.state_of(body, "closed")

    def reopen(self, body):
        return self.state_of(body, "open")

    def comment(self, body):
        return self.call("issues/create-comment", body, {"issue_number": str(body["number"])}, {"body": body["body"]})

    def open_issue(self, body):
        sent = {name: body[name] for name in ("title", "body", "labels") if name in body}
        return self.call("issues/create", body, {}, sent)

    def open_pull(self, body):
        """ "head" to "base"; with "fork": true the head is a branch of this name in the person's own fork."""
        repository = self.repository(body)
        base = body.get("base", repository.default_branch)
        if not body.get("fork"):
            sent = {name: body[name] for name in ("title", "head", "body", "draft") if name in body} | {"base": base}
            return {"number": self.call("pulls/create", body, {}, sent)["number"]}
        call = self.prepared("pulls/create", body, {}, {})
        base_sha = repository.storage.ref(f"refs/heads/{base}")
        pull = Pull(body["head"], base, base_sha, base_sha, False, True, fork=self.world.fork(repository, call.account))
        person = self.person(call.account.login)
        pull.head_sha = self.commit(repository, pull.head_ref, body["files"], "Change", person, base_sha)
        return {"number": pulls.opened(call, pull, body["title"], body.get("body")).number}

    def edit_pull(self, body):
        """Title, body, base; of an issue the same."""
        number = str(body["number"])
        sent = {name: body[name] for name in ("title", "body", "base") if name in body}
        if self.repository(body).issues[body["number"]].pull:
            return self.call("pulls/update", body, {"pull_number": number}, sent)
        return self.call("issues/update", body, {"issue_number": number}, sent)

    def label(self, body):
        number = str(body["number"])
        if body.get("add"):
            self.call("issues/add-labels", body, {"issue_number": number}, {"labels": body["add"]})
        for name in body.get("remove", []):
            self.call("issues/remove-label", body, {"issue_number": number, "name": name}, {})

    def check(self, body):
        """A check run on a branch's tip (or "sha"): "name", "conclusion" (null: still running)."""
        repository = self.repository(body)
        sha = body.get("sha") or repository.storage.ref(f"refs/heads/{body['branch']}")
        conclusion = body.get("conclusion", "success")
        status = "completed" if conclusion else "in_progress"
        checks.add(self.world, repository, sha, body.get("name", "build"), status, conclusion)

    # What a test looks at.

    def state(self, query):
        whole = {"repositories": {one.full_name: self.shown(one) for one in self.world.repositories.values()}}
        if "repository" in query:
            return self.shown(self.repository(query))
        return whole

    def shown(self, repository):
        pulls, issues = [], []
        names = {key: label.name for key, label in repository.labels.items()}
        for issue in repository.issues.values():
            facts = {
                "number": issue.number, "title": issue.title, "body": issue.body, "state": issue.state,
                "author": issue.author.login, "labels": [names[key] for key in issue.labels],
                "closed_by": issue.closed_by.login if issue.closed_by else None, "reason": issue.reason,
                "created_at": issue.created, "updated_at": issue.updated,
            }  # fmt: skip
            if issue.pull is None:
                issues.append(facts)
                continue
            pull = issue.pull
            pulls.append(
                facts | {
                    "head": pull.head, "head_owner": pull.head_owner(repository), "base": pull.base,
                    "head_sha": pull.head_sha, "base_sha": pull.base_sha,
                    "draft": pull.draft, "merged": pull.merged is not None, "merge_commit": pull.merge_commit,
                    "reviewers": [account.login for account in pull.reviewers], "events": issue.events,
                    "verified": pull.head_sha in repository.verified,
                }
            )  # fmt: skip
        return {
            "default_branch": repository.default_branch,
            "git": str(repository.storage.folder),
            "refs": {
                name: sha
                for name, sha in repository.storage.refs().items()
                if not name.startswith(("refs/pull/", "refs/forks/"))
            },
            "pulls": pulls,
            "issues": issues,
            "comments": [
                {"id": one.id, "number": one.number, "author": one.author.login, "body": one.body}
                for one in repository.comments.values()
            ],
            "labels": [
                {"name": one.name, "color": one.color, "description": one.description}
                for one in repository.labels.values()
            ],
            "dispatches": repository.dispatches,
        }

    def file(self, query):
        """One file at a ref: {"text", "mode", "sha"}, or null."""
        repository = self.repository(query)
        commit = repository.storage.resolve(query.get("ref", repository.default_branch))
        entry = commit and repository.storage.entry(commit, query["path"])
        if not entry or entry.kind != "blob":
            return None
        text = repository.storage.blob(entry.sha).decode(errors="surrogateescape")
        return {"text": text, "mode": entry.mode, "sha": entry.sha}
