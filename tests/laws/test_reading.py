"""A pack file with a mistake stops the start and says where."""

import re
from pathlib import Path

import pytest

from dsr import laws
from dsr.domain.law import LawError

GOOD = (Path(laws.__file__).parent / "xx.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("find", "write", "problem"),
    [
        ('zone = "controller"', 'zone = "controller"\ncolour = "red"', "xx.toml: colour: unknown key"),
        ('roll = "none"', 'role = "none"', "xx.toml: rights.access.clocks.respond.role: unknown key"),
        ('roll = "none"\n', "", "xx.toml: rights.access.clocks.respond.roll: is missing"),
        ('roll = "none"', 'roll = "back"', "'back' is not one of forward, none"),
        ('period = "30D"', 'period = "30 days"', "xx.toml: rights.access.clocks.respond.period: period"),
        ('period = "30D"', "period = 30", "30 is not a str"),
        ('period = "30D"', "period = []", "xx.toml: rights.access.clocks.respond.period: is empty"),
        ('period = "30D"', 'period = "P1M"', "'anchor' belongs to months"),
        ('roll = "none"', 'roll = "none"\nbegins = "sneezed"', "begins: sneezed is no event"),
        ('zone = "controller"', 'zone = "Mars/Olympus"', "xx.toml: zone: Mars/Olympus"),
        ('code = "none"', 'code = "XX"', "xx.toml: calendar.code: without a country"),
        (
            'respond = "thirty_days"',
            'respond = "soon"',
            "xx.toml: rights.access.clocks: there is no clock 'soon'",
        ),
        ('canonical = "access"', 'canonical = "seeing"', "access must be served by one right or explained"),
        ("valid_from = 2018-01-01", 'valid_from = "2018"', "xx.toml: valid_from: '2018' is not a date"),
        ("valid_from = 2018-01-01", "valid_from = 2018-13-01", "xx.toml: is not TOML"),
        ('confidence = "derived"', 'confidence = "sure"', "'sure' is not one of seen"),
        (
            'zone = "controller"',
            'zone = "controller"\nextends = "YY"',
            "xx.toml: extends: 'YY' is not the id",
        ),
        ('zone = "controller"', 'zone = "controller"\nversion = "7"', "xx.toml: version: is computed"),
        ('zone = "controller"', 'zone = "controller"\nblocking = "all"', "xx.toml: blocking: all is no"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, find: str, write: str, problem: str) -> None:
    (tmp_path / "xx.toml").write_text(GOOD.replace(find, write, 1), encoding="utf-8")

    with pytest.raises(LawError, match=re.escape(problem)):
        laws.load(tmp_path)


def test_a_correct_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "xx.toml").write_text(GOOD, encoding="utf-8")

    assert [pack.version for pack in laws.load(tmp_path)] == [
        pack.version for pack in laws.packs() if pack.id == "XX"
    ]


def test_two_packs_in_force_on_one_day_are_refused(tmp_path: Path) -> None:
    (tmp_path / "xx.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "xx2.toml").write_text(GOOD.replace('id = "XX"', 'id = "XX2"'), encoding="utf-8")

    with pytest.raises(LawError, match="XX and XX2 are both in force on 2018-01-01"):
        laws.load(tmp_path)


def test_a_changed_parent_changes_the_version_of_its_children(tmp_path: Path) -> None:
    folder = Path(laws.__file__).parent
    for name in ("eu.toml", "pt.toml"):
        (tmp_path / name).write_text((folder / name).read_text(encoding="utf-8"), encoding="utf-8")
    before = {pack.id: pack.version for pack in laws.load(tmp_path)}
    with (tmp_path / "eu.toml").open("a", encoding="utf-8") as file:
        file.write("# a remark\n")

    after = {pack.id: pack.version for pack in laws.load(tmp_path)}

    assert {name for name in before if before[name] != after[name]} == {"EU", "PT"}
