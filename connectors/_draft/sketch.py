"""What a draft is made from: names, types, keys and a few values of each table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Column(NamedTuple):
    """One column; ``type`` as the source writes it (``VARCHAR(200)``), empty if it has none."""

    name: str
    type: str = ""
    nullable: bool = True
    primary_key: bool = False


class ForeignKey(NamedTuple):
    """A declared reference: ``columns`` here point to ``target_columns`` of the table ``target``."""

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSketch:
    """A table, file or list. ``samples``: some values per column; they are looked at, never written down."""

    name: str
    columns: tuple[Column, ...]
    samples: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    foreign_keys: tuple[ForeignKey, ...] = ()

    def values(self, column: str) -> list[str]:
        """The sample values of a column as trimmed text, without the empty ones."""
        found = (str(value).strip() for value in self.samples.get(column, ()) if value is not None)
        return [value for value in found if value]


def plain(name: str) -> str:
    """A name as words with underscores: ``CorreoElectrónico`` -> ``correo_electronico``."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")


def data_type(column: Column) -> str:
    """The type in the words of a map; empty when the source does not say."""
    written = column.type.lower()
    if written.endswith("[]"):
        return ""
    return next((word for pattern, word in _TYPES if re.search(pattern, written)), "")


def length(column: Column) -> int | None:
    """The length of a text column, where it is declared."""
    found = re.search(r"char\w*\s*(?:varying)?\s*\((\d{1,6})\)", column.type.lower())
    return int(found[1]) or None if found else None


_TYPES = (
    (r"bool|^bit\b|tinyint\(1\)", "boolean"),
    (r"timestamp|datetime", "datetime"),
    (r"^date\b", "date"),
    (r"^time\b", "time"),
    (r"uuid|uniqueidentifier", "uuid"),
    (r"json", "json"),
    (r"^interval", ""),
    (r"int\b|int\(|integer|serial|int\d", "integer"),
    (r"numeric|decimal|money|number", "decimal"),
    (r"float|real|double", "float"),
    (r"char|text|clob|enum|string|citext", "string"),
    (r"blob|binary|bytea", "bytes"),
)
