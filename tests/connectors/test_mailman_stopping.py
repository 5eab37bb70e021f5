"""Objections, restrictions and crashes at a real Mailman."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dsr.contract import Action, ConnectorError, Purpose, State
from dsr.testing import NOW
from mailing import ANA, EVA, EXTRA, NEWS, OFFERS, Case, Desk, crashing
from servers.mailman import Mailman as Server

pytestmark = pytest.mark.live


@pytest.fixture
def desk(mailman: Server) -> Desk:
    return Desk(mailman).people()


@pytest.fixture
def case(desk: Desk) -> Case:
    return Case(desk, moderation=False)


def test_unsubscribing_sends_no_mail_and_waits_for_no_moderator(desk: Desk, case: Case) -> None:
    desk.call("PATCH", f"lists/{NEWS}/config", unsubscription_policy="moderate", admin_notify_mchanges=True)
    before = desk.sent()

    outcome = case.do(Action.STOP, ANA, channels=("marketing",))

    assert (outcome.state, desk.sent()) == (State.DONE, before)
    assert desk.hers(ANA) == {"users": 1, "addresses": 1, "memberships": 0}


def test_an_objection_to_tracking_changes_nothing_here(desk: Desk, case: Case) -> None:
    assert case.plan(Action.STOP, ANA, channels=("tracking",)).items == ()


def test_an_objection_leaves_the_role_of_owner(desk: Desk, case: Case) -> None:
    desk.subscribe(ANA, NEWS, role="owner")

    case.do(Action.STOP, ANA)

    assert desk.hers(ANA)["memberships"] == 1


def test_an_objection_that_disables_and_bans_is_done_once(desk: Desk) -> None:
    case = Case(desk, moderation=False, stop="disable", ban=True)

    first = case.do(Action.STOP, ANA)
    again = case.act(case.plan(Action.STOP, ANA))

    assert (first.state, again.state) == (State.DONE, State.ALREADY)
    assert desk.rows("SELECT email, list_id FROM ban") == [(ANA, None)]
    stopped = (
        "SELECT count(*) FROM member m JOIN preferences p ON p.id = m.preferences_id WHERE p.delivery_status"
    )
    assert desk.count(f"{stopped} = 4") == 2


def test_a_banned_address_cannot_be_subscribed_again(desk: Desk) -> None:
    Case(desk, moderation=False, ban=True, lists=[NEWS, OFFERS]).do(Action.STOP, ANA)

    answer = desk.http.post("members", data={"list_id": NEWS, "subscriber": ANA})

    assert (answer.status_code, answer.json()["description"]) == (400, "Membership is banned")


def test_verify_notices_that_a_ban_was_lifted(desk: Desk) -> None:
    case = Case(desk, moderation=False, ban=True)
    step = case.plan(Action.STOP, ANA)
    outcome = case.act(step)
    desk.call("DELETE", f"bans/{ANA}")

    assert [one.item.partition(":")[0] for one in case.verify(step, outcome)] == ["bans"]


def restricted(case: Case) -> tuple[str, ...]:
    outcome = case.do(Action.RESTRICT, ANA)
    assert [one.purpose for one in outcome.seals] == [Purpose.SET_ASIDE]
    return tuple(one.id for one in outcome.seals)


def test_lifting_gives_back_each_preference(desk: Desk, case: Case) -> None:
    first, second = (desk.entries(f"addresses/{ANA}/memberships")[n]["self_link"] for n in (0, 1))
    desk.call("PATCH", f"{first}/preferences", delivery_status="by_user", hide_address="true")
    desk.call("PATCH", f"{second}/preferences", delivery_mode="mime_digests", preferred_language="en")
    before = desk.content()
    seals = restricted(case)
    assert desk.content() != before

    assert case.do(Action.LIFT, ANA, seals=seals).state is State.DONE
    assert desk.content() == before


def test_lifting_leaves_what_she_set_herself_meanwhile(desk: Desk, case: Case) -> None:
    seals = restricted(case)
    for one in desk.entries(f"addresses/{ANA}/memberships"):
        desk.call("PATCH", f"{one['self_link']}/preferences", delivery_status="by_user")
    before = desk.content()

    assert case.do(Action.LIFT, ANA, seals=seals).state is State.ALREADY
    assert desk.content() == before


def test_a_crash_while_lifting_loses_no_preference(desk: Desk, case: Case) -> None:
    for one in desk.entries(f"addresses/{ANA}/memberships"):
        desk.call("PATCH", f"{one['self_link']}/preferences", hide_address="true")
    before = desk.content()
    step = case.plan(Action.LIFT, ANA, seals=restricted(case))

    with crashing(case, after=1), pytest.raises(ConnectorError):
        case.act(step)

    assert case.act(step).state is State.DONE
    assert desk.content() == before


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_crash_between_calls_repeats_harmlessly(desk: Desk, after: int, lost: bool) -> None:
    desk.subscribe(ANA, EXTRA)
    case = Case(desk, moderation=False, lists=[NEWS, OFFERS, EXTRA])
    step = case.plan(Action.STOP, ANA)

    with crashing(case, after=after, lost=lost), pytest.raises(ConnectorError):
        case.act(step)
    outcome = case.act(step)

    assert outcome.state in (State.DONE, State.ALREADY)
    assert case.verify(step, outcome) == ()
    assert (desk.hers(ANA)["memberships"], desk.hers(EVA)["memberships"]) == (0, 2)


def test_a_throttled_server_is_left_alone_until_it_says(desk: Desk, case: Case) -> None:
    step = case.plan(Action.ERASE, ANA)

    with (
        crashing(case, after=0, status=429, headers={"Retry-After": "90"}),
        pytest.raises(ConnectorError) as caught,
    ):
        case.act(step)

    assert (caught.value.permanent, caught.value.retry_at) == (False, NOW + timedelta(seconds=90))
    assert desk.hers(ANA)["memberships"] == 2


MOVED = (
    "UPDATE member SET address_id = (SELECT id FROM address WHERE email = ?) WHERE id ="
    " (SELECT min(m.id) FROM member m JOIN address a ON a.id = m.address_id WHERE a.email = ?)"
)


@pytest.mark.parametrize("action", [Action.STOP, Action.RESTRICT])
def test_a_subscription_that_became_evas_is_a_conflict(desk: Desk, case: Case, action: Action) -> None:
    step = case.plan(action, ANA)
    desk.write(MOVED, values=(EVA, ANA))
    before = desk.content()

    assert (case.act(step).state, desk.content()) == (State.CONFLICT, before)


def test_nothing_is_given_back_to_eva(desk: Desk, case: Case) -> None:
    step = case.plan(Action.LIFT, ANA, seals=restricted(case))
    desk.write(MOVED, values=(EVA, ANA))
    before = desk.content()

    assert (case.act(step).state, desk.content()) == (State.CONFLICT, before)
