"""Contracts of vendors in our own words: facts only, and strict. Every exchange of every test is held to them.

``contracts/<vendor>.yaml``::

    specs: [{file: vendor/description.json, base: v1}]   # the vendor's own description (see specs.py)
    undescribed: The vendor gives no description.        # why there are no specs, instead of them
    beyond: {GET v1/people: [data.*.extra]}              # told in words there, forgotten in its schema
    elsewhere: [GET v1/account]                          # calls of another API, in none of these files
    assumed: {GET v1/people: {owner: "1"}}                # query that its schema wants and its words do not
    shapes: {person: {id!: whole, name: text or null}}    # named, used as `shape person`
    errors: {message: text}                              # the body of every answer of 400 and more
    calls:
      GET v1/people/{id}:
        query: {limit: whole, sort: {enum: [asc, desc]}}
        body: {name!: text}
        answers: {200: {data!: shape person}, 204: nothing}

A shape is ``text``, ``number``, ``whole``, ``flag``, ``any``, ``nothing`` (`` or null`` behind),
``{enum: [...]}``, ``{list: shape}``, ``{map: shape}`` (any keys), or the keys of an object (``!`` behind: must be
there). A key, a query name, a path or a status that is not written down fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from . import specs
from .server import Asked, Exchange, Fake, Reply, pattern

FOLDER = Path(__file__).parent / "contracts"
COUNTS: Counter[tuple[str, str]] = Counter()
"""(vendor, what was validated): how often, over the whole run."""


@dataclass(frozen=True)
class Contract:
    """The facts about one vendor."""

    kind: str
    calls: Mapping[str, Any]
    shapes: Mapping[str, Any]
    errors: Any
    specs: tuple[Mapping[str, Any], ...]
    undescribed: str
    beyond: Mapping[str, Sequence[str]]
    elsewhere: frozenset[str]
    assumed: Mapping[str, Mapping[str, str]]


@cache
def contract(kind: str) -> Contract:
    """The contract of a vendor; it must be there."""
    about = yaml.safe_load((FOLDER / f"{kind}.yaml").read_text(encoding="utf-8"))
    return Contract(
        kind=kind,
        calls=about["calls"],
        shapes=about.get("shapes", {}),
        errors=about.get("errors", "any"),
        specs=tuple(about.get("specs", ())),
        undescribed=about.get("undescribed", ""),
        beyond=about.get("beyond", {}),
        elsewhere=frozenset(about.get("elsewhere", ())),
        assumed=about.get("assumed", {}),
    )


def check(fake: Fake) -> None:
    """Hold every exchange of a fake to its contract, and to the vendor's own description where it is there."""
    told = contract(fake.kind)
    exchanges = (*fake.exchanges, *fake.inner)
    wrong = [one for exchange in exchanges for one in breaches(told, exchange)]
    assert wrong == [], f"{fake.kind}: {len(wrong)} breaches of the contract, such as {wrong[:3]}"
    for exchange in exchanges:
        COUNTS[fake.kind, "requests"] += 1
        COUNTS[fake.kind, "answers"] += not exchange.faulty
    if told.undescribed:
        return
    described = [
        specs.assuming(one, told.assumed) for one in exchanges if one.asked.route not in told.elsewhere
    ]
    specs.check(fake.kind, told.specs, described, COUNTS, told.beyond)


def breaches(told: Contract, exchange: Exchange) -> Iterator[str]:
    """What is wrong with a request, and with its answer unless a fault was ordered for it."""
    name, asked = exchange.asked.route, exchange.asked
    about = told.calls.get(name)
    if about is None:
        yield f"{asked.method} {asked.path}: no such request"
        return
    for one in _request(told, about, asked):
        yield f"{name}: {one}"
    if not exchange.faulty:
        for one in _answer(told, about, exchange.reply):
            yield f"{name}: {one}"


def _request(told: Contract, about: Mapping[str, Any], asked: Asked) -> Iterator[str]:
    query = about.get("query", {})
    known = {key.removesuffix("!"): shape for key, shape in query.items()}
    for key, value in asked.all_query:
        if key not in known:
            yield f"query '{key}' is not known"
        else:
            yield from fits(told, _read(known[key], value), known[key], f"query {key}")
    for key in query:
        if key.endswith("!") and key.removesuffix("!") not in asked.query:
            yield f"query '{key[:-1]}' is missing"
    if "body" in about:
        yield from fits(told, asked.body, about["body"], "body")
    elif asked.body is not None:
        yield "it takes no body"


def _read(shape: Any, value: str) -> Any:
    """A query value with the type that its shape wants, or as it is."""
    if shape in ("whole", "number") and value.lstrip("-").replace(".", "", 1).isdigit():
        return int(value) if shape == "whole" and "." not in value else float(value)
    if shape == "flag" and value in ("true", "false"):
        return value == "true"
    return value


def _answer(told: Contract, about: Mapping[str, Any], reply: Reply) -> Iterator[str]:
    answers = about["answers"]
    if reply.status in answers:
        yield from fits(told, reply.data, answers[reply.status], f"answer {reply.status}")
    elif reply.status >= 400:
        yield from fits(told, reply.data, told.errors, f"answer {reply.status}")
    else:
        yield f"status {reply.status} is not known"


PLAIN: Mapping[str, tuple[type, ...]] = {
    "text": (str,), "number": (int, float), "whole": (int,), "flag": (bool,), "nothing": (type(None),),
}  # fmt: skip


def fits(told: Contract, value: Any, shape: Any, where: str) -> Iterator[str]:
    """What of a value does not fit its shape."""
    if isinstance(shape, str):
        yield from _plain(told, value, shape, where)
    elif set(shape) == {"enum"}:
        if value not in shape["enum"]:
            yield f"{where} is none of {shape['enum']}"
    elif set(shape) == {"list"}:
        if not isinstance(value, list):
            yield f"{where} is not a list"
        else:
            for one in value:
                yield from fits(told, one, shape["list"], f"{where}[]")
    elif set(shape) == {"map"}:
        if not isinstance(value, dict):
            yield f"{where} is not a mapping"
        else:
            for key, one in value.items():
                yield from fits(told, one, shape["map"], f"{where}.{key}")
    else:
        yield from _object(told, value, shape, where)


def _plain(told: Contract, value: Any, shape: str, where: str) -> Iterator[str]:
    name = shape.removesuffix(" or null")
    if name != shape and value is None:
        return
    if name.startswith("shape "):
        yield from fits(told, value, told.shapes[name.removeprefix("shape ")], where)
    elif name != "any":
        allowed = PLAIN[name]
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            yield f"{where} is {type(value).__name__}, not {shape}"


def _object(told: Contract, value: Any, shape: Mapping[str, Any], where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is {type(value).__name__}, not an object"
        return
    known = {key.removesuffix("!"): inner for key, inner in shape.items()}
    for key, one in value.items():
        if key not in known:
            yield f"{where}.{key} is not known"
        else:
            yield from fits(told, one, known[key], f"{where}.{key}")
    for key in shape:
        if key.endswith("!") and key.removesuffix("!") not in value:
            yield f"{where}.{key[:-1]} is missing"


def is_route(template: str, method: str, path: str) -> bool:
    """Whether ``METHOD template`` is the route of a request."""
    wanted, _, shape = template.partition(" ")
    return wanted == method and pattern(shape).fullmatch(path) is not None
