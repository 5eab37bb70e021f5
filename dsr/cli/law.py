"""``dsr law``: what the law packs say, and deadlines without a case."""

from __future__ import annotations

import sys
from datetime import date, datetime

import click

from dsr import laws
from dsr.domain import deadlines
from dsr.domain.deadlines import Clock

from .console import SUSPENDED, as_json, emit, example, now, table


@click.group()
def law() -> None:
    """Law packs: which there are, what they say, when an answer is due."""


@law.command("list")
@as_json
@example("dsr law list")
def list_(as_json: bool) -> None:
    """Every law pack on file."""
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
    emit(rows, as_json, lambda: table("Law packs", columns, ([row[c] for c in columns] for row in rows)))


@law.command()
@click.argument("jurisdiction")
@click.option("--on", help="In force on this day (default: today).")
@as_json
@example("dsr law show MX")
def show(jurisdiction: str, on: str | None, as_json: bool) -> None:
    """One law: its rights and their clocks, who watches over it, what must be kept."""
    pack = laws.in_force(jurisdiction, _received(on) if on else now())
    rows = [
        (
            name,
            right.canonical,
            right.law,
            deadline,
            " ".join(str(one.text) for one in rule.period),
            rule.source,
        )
        for name, right in pack.rights.items()
        for deadline, rule in right.clocks.items()
    ]

    def text() -> None:
        click.echo(f"{pack.id}: {pack.law}, from {pack.valid_from}, {pack.authority.name}")
        table("Rights", ("right", "ours", "law", "deadline", "period", "source"), rows)
        kept = (
            (one.id, one.citation, one.period.text if one.period else "", one.deadline)
            for one in pack.retention
        )
        table("Retention", ("rule", "citation", "period", "what"), kept)
        for name, missing in pack.missing.items():
            click.echo(f"not given: {name}: {missing}")

    emit(pack, as_json, text)


@law.command()
@click.option("--jurisdiction", required=True, help="Code of the pack, such as ES or MX.")
@click.option("--right", required=True, help="A right by the pack's own name or by ours.")
@click.option("--received", required=True, help="When it was received: ISO 8601 date or time.")
@click.option(
    "--event", "events", multiple=True, help="What happened since: 'identity_requested 2026-02-02'."
)
@click.option("--deadline", default="respond", show_default=True, help="Which clock.")
@click.option("--calendar", help="Holidays of another place, such as ES-CT; 'weekends' or 'none'.")
@click.option("--rule", help="Retention rule, for retention clocks.")
@as_json
@example("dsr law due --jurisdiction ES --right access --received 2026-01-31T09:00:00+01:00")
def due(
    jurisdiction: str,
    right: str,
    received: str,
    events: tuple[str, ...],
    deadline: str,
    calendar: str | None,
    rule: str | None,
    as_json: bool,
) -> None:
    """When the answer is due. A late extension changes nothing and warns; an open pause exits with 3."""
    pack = laws.in_force(jurisdiction, _received(received))
    happened = [deadlines.parse_event(text) for text in events]
    holidays = laws.calendar(pack, calendar)
    clock = deadlines.fold(
        pack, right, _received(received), happened, calendar=holidays, deadline=deadline, rule=rule
    )
    for warning in clock.warnings:
        words = " ".join(f"{name}={value}" for name, value in dict(warning.data).items())
        click.echo(f"warning: {warning.code} {words}".rstrip(), err=True)
    emit(_facts(clock), as_json, lambda: _print(clock))
    if clock.due_on is None:
        sys.exit(SUSPENDED)


@law.command()
@click.option("--jurisdiction", required=True, help="Code of the pack.")
@click.option("--right", required=True, help="A right by the pack's own name or by ours.")
@click.option("--received", required=True, help="When it was received.")
@click.option("--event", "events", multiple=True, help="What happened since.")
@as_json
@example("dsr law explain --jurisdiction ES --right erasure --received 2026-03-02")
def explain(jurisdiction: str, right: str, received: str, events: tuple[str, ...], as_json: bool) -> None:
    """How the date is computed, step by step, with the article of each step."""
    pack = laws.in_force(jurisdiction, _received(received))
    happened = [deadlines.parse_event(text) for text in events]
    clock = deadlines.fold(pack, right, _received(received), happened, calendar=laws.calendar(pack))
    rows = [
        {"step": step.code, "before": step.before, "after": step.after, "source": step.source}
        for step in clock.steps
    ]
    columns = ("step", "before", "after", "source")
    emit(rows, as_json, lambda: table(str(clock.rule), columns, ([row[c] for c in columns] for row in rows)))


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
