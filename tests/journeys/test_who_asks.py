"""Who may ask for somebody else, and that nothing is done before an officer confirmed it."""

import pytest

from dsr.domain.errors import Refusal
from dsr.services import identity, intake, review
from dsr.services.identity import Proof
from dsr.services.intake import Filing, Wanted
from stage import NOW, OLGA

ANA = "ana.garcia@correo.example"
MOTHER = {"behalf": "parent", "representative": "Marta, la madre", "child_age": 9}


def refused(act, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        act(*args, **kwargs)
    return caught.value.code


def filing(**more):
    known = {
        "controller": "acme",
        "language": "es",
        "jurisdiction": "ES",
        "rights": (Wanted("access"),),
        "identifiers": (("email", "ana@example.org"),),
    }
    return Filing(**(known | more))


def test_nothing_is_approved_before_the_power_is_confirmed(place):
    reference = place.submit("access", **MOTHER).cases[0]
    place.reject_proposals(reference)
    shown = place.plan_hash(reference)

    assert refused(review.approve, reference, shown, by=OLGA, now=NOW) == "behalf.unconfirmed"
    identity.confirm_power(reference, Proof("family", "libro de familia visto"), by=OLGA, now=NOW)
    case = place.approve(reference)

    assert (case.status, case.submission.power_by) == ("answered", OLGA.actor)


def test_not_even_what_runs_at_once_runs_for_somebody_unconfirmed(place):
    wanted = Wanted("objection", channels=("tracking",))
    before = place.rows("tracking", "select tracking_ok from visitors where email = ?", ANA)

    reference = place.submit(wanted, behalf="representative").cases[0]

    assert place.case(reference).status == "review"
    assert place.rows("tracking", "select tracking_ok from visitors where email = ?", ANA) == before == [(1,)]


def test_a_power_needs_words_and_somebody_to_represent(place):
    hers = place.submit("access").cases[0]
    theirs = place.submit("access", who="eva", **MOTHER).cases[0]

    assert refused(identity.confirm_power, hers, Proof("other", "x"), by=OLGA, now=NOW) == "behalf.none"
    assert refused(identity.confirm_power, theirs, Proof("other", " "), by=OLGA, now=NOW) == "identity.reason"


@pytest.mark.parametrize(
    ("jurisdiction", "age", "code"),
    [
        ("ES", 13, ""),
        ("ES", 14, "filing.child"),
        ("IE", 15, ""),
        ("IE", 16, "filing.child"),
        ("BR", 13, ""),
        ("BR", 16, "filing.child"),
    ],
)
def test_from_the_age_of_the_law_a_child_asks_alone(place, jurisdiction, age, code):
    wanted = filing(behalf="parent", child_age=age, jurisdiction=jurisdiction)

    found = "" if not code else refused(intake.checked, wanted, now=NOW)
    if not code:
        intake.checked(wanted, now=NOW)

    assert found == code


@pytest.mark.parametrize(
    ("jurisdiction", "right", "code"),
    [
        ("ES", "access", ""),
        ("ES", "portability", "filing.heirs"),
        ("AR", "access", ""),
        ("AR", "erasure", "filing.heirs"),
        ("EU", "access", "filing.heirs"),
    ],
)
def test_heirs_ask_only_where_the_law_says_so(place, jurisdiction, right, code):
    wanted = filing(behalf="heir", jurisdiction=jurisdiction, rights=(Wanted(right),))

    if code:
        assert refused(intake.checked, wanted, now=NOW) == code
    else:
        assert len(intake.checked(wanted, now=NOW)) == 1


def test_a_processor_that_passes_a_request_on_is_named(place):
    assert refused(intake.checked, filing(channel="processor"), now=NOW) == "filing.processor"

    receipt = place.submit("access", channel="processor", forwarded_by="Hosting, S. L.")

    assert place.case(receipt.cases[0]).submission.channel == "processor"
