"""A letter that was handed over: collected, read at the desk, sent by post...; an officer says how.

No server and no portal can prove that. It is kept like every other proof of delivery, as the word of a named
person, beside the newest letter of the case, or the notice that she waits for (``told_first``).
"""

from __future__ import annotations

from datetime import datetime

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.workflow import after
from dsr.store.queries import files_of_case

from . import proofs, timeline, told_first
from .officers import Officer, case_for, said

WAYS = told_first.WAYS


def handed_over(reference: str, way: str, how: str, *, by: Officer, now: datetime) -> None:
    """Keep that the person has the answer in her hands. ``how``: who came, when, how the officer knew her.

    Refusals: ``handing.way``, ``handing.letter`` (no letter was written yet), ``reason.*``,
    ``case.forgotten``, ``workflow.*``, ``case.own``.
    """
    if way not in WAYS:
        raise Refusal("handing.way", f"It was one of: {', '.join(WAYS)}.")
    words = said(how)
    with store.transaction() as tx:
        case = case_for(tx, reference, by)
        notice = told_first.notice_of(tx.session, case)
        after(case.status, "tell_first" if notice else "hand_over", roles=by.roles)
        if case.submission.proof_key is None or case.submission.wrapped_key is None:
            raise Refusal("case.forgotten", "What was kept about this person was destroyed.")
        letter = notice or files_of_case.newest_letter(tx.session, case)
        if letter is None:
            raise Refusal("handing.letter", "No letter was written for this case yet.")
        proof = {"answer": words["reason"], "way": way, "by": by.actor}
        proofs.keep(tx, case, way, proof, now=now, letter=letter.sha256)
        timeline.record(tx, case, Kind.HANDED_OVER, by=by.actor, now=now, words=words, way=way)
