"""A row kept by law, field by field in files: taken out, under a pseudonym, set aside and given back exactly."""

from __future__ import annotations

import re
import zipfile
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from connectors.tabular import filebook
from dsr.contract import Action, ConnectorError, KeepRule, Purpose, State, Verb, is_pseudonym
from spreadsheets import FIELDS, Sheet, mapping

ANA, EVA = "ana@x.example", "eva@x.example"
BOOKS = KeepRule("commercial_books", "CCom 30", (6, 0, 0))
ON = date(2026, 6, 1)
HEAD = "id,email,name,news,sold_on,code\n"
DATED = FIELDS + "          - {name: sold_on}\n          - {name: code}\n"
REDUCED = {
    "erase": "keep",
    "keep": "{rule: commercial_books, date: sold_on}",
    "anonymise": "{news: null}",
    "pseudonymise": "[name]",
    "set_aside": "{code: '-'}",
}


def mapped(fields: str = DATED, **told: str) -> str:
    lines = {"owner": "subject", **REDUCED, **told}
    return mapping(fields=fields, told="".join(f"\n      {k}: {v}" for k, v in lines.items()) + "\n")


def csv(place: Path, content: str, text: str = "") -> Sheet:
    path = place / "list.csv"
    path.write_bytes(content.encode())
    return Sheet(path, text or mapped())


def erased(file: Sheet, *emails: str, **more: Any) -> Any:
    steps = file.plan(Action.ERASE, *(emails or (ANA,)), keep=(BOOKS,), on=ON, **more)
    outcomes = file.act(steps)
    assert [one.conflicts for one in steps] == [()] * len(steps)
    assert file.verify(steps, outcomes) == ()
    return outcomes[0] if len(outcomes) == 1 else outcomes


ROWS = f"1,{ANA},Ana,yes,2015-01-01,a1\n2,{ANA},Ana,yes,2022-12-31,a2\n3,{EVA},Eva,yes,2022-12-31,e3\n"


def test_a_plan_says_per_field_what_happens_and_until_when(tmp_path: Path) -> None:
    (step,) = csv(tmp_path, HEAD + ROWS).plan(Action.ERASE, ANA, keep=(BOOKS,), on=ON)

    end = date(2028, 12, 31)
    assert {i.id: (i.verb, i.count, i.fields, i.citation, i.until) for i in step.items} == {
        "aside:list": (Verb.RESTRICT, 1, ("code",), "CCom 30", end),
        "delete:list:expired": (Verb.DELETE, 1, (), "", None),
        "keep:list": (Verb.KEEP, 1, ("email", "sold_on"), "CCom 30", end),
        "pseudonym:list": (Verb.PSEUDONYMISE, 1, ("name",), "CCom 30", end),
        "strip:list": (Verb.ANONYMISE, 1, ("news",), "", None),
    }


def test_the_file_holds_exactly_what_the_law_keeps_and_a_repeat_changes_nothing(tmp_path: Path) -> None:
    file = csv(tmp_path, HEAD + ROWS)
    steps = file.plan(Action.ERASE, ANA, keep=(BOOKS,), on=ON)

    (outcome,) = file.act(steps)
    mine, evas = file.path.read_text().removeprefix(HEAD).splitlines()
    name = mine.split(",")[2]

    assert (mine, evas) == (f"2,{ANA},{name},,2022-12-31,-", f"3,{EVA},Eva,yes,2022-12-31,e3")
    assert is_pseudonym(name)
    assert {one.item: (one.before, one.changed, one.kept) for one in outcome.items} == {
        "aside:list": (1, 1, 0),
        "delete:list:expired": (1, 1, 0),
        "keep:list": (1, 0, 1),
        "pseudonym:list": (1, 1, 0),
        "strip:list": (1, 1, 0),
    }
    after = file.path.read_bytes()
    again = file.plan(Action.ERASE, ANA, keep=(BOOKS,), on=ON)
    assert [one.verb for one in again[0].items] == [Verb.KEEP]
    assert (file.act(steps)[0].state, file.path.read_bytes()) == (State.ALREADY, after)


def test_equal_values_get_equal_pseudonyms_and_blanks_stay(tmp_path: Path) -> None:
    rows = "".join(
        f"{n},{ANA},{name},,2022-12-31,-\n" for n, name in enumerate(("Ana", "Ana", "Ana G.", ""), 2)
    )
    file = csv(tmp_path, HEAD + rows)

    erased(file)

    names = [line.split(",")[2] for line in file.path.read_text().splitlines()[1:]]
    assert (names[0] == names[1], names[0] == names[2], names[3]) == (True, False, "")
    assert [is_pseudonym(one) for one in names] == [True, True, True, False]


def test_the_vault_holds_the_fields_set_aside_alone(tmp_path: Path) -> None:
    file = csv(tmp_path, HEAD + ROWS)

    (seal,) = erased(file).seals

    (row,) = file.keeper.rows(seal.id)
    assert (seal.purpose, row.collection, row.key) == (Purpose.SET_ASIDE, "list", ("2",))
    assert dict(row.values) == {
        "code": "a2",
        "dsr.placed": {"code": "-"},
        "@tabular": {"cells": {"code": "a2"}},
    }


def test_where_the_law_blocks_whole_old_rows_are_sealed_as_well(tmp_path: Path) -> None:
    file = csv(tmp_path, HEAD + ROWS)

    seals = erased(file, block=True).seals

    assert [one.purpose for one in seals] == [Purpose.BLOCKED, Purpose.SET_ASIDE]
    assert {row.key: row.values["name"] for row in file.keeper.rows(seals[0].id)} == {
        ("1",): "Ana",
        ("2",): "Ana",
    }


def test_what_is_exempt_from_blocking_is_only_set_aside(tmp_path: Path) -> None:
    file = csv(tmp_path, HEAD + ROWS, mapped(blocking="exempt"))

    assert [one.purpose for one in erased(file, block=True).seals] == [Purpose.SET_ASIDE]


def test_an_identifier_under_a_pseudonym_is_done_though_nobody_finds_the_row(tmp_path: Path) -> None:
    file = csv(tmp_path, HEAD + ROWS, mapped(pseudonymise="[email]"))
    steps = file.plan(Action.ERASE, ANA, keep=(BOOKS,), on=ON)
    outcomes = file.act(steps)

    assert (ANA in file.path.read_text(), file.path.read_text().count(EVA)) == (False, 1)
    assert (file.verify(steps, outcomes), file.act(steps)[0].state) == ((), State.ALREADY)


def test_many_people_are_reduced_in_one_replacement_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [f"p{n}@x.example" for n in range(40)]
    rows = "".join(f"{n},{one},Name {n},yes,2022-12-31,c{n}\n" for n, one in enumerate(people))
    file = csv(tmp_path, HEAD + rows)
    replaced: list[int] = []
    real = filebook.replacing.replace
    monkeypatch.setattr(filebook.replacing, "replace", lambda *all: replaced.append(1) or real(*all))

    outcomes = erased(file, *people)

    assert ([one.state for one in outcomes], len(replaced)) == ([State.DONE] * 40, 1)
    assert all(line.endswith(",,2022-12-31,-") for line in file.path.read_text().splitlines()[1:])


@pytest.mark.parametrize(
    "line",
    [
        f'2,"{ANA}",Ana,yes,2022-12-31,"a,2"\r\n',
        f"2,{ANA},Ana,yes,2022-12-31, a2 \n",
        f'2,{ANA},Ana,yes,2022-12-31,"a""2"\r\n',
        f'2,{ANA},Ana,yes,2022-12-31,""\n',
        f"2,{ANA},Ana,yes,2022-12-31\n",
        f"2,{ANA},Ana,yes,2022-12-31,007",
        f'2,{ANA},Ana,yes,2022-12-31,"two\nlines"\n',
        f"2,{ANA},Ana,yes,2022-12-31,ñandú\n",
    ],
)
def test_lifting_gives_every_byte_of_a_field_back(tmp_path: Path, line: str) -> None:
    """In quotes or not, with blanks, empty, or not there at all."""
    told = {"anonymise": "{}", "pseudonymise": "[]"}
    other = f"3,{EVA},Eva,yes,2022-12-31,e3\n"
    before = HEAD + other + line
    file = csv(tmp_path, before, mapped(**told))
    (seal,) = erased(file).seals
    assert file.path.read_bytes() != before.encode()

    back = file.lift(ANA, seal.id)

    assert file.path.read_bytes() == before.encode()
    assert (back.state, [one.changed for one in back.items], back.receipt) == (State.DONE, [1], "refilled=1")
    assert file.lift(ANA, seal.id).state is State.ALREADY


def test_lifting_leaves_what_is_under_a_pseudonym_and_what_was_taken_out(tmp_path: Path) -> None:
    file = csv(tmp_path, HEAD + ROWS)
    (seal,) = erased(file).seals
    before = file.path.read_text()

    file.lift(ANA, seal.id)

    assert file.path.read_text() == before.replace("2022-12-31,-", "2022-12-31,a2")


def test_what_somebody_wrote_since_is_not_overwritten(tmp_path: Path) -> None:
    file = csv(tmp_path, HEAD + ROWS)
    (seal,) = erased(file).seals
    newer = file.path.read_text().replace("2022-12-31,-", "2022-12-31,newer")
    file.path.write_text(newer)

    back = file.lift(ANA, seal.id)

    assert file.path.read_text() == newer
    assert (back.state, [one.changed for one in back.items]) == (State.ALREADY, [0])


def test_a_row_that_is_gone_stays_gone(tmp_path: Path) -> None:
    file = csv(tmp_path, HEAD + ROWS)
    (seal,) = erased(file).seals
    file.path.write_text(HEAD)

    assert (file.lift(ANA, seal.id).state, file.path.read_text()) == (State.ALREADY, HEAD)


def test_a_value_that_came_back_is_noticed_by_field(tmp_path: Path) -> None:
    file = csv(tmp_path, HEAD + ROWS)
    steps = file.plan(Action.ERASE, ANA, keep=(BOOKS,), on=ON)
    outcomes = file.act(steps)
    file.path.write_text(HEAD + f"2,{ANA},Ana,,2022-12-31,-\n")

    assert [(one.item, one.count) for one in file.verify(steps, outcomes)] == [("pseudonym:list", 1)]


def test_nothing_is_given_back_that_a_fresh_read_does_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = csv(tmp_path, HEAD + ROWS)
    (seal,) = erased(file).seals
    monkeypatch.setattr(filebook.replacing, "replace", lambda *_: None)

    assert file.lift(ANA, seal.id).state is State.FAILED


@pytest.mark.parametrize(
    ("fields", "kind", "said"),
    [
        (
            DATED.replace("{name: name, ", "{name: name, fides_meta: {length: 18}, "),
            "length",
            "demasiado corto",
        ),
        (
            DATED.replace("{name: name, ", "{name: name, fides_meta: {data_type: integer}, "),
            "type",
            "no es de texto",
        ),
    ],
)
def test_a_field_that_cannot_hold_a_pseudonym_is_refused_by_name(
    tmp_path: Path, fields: str, kind: str, said: str
) -> None:
    file = csv(tmp_path, HEAD + ROWS, mapped(fields=fields))

    (step,) = file.plan(Action.ERASE, ANA, keep=(BOOKS,), on=ON)

    assert [(one.kind, said in one.why["es"]) for one in step.conflicts] == [(kind, True)]  # type: ignore[index]


def test_rows_without_a_key_cannot_be_set_aside_field_by_field(tmp_path: Path) -> None:
    fields = '\n          - {name: "@row", fides_meta: {primary_key: true}}' + DATED.replace(
        "fides_meta: {primary_key: true}", "data_categories: [system]"
    )

    with pytest.raises(ConnectorError, match=r"test\.yaml:\d+: .*needs a primary key"):
        csv(tmp_path, HEAD + ROWS, mapped(fields=fields)).plan(Action.ERASE, ANA)


TYPED = ("a2", " a2 ", 7, 1.25, True, datetime(2024, 2, 29), "=A2*2", None)


def workbook(place: Path, value: Any) -> Sheet:
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "list"
    sheet.append(HEAD.strip().split(","))
    sheet.append((2, ANA, "Ana", "yes", "2022-12-31", value))
    sheet.append((3, EVA, "Eva", "yes", "2022-12-31", "e3"))
    sheet["F2"].font = Font(bold=True)
    sheet["H9"] = "=F2"
    book.save(place / "list.xlsx")
    return Sheet(place / "list.xlsx", mapped())


@pytest.mark.parametrize("value", TYPED)
def test_a_cell_of_a_workbook_returns_with_its_type_formula_and_looks(tmp_path: Path, value: Any) -> None:
    file = workbook(tmp_path, value)
    (before,) = (load_workbook(file.path)["list"]["F2"],)

    (seal,) = erased(file).seals
    meanwhile = load_workbook(file.path)["list"]
    assert (meanwhile["F2"].value, meanwhile["D2"].value, is_pseudonym(meanwhile["C2"].value)) == (
        "-",
        None,
        True,
    )
    file.lift(ANA, seal.id)

    sheet = load_workbook(file.path)["list"]
    after = sheet["F2"]
    assert (after.value, after.data_type, after.number_format) == (
        before.value,
        before.data_type,
        before.number_format,
    )
    assert (after.font.bold, sheet["F3"].value, sheet["C3"].value) == (True, "e3", "Eva")


def test_nothing_of_the_values_is_left_in_any_part_of_the_workbook(tmp_path: Path) -> None:
    """The result that a formula elsewhere remembers of it included."""
    file = workbook(tmp_path, "Calle de Ana 7")
    every = {name: zipfile.ZipFile(file.path).read(name) for name in zipfile.ZipFile(file.path).namelist()}
    part = "xl/worksheets/sheet1.xml"
    every[part] = re.sub(
        rb'<c r="H9"[^>]*>.*?</c>', b'<c r="H9" t="str"><f>F2</f><v>Calle de Ana 7</v></c>', every[part]
    )
    with zipfile.ZipFile(file.path, "w") as archive:
        for name, content in every.items():
            archive.writestr(name, content)

    erased(file)

    with zipfile.ZipFile(file.path) as archive:
        found = b"".join(archive.read(name) for name in archive.namelist())
    assert [b"Calle de Ana" in found, b">Ana<" in found, b"e3" in found] == [False, False, True]


def parquet(place: Path, kind: str, value: str, name: str = "VARCHAR") -> Sheet:
    path = place / "list.parquet"
    with closing(duckdb.connect()) as base:
        base.execute(
            f"CREATE TABLE made (id INTEGER, email VARCHAR, name {name}, news VARCHAR, sold_on DATE, code {kind})"
        )
        named = "7" if name != "VARCHAR" else "'Ana'"
        base.execute(f"INSERT INTO made VALUES (2, '{ANA}', {named}, 'yes', '2022-12-31', {value})")
        base.execute(f"INSERT INTO made VALUES (3, '{EVA}', {named}, 'yes', '2022-12-31', {value})")
        base.execute(f"COPY made TO '{path}' (FORMAT parquet)")
    return Sheet(path, mapped(set_aside="{code: null}"))


def columns(path: Path) -> list[tuple[Any, ...]]:
    with closing(duckdb.connect(config={"threads": 1})) as base:
        return base.execute(
            f"SELECT id, name, news, code, typeof(code) FROM read_parquet('{path}')"
        ).fetchall()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("VARCHAR", "' a2 '"),
        ("DECIMAL(20, 4)", "1.2500"),
        ("TIMESTAMP", "'2024-02-29 10:11:12.123456'"),
        ("BIGINT", "9007199254740993"),
        ("BOOLEAN", "true"),
    ],
)
def test_a_cell_of_a_parquet_file_returns_exactly(tmp_path: Path, kind: str, value: str) -> None:
    file = parquet(tmp_path, kind, value)
    before = columns(file.path)

    (seal,) = erased(file).seals
    mine, evas = columns(file.path)
    assert (mine[2:4], is_pseudonym(mine[1]), evas) == ((None, None), True, before[1])
    file.lift(ANA, seal.id)

    assert [row[3:] for row in columns(file.path)] == [row[3:] for row in before]


def test_a_parquet_column_of_numbers_takes_no_pseudonym(tmp_path: Path) -> None:
    (step,) = parquet(tmp_path, "VARCHAR", "'a2'", name="BIGINT").plan(
        Action.ERASE, ANA, keep=(BOOKS,), on=ON
    )

    assert [one.kind for one in step.conflicts] == ["type"]
