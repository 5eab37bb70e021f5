"""When a vendor that asks for patience wants to be asked again: its own headers, codes and daily budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from .filling import pick
from .model import Throttle

LONGEST = timedelta(days=2)
STANDARD = (429, 503)
"""Where the HTTP client reads Retry-After by itself."""


def until(
    rules: Sequence[Throttle], status: int, headers: Mapping[str, str], data: Any, now: datetime
) -> datetime | None:
    """The moment by the first rule that fits, None when none does.

    Where the header of a rule is not there or makes no sense, Retry-After counts, else the rule's own wait.
    """
    for rule in rules:
        if status in rule.status and _fits(rule, data) and (not rule.zero or _is_zero(headers, rule.zero)):
            return _moment(rule, status, headers, now)
    return None


def _fits(rule: Throttle, data: Any) -> bool:
    if rule.body is None:
        return True
    found = pick(data, rule.body.path)
    if rule.body.there:
        return any(found)
    return not any(found) if rule.body.empty else any(one in rule.body.equals for one in found)


def _is_zero(headers: Mapping[str, str], name: str) -> bool:
    return headers.get(name, "").strip() in ("0", "0.0")


def _moment(rule: Throttle, status: int, headers: Mapping[str, str], now: datetime) -> datetime | None:
    if rule.midnight:
        return _midnight(now, rule.zone)
    if rule.header:
        told = _told(headers.get(rule.header, "").strip(), rule.unit, now)
        if told is not None:
            return told
    if "retry-after" in headers and status in STANDARD:
        return None
    return now + timedelta(seconds=rule.wait)


def _midnight(now: datetime, zone: int) -> datetime:
    """The next midnight of a zone so many hours from UTC, and a minute more."""
    there = now.astimezone(UTC) + timedelta(hours=zone)
    day = there.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return day - timedelta(hours=zone) + timedelta(minutes=1)


def _told(value: str, unit: str, now: datetime) -> datetime | None:
    if not (value.isascii() and value.isdigit() and len(value) < 14):
        return None
    number = int(value)
    if unit == "epoch":
        wait = timedelta(seconds=number) - (now - datetime.fromtimestamp(0, UTC))
    else:
        wait = timedelta(milliseconds=number) if unit == "milliseconds" else timedelta(seconds=number)
    return now + min(max(wait, timedelta(0)), LONGEST)
