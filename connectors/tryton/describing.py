"""Describe and check: what Tryton holds, what can be done with it, and whether this user may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors._entries import Place, Refused
from connectors._entries.describing import description, names_of
from dsr.contract import Action, Capability, Change, ConnectorError, Description, Finding, Support

from . import words
from .api import EVERYTHING, unexpected
from .correcting import OBJECTION
from .entries import Parties
from .erasing import WIZARD
from .fields import FIELDS
from .kinds import BOOKS, EMAILS, ENTRIES, KINDS, NUMBERS, PARTIES
from .options import Options

BATCH = 200
HERE = ("localhost", "127.0.0.1", "::1")
IDENTIFIERS = ("email", "phone", *dict.fromkeys(kind for kind, _ in NUMBERS.values()))
MIGHTY = ("ir.model", "res.user", "ir.cron")
"""Models that only an administrator may change; an account for answering people needs none of them."""
READ_ONLY = (ENTRIES, EMAILS)
NEEDED: Mapping[str, tuple[Action, ...]] = {
    "read": (),
    "write": (Action.RECTIFY, Action.RESTRICT, Action.LIFT, Action.STOP),
    "delete": (Action.ERASE,),
}
"""What the user must be allowed, and the rights that fail without it; () for every one."""


def place(options: Options, system: str) -> Place:
    """The collections as the shared parts need them."""
    return Place(
        system,
        words.TITLES,
        names_of(FIELDS),
        options.told.basis,
        "mark",
        mark=Change("active", False),
        unblocked=options.unblocked,
        stop=Change(OBJECTION, True) if options.category else None,
        blanked=frozenset({PARTIES, "merged", "identifiers", "mechanisms", "addresses", *BOOKS}),
    )


def describe(options: Options) -> Description:
    """The description from the settings; nothing is asked of the server."""
    return description(
        words.TITLE,
        words.TITLES,
        FIELDS,
        options.told,
        (_capability(action, options) for action in Action),
        identifiers=(*IDENTIFIERS, *(["customer_number"] if options.numbered else [])),
        batch=BATCH,
    )


def _capability(action: Action, options: Options) -> Capability:
    if action is Action.STOP and not options.category:
        return Capability(action, Support.MANUAL, words.STOP_BY_HAND)
    emulated = action in (Action.RESTRICT, Action.LIFT, Action.STOP)
    support = Support.EMULATED if emulated else Support.NATIVE
    return Capability(action, support, words.DOES[action], words.AT_ONCE)


def check(source: Parties, options: Options) -> Iterator[Finding]:
    """Reached, modules, rights that are missing and rights that are needless, and tables of former values."""
    kinds = source.reader.kinds
    yield Finding("ok", "reached", words.reached(len(kinds)))
    if options.scheme == "http" and options.host not in HERE:
        yield Finding("warning", "plain", words.PLAIN)
    if PARTIES not in kinds:
        yield Finding("error", "no_parties", words.NO_PARTIES)
        return
    rights = access(source, [one.model for one in kinds.values()])
    for name in kinds:
        held = rights[KINDS[name].model]
        wanted = ("read",) if name in READ_ONLY else tuple(NEEDED)
        lacking = {one: NEEDED[one] for one in wanted if not held[one]}
        if lacking:
            yield Finding("error", "no_rights", words.no_rights(words.TITLES[name], lacking))
    yield from _erasure(source)
    yield from _history(source)
    if all(one["write"] for one in access(source, MIGHTY).values()):
        yield Finding("warning", "mighty", words.MIGHTY)
    if options.category and list(source.categories().values()).count(options.category) != 1:
        yield Finding("error", "no_category", words.NO_CATEGORY)


def access(source: Parties, models: Any) -> Mapping[str, Mapping[str, bool]]:
    """What this user may do with each model (``ir.model.access.get_access``)."""
    found = source.api.call("model.ir.model.access.get_access", list(models), EVERYTHING, again=True)
    if not isinstance(found, dict) or not all(isinstance(found.get(one), dict) for one in models):
        raise unexpected()
    rights = ("read", "write", "create", "delete")
    return {one: {right: bool(found[one].get(right)) for right in rights} for one in models}


def _erasure(source: Parties) -> Iterator[Finding]:
    """Whether Tryton's own erasure may be begun; it is left again at once."""
    try:
        session = source.api.wizard(WIZARD)
    except Refused:
        yield Finding("error", "no_erasure", words.NO_ERASURE)
        return
    source.api.call(f"wizard.{WIZARD}.delete", session, {})


def _history(source: Parties) -> Iterator[Finding]:
    """Models of which Tryton keeps every former value; its erasure empties those of the party alone."""
    try:
        found = source.api.call("model.ir.model.list_history", EVERYTHING, again=True)
    except (Refused, ConnectorError):
        yield Finding("warning", "history_unknown", words.HISTORY_UNKNOWN)
        return
    names = {one.model for one in KINDS.values()} & set(found if isinstance(found, list) else ())
    if names:
        yield Finding("warning", "history", words.history(", ".join(sorted(names))))
