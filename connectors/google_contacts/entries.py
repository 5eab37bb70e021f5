"""Contacts of an account, what Google noted down besides, and the directory of its domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from connectors import _words
from connectors._entries import Entry, Moved, NothingStays, Place
from connectors._entries.locating import same
from connectors._entries.planning import values_of
from connectors._http import Lost
from connectors._map.matching import covers
from connectors._people import Asked, plain
from dsr.contract import Action, Change, Conflict, Identifier, Intent, Match, Record, Row

from . import person as people
from . import words
from .api import Api
from .describing import FIELDS, MARK
from .options import Options
from .person import Json, Slim

CONTACTS, OTHERS, DIRECTORY = "contacts", "other_contacts", "directory"
MENTIONED = "mentioned"
LONGEST = 1000


class Contacts(NothingStays):
    """Implements ``Entries`` for one account."""

    def __init__(self, api: Api, place: Place, options: Options) -> None:
        self.api, self.place, self.options = api, place, options
        self._read: dict[str, Json | None] = {}
        self._kept: dict[str, Mapping[str, Json]] = {}
        self._labels: Mapping[str, str] | None = None

    def ahead(self, records: Sequence[Record]) -> None:
        """Read the contacts of these records, many at once."""
        self._fetch([str(r.anchor[1][0]) for r in records if r.anchor[0] == CONTACTS])

    def _fetch(self, names: Sequence[str]) -> None:
        missing = [one for one in dict.fromkeys(names) if one not in self._read]
        found = self.api.people(missing) if missing else {}
        self._read |= {name: found.get(name) for name in missing}

    def _fresh(self, names: Sequence[str]) -> Mapping[str, Json]:
        """These contacts as they are this moment."""
        for name in names:
            self._read.pop(name, None)
        self._fetch(names)
        return {name: one for name in names if (one := self._read[name]) is not None}

    def find(self, asked: Asked) -> Iterator[Entry]:
        """Every contact is compared in our own code: the search of the API knows beginnings of words and lags."""
        every = self.api.contacts()
        holders: dict[str, set[str]] = {}
        for one in every.values():
            for kind, value in one.seen:
                holders.setdefault(plain(kind, value), set()).add(one.called)
        hits = [one for one in every.values() if _concerns(asked, one)]
        self._fetch([one.name for one in hits])
        for one in hits:
            person = self._read[one.name]
            if person is not None:
                now = people.slim(person)
                if any(asked.who(kind, value) for kind, value in now.seen):
                    yield self._entry(CONTACTS, now.name, person, self._match(now, asked, holders))
                yield from self._mentions(person, [a for a in now.mentions if asked.who("email", a)])
        for collection in (OTHERS, DIRECTORY):
            for name, person in self._unchangeable(collection).items():
                if any(asked.who(kind, value) for kind, value in people.seen(person)):
                    yield self._entry(collection, name, person, Match.EXACT)

    def known(self) -> Iterator[tuple[str, str]]:
        """The identifiers of every contact; what no program can delete was never gone."""
        for _, one in sorted(self.api.contacts().items()):
            yield from one.seen

    def _unchangeable(self, collection: str) -> Mapping[str, Json]:
        """What can only be read, asked for once in a call."""
        if collection not in self.place.titles:
            return {}
        if collection not in self._kept:
            self._kept[collection] = self.api.others() if collection == OTHERS else self.api.directory()
        return self._kept[collection]

    def _match(self, one: Slim, asked: Asked, holders: Mapping[str, set[str]]) -> Match:
        """A contact with an address that also stands in a contact of another name is not surely one person's."""
        others = [value for kind, value in one.seen if kind == "email" and not asked.who(kind, value)]
        if any(holders.get(plain("email", each), set()) - {one.called} for each in others):
            return Match.SHARED
        return Match.EXACT if one.is_person else Match.PROPOSED

    def _entry(self, collection: str, name: str, person: Json, match: Match) -> Entry:
        seen = people.seen(person)
        why = {
            Match.EXACT: _words.direct(words.TITLES[collection], tuple(kind for kind, _ in seen)),
            Match.SHARED: words.SOMEBODY_TOO,
        }.get(match, words.NO_PERSON)
        return Entry(
            collection=collection,
            key=(name,),
            anchor=(collection, (name,)),
            seen=seen,
            why=why,
            match=match,
            reveals=tuple(Identifier(kind, value) for kind, value in seen),
            held=person,
        )

    def _mentions(self, person: Json, found: Sequence[str]) -> Iterator[Entry]:
        """Somebody else's contact, with her address in a text of it."""
        name = str(person["resourceName"])
        for address in found:
            yield Entry(
                collection=CONTACTS,
                key=(name,),
                anchor=(CONTACTS, (name,)),
                path=(MENTIONED,),
                group=plain("email", address),
                seen=(("email", address),),
                why=_words.mentioned(words.TITLES[CONTACTS]),
                match=Match.MENTIONED,
                held=person,
            )

    def reach(self, record: Record) -> list[Entry]:
        """What the record names now; nothing that is somebody else's."""
        person = self._anchor(record)
        if person is None:
            return []
        if record.path == (MENTIONED,):
            wanted = {plain(kind, value) for kind, value in record.seen}
            return list(
                self._mentions(person, [a for a in people.mentions(person) if plain("email", a) in wanted])
            )
        if not same(people.seen(person), record):
            return []
        return [self._entry(record.collection, str(record.anchor[1][0]), person, record.match)]

    def _anchor(self, record: Record) -> Json | None:
        name = str(record.anchor[1][0])
        if record.collection != CONTACTS:
            return self._unchangeable(record.collection).get(name)
        self._fetch([name])
        return self._read[name]

    def moved(self, record: Record) -> bool:
        """The contact is there with another identity."""
        person = self._anchor(record)
        return person is not None and not record.path and not same(people.seen(person), record)

    def row(self, entry: Entry, *, whole: bool) -> Row:
        """Every field; texts and names that may be about others are withheld until somebody looked at them."""
        person: Json = entry.held
        values: dict[str, Any] = {
            name: [people.shown(one) for one in people.values(person, name)] for name in people.MASK
        }
        values = {name: one for name, one in values.items() if one}
        if "memberships" in values:
            values["memberships"] = self._named(person)
        if self.options.mark and entry.collection == CONTACTS:
            values[MARK] = people.marked(person, self.options.mark)
        if entry.match is Match.MENTIONED:
            return Row(entry.collection, entry.key, values, tuple(values))
        return Row(entry.collection, entry.key, values, tuple(one for one in people.FREE if one in values))

    def _named(self, person: Json) -> list[str]:
        """The labels of a contact by their names."""
        if self._labels is None:
            self._labels = self.api.groups()
        groups = (one.get("contactGroupMembership") for one in people.values(person, "memberships"))
        names = [str(one.get("contactGroupResourceName")) for one in groups if isinstance(one, dict)]
        return [self._labels.get(name) or name for name in names]

    def obstacles(self, action: Action, entries: Sequence[Entry]) -> Iterator[Conflict]:
        """None: a contact goes out of its labels by being deleted."""
        return iter(())

    def remove(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """All of them in one call, looked at right before it: a deletion cannot name the version it is for."""
        now = self._fresh([str(one.key[0]) for one in entries])
        if any(people.seen(now[str(one.key[0])]) != one.seen for one in entries if str(one.key[0]) in now):
            raise Moved
        there = [one for one in entries if str(one.key[0]) in now]
        if not there:
            return
        names = [str(one.key[0]) for one in there]
        try:
            taken = self.api.delete([str(now[name]["resourceName"]) for name in names])
        except Lost as lost:
            if self._fresh(names):
                raise lost.error from None
            taken = True
        self._read.clear()
        yield from there if taken else ()

    def corrections(self, entry: Entry, intent: Intent) -> tuple[list[Change], list[Conflict]]:
        """The field a change means: the one that holds the old value, or the first of the category."""
        found: list[Change] = []
        trouble: list[Conflict] = []
        for change in intent.changes:
            name = self._meant(entry, change)
            if name is None:
                continue
            if not _fits(name, change.new):
                why = _words.unfit(words.TITLES[CONTACTS], name, "type")
                trouble.append(Conflict("type", CONTACTS, why))
                continue
            held = values_of(self.value(entry, name))
            at = held.index(change.old) if change.old in held else 0
            new = tuple(change.new if n == at else one for n, one in enumerate(held))
            found.append(Change(name, new[0] if len(new) == 1 else new, held[0] if len(held) == 1 else held))
        return found, trouble

    def _meant(self, entry: Entry, change: Change) -> str | None:
        fields = [
            f
            for f in FIELDS[CONTACTS]
            if f.rectifiable and any(covers(c, change.field) for c in f.categories)
        ]
        if change.old is not None:
            return next((f.name for f in fields if change.old in values_of(self.value(entry, f.name))), None)
        exact = [f for f in fields if change.field in f.categories] or fields
        return next((f.name for f in exact if any(values_of(self.value(entry, f.name)))), None)

    def value(self, entry: Entry, name: str) -> Any:
        """None, a text, or several."""
        if name == MARK:
            return people.marked(entry.held, self.options.mark)
        found = people.texts(entry.held, name)
        return found[0] if len(found) == 1 else found or None

    def correct(self, entry: Entry, changes: Sequence[Change]) -> None:
        """One update for the version that was just read, with whole fields and nothing else."""
        name = str(entry.key[0])
        person = self._fresh([name]).get(name)
        if person is None:
            raise Moved
        now = self._entry(entry.collection, name, person, entry.match)
        if any(values_of(self.value(now, one.field)) != values_of(one.old) for one in changes):
            raise Moved
        try:
            self.api.update(person, dict(self._written(person, one) for one in changes))
        except Lost as lost:
            again = self._fresh([name]).get(name)
            after = None if again is None else self._entry(entry.collection, name, again, entry.match)
            if after is None or any(
                values_of(self.value(after, c.field)) != values_of(c.new) for c in changes
            ):
                raise lost.error from None
        self._read.clear()

    def _written(self, person: Json, change: Change) -> tuple[str, list[dict[str, Any]]]:
        if change.field == MARK:
            return "userDefined", people.with_mark(person, self.options.mark, change.new)
        return change.field, people.rewritten(
            person, change.field, [str(one) for one in values_of(change.new)]
        )

    def restore(self, row: Row) -> bool:
        """Never asked for: a restriction is a mark."""
        raise Moved

    def close(self) -> None:
        """Give the connections back."""
        self.api.close()


def _concerns(asked: Asked, one: Slim) -> bool:
    found = (*one.seen, *(("email", address) for address in one.mentions))
    return any(asked.who(kind, value) for kind, value in found)


def _fits(name: str, value: object) -> bool:
    """Whether Google keeps a text as it is: phones are international, birthdays are days."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        return False
    if any(ord(one) < 32 and one != "\n" for one in value):
        return False
    if name == "phoneNumbers":
        return plain("phone", value).startswith("+")
    if name == "birthdays":
        try:
            return date.fromisoformat(value).isoformat() == value
        except ValueError:
            return False
    return True
