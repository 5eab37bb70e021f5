"""What the documentation says of every kind of system is what the connectors and their tests say of themselves."""

import ast
import re
from pathlib import Path

import pytest

from dsr.cli import systems_reference
from dsr.registry import Registry

ROOT = Path(__file__).parents[2]
COUNTED = re.compile(r"^CALLS = (\{[^}]+\})$", re.MULTILINE)


def counted() -> dict[str, dict[str, int]]:
    """The requests of one person's case, by kind, as the tests of the connectors count them at their fakes."""
    texts = {path.stem: path.read_text() for path in (ROOT / "tests" / "connectors").glob("test_*.py")}
    found = {name: match.group(1) for name, text in texts.items() if (match := COUNTED.search(text))}
    return {
        name.removeprefix("test_").removesuffix("_traps"): ast.literal_eval(one)
        for name, one in found.items()
    }


def test_the_page_of_systems_is_written_from_the_connectors() -> None:
    assert (ROOT / "docs" / "systems.md").read_text() == systems_reference.page()


def test_the_table_of_systems_is_written_from_the_connectors() -> None:
    text = (ROOT / "docs" / "connectors.md").read_text()
    assert text == systems_reference.placed(text)


def test_no_kind_lacks_its_evidence() -> None:
    assert set(systems_reference.EVIDENCE) == set(Registry().kinds())


@pytest.mark.parametrize("kind", sorted(counted()))
def test_the_calls_that_are_told_are_those_that_are_counted(kind: str) -> None:
    calls = counted()[kind]
    told = ", ".join(f"{name} {calls[name]}" for name in ("locate", "read", "erase", "verify"))
    assert systems_reference.EVIDENCE[kind].calls == told


def test_no_cell_is_empty() -> None:
    rows = [line for line in systems_reference.table().splitlines() if line.startswith("| `")]
    assert len(rows) == len(Registry().kinds()) + len(systems_reference.GUIDES)
    assert [row for row in rows if any(not cell.strip() for cell in row.strip("|").split("|"))] == []
