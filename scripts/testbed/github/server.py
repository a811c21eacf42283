"""The HTTP server: each request is read, judged, carried out, its answer judged, and sent.

A request that does not obey the description is refused as GitHub would (422, 400, 404) and kept as a
violation; so is an answer that does not. Answers of faults are exempt.
"""

import contextlib
import hashlib
import json
import os
import re
import select
import socket
import sys
import threading
import time
import traceback
import urllib.parse
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .. import recorded
from . import transport
from .access import Identity, Refused, identify
from .control import Control
from .faults import PRIMARY, SECONDARY, Faults
from .journal import Journal
from .routes import HANDLERS, Answer, Call
from .world import World

DOCUMENTATION = "https://docs.github.com/rest"
# Where the redirect of a renamed repository leads.
NUMBERED = re.compile(r"^/repositories/(\d+)(/.*)?$")
NO_USER_AGENT = (
    "Request forbidden by administrative rules. Please make sure your request has a User-Agent header "
    "(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required)."
)
VERSIONS = ("2022-11-28", "2026-03-10")


class Double:
    """Everything behind the sockets."""

    def __init__(self, description, data):
        self.description = description
        self.world, self.faults, self.journal = World(data), Faults(), Journal()
        self.control = Control(self.world, self.faults, self.journal)

    def rate_headers(self, identity):
        token = identity.token
        limit = self.world.settings["rate_limit"] if token else 60
        remaining = token.remaining if token else 59
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, remaining)),
            "X-RateLimit-Used": str(limit - remaining),
            "X-RateLimit-Reset": str(int(time.time()) // 3600 * 3600 + 3600),
            "X-RateLimit-Resource": "core",
        }
        if token and token.scopes is not None:
            headers["X-OAuth-Scopes"] = ", ".join(token.scopes)
        if token and token.kind == "user" and token.expires is not None:
            moment = datetime.fromtimestamp(token.expires, timezone.utc)
            headers["GitHub-Authentication-Token-Expiration"] = moment.strftime("%Y-%m-%d %H:%M:%S UTC")
        return headers

    def spend(self, identity, method):
        """Count a request against the limits."""
        token = identity.token
        if token is not None:
            if token.remaining <= 0:
                raise Refused(403, PRIMARY)
            token.remaining -= 1
        gap = self.world.settings["write_gap_ms"] / 1000
        if gap and method != "GET":
            now = time.monotonic()
            if now - self.world.last_write < gap:
                raise Refused(403, SECONDARY, headers={"retry-after": "1"})
            self.world.last_write = now

    def carry_out(self, line, identity, operation, parameters, query, raw, api, server, path, headers):
        """An Answer, or a refusal; violations are noted on the way."""
        self.spend(identity, line["method"])
        version = headers.get("X-GitHub-Api-Version")
        if version is not None and version not in VERSIONS:
            self.journal.violated(line, "request", f"X-GitHub-Api-Version {version} does not exist")
            raise Refused(400, f"{version} is not a supported version.")
        if operation is None:
            self.journal.violated(line, "request", "GitHub's description has no such route")
            raise Refused(404, "Not Found")
        body = None
        if raw:
            try:
                body = json.loads(raw)
            except ValueError:
                self.journal.violated(line, "request", "the body is not JSON")
                raise Refused(400, "Problems parsing JSON") from None
            line["body"] = body
        problems = self.description.request_problems(operation, parameters, query, body, raw)
        for problem in problems:
            self.journal.violated(line, "request", problem)
        if operation.id not in HANDLERS:
            self.journal.violated(line, "double", "this route is not emulated")
            raise Refused(501, f"the double does not emulate {operation.id}")
        handler, wanted = HANDLERS[operation.id]
        accept = headers.get("Accept", "")
        call = Call(
            self.world, identity, operation.id, parameters, query, body, api, server, path, accept, line["method"]
        )
        if wanted:
            line["permissions"] = [f"{name}:{level}" for name, level in wanted]
            identity.require(call.repository, wanted)
        if any(problem.startswith("path parameter") for problem in problems):
            raise Refused(404, "Not Found")
        if problems:
            raise Refused(422, "Invalid request.\n\n" + "\n".join(problems))
        return handler(call)

    def judge_answer(self, line, operation, answer):
        if operation is None or operation.id not in HANDLERS or answer.status in (304, 400):
            return
        if isinstance(answer.body, bytes):
            return
        has_body = answer.body is not None
        for problem in self.description.response_problems(operation, answer.status, answer.body, has_body):
            self.journal.violated(line, "response", problem)


def refusal(refused):
    body = {"message": refused.message, "documentation_url": DOCUMENTATION, "status": str(refused.status)}
    if refused.errors:
        body["errors"] = refused.errors
    return Answer(refused.status, body, dict(refused.headers))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "github.com"
    sys_version = ""
    double: Double
    scheme = "http"
    cut = False  # does the connection end within the answer?

    def log_message(self, *_):
        """The journal keeps what matters."""

    def do(self):
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.route(self.read_body())
        except (BrokenPipeError, ConnectionResetError, ConnectionAbortedError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do

    def read_body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            parts = []
            while True:
                size = int(self.rfile.readline().split(b";")[0].strip() or b"0", 16)
                if size == 0:
                    while self.rfile.readline().strip():
                        pass
                    return b"".join(parts)
                parts.append(self.rfile.read(size))
                self.rfile.readline()
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def route(self, raw):
        split = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
        server = f"{self.scheme}://{self.headers.get('Host', 'localhost')}"
        if split.path.startswith("/_double/"):
            try:
                body = json.loads(raw) if raw else {}
            except ValueError:
                return self.send_json(400, {"error": "the body is not JSON"})
            return self.send_json(*self.double.control.handle(self.command, split.path, query, body))
        path, api = split.path, server
        if path == "/api/v3" or path.startswith("/api/v3/"):
            path, api = path.removeprefix("/api/v3") or "/", server + "/api/v3"
        numbered = NUMBERED.match(path)
        if numbered:
            path = self.double.world.path_of(int(numbered[1])) + (numbered[2] or "")
        if transport.PATH.match(path):
            return self.git(path, query, split.query, raw)
        return self.rest(path, query, raw, api, server)

    # One request of the REST API.

    def rest(self, path, query, raw, api, server):
        double = self.double
        operation, parameters = double.description.find(self.command, path)
        line = double.journal.begin(
            {
                "method": self.command, "path": path, "query": query, "started": time.monotonic(),
                "template": operation.template if operation else None,
                "operation": operation.id if operation else None,
                "user_agent": self.headers.get("User-Agent"), "token": None, "status": None, "fault": None,
            }
        )  # fmt: skip
        fault = double.faults.take(self.command, path, line["operation"])
        if self.strike_before(line, fault):
            return
        identity = Identity()
        with double.world.lock:
            try:
                if not self.headers.get("User-Agent"):
                    double.journal.violated(line, "request", "no User-Agent")
                    raise Refused(403, NO_USER_AGENT)
                identity = identify(double.world, self.headers.get("Authorization"))
                line["token"] = {"type": identity.kind, "login": identity.account.login if identity.account else None}
                answer = double.carry_out(
                    line, identity, operation, parameters, query, raw, api, server, path, self.headers
                )
            except Refused as refused:
                answer = refusal(refused)
            except Exception:  # a fault of the double itself must be seen by the test, not only by the client
                double.journal.violated(line, "double", traceback.format_exc())
                answer = Answer(500, {"message": "the double failed"})
            line["status"] = answer.status
            if fault is not None and fault.do == "spoil" and isinstance(answer.body, dict):
                answer.body = {key: value for key, value in answer.body.items() if key not in fault.asked["remove"]}
            double.judge_answer(line, operation, answer)
            if operation and answer.status < 400:
                called = {"operation": operation.id, "method": line["method"], "template": operation.template}
                recorded.append("github", line["user_agent"], called)
            headers = double.rate_headers(identity) | answer.headers
            if "permissions" in line:  # what would have been enough, alternatives apart
                headers["X-Accepted-GitHub-Permissions"] = "; ".join(line["permissions"]).replace(":", "=")
        line["ended"] = time.monotonic()
        if self.strike_after(line, fault):
            return
        self.send_answer(answer, headers)

    def strike_before(self, line, fault):
        """True when the fault has taken care of the request."""
        if fault is None:
            return False
        line["fault"] = fault.do
        answer = fault.answer()
        if answer is not None:
            status, body, headers = answer
            line |= {"status": status, "ended": time.monotonic()}
            self.send_answer(Answer(status, body), self.double.rate_headers(self.known()) | headers)
            return True
        if fault.do == "delay":
            time.sleep(fault.asked.get("ms", 1000) / 1000)
        if fault.do == "hold-before":
            self.double.faults.hold(line["n"], {"at": "before", "method": self.command, "path": line["path"]})
        if fault.do == "drop-before" or (fault.do == "hold-before" and self.client_gone()):
            line["ended"] = time.monotonic()
            self.drop()
            return True
        return False

    def strike_after(self, line, fault):
        if fault is not None and fault.do == "hold-after":
            self.double.faults.hold(line["n"], {"at": "after", "method": self.command, "path": line["path"]})
        if fault is not None and fault.do == "drop-after":
            self.drop()
            return True
        self.cut = fault is not None and fault.do == "drop-midway"
        return False

    def known(self):
        """Who asks; for answers that are given before anybody looks at the token."""
        try:
            return identify(self.double.world, self.headers.get("Authorization"))
        except Refused:
            return Identity()

    def client_gone(self):
        """Has the other side closed? Nothing more is expected of it before an answer."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        if not readable:
            return False
        try:
            return not socket.socket.recv(self.connection, 1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def drop(self):
        self.close_connection = True
        with contextlib.suppress(OSError):  # the other side may have been faster
            self.connection.shutdown(socket.SHUT_RDWR)

    # Git.

    def git(self, path, query, query_string, raw):
        owner, name, tail = transport.PATH.match(path).groups()
        double = self.double
        line = double.journal.begin(
            {
                "method": self.command, "path": path, "query": query, "started": time.monotonic(),
                "template": f"/{{owner}}/{{repo}}.git/{tail}", "operation": transport.service_of(path, query),
                "user_agent": self.headers.get("User-Agent"), "token": None, "status": None, "fault": None,
            }
        )  # fmt: skip
        fault = double.faults.take(self.command, path, line["operation"])
        if self.strike_before(line, fault):
            return
        try:
            identity = identify(double.world, self.headers.get("Authorization"))
            line["token"] = {"type": identity.kind, "login": identity.account.login if identity.account else None}
            status, headers, body = transport.serve(
                double.world, identity, path, query, query_string, self.command, self.headers, raw
            )
        except Refused as refused:
            status, body = refused.status, f"{refused.message}\n".encode()
            headers = {"Content-Type": "text/plain; charset=UTF-8"} | refused.headers
        line |= {"status": status, "ended": time.monotonic()}
        if self.strike_after(line, fault):
            return
        self.send_bytes(status, headers, body)

    # Sending.

    def send_json(self, status, value):
        self.send_bytes(status, {"Content-Type": "application/json"}, json.dumps(value).encode())

    def send_answer(self, answer, headers):
        identifier = os.urandom(8).hex().upper()
        headers = {"X-GitHub-Request-Id": identifier, "X-GitHub-Media-Type": "github.v3; format=json"} | headers
        if answer.body is None:
            return self.send_bytes(answer.status, headers, b"")
        raw = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        if isinstance(answer.body, str):
            raw = answer.body.encode()
        headers = {"Content-Type": "application/json; charset=utf-8"} | headers
        if self.command == "GET" and answer.status == 200:
            tag = f'W/"{hashlib.sha256(raw).hexdigest()}"'
            headers["ETag"] = tag
            if self.headers.get("If-None-Match") == tag:
                return self.send_bytes(304, headers, b"")
        self.send_bytes(answer.status, headers, raw)

    def send_bytes(self, status, headers, body):
        self.send_response(status)
        for name, value in {name.lower(): value for name, value in headers.items()}.items():
            self.send_header(name, value)  # the last one of a name counts
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self._headers_buffer.append(b"\r\n")
        whole = b"".join(self._headers_buffer)
        self._headers_buffer = []
        whole += b"" if self.command == "HEAD" or status in (204, 304) else body
        self.wfile.write(whole[:-1] if self.cut else whole)
        self.wfile.flush()
        if self.cut:
            self.drop()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that goes away is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def listen(double, port=0, context=None):
    """A server, bound and ready; `context` makes it speak TLS."""
    handler = type("BoundHandler", (Handler,), {"double": double, "scheme": "https" if context else "http"})
    server = Server(("127.0.0.1", port), handler)
    if context:
        # The handshake is done in the thread of the connection, not while accepting.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


def serve_until_stdin_closes(*servers):
    """Serve in the background; what is no pipe (a run in the background, say) is not watched."""
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        watched = os.fstat(0).st_rdev != os.stat(os.devnull).st_rdev
    except OSError:
        watched = False
    if watched:
        while os.read(0, 4096):
            pass
    else:
        threading.Event().wait()
