"""How a CSV file is written: its encoding, its delimiter, and single records as raw text."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from dsr.contract import ConnectorError

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16-le",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "cp1252": "cp1252",
    "windows-1252": "cp1252",
    "latin-1": "latin-1",
    "iso-8859-1": "latin-1",
    "iso-8859-15": "iso-8859-15",
    "cp850": "cp850",
    "mac-roman": "mac-roman",
}
"""Only encodings in which the same bytes come out that went in."""
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
SAMPLE = 64 * 1024
LARGEST_FIELD = 16 * 1024 * 1024
csv.field_size_limit(LARGEST_FIELD)


@dataclass(frozen=True, slots=True)
class Style:
    """``codec`` without byte-order mark; ``begin`` the length of the mark."""

    codec: str
    begin: int
    delimiter: str


def style(path: Path, encoding: str, delimiter: str, columns: Collection[str]) -> Style:
    """The style of a file; what the settings leave open is found out. ``columns``: names to expect."""
    codec, begin = _codec(path, encoding)
    if not delimiter:
        with path.open("rb") as file:
            file.seek(begin)
            sample = codecs.getincrementaldecoder(codec)("replace").decode(file.read(SAMPLE))
        delimiter = _sniffed(sample, columns)
    return Style(codec, begin, delimiter)


def _codec(path: Path, encoding: str) -> tuple[str, int]:
    with path.open("rb") as file:
        head = file.read(4)
        marked = next(((codec, len(bom)) for bom, codec in BOMS if head.startswith(bom)), None)
        if encoding:
            codec = ENCODINGS[encoding]
            if marked and (marked[0] == codec or encoding == "utf-16"):
                return marked
            return codec, 0
        if marked:
            return marked
        return (next(codec for codec in ("utf-8", "cp1252", "latin-1") if _decodes(file, codec)), 0)


def _decodes(file: io.BufferedReader, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    file.seek(0)
    try:
        while chunk := file.read(1 << 20):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sniffed(sample: str, columns: Collection[str]) -> str:
    """The delimiter whose header names most of the columns; then the one that cuts all rows alike."""
    wanted = set(columns)

    def score(delimiter: str) -> tuple[int, float, int]:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        rows = [row for row, _ in zip(reader, range(50), strict=False) if row]
        if not rows:
            return 0, 0.0, 0
        width = len(rows[0])
        alike = sum(len(row) == width for row in rows) / len(rows)
        return len({name.strip() for name in rows[0]} & wanted), alike if width > 1 else 0.0, width

    return max(DELIMITERS, key=score)


def parsed(raw: str, delimiter: str) -> list[str]:
    """The cells of one raw record."""
    try:
        return next(csv.reader(io.StringIO(raw, newline=""), delimiter=delimiter), [])
    except csv.Error:
        raise ConnectorError("a record of the file cannot be read again", permanent=False) from None


Stood = Mapping[int, tuple[str, str | None]]
"""Values on their way back by place, each with its raw field; None: the record was too short to have one."""


def edited(raw: str, delimiter: str, new: Mapping[int, str], back: Stood = MappingProxyType({})) -> str:
    """A raw record with other values in some places; every other field keeps its own quotes and blanks."""
    found = fields(raw, delimiter)
    found += [""] * (max((*new, *back)) + 1 - len(found))
    for place, value in new.items():
        found[place] = quoted(value, delimiter, found[place].startswith('"'))
    for place, (value, stood) in back.items():
        exact = stood is not None and (parsed(stood, delimiter) or [""]) == [value]
        found[place] = stood if exact and stood is not None else quoted(value, delimiter, always=False)
    while found and back.get(len(found) - 1) == ("", None):
        found.pop()
    return delimiter.join(found) + raw[len(raw.rstrip("\r\n")) :]


def fields(raw: str, delimiter: str) -> list[str]:
    """The fields of one raw record as they are written."""
    body = raw.rstrip("\r\n")
    cells = parsed(raw, delimiter)
    found = _fields(body, delimiter)
    if [parsed(one, delimiter) or [""] for one in found] != [[cell] for cell in cells]:
        return [quoted(cell, delimiter, body[:1] == '"') for cell in cells]
    return found


def _fields(body: str, delimiter: str) -> list[str]:
    stop = re.escape(delimiter)  # possessive: a field of megabytes must not be remembered sign by sign
    pattern = re.compile(rf'(?:"(?:[^"]++|"")*+"[^{stop}]*+|[^{stop}]*+)(?:{stop}|\Z)')
    found, place = [], 0
    while place <= len(body):
        match = pattern.match(body, place)
        if match is None:
            return []
        text, place = match[0], match.end()
        if not text.endswith(delimiter) or place > len(body):
            found.append(text)
            break
        found.append(text[: -len(delimiter)])
    return found


def quoted(value: str, delimiter: str, always: bool) -> str:
    """A value as a field: in quotes where it must be, or where the field before it was (RFC 4180)."""
    if always or any(c in value for c in f'{delimiter}"\r\n') or value != value.strip():
        return '"' + value.replace('"', '""') + '"'
    return value


def written(cells: Sequence[str], delimiter: str) -> str:
    """A whole record without line ending."""
    return delimiter.join(quoted(cell, delimiter, always=False) for cell in cells)
