"""Twenty notebooks in which the same ten people stand, watched and failing as told."""

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import EntryPoint
from threading import Lock

from flask import current_app

from dsr import store
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.registry import Registry
from dsr.services import intake, review
from dsr.services.house import house
from dsr.services.intake import Filing, Wanted
from dsr.store.operations import SystemState
from dsr.store.queries import people
from dsr.store.queries import work as queries
from fakes import Notebook
from stage import NOW, OLGA, controller, installation

ALL = tuple(right.value for right in Right)
SYSTEMS = [f"book{n:02}" for n in range(20)]
DEAD = SYSTEMS[3]
SOON = NOW + timedelta(minutes=5)
ANSWERS, TIMES_OUT = 0.02, 60.0
"""Seconds that a call of a healthy system takes, and of one that never answers."""


class Watched(Notebook):
    """Notes every call; fails as it was told to, by system."""

    calls: list = []
    fails: dict = {}
    waited: list = []
    reveals: dict = {}
    lock = Lock()

    def _note(self, what):
        with self.lock:
            self.calls.append((self.context.system, what))
        error = self.fails.get((self.context.system, what)) or self.fails.get((self.context.system, "*"))
        self.waited.append(ANSWERS if error is None else TIMES_OUT)
        if error is not None:
            raise error

    def check(self):
        self._note("check")
        return super().check()

    def locate(self, subjects, after=None):
        self._note("locate")
        page = super().locate(subjects, after)
        more = self.reveals.get(self.context.system, ())
        return replace(page, records=tuple(replace(one, reveals=more) for one in page.records))

    def act(self, steps, keeper):
        self._note("act")
        yield from super().act(steps, keeper)

    def verify(self, pairs):
        self._note("verify")
        return super().verify(pairs)


@contextmanager
def shelf(tmp_path):
    """An installation over twenty notebooks in which the same ten people stand."""
    cards = [
        {"id": n, "email": f"p{n}@example.org", "name": "Ana", "news": True, "restricted": False}
        for n in range(10)
    ]
    notes = [{"id": n, "card": n, "text": "x"} for n in range(10)]
    configured = []
    for key in SYSTEMS:
        path = tmp_path / f"{key}.json"
        path.write_text(json.dumps({"cards": cards, "notes": notes}))
        configured.append(
            SystemConfig(
                key=key,
                kind="watched",
                title=key,
                controllers=("acme",),
                settings={"path": str(path)},
                acting=ALL,
            )
        )
    Watched.calls, Watched.fails, Watched.waited, Watched.kind = [], {}, [], "watched"
    Watched.reveals = {}
    chosen = controller(systems=tuple(SYSTEMS), auto_approve=frozenset(("access", "erasure")))
    # Its registry comes after: the start refuses kinds that are not installed.
    with installation(tmp_path / "instance", controllers=(chosen,), four_eyes=False, batch_cases=1):
        point = EntryPoint("watched", f"{__name__}:Watched", "dsr.connectors")
        registry = Registry(configured, points=[point])
        registry._factories["watched"] = Watched
        store.attach(current_app, "house", replace(house(), registry=registry))
        yield tmp_path


def ask(number, right="erasure", now=NOW):
    filing = Filing(
        "acme",
        "es",
        "ES",
        (Wanted(right),),
        (("email", f"p{number}@example.org"),),
        verified_reason="en persona",
    )
    return intake.submit(filing, by="staff:1", now=now).cases[0]


def counted(what):
    return {key: sum(one == (key, what) for one in Watched.calls) for key in SYSTEMS}


def left(folder, key):
    return {card["email"] for card in json.loads((folder / f"{key}.json").read_text())["cards"]}


def case(reference):
    with store.reading() as session:
        return people.case(session, reference)


def approve(reference, now=NOW):
    with store.reading() as session:
        found = people.case(session, reference)
        shown = queries.latest_plans(session, [found.id])[found.id].hash
    review.approve(reference, shown, by=OLGA, now=now)


def state(key):
    with store.reading() as session:
        return session.get(SystemState, ("acme", key))
