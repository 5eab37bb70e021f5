"""MariaDB for the tests: mariadbd of the system with a data directory of its own."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pymysql
from sqlalchemy import make_url

from servers import process

USER = "dsr"
WHERE = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"])


@contextlib.contextmanager
def running() -> Iterator[process.Server]:
    """A MariaDB whose `url` names no database, as a user who may do everything.

    Raises process.Missing where mariadbd is not installed.
    """
    server, installer = _program("mariadbd"), _program("mariadb-install-db")
    with process.home("maria") as home:
        root = ["--user=root"] if process.running_as_root() else []
        data = home / "data"
        process.run([installer, "--no-defaults", f"--datadir={data}", "--skip-test-db", *root])
        port, password = process.free_port(), secrets.token_hex(12)
        url = f"mariadb+pymysql://{USER}:{password}@127.0.0.1:{port}/?charset=utf8mb4"
        command = [
            server,
            "--no-defaults",
            *root,
            f"--datadir={data}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            f"--socket={home / 'socket'}",
            f"--pid-file={home / 'pid'}",
            f"--init-file={_first(home, password)}",
            "--skip-name-resolve",
            "--character-set-server=utf8mb4",
            "--innodb-buffer-pool-size=64M",
            "--max-connections=500",
        ]
        with process.started(command, log=home / "log", ready=lambda: _version(url)) as (pid, version):
            yield process.Server("mariadb", version, url, pid, home)


def client(url: str, statement: str) -> str:
    """What the mariadb client, which is not ours, prints for a statement: rows by line, columns by tab."""
    where = make_url(url)
    return process.run(
        [
            _program("mariadb"),
            "--no-defaults",
            "--batch",
            "--skip-column-names",
            f"--host={where.host}",
            f"--port={where.port}",
            f"--user={where.username}",
            f"--password={where.password}",
            "--execute",
            statement,
            where.database or "",
        ]
    )


def create_database(url: str) -> str:
    """Makes an empty database on the server at `url` and returns its own URL."""
    name = f"dsr_test_{secrets.token_hex(6)}"
    _run(url, f"CREATE DATABASE {name}")
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def drop_database(url: str, database: str) -> None:
    """Drops a database made by create_database."""
    _run(url, f"DROP DATABASE {make_url(database).database}")


def connect(url: str) -> "pymysql.Connection[pymysql.cursors.Cursor]":
    """A PyMySQL connection, each statement for itself, to an SQLAlchemy URL of MariaDB."""
    where = make_url(url)
    return pymysql.connect(
        host=where.host,
        port=where.port or 0,
        user=where.username,
        password=where.password or "",
        database=where.database or None,
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=5,
    )


def _version(url: str) -> str:
    try:
        with connect(url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            row = cursor.fetchone()
    except pymysql.err.OperationalError as error:
        raise ConnectionError(str(error)) from error
    return str(row[0]) if row else ""


def _run(url: str, statement: str) -> None:
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(statement)


def _program(name: str) -> str:
    found = shutil.which(name, path=WHERE)
    if found is None:
        raise process.Missing(f"{name} is not installed (Debian: apt-get install mariadb-server)")
    return found


def _first(home: Path, password: str) -> Path:
    """The statements the server runs when it starts: our user, who comes by TCP."""
    path = home / "first.sql"
    path.write_text(
        f"CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{password}';\n"
        f"GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'127.0.0.1' WITH GRANT OPTION;\n"
    )
    return path
