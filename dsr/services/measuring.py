"""What a monitor counts and alerts on (docs/operations.md): each number, its words, its value now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dsr import store
from dsr.store.queries import batching, measures

from . import workers
from .house import house

WORDS: Mapping[str, str] = {
    "open_batches": "Batches under way",
    "stuck_batches": "Batches given up to a person in the last 24 hours",
    "queue_age_seconds": "Age of the oldest case that waits for a batch",
    "worker_seen_seconds": "Since the last beat of any worker",
    "late_cases": "Open cases after their legal date",
    "failed_cases": "Open cases that wait for a system or need attention",
    "bounced_cases": "Open cases with a mail that came back",
    "waiting_messages": "Mails not sent yet",
    "message_age_seconds": "Age of the oldest mail not sent yet",
    "failed_messages": "Mails given up, of those written in the last 24 hours",
    "bounced_messages": "Mails that came back in the last 24 hours",
    "failing_systems": "Systems in trouble that only a person can end",
    "parked_systems": "Systems that rest: silent, or out of their budget",
    "held_systems": "Systems held by the switch",
    "open_places": "Openings of systems that bear a limited number",
    "adoptions_total": "Batches tried again since the beginning: a worker died, or the work failed",
    "checkpoint_age_seconds": "Since the last digest with the audit checkpoint, the oldest of all controllers",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """``name`` without prefix."""

    name: str
    words: str
    value: float


def measures_now(*, now: datetime) -> list[Measure] | None:
    """Every number that has a value now; None when the database does not answer."""
    health = workers.health(now=now)
    if health is None:
        return None
    values: dict[str, float | None] = {
        "open_batches": health.open_batches,
        "queue_age_seconds": health.waiting_seconds or 0.0,
        "worker_seen_seconds": health.seen_seconds,
    }
    try:
        with store.reading() as session:
            values |= measures.counted(session, now.date(), now)
            values["adoptions_total"] = measures.adoptions(session)
            values["open_places"] = measures.open_places(session)
            oldest = measures.oldest_message(session)
            checkpoints = [measures.last_checkpoint(session, key) for key in house().controllers]
    except batching.DatabaseTrouble:
        return None
    values["message_age_seconds"] = (now - oldest).total_seconds() if oldest else 0.0
    ages = [(now - at).total_seconds() for at in checkpoints if at is not None]
    values["checkpoint_age_seconds"] = max(ages, default=None)
    return [
        Measure(name, words, float(values[name] or 0.0))
        for name, words in WORDS.items()
        if values[name] is not None
    ]
