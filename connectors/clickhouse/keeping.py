"""What the law orders to be kept of events: a condition on the column with the date, made for the server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from connectors._periods import day_of, last_day, longest, still_kept_from
from dsr.contract import Action, Intent, KeepRule

from .api import Bound
from .tables import Store, Table, quoted

DATED = ("Date", "DateTime")


def rule_of(table: Table, intent: Intent) -> KeepRule | None:
    """The rule that ends last of those that the map names and the law of the case knows."""
    keep = table.collection.keep
    return longest(intent.keep, keep.rules) if keep is not None else None


def _day(table: Table) -> str:
    """The day from which a row's time counts, NULL where none can be read: such a row stays."""
    keep = table.collection.keep
    name = keep.date if keep is not None else ""
    column = quoted(name)
    if table.columns[name].plain.startswith(DATED):
        return f"toDate32({column})"
    return f"toDate32OrNull(substring(trimBoth(ifNull(toString({column}), '')), 1, 10))"


def expired(table: Table, intent: Intent, bound: Bound) -> Iterator[str]:
    """That a row's time is over, where an erasure meets a table that is kept; nothing anywhere else."""
    if intent.action is not Action.ERASE or table.collection.erase != "keep":
        return
    rule = rule_of(table, intent)
    if rule is None:
        yield "0"
        return
    first = still_kept_from(intent.on or date.min, rule.period)
    yield f"ifNull({_day(table)} < toDate32({bound.string(first.isoformat())}), 0)"


def until(store: Store, table: Table, rule: KeepRule, where: str, bound: Bound) -> date | None:
    """The last day of the newest of these rows; None where no date can be read."""
    found = store.api.rows(f"SELECT max({_day(table)}) FROM {table.sql} WHERE {where}", bound)  # noqa: S608
    day = day_of(found[0][0]) if found and found[0][0] else None
    return last_day(day, rule.period) if day is not None else None
