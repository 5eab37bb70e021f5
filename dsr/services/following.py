"""What a person may see of her own request, and what she may do with it.

Two doors lead here: the receipt of the form (``proved`` False) and control of a proved address
(``proved`` True). Whoever only typed an address sees what she typed; once somebody proved that address,
the request is shown to him alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dsr import store
from dsr.contract import Action
from dsr.domain.audit import Kind
from dsr.domain.clock_events import OPENS
from dsr.domain.deadlines import traffic
from dsr.domain.errors import Refusal
from dsr.domain.identity import mask
from dsr.domain.periods import Period, parse_period
from dsr.domain.workflow import Role, Status, allowed
from dsr.store import keys
from dsr.store.models import Case, Event, Plan, Submission
from dsr.store.operations import Letter, Package
from dsr.store.queries import notices, people, portal, work

from . import (
    clocks,
    copies,
    country,
    duties,
    intake,
    intents,
    promises,
    prospects,
    recipients,
    review,
    sealing,
    stages,
    timeline,
)
from .house import house
from .recipients import NoticeView


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the answer is due and why. ``period`` and ``source`` of the law; ``colour`` of ``traffic``."""

    due_on: date | None
    first_due_on: date | None
    suspended_on: date | None
    received_on: date
    period: Period
    source: str
    colour: str
    days_left: int


@dataclass(frozen=True, slots=True)
class Note:
    """A message: ``sender`` person or officer; ``about`` message, question or extension."""

    at: datetime
    sender: str
    about: str
    text: str
    case: str


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter that lies ready: its number, kind, date."""

    id: int
    kind: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class CaseView:
    """One right of the request, as the person sees it. ``missing``: where its answer could not look yet, and by
    when we write. ``giving_back``: it was answered, and what was set aside is about to come back.
    """

    reference: str
    right: str
    local_right: str
    by_letter: bool
    local_name: str
    status: str
    ending: str
    wishes: intents.CaseWords
    stages: tuple[stages.Stage, ...]
    waiting_for: str
    deadline: Deadline
    can_withdraw: bool
    letters: tuple[LetterLine, ...]
    packages: tuple[copies.Copy, ...] = ()
    told: tuple[NoticeView, ...] = ()
    missing: tuple[str, ...] = ()
    promised_on: date | None = None
    giving_back: bool = False


@dataclass(frozen=True, slots=True)
class Following:
    """The whole request. ``locked``: an address was proved, but not in this browser.

    ``power_open``: she asks for somebody else, and nobody confirmed yet that she may.
    """

    reference: str
    received_at: datetime
    verified_at: datetime | None
    mails: tuple[str, ...]
    answer_by: str
    jurisdiction: str
    locked: bool
    mail_failed: bool
    power_open: bool = False
    cases: tuple[CaseView, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def reachable(self) -> bool:
        """Is there an address a code can be sent to?"""
        return bool(self.mails)


def find(token: str, controller: str) -> str | None:
    """The reference of the submission whose receipt this is, or None."""
    with store.reading() as session:
        found = people.by_token(session, keys.keyring().token_hash(token))
        return found.reference if found and found.controller == controller else None


def controller_of_link(token: str) -> str | None:
    """Whose portal a confirmation link belongs to; spends nothing."""
    with store.reading() as session:
        return portal.controller_of_link(session, keys.keyring().token_hash(token))


def controller_of(reference: str) -> str | None:
    """Whose portal a submission belongs to."""
    with store.reading() as session:
        found = people.by_reference(session, reference)
        return found.controller if found else None


def verified(reference: str) -> bool:
    """Has somebody proved an identity for this submission? False also when there is none."""
    with store.reading() as session:
        found = people.by_reference(session, reference)
        return found is not None and found.verified_at is not None


def see(reference: str, controller: str, *, proved: bool, now: datetime) -> Following:
    """The request of this reference; Refusal ``submission.unknown``, also for one that was forgotten."""
    with store.reading() as session:
        submission = _mine(people.by_reference(session, reference), controller)
        key = sealing.key_of(submission)
        words = sealing.unseal(key, submission.sealed or b"", dict, "submission")
        mails = tuple(_mails(submission, key))
        locked = submission.verified_at is not None and bool(mails) and not proved
        common = Following(
            reference=submission.reference,
            received_at=submission.received_at,
            verified_at=submission.verified_at,
            mails=mails,
            answer_by=words["answer_by"],
            jurisdiction=submission.cases[0].jurisdiction,
            locked=locked,
            mail_failed=portal.failed_mails(session, submission.id) > 0,
            power_open=bool(submission.behalf) and submission.power_at is None,
        )
        if locked:
            return common
        ids = [case.id for case in submission.cases]
        found = _Found(
            letters=list(portal.letters(session, ids)),
            packages=portal.packages(session, ids),
            plans=portal.plans(session, submission.cases),
            missing={case.id: promises.titles(session, case) for case in submission.cases},
            begun=_begun(session, submission.cases),
            notices=[recipients.view(*one, submission.language) for one in notices.of_cases(session, ids)]
            if proved
            else [],
        )
        cases = tuple(_case(case, key, found, proved, now) for case in submission.cases)
        notes = _notes(submission, key, everything=proved or submission.verified_at is None)
    return _with(common, cases, tuple(notes))


def case_of(reference: str, case: str, controller: str) -> None:
    """Refusal ``case.unknown`` unless that case belongs to that submission of that controller."""
    with store.reading() as session:
        submission = _mine(people.by_reference(session, reference), controller)
        if case not in {one.reference for one in submission.cases}:
            raise Refusal("case.unknown", f"There is no case {case}.")


def write(reference: str, controller: str, text: str, *, now: datetime) -> None:
    """A message to the officer, put where it is waited for. Refusals of ``review.message_from_person``."""
    with store.reading() as session:
        submission = _mine(people.by_reference(session, reference), controller)
        ranked = sorted(submission.cases, key=_wants_words)
        case = ranked[0].reference
    review.message_from_person(case, text, now=now)


def withdraw(reference: str, case: str, controller: str, *, now: datetime) -> None:
    """Take one right back. Refusals: ``case.unknown``, ``workflow.illegal`` when it is too late."""
    case_of(reference, case, controller)
    review.withdraw(case, actor="person", roles=[Role.PERSON], now=now)


def withdraw_unconfirmed(reference: str, controller: str, *, now: datetime) -> None:
    """Take back everything that nobody confirmed, because it is about to be sent again corrected."""
    with store.reading() as session:
        submission = _mine(people.by_reference(session, reference), controller)
        open_ones = [case.reference for case in submission.cases if case.status == Status.UNVERIFIED]
    for case in open_ones:
        review.withdraw(case, actor="person", roles=[Role.PERSON], now=now)


def without_mailbox(
    reference: str, controller: str, *, answer_by: str, postal_address: str, text: str, now: datetime
) -> None:
    """She cannot read the mailbox: an officer proves who she is, the answer goes by post or on collection.

    ``text``: her words to the officer. Refusals: ``filing.answer_by``, ``filing.too_long``.
    """
    if answer_by not in intake.ANSWER_BY[1:]:
        raise Refusal("filing.answer_by", "Choose an answer by post or on collection.")
    if len(postal_address) > intake.MAX_WORDS:
        raise Refusal("filing.too_long", f"A text is longer than {intake.MAX_WORDS} characters.")
    with store.transaction() as tx:
        submission = _mine(people.by_reference(tx.session, reference), controller)
        if submission.verified_at is not None:
            return
        key = sealing.key_of(submission)
        words = sealing.unseal(key, submission.sealed or b"", dict, "submission")
        words |= {"answer_by": answer_by, "postal_address": postal_address}
        submission.sealed = sealing.seal(key, words, "submission")
        for case in submission.cases:
            said = {"reason": text, "from": "person"}
            timeline.record(tx, case, Kind.MESSAGE, by="person", now=now, words=said, answer_by=answer_by)


@dataclass(frozen=True, slots=True)
class _Found:
    letters: list[Letter]
    packages: dict[int, list[Package]]
    plans: dict[int, Plan]
    missing: dict[int, tuple[str, ...]]
    begun: frozenset[int]
    notices: list[NoticeView]


def _mine(submission: Submission | None, controller: str) -> Submission:
    """Unknown, somebody else's and forgotten look alike."""
    if submission is None or submission.controller != controller or submission.wrapped_key is None:
        raise Refusal("submission.unknown", "There is no such request.")
    return submission


def _with(common: Following, cases: tuple[CaseView, ...], notes: tuple[Note, ...]) -> Following:
    fields = {name: getattr(common, name) for name in Following.__dataclass_fields__}
    return Following(**(fields | {"cases": cases, "notes": notes}))


def _mails(submission: Submission, key: bytes) -> Iterable[str]:
    """The typed addresses, masked: only their owner recognises them."""
    for row in submission.identifiers:
        if row.kind == "email" and row.provenance == "typed":
            yield mask("email", sealing.unseal(key, row.sealed or b"", dict, "identity")["value"])


def _case(case: Case, key: bytes, found: _Found, proved: bool, now: datetime) -> CaseView:
    language = case.submission.language
    controller = house().controller(case.controller)
    mine = [one for one in found.letters if one.case_id == case.id]
    return CaseView(
        reference=case.reference,
        right=case.right,
        local_right=case.local_right,
        by_letter=duties.letter_of(case) is not None,
        local_name=country.local_name(
            case.jurisdiction, case.local_right or case.right, controller, language, now=now
        ),
        status=case.status,
        ending=case.ending or "",
        wishes=intents.words(case, key),
        stages=stages.of_case(case, found.plans.get(case.id)),
        waiting_for=_waiting_for(case),
        deadline=_deadline(case, now),
        can_withdraw="withdraw" in allowed(case.status, [Role.PERSON]) and case.id not in found.begun,
        letters=tuple(LetterLine(one.id, one.kind, one.made_at) for one in mine) if proved else (),
        packages=copies.of_case(found.packages[case.id], incomplete=bool(found.missing[case.id]), now=now)
        if proved
        else (),
        told=tuple(one for one in found.notices if one.case == case.reference),
        missing=found.missing[case.id],
        promised_on=case.promised_on,
        giving_back=case.doing == Action.LIFT and not case.ending,
    )


def _begun(session: Any, cases: Sequence[Case]) -> frozenset[int]:
    """The cases that only an answer ends: something was done, or the answer promises to go on."""
    works = work.works(session, [case.id for case in cases])
    return frozenset(
        case.id
        for case in cases
        if promises.open_in(case) or prospects.begun([one for one in works if one.case_id == case.id], case)
    )


def _waiting_for(case: Case) -> str:
    if case.status in (Status.ANSWERED, Status.CLOSED) or promises.open_in(case):
        return ""
    if case.waits_for is not None:
        return "copy"
    return {Status.UNVERIFIED: "proof", Status.WAITING: "person"}.get(Status(case.status), "officer")


def _deadline(case: Case, now: datetime) -> Deadline:
    clock = clocks.promised(case)
    controller = house().controller(case.controller)
    rule = clocks.law_of(case).right(case.local_right or case.right).clock("respond")
    today = clocks.local_day(now, controller.zone)
    counted = [parse_period(str(one.data["period"])) for one in clock.steps if one.code == "period"]
    return Deadline(
        due_on=clock.due_on,
        first_due_on=clock.first_due_on,
        suspended_on=clock.suspended_since,
        received_on=clock.received_on,
        period=next(iter(counted), rule.period[0]),
        source=clock.source,
        colour=traffic(clock, today),
        days_left=(clock.due_on - today).days if clock.due_on else 0,
    )


def _notes(submission: Submission, key: bytes, *, everything: bool) -> list[Note]:
    """Messages both ways, once each although they may stand in several cases; never internal notes."""
    found: dict[tuple[datetime, str], Note] = {}
    for case in submission.cases:
        for event in case.events:
            note = _note(event, case, key)
            if note and (everything or note.sender == "person"):
                found.setdefault((note.at, note.text), note)
    return sorted(found.values(), key=lambda note: note.at)


def _note(event: Event, case: Case, key: bytes) -> Note | None:
    about = "question" if event.kind in OPENS else "extension" if event.kind == "extended" else "message"
    if event.sealed is None or (about == "message" and event.kind != Kind.MESSAGE):
        return None
    words = sealing.unseal(key, event.sealed, dict, "event")
    sender = words.get("from", "officer")
    return Note(event.at, sender, about, _with_fee(event, words), case.reference)


def _with_fee(event: Event, words: Mapping[str, str]) -> str:
    """What was written; of a fee first how much and for what."""
    fee = event.data.get("amount")
    return f"{fee}: {words['covers']}\n\n{words['reason']}" if fee else words["reason"]


def _wants_words(case: Case) -> tuple[int, int]:
    order = {Status.WAITING: 0, Status.CLOSED: 2}
    return order.get(Status(case.status), 1), case.id
