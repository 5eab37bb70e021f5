"""Traps of a real mailbox: parts of words, mentions, other people's mail, numbers, large and broken messages."""

from __future__ import annotations

import socketserver
from contextlib import closing
from threading import Thread
from typing import Any

import pytest

from connectors.imap.mailbox import letters_of
from connectors.imap.message import mentioned, people, shown
from dsr.contract import (
    Action,
    Change,
    ConnectorError,
    Found,
    Limits,
    Match,
    State,
    Subject,
    Verb,
)
from dsr.testing import ANA, EVA
from gate import Gate
from postbox import ARCHIVE, INBOX, SENT, Case, Post, letter
from road import email
from servers.dovecot import USER, Dovecot

pytestmark = pytest.mark.live
MINE = email(ANA.email)


@pytest.fixture
def post(dovecot: Dovecot) -> Post:
    post = Post(dovecot)
    post.empty()
    post.people([ANA, EVA])
    return post


@pytest.fixture
def case(post: Post) -> Case:
    return Case(post)


def standings(case: Case) -> dict[tuple[str, Match], int]:
    found: dict[tuple[str, Match], int] = {}
    for one in case.locate(MINE):
        place = (str(one.anchor[1][0]), one.match)
        found[place] = found.get(place, 0) + one.count
    return found


HOSTILE = [
    "*@correo.example", "%", "a\0b@x", "a\nb@x.es", 'a"b@correo.example', "\u202eana@correo.example", "(ana@x.es)",
    "\\ana@correo.example", "x" * 10_000_000 + "@x.es", "ñandú@correo.example", ") ALL (@x.es", "{5}@x.es", "@",
    "x@y.es)ALL", "{0+}@x.es", "x@y.es\\",
]  # fmt: skip


def test_hostile_values_find_nobody(case: Case) -> None:
    found = case.open().locate([Subject(f"s{n}", (email(v),)) for n, v in enumerate(HOSTILE)])

    assert (found.records, {one.found for one in found.searched}) == ((), {Found.NOTHING})


def test_a_part_of_a_longer_address_is_nobody(post: Post, case: Case) -> None:
    before = standings(case)
    post.put(INBOX, letter(f"mari{ANA.email}", USER, "other"), letter(f"{ANA.email}.mx", USER, "other too"))
    post.put(INBOX, letter(EVA.email, USER, "text", f"write to mari{ANA.email}, please"))

    assert standings(case) == before == {(INBOX, Match.EXACT): 1, (SENT, Match.EXACT): 1}


def test_case_and_names_do_not_matter(post: Post, case: Case) -> None:
    post.put(ARCHIVE, letter(f'"García, Ana" <{ANA.email.upper()}>', USER, "shouting"))

    assert standings(case)[ARCHIVE, Match.EXACT] == 1


def test_a_mention_goes_to_the_officer_and_is_never_acted_on(post: Post, case: Case) -> None:
    post.put(ARCHIVE, letter(EVA.email, USER, "gossip", f"I saw {ANA.email}."))
    records = case.locate(MINE)
    mention = next(one for one in records if one.match is Match.MENTIONED)

    rows = [row for _, row in case.open().read([mention]).rows]
    step = case.plan(Action.ERASE, MINE, records=records)
    outcome = case.act(step)

    assert [row.withheld for row in rows] == [("from", "to", "cc", "subject", "message")]
    assert {item.verb for item in step.items if item.records == (mention.id,)} == {Verb.KEEP}
    assert (outcome.state, [f for f, _, raw in post.files() if b"gossip" in raw]) == (
        State.DONE,
        [f".{ARCHIVE}"],
    )


def test_mentions_are_looked_for_only_when_wanted(post: Post) -> None:
    post.put(ARCHIVE, letter(EVA.email, USER, "gossip", f"I saw {ANA.email}."))

    assert standings(Case(post, mentions=False)) == {(INBOX, Match.EXACT): 1, (SENT, Match.EXACT): 1}


def test_a_mention_in_packed_text_is_found(post: Post, case: Case) -> None:
    post.put(ARCHIVE, letter(EVA.email, USER, "packed", f"ñ {'x' * 70} {ANA.email} ñ"))

    assert standings(case)[ARCHIVE, Match.MENTIONED] == 1


def test_mail_with_other_people_is_proposed_and_withheld(post: Post, case: Case) -> None:
    post.put(ARCHIVE, letter(ANA.email, USER, "both", Cc=EVA.email))

    record = next(one for one in case.locate(MINE) if one.match is Match.PROPOSED)
    rows = [row for _, row in case.open().read([record]).rows]

    assert (record.others, [row.withheld for row in rows]) == (1, [("to", "cc", "subject", "message")])


def test_only_her_messages_are_expunged(post: Post, case: Case) -> None:
    with post.signed_in() as client:
        client.select(INBOX)
        _, found = client.search(None, "FROM", f'"{EVA.email}"')
        client.store(found[0].decode(), "+FLAGS", "\\Deleted")

        outcome = case.act(case.plan(Action.ERASE, MINE))

    assert (outcome.state, post.hers(ANA.email), post.hers(EVA.email)) == (
        State.DONE, {"messages": 0}, {"messages": 2},
    )  # fmt: skip


def test_a_folder_that_was_numbered_anew_is_a_conflict(post: Post, case: Case) -> None:
    step = case.plan(Action.ERASE, MINE)
    with post.signed_in() as client:
        client.delete(SENT)
        client.create(SENT)
        client.append(SENT, "", "", letter(EVA.email, USER, "not hers"))
        client.append(SENT, "", "", letter(USER, ANA.email, "again"))
    before = post.content()

    assert (case.act(step).state, post.content()) == (State.CONFLICT, before)


def test_a_folder_that_is_gone_is_no_trouble(post: Post, case: Case) -> None:
    step = case.plan(Action.ERASE, MINE)
    with post.signed_in() as client:
        client.delete(SENT)

    outcome = case.act(step)

    assert (outcome.state, case.verify(step, outcome), post.hers(ANA.email)) == (
        State.DONE,
        (),
        {"messages": 0},
    )


def test_two_equal_messages_both_come_back(post: Post, case: Case) -> None:
    twin = letter(ANA.email, USER, "twice")
    post.put(ARCHIVE, twin, twin)
    before = post.content()

    aside = case.act(case.plan(Action.RESTRICT, MINE))
    lift = case.plan(Action.LIFT, MINE, seals=tuple(one.id for one in aside.seals))
    lifted, again = case.act(lift), case.act(lift)

    assert (lifted.state, again.state) == (State.DONE, State.ALREADY)
    assert post.content() == before


ODD = [
    letter(ANA.email, USER, "odd").replace(b"Hola", b"\xff\xfe\x80 caf\xe9 \x01"),
    b"From: ana.garcia@correo.example\r\nTo: info@acme.example\r\nSubject: =?utf-8?B?bad?= \xff\r\n\r\n",
]


@pytest.mark.parametrize("message", ODD)
def test_broken_messages_are_read_and_come_back_byte_by_byte(post: Post, case: Case, message: bytes) -> None:
    post.put(ARCHIVE, message, flags="(\\Flagged)")
    before = post.content()

    rows = [row for _, row in case.open().read(case.locate(MINE)).rows]
    aside = case.act(case.plan(Action.RESTRICT, MINE))
    lifted = case.act(case.plan(Action.LIFT, MINE, seals=tuple(one.id for one in aside.seals)))

    assert len(rows) == 3
    assert (lifted.state, post.content()) == (State.DONE, before)


def test_a_large_message_is_read_in_pieces_and_one_too_large_is_said(post: Post) -> None:
    post.put(ARCHIVE, letter(ANA.email, USER, "large", "lorem ipsum\n" * 300_000))
    large = Case(post)
    rows = [row for _, row in large.open().read(large.locate(MINE)).rows]
    small = Case(post, largest=1)
    step = small.plan(Action.RESTRICT, MINE)
    short = [row for _, row in small.open().read(small.locate(MINE)).rows]

    assert max(len(row.values["message"]) for row in rows) > 3_000_000
    assert [one.kind for one in step.conflicts] == ["size"]
    assert [row.values["message"] for row in short if row.values["folder"] == ARCHIVE] == [None]


def test_a_message_is_not_rewritten(post: Post, case: Case) -> None:
    before = post.content()
    step = case.plan(Action.RECTIFY, MINE, changes=(Change("user.name", "Otra"),))
    outcome = case.act(step)

    assert ({item.verb for item in step.items}, step.conflicts) == ({Verb.KEEP}, ())
    assert (outcome.state, sum(one.kept for one in outcome.items)) == (State.ALREADY, 2)
    assert post.content() == before


def test_an_objection_has_nothing_to_stop_here(case: Case) -> None:
    step = case.plan(Action.STOP, MINE, channels=("marketing",))

    assert (step.items, step.conflicts, case.act(step).state) == ((), (), State.ALREADY)


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("word", [b"UID STORE", b"UID EXPUNGE"])
def test_a_line_that_breaks_while_erasing_is_made_good(post: Post, word: bytes, lost: bool) -> None:
    case = Case(post)
    step = case.plan(Action.ERASE, MINE, block=True)
    straight = dict(case.settings)
    with closing(Gate(int(post.server.url.rpartition(":")[2]), word, lost=lost)) as gate:
        case.settings["url"] = f"imap://127.0.0.1:{gate.port}"
        with pytest.raises(ConnectorError) as caught:
            case.act(step)
        assert gate.broke
    case.settings = straight

    outcome = case.act(step)

    assert (caught.value.permanent, case.verify(step, outcome)) == (False, ())
    assert outcome.state in (State.DONE, State.ALREADY)
    assert (post.hers(ANA.email), post.hers(EVA.email)) == ({"messages": 0}, {"messages": 2})


class Busy(socketserver.StreamRequestHandler):
    """A server that asks to come back later, and says it in an answer to ``word``."""

    word, code = b"LOGIN", b"UNAVAILABLE"

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            tag, _, command = line.strip().partition(b" ")
            busy = command.upper().startswith(self.word)
            told = b"NO [" + self.code + b"] later, ana.garcia@correo.example" if busy else b"OK done"
            self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" " + told + b"\r\n")


@pytest.mark.parametrize("code", [b"UNAVAILABLE", b"LIMIT", b"INUSE"])
@pytest.mark.parametrize("word", [b"LOGIN", b"LIST"])
def test_a_server_that_asks_to_come_back_later_is_not_in_trouble_for_good(
    post: Post, word: bytes, code: bytes
) -> None:
    answering = type("Answering", (Busy,), {"word": word, "code": code})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), answering) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        case = Case(post, url=f"imap://127.0.0.1:{server.server_address[1]}")
        with pytest.raises(ConnectorError, match="too busy now") as caught:
            case.locate(MINE)
        server.shutdown()
    assert (caught.value.permanent, ANA.email in str(caught.value)) == (False, False)


def test_an_append_whose_answer_was_lost_is_not_repeated(post: Post) -> None:
    case = Case(post)
    before = post.content()
    aside = case.act(case.plan(Action.RESTRICT, MINE))
    step = case.plan(Action.LIFT, MINE, seals=tuple(one.id for one in aside.seals))
    straight = dict(case.settings)
    with closing(Gate(int(post.server.url.rpartition(":")[2]), b"Subject: ", lost=True)) as gate:
        case.settings["url"] = f"imap://127.0.0.1:{gate.port}"
        with pytest.raises(ConnectorError):
            case.act(step)
        assert gate.broke
    case.settings = straight

    assert (case.act(step).state, post.content()) == (State.DONE, before)


def test_a_server_that_says_nothing_is_not_waited_for_long(post: Post) -> None:
    case = Case(post)
    with closing(Gate(int(post.server.url.rpartition(":")[2]), b"SEARCH", silent=True)) as gate:
        case.settings["url"] = f"imap://127.0.0.1:{gate.port}"
        with pytest.raises(ConnectorError) as caught:
            case.open(limits=Limits(statement_seconds=1)).locate([Subject("ana", (MINE,))])

    assert not caught.value.permanent


@pytest.mark.parametrize("url", ["secure_url", "url"])
def test_tls_with_the_right_authority_reaches_the_server(post: Post, url: str) -> None:
    address = getattr(post.server, url).replace("127.0.0.1", "localhost")
    case = Case(post, url=address, tls="starttls", ca=post.server.authority)

    assert sum(one.count for one in case.locate(MINE)) == 2


@pytest.mark.parametrize("url", ["secure_url", "url"])
@pytest.mark.parametrize(
    ("host", "known", "why"), [("127.0.0.1", True, "of another name"), ("localhost", False, "setting 'ca'")]
)
def test_a_certificate_that_proves_nothing_is_refused(
    post: Post, url: str, host: str, known: bool, why: str
) -> None:
    address = getattr(post.server, url).replace("127.0.0.1", host)
    case = Case(post, url=address, tls="starttls", **({"ca": post.server.authority} if known else {}))

    with pytest.raises(ConnectorError, match=f"does not prove its name.*{why}") as caught:
        case.locate(MINE)

    assert caught.value.permanent


def test_a_wrong_password_is_said_without_saying_it(case: Case) -> None:
    with pytest.raises(ConnectorError, match="refuses the user and password") as caught:
        case.open(password="equivocada").check()

    assert (caught.value.permanent, "equivocada" in str(caught.value)) == (True, False)


def test_check_counts_folders_and_names_needless_rights(post: Post) -> None:
    codes = [one.code for one in Case(post, folders=[INBOX, "Nowhere"]).open().check()]

    assert codes == ["reached", "no_folder", "mighty"]


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        ("lrswite", []),
        ("lrswi", ["t (erasure, restriction), e (erasure, restriction)"]),
        ("lrste", ["i (end of a restriction), w (end of a restriction)"]),
        ("lrswitea", []),
    ],
)
def test_rights_that_a_folder_does_not_give_are_told_with_what_fails(
    post: Post, letters: str, said: list[str]
) -> None:
    rights = post.server.files / f".{ARCHIVE}" / "dovecot-acl"
    rights.write_text(f"owner {letters}\n")
    try:
        found = Case(post, folders=[ARCHIVE]).open().check()
    finally:
        rights.unlink()
    told = [one.sentence["en"] for one in found if one.code == "no_rights"]  # type: ignore[index]

    before = "This account lacks rights (RFC 4314) in one of the folders: "
    assert told == [f"{before}{one}." for one in said]
    assert ("mighty" in [one.code for one in found]) is ("a" in letters)


@pytest.mark.parametrize(
    ("letters", "whole"), [(b"lrswid", "lrswidte"), (b"lrswicda", "lrswicdakxte"), (b"lrswite", "lrswite")]
)
def test_the_letters_of_an_older_standard_are_understood(letters: bytes, whole: str) -> None:
    assert letters_of(b'"Any folder" ' + letters) == frozenset(whole)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", "http://x"), ("url", "imap://u:p@x"), ("tls", "maybe"), ("own", []), ("folders", "INBOX"),
        ("mentions", "yes"), ("largest", 0), ("largest", True), ("nonsense", 1), ("user", ""),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(post: Post, name: str, value: Any) -> None:
    with pytest.raises(ConnectorError, match=f"'{name}'"):
        Case(post, **{name: value}).open()


def test_headers_are_read_whatever_they_hold() -> None:
    receivers, subject = b"a@b.es, =?utf-8?q?=C3=B1?= <c@d.es>;", b"=?utf-8?q?=C3=B1?="
    headers = b'From: "x@y.es" <Ana@X.es>\r\nTo: ' + receivers + b"\r\nSubject: " + subject + b"\r\n"

    assert people(headers).senders.keys() >= {"ana@x.es"}
    assert people(headers).receivers.keys() == {"a@b.es", "c@d.es"}
    assert shown(headers)["subject"] == "ñ"
    assert mentioned(b"Content-Type: text/plain; charset=nonsense\r\n\r\nana@x.es.") == {"ana@x.es"}
