"""A bounced answer is settled by an officer: sent again, to another address of hers, or told otherwise."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.services import identity, intake, outbox, proofs, review, undelivered
from dsr.services.intake import Filing, Wanted
from dsr.store.operations import AuditEntry, Message
from dsr.store.queries import desk, portal
from stage import NOW, OLGA, code_in, post

AGENT = replace(OLGA, number=3, roles=("agent",))
NEW = "ana.nueva@correo.example"
WHY = "llamó desde el teléfono que ya teníamos"


@pytest.fixture
def returned(place):
    """An access whose answer came back: (case, submission)."""
    receipt = place.submit("access")
    reference = receipt.cases[0]
    place.approve(reference)
    post(place.folder)
    with store.transaction() as tx:
        message = tx.session.scalars(select(Message).where(Message.kind == "answer_ready")).one()
        outbox.returned(tx, message, "5.1.1", now=NOW)
    post(place.folder)
    assert place.case(reference).bounced
    return reference, receipt.reference


def alarms():
    with store.reading() as session:
        return desk.bounced_messages(session, ["acme"])


def sent_to(place, before):
    """(address, subject is of the answer) of what left after ``before``."""
    return [mail["To"] for mail in post(place.folder) if mail["Message-ID"] not in before]


def known(place):
    return {mail["Message-ID"] for mail in post(place.folder)}


def audited():
    with store.reading() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.kind == Kind.MAIL_SETTLED)).all()
        return [(row.actor, row.data["how"], row.data["mails"]) for row in rows]


def test_the_answer_is_sent_again_and_the_alarm_ends(place, returned):
    before = known(place)

    count = undelivered.settle(returned[0], "again", WHY, by=AGENT, now=NOW)

    case = place.case(returned[0])
    assert (count, case.bounced, alarms()) == (1, False, [])
    assert sent_to(place, before) == [place.demo.cast["ana"].email]
    assert [one.kind for one in proofs.of_case(returned[0], ("acme",))] == ["accepted", "bounced", "accepted"]
    assert audited() == [("staff:3", "again", 1)]
    with store.reading() as session:
        assert portal.failed_mails(session, case.submission_id) == 0


@pytest.mark.parametrize(
    ("act", "subject"),
    [
        (lambda case: review.extend(case, WHY, by=OLGA, now=NOW), "Necesitamos más tiempo para su respuesta"),
        (lambda case: review.pause(case, WHY, by=OLGA, now=NOW), "Necesitamos un dato para seguir"),
    ],
    ids=["extension", "question"],
)
def test_another_letter_is_sent_again_as_what_it_was(place, act, subject):
    case = place.submit("access").cases[0]
    act(case)
    post(place.folder)
    with store.transaction() as tx:
        message = tx.session.scalars(select(Message).where(Message.letter != "")).one()
        outbox.returned(tx, message, "5.1.1", now=NOW)
    post(place.folder)
    before = known(place)

    undelivered.settle(case, "again", WHY, by=AGENT, now=NOW)

    assert [one["Subject"] for one in post(place.folder) if one["Message-ID"] not in before] == [subject]


def test_another_address_gets_the_answer_and_the_codes_and_the_old_one_nothing(place, returned):
    before = known(place)

    undelivered.settle(returned[0], "address", WHY, address=f" {NEW} ", by=OLGA, now=NOW)
    answer = sent_to(place, before)
    before = known(place)
    identity.send_second_code(returned[1], now=NOW)
    (code,) = [mail for mail in post(place.folder) if mail["Message-ID"] not in before]

    assert (answer, code["To"]) == ([NEW], NEW)
    assert identity.pass_second_step(returned[1], code_in(code), now=NOW)
    with store.reading() as session:
        proved = session.scalars(select(AuditEntry).where(AuditEntry.kind == Kind.PROVED)).all()
    assert [one.actor for one in proved] == ["person", "staff:1"]


def test_an_agent_gives_no_other_address(place, returned):
    with pytest.raises(Refusal) as refused:
        undelivered.settle(returned[0], "address", WHY, address=NEW, by=AGENT, now=NOW)

    assert (refused.value.code, place.case(returned[0]).bounced) == ("workflow.role", True)


def test_who_was_reached_by_telephone_gets_no_mail(place, returned):
    before = known(place)

    undelivered.settle(returned[0], "otherwise", "leída por teléfono", by=OLGA, now=NOW)

    assert (sent_to(place, before), alarms(), place.case(returned[0]).bounced) == ([], [], False)


@pytest.mark.parametrize(
    ("way", "reason", "address", "code"),
    [
        ("hope", WHY, "", "mail.way"),
        ("again", " ", "", "reason.missing"),
        ("address", WHY, "", "identifier"),
        ("address", WHY, "*@correo.example", "identifier"),
    ],
)
def test_what_is_not_said_rightly_changes_nothing(place, returned, way, reason, address, code):
    before = known(place)

    with pytest.raises(Refusal) as refused:
        undelivered.settle(returned[0], way, reason, address=address, by=OLGA, now=NOW)

    assert refused.value.code.startswith(code)
    assert (place.case(returned[0]).bounced, sent_to(place, before), audited()) == (True, [], [])


def test_a_case_whose_mails_arrived_has_nothing_to_settle(place, returned):
    undelivered.settle(returned[0], "otherwise", "leída por teléfono", by=OLGA, now=NOW)

    with pytest.raises(Refusal) as refused:
        undelivered.settle(returned[0], "again", WHY, by=OLGA, now=NOW)

    assert refused.value.code == "mail.none"


def test_eva_of_another_organisation_settles_nothing(place, returned):
    with pytest.raises(Refusal) as refused:
        undelivered.settle(returned[0], "again", WHY, by=replace(OLGA, controllers=("other",)), now=NOW)

    assert (refused.value.code, place.case(returned[0]).bounced) == ("case.unknown", True)


@pytest.fixture
def uncoded(place):
    """Two requests of Ana whose code came back, before anybody proved who asks."""
    filing = Filing(
        controller="acme",
        language="es",
        jurisdiction="ES",
        country="ES",
        rights=(Wanted("access"), Wanted("portability")),
        identifiers=(("email", place.demo.cast["ana"].email),),
    )
    receipt = intake.submit(filing, by="person", now=NOW)
    post(place.folder)
    with store.transaction() as tx:
        message = tx.session.scalars(select(Message).where(Message.kind == "confirm")).one()
        outbox.returned(tx, message, "5.1.1", now=NOW)
    return receipt


def flags(place, receipt):
    return [place.case(one).bounced for one in receipt.cases]


def test_a_code_that_came_back_marks_what_was_asked_for_and_writes_to_nobody(place, uncoded):
    before = known(place)

    assert (flags(place, uncoded), sent_to(place, before)) == ([True, True], [])


def test_another_code_is_sent_and_proving_the_address_ends_the_mark(place, uncoded):
    before = known(place)

    undelivered.settle(uncoded.cases[0], "again", WHY, by=AGENT, now=NOW)

    (sent,) = [mail for mail in post(place.folder) if mail["Message-ID"] not in before]
    assert (flags(place, uncoded), sent["To"]) == ([False, False], place.demo.cast["ana"].email)
    with store.transaction() as tx:
        second = tx.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        outbox.returned(tx, second, "5.1.1", now=NOW)
    assert flags(place, uncoded) == [True, True]
    assert identity.confirm_code(uncoded.reference, code_in(sent), now=NOW)
    assert flags(place, uncoded) == [False, False]


def test_before_identity_is_proved_no_other_address_is_given_here(place, uncoded):
    with pytest.raises(Refusal) as refused:
        undelivered.settle(uncoded.cases[0], "address", WHY, address=NEW, by=OLGA, now=NOW)

    assert (refused.value.code, flags(place, uncoded)) == ("workflow.illegal", [True, True])
