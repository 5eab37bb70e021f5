"""Files made to fill memory: refused with a sentence before they are unpacked."""

import random
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
def little_memory(megabytes: int = 40) -> Iterator[None]:
    """Whatever happens inside needs no more than a few megabytes at a time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * MEGABYTE
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


def refusal(file: Sheet, megabytes: int = 40) -> str:
    with little_memory(megabytes), pytest.raises(ConnectorError) as caught:
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


PADDING = random.Random(1).randbytes(4 * MEGABYTE).hex().encode()
"""Packs to the half: nothing that the directory of the archive could tell."""
WORKSHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
NAMES = b"".join(
    b'<c t="inlineStr"><is><t>%s</t></is></c>' % name for name in (b"id", b"email", b"name", b"news")
)
HEADER = WORKSHEET + b'<sheetData><row r="1">' + NAMES + b"</row>"
SHARED = WORKSHEET.replace(b"worksheet", b"sst")
CELLS = b"".join(b"<c><v>%d</v></c>" % n for n in range(70_000))
ENDLESS = {
    "row": HEADER + b'<row r="2"><c><v>1</v></c>' + CELLS + b"</row>",
    "cell": HEADER + b'<row r="2"><c t="inlineStr"><is><t>' + PADDING * 2,
    "attribute": HEADER + b'<row r="2" x="' + PADDING * 2,
    "row of another language": HEADER
    + b'<row r="2">'
    + CELLS.replace(b"v>", b"x:row>").replace(b"<c", b'<c xmlns:x="x"'),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_a_row_that_does_not_end_is_refused_by_sheet_and_row(file: Sheet, what: str) -> None:
    repacked(file, bomb=(SHEET, ENDLESS[what], 1))

    assert file.path.stat().st_size * xlsxparts.MOST_RATIO > len(ENDLESS[what])
    assert "list.xlsx: the sheet 'list' after row 1 holds more than 8 MB" in refusal(file, 200)


def test_what_stands_before_the_rows_without_an_end_is_refused(file: Sheet) -> None:
    repacked(file, bomb=(SHEET, WORKSHEET + b"<cols>" + b"<col/>" * 300_000, 1))

    assert "the sheet 'list' after row 0 holds more than" in refusal(file, 200)


def test_a_shared_text_that_does_not_end_is_refused(file: Sheet) -> None:
    part = "xl/sharedStrings.xml"
    with zipfile.ZipFile(file.path) as old:
        types = old.read(TYPES)
    told = b'<Override PartName="/%s" ContentType="application/%s"/></Types>'
    said = told % (part.encode(), b"vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml")
    texts = SHARED + b"<si><t>id</t></si><si><t>" + PADDING * 2
    repacked(file, types=(TYPES, types.replace(b"</Types>", said), 1), bomb=(part, texts, 1))

    assert "list.xlsx: its shared text number 2 holds more than 8 MB" in refusal(file, 200)


def test_more_formats_than_excel_has_are_refused(file: Sheet) -> None:
    repacked(file, bomb=("xl/styles.xml", b"<styleSheet>" + b"<xf/>" * 300_000, 1))

    assert "unpacks to more than" in refusal(file)


def test_a_column_beyond_the_last_is_refused(file: Sheet) -> None:
    repacked(
        file, wide=(SHEET, HEADER + b'<row r="2"><c r="XFE2"><v>1</v></c></row></sheetData></worksheet>', 1)
    )

    assert "the sheet 'list' has rows or columns beyond the limit of the format" in refusal(file)


def test_what_lies_between_rows_is_forgotten_row_by_row(file: Sheet) -> None:
    with zipfile.ZipFile(file.path) as old:
        before, _, after = old.read(SHEET).partition(b"</sheetData>")
    crowd = b'<x a="1">between</x><row r="2" ht="15"/>and tails' * 20_000
    repacked(file, crowd=(SHEET, before + crowd + b"</sheetData>" + after, 1))

    with little_memory():
        assert len(file.records(ANA)) == 1


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
