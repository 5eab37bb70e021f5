"""Rows into the vault before they go: whole, parents first, each once, durable before anything is written."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain

import sqlalchemy as sa
from sqlalchemy import exc

from dsr.contract import ConnectorError, Keeper, Key, Purpose, Row, Seal, Verb, key_digest

from . import reading
from .guarding import Job
from .plans import Work
from .store import Store


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
    whole = [job for job in going if any(i.verb in verbs and job.now.get(i.id) for i in job.step.items)]
    sets = rows_of(work, whole, verbs) if whole else {}
    return kept(
        keeper,
        [
            (n, job.step.intent.key, purpose, chain(sets.get(n, ()), more.get(n, ())))
            for job in going
            if (n := job.number) in sets or more.get(n)
        ],
    )


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


def rows_of(work: Work, mine: Sequence[Job], verbs: Sequence[Verb]) -> Mapping[int, Iterable[Row]]:
    """The whole rows of each job. One job alone is streamed; several are few rows each."""
    if len(mine) == 1:
        return {mine[0].number: _streamed(work.store, work.connection, mine[0], verbs)}
    found: dict[int, list[Row]] = {job.number: [] for job in mine}
    seen: dict[int, set[tuple[str, Key]]] = {job.number: set() for job in mine}
    wanted = {job.number: _digests(job, verbs) for job in mine}
    for target in work.targets:
        end = target.route.end
        for number, _, row in reading.rows_of(work.store, work.connection, target, whole=True):
            if number not in found or (end, row.key) in seen[number]:
                continue
            if key_digest(row.key) in wanted[number].get(end, ()):
                seen[number].add((end, row.key))
                found[number].append(row)
    return found


def _digests(job: Job, verbs: Sequence[Verb], among: Container[str] | None = None) -> dict[str, set[bytes]]:
    found: dict[str, set[bytes]] = {}
    for item in job.step.items:
        if item.verb in verbs and (among is None or item.collection in among):
            now = job.now.get(item.id, b"")
            found.setdefault(item.collection, set()).update(now[i : i + 8] for i in range(0, len(now), 8))
    return found


def _streamed(store: Store, connection: sa.Connection, job: Job, verbs: Sequence[Verb]) -> Iterator[Row]:
    """Rows of one person, page by page. What is looked up by digest: rows that only partly go, or that
    several records lead to."""
    going = {item.collection: item for item in job.step.items if item.verb in verbs}
    order = {one.name: n for n, one in enumerate(store.map.collections)}
    partly = {i.collection for i in job.step.items if i.verb not in verbs} | _reached_twice(job)
    wanted = _digests(job, verbs, partly)
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
