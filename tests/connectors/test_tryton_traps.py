"""Traps of Tryton on the stateful one: papers the law keeps, what its erasure forgets, refusals, people who share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from connectors.tryton import Tryton
from connectors.tryton.api import python
from dsr.contract import (
    Action,
    Change,
    ConnectorError,
    Identifier,
    KeepRule,
    Match,
    State,
    Subject,
    Verb,
)
from dsr.testing import ANA, EVA
from road import Road, email
from vendors.faults import instead, order
from vendors.server import Asked, Reply
from vendors.tryton import ADDRESS, IDENTIFIER, MECHANISM, PARTY, TrytonFake

MINE = email(ANA.email)
LAW: dict[str, Any] = {
    "keep": (KeepRule("commercial_books", "Código de Comercio, 30", (6, 0, 0)),),
    "on": date(2026, 6, 1),
}
OLD, YOUNG = {"year": 2012, "month": 3, "day": 2}, {"year": 2026, "month": 3, "day": 2}


@pytest.fixture
def fake() -> Iterator[TrytonFake]:
    fake = TrytonFake()
    fake.seed(ANA)
    fake.seed(EVA)
    yield fake
    fake.close()


@pytest.fixture
def case(fake: TrytonFake) -> Road:
    return Road(Tryton, fake.settings, "sesame")


def paper(fake: TrytonFake, day: dict[str, int], **values: Any) -> int:
    """An invoice of hers with a line, a booking and a printed copy, paid."""
    party, text = fake.party(ANA), f"Para {ANA.email}"
    given = {"state": "paid", "description": text, "invoice_report_cache": "copia", **values}
    on = {"__class__": "date", **day}
    number = fake.put("account.invoice", party=party, number="7", invoice_date=on, **given)
    fake.put("account.invoice.line", invoice=number, description=text, note=text)
    fake.put("account.move.line", party=party, date=on, description=text)
    fake.put("ir.note", resource=f"account.invoice,{number}", message=text)
    return number


def tables(fake: TrytonFake, word: str) -> set[str]:
    """Models in which a word stands."""
    return {
        name
        for name, rows in fake.tables.items()
        if word in json.dumps(list(rows.values()), ensure_ascii=False)
    }


def test_papers_stay_with_the_name_they_are_made_out_to_and_contacts_go(fake: TrytonFake, case: Road) -> None:
    paper(fake, YOUNG)

    step = case.plan(Action.ERASE, MINE, block=True, **LAW)
    outcome = case.act(step)

    kept = {item.collection: (item.citation, item.until) for item in step.items if item.verb is Verb.KEEP}
    assert set(kept.values()) == {("Código de Comercio, 30", date(2032, 3, 2))}
    assert set(kept) == {"parties", "addresses", "invoices", "invoice_lines", "entries", "notes"}
    assert (outcome.state, case.verify(step, outcome)) == (State.DONE, ())
    assert (fake.raw(ANA)["parties"], fake.raw(ANA)["mechanisms"], fake.raw(ANA)["notes"]) == (1, 0, 0)
    assert fake.table(PARTY)[str(fake.party(ANA))]["active"] is False
    assert case.act(step).state is State.ALREADY


def test_what_trytons_own_erasure_forgets_goes_too(fake: TrytonFake, case: Road) -> None:
    number = paper(fake, OLD)

    step = case.plan(Action.ERASE, MINE, **LAW)
    outcome = case.act(step)

    assert (outcome.state, case.verify(step, outcome)) == (State.DONE, ())
    assert (tables(fake, ANA.email), tables(fake, ANA.name)) == ({"account.move.line"}, set())
    assert [item.collection for item in step.items if item.verb is Verb.KEEP] == ["entries"]
    assert fake.table("account.invoice")[str(number)]["invoice_report_cache"] is None
    assert fake.raw(EVA) == {"parties": 1, "mechanisms": 2, "addresses": 1, "notes": 1}


def test_papers_that_no_rule_knows_are_a_question(fake: TrytonFake, case: Road) -> None:
    paper(fake, OLD)

    assert [one.kind for one in case.plan(Action.ERASE, MINE).conflicts] == ["unknown"]


def test_business_that_is_not_over_is_a_conflict(fake: TrytonFake, case: Road) -> None:
    paper(fake, YOUNG, state="posted")

    assert [one.kind for one in case.plan(Action.ERASE, MINE, **LAW).conflicts] == ["pending"]


@pytest.mark.parametrize("left_out", ["notes", "addresses", "mechanisms"])
def test_what_the_officer_left_out_is_not_swept_away_with_the_rest(
    fake: TrytonFake, case: Road, left_out: str
) -> None:
    some = tuple(one for one in case.locate(MINE) if one.collection != left_out)

    step = case.plan(Action.ERASE, MINE, records=some, **LAW)

    assert [one.kind for one in step.conflicts] == ["whole"]


def test_a_paper_that_came_after_the_plan_is_a_conflict(fake: TrytonFake, case: Road) -> None:
    step = case.plan(Action.ERASE, MINE, **LAW)
    paper(fake, YOUNG)
    before = fake.content()

    assert (case.act(step).state, fake.content()) == (State.CONFLICT, before)


def test_a_contact_that_changed_before_the_erasure_itself_is_a_conflict(fake: TrytonFake, case: Road) -> None:
    step = case.plan(Action.ERASE, MINE, **LAW)
    mechanism = next(n for n, one in fake.table(MECHANISM).items() if one["value"] == ANA.email)

    def how(asked: Asked, right: Callable[[], Reply]) -> Reply:
        fake.write(MECHANISM, [int(mechanism)], {"comment": "nuevo"}, {})
        return right()

    order(fake, how, times=1, when=lambda asked: asked.route == "wizard.party.erase.create")
    outcome = case.act(step)

    assert (outcome.state, fake.table(PARTY)[str(fake.party(ANA))]["active"]) == (State.CONFLICT, True)
    assert fake.raw(ANA) == {"parties": 1, "mechanisms": 2, "addresses": 1, "notes": 1}


def test_what_tryton_refuses_has_failed_and_is_as_it_was(fake: TrytonFake, case: Road) -> None:
    step = case.plan(Action.ERASE, MINE, **LAW)
    fake.forbidden = {"wizard.party.erase.execute"}
    before = fake.content()

    outcome = case.act(step)

    assert (outcome.state, fake.content()) == (State.FAILED, before)
    assert "Tryton does not let this party be erased" in outcome.why["en"]  # type: ignore[index]


def test_no_word_of_a_person_is_ever_sent_to_be_searched(fake: TrytonFake, case: Road) -> None:
    case.locate(MINE, Identifier("phone", ANA.phone))

    sent = [json.dumps(one.asked.body) for one in fake.exchanges]
    assert [one for one in sent if ANA.email in one or ANA.phone in one or "ilike" in one] == []


@pytest.mark.parametrize(
    ("held", "code"), [("es_dni", "12345678-Z"), ("es_vat", "ES12345678Z"), ("eu_vat", "ES12345678Z")]
)
def test_a_tax_number_is_found_as_tryton_writes_it(
    fake: TrytonFake, case: Road, held: str, code: str
) -> None:
    fake.put(IDENTIFIER, party=fake.party(ANA), type=held, code=code)

    found = case.locate(Identifier("es_dni", "12345678Z"))

    assert {one.match for one in found} == {Match.EXACT}
    assert {one.collection for one in found} == {"parties", "identifiers", "mechanisms", "addresses", "notes"}


def test_the_code_of_a_party_is_a_customer_number_only_where_that_is_said(
    fake: TrytonFake, case: Road
) -> None:
    code = Identifier("customer_number", str(fake.table(PARTY)[str(fake.party(ANA))]["code"]))
    said = Road(Tryton, {**fake.settings, "customer_numbers": True}, "sesame")

    assert (case.locate(code), {one.match for one in said.locate(code)}) == ((), {Match.EXACT})


def test_a_number_that_another_party_holds_too_only_proposes(fake: TrytonFake, case: Road) -> None:
    fake.put(MECHANISM, party=fake.party(EVA), type="phone", value=ANA.phone, value_compact=ANA.phone)

    found = case.locate(Identifier("phone", ANA.phone))

    assert {one.match for one in found} == {Match.PROPOSED}
    assert len({one.anchor for one in found}) == 2


def test_a_person_entered_twice_is_one_person(fake: TrytonFake, case: Road) -> None:
    fake.seed(ANA)

    outcome = case.act(case.plan(Action.ERASE, MINE, **LAW))

    assert (outcome.state, set(fake.raw(ANA).values())) == (State.DONE, {0})


def test_a_party_that_was_merged_into_hers_goes_with_it(fake: TrytonFake, case: Road) -> None:
    merged = fake.put(
        PARTY, name="Ana G.", code="77", active=False, categories=[], replaced_by=fake.party(ANA)
    )
    fake.put(
        MECHANISM,
        party=merged,
        type="email",
        value="vieja@correo.example",
        value_compact="vieja@correo.example",
    )
    records = case.locate(MINE)

    outcome = case.act(case.plan(Action.ERASE, MINE, block=True, **LAW))
    left_out = case.open()

    assert "merged" in {one.collection for one in records}
    assert (outcome.state, tables(fake, "Ana G.")) == (State.DONE, set())
    assert tables(fake, "vieja@") == set()
    assert sum(row.collection == "merged" for row in case.keeper.rows(outcome.seals[0].id)) == 1
    assert left_out.locate([Subject("ana", (MINE,))]).records == ()


def test_the_company_and_its_employees_are_not_erased(fake: TrytonFake, case: Road) -> None:
    fake.put("company.employee", party=fake.party(ANA))
    before = fake.content()

    records = case.locate(MINE)
    step = case.plan(Action.ERASE, MINE, records=records, **LAW)

    assert {one.match for one in records} == {Match.SHARED}
    assert ({item.verb for item in step.items}, case.act(step).state, fake.content()) == (
        {Verb.KEEP},
        State.ALREADY,
        before,
    )


def test_contacts_named_after_people_make_the_party_a_proposal(fake: TrytonFake, case: Road) -> None:
    fake.put(MECHANISM, party=fake.party(ANA), type="email", value="b@correo.example", name="Berta")

    assert {one.match for one in case.locate(MINE)} == {Match.PROPOSED}


def test_a_note_at_somebody_elses_party_is_a_mention_and_stays(fake: TrytonFake, case: Road) -> None:
    fake.put("ir.note", resource=f"{PARTY},{fake.party(EVA)}", message=f"Prima de <{ANA.email}>.")
    fake.put("ir.note", resource=f"{PARTY},{fake.party(EVA)}", message=f"x{ANA.email}")
    records = case.locate(MINE)

    step = case.plan(Action.ERASE, MINE, records=records, **LAW)
    outcome = case.act(step)

    assert [one.match for one in records if one.path == ("mentioned",)] == [Match.MENTIONED]
    assert (outcome.state, sum(one.kept for one in outcome.items)) == (State.DONE, 1)
    assert tables(fake, ANA.email) == {"ir.note"}


def test_texts_wait_for_the_officer(fake: TrytonFake, case: Road) -> None:
    paper(fake, YOUNG)

    rows = [row for _, row in case.open().read(case.locate(MINE)).rows]

    held = {row.collection: row.withheld for row in rows if row.withheld}
    assert held["notes"] == ("message",)
    assert held["invoices"] == ("description", "invoice_report_cache")


def test_of_several_addresses_the_one_that_is_meant_is_corrected(fake: TrytonFake, case: Road) -> None:
    other = fake.put(MECHANISM, party=fake.party(ANA), type="email", value="dos@correo.example", active=True)
    wrong = Change("user.contact.email", "Nueva@CORREO.example", "dos@correo.example")

    unclear = case.plan(Action.RECTIFY, MINE, changes=(Change("user.contact.email", "x@correo.example"),))
    step = case.plan(Action.RECTIFY, MINE, changes=(wrong,))
    outcome = case.act(step)

    assert {one.kind for one in unclear.conflicts} == {"unknown"}
    assert (outcome.state, case.verify(step, outcome)) == (State.DONE, ())
    assert fake.table(MECHANISM)[str(other)]["value"] == "Nueva@correo.example"
    assert fake.raw(ANA)["mechanisms"] == 2


def test_a_name_and_an_address_are_corrected_together(fake: TrytonFake, case: Road) -> None:
    changes = (
        Change("user.name", "Ana Corregida", ANA.name),
        Change("user.contact.email", "n@correo.example", ANA.email),
    )

    step = case.plan(Action.RECTIFY, MINE, changes=changes)
    outcome, again = case.act(step), case.act(step)

    assert (outcome.state, again.state, case.verify(step, outcome)) == (State.DONE, State.ALREADY, ())
    assert "n@correo.example" in fake.content()
    assert {one["party_name"] for one in fake.table(ADDRESS).values()} == {"Ana Corregida", EVA.name}


@pytest.mark.parametrize("value", ["", "a\0b", "x" * 3000, 7])
def test_a_value_that_cannot_be_held_is_a_conflict(case: Road, value: object) -> None:
    step = case.plan(Action.RECTIFY, MINE, changes=(Change("user.name", value),))

    assert {one.kind for one in step.conflicts} == {"type"}


def test_who_was_inactive_before_stays_so_after_lifting(fake: TrytonFake, case: Road) -> None:
    fake.table(PARTY)[str(fake.party(ANA))]["active"] = False

    outcome = case.act(case.plan(Action.RESTRICT, MINE))

    assert (outcome.state, outcome.seals) == (State.ALREADY, ())


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"error": ["LoginException", ["password", "Password of ana", "password"]]}, "second factor"),
        ({"error": ["'party.party'", "Traceback: ana"]}, "fault of its own"),
        ({"error": "x"}, "fault of its own"),
        ({"nothing": 1}, "unexpected form"),
        ([], "unexpected form"),
        ({"result": {"a": 1}}, "unexpected form"),
        ({"result": [{"name": "Ana"}]}, "unexpected form"),
        ({"result": [{"id": 1, "x": {"__class__": "date", "year": 0}}]}, "unexpected form"),
    ],
)
def test_answers_that_are_none_are_said_without_saying_them(
    fake: TrytonFake, case: Road, said: object, sentence: str
) -> None:
    order(fake, instead(Reply(200, said)), when=lambda asked: asked.route == "model.ir.module.search_read")

    with pytest.raises(ConnectorError, match=sentence) as caught:
        case.locate(MINE)
    assert "na" not in str(caught.value).replace("unexpected", "").split()


def test_rights_that_are_missing_are_named(fake: TrytonFake, case: Road) -> None:
    fake.forbidden = {"wizard.party.erase.create", "model.ir.model.list_history"}

    assert [one.code for one in case.open().check()] == ["reached", "no_erasure", "history_unknown"]


def test_permissions_that_are_missing_are_named_with_the_rights_that_fail(
    fake: TrytonFake, case: Road
) -> None:
    fake.denied = {(ADDRESS, "delete"), (ADDRESS, "write")}

    told = [one.sentence["en"] for one in case.open().check() if one.code == "no_rights"]  # type: ignore[index]

    assert told == [
        "The user lacks permissions on 'Postal addresses': write (rectification, restriction, end of a restriction,"
        " objection), delete (erasure)."
    ]


def test_values_are_those_of_python() -> None:
    given = {"__class__": "datetime", "year": 2026, "month": 1, "day": 2, "hour": 3, "minute": 4, "second": 5}
    made = python([{"__class__": "bytes", "base64": "aG9sYQ=="}, {"__class__": "Decimal", "decimal": "1.10"}])

    assert (made[0], str(made[1])) == (b"hola", "1.10")
    assert python({**given, "microsecond": 6}).isoformat() == "2026-01-02T03:04:05.000006"
    assert python({"__class__": "timedelta", "seconds": 90}).total_seconds() == 90


@pytest.mark.parametrize(
    ("name", "value"), [("url", "ftp://x"), ("database", ""), ("mentions", "no"), ("other", 1)]
)
def test_a_wrong_setting_is_named(fake: TrytonFake, name: str, value: Any) -> None:
    with pytest.raises(ConnectorError, match=f"'{name}'"):
        Road(Tryton, {**fake.settings, name: value}, "sesame").open()
