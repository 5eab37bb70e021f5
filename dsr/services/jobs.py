"""A case with its approved plan while it is carried out, told, read again or repeated; former plans of it too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dsr.contract import Action, Item, Order, Outcome, Residual, Step
from dsr.domain import plan
from dsr.domain.letters import HandFacts, RefusedFacts
from dsr.domain.organisation import Controller
from dsr.domain.rights import action_of
from dsr.domain.workflow import Status
from dsr.store import keys
from dsr.store.models import Case, Plan, Work
from dsr.store.queries import work

from . import giving_back, outcomes, sealing
from .aside import Aside
from .house import house
from .keeping import Blocked

ENDED = frozenset({Status.ANSWERED, Status.CLOSED})


@dataclass
class Job:
    """One case of the batch while it is carried out.

    ``earlier``: what was carried out of former plans of the case, when a conflict elsewhere or an answer that is
    completed led to this one. Of systems: ``counted``, whose attempt in this run is written; ``unsaid``, whose
    outcome is known and not in the log yet; ``noted``, those of them whose outcome would survive a crash;
    ``missing``, those where the answer that is completed could not look. ``aside``: what restrictions of hers keep
    out of the systems, for a copy. ``back``: by system, what lifting gives back. ``orders``: when their
    turn is, once they have acted.
    """

    case: Case
    plan: Plan
    key: bytes
    steps: dict[str, Step]
    works: dict[str, Work]
    told: tuple[Item, ...] = ()
    earlier: tuple[Job, ...] = ()
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    left: dict[str, list[Residual]] = field(default_factory=dict)
    counted: set[str] = field(default_factory=set)
    unsaid: set[str] = field(default_factory=set)
    noted: set[str] = field(default_factory=set)
    refused: tuple[RefusedFacts, ...] = ()
    by_hand: tuple[HandFacts, ...] = ()
    missing: frozenset[str] = frozenset()
    aside: tuple[Aside, ...] = ()
    back: Mapping[str, giving_back.Set] = field(default_factory=dict)
    orders: Mapping[str, Order] = field(default_factory=dict)
    broken: str = ""
    blocked: Blocked | None = None

    def was_told(self, system: str) -> bool:
        """Was this step carried out and told in the answer that the case completes? It is not done again."""
        promise = self.case.promise_of
        if promise is None or self.plan.generation <= promise or self.case.status in ENDED:
            return False
        return plan.generation_of(self.steps[system].intent.key) <= promise

    @property
    def completes(self) -> bool:
        """Does this plan complete an earlier answer?"""
        promise = self.case.promise_of
        return promise is not None and self.plan.generation > promise

    @property
    def adds(self) -> bool:
        """Is there something to do or to hand over that was not told before?"""
        return len(self.untold) > 1 or any(not self.was_told(system) for system in self.steps)

    @property
    def whole(self) -> tuple[Job, ...]:
        """What was carried out of former plans, then this one."""
        return (*self.earlier, self)

    @property
    def untold(self) -> tuple[Job, ...]:
        """Those of them that no answer has told yet, and this one."""
        told = self.case.promise_of if self.completes else None
        return (*(one for one in self.earlier if one.plan.generation > (told or 0)), self)

    def facts_of(self, system: str) -> dict[str, Any]:
        """The outcome in this system without personal data, as it is stored and told."""
        step, outcome = self.steps[system], self.outcomes[system]
        return outcomes.facts(step, outcome, self.left.get(system, []), self.back.get(system, {}))


def jobs_of(session: Any, cases: Sequence[Case], doing: Action | None = None) -> list[Job]:
    """Plans and earlier work of the cases; a plan that is not the approved text is never acted on.

    ``doing``: which work of former plans counts; without it that for what the case is for now.
    """
    ids = [case.id for case in cases]
    plans, works = work.latest_plans(session, ids), work.works(session, ids)
    former = work.former_plans(session, {one.case_id for one in works if _former(one, plans)})
    jobs = []
    for case in cases:
        mine = [one for one in works if one.case_id == case.id]
        before = work.carried_out(mine, doing or action_of(case.right, case.doing))
        job = _job(case, plans[case.id], mine)
        job.back = giving_back.of_case(case, mine) if case.doing == Action.LIFT else {}
        earlier = (_job(case, row, before) for row in former if row.case_id == case.id)
        job.earlier = tuple(_as_it_went(one) for one in earlier if one.works)
        jobs.append(job)
    return jobs


def _job(case: Case, row: Plan, works: Sequence[Work]) -> Job:
    key = sealing.key_of(case.submission)
    body = keys.unseal(key, row.sealed or b"", b"plan")
    steps, told = plan.opened(body)
    mine = {one.system: one for one in works if one.generation == row.generation}
    broken = "" if plan.digest(body) == row.hash else "the plan is not the text that was approved"
    return Job(case, row, key, steps, mine, told, broken=broken)


def _former(one: Work, plans: Mapping[int, Plan]) -> bool:
    """Work of an earlier plan of its case; that of no plan (generation 0) is done on receipt."""
    return 0 < one.generation < plans[one.case_id].generation


def _as_it_went(former: Job) -> Job:
    """A former plan cut down to what was carried out of it, with the outcomes."""
    former.steps = {system: former.steps[system] for system in former.works}
    former.outcomes = {system: outcomes.of_row(one) for system, one in former.works.items()}
    return former


def acted_in(jobs: Sequence[Job]) -> frozenset[str]:
    """The systems that these jobs change; what is only read there has no turn."""
    return frozenset(
        system
        for job in jobs
        for system, step in job.steps.items()
        if step.intent.action is not Action.EXPORT
    )


def order_of(jobs: Sequence[Job], controller: Controller, now: datetime) -> tuple[str, ...]:
    """The systems that these jobs change, in the order of acting, which each job knows from now on."""
    registry = house().registry
    names = acted_in(jobs)
    every = names.union(*(former.works for job in jobs for former in job.earlier))
    orders = {name: registry.order(controller.key, name, now=now) for name in every}
    for job in jobs:
        job.orders = orders
    return tuple(name for name in plan.in_order(orders) if name in names)
