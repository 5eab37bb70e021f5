"""The package's own page: what there is, what it means, the rows or their summary. Loads nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup, escape

from dsr.contract import CollectionInfo, Row
from dsr.domain.letters import LetterFacts, category_words, localised

from .tables import WITHHELD, written
from .tally import SHOWN, Tally
from .words import environment, month_words, visible

CLIP = 500
"""Characters of one value that the page shows; the files hold all of it."""
BARS = 48
LONGEST_HEADING = 60
"""Characters of a meaning that stand above a column."""
_SUSPECT = re.compile(r"[^0-9A-Za-z \u00c0-\u024f.,:;@_/()+-]")
"""What may need escaping or showing; all other text is itself in HTML."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One field in words."""

    name: str
    words: str
    origin: str


@dataclass(frozen=True, slots=True)
class About:
    """What the system says of a collection, in the language of the package: why, whence, until when, to whom."""

    description: str = ""
    purpose: str = ""
    basis: str = ""
    source: str = ""
    retention: str = ""
    recipients: tuple[str, ...] = ()
    meanings: tuple[Meaning, ...] = ()


@dataclass(frozen=True, slots=True)
class TableFacts:
    """One collection in the package: its files, columns and counts. ``months``: (YYYY-MM, rows)."""

    system: str
    system_title: str
    collection: str
    title: str
    count: int
    withheld: int
    json: str
    csv: str
    columns: tuple[str, ...]
    months: tuple[tuple[str, int], ...] = ()
    kind_field: str = ""
    kinds: tuple[tuple[str, int], ...] = ()
    about: About = About()


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the chart, in SVG units."""

    x: float
    y: float
    width: float
    height: float
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Part:
    """One collection as the page shows it."""

    table: TableFacts
    about: Markup
    heads: Markup
    rows: Markup
    bars: tuple[Bar, ...]
    shown: bool


class Same:
    """A thing known by its identity: a description holds what cannot be hashed, and lives for a while."""

    __slots__ = ("it",)

    def __init__(self, it: CollectionInfo) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.it is self.it


def index_page(facts: LetterFacts, tables: Iterable[tuple[TableFacts, Tally]], now: datetime) -> str:
    """``index.html``: contents by system, then each collection with its meaning and its rows."""
    systems: dict[str, list[Part]] = {}
    for table, tally in tables:
        systems.setdefault(table.system, []).append(_part(table, tally, facts.language))
    template = environment().get_template("letters/package/index.html")
    words, said = _words(facts.language)
    return template.render(f=facts, systems=systems, w=said, p=words, now=now, most=SHOWN)


def about(info: CollectionInfo, columns: Iterable[str], language: str) -> About:
    """The words of a collection in one language; ``columns`` are those that have rows."""
    return _about(Same(info), tuple(columns), language)


@lru_cache(maxsize=512)
def _about(known: Same, columns: tuple[str, ...], language: str) -> About:
    """The same for everybody: said once."""
    info = known.it
    return About(
        description=localised(info.description, language),
        purpose=localised(info.purpose, language),
        basis=info.basis,
        source=localised(info.source, language),
        retention=localised(info.retention, language),
        recipients=tuple(localised(one, language) for one in info.recipients),
        meanings=_meanings(info, columns, language),
    )


@lru_cache(maxsize=512)
def headings(meanings: tuple[Meaning, ...], columns: tuple[str, ...]) -> tuple[str, ...]:
    """What stands above each column for people: its meaning; the name beside it where two mean the same."""
    said = {one.name: one.words for one in meanings}
    words = [said.get(name, name) for name in columns]
    doubt = {word for word in words if words.count(word) > 1 or len(word) > LONGEST_HEADING}
    return tuple(
        word if word not in doubt else f"{word[:LONGEST_HEADING]} ({name})"
        for word, name in zip(words, columns, strict=True)
    )


def _part(table: TableFacts, tally: Tally, language: str) -> Part:
    shown = table.count <= SHOWN
    heads = headings(table.about.meanings, table.columns)
    return Part(
        table=table,
        about=_said(table.about, table.csv, table.json, language),
        heads=_heads(heads),
        rows=_rows(tally.first, table.columns, heads, language) if shown else Markup(""),
        bars=() if shown else bars(table.months, language),
        shown=shown,
    )


@lru_cache(maxsize=512)
def _said(about: About, csv: str, json: str, language: str) -> Markup:
    """What the page says of a collection, whoever asks: rendered once."""
    _, said = _words(language)
    template = environment().get_template("letters/package/about.html")
    return Markup(template.render(a=about, csv=csv, json=json, w=said))  # noqa: S704 - autoescaped


@lru_cache(maxsize=512)
def _heads(heads: tuple[str, ...]) -> Markup:
    cells = "".join(f'<th scope="col"><bdi>{escape(visible(head))}</bdi></th>' for head in heads)
    return Markup(f"<thead><tr>{cells}</tr></thead>")  # noqa: S704 - every head went through escape


def _meanings(info: CollectionInfo, columns: tuple[str, ...], language: str) -> tuple[Meaning, ...]:
    fields = {f.name: f for f in info.fields}
    known = ((name, fields[name]) for name in columns if name in fields)
    said = (
        (name, localised(f.description, language) or _categories(f.categories, language), f.origin)
        for name, f in known
    )
    return tuple(Meaning(*one) for one in said if one[1])


def _categories(codes: tuple[str, ...], language: str) -> str:
    return ", ".join(dict.fromkeys(category_words(code, language) for code in codes))


def _rows(rows: list[Row], columns: tuple[str, ...], heads: tuple[str, ...], language: str) -> Markup:
    """Table rows as HTML. By hand: a template takes five times as long and this is the hot road."""
    labels = _labels(columns, heads)
    lines = []
    for row in rows:
        hidden = frozenset(row.withheld)
        cells = [head + _cell(name in hidden, row.values.get(name), language) for name, head in labels]
        lines.append("<tr>" + "".join(cells) + "</tr>")
    return Markup("\n".join(lines))  # noqa: S704 - every value went through escape


@lru_cache(maxsize=512)
def _labels(columns: tuple[str, ...], heads: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, f'<td data-label="{escape(visible(head))}">')
        for name, head in zip(columns, heads, strict=True)
    )


def _cell(withheld: bool, value: Any, language: str) -> str:
    if withheld:
        return f"<em>{WITHHELD[language]}</em></td>"
    if value is None:
        return '<span class="none">—</span></td>'
    kind = value.__class__
    if kind is bool:
        return f"{_YES[language][value]}</td>"
    text = value if kind is str else written(value)
    if len(text) > CLIP:
        text = text[:CLIP] + "…"
    if _SUSPECT.search(text):
        text = escape(visible(text))
    return f"<bdi>{text}</bdi></td>"


_YES: Mapping[str, tuple[str, str]] = {"es": ("no", "sí"), "en": ("no", "yes"), "pt": ("não", "sim")}


def bars(months: tuple[tuple[str, int], ...], language: str) -> tuple[Bar, ...]:
    """Bars of a chart 640 x 150; by year when the months are too many to draw."""
    counts = [(month_words(month, language), n) for month, n in months]
    if len(months) > BARS:
        years: dict[str, int] = {}
        for month, n in months:
            years[month[:4]] = years.get(month[:4], 0) + n
        counts = list(years.items())
    top, step = max((n for _, n in counts), default=1), 640 / max(len(counts), 1)
    return tuple(
        Bar(
            round(i * step + step * 0.1, 1),
            round(140 - 130 * n / top, 1),
            round(step * 0.8, 1),
            round(130 * n / top, 1),
            label,
            n,
        )
        for i, (label, n) in enumerate(counts)
    )


@cache
def _words(language: str) -> tuple[Any, SimpleNamespace]:
    """The macros of a language and its words (as attributes: looked up some hundred times a page)."""
    module: Any = environment().get_template(f"letters/{language}/_package.html").module
    return module, SimpleNamespace(**module.w)
