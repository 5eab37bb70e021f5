"""``dsr audit``: proof that does not rest on trusting us."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from dsr.store import audit as log
from dsr.store import dossiers

from .console import REFUSED, as_json, controller_option, emit, example, now, only_controller, running

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """The audit log: verify, export, checkpoint."""


@audit.command()
@click.option("--controller", help="Key of the controller (default: all).")
@click.option("--log", "log_file", type=EXISTING, help="An exported log; no database is needed.")
@click.option(
    "--dossier",
    type=click.Path(exists=True, path_type=Path),
    help="A dossier: its folder or its ZIP; no database.",
)
@click.option("--checkpoint", type=EXISTING, help="A checkpoint file.")
@click.option("--key", type=EXISTING, help="File with the public key, as dsr audit checkpoint prints it.")
@as_json
@example("dsr audit verify --log audit.jsonl --checkpoint latest.txt --key audit.pub")
def verify(
    controller: str | None,
    log_file: Path | None,
    dossier: Path | None,
    checkpoint: Path | None,
    key: Path | None,
    as_json: bool,
) -> None:
    """Verify the live log, exported files or a dossier without any database. Exit 1 when something was changed.

    A dossier: --dossier FOLDER --key FILE. Without --key the key in the dossier is used; compare it then.
    """
    if dossier is not None:
        if log_file or checkpoint or controller:
            raise click.UsageError("--dossier goes with --key alone.")
        _verify_dossier(dossier, key, as_json)
        return
    if (log_file, checkpoint, key) != (None, None, None):
        if log_file is None or checkpoint is None or key is None:
            raise click.UsageError(
                "--log, --checkpoint and --key go together: without them nothing is proved."
            )
        with log_file.open("rb") as lines:
            found = [log.verify_entries(lines, checkpoint.read_text("utf-8"), key.read_text("utf-8").strip())]
    else:
        with running() as house:
            names = [house.controller(controller).key] if controller else sorted(house.controllers)
            found = [log.verify_chain(name) for name in names]
    emit([_facts(one) for one in found], as_json, lambda: _print(found))
    if not all(one.holds for one in found):
        sys.exit(REFUSED)


def _verify_dossier(place: Path, key: Path | None, as_json: bool) -> None:
    found = dossiers.verify(dossiers.read(place), key.read_text("utf-8") if key else "")
    emit(found, as_json, lambda: _print_dossier(found))
    if not found.holds:
        sys.exit(REFUSED)


def _print_dossier(found: dossiers.Verified) -> None:
    word = "holds" if found.holds else "DOES NOT HOLD"
    click.echo(f"dossier {found.reference}: {word}; {found.files} files, {found.lines} audit lines")
    if found.own_key:
        click.echo(f"checked with the key in the dossier; compare it with the published one: {found.key}")
    for problem in found.problems:
        click.echo(f"  {problem.sentence} ({problem.code})")


@audit.command()
@controller_option
@click.option("--since", default=0, show_default=True, type=click.IntRange(0), help="Only after this number.")
@as_json
@example("dsr audit export --controller acme > audit.jsonl")
def export(controller: str | None, since: int, as_json: bool) -> None:
    """Write the log to standard output, one JSON object a line (--json: the same)."""
    with running() as house:
        for line in log.export(only_controller(house, controller), since):
            click.echo(line)


@audit.command()
@controller_option
@click.option("--key", "only_key", is_flag=True, help="Print the public key instead of the note.")
@as_json
@example("dsr audit checkpoint > checkpoint.txt; dsr audit checkpoint --key > audit.pub")
def checkpoint(controller: str | None, only_key: bool, as_json: bool) -> None:
    """Sign the present end of the log; keep the note and the public key in another place."""
    with running() as house:
        key = only_controller(house, controller)
        note = log.checkpoint(key, now())
        public = log.public_key(key)
    told = {"controller": key, "note": note, "key": public}
    emit(told, as_json, lambda: click.echo(public if only_key else note.rstrip()))


def _facts(found: log.Verdict) -> dict[str, Any]:
    return {
        "controller": found.controller,
        "holds": found.holds,
        "entries": found.size,
        "signed": found.signed,
        "root": found.root.hex(),
        "problems": list(found.problems),
    }


def _print(verdicts: Sequence[log.Verdict]) -> None:
    for found in verdicts:
        word = "holds" if found.holds else "DOES NOT HOLD"
        click.echo(f"{found.controller}: {word}; {found.size} entries, {found.signed} of them signed")
        for problem in found.problems:
            click.echo(f"  {problem.sentence} ({problem.code})")
