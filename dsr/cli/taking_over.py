"""``dsr case import``: open cases from a spreadsheet."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from dsr.services import takeover
from dsr.services.takeover import Line, Problem, Taken

from .console import (
    REFUSED,
    as_json,
    controller_option,
    emit,
    example,
    now,
    officer,
    only_controller,
    running,
)

MOST_BYTES = 20 * 1024 * 1024
MOST_CELL = 100_000


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@controller_option
@click.option(
    "--by", "by", metavar="OFFICER", required=True, help="Who takes over: e-mail or number of a staff member."
)
@click.option("--skip-wrong", is_flag=True, help="Take over the good rows although others are wrong.")
@click.option("--try", "only_try", is_flag=True, help="Only say what would happen.")
@as_json
@example("dsr case import open-cases.csv --by olga@example.org --try")
def import_(
    file: Path, controller: str | None, by: str, skip_wrong: bool, only_try: bool, as_json: bool
) -> None:
    """Take over open cases from a CSV file (UTF-8; comma, semicolon or tab). Exit 1 when a row is wrong.

    Columns: docs/cli.md, section 'dsr case import'. Nothing is taken over while a row is wrong, unless
    --skip-wrong; a row that was taken over before (by its reference) is left alone.
    """
    lines, columns = _read(file)
    with running() as house:
        key = only_controller(house, controller)
        who = officer(by, key)
        formers, problems = takeover.read(lines, columns, key, now=now())
        goes = not only_try and (skip_wrong or not problems)
        taken = takeover.take_over(formers, by=who.actor, now=now()) if goes else []
    told = {"rows": len(lines), "good": len(formers), "taken_over": taken, "problems": problems}
    emit(told, as_json, lambda: _print(len(formers), taken, problems))
    if problems:
        sys.exit(REFUSED)


def _read(file: Path) -> tuple[list[Line], Sequence[str]]:
    if file.stat().st_size > MOST_BYTES:
        raise click.UsageError(f"{file} is larger than 20 MB: split it.")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise click.UsageError(f"{file} is not UTF-8: save it as 'CSV UTF-8'.") from None
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise click.UsageError(f"{file} is not a CSV file: {error}.") from None
    for number, row in enumerate(rows, start=1):
        if any(len(cell) > MOST_CELL for cell in row):
            raise click.UsageError(f"{file}, row {number}: a cell is longer than {MOST_CELL:,} characters.")
    columns = [name.strip().lower() for name in rows[0]] if rows else []
    if not columns or len(set(columns)) != len(columns):
        raise click.UsageError(f"{file}: the first row must name the columns, each once.")
    return [_line(number, columns, row) for number, row in enumerate(rows[1:], start=2) if any(row)], columns


def _line(number: int, columns: Sequence[str], row: Sequence[str]) -> Line:
    if len(row) > len(columns):
        raise click.UsageError(f"Row {number} has {len(row)} cells, the heading {len(columns)}.")
    padded = [*row, *[""] * (len(columns) - len(row))]
    return Line(number, dict(zip(columns, padded, strict=True)))


def _print(good: int, taken: Sequence[Taken], problems: Sequence[Problem]) -> None:
    for problem in problems:
        click.echo(f"row {problem.row}, {problem.column}: {problem.sentence}", err=True)
    for one in taken:
        due = f"  due {one.due_on}" if one.due_on else ""
        click.echo(f"row {one.row}: {one.case or 'nothing new'}{due}  {one.warning}".rstrip())
    if not taken:
        click.echo(f"{good} rows can be taken over, {len(problems)} are wrong; nothing was taken over.")
