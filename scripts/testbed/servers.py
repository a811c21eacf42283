"""The GitHub double and the emulated AWS for tests in Python: started, spoken to, and ended with the block."""

import contextlib
import json
import os
import subprocess
import sys
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from . import command, emulator

SCRIPTS = Path(__file__).resolve().parent.parent
SKIPPED = 75
IDENTITY = {
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.com",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
}


def git(folder, *arguments):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | IDENTITY
    done = subprocess.run(["git", "-C", folder, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"git {' '.join(arguments)}: {done.stderr}")
    return done.stdout


@contextlib.contextmanager
def started(script, what):
    """A server of ours that prints one line of JSON when it is ready; the test is skipped where it cannot be had."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPTS / script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    command.live.add(process)
    try:
        line = process.stdout.readline()
        if not line.startswith("{"):
            if os.environ.get("TFMEND_NO_SKIP") == "1" or process.wait(60) != SKIPPED:
                raise AssertionError(f"{what} does not start: {line}")
            print(line.strip(), file=sys.stderr)
            raise unittest.SkipTest(line.strip())
        yield json.loads(line)
    finally:
        process.stdin.close()
        process.stdout.close()
        command.end_group(process)


class GitHub:
    def __init__(self, facts):
        self.url = facts["url"]

    def control(self, what, body=None):
        """A question (no body) or an order to the double itself."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/_double/{what}", data=data, headers={"Content-Type": "application/json"}
        )
        try:
            with emulator.direct().open(request, timeout=60) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as problem:
            raise AssertionError(f"{what}: {problem.read().decode()}") from problem

    def push_url(self, repository):
        return f"{self.url.replace('://', '://x-access-token:ghs_test@')}/{repository}.git"

    def environment(self):
        return {
            "GITHUB_API_URL": f"{self.url}/api/v3",
            "GITHUB_SERVER_URL": self.url,
            "TFMEND_GITHUB_PACE_MS": "0",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }


@contextlib.contextmanager
def github():
    with started("github_double.py", "the GitHub double") as facts:
        yield GitHub(facts)


class Aws:
    KEY = "AKIATESTTESTTEST"

    def __init__(self, facts):
        self.url = facts["url"]

    def environment(self):
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.KEY,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def call(self, region, path, body):
        scope = f"{self.KEY}/20260101/{region}/securityhub/aws4_request"
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        }
        request = urllib.request.Request(f"{self.url}{path}", data=json.dumps(body).encode(), headers=headers)
        with emulator.direct().open(request, timeout=60) as answer:
            return json.loads(answer.read() or "null")

    def import_findings(self, region, findings):
        """Switches Security Hub on in a region and imports findings, 100 at a time."""
        self.call(region, "/accounts", {})
        for start in range(0, len(findings), 100):
            answer = self.call(region, "/findings/import", {"Findings": findings[start : start + 100]})
            if answer.get("FailedCount"):
                raise AssertionError(f"not imported: {answer}")


@contextlib.contextmanager
def aws():
    with started("aws_testbed.py", "the AWS testbed") as facts:
        yield Aws(facts)
