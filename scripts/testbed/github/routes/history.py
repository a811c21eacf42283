"""Commits as history: lists, one commit, and what lies between two."""

import urllib.parse
from datetime import datetime

from ..access import Refused
from .call import Answer, route


def resolved(call, name):
    sha = call.storage.resolve(name)
    if sha is None:
        raise Refused(404, "Not Found")
    return sha


@route("repos/list-commits", contents="read")
def list_commits(call):
    if not call.storage.refs("refs/heads/"):
        raise Refused(409, "Git Repository is empty.")
    arguments = [resolved(call, call.query.get("sha") or call.repository.default_branch)]
    for name in ("since", "until"):
        if name in call.query:
            moment = datetime.fromisoformat(call.query[name].replace("Z", "+00:00"))
            arguments.append(f"--{name}={int(moment.timestamp())}")
    if "path" in call.query:
        arguments += ["--", f":(literal){call.query['path']}"]
    shown, headers = call.page(call.storage.log(*arguments))
    return Answer(200, [call.words.commit(call.repository, call.storage.commit(sha)) for sha in shown], headers)


@route("repos/get-commit", contents="read")
def get_commit(call):
    name = call.parameters["ref"]
    sha = call.storage.resolve(name)
    if sha is None:
        raise Refused(422, f"No commit found for SHA: {name}", [])
    commit = call.storage.commit(sha)
    empty_tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    if not commit.parents:
        call.storage.git("hash-object", "-t", "tree", "-w", "--stdin")
    changes = call.storage.changes(commit.parents[0] if commit.parents else empty_tree, sha)
    added, deleted = sum(one.additions for one in changes), sum(one.deletions for one in changes)
    shown, headers = call.page(changes)
    body = call.words.commit(call.repository, commit) | {
        "stats": {"additions": added, "deletions": deleted, "total": added + deleted},
        "files": [call.words.file_change(call.repository, one, sha) for one in shown],
    }
    return Answer(200, body, headers)


@route("repos/compare-commits-with-basehead", contents="read")
def compare(call):
    base_name, dots, head_name = call.parameters["basehead"].partition("...")
    if not dots:
        raise Refused(404, "Not Found")
    own = call.repository.owner.login + ":"
    base, head = resolved(call, base_name.removeprefix(own)), resolved(call, head_name.removeprefix(own))
    common = call.storage.merge_base(base, head)
    if common is None:
        raise Refused(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = call.storage.log(f"{base}..{head}"), call.storage.log(f"{head}..{base}")
    status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    commits = list(reversed(ahead))
    shown, headers = call.page(commits) if {"page", "per_page"} & set(call.query) else (commits[:250], {})
    url, html = call.words.repository_url(call.repository), call.words.html(call.repository)
    names = urllib.parse.quote(f"{base_name}...{head_name}")
    words = call.words

    def worded(sha):
        return words.commit(call.repository, call.storage.commit(sha))

    body = {
        "url": f"{url}/compare/{names}",
        "html_url": f"{html}/compare/{names}",
        "permalink_url": f"{html}/compare/{base[:12]}...{head[:12]}",
        "diff_url": f"{html}/compare/{names}.diff",
        "patch_url": f"{html}/compare/{names}.patch",
        "base_commit": worded(base),
        "merge_base_commit": worded(common),
        "status": status.get((bool(ahead), bool(behind)), "diverged"),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [worded(sha) for sha in shown],
        "files": [words.file_change(call.repository, one, head) for one in call.storage.changes(common, head)[:300]],
    }
    return Answer(200, body, headers)


@route("repos/list-pull-requests-associated-with-commit", pull_requests="read", contents="read")
def pulls_of_commit(call):
    sha = resolved(call, call.parameters["commit_sha"])
    found = [
        issue
        for issue in call.repository.issues.values()
        if issue.pull and (issue.pull.merge_commit == sha or call.storage.is_ancestor(sha, issue.pull.head_sha))
    ]
    shown, headers = call.page(found)
    return Answer(200, [call.words.simple_pull(call.repository, issue) for issue in shown], headers)
