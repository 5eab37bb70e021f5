"""Lift: rows set aside are inserted as they were, marks get their former value; what is there is not doubled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from connectors import _words
from dsr.contract import Change, ItemOutcome, Keeper, Outcome, Row, State, Step

from .api import Bound
from .planning import new_value
from .reading import page
from .selecting import plain
from .staging import staged
from .tables import Store, quoted, stored


class _Taken(Exception):
    """Somebody else's row has the key now. Carries nothing."""


def lift(store: Store, step: Step, keeper: Keeper) -> Outcome:
    """A repeat does what is left."""
    changed: dict[str, int] = {}
    state = State.ALREADY
    try:
        for item in step.items:
            for rows in _pieces(keeper.rows(item.id), store.page):
                mark = store.map.collection(rows[0].collection).restrict_flag
                done = _unmarked(store, rows, mark) if mark else _inserted(store, rows)
                changed[item.id] = changed.get(item.id, 0) + done
        state = State.DONE if any(changed.values()) else State.ALREADY
    except _Taken:
        state = State.FAILED if any(changed.values()) else State.CONFLICT
    told = tuple(ItemOutcome(one.id, one.count, changed.get(one.id, 0)) for one in step.items)
    whys = {State.CONFLICT: _words.changed_meanwhile(), State.FAILED: _words.not_taken()}
    return Outcome(step.intent.key, state, told, why=whys.get(state, ""))


def _pieces(rows: Iterable[Row], most: int) -> Iterator[list[Row]]:
    """Rows of one table at a time, never more than a page."""
    for _, many in groupby(rows, key=lambda row: row.collection):
        piece: list[Row] = []
        for row in many:
            piece.append(row)
            if len(piece) == most:
                yield piece
                piece = []
        if piece:
            yield piece


def _inserted(store: Store, rows: list[Row]) -> int:
    table = store.table(rows[0].collection)
    with staged(store, table) as stage:
        stage.fill_rows(1, rows)
        names = tuple(table.columns)
        there = page(store, table, stage.matches([1]), Bound(), (None, 2 * len(rows)), names)
    known = {row.key: dict(row.values) for row in there}
    if any(row.key in known and known[row.key] != dict(row.values) for row in rows):
        raise _Taken
    missing = [row for row in rows if row.key not in known]
    if missing:
        made = [{name: stored(value) for name, value in row.values.items()} for row in missing]
        store.api.insert(f"{table.sql} ({', '.join(quoted(one) for one in names)})", made)
    return len(missing)


def _unmarked(store: Store, rows: list[Row], mark: tuple[str, object]) -> int:
    """Give the flag its former value, unless somebody set another one since."""
    table, done = store.table(rows[0].collection), 0
    flag, new = mark
    for old in dict.fromkeys(row.values[flag] for row in rows):
        change = Change(flag, old, new)
        with staged(store, table) as stage:
            stage.fill_rows(1, [row for row in rows if row.values[flag] == old])
            bound = Bound()
            marked = f"toString({quoted(flag)}) = toString({new_value(table, Change(flag, new), bound)})"
            where = f"{stage.matches([1])} AND {marked}"
            count = store.api.number(f"SELECT count() FROM {table.sql} WHERE {where}", bound)  # noqa: S608
            if count and plain(old) != plain(new):
                # The mark is a value of the map, never of a person: it may stand in a command.
                stage.update(1, [change], returned=True)
                done += count
    return done
