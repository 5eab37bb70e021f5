"""A case without anything personal: what programs may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dsr import store
from dsr.services import clocks
from dsr.store.models import Case, Plan, Search, Work
from dsr.store.operations import AuditEntry
from dsr.store.queries import files_of_case, people, remote


@dataclass(frozen=True, slots=True)
class Searched:
    """What one system answered."""

    system: str
    found: str
    count: int
    proposals: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """What would happen: the hash is what is approved; ``lines`` of ``domain.plan.summary``."""

    hash: str
    made_at: datetime
    conflicts: int
    proposals: int
    approved_at: datetime | None
    lines: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Done:
    """How far one system is; ``verified`` by a fresh read."""

    system: str
    state: str
    verified: str
    done_at: datetime | None
    final_on: date | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Status, dates and counts of a case."""

    reference: str
    submission: str
    right: str
    local_right: str
    status: str
    ending: str | None
    jurisdiction: str
    law: str
    received_at: datetime
    received_on: date
    due_on: date | None
    first_due_on: date | None
    target_on: date | None
    suspended_on: date | None
    answered_at: datetime | None
    closed_at: datetime | None
    failed: bool
    bounced: bool
    waits_for: str
    promised_on: date | None
    searches: tuple[Searched, ...]
    plan: Planned | None
    works: tuple[Done, ...]


def summary(reference: str, controllers: Sequence[str]) -> Summary:
    """A case of these controllers; Refusal ``case.unknown`` also for somebody else's."""
    with store.reading() as session:
        file = files_of_case.of_case(session, reference, controllers)
    case = file.case
    clock = clocks.promised(case)
    waits_for = next((one.reference for one in case.submission.cases if one.id == case.waits_for), "")
    return Summary(
        reference=case.reference,
        submission=case.submission.reference,
        right=case.right,
        local_right=case.local_right,
        status=case.status,
        ending=case.ending,
        jurisdiction=case.jurisdiction,
        law=case.pack,
        received_at=case.received_at,
        received_on=case.received_on,
        due_on=clock.due_on,
        first_due_on=clock.first_due_on,
        target_on=case.internal_on,
        suspended_on=clock.suspended_since,
        answered_at=case.answered_at,
        closed_at=case.closed_at,
        failed=case.failed,
        bounced=case.bounced,
        waits_for=waits_for,
        promised_on=case.promised_on,
        searches=tuple(_searched(one) for one in file.searches),
        plan=_planned(file.plan, file.searches) if file.plan else None,
        works=tuple(_done(one) for one in file.works),
    )


def status_of(reference: str, controllers: Sequence[str]) -> str:
    """The status of a case of these controllers; Refusal ``case.unknown``."""
    with store.reading() as session:
        return people.case(session, reference, controllers).status


def course(reference: str, controllers: Sequence[str], *, after: int, limit: int) -> tuple[AuditEntry, ...]:
    """What happened to a case after that number of the audit log, the oldest first."""
    with store.reading() as session:
        case: Case = people.case(session, reference, controllers)
        return tuple(remote.happened(session, case.controller, reference, after, limit))


def _searched(row: Search) -> Searched:
    return Searched(row.system, row.found, row.count, row.proposals, row.at)


def _planned(row: Plan, searches: Sequence[Search]) -> Planned:
    proposals = sum(one.proposals for one in searches)
    return Planned(row.hash, row.made_at, row.conflicts, proposals, row.approved_at, row.summary)


def _done(row: Work) -> Done:
    return Done(row.system, row.state, row.verified, row.done_at, row.final_on)
