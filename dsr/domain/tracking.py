"""Who follows her e-mails: how many facts were recorded since when, and which of them without consent.

Opens, clicks and reading times are read from collections that the data map marks as tracking; consent
from the ones it names. A fact outside every interval of consent was recorded without basis: it is
counted and shown, never left out (LSSI 22.2, ePrivacy 5(3), GDPR 6(1)(a)).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from dsr.contract import CollectionInfo, ConsentInfo, Description, Row

from .letters import ConsentFacts, TrackingFacts, category_words, localised

PURPOSES = ("tracking", "seguimiento", "rastre", "acompanhamento")


@dataclass(frozen=True, slots=True)
class Interval:
    """Consent from ``start`` until ``end`` (None: not withdrawn)."""

    start: datetime
    end: datetime | None
    purpose: str
    proved_how: str = ""

    def covers(self, moment: datetime) -> bool:
        """Was consent in force at that moment? The moment of withdrawal is outside."""
        return self.start <= moment and (self.end is None or moment < self.end)


@dataclass
class Watch:
    """Collects, row by row, what one system recorded. Consent rows must pass before tracking rows."""

    description: Description
    intervals: list[Interval] = field(default_factory=list)
    count: int = 0
    outside: int = 0
    since: datetime | None = None
    collections: dict[str, CollectionInfo] = field(default_factory=dict)

    def see(self, info: CollectionInfo, row: Row) -> None:
        """Take notice of one row."""
        for consent in self.description.consents:
            if consent.collection == info.name:
                self._consent(consent, row.values)
        if info.tracking:
            self._fact(info, row.values)

    def _consent(self, consent: ConsentInfo, values: Mapping[str, Any]) -> None:
        said = consent.purpose if isinstance(consent.purpose, str) else localised(consent.purpose, "en")
        purpose = str(values.get(said, said))
        start = moment(values.get(consent.given_at))
        if start is None or not any(word in purpose.lower() for word in PURPOSES):
            return
        how = consent.proved_how if isinstance(consent.proved_how, str) else ""
        proved = str(values.get(how, how) or "")
        self.intervals.append(Interval(start, moment(values.get(consent.withdrawn_at)), purpose, proved))

    def _fact(self, info: CollectionInfo, values: Mapping[str, Any]) -> None:
        self.count += 1
        self.collections[info.name] = info
        at = moment(values.get(info.occurred_at))
        if at is None:
            return
        self.since = at if self.since is None else min(self.since, at)
        if not any(interval.covers(at) for interval in self.intervals):
            self.outside += 1

    def facts(self, language: str, how_to_stop: str) -> TrackingFacts | None:
        """What the letter says of this system; None when it recorded nothing of hers."""
        if not self.count:
            return None
        return TrackingFacts(
            tool=localised(self.description.title, language),
            recorded=recorded(self.collections.values(), language),
            since=self.since.date() if self.since else None,
            count=self.count,
            consents=tuple(
                ConsentFacts(
                    one.purpose, one.start.date(), one.end.date() if one.end else None, one.proved_how
                )
                for one in sorted(self.intervals, key=lambda one: one.start)
            ),
            how_to_stop=how_to_stop,
            outside_consent=self.outside,
        )


def _told(one: Interval) -> ConsentFacts:
    return ConsentFacts(one.purpose, one.start.date(), one.end.date() if one.end else None, one.proved_how)


def recorded(collections: Iterable[CollectionInfo], language: str) -> tuple[str, ...]:
    """The kinds of facts recorded, in words: what the fields are, or the name of the collection."""
    kinds: dict[str, None] = {}
    for info in collections:
        words = [category_words(code, language) for one in info.fields for code in one.categories]
        for word in words or [localised(info.title, language) or info.name]:
            kinds[word] = None
    return tuple(kinds)


def moment(value: Any) -> datetime | None:
    """A stored time as an aware one (no zone: UTC); None when it is not a time."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None
