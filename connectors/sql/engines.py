"""One engine per database URL and process, with time-outs; errors of the driver become ConnectorError."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event, exc, pool

from dsr.contract import ConnectorError, Limits

DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
WRITING = {"dsr_writing": True}
MYSQL_SETTINGS = (1044, 1045, 1049, 1054, 1142, 1143, 1146, 1698)
"""Access denied, unknown database, column or table: https://mariadb.com/kb/en/mariadb-error-code-reference/"""
RULES = ("P0001", "44000", "45000")
"""A rule of the database refused a row: RAISE of a trigger or WITH CHECK OPTION in PostgreSQL, SIGNAL in MariaDB."""


BETWEEN = (
    "23503", "23505", "1062", "1451", "1452",
    "SQLITE_CONSTRAINT_FOREIGNKEY", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE",
)  # fmt: skip
"""Foreign and unique keys: a plan looks at them, so a row that came between is in the way, and the next plan tells."""


class Forbidden(Exception):
    """A rule of the database, such as a trigger, does not let a row be changed: it concerns one person."""


def parsed(url: str) -> sa.URL:
    """The URL with the driver we use. ConnectorError(permanent) without repeating it (it has a password)."""
    try:
        found = sa.make_url(url)
    except (exc.ArgumentError, ValueError):
        raise ConnectorError(
            "the setting 'url' is not a database URL; write it like postgresql://user@host/database",
            permanent=True,
        ) from None
    found = found.set(drivername=DRIVERS.get(found.drivername, found.drivername))
    if found.get_backend_name() == "sqlite":
        _check_file(found)
    return found


def _check_file(url: sa.URL) -> None:
    if not url.database or url.database == ":memory:":
        raise ConnectorError("the setting 'url' names no SQLite file", permanent=True)
    if not Path(url.database).is_file():
        raise ConnectorError(
            f"there is no SQLite file named {Path(url.database).name}; correct the setting 'url'",
            permanent=True,
        )


@lru_cache(maxsize=64)
def engine(url: sa.URL, limits: Limits) -> sa.Engine:
    """The engine of a URL. SQLite gets no pool, so that a replaced file is not read by an old handle."""
    backend = url.get_backend_name()
    try:
        if backend == "sqlite":
            made = sa.create_engine(
                "sqlite://",
                creator=lambda: _sqlite(url.database or "", limits),
                poolclass=pool.NullPool,
                query_cache_size=2000,
            )
            event.listen(made, "begin", _begin)
            return made
        return sa.create_engine(
            url,
            pool_pre_ping=True,
            pool_size=4,
            max_overflow=12,
            pool_timeout=30,
            query_cache_size=2000,
            **_options(backend, limits),
        )
    except (exc.SQLAlchemyError, ImportError) as error:
        raise ConnectorError(
            f"there is no driver for the database of the setting 'url' ({type(error).__name__})",
            permanent=True,
        ) from None


def _sqlite(path: str, limits: Limits) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(path)}?mode=rw",
        uri=True,
        timeout=limits.lock_seconds,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def _begin(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get("dsr_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _options(backend: str, limits: Limits) -> dict[str, Any]:
    statement, lock = int(limits.statement_seconds * 1000), int(limits.lock_seconds * 1000)
    if backend == "postgresql":
        settings = f"-c statement_timeout={statement} -c lock_timeout={lock}"
        return {"connect_args": {"options": settings, "connect_timeout": 10}, "native_inet_types": False}
    if backend in ("mysql", "mariadb"):
        first = (
            f"SET SESSION innodb_lock_wait_timeout={max(1, lock // 1000)},"
            f" max_statement_time={limits.statement_seconds}"
            if backend == "mariadb"
            else f"SET SESSION innodb_lock_wait_timeout={max(1, lock // 1000)}"
        )
        return {"connect_args": {"init_command": first, "connect_timeout": 10, "charset": "utf8mb4"}}
    return {}


@contextmanager
def reading(made: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that is rolled back at the end."""
    with guarded(), made.connect() as connection:
        yield connection


@contextmanager
def writing(made: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction, committed at the end. IntegrityError, DataError and Forbidden pass: they concern one person."""
    with guarded(), made.connect().execution_options(**WRITING) as connection, connection.begin():
        yield connection


@contextmanager
def guarded() -> Iterator[None]:
    """Driver errors as ConnectorError with their kind only: their text may hold data or a password."""
    try:
        yield
    except (exc.IntegrityError, exc.DataError):
        raise
    except exc.TimeoutError:
        raise ConnectorError("no connection to the database is free; try again", permanent=False) from None
    except exc.DBAPIError as error:
        if _code(error.orig) in RULES:
            raise Forbidden from None
        raise _trouble(error) from None
    except exc.SQLAlchemyError as error:
        raise ConnectorError(f"the database cannot be used: {type(error).__name__}", permanent=True) from None


def _trouble(error: exc.DBAPIError) -> ConnectorError:
    code = _code(error.orig)
    told = f"{type(error.orig).__name__} {code}".strip()
    if error.connection_invalidated or not _permanent(error, code):
        return ConnectorError(
            f"the database cannot be reached or is busy ({told}); check address, user and password in the setting"
            " 'url', or try again",
            permanent=False,
        )
    return ConnectorError(
        f"the database refused a statement ({told}); check the map, the account and its privileges",
        permanent=True,
    )


def came_between(error: Exception) -> bool:
    """Whether another row is in the way, and not a rule that refuses the same change every time."""
    orig = getattr(error, "orig", None)
    return bool({_code(orig), str(next(iter(getattr(orig, "args", ())), ""))} & set(BETWEEN))


def _code(error: object) -> str:
    for name in ("sqlstate", "sqlite_errorname"):
        if getattr(error, name, None):
            return str(getattr(error, name))
    first = next(iter(getattr(error, "args", ())), "")
    return str(first) if isinstance(first, int) else ""


def _permanent(error: exc.DBAPIError, code: str) -> bool:
    """Wrong settings, privileges and schema do not get better by waiting (PostgreSQL classes 28, 3D, 42)."""
    if code.isdigit() and len(code) == 4:
        return int(code) in MYSQL_SETTINGS
    if isinstance(error, exc.ProgrammingError) or code[:2] in ("28", "3D", "42"):
        return True
    return code in ("SQLITE_ERROR", "SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_READONLY")
