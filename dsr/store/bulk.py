"""Many rows in one statement, without the cost of ORM objects: the hot road."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Table, bindparam, func, select
from sqlalchemy import update as sql_update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from .columns import Base

Rows = Sequence[Mapping[str, Any]]


def dialect_insert(session: Session) -> Callable[[Any], Any]:
    """The ``insert`` of this database, for ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    found: Callable[[Any], Any] = postgresql.insert if _on_postgresql(session) else sqlite.insert
    return found


def insert(session: Session, model: type[Base], rows: Rows) -> None:
    """Insert rows that all have the same columns; defaults of the model fill the others."""
    if not rows:
        return
    table = table_of(model)
    if _on_postgresql(session) and len(rows) > 1:
        session.connection().execute(_from_arrays(postgresql.insert(table), table, _uniform(rows)))
    else:
        session.execute(table.insert(), _uniform(rows))


def insert_returning(session: Session, model: type[Base], rows: Rows) -> list[int]:
    """Insert as ``insert`` does; the new ids, in the order of the rows."""
    if not rows:
        return []
    table = table_of(model)
    if _on_postgresql(session):
        statement: Any = _from_arrays(postgresql.insert(table), table, _uniform(rows)).returning(table.c.id)
        found: Any = session.connection().execute(statement)
    else:
        found = session.execute(table.insert().returning(table.c.id), _uniform(rows))
    # Both number the rows of a statement in their order, and give them back in any.
    return sorted(found.scalars())


def insert_new(session: Session, model: type[Base], rows: Rows) -> set[Any]:
    """Insert the rows that no unique index knows yet; the ids of those."""
    if not rows:
        return set()
    table = table_of(model)
    if _on_postgresql(session):
        fresh: Any = _from_arrays(postgresql.insert(table), table, _uniform(rows)).on_conflict_do_nothing()
        return set(session.connection().execute(fresh.returning(table.c.id)).scalars())
    kept = sqlite.insert(table).on_conflict_do_nothing().returning(table.c.id)
    return set(session.execute(kept, _uniform(rows)).scalars())


def update(session: Session, model: type[Base], rows: Rows) -> int:
    """Set the other columns of each row where ``id`` is the row's; how many rows were there.

    Objects of the session that stand for these rows are not refreshed.
    """
    if not rows:
        return 0
    table = table_of(model)
    plain = _uniform(rows)
    names = [name for name in plain[0] if name != "id"]
    if _on_postgresql(session):
        return _update_postgresql(session, table, names, plain)
    renamed = [{f"new_{name}": value for name, value in row.items()} for row in plain]
    statement = (
        sql_update(table)
        .where(table.c.id == bindparam("new_id"))
        .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names})
    )
    return int(session.connection().execute(statement, renamed).rowcount)


def _update_postgresql(
    session: Session, table: Table, names: Sequence[str], rows: list[dict[str, Any]]
) -> int:
    """``UPDATE ... FROM unnest(arrays)``: one text for any number of rows, so it is prepared once."""
    new = _arrays(table, ["id", *names], rows)
    statement = sql_update(table).where(table.c.id == new.c.id).values({name: new.c[name] for name in names})
    return int(session.connection().execute(statement).rowcount)


def _from_arrays(insert: postgresql.Insert, table: Table, rows: list[dict[str, Any]]) -> postgresql.Insert:
    """``INSERT ... SELECT FROM unnest(arrays)``, numbered in the order of the rows, as above."""
    new = _arrays(table, list(rows[0]), rows, with_ordinality="place")
    return insert.from_select(list(rows[0]), select(*[new.c[name] for name in rows[0]]).order_by(new.c.place))


def _arrays(table: Table, names: Sequence[str], rows: list[dict[str, Any]], **more: str) -> Any:
    arrays = [
        bindparam(f"new_{name}", [row[name] for row in rows], type_=ARRAY(table.c[name].type, dimensions=1))
        for name in names
    ]
    return func.unnest(*arrays).table_valued(*names, name="new", **more).render_derived()


def _on_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def table_of(model: type[Base]) -> Table:
    """The table of a model, for statements that are made once and used on the hot road."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} is not one table")
    return table


def _uniform(rows: Rows) -> list[dict[str, Any]]:
    """The rows as dicts; ValueError when one has other columns than the first."""
    columns = rows[0].keys()
    if any(row.keys() != columns for row in rows):
        raise ValueError("all rows of one statement need the same columns")
    return [dict(row) for row in rows]
