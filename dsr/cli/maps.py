"""``dsr map``: check a data map, draft one from a database or a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

from .console import as_json, emit, example

DRAFTERS = "dsr.drafters"


@click.group("map")
def map_() -> None:
    """Data maps: what a system's fields mean and what each right does with them."""


@map_.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@as_json
@example("dsr map check instance/maps/crm.yaml")
def check(file: Path, as_json: bool) -> None:
    """Read a map and say what is wrong with it, with file and line; then what is left open."""
    facts = {"file": file.name, "questions": questions_of(file)}
    emit(facts, as_json, lambda: _print(facts))


@map_.command()
@click.argument("source")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Where to write the map.")
@as_json
@example("dsr map draft sqlite:///crm.sqlite3 -o instance/maps/crm.yaml")
def draft(source: str, output: Path | None, as_json: bool) -> None:
    """Propose a first map of a database (its URL) or of a CSV, XLSX or Parquet file; every guess is marked.

    Nothing is acted on with a draft: remove ``draft: true`` once you have read it.
    """
    kind = "sql" if "://" in source else "tabular"
    if output is not None and output.exists():
        raise click.UsageError(f"{output} exists: choose another name or move it away.")
    text: str = _drafter(kind)(source)
    said = text
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
        said = f"{output}: read every line marked '# guess', then run: dsr map check {output}"
    emit({"output": output and str(output), "map": text}, as_json, lambda: click.echo(said))


def questions_of(file: Path) -> list[str]:
    """What a map leaves open. ConnectorError names file and line of a mistake."""
    return list(_drafter("check")(file.read_text(encoding="utf-8"), file.name))


def _print(facts: dict[str, Any]) -> None:
    click.echo(f"{facts['file']}: the map can be read.")
    for question in _together(facts["questions"]):
        click.echo(f"  open question: {question}")
    if facts["questions"]:
        click.echo(
            "Answer them in the file: what is open is not acted on, or is missing in the answer to a person."
        )
    else:
        click.echo("Nothing is open. Next: dsr systems add sql (or tabular), or start 'dsr serve' again.")


def _together(questions: Sequence[str]) -> Iterator[str]:
    """What is asked of several collections is said once, with their names behind it."""
    asked: dict[str, list[str]] = {}
    for question in questions:
        name, _, sentence = question.partition(": ")
        asked.setdefault(sentence, []).append(name)
    for sentence, names in asked.items():
        yield f"{names[0]}: {sentence}" if len(names) == 1 else f"{sentence}: {', '.join(names)}"


def _drafter(name: str) -> Any:
    found = [one for one in entry_points(group=DRAFTERS) if one.name == name]
    if not found:
        raise click.UsageError(
            f"Nothing installed here can do this for {name!r}: install the connectors again."
        )
    return found[0].load()
