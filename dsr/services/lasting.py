"""A restriction, an objection or a withdrawal holds for rows that come later too: an import, a new purchase.

Once a week every system is asked again for the people of such cases, while their keys live: what was set or set
aside is read again, and what was not known then is planned, without writing. Where something would have to be
done, a case follows (``follow_ups``). The newest of such a row of cases stands for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dsr import store
from dsr.contract import Connector, Intent
from dsr.domain import plan
from dsr.domain.organisation import Controller
from dsr.domain.plan import Verdicts
from dsr.store.queries import returns, work

from . import action, duties, follow_ups, intents, outcomes, pacing, searching
from .house import house
from .jobs import Job, jobs_of
from .ledger import CLEAN

SOME = 50
"""Cases that are looked at together."""


@dataclass(frozen=True, slots=True)
class Looked:
    """``last``: the id of the last case that was looked at, None when that were all. ``back``: how many follow.
    ``why``: what kept a person from being looked for."""

    last: int | None
    back: int
    why: str = ""


def look(controller: Controller, system: str, after: int, some: int = SOME, *, now: datetime) -> Looked:
    """Look for ``some`` more of these cases in a system; ConnectorError when it cannot be asked. One person who
    alone needs more calls than a minute holds is passed over."""
    pacing.begin()
    with store.reading() as session:
        cases = returns.lasting(session, controller.key, after, some)
        verdicts = intents.verdicts(work.decisions(session, [case.id for case in cases]))
        jobs = jobs_of(session, cases)
        session.expunge_all()
    jobs = [job for job in jobs if not job.broken and duties.letter_of(job.case) is None]
    last = cases[-1].id if len(cases) == some else None
    try:
        found = _look(controller, system, jobs, verdicts, now) if jobs else frozenset()
    except pacing.Overspent as error:
        if some > 1:
            raise
        return Looked(last, 0, str(error))
    return Looked(last, _propose(system, found, now))


def _look(
    controller: Controller,
    system: str,
    jobs: Sequence[Job],
    verdicts: Mapping[int, Verdicts],
    now: datetime,
) -> frozenset[int]:
    """The cases for which there is something to do."""
    with house().registry.open(controller.key, system, now=now, read_only=True) as connector:
        return _undone(connector, system, jobs) | _fresh(connector, controller, system, jobs, verdicts, now)


def _undone(connector: Connector, system: str, jobs: Sequence[Job]) -> frozenset[int]:
    """The cases of which something is not as it was set."""
    clean = [one for job in jobs for one in job.whole if _clean(one, system)]
    for one in clean:
        one.outcomes[system] = outcomes.of_row(one.works[system])
    if clean:
        action.read_back(connector, system, clean)
    return frozenset(one.case.id for one in clean if one.left.get(system))


def _clean(job: Job, system: str) -> bool:
    """Was it carried out there by the program, and read back?"""
    return system in job.works and job.works[system].verified == CLEAN and system in job.steps


def _fresh(
    connector: Connector,
    controller: Controller,
    system: str,
    jobs: Sequence[Job],
    verdicts: Mapping[int, Verdicts],
    now: datetime,
) -> frozenset[int]:
    """The cases for which there would be something to do with records that their plans did not know."""
    known = {job.case.id: _records(job, system) for job in jobs}
    people = searching.people_of([job.case for job in jobs], controller)
    for some in searching.once_each(people):
        searching.locate_in(connector, system, some, controller, now=now)
    wanted: dict[str, tuple[int, Intent]] = {}
    for person in people:
        for case in person.cases:
            intent = intents.make(case, person, system, verdicts.get(case.id, Verdicts()), {}, now)
            records = intent.records if intent else ()
            new = tuple(record for record in records if record.id not in known[case.id])
            if intent and new:
                wanted[intent.key] = (case.id, replace(intent, records=new))
    steps = connector.plan([intent for _, intent in wanted.values()]) if wanted else ()
    return frozenset(wanted[one.intent.key][0] for one in steps if one.conflicts or plan.acting(one))


def _records(job: Job, system: str) -> frozenset[str]:
    steps = (one.steps[system] for one in job.whole if system in one.steps)
    return frozenset(record.id for step in steps for record in step.intent.records)


def _propose(system: str, numbers: frozenset[int], now: datetime) -> int:
    if not numbers:
        return 0
    with store.transaction() as tx:
        cases = returns.cases(tx.session, sorted(numbers))
        made = [
            follow_ups.propose(tx, case, follow_ups.proved(case), system=system, now=now) for case in cases
        ]
    return len(made) - made.count(None)
