#!/usr/bin/env python3
"""Which arguments of AWS resources are planned as they are written, and with which type.

    scripts/arguments.py             write src/terraform/value/argument/aws.txt (takes some minutes)
    scripts/arguments.py TYPE …      the same for these types only
    scripts/arguments.py --check     hold that file against the provider: all types, and a sample of what it plans

The types come from `terraform providers schema -json`. What the provider makes of an argument at plan time (hashing,
lower case, JSON in its own words, what it leaves out or keeps as it was) is in no schema; so the provider itself is
asked, without Terraform: plans of resources of which only the arguments in question are given. An argument is told only
if every answer held what was asked, as a new resource and as one whose argument changes, and if the provider's version 3
does not give it another type.
"""

import argparse
import json
import os
import random
import re
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from testbed import command, toolbox  # noqa: E402

TABLE = Path(__file__).resolve().parent.parent / "src" / "terraform" / "value" / "argument" / "aws.txt"
HEADER = """\
# Arguments that the AWS provider plans as they are written, with their types: see ../argument.rs.
# Written by scripts/arguments.py from the provider {version}; do not edit.
"""

POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":"*"}]}'
STRINGS = [
    "a1", "AbC-Def", "abc.", "abc/", " abc\n", '{ "b": [2, 1],  "a": "x" }', "10.0.1.7/8", "2001:DB8:0:0::1/32",
    "aGVsbG8=", "1.2.3", "arn:aws:iam::123456789012:role/Path/Name", "2024-01-02T03:04:05+02:00",
    "https://Example.COM:443/", "007", "TRUE", "8.10", "Mon:03:00-MON:04:00", "a,b, c", "---\nb: 1\na:   2\n", POLICY,
    "-1", "TCP", "6", "all", "network", "default", "none", "tcp", "icmp", "icmpv6", "true", "false", "enabled", "disabled",
    "postgres", "us-east-1", "email", "web-1", "pending", "x", "www.example.com", "a.b-c", "kms.amazonaws.com",
]  # fmt: skip
# Words that a provider has no reason to write in another way; it may do so with others.
PLAIN = re.compile(r"[a-z]([a-z0-9.-]*[a-z0-9])?")
# What a type must hold for the provider to plan it at all.
CONTEXT = {"aws_dynamodb_table": {"billing_mode": "PAY_PER_REQUEST"}}
LISTS = [["b", "a", "b"], ["AbC.", "x/"], ["10.0.1.7/8"], ["80"]]
MAPS = [{"b": "x", "A": "Y"}, {"e": "", "k": "v"}, {"Name": "AbC.", "x:y": "1"}]
PROBES = {
    "s": STRINGS,
    "n": [7, 0, 1, 443, 65536],
    "b": [True, False],
    "Ls": LISTS,
    "Ss": LISTS,
    "Ln": [[3, 1, 3], [80]],
    "Sn": [[3, 1, 3], [80]],
    "Ms": MAPS,
    "Mn": [{"b": 1, "A": 2}],
    "Mb": [{"b": True, "A": False}],
}
# Types with a schema of megabytes, of which each plan takes seconds: left out.
HUGE = 500_000
# What a resource had, and what it shall have: a provider that takes them for the same keeps what it had.
CHANGES = [
    ("AbC-Def", "abc-def"), ("abc.", "abc"), ("abc", "abc/"), (" abc\n", "abc"), ("1.2.3", "1.2"),
    ('{"b":[2,1],"a":"x"}', '{ "a": "x",  "b": [2, 1] }'), ("arn:aws:iam::123456789012:role/x", "x"),
    ("x", "arn:aws:iam::123456789012:role/x"), ("10.0.1.7/8", "10.0.0.0/8"), ("a1", "b2"), ("2001:DB8::/32", "2001:db8::/32"),
    ("tcp", "6"), ("a.b", "c.d"), ("https://abc.de", "abc.de"), ("a: 1\nb: 2", "{a: 1, b: 2}"),
]  # fmt: skip


def letters(kind):
    """A type of the schema as the table writes it; None for those that it does not hold."""
    if isinstance(kind, str):
        return {"string": "s", "number": "n", "bool": "b"}.get(kind)
    made = {"list": "L", "set": "S", "map": "M"}.get(kind[0])
    inner = letters(kind[1]) if made else None
    return made + inner if inner else None


class Slot:
    """An argument: at the top of a resource, or in a nested block that is a list."""

    def __init__(self, block, name, kind, sensitive):
        self.block, self.name, self.kind = block, name, kind
        self.sensitive = sensitive
        self.plain = False

    @property
    def mark(self):
        """The type as the table writes it; `~` where only plain words are certain."""
        return self.kind + ("~" if self.plain else "") + ("!" if self.sensitive else "")

    @property
    def key(self):
        return (self.block, self.name)

    def probe(self, number):
        return PROBES[self.kind][number % len(PROBES[self.kind])]

    def put(self, config, schema, value):
        if self.block is None:
            config[self.name] = value
            return
        if not config[self.block]:
            config[self.block] = [plugin().empty(schema["block_types"][self.block]["block"])]
        config[self.block][0][self.name] = value

    def held(self, planned):
        if self.block is None:
            return planned.get(self.name)
        blocks = planned.get(self.block)
        return blocks[0].get(self.name) if isinstance(blocks, list) and blocks else None

    def same(self, value, planned):
        held = self.held(planned)
        if self.kind.startswith("S") and isinstance(held, list):
            return len(held) == len(set(value)) and all(item in held for item in value)
        return type(held) is type(value) and held == value


def slots(schema):
    """The arguments of a type that one may write and whose type the table can hold."""

    def of(block, attributes):
        for name, attribute in attributes.items():
            may = attribute.get("optional") or attribute.get("required")
            kind = letters(attribute["type"]) if "type" in attribute else None
            # `tags_all` is what `default_tags` of the provider add to.
            if may and kind in PROBES and (block or name != "id") and name != "tags_all":
                yield Slot(block, name, kind, attribute.get("sensitive"))

    yield from of(None, schema.get("attributes", {}))
    for name, nested in schema.get("block_types", {}).items():
        if nested["nesting_mode"] == "list":
            yield from of(name, nested["block"].get("attributes", {}))


def plugin():
    from testbed import plugin as module  # only where the packages of scripts/pins/plugin.txt are

    return module


class Asked:
    """The provider, started again when it ended."""

    def __init__(self, binary, schema):
        self.binary, self.schema, self.running = binary, schema, None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.running.end()

    def start(self):
        if self.running:
            self.running.end()
        self.running = plugin().Plugin(self.binary)
        config = plugin().empty(self.schema["provider"]["block"])
        config |= {
            "region": "us-east-1", "access_key": "none", "secret_key": "none", "skip_credentials_validation": True,
            "skip_metadata_api_check": "true", "skip_requesting_account_id": True, "skip_region_validation": True,
        }  # fmt: skip
        self.running.configure(config)

    def plan(self, kind, given, prior=()):
        """What is planned with these values of slots; None where the provider refuses or ends."""
        schema = self.schema["resource_schemas"][kind]["block"]
        config, before = plugin().empty(schema) | CONTEXT.get(kind, {}), None
        for slot, value in given:
            slot.put(config, schema, value)
        if prior:
            before = plugin().empty(schema) | CONTEXT.get(kind, {})
            for slot, value in prior:
                slot.put(before, schema, value)
            if "id" in before:
                before["id"] = "x"
        try:
            return self.running.plan(kind, config, before)
        except plugin().Refused:
            return None
        except plugin().Gone:
            self.start()
            return None

    def told(self, kind):
        """The slots of a type that are planned as they are written."""
        every = list(slots(self.schema["resource_schemas"][kind]["block"]))
        answered, wrong, odd = set(), set(), set()

        def note(given, planned):
            for slot, value in given:
                answered.add(slot.key)
                if not slot.same(value, planned):
                    (odd if slot.kind == "s" and not PLAIN.fullmatch(value) else wrong).add(slot.key)

        def ask(live, number):
            """All at once; where that is refused, those that are refused alone are left out from then on."""
            live = [slot for slot in live if slot.key not in wrong]
            given = [(slot, slot.probe(number)) for slot in live]
            planned = self.plan(kind, given) if given else {}
            if planned is not None:
                note(given, planned)
                return live
            able = []
            for pair in given:
                planned = self.plan(kind, [pair])
                if planned is not None:
                    note([pair], planned)
                    able.append(pair[0])
            if len(able) == len(live):
                return []
            planned = self.plan(kind, [(slot, slot.probe(number)) for slot in able])
            if planned is None:
                return []
            note([(slot, slot.probe(number)) for slot in able], planned)
            return able

        live = every
        for number in range(max((len(PROBES[slot.kind]) for slot in every), default=0)):
            live = ask(live, number)
        together = {slot.key for slot in live}
        for slot in every:
            # What is refused along with others is asked alone, with the most telling values.
            for number in (0, 1) if slot.key in together else (0, 1, 2, 5, 6, 9, 15, 19, 23, 25):
                if slot.key in wrong:
                    break
                given = [(slot, slot.probe(number))]
                planned = self.plan(kind, given)
                if planned is not None:
                    note(given, planned)
        texts = [slot for slot in every if slot.kind == "s" and slot.key in answered - wrong]
        for old, new in CHANGES:
            planned = self.plan(kind, [(slot, new) for slot in texts], [(slot, old) for slot in texts]) if texts else None
            for slot in texts if planned is not None else ():
                if not slot.same(new, planned):
                    (wrong if PLAIN.fullmatch(old) and PLAIN.fullmatch(new) else odd).add(slot.key)
        for slot in every:
            slot.plain = slot.key in odd
        return [slot for slot in every if slot.key in answered - wrong]


def section(kind, told):
    """A type as the table writes it."""
    lines = {}
    for slot in told:
        lines.setdefault((slot.block or "", slot.mark), []).append(slot.name)
    text = [kind]
    for (block, of), names in sorted(lines.items()):
        text.append(f" {block}{'.' if block else ''}{of} {' '.join(sorted(names))}")
    return "\n".join(text) + "\n"


def read(text):
    """A table: type → {(block, name): letters}."""
    table, row = {}, None
    for line in text.splitlines():
        if line.startswith(" "):
            first, *names = line.split()
            block, _, of = first.rpartition(".")
            row.update({(block or None, name): of for name in names})
        elif not line.startswith("#"):
            row = table.setdefault(line, {})
    return table


def schema_of(version, provider):
    """The schema that Terraform gets of a provider."""
    with tempfile.TemporaryDirectory(prefix="arguments-") as scratch:
        return schema_in(Path(scratch), version, provider)


def schema_in(folder, version, provider):
    (folder / "main.tf").write_text(
        'terraform {\n  required_providers {\n    aws = {\n      source  = "hashicorp/aws"\n'
        f'      version = "{version}"\n    }}\n  }}\n}}\n',
        encoding="utf-8",
    )
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": provider["cli_config"], "CHECKPOINT_DISABLE": "1"}
    terraform = toolbox.terraform()["command"]
    command.run([*terraform, f"-chdir={folder}", "init", "-input=false", "-no-color"], env=environment)
    _, printed, _ = command.run([*terraform, f"-chdir={folder}", "providers", "schema", "-json"], env=environment)
    return json.loads(printed)["provider_schemas"][str(toolbox.PROVIDER)]


def was_another(slot, older):
    """Whether an earlier version of the provider has an argument of this name with another type."""
    attributes = older.get("attributes", {})
    if slot.block is not None:
        nested = older.get("block_types", {}).get(slot.block)
        if nested is None:
            return slot.block in attributes
        if nested["nesting_mode"] != "list":
            return True
        attributes = nested["block"].get("attributes", {})
    elif slot.name in older.get("block_types", {}):
        return True
    return slot.name in attributes and letters(attributes[slot.name].get("type", "")) != slot.kind


def kept(kind, told, older):
    earlier = older["resource_schemas"].get(kind, {}).get("block", {})
    return [slot for slot in told if not was_another(slot, earlier)]


def differences(table, schema, older):
    """Rows of the table that the schemas do not bear out."""
    for kind, row in table.items():
        block = schema["resource_schemas"].get(kind, {}).get("block", {})
        may = {slot.key: slot.mark for slot in kept(kind, slots(block), older)}
        for key, of in row.items():
            if may.get(key) != of.replace("~", ""):
                yield f"{kind} {'.'.join(filter(None, key))}: {of} in the table, {may.get(key)} in the provider"


def sections(text):
    """The text of each type of a table."""
    found, kind = {}, None
    for line in text.splitlines(keepends=True):
        if not line.startswith((" ", "#")):
            kind = line.strip()
        if not line.startswith("#"):
            found[kind] = found.get(kind, "") + line
    return found


def write(asked, older, only):
    started = time.monotonic()
    schemas = asked.schema["resource_schemas"]
    kinds = [kind for kind in sorted(only or schemas) if len(json.dumps(schemas[kind])) < HUGE]
    table = sections(TABLE.read_text(encoding="utf-8")) if only else {}
    for number, kind in enumerate(kinds):
        told = kept(kind, asked.told(kind), older)
        table.pop(kind, None)
        if told:
            table[kind] = section(kind, told)
        if number % 50 == 49 or number + 1 == len(kinds):
            text = "".join(table[kind] for kind in sorted(table))
            TABLE.write_text(HEADER.format(version=toolbox.AWS_V5) + text, encoding="utf-8")
            print(f"{number + 1} of {len(kinds)} types ({time.monotonic() - started:.0f} s)", file=sys.stderr, flush=True)
    return 0


def check(asked, older, table, sample):
    problems = list(differences(table, asked.schema, older))
    dice = random.Random(int(time.time()) // 86_400)
    for kind in dice.sample(sorted(table), min(sample, len(table))):
        if kind not in asked.schema["resource_schemas"]:
            continue
        # Twice where it says otherwise: an answer that came too late is none.
        for _ in range(2):
            now = {slot.key: slot.mark for slot in asked.told(kind)}
            otherwise = [key for key, of in table[kind].items() if now.get(key) not in (of, of.replace("~", ""))]
            if not otherwise:
                break
        for key in otherwise:
            problems.append(f"{kind} {'.'.join(filter(None, key))}: the provider does not plan it as the table says")
    for problem in problems:
        print(problem)
    arguments = sum(map(len, table.values()))
    print(f"{len(table)} types, {arguments} arguments; {sample} types asked; {len(problems)} differences")
    return 1 if problems else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("types", nargs="*", metavar="TYPE", help="ask only about these types")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--sample", type=int, default=12, help="types that --check asks the provider about")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    provider, earlier, tool = map(toolbox.get, ("provider-v5", "provider-v3", "plugin"))
    for needed in (toolbox.get("terraform"), provider, earlier, tool):
        if not needed["available"]:
            print(f"SKIPPED: scripts/arguments.py ({needed['reason']})")
            return 1 if os.environ.get("TFMEND_NO_SKIP") == "1" or not options.check else 0
    if not options.inside:
        os.execv(tool["python"], [tool["python"], __file__, *sys.argv[1:], "--inside"])
    folder = Path(provider["mirror"]) / toolbox.PROVIDER / toolbox.AWS_V5 / toolbox.platform_name()
    binary = next(folder.glob("terraform-provider-aws*"))
    schema, older = schema_of(toolbox.AWS_V5, provider), schema_of(toolbox.AWS_V3, earlier)
    with Asked(binary, schema) as asked:
        if not options.check:
            return write(asked, older, options.types)
        return check(asked, older, read(TABLE.read_text(encoding="utf-8")), options.sample)


if __name__ == "__main__":
    sys.exit(main())
