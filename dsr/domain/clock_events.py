"""What happens in a case and may move its clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from .periods import LawError, local_date

OPENS = {
    "identity_requested": "identity",
    "clarification_requested": "clarification",
    "info_requested": "info",
    "fee_requested": "fee",
}
CLOSES = {
    "identity_confirmed": "identity",
    "clarification_received": "clarification",
    "info_received": "info",
    "fee_paid": "fee",
}
EXTENDS = ("extended", "execution_extended")
MARKS = ("identity_insufficient", "answered", "done", "forwarded_by_authority", "authority_answered")
CHOICES = ("option", "small_agent")
DATED = (*OPENS, *CLOSES, *EXTENDS, *MARKS)


@dataclass(frozen=True)
class Event:
    """Something that happened in a case and may move its clock.

    Dated kinds carry `on` (local date) or `at` (aware datetime, read in the zone of the pack); `option` and
    `small_agent` carry `data` instead. Raises LawError for an unknown kind or a missing part.
    """

    kind: str
    on: date | None = None
    at: datetime | None = None
    data: str = ""

    def __post_init__(self) -> None:
        if self.kind not in (*DATED, *CHOICES):
            raise LawError(f"event {self.kind!r} is unknown; known: {', '.join((*DATED, *CHOICES))}")
        if self.kind in CHOICES:
            if not self.data or self.on or self.at:
                raise LawError(f"event {self.kind} needs a value and no date, such as 'small_agent yes'")
        elif (self.on is None) == (self.at is None) or isinstance(self.on, datetime):
            raise LawError(f"event {self.kind} needs a date or a time, such as '{self.kind} 2026-02-28'")

    def local(self, zone: str) -> date:
        """The date of the event in that zone."""
        moment = self.at or self.on
        if moment is None:
            raise LawError(f"event {self.kind} has no date")
        return local_date(moment, zone)


def parse_event(text: str) -> Event:
    """Read `kind DATE`, `kind TIME`, `option name=value` or `small_agent yes`. Raises LawError."""
    kind, _, value = text.strip().partition(" ")
    value = value.strip()
    if kind not in DATED:
        return Event(kind, data=value)
    try:
        if len(value) == len("2026-01-31"):
            return Event(kind, on=date.fromisoformat(value))
        return Event(kind, at=datetime.fromisoformat(value))
    except LawError:
        raise
    except ValueError:
        raise LawError(f"event {text!r}: {value!r} is no date; write '{kind} 2026-02-28'") from None
