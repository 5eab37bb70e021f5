"""What is blocked at the desk: counts and dates on the page, the rows once as a file, after two people agreed."""

import io
import json
import sqlite3
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dsr import store
from dsr.contract import Purpose, Row
from dsr.store.models import VaultSeal
from dsr.store.vault import Vault
from stage import NOW

LENA, LUZ, OLGA = "lena@acme.example", "luz@acme.example", "olga@acme.example"
SECRET = "Zurbano-Ferrer-8841"
ASK = {"authority": "Juzgado de Instrucción 3", "number": "PD 12/2026", "reason": "copia de las facturas"}
ROWS = [
    Row("invoices", (n,), {"id": n, "name": SECRET, "note": "=1+1"}, withheld=("note",)) for n in range(1200)
] + [Row("cards", (1,), {"id": 1, "name": SECRET})]


@pytest.fixture
def case(office: Any) -> str:
    """A case with blocked rows, and Lena and Luz of the role legal."""
    reference: str = office.file("erasure")
    with office.app.app_context():
        keeper = Vault("acme", reference, "book", NOW, date(2029, 3, 2), ["legal"])
        keeper.seal(f"{reference}:book:erase:1", Purpose.BLOCKED, ROWS)
    office.hire(LENA, "legal")
    office.hire(LUZ, "legal")
    return reference


def key_file(office: Any) -> Path:
    return Path(office.app.config["LEGAL_KEY_FILE"])


@pytest.fixture
def key(office: Any, case: str) -> bytes:
    """The private key, taken off the machine."""
    text = key_file(office).read_bytes()
    key_file(office).unlink()
    return text


def ask(browser: Any, reference: str, **more: str) -> Any:
    return browser.post("/desk/vault/acme/ask", ASK | {"case": reference} | more)


def decide(browser: Any, verdict: str = "approve", number: int = 1) -> int:
    answer = browser.post(f"/desk/vault/acme/openings/{number}/decide", {"verdict": verdict})
    return int(answer.status_code)


def fetch(browser: Any, key: bytes | None = None, number: int = 1) -> Any:
    data: dict[str, Any] = {"key": (io.BytesIO(key), "legal.key")} if key else {}
    path = f"/desk/vault/acme/openings/{number}/fetch"
    answer = browser.post(path, data, content_type="multipart/form-data")
    assert answer.data
    answer.close()
    return answer


def test_two_people_and_the_key_open_what_is_blocked_once(office: Any, case: str, key: bytes) -> None:
    lena, luz = office.browser(LENA), office.browser(LUZ)
    assert ask(lena, case).status_code == 303
    assert decide(luz) == 303

    answer = fetch(lena, key)
    again = fetch(lena, key)

    assert (answer.status_code, answer.mimetype, again.status_code) == (200, "application/zip", 409)
    file = zipfile.ZipFile(io.BytesIO(answer.data))
    rows = [json.loads(line) for line in file.read("001-book-invoices.jsonl").splitlines()]
    assert rows == [dict(row.values) for row in ROWS[:1200]]
    assert file.read("001-book-invoices.csv").splitlines()[1].decode() == f'0,"{SECRET}","\'=1+1"'
    manifest = json.loads(file.read("manifest.json"))
    assert (manifest["case"], manifest["number"], [one["rows"] for one in manifest["sets"]]) == (
        case,
        "PD 12/2026",
        [1201],
    )


def test_every_step_of_an_opening_is_in_the_log(office: Any, case: str, key: bytes) -> None:
    lena, luz = office.browser(LENA), office.browser(LUZ)
    ask(lena, case)
    decide(luz)
    fetch(lena, key)

    kinds = ("vault.opening_asked", "vault.opening_approved", "vault.opened")
    found = [(kind, one.reference, one.actor) for kind in kinds for one in office.entries(kind)]
    first, second = (f"staff:{office.numbers[one]}" for one in (LENA, LUZ))
    assert found == [(kinds[0], case, first), (kinds[1], case, second), (kinds[2], case, first)]
    assert office.entries("vault.opened")[0].data["second"] == second


@pytest.mark.parametrize("reason", ["another key", "no key", "not a key"])
def test_without_the_key_nothing_opens_and_nothing_is_spent(
    office: Any, case: str, key: bytes, reason: str
) -> None:
    lena, luz = office.browser(LENA), office.browser(LUZ)
    ask(lena, case)
    decide(luz)
    other = b"acme 0 " + b"A" * 43 + b"=\n"

    answer = fetch(lena, {"another key": other, "no key": None, "not a key": b"what is this"}[reason])

    assert (answer.status_code, SECRET in answer.text) == (422, False)
    assert office.entries("vault.opened") == []
    assert fetch(lena, key).status_code == 200


def test_nobody_approves_her_own_opening_and_only_she_fetches_it(office: Any, case: str, key: bytes) -> None:
    lena, luz = office.browser(LENA), office.browser(LUZ)
    ask(lena, case)

    assert (decide(lena), fetch(lena, key).status_code) == (422, 409)
    assert (decide(luz), fetch(luz, key).status_code, fetch(office.browser(OLGA), key).status_code) == (
        303,
        403,
        403,
    )


def test_the_officer_may_be_the_second_person_and_a_denied_opening_stays_shut(
    office: Any, case: str, key: bytes
) -> None:
    lena, olga = office.browser(LENA), office.browser(OLGA)
    ask(lena, case)
    ask(lena, case)

    assert (decide(olga, "deny", 1), decide(olga, "approve", 2)) == (303, 303)
    assert (fetch(lena, key, 1).status_code, fetch(lena, key, 2).status_code) == (409, 200)
    assert decide(olga, "approve", 1) == 409


@pytest.mark.parametrize("missing", ["authority", "number", "reason"])
def test_an_opening_without_the_reference_of_an_authority_is_refused(
    office: Any, case: str, missing: str
) -> None:
    answer = ask(office.browser(LENA), case, **{missing: " "})

    assert (answer.status_code, office.entries("vault.opening_asked")) == (422, [])


def test_the_words_of_the_authority_are_sealed(office: Any, case: str) -> None:
    ask(office.browser(LENA), case)

    assert b"Juzgado" not in database(office)


def database(office: Any) -> bytes:
    """The raw bytes of the database, and its dump."""
    path = office.folder / "i" / "dsr.sqlite3"
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        dump = "\n".join(raw.iterdump()).encode()
    return bytes(path.read_bytes() + dump)


def test_the_page_shows_counts_and_dates_and_warns_of_a_key_that_still_lies_here(
    office: Any, case: str
) -> None:
    before = office.browser(LENA).get("/desk/vault/acme").text
    key_file(office).unlink()
    after = office.browser(LENA).get("/desk/vault/acme").text

    assert (case in after, "1,201" in after, SECRET in after) == (True, True, False)
    assert ["still lies on this machine" in page for page in (before, after)] == [True, False]


def test_a_certificate_is_given_when_everything_is_gone(office: Any, case: str) -> None:
    lena = office.browser(LENA)
    early = lena.post("/desk/vault/acme/certificate", {"case": case})
    with office.app.app_context(), store.transaction() as tx:
        for seal in tx.session.query(VaultSeal):
            store.vault.destroy(tx.session, [seal.id], controller="acme", now=NOW.replace(year=2030))

    answer = lena.post("/desk/vault/acme/certificate", {"case": case})

    assert (early.status_code, answer.status_code, answer.data[:4]) == (422, 200, b"%PDF")
    assert "Certificate" in lena.get("/desk/vault/acme").text


def test_what_was_destroyed_is_offered_to_nobody(office: Any, case: str, key: bytes) -> None:
    lena = office.browser(LENA)
    ask(lena, case)
    decide(office.browser(LUZ))
    before = lena.get("/desk/vault/acme").text
    with office.app.app_context(), store.transaction() as tx:
        for seal in tx.session.query(VaultSeal):
            store.vault.destroy(tx.session, [seal.id], controller="acme", now=NOW.replace(year=2030))

    after = lena.get("/desk/vault/acme").text

    assert ("Download, once" in before, "Download, once" in after) == (True, False)
    assert "These rows were destroyed. There is nothing left to open." in after


def test_a_hold_is_set_and_released_on_the_page_of_the_case(office: Any, case: str) -> None:
    lena, olga = office.browser(LENA), office.browser(OLGA)
    path = f"/desk/cases/{case}"
    form = {"reason": "lawsuit 12", "review": "2099-01-01", "owner": str(office.numbers[LENA])}

    wrong = lena.post(f"{path}/legal-hold", form | {"review": "2001-01-01"})
    held = lena.post(f"{path}/legal-hold", form)
    page = olga.get(path).text
    approve = olga.post(f"{path}/approve", {"plan": office.plan(case)})
    freed = olga.post(f"{path}/release")

    assert (wrong.status_code, held.status_code, approve.status_code, freed.status_code) == (
        422,
        303,
        422,
        303,
    )
    assert ("lawsuit 12" in page, "Release the hold" in page) == (True, True)
    assert "lawsuit 12" not in olga.get(path).text
