"""The package: a ZIP with the data of one person, made while its rows stream by.

Order: for each collection its JSON and CSV (and its schema for portability), then files that holders handed
in, ``index.html``, ``letter.html``, ``letter.pdf`` if wanted, ``manifest.json``. Names are made of our own
keys with safe characters only; no name, value or title of the person's data gets into them. Memory stays
constant: ``tally`` keeps the first rows and counts, ``spool`` keeps the CSV until its turn.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from zipfile import ZipFile

import orjson

from dsr.contract import CollectionInfo, Row
from dsr.domain.letters import FileFacts, LetterFacts, category_words, localised
from dsr.domain.rights import rule

from .index import TableFacts, about, headings, index_page
from .letters import NONE, DraftLetter, draft_letter, letter_pdf
from .spool import Spool
from .tables import csv_head, csv_row, json_row, schema
from .tally import SHOWN, Tally
from .wording import Wording
from .zipping import BLOCK, Member, zipped

LARGE = 2**31
"""From this size on a file needs the 64-bit form of the ZIP."""
_UNSAFE = re.compile(r"[^a-z0-9_-]+")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)\Z")


@dataclass(frozen=True, slots=True)
class Section:
    """One collection of one system: ``title`` is the system's; ``rows`` are read once."""

    system: str
    title: str
    info: CollectionInfo
    rows: Iterable[Row]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as somebody handed it in: our ``extension``, its size in bytes, its bytes read once."""

    extension: str
    size: int
    content: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Summary:
    """The finished package: what the portal shows and the letter says. ``size`` in bytes."""

    size: int
    sha256: str
    files: tuple[FileFacts, ...]
    tables: tuple[TableFacts, ...]


class PackageWriter:
    """Writes one package. Use once: iterate ``write`` to its end, then read ``summary``.

    ``facts.package`` must be empty (a file cannot state its own checksum); ``now`` is an aware moment.
    ``facts`` may be replaced until the last row was given: what is learnt while rows stream by (tracking,
    what was withheld) still gets into the letter.
    ``pdf``: put ``letter.pdf`` in; otherwise it is made when first asked for. ``schemas``: one JSON
    Schema per collection (portability).
    """

    letter: DraftLetter | None = None
    """The letter that lies in the package, for the one of the case; there once ``write`` has ended."""

    def __init__(
        self,
        facts: LetterFacts,
        *,
        now: datetime,
        kind: str = "",
        pdf: bool = False,
        schemas: bool = False,
        wording: Wording = NONE,
    ) -> None:
        self.facts = facts
        self._now = now
        self._kind = kind or rule(facts.right).letter
        self._pdf = pdf
        self._schemas = schemas
        self._wording = wording
        self._files: list[FileFacts] = []
        self._tables: list[TableFacts] = []
        self._tallies: list[Tally] = []
        self._names: set[str] = set()
        self._sha = hashlib.sha256()
        self._size = 0

    def write(self, sections: Iterable[Section], attachments: Iterable[Attachment] = ()) -> Iterator[bytes]:
        """The bytes of the ZIP, in blocks of about 64 kB; attachments as ``attachments/1.pdf`` and so on."""
        members = chain(self._data(sections), self._attached(attachments), self._pages())
        for block in zipped(members, self._now):
            self._sha.update(block)
            self._size += len(block)
            yield block

    @property
    def summary(self) -> Summary:
        """Size, checksum, files and tables; complete once ``write`` has ended."""
        return Summary(self._size, self._sha.hexdigest(), tuple(self._files), tuple(self._tables))

    def _data(self, sections: Iterable[Section]) -> Iterator[Member]:
        for section in sections:
            path = self._path(section)
            tally, rows, spool = Tally(section.info), iter(section.rows), Spool()
            tally.begin(islice(rows, SHOWN))
            more = len(tally.first) == SHOWN
            yield self._member(f"{path}.json", self._json(tally, rows, spool), tally=tally, large=more)
            yield self._member(f"{path}.csv", self._csv(section.info, tally, spool), tally=tally, large=more)
            if self._schemas:
                yield self._member(f"{path}.schema.json", (self._schema(tally),))
            self._tally(section, path, tally)

    def _json(self, tally: Tally, rest: Iterator[Row], spool: Spool) -> Iterator[bytes]:
        """The JSON array, one row per line; on the way each row is counted and spooled as CSV."""
        language, columns = self.facts.language, tally.columns
        lines: list[bytes] = []
        table: list[bytes] = []
        size, before = 0, b"[\n"
        for row in chain(tally.first, rest):
            tally.add(row)
            line = json_row(row)
            lines += (before, line)
            table.append(csv_row(row, columns, language))
            before = b",\n"
            size += len(line)
            if size > BLOCK:
                spool.write(b"".join(table))
                yield b"".join(lines)
                lines, table, size = [], [], 0
        spool.write(b"".join(table))
        yield b"".join(lines) + (b"\n]\n" if tally.count else b"[]\n")

    def _csv(self, info: CollectionInfo, tally: Tally, spool: Spool) -> Iterator[bytes]:
        """The table for a spreadsheet: headed in the language of the person, in the order of the manifest."""
        columns = tuple(tally.columns)
        yield csv_head(headings(about(info, columns, self.facts.language).meanings, columns))
        yield from spool.chunks()

    def _schema(self, tally: Tally) -> bytes:
        language = self.facts.language
        return schema(
            tally.info, tally.columns, tally.samples, language, lambda code: category_words(code, language)
        )

    def _attached(self, attachments: Iterable[Attachment]) -> Iterator[Member]:
        for number, one in enumerate(attachments, start=1):
            name = f"attachments/{number}.{_safe(one.extension)}"
            yield self._member(name, one.content, large=one.size > LARGE)

    def _pages(self) -> Iterator[Member]:
        language = self.facts.language
        facts = replace(self.facts, files=tuple(self._files))
        page = index_page(facts, zip(self._tables, self._tallies, strict=True), self._now)
        yield self._member("index.html", (page.encode(),))
        self.letter = draft_letter(self._kind, language, facts, self._wording)
        facts = replace(facts, files=tuple(self._files))
        yield self._member("letter.html", (self.letter.html(facts).encode(),))
        if self._pdf:
            yield self._member("letter.pdf", (letter_pdf(self._kind, language, facts, self._wording),))
        yield Member("manifest.json", (self._manifest(),))

    def _manifest(self) -> bytes:
        facts = self.facts
        return orjson.dumps(
            {
                "format": 1,
                "controller": facts.controller.name,
                "reference": facts.reference,
                "right": facts.right,
                "language": facts.language,
                "created_at": self._now,
                "files": self._files,
                "tables": self._tables,
            },
            option=orjson.OPT_INDENT_2,
        )

    def _member(
        self, name: str, content: Iterable[bytes], *, tally: Tally | None = None, large: bool = False
    ) -> Member:
        return Member(name, self._hashed(name, content, tally), large)

    def _hashed(self, name: str, content: Iterable[bytes], tally: Tally | None) -> Iterator[bytes]:
        sha, size = hashlib.sha256(), 0
        for block in content:
            sha.update(block)
            size += len(block)
            yield block
        self._files.append(FileFacts(name, size, sha.hexdigest(), tally.count if tally else None))

    def _path(self, section: Section) -> str:
        """``systems/<system>/<collection>``, unique, lower case, safe on every file system."""
        stem = f"systems/{_safe(section.system)}/{_safe(section.info.name)}"
        path, number = stem, 2
        while path in self._names:
            path, number = f"{stem}-{number}", number + 1
        self._names.add(path)
        return path

    def _tally(self, section: Section, path: str, tally: Tally) -> None:
        if tally.count > SHOWN:
            tally.first = []
        self._tallies.append(tally)
        self._tables.append(
            TableFacts(
                system=section.system,
                system_title=section.title,
                collection=section.info.name,
                title=localised(section.info.title, self.facts.language) or section.info.name,
                count=tally.count,
                withheld=tally.withheld,
                json=f"{path}.json",
                csv=f"{path}.csv",
                columns=tuple(tally.columns),
                months=tally.by_month(),
                kind_field=tally.kind_field,
                kinds=tally.by_kind(),
                about=about(section.info, tally.columns, self.facts.language),
            )
        )


def rows_of(
    archive: ZipFile, member: str, start: int = 0, stop: int | None = None
) -> Iterator[dict[str, object]]:
    """The rows ``start``..``stop`` of a JSON member of a package, read line by line.

    A package of ours has one row per line, so that one page of a large table costs no memory.
    """
    with archive.open(member) as lines:
        rows = (line for line in lines if line[:1] == b"{")
        for line in islice(rows, start, stop):
            yield orjson.loads(line.rstrip(b",\r\n"))


def _safe(name: str) -> str:
    safe = _UNSAFE.sub("-", name.lower()).strip("-")[:60] or "data"
    return f"{safe}_" if _RESERVED.match(safe) else safe
