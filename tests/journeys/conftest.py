"""The company of the journeys: a CRM and a tracking store, Ana in both, Eva in the same household."""

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from dsr import store
from dsr.contract import Record
from dsr.demo import Demo, build
from dsr.domain import plan
from dsr.domain.organisation import SystemConfig
from dsr.domain.plan import Verdicts
from dsr.domain.rights import Right
from dsr.services import identity, intake, proposals, review, sealing
from dsr.services.house import house
from dsr.services.intake import Filing, Wanted
from dsr.store.queries import people
from dsr.store.queries import work as queries
from stage import NOW, OLGA, PAULA, code_in, installation, post, work

ALL = tuple(right.value for right in Right)


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Demo:
    return build(tmp_path_factory.mktemp("demo") / "data", people=60, big_events=200)


@dataclass
class Place:
    """One installation with its own copy of the demo systems."""

    folder: Path
    crm: Path
    tracking: Path
    demo: Demo

    def rows(self, base: str, sql: str, *values):
        """Read a store with another client."""
        with sqlite3.connect(getattr(self, base)) as connection:
            return connection.execute(sql, values).fetchall()

    def change(self, base: str, sql: str, *values):
        """Change a store behind our back."""
        with sqlite3.connect(getattr(self, base)) as connection:
            connection.execute(sql, values)

    def submit(self, *wanted, who="ana", **more):
        """File a request and prove the address by the mailed code; the case references."""
        member = self.demo.cast[who]
        known = {
            "controller": "acme",
            "language": "es",
            "jurisdiction": "ES",
            "country": "ES",
            "rights": tuple(one if isinstance(one, Wanted) else Wanted(one) for one in wanted),
            "identifiers": (("email", member.email),),
            "name": member.name,
        }
        before = {mail["Message-ID"] for mail in post(self.folder)}
        receipt = intake.submit(Filing(**(known | more)), by="person", now=NOW)
        (sent,) = [mail for mail in post(self.folder) if mail["Message-ID"] not in before]
        assert sent["To"] == member.email
        assert identity.confirm_code(receipt.reference, code_in(sent), now=NOW)
        work()
        return receipt

    def case(self, reference):
        """The case as it stands."""
        with store.reading() as session:
            found = people.case(session, reference)
            assert found.submission.identifiers
            return found

    def plan_hash(self, reference):
        with store.reading() as session:
            case = people.case(session, reference)
            return queries.latest_plans(session, [case.id])[case.id].hash

    def reject_proposals(self, reference):
        """Olga says of every open proposal that it is not hers."""
        with store.reading() as session:
            case = people.case(session, reference)
            key = sealing.key_of(case.submission)
            searches = queries.searches(session, [case.id])
            rows = [r for r in searches if r.generation == case.generation and r.proposals]
            found = [
                (row.system, record.id)
                for row in rows
                for record in sealing.unseal(key, row.sealed, tuple[Record, ...], "search")
                if plan.open_proposals(row.system, [record], Verdicts())
            ]
        if found:
            chosen = proposals.Chosen(frozenset(found))
            proposals.decide(reference, chosen, False, "es de otra persona", by=OLGA, now=NOW)
            work()

    def record(self, reference, system, collection):
        """The id of her record of one collection."""
        with store.reading() as session:
            case = people.case(session, reference)
            key = sealing.key_of(case.submission)
            row = next(
                r
                for r in queries.searches(session, [case.id])
                if r.generation == case.generation and r.system == system
            )
            records = sealing.unseal(key, row.sealed, tuple[Record, ...], "search")
        return next(one.id for one in records if one.collection == collection and one.match == "exact")

    def take_out(self, *systems):
        """Nobody names these systems in the configuration any more."""
        registry = house().registry
        registry._configured = tuple(one for one in registry._configured if one.key not in systems)

    def approve(self, reference, now=NOW):
        """Both officers approve what is shown; the work is done."""
        self.reject_proposals(reference)
        status = review.approve(reference, self.plan_hash(reference), by=OLGA, now=now)
        if status == "second":
            review.second_approve(reference, self.plan_hash(reference), by=PAULA, now=now)
        work(now)
        return self.case(reference)


@pytest.fixture
def ours():
    """Further settings of the installation."""
    return {}


@pytest.fixture
def place(tmp_path, built, ours):
    data = tmp_path / "data"
    shutil.copytree(built.folder, data)
    systems = [
        SystemConfig(
            key=key,
            kind="sql",
            title=key,
            controllers=("acme",),
            settings={
                "url": f"sqlite:///{data}/{key}.sqlite3",
                "map": built.maps[key].read_text("utf-8"),
                "map_name": f"{key}.yaml",
            },
            acting=ALL,
        )
        for key in ("crm", "tracking")
    ]
    folder = tmp_path / "instance"
    with installation(folder, systems, **ours):
        yield Place(folder, data / "crm.sqlite3", data / "tracking.sqlite3", built)
