"""A file lists the identifiers it holds, so that erased people who came back are noticed."""

from contextlib import closing

import pytest
from openpyxl import Workbook

from connectors.tabular import Tabular, listing
from dsr.contract import ConnectorError, Context, Lister
from dsr.testing import NOW
from sheetkit import CONTACTS, HEADER

ROWS = [(str(n), f"p{n % 7}@example.org", f"Persona {n}", "yes", "") for n in range(1, 11)]


def opened(path):
    settings = {"path": str(path), "map": CONTACTS.replace("RESTRICT", "set_aside"), "map_name": "kit.yaml"}
    connector = Tabular()
    connector.open(Context("kit", "acme", settings, lambda name: "", NOW, read_only=True))
    return closing(connector)


def csv_file(folder):
    path = folder / "contacts.csv"
    path.write_text("\n".join(";".join(row) for row in (HEADER, *ROWS)) + "\n", encoding="utf-8")
    return path


def xlsx_file(folder):
    path, book = folder / "contacts.xlsx", Workbook()
    sheet = book.active
    sheet.title = "contacts"
    for row in (HEADER, *ROWS):
        sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("make", [csv_file, xlsx_file])
@pytest.mark.parametrize("rows", [3, 10, 20_000])
def test_every_identifier_is_listed_page_by_page(tmp_path, monkeypatch, make, rows):
    monkeypatch.setattr(listing.identifiers, "__defaults__", (rows,))
    pages, after = [], None
    with opened(make(tmp_path)) as connector:
        assert isinstance(connector, Lister)
        while True:
            page = connector.identifiers(after)
            pages.append(page.identifiers)
            after = page.cursor
            if after is None:
                break

    found = {one for page in pages for one in page}
    assert found == {("email", f"p{n}@example.org") for n in range(7)}
    assert len(pages) == {3: 4, 10: 2, 20_000: 1}[rows]


@pytest.mark.parametrize("cursor", ["", "x", "[9, 0]", "[0, -1]", "[0]", '["0", 0]'])
def test_a_cursor_of_another_list_is_refused(tmp_path, cursor):
    with (
        opened(csv_file(tmp_path)) as connector,
        pytest.raises(ConnectorError, match="not of this list"),
    ):
        connector.identifiers(cursor)
