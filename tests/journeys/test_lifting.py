"""What lifting gives back is told by collection, and so is what somebody changed meanwhile."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dsr.domain.errors import Refusal
from dsr.services import following, results, review
from dsr.services.intake import Wanted
from dsr.services.viewing.case import view as case_view
from journeys.test_rights import letter
from journeys.test_set_aside import plain
from stage import NOW, OLGA, work

HERE = replace(OLGA, controllers=("acme",))
RESTRICTION = Wanted("restriction", ground="accuracy", reason="no es exacto")


def lifted(place, *changes):
    """A restriction that was lifted after these changes behind our back."""
    reference = place.submit(RESTRICTION).cases[0]
    place.approve(reference)
    for sql in changes:
        place.change("crm", sql)
    review.lift(reference, "comprobado", by=OLGA, now=NOW)
    work()
    return place.approve(reference)


def works(case) -> Iterator[tuple[str, str, int, int]]:
    seen = case_view(case.reference, by=HERE, language="en", now=NOW)
    for one in seen.works:
        yield from ((item.verb, item.collection, item.changed, item.before) for item in one.items)


def test_each_collection_is_told_with_what_came_back_to_it(place):
    case = lifted(place)

    told = set(works(case))
    text = plain(case)
    assert letter(case)[0] == "lifted"
    assert {("lift", "Deals", 1, 1), ("unmark", "Contact card", 1, 1), ("lift", "Opens", 11, 11)} <= told
    assert [one for one in told if one[2] != one[3]] == []
    assert "Hemos levantado la limitación" in text and "terminó el lunes 2 de marzo de 2026" in text
    assert "Volvió a su sitio lo apartado de 1 registro de «Oportunidades de venta» en CRM comercial" in text
    assert "Lo que se dejó como está" not in text


def test_what_was_changed_meanwhile_is_left_and_told_to_both(place):
    case = lifted(place, "update contacts set restricted = 2 where email like 'ana.garcia@%'")

    seen = case_view(case.reference, by=HERE, language="en", now=NOW)
    shown = results.of_submission(case.submission.reference, "es", now=NOW)[case.reference]
    assert [(one.system, one.newer) for one in seen.works if one.newer] == [("crm", (("Contact card", 1),))]
    assert [(one.collection, one.count) for one in shown if one.verb == "newer"] == [("Ficha de contacto", 1)]
    assert (
        "1 registro de «Ficha de contacto» en CRM comercial: alguien cambió o borró esos datos entretanto, y "
        "lo más reciente no se sobrescribe." in plain(case)
    )
    assert place.rows("crm", "select restricted from contacts where email like 'ana.garcia@%'") == [(2,)]


def test_the_plan_of_lifting_names_what_comes_back_by_collection(place):
    reference = place.submit(RESTRICTION).cases[0]
    place.approve(reference)
    review.lift(reference, "comprobado", by=OLGA, now=NOW)
    work()

    lines = case_view(reference, by=HERE, language="en", now=NOW).plan.lines

    told = {(one.verb, one.collection, one.count) for one in lines if one.system == "crm"}
    assert {("unmark", "Contact card", 1), ("lift", "Deals", 1), ("lift", "Support tickets", 2)} <= told
    assert {verb for verb, _, _ in told} == {"lift", "unmark"}


def test_what_is_being_given_back_is_neither_withdrawn_nor_cancelled_for_its_rows_would_stay_aside(place):
    receipt = place.submit(RESTRICTION)
    (reference,) = receipt.cases
    place.approve(reference)
    review.lift(reference, "comprobado", by=OLGA, now=NOW)
    work()

    (shown,) = following.see(receipt.reference, "acme", proved=True, now=NOW).cases
    codes = []
    for act in (
        lambda: review.withdraw(reference, actor="person", roles=("person",), now=NOW),
        lambda: review.cancel(reference, "por error", by=OLGA, now=NOW),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        codes.append(refused.value.code)

    assert codes == ["case.begun", "case.begun"]
    assert (shown.can_withdraw, shown.giving_back) == (False, True)
    assert [(one.state, one.at is None) for one in shown.stages][-2:] == [("now", True), ("todo", True)]
