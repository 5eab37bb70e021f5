"""Two organisations in one installation share Ana; nothing crosses."""

import sqlite3

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.domain.organisation import Contact, SystemConfig
from dsr.services import intake, review
from dsr.services.intake import Filing, Wanted
from dsr.services.officers import Officer
from dsr.store.models import Identity, Search
from dsr.store.operations import AuditEntry
from dsr.store.queries import people
from stage import NOW, controller, installation, work

MAP = """
dataset:
  - fides_key: {key}
    name: {key}
    collections:
      - name: contacts
        fields:
          - {{name: id, fides_meta: {{primary_key: true}}}}
          - {{name: email, data_categories: [user.contact.email], fides_meta: {{identity: email}}}}
dsr:
  title: {key}
  collections:
    contacts: {{owner: subject, basis: contract, erase: delete, origin: provided, restrict: set_aside}}
"""


@pytest.fixture
def two(tmp_path):
    systems = []
    for key in ("acme", "beta"):
        path = tmp_path / f"{key}.sqlite3"
        with sqlite3.connect(path) as connection:
            connection.execute("create table contacts (id integer primary key, email text)")
            connection.execute("insert into contacts values (1, 'ana@correo.example')")
        settings = {"url": f"sqlite:///{path}", "map": MAP.format(key=key), "map_name": f"{key}.yaml"}
        systems.append(SystemConfig(f"{key}-crm", "sql", key, (key,), settings, acting=("erasure", "access")))
    controllers = (
        controller("acme", systems=("acme-crm",)),
        controller(
            "beta", name="Beta", contact=Contact("dpo@beta.example"), systems=("beta-crm",), path="/beta"
        ),
    )
    with installation(tmp_path / "instance", systems, controllers=controllers, four_eyes=False):
        yield tmp_path


def filed(key):
    filing = Filing(
        key,
        "es",
        "ES",
        (Wanted("erasure"),),
        (("email", "ana@correo.example"),),
        verified_reason="en persona",
    )
    receipt = intake.submit(filing, by="staff:1", now=NOW)
    work()
    return receipt.cases[0]


def rows(folder, key):
    with sqlite3.connect(folder / f"{key}.sqlite3") as connection:
        return connection.execute("select count(*) from contacts").fetchone()[0]


def test_a_case_searches_and_erases_only_in_its_own_controllers_systems(two):
    reference = filed("acme")
    with store.reading() as session:
        plan_hash = people.case(session, reference)
        from dsr.store.queries import work as queries

        shown = queries.latest_plans(session, [plan_hash.id])[plan_hash.id].hash

    review.approve(reference, shown, by=Officer(1, ("dpo",), ("acme",)), now=NOW)
    work()

    assert (rows(two, "acme"), rows(two, "beta")) == (0, 1)
    with store.reading() as session:
        assert set(session.scalars(select(Search.system))) == {"acme-crm"}


def test_an_officer_of_one_controller_cannot_see_a_case_of_the_other(two):
    reference = filed("beta")

    with pytest.raises(Refusal) as refused:
        review.note(reference, "hola", by=Officer(1, ("dpo",), ("acme",)), now=NOW)

    assert refused.value.code == "case.unknown"


def test_the_same_address_has_different_hashes_and_chains(two):
    filed("acme")
    filed("beta")

    with store.reading() as session:
        hashes = set(session.scalars(select(Identity.lookup_hash)))
        first = session.scalars(select(AuditEntry.seq).where(AuditEntry.controller == "beta")).first()
    assert len(hashes) == 2
    assert first == 1
    assert store.audit.verify_chain("acme").holds and store.audit.verify_chain("beta").holds
