"""The whole page of a case, read at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import structlog

from dsr import store
from dsr.contract import Action, ConnectorError, Description
from dsr.domain.letters import LetterKind
from dsr.domain.organisation import SystemConfig
from dsr.domain.plan import Verdicts
from dsr.domain.rights import rule
from dsr.domain.workflow import Status, allowed
from dsr.services import (
    aside,
    authority,
    clocks,
    duties,
    giving_back,
    intents,
    kept_ends,
    legal_hold,
    letter_facts,
    promises,
    prospects,
    receiving,
    results,
    systems,
    told_first,
)
from dsr.services.duties import Duty
from dsr.services.house import house
from dsr.services.legal_hold import HoldFacts
from dsr.services.officers import Officer
from dsr.store.models import Case
from dsr.store.queries import files_of_case, returns
from dsr.store.queries.files_of_case import File

from . import found, history, planned
from .clock import ClockView, clock_view
from .found import LikelyView, SearchView
from .history import Happening, LetterView, MessageView, PackageView, TaskView, UploadView
from .person import PersonView, key_of, person, wishes
from .planned import ConflictView, LineView, TellView, WorkView

PLANNING = frozenset(
    {
        "approve",
        "first_approve",
        "second_approve",
        "withhold",
        "decide_proposal",
        "review_decision",
        "recollect",
    }
)
"""Moves that mean nothing for a right that a person answers with a letter."""

INSTEAD_OF_AN_ANSWER = frozenset({"withdraw", "cancel", "refuse", "forward"})
"""Moves that mean nothing once something was done: what was done is told."""

OF_THE_WHOLE = INSTEAD_OF_AN_ANSWER | {"lift"}
"""Moves that mean nothing while the answer of a case is being completed."""

ENDED = frozenset({Status.ANSWERED, Status.CLOSED})
UNSEARCHED = frozenset({Status.UNVERIFIED, Status.READY, Status.COLLECTING})

READERS = frozenset({"dpo", "agent"})
"""Roles that read what the person and officers wrote; others see the course of the case only."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The row of a case: nothing personal."""

    reference: str
    controller: str
    controller_name: str
    right: str
    right_name: str
    article: str
    status: str
    ending: str | None
    jurisdiction: str
    pack: str
    calendar: str
    received_at: datetime
    received_on: date
    generation: int
    failed: bool
    bounced: bool
    doing: str
    waits_for: str
    assignee: int | None
    decided_by: int | None
    seconded_by: int | None
    answered_at: datetime | None
    closed_at: datetime | None
    retain_until: date | None
    authority_due_on: date | None
    kept_until: date | None
    promised_on: date | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanView:
    """The plan to approve: its hash is what is approved."""

    hash: str
    made_at: datetime
    lines: tuple[LineView, ...]
    tells: tuple[TellView, ...]
    conflicts: tuple[ConflictView, ...]
    proposals: int
    irreversible: bool
    approved_by: int | None
    gates: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything the case page shows. ``reads``: may this officer read what people wrote? ``restrictions``: cases
    that keep rows set aside, and whether they are hers for certain.
    """

    facts: Facts
    person: PersonView
    wishes: intents.CaseWords
    clock: ClockView
    searches: tuple[SearchView, ...]
    plan: PlanView | None
    works: tuple[WorkView, ...]
    duties: tuple[Duty, ...]
    timeline: tuple[Happening, ...]
    messages: tuple[MessageView, ...]
    letters: tuple[LetterView, ...]
    packages: tuple[PackageView, ...]
    uploads: tuple[UploadView, ...]
    tasks: tuple[TaskView, ...]
    allowed: frozenset[str]
    reads: bool
    hold: HoldFacts | None = None
    follows: str = ""
    followed_by: str = ""
    restrictions: tuple[tuple[str, bool], ...] = ()

    @property
    def likely(self) -> tuple[LikelyView, ...]:
        """What must be accepted or rejected, by whom it names."""
        return found.likely(self.searches)


def view(reference: str, *, by: Officer, language: str, now: datetime) -> CaseView:
    """The case for this officer; ``by.roles`` are hers for its controller. Refusal ``case.unknown``."""
    with store.reading() as session:
        file = files_of_case.of_case(session, reference, by.controllers or ())
        hold = legal_hold.facts(file.case)
        followed_by = returns.follower(session, file.case.controller, reference) or ""
        missing = promises.titles(session, file.case)
        liftable = prospects.liftable(session, file.case)
        restrictions = _restrictions(session, file.case)
        untold = told_first.notice_of(session, file.case) is not None
    case, key, roles = file.case, key_of(file.case), frozenset(by.roles)
    reads = bool(roles & READERS)
    known = house().registry.for_controller(case.controller, retired=True)
    configs = {config.key: config for config in known}
    described = _described(case, configs, now)
    verdicts = intents.verdicts(file.decisions).get(case.id, Verdicts())
    asked = wishes(case, key if reads else None)
    return CaseView(
        facts=_facts(case, missing, language),
        person=person(case, key if reads else None),
        wishes=asked,
        clock=clock_view(case, language, now, met=_met(file)),
        searches=found.searches(
            file.searches,
            configs,
            described,
            verdicts,
            key=key if reads else None,
            roles=roles,
            language=language,
        ),  # fmt: skip
        plan=_plan(file, key if reads else None, configs, described, asked, language),
        works=planned.works(file.works, _names(configs), described, language),
        duties=duties.of_case(case, file.every_work),
        timeline=history.timeline(file.entries, case, key if reads else None),
        messages=history.messages(file.messages),
        letters=history.letters(file.letters),
        packages=history.packages(file.packages),
        uploads=history.uploads(file.uploads),
        tasks=history.tasks(file.tasks),
        allowed=_allowed(
            case, by, liftable, prospects.begun(file.every_work, case), kept_ends.is_over(case, now)
        )
        - {"hold" if hold else "release", "hand_over" if untold else "tell_first"},
        reads=reads,
        hold=hold,
        follows=case.follows,
        followed_by=followed_by,
        restrictions=restrictions,
    )


def _met(file: File) -> set[str]:
    """The time limits beside that of the answer that were kept: receipt acknowledged, data marked at once."""
    owed = {duty.key for duty in duties.of_case(file.case, file.every_work) if not duty.done}
    at_once = {act.deadline for act in receiving.acts_of(file.case)} - owed
    told = any(letter.kind == LetterKind.ACKNOWLEDGEMENT for letter in file.letters)
    return ({"ack"} if told else set()) | (at_once if file.case.status not in UNSEARCHED else set())


def _restrictions(session: Any, case: Case) -> tuple[tuple[str, bool], ...]:
    """The restrictions that keep rows out of the systems, where the answer of this case must know of them: (case,
    whether it is hers for certain)."""
    if case.status in ENDED:
        return ()
    if rule(case.right).package:
        found = aside.of(session, [case])
    else:
        found = aside.needed_first(session, [case])
    return tuple(dict.fromkeys((one.case, bool(one.hers)) for one in found.get(case.id, ())))


def _allowed(case: Case, by: Officer, liftable: bool, begun: bool, kept_over: bool) -> frozenset[str]:
    """The moves of the table, as far as they mean something for this case; ``liftable``: there is what to lift;
    ``begun``: something was done already.
    """
    moves = set(allowed(case.status, by.roles))
    second = house().policy.four_eyes and rule(case.right).second_approver
    moves -= {"approve" if second else "first_approve"}
    moves -= PLANNING if duties.letter_of(case) else {"answer_complaint"}
    moves -= {"answer_authority" if case.authority_due_on is None else "file_authority"}
    if not kept_over:
        moves.discard("settle_kept")
    if not authority.known(case) or case.submission.wrapped_key is None:
        moves.discard("file_authority")
    moves -= OF_THE_WHOLE if promises.open_in(case) else {"go_on", "settle_promise"}
    if begun:
        moves -= INSTEAD_OF_AN_ANSWER
    if not liftable:
        moves.discard("lift")
    if case.status == Status.SECOND and case.decided_by == by.number and by.number:
        moves -= {"second_approve"}
    if case.submission.verified_at is None and case.status == Status.WAITING and "resume" in moves:
        moves.add("verify")
    return frozenset(moves)


def _facts(case: Case, missing: tuple[str, ...], language: str) -> Facts:
    waits_for = next((one.reference for one in case.submission.cases if one.id == case.waits_for), "")
    return Facts(
        reference=case.reference,
        controller=case.controller,
        controller_name=house().controller(case.controller).name,
        right=case.right,
        right_name=letter_facts.right_name(clocks.pack_of(case), case, language),
        article=rule(case.right).article,
        status=case.status,
        ending=case.ending,
        jurisdiction=case.jurisdiction,
        pack=case.pack,
        calendar=case.calendar,
        received_at=case.received_at,
        received_on=case.received_on,
        generation=case.generation,
        failed=case.failed,
        bounced=case.bounced,
        doing=case.doing,
        waits_for=waits_for,
        assignee=case.assignee,
        decided_by=case.decided_by,
        seconded_by=case.seconded_by,
        answered_at=case.answered_at,
        closed_at=case.closed_at,
        retain_until=case.retain_until,
        authority_due_on=case.authority_due_on,
        kept_until=case.kept_until,
        promised_on=case.promised_on,
        missing=missing,
    )


def _plan(
    file: File,
    key: bytes | None,
    configs: Mapping[str, SystemConfig],
    described: Mapping[str, Description],
    asked: intents.CaseWords,
    language: str,
) -> PlanView | None:
    if file.plan is None or key is None or file.plan.sealed is None:
        return None
    steps, told = planned.opened(file.plan, key)
    names = _names(configs)
    known = frozenset(old for _, old, _ in asked.changes if old)
    gates = []
    for system, step in steps.items():
        if system in configs and any(item.count for item in step.items):
            why = systems.gate(file.case.controller, system)(file.case.right)
            if why and step.intent.action != "export":
                gates.append((names[system], found.said(why, language)))
    return PlanView(
        hash=file.plan.hash,
        made_at=file.plan.made_at,
        lines=_with_law(
            file.case, planned.lines(steps, names, described, known, language, _back(file)), language
        ),
        tells=planned.tells(told, names, described, language),
        conflicts=planned.conflicts(steps, names, described, language),
        proposals=sum(one.proposals for one in file.searches),
        irreversible=rule(file.case.right).second_approver,
        approved_by=file.plan.approved_by,
        gates=tuple(gates),
    )


def _back(file: File) -> Mapping[str, giving_back.Set]:
    """What lifting gives back, while the case is being lifted."""
    return giving_back.of_case(file.case, file.every_work) if file.case.doing == Action.LIFT else {}


def _with_law(case: Case, lines: Sequence[LineView], language: str) -> tuple[LineView, ...]:
    """What is kept, with the plain words of the law for it and who may see it until then."""
    law = results.law_words(clocks.pack_of(case), language)
    return tuple(
        replace(one, reason=law.get(one.citation, one.reason), roles=law.roles(one.citation))
        if one.verb == "keep"
        else one
        for one in lines
    )


def _names(configs: Mapping[str, SystemConfig]) -> dict[str, str]:
    return {key: config.title for key, config in configs.items()}


def _described(case: Case, configs: Mapping[str, SystemConfig], now: datetime) -> dict[str, Description]:
    """What the systems say of themselves; one that cannot is shown by its technical names."""
    described = {}
    for system in configs:
        try:
            described[system] = house().registry.describe(case.controller, system, now=now)
        except ConnectorError:
            structlog.get_logger("dsr.viewing").warning("system.not_described", system=system)
    return described
