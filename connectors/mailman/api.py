"""The calls of Mailman's REST API 3.1 that are used, and what they give, checked.

Sources: the REST documentation of Mailman core (docs.mailman3.org, "REST API") and its source,
``mailman/rest``. Addresses stand in paths, quoted; ``members/find`` reads ``*`` as a wildcard and is
never given one. Everything is compared again after it was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from connectors._http import REFUSED, Answer, Http, Params
from dsr.contract import ConnectorError

PAGE, FEW = 100, 5
GONE = (404,)
UUID = re.compile(r"[0-9a-f]{32}")
PREFERENCES = (
    "acknowledge_posts", "delivery_mode", "delivery_status", "hide_address", "preferred_language",
    "receive_list_copy", "receive_own_postings",
)  # fmt: skip
NEVER = datetime.min.replace(tzinfo=UTC)

Entry = Mapping[str, Any]
Values = dict[str, Any]


@dataclass(frozen=True)
class Address:
    """``email`` is Mailman's key (lower case), ``original`` as it was written, ``user`` an id or ''."""

    email: str
    original: str
    user: str
    confirmed: bool
    values: Values


@dataclass(frozen=True)
class User:
    """An account. ``addresses`` are all of its addresses."""

    id: str
    addresses: tuple[Address, ...]
    values: Values


@dataclass(frozen=True)
class Member:
    """One address in one list in one role: owner, moderator, member or nonmember."""

    id: str
    list_id: str
    role: str
    email: str
    values: Values


@dataclass(frozen=True)
class Waiting:
    """A ban, a held message or a pending request. ``key`` is the row's, ``path`` leads to it."""

    collection: str
    key: tuple[str | int, ...]
    email: str
    path: str
    values: Values


def folded(email: str) -> str:
    """The address as Mailman keeps it, A-Z in lower case; other letters as they are."""
    return "".join(one.lower() if one.isascii() else one for one in email.strip())


def is_askable(email: str) -> bool:
    """Whether a path can hold it: Mailman splits at slashes even where they are quoted."""
    return "@" in email and "/" not in email and email.isprintable() and len(email) <= 320


class Api:
    """Calls of one server. Every method raises ConnectorError where the server is in trouble."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def versions(self) -> tuple[str, str]:
        """(version of Mailman, version of the API)."""
        found = self._entry("system/versions")
        return _text(found, "mailman_version"), _text(found, "api_version")

    def lists(self) -> tuple[str, ...]:
        """The ids of all lists."""
        return tuple(_text(one, "list_id") for one in self._listed("lists"))

    def listed(self, list_id: str, page: int) -> tuple[list[str], bool]:
        """One page (from 1) of the addresses in a list, in any role; of the whole server for ''. Is there more?"""
        if list_id:
            found, more = self._page("members/find", {"list_id": list_id}, PAGE, page)
        else:
            found, more = self._page("addresses", None, PAGE, page)
        return [_text(one, "email") for one in found], more

    def address(self, email: str) -> Address | None:
        """The address, None when Mailman does not have it."""
        found = self._found(f"addresses/{quoted(email)}")
        made = _address(found) if found is not None else None
        return made if made is not None and made.email == folded(email) else None

    def user(self, user: str) -> User | None:
        """The account with its addresses, None when it is not there."""
        path = f"users/{_uuid(user)}"
        found = self._found(path)
        if found is None:
            return None
        names = ("user_id", "display_name", "created_on", "is_server_owner")
        addresses = tuple(_address(one) for one in self._listed(f"{path}/addresses"))
        return User(_id(found, "user_id"), addresses, _values(found, names))

    def members(self, address: Address) -> tuple[Member, ...]:
        """Everything the address is in any list; linked ones by their path, others by an exact search."""
        if address.user:
            found = self._listed(f"addresses/{quoted(address.email)}/memberships")
        elif "*" in address.email:
            found = (one for name in self.lists() for one in self._listed("members/find", {"list_id": name}))
        else:
            found = self._listed("members/find", {"subscriber": address.email})
        every = (_member(one) for one in found)
        return tuple(sorted((m for m in every if m.email == address.email), key=lambda m: (m.list_id, m.id)))

    def member(self, member: str) -> Member | None:
        """One membership, None when it is gone."""
        found = self._found(f"members/{_uuid(member)}")
        return _member(found) if found is not None else None

    def owners(self, list_id: str) -> int:
        """How many owners a list has."""
        return sum(1 for _ in self._listed("members/find", {"list_id": list_id, "role": "owner"}))

    def preferences(self, path: str) -> Values:
        """The own preferences of a user, address or member (``users/<id>``...); None where not set."""
        found = self._found(f"{path}/preferences") or {}
        return {name: found.get(name) for name in PREFERENCES}

    def set_preferences(self, path: str, values: Values) -> None:
        """Set some preferences."""
        self._http.send("PATCH", f"{path}/preferences", values, also=REFUSED, again=True)

    def forget_preferences(self, path: str) -> None:
        """Unset all preferences: the only way to unset one."""
        self._http.send("DELETE", f"{path}/preferences", also=REFUSED)

    def rename(self, path: str, name: str) -> None:
        """Set the display name of a user or address."""
        self._http.send("PATCH", path, {"display_name": name}, also=REFUSED, again=True)

    def leave(self, member: Member) -> None:
        """End a membership. Subscriptions by the roster: no policy of the list holds it, no mail is sent."""
        if member.role == "member":
            path = f"lists/{quote(member.list_id, safe='')}/roster/member"
            self._http.send("DELETE", path, {"emails": member.email}, also=REFUSED)
        else:
            self._http.send("DELETE", f"members/{_uuid(member.id)}", also=REFUSED)

    def remove(self, path: str) -> None:
        """Delete a user (with addresses and memberships) or an address (with its memberships)."""
        self._http.send("DELETE", path, also=REFUSED)

    def discard(self, waiting: Waiting) -> None:
        """Throw a held message or a request away, without telling anybody."""
        self._http.send("POST", waiting.path, {"action": "discard"}, also=REFUSED, again=True)

    def is_banned(self, email: str, list_id: str) -> bool:
        """Whether an address is excluded, by itself or by a pattern; ``list_id`` '' for all lists."""
        return self._found(f"{_bans(list_id)}/{quoted(email)}") is not None

    def ban(self, email: str, list_id: str) -> None:
        """Exclude an address. 400: it is excluded already."""
        self._http.send("POST", _bans(list_id), {"email": email}, also=(400,), again=True)

    def bans(self, list_id: str) -> Iterator[Waiting]:
        """The addresses excluded from a list, or from all ('')."""
        for one in self._listed(_bans(list_id)):
            email = _text(one, "email")
            if not email.startswith("^"):
                values = {"list_id": list_id, "email": email}
                yield Waiting("bans", (list_id, email), folded(email), "", values)

    def held(self, list_id: str) -> Iterator[Waiting]:
        """Messages that wait for a moderator, without their text; it comes along, so a few at a time."""
        place = f"lists/{quote(list_id, safe='')}/held"
        for one in self._listed(place, size=FEW):
            number = one.get("request_id")
            if not isinstance(number, int):
                raise _lacking("request_id")
            names = ("sender", "subject", "hold_date", "reason", "message_id")
            values = {"list_id": list_id, **_values(one, names)}
            sender = str(one.get("sender", ""))
            yield Waiting("held_messages", (list_id, number), folded(sender), f"{place}/{number}", values)

    def message(self, waiting: Waiting) -> str:
        """The text of a held message, '' when it is gone."""
        return str((self._found(waiting.path) or {}).get("msg", ""))

    def requests(self, list_id: str) -> Iterator[Waiting]:
        """Subscriptions and unsubscriptions that wait. Their token opens them, so the key is its digest."""
        place = f"lists/{quote(list_id, safe='')}/requests"
        for kind in ("subscription", "unsubscription"):
            for one in self._listed(f"{place}?request_type={kind}"):
                token, email = _text(one, "token"), _text(one, "email")
                key = (list_id, sha256(token.encode()).hexdigest()[:24])
                values = {
                    **_values(one, ("email", "display_name", "when", "token_owner")),
                    "list_id": list_id,
                }
                values["request"] = kind
                yield Waiting("requests", key, folded(email), f"{place}/{quote(token, safe='')}", values)

    def _found(self, path: str) -> Entry | None:
        answer = self._http.get(path, also=GONE)
        return None if _is_gone(answer) else _dict(answer.data)

    def _entry(self, path: str) -> Entry:
        return _dict(self._http.get(path).data)

    def _listed(self, path: str, form: Params | None = None, *, size: int = PAGE) -> Iterator[Entry]:
        """All entries of a listing; a search (``form``) is sent as a form, so that no address is in its URL."""

        return self._http.paged(lambda number: self._page(path, form, size, number))

    def _page(self, path: str, form: Params | None, size: int, number: int) -> tuple[list[Entry], bool]:
        place: Params = {"count": size, "page": number}
        if form is not None:
            answer = self._http.send("POST", path, {**form, **place}, also=GONE, again=True)
        else:
            mark = "&" if "?" in path else "?"
            answer = self._http.get(f"{path}{mark}count={size}&page={number}", also=GONE)
        if _is_gone(answer):
            return [], False
        entries = _dict(answer.data).get("entries", [])
        if not isinstance(entries, list):
            raise _lacking("entries")
        return [_dict(one) for one in entries], len(entries) == size


def _is_gone(answer: Answer) -> bool:
    """Whether Mailman itself says that there is no such thing: it does so in JSON, a server before it does not."""
    if answer.status in GONE and not isinstance(answer.data, dict):
        raise ConnectorError("something before Mailman answers instead of it; check the url", permanent=True)
    return answer.status in GONE


def quoted(email: str) -> str:
    """An address for a path. ConnectorError when it cannot be one."""
    if not is_askable(email):
        raise ConnectorError("Mailman cannot be asked for an address with a slash", permanent=True)
    return quote(email, safe="@")


def own_status(values: Entry) -> str:
    """The delivery status a membership sets itself, or ''."""
    return str(values.get("delivery_status") or "")


def _bans(list_id: str) -> str:
    return f"lists/{quote(list_id, safe='')}/bans" if list_id else "bans"


def _address(found: Entry) -> Address:
    user = str(found.get("user") or "").rpartition("/")[2]
    names = ("email", "original_email", "display_name", "registered_on", "verified_on")
    email = _text(found, "email")
    original = str(found.get("original_email") or email)
    values = {**_values(found, names), "user_id": user or None}
    return Address(email, original, _uuid(user) if user else "", bool(found.get("verified_on")), values)


def _member(found: Entry) -> Member:
    names = (
        "member_id", "list_id", "role", "email", "subscription_mode", "moderation_action", "bounce_score",
        "last_bounce_received", "last_warning_sent", "total_warnings_sent",
    )  # fmt: skip
    role, list_id = _text(found, "role"), _text(found, "list_id")
    return Member(_id(found, "member_id"), list_id, role, _text(found, "email"), _values(found, names))


def _values(found: Entry, names: tuple[str, ...]) -> Values:
    return {name: _value(name, found.get(name)) for name in names}


def _value(name: str, value: Any) -> Any:
    """Times as times (Mailman keeps UTC without saying so); its 'never' is None."""
    if not isinstance(value, str) or not name.endswith(("_on", "_sent", "_received", "_date", "when")):
        return value
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return None if at == NEVER else at


def _dict(value: Any) -> Entry:
    if not isinstance(value, dict):
        raise ConnectorError("Mailman gave an answer of another form; check the url", permanent=True)
    return value


def _text(found: Entry, name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise _lacking(name)
    return value


def _id(found: Entry, name: str) -> str:
    return _uuid(_text(found, name))


def _uuid(value: str) -> str:
    if not UUID.fullmatch(value):
        raise ConnectorError("Mailman gave an id of another form; the url must end with /3.1", permanent=True)
    return value


def _lacking(name: str) -> ConnectorError:
    return ConnectorError(f"an answer of Mailman lacks '{name}'", permanent=True)
