"""Many mutants in one build: what the switch makes of a file."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mutation import switch  # noqa: E402


def at(text, part):
    """The place of `part` in the text as cargo-mutants gives it: lines and columns from 1."""
    start = text.index(part)

    def place(offset):
        before = text[:offset]
        return {"line": before.count("\n") + 1, "column": offset - (before.rfind("\n") + 1) + 1}

    return {"start": place(start), "end": place(start + len(part))}


def mutants(text, *changes, returns=""):
    """Mutants of the one function `fn …}` in the text: (what is there, what comes in its place)."""
    function = text[text.index("fn ") : text.rindex("}") + 1]
    listed = [
        {
            "name": f"{old} → {new}",
            "file": "a.rs",
            "function": {"function_name": "f", "return_type": returns, "span": at(text, function)},
            "span": at(text, old),
            "replacement": new,
        }
        for old, new in changes
    ]
    return switch.read(listed, {"a.rs": text})


class Body(unittest.TestCase):
    def found(self, text):
        opened, closed = switch.body(text, 0, len(text))
        return text[opened : closed + 1]

    def test_it_is_the_last_pair_of_braces(self):
        self.assertEqual(self.found("fn f(a: [u8; { 2 }]) { if a { b } }"), "{ if a { b } }")

    def test_braces_in_texts_characters_and_comments_are_none(self):
        for inside in ('"{"', '"\\"{"', "'{'", "b'{'", r"'\''; '{'", 'r#"{"{"#', "/* { /* { */ { */", "// {\n"):
            text = f"fn f<'a>(x: &'a str) {{ {inside} }}"
            self.assertEqual(self.found(text), text[text.index(") {") + 2 :])


class Switch(unittest.TestCase):
    TEXT = "// ä\nimpl A {\n    fn f(x: u8) -> bool {\n        x < 3\n    }\n}\n"

    def test_every_mutant_is_an_arm_and_the_rest_is_the_original(self):
        text = self.TEXT.replace("\n}\n", "\n")  # one function, for the helper
        some = mutants(text, ("<", "<="), ("x < 3", "true"))
        switched = switch.switch(text, some)
        self.assertEqual(
            " ".join(switched.text.split()),
            "// ä impl A { fn f(x: u8) -> bool { match crate::mutant::number(1) { "
            "1 => { x <= 3 } 2 => { true } _ => { x < 3 } } }",
        )

    def test_an_error_is_blamed_on_the_mutant_in_whose_lines_it_is(self):
        text = self.TEXT.replace("\n}\n", "\n")
        some = mutants(text, ("<", "<="), ("x < 3", "true"))
        switched = switch.switch(text, some)
        lines = switched.text.splitlines()
        line = lambda part: next(n for n, text in enumerate(lines, 1) if part in text)  # noqa: E731
        self.assertEqual(switch.blamed(switched, line("x <= 3")), ([some[0]], True))
        self.assertEqual(switch.blamed(switched, line("true")), ([some[1]], True))
        self.assertEqual(switch.blamed(switched, line("x < 3")), (some, False))
        self.assertEqual(switch.blamed(switched, 1), ([], False))

    def test_a_mutant_keeps_its_key_when_its_function_moves_and_loses_it_when_it_changes(self):
        text = self.TEXT.replace("\n}\n", "\n")
        key = mutants(text, ("<", "<="))[0].key
        self.assertEqual(mutants("// new\n" + text, ("<", "<="))[0].key, key)
        self.assertNotEqual(mutants(text.replace("3", "4"), ("<", "<="))[0].key, key)
        self.assertNotEqual(mutants(text, ("<", ">"))[0].key, key)

    def test_a_function_that_returns_impl_is_not_switched(self):
        text = self.TEXT.replace("\n}\n", "\n")
        self.assertTrue(mutants(text, ("<", "<="), returns="-> impl Iterator")[0].alone)


if __name__ == "__main__":
    unittest.main()
