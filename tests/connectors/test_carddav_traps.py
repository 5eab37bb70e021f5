"""Traps of a real CardDAV server: versions, cards kept whole, groups, other people's addresses, faults."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from addressbook import FRIENDS, HOME, WORK, Case, Shelf, card, group
from connectors._xml import parsed
from connectors.carddav.card import Card, folded, plain
from dsr.contract import Action, Change, ConnectorError, Found, Match, State, Subject, Verb
from dsr.testing import ANA, EVA
from gate import Gate
from road import email
from servers.radicale import Radicale

pytestmark = pytest.mark.live
MINE = email(ANA.email)
CARD = f"{WORK}/{ANA.key}.vcf"


@pytest.fixture
def shelf(radicale: Radicale) -> Shelf:
    shelf = Shelf(radicale)
    shelf.empty()
    shelf.people([ANA, EVA])
    return shelf


@pytest.fixture
def case(shelf: Shelf) -> Case:
    return Case(shelf)


def test_a_note_on_somebody_elses_card_is_shown_withheld_and_stays(shelf: Shelf, case: Case) -> None:
    shelf.put(f"{WORK}/{EVA.key}.vcf", card(EVA, more=f"NOTE:Amiga de {ANA.email}\\, de Lugo\r\n"))
    before = shelf.files()[f"{WORK}/{EVA.key}.vcf"]

    (mention,) = [one for one in case.locate(MINE) if one.match is Match.MENTIONED]
    rows = case.open().read([mention]).rows
    step = case.plan(Action.ERASE, MINE, records=(mention,))
    outcome = case.act(step)

    assert (mention.collection, mention.path, mention.others) == ("cards", ("mentioned",), 1)
    assert [set(row.values) - set(row.withheld) for _, row in rows] == [set()]
    assert [(one.verb, one.count) for one in step.items] == [(Verb.KEEP, 1)]
    assert [one.kept for one in outcome.items] == [1]
    assert shelf.files()[f"{WORK}/{EVA.key}.vcf"] == before


HOSTILE = [
    "*",
    "%",
    "(",
    "a\0b",
    "a\nb",
    "\u202eana",
    "ana.garcia",
    "correo.example",
    "x" * 10_000_000,
    "]]>",
    "&x;",
]


def test_hostile_values_find_nobody(case: Case) -> None:
    found = case.open().locate([Subject(f"s{n}", (email(v),)) for n, v in enumerate(HOSTILE)])

    assert (found.records, {one.found for one in found.searched}) == ((), {Found.NOTHING})


def test_only_the_corrected_line_changes(shelf: Shelf, case: Case) -> None:
    before = shelf.files()[CARD]
    change = Change("user.contact.phone_number", "+34600200200")

    outcome = case.act(case.plan(Action.RECTIFY, MINE, changes=(change,)))

    assert outcome.state is State.DONE
    assert shelf.files()[CARD] == before.replace(f"TEL:{ANA.phone}", "TEL:+34600200200")


def test_a_new_name_goes_where_its_parts_stood(shelf: Shelf, case: Case) -> None:
    step = case.plan(Action.RECTIFY, MINE, changes=(Change("user.name", "Ana; Corregida, \\ñ"),))
    first, again = case.act(step), case.act(step)

    assert (first.state, again.state, case.verify(step, first)) == (State.DONE, State.ALREADY, ())
    assert "FN:Ana\\; Corregida\\, \\\\ñ\r\n" in shelf.files()[CARD]
    assert f"{ANA.name}" not in shelf.files()[CARD]


@pytest.mark.parametrize("value", ["", "a\0b", "\x1b[31m", "x" * 5000, 7])
def test_a_value_that_cannot_be_held_is_a_conflict(case: Case, value: object) -> None:
    step = case.plan(Action.RECTIFY, MINE, changes=(Change("user.name", value),))

    assert ({one.kind for one in step.conflicts}, step.items) == ({"type"}, ())


def test_a_card_changed_between_looking_and_writing_is_a_conflict(shelf: Shelf, case: Case) -> None:
    source = case.open()
    step = case.plan(Action.RECTIFY, MINE, changes=(Change("user.name", "Ana Corregida"),))
    shelf.put(CARD, card(ANA).replace(f"FN:{ANA.name}", "FN:Anita"))

    outcome = next(iter(source.act([step], case.keeper)))

    assert (outcome.state, "FN:Anita" in shelf.files()[CARD]) == (State.CONFLICT, True)


def test_a_write_for_an_older_version_is_refused_by_the_server(shelf: Shelf, case: Case) -> None:
    connector = case.open()
    books = connector.source(*connector._opened)
    old = books.api.card(f"/ana/{WORK}/", f"/ana/{CARD}")
    shelf.put(CARD, card(ANA, more="NOTE:new\r\n"))

    assert old is not None
    with pytest.raises(Exception, match="^$") as put:
        books.api.put(old.href, old.text, old.etag)
    with pytest.raises(Exception, match="^$") as deleted:
        books.api.delete(old.href, old.etag)

    assert [type(one.value).__name__ for one in (put, deleted)] == ["Moved", "Moved"]
    assert "NOTE:new" in shelf.files()[CARD]


def test_a_card_with_an_address_of_another_card_is_shared_and_stays(shelf: Shelf, case: Case) -> None:
    shelf.put(f"{WORK}/both.vcf", card(ANA, uid="both", more=f"EMAIL:{EVA.email}\r\n"))
    before = shelf.files()[f"{WORK}/both.vcf"]

    records = case.locate(MINE)
    both = next(one for one in records if one.anchor[1][1] == "both")
    outcome = case.act(case.plan(Action.ERASE, MINE, records=records))

    assert (both.match, both.reveals) == (Match.SHARED, ())
    assert (outcome.state, shelf.files()[f"{WORK}/both.vcf"]) == (State.DONE, before)
    assert {item.verb for item in case.plan(Action.ERASE, MINE, records=(both,)).items} == {Verb.KEEP}


def test_her_second_address_is_revealed(shelf: Shelf, case: Case) -> None:
    shelf.put(CARD, card(ANA, more="EMAIL;TYPE=HOME:ana.dos@correo.example\r\n"))

    revealed = {one.value for record in case.locate(MINE) for one in record.reveals}

    assert revealed == {ANA.email, ANA.phone, "ana.dos@correo.example"}


def test_her_own_second_card_makes_the_first_no_less_hers(shelf: Shelf, case: Case) -> None:
    shelf.put(CARD, card(ANA, more="EMAIL:ana.dos@correo.example\r\n"))
    shelf.put(
        f"{HOME}/dos.vcf", card(replace(ANA, email="ana.dos@correo.example", phone="+34600333333"), uid="dos")
    )

    assert {one.match for one in case.locate(MINE) if one.collection == "cards"} == {Match.EXACT}


def test_a_company_is_only_proposed(shelf: Shelf, case: Case) -> None:
    shelf.put(f"{WORK}/acme.vcf", card(ANA, uid="acme", more="X-ABSHOWAS:COMPANY\r\n"))

    assert {r.match for r in case.locate(MINE) if r.anchor[1][1] == "acme"} == {Match.PROPOSED}


def test_a_deleted_card_still_leaves_its_groups(shelf: Shelf, case: Case) -> None:
    step = case.plan(Action.ERASE, MINE)
    for name in (CARD, f"{HOME}/{ANA.key}-private.vcf"):
        shelf.call("DELETE", name)

    outcome = case.act(step)

    assert (outcome.state, shelf.hers(ANA)) == (State.DONE, {"cards": 0, "groups": 0})
    assert f"urn:uuid:{EVA.key}-work" in shelf.files()[f"{WORK}/{FRIENDS}"]


def test_a_group_by_address_lets_her_go(shelf: Shelf, case: Case) -> None:
    shelf.put(
        f"{WORK}/mailed.vcf", group("mailed", [f"MEMBER:mailto:{ANA.email}", f"MEMBER:mailto:{EVA.email}"])
    )

    outcome = case.act(case.plan(Action.ERASE, MINE))

    text = shelf.files()[f"{WORK}/mailed.vcf"]
    assert (outcome.state, ANA.email in text, EVA.email in text) == (State.DONE, False, True)


def test_nothing_is_put_where_somebody_elses_card_is_now(shelf: Shelf, case: Case) -> None:
    aside = case.act(case.plan(Action.RESTRICT, MINE))
    shelf.put(CARD, card(EVA, uid="other"))
    before = shelf.content()

    lifted = case.act(case.plan(Action.LIFT, MINE, seals=tuple(one.id for one in aside.seals)))

    assert (lifted.state, shelf.content()) == (State.CONFLICT, before)


def test_a_note_is_shown_after_somebody_looked_at_it(shelf: Shelf, case: Case) -> None:
    shelf.put(CARD, card(ANA, more=f"NOTE:knows {EVA.email}\r\n"))

    rows = [row for _, row in case.open().read(case.locate(MINE)).rows]

    assert {row.withheld for row in rows if "note" in row.values} == {("note", "vcard")}


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("word", [b"PUT ", b"DELETE "])
def test_a_line_that_breaks_while_erasing_is_made_good(shelf: Shelf, word: bytes, lost: bool) -> None:
    case = Case(shelf)
    step = case.plan(Action.ERASE, MINE, block=True)
    straight, port = dict(case.settings), int(shelf.server.url.split(":")[2].split("/")[0])
    with closing(Gate(port, word, lost=lost)) as gate:
        case.settings["url"] = f"http://127.0.0.1:{gate.port}/ana/"
        with pytest.raises(ConnectorError) as caught:
            case.act(step)
        assert gate.broke
    case.settings = straight

    outcome = case.act(step)

    assert (caught.value.permanent, case.verify(step, outcome)) == (False, ())
    assert outcome.state in (State.DONE, State.ALREADY)
    assert shelf.hers(ANA) == {"cards": 0, "groups": 0}
    assert shelf.hers(EVA) == {"cards": 2, "groups": 1}


def test_a_wrong_password_is_said_without_saying_it(case: Case) -> None:
    with pytest.raises(ConnectorError, match="refuses the user and password") as caught:
        case.open(password="equivocada").check()

    assert (caught.value.permanent, "equivocada" in str(caught.value)) == (True, False)


def test_check_counts_the_books_and_names_needless_rights(case: Case) -> None:
    findings = case.open().check()

    assert [one.code for one in findings] == ["reached", "mighty"]
    assert findings[0].sentence["en"] == "The server answers; address books: 2."  # type: ignore[index]


def test_a_book_that_may_only_be_read_is_told_with_the_rights_that_fail(
    radicale: Radicale, case: Case
) -> None:
    book = radicale.files / "read-only"
    book.mkdir()
    try:
        (book / ".Radicale.props").write_text('{"tag": "VADDRESSBOOK"}')
        told = [one.sentence["en"] for one in case.open().check() if one.code == "no_rights"]  # type: ignore[index]
    finally:
        shutil.rmtree(book)

    assert told == [
        "This account lacks privileges in one of the address books: write-content (rectification, restriction, end of a"
        " restriction), unbind (erasure, restriction), bind (end of a restriction)."
    ]


def test_a_place_without_books_is_said(shelf: Shelf) -> None:
    with pytest.raises(ConnectorError, match="check the url"):
        Case(shelf, url=f"{shelf.server.url}nothing/").locate(MINE)


@pytest.mark.parametrize(
    ("name", "value"), [("url", "ftp://x"), ("url", ""), ("nonsense", 1), ("user", None)]
)
def test_a_wrong_setting_is_named(shelf: Shelf, name: str, value: Any) -> None:
    with pytest.raises(ConnectorError, match=f"'{name}'"):
        Case(shelf, **{name: value}).open()


@pytest.mark.parametrize(
    "body", [b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', b"<x>", b"", b"\xff\xfe", "ñ".encode("latin-1")]
)
def test_xml_with_a_document_type_or_broken_is_refused(body: bytes) -> None:
    with pytest.raises(ConnectorError, match="not XML"):
        parsed("the server", body)


OLD = (
    "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Garc=C3=ADa;=\nAna;;;\nnot a line\n"
    "EMAIL;INTERNET:ana@correo.example\nitem1.TEL:tel:+34-600\n NOTE\nNOTE:a\\nb\nEND:VCARD\n"
)


def test_a_card_is_read_line_by_line_and_odd_lines_are_kept() -> None:
    read = Card("/b/", "/b/c.vcf", "1", OLD)
    changed = read.with_value(next(read.all("EMAIL")), "otra@correo.example")

    assert [line.name for line in read.lines] == ["BEGIN", "VERSION", "N", "EMAIL", "TEL", "NOTE", "END"]
    assert read.seen == (("email", "ana@correo.example"), ("phone", "+34-600NOTE"))
    assert changed == OLD.replace("ana@correo.example", "otra@correo.example")
    assert read.without(next(read.all("NOTE"))) == OLD.replace("NOTE:a\\nb\n", "")


def test_long_lines_are_folded_between_letters() -> None:
    line = folded("NOTE:" + "ñ" * 100, "\r\n")

    assert max(len(part.encode()) for part in line.split("\r\n")) <= 75
    assert line.replace("\r\n ", "") == "NOTE:" + "ñ" * 100 + "\r\n"
    assert plain("a\\,b\\;c\\nd\\\\") == "a,b;c\nd\\"
