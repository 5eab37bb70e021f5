"""What every answer carries: a strict content policy, no caching of personal pages, CSRF on every form."""

from __future__ import annotations

import secrets
from ipaddress import IPv6Address, ip_address

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect

csrf = CSRFProtect()
"""Guards every form. The API, which carries no cookies, is exempted by its own blueprint."""

# "data:" pictures are those of Bootstrap's own style sheet: arrows and ticks. Nothing is loaded for them.
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Our own forms are checked by where they come from; nobody else learns an address of ours.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cache-Control": "no-store",
}
HTTPS_ONLY = "max-age=31536000; includeSubDomains"
NETWORK_V6 = 64


def init_app(app: Flask) -> None:
    """Add headers to every answer and CSRF to every form."""
    # A form may lie open for hours; it ends with its session.
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    csrf.init_app(app)
    app.jinja_env.globals["nonce"] = nonce
    app.after_request(_guard)


def nonce() -> str:
    """The nonce of the scripts of this answer."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    found: str = g.nonce
    return found


def network() -> str:
    """Whose limit counts: the address, or for IPv6 the network that one customer gets."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or (int(address) >> (128 - NETWORK_V6)))
    return str(address)


def _guard(answer: Response) -> Response:
    """A view that set its own value (a letter, a file) keeps it."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce()))
    if request.is_secure:
        answer.headers.setdefault("Strict-Transport-Security", HTTPS_ONLY)
    return answer
