"""Values that each row gets for itself: single fields of rows that the law keeps, tombstones of tokens.

What is set aside of kept rows goes to the vault before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors import _kept as kept
from connectors._kept import is_of_fields
from dsr.contract import Change, Keeper, Row, Verb

from . import keys, setting
from .deleting import buries
from .guarding import Guard, Job
from .plans import Work
from .tally import Group
from .targets import Target
from .wishes import Found, Wish, is_set


def sealed(work: Work, going: Mapping[int, Job]) -> dict[int, list[Row]]:
    """What stands in the fields that are to be set aside, by job: the keys of the rows and these values alone."""
    rows: dict[int, list[Row]] = {}
    for number, _, target, group, found in _open(work, going):
        if group.verb is Verb.RESTRICT:
            row = Row(target.route.end, keys.encode(found.raw), kept.aside(_left(group, found), found.now))
            rows.setdefault(number, []).append(row)
    return rows


def write(work: Work, guard: Guard, target: Target, going: Mapping[int, Job], keeper: Keeper) -> None:
    """Change the rows of a target that get values of their own, everything of a row in one statement."""
    wanted = [
        (job, target, wish, found)
        for _, job, mine, group, found in _open(work, going)
        if mine is target and (wish := _wish(group, found, job, keeper)).changes
    ]
    setting.write_rows(work, guard, wanted, keeper)


def _open(work: Work, going: Mapping[int, Job]) -> Iterable[tuple[int, Job, Target, Group, Found]]:
    for number, job in going.items():
        planned = {item.id: item for item in job.step.items if is_of_fields(item) or buries(item)}
        for group in work.drafts[number].groups.values():
            if group.id in planned:
                for target, found in group.found:
                    yield number, job, target, group, found


def _left(group: Group, found: Found) -> tuple[Change, ...]:
    """The changes of a group that a row still lacks: a pseudonym of a pseudonym would lead nowhere."""
    return tuple(one for one in group.changes if not is_set(Wish("", group.verb, (one,)), found.now))


def _wish(group: Group, found: Found, job: Job, keeper: Keeper) -> Wish:
    """The values of one row; rows that get the same are written together."""
    changes = kept.made(_left(group, found), found.now, keeper, job.step.intent.key)
    return Wish(f"{group.id}={[(one.field, one.new) for one in changes]!r}", group.verb, changes)
