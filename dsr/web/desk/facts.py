"""What stands beside an entry of the log, in words: the codes of the log itself are for programs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from babel.dates import format_date
from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from dsr.domain.rights import NAMES, Right
from dsr.web.languages import language
from dsr.web.words import SHORT_DAY, number

from . import words
from .log_words import MAIL

_ = lazy_gettext

LABEL: Mapping[str, LazyString] = {
    "acting": _("Acts for"),
    "amount": _("Amount"),
    "answer_by": _("Answer"),
    "area": _("Question"),
    "ask": _("Asked for"),
    "attempts": _("Attempts"),
    "back": _("Came back"),
    "channel": _("Channel"),
    "conflicts": _("Conflicts"),
    "count": _("Number"),
    "day": _("Day"),
    "due_on": _("Legal date"),
    "duty": _("Duty"),
    "ending": _("Outcome"),
    "failures": _("Wrong attempts"),
    "field": _("Field"),
    "files": _("Files"),
    "first": _("From day"),
    "form": _("Form"),
    "format": _("Format"),
    "found": _("Found"),
    "generation": _("Plan no."),
    "ground": _("Ground"),
    "held": _("Stopped"),
    "hook": _("Webhook no."),
    "hosts": _("Tracking tools"),
    "how": _("How"),
    "imported": _("From a spreadsheet"),
    "items": _("Entries changed"),
    "key": _("Key"),
    "kind": _("Kind"),
    "last": _("To day"),
    "late": _("Late"),
    "left": _("Still there"),
    "letter": _("Letter"),
    "lines": _("Lines"),
    "mail": _("Mail"),
    "mails": _("Mails"),
    "message_id": _("Message-ID"),
    "move": _("Step"),
    "name": _("Secret"),
    "notice": _("Notice no."),
    "number": _("No."),
    "on_day": _("On"),
    "on_receipt": _("On receipt"),
    "opened": _("Shown in full"),
    "opening": _("Opening no."),
    "owner": _("Who answers for it"),
    "pack": _("Law"),
    "package": _("Package"),
    "phase": _("Asked to"),
    "plan": _("Plan"),
    "present": _("Data there"),
    "proposed": _("New case"),
    "purpose": _("For"),
    "reason": _("Reason"),
    "record": _("Record"),
    "renew": _("Renewal asked for"),
    "renewed": _("Renewed"),
    "requests": _("Requests"),
    "result": _("Result"),
    "review_on": _("Review on"),
    "rewrapped": _("Sealed anew"),
    "right": _("Right"),
    "roles": _("Roles"),
    "root": _("Fingerprint"),
    "rows": _("Entries"),
    "scopes": _("May"),
    "seals": _("Sealed sets"),
    "searched": _("Searched"),
    "second": _("Second person"),
    "seen": _("Looked at"),
    "sets": _("Sealed sets"),
    "sha256": _("Fingerprint"),
    "size": _("Entries"),
    "staff": _("Member of staff no."),
    "state": _("State"),
    "status": _("Status"),
    "subjects": _("Looked for"),
    "system": _("System"),
    "systems": _("Systems"),
    "task": _("Task no."),
    "tasks": _("Tasks"),
    "token": _("Program no."),
    "tries": _("Attempts"),
    "until": _("Until"),
    "upload": _("File"),
    "verdict": _("Decision"),
    "verified": _("Read back"),
    "what": _("What"),
    "why": _("Why"),
    "way": _("How"),
}
"""Every fact that can stand in the log, by its name there; a test finds those that lack words."""

SAID: Mapping[str, LazyString] = {
    "again": _("Send it again"),
    "address": _("To another address"),
    "otherwise": _("Reached by post or telephone"),
    "verify": _("to prove the identity"),
    "second": _("to open the answer"),
    "authority": _("Letter of the authority"),
    "behalf": _("Proof of representation"),
    "identity": _("Proof of identity"),
    "scan": _("Scan"),
    "identifiers": _("Identifiers"),
    "letter": _("Letter"),
    "task": _("File of a holder"),
    "refusal": _("Evidence of a refusal"),
    "find": _("Look whether there is anything"),
    "act": _("Do what was decided"),
    "hold": _("Legal hold"),
    "recipient letter": _("Letter to a recipient"),
    "declared": _("Declared"),
    "changed": _("Changed"),
    "retired": _("No longer asked"),
    "reopened": _("Asked again"),
    "roles": _("Roles"),
    "password": _("New password by an administrator"),
    "own_password": _("New password"),
    "second_factor": _("Second factor taken away"),
    "passkey_added": _("Passkey set up"),
    "passkey_removed": _("Passkey removed"),
    "active": _("Account opened again"),
    "inactive": _("Account closed"),
    "added": _("Account"),
    "by_hand": _("To be done by hand"),
    "lifted": _("Lifted"),
    "block": _("Block the data"),
    "mark": _("Mark the data"),
    "retry": _("Do the work again"),
    "recollect": _("Search again"),
    "unfounded": _("Manifestly unfounded"),
    "excessive": _("Excessive, above all because it is repeated"),
    "fee": _("A fee"),
    "ok": _("In order"),
    "warning": _("With warnings"),
    "error": _("With errors"),
    "clean": _("In order"),
    "left": _("Still there"),
    "yes": _("Yes"),
    "no": _("No"),
    "unknown": _("Not known yet"),
    "copy held": _("The copy is held"),
    "the copy is not delivered yet": _("The copy is not delivered yet"),
    "the copy could not be delivered": _("The copy could not be delivered"),
}
"""Words of the log that belong to no table of the case."""

TABLES: Mapping[str, tuple[Mapping[str, LazyString], ...]] = {
    "status": (words.STATUS,),
    "ending": (words.ENDING,),
    "channel": (words.CHANNEL, words.SUPPRESSED),
    "reason": (words.SUPPRESSED_BY,),
    "verdict": (words.VERDICT,),
    "how": (words.HOW,),
    "mail": (MAIL,),
    "state": (words.STATE, words.NOTICE),
    "ask": (words.ASK,),
    "answer_by": (words.ANSWER_BY,),
    "way": (words.ANSWER_BY,),
    "roles": (words.ROLE_SHORT,),
}
DIGEST = re.compile(r"[0-9a-f]{40,}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
UNSHOWN = frozenset({"owner_address", "records"})


def facts(data: Mapping[str, Any], titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """The facts of an entry: (what it is, what it says). ``titles`` of the systems by key."""
    shown = [(name, _said(name, value, titles)) for name, value in data.items() if name not in UNSHOWN]
    return [(str(LABEL.get(name, name)), value) for name, value in shown if value]


def _said(name: str, value: Any, titles: Mapping[str, str]) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if name in SHAPED:
        return SHAPED[name](value, titles)
    if isinstance(value, (list, tuple)):
        return ", ".join(one for one in (_said(name, each, titles) for each in value) if one)
    if isinstance(value, Mapping):
        return ", ".join(
            f"{titles.get(key, key)}: {_said('state', one, titles)}" for key, one in value.items()
        )
    return number(value) if isinstance(value, int) else _word(name, str(value))


def _word(name: str, value: str) -> str:
    for table in (*TABLES.get(name, ()), SAID):
        if value in table:
            return str(table[value])
    if DIGEST.fullmatch(value):
        return f"{value[:12]}…"
    if DAY.fullmatch(value):
        return str(
            format_date(
                date.fromisoformat(value), SHORT_DAY.get(language(), SHORT_DAY["en"]), locale=language()
            )
        )
    return value


def _right(value: Any, _titles: Mapping[str, str]) -> str:
    many = value if isinstance(value, list) else [value]
    return ", ".join(NAMES[Right(one)][language()] if one in set(Right) else str(one) for one in many)


def _systems(value: Any, titles: Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{titles.get(key, key)}: {_word('state', str(one))}" for key, one in value.items())
    return ", ".join(titles.get(one, one) for one in (value if isinstance(value, list) else [value]))


def _searched(value: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    return ", ".join(
        f"{titles.get(key, key)}: {words.FOUND.get(found, found)}" + (f" {number(count)}" if count else "")
        for key, (found, count) in value.items()
    )


def _items(value: Iterable[Any], _titles: Mapping[str, str]) -> str:
    done = sum(one[2] for one in value)
    return str(ngettext("%(num)d entry", "%(num)d entries", done))


def _seals(value: Any, _titles: Mapping[str, str]) -> str:
    return number(len(value) if isinstance(value, list) else value)


SHAPED: Mapping[str, Callable[[Any, Mapping[str, str]], str]] = {
    "right": _right,
    "acting": _right,
    "system": _systems,
    "systems": _systems,
    "searched": _searched,
    "items": _items,
    "seals": _seals,
}
