"""A complaint to the authority that it forwards: the day of its arrival starts the clock of our answer.

Spain: the AEPD hands the complaint to the data protection officer (LOPDGDD 37.2) or, without one, to the
controller (65.4), who answers within one month. It belongs to the case that it is about, open or closed; where
there is none, one is filed first as a complaint. Only where the law of the case knows that clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dsr import store
from dsr.domain import reminding
from dsr.domain.audit import Kind
from dsr.domain.deadlines import Event
from dsr.domain.errors import Refusal
from dsr.domain.law import RightMissing
from dsr.domain.organisation import Controller
from dsr.domain.workflow import Status, after
from dsr.store.models import Case
from dsr.store.queries import timing
from dsr.store.session import Transaction

from . import clocks, letters, outbox, timeline
from .house import house
from .officers import Officer, case_for, said

CLOCK = "dpo_answer"
CAME, ANSWERED = "forwarded_by_authority", "authority_answered"
LONGEST_NUMBER = 80
REMINDER = {
    "es": "Es la respuesta a {}, que remitió una reclamación.",
    "en": "It is the answer to {}, which forwarded a complaint.",
    "pt": "É a resposta a {}, que encaminhou uma reclamação.",
}


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What came from the authority: the day of its arrival here, the number of its file, what it is about."""

    on: date
    number: str
    about: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An authority that waits for our answer about a case."""

    reference: str
    right: str
    local_right: str
    due_on: date


def known(case: Case) -> bool:
    """Does the law of the case say by when a complaint that the authority forwards is answered?"""
    try:
        return CLOCK in clocks.pack_of(case).right(case.local_right or case.right).clocks
    except RightMissing:
        return False


def received(reference: str, came: Forwarded, *, by: Officer, now: datetime) -> date:
    """An officer files a complaint that the authority forwarded; the day by which it is answered.

    Refusals: ``authority.law`` (the law of the case sets no such time), ``authority.open`` (one waits for its
    answer already), ``authority.day`` (not between the receipt of the request and today), ``authority.number``,
    ``reason.missing``, ``case.forgotten``, ``workflow.*``, ``case.own``.
    """
    number, words = came.number.strip(), said(came.about)
    if not number or len(number) > LONGEST_NUMBER:
        raise Refusal(
            "authority.number", f"Write the number of its file, {LONGEST_NUMBER} characters at most."
        )
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        after(case.status, "file_authority", roles=by.roles)
        _check(case, came.on, now)
        due_on = _due(case, came.on)
        words |= {"number": number}
        timeline.record(
            tx, case, Kind.AUTHORITY_CAME, by=by.actor, now=now, clock=CAME, on=came.on, words=words,
            on_day=str(came.on), due_on=str(due_on),
        )  # fmt: skip
        case.authority_due_on = due_on
        return due_on


def answered(reference: str, how: str, *, by: Officer, now: datetime) -> None:
    """An officer answered the authority and says how; the file is kept anew from today.

    Refusals: ``authority.none``, ``reason.*``, ``workflow.*``, ``case.own``.
    """
    words = said(how)
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        after(case.status, "answer_authority", roles=by.roles)
        if case.authority_due_on is None:
            raise Refusal("authority.none", "No authority waits for an answer about this case.")
        late = clocks.local_day(now, _zone(case)) > case.authority_due_on
        timeline.record(
            tx, case, Kind.AUTHORITY_ANSWERED, by=by.actor, now=now, clock=ANSWERED, words=words, late=late
        )
        case.authority_due_on = None
        if case.status == Status.CLOSED:
            kept = letters.retain_until(case, now)
            case.retain_until = max(case.retain_until or kept, kept)


def waiting(controllers: Sequence[str]) -> tuple[Waiting, ...]:
    """The cases about which an authority waits, the earliest first."""
    with store.reading() as session:
        rows = timing.authorities(session, controllers)
        return tuple(
            Waiting(one.reference, one.right, one.local_right, one.authority_due_on)
            for one in rows
            if one.authority_due_on
        )


def remind(controller: Controller, *, now: datetime) -> int:
    """Remind of answers that an authority waits for, by the same stages as of other dates; how many."""
    today = clocks.local_day(now, controller.zone)
    with store.transaction() as tx:
        due = {
            f"authority:{case.id}:{case.authority_due_on}:{stage}": case
            for case in timing.authorities(tx.session, [controller.key])
            if case.authority_due_on and (stage := _stage(case, case.authority_due_on, today))
        }
        mine = timing.claim(tx.session, list(due), now)
        for name in mine:
            _remind_of(tx, controller, due[name], today, now)
        return len(mine)


def _check(case: Case, on: date, now: datetime) -> None:
    if case.submission.wrapped_key is None:
        raise Refusal("case.forgotten", "What was kept about this person was destroyed.")
    if not known(case):
        raise Refusal("authority.law", "The law of this case sets no time for the answer to an authority.")
    if case.authority_due_on is not None:
        raise Refusal("authority.open", "An authority waits for an answer about this case already.")
    if not case.received_on <= on <= clocks.local_day(now, _zone(case)):
        raise Refusal("authority.day", "The day lies between the receipt of the request and today.")


def _due(case: Case, on: date) -> date:
    due_on = clocks.forwarded_until(case, Event(CAME, on=on))
    if due_on is None:
        raise Refusal("authority.law", "The law of this case sets no time for the answer to an authority.")
    return due_on


def _stage(case: Case, due_on: date, today: date) -> str | None:
    came = max((event.on for event in case.events if event.kind == CAME), default=case.received_on)
    return reminding.stage(came, due_on, today)


def _remind_of(tx: Transaction, controller: Controller, case: Case, today: date, now: datetime) -> None:
    due_on = case.authority_due_on or today
    language = controller.language
    facts = {
        "reference": case.reference,
        "due_on": due_on,
        "days_left": (due_on - today).days,
        "text": REMINDER[language].format(clocks.pack_of(case).authority.name),
        "link": f"{house().desk_url}/cases/{case.reference}",
    }
    recipients = {"officer_reminder": controller.contact.email}
    if due_on < today and controller.escalation:
        recipients["escalation"] = controller.escalation
    for kind, to in recipients.items():
        draft = outbox.Draft(kind, to, language, facts, controller=controller.key)
        outbox.put(tx, draft, now=now)
    tx.audit(
        controller.key, Kind.REMINDED, reference=case.reference, actor="system", at=now,
        what="authority", due_on=str(due_on),
    )  # fmt: skip


def _zone(case: Case) -> str:
    return house().controller(case.controller).zone
