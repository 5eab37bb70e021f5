"""What is kept comes back as it was, of whatever type."""

import ipaddress
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr.contract import (
    Action,
    Change,
    Identifier,
    Intent,
    Item,
    Match,
    Outcome,
    Record,
    Row,
    State,
    Step,
    Subject,
    Verb,
    key_digests,
)
from dsr.domain import codec

VALUES = [
    None,
    True,
    0,
    -1,
    2**63 - 1,
    2**64,
    -(2**80),
    1.5,
    math.inf,
    "",
    "Añá \U0001f600",
    "lone \ud800 half",
    b"",
    b"\x00\xff",
    Decimal("0.10"),
    Decimal("-0"),
    Decimal("1E+400"),
    date(2024, 2, 29),
    datetime(2024, 1, 2, 3, 4, 5, 678901),
    datetime(2024, 10, 27, 2, 30, tzinfo=timezone(timedelta(hours=-4, minutes=-30)), fold=1),
    time(23, 59, 59, 1),
    time(1, 2, tzinfo=UTC),
    timedelta(days=-1, microseconds=1),
    UUID(int=7),
    (),
    ("a", (1, Decimal("2.50"))),
    {"x"},
    frozenset({1}),
    [],
    [1, [date(2020, 1, 1), {"deep": b"x"}]],
    {},
    {"a": {"b": [None, Decimal(1)]}},
    {1: "one", (2, 3): "two"},
    ipaddress.ip_address("192.0.2.1"),
    ipaddress.ip_network("2001:db8::/32"),
    ipaddress.ip_interface("192.0.2.1/24"),
]


def same(before: Any, after: Any) -> bool:
    """Equal, of one type, and written alike (Decimal 0.1 is not 0.10, -0 is not 0)."""
    return type(before) is type(after) and before == after and repr(before) == repr(after)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_of_a_row_comes_back_as_it_was(value: Any) -> None:
    row = Row("contacts", ("k", 1), {"value": value})

    [back] = codec.unpack_rows(codec.pack_rows([row]))

    assert same(row.values["value"], back.values["value"])


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_of_a_correction_comes_back_as_it_was(value: Any) -> None:
    change = Change("name", new=value, old=None)

    back = codec.loads(codec.dumps([change]), list[Change])

    assert same(back[0].new, value)


def test_not_a_number_stays_not_a_number() -> None:
    [back] = codec.unpack_rows(codec.pack_rows([Row("c", (1,), {"x": math.nan})]))

    assert math.isnan(back.values["x"])


def test_rows_of_several_shapes_keep_their_order_keys_and_columns() -> None:
    rows = [
        Row("contacts", (1,), {"name": "Ana", "email": "ana@example.org"}),
        Row("contacts", (2,), {"name": "Ana", "email": None}),
        Row("contacts", (3,), {"email": None, "name": "Ana"}),
        Row("deals", (None, "", 0, 0.5), {}, withheld=("note",)),
        Row("contacts", (1,), {"name": "Ana", "email": "ana@example.org"}),
    ]

    back = codec.unpack_rows(codec.pack_rows(iter(rows)))

    assert [(row, list(row.values)) for row in back] == [(row, list(row.values)) for row in rows]


def test_the_same_rows_give_the_same_bytes() -> None:
    rows = [Row("contacts", (1,), {"name": "Ana", "born": date(1980, 1, 1)})]

    assert codec.pack_rows(rows) == codec.pack_rows(iter(rows))


def test_no_rows_are_no_rows() -> None:
    assert codec.unpack_rows(codec.pack_rows([])) == []


keys = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
scalars = st.one_of(
    keys,
    st.binary(),
    st.decimals(allow_nan=False),
    st.dates(),
    st.datetimes(),
    st.timedeltas(),
    st.uuids(),
    st.times(),
    st.text(st.characters(codec=None)),
)
nested = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)
any_row = st.builds(
    Row, st.text(), st.lists(keys, max_size=3).map(tuple), st.dictionaries(st.text(), nested, max_size=4)
)


@given(st.lists(any_row, max_size=5))
def test_any_rows_come_back(rows: list[Row]) -> None:
    assert codec.unpack_rows(codec.pack_rows(rows)) == rows


def record() -> Record:
    email = Identifier("email", "ana@example.org", ("Ana@example.org",))
    return Record(
        "r1",
        "s1",
        "contacts",
        ("contacts", (1, None)),
        ("deals",),
        3,
        (("email", "ana@example.org"),),
        Match.EXACT,
        {"es": "por su correo", "en": "by her e-mail"},
        others=1,
        reveals=(email,),
    )


def test_a_plan_with_values_of_many_types_comes_back_equal() -> None:
    changes = (Change("born", date(1980, 1, 2), "x"), Change("balance", Decimal("1.10"), b"\x00"))
    subject = Subject("s1", (Identifier("email", "ana@example.org"),))
    intent = Intent(
        "c:s:rectify:1", subject, Action.RECTIFY, (record(),), changes=changes, on=date(2024, 5, 6)
    )
    item = Item("i1", Verb.CORRECT, "contacts", ("r1",), 3, key_digests([(1,)]), changes=changes)
    plan = [("crm", Step(intent, (item,)))]

    assert codec.loads(codec.dumps(plan), list[tuple[str, Step]]) == plan


def test_outcomes_and_records_come_back_equal() -> None:
    outcome = Outcome(
        "k", State.DONE, check_after=datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=UTC), final_on=date(2025, 1, 1)
    )

    assert codec.loads(codec.dumps([outcome]), list[Outcome]) == [outcome]
    assert codec.loads(codec.dumps([record()]), list[Record]) == [record()]


def test_plain_dicts_keep_the_types_of_their_values() -> None:
    words = {"text": "hola", "on": date(2024, 1, 1), "list": [["a", "b", ""]], "n": {"x": Decimal("1.0")}}

    assert codec.loads(codec.dumps(words), dict) == words


class Colour(StrEnum):
    RED = "red"


def test_a_word_of_a_table_comes_back_as_its_text() -> None:
    assert codec.loads(codec.dumps({"colour": Colour.RED}), dict) == {"colour": "red"}


@dataclass(frozen=True)
class Loose:
    anything: Any
    each: list[Any]
    named: dict[str, Any]
    bare: dict  # type: ignore[type-arg]
    amount: Decimal
    maybe: Any | None = None


def test_a_dataclass_of_ours_keeps_loose_and_typed_fields() -> None:
    loose = Loose(
        UUID(int=1), [Decimal("1.0"), (1,)], {"a": b"x"}, {"b": date(2024, 1, 1)}, Decimal("2.50"), time(1)
    )

    assert codec.loads(codec.dumps(loose), Loose) == loose


def test_a_value_of_an_unknown_type_is_refused_by_name_without_showing_it() -> None:
    with pytest.raises(codec.Unkept) as refused:
        codec.pack_rows([Row("contacts", (1,), {"secret": object()})])

    assert str(refused.value) == "a value of type object cannot be kept without loss"


def test_broken_text_in_a_typed_field_is_refused() -> None:
    with pytest.raises(codec.Unkept):
        codec.dumps([Identifier("email", "\ud800")])


@pytest.mark.parametrize("data", [b"", b"\x02\x90", b"\x01\xc1", codec.dumps({"a": 1})])
def test_other_bytes_than_expected_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="these bytes"):
        codec.loads(data, list[Record])


def test_what_is_read_is_checked_by_the_rules_of_its_class() -> None:
    data = codec.dumps({"key": "s1", "proved": []})

    with pytest.raises(ValueError, match="at least one proved identifier"):
        codec.loads(data, Subject)
