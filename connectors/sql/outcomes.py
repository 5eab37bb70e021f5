"""Outcomes that need no database."""

from __future__ import annotations

from connectors import _words as words
from dsr.contract import ItemOutcome, Outcome, State, Step

from . import words as own


def conflict(step: Step) -> Outcome:
    """Nothing was changed for this person: what is there is not what was planned."""
    return Outcome(step.intent.key, State.CONFLICT, why=words.changed_meanwhile())


def refused(step: Step) -> Outcome:
    """Nothing was changed for this person: the database did not accept it."""
    return Outcome(step.intent.key, State.CONFLICT, why=words.not_accepted())


def forbidden(step: Step) -> Outcome:
    """Nothing was changed for this person, and the same plan would not be accepted another time either."""
    return Outcome(step.intent.key, State.FAILED, why=own.forbidden())


def unplanned(step: Step) -> Outcome:
    """A plan with conflicts is never carried out."""
    return Outcome(step.intent.key, State.CONFLICT, why=step.conflicts[0].why)


def exported(step: Step) -> Outcome:
    """Reading changes nothing."""
    items = tuple(ItemOutcome(item.id, item.count, 0) for item in step.items)
    return Outcome(step.intent.key, State.DONE if items else State.ALREADY, items)


def nothing(step: Step) -> Outcome:
    """There was nothing to do."""
    return Outcome(step.intent.key, State.ALREADY)
