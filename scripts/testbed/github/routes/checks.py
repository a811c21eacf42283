"""What other programs and rules say about a commit or a branch. Tests set it, nothing runs here."""

import urllib.parse

from ..access import Refused
from ..views import node
from ..world import stamp
from .call import Answer, route
from .history import resolved


def check_run(call, check):
    url = f"{call.words.repository_url(call.repository)}/check-runs/{check['id']}"
    page = f"{call.words.html(call.repository)}/runs/{check['id']}"
    return {
        "id": check["id"],
        "node_id": node("CheckRun", check["id"]),
        "external_id": "",
        "head_sha": check["sha"],
        "name": check["name"],
        "url": url,
        "html_url": page,
        "details_url": page,
        "status": check["status"],
        "conclusion": check["conclusion"],
        "started_at": check["at"],
        "completed_at": check["at"] if check["status"] == "completed" else None,
        "check_suite": {"id": check["id"]},
        "app": None,
        "output": {
            "title": None, "summary": None, "text": None,
            "annotations_count": 0, "annotations_url": f"{url}/annotations",
        },
        "pull_requests": [],
    }  # fmt: skip


def add(world, repository, sha, name, status, conclusion):
    repository.checks.append(
        {"id": world.next_id(), "sha": sha, "name": name, "status": status, "conclusion": conclusion, "at": stamp()}
    )


@route("checks/list-for-ref", checks="read")
def list_checks(call):
    sha = resolved(call, call.parameters["ref"].removeprefix("heads/"))
    wanted = call.query.get("check_name"), call.query.get("status")
    found = [
        check
        for check in call.repository.checks
        if check["sha"] == sha and wanted[0] in (None, check["name"]) and wanted[1] in (None, check["status"])
    ]
    page, headers = call.page(found)
    return Answer(200, {"total_count": len(found), "check_runs": [check_run(call, one) for one in page]}, headers)


@route("repos/get-combined-status-for-ref", statuses="read")
def combined_status(call):
    sha = resolved(call, call.parameters["ref"].removeprefix("heads/"))
    url = call.words.repository_url(call.repository)
    body = {
        "state": "pending", "statuses": [], "sha": sha, "total_count": 0,
        "repository": call.words.minimal_repository(call.repository),
        "commit_url": f"{url}/commits/{sha}", "url": f"{url}/commits/{sha}/status",
    }  # fmt: skip
    return Answer(200, body)


@route("repos/get-branch-rules", metadata="read")
def branch_rules(call):
    return Answer(200, [])


@route("repos/get-branch-protection", administration="read")
def branch_protection(call):
    name = call.parameters["branch"]
    if call.storage.ref(f"refs/heads/{name}") is None:
        raise Refused(404, "Branch not found")
    if name not in call.repository.protected:
        raise Refused(404, "Branch not protected")
    url = f"{call.words.repository_url(call.repository)}/branches/{urllib.parse.quote(name)}/protection"
    reviews = {
        "url": f"{url}/required_pull_request_reviews", "dismiss_stale_reviews": False,
        "require_code_owner_reviews": False, "required_approving_review_count": 1,
    }  # fmt: skip
    return Answer(200, {"url": url, "required_pull_request_reviews": reviews})
