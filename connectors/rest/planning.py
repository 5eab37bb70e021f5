"""Plan: what would happen to each person, line by line; nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dsr.contract import Action, Intent, Item, Keeper, Step, Verb

from .deeds import Deeds, concerns
from .grouping import groups, known, prefetch
from .holding import Source


def plan(source: Source, intents: Sequence[Intent]) -> tuple[Step, ...]:
    """One step per intent, in order."""
    size = source.vendor.batch
    for start in range(0, len(intents), size):
        some = intents[start : start + size]
        prefetch(source, [record for one in some for record in concerned(source, one).records])
    made = tuple(_step(source, intent) for intent in intents)
    source.told()
    return made


def _step(source: Source, intent: Intent) -> Step:
    if intent.action is Action.LIFT:
        names = {one.collection for one in intent.records}
        first = next(
            (one.name for one in source.vendor.roots if one.name in names), source.vendor.roots[0].name
        )
        items = tuple(Item(seal, Verb.LIFT, first, (), 0) for seal in intent.seals)
        return Step(intent, items, atomic=False)
    found = decided(source, intent)
    items = tuple(one.item() for one in found.lines if one.todo)
    changing = [one for one in items if one.verb not in (Verb.KEEP, Verb.EXPORT)]
    return Step(intent, items, tuple(found.conflicts), atomic=sum(one.count for one in changing) <= 1)


def decided(source: Source, intent: Intent, *, doing: bool = False, keeper: Keeper | None = None) -> Deeds:
    """What the intent means for the rows that are there now. ``keeper``: it is about to be carried out."""
    deeds = Deeds(intent, source.api.given, keeper, source.vendor.empties)
    return deeds.decide(groups(source, concerned(source, intent, doing=doing)))


def concerned(source: Source, intent: Intent, *, doing: bool = False) -> Intent:
    """The intent with the records alone that its action can mean something for. ``doing``: what is only kept, because
    a person sees to it, was told by the plan and need not be asked for again."""
    by_hand = doing and intent.action is Action.ERASE
    of = {one.id: known(source, one.collection) for one in intent.records}
    mine = [
        one
        for one in intent.records
        if concerns(intent.action, of[one.id]) and not (by_hand and of[one.id].erase == "by_hand")
    ]
    return replace(intent, records=tuple(mine))
