"""An answer that the person collects or reads at the desk: an officer's word is its proof of delivery."""

import pytest

from dsr.domain.errors import Refusal
from dsr.services import handing, proofs, viewing
from dsr.services.officers import Officer
from stage import NOW, OLGA

HOW = "vino con su pasaporte"
BY = Officer(1, OLGA.roles, ("acme",))


def refused(*words, by=OLGA):
    with pytest.raises(Refusal) as caught:
        handing.handed_over(*words, by=by, now=NOW)
    return caught.value.code


def test_what_an_officer_saw_is_kept_beside_the_letter(place):
    reference = place.submit("access").cases[0]
    assert refused(reference, "collected", HOW) == "workflow.illegal"
    place.approve(reference)

    handing.handed_over(reference, "collected", HOW, by=OLGA, now=NOW)

    seen = viewing.view(reference, by=BY, language="es", now=NOW)
    (proof,) = [one for one in proofs.of_case(reference, ("acme",)) if one.kind == "collected"]
    assert (proof.words["answer"], proof.words["by"]) == (HOW, OLGA.actor)
    assert proof.letter == seen.letters[-1].sha256
    assert [one.words for one in seen.timeline if one.kind == "answer.handed_over"] == [{"reason": HOW}]


def test_it_needs_a_way_words_and_staff(place):
    reference = place.submit("access").cases[0]
    place.approve(reference)

    assert refused(reference, "by_pigeon", HOW) == "handing.way"
    assert refused(reference, "read_here", " ") == "reason.missing"
    assert refused(reference, "read_here", HOW, by=Officer(3, ("auditor",))) == "workflow.role"
    assert "hand_over" in viewing.view(reference, by=BY, language="es", now=NOW).allowed
