"""A real Tryton: papers, texts that its own erasure leaves, versions, sessions, rights; its file is read raw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

import pytest

from connectors._entries import Moved
from connectors.tryton import Tryton as Connecting
from connectors.tryton.erasing import WIZARD
from dsr.contract import (
    Action,
    Change,
    Connector,
    ConnectorError,
    Found,
    Identifier,
    KeepRule,
    Match,
    Outcome,
    State,
    Step,
    Subject,
    Verb,
)
from dsr.testing import ANA, EVA, ConnectorKit, Disturbance, Person
from erp import Case, Erp
from road import email
from servers.tryton import GROUPS, PASSWORD, Tryton
from vendors.tryton import TrytonFake

pytestmark = pytest.mark.live
MINE = email(ANA.email)
BOOKS = KeepRule("commercial_books", "Código de Comercio, 30", (6, 0, 0))
TODAY = date(2026, 6, 1)
NAMESAKE = replace(EVA, key="otra", name=ANA.name, email="otra@correo.example", phone="+34600100199")
LAW: dict[str, Any] = {"keep": (BOOKS,), "on": TODAY}
TABLE_OF = {
    "invoices": "account_invoice",
    "entries": "account_move_line",
    "notes": "ir_note",
    "prints": "account_invoice_report_revision",
}


class TestTrytonLive(ConnectorKit):
    """What every connector must keep to, against the real server; its faults are in test_tryton.py."""

    kinds = ("email", "phone")
    actions = frozenset(Action)
    disturbances = frozenset(Disturbance) - {Disturbance.MOVE}
    many: ClassVar[int] = 4

    @pytest.fixture
    def place(self, tryton: Tryton) -> Iterator[Erp]:
        erp = Erp(tryton)
        yield erp
        erp.empty()

    def make(self, place: Erp) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.erp = place
        place.empty()
        self.secrets = {"password": place.server.password}  # type: ignore[misc]
        return Connecting, place.settings()

    def seed(self, people: Sequence[Person]) -> None:
        self.erp.people(people)

    def raw(self, person: Person) -> Mapping[str, int]:
        return self.erp.hers(person)

    def content(self) -> str:
        return self.erp.content()

    def disturb(self, kind: Disturbance, person: Person) -> None:
        if kind is Disturbance.ADD:
            self.erp.rpc.make(
                "ir.note", resource=f"party.party,{self.erp.party(person)}", message=f"Otra de {person.name}"
            )
        elif kind is Disturbance.REMOVE:
            self.erp.run("DELETE FROM ir_note WHERE message LIKE ?", f"%{person.name}")
        elif kind is Disturbance.BREAK:
            self.settings = {**self.settings, "url": "http://127.0.0.1:9"}
        else:
            self.erp.run(
                "UPDATE party_contact_mechanism SET value = ?, value_compact = ?, write_date = ? WHERE value = ?",
                EVA.email, EVA.email, "2026-02-02 10:00:00.5", person.email,
            )  # fmt: skip


LIVE = {
    "test_a_claimed_identifier_only_proposes",
    "test_a_row_that_became_evas_is_a_conflict",
    "test_blocked_rows_are_sealed_as_they_were",
    "test_eva_is_not_in_what_ana_gets",
    "test_every_row_of_hers_is_found_and_no_other",
    "test_new_rows_of_hers_go_too",
    "test_verify_finds_rows_that_came_back",
    "test_what_is_done_is_done_once",
}
"""Signing in takes its time: the rest of the kit runs against the stateful one, which is held to this server below."""
for _name in [one for one in dir(TestTrytonLive) if one.startswith("test_") and one not in LIVE]:
    setattr(TestTrytonLive, _name, None)


@pytest.fixture
def erp(tryton: Tryton) -> Iterator[Erp]:
    erp = Erp(tryton)
    erp.empty()
    erp.people([ANA, EVA, NAMESAKE])
    # As she wrote it once: other letters in capitals.
    erp.run("UPDATE party_contact_mechanism SET value = ? WHERE value = ?", ANA.email.title(), ANA.email)
    erp.run("UPDATE party_contact_mechanism SET value_compact = value WHERE party = ?", erp.party(ANA))
    yield erp
    erp.empty()


@pytest.fixture
def case(erp: Erp) -> Case:
    return Case(erp)


def declared(step: Step, outcome: Outcome) -> set[str]:
    """The tables in which an outcome said that something stays."""
    kept = {one.item for one in outcome.items if one.kept}
    return {
        TABLE_OF[item.collection] for item in step.items if item.id in kept and item.collection in TABLE_OF
    }


def tables(places: list[str]) -> set[str]:
    return {one.partition(".")[0] for one in places}


def test_one_person_from_access_to_erasure_with_an_invoice_that_the_law_keeps(erp: Erp, case: Case) -> None:
    ana, words = erp.party(ANA), f"{ANA.name} {ANA.email}"
    erp.invoice(ana, date(2026, 3, 2), description=words, comment=f"Llamar a {ANA.phone}")
    erp.rpc.make("ir.attachment", resource=f"party.party,{ana}", name=f"{ANA.name}.txt", type="data")
    erp.rpc.make("ir.note", resource=f"party.party,{erp.party(EVA)}", message=f"Prima de {ANA.email}.")
    records = case.locate(MINE)
    hers = tuple(one for one in records if one.match is Match.EXACT)

    given = {row.collection for _, row in case.open().read(hers).rows}
    corrected = case.act(
        case.plan(
            Action.RECTIFY, MINE, records=hers, changes=(Change("user.contact.phone_number", "+34600100201"),)
        )
    )
    hers = tuple(one for one in case.locate(MINE) if one.match is Match.EXACT)
    limited = case.act(case.plan(Action.RESTRICT, MINE, records=hers))
    seals = tuple(one.id for one in limited.seals)
    lifted = case.act(case.plan(Action.LIFT, MINE, records=hers, seals=seals))
    stopped = case.act(case.plan(Action.STOP, MINE, records=hers, channels=("marketing",)))
    records = case.locate(MINE)
    step = case.plan(Action.ERASE, MINE, records=records, block=True, **LAW)
    erased = case.act(step)

    assert given == {
        "parties",
        "mechanisms",
        "addresses",
        "notes",
        "attachments",
        "invoices",
        "invoice_lines",
        "entries",
    }
    assert {one.state for one in (corrected, limited, lifted, stopped, erased)} == {State.DONE}
    assert case.verify(step, erased) == ()
    assert [one.collection for one in records if one.match is Match.MENTIONED] == ["notes"]
    assert {item.citation for item in step.items if item.collection in ("parties", "invoices")} == {
        BOOKS.citation
    }
    assert {item.until for item in step.items if item.collection == "invoices"} == {date(2032, 3, 2)}
    assert tables(erp.standing(ANA.email)) == declared(step, erased)
    assert erp.run("SELECT active FROM party_party WHERE id = ?", ana) == [(0,)]
    assert (erp.hers(EVA), erp.hers(NAMESAKE)["mechanisms"]) == ({**erp.hers(EVA), "notes": 1}, 2)
    assert case.act(step).state is State.ALREADY


def test_after_the_period_tryton_erases_and_what_it_forgets_goes_too(erp: Erp, case: Case) -> None:
    ana = erp.party(ANA)
    erp.invoice(ana, date(2012, 3, 2), description=f"{ANA.name} {ANA.email}", line=f"Para {ANA.email}")
    step = case.plan(Action.ERASE, MINE, **LAW)

    outcome = case.act(step)

    assert {item.verb for item in step.items} == {Verb.ANONYMISE, Verb.DELETE, Verb.KEEP}
    assert (outcome.state, case.verify(step, outcome)) == (State.DONE, ())
    assert erp.standing(ANA.email) == ["account_move_line.description"]
    assert declared(step, outcome) == {"account_move_line"}
    assert [one for one in erp.standing(ANA.name) if not one.startswith("account_move_line")] == [
        "ir_note.message",
        "party_address.party_name",
        "party_party.name",
    ], "those of the namesake"
    assert erp.run("SELECT count(*) FROM account_invoice WHERE invoice_report_cache IS NOT NULL") == [(0,)]
    left = case.open().locate([Subject("ana", (MINE,))])
    assert ([one.match for one in left.records], left.searched[0].found) == ([Match.MENTIONED], Found.FOUND)


def test_business_that_is_not_over_is_a_conflict_before_and_in_the_middle(erp: Erp) -> None:
    case = Case(erp, mentions=False)
    step = case.plan(Action.ERASE, MINE, **LAW)
    erp.invoice(erp.party(ANA), date(2026, 5, 2), pay=False)
    before = erp.content()

    outcome = case.act(step)
    later = case.plan(Action.ERASE, MINE, records=step.intent.records, **LAW)

    assert (outcome.state, {one.kind for one in later.conflicts}) == (State.CONFLICT, {"pending"})
    assert erp.content() == before


def test_the_real_server_answers_as_the_stateful_one_does(erp: Erp) -> None:
    fake = TrytonFake()
    for person in (ANA, EVA):
        fake.seed(person)
    real, made = Case(erp), Case(erp)
    made.settings, made.password = fake.settings, "sesame"
    try:
        shapes = [_shapes(one, party) for one, party in ((real, erp.party(ANA)), (made, fake.party(ANA)))]
    finally:
        fake.close()

    assert shapes[0] == shapes[1]


def _shapes(case: Case, party: int) -> list[Any]:
    """What the server gives for every kind of call: fields with their types, errors by what they become."""
    connector = case.open()
    source = connector.source(*connector._opened)
    api, found = source.api, []
    for kind in source.reader.kinds.values():
        fields = [*kind.fields, *([kind.link] if kind.link else ["resource"]), "_timestamp"]
        found.append([kind.name, sorted(next(api.rows(kind.model, [], fields), {}))])
    contacts = list(api.rows("party.contact_mechanism", [["party", "=", party]], ["value", "_timestamp"]))
    found += [[type(one["value"]).__name__, type(one["_timestamp"]).__name__] for one in contacts]
    attempts = {
        "stale": lambda: api.write(
            "party.party", [party], {"active": False}, {f"party.party,{party}": "0.5"}
        ),
        "active": lambda: api.call(
            f"wizard.{WIZARD}.execute", api.wizard(WIZARD), {"ask": {"party": party}}, "erase", {}
        ),
        "deactivated": lambda: api.write("party.party", [party], {"active": False}, {}),
        "erased": lambda: api.call(
            f"wizard.{WIZARD}.execute", api.wizard(WIZARD), {"ask": {"party": party}}, "erase", {}
        ),
    }
    for name, attempt in attempts.items():
        try:
            found.append([name, attempt()])
        except Exception as error:  # noqa: BLE001 -- what it becomes is what is compared
            found.append([name, type(error).__name__])
    left = api.rows("party.contact_mechanism", [["party", "=", party]], ["value", "value_compact"])
    found += [[one["value"], bool(one["value_compact"])] for one in left]
    found += [
        bool(one["party_name"]) for one in api.rows("party.address", [["party", "=", party]], ["party_name"])
    ]
    found.append(list(api.rows("ir.note", [["resource", "in", [f"party.party,{party}"]]], ["message"])))
    return found


def test_a_version_that_is_not_the_last_is_refused_and_a_session_is_opened_again(
    erp: Erp, case: Case
) -> None:
    connector = case.open()
    source = connector.source(*connector._opened)
    ana = source.reader.folders([erp.party(ANA)])[erp.party(ANA)]
    erp.run("UPDATE party_party SET write_date = '2026-02-02 10:00:00.5' WHERE id = ?", ana.party.id)
    erp.run("DELETE FROM ir_session")

    with pytest.raises(Moved):
        source.api.write("party.party", [ana.party.id], {"name": "X"}, {ana.party.ref: ana.party.stamp})
    assert erp.hers(ANA)["parties"] == 2


def test_shared_staff_and_organisations_are_not_certain(erp: Erp, case: Case) -> None:
    erp.run(
        "UPDATE party_contact_mechanism SET value = ?, value_compact = ? WHERE value = ?",
        *[ANA.phone] * 2,
        EVA.phone,
    )
    shared = case.locate(Identifier("phone", ANA.phone))
    erp.run("UPDATE party_contact_mechanism SET name = 'Almacén' WHERE party = ?", erp.party(ANA))
    organisation = case.locate(MINE)

    own = case.locate(email("info@acme.example"))
    step = case.plan(Action.ERASE, email("info@acme.example"), records=own, **LAW)

    assert {one.match for one in shared if one.match is not Match.MENTIONED} == {Match.PROPOSED}
    assert {one.match for one in organisation if one.match is not Match.MENTIONED} == {Match.PROPOSED}
    assert ({one.match for one in own}, {item.verb for item in step.items}) == ({Match.SHARED}, {Verb.KEEP})


def test_check_names_what_is_missing_and_what_is_too_much(erp: Erp, case: Case) -> None:
    mighty = Case(erp, user="admin")
    table, login = '"res_user-res_group"', "(SELECT id FROM res_user WHERE login = 'dsr')"
    groups = erp.run(f'SELECT "group" FROM {table} WHERE "user" = {login}')  # noqa: S608

    assert [one.code for one in case.open().check()] == ["reached"]
    assert [one.code for one in mighty.open(password=PASSWORD).check()] == ["reached", "mighty"]
    assert len(groups) == len(GROUPS)


@pytest.mark.parametrize(
    ("more", "password", "said"),
    [({}, "equivocada", "refuses the user and password"), ({"database": "nada"}, None, "check the url")],
)
def test_a_wrong_setting_is_told_without_telling_more(
    erp: Erp, more: dict[str, object], password: str | None, said: str
) -> None:
    with pytest.raises(ConnectorError, match=said) as caught:
        Case(erp, **more).open(password=password).check()

    assert (caught.value.permanent, "equivocada" in str(caught.value)) == (True, False)


def test_a_category_that_is_not_there_is_named(erp: Erp) -> None:
    assert [one.code for one in Case(erp, objection_category="Nadie").open().check()] == [
        "reached",
        "no_category",
    ]
