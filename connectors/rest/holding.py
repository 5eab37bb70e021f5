"""What the vendor holds of a person, as it is now: rows read by id, and the rows that hang on them.

A ``Source`` lives for one call of the connector and asks nothing twice; ``fresh`` gives one that knows
nothing. Everything is compared by us: an entry with another id than asked for, or of another owner, is
dropped and counted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from connectors._people import plain
from dsr.contract import ConnectorError, Key, Record, Row

from .calling import Api, Cut, Scope, holds
from .filling import fill, pick, without
from .hanging import Hanging, listed
from .model import Beside, Collection, Field, Vendor
from .together import Request, alone, together

Entry = Mapping[str, Any]
T = TypeVar("T")
Seen = tuple[tuple[str, str], ...]
COUNTED = "number "
"""Before the number of a person whom the vendor counts and does not name."""


@dataclass(frozen=True, eq=False)
class Held:
    """One row. ``sharers``: ids of the other records it hangs on. ``parent``: the row it hangs on.

    ``foreign``: somebody else's row that only mentions her, so nothing of it is given before a person looked.
    A ghost (``values`` empty) stands for a row that is gone, so that what hung on it can be looked for.
    """

    collection: Collection
    key: Key
    values: Mapping[str, Any]
    seen: Seen = ()
    parent: Held | None = None
    sharers: frozenset[str] = frozenset()
    foreign: bool = False

    def others(self, own: frozenset[str]) -> int:
        """How many people it belongs to besides her. ``own``: ids of all her records where the vendor's ids are
        unique, so that a second record of hers is nobody else. Who is only counted may be named as well."""
        named = frozenset(one for one in self.sharers if not one.startswith(COUNTED))
        return max(len(named - own), len(self.sharers) - len(named))

    @property
    def id(self) -> str:
        """The vendor's id as text."""
        return str(self.key[-1])

    @property
    def root(self) -> Held:
        """The row with the identity."""
        return self.parent.root if self.parent else self

    def scope(self) -> dict[str, Any]:
        """What placeholders see of it."""
        found: dict[str, Any] = {"id": self.key[-1], "row": self.values, "email": self.email}
        found["collection"] = self.collection.called
        if self.parent:
            found["parent"] = self.parent.scope()
        return found

    @property
    def email(self) -> str:
        """Its first e-mail address."""
        return next((value for kind, value in self.seen if kind == "email"), "")

    def row(self) -> Row:
        """The row as the contract has it."""
        told = self.values if self.foreign else self.collection.withheld
        there = tuple(name for name in told if name in self.values)
        return Row(self.collection.name, self.key, self.values, there)


@dataclass
class Source:
    """The vendor during one call. ``log(event, **counts)`` is the context's."""

    api: Api
    system: str
    log: Callable[..., None]
    dropped: int = 0
    _ahead: dict[str, Any] = field(default_factory=dict)
    _roots: dict[tuple[str, str], Held | None] = field(default_factory=dict)
    _besides: dict[tuple[str, str], list[Entry]] = field(default_factory=dict)
    _children: dict[tuple[str, str, str], tuple[Held, ...]] = field(default_factory=dict)

    @property
    def vendor(self) -> Vendor:
        """What the vendor's file says."""
        return self.api.vendor

    def ahead(self, requests: Sequence[Request]) -> None:
        """Ask together what is about to be read, where the vendor takes that."""
        self._ahead |= self.api.ahead(requests)

    def read(self, name: str, scope: Scope) -> list[Entry]:
        """A reading call; its first answer may have come with others, and counts once."""
        first = self._ahead.pop(self.api.target(name, scope), None) if self._ahead else None
        return self.api.read(name, scope, first)

    def fresh(self) -> Source:
        """A source that asks everything anew."""
        return Source(self.api, self.system, self.log)

    def found(self, collection: Collection, kind: str, values: Sequence[str]) -> set[str]:
        """The ids that searches by one kind give, not believed yet."""
        ids: set[str] = set()
        for find in (one for one in collection.find if one.kind == kind):
            for some in self.chunked(find.call, values):
                hits = [
                    str(one) for e in self._hits(find.call, some, collection) for one in pick(e, find.key)
                ]
                if len(set(hits)) > self.vendor.hits * len(some):
                    raise ConnectorError(
                        f"{self.vendor.name}: a search gives far too many records", permanent=True
                    )
                ids |= set(hits)
        return ids

    def _hits(self, call: str, values: Sequence[str], collection: Collection) -> list[Entry]:
        """What a search gives; where the answer for several is cut off, each is asked for alone."""
        try:
            return self.read(call, self._named(values, collection))
        except Cut:
            if len(values) == 1:
                raise
        return [hit for one in values for hit in self._hits(call, [one], collection)]

    def searches(self, collection: Collection, kind: str, values: Sequence[str]) -> list[Request]:
        """The requests of ``found``."""
        calls = [one.call for one in collection.find if one.kind == kind]
        return [
            (call, self._named(some, collection)) for call in calls for some in self.chunked(call, values)
        ]

    def _named(self, values: Sequence[str], collection: Collection) -> dict[str, Any]:
        return {"value": values[0], "values": values, **self.about(collection)}

    def chunked(self, call: str, things: Sequence[T]) -> Iterator[list[T]]:
        """As many as one call takes."""
        return chunks(things, self.vendor.calls[call].many)

    def roots(self, collection: Collection, ids: Iterable[str]) -> dict[str, Held]:
        """Rows by id, read by id and not by search; those that are gone are left out."""
        wanted = list(dict.fromkeys(ids))
        asked = [one for one in wanted if (collection.name, one) not in self._roots]
        if asked:
            there = {held.id: held for held in self.got(collection, asked)}
            for one in asked:
                self._roots[collection.name, one] = there.get(one)
        known = ((one, self._roots[collection.name, one]) for one in wanted)
        return {one: held for one, held in known if held is not None}

    def unread(self, collection: Collection, ids: Iterable[str]) -> list[Request]:
        """The requests of ``roots``."""
        return self.gets(collection, [one for one in ids if (collection.name, one) not in self._roots])

    def gets(
        self, collection: Collection, ids: Sequence[str], parents: Mapping[str, Held] | None = None
    ) -> list[Request]:
        """The requests of ``got``."""
        found: list[Request] = []
        for some in self.chunked(collection.get, ids) if collection.get else ():
            scope: dict[str, Any] = {"id": some[0], "ids": some, **self.about(collection)}
            if parents:
                scope["parent"] = parents[some[0]].scope()
            found.append((collection.get, scope))
        return found

    def got(
        self, collection: Collection, ids: Sequence[str], parents: Mapping[str, Held] | None = None
    ) -> Iterator[Held]:
        """Rows by id. ``parents``: the row each hangs on, for calls that need it."""
        for call, scope in self.gets(collection, ids, parents):
            for entry in self.read(call, scope):
                held = self.held(collection, entry, None)
                if held is None:
                    continue
                if held.id in scope["ids"]:
                    yield held
                else:
                    self.drop()

    def by_id(self, collection: Collection, rows: Sequence[Held]) -> list[Held]:
        """Children that were known before, read by their own ids."""
        known = {one.id: one for one in rows}
        parents = {one.id: one.parent for one in rows if one.parent}
        return [
            replace(one, parent=known[one.id].parent) for one in self.got(collection, list(known), parents)
        ]

    def is_binned(self, row: Held) -> bool:
        """Whether the vendor still keeps a deleted row in its bin."""
        name = row.collection.bin
        return bool(name) and bool(self.api.read(name, {**row.scope(), "ids": [row.id]}))

    def binned(self, collection: Collection, ids: Sequence[str]) -> int:
        """How many of these rows the vendor keeps in its bin."""
        many = self.vendor.calls[collection.bin].many
        scopes = ({"id": some[0], "ids": some, **self.about(collection)} for some in chunks(ids, many))
        return sum(len(self.api.read(collection.bin, scope)) for scope in scopes)

    def about(self, collection: Collection) -> dict[str, Any]:
        """What placeholders see of a kind of row."""
        return {"columns": self._columns(collection), "collection": collection.called}

    def _columns(self, collection: Collection) -> list[str]:
        if not collection.columns:
            return []
        return self.api.columns(collection.columns, collection.called)

    def held(self, collection: Collection, entry: Entry, parent: Held | None) -> Held | None:
        """The row in an entry; None when the vendor marks it as deleted."""
        if collection.gone is not None and holds(collection.gone, entry, {}):
            return None
        key: list[str | int | float | bool | None] = []
        for part in collection.key:
            path = part.removesuffix("?")
            of_parent = path.removeprefix("parent.")
            found = pick(parent.scope(), of_parent) if parent and of_parent != path else pick(entry, path)
            if not found and path != part:
                key.append(None)
                continue
            if len(found) != 1 or not isinstance(found[0], str | int | float | bool):
                raise ConnectorError(
                    f"{self.vendor.name}: a row of '{collection.name}' has no id", permanent=True
                )
            key.append(found[0])
        inner = pick(entry, collection.values)
        values = dict(inner[0]) if inner and isinstance(inner[0], Mapping) else {}
        for path in collection.drop:
            values = without(values, path)
        values |= {name: self._beside(one, values) for name, one in collection.beside.items()}
        values |= {name: fill(one, self._made(key[-1], values)) for name, one in collection.made.items()}
        seen, crowd = identities(collection, values), _crowd(collection, values)
        return Held(collection, tuple(key), values, seen, parent, crowd)

    def _made(self, id: Any, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"id": id, "row": values, "setting": self.api.given}

    def _beside(self, beside: Beside, values: Mapping[str, Any]) -> list[Entry]:
        """What stands elsewhere about a value of a row, compared by us."""
        asked = pick(values, beside.value)
        if not asked:
            return []
        known = (beside.call, str(asked[0]))
        if known not in self._besides:
            found = self.api.read(beside.call, {"value": asked[0]})
            self._besides[known] = [
                one for one in found if _folded(pick(one, beside.same)) == _folded(asked[:1])
            ]
            self.dropped += len(found) - len(self._besides[known])
        return [one for one in self._besides[known] if all(holds(rule, one, {}) for rule in beside.when)]

    def drop(self) -> None:
        """Count an entry of somebody else."""
        self.dropped += 1

    def children(self, collection: Collection, parents: Sequence[Held]) -> dict[str, tuple[Held, ...]]:
        """The rows of ``collection`` that hang on each parent, by the parent's id; other people's are dropped."""
        asked = [
            one for one in parents if (collection.name, one.collection.name, one.id) not in self._children
        ]
        if asked:
            self._keep(collection, asked, alone(listed(self, collection, asked)))
        return {one.id: self._children[collection.name, one.collection.name, one.id] for one in parents}

    def _keep(self, collection: Collection, parents: Sequence[Held], found: Hanging) -> None:
        for one in parents:
            self._children[collection.name, one.collection.name, one.id] = found[one.id]

    def deepen(self, roots: Mapping[str, Sequence[Held]], names: Mapping[str, Container[str]]) -> None:
        """Read what hangs on rows of several kinds (by the name of their collection) side by side, level by level,
        where the vendor takes several requests at once. ``names``: the collections that are wanted, each with the ids
        of the roots for which it is."""
        if self.vendor.together is None:
            return
        above, level = {one for name in names for one in self._above(name)}, dict(roots)
        while level:
            pairs: list[tuple[Collection, list[Held]]] = []
            for name, rows in level.items():
                for one in self.vendor.children(name):
                    ids = names.get(one.name, ())
                    mine = [row for row in rows if one.name in above or row.root.id in ids]
                    known = [row for row in mine if (one.name, name, row.id) not in self._children]
                    if known:
                        pairs.append((one, known))
            found = together(self.ahead, [listed(self, one, rows) for one, rows in pairs])
            level = {}
            for (one, rows), hanging in zip(pairs, found, strict=True):
                self._keep(one, rows, hanging)
                level[one.name] = list({row.id: row for mine in hanging.values() for row in mine}.values())

    def _above(self, name: str) -> Iterator[str]:
        """The collections on whose rows those of ``name`` hang, without the root."""
        one = (
            self.vendor.collection(self.vendor.collection(name).of)
            if self.vendor.collection(name).of
            else None
        )
        while one is not None and one.of:
            yield one.name
            one = self.vendor.collection(one.of)

    def below(self, collection: Collection, roots: Sequence[Held]) -> dict[str, tuple[Held, ...]]:
        """The rows of a collection, however deep it hangs, by the id of the root."""
        if not collection.of:
            return {one.id: (one,) for one in roots if one.values}
        parent = self.vendor.collection(collection.of)
        if not parent.of:
            return self.children(collection, roots)
        above = self.below(parent, roots)
        flat = list(dict.fromkeys(one for mine in above.values() for one in mine))
        found = self.children(collection, flat)
        return {root: tuple(row for one in mine for row in found[one.id]) for root, mine in above.items()}

    def tree(self, root: Collection) -> Iterator[Collection]:
        """The collections whose rows hang on rows of ``root``, parents first."""
        names = {root.name}
        for one in self.vendor.collections:
            if one.of in names:
                names.add(one.name)
                yield one

    def record_id(self, collection: str, root: Key, root_name: str, *more: str) -> str:
        """The same group has always the same id; nothing can be read in it."""
        text = json.dumps([self.system, collection, root_name, *[str(one) for one in root], *more])
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def told(self) -> None:
        """Say how many answers were somebody else's."""
        if self.dropped:
            self.log("answers_of_others", count=self.dropped)


def identities(collection: Collection, values: Mapping[str, Any], *, shared: bool = False) -> Seen:
    """(kind, value as stored) of every identifier in a row; ``shared``: of fields that may be another's only."""
    found: list[tuple[str, str]] = []
    for one in (each for each in collection.identities if each.third_party or not shared):
        for value in pick(values, one.path):
            parts = str(value).split(one.split) if one.split else [str(value)]
            found += [(one.identity, _whole(one, part.strip())) for part in parts if part.strip()]
    return tuple(dict.fromkeys(found))


def _crowd(collection: Collection, values: Mapping[str, Any]) -> frozenset[str]:
    """People whom the vendor counts at a row without naming them; one of them is she."""
    told = pick(values, collection.crowd) if collection.crowd else []
    count = told[0] if told and isinstance(told[0], int) else 1
    return frozenset(f"{COUNTED}{one}" for one in range(1, count))


def _folded(values: Sequence[Any]) -> list[str]:
    """Values for comparison: vendors write addresses in either case."""
    return [str(one).casefold() for one in values]


def _whole(one: Field, value: str) -> str:
    """The identifier with what the vendor leaves out before it."""
    return value if value.startswith(one.prefix) else one.prefix + value


def ghost(collection: Collection, record: Record) -> Held:
    """What stands for the row of a record that is gone."""
    return Held(collection, record.anchor[1], {}, record.seen)


Named = tuple[str, str]


def is_same(record: Record, held: Held, asked: Iterable[Named], renamed: Mapping[Named, Named]) -> bool:
    """Whether the row still carries every identifier by which it was found hers.

    ``renamed``: identifiers that are being corrected, and what they become.
    """
    now = {(kind, plain(kind, value)) for kind, value in held.seen}
    then = {(kind, plain(kind, value)) for kind, value in record.seen}
    by = then & set(asked) or then
    return bool(by) and all(one in now or renamed.get(one) in now for one in by)


def chunks(things: Sequence[T], size: int) -> Iterator[list[T]]:
    """Parts of at most ``size``."""
    for start in range(0, len(things), max(size, 1)):
        yield list(things[start : start + size])
