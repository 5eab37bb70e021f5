"""Cards of people in address books, and the groups that list them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors import _words
from connectors._entries import Entry, Moved, NothingStays, Place
from connectors._entries.locating import same
from connectors._entries.planning import values_of
from connectors._map.matching import covers
from connectors._people import Asked, plain
from dsr.contract import Action, Change, Conflict, Identifier, Intent, Match, Record, Row

from . import words
from .api import Api
from .card import Card, Line, escaped
from .card import plain as unescaped
from .describing import FIELDS

CARDS, GROUPS = "cards", "groups"
NAMED, MENTIONED = "named", "mentioned"
STRUCTURED = ("adr", "n", "org")
LONGEST = 4000


class Books(NothingStays):
    """Implements ``Entries`` for the address books of one place."""

    def __init__(self, api: Api, place: Place) -> None:
        self.api, self.place = api, place
        self._known: dict[str, Card] | None = None

    def cards(self) -> Mapping[str, Card]:
        """All cards by their place, asked for once in a call and then card by card."""
        if self._known is None:
            self._known = {card.href: card for book in self.api.books() for card in self.api.cards(book.path)}
        return self._known

    def fresh(self, card: Card) -> Card | None:
        """The card as it is now, None when it is gone."""
        now = self.api.card(card.book, card.href)
        known = dict(self.cards())
        known.pop(card.href, None)
        self._known = known | ({card.href: now} if now else {})
        return now

    def find(self, asked: Asked) -> Iterator[Entry]:
        """Every card is compared in our own code: servers search parts of words, and phones in their own way."""
        people = [card for card in self.cards().values() if not card.is_group]
        holders: dict[str, set[str]] = {}
        for card in people:
            for kind, value in card.seen:
                holders.setdefault(plain(kind, value), set()).add(card.called)
        for card in people:
            if any(asked.who(kind, value) for kind, value in card.seen):
                entry = self._entry(card, self._match(card, asked, holders))
                yield entry
                yield from self._namings(entry, card.uid)
            else:
                yield from (self._mention(card, one) for one in asked.mentioned(card.texts))

    def known(self) -> Iterator[tuple[str, str]]:
        """The identifiers of every card."""
        for _, card in sorted(self.cards().items()):
            yield from () if card.is_group else card.seen

    def _mention(self, card: Card, address: tuple[str, str]) -> Entry:
        """Somebody else's card with her address in a note: a person looks, and nothing is done to it."""
        return Entry(
            collection=CARDS,
            key=(card.book, card.uid),
            anchor=(CARDS, (card.book, card.uid)),
            seen=(address,),
            path=(MENTIONED,),
            group=plain(*address),
            why=_words.mentioned(words.TITLES[CARDS]),
            match=Match.MENTIONED,
            others=1,
            held=card,
        )

    def _match(self, card: Card, asked: Asked, holders: Mapping[str, set[str]]) -> Match:
        """A card with an address that also stands in a card of another name is not surely one person's."""
        others = [v for kind, v in card.seen if kind == "email" and not asked.who(kind, v)]
        if any(holders[plain("email", one)] - {card.called} for one in others):
            return Match.SHARED
        return Match.EXACT if card.is_person else Match.PROPOSED

    def _entry(self, card: Card, match: Match) -> Entry:
        why = {
            Match.EXACT: _words.direct(words.TITLES[CARDS], tuple(kind for kind, _ in card.seen)),
            Match.SHARED: words.SOMEBODY_TOO,
        }.get(match, words.NO_PERSON)
        return Entry(
            collection=CARDS,
            key=(card.book, card.uid),
            anchor=(CARDS, (card.book, card.uid)),
            seen=card.seen,
            why=why,
            match=match,
            reveals=tuple(Identifier(kind, value) for kind, value in card.seen),
            held=card,
        )

    def _namings(self, owner: Entry, uid: str) -> Iterator[Entry]:
        """The lines of groups that name a card, by its identifier or by an address of hers."""
        emails = {plain("email", value) for kind, value in owner.seen if kind == "email"}
        for group in [one for one in self.cards().values() if one.is_group and one.book == owner.key[0]]:
            for line, named in group.members():
                if named == uid or plain("email", named) in emails:
                    yield self._naming(owner, uid, group, line)

    def _naming(self, owner: Entry, uid: str, group: Card, line: Line) -> Entry:
        return Entry(
            collection=GROUPS,
            key=(group.book, group.uid, line.value.strip()),
            anchor=owner.anchor,
            path=(NAMED, uid),
            seen=owner.seen,
            why=words.NAMED,
            match=owner.match,
            held=(group, line),
        )

    def reach(self, record: Record) -> list[Entry]:
        """What the record names now; nothing that is somebody else's."""
        card = self._anchor(record)
        if record.path == (MENTIONED,):
            still = card is not None and set(record.seen) & set(card.mentions)
            return [self._mention(card, record.seen[0])] if card is not None and still else []
        if card is not None and not same(card.seen, record):
            return []
        book, uid = str(record.anchor[1][0]), str(record.anchor[1][1])
        if record.collection == GROUPS:
            owner = Entry(CARDS, (book, uid), record.anchor, record.seen, "", match=record.match)
            named = {one.held[0].href: one.held[0] for one in self._namings(owner, uid)}
            for group in named.values():
                self.fresh(group)
            return list(self._namings(owner, uid))
        return [self._entry(card, record.match)] if card is not None else []

    def _anchor(self, record: Record) -> Card | None:
        """The card of a record as it is now."""
        found = self._by_uid(str(record.anchor[1][0]), str(record.anchor[1][1]))
        return self.fresh(found) if found else None

    def _by_uid(self, book: str, uid: str) -> Card | None:
        cards = (one for one in self.cards().values() if one.book == book and not one.is_group)
        return next((one for one in cards if one.uid == uid), None)

    def moved(self, record: Record) -> bool:
        """The card is there with another identity."""
        card = self._anchor(record)
        return card is not None and not same(card.seen, record)

    def row(self, entry: Entry, *, whole: bool) -> Row:
        """The properties and the whole card; a note may tell of others, and the card holds it too."""
        if entry.collection == GROUPS:
            group, line = entry.held
            values: dict[str, Any] = {"group": group.first("FN"), "member": line.value.strip()}
            more = {"line": group.raw(line), "before": group.before(line), "href": group.href}
            return Row(entry.collection, entry.key, values | (more if whole else {}))
        card: Card = entry.held
        values = {**card.values(), "vcard": card.text} | ({"href": card.href} if whole else {})
        if entry.path == (MENTIONED,):
            return Row(entry.collection, entry.key, values, tuple(values))
        return Row(entry.collection, entry.key, values, ("note", "vcard") if "note" in values else ())

    def obstacles(self, action: Action, entries: Sequence[Entry]) -> Iterator[Conflict]:
        """None: a group may be empty."""
        return iter(())

    def remove(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Out of the groups first; a stop in the middle leaves the card that leads to the rest."""
        for entry in (one for one in entries if one.collection == GROUPS):
            if self._leave(*entry.held):
                yield entry
        for entry in (one for one in entries if one.collection == CARDS):
            card = self.fresh(entry.held)
            if card is not None and card.seen != entry.held.seen:
                raise Moved
            if card is not None and self.api.delete(card.href, card.etag):
                yield entry

    def _leave(self, group: Card, line: Line) -> bool:
        """Take one line out of a group and leave every other byte; False when it is gone already."""
        now = self.fresh(group)
        raw = group.raw(line)
        found = next((one for one in now.lines if now.raw(one) == raw), None) if now else None
        if now is None or found is None:
            return False
        self.api.put(now.href, now.without(found), now.etag)
        return True

    def corrections(self, entry: Entry, intent: Intent) -> tuple[list[Change], list[Conflict]]:
        """The property a change means: the one that holds the old value, or the first of the category."""
        found: list[Change] = []
        trouble: list[Conflict] = []
        for change in intent.changes if entry.collection == CARDS else ():
            name = self._meant(entry, change)
            if name is None:
                continue
            if not _is_text(change.new):
                why = _words.unfit(words.TITLES[CARDS], name, "type")
                trouble.append(Conflict("type", CARDS, why))
                continue
            found += self._replaced(entry, name, change)
        return found, trouble

    def _meant(self, entry: Entry, change: Change) -> str | None:
        fields = [
            f for f in FIELDS[CARDS] if f.rectifiable and any(covers(c, change.field) for c in f.categories)
        ]
        if change.old is not None:
            return next((f.name for f in fields if change.old in values_of(self.value(entry, f.name))), None)
        exact = [f for f in fields if change.field in f.categories] or fields
        return next((f.name for f in exact if self.value(entry, f.name) is not None), None)

    def _replaced(self, entry: Entry, name: str, change: Change) -> list[Change]:
        """Of several values the one that is meant. A new whole name also goes where its parts stood."""
        held = values_of(self.value(entry, name))
        at = held.index(change.old) if change.old in held else 0
        new = tuple(change.new if n == at else one for n, one in enumerate(held))
        made = [Change(name, new[0] if len(new) == 1 else new, held[0] if len(held) == 1 else held)]
        parts = self.value(entry, "n")
        if name == "fn" and isinstance(parts, str) and change.new is not None:
            made.append(Change("n", f";{escaped(str(change.new))};;;", parts))
        return made

    def value(self, entry: Entry, name: str) -> Any:
        """None, a text, or several; structured values as they are written."""
        lines = entry.held.all(name.upper())
        found = tuple(one.value if name in STRUCTURED else unescaped(one.value) for one in lines)
        return found[0] if len(found) == 1 else found or None

    def correct(self, entry: Entry, changes: Sequence[Change]) -> None:
        """One PUT of the card with these lines changed and every other byte as it was."""
        card = self.fresh(entry.held)
        if card is None:
            raise Moved
        now = self._entry(card, entry.match)
        text = card
        for change in changes:
            if values_of(self.value(now, change.field)) != values_of(change.old):
                raise Moved
            text = _written(text, change)
        self.api.put(card.href, text.text, card.etag)
        self.fresh(card)

    def restore(self, row: Row) -> bool:
        """Put a card back where it was, or a line back into a group, byte by byte."""
        if row.collection == CARDS:
            return self._recreate(row)
        group = next((one for one in self.cards().values() if one.href == row.values["href"]), None)
        now = self.fresh(group) if group is not None else None
        raw = str(row.values["line"])
        if now is None or any(now.raw(one) == raw for one in now.lines):
            return False
        self.api.put(now.href, now.with_line(raw, str(row.values["before"])), now.etag)
        return True

    def _recreate(self, row: Row) -> bool:
        href, text = str(row.values["href"]), str(row.values["vcard"])
        if self.api.create(href, text):
            self._known = None
            return True
        card = self.api.card(str(row.key[0]), href)
        if card is None or card.seen != Card("", href, "", text).seen:
            raise Moved
        return False

    def close(self) -> None:
        """Nothing is held beside the connection of the client."""
        self._known = None


def _written(card: Card, change: Change) -> Card:
    """The card with the values of one property changed, in their order."""
    lines = list(card.all(change.field.upper()))
    new = values_of(change.new)
    for line, value in reversed(list(zip(lines, new, strict=False))):
        stored = line.value if change.field in STRUCTURED else unescaped(line.value)
        if stored != value:
            written = str(value) if change.field in STRUCTURED else escaped(str(value))
            card = Card(card.book, card.href, card.etag, card.with_value(line, written))
    return card


def _is_text(value: object) -> bool:
    plain_text = isinstance(value, str) and bool(value.strip()) and len(value) <= LONGEST
    return plain_text and all(one == "\n" or ord(one) >= 32 for one in str(value))
