"""From a case to what each system is asked to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from dsr.contract import Action, Change, Intent, KeepRule
from dsr.domain import plan
from dsr.domain.law import Pack
from dsr.domain.plan import Verdicts
from dsr.domain.rights import Right, action_of
from dsr.store.models import Case, Decision

from . import clocks, sealing

if TYPE_CHECKING:
    from .searching import Person


@dataclass(frozen=True, slots=True)
class CaseWords:
    """What the person asked for in this case."""

    changes: tuple[tuple[str, str, str], ...] = ()
    channels: tuple[str, ...] = ()
    ground: str = ""
    reason: str = ""


def words(case: Case, key: bytes) -> CaseWords:
    """The sealed wishes of a case."""
    return sealing.unseal(key, case.sealed or b"", CaseWords, "case")


def verdicts(rows: Iterable[Decision]) -> dict[int, Verdicts]:
    """Officers' decisions by case; the last word on a record counts."""
    by_case: dict[int, dict[tuple[str, str, str], str]] = {}
    for row in sorted(rows, key=lambda one: one.id):
        by_case.setdefault(row.case_id, {})[row.system, row.record, row.field] = row.kind
    return {case: _verdicts(said) for case, said in by_case.items()}


def _verdicts(said: dict[tuple[str, str, str], str]) -> Verdicts:
    def of(kind: str) -> frozenset[tuple[str, str]]:
        return frozenset((s, r) for (s, r, f), k in said.items() if k == kind and not f)

    redacted = frozenset(name for name, kind in said.items() if kind == "redact" and name[2])
    return Verdicts(of("accept"), of("reject"), of("withhold"), redacted)


def make(
    case: Case,
    person: Person,
    system: str,
    verdicts: Verdicts,
    seals: Mapping[str, Sequence[str]],
    now: datetime,
) -> Intent | None:
    """What this case wants of one system; None when nothing of hers was found there.

    ``seals``: by system, the rows set aside for this case, to be given back when it is being lifted.
    """
    right, action = Right(case.right), action_of(case.right, case.doing)
    # What an erasure set aside lies in the vault: a mark on her rows is another case's.
    mine = action is not Action.LIFT or right is Right.RESTRICTION
    records = plan.hers(system, person.records.get(system, {}).values(), verdicts) if mine else ()
    back = tuple(seals.get(system, ())) if action is Action.LIFT else ()
    if not records and not back:
        return None
    asked = words(case, person.key)
    pack = clocks.pack_of(case)
    return Intent(
        key=plan.intent_key(case.reference, system, action, case.generation + 1),
        subject=person.subject,
        action=action,
        records=records,
        changes=tuple(Change(field, new, old or None) for field, old, new in asked.changes),
        keep=keep_rules(pack),
        channels=asked.channels,
        block=plan.blocks(right, pack.blocking_required),
        seals=back,
        redact=tuple(sorted((record, field) for s, record, field in verdicts.redacted if s == system)),
        scope="portable" if right is Right.PORTABILITY else "all",
        on=clocks.local_date(now, pack.zone),
    )


def keep_rules(pack: Pack) -> tuple[KeepRule, ...]:
    """The retention duties of the law in the form connectors understand."""
    rules: Sequence[KeepRule] = [
        KeepRule(one.id, one.citation, (one.period.months // 12, one.period.months % 12, one.period.days))
        for one in pack.retention
        if one.deadline == "retain_until" and one.period is not None
    ]
    return tuple(rules)
