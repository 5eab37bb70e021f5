"""The answer: a letter that says what was done, a package when data were asked for, a mail that says where.

What is told to the person is what fresh reads confirmed. Letter, package, mail, status and audit of all
cases of a batch are written in one transaction; the packages' files were written before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dsr import store
from dsr.contract import Action, Found, State, Verb
from dsr.domain import plan
from dsr.domain.audit import Kind, tree_head
from dsr.domain.letters import LetterFacts, LetterKind, ToldFacts, letter_for
from dsr.domain.organisation import Controller
from dsr.domain.rights import Right, rule
from dsr.domain.workflow import Ending, Role, Status, after
from dsr.store import bulk, files
from dsr.store.models import Case
from dsr.store.operations import Letter, Message, Package
from dsr.store.queries import work
from dsr.store.session import Transaction
from dsr.store.telling import DeliveryProof, RecipientNotice

from . import (
    batches,
    clocks,
    duties,
    follow_ups,
    holding,
    kept_ends,
    ledger,
    letter_facts,
    letters,
    outbox,
    packaging,
    parking,
    proofs,
    recalling,
    recipients,
    refused_parts,
    suppression,
    tasks,
)
from .composing import Composed
from .keeping import Blocked

if TYPE_CHECKING:
    from .jobs import Job

BLOCKING = frozenset({Right.ERASURE, Right.RECTIFICATION})
"""Rights that leave something blocked behind (LOPDGDD 32)."""

RETRY_MINUTES = (1, 5, 30, 120, 720)
"""Minutes until a system that could not be reached is tried again; then an officer sees it."""


def conclude(
    jobs: Sequence[Job],
    controller: Controller,
    batch_id: str,
    looked: Mapping[int, Sequence[letter_facts.Looked]] | None = None,
    *,
    now: datetime,
) -> None:
    """After acting: answer what is done, and say why the rest is not.

    ``looked``: what the systems said, by case, where no officer had a word in it; without it it is read.
    """
    looked = looked_of(jobs) if looked is None else looked
    done = [job for job in jobs if not job.broken and _verdict(job) == "answer"]
    early = [job for job in done if _too_early(job, looked[job.case.id])]
    answers = [job for job in done if job not in early]
    packages = packaging.build(answers, controller, looked, now=now)
    answers = [job for job in answers if not job.broken]
    notices = [row for job in answers for row in recipients.rows(job, controller, now=now)]
    with store.transaction() as tx:
        ledger.say(tx, jobs, now=now)
        held, others = work.ending(tx.session, batch_id, Status.ACTING)
        _note_blocked(jobs, held)
        lost = [made for case_id, made in packages.items() if case_id not in held]
        answers = [job for job in answers if job.case.id in held]
        notices = [row for row in notices if row["case_id"] in held]
        bulk.insert(tx.session, RecipientNotice, notices)
        changes: list[dict[str, Any]] = []
        again: list[Case] = []
        for job in jobs:
            if job.case.id not in held:
                continue
            if job in early:
                changes.append(_waiting(job, "acted_at_once"))
            elif job not in answers:
                changes.append(_not_answered(tx, job, again, now))
        bulk.update(tx.session, Case, changes)
        answered = _answer(tx, answers, packages, looked, now)
        bulk.update(tx.session, Case, answered)
        changes += answered
        batches.finish_in(
            tx, batch_id, holds=others or held.keys() != {one["id"] for one in changes}, now=now
        )
        if again:
            batches.make(tx, again, "collect", now=now)
    for made in lost:
        files.packages().destroy(made.row["file"])


def _verdict(job: Job, without: frozenset[str] = frozenset()) -> str:
    systems = [system for system in job.outcomes if system not in without and not job.was_told(system)]
    return plan.verdict([(_state(job, system), _final(job, system)) for system in systems])


def _too_early(job: Job, looked: Sequence[letter_facts.Looked]) -> bool:
    """What was stopped at once is told when holders have answered and proposals are decided; an officer
    may answer before.
    """
    undecided = any(one.found == Found.NOT_ANSWERED or one.proposals for one in looked)
    return undecided and job.plan.approved_by is None and rule(job.case.right).at_once


def _waiting(job: Job, move: str, wake_at: datetime | None = None, failed: bool = False) -> dict[str, Any]:
    """The case row of a job that is not answered yet."""
    status = after(job.case.status, move, roles=[Role.SYSTEM]).value
    case = {"id": job.case.id, "batch_id": None, "failed": failed, "auto": False}
    return case | {"status": status, "wake_at": wake_at}


def _state(job: Job, system: str) -> State:
    """What can still be read and has no final date is a failure, whatever the outcome said."""
    unfinished = job.left.get(system) and not _final(job, system)
    return State.FAILED if unfinished else job.outcomes[system].state


def _final(job: Job, system: str) -> Any:
    outcome = job.outcomes[system]
    dates = [one.final_on for one in job.left.get(system, []) if one.final_on]
    return outcome.final_on or min(dates, default=None)


def _not_answered(tx: Transaction, job: Job, again: list[Case], now: datetime) -> dict[str, Any]:
    """Conflict: a new plan. Unreachable: later. Holders are asked. Anything else: to an officer."""
    case, verdict = job.case, "trouble" if job.broken else _verdict(job)
    if verdict == "trouble" and not job.broken:
        asked = tasks.ask_to_act(tx, job, now=now)
        verdict = _verdict(job, asked.systems)
        if verdict == "answer":
            return _waiting(job, "trouble", now if asked.done else None)
    tries = max((one.attempts for name, one in job.works.items() if not job.was_told(name)), default=0)
    named = _named(job)
    if verdict == "later" and tries >= len(RETRY_MINUTES) and named is None:
        verdict = "trouble"
    kind = {"replan": Kind.CONFLICT}.get(verdict, Kind.FAILED)
    move = "replan" if verdict == "replan" else "trouble"
    states = {system: outcome.state.value for system, outcome in sorted(job.outcomes.items())}
    tx.audit(
        case.controller,
        kind,
        reference=case.reference,
        actor="system",
        at=now,
        status=after(case.status, move, roles=[Role.SYSTEM]).value,
        systems=states,
        why=job.broken,
    )
    if verdict == "replan":
        again.append(case)
        return _waiting(job, "replan", failed=True)
    wake = named or now + timedelta(minutes=RETRY_MINUTES[min(tries, len(RETRY_MINUTES) - 1)])
    return _waiting(job, "trouble", wake if verdict == "later" else None, failed=True)


def _named(job: Job) -> datetime | None:
    """When the systems that are waited for said that they may be asked again: the last of these moments."""
    waited = [one for one in job.outcomes.values() if one.state is State.PENDING and one.final_on is None]
    moments = [one.check_after for one in waited]
    return max((at for at in moments if at), default=None) if all(moments) else None


def _answer(
    tx: Transaction,
    jobs: Sequence[Job],
    packages: Mapping[int, packaging.Made],
    looked: Mapping[int, Sequence[letter_facts.Looked]],
    now: datetime,
) -> list[dict[str, Any]]:
    letter_rows: list[dict[str, Any]] = []
    mail_rows: list[dict[str, Any]] = []
    package_rows: list[dict[str, Any]] = []
    proof_rows: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for job in jobs:
        made = packages.get(job.case.id)
        ending = ending_of(job, looked[job.case.id])
        facts = made.facts if made else answer_facts(job, looked[job.case.id], now=now)
        kind = kind_of(job, ending)
        draft = made.letter if made else None
        letter_rows.append(letters.row(job.case, Composed(kind, facts), draft=draft, by="system", now=now))
        sha256 = letter_rows[-1]["sha256"]
        drafts = letters.drafts(job.case, outbox.ANSWER, {}, crucial=True, letter=sha256)
        mail_rows += [outbox.row(draft, now=now) for draft in drafts]
        if made:
            package_rows.append(made.row)
        if read := {system: sum(one.count for one in job.left.get(system, ())) for system in job.outcomes}:
            words = {"left": read, "letter": kind.value}
            proof_rows.append(proofs.row(job.case, "read_back", words, now=now, letter=sha256))
        changes.append(_answered(job, ending, looked[job.case.id], now))
        tx.audit(
            job.case.controller,
            Kind.ANSWERED,
            reference=job.case.reference,
            actor="system",
            at=now,
            status=changes[-1]["status"],
            ending=ending.value,
            letter=sha256,
            package=made.row["sha256"] if made else "",
        )
        if job.blocked:
            _say_blocked(tx, job, job.blocked, now)
        if not drafts:
            holding.release(tx, job.case, now=now)
        if job.case.doing == Action.LIFT:
            follow_ups.after_lift(tx, job.case, ", ".join(sorted(job.outcomes)), now=now)
    suppression.note(tx, [job.case for job in jobs if _suppresses(job, looked[job.case.id])], now=now)
    bulk.insert(tx.session, Letter, letter_rows)
    bulk.insert(tx.session, Package, package_rows)
    bulk.insert(tx.session, Message, mail_rows)
    bulk.insert(tx.session, DeliveryProof, proof_rows)
    return changes


def kind_of(job: Job, ending: Ending) -> LetterKind:
    """The letter that ends a job; ValueError when there is none.

    One that completes an answer is that of the right where something was added to it, or nothing is held.
    """
    if job.case.doing == Action.LIFT:
        return LetterKind.LIFTED
    if job.completes and not job.adds and ending is not Ending.NOTHING:
        return LetterKind.COMPLETED
    kind = letter_for(job.case.right, ending)
    if kind is None:
        raise ValueError(f"no letter ends a case of {job.case.right} with {ending}")
    return kind


def _suppresses(job: Job, looked: Sequence[letter_facts.Looked]) -> bool:
    """An objection counts also where nothing was found; an erasure of nothing leaves no trace."""
    return job.case.right != Right.ERASURE or ending_of(job, looked) is not Ending.NOTHING


def _say_blocked(tx: Transaction, job: Job, blocked: Blocked, now: datetime) -> None:
    """The root in the log fixes what was blocked and when, without saying what it is."""
    tx.audit(
        job.case.controller,
        Kind.SEALED,
        reference=job.case.reference,
        actor="system",
        at=now,
        sets=blocked.sets,
        rows=blocked.rows,
        root=blocked.root,
        until=str(blocked.until or ""),
    )


def answer_facts(
    job: Job, looked: Sequence[letter_facts.Looked], *, now: datetime, **more: Any
) -> LetterFacts:
    """The facts of the answer of a job: what was searched, done, kept, changed and stopped."""
    deeds = deeds_of(job, looked, now)
    pack = clocks.pack_of(job.case)
    until = clocks.blocked_until(pack, clocks.local_date(now, pack.zone))
    said = letter_facts.deeds(job.case, deeds, now=now)
    told = recipients.names_of(job, now=now)
    said |= {"told": tuple(ToldFacts(name) for name in told)}
    said["suppression"] = bool(suppression.wanted(job.case)) and _suppresses(job, looked)
    said["suppression_address"] = said["suppression"] and suppression.keeps_address(job.case, now)
    if job.blocked:
        said |= {"blocked_until": job.blocked.until or until, "blocked_root": job.blocked.root}
    elif any(outcome.seals for outcome in job.outcomes.values()) or _blocked(job):
        said |= {"blocked_until": until}
    return letter_facts.base(job.case, now=now, refused=job.refused, by_hand=job.by_hand, **said, **more)


def _note_blocked(jobs: Sequence[Job], held: Mapping[int, Sequence[work.Blocked]]) -> None:
    """What the vault holds of each case: the truth also where an outcome was lost."""
    for job in jobs:
        seals = held.get(job.case.id, ())
        if seals and job.case.right in BLOCKING:
            until = max((one.destroy_on for one in seals if one.destroy_on), default=None)
            root = tree_head(one.root.encode() for one in seals)
            job.blocked = Blocked(len(seals), sum(one.rows for one in seals), root.hex(), until)


def _blocked(job: Job) -> bool:
    """Rows were blocked before they went: by holders in their place, or by an act whose outcome was lost."""
    return any(
        outcome.state in plan.SETTLED and item.verb is Verb.SEAL_THEN_DELETE and item.count
        for system, outcome in job.outcomes.items()
        for item in job.steps[system].items
    )


def deeds_of(job: Job, looked: Sequence[letter_facts.Looked], now: datetime) -> letter_facts.Deeds:
    """Plan and outcomes of a job in the form letters are written from."""
    from_rows = {
        system: row.outcome for system, row in job.works.items() if system not in job.outcomes and row.outcome
    }
    fresh = {system: job.facts_of(system) for system in job.outcomes}
    return letter_facts.Deeds(
        steps=job.steps,
        outcomes=from_rows | fresh,
        looked=looked,
        done_at={system: job.works[system].done_at or now for system in job.works},
        final_on={system: _final(job, system) for system in job.outcomes},
        missing=job.missing,
        before=tuple(deeds_of(one, (), now) for one in job.earlier),
    )


def looked_of(jobs: Sequence[Job]) -> dict[int, list[letter_facts.Looked]]:
    """What each system said, by case; refused parts and what was done by hand are noted on the jobs."""
    by_case: dict[int, list[letter_facts.Looked]] = {job.case.id: [] for job in jobs}
    generations = {job.case.id: job.plan.generation for job in jobs}
    promises = {job.case.id: job.case.promise_of if job.completes else None for job in jobs}
    missing: dict[int, set[str]] = {job.case.id: set() for job in jobs}
    with store.reading() as session:
        for one in work.searches(session, list(by_case)):
            if one.generation == generations[one.case_id]:
                by_case[one.case_id].append(
                    letter_facts.Looked(one.system, one.found, one.count, one.at, one.why, one.proposals)
                )
            if one.generation == promises[one.case_id] and one.found in recalling.UNSEARCHED:
                missing[one.case_id].add(one.system)
        parts = refused_parts.by_case(session, list(by_case))
    for job in jobs:
        job.missing = frozenset(missing[job.case.id])
        job.refused = refused_parts.of(parts.get(job.case.id, ()), job.key)
        job.by_hand = duties.by_hand(parts.get(job.case.id, ()), job.key)
    return by_case


def ending_of(job: Job, looked: Sequence[letter_facts.Looked]) -> Ending:
    """How the case ends; 'partly' while something is kept or a place gave no answer.

    What an erasure set aside are values of rows that it kept; giving them back makes it no more complete.
    """
    if job.case.doing == Action.LIFT and job.case.right == Right.ERASURE:
        return Ending.PARTLY
    if not any(one.found == Found.FOUND for one in looked) and not (job.steps or job.earlier or job.aside):
        return Ending.NOTHING
    told = (outcome for one in job.whole for outcome in one.outcomes.values())
    kept = any(item.kept for outcome in told for item in outcome.items)
    unsearched = letter_facts.unsearched(looked)
    return Ending.PARTLY if kept or unsearched or job.refused else Ending.DONE


def _answered(
    job: Job, ending: Ending, looked: Sequence[letter_facts.Looked], now: datetime
) -> dict[str, Any]:
    """The letter promises to go on where a place gave no answer: it is looked at again, by a day (``promises``)."""
    case, promised = job.case, letter_facts.unsearched(looked) and job.case.doing != Action.LIFT
    return {
        "id": case.id,
        "status": after(case.status, "answer", roles=[Role.SYSTEM]).value,
        "ending": ending.value,
        "answered_at": now,
        "batch_id": None,
        "failed": any(one.found == Found.FAILED for one in looked),
        "promise_of": job.plan.generation if promised else None,
        "promised_on": clocks.promise_by(case, now) if promised else None,
        "wake_at": now + parking.COME_BACK if promised else None,
        "kept_until": kept_ends.first_end(job),
    }
