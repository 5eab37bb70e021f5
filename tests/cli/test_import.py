"""``dsr case import``: open cases from a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import Result

from dsr.demo import stage

Run = Callable[..., Result]
Told = Callable[..., Any]

HEADING = "reference;right;received;email;status;verified_how;asked;question;extended;due"
NEW = "2026/17;access;2026-11-02;ana.garcia@correo.example;new;;;;;"
VERIFIED = "2026/18;erasure;03/11/2026;ana.garcia@correo.example;verified;showed her card;;;;"
WAITING = "2026/19;access;2026-11-02;eva.garcia@correo.example;waiting;call back;2026-11-05;Which contract?;;"
EXTENDED = "2026/20;access;2026-11-02;eva.garcia@correo.example;verified;call back;;;2026-11-20;2026-12-02"
BY = ("--by", stage.OLGA)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel("2026-11-23T10:00:00+01:00", tick=True):
        yield


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., Path]:
    def sheet(*rows: str, heading: str = HEADING) -> Path:
        path = tmp_path / "open.csv"
        path.write_text("\r\n".join([heading, *rows, ""]), encoding="utf-8-sig")
        return path

    return sheet


def statuses(told: Told) -> list[tuple[str, str]]:
    return sorted((one["right"], one["status"]) for one in told("case", "list", "--all"))


def test_a_case_goes_on_where_it_stood(told: Told, sheet: Callable[..., Path]) -> None:
    told("case", "import", sheet(NEW, VERIFIED, WAITING), *BY)
    assert statuses(told) in (
        [("access", "unverified"), ("access", "waiting"), ("erasure", "collecting")],
        [("access", "unverified"), ("access", "waiting"), ("erasure", "ready")],
    )


def test_the_day_of_receipt_is_that_of_the_sheet(told: Told, sheet: Callable[..., Path]) -> None:
    case = told("case", "import", sheet(VERIFIED), *BY)["taken_over"][0]["case"]
    assert told("case", "show", case)["facts"]["received_on"] == "2026-11-03"


def test_an_extension_counts_and_a_different_date_is_reported(told: Told, sheet: Callable[..., Path]) -> None:
    taken = told("case", "import", sheet(EXTENDED), *BY)["taken_over"][0]
    assert taken["due_on"] == "2027-02-02"
    assert taken["warning"].startswith("Your sheet says 2026-12-02, ")


def test_a_row_is_taken_over_once(told: Told, sheet: Callable[..., Path]) -> None:
    told("case", "import", sheet(NEW), *BY)
    again = told("case", "import", sheet(NEW), *BY)["taken_over"]
    assert [(one["case"], one["warning"]) for one in again] == [("", "This row was taken over before.")]
    assert statuses(told) == [("access", "unverified")]


WRONG = [
    ("2026/21;acces;2026-11-02;ana@example.org;;;;;;", "right"),
    ("2026/21;access;2.11.2026;ana@example.org;;;;;;", "received"),
    ("2026/21;access;2030-11-02;ana@example.org;;;;;;", "received"),
    ("2026/21;access;2026-11-02;ana@@example.org;;;;;;", "email"),
    ("2026/21;access;2026-11-02;;;;;;;", "email"),
    ("2026/21;access;2026-11-02;ana@example.org;verified;;;;;", "verified_how"),
    ("2026/21;access;2026-11-02;ana@example.org;waiting;x;;;;", "asked"),
    ("2026/21;access;2026-11-02;ana@example.org;open;;;;;", "status"),
    ("2026/21;access;2026-11-02;ana@example.org;verified;x;;;2026-10-01;", "extended"),
    (";access;2026-11-02;ana@example.org;;;;;;", "reference"),
    (NEW, "reference"),
    ("2026/21;rectification;2026-11-02;ana@example.org;;;;;;", "change_to"),
]


@pytest.mark.parametrize(
    ("row", "column"), WRONG, ids=[f"{column}-{n}" for n, (_, column) in enumerate(WRONG)]
)
def test_a_wrong_row_is_named_and_nothing_is_taken_over(
    run: Run, told: Told, sheet: Callable[..., Path], row: str, column: str
) -> None:
    result = run("case", "import", sheet(NEW, row), *BY, "--json")
    problems = [(one["row"], one["column"]) for one in json.loads(result.stdout)["problems"]]
    assert (result.exit_code, problems, statuses(told)) == (1, [(3, column)], [])


def test_good_rows_can_be_taken_over_without_the_wrong_ones(
    run: Run, told: Told, sheet: Callable[..., Path]
) -> None:
    result = run("case", "import", sheet(NEW, WRONG[0][0]), *BY, "--skip-wrong")
    assert (result.exit_code, statuses(told)) == (1, [("access", "unverified")])


def test_a_trial_takes_over_nothing(told: Told, sheet: Callable[..., Path]) -> None:
    tried = told("case", "import", sheet(NEW), *BY, "--try")
    assert (tried["good"], tried["taken_over"], statuses(told)) == (1, [], [])


@pytest.mark.parametrize(
    ("heading", "column"), [(f"{HEADING};colour", "colour"), (HEADING.replace("right;", ""), "right")]
)
def test_a_wrong_heading_is_named(run: Run, sheet: Callable[..., Path], heading: str, column: str) -> None:
    result = run("case", "import", sheet(heading=heading), *BY, "--json")
    assert [(one["row"], one["column"]) for one in json.loads(result.stdout)["problems"]] == [(1, column)]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b'reference\n"open', b"right,right\n"])
def test_a_file_that_is_no_sheet_gets_one_sentence(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.csv"
    path.write_bytes(content)
    result = run("case", "import", path, *BY)
    assert (result.exit_code, "Traceback" in result.output) == (2, False)


def test_the_former_number_stands_in_the_timeline_only(told: Told, sheet: Callable[..., Path]) -> None:
    case = told("case", "import", sheet(NEW), *BY)["taken_over"][0]["case"]
    words = [one["words"] for one in told("case", "show", case)["timeline"] if one["kind"] == "case.noted"]
    assert words == [{"reason": "Procede de otra lista; número anterior: 2026/17"}]
