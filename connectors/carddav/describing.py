"""Describe and check: what address books hold, what can be done with them, and whether they let us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors._entries import Place
from connectors._entries.describing import description, names_of
from dsr.contract import Action, Capability, Description, FieldInfo, Finding, Support

from . import words
from .api import Api
from .options import Options

BATCH = 50
NAME, CONTACT = "user.name", "user.contact"
FIELDS: Mapping[str, tuple[FieldInfo, ...]] = {
    "cards": (
        FieldInfo("fn", (NAME,), "provided", rectifiable=True),
        FieldInfo("n", (NAME,), "provided"),
        FieldInfo("nickname", (NAME,), "provided", rectifiable=True),
        FieldInfo("email", (f"{CONTACT}.email",), "provided", rectifiable=True, identity="email"),
        FieldInfo("tel", (f"{CONTACT}.phone_number",), "provided", rectifiable=True, identity="phone"),
        FieldInfo("adr", (f"{CONTACT}.address",), "provided"),
        FieldInfo("bday", ("user.demographic.date_of_birth",), "provided", rectifiable=True),
        FieldInfo("title", ("user.job_title",), "provided", rectifiable=True),
        FieldInfo("role", ("user.job_title",), "provided", rectifiable=True),
        FieldInfo("org", ("user.employment",), "provided"),
        FieldInfo("url", (f"{CONTACT}.url",), "provided", rectifiable=True),
        FieldInfo("categories", ("user.behavior",), "third_party"),
        FieldInfo("photo", ("user.biometric",), "third_party"),
        FieldInfo("note", ("user.content",), "third_party", free_text=True),
        FieldInfo("vcard", ("user.contact",), "provided", free_text=True),
    ),
    "groups": (
        FieldInfo("group", ("user.behavior",), "third_party"),
        FieldInfo("member", ("user.unique_id",), "observed"),
    ),
}
WHOLE = frozenset({"all", "write"})
"""Either lets cards be made, changed and deleted (RFC 3744, 3.2 and 3.10)."""
WRITING: Mapping[str, tuple[Action, ...]] = {
    "write-content": (Action.RECTIFY, Action.RESTRICT, Action.LIFT),
    "unbind": (Action.ERASE, Action.RESTRICT),
    "bind": (Action.LIFT,),
}
"""Its parts (RFC 3744, 3.4, 3.9 and 3.10) and the rights that fail without each."""
HERE = ("localhost", "127.0.0.1", "::1")


def place(options: Options, system: str) -> Place:
    """The collections as the shared parts need them."""
    return Place(
        system,
        words.TITLES,
        names_of(FIELDS),
        options.told.basis,
        "set_aside",
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
        identifiers=("email", "phone"),
        batch=BATCH,
    )


def _capability(action: Action) -> Capability:
    if action is Action.STOP:
        return Capability(action, Support.MANUAL, words.STOP)
    emulated = action in (Action.RESTRICT, Action.LIFT)
    support = Support.EMULATED if emulated else Support.NATIVE
    return Capability(action, support, words.DOES[action], words.AT_ONCE)


def check(api: Api, options: Options) -> Iterator[Finding]:
    """Books, and what this account may and need not."""
    books = api.books()
    yield Finding("ok", "reached", words.reached(len(books)))
    if options.scheme == "http" and options.host not in HERE:
        yield Finding("warning", "plain", words.PLAIN)
    known = [one.privileges for one in books if one.privileges]
    if not known:
        yield Finding("warning", "rights_unknown", words.RIGHTS_UNKNOWN)
    lacking = {
        name: rights
        for name, rights in WRITING.items()
        if any(name not in one and not one & WHOLE for one in known)
    }
    if lacking:
        yield Finding("error", "no_rights", words.no_rights(lacking))
    if any(one & {"all", "write-acl"} for one in known):
        yield Finding("warning", "mighty", words.MIGHTY)
