"""Recall: when not every system could be asked, the others need not be asked again for the same plan.

What they answered lies sealed with the case. It is taken up for a day, because acting compares every row
again anyway; a conflict, a new proof of identity or a place worked by hand asks anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dsr.contract import Found, Record, Searched, Text
from dsr.store.models import Case, Search
from dsr.store.queries import work

from . import sealing
from .searching import Person

FRESH = timedelta(days=1)
"""How long an answer is taken up."""
ANSWERED = frozenset({Found.FOUND.value, Found.NOTHING.value, Found.NOT_APPLICABLE.value})

Answers = Mapping[int, Sequence[Search]]


def answers(session: Any, cases: Sequence[Case], *, now: datetime) -> Answers:
    """What systems answered, by case, for the cases that come back because a system could not be asked."""
    again = {case.id: case.generation for case in cases if case.failed and case.generation}
    if not again:
        return {}
    acted = {one.case_id for one in work.works(session, list(again)) if one.generation == again[one.case_id]}
    found: dict[int, list[Search]] = {}
    for row in work.searches(session, [case for case in again if case not in acted]):
        if row.generation == again[row.case_id] and row.found in ANSWERED and row.at > now - FRESH:
            found.setdefault(row.case_id, []).append(row)
    return found


def take_up(people: Sequence[Person], earlier: Answers, by_hand: Collection[str]) -> None:
    """Enter the earlier answers, so that only who did not answer is asked. ``by_hand``: systems worked by a person."""
    for person in people:
        if not all(case.id in earlier for case in person.cases):
            continue
        proved = max(
            (one.proved_at for one in person.submission.identifiers if one.proved_at is not None),
            default=None,
        )
        for row in earlier[person.cases[0].id]:
            if row.system not in by_hand and (proved is None or proved <= row.at):
                _enter(person, row)


def _enter(person: Person, row: Search) -> None:
    records = sealing.unseal(person.key, row.sealed, list[Record], "search") if row.sealed else []
    person.records[row.system] = {one.id: one for one in records}
    person.searched[row.system] = Searched(person.subject.key, Found(row.found), row.count, why=_why(row))
    person.rounds[row.system], person.at[row.system] = row.rounds, row.at


def _why(row: Search) -> Text:
    one: str | None = row.why.get("")
    return row.why if one is None else one
