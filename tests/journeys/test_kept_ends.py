"""When the time is over for which an erasure kept something, an officer is told until she says how it went."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dsr.domain.errors import Refusal
from dsr.services import clock, kept_ends, legal_hold, viewing
from stage import NOW, OLGA, post, text_of

HERE = replace(OLGA, controllers=("acme",))


@pytest.fixture
def erased(place):
    """An erasure that kept invoices, and the first day until which."""
    case = place.approve(place.submit("erasure").cases[0])
    assert case.kept_until is not None
    return case


def after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=1)


def told(place, now):
    clock.kept_ends.remind(clock.house().controller("acme"), now=now)
    return [one for one in post(place.folder, now) if "La ley pedía conservar parte" in text_of(one)]


def allowed(reference, now):
    return "settle_kept" in viewing.view(reference, by=HERE, language="es", now=now).allowed


def test_the_day_until_which_something_is_kept_stands_with_the_case(place, erased):
    issued = place.rows("crm", "select max(issued_on) from invoices where contact_id = 1")[0][0]

    assert erased.kept_until == date.fromisoformat(issued).replace(year=int(issued[:4]) + 6)
    assert place.case(place.submit("access").cases[0]).kept_until is None


def test_an_officer_is_told_the_day_after_and_every_week_until_she_says_how(place, erased):
    over = after(erased.kept_until)

    before = kept_ends.waiting(["acme"], today=erased.kept_until)
    seen = kept_ends.waiting(["acme"], today=over.date())
    mails = [len(told(place, over + timedelta(days=days))) for days in (-1, 0, 1, 7)]

    assert (before, [one.reference for one in seen]) == ((), [erased.reference])
    assert mails == [0, 1, 1, 2]
    assert [allowed(erased.reference, at) for at in (over - timedelta(days=1), over)] == [False, True]
    following = kept_ends.settle(erased.reference, "borradas por su fecha en el CRM", by=HERE, now=over)
    assert following == place.case(erased.reference).kept_until
    assert following is None or following > over.date()
    assert len(told(place, over + timedelta(days=14))) == 2
    assert kept_ends.waiting(["acme"], today=over.date()) == ()


def test_nothing_is_settled_before_its_day_nor_without_words_nor_under_a_hold(place, erased):
    over = after(erased.kept_until)

    def refused(how, now):
        with pytest.raises(Refusal) as caught:
            kept_ends.settle(erased.reference, how, by=HERE, now=now)
        return caught.value.code

    assert refused("borradas", over - timedelta(days=1)) == "kept.none"
    assert refused(" ", over) == "reason.missing"
    legal_hold.hold(erased.reference, "pleito", over.date() + timedelta(days=9), by=HERE, now=NOW)
    assert refused("borradas", over) == "hold.active"
    assert kept_ends.waiting(["acme"], today=over.date()) == ()
