"""Every number that the operations page tells to alert on is there, and moves."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from dsr import store
from dsr.contract import ConnectorError
from dsr.services import batches, clock, outbox, parking, systems, workers
from dsr.services.house import house
from dsr.store.models import Batch, Case
from dsr.store.operations import Message

PAGE = Path(__file__).parents[3] / "docs" / "operations.md"
AWAY = ConnectorError("cannot be reached", permanent=False)
WRONG = ConnectorError("wrong password", permanent=True)
NOW = datetime.now(UTC)


def scrape(office: Any) -> dict[str, float]:
    text = office.app.test_client().get("/metrics").text
    return {name: float(value) for name, value in re.findall(r"^(dsr_\w+) (\S+)$", text, re.M)}


def make_all_speak(office: Any) -> None:
    """A worker beats and a digest was sent: numbers that have no value before."""
    with office.app.app_context():
        workers.beat("here", started_at=NOW, now=NOW)
        clock.digest(house().controller("acme"), now=NOW.replace(hour=20))


def test_the_operations_page_names_every_number_and_no_other(office: Any) -> None:
    make_all_speak(office)
    watching = PAGE.read_text("utf-8").partition("## Watch and alert")[2].partition("\n## ")[0]

    assert set(scrape(office)) == set(re.findall(r"\bdsr_[a-z_]+\b", watching))


def late(office: Any) -> None:
    change(office, Case, due_on=date(2020, 1, 1), sort_on=date(2020, 1, 1))


def failed(office: Any) -> None:
    change(office, Case, failed=True)


def mail(office: Any) -> int:
    """A mail of a case that waits to be sent; its number."""
    with office.app.app_context(), store.transaction() as tx:
        case = tx.session.scalars(select(Case)).first()
        outbox.put(
            tx, outbox.Draft("cancelled", "ana@example.org", "es", {}, case=case, crucial=True), now=NOW
        )
        tx.session.flush()
        return tx.session.scalars(select(Message.id).order_by(Message.id.desc())).first()


def bounced(office: Any) -> None:
    """A mail of a case comes back."""
    number = mail(office)
    with office.app.app_context(), store.transaction() as tx:
        outbox.returned(tx, tx.session.get_one(Message, number), "5.1.1", now=NOW)


def waiting(office: Any) -> None:
    mail(office)
    change(office, Message, made_at=NOW - timedelta(hours=2))


def given_up(office: Any) -> None:
    mail(office)
    change(office, Message, state="failed")


def fell_silent(office: Any) -> None:
    with office.app.app_context():
        parking.remember(parking.known("acme"), {"book": AWAY}, now=NOW)


def out_of_budget(office: Any) -> None:
    with office.app.app_context():
        later = ConnectorError("too many", permanent=False, retry_at=datetime.now(UTC) + timedelta(hours=1))
        parking.remember(parking.known("acme"), {"book": later}, now=NOW)


def in_trouble(office: Any) -> None:
    with office.app.app_context():
        parking.remember(parking.known("acme"), {"book": WRONG}, now=NOW)


def held(office: Any) -> None:
    with office.app.app_context():
        systems.hold("acme", "book", True, by="staff:1", now=NOW)


def stuck(office: Any) -> None:
    """A batch whose handler fails again and again."""
    change(office, Batch, state="made", adoptions=batches.MOST_TRIES - 1)
    with office.app.app_context():
        with store.reading() as session:
            one = session.scalars(select(Batch.id)).first()
        batches.fail(one, "ValueError", now=datetime.now(UTC))


def queued(office: Any) -> None:
    change(office, Case, status="ready", batch_id=None, received_at=NOW - timedelta(hours=3))


def change(office: Any, model: Any, **values: Any) -> None:
    with office.app.app_context(), store.transaction() as tx:
        tx.session.execute(update(model).values(**values))


@pytest.mark.parametrize(
    ("trouble", "names"),
    [
        (late, {"late_cases"}),
        (failed, {"failed_cases"}),
        (bounced, {"bounced_cases", "bounced_messages"}),
        (waiting, {"waiting_messages", "message_age_seconds"}),
        (given_up, {"failed_messages"}),
        (fell_silent, {"parked_systems"}),
        (out_of_budget, {"parked_systems"}),
        (in_trouble, {"failing_systems"}),
        (held, {"held_systems"}),
        (stuck, {"stuck_batches", "adoptions_total"}),
        (queued, {"queue_age_seconds"}),
    ],
)
def test_a_number_moves_with_its_trouble(office: Any, trouble: Any, names: set[str]) -> None:
    office.file("access")
    with office.app.app_context():
        outbox.flush(now=NOW)
    before = scrape(office)

    trouble(office)

    after = scrape(office)
    moved = {name.removeprefix("dsr_") for name, value in after.items() if value > before.get(name, 0.0)}
    assert names <= moved
    assert moved - names <= {"disk_free_ratio", "failed_cases", "waiting_messages", "message_age_seconds"}


def test_a_batch_that_was_given_up_does_not_alarm_for_ever(office: Any) -> None:
    office.file("access")
    stuck(office)
    change(office, Batch, ended_at=datetime.now(UTC) - timedelta(days=2))

    assert scrape(office)["dsr_stuck_batches"] == 0.0
