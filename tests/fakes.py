"""Stand-ins for what is not ours. ``Notebook`` is a whole connector over one JSON file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dsr.contract import (
    Action,
    Capability,
    Change,
    CollectionInfo,
    Conflict,
    ConnectorError,
    Context,
    Description,
    FieldInfo,
    Finding,
    Found,
    Identifier,
    Intent,
    Item,
    ItemOutcome,
    Keeper,
    Located,
    Match,
    Outcome,
    Purpose,
    Record,
    Residual,
    Row,
    RowPage,
    Seal,
    Searched,
    Setting,
    State,
    Step,
    Subject,
    Support,
    Verb,
    key_digests,
    only_grew,
)

Data = dict[str, list[dict[str, Any]]]
FOUND_BY = {"es": "La dirección es la misma", "en": "The address is the same", "pt": "O endereço é o mesmo"}
REMOVING = {Verb.DELETE, Verb.SEAL_THEN_DELETE, Verb.RESTRICT}
PURPOSES = {Verb.SEAL_THEN_DELETE: Purpose.BLOCKED, Verb.RESTRICT: Purpose.SET_ASIDE}


class Notebook:
    """``{"cards": [{id, email, name, news, restricted}], "notes": [{id, card, text}]}``; one card each."""

    kind = "notebook"
    settings = (Setting("path", "the file of the notebook"),)

    def open(self, context: Context) -> None:
        if not isinstance(context.settings.get("path"), str):
            raise ConnectorError("the setting 'path' must name the notebook's file", permanent=True)
        self.context, self.path = context, Path(context.settings["path"])

    def close(self) -> None:
        """Nothing is held between calls."""

    def describe(self) -> Description:
        fields = (
            FieldInfo("email", ("user.contact.email",), "provided", identity="email"),
            FieldInfo("name", ("user.name",), "provided", rectifiable=True),
        )
        return Description(
            title="Notebook",
            collections=(CollectionInfo("cards", "Cards", fields=fields), CollectionInfo("notes", "Notes")),
            capabilities=tuple(Capability(a, Support.NATIVE, f"{a} in the file, at once") for a in Action),
            identifiers=("email",),
        )

    def check(self) -> tuple[Finding, ...]:
        data = self._load()
        missing = [name for name in ("cards", "notes") if name not in data]
        if missing:
            return (Finding("error", "missing", f"the notebook has no {' and no '.join(missing)}"),)
        return (Finding("ok", "reached", f"{len(data['cards'])} cards"),)

    def locate(self, subjects: Sequence[Subject], after: str | None = None) -> Located:
        start, data = int(after or 0), self._load()
        stop = start + self.context.limits.page
        records = tuple(r for one in subjects[start:stop] for r in self._records(data, one))
        if stop < len(subjects):
            return Located(records, (), str(stop))
        everything = [r for one in subjects for r in self._records(data, one)]
        return Located(records, tuple(searched(one, everything) for one in subjects))

    def _records(self, data: Data, subject: Subject) -> Iterator[Record]:
        certain = [card["id"] for one in subject.proved for card in self._cards(data, one)]
        claimed = [card["id"] for one in subject.claimed for card in self._cards(data, one)]
        for number in dict.fromkeys([*certain, *claimed]):
            match = Match.EXACT if number in certain else Match.PROPOSED
            for collection in ("cards", "notes"):
                yield from self._record(data, subject, number, collection, match)

    def _record(
        self, data: Data, subject: Subject, number: int, collection: str, match: Match
    ) -> Iterator[Record]:
        found = Record(
            id=hashlib.sha256(f"{self.context.system}:{collection}:{number}".encode()).hexdigest()[:20],
            subject=subject.key,
            collection=collection,
            anchor=("cards", (number,)),
            path=() if collection == "cards" else ("notes.card",),
            count=0,
            seen=(("email", the_card(data, number)["email"]),),
            match=match,
            why=FOUND_BY,
        )
        count = len(self._rows(data, found))
        if count:
            yield replace(found, count=count)

    def _cards(self, data: Data, wanted: Identifier) -> list[dict[str, Any]]:
        if wanted.kind != "email":
            return []
        return [card for card in data["cards"] if self._same(card["email"], wanted.value)]

    def _same(self, stored: str, wanted: str) -> bool:
        return stored.casefold() == wanted.casefold()

    def read(self, records: Sequence[Record], after: str | None = None) -> RowPage:
        start, data = int(after or 0), self._load()
        stop = start + self.context.limits.page
        rows = [(r.id, as_row(r.collection, row)) for r in records for row in self._rows(data, r)]
        return RowPage(tuple(rows[start:stop]), str(stop) if stop < len(rows) else None)

    def _rows(self, data: Data, record: Record) -> list[dict[str, Any]]:
        """The rows of a record now; none once the card is gone or somebody else's."""
        card = the_card(data, record.anchor[1][0])
        if not card or card["email"] != dict(record.seen)["email"]:
            return []
        if record.collection == "cards":
            return [card]
        return [note for note in data["notes"] if note["card"] == card["id"]]

    def plan(self, intents: Sequence[Intent]) -> tuple[Step, ...]:
        data = self._load()
        return tuple(self._step(data, intent) for intent in intents)

    def _step(self, data: Data, intent: Intent) -> Step:
        if any(change.field != "user.name" for change in intent.changes):
            return Step(intent, (), (Conflict("unknown", "cards", "only the name can be corrected"),))
        items = [i for r in intent.records for i in self._items(intent, r, self._rows(data, r))]
        lifted = (Item(seal, Verb.LIFT, "notes", (), 0) for seal in intent.seals)
        return Step(intent, tuple(items) + tuple(lifted))

    def _items(self, intent: Intent, record: Record, rows: list[dict[str, Any]]) -> Iterator[Item]:
        verb, changes = WORK[intent.action](intent, record.collection)
        if verb and rows:
            digests = key_digests((row["id"],) for row in rows)
            yield Item(record.id, verb, record.collection, (record.id,), len(rows), digests, changes=changes)

    def act(self, steps: Sequence[Step], keeper: Keeper) -> Iterator[Outcome]:
        if self.context.read_only:
            raise ConnectorError("the notebook is open for reading only", permanent=True)
        for step in steps:
            yield self._act(step, keeper)

    def _act(self, step: Step, keeper: Keeper) -> Outcome:
        data = self._load()
        work = [(item, self._now(data, step, item)) for item in step.items if item.verb is not Verb.LIFT]
        if self._differs(data, step, work):
            return Outcome(step.intent.key, State.CONFLICT, why="the rows are not those of the plan")
        seals = self._seal(step, work, keeper)
        items = [ItemOutcome(i.id, i.count, self._carry_out(data, i, rows)) for i, rows in work]
        items += [self._give_back(data, seal, keeper) for seal in step.intent.seals]
        if not any(one.changed for one in items):
            return Outcome(step.intent.key, State.ALREADY, tuple(items))
        self._save(data)
        return Outcome(step.intent.key, State.DONE, tuple(items), seals)

    def _now(self, data: Data, step: Step, item: Item) -> list[dict[str, Any]]:
        return [row for r in step.intent.records if r.id in item.records for row in self._rows(data, r)]

    def _differs(self, data: Data, step: Step, work: list[tuple[Item, list[dict[str, Any]]]]) -> bool:
        """Somebody else's card, or fewer or other rows than planned, unless nothing is left to do at all."""
        cards = [(the_card(data, r.anchor[1][0]), dict(r.seen)["email"]) for r in step.intent.records]
        if any(card and card["email"] != seen for card, seen in cards):
            return True
        other = any(not only_grew(i.digests, key_digests((r["id"],) for r in rows)) for i, rows in work)
        return other and any(to_do(item, row) for item, rows in work for row in rows)

    def _seal(
        self, step: Step, work: list[tuple[Item, list[dict[str, Any]]]], keeper: Keeper
    ) -> tuple[Seal, ...]:
        found = []
        for verb, purpose in PURPOSES.items():
            rows = [as_row(i.collection, row) for i, rows in work if i.verb is verb for row in rows]
            if rows:
                found.append(keeper.seal(step.intent.key, purpose, rows))
        return tuple(found)

    def _carry_out(self, data: Data, item: Item, rows: list[dict[str, Any]]) -> int:
        todo = [row for row in rows if to_do(item, row)]
        if item.verb in REMOVING:
            data[item.collection] = [row for row in data[item.collection] if row not in todo]
        for row in todo:
            row.update({change.field: change.new for change in item.changes})
        return len(todo)

    def _give_back(self, data: Data, seal: str, keeper: Keeper) -> ItemOutcome:
        there = {note["id"] for note in data["notes"]}
        missing = [dict(row.values) for row in keeper.rows(seal) if row.values["id"] not in there]
        data["notes"] += missing
        return ItemOutcome(seal, 0, len(missing))

    def verify(self, pairs: Sequence[tuple[Step, Outcome]]) -> tuple[Residual, ...]:
        data = self._load()
        return tuple(r for step, outcome in pairs for r in self._residuals(data, step, outcome))

    def _residuals(self, data: Data, step: Step, outcome: Outcome) -> Iterator[Residual]:
        hers = list(self._records(data, replace(step.intent.subject, claimed=())))
        for item in step.items:
            rows = self._now(data, step, item)
            if item.verb in REMOVING:
                rows = [row for r in hers if r.collection == item.collection for row in self._rows(data, r)]
            left = [row for row in rows if to_do(item, row)]
            if left:
                yield Residual(outcome.key, item.id, len(left), item.collection)
        back = sum(one.changed for one in outcome.items if one.item in step.intent.seals)
        there = sum(record.count for record in hers if record.collection == "notes")
        if there < back:
            yield Residual(outcome.key, step.intent.seals[0], back - there, "notes")

    def _load(self) -> Data:
        try:
            data: Data = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise ConnectorError("the notebook cannot be read", permanent=False) from None
        return data

    def _save(self, data: Data) -> None:
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(data), encoding="utf-8")
        os.replace(new, self.path)


def _removal(intent: Intent, collection: str) -> tuple[Verb | None, tuple[Change, ...]]:
    return (Verb.SEAL_THEN_DELETE if intent.block else Verb.DELETE), ()


def _correction(intent: Intent, collection: str) -> tuple[Verb | None, tuple[Change, ...]]:
    changes = tuple(replace(change, field="name") for change in intent.changes)
    return (Verb.CORRECT if collection == "cards" else None), changes


def _restriction(intent: Intent, collection: str) -> tuple[Verb | None, tuple[Change, ...]]:
    return (Verb.RESTRICT, ()) if collection == "notes" else (Verb.MARK, (Change("restricted", True),))


def _lifting(intent: Intent, collection: str) -> tuple[Verb | None, tuple[Change, ...]]:
    return (None, ()) if collection == "notes" else (Verb.MARK, (Change("restricted", False),))


def _stop(intent: Intent, collection: str) -> tuple[Verb | None, tuple[Change, ...]]:
    wanted = collection == "cards" and "marketing" in intent.channels
    return (Verb.STOP if wanted else None), (Change("news", False),)


WORK: dict[Action, Callable[[Intent, str], tuple[Verb | None, tuple[Change, ...]]]] = {
    Action.EXPORT: lambda intent, collection: (Verb.EXPORT, ()),
    Action.ERASE: _removal,
    Action.RECTIFY: _correction,
    Action.RESTRICT: _restriction,
    Action.LIFT: _lifting,
    Action.STOP: _stop,
}


def the_card(data: Data, number: object) -> dict[str, Any]:
    """The card with this number, or an empty one."""
    return next((card for card in data["cards"] if card["id"] == number), {})


def to_do(item: Item, row: dict[str, Any]) -> bool:
    """True when the row is not yet as the item wants it."""
    return item.verb in REMOVING or any(row[c.field] != c.new for c in item.changes)


def as_row(collection: str, row: dict[str, Any]) -> Row:
    """A row of the file as the contract wants it."""
    return Row(collection, (row["id"],), dict(row))


def searched(subject: Subject, records: Sequence[Record]) -> Searched:
    """The answer for one person."""
    count = sum(record.count for record in records if record.subject == subject.key)
    return Searched(subject.key, Found.FOUND if count else Found.NOTHING, count)
