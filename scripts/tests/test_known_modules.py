"""The table of well-known modules is read as the tool reads it, and differences are seen."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import known_modules  # noqa: E402

OUTLINE = """#! module acme/db/aws
#! known 1.0.0 2.0.0

variable "public" {
  default = true  #@ < 2.0.0
  default = false #@ >= 2.0.0
}

#@ >= 2.0.0 {
variable "options" {
  default = {
    tokens = "required"
  }
}
#@ }

resource "aws_db_instance" "this" {
  count = 1
}
"""


class KnownModules(unittest.TestCase):
    def test_lines_are_of_their_versions(self):
        old = known_modules.defaults(known_modules.rendered(OUTLINE, (1, 4, 0)))
        new = known_modules.defaults(known_modules.rendered(OUTLINE, (2, 0, 0)))
        self.assertEqual(old, {"public": "true"})
        self.assertEqual(new, {"public": "false", "options": frozenset(["tokens=required"])})

    def test_a_default_that_turned_and_a_block_that_is_gone_are_seen(self):
        with tempfile.TemporaryDirectory() as top:
            clones = Path(top)
            repository = clones / "acme" / "terraform-aws-db"
            repository.mkdir(parents=True)

            def git(*arguments):
                identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
                subprocess.run(["git", "-C", repository, *identity, *arguments], check=True, capture_output=True)

            git("init", "-q")
            options = 'variable "options" {\n  default = {\n    tokens = "required"\n    hops   = 1\n  }\n}\n'
            for tag, default in (("v1.0.0", "true"), ("v1.5.0", "false"), ("v2.0.0", "false")):
                text = f'variable "public" {{\n  type    = bool\n  default = {default}\n}}\n{options}'
                (repository / "variables.tf").write_text(text)
                name = "this" if tag != "v2.0.0" else "main"
                (repository / "main.tf").write_text(f'resource "aws_db_instance" "{name}" {{\n}}\n')
                git("add", ".")
                git("commit", "-q", "--allow-empty", "-m", tag)
                git("tag", tag)
            outline = clones / "db.hcl"
            outline.write_text(OUTLINE)
            tags, differences = known_modules.compare(outline, clones)
        self.assertEqual(tags, 3)
        self.assertEqual(len(differences), 2)
        self.assertIn("v1.5.0 public", differences[0])
        self.assertIn('v2.0.0 resource "aws_db_instance" "this"', differences[1])

    def test_lines_that_outlines_share_stand_where_they_are_taken_in(self):
        with tempfile.TemporaryDirectory() as top:
            (Path(top) / "rules.part.hcl").write_text('variable "rules" {\n  default = $NONE\n}\n')
            text = known_modules.whole("#! lines rules.part.hcl with NONE = {}\nx = 1\n", Path(top))
        self.assertEqual(text, 'variable "rules" {\n  default = {}\n}\nx = 1\n')

    def test_a_module_that_is_called_by_another_version_is_seen(self):
        with tempfile.TemporaryDirectory() as top:
            table = Path(top)
            (table / "db.hcl").write_text(OUTLINE)
            text = "#! include db.hcl at 1.5.0 in db\n"
            outline = 'module "db" {\n  source = "./db"\n}\n'

            def said(source, by):
                call = f'module "db" {{\n  source  = "{source}"\n  version = "{by}"\n}}\n'
                return list(known_modules.called_otherwise(text, outline, call, table))

            self.assertEqual(said("acme/db/aws", "1.5.0"), [])
            self.assertEqual(said("acme/db/aws", "v1.0.3"), [], "the outline says the same of it")
            for source, by in (("acme/db/aws", "2.0.0"), ("acme/db/aws", "0.9.0"), ("acme/other/aws", "1.5.0")):
                self.assertEqual(len(said(source, by)), 1, (source, by))

    def test_inputs_are_found_in_whatever_file_declares_them(self):
        text = 'variable "rules" {\n  # a brace { in a comment\n  default = []\n}\nvariable "other" {}\n'
        self.assertEqual(known_modules.defaults(text), {"rules": "[]", "other": None})

    def test_every_outline_has_a_head(self):
        for path in known_modules.outlines():
            self.assertRegex(path.read_text(), r"(?m)^#! module \S+/\S+/\S+")
            self.assertIsNone(known_modules.compare(path, Path("/nowhere")))


if __name__ == "__main__":
    unittest.main()
