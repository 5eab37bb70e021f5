"""Check: is the server there, may the user do what the map wants, and what did older commands leave behind?"""

from __future__ import annotations

from collections.abc import Iterator

from connectors._drift import drift
from connectors._map import Collection, DataMap
from connectors._rights import CHANGING
from dsr.contract import Action, Finding

from . import words
from .api import DENIED, UNKNOWN_TABLE, Api, Bound, Failed
from .staging import PREFIX
from .tables import Store, quoted

SYNTAX, UNKNOWN_ACCESS = 62, 271
LOGS = {
    "system.mutations": "database = {db} AND NOT is_killed AND position(command, '@') > 0",
    "system.query_log": "has(databases, {db}) AND position(query, '@') > 0",
}


def check(api: Api, data: DataMap) -> Iterator[Finding]:
    """One line for each thing that is well or not."""
    version = str(api.rows("SELECT version()")[0][0])
    yield Finding("ok", "reached", words.reached(version))
    store = Store(api, data, "", 1)
    for one in data.collections:
        table = store.table(one.name)
        for name in set(table.columns) - {field.name for field in one.fields}:
            yield Finding("warning", "unmapped", drift("unmapped", table.title, name))
        if not store.engine(one.name):
            yield Finding("warning", "engine", words.engine(table.title))
        yield from _privileges(api, one)
    yield from _database(api)
    yield from _leftovers(api)


def _granted(api: Api, privilege: str, on: str) -> bool | None:
    """None: the server is too old to say."""
    try:
        return bool(api.number(f"CHECK GRANT {privilege} ON {on}"))
    except Failed as failed:
        if failed.code in (SYNTAX, UNKNOWN_ACCESS):
            return None
        raise


def _needed(one: Collection) -> Iterator[tuple[str, tuple[Action, ...]]]:
    """Privileges, each with the rights that fail without it; those of the map's ways."""
    aside, flag = one.restrict == "set_aside", one.restrict == "flag"
    deleting = {Action.ERASE: one.erase in ("delete", "keep"), Action.RESTRICT: aside}
    updating = {
        Action.RECTIFY: any(field.rectifiable for field in one.fields),
        Action.ERASE: one.erase == "anonymise",
        Action.RESTRICT: flag,
        Action.LIFT: flag,
        Action.STOP: bool(one.stop),
    }
    yield "SELECT", ()
    for privilege, asked in (
        ("ALTER DELETE", deleting), ("ALTER UPDATE", updating), ("INSERT", {Action.LIFT: aside}),
    ):  # fmt: skip
        if any(asked.values()):
            yield privilege, tuple(action for action, wanted in asked.items() if wanted)


def _privileges(api: Api, one: Collection) -> Iterator[Finding]:
    for privilege, rights in _needed(one):
        if _granted(api, privilege, f"{quoted(api.database)}.{quoted(one.name)}") is False:
            yield Finding("error", "privilege", words.lacks(privilege, one.name, rights))


def _database(api: Api) -> Iterator[Finding]:
    for privilege in ("CREATE TABLE", "DROP TABLE"):
        if _granted(api, privilege, f"{quoted(api.database)}.*") is False:
            yield Finding("error", "privilege", words.lacks(privilege, api.database, CHANGING))
    if _granted(api, "ACCESS MANAGEMENT", "*.*"):
        yield Finding("warning", "too_mighty", words.too_mighty())


def _leftovers(api: Api) -> Iterator[Finding]:
    for place, where in LOGS.items():
        bound = Bound()
        held = where.format(db=bound.string(api.database))
        try:
            if api.number(f"SELECT count() FROM {place} WHERE {held}", bound):  # noqa: S608
                yield Finding("warning", "addresses", words.addresses_in(place))
        except Failed as failed:
            if failed.code not in (UNKNOWN_TABLE, DENIED):
                raise
    bound = Bound()
    named = f"database = {bound.string(api.database)} AND startsWith(name, '{PREFIX}')"
    if api.number(f"SELECT count() FROM system.tables WHERE {named}", bound):  # noqa: S608
        yield Finding("warning", "left_over", words.left_over())
