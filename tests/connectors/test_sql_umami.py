"""Umami's own tables: who a visitor is stands in a side table, as a value under a key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.sql import Sql
from dsr.contract import Action, Context, Intent, State, Subject
from dsr.testing import MemoryKeeper
from pixel import tracker
from sqlstore import ANA, EVA, subject

MAP = """
dataset:
  - fides_key: umami
    name: Umami
    collections:
      - name: session
        fields:
          - {name: session_id, fides_meta: {primary_key: true}}
          - {name: browser}
          - {name: city}
      - name: website_event
        fields:
          - {name: event_id, fides_meta: {primary_key: true}}
          - name: session_id
            fides_meta: {references: [{dataset: umami, field: session.session_id, direction: to}]}
          - {name: url_path}
      - name: event_data
        fields:
          - {name: event_data_id, fides_meta: {primary_key: true}}
          - name: website_event_id
            fides_meta: {references: [{dataset: umami, field: website_event.event_id, direction: to}]}
          - {name: number_value}
      - name: session_data
        fields:
          - {name: session_data_id, fides_meta: {primary_key: true}}
          - name: session_id
            fides_meta: {references: [{dataset: umami, field: session.session_id, direction: to}]}
          - {name: session_key}
          - {name: string_value, fides_meta: {identity: email, where: {session_key: email}}}
dsr:
  title: Umami
  collections:
    session: {owner: subject, erase: delete, restrict: set_aside}
    website_event: {owner: subject, erase: delete, restrict: set_aside}
    event_data: {owner: subject, erase: delete, restrict: set_aside}
    session_data: {owner: subject, erase: delete, restrict: set_aside}
"""
VISIT = """
WITH s AS (INSERT INTO session (session_id, website_id, browser) VALUES (gen_random_uuid(), gen_random_uuid(),
  'firefox') RETURNING session_id, website_id),
e AS (INSERT INTO website_event (event_id, website_id, session_id, url_path, event_type, created_at)
  SELECT gen_random_uuid(), website_id, session_id, '/p' || n, 1, now() FROM s, generate_series(1, 3) n
  RETURNING event_id, website_id),
d AS (INSERT INTO event_data (event_data_id, website_id, website_event_id, event_key, number_value, data_type)
  SELECT gen_random_uuid(), website_id, event_id, 'price', 9.5, 2 FROM e)
INSERT INTO session_data (session_data_id, website_id, session_id, session_key, string_value, data_type)
  SELECT gen_random_uuid(), website_id, session_id, k, v, 1 FROM s, (VALUES ('email', :email), ('plan', 'gold'))
  AS kv(k, v)
"""
TABLES = ("session", "website_event", "event_data", "session_data")

pytestmark = pytest.mark.live


class Umami:
    """A database with two visits of Ana and one of Eva."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(url, poolclass=sa.NullPool)
        self.keeper = MemoryKeeper()
        with self.engine.begin() as client:
            for email in (ANA, "Ana@Example.ES", EVA):
                client.execute(sa.text(VISIT), {"email": email})
        self.made = Sql()
        settings: dict[str, Any] = {"url": url, "map": MAP, "map_name": "umami.yaml"}
        now = datetime(2026, 6, 1, tzinfo=UTC)
        self.made.open(Context("umami", "demo", settings, settings.__getitem__, now))

    def counts(self) -> list[int]:
        """Rows of each table."""
        with self.engine.connect() as client:
            return [client.scalar(sa.text(f"SELECT count(*) FROM {name}")) or 0 for name in TABLES]

    def content(self) -> list[str]:
        """Every row as text."""
        with self.engine.connect() as client:
            rows = [
                row for name in TABLES for row in client.execute(sa.text(f"SELECT t::text FROM {name} t"))
            ]
        return sorted(row[0] for row in rows)

    def do(self, action: Action, who: Subject, seals: tuple[str, ...] = ()) -> list[State]:
        """Find, plan, carry out and read back."""
        records = self.made.locate([who]).records
        steps = self.made.plan([Intent(f"{who.key}:umami:{action}:1", who, action, records, seals=seals)])
        outcomes = list(self.made.act(steps, self.keeper))
        assert self.made.verify(list(zip(steps, outcomes, strict=True))) == ()
        return [one.state for one in outcomes]


@pytest.fixture
def umami(umami_database: Callable[[], str]) -> Umami:
    return Umami(umami_database())


def test_both_visits_are_found_with_all_that_hangs_on_them(umami: Umami) -> None:
    records = umami.made.locate([subject(ANA)]).records
    rows = umami.made.read(records).rows
    assert sorted((r.collection, r.count) for r in records) == [
        ("event_data", 3), ("event_data", 3), ("session", 1), ("session", 1),
        ("session_data", 2), ("session_data", 2), ("website_event", 3), ("website_event", 3),
    ]  # fmt: skip
    assert len({(row.collection, row.key) for _, row in rows}) == 18


def test_erasing_one_visitor_leaves_the_other(umami: Umami) -> None:
    assert umami.do(Action.ERASE, subject(ANA)) == [State.DONE]
    assert umami.counts() == [1, 3, 3, 2]
    assert len(umami.made.locate([subject(EVA)]).records) == 4


def test_what_was_set_aside_comes_back_as_it_was(umami: Umami) -> None:
    before = umami.content()
    assert umami.do(Action.RESTRICT, subject(ANA)) == [State.DONE]
    assert umami.counts() == [1, 3, 3, 2]
    seals = tuple(seal.id for seal in umami.keeper.seals)
    assert umami.do(Action.LIFT, subject(ANA), seals) == [State.DONE]
    assert umami.content() == before


OPENED = """
WITH s AS (INSERT INTO session (session_id, website_id, browser) VALUES (CAST(:visitor AS uuid), gen_random_uuid(),
  'thunderbird') ON CONFLICT DO NOTHING)
INSERT INTO website_event (event_id, website_id, session_id, url_path, event_type, created_at)
  VALUES (gen_random_uuid(), gen_random_uuid(), CAST(:visitor AS uuid), '/newsletter', 1, now())
"""


def test_an_old_mail_that_is_opened_after_the_erasure_makes_a_visit_of_nobody(umami: Umami) -> None:
    """The same browser gets the same number of a session again; nothing says any more whose it was."""
    hers = [str(row.key[0]) for _, row in umami.made.read(umami.made.locate([subject(ANA)]).records).rows
            if row.collection == "session"]  # fmt: skip

    def noted(visitor: str) -> None:
        with umami.engine.begin() as client:
            client.execute(sa.text(OPENED), {"visitor": visitor})

    with tracker(noted) as open_mail:
        open_mail(hers[0])
        before = sum(
            r.count for r in umami.made.locate([subject(ANA)]).records if r.collection == "website_event"
        )
        assert umami.do(Action.ERASE, subject(ANA)) == [State.DONE]
        for one in hers:
            open_mail(one)

    assert (before, umami.counts()) == (7, [3, 5, 3, 2])
    assert umami.made.locate([subject(ANA)]).records == ()
    assert [row for row in umami.content() if ANA in row.lower()] == []
