"""Workbooks: formulas, styles and other sheets stay; nothing of an erased row is left in any part."""

import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

from connectors.tabular import xlsxparts
from connectors.tabular.xmlsplice import spliced
from dsr.contract import Action, Change, ConnectorError, State
from spreadsheets import Sheet, mapping

ANA, EVA, OLGA = "ana@x.example", "eva@x.example", "olga@x.example"
FIELDS = """
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: name, data_categories: [user.name]}
          - {name: born}
          - {name: news}
          - {name: twice}
"""
SHEET = "xl/worksheets/sheet1.xml"


def workbook(place: Path, change: Callable[[Workbook], None] = lambda book: None) -> Sheet:
    book = Workbook()
    sheet = book.active
    sheet.title = "list"
    sheet.append(("id", "email", "name", "born", "news", "twice"))
    for n, email in enumerate((ANA, EVA, OLGA), 1):
        sheet.append((n, email, f"Name of {email[:4]}", datetime(1980, 1, n), True, f"=A{n + 1}*2"))
        sheet.cell(n + 1, 2).hyperlink = f"mailto:{email}"
        sheet.cell(n + 1, 3).font = Font(bold=True)
        sheet.cell(n + 1, 3).comment = Comment(f"Call {email}", "Olga")
    sheet["A6"] = "=COUNTA(A2:A4)"
    sheet.column_dimensions["B"].width = 33
    other = book.create_sheet("other")
    other["A1"], other["B2"] = "=list!B2", f"Name of {EVA[:4]}"
    change(book)
    book.save(place / "list.xlsx")
    return Sheet(place / "list.xlsx", mapping(fields=FIELDS))


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """The same file with one part changed, or added."""
    every = parts(path)
    every[part] = change(every.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in every.items():
            archive.writestr(name, content)


def values(path: Path, title: str = "list") -> list[tuple[Any, ...]]:
    return list(load_workbook(path)[title].iter_rows(values_only=True))


def test_an_erased_row_is_blank_and_all_others_keep_their_place(tmp_path: Path) -> None:
    file = workbook(tmp_path)
    before = values(file.path)

    assert file.do(Action.ERASE, ANA)[0].state is State.DONE

    assert values(file.path) == [before[0], (None,) * 6, *before[2:]]


def test_no_part_of_the_file_holds_anything_of_an_erased_row(tmp_path: Path) -> None:
    file = workbook(tmp_path)
    # What Excel would have remembered as the result of the formula on the other sheet.
    cached = b'<c r="A1" t="str"><f>list!B2</f><v>ana@x.example</v></c>'
    old = b'<c r="A1"><f>list!B2</f><v /></c>'
    rewritten(file.path, "xl/worksheets/sheet2.xml", lambda xml: xml.replace(old, cached))
    assert cached in parts(file.path)["xl/worksheets/sheet2.xml"]

    file.do(Action.ERASE, ANA)

    found = {
        name
        for name, content in parts(file.path).items()
        if b"ana@x" in content or b"Name of ana@" in content
    }
    assert found == set()


def test_what_others_share_with_an_erased_row_stays(tmp_path: Path) -> None:
    file = workbook(tmp_path)

    file.do(Action.ERASE, EVA)

    assert load_workbook(file.path)["other"]["B2"].value == "Name of eva@"
    assert load_workbook(file.path)["list"]["B4"].hyperlink.target == f"mailto:{OLGA}"
    assert load_workbook(file.path)["list"]["C2"].comment.text == f"Call {ANA}"
    assert load_workbook(file.path)["list"]["C3"].comment is None


def test_styles_widths_and_formulas_stay(tmp_path: Path) -> None:
    file = workbook(tmp_path)

    file.do(Action.ERASE, ANA)

    sheet = load_workbook(file.path)["list"]
    assert (sheet["C2"].font.bold, sheet["D2"].number_format) == (True, "yyyy-mm-dd h:mm:ss")
    assert (sheet.column_dimensions["B"].width, sheet["A6"].value) == (33, "=COUNTA(A2:A4)")


def test_parts_that_need_not_change_keep_their_bytes(tmp_path: Path) -> None:
    file = workbook(tmp_path)
    before = parts(file.path)

    file.do(Action.STOP, ANA, channels=("marketing",))

    after = parts(file.path)
    assert {name for name in before if after[name] != before[name]} == {SHEET}
    assert list(after) == list(before)


def test_a_row_set_aside_returns_with_its_formula_and_date(tmp_path: Path) -> None:
    file = workbook(tmp_path)
    before = values(file.path)

    seals = file.do(Action.RESTRICT, ANA)[0].seals
    assert values(file.path)[1] == (None,) * 6
    file.do(Action.LIFT, ANA, seals=tuple(one.id for one in seals))

    assert values(file.path) == before
    assert load_workbook(file.path)["list"]["C2"].font.bold


def test_a_row_whose_place_was_taken_returns_at_the_end(tmp_path: Path) -> None:
    file = workbook(tmp_path)
    row = values(file.path)[1]
    seals = file.do(Action.RESTRICT, ANA)[0].seals
    book = load_workbook(file.path)
    book["list"]["A2"] = 77
    book.save(file.path)

    file.do(Action.LIFT, ANA, seals=tuple(one.id for one in seals))

    assert values(file.path)[6] == row


def test_a_formula_that_others_share_stays_without_its_result(tmp_path: Path) -> None:
    file = workbook(tmp_path)
    first = b'<f t="shared" ref="F2:F4" si="0">A2*2</f><v>2</v>'
    rest = b'<f t="shared" si="0" /><v>4</v>'
    change = lambda xml: xml.replace(b"<f>A2*2</f><v />", first).replace(b"<f>A3*2</f><v />", rest)  # noqa: E731
    rewritten(file.path, SHEET, change)

    file.do(Action.ERASE, ANA)

    xml = parts(file.path)[SHEET]
    assert b'<c r="F2"><f t="shared" ref="F2:F4" si="0">A2*2</f></c>' in xml
    assert rest in xml
    assert file.records(ANA) == ()


def test_the_order_of_calculation_is_left_out_when_a_formula_goes(tmp_path: Path) -> None:
    file = workbook(tmp_path)
    rewritten(file.path, "xl/calcChain.xml", lambda _: b'<calcChain xmlns="x"><c r="F2" i="1"/></calcChain>')
    override = b'<Override PartName="/xl/calcChain.xml" ContentType="x"/></Types>'
    rewritten(file.path, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", override))
    relation = b'<Relationship Id="rId99" Type="http://x/calcChain" Target="calcChain.xml"/></Relationships>'
    rewritten(file.path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"</Relationships>", relation))

    file.do(Action.ERASE, ANA)

    after = parts(file.path)
    assert [name for name, content in after.items() if "calcChain" in name or b"calcChain" in content] == []
    assert b'fullCalcOnLoad="1"' in after["xl/workbook.xml"]


def test_a_new_value_is_text_and_never_a_formula(tmp_path: Path) -> None:
    file = workbook(tmp_path)

    file.do(Action.RECTIFY, ANA, changes=(Change("user.name", '=HYPERLINK("http://x")'),))

    cell = load_workbook(file.path)["list"]["C2"]
    assert (cell.value, cell.data_type, cell.font.bold) == ('=HYPERLINK("http://x")', "s", True)


def test_a_corrected_address_loses_its_old_link(tmp_path: Path) -> None:
    file = workbook(tmp_path)

    steps = file.plan(Action.RECTIFY, ANA, changes=(Change("user.contact.email", "new@x.example"),))
    outcomes = file.act(steps)

    assert file.verify(steps, outcomes) == ()
    assert f"mailto:{ANA}".encode() not in b"".join(parts(file.path).values())
    assert [one.count for one in file.records("new@x.example")] == [1]
    assert [one.state for one in file.act(steps)] == [State.ALREADY]


def test_a_copy_in_a_pivot_table_is_a_conflict(tmp_path: Path) -> None:
    file = workbook(tmp_path)
    cache = b'<pivotCacheRecords xmlns="x"><r><s v="Ana@X.example"/></r></pivotCacheRecords>'
    rewritten(file.path, "xl/pivotCache/pivotCacheRecords1.xml", lambda _: cache)

    assert [one.kind for one in file.plan(Action.ERASE, ANA)[0].conflicts] == ["copy"]
    assert file.plan(Action.ERASE, EVA)[0].conflicts == ()


def test_other_columns_of_hers_are_not_counted_beyond_the_sheet(tmp_path: Path) -> None:
    file = workbook(tmp_path)
    # A sheet may lie about its size.
    rewritten(file.path, SHEET, lambda xml: xml.replace(b'ref="A1:F6"', b'ref="A1:A1"'))

    assert [one.count for one in file.records(OLGA)] == [1]


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = workbook(tmp_path)
    rewritten(file.path, "xl/media/image1.png", lambda _: b"\0" * 3_000_000)
    monkeypatch.setattr(xlsxparts, "LARGEST", 2_000_000)

    with pytest.raises(ConnectorError, match="unpacks to more than") as caught:
        file.records(ANA)
    assert caught.value.permanent


def test_xml_with_entities_is_refused(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'

    with pytest.raises(ConnectorError, match="document type"):
        spliced(bomb + b"<x>&b;</x>", lambda name, about: False, lambda *_: b"")


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04broken", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    file = workbook(tmp_path)
    file.path.write_bytes(content)

    with pytest.raises(ConnectorError, match=r"list.xlsx is not a workbook that can be read"):
        file.records(ANA)


def test_a_damaged_sheet_is_refused_without_its_content(tmp_path: Path) -> None:
    file = workbook(tmp_path)
    rewritten(file.path, SHEET, lambda xml: xml.replace(b"</row>", b"<oops>", 1))

    with pytest.raises(ConnectorError) as caught:
        file.records(ANA)
    assert "@" not in str(caught.value)


@pytest.mark.parametrize("tag", ["x", "x:row"])
def test_splicing_copies_every_other_byte(tag: str) -> None:
    raw = "<?xml version='1.0'?>\n<a b='1' >"
    raw += f"\n<{tag} n='/>'></{tag} ><{tag}/> <b/>&amp;<!-- c --><{tag}><b/></{tag}></a>\n"

    made = spliced(
        raw.encode(), lambda name, about: name == tag, lambda name, about, found: b"[" + found + b"]"
    )

    expected = raw.replace(f"<{tag} n='/>'></{tag} >", f"[<{tag} n='/>'></{tag} >]").replace(
        f"<{tag}/>", f"[<{tag}/>]"
    )
    assert made.decode() == expected.replace(f"<{tag}><b/></{tag}>", f"[<{tag}><b/></{tag}>]")
