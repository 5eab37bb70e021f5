"""``dsr systems find-trackers`` on a Maildir of sent mail."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from dsr.demo import stage

BY = ("--by", stage.OLGA)
HTML = '<p>Hola</p><img src="https://t.mltrk.io/p?to=ana@correo.example" width="1" height="1">'


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    box = tmp_path / "Sent"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    for number, markup in enumerate([HTML, HTML, "<p>Nada</p>"]):
        mail = EmailMessage()
        mail["To"], mail["Subject"] = "ana@correo.example", "Oferta"
        mail.set_content("Hola")
        mail.add_alternative(markup, subtype="html")
        (box / ("new" if number else "cur") / f"{number}.acme").write_bytes(mail.as_bytes())
    (box / "cur" / "9.broken").write_bytes(b"\xff\x00 boundary=" * 99)
    return box


def test_hosts_and_counts_are_told_and_nobody_who_was_written_to(
    run: Callable[..., Result], told: Callable[..., Any], sent: Path
) -> None:
    before = sorted((one.name, one.read_bytes()) for one in sent.rglob("*") if one.is_file())

    looked = told("systems", "find-trackers", f"maildir://{sent}", *BY)

    entries = [json.loads(line) for line in run("audit", "export").stdout.splitlines()]
    assert looked == {
        "mails": 4,
        "trackers": [{"host": "t.mltrk.io", "tool": "Mailtrack", "mails": 2, "pixels": 2, "links": 0}],
    }
    assert [e["data"] for e in entries if e["kind"] == "inventory.trackers"] == [{"mails": 4, "hosts": 1}]
    assert sorted((one.name, one.read_bytes()) for one in sent.rglob("*") if one.is_file()) == before


def test_what_to_do_with_a_host_is_told_below_the_table(run: Callable[..., Result], sent: Path) -> None:
    assert (
        "Next: ask who uses each of them" in run("systems", "find-trackers", f"maildir://{sent}", *BY).stdout
    )


def test_only_the_newest_are_read_when_a_limit_is_set(told: Callable[..., Any], sent: Path) -> None:
    assert told("systems", "find-trackers", f"maildir://{sent}", *BY, "--limit", 1)["mails"] == 1


@pytest.mark.parametrize(
    ("mailbox", "code", "says"),
    [
        ("http://x", 2, "not a mailbox"),
        ("maildir:///nowhere/at/all", 1, "no folders new and cur"),
        ("imap://olga:secret@127.0.0.1:1/Sent", 1, "127.0.0.1 cannot be read: nothing listens at this port."),
    ],
)
def test_a_mailbox_that_is_none_is_refused(
    run: Callable[..., Result], mailbox: str, code: int, says: str
) -> None:
    result = run("systems", "find-trackers", mailbox, *BY)
    assert (result.exit_code, says in result.output) == (code, True)
