"""Delete and make anonymous: set by set, children first, the number of rows checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement

from connectors._kept import is_of_fields
from connectors._tokens import is_random, is_token
from dsr.contract import Change, Item, Verb

from . import slices, writing
from .guarding import Guard, Job, naming_column
from .plans import Work
from .statements import CHUNK, chunks, values_of
from .store import Store
from .strategies import EXPIRED, rule_of
from .tally import Group
from .targets import Raw, Target
from .tokens import random_text

WRITING = (Verb.DELETE, Verb.SEAL_THEN_DELETE, Verb.ANONYMISE, Verb.PSEUDONYMISE, Verb.RESTRICT)


class Moved(Exception):
    """A statement touched another number of rows than was counted in the same transaction."""


@dataclass
class Bundle:
    """Base keys for one statement, and the same with the identity that must stand beside them."""

    item: Item
    by: str
    cutoff: Any
    bases: list[Raw] = field(default_factory=list)
    pairs: list[Raw] = field(default_factory=list)


def remove(
    work: Work, guard: Guard, going: Mapping[int, Job], also: Callable[[Target], None] = lambda target: None
) -> None:
    """Everything the items of these jobs say of whole rows, and ``also`` what is left of a target.

    Moved when other rows were touched than counted.
    """
    touched: dict[tuple[str, bool], int] = {}
    for target in reversed(work.targets):
        for bundle in _bundles(work, guard, target, going):
            name = (bundle.item.collection, bundle.item.verb is Verb.ANONYMISE)
            touched[name] = touched.get(name, 0) + _run(work, target, bundle)
        also(target)
    for expected, count in _expected(going.values()).items():
        rows = touched.get(expected, 0)
        if rows < count or (rows > count and not expected[1]):
            raise Moved


def of_rows(item: Item) -> bool:
    """Whether an item removes rows or makes them anonymous, all in the same way; what is set row by row (single fields
    of kept rows, tombstones) is no matter of it."""
    return item.verb in WRITING and not is_of_fields(item) and not buries(item)


def buries(item: Item | Group) -> bool:
    """Whether rows are made anonymous with tombstones, which are made of the token of each row."""
    return item.verb is Verb.ANONYMISE and any(is_token(one.new) for one in item.changes)


def _expected(going: Iterable[Job]) -> dict[tuple[str, bool], int]:
    found: dict[tuple[str, bool], int] = {}
    for job in going:
        for item in job.step.items:
            if of_rows(item):
                name = (item.collection, item.verb is Verb.ANONYMISE)
                found[name] = found.get(name, 0) + len(job.now.get(item.id, b"")) // 8
    return found


def _bundles(work: Work, guard: Guard, target: Target, going: Mapping[int, Job]) -> Iterable[Bundle]:
    found: dict[tuple[Any, ...], Bundle] = {}
    for base, wanted in target.bases.items():
        for number, record in wanted:
            job = going.get(number)
            items = [item for item in job.items_of(record) if of_rows(item)] if job else []
            if job is None or not items:
                continue
            by = "" if target.route.up else naming_column(work.store, guard, job, record)
            for item in items:
                cutoff = _cutoff(work, number, item)
                bundle = found.setdefault((item.id, item.verb, by, cutoff), Bundle(item, by, cutoff))
                bundle.bases.append(base)
                if by:
                    bundle.pairs.append((*base, guard.rows[record.anchor][by]))
    return found.values()


def _cutoff(work: Work, number: int, item: Item) -> Any:
    if not item.id.endswith(EXPIRED):
        return None
    draft, collection = work.drafts[number], work.store.map.collection(item.collection)
    rule = rule_of(draft.intent, collection)
    if rule is None or collection.keep is None:
        raise Moved
    day = slices.cutoff(draft.on, rule.period)
    return slices.bound(work.store, item.collection, collection.keep.date, day)


def _run(work: Work, target: Target, bundle: Bundle) -> int:
    store, route = work.store, target.route
    keep = store.map.collection(route.end).keep
    dated = keep.date if bundle.cutoff is not None and keep else ""
    values: dict[str, Any] = {"cutoff": bundle.cutoff} if dated else {}
    if bundle.item.verb is Verb.ANONYMISE:
        statement = writing.update(store, route, bundle.by, settings(store, route.end, bundle.item.changes))
        values |= {f"new_{n}": c.new for n, c in enumerate(bundle.item.changes) if not is_random(c.new)}
    else:
        statement = writing.deletion(store, route, bundle.by, dated)
    return sum(run(work, statement, bundle, values))


def run(work: Work, statement: Any, bundle: Bundle, values: Mapping[str, Any]) -> Iterator[int]:
    """Rows touched, for some base keys at a time."""
    width = len(bundle.bases[0]) if bundle.bases else 1
    for number, some in enumerate(chunks(bundle.bases)):
        given = dict(values) | {"keys": values_of(some, width)}
        if bundle.by:
            given["pairs"] = bundle.pairs[number * CHUNK : number * CHUNK + len(some)]
        yield work.connection.execute(statement, given).rowcount


def settings(store: Store, collection: str, changes: Iterable[Change]) -> dict[str, ColumnElement[Any]]:
    """What UPDATE sets: ``:new_0``, ``:new_1``... or random text."""
    return {
        change.field: random_text(store, collection, change.field)
        if is_random(change.new)
        else sa.bindparam(f"new_{n}", type_=store.table(collection).c[change.field].type)
        for n, change in enumerate(changes)
    }
