"""The expressions of GitHub Actions, `${{ … }}`, as far as workflows and actions of ours use them.

Values are what JSON has. What is not understood is an error: a runner that guesses proves nothing.
"""

import re

TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<string>'(?:[^']|'')*')|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)"
    r"|(?P<sign>\|\||&&|==|!=|[()\[\].,!]))"
)
CONSTANTS = {"true": True, "false": False, "null": None}


class NotUnderstood(Exception):
    """An expression that this reader does not know."""


def tokens(text):
    position, found = 0, []
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if not match:
            raise NotUnderstood(f"{text!r} at {text[position:]!r}")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return found


def truthy(value):
    return value not in (None, False, 0, "")


def shown(value):
    """As the runner puts a value into a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise NotUnderstood(f"an object in a text: {value!r}")


def equal(left, right):
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    return left == right or (left in (None, "") and right in (None, ""))


class Reader:
    def __init__(self, text, contexts, functions):
        self.text, self.contexts, self.functions = text, contexts, functions
        self.left = tokens(text)

    def peek(self):
        return self.left[0] if self.left else (None, None)

    def take(self, sign=None):
        kind, value = self.peek()
        if kind is None or (sign and value != sign):
            raise NotUnderstood(f"{self.text!r}: expected {sign or 'more'}")
        self.left.pop(0)
        return kind, value

    def whole(self):
        value = self.either()
        if self.left:
            raise NotUnderstood(f"{self.text!r}: what is {self.left[0][1]!r}?")
        return value

    def either(self):
        value = self.both()
        while self.peek()[1] == "||":
            self.take()
            other = self.both()
            value = value if truthy(value) else other
        return value

    def both(self):
        value = self.compared()
        while self.peek()[1] == "&&":
            self.take()
            other = self.compared()
            value = other if truthy(value) else value
        return value

    def compared(self):
        value = self.single()
        while self.peek()[1] in ("==", "!="):
            _, sign = self.take()
            value = equal(value, self.single()) == (sign == "==")
        return value

    def single(self):
        kind, value = self.take()
        if value == "!" and kind == "sign":
            return not truthy(self.single())
        if value == "(" and kind == "sign":
            inner = self.either()
            self.take(")")
            return inner
        if kind == "number":
            return float(value) if "." in value else int(value)
        if kind == "string":
            return value[1:-1].replace("''", "'")
        if kind != "name":
            raise NotUnderstood(f"{self.text!r}: what is {value!r}?")
        if value in CONSTANTS:
            return CONSTANTS[value]
        if self.peek()[1] == "(":
            return self.called(value)
        if value not in self.contexts:
            raise NotUnderstood(f"{self.text!r}: no context {value!r}")
        return self.member(self.contexts[value])

    def called(self, name):
        self.take("(")
        self.take(")")
        if name not in self.functions:
            raise NotUnderstood(f"{self.text!r}: no function {name}()")
        return self.functions[name]()

    def member(self, value):
        while self.peek()[1] in (".", "["):
            _, sign = self.take()
            if sign == ".":
                key = self.take()[1]
            else:
                key = self.either()
                self.take("]")
            value = value.get(key) if isinstance(value, dict) else None
        return value


def evaluate(text, contexts, functions=None):
    """The value of an expression without its `${{ }}`."""
    return Reader(text, contexts, functions or {}).whole()


def fill(text, contexts, functions=None):
    """A text with each `${{ … }}` replaced by what it gives."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda m: shown(evaluate(m[1], contexts, functions)), text, flags=re.DOTALL)


def condition(text, contexts, functions):
    """Whether an `if:` holds; it may be written with or without `${{ }}`."""
    text = text.strip()
    if text.startswith("${{") and text.endswith("}}"):
        text = text[3:-2]
    return truthy(evaluate(text, contexts, functions))
