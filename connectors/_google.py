"""What the Google APIs have in common: sign-in, patience, and calls that are believed or not.

Sources: developers.google.com/identity/protocols/oauth2 (refresh tokens, service accounts),
cloud.google.com/apis/design/errors (``error.status``, ``ErrorInfo.reason``), and the pages on quotas of each API.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from connectors._hosts import Private, origin_of
from connectors._http import REFUSED, Answer, Bounds, Http, Lost
from connectors._rights import CHANGING, lacks_scopes, needless_scopes
from connectors._settings import ALLOW_PRIVATE, Given, wrong
from connectors._signing import Auth, Signer
from connectors._words import say
from dsr.contract import ConnectorError, Context, Finding, Setting

TOKENS = "https://oauth2.googleapis.com/token"
PACIFIC = ZoneInfo("America/Los_Angeles")
"""Budgets of a day begin anew at midnight there."""
MINUTE = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"})
DAY = frozenset({"dailyLimitExceeded", "DAILY_LIMIT_EXCEEDED"})
SCOPES = "https://www.googleapis.com/auth/"
SIGN_IN = frozenset({"openid", "email", "profile", "userinfo.email", "userinfo.profile"})
UNTOLD = say(
    "Google no dijo qué permite este acceso; que no pueda escribir solo se vería al hacerlo.",
    "Google did not tell what this access allows; that it may not write would only show when it does.",
    "O Google não disse o que este acesso permite; que não possa escrever só se veria ao fazê-lo.",
)
WAYS = ("oauth_refresh", "service_account")
HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Access:
    """Where an API is and who asks. ``user``: whom a service account acts for (domain-wide delegation)."""

    url: str
    token_url: str
    way: str
    client_id: str
    user: str
    private: Private
    secret: Callable[[str], str] = field(repr=False)

    @property
    def plain(self) -> bool:
        """Whether what is sent can be read on the way."""
        origin = origin_of(self.url)
        return origin.scheme == "http" and origin.host not in HERE


def access(given: Given, context: Context, usual: str) -> Access:
    """The settings of ``SETTINGS``; ``usual`` is the address of the API. ConnectorError names a wrong one."""
    found = Access(
        url=given.line("url", usual).rstrip("/"),
        token_url=given.line("token_url", TOKENS),
        way=given.one_of("auth", WAYS[0], WAYS),
        client_id=given.line("client_id", ""),
        user=given.line("user", ""),
        private=given.private(),
        secret=context.secret,
    )
    for name, url in (("url", found.url), ("token_url", found.token_url)):
        try:
            origin_of(url)
        except ConnectorError as error:
            raise wrong(name, f"is wrong: {error}") from None
    if found.way == WAYS[0] and not found.client_id:
        raise wrong("client_id", "is missing; it belongs to the refresh token")
    return found


@dataclass(frozen=True)
class Scope:
    """One of ``names`` is needed, by its last word; ``read`` are enough to read alone."""

    names: tuple[str, ...]
    read: tuple[str, ...] = ()


class Google:
    """The client of one API during one call of a connector. ``name`` stands in sentences."""

    def __init__(self, name: str, access: Access, scopes: Sequence[str], context: Context) -> None:
        self.name, self.now = name, context.now
        bounds = Bounds(total=context.limits.statement_seconds)

        def http(base: str) -> Http:
            return Http(
                name, base, now=context.now, private=access.private, bounds=bounds, waits=_waits(context.now)
            )

        self._http = http(access.url)
        self._signer = _signer(access, scopes, http, context.now)

    def read(
        self, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        """The object of a reading call (POST where it has a body). ConnectorError when there is none."""
        method = "GET" if body is None else "POST"
        answer = self._sent(method, _with(path, query), body, again=True, also=(401,))
        if not isinstance(answer.data, dict):
            raise self.odd("an answer is empty or not an object")
        return answer.data

    def change(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Answer:
        """A changing call, sent once: an answer of 2xx with an object, or one of ``REFUSED``.

        Lost: it may have been made; look before doing it again."""
        try:
            answer = self._sent(method, _with(path, query or {}), body, again=False, also=(401, *REFUSED))
            if answer.status < 300 and not isinstance(answer.data, dict):
                raise self.odd("an answer to a change is empty or not an object")
        except ConnectorError as error:
            if error.permanent or error.retry_at is not None:
                raise
            raise Lost(error) from None
        return answer

    def _sent(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, again: bool, also: Sequence[int]
    ) -> Answer:
        def send(query: Mapping[str, str]) -> Answer:
            return self._http.send(method, path, body=body, also=also, again=again)

        return self._signer.sent(self._http, self.name, send)

    def scopes(self, needed: Sequence[Scope]) -> Iterator[Finding]:
        """What the token may not do, by the right that needs it, and what it need not. Google tells the scopes with
        every token (developers.google.com/identity/protocols/oauth2/web-server, "Exchange authorization code")."""
        self._signer.token  # noqa: B018  (fetched, because its scopes come with it)
        granted = {one.removeprefix(SCOPES) for one in self._signer.granted.split()}
        if not granted:
            yield Finding("ok", "untold", UNTOLD)
            return
        lacking = {
            " / ".join(one.names): CHANGING if granted & set(one.read) else ()
            for one in needed
            if not granted & set(one.names)
        }
        used = {name for one in needed for name in (*one.names, *one.read)}
        if lacking:
            yield Finding("error", "scope", lacks_scopes(lacking))
        if granted - used - SIGN_IN:
            yield Finding("warning", "needless", needless_scopes(sorted(granted - used - SIGN_IN)))

    def odd(self, sentence: str) -> ConnectorError:
        """An answer that cannot be relied on."""
        return ConnectorError(f"{self.name}: {sentence}", permanent=False)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()


def said(answer: Any) -> frozenset[str]:
    """The words by which an error answer says what is wrong: its status and reasons."""
    error = answer.get("error") if isinstance(answer, Mapping) else None
    if not isinstance(error, Mapping):
        return frozenset()
    return frozenset(one for one in (error.get("status"), *_reasons(error)) if isinstance(one, str))


def _reasons(error: Mapping[str, Any]) -> Iterator[Any]:
    for name in ("errors", "details"):
        listed = error.get(name)
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, Mapping):
                yield one.get("reason")


def _waits(now: datetime) -> Callable[[int, Mapping[str, str], Any], datetime | None]:
    """When Google wants to be asked again, where it does not say so by 429 and Retry-After alone."""

    def until(status: int, headers: Mapping[str, str], data: Any) -> datetime | None:
        if status not in (403, 429):
            return None
        words = said(data)
        if words & DAY:
            return _midnight(now)
        if status == 403 and words & MINUTE:
            return now + timedelta(minutes=1)
        return None

    return until


def _midnight(now: datetime) -> datetime:
    there = now.astimezone(PACIFIC)
    tomorrow = (there + timedelta(days=1)).replace(hour=0, minute=1, second=0, microsecond=0)
    return tomorrow.astimezone(now.tzinfo)


def _with(path: str, query: Mapping[str, Any]) -> str:
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def _signer(access: Access, scopes: Sequence[str], http: Callable[[str], Http], now: datetime) -> Signer:
    if access.way == "oauth_refresh":
        facts = {"client": access.client_id, "secret": "client_secret", "refresh": "refresh_token"}
        secret, kind = access.secret, access.way
    else:
        key = _key(access.secret("service_account_key"))
        secret, kind = key.__getitem__, "jwt_bearer"
        facts = {"issuer": key["client_email"], "audience": access.token_url, "key": "private_key"}
        facts |= {"subject": access.user, "scope": " ".join(scopes)}
    facts["token_url"] = access.token_url
    return Signer(Auth(kind, facts), lambda name: facts.get(name, ""), secret, http, now)


def _key(text: str) -> Mapping[str, str]:
    """The key file of a service account (JSON); its own address of the sign-in is not believed."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    names = ("client_email", "private_key")
    if not isinstance(found, dict) or not all(isinstance(found.get(one), str) for one in names):
        raise wrong("service_account_key", "must be the whole JSON file of the key")
    return found


SETTINGS = (
    Setting("auth", say(
        "oauth_refresh (una cuenta que dio permiso) o service_account (cuenta de servicio).",
        "oauth_refresh (an account that gave its consent) or service_account.",
        "oauth_refresh (uma conta que deu permissão) ou service_account (conta de serviço)."), required=False,
        choices=WAYS),
    Setting("client_id", say(
        "Client ID de la aplicación (OAuth).", "Client ID of the app (OAuth).",
        "Client ID do aplicativo (OAuth)."), required=False, needed_with=WAYS[:1]),
    Setting("client_secret", say(
        "Client secret de la aplicación (OAuth).", "Client secret of the app (OAuth).",
        "Client secret do aplicativo (OAuth)."), kind="password", secret=True, required=False,
        needed_with=WAYS[:1]),
    Setting("refresh_token", say(
        "Refresh token de la cuenta (OAuth).", "Refresh token of the account (OAuth).",
        "Refresh token da conta (OAuth)."), kind="password", secret=True, required=False,
        needed_with=WAYS[:1]),
    Setting("service_account_key", say(
        "El archivo JSON de la clave de la cuenta de servicio.", "The JSON file of the service account's key.",
        "O arquivo JSON da chave da conta de serviço."), kind="file", secret=True, required=False,
        needed_with=WAYS[1:]),
    Setting("user", say(
        "La cuenta en cuyo nombre actúa la cuenta de servicio (delegación en todo el dominio).",
        "The account for which the service account acts (domain-wide delegation).",
        "A conta em cujo nome age a conta de serviço (delegação em todo o domínio)."), required=False),
    Setting("url", say(
        "Dirección de la API, si no es la habitual.", "Address of the API, if it is not the usual one.",
        "Endereço da API, se não for o habitual."), required=False),
    Setting("token_url", say(
        "Dirección donde se piden los tokens, si no es la habitual.",
        "Address where tokens are fetched, if it is not the usual one.",
        "Endereço onde se pedem os tokens, se não for o habitual."), required=False),
    ALLOW_PRIVATE,
)  # fmt: skip
