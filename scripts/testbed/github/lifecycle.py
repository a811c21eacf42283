"""What happens to pull requests when a ref moves.

As GitHub does it: a pull request whose head branch is gone, or has nothing beyond its base any more,
closes by itself; one whose head arrives in its base by a push counts as merged; everything else only
follows its head, and whether it can be merged is unknown again.
"""

from .world import stamp


def close(issue, account, reason="completed"):
    issue.state, issue.closed, issue.closed_by, issue.updated = "closed", stamp(), account, stamp()
    issue.reason = None if issue.pull else reason


def reopen(issue):
    issue.state, issue.closed, issue.closed_by, issue.updated = "open", None, None, stamp()
    issue.reason = None if issue.pull else "reopened"


def nothing_between(storage, base_sha, head_sha):
    return storage.is_ancestor(head_sha, base_sha)


def follow(world, repository, account):
    """Bring every pull request in line with the refs; called after each change of refs."""
    storage = repository.storage
    refs = storage.refs()
    repository.pushed = stamp()
    for issue in list(repository.issues.values()):
        pull = issue.pull
        if pull is None or pull.merged:
            continue
        head, base = refs.get(pull.head_ref), refs.get(f"refs/heads/{pull.base}")
        if issue.state == "closed":
            if head and head != pull.head_sha and not storage.is_ancestor(pull.head_sha, head):
                pull.forced_when_closed = True
            continue
        if head is None or base is None:
            issue.events.append("head_ref_deleted" if head is None else "base_ref_deleted")
            close(issue, account)
            continue
        head_moved, base_moved = head != pull.head_sha, base != pull.base_sha
        if not head_moved and not base_moved:
            continue
        if head_moved:
            forced = not storage.is_ancestor(pull.head_sha, head)
            issue.events.append("head_ref_force_pushed" if forced else "synchronize")
        pull.head_sha, pull.base_sha = head, base
        pull.unknown = world.settings["mergeable_null"]
        issue.updated = stamp()
        storage.update_ref(f"refs/pull/{issue.number}/head", head)
        if nothing_between(storage, base, head):
            if base_moved and not head_moved:
                mark_merged(issue, account, base)
            else:
                close(issue, account)


def mark_merged(issue, account, commit):
    close(issue, account)
    issue.pull.merged, issue.pull.merged_by, issue.pull.merge_commit = issue.closed, account, commit


def mergeable(repository, issue):
    """True, False, or None while GitHub would still be working it out; counts a look."""
    pull = issue.pull
    if issue.state == "closed":
        return None
    if pull.unknown > 0:
        pull.unknown -= 1
        return None
    storage = repository.storage
    base = storage.ref(f"refs/heads/{pull.base}")
    return base is not None and storage.merge_tree(base, pull.head_sha) is not None


def merge(world, repository, issue, account, method, message, person, delete_branch):
    """Merge as a person does with the button. Gives the new commit; None when it conflicts."""
    storage, pull = repository.storage, issue.pull
    base = storage.ref(f"refs/heads/{pull.base}")
    tree = storage.merge_tree(base, pull.head_sha)
    if tree is None:
        return None
    parents = [base, pull.head_sha] if method == "merge" else [base]
    commit = storage.write_commit(tree, parents, person, person, message)
    repository.verified[commit] = stamp()
    storage.update_ref(f"refs/heads/{pull.base}", commit, base)
    pull.base_sha = base
    mark_merged(issue, account, commit)
    if delete_branch:
        storage.delete_ref(pull.head_ref)
    follow(world, repository, account)
    return commit
