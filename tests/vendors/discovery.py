"""Google's discovery documents in the words of OpenAPI 3, as far as validating needs them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Json = Any
DROPPED = ("id", "enumDescriptions", "enumDeprecated", "annotations", "deprecated", "readOnly", "description")
"""``readOnly`` is about what Google takes to heart, not about what may be sent: answers are sent back whole."""
FORMATS = ("google-fieldmask", "google-datetime", "google-duration", "int64", "uint64", "byte")
"""Formats that OpenAPI gives another type, or does not know: these values are texts here."""


def openapi_of(document: Mapping[str, Json]) -> Json:
    """Every method by path and verb; schemas keep their names."""
    shared = {name: _parameter(name, one) for name, one in document.get("parameters", {}).items()}
    paths: dict[str, Json] = {}
    for one in _methods(document):
        template = "/" + one.get("flatPath", one["path"]).lstrip("/")
        paths.setdefault(template, {})[one["httpMethod"].lower()] = _operation(one, template, shared)
    return {"paths": paths, "schemas": {name: _schema(one) for name, one in document["schemas"].items()}}


def _methods(resource: Mapping[str, Json]) -> Iterator[Json]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _methods(inner)


def _operation(method: Json, template: str, shared: Mapping[str, Json]) -> Json:
    own = {name: one for name, one in method.get("parameters", {}).items() if one["location"] == "query"}
    parameters = {**shared, **{name: _parameter(name, one) for name, one in own.items()}}
    made: dict[str, Json] = {
        "parameters": [
            *parameters.values(),
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in re.findall(r"\{(\w+)\}", template)
            ),
        ],
        "responses": {"200": {"description": "", "content": _json(method["response"])}},
    }
    if "request" in method:
        made["requestBody"] = {"required": True, "content": _json(method["request"])}
    return made


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": _schema(schema)}}


def _parameter(name: str, about: Json) -> Json:
    facts = _schema({key: about[key] for key in ("type", "enum", "format") if key in about})
    schema = {"type": "array", "items": facts} if about.get("repeated") else facts
    required = bool(about.get("required")) or "Required." in about.get("description", "")
    return {
        "name": name,
        "in": "query",
        "required": required and name != "requestMask.includeField",
        "schema": schema,
    }


def _schema(value: Json) -> Json:
    """A schema; a reference is a path into the document, ``any`` is anything, whole numbers of 64 bits are texts."""
    if isinstance(value, list):
        return [_schema(one) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$ref"), str):
        return {"$ref": f"#/schemas/{value['$ref']}"}
    made = {}
    for name, one in value.items():
        if name == "properties":
            made[name] = {each: _schema(inner) for each, inner in one.items()}
        elif name not in DROPPED and not (name == "format" and one in FORMATS):
            made[name] = _schema(one)
    if made.get("type") == "any":
        del made["type"]
    if made.get("type") == "object" and "additionalProperties" not in made:
        made.setdefault("properties", {})
    return made
