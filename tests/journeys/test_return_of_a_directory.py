"""A directory is restored from a backup: who was erased is gone again by the replay, or noticed by the sweep."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from directory import Office, dn
from dsr import store
from dsr.domain.organisation import SecretSource, SystemConfig
from dsr.domain.rights import Right
from dsr.services import clock, intake, rechecking, retention, returning
from dsr.services.intake import Filing, Wanted
from dsr.store.models import Case
from dsr.testing import ANA, EVA
from servers.slapd import Slapd
from stage import NOW, controller, installation, work

pytestmark = pytest.mark.live
ALL = tuple(right.value for right in Right)
LATER = NOW.replace(year=2029, month=6, day=1)


@pytest.fixture
def office(slapd: Slapd, tmp_path, monkeypatch):
    """An installation on a real OpenLDAP with Ana and Eva in it; it erases without an officer."""
    office = Office(slapd)
    office.empty()
    office.people([ANA, EVA])
    monkeypatch.setenv("LDAP_PASSWORD", slapd.password)
    system = SystemConfig(
        key="people", kind="ldap", title="People", controllers=("acme",), acting=ALL,
        settings=office.settings(), secrets={"password": SecretSource(env="LDAP_PASSWORD")},
    )  # fmt: skip
    house = controller(systems=("people",), auto_approve=frozenset(("erasure",)))
    with installation(tmp_path / "instance", [system], controllers=[house], four_eyes=False):
        yield office


def erase():
    filing = Filing(
        "acme", "es", "ES", (Wanted("erasure"),), (("email", ANA.email),),
        channel="post", verified_reason="en persona",
    )  # fmt: skip
    (case,) = intake.submit(filing, by="staff:1", now=NOW).cases
    work(rounds=60)
    return case


def backup(office):
    """Her entries as the server keeps them, with the numbers that a restored entry bears again."""
    kept = re.compile(
        r"^(?:entryCSN|createTimestamp|modifyTimestamp|creatorsName|modifiersName|structuralObjectClass):.*\n",
        flags=re.M,
    )
    entries = [one for one in office.server.dump().split("\n\n") if dn(ANA) in one.partition("\n")[0]]
    return "\n\n".join(kept.sub("", one + "\n").rstrip("\n") for one in entries)


def restore(office, copy):
    """Her entries come back under their own numbers; Eva never left."""
    office.server.client("ldapadd", "-e", "relax", given=copy + "\n")


def test_a_replay_erases_her_again_and_leaves_eva(office):
    eva, copy = office.hers(EVA), backup(office)
    erase()
    assert office.hers(ANA)["entries"] == 0
    restore(office, copy)
    assert office.hers(ANA)["entries"] > 0

    done = returning.replay("acme", since=NOW - timedelta(hours=1), by="cli", now=NOW + timedelta(hours=2))

    assert (done.again, done.failed, office.hers(ANA)["entries"]) == (1, {}, 0)
    assert office.hers(EVA) == eva


def test_when_only_hashes_are_left_the_sweep_notices_and_proposes(office):
    copy = backup(office)
    case = erase()
    clock.close_answered(now=NOW + timedelta(days=20))
    retention.run(now=LATER)
    restore(office, copy)

    (swept,) = returning.sweep("acme", now=LATER)
    work(LATER)

    with store.reading() as session:
        follower = session.scalars(select(Case).where(Case.follows == case)).one()
    assert (swept.back, swept.ended, swept.why) == (1, True, "")
    assert (follower.status, follower.right, office.hers(ANA)["entries"] > 0) == ("review", "erasure", True)


def follower(reference):
    with store.reading() as session:
        return session.scalars(select(Case).where(Case.follows == reference)).one()


def test_who_was_typed_in_again_is_not_called_erased_by_a_replay(office):
    case, eva = erase(), office.hers(EVA)
    office.people([ANA])

    done = returning.replay("acme", since=NOW - timedelta(hours=1), by="cli", now=NOW + timedelta(hours=2))
    work(NOW + timedelta(hours=2))

    assert (done.again, done.gone) == (0, 0)
    assert done.failed == {"people: back under new rows; a new request proposes to erase them": 1}
    assert (follower(case).status, office.hers(ANA)["entries"], office.hers(EVA)) == ("review", 2, eva)


@pytest.mark.parametrize("forgotten", [False, True])
def test_who_was_typed_in_again_is_found_by_the_sweep_whether_or_not_the_key_lives(office, forgotten):
    case, later = erase(), LATER if forgotten else NOW + timedelta(days=3)
    office.people([ANA])
    if forgotten:
        clock.close_answered(now=NOW + timedelta(days=20))
        retention.run(now=LATER)

    (swept,) = rechecking.sweep("acme", now=later)
    work(later)

    assert (swept.back, swept.ended, follower(case).status) == (1, True, "review")
    assert rechecking.sweep("acme", now=later + timedelta(days=1))[0].back == 0
