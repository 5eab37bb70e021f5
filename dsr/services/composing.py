"""Which letter each decision sends, and the facts it is written from.

Sending and the preview at the desk both take them from here, so that what an officer sees before is what
goes out after.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from dsr.domain.deadlines import Event as ClockEvent
from dsr.domain.errors import Refusal
from dsr.domain.letters import (
    AutomatedFacts,
    ComplaintFacts,
    FeeFacts,
    ForwardedFacts,
    HandFacts,
    HoldFacts,
    LetterFacts,
    LetterKind,
    RefusedFacts,
)
from dsr.store.models import Case

from . import clocks, duties, letter_facts, prospects, sealing
from .house import house
from .officers import Officer, RefusalReasons

QUESTIONS = {
    "identity": LetterKind.IDENTITY,
    "clarification": LetterKind.CLARIFICATION,
    "info": LetterKind.CLARIFICATION,
}
"""What can be asked of the person, and the letter that asks."""

WHOLE = {"es": "Toda la solicitud", "en": "The whole request", "pt": "Todo o pedido"}


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter to be sent: its kind and its facts."""

    kind: LetterKind
    facts: LetterFacts


def today(case: Case, now: datetime) -> date:
    """The day of a moment where the controller of a case is."""
    return clocks.local_day(now, house().controller(case.controller).zone)


def acknowledgement(case: Case, *, now: datetime) -> Composed:
    """L1, with what the law of the case says of its cost."""
    free = clocks.pack_of(case).free.words.of(case.submission.language)
    facts = letter_facts.base(case, now=now, free=free, by_person=bool(duties.letter_of(case)))
    return Composed(LetterKind.ACKNOWLEDGEMENT, facts)


def question(case: Case, ask: str, text: str, *, now: datetime) -> Composed:
    """L2 or L3, with what the question does to the clock. Refusal ``pause.kind``."""
    if ask not in QUESTIONS:
        raise Refusal("pause.kind", f"Ask for one of: {', '.join(QUESTIONS)}.")
    asked = ClockEvent(f"{ask}_requested", on=today(case, now))
    facts = letter_facts.base(case, now=now, doubt=text, unclear=text, needed=(text,), areas=(text,))
    return Composed(QUESTIONS[ask], _with_clock(case, facts, asked))


def extension(case: Case, reasons: str, *, now: datetime) -> Composed:
    """L4. Refusals ``extend.twice``, ``extend.late``, ``extend.waiting`` and ``extend.none`` when the law does not
    allow it.
    """
    then = prospects.extended(case, now=now)
    facts = letter_facts.base(case, now=now, reasons=(reasons,))
    return Composed(LetterKind.EXTENSION, replace(facts, due_on=then.due_on))


def refusal(case: Case, why: RefusalReasons, *, by: Officer, now: datetime) -> Composed:
    """L14 of the whole request, or L16 when the person cannot be identified (GDPR 11(2))."""
    kind = LetterKind.NOT_IDENTIFIED if why.not_identified else LetterKind.REFUSED
    facts = letter_facts.base(
        case,
        now=now,
        refused=(refused(why, WHOLE.get(case.submission.language, WHOLE["en"])),),
        needed=(why.helps.strip(),) if why.helps.strip() else (),
        decided_by=why.decided_by or by.said,
        by_hand=_by_hand(case),
    )
    return Composed(kind, replace(facts, first_due_on=clocks.refusal_by(case)))


def refused(why: RefusalReasons, what: str) -> RefusedFacts:
    """One refused part: article, facts and the evidence they rest on."""
    reasons = " ".join(part.strip() for part in (why.facts, why.evidence) if part.strip())
    return RefusedFacts(what=why.what.strip() or what, article=why.article, reasons=reasons)


def fee(case: Case, offer: FeeFacts, *, by: Officer, now: datetime) -> Composed:
    """The offer of a fee instead of a refusal (GDPR 12(5)(a))."""
    facts = letter_facts.base(case, now=now, fee=offer, decided_by=by.said)
    return Composed(
        LetterKind.FEE, _with_clock(case, facts, ClockEvent("fee_requested", on=today(case, now)))
    )


def forwarded(case: Case, to: ForwardedFacts, *, by: Officer, now: datetime) -> Composed:
    """L18."""
    return Composed(LetterKind.FORWARDED, letter_facts.base(case, now=now, forwarded=to, decided_by=by.said))


def automated(case: Case, review: AutomatedFacts, *, now: datetime) -> Composed:
    """L13."""
    facts = letter_facts.base(case, now=now, automated=review, by_hand=_by_hand(case))
    return Composed(LetterKind.AUTOMATED, facts)


def complaint(case: Case, answer: ComplaintFacts, *, by: Officer, now: datetime) -> Composed:
    """L21. Refusal ``complaint.none`` for a case that is none."""
    if duties.letter_of(case) != LetterKind.COMPLAINT:
        raise Refusal("complaint.none", "This case is no complaint.")
    facts = letter_facts.base(case, now=now, complaint=answer, decided_by=by.said)
    ours = replace(facts.authority, prior_step="")  # this letter ends that step
    return Composed(LetterKind.COMPLAINT, replace(facts, authority=ours))


def hold(case: Case, note: HoldFacts, *, now: datetime) -> Composed:
    """L20, which never leaves the house."""
    return Composed(LetterKind.LEGAL_HOLD, letter_facts.base(case, now=now, hold=note))


def lifting(case: Case, reason: str, *, now: datetime) -> Composed:
    """L9."""
    facts = letter_facts.base(case, now=now, lift_on=today(case, now), lift_result=reason)
    return Composed(LetterKind.LIFTING, facts)


def _by_hand(case: Case) -> tuple[HandFacts, ...]:
    return duties.by_hand(case.events, sealing.key_of(case.submission))


def _with_clock(case: Case, facts: LetterFacts, asked: ClockEvent) -> LetterFacts:
    """What the clock says once ``asked`` stands in the case, and until when the law lets her answer."""
    then = clocks.if_happened(case, asked)
    answer_by = clocks.own(case, "person_answer", more=[asked])
    return replace(facts, due_on=then.due_on, paused_on=then.suspended_since, answer_by=answer_by)
