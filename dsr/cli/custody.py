"""``dsr vault`` and ``dsr case hold|release``: what is blocked, who may open it, what may not be erased yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app

from dsr.services import blocking, legal_hold
from dsr.services.blocking import Mandate
from dsr.services.officers import Officer
from dsr.store import durable

from . import seeing
from .console import (
    as_json,
    by_officer,
    controller_option,
    emit,
    example,
    now,
    officer,
    officer_of,
    only_controller,
    running,
    table,
)

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
key_option = click.option(
    "--key", "key", type=EXISTING, help="File with the private legal key (default: the one on this machine)."
)


@click.group()
def vault() -> None:
    """What is blocked: counts and dates; opening it for an authority; certificates of destruction."""


@vault.command("list")
@controller_option
@as_json
@example("dsr vault list")
def list_(controller: str | None, as_json: bool) -> None:
    """Blocked sets by case: counts and dates, nothing of what they hold."""
    with running() as house:
        key = only_controller(house, controller)
        found = blocking.sets(key, limit=10_000)
        asked = blocking.openings(key, now=now())
    rows = (
        (one.reference, one.seals, one.rows, one.first_at.date(), one.destroy_on, one.destroyed)
        for one in found
    )
    columns = ("case", "sets", "rows", "blocked on", "destroyed on", "sets gone")
    told = {"sets": found, "openings": [_without_words(one) for one in asked]}
    emit(told, as_json, lambda: table("Blocked", columns, rows))


@vault.command("open")
@click.argument("reference")
@click.option("--authority", default="", help="Who orders it: the court, prosecutor or authority.")
@click.option("--number", default="", help="The reference of its writing.")
@click.option("--reason", default="", help="What it wants.")
@click.option(
    "--opening", type=int, help="Number of an opening that a second person approved at the desk: fetch it."
)
@key_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where the ZIP is put (0600).")
@by_officer
@as_json
@example(
    "dsr vault open 7F3K-92QD --authority 'Juzgado 3' --number 'PD 12/2026' --reason 'invoices' --by eva@example.org"
)
def open_(reference: str, by: str, as_json: bool, **given: Any) -> None:
    """Ask to open what is blocked of a case; after the approval at the desk, fetch it with --opening.

    The second person approves at the desk, signed in as herself; this command cannot approve.
    """
    number, out = given["opening"], given["out"]
    if number is not None and out is None:
        raise click.UsageError("--out is needed: the rows are handed over once.")
    with running():
        who = officer_of(reference, by)
        controller = _only(who)
        if number is None:
            words = Mandate(given["authority"], given["number"], given["reason"])
            number = blocking.ask(controller, reference, words, by=who, now=now())
            told = {"opening": number, "state": "asked"}
            said = f"opening {number}: a second person approves it at the desk within {blocking.DAYS} days"
        else:
            key = given["key"].read_bytes() if given["key"] else None
            pieces = blocking.fetch(controller, number, key, by=who, now=now())
            durable.write(out, pieces, replace=False)
            told = {"opening": number, "state": "fetched", "out": str(out)}
            said = f"opening {number}: handed over once, in {out}"
    emit(told, as_json, lambda: click.echo(said))


@vault.command()
@click.argument("reference")
@click.option("--language", type=click.Choice(["es", "en", "pt"]), default="es", show_default=True)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The PDF.")
@controller_option
@as_json
@example("dsr vault certificate 7F3K-92QD --out certificate.pdf")
def certificate(reference: str, language: str, out: Path, controller: str | None, as_json: bool) -> None:
    """The certificate that what was blocked of a case is destroyed."""
    with running() as house:
        key = only_controller(house, controller)
        made = blocking.certificate(key, reference, language, by="cli", now=now())
        durable.write(out, [made], replace=False)
    emit({"reference": reference, "out": str(out)}, as_json, lambda: click.echo(f"written: {out}"))


@vault.command("key")
@click.option("--rotate", is_flag=True, help="Make a new pair and wrap what is blocked for it.")
@key_option
@controller_option
@as_json
@example("dsr vault key --rotate --key /media/safe/legal.key")
def key_(rotate: bool, key: Path | None, controller: str | None, as_json: bool) -> None:
    """The legal keys, and whether a private half still lies on this machine; --rotate makes a new pair.

    Sets under an old key that is not given stay under it: keep the old file until they are destroyed.
    """
    told: dict[str, Any] = {}
    with running() as house:
        name = only_controller(house, controller)
        path = Path(current_app.config["LEGAL_KEY_FILE"])
        if rotate:
            old = key.read_bytes() if key else None
            made, done, left = blocking.rotate(name, path, old, by="cli", now=now())
            told = {"key": made, "rewrapped": done, "left": left}
            click.echo(f"new key {made}: {done} sets wrapped for it, {left} left under older keys", err=True)
        found = blocking.key_states(name)
    rows = (
        (one.id, one.made_at, one.retired_at, f"yes: move {path} away" if one.here else "no") for one in found
    )
    columns = ("key", "made", "retired", "private half is here")
    emit(told | {"keys": found}, as_json, lambda: table("Legal keys", columns, rows))


@click.command()
@click.argument("reference")
@click.option("--claim", required=True, help="For which claim the data are needed; kept sealed.")
@click.option(
    "--review", required=True, type=click.DateTime(["%Y-%m-%d"]), help="When it is looked at again."
)
@click.option("--owner", metavar="OFFICER", help="Who answers for it (default: --by).")
@by_officer
@as_json
@example("dsr case hold 7F3K-92QD --claim 'lawsuit 12/2026' --review 2026-09-01 --by legal@example.org")
def hold(reference: str, claim: str, review: datetime, owner: str | None, by: str, as_json: bool) -> None:
    """Legal hold: nothing of this person is erased or destroyed until it is released."""
    with _decided(reference, as_json):
        who = officer_of(reference, by)
        answers = officer(owner, _only(who)).number if owner else None
        day: date = review.date()
        if not legal_hold.hold(reference, claim, day, owner=answers, by=who, now=now()):
            click.echo("The erasure is under way already: that run finishes.", err=True)


@click.command()
@click.argument("reference")
@by_officer
@as_json
@example("dsr case release 7F3K-92QD --by legal@example.org")
def release(reference: str, by: str, as_json: bool) -> None:
    """End a legal hold; an erasure that it stopped is planned anew with dsr case retry."""
    with _decided(reference, as_json):
        legal_hold.release(reference, by=officer_of(reference, by), now=now())


@contextmanager
def _decided(reference: str, as_json: bool) -> Iterator[None]:
    with running():
        yield
        facts = seeing.facts(reference)
    emit(facts, as_json, lambda: click.echo(f"{facts['reference']}  {facts['right']}  {facts['status']}"))


def _only(who: Officer) -> str:
    return (who.controllers or ("",))[0]


def _without_words(one: blocking.OpeningView) -> dict[str, Any]:
    return {"id": one.id, "reference": one.reference, "state": one.state, "expires_at": one.expires_at}


COMMANDS = (hold, release)
