"""Placeholders and paths: how the parts of a request are filled and the parts of an answer are found.

``{id}``, ``{values}``, ``{setting.list}`` are replaced by what the engine knows at that moment; a text that is
one placeholder takes its value with its type. ``{value|md5}`` changes it by a named function. Nothing of
a placeholder's value is ever read as a template again, and in a path it is quoted whole.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

PLACE = re.compile(r"\{([a-z_]+(?:\.[A-Za-z0-9_]+)*)((?:\|[a-z0-9_]+)*)\}")

Transform = Callable[[Any], Any]


def _md5(value: Any) -> str:
    return hashlib.md5(str(value).encode(), usedforsecurity=False).hexdigest()


def _digits(value: Any) -> str:
    return "".join(c for c in str(value) if c.isdigit())


SOQL = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def _soql(value: Any) -> str:
    """A value between the quotes of a SOQL literal ("Quoted String Escape Sequences" of the SOQL reference)."""
    return "".join(SOQL.get(one, one) for one in str(value))


def _phrases(values: Any) -> str:
    """Values as phrases of Lucene's query language, any of which may be there: between quotes nothing is a wildcard or
    an operator ("Query Parser Syntax" of Apache Lucene). Each also in lower case, as indexes often keep them."""
    spelled = dict.fromkeys(form for one in values for form in (str(one), str(one).lower()))
    return " OR ".join('"' + re.sub(r'(["\\])', r"\\\1", one) + '"' for one in spelled)


def _days_before(days: int) -> Transform:
    """A day in ISO form, so many days earlier."""
    return lambda day: (date.fromisoformat(str(day)) - timedelta(days)).isoformat()


SOSL = re.compile(r"[?&|!{}\[\]()^~*:\\\"'+-]")


def _sosl(values: Any) -> str:
    """Phrases of which one must stand in a text ("FIND {SearchQuery}" of the SOSL reference; what it reserves is
    escaped inside quotes too)."""
    return " OR ".join('"' + SOSL.sub(r"\\\g<0>", str(one)) + '"' for one in values)


def _number(value: Any) -> Any:
    """A whole number where it is one: ids travel as text in keys of some vendors and as numbers in others."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


TRANSFORMS: Mapping[str, Transform] = {
    "md5": _md5,
    "lower": lambda value: str(value).lower(),
    "digits": _digits,
    "text": str,
    "number": _number,
    "lines": lambda values: "\n".join(str(one) for one in values),
    "comma": lambda values: ",".join(str(one) for one in values),
    "quoted": lambda values: ",".join(json.dumps(str(one), ensure_ascii=False) for one in values),
    "soql": lambda values: ",".join(f"'{_soql(one)}'" for one in values),
    "sosl": _sosl,
    "returning": lambda names: ",".join(f"{one}(Id)" for one in names),
    "lowered": lambda values: [str(one).lower() for one in values],
    "phrases": _phrases,
    "less_90_days": _days_before(90),
    "sql_quoted": lambda value: str(value).replace("'", "''"),
    "escaped": lambda value: re.sub(r"([\\\"'()])", r"\\\1", str(value)),
}
"""The code a YAML file can name in a placeholder. A vendor that needs another function adds it here."""


def fill(template: Any, scope: Mapping[str, Any]) -> Any:
    """``template`` with its placeholders filled. ``{each: "{values}", give: X}`` repeats X with ``{one}``;
    ``{base: X, put: "{changes}"}`` is X with the changes in it, for vendors that replace a whole row.
    """
    if isinstance(template, str):
        return _text(template, scope)
    if isinstance(template, Mapping):
        if set(template) == {"each", "give"}:
            return [fill(template["give"], {**scope, "one": one}) for one in fill(template["each"], scope)]
        if set(template) == {"base", "put"}:
            return {**fill(template["base"], scope), **fill(template["put"], scope)}
        return {name: fill(value, scope) for name, value in template.items()}
    if isinstance(template, Sequence):
        return [fill(one, scope) for one in template]
    return template


def fill_path(template: str, scope: Mapping[str, Any]) -> str:
    """A path; every value in it is quoted, so that none can lead to another place."""

    def put(found: re.Match[str]) -> str:
        text = str(_value(found, scope))
        return quote(text, safe="") if text not in (".", "..") else quote(text, safe="").replace(".", "%2E")

    return PLACE.sub(put, template)


def _text(template: str, scope: Mapping[str, Any]) -> Any:
    whole = PLACE.fullmatch(template)
    if whole:
        return _value(whole, scope)
    return PLACE.sub(lambda found: str(_value(found, scope)), template)


def _value(found: re.Match[str], scope: Mapping[str, Any]) -> Any:
    value: Any = scope
    for name in found.group(1).split("."):
        value = value.get(name, "") if isinstance(value, Mapping) else ""
    for name in found.group(2).split("|")[1:]:
        value = TRANSFORMS[name](value)
    return value


def names(template: Any) -> set[tuple[str, tuple[str, ...]]]:
    """The placeholders of a template: (first name, transforms)."""
    if isinstance(template, str):
        return {(m.group(1), tuple(m.group(2).split("|")[1:])) for m in PLACE.finditer(template)}
    if isinstance(template, Mapping):
        return set().union(*(names(one) for one in template.values())) if template else set()
    if isinstance(template, Sequence):
        return set().union(*(names(one) for one in template)) if template else set()
    return set()


def pick(data: Any, path: str) -> list[Any]:
    """The values at a path, in order; none where it leads nowhere. An empty path is the thing itself."""
    found = [data]
    for name in path.split(".") if path else ():
        found = [inner for one in found for inner in _step(one, name)]
    return [one for one in found if one is not None]


def _step(value: Any, name: str) -> Sequence[Any]:
    if name == "*":
        if isinstance(value, Mapping):
            return list(value.values())
        return value if isinstance(value, list) else ()
    if isinstance(value, Mapping) and name in value:
        return (value[name],)
    return ()


def without(data: Any, path: str) -> Any:
    """``data`` without the values at a path; what is not on the way stays the very same."""
    name, _, rest = path.partition(".")
    if isinstance(data, list):
        return [without(one, rest) for one in data] if name == "*" and rest else data
    if not isinstance(data, Mapping) or name not in data:
        return data
    left = {key: one for key, one in data.items() if key != name}
    return {**left, name: without(data[name], rest)} if rest else left


def entries(data: Any, path: str) -> list[Mapping[str, Any]]:
    """The entries of an answer: a list at the path, one mapping, or what ``*`` gives; others are left out."""
    found: list[Any] = []
    for one in pick(data, path):
        found += one if isinstance(one, list) else [one]
    return [one for one in found if isinstance(one, Mapping)]


def texts(value: Any) -> Iterator[str]:
    """Every text in the values of a row, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from texts(one)


def put(target: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a dotted path, making what is missing on the way."""
    *way, last = path.split(".")
    for name in way:
        inner = target.get(name)
        if not isinstance(inner, dict):
            inner = target[name] = {}
        target = inner
    target[last] = value
