"""Rows under retention, field by field: erased, kept, blocked, set aside, under a pseudonym. Every line of the letter
and of the status page is held against the raw store and the vault, in every language."""

import csv
import re
import shutil
import sqlite3
import subprocess
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from dsr import store
from dsr.contract import is_pseudonym
from dsr.domain.errors import Refusal
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.services import blocking, intake, letters, results, retention, review, viewing
from dsr.services.intake import Filing, Wanted
from dsr.store import vault as sealed_rows
from dsr.store.models import Plan, VaultSeal
from dsr.store.operations import Letter
from dsr.store.queries import people
from stage import NOW, OLGA, PAULA, begin_lift, installation, work

ANA, EVA = "ana@example.org", "eva@example.org"
MAP = """
dataset:
  - fides_key: shop
    name: Shop
    collections:
      - name: invoices
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: name, description: {es: nombre, en: name, pt: nome}}
          - {name: phone, description: {es: teléfono, en: phone, pt: telefone}}
          - {name: address, description: {es: dirección, en: address, pt: endereço}}
          - {name: issued_on, description: {es: fecha, en: date, pt: data}}
          - {name: total, description: {es: importe, en: total, pt: valor}}
dsr:
  title: {es: Tienda, en: Shop, pt: Loja}
  collections:
    invoices:
      owner: subject
      basis: legal_obligation
      erase: keep
      keep: {rule: commercial_books, date: issued_on}
      anonymise: {phone: null}
      pseudonymise: [email, name]
      set_aside: {address: "-"}
      title: {es: Facturas, en: Invoices, pt: Faturas}
"""
ROWS = [
    (1, ANA, "Ana", "600", "Calle 1", "2015-05-01", 10.0),
    (2, ANA, "Ana", "600", "Calle 1", "2021-06-01", 20.0),
    (3, ANA, "Ana G.", "601", "Calle 2", "2025-12-31", 30.0),
    (4, EVA, "Eva", "700", "Calle 9", "2025-01-01", 40.0),
]
END = date(2031, 12, 31)


CONTRACTS = """      - name: contracts
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: signed_on}
          - {name: held}
"""
KEPT_WHOLE = """    contracts: {owner: subject, basis: contract, erase: keep,
      keep: {rule: commercial_books, date: signed_on},
      restrict: {flag: held, value: 1}}
"""


@pytest.fixture
def shop(tmp_path):
    """The path of a shop in Spain, with an installation on it."""
    with opened(tmp_path, MAP) as path:
        yield path


@pytest.fixture
def book(tmp_path):
    """The same shop with its invoices in a CSV file."""
    with opened(tmp_path, MAP, kind="tabular") as path:
        yield path


@contextmanager
def opened(tmp_path, text, *, kind="sql"):
    path = file_of(tmp_path) if kind == "tabular" else database_of(tmp_path)
    where = {"path": str(path)} if kind == "tabular" else {"url": f"sqlite:///{path}"}
    system = SystemConfig(
        key="shop", kind=kind, title="Shop", controllers=("acme",), acting=tuple(one.value for one in Right),
        settings={**where, "map": text, "map_name": "shop.yaml"},
    )  # fmt: skip
    with installation(tmp_path / "instance", [system]):
        yield path


def file_of(tmp_path):
    path = tmp_path / "invoices.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("id", "email", "name", "phone", "address", "issued_on", "total"), *ROWS])
    return path


def database_of(tmp_path):
    path = tmp_path / "shop.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "create table invoices (id integer primary key, email text, name text, phone text, address text,"
            " issued_on text, total real)"
        )
        connection.execute(
            "create table contracts (id integer primary key, email text, signed_on text, held int)"
        )
        connection.execute("insert into contracts values (1, ?, '2025-01-01', 0)", [ANA])
        connection.executemany("insert into invoices values (?, ?, ?, ?, ?, ?, ?)", ROWS)
    return path


def ask(language):
    filing = Filing(
        "acme", language, "ES", (Wanted("erasure"),), (("email", ANA),), country="ES",
        name="Ana", channel="post", verified_reason="in person",
    )  # fmt: skip
    (case,) = intake.submit(filing, by="staff:1", now=NOW).cases
    work()
    return case


def approve(case):
    with store.reading() as session:
        shown = session.scalars(select(Plan.hash).order_by(Plan.id.desc()).limit(1)).one()
    if review.approve(case, shown, by=OLGA, now=NOW) == "second":
        review.second_approve(case, shown, by=PAULA, now=NOW)
    work()


def raw(path):
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            _, *lines = csv.reader(file)
        return [(int(one[0]), *(cell or None for cell in one[1:6]), float(one[6])) for one in lines]
    with sqlite3.connect(path) as connection:
        return connection.execute("select * from invoices order by id").fetchall()


def told(case, kind):
    """The words of a letter, in one line."""
    with store.reading() as session:
        row = people.case(session, case)
        wanted = select(Letter).where(Letter.case_id == row.id, Letter.kind == kind)
        letter = session.scalars(wanted.order_by(Letter.id.desc()).limit(1)).one()
        text = letters.text(letter, row.submission)
    return " ".join(re.sub(r"\s*([:,.])", r"\1", re.sub(r"<[^>]+>", " ", text)).split())


def shown(reference):
    """What her status page says of a case."""
    with store.reading() as session:
        submission = people.case(session, reference).submission.reference
    return results.of_submission(submission, "es", now=NOW)[reference]


def seals(purpose):
    with store.reading() as session:
        wanted = select(VaultSeal).where(VaultSeal.purpose == purpose)
        return [(one.id, one.rows, one.destroy_on, one.destroyed_at) for one in session.scalars(wanted)]


SAID = {
    "es": (
        "Lo que se conserva y por qué",
        [
            "Se bloqueó y se retiró 1 registro de « Facturas » en Tienda",
            "Se quitó lo que la ley no obliga a conservar de 2 registros de « Facturas » en Tienda: teléfono,",
            "Se sustituyeron por seudónimos datos de 2 registros de « Facturas » en Tienda:"
            " correo electrónico, nombre,",
            "Se apartaron en la cámara sellada datos de 2 registros de « Facturas » en Tienda: dirección,",
        ],
        "2 registros de « Facturas » en Tienda, como máximo hasta el miércoles 31 de diciembre de 2031: ",
        " Solo se conserva: fecha, importe."
        " Con un seudónimo en lugar del dato: correo electrónico, nombre."
        " Apartado y sellado, nadie lo usa, y vuelve si se levanta la limitación: dirección."
        " (Código de Comercio 30)",
    ),
    "en": (
        "What is kept, and why",
        [
            "Blocked and removed 1 record of “ Invoices ” in Shop",
            "What the law does not need was taken out of 2 records of “ Invoices ” in Shop: phone,",
            "Replaced by a pseudonym, in 2 records of “ Invoices ” in Shop: e-mail address, name,",
            "Set aside in the sealed vault, out of 2 records of “ Invoices ” in Shop: address,",
        ],
        "2 records of “ Invoices ” in Shop, until Wednesday 31 December 2031 at the latest: ",
        " Only these are kept: date, total."
        " Under a pseudonym instead of the value: e-mail address, name."
        " Set aside and sealed, nobody uses it, and it returns if the restriction is lifted: address."
        " (Código de Comercio 30)",
    ),
    "pt": (
        "O que se conserva e por quê",
        [
            "Bloqueado e retirado 1 registro de “ Faturas ” em Loja",
            "Retirado o que a lei não obriga a conservar de 2 registros de “ Faturas ” em Loja: telefone,",
            "Substituídos por pseudônimos dados de 2 registros de “ Faturas ” em Loja: endereço de e-mail, nome,",
            "Separados no cofre selado dados de 2 registros de “ Faturas ” em Loja: endereço,",
        ],
        "2 registros de “ Faturas ” em Loja, no máximo até quarta-feira, 31 de dezembro de 2031: ",
        " Só se conserva: data, valor."
        " Com um pseudônimo em lugar do dado: endereço de e-mail, nome."
        " Separado e selado, ninguém o usa, e volta se a limitação for levantada: endereço."
        " (Código de Comercio 30)",
    ),
}


@pytest.mark.parametrize(
    ("place", "language"), [("shop", "es"), ("shop", "en"), ("shop", "pt"), ("book", "es")]
)
def test_every_line_of_the_letter_and_the_status_page_is_what_store_and_vault_hold(request, place, language):
    path = request.getfixturevalue(place)
    reference = ask(language)
    approve(reference)

    heading, deeds, kept_begins, kept_ends = SAID[language]
    done, _, kept = told(reference, "erased").partition(heading)
    assert [line for line in deeds if line not in done] == []
    assert (kept_begins in kept, kept_ends in kept) == (True, True)
    _is_as_said(raw(path))
    ((_, blocked, _, _),) = seals("blocked")
    ((aside, count, until, _),) = seals("set_aside")
    assert (blocked, count, until) == (3, 2, END)
    with store.reading() as session:
        submission = people.case(session, reference).submission.reference
    lines = results.of_submission(submission, language, now=NOW)[reference]
    assert {(one.verb, one.count, len(one.fields), one.until) for one in lines} == {
        ("seal_then_delete", 1, 0, None), ("strip", 2, 1, None), ("pseudonymise", 2, 2, None),
        ("aside", 2, 1, None), ("keep", 2, 2, END),
    }  # fmt: skip


def _is_as_said(rows):
    """The expired invoice is gone; of the others phone is empty, address a dash, name and address a pseudonym."""
    two, three, evas = rows
    assert evas == ROWS[3]
    assert [(one[0], *one[3:]) for one in (two, three)] == [
        (2, None, "-", "2021-06-01", 20.0),
        (3, None, "-", "2025-12-31", 30.0),
    ]
    assert [is_pseudonym(one) for row in (two, three) for one in row[1:3]] == [True] * 4
    assert (two[1] == three[1], two[2] == three[2]) == (True, False)


def test_the_desk_shows_each_treatment_with_its_fields_and_who_may_see_what_is_kept(shop):
    reference = ask("es")

    plan = viewing.view(reference, by=replace(OLGA, controllers=("acme",)), language="es", now=NOW).plan

    assert {one.verb: (one.count, one.fields, one.until, one.roles) for one in plan.lines} == {
        "seal_then_delete": (1, (), None, ()),
        "strip": (2, ("teléfono",), None, ()),
        "pseudonymise": (2, ("correo electrónico (email)", "nombre"), END, ()),
        "aside": (2, ("dirección",), END, ()),
        "keep": (2, ("fecha", "importe"), END, ("asesoría jurídica", "contabilidad")),
    }


@pytest.mark.parametrize("place", ["shop", "book"])
def test_what_was_set_aside_of_kept_rows_comes_back_when_it_is_lifted(request, place):
    path = request.getfixturevalue(place)
    reference = ask("es")
    approve(reference)
    view = viewing.view(reference, by=replace(OLGA, controllers=("acme",)), language="es", now=NOW)
    assert "lift" in view.allowed

    begin_lift(reference, "La reclamación ha terminado")
    approve(reference)

    assert [(row[0], row[4]) for row in raw(path)] == [(2, "Calle 1"), (3, "Calle 2"), (4, "Calle 9")]
    assert [is_pseudonym(row[2]) for row in raw(path)] == [True, True, False]
    assert sorted((one.verb, one.count) for one in shown(reference)) == [
        ("keep", 2), ("lift", 2), ("pseudonymise", 2), ("seal_then_delete", 1), ("strip", 2),
    ]  # fmt: skip
    with store.reading() as session:
        assert people.case(session, reference).ending == "partly"
    retention.run(now=NOW)
    assert [gone is not None for _, _, _, gone in seals("set_aside")] == [True]
    assert [gone is not None for _, _, _, gone in seals("blocked")] == [False]


def test_giving_back_what_an_erasure_set_aside_leaves_the_mark_of_a_restriction(tmp_path):
    text = MAP.replace("dsr:\n  title", f"{CONTRACTS}dsr:\n  title") + KEPT_WHOLE
    with opened(tmp_path, text) as path:
        reference = ask("es")
        approve(reference)
        with sqlite3.connect(path) as connection:
            connection.execute("update contracts set held = 1")

        begin_lift(reference, "La reclamación ha terminado")
        approve(reference)

        assert [row[4] for row in raw(path)] == ["Calle 1", "Calle 2", "Calle 9"]
        with sqlite3.connect(path) as connection:
            assert connection.execute("select held from contracts").fetchall() == [(1,)]


def test_an_erasure_that_set_nothing_aside_cannot_be_lifted(shop):
    with sqlite3.connect(shop) as connection:
        connection.execute("delete from invoices where id in (2, 3)")
    reference = ask("es")
    approve(reference)

    with pytest.raises(Refusal, match="There is nothing to lift"):
        review.lift(reference, "Sin motivo", by=OLGA, now=NOW)


def test_what_was_set_aside_is_destroyed_when_the_rows_need_not_be_kept_any_longer(shop):
    approve(ask("es"))
    ((seal, _, until, _),) = seals("set_aside")

    with store.reading() as session:
        day_before = sealed_rows.due(
            session, controller="acme", now=NOW.replace(year=until.year, month=12, day=31)
        )
        day_after = sealed_rows.due(
            session, controller="acme", now=NOW.replace(year=until.year + 1, month=1, day=2)
        )

    assert seal not in [one[1] for one in day_before]
    assert seal in [one[1] for one in day_after]


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "Facturas: 3 filas, valores anteriores de dirección, correo electrónico, nombre, teléfono"),
        ("en", "Invoices: 3 rows, old values of address, e-mail address, name, phone"),
        ("pt", "Faturas: 3 linhas, valores anteriores de endereço, endereço de e-mail, nome, telefone"),
    ],
)
def test_the_certificate_of_destruction_names_the_fields_whose_old_values_were_blocked(shop, language, said):
    reference = ask(language)
    approve(reference)
    after = NOW.replace(year=2029, month=3, day=4)
    retention.run(now=after)

    made = blocking.certificate("acme", reference, language, by="staff:7", now=after)

    read = subprocess.run(["pdftotext", "-", "-"], input=made, capture_output=True, check=True)
    text = " ".join(read.stdout.decode().split())
    assert (said in text, "Shop" in text) == (True, True)
