"""The tables of the bench: what was measured, the target of the design beside it, printed at the end."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

from rich.console import Console
from rich.table import Table

CONSOLE = Console(width=150, highlight=False)
FILE = Path(__file__).parents[2] / "build" / "bench.json"
KEPT: list[dict] = []


def show(title: str, columns: list[str], rows: list[list[object]]) -> None:
    """Print a table and keep it for ``build/bench.json``."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    CONSOLE.print()
    CONSOLE.print(table)
    KEPT.append({"title": title, "columns": columns, "rows": [[str(cell) for cell in row] for row in rows]})
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(KEPT, indent=1, ensure_ascii=False))


def machine() -> str:
    """Where it was measured, and what else was going on."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, load average {load}"


def yes(good: bool) -> str:
    return "yes" if good else "NO"
