"""The mail relay is also the marketing tool: what it suppresses gets no mail any more, not the answer either."""

import socket
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from dsr import mail, store
from dsr.domain import plan
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.services import answers, clock, identity, intake, letters, outbox, relaying, review, systems
from dsr.services.intake import Filing, Wanted
from dsr.store.models import Case, Plan, Work
from dsr.store.operations import Letter, Message
from dsr.store.queries import people
from stage import NOW, OLGA, PAULA, code_in, installation, mails, work

ANA, EVA = "ana@correo.example", "eva@correo.example"
MAP = """
dataset:
  - fides_key: relay
    collections:
      - name: recipients
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: subscribed}
dsr:
  title: Envíos
  collections:
    recipients:
      title: {es: Destinatarios, en: Recipients, pt: Destinatários}
      owner: subject
      erase: delete
      stop: {marketing: {subscribed: 0}}
      basis: consent
      origin: provided
"""


class Relay:
    """A marketing tool with its own table of addresses, through which our mails leave: a real SMTP server that
    refuses whom it suppresses. ``down``: it takes nothing at the moment."""

    def __init__(self, path, folder):
        self.path, self.down = path, False
        self.outbox = folder / "outbox"
        self.outbox.mkdir()
        with closing(sqlite3.connect(path)) as base, base:
            base.execute("CREATE TABLE recipients (id INTEGER PRIMARY KEY, email TEXT, subscribed INTEGER)")
            base.executemany("INSERT INTO recipients VALUES (?, ?, 1)", [(1, ANA), (2, EVA)])

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the server's name
        if self.down:
            return "451 4.3.0 try again later"
        if address in (ANA, EVA) and (address, 1) not in self.rows():
            return "550 5.7.1 this address is suppressed"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the server's name
        name = f"{len(list(self.outbox.iterdir())):04}.eml"
        (self.outbox / name).write_bytes(envelope.original_content)
        return "250 2.0.0 queued"

    def rows(self):
        with closing(sqlite3.connect(self.path)) as base:
            return base.execute("SELECT email, subscribed FROM recipients ORDER BY id").fetchall()


@pytest.fixture
def relay(tmp_path, request):
    folder = tmp_path / "instance"
    folder.mkdir()
    tool = Relay(tmp_path / "relay.sqlite3", folder)
    config = SystemConfig(
        key="relay",
        kind="sql",
        title="Envíos",
        controllers=("acme",),
        settings={"url": f"sqlite:///{tool.path}", "map": MAP, "map_name": "relay.yaml"},
        acting=tuple(right.value for right in Right),
        relay=getattr(request, "param", True),
    )
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    running = Controller(tool, hostname="127.0.0.1", port=port)
    running.start()
    send = mail.smtp(mail.Server.from_url(f"smtp://127.0.0.1:{port}"), clock=lambda: NOW, timeout=5)
    try:
        with installation(folder, [config]) as app:
            store.attach(app, "house", replace(store.attached("house"), transports=(send,)))
            tool.folder = folder
            yield tool
    finally:
        running.stop()


def ask(relay, *rights):
    """Ana asks and proves her address; the reference of her first case."""
    return ask_all(relay, *rights)[0]


def ask_all(relay, *rights):
    """The references of all of them."""
    wanted = tuple(one if isinstance(one, Wanted) else Wanted(one) for one in rights)
    filing = Filing(
        controller="acme", language="es", jurisdiction="ES", country="ES", rights=wanted,
        identifiers=(("email", ANA),), name="Ana García",
    )  # fmt: skip
    receipt = intake.submit(filing, by="person", now=NOW)
    outbox.flush(now=NOW)
    assert identity.confirm_code(receipt.reference, code_in(mails(relay.folder)[-1]), now=NOW)
    return receipt.cases


def code(relay, reference):
    """A fresh code, by mail."""
    with store.reading() as session:
        whole = people.case(session, reference).submission.reference
    identity.send_second_code(whole, now=NOW)
    outbox.flush(now=NOW)
    return code_in(mails(relay.folder)[-1])


def read(reference):
    """Ana opens the letter."""
    with store.reading() as session:
        row = session.scalars(select(Letter).join(Case).where(Case.reference == reference)).all()[-1]
        whole, number = people.case(session, reference).submission.reference, row.id
    answers.letter(whole, number, "acme", now=NOW)


def approve(reference):
    with store.reading() as session:
        case = people.case(session, reference)
        shown = session.scalar(select(Plan.hash).where(Plan.case_id == case.id))
    review.approve(reference, shown, by=OLGA, now=NOW)
    if case.right == "erasure":
        review.second_approve(reference, shown, by=PAULA, now=NOW)


def states():
    """(state, read back) of the work, and the state of the answer's mail."""
    with store.reading() as session:
        done = session.execute(select(Work.state, Work.verified)).all()
        sent = session.scalars(select(Message.state).where(Message.kind == "answer_ready")).all()
    return [tuple(one) for one in done], list(sent)


def letter(reference):
    with store.reading() as session:
        row = session.scalars(select(Letter).order_by(Letter.id)).all()[-1]
        return letters.text(row, people.case(session, reference).submission)


OBJECTION = Wanted("objection", channels=("marketing",))


def test_an_objection_is_answered_through_the_relay_and_then_stops_there(relay):
    reference = ask(relay, OBJECTION)
    work()
    assert (relay.rows(), states()) == ([(ANA, 1), (EVA, 1)], ([("pending", "")], ["waiting"]))
    assert "en cuanto haya leído esta carta" in letter(reference)

    outbox.flush(now=NOW)
    read(reference)
    clock.tick(now=NOW)

    assert (relay.rows(), states()) == ([(ANA, 0), (EVA, 1)], ([("done", "clean")], ["accepted"]))


def test_an_erasure_is_answered_through_the_relay_and_then_done_there(relay):
    reference = ask(relay, "erasure")
    work()
    approve(reference)
    work()
    assert (relay.rows(), states()) == ([(ANA, 1), (EVA, 1)], ([("pending", "")], ["waiting"]))

    outbox.flush(now=NOW)
    read(reference)
    clock.tick(now=NOW)

    assert (relay.rows(), states()) == ([(EVA, 1)], ([("done", "clean")], ["accepted"]))


def test_nothing_is_suppressed_while_the_answer_has_not_left(relay):
    ask(relay, OBJECTION)
    work()
    relay.down = True
    outbox.flush(now=NOW)

    assert (relaying.catch_up(now=NOW), relay.rows()) == (0, [(ANA, 1), (EVA, 1)])


def test_the_code_that_opens_the_answer_gets_through_before_the_address_is_suppressed(relay):
    reference = ask(relay, OBJECTION)
    work()
    outbox.flush(now=NOW)
    clock.tick(now=NOW + timedelta(days=2))
    sent = len(mails(relay.folder))

    code(relay, reference)

    assert (len(mails(relay.folder)), relay.rows()[0]) == (sent + 1, (ANA, 1))


def test_whoever_never_opens_the_answer_is_suppressed_all_the_same(relay):
    ask(relay, OBJECTION)
    work()
    outbox.flush(now=NOW)
    later = NOW + plan.PATIENCE
    assert (relaying.catch_up(now=later - timedelta(minutes=1)), relay.rows()[0]) == (0, (ANA, 1))

    assert (relaying.catch_up(now=later), relay.rows()[0]) == (1, (ANA, 0))


def test_a_copy_that_was_asked_for_with_it_gets_through_first(relay):
    copy, objection = ask_all(relay, "access", OBJECTION)
    work()
    outbox.flush(now=NOW)
    read(objection)
    assert (relaying.catch_up(now=NOW), relay.rows()[0]) == (0, (ANA, 1))

    approve(copy)
    work()
    outbox.flush(now=NOW)
    assert (relaying.catch_up(now=NOW), states()[1]) == (0, ["accepted", "accepted"])
    read(copy)

    assert (relaying.catch_up(now=NOW), relay.rows()[0]) == (1, (ANA, 0))


def test_a_held_relay_keeps_its_work_until_it_is_released(relay):
    reference = ask(relay, OBJECTION)
    work()
    outbox.flush(now=NOW)
    read(reference)
    systems.hold("acme", "relay", True, by="1", now=NOW)
    assert (relaying.catch_up(now=NOW), relay.rows()[0]) == (0, (ANA, 1))

    systems.hold("acme", "relay", False, by="1", now=NOW)

    assert (relaying.catch_up(now=NOW), relay.rows()[0]) == (1, (ANA, 0))


@pytest.mark.parametrize("relay", [False], indirect=True)
def test_a_tool_that_is_not_declared_a_relay_refuses_the_answer(relay):
    ask(relay, OBJECTION)
    work()

    outbox.flush(now=NOW)

    assert (relay.rows()[0], states()[1]) == ((ANA, 0), ["failed"])
