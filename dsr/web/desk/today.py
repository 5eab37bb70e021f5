"""The first page of the morning: what is late, what comes, what waits for her."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr import store
from dsr.services import authority, clocks, kept_ends, recipients, staff
from dsr.services.house import house
from dsr.store.queries import desk, operations
from dsr.store.queries.desk import Counts, Line, Wanted
from dsr.web import languages
from dsr.web.moment import now

from . import charts, words
from .access import allowed, me
from .matrix import KEEPERS, READERS
from .place import bp, to

SOON = timedelta(days=7)
SHOWN = 8
TO_DECIDE = ("review", "attention")
URGENT = ("late", "soon")


@dataclass(frozen=True, slots=True)
class Section:
    """A group of cases on the first page. ``more``: the filter of the queue that shows all of them."""

    name: str
    title: str
    total: int
    lines: tuple[Line, ...]
    more: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A system that did not work last time."""

    controller: str
    system: str
    title: str
    said: str
    held: bool


@bp.get("/")
def today() -> ResponseReturnValue:
    """Late, due soon, waiting for her, failed, bounced; and how the last weeks went."""
    on = today_here()
    cases, watched = _mine(READERS), _mine((*READERS, *KEEPERS))
    with store.reading() as session:
        counts = desk.counts(session, cases, me().id, on, on + SOON)
        start = charts.since(on)
        series = desk.series(session, cases, start, now() - (now().date() - start + timedelta(days=1)))
        bounced = desk.bounced_messages(session, cases)
    to_tell, untold = recipients.to_tell(cases, language=languages.language(), limit=SHOWN)
    sections = _sections(cases, counts, on)
    return render_template(
        "desk/today.html",
        counts=counts,
        urgent=[one for one in sections if one.name in URGENT],
        sections=[one for one in sections if one.name not in URGENT],
        to_decide=sum(counts.by_status.get(status, 0) for status in TO_DECIDE),
        bounced=bounced,
        authorities=authority.waiting(cases),
        kept=kept_ends.waiting(cases, today=on),
        to_tell=to_tell,
        untold=untold,
        charts=charts.draw(series, on),
        troubles=_troubles(watched),
        on=on,
        sees_cases=bool(cases),
    )


@bp.post("/language")
def language() -> ResponseReturnValue:
    """Change the language of the desk and go back."""
    languages.remember(request.form.get(languages.CHOICE, ""))
    return redirect(languages.inside(request.form.get("next", "")), code=303)


@bp.get("/account")
def account() -> ResponseReturnValue:
    """Her own password and second factor."""
    roles = [(key, sorted(me().roles_in(key))) for key in me().controllers()]
    return render_template("desk/account.html", roles=roles)


@bp.post("/account/shortcuts")
def shortcuts() -> ResponseReturnValue:
    """Single keys do something at her desk, or nothing (WCAG 2.1.4); kept with her account."""
    on = request.form.get("on") == "yes"
    staff.set_shortcuts(me().id, on)
    flash(gettext("Single keys are on.") if on else gettext("Single keys are off."), "done")
    return to("account")


def _mine(roles: tuple[str, ...]) -> tuple[str, ...]:
    """The organisations for which she has one of these roles."""
    return tuple(key for key in allowed() if me().roles_in(key) & set(roles))


def today_here() -> date:
    """Today in the zone of her first controller."""
    zone: str = g.get("zone", "UTC")
    return clocks.local_day(now(), zone)


def _sections(cases: tuple[str, ...], counts: Counts, on: date) -> list[Section]:
    """Each case stands in the first group that it belongs to; the totals count all of them."""
    found: list[Section] = []
    above: set[str] = set()
    for name, title, total, wanted in _wanted(cases, counts, on):
        if total:
            with store.reading() as session:
                lines = desk.review_queue(session, wanted, limit=SHOWN + len(above))
            fresh = tuple(line for line in lines if line.reference not in above)[:SHOWN]
            above |= {line.reference for line in fresh}
            found.append(Section(name, title, total, fresh, name))
    return found


def _wanted(cases: tuple[str, ...], counts: Counts, on: date) -> list[tuple[str, str, int, Wanted]]:
    every = Wanted(cases)
    return [
        ("late", gettext("Late"), counts.late, replace(every, due_before=on)),
        (
            "soon",
            gettext("Due within 7 days"),
            counts.soon,
            replace(every, due_from=on, due_before=on + SOON + timedelta(days=1)),
        ),
        (
            "review",
            gettext("To read and decide"),
            sum(counts.by_status.get(status, 0) for status in TO_DECIDE),
            replace(every, statuses=TO_DECIDE),
        ),
        ("mine", gettext("Assigned to me"), counts.mine, replace(every, assignee=me().id)),
        ("second", gettext("Needs a second approval"), counts.second, replace(every, statuses=("second",))),
        (
            "promised",
            gettext("Answers that promise to go on"),
            counts.promised,
            replace(every, promised=True),
        ),
        ("failed", gettext("Something failed"), counts.failed, replace(every, failed=True)),
        ("waiting", gettext("Waiting for the person"), counts.waiting, replace(every, statuses=("waiting",))),
    ]


def _troubles(controllers: tuple[str, ...]) -> list[Trouble]:
    """Systems that failed last time or are held; from what is stored, without reaching any of them."""
    found = []
    for key in controllers:
        with store.reading() as session:
            states = operations.system_states(session, key)
        for config in house().registry.for_controller(key):
            state = states.get(config.key)
            if state is not None and (state.last_error or state.held):
                said = words.fault(state.last_error) or gettext("Held by its switch")
                found.append(Trouble(key, config.key, config.title, said, not state.last_error))
    return found
