"""What happens to the rows of a record: the map and the intent, turned into rules that look at one row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from connectors import _words as words
from connectors._kept import ways
from connectors._map import covers
from connectors._map.model import Collection, Field
from connectors._periods import day_of, last_day, longest
from connectors._tokens import PREFIX, is_bare, is_gone, is_grave, is_pseudonymous, said
from dsr.contract import (
    PORTABLE_BASES,
    PORTABLE_ORIGINS,
    PSEUDONYM_LENGTH,
    SHORTEST_TOMBSTONE,
    Action,
    Change,
    Intent,
    Item,
    KeepRule,
    Match,
    Record,
    Text,
    Verb,
)

from . import texts
from .cells import fold, same, text
from .sheets import Cells, Sheet

REMOVING = (Verb.DELETE, Verb.SEAL_THEN_DELETE, Verb.RESTRICT)
SETTING = (Verb.CORRECT, Verb.MARK, Verb.STOP)
REDUCING = (Verb.ANONYMISE, Verb.PSEUDONYMISE)
WRITING = (*REMOVING, *SETTING, *REDUCING)
ALL_CHANNELS = ("grounds", "")
"""An objection on grounds of her situation (Article 21(1) GDPR) stops every channel."""

OPEN, SET, APART = "open", "set", "apart"
"""A row that a rule is still to be applied to, one that already is as the rule wants, one it leaves alone."""

Complain = Callable[[str, Text, str], None]
"""Notes a conflict: kind, why, detail (the same kind and detail once)."""
Fits = Callable[[str, str], bool]
"""Whether the file takes a text into the column of this name."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One verb on the rows of one collection. ``kept``: by this rule, counted from the field ``dated``;
    ``expired`` True takes the rows past their end, False the others."""

    id: str
    verb: Verb
    changes: tuple[Change, ...] = ()
    fields: tuple[str, ...] = ()
    reason: Text = ""
    citation: str = ""
    kept: KeepRule | None = None
    dated: str = ""
    expired: bool = False

    def state(self, sheet: Sheet, cells: Cells, on: date) -> str:
        """OPEN, SET or APART."""
        if self.kept is not None:
            end = self.until(sheet, cells)
            if (end is not None and end < on) is not self.expired:
                return APART
        if not self.changes:
            return OPEN
        applies = all(_applies(sheet, cells, one) for one in self.changes)
        if self.verb is Verb.MARK and any(one.old is not None for one in self.changes):
            # A flag is taken away wherever it stands; any other value is as good as taken away.
            return OPEN if applies else SET
        if all(_is_set(sheet, cells, one) for one in self.changes):
            return SET
        return OPEN if applies else APART

    def left(self, sheet: Sheet, cells: Cells) -> tuple[Change, ...]:
        """The changes that a row still lacks; of a kept row those alone: its other fields are as they should be."""
        if self.kept is None:
            return self.changes
        return tuple(one for one in self.changes if not _is_set(sheet, cells, one))

    def until(self, sheet: Sheet, cells: Cells) -> date | None:
        """The last day on which the row must be kept; None when its date cannot be read."""
        day = day_of(sheet.cell(cells, self.dated)) if self.kept else None
        return last_day(day, self.kept.period) if day and self.kept else None


def removes(one: Rule | Item) -> bool:
    """Whether whole rows go: values that are set aside leave the row where it is."""
    return one.verb in REMOVING and not one.changes


def _is_set(sheet: Sheet, cells: Cells, change: Change) -> bool:
    now = sheet.cell(cells, change.field)
    if is_pseudonymous(change):
        return is_bare(now)
    return is_gone(text(now)) if is_grave(change.new) else same(now, change.new)


def _applies(sheet: Sheet, cells: Cells, change: Change) -> bool:
    now = sheet.cell(cells, change.field)
    return change.old is None or same(now, change.old) or fold(now) == fold(change.old)


def rules_of(
    intent: Intent, record: Record, sheet: Sheet, complain: Complain, fits: Fits
) -> tuple[Rule, ...]:
    """The rules for one record. Complains where the map says nothing."""
    makers = {
        Action.EXPORT: _export,
        Action.ERASE: _erase,
        Action.RECTIFY: _rectify,
        Action.RESTRICT: _restrict,
        Action.LIFT: _lift,
        Action.STOP: _stop,
    }
    made = makers[intent.action](intent, record, sheet, complain)
    return tuple(rule for rule in made if _fitting(rule, sheet, complain, fits))


def _alone(record: Record, collection: Collection) -> bool:
    """Only rows that are hers alone are changed."""
    return record.match not in (Match.SHARED, Match.MENTIONED) and collection.owner not in ("shared", "other")


def _left(record: Record, sheet: Sheet) -> Rule:
    """Rows that stay because they are not only hers, or only mention her."""
    if record.match is Match.MENTIONED:
        return Rule(f"keep:{sheet.name}:mention", Verb.KEEP, reason=words.by_hand(sheet.title))
    return Rule(f"keep:{sheet.name}:shared", Verb.KEEP, reason=words.not_only_hers(sheet.title))


def _export(intent: Intent, record: Record, sheet: Sheet, complain: Complain) -> Iterator[Rule]:
    fields = sheet.fields if intent.scope != "portable" else _portable(sheet, complain)
    if fields:
        yield Rule(f"export:{sheet.name}", Verb.EXPORT, fields=fields)


def _portable(sheet: Sheet, complain: Complain) -> tuple[str, ...]:
    """Fields the person gave or that were observed, under consent or contract (Article 20(1) GDPR; WP 242)."""
    collection = sheet.collection
    if not collection.basis:
        complain("unknown", words.unanswered(sheet.title, "basis"), "basis")
        return ()
    if collection.basis not in PORTABLE_BASES:
        return ()
    fields = [one for one in collection.fields if one.name in sheet.at]
    if any(one.origin == "unknown" and not one.primary_key for one in fields):
        complain("unknown", words.unanswered(sheet.title, "origin"), "origin")
        return ()
    return tuple(one.name for one in fields if one.origin in PORTABLE_ORIGINS)


def _erase(intent: Intent, record: Record, sheet: Sheet, complain: Complain) -> Iterator[Rule]:
    collection = sheet.collection
    if not _alone(record, collection):
        yield _left(record, sheet)
    elif collection.owner == "unknown":
        complain("unknown", words.unanswered(sheet.title, "owner"), "owner")
    elif collection.erase in ("", "ask"):
        complain("unknown", words.unanswered(sheet.title, "erase"), "erase")
    elif collection.erase == "keep":
        yield from _keep(intent, sheet, complain)
    elif collection.erase == "anonymise":
        if not collection.anonymise:
            complain("unknown", words.unanswered(sheet.title, "anonymise"), "anonymise")
        changes = tuple(Change(name, value) for name, value in collection.anonymise.items())
        yield Rule(f"anonymise:{sheet.name}", Verb.ANONYMISE, changes, tuple(collection.anonymise))
    else:
        yield Rule(f"delete:{sheet.name}", _deleting(intent, collection))


def _deleting(intent: Intent, collection: Collection) -> Verb:
    return Verb.SEAL_THEN_DELETE if intent.block and not collection.unblocked else Verb.DELETE


def _keep(intent: Intent, sheet: Sheet, complain: Complain) -> Iterator[Rule]:
    keep = sheet.collection.keep
    rule = longest(intent.keep, keep.rules if keep is not None else ())
    if keep is None or rule is None:
        complain("unknown", words.unanswered(sheet.title, "rule"), "rule")
        return
    reason = words.kept_by_law(sheet.title, rule.citation)
    yield Rule(
        f"keep:{sheet.name}",
        Verb.KEEP,
        fields=sheet.collection.kept_fields(),
        reason=reason,
        citation=rule.citation,
        kept=rule,
        dated=keep.date,
    )
    for way in ways(sheet.collection, sheet.title, rule):
        changes = tuple(Change(name, value) for name, value in way.wanted.items())
        yield Rule(
            way.id, way.verb, changes, tuple(way.wanted), way.reason, way.citation, kept=rule, dated=keep.date
        )
    gone = _deleting(intent, sheet.collection)
    yield Rule(f"delete:{sheet.name}:expired", gone, kept=rule, dated=keep.date, expired=True)


def _rectify(intent: Intent, record: Record, sheet: Sheet, complain: Complain) -> Iterator[Rule]:
    for change in intent.changes:
        fields = _meant(sheet.collection.fields, change.field)
        rectifiable = [one for one in fields if one.rectifiable]
        if not fields:
            continue
        if not rectifiable:
            complain("unknown", words.unfit(sheet.title, fields[0].name, "fixed"), fields[0].name)
        elif not _alone(record, sheet.collection):
            complain("shared", words.not_only_hers(sheet.title), sheet.name)
        elif len(rectifiable) > 1 and change.old is None:
            complain("unknown", texts.several_fields(sheet.title), change.field)
        else:
            for one in rectifiable:
                made = Change(one.name, change.new, change.old)
                yield Rule(f"correct:{sheet.name}:{one.name}", Verb.CORRECT, (made,), (one.name,))


def _meant(fields: Sequence[Field], category: str) -> list[Field]:
    """The fields of exactly this category; without any, those of a category below it."""
    exact = [one for one in fields if category in one.categories]
    return exact or [one for one in fields if any(covers(name, category) for name in one.categories)]


def _restrict(intent: Intent, record: Record, sheet: Sheet, complain: Complain) -> Iterator[Rule]:
    collection = sheet.collection
    if not _alone(record, collection):
        yield _left(record, sheet)
    elif collection.restrict == "set_aside":
        yield Rule(f"restrict:{sheet.name}", Verb.RESTRICT)
    elif collection.restrict == "flag" and collection.restrict_flag:
        field, value = collection.restrict_flag
        yield Rule(f"mark:{sheet.name}", Verb.MARK, (Change(field, value),), (field,))
    elif collection.restrict == "none":
        yield Rule(f"open:{sheet.name}", Verb.KEEP, reason=words.not_restricted(sheet.title))
    else:
        complain("unknown", words.unanswered(sheet.title, "restrict"), "restrict")


def _lift(intent: Intent, record: Record, sheet: Sheet, complain: Complain) -> Iterator[Rule]:
    flag = sheet.collection.restrict_flag
    if sheet.collection.restrict == "flag" and flag and _alone(record, sheet.collection):
        field, value = flag
        opposite = not value if isinstance(value, bool) else {1: 0, 0: 1}.get(value)
        yield Rule(f"mark:{sheet.name}", Verb.MARK, (Change(field, opposite, value),), (field,))


def _stop(intent: Intent, record: Record, sheet: Sheet, complain: Complain) -> Iterator[Rule]:
    if not _alone(record, sheet.collection):
        return
    everything = not intent.channels or any(one in ALL_CHANNELS for one in intent.channels)
    for channel, values in sheet.collection.stop.items():
        if everything or channel in intent.channels:
            changes = tuple(Change(field, value) for field, value in values.items())
            yield Rule(f"stop:{sheet.name}:{channel}", Verb.STOP, changes, tuple(values))


def _fitting(rule: Rule, sheet: Sheet, complain: Complain, fits: Fits) -> bool:
    """Whether every value can be written; complains of the first that cannot."""
    for change in rule.changes:
        kind = _unfit(change, sheet, fits)
        if kind:
            complain(kind, words.unfit(sheet.title, change.field, said(change, kind)), change.field)
            return False
    return True


def _unfit(change: Change, sheet: Sheet, fits: Fits) -> str:
    if change.field not in sheet.at:
        return "unknown"
    if change.field in sheet.collection.key:
        return "key"
    field = sheet.collection.field(change.field)
    if is_pseudonymous(change):
        if field.data_type not in ("", "string") or not fits(field.name, "x" * PSEUDONYM_LENGTH):
            return "type"
        return "length" if field.length and field.length < PSEUDONYM_LENGTH else ""
    if is_grave(change.new):
        if field.data_type not in ("", "string") or not fits(field.name, PREFIX):
            return "type"
        return "length" if field.length and field.length < SHORTEST_TOMBSTONE else ""
    if not isinstance(change.new, str):
        return ""
    if field.length and len(change.new) > field.length:
        return "length"
    return "" if fits(field.name, change.new) and _typed(field, change.new) else "type"


def _typed(field: Field, value: str) -> bool:
    """Whether a text is of the type that the map declares."""
    bare = value.strip()
    if field.data_type in ("integer", "decimal", "float") and bare:
        return bare.replace(".", "", 1).replace(",", "", 1).removeprefix("-").isdecimal()
    return field.data_type not in ("date", "datetime") or not bare or day_of(bare) is not None
