"""What the case commands show: the row of a case, its page, its plan, as data and as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from dsr import store
from dsr.services import viewing
from dsr.services.house import house
from dsr.services.officers import Officer
from dsr.services.viewing import CaseView
from dsr.store.queries import people

from .console import now, officer, table

EYES = ("agent", "dpo")
"""Roles of the command line itself: whoever runs it here can read the keys as well."""


def facts(reference: str) -> dict[str, Any]:
    """The row of a case: nothing personal. Refusal ``case.unknown``."""
    with store.reading() as session:
        row = people.case(session, reference)
        waits_for = next((one.reference for one in row.submission.cases if one.id == row.waits_for), None)
        return {
            "reference": row.reference,
            "submission": row.submission.reference,
            "controller": row.controller,
            "right": row.right,
            "local_right": row.local_right,
            "status": row.status,
            "ending": row.ending,
            "jurisdiction": row.jurisdiction,
            "pack": row.pack,
            "received_at": row.received_at,
            "due_on": row.due_on,
            "first_due_on": row.first_due_on,
            "internal_on": row.internal_on,
            "suspended_on": row.suspended_on,
            "failed": row.failed,
            "bounced": row.bounced,
            "waits_for": waits_for,
            "promised_on": row.promised_on,
            "assignee": row.assignee,
            "answered_at": row.answered_at,
            "closed_at": row.closed_at,
        }


def case(reference: str, by: str | None, language: str | None) -> CaseView:
    """The page of a case as ``by`` may see it, or as the command line does."""
    controller = facts(reference)["controller"]
    who = officer(by, controller) if by else Officer(0, EYES, (controller,), name="cli")
    spoken = language or house().controller(controller).language
    return viewing.view(reference, by=who, language=spoken, now=now())


def plan(view: CaseView) -> dict[str, Any]:
    """The plan of a case with what must be decided before it can be approved."""
    found = view.plan
    return {
        "reference": view.facts.reference,
        "status": view.facts.status,
        "hash": found.hash if found else None,
        "lines": list(found.lines) if found else [],
        "conflicts": list(found.conflicts) if found else [],
        "proposals": [
            {"system": search.system, "record": record.id, "collection": record.title, "count": record.count,
             "match": record.match, "why": record.why}
            for search in view.searches
            for record in search.records
            if record.open
        ],
        "not_searched": [one.system for one in view.searches if one.found in ("failed", "not_answered")],
        "gates": list(found.gates) if found else [],
    }  # fmt: skip


def print_case(view: CaseView) -> None:
    """The page of a case on a terminal."""
    one = view.facts
    click.echo(f"{one.reference}  {one.right_name}  {one.status}{f' ({one.ending})' if one.ending else ''}")
    click.echo(
        f"received {one.received_on}  due {view.clock.clock.due_on}  target {view.clock.clock.internal_on}"
    )
    click.echo(f"{view.clock.law}: {view.clock.clock.source}")
    rows = (
        (i.id, i.kind, i.masked, "proved" if i.proved_at else "typed", i.provenance)
        for i in view.person.identifiers
    )
    table("Person", ("number", "kind", "value", "proof", "from"), rows)
    searched = ((s.system, s.found, s.count, s.proposals, s.why) for s in view.searches)
    table("Searched", ("system", "found", "rows", "to decide", "why"), searched)
    records = (
        (s.system, r.id, r.title, r.count, r.match, r.verdict or ("decide" if r.open else ""), r.why)
        for s in view.searches
        for r in s.records
    )
    table("Records", ("system", "record", "collection", "rows", "match", "verdict", "why"), records)
    if view.works:
        works = ((w.system, w.state, w.verified, w.left, w.final_on, w.why) for w in view.works)
        table("Done", ("system", "state", "read back", "left", "final on", "why"), works)
    _print_paper(view)
    happened = (
        (h.at.isoformat(timespec="seconds"), h.kind, h.actor, _words(h.words))
        for h in reversed(view.timeline)
    )
    table("Timeline", ("at", "what", "who", "words"), happened)


def _print_paper(view: CaseView) -> None:
    if view.letters or view.packages:
        lines: list[tuple[object, ...]] = [(one.kind, one.made_at.date(), one.sha256) for one in view.letters]
        lines += [("package", one.made_at.date(), one.sha256) for one in view.packages]
        table("Letters and packages", ("what", "on", "SHA-256"), lines)


def _words(words: dict[str, Any]) -> str:
    return " · ".join(str(value) for value in words.values())


def print_plan(found: dict[str, Any]) -> None:
    """The plan on a terminal, its hash last."""
    lines = ((x.system, x.verb, x.collection, x.count, _meaning(x)) for x in found["lines"])
    table(f"Plan of {found['reference']}", ("system", "verb", "collection", "rows", "meaning"), lines)
    _list("conflict", (f"{x.system_title}: {x.collection}: {x.why}" for x in found["conflicts"]))
    _list(
        "to decide",
        (
            f"{x['system']} {x['record']} {x['collection']} ({x['count']}): {x['why']}"
            for x in found["proposals"]
        ),
    )
    _list("not searched", found["not_searched"])
    _list("will not act", (f"{system}: {why}" for system, why in found["gates"]))
    click.echo(f"hash {found['hash']}" if found["hash"] else "There is no plan yet.")


def _meaning(line: Any) -> str:
    parts = [line.sentence, line.reason, line.citation, f"until {line.until}" if line.until else ""]
    parts += [f"{name}: {old or '?'} -> {new}" for name, old, new in line.changes]
    return " · ".join(part for part in parts if part)


def _list(title: str, lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(f"{title}: {line}")
