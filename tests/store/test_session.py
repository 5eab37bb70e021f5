"""One transaction per use case: all of it or nothing, never nested."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import text

from dsr import store
from dsr.store.operations import AuditEntry, Slot

pytestmark = pytest.mark.usefixtures("context")


def names() -> list[str]:
    with store.reading() as session:
        return list(session.scalars(text("SELECT name FROM slot ORDER BY name")))


def test_what_was_written_is_there_afterwards(now: datetime) -> None:
    with store.transaction() as tx:
        tx.session.add(Slot(name="a", at=now))

    assert names() == ["a"]


def test_an_exception_undoes_rows_entries_and_followers(now: datetime) -> None:
    followed: list[str] = []

    with pytest.raises(ZeroDivisionError), store.transaction() as tx:
        tx.session.add(Slot(name="a", at=now))
        tx.audit("acme", "case.submitted", actor="person", at=now)
        tx.after(lambda: followed.append("ran"))
        1 / 0  # noqa: B018

    assert (names(), list(store.audit.export("acme")), followed) == ([], [], [])


def test_a_follower_runs_after_the_commit_and_may_begin_a_transaction(now: datetime) -> None:
    seen: list[list[str]] = []

    def follow() -> None:
        seen.append(names())
        with store.transaction() as later:
            later.session.add(Slot(name="b", at=now))

    with store.transaction() as tx:
        tx.session.add(Slot(name="a", at=now))
        tx.after(follow)

    assert (seen, names()) == ([["a"]], ["a", "b"])


@pytest.mark.parametrize("outer", [store.transaction, store.reading])
def test_a_transaction_does_not_nest(outer: Callable[[], AbstractContextManager[object]]) -> None:
    with pytest.raises(RuntimeError, match="inside another"), outer(), store.transaction():
        pass


def test_a_reading_does_not_begin_inside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="inside another"), store.transaction(), store.reading():
        pass


def test_a_refused_nesting_leaves_the_next_transaction_usable(now: datetime) -> None:
    with pytest.raises(RuntimeError), store.transaction(), store.transaction():
        pass

    with store.transaction() as tx:
        tx.session.add(Slot(name="a", at=now))
    assert names() == ["a"]


def test_changes_made_outside_a_transaction_are_refused(now: datetime) -> None:
    store.db.session.add(Slot(name="a", at=now))

    with pytest.raises(RuntimeError, match="outside a transaction"), store.transaction():
        pass


def test_a_reading_refuses_to_write(now: datetime) -> None:
    with pytest.raises(RuntimeError, match="may not change"), store.reading() as session:
        session.add(Slot(name="a", at=now))
        session.flush()


def test_what_was_read_stays_readable_and_is_not_loaded_again(now: datetime) -> None:
    with store.transaction() as tx:
        tx.session.add(Slot(name="a", at=now))
    with store.reading() as session:
        slot = session.get_one(Slot, "a")

    assert (slot.at, store.db.session().in_transaction()) == (now, False)


def test_a_reading_sees_what_others_wrote_since_the_last_one(app: Flask, now: datetime) -> None:
    with store.transaction() as tx:
        tx.session.add(AuditEntryOf(now))
    with store.reading() as session:
        mine = session.query(AuditEntry).one()
    with app.app_context(), store.transaction() as other:
        other.session.query(AuditEntry).one().actor = "staff:2"

    with store.reading() as session:
        session.query(AuditEntry).one()
    assert mine.actor == "staff:2"


def AuditEntryOf(now: datetime) -> AuditEntry:  # noqa: N802
    return AuditEntry(
        controller="acme", seq=1, at=now, kind="x", reference="", actor="staff:1", data={}, hash=b""
    )


def test_a_transaction_sees_what_others_committed_before_it_began(app: Flask, now: datetime) -> None:
    with store.transaction() as tx:
        slot = Slot(name="a", at=now)
        tx.session.add(slot)
    later = now.replace(year=2025)
    with app.app_context(), store.transaction() as other:
        other.session.get_one(Slot, "a").at = later

    with store.transaction():
        assert slot.at == later


def test_two_writers_wait_for_each_other(app: Flask, now: datetime) -> None:
    """Each reads the number of rows and writes the next: nobody may write the same one twice."""
    together = Barrier(4)

    def write() -> None:
        together.wait()
        for _ in range(10):
            with app.app_context(), store.transaction() as tx:
                if tx.session.get_bind().dialect.name == "postgresql":
                    tx.session.execute(text("LOCK TABLE slot IN EXCLUSIVE MODE"))
                count = tx.session.scalar(text("SELECT count(*) FROM slot"))
                tx.session.add(Slot(name=f"{count:03}", at=now))

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert names() == [f"{n:03}" for n in range(40)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_keeps_its_safety_on() -> None:
    with store.reading() as session:
        settings = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}
