"""What became of a request, item by item in plain words: what was erased, what is kept, why and until when.

The reason of what is kept comes from the law pack (``[[retention]]``, its sentence for letters), found by the
citation that the plan carries; a system's own words stand where the law has none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any, Protocol, TypeVar

from dsr import store
from dsr.contract import Action, ConnectorError, Description
from dsr.domain import letters
from dsr.domain.law import Pack
from dsr.domain.letters import localised
from dsr.domain.plan import action_of as action_of_key
from dsr.domain.plan import told_as
from dsr.domain.rights import Right, action_of
from dsr.store.models import Case, Work
from dsr.store.queries import people, work

from . import clocks
from .giving_back import NEWER
from .house import house

ROLES: Mapping[str, Mapping[str, str]] = {
    "legal": {"es": "asesoría jurídica", "en": "legal department", "pt": "departamento jurídico"},
    "accounting": {"es": "contabilidad", "en": "accounting", "pt": "contabilidade"},
    "compliance": {"es": "cumplimiento normativo", "en": "compliance", "pt": "conformidade"},
    "credit": {"es": "créditos", "en": "credit department", "pt": "crédito"},
    "marketing": {"es": "marketing", "en": "marketing", "pt": "marketing"},
    "security": {"es": "seguridad", "en": "security", "pt": "segurança"},
}
"""Who may see what is kept (``roles`` of ``[[retention]]``) until its date, in words."""

STATED = "stated"
"""The receipt of an outcome that rests on the word of the people who keep the documents."""

BY_WORD = {
    "es": "{place} (nos lo confirma quien lo guarda; ningún programa puede comprobarlo)",
    "en": "{place} (confirmed by the person who keeps it; no program can check it)",
    "pt": "{place} (confirmado por quem o guarda; nenhum programa pode verificá-lo)",
}

SHOWN = frozenset({"answered", "closed"})


@dataclass(frozen=True, slots=True)
class Result:
    """One line: ``verb`` as ``plan.told_as`` says it, on ``count`` records of a collection; ``why`` and ``until`` of
    a kept one; ``fields`` of rows that stay: what stays, or what changed in them."""

    verb: str
    collection: str
    system: str
    count: int
    why: str = ""
    citation: str = ""
    until: date | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LawWords:
    """What the law says of each duty to keep, by its citation; who may see what is kept."""

    by_citation: Mapping[str, str]
    seen_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def roles(self, citation: str) -> tuple[str, ...]:
        """In words, of every duty that a citation joins."""
        whole = f"; {citation}; "
        named = (role for one, roles in self.seen_by.items() if f"; {one}; " in whole for role in roles)
        return tuple(dict.fromkeys(named))

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
    return LawWords(
        {rule.citation: rule.letter.of(language) for rule in pack.retention},
        {
            rule.citation: tuple(localised(ROLES[role], language) for role in rule.roles)
            for rule in pack.retention
        },
    )


def of_submission(reference: str, language: str, *, now: datetime) -> dict[str, tuple[Result, ...]]:
    """The results of every answered case of a submission, by case."""
    with store.reading() as session:
        submission = people.by_reference(session, reference)
        cases = [case for case in submission.cases if case.status in SHOWN] if submission else []
        rows = work.works(session, [case.id for case in cases])
        session.expunge_all()
    return {
        case.reference: _of_case(case, [row for row in rows if row.case_id == case.id], language, now)
        for case in cases
    }


def _of_case(case: Case, rows: Sequence[Work], language: str, now: datetime) -> tuple[Result, ...]:
    """Plan after plan: what each did, and what is kept as the last one said it."""
    carried = sorted(_told(case, rows), key=lambda row: (row.generation, row.id))
    law = law_words(clocks.pack_of(case), language)
    names = described(case.controller, {row.system for row in carried}, now)
    back = {row.system for row in carried if action_of_key(row.key) == Action.LIFT}
    said = [
        [
            one
            for row in mine
            for one in _lines(row, names.get(row.system), law, language)
            if not (one.verb == "aside" and row.system in back)
        ]
        for _, mine in groupby(carried, key=lambda row: row.generation)
    ]
    done = tuple(one for part in said for one in part if one.verb != "keep")
    return done + as_last_said([one for one in part if one.verb == "keep"] for part in said)


def _told(case: Case, rows: Sequence[Work]) -> Iterable[Work]:
    """What the case is for now; of an erasure also what it did before its values of kept rows were given back."""
    yield from work.carried_out(rows, action_of(case.right, case.doing))
    if case.right == Right.ERASURE and case.doing == Action.LIFT:
        yield from work.carried_out(rows, action_of(case.right, ""))


def _lines(row: Work, said: Description | None, law: LawWords, language: str) -> Iterable[Result]:
    title = localised(said.title, language) if said else row.system
    for name, count in sorted(row.outcome.get(NEWER, {}).items()):
        yield Result(NEWER, collection_words(said, name, language), title, count)
    for item in row.outcome.get("items", []):
        what = collection_words(said, str(item["collection"]), language)
        fields = _fields(item, said, language)
        if item["changed"] and item["verb"] not in ("export", "keep", "tell"):
            verb = told_as(str(item["verb"]), fields)
            yield Result(verb, what, title, _count(item["changed"]), fields=fields)
        if item["kept"]:
            citation = str(item["citation"])
            why = law.get(citation) or _said(item["why"], language)
            until = date.fromisoformat(str(item["until"])) if item["until"] else None
            yield Result("keep", what, title, _count(item["kept"]), why, citation, until, fields)


class Kept(Protocol):
    """A line that says what is kept where, by which duty."""

    @property
    def system(self) -> str: ...
    @property
    def collection(self) -> str: ...
    @property
    def citation(self) -> str: ...


K = TypeVar("K", bound=Kept)


def as_last_said(plans: Iterable[Iterable[K]]) -> tuple[K, ...]:
    """What is kept, of one plan after the other: rows that a later one found again are not kept twice."""
    found: dict[tuple[str, str, str], list[K]] = {}
    for lines in plans:
        fresh: dict[tuple[str, str, str], list[K]] = {}
        for one in lines:
            fresh.setdefault((one.system, one.collection, one.citation), []).append(one)
        found |= fresh
    return tuple(one for same in found.values() for one in same)


def described(controller: str, systems: Collection[str], now: datetime) -> dict[str, Description]:
    """What systems say of themselves; those that cannot are left out."""
    found = {}
    for system in systems:
        try:
            found[system] = house().registry.describe(controller, system, now=now)
        except ConnectorError:
            continue
    return found


def by_word(place: str, outcome: Mapping[str, Any], language: str) -> str:
    """A place in a letter; what is known from a person alone is told as such."""
    return BY_WORD[language].format(place=place) if outcome.get("receipt") == STATED else place


def collection_words(said: Description | None, name: str, language: str) -> str:
    """What a collection is called."""
    titles = (one.title for one in (said.collections if said else ()) if one.name == name)
    return localised(next(titles, ""), language) or name


def field_words(said: Description | None, collection: str, field: str, language: str) -> str:
    """What a field is called: its own words, its category, or its name."""
    infos = [f for c in said.collections if c.name == collection for f in c.fields] if said else []
    found = next((one for one in infos if one.name == field), None)
    if found is None:
        return field
    if found.description:
        return localised(found.description, language)
    return letters.category_words(found.categories[0], language) if found.categories else field


def changed_fields(
    outcome: Mapping[str, Any], collection: str, said: Description | None, language: str
) -> tuple[str, ...]:
    """What an outcome says of the fields that changed in rows of a collection that stay."""
    mine = (one for one in outcome.get("items", []) if one["collection"] == collection)
    named = (_fields(one, said, language) for one in mine if one["verb"] != "keep")
    return tuple(dict.fromkeys(field for fields in named for field in fields))


def _fields(item: Mapping[str, object], said: Description | None, language: str) -> tuple[str, ...]:
    named = item.get("fields") or ()
    fields = named if isinstance(named, Sequence) else ()
    return tuple(
        dict.fromkeys(field_words(said, str(item["collection"]), str(one), language) for one in fields)
    )


def _said(words: object, language: str) -> str:
    if isinstance(words, Mapping):
        return str(words.get("") or words.get(language) or words.get("en") or "")
    return str(words or "")


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
