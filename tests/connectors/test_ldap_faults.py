"""Faults: a directory that goes away in the middle, proves nothing, lets in nobody, or refers elsewhere."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from connectors.ldap import Ldap
from directory import CLUB, PEOPLE, Case, Office, dn
from dsr.contract import Action, ConnectorError, Limits, State, Subject
from dsr.testing import ANA, EVA
from gate import Gate
from road import email
from servers.slapd import BASE, Slapd

pytestmark = pytest.mark.live
MINE = email(ANA.email)
DELETE = b"\x4a"
"""The tag of a DelRequest (RFC 4511, 4.8)."""


@pytest.fixture
def office(slapd: Slapd) -> Office:
    office = Office(slapd)
    office.empty()
    office.people([ANA, EVA])
    return office


def port(office: Office) -> int:
    return int(office.server.url.rpartition(":")[2])


def deletion(name: str) -> bytes:
    raw = name.encode()
    return DELETE + bytes([len(raw)]) + raw


def changing(name: str) -> bytes:
    """The name of a ModifyRequest and the start of its list of changes."""
    raw = name.encode()
    return b"\x04" + bytes([len(raw)]) + raw + b"\x30"


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("word", ["member", "laptop", "entry"])
def test_a_line_that_breaks_while_erasing_is_made_good(office: Office, word: str, lost: bool) -> None:
    words = {
        "member": changing(CLUB),
        "laptop": deletion(f"cn=laptop,{dn(ANA)}"),
        "entry": deletion(dn(ANA)),
    }
    case = Case(office)
    step = case.plan(Action.ERASE, MINE, block=True)
    straight = dict(case.settings)
    with closing(Gate(port(office), words[word], lost=lost)) as gate:
        case.settings["url"] = f"ldap://127.0.0.1:{gate.port}"
        with pytest.raises(ConnectorError) as caught:
            case.act(step)
        assert gate.broke
    case.settings = straight

    outcome = case.act(step)

    assert not caught.value.permanent
    assert outcome.state in (State.DONE, State.ALREADY)
    assert case.verify(step, outcome) == ()
    assert office.hers(ANA) == {"entries": 0, "memberships": 0}
    assert office.hers(EVA) == {"entries": 2, "memberships": 3}


def test_a_line_that_breaks_while_lifting_loses_nothing(office: Office) -> None:
    case = Case(office)
    before = office.content()
    aside = case.act(case.plan(Action.RESTRICT, MINE))
    step = case.plan(Action.LIFT, MINE, seals=tuple(one.id for one in aside.seals))
    straight = dict(case.settings)
    with closing(Gate(port(office), b"cn=laptop", nth=1, lost=True)) as gate:
        case.settings["url"] = f"ldap://127.0.0.1:{gate.port}"
        with pytest.raises(ConnectorError):
            case.act(step)
    case.settings = straight

    assert (case.act(step).state, office.content()) == (State.DONE, before)


def test_a_server_that_says_nothing_is_not_waited_for_long(office: Office) -> None:
    case = Case(office)
    with closing(Gate(port(office), b"mail", silent=True)) as gate:
        case.settings["url"] = f"ldap://127.0.0.1:{gate.port}"
        with pytest.raises(ConnectorError, match="in time") as caught:
            case.open(limits=Limits(statement_seconds=1)).locate([Subject("ana", (MINE,))])

    assert not caught.value.permanent


@pytest.mark.parametrize(("url", "tls"), [("secure_url", "starttls"), ("url", "starttls")])
def test_tls_with_the_right_authority_reaches_the_server(office: Office, url: str, tls: str) -> None:
    address = getattr(office.server, url).replace("127.0.0.1", "localhost")
    case = Case(office, url=address, tls=tls, ca=office.server.authority)

    assert sum(one.count for one in case.locate(MINE)) == 5


@pytest.mark.parametrize("url", ["secure_url", "url"])
@pytest.mark.parametrize(
    ("host", "known", "why"),
    [
        ("127.0.0.1", True, "it is of another name; write in the settings a name"),
        ("localhost", False, r"no authority trusted here signed it; write the certificate \(PEM\) .* 'ca'"),
    ],
)
def test_a_certificate_that_proves_nothing_is_refused(
    office: Office, url: str, host: str, known: bool, why: str
) -> None:
    address = getattr(office.server, url).replace("127.0.0.1", host)
    more = {"ca": office.server.authority} if known else {}
    case = Case(office, url=address, tls="starttls", **more)

    with pytest.raises(ConnectorError, match=f"does not prove its name: {why}") as caught:
        case.locate(MINE)

    assert caught.value.permanent


def test_a_wrong_password_is_said_without_saying_it(office: Office) -> None:
    with pytest.raises(ConnectorError, match="refuses the user and password") as caught:
        Case(office).open(password="equivocada").check()

    assert (caught.value.permanent, "equivocada" in str(caught.value)) == (True, False)


def test_an_empty_password_is_refused_before_anything_is_asked(office: Office) -> None:
    with pytest.raises(ConnectorError, match="'password' is empty"):
        Case(office).open(password="")


def test_a_server_inside_is_reached_only_when_allowed(office: Office) -> None:
    with pytest.raises(ConnectorError, match="allow_private"):
        Case(office, allow_private=False).locate(MINE)


def test_a_referral_is_not_followed(office: Office) -> None:
    with closing(Gate(port(office), b"never")) as gate:
        office.server.client("ldapadd", "-M", given=(
            f"dn: ou=far,{BASE}\nobjectClass: referral\nobjectClass: extensibleObject\nou: far\n"
            f"ref: ldap://127.0.0.1:{gate.port}/{PEOPLE}\n"
        ))  # fmt: skip
        try:
            assert sum(one.count for one in Case(office).locate(MINE)) == 5
            with pytest.raises(ConnectorError, match="another server"):
                Case(office, base=f"ou=far,{BASE}").locate(MINE)
        finally:
            office.server.client("ldapdelete", "-M", f"ou=far,{BASE}")


def test_check_tells_what_this_account_may_and_need_not(office: Office) -> None:
    office.modify(f"dn: {dn(ANA)}\nchangetype: modify\nadd: userPassword\nuserPassword: secreto")
    office.modify(f"dn: {dn(EVA)}\nchangetype: modify\nadd: userPassword\nuserPassword: secreto")

    codes = [one.code for one in Case(office, restrict="none").open().check()]

    assert codes == ["reached", "passwords", "rights_unknown"]


def test_check_names_what_is_not_there(office: Office) -> None:
    lost = [one.code for one in Case(office, base="ou=nowhere,dc=example,dc=org").open().check()]
    unheld = [one.code for one in Case(office, placeholder=f"cn=none,{BASE}").open().check()]

    assert lost == ["reached", "no_base"]
    assert unheld[:2] == ["reached", "no_placeholder"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", ""), ("url", "http://x"), ("url", "ldap://u:p@x"), ("base", "nonsense"), ("tls", "maybe"),
        ("identities", {"email": ["mail)(x=*"]}), ("identities", {"email": []}), ("identities", {}),
        ("references", ["member*"]), ("uids", []), ("restrict", "hide"), ("mark", {"attribute": "a"}),
        ("mark", {"attribute": "(x)", "value": "y"}), ("placeholder", "nobody"), ("basis", "because"),
        ("allow_private", "localhost"), ("nonsense", 1), ("user", 7), ("persons", []),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(office: Office, name: str, value: Any) -> None:
    with pytest.raises(ConnectorError, match=f"'{name}'") as caught:
        Case(office, **({"restrict": "mark"} if name == "mark" else {}) | {name: value}).open()

    assert caught.value.permanent


def test_a_wrong_certificate_authority_is_named(office: Office) -> None:
    with pytest.raises(ConnectorError, match="'ca'"):
        Case(office, ca="nonsense").locate(MINE)


def test_it_is_used_only_when_open() -> None:
    with pytest.raises(ConnectorError, match="not open"):
        Ldap().describe()
