"""What Git holds, as GitHub words it: refs, commits, files that changed."""

import base64
import urllib.parse

from .world import stamp


def node(kind, number):
    return base64.b64encode(f"{kind}:{number}".encode()).decode()


class GitWords:
    """The part of `views.Words` about Git; that has the addresses and the accounts."""

    def ref(self, repository, name, sha):
        kind = repository.storage.kind(sha)
        url = self.repository_url(repository)
        return {
            "ref": name,
            "node_id": node("Ref", f"{repository.id}:{name}"),
            "url": f"{url}/git/{name}",
            "object": {"sha": sha, "type": kind, "url": f"{url}/git/{kind}s/{sha}"},
        }

    def verification(self, repository, sha):
        when = repository.verified.get(sha)
        if when is None:
            return {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
        return {
            "verified": True,
            "reason": "valid",
            "signature": "-----BEGIN PGP SIGNATURE-----\n\n(made by the double)\n-----END PGP SIGNATURE-----\n",
            "payload": repository.storage.raw_commit(sha),
            "verified_at": when,
        }

    def git_person(self, person):
        return {"name": person.name, "email": person.email, "date": stamp(person.seconds)}

    def git_commit(self, repository, commit):
        url, html = self.repository_url(repository), self.html(repository)
        return {
            "sha": commit.sha,
            "node_id": node("Commit", commit.sha),
            "url": f"{url}/git/commits/{commit.sha}",
            "html_url": f"{html}/commit/{commit.sha}",
            "author": self.git_person(commit.author),
            "committer": self.git_person(commit.committer),
            "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
            "message": commit.message,
            "parents": [
                {"sha": sha, "url": f"{url}/git/commits/{sha}", "html_url": f"{html}/commit/{sha}"}
                for sha in commit.parents
            ],
            "verification": self.verification(repository, commit.sha),
        }

    def account_behind(self, person):
        """The account that an address belongs to, as far as the address itself says so."""
        local, _, domain = person.email.partition("@")
        if domain != "users.noreply.github.com" or "+" not in local:
            return None
        return self.user(self.world.accounts.get(local.split("+", 1)[1].lower()))

    def commit(self, repository, commit):
        url, html = self.repository_url(repository), self.html(repository)
        return {
            "sha": commit.sha,
            "node_id": node("Commit", commit.sha),
            "commit": {
                "author": self.git_person(commit.author),
                "committer": self.git_person(commit.committer),
                "message": commit.message,
                "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
                "url": f"{url}/git/commits/{commit.sha}",
                "comment_count": 0,
                "verification": self.verification(repository, commit.sha),
            },
            "url": f"{url}/commits/{commit.sha}",
            "html_url": f"{html}/commit/{commit.sha}",
            "comments_url": f"{url}/commits/{commit.sha}/comments",
            "author": self.account_behind(commit.author),
            "committer": self.account_behind(commit.committer),
            "parents": [
                {"sha": sha, "url": f"{url}/commits/{sha}", "html_url": f"{html}/commit/{sha}"}
                for sha in commit.parents
            ],
        }

    def file_change(self, repository, change, commit):
        url, html = self.repository_url(repository), self.html(repository)
        path = urllib.parse.quote(change.path)
        shown = {
            "sha": change.sha,
            "filename": change.path,
            "status": change.status,
            "additions": change.additions,
            "deletions": change.deletions,
            "changes": change.additions + change.deletions,
            "blob_url": f"{html}/blob/{commit}/{path}",
            "raw_url": f"{html}/raw/{commit}/{path}",
            "contents_url": f"{url}/contents/{path}?ref={commit}",
        }
        if change.patch is not None:
            shown["patch"] = change.patch
        if change.before:
            shown["previous_filename"] = change.before
        return shown
