"""What happens by itself: reminders, expiry, waking, closing, the morning digest.

The scheduler only says 'look now'. Each tick claims what it is about to say by inserting a slot, in the
same transaction as the message, so that several processes and repeats say it exactly once; all that is
due is looked for, so that an outage is caught up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dsr import documents, store
from dsr.domain import reminding
from dsr.domain.audit import Kind
from dsr.domain.letters import LetterKind
from dsr.domain.organisation import Controller
from dsr.domain.rights import NAMES, Right
from dsr.domain.workflow import Ending, Role, Status, after
from dsr.store.models import Case, Submission
from dsr.store.queries import timing
from dsr.store.session import Transaction

from . import (
    authority,
    batches,
    clocks,
    drafts,
    holding,
    kept_ends,
    legal_hold,
    letter_facts,
    letters,
    outbox,
    promises,
    receiving,
    rechecking,
    relaying,
    retention,
    returning,
    survey,
    tasks,
    timeline,
)
from .composing import Composed
from .house import house

IDENTITY_REMINDERS = (3, 10)
"""Days after filing on which a person is reminded to confirm who she is."""

DIGEST_AT = time(8, 0)
SURVEY = {
    "es": "Preguntas del inventario por responder: {}",
    "en": "Questions of the inventory survey to answer: {}",
    "pt": "Perguntas do inventário por responder: {}",
}
CLOSE_AFTER_DAYS = 14
COPY_MARGIN_DAYS = 2


@dataclass(frozen=True, slots=True)
class Due:
    """A case whose legal date is near or past."""

    reference: str
    right: str
    due_on: date


def tick(*, now: datetime) -> None:
    """Everything that is due now, each part in a transaction of its own."""
    for controller in house().controllers.values():
        remind_officers(controller, now=now)
        remind_people(controller, now=now)
        digest(controller, now=now)
        legal_hold.remind(controller, now=now)
        authority.remind(controller, now=now)
        kept_ends.remind(controller, now=now)
    wake(now=now)
    promises.wake(now=now)
    unblock_erasures(now=now)
    close_answered(now=now)
    retention.destroy_packages(now=now)
    retention.daily(now=now)
    drafts.sweep(now=now)
    relaying.catch_up(now=now)
    returning.tick(now=now)
    rechecking.recheck(now=now)
    receiving.release(now=now)
    tasks.remind(now=now)


def remind_officers(controller: Controller, *, now: datetime) -> int:
    """One mail with every case that reached a stage since the last look; returns how many cases."""
    today = clocks.local_day(now, controller.zone)
    with store.transaction() as tx:
        due = timing.nearly_due(tx.session, controller.key, today + timedelta(days=max(reminding.STAGES)))
        stages = {
            f"remind:{case_id}:{due_on}:{name}": (reference, right, due_on)
            for case_id, reference, right, received_on, due_on in due
            if (name := reminding.stage(received_on, due_on, today))
        }
        mine = timing.claim(tx.session, list(stages), now)
        lines = [Due(*stages[name]) for name in stages if name in mine]
        if not lines:
            return 0
        for line in lines:
            _remind_of(tx, controller, line, today, now)
        return len(lines)


def remind_people(controller: Controller, *, now: datetime) -> None:
    """Remind people who did not confirm who they are; close what nobody confirmed in time."""
    limit = house().policy.identity_days
    with store.transaction() as tx:
        waiting = timing.unproved(tx.session, controller.key, now - timedelta(days=min(IDENTITY_REMINDERS)))
        for submission in waiting:
            days = (now - submission.created_at).days
            if days >= limit:
                _expire(tx, submission, now)
                continue
            passed = max(day for day in IDENTITY_REMINDERS if day <= days)
            if timing.claim(tx.session, [f"identity:{submission.id}:{passed}"], now):
                _remind_person(tx, submission, limit, now)


def digest(controller: Controller, *, now: datetime) -> bool:
    """One mail a morning: what is late, due and waiting, and the audit checkpoint. True when it was ours."""
    local = now.astimezone(ZoneInfo(controller.zone))
    if local.time() < DIGEST_AT:
        return False
    today = local.date()
    slot = f"digest:{controller.key}:{today}"
    with store.reading() as session:
        if timing.claimed(session, slot):
            return False
        due = timing.nearly_due(session, controller.key, today + timedelta(days=7))
        lines = [(reference, right, due_on) for _, reference, right, _, due_on in due]
    with store.transaction() as tx:
        if timing.claim(tx.session, [f"checkpoint:{controller.key}:{today}"], now):
            tx.audit(controller.key, Kind.CHECKPOINT, actor="system", at=now, day=str(today))
    note = store.audit.checkpoint(controller.key, now)
    told = tuple(_line(controller.language, *line) for line in lines)
    facts = {"lines": (*told, *_survey_line(controller, local, now)), "checkpoint": note}
    with store.transaction() as tx:
        # Claimed with the mail: a process that ends before it leaves the digest to the next look.
        if not timing.claim(tx.session, [slot], now):
            return False
        to = controller.contact.email
        draft = outbox.Draft("officer_digest", to, controller.language, facts, controller=controller.key)
        outbox.put(tx, draft, now=now)
    return True


def wake(*, now: datetime) -> None:
    """Try again what could not be reached, when its moment has come."""
    with store.transaction() as tx:
        searches: list[Case] = []
        acts: list[Case] = []
        for case in timing.to_wake(tx.session, now):
            move = "retry" if case.status == Status.ATTENTION else "recollect"
            case.status = after(case.status, move, roles=[Role.SYSTEM]).value
            case.wake_at = None
            (acts if move == "retry" else searches).append(case)
        for phase, woken in (("collect", searches), ("carry_out", acts)):
            most = house().policy.open_batches
            for case in woken[:most]:  # alone: what did not fit into a budget together fits one by one
                batches.make(tx, [case], phase, now=now)
            if woken[most:]:
                batches.make(tx, woken[most:], phase, now=now)


def unblock_erasures(*, now: datetime) -> None:
    """An erasure that waits for a copy goes before an officer when its own date comes near."""
    with store.transaction() as tx:
        margin = now.date() + timedelta(days=COPY_MARGIN_DAYS)
        for case in timing.waiting_for_copy(tx.session, margin):
            holding.before_an_officer(tx, case, "the copy is not delivered yet", now=now)


def close_answered(*, now: datetime) -> None:
    """Close what was answered, promises nothing more and was left alone; its file is kept for the retention
    period from now.
    """
    with store.transaction() as tx:
        for case in timing.answered_before(tx.session, now - timedelta(days=CLOSE_AFTER_DAYS)):
            case.status = after(case.status, "close", roles=[Role.SYSTEM]).value
            case.closed_at, case.retain_until = now, letters.retain_until(case, now)
            timeline.record(tx, case, Kind.CLOSED, by="system", now=now)


def _remind_of(tx: Transaction, controller: Controller, due: Due, today: date, now: datetime) -> None:
    facts = {
        "reference": due.reference,
        "due_on": due.due_on,
        "days_left": (due.due_on - today).days,
        "link": f"{house().desk_url}/cases/{due.reference}",
    }
    recipients = {"officer_reminder": controller.contact.email}
    if due.due_on < today and controller.escalation:
        recipients["escalation"] = controller.escalation
    for kind, to in recipients.items():
        draft = outbox.Draft(kind, to, controller.language, facts, controller=controller.key)
        outbox.put(tx, draft, now=now)
    tx.audit(
        controller.key,
        Kind.REMINDED,
        reference=due.reference,
        actor="system",
        at=now,
        due_on=str(due.due_on),
    )


def _line(language: str, reference: str, right: str, due_on: date) -> str:
    name = NAMES[Right(right)].get(language, right)
    return f"{reference} · {name} · {documents.day_words(due_on, language)}"


def _survey_line(controller: Controller, local: datetime, now: datetime) -> tuple[str, ...]:
    """On Mondays: how many questions of the inventory survey are to be answered."""
    asked = survey.due(controller.key, now=now) if local.weekday() == 0 else 0
    return (SURVEY[controller.language].format(asked),) if asked else ()


def _remind_person(tx: Transaction, submission: Submission, limit: int, now: datetime) -> None:
    until = submission.created_at + timedelta(days=limit)
    for address in letters.addresses(submission):
        facts = {"expires_on": until.date()}
        draft = outbox.Draft(
            kind="reminder_identity",
            to=address,
            language=submission.language,
            facts=facts,
            submission=submission,
        )
        outbox.put(tx, draft, now=now)


def _expire(tx: Transaction, submission: Submission, now: datetime) -> None:
    for case in submission.cases:
        if case.status != Status.UNVERIFIED:
            continue
        case.status = after(case.status, "expire", roles=[Role.SYSTEM]).value
        case.ending, case.closed_at = Ending.UNVERIFIED.value, now
        case.retain_until = letters.retain_until(case, now)
        asked = (clocks.local_day(submission.created_at, house().controller(case.controller).zone),)
        facts = letter_facts.base(case, now=now, asked_on=asked)
        drafted = Composed(LetterKind.CLOSING, facts)
        letters.send(tx, case, drafted, mail="expired", by="system", now=now)
        timeline.record(tx, case, Kind.EXPIRED, by="system", now=now)
