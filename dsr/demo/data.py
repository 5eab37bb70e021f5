"""Builds the demo systems in a folder: the same seed always gives the same rows."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

from dsr.demo import crm, lists, tracking
from dsr.demo.cast import Member, members
from dsr.demo.population import Population, populate

SYSTEMS: Final = ("crm", "tracking", "mailing")
FEWEST_PEOPLE: Final = 40
MOST_PEOPLE: Final = 99_999
_DONE: Final = "demo.json"
_LEFT_BY_SQLITE: Final = ("-journal", "-wal", "-shm")

Tables = Iterable[tuple[str, Iterable[crm.Row]]]


@dataclass(frozen=True)
class Demo:
    """Where everything is. ``maps`` by system; ``agenda`` is configured nowhere; ``cast`` by role."""

    folder: Path
    crm: Path
    tracking: Path
    mailing: Path
    agenda: Path
    maps: Mapping[str, Path]
    cast: Mapping[str, Member]


def build(folder: Path, *, people: int = 2000, seed: int = 7, big_events: int = 50_000) -> Demo:
    """The demo systems in ``folder``, made now unless they are already there and complete.

    ``people`` contact cards, ``big_events`` opens, clicks and page views of the busy person. What a
    complete folder holds is never touched again, whatever was erased from it since; a half-built one
    is made anew. Raises ValueError for numbers out of range and for a folder that was built with
    other numbers.
    """
    made_with = {"people": people, "seed": seed, "big_events": big_events}
    _check(people, big_events)
    demo = _places(folder)
    if not _complete(demo, made_with):
        _make(demo, populate(people, seed), seed, big_events)
        _put(folder / _DONE, json.dumps(made_with).encode())
    return demo


def _check(people: int, big_events: int) -> None:
    if not FEWEST_PEOPLE <= people <= MOST_PEOPLE:
        raise ValueError(f"people is {people}: write a number from {FEWEST_PEOPLE} to {MOST_PEOPLE}")
    if big_events < 0:
        raise ValueError(f"big_events is {big_events}: write 0 or more")


def _places(folder: Path) -> Demo:
    return Demo(
        folder=folder,
        crm=folder / "crm.sqlite3",
        tracking=folder / "tracking.sqlite3",
        mailing=folder / "mailing.csv",
        agenda=folder / "comercial" / "agenda-comercial.csv",
        maps=MappingProxyType({system: folder / "maps" / f"{system}.yaml" for system in SYSTEMS}),
        cast=members(),
    )


def _complete(demo: Demo, made_with: dict[str, int]) -> bool:
    """True when the note that is written last is there and says the same numbers."""
    note = demo.folder / _DONE
    needed = (demo.crm, demo.tracking, demo.mailing, demo.agenda, *demo.maps.values())
    if not note.exists() or not all(path.exists() for path in needed):
        return False
    found = json.loads(note.read_text())
    if found != made_with:
        raise ValueError(f"{note} says {found}, asked for {made_with}: use another folder or delete this one")
    return True


def _make(demo: Demo, population: Population, seed: int, big_events: int) -> None:
    (demo.folder / _DONE).unlink(missing_ok=True)
    for place in (demo.agenda.parent, demo.folder / "maps"):
        place.mkdir(parents=True, exist_ok=True)
    _database(demo.crm, crm.SCHEMA, crm.tables(population, seed))
    _database(demo.tracking, tracking.SCHEMA, tracking.tables(population, seed, big_events), tracking.INDEXES)
    lists.write_mailing(_part(demo.mailing), population, seed)
    lists.write_agenda(_part(demo.agenda), population, seed)
    for path in (demo.mailing, demo.agenda):
        os.replace(_part(path), path)
    for system, path in demo.maps.items():
        _put(path, files("dsr.demo").joinpath("maps", f"{system}.yaml").read_bytes())


def _database(path: Path, schema: str, tables: Tables, after: str = "") -> None:
    """Written under another name without waiting for the disk, checked, then given its name."""
    part = _part(path)
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as db:
        db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + schema)
        for table, rows in tables:
            _insert(db, table, rows)
        db.executescript(after)
        orphans = db.execute("PRAGMA foreign_key_check").fetchall()
        if orphans:
            raise RuntimeError(f"{len(orphans)} demo rows point at nothing, the first in {orphans[0][0]}")
        db.commit()
    for ending in _LEFT_BY_SQLITE:
        path.with_name(path.name + ending).unlink(missing_ok=True)
    os.replace(part, path)


def _insert(db: sqlite3.Connection, table: str, rows: Iterable[crm.Row]) -> None:
    marks = ",".join("?" for _ in db.execute(f"PRAGMA table_info({table})"))
    db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own table names


def _put(path: Path, content: bytes) -> None:
    part = _part(path)
    part.write_bytes(content)
    os.replace(part, path)


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")
