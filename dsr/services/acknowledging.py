"""The receipt of a request is acknowledged (L1), once for each case, when whoever asks has proved who she is.

What is answered within ``GRACE`` gets no receipt: the answer says it all.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from dsr import store
from dsr.store.models import Case
from dsr.store.operations import Letter
from dsr.store.queries import timing
from dsr.store.session import Transaction

from . import composing, letters

GRACE = timedelta(minutes=1)
LOOK_BACK = timedelta(days=3)
"""After a longer outage nobody is told any more that something came."""
MOST = 100


def tick(*, now: datetime) -> int:
    """Acknowledge what waits for it, the oldest first; how many. Letters are written before the transaction in
    which they are claimed, so that several processes send each of them once.
    """
    between = (now - LOOK_BACK, now - GRACE)
    with store.reading() as session:
        cases = timing.unacknowledged(session, *between, MOST)
        drafted = [(case, composing.acknowledgement(case, now=now)) for case in cases]
        written = {case.id: letters.row(case, one, by="system", now=now) for case, one in drafted}
    if not written:
        return 0
    with store.transaction() as tx:
        waiting = [case for case in timing.unacknowledged(tx.session, *between, MOST) if case.id in written]
        mine = timing.claim(tx.session, [timing.receipt_slot(case.id) for case in waiting], now)
        told = [case for case in waiting if timing.receipt_slot(case.id) in mine]
        for case in told:
            _tell(tx, case, Letter(**written[case.id]), now)
        return len(told)


def skip(tx: Transaction, case: Case, *, now: datetime) -> None:
    """No receipt for this case: it was not she who asked, or she was told long ago."""
    tx.session.flush()
    timing.claim(tx.session, [timing.receipt_slot(case.id)], now)


def _tell(tx: Transaction, case: Case, letter: Letter, now: datetime) -> None:
    tx.session.add(letter)
    letters.notify(tx, case, "acknowledgement", {"due_on": case.due_on}, now=now, letter=letter.sha256)
