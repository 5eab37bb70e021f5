"""Passkeys: set up with a code, accepted wherever a code is, once, from their owner, at the right place."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select, update

from authenticator import Authenticator
from dsr import store
from dsr.services import passkeys, signing_in, staff
from dsr.services.passkeys import Made
from dsr.store.staff import Passkey, Staff

OLGA, PAULA = "olga@acme.example", "paula@acme.example"
HEADERS = {"Accept": "text/html", "Accept-Language": "en"}


def between(page: str, before: str) -> str:
    return unescape(page.partition(before)[2].partition('"')[0])


def question_of(page: str) -> str:
    """What a page asks an authenticator."""
    return between(page, 'data-options="')


def csrf_of(page: str) -> dict[str, str]:
    return {"csrf_token": between(page.partition('name="csrf_token"')[2], 'value="')}


@pytest.fixture
def strict(make_office: Callable[..., Any]) -> Any:
    return make_office(mfa="required")


def equipped(office: Any, email: str = OLGA) -> Callable[[int], str]:
    """She has an app that shows codes; a function that gives the one of now, or of half minutes later."""
    factory = office.app.extensions["security"].totp_factory
    with office.app.test_request_context(), store.transaction() as tx:
        secret = factory.generate_totp_secret()
        known = {"tf_primary_method": "authenticator", "tf_totp_secret": secret}
        tx.session.execute(update(Staff).where(Staff.email == email).values(**known))
    totp = factory._totp.from_source(secret)
    return lambda steps=0: str(totp.generate(datetime.now(UTC) + timedelta(seconds=30 * steps)).token)


def registered(office: Any, email: str = OLGA) -> Authenticator:
    """She has an app and a passkey; her authenticator."""
    equipped(office, email)
    device = Authenticator()
    with office.app.app_context():
        number, public = device.make()
        passkeys.add(office.numbers[email], "my laptop", Made(number, public, 0), now=datetime.now(UTC))
    return device


class Asked:
    """A browser that gave the password and stands before the page of the second factor."""

    def __init__(self, office: Any, email: str = OLGA) -> None:
        self.browser = office.browser()
        self.browser.sign_in(email)
        page = self.browser.get("/desk/code").text
        self.question, self.csrf = question_of(page), csrf_of(page)
        self.cookie = self.browser.client.get_cookie("desk", path="/desk").value

    def lets_in(self, answer: str) -> bool:
        form = {"credential": answer, "code": ""} | self.csrf
        self.browser.client.post("/desk/code", data=form, headers=HEADERS)
        return bool(self.browser.get("/desk/account").status_code == 200)


def failures(office: Any, email: str = OLGA) -> int:
    with office.app.app_context(), store.reading() as session:
        return int(session.scalars(select(Staff.failures).where(Staff.email == email)).one())


def count_to(office: Any, uses: int) -> None:
    with office.app.app_context(), store.transaction() as tx:
        tx.session.execute(update(Passkey).values(sign_count=uses))


def add(browser: Any, device: Authenticator, code: str) -> Any:
    page = browser.get("/desk/passkeys").text
    form = {"name": "my laptop", "code": code, "credential": device.create(question_of(page))}
    return browser.client.post("/desk/passkeys", data=form | csrf_of(page), headers=HEADERS)


def test_a_passkey_that_was_set_up_lets_her_in_instead_of_a_code(office: Any) -> None:
    browser, device = office.browser(OLGA), Authenticator()
    code = equipped(office)
    kept = [add(browser, device, typed).status_code for typed in ("000000", code(0))]
    here = Asked(office)

    assert (kept, here.lets_in(device.get(here.question))) == ([422, 303], True)
    changed = [(one.actor, one.data["what"]) for one in office.entries("staff.changed")]
    assert changed == [(f"staff:{office.numbers[OLGA]}", "passkey_added")]


def test_an_answer_works_once(strict: Any) -> None:
    device = registered(strict)
    first, second = Asked(strict), Asked(strict)
    answer = device.get(first.question)
    opened = first.lets_in(answer)
    count_to(strict, 0)
    second.browser.client.set_cookie("desk", first.cookie, path="/desk")
    second.csrf = first.csrf

    assert (opened, second.lets_in(answer)) == (True, False)


def test_a_passkey_of_a_colleague_lets_nobody_else_in(strict: Any) -> None:
    registered(strict)
    paulas, here = registered(strict, PAULA), Asked(strict)

    answer = paulas.get(here.question, next(iter(paulas.keys)))
    assert (here.lets_in(answer), failures(strict)) == (False, 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda device, asked: Authenticator("http://evil.example", device.keys, device.counts).get(asked),
        lambda device, asked: device.get(asked.replace('"rpId": "localhost"', '"rpId": "evil.example"')),
        lambda device, asked: device.get(asked)[:-40],
        lambda device, asked: "[]",
    ],
    ids=["another origin", "another place", "cut off", "no answer"],
)
def test_a_spoilt_answer_fails_and_counts(strict: Any, spoil: Callable[[Authenticator, str], str]) -> None:
    device = registered(strict)
    here = Asked(strict)

    assert (here.lets_in(spoil(device, here.question)), failures(strict)) == (False, 1)


def test_an_authenticator_that_counts_backwards_was_copied(strict: Any) -> None:
    device = registered(strict)
    count_to(strict, 9)
    here = Asked(strict)

    assert (here.lets_in(device.get(here.question)), failures(strict)) == (False, 1)


def test_a_locked_account_is_locked_for_passkeys_too(strict: Any) -> None:
    device = registered(strict)
    here = Asked(strict)
    with strict.app.app_context():
        for _ in range(5):
            signing_in.failed(strict.numbers[OLGA], now=datetime.now(UTC))

    assert not here.lets_in(device.get(here.question))


def test_a_passkey_does_not_stand_for_the_code_that_sets_up_an_app(office: Any) -> None:
    browser, device = office.browser(OLGA), registered(office)
    page = browser.post("/desk/second-factor", {"setup": "authenticator"}, at="/desk/account").text
    asked = browser.get(f"/desk/cases/{office.file('erasure')}/approval").text
    form = {"credential": device.get(question_of(asked)), "code": ""}
    answer = browser.client.post("/desk/code", data=form | csrf_of(asked), headers=HEADERS)

    assert ("QR" in page, answer.status_code, "not accepted" in answer.text) == (True, 200, True)


def test_two_officers_approve_an_erasure_each_with_her_passkey(office: Any) -> None:
    case, states = office.file("erasure", who="eva@example.org"), []
    for email, act in ((OLGA, "approve"), (PAULA, "second-approve")):
        browser, device = office.browser(email), registered(office, email)
        page = browser.get(f"/desk/cases/{case}/approval").text
        form = {"plan": office.plan(case), "credential": "{}", "code": ""} | csrf_of(page)
        browser.client.post(f"/desk/cases/{case}/{act}", data=form, headers=HEADERS)
        states.append(office.case(case).status)
        page = browser.get(f"/desk/cases/{case}/approval").text
        form |= {"credential": device.get(question_of(page))} | csrf_of(page)
        browser.client.post(f"/desk/cases/{case}/{act}", data=form, headers=HEADERS)
        states.append(office.case(case).status)

    assert states == ["review", "second", "second", "acting"]


def test_a_passkey_is_removed_by_its_owner(office: Any) -> None:
    browsers = [office.browser(PAULA), office.browser(OLGA)]
    registered(office)
    with office.app.app_context(), store.reading() as session:
        number = session.scalars(select(Passkey.id)).one()
    left = []
    for browser in browsers:
        browser.post(f"/desk/passkeys/{number}/forget")
        with office.app.app_context():
            left.append(len(passkeys.of(office.numbers[OLGA])))

    assert left == [1, 0]


def test_an_administrator_forgets_passkeys_with_the_second_factor(office: Any) -> None:
    registered(office)
    with office.app.app_context():
        staff.reset_second_factor(office.numbers[OLGA], by="system", now=datetime.now(UTC))

        assert passkeys.of(office.numbers[OLGA]) == ()


def test_a_desk_that_is_opened_by_a_number_offers_none(office: Any) -> None:
    browser = office.browser(OLGA)
    registered(office)

    cookie = browser.client.get_cookie("desk", path="/desk").value
    browser.client.set_cookie("desk", cookie, path="/desk", domain="127.0.0.1")
    pages = [
        browser.client.get("/desk/passkeys", base_url=f"http://{host}", headers=HEADERS).text
        for host in ("localhost", "127.0.0.1")
    ]

    assert [question_of(page) != "" for page in pages] == [True, False]
    assert "not by a number" in pages[1]
