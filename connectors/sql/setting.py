"""The statements of corrections, marks and stops: row keys, base keys and identity in every one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa

from connectors._tokens import is_random, is_token, tombstone
from dsr.contract import Change, Keeper

from . import writing
from .deleting import Moved, settings
from .guarding import Guard, Job, naming_column
from .plans import Work
from .statements import chunks, in_keys, remembered, values_of
from .targets import Raw, Target
from .tokens import tombstones
from .wishes import Found, Wish

Rows = Mapping[str, list[tuple[Target, Wish, Found]]]


@dataclass
class Bundle:
    """Rows of one target that get the same values, or tombstones of their own. ``key``: of an intent of the batch."""

    target: Target
    wishes: list[Wish]
    by: str
    key: str
    rows: dict[Raw, Mapping[str, Any]] = field(default_factory=dict)
    bases: dict[Raw, Raw] = field(default_factory=dict)


def write(work: Work, guard: Guard, job: Job, rows: Rows, keeper: Keeper) -> None:
    """Set everything for one person, the rows that name her last. Moved when a row is not there any more."""
    write_rows(work, guard, [(job, *found) for mine in rows.values() for found in mine], keeper)


def write_rows(
    work: Work, guard: Guard, rows: Iterable[tuple[Job, Target, Wish, Found]], keeper: Keeper
) -> None:
    """The same for rows of several people."""
    order = {one.name: n for n, one in enumerate(work.store.map.collections)}
    bundles = sorted(_bundles(work, guard, rows), key=lambda b: -order[b.target.route.end])
    for bundle in bundles:
        for some in chunks(list(bundle.rows)):
            if _run(work, bundle, some, keeper) < len(some):
                raise Moved


def _bundles(work: Work, guard: Guard, rows: Iterable[tuple[Job, Target, Wish, Found]]) -> Iterable[Bundle]:
    """Wishes on the same row go into one statement: a corrected identifier would hide it from the next."""
    by_row: dict[tuple[int, Raw], tuple[Job, Target, list[Wish], Found]] = {}
    for job, target, wish, found in rows:
        by_row.setdefault((id(target), found.raw), (job, target, [], found))[2].append(wish)
    bundles: dict[tuple[Any, ...], Bundle] = {}
    for (number, raw), (job, target, wishes, found) in by_row.items():
        by = "" if target.route.up else naming_column(work.store, guard, job, found.record)
        name = (number, by, tuple(wish.id for wish in wishes))
        bundle = bundles.setdefault(name, Bundle(target, wishes, by, job.step.intent.key))
        bundle.rows[raw] = found.now
        pair = (*found.base, guard.rows[found.record.anchor][by]) if by else ()
        bundle.bases[found.base] = pair
    return bundles.values()


def _run(work: Work, bundle: Bundle, some: Sequence[Raw], keeper: Keeper) -> int:
    store, route = work.store, bundle.target.route
    changes = list({change.field: change for wish in bundle.wishes for change in wish.changes}.values())
    plain, buried = [c for c in changes if not is_token(c.new)], [c for c in changes if is_token(c.new)]
    sets = settings(store, route.end, plain)
    sets |= {one.field: _tombstones(work, bundle, some, one, keeper) for one in buried}
    table = store.table(route.end)
    columns = [table.c[name] for name in store.map.collection(route.end).key]

    def build() -> sa.Update:
        made: sa.Update = writing.updating(store, route, bundle.by, sets).where(in_keys(columns, "rows"))
        return made

    name = ("set", route, bundle.by, tuple((c.field, is_random(c.new)) for c in plain))
    values: dict[str, Any] = {f"new_{n}": c.new for n, c in enumerate(plain) if not is_random(c.new)}
    values["rows"] = values_of(some, len(columns))
    values["keys"] = values_of(bundle.bases, len(next(iter(bundle.bases))))
    if bundle.by:
        values["pairs"] = list(bundle.bases.values())
    # Tombstones stand in the statement itself: it serves these rows alone.
    return work.connection.execute(build() if buried else remembered(store, name, build), values).rowcount


def _tombstones(
    work: Work, bundle: Bundle, some: Sequence[Raw], change: Change, keeper: Keeper
) -> sa.ColumnElement[Any]:
    held = {raw: bundle.rows[raw][change.field] for raw in some}
    bury = partial(tombstone, keeper, bundle.key)
    return tombstones(work.store, work.connection, (bundle.target.route.end, change.field), held, bury)
