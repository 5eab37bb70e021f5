"""A system that cannot even be opened, or is configured no longer, when its turn comes: the others go on."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.domain.letters import ForwardedFacts
from dsr.domain.workflow import Role
from dsr.services import following, refusing, review
from dsr.services.house import house
from dsr.services.officers import RefusalReasons
from dsr.store.models import Work
from stage import NOW, OLGA, work

LATER = NOW + timedelta(minutes=5)


def works():
    with store.reading() as session:
        return {row.system: (row.state, row.verified) for row in session.scalars(select(Work))}


def test_a_system_that_cannot_be_opened_holds_back_no_other(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    away = place.tracking.with_suffix(".away")
    place.tracking.rename(away)
    house().registry._described.clear()  # as in a process that has just been started

    place.approve(reference, now=LATER)

    assert works() == {"crm": ("done", "clean"), "tracking": ("failed", "")}
    assert place.case(reference).status == "attention"
    assert place.rows(
        "crm", "select count(*) from contacts where email = ?", "ana.garcia@correo.example"
    ) == [(0,)]

    away.rename(place.tracking)
    review.retry(reference, by=OLGA, now=LATER)
    work(LATER)

    assert works() == {"crm": ("done", "clean"), "tracking": ("done", "clean")}
    assert place.case(reference).status == "answered"


def test_a_system_that_was_taken_out_after_the_plan_goes_to_an_officer_who_plans_without_it(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    place.take_out("tracking")

    place.approve(reference, now=LATER)

    with store.reading() as session:
        why = session.scalars(select(Work.why).where(Work.system == "tracking")).one()
    assert works() == {"crm": ("done", "clean"), "tracking": ("waiting", "")}
    assert place.case(reference).status == "attention"
    assert why["en"].startswith("The system is no longer configured.")

    review.retry(reference, by=OLGA, now=LATER)
    work(LATER)
    place.approve(reference, now=LATER)

    assert place.case(reference).status == "answered"


ENDS = {
    "cancel": lambda reference: review.cancel(reference, "dos veces", by=OLGA, now=LATER),
    "withdraw": lambda reference: review.withdraw(reference, actor="person", roles=[Role.PERSON], now=LATER),
    "forward": lambda reference: refusing.forward(
        reference, ForwardedFacts("Otra, S. A.", date(2026, 3, 2), "los datos son suyos"), by=OLGA, now=LATER
    ),
    "refuse": lambda reference: refusing.refuse(
        reference,
        RefusalReasons("RGPD 12.5", "sin fundamento", ground="unfounded", evidence="actas"),
        by=OLGA,
        now=LATER,
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_was_begun_is_not_closed_as_if_nothing_had_been_done(place, end):
    receipt = place.submit("erasure")
    reference = receipt.cases[0]
    place.reject_proposals(reference)
    place.tracking.rename(place.tracking.with_suffix(".away"))
    place.approve(reference, now=LATER)

    with pytest.raises(Refusal) as refused:
        ENDS[end](reference)

    seen = following.see(receipt.reference, "acme", proved=True, now=LATER)
    assert refused.value.code == "case.begun"
    assert place.case(reference).status == "attention"
    assert [case.can_withdraw for case in seen.cases] == [False]
