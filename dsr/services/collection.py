"""Collect: search every system for the people of a batch, round by round, then make the plan of each case.

Nothing here changes a system. Remote calls happen outside transactions; what was found is written once,
for the whole batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dsr import store
from dsr.contract import (
    ConnectorError,
    Found,
    Intent,
    Searched,
    Step,
)
from dsr.domain import codec, plan
from dsr.domain.audit import Kind
from dsr.domain.organisation import Controller, SystemConfig
from dsr.domain.plan import Verdicts
from dsr.domain.rights import rule
from dsr.domain.workflow import Role, Status, after
from dsr.store import bulk, keys
from dsr.store.models import Case, Identity, Plan, Search
from dsr.store.queries import vault, work
from dsr.store.session import Transaction

from . import (
    action,
    announcing,
    aside,
    batches,
    duties,
    intake,
    intents,
    legal_hold,
    parking,
    promises,
    recalling,
    receiving,
    sealing,
    tasks,
)
from .house import house
from .jobs import Job
from .letter_facts import Looked
from .recalling import Told
from .searching import Person, Trouble, once_each, people_of, search, trouble_of
from .tasks.places import places

NEXT = "carry_out"
LOOKED = ("system", "found", "count", "at", "why", "proposals")
"""Columns of a search that the answer tells (``Looked``)."""


@dataclass
class Saved:
    """What a search has written: the changes of cases; by case id, the row of the plan with its text, and what

    every system said.
    """

    changed: list[dict[str, Any]] = field(default_factory=list)
    plans: dict[int, tuple[dict[str, Any], bytes]] = field(default_factory=dict)
    looked: dict[int, list[Looked]] = field(default_factory=dict)


def run(batch_id: str, *, now: datetime) -> str | batches.Onward:
    """Search and plan for the cases of a batch; afterwards each waits for an officer or goes on by itself.

    Returns the phase that the batch goes on with, '' when it is closed.
    """
    with store.reading() as session:
        cases = work.cases_of(session, batch_id, Status.COLLECTING)
        ids = [case.id for case in cases if case.generation]  # nobody decides before the first search
        verdicts = intents.verdicts(work.decisions(session, ids) if ids else ())
        seals = vault.set_aside(session, [case.reference for case in cases if case.doing == "lift"])
        earlier = recalling.answers(session, cases, now=now)
        told = recalling.told(session, cases, earlier)
        barred = aside.needed_first(session, [case for case in cases if case.auto])
        session.expunge_all()
    if not cases:
        return batches.following(batch_id, "collect", now=now)
    for case in cases:
        case.auto = case.auto and case.id not in barred  # an officer has the rows of a restriction back first
    controller = house().controller(cases[0].controller)
    people = people_of(cases, controller)
    searched = [person for person in people if any(duties.letter_of(case) is None for case in person.cases)]
    recalling.take_up(searched, earlier, [config.key for config in places(controller.key)])
    known = parking.known(controller.key)
    troubles: dict[str, Trouble] = {}
    for some in once_each(searched):
        troubles |= search(some, controller, known, now=now)
    tasks.bring(searched, controller)
    plans = _plans(people, controller, (verdicts, seals), troubles, now)
    announcing.add(plans, people, controller, now=now)
    for number, before in told.items():
        plans[number] = before.beside(plans[number])
    receiving.carry_out(searched, controller, verdicts, now=now)
    with store.transaction() as tx:
        held, hold = work.held(tx.session, batch_id, Status.COLLECTING)
        for person in people:
            person.cases = [case for case in person.cases if case.id in held]
        people = [person for person in people if person.cases]
        saved = _save(tx, people, plans, (troubles, told), verdicts, now)
        tasks.ask(tx, [person for person in people if person in searched], controller, now=now)
        going = _go_on(tx, batch_id, people, saved.changed, now)
        if not going:
            return ""
        if troubles or not all(_untouched(case) for case in cases) or (hold and legal_hold.stops(cases)):
            return NEXT
        return batches.Onward(NEXT, {"ready": _ready(tx, people, saved, going, known, now)})


def _untouched(case: Case) -> bool:
    """Nobody but this search has had a word in this case: what it knows is all there is to know."""
    return case.generation == 0 and not case.doing and not receiving.acts_of(case)


def _ready(
    tx: Transaction,
    people: Sequence[Person],
    saved: Saved,
    going: Mapping[int, Mapping[str, Any]],
    known: parking.Known,
    now: datetime,
) -> action.Ready:
    """The cases that go on as ``action`` would read them, with the plan as its text says; their intents written."""
    jobs = []
    for person in people:
        for case in person.cases:
            if case.id not in going:
                continue
            for name, value in going[case.id].items():
                setattr(case, name, value)
            row, body = saved.plans[case.id]
            steps, told = plan.opened(body)
            jobs.append(Job(case, Plan(**row), person.key, steps, {}, told))
    action.intend(tx, jobs, known, now)
    return action.Ready(jobs, known, {job.case.id: saved.looked[job.case.id] for job in jobs})


def _go_on(
    tx: Transaction, batch_id: str, people: Sequence[Person], changed: list[dict[str, Any]], now: datetime
) -> dict[int, dict[str, Any]]:
    """Write the new status of the cases. What needs no person is carried out by the same batch, unless it
    waits for a copy; if it does not fit, by new ones. Gives the rows of the cases that the batch goes on with.
    """
    found = {
        case.id: (case, sum(said.count for said in person.searched.values()))
        for person in people
        for case in person.cases
    }
    approved = [row["id"] for row in changed if row["status"] == Status.APPROVED]
    free = {id_: found[id_][1] for id_ in approved if found[id_][0].waits_for is None}
    goes_on = batches.go_on_in(tx, batch_id, free, NEXT)
    acting = {"status": Status.ACTING.value, "batch_id": batch_id}
    rows = [row | acting if goes_on and row["id"] in free else row for row in changed]
    bulk.update(tx.session, Case, rows)
    if goes_on:
        return {row["id"]: row for row in rows if row["id"] in free}
    batches.leave_in(tx, batch_id, "collect", now=now)
    if approved:
        batches.make(tx, [found[id_][0] for id_ in approved], NEXT, now=now)
    return {}


def _plans(
    people: Sequence[Person],
    controller: Controller,
    known: tuple[Mapping[int, Verdicts], Mapping[str, Mapping[str, Sequence[str]]]],
    troubles: dict[str, Trouble],
    now: datetime,
) -> dict[int, dict[str, Step]]:
    """The steps of every case, by system. A system that fails now counts as not asked."""
    steps: dict[int, dict[str, Step]] = {case.id: {} for person in people for case in person.cases}
    for config in house().registry.for_controller(controller.key):
        wanted = {
            intent.key: (case, intent)
            for person in people
            for case in person.cases
            if (intent := _intent(case, person, config.key, known, now))
        }
        if not wanted or config.key in troubles:
            continue
        try:
            _plan_in(config, controller, wanted, steps, now)
        except ConnectorError as error:
            troubles[config.key] = trouble = trouble_of(error, people, now)
            for person in people:
                person.searched[config.key] = Searched(person.subject.key, Found.FAILED, why=trouble.why)
    return steps


def _intent(
    case: Case,
    person: Person,
    system: str,
    known: tuple[Mapping[int, Verdicts], Mapping[str, Mapping[str, Sequence[str]]]],
    now: datetime,
) -> Intent | None:
    if duties.letter_of(case) or (case.promise_of is not None and system in person.at):
        return None  # what was told of it stands
    verdicts, seals = known
    mine = verdicts.get(case.id, Verdicts())
    return intents.make(case, person, system, mine, seals.get(case.reference, {}), now)


def _plan_in(
    config: SystemConfig,
    controller: Controller,
    wanted: Mapping[str, tuple[Case, Intent]],
    steps: dict[int, dict[str, Step]],
    now: datetime,
) -> None:
    with house().registry.open(controller.key, config.key, now=now, read_only=True) as connector:
        for step in connector.plan([intent for _, intent in wanted.values()]):
            case, _ = wanted[step.intent.key]
            steps[case.id][config.key] = step
    if any(config.key not in steps[case.id] for case, _ in wanted.values()):
        raise ConnectorError("the system gave no plan for one of the people", permanent=True)


def _save(
    tx: Transaction,
    people: Sequence[Person],
    plans: Mapping[int, Mapping[str, Step]],
    known: tuple[Mapping[str, Trouble], Mapping[int, Told]],
    verdicts: Mapping[int, Verdicts],
    now: datetime,
) -> Saved:
    """Write searches, identifiers and plans; where an answer is completed and all is still missing, nothing."""
    troubles, told = known
    failed = [one.retry_at for one in troubles.values()]
    searches: list[dict[str, Any]] = []
    saved = Saved()
    for person in people:
        for case in person.cases:
            if case.id in told and not told[case.id].answered(person):
                saved.changed.append(_still_missing(case, failed, now))
                continue
            mine = verdicts.get(case.id, Verdicts())
            rows, proposals = _searches(case, person, mine, now)
            searches += rows
            saved.looked[case.id] = [Looked(*(row[name] for name in LOOKED)) for row in rows]
            steps = plans[case.id]
            planned, body = _plan_row(case, person, steps, now)
            saved.plans[case.id] = planned, body
            status = _next(case, person, steps, proposals)
            if case.id in told:
                recalling.carry_over(tx, case, steps, told[case.id], status)
            saved.changed.append(
                {
                    "id": case.id,
                    "status": status.value,
                    "generation": case.generation + 1,
                    "failed": bool(failed),
                    "auto": case.auto,
                    "wake_at": min((at for at in failed if at), default=None),
                    "batch_id": None,
                }
            )
            _audit(tx, case, person, planned | {"status": status.value}, now)
    bulk.insert(tx.session, Search, searches)
    bulk.insert(tx.session, Identity, list(_revealed_once(people, now)))
    bulk.insert(tx.session, Plan, [row for row, _ in saved.plans.values()])
    return saved


def _still_missing(case: Case, failed: Sequence[datetime | None], now: datetime) -> dict[str, Any]:
    """Back to where it was: the promise stands, and it is looked at again."""
    return {
        "id": case.id,
        "status": after(case.status, "still_missing", roles=[Role.SYSTEM]).value,
        "generation": case.generation,
        "failed": case.failed,
        "auto": case.auto,
        "wake_at": min((at for at in failed if at), default=now + promises.EVERY),
        "batch_id": None,
    }


def _searches(
    case: Case, person: Person, verdicts: Verdicts, now: datetime
) -> tuple[list[dict[str, Any]], int]:
    rows, open_ones = [], 0
    for system, said in person.searched.items() if duties.letter_of(case) is None else ():
        records = tuple(person.records.get(system, {}).values())
        proposals = len(plan.open_proposals(system, records, verdicts, rule(case.right).action))
        open_ones += proposals
        rows.append(
            {
                "controller": case.controller,
                "case_id": case.id,
                "system": system,
                "generation": case.generation + 1,
                "found": said.found.value,
                "count": said.count,
                "proposals": proposals,
                "rounds": person.rounds.get(system, 1),
                "at": person.at.get(system, now),
                "why": _words(said.why),
                "sealed": sealing.seal(person.key, records, "search"),
            }
        )
    return rows, open_ones


def _plan_row(
    case: Case, person: Person, steps: Mapping[str, Step], now: datetime
) -> tuple[dict[str, Any], bytes]:
    """The row of a plan, and its text."""
    body = codec.dumps(dict(steps))
    row = {
        "controller": case.controller,
        "case_id": case.id,
        "generation": case.generation + 1,
        "hash": plan.digest(body),
        "made_at": now,
        "conflicts": len(plan.conflicts(steps)),
        "summary": plan.summary(steps),
        "sealed": keys.seal(person.key, body, b"plan"),
    }
    return row, body


def _next(case: Case, person: Person, steps: Mapping[str, Step], proposals: int) -> Status:
    """Review by a person, unless the law wants it at once or this right may pass by itself. What a sweep found is
    none of her wishes of today: she may have agreed again since.
    """
    moved = after(case.status, "planned", roles=[Role.SYSTEM])
    right = rule(case.right)
    if case.submission.behalf and case.submission.power_at is None:
        return moved
    asked = case.submission.channel != intake.RETURN
    at_once = asked and plan.at_once(right, intents.words(case, person.key).channels, steps)
    whole = all(said.found not in (Found.FAILED, Found.NOT_ANSWERED) for said in person.searched.values())
    clean = whole and not proposals and not plan.conflicts(steps)
    if at_once and any(plan.acting(step) for step in steps.values()):
        return after(case.status, "at_once", roles=[Role.SYSTEM])
    if case.auto and clean and duties.guide_of(case) is None and duties.letter_of(case) is None:
        return after(case.status, "at_once", roles=[Role.SYSTEM])
    return moved


def _audit(tx: Transaction, case: Case, person: Person, row: Mapping[str, Any], now: datetime) -> None:
    tx.audit(
        case.controller,
        Kind.PLANNED,
        reference=case.reference,
        actor="system",
        at=now,
        status=row["status"],
        plan=row["hash"],
        generation=row["generation"],
        conflicts=row["conflicts"],
        searched={system: [said.found.value, said.count] for system, said in sorted(person.searched.items())},
    )


def _revealed_once(people: Sequence[Person], now: datetime) -> Iterable[dict[str, Any]]:
    """Nothing twice, also where two cases of one person were searched for by themselves."""
    rows = (row for person in people for row in _revealed(person, now))
    return {(row["submission_id"], row["lookup_hash"]): row for row in rows}.values()


def _revealed(person: Person, now: datetime) -> list[dict[str, Any]]:
    """Identity rows for what her own records revealed in this search."""
    stored = len(person.submission.identifiers)
    known = set(list(person.provenance)[:stored])
    proved = {(one.kind, one.value) for one in person.subject.proved}
    return [
        {
            "controller": person.submission.controller,
            "submission_id": person.submission.id,
            "kind": kind,
            "lookup_hash": keys.keyring().lookup(person.submission.controller, kind, value),
            "sealed": sealing.seal(person.key, {"value": value}, "identity"),
            "proved_at": now if (kind, value) in proved else None,
            "how": "revealed",
            "provenance": source,
        }
        for (kind, value), source in person.provenance.items()
        if (kind, value) not in known
    ]


def _words(text: Any) -> dict[str, str]:
    return {"": text} if isinstance(text, str) else dict(text)
