"""Act: survey the file again, compare with the plan, seal, and replace the file once for everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date

from connectors import _kept as kept
from connectors import _words as words
from connectors._tokens import is_gone, is_pseudonymous, is_token, tombstone
from dsr.contract import Change, Item, ItemOutcome, Keeper, Outcome, State, Step, Verb, only_grew

from . import lifting, sealing
from .book import Book, Edits
from .cells import text
from .jobs import Job
from .opening import Source
from .rules import WRITING, removes
from .surveying import Spot, joined, split, spots_by_sheet, survey
from .walking import by_digest


def act(
    place: Source, steps: Sequence[Step], keeper: Keeper, today: date, lock_seconds: float
) -> Iterator[Outcome]:
    """Outcomes as soon as the file was replaced. Steps that want the same row wait for the next turn."""
    waiting = list(steps)
    while waiting:
        with place.locked(lock_seconds), closing(place.book()) as book:
            done, waiting = _turn(place, book, waiting, keeper, today)
        yield from done


def _turn(
    place: Source, book: Book, steps: list[Step], keeper: Keeper, today: date
) -> tuple[list[Outcome], list[Step]]:
    drafts = survey(book, [step.intent for step in steps], today, steps)
    jobs = [Job(step, draft) for step, draft in zip(steps, drafts, strict=True)]
    _look_for_strangers(book, jobs)
    for job in jobs:
        job.state = _judged(job)
    lifting.prepare(book, [job for job in jobs if job.state is None], keeper)
    later = _collisions(jobs)
    going = [job for job in jobs if job.state is None and id(job) not in later]
    sealing.seal(book, going, keeper)
    edits = _edits(book, going, keeper)
    if any(edits.values()) and not book.commit(edits):
        for job in going:
            job.state = State.FAILED
    _look_at_refilled(place, going)
    return [_outcome(book, job) for job in jobs if id(job) not in later], [
        j.step for j in jobs if id(j) in later
    ]


def _look_at_refilled(place: Source, going: Sequence[Job]) -> None:
    """Values that were given back are given back when a fresh read shows them."""
    refilled = [job for job in going if job.state is None and job.refilled]
    if refilled:
        with closing(place.book()) as fresh:
            lifting.confirm(fresh, refilled)


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
                lifting.written(sheet, line.cells, change) for change in item.changes
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
    if removes(item):
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


def _edits(book: Book, going: Sequence[Job], keeper: Keeper) -> dict[str, Edits]:
    found: dict[str, Edits] = {}
    for name, mine in spots_by_sheet(job.draft for job in going):
        edits = found.setdefault(name, Edits())
        for draft, spot in mine:
            if any(removes(rule) for rule in spot.rules):
                edits.removed.append(spot.line)
            else:
                edits.changed.append((spot.line, _changes(book, spot, keeper, draft.intent.key)))
    lifting.edit(found, [one for job in going for one in job.returns])
    return found


def _changes(book: Book, spot: Spot, keeper: Keeper, key: str) -> tuple[Change, ...]:
    changes = tuple({one.field: one for rule in spot.rules for one in rule.changes}.values())
    if not any(is_pseudonymous(one) or is_token(one.new) for one in changes):
        return changes
    cells = book.again(spot.sheet, spot.line)
    now = {one.field: text(spot.sheet.cell(cells, one.field)) for one in changes}
    # An empty cell, or one that was treated, stays as it is.
    left = [one for one in changes if not (is_token(one.new) and is_gone(now[one.field]))]
    return tuple(
        replace(
            one, new=tombstone(keeper, key, now[one.field], spot.sheet.collection.field(one.field).length)
        )
        if is_token(one.new)
        else one
        for one in kept.made(left, now, keeper, key)
    )


def _outcome(book: Book, job: Job) -> Outcome:
    if job.state is State.CONFLICT:
        return Outcome(job.step.intent.key, State.CONFLICT, why=words.changed_meanwhile())
    items = tuple(_item_outcome(job, item) for item in job.step.items)
    if job.state is State.FAILED:
        return Outcome(job.step.intent.key, State.FAILED, items, tuple(job.seals), why=words.not_taken())
    state = job.state or (State.DONE if any(one.changed for one in items) else State.ALREADY)
    why = book.after if state is State.DONE else ""
    receipt = kept.receipt(job.refilled if job.state is None else 0)
    return Outcome(job.step.intent.key, state, items, tuple(job.seals), receipt, why)


def _item_outcome(job: Job, item: Item) -> ItemOutcome:
    lot = job.lot(item)
    now = len(lot.open) // 8 if lot else 0
    if item.verb is Verb.KEEP:
        return ItemOutcome(item.id, item.count, 0, now, item.reason, item.until)
    if item.verb is Verb.LIFT:
        back: Counter[str] = Counter()
        for one in job.returns if job.state is None else ():
            if one.item == item.id:
                back[one.sheet.name] += one.rows
        return ItemOutcome(item.id, item.count, back.total(), parts=tuple(sorted(back.items())))
    changed = now if job.state is None and item.verb in WRITING else 0
    return ItemOutcome(item.id, item.count, changed)
