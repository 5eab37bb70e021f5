"""Files made to fill memory: refused with a sentence before they are unpacked."""

import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from openpyxl import Workbook

from connectors.tabular import csvtext, xlsxparts
from dsr.contract import ConnectorError
from spreadsheets import Sheet, mapping

ANA = "ana@x.example"
SHEET, TYPES = "xl/worksheets/sheet1.xml", "[Content_Types].xml"
MEGABYTE = 1 << 20
LAUGHS = (
    b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "haha">\n%s]><worksheet>&z;</worksheet>"""
    % b"".join(b'<!ENTITY %c "%s">\n' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(25))
)


@contextmanager
def little_memory() -> Iterator[None]:
    """Whatever happens inside needs no more than a few megabytes at a time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 40 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.fixture
def file(tmp_path: Path) -> Sheet:
    book = Workbook()
    book.active.title = "list"
    book.active.append(("id", "email", "name", "news"))
    book.active.append((1, ANA, "Ana", True))
    book.save(tmp_path / "list.xlsx")
    return Sheet(tmp_path / "list.xlsx", mapping())


def repacked(file: Sheet, **changes: tuple[str, bytes, int]) -> None:
    """The same workbook; each change puts (part, piece, so many times) in the place of a part."""
    with zipfile.ZipFile(file.path) as old:
        every = {name: (old.read(name), 1) for name in old.namelist()}
    every |= {part: (piece, times) for part, piece, times in changes.values()}
    with zipfile.ZipFile(file.path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, (piece, times) in every.items():
            with new.open(name, "w") as part:
                for _ in range(times):
                    part.write(piece)


def refusal(file: Sheet) -> str:
    with little_memory(), pytest.raises(ConnectorError) as caught:
        file.records(ANA)
    assert caught.value.permanent
    return str(caught.value)


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/styles.xml", "xl/media/image1.png"])
def test_a_small_file_that_unpacks_to_very_much_is_refused(file: Sheet, part: str) -> None:
    repacked(file, bomb=(part, b"<c/>" * (MEGABYTE // 4), 20))

    assert file.path.stat().st_size < MEGABYTE
    assert "unpacks to more than" in refusal(file)


@pytest.mark.parametrize("part", [TYPES, "xl/_rels/workbook.xml.rels", "xl/workbook.xml"])
def test_an_index_that_fills_memory_is_refused(file: Sheet, part: str) -> None:
    repacked(file, bomb=(part, b"<a/>" * (MEGABYTE // 4), 9))

    assert "unpacks to more than" in refusal(file)


def test_shared_texts_under_another_name_are_no_way_around(
    file: Sheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(file.path) as old:
        types = old.read(TYPES)
    told = (
        b'<Override PartName="/%s" ContentType="application/x.sharedStrings+xml"/></Types>' % SHEET.encode()
    )
    evil = types.replace(b"</Types>", told)
    repacked(file, types=(TYPES, evil, 1), bomb=(SHEET, b"<si><t>a</t></si>" * 100_000, 1))
    monkeypatch.setattr(xlsxparts, "LARGEST_STRINGS", MEGABYTE)

    assert "unpacks to more than" in refusal(file)


def test_too_many_parts_are_refused(file: Sheet) -> None:
    repacked(file, **{f"n{n}": (f"xl/media/{n}.png", b"", 1) for n in range(xlsxparts.MOST_PARTS)})

    assert "5000 parts" in refusal(file)


@pytest.mark.parametrize("part", [SHEET, "xl/styles.xml", "docProps/core.xml", "xl/workbook.xml"])
def test_entities_that_multiply_are_refused_wherever_they_stand(file: Sheet, part: str) -> None:
    repacked(file, laughs=(part, LAUGHS, 1))

    assert "document type" in refusal(file)


def test_entities_behind_a_long_comment_are_refused(file: Sheet) -> None:
    hidden = LAUGHS.replace(b"<!DOCTYPE", b"<!--" + b"x" * 100_000 + b"--><!DOCTYPE")
    repacked(file, laughs=(SHEET, hidden, 1))

    assert "XML that cannot be read" in refusal(file)


@pytest.mark.parametrize("name", ["../../etc/cron.d/evil", "/etc/passwd.xml", "xl/../../evil.xml"])
def test_a_part_that_points_elsewhere_is_refused(file: Sheet, tmp_path: Path, name: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    repacked(file, evil=(name, b"<x/>", 1))

    assert "not a workbook that can be read" in refusal(file)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_record_with_one_field_of_ten_megabytes_is_edited_in_little_memory() -> None:
    long = '"' + "x" * (8 * MEGABYTE) + '""' + "x" * (2 * MEGABYTE) + '"'
    tracemalloc.start()
    try:
        changed = csvtext.edited(f"a,{long},b\n", ",", {0: "z"})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert changed == f"z,{long},b\n"
    assert peak < 250 * MEGABYTE
