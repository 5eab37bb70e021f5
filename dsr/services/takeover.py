"""Taking over open cases from a spreadsheet: each once, and all of them or none."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from dsr import store
from dsr.contract import Identifier
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.law import Pack
from dsr.domain.rights import Right
from dsr.domain.workflow import Role, after
from dsr.store import keys
from dsr.store.models import Case, Submission
from dsr.store.queries import timing
from dsr.store.session import Transaction

from . import acknowledging, clocks, country, identity, intake, sealing, timeline
from .house import house
from .intake import Filing, Wanted

COLUMNS: Mapping[str, str] = {
    "reference": "your own number of the case; a row is taken over once",
    "right": "access, erasure... or the law's own name of the right",
    "received": "day of receipt: 2026-01-31 or 31/01/2026",
    "email": "e-mail address of the person",
    "phone": "telephone of the person",
    "customer_number": "customer number of the person",
    "name": "name, for the letter",
    "language": "es, en or pt; empty: the controller's",
    "jurisdiction": "where the person lives: ES, MX, US-CA...; empty: the controller's law",
    "status": "new (identity not proved; a code is mailed), verified, or waiting (the person was asked)",
    "verified_how": "how identity was proved; needed for verified and waiting",
    "asked": "waiting: the day on which the person was asked",
    "question": "waiting: what she was asked",
    "extended": "the day on which the person was told of an extension",
    "due": "the date your sheet has; a difference from the law on file is reported",
    "channel": "how it came: post, phone, mail, visit, portal; empty: import",
    "answer_by": "mail, post or collection; empty: mail with an e-mail address, else collection",
    "postal_address": "for an answer by post",
    "message": "the person's words",
    "stop": "objection, withdrawal: marketing, tracking, grounds, separated by spaces",
    "ground": "restriction: accuracy, unlawful, needed_by_person or objection_pending",
    "change_category": "rectification: a category such as user.name",
    "change_from": "rectification: what is wrong",
    "change_to": "rectification: what is right",
}
"""The columns of the file and what they hold; ``docs/cli.md`` prints them."""

NEEDED = ("reference", "right", "received")
NEW, VERIFIED, WAITING = STATUSES = ("new", "verified", "waiting")
KINDS = ("email", "phone", "customer_number")
SPANISH_DATE = "%d/%m/%Y"
TAKEN_OVER = {
    "es": "Procede de otra lista; número anterior: {}",
    "en": "Taken over; former number {}",
    "pt": "Veio de outra lista; número anterior: {}",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file: its number as a spreadsheet counts (the heading is 1), its cells by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be taken over; ``sentence`` repeats no value of the row."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Former:
    """A row that can be taken over."""

    row: int
    number: str
    filing: Filing
    identifiers: tuple[Identifier, ...]
    status: str
    asked_on: date | None
    question: str
    extended_on: date | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row: our case, or '' when it had been taken over before. ``warning`` may be empty."""

    row: int
    submission: str
    case: str
    due_on: date | None
    warning: str


def read(
    lines: Iterable[Line], columns: Sequence[str], controller: str, *, now: datetime
) -> tuple[list[Former], list[Problem]]:
    """The rows that can be taken over, and what is wrong with the others. Changes nothing."""
    problems = [Problem(1, name, "This column is unknown.") for name in columns if name not in COLUMNS]
    problems += [Problem(1, name, "This column is missing.") for name in NEEDED if name not in columns]
    if problems:
        return [], problems
    found: list[Former] = []
    seen: dict[str, int] = {}
    for line in lines:
        try:
            former = _former(line, controller, now)
        except _Wrong as wrong:
            problems.append(Problem(line.number, wrong.column, str(wrong)))
            continue
        first = seen.setdefault(former.number, line.number)
        if first != line.number:
            problems.append(Problem(line.number, "reference", f"Row {first} has the same number."))
        else:
            found.append(former)
    return found, problems


def take_over(formers: Sequence[Former], *, by: str, now: datetime) -> list[Taken]:
    """File all rows in one transaction, with their own dates of receipt, questions and extensions."""
    with store.transaction() as tx:
        return [_take(tx, one, by, now) for one in formers]


def _take(tx: Transaction, former: Former, by: str, now: datetime) -> Taken:
    filing = former.filing
    digest = keys.keyring().lookup(filing.controller, "former", former.number).hex()[:32]
    slot = f"import:{filing.controller[:63]}:{digest}"
    if not timing.claim(tx.session, [slot], now):
        return Taken(former.row, "", "", None, "This row was taken over before.")
    token = secrets.token_urlsafe(32)
    submission = intake.submit_in(tx, filing, former.identifiers, token=token, by=by, now=now)
    tx.session.flush()
    case = submission.cases[0]
    words = {"reason": TAKEN_OVER[house().controller(filing.controller).language].format(former.number)}
    timeline.record(tx, case, Kind.NOTED, by=by, now=now, words=words, imported=True)
    _extended(tx, case, former, by, now)
    _begin(tx, submission, case, former, by, now)
    return Taken(former.row, submission.reference, case.reference, case.due_on, _warning(case, former))


def _extended(tx: Transaction, case: Case, former: Former, by: str, now: datetime) -> None:
    if former.extended_on is not None:
        timeline.record(
            tx, case, Kind.EXTENDED, by=by, now=now, clock="extended", on=former.extended_on, imported=True
        )


def _begin(
    tx: Transaction, submission: Submission, case: Case, former: Former, by: str, now: datetime
) -> None:
    """Where the case stood: a code is mailed, the search begins, or the person's answer is waited for."""
    if former.status == NEW:
        key = sealing.key_of(submission)
        identity.send_first_code(tx, submission, key, submission.identifiers, now=now)
        return
    acknowledging.skip(tx, case, now=now)
    if former.status == VERIFIED:
        identity.verified(tx, submission, how="officer", by=by, now=now)
    else:
        submission.verified_at, submission.verified_how = now, "officer"
        case.status = after(case.status, "pause", roles=[Role.DPO]).value
        words = {"reason": former.question}
        timeline.record(
            tx, case, Kind.PAUSED, by=by, now=now, clock="info_requested", on=former.asked_on, words=words,
            ask="info",
        )  # fmt: skip


def _warning(case: Case, former: Former) -> str:
    if former.due_on is None or former.due_on == case.due_on:
        return ""
    return f"Your sheet says {former.due_on}, {case.pack} says {case.due_on or 'suspended'}."


class _Wrong(Exception):
    """A cell that cannot be taken, and what to write there."""

    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column


def _former(line: Line, controller: str, now: datetime) -> Former:
    cells = {name: value.strip() for name, value in line.cells.items()}
    for name in NEEDED:
        if not cells.get(name):
            raise _Wrong(name, "This is empty.")
    status = cells.get("status") or NEW
    if status not in STATUSES:
        raise _Wrong("status", f"Write one of {', '.join(STATUSES)}.")
    if status != NEW and not cells.get("verified_how"):
        raise _Wrong("verified_how", "Say how identity was proved, or write status new.")
    received_on = _date(cells, "received")
    asked_on = _date(cells, "asked")
    if status == WAITING and (asked_on is None or not cells.get("question")):
        raise _Wrong("asked", "A case that waits needs the day and the question.")
    for name, day in (("asked", asked_on), ("extended", _date(cells, "extended"))):
        if day is not None and received_on is not None and day < received_on:
            raise _Wrong(name, "This lies before the day of receipt.")
    filing = _filing(cells, controller, received_on, status, now)
    try:
        identifiers = intake.checked(filing, now=now)
    except Refusal as refusal:
        raise _Wrong(_column_of(refusal), refusal.message) from refusal
    return Former(
        line.number, cells["reference"], filing, tuple(identifiers), status, asked_on,
        cells.get("question", ""), _date(cells, "extended"), _date(cells, "due"),
    )  # fmt: skip


def _filing(
    cells: Mapping[str, str], key: str, received_on: date | None, status: str, now: datetime
) -> Filing:
    controller = house().controller(key)
    place = country.place(cells.get("jurisdiction", "").upper(), controller)
    if received_on is None or received_on > clocks.local_day(now, controller.zone):
        raise _Wrong("received", "This day lies in the future.")
    received_at = min(datetime.combine(received_on, time(12), ZoneInfo(controller.zone)), now)
    try:
        pack = clocks.pack_for(place.jurisdiction, received_at, controller.zone)
        wanted = _wanted(cells, pack)
    except Refusal as refusal:
        raise _Wrong("right", refusal.message) from refusal
    reachable = "mail" if cells.get("email") else "collection"
    return Filing(
        controller=key,
        language=cells.get("language") or controller.language,
        jurisdiction=place.jurisdiction,
        country=place.country,
        rights=(wanted,),
        identifiers=tuple((kind, cells[kind]) for kind in KINDS if cells.get(kind)),
        name=cells.get("name", ""),
        message=cells.get("message", ""),
        channel=cells.get("channel") or "import",
        received_at=received_at,
        answer_by=cells.get("answer_by") or reachable,
        postal_address=cells.get("postal_address", ""),
        verified_reason=cells.get("verified_how", "") if status != NEW else "",
    )


def _wanted(cells: Mapping[str, str], pack: Pack) -> Wanted:
    right, local = wanted_right(cells["right"], pack)
    change = tuple(cells.get(f"change_{part}", "") for part in ("category", "from", "to"))
    return Wanted(
        right,
        local_right=local,
        changes=(change,) if change[0] else (),  # type: ignore[arg-type]
        channels=tuple(cells.get("stop", "").split()),
        ground=cells.get("ground", ""),
        reason=cells.get("message", ""),
    )


def wanted_right(name: str, pack: Pack) -> tuple[str, str]:
    """(our right, the law's own name or '') of a right by our name or by that of the person's law.

    Refusals: ``law.right_missing``, ``right.unknown`` for one that is not answered by a case.
    """
    if name in set(Right):
        return name, ""
    own = pack.right_name(name)
    canonical = pack.rights[own].canonical or pack.rights[own].served_by
    if canonical is None:
        raise Refusal("right.unknown", f"{own!r} of {pack.jurisdiction} is not answered by a case of ours.")
    return canonical, own


def _date(cells: Mapping[str, str], name: str) -> date | None:
    text = cells.get(name, "")
    if not text:
        return None
    try:
        if "/" in text:
            return datetime.strptime(text, SPANISH_DATE).date()  # noqa: DTZ007 - a day, no moment
        return date.fromisoformat(text)
    except ValueError:
        raise _Wrong(name, "This is no date: write 2026-01-31 or 31/01/2026.") from None


def _column_of(refusal: Refusal) -> str:
    kind = refusal.data.get("kind")
    if isinstance(kind, str) and kind in COLUMNS:
        return kind
    by_code = {
        "filing.channels": "stop", "filing.changes": "change_to", "filing.ground": "ground",
        "filing.channel": "channel", "filing.answer_by": "answer_by", "filing.no_mail": "answer_by",
        "filing.future": "received", "right.unknown": "right", "identifier.none": "email",
    }  # fmt: skip
    return by_code.get(refusal.code, "reference")
