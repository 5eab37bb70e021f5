"""Primary keys between a database and the contract: other types travel as text and come back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from dsr.contract import ConnectorError, Key

PLAIN = (int, str, float, type(None), bool)
READERS: dict[type, Any] = {
    UUID: UUID,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    time: time.fromisoformat,
    Decimal: Decimal,
    bytes: bytes.fromhex,
    int: int,
    float: float,
}


def encode(values: Iterable[Any]) -> Key:
    """A key as the contract wants it: numbers and text as they are, the rest as text."""
    return tuple([v if type(v) in PLAIN else _text(v) for v in values])


def decode(key: Sequence[Any], types: Sequence[type | None]) -> tuple[Any, ...]:
    """The values the database understands again. ConnectorError(permanent) for what is no key of it."""
    try:
        return tuple([_read(v, t) for v, t in zip(key, types, strict=True)])
    except (ValueError, ArithmeticError) as error:
        raise ConnectorError("a key does not fit the primary key of its table", permanent=True) from error


def _text(value: Any) -> str:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def _read(value: Any, wanted: type | None) -> Any:
    if wanted is None or not isinstance(value, str) or wanted is str or wanted not in READERS:
        return value
    return READERS[wanted](value)


def coerced(value: str, wanted: type | None) -> Any:
    """A typed identifier as a value of the column, or None when it cannot be one (letters in a number)."""
    if wanted is None or wanted is str:
        return value
    if wanted in (int, float, Decimal) and not (value.isascii() and value.isdigit() and len(value) < 19):
        return None
    try:
        return READERS[wanted](value) if wanted in READERS else value
    except (ValueError, ArithmeticError):
        return None
