"""Objects of the world as GitHub words them. A `Words` knows under which addresses it was asked."""

import urllib.parse

from .git_views import GitWords, node

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
MERGEABLE = {True: "clean", False: "dirty", None: "unknown"}


class Words(GitWords):
    def __init__(self, world, api, server):
        self.world, self.api, self.server = world, api, server

    # Accounts and apps.

    def user(self, account):
        if account is None:
            return None
        login = urllib.parse.quote(account.login)  # bots have brackets in their names
        url = f"{self.api}/users/{login}"
        return {
            "login": account.login,
            "id": account.id,
            "node_id": node("User", account.id),
            "avatar_url": f"{self.server}/avatars/{account.id}",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.server}/{login}",
            "followers_url": f"{url}/followers",
            "following_url": f"{url}/following{{/other_user}}",
            "gists_url": f"{url}/gists{{/gist_id}}",
            "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
            "subscriptions_url": f"{url}/subscriptions",
            "organizations_url": f"{url}/orgs",
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events{{/privacy}}",
            "received_events_url": f"{url}/received_events",
            "type": account.type,
            "user_view_type": "public",
            "site_admin": False,
        }

    def public_user(self, account):
        return self.user(account) | {
            "name": None, "company": None, "blog": "", "location": None, "email": None, "hireable": None, "bio": None,
            "twitter_username": None, "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0,
            "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
        }  # fmt: skip

    def app(self, app):
        return {
            "id": app.id,
            "slug": app.slug,
            "client_id": f"Iv23{app.id:016d}",
            "node_id": node("Integration", app.id),
            "owner": self.user(self.world.account("acme", None)),
            "name": app.slug,
            "description": None,
            "external_url": f"{self.server}/apps/{app.slug}",
            "html_url": f"{self.server}/apps/{app.slug}",
            "created_at": app.created,
            "updated_at": app.created,
            "permissions": {"metadata": "read"},
            "events": [],
            "installations_count": len(app.installations),
        }

    def installation(self, app, installation):
        return {
            "id": installation.id,
            "account": self.user(installation.account),
            "repository_selection": "all" if installation.repositories is None else "selected",
            "access_tokens_url": f"{self.api}/app/installations/{installation.id}/access_tokens",
            "repositories_url": f"{self.api}/installation/repositories",
            "html_url": f"{self.server}/settings/installations/{installation.id}",
            "app_id": app.id,
            "app_slug": app.slug,
            "target_id": installation.account.id,
            "target_type": installation.account.type,
            "permissions": installation.permissions,
            "events": [],
            "created_at": installation.created,
            "updated_at": installation.created,
            "single_file_name": None,
            "suspended_by": None,
            "suspended_at": None,
        }

    # Repositories.

    def repository_url(self, repository):
        return f"{self.api}/repos/{repository.full_name}"

    def html(self, repository):
        return f"{self.server}/{repository.full_name}"

    def minimal_repository(self, repository):
        url = self.repository_url(repository)
        below = {
            "archive": "/{archive_format}{/ref}", "assignees": "/assignees{/user}", "blobs": "/git/blobs{/sha}",
            "branches": "/branches{/branch}", "collaborators": "/collaborators{/collaborator}",
            "comments": "/comments{/number}", "commits": "/commits{/sha}", "compare": "/compare/{base}...{head}",
            "contents": "/contents/{+path}", "contributors": "/contributors", "deployments": "/deployments",
            "downloads": "/downloads", "events": "/events", "forks": "/forks", "git_commits": "/git/commits{/sha}",
            "git_refs": "/git/refs{/sha}", "git_tags": "/git/tags{/sha}", "hooks": "/hooks",
            "issue_comment": "/issues/comments{/number}", "issue_events": "/issues/events{/number}",
            "issues": "/issues{/number}", "keys": "/keys{/key_id}", "labels": "/labels{/name}",
            "languages": "/languages", "merges": "/merges", "milestones": "/milestones{/number}",
            "notifications": "/notifications{?since,all,participating}", "pulls": "/pulls{/number}",
            "releases": "/releases{/id}", "stargazers": "/stargazers", "statuses": "/statuses/{sha}",
            "subscribers": "/subscribers", "subscription": "/subscription", "tags": "/tags", "teams": "/teams",
            "trees": "/git/trees{/sha}",
        }  # fmt: skip
        return {
            "id": repository.id,
            "node_id": node("Repository", repository.id),
            "name": repository.name,
            "full_name": repository.full_name,
            "private": repository.private,
            "owner": self.user(repository.owner),
            "html_url": self.html(repository),
            "description": None,
            "fork": repository.fork,
            "url": url,
        } | {f"{name}_url": url + rest for name, rest in below.items()}

    def repository(self, repository):
        html = self.html(repository)
        host = self.server.split("://", 1)[1]
        return self.minimal_repository(repository) | {
            "clone_url": f"{html}.git",
            "git_url": f"git://{host}/{repository.full_name}.git",
            "ssh_url": f"git@{host.split(':')[0]}:{repository.full_name}.git",
            "svn_url": html,
            "mirror_url": None,
            "homepage": None,
            "language": "HCL",
            "forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers": 0, "watchers_count": 0, "size": 1,
            "default_branch": repository.default_branch,
            "open_issues": self.open_issues(repository),
            "open_issues_count": self.open_issues(repository),
            "is_template": False,
            "topics": [],
            "has_issues": repository.has_issues,
            "has_projects": True, "has_wiki": True, "has_pages": False, "has_downloads": True, "has_discussions": False,
            "archived": repository.archived,
            "disabled": False,
            "visibility": "private" if repository.private else "public",
            "pushed_at": repository.pushed,
            "created_at": repository.created,
            "updated_at": repository.pushed,
            "license": None,
            "allow_forking": True,
            "web_commit_signoff_required": False,
        }  # fmt: skip

    def full_repository(self, repository, permissions):
        return self.repository(repository) | {
            "network_count": 0,
            "subscribers_count": 0,
            "permissions": permissions,
        }

    def open_issues(self, repository):
        return sum(issue.state == "open" for issue in repository.issues.values())

    # Labels, issues, comments.

    def label(self, repository, label):
        return {
            "id": label.id,
            "node_id": node("Label", label.id),
            "url": f"{self.repository_url(repository)}/labels/{urllib.parse.quote(label.name)}",
            "name": label.name,
            "color": label.color,
            "default": False,
            "description": label.description,
        }

    def labels_of(self, repository, issue):
        return [self.label(repository, repository.labels[name]) for name in issue.labels if name in repository.labels]

    def reactions(self, repository, url, subject):
        given = [one["content"] for one in repository.reactions if one["on"] == subject]
        counted = {name: given.count(name) for name in REACTIONS}
        return {"url": f"{url}/reactions", "total_count": len(given)} | counted

    def association(self, repository, account):
        if account.login == repository.owner.login:
            return "OWNER"
        return "COLLABORATOR" if account.login in repository.collaborators else "NONE"

    def issue(self, repository, issue):
        url = f"{self.repository_url(repository)}/issues/{issue.number}"
        html = f"{self.html(repository)}/{'pull' if issue.pull else 'issues'}/{issue.number}"
        comments = sum(comment.number == issue.number for comment in repository.comments.values())
        shown = {
            "id": issue.id,
            "node_id": node("Issue", issue.id),
            "url": url,
            "repository_url": self.repository_url(repository),
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "timeline_url": f"{url}/timeline",
            "html_url": html,
            "number": issue.number,
            "state": issue.state,
            "state_reason": issue.reason,
            "title": issue.title,
            "body": issue.body,
            "user": self.user(issue.author),
            "labels": self.labels_of(repository, issue),
            "assignee": self.user(issue.assignees[0]) if issue.assignees else None,
            "assignees": [self.user(account) for account in issue.assignees],
            "milestone": None,
            "locked": False,
            "active_lock_reason": None,
            "comments": comments,
            "closed_at": issue.closed,
            "created_at": issue.created,
            "updated_at": issue.updated,
            "author_association": self.association(repository, issue.author),
            "performed_via_github_app": None,
            "reactions": self.reactions(repository, url, ("issue", issue.number)),
        }
        if issue.pull:
            shown["draft"] = issue.pull.draft
            shown["pull_request"] = {
                "url": f"{self.repository_url(repository)}/pulls/{issue.number}",
                "html_url": html,
                "diff_url": f"{html}.diff",
                "patch_url": f"{html}.patch",
                "merged_at": issue.pull.merged,
            }
        return shown

    def one_issue(self, repository, issue):
        return self.issue(repository, issue) | {"closed_by": self.user(issue.closed_by)}

    def comment(self, repository, comment):
        issue = repository.issues[comment.number]
        url = f"{self.repository_url(repository)}/issues/comments/{comment.id}"
        html = f"{self.html(repository)}/{'pull' if issue.pull else 'issues'}/{comment.number}"
        return {
            "id": comment.id,
            "node_id": node("IssueComment", comment.id),
            "url": url,
            "html_url": f"{html}#issuecomment-{comment.id}",
            "issue_url": f"{self.repository_url(repository)}/issues/{comment.number}",
            "user": self.user(comment.author),
            "created_at": comment.created,
            "updated_at": comment.updated,
            "body": comment.body,
            "author_association": self.association(repository, comment.author),
            "performed_via_github_app": None,
            "reactions": self.reactions(repository, url, ("comment", comment.id)),
        }

    # Pull requests.

    def side(self, repository, branch, sha):
        return {
            "label": f"{repository.owner.login}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": self.user(repository.owner),
            "repo": self.repository(repository),
        }

    def simple_pull(self, repository, issue):
        pull = issue.pull
        url = f"{self.repository_url(repository)}/pulls/{issue.number}"
        issue_url = f"{self.repository_url(repository)}/issues/{issue.number}"
        html = f"{self.html(repository)}/pull/{issue.number}"
        statuses = f"{self.repository_url(repository)}/statuses/{pull.head_sha}"
        review_comment = f"{self.repository_url(repository)}/pulls/comments{{/number}}"
        links = {
            "self": url, "html": html, "issue": issue_url, "comments": f"{issue_url}/comments",
            "review_comments": f"{url}/comments", "review_comment": review_comment,
            "commits": f"{url}/commits", "statuses": statuses,
        }  # fmt: skip
        return {
            "url": url,
            "id": issue.id + 1_000_000,
            "node_id": node("PullRequest", issue.id + 1_000_000),
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "issue_url": issue_url,
            "commits_url": f"{url}/commits",
            "review_comments_url": f"{url}/comments",
            "review_comment_url": review_comment,
            "comments_url": f"{issue_url}/comments",
            "statuses_url": statuses,
            "number": issue.number,
            "state": issue.state,
            "locked": False,
            "title": issue.title,
            "user": self.user(issue.author),
            "body": issue.body,
            "labels": self.labels_of(repository, issue),
            "milestone": None,
            "active_lock_reason": None,
            "created_at": issue.created,
            "updated_at": issue.updated,
            "closed_at": issue.closed,
            "merged_at": pull.merged,
            "merge_commit_sha": pull.merge_commit,
            "assignee": self.user(issue.assignees[0]) if issue.assignees else None,
            "assignees": [self.user(account) for account in issue.assignees],
            "requested_reviewers": [self.user(account) for account in pull.reviewers],
            "requested_teams": [],
            "head": self.side(pull.fork or repository, pull.head, pull.head_sha),
            "base": self.side(repository, pull.base, pull.base_sha),
            "_links": {name: {"href": address} for name, address in links.items()},
            "author_association": self.association(repository, issue.author),
            "auto_merge": None,
            "draft": pull.draft,
        }

    def pull(self, repository, issue, mergeable, figures):
        pull = issue.pull
        state = MERGEABLE[mergeable]
        if state == "clean" and pull.draft:
            state = "draft"
        comments = sum(comment.number == issue.number for comment in repository.comments.values())
        return (
            self.simple_pull(repository, issue)
            | {
                "merged": pull.merged is not None,
                "mergeable": mergeable,
                "rebaseable": mergeable,
                "mergeable_state": state,
                "merged_by": self.user(pull.merged_by),
                "comments": comments,
                "review_comments": 0,
                "maintainer_can_modify": pull.maintainer_can_modify,
            }
            | figures
        )
