"""How many statements a case costs on our own database: the measure of speed that no busy machine blurs.

The engine adds three for a batch. What `make bench` counts is this, the engine and the background work.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from bench import populace
from bench.populace import address
from dsr import store
from dsr.services import intake, outbox, parking
from dsr.services.intake import Filing, Wanted
from dsr.store.models import Case
from stage import NOW, controller, installation, work

MANY = 40


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """An installation on three stores, one batch at a time; every statement that our database is given. What is
    known of the systems stays fresh on a slow machine too.
    """
    monkeypatch.setattr(parking, "FRESH_SECONDS", 3600.0)
    systems = []
    for key, tables in populace.STORES.items():
        populace.fill_sqlite(tmp_path / f"{key}.sqlite3", tables, MANY + 2)
        systems.append(populace.system(key, f"sqlite:///{tmp_path}/{key}.sqlite3"))
    names = tuple(one.key for one in systems)
    chosen = controller(systems=names, auto_approve=frozenset(("access", "erasure")))
    seen: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    with installation(tmp_path / "instance", systems, controllers=(chosen,), four_eyes=False, open_batches=1):
        event.listen(store.db.engine, "before_cursor_execute", note)
        yield seen
        event.remove(store.db.engine, "before_cursor_execute", note)


def ask(number: int, right: str) -> None:
    found = (("email", address(number)),)
    asked = Filing("acme", "es", "ES", (Wanted(right),), found, verified_reason="en persona")
    intake.submit(asked, by="staff:1", now=NOW)


def answered() -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).where(Case.status == "answered")) or 0


@pytest.mark.parametrize(("right", "most"), [("access", 26), ("erasure", 34)])
def test_a_case_alone_costs_few_statements(counted: list[str], right: str, most: int) -> None:
    """From filing to answer; ``work`` itself looks twice for what is open. The engine adds four, its mail five."""
    ask(1, right)
    work()
    outbox.flush(now=NOW)
    counted.clear()
    ask(2, right)
    work()
    used = len(counted)
    assert answered() == 2
    assert used <= most


@pytest.mark.parametrize(("right", "most"), [("access", 48), ("erasure", 70)])
def test_forty_cases_of_a_backlog_cost_no_more_than_another_one(
    counted: list[str], right: str, most: int
) -> None:
    """Two batches: the first case, and all others together."""
    for number in range(1, MANY + 2):
        ask(number, right)
    counted.clear()
    work()
    used = len(counted)
    assert answered() == MANY + 1
    assert used <= most


def test_a_mail_that_was_sent_costs_five_statements(counted: list[str]) -> None:
    for number in range(1, 12):
        ask(number, "access")
    work()
    counted.clear()
    assert outbox.flush(now=NOW) == 11
    assert len(counted) <= 2 + 11 * 5
