"""The package: complete, checkable, readable offline, inert."""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dsr.contract import CollectionInfo, FieldInfo, Row
from dsr.documents import PackageWriter, Section, Summary, rows_of
from dsr.domain.letters import LetterFacts

INFO = CollectionInfo(
    "opens",
    title={"es": "Aperturas", "en": "Opens"},
    fields=(
        FieldInfo("id", ("user.unique_id",), "observed"),
        FieldInfo("opened_at", ("user.behavior",), "observed", description={"es": "cuándo abrió el correo"}),
    ),
    purpose={"es": "medir el boletín"},
    basis="consent",
    source={"es": "su lector de correo"},
    recipients=({"es": "Acme"},),
    retention={"es": "dos años"},
    occurred_at="opened_at",
)


def opens(count: int, now: datetime) -> list[Row]:
    return [
        Row(
            "opens",
            (i,),
            {"id": i, "opened_at": now - timedelta(days=i), "event": "click" if i % 4 == 0 else "open"},
        )
        for i in range(count)
    ]


class Built:
    """A finished package, opened with the standard library."""

    def __init__(
        self, facts: LetterFacts, now: datetime, sections: Iterable[Section], **options: bool
    ) -> None:
        writer = PackageWriter(replace(facts, package=None, files=()), now=now, **options)
        self.data = b"".join(writer.write(sections))
        self.summary: Summary = writer.summary
        self.zip = zipfile.ZipFile(io.BytesIO(self.data))

    def text(self, name: str) -> str:
        return self.zip.read(name).decode("utf-8-sig")


def section(rows: Iterable[Row], name: str = "opens", system: str = "tracking") -> Section:
    return Section(system, "Seguimiento", replace(INFO, name=name), rows)


def test_the_members_stand_in_their_order(rich: LetterFacts, now: datetime) -> None:
    built = Built(rich, now, [section(opens(2, now))], pdf=True, schemas=True)
    data = [f"systems/tracking/opens.{kind}" for kind in ("json", "csv", "schema.json")]
    assert built.zip.namelist() == [*data, "index.html", "letter.html", "letter.pdf", "manifest.json"]
    assert built.zip.testzip() is None


def test_without_the_flag_the_pdf_is_left_for_its_first_view(rich: LetterFacts, now: datetime) -> None:
    assert "letter.pdf" not in Built(rich, now, []).zip.namelist()


def test_the_manifest_proves_every_other_file(rich: LetterFacts, now: datetime) -> None:
    built = Built(rich, now, [section(opens(300, now))], pdf=True)
    listed = {f["name"]: (f["size"], f["sha256"]) for f in json.loads(built.text("manifest.json"))["files"]}
    read = {n: built.zip.read(n) for n in built.zip.namelist() if n != "manifest.json"}
    assert listed == {n: (len(b), hashlib.sha256(b).hexdigest()) for n, b in read.items()}


def test_the_summary_is_that_of_the_bytes(rich: LetterFacts, now: datetime) -> None:
    built = Built(rich, now, [section(opens(3, now))])
    assert (built.summary.size, built.summary.sha256) == (
        len(built.data),
        hashlib.sha256(built.data).hexdigest(),
    )
    assert [(t.title, t.count, t.columns) for t in built.summary.tables] == [
        ("Aperturas", 3, ("id", "opened_at", "event"))
    ]


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 5000])
def test_json_and_csv_hold_every_row(count: int, rich: LetterFacts, now: datetime) -> None:
    built = Built(rich, now, [section(iter(opens(count, now)))])
    stem = "systems/tracking/opens"
    ids = [row["id"] for row in json.loads(built.text(f"{stem}.json"))]
    lines = list(csv.DictReader(io.StringIO(built.text(f"{stem}.csv"), newline="")))
    assert ids == [int(line["identificador interno"]) for line in lines] == list(range(count))


def test_columns_that_appear_late_are_in_the_table(rich: LetterFacts, now: datetime) -> None:
    late = Row("opens", (999,), {"id": 999, "extra": "late"})
    built = Built(rich, now, [section([*opens(300, now), late])])
    lines = list(csv.DictReader(io.StringIO(built.text("systems/tracking/opens.csv"), newline="")))
    assert (lines[-1]["identificador interno"], lines[-1]["extra"], lines[0]["extra"]) == (
        "999",
        "late",
        None,
    )


@pytest.mark.parametrize(
    ("language", "heads"),
    [
        (
            "es",
            ["cuándo abrió el correo", "correo electrónico (email)", "correo electrónico (email_2)", "kind"],
        ),
        (
            "pt",
            ["quando abriu o e-mail", "endereço de e-mail (email)", "endereço de e-mail (email_2)", "kind"],
        ),
    ],
)
def test_columns_are_headed_in_the_language_and_two_of_one_meaning_stay_apart(
    rich: LetterFacts, now: datetime, language: str, heads: list[str]
) -> None:
    said = {"es": "cuándo abrió el correo", "pt": "quando abriu o e-mail"}
    info = replace(
        INFO,
        fields=(
            FieldInfo("opened_at", ("user.behavior",), "observed", description=said),
            FieldInfo("email", ("user.contact.email",), "provided"),
            FieldInfo("email_2", ("user.contact.email",), "provided"),
        ),
    )
    row = Row("opens", (1,), {"opened_at": now, "email": "a@x.example", "email_2": None, "kind": "open"})
    built = Built(replace(rich, language=language), now, [Section("tracking", "Seguimiento", info, [row])])

    table = built.text("systems/tracking/opens.csv").splitlines()[0]
    page = re.findall(r'<th scope="col"><bdi>([^<]*)</bdi>', built.text("index.html"))
    names = json.loads(built.text("systems/tracking/opens.json"))[0]

    assert (next(csv.reader([table])), page, list(names)) == (heads, heads, list(row.values))


def test_one_page_of_a_table_can_be_read_back(rich: LetterFacts, now: datetime) -> None:
    built = Built(rich, now, [section(opens(1000, now))])
    page = rows_of(built.zip, "systems/tracking/opens.json", 990, 993)
    assert [row["id"] for row in page] == [990, 991, 992]


def test_names_in_the_archive_are_ours(rich: LetterFacts, now: datetime) -> None:
    names = ["../../etc/passwd", "Ventas.Año 2026", "CON", "ventas-a-o-2026", "\u202e"]
    built = Built(rich, now, [section(opens(1, now), name, "C:\\crm/../") for name in names])
    stems = [n.removesuffix(".json") for n in built.zip.namelist() if n.endswith(".json") and "/" in n]
    assert stems == [
        f"systems/c-crm/{name}"
        for name in ("etc-passwd", "ventas-a-o-2026", "con_", "ventas-a-o-2026-2", "data")
    ]


def test_the_index_says_what_why_whence_until_when_and_who(rich: LetterFacts, now: datetime) -> None:
    page = Built(rich, now, [section(opens(2, now))]).text("index.html")
    told = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)[:5]
    assert told == [
        ("Para qué se usa", "medir el boletín"),
        ("Base jurídica", "su consentimiento"),
        ("De dónde viene", "su lector de correo"),
        ("Hasta cuándo", "dos años"),
        ("Quién lo recibe", "Acme"),
    ]
    assert "cuándo abrió el correo <small>(se anotó al usar el servicio)</small>" in page


@pytest.mark.parametrize(("count", "rows", "bars"), [(200, 200, 0), (201, 0, 8)])
def test_long_tables_are_summarised(
    count: int, rows: int, bars: int, rich: LetterFacts, now: datetime
) -> None:
    page = Built(rich, now, [section(opens(count, now))]).text("index.html")
    assert (page.count('<td data-label="identificador interno">'), page.count("<rect ")) == (rows, bars)


def test_the_summary_counts_by_month_and_by_kind(rich: LetterFacts, now: datetime) -> None:
    table = Built(rich, now, [section(opens(400, now))]).summary.tables[0]
    assert (table.kind_field, table.kinds) == ("event", (("open", 300), ("click", 100)))
    assert (table.months[0], sum(n for _, n in table.months)) == (("2025-01", 5), 400)


def test_hostile_values_are_dead_on_the_page(rich: LetterFacts, now: datetime) -> None:
    bad = '<img src="https://evil.example/p.gif" onerror=alert(1)>\u202e\x00'
    row = Row("opens", (1,), {"id": bad, '"><script>': bad, "json": {"<b>": bad}})
    page = Built(rich, now, [section([row])]).text("index.html")
    assert re.findall(r"<(?:img|script|b|iframe|link)\b|\u202e|\x00", page) == []
    assert re.findall(r'\b(?:src|href)="(?!#|letter\.html|systems/)', page) == []
    assert (
        "<bdi>&lt;img src=&#34;https://evil.example/p.gif&#34; onerror=alert(1)&gt;[U+202E][U+0000]</bdi>"
        in page
    )


def test_a_huge_value_is_cut_on_the_page_and_whole_in_the_files(rich: LetterFacts, now: datetime) -> None:
    built = Built(rich, now, [section([Row("opens", (1,), {"id": "x" * 10_000_000})])])
    assert len(built.text("index.html")) < 50_000
    assert len(json.loads(built.text("systems/tracking/opens.json"))[0]["id"]) == 10_000_000


def test_withheld_fields_are_nowhere_in_the_package(rich: LetterFacts, now: datetime) -> None:
    row = Row("opens", (1,), {"id": 1, "to": "eva@example.org"}, withheld=("to",))
    built = Built(rich, now, [section([row])], schemas=True)
    found = [name for name in built.zip.namelist() if b"eva@example.org" in built.zip.read(name)]
    assert found == []
    assert "En 1 registro hay campos que no se incluyen" in built.text("index.html")


def test_the_letter_in_the_package_lists_the_files_with_their_checksums(
    rich: LetterFacts, now: datetime
) -> None:
    built = Built(rich, now, [section(opens(1, now))])
    sums = [f.sha256 for f in built.summary.files if f.name.startswith("systems/")]
    assert [s for s in sums if s not in built.text("letter.html")] == []


@pytest.mark.parametrize(
    ("language", "title"), [("es", "Sus datos"), ("en", "Your data"), ("pt", "Os seus dados")]
)
def test_the_page_speaks_her_language(language: str, title: str, rich: LetterFacts, now: datetime) -> None:
    page = Built(replace(rich, language=language), now, [section(opens(201, now))]).text("index.html")
    assert (f"<h1>{title}</h1>" in page, f'<html lang="{language}">' in page) == (True, True)
