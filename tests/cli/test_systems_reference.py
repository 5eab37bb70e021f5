"""What the documentation says of every kind of system is what the connectors say of themselves."""

from pathlib import Path

from dsr.cli import systems_reference
from dsr.registry import Registry

ROOT = Path(__file__).parents[2]


def test_the_page_of_systems_is_written_from_the_connectors() -> None:
    assert (ROOT / "docs" / "systems.md").read_text() == systems_reference.page()


def test_no_kind_lacks_its_evidence() -> None:
    assert set(systems_reference.EVIDENCE) == set(Registry().kinds())


def test_no_cell_is_empty() -> None:
    rows = [line for line in systems_reference.page().splitlines() if line.startswith("| `")]
    assert len(rows) == len(Registry().kinds())
    assert [row for row in rows if any(not cell.strip() for cell in row.strip("|").split("|"))] == []
