"""Every kind of system does the words for single fields of kept rows and says so, or refuses them before anything."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dsr.cli.systems_reference import MAP, SETTINGS
from dsr.contract import Action, ConnectorError
from dsr.domain.organisation import SystemConfig
from dsr.registry import Registry

HELD = {
    "sql": "test_sql_kept_fields",
    "tabular": "test_tabular_kept_fields",
    "google_sheets": "test_google_sheets_kept_fields",
    "hubspot": "test_rest_kept_fields",
    "pipedrive": "test_rest_kept_fields",
    "salesforce": "test_rest_kept_fields",
    "zoho": "test_rest_kept_fields",
}
"""The kinds that do it, and the tests that hold each to it. In `manual` a person does everything."""
DEALS = {"hubspot": "dealname", "pipedrive": "title", "salesforce": "Name", "zoho": "Deal_Name"}
WORDS = MAP.replace(
    "erase: delete", "erase: keep\n      keep: {rule: tax, date: news}\n      pseudonymise: [restricted]"
)
SAID = ("in part", "the fields that the map names")


def erasure(kind: str, place: Path) -> str:
    """What the description says of erasure, in English, with a map that names a field."""
    with closing(sqlite3.connect(place / "sample.sqlite3")) as made:
        made.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, news TEXT, restricted TEXT)")
    deals = f"dsr:\n  collections:\n    deals:\n      pseudonymise: [{DEALS.get(kind, 'title')}]\n"
    usual = SETTINGS.get(kind, {})
    more = {"url": f"sqlite:///{place / 'sample.sqlite3'}"} if kind == "sql" else {}
    text = WORDS if "map" in usual else deals
    settings = {**usual, **more, "map": text, "map_name": "words.yaml"}
    registry = Registry([SystemConfig(kind, kind, kind, ("docs",), settings)])
    told = registry.describe("docs", kind, now=datetime(2026, 6, 1, tzinfo=UTC))
    (said,) = [one.sentence for one in told.capabilities if one.action is Action.ERASE]
    return str(said["en"] if not isinstance(said, str) else said)


@pytest.mark.parametrize("kind", sorted(HELD))
def test_a_kind_that_does_it_says_so_and_is_held_to_it(kind: str, tmp_path: Path) -> None:
    said = erasure(kind, tmp_path)

    assert [part for part in SAID if part in said] != []
    assert (Path(__file__).parent / f"{HELD[kind]}.py").is_file()


@pytest.mark.parametrize("kind", sorted(set(Registry().kinds()) - {*HELD, "manual"}))
def test_a_kind_that_does_not_do_it_refuses_the_words_before_anything(kind: str, tmp_path: Path) -> None:
    with pytest.raises(ConnectorError) as caught:
        erasure(kind, tmp_path)

    told = str(caught.value)
    assert caught.value.permanent
    assert ("words.yaml:" in told and "keeps rows whole" in told) or "'map'" in told
