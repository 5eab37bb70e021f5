"""What stops an erasure that no person approves, while it is under way and before it has begun."""

from datetime import timedelta

import pytest

from bench import populace
from bench.populace import address
from dsr import store
from dsr.services import action, intake, legal_hold, parking, systems
from dsr.services.intake import Filing, Wanted
from dsr.services.officers import Officer
from dsr.store.queries import people
from stage import NOW, controller, installation, work


@pytest.fixture
def acted(tmp_path, monkeypatch):
    """The systems that were told to act, over three stores with the same people."""
    configured = []
    for key, tables in populace.STORES.items():
        populace.fill_sqlite(tmp_path / f"{key}.sqlite3", tables, 2)
        configured.append(populace.system(key, f"sqlite:///{tmp_path}/{key}.sqlite3"))
    names = tuple(one.key for one in configured)
    chosen = controller(systems=names, auto_approve=frozenset(("access", "erasure")))
    whole, told = action.act, []

    def act(connector, system, jobs, *more):
        told.append(system)
        whole(connector, system, jobs, *more)

    monkeypatch.setattr(action, "act", act)
    with installation(tmp_path / "instance", configured, controllers=(chosen,), four_eyes=False):
        yield told


def ask(right):
    asked = Filing(
        "acme", "es", "ES", (Wanted(right),), (("email", address(1)),), verified_reason="en persona"
    )
    return intake.submit(asked, by="staff:1", now=NOW).cases[0]


def status(reference):
    with store.reading() as session:
        return people.case(session, reference).status


def test_a_switch_stops_what_is_under_way_before_the_next_system(acted, monkeypatch):
    whole = action.act

    def held_meanwhile(*args):
        whole(*args)
        systems.hold("acme", "*", True, by="staff:1", now=NOW)

    monkeypatch.setattr(action, "act", held_meanwhile)
    monkeypatch.setattr(parking, "FRESH_SECONDS", 0.0)
    reference = ask("erasure")
    work()

    assert (status(reference), len(acted)) == ("attention", 1)


def test_a_hold_on_another_case_of_hers_stops_an_erasure_that_needs_no_person(acted):
    copy = ask("access")
    work()
    day = NOW.date() + timedelta(days=30)
    legal_hold.hold(copy, "pleito 12/2026", day, by=Officer(7, ("legal",)), now=NOW)
    reference = ask("erasure")
    work()

    assert (status(copy), status(reference), acted) == ("answered", "attention", [])
