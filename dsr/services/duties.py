"""What no program can do for a case: an officer does it by hand, says how, and it is kept as proof.

Two kinds: what the law wants at once on receipt, in systems that cannot be marked (``receiving``); and the
guide of a right beyond the seven (automated decisions, proof of authorisation...), before it is answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.law import RightMissing, Texts
from dsr.domain.letters import HandFacts
from dsr.domain.workflow import after
from dsr.store.models import Case, Event, Work
from dsr.store.queries import people, work

from . import clocks, receiving, sealing, timeline
from .officers import Officer, refuse_own

GUIDE = "guide"
STATED = "stated"
"""How work is verified that a person says she did."""
MAX_WORDS = 10_000


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty. ``systems`` still to be done by hand; ``marked`` those done and read back or stated."""

    key: str
    words: Texts
    due_on: date | None
    source: str
    done: bool
    systems: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()


def guide_of(case: Case) -> Texts | None:
    """What must be done by hand before this right is answered; None for the rights that programs work."""
    try:
        return clocks.pack_of(case).right(case.local_right or case.right).guide
    except RightMissing:
        return None


def letter_of(case: Case) -> str | None:
    """The letter by which a person answers this right; nothing is searched or changed for it (a complaint)."""
    try:
        return clocks.pack_of(case).right(case.local_right or case.right).letter
    except RightMissing:
        return None


def of_case(case: Case, works: Iterable[Work]) -> tuple[Duty, ...]:
    """The duties of a case with what became of them; ``works`` of every generation."""
    found, rows = [], [one for one in works if one.generation == receiving.ON_RECEIPT]
    for act in receiving.acts_of(case) if rows else ():
        open_ones = tuple(one.system for one in rows if one.state in (receiving.BY_HAND, receiving.INTENDED))
        marked = tuple(one.system for one in rows if one.system not in open_ones)
        limits = clocks.others_of(case)
        due = limits.get(act.deadline)
        due_on = None if due is None or isinstance(due, str) else due.due_on
        found.append(Duty(act.deadline, act.words, due_on, act.source, not open_ones, open_ones, marked))
    guide = guide_of(case)
    if guide:
        law = clocks.pack_of(case).right(case.local_right or case.right).law
        found.append(Duty(GUIDE, guide, case.due_on, law, _told(case, GUIDE)))
    return tuple(found)


def by_hand(events: Iterable[Event], key: bytes) -> tuple[HandFacts, ...]:
    """What officers did by hand, as the letter tells it: their words and the day; ``key`` of the submission."""
    return tuple(
        HandFacts(sealing.unseal(key, one.sealed, dict, "event")["reason"], one.on)
        for one in events
        if one.kind == Kind.DUTY_DONE and one.sealed
    )


def refuse_open(case: Case) -> None:
    """Refusals ``duty.open`` while the guide of this right was not followed; ``duty.letter`` where a person
    answers it with a letter of its own.
    """
    if letter_of(case):
        raise Refusal("duty.letter", "There is no plan to approve: answer it with its own letter.")
    if guide_of(case) and not _told(case, GUIDE):
        raise Refusal("duty.open", "First do by hand what this right asks for, and say how it was done.")


def complete(reference: str, key: str, how: str, *, by: Officer, now: datetime) -> None:
    """An officer did a duty by hand and says how.

    Refusals: ``duty.unknown``, ``reason.missing``, ``reason.long``, ``workflow.*``, ``case.own``.
    """
    if not how.strip():
        raise Refusal("reason.missing", "Say how it was done, in your own words.")
    if len(how) > MAX_WORDS:
        raise Refusal("reason.long", f"That is longer than {MAX_WORDS} characters.")
    with store.transaction() as tx:
        case = people.case(tx.session, reference, by.controllers)
        refuse_own(case, by.address)
        after(case.status, "complete", roles=by.roles)
        works = work.works(tx.session, [case.id])
        duty = next((one for one in of_case(case, works) if one.key == key), None)
        if duty is None:
            raise Refusal("duty.unknown", "This case has no such duty.")
        for row in works:
            if row.generation == receiving.ON_RECEIPT and row.system in duty.systems:
                row.state, row.verified, row.done_at = receiving.DONE, row.verified or STATED, now
        words = {"reason": how.strip()}
        timeline.record(
            tx, case, Kind.DUTY_DONE, by=by.actor, now=now, words=words, duty=key, systems=list(duty.systems)
        )


def _told(case: Case, key: str) -> bool:
    return any(one.kind == Kind.DUTY_DONE and one.data.get("duty") == key for one in case.events)
