"""A letter as it would be sent, for the officer who is about to send it. Nothing is stored, nothing is told.

The facts come from where sending takes them (``composing``, ``delivery``, ``packaging``). The answer to a
plan that was not carried out yet takes its numbers from the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dsr import documents, store
from dsr.contract import ItemOutcome, Outcome, State, Step, Verb
from dsr.domain.errors import Refusal
from dsr.store.models import Case
from dsr.store.queries import files_of_case, work

from . import aside, delivery, duties, letters, outcomes, packaging
from .composing import Composed
from .house import house
from .jobs import jobs_of
from .officers import Officer, refuse_own

Compose = Callable[[Case], Composed]
"""From a case to the letter that a decision would send."""


@dataclass(frozen=True, slots=True)
class Previewed:
    """The letter: ``html`` the whole document. ``planned``: its numbers are those of the plan."""

    composed: Composed
    html: str
    planned: bool = False

    @property
    def pdf(self) -> bytes:
        """The same letter as PDF."""
        facts = self.composed.facts
        return documents.letter_pdf(self.composed.kind, facts.language, facts, house().wording)


def decision(reference: str, compose: Compose, *, by: Officer) -> Previewed:
    """The letter of a decision (one of ``composing``). Refusals ``case.unknown``, ``case.own`` and its own."""
    with store.reading() as session:
        case = files_of_case.one(session, reference, by.controllers or ())
        refuse_own(case, by.address)
        composed = compose(case)
    return Previewed(composed, letters.rendered(composed))


def answer(reference: str, *, by: Officer, now: datetime) -> Previewed:
    """The answer if the current plan went as planned. Refusal ``plan.none`` without a plan."""
    with store.reading() as session:
        case = files_of_case.one(session, reference, by.controllers or ())
        refuse_own(case, by.address)
        plan = work.latest_plans(session, [case.id]).get(case.id)
        if plan is None or plan.generation != case.generation or duties.letter_of(case):
            raise Refusal("plan.none", "There is no plan to preview yet.")
        (job,) = jobs_of(session, [case])
    job.outcomes = {
        system: outcomes.of_row(job.works[system])
        if job.was_told(system) and system in job.works
        else _as_planned(step)
        for system, step in job.steps.items()
    }
    looked = delivery.looked_of([job])[case.id]
    job.aside = aside.for_copies([case], now=now).get(case.id, ())
    if packaging.exports(job) or job.aside:
        facts = packaging.planned_facts(job, looked, now=now)
    else:
        facts = delivery.answer_facts(job, looked, now=now)
    composed = Composed(delivery.kind_of(job, delivery.ending_of(job, looked)), facts)
    return Previewed(composed, letters.rendered(composed), planned=True)


def _as_planned(step: Step) -> Outcome:
    items = tuple(
        ItemOutcome(
            item.id,
            item.count,
            0 if item.verb is Verb.KEEP else item.count,
            item.count if item.verb is Verb.KEEP else 0,
        )
        for item in step.items
    )
    return Outcome(step.intent.key, State.DONE, items)
