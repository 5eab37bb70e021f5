"""A record as a readable page and as a PDF: a title, facts in pairs, paragraphs and tables."""

from __future__ import annotations

from dataclasses import dataclass

from .pdf import Cover
from .press import press
from .words import environment


@dataclass(frozen=True, slots=True)
class Part:
    """One section: ``text`` paragraphs, ``pairs`` of label and value, a table of ``rows`` below ``heads``.

    ``style`` 'files': three columns, the last of which is a checksum.
    """

    title: str
    text: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    style: str = ""
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A record about ``reference`` by ``author``, in ``language``; all words are ready to print."""

    title: str
    author: str
    reference: str
    language: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    lead: str = ""


def sheet_html(sheet: Sheet) -> str:
    """The record as a complete HTML document that loads nothing."""
    return _render(sheet, fragment=False)


def sheet_pdf(sheet: Sheet) -> bytes:
    """The same record as a PDF (A4, embedded fonts, same bytes every time)."""
    cover = Cover(sheet.title, sheet.language, sheet.author, sheet.reference)
    return press().pdf(_render(sheet, fragment=True), cover)


def page_pdf(html: str, *, title: str, author: str, reference: str, language: str) -> bytes:
    """A letter of ours, kept as HTML, as a PDF."""
    body = html[html.index("<article") :] if "<article" in html else html
    return press().pdf(body, Cover(title, language, author, reference))


def _render(sheet: Sheet, *, fragment: bool) -> str:
    return environment().get_template("records/sheet.html").render(s=sheet, fragment=fragment)
