"""What stands in the place of a token: a tombstone made of it by our key, or random text made by the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement

from connectors._tokens import PREFIX, is_gone

from .store import Store
from .targets import Raw
from .values import unique_sets, width

LENGTH = len(PREFIX) + 32

Bury = Callable[[Any, int | None], str]
"""The tombstone of a token, cut to a length."""


def random_text(store: Store, collection: str, field: str) -> ColumnElement[Any]:
    """``gone-`` and up to 32 hexadecimal digits, as many as the column takes; another one for each row."""
    if store.dialect == "sqlite":
        made: ColumnElement[Any] = sa.func.lower(sa.func.hex(sa.func.randomblob(16)), type_=sa.Text)
    elif store.dialect == "postgresql":
        made = sa.func.replace(sa.cast(sa.func.gen_random_uuid(), sa.Text), "-", "")
    else:
        made = sa.func.md5(sa.func.concat(sa.func.rand(), sa.func.uuid()))
    made = PREFIX + made if store.dialect == "sqlite" else sa.func.concat(PREFIX, made)
    length = width(store, collection, field)
    return sa.func.substr(made, 1, length) if length and length < LENGTH else made


def tombstones(
    store: Store,
    connection: sa.Connection,
    place: tuple[str, str],
    held: Mapping[Raw, Any],
    bury: Bury,
) -> ColumnElement[Any]:
    """The new value of a field, ``place`` (collection, field), in the rows of ``held`` (token by key): what is empty or
    was treated stays. By key, because databases compare texts each in its own way (case, blanks)."""
    name, field = place
    table, length = store.table(name), width(store, name, field)
    column: ColumnElement[Any] = table.c[field]
    keys: list[ColumnElement[Any]] = [table.c[one] for one in store.map.collection(name).key]
    made = {raw: bury(token, length) for raw, token in held.items() if not is_gone(token)}
    if any(field in one for one in unique_sets(store, name)):
        _make_way(connection, (keys, column), held, made, lambda token: bury(token, length))
    if not made:
        return column
    cases = [
        (sa.and_(*[key == one for key, one in zip(keys, raw, strict=True)]), sa.literal(new, column.type))
        for raw, new in made.items()
    ]
    return sa.case(*cases, else_=column)


def _make_way(
    connection: sa.Connection,
    place: tuple[list[ColumnElement[Any]], ColumnElement[Any]],
    held: Mapping[Raw, Any],
    made: dict[Raw, str],
    bury: Callable[[Any], str],
) -> None:
    """Where each value may stand once, a copy that brought a token back takes the next tombstone that is free."""
    keys, column = place
    wanted: sa.BindParameter[Any] = sa.bindparam("wanted", expanding=True)
    there = sa.select(*keys, column).where(column.in_(wanted))

    def standing(some: list[str]) -> dict[str, Raw]:
        return {str(row[-1]).strip(): tuple(row[:-1]) for row in connection.execute(there, {"wanted": some})}

    taken = standing(list(made.values())) if made else {}
    for raw, first in list(made.items()):
        new, number = first, 1
        while taken.setdefault(new, raw) != raw:
            number += 1
            new = bury(f"{held[raw]}\0{number}")
            taken |= standing([new])
        made[raw] = new
