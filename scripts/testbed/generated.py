"""Configurations made from a seed, for scripts/differential.py.

Everything is drawn from typed pieces, so that most expressions are valid; some are not on purpose. What a root holds:
variables with types, values and defaults, locals (guarded, so that one failure does not void the root), a module that is
called with count or for_each and gives outputs back, `terraform_data` with repeated instances, and expressions.
"""

STRINGS = [
    "", "a", "b", "web", "Prod", "eu-west-1", "10.0.0.0/16", "arn:aws:s3:::logs", "true", "false", "1", "02", "1.50", "1e3", "-7",
    "x y", "a,b,,c", "  pad ", "line\\nnext", "tab\\t", "q\\\"uote", "back\\\\slash", "<&>", "ünï", "日本", "$${x}", "%%{x}", "null",
    "a/b/c.txt", "foo-bar_baz", "UPPER", "2024-02-29T12:30:00Z", "é",
]  # fmt: skip
NUMBERS = ["0", "1", "2", "3", "10", "-1", "-3", "0.5", "1.25", "1e3", "443", "65535", "123456789012", "2.0", "100", "-0.75"]
NAMES = ["a", "b", "c", "name", "env", "port", "k1", "k-2", "x_y"]
SEARCHED = ['"/[a-z]+/"', '"/(a)(b)?/"', '"/\\\\d/"', '"/^.*-/"']
REPLACED = ['"x"', '"[$1]"', '"$${1}y"', '""']
FORMATS = ['"%d"', '"%03d"', '"%+d"', '"%5.1f"', '"%.2f"', '"%x"', '"%v"', '"%s"', '"%#v"', '"%q"']
PAIRS = ['"%s-%s"', '"%v/%v"', '"%5s|%-4s"', '"%[2]s%[1]s"']
PATTERNS = ['"[a-z]+"', '"^(\\\\w+)-(\\\\w+)$"', '"(?P<x>[0-9])"']
KEYS = ["k", "upper(k)", '"p-${k}"']
VALUE_TYPES = ["string", "number", "bool"]


class Source:
    """Draws expressions."""

    def __init__(self, dice, names):
        self.dice = dice
        self.names = names  # type → references
        self.bound = []  # (name, type) of `for`

    def one(self, *choices):
        return self.dice.choice(choices)

    def typ(self, depth=2):
        roll = self.dice.random()
        if depth == 0 or roll < 0.55:
            return self.dice.choice(VALUE_TYPES)
        if roll < 0.75:
            return ("list", self.typ(depth - 1))
        if roll < 0.9:
            return ("map", self.typ(depth - 1))
        return ("set", self.dice.choice(VALUE_TYPES))

    def reference(self, typ):
        known = [name for name, of in self.bound if of == typ] + self.names.get(typ, [])
        return self.dice.choice(known) if known else None

    def make(self, typ, depth):
        """An expression of about this type."""
        if self.dice.random() < 0.03:
            return "null"
        if self.dice.random() < 0.25:
            found = self.reference(typ)
            if found:
                return found
        if self.dice.random() < 0.05 and typ in VALUE_TYPES:
            typ = self.dice.choice(VALUE_TYPES)
        if depth > 0 and self.dice.random() < 0.2:
            return self.choice(typ, depth)
        if isinstance(typ, tuple):
            return self.collection(typ, depth)
        return getattr(self, typ)(depth)

    def choice(self, typ, depth):
        make = lambda: self.make(typ, depth - 1)  # noqa: E731
        other = self.make(self.typ(1), depth - 1) if self.dice.random() < 0.15 else make()
        return self.one(
            lambda: f"({self.make('bool', depth - 1)} ? {make()} : {other})",
            lambda: f"try({make()}, {other})",
            lambda: f"coalesce({make()}, {make()})",
            lambda: f"element([{make()}, {make()}], {self.dice.randrange(4)})",
            lambda: f"[{make()}, {other}][{self.dice.randrange(2)}]",
            lambda: f"{{ {self.dice.choice(NAMES)} = {make()}, q = {other} }}.q",
            lambda: f"lookup({{ a = {make()} }}, {self.quoted(self.one('a', 'zz'))}, {make()})",
            lambda: f"one([{make()}])",
            lambda: f"try(tomap({{ a = {make()}, b = {other} }})[\"a\"], {make()})",
            lambda: f"concat([{make()}], [{other}])[0]",
            lambda: f"merge({{ a = {other} }}, {{ a = {make()} }}).a",
            lambda: f"jsondecode(jsonencode({make()}))",
            lambda: f"values({{ z = {make()}, y = {other} }})[1]",
        )()

    def quoted(self, text):
        return f'"{text}"'

    def template(self, depth):
        pieces = []
        for _ in range(self.dice.randrange(1, 4)):
            pieces.append(self.dice.choice(STRINGS))
            roll = self.dice.random()
            inner = self.make(self.dice.choice(VALUE_TYPES), depth - 1)
            if roll < 0.6:
                marks = self.one(("", ""), ("", ""), ("~", ""), ("", "~"), ("~", "~"))
                pieces.append(f"${{{marks[0]} {inner} {marks[1]}}}")
            elif roll < 0.8:
                mark = self.one("", "~")
                pieces.append(
                    f"%{{ if {self.make('bool', depth - 1)} {mark}}} yes %{{{mark} else }} no %{{ endif {mark}}}"
                )
            else:
                pieces.append(f"%{{ for v in {self.make(('list', 'string'), depth - 1)} }}<${{v}}>%{{ endfor }}")
        return '"' + "".join(pieces) + '"'

    def string(self, depth):
        if depth <= 0 or self.dice.random() < 0.3:
            return self.quoted(self.dice.choice(STRINGS))
        text = lambda: self.make("string", depth - 1)  # noqa: E731
        texts = lambda: self.make(self.one(("list", "string"), ("set", "string")), depth - 1)  # noqa: E731
        number = lambda: self.make("number", depth - 1)  # noqa: E731
        literal = lambda: self.quoted(self.dice.choice(STRINGS))  # noqa: E731
        return self.one(
            lambda: self.template(depth),
            lambda: f"{self.one('upper', 'lower', 'title', 'trimspace', 'chomp', 'strrev', 'md5', 'sha256', 'base64encode', 'urlencode', 'sha1', 'base64sha256')}({text()})",
            lambda: f"join({literal()}, {texts()})",
            lambda: f"replace({text()}, {literal()}, {literal()})",
            lambda: f"replace({text()}, {self.one(*SEARCHED)}, {self.one(*REPLACED)})",
            lambda: f"substr({text()}, {self.dice.randrange(-3, 4)}, {self.dice.randrange(-1, 5)})",
            lambda: f"{self.one('trimprefix', 'trimsuffix', 'trim')}({text()}, {literal()})",
            lambda: f"format({self.one(*PAIRS)}, {text()}, {self.make(self.typ(0), depth - 1)})",
            lambda: f"format({self.one(*FORMATS)}, {self.make(self.one('number', 'string'), depth - 1)})",
            lambda: f"tostring({self.make(self.dice.choice(VALUE_TYPES), depth - 1)})",
            lambda: f"jsonencode({self.make(self.typ(2), depth - 1)})",
            lambda: f"yamlencode({self.make(self.typ(2), depth - 1)})",
            lambda: f"base64decode(base64encode({text()}))",
            lambda: f"cidrhost(\"10.{self.dice.randrange(4)}.0.0/{self.dice.randrange(8, 33)}\", {number()})",
            lambda: f"cidrsubnet(\"10.1.0.0/16\", {self.dice.randrange(0, 18)}, {self.dice.randrange(0, 9)})",
            lambda: f"keys({self.make(('map', 'string'), depth - 1)})[0]",
            lambda: f"split({literal()}, {text()})[0]",
            lambda: f"regex({self.one(*PATTERNS)}, {text()})",
            lambda: f"indent({self.dice.randrange(4)}, {text()})",
            lambda: f"sort({texts()})[0]",
            lambda: f"{self.one('basename', 'dirname')}({text()})",
            lambda: f"timeadd(\"2024-02-2{self.dice.randrange(8, 10)}T23:30:00Z\", \"{self.one('1h', '30m', '-24h', '1h30m10s', '48h')}\")",
        )()  # fmt: skip

    def number(self, depth):
        if depth <= 0 or self.dice.random() < 0.3:
            return self.dice.choice(NUMBERS)
        number = lambda: self.make("number", depth - 1)  # noqa: E731
        numbers = lambda: self.make(self.one(("list", "number"), ("set", "number")), depth - 1)  # noqa: E731
        return self.one(
            lambda: f"({number()} {self.one('+', '-', '*', '/', '%')} {number()})",
            lambda: f"-{number()}" if self.dice.random() < 0.5 else f"(-({number()}))",
            lambda: f"length({self.make(self.one('string', ('list', 'string'), ('map', 'number'), ('set', 'string')), depth - 1)})",
            lambda: f"{self.one('min', 'max')}({number()}, {number()})",
            lambda: f"{self.one('abs', 'ceil', 'floor', 'signum')}({number()})",
            lambda: f"tonumber({self.make(self.one('string', 'number'), depth - 1)})",
            lambda: f"sum({numbers()})",
            lambda: f"parseint({self.make('string', depth - 1)}, {self.one(10, 16, 2)})",
            lambda: f"pow({number()}, {self.dice.randrange(4)})",
            lambda: f"index({self.make(('list', 'string'), depth - 1)}, {self.make('string', depth - 1)})",
        )()  # fmt: skip

    def bool(self, depth):
        if depth <= 0 or self.dice.random() < 0.3:
            return self.one("true", "false")
        typ = self.typ(2)
        make = lambda of: self.make(of, depth - 1)  # noqa: E731
        return self.one(
            lambda: f"({make('bool')} {self.one('&&', '||')} {make('bool')})",
            lambda: f"!{make('bool')}",
            lambda: f"({make(typ)} {self.one('==', '!=')} {make(typ)})",
            lambda: f"({make('number')} {self.one('<', '<=', '>', '>=')} {make('number')})",
            lambda: f"contains({make(('list', 'string'))}, {make('string')})",
            lambda: f"contains({make(('list', typ))}, {make(typ)})",
            lambda: f"can({make(typ)})",
            lambda: f"can(regex(\"{self.one('^a', '[0-9]+', 'x$')}\", {make('string')}))",
            lambda: f"{self.one('alltrue', 'anytrue')}({make(('list', 'bool'))})",
            lambda: f"{self.one('startswith', 'endswith', 'strcontains')}({make('string')}, {make('string')})",
            lambda: f"tobool({make(self.one('string', 'bool'))})",
        )()

    def collection(self, typ, depth):
        kind, of = typ
        make = lambda what: self.make(what, depth - 1)  # noqa: E731
        if depth <= 0 or self.dice.random() < 0.3:
            return self.literal(kind, of, depth)
        variable = self.dice.choice(["v", "w", "it"])
        if kind == "list":
            return self.one(
                lambda: self.loop(of, depth, variable),
                lambda: f"concat({make(typ)}, {make(typ)})",
                lambda: f"{self.one('distinct', 'reverse', 'tolist', 'flatten')}({make(typ)})",
                lambda: f"slice({make(typ)}, 0, {self.dice.randrange(3)})",
                lambda: f"values({make(('map', of))})",
                lambda: f"{make(('list', ('map', of)))}[*].{self.dice.choice(NAMES[:6])}",
                lambda: f"flatten([{make(typ)}, [{make(typ)}]])",
                lambda: f"chunklist({make(typ)}, {self.dice.randrange(3)})[0]",
                lambda: f"matchkeys({make(typ)}, [\"a\", \"b\"], [\"b\"])",
                lambda: f"tolist({make(('set', of) if of in VALUE_TYPES else typ)})",
                lambda: "compact(" + make(("list", "string")) + ")",
                lambda: f"setproduct({make(typ)}, [\"x\", \"y\"])[*][0]",
                lambda: f"split(\",\", {make('string')})",
                lambda: f"range({self.dice.randrange(4)})",
                lambda: f"formatlist(\"%s!\", {make(typ)})",
                lambda: f"coalescelist({make(typ)}, {make(typ)})",
            )()
        if kind == "map":
            return self.one(
                lambda: f"merge({make(typ)}, {make(typ)})",
                lambda: f"tomap({make(typ)})",
                lambda: f"{{ for k, {variable} in {make(typ)} : {self.one(*KEYS)} => {variable} }}",
                lambda: f"zipmap([\"a\", \"b\"], {make(('list', of))})",
                lambda: f"{{ for {variable} in {make(('list', 'string'))} : {variable} => {make(of)}... }}",
                lambda: f"{{ for k, {variable} in {make(typ)} : k => {variable} if {make('bool')} }}",
                lambda: f"transpose({{ a = [\"x\", \"y\"], b = {make(('list', 'string'))} }})",
            )()
        return self.one(
            lambda: f"toset({make(('list', of))})",
            lambda: f"{self.one('setunion', 'setintersection', 'setsubtract')}({make(typ)}, {make(typ)})",
        )()

    def loop(self, of, depth, variable):
        source = self.typ(1)
        collection = self.make(self.one(("list", source), ("map", source)), depth - 1)
        self.bound.append((variable, source))
        body = self.make(of, depth - 1)
        condition = f" if {self.make('bool', depth - 1)}" if self.dice.random() < 0.3 else ""
        self.bound.pop()
        return f"[for {variable} in {collection} : {body}{condition}]"

    def literal(self, kind, of, depth):
        size = self.dice.randrange(4)
        items = [self.make(of, depth - 1) for _ in range(size)]
        if kind == "map":
            names = self.dice.sample(NAMES, size)
            return "{ " + ", ".join(f'"{name}" = {item}' for name, item in zip(names, items)) + " }"
        whole = f"[{', '.join(items)}]"
        return f"toset({whole})" if kind == "set" else whole


def shown(typ):
    return typ if isinstance(typ, str) else f"{typ[0]}({shown(typ[1])})"


def root(dice, number):
    """Name, files and expressions of one root."""
    plain = Source(dice, {})
    names, blocks, values = {}, [], []
    for at in range(10):
        typ = plain.typ(2)
        value = plain.make(typ, 0)
        if value == "null" and isinstance(typ, tuple):
            value = {"list": "[]", "set": "[]", "map": "{}"}[typ[0]]
        if "toset(" in value:
            value = value.replace("toset(", "").replace(")", "")
        stated = dice.random() < 0.8
        constraint = f"  type    = {shown(typ)}\n" if stated else ""
        nullable = "  nullable = false\n" if stated and dice.random() < 0.2 and value != "null" else ""
        blocks.append(f'variable "v{at}" {{\n{constraint}  default = {value}\n{nullable}}}\n')
        names.setdefault(typ if stated else ("any",), []).append(f"var.v{at}")
        if stated and dice.random() < 0.3 and typ == "string":
            values.append(f"v{at} = {plain.string(0)}\n")
    source = Source(dice, names)
    lines = []
    for at in range(10):
        typ = source.typ(2)
        lines.append(f"  l{at} = try({source.make(typ, 3)}, null)\n")
        names.setdefault(typ, []).append(f"local.l{at}")
    blocks.append("locals {\n" + "".join(lines) + "}\n")
    keys = '", "'.join(dice.sample(["one", "two", "three", "four"], 3))
    repeated = dice.choice([f'for_each = toset(["{keys}"])', f"count = {dice.randrange(4)}", ""])
    repetition = repeated.split(" ")[0]
    item = {"for_each": "each.key", "count": "count.index"}.get(repetition, '"only"')
    typ = source.typ(1)
    blocks.append(
        f'module "child" {{\n  source = "./child"\n  {repeated}\n  name   = {item}\n'
        f"  given  = try({source.make(typ, 2)}, null)\n}}\n"
    )
    child = (
        f'variable "name" {{\n  type = string\n}}\nvariable "given" {{\n  type    = any\n  default = null\n}}\n'
        f'locals {{\n  own = {{ name = "x-${{var.name}}", given = var.given }}\n}}\n'
        f'output "own" {{\n  value = local.own\n}}\noutput "name" {{\n  value = upper(var.name)\n}}\n'
        f'resource "terraform_data" "inner" {{\n  input = local.own.name\n}}\n'
    )
    outs = {"for_each": ["values(module.child)[*].name", 'module.child["one"].name', "[for k, m in module.child : m.own.name]"]}
    outs["count"] = ["module.child[*].name", "module.child[0].own.name", "length(module.child)", "module.child.*.own"]
    names.setdefault("string", []).append("path.module")
    entries = list(outs.get(repetition, ["module.child.own", "module.child.name"]))
    typ = source.typ(1)
    repeated = source.make(("map", typ), 2)
    blocks.append(
        f'resource "terraform_data" "many" {{\n  for_each = try({{ for k, v in {repeated} : k => v }}, {{}})\n'
        f"  input    = [each.key, each.value]\n}}\n"
    )
    entries += [source.make(source.typ(3), dice.randrange(2, 6)) for _ in range(150)]
    files = {"main.tf": "\n".join(blocks), "child/main.tf": child}
    if values:
        files["terraform.tfvars"] = "".join(values)
    return f"generated-{number}", files, entries
