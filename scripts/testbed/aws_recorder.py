"""A proxy in front of the AWS emulator: every call is written down, some are answered here.

Region and role do not matter to the emulator, so a call that goes to the wrong place would pass
unseen. Here each leaves one line of JSON:

    {"n", "service", "action", "region", "access_key", "role", "status", "by", "path", "tfmend"}

`role` is the ARN of the role behind a temporary key (answers to AssumeRole are watched), `by` the key
that stood at the beginning of the chain, so that several users of one testbed can be told apart, `tfmend`
whether tfmend made the call (its name is in the user agent) or a test, Terraform, anybody.

Stand-ins, because the emulator has no such thing: see security_hub.py beside this file.

Not part of AWS (JSON in and out):

    GET  /_testbed/calls                 all lines so far
    POST /_testbed/reset                 faults, stand-ins and the emulator's state
    POST /_testbed/faults                {service, action, times, code, status, message, access_key, region, do}
    POST /_testbed/security-hub/...      what the stand-ins are told (security_hub.py)

`do` of a fault: "answer" (the error `code`, not passed on), "drop-before" (the connection is cut, nothing
is passed on), "drop-after" (passed on, the answer is lost), "delay" (passed on after `seconds`).
"""

import http.client
import json
import re
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from . import recorded
from .security_hub import SecurityHub

HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer", "upgrade", "expect"}
STATUS = {
    "ThrottlingException": 429, "TooManyRequestsException": 429, "Throttling": 400, "RequestLimitExceeded": 503,
    "SlowDown": 503, "AccessDeniedException": 403, "AccessDenied": 403, "UnauthorizedOperation": 403,
    "InvalidAccessException": 401, "ExpiredTokenException": 403, "UnrecognizedClientException": 403,
    "ResourceNotFoundException": 404, "InternalException": 500, "InternalServerException": 500,
    "InternalError": 500, "ServiceUnavailable": 503,
}  # fmt: skip


class Recorder:
    """The log, the faults and the way to the emulator."""

    def __init__(self, upstream, operations, log):
        self.upstream = urllib.parse.urlsplit(upstream)
        self.operations = operations
        self.log = Path(log)
        self.log.touch()
        self.lock = threading.RLock()
        self.lines = []
        self.faults = []
        self.roles = {}  # temporary access key -> (role ARN, first key of the chain)
        self.hub = SecurityHub(self)

    # What was called.

    def write(self, operation, target, status, agent=""):
        with self.lock:
            role, by = self.roles.get(operation.access_key, (None, operation.access_key))
            line = {
                "n": len(self.lines) + 1,
                "service": operation.service,
                "action": operation.action,
                "region": operation.region,
                "access_key": operation.access_key,
                "role": role,
                "status": status,
                "by": by,
                "path": urllib.parse.urlsplit(target).path,
                "tfmend": recorded.is_ours(agent),
            }
            self.lines.append(line)
            with self.log.open("a", encoding="utf-8") as sink:
                sink.write(json.dumps(line) + "\n")

    def learn_role(self, operation, answer):
        """A key that AssumeRole gave out belongs to the role from now on."""
        if not operation.action.startswith("AssumeRole") or answer.status != 200:
            return
        text = answer.body.decode("utf-8", "replace")
        key = re.search(r"<AccessKeyId>([^<]+)</AccessKeyId>", text)
        if key:
            with self.lock:
                _, by = self.roles.get(operation.access_key, (None, operation.access_key))
                self.roles[key[1]] = (operation.parameters.get("RoleArn"), by)

    # Faults.

    def fault_for(self, operation):
        with self.lock:
            _, by = self.roles.get(operation.access_key, (None, operation.access_key))
            for fault in self.faults:
                wanted = {
                    "service": operation.service, "action": operation.action, "region": operation.region,
                }  # fmt: skip
                if fault["times"] <= 0 or any(fault.get(k) not in (None, v) for k, v in wanted.items()):
                    continue
                if fault.get("access_key") not in (None, by, operation.access_key):
                    continue
                fault["times"] -= 1
                return fault
        return None

    # The way on.

    def forward(self, method, target, headers, body):
        """Ask the emulator itself."""
        connection = http.client.HTTPConnection(self.upstream.hostname, self.upstream.port, timeout=120)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            sent = {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}
            # Some clients write it in lower case; twice is once too often.
            if not any(name.lower() == "host" for name in sent):
                sent["Host"] = self.upstream.netloc
            for name, value in sent.items():
                if name.lower() != "content-length":
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            kept = [(n, v) for n, v in answer.getheaders() if n.lower() not in HOP_BY_HOP | {"content-length"}]
            return Answer(answer.status, kept, answer.read())
        finally:
            connection.close()

    def answer(self, method, target, headers, body):
        """The answer to a call, from a stand-in or the emulator; `None` cuts the connection."""
        operation = self.operations.of(method, target, headers, body)
        agent = " ".join(value for name, value in headers.items() if name.lower() in ("user-agent", "x-amz-user-agent"))
        fault = self.fault_for(operation)
        do = fault.get("do", "answer") if fault else None
        if do == "delay":
            time.sleep(float(fault.get("seconds", 1)))
        if do == "answer":
            message = fault.get("message", "made up by the testbed")
            answer = failure(operation, fault["code"], message, fault.get("status"))
        elif do == "drop-before":
            self.write(operation, target, 0, agent)
            return None
        else:
            answer = self.hub.answer(operation, method, target, headers, body)
            if answer is None:
                answer = self.forward(method, target, headers, body)
                self.learn_role(operation, answer)
        self.write(operation, target, answer.status, agent)
        if answer.status < 400:
            recorded.append("aws", agent, {"service": operation.service, "action": operation.action})
        return None if do == "drop-after" else answer

    def control(self, method, path, given):
        """What is not part of AWS."""
        if path == "/_testbed/calls":
            with self.lock:
                return {"calls": list(self.lines)}
        if path == "/_testbed/faults" and method == "POST":
            with self.lock:
                self.faults.append({"times": 1, **given})
            return {}
        if path == "/_testbed/reset" and method == "POST":
            with self.lock:
                self.faults.clear()
                self.lines.clear()
                self.log.write_text("", encoding="utf-8")
                self.hub.reset()
            self.forward("POST", "/moto-api/reset", {}, b"")
            return {}
        if path.startswith("/_testbed/security-hub/") and method == "POST":
            return self.hub.told(path.rpartition("/")[2], given)
        return None


class Answer:
    """What goes back to the caller."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body


def success(given):
    return Answer(200, [("Content-Type", "application/json")], json.dumps(given).encode())


def failure(operation, code, message, status=None):
    """An error in the words of the service's protocol."""
    status = status or STATUS.get(code, 400)
    request = "00000000-0000-4000-8000-000000000000"
    if operation.protocol in ("query", "rest-xml", "ec2"):
        inner = f"<Code>{code}</Code><Message>{message}</Message>"
        identity = f"<RequestId>{request}</RequestId>"
        text = {
            "query": f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error>{identity}</ErrorResponse>",
            "rest-xml": f"<Error>{inner}{identity}</Error>",
            "ec2": f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>{request}</RequestID></Response>",
        }[operation.protocol]
        return Answer(status, [("Content-Type", "text/xml")], f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode())
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", code), ("x-amzn-RequestId", request)]
    body = {"__type": code, "Message": message, "message": message, "Code": code}
    return Answer(status, headers, json.dumps(body).encode())


def handler_of(recorder):
    """The request handler of a server that records."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def read_body(self):
            if "chunked" in self.headers.get("Transfer-Encoding", ""):
                chunks = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    chunks.append(self.rfile.read(size))
                    self.rfile.readline()
                while self.rfile.readline().strip():
                    pass
                return b"".join(chunks)
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def any_method(self):
            body = self.read_body()
            # A client that takes us for its proxy sends the whole address.
            target = self.path
            if target.startswith(("http://", "https://")):
                parts = urllib.parse.urlsplit(target)
                target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
            path = urllib.parse.urlsplit(target).path
            if path.startswith("/_testbed/"):
                made = recorder.control(self.command, path, json.loads(body or b"{}"))
                answer = success(made) if made is not None else Answer(404, [], b"")
            else:
                answer = recorder.answer(self.command, target, self.headers, body)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers:
                if name.lower() not in ("date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = any_method

    return Handler


def serve(recorder):
    """A server on a free port; it is up when this returns."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(recorder))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
