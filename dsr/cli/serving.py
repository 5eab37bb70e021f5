"""``dsr serve``."""

from __future__ import annotations

import errno
import socket
from typing import Any

import click

from dsr import worker
from dsr.demo import stage
from dsr.settings import Settings, load

from .console import MISCONFIGURED, Failure, as_json, emit, example


@click.command()
@click.option(
    "--role", type=click.Choice(["all", "portal", "desk", "worker"]), help="What this process does."
)
@click.option("--host", help="Address to listen on (default 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (default 8000).")
@click.option("--demo", is_flag=True, help="Build demo systems under instance/ and serve them on loopback.")
@as_json
@example("dsr serve --role portal --port 8080")
def serve(role: str | None, host: str | None, port: int | None, demo: bool, as_json: bool) -> None:
    """Serve the portal and the desk, and work on cases, until stopped.

    A working installation needs DSR_SMTP_URLS, DSR_MAIL_FROM and DSR_PORTAL_URL; with --demo nothing
    but this command is needed, and no mail leaves the machine.
    """
    given = {"role": role, "host": host, "port": port}
    wanted: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if demo:
        stage.prepare()
    settings = stage.settings(**wanted) if demo else load(**wanted)
    _claim(settings)
    if stage.is_demo(settings.instance):
        stage.note_address(settings)
    if demo:
        emit(stage.facts(settings), as_json, lambda: click.echo(stage.welcome(settings)))
    else:
        emit(_facts(settings), as_json, lambda: click.echo(_welcome(settings)))
    try:
        worker.serve(settings, settings.role)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise _no_port(settings) from None


def _claim(settings: Settings) -> None:
    """Listen for a moment: an address that cannot be had is told before anything is said of it. Failure."""
    if settings.role == "worker":
        return
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, number) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        taken = error.errno in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL)
        if not taken and not isinstance(error, socket.gaierror):
            raise
        raise _no_port(settings) from None


def _no_port(settings: Settings) -> Failure:
    place = f"Port {settings.port} of {settings.host}"
    sentence = f"{place} cannot be used: choose another one with --port or --host (DSR_PORT, DSR_HOST)."
    return Failure(sentence, "docs/operations.md", MISCONFIGURED)


def _facts(settings: Settings) -> dict[str, str]:
    facts = {"role": settings.role}
    if settings.role != "worker":
        facts["address"] = f"http://{settings.host}:{settings.port}"
    if settings.role in ("all", "portal"):
        facts["portal"] = settings.portal_url
    if settings.role in ("all", "desk"):
        facts["desk"] = settings.desk_url
    return facts


def _welcome(settings: Settings) -> str:
    return "\n".join(f"{name:<8} {value}" for name, value in _facts(settings).items())
