"""What GitHub runs is linted, and the linter bites."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import workflows  # noqa: E402
from testbed import toolbox  # noqa: E402
from tests.test_action import binary, missing  # noqa: E402

INJECTED = """on: issues
permissions: {}
jobs:
  x:
    runs-on: ubuntu-24.04
    steps:
      - run: echo ${{ github.event.issue.title }}
"""


class Zizmor(unittest.TestCase):
    def test_an_interpolated_title_is_found(self):
        tool = toolbox.get("zizmor")
        if not tool["available"]:
            missing(tool["reason"])
        with tempfile.TemporaryDirectory() as folder:
            bad = Path(folder) / ".github" / "workflows" / "bad.yml"
            bad.parent.mkdir(parents=True)
            bad.write_text(INJECTED, encoding="utf-8")
            command = [*tool["command"], "--offline", "--no-progress", "--quiet", bad.parent]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertIn("template-injection", done.stdout + done.stderr)
            self.assertNotEqual(done.returncode, 0)

    def test_ours_are_clean(self):
        command = [sys.executable, workflows.__file__, "--tfmend", binary()]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        if not done.stdout.startswith("SKIPPED"):
            self.assertIn("No findings", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
