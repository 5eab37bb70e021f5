"""Every kind that speaks to a network meets every fault, or says why it cannot."""

from __future__ import annotations

import re
from pathlib import Path

from dsr.registry import Registry
from vendors import table
from vendors.faults import BROKEN, LATER
from vendors.matrix import FaultMatrix

ROOT = Path(__file__).parents[2]
NO_NETWORK = {"manual": "a colleague is asked", "tabular": "a file on this machine"}
OTHER_LINES = {"ldap", "imap", "sql"}


def test_every_kind_is_in_the_matrix_or_says_why_not() -> None:
    assert set(table.reasons()) | OTHER_LINES | NO_NETWORK.keys() == set(Registry().kinds())


def test_every_test_of_the_matrix_belongs_to_a_fault_and_every_fault_has_its_tests() -> None:
    told = {one for many in table.FAULTS.values() for one in many} - LATER.keys() - BROKEN.keys()
    assert told == {name for name in dir(FaultMatrix) if name.startswith("test_")}


def test_what_is_named_instead_is_a_test() -> None:
    named = {path.name: path.read_text() for path in table.TESTS.glob("test_*.py")}
    shared = (ROOT / "tests" / "vendors" / "behind.py").read_text()
    everything = "\n".join([shared, *named.values()])
    instead = {
        one
        for left in table.reasons().values()
        for why in left.values()
        for one in re.findall(r"test_\w+(?!\.py)\b(?!\.)", why)
    }
    missing = [one for one in instead if f"def {one}(" not in everything]
    missing += [
        one
        for one in table.CELLS.values()
        if f"def {one.partition('::')[2]}(" not in named[one.partition("::")[0]]
    ]
    assert missing == []


def test_the_page_is_what_the_tests_say() -> None:
    page = (ROOT / "docs" / "connectors.md").read_text()
    assert page == table.placed(page)
