"""A person who alone needs more calls than a minute of a system holds: said once, never tried for ever."""

import json
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import select

from dsr import store
from dsr.domain.organisation import SystemConfig
from dsr.registry import Registry
from dsr.services import clock, intake, rechecking, returning, review
from dsr.services.house import house
from dsr.services.intake import Filing, Wanted
from dsr.services.pacing import ALONE, Pacing
from dsr.services.viewing import found
from dsr.store.custody import ReturnSweep
from dsr.store.models import Case, Search, Work
from dsr.store.queries import operations, people
from dsr.store.queries import work as queries
from fakes import Notebook
from stage import NOW, OLGA, controller, installation, work

BUDGET = 4


class Counted(Notebook):
    """Makes so many calls for each person in a search and, for the plan, in a reading."""

    kind = "counted"
    locating = 1
    planning = 0
    verifying = 0

    def locate(self, subjects, after=None):
        for _ in range(self.locating * len(subjects)):
            self.context.calling()
        return super().locate(subjects, after)

    def plan(self, intents):
        for _ in range(self.planning * len(intents)):
            self.context.calling()
        return super().plan(intents)

    def verify(self, pairs):
        for _ in range(self.verifying * len(pairs)):
            self.context.calling()
        return super().verify(pairs)


@pytest.fixture
def moment():
    return [NOW]


@pytest.fixture
def book(tmp_path, moment):
    path = tmp_path / "book.json"
    cards = [
        {"id": n, "email": f"p{n}@example.org", "name": "Ana", "news": True, "restricted": False}
        for n in range(3)
    ]
    path.write_text(json.dumps({"cards": cards, "notes": []}))
    system = SystemConfig(
        key="crm",
        kind="counted",
        title="CRM",
        controllers=("acme",),
        settings={"path": str(path)},
        acting=("access", "objection", "erasure"),
        per_minute=BUDGET,
    )
    chosen = controller(systems=("crm",), auto_approve=frozenset())
    installed = replace(system, kind="manual")
    with installation(
        tmp_path / "instance", [installed], controllers=(chosen,), batch_cases=50, four_eyes=False
    ):
        points = [EntryPoint("counted", f"{__name__}:Counted", "dsr.connectors")]
        registry = Registry([system], points=points, pace=Pacing("here", lambda: moment[0]))
        registry._factories["counted"] = Counted
        store.attach(current_app, "house", replace(house(), registry=registry))
        yield registry


@pytest.fixture
def costs(monkeypatch):
    def costs(*, locating=1, planning=0, verifying=0):
        monkeypatch.setattr(Counted, "locating", locating)
        monkeypatch.setattr(Counted, "planning", planning)
        monkeypatch.setattr(Counted, "verifying", verifying)

    return costs


def ask(number=1, wanted=Wanted("access")):
    filing = Filing(
        "acme",
        "es",
        "ES",
        (wanted,),
        (("email", f"p{number}@example.org"),),
        verified_reason="en persona",
    )
    return intake.submit(filing, by="staff:1", now=NOW).cases[0]


def case(reference) -> Case:
    with store.reading() as session:
        return people.case(session, reference)


def said(reference) -> Search:
    with store.reading() as session:
        mine = select(Search).join(Case, Case.id == Search.case_id).where(Case.reference == reference)
        return session.scalars(mine.order_by(Search.generation.desc())).first()


@pytest.mark.parametrize(("locating", "planning"), [(3 * BUDGET, 0), (3, 3)])
def test_more_than_a_minute_holds_is_said_with_what_to_do_and_not_tried_again(
    book, costs, locating, planning
):
    costs(locating=locating, planning=planning)
    reference = ask()
    work(NOW)

    for minutes in (2, 70, 60 * 24):
        clock.wake(now=NOW + timedelta(minutes=minutes))

    assert work(NOW + timedelta(days=1)) == 0
    assert (case(reference).failed, case(reference).wake_at, said(reference).found) == (True, None, "failed")
    told = {language: found.said(said(reference).why, language) for language in ("es", "en", "pt")}
    assert told == {language: text.format(BUDGET) for language, text in ALONE.items()}


def test_a_raised_limit_and_another_search_end_it(book, costs, moment):
    costs(locating=3 * BUDGET)
    reference = ask()
    work(NOW)
    book._configured = tuple(replace(one, per_minute=20) for one in book.systems)
    moment[0] = later = NOW + timedelta(minutes=5)

    review.retry(reference, by=OLGA, now=later)
    work(later)

    assert (case(reference).failed, said(reference).found) == (False, "found")


def test_what_is_too_much_only_together_comes_back_by_itself(book, costs, moment):
    costs(locating=3)
    references = [ask(number) for number in range(2)]
    work(NOW)

    for minute in range(2, 8, 2):
        moment[0] = NOW + timedelta(minutes=minute)
        clock.wake(now=moment[0])
        work(moment[0])

    assert [(case(one).failed, said(one).found) for one in references] == [(False, "found")] * 2


def test_who_finds_a_minute_half_used_by_others_comes_back_by_itself(book, costs, moment):
    costs(locating=3)
    first = ask(0)
    work(NOW)
    second = ask(1)
    work(NOW)

    assert (case(first).failed, case(second).failed) == (False, True)
    assert case(second).wake_at is not None


def objected(book, moment):
    """Three people objected; the sweep begins a week later."""
    for number in range(3):
        reference = ask(number, Wanted("objection", channels=("marketing",)))
        moment[0] += timedelta(minutes=2)
        work(moment[0])
        assert case(reference).status == "answered"
    moment[0] += timedelta(days=7)


def swept(moment, minutes):
    """What the sweep has to say after so many looks, one a minute."""
    for _ in range(minutes):
        returning.tick(now=moment[0])
        moment[0] += timedelta(minutes=1, seconds=1)
    with store.reading() as session:
        row = session.get_one(ReturnSweep, ("acme", "crm"))
        return row.ended_at is not None, row.back, row.why


def test_a_sweep_goes_on_one_by_one_where_a_minute_does_not_hold_all(book, moment, costs):
    objected(book, moment)
    path = Path(book.system("acme", "crm").settings["path"])
    cards = json.loads(path.read_text())
    for card in cards["cards"]:
        card["news"] = True
    path.write_text(json.dumps(cards))
    costs(locating=3)

    ended, back, _ = swept(moment, 20)

    assert (ended, back) == (True, 3)


def test_who_alone_needs_more_than_a_minute_holds_is_passed_over_by_the_sweep(book, moment, costs):
    objected(book, moment)
    costs(locating=2 * BUDGET)

    ended, back, why = swept(moment, 15)

    assert (ended, back, why) == (True, 0, f"its budget of {BUDGET} calls a minute is used up")


def test_a_sweep_passes_a_system_by_while_it_rests(book, moment, costs):
    objected(book, moment)
    with store.transaction() as tx:
        operations.write_run(
            tx.session,
            ("acme", "crm"),
            {
                "last_error": "down",
                "retry_at": moment[0] + timedelta(hours=1),
                "silent": False,
                "last_run_at": NOW,
            },
            acting=["objection"],
        )

    returning.tick(now=moment[0])

    with store.reading() as session:
        assert session.get(ReturnSweep, ("acme", "crm")) is None


def to_read_again():
    """The outcomes that are still to be read again."""
    with store.reading() as session:
        return session.scalars(select(Work.case_id).where(Work.check_after.is_not(None))).all()


@pytest.mark.parametrize("verifying", [3, 2 * BUDGET])
def test_what_is_read_again_is_read_one_by_one_where_a_minute_does_not_hold_all(
    book, moment, costs, verifying
):
    for number in range(3):
        reference = ask(number, Wanted("erasure"))
        moment[0] += timedelta(minutes=2)
        work(moment[0])
        with store.reading() as session:
            shown = queries.latest_plans(session, [case(reference).id])[case(reference).id].hash
        review.approve(reference, shown, by=OLGA, now=moment[0])
        work(moment[0])
        assert case(reference).status == "answered"
    assert len(to_read_again()) == 3
    costs(verifying=verifying)
    moment[0] += timedelta(days=8)

    for _ in range(20):
        rechecking.recheck(now=moment[0])
        moment[0] += timedelta(minutes=1, seconds=1)

    assert len(to_read_again()) == (0 if verifying < BUDGET else 3)
    with store.reading() as session:
        why = {str(one.get("")) for one in session.scalars(select(Work.why))}
    assert why == ({"None"} if verifying < BUDGET else {f"its budget of {BUDGET} calls a minute is used up"})
