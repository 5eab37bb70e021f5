"""What a pack must satisfy beyond its types, so that no clock fails first with a person waiting."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dsr.domain.clock_events import CLOSES, DATED, EXTENDS
from dsr.domain.law import RIGHTS, Addition, CalendarRule, ClockRule, Pack, Retention
from dsr.domain.letters import LETTERS, LetterKind

from .calendars import PLAIN


def faults(pack: Pack) -> Iterator[str]:
    """What is wrong with a pack: one sentence each, beginning with the key."""
    if pack.valid_until and pack.valid_until < pack.valid_from:
        yield f"valid_until: {pack.valid_until} is before valid_from"
    yield from _zone_faults(pack.zone)
    yield from _calendar_faults(pack.calendar)
    yield from _right_faults(pack)
    for entry in pack.retention:
        yield from _retention_faults(entry)
    if pack.evidence and (pack.evidence.period.business or not pack.evidence.period.months):
        yield "evidence.period: write months or years"
    for number, act in enumerate(pack.on_receipt):
        for name in act.rights:
            if name not in pack.rights or act.deadline not in pack.rights[name].clocks:
                yield f"on_receipt.{number}: {name} is no right with a clock {act.deadline!r}"
    for name in pack.free.rights:
        if name not in pack.rights:
            yield f"free.rights: {name} is no right of this pack"
    yield from _letter_faults(pack)
    if pack.blocking and pack.blocking not in [r.id for r in pack.retention if r.deadline == "block_until"]:
        yield f"blocking: {pack.blocking} is no retention rule with deadline block_until"


def _letter_faults(pack: Pack) -> Iterator[str]:
    """Additions name letters and elements that exist; heirs have rights that exist."""
    for number, one in enumerate(pack.additions):
        yield from (f"additions[{number}].{fault}" for fault in _addition_faults(one))
    if len({one.id for one in pack.additions}) != len(pack.additions):
        yield "additions: an id is used twice"
    if strange := sorted(set(pack.heirs.rights if pack.heirs else ()) - set(RIGHTS)):
        yield f"heirs: there is no right {', '.join(strange)}"


def _addition_faults(one: Addition) -> Iterator[str]:
    if strange := sorted(set(one.letters) - set(LetterKind)):
        yield f"letters: there is no letter {', '.join(strange)}"
    elif not one.letters or not one.id.replace("_", "").isalnum():
        yield "id, letters: name at least one letter, and an id of letters, digits and _"
    else:
        for kind in one.letters:
            known = {element.code for element in LETTERS[LetterKind(kind)].elements}
            if strange := sorted(set(one.elements) - known):
                yield f"elements: the letter {kind} has no {', '.join(strange)}"
    if strange := sorted(set(one.rights) - set(RIGHTS)):
        yield f"rights: there is no right {', '.join(strange)}"


def _zone_faults(zone: str) -> Iterator[str]:
    try:
        if zone != "controller":
            ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"zone: {zone} is neither an IANA zone nor 'controller'"


def _calendar_faults(calendar: CalendarRule) -> Iterator[str]:
    if calendar.country is None and calendar.code not in PLAIN:
        yield f"calendar.code: without a country it must be one of {', '.join(PLAIN)}"
    if calendar.country is None and (calendar.subdiv or calendar.extra_dates or calendar.excluded_dates):
        yield "calendar: subdiv and dates need a country"


def _right_faults(pack: Pack) -> Iterator[str]:
    served = [right.canonical for right in pack.rights.values() if right.canonical]
    for name in RIGHTS:
        if served.count(name) + (name in pack.missing) != 1:
            yield f"rights: {name} must be served by one right or explained in missing, once"
    for name in (*served, *pack.missing):
        if name not in RIGHTS:
            yield f"rights: {name} is not a right of the product"
    for name, right in pack.rights.items():
        if right.served_by and (right.canonical or right.served_by not in RIGHTS):
            yield f"rights.{name}.served_by: names a right of the product, where canonical does not"
        if right.letter and (not right.served_by or right.letter not in set(LetterKind)):
            yield f"rights.{name}.letter: names a letter, and belongs to a right with served_by"
        if not right.clocks:
            yield f"rights.{name}.clocks: has no clock"
        for deadline, rule in right.clocks.items():
            yield from (f"rights.{name}.clocks.{deadline}.{fault}" for fault in _clock_faults(rule))


def _clock_faults(rule: ClockRule) -> Iterator[str]:
    if not rule.period:
        yield "period: is empty"
    for period in rule.period:
        if bool(period.months) != (rule.first_day == "anchor"):
            yield "first_day: 'anchor' belongs to months, the others to days"
    if rule.begins not in ("received", *DATED):
        yield f"begins: {rule.begins} is no event"
    if rule.extension and rule.extension.event not in EXTENDS:
        yield f"extension.event: {rule.extension.event} is none of {', '.join(EXTENDS)}"
    for kind in rule.stops:
        if kind not in CLOSES.values():
            yield f"stops.{kind}: is none of {', '.join(CLOSES.values())}"
    for option in rule.options:
        if option.count("=") != 1:
            yield f"options.{option}: write name=value"


def _retention_faults(entry: Retention) -> Iterator[str]:
    if (entry.period is None) == (entry.ends_with is None):
        yield f"retention.{entry.id}: needs either period or ends_with"
    if entry.period and entry.period.business:
        yield f"retention.{entry.id}.period: business days do not fit a retention"
    if entry.valid_from and entry.valid_until and entry.valid_until < entry.valid_from:
        yield f"retention.{entry.id}.valid_until: is before valid_from"
