"""What all commands share: the application, the clock, the officer who acts, output as text or JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
import orjson
from rich.console import Console
from rich.table import Table

from dsr.domain.workflow import Role
from dsr.services import staff
from dsr.services.house import House, house
from dsr.services.review import Officer

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
by_officer = click.option(
    "--by", "by", required=True, metavar="OFFICER", help="Who decides: e-mail or number of a staff member."
)
reason = click.option("--reason", required=True, help="Why, in your own words; kept with the case.")


def example(text: str) -> Callable[[F], F]:
    """Add an example to the help of a command."""

    def add(command: F) -> F:
        command.__doc__ = f"{command.__doc__}\n\n\b\nExample:\n  {text}"
        return command

    return add


@contextmanager
def running(*, works: bool = False) -> Iterator[House]:
    """The application for one command. ``works``: also run the batches that the command orders."""
    from dsr import app as application
    from dsr.worker import Worker

    app = application.create_app(role="worker")
    with app.app_context():
        worker = Worker(app) if works else None
        if worker is not None:
            worker.start()
        try:
            yield house()
        finally:
            if worker is not None:
                worker.stop()


def now() -> datetime:
    """The moment of the command."""
    return datetime.now(UTC)


def officer(name: str) -> Officer:
    """The staff member that acts; Refusal ``staff.unknown`` says how to add one."""
    return staff.officer(name)


def moment(text: str, zone: str) -> datetime:
    """An ISO date or time from the command line; without a zone it is the controller's."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def emit(value: Any, as_json: bool, text: Callable[[], None]) -> None:
    """Print ``value`` as JSON, or call ``text`` to print it for people."""
    if as_json:
        click.echo(orjson.dumps(plain(value), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode())
    else:
        text()


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people."""
    made = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column)
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(made)


def plain(value: Any) -> Any:
    """A value with dataclasses as objects, dates as ISO text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(one) for name, one in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value


ROLES = tuple(role.value for role in Role if role not in (Role.PERSON, Role.SYSTEM))
