"""How the connector proves who it is: keys, passwords, and tokens that are fetched and fetched again.

Sources: RFC 7617 (basic), RFC 6750 (bearer), RFC 6749 4.4 and 6 (client credentials, refresh), RFC 7523 2.1
(JWT bearer). A token lives in memory while the connector is open and is never written anywhere.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors._http import Answer, Http, basic
from dsr.contract import ConnectorError

LIFETIME = timedelta(minutes=3)
"""Of a signed assertion; Salesforce accepts none that lives longer."""
REASONS: Mapping[str, str] = {
    "invalid_client": "it does not know this app; check the client id and secret",
    "invalid_grant": "what was granted has expired or was taken back; sign in again and store the new secret",
    **dict.fromkeys(
        ("unauthorized_client", "invalid_scope", "access_denied"),
        "this app may not have the scopes that it asks for; allow them where apps are administered",
    ),
}
"""Why no token comes (RFC 6749, 4.1.2.1 and 5.2)."""
TOKENS = frozenset({"oauth_client", "oauth_refresh", "jwt_bearer"})


@dataclass(frozen=True, slots=True)
class Auth:
    """How the connector proves who it is: ``kind`` and its plain parameters; secrets are named, not held."""

    kind: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Signer:
    """Headers and query parameters that prove who calls. ``fact(name)`` is a plain parameter of the auth
    with its placeholders filled, ``secret(name)`` a secret; ``tokens`` opens the client of a token address."""

    auth: Auth
    fact: Callable[[str], str]
    secret: Callable[[str], str]
    tokens: Callable[[str], Http]
    now: datetime
    granted: str = ""
    """The scopes told with the last token (RFC 6749, 5.1); '' for not told."""
    _token: str = field(default="", repr=False)

    @property
    def token(self) -> str:
        """The token by itself, for calls that ask about it; '' for ways to sign in without one."""
        if self.auth.kind == "bearer":
            return self._secret("secret")
        return (self._token or self._fetched()) if self.auth.kind in TOKENS else ""

    def headers(self) -> Mapping[str, str]:
        """The headers; fetches a token where one is needed and none is there."""
        kind = self.auth.kind
        if kind == "bearer":
            return {"Authorization": f"Bearer {self._secret('secret')}"}
        if kind == "basic":
            return basic(self._user(), self._secret("secret"))
        if kind == "header":
            return {self.fact("header"): self.fact("prefix") + self._secret("secret")}
        if kind in TOKENS:
            prefix = self.fact("prefix") or "Bearer "
            return {"Authorization": prefix + (self._token or self._fetched())}
        return {}

    def query(self) -> Mapping[str, str]:
        """The query parameters."""
        if self.auth.kind == "query":
            return {self.fact("name"): self._secret("secret")}
        return {}

    def body(self) -> Mapping[str, str]:
        """What stands in the JSON of every request beside its own values."""
        return {self.fact("name"): self._secret("secret")} if self.auth.kind == "body" else {}

    def sent(self, http: Http, name: str, send: Callable[[Mapping[str, str]], Answer]) -> Answer:
        """The answer to ``send(query)``, which lets 401 through; once more with a new token when the old one is
        refused. ConnectorError(permanent): ``name`` refuses the credentials."""
        for renewed in (False, True):
            http.authorise(self.headers())
            answer = send(self.query())
            if answer.status != 401:
                return answer
            if renewed or self.auth.kind not in TOKENS:
                break
            self._token = ""
        raise ConnectorError(f"{name} refuses the credentials", permanent=True)

    def _user(self) -> str:
        """A plain user name, or a secret when the file says ``user: secret.NAME``."""
        user = self.fact("user")
        return self.secret(user.removeprefix("secret.")) if user.startswith("secret.") else user

    def _secret(self, name: str) -> str:
        return self.secret(self.auth.facts[name])

    def _fetched(self) -> str:
        address, _, last = self.fact("token_url").rpartition("/")
        http = self.tokens(address)
        if self.fact("send") == "header":
            http.authorise(basic(self.fact("client"), self._secret("secret")))
        try:
            answer = http.send("POST", last, self._grant(), again=True, also=(400, 401, 403))
        finally:
            http.close()
        token = answer.data.get("access_token") if isinstance(answer.data, Mapping) else None
        if answer.status != 200 or not isinstance(token, str) or not token.isprintable() or not token:
            why = answer.data.get("error") if isinstance(answer.data, Mapping) else None
            told = REASONS.get(why if isinstance(why, str) else "", "check the credentials")
            raise ConnectorError(f"the vendor gives no access token; {told}", permanent=True)
        self._token, told = token, answer.data.get("scope")
        self.granted = told if isinstance(told, str) else ""
        return token

    def _grant(self) -> dict[str, str]:
        kind = self.auth.kind
        if kind == "jwt_bearer":
            return {
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion": self._assertion(),
            }
        given = {"client_id": self.fact("client"), "client_secret": self._secret("secret")}
        if self.fact("send") == "header":
            given = {}
        if kind == "oauth_refresh":
            return {"grant_type": "refresh_token", "refresh_token": self._secret("refresh"), **given}
        scope = {"scope": self.fact("scope")} if self.fact("scope") else {}
        return {"grant_type": "client_credentials", **given, **scope}

    def _assertion(self) -> str:
        issued = int(self.now.timestamp())
        claims: dict[str, Any] = {
            "iss": self.fact("issuer"),
            "aud": self.fact("audience"),
            "iat": issued,
            "exp": issued + int(LIFETIME.total_seconds()),
        }
        claims |= {
            name: value
            for name, value in (("sub", self.fact("subject")), ("scope", self.fact("scope")))
            if value
        }
        head = f"{_packed({'alg': 'RS256', 'typ': 'JWT'})}.{_packed(claims)}"
        return f"{head}.{_base64(self._key().sign(head.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def _key(self) -> rsa.RSAPrivateKey:
        try:
            key = serialization.load_pem_private_key(self._secret("key").encode(), password=None)
        except (ValueError, TypeError):
            raise ConnectorError("the private key cannot be read; it must be PEM", permanent=True) from None
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ConnectorError("the private key must be an RSA key", permanent=True)
        return key


def _packed(value: Mapping[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
