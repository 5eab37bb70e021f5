"""Tokens of the API: shown once, kept as a keyed hash, bound to one controller, limited in what they may."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.store import keys
from dsr.store.operations import Token
from dsr.store.queries import remote

from . import limits
from .house import house
from .officers import Officer

WRITE, READ, DECIDE, HOOKS = "cases:write", "cases:read", "cases:decide", "hooks:manage"
SCOPES = (WRITE, READ, DECIDE, HOOKS)
PREFIX = "dsr_"
LONGEST_NAME = 64
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Made:
    """A new token; ``secret`` is never shown again."""

    number: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token in a list; nothing in it opens anything."""

    number: int
    name: str
    scopes: tuple[str, ...]
    made_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who calls: a token that may do what was asked for."""

    number: int
    controller: str

    @property
    def actor(self) -> str:
        """How the audit log names it."""
        return f"token:{self.number}"

    @property
    def officer(self) -> Officer:
        """The one who decides when a program with the scope ``cases:decide`` does."""
        return Officer(0, ("dpo",), (self.controller,), name=self.actor)


def make(
    controller: str,
    name: str,
    scopes: Iterable[str],
    *,
    expires_at: datetime | None,
    by: str,
    now: datetime,
) -> Made:
    """A new token for a program of a controller.

    Refusals: ``token.name``, ``token.scopes`` (none, or one that is not in SCOPES), ``token.expiry``
    (in the past), ``controller.unknown``.
    """
    house().controller(controller)
    wanted = sorted(set(scopes))
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refusal("token.name", f"Name the program in at most {LONGEST_NAME} letters.")
    if not wanted or set(wanted) - set(SCOPES):
        raise Refusal("token.scopes", f"Choose scopes of: {', '.join(SCOPES)}.")
    if expires_at is not None and expires_at <= now:
        raise Refusal("token.expiry", "The token would have expired already.")
    secret = PREFIX + secrets.token_urlsafe(32)
    with store.transaction() as tx:
        row = Token(
            controller=controller,
            name=name.strip(),
            hash=keys.keyring().token_hash(secret),
            scopes=wanted,
            made_at=now,
            expires_at=expires_at,
        )
        tx.session.add(row)
        tx.session.flush()
        tx.audit(controller, Kind.TOKEN_MADE, actor=by, at=now, token=row.id, scopes=wanted)
        return Made(row.id, secret)


def all_of(controller: str) -> tuple[TokenView, ...]:
    """Every token of a controller, the oldest first."""
    with store.reading() as session:
        rows = remote.tokens(session, controller)
    return tuple(
        TokenView(row.id, row.name, tuple(row.scopes), row.made_at, row.expires_at, row.revoked_at)
        for row in rows
    )


def revoke(controller: str, number: int, *, by: str, now: datetime) -> None:
    """End a token at once. Refusal ``token.none`` when it is not there, or ended already."""
    with store.transaction() as tx:
        if not remote.revoke(tx.session, controller, number, now):
            raise Refusal("token.none", f"There is no token {number} that could be revoked.")
        tx.audit(controller, Kind.TOKEN_REVOKED, actor=by, at=now, token=number)


def admit(secret: str, scope: str, *, now: datetime) -> Bearer:
    """The bearer of a token that may do this now; every call counts towards its limit.

    Refusals: ``token.unknown`` (unknown, expired and revoked look alike), ``token.scope``, ``limit.token``.
    """
    digest = keys.keyring().token_hash(secret)
    with store.reading() as session:
        found = remote.token_by_hash(session, digest, now)
    if found is None:
        raise Refusal("token.unknown", "This token is not known, or has ended.")
    bearer, scopes = Bearer(found.id, found.controller), found.scopes
    most = house().policy.api_per_minute
    with store.transaction() as tx:
        allowed = limits.take(
            tx, bearer.controller, "api", str(bearer.number), limit=most, seconds=MINUTE, now=now
        )
    if not allowed:
        raise Refusal("limit.token", f"More than {most} calls in a minute; come back in the next one.")
    if scope not in scopes:
        raise Refusal("token.scope", f"This token has not got the scope {scope!r}.")
    return bearer
