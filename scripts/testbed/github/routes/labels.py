"""Labels of a repository, and labels on an issue or a pull request."""

import re

from ..access import Refused, invalid
from ..world import PLAIN_COLOUR, Label, stamp
from .call import Answer, route

LONGEST_NAME, LONGEST_DESCRIPTION = 50, 100


def checked(name=None, color=None, description=None):
    if name is not None:
        if not name.strip():
            raise invalid("Label", "name", "missing_field")
        if len(name) > LONGEST_NAME:
            raise invalid("Label", "name", "custom", f"name is too long (maximum is {LONGEST_NAME} characters)")
    if color is not None and not re.fullmatch(r"[0-9a-fA-F]{6}", color):
        raise invalid("Label", "color", "invalid")
    if description is not None and len(description) > LONGEST_DESCRIPTION:
        message = f"description is too long (maximum is {LONGEST_DESCRIPTION} characters)"
        raise invalid("Label", "description", "custom", message)


def add(call, name, color=PLAIN_COLOUR, description=None):
    label = Label(call.world.next_id(), name, color.lower(), description)
    call.repository.labels[name.lower()] = label
    return label


def named(call):
    found = call.repository.labels.get(call.parameters["name"].lower())
    if found is None:
        raise Refused(404, "Not Found")
    return found


@route("issues/list-labels-for-repo", issues="read", pull_requests="read")
def list_labels(call):
    page, headers = call.page(call.seen(list(call.repository.labels.values())))
    return Answer(200, [call.words.label(call.repository, label) for label in page], headers)


@route("issues/get-label", issues="read", pull_requests="read")
def get_label(call):
    return Answer(200, call.words.label(call.repository, named(call)))


@route("issues/create-label", issues="write", pull_requests="write")
def create_label(call):
    call.writable()
    name, color, description = call.body["name"], call.body.get("color", PLAIN_COLOUR), call.body.get("description")
    checked(name, color, description)
    if name.lower() in call.repository.labels:
        raise invalid("Label", "name", "already_exists")
    label = call.made(add(call, name, color, description))
    return Answer(201, call.words.label(call.repository, label))


@route("issues/update-label", issues="write", pull_requests="write")
def update_label(call):
    label, body = named(call), call.body
    name = body.get("new_name", label.name)
    checked(name, body.get("color"), body.get("description"))
    old, new = label.name.lower(), name.lower()
    if new != old:
        if new in call.repository.labels:
            raise invalid("Label", "name", "already_exists")
        call.repository.labels[new] = call.repository.labels.pop(old)
        for issue in call.repository.issues.values():
            issue.labels = [new if one == old else one for one in issue.labels]
    label.name = name
    label.color = body.get("color", label.color).lower()
    label.description = body.get("description", label.description)
    return Answer(200, call.words.label(call.repository, label))


@route("issues/delete-label", issues="write", pull_requests="write")
def delete_label(call):
    gone = named(call).name.lower()
    del call.repository.labels[gone]
    for issue in call.repository.issues.values():
        issue.labels = [name for name in issue.labels if name != gone]
    return Answer(204)


def names_in(value):
    """Label names as the API takes them: text, or objects with a name."""
    return [one if isinstance(one, str) else one["name"] for one in value]


def ensured(call, names):
    """The keys of these labels; what the repository does not have is made, as GitHub does."""
    for name in names:
        checked(name)
        if name.lower() not in call.repository.labels:
            add(call, name)
    return list(dict.fromkeys(name.lower() for name in names))


def asked_names(call):
    body = call.whole_body
    if isinstance(body, dict):
        body = body.get("labels", [])
    return names_in([body] if isinstance(body, str) else body or [])


def on_issue(call, issue):
    return [call.words.label(call.repository, call.repository.labels[name]) for name in issue.labels]


@route("issues/list-labels-on-issue", issues="read", pull_requests="read")
def list_on_issue(call):
    page, headers = call.page(on_issue(call, call.issue()))
    return Answer(200, page, headers)


@route("issues/add-labels", issues="write", pull_requests="write")
def add_labels(call):
    issue = call.issue()
    issue.labels = list(dict.fromkeys(issue.labels + ensured(call, asked_names(call))))
    issue.updated = stamp()
    return Answer(200, on_issue(call, issue))


@route("issues/set-labels", issues="write", pull_requests="write")
def set_labels(call):
    issue = call.issue()
    issue.labels = ensured(call, asked_names(call))
    issue.updated = stamp()
    return Answer(200, on_issue(call, issue))


@route("issues/remove-label", issues="write", pull_requests="write")
def remove_label(call):
    issue, name = call.issue(), call.parameters["name"].lower()
    if name not in issue.labels:
        raise Refused(404, "Label does not exist")
    issue.labels.remove(name)
    issue.updated = stamp()
    return Answer(200, on_issue(call, issue))


@route("issues/remove-all-labels", issues="write", pull_requests="write")
def remove_all_labels(call):
    issue = call.issue()
    issue.labels = []
    issue.updated = stamp()
    return Answer(204)
