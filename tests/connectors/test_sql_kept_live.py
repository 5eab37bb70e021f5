"""Rows kept by law, field by field, in a real PostgreSQL and a real MariaDB: their types, widths and constraints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.sql import Sql
from dsr.contract import Action, Context, Intent, KeepRule, Outcome, Purpose, State, Step, is_pseudonym
from dsr.testing import MemoryKeeper
from sqlstore import ANA, EVA, ON, subject

TAX = KeepRule("tax", "art. 66 LGT", (4, 0, 0))
SCHEMA = (
    "CREATE TABLE cards (id INTEGER PRIMARY KEY, email VARCHAR(200))",
    "CREATE TABLE invoices (id INTEGER PRIMARY KEY, card_id INTEGER REFERENCES cards(id), issued_on DATE, "
    "total DECIMAL(10, 2), name VARCHAR(60) UNIQUE, short VARCHAR(10), phone VARCHAR(20), token VARCHAR(40), "
    "paid DECIMAL(12, 4), seen TIMESTAMP NULL, must VARCHAR(20) NOT NULL)",
)
LEAP = datetime(2024, 2, 29, 10, 11, 12)
ROWS = (
    (1, 1, date(2015, 3, 1), Decimal("1.00"), "Ana 1", "a", "600", "t1", Decimal("1.5000"), None, "x"),
    (2, 1, date(2025, 3, 1), Decimal("2.50"), "Ana ñ", "b", "600", "t2", Decimal("2.2500"), LEAP, "y"),
    (3, 2, date(2025, 1, 1), Decimal("3.00"), "Eva", "c", "700", "t3", Decimal("3.0001"), datetime(2024, 1, 1), "z"),
)  # fmt: skip
MAP = """
dataset:
  - fides_key: crm
    name: CRM
    collections:
      - name: cards
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
      - name: invoices
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: card_id, fides_meta: {references: [{dataset: crm, field: cards.id, direction: to}]}}
          - {name: issued_on}
          - {name: total}
          - {name: name}
          - {name: short}
          - {name: phone}
          - {name: token}
          - {name: paid}
          - {name: seen}
          - {name: must}
dsr:
  collections:
    cards: {owner: subject, erase: anonymise, anonymise: {email: null}}
    invoices: {owner: subject, erase: keep, keep: {rule: tax, date: issued_on}, WORDS}
"""
WORDS = (
    "anonymise: {phone: null, token: {token: true}}, pseudonymise: [name], set_aside: {paid: 0, seen: null}"
)


class Shop:
    """The same shop in one of the databases; every statement by another client."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keeper = MemoryKeeper()
        for statement in SCHEMA:
            self.run(statement)
        self.run("INSERT INTO cards VALUES (1, :ana), (2, :eva)", ana=ANA, eva=EVA)
        for row in ROWS:
            names = [f"v{n}" for n in range(len(row))]
            self.run(
                f"INSERT INTO invoices VALUES ({', '.join(f':{one}' for one in names)})",  # noqa: S608 - ours
                **dict(zip(names, row, strict=True)),
            )

    def run(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.begin() as client:
            found = client.execute(sa.text(statement), values)
            return [tuple(row) for row in found] if found.returns_rows else []

    def connector(self, words: str = WORDS) -> Sql:
        made = Sql()
        settings = {"url": self.url, "map": MAP.replace("WORDS", words), "map_name": "crm.yaml"}
        made.open(Context("crm", "demo", settings, settings.__getitem__, datetime(2026, 6, 1, tzinfo=UTC)))
        return made

    def plan(self, words: str = WORDS, *, block: bool = False) -> tuple[Step, ...]:
        ana = subject(ANA)
        made = self.connector(words)
        records = tuple(made.locate([ana]).records)
        intent = Intent("ana:crm:erase:1", ana, Action.ERASE, records, keep=(TAX,), on=ON, block=block)
        return made.plan([intent])

    def act(self, steps: tuple[Step, ...]) -> Outcome:
        (outcome,) = self.connector().act(steps, self.keeper)
        assert self.connector().verify([(steps[0], outcome)]) == ()
        return outcome

    def lift(self, seal: str) -> Outcome:
        intent = Intent("ana:crm:lift:1", subject(ANA), Action.LIFT, (), seals=(seal,), on=ON)
        return self.act(self.connector().plan([intent]))

    def invoice(self, number: int) -> tuple[Any, ...]:
        return self.run("SELECT * FROM invoices WHERE id = :id", id=number)[0]


@pytest.fixture(params=["make_database", "make_mariadb_database"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    yield Shop(request.getfixturevalue(request.param)())


pytestmark = pytest.mark.live


def test_every_word_is_carried_out_in_one_transaction_and_a_repeat_does_nothing(shop: Shop) -> None:
    steps = shop.plan()
    assert steps[0].conflicts == ()
    first = shop.act(steps)

    (mine, evas) = (shop.invoice(2), shop.invoice(3))
    assert shop.run("SELECT count(*) FROM invoices") == [(2,)]
    assert (mine[:4], mine[5:7]) == ((2, 1, date(2025, 3, 1), Decimal("2.50")), ("b", None))
    assert (is_pseudonym(mine[4]), mine[7][:5], mine[8:]) == (True, "gone-", (Decimal("0.0000"), None, "y"))
    assert evas == ROWS[2]
    assert (first.state, [(one.purpose, one.rows) for one in first.seals]) == (
        State.DONE,
        [(Purpose.SET_ASIDE, 1)],
    )
    again = shop.act(steps)
    assert (again.state, again.seals, shop.invoice(2)) == (State.ALREADY, (), mine)


def test_values_set_aside_return_with_their_types(shop: Shop) -> None:
    (seal,) = shop.act(shop.plan()).seals

    back = shop.lift(seal.id)

    now = shop.invoice(2)
    assert now[8:] == ROWS[1][8:]
    assert (is_pseudonym(now[4]), now[6], back.state, back.receipt) == (True, None, State.DONE, "refilled=1")
    assert shop.lift(seal.id).state is State.ALREADY


def test_what_somebody_wrote_since_is_not_overwritten(shop: Shop) -> None:
    (seal,) = shop.act(shop.plan()).seals
    shop.run("UPDATE invoices SET paid = 9.75 WHERE id = 2")

    assert shop.lift(seal.id).state is State.ALREADY
    assert shop.invoice(2)[8:10] == (Decimal("9.7500"), None)


def test_old_rows_are_blocked_whole_where_the_law_wants_it(shop: Shop) -> None:
    seals = shop.act(shop.plan(block=True)).seals

    assert [one.purpose for one in seals] == [Purpose.BLOCKED, Purpose.SET_ASIDE]
    sealed = {(row.collection, row.key): row.values for row in shop.keeper.rows(seals[0].id)}
    assert (sealed["invoices", (2,)]["name"], sealed["invoices", (2,)]["paid"]) == (
        "Ana ñ",
        Decimal("2.2500"),
    )


@pytest.mark.parametrize(
    ("words", "kind", "field"),
    [
        ("pseudonymise: [short]", "length", "short"),
        ("pseudonymise: [total]", "type", "total"),
        ("set_aside: {must: null}", "not_null", "must"),
        ("set_aside: {name: '-'}", "unique", "name"),
        ("set_aside: {paid: lots}", "type", "paid"),
    ],
)
def test_what_a_column_cannot_hold_is_a_conflict_by_name(
    shop: Shop, words: str, kind: str, field: str
) -> None:
    (step,) = shop.plan(words)

    assert [(one.kind, f"«{field}»" in str(one.why["es"])) for one in step.conflicts] == [(kind, True)]  # type: ignore[index]
