"""Readers of single parts of a vendor's file; each is given the part and what to call it in an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors._map.nodes import Part, shown, texts
from connectors._words import LANGUAGES
from dsr.contract import Text

from .checks import Rule

Reader = Callable[[Part, str], Any]


def read(
    part: Part,
    what: str,
    readers: Mapping[str, Reader],
    *,
    needed: Sequence[str] = (),
    beside: Sequence[str] = (),
) -> dict[str, Any]:
    """The values of a mapping by name. ``beside``: names that are allowed and read elsewhere."""
    about = part.mapping(what, (*readers, *beside))
    for name in needed:
        if name not in about:
            raise part.wrong(f"{what} has no '{name}'")
    return {name: readers[name](one, f"'{name}' of {what}") for name, one in about.items() if name in readers}


def text(part: Part, what: str) -> str:
    """One line of text."""
    return part.string(what)


def whole(part: Part, what: str) -> int:
    """A whole number above zero."""
    return part.whole(what)


def strings(part: Part, what: str) -> tuple[str, ...]:
    """One text, or a list of them."""
    return part.strings(what) if part.is_list else (part.string(what),)


def words(part: Part, what: str) -> Text:
    """Words in all three languages (a proper name may be one text)."""
    found = texts(part, what, LANGUAGES)
    if isinstance(found, Mapping) and set(found) != set(LANGUAGES):
        raise part.wrong(f"{what} must be there in {', '.join(LANGUAGES)}")
    return found


def plain(part: Part, what: str) -> Any:
    """Any nested value, as plain lists, mappings and single values."""
    if part.is_mapping:
        return {name: plain(one, f"'{shown(name)}' in {what}") for name, one in part.mapping(what).items()}
    if part.is_list:
        return [plain(one, what) for one in part.items(what)]
    return part.scalar(what)


def rule(part: Part, what: str) -> Rule:
    """``{path: ..., equals: value or list}`` (with ``every: true`` if wanted), ``{path: ..., empty: true}`` or
    ``{path: ..., there: true}``."""
    about = part.mapping(what, ("path", "equals", "empty", "there", "every"))
    if (
        "path" not in about
        or len(about) != 2 + ("every" in about)
        or ("every" in about and "equals" not in about)
    ):
        raise part.wrong(f"{what} needs 'path' and one of 'equals', 'empty' and 'there'")
    path = about["path"].string(f"'path' of {what}", empty=True)
    for name in ("empty", "there"):
        if name in about:
            if not about[name].boolean(f"'{name}' of {what}"):
                raise about[name].wrong(f"'{name}' of {what} can only be true")
            return Rule(path, empty=name == "empty", there=name == "there")
    wanted = plain(about["equals"], f"'equals' of {what}")
    every = "every" in about and about["every"].boolean(f"'every' of {what}")
    return Rule(path, tuple(wanted) if isinstance(wanted, list) else (wanted,), every=every)


def rules(part: Part, what: str) -> tuple[Rule, ...]:
    """One rule, or a list of them that all must hold."""
    return tuple(rule(one, what) for one in part.items(what)) if part.is_list else (rule(part, what),)
