"""The rules of the house hold in this project."""

import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

import house
import portuguese

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds(rule: Callable[[Path], list[str]]) -> None:
    assert rule(ROOT) == []


def test_portuguese_is_brazilian_everywhere() -> None:
    assert portuguese.refused(ROOT) == []


def test_imports_go_down_only() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = re.findall(r"\w+", " ".join(settings["contracts"][0]["layers"]))
    missing = [name for name in layers if find_spec(f"dsr.{name}") is None]
    if missing:
        pytest.skip(f"not there yet: {missing}")

    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", house.declared_connectors(ROOT))
def test_an_entry_point_leads_to_its_connector(kind: str) -> None:
    module, _, name = house.declared_connectors(ROOT)[kind].partition(":")
    if find_spec(module) is None:
        pytest.skip(f"not there yet: {module}")

    assert hasattr(importlib.import_module(module), name)
