"""Erasure in SQL: kept by law, made anonymous, stopped by what refers, never what is shared."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dsr.contract import Action, ItemOutcome, KeepRule, State, Verb, key_digests
from sqlstore import ANA, EVA, Database, subject

SCHEMA = """
CREATE TABLE homes (id INTEGER PRIMARY KEY, street TEXT);
CREATE TABLE cards (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT NOT NULL, home_id INTEGER,
  code TEXT UNIQUE);
CREATE TABLE invoices (id INTEGER PRIMARY KEY, card_id INTEGER NOT NULL REFERENCES cards(id), issued_on TEXT,
  name TEXT);
CREATE TABLE notes (id INTEGER PRIMARY KEY, card_id INTEGER REFERENCES cards(id), body TEXT);
CREATE TABLE badges (id INTEGER PRIMARY KEY, card_id INTEGER REFERENCES cards(id));
INSERT INTO homes VALUES (1, 'Olmo 12');
INSERT INTO cards VALUES (1, 'Ana@Example.es ', 'Ana', 1, 'a'), (2, 'eva@example.es', 'Eva', 1, 'b');
INSERT INTO invoices VALUES (1, 1, '2015-03-01', 'Ana'), (2, 1, '2025-03-01', 'Ana'), (3, 2, '2025-01-01', 'Eva');
INSERT INTO notes VALUES (1, 1, 'called'), (2, 2, 'ask ana@example.es'), (3, 2, 'see juana@example.es');
"""
MAP = """
dataset:
  - fides_key: crm
    name: CRM
    collections:
      - name: homes
        fields:
          - {{name: id, fides_meta: {{primary_key: true}}}}
          - {{name: street}}
      - name: cards
        fields:
          - {{name: id, fides_meta: {{primary_key: true}}}}
          - {{name: email, fides_meta: {{identity: email}}}}
          - {{name: name, data_categories: [user.name]}}
          - {{name: home_id, fides_meta: {{references: [{{dataset: crm, field: homes.id, direction: to}}]}}}}
          - {{name: code}}
      - name: invoices
        fields:
          - {{name: id, fides_meta: {{primary_key: true}}}}
          - {{name: card_id, fides_meta: {{references: [{{dataset: crm, field: cards.id, direction: to}}]}}}}
          - {{name: issued_on}}
          - {{name: name}}
      - name: notes
        fields:
          - {{name: id, fides_meta: {{primary_key: true}}}}
          - {{name: card_id, fides_meta: {{references: [{{dataset: crm, field: cards.id, direction: to}}]}}}}
          - {{name: body}}
dsr:
  collections:
    homes: {{owner: shared}}
    cards: {{owner: subject, {cards}}}
    invoices: {{owner: subject, {invoices}}}
    notes: {{owner: subject, erase: delete, free_text: [body]}}
"""
BLANK = "anonymise: {email: null, name: '-', code: {random: true}}"
BOOKS = KeepRule("commercial_books", "art. 30 CCom", (6, 0, 0))
KEPT = "erase: keep, keep: {rule: commercial_books, date: issued_on}"


def database(tmp_path: Path, cards: str = "erase: delete", invoices: str = "erase: delete") -> Database:
    return Database(tmp_path / "crm.sqlite3", SCHEMA, MAP.format(cards=cards, invoices=invoices))


def test_rows_past_their_end_go_and_the_others_are_kept_until_the_last_date(tmp_path: Path) -> None:
    here = database(tmp_path, f"erase: anonymise, {BLANK}", KEPT)
    (step,) = here.plan(Action.ERASE, keep=(BOOKS,))
    told = {item.id: (item.verb, item.count, item.until, item.citation) for item in step.items}
    assert step.conflicts == ()
    assert told == {
        "anonymise:cards": (Verb.ANONYMISE, 1, None, ""),
        "delete:invoices:expired": (Verb.DELETE, 1, None, ""),
        "keep:invoices": (Verb.KEEP, 1, date(2031, 3, 1), "art. 30 CCom"),
        "delete:notes": (Verb.DELETE, 1, None, ""),
    }


def test_kept_rows_stay_and_what_names_her_is_blank(tmp_path: Path) -> None:
    here = database(tmp_path, f"erase: anonymise, {BLANK}", KEPT)
    steps = here.plan(Action.ERASE, keep=(BOOKS,))
    outcomes = here.act(steps)
    assert outcomes[0].state is State.DONE
    reason = next(item.reason for item in steps[0].items if item.id == "keep:invoices")
    assert ItemOutcome("keep:invoices", 1, 0, 1, reason, date(2031, 3, 1)) in outcomes[0].items
    assert here.run("SELECT id, email, name FROM cards") == [(1, None, "-"), (2, EVA, "Eva")]
    assert here.run("SELECT id FROM invoices") == [(2,), (3,)]
    assert here.verify(steps, outcomes) == ()


def test_random_text_differs_and_acting_again_changes_nothing(tmp_path: Path) -> None:
    here = database(tmp_path, f"erase: anonymise, {BLANK}")
    steps = here.plan(Action.ERASE, subject(ANA), subject(EVA))
    here.act(steps)
    codes = here.run("SELECT code FROM cards ORDER BY id")
    assert [len(code) for (code,) in codes] == [37, 37]
    assert len(set(codes)) == 2
    assert [one.state for one in here.act(steps)] == [State.ALREADY, State.ALREADY]
    assert here.run("SELECT code FROM cards ORDER BY id") == codes


def test_a_kept_row_that_refers_stops_the_deletion_of_its_card(tmp_path: Path) -> None:
    here = database(tmp_path, "erase: delete", KEPT)
    (step,) = here.plan(Action.ERASE, keep=(BOOKS,))
    assert [(one.kind, one.collection) for one in step.conflicts] == [("foreign_key", "cards")]


def test_a_rule_that_the_law_does_not_know_is_a_question(tmp_path: Path) -> None:
    here = database(tmp_path, f"erase: anonymise, {BLANK}", KEPT)
    (step,) = here.plan(Action.ERASE)
    assert [(one.kind, one.collection) for one in step.conflicts] == [("unknown", "invoices")]


def test_a_kept_row_without_a_date_is_a_question(tmp_path: Path) -> None:
    here = database(tmp_path, f"erase: anonymise, {BLANK}", KEPT)
    here.run("UPDATE invoices SET issued_on = '1 March' WHERE id = 2")
    (step,) = here.plan(Action.ERASE, keep=(BOOKS,))
    assert [(one.kind, one.collection) for one in step.conflicts] == [("unknown", "invoices")]


@pytest.mark.parametrize("answer", ["erase: ask", "basis: contract"])
def test_who_does_not_say_how_to_erase_is_asked(tmp_path: Path, answer: str) -> None:
    (step,) = database(tmp_path, answer).plan(Action.ERASE)
    assert [one.kind for one in step.conflicts if one.collection == "cards"] == ["unknown"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [("{name: null}", "not_null"), ("{code: '-'}", "unique"), ("{home_id: here}", "type")],
)
def test_values_that_a_column_cannot_take_are_conflicts(tmp_path: Path, values: str, kind: str) -> None:
    (step,) = database(tmp_path, f"erase: anonymise, anonymise: {values}").plan(Action.ERASE)
    assert [one.kind for one in step.conflicts] == [kind]


def test_a_table_outside_the_map_that_refers_is_a_conflict(tmp_path: Path) -> None:
    here = database(tmp_path)
    here.run("INSERT INTO badges VALUES (1, 1)")
    ana, eva = here.plan(Action.ERASE, subject(ANA), subject(EVA))
    assert ([one.kind for one in ana.conflicts], eva.conflicts) == (["foreign_key"], ())


def test_a_row_that_refuses_to_go_stops_only_its_own_person(tmp_path: Path) -> None:
    here = database(tmp_path)
    steps = here.plan(Action.ERASE, subject(ANA), subject(EVA))
    here.run("INSERT INTO badges VALUES (1, 1)")
    assert [one.state for one in here.act(steps)] == [State.CONFLICT, State.DONE]
    assert here.run("SELECT id FROM cards") == [(1,)]
    assert here.run("SELECT count(*) FROM notes WHERE card_id = 1") == [(1,)]


def test_a_row_that_stays_without_a_word_undoes_the_rest_of_its_person_alone(tmp_path: Path) -> None:
    here = database(tmp_path)
    steps = here.plan(Action.ERASE, subject(ANA), subject(EVA))
    here.run("CREATE TRIGGER stays BEFORE DELETE ON cards WHEN old.id = 1 BEGIN SELECT RAISE(IGNORE); END")
    assert [one.state for one in here.act(steps)] == [State.CONFLICT, State.DONE]
    assert here.run("SELECT card_id FROM notes") == [(1,)]


def test_a_withheld_record_stops_the_deletion_above_it(tmp_path: Path) -> None:
    here = database(tmp_path)
    (step,) = here.plan(Action.ERASE)
    kept = [record for record in step.intent.records if record.collection != "notes"]
    intent = type(step.intent)(step.intent.key, subject(ANA), Action.ERASE, tuple(kept))
    (again,) = here.connector().plan([intent])
    assert [(one.kind, one.collection) for one in again.conflicts] == [("foreign_key", "cards")]


def test_a_shared_home_is_never_touched(tmp_path: Path) -> None:
    here = database(tmp_path)
    steps = here.plan(Action.ERASE, every=True)
    home = next(item for item in steps[0].items if item.collection == "homes")
    assert (home.verb, home.count, home.digests) == (Verb.KEEP, 1, key_digests([(1,)]))
    assert [one.state for one in here.act(steps)] == [State.DONE]
    assert here.run("SELECT * FROM homes") == [(1, "Olmo 12")]


def test_a_mention_is_shown_and_never_erased(tmp_path: Path) -> None:
    here = database(tmp_path)
    steps = here.plan(Action.ERASE, every=True)
    here.act(steps)
    assert [(item.id, item.verb, item.count) for item in steps[0].items if item.id.endswith("mention")] == [
        ("keep:notes:mention", Verb.KEEP, 1)
    ]
    assert here.run("SELECT id FROM notes") == [(2,), (3,)]


def test_a_draft_map_is_never_acted_on(tmp_path: Path) -> None:
    here = database(tmp_path)
    here.text = here.text.replace("dsr:\n", "dsr:\n  draft: true\n")
    (step,) = here.plan(Action.ERASE)
    assert {one.kind for one in step.conflicts} == {"unknown"}
    assert step.items == ()


def test_a_key_that_somebody_new_got_is_not_what_was_erased(tmp_path: Path) -> None:
    here = database(tmp_path)
    steps = here.plan(Action.ERASE)
    outcomes = here.act(steps)
    here.run("INSERT INTO cards VALUES (1, 'new@example.es', 'New', 1, 'z')")
    here.run("INSERT INTO notes VALUES (1, 1, 'called')")
    assert here.verify(steps, outcomes) == ()


def test_sealed_rows_hold_every_column_of_the_table(tmp_path: Path) -> None:
    here = database(tmp_path)
    here.run("ALTER TABLE notes ADD COLUMN secret TEXT DEFAULT 'kept'")
    (outcome,) = here.act(here.plan(Action.ERASE, block=True))
    notes = [row for row in here.keeper.rows(outcome.seals[0].id) if row.collection == "notes"]
    assert [row.values["secret"] for row in notes] == ["kept"]


def test_what_is_made_anonymous_is_sealed_before_where_the_law_blocks(tmp_path: Path) -> None:
    here = database(tmp_path, f"erase: anonymise, {BLANK}")
    (outcome,) = here.act(here.plan(Action.ERASE, block=True))
    cards = [row for row in here.keeper.rows(outcome.seals[0].id) if row.collection == "cards"]
    assert [row.values["name"] for row in cards] == ["Ana"]
