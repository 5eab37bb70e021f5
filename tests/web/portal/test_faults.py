"""The disk is full, the database is locked or gone: a page says so, nothing is half written, then it goes on."""

import os
import resource
import signal
import sqlite3
import time
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import func, select

from dsr import store
from dsr.store import session as sessions
from dsr.store.models import Case
from servers import postgres, process

SORRY = "We cannot store anything at the moment"


def begin(browser):
    """The first pages of the form: from the second on they are kept in the database."""
    browser.get("/ask")
    browser.post("/ask/rights", rights=["access"])
    return browser.post("/ask/who", behalf="me", place="ES")


def cases(portal):
    with portal.app.app_context(), store.reading() as session:
        return session.scalar(select(func.count()).select_from(Case))


def log_holds(portal):
    with portal.app.app_context():
        return store.audit.verify_chain("acme").holds


@contextmanager
def full_disk(size):
    """No file of this process grows beyond ``size`` bytes: a write fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_on_a_full_disk_the_page_says_so_and_the_next_try_succeeds(portal, ask, tmp_path):
    browser = portal.browser()
    ask(browser, "access")
    known = cases(portal)
    with full_disk(4096):
        page = begin(portal.browser())

    again = portal.browser()
    ask(again, "erasure")
    assert SORRY in page
    assert (known, cases(portal), again.status, log_holds(portal)) == (1, 2, 200, True)


def test_while_the_database_is_locked_the_page_says_so_and_the_next_try_succeeds(
    make_portal, ask, tmp_path, monkeypatch
):
    monkeypatch.setattr(sessions, "BUSY_MILLISECONDS", 200)
    portal = make_portal()
    browser = portal.browser()
    with closing(sqlite3.connect(tmp_path / "dsr.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        page = begin(browser)
        status, again_after = browser.status, browser.page.headers.get("Retry-After")
        other.execute("ROLLBACK")

    ask(portal.browser(), "access")
    assert SORRY in page
    assert (status, again_after, cases(portal), log_holds(portal)) == (503, "60", 1, True)


@contextmanager
def started_again(server):
    """The PostgreSQL of ``server`` on the same files and port, by a new process."""
    user = postgres.OWNER if process.running_as_root() else None
    (program,) = server.home.glob("**/bin/postgres") if user else [postgres.programs() / "postgres"]
    port = server.url.rpartition(":")[2].partition("/")[0]
    command = [program, "-D", server.home / "data", "-p", port, "-h", "127.0.0.1", "-k", server.home]
    with process.started(
        command,
        log=server.home / "log2",
        ready=lambda: postgres._version(server.url),
        user=user,
        stop=signal.SIGINT,
    ):
        yield


def stop(server):
    """Ask the server to end, and wait until it has left its files."""
    os.kill(server.pid, signal.SIGINT)
    until = time.monotonic() + 30
    while (server.home / "data" / "postmaster.pid").exists():
        assert time.monotonic() < until, "PostgreSQL did not stop"
        time.sleep(0.1)


@pytest.mark.live
def test_while_postgresql_is_gone_the_page_says_so_and_afterwards_all_goes_on(make_portal, ask, tmp_path):
    with postgres.running() as server:
        if not server.pid:
            pytest.skip("DSR_TEST_POSTGRES names a server that is not ours to stop")
        database = postgres.create_database(server.url)
        portal = make_portal(
            database_url=database, engine_url=database, master_key_file=tmp_path / "another.key"
        )
        ask(portal.browser(), "access")
        stop(server)
        browser = portal.browser()
        page = begin(browser)
        status = browser.status
        health = portal.app.test_client().get("/healthz")

        with started_again(server):
            ask(portal.browser(), "access")
            found, holds = cases(portal), log_holds(portal)
            with portal.app.app_context():
                store.db.engine.dispose()

    assert SORRY in page
    assert (status, health.status_code, found, holds) == (503, 503, 2, True)
