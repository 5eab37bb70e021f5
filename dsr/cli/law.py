"""``dsr law``: what the law packs say, and deadlines without a case."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, TypeVar

import click

from dsr import laws
from dsr.domain import deadlines
from dsr.domain.deadlines import Clock
from dsr.domain.law import RETENTION_DEADLINES, ClockRule, Pack, Sourced

from .console import SUSPENDED, as_json, emit, example, now, table

F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def law() -> None:
    """Law packs: which there are, what they say, when an answer is due."""


@law.command("list")
@as_json
@example("dsr law list")
def list_(as_json: bool) -> None:
    """Every law pack on file, and the countries that are known to have none."""
    rows = [
        {
            "id": pack.id,
            "jurisdiction": pack.jurisdiction,
            "law": pack.law,
            "valid_from": pack.valid_from,
            "valid_until": pack.valid_until,
            "rights": list(pack.rights),
        }
        for pack in laws.packs()
    ]
    columns = ("id", "jurisdiction", "valid_from", "valid_until", "law")

    def text() -> None:
        table("Law packs", columns, ([row[c] for c in columns] for row in rows))
        for one in laws.countries().values():
            click.echo(f"{one.code}: {one.words('en')}")

    emit(rows, as_json, text)


@law.command()
@click.argument("jurisdiction")
@click.option("--on", help="In force on this day (default: today).")
@as_json
@example("dsr law show MX")
def show(jurisdiction: str, on: str | None, as_json: bool) -> None:
    """One law: its rights and their clocks with source and certainty, who watches over it, what is kept."""
    pack = laws.in_force(jurisdiction, _received(on) if on else now())
    emit(pack, as_json, lambda: _print_pack(pack))


def asked(command: F) -> F:
    """The options that say which clock is meant."""
    for option in (
        click.option(
            "--rule", help="Retention rule, for retention clocks (commercial_books, aml, video...)."
        ),
        click.option("--calendar", help="Holidays of another place, such as ES-CT; 'weekends' or 'none'."),
        click.option("--deadline", default="respond", show_default=True, help="Which clock."),
        click.option(
            "--event", "events", multiple=True, help="What happened since: 'identity_requested 2026-02-02'."
        ),
        click.option("--received", required=True, help="When it was received: ISO 8601 date or time."),
        click.option(
            "--right",
            default="access",
            show_default=True,
            help="By our name, the pack's own or the law's words.",
        ),
        click.option("--jurisdiction", required=True, help="Code of the pack, such as ES or MX."),
    ):
        command = option(command)
    return command


@law.command()
@asked
@as_json
@example(
    "dsr law due --jurisdiction ES --deadline retain_until --rule commercial_books --received 2026-12-31"
)
def due(as_json: bool, **given: Any) -> None:
    """When the answer is due. A late extension changes nothing and warns; an open pause exits with 3.

    For a retention clock (--deadline retain_until, block_until or erase_by) --rule names the duty and
    --received the day of its trigger.
    """
    _, clock = _folded(given)
    _warn(clock)
    emit(_facts(clock), as_json, lambda: _print(clock))
    if clock.due_on is None:
        sys.exit(SUSPENDED)


@law.command()
@asked
@as_json
@example("dsr law explain --jurisdiction ES --right erasure --received 2026-03-02")
def explain(as_json: bool, **given: Any) -> None:
    """How the date is computed: each rule with its article, the other readings, how sure it is."""
    pack, clock = _folded(given)
    told = {
        **_facts(clock),
        "steps": [
            {"step": one.code, "before": one.before, "after": one.after, "source": one.source}
            for one in clock.steps
        ],
        "readings": _readings(pack, given),
        "reminders": list(deadlines.reminders(clock, clock.received_on)),
    }
    emit(told, as_json, lambda: _print_explained(clock, told))


def _folded(given: dict[str, Any]) -> tuple[Pack, Clock]:
    """The pack and the clock that the options ask for."""
    received = _received(given["received"])
    pack = laws.in_force(given["jurisdiction"], received)
    happened = [deadlines.parse_event(text) for text in given["events"]]
    holidays = laws.calendar(pack, given["calendar"])
    which = {"deadline": given["deadline"], "rule": given["rule"]}
    right = pack.called(given["right"])
    return pack, deadlines.fold(pack, right, received, happened, calendar=holidays, **which)


def _readings(pack: Pack, given: dict[str, Any]) -> list[dict[str, Any]]:
    """The date under every other reading of the rule; none for retention clocks."""
    if given["rule"] or given["deadline"] in RETENTION_DEADLINES:
        return []
    found = deadlines.readings(
        pack,
        pack.called(given["right"]),
        _received(given["received"]),
        [deadlines.parse_event(text) for text in given["events"]],
        calendar=laws.calendar(pack, given["calendar"]),
        deadline=given["deadline"],
    )
    return [{"option": name, "due_on": one.due_on, "source": one.source} for name, one in found]


def _warn(clock: Clock) -> None:
    for warning in clock.warnings:
        words = " ".join(f"{name}={value}" for name, value in dict(warning.data).items())
        click.echo(f"warning: {warning.code} {words}".rstrip(), err=True)


def _print_explained(clock: Clock, told: dict[str, Any]) -> None:
    columns = ("step", "before", "after", "source")
    table(str(clock.rule), columns, ([row[c] for c in columns] for row in told["steps"]))
    click.echo(f"due {clock.due_on or 'suspended'}, our own target {clock.internal_on or '-'}")
    if clock.confidence != "seen":
        click.echo(f"not certain ({clock.confidence}): {clock.source}")
    for one in told["readings"]:
        click.echo(f"read otherwise ({one['option']}): {one['due_on']}, {one['source']}")
    _warn(clock)


def _print_pack(pack: Pack) -> None:
    click.echo(
        f"{pack.id}: {pack.law}, from {pack.valid_from}{f' to {pack.valid_until}' if pack.valid_until else ''}"
    )
    click.echo(f"zone {pack.zone}, holidays {pack.calendar.code} ({pack.calendar.confidence})")
    for line in _said(pack):
        click.echo(line)
    rows = (
        (name, right.canonical or right.served_by, deadline, _terms(rule), rule.confidence, rule.source)
        for name, right in pack.rights.items()
        for deadline, rule in right.clocks.items()
    )
    table("Rights", ("right", "ours", "deadline", "period", "certainty", "source"), rows)
    kept = (
        (one.id, one.citation, one.period.text if one.period else f"until {one.ends_with}", one.deadline,
         one.confidence)
        for one in pack.retention
    )  # fmt: skip
    table("Retention", ("rule", "citation", "period", "what", "certainty"), kept)
    for name, missing in pack.missing.items():
        click.echo(f"not given: {name}: {missing.note.en} ({missing.confidence})")


def _said(pack: Pack) -> Iterator[str]:
    """What holds for every right of a pack, one line each, with its source and how sure it is."""
    where = ", ".join(filter(None, (pack.authority.name, pack.authority.address, pack.authority.url)))
    yield f"complaints: {where} {_sure(pack.authority)}"
    if pack.authority.window:
        yield f"complaints within: {pack.authority.window.text}"
    if pack.authority.prior_step:
        yield f"before a complaint: {pack.authority.prior_step.en}"
    yield f"court: {pack.authority.court_remedy.en}"
    yield f"cost: {pack.free.words.en} {_sure(pack.free)}"
    if pack.child_age:
        yield f"a child asks alone from {pack.child_age.years} {_sure(pack.child_age)}"
    if pack.heirs:
        yield f"for somebody who has died: {pack.heirs.who.en} {_sure(pack.heirs)}"
    if pack.evidence:
        yield f"proof of the answer kept for: {pack.evidence.period.text} {_sure(pack.evidence)}"
    for act in pack.on_receipt:
        yield f"at once on receipt ({', '.join(act.rights)}): {act.words.en} {_sure(act)}"
    for addition in pack.additions:
        yield f"added to {', '.join(addition.letters)}: {addition.text.en} {_sure(addition)}"


def _sure(one: Sourced) -> str:
    return f"({one.confidence}: {one.source})"


def _terms(rule: ClockRule) -> str:
    """The period with what may lengthen it: '20BD, extension 20BD, stops for info'."""
    parts = [" or ".join(one.text for one in rule.period)]
    if rule.begins != "received":
        parts.append(f"from {rule.begins}")
    if rule.extension:
        parts.append(f"extension {rule.extension.amount.text}")
    if rule.stops:
        parts.append(f"stops for {', '.join(rule.stops)}")
    return ", ".join(parts)


def _received(text: str) -> date | datetime:
    """A plain date is the local date of the law; a time needs its offset from UTC."""
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-31") else datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(
            f"{text!r} is no date: write 2026-01-31 or 2026-01-31T09:00:00+01:00."
        ) from None


def _facts(clock: Clock) -> dict[str, object]:
    return {
        "due_on": clock.due_on,
        "first_due_on": clock.first_due_on,
        "internal_on": clock.internal_on,
        "suspended_since": clock.suspended_since,
        "overdue": clock.overdue_extension,
        "rule": clock.rule,
        "source": clock.source,
        "confidence": clock.confidence,
        "pack": f"{clock.pack_id}@{clock.pack_version}",
        "calendar": clock.calendar_version,
        "warnings": [{"code": one.code, "data": dict(one.data)} for one in clock.warnings],
    }


def _print(clock: Clock) -> None:
    if clock.due_on is None:
        click.echo(f"suspended since {clock.suspended_since}")
    else:
        click.echo(clock.due_on.isoformat())
