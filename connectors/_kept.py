"""A row that the law keeps, field by field: what every store does alike (docs/adr/0023).

Fields are taken out (``anonymise``), put under a pseudonym (``pseudonymise``), or set aside in the vault with a way
back (``set_aside``); all others stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from connectors import _kept_words as words
from connectors._tokens import PSEUDONYM, is_bare, is_gone, is_grave, is_pseudonymous
from dsr.contract import Change, Item, Keeper, KeepRule, Row, Text, Verb

OF_FIELDS = ("strip:", "pseudonym:", "aside:")
"""Begin the ids of the items that change single fields of kept rows."""
STRIP, PSEUDONYM_OF, ASIDE = OF_FIELDS
PLACED = "dsr.placed"
"""Beside old values in the vault: what was put in their place, so that nothing newer is overwritten."""


class Reduced(Protocol):
    """What a map says of the fields of kept rows of one collection."""

    @property
    def name(self) -> str:
        """Of the collection."""

    @property
    def anonymise(self) -> Mapping[str, Any]:
        """The value to set by field that the law does not need."""

    @property
    def pseudonymise(self) -> tuple[str, ...]:
        """Fields that get a pseudonym."""

    @property
    def set_aside(self) -> Mapping[str, Any]:
        """What stands meanwhile in fields whose own value goes to the vault."""


@dataclass(frozen=True)
class Way:
    """One thing that happens to fields of kept rows: it becomes an item of the plan."""

    id: str
    verb: Verb
    wanted: Mapping[str, Any]
    reason: Text = ""
    citation: str = ""


def ways(told: Reduced, title: Text, rule: KeepRule) -> Iterator[Way]:
    """What happens to the fields of the rows that ``rule`` keeps, in the order of the plan."""
    if told.anonymise:
        yield Way(f"{STRIP}{told.name}", Verb.ANONYMISE, told.anonymise)
    if told.pseudonymise:
        wanted = dict.fromkeys(told.pseudonymise, PSEUDONYM)
        reason = words.pseudonymised(title, rule.citation)
        yield Way(f"{PSEUDONYM_OF}{told.name}", Verb.PSEUDONYMISE, wanted, reason, rule.citation)
    if told.set_aside:
        reason = words.set_aside(title, rule.citation)
        yield Way(f"{ASIDE}{told.name}", Verb.RESTRICT, told.set_aside, reason, rule.citation)


def is_of_fields(item: Item) -> bool:
    """Whether an item changes single fields of rows that stay."""
    return item.id.startswith(OF_FIELDS)


def as_wanted(now: Any, change: Change) -> bool:
    """Whether a field holds what a change puts there."""
    if is_pseudonymous(change):
        return is_bare(now)
    return is_gone(now) if is_grave(change.new) else bool(now == change.new)


def made(changes: Iterable[Change], now: Mapping[str, Any], keeper: Keeper, key: str) -> tuple[Change, ...]:
    """The changes with the pseudonyms of what stands in the fields of this row, made under intent ``key``."""
    return tuple(
        replace(one, new=keeper.pseudonym(key, str(now[one.field]))) if is_pseudonymous(one) else one
        for one in changes
    )


def aside(changes: Iterable[Change], now: Mapping[str, Any]) -> dict[str, Any]:
    """What the vault holds of a kept row: the values of these fields alone, and what takes their place."""
    some = tuple(changes)
    return {**{one.field: now[one.field] for one in some}, PLACED: {one.field: one.new for one in some}}


def former(row: Row) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """The old values of a row out of the vault by field, and what was put in their place."""
    placed: Mapping[str, Any] = row.values[PLACED]
    return {name: row.values[name] for name in placed}, placed


def receipt(count: int) -> str:
    """How many kept rows got values back, and were read with them."""
    return f"refilled={count}" if count else ""


def refilled(receipt: str) -> int:
    """The number in a receipt."""
    return int(receipt.removeprefix("refilled=")) if receipt.startswith("refilled=") else 0
