"""Opening what is masked. Every opening is written to the audit log before anything is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from dsr import store
from dsr.contract import Connector, ConnectorError, Record, Row
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.services import letters, tasks, timeline
from dsr.services.house import house
from dsr.services.officers import Officer, closed_to
from dsr.store.models import Case
from dsr.store.queries import files_of_case, work

from . import found
from .person import key_of, value

SHOWN = 50
YES_NO = {"es": ("no", "sí"), "en": ("no", "yes"), "pt": ("não", "sim")}


@dataclass(frozen=True, slots=True)
class Opened:
    """Rows of one record: ``columns`` (name, label), the first ``SHOWN`` rows as text, ``more`` of them."""

    system: str
    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]
    count: int
    more: bool


def open_values(
    reference: str, system: str, record: str, *, by: Officer, language: str, now: datetime
) -> Opened:
    """Read the rows of a record from its system, now. Refusals: ``case.unknown``, ``record.unknown``,
    ``system.closed`` (not for her roles), ``system.unreachable``.
    """
    config = None
    with store.transaction() as tx:
        case = files_of_case.one(tx.session, reference, by.controllers or ())
        config = house().registry.system(case.controller, system)
        if closed_to(config, frozenset(by.roles)):
            raise Refusal("system.closed", "The rows of this system are not open to your role.")
        group = _record(case, [s for s in work.searches(tx.session, [case.id]) if s.system == system], record)
        timeline.record(
            tx, case, Kind.VALUES_OPENED, by=by.actor, now=now, system=system, record=record, rows=group.count
        )
    try:
        with house().registry.open(case.controller, system, now=now, read_only=True) as connector:
            described = connector.describe()
            rows = list(islice(_rows(connector, group), SHOWN + 1))
    except ConnectorError as error:
        raise Refusal("system.unreachable", str(error)) from error
    labels = dict(found.field_labels(described, group.collection, language))
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    title = found.titles(described, language).get(group.collection, group.collection)
    return Opened(
        system=config.title,
        title=title,
        columns=tuple((name, labels.get(name, name)) for name in names),
        rows=tuple(tuple(_text(row.values.get(name), language) for name in names) for row in rows[:SHOWN]),
        count=group.count,
        more=len(rows) > SHOWN,
    )


def open_person(reference: str, *, by: Officer, now: datetime) -> tuple[tuple[int, str, str], ...]:
    """The identifiers of the person in full: (id, kind, value). Refusal ``case.forgotten``."""
    with store.transaction() as tx:
        case = files_of_case.one(tx.session, reference, by.controllers or ())
        key = key_of(case)
        if key is None:
            raise Refusal("case.forgotten", "What was kept about this person was destroyed.")
        timeline.record(tx, case, Kind.VALUES_OPENED, by=by.actor, now=now, what="identifiers")
        return tuple((row.id, row.kind, value(row, key)) for row in case.submission.identifiers if row.sealed)


def open_letter(reference: str, number: int, *, by: Officer, now: datetime) -> str:
    """A letter as it was sent. Refusals ``letter.unknown``, ``case.forgotten``, ``seal.broken``."""
    with store.transaction() as tx:
        case = files_of_case.one(tx.session, reference, by.controllers or ())
        letter = files_of_case.letter(tx.session, case, number)
        if letter is None:
            raise Refusal("letter.unknown", "This case has no such letter.")
        if case.submission.proof_key is None or letter.sealed is None:
            raise Refusal("case.forgotten", "What was kept about this person was destroyed.")
        timeline.record(tx, case, Kind.VALUES_OPENED, by=by.actor, now=now, what="letter", letter=number)
        return letters.text(letter, case.submission)


def _record(case: Case, searches: list[store.models.Search], wanted: str) -> Record:
    key = key_of(case)
    if key is None:
        raise Refusal("case.forgotten", "What was kept about this person was destroyed.")
    for row in searches:
        if row.generation == case.generation:
            for one in found.records_of(row, key):
                if one.id == wanted:
                    return one
    raise Refusal("record.unknown", "This record is not part of the last search.")


def _rows(connector: Connector, record: Record) -> Iterator[Row]:
    cursor = None
    while True:
        page = connector.read([record], cursor)
        yield from (row for _, row in page.rows)
        if page.cursor is None or page.cursor == cursor:
            return
        cursor = page.cursor


def _text(value: object, language: str) -> str:
    if isinstance(value, bool):
        return YES_NO[language][value]
    return "" if value is None else str(value)[:2000]


def submission_of(reference: str, *, by: Officer, upload: int | None = None) -> str:
    """The number of the submission of a case of hers; Refusal ``file.unknown`` without such an ``upload``."""
    with store.reading() as session:
        case = files_of_case.one(session, reference, by.controllers or ())
        if upload is not None and files_of_case.upload(session, case, upload) is None:
            raise Refusal("file.unknown", "This file does not exist any more.")
        return case.submission.reference


def right_of(reference: str, *, by: Officer) -> str:
    """The right that a case of hers is about."""
    with store.reading() as session:
        return files_of_case.one(session, reference, by.controllers or ()).right


def tasks_of(reference: str, *, by: Officer, language: str = "en") -> tuple[tasks.TaskLine, ...]:
    """The questions to holders that concern a case of hers, with who was asked and what was answered."""
    with store.reading() as session:
        case = files_of_case.one(session, reference, by.controllers or ())
        return tasks.of_case(session, case.id, language=language)
