"""Act: person by person; looked at again, sealed, changed, read back, told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connectors import _words
from connectors._lag import accepted
from dsr.contract import (
    Action,
    Item,
    ItemOutcome,
    Keeper,
    Key,
    Outcome,
    Purpose,
    Row,
    Seal,
    State,
    Step,
    Text,
    Verb,
    key_digests,
    only_grew,
)

from . import keeping, lifting, texts
from .deeds import REMOVING, Deed
from .filling import pick
from .grouping import GONE, OTHER
from .holding import Held, Source, ghost
from .model import WITH_PARENT
from .planning import decided
from .wanted import is_set, is_stopped
from .writing import Writer, again, left

CHANGING = frozenset({
    *REMOVING, Verb.ANONYMISE, Verb.PSEUDONYMISE, Verb.RESTRICT, Verb.CORRECT, Verb.MARK, Verb.STOP,
})  # fmt: skip


@dataclass
class Work:
    """One step while it is carried out."""

    source: Source
    step: Step
    keeper: Keeper
    now: datetime
    refused: set[str] = field(default_factory=set)
    """Names of calls that the vendor did not accept: nothing is to be waited for there."""

    touched: set[tuple[str, str, Key]] = field(default_factory=set)
    """(What was done, kind of row, key) of every row so far: a row may hang on two records of hers, and one call may
    do for several rows."""

    def new(self, deed: Deed) -> tuple[Held, ...]:
        """The rows to which this was not done yet, and from now on it is."""
        what = deed.id.removesuffix(f":{deed.group.record.id}")
        once = deed.stop.once if deed.stop else ""
        rows: list[Held] = []
        for one in deed.todo:
            told = (what, one.collection.called, tuple(pick(one.values, once)) if once else one.key)
            if told not in self.touched:
                rows.append(one)
            self.touched.add(told)
        return tuple(rows)

    @property
    def key(self) -> str:
        """The intent's key."""
        return self.step.intent.key

    def planned(self) -> dict[str, Item]:
        """The lines that change something, by id."""
        return {one.id: one for one in self.step.items if one.verb in CHANGING}

    def conflict(self) -> Outcome:
        """Nothing was changed for this person."""
        items = tuple(ItemOutcome(one.id, one.count, 0) for one in self.step.items)
        return Outcome(self.key, State.CONFLICT, items, why=_words.changed_meanwhile())

    def outcome(
        self,
        state: State,
        changed: Mapping[str, int],
        seals: Sequence[Seal] = (),
        *,
        receipt: str = "",
        why: Text = "",
    ) -> Outcome:
        """What is told; a removal says when it becomes final."""
        right = self.source.vendor.rights[self.step.intent.action]
        done = state in (State.DONE, State.ALREADY) and any(one.verb in REMOVING for one in self.step.items)
        final = self.now.date() + timedelta(days=right.days) if right.days and done else None
        items = tuple(_told(one, changed) for one in self.step.items)
        return Outcome(self.key, state, items, tuple(seals), receipt, why, final_on=final)


def _told(item: Item, changed: Mapping[str, int]) -> ItemOutcome:
    if item.verb is Verb.KEEP:
        return ItemOutcome(item.id, item.count, 0, kept=item.count, why=item.reason, until=item.until)
    return ItemOutcome(item.id, item.count, changed.get(item.id, 0))


def act(work: Work) -> Outcome:
    """Carry out one step. ConnectorError: the vendor is in trouble, and what was done stays done."""
    if work.step.intent.action is Action.LIFT:
        return lifting.act(work)
    deeds = decided(work.source, work.step.intent, doing=True, keeper=work.keeper)
    now = {one.id: one for one in deeds.lines}
    if deeds.conflicts or _is_changed(work, now):
        return work.conflict()
    todo = _todo(work, now)
    seals = _seal(work, todo)
    done: dict[str, int] = {}
    for deed in sorted(todo, key=lambda one: _order(work, one)):
        if not _still_hers(work, deed):
            return work.outcome(State.CONFLICT, done, seals, why=texts.halfway()) if done else work.conflict()
        _carry_out(work, replace(deed, todo=work.new(deed)))
        done[deed.id] = len(deed.todo)
    return _read_back(work, todo, seals)


def _is_changed(work: Work, now: Mapping[str, Deed]) -> bool:
    """Whether planned rows went elsewhere, or the row they hang on is somebody else's by now."""
    for id, item in work.planned().items():
        deed = now.get(id)
        if deed is None:
            if not _is_gone(work, item):
                return True
        elif deed.group.root == OTHER or (deed.group.root != GONE and not _only_less(work, item, deed)):
            return True
    return False


def _only_less(work: Work, item: Item, deed: Deed) -> bool:
    """Whether every planned row is there or gone for good: an attempt that was interrupted took it, or somebody
    else did. A row that can still be read by its id went to another person."""
    if only_grew(item.digests, key_digests(one.key for one in deed.rows)):
        return True
    if item.verb not in REMOVING or not item.keys:
        return False
    collection, lost = deed.group.collection, missing(work.source, item, deed)
    if not collection.get:
        # Without a call by id the path of its parent is the only way to it, unless it goes with the parent.
        return collection.erase != WITH_PARENT
    return not work.source.by_id(collection, lost)


def missing(source: Source, item: Item, deed: Deed) -> list[Held]:
    """What stands for planned rows that no listing shows any more."""
    there = {one.key for one in deed.rows}
    anchor = source.vendor.collection(deed.group.record.anchor[0])
    root = ghost(anchor, deed.group.record)
    lost = [key for key in item.keys if key not in there]
    if not deed.group.collection.of:
        return [root for key in lost if key == root.key]
    return [Held(deed.group.collection, key, {}, parent=root) for key in lost]


def _is_gone(work: Work, item: Item) -> bool:
    """Whether the row that the rows of an item hang on is not there any more."""
    for record in work.step.intent.records:
        if record.id in item.records:
            id = str(record.anchor[1][-1])
            return not work.source.roots(work.source.vendor.collection(record.anchor[0]), [id])
    return False


def _todo(work: Work, now: Mapping[str, Deed]) -> list[Deed]:
    """The planned lines that still have something to do. Rows of hers that came since are in them, and rows
    that are deleted and still lie in the vendor's bin."""
    planned = work.planned()
    mine = [(planned[id], one) for id, one in now.items() if id in planned]
    whole = [replace(one, todo=(*one.todo, *_binned(work, item, one))) for item, one in mine]
    return [one for one in whole if one.todo]


def _binned(work: Work, item: Item, deed: Deed) -> list[Held]:
    if not deed.group.collection.empties_bin or item.verb not in REMOVING:
        return []
    return [one for one in missing(work.source, item, deed) if work.source.is_binned(one)]


def _seal(work: Work, todo: Sequence[Deed]) -> list[Seal]:
    """Seal what the law wants kept and what is needed to go back, before anything is changed."""
    if work.step.intent.action is Action.RESTRICT:
        rows = [_former(row, one) for one in todo for row in one.todo]
        return [work.keeper.seal(work.key, Purpose.SET_ASIDE, rows)] if rows else []
    sets: list[tuple[str, Purpose, list[Row]]] = []
    if work.step.intent.block and (rows := _blocked(todo)):
        purpose = Purpose.OLD_VALUES if work.step.intent.action is Action.RECTIFY else Purpose.BLOCKED
        sets.append((work.key, purpose, rows))
    aside = {
        (row.collection.name, row.key): keeping.former(row, one)
        for one in todo
        if keeping.is_aside(one)
        for row in one.todo
    }
    if aside:
        sets.append((work.key, Purpose.SET_ASIDE, list(aside.values())))
    return work.keeper.seal_all(sets) if sets else []


def _blocked(todo: Sequence[Deed]) -> list[Row]:
    """The whole rows that change, each once. What is deleted already was sealed by the attempt that deleted it."""
    kept = (Verb.SEAL_THEN_DELETE, Verb.ANONYMISE, Verb.PSEUDONYMISE, Verb.CORRECT)
    wanted = [one for one in todo if one.verb in kept and not one.group.collection.unblocked]
    rows = {(row.collection.name, row.key): row for one in wanted for row in one.todo if row.values}
    return [row.row() for row in rows.values()]


def _former(row: Held, deed: Deed) -> Row:
    """What a marked row had before, and the identity by which it is known again."""
    return lifting.former(row, deed.sets(row))


def _order(work: Work, deed: Deed) -> tuple[int, bool]:
    """What hangs on a row goes before it; an identifier is corrected after everything else."""
    collection = deed.group.collection
    identity = deed.verb is Verb.CORRECT and any(collection.field(name).identity for name in deed.fields)
    names = [one.name for one in work.source.vendor.collections]
    return -names.index(collection.name), identity


def _still_hers(work: Work, deed: Deed) -> bool:
    """Look once more, right before writing, whose the row with the identity is."""
    anchor = work.source.vendor.collection(deed.group.record.anchor[0])
    id = str(deed.group.record.anchor[1][-1])
    held = work.source.fresh().roots(anchor, [id]).get(id)
    before = work.source.roots(anchor, [id]).get(id)
    if held is None or before is None:
        return True
    if deed.verb is Verb.CORRECT:
        return bool(set(before.seen) & set(held.seen))
    return set(before.seen) <= set(held.seen)


def _carry_out(work: Work, deed: Deed) -> None:
    writer = Writer(work.source, work.refused)
    if deed.verb in REMOVING:
        if deed.group.collection.erase != WITH_PARENT:
            writer.delete(deed.todo)
        return
    for row in deed.todo:
        if deed.verb is Verb.STOP:
            writer.stop(row, deed)
        else:
            writer.set(row, deed)


def _read_back(work: Work, todo: Sequence[Deed], seals: Sequence[Seal]) -> Outcome:
    """Done is only what a fresh read shows."""
    fresh = work.source.fresh()
    by_id = [(one.group.collection, list(dict.fromkeys(row.id for row in one.todo))) for one in todo]
    fresh.ahead([request for collection, ids in by_id for request in fresh.gets(collection, ids)])
    open_rows = {one.id: unfinished(fresh, one) for one in todo}
    changed = {one.id: len(one.todo) - len(open_rows[one.id]) for one in todo}
    if not any(open_rows.values()):
        state = State.DONE if any(changed.values()) else State.ALREADY
        return work.outcome(state, changed, seals, why=_history(todo))
    wait = max(_later(work, one) for one in todo if open_rows[one.id])
    if wait:
        told = work.outcome(State.PENDING, changed, seals, why=accepted())
        return Outcome(
            told.key,
            told.state,
            told.items,
            told.seals,
            told.receipt,
            told.why,
            work.now + timedelta(minutes=wait),
        )
    return work.outcome(State.FAILED, changed, seals, why=texts.ignored(work.source.vendor.name))


def _history(todo: Sequence[Deed]) -> Text:
    """What the vendor keeps of the former values of fields that were changed in kept rows."""
    told = [one.group.collection.history for one in todo if one.changes and one.group.collection.reduced]
    return next((one for one in told if one), "")


def unfinished(source: Source, deed: Deed) -> list[Held]:
    """Rows of a line that are not as they should be, read anew."""
    if deed.verb in REMOVING:
        return left(source, deed.todo)
    now = {(one.collection.name, one.key): one for one in again(source, list(deed.todo))}
    return [row for row in deed.todo if not _is_done(now.get((row.collection.name, row.key)), row, deed)]


def _is_done(now: Held | None, before: Held, deed: Deed) -> bool:
    if now is None:
        return False
    if deed.stop is not None:
        return is_stopped(deed.stop, now)
    return is_set(now, deed.sets(before))


def _later(work: Work, deed: Deed) -> int:
    collection = deed.group.collection
    named = (
        collection.erase_calls
        if deed.verb in REMOVING
        else ((deed.stop.call if deed.stop else "") or collection.update,)
    )
    return max(
        (work.source.vendor.calls[name].later for name in named if name and name not in work.refused),
        default=0,
    )
