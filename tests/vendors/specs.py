"""The second oracle: the vendors' own descriptions, read from the folder that ``DSR_VENDOR_SPECS`` names.

Without the variable nothing happens here. With it, a file that is missing or cannot be read fails. Each
operation that was used is taken out of the description, made strict (no unknown keys, no unknown query
names) and given to openapi-core together with what was sent and answered.
"""

from __future__ import annotations

import copy
import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse
from werkzeug.datastructures import MultiDict

from connectors.rest.filling import pick

from .discovery import openapi_of
from .server import Asked, Exchange, Reply, pattern

VARIABLE = "DSR_VENDOR_SPECS"
METHODS = ("get", "post", "put", "patch", "delete")
HOST = "http://vendor.example"
DEEPEST = 24
Json = Any


def check(
    kind: str,
    files: Sequence[Mapping[str, Any]],
    exchanges: Sequence[Exchange],
    counts: Counter[tuple[str, str]],
    beyond: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Validate requests and answers, each different one once; all of them are counted.

    ``answers_in_doubt`` of a file: requests whose answer it describes otherwise than the vendor's own manual.
    ``under`` of a file: what stands in its paths before ours, with the values that a settings' URL has there.
    ``beyond``: by route, paths of keys that the vendor's words or examples tell of and its schema forgets
    or calls something else.
    """
    folder = os.environ.get(VARIABLE)
    if not folder:
        return
    assert files, f"{kind}: the contract names no file of {VARIABLE}"
    doubted = {route for one in files for route in one.get("answers_in_doubt", ())}
    descriptions = [
        (one.get("base", ""), one.get("under", ""), described(str(Path(folder) / one["file"])))
        for one in files
    ]
    known: dict[str, tuple[list[str], list[str]]] = {}
    for one in exchanges:
        name = repr(
            (one.asked.method, one.asked.path, one.asked.all_query, one.asked.body, one.reply, one.faulty)
        )
        if name not in known:
            known[name] = _one(descriptions, _without(one, (beyond or {}).get(one.asked.route, ())))
        requests, answers = known[name]
        doubt = one.asked.route in doubted
        assert requests == [], f"{kind}: {one.asked.route}: {requests[:2]}"
        assert doubt or answers == [], f"{kind}: answer of {one.asked.route}: {answers[:2]}"
        counts[kind, "requests by the vendor's description"] += 1
        told = not one.faulty and not doubt and one.reply.status < 400
        counts[kind, "answers by the vendor's description"] += told


def assuming(exchange: Exchange, assumed: Mapping[str, Mapping[str, str]]) -> Exchange:
    """The exchange with the query that the vendor's schema wants and its words do not."""
    more = assumed.get(exchange.asked.route)
    if more is None:
        return exchange
    asked = exchange.asked
    query = {**asked.query, **more}
    return replace(exchange, asked=replace(asked, query=query, all_query=(*asked.all_query, *more.items())))


def _without(exchange: Exchange, paths: Sequence[str]) -> Exchange:
    """The exchange without these keys in what was sent and answered."""
    if not paths:
        return exchange
    data, body = copy.deepcopy((exchange.reply.data, exchange.asked.body))
    for path in paths:
        holder, _, last = path.rpartition(".")
        for one in (*pick(data, holder), *pick(body, holder)):
            if isinstance(one, dict):
                one.pop(last, None)
    return replace(
        exchange, reply=replace(exchange.reply, data=data), asked=replace(exchange.asked, body=body)
    )


@cache
def described(path: str) -> Json:
    """A description. The file must be there and be readable."""
    text = Path(path).read_text(encoding="utf-8")
    # References to a file beside this one are told apart by its whole path.
    text = text.replace('"./', f'"{Path(path).parent}/')
    found = json.loads(text) if path.endswith(".json") else yaml.safe_load(text)
    if "discoveryVersion" in found:
        return openapi_of(found)
    return found if "swagger" not in found else _from_swagger(found)


def _one(descriptions: Sequence[tuple[str, str, Json]], exchange: Exchange) -> tuple[list[str], list[str]]:
    asked = exchange.asked
    for base, under, description in descriptions:
        if base and not asked.path.startswith(f"{base}/"):
            continue
        path = f"{under}/" + asked.path.removeprefix(f"{base}/" if base else "")
        template = _template(description, path, asked.method.lower())
        if template:
            api, names = _operation(id(description), description, template, asked.method.lower())
            return _validated(api, names, exchange, path)
    return [f"{asked.method} {asked.path} is in no description"], []


def _template(description: Json, path: str, method: str) -> str:
    fitting = [
        template
        for template, about in description["paths"].items()
        if method in about and pattern(template.replace("-", "_")).fullmatch(path.replace("-", "_"))
    ]
    return min(fitting, key=lambda one: one.count("{"), default="")


_OPERATIONS: dict[tuple[int, str, str], tuple[OpenAPI, set[str]]] = {}


def _operation(key: int, description: Json, template: str, method: str) -> tuple[OpenAPI, set[str]]:
    """One operation as a strict description of its own, and the query names it knows."""
    if (key, template, method) not in _OPERATIONS:
        about = _resolved(description, description["paths"][template][method])
        shared = _resolved(description, description["paths"][template].get("parameters", []))
        about["parameters"] = [*shared, *about.get("parameters", [])]
        about.pop("security", None)
        names = {one["name"] for one in about["parameters"] if one["in"] == "query"}
        whole = {
            "openapi": "3.1.0" if str(description.get("openapi", "")).startswith("3.1") else "3.0.3",
            "info": {"title": "one operation", "version": "1"},
            "servers": [{"url": HOST}],
            "paths": {template: {method: about}},
        }
        _OPERATIONS[key, template, method] = OpenAPI.from_dict(whole), names
    return _OPERATIONS[key, template, method]


def _validated(api: OpenAPI, names: set[str], exchange: Exchange, path: str) -> tuple[list[str], list[str]]:
    asked = exchange.asked
    request = _request(asked, path)
    wrong = [f"query '{name}' is not known" for name in asked.query if name not in names]
    wrong += _errors(lambda: api.validate_request(request))
    if exchange.faulty or exchange.reply.status >= 400:
        return wrong, []
    return wrong, _errors(lambda: api.validate_response(request, _response(exchange.reply)))


def _request(asked: Asked, path: str) -> MockRequest:
    body = None if asked.body is None else json.dumps(asked.body).encode()
    args: dict[str, Any] = {}
    for name, value in asked.all_query:
        args.setdefault(name, []).append(value)
    media = asked.headers.get("content-type", "application/json").partition(";")[0]
    path = path.replace("%40", "@")  # An address in a path is read as the vendor reads it.
    request = MockRequest(HOST, asked.method.lower(), path, data=body, content_type=media)
    request.parameters.query = MultiDict([(n, v) for n, vs in args.items() for v in vs])  # type: ignore[assignment]
    return request


def _response(reply: Reply) -> MockResponse:
    data = b"" if reply.data is None else json.dumps(reply.data).encode()
    return MockResponse(data, status_code=reply.status, content_type="application/json")


def _errors(validate: Callable[[], None]) -> list[str]:
    try:
        validate()
    except OpenAPIError as error:
        cause: Any = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        inner = list(getattr(cause, "schema_errors", ())) or [cause]
        return [f"{'.'.join(str(x) for x in getattr(one, 'path', ()))}: {one}"[:300] for one in inner]
    return []


def _resolved(description: Json, value: Json, depth: int = 0) -> Json:
    """``value`` without references and unions of parts, and with every object closed."""
    if isinstance(value, list):
        return [_resolved(description, one, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    if depth > DEEPEST:
        return {}
    if isinstance(value.get("$ref"), str):
        file, _, place = value["$ref"].partition("#/")
        description = target = described(file) if file else description
        for name in place.split("/"):
            target = target[name.replace("~1", "/")]
        return _resolved(description, target, depth + 1)
    made = {}
    for name, one in value.items():
        if name == "properties" and isinstance(one, dict):
            # Names of fields, not words of the schema: one of them may well be called "properties".
            made[name] = {each: _resolved(description, inner, depth + 1) for each, inner in one.items()}
        elif name not in ("example", "examples") and (name != "default" or isinstance(one, dict)):
            # A default may be of another type than its own schema says.
            made[name] = _resolved(description, one, depth + 1)
    if isinstance(made.get("allOf"), list):
        made = _merged(made)
    if "patternProperties" in made:
        # A word of JSON Schema that OpenAPI 3.0 does not have.
        made["additionalProperties"] = {"anyOf": list(made.pop("patternProperties").values())}
    if isinstance(made.get("properties"), dict) and made.get("type", "object") == "object":
        made.setdefault("additionalProperties", False)
    return made


def _merged(made: dict[str, Json]) -> dict[str, Json]:
    """All parts of an ``allOf`` in one object."""
    parts = [*made.pop("allOf"), made]
    whole: dict[str, Json] = {}
    for part in parts:
        for name, one in part.items():
            if name == "properties":
                whole["properties"] = {**whole.get("properties", {}), **one}
            elif name == "required":
                whole["required"] = list(dict.fromkeys([*whole.get("required", []), *one]))
            elif name != "additionalProperties":
                whole[name] = one
    open_ = any(part.get("additionalProperties") not in (None, False) for part in parts)
    return {**whole, "additionalProperties": True} if open_ else whole


def _from_swagger(old: Json) -> Json:
    """A Swagger 2 description in the words of OpenAPI 3, as far as validating needs it."""
    paths = {}
    for template, about in old["paths"].items():
        paths[template] = {
            method: _operation_3(old, operation) for method, operation in about.items() if method in METHODS
        }
    return {
        "paths": paths,
        "definitions": old.get("definitions", {}),
        "parameters": old.get("parameters", {}),
    }


def _operation_3(old: Json, operation: Json) -> Json:
    made: dict[str, Json] = {"parameters": [], "responses": {}}
    for one in operation.get("parameters", []):
        one = _resolved(old, one) if "$ref" in one else one
        if one["in"] == "body":
            content = {"application/json": {"schema": one["schema"]}}
            made["requestBody"] = {"required": one.get("required", False), "content": content}
        elif one["in"] in ("query", "path", "header"):
            facts = {key: value for key, value in one.items() if key in ("type", "enum", "items", "format")}
            made["parameters"].append(
                {
                    "name": one["name"],
                    "in": one["in"],
                    "required": one.get("required", False),
                    "schema": facts,
                }
            )
    for status, about in operation.get("responses", {}).items():
        content = {"application/json": {"schema": about["schema"]}} if "schema" in about else {}
        made["responses"][str(status)] = {"description": "", **({"content": content} if content else {})}
    return made
