"""Survey: one pass that puts every row of a batch into the lines of its owner's plan.

Planning makes steps of it; acting surveys again and compares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from connectors import _words as words
from connectors._people import plain
from dsr.contract import Conflict, Intent, Item, Key, Record, Step, Text, Verb, key_digest

from . import texts
from .book import Book
from .cells import text
from .rules import APART, OPEN, REDUCING, REMOVING, SET, WRITING, Rule, rules_of
from .sheets import Line, Sheet
from .walking import Hit, Known, group_of, walk


@dataclass
class Lot:
    """The rows of one collection of one person with which the same happens: it becomes an ``Item``."""

    rule: Rule
    collection: str
    records: dict[str, None] = field(default_factory=dict)
    open: bytearray = field(default_factory=bytearray)
    done: bytearray = field(default_factory=bytearray)
    olds: dict[str, None] = field(default_factory=dict)
    until: date | None = None
    undated: bool = False

    def digests(self) -> bytes:
        """The digests of the open rows, sorted and joined."""
        return joined(self.open)

    def item(self) -> Item:
        """The line of the plan; where all rows hold the same old value, it is named."""
        changes = self.rule.changes
        if self.rule.verb is Verb.CORRECT and len(self.olds) == 1:
            changes = tuple(replace(one, old=next(iter(self.olds))) for one in changes)
        return Item(
            id=self.rule.id,
            verb=self.rule.verb,
            collection=self.collection,
            records=tuple(self.records),
            count=len(self.open) // 8,
            digests=self.digests(),
            fields=self.rule.fields,
            changes=changes,
            reason=self.rule.reason,
            citation=self.rule.citation,
            until=self.until,
        )


@dataclass
class Spot:
    """One row that a step would write: for which record, the rules that are open on it, the digest of the
    row above it in the file and how far behind that one it starts."""

    sheet: Sheet
    line: Line
    key: Key
    record: str
    rules: tuple[Rule, ...]
    digest: bytes
    above: bytes
    gap: int


@dataclass
class Draft:
    """What one intent comes to. ``spots`` is filled while acting only."""

    intent: Intent
    on: date
    lots: dict[str, Lot] = field(default_factory=dict)
    conflicts: dict[tuple[str, str, str], Conflict] = field(default_factory=dict)
    spots: list[Spot] = field(default_factory=list)

    def complain(self, kind: str, collection: str, why: Text, detail: str = "") -> None:
        """Note why something cannot be carried out."""
        self.conflicts.setdefault((kind, collection, detail), Conflict(kind, collection, why))


def split(digests: bytes | bytearray) -> list[bytes]:
    """Digests of eight bytes each."""
    return [bytes(digests[n : n + 8]) for n in range(0, len(digests), 8)]


def joined(digests: bytes | bytearray) -> bytes:
    """Sorted and joined again."""
    return b"".join(sorted(split(digests)))


def survey(book: Book, intents: Sequence[Intent], today: date, approved: Sequence[Step] = ()) -> list[Draft]:
    """One draft per intent, in order. With ``approved`` steps their values are the ones to set, and the
    rows to write are noted."""
    drafts = [Draft(intent, intent.on or today) for intent in intents]
    known = Known(record for intent in intents for record in intent.records)
    wanted = _wanted(book, drafts, approved)
    acting = bool(approved)
    for hit in walk(book, known):
        mine = wanted.get(hit.group)
        if not mine:
            continue
        digest = key_digest(hit.key)
        for draft, record, rules in mine:
            _sort(draft, record, rules, hit, digest)
            if acting:
                _note(book, draft, record, rules, hit, digest)
    for draft in drafts:
        _doubts(book, draft)
    return drafts


Wanted = Mapping[Any, list[tuple[Draft, Record, tuple[Rule, ...]]]]


def _wanted(book: Book, drafts: Sequence[Draft], approved: Sequence[Step]) -> Wanted:
    found: dict[Any, list[tuple[Draft, Record, tuple[Rule, ...]]]] = {}
    for number, draft in enumerate(drafts):
        values = {item.id: item.changes for item in approved[number].items} if approved else {}
        for record in draft.intent.records:
            made = _rules(book, draft, record)
            rules = tuple(replace(one, changes=values.get(one.id, one.changes)) for one in made)
            if rules:
                found.setdefault(group_of(record), []).append((draft, record, rules))
    return found


def _rules(book: Book, draft: Draft, record: Record) -> tuple[Rule, ...]:
    sheet = book.sheet(record.collection)

    def complain(kind: str, why: Text, detail: str) -> None:
        draft.complain(kind, sheet.name, why, detail)

    return rules_of(
        draft.intent, record, sheet, complain, lambda field, value: book.accepts(sheet, field, value)
    )


def _sort(draft: Draft, record: Record, rules: Iterable[Rule], hit: Hit, digest: bytes) -> None:
    """Put one row into the lots of its rules."""
    for rule in rules:
        state = rule.state(hit.sheet, hit.line.cells, draft.on)
        if state == APART:
            continue
        lot = draft.lots.setdefault(rule.id, Lot(rule, hit.sheet.name))
        lot.records[record.id] = None
        if state == SET:
            lot.done += digest
            continue
        lot.open += digest
        if rule.verb is Verb.CORRECT and len(lot.olds) < 2:
            lot.olds[text(hit.sheet.cell(hit.line.cells, rule.changes[0].field))] = None
        if rule.citation and rule.kept is not None:
            end = rule.until(hit.sheet, hit.line.cells)
            lot.undated = lot.undated or end is None
            lot.until = end if lot.until is None else max(lot.until, end or lot.until)


def _note(book: Book, draft: Draft, record: Record, rules: Iterable[Rule], hit: Hit, digest: bytes) -> None:
    """Remember a row that is to be written."""
    due = tuple(
        replace(rule, changes=rule.left(hit.sheet, hit.line.cells))
        for rule in rules
        if rule.verb in WRITING and rule.state(hit.sheet, hit.line.cells, draft.on) == OPEN
    )
    if due:
        line = hit.line._replace(cells=()) if book.seekable else hit.line
        draft.spots.append(Spot(hit.sheet, line, hit.key, record.id, due, digest, hit.above, hit.gap))


def _doubts(book: Book, draft: Draft) -> None:
    """Conflicts that only show once the rows were counted."""
    for lot in draft.lots.values():
        title = book.sheet(lot.collection).title
        if lot.undated:
            draft.complain("unknown", lot.collection, words.unanswered(title, "date"), "date")
        if lot.rule.verb in WRITING and len(set(split(lot.open + lot.done))) < len(lot.open + lot.done) // 8:
            draft.complain("unique", lot.collection, texts.key_twice(title, _same_key(book, lot)), "key")


def _same_key(book: Book, lot: Lot) -> str:
    counted = Counter(split(lot.open + lot.done))
    return numbers(book, lot.collection, {one for one, count in counted.items() if count > 1})


def numbers(book: Book, collection: str, digests: set[bytes], most: int = 6) -> str:
    """The numbers of rows that share one of these keys, for a person to look at."""
    sheet = book.sheet(collection)
    found: dict[bytes, list[int]] = {}
    for line in book.lines(sheet):
        digest = key_digest(sheet.key(line.cells))
        if digest in digests:
            found.setdefault(digest, []).append(line.number)
    shown = [n for rows in found.values() if len(rows) > 1 for n in rows]
    return ", ".join(map(str, shown[:most])) + (", ..." if len(shown) > most else "")


def plan(book: Book, intents: Sequence[Intent], today: date) -> tuple[Step, ...]:
    """Exactly one step per intent; changes nothing."""
    drafts = survey(book, intents, today)
    _check_copies(book, drafts)
    _check_guards(book, drafts)
    return tuple(_step(book, draft) for draft in drafts)


def _check_copies(book: Book, drafts: Sequence[Draft]) -> None:
    """Nothing is acted on while a part of the file that cannot be edited holds the same identifiers."""
    named = {
        id(draft): frozenset(plain(*pair) for record in draft.intent.records for pair in record.seen)
        for draft in drafts
        if any(lot.rule.verb in (*REMOVING, *REDUCING) for lot in draft.lots.values())
    }
    found = book.copies(frozenset().union(*named.values())) if named else frozenset()
    for draft in drafts:
        if found & named.get(id(draft), frozenset()):
            name = next(iter(draft.lots.values())).collection
            draft.complain("copy", name, book.copied(book.sheet(name)))


def _check_guards(book: Book, drafts: Sequence[Draft]) -> None:
    """Nothing is written into a sheet in which rows are locked against this account."""
    guarded = {sheet.name for sheet in book.sheets if book.guarded(sheet)}
    for draft in drafts if guarded else ():
        for lot in draft.lots.values():
            if lot.collection in guarded and lot.rule.verb in WRITING:
                draft.complain("protected", lot.collection, texts.protected(book.sheet(lot.collection).title))


def _step(book: Book, draft: Draft) -> Step:
    order = {sheet.name: n for n, sheet in enumerate(book.sheets)}
    lots = sorted(draft.lots.values(), key=lambda lot: (order[lot.collection], lot.rule.id))
    items = [lot.item() for lot in lots if lot.open]
    items += [_given_back(book, seal) for seal in draft.intent.seals]
    if book.map.draft and draft.intent.action != "export":
        for name in dict.fromkeys(item.collection for item in items):
            draft.complain("unknown", name, words.unconfirmed(book.sheet(name).title))
    return Step(draft.intent, tuple(items), tuple(draft.conflicts.values()))


def _given_back(book: Book, seal: str) -> Item:
    told = [(sheet.name, sheet.collection) for sheet in book.sheets]
    aside = [name for name, one in told if one.restrict == "set_aside" or one.set_aside]
    name = aside[0] if aside else book.sheets[0].name
    return Item(f"lift:{seal}", Verb.LIFT, name, (), 0, sentence=words.given_back())


def spots_by_sheet(drafts: Iterable[Draft]) -> Iterator[tuple[str, list[tuple[Draft, Spot]]]]:
    """The rows to write, by sheet and in the order of the file."""
    found: dict[str, list[tuple[Draft, Spot]]] = {}
    for draft in drafts:
        for spot in draft.spots:
            found.setdefault(spot.sheet.name, []).append((draft, spot))
    for name, mine in found.items():
        mine.sort(key=lambda pair: pair[1].line.number)
        yield name, mine
