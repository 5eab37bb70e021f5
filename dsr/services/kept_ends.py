"""When the time is over for which an erasure kept something: an officer is told, takes it away and says how.

No program does it: the fields that named the person are gone from those rows (they were taken out or carry a
pseudonym), and what is past its time is past it for everybody in that system. What lies in the vault needs
nobody: it is destroyed on its date (``retention``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from dsr import store
from dsr.contract import Action
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.organisation import Controller
from dsr.domain.rights import Right, action_of
from dsr.domain.workflow import after
from dsr.store.models import Case, Work
from dsr.store.queries import holds, timing, work
from dsr.store.session import Transaction

from . import clocks, legal_hold, outbox, timeline
from .house import house
from .officers import Officer, case_for, said

if TYPE_CHECKING:
    from .jobs import Job

EVERY_DAYS = 7
"""Officers are reminded on the day after the last one, and every week after it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """An erasure that kept something until a day that is past."""

    reference: str
    kept_until: date


def first_end(job: Job) -> date | None:
    """The first day until which something is kept that this erasure found; as before for what gives back."""
    if job.case.right != Right.ERASURE or job.case.doing == Action.LIFT:
        return job.case.kept_until
    ends = (one for job in job.whole for system in job.outcomes for one in _kept_until(job, system))
    return min(ends, default=None)


def _kept_until(job: Job, system: str) -> Iterator[date]:
    planned = {item.id: item.until for item in job.steps[system].items}
    for done in job.outcomes[system].items:
        until = done.until or planned.get(done.item)
        if done.kept and until:
            yield until


def _ends(items: Iterable[Iterable[dict[str, str]]]) -> Iterator[date]:
    for one in (item for some in items for item in some):
        if one["kept"] and one["until"]:
            yield date.fromisoformat(one["until"])


def waiting(controllers: Sequence[str], *, today: date) -> tuple[Ended, ...]:
    """The erasures whose kept rows are past their time, the earliest first."""
    with store.reading() as session:
        rows = _over(session, controllers, today)
        return tuple(Ended(one.reference, one.kept_until) for one in rows if one.kept_until)


def _over(session: Any, controllers: Sequence[str], today: date) -> list[Case]:
    """Those past their time that no legal hold keeps."""
    rows = timing.kept_ended(session, controllers, today)
    held = holds.held_cases(session, [case.id for case in rows])
    return [case for case in rows if case.id not in held]


def is_over(case: Case, now: datetime) -> bool:
    """Is the first of these days past?"""
    return case.kept_until is not None and case.kept_until < _today(case, now)


def settle(reference: str, how: str, *, by: Officer, now: datetime) -> date | None:
    """An officer took away what was past its time and says how; the next day until which something is kept.

    What people wrote is kept while the file of the case is; the log keeps that it was done, and by whom.
    Refusals: ``kept.none`` (nothing is past its time), ``reason.*``, ``workflow.*``, ``case.own``, ``hold.active``.
    """
    words = said(how)
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        after(case.status, "settle_kept", roles=by.roles)
        if not is_over(case, now):
            raise Refusal("kept.none", "Nothing that this erasure kept is past its time.")
        legal_hold.refuse_held(tx, case)
        works = work.carried_out(work.works(tx.session, [case.id]), action_of(case.right, ""))
        ends = set(_ends(_items(works)))
        gone = sorted(one for one in ends if one < _today(case, now))
        case.kept_until = min(ends.difference(gone), default=None)
        readable = case.submission.wrapped_key is not None
        timeline.record(
            tx, case, Kind.KEPT_ENDED, by=by.actor, now=now, words=words if readable else None,
            until=str(gone[-1]) if gone else "",
        )  # fmt: skip
        return case.kept_until


def _items(works: Iterable[Work]) -> Iterable[Iterable[dict[str, str]]]:
    return (one.outcome.get("items", []) for one in works)


def remind(controller: Controller, *, now: datetime) -> int:
    """Tell the officer of erasures whose kept rows are past their time; how many mails."""
    today = clocks.local_day(now, controller.zone)
    with store.transaction() as tx:
        due = {
            f"kept:{case.id}:{case.kept_until}:{(today - case.kept_until).days // EVERY_DAYS}": case
            for case in _over(tx.session, [controller.key], today)
            if case.kept_until
        }
        mine = timing.claim(tx.session, list(due), now)
        for name in mine:
            _remind_of(tx, controller, due[name], now)
        return len(mine)


def _remind_of(tx: Transaction, controller: Controller, case: Case, now: datetime) -> None:
    facts = {
        "reference": case.reference,
        "due_on": case.kept_until,
        "link": f"{house().desk_url}/cases/{case.reference}",
    }
    to, language = controller.contact.email, controller.language
    outbox.put(tx, outbox.Draft("kept_ended", to, language, facts, controller=controller.key), now=now)
    tx.audit(
        controller.key, Kind.REMINDED, reference=case.reference, actor="system", at=now,
        what="kept", due_on=str(case.kept_until),
    )  # fmt: skip


def _today(case: Case, now: datetime) -> date:
    return clocks.local_day(now, house().controller(case.controller).zone)
