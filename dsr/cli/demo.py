"""``dsr demo``: the whole road in a throw-away instance."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from dsr.demo import road

from .console import REFUSED, as_json, emit, example, table


@click.command()
@click.option(
    "--people", type=click.IntRange(40, 99_999), default=2000, show_default=True, help="In the demo CRM."
)
@click.option(
    "--big-events", type=click.IntRange(0), default=50_000, show_default=True, help="Of one busy person."
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Where packages and letters are left."
)
@as_json
@example("dsr demo --out /tmp/dsr-demo")
def demo(people: int, big_events: int, out: Path | None, as_json: bool) -> None:
    """One case of each right down the whole road, in a throw-away instance on this machine.

    Ana asks, an officer decides, the demo systems are changed, and another client (sqlite3, csv) reads
    them afterwards. Packages and letters stay in a folder. Exit 0 only if every verification passed.
    """
    shown = Console(stderr=as_json)
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=shown, transient=True
    ) as progress:
        task = progress.add_task("building the demo systems")

        def tell(step: road.Step) -> None:
            progress.update(task, description=step.sentence)
            shown.print(f"[dim]{step.at:%H:%M:%S}[/dim] {step.right:<14} {step.sentence}", highlight=False)

        report = road.run(out, people=people, big_events=big_events, tell=tell)
    emit(report, as_json, lambda: _print(report))
    if not report.passed:
        sys.exit(REFUSED)


def _print(report: Any) -> None:
    table(
        "Cases",
        ("right", "case", "ending", "seconds"),
        ((c.right, c.reference, c.ending, c.seconds) for c in report.cases),
    )
    checks = (
        (("passed" if v.passed else "FAILED"), v.right, v.sentence, v.detail) for v in report.verifications
    )
    table("Verified with another client", ("", "right", "what", "detail"), checks)
    click.echo(f"Packages and letters: {report.folder}")
    click.echo("Every verification passed." if report.passed else "A verification FAILED.")
