"""``dsr upgrade``, ``dsr retention``, ``dsr clock``: what keeps an installation in order."""

from __future__ import annotations

import click

from dsr import app as application
from dsr import store
from dsr.services import clock as clock_service
from dsr.services import retention as retention_service

from .console import as_json, emit, example, moment, now, running, settings


@click.command()
@click.option("--adopt", is_flag=True, help="This machine is now the home of this (copied) database.")
@as_json
@example("dsr upgrade")
def upgrade(adopt: bool, as_json: bool) -> None:
    """Bring the database to this version. Can be repeated; an interrupted run goes on where it stopped."""
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
