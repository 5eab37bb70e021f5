"""A case that follows an earlier one: data that it was about are there again, and it is asked for once more.

It is searched and planned by itself. Where a lifted restriction gave the data back, what only stops (objection,
withdrawal) is done at once as the first time. What a sweep found waits for an officer: she may have agreed again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from dsr.contract import Identifier
from dsr.domain.audit import Kind
from dsr.domain.rights import Right
from dsr.store.models import Case
from dsr.store.queries import returns
from dsr.store.session import Transaction

from . import acknowledging, identity, intake, intents, sealing, timeline
from .intake import Filing, Wanted

EARLIER = "earlier"
"""How an identifier was proved: by the request that is followed."""


def propose(
    tx: Transaction,
    case: Case,
    found: Iterable[Identifier],
    *,
    system: str,
    channel: str = intake.RETURN,
    now: datetime,
) -> str | None:
    """A case that asks again what ``case`` asked, for somebody whose data are in ``system`` again; its number, or
    None when there is one already. What she wrote is carried over while its key lives. ``channel``: how it is
    known (``intake.RETURN``, ``intake.LIFT``).
    """
    if returns.follower(tx.session, case.controller, case.reference):
        return None
    old = case.submission
    words, wanted = _said(case)
    filing = Filing(
        controller=case.controller,
        language=old.language,
        jurisdiction=case.jurisdiction,
        rights=(wanted,),
        identifiers=tuple((one.kind, one.value) for one in found),
        country=old.country,
        channel=channel,
        verified_reason=f"the request {case.reference} proved who it is",
        **words,
    )
    identifiers = intake.checked(filing, now=now)
    token = secrets.token_urlsafe(32)
    made = intake.submit_in(tx, filing, identifiers, token=token, by="system", now=now)
    (new,) = made.cases
    new.follows, new.auto = case.reference, False
    for row in made.identifiers:
        row.how = EARLIER
    identity.verified(tx, made, how="returned", by="system", now=now)
    acknowledging.skip(tx, new, now=now)
    timeline.record(tx, case, Kind.RESURRECTED, by="system", now=now, system=system, proposed=new.reference)
    return new.reference


def after_lift(tx: Transaction, case: Case, system: str, *, now: datetime) -> None:
    """Rows of hers are back in ``system``: what she asked while they were set aside, and what still holds, is asked
    again for them.
    """
    for later in returns.lasting_since(tx.session, case):
        propose(tx, later, proved(later), system=system, channel=intake.LIFT, now=now)


def proved(case: Case) -> list[Identifier]:
    """The proved identifiers of a case whose key lives."""
    key = sealing.key_of(case.submission)
    return [
        Identifier(row.kind, sealing.unseal(key, row.sealed, dict, "identity")["value"])
        for row in case.submission.identifiers
        if row.sealed and row.proved_at is not None and row.provenance == "typed"
    ]


def _said(case: Case) -> tuple[dict[str, Any], Wanted]:
    """Where she is answered, and what she wanted; of a case whose key is gone only the right is known."""
    if case.submission.wrapped_key is None:
        return {}, Wanted(case.right)
    key = sealing.key_of(case.submission)
    words = sealing.unseal(key, case.submission.sealed or b"", dict, "submission")
    wishes = intents.words(case, key)
    lasting = Wanted(case.right, channels=wishes.channels, ground=wishes.ground, reason=wishes.reason)
    carried = {name: words[name] for name in ("name", "answer_by", "postal_address")}
    return carried, Wanted(case.right) if case.right == Right.ERASURE else lasting
