"""Holds each request and each answer against GitHub's description.

A violation says who was wrong: `request` means the client sent what GitHub does not take, `response`
that the double answered what GitHub would not answer, `double` that the double has no such route.
"""

import json
import threading
import urllib.parse

import jsonschema_rs

# GitHub answers these anywhere, though few routes list them: who you are, what you may, and whether
# the repository has another name by now come first.
ANYWHERE = {301, 307, 401, 403, 404}


class Operation:
    def __init__(self, described):
        self.method = described["method"]
        self.template = described["template"]
        self.id = described["id"]
        self.body = described["body"]
        self.body_required = described["body_required"]
        self.responses = described["responses"]
        self.in_path = {p["name"]: p for p in described["parameters"] if p["in"] == "path"}
        self.in_query = {p["name"]: p for p in described["parameters"] if p["in"] == "query"}
        self.segments = self.template.strip("/").split("/")

    def match(self, segments):
        """The path's parameters, or None. Segments are still percent-encoded."""
        found = {}
        place = 0
        for position, pattern in enumerate(self.segments):
            if place >= len(segments):
                return None
            if not pattern.startswith("{"):
                if segments[place] != pattern:
                    return None
                place += 1
                continue
            if not pattern.endswith("}") or pattern.count("{") != 1:
                return None  # /compare/{base}...{head}: the newer {basehead} stands for it
            name = pattern[1:-1]
            after = len(self.segments) - position - 1
            many = self.in_path.get(name, {}).get("many", False)
            taken = len(segments) - place - after if many else 1
            if taken < 1:
                return None
            found[name] = "/".join(urllib.parse.unquote(s) for s in segments[place : place + taken])
            place += taken
        return found if place == len(segments) else None

    def literalness(self):
        return [not segment.startswith("{") for segment in self.segments]


def from_text(text, schema):
    """A parameter as its schema means it: `per_page=100` is a number."""
    kind = schema.get("type")
    if kind == "integer" and text.lstrip("-").isdigit():
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "array":
        return text.split(",")
    return text


class Description:
    """The index of description.py, with validators that are compiled when first used."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as opened:
            index = json.load(opened)
        self.version = index["version"]
        self.definitions = index["definitions"]
        self.operations = {}
        self.by_shape = {}
        for described in index["operations"]:
            operation = Operation(described)
            self.operations[operation.id] = operation
            self.by_shape.setdefault(self.shape(operation.method, operation.segments), []).append(operation)
        for operations in self.by_shape.values():
            operations.sort(key=Operation.literalness, reverse=True)
        self.validators = {}
        self.compiling = threading.Lock()

    @staticmethod
    def shape(method, segments):
        """Two places that are literal in nearly every template, to try few of the thousand."""
        return method, segments[0], segments[3] if len(segments) > 3 and segments[0] == "repos" else ""

    def find(self, method, path):
        """(operation, path parameters), or (None, {})."""
        segments = path.strip("/").split("/")
        for operation in self.by_shape.get(self.shape(method, segments), []):
            found = operation.match(segments)
            if found is not None:
                return operation, found
        return None, {}

    def needed(self, schema):
        """The definitions that a schema reaches."""
        found, waiting = {}, [schema]
        while waiting:
            part = waiting.pop()
            if isinstance(part, list):
                waiting.extend(part)
            elif isinstance(part, dict):
                reference = part.get("$ref")
                if isinstance(reference, str):
                    name = reference.removeprefix("#/$defs/")
                    if name not in found:
                        found[name] = self.definitions[name]
                        waiting.append(found[name])
                waiting.extend(value for value in part.values() if isinstance(value, (dict, list)))
        return found

    def problems(self, key, schema, value):
        """What is wrong with `value`, a line each; `key` names the schema among the compiled."""
        validator = self.validators.get(key)
        if validator is None:
            with self.compiling:
                whole = {"allOf": [schema], "$defs": self.needed(schema)}
                validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
                self.validators[key] = validator
        if validator.is_valid(value):
            return []
        lines = []
        for error in validator.iter_errors(value):
            where = "/".join(str(part) for part in error.instance_path)
            lines.append(f"/{where}: {error.message[:300]}")
        return sorted(lines)[:10]

    def request_problems(self, operation, parameters, query, body, raw):
        """What GitHub would not take of a request; `body` is the JSON value, or None."""
        lines = []
        for name, value in parameters.items():
            schema = operation.in_path.get(name, {}).get("schema", {})
            for line in self.problems((operation.id, "path", name), schema, from_text(value, schema)):
                lines.append(f"path parameter {name}: {line}")
        for name, value in query.items():
            known = operation.in_query.get(name)
            if known is None:
                lines.append(f"query parameter {name} does not exist")
                continue
            schema = known["schema"]
            for line in self.problems((operation.id, "query", name), schema, from_text(value, schema)):
                lines.append(f"query parameter {name}: {line}")
        for name, known in operation.in_query.items():
            if known["required"] and name not in query:
                lines.append(f"query parameter {name} is required")
        if operation.body is None:
            if raw and raw not in (b"{}", b"null"):
                lines.append("a body where none is taken")
        elif not raw:
            if operation.body_required:
                lines.append("the body is missing")
        else:
            lines += [f"body {line}" for line in self.problems((operation.id, "body"), operation.body, body)]
        return lines

    def response_problems(self, operation, status, body, has_body):
        """What GitHub would not answer there."""
        key = str(status)
        if key not in operation.responses:
            if status not in ANYWHERE:
                return [f"status {status} is not documented (there are {', '.join(operation.responses)})"]
            schema = {"$ref": "#/$defs/basic-error"}
            return self.problems(("any", status), schema, body)
        schema = operation.responses[key]
        if schema is None:
            if has_body and status < 400:
                return [f"a body with status {status}, where there is none"]
            return []
        if not has_body:
            return [f"no body with status {status}"]
        return self.problems((operation.id, "response", status), schema, body)
