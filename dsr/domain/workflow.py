"""The road of a case as one table of legal moves; buttons and checks read the same table.

    unverified -> ready -> collecting -> review -> approved -> acting -> answered -> closed

``review`` may wait for the person (``waiting``) or a second approver (``second``); ``acting`` may
come back to ``attention`` when a system failed, refused or changed under us. An answer that could not look
everywhere goes on: ``answered -> ready`` and the road once more for what was missing, or back. Objections and
withdrawals go ``collecting -> acting`` at once for exact matches (GDPR 21(3), 7(3)).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .errors import Refusal


class Status(StrEnum):
    UNVERIFIED = "unverified"
    READY = "ready"
    COLLECTING = "collecting"
    REVIEW = "review"
    WAITING = "waiting"
    SECOND = "second"
    APPROVED = "approved"
    ACTING = "acting"
    ATTENTION = "attention"
    ANSWERED = "answered"
    CLOSED = "closed"


class Role(StrEnum):
    """Who may do what. PERSON and SYSTEM are never staff; LEGAL opens the vault and holds."""

    AGENT = "agent"
    DPO = "dpo"
    AUDITOR = "auditor"
    ADMIN = "admin"
    LEGAL = "legal"
    HOLDER = "holder"
    PERSON = "person"
    SYSTEM = "system"


class Ending(StrEnum):
    """How a case ended; None while it is open."""

    DONE = "done"
    PARTLY = "partly"
    NOTHING = "nothing"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    UNVERIFIED = "unverified"
    FORWARDED = "forwarded"


S, R = Status, Role
OPEN = frozenset(S) - {S.CLOSED}
DECIDABLE = frozenset({S.REVIEW, S.WAITING, S.SECOND, S.ATTENTION})
BEFORE_ACTING = DECIDABLE | {S.UNVERIFIED, S.READY}
OFFICERS = frozenset({R.DPO})
STAFF = frozenset({R.DPO, R.AGENT})
MACHINE = frozenset({R.SYSTEM})
HOLDING = frozenset({R.DPO, R.LEGAL})


@dataclass(frozen=True, slots=True)
class Move:
    """One legal move: from any of ``sources`` to ``target`` (None: the status stays), by ``roles``."""

    name: str
    sources: frozenset[Status]
    target: Status | None
    roles: frozenset[Role]


TRANSITIONS: dict[str, Move] = {
    move.name: move
    for move in (
        Move("verify", frozenset({S.UNVERIFIED}), S.READY, frozenset({R.PERSON, R.DPO, R.AGENT, R.SYSTEM})),
        Move("collect", frozenset({S.READY, S.COLLECTING}), S.COLLECTING, MACHINE),
        Move("planned", frozenset({S.COLLECTING}), S.REVIEW, MACHINE),
        Move("at_once", frozenset({S.COLLECTING}), S.APPROVED, MACHINE),
        Move("recollect", DECIDABLE, S.READY, STAFF | MACHINE),
        Move("decide_proposal", DECIDABLE, S.READY, STAFF),
        Move("withhold", DECIDABLE, S.READY, STAFF),
        Move("approve", frozenset({S.REVIEW, S.ATTENTION}), S.APPROVED, OFFICERS),
        Move("first_approve", frozenset({S.REVIEW, S.ATTENTION}), S.SECOND, OFFICERS),
        Move("second_approve", frozenset({S.SECOND}), S.APPROVED, OFFICERS),
        Move("reject_second", frozenset({S.SECOND}), S.REVIEW, OFFICERS),
        Move("pause", frozenset({S.REVIEW, S.ATTENTION, S.UNVERIFIED}), S.WAITING, STAFF),
        Move("resume", frozenset({S.WAITING}), S.REVIEW, STAFF | {R.PERSON}),
        Move("extend", OPEN - {S.ANSWERED}, None, OFFICERS),
        Move("refuse", DECIDABLE | {S.UNVERIFIED}, S.ANSWERED, OFFICERS),
        Move("refuse_part", DECIDABLE, None, OFFICERS),
        Move("forward", BEFORE_ACTING, S.ANSWERED, OFFICERS),
        Move("review_decision", BEFORE_ACTING | {S.ANSWERED}, S.ANSWERED, OFFICERS),
        Move("answer_complaint", BEFORE_ACTING - {S.UNVERIFIED}, S.ANSWERED, OFFICERS),
        Move("file_authority", frozenset(S), None, STAFF),
        Move("answer_authority", frozenset(S), None, OFFICERS),
        Move("settle_kept", frozenset({S.ANSWERED, S.CLOSED}), None, OFFICERS),
        Move("hand_over", frozenset({S.ANSWERED, S.CLOSED}), None, STAFF),
        Move("tell_first", DECIDABLE | {S.READY, S.COLLECTING}, None, STAFF),
        Move("note_recipient", frozenset(S), None, STAFF),
        Move("confirm_power", OPEN - {S.ANSWERED}, None, OFFICERS),
        Move("cancel", BEFORE_ACTING, S.CLOSED, OFFICERS),
        Move("withdraw", BEFORE_ACTING, S.CLOSED, frozenset({R.PERSON, R.DPO, R.AGENT})),
        Move("expire", frozenset({S.UNVERIFIED}), S.CLOSED, MACHINE),
        Move("act", frozenset({S.APPROVED, S.ACTING}), S.ACTING, MACHINE),
        Move("late_copy", frozenset({S.APPROVED}), S.ATTENTION, MACHINE),
        Move("trouble", frozenset({S.ACTING, S.COLLECTING}), S.ATTENTION, MACHINE),
        Move("replan", frozenset({S.ACTING}), S.READY, MACHINE),
        Move("acted_at_once", frozenset({S.ACTING}), S.REVIEW, MACHINE),
        Move("retry", frozenset({S.ATTENTION}), S.APPROVED, STAFF | MACHINE),
        Move("answer", frozenset({S.ACTING, S.ATTENTION, S.COLLECTING}), S.ANSWERED, MACHINE | OFFICERS),
        Move("lift", frozenset({S.ANSWERED, S.CLOSED}), S.READY, OFFICERS),
        Move("go_on", frozenset({S.ANSWERED}), S.READY, STAFF | MACHINE),
        Move("still_missing", frozenset({S.COLLECTING}), S.ANSWERED, MACHINE),
        Move("settle_promise", frozenset({S.ANSWERED}), None, OFFICERS),
        Move("close", frozenset({S.ANSWERED}), S.CLOSED, MACHINE | OFFICERS),
        Move("complete", OPEN - {S.UNVERIFIED}, None, STAFF | {R.HOLDER}),
        Move("message", frozenset(S), None, STAFF | {R.PERSON}),
        Move("settle_mail", frozenset(S), None, STAFF),
        Move("correct_address", frozenset(S) - {S.UNVERIFIED}, None, OFFICERS),
        Move("note", frozenset(S), None, STAFF | {R.AUDITOR, R.LEGAL}),
        Move("assign", OPEN, None, STAFF),
        Move("hold", frozenset(S), None, HOLDING),
        Move("release", frozenset(S), None, HOLDING),
    )
}


def after(status: str, move: str, *, roles: Iterable[str]) -> Status:
    """The status after ``move``; Refusal when the table does not allow it.

    ``workflow.unknown``: no such move; ``workflow.illegal``: not from this status;
    ``workflow.role``: none of ``roles`` may.
    """
    try:
        rule = TRANSITIONS[move]
    except KeyError:
        raise Refusal("workflow.unknown", f"There is no move {move!r}.", move=move) from None
    if Status(status) not in rule.sources:
        raise Refusal(
            "workflow.illegal", f"A case that is {status!r} cannot {move!r}.", status=str(status), move=move
        )
    if not rule.roles & {Role(role) for role in roles}:
        raise Refusal("workflow.role", f"Your role may not {move!r} a case.", move=move)
    return rule.target or Status(status)


def allowed(status: str, roles: Iterable[str]) -> tuple[str, ...]:
    """The moves that these roles may make from this status: the buttons of the case page."""
    mine = {Role(role) for role in roles}
    return tuple(m.name for m in TRANSITIONS.values() if Status(status) in m.sources and m.roles & mine)
