"""Which pack is in force, and which days do not count."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dsr import laws
from dsr.domain.citing import EXPLAINED
from dsr.domain.law import LawError, Pack


def spain() -> Pack:
    return laws.in_force("ES", date(2026, 3, 2))


def test_every_jurisdiction_promised_is_on_file() -> None:
    promised = "ES EU PT FR IT DE IE UK US-CA MX AR BR CL CO PE EC UY PA CR DO XX"

    assert {pack.jurisdiction for pack in laws.packs()} == set(promised.split())


def test_the_law_of_chile_changes_at_midnight_in_santiago() -> None:
    moments = (datetime(2026, 12, 1, 2, 59, tzinfo=UTC), datetime(2026, 12, 1, 3, 0, tzinfo=UTC))

    assert [laws.in_force("CL", moment).id for moment in moments] == ["CL-old", "CL"]


def test_a_member_state_has_the_union_law_and_its_own_days() -> None:
    portugal = laws.in_force("PT", date(2026, 3, 2))

    assert portugal.rights == laws.in_force("EU", date(2026, 3, 2)).rights
    assert (portugal.zone, portugal.calendar.code) == ("Europe/Lisbon", "PT")


def test_an_unknown_jurisdiction_lists_those_on_file() -> None:
    with pytest.raises(LawError, match="no law on file for 'es'; on file: AR, BR, CL, CO"):
        laws.in_force("es", date(2026, 3, 2))


def test_a_moment_without_an_offset_is_refused() -> None:
    with pytest.raises(LawError, match="without its offset"):
        laws.in_force("ES", datetime(2026, 3, 2, 10, 0))


def test_before_its_first_day_a_law_still_gives_its_retention_rules() -> None:
    assert laws.in_force("ES", date(2016, 5, 20)).id == "ES"


@pytest.mark.parametrize(
    ("jurisdiction", "code", "day", "works"),
    [
        ("ES", "ES", date(2026, 4, 2), True),
        ("ES", "ES-MD", date(2026, 4, 2), False),
        ("ES", "ES-CT", date(2026, 4, 6), False),
        ("ES", "weekends", date(2026, 12, 25), True),
        ("ES", "weekends", date(2026, 12, 26), False),
        ("ES", "none", date(2026, 12, 26), True),
        ("EU", "PT", date(2026, 6, 10), False),
        ("UK", "UK", date(2026, 12, 28), False),
        ("US-CA", "US", date(2026, 7, 3), False),
        ("EC", "EC", date(2026, 5, 25), False),
        ("CO", "CO", date(2026, 6, 8), False),
        ("UY", "UY", date(2026, 4, 2), True),
        ("AR", "AR", date(2026, 6, 15), False),
        ("AR", "AR", date(2026, 7, 10), True),
        ("PA", "PA", date(2026, 11, 4), True),
    ],
)
def test_a_day_works_or_not(jurisdiction: str, code: str, day: date, works: bool) -> None:
    pack = laws.in_force(jurisdiction, date(2026, 12, 1))

    assert laws.calendar(pack, code).works(day) is works


@pytest.mark.parametrize("code", ["ZZ", "ES-ZZ", "ES-", "es", ""])
def test_an_unknown_calendar_is_refused(code: str) -> None:
    with pytest.raises(LawError, match="no calendar|is unknown"):
        laws.calendar(spain(), code)


def test_a_year_without_holidays_on_file_is_refused() -> None:
    with pytest.raises(LawError, match="calendar ES knows the years 2015 to 2050, not 2051"):
        laws.calendar(spain()).works(date(2051, 1, 2))


def test_the_version_of_a_calendar_changes_with_its_days() -> None:
    versions = {laws.calendar(spain(), code).version for code in ("ES", "ES-CT", "ES-MD")}

    assert len(versions) == 3


def test_the_days_are_the_same_in_any_language_of_the_machine() -> None:
    code = "from dsr import laws; from datetime import date;"
    code += "print(laws.calendar(laws.in_force('AR', date(2026, 3, 2))).version)"
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "LANG": language, "LANGUAGE": language},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for language in ("th_TH.UTF-8", "en_US.UTF-8")
    ]

    assert said == [laws.calendar(laws.in_force("AR", date(2026, 3, 2))).version] * 2


def test_holidays_are_loaded_only_when_a_calendar_is_needed() -> None:
    code = "import sys; from dsr import laws; laws.packs(); print('holidays' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "False"


def test_the_table_of_certainty_names_every_pack() -> None:
    text = (Path(__file__).parents[2] / "docs" / "law.md").read_text(encoding="utf-8")
    section = text.partition("## How sure we are")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if "|" in line]

    named = {name.strip() for row in rows for name in row.split(",")} - {"Pack", "---"}

    assert named == {pack.id for pack in laws.packs()}


def test_the_table_of_certainty_says_what_the_packs_say_of_the_answer() -> None:
    text = (Path(__file__).parents[2] / "docs" / "law.md").read_text(encoding="utf-8")
    table = text.partition("## How sure we are")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if "|" in line][
        2:
    ]
    packs = {pack.id: pack for pack in laws.packs()}

    written = {name.strip(): row[2] for row in rows for name in row[0].split(",")}

    assert written == {name: pack.right("access").clock("respond").confidence for name, pack in packs.items()}


def remembered(table: dict[str, Any], path: str = "") -> Iterator[str]:
    """The parts of a parsed pack that nobody has read anywhere."""
    if table.get("confidence") == "memory":
        yield path
    for key, value in table.items():
        parts = value if isinstance(value, list) else [value]
        for part in parts:
            if isinstance(part, dict):
                yield from remembered(part, f"{path}.{key}.{part['id']}" if "id" in part else f"{path}.{key}")


def test_what_is_only_remembered_is_listed_for_counsel() -> None:
    text = (Path(__file__).parents[2] / "docs" / "law.md").read_text(encoding="utf-8")
    section = text.partition("## Still from memory")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:3]] for line in section.splitlines() if "|" in line]

    packs = sorted(Path(laws.__file__).parent.glob("*.toml"))
    only = [
        [file.name, part[1:]] for file in packs for part in remembered(tomllib.loads(file.read_text("utf-8")))
    ]

    assert sorted(rows[2:]) == sorted(only)


SPOKEN = re.compile(
    r"\b(the|and|of|by|from|only|where|days?|years?|holidays?|practice|sets|none|commentar)", re.I
)
TITLES = re.compile(r"[A-Z][\w()' ]+ Act\b|California Consumer .* amended|EDPB Guidelines|python-holidays")


@pytest.mark.parametrize("pack", laws.packs(), ids=lambda pack: pack.id)
def test_what_officers_read_in_other_languages_of_a_source_is_the_citation_alone(pack: Pack) -> None:
    files = Path(laws.__file__).parent / f"{pack.id.lower()}.toml"
    shown = [
        EXPLAINED.sub("", line.partition(" = ")[2].strip('"'))
        for line in files.read_text(encoding="utf-8").splitlines()
        if line.startswith(("source = ", "law = "))
    ]

    assert [one for one in shown if SPOKEN.search(TITLES.sub("", one))] == []
