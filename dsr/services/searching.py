"""Search: ask every system for the people of a batch, then again for what their own records revealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from dsr.contract import Connector, ConnectorError, Found, Identifier, Match, Record, Searched, Subject, Text
from dsr.domain import evidence, identity, plan
from dsr.domain.identity import kind_of
from dsr.domain.organisation import Controller
from dsr.store.models import Case, Submission

from . import pacing, parking, sealing
from .house import house

ROUNDS = 5


@dataclass
class Person:
    """One submission of the batch while it is searched: its cases, identifiers and what was found.

    ``at``: when a system was searched, if that was in an earlier search.
    """

    submission: Submission
    cases: list[Case]
    key: bytes
    subject: Subject
    typed: tuple[Identifier, ...]
    region: str | None
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    searched: dict[str, Searched] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)
    at: dict[str, datetime] = field(default_factory=dict)
    provenance: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass
class Trouble:
    """A system that could not be asked."""

    why: Text
    retry_at: datetime | None


def trouble_of(error: ConnectorError, people: Sequence[Person], now: datetime) -> Trouble:
    """A fault as the cases of these people meet it. What one person alone cannot finish within a budget is not
    tried again by itself."""
    if isinstance(error, pacing.Overspent) and len(people) == 1:
        return Trouble(error.told, None)
    return Trouble(str(error), parking.moment(error, now))


def search(
    people: Sequence[Person], controller: Controller, known: parking.Known, *, now: datetime
) -> dict[str, Trouble]:
    """Ask every system that has not answered for a person, then all for what her own records revealed.

    Returns the systems that could not be asked; their answer is 'failed', never silence.
    """
    pacing.begin()
    troubles: dict[str, Trouble] = {}
    asked: dict[str, ConnectorError | None] = {}
    for system, rest in known.parked(now=now).items():
        _not_asked(system, people, Trouble(rest.why, rest.until), troubles)
    fresh: dict[str, Sequence[Person]] = {
        system: [person for person in people if system not in person.searched]
        for system in _in_turn(controller, now)
    }
    for number in range(1, ROUNDS + 1):
        for system, wanted in fresh.items():
            if wanted and system not in troubles:
                asked[system] = error = _ask(system, wanted, controller, number, now)
                if error is not None:
                    _not_asked(system, people, trouble_of(error, people, now), troubles)
        learnt = _learn(people)
        if not learnt:
            break
        fresh = dict.fromkeys(fresh, learnt)
    parking.remember(known, asked, now=now)
    return troubles


def person_of(submission: Submission, cases: list[Case], controller: Controller) -> Person | None:
    """The person behind a submission: what is proved, what is only typed; None if nothing is proved."""
    key = sealing.key_of(submission)
    proved: list[Identifier] = []
    claimed: list[Identifier] = []
    provenance = {}
    for row in submission.identifiers:
        value = sealing.unseal(key, row.sealed or b"", dict, "identity")["value"]
        one = Identifier(row.kind, value, identity.spellings(row.kind, value))
        certain = row.proved_at is not None and kind_of(row.kind).proof != "never"
        (proved if certain else claimed).append(one)
        provenance[one.kind, one.value] = row.provenance
    if not proved:
        return None
    typed = tuple(one for one in proved if provenance[one.kind, one.value] == "typed")
    subject = Subject(submission.reference, tuple(proved), tuple(claimed))
    region = submission.country or controller.jurisdiction[:2]
    return Person(submission, cases, key, subject, typed, region, provenance=provenance)


def people_of(cases: Sequence[Case], controller: Controller) -> list[Person]:
    """The people behind these cases. A case that completes its answer is searched for by itself: what was told
    of it, and what is missing, is its own.
    """
    alike: dict[tuple[int, int], list[Case]] = {}
    for case in cases:
        alone = case.id if case.promise_of is not None else 0
        alike.setdefault((case.submission_id, alone), []).append(case)
    people = (person_of(mine[0].submission, mine, controller) for mine in alike.values())
    return [person for person in people if person is not None]


def once_each(people: Sequence[Person]) -> list[list[Person]]:
    """The people in groups in which nobody stands twice: a search knows them by their key."""
    groups: list[dict[str, Person]] = []
    for one in people:
        free = [group for group in groups if one.subject.key not in group]
        if not free:
            groups.append({})
        (free or groups[-1:])[0][one.subject.key] = one
    return [list(group.values()) for group in groups]


def _ask(
    system: str,
    people: Sequence[Person],
    controller: Controller,
    number: int,
    now: datetime,
) -> ConnectorError | None:
    """Locate the people in one system; why it could not be asked, if so."""
    try:
        with house().registry.open(controller.key, system, now=now, read_only=True) as connector:
            locate_in(connector, system, people, controller, number, now=now)
    except ConnectorError as error:
        return error
    return None


def locate_in(
    connector: Connector,
    system: str,
    people: Sequence[Person],
    controller: Controller,
    number: int = 1,
    *,
    now: datetime,
) -> None:
    """Note on each person what an open system answers for her; ``number`` of the round. ConnectorError where it
    answers for others, or not for all."""
    by_key = {person.subject.key: person for person in people}
    size = house().registry.describe(controller.key, system, now=now).batch
    for start in range(0, len(people), size):
        _locate(connector, system, people[start : start + size], by_key, number)


def _in_turn(controller: Controller, now: datetime) -> list[str]:
    """The systems of a controller; those for which one may have to wait come last."""
    registry = house().registry
    systems = [system.key for system in registry.for_controller(controller.key)]
    return sorted(systems, key=lambda key: registry.bears(controller.key, key, now=now).parallel is not None)


def _not_asked(system: str, people: Sequence[Person], trouble: Trouble, troubles: dict[str, Trouble]) -> None:
    troubles[system] = trouble
    for person in people:
        person.searched[system] = Searched(person.subject.key, Found.FAILED, why=trouble.why)


def _locate(
    connector: Connector, system: str, people: Sequence[Person], by_key: Mapping[str, Person], number: int
) -> None:
    cursor: str | None = None
    answered: dict[str, Searched] = {}
    for one in people:
        if one.at.pop(system, None) is not None:  # what was taken up is answered anew
            one.records.pop(system, None)
    while True:
        page = connector.locate([person.subject for person in people], cursor)
        for record in page.records:
            person = by_key.get(record.subject)
            if person is None:
                raise ConnectorError("the system answered for somebody who was not asked for", permanent=True)
            for mine in evidence.judged([record], person.subject, person.typed, person.region):
                person.records.setdefault(system, {})[mine.id] = mine
        answered |= {one.subject: one for one in page.searched}
        if page.cursor is None:
            break
        if page.cursor == cursor:
            raise ConnectorError("the system gave the same page twice", permanent=True)
        cursor = page.cursor
    for person in people:
        if person.subject.key not in answered:
            raise ConnectorError("the system gave no answer for one of the people", permanent=True)
        held = person.records.get(system, {})
        said = answered[person.subject.key]
        if said.found in (Found.FOUND, Found.NOTHING):
            count = sum(record.count for record in held.values())
            said = replace(said, found=Found.FOUND if held else Found.NOTHING, count=count)
        person.searched[system] = said
        person.rounds[system] = number


def _learn(people: Sequence[Person]) -> list[Person]:
    """Add identifiers that her own records reveal; the people for whom there is something new to ask."""
    exact = {
        person.subject.key: [r for records in person.records.values() for r in records.values()]
        for person in people
    }
    several = evidence.shared(
        (key, one)
        for key, records in exact.items()
        for r in records
        if r.match is Match.EXACT
        for one in r.reveals
    )
    changed = []
    for person in people:
        known = (*person.subject.proved, *person.subject.claimed)
        new = plan.revealed(exact[person.subject.key], known, several)
        proposing = _shared_ones(exact[person.subject.key], several, known)
        if new or proposing:
            person.subject = replace(
                person.subject,
                proved=(*person.subject.proved, *new),
                claimed=(*person.subject.claimed, *proposing),
            )
            person.provenance |= {(one.kind, one.value): _source(person, one) for one in (*new, *proposing)}
            changed.append(person)
    return changed


def _shared_ones(
    records: Iterable[Record], several: frozenset[tuple[str, str]], known: Iterable[Identifier]
) -> tuple[Identifier, ...]:
    seen = {(one.kind, one.value) for one in known}
    names = {
        (one.kind, one.value): one
        for record in records
        if record.match is Match.EXACT
        for one in record.reveals
        if (one.kind, one.value) in several and (one.kind, one.value) not in seen
    }
    return tuple(names.values())


def _source(person: Person, wanted: Identifier) -> str:
    for system, records in person.records.items():
        for record in records.values():
            if any((one.kind, one.value) == (wanted.kind, wanted.value) for one in record.reveals):
                return system
    return "typed"
