"""The entries of people in a directory, what stands below them, and where groups and others name them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from connectors import _words
from connectors._entries import Entry, Moved, NothingStays, Place
from connectors._entries.locating import same
from connectors._entries.source import lossless
from connectors._map.matching import covers
from connectors._people import Asked, Seen, addresses, plain
from dsr.contract import Action, Change, Conflict, Identifier, Intent, Match, Record, Row

from . import names, words, writing
from .directory import Directory, Node
from .fields import CREDENTIALS, ENTRY
from .referring import Reference, References

ENTRIES, MEMBERSHIPS = "entries", "memberships"
BELOW, NAMED, MENTIONED = "below", "named", "mentioned"
FORMS, EVERYTHING = 40, ("*",)
LONGEST = 1000
"""No identifier is longer; what is, is not asked for."""


class People(NothingStays):
    """Implements ``Entries`` for a directory, over one connection."""

    def __init__(self, directory: Directory, place: Place) -> None:
        self.directory, self.place = directory, place
        self.options = directory.options
        self.references = References(directory)
        given = (name for many in self.options.identities.values() for name in many)
        self._asked = tuple(dict.fromkeys((*given, "objectClass")))

    def find(self, asked: Asked) -> Iterator[Entry]:
        """Equality filters on what the settings name; what answers is compared by the caller."""
        filters = [
            names.equal(attribute, names.asked(attribute, form))
            for kind, attributes in self.options.identities.items()
            for form in asked.forms.get(kind, ())
            for attribute in attributes
            if len(form) <= LONGEST
        ]
        known: dict[str, Node] = {}
        for start in range(0, len(filters), FORMS):
            some = names.any_of(filters[start : start + FORMS])
            known |= {one.dn: one for one in self.directory.search(self.options.base, some, self._asked)}
        anchors = [self._anchor(node) for node in known.values()]
        yield from anchors
        yield from self._attached(anchors)
        yield from self._mentions(asked, anchors)

    def known(self) -> Iterator[tuple[str, str]]:
        """The identifiers of every entry that has one of the attributes the settings name."""
        given = dict.fromkeys(name for many in self.options.identities.values() for name in many)
        wanted = names.any_of(names.present(one) for one in given)
        for node in self.directory.search(self.options.base, wanted, self._asked) if wanted else ():
            yield from self.seen(node)

    def _mentions(self, asked: Asked, anchors: Sequence[Entry]) -> Iterator[Entry]:
        """Entries of others whose texts hold an address asked for: all texts are read, because no part of a
        value can be asked for. A person looks, and nothing is done to them."""
        texts = self.options.mentions if asked.forms.get("email") else ()
        wanted = names.any_of(names.present(one) for one in texts)
        found = self.directory.search(self.options.base, wanted, (*texts, *self._asked)) if texts else ()
        for node in found:
            above = [a for a in anchors if a.key[1] == node.dn or names.is_below(node.dn, str(a.key[1]))]
            own = {plain(*one) for anchor in above for one in anchor.seen}
            for one in asked.mentioned(self._texts(node)):
                if plain(*one) not in own:
                    yield self._mention(node, one)

    def _texts(self, node: Node) -> list[str]:
        return [names.text(raw) for name in self.options.mentions for raw in node.get(name)]

    def _mention(self, node: Node, address: tuple[str, str]) -> Entry:
        return Entry(
            collection=ENTRIES,
            key=(node.uuid, node.dn),
            anchor=(ENTRIES, (node.uuid, node.dn)),
            seen=(address,),
            path=(MENTIONED,),
            group=plain(*address),
            why=_words.mentioned(self.place.titles[ENTRIES]),
            match=Match.MENTIONED,
            others=1,
            held=node,
        )

    def _anchor(self, node: Node) -> Entry:
        seen = self.seen(node)
        classes = {names.text(one).lower() for one in node.get("objectClass")}
        person = bool(classes & self.options.persons)
        return Entry(
            collection=ENTRIES,
            key=(node.uuid, node.dn),
            anchor=(ENTRIES, (node.uuid, node.dn)),
            seen=seen,
            why=_words.direct(self.place.titles[ENTRIES], tuple(k for k, _ in seen))
            if person
            else words.NO_PERSON,
            match=Match.EXACT if person else Match.PROPOSED,
            reveals=tuple(Identifier(kind, value) for kind, value in seen if value.strip()),
            held=node,
        )

    def seen(self, node: Node) -> Seen:
        """The identifiers of an entry as they are stored."""
        found = (
            (kind, names.bare(attribute, names.text(raw)))
            for kind, attributes in self.options.identities.items()
            for attribute in attributes
            for raw in node.get(attribute)
        )
        return tuple(dict.fromkeys(one for one in found if one[1]))

    def _attached(self, anchors: Sequence[Entry]) -> Iterator[Entry]:
        """Everything below each entry, and what names any of them, for all of them in a few searches."""
        below = {one.key: self._below(one) for one in anchors}
        for many in below.values():
            yield from many
        every = [*anchors, *(one for many in below.values() for one in many)]
        for owner, found in self.references.of(every):
            yield self._named(owner, found)

    def _below(self, anchor: Entry) -> list[Entry]:
        dn = str(anchor.key[1])
        found = self.directory.search(dn, "(objectClass=*)", self._asked)
        return [self._child(anchor, one) for one in found if names.is_below(one.dn, dn)]

    def _child(self, anchor: Entry, node: Node) -> Entry:
        return Entry(
            collection=ENTRIES,
            key=(node.uuid, node.dn),
            anchor=anchor.anchor,
            path=(BELOW, node.uuid, node.dn),
            seen=anchor.seen,
            why=words.BELOW,
            match=anchor.match,
            held=node,
        )

    def _named(self, owner: Entry, found: Reference) -> Entry:
        return Entry(
            collection=MEMBERSHIPS,
            key=(found.group.uuid, found.group.dn, found.attribute, str(owner.key[1])),
            anchor=owner.anchor,
            path=(NAMED, str(owner.key[1])),
            seen=owner.seen,
            why=words.NAMED,
            match=owner.match,
            held=found,
        )

    def reach(self, record: Record) -> list[Entry]:
        """What the record names now; nothing that is somebody else's."""
        node = self.node(record.anchor[1])
        if record.path == (MENTIONED,):
            there = {("email", one) for text in self._texts(node) for one in addresses(text)} if node else ()
            return [self._mention(node, one) for one in record.seen if node and one in there]
        if node is not None and not self._is_same(node, record):
            return []
        if record.collection == MEMBERSHIPS:
            return self._namings(record, node)
        if node is None:
            return []
        anchor = self._anchor(node)
        if not record.path:
            return [anchor]
        return [one for one in self._below(anchor) if one.path == record.path]

    def _namings(self, record: Record, node: Node | None) -> list[Entry]:
        """Deleted entries stay in groups: they are looked for by the name the entry had."""
        dn = record.path[1]
        if node is None and self.directory.read(dn, ()) is not None:
            return []
        owner = Entry(ENTRIES, ("", dn), record.anchor, record.seen, "", match=record.match)
        return [self._named(owner, found) for owner, found in self.references.of([owner])]

    def node(self, key: Sequence[Any]) -> Node | None:
        """The entry of a key by its own identifier, or by its name where there is none."""
        uuid, dn = str(key[0]), str(key[1])
        node = self.directory.read(dn, EVERYTHING)
        if node is not None and node.uuid == uuid:
            return node
        if not uuid:
            return None
        return next(self.directory.search(self.options.base, self.directory.own(uuid), EVERYTHING), None)

    def _is_same(self, node: Node, record: Record) -> bool:
        return node.dn == record.anchor[1][1] and same(self.seen(node), record)

    def moved(self, record: Record) -> bool:
        """The entry has another name or identity now, or what was below it is somewhere else."""
        node = self.node(record.anchor[1])
        if node is not None and not self._is_same(node, record):
            return True
        if record.path[:1] != (BELOW,):
            return False
        child = self.node(record.path[1:])
        return child is not None and child.dn != record.path[2]

    def row(self, entry: Entry, *, whole: bool) -> Row:
        """The attributes as they are stored; credentials only where the entry is to come back."""
        if isinstance(entry.held, Reference):
            return self.references.row(entry, whole=whole)
        node = self.node(entry.key)
        values: dict[str, Any] = {"dn": str(entry.key[1])}
        for name, many in sorted(node.values.items()) if node else ():
            if whole or name.lower().partition(";")[0] not in CREDENTIALS:
                found = [lossless(one) for one in many]
                values[name] = found[0] if len(found) == 1 else found
        about_others = {name.lower() for name in self.options.references}
        withheld = tuple(n for n in values if entry.path == (MENTIONED,) or n.lower() in about_others)
        return Row(entry.collection, entry.key, values, withheld)

    def obstacles(self, action: Action, entries: Sequence[Entry]) -> Iterator[Conflict]:
        """A group that would be empty, somebody else's entry below hers, a directory that numbers accounts."""
        if action is Action.RESTRICT and entries and self.directory.is_active_directory:
            yield Conflict("unsupported", ENTRIES, words.NUMBERED)
        for one in entries:
            if one.path[:1] == (BELOW,) and not set(self.seen(one.held)) <= set(one.seen):
                yield Conflict("shared", ENTRIES, words.SOMEBODY_BELOW)
                break
        yield from self.references.obstacles(entries)

    def remove(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Namings first, then what is lowest, so that a stop in the middle leaves what leads to the rest."""
        every = [*entries, *self._newly_below(entries)]
        for entry in (one for one in every if one.collection == MEMBERSHIPS):
            if self.references.remove(entry):
                yield entry
        rest = [one for one in every if one.collection == ENTRIES]
        for entry in sorted(rest, key=lambda one: -len(names.folded(str(one.key[1])))):
            if self.directory.delete(str(entry.key[1]), self.guard(entry)):
                yield entry

    def _newly_below(self, entries: Sequence[Entry]) -> list[Entry]:
        """What came below hers since the plan, and what names it. Moved: it is somebody else's."""
        known = {(one.collection, one.key) for one in entries}
        anchors = [one for one in entries if one.collection == ENTRIES and not one.path]
        found = [one for one in self._attached(anchors) if (one.collection, one.key) not in known]
        if any(one.collection == ENTRIES and not set(self.seen(one.held)) <= set(one.seen) for one in found):
            raise Moved
        return [one for one in found if one.collection == ENTRIES or one.path[1] != str(one.anchor[1][1])]

    def guard(self, entry: Entry) -> str:
        """A filter that only holds for this entry while it is hers."""
        own = self.directory.own(str(entry.key[0]))
        if entry.path:
            return own
        stored = (
            names.equal(attribute, raw)
            for attributes in self.options.identities.values()
            for attribute in attributes
            for raw in entry.held.get(attribute)
        )
        return names.all_of([own, *stored])

    def corrections(self, entry: Entry, intent: Intent) -> tuple[list[Change], list[Conflict]]:
        """The attributes a change means: all that hold the old value, or the first of the category."""
        if entry.path or entry.collection != ENTRIES:
            return [], []
        found, trouble = [], []
        for change in intent.changes:
            for name in self._meant(entry.held, change):
                conflict = writing.unfit(entry, name, change)
                if conflict is not None:
                    trouble.append(conflict)
                else:
                    found.append(writing.replaced(self.value(entry, name), name, change))
        return found, trouble

    def _meant(self, node: Node, change: Change) -> list[str]:
        fields = [f for f in ENTRY if f.rectifiable and any(covers(c, change.field) for c in f.categories)]
        if change.old is not None:
            return [f.name for f in fields if str(change.old).encode() in node.get(f.name)]
        exact = [f for f in fields if change.field in f.categories] or fields
        there = [f.name for f in exact if node.get(f.name)]
        free = [name for name in there if name.lower() not in names.rdn_attributes(node.dn)]
        return (free or there or [f.name for f in exact])[:1]

    def value(self, entry: Entry, name: str) -> Any:
        """None, a text, or several."""
        found = tuple(lossless(one) for one in entry.held.get(name))
        return found[0] if len(found) == 1 else found or None

    def correct(self, entry: Entry, changes: Sequence[Change]) -> None:
        """All changes of one entry in one call: all of them, or none."""
        writing.correct(self.directory, str(entry.key[1]), self.guard(entry), changes)

    def restore(self, row: Row) -> bool:
        """Add the entry again, or its name to a group, exactly as they were."""
        if row.collection == MEMBERSHIPS:
            return self.references.restore(row)
        return writing.restore(self.directory, row)

    def close(self) -> None:
        """Sign out."""
        self.directory.close()
