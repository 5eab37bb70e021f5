"""Recipients are told (GDPR 19): of what was rectified, erased, restricted or lifted, each by its channel.

What is to be told is written with the answer; telling, reminding and answers are the clock's and the
officers' work. A recipient learns the identifiers it knows the person by and the items, nothing more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from dsr import store
from dsr.contract import Action, CollectionInfo, ConnectorError, Description, Item, Text, Verb
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.letters import category_words, localised
from dsr.domain.organisation import Controller, Recipient
from dsr.domain.rights import Right
from dsr.domain.workflow import after
from dsr.store.models import Case
from dsr.store.queries import notices
from dsr.store.session import Transaction
from dsr.store.telling import RecipientNotice

from . import sealing, timeline
from .house import house
from .officers import Officer, case_for

if TYPE_CHECKING:
    from .jobs import Job

DEEDS = {Right.RECTIFICATION: "rectified", Right.ERASURE: "erased", Right.RESTRICTION: "restricted"}
CHANGING = frozenset(Verb) - {Verb.EXPORT, Verb.KEEP, Verb.TELL, Verb.STOP, Verb.MARK}
FLAGGING = ("restricted", "lifted")
"""Deeds that a flag in a row does, where the data map has one."""


PLANNED, MANUAL, SENDING, TOLD, FAILED = "planned", "manual", "sending", "told", "failed"
CONFIRMED, IMPOSSIBLE = "confirmed", "impossible"
ANSWERS = (CONFIRMED, IMPOSSIBLE)
OPEN = (PLANNED, MANUAL, SENDING, TOLD, FAILED)
"""States of a notice: what nobody answered yet, and ANSWERS."""

UNAPPROVED = "unapproved"
"""The problem of a notice that the approved plan does not name, or names with another channel."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What one recipient is to be told, in any language: ``items`` are (system, collection, field, new)."""

    slug: str
    name: Mapping[str, str]
    items: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One notice as an officer, or the person herself, sees it. ``why``: what was answered, in words."""

    id: int
    case: str
    name: str
    channel: str
    state: str
    made_at: datetime
    due_on: date | None
    told_at: datetime | None
    answered_at: datetime | None
    problem: str
    why: str


def headings(job: Job, known: Mapping[str, Description], controller: Controller) -> list[Heading]:
    """Who is to be told of what a job changed, from the data maps; nobody twice."""
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    names: dict[str, Mapping[str, str]] = {}
    outcomes = ((one, system, said) for one in job.untold for system, said in one.outcomes.items())
    for one, system, outcome in outcomes:
        if one.was_told(system):
            continue
        items = {item.id: item for item in one.steps[system].items}
        for done in outcome.items:
            item = items.get(done.item)
            if item is None or not done.changed or not does(job.case, item.verb):
                continue
            for name in receivers(known.get(system), item.collection):
                slug = slug_of(name, controller)
                names.setdefault(slug, name)
                told = [(c.field, _told(item, c.new)) for c in item.changes if item.verb != Verb.MARK]
                told = told or [("", "")]
                found.setdefault(slug, []).extend((system, item.collection, *each) for each in told)
    return [Heading(slug, names[slug], tuple(dict.fromkeys(items))) for slug, items in found.items()]


def _told(item: Item, new: object) -> str:
    """The value that a recipient must know: the right one of a correction, never what stands where data were."""
    return str(new) if item.verb == Verb.CORRECT else ""


def approved_channel(told: Sequence[Item], slug: str, known: Recipient | None) -> str:
    """How a recipient is told: as the officer approved it; '' where she approved nothing like it.

    A recipient that a data map names only since, and a channel that was changed since, wait for a person.
    """
    item = next((one for one in told if one.id == slug), None)
    channel = known.channel if known else MANUAL
    return channel if item is not None and item.changes[0].new == channel else ""


def deed_of(case: Case) -> str:
    """What is told; '' for rights of which recipients are not told."""
    return "lifted" if case.doing == Action.LIFT else DEEDS.get(Right(case.right), "")


def does(case: Case, verb: Verb) -> bool:
    """Is this what the case is about, so that recipients hear of it?"""
    return verb in CHANGING or (verb == Verb.MARK and deed_of(case) in FLAGGING)


def rows(job: Job, controller: Controller, *, now: datetime) -> list[dict[str, Any]]:
    """The notices of a job that was carried out, to be written with its answer."""
    if not deed_of(job.case):
        return []
    found = headings(job, described(_systems(job), controller, now), controller)
    return [_row(job, one, controller, now) for one in found]


def _systems(job: Job) -> set[str]:
    return {system for one in job.whole for system in one.outcomes}


def _row(job: Job, heading: Heading, controller: Controller, now: datetime) -> dict[str, Any]:
    case, slug = job.case, heading.slug
    approved = [item for one in job.whole for item in one.told]
    channel = approved_channel(approved, slug, configured(controller, heading.name))
    content = {
        "name": dict(heading.name),
        "items": [list(item) for item in heading.items],
        "deed": deed_of(case),
        "done_at": now.isoformat(),
    }
    return {
        "controller": case.controller,
        "case_id": case.id,
        "key": f"{case.reference}:{case.generation}:{slug}",
        "channel": channel or MANUAL,
        "state": PLANNED,
        "made_at": now,
        "next_at": now,
        "attempts": 0,
        "problem": "" if channel else UNAPPROVED,
        "message_id": "",
        "sealed": sealing.seal(sealing.proof_key_of(case.submission), content, "notice"),
    }


def slug_of(name: Mapping[str, str], controller: Controller) -> str:
    """A short key of whom a name of a data map means, that tells nothing about it; the other names of a
    recipient of controllers.toml give the same.
    """
    known = configured(controller, name)
    said = known.name if known else localised(name, "es")
    return hashlib.sha256(said.casefold().strip().encode()).hexdigest()[:16]


def configured(controller: Controller, name: Mapping[str, str]) -> Recipient | None:
    """The recipient of controllers.toml that a name of a data map means, in whatever language."""
    said = {words.casefold().strip() for words in name.values()}
    for one in controller.recipients:
        if said & {alias.casefold().strip() for alias in (one.name, *one.called)}:
            return one
    return None


def of_case(reference: str, *, by: Officer, language: str) -> tuple[NoticeView, ...]:
    """The recipients of a case. Refusal ``case.unknown``."""
    with store.reading() as session:
        rows = notices.of_case(session, reference, by.controllers or ())
        return tuple(view(case, row, language) for case, row in rows)


def open_ones(controller: str, *, language: str, everything: bool = False) -> tuple[NoticeView, ...]:
    """The notices of a controller that wait for something, those due first; or the newest of all."""
    with store.reading() as session:
        rows = notices.of_controller(session, controller, None if everything else OPEN)
        return tuple(view(case, row, language) for case, row in rows)


def to_tell(controllers: Sequence[str], *, language: str, limit: int) -> tuple[int, tuple[NoticeView, ...]]:
    """How many recipients no program tells, or could tell, and the first of them: an officer's work."""
    with store.reading() as session:
        total, rows = notices.waiting(session, controllers, (MANUAL, FAILED), limit)
        return total, tuple(view(case, row, language) for case, row in rows)


def view(case: Case, row: RecipientNotice, language: str) -> NoticeView:
    """A notice opened; after its key was destroyed only dates are left."""
    content: dict[str, Any] = {}
    answer: dict[str, Any] = {}
    if case.submission.proof_key is not None:
        key = sealing.proof_key_of(case.submission)
        content = sealing.unseal(key, row.sealed or b"", dict, "notice")
        answer = sealing.unseal(key, row.sealed_answer, dict, "notice answer") if row.sealed_answer else {}
    return NoticeView(
        row.id, case.reference, localised(content.get("name", {}), language), row.channel, row.state, row.made_at,
        row.due_on, row.told_at, row.answered_at, row.problem, answer.get("why", ""),
    )  # fmt: skip


def letter(reference: str, number: int, *, by: Officer, now: datetime) -> str:
    """The letter to a recipient, as HTML; recorded. Refusals ``notice.unknown``, ``notice.early``."""
    with store.transaction() as tx:
        case, row = _mine(tx, reference, number, by)
        content = sealing.unseal(sealing.proof_key_of(case.submission), row.sealed or b"", dict, "notice")
        if "html" not in content:
            raise Refusal("notice.early", "The letter is written in a moment; look again.")
        timeline.record(
            tx, case, Kind.VALUES_OPENED, by=by.actor, now=now, what="recipient letter", number=number
        )
        html: str = content["html"]
        return html


def note(reference: str, number: int, state: str, why: str, *, by: Officer, now: datetime) -> None:
    """An officer notes that a recipient was told (by hand), confirmed, or cannot (why).

    Refusals: ``notice.unknown``, ``notice.state``, ``notice.why`` without words where they are needed.
    """
    with store.transaction() as tx:
        case, row = _mine(tx, reference, number, by)
        after(case.status, "note_recipient", roles=by.roles)
        settle(tx, case, row, state, why, by=by.actor, now=now)


def settle(
    tx: Transaction, case: Case, row: RecipientNotice, state: str, why: str, *, by: str, now: datetime
) -> None:
    """Write what became of a notice."""
    if state not in (TOLD, *ANSWERS) or row.state in ANSWERS:
        raise Refusal("notice.state", "This recipient has answered already, or that is no answer.")
    if not why.strip() and (state == IMPOSSIBLE or (state == TOLD and by != "system")):
        raise Refusal("notice.why", "Say how it was told, or why it is impossible.")
    row.state, row.next_at = state, None
    if state == TOLD or row.told_at is None:
        row.told_at = now
    if state in ANSWERS:
        row.answered_at, row.token_hash = now, None
    if why.strip():
        key = sealing.proof_key_of(case.submission)
        row.sealed_answer = sealing.seal(key, {"why": why.strip()[:2000], "by": by}, "notice answer")
    tx.audit(
        case.controller,
        Kind.RECIPIENT,
        reference=case.reference,
        actor=by,
        at=now,
        notice=row.id,
        state=state,
    )


def _mine(tx: Transaction, reference: str, number: int, by: Officer) -> tuple[Case, RecipientNotice]:
    case = case_for(tx, reference, by)
    row = tx.session.get(RecipientNotice, number)
    if row is None or row.case_id != case.id:
        raise Refusal("notice.unknown", "This case has no such recipient.")
    return case, row


def receivers(described: Description | None, collection: str) -> Iterable[Mapping[str, str]]:
    """Whom the data map of a system names as receiving a collection."""
    info = _collection(described, collection)
    for name in info.recipients if info else ():
        yield {"en": name} if isinstance(name, str) else dict(name)


def _collection(described: Description | None, name: str) -> CollectionInfo | None:
    return next((one for one in described.collections if one.name == name), None) if described else None


def described(systems: Iterable[str], controller: Controller, now: datetime) -> dict[str, Description]:
    """What these systems say of themselves. One that cannot names no recipient now; its outcome is known."""
    found = {}
    for system in systems:
        try:
            found[system] = house().registry.describe(controller.key, system, now=now)
        except ConnectorError:
            continue
    return found


def items_in_words(
    items: Sequence[Sequence[str]], controller: Controller, language: str, now: datetime
) -> tuple[str, ...]:
    """What a notice concerns, in the language of the recipient: the collection, or a field and its new value."""
    known = described({item[0] for item in items}, controller, now)
    return tuple(dict.fromkeys(_item(known.get(item[0]), item, language) for item in items))


def _item(described: Description | None, item: Sequence[str], language: str) -> str:
    _, collection, field, new = item
    info = _collection(described, collection)
    title = (localised(info.title, language) if info else "") or collection
    if not field:
        return title
    named = next((one for one in info.fields if one.name == field), None) if info else None
    label: Text = field
    if named is not None:
        label = named.description or (
            category_words(named.categories[0], language) if named.categories else field
        )
    named_ = f"{title}: {localised(label, language)}"
    return f"{named_} = {new}" if new else named_


def names_of(job: Job, *, now: datetime) -> tuple[str, ...]:
    """Whom the answer says that we tell, in the person's language."""
    if not deed_of(job.case):
        return ()
    controller, language = house().controller(job.case.controller), job.case.submission.language
    found = headings(job, described(_systems(job), controller, now), controller)
    return tuple(localised(one.name, language) for one in found)
