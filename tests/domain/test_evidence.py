"""The connector's word is compared again."""

from dsr.contract import Identifier, Match, Record, Subject
from dsr.domain import evidence

EMAIL = Identifier("email", "ana@example.org")
NUMBER = Identifier("customer_number", "C-77")
ANA = Subject("ana", (EMAIL,), (Identifier("phone", "+34911222333"),))


def record(*seen, match=Match.EXACT):
    return Record("r", "ana", "contacts", ("contacts", (1,)), (), 1, tuple(seen), match, "why")


def judge(one, subject=ANA, typed=(EMAIL,)):
    return [found.match for found in evidence.judged([one], subject, typed, "ES")]


def test_a_record_with_her_proved_address_is_hers():
    assert judge(record(("email", "Ana@Example.org "))) == [Match.EXACT]


def test_a_record_of_somebody_else_is_left_out_whatever_the_connector_says():
    assert judge(record(("email", "eva@example.org"))) == []


def test_a_connector_may_propose_less_than_we_would():
    assert judge(record(("email", "ana@example.org"), match=Match.SHARED)) == [Match.SHARED]


def test_a_claimed_identifier_only_proposes():
    assert judge(record(("phone", "911 222 333"))) == [Match.PROPOSED]


def test_a_revealed_number_on_a_record_with_only_other_addresses_proposes():
    subject = Subject("ana", (EMAIL, NUMBER))

    assert judge(record(("customer_number", "C-77"), ("email", "eva@example.org")), subject) == [
        Match.PROPOSED
    ]
    assert judge(record(("customer_number", "C-77")), subject) == [Match.EXACT]


def test_an_identifier_that_two_people_reveal_is_shared():
    found = evidence.shared([("ana", NUMBER), ("eva", NUMBER), ("ana", EMAIL)])

    assert found == frozenset({("customer_number", "C-77")})


def test_a_web_address_in_a_text_keeps_hers_and_hides_others():
    text = "/buy?from=eva%40example.org&email=ana@example.org&to=Ana%40example.org"

    shown, hidden = evidence.without_others(text, ANA, "[x]")

    assert (shown, hidden) == ("/buy?from=[x]&email=ana@example.org&to=Ana%40example.org", 1)


def test_free_text_keeps_her_own_address_and_hides_everybody_elses():
    text = "Escribió Ana@example.org; también eva@example.org (eva.2@sub.example.com)."

    shown, hidden = evidence.without_others(text, ANA, "[x]")

    assert (shown, hidden) == ("Escribió Ana@example.org; también [x] ([x]).", 2)
