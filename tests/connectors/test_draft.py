"""Drafts of data maps: they load, mark every guess, hold no value and are never acted on."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from connectors import _map
from connectors._draft import Column, ForeignKey, TableSketch, propose
from connectors._draft.fields import guess
from connectors._map.model import Collection, DataMap, Keep
from dsr.contract import ConnectorError

CONTACTS = TableSketch(
    "contactos",
    (
        Column("id", "INTEGER", False, True),
        Column("correo", "VARCHAR(200)"),
        Column("nombre", "TEXT"),
        Column("marketing_ok", "BOOLEAN"),
        Column("reenviado_a", "TEXT"),
        Column("restringido", "BOOLEAN"),
    ),
    {"correo": ["ana.garcia@correo.example", None, ""], "nombre": ["Ana García"]},
)
OPENS = TableSketch(
    "aperturas",
    (
        Column("id", "INTEGER", False, True),
        Column("contacto_id", "INTEGER"),
        Column("fecha", "TIMESTAMP"),
        Column("ip", "VARCHAR(45)"),
    ),
)
INVOICES = TableSketch(
    "facturas",
    (Column("id", "INTEGER", False, True), Column("contacto", "INTEGER"), Column("emitida_en", "DATE")),
    foreign_keys=(ForeignKey(("contacto",), "contactos", ("id",)),),
)


def drafted(*sketches: TableSketch) -> DataMap:
    return _map.load(propose(sketches, key="crm"), "crm.yaml")


def one(*columns: Column, name: str = "things", **samples: list[object]) -> Collection:
    return drafted(TableSketch(name, (Column("id", "INT", False, True), *columns), samples)).collection(name)


def test_a_draft_loads_and_is_marked_as_one() -> None:
    found = drafted(CONTACTS, OPENS, INVOICES)

    assert (found.key, found.draft) == ("crm", True)
    assert [c.name for c in found.collections] == ["contactos", "aperturas", "facturas"]


def test_an_address_in_a_column_of_that_name_identifies() -> None:
    found = drafted(CONTACTS).collection("contactos")

    assert (found.field("correo").identity, found.field("correo").length) == ("email", 200)
    assert found.field("nombre").categories == ("user.name",)


def test_a_draft_holds_no_value() -> None:
    text = propose([CONTACTS], key="crm")

    assert "ana.garcia" not in text
    assert "Ana García" not in text


def test_every_guess_is_marked_and_what_is_declared_is_not() -> None:
    lines = propose([CONTACTS, OPENS, INVOICES], key="crm").splitlines()
    guessed = {line.split(":")[0].strip(" -") for line in lines if line.endswith("# guess")}
    certain = {line.split(":")[0].strip(" -") for line in lines if not line.endswith("# guess")}

    assert guessed == {
        "title", "owner", "erase", "keep", "restrict", "marketing", "tracking", "occurred_at", "origin",
        "third_party", "data_categories", "identity", "dataset",
    }  # fmt: skip
    assert certain & guessed == {"title", "dataset"}
    assert {"primary_key", "data_type", "length"} <= certain


def test_a_name_and_a_declaration_both_make_references() -> None:
    found = drafted(CONTACTS, OPENS, INVOICES)

    assert [(c.name, r.columns) for c, r in found.children("contactos")] == [
        ("aperturas", ("contacto_id",)),
        ("facturas", ("contacto",)),
    ]


def test_opens_are_tracking_and_invoices_are_kept() -> None:
    found = drafted(CONTACTS, OPENS, INVOICES)
    opens, invoices = found.collection("aperturas"), found.collection("facturas")

    assert (opens.tracking, opens.occurred_at, opens.erase) == (True, "fecha", "delete")
    assert (invoices.erase, invoices.keep) == ("keep", Keep("commercial_books", "emitida_en"))


def test_what_nobody_can_know_is_asked() -> None:
    found = drafted(CONTACTS).collection("contactos")

    assert (found.owner, found.erase, found.basis) == ("subject", "ask", "")


def test_consent_flags_and_other_people_are_noticed() -> None:
    found = drafted(CONTACTS).collection("contactos")

    assert found.stop == {"marketing": {"marketing_ok": False}}
    assert found.restrict_flag == ("restringido", 1)
    assert (found.field("reenviado_a").third_party, found.field("reenviado_a").identity) == (True, "")


def test_who_works_on_a_row_is_not_whom_it_is_about() -> None:
    desk = [
        Column(name, "TEXT") for name in ("email", "assignee", "asignado_a", "created_by", "Atendido por")
    ]
    mail = {column.name: ["soporte@tienda.example"] for column in desk}
    found = one(*desk, name="tickets", **mail)

    assert [field.name for field in found.fields if field.identity] == ["email"]
    assert [field.name for field in found.fields if field.third_party] == [
        "assignee", "asignado_a", "created_by", "Atendido por",
    ]  # fmt: skip


def test_a_list_of_texts_has_no_type_of_a_single_one() -> None:
    assert one(Column("tags", "TEXT[]")).field("tags").data_type == ""


def test_an_opt_out_is_set_to_yes() -> None:
    assert one(Column("opt_out", "BOOLEAN")).stop == {"marketing": {"opt_out": True}}


def test_a_table_of_consents_says_when() -> None:
    named = [Column(name, "TEXT") for name in ("purpose", "proof")]
    found = one(*named, Column("granted_at", "TIMESTAMP"), Column("revoked_at", "TIMESTAMP"), name="consents")

    assert found.consent is not None
    assert (found.consent.given_at, found.consent.withdrawn_at) == ("granted_at", "revoked_at")
    assert (found.consent.purpose, found.consent.proved_how) == ("purpose", "proof")


@pytest.mark.parametrize(
    ("name", "values", "category", "identity"),
    [
        ("dato", ["ana@correo.example", "eva@correo.example"], "user.contact.email", "email"),
        ("dato", ["12345678Z", "x1234567l"], "user.government_id.national_identification_number", "es_dni"),
        ("dato", ["12345678A", "12345678B"], "", ""),
        ("dato", ["+34 600 100 101"], "user.contact.phone_number", "phone"),
        ("dato", ["192.0.2.1", "2001:db8::1"], "user.device.ip_address", ""),
        ("dato", ["a longer remark, written by hand, about what was said on the phone that day"],
         "user.content.private", ""),
        ("email", ["yes", "no"], "", ""),
        ("E-Mail", [], "user.contact.email", "email"),
        ("CorreoElectrónico", [], "user.contact.email", "email"),
        ("telemóvel", ["+351912345678"], "user.contact.phone_number", "phone"),
        ("apellidos", [], "user.name.last", ""),
        ("sobrenome", [], "user.name.last", ""),
        ("dirección", [], "user.contact.address.street", ""),
        ("endereco", [], "user.contact.address.street", ""),
        ("fecha_nacimiento", [], "user.demographic.date_of_birth", ""),
        ("data_nascimento", [], "user.demographic.date_of_birth", ""),
        ("email_sent_at", [], "", ""),
        ("cpf", [], "user.government_id.national_identification_number", "br_cpf"),
        ("número_cliente", [], "user.unique_id", "customer_number"),
        ("Nº Cliente", [], "user.unique_id", "customer_number"),
        ("tlf", ["600 00 00 01"], "user.contact.phone_number", "phone"),
        ("Nombre y Apellidos", [], "user.name", ""),
        ("dir_envio", [], "user.contact.address.street", ""),
        ("fec_nac", [], "user.demographic.date_of_birth", ""),
        ("observações", [], "user.content.private", ""),
        ("shelf", ["a", "b"], "", ""),
    ],
)  # fmt: skip
def test_names_and_values_tell_what_a_column_holds(
    name: str, values: list[str], category: str, identity: str
) -> None:
    found = guess(TableSketch("t", (Column(name),), {name: values}), Column(name))

    assert (found.category, found.identity) == (category, identity)


def test_a_table_without_a_key_gets_the_likeliest() -> None:
    found = drafted(
        TableSketch("list", (Column("email"), Column("code")), {"email": ["a", "a"], "code": [1, 2]})
    )

    assert found.collection("list").key == ("code",)


def test_what_people_may_share_is_asked() -> None:
    homes = TableSketch("homes", (Column("id", "INT", False, True), Column("phone")))
    people = TableSketch("people", (Column("id", "INT", False, True), Column("email"), Column("home_id")))

    found = drafted(homes, people)

    assert [(c.name, c.owner) for c in found.collections] == [("homes", "unknown"), ("people", "subject")]


def test_a_row_with_a_birthday_is_one_persons_whoever_points_to_it() -> None:
    key = Column("id", "INT", False, True)
    people = TableSketch("people", (key, Column("email"), Column("birth_date", "DATE")))
    orders = TableSketch("orders", (key, Column("email"), Column("people_id")))

    bills = TableSketch("bills", (key, Column("email"), Column("order_id")))

    found = {one.name: one.owner for one in drafted(people, orders, bills).collections}

    assert found == {"people": "subject", "orders": "subject", "bills": "subject"}


def test_a_circle_of_references_is_left_open() -> None:
    columns = (Column("id", "INT", False, True), Column("other"))
    found = drafted(
        TableSketch("a", columns, foreign_keys=(ForeignKey(("other",), "b", ("id",)),)),
        TableSketch("b", columns, foreign_keys=(ForeignKey(("other",), "a", ("id",)),)),
    )

    assert [(c.name, len(c.references)) for c in found.collections] == [("b", 0), ("a", 1)]


def test_a_composite_reference_stays_one() -> None:
    keys = (Column("x", "INT", False, True), Column("y", "INT", False, True))
    child = TableSketch(
        "child", (Column("id", "INT", False, True), *keys[:0], Column("px"), Column("py")),
        foreign_keys=(ForeignKey(("px", "py"), "parent", ("x", "y")),),
    )  # fmt: skip

    reference = drafted(TableSketch("parent", keys), child).collection("child").references[0]

    assert (reference.columns, reference.target_columns) == (("px", "py"), ("x", "y"))


@pytest.mark.parametrize(
    ("sketches", "key"), [([], "crm"), ([TableSketch("t", ())], "crm"), ([CONTACTS], " ")]
)
def test_nothing_to_draft_from_is_refused(sketches: list[TableSketch], key: str) -> None:
    with pytest.raises(ConnectorError):
        propose(sketches, key=key)


NAMES = st.text(max_size=12) | st.sampled_from(
    ["email", "no", "id", "a: b", "x # y", '"', "{", "contact_id", "\x85"]
)
COLUMNS = st.lists(
    st.builds(Column, NAMES, st.sampled_from(["", "INT", "DATE"]), st.booleans(), st.booleans())
)
TABLES = st.lists(
    st.builds(
        TableSketch,
        NAMES,
        st.builds(tuple, COLUMNS),
        st.dictionaries(NAMES, st.lists(st.none() | st.text() | st.integers(), max_size=4), max_size=4),
    ),
    max_size=5,
)


@given(sketches=TABLES, key=NAMES)
def test_whatever_the_names_are_the_draft_loads(sketches: list[TableSketch], key: str) -> None:
    usable = {s.name for s in sketches if s.name.strip()}
    try:
        text = propose(sketches, key=key)
    except ConnectorError:
        return

    assert {c.name for c in _map.load(text, "draft.yaml").collections} <= usable
    assert yaml.safe_load(text)["dsr"]["draft"] is True
