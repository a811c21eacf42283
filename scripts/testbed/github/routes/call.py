"""What a handler is given, what it gives back, and how it is registered."""

import math
import urllib.parse
from dataclasses import dataclass, field
from functools import cached_property

from ..access import Refused, invalid
from ..views import Words

LONGEST_BODY = 65_536

# Operation id → (handler, permission alternatives or None when the handler sees to it itself).
HANDLERS = {}


@dataclass
class Answer:
    status: int
    body: object = None
    headers: dict = field(default_factory=dict)


def route(operation, **permissions):
    """Register a handler. With permissions (any of them suffices) it is one of a repository."""

    def register(handler):
        HANDLERS[operation] = (handler, tuple(permissions.items()))
        return handler

    return register


class Call:
    def __init__(self, world, identity, operation, parameters, query, body, api, server, path, accept="", method="GET"):
        self.world, self.identity, self.operation = world, identity, operation
        self.parameters, self.query, self.body = parameters, query, body if isinstance(body, dict) else {}
        self.whole_body = body
        self.words = Words(world, api, server)
        self.address = api + path
        self.accept, self.method = accept, method

    @cached_property
    def repository(self):
        owner, name = self.parameters["owner"], self.parameters["repo"]
        found = self.world.repository(owner, name)
        if found is None:
            moved = self.world.moved.get(f"{owner}/{name}".lower())
            if moved is not None and self.identity.sees(moved):
                self.redirect(moved)
            raise Refused(404, "Not Found")
        return found

    def redirect(self, moved):
        """GitHub sends to the number of a repository, which no new name changes."""
        rest = self.address.split("/repos/", 1)[1].split("/", 2)[2:]
        address = "/".join([f"{self.words.api}/repositories/{moved.id}", *rest])
        if self.query:
            address += "?" + urllib.parse.urlencode(self.query)
        status = 301 if self.method == "GET" else 307
        raise Refused(status, "Moved Permanently", headers={"Location": address})

    @property
    def storage(self):
        return self.repository.storage

    @property
    def account(self):
        return self.identity.account

    def number(self, name, standard):
        text = self.query.get(name, "")
        return int(text) if text.isdigit() and int(text) > 0 else standard

    def page(self, items):
        """The asked page, and the Link header that leads on."""
        size = min(self.number("per_page", 30), 100)
        page = self.number("page", 1)
        last = max(1, math.ceil(len(items) / size))
        links = {}
        if page < last:
            links |= {"next": page + 1, "last": last}
        if page > 1:
            links |= {"first": 1, "prev": min(page - 1, last)}
        headers = {}
        if links:
            headers["Link"] = ", ".join(f'<{self.at_page(number)}>; rel="{name}"' for name, number in links.items())
        return items[(page - 1) * size : page * size], headers

    def at_page(self, number):
        return f"{self.address}?{urllib.parse.urlencode(self.query | {'page': number})}"

    def made(self, thing):
        """Mark a thing as just made: the next lists may not show it yet."""
        thing.unseen = self.world.settings["stale_lists"]
        return thing

    def seen(self, things):
        """The things that a list already shows; each look brings a new one nearer."""
        shown = []
        for thing in things:
            if thing.unseen > 0:
                thing.unseen -= 1
            else:
                shown.append(thing)
        return shown

    def issue(self, name="issue_number"):
        found = self.repository.issues.get(int(self.parameters[name])) if self.parameters[name].isdigit() else None
        if found is None:
            raise Refused(404, "Not Found")
        return found

    def pull(self):
        found = self.issue("pull_number")
        if found.pull is None:
            raise Refused(404, "Not Found")
        return found

    def writable(self):
        if self.repository.archived:
            raise Refused(403, "Repository was archived so is read-only.")


def checked_text(resource, name, value):
    if value is not None and len(value) > LONGEST_BODY:
        raise invalid(resource, name, "custom", f"{name} is too long (maximum is {LONGEST_BODY} characters)")
    return value
