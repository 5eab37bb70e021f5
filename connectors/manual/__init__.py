"""The ``manual`` kind: a place that no program reaches; colleagues (holders) are asked and answer.

Nothing here is machine-readable. The connector describes the place and says what would have to be done by
hand; the questions go out from the service, which enters what the holders found as records. What a holder
did is known from her word and her evidence alone, and every sentence says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsr.contract import (
    Action,
    Capability,
    Change,
    CollectionInfo,
    ConnectorError,
    Context,
    Description,
    FieldInfo,
    Finding,
    Found,
    Intent,
    Item,
    ItemOutcome,
    Keeper,
    Located,
    Order,
    Outcome,
    Record,
    Residual,
    RowPage,
    Searched,
    State,
    Step,
    Subject,
    Support,
    Verb,
)

from .settings import SETTINGS, check
from .words import ASKED, DOCUMENTS, FINAL, HOW, NO_LIST, UNCONFIRMED, by_hand, sentence

COLLECTION = "documents"
STATED = "stated"
"""Begins the receipt of an outcome that rests on the word and the evidence of a holder."""

IDENTIFIERS = ("email", "phone", "customer_number", "name", "other")

VERBS = {
    Action.EXPORT: Verb.EXPORT,
    Action.RECTIFY: Verb.CORRECT,
    Action.ERASE: Verb.DELETE,
    Action.RESTRICT: Verb.RESTRICT,
    Action.LIFT: Verb.LIFT,
    Action.STOP: Verb.STOP,
}


class Manual:
    """A place worked by hand. Settings: see ``SETTINGS``; who is asked stands in ``holders``."""

    kind = "manual"
    settings = SETTINGS

    def __init__(self) -> None:
        self._context: Context | None = None

    def open(self, context: Context) -> None:
        """Check the settings; ConnectorError(permanent=True) names the one that is wrong."""
        check(context.settings)
        self._context = context

    def close(self) -> None:
        """Nothing is held."""
        self._context = None

    def describe(self) -> Description:
        """The place in the words of its settings; every action is done by people."""
        given = self._here.settings
        fields = tuple(FieldInfo(name, (name,), rectifiable=True) for name in given["categories"])
        documents = CollectionInfo(
            COLLECTION,
            DOCUMENTS,
            fields=fields,
            purpose=given.get("purpose", ""),
            basis=given.get("basis", ""),
            source=given.get("source", ""),
            recipients=tuple(given.get("recipients", ())),
            retention=given.get("retention", ""),
        )
        return Description(
            title=given["title"],
            collections=(documents,),
            capabilities=tuple(Capability(action, Support.MANUAL, HOW[action], FINAL) for action in Action),
            operator=given.get("operator", ""),
            country=given.get("country", ""),
            safeguard=given.get("safeguard", ""),
            identifiers=IDENTIFIERS,
            order=Order.SINK,
        )

    def check(self) -> tuple[Finding, ...]:
        """There is nothing to reach: who answers for the place, and whether it says what to look for."""
        owner = self._here.settings["owner"]
        found = (Finding("ok", "by_hand", by_hand(owner)),)
        listed = bool(self._here.settings.get("checklist"))
        return found if listed else (*found, Finding("warning", "checklist", NO_LIST))

    def locate(self, subjects: Sequence[Subject], after: str | None = None) -> Located:
        """Nobody has answered yet: a program cannot look here."""
        return Located((), tuple(Searched(one.key, Found.NOT_ANSWERED, why=ASKED) for one in subjects))

    def read(self, records: Sequence[Record], after: str | None = None) -> RowPage:
        """No rows: what there is, holders hand in as files."""
        return RowPage(())

    def plan(self, intents: Sequence[Intent]) -> tuple[Step, ...]:
        """One item per record that a holder reported."""
        return tuple(self._step(intent) for intent in intents)

    def act(self, steps: Sequence[Step], keeper: Keeper) -> Iterator[Outcome]:
        """Nothing is changed by us: every step with work waits for its holders."""
        if self._here.read_only:
            raise ConnectorError("this place was opened for reading only", permanent=True)
        for step in steps:
            items = tuple(ItemOutcome(item.id, item.count, 0) for item in step.items)
            state = State.WAITING if items else State.ALREADY
            yield Outcome(step.intent.key, state, items, why=ASKED if items else "")

    def verify(self, pairs: Sequence[tuple[Step, Outcome]]) -> tuple[Residual, ...]:
        """Everything counts as still there unless the outcome rests on what holders stated with evidence."""
        return tuple(
            Residual(outcome.key, item.id, item.count, UNCONFIRMED)
            for step, outcome in pairs
            if not outcome.receipt.startswith(STATED)
            for item in step.items
        )

    def _step(self, intent: Intent) -> Step:
        changes = tuple(self._changes(intent.changes))
        if intent.action is Action.RECTIFY and not changes:
            return Step(intent, (), atomic=False)
        verb = VERBS[intent.action]
        if verb is Verb.DELETE and intent.block:
            verb = Verb.SEAL_THEN_DELETE
        items = tuple(
            Item(
                record.id,
                verb,
                COLLECTION,
                (record.id,),
                record.count,
                fields=tuple(self._here.settings["categories"]) if verb is Verb.EXPORT else (),
                changes=changes if verb is Verb.CORRECT else (),
                sentence=sentence(verb, record.count),
            )
            for record in intent.records
            if record.count
        )
        return Step(intent, items, atomic=False)

    def _changes(self, wanted: Sequence[Change]) -> Iterator[Change]:
        """The changes of data that are kept here; a category and a part of it meet."""
        held = self._here.settings["categories"]
        return (change for change in wanted if any(_meet(change.field, one) for one in held))

    @property
    def _here(self) -> Context:
        if self._context is None:
            raise ConnectorError("the connector is not open", permanent=True)
        return self._context


def _meet(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")
