"""What is not erased, and why: papers that the law keeps with the name they are made out to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from connectors import _words
from connectors._entries import Entry, Kept
from connectors._periods import day_of, last_day, longest
from dsr.contract import Action, Conflict, Intent, KeepRule, Record

from . import words
from .folders import Folder, Held
from .kinds import (
    ADDRESSES,
    BOOKS,
    DOCUMENTS,
    EMAILS,
    ENTRIES,
    IDENTIFIERS,
    MECHANISMS,
    MENTIONED,
    MERGED,
    PAPERS,
    PARTIES,
)

if TYPE_CHECKING:
    from .entries import Parties

UNASKED = (*BOOKS, EMAILS)
NAMED_IN_BOOKS = (PARTIES, MERGED, IDENTIFIERS, ADDRESSES)
"""An invoice is made out to a name, a tax number and an address (for Spain: RD 1619/2012, article 6)."""
Found = Sequence[tuple[Record, Sequence[Entry]]]


def stays(source: Parties, intent: Intent, found: Found) -> tuple[Mapping[str, Kept], Sequence[Conflict]]:
    """Records that stay although they are hers, by id; a conflict where nobody knows for how long."""
    made: dict[str, Kept] = {}
    conflicts: list[Conflict] = []
    rule = longest(intent.keep, source.options.rules)
    for party in dict.fromkeys(int(str(record.anchor[1][0])) for record, _ in found if is_of_party(record)):
        folder = source.folder(party)
        hers = [one for one, _ in found if is_of_party(one) and one.anchor[1] == (party,)]
        books = [one for name in BOOKS for one in folder.of(name)] if folder else []
        if books and rule is None:
            title = source.place.titles[books[0].kind.name]
            conflicts.append(Conflict("unknown", books[0].kind.name, _words.unanswered(title, "rule")))
            continue
        until, lasting = _end(books, rule, intent.on)
        for record in hers:
            kept = _kept(source, record, rule if lasting else None, until)
            made |= {record.id: kept} if kept else {}
    return made, conflicts


def is_of_party(record: Record) -> bool:
    """Whether a record hangs on a party (and is no mention somewhere else)."""
    return record.path != (MENTIONED,)


def _end(books: Sequence[Held], rule: KeepRule | None, on: date | None) -> tuple[date | None, bool]:
    """(last day on which a paper must be there, whether it is still to come). Without a day: for ever."""
    dated = [one for one in books if one.kind.day]
    if rule is None or not dated:
        return None, False
    ends = [
        last_day(day, rule.period) if (day := day_of(one.values.get(one.kind.day))) else None for one in dated
    ]
    if None in ends:
        return None, True
    until = max(one for one in ends if one is not None)
    return until, until >= (on or date.min)


def _kept(source: Parties, record: Record, rule: KeepRule | None, until: date | None) -> Kept | None:
    title = source.place.titles[record.collection]
    if rule is not None and record.collection in NAMED_IN_BOOKS:
        return Kept(words.named_in_books(title, rule.citation), rule.citation, until)
    if rule is not None and (record.collection in BOOKS or record.path[:1] == (DOCUMENTS,)):
        return Kept(_words.kept_by_law(title, rule.citation), rule.citation, until)
    if record.collection == ENTRIES:
        return Kept(words.POSTED)
    return Kept(words.EMAILS_STAY) if record.collection == EMAILS else None


def obstacles(source: Parties, action: Action, entries: Sequence[Entry]) -> Iterator[Conflict]:
    """Why her records cannot be erased now, seen together."""
    if action is not Action.ERASE:
        return
    going = {(one.collection, one.key) for one in entries}
    for party in dict.fromkeys(int(str(one.anchor[1][0])) for one in entries if one.path != (MENTIONED,)):
        folder = source.folder(party)
        if folder is None or folder.is_husk:
            continue
        papers = [one for name in PAPERS for one in folder.of(name)]
        pending = [one for one in papers if one.values.get("state") not in one.kind.over]
        if pending:
            yield Conflict("pending", pending[0].kind.name, words.PENDING)
        elif any(
            (one.kind.name, (one.id,)) not in going for one in _swept(folder, (PARTIES, (party,)) in going)
        ):
            yield Conflict("whole", PARTIES, words.WHOLE)


def _swept(folder: Folder, natively: bool) -> Iterator[Held]:
    """What goes with the rest whether it was planned or not; papers that came since need the name."""
    if not natively:
        yield from folder.of(MECHANISMS)
        return
    for one in folder.all():
        if one.kind.name in PAPERS or (one.kind.name not in UNASKED and one.path[:1] != (DOCUMENTS,)):
            yield one
