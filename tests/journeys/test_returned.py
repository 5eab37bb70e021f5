"""A mail that a server took comes back; machines reply; people reply; mail servers are away for a day."""

import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import select

from dsr import mail, store
from dsr.mail import MailError
from dsr.services import outbox, returned, review
from dsr.services.house import house
from dsr.store.operations import AuditEntry, Message
from dsr.store.queries import desk
from stage import NOW, OLGA, post

OFFICER = "privacidad@acme.example"
LATER = NOW + timedelta(hours=1)
DSN = b"""\
From: MAILER-DAEMON@mx.example
To: privacidad@acme.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ana.garcia@correo.example
Action: %s
Status: %s
--b
Content-Type: text/rfc822-headers

Message-ID: %s
--b--
"""


class Pigeonhole:
    """A mailbox of reports in memory that several readers may open."""

    def __init__(self):
        self.mails, self.left, self.dies = {}, {}, False

    @contextmanager
    def opened(self):
        yield self

    def put(self, raw):
        self.mails[f"{len(self.mails)}"] = raw

    def arrived(self, limit):
        for name, raw in list(self.mails.items())[:limit]:
            yield mail.Arrived(name, raw)

    def remove(self, name):
        if self.dies:
            raise MailError("gone", permanent=False)
        self.mails.pop(name, None)

    def leave(self, name):
        self.left[name] = self.mails.pop(name, None)


@pytest.fixture
def box(place):
    found = Pigeonhole()
    store.attach(current_app, "house", replace(house(), reports=found.opened))
    return found


def sent(kind):
    with store.reading() as session:
        return session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)).all()


def audited(kind):
    with store.reading() as session:
        return len(session.scalars(select(AuditEntry).where(AuditEntry.kind == kind)).all())


def answered(place):
    """An access answer whose mail a server took; its Message-ID."""
    reference = place.submit("access").cases[0]
    assert place.approve(reference).status == "answered"
    post(place.folder)
    return reference, sent("answer_ready")[0].message_id


def report(action, message_id, status="5.1.1"):
    return DSN % (action.encode(), status.encode(), message_id.encode())


def test_a_bounced_answer_marks_the_case_alarms_the_officer_and_shows_on_her_first_page(place, box):
    reference, message_id = answered(place)
    box.put(report("failed", message_id))

    assert returned.tick(now=LATER) == 1

    post(place.folder, LATER)
    (alarm,) = sent("undelivered")
    with store.reading() as session:
        shown = desk.bounced_messages(session, ["acme"])
    assert (place.case(reference).bounced, sent("answer_ready")[0].bounced_at) == (True, LATER)
    assert (alarm.state, alarm.submission_id) == ("accepted", None)
    assert shown == [(reference, "answer_ready")]
    assert (box.mails, box.left, audited("mail.bounced")) == ({}, {}, 1)


def test_a_report_counts_once_though_its_reader_dies_and_the_server_writes_twice(place, box):
    _, message_id = answered(place)
    box.put(report("failed", message_id))
    box.dies = True
    with pytest.raises(MailError):
        returned.tick(now=LATER)
    box.dies = False
    box.put(report("failed", message_id, "5.2.1"))

    assert returned.tick(now=LATER) == 2

    assert (len(sent("undelivered")), audited("mail.bounced"), box.mails) == (1, 1, {})


def test_several_processes_handle_each_report_once(place, box):
    _, message_id = answered(place)
    box.put(report("failed", message_id))
    app, together = current_app._get_current_object(), threading.Barrier(3)

    def read():
        with app.app_context():
            together.wait()
            returned.tick(now=LATER)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for one in readers:
        one.start()
    for one in readers:
        one.join(30)

    assert (len(sent("undelivered")), audited("mail.bounced")) == (1, 1)


@pytest.mark.parametrize(
    "raw",
    [
        "Auto-Submitted: auto-replied\nIn-Reply-To: {id}\n\nEstoy de vacaciones.\n",
        "Precedence: bulk\nReferences: {id}\n\nFuera de la oficina.\n",
    ],
)
def test_a_machine_that_replies_changes_nothing(place, box, raw):
    reference, message_id = answered(place)
    box.put(raw.format(id=message_id).encode())

    assert returned.tick(now=LATER) == 1
    assert (place.case(reference).bounced, audited("mail.replied"), box.mails) == (False, 0, {})


@pytest.mark.parametrize("action", ["delayed", "delivered"])
def test_a_report_that_it_is_under_way_changes_nothing(place, box, action):
    reference, message_id = answered(place)
    box.put(report(action, message_id, "4.4.1"))

    assert returned.tick(now=LATER) == 1
    assert (place.case(reference).bounced, sent("answer_ready")[0].bounced_at) == (False, None)


def test_a_persons_reply_stays_in_the_mailbox_and_is_noted_but_answers_no_question(place, box):
    reference = place.submit("access").cases[0]
    review.pause(reference, "¿De qué tienda habla?", by=OLGA, now=NOW)
    post(place.folder)
    message_id = sent("info_requested")[0].message_id
    box.put(f"From: ana@example.org\nIn-Reply-To: {message_id}\n\nDe la de Vigo.\n".encode())

    assert returned.tick(now=LATER) == 0
    assert (place.case(reference).status, audited("mail.replied"), len(box.left)) == ("waiting", 1, 1)


def test_a_report_about_somebody_elses_mail_is_left_alone(place, box):
    reference, _ = answered(place)
    box.put(report("failed", "<0123456789abcdef@acme.example>"))

    assert returned.tick(now=LATER) == 0
    assert (place.case(reference).bounced, len(box.left)) == (False, 1)


def test_an_erasure_does_not_go_on_when_the_copy_came_back(place, box):
    receipt = place.submit("access", "erasure")
    access, erasure = sorted(receipt.cases, key=lambda one: place.case(one).right)
    place.reject_proposals(erasure)
    review.approve(erasure, place.plan_hash(erasure), by=OLGA, now=NOW)
    place.approve(access)
    post(place.folder)
    box.put(report("failed", sent("answer_ready")[0].message_id))

    returned.tick(now=LATER)

    case = place.case(erasure)
    assert (case.status, case.failed) == ("second", True)


class Exchange:
    """Mail servers that are up or down by the hour; what each took."""

    def __init__(self, **up):
        self.up, self.taken = up, {name: [] for name in up}

    def transport(self, name):
        def send(outgoing):
            if self.up[name] == "refuses":
                raise MailError("550 no", permanent=True)
            if not self.up[name]:
                raise MailError(f"{name} cannot be reached", permanent=False)
            self.taken[name].append(outgoing.message_id)
            return "250 ok"

        return send


def servers(**up):
    """From now on mails leave by these two."""
    made = Exchange(**up)
    both = (made.transport("first"), made.transport("second"))
    store.attach(current_app, "house", replace(house(), transports=both))
    return made


def a_day(begin):
    """Every two minutes of a day, as the clock would look."""
    return [begin + timedelta(minutes=2 * n) for n in range(720)]


def ready(place):
    """An access case that is approved and answered; nothing was sent yet."""
    reference = place.submit("access").cases[0]
    place.approve(reference)
    return reference


def test_a_day_without_mail_servers_loses_and_doubles_nothing(place):
    reference = ready(place)
    made = servers(first=False, second=False)
    with store.reading() as session:
        waiting = {
            row.message_id for row in session.scalars(select(Message).where(Message.state == "waiting"))
        }

    for moment in a_day(NOW):
        outbox.flush(now=moment)
    with store.reading() as session:
        shown = desk.bounced_messages(session, ["acme"])
    made.up["first"] = True
    for moment in a_day(NOW + timedelta(days=1)):
        outbox.flush(now=moment)

    assert len(waiting) == 1
    assert (sorted(made.taken["first"]), made.taken["second"]) == (sorted(waiting), [])
    assert shown == [(reference, "answer_ready")]
    assert sent("answer_ready")[0].state == "accepted"


def test_what_the_first_server_cannot_send_the_second_sends_at_once(place):
    ready(place)
    exchange = servers(first=False, second=True)

    outbox.flush(now=NOW)

    assert (exchange.taken["first"], len(exchange.taken["second"])) == ([], 1)


def test_what_no_server_takes_becomes_a_task_for_a_person_and_alarms(place):
    reference = ready(place)
    exchange = servers(first="refuses", second="refuses")
    outbox.flush(now=NOW)
    exchange.up.update(first=True)
    outbox.flush(now=LATER)

    with store.reading() as session:
        shown = desk.bounced_messages(session, ["acme"])
        to = {
            row.kind: row.state
            for row in session.scalars(select(Message).where(Message.kind == "undelivered"))
        }
    assert (place.case(reference).bounced, shown) == (True, [(reference, "answer_ready")])
    assert to == {"undelivered": "accepted"}
