"""Views of the queue that an officer keeps for herself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dsr import store
from dsr.domain.errors import Refusal
from dsr.store import keys
from dsr.store.office import SavedView
from dsr.store.queries import office

from . import sealing

MOST = 20
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved view: its name, and the filters as the address of the queue takes them."""

    number: int
    name: str
    filters: Mapping[str, str]


def of(staff: int) -> list[Kept]:
    """The views of one member of staff, the oldest first."""
    with store.reading() as session:
        return [_kept(row) for row in office.views(session, staff)]


def save(name: str, filters: Mapping[str, str], *, staff: int, now: datetime) -> None:
    """Keep these filters under a name; the same name replaces. Codes only: a search is never kept.

    Refusals: ``view.name`` (none, or too long), ``view.many``.
    """
    wanted = " ".join(name.split())
    if not 0 < len(wanted) <= LONGEST:
        raise Refusal("view.name", f"Give the view a name of at most {LONGEST} characters.")
    with store.transaction() as tx:
        there = office.views(tx.session, staff)
        same = next((row for row in there if _kept(row).name.casefold() == wanted.casefold()), None)
        if same is None and len(there) >= MOST:
            raise Refusal("view.many", f"{MOST} views are kept already; delete one first.")
        sealed = sealing.seal(_key(), {"name": wanted}, "view")
        if same is None:
            tx.session.add(SavedView(staff_id=staff, filters=dict(filters), sealed=sealed, made_at=now))
        else:
            same.filters, same.sealed = dict(filters), sealed


def forget(number: int, *, staff: int) -> None:
    """Delete a view of hers; another's is left alone."""
    with store.transaction() as tx:
        row = office.view(tx.session, staff, number)
        if row is not None:
            tx.session.delete(row)


def _kept(row: SavedView) -> Kept:
    return Kept(row.id, sealing.unseal(_key(), row.sealed, dict, "view")["name"], row.filters)


def _key() -> bytes:
    return keys.keyring().derive("saved views")
