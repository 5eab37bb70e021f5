"""Check: can the database be reached, does it still look like the map, may the account do what it must?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from connectors._drift import drift
from connectors._map.model import Collection
from connectors._rights import rights
from dsr.contract import Action, ConnectorError, Finding, Text

from . import engines, folding, tabling, words
from .naming import titled
from .routes import identities
from .store import Store, forget

SAME: dict[str, tuple[str, ...]] = {
    "string": ("str", "UUID"),
    "integer": ("int", "bool"),
    "boolean": ("bool", "int"),
    "date": ("date", "datetime", "str"),
    "datetime": ("datetime", "str", "int"),
    "decimal": ("Decimal", "int", "float"),
    "float": ("float", "Decimal", "int"),
    "uuid": ("UUID", "str"),
}
"""Types of a map and what a database may hold for them without surprise."""
POWERS = {"CREATEDB": "rolcreatedb", "CREATEROLE": "rolcreaterole", "REPLICATION": "rolreplication"}
"""Powers of a role of PostgreSQL beyond tables, each with its column in ``pg_roles``."""
RANKS = ("ok", "error", "warning")
"""Findings in the order in which they are told; what only costs time comes last."""


def check(store: Store) -> tuple[Finding, ...]:
    """Findings; the first error ends the check. What was known of the schema is read again."""
    forget()
    store = Store(store.url, store.map, store.limits, store.schema, store.layout)
    try:
        with engines.reading(store.engine) as connection:
            connection.execute(sa.select(sa.literal(1)))
        store.reflect()
        found = [Finding("ok", "reached", words.reached())]
        with engines.guarded():
            found += _privileges(store)
            found += _schema(store)
    except ConnectorError as error:
        return (Finding("error", "unreachable" if not error.permanent else "refused", str(error)),)
    return tuple(sorted(found, key=lambda one: (RANKS.index(one.level), one.code == "index")))


def _schema(store: Store) -> Iterator[Finding]:
    inspector = sa.inspect(store.engine)
    yield from _outside(store)
    for collection in store.map.collections:
        schema, table = store.place(collection.name)
        yield from _types(store, collection)
        key = tuple(inspector.get_pk_constraint(table, schema)["constrained_columns"])
        if key and sorted(key) != sorted(collection.key):
            yield Finding("error", "key", _said("key", collection, ", ".join(key)))
        unmapped = [
            name for name in store.columns[collection.name] if name not in store.fields(collection.name)
        ]
        for name in unmapped:
            yield Finding("warning", "unmapped", _said("unmapped", collection, name))
        yield from _slow(store, collection)


def _outside(store: Store) -> Iterator[Finding]:
    """Tables of the database that the map does not name."""
    known = {store.plain_place(one.name) for one in store.map.collections}
    with engines.reading(store.engine) as connection:
        tables = tabling.tables(connection)
    names = [tabling.named(*one) for one in tables if one not in known]
    if names:
        yield Finding("warning", "outside", words.outside(names))


def _slow(store: Store, collection: Collection) -> Iterator[Finding]:
    """Columns that are searched for each person and that no index serves."""
    firsts = folding.firsts(store, collection.name)
    searched = [one for one in identities(collection) if one.name not in firsts]
    for one in identities(collection):
        folds = one.identity == "email" and store.dialect != "sqlite"
        if folds and not folding.indexed(store, collection.name, one.name):
            yield Finding("warning", "index", _said("index", collection, f"lower({one.name})"))
        elif not folds and one in searched:
            yield Finding("warning", "index", _said("index", collection, one.name))
    for reference in collection.references:
        if reference.columns[0] not in firsts:
            yield Finding("warning", "index", _said("index", collection, reference.columns[0]))


def _types(store: Store, collection: Collection) -> Iterator[Finding]:
    for one in collection.fields:
        python = store.columns[collection.name][one.name].python
        expected = SAME.get(one.data_type)
        if expected and python is not None and python.__name__ not in expected:
            yield Finding("warning", "type", _said("type", collection, one.name))


def _said(what: str, collection: Collection, name: str) -> Text:
    return drift(what, collection.title or collection.name, name)


def _privileges(store: Store) -> list[Finding]:
    if store.dialect == "postgresql":
        return _postgres(store)
    if store.dialect in ("mysql", "mariadb"):
        return _mysql(store)
    return []


def _postgres(store: Store) -> list[Finding]:
    found = []
    with engines.reading(store.engine) as connection:
        if connection.scalar(sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
            found.append(Finding("warning", "superuser", words.too_mighty()))
        elif needless := _needless(connection, store):
            found.append(Finding("warning", "needless", words.needless(needless)))
        for collection in store.map.collections:
            quoted = {"t": _quoted(connection, store, collection)}
            if connection.scalar(sa.text("SELECT row_security_active(CAST(:t AS text))"), quoted):
                found.append(Finding("warning", "hidden", words.hidden(titled(store, collection.name))))
            for privilege, actions in _needed(collection).items():
                may = sa.text("SELECT has_table_privilege(CAST(:t AS text), :p)")
                if not connection.scalar(may, {**quoted, "p": privilege}):
                    found.append(_lacks(store, privilege, store.table(collection.name).fullname, actions))
    return found


def _needless(connection: sa.Connection, store: Store) -> list[str]:
    """What no right needs and what does most harm in wrong hands; BYPASSRLS may be needed."""
    columns: list[Any] = [sa.column(one) for one in POWERS.values()]
    role: sa.Select[Any] = sa.select(*columns).select_from(sa.table("pg_roles"))
    row = connection.execute(role.where(sa.column("rolname") == sa.text("current_user"))).one()
    may = sa.text("SELECT has_table_privilege(CAST(:t AS text), 'TRUNCATE')")
    emptied = [
        one.name
        for one in store.map.collections
        if connection.scalar(may, {"t": _quoted(connection, store, one)})
    ]
    powers = [name for name, has in zip(POWERS, row, strict=True) if has]
    return [*powers, *([f"TRUNCATE ({', '.join(emptied)})"] if emptied else [])]


def _lacks(store: Store, privilege: str, name: str, actions: Sequence[Action]) -> Finding:
    """Nothing is changed by a draft: what it lacks to change something is no trouble yet."""
    level = "warning" if store.map.draft and privilege != "SELECT" else "error"
    return Finding(level, "privilege", words.lacks(privilege, name, rights(actions)))


def _quoted(connection: sa.Connection, store: Store, collection: Collection) -> str:
    return connection.dialect.identifier_preparer.format_table(store.table(collection.name))


def _needed(collection: Collection) -> Mapping[str, Sequence[Action]]:
    """The least an account needs for what the map says, each with the actions that need it."""
    aside, flag = collection.restrict == "set_aside", collection.restrict == "flag"
    rectifiable = any(one.rectifiable for one in collection.fields)
    needed = {
        "SELECT": [*Action],
        "DELETE": [
            *[Action.ERASE] * (collection.erase in ("delete", "keep")),
            *[Action.RESTRICT] * aside,
        ],
        "UPDATE": [
            *[Action.RECTIFY] * rectifiable,
            *[Action.ERASE] * bool(collection.changed_fields),
            *[Action.RESTRICT, Action.LIFT] * flag,
            *[Action.STOP] * bool(collection.stop),
        ],
        "INSERT": [Action.LIFT] * aside,
    }
    return {privilege: actions for privilege, actions in needed.items() if actions}


def _mysql(store: Store) -> list[Finding]:
    with engines.reading(store.engine) as connection:
        grants: list[Any] = [row[0] for row in connection.execute(sa.text("SHOW GRANTS"))]
    if any("ALL PRIVILEGES ON *.*" in str(grant) or "SUPER" in str(grant) for grant in grants):
        return [Finding("warning", "superuser", words.too_mighty())]
    told = " ".join(str(grant).partition(" ON ")[0] for grant in grants)
    if "ALL PRIVILEGES" in told:
        return []
    needed = {
        privilege: (c.name, actions)
        for c in store.map.collections
        for privilege, actions in _needed(c).items()
    }
    return [
        _lacks(store, privilege, name, actions)
        for privilege, (name, actions) in needed.items()
        if privilege not in told
    ]
