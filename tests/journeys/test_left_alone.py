"""While one system of two is tried again by name, the other is left alone for an hour and then tried again."""

import json
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import EntryPoint

import pytest
from flask import current_app

from dsr import store
from dsr.contract import ConnectorError
from dsr.domain.organisation import SystemConfig
from dsr.registry import Registry
from dsr.services import clock, following, intake, review, viewing
from dsr.services.house import house
from dsr.services.intake import Filing, Wanted
from dsr.store.queries import people
from fakes import Notebook
from stage import NOW, OLGA, controller, installation, work

CRM, SHOP = "crm", "shop"
HOUR = timedelta(hours=1)


class Failing(Notebook):
    """Fails to act as it was told to, by system; notes who was asked to act."""

    kind = "failing"
    fails: dict[str, ConnectorError] = {}
    asked: list[str] = []

    def act(self, steps, keeper):
        self.asked.append(self.context.system)
        if self.context.system in self.fails:
            raise self.fails[self.context.system]
        yield from super().act(steps, keeper)


@pytest.fixture
def reference(tmp_path):
    """An erasure that neither of two systems could carry out; the first works again and was tried by name."""
    card = {"id": 1, "email": "p1@example.org", "name": "Ana", "news": True, "restricted": False}
    systems = []
    for key in (CRM, SHOP):
        path = tmp_path / f"{key}.json"
        path.write_text(json.dumps({"cards": [card], "notes": []}))
        settings = {"path": str(path)}
        systems.append(SystemConfig(key, "failing", key, ("acme",), settings=settings, acting=("erasure",)))
    chosen = controller(systems=(CRM, SHOP), auto_approve=frozenset(("erasure",)))
    Failing.asked = []
    Failing.fails = {key: ConnectorError("gives no answer", permanent=False) for key in (CRM, SHOP)}
    # Its registry comes after: the start refuses kinds that are not installed.
    with installation(tmp_path / "instance", controllers=(chosen,), four_eyes=False):
        registry = Registry(systems, points=[EntryPoint("failing", "x:y", "dsr.connectors")])
        registry._factories["failing"] = Failing
        store.attach(current_app, "house", replace(house(), registry=registry))
        filing = Filing(
            "acme",
            "es",
            "ES",
            (Wanted("erasure"),),
            (("email", "p1@example.org"),),
            verified_reason="en persona",
        )
        asked = intake.submit(filing, by="staff:1", now=NOW).cases[0]
        work(NOW)
        Failing.fails.pop(CRM)
        Failing.asked.clear()
        review.retry(asked, system=CRM, by=OLGA, now=NOW)
        work(NOW)
        yield asked


def case(reference):
    with store.reading() as session:
        return people.case(session, reference)


def test_what_was_left_alone_is_tried_again_after_an_hour_and_ends_the_case(reference):
    Failing.fails.clear()
    clock.wake(now=NOW + HOUR - timedelta(seconds=1))
    early = (work(NOW + HOUR - timedelta(seconds=1)), list(Failing.asked), case(reference).wake_at)

    clock.wake(now=NOW + HOUR)
    work(NOW + HOUR)

    assert early == (0, [CRM], NOW + HOUR)
    assert (Failing.asked, case(reference).status) == ([CRM, SHOP], "answered")


def test_what_was_left_alone_and_still_fails_waits_again(reference):
    clock.wake(now=NOW + HOUR)
    work(NOW + HOUR)

    assert (Failing.asked, case(reference).status) == ([CRM, SHOP], "attention")
    assert case(reference).wake_at > NOW + HOUR


def test_meanwhile_the_desk_shows_one_done_and_the_other_open_with_its_reason(reference):
    shown = viewing.view(reference, by=replace(OLGA, controllers=("acme",)), language="en", now=NOW)

    assert [(one.system, one.state, one.verified, one.why) for one in shown.works] == [
        (CRM, "done", "clean", ""),
        (SHOP, "pending", "", "gives no answer"),
    ]


def test_meanwhile_the_person_reads_that_it_is_not_answered_and_with_whom_it_is(reference):
    with store.reading() as session:
        submission = people.case(session, reference).submission.reference
    (shown,) = following.see(submission, "acme", proved=True, now=NOW).cases

    assert (shown.status, shown.waiting_for, shown.ending, shown.letters) == ("attention", "officer", "", ())
    assert (shown.stages[-1].state, shown.stages[-1].at) == ("todo", None)
