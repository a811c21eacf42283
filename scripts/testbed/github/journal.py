"""What was asked and answered, and what did not obey GitHub's description."""

import threading


class Journal:
    def __init__(self):
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        self.requests, self.violations = [], []

    def begin(self, facts):
        """A line for a request; `n` is its number since the last reset."""
        with self.lock:
            line = {"n": len(self.requests) + 1, **facts}
            self.requests.append(line)
        return line

    def violated(self, line, where, problem):
        with self.lock:
            self.violations.append(
                {
                    "n": line["n"], "where": where, "method": line["method"], "path": line["path"],
                    "operation": line["operation"], "status": line.get("status"), "problem": problem,
                }
            )  # fmt: skip

    def lines(self):
        with self.lock:
            return [dict(line) for line in self.requests]

    def found(self):
        with self.lock:
            return list(self.violations)
