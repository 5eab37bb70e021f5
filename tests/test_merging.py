"""The evidence of two runs side by side is one."""

import json
from pathlib import Path
from typing import Any

import pytest

from evidence import REQUIRED
from merging import main, merged


def part(tier: str, passed: int, seconds: float, **more: Any) -> dict[str, Any]:
    counted = {"run": passed, "passed": passed, "failed": 0, "skipped": 0, "records": {"seed": [passed]}}
    return {
        "started_at": "2026-11-27T10:00:00+00:00", "seconds": seconds, "exit_status": 0, "python": "3.11",
        "platform": "Linux", "seed": 1, "servers": {}, "tiers": {tier: counted}, "skipped": {}, **more,
    }  # fmt: skip


def test_counts_are_added_and_servers_joined() -> None:
    one = part("unit", 3, 10.0, servers={"postgresql": ["16.1"]}, skipped={"no npm": 1})
    other = part("unit", 4, 20.0, servers={"postgresql": ["16.1"], "slapd": ["2.5"]}, skipped={"no npm": 2})

    found = merged([one, other])

    assert found["tiers"]["unit"] == {
        "run": 7, "passed": 7, "failed": 0, "skipped": 0, "records": {"seed": [3, 4]},
    }  # fmt: skip
    assert (found["servers"], found["skipped"], found["seconds"]) == (
        {"postgresql": ["16.1"], "slapd": ["2.5"]}, {"no npm": 3}, 20.0,
    )  # fmt: skip


def test_the_worst_exit_counts() -> None:
    assert merged([part("unit", 1, 1.0), part("live", 1, 1.0, exit_status=1)])["exit_status"] == 1


@pytest.mark.parametrize(("tiers", "code"), [(REQUIRED, 0), (REQUIRED[1:], 1)])
def test_under_ci_a_tier_that_nobody_passed_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiers: tuple[str, ...], code: int
) -> None:
    monkeypatch.setenv("CI", "1")
    names = []
    for tier in tiers:
        names.append(str(tmp_path / f"{tier}.json"))
        Path(names[-1]).write_text(json.dumps(part(tier, 1, 1.0)))
    assert main(str(tmp_path / "evidence.json"), *names) == code
