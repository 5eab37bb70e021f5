"""What goes to the keeper before a file is touched: whole rows, or single fields of rows that stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors import _kept as kept
from dsr.contract import Action, Change, Keeper, Purpose, Row, Verb

from .book import Book
from .jobs import Job
from .rules import Rule, removes
from .sheets import SOURCE
from .surveying import Spot

PURPOSES: Mapping[Verb, Purpose] = {
    Verb.SEAL_THEN_DELETE: Purpose.BLOCKED,
    Verb.ANONYMISE: Purpose.BLOCKED,
    Verb.PSEUDONYMISE: Purpose.BLOCKED,
    Verb.RESTRICT: Purpose.SET_ASIDE,
    Verb.MARK: Purpose.SET_ASIDE,
    Verb.CORRECT: Purpose.OLD_VALUES,
}
Stood = Mapping[tuple[str, int], Mapping[str, Any]]
"""How rows, or cells of them, stand in the file, by sheet and row number."""


def seal(book: Book, going: Sequence[Job], keeper: Keeper) -> None:
    """Everything that must not be lost goes to the keeper, in one durable write."""
    sets: list[tuple[Job, Purpose, list[Spot]]] = []
    for job in going:
        by_purpose: dict[Purpose, list[Spot]] = {}
        for spot in job.draft.spots:
            for purpose in _purposes(job, spot):
                by_purpose.setdefault(purpose, []).append(spot)
        sets += [(job, purpose, spots) for purpose, spots in by_purpose.items()]
    if not sets:
        return
    stood = _stood(
        book, [spot for _, purpose, spots in sets if purpose is Purpose.SET_ASIDE for spot in spots]
    )
    sealed = keeper.seal_all(
        (job.step.intent.key, purpose, _rows(book, purpose, spots, stood)) for job, purpose, spots in sets
    )
    for (job, _, _), one in zip(sets, sealed, strict=True):
        job.seals.append(one)


def _purposes(job: Job, spot: Spot) -> list[Purpose]:
    """What is blocked first, as in the other stores; a flag that is taken away is not sealed again."""
    found = {PURPOSES[rule.verb] for rule in spot.rules if rule.verb in PURPOSES}
    if job.step.intent.action is Action.LIFT:
        found.discard(Purpose.SET_ASIDE)
    if not job.step.intent.block or spot.sheet.collection.unblocked:
        found &= {Purpose.SET_ASIDE}
    return sorted(found, key=lambda one: one is Purpose.SET_ASIDE)


def _aside(spot: Spot) -> tuple[Change, ...]:
    """The single fields of a kept row whose values are set aside."""
    return next((rule.changes for rule in spot.rules if _is_aside(rule)), ())


def _is_aside(rule: Rule) -> bool:
    return rule.verb is Verb.RESTRICT and not removes(rule)


def _stood(book: Book, spots: Sequence[Spot]) -> Stood:
    """How the rows and cells that are to return stand in the file."""
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    for sheet in book.sheets:
        mine = [spot for spot in spots if spot.sheet is sheet and spot.rules[0].verb is not Verb.MARK]
        parts = [spot for spot in mine if _aside(spot)]
        whole = [spot.line for spot in mine if not _aside(spot)]
        if whole:
            sources = book.source_of(sheet, whole)
            found |= zip(((sheet.name, line.number) for line in whole), sources, strict=True)
        if parts:
            cells = book.cells_of(sheet, [(spot.line, [one.field for one in _aside(spot)]) for spot in parts])
            found |= zip(((sheet.name, spot.line.number) for spot in parts), cells, strict=True)
    return found


def _rows(book: Book, purpose: Purpose, spots: Sequence[Spot], stood: Stood) -> Iterator[Row]:
    """The rows as they stand in the file; those that are to return with how they stood."""
    for spot in spots:
        cells = book.again(spot.sheet, spot.line)
        if spot.sheet.key(cells)[0] != spot.key[0]:
            raise book.changed()
        values = spot.sheet.whole(cells)
        if purpose is Purpose.SET_ASIDE:
            values = _returning(spot, values, stood.get((spot.sheet.name, spot.line.number), {}))
        yield Row(spot.sheet.name, spot.key, values, spot.sheet.withheld)


def _returning(spot: Spot, values: Mapping[str, Any], stood: Mapping[str, Any]) -> dict[str, Any]:
    """What is needed to give it back: the values under a flag, single fields, or the whole row and its place."""
    if spot.rules[0].verb is Verb.MARK:
        flags = {one.field: values.get(one.field) for rule in spot.rules for one in rule.changes}
        return {**flags, SOURCE: {"flags": sorted(flags)}}
    if changes := _aside(spot):
        now = {one.field: values.get(one.field) for one in changes}
        return {**kept.aside(changes, now), SOURCE: {"cells": dict(stood)}}
    place = {"row": spot.line.number, "above": spot.above.hex(), "gap": spot.gap}
    return {**values, SOURCE: {**stood, **place}}
