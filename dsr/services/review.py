"""What an officer decides: approve, withhold, ask, extend, cancel; every decision with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from dsr import store
from dsr.contract import Action
from dsr.domain import plan
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.rights import rule
from dsr.domain.workflow import Ending, Status, after
from dsr.store.models import Case, Decision, Plan
from dsr.store.queries import people, remote, work
from dsr.store.session import Transaction

from . import (
    aside,
    batches,
    composing,
    duties,
    holding,
    identity,
    legal_hold,
    letters,
    outcomes,
    parking,
    promises,
    prospects,
    refused_parts,
    sealing,
    timeline,
    told_first,
)
from .house import house
from .officers import Officer, Withheld, case_for, is_program, said

CLOSINGS = {"identity": "identity_confirmed", "fee": "fee_paid"}
"""The clock event that ends a question, where it is not simply the answer received."""


def approve(reference: str, plan_hash: str, *, by: Officer, now: datetime) -> Status:
    """Approve exactly the plan that was shown; erasure then waits for a second officer where four eyes rule.

    Refusals: ``plan.stale`` (another plan since), ``plan.conflicts``, ``plan.proposals`` (undecided),
    ``workflow.*``, ``case.own``.
    """
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        current = _current_plan(tx, case, plan_hash)
        if case.status == Status.REVIEW and _out_of_date(case, now):
            raise Refusal("plan.stale", "A new plan is being made; look at it first.")
        _check_approvable(tx, case, current)
        legal_hold.refuse_held(tx, case)
        second = house().policy.four_eyes and rule(case.right).second_approver
        move = "first_approve" if second else "approve"
        case.status = after(case.status, move, roles=by.roles).value
        case.decided_by, current.approved_by, current.approved_at = by.number, by.number, now
        timeline.record(tx, case, Kind.APPROVED, by=by.actor, now=now, plan=plan_hash)
        if not second:
            _release(tx, case, now)
        return Status(case.status)


def second_approve(reference: str, plan_hash: str, *, by: Officer, now: datetime) -> None:
    """The second pair of eyes. Refusal ``approve.same`` for the officer who approved first,

    and for a program when a program did: two tokens may lie in one hand.
    """
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        if _approved_already(tx, case, by):
            raise Refusal("approve.same", "The second approval must come from another person.")
        _check_approvable(tx, case, _current_plan(tx, case, plan_hash))
        legal_hold.refuse_held(tx, case)
        case.status = after(case.status, "second_approve", roles=by.roles).value
        case.seconded_by = by.number
        timeline.record(tx, case, Kind.SECONDED, by=by.actor, now=now, plan=plan_hash)
        _release(tx, case, now)


def send_back(reference: str, reason: str, *, by: Officer, now: datetime) -> None:
    """The second officer disagrees: back to review with a reason."""
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        case.status = after(case.status, "reject_second", roles=by.roles).value
        case.decided_by = None
        timeline.record(tx, case, Kind.SENT_BACK, by=by.actor, now=now, words=said(reason))


def withhold(
    reference: str,
    system: str,
    record: str,
    why: Withheld,
    *,
    by: Officer,
    now: datetime,
) -> None:
    """Leave a record (or one field of it) out of the answer and of every act; a new plan is made.

    The answer tells the part that was refused, its article and reason (GDPR 12(4)).
    """
    named = refused_parts.named(reference, (system, record, why.field), by=by, now=now)
    words = said(why.reason) | {"what": named, "article": why.article.strip()}
    kind = "redact" if why.field else "withhold"
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        case.status = after(case.status, "withhold", roles=by.roles).value
        case.auto = False
        target: dict[str, Any] = {"system": system, "record": record, "field": why.field}
        key = sealing.key_of(case.submission)
        kept = Decision(
            controller=case.controller, case_id=case.id, kind=kind, by=by.number, at=now, **target
        )
        kept.sealed = sealing.seal(key, words, "decision")
        tx.session.add(kept)
        timeline.record(tx, case, Kind.WITHHELD, by=by.actor, now=now, words=words, verdict=kind, **target)
        batches.make(tx, [case], "collect", now=now)


def pause(reference: str, text: str, *, ask: str = "info", by: Officer, now: datetime) -> None:
    """Ask the person for something without which the request cannot be answered.

    ``ask``: 'identity' (reasoned doubt), 'clarification' or 'info'. What it does to the clock is the
    law's business: only where the pack knows that question does the clock stop.
    """
    words = said(text)
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        case.status = after(case.status, "pause", roles=by.roles).value
        drafted = composing.question(case, ask, text, now=now)
        timeline.record(
            tx, case, Kind.PAUSED, by=by.actor, now=now, clock=f"{ask}_requested", words=words, ask=ask
        )
        letters.send(tx, case, drafted, mail="info_requested", by=by.actor, now=now)


def resume(reference: str, *, sufficient: bool = True, by: Officer, now: datetime) -> None:
    """The person answered. An insufficient answer to an identity question keeps the clock stopped."""
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        questions = [event.data for event in case.events if event.kind.endswith("_requested")]
        asked = questions[-1]["ask"] if questions else "info"
        if not sufficient:
            timeline.record(tx, case, Kind.NOTED, by=by.actor, now=now, clock="identity_insufficient")
            return
        closing = CLOSINGS.get(asked, f"{asked}_received")
        _resumed(tx, case, by.roles, now)
        timeline.record(tx, case, Kind.RESUMED, by=by.actor, now=now, clock=closing)


def _resumed(tx: Transaction, case: Case, roles: Sequence[str], now: datetime) -> None:
    """Where a waiting case goes on: to proof, review or, with what was learnt meanwhile, to the search."""
    status = after(case.status, "resume", roles=roles)
    if case.generation == 0:
        status = Status.READY if case.submission.verified_at else Status.UNVERIFIED
    elif _out_of_date(case, now):
        status = Status.READY
    case.status = status.value
    if status is Status.READY:
        case.wake_at = None
        batches.make(tx, [case], "collect", now=now)


def _out_of_date(case: Case, now: datetime) -> bool:
    """Something is known that the current plan does not hold: another one is due."""
    return case.wake_at is not None and case.wake_at <= now


def extend(reference: str, reasons: str, *, by: Officer, now: datetime) -> date | None:
    """Prolong once, with reasons told to the person; returns the new legal date.

    Refusals: ``extend.none`` (the law knows no extension of this right), ``extend.late`` (the first
    period is over: a late notice has no effect), ``extend.twice``, ``extend.waiting`` (it stands still).
    """
    words = said(reasons)
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        after(case.status, "extend", roles=by.roles)
        drafted = composing.extension(case, reasons, now=now)
        timeline.record(
            tx,
            case,
            Kind.EXTENDED,
            by=by.actor,
            now=now,
            clock="extended",
            words=words,
            due_on=str(drafted.facts.due_on),
        )
        letters.send(tx, case, drafted, mail="extended", by=by.actor, now=now)
        return case.due_on


def cancel(reference: str, reason: str, *, by: Officer, now: datetime) -> None:
    """Close a case that should not exist (filed twice, a test), with a reason; the person is told."""
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        _close(tx, case, "cancel", Ending.CANCELLED, by.roles, now)
        timeline.record(tx, case, Kind.CANCELLED, by=by.actor, now=now, words=said(reason))
        letters.notify(tx, case, "cancelled", {}, now=now)


def withdraw(reference: str, *, actor: str, roles: Sequence[str], now: datetime) -> None:
    """The person takes the request back before anything was done."""
    with store.transaction() as tx:
        case = people.case(tx.session, reference)
        _close(tx, case, "withdraw", Ending.WITHDRAWN, roles, now)
        timeline.record(tx, case, Kind.WITHDRAWN, by=actor, now=now)


def retry(reference: str, *, system: str = "", by: Officer, now: datetime) -> None:
    """Try again what failed: the search when something could not be searched, else the acts not settled.

    ``system``: only there; the others are not asked before ``parking.COME_BACK``. Refusals: ``retry.search``
    (a search is repeated wherever it failed), ``retry.system`` (nothing is open in that system).
    """
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        move = prospects.retry_move(tx.session, case)
        if system and move != "retry":
            raise Refusal("retry.search", "A search is tried again wherever it failed; leave the system out.")
        case.status = after(case.status, move, roles=by.roles).value
        case.wake_at = None
        _pass_others_by(tx, case, system, now)
        parking.free(tx, case.controller, system)
        chosen: dict[str, Any] = {"system": system} if system else {}
        timeline.record(tx, case, Kind.RETRIED, by=by.actor, now=now, move=move, **chosen)
        batches.make(tx, [case], "carry_out" if move == "retry" else "collect", now=now)


def _pass_others_by(tx: Transaction, case: Case, system: str, now: datetime) -> None:
    """Say in the work of each other system when it may be asked again; without a system, all may at once."""
    mine = [one for one in work.works(tx.session, [case.id]) if one.generation == case.generation]
    unsettled = [one for one in mine if one.state not in plan.SETTLED or one.verified == "left"]
    if system and system not in {one.system for one in unsettled}:
        raise Refusal("retry.system", "Nothing failed in that system: there is nothing to try again.")
    for one in unsettled:
        rest = {name: value for name, value in one.outcome.items() if name != outcomes.NOT_BEFORE}
        later = system and one.system != system
        until = {outcomes.NOT_BEFORE: (now + parking.COME_BACK).isoformat()} if later else {}
        one.outcome = rest | until


def lift(reference: str, reason: str, *, by: Officer, now: datetime) -> None:
    """Lift a restriction, or give back what an erasure set aside of kept rows: tell the person first (GDPR
    18(3)), then plan what goes back where; it is not approved before she was told (``told_first``).
    """
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        promises.refuse_open(case)
        if case.doing == Action.LIFT:
            raise Refusal("lift.twice", "This restriction is being lifted already.")
        if not prospects.liftable(tx.session, case):
            raise Refusal("lift.right", "There is nothing to lift: nothing is restricted or set aside.")
        case.status = after(case.status, "lift", roles=by.roles).value
        case.doing, case.ending, case.closed_at, case.auto = Action.LIFT.value, None, None, False
        timeline.record(tx, case, Kind.LIFTED, by=by.actor, now=now, words=said(reason))
        drafted = composing.lifting(case, reason, now=now)
        letters.send(tx, case, drafted, mail="lifting_notice", by=by.actor, now=now)
        batches.make(tx, [case], "collect", now=now)


def assign(reference: str, staff: int | None, *, by: Officer, now: datetime) -> None:
    """Give a case to a colleague, or to nobody."""
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        after(case.status, "assign", roles=by.roles)
        case.assignee = staff
        timeline.record(tx, case, Kind.REASSIGNED, by=by.actor, now=now, staff=staff)


def note(reference: str, text: str, *, by: Officer, now: datetime) -> None:
    """An internal note; the person never sees it. Refusals ``note.missing``, ``reason.long``, ``workflow.role``."""
    if not text.strip():
        raise Refusal("note.missing", "Write the note.")
    with store.transaction() as tx:
        case = case_for(tx, reference, by, own=True)
        after(case.status, "note", roles=by.roles)
        timeline.record(tx, case, Kind.NOTED, by=by.actor, now=now, words=said(text))


def message(reference: str, text: str, *, by: Officer, now: datetime) -> None:
    """A message to the person, shown on her status page; a mail tells her that it is there."""
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        after(case.status, "message", roles=by.roles)
        timeline.record(tx, case, Kind.MESSAGE, by=by.actor, now=now, words=said(text) | {"from": "officer"})
        letters.notify(tx, case, "message", {}, now=now)


def message_from_person(reference: str, text: str, *, now: datetime) -> None:
    """What the person writes to the officer; an answer to a question lets a waiting case go on."""
    with store.transaction() as tx:
        case = people.case(tx.session, reference)
        words = said(text) | {"from": "person"}
        timeline.record(tx, case, Kind.MESSAGE, by="person", now=now, words=words)


def _approved_already(tx: Transaction, case: Case, by: Officer) -> bool:
    """Was the first approval hers? Without a number in the staff table, by the name in the audit log."""
    if by.number:
        return case.decided_by == by.number
    first = remote.approver(tx.session, case.controller, case.reference)
    return first == by.actor or (by.is_program and is_program(first))


def _current_plan(tx: Transaction, case: Case, plan_hash: str) -> Plan:
    current: Plan | None = work.latest_plans(tx.session, [case.id]).get(case.id)
    if current is None or current.generation != case.generation or current.hash != plan_hash:
        raise Refusal("plan.stale", "The plan has changed since it was shown; look at the new one first.")
    return current


def _check_approvable(tx: Transaction, case: Case, current: Plan) -> None:
    if current.conflicts:
        raise Refusal("plan.conflicts", "The plan has conflicts; withhold those records or mend the system.")
    identity.check_power(case.submission)
    duties.refuse_open(case)
    aside.refuse_aside(tx.session, case)
    told_first.refuse_untold(tx.session, case)
    searches = work.searches(tx.session, [case.id])
    if any(one.proposals for one in searches if one.generation == case.generation):
        raise Refusal("plan.proposals", "Accept or reject every proposed record first.")


def _release(tx: Transaction, case: Case, now: datetime) -> None:
    """Order the work, unless an erasure must wait for the copy of the same submission."""
    if holding.must_wait(case):
        case.waits_for = holding.copy_of(case)
        return
    batches.make(tx, [case], "carry_out", now=now)


def _close(
    tx: Transaction, case: Case, move: str, ending: Ending, roles: Sequence[str], now: datetime
) -> None:
    status = after(case.status, move, roles=roles)
    promises.refuse_begun(tx.session, case)
    case.status = status.value
    case.ending, case.closed_at = ending.value, now
    case.retain_until = letters.retain_until(case, now)
    holding.release(tx, case, now=now)
