"""``dsr letters``: which letters there are, own words checked."""

from __future__ import annotations

import click

from dsr.documents import wording
from dsr.domain.letters import LETTERS
from dsr.domain.letters.own_words import PLACEHOLDERS, parts_of

from .console import as_json, emit, example, settings, table


@click.group()
def letters() -> None:
    """Letters: which there are, your own words in them."""


@letters.command("list")
@as_json
@example("dsr letters list")
def list_(as_json: bool) -> None:
    """Every letter with the parts that `instance/letters/<language>/<letter>.html` may word."""
    rows = [
        {
            "letter": kind.value,
            "code": one.code,
            "mandatory": [element.code for element in one.elements if not element.when],
            "own_words": list(parts_of(kind)),
        }
        for kind, one in LETTERS.items()
    ]
    columns = ("letter", "code", "own_words")

    def show() -> None:
        lines = ([row["letter"], row["code"], ", ".join(row["own_words"])] for row in rows)
        table("Letters", columns, lines)
        click.echo("Placeholders: " + ", ".join(f"{{{name}}}" for name in PLACEHOLDERS))

    emit(rows, as_json, show)


@letters.command()
@as_json
@example("dsr letters check")
def check(as_json: bool) -> None:
    """Check your own words; every fault with file and line. Exit code 1 when there is one."""
    folder = settings().instance / "letters"
    found = wording.faults(folder)
    files = list(wording.files(folder))
    facts = {
        "files": files,
        "faults": [{"file": one.file, "line": one.line, "problem": one.problem} for one in found],
    }

    def show() -> None:
        for one in found:
            click.echo(str(one))
        click.echo(f"{len(files)} files, {len(found)} faults")

    emit(facts, as_json, show)
    if found:
        raise click.exceptions.Exit(1)
