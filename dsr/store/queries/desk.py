"""What the desk reads: the queue, counts, charts, a search by keyed hash, the audit log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from dsr.domain.workflow import Status
from dsr.store.models import Case, Identity, Submission
from dsr.store.operations import AuditEntry, Message

OPEN = tuple(status.value for status in Status if status not in (Status.ANSWERED, Status.CLOSED))
EVERY = tuple(status.value for status in Status)
MANY_TRIES = 5
"""After so many, some twenty minutes, a crucial message that still waits is shown to a person."""

Cursor = tuple[date | None, int]
"""Where a page of the queue ended: the date it is sorted by (None: no date, at the end) and the id."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A view of the queue: the sum of its filters. ``statuses`` empty: every open one."""

    controllers: tuple[str, ...]
    statuses: tuple[str, ...] = OPEN
    right: str = ""
    due_before: date | None = None
    due_from: date | None = None
    assignee: int | None = None
    failed: bool = False
    bounced: bool = False
    promised: bool = False
    ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One case in the queue; nothing personal."""

    id: int
    reference: str
    controller: str
    right: str
    status: str
    due_on: date | None
    internal_on: date | None
    sort_on: date | None
    received_on: date
    suspended_on: date | None
    assignee: int | None
    failed: bool
    bounced: bool
    waits_for: int | None
    ending: str | None
    local_right: str
    promised_on: date | None


@dataclass(frozen=True, slots=True)
class Series:
    """Counts for the charts: (day or name, count) pairs; ``days`` to answer, one for each case."""

    received: tuple[tuple[date, int], ...] = ()
    closed: tuple[tuple[date, int], ...] = ()
    days: tuple[int, ...] = ()
    rights: tuple[tuple[str, int], ...] = ()
    countries: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many open cases are in which situation."""

    late: int = 0
    soon: int = 0
    mine: int = 0
    second: int = 0
    waiting: int = 0
    unverified: int = 0
    failed: int = 0
    bounced: int = 0
    promised: int = 0
    open: int = 0
    by_status: dict[str, int] = field(default_factory=dict)


COLUMNS = (
    Case.id,
    Case.reference,
    Case.controller,
    Case.right,
    Case.status,
    Case.due_on,
    Case.internal_on,
    Case.sort_on,
    Case.received_on,
    Case.suspended_on,
    Case.assignee,
    Case.failed,
    Case.bounced,
    Case.waits_for,
    Case.ending,
    Case.local_right,
    Case.promised_on,
)


def review_queue(
    session: Session, wanted: Wanted, after: Cursor | None = None, limit: int = 50
) -> list[Line]:
    """The next lines by the earlier of internal target and legal date; cases without a date come last.

    Reads one stretch of the index (controller, status, sort_on) for each controller and status and
    merges them, so that a page costs the same with a hundred and with a hundred thousand cases. The few
    that failed, bounced or are somebody's have indexes of their own.
    """
    lines: list[Line] = []
    if after is None or after[0] is not None:
        lines = _stretch(session, wanted, after, limit, dated=True)
    # Nothing is due before a day without having a date.
    if len(lines) < limit and wanted.due_before is None:
        undated = after if after is not None and after[0] is None else None
        lines += _stretch(session, wanted, undated, limit - len(lines), dated=False)
    return lines


def _stretch(
    session: Session, wanted: Wanted, after: Cursor | None, limit: int, *, dated: bool
) -> list[Line]:
    # What failed is looked at after the answer, too: its letter may promise to go on.
    statuses = wanted.statuses or OPEN
    if (wanted.failed or wanted.promised) and statuses == OPEN:
        statuses = (*OPEN, Status.ANSWERED.value)
    few = wanted.failed or wanted.promised or wanted.bounced or wanted.assignee is not None
    parts = [
        _part(wanted, controller, some, after, limit, dated=dated)
        for controller in wanted.controllers
        for some in ([statuses] if few else [(status,) for status in statuses])
    ]
    if not parts:
        return []
    merged = union_all(*(select(part) for part in parts)).subquery()
    ordered = select(merged).order_by(merged.c.sort_on, merged.c.id).limit(limit)
    return [_line(row) for row in session.execute(ordered)]


def _line(row: Any) -> Line:
    return Line(*row)


def _part(
    wanted: Wanted,
    controller: str,
    statuses: Sequence[str],
    after: Cursor | None,
    limit: int,
    *,
    dated: bool,
) -> Any:
    status = Case.status == statuses[0] if len(statuses) == 1 else Case.status.in_(statuses)
    conditions = [Case.controller == controller, status, *_filters(wanted)]
    if dated:
        conditions.append(Case.sort_on.is_not(None))
        if wanted.due_before is not None:
            # Never later than the date it is due: this ends the stretch of the index.
            conditions.append(Case.sort_on < wanted.due_before)
        if after is not None:
            conditions.append(tuple_(Case.sort_on, Case.id) > tuple_(literal(after[0]), literal(after[1])))
    else:
        conditions.append(Case.sort_on.is_(None))
        if after is not None:
            conditions.append(Case.id > after[1])
    part = select(*COLUMNS).where(*conditions).order_by(Case.sort_on, Case.id).limit(limit)
    return part.subquery()


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.right:
        conditions.append(Case.right == wanted.right)
    if wanted.due_before is not None:
        conditions.append(Case.due_on < wanted.due_before)
    if wanted.due_from is not None:
        conditions.append(Case.due_on >= wanted.due_from)
    if wanted.assignee is not None:
        conditions.append(Case.assignee == wanted.assignee)
    if wanted.failed:
        conditions.append(Case.failed.is_(True))
    if wanted.promised:
        conditions.append(Case.promised_on.is_not(None))
    if wanted.bounced:
        conditions.append(Case.bounced.is_(True))
    if wanted.ids is not None:
        conditions.append(Case.id.in_(wanted.ids))
    return conditions


def by_references(session: Session, controllers: Sequence[str], references: Sequence[str]) -> list[Line]:
    """The cases with these numbers, or whose submission has one of them, oldest first."""
    wanted = (
        select(*COLUMNS)
        .join(Submission, Submission.id == Case.submission_id)
        .where(
            Case.controller.in_(controllers),
            or_(Case.reference.in_(references), Submission.reference.in_(references)),
        )
        .order_by(Case.id)
    )
    return [_line(row) for row in session.execute(wanted)]


def by_hashes(session: Session, hashes: Sequence[tuple[str, bytes]], limit: int = 100) -> list[Line]:
    """The cases of people who gave one of these identifiers: (controller, keyed hash)."""
    if not hashes:
        return []
    found = or_(*(and_(Identity.controller == key, Identity.lookup_hash == digest) for key, digest in hashes))
    submissions = select(Identity.submission_id).where(found)
    wanted = select(*COLUMNS).where(Case.submission_id.in_(submissions)).order_by(Case.id.desc()).limit(limit)
    return [_line(row) for row in session.execute(wanted)]


def counts(session: Session, controllers: Sequence[str], staff: int, today: date, soon: date) -> Counts:
    """The numbers of the first page, each by an index that holds hardly more than what it counts."""
    mine = [Case.controller.in_(controllers)]
    rows = session.execute(select(Case.status, func.count()).where(*mine).group_by(Case.status))
    by_status = {str(status): int(count) for status, count in rows}
    due = Case.status.in_(OPEN)
    # Not by status: the few that failed, bounced or are hers have indexes of their own.
    few = Case.status.not_in((Status.ANSWERED.value, Status.CLOSED.value))
    wanted = (
        and_(due, Case.sort_on < today, Case.due_on < today),
        and_(due, Case.sort_on <= soon, Case.due_on >= today, Case.due_on <= soon),
        and_(few, Case.assignee == staff),
        and_(Case.status != Status.CLOSED.value, Case.failed.is_(True)),
        and_(few, Case.bounced.is_(True)),
        and_(Case.status != Status.CLOSED.value, Case.promised_on.is_not(None)),
    )
    counted = [select(func.count()).where(*mine, one) for one in wanted]
    row = session.execute(select(*(one.select_from(Case).scalar_subquery() for one in counted))).one()
    return Counts(
        late=row[0],
        soon=row[1],
        mine=row[2],
        second=by_status.get(Status.SECOND.value, 0),
        waiting=by_status.get(Status.WAITING.value, 0),
        unverified=by_status.get(Status.UNVERIFIED.value, 0),
        failed=row[3],
        bounced=row[4],
        promised=row[5],
        open=sum(by_status.get(status, 0) for status in OPEN),
        by_status=by_status,
    )


def series(session: Session, controllers: Sequence[str], since: date, since_at: datetime) -> Series:
    """What the charts show, from that day on. Countries are those of the forms, one for all their cases."""
    counted = session.execute(
        select(Case.received_on, Case.right, func.count())
        .where(Case.controller.in_(controllers), Case.received_on >= since)
        .group_by(Case.received_on, Case.right)
    )
    received: Counter[date] = Counter()
    rights: Counter[str] = Counter()
    for on, right, count in counted:
        received[on] += count
        rights[right] += count
    countries = session.execute(
        select(Submission.country, func.count())
        .where(Submission.controller.in_(controllers), Submission.received_at >= since_at)
        .group_by(Submission.country)
    )
    answered = session.execute(
        select(Case.received_at, Case.answered_at).where(
            Case.controller.in_(controllers), Case.answered_at >= since_at
        )
    )
    moments = [(start, end) for start, end in answered if end is not None]
    return Series(
        received=tuple(sorted(received.items())),
        closed=tuple(sorted(Counter(end.date() for _, end in moments).items())),
        days=tuple(max((end - start).days, 0) for start, end in moments),
        rights=tuple(rights.most_common()),
        countries=tuple(Counter({str(country): int(count) for country, count in countries}).most_common()),
    )


def bounced_messages(session: Session, controllers: Sequence[str], limit: int = 20) -> list[tuple[str, str]]:
    """(reference, kind of mail) of open cases whose mail came back, could not be sent, or, being crucial,

    still waits after many tries.
    """
    rows = session.execute(
        select(Case.reference, Message.kind)
        .join(Case, Case.id == Message.case_id)
        .where(
            Message.controller.in_(controllers),
            or_(
                and_(Message.bounced_at.is_not(None), Message.state != "settled"),
                Message.state == "failed",
                and_(Message.state == "waiting", Message.crucial, Message.attempts >= MANY_TRIES),
            ),
            Case.status != Status.CLOSED.value,
        )
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return [(reference, kind) for reference, kind in rows]


def audit_page(
    session: Session,
    controller: str,
    *,
    before: int | None = None,
    kind: str = "",
    reference: str = "",
    limit: int = 50,
) -> Sequence[AuditEntry]:
    """Entries of one log, the newest first, before number ``before``."""
    wanted = select(AuditEntry).where(AuditEntry.controller == controller)
    if before is not None:
        wanted = wanted.where(AuditEntry.seq < before)
    if kind:
        wanted = wanted.where(AuditEntry.kind == kind)
    if reference:
        wanted = wanted.where(AuditEntry.reference == reference)
    return session.scalars(wanted.order_by(AuditEntry.seq.desc()).limit(limit)).all()
