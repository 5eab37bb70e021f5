"""Describe and check: what a mailbox holds, what can be done with it, and whether it lets us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors._entries import Place
from connectors._entries.describing import description, names_of
from dsr.contract import Action, Capability, Description, FieldInfo, Finding, Support

from . import words
from .mailbox import Mailbox
from .options import Options

BATCH = 10
EMAIL, CONTENT = ("user.contact.email",), ("user.content",)
FIELDS: Mapping[str, tuple[FieldInfo, ...]] = {
    "messages": (
        FieldInfo("folder", ("user.behavior",), "observed"),
        FieldInfo("from", EMAIL, "provided", identity="email"),
        FieldInfo("to", EMAIL, "provided", third_party=True),
        FieldInfo("cc", EMAIL, "provided", third_party=True),
        FieldInfo("subject", CONTENT, "provided", free_text=True),
        FieldInfo("date", ("user.behavior",), "observed"),
        FieldInfo("message-id", ("user.unique_id",), "observed"),
        FieldInfo("arrived", ("user.behavior",), "observed"),
        FieldInfo("flags", ("user.behavior",), "observed"),
        FieldInfo("size", ("user.behavior",), "observed"),
        FieldInfo("message", CONTENT, "provided", free_text=True),
    ),
}
BY_HAND = {Action.RECTIFY: words.NO_RECTIFY, Action.STOP: words.STOP}
NEEDED: Mapping[str, tuple[Action, ...]] = {
    "l": (), "r": (), "t": (Action.ERASE, Action.RESTRICT), "e": (Action.ERASE, Action.RESTRICT), "i": (Action.LIFT,),
    "s": (Action.LIFT,), "w": (Action.LIFT,),
}  # fmt: skip
"""Rights of RFC 4314, 2.1: see and read; mark as deleted and expunge; put back, with its flags."""
MIGHTY: frozenset[str] = frozenset("ax")
"""Give rights to others, delete the folder."""
HERE = ("localhost", "127.0.0.1", "::1")


def place(options: Options, system: str) -> Place:
    """The collections as the shared parts need them."""
    return Place(
        system,
        words.TITLES,
        names_of(FIELDS),
        options.told.basis,
        "set_aside",
        fixed=words.NO_RECTIFY,
        keep=options.keep,
        unblocked=options.unblocked,
    )


def describe(options: Options) -> Description:
    """The description from the settings; nothing is asked of the server."""
    return description(
        words.TITLE,
        words.TITLES,
        FIELDS,
        options.told,
        (_capability(action) for action in Action),
        identifiers=("email",),
        batch=BATCH,
    )


def _capability(action: Action) -> Capability:
    if action in BY_HAND:
        support = Support.UNSUPPORTED if action is Action.RECTIFY else Support.MANUAL
        return Capability(action, support, BY_HAND[action])
    emulated = action in (Action.RESTRICT, Action.LIFT)
    support = Support.EMULATED if emulated else Support.NATIVE
    return Capability(action, support, words.DOES[action], words.AT_ONCE)


def check(mailbox: Mailbox) -> Iterator[Finding]:
    """Folders, what the server can do, what this account may and need not."""
    options = mailbox.options
    folders = mailbox.folders()
    yield Finding("ok", "reached", words.reached(len(folders)))
    for name in sorted(options.folders - set(folders)):
        yield Finding("error", "no_folder", words.no_folder(name))
    if options.tls == "none" and options.host not in HERE:
        yield Finding("warning", "plain", words.PLAIN)
    if not options.own:
        yield Finding("warning", "no_own", words.NO_OWN)
    if not mailbox.can_remove:
        yield Finding("error", "no_uidplus", words.NO_UIDPLUS)
    told = {folder: mailbox.rights(folder) for folder in folders}
    missing = {one for rights in told.values() if rights is not None for one in NEEDED.keys() - rights}
    if missing:
        yield Finding("error", "no_rights", words.lacks({n: a for n, a in NEEDED.items() if n in missing}))
    if not all(mailbox.may_remove(folder) for folder, rights in told.items() if rights is None):
        yield Finding("error", "no_rights", words.NO_RIGHTS)
    if any(rights & MIGHTY for rights in told.values() if rights is not None):
        yield Finding("warning", "mighty", words.MIGHTY)
