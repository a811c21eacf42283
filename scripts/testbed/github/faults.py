"""What goes wrong on command, and what is kept waiting.

A fault is matched by method, path (a regular expression, searched without /api/v3) or operation, from
its `nth` match on (1 by default) and `times` times (1 by default, 0 for ever):

    status          answered with `status`, `headers`, `body`; not carried out
    drop-before     the connection ends; not carried out
    drop-after      carried out, then the connection ends without an answer
    drop-midway     carried out, then the connection ends within the answer
    hold-before     waits for /_double/release before it is carried out (not, if the client is gone)
    hold-after      carried out, waits for /_double/release before it is answered
    delay           waits `ms`, then as usual
    secondary-limit GitHub's secondary rate limit: `status` 403 (or 429), with `retry_after` seconds or without
    primary-limit   GitHub's primary rate limit, over in `reset_in` seconds
    spoil           the answer loses the properties in `remove` before it is judged (for the double's own tests)
"""

import re
import threading
import time

KINDS = (
    "status", "drop-before", "drop-after", "drop-midway", "hold-before", "hold-after", "delay",
    "secondary-limit", "primary-limit", "spoil",
)  # fmt: skip
LONGEST_HOLD = 120
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID."
)
PRIMARY = "API rate limit exceeded for installation ID 1."


class Fault:
    def __init__(self, asked):
        unknown = set(asked) - {"match", "do", "status", "headers", "body", "ms", "retry_after", "reset_in", "remove"}
        match = asked.get("match", {})
        unknown |= set(match) - {"method", "route", "operation", "nth", "times"}
        if unknown or asked.get("do") not in KINDS:
            raise ValueError(f"no such fault: {asked['do'] if not unknown else ', '.join(sorted(unknown))}")
        self.do = asked["do"]
        self.method = match.get("method", "").upper()
        self.route = re.compile(match.get("route", ""))
        self.operation = match.get("operation")
        self.nth, self.times = match.get("nth", 1), match.get("times", 1)
        self.asked, self.matched, self.struck = asked, 0, 0

    def strikes(self, method, path, operation):
        if (self.method and self.method != method) or not self.route.search(path):
            return False
        if self.operation and self.operation != operation:
            return False
        if self.times and self.struck >= self.times:
            return False
        self.matched += 1
        if self.matched < self.nth:
            return False
        self.struck += 1
        return True

    def answer(self):
        """(status, body, headers) of a fault that answers; None for the others."""
        headers = {name.lower(): str(value) for name, value in self.asked.get("headers", {}).items()}
        if self.do == "status":
            status = self.asked.get("status", 500)
            return status, self.asked.get("body", {"message": "Server Error"}), headers
        if self.do == "secondary-limit":
            if self.asked.get("retry_after") is not None:
                headers["retry-after"] = str(self.asked["retry_after"])
            return self.asked.get("status", 403), {"message": SECONDARY}, headers
        if self.do == "primary-limit":
            reset = int(time.time()) + self.asked.get("reset_in", 60)
            headers |= {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset)}
            return self.asked.get("status", 403), {"message": PRIMARY}, headers
        return None


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        for _, event in getattr(self, "held", {}).values():
            event.set()
        self.set, self.held = [], {}

    def add(self, asked):
        with self.lock:
            self.set.append(Fault(asked))

    def clear(self):
        with self.lock:
            self.set = []

    def take(self, method, path, operation):
        with self.lock:
            return next((fault for fault in self.set if fault.strikes(method, path, operation)), None)

    def hold(self, number, facts):
        """Wait until released; gives up after two minutes."""
        event = threading.Event()
        with self.lock:
            self.held[number] = (facts, event)
        event.wait(LONGEST_HOLD)
        with self.lock:
            self.held.pop(number, None)

    def waiting(self):
        with self.lock:
            return [{"n": number, **facts} for number, (facts, _) in sorted(self.held.items())]

    def release(self, number=None):
        with self.lock:
            for one, (_, event) in self.held.items():
                if number in (None, one):
                    event.set()
