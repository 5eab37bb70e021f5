"""What happens to a case, written once: an audit entry always, an event when there is more to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from dsr.domain.audit import Kind
from dsr.store.models import Case, Event
from dsr.store.session import Transaction

from . import clocks, sealing
from .house import house


def record(
    tx: Transaction,
    case: Case,
    kind: Kind,
    *,
    by: str,
    now: datetime,
    clock: str = "",
    on: date | None = None,
    words: dict[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Write what happened. ``clock``: the clock event it is, of ``on`` (default: today); ``words``: what

    people wrote (sealed); ``facts``: counts, codes and numbers without personal data, for the audit log.
    The status that the case has now goes with them: its moves can be read from the log alone.
    """
    tx.audit(case.controller, kind, reference=case.reference, actor=by, at=now, status=case.status, **facts)
    if not clock and words is None:
        return
    sealed = None if words is None else sealing.seal(sealing.key_of(case.submission), words, "event")
    event = Event(
        controller=case.controller,
        kind=clock or kind.value,
        at=now,
        on=on or clocks.local_day(now, house().controller(case.controller).zone),
        actor=by,
        data=facts,
        sealed=sealed,
    )
    case.events.append(event)
    if clock:
        clocks.refresh(case)
