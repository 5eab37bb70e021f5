"""``dsr case``: a case from filing to answer, decided from the command line."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import Result

from dsr.demo import stage

Run = Callable[..., Result]
Told = Callable[..., Any]

ANA = "email=ana.garcia@correo.example"
OLGA, SECOND = stage.OLGA, stage.SECOND
SEEN = ("--verified-by", OLGA, "--reason", "came in person")


@pytest.fixture
def file(told: Told) -> Callable[..., str]:
    """File a case of Ana whose identity Olga has seen; the number of the case, searched and planned."""

    def file(*words: str) -> str:
        filed = told("case", "submit", "--id", ANA, *SEEN, "--wait", *words)
        return str(filed["cases"][0]["reference"])

    return file


def test_where_there_is_no_case_it_is_said_in_words(told: Told, run: Run) -> None:
    result = run("case", "list")

    assert (told("case", "list"), result.output) == (
        [],
        "No case fits. --all also shows what is answered and closed.\n",
    )


def decided(told: Told, case: str) -> dict[str, Any]:
    """The plan of a case after every proposal was rejected."""
    while (plan := told("case", "plan", case))["proposals"]:
        which = ("--all", plan["hash"], "--by", OLGA)
        told("case", "reject", case, *which, "--reason", "not hers", "--wait")
    return dict(plan)


def test_an_access_case_is_answered_after_approval_and_says_that_paper_was_not_searched(
    told: Told, file: Callable[..., str]
) -> None:
    case = file("--right", "access")
    plan = decided(told, case)
    done = told("case", "approve", case, "--plan", plan["hash"], "--by", OLGA, "--wait")
    assert (done["status"], done["ending"]) == ("answered", "partly")


def test_an_erasure_needs_a_second_officer(told: Told, run: Run, file: Callable[..., str]) -> None:
    case = file("--right", "erasure", "--message", "Ya no soy clienta.")
    plan = decided(told, case)
    first = told("case", "approve", case, "--plan", plan["hash"], "--by", OLGA)
    alone = run("case", "second", case, "--plan", plan["hash"], "--by", OLGA)
    second = told("case", "second", case, "--plan", plan["hash"], "--by", SECOND, "--wait")
    assert (first["status"], alone.exit_code, second["status"]) == ("second", 1, "answered")
    assert "(approve.same)" in alone.stderr


def test_an_auditor_approves_nothing(run: Run, told: Told, file: Callable[..., str]) -> None:
    case = file("--right", "access")
    plan = decided(told, case)
    result = run("case", "approve", case, "--plan", plan["hash"], "--by", stage.AUDITOR)
    assert (result.exit_code, "(workflow.role)" in result.stderr) == (1, True)


def test_a_plan_that_was_not_shown_is_not_approved(run: Run, file: Callable[..., str]) -> None:
    result = run("case", "approve", file("--right", "access"), "--plan", "0" * 64, "--by", OLGA)
    assert (result.exit_code, "(plan.stale)" in result.stderr) == (1, True)


def test_a_correction_reaches_the_store(told: Told, file: Callable[..., str], instance: Path) -> None:
    case = file("--right", "rectification", "--change", "user.name", "Ana García Ruiz", "Ana María García")
    told("case", "approve", case, "--plan", decided(told, case)["hash"], "--by", OLGA, "--wait")
    with closing(sqlite3.connect(instance / "demo" / "crm.sqlite3")) as db:
        names = db.execute("SELECT name FROM contacts WHERE email = 'ana.garcia@correo.example'").fetchall()
    assert names == [("Ana María García",)]


def test_without_proof_a_code_is_mailed_and_nothing_is_searched(told: Told, instance: Path) -> None:
    filed = told("case", "submit", "--right", "access", "--id", ANA, "--wait")
    assert [one["status"] for one in filed["cases"]] == ["unverified"]
    assert len(list((instance / "outbox").glob("*.eml"))) == 1


def test_an_officer_can_prove_identity_later(told: Told) -> None:
    case = told("case", "submit", "--right", "access", "--id", ANA)["cases"][0]["reference"]
    words = ("--how", "call_back", "--by", OLGA, "--reason", "called her", "--wait")
    assert told("case", "prove", case, *words)["status"] == "review"


def test_proof_by_an_officer_needs_a_reason(run: Run) -> None:
    result = run("case", "submit", "--right", "access", "--id", ANA, "--verified-by", OLGA)
    assert (result.exit_code, "go together" in result.stderr) == (2, True)


def test_a_right_may_bear_the_name_of_the_law(told: Told) -> None:
    filed = told("case", "submit", "--right", "cancellation", "--country", "MX", "--id", ANA)
    assert [(one["right"], one["local_right"]) for one in filed["cases"]] == [("erasure", "cancellation")]


def test_a_question_pauses_and_an_answer_resumes(told: Told, file: Callable[..., str]) -> None:
    case = file("--right", "access")
    asked = told("case", "pause", case, "--text", "Which contract?", "--by", OLGA)
    again = told("case", "resume", case, "--by", OLGA)
    assert (asked["status"], again["status"]) == ("waiting", "review")


def test_a_power_is_confirmed_before_anything_is_approved(
    told: Told, run: Run, file: Callable[..., str]
) -> None:
    case = file("--right", "access", "--behalf", "representative", "--representative", "Luis Gil, abogado")
    shown = ("--plan", decided(told, case)["hash"], "--by", OLGA)
    confirm = ("case", "confirm-power", case, "--how", "authorisation", "--by")

    early = run("case", "approve", case, *shown)
    silent = run(*confirm, OLGA, "--reason", " ")
    auditor = run(*confirm, stage.AUDITOR, "--reason", "signed, seen today")
    told(*confirm, OLGA, "--reason", "signed, seen today")
    done = told("case", "approve", case, *shown, "--wait")

    refused = [
        (one.exit_code, one.stderr.rpartition("(")[2].partition(")")[0]) for one in (early, silent, auditor)
    ]
    assert refused == [(1, "behalf.unconfirmed"), (1, "identity.reason"), (1, "workflow.role")]
    assert done["status"] == "answered"


def test_a_refusal_is_an_answer(told: Told, file: Callable[..., str]) -> None:
    why = ("--article", "GDPR 12(5)(b)", "--by", OLGA, "--reason", "five times this month")
    done = told("case", "refuse", file("--right", "access"), *why)
    assert (done["status"], done["ending"]) == ("answered", "refused")


def test_an_extension_moves_the_date(told: Told, file: Callable[..., str]) -> None:
    case = file("--right", "access")
    done = told("case", "extend", case, "--by", OLGA, "--reason", "eleven years of files")
    assert done["due_on"] > done["first_due_on"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("note", "--text", "archive asked"), "case.noted"),
        (("message", "--text", "We found your order."), "case.message"),
        (("assign", "--to", SECOND), "case.assigned"),
    ],
)
def test_what_does_not_move_a_case_stands_in_its_timeline(
    told: Told, file: Callable[..., str], words: tuple[str, ...], kind: str
) -> None:
    case = file("--right", "access")
    told("case", words[0], case, *words[1:], "--by", OLGA)
    assert told("case", "show", case)["timeline"][0]["kind"] == kind


def test_a_cancelled_case_is_closed(told: Told, file: Callable[..., str]) -> None:
    done = told("case", "cancel", file("--right", "access"), "--by", OLGA, "--reason", "filed twice")
    assert (done["status"], done["ending"]) == ("closed", "cancelled")


def test_a_case_is_found_by_an_identifier(told: Told, file: Callable[..., str]) -> None:
    case = file("--right", "access")
    found = told("case", "list", "--find", "email=Ana.Garcia@correo.example")
    nobody = told("case", "list", "--find", "email=eva.garcia@correo.example")
    assert ([one["reference"] for one in found], nobody) == ([case], [])


def test_a_page_on_the_terminal_masks_the_address(run: Run, file: Callable[..., str]) -> None:
    text = run("case", "show", file("--right", "access")).stdout
    assert ("ana.garcia@correo.example" in text, "Timeline" in text) == (False, True)


def test_a_plan_on_the_terminal_ends_with_its_hash(run: Run, told: Told, file: Callable[..., str]) -> None:
    case = file("--right", "access")
    plan = decided(told, case)
    assert run("case", "plan", case).stdout.splitlines()[-1] == f"hash {plan['hash']}"


def test_a_withheld_record_leaves_the_plan(told: Told, file: Callable[..., str]) -> None:
    case = file("--right", "access")
    before = decided(told, case)
    view = told("case", "show", case)
    record = next(
        r
        for s in view["searches"]
        if s["system"] == "crm"
        for r in s["records"]
        if r["collection"] == "notes" and r["match"] == "exact"
    )
    told(
        "case",
        "withhold",
        case,
        "--system",
        "crm",
        "--record",
        record["id"],
        "--by",
        OLGA,
        "--reason",
        "names her sister",
        "--wait",
    )
    after = told("case", "plan", case)
    assert len(after["lines"]) == len(before["lines"]) - 1


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("fee", "--amount", "12.50", "--covers", "400 pages", "--article", "GDPR 12(5)(a)"), "waiting"),
        (
            (
                "forward",
                "--to",
                "Otra Empresa, S. L.",
                "--on",
                f"{datetime.now(ZoneInfo('Europe/Madrid')):%Y-%m-%d}",
            ),
            "answered",
        ),
    ],
)
def test_what_is_done_instead_of_refusing(
    told: Told, file: Callable[..., str], words: tuple[str, ...], status: str
) -> None:
    done = told(
        "case", words[0], file("--right", "access"), *words[1:], "--by", OLGA, "--reason", "fifth copy"
    )
    assert done["status"] == status


def test_the_review_of_an_automated_decision_is_an_answer(told: Told, file: Callable[..., str]) -> None:
    said = ("--decided", "no credit", "--logic", "scores payments", "--data", "three invoices")
    result = ("--reviewer", "Olga Ruiz", "--result", "credit granted", "--by", OLGA)
    done = told("case", "review-decision", file("--right", "access"), *said, *result)
    assert done["status"] == "answered"


def test_no_mail_came_back_so_there_is_none_to_settle(run: Run, file: Callable[..., str]) -> None:
    case = file("--right", "access")
    result = run("case", "settle-mail", case, "--way", "again", "--by", OLGA, "--reason", "she called")
    assert (result.exit_code, "(mail.none)" in result.stderr) == (1, True)
