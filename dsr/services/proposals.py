"""Records that only may be the person's: an officer says of one, of several or of all of them whose they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dsr import store
from dsr.contract import Record
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.plan import Verdicts, open_proposals
from dsr.domain.workflow import after
from dsr.store.models import Case, Decision
from dsr.store.queries import work
from dsr.store.session import Transaction

from . import batches, intents, sealing, timeline
from .house import house
from .officers import Officer, case_for, closed_to, said

Names = Sequence[tuple[str, str]]
"""Records by (system, id)."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """These records, by (system, id); or, with ``plan``, every open one of the plan with that hash."""

    records: frozenset[tuple[str, str]] = frozenset()
    plan: str = ""


def decide(reference: str, chosen: Chosen, accept: bool, reason: str, *, by: Officer, now: datetime) -> int:
    """Accept or reject proposed records with one reason, together; one new plan is made. How many they are.

    Systems whose rows are closed to her roles are left out of "every one": she has not seen them.
    Refusals: ``reason.missing``, ``proposal.none`` (nothing chosen, nothing open), ``record.unknown``,
    ``system.closed``, ``plan.stale`` (another plan since), ``workflow.*``, ``case.own``.
    """
    words, verdict = said(reason), "accept" if accept else "reject"
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        case.status = after(case.status, "decide_proposal", roles=by.roles).value
        case.auto = False
        names = _every(tx, case, chosen.plan, by) if chosen.plan else _these(tx, case, chosen.records, by)
        if not names:
            raise Refusal("proposal.none", "Choose at least one proposed record.")
        _keep(tx, case, names, verdict, words, by=by, now=now)
        batches.make(tx, [case], "collect", now=now)
        return len(names)


def _every(tx: Transaction, case: Case, plan_hash: str, by: Officer) -> Names:
    current = work.latest_plans(tx.session, [case.id]).get(case.id)
    if current is None or current.generation != case.generation or current.hash != plan_hash:
        raise Refusal("plan.stale", "The plan has changed since it was shown; look at the new one first.")
    said_before = intents.verdicts(work.decisions(tx.session, [case.id])).get(case.id, Verdicts())
    return [
        (system, record.id)
        for system, records in _found(tx, case)
        if not _closed(case, system, by)
        for record in open_proposals(system, records, said_before)
    ]


def _these(tx: Transaction, case: Case, wanted: frozenset[tuple[str, str]], by: Officer) -> Names:
    if any(_closed(case, system, by) for system in {system for system, _ in wanted}):
        raise Refusal("system.closed", "The rows of this system are not open to your role.")
    known = {(system, record.id) for system, records in _found(tx, case) for record in records}
    if wanted - known:
        raise Refusal("record.unknown", "This record is not part of the last search.")
    return sorted(wanted)


def _found(tx: Transaction, case: Case) -> Iterable[tuple[str, Sequence[Record]]]:
    """What the last search of each system holds, opened."""
    key = sealing.key_of(case.submission)
    for row in work.searches(tx.session, [case.id]):
        if row.generation == case.generation and row.sealed:
            yield row.system, sealing.unseal(key, row.sealed, list[Record], "search")


def _closed(case: Case, system: str, by: Officer) -> bool:
    known = {one.key: one for one in house().registry.for_controller(case.controller, retired=True)}
    return closed_to(known.get(system), frozenset(by.roles))


def _keep(
    tx: Transaction,
    case: Case,
    names: Names,
    verdict: str,
    words: dict[str, str],
    *,
    by: Officer,
    now: datetime,
) -> None:
    """Each decision a row of its own; the log has one line for all of them, with the records by their numbers."""
    key = sealing.key_of(case.submission)
    for system, record in names:
        row = Decision(controller=case.controller, case_id=case.id, system=system, record=record)
        row.kind, row.field, row.by, row.at = verdict, "", by.number, now
        row.sealed = sealing.seal(key, words, "decision")
        tx.session.add(row)
    facts: dict[str, Any] = {"system": names[0][0], "record": names[0][1]}
    if len(names) > 1:
        records = [list(one) for one in names]
        facts = {"systems": dict(Counter(system for system, _ in names)), "records": records}
    timeline.record(
        tx, case, Kind.PROPOSAL, by=by.actor, now=now, words=words, verdict=verdict, count=len(names), **facts
    )
