"""``dsr audit``: proof that does not rest on trusting us."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dsr.store import audit as log

from .console import as_json, emit, example, now, running


@click.group()
def audit() -> None:
    """The audit log: verify, export, checkpoint."""


@audit.command()
@click.option("--controller", help="Key of the controller (default: all).")
@click.option("--log", "log_file", type=click.Path(exists=True, path_type=Path), help="An exported log.")
@click.option("--checkpoint", type=click.Path(exists=True, path_type=Path), help="A checkpoint file.")
@click.option("--key", type=click.Path(exists=True, path_type=Path), help="The public key, as printed.")
@as_json
@example("dsr audit verify --log audit.jsonl --checkpoint latest.txt --key audit.pub")
def verify(
    controller: str | None, log_file: Path | None, checkpoint: Path | None, key: Path | None, as_json: bool
) -> None:
    """Verify the live log, or exported files without any database. Exit 1 when something was changed."""
    if log_file is not None:
        if checkpoint is None or key is None:
            raise click.UsageError("--log needs --checkpoint and --key: without them nothing is proved")
        with log_file.open(encoding="utf-8") as lines:
            results = [log.verify_entries(lines, checkpoint.read_text(), key.read_text().strip())]
    else:
        with running() as house:
            keys = [controller] if controller else sorted(house.controllers)
            results = [log.verify_chain(one) for one in keys]
    emit(results, as_json, lambda: [click.echo(str(result)) for result in results] and None)
    if not all(result.ok for result in results):
        sys.exit(1)


@audit.command()
@click.option("--controller", required=True, help="Key of the controller.")
@click.option("--since", default=0, show_default=True, help="First sequence number.")
@example("dsr audit export --controller acme > audit.jsonl")
def export(controller: str, since: int) -> None:
    """Write the log as JSON lines to standard output."""
    with running():
        for line in log.export(controller, since):
            click.echo(line)


@audit.command()
@click.option("--controller", required=True, help="Key of the controller.")
@example("dsr audit checkpoint --controller acme")
def checkpoint(controller: str) -> None:
    """Sign the present end of the log and print the signed note; keep it elsewhere."""
    with running():
        click.echo(log.checkpoint(controller, now()))


