"""What lifting gives back is told by collection, and so is what somebody changed meanwhile."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import following, handing, outbox, proofs, results, review, undelivered
from dsr.services.intake import Wanted
from dsr.services.viewing.case import view as case_view
from dsr.store.operations import Message
from journeys.test_rights import letter
from journeys.test_set_aside import plain
from stage import NOW, OLGA, begin_lift, work

HERE = replace(OLGA, controllers=("acme",))
RESTRICTION = Wanted("restriction", ground="accuracy", reason="no es exacto")


def lifted(place, *changes):
    """A restriction that was lifted after these changes behind our back."""
    reference = place.submit(RESTRICTION).cases[0]
    place.approve(reference)
    for sql in changes:
        place.change("crm", sql)
    begin_lift(reference)
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
    begin_lift(reference)

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


# --- told first -------------------------------------------------------------------------------------


@pytest.fixture
def begun(place):
    """A restriction that is being lifted; the notice has not left."""
    reference = place.submit(RESTRICTION).cases[0]
    place.approve(reference)
    review.lift(reference, "comprobado", by=OLGA, now=NOW)
    work()
    return reference


def approval(place, reference):
    try:
        return review.approve(reference, place.plan_hash(reference), by=OLGA, now=NOW)
    except Refusal as refusal:
        return refusal.code


def moves(reference):
    return case_view(reference, by=HERE, language="es", now=NOW).allowed & {"tell_first", "hand_over"}


def bounce(reference):
    with store.transaction() as tx:
        (mail,) = tx.session.scalars(select(Message).where(Message.kind == "lifting_notice"))
        outbox.returned(tx, mail, "5.1.1", now=NOW)


def test_nothing_is_given_back_before_a_server_accepted_the_notice(place, begun):
    before = approval(place, begun), moves(begun)
    restricted = place.rows("crm", "select restricted from contacts where id = 1")

    outbox.flush(now=NOW)

    assert (before, restricted) == (("lift.untold", {"tell_first"}), [(1,)])
    assert (moves(begun), approval(place, begun)) == (set(), "acting")
    work()
    assert place.rows("crm", "select restricted from contacts where id = 1") == [(0,)]
    assert moves(begun) == {"hand_over"}


def test_a_notice_that_came_back_has_told_nobody_until_she_was_reached_otherwise(place, begun):
    outbox.flush(now=NOW)
    bounce(begun)

    before = approval(place, begun)
    undelivered.settle(begun, "again", "el buzón ya funciona", by=OLGA, now=NOW)
    again = approval(place, begun)
    outbox.flush(now=NOW)

    assert (before, again, approval(place, begun)) == ("lift.untold", "lift.untold", "acting")


def test_the_officer_goes_on_when_she_says_how_else_the_person_was_told(place, begun):
    handing.handed_over(begun, "otherwise", "por teléfono, al número de su ficha", by=OLGA, now=NOW)

    (proof,) = [one for one in proofs.of_case(begun, ("acme",)) if one.kind == "otherwise"]
    notice = case_view(begun, by=HERE, language="es", now=NOW).letters[0]
    assert (proof.letter, notice.kind) == (notice.sha256, "lifting")
    assert approval(place, begun) == "acting"
