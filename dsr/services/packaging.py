"""The package of an access or portability case: read from the systems at this moment, sealed as it streams.

The people of a batch are read together; a person with very many rows is streamed alone, so that memory
stays constant. Other people's fields are withheld; free text is given only when an officer looked at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from dsr import documents
from dsr.contract import Action, CollectionInfo, Connector, ConnectorError, Description, Record, Row, Step
from dsr.domain import evidence
from dsr.domain.letters import LetterFacts, PackageFacts, WithheldFacts, localised
from dsr.domain.organisation import Controller
from dsr.domain.rights import Right
from dsr.domain.tracking import Watch
from dsr.store import files

from . import aside, clocks, letter_facts, sealing, tasks
from .copies import added as added_copies
from .house import house

if TYPE_CHECKING:
    from .jobs import Job

LARGE = 5_000
"""From this many rows on a person is streamed alone."""

SOMEBODY_ELSE = {
    "es": "[dirección de otra persona]",
    "en": "[address of somebody else]",
    "pt": "[endereço de outra pessoa]",
}

Rows = dict[str, dict[str, list[Row]]]


@dataclass(frozen=True, slots=True)
class Made:
    """A finished package: its row for the database, the facts of its letter, and that letter as it lies in it."""

    row: dict[str, Any]
    facts: LetterFacts
    letter: documents.DraftLetter | None


def build(
    jobs: Sequence[Job],
    controller: Controller,
    looked: Mapping[int, Sequence[letter_facts.Looked]],
    *,
    now: datetime,
) -> dict[int, Made]:
    """Packages by case id. A job whose system cannot be read is marked broken and gets none."""
    restricted = aside.for_copies([job.case for job in jobs], now=now)
    for job in jobs:
        job.aside = restricted.get(job.case.id, ())
    wanted = [job for job in jobs if _has_more(job)]
    added = added_copies([job.case for job in wanted if job.completes])
    small = [job for job in wanted if _size(job) < LARGE]
    rows = _read_together(small, controller, now)
    made = {}
    with files.packages().together() as write:
        for job in wanted:
            try:
                held = rows.get(job.case.id)
                one = _make(job, controller, looked[job.case.id], held, write, now)
                made[job.case.id] = replace(one, row=one.row | {"added": job.case.id in added})
            except ConnectorError as error:
                job.broken = f"a system could not be read for the package: {error}"
    return made


def _has_more(job: Job) -> bool:
    """Is there something to hand over that she does not have yet?"""
    return (exports(job) or bool(job.aside)) and (job.adds or not job.completes)


def exports(job: Job) -> bool:
    """Does the answer of this job carry data?"""
    return any(step.intent.action is Action.EXPORT for step in job.steps.values())


def _size(job: Job) -> int:
    return sum(item.count for step in job.steps.values() for item in step.items)


def _read_together(jobs: Sequence[Job], controller: Controller, now: datetime) -> dict[int, Rows]:
    """All rows of all small jobs, one pass per system: case id -> system -> collection -> rows."""
    found: dict[int, Rows] = {job.case.id: {} for job in jobs}
    for system in sorted({system for job in jobs for system in job.steps}):
        mine = [job for job in jobs if system in job.steps]
        owners: dict[str, list[Job]] = {}
        records: dict[str, Record] = {}
        for job in mine:
            for record in job.steps[system].intent.records:
                records[record.id] = record
                owners.setdefault(record.id, []).append(job)
        try:
            _refuse_gone(controller, system)
            with house().registry.open(controller.key, system, now=now, read_only=True) as connector:
                free = _free_text(house().registry.describe(controller.key, system, now=now))
                for record_id, row in _rows(connector, list(records.values())):
                    for job in owners[record_id]:
                        shown = _shown(job, job.steps[system], record_id, row, free)
                        found[job.case.id].setdefault(system, {}).setdefault(row.collection, []).append(shown)
        except ConnectorError as error:
            for job in mine:
                job.broken = f"a system could not be read for the package: {error}"
    return found


def _refuse_gone(controller: Controller, system: str) -> None:
    """ConnectorError for a system that was taken out of the configuration since the plan."""
    if house().registry.find(controller.key, system) is None:
        raise ConnectorError(f"{system} is no longer configured: put it back", permanent=True)


def _rows(connector: Connector, records: Sequence[Record]) -> Iterator[tuple[str, Row]]:
    cursor: str | None = None
    while records:
        page = connector.read(records, cursor)
        yield from page.rows
        if page.cursor is None:
            return
        if page.cursor == cursor:
            raise ConnectorError("the system gave the same page twice", permanent=True)
        cursor = page.cursor


def _free_text(described: Description) -> frozenset[tuple[str, str]]:
    return frozenset((c.name, f.name) for c in described.collections for f in c.fields if f.free_text)


def _shown(job: Job, step: Step, record_id: str, row: Row, free: frozenset[tuple[str, str]]) -> Row:
    """The row as she may see it: withheld what is other people's, what an officer redacted, and free

    text that no officer looked at; for portability only the fields of the plan.
    """
    if not row.withheld and not step.intent.redact and step.intent.scope != "portable":
        return row
    redacted = {field for record, field in step.intent.redact if record == record_id}
    seen = set() if job.case.auto else {name for collection, name in free if collection == row.collection}
    withheld = redacted | (set(row.withheld) - seen)
    fields = {name for item in step.items if item.collection == row.collection for name in item.fields}
    values = row.values
    if step.intent.scope == "portable":
        values = {name: value for name, value in values.items() if name in fields}
    return replace(row, values=values, withheld=tuple(sorted(withheld & set(values))))


def _make(
    job: Job,
    controller: Controller,
    looked: Sequence[letter_facts.Looked],
    held: Rows | None,
    write: files.Write,
    now: datetime,
) -> Made:
    from_plan = planned_facts(job, looked, now=now)
    portable = job.case.right == Right.PORTABILITY
    writer = documents.PackageWriter(from_plan, now=now, schemas=portable, wording=house().wording)
    told = _Told(job)
    copies = tasks.copies(job, controller)
    sections = _sections(job, controller, held, told, copies, now)
    stored = write(
        writer.write(told.finish(writer, sections), copies.files), sealing.key_of(job.case.submission)
    )
    summary = writer.summary
    policy = house().policy
    expires_at = now + timedelta(days=policy.package_days)
    kept_until = expires_at + timedelta(days=policy.package_kept_days)
    package = PackageFacts(
        size=summary.size,
        sha256=summary.sha256,
        expires_on=clocks.local_day(expires_at, controller.zone),
        name=f"{job.case.reference}.zip",
        kept_until=clocks.local_day(kept_until, controller.zone) if policy.package_kept_days else None,
    )
    facts = replace(writer.facts, package=package, files=summary.files)
    return Made(_row(job, stored, summary, expires_at, now), facts, writer.letter)


def planned_facts(job: Job, looked: Sequence[letter_facts.Looked], *, now: datetime) -> LetterFacts:
    """What the letter with a copy says before a row is read."""
    deeds = letter_facts.Deeds(job.steps, {}, looked, {}, {}, job.missing, aside=job.aside)
    said = letter_facts.deeds(job.case, deeds, now=now)
    information = letter_facts.information(job.case, deeds, now=now)
    said |= {"information": information, "refused": job.refused, "by_hand": job.by_hand}
    return letter_facts.base(job.case, now=now, **said)


class _Told:
    """What the letter learns while the rows stream by: tracking facts and what was withheld."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.watches: dict[str, Watch] = {}
        self.withheld: dict[str, int] = {}

    def rows(self, system: str, info: CollectionInfo, rows: Iterator[Row]) -> Iterator[Row]:
        others = {one.name for one in info.fields if one.third_party}
        free = {one.name for one in info.fields if one.free_text}
        for row in rows:
            self.watches[system].see(info, row)
            for name in row.withheld:
                kind = "third_party" if name in others else "free_text" if name in free else "other"
                self.withheld[kind] = self.withheld.get(kind, 0) + 1
            yield self._without_others(system, row, free) if free else row

    def _without_others(self, system: str, row: Row, free: set[str]) -> Row:
        """Free text keeps her own addresses only; what was hidden is counted as other people's data."""
        values = dict(row.values)
        for name in free & set(values) - set(row.withheld):
            subject = self.job.steps[system].intent.subject
            if isinstance(values[name], str):
                instead = SOMEBODY_ELSE[self.job.case.submission.language]
                values[name], hidden = evidence.without_others(values[name], subject, instead)
                if hidden:
                    self.withheld["third_party"] = self.withheld.get("third_party", 0) + hidden
        return replace(row, values=values)

    def finish(
        self, writer: documents.PackageWriter, sections: Iterator[documents.Section]
    ) -> Iterator[documents.Section]:
        yield from sections
        language = writer.facts.language
        link = writer.facts.controller.portal_url
        tracking = (watch.facts(language, link) for watch in self.watches.values())
        writer.facts = replace(
            writer.facts,
            tracking=tuple(one for one in tracking if one),
            withheld=tuple(WithheldFacts(kind, count) for kind, count in sorted(self.withheld.items())),
        )


def _sections(
    job: Job,
    controller: Controller,
    held: Rows | None,
    told: _Told,
    copies: tasks.Copies,
    now: datetime,
) -> Iterator[documents.Section]:
    for system in sorted({*job.steps, *(one.system for one in job.aside)}):
        _refuse_gone(controller, system)
        described = house().registry.describe(controller.key, system, now=now)
        told.watches[system] = Watch(described)
        for info in _in_order(described, job, system):
            if system not in job.steps:
                rows: Iterator[Row] = iter(())
            elif system in copies.rows:
                rows = iter(copies.rows[system])
            elif held is not None:
                rows = iter(held.get(system, {}).get(info.name, []))
            else:
                rows = _stream(job, controller, system, info.name, now)
            title = localised(described.title, job.case.submission.language)
            every = chain(rows, _set_aside(job, system, info, now))
            yield documents.Section(system, title, info, told.rows(system, info, every))


def _in_order(described: Description, job: Job, system: str) -> list[CollectionInfo]:
    """The collections of the plan, those with consent first: it is needed to judge the others."""
    consents = {consent.collection for consent in described.consents}
    planned = {name for one in job.aside if one.system == system for name in one.counts}
    if system in job.steps:
        planned |= {item.collection for item in job.steps[system].items if item.count}
    infos = [info for info in described.collections if info.name in planned]
    return sorted(infos, key=lambda info: info.name not in consents)


def _set_aside(job: Job, system: str, info: CollectionInfo, now: datetime) -> Iterator[Row]:
    """The rows of a collection that restrictions of hers keep in the vault."""
    for one in job.aside:
        if one.system == system and info.name in one.counts:
            yield from aside.rows(one, info, job.case, now=now)


def _stream(job: Job, controller: Controller, system: str, collection: str, now: datetime) -> Iterator[Row]:
    step = job.steps[system]
    records = [one for one in step.intent.records if one.collection == collection]
    with house().registry.open(controller.key, system, now=now, read_only=True) as connector:
        free = _free_text(house().registry.describe(controller.key, system, now=now))
        for record_id, row in _rows(connector, records):
            yield _shown(job, step, record_id, row, free)


def _row(
    job: Job, stored: files.StoredFile, summary: documents.Summary, expires_at: datetime, now: datetime
) -> dict[str, Any]:
    return {
        "controller": job.case.controller,
        "case_id": job.case.id,
        "file": stored.name,
        "size": stored.size,
        "sha256": summary.sha256,
        "made_at": now,
        "read_at": now,
        "expires_at": expires_at,
        "downloads": 0,
        "manifest": [[one.name, one.size, one.rows] for one in summary.files],
    }
