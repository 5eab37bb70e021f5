"""What the law orders to be kept of entries, and until when: counted from a date that stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from connectors._periods import day_of, last_day, longest
from dsr.contract import Action, Intent, KeepRule

from .holding import Held, held, is_hers
from .source import Entries, Entry

Anchor = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Parted:
    """A record: the entries that go and those that stay, and the last day of these (None: no date tells)."""

    going: Held
    staying: Held
    until: date | None


def rule_of(source: Entries, intent: Intent) -> KeepRule | None:
    """The rule that ends last of those the settings name and the law of the case knows."""
    keep = source.place.keep
    return longest(intent.keep, keep.rules) if keep is not None else None


def parted(source: Entries, intent: Intent, found: Iterable[Held]) -> list[Parted]:
    """Each record with what stays and what goes; an entry without a date that can be read stays."""
    found, rule = list(found), rule_of(source, intent)
    if intent.action is not Action.ERASE or rule is None:
        return [Parted(one, replace(one, entries=()), None) for one in found]
    days = _days(source, found)
    return [_parted(source, intent, one, days, rule) for one in found]


def going(source: Entries, intent: Intent, found: Iterable[Held]) -> list[Held]:
    """What of these records goes; what hangs on a row goes by the date of that row, whatever else is planned."""
    found = list(found)
    if intent.action is not Action.ERASE or rule_of(source, intent) is None:
        return found
    wanted = {one.record.id for one in found}
    every = parted(source, intent, held(source, intent.records))
    return [one.going for one in every if one.going.record.id in wanted]


def _days(source: Entries, found: Iterable[Held]) -> Mapping[Anchor, date | None]:
    """The day of each row with an identity, for what hangs on it."""
    return {
        entry.anchor: _own(source, entry)
        for one in found
        for entry in one.entries
        if (entry.collection, entry.key) == entry.anchor
    }


def _own(source: Entries, entry: Entry) -> date | None:
    keep = source.place.keep
    if keep is None or entry.collection != entry.anchor[0]:
        return None
    return day_of(source.value(entry, keep.date))


def _parted(
    source: Entries, intent: Intent, one: Held, days: Mapping[Anchor, date | None], rule: KeepRule
) -> Parted:
    if not is_hers(source, one.record):
        return Parted(one, replace(one, entries=()), None)
    ends: list[tuple[Entry, date | None]] = []
    for entry in one.entries:
        day = _own(source, entry) or days.get(entry.anchor)
        ends.append((entry, last_day(day, rule.period) if day else None))
    on = intent.on or date.min
    stay = [(entry, end) for entry, end in ends if end is None or end >= on]
    kept = tuple(entry for entry, _ in stay)
    going = tuple(entry for entry in one.entries if entry not in kept)
    until = max((end for _, end in stay if end is not None), default=None)
    return Parted(replace(one, entries=going), replace(one, entries=kept), until)
