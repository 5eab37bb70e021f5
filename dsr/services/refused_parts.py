"""Parts of a request that officers refused or withheld: they stand in the answer, each with its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from dsr import store
from dsr.contract import ConnectorError, FieldInfo, Record
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.letters import RefusedFacts, category_words, localised
from dsr.store.models import Event
from dsr.store.queries import people, work

from . import sealing
from .house import house
from .officers import Officer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Records = tuple[Record, ...]

KINDS = (Kind.PART_REFUSED.value, Kind.WITHHELD.value, Kind.PROPOSAL.value)
TOLD = (*KINDS, Kind.DUTY_DONE.value)
"""What officers wrote that the answer repeats: refused parts, and what was done by hand (``duties``)."""


def by_case(session: Session, cases: Sequence[int]) -> dict[int, list[Event]]:
    """What the answer repeats of officers' words, by case, the oldest first: one statement for a batch."""
    found: dict[int, list[Event]] = {}
    for event in work.events(session, cases, TOLD):
        found.setdefault(event.case_id, []).append(event)
    return found


def named(reference: str, target: tuple[str, str, str], *, by: Officer, now: datetime) -> str:
    """How the letter calls a record, or a field of it: "Facturas · CRM". Refusal ``record.unknown``."""
    system, record, field = target
    with store.reading() as session:
        case = people.case(session, reference, by.controllers)
        language, key = case.submission.language, sealing.key_of(case.submission)
        rows = [s for s in work.searches(session, [case.id]) if s.system == system and s.sealed]
        found = [one for row in rows for one in sealing.unseal(key, row.sealed or b"", Records, "search")]
        controller = case.controller
    collection = next((one.collection for one in found if one.id == record), None)
    if collection is None:
        raise Refusal("record.unknown", "This record is not part of the last search.")
    try:
        described = house().registry.describe(controller, system, now=now)
    except ConnectorError:
        return " · ".join(part for part in (field, collection, system) if part)
    info = next((one for one in described.collections if one.name == collection), None)
    title = localised(info.title, language) or collection if info else collection
    labels = {one.name: _label(one, language) for one in info.fields} if info else {}
    place = localised(described.title, language)
    return " · ".join(part for part in (labels.get(field, field), title, place) if part)


def _label(info: FieldInfo, language: str) -> str:
    if info.description:
        return localised(info.description, language)
    return category_words(info.categories[0], language) if info.categories else info.name


def of(events: Iterable[Event], key: bytes) -> tuple[RefusedFacts, ...]:
    """The parts as the letter tells them; the last word on a record counts."""
    parts: dict[str, RefusedFacts] = {}
    for event in (one for one in events if one.kind in KINDS):
        words = sealing.unseal(key, event.sealed or b"", dict, "event")
        name = "/".join(str(event.data.get(part, "")) for part in ("system", "record", "field")).strip("/")
        if event.kind == Kind.PROPOSAL:
            for decided in ["/".join(one) for one in event.data.get("records", ())] or [name]:
                parts.pop(decided, None)
            continue
        reasons = " ".join(words[part] for part in ("reason", "evidence") if words.get(part))
        parts[name or f"event {event.id}"] = RefusedFacts(words["what"], words.get("article", ""), reasons)
    return tuple(parts.values())
