"""The inventory: every place where personal data live. Places without a connector are declared here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.mail import Unsendable, check_address
from dsr.store import keys
from dsr.store.office import Place
from dsr.store.queries import office

from . import sealing
from .house import house
from .tasks.places import KIND

MOST_HOLDERS = 20
LONGEST = 500
BASES = ("consent", "contract", "legal_obligation", "vital_interest", "public_task", "legitimate_interest")
CATEGORY = re.compile(r"user(\.[a-z_]+)*")
KEY = "place-"


@dataclass(frozen=True, slots=True)
class Declared:
    """What the desk says of a place. ``categories`` of data (``user.name``); ``checklist``: where to look.

    ``owner`` answers for the place; ``holders`` (addresses) are asked, every one of them.
    """

    title: str
    owner: str
    holders: tuple[str, ...]
    categories: tuple[str, ...]
    purpose: str = ""
    basis: str = ""
    retention: str = ""
    checklist: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the inventory. ``declared`` is None where systems.toml names it; ``questions`` open."""

    key: str
    title: str
    owner: str
    holders: tuple[str, ...]
    questions: int
    retired: bool
    declared: Declared | None = None


def entries(controller: str) -> list[Entry]:
    """The places of a controller that no program reaches, retired ones last."""
    with store.reading() as session:
        open_now = office.open_questions(session, controller)
        known = {row.key: _opened(row) for row in office.places(session) if row.controller == controller}
    places = house().registry.for_controller(controller, retired=True)
    found = [_entry(one, known.get(one.key), open_now.get(one.key, 0)) for one in places if one.kind == KIND]
    return sorted(found, key=lambda one: one.retired)


def declared(controller: str, key: str) -> Declared:
    """A declared place; Refusal ``system.unknown``, also for another's and for one of systems.toml."""
    with store.reading() as session:
        return _opened(_row(office.place(session, controller, key), key))


def declare(controller: str, place: Declared, *, by: str, now: datetime) -> str:
    """A new place, asked from the next search on; returns its key. Refusals ``place.*``."""
    checked = _checked(place)
    with store.transaction() as tx:
        taken = {row.key for row in office.places(tx.session)} | {s.key for s in house().registry.systems}
        key = next(name for n in range(1, len(taken) + 2) if (name := f"{KEY}{n}") not in taken)
        sealed = sealing.seal(_key(), checked, "place")
        tx.session.add(Place(controller=controller, key=key, sealed=sealed, made_at=now, changed_at=now))
        tx.audit(controller, Kind.PLACE, actor=by, at=now, system=key, what="declared")
    refresh()
    return key


def change(controller: str, key: str, place: Declared, *, by: str, now: datetime) -> None:
    """Say something else of a place; questions already asked stay as they are."""
    checked = _checked(place)
    with store.transaction() as tx:
        row = _row(office.place(tx.session, controller, key), key)
        row.sealed, row.changed_at = sealing.seal(_key(), checked, "place"), now
        tx.audit(controller, Kind.PLACE, actor=by, at=now, system=key, what="changed")
    refresh()


def retire(controller: str, key: str, retired: bool, *, by: str, now: datetime) -> None:
    """Ask nothing new there, or ask again.

    Refusal ``place.busy`` while an open case was asked about there: its answer would be lost.
    """
    with store.transaction() as tx:
        row = _row(office.place(tx.session, controller, key), key)
        busy = office.open_cases(tx.session, controller, key) if retired else 0
        if busy:
            raise Refusal("place.busy", f"{busy} open cases were asked about there.", count=busy)
        row.retired_at, row.changed_at = (now if retired else None), now
        tx.audit(
            controller, Kind.PLACE, actor=by, at=now, system=key, what="retired" if retired else "reopened"
        )
    refresh()


def refresh() -> None:
    """Tell the registry of this process which places are declared; cheap, called before every look."""
    with store.reading() as session:
        rows = office.places(session)
        house().registry.declare([_config(row) for row in rows])


def _config(row: Place) -> SystemConfig:
    said = _opened(row)
    settings = {
        "title": said.title,
        "owner": said.owner,
        "categories": list(said.categories),
        "purpose": said.purpose,
        "basis": said.basis,
        "retention": said.retention,
        "checklist": {"all": list(said.checklist)} if said.checklist else None,
    }
    return SystemConfig(
        key=row.key,
        kind=KIND,
        title=said.title,
        controllers=(row.controller,),
        settings={name: value for name, value in settings.items() if value},
        acting=tuple(right.value for right in Right),
        holders=said.holders,
        declared=True,
        retired=row.retired_at is not None,
    )


def _entry(config: SystemConfig, declared: Declared | None, questions: int) -> Entry:
    owner = str(config.settings.get("owner", ""))
    return Entry(config.key, config.title, owner, config.holders, questions, config.retired, declared)


def _checked(place: Declared) -> Declared:
    """The place as it is kept; Refusals say which line is wrong."""
    texts = (place.title, place.owner, place.purpose, place.retention, *place.checklist)
    if not place.title.strip() or not place.owner.strip():
        raise Refusal("place.name", "Say what the place is called and who answers for it.")
    if any(len(text) > LONGEST for text in texts):
        raise Refusal("place.long", f"A line is longer than {LONGEST} characters.")
    if not place.categories or not all(CATEGORY.fullmatch(one) for one in place.categories):
        raise Refusal("place.categories", "Choose what data there are.")
    if place.basis and place.basis not in BASES:
        raise Refusal("place.basis", f"The legal basis is one of {', '.join(BASES)}.")
    return replace(
        place, title=place.title.strip(), owner=place.owner.strip(), holders=_addresses(place.holders)
    )


def _addresses(holders: Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(one.strip() for one in holders if one.strip()))
    if not 0 < len(found) <= MOST_HOLDERS:
        raise Refusal("place.holders", f"Name between one and {MOST_HOLDERS} colleagues to ask.")
    try:
        return tuple(check_address(one) for one in found)
    except Unsendable:
        raise Refusal("place.address", "One line of the colleagues is not an e-mail address.") from None


def _row(row: Place | None, key: str) -> Place:
    if row is None:
        raise Refusal("system.unknown", f"There is no place {key!r}.", system=key)
    return row


def _opened(row: Place) -> Declared:
    return sealing.unseal(_key(), row.sealed, Declared, "place")


def _key() -> bytes:
    return keys.keyring().derive("places")
