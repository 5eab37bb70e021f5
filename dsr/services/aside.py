"""What a restriction of hers took out of the systems: a copy shows it; an erasure or a correction has it back first.

Such rows lie in the vault until the restriction is lifted, and no search finds them there. They are hers all the
same: a copy without them would not be one (GDPR 15), and an erasure that does not reach them erases nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from dsr import store
from dsr.contract import (
    PORTABLE_BASES,
    PORTABLE_ORIGINS,
    CollectionInfo,
    ConnectorError,
    FieldInfo,
    Row,
    Verb,
)
from dsr.domain.errors import Refusal
from dsr.domain.identity.text import folded
from dsr.domain.rights import Right, rule
from dsr.store.models import Case, Submission
from dsr.store.queries import vault as seals
from dsr.store.queries import work
from dsr.store.vault import Vault

from . import sealing
from .house import house

BACK_FIRST = frozenset({Right.ERASURE, Right.RECTIFICATION})
"""Rights that are not done while rows of hers are set aside: they would come back as they were."""


@dataclass(frozen=True, slots=True)
class Aside:
    """What one restriction took out of one system: its case, the sealed sets, since when, rows by collection.

    Rows that were marked where they are lie in the same sets as they were before; they count as found there.
    ``hers``: the same name was given with it; False: another one, so that only an address is shared (a household,
    an office); None: a name is missing.
    """

    case: str
    system: str
    seals: tuple[str, ...]
    since: datetime
    counts: Mapping[str, int]
    hers: bool | None


def of(session: Any, cases: Sequence[Case]) -> dict[int, list[Aside]]:
    """What is set aside of the people of these cases, by case."""
    rows = seals.restricted(session, [case.submission_id for case in cases]) if cases else ()
    taken = _taken_out(session, {row[1] for row in rows})
    names = {
        one.id: _name(one.submission) for one in work.with_submissions(session, {row[1] for row in rows})
    }
    found: dict[int, list[Aside]] = {}
    for (submission, number, reference, system), mine in groupby(rows, key=itemgetter(0, 1, 2, 3)):
        sets = list(mine)
        counts = taken.get((number, system))
        for case in cases:
            if counts and case.submission_id == submission and case.id != number:
                hers = _same(names[number], _name(case.submission))
                one = Aside(reference, system, tuple(row[4] for row in sets), sets[0][5], counts, hers)
                found.setdefault(case.id, []).append(one)
    return found


def _name(submission: Submission) -> str:
    """The name that was typed, without accents and capitals; '' where none was, or nobody can read it any more."""
    if submission.wrapped_key is None or submission.sealed is None:
        return ""
    words = sealing.unseal(sealing.key_of(submission), submission.sealed, dict, "submission")
    return folded(words["name"])


def _same(one: str, other: str) -> bool | None:
    return one == other if one and other else None


def _taken_out(session: Any, cases: Collection[int]) -> dict[tuple[int, str], dict[str, int]]:
    """The rows that these restrictions took out, as their outcomes say: by case and system, by collection."""
    found: dict[tuple[int, str], dict[str, int]] = {}
    for one in work.works(session, list(cases)) if cases else ():
        for item in one.outcome.get("items", []):
            if item["verb"] == Verb.RESTRICT and item["changed"]:
                counts = found.setdefault((one.case_id, one.system), {})
                counts[item["collection"]] = counts.get(item["collection"], 0) + item["changed"]
    return found


def for_copies(cases: Sequence[Case], *, now: datetime) -> dict[int, tuple[Aside, ...]]:
    """What the copies of these cases hold of it; what is to be taken along has its own measure (GDPR 20(1))."""
    with store.reading() as session:
        found = of(session, [case for case in cases if rule(case.right).package])
    return {
        case.id: tuple(
            one for one in (_carried(one, case, now) for one in found[case.id] if one.hers) if one.counts
        )
        for case in cases
        if case.id in found
    }


def _carried(one: Aside, case: Case, now: datetime) -> Aside:
    if case.right != Right.PORTABILITY:
        return one
    try:
        described = house().registry.describe(case.controller, one.system, now=now)
    except (ConnectorError, Refusal):  # the copy of this case says so when it is made
        return one
    portable = {info.name for info in described.collections if _fields(info, portable=True)}
    return replace(one, counts={name: count for name, count in one.counts.items() if name in portable})


def _fields(info: CollectionInfo, *, portable: bool) -> list[FieldInfo]:
    """The fields of a collection that are hers to have, or to take along."""
    if portable and info.basis not in PORTABLE_BASES:
        return []
    return [one for one in info.fields if not portable or one.origin in PORTABLE_ORIGINS]


def rows(one: Aside, info: CollectionInfo, case: Case, *, now: datetime) -> Iterator[Row]:
    """The rows of a collection as she may see them; refusals of ``Vault.rows``.

    What nobody looked at is withheld: free text, and what is other people's.
    """
    fields = _fields(info, portable=case.right == Right.PORTABILITY)
    vault = Vault(case.controller, one.case, one.system, now, None, (), lifting=one.seals)
    for row in (row for seal in one.seals for row in vault.rows(seal)):
        if row.collection == info.name:
            values = {field.name: row.values[field.name] for field in fields if field.name in row.values}
            hidden = (field.name for field in fields if field.third_party or field.free_text)
            yield Row(row.collection, row.key, values, tuple(name for name in hidden if name in values))


def needed_first(session: Any, cases: Sequence[Case]) -> dict[int, list[Aside]]:
    """What must come back before these cases are done, by case; where a name is missing it may be hers."""
    found = of(session, [case for case in cases if case.right in BACK_FIRST and not case.doing])
    needed = {number: [one for one in mine if one.hers is not False] for number, mine in found.items()}
    return {number: mine for number, mine in needed.items() if mine}


def refuse_aside(session: Any, case: Case) -> None:
    """Before a plan is approved: Refusal ``approve.aside`` with the restriction that must be lifted first."""
    held = needed_first(session, [case]).get(case.id)
    if held:
        raise Refusal(
            "approve.aside",
            f"Rows of hers are set aside by the restriction {held[0].case}. Lift it, then search again.",
            case=held[0].case,
        )
