"""An old mail is opened after an objection or an erasure: the event store must not find her any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from connectors.clickhouse import Clickhouse
from dsr.contract import Action, Context, Identifier, Intent, State, Subject
from dsr.testing import MemoryKeeper
from pixel import tracker
from servers.clickhouse import Clickhouse as Server

pytestmark = pytest.mark.heavy

ANA, EVA = "ana.garcia@correo.example", "eva.garcia@correo.example"
HERS = Subject("ana", (Identifier("email", ANA),))
MAP = """
dataset:
  - fides_key: tracking
    collections:
      - name: mails
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: token}
      - name: opens
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
dsr:
  collections:
    mails: {owner: subject, erase: delete, stop: {tracking: {token: {token: true}}}}
    opens: {owner: subject, erase: delete}
"""
TABLES = ("mails (id UInt64, email String, token String)", "opens (id UUID, email String)")
MAILS = f"(1, '{ANA}', 'a1'), (2, 'Ana.Garcia@correo.example', 'a2'), (3, '{EVA}', 'e1'), (4, '{ANA}', '')"


class Store:
    """The tracking store: a token leads to the mail, and its address is copied into the open."""

    def __init__(self, server: Server) -> None:
        self.server = server
        server.sql("DROP DATABASE IF EXISTS tracking SYNC")
        server.sql("CREATE DATABASE tracking ENGINE = Atomic")
        for one in TABLES:
            server.sql(f"CREATE TABLE tracking.{one} ENGINE = MergeTree ORDER BY id")
        server.sql(f"INSERT INTO tracking.mails VALUES {MAILS}")

    def noted(self, token: str) -> None:
        """An open."""
        found = f"SELECT generateUUIDv4(), email FROM tracking.mails WHERE token = '{token}'"
        self.server.sql(f"INSERT INTO tracking.opens {found}")

    def column(self, what: str) -> list[str]:
        """One column of a table, in its order."""
        return self.server.sql(f"SELECT {what} FORMAT TSV").split("\n")[:-1]

    def carried_out(self, action: Action, channels: tuple[str, ...] = (), text: str = MAP) -> None:
        """Ana's request, planned, carried out and read back; sent again it does no more."""
        place = {"url": self.server.url, "database": "tracking", "user": self.server.user, "map": text}
        connector = Clickhouse()
        connector.open(
            Context(
                "tracking", "acme", {**place, "allow_private": ["127.0.0.1"]}, lambda name: self.server.password,
                datetime(2026, 6, 1, tzinfo=UTC),
            )
        )  # fmt: skip
        steps = connector.plan(
            [Intent("k", HERS, action, connector.locate([HERS]).records, channels=channels)]
        )
        outcomes = list(connector.act(steps, MemoryKeeper()))
        assert (outcomes[0].state, connector.verify([(steps[0], outcomes[0])])) == (State.DONE, ())
        assert [one.state for one in connector.act(steps, MemoryKeeper())] == [State.ALREADY]


@pytest.fixture
def store(clickhouse: Server) -> Iterator[Store]:
    yield Store(clickhouse)
    # The server is shared, and other tests look for addresses in all its files.
    clickhouse.sql("DROP DATABASE tracking SYNC")


@pytest.fixture
def open_mail(store: Store) -> Iterator[Callable[[str], None]]:
    with tracker(store.noted) as opening:
        yield opening


def test_before_anything_is_asked_an_opened_mail_is_noted(
    store: Store, open_mail: Callable[[str], None]
) -> None:
    open_mail("a1")
    assert store.column("email FROM tracking.opens") == [ANA]


def test_after_an_erasure_an_old_mail_brings_nobody_back(
    store: Store, open_mail: Callable[[str], None]
) -> None:
    open_mail("a1")
    store.carried_out(Action.ERASE)
    for token in ("a1", "a2", "e1"):
        open_mail(token)
    assert store.column("email FROM tracking.opens") == [EVA]
    assert store.column("email FROM tracking.mails") == [EVA]


def test_a_copy_that_brings_her_token_back_ends_under_the_same_tombstone(store: Store) -> None:
    store.carried_out(Action.STOP, ("tracking",))
    first = store.column("token FROM tracking.mails WHERE id = 1")
    store.server.sql(f"INSERT INTO tracking.mails VALUES (5, '{ANA}', 'a1'), (6, '{ANA}', 'a1')")
    store.carried_out(Action.STOP, ("tracking",))
    assert store.column("token FROM tracking.mails WHERE id IN (1, 5, 6)") == first * 3


def test_a_token_that_begins_as_ours_do_is_a_token(store: Store, open_mail: Callable[[str], None]) -> None:
    store.server.sql(f"INSERT INTO tracking.mails VALUES (5, '{ANA}', 'gone-fishing')")
    store.carried_out(Action.STOP, ("tracking",))
    open_mail("gone-fishing")
    assert store.column("email FROM tracking.opens") == []
    assert store.column("token FROM tracking.mails WHERE id = 5") == [
        MemoryKeeper().tombstone("k", "gone-fishing")
    ]


def test_an_identifier_that_is_made_random_is_nothing_that_our_key_makes(store: Store) -> None:
    text = MAP.replace(
        "erase: delete, stop", "erase: anonymise, anonymise: {email: '', token: {random: true}}, stop"
    )
    store.carried_out(Action.ERASE, text=text)
    tokens = store.column("token FROM tracking.mails WHERE id IN (1, 2) ORDER BY id")
    graves = {MemoryKeeper().tombstone("k", one) for one in ("a1", "a2")}
    assert ([len(one) for one in tokens], len({*tokens} - graves)) == ([37, 37], 2)


def test_no_command_and_no_table_of_ours_keeps_a_token(store: Store) -> None:
    store.carried_out(Action.STOP, ("tracking",))
    kept = store.column(
        "count() FROM system.mutations WHERE database = 'tracking' AND position(command, 'a1') > 0"
    )
    assert (kept, store.column("name FROM system.tables WHERE database = 'tracking'")) == (
        ["0"], ["mails", "opens"]
    )  # fmt: skip


def test_after_an_objection_to_tracking_her_tokens_lead_nowhere_and_nobody_can_guess_them(
    store: Store, open_mail: Callable[[str], None]
) -> None:
    store.carried_out(Action.STOP, ("tracking",))
    for token in ("a1", "a2", "e1"):
        open_mail(token)
    tokens = store.column("token FROM tracking.mails WHERE id IN (1, 2) ORDER BY id")
    assert tokens == [MemoryKeeper().tombstone("k", one) for one in ("a1", "a2")]
    assert store.column("email FROM tracking.opens") == [EVA]
    assert store.column("token FROM tracking.mails WHERE id > 2 ORDER BY id") == ["e1", ""]
