"""The answer as the person opens it: letter, tables read back from the package, the package itself.

Who calls this has checked the second step: a fresh code to a proved address.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import orjson
from markupsafe import Markup

from dsr import documents, store
from dsr.documents import pdf, press
from dsr.domain import letters as kinds
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.store import files
from dsr.store.models import Case, Submission
from dsr.store.operations import Letter, Package
from dsr.store.queries import people, portal

from . import letters, proofs, sealing, timeline
from .house import house

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PAGE_ROWS = 50
BUFFER = 64 * 1024
ARTICLE = re.compile(r'<article class="letter".*</article>', re.DOTALL)
HEADING = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LetterPage:
    """A letter: ``html`` the whole document as sent, ``article`` its part for a page of ours (escaped)."""

    id: int
    kind: str
    language: str
    made_at: datetime
    sha256: str
    html: str
    article: str


@dataclass(frozen=True, slots=True)
class TableLine:
    """One collection of a package, as its manifest lists it."""

    number: int
    system_title: str
    title: str
    count: int
    withheld: int
    json: str
    csv: str
    columns: tuple[str, ...]
    months: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]
    kind_field: str = ""
    about: documents.About = documents.About()


@dataclass(frozen=True, slots=True)
class Handed:
    """A package that can be read now. ``size`` in bytes, ``sha256`` of the whole ZIP."""

    case: str
    number: int
    file: str
    key: bytes
    size: int
    sha256: str
    made_at: datetime
    expires_at: datetime

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The plain bytes of the ZIP from ``start`` up to ``stop``."""
        return files.packages().read(self.file, self.key, start, stop)


def letter(reference: str, letter_id: int, controller: str, *, now: datetime) -> LetterPage:
    """One letter of a submission; Refusal ``letter.gone`` for any other."""
    with store.reading() as session:
        submission = _submission(people.by_reference(session, reference), controller)
        row = session.get(Letter, letter_id)
        if row is None or row.case_id not in {case.id for case in submission.cases} or row.sealed is None:
            raise Refusal("letter.gone", "There is no such letter.")
        if kinds.letter(row.kind).inward:
            raise Refusal("letter.gone", "There is no such letter.")
        html = letters.text(row, submission)
    proofs.once(row.case_id, "opened", row.sha256, now=now)
    found = ARTICLE.search(html)
    article = found.group() if found else ""
    return LetterPage(row.id, row.kind, row.language, row.made_at, row.sha256, html, article)


def letter_pdf(reference: str, letter_id: int, controller: str, *, now: datetime) -> tuple[str, bytes]:
    """The same letter as PDF: (a name for the file without personal data, its bytes). Refusal ``letter.pdf``."""
    found = letter(reference, letter_id, controller, now=now)
    title = _text(HEADING.search(found.article)) or reference
    cover = pdf.Cover(title, found.language, house().controller(controller).name, reference)
    return f"{found.kind}-{found.id}", press.press().pdf(found.article, cover)


def package(reference: str, case: str, number: int, controller: str, *, now: datetime) -> Handed:
    """The package of that number (from 1) of a case; Refusals ``package.none`` and ``package.expired``."""
    with store.reading() as session:
        submission = _submission(people.by_reference(session, reference), controller)
        row = _row(session, _case(submission, case), number)
        if row.destroyed_at is not None or row.expires_at <= now:
            raise Refusal("package.expired", "The time of this package has ended.")
        key = sealing.key_of(submission)
    return Handed(case, number, row.file, key, row.size, row.sha256, row.made_at, row.expires_at)


def tables(handed: Handed) -> tuple[TableLine, ...]:
    """What is in the package, read back from its own manifest."""
    with archive(handed) as opened:
        manifest = orjson.loads(opened.read("manifest.json"))
    return tuple(_table(number, one) for number, one in enumerate(manifest["tables"]))


def rows(handed: Handed, table: TableLine, page: int) -> list[dict[str, object]]:
    """One page (from 1) of a table, read back from the package."""
    start = (page - 1) * PAGE_ROWS
    with archive(handed) as opened:
        return list(documents.rows_of(opened, table.json, start, start + PAGE_ROWS))


@contextmanager
def archive(handed: Handed) -> Iterator[ZipFile]:
    """The sealed ZIP as an open archive; only the pieces that are read are decrypted."""
    with ZipFile(io.BufferedReader(_Sealed(handed), BUFFER)) as opened:
        yield opened


def looked_at(reference: str, handed: Handed, controller: str, *, now: datetime) -> None:
    """Record that the person opened the data of a package in this session."""
    _recorded(reference, handed, controller, Kind.PACKAGE_VIEWED, now)


def fetched(reference: str, handed: Handed, controller: str, *, now: datetime) -> None:
    """Record that a session downloaded the package; the caller counts repeats once."""
    _recorded(reference, handed, controller, Kind.PACKAGE_FETCHED, now)


def renew(reference: str, case: str, controller: str, *, now: datetime) -> None:
    """Give every package of the case that still exists its days again: a first part cannot be made a second time
    once its rows were erased. Refusal ``package.destroyed`` when none is left (GDPR 15 can be asked again).
    """
    with store.transaction() as tx:
        submission = _submission(people.by_reference(tx.session, reference), controller)
        mine = _case(submission, case)
        left = [row for row in portal.packages(tx.session, [mine.id])[mine.id] if row.destroyed_at is None]
        if not left:
            raise Refusal("package.destroyed", "Its data were destroyed when their time was over.")
        for row in left:
            row.expires_at = now + timedelta(days=house().policy.package_days)
        timeline.record(tx, mine, Kind.PACKAGE_VIEWED, by="person", now=now, renewed=True)


class _Sealed(io.RawIOBase):
    """A sealed file that can be read anywhere, as ``zipfile`` wants it."""

    def __init__(self, handed: Handed) -> None:
        self._handed = handed
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._handed.size}[whence]
        self._at = max(0, begin + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        data = b"".join(self._handed.pieces(self._at, self._at + len(buffer)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _recorded(reference: str, handed: Handed, controller: str, kind: Kind, now: datetime) -> None:
    with store.transaction() as tx:
        submission = _submission(people.by_reference(tx.session, reference), controller)
        mine = _case(submission, handed.case)
        row = _row(tx.session, mine, handed.number)
        if kind is Kind.PACKAGE_FETCHED:
            portal.count_download(tx.session, row.id)
        timeline.record(tx, mine, kind, by="person", now=now, sha256=row.sha256)
        seen = "downloaded" if kind is Kind.PACKAGE_FETCHED else "viewed"
        proofs.keep(tx, mine, seen, {"sha256": row.sha256, "size": row.size}, now=now)


def _submission(found: Submission | None, controller: str) -> Submission:
    if found is None or found.controller != controller or found.wrapped_key is None:
        raise Refusal("submission.unknown", "There is no such request.")
    return found


def _case(submission: Submission, reference: str) -> Case:
    for case in submission.cases:
        if case.reference == reference:
            return case
    raise Refusal("case.unknown", f"There is no case {reference}.")


def _row(session: Session, case: Case, number: int) -> Package:
    rows = portal.packages(session, [case.id])[case.id]
    if not 1 <= number <= len(rows):
        raise Refusal("package.none", "This case has no such package.")
    return rows[number - 1]


def _text(found: re.Match[str] | None) -> str:
    return Markup(found.group(1)).striptags() if found else ""  # noqa: S704 - only to take the tags out


def _table(number: int, one: dict[str, Any]) -> TableLine:
    return TableLine(
        number=number,
        system_title=one["system_title"],
        title=one["title"],
        count=one["count"],
        withheld=one["withheld"],
        json=one["json"],
        csv=one["csv"],
        columns=tuple(one["columns"]),
        months=tuple((month, n) for month, n in one["months"]),
        kinds=tuple((kind, n) for kind, n in one["kinds"]),
        kind_field=one["kind_field"],
        about=_about(one.get("about", {})),
    )


def _about(said: dict[str, Any]) -> documents.About:
    """The words of a manifest; a package of an earlier version has none."""
    meanings = tuple(documents.Meaning(**each) for each in said.get("meanings", ()))
    return documents.About(
        **{name: value for name, value in said.items() if name not in ("meanings", "recipients")},
        recipients=tuple(said.get("recipients", ())),
        meanings=meanings,
    )
