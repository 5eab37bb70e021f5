"""The survey of the inventory: answers are dated, kept sealed, and asked again after six months."""

from datetime import timedelta

import pytest

from dsr import store
from dsr.domain.errors import Refusal
from dsr.domain.survey import AREAS
from dsr.services import survey
from dsr.store.office import SurveyAnswer
from stage import NOW, controller, installation


@pytest.fixture
def place(tmp_path):
    with installation(tmp_path, controllers=(controller(), controller("other", path="other"))) as app:
        yield app


def asked(key, now=NOW, owner="acme"):
    return next(one for one in survey.survey(owner, now=now) if one.area.key == key)


def test_at_first_everything_is_to_be_asked(place):
    assert (survey.due("acme", now=NOW), {one.on for one in survey.survey("acme", now=NOW)}) == (
        len(AREAS),
        {None},
    )


def test_an_answer_is_dated_and_asked_again_after_six_months(place):
    survey.answer("acme", "chats", "yes", {"who": "Sales", "tool": "WhatsApp"}, by="staff:1", now=NOW)

    one = asked("chats")
    later = asked("chats", NOW + timedelta(days=184))

    assert (one.due, str(one.on), str(one.again_on)) == (False, "2026-03-02", "2026-09-02")
    assert (one.details, later.due) == ({"who": "Sales", "tool": "WhatsApp"}, True)


def test_what_is_not_known_stays_a_question(place):
    survey.answer("acme", "paper", "unknown", {}, by="staff:1", now=NOW)
    assert asked("paper").due


def test_what_was_said_is_sealed_and_crosses_to_nobody(place):
    survey.answer("acme", "chats", "yes", {"who": "Ines Mora"}, by="staff:1", now=NOW)

    with store.reading() as session:
        row = session.get_one(SurveyAnswer, ("acme", "chats"))
    assert b"Ines" not in row.sealed
    assert asked("chats", owner="other").on is None


@pytest.mark.parametrize(
    ("area", "present", "details", "code"),
    [
        ("attic", "yes", {"who": "Ana"}, "survey.area"),
        ("paper", "perhaps", {}, "survey.present"),
        ("paper", "yes", {"what": "contracts"}, "survey.who"),
        ("paper", "yes", {"who": "x" * 501}, "survey.detail"),
        ("paper", "yes", {"who": "Ana", "colour": "red"}, "survey.detail"),
    ],
)
def test_what_cannot_be_used_is_refused(place, area, present, details, code):
    with pytest.raises(Refusal) as caught:
        survey.answer("acme", area, present, details, by="staff:1", now=NOW)
    assert (caught.value.code, asked("paper").on) == (code, None)
