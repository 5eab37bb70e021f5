"""A person with invoices under retention: the letter, the plan and the status page say per item what is kept and
why; the store holds exactly that."""

import re
import sqlite3
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.services import intake, letters, results, review, viewing
from dsr.services.intake import Filing, Wanted
from dsr.store.models import Plan, VaultSeal
from dsr.store.operations import Letter
from dsr.store.queries import people
from stage import NOW, OLGA, PAULA, installation, work

ALL = tuple(right.value for right in Right)
ANA = "ana@example.org"
MAP = """
dataset:
  - fides_key: shop
    name: Shop
    collections:
      - name: customers
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
      - name: invoices
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: issued_on}
          - {name: total}
      - name: visits
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
      - name: cameras
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
dsr:
  title: {es: Tienda, en: Shop, pt: Loja}
  collections:
    customers: {owner: subject, basis: contract, erase: delete, title: {es: Clientes, en: Customers, pt: Clientes}}
    invoices:
      owner: subject
      basis: legal_obligation
      erase: keep
      keep: {rule: [tax, commercial_books], date: issued_on}
      title: {es: Facturas, en: Invoices, pt: Faturas}
    visits: {owner: subject, basis: consent, erase: delete, title: {es: Visitas, en: Visits, pt: Visitas}}
    cameras: {owner: subject, basis: legitimate_interest, erase: delete, blocking: exempt, title: Cameras}
"""
ROWS = [
    (1, ANA, "2015-05-01", 10.0),
    (2, ANA, "2021-06-01", 20.0),
    (3, ANA, "2025-12-31", 30.0),
    (4, "eva@example.org", "2015-01-01", 40.0),
]


@contextmanager
def opened(path, text, folder):
    """An installation on a shop with this map."""
    with sqlite3.connect(path) as connection:
        for name in ("customers", "visits", "cameras"):
            connection.execute(f"create table {name} (id integer primary key, email text)")
            connection.execute(f"insert into {name} values (1, ?), (2, 'eva@example.org')", [ANA])
        connection.execute(
            "create table invoices (id integer primary key, email text, issued_on text, total real)"
        )
        connection.executemany("insert into invoices values (?, ?, ?, ?)", ROWS)
    system = SystemConfig(
        key="shop", kind="sql", title="Shop", controllers=("acme",), acting=ALL,
        settings={"url": f"sqlite:///{path}", "map": text, "map_name": "shop.yaml"},
    )  # fmt: skip
    with installation(folder / "instance", [system]):
        yield


@pytest.fixture(params=["ES", "MX", "CO"])
def shop(request, tmp_path):
    """(law, path of the shop), with an installation on it."""
    path = tmp_path / "shop.sqlite3"
    with opened(path, MAP, tmp_path):
        yield request.param, path


STRIPPED = MAP.replace(
    "keep: {rule: [tax, commercial_books], date: issued_on}",
    "keep: {rule: [tax, commercial_books], date: issued_on}\n      anonymise: {email: null}",
)


@pytest.fixture
def lean(tmp_path):
    """A shop in Spain whose map takes the address out of the invoices that stay."""
    path = tmp_path / "shop.sqlite3"
    with opened(path, STRIPPED, tmp_path):
        yield path


def ask(law, language="es"):
    filing = Filing(
        "acme", language, law, (Wanted("erasure"),), (("email", ANA),), country=law,
        name="Ana", channel="post", verified_reason="en persona",
    )  # fmt: skip
    (case,) = intake.submit(filing, by="staff:1", now=NOW).cases
    work()
    return case


def erase(law):
    return approve(ask(law))


def approve(case):
    with store.reading() as session:
        shown = session.scalars(select(Plan.hash)).one()
    review.approve(case, shown, by=OLGA, now=NOW)
    review.second_approve(case, shown, by=PAULA, now=NOW)
    work()
    return case


def raw(path, table):
    with sqlite3.connect(path) as connection:
        return connection.execute(f"select * from {table} order by id").fetchall()


ENDS = {"ES": date(2031, 12, 31), "MX": date(2035, 12, 31), "CO": date(2035, 12, 31)}
LAW = {
    "ES": "seis años desde el último asiento (artículo 30 del Código de Comercio)",
    "MX": "diez años (artículos 38 y 46 del Código de Comercio)",
    "CO": "diez años desde el último asiento (artículo 28 de la Ley 962 de 2005)",
}


def test_the_letter_says_per_item_what_is_kept_and_the_store_holds_exactly_that(shop):
    law, path = shop

    reference = erase(law)

    with store.reading() as session:
        case = people.case(session, reference)
        letter = session.scalars(
            select(Letter).where(Letter.case_id == case.id, Letter.kind == "erased")
        ).one()
        text = " ".join(re.sub(r"<[^>]+>", " ", letters.text(letter, case.submission)).split())
    assert raw(path, "invoices") == ROWS[1:]
    assert [raw(path, name) for name in ("customers", "visits", "cameras")] == [[(2, "eva@example.org")]] * 3
    done, _, kept = text.partition("Lo que se conserva y por qué")
    assert "2 registros de « Facturas » en Tienda, como máximo hasta el" in kept
    assert LAW[law] in kept
    assert f"31 de diciembre de {ENDS[law].year}" in kept
    assert [title in done for title in ("Clientes", "Visitas", "Facturas")] == [True, True, True]


def test_of_what_is_kept_only_the_fields_that_the_law_needs_stay_and_the_letter_names_both(lean):
    reference = ask("ES")
    plan = viewing.view(reference, by=replace(OLGA, controllers=("acme",)), language="es", now=NOW).plan
    lines = {(one.verb, one.collection): (one.count, one.fields) for one in plan.lines}
    assert lines["keep", "Facturas"] == (2, ("issued_on", "total"))
    assert lines["strip", "Facturas"] == (2, ("correo electrónico (email)",))

    approve(reference)

    with store.reading() as session:
        case = people.case(session, reference)
        letter = session.scalars(
            select(Letter).where(Letter.case_id == case.id, Letter.kind == "erased")
        ).one()
        text = " ".join(re.sub(r"<[^>]+>", " ", letters.text(letter, case.submission)).split())
        submission = case.submission.reference
        sealed = sum(one.rows for one in session.scalars(select(VaultSeal)))
    done, _, kept = text.partition("Lo que se conserva y por qué")
    assert raw(lean, "invoices") == [(n, None, day, total) for n, _, day, total in ROWS[1:3]] + [ROWS[3]]
    assert (
        "Se quitó lo que la ley no obliga a conservar de 2 registros de « Facturas » en Tienda: correo"
        in done
    )
    assert "Solo se conserva: issued_on, total." in kept
    assert sealed == 5
    shown = results.of_submission(submission, "es", now=NOW)[reference]
    assert {(one.verb, one.count) for one in shown if one.collection == "Facturas"} == {
        ("seal_then_delete", 1), ("strip", 2), ("keep", 2),
    }  # fmt: skip


def test_of_several_rules_the_one_that_ends_last_counts_and_the_desk_says_it_in_plain_words(shop):
    law, _ = shop
    reference = ask(law)

    seen = viewing.view(reference, by=replace(OLGA, controllers=("acme",)), language="es", now=NOW)

    (kept,) = [line for line in seen.plan.lines if line.verb == "keep"]
    assert (kept.count, kept.until) == (2, ENDS[law])
    assert LAW[law] in kept.reason


def test_the_status_page_gets_the_same_lines(shop):
    law, _ = shop
    reference = erase(law)
    with store.reading() as session:
        submission = people.case(session, reference).submission.reference

    lines = results.of_submission(submission, "es", now=NOW)[reference]

    gone = "delete" if law == "CO" else "seal_then_delete"
    assert {(one.verb, one.collection, one.count, one.until) for one in lines} == {
        (gone, "Clientes", 1, None),
        (gone, "Visitas", 1, None),
        ("delete", "Cameras", 1, None),
        (gone, "Facturas", 1, None),
        ("keep", "Facturas", 2, ENDS[law]),
    }
    assert [LAW[law] in one.why for one in lines if one.verb == "keep"] == [True]


def test_what_the_law_exempts_from_blocking_is_erased_and_not_sealed(shop):
    law, path = shop
    erase(law)

    with store.reading() as session:
        rows = sum(session.scalars(select(VaultSeal.rows)))

    assert (rows, raw(path, "cameras")) == (0 if law == "CO" else 3, [(2, "eva@example.org")])
