"""Describe and check: what a Mailman server holds, what can be done with it, and whether it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors._words import LANGUAGES, in_language
from dsr.contract import (
    Action,
    Capability,
    CollectionInfo,
    ConsentInfo,
    Description,
    FieldInfo,
    Finding,
    Support,
    Text,
)

from . import words
from .api import Api
from .holding import WAITING
from .options import Options

RENAMED = "display_name"
EMAIL = ("user.contact.email",)
CHOICE = ("user.privacy_preferences",)
STATE = ("user.behavior",)


def _own(*names: str) -> tuple[FieldInfo, ...]:
    return tuple(FieldInfo(name, CHOICE, "provided") for name in names)


PREFERENCES = _own(
    "acknowledge_posts", "delivery_mode", "delivery_status", "hide_address", "preferred_language",
    "receive_list_copy", "receive_own_postings",
)  # fmt: skip
NAME = FieldInfo(RENAMED, ("user.name",), "provided", rectifiable=True)
ID = ("user.unique_id",)
FIELDS: Mapping[str, tuple[FieldInfo, ...]] = {
    "users": (
        FieldInfo("user_id", ID, "observed"), NAME, FieldInfo("created_on", STATE, "observed"),
        FieldInfo("is_server_owner", STATE, "observed"), *PREFERENCES,
    ),
    "addresses": (
        FieldInfo("email", EMAIL, "provided", identity="email"), FieldInfo("original_email", EMAIL, "provided"),
        NAME, FieldInfo("registered_on", STATE, "observed"), FieldInfo("verified_on", STATE, "observed"),
        FieldInfo("user_id", ID, "observed"), *PREFERENCES,
    ),
    "memberships": (
        FieldInfo("member_id", ID, "observed"), FieldInfo("list_id", CHOICE, "provided"),
        FieldInfo("role", STATE, "observed"), FieldInfo("email", EMAIL, "provided", identity="email"),
        FieldInfo("subscription_mode", CHOICE, "provided"), FieldInfo("moderation_action", STATE, "observed"),
        FieldInfo("bounce_score", STATE, "observed"), FieldInfo("last_bounce_received", STATE, "observed"),
        FieldInfo("last_warning_sent", STATE, "observed"),
        FieldInfo("total_warnings_sent", STATE, "observed"), *PREFERENCES,
    ),
    "requests": (
        FieldInfo("list_id", CHOICE, "provided"), FieldInfo("request", CHOICE, "provided"),
        FieldInfo("email", EMAIL, "provided", identity="email"), FieldInfo(RENAMED, ("user.name",), "provided"),
        FieldInfo("when", STATE, "observed"), FieldInfo("token_owner", STATE, "observed"),
    ),
    "bans": (FieldInfo("list_id", STATE, "observed"), FieldInfo("email", EMAIL, "observed", identity="email")),
    "held_messages": (
        FieldInfo("list_id", STATE, "observed"), FieldInfo("sender", EMAIL, "provided", identity="email"),
        FieldInfo("subject", ("user.content",), "provided", free_text=True),
        FieldInfo("hold_date", STATE, "observed"), FieldInfo("reason", STATE, "observed"),
        FieldInfo("message_id", STATE, "observed"),
        FieldInfo("message", ("user.content",), "provided", free_text=True),
    ),
}  # fmt: skip


def describe(options: Options) -> Description:
    """The description from the settings; nothing is asked of the server."""
    names = [name for name in FIELDS if options.moderation or name not in WAITING]
    consent = ConsentInfo("addresses", options.told.purpose, "registered_on", proved_how=words.PROVED)
    return Description(
        title=words.TITLE,
        collections=tuple(_collection(options, name) for name in names),
        capabilities=tuple(_capability(options, action) for action in Action),
        operator=options.told.operator,
        contract=options.told.contract,
        country=options.told.country,
        safeguard=options.told.safeguard,
        consents=(consent,) if options.told.basis == "consent" else (),
        identifiers=("email",),
        batch=20,
        parallel=1,
        order=options.told.order,
    )


def _collection(options: Options, name: str) -> CollectionInfo:
    suppression = name == "bans"
    return CollectionInfo(
        name=name,
        title=words.TITLES[name],
        fields=FIELDS[name],
        purpose=words.SUPPRESSION if suppression else options.told.purpose,
        basis="legitimate_interest" if suppression else options.told.basis,
        source=options.told.source,
        recipients=options.told.recipients,
        retention="" if suppression else options.told.retention,
    )


def _capability(options: Options, action: Action) -> Capability:
    sentences: Mapping[Action, Text] = {
        Action.EXPORT: words.EXPORT,
        Action.RECTIFY: _joined(words.RECTIFY, words.ATOMIC),
        Action.ERASE: _joined(words.ERASE, words.ATOMIC),
        Action.RESTRICT: _joined(words.RESTRICT, words.ATOMIC),
        Action.LIFT: _joined(words.LIFT, words.ATOMIC),
        Action.STOP: _joined(words.STOP[options.stop], words.BAN if options.ban else "", words.ATOMIC),
    }
    emulated = action in (Action.RESTRICT, Action.LIFT)
    support = Support.EMULATED if emulated else Support.NATIVE
    return Capability(action, support, sentences[action], words.AT_ONCE)


def _joined(*parts: Text) -> Text:
    return {language: "".join(in_language(one, language) for one in parts) for language in LANGUAGES}


def check(api: Api, options: Options, *, encrypted: bool) -> Iterator[Finding]:
    """Version, credentials, lists, and what is needlessly open."""
    version, rest = api.versions()
    lists = api.lists()
    if rest != "3.1":
        yield Finding("error", "version", words.old(rest))
    yield Finding("ok", "reached", words.reached(version, len(lists)))
    for name in sorted(options.lists - set(lists)):
        yield Finding("error", "no_list", words.no_list(name))
    if not encrypted:
        yield Finding("warning", "plain", words.PLAIN)
    yield Finding("warning", "mighty", words.MIGHTY)
