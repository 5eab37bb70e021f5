"""What an intent means for the rows that are there: the same rules for the plan, the deed and the check.

A ``Deed`` is one line: a verb on the rows of one record. ``todo`` are the rows on which there is still
something to do; once everything is done there are none.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from connectors import _words as words
from connectors._kept import is_of_fields
from connectors._map.matching import covers
from connectors._people import plain
from dsr.contract import (
    PORTABLE_BASES,
    PORTABLE_ORIGINS,
    Action,
    Change,
    Conflict,
    Intent,
    Item,
    Keeper,
    Match,
    Text,
    Verb,
    key_digests,
)

from . import keeping, texts
from .calling import Scope, holds
from .filling import pick, put
from .grouping import Group
from .holding import Held
from .model import Collection, Field, Stop
from .wanted import alike, is_set, is_stopped

REMOVING = frozenset({Verb.DELETE, Verb.SEAL_THEN_DELETE})
OBJECTIONS: Mapping[str, tuple[str, ...]] = {
    "": ("marketing", "tracking"),
    "grounds": ("marketing", "tracking"),
}


@dataclass(frozen=True)
class Deed:
    """One line of a plan. ``rows`` are all it is about; ``sets(row)`` the values a row is to get, by path."""

    id: str
    verb: Verb
    group: Group
    rows: tuple[Held, ...]
    todo: tuple[Held, ...]
    fields: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    reason: Text = ""
    citation: str = ""
    until: date | None = None
    stop: Stop | None = None
    sets: Callable[[Held], Mapping[str, Any]] = field(default=lambda row: {})

    def item(self) -> Item:
        """The line as the contract has it; only what is still to do counts."""
        made = Item(
            id=self.id,
            verb=self.verb,
            collection=self.group.collection.name,
            records=(self.group.record.id,),
            count=len(self.todo),
            digests=key_digests(one.key for one in self.todo),
            fields=self.fields,
            changes=self.changes,
            reason=self.reason,
            citation=self.citation,
            until=self.until,
        )
        by_key = self.verb in REMOVING or is_of_fields(made)
        return replace(made, keys=tuple(one.key for one in self.todo)) if by_key else made


@dataclass
class Deeds:
    """The lines of one intent, and why it cannot be carried out. ``setting``: what placeholders see, with
    ``basis`` and ``origin`` where the settings answer for the file. ``keeper``: makes pseudonyms, only while it is
    carried out. ``empties``: the vendor empties a field with ``""``."""

    intent: Intent
    setting: Scope
    keeper: Keeper | None = None
    empties: bool = False
    lines: list[Deed] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    def decide(self, found: Sequence[Group]) -> Deeds:
        """Decide about every group."""
        rule = RULES[self.intent.action]
        for group in found:
            (_mentioned if group.record.match is Match.MENTIONED else rule)(self, group)
        return self

    def add(
        self, verb: Verb, group: Group, rows: Sequence[Held], todo: Sequence[Held] | None = None, **more: Any
    ) -> None:
        """One line, unless it is about nothing."""
        name = more.pop("name", str(verb))
        left = tuple(rows if todo is None else todo)
        self.lines.append(Deed(f"{name}:{group.record.id}", verb, group, tuple(rows), left, **more))

    def able(self, group: Group, rows: Sequence[Held], *, delete: bool = False) -> list[Held]:
        """The rows that can be changed, or deleted; the others stay as they are, and that is told once."""
        fixed = group.collection.fixed
        if fixed is None or delete and not fixed.delete:
            return list(rows)
        stay = [one for one in rows if holds(fixed.when, one.values, {})]
        if stay and not any(one.verb is Verb.KEEP and one.group is group for one in self.lines):
            self.add(Verb.KEEP, group, stay, reason=fixed.why)
        return [one for one in rows if one not in stay]

    def conflict(self, kind: str, group: Group, why: Text) -> None:
        """Said once for a collection."""
        made = Conflict(kind, group.collection.name, why)
        if made not in self.conflicts:
            self.conflicts.append(made)


def _export(deeds: Deeds, group: Group) -> None:
    names = tuple(one.name for one in group.collection.fields)
    every = tuple(dict.fromkeys((*names, *(name for row in group.rows for name in row.values))))
    given = every if deeds.intent.scope != "portable" else _portable(deeds, group, every)
    if group.rows and given:
        deeds.add(Verb.EXPORT, group, group.rows, name="export", fields=given)


def _mentioned(deeds: Deeds, group: Group) -> None:
    """Somebody else's row is shown, or stays for a person to go over it."""
    if deeds.intent.action is Action.EXPORT and deeds.intent.scope != "portable":
        _export(deeds, group)
    elif deeds.intent.action is Action.ERASE and group.rows:
        deeds.add(Verb.KEEP, group, group.rows, reason=words.by_hand(group.collection.title))


def _portable(deeds: Deeds, group: Group, every: Sequence[str]) -> tuple[str, ...]:
    """What the person gave or what was observed (Art. 20(1) GDPR; WP 242). The setting ``origin`` answers for
    fields whose origin no file can know, such as those that a customer of the vendor made."""
    collection = group.collection
    basis = collection.basis or deeds.setting.get("basis", "")
    if not basis:
        deeds.conflict("unknown", group, words.unanswered(collection.title, "basis"))
    if basis not in PORTABLE_BASES:
        return ()
    origins = {one.name: one.origin for one in collection.fields}
    usual = deeds.setting.get("origin", "") or "unknown"
    told = {name: usual if origins.get(name, "unknown") == "unknown" else origins[name] for name in every}
    if any(told[name] == "unknown" for name in origins):
        deeds.conflict("unknown", group, words.unanswered(collection.title, "origin"))
        return ()
    return tuple(name for name, origin in told.items() if origin in PORTABLE_ORIGINS)


def _erase(deeds: Deeds, group: Group) -> None:
    collection = group.collection
    removing = Verb.SEAL_THEN_DELETE if deeds.intent.block and not collection.unblocked else Verb.DELETE
    if not group.alone:
        deeds.add(Verb.KEEP, group, group.rows, reason=words.not_only_hers(collection.title))
    elif collection.erase == "by_hand":
        deeds.add(Verb.KEEP, group, group.rows, reason=collection.why_kept)
    elif collection.erase == "keep":
        keeping.keep(deeds, group, removing)
    elif collection.erase == "anonymise":
        _anonymise(deeds, group)
    else:
        deeds.add(removing, group, deeds.able(group, group.rows, delete=True), name="delete")


def _anonymise(deeds: Deeds, group: Group) -> None:
    values = group.collection.anonymise
    changes = tuple(Change(name, value) for name, value in values.items())
    todo = [one for one in group.rows if not is_set(one, values)]
    deeds.add(
        Verb.ANONYMISE,
        group,
        group.rows,
        todo,
        fields=tuple(values),
        changes=changes,
        sets=lambda row: values,
    )


def _rectify(deeds: Deeds, group: Group) -> None:
    for change in deeds.intent.changes:
        meant = _meant(group.collection.fields, change.field)
        able = [one for one in meant if one.rectifiable]
        if not meant or not group.rows:
            continue
        if not able and group.collection.of:
            continue  # What hangs on a record tells what was at the time; the record itself is corrected.
        if not able:
            deeds.conflict("unknown", group, words.unfit(group.collection.title, meant[0].name, "fixed"))
        elif not group.alone:
            deeds.conflict("shared", group, words.not_only_hers(group.collection.title))
        elif not isinstance(change.new, str | int | float | bool):
            deeds.conflict("type", group, words.unfit(group.collection.title, able[0].name, "type"))
        else:
            _correct(deeds, group, change, able)


def _meant(fields: Sequence[Field], category: str) -> list[Field]:
    """The fields of exactly this category; without any, those of a category below it."""
    exact = [one for one in fields if category in one.categories]
    return exact or [one for one in fields if any(covers(name, category) for name in one.categories)]


def _correct(deeds: Deeds, group: Group, change: Change, able: Sequence[Field]) -> None:
    """One line for each change; ``sets`` tells the values of a row, nothing where they cannot be told."""
    parts = group.collection.joined.get(change.field)

    def sets(row: Held) -> Mapping[str, Any]:
        found = _joined(row, parts, str(change.new)) if parts else _single(row, able, change)
        return found if found is not None else {}

    unclear = [
        one
        for one in group.rows
        if (_joined(one, parts, str(change.new)) if parts else _single(one, able, change)) is None
    ]
    if unclear:
        deeds.conflict("unknown", group, texts.several_fields(group.collection.title))
        return
    fields = tuple(parts or (one.name for one in able))
    todo = deeds.able(group, [one for one in group.rows if sets(one)])
    made = Change(fields[0], change.new, change.old)
    deeds.add(
        Verb.CORRECT,
        group,
        group.rows,
        todo,
        name=f"correct:{fields[0]}",
        fields=fields,
        changes=(made,),
        sets=sets,
    )


def _joined(row: Held, parts: Sequence[str], new: str) -> Mapping[str, Any] | None:
    """A full name that stands in several fields: told apart when all but one of its parts stay as they are."""
    now = [str((pick(row.values, name) or [""])[0]).strip() for name in parts]
    if " ".join(one for one in now if one) == new.strip():
        return {}
    for place, name in enumerate(parts):
        before, after = " ".join(filter(None, now[:place])), " ".join(filter(None, now[place + 1 :]))
        head, tail = f"{before} " if before else "", f" {after}" if after else ""
        if (
            new.startswith(head)
            and new.endswith(tail)
            and len(head) + len(tail) < len(new)
            and (head or tail)
        ):
            return {name: new[len(head) : len(new) - len(tail)]}
    return None


def _single(row: Held, able: Sequence[Field], change: Change) -> Mapping[str, Any] | None:
    """The field that holds the old value; the only one when no old value was told."""
    if len(able) > 1 and change.old is None:
        return None
    made: dict[str, Any] = {}
    for one in able:
        found = pick(row.values, one.path)
        if one.at:
            if not any(_equal(one, value, change.old) for value in found):
                continue
            made[one.name] = _replaced(row.values.get(one.name), one, change)
        elif (len(able) == 1 or any(_equal(one, value, change.old) for value in found)) and not alike(
            found, change.new
        ):
            made[one.name] = change.new
    return made


def _equal(one: Field, value: Any, old: Any) -> bool:
    return old is not None and plain(one.identity, value) == plain(one.identity, old)


def _replaced(value: Any, one: Field, change: Change) -> Any:
    """The nested value with the old one replaced wherever it stands at the field's path."""
    changed = copy.deepcopy(value)
    _, _, rest = one.path.partition(".")
    *way, last = rest.split(".")
    for holder in pick(changed, ".".join(way)):
        if isinstance(holder, dict) and _equal(one, holder.get(last), change.old):
            holder[last] = change.new
    return changed


def _restrict(deeds: Deeds, group: Group) -> None:
    flag = flag_of(group.collection, deeds.setting)
    if flag is None or not group.alone:
        return
    todo = deeds.able(group, [one for one in group.rows if not is_set(one, flag)])
    changes = tuple(Change(name, value) for name, value in flag.items())
    deeds.add(Verb.MARK, group, group.rows, todo, fields=tuple(flag), changes=changes, sets=lambda row: flag)


def flag_of(collection: Collection, setting: Scope) -> Mapping[str, Any] | None:
    """The field and value that mark a row as restricted; None where the settings name no field."""
    if collection.restrict is None:
        return None
    name, value = collection.restrict
    if "{" in name:
        name = name.replace("{setting.restriction_field}", str(setting.get("restriction_field", "")))
    return {name: value} if name.strip(".") == name and name else None


def _stop(deeds: Deeds, group: Group) -> None:
    wanted = deeds.intent.channels or ("",)
    channels = [each for one in wanted for each in OBJECTIONS.get(one, (one,))]
    for channel in dict.fromkeys(channels):
        stop = group.collection.stop.get(channel)
        if stop is None or not group.alone:
            continue
        todo = [
            one
            for one in group.rows
            if not is_stopped(stop, one) and (stop.when is None or holds(stop.when, one.values, {}))
        ]
        todo = deeds.able(group, todo)
        changes = tuple(Change(name, value) for name, value in stop.sets.items())
        values = stop.sets
        deeds.add(
            Verb.STOP, group, group.rows, todo, name=f"stop:{channel}", fields=tuple(values), changes=changes,
            stop=stop, sets=lambda row, values=values: values,
        )  # fmt: skip


def _lift(deeds: Deeds, group: Group) -> None:
    """Lifting is told by the seals, not by the rows."""


def changes_of(row: Held, deed: Deed) -> dict[str, Any]:
    """The values a row is to get, nested as the vendor has them."""
    made: dict[str, Any] = {}
    for path, value in deed.sets(row).items():
        put(made, path, value)
    return made


def concerns(action: Action, collection: Collection) -> bool:
    """Whether an action can mean anything for rows of a collection: the others need not be asked for."""
    if action is Action.RECTIFY:
        return not collection.of or any(one.rectifiable for one in collection.fields)
    if action in (Action.RESTRICT, Action.LIFT):
        return collection.restrict is not None
    return action is not Action.STOP or bool(collection.stop)


RULES: Mapping[Action, Callable[[Deeds, Group], None]] = {
    Action.EXPORT: _export,
    Action.ERASE: _erase,
    Action.RECTIFY: _rectify,
    Action.RESTRICT: _restrict,
    Action.LIFT: _lift,
    Action.STOP: _stop,
}
