"""What lifting gives back, collection by collection, and what it leaves as somebody changed it since.

A connector counts what it gave back of a set; only the restriction (or the erasure) that set it aside says of
which collections. What was changed or removed in the system meanwhile is newer: it is never overwritten, and
it is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dsr.contract import Action, Item, ItemOutcome, Outcome, State, Step, Verb
from dsr.domain.plan import UNMARK
from dsr.domain.rights import action_of
from dsr.store.models import Case, Work
from dsr.store.queries import work

NEWER = "newer"
"""Where an outcome says, by collection, how many rows were left as they are."""

Set = Mapping[str, "Aside"]
"""What was set aside in one system, by collection."""


@dataclass(frozen=True, slots=True)
class Aside:
    """Rows of a collection that were marked where they are (``marked``) or taken out whole or in part."""

    rows: int
    marked: bool


def of_case(case: Case, works: Iterable[Work]) -> Mapping[str, Set]:
    """What a case that is being lifted set aside, by system."""
    found: dict[str, dict[str, Aside]] = {}
    for one in work.carried_out(works, action_of(case.right, "")):
        for item in one.outcome.get("items", []):
            aside = item["verb"] == Verb.RESTRICT and (case.right == "restriction" or item.get("fields"))
            marked = item["verb"] == Verb.MARK and case.right == "restriction"
            if item["changed"] and (aside or marked):
                mine = found.setdefault(one.system, {})
                before = mine.get(item["collection"], Aside(0, marked=bool(marked)))
                mine[item["collection"]] = Aside(before.rows + item["changed"], before.marked)
    return found


def told(step: Step, outcome: Outcome, aside: Set) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The items of an outcome of lifting as they are stored and told; and what was left, by collection."""
    of_item = {item.id: item for item in step.items}
    known = [one for one in outcome.items if one.item in of_item]
    marks = [one for one in known if of_item[one.item].verb is Verb.MARK]
    lifts = [one for one in known if of_item[one.item].verb is Verb.LIFT]
    back = Counter[str]()
    for one in marks:
        back[of_item[one.item].collection] += one.changed
    unmarked = frozenset(of_item[one.item].collection for one in marks)
    parts = _parts(lifts, {name: one for name, one in aside.items() if name not in unmarked})
    lines = [_line(one.item, UNMARK, of_item[one.item].collection, one.changed, aside) for one in marks]
    for name, count in parts.items():
        collection = name or of_item[lifts[0].item].collection
        verb = UNMARK if collection in aside and aside[collection].marked else Verb.LIFT.value
        lines.append(_line(lifts[0].item, verb, collection, count, aside))
        back[collection] += count
    if outcome.state is not State.DONE:
        return lines, {}
    return lines, {name: one.rows - back[name] for name, one in aside.items() if one.rows > back[name]}


def planned(step: Step, aside: Set) -> Iterator[Item]:
    """The items of a plan as they are shown: sets to be given back with what was set aside, by collection."""
    unmarked = frozenset(item.collection for item in step.items if item.verb is Verb.MARK)
    lifts = [item for item in step.items if item.verb is Verb.LIFT]
    yield from (item for item in step.items if item.verb is not Verb.LIFT)
    yield from () if aside else lifts
    for name, one in aside.items():
        if lifts and name not in unmarked and not (one.marked and unmarked):
            verb = Verb.MARK if one.marked else Verb.LIFT
            yield replace(lifts[0], verb=verb, collection=name, count=one.rows)


def _parts(lifts: Sequence[ItemOutcome], aside: Set) -> dict[str, int]:
    """By collection what sets gave back: as the connector says, else as it was set aside where the sum agrees."""
    said = Counter[str]()
    for one in lifts:
        for name, count in one.parts:
            if count:
                said[name] += count
    total = sum(one.changed for one in lifts)
    if said.total() == total:
        return dict(said)
    if sum(one.rows for one in aside.values()) == total:
        return {name: one.rows for name, one in aside.items()}
    return {next(iter(aside)) if len(aside) == 1 else "": total}


def _line(item: str, verb: str, collection: str, count: int, aside: Set) -> dict[str, Any]:
    rows = aside[collection].rows if collection in aside else count
    return {
        "item": item,
        "verb": verb,
        "collection": collection,
        "before": max(rows, count),
        "changed": count,
        "kept": 0,
        "why": {},
        "citation": "",
        "fields": [],
        "until": "",
    }


def is_lift(step: Step) -> bool:
    """Does this step give back?"""
    return step.intent.action is Action.LIFT
