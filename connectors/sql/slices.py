"""Rows kept by law: until when each must stay, and which are past their end."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement

from .store import Store

Period = tuple[int, int, int]


def as_date(value: Any) -> date | None:
    """The day of a stored value; None when it is none (or not written as year-month-day)."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip()[:10])
        except ValueError:
            return None
    return None


def until(start: date, period: Period) -> date:
    """The last day of a period of years, months and days; the end of the month where the day is missing."""
    years, months, days = period
    index = start.year * 12 + start.month - 1 + years * 12 + months
    year, month = divmod(index, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, day) + timedelta(days=days)


def cutoff(on: date, period: Period) -> date:
    """The first start whose period has not ended before ``on``; older rows are past their end."""
    years, months, days = period
    guess = until(on, (-years, -months, 0)) - timedelta(days=days + 4)
    while until(guess, period) < on:
        guess += timedelta(days=1)
    return guess


def older(store: Store, collection: str, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """``column`` lies before ``:cutoff``; see ``bound``."""
    if _textual(store, collection, name):
        return sa.func.substr(sa.func.trim(column), 1, 10) < sa.bindparam("cutoff")
    return column < sa.bindparam("cutoff")


def bound(store: Store, collection: str, name: str, day: date) -> Any:
    """The value of ``:cutoff`` for this column."""
    if _textual(store, collection, name):
        return day.isoformat()
    if store.columns[collection][name].python is datetime:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        zoned = getattr(store.table(collection).c[name].type, "timezone", False)
        return midnight if zoned else midnight.replace(tzinfo=None)
    return day


def _textual(store: Store, collection: str, name: str) -> bool:
    return store.dialect == "sqlite" or store.columns[collection][name].python not in (date, datetime)
