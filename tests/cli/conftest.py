"""``dsr`` on an instance of its own, with two officers; what it prints, what it refuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dsr.cli import dsr
from dsr.demo import stage

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared demonstration with its officers; copied for each test, never used itself."""
    folder = tmp_path_factory.mktemp("staged")
    stage.prepare(folder, people=40, big_events=20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSR_IDENTITY", "tests")
        stage.officers(stage.settings(folder))
    return folder


@pytest.fixture
def instance(staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "instance"
    shutil.copytree(staged, folder)
    monkeypatch.setenv("DSR_INSTANCE", str(folder))
    monkeypatch.setenv("DSR_IDENTITY", "tests")
    return folder


@pytest.fixture
def run(instance: Path) -> Run:
    """Run ``dsr`` with these words; an exception that gets out of a command fails the test."""

    def run(*words: object) -> Result:
        return CliRunner().invoke(dsr, [str(word) for word in words])

    return run


@pytest.fixture
def told(run: Run) -> Iterator[Callable[..., Any]]:
    """Run ``dsr`` with ``--json``; what it printed, read back."""

    def told(*words: object) -> Any:
        result = run(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    yield told
