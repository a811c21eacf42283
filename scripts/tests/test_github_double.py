"""The GitHub double behaves as GitHub does, and sees what does not obey GitHub's description."""

import base64
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))

from testbed import toolbox  # noqa: E402
from testbed.github import description  # noqa: E402

R = "/api/v3/repos/acme/infra"
# Run in the Python of the double, which has the cryptography: key as argument, text in, signature out.
SIGN = """
import sys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
key = serialization.load_pem_private_key(sys.argv[1].encode(), None)
sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read(), padding.PKCS1v15(), hashes.SHA256()))
"""


class Started:
    """A double in a process of its own, as every user of it has it."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [sys.executable, SCRIPTS / "github_double.py", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        line = self.process.stdout.readline().decode()
        if line.startswith("SKIPPED"):
            self.stop()
            if os.environ.get("TFMEND_NO_SKIP") == "1":
                raise AssertionError(line)
            print(line.strip())
            raise unittest.SkipTest(line.strip())
        ready = json.loads(line)
        self.url, self.ca, self.plain = ready["url"], ready["ca"], ready["control"]
        self.tls = ssl.create_default_context(cafile=self.ca) if self.ca else None

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)

    def ask(self, method, path, body=None, token="ghs_test", base=None, **headers):
        """(status, JSON, headers)."""
        sent = {"User-Agent": "test", "Content-Type": "application/json"} | headers
        if token:
            sent["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request((base or self.url) + path, data, sent, method=method)
        try:
            with urllib.request.urlopen(request, context=self.tls if not base else None, timeout=30) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None, answer.headers
        except urllib.error.HTTPError as refused:
            with refused:
                text = refused.read()
                return refused.code, json.loads(text) if text else None, refused.headers

    def control(self, method, name, body=None):
        status, value, _ = self.ask(method, "/_double/" + name, body, token=None, base=self.plain)
        if status != 200:
            raise AssertionError(f"{name}: {status} {value}")
        return value


def setUpModule():
    global double
    double = Started()


def tearDownModule():
    double.stop()


def git(*arguments, folder=None, **environment):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    identity = {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.com"}
    identity |= {"GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.com"}
    alone = {"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(
        ["git", *arguments], cwd=folder, env=clean | identity | alone | environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


class Case(unittest.TestCase):
    obeyed = True  # every request of the test is one that GitHub takes

    def setUp(self):
        double.control("POST", "reset", {})
        made = self.new_repository("infra", private=True, files={"main.tf": "a = 1\n"})
        self.main = made["sha"]

    def tearDown(self):
        if self.obeyed:
            self.assertEqual(double.control("GET", "violations"), [])

    def new_repository(self, name, **facts):
        return double.control("POST", "repositories", {"owner": "acme", "name": name} | facts)

    def ok(self, method, path, body=None, **options):
        status, value, _ = double.ask(method, path, body, **options)
        self.assertLess(status, 300, f"{method} {path}: {value}")
        return value

    def refused(self, expected, method, path, body=None, **options):
        status, value, headers = double.ask(method, path, body, **options)
        self.assertEqual(status, expected, value)
        errors = (value or {}).get("errors", [])
        return " ".join([(value or {}).get("message", "")] + [e.get("message") or e["code"] for e in errors])

    def commit(self, branch, text, parent=None, force=False, **more):
        """A commit through the Git Data API, and the branch on it."""
        parent = parent or self.main
        blob = self.ok("POST", f"{R}/git/blobs", {"content": text, "encoding": "utf-8"})["sha"]
        entry = {"path": "main.tf", "mode": "100644", "type": "blob", "sha": blob}
        tree = self.ok("POST", f"{R}/git/trees", {"base_tree": parent, "tree": [entry]})["sha"]
        made = self.ok("POST", f"{R}/git/commits", {"message": "Fix", "tree": tree, "parents": [parent]} | more)
        if force:
            self.ok("PATCH", f"{R}/git/refs/heads/{branch}", {"sha": made["sha"], "force": True})
        else:
            self.ok("POST", f"{R}/git/refs", {"ref": f"refs/heads/{branch}", "sha": made["sha"]})
        return made

    def pull(self, branch="work", text="a = 2\n"):
        self.commit(branch, text)
        return self.ok("POST", f"{R}/pulls", {"title": "Fix", "head": branch, "base": "main", "body": "why"})

    def person(self, act, **body):
        return double.control("POST", f"as-person/{act}", body)

    def state(self):
        return double.control("GET", "state?repository=acme/infra")

    def fault(self, do, method="GET", route="", **more):
        match = {"method": method, "route": route} | {k: more.pop(k) for k in ("nth", "times") if k in more}
        double.control("POST", "faults", {"match": match, "do": do} | more)


class PullRequests(Case):
    def test_from_blob_to_merge(self):
        self.assertEqual(self.pull()["number"], 1)
        self.ok("POST", f"{R}/issues/1/labels", {"labels": ["security"]})
        self.ok("PATCH", f"{R}/pulls/1", {"title": "Fix it", "body": "because"})
        self.assertEqual([f["filename"] for f in self.ok("GET", f"{R}/pulls/1/files")], ["main.tf"])
        self.assertEqual(len(self.ok("GET", f"{R}/pulls/1/commits")), 1)
        self.person("merge", number=1, delete_branch=True)
        seen = self.ok("GET", f"{R}/pulls/1")
        self.assertEqual((seen["state"], seen["merged"], seen["title"]), ("closed", True, "Fix it"))
        content = self.ok("GET", f"{R}/contents/main.tf?ref=main")["content"]
        self.assertEqual(base64.b64decode(content), b"a = 2\n")
        self.assertNotIn("refs/heads/work", self.state()["refs"])

    def test_a_second_one_and_an_empty_one_are_refused(self):
        self.pull()
        again = {"title": "Fix", "head": "acme:work", "base": "main"}
        self.assertIn("A pull request already exists for acme:work.", self.refused(422, "POST", f"{R}/pulls", again))
        self.person("push", branch="same")
        empty = {"title": "Fix", "head": "same", "base": "main"}
        self.assertIn("No commits between main and same", self.refused(422, "POST", f"{R}/pulls", empty))
        self.refused(422, "POST", f"{R}/pulls", {"title": "Fix", "head": "gone", "base": "main"})

    def test_it_closes_when_its_head_equals_base(self):
        self.pull()
        self.ok("PATCH", f"{R}/git/refs/heads/work", {"sha": self.main, "force": True})
        seen = self.ok("GET", f"{R}/pulls/1")
        self.assertEqual((seen["state"], seen["merged"]), ("closed", False))
        self.assertIn("no new commits", self.refused(422, "PATCH", f"{R}/pulls/1", {"state": "open"}))

    def test_it_closes_when_its_branch_is_deleted(self):
        self.pull()
        self.ok("DELETE", f"{R}/git/refs/heads/work")
        self.assertEqual(self.ok("GET", f"{R}/pulls/1")["state"], "closed")
        self.assertIn("has been deleted", self.refused(422, "PATCH", f"{R}/pulls/1", {"state": "open"}))

    def test_it_is_merged_when_its_commits_arrive_in_base_by_a_push(self):
        head = self.pull()["head"]["sha"]
        self.ok("PATCH", f"{R}/git/refs/heads/main", {"sha": head})
        seen = self.ok("GET", f"{R}/pulls/1")
        self.assertEqual((seen["state"], seen["merged"]), ("closed", True))

    def test_a_closed_one_can_be_opened_again_unless_its_branch_was_rewritten(self):
        self.pull()
        self.person("close", number=1)
        self.assertEqual(self.ok("PATCH", f"{R}/pulls/1", {"state": "open"})["state"], "open")
        self.person("close", number=1)
        self.commit("work", "a = 3\n", force=True)
        self.assertIn("force-pushed", self.refused(422, "PATCH", f"{R}/pulls/1", {"state": "open"}))

    def test_mergeable_is_unknown_first(self):
        self.pull()
        self.assertEqual([self.ok("GET", f"{R}/pulls/1")["mergeable"] for _ in range(3)], [None, True, True])
        self.person("push", branch="main", files={"main.tf": "a = 9\n"})
        self.assertEqual([self.ok("GET", f"{R}/pulls/1")["mergeable_state"] for _ in range(2)], ["unknown", "dirty"])

    def test_lists_are_stale_on_command(self):
        double.control("POST", "settings", {"stale_lists": 1})
        self.pull()
        lists = [len(self.ok("GET", f"{R}/pulls?head=acme:work&state=all")) for _ in range(2)]
        self.assertEqual(lists, [0, 1])
        self.assertEqual(self.ok("GET", f"{R}/pulls/1")["number"], 1)

    def test_lists_are_filtered_and_paged(self):
        for number in range(3):
            self.pull(f"work-{number}")
        status, page, headers = double.ask("GET", f"{R}/pulls?per_page=2&state=all")
        self.assertEqual([one["number"] for one in page], [3, 2])
        following = headers["Link"].split(";")[0].strip("<>").removeprefix(double.url)
        self.assertEqual([one["number"] for one in self.ok("GET", following)], [1])
        self.assertEqual([one["number"] for one in self.ok("GET", f"{R}/pulls?head=acme:work-1")], [2])
        self.person("close", number=2)
        self.assertEqual([one["number"] for one in self.ok("GET", f"{R}/pulls?state=closed")], [2])

    def test_numbers_are_shared_with_issues(self):
        self.assertEqual(self.ok("POST", f"{R}/issues", {"title": "Dashboard", "labels": ["tfmend"]})["number"], 1)
        self.assertEqual(self.pull()["number"], 2)
        self.assertEqual([i["number"] for i in self.ok("GET", f"{R}/issues?labels=tfmend")], [1])
        self.assertEqual([i["number"] for i in self.ok("GET", f"{R}/issues?direction=asc")], [1, 2])
        self.refused(404, "GET", f"{R}/pulls/1")

    def test_one_from_a_fork_is_another_one(self):
        self.pull("tfmend/x")
        fork = {"fork": True, "head": "tfmend/x", "files": {"main.tf": "evil\n"}, "login": "mallory"}
        self.assertEqual(self.person("open-pull", title="Fix", **fork)["number"], 2)
        ours = self.ok("GET", f"{R}/pulls?head=acme:tfmend/x")
        self.assertEqual([one["number"] for one in ours], [1])
        (theirs,) = self.ok("GET", f"{R}/pulls?head=mallory:tfmend/x")
        self.assertEqual((theirs["head"]["label"], theirs["head"]["repo"]["fork"]), ("mallory:tfmend/x", True))
        self.assertEqual(list(self.state()["refs"]), ["refs/heads/main", "refs/heads/tfmend/x"])
        self.refused(404, "GET", f"{R}/git/ref/forks/mallory/tfmend/x")
        self.ok("DELETE", f"{R}/git/refs/heads/tfmend/x")
        self.assertEqual([one["state"] for one in self.state()["pulls"]], ["closed", "open"])
        self.person("merge", number=2)


class Renamed(Case):
    def test_the_old_name_leads_to_the_new_one(self):
        double.control("POST", "repository", {"rename": "live"})
        self.assertEqual(self.ok("GET", R)["full_name"], "acme/live")
        self.assertEqual(self.ok("GET", f"{R}/pulls?state=all"), [])
        status, value, headers = double.ask("POST", f"{R}/labels", {"name": "x"})
        self.assertEqual((status, value["message"]), (307, "Moved Permanently"))
        self.assertRegex(headers["Location"], r"/api/v3/repositories/\d+/labels$")
        self.refused(404, "GET", R, token=None)
        with tempfile.TemporaryDirectory() as folder:
            address = double.url.replace("://", "://x-access-token:ghs_test@") + "/acme/infra.git"
            done = git("clone", "-q", address, "c", folder=folder)
            self.assertEqual(done.returncode, 0, done.stderr)


class Data(Case):
    def test_refs(self):
        self.commit("tfmend/s3/logs", "a = 2\n")
        ref = {"ref": "refs/heads/tfmend/s3/logs", "sha": self.main}
        self.assertEqual(self.refused(422, "POST", f"{R}/git/refs", ref), "Reference already exists")
        self.assertEqual(len(self.ok("GET", f"{R}/git/matching-refs/heads/tfmend/")), 1)
        back = {"sha": self.main}
        self.assertIn("fast forward", self.refused(422, "PATCH", f"{R}/git/refs/heads/tfmend/s3/logs", back))
        self.refused(404, "GET", f"{R}/git/ref/heads/tfmend")
        self.refused(422, "PATCH", f"{R}/git/refs/heads/none", back)
        self.refused(422, "DELETE", f"{R}/git/refs/heads/none")
        self.assertIn("fast forward", self.refused(422, "PATCH", f"{R}/git/refs/heads/main", {"sha": self.orphan()}))

    def orphan(self):
        tree = self.ok("POST", f"{R}/git/trees", {"tree": [{"path": "x", "mode": "100644", "content": "x"}]})["sha"]
        return self.ok("POST", f"{R}/git/commits", {"message": "alone", "tree": tree, "parents": []})["sha"]

    def test_trees_keep_modes_and_delete(self):
        entries = [
            {"path": "run.sh", "mode": "100755", "type": "blob", "content": "#!/bin/sh\n"},
            {"path": "deep/er/link", "mode": "120000", "type": "blob", "content": "../../main.tf"},
            {"path": "main.tf", "mode": "100644", "type": "blob", "sha": None},
        ]
        made = self.ok("POST", f"{R}/git/trees", {"base_tree": self.main, "tree": entries})["sha"]
        listed = self.ok("GET", f"{R}/git/trees/{made}?recursive=1")["tree"]
        files = {one["path"]: one["mode"] for one in listed if one["type"] == "blob"}
        self.assertEqual(files, {"run.sh": "100755", "deep/er/link": "120000"})
        gone = {"base_tree": made, "tree": [{"path": "main.tf", "mode": "100644", "type": "blob", "sha": None}]}
        self.refused(422, "POST", f"{R}/git/trees", gone)
        for path in ("/main.tf", "a/../b", ".git/config"):
            bad = {"tree": [{"path": path, "mode": "100644", "type": "blob", "content": "x"}]}
            self.refused(422, "POST", f"{R}/git/trees", bad)

    def test_verified_exactly_when_a_bot_names_nobody(self):
        self.assertTrue(self.commit("one", "a = 2\n")["verification"]["verified"])
        ann = {"name": "Ann", "email": "ann@example.com"}
        self.assertFalse(self.commit("two", "a = 2\n", author=ann)["verification"]["verified"])
        pushed = self.person("push", branch="three", files={"x": "y"})["sha"]
        self.assertFalse(self.ok("GET", f"{R}/git/commits/{pushed}")["verification"]["verified"])

    def test_history(self):
        made = self.commit("work", "a = 2\n")["sha"]
        seen = self.ok("GET", f"{R}/compare/main...work")
        self.assertEqual((seen["status"], seen["ahead_by"], seen["behind_by"]), ("ahead", 1, 0))
        self.assertEqual([one["sha"] for one in self.ok("GET", f"{R}/commits?sha=work")], [made, self.main])
        self.assertEqual(self.ok("GET", f"{R}/commits/work")["files"][0]["filename"], "main.tf")
        self.assertFalse(self.ok("GET", f"{R}/branches/work")["protected"])

    def test_an_empty_repository(self):
        self.new_repository("empty", files={})
        self.refused(409, "GET", "/repos/acme/empty/git/ref/heads/main")
        self.refused(409, "POST", "/repos/acme/empty/git/blobs", {"content": "x"})

    def test_an_import_brings_branches(self):
        with tempfile.TemporaryDirectory() as folder:
            git("init", "-q", "-b", "trunk", folder)
            git("commit", "-q", "--allow-empty", "-m", "Start", folder=folder)
            git("branch", "other", folder=folder)
            self.new_repository("brought", **{"import": folder})
        self.assertEqual(self.ok("GET", "/repos/acme/brought")["default_branch"], "trunk")
        self.ok("GET", "/repos/acme/brought/git/ref/heads/other")


class Talk(Case):
    def test_comments_and_their_limit(self):
        self.pull()
        made = self.ok("POST", f"{R}/issues/1/comments", {"body": "one"})
        self.ok("PATCH", f"{R}/issues/comments/{made['id']}", {"body": "two"})
        self.assertEqual([one["body"] for one in self.ok("GET", f"{R}/issues/1/comments")], ["two"])
        long = {"body": "x" * 65_537}
        self.assertIn("too long", self.refused(422, "POST", f"{R}/issues/1/comments", long))
        self.assertIn("too long", self.refused(422, "PATCH", f"{R}/pulls/1", long))
        self.ok("PATCH", f"{R}/pulls/1", {"body": "x" * 65_536})
        self.ok("DELETE", f"{R}/issues/comments/{made['id']}")
        self.refused(404, "POST", f"{R}/issues/7/comments", {"body": "nobody there"})

    def test_labels(self):
        self.pull()
        self.ok("POST", f"{R}/labels", {"name": "security", "color": "ff0000", "description": "d"})
        self.assertIn("already_exists", self.refused(422, "POST", f"{R}/labels", {"name": "Security"}))
        self.assertIn("too long", self.refused(422, "POST", f"{R}/labels", {"name": "x" * 51}))
        self.refused(422, "POST", f"{R}/labels", {"name": "y", "description": "d" * 101})
        self.ok("POST", f"{R}/issues/1/labels", {"labels": ["SECURITY", "severity:high"]})
        self.assertEqual(self.state()["pulls"][0]["labels"], ["security", "severity:high"])
        self.ok("DELETE", f"{R}/issues/1/labels/severity:high")
        self.refused(404, "DELETE", f"{R}/issues/1/labels/severity:high")


class Access(Case):
    def token(self, token, **facts):
        double.control("POST", "tokens", {"token": token} | facts)

    def test_who_may_what(self):
        self.assertEqual(self.refused(401, "GET", R, token="wrong"), "Bad credentials")
        self.refused(404, "GET", R, token=None)
        self.token("elsewhere", type="installation", repositories=["acme/other"])
        self.refused(404, "GET", R, token="elsewhere")
        self.refused(404, "POST", f"{R}/labels", {"name": "x"}, token="elsewhere")
        self.token("reads", type="installation", permissions={"contents": "read", "metadata": "read"})
        self.ok("GET", f"{R}/git/ref/heads/main", token="reads")
        words = self.refused(403, "POST", f"{R}/labels", {"name": "x"}, token="reads")
        self.assertEqual(words, "Resource not accessible by integration")
        self.token("old", type="installation", expires_in=-1)
        self.refused(401, "GET", R, token="old")
        self.refused(403, "GET", "/user")
        self.token("ann", type="user")
        self.assertEqual(self.ok("GET", "/user", token="ann")["login"], "ann")

    def test_a_public_repository_is_read_by_anybody(self):
        self.new_repository("open", private=False)
        self.ok("GET", "/repos/acme/open", token=None)
        self.refused(401, "POST", "/repos/acme/open/labels", {"name": "x"}, token=None)
        self.token("elsewhere", type="installation", repositories=["acme/other"])
        self.refused(403, "POST", "/repos/acme/open/labels", {"name": "x"}, token="elsewhere")

    def test_actions_may_be_kept_from_opening_pull_requests(self):
        self.commit("work", "a = 2\n")
        double.control("POST", "repository", {"actions_open_pulls": False})
        self.token("job", type="actions")
        body = {"title": "Fix", "head": "work", "base": "main"}
        self.assertIn("not permitted", self.refused(403, "POST", f"{R}/pulls", body, token="job"))

    def test_an_app_by_its_key(self):
        installation = {"id": 7, "account": "acme", "permissions": {"contents": "write", "metadata": "read"}}
        key = double.control("POST", "apps", {"app_id": 5, "installations": [installation]})["private_key_pem"]

        def jwt(**claims):
            now = int(time.time())
            parts = [{"alg": "RS256"}, {"iss": "5", "iat": now - 30, "exp": now + 500} | claims]
            signed = b".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in parts)
            python = toolbox.get("github-double")["python"]
            command = [python, "-c", SIGN, key]
            signature = subprocess.run(command, input=signed, check=True, capture_output=True).stdout
            return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()

        good = jwt()
        self.assertEqual(self.ok("GET", f"{R}/installation", token=good)["id"], 7)
        self.assertEqual(self.ok("GET", "/app", token=good)["slug"], "tfmend")
        route = "/app/installations/7/access_tokens"
        made = self.ok("POST", route, {"repositories": ["infra"]}, token=good)
        self.ok("GET", f"{R}/git/ref/heads/main", token=made["token"])
        self.refused(403, "POST", f"{R}/labels", {"name": "x"}, token=made["token"])
        self.refused(422, "POST", route, {"permissions": {"issues": "write"}}, token=good)
        self.assertIn("too far", self.refused(401, "GET", "/app", token=jwt(exp=int(time.time()) + 1000)))
        self.assertIn("future", self.refused(401, "GET", "/app", token=jwt(exp=int(time.time()) - 10)))
        self.refused(401, "GET", "/app", token=good[:-6] + "AAAAAA")
        double.control("POST", "settings", {"installation_token_seconds": 0})
        over = self.ok("POST", route, {}, token=good)
        time.sleep(0.01)
        self.assertEqual(self.refused(401, "GET", R, token=over["token"]), "Bad credentials")


class Faults(Case):
    def labels(self):
        return [one["name"] for one in self.state()["labels"]]

    def post(self, timeout=20):
        """A label is created on a connection of our own; what is answered, or None."""
        connection = http.client.HTTPConnection(double.url.removeprefix("http://"), timeout=timeout)
        self.addCleanup(connection.close)
        headers = {"User-Agent": "test", "Authorization": "Bearer ghs_test"}
        try:
            connection.request("POST", f"{R}/labels", json.dumps({"name": "x"}), headers)
            return connection.getresponse().status
        except (ConnectionError, http.client.HTTPException):
            return None

    def test_a_lost_answer_and_a_lost_request(self):
        self.fault("drop-before", "POST", "/labels$")
        self.assertIsNone(self.post())
        self.assertEqual(self.labels(), [])
        self.fault("drop-after", "POST", "/labels$")
        self.assertIsNone(self.post())
        self.assertEqual(self.labels(), ["x"])

    def test_an_answer_that_ends_too_early(self):
        self.fault("drop-midway", route="/infra$")
        with self.assertRaises(http.client.IncompleteRead):
            double.ask("GET", R)
        self.ok("GET", R)

    def test_held_until_released(self):
        for do, meanwhile in (("hold-before", []), ("hold-after", ["x"])):
            double.control("POST", "reset", {})
            self.new_repository("infra")
            self.fault(do, "POST", "/labels$")
            answers = []
            waiting = threading.Thread(target=lambda into=answers: into.append(self.post()))
            waiting.start()
            self.until_held()
            self.assertEqual((self.labels(), answers), (meanwhile, []))
            double.control("POST", "release", {})
            waiting.join(10)
            self.assertEqual((self.labels(), answers), (["x"], [201]))

    def until_held(self):
        for _ in range(500):
            if double.control("GET", "held"):
                return
            time.sleep(0.01)
        self.fail("nothing is held")

    def test_what_a_killed_client_sent_is_not_carried_out_when_it_was_held_before(self):
        self.fault("hold-before", "POST", "/labels$")
        host, port = double.url.removeprefix("http://").split(":")
        body = b'{"name": "x"}'
        head = f"POST {R}/labels HTTP/1.1\r\nHost: x\r\nUser-Agent: t\r\nAuthorization: Bearer ghs_test\r\n"
        with socket.create_connection((host, int(port))) as client:
            client.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            self.until_held()
        double.control("POST", "release", {})
        time.sleep(0.1)
        self.assertEqual(self.labels(), [])

    def test_limits(self):
        self.fault("secondary-limit", retry_after=7)
        status, value, headers = double.ask("GET", R)
        self.assertEqual((status, headers["retry-after"]), (403, "7"))
        self.assertIn("secondary rate limit", value["message"])
        self.fault("secondary-limit", status=429)
        status, _, headers = double.ask("GET", R)
        self.assertEqual((status, headers["retry-after"]), (429, None))
        self.fault("primary-limit", reset_in=30)
        status, _, headers = double.ask("GET", R)
        self.assertEqual((status, headers["x-ratelimit-remaining"]), (403, "0"))
        self.assertAlmostEqual(int(headers["x-ratelimit-reset"]), time.time() + 30, delta=5)
        self.ok("GET", R)

    def test_writes_too_close_meet_the_secondary_limit(self):
        double.control("POST", "settings", {"write_gap_ms": 60_000})
        self.ok("POST", f"{R}/labels", {"name": "x"})
        self.assertIn("secondary", self.refused(403, "POST", f"{R}/labels", {"name": "y"}))

    def test_the_nth_and_how_often(self):
        self.fault("status", route="/infra$", status=502, nth=2, times=2)
        self.assertEqual([double.ask("GET", R)[0] for _ in range(4)], [200, 502, 502, 200])


class Git(Case):
    def address(self, token, started=None):
        scheme, host = (started or double).url.split("://")
        return f"{scheme}://{f'x-access-token:{token}@' if token else ''}{host}/acme/infra.git"

    def test_clone_and_push(self):
        self.pull()
        double.control("POST", "tokens", {"token": "reads", "type": "user", "permissions": {"contents": "read"}})
        with tempfile.TemporaryDirectory() as folder:
            self.assertNotEqual(git("clone", self.address(None), "a", folder=folder).returncode, 0)
            self.assertIn("Authentication failed", git("clone", self.address("wrong"), "b", folder=folder).stderr)
            done = git("clone", "-q", "-b", "work", self.address("ghs_test"), "c", folder=folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            clone = Path(folder) / "c"
            (clone / "main.tf").write_text("a = 3\n", encoding="utf-8")
            git("commit", "-qam", "More", folder=clone)
            denied = git("push", "-q", self.address("reads"), "work", folder=clone)
            self.assertIn("403", denied.stderr)
            done = git("push", "-q", self.address("ghs_test"), "work", folder=clone)
            self.assertEqual(done.returncode, 0, done.stderr)
            tip = git("rev-parse", "HEAD", folder=clone).stdout.strip()
        self.assertEqual(self.ok("GET", f"{R}/pulls/1")["head"]["sha"], tip)

    def test_protected_branches_and_workflows_are_kept_from_bots(self):
        double.control("POST", "repository", {"protected": ["main"]})
        facts = {"type": "actions", "permissions": {"contents": "write"}}
        double.control("POST", "tokens", {"token": "job"} | facts)
        with tempfile.TemporaryDirectory() as folder:
            git("clone", "-q", self.address("job"), "c", folder=folder)
            clone = Path(folder) / "c"
            (clone / ".github/workflows").mkdir(parents=True)
            (clone / ".github/workflows/x.yml").write_text("on: push\n", encoding="utf-8")
            git("add", "-A", folder=clone)
            git("commit", "-qm", "Workflow", folder=clone)
            self.assertIn("GH006", git("push", "origin", "main", folder=clone).stderr)
            self.assertIn("workflows", git("push", "origin", "HEAD:work", folder=clone).stderr)
        self.assertEqual(list(self.state()["refs"]), ["refs/heads/main"])

    def test_over_tls_with_a_private_authority(self):
        private = Started("--tls")
        self.addCleanup(private.stop)
        private.control("POST", "repositories", {"owner": "acme", "name": "infra", "private": True})
        self.assertEqual(private.ask("GET", R)[1]["full_name"], "acme/infra")
        with tempfile.TemporaryDirectory() as folder:
            address = self.address("ghs_test", private)
            self.assertIn("certificate", git("clone", address, "a", folder=folder).stderr)
            done = git("clone", "-q", address, "b", folder=folder, GIT_SSL_CAINFO=private.ca)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue((Path(folder) / "b" / "README.md").is_file())


class Judgement(Case):
    """What does not obey the description is found, in both directions."""

    obeyed = False

    def found(self):
        return [(one["where"], one["operation"], one["problem"]) for one in double.control("GET", "violations")]

    def one(self, where, operation, part):
        ((at, which, problem),) = self.found()
        self.assertEqual((at, which), (where, operation))
        self.assertIn(part, problem)

    def test_a_wrong_type_in_a_request(self):
        self.refused(422, "POST", f"{R}/labels", {"name": 7})
        self.one("request", "issues/create-label", "string")
        self.assertEqual(self.state()["labels"], [])

    def test_a_property_that_does_not_exist(self):
        self.commit("work", "a = 2\n")
        body = {"title": "Fix", "head": "work", "base": "main", "labels": ["x"]}
        self.refused(422, "POST", f"{R}/pulls", body)
        self.one("request", "pulls/create", "labels")

    def test_one_deep_inside(self):
        entry = {"path": "x", "mode": "100644", "type": "blob", "contents": "x"}
        self.refused(422, "POST", f"{R}/git/trees", {"tree": [entry]})
        self.one("request", "git/create-tree", "contents")

    def test_a_missing_property(self):
        self.refused(422, "POST", f"{R}/git/refs", {"ref": "refs/heads/x"})
        self.one("request", "git/create-ref", "sha")

    def test_a_query_parameter_that_does_not_exist(self):
        self.refused(422, "GET", f"{R}/pulls?author=ann")
        self.one("request", "pulls/list", "author")

    def test_a_value_that_a_query_parameter_does_not_take(self):
        self.refused(422, "GET", f"{R}/pulls?state=merged")
        self.one("request", "pulls/list", "state")

    def test_a_route_that_does_not_exist(self):
        self.refused(404, "GET", f"{R}/pull/1")
        self.one("request", None, "no such route")

    def test_a_body_that_is_not_json(self):
        connection = http.client.HTTPConnection(double.url.removeprefix("http://"), timeout=20)
        self.addCleanup(connection.close)
        headers = {"User-Agent": "test", "Authorization": "Bearer ghs_test"}
        connection.request("POST", f"{R}/labels", "{", headers)
        self.assertEqual(connection.getresponse().status, 400)
        self.one("request", "issues/create-label", "not JSON")

    def test_what_is_not_emulated_says_so(self):
        self.refused(501, "GET", f"{R}/traffic/views")
        self.one("double", "repos/get-views", "not emulated")

    def test_an_answer_without_what_it_must_have(self):
        self.fault("spoil", route="/infra$", remove=["full_name"])
        self.ok("GET", R)
        self.one("response", "repos/get", "full_name")

    def test_faults_are_exempt(self):
        self.fault("status", status=418, body={"odd": True})
        self.assertEqual(double.ask("GET", R)[0], 418)
        self.assertEqual(self.found(), [])


class Dialect(unittest.TestCase):
    """OpenAPI 3.0 into JSON Schema."""

    def test_nullable(self):
        made = description.converted({"type": "string", "nullable": True, "enum": ["a"]}, True, {})
        self.assertEqual(made, {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]})

    def test_objects_with_known_properties_are_closed_but_not_their_parts(self):
        made = description.converted({"allOf": [{"properties": {"a": {"properties": {"b": {}}}}}]}, True, {})
        self.assertIs(made["unevaluatedProperties"], False)
        self.assertNotIn("unevaluatedProperties", made["allOf"][0])
        self.assertIs(made["allOf"][0]["properties"]["a"]["unevaluatedProperties"], False)

    def test_maps_and_anything_stay_open(self):
        anything = {"type": "object"}
        listed = {"type": "object", "properties": {"a": {"type": "string"}}}
        schemas = {"anything": anything, "listed": listed}
        free, known = ({"$ref": f"#/components/schemas/{name}"} for name in schemas)
        for schema in (
            anything, free, anything | {"nullable": True}, free | {"nullable": True}, {"anyOf": [known, free]},
            listed | {"additionalProperties": {"type": "string"}}, {"type": "string", "nullable": True},
        ):  # fmt: skip
            self.assertNotIn("unevaluatedProperties", description.converted(schema, True, schemas), schema)
        for schema in (listed, known, listed | {"nullable": True}, {"allOf": [known, free]}):
            self.assertIn("unevaluatedProperties", description.converted(schema, True, schemas), schema)

    def test_a_property_may_be_called_like_a_word(self):
        made = description.converted({"properties": {"description": {"type": "string"}, "title": {}}}, False, {})
        self.assertEqual(made["properties"], {"description": {"type": "string"}, "title": {}})


if __name__ == "__main__":
    unittest.main()
