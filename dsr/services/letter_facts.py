"""What the letters of a case say, gathered from its plan, outcomes, searches and the systems' own words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dsr.contract import ConnectorError, Description, Found, Step, Text
from dsr.domain import letters
from dsr.domain.identity import mask
from dsr.domain.law import Pack, RightMissing
from dsr.domain.letters import (
    AdditionFacts,
    AsideFacts,
    AuthorityFacts,
    ChangedFacts,
    CompletesFacts,
    DoneFacts,
    KeptFacts,
    LetterFacts,
    NewerFacts,
    SearchedFacts,
    StoppedFacts,
    SystemFacts,
    localised,
    system_facts,
)
from dsr.domain.plan import told_as
from dsr.domain.rights import NAMES, Right
from dsr.store.models import Case

from . import clocks, intents, outbox, period_words, results, sealing
from .aside import Aside
from .giving_back import NEWER
from .house import house

UNDONE = frozenset({"export", "keep", "tell"})


@dataclass(frozen=True, slots=True)
class Looked:
    """What one system answered for this case."""

    system: str
    found: str
    count: int
    at: datetime | None
    why: Mapping[str, str]
    proposals: int = 0


@dataclass(frozen=True, slots=True)
class Deeds:
    """Everything that was found and done for a case: by system, the steps and the outcome facts. ``missing``: where
    the answer that is completed could not look. ``before``: what was carried out of former plans."""

    steps: Mapping[str, Step]
    outcomes: Mapping[str, Mapping[str, Any]]
    looked: Sequence[Looked]
    done_at: Mapping[str, datetime | None]
    final_on: Mapping[str, date | None]
    missing: Collection[str] = ()
    before: tuple[Deeds, ...] = ()
    aside: tuple[Aside, ...] = ()

    def changed(self, system: str, kept: Mapping[str, Any], verb: str) -> Mapping[str, Any]:
        """The item that changed fields of rows that an item kept in part; an empty one when there is none."""
        if not kept.get("fields"):
            return {}
        items = self.outcomes[system].get("items", [])
        same = (one for one in items if one["collection"] == kept["collection"] and one.get("fields"))
        return next((one for one in same if one["verb"] == verb), {})


def base(case: Case, *, now: datetime, **more: Any) -> LetterFacts:
    """The common head and foot of every letter of a case, with what ``more`` adds."""
    controller = house().controller(case.controller)
    pack = clocks.pack_of(case)
    language = case.submission.language
    key = sealing.key_of(case.submission)
    words = sealing.unseal(key, case.submission.sealed or b"", dict, "submission")
    wishes = intents.words(case, key)
    return LetterFacts(
        controller=outbox.controller_facts(controller),
        authority=_authority(pack, language),
        reference=case.reference,
        right=case.right,
        right_name=right_name(pack, case, language),
        received_on=case.received_on,
        written_on=clocks.local_day(now, controller.zone),
        language=language,
        channel=case.submission.channel,
        person=words["name"],
        asked_by=words["representative"] if case.submission.behalf else "",
        postal_address=words["postal_address"],
        request_text=wishes.reason or words["message"],
        ground=wishes.ground,
        due_on=case.due_on,
        first_due_on=case.first_due_on,
        rule=period_words.rule_words(clocks.law_of(case), case, language),
        articles=letters.articles_of(pack.law, language),
        identifiers=_identifiers(case, key),
        additions=_additions(pack, case.right, language),
        **more,
    )


def deeds(case: Case, facts: Deeds, *, now: datetime) -> dict[str, Any]:
    """The fields of LetterFacts that say what was searched, done, kept and changed."""
    language = case.submission.language
    described = _described(case, facts, now)
    names = {system: localised(one.title, language) for system, one in described.items()}
    titles = {
        (system, info.name): localised(info.title, language) or info.name
        for system, one in described.items()
        for info in one.collections
    }
    parts = (*facts.before, facts)
    told = [
        names | {s: results.by_word(names.get(s, s), said, language) for s, said in one.outcomes.items()}
        for one in parts
    ]
    said = tuple(zip(parts, told, strict=True))
    zone = house().controller(case.controller).zone
    law = results.law_words(clocks.pack_of(case), language)
    labels = _Labels(described, language)
    return {
        "searched": tuple(_searched(one, names, language) for one in facts.looked),
        "searched_at": _latest(facts, zone),
        "completes": _completes(case, facts, names, language),
        "promised_on": clocks.promise_by(case, now) if unsearched(facts.looked) else None,
        "aside": tuple(_aside(facts, names, titles, zone)),
        "done": tuple(one for deed, names in said for one in _done(deed, names, titles, zone, labels)),
        "kept": results.as_last_said(_kept(deed, names, titles, law, labels) for deed, names in said),
        "changes": tuple(
            dict.fromkeys(
                one for deed, names in said for one in _changes(deed, names, described, language, zone)
            )
        ),
        "newer": tuple(_newer(facts, told[-1], titles)),
        "stopped": tuple(
            dict.fromkeys(one for deed, names in said for one in _stopped(case, deed, names, zone))
        ),
    }


def unsearched(looked: Iterable[Looked]) -> bool:
    """Is there a place that gave no answer? Then the letter promises to go on."""
    return any(one.found in (Found.FAILED, Found.NOT_ANSWERED) for one in looked)


def completed(case: Case, looked: Sequence[Looked], *, now: datetime) -> dict[str, Any]:
    """The fields of LetterFacts of a letter that says no more than where was searched."""
    missing = [one.system for one in looked if one.found in (Found.FAILED, Found.NOT_ANSWERED)]
    return deeds(case, Deeds({}, {}, looked, {}, {}, missing), now=now)


def information(case: Case, facts: Deeds, *, now: datetime) -> tuple[SystemFacts, ...]:
    """Article 15(1) for every system in which something of hers was found."""
    language = case.submission.language
    counts: dict[str, dict[str, int]] = {}
    found = [
        (system, one.collection, one.count) for system, step in facts.steps.items() for one in step.items
    ]
    found += [(one.system, name, count) for one in facts.aside for name, count in one.counts.items()]
    for system, collection, count in found:
        mine = counts.setdefault(system, {})
        mine[collection] = mine.get(collection, 0) + count
    described = _described(case, facts, now)
    return tuple(
        system_facts(described[s], language, mine) for s, mine in sorted(counts.items()) if s in described
    )


def right_name(pack: Pack, case: Case, language: str) -> str:
    """The right as the law of her country calls it, or as the product does."""
    try:
        return pack.right(case.local_right or case.right).names.of(language)
    except RightMissing:
        return NAMES[Right(case.right)].get(language, case.right)


def _described(case: Case, facts: Deeds, now: datetime) -> dict[str, Description]:
    """Systems that were only asked, and cannot even say what they are, are named by their title."""
    registry = house().registry
    done = set(facts.steps).union(*(one.steps for one in facts.before), (one.system for one in facts.aside))
    systems = {one.system for one in facts.looked} | done
    described = {}
    for config in registry.for_controller(case.controller):
        try:
            if config.key in systems:
                described[config.key] = registry.describe(case.controller, config.key, now=now)
        except ConnectorError:
            if config.key in done:
                raise
            described[config.key] = Description(title=config.title, collections=(), capabilities=())
    return described


def _authority(pack: Pack, language: str) -> AuthorityFacts:
    authority = pack.authority
    prior = authority.prior_step.of(language) if authority.prior_step else ""
    return AuthorityFacts(
        name=authority.name,
        address=authority.address or "",
        url=authority.url,
        court=authority.court_remedy.of(language),
        prior_step=prior,
        window=period_words.window(authority.window, language),
    )


def _additions(pack: Pack, right: str, language: str) -> tuple[AdditionFacts, ...]:
    """What the law of the case adds to letters about this right."""
    return tuple(
        AdditionFacts(one.id, one.letters, one.text.of(language), one.citation, one.elements)
        for one in pack.additions
        if not one.rights or right in one.rights
    )


def _identifiers(case: Case, key: bytes) -> tuple[str, ...]:
    """Masked: the letter may lie on a table."""
    return tuple(
        mask(row.kind, sealing.unseal(key, row.sealed, dict, "identity")["value"])
        for row in case.submission.identifiers
        if row.sealed and row.provenance == "typed"
    )


def _latest(facts: Deeds, zone: str) -> datetime | None:
    """When the last system was searched, by the controller's clock."""
    latest = max((one.at for one in facts.looked if one.at), default=None)
    return latest.astimezone(ZoneInfo(zone)) if latest else None


def _completes(case: Case, facts: Deeds, names: Mapping[str, str], language: str) -> CompletesFacts | None:
    """The letter that this one completes: what it could not look in, and what was said there since."""
    if not facts.missing or case.answered_at is None:
        return None
    since = [one for one in facts.looked if one.system in facts.missing and not unsearched([one])]
    return CompletesFacts(
        on=clocks.local_day(case.answered_at, house().controller(case.controller).zone),
        places=tuple(names.get(system, system) for system in sorted(facts.missing)),
        now=tuple(_searched(one, names, language) for one in since),
    )


def _searched(one: Looked, names: Mapping[str, str], language: str) -> SearchedFacts:
    return SearchedFacts(
        system=names.get(one.system, one.system),
        found=one.found,
        count=one.count,
        at=one.at,
        why=_said(one.why, language) if one.found != Found.FAILED else "",
    )


def _items(facts: Deeds) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for system, outcome in sorted(facts.outcomes.items()):
        for item in outcome.get("items", []):
            yield system, item


@dataclass(frozen=True, slots=True)
class _Labels:
    """What the fields of an outcome are called in the language of the letter."""

    described: Mapping[str, Description]
    language: str

    def of(self, system: str, item: Mapping[str, Any]) -> tuple[str, ...]:
        said = self.described.get(system)
        named = (
            results.field_words(said, item["collection"], one, self.language)
            for one in item.get("fields", ())
        )
        return tuple(dict.fromkeys(named))


def _done(
    facts: Deeds,
    names: Mapping[str, str],
    titles: Mapping[tuple[str, str], str],
    zone: str,
    labels: _Labels,
) -> Iterable[DoneFacts]:
    for system, item in _items(facts):
        if item["changed"] and item["verb"] not in UNDONE:
            final_on = facts.final_on.get(system)
            fields = item.get("fields", ())
            yield DoneFacts(
                verb=told_as(item["verb"], fields),
                collection=titles.get((system, item["collection"]), item["collection"]),
                system=names.get(system, system),
                count=item["changed"],
                on=_day(facts, system, zone),
                pending=final_on is not None,
                final_on=final_on,
                fields=labels.of(system, item),
            )


def _kept(
    facts: Deeds,
    names: Mapping[str, str],
    titles: Mapping[tuple[str, str], str],
    law: results.LawWords,
    labels: _Labels,
) -> Iterable[KeptFacts]:
    for system, item in _items(facts):
        if item["kept"]:
            of_rows = {"pseudonyms": labels.of(system, facts.changed(system, item, "pseudonymise"))}
            of_rows["aside"] = labels.of(system, facts.changed(system, item, "restrict"))
            yield KeptFacts(
                collection=titles.get((system, item["collection"]), item["collection"]),
                system=names.get(system, system),
                count=item["kept"],
                why=law.get(item["citation"]) or _said(item["why"], labels.language),
                citation=item["citation"],
                until=date.fromisoformat(item["until"]) if item["until"] else None,
                fields=labels.of(system, item),
                **of_rows,
            )


def _changes(
    facts: Deeds,
    names: Mapping[str, str],
    described: Mapping[str, Description],
    language: str,
    zone: str,
) -> Iterable[ChangedFacts]:
    for system, step in sorted(facts.steps.items()):
        for item in step.items:
            if item.verb != "correct" or not facts.outcomes.get(system):
                continue
            for change in item.changes:
                yield ChangedFacts(
                    field=results.field_words(described.get(system), item.collection, change.field, language),
                    old="" if change.old is None else str(change.old),
                    new=str(change.new),
                    system=names.get(system, system),
                    on=_day(facts, system, zone),
                )


def _aside(
    facts: Deeds, names: Mapping[str, str], titles: Mapping[tuple[str, str], str], zone: str
) -> Iterable[AsideFacts]:
    for one in facts.aside:
        for name, count in sorted(one.counts.items()):
            yield AsideFacts(
                collection=titles.get((one.system, name), name),
                system=names.get(one.system, one.system),
                count=count,
                since=clocks.local_day(one.since, zone),
                case=one.case,
            )


def _newer(
    facts: Deeds, names: Mapping[str, str], titles: Mapping[tuple[str, str], str]
) -> Iterable[NewerFacts]:
    """What lifting left, because somebody changed it since."""
    for system, outcome in sorted(facts.outcomes.items()):
        for name, count in sorted(outcome.get(NEWER, {}).items()):
            yield NewerFacts(titles.get((system, name), name), names.get(system, system), count)


def _stopped(case: Case, facts: Deeds, names: Mapping[str, str], zone: str) -> Iterable[StoppedFacts]:
    if case.right not in (Right.OBJECTION, Right.WITHDRAWAL):
        return
    asked = intents.words(case, sealing.key_of(case.submission)).channels
    for system, outcome in sorted(facts.outcomes.items()):
        stopped = any(item["verb"] in ("stop", "mark") for item in outcome.get("items", []))
        on = _day(facts, system, zone)
        if stopped and on:
            for channel in asked:
                pending = facts.final_on.get(system) is not None
                yield StoppedFacts(channel, names.get(system, system), on, pending)


def _day(facts: Deeds, system: str, zone: str) -> date | None:
    at = facts.done_at.get(system)
    return clocks.local_day(at, zone) if at else None


def _said(words: Mapping[str, str] | Text, language: str) -> str:
    if isinstance(words, str):
        return words
    return words.get("") or localised(words, language) if words else ""
