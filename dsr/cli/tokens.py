"""``dsr token``: programs that use the API."""

from __future__ import annotations

from datetime import timedelta

import click

from dsr.services import tokens as service

from .console import as_json, controller_option, emit, example, now, only_controller, running, table

BY = "cli"


@click.group()
def token() -> None:
    """Programs that use the API (docs/api.md)."""


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(service.SCOPES),
    help="What it may do.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it ends (default: never).")
@controller_option
@as_json
@example("dsr token add shop --scope cases:write --scope cases:read --days 365")
def add(name: str, scopes: tuple[str, ...], days: int | None, controller: str | None, as_json: bool) -> None:
    """A token for the program NAME, for one controller; it is shown once."""
    with running() as house:
        key, at = only_controller(house, controller), now()
        expires_at = at + timedelta(days=days) if days else None
        made = service.make(key, name, scopes, expires_at=expires_at, by=BY, now=at)
    told = {
        "number": made.number,
        "controller": key,
        "scopes": sorted(set(scopes)),
        "expires_at": expires_at,
        "token": made.secret,
    }
    emit(told, as_json, lambda: click.echo(f"token {made.number}, shown once: {made.secret}"))


@token.command("list")
@controller_option
@as_json
@example("dsr token list")
def list_(controller: str | None, as_json: bool) -> None:
    """Every token of a controller, also ended ones."""
    with running() as house:
        found = service.all_of(only_controller(house, controller))
    rows = (
        (one.number, one.name, " ".join(one.scopes), one.made_at, one.expires_at, one.revoked_at)
        for one in found
    )
    columns = ("number", "program", "scopes", "made", "expires", "revoked")
    emit(found, as_json, lambda: table("Tokens", columns, rows))


@token.command()
@click.argument("number", type=int)
@controller_option
@as_json
@example("dsr token revoke 3")
def revoke(number: int, controller: str | None, as_json: bool) -> None:
    """End a token at once."""
    with running() as house:
        key = only_controller(house, controller)
        service.revoke(key, number, by=BY, now=now())
    told = {"number": number, "controller": key, "revoked": True}
    emit(told, as_json, lambda: click.echo(f"token {number} is revoked"))
