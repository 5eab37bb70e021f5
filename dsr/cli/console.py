"""What all commands share: errors, the application, the officer who acts, output as text or JSON."""

from __future__ import annotations

import errno
import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from typing import IO, Any, TypeVar
from zoneinfo import ZoneInfo

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text as Cell

from dsr import app as application
from dsr import store, worker
from dsr.contract import ConnectorError, Text
from dsr.demo import stage
from dsr.domain.errors import Refusal
from dsr.domain.identity import InvalidIdentifier
from dsr.services import staff
from dsr.services.house import House, house
from dsr.services.officers import Officer
from dsr.settings import Settings, SettingsError, load
from dsr.store.queries import people
from dsr.store.queries.batching import DatabaseTrouble

F = TypeVar("F", bound=Callable[..., Any])

REFUSED, MISCONFIGURED, SUSPENDED, UNREACHABLE, BROKEN = 1, 2, 3, 4, 70
"""Exit codes; 0: done. ``docs/cli.md`` explains them."""

SAID_BY_THE_DISK = {
    errno.ENOSPC: "The disk is full:{} could not be written. Free space, then repeat the command.",
    errno.EDQUOT: "The disk quota is used up:{} could not be written. Free space, then repeat the command.",
    errno.EACCES: "No permission for{}. Run dsr as the user that owns its folder, or name another place.",
    errno.EPERM: "No permission for{}. Run dsr as the user that owns its folder, or name another place.",
    errno.EROFS: "The file system is read-only:{} cannot be written. Name another place.",
    errno.ENOENT: "There is no such file or folder:{}. Make the folder first, or name another place.",
    errno.ENOTDIR: "A part of{} is no folder. Name another place.",
    errno.EISDIR: "A folder stands where a file is wanted:{}. Name another place.",
}
"""What an operating system refuses (errno), and what to do; ``{}``: which file."""

PATIENCE_SECONDS = 600
PAGES = {"law": "docs/law.md", "keys": "docs/operations.md", "storage": "docs/operations.md"}

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
by_officer = click.option(
    "--by", "by", required=True, metavar="OFFICER", help="Who decides: e-mail or number of a staff member."
)
reason = click.option("--reason", required=True, help="Why, in your own words; kept with the case.")
wait = click.option(
    "--wait", is_flag=True, help="Do the ordered work in this process and print what became of the case."
)
controller_option = click.option("--controller", help="Key of the controller (default: the only one).")


class Failure(click.ClickException):
    """An error for the terminal: what to do, where to read on, an exit code. Never a trace."""

    def __init__(self, sentence: str, page: str, code: int) -> None:
        more = "" if page in sentence else f" See {page}."
        super().__init__(f"{sentence.rstrip(' .')}.{more}")
        self.exit_code = code  # type: ignore[misc]

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, err=True, file=file)


class Commands(click.Group):
    """The outermost group: every error that can be expected leaves as one sentence and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if error.ctx is None or isinstance(error, click.exceptions.NoArgsIsHelpError):
                raise
            sentence = error.format_message()
            if type(error) is not click.UsageError:
                # Of click itself; what our own commands say in lines stays in lines.
                sentence = " ".join(sentence.split())
            raise Failure(sentence, f"{error.ctx.command_path} --help", MISCONFIGURED) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - the last door: nothing may leave as a trace
            raise _failure(error) from None


def _failure(error: Exception) -> Failure:
    if isinstance(error, store.StorageError):
        return Failure(f"{error.message.rstrip('.')} ({error.code})", "docs/operations.md", BROKEN)
    if isinstance(error, Refusal):
        page = PAGES.get(error.code.partition(".")[0], "docs/cli.md")
        return Failure(f"{error.message.rstrip('.')} ({error.code})", page, REFUSED)
    if isinstance(error, InvalidIdentifier):
        return Failure(f"{error}.", "docs/cli.md", MISCONFIGURED)
    if isinstance(error, SettingsError):
        return Failure(str(error), "docs/operations.md", MISCONFIGURED)
    if isinstance(error, ConnectorError):
        return Failure(str(error), "docs/connectors.md", UNREACHABLE)
    if isinstance(error, DatabaseTrouble):
        name = type(error).__name__
        return Failure(f"The database does not answer ({name}).", "docs/operations.md", BROKEN)
    if isinstance(error, OSError):
        return Failure(_of_the_disk(error), "docs/operations.md", BROKEN)
    sentence = f"This is a fault of dsr ({type(error).__name__} at {_place(error)}); please report it."
    return Failure(sentence, "docs/cli.md", BROKEN)


def _of_the_disk(error: OSError) -> str:
    """What the operating system refused, of which file, and what to do; its words carry no data."""
    at = f" {error.filename}" if isinstance(error.filename, str) else ""
    said = SAID_BY_THE_DISK.get(error.errno or 0)
    if said is None:
        return f"Reading or writing{at} failed: {error.strerror or type(error).__name__}."
    return said.format(at or " a file")


def _place(error: Exception) -> str:
    """File and line where it was raised; its words may hold personal data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"


def example(text: str) -> Callable[[F], F]:
    """Add an example to the help of a command."""

    def add(command: F) -> F:
        command.__doc__ = f"{inspect.getdoc(command)}\n\n\b\nExample:\n  {text}"
        return command

    return add


def settings() -> Settings:
    """The settings of the installation; a demonstration is known by its own files. Logs stay quiet."""
    environ = {"DSR_LOG_LEVEL": "error"} | os.environ
    if stage.is_demo():
        environ = stage.environment() | environ
    return load(environ)


@contextmanager
def running(*, works: bool = False, acts: bool = False) -> Iterator[House]:
    """The application for one command. ``works``: also run the batches that the command orders.

    ``acts``: the command itself changes connected systems. Refusal ``instance.copy`` for both in a copy.
    """
    known = settings()
    app = application.create_app(known, role="worker")
    with app.app_context():
        if (works or acts) and not store.instance.recognises(known.identity):
            raise Refusal("instance.copy", "This database belongs to another machine: dsr upgrade --adopt.")
        hands = worker.Worker(app, ticks={}) if works else None
        if hands is not None:
            hands.start()
        try:
            yield house()
        finally:
            if hands is not None:
                hands.stop()


def settle(references: Iterable[str]) -> bool:
    """Wait until nothing is under way for these cases and their mails are out; False when it takes too long."""
    return worker.settle(references, clock=now, seconds=PATIENCE_SECONDS)


def now() -> datetime:
    """The moment of the command."""
    return datetime.now(UTC)


def only_controller(known: House, key: str | None) -> str:
    """The controller of this key, or the only one there is."""
    if key:
        return known.controller(key).key
    if len(known.controllers) != 1:
        raise click.UsageError(f"--controller is needed: {', '.join(sorted(known.controllers))}")
    return next(iter(known.controllers))


def officer(name: str, controller: str) -> Officer:
    """The staff member that acts for a controller, by e-mail or number, with her roles there.

    Refusal ``staff.unknown`` says how to add her.
    """
    for one in staff.directory(controller):
        if one.active and name.strip().lower() in (str(one.number), one.email.lower()):
            return Officer(one.number, one.roles, (controller,), address=one.email)
    raise Refusal(
        "staff.unknown", f"Nobody of that name works for {controller!r}: dsr staff list, dsr staff add."
    )


def officer_of(reference: str, name: str) -> Officer:
    """The staff member that acts on a case, with her roles for its controller; Refusal ``case.unknown``."""
    with store.reading() as session:
        controller = people.case(session, reference).controller
    return officer(name, controller)


def pair(text: str) -> tuple[str, str]:
    """KIND=VALUE of the command line, such as email=ana@example.org."""
    kind, separator, value = text.partition("=")
    if not separator or not value.strip():
        raise click.UsageError(f"Write KIND=VALUE, such as email=ana@example.org, not {text!r}.")
    return kind.strip(), value.strip()


def moment(text: str, zone: str) -> datetime:
    """An ISO date or time from the command line; without a zone it is the controller's."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(
            f"{text!r} is no date: write 2026-01-31 or 2026-01-31T09:00:00+01:00."
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def emit(value: Any, as_json: bool, text: Callable[[], object]) -> None:
    """Print ``value`` as JSON, or call ``text`` to print it for people."""
    if as_json:
        click.echo(orjson.dumps(plain(value), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode())
    else:
        text()


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people."""
    made = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Cell("" if cell is None else str(cell)) for cell in row))
    Console().print(made)


def english(text: Text) -> str:
    """What a connector says, in the language of the terminal."""
    return text if isinstance(text, str) else text.get("en", "")


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
