"""A case that could not be searched everywhere comes back: who has answered is not asked again."""

import json
from datetime import timedelta

import pytest

from bookshelf import DEAD, SOON, SYSTEMS, Watched, approve, ask, case, counted, left, shelf
from dsr import store
from dsr.contract import ConnectorError, Identifier
from dsr.services import clock, recalling
from dsr.store.queries import desk, people
from dsr.store.queries import work as queries
from stage import NOW, work


@pytest.fixture
def books(tmp_path):
    with shelf(tmp_path) as found:
        yield found


def searched(reference):
    """When each system was searched for the newest plan of a case, and what it answered."""
    with store.reading() as session:
        found = people.case(session, reference)
        rows = queries.searches(session, [found.id])
        return {row.system: (row.found, row.at) for row in rows if row.generation == found.generation}


def without_one_system(until=SOON):
    """A case that was searched while a system was out of its budget; from now on it answers."""
    Watched.fails[DEAD, "*"] = ConnectorError("out of budget", permanent=False, retry_at=until)
    reference = ask(1)
    work(NOW)
    Watched.fails.clear()
    return reference


def again(now=SOON):
    clock.wake(now=now)
    work(now)


def test_only_who_could_not_be_searched_is_searched_again(books):
    reference = without_one_system()

    again()

    assert counted("locate") == dict.fromkeys(SYSTEMS, 1) | {DEAD: 2}
    assert case(reference).status == "answered"
    assert searched(reference) == dict.fromkeys(SYSTEMS, ("found", NOW)) | {DEAD: ("found", SOON)}
    assert ["p1@example.org" in left(books, key) for key in SYSTEMS] == [False] * 20


def test_what_the_missing_system_reveals_is_looked_for_in_all_others(books):
    Watched.reveals[DEAD] = (Identifier("email", "p9@example.org", ("p9@example.org",)),)
    reference = without_one_system()

    again()

    assert counted("locate") == dict.fromkeys(SYSTEMS, 2) | {DEAD: 3}
    assert set(searched(reference).values()) == {("found", SOON)}
    assert [{"p1@example.org", "p9@example.org"} & left(books, key) for key in SYSTEMS] == [set()] * 20


def test_an_answer_of_yesterday_is_not_taken_up(books):
    later = NOW + recalling.FRESH
    reference = without_one_system(later)

    again(later)

    assert counted("locate") == dict.fromkeys(SYSTEMS, 2)
    assert set(searched(reference).values()) == {("found", later)}


def test_after_a_conflict_every_system_is_searched_again(books):
    Watched.fails[DEAD, "locate"] = ConnectorError("the key was revoked", permanent=True)
    reference = ask(1)
    work(NOW)
    path = books / f"{SYSTEMS[0]}.json"
    data = json.loads(path.read_text())
    data["cards"][1]["email"] = "somebody@example.org"
    path.write_text(json.dumps(data))
    approve(reference)

    work(NOW)

    assert counted("locate") == dict.fromkeys(SYSTEMS, 2)
    assert "somebody@example.org" in left(books, SYSTEMS[0])


def test_after_a_new_proof_every_system_is_searched_again(books):
    reference = without_one_system()
    with store.transaction() as tx:
        people.case(tx.session, reference).submission.identifiers[0].proved_at = NOW + timedelta(minutes=1)

    again()

    assert counted("locate") == dict.fromkeys(SYSTEMS, 2)


def test_an_answer_that_promises_to_go_on_stays_among_what_failed(books):
    Watched.fails[DEAD, "*"] = ConnectorError("the key was revoked", permanent=True)
    reference = ask(1)
    work(NOW)

    approve(reference)
    work(NOW)

    with store.reading() as session:
        lines = desk.review_queue(session, desk.Wanted(("acme",), failed=True))
        counted = desk.counts(session, ("acme",), 1, NOW.date(), NOW.date()).failed
    assert (case(reference).status, case(reference).ending) == ("answered", "partly")
    assert ([one.reference for one in lines], counted) == ([reference], 1)
