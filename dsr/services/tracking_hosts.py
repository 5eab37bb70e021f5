"""Looks through sent mail for tracking tools that nobody declared; a proposal for the inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from dsr import mail, store
from dsr.domain.audit import Kind
from dsr.domain.trackers import Tally, Tracker


@dataclass(frozen=True, slots=True)
class Looked:
    """How many mails were read, and the trackers in them."""

    mails: int
    trackers: list[Tracker]


def find(
    controller: str,
    opened: Callable[[], AbstractContextManager[mail.Box]],
    own: Iterable[str],
    *,
    limit: int,
    by: str,
    now: datetime,
) -> Looked:
    """Read the newest ``limit`` mails of a box; nothing is changed there, nothing of them is kept.

    ``own``: domains of the organisation. Raises mail.MailError when the box cannot be read.
    """
    tally = Tally(frozenset(one.lower() for one in own))
    count = 0
    with opened() as box:
        for one in box.everything(limit):
            tally.add(mail.markup_of(one.raw))
            count += 1
    found = Looked(count, tally.found())
    with store.transaction() as tx:
        tx.audit(controller, Kind.TRACKERS_SOUGHT, actor=by, at=now, mails=count, hosts=len(found.trackers))
    return found
