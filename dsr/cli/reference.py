"""Writes ``docs/cli.md`` from the commands themselves: ``python -m dsr.cli.reference > docs/cli.md``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from dsr.services import takeover

from . import dsr

HEAD = """\
# The command line

`dsr` does everything an engineer or officer can do without a browser. Commands act on the instance of the
working directory (`instance/`) or of `DSR_INSTANCE`, with the settings of [operations.md](operations.md).
This page is written by `python -m dsr.cli.reference`; a test compares both.

- Every command has `--json` (machine-readable, stable names) and an example in `--help`.
- `--by OFFICER` names the member of staff who decides, by e-mail or number. Her roles hold as at the desk: an
  auditor cannot approve, nobody decides a case of her own, the second approval comes from somebody else.
- Commands that order work (a search, an act) leave it to the running workers. With `--wait` this process does
  the work too, and the command ends when the case has settled.
- Without `--controller` the only controller is meant.
- `KIND=VALUE` is an identifier: `email=ana@example.org`, `phone=+34600000001`, `customer_number=C-17`.

| Exit code | Meaning |
|---|---|
| 0 | done; what was to be verified holds |
| 1 | refused by a rule, or not everything holds (`audit verify`, `systems check`, `demo`, wrong rows of an import) |
| 2 | wrong arguments or settings |
| 3 | `dsr law due`: the clock is suspended |
| 4 | a connected system, or a file, could not be read |
| 70 | the database does not answer, or a fault of dsr |

An error is one sentence on standard error: what is wrong, what to do, which page says more.
"""

IMPORT = """\

The first row of the file names the columns; dates are `2026-01-31` or `31/01/2026`:

| Column | What it holds |
|---|---|
"""


def text() -> str:
    """The whole page."""
    return HEAD + "".join(_group(dsr, "dsr"))


def _group(group: click.Group, name: str) -> Iterator[str]:
    single = {key: one for key, one in group.commands.items() if not isinstance(one, click.Group)}
    if single:
        yield f"\n## {name}\n\n{(group.help or '').strip().splitlines()[0]}\n"
    for key, command in sorted(single.items()):
        yield from _command(command, f"{name} {key}")
    for key, inner in sorted(group.commands.items()):
        if isinstance(inner, click.Group):
            yield from _group(inner, f"{name} {key}")


def _command(command: click.Command, name: str) -> Iterator[str]:
    words, _, example = (command.help or "").partition("\b\nExample:\n")
    yield f"\n### {name}\n\n{words.strip()}\n\n    {example.strip()}\n"
    context = click.Context(command, info_name=name)
    rows = [record for param in command.params if (record := param.get_help_record(context))]
    wanted = [row for row in rows if not row[0].startswith("-h,")]
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"\n`{name} {usage}`\n\n| Option | |\n|---|---|\n"
    for option, meaning in wanted:
        yield f"| `{_cell(option)}` | {_cell(meaning)} |\n"
    if name == "dsr case import":
        yield IMPORT
        for column, meaning in takeover.COLUMNS.items():
            yield f"| `{column}` | {_cell(meaning)} |\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    click.echo(text(), nl=False)
