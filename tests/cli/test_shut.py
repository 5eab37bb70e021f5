"""After an erasure that the law blocks, every command is run; none prints or writes what was blocked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result

from dsr.cli import dsr
from dsr.demo import stage
from routes import legible

ANA = "ana.garcia@correo.example"
SECRET = b"Zurbano-8841"
BESIDE = {"demo", "serve", "clock run", "upgrade"}
"""What runs a whole installation, or makes another one."""
GIVEN = {
    "audit checkpoint", "audit export", "audit verify", "case dossier", "case list", "case plan", "case show",
    "register", "retention sweep", "suppression list", "systems preview", "vault key", "vault list",
}  # fmt: skip
"""What must really have been printed."""


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, one in command.commands.items():
            yield from leaves(one, (*path, name))
    else:
        yield " ".join(path), command


def words_for(command: click.Command, case: str, folder: Path) -> list[str]:
    """What somebody would write: the case, herself, some reason, days, a file that is not there yet."""
    known = {
        "reference": case, "name": "crm", "system": "crm", "by": stage.OLGA, "pack": "ES",
        "first": "2020-01-01", "last": "2099-01-01",
        "out": str(folder / command.name), "identifiers": f"email={ANA}", "ids": f"email={ANA}",
        "jurisdiction": "ES", "right": "access", "received": "2026-03-02T09:00:00+01:00",
    }  # fmt: skip
    words = []
    for one in command.params:
        said = known.get(one.name or "", "x")
        if isinstance(one, click.Argument):
            words.append(said)
        elif one.name == "open_" or (one.required or one.name in ("by", "out")):
            words += [one.opts[0]] if getattr(one, "is_flag", False) else [one.opts[0], said]
    return words


@pytest.fixture
def case(told: Callable[..., Any], instance: Path) -> str:
    """Ana's case after her rows were erased and blocked; one of them held the secret."""
    with closing(sqlite3.connect(instance / "demo" / "crm.sqlite3")) as crm, crm:
        found = crm.execute(
            "UPDATE notes SET body = ? WHERE contact_id IN (SELECT id FROM contacts WHERE email = ?)",
            (SECRET.decode(), ANA),
        )
        assert found.rowcount > 0
    seen = ("--verified-by", stage.OLGA, "--reason", "came in person", "--wait")
    reference = str(
        told("case", "submit", "--right", "erasure", "--id", f"email={ANA}", *seen)["cases"][0]["reference"]
    )
    while (plan := told("case", "plan", reference))["proposals"]:
        one = plan["proposals"][0]
        which = ("--system", one["system"], "--record", one["record"], "--by", stage.OLGA)
        told("case", "reject", reference, *which, "--reason", "not hers", "--wait")
    told("case", "approve", reference, "--plan", plan["hash"], "--by", stage.OLGA)
    done = told("case", "second", reference, "--plan", plan["hash"], "--by", stage.SECOND, "--wait")
    assert done["status"] == "answered"
    with closing(sqlite3.connect(instance / "demo" / "crm.sqlite3")) as crm:
        assert SECRET.decode() not in str(crm.execute("SELECT * FROM notes").fetchall())
    return reference


def test_no_command_prints_or_writes_what_was_blocked(
    run: Callable[..., Result], case: str, tmp_path: Path
) -> None:
    folder = tmp_path / "written"
    folder.mkdir()
    given, leaked = set(), []
    for path, command in leaves(dsr):
        if path in BESIDE:
            continue
        result = run(*path.split(), *words_for(command, case, folder))
        given |= {path} if result.exit_code == 0 else set()
        if SECRET in result.output.encode():
            leaked.append(path)

    written = [one for one in folder.rglob("*") if one.is_file()]
    assert leaked == []
    assert [one.name for one in written if any(SECRET in part for part in legible(one.read_bytes()))] == []
    assert GIVEN - given == set()
    assert any(one.name == "case.json" for one in written)
