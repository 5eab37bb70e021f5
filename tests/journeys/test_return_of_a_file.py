"""A mailing list in a CSV file is restored from a copy: erased people are gone again, or noticed and proposed."""

import csv
import shutil
from datetime import timedelta

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.services import clock, intake, retention, returning
from dsr.services.intake import Filing, Wanted
from dsr.store.models import Case
from sheetkit import CONTACTS, HEADER
from stage import NOW, controller, installation, work

ALL = tuple(right.value for right in Right)
LATER = NOW.replace(year=2029, month=6, day=1)
KEPT = ["p3@example.org"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "contacts.csv"
    lines = [HEADER, *((str(n), f"p{n}@example.org", f"Persona {n}", "yes", "") for n in (1, 2, 3))]
    path.write_text("\n".join(";".join(line) for line in lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def office(file, tmp_path):
    """An installation on that file that erases without an officer."""
    text = CONTACTS.replace("RESTRICT", "set_aside")
    system = SystemConfig(
        key="news", kind="tabular", title="News", controllers=("acme",), acting=ALL,
        settings={"path": str(file), "map": text, "map_name": "kit.yaml"},
    )  # fmt: skip
    house = controller(systems=("news",), auto_approve=frozenset(("erasure",)))
    with installation(tmp_path / "instance", [system], controllers=[house], four_eyes=False):
        yield file


def erase(number):
    filing = Filing(
        "acme", "es", "ES", (Wanted("erasure"),), (("email", f"p{number}@example.org"),),
        channel="post", verified_reason="en persona",
    )  # fmt: skip
    (case,) = intake.submit(filing, by="staff:1", now=NOW).cases
    work(rounds=60)
    return case


def addresses(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [row["email"] for row in csv.DictReader(file, delimiter=";")]


def test_a_replay_erases_them_again(office, tmp_path):
    copy = shutil.copy(office, tmp_path / "copy.csv")
    erase(1)
    erase(2)
    assert addresses(office) == KEPT
    shutil.copy(copy, office)

    done = returning.replay("acme", since=NOW - timedelta(hours=1), by="cli", now=NOW + timedelta(hours=2))

    assert (done.again, done.rows, done.failed, addresses(office)) == (2, 2, {}, KEPT)


def test_who_is_known_only_by_hashes_is_proposed_to_an_officer(office, tmp_path):
    copy = shutil.copy(office, tmp_path / "copy.csv")
    case = erase(1)
    clock.close_answered(now=NOW + timedelta(days=20))
    retention.run(now=LATER)
    shutil.copy(copy, office)

    (swept,) = returning.sweep("acme", now=LATER)
    work(LATER)

    with store.reading() as session:
        follower = session.scalars(select(Case).where(Case.follows == case)).one()
    assert (swept.seen, swept.back, swept.ended, swept.why) == (3, 1, True, "")
    assert (follower.status, follower.right) == ("review", "erasure")
    assert "p1@example.org" in addresses(office)
