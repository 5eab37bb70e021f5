"""The law on file, pack by pack with its sources, and a calculator of dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from dsr import laws
from dsr.domain import deadlines
from dsr.domain.clock_events import DATED, Event
from dsr.domain.deadlines import Clock
from dsr.domain.errors import Refusal
from dsr.domain.law import Pack
from dsr.services.house import house
from dsr.web.languages import language

from .access import allowed
from .place import bp
from .refusals import sentence_of
from .today import today_here

EVENTS = tuple(kind for kind in DATED if kind not in ("answered", "done"))
ROWS = 2


@bp.get("/law")
def law() -> ResponseReturnValue:
    """Every pack with its rights and clocks; with a question, the date and each step to it.

    Asked for: the date of an answer (``jurisdiction``, ``right``, ``received``, events), or until when a duty
    to keep, block or erase lasts (``duty``: pack and rule, ``since``).
    """
    args = request.args
    packs = sorted(laws.packs(), key=lambda pack: pack.names.of(language()))
    clock = kept = None
    error = ""
    try:
        if args.get("jurisdiction"):
            clock = _due(args.get("jurisdiction", ""), args.get("right", ""), args.get("received", ""))
        elif args.get("duty"):
            kept = _kept(args.get("duty", ""), args.get("since", ""))
    except Refusal as refusal:
        error = sentence_of(refusal)
    return render_template(
        "desk/law.html",
        packs=packs,
        clock=clock,
        kept=kept,
        traffic=deadlines.traffic(clock, today_here()) if clock else "",
        error=error,
        asked=args,
        home=args.get("jurisdiction") or _home(),
        duty=args.get("duty") or _first_duty(packs, _home()),
        events=EVENTS,
        rows=range(ROWS),
        today=today_here(),
        elsewhere=laws.countries().values(),
    )


@bp.get("/law/<pack>")
def law_pack(pack: str) -> ResponseReturnValue:
    """One pack: every right with its clocks, where each number was read and how sure it is."""
    found = next((one for one in laws.packs() if one.id == pack), None)
    if found is None:
        abort(404)
    return render_template("desk/law_pack.html", pack=found, calendar=laws.calendar(found))


def _home() -> str:
    return house().controller(allowed()[0]).jurisdiction


def _first_duty(packs: Sequence[Pack], home: str) -> str:
    """What the calculator offers first: a duty of the law of her organisation."""
    mine = next((pack for pack in packs if pack.jurisdiction == home and not pack.valid_until), None)
    rules = [one for one in mine.retention if one.period and not one.valid_until] if mine else []
    return f"{home}/{rules[0].id}" if rules else ""


def _due(jurisdiction: str, right: str, received: str) -> Clock:
    on = _day(received)
    pack: Pack = laws.in_force(jurisdiction, on).in_zone("UTC")
    kinds, days = request.args.getlist("event"), request.args.getlist("on")
    events = [Event(kind, on=_day(day)) for kind, day in zip(kinds, days, strict=False) if kind and day]
    return deadlines.fold(pack, right, on, events, calendar=laws.calendar(pack))


def _kept(duty: str, since: str) -> Clock:
    """Until when ``duty`` (such as ES/tax) lasts, counted from the day of its trigger."""
    jurisdiction, _, name = duty.partition("/")
    on = _day(since)
    pack = laws.in_force(jurisdiction, on).in_zone("UTC")
    deadline = pack.retention_rule(name, on).deadline
    return deadlines.fold(pack, "access", on, calendar=laws.calendar(pack), deadline=deadline, rule=name)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("law.date", "Write a date.") from None
