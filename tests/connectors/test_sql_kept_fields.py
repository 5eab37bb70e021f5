"""A row kept by law, field by field in SQL: what the law does not need of it is taken out, and read back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dsr.contract import Action, ConnectorError, ItemOutcome, KeepRule, Purpose, State, Verb, is_pseudonym
from sqlstore import Database

SCHEMA = """
CREATE TABLE cards (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT);
CREATE TABLE invoices (id INTEGER PRIMARY KEY, card_id INTEGER REFERENCES cards(id), issued_on TEXT, total REAL,
  name TEXT, phone TEXT, code TEXT);
INSERT INTO cards VALUES (1, 'ana@example.es', 'Ana'), (2, 'eva@example.es', 'Eva');
INSERT INTO invoices VALUES (1, 1, '2015-03-01', 1.0, 'Ana', '600', 'a1'),
  (2, 1, '2025-03-01', 2.0, 'Ana', '600', 'a2'),
  (3, 2, '2025-01-01', 3.0, 'Eva', '700', 'e3');
"""
MAP = """
dataset:
  - fides_key: crm
    name: CRM
    collections:
      - name: cards
        fields:
          - {{name: id, fides_meta: {{primary_key: true}}}}
          - {{name: email, fides_meta: {{identity: email}}}}
          - {{name: name}}
      - name: invoices
        fields:
          - {{name: id, fides_meta: {{primary_key: true}}}}
          - {{name: card_id, fides_meta: {{references: [{{dataset: crm, field: cards.id, direction: to}}]}}}}
          - {{name: issued_on}}
          - {{name: total}}
          - {{name: name}}
          - {{name: phone}}
          - {{name: code}}
dsr:
  collections:
    cards: {{owner: subject, {cards}}}
    invoices: {{owner: subject, erase: keep, keep: {{rule: tax, date: issued_on}}, anonymise: {blank}}}
"""
TAX = KeepRule("tax", "art. 66 LGT", (4, 0, 0))
BLANK = "{phone: null, code: {token: true}}"
FREED = "{phone: null, card_id: null}"
NAMELESS = "erase: anonymise, anonymise: {email: null, name: '-'}"


def database(tmp_path: Path, blank: str = BLANK, cards: str = NAMELESS) -> Database:
    return Database(tmp_path / "crm.sqlite3", SCHEMA, MAP.format(cards=cards, blank=blank))


def test_the_plan_says_which_fields_stay_and_which_are_taken_out(tmp_path: Path) -> None:
    here = database(tmp_path)

    (step,) = here.plan(Action.ERASE, keep=(TAX,))

    told = {item.id: (item.verb, item.count, item.fields, item.until) for item in step.items}
    assert step.conflicts == ()
    assert told == {
        "anonymise:cards": (Verb.ANONYMISE, 1, ("email", "name"), None),
        "delete:invoices:expired": (Verb.DELETE, 1, (), None),
        "keep:invoices": (Verb.KEEP, 1, ("card_id", "issued_on", "total", "name"), date(2029, 3, 1)),
        "strip:invoices": (Verb.ANONYMISE, 1, ("phone", "code"), None),
    }


def test_kept_fields_stay_as_they_were_and_the_others_are_gone(tmp_path: Path) -> None:
    here = database(tmp_path)
    steps = here.plan(Action.ERASE, keep=(TAX,))

    (outcome,) = here.act(steps)

    mine, evas = here.run("SELECT * FROM invoices ORDER BY id")
    assert mine[:6] == (2, 1, "2025-03-01", 2.0, "Ana", None)
    assert mine[6].startswith("gone-")
    assert evas == (3, 2, "2025-01-01", 3.0, "Eva", "700", "e3")
    assert outcome.state is State.DONE
    assert {one.item: (one.before, one.changed, one.kept) for one in outcome.items} == {
        "anonymise:cards": (1, 1, 0),
        "delete:invoices:expired": (1, 1, 0),
        "keep:invoices": (1, 0, 1),
        "strip:invoices": (1, 1, 0),
    }
    assert here.verify(steps, [outcome]) == ()


def test_old_values_are_sealed_before_they_go_where_the_law_blocks(tmp_path: Path) -> None:
    here = database(tmp_path)

    (outcome,) = here.act(here.plan(Action.ERASE, keep=(TAX,), block=True))

    (seal,) = outcome.seals
    sealed = {(row.collection, row.key): row.values for row in here.keeper.rows(seal.id)}
    assert sealed["invoices", (2,)]["phone"] == "600"
    assert {key for name, key in sealed if name == "invoices"} == {(1,), (2,)}


def test_what_was_taken_out_already_is_not_planned_again(tmp_path: Path) -> None:
    here = database(tmp_path, cards="erase: keep, keep: {rule: tax, date: name}")
    here.run("UPDATE cards SET name = '2025-01-01'")
    here.run("DELETE FROM invoices WHERE id = 1")
    first = here.plan(Action.ERASE, keep=(TAX,))
    here.act(first)
    before = here.run("SELECT * FROM invoices")

    (step,) = here.plan(Action.ERASE, keep=(TAX,))
    (again,) = here.act(first)

    assert [item.verb for item in step.items] == [Verb.KEEP, Verb.KEEP]
    assert (again.state, {one.item: one.changed for one in again.items}["strip:invoices"]) == (
        State.ALREADY,
        0,
    )
    assert here.run("SELECT * FROM invoices") == before


def test_a_value_that_came_back_is_noticed(tmp_path: Path) -> None:
    here = database(tmp_path)
    steps = here.plan(Action.ERASE, keep=(TAX,))
    (outcome,) = here.act(steps)

    here.run("UPDATE invoices SET phone = '600' WHERE id = 2")

    (left,) = here.verify(steps, [outcome])
    assert (left.item, left.count) == ("strip:invoices", 1)


def test_a_kept_row_that_is_cut_loose_lets_its_card_go(tmp_path: Path) -> None:
    here = database(tmp_path, blank=FREED, cards="erase: delete")
    steps = here.plan(Action.ERASE, keep=(TAX,))
    assert steps[0].conflicts == ()

    (outcome,) = here.act(steps)

    assert here.run("SELECT id, card_id, name, phone FROM invoices ORDER BY id") == [
        (2, None, "Ana", None),
        (3, 2, "Eva", "700"),
    ]
    assert here.run("SELECT id FROM cards") == [(2,)]
    assert (outcome.state, here.verify(steps, [outcome])) == (State.DONE, ())


def test_a_row_that_came_in_between_is_stripped_too(tmp_path: Path) -> None:
    here = database(tmp_path)
    steps = here.plan(Action.ERASE, keep=(TAX,))
    here.run("INSERT INTO invoices VALUES (4, 1, '2026-01-01', 4.0, 'Ana', '600', 'a4')")
    (outcome,) = here.act(steps)
    found = {one.item: one for one in outcome.items}
    assert found["strip:invoices"] == ItemOutcome("strip:invoices", 1, 2)
    assert here.run("SELECT phone FROM invoices WHERE card_id = 1") == [(None,), (None,)]


def test_a_kept_row_that_left_is_a_conflict_and_nothing_is_touched(tmp_path: Path) -> None:
    other = database(tmp_path)
    steps = other.plan(Action.ERASE, keep=(TAX,))
    other.run("DELETE FROM invoices WHERE id = 2")
    (outcome,) = other.act(steps)
    assert outcome.state is State.CONFLICT
    assert other.run("SELECT email FROM cards WHERE id = 1") == [("ana@example.es",)]


@pytest.mark.parametrize(
    ("blank", "said"),
    [("{issued_on: null}", "must stay"), ("{id: null}", "primary key"), ("{nowhere: null}", "nowhere")],
)
def test_a_map_that_would_take_out_what_is_needed_is_refused(tmp_path: Path, blank: str, said: str) -> None:
    with pytest.raises(ConnectorError, match=said):
        database(tmp_path, blank=blank).connector()


REDUCED = "{phone: null}, pseudonymise: [name], set_aside: {code: null}"


def test_a_plan_says_per_field_what_is_taken_out_put_under_a_pseudonym_and_set_aside(tmp_path: Path) -> None:
    (step,) = database(tmp_path, blank=REDUCED).plan(Action.ERASE, keep=(TAX,))

    told = {i.id: (i.verb, i.count, i.fields, i.citation, i.until) for i in step.items if i.fields}
    assert step.conflicts == ()
    assert told == {
        "anonymise:cards": (Verb.ANONYMISE, 1, ("email", "name"), "", None),
        "keep:invoices": (Verb.KEEP, 1, ("card_id", "issued_on", "total"), TAX.citation, date(2029, 3, 1)),
        "strip:invoices": (Verb.ANONYMISE, 1, ("phone",), "", None),
        "pseudonym:invoices": (Verb.PSEUDONYMISE, 1, ("name",), TAX.citation, date(2029, 3, 1)),
        "aside:invoices": (Verb.RESTRICT, 1, ("code",), TAX.citation, date(2029, 3, 1)),
    }


def test_a_pseudonym_takes_the_place_of_the_value_and_is_the_same_wherever_it_stood(tmp_path: Path) -> None:
    here = database(tmp_path, blank=REDUCED)
    here.run("INSERT INTO invoices VALUES (4, 1, '2026-01-01', 4.0, 'Ana', '600', 'a4')")
    here.run("INSERT INTO invoices VALUES (5, 1, '2026-02-01', 5.0, 'Ana G.', '600', NULL)")
    steps = here.plan(Action.ERASE, keep=(TAX,))

    (outcome,) = here.act(steps)

    names = dict(here.run("SELECT id, name FROM invoices"))
    assert (is_pseudonym(names[2]), names[2] == names[4], names[2] == names[5]) == (True, True, False)
    assert is_pseudonym(names[5])
    assert here.run("SELECT * FROM invoices WHERE id = 3") == [(3, 2, "2025-01-01", 3.0, "Eva", "700", "e3")]
    assert here.run("SELECT id, total, phone, code FROM invoices WHERE card_id = 1 ORDER BY id") == [
        (2, 2.0, None, None),
        (4, 4.0, None, None),
        (5, 5.0, None, None),
    ]
    assert (outcome.state, here.verify(steps, [outcome])) == (State.DONE, ())


def test_a_second_erasure_leaves_pseudonyms_as_they_are(tmp_path: Path) -> None:
    here = database(
        tmp_path, blank=REDUCED, cards="erase: keep, keep: {rule: tax, date: name}, pseudonymise: []"
    )
    here.run("UPDATE cards SET name = '2025-01-01'")
    here.run("DELETE FROM invoices WHERE id = 1")
    first = here.plan(Action.ERASE, keep=(TAX,))
    here.act(first)
    before = here.run("SELECT * FROM invoices")

    (step,) = here.plan(Action.ERASE, keep=(TAX,))
    (again,) = here.act(first)

    assert [item.verb for item in step.items] == [Verb.KEEP, Verb.KEEP]
    assert (again.state, here.run("SELECT * FROM invoices")) == (State.ALREADY, before)


@pytest.mark.parametrize(
    ("change", "item"),
    [("name = 'Ana'", "pseudonym:invoices"), ("code = 'a2'", "aside:invoices")],
)
def test_a_field_whose_value_came_back_is_noticed(tmp_path: Path, change: str, item: str) -> None:
    here = database(tmp_path, blank=REDUCED)
    steps = here.plan(Action.ERASE, keep=(TAX,))
    (outcome,) = here.act(steps)

    here.run(f"UPDATE invoices SET {change} WHERE id = 2")

    assert [(left.item, left.count) for left in here.verify(steps, [outcome])] == [(item, 1)]


def test_values_set_aside_lie_in_the_vault_and_return_exactly(tmp_path: Path) -> None:
    here = database(tmp_path, blank=REDUCED)
    (outcome,) = here.act(here.plan(Action.ERASE, keep=(TAX,)))
    (seal,) = outcome.seals
    assert (seal.purpose, seal.rows) == (Purpose.SET_ASIDE, 1)
    assert [dict(row.values) for row in here.keeper.rows(seal.id)] == [
        {"code": "a2", "dsr.placed": {"code": None}}
    ]

    back = here.lift(seal.id)

    assert here.run("SELECT code, phone FROM invoices WHERE id = 2") == [("a2", None)]
    assert (back.state, [one.changed for one in back.items]) == (State.DONE, [1])
    assert here.lift(seal.id).state is State.ALREADY


def test_what_somebody_wrote_since_is_not_overwritten_by_what_was_set_aside(tmp_path: Path) -> None:
    here = database(tmp_path, blank=REDUCED)
    (outcome,) = here.act(here.plan(Action.ERASE, keep=(TAX,)))
    here.run("UPDATE invoices SET code = 'newer' WHERE id = 2")

    back = here.lift(outcome.seals[0].id)

    assert here.run("SELECT code FROM invoices WHERE id = 2") == [("newer",)]
    assert [one.changed for one in back.items] == [0]


def test_a_kept_row_that_names_her_itself_is_reduced_in_one_statement(tmp_path: Path) -> None:
    """The address by which the row is found changes with the other fields and hides none of them."""
    whole = "erase: keep, keep: {rule: tax, date: name}, pseudonymise: [email]"
    here = database(tmp_path, blank=REDUCED, cards=whole)
    here.run("UPDATE cards SET name = '2025-01-01'")
    steps = here.plan(Action.ERASE, keep=(TAX,))

    (outcome,) = here.act(steps)

    ((mine,), (evas,)) = here.run("SELECT email FROM cards ORDER BY id")
    assert (is_pseudonym(mine), evas) == (True, "eva@example.es")
    assert (outcome.state, here.verify(steps, [outcome])) == (State.DONE, ())
    assert here.act(steps)[0].state is State.ALREADY


@pytest.mark.parametrize(
    ("column", "kind", "said"),
    [
        ("name VARCHAR(18)", "length", "«name» de «invoices» es demasiado corto para un seudónimo"),
        ("name INTEGER", "type", "«name» de «invoices» no es de texto"),
        ("name DATE", "type", "«name» de «invoices» no es de texto"),
    ],
)
def test_a_column_that_cannot_hold_a_pseudonym_is_refused_by_name_in_the_plan(
    tmp_path: Path, column: str, kind: str, said: str
) -> None:
    schema = SCHEMA.replace("total REAL,\n  name TEXT", f"total REAL,\n  {column}")
    schema = schema.replace("'Ana', '600'", "NULL, '600'").replace("'Eva', '700'", "NULL, '700'")
    text = MAP.format(cards=NAMELESS, blank=REDUCED)
    (step,) = Database(tmp_path / "crm.sqlite3", schema, text).plan(Action.ERASE, keep=(TAX,))

    ((found, why),) = [(one.kind, one.why) for one in step.conflicts]
    assert (found, said in str(why["es"])) == (kind, True)  # type: ignore[index]


def test_a_unique_column_takes_pseudonyms(tmp_path: Path) -> None:
    schema = SCHEMA.replace("name TEXT, phone", "name TEXT UNIQUE, phone").replace(
        "2.0, 'Ana'", "2.0, 'Ana G'"
    )
    text = MAP.format(cards=NAMELESS, blank=REDUCED)
    here = Database(tmp_path / "crm.sqlite3", schema, text)

    (outcome,) = here.act(here.plan(Action.ERASE, keep=(TAX,)))

    assert outcome.state is State.DONE
    assert is_pseudonym(here.run("SELECT name FROM invoices WHERE id = 2")[0][0])


@pytest.mark.parametrize(
    ("blank", "said"),
    [
        ("{phone: null}, pseudonymise: [phone]", "more than one of"),
        ("{phone: null}, pseudonymise: [id]", "primary key"),
        ("{phone: null}, set_aside: {issued_on: null}", "must stay"),
        ("{phone: null}, pseudonymise: [card_id]", "points to another collection"),
        ("{phone: null}, set_aside: {code: {token: true}}", "stands there meanwhile"),
        ("{phone: null}, pseudonymise: [nowhere]", "nowhere"),
    ],
)
def test_a_map_whose_fields_contradict_each_other_is_refused(tmp_path: Path, blank: str, said: str) -> None:
    with pytest.raises(ConnectorError, match=said):
        database(tmp_path, blank=blank).connector()


@pytest.mark.parametrize("blank", [BLANK, REDUCED])
def test_fields_exempt_from_blocking_are_not_sealed(tmp_path: Path, blank: str) -> None:
    here = database(tmp_path, blank=f"{blank}, blocking: exempt", cards=f"{NAMELESS}, blocking: exempt")

    (outcome,) = here.act(here.plan(Action.ERASE, keep=(TAX,), block=True))

    assert [seal.purpose for seal in outcome.seals] == ([Purpose.SET_ASIDE] if blank is REDUCED else [])
    assert here.run("SELECT email, name FROM cards WHERE id = 1") == [(None, "-")]
    assert here.run("SELECT id, phone FROM invoices WHERE card_id = 1") == [(2, None)]


def test_values_under_a_pseudonym_are_blocked_where_the_law_wants_it(tmp_path: Path) -> None:
    here = database(tmp_path, blank="{}, pseudonymise: [name]")

    (outcome,) = here.act(here.plan(Action.ERASE, keep=(TAX,), block=True))

    (seal,) = outcome.seals
    sealed = {(row.collection, row.key): row.values["name"] for row in here.keeper.rows(seal.id)}
    assert sealed["invoices", (2,)] == "Ana"
