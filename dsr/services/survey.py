"""The survey of the inventory: what was said of each kind of place, when, and what must be asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.survey import AREAS, DETAILS, LONGEST, Area, Present, area, ask_again_on
from dsr.store import keys
from dsr.store.office import SurveyAnswer
from dsr.store.queries import office

from . import clocks, sealing
from .house import house


@dataclass(frozen=True, slots=True)
class Asked:
    """One area with its last answer. ``due``: never asked, not known, or too old to rely on.

    ``details`` by name (``domain.survey.DETAILS``); ``on`` None: never asked.
    """

    area: Area
    due: bool
    present: str = ""
    details: Mapping[str, str] | None = None
    by: str = ""
    on: date | None = None
    again_on: date | None = None


def survey(controller: str, *, now: datetime) -> list[Asked]:
    """Every area in the usual order, with what was last said of it."""
    today = clocks.local_day(now, house().controller(controller).zone)
    with store.reading() as session:
        rows = office.survey(session, controller)
        return [_asked(one, rows.get(one.key), today) for one in AREAS]


def due(controller: str, *, now: datetime) -> int:
    """How many areas must be asked about, again or for the first time."""
    return sum(one.due for one in survey(controller, now=now))


def answer(
    controller: str, key: str, present: str, details: Mapping[str, str], *, by: str, now: datetime
) -> date:
    """Keep what was said of an area; returns the day on which it is asked again.

    Refusals: ``survey.area``; ``survey.present`` (neither yes, no nor unknown); ``survey.detail`` (an unknown
    or too long line); ``survey.who``: a yes without who keeps it cannot be followed up.
    """
    wanted = area(key)
    said = {name: text.strip() for name, text in details.items() if text.strip()}
    _check(present, said)
    today = clocks.local_day(now, house().controller(controller).zone)
    again = ask_again_on(today)
    with store.transaction() as tx:
        row = tx.session.get(SurveyAnswer, (controller, wanted.key))
        if row is None:
            row = SurveyAnswer(controller=controller, area=wanted.key)
            tx.session.add(row)
        row.present, row.by, row.on, row.again_on = present, by, today, again
        row.sealed = sealing.seal(_key(), said, "survey")
        tx.audit(controller, Kind.SURVEYED, actor=by, at=now, area=wanted.key, present=present)
    return again


def _check(present: str, said: Mapping[str, str]) -> None:
    if present not in set(Present):
        raise Refusal("survey.present", "Say whether people's data are kept there: yes, no or unknown.")
    for name, text in said.items():
        if name not in DETAILS or len(text) > LONGEST:
            raise Refusal("survey.detail", f"{name}: unknown, or longer than {LONGEST} characters.")
    if present == Present.YES and "who" not in said:
        raise Refusal("survey.who", "Say who keeps these data, so that somebody can be asked.")


def _asked(one: Area, row: SurveyAnswer | None, today: date) -> Asked:
    if row is None:
        return Asked(one, due=True)
    return Asked(
        area=one,
        due=row.present == Present.UNKNOWN or row.again_on <= today,
        present=row.present,
        details=sealing.unseal(_key(), row.sealed, dict[str, str], "survey"),
        by=row.by,
        on=row.on,
        again_on=row.again_on,
    )


def _key() -> bytes:
    return keys.keyring().derive("survey")
