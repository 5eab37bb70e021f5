"""``dsr law``: dates without a case."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dsr.cli import dsr

VECTORS = Path(__file__).parents[1] / "domain" / "deadlines.csv"


def law(*words: str) -> Result:
    return CliRunner().invoke(dsr, ["law", *words])


def due(*words: str) -> Result:
    return law("due", "--jurisdiction", "ES", "--right", "access", *words)


def test_a_month_from_the_last_of_january_ends_in_february() -> None:
    result = due("--received", "2026-01-31T09:00:00+01:00")
    assert (result.exit_code, result.stdout) == (0, "2026-03-02\n")


def test_an_open_pause_prints_since_when_and_exits_with_3() -> None:
    result = due("--received", "2026-01-31", "--event", "identity_requested 2026-02-02")
    assert (result.exit_code, result.stdout) == (3, "suspended since 2026-02-02\n")


def test_a_late_extension_warns_and_changes_nothing() -> None:
    result = due("--received", "2026-01-31", "--event", "extended 2026-03-20")
    assert (result.exit_code, result.stdout) == (0, "2026-03-02\n")
    assert result.stderr.startswith("warning: ")


def test_a_late_extension_is_named_in_json() -> None:
    result = due("--received", "2026-01-31", "--event", "extended 2026-03-20", "--json")
    facts = json.loads(result.stdout)
    assert (facts["due_on"], facts["overdue"]) == ("2026-03-02", True)


def test_a_wrong_date_says_how_to_write_it() -> None:
    result = due("--received", "31.1.2026")
    assert (result.exit_code, "write 2026-01-31" in result.stderr) == (2, True)


def test_a_right_under_the_name_of_its_own_law() -> None:
    words = ("--jurisdiction", "MX", "--received", "2026-03-02", "--json")
    ours, own = (law("due", "--right", right, *words) for right in ("erasure", "cancellation"))
    assert (ours.exit_code, ours.stdout) == (0, own.stdout)


def vectors() -> list[dict[str, str]]:
    with VECTORS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", vectors(), ids=lambda row: row["id"])
def test_the_vectors_of_the_law_come_out_of_the_command(row: dict[str, str]) -> None:
    words = [
        "due",
        "--jurisdiction",
        row["jurisdiction"],
        "--right",
        row["right"],
        "--received",
        row["received"],
    ]
    words += [
        word for event in row["events"].split(";") if event.strip() for word in ("--event", event.strip())
    ]
    words += ["--deadline", row["deadline"]] if row["deadline"] else []
    words += ["--calendar", row["calendar"]] if row["calendar"] else []
    words += ["--rule", row["subject_rule"]] if row["subject_rule"] else []
    result = law(*words)
    assert (result.exit_code, result.stdout) == (0, f"{row['due']}\n")


def listed() -> Any:
    return json.loads(law("list", "--json").stdout)


def test_the_list_names_every_law_on_file() -> None:
    assert {"ES", "EU", "XX"} <= {one["jurisdiction"] for one in listed()}


@pytest.mark.parametrize("word", ["show", "explain"])
def test_a_law_is_shown_and_a_date_explained(word: str) -> None:
    words: dict[str, list[str]] = {
        "show": ["show", "ES"],
        "explain": ["explain", "--jurisdiction", "ES", "--right", "erasure", "--received", "2026-03-02"],
    }
    check: Callable[[str], bool] = {"show": lambda t: "erasure" in t, "explain": lambda t: "GDPR" in t}[word]
    assert check(law(*words[word]).stdout)


def test_a_retention_clock_without_a_rule_lists_the_rules() -> None:
    result = due("--deadline", "retain_until", "--received", "2026-12-31")
    assert result.exit_code == 1
    assert "needs a rule; on file: commercial_books, tax, aml, suppression_list" in result.stderr


def test_explaining_names_the_other_reading_and_its_date() -> None:
    words = ("--jurisdiction", "EC", "--right", "access", "--received", "2026-03-02", "--json")
    told = json.loads(law("explain", *words).stdout)
    assert (told["due_on"], told["confidence"]) == ("2026-03-16", "derived")
    assert [(one["option"], one["due_on"]) for one in told["readings"]] == [
        ("rule=15_calendar", "2026-03-17")
    ]


@pytest.mark.parametrize(
    ("jurisdiction", "words", "same"),
    [
        ("MX", "Cancelación", "cancellation"),
        ("MX", "oposicion", "objection"),
        ("CO", "consulta", "access"),
        ("CL", "Bloqueo temporal", "block"),
        ("ES", "Supresión", "erasure"),
        ("BR", "eliminação", "erasure"),
    ],
)
def test_a_right_in_the_words_of_its_law(jurisdiction: str, words: str, same: str) -> None:
    dates = [
        CliRunner()
        .invoke(
            dsr, ["law", "due", "--jurisdiction", jurisdiction, "--right", right, "--received", "2026-12-02"]
        )
        .stdout
        for right in (words, same)
    ]

    assert dates[0] == dates[1] != ""


def test_words_that_fit_no_right_or_two_are_refused_with_the_rights_there_are() -> None:
    said = CliRunner().invoke(
        dsr, ["law", "due", "--jurisdiction", "CO", "--right", "reclamo", "--received", "2026-12-02"]
    )

    assert (said.exit_code, said.stdout) == (1, "")
    assert "CO has no right 'reclamo'; it has: access, authorization_proof, update" in said.stderr


def test_a_country_without_a_law_on_file_is_explained() -> None:
    result = law("show", "VE")
    assert (result.exit_code, "Venezuela has no general data protection law" in result.stderr) == (1, True)


def test_a_shown_law_says_whom_to_complain_to_what_it_costs_and_what_is_due_at_once() -> None:
    said = law("show", "CO").stdout
    for words in (
        "before a complaint: Only after the consulta or reclamo",
        "cost: It is free; the consulta at least once a month. (seen: Decreto 1377/2013 21",
        "proof of the answer kept for: P3Y (secondary: CPACA (Ley 1437/2011) 52",
        "at once on receipt (update, rectification, erasure, withdrawal): Mark the data",
        "added to refused: With this answer the procedure with us is exhausted",
    ):
        assert words in said, words


def test_a_shown_law_says_how_sure_each_number_is() -> None:
    rights = json.loads(law("show", "MX", "--on", "2026-03-02", "--json").stdout)["rights"]
    assert rights["access"]["clocks"]["respond"]["confidence"] == "secondary"
