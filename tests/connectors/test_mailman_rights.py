"""Traps of a real Mailman: several addresses, last owners, lists of others, what waits for moderators."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.mailman import Mailman
from dsr.contract import Action, Change, ConnectorError, Found, Match, Record, State, Verb
from mailing import ANA, EVA, EXTRA, NEWS, OFFERS, SECOND, Case, Desk, subject
from servers.mailman import Mailman as Server

pytestmark = pytest.mark.live


@pytest.fixture
def desk(mailman: Server) -> Desk:
    return Desk(mailman).people()


@pytest.fixture
def case(desk: Desk) -> Case:
    return Case(desk, moderation=False)


def matches(records: Sequence[Record]) -> dict[str, Match]:
    return {one.collection: one.match for one in records}


def test_a_confirmed_second_address_is_revealed_and_erased_with_the_account(desk: Desk, case: Case) -> None:
    desk.link(ANA, SECOND, confirmed=True)

    account = next(one for one in case.locate(ANA) if one.collection == "users")
    outcome = case.do(Action.ERASE, ANA, SECOND)

    assert [one.value for one in account.reveals] == [SECOND]
    assert outcome.state is State.DONE
    assert desk.hers(ANA) | desk.hers(SECOND) == {"users": 0, "addresses": 0, "memberships": 0}


def test_an_address_that_nobody_confirmed_reveals_nothing(desk: Desk, case: Case) -> None:
    desk.link(ANA, SECOND, confirmed=False)

    account = next(one for one in case.locate(ANA) if one.collection == "users")

    assert (account.match, account.reveals) == (Match.EXACT, ())


def test_an_account_that_noted_down_her_address_is_only_proposed(desk: Desk, case: Case) -> None:
    desk.link(EVA, SECOND, confirmed=False)

    assert matches(case.locate(SECOND)) == {"users": Match.PROPOSED, "addresses": Match.EXACT}


def test_an_account_with_another_address_stays_and_loses_only_hers(desk: Desk, case: Case) -> None:
    desk.link(ANA, SECOND, confirmed=True)

    step = case.plan(Action.ERASE, ANA)
    outcome = case.act(step)

    kept = [item.collection for item in step.items if item.verb is Verb.KEEP]
    assert (kept, outcome.state) == (["users"], State.DONE)
    assert desk.hers(ANA) == {"users": 0, "addresses": 0, "memberships": 0}
    assert desk.hers(SECOND) == {"users": 1, "addresses": 1, "memberships": 0}
    assert case.verify(step, outcome) == ()


def test_an_address_linked_after_the_plan_is_a_conflict(desk: Desk, case: Case) -> None:
    step = case.plan(Action.ERASE, ANA)
    desk.link(ANA, SECOND, confirmed=True)
    before = desk.content()

    assert (case.act(step).state, desk.content()) == (State.CONFLICT, before)


def test_an_address_without_an_account_is_erased(desk: Desk, case: Case) -> None:
    desk.call("DELETE", f"addresses/{ANA}/user")

    assert matches(case.locate(ANA)) == {"addresses": Match.EXACT, "memberships": Match.EXACT}
    assert case.do(Action.ERASE, ANA).state is State.DONE
    assert desk.hers(ANA) == {"users": 0, "addresses": 0, "memberships": 0}


def test_a_star_is_no_wildcard_without_an_account_either(desk: Desk, case: Case) -> None:
    desk.subscribe("*@correo.example", NEWS)
    desk.call("DELETE", "addresses/%2A@correo.example/user")

    found = case.locate("*@correo.example")

    assert [(one.collection, one.count) for one in found] == [("addresses", 1), ("memberships", 1)]


def test_an_address_with_a_slash_is_said_not_to_be_searched(desk: Desk, case: Case) -> None:
    with case.open() as connector:
        found = connector.locate([subject(f"{ANA}/user")])

    assert (found.records, found.searched[0].found) == ((), Found.FAILED)


def test_the_last_owner_of_a_list_is_a_conflict(desk: Desk, case: Case) -> None:
    desk.subscribe(ANA, NEWS, role="owner")

    assert [one.kind for one in case.plan(Action.ERASE, ANA).conflicts] == ["last_owner"]


def test_an_owner_goes_when_there_is_another(desk: Desk, case: Case) -> None:
    for email in (ANA, EVA):
        desk.subscribe(email, NEWS, role="owner")

    assert case.do(Action.ERASE, ANA).state is State.DONE
    assert desk.hers(ANA)["memberships"] == 0


def test_becoming_the_last_owner_after_the_plan_is_a_conflict(desk: Desk, case: Case) -> None:
    for email in (ANA, EVA):
        desk.subscribe(email, NEWS, role="owner")
    step = case.plan(Action.ERASE, ANA)
    desk.call("DELETE", f"lists/{NEWS}/owner/{EVA}")

    assert case.act(step).state is State.CONFLICT


def test_lists_of_somebody_else_are_neither_shown_nor_touched(desk: Desk) -> None:
    case = Case(desk, moderation=False, lists=[NEWS.replace(".", "@", 1)])
    with case.open() as connector:
        rows = [row for _, row in connector.read(case.locate(ANA)).rows]

    outcome = case.do(Action.ERASE, ANA)

    assert [row.values["list_id"] for row in rows if row.collection == "memberships"] == [NEWS]
    assert sorted((one.changed, one.kept) for one in outcome.items) == [(0, 1), (0, 1), (1, 0)]
    assert desk.hers(ANA) == {"users": 1, "addresses": 1, "memberships": 1}


def test_an_address_in_lists_of_others_alone_is_not_shown(desk: Desk) -> None:
    assert Case(desk, moderation=False, lists=[EXTRA]).locate(ANA) == ()


def test_a_new_address_is_not_a_rectification(desk: Desk, case: Case) -> None:
    change = Change("user.contact.email", "nueva@correo.example")

    step = case.plan(Action.RECTIFY, ANA, changes=(change,))

    assert ([one.kind for one in step.conflicts], step.items) == (["unsupported"], ())


def test_a_name_changed_after_the_plan_is_a_conflict(desk: Desk, case: Case) -> None:
    step = case.plan(Action.RECTIFY, ANA, changes=(Change("user.name", "Ana María"),))
    desk.call("PATCH", f"users/{ANA}", display_name="Anita")

    assert case.act(step).state is State.CONFLICT
    assert desk.rows("SELECT display_name FROM user u WHERE display_name LIKE 'An%'") == [("Anita",)]


def test_what_a_data_category_does_not_name_here_is_no_work(desk: Desk, case: Case) -> None:
    step = case.plan(Action.RECTIFY, ANA, changes=(Change("user.contact.phone_number", "+34600100101"),))

    assert (step.items, step.conflicts) == ((), ())


def test_no_password_is_read(desk: Desk, case: Case) -> None:
    desk.call("PATCH", f"users/{ANA}", cleartext_password="secreto")

    with case.open() as connector:
        rows = [row for _, row in connector.read(case.locate(ANA)).rows]

    assert [name for row in rows for name in row.values if "password" in name] == []
    assert sorted(row.collection for row in rows) == ["addresses", "memberships", "memberships", "users"]


def test_a_request_that_waits_is_hers_and_goes(desk: Desk) -> None:
    case = Case(desk)
    desk.call("PATCH", f"lists/{EXTRA}/config", subscription_policy="moderate")
    form = {"list_id": EXTRA, "subscriber": ANA, "pre_verified": True, "pre_confirmed": True}
    token = desk.call("POST", "members", **form)["token"]

    record = next(one for one in case.locate(ANA) if one.collection == "requests")
    outcome = case.do(Action.ERASE, ANA)

    assert (record.match, token in repr(record)) == (Match.EXACT, False)
    assert (outcome.state, desk.count("SELECT count(*) FROM pended")) == (State.DONE, 0)


def test_a_ban_stays_and_is_shown(desk: Desk) -> None:
    case = Case(desk)
    desk.call("POST", "bans", email=ANA)
    desk.call("POST", f"lists/{NEWS}/bans", email="^.*@spam.example")

    step = case.plan(Action.ERASE, ANA)
    outcome = case.act(step)

    assert [item.collection for item in step.items if item.verb is Verb.KEEP] == ["bans"]
    assert (outcome.state, case.verify(step, outcome)) == (State.DONE, ())
    assert desk.count("SELECT count(*) FROM ban") == 2


def test_a_held_message_is_proposed_and_goes_when_an_officer_agrees(desk: Desk, tmp_path: Path) -> None:
    case = Case(desk)
    desk.hold(ANA, NEWS, tmp_path)

    records = case.locate(ANA)
    held = next(one for one in records if one.collection == "held_messages")
    with case.open() as connector:
        row = connector.read([held]).rows[0][1]
    outcome = case.do(Action.ERASE, ANA, records=records)

    assert (held.match, row.values["subject"], row.withheld) == (Match.PROPOSED, "Hola", ("message",))
    assert "Un secreto." in row.values["message"]
    assert (outcome.state, desk.count("SELECT count(*) FROM _request")) == (State.DONE, 0)


def test_check_names_a_missing_list(desk: Desk) -> None:
    with Case(desk, lists=[NEWS, "nadie.listas.example"]).open() as connector:
        findings = connector.check()

    assert [one.code for one in findings] == ["reached", "no_list", "mighty"]


def test_a_wrong_password_is_said_without_saying_it(desk: Desk) -> None:
    connector = Mailman()
    connector.open(replace(Case(desk).context(), secret=lambda name: "equivocada"))

    with closing(connector), pytest.raises(ConnectorError, match="refuses the user and password") as caught:
        connector.check()

    assert (caught.value.permanent, "equivocada" in str(caught.value)) == (True, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stop", "delete"), ("ban", "yes"), ("lists", []), ("lists", NEWS), ("basis", "because"),
        ("purpose", {"es": "Enviar"}), ("allow_private", "localhost"), ("nonsense", 1), ("url", ""),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(desk: Desk, name: str, value: object) -> None:
    with pytest.raises(ConnectorError, match=f"'{name}'") as caught:
        Mailman().open(Case(desk, **{name: value}).context())

    assert caught.value.permanent


def test_a_server_inside_is_reached_only_when_allowed(desk: Desk) -> None:
    refused = pytest.raises(ConnectorError, match="allow_private")
    with Case(desk, allow_private=False).open() as connector, refused as caught:
        connector.check()

    assert caught.value.permanent


def listed(case: Case) -> tuple[list[str], int]:
    """(every address that is listed, how many pages it took)."""
    found, pages, after = [], 0, None
    with case.open() as connector:
        while True:
            page = connector.identifiers(after)
            found += [value for _, value in page.identifiers]
            pages, after = pages + 1, page.cursor
            if after is None:
                return sorted(found), pages


def test_every_address_of_the_server_is_listed(desk: Desk, case: Case) -> None:
    known = [one["email"] for one in desk.entries("addresses")]

    assert listed(case) == (sorted(known), 1)
    assert {ANA, EVA} <= set(known)


def test_only_addresses_of_the_lists_it_speaks_for_are_listed(desk: Desk) -> None:
    desk.subscribe("more@correo.example", EXTRA, "More")
    desk.subscribe("other@correo.example", OFFERS, "Other")

    found, pages = listed(Case(desk, moderation=False, lists=[EXTRA, NEWS]))

    members = {one["email"] for name in (EXTRA, NEWS) for one in desk.entries(f"lists/{name}/roster/member")}
    assert (set(found), pages) == (members, 2)
    assert ("more@correo.example" in found, "other@correo.example" in found) == (True, False)


@pytest.mark.parametrize("cursor", ["", "x", '["nowhere.example", 1]', '["", 0]'])
def test_a_cursor_of_another_list_is_refused(case: Case, cursor: str) -> None:
    with case.open() as connector, pytest.raises(ConnectorError, match="not of this list"):
        connector.identifiers(cursor)
