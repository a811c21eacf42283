"""Apps, their installations and tokens; who am I; how much may I still ask."""

import secrets
import time

from ..access import LEVELS, Refused, invalid
from ..world import Token, stamp
from .call import Answer, route


def app_of(call):
    if call.identity.app is None:
        raise Refused(401, "A JSON web token could not be decoded")
    return call.identity.app


@route("apps/get-authenticated")
def get_app(call):
    return Answer(200, call.words.app(app_of(call)))


@route("apps/list-installations")
def list_installations(call):
    app = app_of(call)
    shown, headers = call.page([call.words.installation(app, one) for one in app.installations.values()])
    return Answer(200, shown, headers)


@route("apps/get-repo-installation")
def repository_installation(call):
    app = app_of(call)
    name = f"{call.parameters['owner']}/{call.parameters['repo']}".lower()
    for installation in app.installations.values():
        inside = installation.repositories
        known = call.world.repositories.get(name)
        if known is None or known.owner.login.lower() != installation.account.login.lower():
            continue
        if inside is None or name in (one.lower() for one in inside):
            return Answer(200, call.words.installation(app, installation))
    raise Refused(404, "Not Found")


@route("apps/create-installation-access-token")
def create_token(call):
    app = app_of(call)
    installation = app.installations.get(int(call.parameters["installation_id"]))
    if installation is None:
        raise Refused(404, "Not Found")
    inside = [
        repository
        for repository in call.world.repositories.values()
        if repository.owner.login.lower() == installation.account.login.lower()
        and (installation.repositories is None or repository.full_name in installation.repositories)
    ]
    wanted = inside
    if "repositories" in call.body or "repository_ids" in call.body:
        names, numbers = call.body.get("repositories", []), call.body.get("repository_ids", [])
        wanted = [one for one in inside if one.name in names or one.id in numbers]
        if len(wanted) != len(set(names)) + len(set(numbers)):
            raise Refused(
                422,
                "There is at least one repository that does not exist or is not accessible to the parent installation.",
            )
    permissions = call.body.get("permissions") or installation.permissions
    for name, level in permissions.items():
        if LEVELS[level] > LEVELS[installation.permissions.get(name, "none")]:
            raise Refused(422, "The permissions requested are not granted to this installation.")
    narrowed = wanted is not inside or installation.repositories is not None
    seconds = call.world.settings["installation_token_seconds"]
    account = call.world.account(f"{app.slug}[bot]", "Bot")
    secret = "ghs_" + secrets.token_hex(18)
    token = Token(
        secret, "installation", account, {"metadata": "read"} | permissions,
        [one.full_name for one in wanted] if narrowed else [one.full_name for one in inside],
        time.time() + seconds, installation.id,
    )  # fmt: skip
    call.world.tokens[secret] = token
    body = {
        "token": secret,
        "expires_at": stamp(token.expires),
        "permissions": token.permissions,
        "repository_selection": "selected" if narrowed else "all",
    }
    if wanted is not inside:
        body["repositories"] = [call.words.repository(one) for one in wanted]
    return Answer(201, body)


@route("apps/list-repos-accessible-to-installation")
def installation_repositories(call):
    identity = call.identity
    if identity.kind not in ("installation", "actions"):
        raise Refused(
            403,
            "You must authenticate with an installation access token in order to list repositories "
            "for an installation.",
        )
    held = [call.words.repository(one) for one in call.world.repositories.values() if identity.holds(one)]
    shown, headers = call.page(held)
    selection = "all" if identity.token.repositories is None else "selected"
    return Answer(200, {"total_count": len(held), "repository_selection": selection, "repositories": shown}, headers)


@route("users/get-authenticated")
def get_user(call):
    if call.identity.token is None:
        raise Refused(401, "Requires authentication")
    if call.identity.bot:
        raise Refused(403, "Resource not accessible by integration")
    return Answer(200, call.words.public_user(call.account))


@route("users/get-by-username")
def get_account(call):
    found = call.world.accounts.get(call.parameters["username"].lower())
    if found is None:
        raise Refused(404, "Not Found")
    return Answer(200, call.words.public_user(found))


@route("rate-limit/get")
def rate_limit(call):
    token = call.identity.token
    limit = call.world.settings["rate_limit"] if token else 60
    left = token.remaining if token else 60
    core = {"limit": limit, "remaining": left, "reset": int(time.time()) + 3600, "used": limit - left}
    search = {"limit": 30, "remaining": 30, "reset": int(time.time()) + 60, "used": 0}
    return Answer(200, {"resources": {"core": core, "search": search}, "rate": core})


@route("meta/get")
def meta(call):
    return Answer(200, {"verifiable_password_authentication": False})


@route("repos/get-collaborator-permission-level", metadata="read")
def collaborator_permission(call):
    login = call.parameters["username"]
    account = call.world.accounts.get(login.lower())
    if account is None:
        raise Refused(404, f"{login} is not a user")
    role = call.repository.collaborators.get(account.login)
    if account.login == call.repository.owner.login:
        role = "admin"
    role = role or ("none" if call.repository.private else "read")
    permission = {"maintain": "write", "triage": "read"}.get(role, role)
    user = call.words.user(account) | {
        "permissions": powers(permission, role),
        "role_name": role,
    }
    return Answer(200, {"permission": permission, "role_name": role, "user": user})


def powers(permission, role):
    level = LEVELS.get(permission, 0)
    return {
        "pull": level >= 1,
        "triage": level >= 2 or role == "triage",
        "push": level >= 2,
        "maintain": level >= 3 or role == "maintain",
        "admin": level >= 3,
    }


@route("repos/create-dispatch-event", contents="write")
def dispatch(call):
    event, payload = call.body.get("event_type", ""), call.body.get("client_payload", {})
    if len(event) > 100:
        message = "event_type is too long (maximum is 100 characters)"
        raise invalid("RepositoryDispatch", "event_type", "custom", message)
    if len(payload) > 10:
        raise Refused(422, f"Invalid request.\n\nNo more than 10 properties are allowed; {len(payload)} were supplied.")
    call.repository.dispatches.append({"event_type": event, "client_payload": payload, "by": call.account.login})
    return Answer(204)
