"""The repository itself: facts, branches, files, what Actions may do in it."""

import base64
import binascii
import urllib.parse

from ..access import LEVELS, Refused, invalid
from ..lifecycle import follow
from ..storage import GitFailed
from .apps import powers
from .call import Answer, route
from .git_data import signed_commit


@route("repos/get", metadata="read")
def get_repository(call):
    identity = call.identity
    if identity.bot:
        level = max(1, identity.level("contents")) if identity.holds(call.repository) else 1
        permission = {1: "read", 2: "write", 3: "admin"}[level]
    elif identity.token:
        role = call.repository.collaborators.get(call.account.login)
        held = max((LEVELS[value] for value in identity.token.permissions.values()), default=1)
        permission = role or ("write" if identity.holds(call.repository) and held > 1 else "read")
    else:
        permission = "read"
    return Answer(200, call.words.full_repository(call.repository, powers(permission, permission)))


@route("repos/get-branch", contents="read")
def get_branch(call):
    name = call.parameters["branch"]
    sha = call.storage.ref(f"refs/heads/{name}")
    if sha is None:
        raise Refused(404, "Branch not found")
    protected = name in call.repository.protected
    url = f"{call.words.repository_url(call.repository)}/branches/{name}"
    body = {
        "name": name,
        "commit": call.words.commit(call.repository, call.storage.commit(sha)),
        "_links": {"self": url, "html": f"{call.words.html(call.repository)}/tree/{name}"},
        "protected": protected,
        "protection": {
            "enabled": protected,
            "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []},
        },
        "protection_url": f"{url}/protection",
    }
    return Answer(200, body)


@route("repos/list-branches", contents="read")
def list_branches(call):
    url = call.words.repository_url(call.repository)
    branches = []
    for ref, sha in call.storage.refs("refs/heads/").items():
        name = ref.removeprefix("refs/heads/")
        protected = name in call.repository.protected
        if call.query.get("protected") not in (None, str(protected).lower()):
            continue
        branches.append(
            {"name": name, "commit": {"sha": sha, "url": f"{url}/commits/{sha}"}, "protected": protected}
        )  # fmt: skip
    shown, headers = call.page(branches)
    return Answer(200, shown, headers)


@route("actions/get-github-actions-default-workflow-permissions-repository", administration="read")
def workflow_permissions(call):
    allowed = call.repository.actions_open_pulls
    return Answer(200, {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": allowed})


def file_links(call, path, ref, sha, kind):
    url, html = call.words.repository_url(call.repository), call.words.html(call.repository)
    path = urllib.parse.quote(path)
    ref = urllib.parse.quote(ref)
    below = f"{path}?ref={ref}"
    what = "tree" if kind == "tree" else "blob"
    git = f"{url}/git/{'trees' if kind == 'tree' else 'blobs'}/{sha}"
    page = f"{html}/{what}/{ref}/{path}"
    return {
        "url": f"{url}/contents/{below}",
        "git_url": git,
        "html_url": page,
        "download_url": None if kind == "tree" else f"{html}/raw/{ref}/{path}",
        "_links": {"self": f"{url}/contents/{below}", "git": git, "html": page},
    }


@route("repos/get-content", contents="read")
def get_content(call):
    path = call.parameters["path"].strip("/")
    ref = call.query.get("ref") or call.repository.default_branch
    commit = call.storage.resolve(ref.removeprefix("refs/heads/"))
    if commit is None:
        raise Refused(404, f"No commit found for the ref {ref}" if "ref" in call.query else "This repository is empty.")
    entry = call.storage.entry(commit, path)
    if entry is None:
        raise Refused(404, "Not Found")
    if entry.kind == "tree":
        listed = []
        for one in call.storage.tree(entry.sha):
            kind = {"tree": "dir", "commit": "submodule"}.get(one.kind, "symlink" if one.mode == "120000" else "file")
            below = f"{path}/{one.path}"
            facts = {"type": kind, "size": one.size or 0, "name": one.path, "path": below, "sha": one.sha}
            listed.append(facts | file_links(call, below, ref, one.sha, one.kind))
        return Answer(200, listed)
    content = call.storage.blob(entry.sha)
    if "raw" in call.accept:
        return Answer(200, content, {"Content-Type": "application/vnd.github.raw; charset=utf-8"})
    facts = {"size": len(content), "name": path.rsplit("/", 1)[-1], "path": path, "sha": entry.sha}
    facts |= file_links(call, path, ref, entry.sha, "blob")
    if entry.mode == "120000":
        return Answer(200, facts | {"type": "symlink", "target": content.decode(errors="replace")})
    return Answer(200, facts | {"type": "file", "encoding": "base64", "content": base64.encodebytes(content).decode()})


def commit_file(call, change, message):
    """One more commit on a branch with one path changed."""
    branch = call.body.get("branch") or call.repository.default_branch
    before = call.storage.ref(f"refs/heads/{branch}")
    if before is None:
        raise Refused(404, f"Branch {branch} not found")
    if branch in call.repository.protected and call.identity.bot:
        raise Refused(409, "Could not update file: Changes must be made through a pull request.")
    try:
        tree = call.storage.write_tree([change], before)
    except (GitFailed, KeyError):
        raise invalid("Commit", "path", "invalid") from None
    commit = signed_commit(call, tree, [before], message, call.body.get("author"), call.body.get("committer"))
    call.storage.update_ref(f"refs/heads/{branch}", commit, before)
    follow(call.world, call.repository, call.account)
    return branch, before, commit


def file_commit(call, content, commit):
    made = call.words.git_commit(call.repository, call.storage.commit(commit))
    made["verification"] = {**made["verification"]}
    return {"content": content, "commit": made}


@route("repos/create-or-update-file-contents", contents="write")
def put_content(call):
    path = call.parameters["path"].strip("/")
    branch = call.body.get("branch") or call.repository.default_branch
    try:
        content = base64.b64decode(call.body["content"].replace("\n", ""), validate=True)
    except binascii.Error:
        raise Refused(422, "content is not valid Base64") from None
    present = call.storage.entry(f"refs/heads/{branch}", path)
    if present and "sha" not in call.body:
        raise Refused(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if "sha" in call.body and (present is None or present.sha != call.body["sha"]):
        raise Refused(409, f"{path} does not match {call.body['sha']}")
    blob = call.storage.write_blob(content)
    mode = present.mode if present else "100644"
    branch, _, commit = commit_file(call, (mode, "blob", blob, path), call.body["message"])
    facts = {"name": path.rsplit("/", 1)[-1], "path": path, "sha": blob, "size": len(content), "type": "file"}
    facts |= file_links(call, path, branch, blob, "blob")
    return Answer(200 if present else 201, file_commit(call, facts, commit))


@route("repos/delete-file", contents="write")
def delete_content(call):
    path = call.parameters["path"].strip("/")
    branch = call.body.get("branch") or call.repository.default_branch
    present = call.storage.entry(f"refs/heads/{branch}", path)
    if present is None:
        raise Refused(404, "Not Found")
    if present.sha != call.body["sha"]:
        raise Refused(409, f"{path} does not match {call.body['sha']}")
    _, _, commit = commit_file(call, (present.mode, "blob", None, path), call.body["message"])
    return Answer(200, file_commit(call, None, commit))
