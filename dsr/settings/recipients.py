"""``[[controller.recipients]]``: who receives personal data and how each is told of changes."""

from __future__ import annotations

from pathlib import Path

from dsr.domain.identity import KINDS
from dsr.domain.organisation import Recipient, SecretSource
from dsr.mail import Unsendable, check_address

from .places import secret_file
from .tables import Table

CHANNELS = ("mail", "webhook", "manual")


def recipients_of(table: Table, languages: tuple[str, ...], instance: Path) -> tuple[Recipient, ...]:
    """The recipients of a controller. SettingsError names file and line."""
    found = tuple(_recipient(one, languages, instance) for one in table.tables("recipients"))
    names = [name.casefold() for one in found for name in (one.name, *one.called)]
    if len(set(names)) != len(names):
        raise table.error("recipients", "A name is used twice.", "Name each recipient once.")
    return found


def _recipient(table: Table, languages: tuple[str, ...], instance: Path) -> Recipient:
    channel = table.text("channel")
    if channel not in CHANNELS:
        raise table.error("channel", f"{channel!r} is unknown.", f"Write one of {', '.join(CHANNELS)}.")
    language = table.text("language", "")
    if language and language not in languages:
        raise table.error("language", f"{language!r} is unknown.", f"Write one of {', '.join(languages)}.")
    known_by = table.texts("known_by") or ("email",)
    for kind in known_by:
        if kind not in KINDS:
            raise table.error("known_by", f"{kind!r} is no kind.", f"Write some of {', '.join(KINDS)}.")
    found = Recipient(
        name=table.text("name"),
        channel=channel,
        called=table.texts("called"),
        mail=_mail(table, channel),
        url=table.text("url", "") if channel == "webhook" else "",
        secret=_secret(table, instance) if channel == "webhook" else None,
        known_by=known_by,
        language=language,
    )
    if channel == "webhook" and not found.url.startswith("https://"):
        raise table.error("url", "A webhook carries personal data.", 'Write url = "https://...".')
    table.refuse_unknown()
    return found


def _mail(table: Table, channel: str) -> str:
    if channel != "mail":
        return ""
    value = table.text("mail")
    try:
        return check_address(value)
    except Unsendable as error:
        raise table.error("mail", f"{value!r} is not an e-mail address.", "Write name@domain.") from error


def _secret(table: Table, instance: Path) -> SecretSource:
    given = table.mapping("secret")
    kind = next(iter(given), "")
    value = given.get(kind)
    if len(given) != 1 or kind not in ("env", "file") or not isinstance(value, str) or not value:
        raise table.error(
            "secret", "This is not a secret.", 'Write secret = {env = "NAME"} or {file = "path"}.'
        )
    if kind == "env":
        return SecretSource(env=value)
    return SecretSource(file=str(secret_file(table, "secret", instance, value)))
