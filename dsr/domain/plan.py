"""Rules of a plan: whose records count, which is the fixed text that is approved, what may be acted on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dsr.contract import (
    Action,
    Conflict,
    Identifier,
    Item,
    Match,
    Order,
    Record,
    State,
    Step,
    Verb,
)

from . import codec
from .rights import Right, RightRule

ORDER = {Order.SUPPRESS: 0, Order.SOURCE: 1, Order.SINK: 2}
RELAY = "relay"
PATIENCE = timedelta(days=3)
"""How long the system that carries our mails is not silenced after the answer has left, so that the person can read it:
its code comes by the same way. Whoever objects has it sooner, when she reads it (GDPR 21(3): no longer processed)."""
"""The receipt of work that waits until our answer has left through the same system."""

SETTLED = frozenset({State.DONE, State.ALREADY})
AT_ONCE = frozenset({Verb.STOP, Verb.MARK})
"""What an objection may do before an officer looked (design, section 4.5)."""

RECIPIENTS = "@recipients"
"""The step of a plan that no system carries out: who is told of it. No system can have this key."""

UNACTED = frozenset({Verb.EXPORT, Verb.KEEP, Verb.TELL})
"""Verbs that change no row."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What officers said of records: accepted and rejected proposals, withheld records and fields."""

    accepted: frozenset[tuple[str, str]] = frozenset()
    rejected: frozenset[tuple[str, str]] = frozenset()
    withheld: frozenset[tuple[str, str]] = frozenset()
    redacted: frozenset[tuple[str, str, str]] = frozenset()


def intent_key(case: str, system: str, action: Action, generation: int) -> str:
    """The key of an intent: the same key always means the same work."""
    return f"{case}:{system}:{action}:{generation}"


def action_of(key: str) -> str:
    """The action that an intent was made for, from its key; '' for a key that is none of an intent."""
    parts = key.rsplit(":", 2)
    return parts[1] if len(parts) == 3 else ""


def hers(system: str, records: Iterable[Record], verdicts: Verdicts) -> tuple[Record, ...]:
    """The records that count as hers: exact ones, and proposals that an officer accepted."""

    def counts(record: Record) -> bool:
        name = (system, record.id)
        if name in verdicts.withheld or name in verdicts.rejected:
            return False
        return record.match is Match.EXACT or name in verdicts.accepted

    return tuple(record for record in records if counts(record))


def open_proposals(
    system: str, records: Iterable[Record], verdicts: Verdicts, action: Action = Action.ERASE
) -> tuple[Record, ...]:
    """Records that only propose and that nobody has decided on.

    Shared rows that her own record points to (a household, a company) are never acted on and need no
    decision; an officer may still accept one into an answer. A mention in a text is nothing to stop.
    """
    decided = verdicts.accepted | verdicts.rejected | verdicts.withheld

    def is_open(record: Record) -> bool:
        if record.match is Match.MENTIONED and action is Action.STOP:
            return False
        pointed_to = record.match is Match.SHARED and bool(record.path)
        return record.match is not Match.EXACT and not pointed_to and (system, record.id) not in decided

    return tuple(record for record in records if is_open(record))


def revealed(
    records: Iterable[Record], known: Iterable[Identifier], shared: frozenset[tuple[str, str]]
) -> tuple[Identifier, ...]:
    """Further identifiers from her exact records, without known ones and those that several share."""
    seen = {(identifier.kind, identifier.value) for identifier in known}
    fresh: dict[tuple[str, str], Identifier] = {}
    for record in records:
        if record.match is not Match.EXACT:
            continue
        for identifier in record.reveals:
            name = (identifier.kind, identifier.value)
            if name not in seen and name not in shared:
                fresh[name] = identifier
    return tuple(fresh.values())


def generation_of(key: str) -> int:
    """The generation of the plan that an intent was made for, from its key."""
    return int(key.rpartition(":")[2])


def opened(body: bytes) -> tuple[dict[str, Step], tuple[Item, ...]]:
    """A plan as it was encoded: the step of every system, and who is told (TELL items)."""
    steps = codec.loads(body, dict[str, Step])
    told = steps.pop(RECIPIENTS, None)
    return steps, told.items if told else ()


def digest(body: bytes) -> str:
    """SHA-256 over the encoded plan: verbs, counts, keys, values, kept rows, conflicts, recipients. It is approved."""
    return hashlib.sha256(body).hexdigest()


def summary(steps: Mapping[str, Step]) -> list[dict[str, Any]]:
    """Counts by system, verb and collection, free of personal data; what queues and audits show."""
    lines = []
    for system, step in sorted(steps.items()):
        totals: dict[tuple[str, str, str, date | None], int] = {}
        for item in step.items:
            name = (item.verb.value, item.collection, item.citation, item.until)
            totals[name] = totals.get(name, 0) + item.count
        for (verb, collection, citation, until), count in totals.items():
            lines.append(
                {
                    "system": system,
                    "verb": verb,
                    "collection": collection,
                    "count": count,
                    "citation": citation,
                    "until": until.isoformat() if until else "",
                }
            )
    return lines


def conflicts(steps: Mapping[str, Step]) -> tuple[tuple[str, Conflict], ...]:
    """Every conflict with its system."""
    return tuple((system, c) for system, step in sorted(steps.items()) for c in step.conflicts)


def acting(step: Step) -> bool:
    """True when the step would change or remove something."""
    return any(item.verb not in UNACTED and item.count for item in step.items)


def silences(step: Step) -> bool:
    """True when the step makes a mailing system refuse or forget the address it would have to write to."""
    return step.intent.action in (Action.STOP, Action.ERASE) and acting(step)


def at_once(rule: RightRule, channels: Sequence[str], steps: Mapping[str, Step]) -> bool:
    """May this case be acted on before review? Only objection and withdrawal, only stop and mark,

    only without conflicts, and never on grounds (Art. 21(1) needs a balance by a person).
    """
    if not rule.at_once or "grounds" in channels or not steps:
        return False
    return all(
        not step.conflicts and all(item.verb in AT_ONCE or item.verb is Verb.KEEP for item in step.items)
        for step in steps.values()
    )


def in_order(orders: Mapping[str, Order]) -> tuple[str, ...]:
    """Systems in the order of acting: suppress, sources, sinks; by name within."""
    return tuple(sorted(orders, key=lambda system: (ORDER[orders[system]], system)))


def planned(items: Iterable[Item], verb: Verb) -> int:
    """Rows that items of ``verb`` plan to touch."""
    return sum(item.count for item in items if item.verb is verb)


def verdict(states: Iterable[tuple[State, date | None]]) -> str:
    """What becomes of a case after acting, from (state, final date) per system.

    'replan': something changed under us; 'trouble': a system failed, refused or must not be touched
    yet; 'later': a system could not be reached, try again; 'answer': done, or final on a known date.
    """
    seen = list(states)
    if any(state is State.CONFLICT for state, _ in seen):
        return "replan"
    if any(state in (State.FAILED, State.WAITING) for state, _ in seen):
        return "trouble"
    if any(state is State.PENDING and final_on is None for state, final_on in seen):
        return "later"
    return "answer"


def kept_until(step: Step) -> date | None:
    """Until when an erasure keeps rows that lost fields: what was set aside of these is of no use any longer."""
    if step.intent.action is not Action.ERASE:
        return None
    return max((item.until for item in step.items if item.fields and item.until), default=None)


def reduced_in(step: Step) -> frozenset[str]:
    """The collections of which rows are kept in part."""
    return frozenset(item.collection for item in step.items if item.verb is Verb.KEEP and item.fields)


def told_as(verb: str, fields: Sequence[str]) -> str:
    """What the people are told of a verb: of ``fields`` of rows that stay it means something else."""
    return {"anonymise": "strip", "restrict": "aside"}.get(verb, verb) if fields else verb


UNMARK = "unmark"
"""What is told of a MARK that lifting takes away."""


def blocks(right: str, pack_blocks: bool) -> bool:
    """Must rows be sealed before they go? LOPDGDD 32: on rectification and erasure."""
    return pack_blocks and Right(right) in (Right.ERASURE, Right.RECTIFICATION)
