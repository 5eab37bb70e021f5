"""Who will be told (GDPR 19), as part of the plan: the officer approves recipients with everything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from dsr.contract import Action, Change, Description, Intent, Item, Step, Verb
from dsr.domain import plan
from dsr.domain.letters import localised
from dsr.domain.organisation import Controller
from dsr.domain.rights import Right, rule
from dsr.store.models import Case

from . import clocks, recipients

if TYPE_CHECKING:
    from .searching import Person

CHANNEL = "channel"


def add(
    plans: Mapping[int, dict[str, Step]], people: Sequence[Person], controller: Controller, *, now: datetime
) -> None:
    """Add to each plan the step that names who is told of it; to none of a copy, an objection, a withdrawal."""
    systems = {system for steps in plans.values() for system in steps}
    described = recipients.described(systems, controller, now)
    for person in people:
        for case in person.cases:
            steps = plans[case.id]
            told = tuple(_items(case, steps, described, controller, now))
            if told:
                doing = Action.LIFT if case.doing == Action.LIFT else rule(Right(case.right)).action
                key = plan.intent_key(case.reference, plan.RECIPIENTS, doing, case.generation + 1)
                steps[plan.RECIPIENTS] = Step(Intent(key, person.subject, doing, ()), told)


def _items(
    case: Case,
    steps: Mapping[str, Step],
    described: Mapping[str, Description],
    controller: Controller,
    now: datetime,
) -> Iterator[Item]:
    if not recipients.deed_of(case):
        return
    places: dict[str, list[str]] = {}
    names: dict[str, Mapping[str, str]] = {}
    for system, step in sorted(steps.items()):
        changed = {item.collection for item in step.items if recipients.does(case, item.verb) and item.count}
        for collection in sorted(changed):
            for name in recipients.receivers(described.get(system), collection):
                slug = recipients.slug_of(name, controller)
                names.setdefault(slug, name)
                places.setdefault(slug, []).append(f"{system}:{collection}")
    until, source = clocks.told_by(case, clocks.local_day(now, controller.zone)) if names else (None, "")
    for slug, name in sorted(names.items(), key=lambda one: localised(one[1], controller.language)):
        known = recipients.configured(controller, name)
        channel = Change(CHANNEL, known.channel if known else recipients.MANUAL)
        yield Item(
            slug,
            Verb.TELL,
            "",
            (),
            1,
            fields=tuple(dict.fromkeys(places[slug])),
            changes=(channel,),
            reason=name,
            citation=source.partition(":")[0],
            until=until,
        )
