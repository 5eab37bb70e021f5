"""Give a marked row back what stood in the marking field before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors import _kept as kept
from dsr.contract import Outcome, Row, State, key_digest

from . import keeping
from .deeds import flag_of
from .filling import pick, put
from .grouping import known
from .holding import Held, Source
from .wanted import alike, is_set
from .writing import Writer, again

if TYPE_CHECKING:
    from .acting import Work

IDENTITY = "dsr.identity"


def former(row: Held, flag: Mapping[str, Any]) -> Row:
    """What is sealed: the field's former value, and the identity the row must still carry."""
    values: dict[str, Any] = {path: (pick(row.values, path) or [None])[0] for path in flag}
    values[IDENTITY] = [list(one) for one in row.seen]
    return Row(row.collection.name, row.key, values)


def act(work: Work) -> Outcome:
    """Restore every sealed row that still carries our mark; a value set by somebody else since then stays."""
    changed: dict[str, int] = {}
    given: list[str] = []
    restored: list[Held] = []
    refills: list[bool] = []
    for seal in work.step.intent.seals:
        for sealed in work.keeper.rows(seal):
            if kept.PLACED in sealed.values:
                filled = _refill(work.source, sealed)
                if filled is not None:
                    refills.append(filled)
                    changed[seal] = changed.get(seal, 0) + filled
                continue
            row = _marked(work.source, sealed)
            if row is None:
                continue
            if [list(one) for one in row.seen] != [list(one) for one in sealed.values[IDENTITY]]:
                return work.conflict()
            _restore(work.source, row, sealed)
            restored.append(row)
            changed[seal] = changed.get(seal, 0) + 1
            given.append(key_digest(row.key).hex())
    failed = _marks(work.source.fresh(), restored) or not all(refills)
    state = State.FAILED if failed else State.DONE if given or refills else State.ALREADY
    receipt = " ".join(filter(None, (*given, kept.receipt(sum(refills)))))
    return work.outcome(state, changed, receipt=receipt)


def _refill(source: Source, sealed: Row) -> bool | None:
    """Give a kept row back what was set aside of it, if what took its place still stands; None where it does not, or
    the row is gone. False: the vendor did not take it."""
    collection = known(source, sealed.collection)
    old, placed = kept.former(sealed)
    rows = source.by_id(collection, [Held(collection, sealed.key, {})])
    if not rows or not all(alike(pick(rows[0].values, path), value) for path, value in placed.items()):
        return None
    changes: dict[str, Any] = {}
    for path, value in old.items():
        put(changes, path, keeping.emptied(value, empties=source.vendor.empties))
    Writer(source).put(rows[0], changes, lambda now: is_set(now, old))
    return all(is_set(one, old) for one in again(source.fresh(), rows))


def _marked(source: Source, sealed: Row) -> Held | None:
    """The row as it is now, if it carries our mark and did not carry it before."""
    collection = source.vendor.collection(sealed.collection)
    flag = flag_of(collection, source.api.given)
    id = str(sealed.key[-1])
    row = source.roots(collection, [id]).get(id)
    if flag is None or row is None or not is_set(row, flag):
        return None
    was = all(
        alike([sealed.values[path]] if sealed.values[path] is not None else [], v) for path, v in flag.items()
    )
    return None if was else row


def _restore(source: Source, row: Held, sealed: Row) -> None:
    before = {path: value for path, value in sealed.values.items() if path != IDENTITY}
    changes: dict[str, Any] = {}
    for path, value in before.items():
        put(changes, path, "" if value is None and source.vendor.empties else value)
    Writer(source).put(row, changes, lambda now: is_set(now, before))


def _marks(source: Source, rows: Sequence[Held]) -> int:
    """How many of the rows carry the mark, read anew."""
    flags = {one.collection.name: flag_of(one.collection, source.api.given) or {} for one in rows}
    now = [source.roots(one.collection, [one.id]).get(one.id) for one in rows]
    return sum(is_set(one, flags[one.collection.name]) for one in now if one is not None)


def still_marked(source: Source, records: Any, receipt: list[str]) -> int:
    """How many rows that were given back carry the mark all the same."""
    wanted = set(receipt)
    count = 0
    for collection in source.vendor.roots:
        flag = flag_of(collection, source.api.given)
        ids = [
            str(one.anchor[1][-1])
            for one in records
            if one.collection == collection.name and key_digest(one.anchor[1]).hex() in wanted
        ]
        rows = source.roots(collection, ids).values() if flag and ids else ()
        count += sum(is_set(one, flag) for one in rows if flag)
    return count


__all__ = ["act", "again", "former", "still_marked"]
