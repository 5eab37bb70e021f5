"""Data maps: what a file says, what stays unknown, and what is refused with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors import _map
from connectors._map import dataset, nodes, questions
from connectors._map.model import Collection, DataMap, Keep, Reference
from dsr.contract import Capability, ConnectorError, Order
from dsr.domain.identity import KINDS

ROOT = Path(__file__).parents[2]

SHOP = """\
dataset:
  - fides_key: shop
    name: Shop
    collections:
      - name: orders
        fields:
          - {name: id, fides_meta: {primary_key: true, data_type: integer}}
          - name: customer_id
            fides_meta:
              references: [{dataset: shop, field: customers.id, direction: from}]
          - {name: issued_on}
      - name: customers
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email, length: 200}}
          - {name: ok}
"""
REFERENCING = "{{name: ok, fides_meta: {{references: [{{dataset: shop, field: {}.id}}]}}}}"


def changed(old: str, new: str, text: str = SHOP) -> str:
    assert old in text
    return text.replace(old, new, 1)


def with_dsr(lines: str) -> DataMap:
    return _map.load(f"{SHOP}dsr:\n{lines}", "shop.yaml")


def orders(lines: str) -> Collection:
    return with_dsr(f"  collections:\n    orders: {{{lines}}}\n").collection("orders")


def refused(text: str) -> str:
    with pytest.raises(ConnectorError) as caught:
        _map.load(text, "shop.yaml")
    assert caught.value.permanent
    return str(caught.value)


def test_a_plain_fides_map_loads_and_leaves_everything_unknown() -> None:
    customers, its_orders = _map.load(SHOP, "shop.yaml").collections

    assert (customers.name, customers.owner, customers.erase) == ("customers", "unknown", "")
    assert (its_orders.owner, its_orders.basis) == ("unknown", "")


def test_parents_come_before_their_children() -> None:
    assert [one.name for one in _map.load(SHOP, "shop.yaml").collections] == ["customers", "orders"]


def test_a_field_carries_what_fides_says_of_it() -> None:
    email = _map.load(SHOP, "shop.yaml").collection("customers").field("email")

    assert (email.categories, email.identity, email.length) == (("user.contact.email",), "email", 200)


def test_a_child_with_a_dsr_part_is_the_persons_and_an_anchor_stays_unknown() -> None:
    loaded = with_dsr("  title: Shop\n")

    assert [(one.name, one.owner) for one in loaded.collections] == [
        ("customers", "unknown"),
        ("orders", "subject"),
    ]


def test_an_anchor_that_is_described_is_the_persons() -> None:
    loaded = with_dsr("  collections:\n    customers: {basis: contract}\n")

    assert loaded.collection("customers").owner == "subject"


def test_a_described_collection_that_others_point_to_stays_unknown() -> None:
    text = changed("fides_meta: {identity: email, length: 200}", "fides_meta: {}")

    loaded = _map.load(f"{text}dsr: {{collections: {{customers: {{basis: contract}}}}}}", "shop.yaml")

    assert loaded.collection("customers").owner == "unknown"


def test_erase_and_keep_are_read() -> None:
    found = orders("erase: keep, keep: {rule: commercial_books, date: issued_on}")

    assert (found.erase, found.keep) == ("keep", Keep("commercial_books", "issued_on"))


def test_values_to_set_are_read_with_their_types() -> None:
    found = orders("erase: anonymise, anonymise: {issued_on: null, customer_id: {token: true}}")

    assert found.anonymise == {"issued_on": None, "customer_id": {"token": True}}


def test_a_flag_a_stop_and_origins_are_read() -> None:
    found = orders(
        "restrict: {flag: issued_on, value: 1}, stop: {tracking: {issued_on: 0}}, origin: observed"
    )

    assert (found.restrict, found.restrict_flag) == ("flag", ("issued_on", 1))
    assert found.stop == {"tracking": {"issued_on": 0}}
    assert {field.origin for field in found.fields} == {"observed"}


def test_the_system_block_is_read() -> None:
    loaded = with_dsr(
        "  {operator: Acme, country: es, order: sink, draft: true, title: {en: Shop, es: Tienda}}"
    )

    assert (loaded.operator, loaded.country, loaded.order, loaded.draft) == ("Acme", "ES", Order.SINK, True)
    assert loaded.title == {"en": "Shop", "es": "Tienda"}


def test_fields_of_one_reference_name_are_one_composite_reference() -> None:
    text = """\
dataset:
  - fides_key: a
    collections:
      - name: child
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: x, fides_meta: {references: [{name: both, dataset: a, field: p.q.x, direction: from}]}}
          - {name: y, fides_meta: {references: [{name: both, dataset: a, field: p.q.y, where: {id: 1}}]}}
      - name: p.q
        fields:
          - {name: x, fides_meta: {primary_key: true}}
          - {name: y, fides_meta: {primary_key: true}}
"""
    found = _map.load(text, "a.yaml")

    assert found.children("p.q") == (
        (found.collection("child"), Reference("p.q", ("x", "y"), ("x", "y"), {"id": 1}, "both")),
    )


def test_a_reference_written_at_the_key_starts_at_the_foreign_key() -> None:
    text = """\
dataset:
  - fides_key: a
    collections:
      - {name: people, fields: [{name: id, fides_meta: {primary_key: true}}, {name: home}]}
      - name: homes
        fields: [{name: id, fides_meta: {primary_key: true, references: [{dataset: a, field: people.home}]}}]
"""
    loaded = _map.load(text, "a.yaml")

    assert loaded.collection("people").references == (Reference("homes", ("home",), ("id",)),)
    assert [one.name for one in loaded.collections] == ["homes", "people"]


def test_a_collection_may_reference_itself() -> None:
    text = changed("{name: ok}", REFERENCING.format("customers"))

    assert [one.name for one in _map.load(text, "shop.yaml").collections] == ["customers", "orders"]


def test_a_circle_between_collections_is_named() -> None:
    text = changed("{name: ok}", REFERENCING.format("orders"))

    assert refused(text) == (
        "shop.yaml:5: references go round in a circle: orders -> customers -> orders; leave one out"
    )


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("name: Shop", "nmae: Shop", "3: 'nmae' is not known in the dataset; did you mean 'name'?"),
        ("customers.id", "clients.id", "10: the reference 'clients.id' leads to no collection here"),
        ("customers.id", "customers.uid", "10: the reference: 'uid' is not a field of 'customers'"),
        (
            "identity: email",
            "identity: emial",
            "15: identity of 'email' is 'emial'; it must be one of email, ",
        ),
        (
            "direction: from",
            "direction: up",
            "10: direction of a reference of 'customer_id' is 'up'; it must",
        ),
        (
            "primary_key: true, data",
            "primary_key: false, data",
            "5: the collection 'orders' has no primary key",
        ),
        (
            "primary_key: true, data",
            "primary_key: 'yes', data",
            "7: primary_key of 'id' must be true or false",
        ),
        ("name: customers", "name: orders", "12: the collection 'orders' stands twice"),
        ("{name: ok}", "{name: email}", "16: the field 'email' stands twice in the collection 'customers'"),
        ("length: 200", "length: 0", "15: length of 'email' must be a whole number above zero"),
        ("data_type: integer", "data_type: integre", "7: data_type is 'integre'; it must be one of string"),
        ("{name: ok}", "{name: no}", "16: the name of a field must be text; put it in quotes"),
        ("name: Shop", "fides_key: shop", "3: 'fides_key' stands twice in the dataset"),
        ("length: 200", "where: {k: 1}", "15: where of 'email': 'k' is not a field of 'customers'"),
        (
            "dataset: shop, f",
            "dataset: crm, f",
            "10: the reference leads to the dataset 'crm', another system",
        ),
        ("[user.contact.email]", "[User Email]", "15: 'User Email' is not a data category"),
    ],
)
def test_what_is_wrong_in_the_dataset_is_said_with_its_line(old: str, new: str, sentence: str) -> None:
    assert refused(changed(old, new)).startswith(f"shop.yaml:{sentence}")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("{titel: x}", "'titel' is not known in dsr; did you mean 'title'?"),
        ("{country: NO}", "country must be text; put it in quotes"),
        ("{country: Spain}", "country must be a country of two letters such as ES"),
        ("{order: first}", "order is 'first'; it must be one of suppress, source, sink"),
        ("{collections: {invoices: {}}}", "dsr.collections: 'invoices' is not a collection of the dataset"),
        ("{collections: {orders: {owner: me}}}", "owner of 'orders' is 'me'; it must be one of subject"),
        ("{collections: {orders: {basis: consnt}}}", "basis of 'orders' is 'consnt'"),
        (
            "{collections: {orders: {erase: keep}}}",
            "'orders': 'erase: keep' needs 'keep: {rule: ..., date: ...}'",
        ),
        ("{collections: {orders: {erase: anonymise}}}", "needs the values to set"),
        ("{collections: {orders: {anonymise: {nme: 0}}}}", "'nme' is not a field"),
        ("{collections: {orders: {erase: anonymise, anonymise: {id: 0}}}}", "primary key (id) cannot"),
        (
            "{collections: {orders: {erase: anonymise, anonymise: {nme: 0}}}}",
            "'nme' is not a field of 'orders'",
        ),
        ("{collections: {orders: {rectifiable: [nme]}}}", "rectifiable: 'nme' is not a field of 'orders'"),
        ("{collections: {orders: {stop: {sms: {id: 0}}}}}", "'sms' is not known in stop of 'orders'"),
        ("{collections: {orders: {where: {deleted: 0}}}}", "'deleted' is not a field of 'orders'"),
        ("{collections: {orders: {origin: {id: guessed}}}}", "origin of 'id' is 'guessed'"),
        ("{collections: {orders: {restrict: {flag: id}}}}", "needs both 'flag' (a field) and 'value'"),
        ("{collections: {orders: {reveals: {id: customer}}}}", "what 'id' reveals is 'customer'"),
        ("{collections: {orders: {title: {xx: Hi}}}}", "'xx' is not known in title of 'orders'"),
        ("{collections: {orders: {consent: {purpose: x}}}}", "consent of 'orders' has no 'given_at'"),
    ],
)
def test_what_is_wrong_in_the_dsr_part_is_said_with_its_line(lines: str, sentence: str) -> None:
    told = refused(f"{SHOP}dsr: {lines}\n")

    assert told.startswith("shop.yaml:17: ")
    assert sentence in told


BOMB = "a: &a [x,x]\n" + "".join(
    f"{c}: &{c} [*{p},*{p},*{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB, "shop.yaml:1: anchors and aliases (&, *) are not accepted; write the part out"),
        ("x" * 10_000_000, "shop.yaml:1: longer than 2,000,000 characters"),
        ("dataset: !!python/object/apply:os.system ['id']", "shop.yaml:1: tags (!) are not accepted"),
        ("a: !x 1", "shop.yaml:1: tags (!) are not accepted"),
        ("a: 1\nb: \0", "shop.yaml:2: a character that YAML forbids"),
        ("[" * 50_000, f"shop.yaml:1: nested deeper than {nodes.DEEPEST} levels"),
        ("", "shop.yaml:1: the file is empty"),
        ("dataset: [", "shop.yaml:2: not YAML: did not find expected node content"),
        ("a: 1\n---\nb: 1", "shop.yaml:2: not YAML: but found another document"),
        ("- 1", "shop.yaml:1: the map must be a mapping of names to values"),
        (
            "dataset: []",
            "shop.yaml:1: a map describes one dataset, here are 0; give each system its own file",
        ),
        ("? [a]\n: 1", "shop.yaml:1: a name in the map must be a single value"),
        ("<<: {dataset: 1}", "shop.yaml:1: a name in the map cannot be read; put the value in quotes"),
    ],
)
def test_hostile_text_is_refused(text: str, told: str) -> None:
    assert refused(text) == told


def test_the_kinds_of_a_map_are_those_of_identity() -> None:
    assert tuple(KINDS) == dataset.KINDS


def test_a_list_inside_a_value_to_set_is_refused() -> None:
    assert "must be a single value" in refused(
        f"{SHOP}dsr: {{collections: {{orders: {{where: {{id: [1]}}}}}}}}"
    )


@pytest.mark.parametrize("name", ["crm", "mailing", "tracking"])
def test_the_maps_of_the_demo_load(name: str) -> None:
    text = (ROOT / "dsr" / "demo" / "maps" / f"{name}.yaml").read_text()

    assert _map.load(text, f"{name}.yaml").key == name


@pytest.mark.parametrize(
    ("category", "wanted", "meant"),
    [
        ("user.contact.email", "user.contact.email", True),
        ("user.contact.email.work", "user.contact.email", True),
        ("user.contact", "user.contact.email", False),
        ("user.contact.email_list", "user.contact.email", False),
        ("user.contact", "", False),
    ],
)
def test_categories_match_on_dot_boundaries(category: str, wanted: str, meant: bool) -> None:
    assert _map.covers(category, wanted) is meant


def test_a_description_tells_what_the_map_tells() -> None:
    loaded = with_dsr(
        "  {title: Shop, country: ES, collections: {customers: {consent: {purpose: News, given_at: ok}}}}"
    )
    capabilities: tuple[Capability, ...] = ()

    told = _map.description(loaded, capabilities=capabilities, batch=10)

    assert (told.title, told.country, told.batch, told.identifiers) == ("Shop", "ES", 10, ("email",))
    assert [(one.collection, one.purpose, one.given_at) for one in told.consents] == [
        ("customers", "News", "ok")
    ]
    assert [one.title for one in told.collections] == ["customers", "orders"]


@pytest.mark.parametrize("word", ["anonymise: {ok: null}", "pseudonymise: [ok]", "set_aside: {ok: null}"])
def test_words_for_single_fields_are_refused_where_rows_are_kept_whole(word: str) -> None:
    kept = f"      erase: keep\n      keep: {{rule: tax, date: id}}\n      {word}\n"
    told = f"dsr:\n  collections:\n    customers:\n{kept}"
    line = (SHOP + told).rstrip().count("\n") + 1

    with pytest.raises(
        ConnectorError, match=rf"^shop\.yaml:{line}: 'customers': this kind of system keeps rows whole"
    ):
        _map.load(SHOP + told, "shop.yaml", whole=True)
    assert _map.load(SHOP + told, "shop.yaml").collection("customers").changed_fields == ("ok",)


ORDERS = """
dataset:
  - fides_key: shop
    collections:
      - name: customers
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
      - name: orders
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: customer_id, fides_meta: {references: [{dataset: shop, field: customers.id, direction: to}]}}
          - {name: day}
dsr:
  collections:
    customers: {owner: subject, erase: delete, restrict: none, basis: contract, purpose: x, origin: provided}
    orders: {owner: subject, erase: keep, keep: {rule: commercial_books, date: day}, restrict: none,
             basis: contract, purpose: x, origin: provided}
"""
FREED = ORDERS.replace("orders: {owner", "orders: {anonymise: {customer_id: null}, owner")
KEPT = ORDERS.replace("erase: delete", 'erase: anonymise, anonymise: {email: "-"}')


@pytest.mark.parametrize(
    ("text", "asked"), [(ORDERS, ["customers: 'orders' is kept"]), (FREED, []), (KEPT, [])]
)
def test_rows_that_shall_go_although_kept_rows_name_them_are_a_question(text: str, asked: list[str]) -> None:
    assert [one.partition(" and refers")[0] for one in questions.check(text, "shop.yaml")] == asked


def test_the_map_of_the_documentation_leaves_nothing_open() -> None:
    page = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")
    (shown,) = [one for one in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "fides_key: shop" in one]
    assert questions.check(shown, "shop.yaml") == []
