"""What happened to a case: audit entries with the words people wrote, mails, letters, uploads, tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dsr.services import sealing
from dsr.services.clocks import CLOCK_KINDS
from dsr.store.models import Case, Event
from dsr.store.operations import AuditEntry, Letter, Message, Package, Task, Upload


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline. ``words``: what somebody wrote (reason, message), ``data``: facts."""

    seq: int
    at: datetime
    kind: str
    actor: str
    data: dict[str, Any]
    words: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MessageView:
    """A mail: 'accepted' by a server is not 'received'."""

    id: int
    kind: str
    channel: str
    state: str
    crucial: bool
    attempts: int
    made_at: datetime
    accepted_at: datetime | None
    bounced_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter as sent."""

    id: int
    kind: str
    language: str
    made_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class PackageView:
    """The data handed over."""

    size: int
    sha256: str
    made_at: datetime
    read_at: datetime
    expires_at: datetime
    destroyed_at: datetime | None
    downloads: int


@dataclass(frozen=True, slots=True)
class UploadView:
    """Evidence or a scan; its name is known only when it is opened."""

    id: int
    purpose: str
    media: str
    size: int
    made_at: datetime
    destroyed_at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskView:
    """A question to a holder."""

    id: int
    system: str
    phase: str
    state: str
    asked_at: datetime
    due_on: date | None
    answered_at: datetime | None


def timeline(entries: Iterable[AuditEntry], case: Case, key: bytes | None) -> tuple[Happening, ...]:
    """The newest first. Each entry carries the words of the event that was written with it."""
    events = [event for event in case.events if event.sealed is not None or event.kind in CLOCK_KINDS]
    happened = []
    for entry in sorted(entries, key=lambda one: one.seq):
        event = next((one for one in events if _belongs(one, entry)), None)
        if event is not None:
            events.remove(event)
        happened.append(
            Happening(entry.seq, entry.at, entry.kind, entry.actor, entry.data, _words(event, key))
        )
    return tuple(reversed(happened))


def messages(rows: Sequence[Message]) -> tuple[MessageView, ...]:
    """Mails, the newest first."""
    return tuple(
        MessageView(
            m.id, m.kind, m.channel, m.state, m.crucial, m.attempts, m.made_at, m.accepted_at, m.bounced_at,
            m.answer,
        )
        for m in rows
    )  # fmt: skip


def letters(rows: Sequence[Letter]) -> tuple[LetterView, ...]:
    """Letters, the newest first."""
    return tuple(LetterView(one.id, one.kind, one.language, one.made_at, one.sha256) for one in rows)


def packages(rows: Sequence[Package]) -> tuple[PackageView, ...]:
    """Packages, the newest first."""
    return tuple(
        PackageView(p.size, p.sha256, p.made_at, p.read_at, p.expires_at, p.destroyed_at, p.downloads)
        for p in rows
    )


def uploads(rows: Sequence[Upload]) -> tuple[UploadView, ...]:
    """Uploads, the newest first."""
    return tuple(UploadView(u.id, u.purpose, u.media, u.size, u.made_at, u.destroyed_at) for u in rows)


def tasks(rows: Sequence[Task]) -> tuple[TaskView, ...]:
    """Questions to holders, the newest first."""
    return tuple(
        TaskView(t.id, t.system, t.phase, t.state, t.asked_at, t.due_on, t.answered_at) for t in rows
    )


def _belongs(event: Event, entry: AuditEntry) -> bool:
    same = event.at == entry.at and event.actor == entry.actor
    return same and (event.kind == entry.kind or event.kind in CLOCK_KINDS)


def _words(event: Event | None, key: bytes | None) -> dict[str, Any]:
    if event is None or event.sealed is None or key is None:
        return {}
    return dict(sealing.unseal(key, event.sealed, dict, "event"))
