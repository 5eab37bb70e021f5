"""``dsr upgrade``, ``dsr retention``, ``dsr clock``: what keeps an installation in order."""

from __future__ import annotations

import sys

import click

from dsr import app as application
from dsr import store
from dsr.services import clock as clock_service
from dsr.services import rechecking, returning
from dsr.services import retention as retention_service

from .console import (
    REFUSED,
    as_json,
    controller_option,
    emit,
    example,
    moment,
    now,
    only_controller,
    running,
    settings,
    table,
)


@click.command()
@click.option("--adopt", is_flag=True, help="This machine is now the home of this (copied) database.")
@as_json
@example("dsr upgrade")
def upgrade(adopt: bool, as_json: bool) -> None:
    """Bring the database to this version. Can be repeated: an interrupted run left it as it was."""
    known = settings()
    app = application.create_app(known, role="worker")
    if adopt:
        with app.app_context():
            store.instance.adopt(known.identity)
    emit({"upgraded": True, "adopted": adopt}, as_json, lambda: click.echo("The database is up to date."))


@click.group()
def retention() -> None:
    """Forgetting what may be kept no longer."""


@retention.command()
@as_json
@example("dsr retention run")
def run(as_json: bool) -> None:
    """Destroy packages, files of closed cases and blocked rows whose time has come."""
    with running():
        gone = retention_service.run(now=now())
    words = f"destroyed: {gone.packages} packages, {gone.submissions} case files, {gone.seals} sealed sets"
    emit(gone, as_json, lambda: click.echo(words))


@retention.command()
@click.option(
    "--since", help="Only what was erased from this moment on: the moment of the backup (ISO 8601)."
)
@click.option("--system", help="Only this system (default: all of the controller).")
@controller_option
@as_json
@example("dsr retention replay --since 2026-03-01T02:00:00+01:00 --system crm")
def replay(since: str | None, system: str | None, controller: str | None, as_json: bool) -> None:
    """Repeat approved erasures after a system was restored from a backup, before the portal opens.

    Exit 1 when somebody could not be erased again: a new case waits for an officer, or the system did not
    answer. Cases whose key is destroyed cannot be repeated; dsr retention sweep looks for those people.
    """
    with running(acts=True) as house:
        key = only_controller(house, controller)
        moment_ = moment(since, house.controller(key).zone) if since else None
        done = returning.replay(key, system, since=moment_, by="cli", now=now())
    emit(done, as_json, lambda: _print_replay(done))
    if done.failed:
        sys.exit(REFUSED)


@retention.command()
@click.option("--system", help="Only this system (default: all of the controller).")
@controller_option
@as_json
@example("dsr retention sweep --system crm")
def sweep(system: str | None, controller: str | None, as_json: bool) -> None:
    """Look now for erased people who came back with an import or a backup; each becomes a case to decide.

    The clock does the same once a week. Erasures whose key lives are read again too, in every kind of system.
    """
    with running() as house:
        found = rechecking.sweep(only_controller(house, controller), system, now=now())
    rows = ((one.system, one.seen, one.back, "yes" if one.ended else "no", one.why) for one in found)
    columns = ("system", "identifiers read", "people back", "to the end", "why not")
    emit(found, as_json, lambda: table("Sweep", columns, rows))


def _print_replay(done: returning.Replayed) -> None:
    click.echo(
        f"erased again: {done.again} cases, {done.rows} rows; nothing left to erase: {done.gone}; "
        f"known by hashes only: {done.forgotten}"
    )
    for why, count in sorted(done.failed.items()):
        click.echo(f"  not done: {count} ({why})")


@click.group()
def clock() -> None:
    """Reminders and everything else that happens by itself."""


@clock.command("run")
@click.option("--at", help="As if it were this moment (ISO 8601); default now.")
@as_json
@example("dsr clock run --at 2026-03-30T09:00:00+02:00")
def clock_run(at: str | None, as_json: bool) -> None:
    """Do once what the scheduler does every half minute."""
    when = moment(at, "UTC") if at else now()
    with running():
        clock_service.tick(now=when)
    emit({"at": when}, as_json, lambda: click.echo(f"Looked at everything due at {when.isoformat()}."))
