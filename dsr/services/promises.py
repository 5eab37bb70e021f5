"""An answer that could not look everywhere says so and promises to go on: the promise is kept here.

A case that was answered so is looked at again when a place that was missing can be asked, by the clock or by a
person; only what is missing is searched, and a second letter says what came of it. Where it never will be, an
officer settles it with her reason, which the person is told.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.letters import LetterKind
from dsr.domain.workflow import Role, after
from dsr.store.models import Case
from dsr.store.queries import people, timing, work
from dsr.store.queries import tasks as asked
from dsr.store.session import Transaction

from . import batches, letter_facts, letters, outbox, parking, prospects, timeline
from .composing import Composed
from .house import house
from .officers import Officer, case_for, said
from .recalling import UNSEARCHED
from .tasks.places import ASKED, places

EVERY = timedelta(days=1)
"""How often a place is tried again that did not say when it may be asked, and where nobody answers."""


def open_in(case: Case) -> bool:
    """Does the answer of this case promise something that is not kept yet?"""
    return case.promise_of is not None


def refuse_open(case: Case) -> None:
    """Refusal ``promise.open``: the promise of its answer comes first."""
    if open_in(case):
        raise Refusal("promise.open", "Its answer promises to go on: do that first, or settle it.")


def refuse_begun(session: Any, case: Case) -> None:
    """Before a case is closed without an answer: Refusals ``promise.open``, ``case.begun`` when something was done."""
    refuse_open(case)
    if prospects.begun(work.works(session, [case.id]), case):
        raise Refusal(
            "case.begun",
            "Something was done for it already: it ends with an answer. Try the rest again, or withhold it.",
        )


def missing(session: Any, case: Case) -> tuple[str, ...]:
    """The systems where the answer of this case could not look."""
    rows = work.searches(session, [case.id]) if open_in(case) else ()
    mine = (one for one in rows if one.generation == case.promise_of)
    return tuple(one.system for one in mine if one.found in UNSEARCHED)


def titles(session: Any, case: Case) -> tuple[str, ...]:
    """What these systems are called; one that left the configuration by its key."""
    known = house().registry.for_controller(case.controller, retired=True)
    names = {config.key: config.title for config in known}
    return tuple(names.get(system, system) for system in missing(session, case))


def go_on(reference: str, *, by: Officer, now: datetime) -> None:
    """Look again now where the answer could not. Refusal ``promise.none`` without a promise."""
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        _refuse_none(case)
        parking.free(tx, case.controller)
        _go_on(tx, case, by.roles, now)
        timeline.record(tx, case, Kind.WENT_ON, by=by.actor, now=now)


def settle(reference: str, reason: str, *, by: Officer, now: datetime) -> None:
    """It will not be searched any more: the person is told why, and what she can do. Refusal ``promise.none``."""
    words = said(reason)
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        after(case.status, "settle_promise", roles=by.roles)
        _refuse_none(case)
        systems = list(missing(tx.session, case))
        drafted = composed(case, looked(tx.session, case), reason, by=by, now=now)
        case.promise_of, case.promised_on, case.wake_at = None, None, None
        case.failed, case.answered_at = False, now
        timeline.record(tx, case, Kind.PROMISE_SETTLED, by=by.actor, now=now, words=words, systems=systems)
        letters.send(tx, case, drafted, mail=outbox.ANSWER, by=by.actor, now=now, crucial=True)


def looked(session: Any, case: Case) -> list[letter_facts.Looked]:
    """What the places said that the answer of this case tells."""
    return [
        letter_facts.Looked(one.system, one.found, one.count, one.at, one.why)
        for one in work.searches(session, [case.id])
        if one.generation == case.promise_of
    ]


def looked_of(reference: str, *, by: Officer) -> list[letter_facts.Looked]:
    """The same, of a case of hers; Refusal ``case.unknown``."""
    with store.reading() as session:
        return looked(session, people.case(session, reference, by.controllers))


def composed(
    case: Case, seen: Sequence[letter_facts.Looked], reason: str, *, by: Officer, now: datetime
) -> Composed:
    """L22 of a promise that is settled: what was not searched and why. ``seen``: what the answer told."""
    _refuse_none(case)
    told = letter_facts.completed(case, seen, now=now) | {"promised_on": None}
    facts = letter_facts.base(case, now=now, settled=reason.strip(), decided_by=by.said, **told)
    return Composed(LetterKind.COMPLETED, facts)


def wake(*, now: datetime) -> int:
    """Go on with the answers of which a missing place can be asked now; returns how many."""
    with store.reading() as session:
        due = {case.controller for case in timing.promises(session, now)}
    if not due:
        return 0
    resting = {key: parking.known(key).parked(now=now) for key in due}
    count = 0
    with store.transaction() as tx:
        for case in timing.promises(tx.session, now):
            rests = resting.get(case.controller, {})
            again = _when(tx, case, rests, now)
            if again is None:
                _go_on(tx, case, [Role.SYSTEM], now)
                count += 1
            else:
                case.wake_at = again
    return count


def _refuse_none(case: Case) -> None:
    if not open_in(case):
        raise Refusal("promise.none", "Its answer promised nothing that is still open.")


def _go_on(tx: Transaction, case: Case, roles: Sequence[str], now: datetime) -> None:
    case.status = after(case.status, "go_on", roles=roles).value
    case.wake_at = None
    batches.make(tx, [case], "collect", now=now)


def _when(tx: Transaction, case: Case, rests: dict[str, parking.Parked], now: datetime) -> datetime | None:
    """When to look at a case again; None: one of its missing places can be asked now."""
    by_hand = {config.key for config in places(case.controller)}
    here = {config.key for config in house().registry.for_controller(case.controller)}
    wanted = [system for system in missing(tx.session, case) if system in here]
    silent = _unanswered(tx, case, by_hand)
    if any(system not in rests and system not in silent for system in wanted):
        return None
    moments = [rests[system].until for system in wanted if system in rests]
    return min([*moments, now + EVERY])


def _unanswered(tx: Transaction, case: Case, by_hand: Collection[str]) -> frozenset[str]:
    """The places worked by hand where somebody has not answered about this person yet."""
    found = asked.finds(tx.session, [case.submission_id])
    open_ones = {system for (_, system), there in found.items() if any(one.state == ASKED for one in there)}
    return frozenset(open_ones & set(by_hand))


__all__ = [
    "EVERY",
    "composed",
    "go_on",
    "looked_of",
    "missing",
    "open_in",
    "refuse_open",
    "settle",
    "titles",
    "wake",
]
