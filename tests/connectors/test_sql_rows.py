"""Finding and reading rows in SQL: whose they are, how sure that is, in which order they come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dsr.contract import Action, ConnectorError, Found, Identifier, Match, State
from sqlstore import ANA, EVA, Database, subject

SESSIONS = """
CREATE TABLE session (session_id TEXT PRIMARY KEY, browser TEXT);
CREATE TABLE event (id INTEGER PRIMARY KEY, session_id TEXT, url TEXT);
CREATE TABLE session_data (id INTEGER PRIMARY KEY, session_id TEXT, session_key TEXT, string_value TEXT);
INSERT INTO session VALUES ('s1', 'firefox'), ('s2', 'chrome'), ('s3', 'opera');
INSERT INTO event VALUES (1, 's1', '/a'), (2, 's1', '/b'), (3, 's2', '/c');
INSERT INTO session_data VALUES (1, 's1', 'email', 'ana@example.es'), (2, 's1', 'plan', 'gold'),
  (3, 's2', 'email', 'eva@example.es'), (4, 's2', 'note', 'ana@example.es'), (5, 'gone', 'email', 'ana@example.es');
"""
SESSIONS_MAP = """
dataset:
  - fides_key: web
    name: Web
    collections:
      - name: session
        fields: [{name: session_id, fides_meta: {primary_key: true}}, {name: browser}]
      - name: event
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: session_id, fides_meta: {references: [{dataset: web, field: session.session_id, direction: to}]}}
          - {name: url}
      - name: session_data
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: session_id, fides_meta: {references: [{dataset: web, field: session.session_id, direction: to}]}}
          - {name: session_key}
          - {name: string_value, fides_meta: {identity: email, where: {session_key: email}}}
dsr:
  collections:
    session: {owner: subject, erase: delete}
    event: {owner: subject, erase: delete}
    session_data: {owner: subject, erase: delete}
"""
CARDS = """
CREATE TABLE cards (id INTEGER PRIMARY KEY, email TEXT, second TEXT, number TEXT, guardian_id INTEGER);
CREATE TABLE deals (id INTEGER PRIMARY KEY, card_id INTEGER);
CREATE TABLE visits (id INTEGER PRIMARY KEY, card_id INTEGER, deal_id INTEGER, email TEXT, body TEXT);
INSERT INTO cards VALUES (1, 'ANA@example.es', 'ana@home.example', 'K-1', NULL), (2, 'eva@example.es', NULL, NULL, 1);
INSERT INTO deals VALUES (1, 1), (2, 2);
INSERT INTO visits VALUES (1, 1, 1, NULL, 'x'), (2, 1, NULL, 'ana@example.es', 'of ana@example.es'),
  (3, 1, NULL, 'eva@example.es', 'x'), (4, NULL, 1, NULL, 'x'), (5, 2, 2, '', 'met ana@example.es, loud');
"""
CARDS_MAP = """
dataset:
  - fides_key: crm
    name: CRM
    collections:
      - name: cards
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
          - {name: second, fides_meta: {identity: email}}
          - {name: number}
          - {name: guardian_id, fides_meta: {references: [{dataset: crm, field: cards.id, direction: to}]}}
      - name: deals
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: card_id, fides_meta: {references: [{dataset: crm, field: cards.id, direction: to}]}}
      - name: visits
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: card_id, fides_meta: {references: [{dataset: crm, field: cards.id, direction: to}]}}
          - {name: deal_id, fides_meta: {references: [{dataset: crm, field: deals.id, direction: to}]}}
          - {name: email, fides_meta: {identity: email}}
          - {name: body}
dsr:
  collections:
    cards: {owner: subject, erase: delete, reveals: {number: customer_number}}
    deals: {owner: subject, erase: delete}
    visits: {owner: subject, erase: delete, free_text: [body]}
"""


@pytest.fixture
def sessions(tmp_path: Path) -> Database:
    return Database(tmp_path / "web.sqlite3", SESSIONS, SESSIONS_MAP)


@pytest.fixture
def cards(tmp_path: Path) -> Database:
    return Database(tmp_path / "crm.sqlite3", CARDS, CARDS_MAP)


def test_an_identity_in_a_side_table_leads_to_its_owner_row_and_all_below(sessions: Database) -> None:
    rows = sessions.read(sessions.locate())
    assert sorted((row.collection, row.key) for _, row in rows) == [
        ("event", (1,)),
        ("event", (2,)),
        ("session", ("s1",)),
        ("session_data", (1,)),
        ("session_data", (2,)),
        ("session_data", (5,)),
    ]


def test_what_hangs_on_a_side_identity_is_erased_and_nothing_of_others(sessions: Database) -> None:
    steps = sessions.plan(Action.ERASE)
    outcomes = sessions.act(steps)
    assert [one.state for one in outcomes] == [State.DONE]
    assert sessions.run("SELECT session_id FROM session ORDER BY 1") == [("s2",), ("s3",)]
    assert sessions.run("SELECT id FROM session_data ORDER BY 1") == [(3,), (4,)]
    assert sessions.run("SELECT id FROM event") == [(3,)]
    assert [one.state for one in sessions.act(steps)] == [State.ALREADY]
    assert sessions.verify(steps, outcomes) == ()


def test_a_session_that_also_names_somebody_else_is_shared(sessions: Database) -> None:
    sessions.run("INSERT INTO session_data VALUES (9, 's1', 'email', 'eva@example.es')")
    found = {(r.collection, r.match, r.others) for r in sessions.locate() if r.path and r.collection != "x"}
    assert found == {
        ("session", Match.SHARED, 1),
        ("event", Match.SHARED, 1),
        ("session_data", Match.SHARED, 1),
    }


def test_each_row_comes_once_although_two_ways_lead_to_it(cards: Database) -> None:
    records = [r for r in cards.locate() if r.match is Match.EXACT]
    rows = [(row.collection, row.key) for _, row in cards.read(records)]
    assert sorted(rows) == [
        ("cards", (1,)),
        ("deals", (1,)),
        ("visits", (1,)),
        ("visits", (2,)),
        ("visits", (4,)),
    ]


def test_the_number_that_was_found_counts_each_row_once_too(cards: Database) -> None:
    found = cards.connector().locate((subject(ANA),))
    exact = [record for record in found.records if record.match is Match.EXACT]
    proposed = sum(record.count for record in found.records if record.match is not Match.EXACT)

    assert sum(record.count for record in exact) == 6
    assert [one.count for one in found.searched] == [5 + proposed]


def test_a_row_that_names_somebody_else_is_hers_whatever_it_refers_to(cards: Database) -> None:
    records = [r for r in cards.locate(subject(EVA)) if r.match is Match.EXACT]
    rows = [(row.collection, row.key) for _, row in cards.read(records)]
    assert sorted(rows) == [("cards", (2,)), ("deals", (2,)), ("visits", (3,)), ("visits", (5,))]


def test_records_show_what_is_stored_and_what_it_reveals(cards: Database) -> None:
    card = next(r for r in cards.locate() if r.collection == "cards")
    assert card.seen == (("email", "ANA@example.es"), ("email", "ana@home.example"))
    assert card.reveals == (Identifier("customer_number", "K-1"),)


def test_a_claimed_address_only_proposes(cards: Database) -> None:
    found = {
        (r.collection, r.match) for r in cards.locate(subject("x@example.es", claimed=["ana@home.example"]))
    }
    assert found == {("cards", Match.PROPOSED), ("deals", Match.PROPOSED), ("visits", Match.PROPOSED)}


def test_a_row_that_names_two_people_of_the_batch_is_shared(cards: Database) -> None:
    records = cards.locate(subject(ANA), subject("ana@home.example", key="other"))
    assert {r.match for r in records if r.anchor == ("cards", (1,))} == {Match.SHARED}


def test_texts_of_others_that_mention_her_are_found_and_her_own_are_not(cards: Database) -> None:
    found = [(r.anchor, r.seen) for r in cards.locate() if r.match is Match.MENTIONED]
    assert found == [(("visits", (5,)), (("email", "ana@example.es"),))]


@pytest.mark.parametrize("count", [2, 6])
def test_a_longer_address_is_no_mention(cards: Database, count: int) -> None:
    cards.run("UPDATE visits SET body = 'juana@example.es and ana@example.es.mx' WHERE id = 5")
    crowd = [subject(f"p{n}@example.es") for n in range(count)]
    found = cards.locate(subject(ANA), *crowd)
    assert [r for r in found if r.match is Match.MENTIONED] == []


@pytest.mark.parametrize("count", [2, 6])
@pytest.mark.parametrize(
    "query",
    ["?l=1&email=Ana@example.es", "?email=ana%40example.es&x=1", "https://x.example/?e=ana@example.es#top"],
)
def test_an_address_in_a_web_address_is_a_mention(cards: Database, query: str, count: int) -> None:
    cards.run("UPDATE visits SET body = ? WHERE id = 5", query)
    crowd = [subject(f"p{n}@example.es") for n in range(count)]
    found = cards.locate(subject(ANA), *crowd)
    assert [r.anchor for r in found if r.match is Match.MENTIONED] == [("visits", (5,))]


def test_free_text_is_withheld(cards: Database) -> None:
    rows = cards.read([r for r in cards.locate() if r.collection == "visits"])
    assert {row.withheld for _, row in rows} == {("body",)}


def test_a_search_in_pages_answers_everyone_on_the_last(cards: Database) -> None:
    people = [subject(f"p{n}@example.es") for n in range(500)] + [subject(ANA)]
    first = cards.connector().locate(people)
    last = cards.connector().locate(people, first.cursor)
    assert (first.searched, last.cursor) == ((), None)
    assert [one.found for one in last.searched] == [Found.NOTHING] * 500 + [Found.FOUND]


def test_fifty_people_take_as_many_statements_as_five(cards: Database) -> None:
    _, five, fifty = [road(cards, number) for number in (5, 5, 50)]
    assert five == fifty


def road(cards: Database, people: int) -> int:
    """How many statements it takes to find, plan, erase and verify so many people."""
    cards.run("DELETE FROM visits")
    cards.run("DELETE FROM deals")
    cards.run("DELETE FROM cards")
    subjects = [subject(f"p{n}@example.es") for n in range(people)]
    for n in range(people):
        cards.run("INSERT INTO cards (id, email) VALUES (?, ?)", n, f"p{n}@example.es")
        cards.run("INSERT INTO deals VALUES (?, ?)", n, n)
    asked: list[str] = []

    def listen(*given: Any) -> None:
        asked.append(given[2])

    sa.event.listen(sa.Engine, "before_cursor_execute", listen)
    steps = cards.plan(Action.ERASE, *subjects)
    found = cards.verify(steps, cards.act(steps))
    sa.event.remove(sa.Engine, "before_cursor_execute", listen)
    assert found == ()
    return len([one for one in asked if not one.startswith("PRAGMA")])


@pytest.mark.parametrize("cursor", ["x", "[1]", "[900, []]", "null", '{"a": 1}'])
def test_a_foreign_cursor_is_refused(cards: Database, cursor: str) -> None:
    with pytest.raises(ConnectorError):
        cards.connector().locate([subject(ANA)], cursor)
    with pytest.raises(ConnectorError):
        cards.connector().read(cards.locate(), cursor)


def test_values_come_as_they_are_stored(cards: Database) -> None:
    cards.run("UPDATE cards SET number = x'00ff', second = '' WHERE id = 1")
    (_, row), *_ = cards.read([r for r in cards.locate() if r.collection == "cards"])
    assert dict(row.values) == {
        "id": 1,
        "email": "ANA@example.es",
        "second": "",
        "number": b"\x00\xff",
        "guardian_id": None,
    }


@pytest.mark.parametrize("store", ["sessions", "cards"])
def test_the_plan_of_a_copy_counts_every_row_once_and_keeps_no_digest_of_it(
    store: str, request: pytest.FixtureRequest
) -> None:
    here: Database = request.getfixturevalue(store)
    (step,) = here.plan(Action.EXPORT, every=True)
    rows = {(row.collection, row.key) for _, row in here.read(step.intent.records)}
    assert {item.collection: (item.count, item.digests) for item in step.items} == {
        name: (sum(collection == name for collection, _ in rows), b"") for name, _ in rows
    }


def test_a_row_that_two_of_her_records_lead_to_counts_once_in_a_copy(tmp_path: Path) -> None:
    here = Database(tmp_path / "crm.sqlite3", CARDS, CARDS_MAP)
    here.run("INSERT INTO cards VALUES (3, 'ana@example.es', NULL, NULL, NULL)")
    here.run("INSERT INTO deals VALUES (3, 3)")
    here.run("UPDATE visits SET deal_id = 3 WHERE id = 2")
    (step,) = here.plan(Action.EXPORT)
    rows = {(row.collection, row.key) for _, row in here.read(step.intent.records)}
    counted = {item.collection: item.count for item in step.items}
    assert counted == {name: sum(collection == name for collection, _ in rows) for name, _ in rows}
