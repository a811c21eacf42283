"""Reactions on issues and comments: giving the same one twice gives the first."""

from ..access import Refused
from ..views import node
from ..world import stamp
from .call import Answer, route
from .comments import found


def shown(call, reaction):
    return {
        "id": reaction["id"],
        "node_id": node("Reaction", reaction["id"]),
        "user": call.words.user(reaction["by"]),
        "content": reaction["content"],
        "created_at": reaction["at"],
    }


def react(call, subject):
    content = call.body["content"]
    for one in call.repository.reactions:
        if (one["on"], one["content"], one["by"]) == (subject, content, call.account):
            return Answer(200, shown(call, one))
    made = {"id": call.world.next_id(), "on": subject, "content": content, "by": call.account, "at": stamp()}
    call.repository.reactions.append(made)
    return Answer(201, shown(call, made))


def listed(call, subject):
    here = [
        one
        for one in call.repository.reactions
        if one["on"] == subject and call.query.get("content") in (None, one["content"])
    ]
    page, headers = call.page(here)
    return Answer(200, [shown(call, one) for one in page], headers)


def remove(call, subject):
    for one in call.repository.reactions:
        if one["on"] == subject and str(one["id"]) == call.parameters["reaction_id"]:
            call.repository.reactions.remove(one)
            return Answer(204)
    raise Refused(404, "Not Found")


def on_issue(call):
    return "issue", call.issue().number


def on_comment(call):
    return "comment", found(call).id


for kind, subject_of in (("issue", on_issue), ("issue-comment", on_comment)):
    route(f"reactions/list-for-{kind}", issues="read", pull_requests="read")(
        lambda call, of=subject_of: listed(call, of(call))
    )
    route(f"reactions/create-for-{kind}", issues="write", pull_requests="write")(
        lambda call, of=subject_of: react(call, of(call))
    )
    route(f"reactions/delete-for-{kind}", issues="write", pull_requests="write")(
        lambda call, of=subject_of: remove(call, of(call))
    )
