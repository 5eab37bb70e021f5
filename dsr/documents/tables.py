"""Rows as CSV, JSON and JSON Schema, written as they stream by.

JSON (RFC 8259) is the exact copy: one array, one row per line, keys as stored; decimals and large
integers keep every digit as JSON numbers; dates and times are ISO 8601 with the zone as stored and
none added; NULL is ``null``; bytes are base64; what JSON has no word for (NaN, infinities) is text.
CSV (RFC 4180, comma, CRLF) is the copy for spreadsheets: UTF-8 with a byte order mark, without which
Excel reads accents wrongly; every text is quoted, so ``""`` is an empty text and nothing at all is
NULL; a text that a spreadsheet would take for a formula gets an apostrophe in front unless it is a
plain number (OWASP, CSV injection); NUL and other controls become visible signs. In a package its columns
are headed with their meaning in the language of the person; the names stand in JSON and in the manifest.
Fields that a row withholds are never written: CSV says so in the cell, JSON lists them in ``_withheld``.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import orjson

from dsr.contract import CollectionInfo, Row
from dsr.domain.letters import localised

BOM = b"\xef\xbb\xbf"
WITHHELD = {
    "es": "[no incluido: véase la carta]",
    "en": "[not included: see the letter]",
    "pt": "[não incluído: ver a carta]",
}
_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?\Z", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SUSPECT = re.compile('^[^A-Za-z0-9]|[\x00-\x1f\x7f"]')
_INVISIBLE = "\u00a0\u200b\u200c\u200d\u2060\ufeff \x00"
_INTEGERS = (-(2**63), 2**64 - 1)


def guarded(text: str) -> str:
    """The text, with an apostrophe in front if a spreadsheet would run it as a formula."""
    if not text:
        return text
    if text[0] in "\t\r\n":
        return "'" + text
    bare = text.lstrip(_INVISIBLE)
    if bare and bare[0] in _FORMULA and not _NUMBER.match(text):
        return "'" + text
    return text


def cell(value: Any) -> str:
    """One CSV cell, quoted where it is text."""
    kind = value.__class__
    if value is None:
        return ""
    if kind is str:
        # Nothing to guard, to quote or to show: nearly every cell.
        return f'"{value}"' if not _SUSPECT.search(value) else _careful(value)
    if kind is int or kind is float or kind is Decimal:
        return str(value)
    if kind is datetime or kind is date:
        return f'"{value.isoformat()}"'
    if kind is bool:
        return "true" if value else "false"
    return _careful(written(value))


def _careful(text: str) -> str:
    text = guarded(_CONTROL.sub(_picture, text))
    return '"' + text.replace('"', '""') + '"'


def _picture(found: re.Match[str]) -> str:
    code = ord(found.group())
    return "\u2421" if code == 0x7F else chr(0x2400 + code)


def written(value: Any) -> str:
    """A value as text: ISO 8601 for dates and times, base64 for bytes, JSON for nested values."""
    if isinstance(value, str):
        return value
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, (dict, list, tuple)):
        return json_line(value).decode()
    return str(value)


def duration(value: timedelta) -> str:
    """ISO 8601 duration in seconds, exact to the microsecond."""
    micro = value // timedelta(microseconds=1)
    seconds, rest = divmod(abs(micro), 1_000_000)
    fraction = f".{rest:06d}" if rest else ""
    return f"{'-' if micro < 0 else ''}PT{seconds}{fraction}S"


def csv_head(columns: Iterable[str]) -> bytes:
    """The byte order mark and the line of column names."""
    return BOM + csv_line(columns)


def csv_line(values: Iterable[Any]) -> bytes:
    """One CSV line."""
    return (",".join([cell(value) for value in values]) + "\r\n").encode("utf-8", "backslashreplace")


def csv_row(row: Row, columns: Iterable[str], language: str) -> bytes:
    """The row in the order of ``columns``; a column it has not is left empty."""
    values = row.values
    if not row.withheld:
        return csv_line([values.get(name) for name in columns])
    mark, hidden = WITHHELD[language], frozenset(row.withheld)
    return csv_line([mark if name in hidden else values.get(name) for name in columns])


def json_row(row: Row) -> bytes:
    """The row as one line of JSON."""
    if not row.withheld:
        return json_line(row.values)
    shown: dict[str, Any] = {k: v for k, v in row.values.items() if k not in row.withheld}
    return json_line(shown | {"_withheld": sorted(row.withheld)})


def json_line(value: Any) -> bytes:
    """Any value as JSON, exact; never raises for what a store can hold."""
    try:
        if not _has_odd_number(value):
            return orjson.dumps(value, default=_exact, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        pass  # a lone surrogate, a huge integer or a subclass: the careful road below takes it
    return orjson.dumps(_plain(value), default=_exact)


def _has_odd_number(value: Any) -> bool:
    if value.__class__ is float:
        return not math.isfinite(value)
    if isinstance(value, Mapping):
        return any(_has_odd_number(v) for v in value.values() if v.__class__ in _DEEP)
    if isinstance(value, (list, tuple)):
        return any(_has_odd_number(v) for v in value if v.__class__ in _DEEP)
    return False


_DEEP = frozenset({float, dict, list, tuple})


def _exact(value: Any) -> Any:
    """What orjson does not know: exact numbers as number text, the rest as text."""
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value)) if value.is_finite() else str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    return written(value)


def _plain(value: Any) -> Any:
    """The same value with only what JSON can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if _INTEGERS[0] <= value <= _INTEGERS[1] else orjson.Fragment(str(int(value)))
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {_plain(str(k)): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return _exact(value)


_SCHEMA: tuple[tuple[type, dict[str, Any]], ...] = (
    (bool, {"type": "boolean"}),
    (int, {"type": "integer"}),
    (float, {"type": "number"}),
    (Decimal, {"type": "number"}),
    (datetime, {"type": "string", "format": "date-time"}),
    (date, {"type": "string", "format": "date"}),
    (time, {"type": "string", "format": "time"}),
    (timedelta, {"type": "string", "format": "duration"}),
    (bytes, {"type": "string", "contentEncoding": "base64"}),
    (str, {"type": "string"}),
    (dict, {"type": "object"}),
    (list, {"type": "array"}),
)


def json_type(value: Any) -> dict[str, Any]:
    """The JSON Schema words for the type of one value; text for everything unknown."""
    found = next((words for kind, words in _SCHEMA if isinstance(value, kind)), {"type": "string"})
    return dict(found)


def schema(
    info: CollectionInfo,
    columns: Iterable[str],
    samples: Mapping[str, Any],
    language: str,
    said: Callable[[str], str],
) -> bytes:
    """JSON Schema (2020-12) of a collection's JSON file.

    ``samples``: a value per column that is not None, where there is one; ``said`` puts a data category
    into words.
    """
    fields = {f.name: f for f in info.fields}
    properties: dict[str, Any] = {}
    for name in columns:
        words = json_type(samples[name]) if name in samples else {}
        if "type" in words:
            words["type"] = [words["type"], "null"]
        if field := fields.get(name):
            text = localised(field.description, language) or ", ".join(map(said, field.categories))
            words |= {"description": text} if text else {}
            words |= {"x-data-categories": list(field.categories), "x-origin": field.origin}
        properties[name] = words
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": localised(info.title, language) or info.name,
        "description": localised(info.description, language),
        "type": "array",
        "items": {"type": "object", "properties": properties},
    }
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2)


def csv_file(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """A small table as CSV, whole: formulas guarded, CRLF, a byte order mark for Excel."""
    return csv_head(heads) + b"".join(csv_line(row) for row in rows)
