"""Describe and check: what an account holds, what can be done with it, and whether Google lets us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from connectors._entries import Place
from connectors._entries.describing import description, names_of
from connectors._http import Forbidden
from connectors._rights import closed
from dsr.contract import Action, Capability, Change, Description, FieldInfo, Finding, Support, Text

from . import words
from .api import Api
from .options import Options

BATCH = 50
LAG = timedelta(minutes=10)
"""Google tells of a delay of several minutes between a write and what is read."""
BIN_DAYS = 30
"""Google Contacts keeps deleted contacts in its trash, and former states for "Undo changes", for 30 days."""
MARK, MARKED = "restriction", "restricted"
NAME, CONTACT, UNIQUE = "user.name", "user.contact", "user.unique_id"
FIELDS: Mapping[str, tuple[FieldInfo, ...]] = {
    "contacts": (
        FieldInfo("names", (NAME,), "provided", rectifiable=True),
        FieldInfo("nicknames", (NAME,), "provided", rectifiable=True),
        FieldInfo("emailAddresses", (f"{CONTACT}.email",), "provided", rectifiable=True, identity="email"),
        FieldInfo(
            "phoneNumbers", (f"{CONTACT}.phone_number",), "provided", rectifiable=True, identity="phone"
        ),
        FieldInfo("addresses", (f"{CONTACT}.address",), "provided", rectifiable=True),
        FieldInfo("birthdays", ("user.demographic.date_of_birth",), "provided", rectifiable=True),
        FieldInfo("organizations", ("user.job_title", "user.employment"), "provided", rectifiable=True),
        FieldInfo("urls", (f"{CONTACT}.url",), "provided", rectifiable=True),
        FieldInfo("imClients", (CONTACT,), "provided"),
        FieldInfo("sipAddresses", (CONTACT,), "provided"),
        FieldInfo("calendarUrls", (CONTACT,), "provided"),
        FieldInfo("occupations", ("user.job_title",), "provided"),
        FieldInfo("genders", ("user.demographic.gender",), "provided"),
        FieldInfo("events", ("user.demographic",), "provided"),
        FieldInfo("interests", ("user.behavior",), "third_party"),
        FieldInfo("skills", ("user.employment",), "third_party"),
        FieldInfo("locales", ("user.demographic.language",), "third_party"),
        FieldInfo("locations", ("user.location",), "third_party"),
        FieldInfo("photos", ("user.biometric",), "third_party"),
        FieldInfo("memberships", ("user.behavior",), "third_party"),
        FieldInfo("miscKeywords", ("user.content",), "third_party"),
        FieldInfo("externalIds", (UNIQUE,), "third_party"),
        FieldInfo("clientData", (UNIQUE,), "third_party"),
        FieldInfo("relations", ("user.social",), "third_party", third_party=True),
        FieldInfo("userDefined", ("user.content",), "third_party", free_text=True),
        FieldInfo("biographies", ("user.content",), "third_party", free_text=True),
        FieldInfo(MARK, ("user.privacy_preferences",), "observed"),
    ),
    "other_contacts": (
        FieldInfo("names", (NAME,), "observed"),
        FieldInfo("emailAddresses", (f"{CONTACT}.email",), "observed", identity="email"),
        FieldInfo("phoneNumbers", (f"{CONTACT}.phone_number",), "observed", identity="phone"),
        FieldInfo("photos", ("user.biometric",), "observed"),
    ),
    "directory": (
        FieldInfo("names", (NAME,), "third_party"),
        FieldInfo("emailAddresses", (f"{CONTACT}.email",), "third_party", identity="email"),
        FieldInfo("phoneNumbers", (f"{CONTACT}.phone_number",), "third_party", identity="phone"),
        FieldInfo("addresses", (f"{CONTACT}.address",), "third_party"),
        FieldInfo("organizations", ("user.job_title", "user.employment"), "third_party"),
        FieldInfo("locations", ("user.location",), "third_party"),
        FieldInfo("relations", ("user.social",), "third_party", third_party=True),
        FieldInfo("externalIds", (UNIQUE,), "third_party"),
        FieldInfo("photos", ("user.biometric",), "third_party"),
        FieldInfo("biographies", ("user.content",), "third_party", free_text=True),
        FieldInfo("userDefined", ("user.content",), "third_party", free_text=True),
    ),
}


def titles(options: Options) -> Mapping[str, Text]:
    """The collections that these settings open."""
    asked = {"contacts": True, "other_contacts": options.others, "directory": options.directory}
    return {name: words.TITLES[name] for name, needed in asked.items() if needed}


def place(options: Options, system: str) -> Place:
    """The collections as the shared parts need them."""
    mark = Change(MARK, MARKED) if options.mark else None
    return Place(
        system,
        titles(options),
        names_of(FIELDS),
        options.told.basis,
        "mark" if mark else "none",
        mark,
        untouched=words.BY_HAND,
        lag=LAG,
        bin_days=BIN_DAYS,
        keep=options.keep,
        unblocked=options.unblocked,
    )


def describe(options: Options) -> Description:
    """The description from the settings; nothing is asked of Google."""
    return description(
        words.TITLE,
        titles(options),
        FIELDS,
        options.told,
        (_capability(action, options) for action in Action),
        identifiers=("email", "phone"),
        batch=BATCH,
    )


def _capability(action: Action, options: Options) -> Capability:
    if action is Action.STOP:
        return Capability(action, Support.UNSUPPORTED, words.STOP)
    marks = action in (Action.RESTRICT, Action.LIFT)
    if marks and not options.mark:
        return Capability(action, Support.MANUAL, words.NO_MARK)
    final = words.FINAL if action is Action.ERASE else words.SOON
    return Capability(action, Support.EMULATED if marks else Support.NATIVE, words.DOES[action], final)


def check(api: Api, options: Options) -> Iterator[Finding]:
    """The contacts, and what the settings want to be looked through besides; each needs a scope of its own."""
    yield from api.google.scopes(options.needed)
    try:
        yield Finding("ok", "reached", words.reached(api.count()))
    except Forbidden:
        yield Finding("error", "scope", closed(words.TITLE))
    if options.access.plain:
        yield Finding("warning", "plain", words.PLAIN)
    for name, asked, look in (
        ("other_contacts", options.others, api.others), ("directory", options.directory, api.directory),
    ):  # fmt: skip
        if asked:
            try:
                yield Finding("ok", name, words.looked_through(words.TITLES[name], len(look())))
            except Forbidden:
                yield Finding("error", "scope", closed(words.TITLES[name]))
    if not options.others:
        yield Finding("warning", "other_contacts", words.OTHERS_UNSEEN)
    if not options.mark:
        yield Finding("warning", "mark", words.NO_MARK)
