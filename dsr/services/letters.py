"""Letters of a case: written once, kept sealed as proof, announced by a mail without personal data."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

from dsr import documents
from dsr.domain.periods import add_months
from dsr.store.models import Case, Submission
from dsr.store.operations import Letter
from dsr.store.session import Transaction

from . import clocks, outbox, sealing
from .composing import Composed
from .house import house

RETURNED = "returned"
"""How an address is known whose mails came back: another one was given, and nothing goes there any more."""


def send(
    tx: Transaction,
    case: Case,
    drafted: Composed,
    *,
    mail: str,
    by: str,
    now: datetime,
    crucial: bool = False,
) -> None:
    """Write a letter into the case and tell the person that it is there."""
    written = row(case, drafted, by=by, now=now)
    tx.session.add(Letter(**written))
    facts = {"due_on": drafted.facts.due_on}
    notify(tx, case, mail, facts, now=now, crucial=crucial, letter=written["sha256"])


def row(
    case: Case,
    drafted: Composed,
    *,
    by: str,
    now: datetime,
    draft: documents.DraftLetter | None = None,
) -> dict[str, Any]:
    """The stored letter: its text sealed under the proof key, its digest in clear.

    ``draft``: the letter of the package; it serves if it is of this kind.
    """
    kind, facts = drafted.kind, drafted.facts
    html = (draft.html(facts) if draft and draft.kind == kind else rendered(drafted)).encode()
    content = {"html": html.decode(), "kind": kind.value}
    return {
        "controller": case.controller,
        "case_id": case.id,
        "kind": kind.value,
        "language": facts.language,
        "made_at": now,
        "sha256": hashlib.sha256(html).hexdigest(),
        "by": by,
        "sealed": sealing.seal(sealing.proof_key_of(case.submission), content, "letter"),
    }


def rendered(drafted: Composed) -> str:
    """The letter as HTML, in the words of the organisation where it has its own."""
    language = drafted.facts.language
    return documents.render_letter(drafted.kind, language, drafted.facts, house().wording)


def notify(
    tx: Transaction,
    case: Case,
    mail: str,
    facts: dict[str, Any],
    *,
    now: datetime,
    crucial: bool = False,
    letter: str = "",
) -> None:
    """Tell the person by mail that something waits for her; without an address nothing can be mailed."""
    for draft in drafts(case, mail, facts, crucial=crucial, letter=letter):
        outbox.put(tx, draft, now=now)


def drafts(
    case: Case, mail: str, facts: dict[str, Any], *, crucial: bool = False, letter: str = ""
) -> list[outbox.Draft]:
    """The mails that tell the person something: one per proved address she typed.

    ``letter``: digest of the letter that the mail announces.
    """
    return [
        outbox.Draft(
            kind=mail,
            to=address,
            language=case.submission.language,
            facts=facts,
            submission=case.submission,
            case=case,
            crucial=crucial,
            letter=letter,
        )
        for address in addresses(case.submission)
    ]


def addresses(submission: Submission) -> list[str]:
    """Where she can be written to: the addresses she typed, proved ones only once one is proved."""
    key = sealing.key_of(submission)
    typed = [row for row in submission.identifiers if row.kind == "email" and row.provenance == "typed"]
    proved = [row for row in typed if row.proved_at is not None]
    alive = [row for row in proved if row.how != RETURNED]
    chosen = alive or proved or typed[:1]
    return [sealing.unseal(key, row.sealed or b"", dict, "identity")["value"] for row in chosen]


def text(letter: Letter, submission: Submission) -> str:
    """The letter as it was sent. Refusal ``seal.broken`` when somebody changed it."""
    content = sealing.unseal(sealing.proof_key_of(submission), letter.sealed or b"", dict, "letter")
    html: str = content["html"]
    return html


def retain_until(case: Case, now: datetime) -> date:
    """Until when the file of a closed case is kept: the installation's years, counted from today,

    and never less than the time in which the law of the case lets somebody ask for the proof.
    """
    zone, evidence = house().controller(case.controller).zone, clocks.pack_of(case).evidence
    least = evidence.period.months if evidence else 0
    return add_months(clocks.local_day(now, zone), max(12 * house().policy.retention_years, least))


__all__ = ["addresses", "drafts", "notify", "rendered", "retain_until", "row", "send", "text"]
