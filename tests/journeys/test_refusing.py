"""Refusing well, and what comes instead: every road ends in a letter that says who decided and why."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.domain.letters import AutomatedFacts, FeeFacts, ForwardedFacts
from dsr.services import (
    clocks,
    composing,
    following,
    intake,
    legal_hold,
    letters,
    outbox,
    previewing,
    proofs,
    refusing,
    review,
    standing,
)
from dsr.services.intake import Filing, Wanted
from dsr.services.officers import Officer, RefusalReasons, Withheld
from dsr.store.operations import Letter, Message
from stage import NOW, OLGA, post, work

ABUSE = RefusalReasons(
    "art. 12.5.b RGPD", "la misma copia", ground="excessive", evidence="pedida el 1 y el 4 de mayo"
)
FEE = FeeFacts(Decimal("12.50"), "EUR", "copias en papel", "quinta copia del año", "art. 12.5.a RGPD")


def refused(act, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        act(*args, **kwargs)
    return caught.value.code


def texts(place, reference):
    """(kind, text) of the letters of a case, the oldest first."""
    case = place.case(reference)
    with store.reading() as session:
        rows = session.scalars(select(Letter).where(Letter.case_id == case.id).order_by(Letter.id)).all()
        return [(row.kind, letters.text(row, case.submission)) for row in rows]


def test_abuse_is_found_by_a_named_person_with_evidence(place):
    reference = place.submit("access").cases[0]
    program = Officer(0, ("dpo",), name="token:4")
    bare = RefusalReasons(ABUSE.article, ABUSE.facts, ground="excessive")

    assert refused(refusing.refuse, reference, bare, by=OLGA, now=NOW) == "refuse.evidence"
    assert refused(refusing.refuse, reference, ABUSE, by=program, now=NOW) == "refuse.human"
    refusing.refuse(reference, ABUSE, by=OLGA, now=NOW)

    kind, text = texts(place, reference)[-1]
    assert kind == "refused"
    assert "la misma copia pedida el 1 y el 4 de mayo" in text
    assert 'data-element="complaint"' in text and 'data-element="court"' in text


def test_a_late_refusal_must_be_confirmed_and_says_that_it_is_late(place):
    reference = place.submit("access").cases[0]
    late = NOW + timedelta(days=40)
    why = RefusalReasons("art. 12.4 RGPD", "no consta")

    assert refused(refusing.refuse, reference, why, by=OLGA, now=late) == "refuse.late"
    refusing.refuse(reference, RefusalReasons(why.article, why.facts, late=True), by=OLGA, now=late)

    assert "Llega después del primer plazo de la ley" in texts(place, reference)[-1][1]


def test_a_question_to_the_person_gives_no_more_time_to_refuse(place):
    # GDPR 12(4): one month from receipt; the pause moves the date of the answer to 11 April.
    reference = place.submit("access").cases[0]
    review.pause(reference, "dos personas usan esta dirección", ask="identity", by=OLGA, now=NOW)
    review.resume(reference, by=OLGA, now=NOW + timedelta(days=9))
    why = RefusalReasons("art. 12.4 RGPD", "no consta")
    after = NOW + timedelta(days=32)
    assert place.case(reference).due_on == date(2026, 4, 13)

    assert refused(refusing.refuse, reference, why, by=OLGA, now=after) == "refuse.late"
    refusing.refuse(reference, RefusalReasons(why.article, why.facts, late=True), by=OLGA, now=after)

    assert "que terminó el jueves 2 de abril de 2026" in texts(place, reference)[-1][1]


def test_a_refusal_after_an_extension_names_the_time_that_it_kept(place):
    reference = place.submit("access").cases[0]
    review.extend(reference, "muchos sistemas", by=OLGA, now=NOW)

    refusing.refuse(reference, RefusalReasons("art. 12.4 RGPD", "no consta"), by=OLGA, now=NOW)

    assert "dentro del plazo que termina el jueves 2 de abril de 2026" in texts(place, reference)[-1][1]


def test_a_refused_part_lets_the_case_go_on_and_stands_in_its_answer(place):
    reference = place.submit("access").cases[0]
    part = RefusalReasons("art. 15.4 RGPD", "nombran a otra persona", what="Notas internas")

    refusing.refuse(reference, part, by=OLGA, now=NOW)
    assert place.case(reference).status == "review"
    case = place.approve(reference)

    kind, text = texts(place, reference)[-1]
    assert (case.ending, kind) == ("partly", "access")
    assert "<strong>Notas internas</strong>: nombran a otra persona <small>(art. 15.4 RGPD)</small>" in text


def test_a_withheld_record_is_told_with_its_reason(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    record = place.record(reference, "crm", "deals")

    review.withhold(
        reference, "crm", record, Withheld("pleito abierto", article="art. 17.3.e"), by=OLGA, now=NOW
    )
    work()
    place.approve(reference)

    assert "pleito abierto <small>(art. 17.3.e)</small>" in texts(place, reference)[-1][1]


def test_a_fee_is_offered_and_paid_and_the_case_goes_on(place):
    reference = place.submit("access").cases[0]
    due = place.case(reference).due_on

    refusing.offer_fee(reference, FEE, by=OLGA, now=NOW)
    asked = place.case(reference).status
    review.resume(reference, by=OLGA, now=NOW + timedelta(days=2))

    kind, text = texts(place, reference)[-1]
    assert (asked, kind) == ("waiting", "fee")
    assert "12,50\u00a0€" in text and "no suspende el plazo" in text
    assert (place.case(reference).status, place.case(reference).due_on) == ("review", due)


def test_the_question_on_her_page_says_how_much_and_for_what(place):
    submitted = place.submit("access")
    refusing.offer_fee(submitted.cases[0], FEE, by=OLGA, now=NOW)

    (note,) = following.see(submitted.reference, "acme", proved=True, now=NOW).notes

    assert (note.about, note.text) == ("question", "12.50 EUR: copias en papel\n\nquinta copia del año")


def test_who_cannot_be_identified_reads_what_would_help_and_not_the_reason_in_its_place(place):
    plain, helped = place.submit("access").cases[0], place.submit("access").cases[0]
    why = RefusalReasons("art. 11.2 RGPD", "solo guardamos un código", not_identified=True)

    refusing.refuse(plain, why, by=OLGA, now=NOW)
    refusing.refuse(helped, replace(why, helps="el número de su pedido"), by=OLGA, now=NOW)

    said = [texts(place, one)[-1] for one in (plain, helped)]
    asked = [text.partition('data-element="would_help"')[2].partition("</ul>")[0] for _, text in said]
    assert [kind for kind, _ in said] == ["not_identified", "not_identified"]
    assert ("solo guardamos" in asked[0], "otra dirección" in asked[0]) == (False, True)
    assert ("<li>el número de su pedido</li>" in asked[1], "otra dirección" in asked[1]) == (True, False)
    assert all("solo guardamos un código <small>(art. 11.2 RGPD)</small>" in text for _, text in said)


def test_a_fee_stops_the_clock_where_the_law_says_so(place):
    reference = place.submit("access", jurisdiction="UK", country="GB").cases[0]

    refusing.offer_fee(reference, FEE, by=OLGA, now=NOW)

    assert place.case(reference).due_on is None
    assert "queda en suspenso desde" in texts(place, reference)[-1][1]


def test_a_request_that_is_not_ours_is_passed_on_and_the_person_told(place):
    reference = place.submit("access").cases[0]
    to = ForwardedFacts("Otra Empresa, S. L.", NOW.date(), "los datos son suyos", "datos@otra.example")
    ahead = ForwardedFacts(to.to, NOW.date() + timedelta(days=1), to.why)

    assert refused(refusing.forward, reference, ahead, by=OLGA, now=NOW) == "forward.future"
    refusing.forward(reference, to, by=OLGA, now=NOW)

    case = place.case(reference)
    kind, text = texts(place, reference)[-1]
    assert (case.status, case.ending, kind) == ("answered", "forwarded", "forwarded")
    assert "Otra Empresa, S. L." in text and "lunes 2 de marzo de 2026" in text


def test_the_local_clock_of_passing_on_is_shown(place):
    reference = place.submit("erasure", jurisdiction="CO", country="CO").cases[0]

    seen = standing.of(reference, by=Officer(1, ("dpo",), ("acme",)), language="es", now=NOW)

    assert seen.forward_by == date(2026, 3, 4)


def test_an_automated_decision_is_reviewed_by_a_person(place):
    reference = place.submit("access").cases[0]
    facts = AutomatedFacts("sin crédito", "puntúa pagos", "tres facturas", "Olga Ruiz", "se concede")

    refusing.answer_automated(reference, facts, by=OLGA, now=NOW)

    kind, text = texts(place, reference)[-1]
    assert (place.case(reference).ending, kind) == ("done", "automated")
    assert "Olga Ruiz" in text


def test_the_note_of_a_claim_is_never_seen_by_the_person(place):
    receipt = place.submit("access")
    reference = receipt.cases[0]

    legal_hold.hold(reference, "demanda 12", date(2026, 9, 1), by=OLGA, now=NOW)

    ((kind, text),) = texts(place, reference)
    assert (kind, "demanda 12" in text) == ("legal_hold", True)
    seen = following.see(receipt.reference, "acme", proved=True, now=NOW)
    assert seen.cases[0].letters == ()


def test_a_repeated_request_is_a_fact_with_its_dates(place):
    first = place.submit("access").cases[0]
    second = place.submit("access").cases[0]
    somebody = place.submit("access", who="eva").cases[0]
    by = Officer(1, ("dpo",), ("acme",))

    assert [one.reference for one in standing.of(second, by=by, language="es", now=NOW).repeated] == [first]
    assert "seis meses" in standing.of(second, by=by, language="es", now=NOW).free
    assert standing.of(somebody, by=by, language="es", now=NOW).repeated == ()


def test_who_only_typed_an_address_is_not_the_person_who_proves_it(place):
    ana = place.demo.cast["ana"].email
    typed = Filing(
        controller="acme", language="es", jurisdiction="ES", country="ES", rights=(Wanted("access"),),
        identifiers=(("email", ana),),
    )  # fmt: skip
    intake.submit(typed, by="person", now=NOW)
    mine = place.submit("access").cases[0]

    seen = standing.of(mine, by=Officer(1, ("dpo",), ("acme",)), language="es", now=NOW)

    assert (seen.repeated, seen.since) == ((), date(2025, 9, 2))


def test_another_right_worked_by_the_same_road_is_not_the_same_request(place):
    place.submit(Wanted("access", local_right="automated_decisions"))
    mine = place.submit("access").cases[0]

    assert standing.of(mine, by=Officer(1, ("dpo",), ("acme",)), language="es", now=NOW).repeated == ()


def test_in_colombia_the_free_month_is_counted(place):
    first = place.submit("access", jurisdiction="CO", country="CO").cases[0]
    second = place.submit("access", jurisdiction="CO", country="CO").cases[0]

    seen = standing.of(second, by=Officer(1, ("dpo",), ("acme",)), language="es", now=NOW)

    assert ([one.reference for one in seen.repeated], seen.since) == ([first], date(2026, 2, 2))


def test_the_preview_of_a_refusal_is_the_letter_that_is_sent_and_leaves_nothing(place):
    reference = place.submit("access").cases[0]
    by = Officer(1, ("dpo",), ("acme",), address="olga@acme.example")
    shown = previewing.decision(reference, lambda case: composing.refusal(case, ABUSE, by=by, now=NOW), by=by)
    assert texts(place, reference) == []
    refusing.refuse(reference, ABUSE, by=by, now=NOW)

    assert texts(place, reference)[-1][1] == shown.html
    assert shown.pdf.startswith(b"%PDF-")


def test_the_preview_of_an_answer_says_what_the_plan_says_and_nothing_is_erased(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    before = place.rows("crm", "select count(*) from contacts")
    by = Officer(1, ("dpo",), ("acme",))

    shown = previewing.answer(reference, by=by, now=NOW)
    assert place.rows("crm", "select count(*) from contacts") == before
    place.approve(reference)

    sent = texts(place, reference)[-1][1]
    kept = sent[
        sent.index('<ul data-element="kept">') : sent.index("</ul>", sent.index('data-element="kept"'))
    ]
    assert shown.planned and kept in shown.html


def test_what_the_mail_server_said_is_kept_with_the_letter(place):
    reference = place.submit("access").cases[0]
    refusing.refuse(reference, ABUSE, by=OLGA, now=NOW)

    post(place.folder)

    case = place.case(reference)
    with store.reading() as session:
        sha256 = session.scalar(select(Letter.sha256).where(Letter.case_id == case.id))
    (proved,) = proofs.of_case(reference, ("acme",))
    assert (proved.kind, proved.letter) == ("accepted", sha256)
    assert (proved.words["to"], proved.words["answer"]) == (
        place.demo.cast["ana"].email,
        "250 kept in the outbox of this demonstration",
    )


def test_a_bounce_is_kept_with_what_the_server_said(place):
    reference = place.submit("access").cases[0]
    refusing.refuse(reference, ABUSE, by=OLGA, now=NOW)
    post(place.folder)
    case = place.case(reference)
    with store.transaction() as tx:
        message = tx.session.scalars(select(Message).where(Message.case_id == case.id)).one()
        outbox.returned(tx, message, "5.1.1", now=NOW)

    proved = proofs.of_case(reference, ("acme",))

    assert [one.kind for one in proved] == ["accepted", "bounced"]
    assert proved[1].words["answer"] == "5.1.1"


def test_an_erasure_keeps_what_the_fresh_reads_said(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    place.approve(reference)

    (proved,) = [one for one in proofs.of_case(reference, ("acme",)) if one.kind == "read_back"]

    assert proved.words["left"] == {"crm": 0, "tracking": 0}


def test_until_when_a_question_may_be_answered_stands_in_the_letter(place):
    reference = place.submit("access", jurisdiction="PE", country="PE").cases[0]

    review.pause(reference, "¿qué contrato?", by=OLGA, now=NOW)

    case = place.case(reference)
    assert clocks.of_case(case).suspended_since == NOW.date()
    text = texts(place, reference)[-1][1]
    assert 'data-element="answer_by"' in text and "queda en suspenso" in text
