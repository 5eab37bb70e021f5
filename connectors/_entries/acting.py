"""Act: person by person; looked at again, sealed, changed, read back, told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connectors import _words as words
from connectors._lag import accepted
from dsr.contract import (
    Action,
    ConnectorError,
    Item,
    ItemOutcome,
    Keeper,
    Outcome,
    Purpose,
    Record,
    Row,
    Seal,
    State,
    Step,
    Text,
    Verb,
)

from .holding import Held, held
from .keeping import going
from .planning import REMOVING, WRITING, loosened, values_of
from .source import Entries, Entry, Moved, Refused

SEALED: Mapping[Verb, Purpose] = {
    Verb.SEAL_THEN_DELETE: Purpose.BLOCKED,
    Verb.RESTRICT: Purpose.SET_ASIDE,
}


@dataclass
class Work:
    """One step while it is carried out."""

    source: Entries
    step: Step
    keeper: Keeper
    now: datetime

    @property
    def key(self) -> str:
        """The intent's key: the same key is the same work."""
        return self.step.intent.key

    def planned(self, verbs: Iterable[Verb]) -> dict[str, Item]:
        """The items with these verbs, by id."""
        wanted = frozenset(verbs)
        return {item.id: item for item in self.step.items if item.verb in wanted}

    def conflict(self, why: Text | None = None) -> Outcome:
        """Nothing was changed for this person."""
        untouched = tuple(ItemOutcome(item.id, item.count, 0) for item in self.step.items)
        return Outcome(self.key, State.CONFLICT, untouched, why=why or words.changed_meanwhile())

    def records(self, planned: Mapping[str, Item]) -> list[Record]:
        """The records of these items; what an item changes does not count as their identity."""
        mine = (one for one in self.step.intent.records if one.id in planned)
        return [loosened(one, planned.values()) for one in mine]

    def held(self, planned: Mapping[str, Item]) -> dict[str, Held]:
        """What the records of these items reach now, by item."""
        found = held(self.source, self.records(planned))
        return {one.record.id: one for one in going(self.source, self.step.intent, found)}

    def moved(self, planned: Mapping[str, Item]) -> bool:
        """Whether anything planned is somebody else's now."""
        return any(self.source.moved(record) for record in self.records(planned))

    def seal(self, purpose: Purpose, entries: Sequence[Entry]) -> tuple[Seal, ...]:
        """The rows of the entries, durable when this returns; read one by one."""
        whole = purpose is Purpose.SET_ASIDE
        rows = (self.source.row(entry, whole=whole) for entry in entries)
        return (self.keeper.seal(self.key, purpose, rows),) if entries else ()

    def outcome(
        self,
        changed: Mapping[str, int],
        left: int,
        seals: tuple[Seal, ...] = (),
        *,
        taken: bool = False,
        why: Text = "",
    ) -> Outcome:
        """Done when rows were changed and nothing is left to do, already when nothing was to do. Where the system
        took every change (``taken``) and may show it late, what is left is waited for. ``why``: what it said."""
        items = tuple(self._told(item, changed) for item in self.step.items)
        lag = self.source.place.lag
        if left and not (taken and lag):
            return Outcome(self.key, State.FAILED, items, seals, why=why or words.not_taken())
        final_on = self._final(changed)
        if left:
            after = self.now + lag
            return Outcome(
                self.key, State.PENDING, items, seals, why=accepted(), check_after=after, final_on=final_on
            )
        state = State.DONE if any(changed.values()) else State.ALREADY
        return Outcome(self.key, state, items, seals, final_on=final_on)

    def _final(self, changed: Mapping[str, int]) -> date | None:
        """The day on which the system's own bin has forgotten what was erased."""
        days = self.source.place.bin_days if self.step.intent.action is Action.ERASE else 0
        return self.now.date() + timedelta(days=days) if days and any(changed.values()) else None

    def _told(self, item: Item, changed: Mapping[str, int]) -> ItemOutcome:
        if item.verb is Verb.KEEP:
            return ItemOutcome(item.id, item.count, 0, kept=item.count, why=item.reason, until=item.until)
        return ItemOutcome(item.id, item.count, changed.get(item.id, 0))


def act(work: Work) -> Outcome:
    """Carry out one step. ConnectorError: the system is in trouble, and what was done stays done."""
    return DOES[work.step.intent.action](work)


def _remove(work: Work) -> Outcome:
    planned = work.planned(REMOVING)
    if work.moved(planned):
        return work.conflict()
    now = work.held(planned)
    entries = [entry for one in now.values() for entry in one.entries]
    obstacles = tuple(work.source.obstacles(work.step.intent.action, entries))
    if obstacles:
        return work.conflict(obstacles[0].why)
    purposes = {SEALED[item.verb] for item in planned.values() if item.verb in SEALED}
    seals = tuple(seal for purpose in sorted(purposes) for seal in work.seal(purpose, entries))
    gone: list[Entry] = []
    why: Text = ""
    try:
        for entry in work.source.remove(entries):
            gone.append(entry)
    except Moved:
        if not gone:
            return work.conflict()
    except Refused as refused:
        why = refused.why
    changed = {id: len(set(_keys(one.entries)) & set(_keys(gone))) for id, one in now.items()}
    if changed:
        # What came since the plan and went with the rest counts with the first item.
        changed[next(iter(changed))] += len(gone) - sum(changed.values())
    left = [entry for one in work.held(planned).values() for entry in one.entries]
    return work.outcome(changed, len(left), seals, taken=set(_keys(left)) <= set(_keys(gone)), why=why)


def _keys(entries: Iterable[Entry]) -> Iterator[tuple[object, ...]]:
    return ((one.collection, *one.key) for one in entries)


def _write(work: Work) -> Outcome:
    planned = work.planned(WRITING)
    if work.moved(planned):
        return work.conflict()
    todo = open_changes(work, planned)
    if any(not has(work.source, entry, c.field, c.old) for item, entry in todo for c in item.changes):
        return work.conflict()
    seals: tuple[Seal, ...] = ()
    if work.step.intent.action is Action.RESTRICT:
        seals = work.seal(Purpose.SET_ASIDE, [entry for _, entry in todo])
    elif work.step.intent.block:
        seals = work.seal(Purpose.OLD_VALUES, [entry for _, entry in todo])
    changed = {item.id: 0 for item in planned.values()}
    why: Text = ""
    for item, entry in todo:
        try:
            work.source.correct(entry, item.changes)
        except Moved:
            if not any(changed.values()):
                return work.conflict()
            break
        except Refused as refused:
            why = refused.why
            continue
        changed[item.id] += 1
    taken = sum(changed.values()) == len(todo)
    return work.outcome(changed, len(open_changes(work, planned)), seals, taken=taken, why=why)


def open_changes(work: Work, planned: Mapping[str, Item]) -> list[tuple[Item, Entry]]:
    """The entries that do not have the new values (yet)."""
    return [
        (planned[id], entry)
        for id, one in work.held(planned).items()
        for entry in one.entries
        if not all(has(work.source, entry, change.field, change.new) for change in planned[id].changes)
    ]


def has(source: Entries, entry: Entry, name: str, value: object) -> bool:
    """Whether a field holds exactly this value, or these."""
    return values_of(source.value(entry, name)) == values_of(value)


def _restrict(work: Work) -> Outcome:
    return _write(work) if work.planned({Verb.MARK}) else _remove(work)


def _lift(work: Work) -> Outcome:
    """Put rows back in the order in which they were sealed, or take the mark off again."""
    changed: dict[str, int] = {}
    for item in work.planned({Verb.LIFT}).values():
        for row in work.keeper.rows(item.id):
            try:
                done = _unmark(work, row) if work.source.place.mark else work.source.restore(row)
            except Moved:
                if not any(changed.values()):
                    return work.conflict()
                return work.outcome(changed, 1)
            changed[item.id] = changed.get(item.id, 0) + int(done)
    return work.outcome(changed, 0)


def _unmark(work: Work, row: Row) -> bool:
    """Give the marked field its former value, unless somebody set another one since."""
    mark = work.source.place.mark
    if mark is None:
        return False
    record = next((r for r in work.step.intent.records if r.anchor == (row.collection, row.key)), None)
    entry = next(iter(work.source.reach(record)), None) if record else None
    if entry is None:
        raise Moved
    before = row.values.get(mark.field)
    if not has(work.source, entry, mark.field, mark.new) or values_of(before) == values_of(mark.new):
        return False
    work.source.correct(entry, [type(mark)(mark.field, before, mark.new)])
    return True


def _export(work: Work) -> Outcome:
    raise ConnectorError("an export is read, not acted on", permanent=True)


DOES: Mapping[Action, Callable[[Work], Outcome]] = {
    Action.ERASE: _remove,
    Action.RECTIFY: _write,
    Action.RESTRICT: _restrict,
    Action.LIFT: _lift,
    Action.EXPORT: _export,
    Action.STOP: _write,
}
