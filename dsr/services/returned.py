"""What comes back to the sender's address: bounces mark the case, machines that reply are not taken for people.

A report is believed because it names a Message-ID of ours, which nobody can guess. Its digest is claimed in
the transaction that does what it says, so that several processes and repeats do it once; only then does it
leave the mailbox.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from dsr import mail, store
from dsr.domain.audit import Kind
from dsr.store.models import Case
from dsr.store.queries import messages, timing
from dsr.store.session import Transaction

from . import outbox, timeline
from .house import house

MOST = 50
"""Reports that one look takes; the next ones wait for the next look."""


def tick(*, now: datetime, limit: int = MOST) -> int:
    """Read what came back; returns how many reports were understood. MailError when it cannot be read.

    What nobody understands, or what speaks of no mail of ours, stays in the mailbox for a person.
    """
    opened = house().reports
    if opened is None:
        return 0
    understood = 0
    with opened() as box:
        for one in box.arrived(limit):
            if _take(one.raw, now):
                box.remove(one.name)
                understood += 1
            else:
                box.leave(one.name)
    return understood


def _take(raw: bytes, now: datetime) -> bool:
    """Do what one report says unless that was done; whether it was understood."""
    report = mail.read_report(raw)
    slot = f"report:{hashlib.sha256(raw).hexdigest()}"
    with store.transaction() as tx:
        message = messages.by_message_id(tx.session, report.message_id) if report.message_id else None
        if message is None:
            return False
        if timing.claim(tx.session, [slot], now):
            if report.kind == "bounced":
                outbox.returned(tx, message, report.status, now=now)
            elif report.kind == "other" and message.case_id is not None:
                _replied(tx, tx.session.get_one(Case, message.case_id), now)
    return report.kind != "other"


def _replied(tx: Transaction, case: Case, now: datetime) -> None:
    """Somebody wrote back. It is not an answer to a question: whoever sent it proved nothing."""
    timeline.record(tx, case, Kind.MAIL_REPLIED, by="system", now=now)
