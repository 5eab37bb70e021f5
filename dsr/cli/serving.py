"""``dsr serve``."""

from __future__ import annotations

import click

from dsr.settings import load
from dsr.settings.values import Settings

from .console import example


@click.command()
@click.option("--role", type=click.Choice(["all", "portal", "desk", "worker"]), help="What this process does.")
@click.option("--host", help="Address to listen on (default 127.0.0.1).")
@click.option("--port", type=int, help="Port to listen on (default 8000).")
@click.option("--demo", is_flag=True, help="Build demo systems under instance/ and serve them on loopback.")
@example("dsr serve --role portal --port 8080")
def serve(role: str | None, host: str | None, port: int | None, demo: bool) -> None:
    """Serve the portal and the desk, and work on cases, until stopped."""
    from dsr import worker
    from dsr.demo import stage

    given = {"role": role, "host": host, "port": port}
    wanted = {name: value for name, value in given.items() if value is not None}
    if demo:
        stage.prepare()
        wanted["demo"] = True
    settings = load(**wanted)
    welcome = stage.welcome(settings) if demo else _welcome(settings)
    click.echo(welcome)
    worker.serve(settings, settings.role)


def _welcome(settings: Settings) -> str:
    lines = [f"role {settings.role} on http://{settings.host}:{settings.port}"]
    if settings.role in ("all", "portal"):
        lines.append(f"Portal  {settings.portal_url}")
    if settings.role in ("all", "desk"):
        lines.append(f"Desk    {settings.desk_url}")
    return "\n".join(lines)
