"""Refusing well, and what comes instead: a fee, another addressee, a review or an answer by a person.

Nothing here happens by a rule: each is the decision of a named person, with its reasons and evidence.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.letters import AutomatedFacts, ComplaintFacts, FeeFacts, ForwardedFacts
from dsr.domain.workflow import Ending, after
from dsr.store.models import Case
from dsr.store.session import Transaction

from . import clocks, composing, holding, identity, letters, promises, timeline
from .composing import Composed
from .officers import ABUSIVE, Officer, RefusalReasons, case_for

CURRENCY = re.compile(r"[A-Z]{3}")
HIGHEST_FEE = Decimal(100_000)


def check(why: RefusalReasons, by: Officer) -> None:
    """Refusals ``refuse.reasons``, ``refuse.ground``, ``refuse.evidence`` and ``refuse.human``."""
    if not why.article.strip() or not why.facts.strip():
        raise Refusal("refuse.reasons", "Name the article and the facts; a formula is not a reason.")
    if not why.ground:
        return
    if why.ground not in ABUSIVE:
        raise Refusal("refuse.ground", f"A ground is one of: {', '.join(sorted(ABUSIVE))}.")
    if not why.evidence.strip():
        raise Refusal("refuse.evidence", "Say what shows it: dates, numbers, letters. The burden is yours.")
    if by.is_program and not why.decided_by.strip():
        raise Refusal("refuse.human", "Only a person decides this: name her.")


def refuse(reference: str, why: RefusalReasons, *, by: Officer, now: datetime) -> None:
    """Refuse as a named human decision, with both remedies in the letter (GDPR 12(4)).

    With ``why.what`` a part is refused: the case goes on, and its answer tells that part with its reasons.
    Refusals: those of ``check``; ``case.begun`` when something was done already; ``refuse.late`` after the first
    period, unless ``why.late`` says that she knows.
    """
    check(why, by)
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        move = "refuse_part" if why.what.strip() else "refuse"
        status = after(case.status, move, roles=by.roles)
        if move == "refuse":
            promises.refuse_begun(tx.session, case)
        if late(case, now) and not why.late:
            raise Refusal(
                "refuse.late", "The first period is over: a refusal is late. Confirm that you know."
            )
        drafted = composing.refusal(case, why, by=by, now=now)
        case.status, case.decided_by = status.value, by.number
        kind = Kind.PART_REFUSED if why.what.strip() else Kind.REFUSED
        timeline.record(tx, case, kind, by=by.actor, now=now, words=_words(why), ground=why.ground)
        if not why.what.strip():
            _end(tx, case, Ending.REFUSED, drafted, by, now)


def late(case: Case, now: datetime) -> bool:
    """Is the time over in which the law lets somebody refuse?"""
    limit = clocks.refusal_by(case)
    return limit is not None and composing.today(case, now) > limit


def offer_fee(reference: str, offer: FeeFacts, *, by: Officer, now: datetime) -> None:
    """Offer to go on for a reasonable fee instead of refusing; she pays, withdraws, or says why not.

    The clock stops where the law of the case knows that stop. Refusals: ``fee.amount``, ``fee.reasons``,
    ``refuse.human``.
    """
    check_fee(offer, by)
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        case.status = after(case.status, "pause", roles=by.roles).value
        drafted = composing.fee(case, offer, by=by, now=now)
        words = {"reason": offer.why, "article": offer.article, "covers": offer.covers}
        amount = f"{offer.amount} {offer.currency}"
        timeline.record(
            tx, case, Kind.FEE_OFFERED, by=by.actor, now=now, clock="fee_requested", words=words,
            ask="fee", amount=amount,
        )  # fmt: skip
        letters.send(tx, case, drafted, mail="info_requested", by=by.actor, now=now)


def check_fee(offer: FeeFacts, by: Officer) -> None:
    """Refusals of ``offer_fee`` that need no case."""
    if by.is_program:
        raise Refusal("refuse.human", "Only a person decides this.")
    if not 0 < offer.amount <= HIGHEST_FEE or not CURRENCY.fullmatch(offer.currency):
        raise Refusal("fee.amount", "Write an amount and its currency, such as 12.50 EUR.")
    if not (offer.covers.strip() and offer.why.strip() and offer.article.strip()):
        raise Refusal("fee.reasons", "Say what the fee covers, why it is asked and by which article.")


def forward(reference: str, to: ForwardedFacts, *, by: Officer, now: datetime) -> None:
    """The request is not ours to answer: note to whom it went and when, and tell the person.

    Refusals: ``forward.to`` without addressee or reason, ``forward.future``, ``case.begun``.
    """
    if not to.to.strip() or not to.why.strip():
        raise Refusal("forward.to", "Say to whom it was passed on, and why it is not yours to answer.")
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        if not case.received_on <= to.on <= composing.today(case, now):
            raise Refusal("forward.future", "The day lies between the receipt of the request and today.")
        case.status = after(case.status, "forward", roles=by.roles).value
        promises.refuse_begun(tx.session, case)
        drafted = composing.forwarded(case, to, by=by, now=now)
        words = {"reason": to.why, "to": to.to, "contact": to.contact}
        timeline.record(tx, case, Kind.FORWARDED, by=by.actor, now=now, words=words, on_day=str(to.on))
        _end(tx, case, Ending.FORWARDED, drafted, by, now)


def answer_automated(reference: str, review: AutomatedFacts, *, by: Officer, now: datetime) -> None:
    """A person reviewed an automated decision: her answer (GDPR 22(3), L13).

    Refusal ``automated.words`` when a part of it is missing.
    """
    if not all(part.strip() for part in (review.decided, review.logic, review.data, review.result)):
        raise Refusal("automated.words", "Say what was decided, how, with which data, and your result.")
    if not review.reviewer.strip() or by.is_program:
        raise Refusal("refuse.human", "Only a person reviews this: name her.")
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        identity.check_power(case.submission)
        case.status = after(case.status, "review_decision", roles=by.roles).value
        drafted = composing.automated(case, review, now=now)
        words = {"reason": review.result, "decided": review.decided, "reviewer": review.reviewer}
        timeline.record(tx, case, Kind.DECISION_REVIEWED, by=by.actor, now=now, words=words)
        _end(tx, case, Ending.DONE, drafted, by, now)


def answer_complaint(reference: str, answer: ComplaintFacts, *, by: Officer, now: datetime) -> None:
    """A person looked into a complaint: her answer (L21). Refusals ``complaint.words`` and ``complaint.none``."""
    if not all(part.strip() for part in (answer.about, answer.examined, answer.result)):
        raise Refusal("complaint.words", "Say what you looked into and what came of it.")
    if by.is_program:
        raise Refusal("refuse.human", "Only a person answers this.")
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        identity.check_power(case.submission)
        case.status = after(case.status, "answer_complaint", roles=by.roles).value
        drafted = composing.complaint(case, answer, by=by, now=now)
        words = {"reason": answer.result, "examined": answer.examined, "measures": answer.measures}
        timeline.record(tx, case, Kind.COMPLAINT_ANSWERED, by=by.actor, now=now, words=words)
        _end(tx, case, Ending.DONE, drafted, by, now)


def _end(tx: Transaction, case: Case, ending: Ending, drafted: Composed, by: Officer, now: datetime) -> None:
    """The case ends with this letter."""
    case.ending, case.decided_by, case.answered_at = ending.value, by.number, now
    holding.release(tx, case, now=now)
    letters.send(tx, case, drafted, mail="answer_ready", by=by.actor, now=now, crucial=True)


def _words(why: RefusalReasons) -> dict[str, str]:
    words = {"article": why.article, "reason": why.facts, "what": why.what, "evidence": why.evidence}
    return {name: text.strip() for name, text in words.items() if text.strip()}
