"""Every route of the application as somebody would try it, and all that can be read in what came back."""

from __future__ import annotations

import base64
import io
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.S)


def address(app: Flask, endpoint: str, **values: Any) -> tuple[str, str]:
    """Method and path of an endpoint, filled with these values; a name that is not given gets a 1."""
    rule = next(one for one in app.url_map.iter_rules() if one.endpoint == endpoint)
    with app.test_request_context():
        built = rule.build({name: values.get(name, 1) for name in rule.arguments})
    assert built is not None, endpoint
    return ("GET" if "GET" in (rule.methods or ()) else "POST"), built[1]


def legible(body: bytes) -> Iterator[bytes]:
    """The bytes, those of every file of a ZIP, those of every stream of a PDF, and what was only compressed."""
    yield body
    if body[:1] == b"\x78":
        yield _inflated(body)
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield from legible(packed.read(name))
    if body[:5] == b"%PDF-":
        for found in STREAM.findall(body):
            yield _inflated(found)


def cells(path: Path) -> Iterator[bytes]:
    """Every value of every table of an SQLite file, texts and numbers as bytes."""
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in raw.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - its own list of tables
                yield from (one if isinstance(one, bytes) else str(one).encode() for one in row)


def _inflated(stream: bytes) -> bytes:
    plain = base64.a85decode(stream, adobe=True) if stream.endswith(b"~>") else stream
    try:
        return zlib.decompress(plain)
    except zlib.error:
        return plain
