"""The parties of people in Tryton, with what hangs on them and texts elsewhere that mention them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors import _words
from connectors._entries import Entry, Kept, Moved, Place
from connectors._people import Asked, Seen, addresses, plain
from dsr.contract import Action, Change, Conflict, Identifier, Intent, Match, Record, Row

from . import correcting, erasing, keeping, words
from .api import Api
from .folders import STAMP, Folder, Held, Reader, contact, held_of
from .kinds import IDENTIFIERS, KINDS, MECHANISMS, MENTIONED, NUMBERS, PARTIES, PHONES, number
from .options import Options

ASKED_AT_ONCE = 500
AT = "%@%"
"""The only pattern that is ever asked for: a fixed one, never a word of a person."""


class Parties:
    """Implements ``Entries`` for one database of Tryton. What was read of a party is read again after a write."""

    def __init__(self, api: Api, place: Place, options: Options) -> None:
        self.api, self.place, self.options = api, place, options
        self.reader = Reader(api, numbered=options.numbered)
        self._folders: dict[int, Folder | None] = {}
        self._categories: Mapping[int, str] | None = None

    def find(self, asked: Asked) -> Iterator[Entry]:
        """Every address and number is compared here: Tryton keeps them as people wrote them."""
        holders = self._holders(asked)
        numbers = {one for many in holders.values() for one in many}
        folders = {n: one for n, one in self.reader.folders(numbers).items() if not one.is_husk}
        self._folders |= folders
        staff = self.reader.staff(folders)
        for party, folder in folders.items():
            match, why = self._match(folder, folders, holders)
            if party in staff:
                match, why = Match.SHARED, words.STAFF
            for held in folder.all():
                yield self._entry(folder, held, match, why)
        if self.options.mentions:
            yield from self._mentions(asked, {held.ref for one in folders.values() for held in one.all()})

    def _holders(self, asked: Asked) -> dict[tuple[str, str], set[int]]:
        """The parties that hold a value somebody of the batch is known by, by (kind, plain value)."""
        found: dict[tuple[str, str], set[int]] = {}
        for kind, stored, party in self._identities(asked):
            if asked.who(kind, stored) and isinstance(party, int):
                found.setdefault((kind, plain(kind, stored)), set()).add(party)
        return found

    def _identities(self, asked: Asked) -> Iterator[tuple[str, str, Any]]:
        if {"email", "phone"} & set(asked.forms):
            yield from self._contacts()
        if {kind for kind, _ in NUMBERS.values()} & set(asked.forms):
            types = [*NUMBERS, "eu_vat"]
            for row in self.api.rows(
                KINDS[IDENTIFIERS].model, [["type", "in", types]], ("type", "code", "party")
            ):
                known = number(row.get("type"), row.get("code"))
                yield from ((*one, row.get("party")) for one in [known] if one)
        codes = list(asked.forms.get("customer_number", ())) if self.options.numbered else []
        for start in range(0, len(codes), ASKED_AT_ONCE):
            wanted = ["code", "in", codes[start : start + ASKED_AT_ONCE]]
            for row in self.api.rows(KINDS[PARTIES].model, [wanted], ("code",)):
                yield "customer_number", str(row.get("code") or ""), row["id"]

    def _contacts(self) -> Iterator[tuple[str, str, Any]]:
        fields = ("type", "value", "value_compact", "party")
        for row in self.api.rows(KINDS[MECHANISMS].model, [["type", "in", ["email", *PHONES]]], fields):
            yield from ((*one, row.get("party")) for one in [contact(row)] if one)

    def known(self) -> Iterator[tuple[str, str]]:
        """Every address and phone number. Codes and official numbers are left out: codes stay after an erasure,
        and numbers stay with the papers that the law orders to be kept."""
        return ((kind, value) for kind, value, _ in self._contacts())

    def _match(
        self, folder: Folder, folders: Mapping[int, Folder], holders: Mapping[tuple[str, str], set[int]]
    ) -> tuple[Match, Any]:
        """How surely the party is the person's, and the sentence when it is not."""
        names = {
            folders[n].name
            for kind, value in folder.seen
            for n in holders.get((kind, plain(kind, value)), ())
            if n in folders
        }
        if names - {folder.name}:
            return Match.PROPOSED, words.SOMEBODY_TOO
        if folder.lists_people:
            return Match.PROPOSED, words.SEVERAL_PEOPLE
        return Match.EXACT, ""

    def _entry(self, folder: Folder, held: Held, match: Match, why: Any = "") -> Entry:
        title, owner = self.place.titles[held.kind.name], self.place.titles[PARTIES]
        kinds = tuple(kind for kind, _ in folder.seen)
        usual = _words.below(title, owner, kinds) if held.path else _words.direct(title, kinds)
        return Entry(
            collection=held.kind.name,
            key=(held.id,),
            anchor=(PARTIES, (folder.party.id,)),
            seen=folder.seen,
            why=why or usual,
            path=held.path,
            match=match,
            reveals=tuple(Identifier(kind, value) for kind, value in folder.seen),
            held=held,
        )

    def _mentions(self, asked: Asked, known: set[str]) -> Iterator[Entry]:
        """Texts of other people's rows in which her address stands; an officer looks at them."""
        for kind in [one for one in self.reader.kinds.values() if one.texts]:
            names = list(kind.texts)
            wanted = ["OR", *([name, "like", AT] for name in names)]
            for row in self.api.rows(kind.model, [wanted], [*kind.fields, STAMP]):
                held = held_of(kind, row)
                for value in _named(held) if held.ref not in known else ():
                    if asked.who("email", value):
                        yield self._mention(held, value)

    def _mention(self, held: Held, value: str) -> Entry:
        return Entry(
            collection=held.kind.name,
            key=(held.id,),
            anchor=(held.kind.name, (held.id,)),
            seen=(("email", value),),
            why=_words.mentioned(self.place.titles[held.kind.name]),
            path=(MENTIONED,),
            group=plain("email", value),
            match=Match.MENTIONED,
            held=held,
        )

    def folder(self, number: int) -> Folder | None:
        """A party with all that hangs on it, as it was when it was read first or after the last write."""
        if number not in self._folders:
            self._folders[number] = self.reader.folders([number]).get(number)
        return self._folders[number]

    def forget(self, number: int) -> None:
        """Read it again the next time."""
        self._folders.pop(number, None)

    def reach(self, record: Record) -> list[Entry]:
        """What the record names now; of a party that was blanked, what the blanking left."""
        if record.path == (MENTIONED,):
            return self._still_mentioned(record)
        folder = self.folder(party_of(record.anchor))
        if folder is None:
            return []
        if folder.is_husk:
            rows = list(folder.left())
        else:
            rows = list(folder.all()) if is_same(folder.seen, record) else []
        mine = [one for one in rows if (one.kind.name, one.path) == (record.collection, record.path)]
        # The identity is the one of the record: that of a blanked party is no more.
        return [replace(self._entry(folder, one, record.match), seen=record.seen) for one in mine]

    def _still_mentioned(self, record: Record) -> list[Entry]:
        kind = KINDS[record.collection]
        row = self.api.one(kind.model, party_of(record.anchor), [*kind.fields, STAMP])
        held = held_of(kind, row) if row else None
        wanted = {plain("email", value) for _, value in record.seen}
        found = [one for one in _named(held) if plain("email", one) in wanted] if held else []
        return [self._mention(held, one) for one in found[:1]] if held else []

    def moved(self, record: Record) -> bool:
        """The party is there and holds other values: it is somebody else's, or she is called otherwise."""
        if record.path == (MENTIONED,):
            return False
        folder = self.folder(party_of(record.anchor))
        if folder is None or folder.is_husk or folder.is_bare:
            return False
        return not is_same(folder.seen, record)

    def row(self, entry: Entry, *, whole: bool) -> Row:
        """The values with what Tryton keeps apart (files); texts wait for the officer."""
        held: Held = entry.held
        values: dict[str, Any] = {name: held.values.get(name) for name in held.kind.fields}
        if held.kind.name == PARTIES:
            values["categories"] = [self.categories().get(n, str(n)) for n in values["categories"] or ()]
        if held.kind.name == MECHANISMS:
            values = {**values, **dict([contact(values) or ("other", values["value"])])}
        if held.kind.large:
            found = self.api.one(held.kind.model, held.id, [held.kind.large]) or {}
            values[held.kind.large] = found.get(held.kind.large)
        free = (*held.kind.texts, *([held.kind.large] if held.kind.large else []))
        return Row(entry.collection, entry.key, values, tuple(name for name in free if values.get(name)))

    def categories(self) -> Mapping[int, str]:
        """The names of categories of parties by number."""
        if self._categories is None:
            rows = self.api.rows("party.category", [], ("name",))
            self._categories = {one["id"]: str(one.get("name") or "") for one in rows}
        return self._categories

    def obstacles(self, action: Action, entries: Sequence[Entry]) -> Iterator[Conflict]:
        """Business that is not over, and papers that came since the plan."""
        return keeping.obstacles(self, action, entries)

    def stays(
        self, intent: Intent, found: Sequence[tuple[Record, Sequence[Entry]]]
    ) -> tuple[Mapping[str, Kept], Sequence[Conflict]]:
        """What the law of books, and Tryton itself, keep."""
        return keeping.stays(self, intent, found)

    def remove(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Party by party, by Tryton's own erasure where the party itself goes."""
        return erasing.remove(self, entries)

    def corrections(self, entry: Entry, intent: Intent) -> tuple[list[Change], list[Conflict]]:
        """The field a change means."""
        return correcting.corrections(self, entry, intent)

    def correct(self, entry: Entry, changes: Sequence[Change]) -> None:
        """One write of the version that was read."""
        correcting.correct(self, entry, changes)

    def value(self, entry: Entry, name: str) -> Any:
        """What a field holds; ``objection`` is whether the party is in that category."""
        return correcting.value(self, entry.held, name)

    def restore(self, row: Row) -> bool:
        """Nothing is ever taken out to be put back: a restriction is a mark."""
        raise Moved

    def close(self) -> None:
        """Sign out."""
        self._folders.clear()
        self.api.close()


def _named(held: Held) -> Iterator[str]:
    """The addresses in the texts of a row."""
    for name in held.kind.texts:
        yield from addresses(str(held.values.get(name) or ""))


def is_same(seen: Seen, record: Record) -> bool:
    """Whether all identifiers of the record are there."""
    now = {(kind, plain(kind, value)) for kind, value in seen}
    return {(kind, plain(kind, value)) for kind, value in record.seen} <= now


def party_of(anchor: tuple[str, tuple[Any, ...]]) -> int:
    """The number in an anchor."""
    return int(anchor[1][0])
