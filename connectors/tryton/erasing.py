"""Erase: Tryton's own erasure of a party (wizard ``party.erase``), and what it leaves behind.

The wizard empties name, addresses, contacts and identifiers and deletes notes and attachments of the party. It
leaves the compact form of every address and number, the name on postal addresses, and all texts and printed
copies of papers (Tryton 7.8, trytond_party/party.py: Erase.to_erase).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from connectors._entries import Entry, Moved, Refused
from connectors._people import plain
from dsr.contract import Key

from . import words
from .api import Values
from .folders import Folder, Held, cleared, stamps
from .kinds import ADDRESSES, BOOKS, HANGING, IDENTIFIERS, KINDS, MECHANISMS, PARTIES, PRINTS

if TYPE_CHECKING:
    from .entries import Parties

WIZARD = "party.erase"
GUARDED = (MECHANISMS, IDENTIFIERS)
NO_PLACE: Values = {"party_name": None, "street": None, "postal_code": None, "city": None}


def remove(source: Parties, entries: Sequence[Entry]) -> Iterator[Entry]:
    """Each entry when it is gone, party by party. Moved, Refused: nothing of this party was erased."""
    for party in dict.fromkeys(int(str(one.anchor[1][0])) for one in entries):
        some = [one for one in entries if one.anchor[1] == (party,)]
        if any(one.collection == PARTIES for one in some) and not _natively(source, party, some[0]):
            continue
        left = _loose(source, party, some)
        yield from (one for one in some if (one.collection, one.key) not in left)


def _natively(source: Parties, party: int, entry: Entry) -> bool:
    """Deactivate, which the wizard demands, look again, erase; whether the party is empty now. What Tryton
    refuses, or does not do, is active again."""
    before = _hers(source, party, entry)
    was_active = bool(before.party.values.get("active"))
    try:
        if was_active:
            source.api.write(KINDS[PARTIES].model, [party], {"active": False}, stamps([before.party]))
        _wizard(source, party, _hers(source, party, entry))
    except (Moved, Refused) as error:
        _reactivate(source, party, was_active)
        raise (error if isinstance(error, Moved) else Refused(words.REFUSED)) from None
    now = _known(source, party)
    if now is None or now.is_husk:
        return True
    _reactivate(source, party, was_active)
    return False


def _reactivate(source: Parties, party: int, was_active: bool) -> None:
    now = _known(source, party)
    if was_active and now is not None and not now.is_husk and not now.party.values.get("active"):
        source.api.write(KINDS[PARTIES].model, [party], {"active": True}, stamps([now.party]))


def _known(source: Parties, party: int) -> Folder | None:
    """The party as it is now, with what tells who it is."""
    source.forget(party)
    return source.reader.folders([party], whole=False).get(party)


def _hers(source: Parties, party: int, entry: Entry) -> Folder:
    """The party as it is now. Moved: it is not hers."""
    found = _known(source, party)
    if found is None or not is_her(found, entry):
        raise Moved
    return found


def _wizard(source: Parties, party: int, now: Folder) -> None:
    """Tryton's own erasure of the versions that were just looked at."""
    session = source.api.wizard(WIZARD)
    versions = stamps([now.party, *(one for name in GUARDED for one in now.of(name))])
    context = {"active_test": False, "language": "en", "_timestamp": versions}
    source.api.call(f"wizard.{WIZARD}.execute", session, {"ask": {"party": party}}, "erase", context)
    source.api.call(f"wizard.{WIZARD}.delete", session, {})


def _loose(source: Parties, party: int, some: Sequence[Entry]) -> set[tuple[str, Key]]:
    """Take away what is to go and is still there; give what stayed all the same. Contacts go last: they lead
    to the rest, should this be interrupted."""
    source.forget(party)
    folder = source.folder(party)
    if folder is None:
        return set()
    if not folder.is_husk and not is_her(folder, some[0]):
        raise Moved
    there: dict[tuple[str, Key], Held] = {
        (one.kind.name, (one.id,)): one for one in (folder.left() if folder.is_husk else folder.all())
    }
    rows = [there[one.collection, one.key] for one in some if (one.collection, one.key) in there]
    left = _removed(source, folder, rows)
    source.forget(party)
    return {(one.kind.name, (one.id,)) for one in left}


def is_her(folder: Folder, entry: Entry) -> bool:
    """Whether the party still holds every identifier by which the entry was found."""
    now = {(kind, plain(kind, value)) for kind, value in folder.seen}
    return {(kind, plain(kind, value)) for kind, value in entry.seen} <= now


def _removed(source: Parties, folder: Folder, rows: Sequence[Held]) -> list[Held]:
    """Rows of each kind; gives those that Tryton refused to let go."""
    left: list[Held] = []
    for name in dict.fromkeys(one.kind.name for one in rows if one.kind.name != MECHANISMS):
        left += _tried(source, [one for one in rows if one.kind.name == name])
    contacts = [one for one in rows if one.kind.name == MECHANISMS]
    return [*left, *(_contacts(source, folder, contacts) if contacts else ())]


def _tried(source: Parties, rows: Sequence[Held]) -> Sequence[Held]:
    kind, numbers = rows[0].kind, [one.id for one in rows]
    try:
        if kind.name in (*HANGING, PRINTS):
            source.api.delete(kind.model, numbers, stamps(rows))
        elif kind.name in BOOKS:
            source.api.write(kind.model, numbers, dict(cleared(kind)), stamps(rows))
        elif kind.name == ADDRESSES:
            source.api.write(kind.model, numbers, dict(NO_PLACE), stamps(rows))
        else:
            return rows
    except Refused:
        return rows
    return ()


def _contacts(source: Parties, folder: Folder, rows: Sequence[Held]) -> Sequence[Held]:
    """Of a blanked party the form that the wizard forgot; of one that stays for its papers the whole rows,
    in one write with the party, which is deactivated."""
    numbers = [one.id for one in rows]
    try:
        if folder.is_husk:
            values: Values = {"value_compact": None, "comment": None}
            source.api.write(KINDS[MECHANISMS].model, numbers, values, stamps(rows))
        else:
            values = {"active": False, "contact_mechanisms": [["delete", numbers]]}
            source.api.write(KINDS[PARTIES].model, [folder.party.id], values, stamps([folder.party, *rows]))
    except Refused:
        return rows
    return ()
