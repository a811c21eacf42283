"""Which AWS operation a request is: its service, region, key and name.

Service, region and access key come from the signature's credential scope, the name from what the
service's protocol carries (X-Amz-Target, Action=) or, for REST, from the method and path of the
operations in AWS's own service descriptions, as botocore ships them.
"""

import functools
import gzip
import json
import re
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

SCOPE = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/,\s]*)/([^/,\s]+)/aws4_request")
S3_CONTROL = "/v20180820/"


@dataclass
class Operation:
    """A request, named."""

    service: str = ""
    action: str = ""
    region: str = ""
    access_key: str = ""
    protocol: str = ""
    parameters: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """How one REST operation looks on the wire."""

    name: str
    method: str
    path: re.Pattern
    query: frozenset
    weight: int


class Operations:
    """Names requests after the descriptions in a botocore `data` folder."""

    def __init__(self, data):
        self.data = Path(data)

    def of(self, method, target, headers, body):
        """The operation of a request; `target` is path and query."""
        parts = urllib.parse.urlsplit(target)
        query = urllib.parse.parse_qs(parts.query, keep_blank_values=True)
        made = Operation()
        signed = SCOPE.search(headers.get("Authorization", ""))
        if signed:
            made.access_key, _, made.region, made.service = signed.groups()
        elif "X-Amz-Credential" in query:
            key, _, made.region, made.service = query["X-Amz-Credential"][0].split("/")[:4]
            made.access_key = key
        form = self.form(headers, body) or query
        made.parameters = {name: values[0] for name, values in form.items()}
        if made.service == "s3" and parts.path.startswith(S3_CONTROL):
            made.service = "s3control"
        made.protocol = self.protocol(made.service)
        wanted = headers.get("X-Amz-Target", "")
        if wanted:
            made.action = wanted.rpartition(".")[2]
        elif "Action" in form:
            made.action = form["Action"][0]
            made.service = made.service or ("sts" if made.action.startswith("AssumeRole") else "")
            made.protocol = made.protocol or "query"
        elif "x-id" in query:
            made.action = query["x-id"][0]
        else:
            made.action = self.route(made.service, method, parts.path, query) or f"{method} {parts.path}"
        return made

    @staticmethod
    def form(headers, body):
        if "x-www-form-urlencoded" not in headers.get("Content-Type", ""):
            return {}
        return urllib.parse.parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)

    def protocol(self, service):
        return self.description(service).get("metadata", {}).get("protocol", "")

    def route(self, service, method, path, query):
        fitting = [
            route
            for route in self.routes(service)
            if route.method == method and route.query <= query.keys() and route.path.fullmatch(path)
        ]
        return max(fitting, key=lambda route: route.weight).name if fitting else None

    @functools.lru_cache(maxsize=64)  # noqa: B019  (one object a process)
    def description(self, service):
        if not re.fullmatch(r"[a-z0-9-]+", service or ""):
            return {}
        found = sorted(self.data.glob(f"{service}/*/service-2.json.gz"))
        if not found:
            return {}
        return json.loads(gzip.decompress(found[-1].read_bytes()))

    @functools.lru_cache(maxsize=64)  # noqa: B019
    def routes(self, service):
        made = []
        for name, operation in self.description(service).get("operations", {}).items():
            http = operation.get("http", {})
            path, _, query = http.get("requestUri", "/").partition("?")
            keys = frozenset(urllib.parse.parse_qs(query, keep_blank_values=True))
            pattern = re.sub(r"\\\{[^}]*?\\\+\\\}", ".+", re.escape(path))
            pattern = re.sub(r"\\\{[^}]*?\\\}", "[^/]+", pattern).rstrip("/") + "/?"
            # The more of it is literal, the surer it is; a name in the query decides most.
            weight = len(keys) * 1000 + len(re.sub(r"\{[^}]*\}", "", path)) - (len(name) / 1000)
            made.append(Route(name, http.get("method", "POST"), re.compile(pattern), keys, weight))
        return made
