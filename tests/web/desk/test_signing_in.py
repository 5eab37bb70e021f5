"""Signing in: one answer for every failure, lockout, second factor, sessions that end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argon2 import low_level
from flask_security import hash_password
from flask_security.core import _default_messages
from sqlalchemy import event, select, update

import cheaply
from dsr import store
from dsr.services import signing_in, staff
from dsr.store.staff import Staff, WebSession
from dsr.web import auth, auth_words

OLGA, PASSWORD = "olga@acme.example", "a calm sentence for the desk"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def the_error(text: str) -> str:
    return text.partition('id="wrong">')[2].partition("</p>")[0].rpartition(">")[2]


def test_nobody_is_at_the_desk_unasked(office: Any) -> None:
    answer = office.browser().get("/desk/queue")

    assert (answer.status_code, answer.location) == (302, "/desk/sign-in?next=/desk/queue")


def test_a_program_is_told_401(office: Any) -> None:
    answer = office.app.test_client().get("/desk/queue", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_olga_comes_in_with_her_password(office: Any) -> None:
    assert office.browser(OLGA).get("/desk/").status_code == 200


def test_an_unknown_address_and_a_wrong_password_read_alike(office: Any) -> None:
    wrong = office.browser().sign_in(OLGA, "guess")
    unknown = office.browser().sign_in("nobody@acme.example", "guess")

    assert (the_error(wrong.text), wrong.status_code) == (the_error(unknown.text), unknown.status_code)


def test_a_password_is_hashed_with_the_work_that_the_rfc_asks_for_whoever_hashes_it(
    make_office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # RFC 9106, section 4, the second choice: 64 MiB, three rounds, four lanes.
    monkeypatch.setattr(staff, "WORK", cheaply.THOROUGH)
    with make_office().app.app_context():
        hashes = [staff.hashed(PASSWORD), hash_password(PASSWORD)]

    assert {one.rsplit("$", 2)[0] for one in hashes} == {"$argon2id$v=19$m=65536,t=3,p=4"}


def test_a_wrong_password_an_unknown_address_and_a_locked_account_cost_one_hash_each(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []
    for name in ("hash_secret", "verify_secret"):
        real = getattr(low_level, name)
        monkeypatch.setattr(low_level, name, lambda *a, real=real, **k: (done.append(1), real(*a, **k))[1])
    hashes = []
    for email in (OLGA, "nobody@acme.example", *[OLGA] * 5):
        done.clear()
        office.browser().sign_in(email, "guess")
        hashes.append(len(done))

    assert signing_in_is_locked(office)
    assert hashes == [1] * 7


def test_a_wrong_password_an_unknown_address_and_a_locked_account_cost_as_many_writes(office: Any) -> None:
    with office.app.app_context():
        engine = store.db.engine
    done: list[int] = []

    @event.listens_for(engine, "before_cursor_execute")
    def written(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE")):
            connection.info["wrote"] = True

    @event.listens_for(engine, "commit")
    def kept(connection: Any) -> None:
        done.extend([1] * connection.info.pop("wrote", False))

    writes = []
    for email in (OLGA, "nobody@acme.example", *[OLGA] * 5):
        done.clear()
        office.browser().sign_in(email, "guess")
        writes.append(len(done))

    assert signing_in_is_locked(office)
    assert len(set(writes)) == 1


def signing_in_is_locked(office: Any) -> bool:
    with office.app.app_context():
        return signing_in.locked(OLGA, now=datetime.now(UTC))


def test_after_five_failures_the_right_password_is_refused(office: Any) -> None:
    for _ in range(5):
        office.browser().sign_in(OLGA, "guess")

    answer = office.browser().sign_in(OLGA, PASSWORD)

    assert answer.status_code == 200
    assert len(office.entries("staff.sign_in_failed")) == 5


def test_four_failures_do_not_lock(office: Any) -> None:
    for _ in range(4):
        office.browser().sign_in(OLGA, "guess")

    assert office.browser().sign_in(OLGA, PASSWORD).status_code == 302


def test_the_delay_doubles_with_every_further_failure(office: Any) -> None:
    with office.app.app_context():
        until = [signing_in.failed(office.numbers[OLGA], now=NOW) for _ in range(8)]

    minutes = [(one - NOW) // timedelta(minutes=1) if one else 0 for one in until]
    assert minutes == [0, 0, 0, 0, 1, 2, 4, 8]


def test_signing_in_forgets_the_failures(office: Any) -> None:
    office.browser().sign_in(OLGA, "guess")
    office.browser(OLGA)

    with office.app.app_context(), store.reading() as session:
        assert session.scalar(select(Staff.failures).where(Staff.email == OLGA)) == 0


def test_signing_in_makes_a_new_cookie(office: Any) -> None:
    browser = office.browser()
    browser.get("/desk/sign-in")
    before = browser.client.get_cookie("desk", path="/desk").value
    browser.sign_in(OLGA)

    after = browser.client.get_cookie("desk", path="/desk").value
    assert (before.startswith("row."), after.startswith("row.")) == (False, True)


def test_a_cookie_from_before_signing_out_is_worth_nothing(office: Any, olga: Any) -> None:
    cookie = olga.client.get_cookie("desk", path="/desk").value
    olga.post("/desk/sign-out")

    thief = office.browser()
    thief.client.set_cookie("desk", cookie, path="/desk")
    assert thief.get("/desk/").status_code == 302


def test_a_new_password_ends_every_other_session(office: Any, olga: Any) -> None:
    second = office.browser(OLGA)
    new = "another calm sentence"
    answer = olga.post(
        "/desk/password", {"password": PASSWORD, "new_password": new, "new_password_confirm": new}
    )

    assert answer.status_code == 302
    assert (olga.get("/desk/").status_code, second.get("/desk/").status_code) == (200, 302)


def test_a_password_given_by_an_administrator_ends_her_sessions(office: Any, olga: Any) -> None:
    with office.app.app_context():
        staff.new_password(office.numbers[OLGA], by="system", now=datetime.now(UTC))

    assert olga.get("/desk/").status_code == 302


def test_a_closed_account_is_out_at_once(office: Any) -> None:
    number = office.hire("agata@acme.example", "agent")
    agata = office.browser("agata@acme.example")
    with office.app.app_context():
        staff.set_active(number, False, by="system", now=datetime.now(UTC))

    assert agata.get("/desk/").status_code == 302


def test_a_session_that_was_not_used_is_over(office: Any, olga: Any) -> None:
    with office.app.app_context(), store.transaction() as tx:
        tx.session.execute(update(WebSession).values(expires_at=NOW))

    assert olga.get("/desk/").status_code == 302


def test_the_cookie_says_nothing_of_its_session(olga: Any) -> None:
    cookie = olga.client.get_cookie("desk", path="/desk")

    assert (cookie.http_only, cookie.path, cookie.same_site) == (True, "/desk", "Lax")
    assert len(cookie.value.removeprefix("row.")) == 43


def test_the_portal_and_the_desk_share_no_cookie(office: Any, olga: Any) -> None:
    assert olga.client.get_cookie("session") is None


@pytest.fixture
def strict(make_office: Callable[..., Any]) -> Any:
    return make_office(mfa="required")


def begin_second_factor(office: Any) -> tuple[Any, Any]:
    """Olga signs in and sets up her telephone; her browser and a function that gives codes."""
    browser = office.browser()
    first = browser.sign_in(OLGA)
    assert first.location.startswith("/desk/second-factor")
    page = browser.post("/desk/second-factor", {"setup": "authenticator"}, at="/desk/second-factor").text
    key = page.partition('<span class="mono">')[2].partition("</span>")[0].replace("-", "")
    factory = office.app.extensions["security"].totp_factory._totp
    return browser, factory(key=key, format="base32")


def code(totp: Any, steps: int = 0) -> str:
    return str(totp.generate(datetime.now(UTC) + timedelta(seconds=30 * steps)).token)


def test_where_it_is_required_the_password_alone_opens_nothing(strict: Any) -> None:
    browser = strict.browser()
    answer = browser.sign_in(OLGA)

    assert answer.location.startswith("/desk/second-factor")
    assert browser.get("/desk/queue").status_code == 302


def test_with_her_telephone_she_comes_in(strict: Any) -> None:
    browser, totp = begin_second_factor(strict)
    browser.post("/desk/code", {"code": code(totp)}, at="/desk/code")

    assert browser.get("/desk/").status_code == 200


def test_the_same_code_does_not_work_twice(strict: Any) -> None:
    browser, totp = begin_second_factor(strict)
    used = code(totp)
    browser.post("/desk/code", {"code": used}, at="/desk/code")
    second = strict.browser()
    second.sign_in(OLGA)
    second.post("/desk/code", {"code": used}, at="/desk/code")

    assert second.get("/desk/").status_code == 302


def test_wrong_codes_lock_as_wrong_passwords_do(strict: Any) -> None:
    browser, totp = begin_second_factor(strict)
    browser.post("/desk/code", {"code": code(totp)}, at="/desk/code")
    second = strict.browser()
    second.sign_in(OLGA)
    for _ in range(5):
        second.post("/desk/code", {"code": "000000"}, at="/desk/code")
    second.post("/desk/code", {"code": code(totp, 1)}, at="/desk/code")

    assert second.get("/desk/").status_code == 302


def test_the_picture_stands_inside_the_page(strict: Any) -> None:
    browser = strict.browser()
    browser.sign_in(OLGA)
    page = browser.post("/desk/second-factor", {"setup": "authenticator"}, at="/desk/second-factor").text

    assert ("<svg viewBox" in page, "data:image" in page) == (True, False)


def the_key(page: str) -> str:
    return page.partition('<span class="mono">')[2].partition("</span>")[0]


def test_a_mistyped_code_keeps_the_picture_until_it_is_confirmed_or_too_old(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = office.browser(OLGA)
    page = browser.post("/desk/second-factor", {"setup": "authenticator"}, at="/desk/account").text
    action = page.partition('<form method="post" action="/desk/second-factor/')[2].partition('"')[0]
    wrong = browser.post(f"/desk/second-factor/{action}", {"code": "000000"}, at="/desk/account")
    again = browser.get("/desk/second-factor").text
    begun = browser.post("/desk/second-factor", {"setup": "authenticator"}, at="/desk/account").text
    monkeypatch.setattr(auth, "SETTING_UP", timedelta())
    late = browser.post("/desk/second-factor", {"setup": "authenticator"}, at="/desk/account").text

    assert (wrong.status_code, "still the same" in again, "QR" in again) == (302, True, True)
    assert the_key(page) == the_key(again) == the_key(begun) != the_key(late)


def test_the_code_of_the_picture_that_stayed_is_the_second_factor(office: Any) -> None:
    browser = office.browser(OLGA)
    browser.post("/desk/second-factor", {"setup": "authenticator"}, at="/desk/account")
    page = browser.get("/desk/second-factor").text
    totp = office.app.extensions["security"].totp_factory._totp(
        key=the_key(page).replace("-", ""), format="base32"
    )
    action = page.partition('<form method="post" action="/desk/second-factor/')[2].partition('"')[0]
    browser.post(f"/desk/second-factor/{action}", {"code": code(totp)}, at="/desk/account")

    assert "Set up the second factor" in browser.get("/desk/second-factor").text
    second = office.browser()
    assert second.sign_in(OLGA).location.startswith("/desk/code")


def test_every_sentence_about_signing_in_is_ours_under_a_name_the_library_knows() -> None:
    assert set(auth_words.SAID) - set(_default_messages) == set()


@pytest.mark.parametrize(
    ("language", "said"), [("es", "La contraseña no es correcta."), ("pt", "A senha não está correta.")]
)
def test_a_wrong_password_is_told_in_the_language_of_the_page(office: Any, language: str, said: str) -> None:
    olga = office.browser("olga@acme.example")
    olga.post("/desk/language", {"language": language})
    typed = {"password": "wrong", "new_password": PASSWORD * 2, "new_password_confirm": PASSWORD * 2}

    assert said in olga.post("/desk/password", typed, at="/desk/password").text
