"""The table of the AWS provider's arguments is written and read alike, and what a schema does not bear out is seen."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import arguments  # noqa: E402

BLOCK = {
    "attributes": {
        "id": {"type": "string", "optional": True, "computed": True},
        "arn": {"type": "string", "computed": True},
        "name": {"type": "string", "required": True},
        "password": {"type": "string", "optional": True, "sensitive": True},
        "port": {"type": "number", "optional": True},
        "subnets": {"type": ["set", "string"], "optional": True},
        "ingress": {"type": ["set", ["object", {"port": "number"}]], "optional": True},
        "tags": {"type": ["map", "string"], "optional": True},
        "tags_all": {"type": ["map", "string"], "optional": True, "computed": True},
    },
    "block_types": {
        "disk": {"nesting_mode": "list", "block": {"attributes": {"size": {"type": "number", "optional": True}}}},
        "rule": {"nesting_mode": "set", "block": {"attributes": {"port": {"type": "number", "optional": True}}}},
    },
}


def schema(block):
    return {"resource_schemas": {"aws_thing": {"block": block}}}


class Arguments(unittest.TestCase):
    def test_what_one_may_write_and_the_table_can_hold_is_asked(self):
        found = {slot.key: slot.mark for slot in arguments.slots(BLOCK)}
        self.assertEqual(
            found,
            {
                (None, "name"): "s", (None, "password"): "s!", (None, "port"): "n", (None, "subnets"): "Ss",
                (None, "tags"): "Ms", ("disk", "size"): "n",
            },
        )  # fmt: skip

    def test_a_section_is_read_as_it_was_written(self):
        told = list(arguments.slots(BLOCK))
        told[0].plain = True
        text = arguments.HEADER.format(version="0") + arguments.section("aws_thing", told)
        self.assertEqual(arguments.read(text), {"aws_thing": {slot.key: slot.mark for slot in told}})
        self.assertIn("\n s~ name\n", text)
        self.assertIn("\n disk.n size\n", text)
        self.assertEqual(list(arguments.sections(text)), ["aws_thing"])

    def test_what_the_provider_says_otherwise_is_a_difference(self):
        table = arguments.read("aws_thing\n n port\n s~ name\n b subnets\naws_gone\n s name\n")
        found = list(arguments.differences(table, schema(BLOCK), schema({})))
        self.assertEqual(len(found), 2, found)
        self.assertIn("aws_thing subnets: b in the table, Ss in the provider", found)

    def test_what_had_another_type_before_is_left_out(self):
        before = {
            "attributes": {"port": {"type": "string"}, "tags": {"type": ["map", "string"]}},
            "block_types": {"disk": {"nesting_mode": "set", "block": {}}},
        }
        kept = arguments.kept("aws_thing", list(arguments.slots(BLOCK)), schema(before))
        self.assertEqual({slot.name for slot in kept}, {"name", "password", "subnets", "tags"})

    def test_an_answer_is_the_same_only_with_the_same_type(self):
        slots = {slot.name: slot for slot in arguments.slots(BLOCK)}
        self.assertTrue(slots["subnets"].same(["b", "a", "b"], {"subnets": ["a", "b"]}))
        self.assertFalse(slots["subnets"].same(["b", "a"], {"subnets": ["a", "b", "c"]}))
        self.assertFalse(slots["subnets"].same(["b", "a"], {"subnets": None}))
        self.assertFalse(slots["port"].same(1, {"port": True}))
        self.assertFalse(slots["name"].same("AbC", {"name": "abc"}))
        self.assertTrue(slots["size"].same(7, {"disk": [{"size": 7}]}))
        self.assertFalse(slots["size"].same(7, {"disk": []}))

    def test_the_table_in_the_repository_is_in_order(self):
        text = arguments.TABLE.read_text(encoding="utf-8")
        self.assertEqual(list(arguments.sections(text)), sorted(arguments.sections(text)))
        self.assertLess(len(text), 300_000)


if __name__ == "__main__":
    unittest.main()
