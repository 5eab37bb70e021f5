"""CSV, JSON and JSON Schema: exact, quoted, and inert in a spreadsheet."""

import csv
import io
import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr.contract import CollectionInfo, FieldInfo, Row
from dsr.documents.tables import cell, csv_head, csv_line, csv_row, guarded, json_row, schema


def back(line: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(line.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1+1",
        "\u200b=1",
        "\uff1d1+1",
        "\x00=1",
        "+34 600 111 222",
    ],
)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(formula: str) -> None:
    assert guarded(formula) == "'" + formula


@pytest.mark.parametrize(
    "plain", ["", "-12", "+34600111222", "-3,50", "1=1", "a@b.example", "(-1)", "–5", "ñ", "'=1"]
)
def test_numbers_and_other_texts_stay_as_they_are(plain: str) -> None:
    assert guarded(plain) == plain


@given(st.text())
def test_no_cell_of_a_text_begins_like_a_formula(text: str) -> None:
    read = back(csv_line([text, "end"]))[0]
    number = read.lstrip("+-").replace(",", "").replace(".", "").isdecimal()
    assert read[:1] not in tuple("=+-@\t\r") or number


@given(
    st.lists(
        st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1), min_size=1
    )
)
def test_a_line_gives_back_as_many_cells_as_it_was_given(texts: list[str]) -> None:
    assert len(back(csv_line(texts))) == len(texts)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        ("", '""'),
        ('say "hi", Ana', '"say ""hi"", Ana"'),
        ("a\x00b\x1bc", '"a␀b␛c"'),
        (True, "true"),
        (-7, "-7"),
        (Decimal("12.50"), "12.50"),
        (2**70, str(2**70)),
        (b"\x00\xff", '"AP8="'),
        (date(2026, 3, 2), '"2026-03-02"'),
        (datetime(2026, 3, 2, 9, 30), '"2026-03-02T09:30:00"'),
        (datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=-5))), '"2026-03-02T09:30:00-05:00"'),
        (time(9, 30), '"09:30:00"'),
        (timedelta(hours=-1, microseconds=5), '"\'-PT3599.999995S"'),
        ({"a": [1, None]}, '"{""a"":[1,null]}"'),
        ("\ud800", '"\ud800"'),
    ],
)
def test_a_cell_is_true_to_the_value(value: Any, written: str) -> None:
    assert cell(value) == written


def test_the_file_begins_with_the_mark_that_excel_needs_and_ends_lines_as_rfc_4180_says() -> None:
    assert csv_head(["name", "=x"]) == b'\xef\xbb\xbf"name","\'=x"\r\n'


def test_a_lone_surrogate_is_written_and_does_not_stop_the_file() -> None:
    assert csv_line(["a\ud800"]) == b'"a\\ud800"\r\n'
    assert json.loads(json_row(Row("c", (1,), {"a": "a\ud800"}))) == {"a": "a\\ud800"}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("12.50"), b"12.50"),
        (Decimal("1E+2"), b"1E+2"),
        (Decimal("NaN"), b'"NaN"'),
        (float("inf"), b'"inf"'),
        ([float("nan")], b'["nan"]'),
        (2**70, str(2**70).encode()),
        (None, b"null"),
        (UUID(int=7), b'"00000000-0000-0000-0000-000000000007"'),
        (b"\x00\xff", b'"AP8="'),
        (datetime(2026, 3, 2, 9, 30, tzinfo=UTC), b'"2026-03-02T09:30:00+00:00"'),
        (datetime(2026, 3, 2, 9, 30), b'"2026-03-02T09:30:00"'),
        (time(9, 30, tzinfo=UTC), b'"09:30:00+00:00"'),
        (timedelta(minutes=2), b'"PT120S"'),
        ({"a": Decimal("0.1"), 7: "x"}, b'{"a":0.1,"7":"x"}'),
        ({3}, b"[3]"),
        ("a\x00<b>\u202e", b'"a\\u0000<b>\xe2\x80\xae"'),
    ],
)
def test_json_keeps_every_digit_zone_and_null(value: Any, written: bytes) -> None:
    assert json_row(Row("c", (1,), {"v": value})) == b'{"v":' + written + b"}"


def test_withheld_fields_are_never_written() -> None:
    row = Row("notes", (1,), {"id": 1, "body": "Eva said"}, withheld=("body",))
    assert json.loads(json_row(row)) == {"id": 1, "_withheld": ["body"]}
    assert back(csv_row(row, ["id", "body", "later"], "en")) == [
        "1",
        "[not included: see the letter]",
        "",
    ]


def test_the_schema_says_what_each_field_is() -> None:
    info = CollectionInfo(
        "c", title={"es": "Fichas"}, fields=(FieldInfo("id", ("user.unique_id",), "provided"),)
    )
    made = json.loads(
        schema(info, ["id", "price", "odd"], {"id": 1, "price": Decimal("1.0")}, "es", str.upper)
    )
    assert made["title"] == "Fichas"
    assert made["items"]["properties"] == {
        "id": {
            "type": ["integer", "null"],
            "description": "USER.UNIQUE_ID",
            "x-data-categories": ["user.unique_id"],
            "x-origin": "provided",
        },
        "price": {"type": ["number", "null"]},
        "odd": {},
    }
