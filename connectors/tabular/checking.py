"""Check: is the file there, can it be read and replaced, does it fit the map, are its keys good."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from connectors._drift import drift
from connectors._map.model import ROW
from dsr.contract import ConnectorError, Finding, key_digest

from . import texts
from .book import Book
from .sheets import Sheet
from .surveying import numbers

SHOWN = 6


def check(book: Book) -> tuple[Finding, ...]:
    """Findings about the file; one that cannot be read or lacks a needed column is a single error."""
    try:
        found = [one for sheet in book.sheets for one in _sheet(book, sheet)]
    except ConnectorError as error:
        return (Finding("error", "file", str(error)),)
    if not book.writable():
        found.append(Finding("warning", "readonly", texts.not_writable()))
    guarded = [sheet.title for sheet in book.sheets if book.guarded(sheet)]
    found += [Finding("warning", "protected", texts.protected(title)) for title in guarded]
    found += [Finding("warning", "unmapped", texts.unmapped_sheet(name)) for name in book.unmapped()]
    return tuple(found)


def _sheet(book: Book, sheet: Sheet) -> Iterator[Finding]:
    mapped = [field.name for field in sheet.collection.fields if field.name != ROW]
    for name in mapped:
        if name not in sheet.at:
            yield Finding("error", "missing", texts.missing_column(sheet.title, name))
    for name in sheet.at:
        if name not in mapped:
            yield Finding("warning", "unmapped", drift("unmapped", sheet.title, name))
    yield from _rows(book, sheet)


def _rows(book: Book, sheet: Sheet) -> Iterator[Finding]:
    """Keys as numbers of 64 bits in an array: a million rows take eight megabytes."""
    keys = array("Q")
    wide: list[int] = []
    rows = 0
    for line in book.lines(sheet):
        rows += 1
        if not sheet.keyless:
            keys.append(int.from_bytes(key_digest(sheet.key(line.cells)), "big"))
        if len(line.cells) > len(sheet.names) and len(wide) <= SHOWN:
            wide.append(line.number)
    yield Finding("ok", "read", texts.read(sheet.title, rows))
    if wide:
        shown = ", ".join(map(str, wide[:SHOWN])) + (", ..." if len(wide) > SHOWN else "")
        yield Finding("warning", "ragged", texts.ragged(sheet.title, shown))
    ordered = sorted(keys)
    twice = {one for one, after in zip(ordered, ordered[1:], strict=False) if one == after}
    if twice:
        digests = {one.to_bytes(8, "big") for one in twice}
        shown = numbers(book, sheet.name, digests, SHOWN)
        yield Finding("error", "key", texts.key_twice(sheet.title, shown))
