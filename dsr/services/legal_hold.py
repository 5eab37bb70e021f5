"""Legal hold: data stay while they are needed for a claim (GDPR 17(3)(e)), with an owner and a review date.

A hold stops an erasure before anything is done, never in the middle: what runs, finishes. It also keeps
blocked rows and the file of the case from being destroyed. It counts for every erasure of the same person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dsr import store
from dsr.domain import letters as letters_of
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.organisation import Controller
from dsr.domain.rights import Right
from dsr.domain.workflow import Role, Status, after
from dsr.store import keys
from dsr.store.custody import LegalHold
from dsr.store.models import Case
from dsr.store.operations import Letter
from dsr.store.queries import holds, people, staffing, timing
from dsr.store.session import Transaction

from . import clocks, composing, letters, outbox, sealing, timeline
from .house import house
from .officers import Officer

LONGEST = 2000
EVERY_DAYS = 7
"""The owner is reminded on the review date, and every week after it."""


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """What the note of a legal hold says: the claim, who answers for it, when it is looked at again."""

    claim: str
    owner: int
    owner_address: str
    review_on: date
    set_on: date


def hold(
    reference: str, claim: str, review_on: date, *, owner: int | None = None, by: Officer, now: datetime
) -> bool:
    """Hold the data of a case, with the internal note (L20). False when its erasure is under way already.

    ``owner``: number of the member of staff who answers for the hold (default: whoever sets it).
    Refusals: ``hold.twice``, ``hold.claim``, ``hold.review`` (no day to come), ``hold.owner``, ``workflow.role``.
    """
    words = claim.strip()
    if not words or len(words) > LONGEST:
        raise Refusal("hold.claim", "Say for which claim the data are needed.")
    with store.transaction() as tx:
        case = people.case(tx.session, reference, by.controllers)
        after(case.status, "hold", roles=by.roles)
        if holds.of_case(tx.session, case.id) is not None:
            raise Refusal("hold.twice", "This case is held already; release it first.")
        if review_on <= clocks.local_day(now, house().controller(case.controller).zone):
            raise Refusal("hold.review", "The review date must lie ahead.")
        answers = owner or by.number
        _colleague(tx, case.controller, answers)
        row = LegalHold(
            controller=case.controller,
            case_id=case.id,
            owner=answers,
            review_on=review_on,
            set_by=by.number,
            set_at=now,
            sealed=sealing.seal(_key(case.controller), words, "hold"),
        )
        tx.session.add(row)
        note = letters_of.HoldFacts(
            words, staffing.addresses(tx.session, [answers]).get(answers, by.said), review_on
        )
        written = letters.row(case, composing.hold(case, note, now=now), by=by.actor, now=now)
        tx.session.add(Letter(**written))
        timeline.record(
            tx, case, Kind.HELD, by=by.actor, now=now, owner=answers, review_on=review_on.isoformat()
        )
        return case.status != Status.ACTING


def release(reference: str, *, by: Officer, now: datetime) -> None:
    """End the hold; an erasure that it stopped is planned anew by ``retry``. Refusal ``hold.none``."""
    with store.transaction() as tx:
        case = people.case(tx.session, reference, by.controllers)
        after(case.status, "release", roles=by.roles)
        row = holds.of_case(tx.session, case.id)
        if row is None:
            raise Refusal("hold.none", "This case is not held.")
        row.released_by, row.released_at, row.sealed = by.number, now, None
        timeline.record(tx, case, Kind.RELEASED, by=by.actor, now=now)


def facts(case: Case) -> HoldFacts | None:
    """What stands in the note of the hold of a case; None without one. Inside a reading or a transaction."""
    session = store.db.session()
    row = holds.of_case(session, case.id)
    if row is None:
        return None
    zone = house().controller(case.controller).zone
    return HoldFacts(
        claim=sealing.unseal(_key(case.controller), row.sealed or b"", str, "hold"),
        owner=row.owner,
        owner_address=staffing.addresses(session, [row.owner]).get(row.owner, ""),
        review_on=row.review_on,
        set_on=clocks.local_day(row.set_at, zone),
    )


def refuse_held(tx: Transaction, case: Case) -> None:
    """Refusal ``hold.active`` for an erasure of a person whose data are held."""
    if case.right == Right.ERASURE and holds.held_cases(tx.session, [case.id]):
        raise Refusal(
            "hold.active", "A legal hold keeps these data; release it first, or refuse the request."
        )


def stops(cases: Sequence[Case]) -> bool:
    """Can a hold stop one of these?"""
    return any(case.right == Right.ERASURE for case in cases)


def stop(tx: Transaction, cases: Sequence[Case], *, now: datetime) -> frozenset[int]:
    """Of these cases, none of which has begun, send erasures under a hold to an officer; their ids."""
    cases = [case for case in cases if case.right == Right.ERASURE]
    held = holds.held_cases(tx.session, [case.id for case in cases])
    for case in cases:
        if case.id not in held:
            continue
        row = tx.session.get_one(Case, case.id)
        row.status = after(row.status, "trouble", roles=[Role.SYSTEM]).value
        row.batch_id, row.wake_at, row.failed, row.auto = None, None, True, False
        timeline.record(tx, row, Kind.FAILED, by="system", now=now, why="held", held=held[case.id])
    return frozenset(held)


def remind(controller: Controller, *, now: datetime) -> int:
    """Remind owners of holds whose review date has come; how many mails."""
    today = clocks.local_day(now, controller.zone)
    with store.transaction() as tx:
        due = holds.to_review(tx.session, controller.key, today)
        names = {f"hold:{one.id}:{(today - one.review_on).days // EVERY_DAYS}": one for one in due}
        mine = timing.claim(tx.session, list(names), now)
        addresses = staffing.addresses(tx.session, [one.owner for one in due])
        for name, one in names.items():
            if name in mine:
                to = addresses.get(one.owner) or controller.contact.email
                _remind_of(tx, controller, one, to, now)
        return len(mine)


def _remind_of(tx: Transaction, controller: Controller, one: LegalHold, to: str, now: datetime) -> None:
    case = tx.session.get_one(Case, one.case_id)
    told = {
        "reference": case.reference,
        "due_on": one.review_on,
        "link": f"{house().desk_url}/cases/{case.reference}",
    }
    draft = outbox.Draft("hold_review", to, controller.language, told, controller=controller.key)
    outbox.put(tx, draft, now=now)
    tx.audit(
        controller.key,
        Kind.REMINDED,
        reference=case.reference,
        actor="system",
        at=now,
        what="hold",
        review_on=one.review_on.isoformat(),
    )


def _colleague(tx: Transaction, controller: str, number: int) -> None:
    known = staffing.of_controller(tx.session, controller)
    if known and number not in [one.id for one in known if one.active]:
        raise Refusal("hold.owner", "The owner of a hold must be a colleague of this organisation.")


def _key(controller: str) -> bytes:
    return keys.keyring().derive(f"legal-hold/{controller}")
