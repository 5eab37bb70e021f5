"""The setting ``map``: what happens to single fields of rows that the law keeps, in the words of data maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from connectors._map.nodes import Part, parse, shown

from .collections import unreducible
from .model import Collection, Vendor
from .reading_parts import Reader, plain

WORDS = ("anonymise", "pseudonymise", "set_aside")


def reducible(collection: Collection) -> bool:
    """Whether fields of its rows can be changed one by one while the law keeps them, and read back."""
    return collection.erase == "keep" and bool(collection.update and collection.get)


def reducing(vendor: Vendor, text: str, name: str) -> Vendor:
    """The vendor with what the map says. ConnectorError(permanent=True) with ``name:line`` for everything wrong."""
    told = _told(text, name)
    known = {one.name: one for one in vendor.collections}
    changed: dict[str, Collection] = {}
    for title, part in told.items():
        if title not in known:
            raise part.wrong(f"{vendor.name} has no rows called '{shown(title)}' (known: {', '.join(known)})")
        changed[title] = _reduced(known[title], part)
    return replace(vendor, collections=tuple(changed.get(one.name, one) for one in vendor.collections))


@lru_cache(maxsize=64)
def _told(text: str, name: str) -> Mapping[str, Part]:
    about = parse(text, name).mapping("the map", ("dsr",))
    inner = about["dsr"].mapping("'dsr'", ("collections",)) if "dsr" in about else {}
    if "collections" not in inner:
        raise parse(text, name).wrong("the map has no 'dsr' with 'collections'")
    return inner["collections"].mapping("dsr.collections")


def _reduced(one: Collection, part: Part) -> Collection:
    what = f"dsr.collections.{shown(one.name)}"
    about = part.mapping(what, WORDS)
    first = next(iter(about.values()), part)
    if not reducible(one):
        raise first.wrong(
            f"{what}: these rows are not kept field by field here: the words cannot be carried out"
        )
    facts: dict[str, Any] = {}
    for word, value in about.items():
        facts[word] = _READERS[word](value, f"'{word}' of {what}")
        for name in facts[word]:
            _check(one, name, value, what)
    made = replace(one, **facts)
    for sentence in unreducible(made):
        raise first.wrong(f"{what}: {sentence}")
    return made


def _check(one: Collection, name: str, value: Part, what: str) -> None:
    """A field of the vendor's, or one that the customer made below such a field."""
    if name.partition(".")[0] not in {each.name for each in one.fields} or "*" in name:
        raise value.wrong(f"{what}: there is no field '{shown(name)}'")


def _values(part: Part, what: str) -> dict[str, Any]:
    return {name: plain(one, what) for name, one in part.mapping(what).items()}


_READERS: Mapping[str, Reader] = {
    "anonymise": _values,
    "pseudonymise": lambda part, what: part.strings(what),
    "set_aside": _values,
}
