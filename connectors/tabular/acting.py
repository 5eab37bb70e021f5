"""Act: survey the file again, compare with the plan, seal, and replace the file once for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from typing import Any

from connectors import _words as words
from dsr.contract import (
    Change,
    Item,
    ItemOutcome,
    Keeper,
    Outcome,
    Purpose,
    Row,
    State,
    Step,
    Verb,
    only_grew,
)

from . import lifting
from .book import Book, Edits
from .jobs import Job
from .opening import Source
from .rules import REMOVING, SETTING
from .sheets import SOURCE
from .surveying import WRITING, Spot, joined, split, spots_by_sheet, survey
from .walking import by_digest


def act(
    place: Source, steps: Sequence[Step], keeper: Keeper, today: date, lock_seconds: float
) -> Iterator[Outcome]:
    """Outcomes as soon as the file was replaced. Steps that want the same row wait for the next turn."""
    waiting = list(steps)
    while waiting:
        with place.locked(lock_seconds), closing(place.book()) as book:
            done, waiting = _turn(book, waiting, keeper, today)
        yield from done


def _turn(book: Book, steps: list[Step], keeper: Keeper, today: date) -> tuple[list[Outcome], list[Step]]:
    drafts = survey(book, [step.intent for step in steps], today, steps)
    jobs = [Job(step, draft) for step, draft in zip(steps, drafts, strict=True)]
    _look_for_strangers(book, jobs)
    for job in jobs:
        job.state = _judged(job)
    lifting.prepare(book, [job for job in jobs if job.state is None], keeper)
    later = _collisions(jobs)
    going = [job for job in jobs if job.state is None and id(job) not in later]
    _seal(book, going, keeper)
    edits = _edits(going)
    if any(edits.values()) and not book.commit(edits):
        for job in going:
            job.state = State.FAILED
    return [_outcome(book, job) for job in jobs if id(job) not in later], [
        j.step for j in jobs if id(j) in later
    ]


def _look_for_strangers(book: Book, jobs: Sequence[Job]) -> None:
    """A second pass, only when planned rows were not found by identity: are they gone, or somebody else's?"""
    wanted: dict[str, set[bytes]] = {}
    owners: dict[tuple[str, bytes], list[tuple[Job, Item]]] = {}
    for job in jobs:
        for item in job.items:
            lot = job.lot(item)
            now = set(split(lot.open + lot.done)) if lot else set()
            missing = set(split(item.digests)) - now
            if missing and not book.sheet(item.collection).keyless:
                wanted.setdefault(item.collection, set()).update(missing)
                for digest in missing:
                    owners.setdefault((item.collection, digest), []).append((job, item))
    for sheet, line, digest in by_digest(book, wanted) if wanted else ():
        for job, item in owners[sheet.name, digest]:
            as_wanted = bool(item.changes) and all(
                lifting.written(sheet, line.cells, change, job.step) for change in item.changes
            )
            job.strangers.setdefault(item.id, []).append((digest, as_wanted))


def _judged(job: Job) -> State | None:
    """None: go ahead. ALREADY: nothing is left to do. CONFLICT: not what was planned."""
    if job.draft.conflicts:
        return State.CONFLICT
    lifts = any(item.verb is Verb.LIFT for item in job.step.items)
    planned = {item.id for item in job.step.items}
    further = [name for name, lot in job.draft.lots.items() if lot.open and name not in planned]
    if any(job.draft.lots[name].rule.verb in WRITING for name in further):
        return State.CONFLICT
    if not lifts and all(_is_done(job, item) for item in job.items):
        return State.ALREADY if job.items or not job.step.items else _kept(job)
    return (
        None
        if all(_fits(job, item) for item in job.step.items if item.verb is not Verb.LIFT)
        else State.CONFLICT
    )


def _kept(job: Job) -> State:
    """A step that keeps everything changes nothing; it is done when the rows are those of the plan."""
    return State.DONE if all(_fits(job, item) for item in job.step.items) else State.CONFLICT


def _is_done(job: Job, item: Item) -> bool:
    lot = job.lot(item)
    strangers = job.strangers.get(item.id, [])
    if lot is not None and lot.open:
        return False
    if item.verb in REMOVING:
        return not strangers
    done = {*split(lot.done if lot else b""), *(digest for digest, as_wanted in strangers if as_wanted)}
    return all(as_wanted for _, as_wanted in strangers) and set(split(item.digests)) <= done


def _fits(job: Job, item: Item) -> bool:
    """The planned rows are still hers, changed or not; others may have come."""
    lot = job.lot(item)
    now = joined(lot.open + lot.done) if lot else b""
    return item.digests == now or only_grew(item.digests, now)


def _collisions(jobs: Sequence[Job]) -> set[int]:
    """Jobs that want to write a row which a job before them writes already."""
    taken: dict[tuple[str, int], int] = {}
    later: set[int] = set()
    for job in jobs:
        if job.state is not None:
            continue
        places = [(spot.sheet.name, spot.line.number) for spot in job.draft.spots]
        places += [(one.sheet.name, one.line.number) for one in job.returns if one.line is not None]
        if any(place in taken for place in places):
            later.add(id(job))
            continue
        taken |= dict.fromkeys(places, id(job))
    return later


PURPOSES: Mapping[Verb, Purpose] = {
    Verb.SEAL_THEN_DELETE: Purpose.BLOCKED,
    Verb.ANONYMISE: Purpose.BLOCKED,
    Verb.RESTRICT: Purpose.SET_ASIDE,
    Verb.MARK: Purpose.SET_ASIDE,
    Verb.CORRECT: Purpose.OLD_VALUES,
}


def _seal(book: Book, going: Sequence[Job], keeper: Keeper) -> None:
    """Everything that must not be lost goes to the keeper, in one durable write, before the file is touched."""
    sets: list[tuple[Job, Purpose, list[Spot]]] = []
    for job in going:
        by_purpose: dict[Purpose, list[Spot]] = {}
        for spot in job.draft.spots:
            purpose = _purpose(job, spot)
            if purpose is not None:
                by_purpose.setdefault(purpose, []).append(spot)
        sets += [(job, purpose, spots) for purpose, spots in by_purpose.items()]
    if not sets:
        return
    sources = _sources(book, [spot for _, _, spots in sets for spot in spots])
    sealed = keeper.seal_all(
        (job.step.intent.key, purpose, _rows(book, spots, sources)) for job, purpose, spots in sets
    )
    for (job, _, _), seal in zip(sets, sealed, strict=True):
        job.seals.append(seal)


Sources = Mapping[tuple[str, int], Mapping[str, Any]]


def _sources(book: Book, spots: Sequence[Spot]) -> Sources:
    """How the rows that are to return stand in the file, by sheet and row number."""
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    for sheet in book.sheets:
        lines = [s.line for s in spots if s.sheet is sheet and s.rules[0].verb is Verb.RESTRICT]
        if lines:
            found |= zip(
                ((sheet.name, line.number) for line in lines), book.source_of(sheet, lines), strict=True
            )
    return found


def _purpose(job: Job, spot: Spot) -> Purpose | None:
    found = {PURPOSES[rule.verb] for rule in spot.rules if rule.verb in PURPOSES}
    if job.step.intent.action != "restrict":
        found.discard(Purpose.SET_ASIDE)
    if not job.step.intent.block or spot.sheet.collection.unblocked:
        found &= {Purpose.SET_ASIDE}
    return next(iter(found), None)


def _rows(book: Book, spots: Sequence[Spot], sources: Sources) -> Iterator[Row]:
    """The rows as they stand in the file; those that are to return with how they stood."""
    for spot in spots:
        cells = book.again(spot.sheet, spot.line)
        if spot.sheet.key(cells)[0] != spot.key[0]:
            raise book.changed()
        aside = spot.rules[0].verb
        if aside is Verb.MARK:
            flags = {
                one.field: spot.sheet.cell(cells, one.field) for rule in spot.rules for one in rule.changes
            }
            yield Row(
                spot.sheet.name, spot.key, {**flags, SOURCE: {"flags": sorted(flags)}}, spot.sheet.withheld
            )
            continue
        values: dict[str, Any] = spot.sheet.whole(cells)
        if aside is Verb.RESTRICT:
            source = sources[spot.sheet.name, spot.line.number]
            values[SOURCE] = {**source, "row": spot.line.number, "above": spot.above.hex(), "gap": spot.gap}
        yield Row(spot.sheet.name, spot.key, values, spot.sheet.withheld)


def _edits(going: Sequence[Job]) -> dict[str, Edits]:
    found: dict[str, Edits] = {}
    for name, mine in spots_by_sheet(job.draft for job in going):
        edits = found.setdefault(name, Edits())
        for _, spot in mine:
            if any(rule.verb in REMOVING for rule in spot.rules):
                edits.removed.append(spot.line)
            else:
                edits.changed.append((spot.line, _changes(spot)))
    lifting.edit(found, [one for job in going for one in job.returns])
    return found


def _changes(spot: Spot) -> tuple[Change, ...]:
    return tuple({one.field: one for rule in spot.rules for one in rule.changes}.values())


def _outcome(book: Book, job: Job) -> Outcome:
    if job.state is State.CONFLICT:
        return Outcome(job.step.intent.key, State.CONFLICT, why=words.changed_meanwhile())
    items = tuple(_item_outcome(job, item) for item in job.step.items)
    if job.state is State.FAILED:
        return Outcome(job.step.intent.key, State.FAILED, items, tuple(job.seals), why=words.not_taken())
    state = job.state or (State.DONE if any(one.changed for one in items) else State.ALREADY)
    why = book.after if state is State.DONE else ""
    return Outcome(job.step.intent.key, state, items, tuple(job.seals), why=why)


def _item_outcome(job: Job, item: Item) -> ItemOutcome:
    lot = job.lot(item)
    now = len(lot.open) // 8 if lot else 0
    if item.verb is Verb.KEEP:
        return ItemOutcome(item.id, item.count, 0, now, item.reason, item.until)
    if item.verb is Verb.LIFT:
        back = sum(one.rows for one in job.returns if one.item == item.id)
        return ItemOutcome(item.id, item.count, back if job.state is None else 0)
    changed = now if job.state is None and item.verb in (*REMOVING, *SETTING, Verb.ANONYMISE) else 0
    return ItemOutcome(item.id, item.count, changed)
