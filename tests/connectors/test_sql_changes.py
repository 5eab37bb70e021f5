"""Rectification, objection, restriction and its lifting, portability in SQL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dsr.contract import Action, Change, Outcome, Purpose, State, Step, Verb
from sqlstore import ANA, EVA, Database, subject

SCHEMA = """
CREATE TABLE cards (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT NOT NULL, age INTEGER,
  nick VARCHAR(5), news INTEGER, pixel INTEGER, locked INTEGER, score INTEGER);
CREATE TABLE orders (id INTEGER PRIMARY KEY, card_id INTEGER NOT NULL REFERENCES cards(id), name TEXT);
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders(id), price NUMERIC);
CREATE TABLE scans (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders(id));
INSERT INTO cards VALUES (1, 'ana@example.es', 'Ana', 30, 'a', 1, 1, 0, 5),
  (2, 'eva@example.es', 'Eva', 31, 'e', 1, 1, 0, 6);
INSERT INTO orders VALUES (1, 1, 'Ana'), (2, 1, 'ANA '), (3, 2, 'Eva');
INSERT INTO lines VALUES (1, 1, 10.10), (2, 2, 5), (3, 3, 7);
"""
MAP = """
dataset:
  - fides_key: crm
    name: CRM
    collections:
      - name: cards
        fields:
          - {{name: id, fides_meta: {{primary_key: true}}}}
          - {{name: email, data_categories: [user.contact.email], fides_meta: {{identity: email}}}}
          - {{name: name, data_categories: [user.name]}}
          - {{name: age, data_categories: [user.demographic.age]}}
          - {{name: nick, data_categories: [user.name.nick]}}
          - {{name: news}}
          - {{name: pixel}}
          - {{name: locked}}
          - {{name: score, data_categories: [user.score]}}
      - name: orders
        fields:
          - {{name: id, fides_meta: {{primary_key: true}}}}
          - {{name: card_id, fides_meta: {{references: [{{dataset: crm, field: cards.id, direction: to}}]}}}}
          - {{name: name, data_categories: [user.name]}}
      - name: lines
        fields:
          - {{name: id, fides_meta: {{primary_key: true}}}}
          - {{name: order_id, fides_meta: {{references: [{{dataset: crm, field: orders.id, direction: to}}]}}}}
          - {{name: price}}
dsr:
  collections:
    cards:
      owner: subject
      basis: contract
      origin: {{email: provided, name: provided, age: provided, nick: provided, news: provided, pixel: observed,
        locked: inferred, score: inferred}}
      rectifiable: [email, name, age, nick]
      stop: {{marketing: {{news: 0}}, tracking: {{pixel: 0}}}}
      restrict: {cards}
    orders:
      owner: subject
      basis: legal_obligation
      origin: provided
      rectifiable: [name]
      restrict: {orders}
    lines:
      owner: subject
      restrict: {lines}
      {more}
"""
FLAG = "{flag: locked, value: 1}"


def database(
    tmp_path: Path, *, lines: str = "set_aside", more: str = "erase: delete", **words: str
) -> Database:
    said = {"cards": FLAG, "orders": "set_aside", "lines": lines, "more": more} | words
    return Database(tmp_path / "crm.sqlite3", SCHEMA, MAP.format(**said))


def corrected(here: Database, *changes: Change, **words: Any) -> tuple[tuple[Step, ...], list[Outcome]]:
    steps = here.plan(Action.RECTIFY, changes=changes, **words)
    return steps, here.act(steps)


def conflicts(steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    return [(one.kind, one.collection) for one in steps[0].conflicts]


def test_a_correction_reaches_every_field_of_its_category_that_holds_the_old_value(tmp_path: Path) -> None:
    here = database(tmp_path)
    steps, outcomes = corrected(here, Change("user.name", "Ann", "ana"))
    assert [one.state for one in outcomes] == [State.DONE]
    assert here.run("SELECT name, nick FROM cards") == [("Ann", "a"), ("Eva", "e")]
    assert here.run("SELECT name FROM orders") == [("Ann",), ("Ann",), ("Eva",)]
    assert here.verify(steps, outcomes) == ()


def test_the_plan_names_fields_with_old_and_new_values(tmp_path: Path) -> None:
    (step,) = database(tmp_path).plan(Action.RECTIFY, changes=(Change("user.demographic.age", "33"),))
    assert [(i.id, i.verb, i.count, i.changes) for i in step.items] == [
        ("correct:cards:age", Verb.CORRECT, 1, (Change("age", 33, 30),))
    ]


def test_a_corrected_address_is_not_corrected_twice(tmp_path: Path) -> None:
    here = database(tmp_path)
    change = Change("user.contact.email", "ana@new.example"), Change("user.name", "Ann", "Ana")
    steps, _ = corrected(here, *change)
    assert [one.state for one in here.act(steps)] == [State.ALREADY]
    assert here.run("SELECT email, name FROM cards") == [("ana@new.example", "Ann"), (EVA, "Eva")]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (Change("user.contact.email", EVA), "unique"),
        (Change("user.demographic.age", "old"), "type"),
        (Change("user.name.nick", "Anastasia"), "length"),
        (Change("user.name", None, "Ana"), "not_null"),
        (Change("user.score", 9), "unknown"),
    ],
)
def test_what_cannot_be_written_fails_the_plan(tmp_path: Path, change: Change, kind: str) -> None:
    steps = database(tmp_path).plan(Action.RECTIFY, changes=(change,))
    assert conflicts(steps) == [(kind, "cards")]


def test_an_old_value_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    here = database(tmp_path)
    _, outcomes = corrected(here, Change("user.name", "Ann", "Maria"))
    assert [one.state for one in outcomes] == [State.ALREADY]
    assert here.run("SELECT name FROM cards") == [("Ana",), ("Eva",)]


def test_without_an_old_value_only_the_field_of_the_very_category_is_meant(tmp_path: Path) -> None:
    here = database(tmp_path)
    corrected(here, Change("user.name", "Ann"))
    assert here.run("SELECT name, nick FROM cards WHERE id = 1") == [("Ann", "a")]


def test_old_values_are_sealed_where_the_law_blocks(tmp_path: Path) -> None:
    here = database(tmp_path)
    _, (outcome,) = corrected(here, Change("user.demographic.age", 33), block=True)
    assert [seal.purpose for seal in outcome.seals] == [Purpose.OLD_VALUES]
    assert [row.values["age"] for row in here.keeper.rows(outcome.seals[0].id)] == [30]


def test_a_value_changed_after_the_plan_is_a_conflict(tmp_path: Path) -> None:
    here = database(tmp_path)
    steps = here.plan(Action.RECTIFY, changes=(Change("user.name", "Ann", "Ana"),))
    here.run("UPDATE cards SET name = 'Anabel' WHERE id = 1")
    assert [one.state for one in here.act(steps)] == [State.CONFLICT]
    assert here.run("SELECT name FROM orders WHERE card_id = 1") == [("Ana",), ("ANA ",)]


@pytest.mark.parametrize(
    ("channels", "expected"),
    [(("marketing",), (0, 1)), (("tracking",), (1, 0)), (("grounds",), (0, 0)), (("post",), (1, 1))],
)
def test_a_stop_reaches_its_channels_only(
    tmp_path: Path, channels: tuple[str, ...], expected: tuple[int, int]
) -> None:
    here = database(tmp_path)
    steps = here.plan(Action.STOP, channels=channels)
    outcomes = here.act(steps)
    assert here.run("SELECT news, pixel FROM cards") == [expected, (1, 1)]
    assert here.verify(steps, outcomes) == ()


def test_rows_that_refer_are_set_aside_with_the_rows_they_refer_to(tmp_path: Path) -> None:
    here = database(tmp_path, lines="none")
    steps = here.plan(Action.RESTRICT)
    outcomes = here.act(steps)
    assert [(item.id, item.count) for item in steps[0].items] == [
        ("mark:cards", 1),
        ("restrict:orders", 2),
        ("restrict:lines", 2),
    ]
    assert here.run("SELECT id FROM orders") == here.run("SELECT id FROM lines") == [(3,)]
    assert here.run("SELECT locked FROM cards") == [(1,), (0,)]
    assert here.verify(steps, outcomes) == ()


def test_lifting_gives_everything_back(tmp_path: Path) -> None:
    here = database(tmp_path)
    before = [here.run(f"SELECT * FROM {name} ORDER BY id") for name in ("cards", "orders", "lines")]
    (restricted,) = here.act(here.plan(Action.RESTRICT))
    steps = here.plan(Action.LIFT, seals=tuple(seal.id for seal in restricted.seals))
    outcomes = here.act(steps)
    after = [here.run(f"SELECT * FROM {name} ORDER BY id") for name in ("cards", "orders", "lines")]
    assert (outcomes[0].state, after) == (State.DONE, before)
    assert here.verify(steps, outcomes) == ()
    assert [one.state for one in here.act(steps)] == [State.ALREADY]


def restricted_by(tmp_path: Path, flag: str) -> tuple[Database, tuple[str, ...]]:
    """Two cards of Ana's, restricted by this flag; the seals of it."""
    here = database(tmp_path, cards=flag, more="erase: delete", orders="none", lines="none")
    here.run(
        "INSERT INTO cards SELECT 9, 'ANA@example.es', name, age, 'vip', news, pixel, 7, score FROM cards WHERE id = 1"
    )
    (outcome,) = here.act(here.plan(Action.RESTRICT))
    assert outcome.state is State.DONE
    return here, tuple(seal.id for seal in outcome.seals)


@pytest.mark.parametrize(
    ("flag", "column", "restricted"),
    [("{flag: nick, value: stop}", "nick", "stop"), ("{flag: locked, value: 1}", "locked", 1)],
)
def test_lifting_gives_back_exactly_what_stood_under_a_flag(
    tmp_path: Path, flag: str, column: str, restricted: object
) -> None:
    here, seals = restricted_by(tmp_path, flag)
    select = f"SELECT {column} FROM cards WHERE id IN (1, 9) ORDER BY id"
    meanwhile = here.run(select)

    steps = here.plan(Action.LIFT, seals=seals)
    outcomes = here.act(steps)

    assert meanwhile == [(restricted,), (restricted,)]
    assert here.run(select) == ([("a",), ("vip",)] if column == "nick" else [(0,), (7,)])
    assert ([one.state for one in outcomes], here.verify(steps, outcomes)) == ([State.DONE], ())
    assert [one.state for one in here.act(steps)] == [State.ALREADY]


def test_a_flag_of_which_nothing_was_kept_is_emptied_or_a_conflict(tmp_path: Path) -> None:
    here, _ = restricted_by(tmp_path, "{flag: nick, value: stop}")
    (emptied,) = here.plan(Action.LIFT)
    here.text = here.text.replace("{flag: nick, value: stop}", "{flag: name, value: Ana}")

    refused = here.plan(Action.LIFT)

    assert [(i.id, i.changes) for i in emptied.items] == [("mark:cards", (Change("nick", None, "stop"),))]
    assert (emptied.conflicts, conflicts(refused)) == ((), [("not_null", "cards")])


def test_a_flag_that_somebody_took_away_meanwhile_stays_as_it_is(tmp_path: Path) -> None:
    here, seals = restricted_by(tmp_path, "{flag: nick, value: stop}")
    here.run("UPDATE cards SET nick = 'mine' WHERE id = 9")

    steps = here.plan(Action.LIFT, seals=seals)
    outcomes = here.act(steps)

    assert here.run("SELECT nick FROM cards WHERE id IN (1, 9) ORDER BY id") == [("a",), ("mine",)]
    assert ([one.state for one in outcomes], here.verify(steps, outcomes)) == ([State.DONE], ())


def test_a_key_that_is_taken_stops_the_lifting(tmp_path: Path) -> None:
    here = database(tmp_path)
    (restricted,) = here.act(here.plan(Action.RESTRICT))
    here.run("INSERT INTO orders VALUES (1, 2, 'Eva')")
    steps = here.plan(Action.LIFT, seals=tuple(seal.id for seal in restricted.seals))
    assert [one.state for one in here.act(steps)] == [State.CONFLICT]
    assert here.run("SELECT id FROM lines") == [(3,)]


def test_a_row_alone_whose_key_is_taken_is_not_taken_for_given_back(tmp_path: Path) -> None:
    here = database(tmp_path)
    here.run("DELETE FROM lines")
    here.run("DELETE FROM orders WHERE id = 2")
    (restricted,) = here.act(here.plan(Action.RESTRICT))
    here.run("INSERT INTO orders VALUES (1, 2, 'Eva')")
    steps = here.plan(Action.LIFT, seals=tuple(seal.id for seal in restricted.seals))
    assert [one.state for one in here.act(steps)] == [State.CONFLICT]


def test_rows_that_the_store_changes_while_they_come_back_are_not_given_back(tmp_path: Path) -> None:
    here = database(tmp_path)
    (restricted,) = here.act(here.plan(Action.RESTRICT))
    here.run("CREATE TRIGGER x AFTER INSERT ON lines BEGIN UPDATE lines SET price = 0 WHERE id = new.id; END")
    steps = here.plan(Action.LIFT, seals=tuple(seal.id for seal in restricted.seals))
    assert [one.state for one in here.act(steps)] == [State.CONFLICT]
    assert here.run("SELECT id FROM orders") == here.run("SELECT id FROM lines") == [(3,)]


def test_rows_that_a_refused_work_had_sealed_too_count_once_when_they_come_back(tmp_path: Path) -> None:
    here = database(tmp_path)
    before = here.run("SELECT * FROM lines"), here.run("SELECT * FROM orders")
    here.run("CREATE TRIGGER no BEFORE DELETE ON orders BEGIN SELECT RAISE(ABORT, 'no'); END")
    (refused,) = here.act(here.plan(Action.RESTRICT))
    here.run("DROP TRIGGER no")
    again = [replace(one, intent=replace(one.intent, key="ana:again")) for one in here.plan(Action.RESTRICT)]
    (restricted,) = here.act(again)

    steps = here.plan(Action.LIFT, seals=("seal-1", *(seal.id for seal in restricted.seals)))
    outcomes = here.act(steps)

    assert [one.id for one in restricted.seals] == ["seal-2"]
    assert [one.state for one in (refused, *outcomes)] == [State.FAILED, State.DONE]
    assert list(here.verify(steps, outcomes)) == []
    assert (here.run("SELECT * FROM lines"), here.run("SELECT * FROM orders")) == before


def test_rows_given_back_and_lost_again_are_noticed(tmp_path: Path) -> None:
    here = database(tmp_path)
    (restricted,) = here.act(here.plan(Action.RESTRICT))
    steps = here.plan(Action.LIFT, seals=tuple(seal.id for seal in restricted.seals))
    outcomes = here.act(steps)
    here.run("DELETE FROM lines")
    here.run("DELETE FROM orders WHERE card_id = 1")
    assert [one.count for one in here.verify(steps, outcomes)] == [3]


def test_a_table_outside_the_map_stops_setting_aside(tmp_path: Path) -> None:
    here = database(tmp_path)
    here.run("INSERT INTO scans VALUES (1, 1)")
    assert conflicts(here.plan(Action.RESTRICT)) == [("foreign_key", "orders")]


def test_who_does_not_say_how_to_restrict_is_asked(tmp_path: Path) -> None:
    here = database(tmp_path)
    here.text = here.text.replace("      restrict: {flag: locked, value: 1}\n", "")
    assert conflicts(here.plan(Action.RESTRICT)) == [("unknown", "cards")]


def test_portable_is_what_she_gave_under_contract(tmp_path: Path) -> None:
    here = database(tmp_path, more="basis: consent\n      origin: inferred")
    (step,) = here.plan(Action.EXPORT, scope="portable")
    assert [(item.collection, item.count, item.fields) for item in step.items] == [
        ("cards", 1, ("email", "name", "age", "nick", "news", "pixel"))
    ]
    assert step.conflicts == ()


@pytest.mark.parametrize("more", ["erase: delete", "basis: consent"])
def test_unknown_basis_or_origin_is_not_called_portable(tmp_path: Path, more: str) -> None:
    steps = database(tmp_path, more=more).plan(Action.EXPORT, scope="portable")
    assert conflicts(steps) == [("unknown", "lines")]


def test_a_batch_of_two_rights_of_the_same_person_is_carried_out(tmp_path: Path) -> None:
    here = database(tmp_path)
    stop = here.plan(Action.STOP, subject(ANA), channels=("marketing",))
    name = here.plan(Action.RECTIFY, subject(ANA), changes=(Change("user.name", "Ann", "Ana"),))
    assert [one.state for one in here.act((*stop, *name))] == [State.DONE, State.DONE]
    assert here.run("SELECT name, news FROM cards") == [("Ann", 0), ("Eva", 1)]
