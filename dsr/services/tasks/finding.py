"""What holders found, as records of the search and as files of the package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsr import documents, store
from dsr.contract import Found, Match, Record, Row, Searched
from dsr.domain.organisation import Controller, SystemConfig
from dsr.services import evidence
from dsr.store import files
from dsr.store.operations import Task, Upload
from dsr.store.queries import tasks as queries

from .places import ASKED, FOUND, Said, opened, places, record_id, task_of

if TYPE_CHECKING:
    from dsr.services.jobs import Job
    from dsr.services.searching import Person

COLLECTION = "documents"
SAYS = {
    "es": "Una persona que guarda estos documentos los encontró.",
    "en": "A person who keeps these documents found them.",
    "pt": "Uma pessoa que guarda estes documentos encontrou-os.",
}
UNANSWERED = {
    "es": "Alguien que guarda documentos aquí todavía no ha contestado.",
    "en": "Somebody who keeps documents here has not answered yet.",
    "pt": "Alguém que guarda documentos aqui ainda não respondeu.",
}


@dataclass(frozen=True, slots=True)
class Copies:
    """What holders handed in for one case: rows by system, and the files they name, in that order."""

    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    files: Sequence[documents.Attachment] = ()


def bring(people: Sequence[Person], controller: Controller) -> None:
    """Put the answers of holders into the search of these people, after every system was asked.

    A record counts as hers because a person says so who was asked about her alone. A place is searched
    when everyone who keeps it has answered.
    """
    here = places(controller.key)
    if not here or not people:
        return
    with store.reading() as session:
        asked = queries.finds(session, [person.submission.id for person in people])
    for person in people:
        for config in here:
            there = asked.get((person.submission.id, config.key), [])
            if there and person.searched[config.key].found is Found.NOT_ANSWERED:
                _enter(person, config, there)


def copies(job: Job, controller: Controller) -> Copies:
    """The files that holders handed in for what the plan exports from places worked by hand."""
    here = {one.key for one in places(controller.key)} & set(job.steps)
    if not here:
        return Copies()
    with store.reading() as session:
        asked = queries.finds(session, [job.case.submission_id])
        found = {task.id: opened(task, job.key) for tasks in asked.values() for task in tasks}
        wanted = [number for said in found.values() for number in said.uploads]
        uploads = {row.id: row for row in queries.uploads(session, wanted)}
    rows: dict[str, list[Row]] = {}
    attached: list[documents.Attachment] = []
    for system in sorted(here):
        for record in sorted({one for item in job.steps[system].items for one in item.records}):
            said = found[task_of(record)]
            mine = [_attachment(uploads[n], job.key) for n in said.uploads if n in uploads]
            names = [f"attachments/{len(attached) + n}.{one.extension}" for n, one in enumerate(mine, 1)]
            attached += mine
            values = {"documents": said.count, "files": ", ".join(names)}
            rows.setdefault(system, []).append(Row(COLLECTION, (task_of(record),), values))
    return Copies(rows, attached)


def _enter(person: Person, config: SystemConfig, there: Sequence[Task]) -> None:
    said = {task.id: opened(task, person.key) for task in there if task.state == FOUND}
    records = {record_id(number): _record(person, number, one) for number, one in said.items() if one.count}
    if records:
        person.records[config.key] = records
    count = sum(record.count for record in records.values())
    found = Found.FOUND if count else Found.NOTHING
    why: Mapping[str, str] = {}
    if any(task.state == ASKED for task in there):
        found, why = Found.NOT_ANSWERED, UNANSWERED
    person.searched[config.key] = Searched(person.subject.key, found, count, why)


def _record(person: Person, number: int, said: Said) -> Record:
    by = (person.typed or person.subject.proved)[0]
    return Record(
        id=record_id(number),
        subject=person.subject.key,
        collection=COLLECTION,
        anchor=(COLLECTION, (number,)),
        path=(),
        count=said.count,
        seen=((by.kind, by.value),),
        match=Match.EXACT,
        why=SAYS,
    )


def _attachment(upload: Upload, key: bytes) -> documents.Attachment:
    return documents.Attachment(evidence.extension_of(upload.media), upload.size, _pieces(upload.file, key))


def _pieces(name: str, key: bytes) -> Iterator[bytes]:
    yield from files.uploads().read(name, key)
