"""Fixtures for the real servers: a pytest plugin. A server starts with the first test that asks for it.

With pytest-xdist every worker has its own PostgreSQL; tests that need MariaDB or Mailman all go to one
worker (`--dist loadgroup`), so that these start once.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

import pytest

import evidence
from servers import chromium as chromium_server
from servers import clickhouse as clickhouse_server
from servers import dovecot as dovecot_server
from servers import mailman as mailman_server
from servers import mariadb, postgres, process, umami
from servers import radicale as radicale_server
from servers import slapd as slapd_server
from servers import tryton as tryton_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

T = TypeVar("T")
ONE_WORKER = {"mariadb_url", "mailman", "slapd", "radicale", "dovecot", "clickhouse", "tryton"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if ONE_WORKER & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group("servers"))


@contextmanager
def or_skip(server: AbstractContextManager[T]) -> Iterator[T]:
    """Enters `server`; what this machine does not have skips the test with the reason."""
    with ExitStack() as stack:
        try:
            running = stack.enter_context(server)
        except process.Missing as error:
            pytest.skip(str(error))
        yield running


@pytest.fixture(scope="session")
def seed() -> int:
    """The number every random choice of a test starts from (DSR_TEST_SEED, 1 unless told)."""
    return int(os.environ.get("DSR_TEST_SEED", "1"))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """SQLAlchemy URL of the maintenance database of a real PostgreSQL, as superuser."""
    with or_skip(postgres.running()) as server:
        evidence.server(server.name, server.version)
        yield server.url


@pytest.fixture
def make_database(postgres_url: str) -> Iterator[Callable[[], str]]:
    """A function that makes an empty PostgreSQL database and returns its URL; dropped after the test."""
    with ExitStack() as stack:

        def make() -> str:
            url = postgres.create_database(postgres_url)
            stack.callback(postgres.drop_database, postgres_url, url)
            return url

        yield make


@pytest.fixture
def umami_database(make_database: Callable[[], str]) -> Callable[[], str]:
    """A function that makes a PostgreSQL database with Umami's own tables and returns its URL."""

    def make() -> str:
        url = make_database()
        try:
            umami.apply(url)
        except process.Missing as error:
            pytest.skip(str(error))
        evidence.server("umami schema", umami.version())
        return url

    return make


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """SQLAlchemy URL of a real MariaDB, without a database, as a user who may do everything."""
    with or_skip(mariadb.running()) as server:
        evidence.server(server.name, server.version)
        yield server.url


@pytest.fixture
def make_mariadb_database(mariadb_url: str) -> Iterator[Callable[[], str]]:
    """A function that makes an empty MariaDB database and returns its URL; dropped after the test."""
    with ExitStack() as stack:

        def make() -> str:
            url = mariadb.create_database(mariadb_url)
            stack.callback(mariadb.drop_database, mariadb_url, url)
            return url

        yield make


@pytest.fixture(scope="session")
def mailman() -> Iterator[mailman_server.Mailman]:
    """A real Mailman 3 core: url, user, password, version, pid, database, queues."""
    with or_skip(mailman_server.running()) as server:
        evidence.server("mailman", server.version)
        yield server


@pytest.fixture(scope="session")
def slapd() -> Iterator[slapd_server.Slapd]:
    """A real OpenLDAP with an empty suffix: url, secure_url, password, authority, client(), dump()."""
    with or_skip(slapd_server.running()) as server:
        evidence.server("openldap", server.version)
        yield server


@pytest.fixture(scope="session")
def radicale() -> Iterator[radicale_server.Radicale]:
    """A real CardDAV server without books: url, user, password, files, client()."""
    with or_skip(radicale_server.running()) as server:
        evidence.server("radicale", server.version)
        yield server


@pytest.fixture(scope="session")
def tryton() -> Iterator[tryton_server.Tryton]:
    """A real Tryton with a company that can invoice: url, database, user, password, file, client()."""
    with or_skip(tryton_server.running()) as server:
        evidence.server("tryton", server.version)
        yield server


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[clickhouse_server.Clickhouse]:
    """ClickHouse's engine without tables: url, user, password, files, sql()."""
    with or_skip(clickhouse_server.running()) as server:
        evidence.server("clickhouse", server.version)
        yield server


@pytest.fixture(scope="session")
def dovecot() -> Iterator[dovecot_server.Dovecot]:
    """A real IMAP server with one empty mailbox: url, secure_url, user, password, authority, files."""
    with or_skip(dovecot_server.running()) as server:
        evidence.server("dovecot", server.version)
        yield server


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's chromium."""
    try:
        return chromium_server.executable()
    except process.Missing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator["Browser"]:
    """A headless playwright browser on `chromium` that reaches loopback only.

    By module, because playwright keeps an event loop in this thread for as long as it runs.
    """
    with chromium_server.running(chromium) as running:
        evidence.server("chromium", running.version)
        yield running
