"""``dsr case dossier`` and ``dsr register``: what is handed to an authority."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from dsr.services import duties, records
from dsr.services.records import FORMATS, Dossier

from . import seeing
from .console import (
    as_json,
    by_officer,
    controller_option,
    emit,
    example,
    now,
    officer_of,
    only_controller,
    reason,
    running,
)

LANGUAGES = ("es", "en", "pt")
in_words = click.option("--language", type=click.Choice(LANGUAGES), help="Default: the controller's.")


@click.command()
@click.argument("reference")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="A folder that does not exist yet."
)
@click.option("--zip", "as_zip", is_flag=True, help="Write one ZIP instead of a folder.")
@in_words
@by_officer
@as_json
@example("dsr case dossier 7F3K-92QD --out dossier-7F3K-92QD --by olga@example.org")
def dossier(reference: str, out: Path, as_zip: bool, language: str | None, by: str, as_json: bool) -> None:
    """One signed folder for an authority: dates, decisions, letters, deliveries, audit lines with proofs.

    It holds personal data: keep it sealed. ``dsr audit verify --dossier`` checks it anywhere.
    """
    if out.exists():
        raise click.UsageError(f"{out} is there already; name a new one.")
    with running() as house:
        who = officer_of(reference, by)
        key = (who.controllers or ("",))[0]
        made = records.make(reference, language=language or house.controller(key).language, by=who, now=now())
    _write(made, out, as_zip)
    told = {"reference": reference, "out": str(out), "files": len(made.files)}
    emit(told, as_json, lambda: click.echo(f"{reference}: {len(made.files)} files in {out}"))


def _write(made: Dossier, out: Path, as_zip: bool) -> None:
    """To be read by the owner alone."""
    if as_zip:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.touch(mode=0o600)
        out.write_bytes(made.zip())
        return
    for name, body in made.files.items():
        path = out / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(body)


@click.command()
@click.argument("reference")
@click.option("--duty", "key", required=True, help="guide, or a deadline such as mark_in_dispute.")
@by_officer
@reason
@as_json
@example("dsr case duty 7F3K-92QD --duty mark_in_dispute --by olga@example.org --reason 'marked in the ERP'")
def duty(reference: str, key: str, by: str, reason: str, as_json: bool) -> None:
    """Record what was done by hand: a mark on receipt, or the guide of a right that no program works."""
    with running():
        duties.complete(reference, key, reason, by=officer_of(reference, by), now=now())
        facts = seeing.facts(reference)
    emit(facts, as_json, lambda: click.echo(f"{reference}: {key} is kept as proof"))


@click.command()
@controller_option
@click.option(
    "--from", "first", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day of receipt."
)
@click.option("--to", "last", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Last day of receipt.")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="A file; without it, standard output.")
@in_words
@as_json
@example("dsr register --from 2026-01-01 --to 2026-12-31 --format pdf --out register.pdf")
def register(controller: str | None, kind: str, out: Path | None, **given: Any) -> None:
    """The register of requests: counts, times and outcomes by right and country, without personal data."""
    first, last = _day(given["first"]), _day(given["last"])
    with running() as house:
        key = only_controller(house, controller)
        if given["as_json"]:
            found = records.register(key, first, last, now=now())
            emit(found, True, lambda: None)
            return
        language = given["language"] or house.controller(key).language
        body = records.file(key, first, last, kind=kind, language=language, by="cli", now=now())
    if out is None:
        click.echo(body, nl=False)
    else:
        out.write_bytes(body)
        click.echo(f"{out}: {len(body)} bytes")


def _day(moment: Any) -> date:
    day: date = moment.date()
    return day
