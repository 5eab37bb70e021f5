"""What the map and the law say happens to the rows of one collection on erasure."""

from __future__ import annotations

from dataclasses import dataclass

from connectors import _words as words
from connectors._map.model import Collection
from connectors._periods import longest
from dsr.contract import Intent, KeepRule, Match, Record, Verb

from . import fields
from .naming import titled
from .plans import Draft, Work
from .store import Store
from .tally import Group

EXPIRED = ":expired"


@dataclass(frozen=True)
class Fate:
    """What happens to the rows of one record: those that stay, those that go, what changes in those that stay."""

    kept: Group | None = None
    gone: Group | None = None
    fields: tuple[Group, ...] = ()


def rule_of(intent: Intent, collection: Collection) -> KeepRule | None:
    """The retention rule of a collection that ends last, if the law of the case knows one."""
    return longest(intent.keep, collection.keep.rules if collection.keep else ())


def fate_of(work: Work, number: int, record: Record, collection: Collection) -> Fate:
    """The fate of a record; a conflict where the map does not say."""
    draft, name = work.drafts[number], collection.name
    title = titled(work.store, name)
    if record.match is Match.MENTIONED:
        mention = Group(f"keep:{name}:mention", Verb.KEEP, name, reason=words.by_hand(title))
        return Fate(draft.group(mention, record))
    if record.match is Match.SHARED or collection.owner == "shared":
        reason = words.not_only_hers(title)
        return Fate(draft.group(Group(f"keep:{name}:shared", Verb.KEEP, name, reason=reason), record))
    if collection.owner == "unknown":
        draft.conflict("unknown", name, words.unanswered(title, "owner"), "owner")
        return Fate()
    if collection.erase in ("", "ask"):
        draft.conflict("unknown", name, words.unanswered(title, "erase"), "erase")
        return Fate()
    if collection.erase == "keep":
        return _kept(draft, record, collection, work)
    if collection.erase == "anonymise":
        return Fate(gone=draft.group(anonymous(work.store, draft, collection), record))
    return Fate(gone=draft.group(deleted(draft.intent, collection), record))


def deleted(intent: Intent, collection: Collection, suffix: str = "") -> Group:
    """Rows that go; sealed before where the law wants them blocked."""
    verb = Verb.SEAL_THEN_DELETE if intent.block and not collection.unblocked else Verb.DELETE
    return Group(f"delete:{collection.name}{suffix}", verb, collection.name)


def _kept(draft: Draft, record: Record, collection: Collection, work: Work) -> Fate:
    name, title = collection.name, titled(work.store, collection.name)
    rule = rule_of(draft.intent, collection)
    if rule is None:
        draft.conflict("unknown", name, words.unanswered(title, "rule"), "rule")
        return Fate()
    kept = Group(
        f"keep:{name}",
        Verb.KEEP,
        name,
        reason=words.kept_by_law(title, rule.citation),
        citation=rule.citation,
        fields=collection.kept_fields(),
    )
    gone = draft.group(deleted(draft.intent, collection, EXPIRED), record)
    changing = fields.groups(work.store, draft, collection, rule)
    return Fate(draft.group(kept, record), gone, tuple(draft.group(one, record) for one in changing))


def anonymous(store: Store, draft: Draft, collection: Collection) -> Group:
    """Rows that lose what tells whose they are; conflicts for values that cannot be written."""
    name = collection.name
    if not collection.anonymise:
        draft.conflict("unknown", name, words.unanswered(titled(store, name), "anonymise"), "anonymise")
    changes = tuple(fields.changed(store, draft, collection, collection.anonymise))
    named = tuple(change.field for change in changes)
    return Group(f"anonymise:{name}", Verb.ANONYMISE, name, changes=changes, fields=named)
