"""What a restriction keeps out of the systems is still hers: a copy has it, an erasure has it back first."""

import json
import re

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import review
from dsr.services.house import house
from dsr.services.intake import Wanted
from dsr.store.models import VaultSeal
from journeys.test_rights import letter, package
from stage import NOW, OLGA, begin_lift, work

RESTRICTION = Wanted("restriction", ground="accuracy", reason="no es exacto")


@pytest.fixture
def restricted(place):
    """The number of the case that set rows of Ana aside."""
    reference = place.submit(RESTRICTION).cases[0]
    assert place.approve(reference).status == "answered"
    return reference


def rows(archive, collection):
    return json.loads(archive.read(f"systems/{collection}.json"))


def plain(case):
    return " ".join(re.sub("<[^>]+>", "", letter(case)[1]).split())


def counts(place, *wanted):
    case = place.approve(place.submit(*wanted).cases[0])
    archive = package(case)
    names = [name for name in archive.namelist() if re.fullmatch(r"systems/[^.]+\.json", name)]
    assert len(names) > 9
    return case, {name: len(json.loads(archive.read(name))) for name in names}


def test_a_copy_holds_what_is_set_aside(place):
    _, before = counts(place, "access")
    restriction = place.submit(RESTRICTION).cases[0]
    place.approve(restriction)

    case, after = counts(place, "access")

    text = plain(case)
    assert after == before
    assert "Lo que está limitado" in text
    told = (
        "11 registros de «Aperturas» en Seguimiento de correos y de la web, desde el lunes 2 de marzo de 2026"
    )
    assert f"{told} (expediente {restriction})" in text


def test_a_copy_withholds_what_nobody_looked_at(place, restricted):
    case = place.approve(place.submit("access").cases[0])

    notes = rows(package(case), "crm/notes")
    assert len(notes) == 2
    assert ["body" in note for note in notes] == [False, False]
    assert "Lo que no figura en la copia" in plain(case)


def test_data_to_take_along_hold_what_is_set_aside(place):
    _, before = counts(place, "portability")
    place.approve(place.submit(RESTRICTION).cases[0])

    case, after = counts(place, "portability")

    assert after == before
    assert "Lo que está limitado" in plain(case)


@pytest.mark.parametrize("right", ["access", "portability"])
def test_a_copy_waits_for_a_system_that_cannot_say_what_its_rows_are(place, restricted, right):
    reference = place.submit(right).cases[0]
    place.reject_proposals(reference)
    place.take_out("tracking")
    house().registry._described.clear()

    assert place.approve(reference).status == "attention"


def test_eva_gets_nothing_of_what_is_set_aside_of_ana(place, restricted):
    for name in ("Eva", "Ana García Ruiz"):
        case = place.approve(place.submit("access", who="eva", name=name).cases[0])

        assert restricted not in letter(case)[1]


@pytest.mark.parametrize("name", ["Eva Otra", ""])
def test_who_only_shares_the_address_gets_nothing_of_it(place, restricted, name):
    case = place.approve(place.submit("access", name=name).cases[0])

    assert restricted not in letter(case)[1]
    assert "systems/tracking/opens.json" not in package(case).namelist()


def test_the_erasure_of_another_name_is_not_held_up(place, restricted):
    assert place.approve(place.submit("erasure", name="Eva Otra").cases[0]).status == "answered"


@pytest.mark.parametrize(
    "wanted", [Wanted("erasure"), Wanted("rectification", changes=(("user.name", "", "Ana García"),))]
)
def test_nothing_is_erased_or_corrected_before_it_is_back(place, restricted, wanted):
    reference = place.submit(wanted).cases[0]
    place.reject_proposals(reference)

    with pytest.raises(Refusal) as refused:
        review.approve(reference, place.plan_hash(reference), by=OLGA, now=NOW)

    assert refused.value.code == "approve.aside"
    assert refused.value.data["case"] == restricted


def test_once_lifted_everything_is_erased(place, restricted):
    erasure = place.submit("erasure").cases[0]
    begin_lift(restricted, "pidió la supresión")
    place.approve(restricted)
    review.retry(erasure, by=OLGA, now=NOW)
    work()

    case = place.approve(erasure)

    assert "11 registros de «Aperturas»" in plain(case)
    with store.reading() as session:
        held = session.scalars(select(VaultSeal).where(VaultSeal.purpose == "set_aside"))
        assert {one.returned_at is not None for one in held} == {True}
