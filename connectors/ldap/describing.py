"""Describe and check: what a directory holds, what can be done with it, and whether it lets us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from connectors._entries import Place
from connectors._entries.describing import description, names_of
from dsr.contract import Action, Capability, ConnectorError, Description, FieldInfo, Finding, Support

from . import names, words
from .directory import ASSERTION, PAGED, Directory
from .fields import ENTRY, MEMBERSHIP
from .options import Options

BATCH = 50
FIELDS: Mapping[str, tuple[FieldInfo, ...]] = {"entries": ENTRY, "memberships": MEMBERSHIP}
ALLOWED = "allowedAttributesEffective"
"""What this account may write to an entry, where a directory tells (MS-ADTS 3.1.1.4.5.17; slapo-allowed)."""
HERE = ("localhost", "127.0.0.1", "::1")


def place(options: Options, system: str) -> Place:
    """The collections as the shared parts need them."""
    return Place(
        system,
        words.TITLES,
        names_of(FIELDS),
        options.told.basis,
        options.restriction,
        options.mark,
        keep=options.keep,
        unblocked=options.unblocked,
    )


def describe(options: Options) -> Description:
    """The description from the settings; nothing is asked of the server."""
    kinds = {attribute.lower(): kind for kind, many in options.identities.items() for attribute in many}
    named = tuple(replace(one, identity=kinds.get(one.name.lower(), "")) for one in ENTRY)
    return description(
        words.TITLE,
        words.TITLES,
        {**FIELDS, "entries": named},
        options.told,
        (_capability(options, action) for action in Action),
        identifiers=options.identities,
        batch=BATCH,
    )


def _capability(options: Options, action: Action) -> Capability:
    if action is Action.STOP:
        return Capability(action, Support.MANUAL, words.STOP)
    if action in words.DOES:
        return Capability(action, Support.NATIVE, words.DOES[action], words.AT_ONCE)
    if options.restriction == "none":
        return Capability(action, Support.MANUAL, words.NO_WAY)
    sentences = words.MARKED if options.restriction == "mark" else words.SET_ASIDE
    support = Support.NATIVE if options.restriction == "mark" else Support.EMULATED
    return Capability(action, support, sentences[action], words.AT_ONCE)


def check(directory: Directory) -> Iterator[Finding]:
    """Server, connection, base, what this account may and need not."""
    options = directory.options
    yield Finding("ok", "reached", words.reached(_name(directory)))
    if options.tls == "none" and options.host not in HERE:
        yield Finding("warning", "plain", words.PLAIN)
    if directory.read(options.base, ()) is None:
        yield Finding("error", "no_base", words.NO_BASE)
        return
    if options.placeholder and directory.read(options.placeholder, ()) is None:
        yield Finding("error", "no_placeholder", words.NO_PLACEHOLDER)
    if ASSERTION not in directory.controls:
        yield Finding("warning", "no_assertion", words.NO_ASSERTION)
    if PAGED not in directory.controls:
        yield Finding("warning", "no_pages", words.NO_PAGES)
    if options.restriction == "set_aside":
        numbered = directory.is_active_directory
        told = words.NUMBERED if numbered else words.NOT_LOSSLESS
        yield Finding("error" if numbered else "warning", "set_aside", told)
    yield from _privileges(directory)


def _name(directory: Directory) -> str:
    told = [names.text(one) for n in ("vendorName", "vendorVersion") for one in directory.root.get(n)]
    if not told and b"OpenLDAProotDSE" in directory.root.get("objectClass"):
        told = ["OpenLDAP"]
    return "Active Directory" if directory.is_active_directory else " ".join(told) or "LDAP"


def _privileges(directory: Directory) -> Iterator[Finding]:
    options = directory.options
    persons = names.any_of(names.equal("objectClass", one) for one in sorted(options.persons))
    attributes = ("userPassword", "unicodePwd", ALLOWED)
    some = next(directory.search(options.base, persons, attributes), None)
    if some is not None:
        if options.restriction != "set_aside" and (some.get("userPassword") or some.get("unicodePwd")):
            yield Finding("warning", "passwords", words.PASSWORDS)
        allowed = {names.text(one).lower() for one in some.get(ALLOWED)}
        if not allowed:
            yield Finding("warning", "rights_unknown", words.RIGHTS_UNKNOWN)
        elif not allowed & {one.name.lower() for one in ENTRY if one.rectifiable}:
            yield Finding("error", "no_rights", words.NO_RIGHTS)
    if _reads_configuration(directory):
        yield Finding("warning", "mighty", words.CONFIGURATION)


def _reads_configuration(directory: Directory) -> bool:
    try:
        return directory.read("cn=config", ()) is not None
    except ConnectorError:
        return False
