"""The register of requests: how many, how fast, with which outcome, by right and country. Nothing personal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median

from dsr import documents, store
from dsr.documents import Part, Sheet
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.rights import NAMES, Right
from dsr.services import clocks
from dsr.services.house import house
from dsr.store.queries import records
from dsr.store.queries.records import Row

from . import clock_words
from .words import day, of, word

FORMATS = ("csv", "pdf")
ENDED = ("answered", "closed")


@dataclass(frozen=True, slots=True)
class Line:
    """One request of the register. ``days`` from receipt to answer; ``in_time`` None while it is open."""

    reference: str
    right: str
    country: str
    law: str
    channel: str
    received_on: date
    due_on: date | None
    answered_on: date | None
    days: int | None
    in_time: bool | None
    extended: bool
    outcome: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class Count:
    """What a group of requests comes to. ``outcomes``: how many ended how; ``middle``, ``most``: days."""

    requests: int = 0
    open: int = 0
    answered: int = 0
    late: int = 0
    overdue: int = 0
    extended: int = 0
    middle: float | None = None
    most: int | None = None
    outcomes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Register:
    """The requests received from ``first`` to ``last`` by one controller, counted."""

    controller: str
    first: date
    last: date
    lines: tuple[Line, ...]
    total: Count
    by_right: tuple[tuple[str, Count], ...]
    by_country: tuple[tuple[str, Count], ...]


def register(controller: str, first: date, last: date, *, now: datetime) -> Register:
    """The register of these days, both included. Refusal ``register.period`` when they are the wrong way round."""
    found = lines(controller, first, last, now=now)
    return Register(
        controller,
        first,
        last,
        found,
        _count(found),
        _groups(found, "right"),
        _groups(found, "country"),
    )


def lines(controller: str, first: date, last: date, *, now: datetime) -> tuple[Line, ...]:
    """The requests themselves, in the order of receipt."""
    if last < first:
        raise Refusal("register.period", "The last day is before the first.")
    zone = house().controller(controller).zone
    today = clocks.local_day(now, zone)
    with store.reading() as session:
        rows = records.received(session, controller, first, last)
    return tuple(_line(row, zone, today) for row in rows)


def file(
    controller: str, first: date, last: date, *, kind: str, language: str, by: str, now: datetime
) -> bytes:
    """The register as 'csv' or 'pdf' in ``language``; who took it is recorded.

    Refusals: ``register.period``, ``register.format``.
    """
    if kind not in FORMATS:
        raise Refusal("register.format", f"Write one of: {', '.join(FORMATS)}.")
    made = register(controller, first, last, now=now)
    with store.transaction() as tx:
        span = {"first": day(first), "last": day(last)}
        tx.audit(
            controller, Kind.REGISTER, actor=by, at=now, format=kind, requests=made.total.requests, **span
        )
    return _csv(made, language) if kind == "csv" else documents.sheet_pdf(sheet(made, language, now))


def sheet(made: Register, language: str, now: datetime) -> Sheet:
    """The register as a record to read and print."""
    name = house().controller(made.controller).name
    span = word("from_to", language, first=day(made.first), last=day(made.last))
    return Sheet(
        title=word("register", language),
        lead=word("register_lead", language),
        author=name,
        reference=f"{day(made.first)} – {day(made.last)}",
        language=language,
        facts=(
            (word("controller", language), name),
            (word("period", language), span),
            (word("made_on", language), day(clocks.local_day(now, house().controller(made.controller).zone))),
        ),
        parts=(
            Part(word("totals", language), pairs=_pairs(made.total, language)),
            _outcomes(made.total, language),
            _table("by_right", "right", made.by_right, language),
            _table("by_country", "country", made.by_country, language),
            _rows(made.lines, language),
        ),
    )


def right_words(right: str, language: str) -> str:
    """A right of the product in words."""
    return NAMES[Right(right)].get(language, right)


def _line(row: Row, zone: str, today: date) -> Line:
    answered_on = clocks.local_day(row.answered_at, zone) if row.answered_at else None
    ended = row.status in ENDED
    overdue = not ended and row.due_on is not None and row.due_on < today
    return Line(
        reference=row.reference,
        right=row.right,
        country=row.country,
        law=row.pack.partition("@")[0],
        channel=row.channel,
        received_on=row.received_on,
        due_on=row.due_on,
        answered_on=answered_on,
        days=(answered_on - row.received_on).days if answered_on else None,
        in_time=answered_on <= row.due_on if answered_on and row.due_on else None,
        extended=row.extended,
        outcome=row.ending or "",
        overdue=overdue,
    )


def _count(found: Sequence[Line]) -> Count:
    days = [one.days for one in found if one.days is not None]
    return Count(
        requests=len(found),
        open=sum(not one.outcome for one in found),
        answered=len(days),
        late=sum(one.in_time is False for one in found),
        overdue=sum(one.overdue for one in found),
        extended=sum(one.extended for one in found),
        middle=median(days) if days else None,
        most=max(days, default=None),
        outcomes=dict(Counter(one.outcome for one in found if one.outcome).most_common()),
    )


def _groups(found: Iterable[Line], name: str) -> tuple[tuple[str, Count], ...]:
    groups: dict[str, list[Line]] = {}
    for one in found:
        groups.setdefault(getattr(one, name), []).append(one)
    counted = ((key, _count(mine)) for key, mine in groups.items())
    return tuple(sorted(counted, key=lambda pair: (-pair[1].requests, pair[0])))


def _pairs(count: Count, language: str) -> tuple[tuple[str, str], ...]:
    said = (
        ("requests", count.requests), ("open_now", count.open), ("answered_all", count.answered),
        ("late", count.late), ("overdue", count.overdue), ("extended", count.extended),
        ("median", _days(count.middle)), ("slowest", _days(count.most)),
    )  # fmt: skip
    return tuple((word(code, language), str(value)) for code, value in said)


def _days(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _outcomes(count: Count, language: str) -> Part:
    rows = tuple((of(clock_words.ENDING, name, language), str(n)) for name, n in count.outcomes.items())
    heads = (word("outcome", language), word("requests", language))
    return Part(word("outcomes", language), heads=heads, rows=rows, empty=word("none", language))


def _table(title: str, first: str, groups: Iterable[tuple[str, Count]], language: str) -> Part:
    heads = tuple(
        word(one, language) for one in (first, "requests", "open_now", "answered_all", "behind", "median")
    )
    rows = tuple(
        (
            right_words(name, language) if first == "right" else name or word("unsaid", language),
            str(one.requests),
            str(one.open),
            str(one.answered),
            str(one.late + one.overdue),
            _days(one.middle),
        )
        for name, one in groups
    )
    return Part(word(title, language), heads=heads, rows=rows, empty=word("none", language))


def _rows(found: Iterable[Line], language: str) -> Part:
    heads = tuple(
        word(one, language) for one in ("case", "right", "country", "received", "due", "answered", "outcome")
    )
    rows = tuple(
        (
            one.reference,
            right_words(one.right, language),
            one.country or "–",
            day(one.received_on),
            day(one.due_on) or "–",
            day(one.answered_on) or "–",
            of(clock_words.ENDING, one.outcome, language) or word("open", language),
        )
        for one in found
    )
    return Part(word("rows", language), heads=heads, rows=rows, empty=word("none", language))


def _csv(made: Register, language: str) -> bytes:
    """One line a request, then nothing: totals are for people, a spreadsheet counts itself."""
    names = (
        "case", "right", "country", "law", "received", "due", "answered", "days", "in_time", "extended", "outcome",
    )  # fmt: skip
    rows = [
        (
            one.reference, right_words(one.right, language), one.country, one.law, day(one.received_on),
            day(one.due_on), day(one.answered_on), one.days,
            None if one.in_time is None else word("yes" if one.in_time else "no", language),
            word("yes" if one.extended else "no", language), of(clock_words.ENDING, one.outcome, language),
        )
        for one in made.lines
    ]  # fmt: skip
    return documents.csv_file([word(one, language) for one in names], rows)
