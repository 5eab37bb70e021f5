"""Outcomes as they are stored and told: no personal data, words in every language there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from dsr.contract import Item, ItemOutcome, Outcome, Purpose, Residual, Seal, State, Step, Verb
from dsr.domain.plan import UNMARK, reduced_in
from dsr.store.models import Work

from . import giving_back

WHOLE = frozenset({Verb.DELETE, Verb.SEAL_THEN_DELETE})
"""Rows past their end go with all their fields, whatever is changed in those that stay."""


def facts(step: Step, outcome: Outcome, left: Sequence[Residual], aside: giving_back.Set) -> dict[str, Any]:
    """An outcome without personal data: per item verb, collection and counts; what is left, by count.

    ``fields``: where rows are kept in part, those that stay (of a KEEP) and those that changed; and those that
    were corrected. ``aside``: what lifting gives back here.
    """
    newer: dict[str, int] = {}
    if giving_back.is_lift(step):
        items, newer = giving_back.told(step, outcome, aside)
    else:
        items = _items(step, outcome)
    return {
        "state": outcome.state.value,
        "items": items,
        **({giving_back.NEWER: newer} if newer else {}),
        "seals": [
            [seal.id, seal.purpose.value, seal.rows, [list(one) for one in seal.held]]
            for seal in outcome.seals
        ],
        "left": sum(one.count for one in left),
        "receipt": outcome.receipt,
    }


def _items(step: Step, outcome: Outcome) -> list[dict[str, Any]]:
    items = {item.id: item for item in step.items}
    stripped = reduced_in(step)
    return [
        {
            "item": done.item,
            "verb": items[done.item].verb.value,
            "collection": items[done.item].collection,
            "before": done.before,
            "changed": done.changed,
            "kept": done.kept,
            "why": words(done.why or items[done.item].reason),
            "citation": items[done.item].citation,
            "fields": _fields(items[done.item], stripped),
            "until": (until.isoformat() if (until := done.until or items[done.item].until) else ""),
        }
        for done in outcome.items
        if done.item in items
    ]


def _fields(item: Item, stripped: Collection[str]) -> list[str]:
    told = item.collection in stripped or item.verb is Verb.CORRECT
    return list(item.fields) if told and item.verb not in WHOLE else []


NOTED = "noted"
"""Where the digests of the seals stand in an outcome that is known and not said in the log yet (``ledger``)."""

NOT_BEFORE = "not_before"
"""Until when work of a system is left as it is, because only another one is tried again."""


def left_alone(row: Work, now: datetime) -> Outcome | None:
    """The outcome that stays because only another system is tried again; None for work to be done."""
    until = row.outcome.get(NOT_BEFORE, "")
    moment = datetime.fromisoformat(until) if until else None
    return replace(of_row(row), why=row.why, check_after=moment) if moment and moment > now else None


def of_row(row: Work) -> Outcome:
    """The outcome of an earlier run, from its row; the digests of seals are kept only in a note."""
    items = tuple(
        _item(list(lines)) for _, lines in groupby(row.outcome.get("items", []), key=itemgetter("item"))
    )
    digests: dict[str, str] = row.outcome.get(NOTED, {})
    seals = tuple(
        Seal(
            number, Purpose(purpose), rows, digests.get(number, ""), tuple((n, c) for n, c in (*held, [])[0])
        )
        for number, purpose, rows, *held in row.outcome.get("seals", [])
    )
    state = State(row.outcome["state"] if NOTED in row.outcome else row.state)
    return Outcome(row.key, state, items, seals, row.outcome.get("receipt", ""), final_on=row.final_on)


def _item(lines: Sequence[Mapping[str, Any]]) -> ItemOutcome:
    """One item of an outcome; lifting is stored in a line for each collection."""
    first = lines[0]
    lifted = any(one["verb"] in (Verb.LIFT, UNMARK) for one in lines)
    return ItemOutcome(
        first["item"],
        sum(one["before"] for one in lines),
        sum(one["changed"] for one in lines),
        first["kept"],
        first["why"],
        date.fromisoformat(first["until"]) if first["until"] else None,
        tuple((one["collection"], one["changed"]) for one in lines) if lifted else (),
    )


def note(facts: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    """The facts of an outcome with what ``of_row`` needs to give it back whole."""
    return facts | {NOTED: {seal.id: seal.digest for seal in outcome.seals}}


def words(text: Any) -> dict[str, str]:
    """A text by language; one without a language stands under ''."""
    return {"": text} if isinstance(text, str) else dict(text)
