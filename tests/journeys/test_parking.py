"""Twenty systems, one of them dead or out of budget: it is asked once, the others never wait for it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import select

from bookshelf import DEAD, SOON, SYSTEMS, TIMES_OUT, Watched, ask, case, counted, left, shelf, state
from dsr import store
from dsr.contract import ConnectorError
from dsr.domain.errors import Refusal
from dsr.services import clock, parking, review, systems
from dsr.services.house import house
from dsr.store.models import Batch
from dsr.store.operations import AuditEntry
from dsr.store.queries import operations
from stage import NOW, OLGA, work


@pytest.fixture
def books(tmp_path):
    with shelf(tmp_path) as found:
        yield found


def test_a_dead_system_is_asked_once_and_the_others_as_often_as_without_it(books):
    Watched.fails[DEAD, "*"] = ConnectorError("cannot be reached", permanent=False)
    references = [ask(number) for number in range(5)]
    work(NOW)

    calls = counted("locate")
    assert calls.pop(DEAD) == 1
    assert set(calls.values()) == {5}
    assert {case(one).status for one in references} == {"review"}
    assert (state(DEAD).last_error, state(DEAD).retry_at) == ("cannot be reached", NOW + parking.PAUSE)
    assert [key for key in SYSTEMS if state(key).last_error] == [DEAD]


def test_who_was_passed_by_is_searched_again_when_the_system_may_be_asked(books):
    Watched.fails[DEAD, "*"] = ConnectorError("out of budget", permanent=False, retry_at=SOON)
    references = [ask(number) for number in range(3)]
    work(NOW)
    waiting = {case(one).wake_at for one in references}
    clock.wake(now=SOON - timedelta(seconds=1))
    work(SOON - timedelta(seconds=1))
    before = counted("locate")[DEAD]
    Watched.fails.clear()

    clock.wake(now=SOON)
    work(SOON)

    assert (waiting, before, counted("locate")[DEAD]) == ({SOON}, 1, 4)
    assert {case(one).status for one in references} == {"answered"}
    assert [left(books, key) for key in SYSTEMS] == [{f"p{n}@example.org" for n in range(3, 10)}] * 20
    assert state(DEAD).last_error == ""


def test_while_one_system_rests_the_work_in_the_others_is_done_and_never_repeated(books):
    Watched.fails[DEAD, "act"] = ConnectorError("too many requests", permanent=False, retry_at=SOON)
    references = [ask(number) for number in range(3)]
    work(NOW, apart=True)
    waiting = {(case(one).status, case(one).wake_at) for one in references}
    asked_at_once = counted("act")
    Watched.fails.clear()

    clock.wake(now=SOON)
    work(SOON)

    assert waiting == {("attention", SOON)}
    assert asked_at_once == dict.fromkeys(SYSTEMS, 3) | {DEAD: 1}
    assert counted("act") == dict.fromkeys(SYSTEMS, 3) | {DEAD: 4}
    assert {case(one).status for one in references} == {"answered"}
    assert left(books, DEAD) == {f"p{n}@example.org" for n in range(3, 10)}


def test_what_could_not_be_read_back_is_not_called_done_and_is_never_done_twice(books):
    Watched.fails[DEAD, "verify"] = ConnectorError("too many requests", permanent=False, retry_at=SOON)
    reference = ask(1)
    work(NOW)
    found = case(reference)
    waiting = (found.status, found.wake_at, left(books, DEAD))
    Watched.fails.clear()

    clock.wake(now=SOON)
    work(SOON)

    assert waiting == ("attention", SOON, {f"p{n}@example.org" for n in range(10)} - {"p1@example.org"})
    assert (case(reference).status, counted("act")[DEAD]) == ("answered", 1)


def test_a_budget_that_lasts_for_days_is_not_a_failure(books):
    moments = [NOW + timedelta(days=n) for n in range(8)]
    Watched.fails[DEAD, "act"] = ConnectorError("out of budget", permanent=False, retry_at=moments[1])
    reference = ask(1)
    work(NOW)
    for today, tomorrow in zip(moments[1:], moments[2:], strict=False):
        Watched.fails[DEAD, "act"] = ConnectorError("out of budget", permanent=False, retry_at=tomorrow)
        clock.wake(now=today)
        work(today)

    found = case(reference)
    assert (found.status, found.wake_at) == ("attention", moments[-1])


def test_an_officer_who_retries_wakes_the_system_at_once(books):
    Watched.fails[DEAD, "act"] = ConnectorError("too many requests", permanent=False, retry_at=SOON)
    reference = ask(1)
    work(NOW)
    Watched.fails.clear()

    review.retry(reference, by=OLGA, now=NOW)
    work(NOW)

    assert (case(reference).status, state(DEAD).retry_at, state(DEAD).last_error) == ("answered", None, "")


def test_a_lasting_fault_is_shown_and_does_not_rest(books):
    Watched.fails[DEAD, "locate"] = ConnectorError("wrong password", permanent=True)
    ask(1)
    work(NOW)

    assert (state(DEAD).last_error, state(DEAD).retry_at) == ("wrong password", None)


def waits(cases, every):
    """How long each of so many people waits for her systems; one comes ``every`` so often, the clock looks
    at the systems after her."""
    found = []
    for number in range(cases):
        now = NOW + number * every
        Watched.waited.clear()
        ask(100 + number, "access", now)
        work(now)
        found.append(sum(Watched.waited))
        parking.tick(now=now)
    return found


def test_one_dead_system_of_twenty_leaves_the_wait_for_the_others_as_it_is(books):
    healthy = waits(30, timedelta(seconds=30))
    Watched.fails[DEAD, "*"] = ConnectorError("cannot be reached", permanent=False)
    ill = waits(30, timedelta(seconds=30))
    p95 = [sorted(one)[28] for one in (healthy, ill)]

    assert p95[1] <= p95[0] * 1.2
    assert [number for number, one in enumerate(ill) if one > TIMES_OUT] == [0]


def test_a_silent_system_is_looked_at_by_the_clock_and_its_cases_come_back_when_it_answers(books):
    Watched.fails[DEAD, "*"] = ConnectorError("cannot be reached", permanent=False)
    references = [ask(number) for number in range(3)]
    work(NOW)
    early = parking.tick(now=NOW + parking.PAUSE / 2)
    looks = [parking.tick(now=NOW + parking.PAUSE * n) for n in (1, 2, 3)]
    clock.wake(now=NOW + parking.PAUSE * 3)
    asleep = {case(one).status for one in references}
    before = (counted("locate")[DEAD], counted("check")[DEAD])
    Watched.fails.clear()

    later = NOW + parking.PAUSE * 4
    back = parking.tick(now=later)
    clock.wake(now=later)
    work(later)

    assert (early, looks, asleep, before, back) == (0, [0, 0, 0], {"review"}, (1, 3), 1)
    assert {case(one).status for one in references} == {"answered"}
    assert (state(DEAD).last_error, state(DEAD).retry_at, state(DEAD).silent) == ("", None, False)


def test_a_silent_system_that_was_taken_out_keeps_the_clock_from_no_other(books):
    for key in (DEAD, SYSTEMS[7]):
        Watched.fails[key, "*"] = ConnectorError("cannot be reached", permanent=False)
    ask(1)
    work(NOW)
    Watched.fails.clear()
    registry = house().registry
    registry._configured = tuple(one for one in registry.systems if one.key != DEAD)

    back = parking.tick(now=NOW + parking.PAUSE)

    assert back == 1
    assert parking.known("acme").parked(now=NOW + parking.PAUSE) == {}


def test_only_one_of_many_processes_looks_at_a_silent_system(books):
    Watched.fails[DEAD, "*"] = ConnectorError("cannot be reached", permanent=False)
    ask(1)
    work(NOW)
    with store.transaction() as tx:
        looks = [operations.looks(tx.session, "acme", NOW + parking.PAUSE, SOON) for _ in range(3)]

    assert looks == [[DEAD], [], []]


def test_where_nobody_keeps_time_work_asks_a_silent_system_itself_after_a_while(books):
    Watched.fails[DEAD, "*"] = ConnectorError("cannot be reached", permanent=False)
    ask(1)
    work(NOW)
    late = NOW + parking.PAUSE + parking.UNWATCHED
    rests = [DEAD in parking.known("acme").parked(now=at) for at in (late - timedelta(seconds=1), late)]

    assert rests == [True, False]


def test_an_officer_whose_check_goes_well_brings_the_waiting_cases_back(books):
    Watched.fails[DEAD, "*"] = ConnectorError("cannot be reached", permanent=False)
    reference = ask(1)
    work(NOW)
    Watched.fails.clear()

    systems.check("acme", DEAD, by="staff:1", now=NOW)
    clock.wake(now=NOW)
    work(NOW)

    assert case(reference).status == "answered"


def test_systems_with_limits_are_asked_after_all_others(books):
    fragile = [
        replace(one, parallel=1 if one.key == SYSTEMS[0] else None) for one in house().registry.systems
    ]
    house().registry._configured = tuple(fragile)
    ask(1)
    work(NOW)

    assert [key for key, what in Watched.calls if what == "locate"] == [*SYSTEMS[1:], SYSTEMS[0]]


def test_what_did_not_fit_into_a_budget_together_comes_back_one_by_one(books):
    store.attach(current_app, "house", replace(house(), policy=replace(house().policy, batch_cases=50)))
    Watched.fails[DEAD, "*"] = ConnectorError("out of budget", permanent=False, retry_at=SOON)
    for number in range(3):
        ask(number)
    work(NOW)

    clock.wake(now=SOON)

    with store.reading() as session:
        waiting = session.scalars(select(Batch).where(Batch.ended_at.is_(None)))
        assert [one.size for one in waiting] == [1, 1, 1]


OTHER = SYSTEMS[7]


@pytest.fixture
def two_fail(books):
    """A case that failed in two systems for good; both work again."""
    for key in (DEAD, OTHER):
        Watched.fails[key, "act"] = ConnectorError("the key was revoked", permanent=True)
    reference = ask(1)
    work(NOW)
    assert case(reference).status == "attention"
    Watched.fails.clear()
    return reference


def test_one_system_is_tried_again_without_the_others(books, two_fail):
    review.retry(two_fail, system=DEAD, by=OLGA, now=NOW)
    work(NOW)

    asked = counted("act")
    assert (case(two_fail).status, asked[DEAD], asked[OTHER]) == ("attention", 2, 1)
    assert ("p1@example.org" in left(books, DEAD), "p1@example.org" in left(books, OTHER)) == (False, True)
    with store.reading() as session:
        (said,) = session.scalars(select(AuditEntry).where(AuditEntry.kind == "case.retried")).all()
    assert (said.actor, said.data["system"], said.data["move"]) == ("staff:1", DEAD, "retry")


def test_afterwards_everything_can_be_tried_again(books, two_fail):
    review.retry(two_fail, system=DEAD, by=OLGA, now=NOW)
    work(NOW)
    review.retry(two_fail, by=OLGA, now=NOW)
    work(NOW)

    assert (case(two_fail).status, counted("act")[DEAD], counted("act")[OTHER]) == ("answered", 2, 2)


@pytest.mark.parametrize("system", [SYSTEMS[0], "nowhere"])
def test_a_system_where_nothing_is_open_is_not_tried_again(two_fail, system):
    with pytest.raises(Refusal) as refused:
        review.retry(two_fail, system=system, by=OLGA, now=NOW)

    assert (refused.value.code, case(two_fail).status) == ("retry.system", "attention")


def test_a_search_is_tried_again_wherever_it_failed(books):
    Watched.fails[DEAD, "*"] = ConnectorError("the key was revoked", permanent=True)
    reference = ask(1)
    work(NOW)

    with pytest.raises(Refusal) as refused:
        review.retry(reference, system=DEAD, by=OLGA, now=NOW)

    assert refused.value.code == "retry.search"
