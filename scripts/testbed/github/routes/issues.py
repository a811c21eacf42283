"""Issues. Every pull request is one as well: same numbers, same lists, same updates."""

from ..access import Refused, invalid
from ..world import Issue, stamp
from .call import Answer, checked_text, route
from .labels import ensured, names_in
from .pulls import change_state


@route("issues/list-for-repo", issues="read", pull_requests="read")
def list_issues(call):
    query = call.query
    state = query.get("state", "open")
    labels = [name.strip().lower() for name in query.get("labels", "").split(",") if name.strip()]
    found = []
    for issue in call.repository.issues.values():
        if state not in ("all", issue.state) or not set(labels) <= set(issue.labels):
            continue
        if "creator" in query and issue.author.login.lower() != query["creator"].lower():
            continue
        if "since" in query and issue.updated < query["since"]:
            continue
        found.append(issue)
    sort = query.get("sort", "created")
    keys = {"updated": lambda one: (one.updated, one.number), "created": lambda one: one.number}
    found.sort(key=keys.get(sort, keys["created"]), reverse=query.get("direction", "desc") == "desc")
    page, headers = call.page(call.seen(found))
    return Answer(200, [call.words.issue(call.repository, issue) for issue in page], headers)


@route("issues/get", issues="read", pull_requests="read")
def get_issue(call):
    return Answer(200, call.words.one_issue(call.repository, call.issue()))


def assignees_of(call, logins):
    accounts = (call.world.accounts.get(login.lower()) for login in logins)
    return [account for account in accounts if account and account.login in call.repository.collaborators]


@route("issues/create", issues="write")
def create_issue(call):
    call.writable()
    if not call.repository.has_issues:
        raise Refused(410, "Issues has been disabled in this repository.")
    body = call.body
    title = str(body["title"])
    if not title:
        raise invalid("Issue", "title", "missing_field")
    checked_text("Issue", "body", body.get("body"))
    now, number = stamp(), call.world.next_number(call.repository)
    issue = Issue(call.world.next_id(), number, call.account, title, body.get("body"), now, now)
    issue.labels = ensured(call, names_in(body.get("labels") or []))
    issue.assignees = assignees_of(call, body.get("assignees") or [])
    call.repository.issues[number] = call.made(issue)
    address = f"{call.words.repository_url(call.repository)}/issues/{number}"
    return Answer(201, call.words.one_issue(call.repository, issue), {"Location": address})


@route("issues/update", issues="write", pull_requests="write")
def update_issue(call):
    call.writable()
    issue, body = call.issue(), call.body
    checked_text("Issue", "body", body.get("body"))
    if "state" in body:
        change_state(call, issue, body["state"], body.get("state_reason"))
    if body.get("title") is not None:
        issue.title = str(body["title"])
    if "body" in body:
        issue.body = body["body"]
    if "labels" in body:
        issue.labels = ensured(call, names_in(body["labels"]))
    if "assignees" in body:
        issue.assignees = assignees_of(call, body["assignees"] or [])
    issue.updated = stamp()
    return Answer(200, call.words.one_issue(call.repository, issue))


@route("issues/add-assignees", issues="write", pull_requests="write")
def add_assignees(call):
    issue = call.issue()
    for account in assignees_of(call, call.body.get("assignees", [])):
        if account not in issue.assignees:
            issue.assignees.append(account)
    return Answer(201, call.words.one_issue(call.repository, issue))
