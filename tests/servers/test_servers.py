"""The servers of the live tests are the real ones: each answers with its own version and does its work."""

import imaplib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from servers import mariadb, postgres, process, umami
from servers.dovecot import Dovecot
from servers.mailman import Mailman
from servers.radicale import Radicale
from servers.slapd import BASE, Slapd
from servers.tryton import Tryton

pytestmark = pytest.mark.live

UMAMI_TABLES = [
    "event_data",
    "report",
    "session",
    "session_data",
    "team",
    "team_user",
    "user",
    "website",
    "website_event",
]


def test_postgres_answers_its_version_and_writes_durably(postgres_url: str) -> None:
    assert int(postgres.psql(postgres_url, "SHOW server_version").split(".")[0]) >= 16
    settings = [postgres.psql(postgres_url, f"SHOW {name}") for name in ("fsync", "synchronous_commit")]
    assert settings == ["on\n", "on\n"]


def test_each_database_is_empty_and_apart(make_database: Callable[[], str]) -> None:
    first, second = make_database(), make_database()

    with postgres.connect(first) as connection:
        connection.execute("CREATE TABLE person (email text)")

    count = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    assert (postgres.psql(first, count), postgres.psql(second, count)) == ("1\n", "0\n")


def test_lower_case_works_for_accents(make_database: Callable[[], str]) -> None:
    assert postgres.psql(make_database(), "SELECT lower('PEÑA')") == "peña\n"


def test_umami_has_its_own_tables(umami_database: Callable[[], str]) -> None:
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"

    tables = postgres.psql(umami_database(), query).split()

    assert tables == UMAMI_TABLES


def test_a_changed_umami_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "umami-2.10.0.tgz"
    changed.write_bytes(b"something else")
    monkeypatch.setattr(umami, "ARCHIVE", changed)

    with pytest.raises(ValueError, match="SHA-256"):
        umami.migrations()


def test_mariadb_answers_its_version(mariadb_url: str) -> None:
    assert "MariaDB" in mariadb.client(mariadb_url, "SELECT VERSION()")


def test_mariadb_keeps_rows_of_a_fresh_database(make_mariadb_database: Callable[[], str]) -> None:
    url = make_mariadb_database()

    with mariadb.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE person (email varchar(200)) ENGINE=InnoDB")
        cursor.execute("INSERT INTO person VALUES ('ana.peña@example.org')")

    assert mariadb.client(url, "SELECT email FROM person") == "ana.peña@example.org\n"


def test_mailman_answers_its_version(mailman: Mailman) -> None:
    answer = httpx.get(f"{mailman.url}/system/versions", auth=(mailman.user, mailman.password))

    assert answer.json()["mailman_version"].split(".")[0] == "GNU Mailman 3"


def test_mailman_subscribes_a_member(mailman: Mailman) -> None:
    with httpx.Client(base_url=mailman.url, auth=(mailman.user, mailman.password), timeout=30) as client:
        made = [
            client.post("/domains", data={"mail_host": "lists.example.org"}).status_code,
            client.post("/lists", data={"fqdn_listname": "news@lists.example.org"}).status_code,
            client.post(
                "/members",
                data={
                    "list_id": "news.lists.example.org",
                    "subscriber": "ana@example.org",
                    "pre_verified": True,
                    "pre_confirmed": True,
                    "pre_approved": True,
                },
            ).status_code,
        ]
        roster = client.get("/lists/news@lists.example.org/roster/member").json()
        client.delete("/lists/news@lists.example.org")
        client.delete("/domains/lists.example.org")

    assert made == [201, 201, 201]
    assert [entry["email"] for entry in roster["entries"]] == ["ana@example.org"]


def test_mailman_refuses_a_wrong_password(mailman: Mailman) -> None:
    assert httpx.get(f"{mailman.url}/lists", auth=(mailman.user, "wrong")).status_code == 401


def test_slapd_answers_and_keeps_an_entry(slapd: Slapd) -> None:
    slapd.client("ldapadd", given=f"dn: cn=ana,{BASE}\nobjectClass: organizationalRole\ncn: ana\n")
    found = f"dn: cn=ana,{BASE}" in slapd.dump()
    slapd.client("ldapdelete", f"cn=ana,{BASE}")

    assert found
    assert slapd.version.startswith("2.")


def test_radicale_answers_as_a_carddav_server(radicale: Radicale) -> None:
    with radicale.client() as client:
        offers = client.request("OPTIONS", "").headers["DAV"]

    assert "addressbook" in offers
    assert radicale.version.startswith("3.")


def test_tryton_is_a_program_of_its_own_with_an_office(tryton: Tryton) -> None:
    companies = tryton.client().rows("company.company", [], "party")

    assert tryton.version.startswith("7.")
    assert len(companies) == 1


def test_dovecot_answers_and_can_expunge_by_number(dovecot: Dovecot) -> None:
    host, _, port = dovecot.url.removeprefix("imap://").partition(":")
    with imaplib.IMAP4(host, int(port)) as client:
        client.login(dovecot.user, dovecot.password)

        assert "UIDPLUS" in client.capability()[1][0].decode()


@pytest.mark.browser
def test_chromium_opens_a_page_and_reaches_no_other_machine(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<h1>Hola</h1>")

    assert page.inner_text("h1") == "Hola"
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.org/")


def test_a_server_that_does_not_start_shows_its_log(tmp_path: Path) -> None:
    def never() -> str:
        raise ConnectionError("nobody there")

    command = ["sh", "-c", "echo the disk is gone; exit 1"]
    with (
        pytest.raises(RuntimeError, match="the disk is gone"),
        process.started(command, log=tmp_path / "log", ready=never),
    ):
        pytest.fail("it was taken for started")


def test_a_server_is_stopped_by_its_own_process_number(tmp_path: Path) -> None:
    with process.started(["sleep", "60"], log=tmp_path / "log", ready=lambda: "1") as (pid, _):
        os.kill(pid, 0)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIG_DFL)
