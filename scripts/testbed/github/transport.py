"""Git over HTTP: `git http-backend` behind the tokens of the API."""

import re
import subprocess

from .access import LEVELS, Refused
from .lifecycle import follow
from .storage import ENVIRONMENT

PATH = re.compile(r"^/([^/]+)/([^/]+?)(?:\.git)?/(info/refs|git-upload-pack|git-receive-pack)$")
ASK = {"WWW-Authenticate": 'Basic realm="GitHub"'}


def service_of(path, query):
    if path.endswith("/info/refs"):
        return query.get("service", "")
    return path.rsplit("/", 1)[-1]


def allowed(world, identity, owner, name, service):
    """The repository, or a refusal as Git shows it to its user."""
    repository = world.repository(owner, name)
    moved = world.moved.get(f"{owner}/{name}".lower())
    if repository is None and moved is not None and identity.sees(moved):
        raise Refused(301, "Moved Permanently", headers={"Location": f"/{moved.full_name}.git"})
    writing = service == "git-receive-pack"
    if service not in ("git-upload-pack", "git-receive-pack"):
        raise Refused(403, "Please upgrade your git client.")
    if identity.token is None and (writing or repository is None or repository.private):
        raise Refused(401, "No anonymous write access." if writing else "Repository not found.", headers=ASK)
    if repository is None or not identity.sees(repository):
        raise Refused(404, "Repository not found.")
    if repository.private and identity.level("contents") < LEVELS["read"]:
        raise Refused(403, "Write access to repository not granted.")
    if writing and (not identity.holds(repository) or identity.level("contents") < LEVELS["write"]):
        raise Refused(403, f"Permission to {repository.full_name}.git denied to {identity.account.login}.")
    if writing and repository.archived:
        raise Refused(403, "This repository was archived so it is read-only.")
    return repository


def backend(repository, tail, query_string, method, headers, body, identity):
    """One CGI call: (status, headers, body)."""
    folder, login = repository.storage.folder, identity.account.login if identity.account else None
    environment = {
        **ENVIRONMENT,
        "GIT_PROJECT_ROOT": str(folder.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{folder.name}/{tail}",
        "QUERY_STRING": query_string,
        "REQUEST_METHOD": method,
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": headers.get("Content-Encoding", ""),
        "HTTP_GIT_PROTOCOL": headers.get("Git-Protocol", ""),
        "GIT_PROTOCOL": headers.get("Git-Protocol", ""),
        "REMOTE_USER": login or "",
        "REMOTE_ADDR": "127.0.0.1",
        "DOUBLE_PROTECTED": " ".join(repository.protected),
        "DOUBLE_BASE": f"refs/heads/{repository.default_branch}",
        "DOUBLE_WORKFLOWS": "no" if identity.bot and identity.level("workflows") < LEVELS["write"] else "yes",
    }
    if not login:
        del environment["REMOTE_USER"]
    done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=environment, check=False)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    status, answered = 200, {}
    for line in head.decode(errors="replace").split("\r\n"):
        name, _, value = line.partition(": ")
        if name.lower() == "status":
            status = int(value.split()[0])
        elif name:
            answered[name] = value
    if done.returncode != 0 and not head:
        return 500, {"Content-Type": "text/plain"}, done.stderr
    return status, answered, content


def serve(world, identity, path, query, query_string, method, headers, body):
    """(status, headers, body); raises Refused."""
    owner, name, tail = PATH.match(path).groups()
    service = service_of(path, query)
    try:
        repository = allowed(world, identity, owner, name, service)
    except Refused as refused:
        if "Location" in refused.headers:
            refused.headers["Location"] += f"/{tail}" + (f"?{query_string}" if query_string else "")
        raise
    if tail == "git-receive-pack":
        with world.lock:
            answer = backend(repository, tail, query_string, method, headers, body, identity)
            follow(world, repository, identity.account)
            return answer
    return backend(repository, tail, query_string, method, headers, body, identity)
