"""What `/openapi.json` says that a route takes, as a test asks for it: every parameter, and every field of every body."""

import copy
import re
import uuid

# A value of each format that is as good as any.
FORMATS = {"uuid": str(uuid.UUID(int=7)), "date-time": "2030-01-01T00:00:00Z", "email": "somebody@example.com", "binary": "x"}


class Operation:
    """One method at one path, as the document describes it."""

    def __init__(self, document, pattern, method, item):
        self.document, self.pattern, self.method = document, pattern, method.upper()
        self.item = item[method]
        self.parameters = [self.whole(one) for one in item.get("parameters", []) + self.item.get("parameters", [])]
        content = self.item.get("requestBody", {}).get("content", {})
        self.media, body = next(iter(content.items()), (None, {}))
        self.body = body.get("schema")

    def __repr__(self):
        return f"{self.method} {self.pattern}"

    def whole(self, schema):
        """The schema itself, where this refers to one."""
        while "$ref" in schema:
            found = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def alternatives(self, schema):
        schema = self.whole(schema)
        return [one for part in schema.get("oneOf", []) + schema.get("anyOf", []) for one in self.alternatives(part)] or [schema]

    def sample(self, schema, depth=0):
        """A value that a schema admits, with what it demands and no more."""
        schema = next((one for one in self.alternatives(schema) if one.get("type") != "null"), {})
        kind = schema.get("type", "string")
        kind = next((one for one in kind if one != "null"), "string") if isinstance(kind, list) else kind
        if "enum" in schema:
            return schema["enum"][0]
        if kind == "object":
            names = schema.get("required", []) if depth else list(schema.get("properties", {}))
            return {name: self.sample(schema["properties"][name], depth + 1) for name in names}
        if kind == "array":
            return [self.sample(schema.get("items", {}), depth + 1)] if depth < 4 else []
        if kind in ("integer", "number"):
            return max(1, schema.get("minimum", 1))
        if kind == "boolean":
            return True
        return FORMATS.get(schema.get("format"), "x" * max(1, schema.get("minLength", 1)))

    def fields(self, schema, place=(), depth=0):
        """The place of every field of a schema, however deep: names, and 0 for the first of a list."""
        for one in self.alternatives(schema):
            if "properties" in one and depth < 5:
                for name, field in one["properties"].items():
                    yield (*place, name)
                    yield from self.fields(field, (*place, name), depth + 1)
            if one.get("type") == "array" and depth < 5:
                yield (*place, 0)
                yield from self.fields(one.get("items", {}), (*place, 0), depth + 1)

    def path(self, values):
        return re.sub(r"{(\w+)}", lambda match: values.get(match[1], FORMATS["uuid"]), self.pattern)

    @property
    def gives_stream(self):
        """Whether its answer has no end, or is a socket."""
        answers = self.item.get("responses", {})
        return "101" in answers or any("text/event-stream" in one.get("content", {}) for one in answers.values())


def operations(document):
    return [
        Operation(document, pattern, method, item)
        for pattern, item in document["paths"].items() for method in item if method != "parameters"]


def put(body, place, value):
    """A copy of a body with another value at that place."""
    body = copy.deepcopy(body)
    held = body
    for step in place[:-1]:
        if isinstance(step, int):
            if not isinstance(held, list) or not held:
                return None
            held = held[step]
        else:
            if not isinstance(held, dict):
                return None
            held = held.setdefault(step, {})
    if isinstance(place[-1], int):
        if not isinstance(held, list):
            return None
        held[:] = [value]
    elif isinstance(held, dict):
        held[place[-1]] = value
    else:
        return None
    return body
