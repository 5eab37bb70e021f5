"""``dsr demo``: every right down the whole road, verified with another client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result

from dsr.cli import dsr

RIGHTS = [
    "access", "portability", "rectification", "restriction", "lifting", "withdrawal", "objection", "erasure",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("left")


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    words = ["demo", "--people", "60", "--big-events", "500", "--out", str(folder), "--json"]
    return CliRunner().invoke(dsr, words)


@pytest.fixture(scope="module")
def report(result: Result) -> dict[str, Any]:
    return dict(json.loads(result.stdout))


def test_every_verification_passed(report: dict[str, Any], result: Result) -> None:
    failed = [
        (one["right"], one["sentence"], one["detail"]) for one in report["verifications"] if not one["passed"]
    ]
    assert (failed, report["passed"], result.exit_code) == ([], True, 0)


def test_there_is_a_case_of_each_right_and_its_end(report: dict[str, Any]) -> None:
    endings = {one["right"]: one["ending"] for one in report["cases"]}
    assert endings == dict.fromkeys(RIGHTS, "done") | {"erasure": "partly"}


def test_every_right_was_verified_on_the_stores(report: dict[str, Any]) -> None:
    counts = {
        right: sum(one["right"] == right for one in report["verifications"]) for right in [*RIGHTS, "audit"]
    }
    assert counts == {
        "access": 7, "portability": 8, "rectification": 6, "restriction": 6, "lifting": 1, "withdrawal": 6,
        "objection": 6, "erasure": 7, "audit": 1,
    }  # fmt: skip


def test_letters_and_packages_are_left_in_the_folder(report: dict[str, Any], folder: Path) -> None:
    letters = {path.parent.name for path in folder.glob("*/letter-*.html")}
    packages = sorted(path.parent.name for path in folder.glob("*/package.zip"))
    broken = [ZipFile(path).testzip() for path in folder.glob("*/package.zip")]
    assert (letters, packages, broken) == (set(RIGHTS) - {"lifting"}, ["access", "portability"], [None, None])


def test_the_timeline_begins_with_the_question_and_ends_with_the_answer(report: dict[str, Any]) -> None:
    first, last = report["steps"][0], report["steps"][-1]
    assert (first["right"], first["sentence"].startswith("Ana asks")) == ("access", True)
    assert (last["right"], last["sentence"].startswith("Ana opens the answer")) == ("erasure", True)
