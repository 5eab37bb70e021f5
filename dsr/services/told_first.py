"""Nothing is given back before the person was told that it will be (GDPR 18(3)).

She was told when a mail server accepted the notice and it did not come back, or when an officer says how else
she got it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsr.contract import Action
from dsr.domain.errors import Refusal
from dsr.domain.letters import LetterKind
from dsr.domain.workflow import Status
from dsr.store.models import Case
from dsr.store.operations import Letter, Message
from dsr.store.queries import files_of_case, messages, proofs

from .undelivered import SETTLED

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

DONE = frozenset({Status.ANSWERED, Status.CLOSED})
WAYS = ("collected", "read_here", "otherwise")
"""How a letter got to the person where no server says so: an officer does."""


def notice_of(session: Session, case: Case) -> Letter | None:
    """The notice that waits to reach her while a case is being lifted; None where nothing waits for it."""
    if case.doing != Action.LIFT or case.status in DONE:
        return None
    notice = files_of_case.newest_letter(session, case, LetterKind.LIFTING)
    return None if notice is None or _reached(session, case, notice) else notice


def refuse_untold(session: Session, case: Case) -> None:
    """Refusal ``lift.untold`` while nothing says that she knows."""
    if notice_of(session, case):
        raise Refusal(
            "lift.untold",
            "The person must be told first, and no server has accepted the notice. Wait for it, or say how else"
            " the person got it.",
        )


def _reached(session: Session, case: Case, notice: Letter) -> bool:
    mails = messages.announcing(session, case.id, notice.sha256)
    said = any(proofs.has(session, case.id, way, notice.sha256) for way in WAYS)
    settled = bool(mails) and all(one.state == SETTLED for one in mails)
    return said or settled or any(_arrived(one) for one in mails)


def _arrived(one: Message) -> bool:
    return one.accepted_at is not None and one.bounced_at is None
