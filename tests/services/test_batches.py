"""Batches: formed, ended, tried again, split and given to a person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from dsr import store
from dsr.domain.organisation import Contact, Controller
from dsr.engine import Job
from dsr.registry import Registry
from dsr.services import batches
from dsr.services.house import House, Policy
from dsr.store.models import Batch, Case, Search, Submission

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=30)
NOBODY: frozenset[str] = frozenset()


@dataclass
class Hands:
    """A queue without processes behind it: what is handed over stays where a test can see it."""

    jobs: tuple[Job, ...] = ()
    submitted: list[tuple[str, str, int]] = field(default_factory=list)
    adopted: list[Job] = field(default_factory=list)
    cancelled: list[Job] = field(default_factory=list)

    def unfinished(self) -> tuple[Job, ...]:
        return self.jobs

    def submit(self, batch: str, phase: str, *, generation: int = 0) -> bool:
        self.submitted.append((batch, phase, generation))
        return True

    def adopt(self, jobs: Sequence[Job]) -> None:
        self.adopted += jobs

    def cancel(self, jobs: Sequence[Job]) -> None:
        self.cancelled += jobs


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'dsr.sqlite3'}"
    return str(request.getfixturevalue("make_database")())


@pytest.fixture
def app(url: str, tmp_path: Path, hands: Hands) -> Iterator[Flask]:
    app = Flask("dsr", instance_path=str(tmp_path))
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    store.init_app(app)
    acme = Controller("acme", "Acme", "Calle 1", Contact("dpo@acme.example"), "Europe/Madrid", "ES")
    house = House(
        controllers={"acme": acme},
        registry=Registry(),
        transports=(),
        policy=Policy(batch_cases=3, batch_rows=100, open_batches=2),
        portal_url="http://127.0.0.1",
        desk_url="http://127.0.0.1/desk",
        mail_from="privacy@acme.example",
        started=lambda batch, phase: hands.submitted.append((batch, phase, 0)),
    )
    store.attach(app, "house", house)
    with app.app_context():
        store.db.create_all()
        store.keys.unlock(app, now=NOW)
        yield app
        store.db.session.remove()
        store.db.engine.dispose()


def add_cases(count: int, *, status: str = "ready", controller: str = "acme", start: int = 0) -> list[Case]:
    with store.transaction() as tx:
        cases = []
        for n in range(start, start + count):
            submission = Submission(
                controller=controller,
                reference=f"S{controller}{n}",
                language="es",
                channel="portal",
                received_at=NOW,
                created_at=NOW,
                token_hash=f"{controller}{n}".encode(),
            )
            case = Case(
                submission=submission,
                controller=controller,
                reference=f"{controller}-{n}",
                right="erasure",
                status=status,
                jurisdiction="ES",
                pack="es@1",
                calendar="es",
                received_at=NOW,
                received_on=NOW.date(),
            )
            tx.session.add(case)
            cases.append(case)
    return cases


def make(cases: list[Case], phase: str = "collect", *, at: datetime = NOW) -> None:
    with store.transaction() as tx:
        batches.make(tx, cases, phase, now=at)


def rows() -> list[tuple[str, str, int, int]]:
    """Every batch: phase, state, size, tries."""
    with store.reading() as session:
        found = session.scalars(select(Batch).order_by(Batch.made_at, Batch.size.desc(), Batch.state)).all()
        return [(one.phase, one.state, one.size, one.adoptions) for one in found]


def statuses() -> dict[str, tuple[str, bool]]:
    """Every case: its status and whether it is in a batch."""
    with store.reading() as session:
        found = session.scalars(select(Case).order_by(Case.id)).all()
        return {one.reference: (one.status, one.batch_id is not None) for one in found}


def open_one() -> str:
    with store.reading() as session:
        return session.scalars(select(Batch.id).where(Batch.state.in_(("made", "failed")))).one()


@pytest.mark.usefixtures("app")
class TestMaking:
    def test_a_ready_case_is_taken_and_its_batch_starts_after_the_commit(self, hands: Hands) -> None:
        make(add_cases(1))
        assert statuses() == {"acme-0": ("collecting", True)}
        assert hands.submitted == [(open_one(), "collect", 0)]

    def test_nothing_starts_when_the_transaction_is_undone(self, hands: Hands) -> None:
        cases = add_cases(1)
        with pytest.raises(LookupError), store.transaction() as tx:
            batches.make(tx, cases, "collect", now=NOW)
            raise LookupError
        assert (hands.submitted, rows(), statuses()) == ([], [], {"acme-0": ("ready", False)})

    def test_cases_beyond_the_most_of_a_batch_form_another(self) -> None:
        make(add_cases(5))
        assert rows() == [("collect", "made", 3, 0), ("collect", "made", 2, 0)]

    def test_cases_wait_while_enough_batches_are_under_way(self) -> None:
        make(add_cases(7))
        assert [held for _, held in statuses().values()] == [True] * 6 + [False]

    def test_a_case_in_another_status_is_left_alone(self) -> None:
        make(add_cases(1, status="closed"))
        assert (rows(), statuses()) == ([], {"acme-0": ("closed", False)})

    def test_a_case_is_in_one_batch_only(self) -> None:
        cases = add_cases(1)
        make(cases)
        make(cases)
        assert rows() == [("collect", "made", 1, 0)]

    def test_a_batch_never_mixes_controllers(self) -> None:
        make(add_cases(1) + add_cases(1, controller="other"))
        assert rows() == [("collect", "made", 1, 0)] * 2

    def test_a_person_with_very_many_rows_runs_alone(self) -> None:
        cases = add_cases(3, status="approved")
        add_search(cases[1], 5000)
        make(cases, "carry_out")
        assert sorted(row[2] for row in rows()) == [1, 1]

    def test_an_approved_erasure_that_waits_for_a_copy_is_not_taken(self) -> None:
        (case,) = add_cases(1, status="approved")
        with store.transaction() as tx:
            tx.session.get_one(Case, case.id).waits_for = 99
        make([case], "carry_out")
        batches.sweep(Hands(), NOBODY, now=NOW)
        assert statuses() == {"acme-0": ("approved", False)}


def add_search(case: Case, count: int) -> None:
    with store.transaction() as tx:
        search = {
            "case_id": case.id,
            "system": "crm",
            "generation": 0,
            "found": "found",
            "at": NOW,
            "why": {},
        }
        tx.session.add(Search(controller="acme", count=count, **search))


@pytest.mark.usefixtures("app")
class TestEnding:
    def test_a_batch_that_ends_gathers_the_next_one(self, hands: Hands) -> None:
        make(add_cases(8))
        first = hands.submitted[0][0]
        batches.finish(first, now=LATER)
        assert rows() == [
            ("collect", "done", 3, 0),
            ("collect", "made", 3, 0),
            ("collect", "made", 2, 0),
        ]
        assert len(hands.submitted) == 3

    def test_ending_twice_is_ending_once(self, hands: Hands) -> None:
        make(add_cases(8))
        for _ in range(2):
            batches.finish(hands.submitted[0][0], now=LATER)
        assert len(hands.submitted) == 3

    def test_a_batch_lets_go_of_the_cases_it_still_holds(self) -> None:
        make(add_cases(1))
        batches.finish(open_one(), now=LATER)
        assert statuses() == {"acme-0": ("collecting", False)}


@pytest.mark.usefixtures("app")
class TestTrying:
    def test_a_failed_batch_starts_anew_under_its_next_generation(self, hands: Hands) -> None:
        make(add_cases(1))
        batch = open_one()
        batches.fail(batch, "LookupError", now=NOW)
        batches.sweep(hands, NOBODY, now=LATER)
        assert rows() == [("collect", "made", 1, 1)]
        assert hands.submitted[1:] == [(batch, "collect", 1)]

    def test_a_failed_batch_is_not_tried_again_at_once(self, hands: Hands) -> None:
        make(add_cases(1))
        batches.fail(open_one(), "LookupError", now=NOW)
        batches.sweep(hands, NOBODY, now=NOW + timedelta(seconds=1))
        assert (rows(), len(hands.submitted)) == ([("collect", "failed", 1, 1)], 1)

    def test_a_batch_that_fails_three_times_is_worked_case_by_case(self) -> None:
        make(add_cases(3))
        batch = open_one()
        for _ in range(batches.SPLIT_AFTER):
            batches.fail(batch, "LookupError", now=NOW)
        assert rows() == [("collect", "split", 3, 3)] + [("collect", "made", 1, 3)] * 3
        assert set(statuses().values()) == {("collecting", True)}

    def test_a_case_that_fails_too_often_is_left_to_a_person(self) -> None:
        make(add_cases(1))
        batch = open_one()
        for _ in range(batches.MOST_TRIES):
            batches.fail(batch, "LookupError", now=NOW)
        assert rows() == [("collect", "stuck", 1, batches.MOST_TRIES)]
        assert statuses() == {"acme-0": ("attention", False)}

    def test_a_batch_whose_workflow_is_missing_is_started(self, hands: Hands) -> None:
        make(add_cases(1))
        batches.sweep(hands, NOBODY, now=LATER)
        assert hands.submitted[1:] == [(open_one(), "collect", 1)]

    def test_a_batch_that_was_made_this_moment_is_not_missing_yet(self, hands: Hands) -> None:
        make(add_cases(1))
        batches.sweep(hands, NOBODY, now=NOW + timedelta(seconds=5))
        assert len(hands.submitted) == 1

    def test_a_batch_that_runs_is_left_alone(self, hands: Hands) -> None:
        make(add_cases(1))
        hands.jobs = (Job(open_one(), open_one(), "here"),)
        batches.sweep(hands, frozenset({"here"}), now=LATER)
        assert (len(hands.submitted), hands.adopted, rows()) == (1, [], [("collect", "made", 1, 0)])

    def test_the_work_of_a_dead_process_is_adopted_and_counted(self, hands: Hands) -> None:
        make(add_cases(1))
        hands.jobs = (Job(open_one(), open_one(), "dead"),)
        batches.sweep(hands, frozenset({"here"}), now=LATER)
        assert (hands.adopted, rows()) == (list(hands.jobs), [("collect", "made", 1, 1)])

    def test_a_process_that_was_asleep_adopts_nothing(self, hands: Hands) -> None:
        make(add_cases(1))
        hands.jobs = (Job(open_one(), open_one(), "dead"),)
        batches.sweep(hands, NOBODY, now=LATER, adopt=False)
        assert (hands.adopted, rows()) == ([], [("collect", "made", 1, 0)])

    def test_a_batch_that_kills_every_worker_is_taken_out_of_the_queue(self, hands: Hands) -> None:
        make(add_cases(1))
        hands.jobs = (Job(open_one(), open_one(), "dead"),)
        for _ in range(batches.MOST_TRIES):
            batches.sweep(hands, NOBODY, now=LATER)
        assert (hands.cancelled, statuses()) == (list(hands.jobs), {"acme-0": ("attention", False)})

    def test_work_of_a_closed_batch_is_not_adopted(self, hands: Hands) -> None:
        make(add_cases(1))
        batch = open_one()
        batches.finish(batch, now=NOW)
        hands.jobs = (Job(batch, batch, "dead"),)
        batches.sweep(hands, NOBODY, now=LATER)
        assert (hands.adopted, hands.cancelled) == ([], list(hands.jobs))

    def test_the_sweep_gathers_what_nobody_started(self, hands: Hands) -> None:
        add_cases(9)
        batches.sweep(hands, NOBODY, now=NOW)
        assert rows() == [("collect", "made", 3, 0)] * 2
