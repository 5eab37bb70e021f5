"""A row kept by law, field by field in SQL: what the law does not need of it is taken out, and read back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dsr.contract import Action, ConnectorError, ItemOutcome, KeepRule, State, Verb
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
