"""Where it is measured: the stores on one kind of database, and new installations of ours beside them."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from contextlib import ExitStack
from pathlib import Path

from bench import labour, populace
from bench.measure import scaled
from dsr import app as application
from dsr import store
from servers import postgres

PEOPLE = scaled(20_000, 200)


class Ground:
    """The three stores of one kind of database, the server behind them, and people nobody asked about yet."""

    def __init__(self, kind: str, folder: Path, stack: ExitStack) -> None:
        self.kind, self.folder, self.number = kind, folder, itertools.count()
        self.fresh = iter(range(1, PEOPLE + 1))
        self.pid = 0
        self.template: dict = {}
        if kind == "postgresql":
            server = stack.enter_context(postgres.running())
            self.admin, self.pid = server.url, server.pid
            self.stores = {key: postgres.create_database(server.url) for key in populace.STORES}
            for key, tables in populace.STORES.items():
                populace.fill_postgres(self.stores[key], tables, PEOPLE)
        else:
            self.stores = {key: f"sqlite:///{folder}/{key}.sqlite3" for key in populace.STORES}
            for key, tables in populace.STORES.items():
                populace.fill_sqlite(folder / f"{key}.sqlite3", tables, PEOPLE)

    def people(self, count: int) -> list[int]:
        return list(itertools.islice(self.fresh, count))

    def job(self, mode: str, right: str, **more: object) -> dict:
        """A new installation on these stores: a copy of one that was set up once, as that takes a while."""
        if not self.template:
            self.template = self._place("template", "")
            app = labour.application_of(self.template)
            application.engine_of(app).connect()
            application.engine_of(app).stop()
            release(app)
        known = self._place(f"instance{next(self.number)}", self.template["folder"])
        return known | {"mode": mode, "right": right} | more

    def _place(self, name: str, like: str) -> dict:
        folder = self.folder / name
        if like:
            shutil.copytree(like, folder)
        else:
            folder.mkdir()
        if self.kind == "postgresql":
            database = f"{name}_of_bench"
            source = f" template {Path(like).name}_of_bench" if like else ""
            with postgres.connect(self.admin) as connection:
                connection.execute(f"create database {database}{source}")
            url = self.admin.rpartition("/")[0] + f"/{database}"
            urls, own = (url, url), [database]
        else:
            own = [f"{folder}/dsr.sqlite3", f"{folder}/engine.sqlite3"]
            urls = (f"sqlite:///{own[0]}", f"sqlite:///{own[1]}")
        known = {"folder": str(folder), "stores": self.stores, "database": urls[0], "engine": urls[1]}
        return known | {"own": own}

    def durability(self) -> str:
        """Version, and what the server does to be sure that a commit is on the disk."""
        if self.kind == "sqlite":
            return f"SQLite {sqlite3.sqlite_version}, WAL; synchronous as the application sets it"
        with postgres.connect(self.admin) as connection:
            names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
            said = [(name, connection.execute(f"show {name}").fetchone()[0]) for name in names]
        return "PostgreSQL " + ", ".join(f"{name} {value}" for name, value in said)


def release(app) -> None:
    """Close the connections of an application that has done its part here."""
    with app.app_context():
        store.db.engine.dispose()
