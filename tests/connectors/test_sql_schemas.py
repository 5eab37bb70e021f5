"""Databases that grew: several schemas, partitions, row security, triggers, tables without a key."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors import _map
from connectors.sql.drafting import draft
from dsr.contract import Action, ConnectorError, Finding, Intent, Outcome, Record, State
from dsr.testing import MemoryKeeper
from sqlstore import ANA, EVA, Database, opened, run, subject

pytestmark = pytest.mark.live

GROWN = (
    "CREATE SCHEMA sales",
    'CREATE SCHEMA "Archivo"',
    "CREATE TABLE people (id int PRIMARY KEY, email varchar(200), first_name text, boss int REFERENCES people(id))",
    "CREATE TABLE sales.orders (id int PRIMARY KEY, person_id int REFERENCES people(id), note text)",
    "CREATE TABLE sales.lines (order_id int REFERENCES sales.orders(id), n int, sku text, PRIMARY KEY (order_id, n))",
    'CREATE TABLE "Archivo"."Fichas Antiguas" ("Nº" int PRIMARY KEY, "Correo Electrónico" text)',
    "CREATE TABLE opens (id int, person_id int REFERENCES people(id), email text, at timestamptz NOT NULL,"
    " PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
    "CREATE TABLE opens_2026 PARTITION OF opens FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    f"INSERT INTO people VALUES (1, '{ANA}', 'Ana', NULL), (2, '{EVA}', 'Eva', NULL)",
    "INSERT INTO sales.orders VALUES (10, 1, 'gift'), (20, 2, NULL)",
    "INSERT INTO sales.lines VALUES (10, 1, 'tea'), (20, 1, 'tea')",
    f"INSERT INTO \"Archivo\".\"Fichas Antiguas\" VALUES (7, '{ANA.upper()}'), (8, '{EVA}')",
    f"INSERT INTO opens VALUES (1, 1, '{ANA}', '2026-02-03'), (2, 2, '{EVA}', '2026-02-04')",
)
PERSON = """
dataset:
  - fides_key: crm
    name: CRM
    collections:
      - name: people
        fields:
          - {name: id, fides_meta: {primary_key: true, data_type: integer}}
          - {name: email, fides_meta: {identity: email}}
          - {name: first_name}
          - {name: boss}
dsr:
  collections:
    people: {owner: subject, erase: delete}
"""


@pytest.fixture
def grown(make_database: Callable[[], str]) -> str:
    url = make_database()
    run(url, *GROWN)
    return url


@pytest.fixture
def account(grown: str) -> Iterator[Callable[..., str]]:
    """Gives the address of an account that may do what is granted to it, and nothing else."""
    roles: list[str] = []

    def made(*grants: str) -> str:
        role = f"clerk_{secrets.token_hex(4)}"
        roles.append(role)
        run(grown, f"CREATE ROLE {role} LOGIN PASSWORD 'x'", *[f"GRANT {one} TO {role}" for one in grants])
        return sa.make_url(grown).set(username=role, password="x").render_as_string(hide_password=False)

    yield made
    for role in roles:
        run(grown, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def confirmed(text: str) -> str:
    """A draft that somebody has read: everything of the person goes."""
    return text.replace("  draft: true\n", "").replace("erase: ask", "erase: delete")


def erased(url: str, text: str, *people: str) -> list[State]:
    """Erases these people in one batch."""
    made = opened(url, text)
    asked = [subject(one) for one in people]
    found = made.locate(asked).records
    steps = made.plan(
        [
            Intent(f"{one.key}:crm:1", one, Action.ERASE, tuple(r for r in found if r.subject == one.key))
            for one in asked
        ]
    )
    return [one.state for one in made.act(steps, MemoryKeeper())]


def said(findings: tuple[Finding, ...], code: str) -> list[tuple[str, str]]:
    """Findings of a code in English, with their level."""
    return [
        (one.level, one.sentence if isinstance(one.sentence, str) else one.sentence["en"])
        for one in findings
        if one.code == code
    ]


def test_a_draft_has_the_tables_of_every_schema_and_partitions_once(grown: str) -> None:
    found = _map.load(draft(grown), "crm.yaml")

    assert sorted(one.name for one in found.collections) == [
        "Archivo.Fichas Antiguas", "opens", "people", "sales.lines", "sales.orders",
    ]  # fmt: skip
    (order,) = found.collection("sales.orders").references
    (line,) = found.collection("sales.lines").references
    assert (order.target, order.columns, line.target) == ("people", ("person_id",), "sales.orders")


def test_a_draft_of_several_schemas_finds_and_erases_all_of_a_person(grown: str) -> None:
    text = confirmed(draft(grown))
    found = opened(grown, text).locate([subject(ANA)]).records

    assert {(one.collection, one.count) for one in found} == {
        ("Archivo.Fichas Antiguas", 1), ("opens", 1), ("people", 1), ("sales.lines", 1), ("sales.orders", 1),
    }  # fmt: skip
    assert erased(grown, text, ANA) == [State.DONE]
    assert run(
        grown,
        "SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM sales.orders), (SELECT count(*) FROM"
        ' sales.lines), (SELECT count(*) FROM "Archivo"."Fichas Antiguas"), (SELECT count(*) FROM opens)',
    ) == [(1, 1, 1, 1, 1)]


def test_rows_of_a_schema_that_the_map_does_not_touch_are_a_conflict_of_the_plan(grown: str) -> None:
    made = opened(grown, PERSON)
    records = tuple(made.locate([subject(ANA)]).records)
    (step,) = made.plan([Intent("ana:crm:1", subject(ANA), Action.ERASE, records)])

    assert sorted(one.kind for one in step.conflicts) == ["foreign_key", "foreign_key"]
    assert sorted(
        table for table in ("opens", "orders") for one in step.conflicts if table in one.why["en"]
    ) == ["opens", "orders"]


def test_what_the_account_may_not_read_is_named_at_the_top_of_the_draft(
    grown: str, account: Callable[..., str]
) -> None:
    text = draft(account("SELECT ON people"))

    head = text.partition("# Draft")[0].splitlines()
    assert head[0].startswith("# NOT IN THIS MAP")
    assert [line.removeprefix("#   ") for line in head if line.startswith("#   ")] == [
        "opens", "Archivo.Fichas Antiguas", "sales.lines", "sales.orders",
    ]  # fmt: skip
    assert [one.name for one in _map.load(text, "crm.yaml").collections] == ["people"]


def test_the_check_names_tables_that_are_not_in_the_map(grown: str) -> None:
    ((level, sentence),) = said(opened(grown, PERSON).check(), "outside")

    assert level == "warning"
    assert "(4): opens, Archivo.Fichas Antiguas, sales.lines, sales.orders." in sentence
    assert said(opened(grown, draft(grown)).check(), "outside") == []


def test_rows_that_row_security_may_hide_are_told(grown: str, account: Callable[..., str]) -> None:
    run(grown, "ALTER TABLE people ENABLE ROW LEVEL SECURITY", "CREATE POLICY p ON people USING (id > 1)")
    url = account("SELECT ON people")
    found = opened(url, PERSON).check()

    ((level, sentence),) = said(found, "hidden")
    assert (level, "'people'" in sentence) == ("warning", True)
    assert said(opened(grown, PERSON).check(), "hidden") == []


def test_a_missing_privilege_says_which_rights_fail_and_is_no_error_of_a_draft(
    account: Callable[..., str],
) -> None:
    url = account("SELECT ON people")
    lacking = "The account lacks the privilege DELETE on people; it is needed for: erasure."

    assert said(opened(url, PERSON).check(), "privilege") == [("error", lacking)]
    drafted = PERSON.replace("dsr:\n", "dsr:\n  draft: true\n")
    assert said(opened(url, drafted).check(), "privilege") == [("warning", lacking)]


REFUSING = {
    "postgresql": (
        "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF old.id = 1 THEN"
        " RAISE EXCEPTION 'this row stays'; END IF; RETURN old; END $$",
        "CREATE TRIGGER never BEFORE DELETE ON cards FOR EACH ROW EXECUTE FUNCTION never()",
    ),
    "mariadb": (
        "CREATE TRIGGER never BEFORE DELETE ON cards FOR EACH ROW IF old.id = 1 THEN"
        " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this row stays'; END IF",
    ),
}
CARDS = PERSON.replace("people", "cards").replace("          - {name: boss}\n", "")


@pytest.mark.parametrize("kind", REFUSING)
def test_a_trigger_that_refuses_stops_that_person_alone(kind: str, request: pytest.FixtureRequest) -> None:
    make = "make_database" if kind == "postgresql" else "make_mariadb_database"
    url = request.getfixturevalue(make)()
    run(
        url,
        "CREATE TABLE cards (id int PRIMARY KEY, email varchar(200), first_name varchar(50))",
        f"INSERT INTO cards VALUES (1, '{ANA}', 'Ana'), (2, '{EVA}', 'Eva')",
        *REFUSING[kind],
    )

    assert erased(url, CARDS, ANA, EVA) == [State.FAILED, State.DONE]
    assert run(url, "SELECT id FROM cards") == [(1,)]


LOOSE = """
dataset:
  - fides_key: crm
    name: CRM
    collections:
      - name: people
        fields:
          - {name: id, fides_meta: {primary_key: true, data_type: integer}}
          - {name: email, fides_meta: {identity: email}}
          - {name: prefs}
          - {name: tags}
          - {name: more}
dsr:
  collections:
    people:
      owner: subject
      erase: anonymise
      anonymise: {email: null, prefs: "{}", tags: "[]", more: null}
      restrict: set_aside
"""
LOOSE_TABLE = (
    "CREATE TABLE people (id int PRIMARY KEY, email text, prefs jsonb NOT NULL, tags text[] NOT NULL, more jsonb)",
    f"INSERT INTO people VALUES (1, '{ANA}', '{{\"gift\": \"{EVA}\"}}', '{{vip}}', NULL)",
)


def test_a_json_column_and_a_list_are_emptied(make_database: Callable[[], str]) -> None:
    url = make_database()
    run(url, *LOOSE_TABLE, "UPDATE people SET more = '[1]'")

    assert erased(url, LOOSE, ANA) == [State.DONE]
    assert run(url, "SELECT people::text FROM people") == [("(1,,{},{},)",)]


def test_a_json_column_without_a_value_comes_back_without_one(make_database: Callable[[], str]) -> None:
    url = make_database()
    run(url, *LOOSE_TABLE)
    before = run(url, "SELECT people::text FROM people")
    made, ana, keeper = opened(url, LOOSE), subject(ANA), MemoryKeeper()

    def done(action: Action, records: tuple[Record, ...], seals: tuple[str, ...] = ()) -> Outcome:
        (outcome,) = made.act(made.plan([Intent(f"ana:{action}", ana, action, records, seals=seals)]), keeper)
        return outcome

    aside = done(Action.RESTRICT, tuple(made.locate([ana]).records))
    lifted = done(Action.LIFT, (), (aside.seals[0].id,))

    assert (aside.state, lifted.state) == (State.DONE, State.DONE)
    assert (
        run(url, "SELECT people::text FROM people")
        == before
        == [(f'(1,{ANA},"{{""gift"": ""{EVA}""}}",{{vip}},)',)]
    )


def test_a_list_as_a_value_is_told_with_what_to_write(make_database: Callable[[], str]) -> None:
    with pytest.raises(
        ConnectorError, match=r"anonymise of 'people': write a single value for 'tags'.*'\[\]'"
    ):
        opened(make_database(), LOOSE.replace('"[]"', "[]"))


def test_a_check_that_refuses_is_a_failure_and_not_a_plan_to_approve_again_and_again(tmp_path: Path) -> None:
    here = Database(
        tmp_path / "crm.sqlite3",
        "CREATE TABLE cards (id INTEGER PRIMARY KEY, email TEXT, first_name TEXT CHECK (first_name <> '-'));"
        f"INSERT INTO cards VALUES (1, '{ANA}', 'Ana');",
        CARDS.replace("erase: delete", "erase: anonymise, anonymise: {first_name: '-'}"),
    )

    (outcome,) = here.act(here.plan(Action.ERASE))

    assert outcome.state is State.FAILED
    assert "a trigger or a check" in outcome.why["en"]


PLACES = (
    "CREATE TABLE people (id int PRIMARY KEY, email varchar(200), first_name varchar(50), boss int,"
    " FOREIGN KEY (boss) REFERENCES people(id) ON DELETE SET NULL)",
    "CREATE TABLE badges (id int PRIMARY KEY, person int, FOREIGN KEY (person) REFERENCES people(id)"
    " ON DELETE SET NULL)",
    f"INSERT INTO people VALUES (1, '{ANA}', 'Ana', NULL)",
    f"INSERT INTO people VALUES (2, '{EVA}', 'Eva', 1)",
    "INSERT INTO badges VALUES (5, 1)",
)
BOSS = PERSON.replace(
    "{name: boss}",
    "{name: boss, fides_meta: {references: [{dataset: crm, field: people.id, direction: to}]}}",
).replace("erase: delete", "erase: delete, restrict: set_aside")


@pytest.mark.parametrize("make", ["make_database", "make_mariadb_database"])
def test_references_that_the_database_empties_let_a_row_go_but_not_wait_in_the_vault(
    make: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(make)()
    run(url, *PLACES)
    made, ana = opened(url, BOSS), subject(ANA)
    records = tuple(made.locate([ana]).records)

    (aside,) = made.plan([Intent("ana:r", ana, Action.RESTRICT, records)])
    told = [one.why["en"] for one in aside.conflicts]

    assert sorted(one.split("; ")[0][:60] for one in told) == [
        "'people' cannot be set aside: 'badges' refers to it and is n",
        "'people' cannot be set aside: 'people' refers to it and is n",
    ]
    assert erased(url, BOSS, ANA) == [State.DONE]
    assert run(url, "SELECT id, boss FROM people") == [(2, None)]
    assert run(url, "SELECT id, person FROM badges") == [(5, None)]
