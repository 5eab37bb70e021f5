"""``dsr suppression``: the list of people not to contact again."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dsr.services import suppression as service

from .console import (
    REFUSED,
    as_json,
    controller_option,
    emit,
    example,
    now,
    only_controller,
    running,
    table,
)

BY = "cli"
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
channel_option = click.option(
    "--channel", type=click.Choice(list(service.CHANNELS)), default=service.MARKETING, show_default=True
)
kind_option = click.option(
    "--kind", type=click.Choice(list(service.KINDS)), default="email", show_default=True
)


@click.group()
def suppression() -> None:
    """People not to contact again, by keyed hash; for mailing tools and before an import."""


@suppression.command("list")
@controller_option
@as_json
@example("dsr suppression list")
def list_(controller: str | None, as_json: bool) -> None:
    """The entries: channel, reason, since when; addresses are not shown."""
    with running() as house:
        found = service.entries(only_controller(house, controller), limit=100_000)
    rows = (
        (one.id, one.kind, one.channel, one.reason, one.since_on, one.reference, "yes" if one.known else "no")
        for one in found
    )
    columns = ("number", "kind", "channel", "reason", "since", "case", "address known")
    emit(found, as_json, lambda: table("Not to contact", columns, rows))


@suppression.command()
@click.argument("value")
@channel_option
@kind_option
@controller_option
@as_json
@example("dsr suppression add ana@example.org --channel marketing")
def add(value: str, channel: str, kind: str, controller: str | None, as_json: bool) -> None:
    """Put an address or number on the list; only its keyed hash is kept."""
    with running() as house:
        key = only_controller(house, controller)
        made = service.add(key, value, channel, kind=kind, by=BY, now=now())
    emit({"added": made}, as_json, lambda: click.echo("added" if made else "was on the list already"))


@suppression.command()
@click.argument("value")
@kind_option
@controller_option
@as_json
@example("dsr suppression withdraw ana@example.org")
def withdraw(value: str, kind: str, controller: str | None, as_json: bool) -> None:
    """Take every entry of an address or number off: the person changed her mind."""
    with running() as house:
        key = only_controller(house, controller)
        gone = service.withdraw(key, value=value, kind=kind, by=BY, now=now())
    emit({"withdrawn": gone}, as_json, lambda: click.echo(f"withdrawn: {gone}"))


@suppression.command()
@click.option(
    "--form", type=click.Choice(list(service.FORMS)), default="sha256", show_default=True,
    help="Hash of the address in lower case, as mailing tools take it; the address only where the law allows.",
)  # fmt: skip
@channel_option
@controller_option
@as_json
@example("dsr suppression export --form sha256 > suppressed.csv")
def export(form: str, channel: str, controller: str | None, as_json: bool) -> None:
    """A CSV for a mailing tool, on standard output: addresses that are still known, of this channel or of all."""
    with running() as house:
        found = service.export(only_controller(house, controller), form, channel, by=BY, now=now())
    if found.unknown:
        click.echo(
            f"Left out, known by keyed hash only or not to be told as addresses: {found.unknown}. "
            "Before an import: dsr suppression check.",
            err=True,
        )
    emit(found, as_json, lambda: click.echo("\n".join((found.header, *found.lines))))


@suppression.command()
@click.argument("file", type=EXISTING)
@click.option("--column", default="", help="Name of the column (default: every cell that fits).")
@channel_option
@kind_option
@controller_option
@as_json
@example("dsr suppression check new-contacts.csv --column email")
def check(file: Path, column: str, channel: str, kind: str, controller: str | None, as_json: bool) -> None:
    """Which lines of a CSV file about to be imported are suppressed. Exit 1 when there are any."""
    with running() as house:
        key = only_controller(house, controller)
        with file.open(encoding="utf-8-sig", newline="") as lines:
            found = list(service.check(key, lines, channel, column=column, kind=kind))
    rows = ((one.line, one.channel, one.since_on) for one in found)
    emit(found, as_json, lambda: table("Suppressed", ("line", "channel", "since"), rows))
    if found:
        sys.exit(REFUSED)
