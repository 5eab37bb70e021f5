"""The laws on file: one TOML file per jurisdiction and validity, read once and checked whole."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from dsr.domain.law import CalendarRule, LawError, Pack
from dsr.domain.periods import Calendar, local_date

from .calendars import PLAIN, build
from .checking import faults
from .elsewhere import Country, countries
from .reading import Source, pack_of

__all__ = ["Country", "calendar", "countries", "in_force", "load", "packs"]


@lru_cache(maxsize=1)
def packs() -> tuple[Pack, ...]:
    """Every pack on file, by jurisdiction and date. Raises LawError naming a wrong file and key."""
    return load(files(__name__))


def load(folder: Traversable) -> tuple[Pack, ...]:
    """The packs of a folder of TOML files. Raises LawError naming the file and key that are wrong."""
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    sources = [_source(folder / name) for name in names]
    by_id = {source.table.get("id"): source for source in sources}
    found = [_checked(source, by_id) for source in sources]
    found.sort(key=lambda pack: (pack.jurisdiction, pack.valid_from))
    for earlier, later in zip(found, found[1:], strict=False):
        if earlier.jurisdiction == later.jurisdiction and earlier.covers(later.valid_from):
            raise LawError(f"{earlier.id} and {later.id} are both in force on {later.valid_from}")
    _codes(found)
    return tuple(found)


def in_force(jurisdiction: str, on: date | datetime) -> Pack:
    """The pack of that jurisdiction on the day of receipt; a datetime is read in the zone of each pack.

    Before the first and after the last pack on file the nearest is given, because its retention rules still
    hold for what happened then; `deadlines.fold` refuses the clocks of a request received outside it.
    Raises LawError for an unknown jurisdiction or a naive datetime.
    """
    found = [pack for pack in packs() if pack.jurisdiction == jurisdiction]
    if not found and jurisdiction in countries():
        raise LawError(countries()[jurisdiction].words("en"), code="law.not_on_file")
    if not found:
        known = ", ".join(dict.fromkeys(pack.jurisdiction for pack in packs()))
        raise LawError(f"no law on file for {jurisdiction!r}; on file: {known}")
    begun = [pack for pack in found if pack.valid_from <= local_date(on, pack.zone)]
    return begun[-1] if begun else found[0]


def calendar(pack: Pack, code: str | None = None) -> Calendar:
    """The holidays of the pack, or those of `code`: a code of any pack (ES, UK, US), one with a
    subdivision (ES-CT), 'weekends' (Saturdays and Sundays only) or 'none' (every day works). Raises LawError
    for others."""
    if code is None or code == pack.calendar.code:
        return build(pack.calendar)
    if code in PLAIN:
        return PLAIN[code]
    known = _codes(packs())
    place, _, subdiv = code.partition("-")
    if code in known:
        return build(known[code])
    if place not in known or not subdiv:
        raise LawError(
            f"no calendar {code!r}; there are {', '.join((*PLAIN, *sorted(known)))} and ES-CT alike"
        )
    return build(replace(known[place], code=code, subdiv=subdiv))


def _source(path: Traversable) -> Source:
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    try:
        return Source(path.name, tomllib.loads(text), text)
    except tomllib.TOMLDecodeError as error:
        raise LawError(f"{path.name}: is not TOML: {error}") from error


def _checked(source: Source, by_id: dict[object, Source]) -> Pack:
    base = source.table.get("extends")
    if base is not None and (base not in by_id or "extends" in by_id[base].table):
        raise source.fail("extends", f"{base!r} is not the id of a pack that stands alone")
    pack = pack_of(source, by_id[base] if base is not None else None)
    for fault in faults(pack):
        raise LawError(f"{source.name}: {fault}")
    return pack


def _codes(found: tuple[Pack, ...] | list[Pack]) -> dict[str, CalendarRule]:
    """The calendar rule of every code that has a country; two packs with one code must agree."""
    rules: dict[str, CalendarRule] = {}
    for pack in found:
        rule = pack.calendar
        if rule.country and rules.setdefault(rule.code, rule) != rule:
            raise LawError(f"{pack.id}: calendar {rule.code} differs from that of another pack")
    return rules
