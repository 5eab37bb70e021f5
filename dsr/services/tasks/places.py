"""Places that no program reaches: which there are, what their settings ask, what a question holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dsr.domain.letters import localised
from dsr.domain.organisation import SystemConfig
from dsr.services import clocks, sealing
from dsr.services.house import house
from dsr.store.models import Case
from dsr.store.operations import Task

KIND = "manual"
ALL = "all"
ANSWER_DAYS = 7
"""Days a holder has, unless the case is due before."""
MARGIN_DAYS = 3
"""Days that stay for the officer after the holders."""
LINK_DAYS = 30
"""Days a link outlives its date: a late answer is better than none."""

ASKED, FOUND, NOTHING, DONE, CANNOT, DROPPED = "asked", "found", "nothing", "done", "cannot", "dropped"
"""States of a question. 'dropped': another plan made it pointless before it was answered."""


@dataclass(frozen=True, slots=True)
class Said:
    """The sealed part of a question: who was asked, what for, and what she answered.

    ``action``: what shall be done ('' = whether there is anything); ``find``: the question that found it;
    ``count`` documents found, or to be worked on; ``uploads`` by number; ``by``: who answered.
    """

    to: str
    action: str = ""
    find: int = 0
    count: int = 0
    where: str = ""
    note: str = ""
    uploads: tuple[int, ...] = ()
    by: str = ""


def places(controller: str, *, retired: bool = False) -> tuple[SystemConfig, ...]:
    """The places of a controller that are worked by hand; ``retired`` ones on demand."""
    known = house().registry.for_controller(controller, retired=retired)
    return tuple(one for one in known if one.kind == KIND)


def place(task: Task) -> SystemConfig | None:
    """The place a question is about, also a retired one; None once it left the configuration."""
    known = places(task.controller, retired=True)
    return next((one for one in known if one.key == task.system), None)


def title(config: SystemConfig | None, language: str) -> str:
    """What the place is called."""
    return localised(config.settings.get("title", config.title), language) if config else ""


def instructions(config: SystemConfig, rights: Sequence[str], language: str) -> tuple[str, ...]:
    """What the owner of the place asks its holders to do for these rights."""
    table: Mapping[str, Any] = config.settings.get("instructions", {})
    return tuple(localised(table[name], language) for name in (*rights, ALL) if name in table)


def checklist(config: SystemConfig, rights: Sequence[str], language: str) -> tuple[str, ...]:
    """Where to look, line by line, for these rights."""
    table: Mapping[str, Any] = config.settings.get("checklist", {})
    lines = [localised(line, language) for name in (*rights, ALL) for line in table.get(name, ())]
    return tuple(dict.fromkeys(lines))


def record_id(task_id: int) -> str:
    """The record that stands for what a holder found."""
    return f"task:{task_id}"


def task_of(record: str) -> int:
    """The question behind a record."""
    return int(record.removeprefix("task:"))


def opened(task: Task, key: bytes) -> Said:
    """The sealed part of a question."""
    return sealing.unseal(key, task.sealed or b"", Said, "task")


def close(task: Task, said: Said, key: bytes) -> None:
    """Seal what is known of a question."""
    task.sealed = sealing.seal(key, said, "task")


def due_on(case: Case, now: datetime) -> date:
    """Until when a holder should answer: a week, or less where the case is due before."""
    today = clocks.local_day(now, house().controller(case.controller).zone)
    target = case.internal_on or case.due_on or today + timedelta(days=ANSWER_DAYS + MARGIN_DAYS)
    latest = target - timedelta(days=MARGIN_DAYS)
    return max(today + timedelta(days=1), min(today + timedelta(days=ANSWER_DAYS), latest))


def oldest(now: datetime) -> date:
    """Questions that were due before this day cannot be answered by link any more."""
    return now.date() - timedelta(days=LINK_DAYS)
