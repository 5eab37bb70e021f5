"""Rows into the vault before they go: whole, parents first, each once, durable before anything is written."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain

import sqlalchemy as sa
from sqlalchemy import exc

from dsr.contract import ConnectorError, Item, Keeper, Key, Purpose, Row, Seal, Verb, key_digest

from . import reading
from .guarding import Job
from .plans import Work
from .store import Store

BLOCKING = (Purpose.BLOCKED, Purpose.OLD_VALUES)


def seal(
    work: Work,
    going: Sequence[Job],
    keeper: Keeper,
    purpose: Purpose,
    verbs: Sequence[Verb],
    further: Mapping[int, Sequence[Row]] | None = None,
) -> Mapping[int, tuple[Seal, ...]]:
    """Seal the rows that items with these verbs touch, of all jobs in one call; the seals by job.

    ``further``: rows by number of the job that go into the same seal, behind the others.
    """
    more = further or {}
    exempt = {one.name for one in work.store.map.collections if one.unblocked and purpose in BLOCKING}
    items = {job.number: _sealed(job, verbs, exempt) for job in going}
    whole = [job for job in going if items[job.number]]
    sets = rows_of(work, whole, items) if whole else {}
    return kept(
        keeper,
        [
            (n, job.step.intent.key, purpose, chain(sets.get(n, ()), more.get(n, ())))
            for job in going
            if (n := job.number) in sets or more.get(n)
        ],
    )


def _sealed(job: Job, verbs: Sequence[Verb], exempt: Container[str]) -> list[Item]:
    """The items of a job whose rows go into the vault: not those that the law exempts from blocking."""
    return [
        item
        for item in job.step.items
        if item.verb in verbs and item.collection not in exempt and job.now.get(item.id)
    ]


def kept(
    keeper: Keeper, sets: Sequence[tuple[int, str, Purpose, Iterable[Row]]]
) -> Mapping[int, tuple[Seal, ...]]:
    """One durable call for all sets; the seals by number of the job."""
    if not sets:
        return {}
    try:
        seals = keeper.seal_all((key, purpose, rows) for _, key, purpose, rows in sets)
    except exc.SQLAlchemyError as error:
        raise ConnectorError(
            f"the rows could not be sealed ({type(error).__name__}); nothing was changed", permanent=False
        ) from None
    return {number: (one,) for (number, *_), one in zip(sets, seals, strict=True)}


def rows_of(
    work: Work, mine: Sequence[Job], items: Mapping[int, Sequence[Item]]
) -> Mapping[int, Iterable[Row]]:
    """The whole rows of each job's items. One job alone is streamed; several are few rows each."""
    if len(mine) == 1:
        job = mine[0]
        return {job.number: _streamed(work.store, work.connection, job, items[job.number])}
    found: dict[int, list[Row]] = {job.number: [] for job in mine}
    seen: dict[int, set[tuple[str, Key]]] = {job.number: set() for job in mine}
    wanted = {job.number: _digests(job, items[job.number]) for job in mine}
    for target in work.targets:
        end = target.route.end
        for number, _, row in reading.rows_of(work.store, work.connection, target, whole=True):
            if number not in found or (end, row.key) in seen[number]:
                continue
            if key_digest(row.key) in wanted[number].get(end, ()):
                seen[number].add((end, row.key))
                found[number].append(row)
    return found


def _digests(job: Job, items: Sequence[Item], among: Container[str] | None = None) -> dict[str, set[bytes]]:
    found: dict[str, set[bytes]] = {}
    for item in items:
        if among is None or item.collection in among:
            now = job.now.get(item.id, b"")
            found.setdefault(item.collection, set()).update(now[i : i + 8] for i in range(0, len(now), 8))
    return found


def _streamed(store: Store, connection: sa.Connection, job: Job, items: Sequence[Item]) -> Iterator[Row]:
    """Rows of one person, page by page. What is looked up by digest: rows that only partly go, or that
    several records lead to."""
    going = {item.collection for item in items}
    order = {one.name: n for n, one in enumerate(store.map.collections)}
    partly = {i.collection for i in job.step.items if i not in items} | _reached_twice(job)
    wanted = _digests(job, items, partly)
    for record in sorted(job.records.values(), key=lambda r: (order[r.collection], len(r.path))):
        if record.collection not in going:
            continue
        mine = wanted.get(record.collection, set())
        for row in reading.streamed(store, connection, record):
            if record.collection not in partly:
                yield row
            elif (digest := key_digest(row.key)) in mine:
                mine.discard(digest)
                yield row


def _reached_twice(job: Job) -> set[str]:
    names = [record.collection for record in job.records.values()]
    return {name for name in names if names.count(name) > 1}
