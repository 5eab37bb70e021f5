"""Taking an answer: from a holder by her link, once; from an officer who was told on the telephone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from dsr import store
from dsr.contract import Step
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.letters import category_words
from dsr.domain.organisation import Controller
from dsr.domain.plan import opened as opened_plan
from dsr.domain.rights import rule
from dsr.domain.workflow import after
from dsr.services import clocks, evidence, intents, letter_facts, sealing, timeline
from dsr.services.house import house
from dsr.services.officers import Officer
from dsr.store import files, keys
from dsr.store.models import Case
from dsr.store.operations import Task, Upload
from dsr.store.queries import tasks as queries
from dsr.store.queries import work
from dsr.store.session import Transaction

from . import answers
from .places import (
    ASKED,
    CANNOT,
    DONE,
    DROPPED,
    FOUND,
    NOTHING,
    Said,
    checklist,
    close,
    instructions,
    oldest,
    opened,
    place,
    record_id,
    title,
)

ANSWERS = {queries.FIND: (FOUND, NOTHING), queries.ACT: (DONE, CANNOT)}
"""What can be answered to each kind of question."""

MOST_DOCUMENTS = 100_000
MOST_WORDS = 2_000
MOST_FILES = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What a holder says: ``state`` of ``ANSWERS``; ``count`` and ``where`` of what was found; ``note``."""

    state: str
    count: int = 0
    where: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that comes with an answer."""

    name: str
    stream: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Question:
    """What the page of a holder shows, in her language: no more of the person than she needs to look.

    ``phase``: find or act. ``rights`` asked for (name in words); ``doing``: the verb of the plan when it is
    to act; ``changes``: (what, from, to); ``copies``: what is found must be handed in; ``until``: when the
    time of what is locked away ends.
    """

    controller: Controller
    phase: str
    place: str
    rights: tuple[str, ...]
    person: str
    identifiers: tuple[tuple[str, str], ...]
    instructions: tuple[str, ...]
    checklist: tuple[str, ...]
    copies: bool
    due_on: date | None
    doing: str = ""
    count: int = 0
    where: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    channels: tuple[str, ...] = ()
    until: date | None = None


def question(token: str, *, language: str, now: datetime) -> Question | None:
    """The question behind a link; None when it is unknown, answered, expired or not needed any more."""
    with store.reading() as session:
        task = queries.by_link(session, keys.keyring().token_hash(token), oldest(now))
        config = place(task) if task else None
        if task is None or config is None:
            return None
        case = session.get_one(Case, task.case_id)
        if case.submission.wrapped_key is None:
            return None
        rights = _rights(task, case)
        key = sealing.key_of(case.submission)
        words = sealing.unseal(key, case.submission.sealed or b"", dict, "submission")
        common = Question(
            controller=house().controller(task.controller),
            phase=task.phase,
            place=title(config, language),
            rights=tuple(letter_facts.right_name(clocks.pack_of(one), one, language) for one in rights),
            person=words["name"],
            identifiers=_typed(case, key),
            instructions=instructions(config, [one.right for one in rights], language),
            checklist=checklist(config, [one.right for one in rights], language),
            copies=_wants_copies(case),
            due_on=task.due_on,
        )
        if task.phase == queries.FIND:
            return common
        plan = work.latest_plans(session, [case.id])[case.id]
        steps, _ = opened_plan(keys.unseal(key, plan.sealed or b"", b"plan"))
        find = session.get_one(Task, opened(task, key).find)
        return _to_do(common, task, opened(find, key), steps.get(task.system), case, language, now)


def answer(token: str, said: Answer, handed: Sequence[Handed] = (), *, now: datetime) -> bool:
    """Spend a link with an answer; False when it cannot be spent (any more).

    Refusals, after which the link still works: ``task.answer`` (does not fit the question), ``task.count``,
    ``task.copy`` (the person wants a copy and none was handed in), ``task.evidence`` (done, but nothing
    says how), ``task.long``, ``upload.media``, ``upload.many``.
    """
    hashed = keys.keyring().token_hash(token)
    with store.reading() as session:
        task = queries.by_link(session, hashed, oldest(now))
        if task is None:
            return False
        case = session.get_one(Case, task.case_id)
        _check(task.phase, said)
        if said.state == FOUND and _wants_copies(case) and not handed:
            raise Refusal("task.copy", "The person asks for a copy: hand in what you found.")
        if said.state == DONE and not (said.note.strip() or handed):
            raise Refusal("task.evidence", "Say how it was done, or hand in a file that shows it.")
        key = sealing.key_of(case.submission)
    with _kept(handed, key) as sealed, store.transaction() as tx:
        spent = queries.spend(tx.session, hashed, oldest(now), said.state, now)
        if spent is None:
            sealed.unwanted = True
            return False
        _settle(tx, spent, said, sealed.rows, by=f"holder:{spent.id}", again=False, now=now)
    return True


def complete(
    task_id: int,
    said: Answer,
    evidence_text: str,
    handed: Sequence[Handed] = (),
    *,
    by: Officer,
    now: datetime,
) -> None:
    """An officer enters, or corrects, an answer that came by another way; ``evidence_text`` says how.

    Refusals: ``task.unknown`` (also for another controller's), ``task.dropped`` (another plan made it
    pointless), ``task.evidence`` without text, ``workflow.*``, and those of ``answer`` except ``task.copy``.
    """
    if not evidence_text.strip():
        raise Refusal("task.evidence", "Say who told you, how and when.")
    with store.reading() as session:
        task = session.get(Task, task_id)
        mine = task is not None and (by.controllers is None or task.controller in by.controllers)
        if task is None or not mine:
            raise Refusal("task.unknown", "There is no such task.")
        case = session.get_one(Case, task.case_id)
        after(case.status, "complete", roles=by.roles)
        if task.state == DROPPED:
            raise Refusal("task.dropped", "Another plan has made this task pointless.")
        said = replace(said, note=evidence_text)
        _check(task.phase, said)
        key = sealing.key_of(case.submission)
    with _kept(handed, key) as sealed, store.transaction() as tx:
        row = tx.session.get_one(Task, task_id)
        again = row.state != ASKED
        row.state, row.answered_at = said.state, now
        _settle(tx, row, said, sealed.rows, by=by.actor, again=again, now=now)


class _Sealed:
    """Files already sealed, waiting for their rows; removed again unless they are wanted."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, files.StoredFile]] = []
        self.unwanted = False


@contextmanager
def _kept(handed: Sequence[Handed], key: bytes) -> Iterator[_Sealed]:
    """Seal the files before the transaction; whatever goes wrong afterwards leaves none behind."""
    if len(handed) > MOST_FILES:
        raise Refusal("upload.many", f"Hand in {MOST_FILES} files at most.", most=MOST_FILES)
    sealed = _Sealed()
    good = False
    try:
        for one in handed:
            media, stored = evidence.keep(one.stream, key)
            sealed.rows.append((one.name, media, stored))
        yield sealed
        good = True
    finally:
        if not good or sealed.unwanted:
            for _, _, stored in sealed.rows:
                files.uploads().destroy(stored.name)


def _settle(
    tx: Transaction,
    task: Task,
    said: Answer,
    sealed: Sequence[tuple[str, str, files.StoredFile]],
    *,
    by: str,
    again: bool,
    now: datetime,
) -> None:
    """Write the answer down, and let the case go on where it was the last one missing."""
    case = tx.session.get_one(Case, task.case_id)
    key = sealing.key_of(case.submission)
    rows = [_upload(case, one, key, now) for one in sealed]
    tx.session.add_all(rows)
    tx.session.flush()
    before = opened(task, key)
    found = said.count if said.state == FOUND else 0
    known = replace(
        before,
        count=before.count if task.phase == queries.ACT else found,
        where=said.where.strip() if task.phase == queries.FIND else before.where,
        note=said.note.strip(),
        uploads=(*before.uploads, *(row.id for row in rows)),
        by=by,
    )
    close(task, known, key)
    timeline.record(
        tx,
        case,
        Kind.TASK_DONE,
        by=by,
        now=now,
        task=task.id,
        system=task.system,
        phase=task.phase,
        state=task.state,
        count=known.count,
        files=len(rows),
    )
    if task.phase == queries.FIND:
        answers.searched(tx, case, task.system, again=again, now=now)
    elif task.state == DONE:
        answers.acted(tx, case, now=now)
    else:
        case.failed = True


def _upload(case: Case, one: tuple[str, str, files.StoredFile], key: bytes, now: datetime) -> Upload:
    name, media, stored = one
    return Upload(
        controller=case.controller,
        submission_id=case.submission_id,
        case_id=case.id,
        purpose="task",
        media=media,
        size=stored.size,
        sha256=stored.sha256,
        file=stored.name,
        made_at=now,
        sealed_name=sealing.seal(key, {"name": name[:200]}, "upload"),
    )


def _check(phase: str, said: Answer) -> None:
    if said.state not in ANSWERS[phase]:
        raise Refusal("task.answer", f"Answer with one of: {', '.join(ANSWERS[phase])}.")
    if said.state == FOUND and not 0 < said.count <= MOST_DOCUMENTS:
        raise Refusal("task.count", "Say how many documents there are, as a number.")
    if said.state == CANNOT and not said.note.strip():
        raise Refusal("task.evidence", "Say why it cannot be done.")
    if len(said.note) > MOST_WORDS or len(said.where) > MOST_WORDS:
        raise Refusal("task.long", f"Write {MOST_WORDS} characters at most.")


def _rights(task: Task, case: Case) -> list[Case]:
    """The cases a question serves: one when it is to act, all that are open when it is to look."""
    if task.phase == queries.ACT:
        return [case]
    return [one for one in case.submission.cases if one.closed_at is None] or [case]


def _wants_copies(case: Case) -> bool:
    return any(rule(one.right).package and one.closed_at is None for one in case.submission.cases)


def _typed(case: Case, key: bytes) -> tuple[tuple[str, str], ...]:
    return tuple(
        (row.kind, sealing.unseal(key, row.sealed, dict, "identity")["value"])
        for row in case.submission.identifiers
        if row.sealed and row.provenance == "typed" and row.kind != "name"
    )


def _to_do(
    common: Question, task: Task, found: Said, step: Step | None, case: Case, language: str, now: datetime
) -> Question:
    """What was approved, for the holder who found it."""
    mine = [item for item in step.items if record_id(_find_of(task, case)) in item.records] if step else []
    item = mine[0] if mine else None
    pack = clocks.pack_of(case)
    wishes = intents.words(case, sealing.key_of(case.submission))
    changes = tuple(
        (category_words(one.field, language), "" if one.old is None else str(one.old), str(one.new))
        for one in (item.changes if item else ())
    )
    return replace(
        common,
        copies=False,
        doing=item.verb.value if item else "",
        count=item.count if item else 0,
        where=found.where,
        changes=changes,
        channels=wishes.channels,
        until=clocks.blocked_until(pack, clocks.local_date(now, pack.zone)),
    )


def _find_of(task: Task, case: Case) -> int:
    """The number of the question that found what this one is about."""
    return opened(task, sealing.key_of(case.submission)).find
