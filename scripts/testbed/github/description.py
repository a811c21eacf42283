"""GitHub's OpenAPI description as an index of operations with plain JSON Schema.

The description comes from the npm package that GitHub's own clients are generated from. It is
OpenAPI 3.0, whose dialect of JSON Schema differs: `nullable`, siblings of `$ref`. The description
also leaves objects open almost everywhere, so that a misspelt property would pass; here an object
with known properties is closed (`unevaluatedProperties`) wherever the description lists them.
"""

import json

# Words that judge nothing. `default` and `example` may hold anything, also things like schemas.
SILENT = {
    "title", "description", "default", "example", "examples", "deprecated", "externalDocs", "discriminator",
    "readOnly", "writeOnly", "xml",
}  # fmt: skip
METHODS = ("get", "post", "put", "patch", "delete")
REFERENCE = "#/components/schemas/"


def definition(reference):
    return reference.removeprefix(REFERENCE)


def converted(schema, closed):
    """One schema in the dialect of JSON Schema 2020-12.

    `closed` says that no sibling adds properties to this object: inside allOf, anyOf and oneOf the
    parts stay open, and the whole is closed.
    """
    if not isinstance(schema, dict):
        return schema
    result = {}
    if "$ref" in schema:
        result["$ref"] = "#/$defs/" + definition(schema["$ref"])
    else:
        for word, value in schema.items():
            if word in SILENT or word == "nullable" or word.startswith("x-"):
                continue
            if word == "properties":
                result[word] = {name: converted(part, True) for name, part in value.items()}
            elif word in ("allOf", "anyOf", "oneOf"):
                result[word] = [converted(part, False) for part in value]
            elif word == "not":
                result[word] = converted(value, False)
            elif word in ("items", "additionalProperties"):
                result[word] = converted(value, True)
            else:
                result[word] = value
        for word, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if isinstance(result.get(word), bool):
                if result.pop(word):
                    result[word] = result.pop(limit)
    if schema.get("nullable"):
        result = {"anyOf": [result, {"type": "null"}]}
    if closed and lists_properties(result):
        result["unevaluatedProperties"] = False
    return result


def lists_properties(schema):
    """Is there a word in it that says which properties there may be? `{}` and maps stay open."""
    if schema.get("additionalProperties") is not None:
        return False
    return any(word in schema for word in ("$ref", "properties", "allOf", "anyOf", "oneOf"))


def freeform(name, schemas, seen=()):
    """Does a definition, looked through its references, leave its properties open on purpose?"""
    schema = schemas.get(name)
    if not isinstance(schema, dict) or name in seen:
        return True
    return not lists_properties(schema) and schema.get("type") == "object"


def reopened(schema, schemas):
    """A reference to an object that lists nothing is not closed after all."""
    if isinstance(schema, list):
        return [reopened(part, schemas) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {word: reopened(value, schemas) for word, value in schema.items()}
    if schema.get("unevaluatedProperties") is False and isinstance(schema.get("$ref"), str):
        if freeform(schema["$ref"].removeprefix("#/$defs/"), schemas):
            del schema["unevaluatedProperties"]
    return schema


def json_schema_of(content):
    """The schema of the JSON media type in a `content` map; None when there is no JSON."""
    for media_type, body in (content or {}).items():
        if media_type.split(";")[0].strip() in ("application/json", "application/scim+json"):
            return body.get("schema", {})
    return None


def index(description):
    """Operations and definitions, ready to be stored as JSON."""
    components = description["components"]

    def resolved(thing):
        while "$ref" in thing:
            _, _, kind, name = thing["$ref"].split("/")
            thing = components[kind][name]
        return thing

    definitions = {name: converted(schema, False) for name, schema in components["schemas"].items()}
    operations = []
    for template, methods in description["paths"].items():
        for method in METHODS:
            if method not in methods:
                continue
            operation = methods[method]
            parameters = [resolved(p) for p in methods.get("parameters", []) + operation.get("parameters", [])]
            body = resolved(operation.get("requestBody", {}))
            responses = {}
            for status, response in operation["responses"].items():
                schema = json_schema_of(resolved(response).get("content"))
                responses[status] = None if schema is None else converted(schema, int(status) < 400)
            body_schema = json_schema_of(body.get("content"))
            operations.append(
                {
                    "method": method.upper(),
                    "template": template,
                    "id": operation["operationId"],
                    "parameters": [
                        {
                            "name": parameter["name"],
                            "in": parameter["in"],
                            "required": parameter.get("required", False),
                            "many": parameter.get("x-multi-segment", False),
                            "schema": converted(parameter["schema"], True),
                        }
                        for parameter in parameters
                    ],
                    "body": None if body_schema is None else converted(body_schema, True),
                    "body_required": body.get("required", False),
                    "responses": responses,
                }
            )
    return {
        "version": description["info"]["version"],
        "operations": reopened(operations, definitions),
        "definitions": reopened(definitions, definitions),
    }


def write_index(description_file, index_file):
    with open(description_file, encoding="utf-8") as opened:
        made = index(json.load(opened))
    index_file.write_text(json.dumps(made, separators=(",", ":")), encoding="utf-8")
