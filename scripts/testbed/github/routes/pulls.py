"""Pull requests. Merging is not here: that is for a person, through the control routes."""

from ..access import Refused, invalid
from ..lifecycle import close, follow, mergeable, nothing_between, reopen
from ..storage import ZERO
from ..world import Issue, Pull, stamp
from .call import Answer, checked_text, route
from .git_data import signed_commit

# GitHub lists no more files of a pull request than this.
MOST_FILES = 3000


def figures(call, issue):
    storage, pull = call.storage, issue.pull
    common = storage.merge_base(pull.base_sha, pull.head_sha)
    changes = storage.changes(common, pull.head_sha) if common else []
    return {
        "commits": len(storage.log(f"{pull.base_sha}..{pull.head_sha}")),
        "additions": sum(one.additions for one in changes),
        "deletions": sum(one.deletions for one in changes),
        "changed_files": len(changes),
    }


def shown(call, issue, looked=False):
    """The whole pull request; only a GET moves the computation of `mergeable` on."""
    able = mergeable(call.repository, issue) if looked else None
    if issue.pull.merged is None and able:
        issue.pull.merge_commit = issue.pull.merge_commit or issue.pull.head_sha
    return call.words.pull(call.repository, issue, able, figures(call, issue))


@route("pulls/list", pull_requests="read")
def list_pulls(call):
    state, head, base = call.query.get("state", "open"), call.query.get("head"), call.query.get("base")
    found = []
    for issue in call.repository.issues.values():
        pull = issue.pull
        if pull is None or state not in ("all", issue.state):
            continue
        # Without an owner GitHub does not filter by the head at all.
        if head and ":" in head and head.lower() != f"{pull.head_owner(call.repository)}:{pull.head}".lower():
            continue
        if base and base != pull.base:
            continue
        found.append(issue)
    sort = call.query.get("sort", "created")
    keys = {"updated": lambda one: (one.updated, one.number), "created": lambda one: one.number}
    standard = "desc" if sort == "created" else "asc"
    found.sort(key=keys.get(sort, keys["created"]), reverse=call.query.get("direction", standard) == "desc")
    page, headers = call.page(call.seen(found))
    return Answer(200, [call.words.simple_pull(call.repository, issue) for issue in page], headers)


@route("pulls/get", pull_requests="read")
def get_pull(call):
    return Answer(200, shown(call, call.pull(), looked=True))


def branch_of(call, head):
    owner, colon, branch = head.partition(":")
    if not colon:
        return head
    return branch if owner.lower() == call.repository.owner.login.lower() else None


def taken(pull, wanted):
    """Does a pull request stand between this head and base already? (fork, head, base)"""
    return (pull.fork, pull.head, pull.base) == wanted


def opened(call, pull, title, body):
    """A new pull request and its ref."""
    now, number = stamp(), call.world.next_number(call.repository)
    issue = Issue(call.world.next_id(), number, call.account, title, body, now, now, pull=pull)
    call.repository.issues[number] = call.made(issue)
    call.storage.update_ref(f"refs/pull/{number}/head", pull.head_sha)
    return issue


@route("pulls/create", pull_requests="write")
def create_pull(call):
    call.writable()
    repository, storage, body = call.repository, call.storage, call.body
    if call.identity.kind == "actions" and not repository.actions_open_pulls:
        raise Refused(403, "GitHub Actions is not permitted to create or approve pull requests.")
    title = body.get("title")
    if not title and "issue" not in body:
        raise invalid("PullRequest", "title", "missing_field")
    checked_text("PullRequest", "body", body.get("body"))
    if len(title or "") > 256:
        raise invalid("PullRequest", "title", "custom", "title is too long (maximum is 256 characters)")
    branch, base = branch_of(call, body["head"]), body["base"]
    head_sha = storage.ref(f"refs/heads/{branch}") if branch else None
    base_sha = storage.ref(f"refs/heads/{base}")
    if base_sha is None:
        raise invalid("PullRequest", "base", "invalid")
    if head_sha is None:
        raise invalid("PullRequest", "head", "invalid")
    label = f"{repository.owner.login}:{branch}"
    for issue in repository.issues.values():
        if issue.pull and issue.state == "open" and taken(issue.pull, (None, branch, base)):
            raise invalid("PullRequest", message=f"A pull request already exists for {label}.")
    if body.get("draft") and not repository.drafts:
        raise Refused(422, "Draft pull requests are not supported in this repository.")
    if nothing_between(storage, base_sha, head_sha):
        raise invalid("PullRequest", message=f"No commits between {base} and {branch}")
    if storage.merge_base(base_sha, head_sha) is None:
        raise invalid("PullRequest", message=f"The {branch} branch has no history in common with {base}")
    pull = Pull(
        branch, base, head_sha, base_sha, bool(body.get("draft")), bool(body.get("maintainer_can_modify", False)),
        unknown=call.world.settings["mergeable_null"],
    )  # fmt: skip
    issue = opened(call, pull, title, body.get("body"))
    address = f"{call.words.repository_url(repository)}/pulls/{issue.number}"
    return Answer(201, shown(call, issue), {"Location": address})


def retargeted(call, issue, base):
    pull, storage = issue.pull, call.storage
    sha = storage.ref(f"refs/heads/{base}")
    if sha is None:
        raise invalid("PullRequest", "base", "invalid")
    if nothing_between(storage, sha, pull.head_sha):
        message = f"There are no new commits between base branch '{base}' and head branch '{pull.head}'"
        raise invalid("PullRequest", "base", "custom", message)
    for other in call.repository.issues.values():
        same = other is not issue and other.pull and other.state == "open"
        if same and taken(other.pull, (pull.fork, pull.head, base)):
            message = f"A pull request already exists for base branch '{base}' and head branch '{pull.head}'"
            raise invalid("PullRequest", "base", "invalid", message)
    pull.base, pull.base_sha = base, sha
    pull.unknown = call.world.settings["mergeable_null"]


def reopened(call, issue):
    pull, storage = issue.pull, call.storage
    head, base = storage.ref(pull.head_ref), storage.ref(f"refs/heads/{pull.base}")

    def cannot(why):
        return invalid("PullRequest", "state", "invalid", f"state cannot be changed. {why}")

    if pull.merged:
        raise cannot("The pull request is merged.")
    if head is None:
        raise cannot(f"The {pull.head} branch has been deleted.")
    if base is None:
        raise cannot(f"The {pull.base} branch has been deleted.")
    if pull.forced_when_closed:
        raise cannot(f"The {pull.head} branch was force-pushed or recreated.")
    for other in call.repository.issues.values():
        same = other is not issue and other.pull and other.state == "open"
        if same and taken(other.pull, (pull.fork, pull.head, pull.base)):
            label = f"{pull.head_owner(call.repository)}:{pull.head}"
            raise cannot(f"There is already an open pull request from {label}.")
    if nothing_between(storage, base, head):
        raise cannot("There are no new commits on the branch.")
    reopen(issue)
    pull.head_sha, pull.base_sha = head, base
    pull.unknown = call.world.settings["mergeable_null"]


def change_state(call, issue, state, reason=None):
    """open or close an issue or a pull request, as either API does."""
    if state == issue.state:
        return
    if state == "closed":
        close(issue, call.account, reason or "completed")
    elif issue.pull:
        reopened(call, issue)
    else:
        reopen(issue)


@route("pulls/update", pull_requests="write")
def update_pull(call):
    call.writable()
    issue, body = call.pull(), call.body
    checked_text("PullRequest", "body", body.get("body"))
    if "title" in body and not body["title"]:
        raise invalid("PullRequest", "title", "missing_field")
    if "base" in body and body["base"] != issue.pull.base:
        if issue.state == "closed":
            raise invalid("PullRequest", "base", "custom", "Cannot change the base branch of a closed pull request.")
        retargeted(call, issue, body["base"])
    if "state" in body:
        change_state(call, issue, body["state"])
    for name in ("title", "body"):
        if name in body:
            setattr(issue, name, body[name])
    issue.updated = stamp()
    return Answer(200, shown(call, issue))


@route("pulls/list-commits", pull_requests="read")
def list_commits(call):
    pull = call.pull().pull
    found = list(reversed(call.storage.log(f"{pull.base_sha}..{pull.head_sha}")))[:250]
    page, headers = call.page(found)
    return Answer(200, [call.words.commit(call.repository, call.storage.commit(sha)) for sha in page], headers)


@route("pulls/list-files", pull_requests="read")
def list_files(call):
    pull = call.pull().pull
    common = call.storage.merge_base(pull.base_sha, pull.head_sha) or ZERO
    page, headers = call.page(call.storage.changes(common, pull.head_sha)[:MOST_FILES])
    return Answer(200, [call.words.file_change(call.repository, one, pull.head_sha) for one in page], headers)


@route("pulls/check-if-merged", pull_requests="read")
def check_if_merged(call):
    if call.pull().pull.merged is None:
        raise Refused(404, "Not Found")
    return Answer(204)


@route("pulls/list-requested-reviewers", pull_requests="read")
def list_reviewers(call):
    users = [call.words.user(account) for account in call.pull().pull.reviewers]
    return Answer(200, {"users": users, "teams": []})


def wanted_reviewers(call, issue):
    accounts = []
    for login in call.body.get("reviewers", []):
        account = call.world.accounts.get(login.lower())
        if account is None or account.login not in call.repository.collaborators:
            raise Refused(
                422,
                "Reviews may only be requested from collaborators. One or more of the users or teams you specified "
                f"is not a collaborator of the {call.repository.full_name} repository.",
            )
        if account is issue.author:
            raise Refused(422, "Review cannot be requested from pull request author.")
        accounts.append(account)
    return accounts


@route("pulls/request-reviewers", pull_requests="write")
def request_reviewers(call):
    issue = call.pull()
    for account in wanted_reviewers(call, issue):
        if account not in issue.pull.reviewers:
            issue.pull.reviewers.append(account)
    return Answer(201, call.words.simple_pull(call.repository, issue))


@route("pulls/remove-requested-reviewers", pull_requests="write")
def remove_reviewers(call):
    issue = call.pull()
    gone = wanted_reviewers(call, issue)
    issue.pull.reviewers = [account for account in issue.pull.reviewers if account not in gone]
    return Answer(200, call.words.simple_pull(call.repository, issue))


@route("pulls/update-branch", pull_requests="write")
def update_branch(call):
    issue = call.pull()
    pull, storage = issue.pull, call.storage
    expected = call.body.get("expected_head_sha")
    if expected and expected != pull.head_sha:
        raise invalid("PullRequest", message="expected head sha didn't match current head ref.")
    base = storage.ref(f"refs/heads/{pull.base}")
    tree = storage.merge_tree(pull.head_sha, base)
    if tree is None:
        raise invalid("PullRequest", message="merge conflict between base and head")
    message = f"Merge branch '{pull.base}' into {pull.head}"
    commit = signed_commit(call, tree, [pull.head_sha, base], message, None, None)
    storage.update_ref(pull.head_ref, commit, pull.head_sha)
    follow(call.world, call.repository, call.account)
    address = f"{call.words.repository_url(call.repository)}/pulls/{issue.number}"
    return Answer(202, {"message": "Updating pull request branch.", "url": address})
