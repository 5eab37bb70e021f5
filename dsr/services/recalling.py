"""Recall: when not every system could be asked, the others need not be asked again for the same plan.

What they answered lies sealed with the case. It is taken up for a day, because acting compares every row
again anyway; a conflict, a new proof of identity or a place worked by hand asks anew.

A case that completes its answer (``promise_of``) keeps what that answer told, however old: its steps stand in
the new plan as they were carried out, and only the places where it could not look are searched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dsr.contract import Action, Found, Record, Searched, Step, Text
from dsr.domain import plan
from dsr.domain.workflow import Status
from dsr.store import bulk, keys
from dsr.store.models import Case, Plan, Search, Work
from dsr.store.queries import work
from dsr.store.session import Transaction

from . import holding, sealing
from .house import house
from .searching import Person

FRESH = timedelta(days=1)
"""How long an answer is taken up."""
ANSWERED = frozenset({Found.FOUND.value, Found.NOTHING.value, Found.NOT_APPLICABLE.value})

UNSEARCHED = frozenset({Found.FAILED.value, Found.NOT_ANSWERED.value})
"""Answers after which the letter promises to go on."""

Answers = Mapping[int, Sequence[Search]]


@dataclass(frozen=True, slots=True)
class Told:
    """The answer that a case completes: its steps and the rows of their work, by system; where it could not look."""

    steps: Mapping[str, Step]
    works: Mapping[str, int]
    missing: frozenset[str]

    def beside(self, steps: Mapping[str, Step]) -> dict[str, Step]:
        """The plan of both: what was told stands, unless there is more to do or to hand over in that system."""
        more = {
            system: step
            for system, step in steps.items()
            if system not in self.steps
            or step.conflicts
            or step.intent.action is Action.EXPORT
            or plan.acting(step)
        }
        return dict(self.steps) | more

    def answered(self, person: Person) -> bool:
        """Has a place answered since that the letter said was missing?"""
        since = (person.searched[system].found for system in self.missing if system in person.searched)
        return any(found in ANSWERED for found in since)


def answers(session: Any, cases: Sequence[Case], *, now: datetime) -> Answers:
    """What systems answered, by case, for the cases that come back because a system could not be asked."""
    again = {case.id: case.generation for case in cases if case.failed and case.generation}
    told = {case.id: case.promise_of for case in cases if case.promise_of is not None}
    if not again and not told:
        return {}
    acted = {one.case_id for one in work.works(session, list(again)) if one.generation == again[one.case_id]}
    found: dict[int, list[Search]] = {}
    for row in work.searches(session, [*told, *(again.keys() - acted - told.keys())]):
        if row.case_id in told:
            fits = row.generation == told[row.case_id]
        else:
            fits = row.generation == again[row.case_id] and row.found in ANSWERED and row.at > now - FRESH
        if fits:
            found.setdefault(row.case_id, []).append(row)
    return found


def told(session: Any, cases: Sequence[Case], earlier: Answers) -> dict[int, Told]:
    """What was told before, by case, of those that complete their answer.

    A copy is made anew as a whole, so that she has one; unless what it showed was erased for her since: then
    the new one holds what is added.
    """
    mine = {case.id: case for case in cases if case.promise_of is not None}
    if not mine:
        return {}
    plans, works = work.told_plans(session, list(mine)), work.works(session, list(mine))
    erased = work.erased(session, [case.submission_id for case in mine.values()])
    rows = {one.key: one.id for one in works}
    return {
        number: Told(
            *_stands(plans.get(number), case, rows, case.submission_id in erased), missing(earlier, case)
        )
        for number, case in mine.items()
    }


def missing(earlier: Answers, case: Case) -> frozenset[str]:
    """Where the answer that this case completes could not look."""
    return frozenset(row.system for row in earlier.get(case.id, ()) if row.found in UNSEARCHED)


def _stands(
    row: Plan | None, case: Case, works: Mapping[str, int], erased: bool
) -> tuple[dict[str, Step], dict[str, int]]:
    """The steps of a plan that was carried out, as far as their systems are still there, and their work."""
    if row is None or row.sealed is None:
        return {}, {}
    steps, _ = plan.opened(keys.unseal(sealing.key_of(case.submission), row.sealed, b"plan"))
    here = {config.key for config in house().registry.for_controller(case.controller)}
    kept = {
        system: step
        for system, step in steps.items()
        if system in here
        and (not erased if step.intent.action is Action.EXPORT else step.intent.key in works)
    }
    done = {system: works[step.intent.key] for system, step in kept.items() if step.intent.key in works}
    return kept, done


def take_up(people: Sequence[Person], earlier: Answers, by_hand: Collection[str]) -> None:
    """Enter the earlier answers, so that only who did not answer is asked. ``by_hand``: systems worked by a person."""
    for person in people:
        if not all(case.id in earlier for case in person.cases):
            continue
        proved = max(
            (one.proved_at for one in person.submission.identifiers if one.proved_at is not None),
            default=None,
        )
        completes = person.cases[0].promise_of is not None
        for row in earlier[person.cases[0].id]:
            if row.found in UNSEARCHED:
                _still_missing(person, row)
            elif (completes or row.system not in by_hand) and (proved is None or proved <= row.at):
                _enter(person, row)


def carry_over(tx: Transaction, case: Case, steps: Mapping[str, Step], before: Told, status: Status) -> None:
    """The work that was told belongs to the new plan; an erasure that goes on by itself waits for its copy."""
    stands = {system for system in before.works if steps[system] == before.steps[system]}
    moved = [{"id": before.works[system], "generation": case.generation + 1} for system in stands]
    bulk.update(tx.session, Work, moved)
    over = before.works.keys() - stands  # its place is taken by new work there, which is read again as well
    bulk.update(tx.session, Work, [{"id": before.works[system], "check_after": None} for system in over])
    held = tx.session.get_one(Case, case.id)
    if status is Status.APPROVED and holding.must_wait(held):
        held.waits_for = case.waits_for = holding.copy_of(held)
        tx.session.flush()


def _still_missing(person: Person, row: Search) -> None:
    """A system that left the configuration cannot be asked: it stays missing until an officer settles it."""
    here = {config.key for config in house().registry.for_controller(person.submission.controller)}
    if row.system not in here:
        person.searched[row.system] = Searched(person.subject.key, Found.FAILED, why=_why(row))


def _enter(person: Person, row: Search) -> None:
    records = sealing.unseal(person.key, row.sealed, list[Record], "search") if row.sealed else []
    person.records[row.system] = {one.id: one for one in records}
    person.searched[row.system] = Searched(person.subject.key, Found(row.found), row.count, why=_why(row))
    person.rounds[row.system], person.at[row.system] = row.rounds, row.at


def _why(row: Search) -> Text:
    one: str | None = row.why.get("")
    return row.why if one is None else one
