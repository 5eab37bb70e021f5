"""What a law wants at once on receipt, and what no program can do: marked and read back, or done by hand."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import duties, letters, receiving, refusing, review, systems, viewing
from dsr.services.intake import Wanted
from dsr.services.officers import RefusalReasons
from dsr.store.models import VaultSeal, Work
from dsr.store.operations import AuditEntry, Letter
from stage import NOW, OLGA, work

CHANGE = Wanted("rectification", changes=(("user.name", "", "Ana García Núñez"),))


def colombian(place, wanted=CHANGE, **more):
    return place.submit(wanted, **({"jurisdiction": "CO", "country": "CO"} | more)).cases[0]


def marks(reference):
    with store.reading() as session:
        rows = session.scalars(select(Work).where(Work.generation == receiving.ON_RECEIPT)).all()
        return {row.system: (row.state, row.verified) for row in rows if row.key.startswith(reference)}


def texts(place, reference):
    """(kind, text) of the letters of a case."""
    case = place.case(reference)
    with store.reading() as session:
        rows = session.scalars(select(Letter).where(Letter.case_id == case.id)).all()
        return [(row.kind, letters.text(row, case.submission)) for row in rows]


def said(reference):
    with store.reading() as session:
        rows = session.scalars(
            select(AuditEntry).where(AuditEntry.reference == reference, AuditEntry.kind == "case.acted")
        ).all()
        return [(one.data["system"], one.data["on_receipt"], one.data["state"]) for one in rows
                if "on_receipt" in one.data]  # fmt: skip


def duty(reference):
    seen = viewing.view(reference, by=replace(OLGA, controllers=("acme",)), language="en", now=NOW)
    return seen.duties


def flagged(place):
    """Contacts that are marked, read with another client."""
    return place.rows("crm", "select id from contacts where restricted = 1 order by id")


def test_a_claim_in_colombia_is_marked_on_receipt_and_read_back(place):
    before = flagged(place)

    reference = colombian(place)

    assert marks(reference) == {"crm": ("by_hand", "clean"), "tracking": ("by_hand", "clean")}
    assert place.case(reference).status == "review"
    assert len(flagged(place)) == len(before) + 1


def test_only_her_own_rows_are_marked(place):
    colombian(place)

    her = place.rows("crm", "select email from contacts where restricted = 1")
    assert (place.demo.cast["ana"].email,) in her
    assert (place.demo.cast["eva"].email,) not in her


def test_what_was_marked_stands_in_the_log(place):
    reference = colombian(place)

    assert {(system, act) for system, act, _ in said(reference)} == {("crm", "mark"), ("tracking", "mark")}


def test_in_spain_nothing_is_marked(place):
    reference = place.submit(CHANGE).cases[0]

    assert (marks(reference), duty(reference)) == ({}, ())


def test_a_second_search_marks_nothing_twice(place):
    reference = colombian(place)
    first = marks(reference)
    review.retry(reference, by=OLGA, now=NOW)
    work()

    assert marks(reference) == first


def test_a_system_that_only_observes_is_done_by_hand_and_kept_as_proof(place):
    systems.hold("acme", "crm", True, by="staff:1", now=NOW)
    reference = colombian(place)
    (one,) = duty(reference)
    assert (one.key, one.done, "crm" in one.systems) == ("mark_in_dispute", False, True)

    duties.complete(reference, "mark_in_dispute", "marcado en el ERP", by=OLGA, now=NOW)

    assert duty(reference)[0].done
    assert marks(reference)["crm"] == ("done", "stated")


def test_a_duty_without_words_is_no_proof(place):
    with pytest.raises(Refusal, match="Say how it was done"):
        duties.complete(colombian(place), "mark_in_dispute", "  ", by=OLGA, now=NOW)


def test_a_duty_that_is_none_is_refused(place):
    with pytest.raises(Refusal, match="no such duty"):
        duties.complete(colombian(place), "block_on_receipt", "hecho", by=OLGA, now=NOW)


def test_when_the_case_is_over_the_mark_is_taken_away(place):
    before = flagged(place)
    reference = colombian(place)
    assert flagged(place) != before
    review.cancel(reference, "otra vez la misma", by=OLGA, now=NOW)

    receiving.release(now=NOW + timedelta(minutes=1))

    assert {state for state, _ in marks(reference).values()} == {"lifted"}
    assert flagged(place) == before


def test_taking_the_mark_away_gives_back_exactly_what_stood_there(place):
    place.change("crm", "update contacts set restricted = 7 where restricted = 0")
    before = place.rows("crm", "select id, restricted from contacts order by id")
    reference = colombian(place)
    assert place.rows("crm", "select id, restricted from contacts order by id") != before
    review.cancel(reference, "otra vez la misma", by=OLGA, now=NOW)

    receiving.release(now=NOW + timedelta(minutes=1))

    assert place.rows("crm", "select id, restricted from contacts order by id") == before
    with store.reading() as session:
        assert [one.returned_at is not None for one in session.scalars(select(VaultSeal))] == [True, True]


def test_while_the_case_is_open_the_mark_stays(place):
    colombian(place)

    assert receiving.release(now=NOW + timedelta(days=3)) == 0
    assert len(flagged(place)) == 1


def test_a_right_beyond_the_seven_waits_for_what_is_done_by_hand(place):
    reference = place.submit(Wanted("access", local_right="automated_decisions")).cases[0]
    place.reject_proposals(reference)
    (one,) = duty(reference)
    assert (one.key, one.done) == ("guide", False)
    with pytest.raises(Refusal, match="First do by hand"):
        review.approve(reference, place.plan_hash(reference), by=OLGA, now=NOW)

    duties.complete(reference, "guide", "la revisó Paula: se mantiene", by=OLGA, now=NOW)
    place.approve(reference)

    assert place.case(reference).status == "answered"


def test_the_letter_says_in_the_words_of_the_officer_what_was_done_by_hand(place):
    reference = place.submit(Wanted("access", local_right="automated_decisions")).cases[0]
    other = place.submit(Wanted("access", local_right="automated_decisions"), who="eva").cases[0]
    for one, words in ((reference, "la revisó Paula: se mantiene"), (other, "nada que revisar")):
        place.reject_proposals(one)
        duties.complete(one, "guide", words, by=OLGA, now=NOW)
        place.approve(one)

    (said,) = [text for kind, text in texts(place, reference) if kind in ("access", "nothing_found")]

    (told,) = re.findall(r'data-element="by_hand">\s*(.*?)\s*</ul>', said, re.DOTALL)
    assert told == "<li>lunes 2 de marzo de 2026: la revisó Paula: se mantiene.</li>"


def test_a_refusal_too_says_what_was_done_by_hand(place):
    reference = place.submit(Wanted("access", local_right="automated_decisions")).cases[0]
    duties.complete(reference, "guide", "la revisó Paula: no hay ninguna", by=OLGA, now=NOW)

    why = RefusalReasons("art. 22 RGPD", "No decide ningún programa.")
    refusing.refuse(reference, why, by=OLGA, now=NOW)

    (said,) = [text for kind, text in texts(place, reference) if kind == "refused"]
    assert "la revisó Paula: no hay ninguna" in said


def test_the_clock_of_a_right_beyond_the_seven_is_its_own(place):
    reference = place.submit(
        Wanted("access", local_right="information"), jurisdiction="PE", country="PE"
    ).cases[0]

    assert (str(place.case(reference).due_on), place.case(reference).local_right) == (
        "2026-03-12",
        "information",
    )
