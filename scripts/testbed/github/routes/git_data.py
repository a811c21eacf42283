"""The Git Data API: refs, blobs, trees, commits. Nothing is rendered before Git has done it."""

import base64
import binascii
import re
import time
from datetime import datetime

from ..access import Refused, invalid
from ..lifecycle import follow
from ..storage import GitFailed, Person
from ..world import stamp
from .call import Answer, route

SHA = re.compile(r"[0-9a-f]{40}")


def empty(call):
    """Objects of an empty repository cannot be had or made."""
    if not call.storage.refs("refs/heads/"):
        raise Refused(409, "Git Repository is empty.")


def visible(call):
    """The refs that the API knows: not those of forks, which share this storage."""
    return {name: sha for name, sha in call.storage.refs().items() if not name.startswith("refs/forks/")}


@route("git/get-ref", contents="read")
def get_ref(call):
    empty(call)
    name = "refs/" + call.parameters["ref"]
    sha = visible(call).get(name)
    if sha is None:
        raise Refused(404, "Not Found")
    return Answer(200, call.words.ref(call.repository, name, sha))


@route("git/list-matching-refs", contents="read")
def matching_refs(call):
    empty(call)
    prefix = "refs/" + call.parameters["ref"]
    found = [(name, sha) for name, sha in visible(call).items() if name.startswith(prefix)]
    shown, headers = call.page(found) if "per_page" in call.query else (found, {})
    return Answer(200, [call.words.ref(call.repository, name, sha) for name, sha in shown], headers)


def guarded(call, name):
    branch = name.removeprefix("refs/heads/")
    if name.startswith("refs/heads/") and branch in call.repository.protected:
        raise Refused(422, "Protected branch update failed for " + name, [])
    if name.startswith("refs/pull/"):
        raise Refused(422, "Reference cannot be updated")


def touches_workflows(call, name, sha):
    """An app needs `workflows` to bring a changed workflow file onto a branch."""
    if not call.identity.bot or call.identity.level("workflows") >= 2:
        return
    old = call.storage.ref(name) or call.storage.ref(f"refs/heads/{call.repository.default_branch}")
    new = call.storage.entry(sha, ".github/workflows")
    present = call.storage.entry(old, ".github/workflows") if old else None
    if (new and new.sha) != (present and present.sha):
        raise Refused(403, "Resource not accessible by integration")


@route("git/create-ref", contents="write")
def create_ref(call):
    call.writable()
    name, sha = call.body["ref"], call.body["sha"]
    if not name.startswith("refs/") or name.count("/") < 2:
        raise Refused(422, "Reference name must start with 'refs/' and contain at least two slashes.", [])
    if not call.storage.valid_ref(name):
        raise Refused(422, f"{name} is not a valid ref name.", [])
    if not SHA.fullmatch(sha):
        raise Refused(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].", [])
    kind = call.storage.kind(sha)
    if kind is None or (kind != "commit" and name.startswith("refs/heads/")):
        raise Refused(422, "Object does not exist", [])
    if name in call.storage.refs():
        raise Refused(422, "Reference already exists", [])
    touches_workflows(call, name, sha)
    try:
        call.storage.update_ref(name, sha, "0" * 40)
    except GitFailed:
        raise Refused(422, "Reference update failed", []) from None
    follow(call.world, call.repository, call.account)
    return Answer(201, call.words.ref(call.repository, name, sha))


@route("git/update-ref", contents="write")
def update_ref(call):
    call.writable()
    name, sha, force = "refs/" + call.parameters["ref"], call.body["sha"], call.body.get("force", False)
    before = visible(call).get(name)
    if before is None:
        raise Refused(422, "Reference does not exist", [])
    if not SHA.fullmatch(sha) or call.storage.kind(sha) is None:
        raise Refused(422, "Object does not exist", [])
    guarded(call, name)
    if not force and not call.storage.is_ancestor(before, sha):
        raise Refused(422, "Update is not a fast forward", [])
    touches_workflows(call, name, sha)
    call.storage.update_ref(name, sha, before)
    follow(call.world, call.repository, call.account)
    return Answer(200, call.words.ref(call.repository, name, sha))


@route("git/delete-ref", contents="write")
def delete_ref(call):
    call.writable()
    name = "refs/" + call.parameters["ref"]
    if name not in visible(call):
        raise Refused(422, "Reference does not exist", [])
    if name == f"refs/heads/{call.repository.default_branch}":
        raise Refused(422, "Cannot delete the default branch", [])
    guarded(call, name)
    call.storage.delete_ref(name)
    follow(call.world, call.repository, call.account)
    return Answer(204)


@route("git/create-blob", contents="write")
def create_blob(call):
    call.writable()
    empty(call)
    encoding, content = call.body.get("encoding", "utf-8"), call.body["content"]
    if encoding == "base64":
        try:
            raw = base64.b64decode(re.sub(r"\s", "", content), validate=True)
        except binascii.Error:
            raise Refused(422, "content is not valid Base64", []) from None
    elif encoding == "utf-8":
        raw = content.encode()
    else:
        raise Refused(422, "encoding must be one of: utf-8, base64", [])
    sha = call.storage.write_blob(raw)
    return Answer(201, {"sha": sha, "url": f"{call.words.repository_url(call.repository)}/git/blobs/{sha}"})


@route("git/get-blob", contents="read")
def get_blob(call):
    sha = call.parameters["file_sha"]
    if call.storage.kind(sha) != "blob":
        raise Refused(404, "Not Found")
    content = call.storage.blob(sha)
    if "raw" in call.accept:
        return Answer(200, content, {"Content-Type": "application/vnd.github.raw; charset=utf-8"})
    body = {
        "sha": sha,
        "node_id": "B_" + sha,
        "size": len(content),
        "url": f"{call.words.repository_url(call.repository)}/git/blobs/{sha}",
        "content": base64.encodebytes(content).decode(),
        "encoding": "base64",
    }
    return Answer(200, body)


def tree_body(call, sha, recursive=False):
    url = f"{call.words.repository_url(call.repository)}/git"
    listed = []
    for entry in call.storage.tree(sha, recursive):
        line = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
        if entry.kind == "blob":
            line |= {"size": entry.size, "url": f"{url}/blobs/{entry.sha}"}
        elif entry.kind == "tree":
            line["url"] = f"{url}/trees/{entry.sha}"
        listed.append(line)
    limit = call.repository.truncate_trees
    truncated = bool(limit) and recursive and len(listed) > limit
    return {
        "sha": sha,
        "url": f"{url}/trees/{sha}",
        "tree": listed[:limit] if truncated else listed,
        "truncated": truncated,
    }


@route("git/get-tree", contents="read")
def get_tree(call):
    empty(call)
    name = call.parameters["tree_sha"]
    sha = name if call.storage.kind(name) == "tree" else None
    if sha is None:
        commit = call.storage.resolve(name)
        if commit is None:
            raise Refused(404, "Not Found")
        sha = call.storage.commit(commit).tree
    return Answer(200, tree_body(call, sha, "recursive" in call.query))


@route("git/create-tree", contents="write")
def create_tree(call):
    call.writable()
    empty(call)
    base = call.body.get("base_tree")
    if base is not None:
        kind = call.storage.kind(base)
        if kind == "commit":
            base = call.storage.commit(base).tree
        elif kind != "tree":
            raise Refused(422, "base_tree is not a valid tree oid", [])
    changes = []
    for entry in call.body["tree"]:
        path, mode, kind = entry.get("path"), entry.get("mode"), entry.get("type")
        if not path or mode is None:
            raise Refused(422, "tree.path and tree.mode are required", [])
        if path.startswith("/"):
            raise Refused(422, "tree.path cannot start with a slash", [])
        parts = path.split("/")
        if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
            raise Refused(422, "tree.path contains a malformed path component", [])
        kind = kind or {"040000": "tree", "160000": "commit"}.get(mode, "blob")
        if "content" in entry and entry.get("sha"):
            raise Refused(422, "Must supply either tree.sha or tree.content, not both", [])
        if "content" in entry:
            sha = call.storage.write_blob(entry["content"].encode())
        elif "sha" in entry:
            sha = entry["sha"]
            if sha is not None and kind != "commit" and call.storage.kind(sha) != kind:
                raise Refused(422, f"tree.sha {sha} is not a valid {kind}", [])
        else:
            raise Refused(422, "Must supply either tree.sha or tree.content", [])
        changes.append((mode, kind, sha, path))
    try:
        made = call.storage.write_tree(changes, base)
    except (KeyError, GitFailed):
        raise Refused(422, "GitRPC::BadObjectState", []) from None
    return Answer(201, tree_body(call, made))


def moment(text):
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) if text else int(time.time())


def signed_commit(call, tree, parents, message, author, committer):
    """A commit as the API makes it: signed by GitHub exactly when a bot names nobody else."""
    name, address = call.world.person(call.account)
    own = Person(name, address, int(time.time()))
    named = [Person(who["name"], who["email"], moment(who.get("date"))) if who else None for who in (author, committer)]
    if call.identity.bot and author is None and committer is None:
        github = Person("GitHub", "noreply@github.com", own.seconds)
        sha = call.storage.write_commit(tree, parents, own, github, message)
        call.repository.verified[sha] = stamp()
        return sha
    written_by = named[0] or own
    return call.storage.write_commit(tree, parents, written_by, named[1] or named[0] or own, message)


@route("git/create-commit", contents="write")
def create_commit(call):
    call.writable()
    empty(call)
    tree, parents = call.body["tree"], call.body.get("parents", [])
    if call.storage.kind(tree) != "tree":
        raise Refused(422, "Tree SHA does not exist", [])
    for parent in parents:
        if call.storage.kind(parent) != "commit":
            raise Refused(422, "Parent SHA does not exist or is not a commit object", [])
    author, committer = call.body.get("author"), call.body.get("committer")
    if committer and not {"name", "email"} <= set(committer):
        raise invalid("Commit", "committer", "missing_field")
    made = signed_commit(call, tree, parents, call.body["message"], author, committer)
    return Answer(201, call.words.git_commit(call.repository, call.storage.commit(made)))


@route("git/get-commit", contents="read")
def get_commit(call):
    sha = call.parameters["commit_sha"]
    if call.storage.kind(sha) != "commit":
        raise Refused(404, "Not Found")
    return Answer(200, call.words.git_commit(call.repository, call.storage.commit(sha)))
