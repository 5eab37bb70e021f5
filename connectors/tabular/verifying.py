"""Verify: the file is read again, by identity and by key, and compared with what outcomes say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from connectors import _words as words
from connectors._kept import refilled
from dsr.contract import Action, Item, Match, Outcome, Record, Residual, Step, Verb, key_digest

from .book import Book
from .lifting import written
from .locating import Hunt, match_of
from .rules import OPEN, REDUCING, REMOVING, SETTING, removes, rules_of
from .surveying import split, survey
from .walking import Group, by_digest, walk

Pairs = Sequence[tuple[Step, Outcome]]


def verify(book: Book, pairs: Pairs, today: date) -> tuple[Residual, ...]:
    """What can still be read; nothing for a step means that all of it is true."""
    due = [pair for pair in pairs if pair[0].items and pair[0].intent.action is not Action.EXPORT]
    left: dict[tuple[str, str], set[bytes]] = {}
    steps = [step for step, _ in due]
    for step, item, digest in (
        *_named(book, steps, today),
        *_unset(book, steps, today),
        *_by_key(book, steps),
    ):
        left.setdefault((step.intent.key, item.id), set()).add(digest)
    found = []
    for step in steps:
        for item in step.items:
            count = len(left.get((step.intent.key, item.id), ()))
            if count:
                found.append(_residual(book, step, item, count))
    return (*found, *_not_back(book, due))


def _residual(book: Book, step: Step, item: Item, count: int) -> Residual:
    title = book.sheet(item.collection).title
    return Residual(step.intent.key, item.id, count, words.still_there(title))


Left = Iterator[tuple[Step, Item, bytes]]


def _named(book: Book, steps: Sequence[Step], today: date) -> Left:
    """Rows that still name a person, in collections out of which hers should be gone."""
    going = [step for step in steps if any(i.verb in (*REMOVING, *REDUCING) for i in step.items)]
    by_who: dict[str, list[Step]] = {}
    for step in going:
        by_who.setdefault(step.intent.subject.key, []).append(step)
    hunt = Hunt([steps_of[0].intent.subject for steps_of in by_who.values()])
    for hit in walk(book, hunt) if going else ():
        _, certain = hunt.by_what(hit.group.who, hit.group.seen)
        shared = hit.sheet.collection.owner in ("shared", "other")
        if match_of(hit.group, shared, certain) is not Match.EXACT:
            continue
        digest = key_digest(hit.key)
        for step in by_who[hit.group.who]:
            item = _gone_item(step, hit.sheet.name)
            kept = any(digest in split(i.digests) for i in step.items if i.verb is Verb.KEEP)
            if item is not None and not kept and _should_go(book, step, hit.group, hit.line.cells, today):
                yield step, item, digest


def _gone_item(step: Step, collection: str) -> Item | None:
    """The item that a row of this collection should have gone with."""
    removing = [i for i in step.items if i.verb in (*REMOVING, *REDUCING)]
    return next((i for i in removing if i.collection == collection), None)


def _should_go(book: Book, step: Step, group: Group, cells: Sequence[object], today: date) -> bool:
    """Whether the rules of the step would remove this row (one kept by law is not left over)."""
    sheet = book.sheet(group.collection)
    record = Record("", group.who, sheet.name, (group.anchor, ()), group.path, 1, group.seen, Match.EXACT, "")
    rules = rules_of(step.intent, record, sheet, lambda *_: None, lambda *_: True)
    return any(
        rule.verb in (*REMOVING, *REDUCING) and rule.state(sheet, cells, step.intent.on or today) == OPEN
        for rule in rules
    )


def _unset(book: Book, steps: Sequence[Step], today: date) -> Left:
    """Rows of the records on which a value is still to be set."""
    setting = [step for step in steps if any(item.verb in SETTING for item in step.items)]
    drafts = survey(book, [step.intent for step in setting], today, setting) if setting else []
    for step, draft in zip(setting, drafts, strict=True):
        for item in step.items:
            lot = draft.lots.get(item.id)
            for digest in split(lot.open) if lot and item.verb in SETTING else ():
                yield step, item, digest


def _by_key(book: Book, steps: Sequence[Step]) -> Left:
    """Planned rows that are found by their key: rows that only hung on hers, and values that are not set."""
    wanted: dict[str, set[bytes]] = {}
    owners: dict[tuple[str, bytes], list[tuple[Step, Item]]] = {}
    for step in steps:
        paths = {record.id: record.path for record in step.intent.records}
        for item in step.items:
            hanging = removes(item) and any(paths.get(name) for name in item.records)
            values = bool(item.changes) and step.intent.action is not Action.LIFT
            if (hanging or values) and not book.sheet(item.collection).keyless:
                for digest in split(item.digests):
                    wanted.setdefault(item.collection, set()).add(digest)
                    owners.setdefault((item.collection, digest), []).append((step, item))
    for sheet, line, digest in by_digest(book, wanted) if wanted else ():
        for step, item in owners[sheet.name, digest]:
            if removes(item) or not all(written(sheet, line.cells, c) for c in item.changes):
                yield step, item, digest


def _not_back(book: Book, pairs: Pairs) -> Iterator[Residual]:
    """Rows that were not given back: fewer are found than the outcome says."""
    lifted = [(step, outcome) for step, outcome in pairs if step.intent.action is Action.LIFT]
    if not lifted:
        return
    hunt = Hunt([step.intent.subject for step in {s.intent.subject.key: s for s, _ in lifted}.values()])
    there: dict[str, int] = {}
    for hit in walk(book, hunt):
        there[hit.group.who] = there.get(hit.group.who, 0) + 1
    for step, outcome in lifted:
        items = [item for item in step.items if item.verb is Verb.LIFT]
        said = {one.item: one.changed for one in outcome.items}
        whole = sum(said.get(item.id, 0) for item in items) - refilled(outcome.receipt)
        missing = whole - there.get(step.intent.subject.key, 0)
        if items and missing > 0:
            yield _residual(book, step, items[0], missing)
