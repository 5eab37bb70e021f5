"""From the form to a proved identity; nobody is searched before."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import identity, intake
from dsr.services.intake import Filing, Wanted
from dsr.store.models import Case, Identity, Submission
from stage import NOW, code_in, installation, mails, post, text_of, work


@pytest.fixture
def place(tmp_path):
    with installation(tmp_path / "instance"):
        yield tmp_path / "instance"


def filing(*rights, **more):
    known = {
        "controller": "acme",
        "language": "es",
        "jurisdiction": "ES",
        "rights": tuple(Wanted(right) for right in rights or ("access",)),
        "identifiers": (("email", "Ana@Correo.example"),),
        "name": "Ana",
    }
    return Filing(**(known | more))


def statuses():
    with store.reading() as session:
        return [case.status for case in session.scalars(select(Case).order_by(Case.id))]


def test_a_request_waits_for_proof_and_mails_a_code(place):
    receipt = intake.submit(filing(), by="person", now=NOW)

    sent = post(place)

    assert statuses() == ["unverified"]
    assert [message["To"] for message in sent] == ["ana@correo.example"]
    assert not receipt.verified


def test_the_right_code_proves_the_address_and_orders_the_search(place):
    receipt = intake.submit(filing(), by="person", now=NOW)
    code = code_in(post(place)[-1])

    assert identity.confirm_code(receipt.reference, code, now=NOW)

    assert statuses() == ["collecting"]
    with store.reading() as session:
        assert [(row.how, row.proved_at) for row in session.scalars(select(Identity))] == [("code", NOW)]


def test_a_code_is_spent_once(place):
    receipt = intake.submit(filing(), by="person", now=NOW)
    code = code_in(post(place)[-1])

    first = identity.confirm_code(receipt.reference, code, now=NOW)
    second = identity.confirm_code(receipt.reference, code, now=NOW)

    assert (first, second) == (True, False)


def test_a_code_expires(place):
    receipt = intake.submit(filing(), by="person", now=NOW)
    code = code_in(post(place)[-1])

    assert not identity.confirm_code(receipt.reference, code, now=NOW + timedelta(hours=2))


def test_after_five_wrong_tries_the_right_code_is_refused(place):
    receipt = intake.submit(filing(), by="person", now=NOW)
    code = code_in(post(place)[-1])
    wrong = "0000 0000" if code != "0000 0000" else "1111 1111"

    tries = [identity.confirm_code(receipt.reference, wrong, now=NOW) for _ in range(5)]

    assert tries == [False] * 5
    assert not identity.confirm_code(receipt.reference, code, now=NOW)


def test_a_link_proves_like_the_code_and_is_spent_once(place):
    receipt = intake.submit(filing(), by="person", now=NOW)
    link = text_of(post(place)[-1]).split("/confirm/")[1].split()[0]

    assert identity.confirm_link(link, now=NOW) == receipt.reference
    assert identity.confirm_link(link, now=NOW) is None


def test_a_link_expires(place):
    intake.submit(filing(), by="person", now=NOW)
    link = text_of(post(place)[-1]).split("/confirm/")[1].split()[0]

    assert identity.confirm_link(link, now=NOW + timedelta(hours=2)) is None
    assert statuses() == ["unverified"]


def test_an_unknown_reference_and_a_wrong_code_look_alike(place):
    intake.submit(filing(), by="person", now=NOW)

    assert identity.confirm_code("AAAA-AAAA", "1234 5678", now=NOW) is False


def test_a_recipient_gets_five_codes_a_day_and_no_more(place):
    receipt = intake.submit(filing(), by="person", now=NOW)
    for _ in range(8):
        identity.send_code(receipt.reference, now=NOW)

    assert len(post(place)) == 5


def test_an_officer_can_prove_by_other_means(place):
    from dsr.services.identity import Proof

    receipt = intake.submit(
        filing(identifiers=(("phone", "+34 600 000 001"),), answer_by="post", country="ES"),
        by="person",
        now=NOW,
    )
    with store.reading() as session:
        ids = list(session.scalars(select(Identity.id)))

    identity.prove(receipt.cases[0], ids, Proof("call_back", "llamada de vuelta"), by="staff:1", now=NOW)

    assert mails(place) == []
    assert statuses() == ["collecting"]


def test_a_proof_without_a_reason_is_refused(place):
    from dsr.services.identity import Proof

    receipt = intake.submit(filing(), by="person", now=NOW)

    with pytest.raises(Refusal) as refused:
        identity.prove(receipt.cases[0], [1], Proof("call_back", " "), by="staff:1", now=NOW)
    assert refused.value.code == "identity.reason"


def test_several_rights_become_several_cases_of_one_submission(place):
    receipt = intake.submit(filing("erasure", "access"), by="person", now=NOW)

    with store.reading() as session:
        assert [case.right for case in session.scalars(select(Case).order_by(Case.id))] == [
            "access",
            "erasure",
        ]
        assert len(session.scalars(select(Submission)).all()) == 1
    assert len(receipt.cases) == 2


def test_nothing_found_is_an_answer_too(place):
    receipt = intake.submit(filing(), by="person", now=NOW)
    identity.confirm_code(receipt.reference, code_in(post(place)[-1]), now=NOW)

    work()

    assert statuses() == ["review"]


def test_an_officer_does_not_prove_herself(place):
    from dsr.services.identity import Proof

    receipt = intake.submit(filing(), by="person", now=NOW)
    proof = Proof("in_person", "soy yo")

    with pytest.raises(Refusal) as refused:
        identity.prove(receipt.cases[0], [1], proof, by="staff:1", now=NOW, address="ana@correo.example")
    assert refused.value.code == "case.own"
