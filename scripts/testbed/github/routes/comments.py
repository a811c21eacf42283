"""Comments on issues and pull requests."""

from ..access import Refused, invalid
from ..world import Comment, stamp
from .call import Answer, checked_text, route


def found(call):
    number = call.parameters["comment_id"]
    comment = call.repository.comments.get(int(number)) if number.isdigit() else None
    if comment is None:
        raise Refused(404, "Not Found")
    return comment


def listed(call, comments):
    if "since" in call.query:
        comments = [comment for comment in comments if comment.updated >= call.query["since"]]
    page, headers = call.page(call.seen(comments))
    return Answer(200, [call.words.comment(call.repository, comment) for comment in page], headers)


@route("issues/list-comments", issues="read", pull_requests="read")
def list_comments(call):
    number = call.issue().number
    return listed(call, [one for one in call.repository.comments.values() if one.number == number])


@route("issues/list-comments-for-repo", issues="read", pull_requests="read")
def list_all_comments(call):
    return listed(call, list(call.repository.comments.values()))


@route("issues/get-comment", issues="read", pull_requests="read")
def get_comment(call):
    return Answer(200, call.words.comment(call.repository, found(call)))


def checked(body):
    if not body.strip():
        raise invalid("IssueComment", "body", "missing_field")
    return checked_text("IssueComment", "body", body)


@route("issues/create-comment", issues="write", pull_requests="write")
def create_comment(call):
    call.writable()
    issue = call.issue()
    body, now = checked(call.body["body"]), stamp()
    comment = Comment(call.world.next_id(), issue.number, call.account, body, now, now)
    call.repository.comments[comment.id] = call.made(comment)
    issue.updated = now
    shown = call.words.comment(call.repository, comment)
    return Answer(201, shown, {"Location": shown["url"]})


@route("issues/update-comment", issues="write", pull_requests="write")
def update_comment(call):
    comment = found(call)
    comment.body, comment.updated = checked(call.body["body"]), stamp()
    return Answer(200, call.words.comment(call.repository, comment))


@route("issues/delete-comment", issues="write", pull_requests="write")
def delete_comment(call):
    del call.repository.comments[found(call).id]
    return Answer(204)
