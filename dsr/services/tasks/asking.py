"""Asking holders: is there anything; please do this; a reminder. Each with a link of one use."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dsr import store
from dsr.contract import Found, Item, State
from dsr.domain.organisation import Controller
from dsr.services import clocks, outbox, sealing
from dsr.services.house import house
from dsr.store import keys
from dsr.store.models import Case
from dsr.store.operations import Message, Task
from dsr.store.queries import tasks as queries
from dsr.store.queries import timing
from dsr.store.session import Transaction

from .answers import stated
from .places import ASKED, DONE, DROPPED, Said, close, due_on, opened, places, task_of

if TYPE_CHECKING:
    from dsr.services.jobs import Job
    from dsr.services.searching import Person

TOKEN_BYTES = 24
REMIND_DAYS = 2
"""Days before its date on which a holder is reminded; once more when it has passed."""

PLEASE_ACT = {
    "es": "Usted contestó que guarda algo de esta persona. Ahora hace falta trabajarlo y confirmarlo.",
    "en": "You answered that you keep something about a person. Now it has to be worked on and confirmed.",
    "pt": "Respondeu que guarda algo desta pessoa. Agora é preciso tratá-lo e confirmá-lo.",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Systems whose work now waits for their holders; ``done``: they had confirmed all of it before."""

    systems: frozenset[str] = frozenset()
    done: bool = False


def ask(tx: Transaction, people: Sequence[Person], controller: Controller, *, now: datetime) -> None:
    """Ask the holders of every place that gave no answer about these people, once per person and holder.

    Where the last holder answered while this search was running, it is made again.
    """
    here = places(controller.key)
    if not here or not people:
        return
    asked = queries.finds(tx.session, [person.submission.id for person in people])
    for person in people:
        for config in here:
            if person.searched[config.key].found is not Found.NOT_ANSWERED:
                continue
            there = asked.get((person.submission.id, config.key), [])
            if not there:
                _ask_all(tx, person.cases[0], config.key, config.holders, person.key, now)
            elif all(task.state != ASKED for task in there):
                for case in person.cases:
                    case.wake_at = now


def ask_to_act(tx: Transaction, job: Job, *, now: datetime) -> Waiting:
    """Ask those who found something to do what was approved, unless they confirmed just that before."""
    waiting = {
        system
        for system, outcome in job.outcomes.items()
        if outcome.state is State.WAITING
        and outcome.items
        and system in {one.key for one in places(job.case.controller)}
    }
    if not waiting:
        return Waiting()
    earlier = list(queries.acts(tx.session, job.case.id))
    asked = queries.finds(tx.session, [job.case.submission_id])
    for system in sorted(waiting):
        finds = {task.id: task for task in asked.get((job.case.submission_id, system), [])}
        mine = [task for task in earlier if task.system == system]
        used = [_act(tx, job, system, item, finds, mine, now) for item in job.steps[system].items]
        for task in mine:
            if task.state == ASKED and task not in used:
                task.state = DROPPED
    tx.session.flush()
    settled = [stated(tx, job.case, system, now=now) for system in sorted(waiting)]
    return Waiting(frozenset(waiting), all(settled))


def remind(*, now: datetime) -> int:
    """Write again to holders who have not answered: shortly before their date, and once it has passed."""
    with store.transaction() as tx:
        due = queries.open_until(tx.session, now.date() + timedelta(days=REMIND_DAYS + 1))
        names = {}
        for task in due:
            today = clocks.local_day(now, house().controller(task.controller).zone)
            if task.due_on and task.asked_at < now - timedelta(days=1):
                if today > task.due_on:
                    names[f"task:{task.id}:{task.due_on}:late"] = task
                elif today >= task.due_on - timedelta(days=REMIND_DAYS):
                    names[f"task:{task.id}:{task.due_on}:soon"] = task
        mine = timing.claim(tx.session, list(names), now)
        for name in sorted(mine):
            task = names[name]
            case = tx.session.get_one(Case, task.case_id)
            if case.submission.wrapped_key is not None:
                _write(tx, case, task, opened(task, sealing.key_of(case.submission)), now)
        return len(mine)


def _ask_all(
    tx: Transaction, case: Case, system: str, holders: Collection[str], key: bytes, now: datetime
) -> None:
    for number, address in enumerate(dict.fromkeys(holders), start=1):
        name = f"{case.reference}:{system}:find:{number}"
        _put(tx, case, system, name, Said(to=address), key, now)


def _act(
    tx: Transaction,
    job: Job,
    system: str,
    item: Item,
    finds: Mapping[int, Task],
    earlier: Sequence[Task],
    now: datetime,
) -> Task:
    """The question to do one item: the same one as before when it asked for the same, else a new one."""
    find = finds[task_of(item.records[0])]
    wanted = Said(
        to=opened(find, job.key).to,
        action=job.steps[system].intent.action.value,
        find=find.id,
        count=item.count,
    )
    number = find.key.rpartition(":")[2]
    name = f"{job.case.reference}:{system}:{wanted.action}:{job.plan.generation}:{number}"
    for task in reversed(earlier):
        if task.state in (ASKED, DONE) and _asks(task, wanted, job.key):
            task.key = name
            return task
    return _put(tx, job.case, system, name, wanted, job.key, now)


def _asks(task: Task, wanted: Said, key: bytes) -> bool:
    said = opened(task, key)
    return (said.action, said.find, said.count) == (wanted.action, wanted.find, wanted.count)


def _put(tx: Transaction, case: Case, system: str, name: str, said: Said, key: bytes, now: datetime) -> Task:
    task = Task(
        controller=case.controller,
        case_id=case.id,
        system=system,
        key=name,
        phase=queries.ACT if said.action else queries.FIND,
        holder_hash=keys.keyring().lookup(case.controller, "email", said.to),
        state=ASKED,
        asked_at=now,
        due_on=due_on(case, now),
    )
    close(task, said, key)
    _write(tx, case, task, said, now)
    tx.session.add(task)
    return task


def _write(tx: Transaction, case: Case, task: Task, said: Said, now: datetime) -> None:
    """A mail with a fresh link; an older link of the same question ends with it."""
    controller = house().controller(case.controller)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    task.token_hash = keys.keyring().token_hash(token)
    today = clocks.local_day(now, controller.zone)
    facts: dict[str, Any] = {
        "link": f"{house().portal_url}/t/{token}",
        "due_on": task.due_on if task.due_on and task.due_on >= today else None,
        "days_left": (task.due_on - today).days if task.due_on and task.due_on >= today else None,
        "text": PLEASE_ACT.get(controller.language, PLEASE_ACT["en"]) if said.action else "",
    }
    draft = outbox.Draft(kind="holder_task", to=said.to, language=controller.language, facts=facts, case=case)
    # The mail belongs to the case, not to the person: what becomes of it is not hers to see.
    tx.session.add(Message(**(outbox.row(draft, now=now) | {"submission_id": None})))
