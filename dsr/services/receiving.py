"""What a law wants done to the data as soon as a request is there: rows are marked, and read back.

CO, CL and PE say so (``on_receipt`` of the pack). It happens once identity is proved and the rows are found,
in systems whose map names a flag and that may act for this right; elsewhere an officer does it by hand
(``duties``). When the case has been answered the mark is taken away again. Its work is generation 0 of the
case, so that it never mixes with a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from dsr import store
from dsr.contract import (
    Action,
    Connector,
    ConnectorError,
    Identifier,
    Intent,
    Outcome,
    Record,
    Step,
    Subject,
    Verb,
)
from dsr.domain import plan
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.law import OnReceipt, RightMissing
from dsr.domain.organisation import Controller
from dsr.domain.plan import Verdicts
from dsr.domain.workflow import Role
from dsr.store import vault
from dsr.store.models import Case, Work
from dsr.store.queries import work
from dsr.store.vault import Vault

from . import clocks, sealing, systems
from .house import house
from .keeping import Keeper
from .searching import Person

ON_RECEIPT = 0
"""The generation of this work: plans count from 1."""

BY_HAND, DONE, LIFTED, INTENDED = "by_hand", "done", "lifted", "intended"
CLEAN = "clean"
"""What was marked was read back; some of the data may still have to be done by hand."""
RETRY = timedelta(hours=1)
NO_FLAG = {
    "es": "El mapa de este sistema no nombra una marca para todos los datos.",
    "en": "The map of this system names no flag for all of the data.",
    "pt": "O mapa deste sistema não nomeia uma marca para todos os dados.",
}
LEFT = {
    "es": "Al releer, la marca no está en todos los datos.",
    "en": "Read back, the mark does not stand on all of the data.",
    "pt": "Ao reler, a marca não está em todos os dados.",
}


@dataclass
class Mark:
    """One case in one system: her records, what is planned, what came of it."""

    case: Case
    act: OnReceipt
    subject: Subject
    records: tuple[Record, ...]
    step: Step | None = None
    outcome: Outcome | None = None
    state: str = BY_HAND
    clean: bool = False
    why: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The same for every try: sent twice it does no more."""
        return f"{self.case.reference}:{{system}}:on_receipt:{ON_RECEIPT}"


def acts_of(case: Case) -> tuple[OnReceipt, ...]:
    """What the law of a case wants at once; nothing where it lacks the right."""
    try:
        return clocks.pack_of(case).due_on_receipt(case.local_right or case.right)
    except RightMissing:
        return ()


def carry_out(
    people: Sequence[Person], controller: Controller, verdicts: Mapping[int, Verdicts], *, now: datetime
) -> None:
    """Mark what was found for the cases whose law wants it, outside any transaction; write what came of it."""
    wanted = [(p, c, acts[0]) for p in people for c in p.cases if not c.doing and (acts := acts_of(c))]
    if not wanted:
        return
    with store.reading() as session:
        rows = work.works(session, [case.id for _, case, _ in wanted])
        settled = {(w.case_id, w.system) for w in rows if w.generation == ON_RECEIPT and w.state == DONE}
    for config in house().registry.for_controller(controller.key):
        marks = []
        for person, case, act in wanted:
            mine = verdicts.get(case.id, Verdicts())
            records = plan.hers(config.key, person.records.get(config.key, {}).values(), mine)
            told = case.promise_of is not None and config.key in person.at  # it was answered already
            if records and not told and (case.id, config.key) not in settled:
                marks.append(Mark(case, act, person.subject, records))
        if marks:
            _in_system(config.key, marks, controller, now)


def release(*, now: datetime) -> int:
    """Take the marks of answered and closed cases away again; returns how many."""
    with store.reading() as session:
        found = work.marked(session, ON_RECEIPT, now)
        pairs = [(row, case, _stored(session, row, case)) for row, case in found]
        session.expunge_all()
    for row, case, records in pairs:
        _lift(row, case, records, now)
    return len(pairs)


def _in_system(system: str, marks: list[Mark], controller: Controller, now: datetime) -> None:
    why_not = systems.gate(controller.key, system)
    for one in marks:
        one.why = why_not(one.case.right) or {}
    allowed = [one for one in marks if not one.why]
    try:
        with house().registry.open(controller.key, system, now=now) as connector:
            _plan(connector, system, allowed, now)
            planned = [one for one in allowed if one.step]
            _write(system, planned, INTENDED, now)
            _act(connector, system, planned, now)
    except ConnectorError as error:
        for one in allowed:
            one.why = one.why or {"": str(error)}
    _write(system, marks, "", now)


def _plan(connector: Connector, system: str, marks: Sequence[Mark], now: datetime) -> None:
    """A dry run; then once more with only those records that a mark is enough for: nothing is set aside."""
    _dry(connector, system, [(one, one.records) for one in marks], now)
    fewer = []
    for one in marks:
        items = one.step.items if one.step and not one.step.conflicts else ()
        flagged = {r for item in items if item.verb is Verb.MARK for r in item.records}
        other = {r for item in items if item.verb is not Verb.MARK for r in item.records}
        only = tuple(record for record in one.records if record.id in flagged - other)
        one.why = {} if len(only) == len(one.records) else NO_FLAG
        if not only:
            one.step = None
        elif one.why:
            fewer.append((one, only))
    _dry(connector, system, fewer, now)


def _dry(
    connector: Connector, system: str, wanted: Sequence[tuple[Mark, tuple[Record, ...]]], now: datetime
) -> None:
    by_key = {one.key.format(system=system): (one, records) for one, records in wanted}
    if not by_key:
        return
    intents = [
        _intent(key, one.case, Action.RESTRICT, (one.subject, records), now)
        for key, (one, records) in by_key.items()
    ]
    for step in connector.plan(intents):
        by_key[step.intent.key][0].step = step


def _intent(
    key: str, case: Case, action: Action, whose: tuple[Subject, tuple[Record, ...]], now: datetime
) -> Intent:
    subject, records = whose
    on = clocks.local_date(now, clocks.pack_of(case).zone)
    return Intent(key=key, subject=subject, action=action, records=records, on=on)


def _act(connector: Connector, system: str, marks: Sequence[Mark], now: datetime) -> None:
    """Mark, then read back: done is only what a fresh read confirms."""
    by_key = {one.step.intent.key: one for one in marks if one.step and not one.step.conflicts}
    steps = [one.step for one in by_key.values() if one.step]
    if not steps:
        return
    for outcome in connector.act(steps, _keeper(by_key, system, now)):
        by_key[outcome.key].outcome = outcome
    settled = [one for one in by_key.values() if one.outcome and one.outcome.state in plan.SETTLED]
    pairs = [(one.step, one.outcome) for one in settled if one.step and one.outcome]
    left = {one.key for one in connector.verify(pairs)} if pairs else set()
    for key, one in by_key.items():
        one.clean = one in settled and key not in left
        if key in left:
            one.why = LEFT
        elif one.clean and not one.why:
            one.state = DONE
        elif one.outcome and not one.why:
            one.why = _words(one.outcome.why)


def _keeper(marks: Mapping[str, Mark], system: str, now: datetime) -> Keeper:
    """A mark seals what stood there before: taking it away gives back exactly that."""
    return Keeper(
        {
            key: Vault(one.case.controller, one.case.reference, system, now, None, [Role.LEGAL])
            for key, one in marks.items()
        }
    )


def _write(system: str, marks: Iterable[Mark], state: str, now: datetime) -> None:
    """The work rows; ``state`` '' once it is over, which is also said in the audit log."""
    with store.transaction() as tx:
        for one in marks:
            row = work.by_key(tx.session, one.key.format(system=system)) or _row(one, system, now)
            row.state, row.why = state or one.state, dict(one.why)
            row.attempts += state == INTENDED
            if not state:
                before = row.verified == CLEAN and one.step is None  # marked by an earlier search
                row.verified = CLEAN if one.clean or before else ""
                row.done_at = now if one.state == DONE else None
                new = [seal.id for seal in one.outcome.seals] if one.outcome else []
                seals = [*row.outcome.get("seals", ()), *new]  # of an earlier search as well
                row.outcome = {
                    "act": one.act.act, "deadline": one.act.deadline, "rows": _rows(one), "seals": seals,
                }  # fmt: skip
                tx.audit(
                    one.case.controller, Kind.ACTED, reference=one.case.reference, actor="system", at=now,
                    system=system, on_receipt=one.act.act, state=row.state, verified=row.verified, rows=_rows(one),
                )  # fmt: skip
            tx.session.add(row)


def _row(one: Mark, system: str, now: datetime) -> Work:
    return Work(
        controller=one.case.controller,
        case_id=one.case.id,
        system=system,
        generation=ON_RECEIPT,
        key=one.key.format(system=system),
        state=INTENDED,
        attempts=0,
        intended_at=now,
        why={},
        outcome={},
    )


def _rows(one: Mark) -> int:
    return sum(item.changed for item in one.outcome.items) if one.outcome else 0


def _stored(session: Any, row: Work, case: Case) -> tuple[Record, ...]:
    """Her records in the system of this work, as the last search found them."""
    key = sealing.key_of(case.submission)
    found = [one for one in work.searches(session, [case.id]) if one.system == row.system and one.sealed]
    if not found:
        return ()
    newest = max(found, key=lambda one: one.generation)
    return sealing.unseal(key, newest.sealed or b"", tuple[Record, ...], "search")


def _lift(row: Work, case: Case, records: tuple[Record, ...], now: datetime) -> None:
    """Unmark in one system, read back, and say so; a system in trouble is tried again in an hour."""
    mine = plan.hers(row.system, records, Verdicts())
    done, why = not mine, dict[str, str]()
    try:
        if mine:
            with house().registry.open(case.controller, row.system, now=now) as connector:
                done = _unmark(connector, row, case, mine, now)
    except (ConnectorError, Refusal) as error:  # Refusal: the system is configured no longer
        why = {"": str(error)}
    with store.transaction() as tx:
        kept = tx.session.get_one(Work, row.id)
        kept.state = LIFTED if done else kept.state
        kept.why, kept.retry_at = why, None if done else now + RETRY
        if done:
            vault.give_back(tx.session, row.outcome.get("seals", ()), controller=case.controller, now=now)
            tx.audit(
                case.controller, Kind.ACTED, reference=case.reference, actor="system", at=now,
                system=row.system, on_receipt="lifted", state=LIFTED,
            )  # fmt: skip


def _unmark(connector: Connector, row: Work, case: Case, records: tuple[Record, ...], now: datetime) -> bool:
    key = sealing.key_of(case.submission)
    proved = tuple(
        Identifier(one.kind, sealing.unseal(key, one.sealed, dict, "identity")["value"])
        for one in case.submission.identifiers
        if one.sealed and one.proved_at
    )
    subject = Subject(case.reference, proved)
    mine = tuple(replace(record, subject=subject.key) for record in records)
    seals = tuple(row.outcome.get("seals", ()))
    intent = replace(_intent(f"{row.key}:lift", case, Action.LIFT, (subject, mine), now), seals=seals)
    (step,) = connector.plan([intent])
    items = tuple(item for item in step.items if item.verb is Verb.MARK and item.count)
    if not items:
        return True
    if step.conflicts:
        return False
    kept = Vault(case.controller, case.reference, row.system, now, None, [Role.LEGAL], lifting=seals)
    outcomes = list(connector.act([step], Keeper({intent.key: kept})))
    settled = all(one.state in plan.SETTLED for one in outcomes)
    return settled and not connector.verify([(step, one) for one in outcomes])


def _words(text: Any) -> dict[str, str]:
    return {"": text} if isinstance(text, str) else dict(text)
