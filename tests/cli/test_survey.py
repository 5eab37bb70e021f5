"""``dsr systems survey``: asked on the terminal, kept at once, shown again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from click.testing import CliRunner

from dsr.cli import dsr
from dsr.demo import stage
from dsr.domain.survey import AREAS

BY = ("--by", stage.OLGA)


def test_every_answer_is_kept_also_when_the_rest_is_left_for_later(
    instance: object, told: Callable[..., Any]
) -> None:
    said = "yes\nSales\nnames\n\n\nHubSpot\n\nno\n"

    CliRunner().invoke(dsr, ["systems", "survey", *BY], input=said)

    found = {one["area"]["key"]: one for one in told("systems", "survey")}
    assert {name: one["present"] for name, one in found.items() if one["present"]} == {
        "crm": "yes",
        "mailing": "no",
    }
    assert found["crm"]["details"] == {"who": "Sales", "what": "names", "tool": "HubSpot"}


def test_what_is_fresh_is_not_asked_again(instance: object, told: Callable[..., Any]) -> None:
    runner = CliRunner()
    runner.invoke(dsr, ["systems", "survey", *BY], input="no\n" * len(AREAS))

    again = runner.invoke(dsr, ["systems", "survey", *BY])

    assert (again.exit_code, "kept there?" in again.output) == (0, False)
    assert [one for one in told("systems", "survey") if one["due"]] == []


def test_what_is_shown_says_what_to_do_next(instance: object) -> None:
    runner = CliRunner()

    empty = runner.invoke(dsr, ["systems", "survey", "--show"]).output
    runner.invoke(dsr, ["systems", "survey", *BY], input="yes\nSales\n\n\n\n\n\n" + "no\n" * len(AREAS))
    full = runner.invoke(dsr, ["systems", "survey", "--show"]).output

    assert f"Next: answer the {len(AREAS)} that are due: dsr systems survey --by OFFICER" in empty
    assert "dsr systems add KIND" not in empty
    assert "Nothing is due; the first is asked again on" in full
    assert "dsr systems add KIND" in full


def test_nobody_answers_without_a_name(instance: object) -> None:
    assert CliRunner().invoke(dsr, ["systems", "survey"]).exit_code == 2
