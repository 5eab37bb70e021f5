"""The ceremony of passkeys (W3C WebAuthn, level 2), for signing in and for what cannot be undone.

A challenge stands in the session of the browser that asked, for a few minutes, and is answered once. The page
works without it: whoever has no passkey, or no scripts, types a code.
"""

from __future__ import annotations

import json
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import g, request, session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

from dsr.domain.errors import Refusal
from dsr.services import passkeys, signing_in
from dsr.services.passkeys import Key, Made
from dsr.store.staff import Staff

from .moment import now

MINUTES = 10
ASKED = "passkey"
"""Where the session keeps the challenge and when it was asked."""

UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError)
"""What a hostile answer makes the library raise."""


def possible() -> bool:
    """A passkey belongs to a name: a desk that is opened by a bare IP address cannot have any."""
    try:
        ip_address(_host())
    except ValueError:
        return True
    return False


def creation(staff: Staff) -> str:
    """Options for a new passkey of hers, as JSON for the browser."""
    return options_to_json(
        generate_registration_options(
            rp_id=_host(),
            rp_name="DSR",
            user_id=passkeys.handle(staff.id),
            user_name=staff.email,
            challenge=_challenge(),
            exclude_credentials=_known(passkeys.of(staff.id)),
        )
    )


def made(answer: str) -> Made:
    """The passkey that a browser made. Refusal ``passkey.wrong``."""
    challenge = _asked()
    try:
        checked = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            require_user_verification=False,
        )
    except UNREADABLE as error:
        raise Refusal("passkey.wrong", "The passkey could not be set up. Try again.") from error
    return Made(checked.credential_id, checked.credential_public_key, checked.sign_count)


def question(staff: Staff) -> str:
    """What the browser asks her authenticator, as JSON; '' when she has no passkey. Once for each page."""
    if "passkey_question" not in g:
        mine = passkeys.of(staff.id) if possible() else ()
        g.passkey_question = (
            options_to_json(
                generate_authentication_options(
                    rp_id=_host(),
                    challenge=_challenge(),
                    allow_credentials=_known(mine),
                    user_verification=UserVerificationRequirement.PREFERRED,
                )
            )
            if mine
            else ""
        )
    return str(g.passkey_question)


def holds(staff: Staff, answer: str) -> bool:
    """Is this answer of one of her passkeys right, and the first to its question?

    Wrong ones count towards the lockout; one that came too late, or to no question, only fails.
    """
    if signing_in.locked(staff.email, now=now()):
        return False
    try:
        challenge = _asked()
    except Refusal:
        return False
    try:
        key = _named(staff, answer)
        checked = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=False,
        )
    except UNREADABLE:
        signing_in.failed(staff.id, now=now())
        return False
    spent = bytes_to_base64url(challenge)
    return passkeys.used(key, staff.id, challenge=spent, sign_count=checked.new_sign_count, now=now())


def _named(staff: Staff, answer: str) -> Key:
    """Which of hers answered; KeyError for one that is not hers."""
    raw = base64url_to_bytes(str(json.loads(answer)["rawId"]))
    return {one.credential: one for one in passkeys.of(staff.id)}[raw]


def _known(mine: tuple[Key, ...]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one.credential) for one in mine]


def _challenge() -> bytes:
    fresh = signing_in.new_token()
    session[ASKED] = [fresh, int(now().timestamp())]
    return base64url_to_bytes(fresh)


def _asked() -> bytes:
    """The challenge of this browser, taken out of its session. Refusal ``passkey.late``."""
    found: Any = session.pop(ASKED, None)
    if not found or now().timestamp() - found[1] > MINUTES * 60:
        raise Refusal("passkey.late", "That took too long. Try again.")
    return base64url_to_bytes(str(found[0]))


def _host() -> str:
    return (urlsplit(request.host_url).hostname or "").lower()


def _origin() -> str:
    return request.host_url.rstrip("/")
