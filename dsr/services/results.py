"""What became of a request, item by item in plain words: what was erased, what is kept, why and until when.

The reason of what is kept comes from the law pack (``[[retention]]``, its sentence for letters), found by the
citation that the plan carries; a system's own words stand where the law has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dsr import store
from dsr.contract import ConnectorError
from dsr.domain.law import Pack
from dsr.domain.letters import localised
from dsr.store.models import Case
from dsr.store.queries import people, work

from . import clocks
from .house import house

SHOWN = frozenset({"answered", "closed"})
STRIPPED = "strip"
"""What is told of rows that stay, without what the law does not need of them."""


@dataclass(frozen=True, slots=True)
class Result:
    """One line: ``verb`` of the contract, or STRIPPED, on ``count`` records of a collection; ``why`` and ``until`` of a
    kept one."""

    verb: str
    collection: str
    system: str
    count: int
    why: str = ""
    citation: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class LawWords:
    """What the law says of each duty to keep, by its citation."""

    by_citation: Mapping[str, str]

    def get(self, citation: str, otherwise: str = "") -> str:
        """The sentence of a duty; those of all, in their order, where a citation joins several with '; '."""
        whole = f"; {citation}; "
        found = sorted(
            (whole.index(f"; {one}; "), words)
            for one, words in self.by_citation.items()
            if f"; {one}; " in whole
        )
        return " ".join(words for _, words in found) or otherwise


def law_words(pack: Pack, language: str) -> LawWords:
    """The plain words of a law in one language."""
    return LawWords({rule.citation: rule.letter.of(language) for rule in pack.retention})


def of_submission(reference: str, language: str, *, now: datetime) -> dict[str, tuple[Result, ...]]:
    """The results of every answered case of a submission, by case."""
    with store.reading() as session:
        submission = people.by_reference(session, reference)
        cases = [case for case in submission.cases if case.status in SHOWN] if submission else []
        rows = work.works(session, [case.id for case in cases])
        session.expunge_all()
    return {
        case.reference: _of_case(
            case,
            [
                (row.system, item)
                for row in rows
                if row.case_id == case.id and row.generation == case.generation
                for item in row.outcome.get("items", [])
            ],
            language,
            now,
        )
        for case in cases
    }


def _of_case(
    case: Case, items: Sequence[tuple[str, Mapping[str, object]]], language: str, now: datetime
) -> tuple[Result, ...]:
    law = law_words(clocks.pack_of(case), language)
    names = _names(case.controller, {system for system, _ in items}, language, now)
    found = []
    for system, item in items:
        title, collections = names.get(system, (system, {}))
        collection = str(item["collection"])
        what = collections.get(collection, collection)
        if item["changed"] and item["verb"] not in ("export", "keep", "tell"):
            verb = STRIPPED if item.get("fields") else str(item["verb"])
            found.append(Result(verb, what, title, _count(item["changed"])))
        if item["kept"]:
            citation = str(item["citation"])
            why = law.get(citation) or _said(item["why"], language)
            until = date.fromisoformat(str(item["until"])) if item["until"] else None
            found.append(Result("keep", what, title, _count(item["kept"]), why, citation, until))
    return tuple(found)


def _names(
    controller: str, systems: set[str], language: str, now: datetime
) -> dict[str, tuple[str, dict[str, str]]]:
    """What systems and their collections are called."""
    found = {}
    for system in systems:
        try:
            described = house().registry.describe(controller, system, now=now)
        except ConnectorError:
            continue
        collections = {one.name: localised(one.title, language) or one.name for one in described.collections}
        found[system] = (localised(described.title, language), collections)
    return found


def _said(words: object, language: str) -> str:
    if isinstance(words, Mapping):
        return str(words.get("") or words.get(language) or words.get("en") or "")
    return str(words or "")


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
