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


def leaves_open(schema, schemas, seen=()):
    """Does a schema (of the description) take properties that it does not list?"""
    if "$ref" in schema:
        name = definition(schema["$ref"])
        return name in seen or leaves_open(schemas[name], schemas, (*seen, name))
    if "additionalProperties" in schema:
        return True  # it says itself which
    if schema.get("properties"):
        return False
    if "allOf" in schema:
        return all(leaves_open(part, schemas, seen) for part in schema["allOf"])
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return any(leaves_open(part, schemas, seen) for part in schema[word])
    return schema.get("type", "object") == "object"


def converted(schema, closed, schemas):
    """One schema in the dialect of JSON Schema 2020-12; `schemas` are those that it may refer to.

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
                result[word] = {name: converted(part, True, schemas) for name, part in value.items()}
            elif word in ("allOf", "anyOf", "oneOf"):
                result[word] = [converted(part, False, schemas) for part in value]
            elif word == "not":
                result[word] = converted(value, False, schemas)
            elif word in ("items", "additionalProperties"):
                result[word] = converted(value, True, schemas)
            else:
                result[word] = value
        for word, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if isinstance(result.get(word), bool) and result.pop(word):
                result[word] = result.pop(limit)
    if schema.get("nullable"):
        result = {"anyOf": [result, {"type": "null"}]}
    if closed and schema.get("type", "object") == "object" and not leaves_open(schema, schemas):
        result["unevaluatedProperties"] = False
    return result


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

    schemas = components["schemas"]
    definitions = {name: converted(schema, False, schemas) for name, schema in schemas.items()}
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
                responses[status] = None if schema is None else converted(schema, int(status) < 400, schemas)
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
                            "schema": converted(parameter["schema"], True, schemas),
                        }
                        for parameter in parameters
                    ],
                    "body": None if body_schema is None else converted(body_schema, True, schemas),
                    "body_required": body.get("required", False),
                    "responses": responses,
                }
            )
    return {
        "version": description["info"]["version"],
        "operations": operations,
        "definitions": definitions,
    }


def write_index(description_file, index_file):
    with open(description_file, encoding="utf-8") as opened:
        made = index(json.load(opened))
    index_file.write_text(json.dumps(made, separators=(",", ":")), encoding="utf-8")
